//! XMP: what other programs wrote, in sidecars and in packets inside of files.
//!
//! Source: ISO 16684-1 (XMP part 1). Namespaces are resolved, so that prefixes may be anything; properties may be
//! elements or attributes of the description. Entities beyond XML's five and numbers are not expanded.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

use super::dates;
use crate::domain::{Rating, TakenAt};

/// Larger packets are refused, in bytes.
pub const MAX_XMP_BYTES: usize = 16 << 20;

/// Deeper nesting is refused.
const MAX_DEPTH: usize = 100;

/// More entries of one list than this are dropped.
const MAX_ENTRIES: usize = 10_000;

/// Longer values are cut, in bytes.
const MAX_VALUE_BYTES: usize = 64 * 1024;

/// What another program decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// `xmp:Rating` −1.
    Reject,
    /// `xmp:Rating` 0 to 5.
    Stars(Rating),
}

/// The properties that Lightkeep uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Xmp {
    /// `dc:subject`, in order.
    pub subjects: Vec<String>,
    /// `lr:hierarchicalSubject` and `digiKam:TagsList`, levels separated by `|`, in order, without doubles.
    pub hierarchical: Vec<String>,
    /// `dc:title`, the default language.
    pub title: Option<String>,
    /// `dc:description`, the default language.
    pub description: Option<String>,
    /// `xmp:Rating`.
    pub verdict: Option<Verdict>,
    /// `xmp:Label`, a colour's name in the writer's language.
    pub label: Option<String>,
    /// `exif:DateTimeOriginal`, else `photoshop:DateCreated`, else `xmp:CreateDate`.
    pub taken_at: Option<TakenAt>,
}

impl Xmp {
    /// All keywords: the subjects, then the last level of every hierarchical one that is not among them.
    #[must_use]
    pub fn keywords(&self) -> Vec<String> {
        let mut keywords = Vec::new();
        let leaves = self.hierarchical.iter().filter_map(|path| path.rsplit('|').next());
        for word in self.subjects.iter().map(String::as_str).chain(leaves) {
            add_new(&mut keywords, word);
        }
        keywords
    }
}

/// Appends a word that is not there yet.
pub(super) fn add_new(words: &mut Vec<String>, word: &str) {
    let word = word.trim();
    if !word.is_empty() && words.len() < MAX_ENTRIES && !words.iter().any(|known| known == word) {
        words.push(word.to_owned());
    }
}

/// The properties by their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
    Subject,
    Hierarchical,
    TagsList,
    Title,
    Description,
    Rating,
    Label,
    Date(DateKind),
}

/// Dates, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DateKind {
    Original,
    Created,
    CreateDate,
}

/// What an open element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Outside of RDF, or of no interest.
    Other,
    /// `rdf:RDF`.
    Rdf,
    /// A description directly in it: its children and attributes are properties of the photo.
    Description,
    /// A property, or a list or list item in it. The flag says whether its language is the default one.
    Value(Property, bool),
}

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// Which property a name is.
fn property(namespace: &str, local: &str) -> Option<Property> {
    Some(match (namespace, local) {
        ("http://purl.org/dc/elements/1.1/", "subject") => Property::Subject,
        ("http://purl.org/dc/elements/1.1/", "title") => Property::Title,
        ("http://purl.org/dc/elements/1.1/", "description") => Property::Description,
        ("http://ns.adobe.com/lightroom/1.0/", "hierarchicalSubject") => Property::Hierarchical,
        ("http://www.digikam.org/ns/1.0/", "TagsList") => Property::TagsList,
        ("http://ns.adobe.com/xap/1.0/", "Rating") => Property::Rating,
        ("http://ns.adobe.com/xap/1.0/", "Label") => Property::Label,
        ("http://ns.adobe.com/xap/1.0/", "CreateDate") => Property::Date(DateKind::CreateDate),
        ("http://ns.adobe.com/exif/1.0/", "DateTimeOriginal") => Property::Date(DateKind::Original),
        ("http://ns.adobe.com/photoshop/1.0/", "DateCreated") => Property::Date(DateKind::Created),
        _ => return None,
    })
}

