//! Fonts: the shipped one, the computer's own for what it lacks, and text as glyphs.
//!
//! Inter covers Latin, Greek and Cyrillic. What it lacks (Arabic, Hebrew, CJK, emoji) is taken from the caller's fallback
//! fonts, in their order, then, where [`Fonts::of_this_computer`] allows it, from the system's; what those lack too is
//! printed as `□`, never left out, and [`Fonts::missing`] names it.
//!
//! **Direction.** A line is put into visual order by the Unicode Bidirectional Algorithm (UAX #9), its base direction
//! being that of its first strong letter; each run is shaped in its own direction.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use krilla::Data;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_bidi::BidiInfo;

use super::system_fonts;
use crate::domain::layout::{Measure, TextFont, TextStyle, Weight};
use crate::domain::paper::{MM_PER_INCH, POINTS_PER_INCH};

/// Inter Regular, an OpenType font with CFF outlines. Source and licence: `assets/fonts/README.md`.
pub const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
/// Inter SemiBold, as [`REGULAR`].
pub const SEMI_BOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
/// What stands for a character that no font has.
pub const MISSING_MARK: char = '□';

/// A font that the shipped one falls back to.
#[derive(Debug, Clone, Copy)]
pub struct FallbackFont<'a> {
    /// The font file.
    pub bytes: &'a [u8],
    /// Its face, in a collection (`.ttc`); 0 elsewhere.
    pub index: u32,
}

/// A font to shape with and to embed.
pub(super) struct Loaded<'a> {
    pub face: Face<'a>,
    pub font: Font,
    /// The file that both were read from, and the face in it.
    pub file: (&'a [u8], u32),
}

impl<'a> Loaded<'a> {
    /// `embedded` are the same bytes as a PDF library wants them; `None` where they are no font.
    pub(super) fn new(bytes: &'a [u8], embedded: Data, index: u32) -> Option<Self> {
        let face = Face::from_slice(bytes, index)?;
        let font = Font::new(embedded, index)?;
        (face.units_per_em() > 0).then_some(Self { face, font, file: (bytes, index) })
    }

    pub(super) fn has(&self, c: char) -> bool {
        self.face.glyph_index(c).is_some()
    }
}

/// Whether the computer's own fonts may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    No,
    Yes,
}

/// The shipped font and its fallbacks; measures for the layout and shapes for the page.
pub struct Fonts<'a> {
    /// Regular, semi-bold, then the fallbacks.
    faces: Vec<Arc<Loaded<'a>>>,
    system: System,
}

/// Glyphs of one font, from left to right.
pub(super) struct Run<'a> {
    loaded: Arc<Loaded<'a>>,
    /// The characters that the glyphs stand for.
    pub text: String,
    /// Glyphs with advances and offsets in parts of the size.
    pub glyphs: Vec<KrillaGlyph>,
    /// Advance of the run in parts of the size.
    pub width: f64,
}

impl<'a> Run<'a> {
    /// The font, for the PDF.
    pub(super) fn embedded(&self) -> &Font {
        &self.loaded.font
    }

    /// The font, for its outlines.
    pub(super) fn face(&self) -> &Face<'a> {
        &self.loaded.face
    }
}

impl<'a> Fonts<'a> {
    /// The shipped font alone: the same everywhere.
    #[must_use]
    pub fn shipped() -> Self {
        Self::with_fallbacks(&[])
    }

    /// The shipped font, families of this computer by name, and this computer's fonts for what the shipped one lacks.
    #[must_use]
    pub fn of_this_computer() -> Self {
        Self { system: System::Yes, ..Self::shipped() }
    }

