//! The fonts of this computer: families by name, and the ones that have a character which the shipped font lacks.
//!
//! A font is opened when a text first needs it and is kept until the program ends: its file is mapped, not read, and at
//! most [`MOST_FONTS`] are taken, so that a hostile caption cannot open all there are.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fontique::{
    Attributes, Blob, Collection, CollectionOptions, FallbackKey, FontStyle, FontWeight, FontWidth, GenericFamily,
    QueryFamily, QueryStatus, Script, SourceCache,
};
use krilla::Data;
use rustybuzz::UnicodeBuffer;

use super::font::Loaded;
use crate::domain::layout::Weight;

/// Fonts that are opened, at most.
const MOST_FONTS: usize = 48;
/// Characters that are remembered to be in no font, at most.
const MOST_UNKNOWN: usize = 20_000;
/// Font files above this size are passed over: the largest that are shipped with systems have some 60 MB.
const MOST_BYTES: usize = 256 << 20;

type Shared = Arc<Loaded<'static>>;

struct System {
    collection: Collection,
    cache: SourceCache,
    /// By blob and face, so that no font is taken twice.
    opened: HashMap<(u64, u32), Option<Shared>>,
    fallbacks: Vec<Shared>,
    families: HashMap<(String, Weight), Option<Shared>>,
    unknown: HashSet<char>,
}

/// Runs with the fonts; a panic of another thread in here loses nothing.
fn with<T>(work: impl FnOnce(&mut System) -> T) -> T {
    static SYSTEM: OnceLock<Mutex<System>> = OnceLock::new();
    let system = SYSTEM.get_or_init(|| {
        Mutex::new(System {
            collection: Collection::new(CollectionOptions { shared: false, system_fonts: true }),
            cache: SourceCache::default(),
            opened: HashMap::new(),
            fallbacks: Vec::new(),
            families: HashMap::new(),
            unknown: HashSet::new(),
        })
    });
    work(&mut system.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A family by its name; `None` where this computer has none.
pub(super) fn family(name: &str, weight: Weight) -> Option<Shared> {
    with(|system| {
        let key = (name.to_owned(), weight);
        if let Some(known) = system.families.get(&key) {
            return known.clone();
        }
        if system.families.len() >= MOST_UNKNOWN {
            return None;
        }
        let found = system.find(&[QueryFamily::Named(name)], None, weight, 'a');
        system.families.insert(key, found.clone());
        found
    })
}

/// The file of a family, and the face in it, for showing what is printed in it; `None` where this computer has none.
#[must_use]
pub fn family_file(name: &str, weight: Weight) -> Option<(&'static [u8], u32)> {
    family(name, weight).map(|font| font.file)
}

/// The names of this computer's families, in their order, for a list to choose from.
#[must_use]
pub fn family_names() -> Vec<String> {
    with(|system| {
        let mut names: Vec<String> = system.collection.family_names().map(str::to_owned).collect();
        names.sort_by_key(|name| name.to_lowercase());
        names.dedup();
        names
    })
}

/// A font that has this character.
pub(super) fn fallback(c: char) -> Option<Shared> {
    with(|system| {
        if let Some(known) = system.fallbacks.iter().find(|font| font.has(c)) {
            return Some(Arc::clone(known));
        }
        if c.is_control() || system.unknown.contains(&c) {
            return None;
        }
        let generic: &[QueryFamily<'_>] = if is_pictograph(c) {
            &[QueryFamily::Generic(GenericFamily::Emoji), QueryFamily::Generic(GenericFamily::SansSerif)]
        } else {
            &[QueryFamily::Generic(GenericFamily::SansSerif)]
        };
        let found = system
            .find(generic, script(c), Weight::Regular, c)
            .or_else(|| system.find(&[QueryFamily::Generic(GenericFamily::Emoji)], None, Weight::Regular, c));
        match &found {
            Some(font) => system.fallbacks.push(Arc::clone(font)),
            None if system.unknown.len() < MOST_UNKNOWN => {
                system.unknown.insert(c);
            }
            None => {}
        }
        found
    })
}

impl System {
    /// The first font of these families, and of those for a script, that has `c`.
    fn find(
        &mut self,
        families: &[QueryFamily<'_>],
        script: Option<Script>,
        weight: Weight,
        c: char,
    ) -> Option<Shared> {
        let mut hit: Option<(Blob<u8>, u32)> = None;
        let mut query = self.collection.query(&mut self.cache);
        query.set_families(families.iter().copied());
        let boldness = if weight == Weight::SemiBold { FontWeight::SEMI_BOLD } else { FontWeight::NORMAL };
        query.set_attributes(Attributes::new(FontWidth::NORMAL, FontStyle::Normal, boldness));
        if let Some(script) = script {
            query.set_fallbacks(FallbackKey::new(script, None));
        }
        query.matches_with(|font| {
            let has = font.charmap().and_then(|map| map.map(c)).is_some_and(|glyph| glyph != 0);
            if has && font.blob.as_ref().len() <= MOST_BYTES {
                hit = Some((font.blob.clone(), font.index));
                return QueryStatus::Stop;
            }
            QueryStatus::Continue
        });
        drop(query);
        let (blob, index) = hit?;
        self.open(blob, index).filter(|font| font.has(c))
    }

    fn open(&mut self, blob: Blob<u8>, index: u32) -> Option<Shared> {
        let key = (blob.id(), index);
        if let Some(known) = self.opened.get(&key) {
            return known.clone();
        }
        if self.opened.len() >= MOST_FONTS {
            return None;
        }
        // Kept until the program ends, as said above: what is shaped with it borrows from it.
        let blob: &'static Blob<u8> = Box::leak(Box::new(blob));
        let bytes: &'static [u8] = blob.as_ref();
        let opened = Loaded::new(bytes, Data::from(bytes), index).map(Arc::new);
        self.opened.insert(key, opened.clone());
        opened
    }
}

/// The script of a character, as ISO 15924 names it; `None` for what all scripts share.
fn script(c: char) -> Option<Script> {
    let mut buffer = UnicodeBuffer::new();
    buffer.add(c, 0);
    buffer.guess_segment_properties();
    let tag = buffer.script().tag().to_bytes();
    (!matches!(&tag, b"Zyyy" | b"Zinh" | b"Zzzz")).then(|| Script::from_bytes(tag))
}

/// What is drawn in colour where a font can.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}')
}