/// Reads a sidecar or a packet.
///
/// # Errors
/// One sentence where it is too large, too deep, no XML, or has no RDF in it.
pub fn parse(bytes: &[u8]) -> Result<Xmp, String> {
    if bytes.len() > MAX_XMP_BYTES {
        return Err("the XMP is larger than 16 MB".to_owned());
    }
    let text = decode(bytes);
    let mut reader = NsReader::from_str(&text);
    // Packets are padded, cut and pasted: names that do not match are the reader's least worry.
    reader.config_mut().check_end_names = false;
    let mut state = State::default();
    loop {
        let (resolved, event) = reader.read_resolved_event().map_err(|why| format!("the XMP is damaged: {why}"))?;
        let namespace = match resolved {
            ResolveResult::Bound(Namespace(name)) => name.to_owned(),
            _ => String::new(),
        };
        match event {
            Event::Start(element) => state.open(&reader, &namespace, &element)?,
            Event::Empty(element) => {
                state.open(&reader, &namespace, &element)?;
                state.close();
            }
            Event::End(_) => {
                if state.close() == Some(Frame::Rdf) {
                    return Ok(state.finish());
                }
            }
            Event::Text(text) => state.text(&text.xml10_content()),
            Event::CData(text) => state.text(&text.xml10_content()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(letter)) => state.text(letter.encode_utf8(&mut [0; 4])),
                _ => state.text(resolve_xml_entity(&entity.into_inner()).unwrap_or_default()),
            },
            Event::Eof if state.seen_rdf => return Ok(state.finish()),
            Event::Eof => return Err("no XMP in it".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// Bytes as text: UTF-8, or UTF-16 where a byte order mark says so; damaged letters are replaced.
fn decode(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned(),
    }
}

/// Where the reader is, and what it has found.
#[derive(Default)]
struct State {
    frames: Vec<Frame>,
    text: String,
    xmp: Xmp,
    date: Option<(DateKind, TakenAt)>,
    seen_rdf: bool,
}

impl State {
    fn open(&mut self, reader: &NsReader<&[u8]>, namespace: &str, element: &BytesStart<'_>) -> Result<(), String> {
        if self.frames.len() >= MAX_DEPTH {
            return Err("the XMP is nested too deeply".to_owned());
        }
        let name = element.local_name();
        let local: &str = name.as_ref();
        let parent = self.frames.last().copied().unwrap_or(Frame::Other);
        let frame = match parent {
            _ if namespace == RDF && local == "RDF" => Frame::Rdf,
            Frame::Rdf if namespace == RDF && local == "Description" => Frame::Description,
            Frame::Description => property(namespace, local).map_or(Frame::Other, |known| Frame::Value(known, true)),
            // Lists and their items; structures inside of a value are none of ours.
            Frame::Value(known, _) if namespace == RDF => Frame::Value(known, is_default_language(element)),
            _ => Frame::Other,
        };
        self.text.clear();
        self.seen_rdf |= frame == Frame::Rdf;
        self.frames.push(frame);
        if frame == Frame::Description {
            for attribute in element.attributes().with_checks(false).flatten() {
                let (resolved, local) = reader.resolver().resolve_attribute(attribute.key);
                let ResolveResult::Bound(Namespace(namespace)) = resolved else { continue };
                let known = property(namespace, local.as_ref());
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                if let (Some(known), Ok(value)) = (known, value) {
                    self.set(known, true, &value);
                }
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        if let Frame::Value(known, is_default) = frame {
            let text = std::mem::take(&mut self.text);
            self.set(known, is_default, &text);
        }
        self.text.clear();
        Some(frame)
    }

    fn text(&mut self, text: &str) {
        if matches!(self.frames.last(), Some(Frame::Value(..))) && self.text.len() + text.len() <= MAX_VALUE_BYTES {
            self.text.push_str(text);
        }
    }

    fn set(&mut self, known: Property, is_default: bool, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let set_text = |field: &mut Option<String>| {
            if field.is_none() || is_default {
                *field = Some(value.to_owned());
            }
        };
        match known {
            Property::Subject => add_new(&mut self.xmp.subjects, value),
            Property::Hierarchical => add_new(&mut self.xmp.hierarchical, value),
            Property::TagsList => add_new(&mut self.xmp.hierarchical, &value.replace('/', "|")),
            Property::Title => set_text(&mut self.xmp.title),
            Property::Description => set_text(&mut self.xmp.description),
            Property::Label => self.xmp.label = Some(value.to_owned()),
            Property::Rating => self.xmp.verdict = verdict(value).or(self.xmp.verdict),
            Property::Date(kind) => {
                if let Some(taken) = dates::parse(value)
                    && self.date.is_none_or(|(known, _)| kind < known)
                {
                    self.date = Some((kind, taken));
                }
            }
        }
    }

    fn finish(self) -> Xmp {
        Xmp { taken_at: self.date.map(|(_, taken)| taken), ..self.xmp }
    }
}

/// Whether `xml:lang` is the default one; a missing one is.
fn is_default_language(element: &BytesStart<'_>) -> bool {
    let language = element.attributes().with_checks(false).flatten().find(|one| one.key.as_ref() == "xml:lang");
    language.is_none_or(|one| &*one.value == "x-default")
}

/// Stars or a rejection; programs write `5`, `5.0` and `-1`.
fn verdict(text: &str) -> Option<Verdict> {
    let number: f64 = text.parse().ok()?;
    if number < 0.0 {
        return Some(Verdict::Reject);
    }
    (number <= 5.0).then(|| Rating::new(number.round() as u8)).flatten().map(Verdict::Stars)
}