    /// The shipped font, then `fallbacks` in their order; one that is no font is passed over.
    #[must_use]
    pub fn with_fallbacks(fallbacks: &[FallbackFont<'a>]) -> Self {
        let shipped = [FallbackFont { bytes: REGULAR, index: 0 }, FallbackFont { bytes: SEMI_BOLD, index: 0 }];
        let faces = shipped
            .into_iter()
            .chain(fallbacks.iter().copied())
            .filter_map(|font| Loaded::new(font.bytes, Data::from(font.bytes.to_vec()), font.index))
            .map(Arc::new)
            .collect();
        Self { faces, system: System::No }
    }

    /// The characters of `text` that will be printed as [`MISSING_MARK`].
    #[must_use]
    pub fn missing(&self, text: &str) -> BTreeSet<char> {
        let Some(first) = self.faces.first() else { return BTreeSet::new() };
        text.chars().filter(|&c| !is_joiner(c) && c != MISSING_MARK && self.font_for(c, first).is_none()).collect()
    }

    /// The font that a style begins with.
    fn primary(&self, style: &TextStyle) -> Option<Arc<Loaded<'a>>> {
        let own = self.faces.get(usize::from(style.weight == Weight::SemiBold)).cloned();
        match &style.font {
            TextFont::Family(name) if self.system == System::Yes => system_fonts::family(name, style.weight).or(own),
            _ => own,
        }
    }

    /// `text` as runs of glyphs in visual order, from left to right.
    pub(super) fn shape(&self, text: &str, style: &TextStyle) -> Vec<Run<'a>> {
        let Some(primary) = self.primary(style) else { return Vec::new() };
        // A line is a line: what would end a paragraph is a blank.
        let line: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
        let bidi = BidiInfo::new(&line, None);
        let mut runs = Vec::new();
        for paragraph in &bidi.paragraphs {
            let (levels, ranges) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for range in ranges {
                let is_rtl = levels.get(range.start).is_some_and(unicode_bidi::Level::is_rtl);
                let direction = if is_rtl { Direction::RightToLeft } else { Direction::LeftToRight };
                let parts = self.split(line.get(range).unwrap_or_default(), &primary);
                let mut shaped: Vec<Run<'a>> =
                    parts.into_iter().map(|(font, text)| shape_run(font, text, direction)).collect();
                if is_rtl {
                    shaped.reverse();
                }
                runs.append(&mut shaped);
            }
        }
        runs
    }

    /// The font that has a character: `primary` first, then the fallbacks, then this computer's.
    fn font_for(&self, c: char, primary: &Arc<Loaded<'a>>) -> Option<Arc<Loaded<'a>>> {
        let fallbacks = self.faces.iter().skip(2);
        let shipped = self.faces.iter().take(1);
        if let Some(found) = std::iter::once(primary).chain(shipped).chain(fallbacks).find(|font| font.has(c)) {
            return Some(Arc::clone(found));
        }
        match self.system {
            System::Yes => system_fonts::fallback(c).map(|found| found as Arc<Loaded<'a>>),
            System::No => None,
        }
    }

    /// Cuts `text` where the font changes. A space or mark stays with the run before it where that font has it.
    fn split(&self, text: &str, primary: &Arc<Loaded<'a>>) -> Vec<(Arc<Loaded<'a>>, String)> {
        let mut runs: Vec<(Arc<Loaded<'a>>, String)> = Vec::new();
        for c in text.chars() {
            let stays =
                runs.last().filter(|(font, _)| (c.is_whitespace() || is_mark(c) || is_joiner(c)) && font.has(c));
            let (font, c) = match stays.map(|(font, _)| Arc::clone(font)).or_else(|| self.font_for(c, primary)) {
                Some(font) => (font, c),
                // Joiners and variation selectors without a glyph only shape their neighbours.
                None if is_joiner(c) => continue,
                None => (Arc::clone(primary), MISSING_MARK),
            };
            match runs.last_mut() {
                Some((last, run)) if Arc::ptr_eq(last, &font) => run.push(c),
                _ => runs.push((font, c.to_string())),
            }
        }
        runs
    }
}

fn shape_run(loaded: Arc<Loaded<'_>>, text: String, direction: Direction) -> Run<'_> {
    let face = &loaded.face;
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(&text);
    buffer.guess_segment_properties();
    buffer.set_direction(direction);
    let shaped = rustybuzz::shape(face, &[], buffer);
    let em = f64::from(face.units_per_em());
    // The text of a cluster ends where the next one, in text order, begins.
    let mut starts: Vec<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
    starts.sort_unstable();
    starts.dedup();
    let range = |start: usize| -> Range<usize> {
        let next = starts.partition_point(|&other| other <= start);
        start..starts.get(next).copied().unwrap_or(text.len())
    };
    let part = |units: i32| (f64::from(units) / em) as f32;
    let (mut glyphs, mut width) = (Vec::with_capacity(shaped.len()), 0.0);
    for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
        width += f64::from(position.x_advance) / em;
        glyphs.push(KrillaGlyph::new(
            GlyphId::new(info.glyph_id),
            part(position.x_advance),
            part(position.x_offset),
            part(position.y_offset),
            part(position.y_advance),
            range(info.cluster as usize),
            None,
        ));
    }
    Run { loaded, text, glyphs, width }
}

impl Measure for Fonts<'_> {
    fn width_mm(&self, text: &str, size_pt: f64, style: &TextStyle) -> f64 {
        let em: f64 = self.shape(text, style).iter().map(|run| run.width).sum();
        em * size_pt / POINTS_PER_INCH * MM_PER_INCH
    }
}

/// What ends a line or paragraph.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Zero-width joiners, the tags and variation selectors: they change their neighbours and are nothing themselves.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e01ef}')
}

/// The combining marks that are common in names: Latin, Greek and Cyrillic ones.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(weight: Weight) -> TextStyle {
        TextStyle { font: TextFont::Sans, weight }
    }

    #[test]
    fn accents_greek_and_cyrillic_have_glyphs_in_both_weights() {
        let fonts = Fonts::shipped();
        let text = "é ü ñ Ł č ő Ș ğ Ελλάδα Журнал ế ★ … · × − “” № €";
        assert!(fonts.missing(text).is_empty(), "{:?}", fonts.missing(text));
        for weight in [Weight::Regular, Weight::SemiBold] {
            for run in fonts.shape(text, &style(weight)) {
                assert!(run.glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0), "{weight:?} {}", run.text);
            }
        }
    }

    #[test]
    fn composed_and_decomposed_names_measure_alike() {
        let fonts = Fonts::shipped();
        let width = |text: &str| fonts.width_mm(text, 10.0, &style(Weight::Regular));
        // macOS hands out file names decomposed.
        assert!((width("Zoé à Łódź.jpg") - width("Zoe\u{301} a\u{300} Ło\u{301}dz\u{301}.jpg")).abs() < 1e-6);
        assert!(width("") == 0.0 && width("WW") > width("ii"));
        assert!(fonts.width_mm("Title", 10.0, &style(Weight::SemiBold)) > width("Title"));
        assert!((fonts.width_mm("Title", 20.0, &style(Weight::Regular)) - 2.0 * width("Title")).abs() < 1e-9);
    }

    #[test]
    fn what_no_font_has_is_marked_once_a_character_and_named() {
        let fonts = Fonts::shipped();
        let runs = fonts.shape("日本 a 🏔\u{fe0f}", &style(Weight::Regular));
        let text: String = runs.iter().map(|run| run.text.as_str()).collect();
        assert_eq!(text, "□□ a □");
        assert_eq!(fonts.missing("日本 a 🏔\u{fe0f}").into_iter().collect::<String>(), "日本🏔");
    }

    #[test]
    fn one_set_of_fonts_serves_the_window_and_the_engine() {
        fn shared<T: Send + Sync + 'static>(_: &T) {}
        shared(&Fonts::shipped());
    }

    #[test]
    fn a_fallback_that_is_no_font_is_passed_over() {
        let fonts = Fonts::with_fallbacks(&[FallbackFont { bytes: b"no font", index: 7 }]);
        assert_eq!(fonts.faces.len(), 2);
    }

    #[test]
    fn clusters_cover_the_text_in_order() {
        let fonts = Fonts::shipped();
        for run in fonts.shape("fi ffl Zoe\u{301} -> x", &style(Weight::Regular)) {
            let mut end = 0;
            for glyph in &run.glyphs {
                assert!(glyph.text_range.start <= end && run.text.is_char_boundary(glyph.text_range.end));
                end = end.max(glyph.text_range.end);
            }
            assert_eq!(end, run.text.len());
        }
    }
}
