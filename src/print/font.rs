//! The shipped font: its bytes, its metrics, and text as glyphs.
//!
//! Inter covers Latin, Greek and Cyrillic. What it lacks (Arabic, Hebrew, CJK, emoji) is taken from the caller's fallback
//! fonts, in their order; what those lack too is printed as `□`, never left out, and [`Fonts::missing`] names it.
//! Each run is shaped in the direction of its script; runs themselves follow each other from left to right.

use std::collections::BTreeSet;
use std::ops::Range;

use krilla::Data;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};

use crate::domain::layout::{Measure, TextStyle, Weight};
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

/// The shipped font and its fallbacks; measures for the layout and shapes for the PDF.
pub struct Fonts<'a> {
    /// Regular, semi-bold, then the fallbacks: to shape with, and to embed.
    faces: Vec<(Face<'a>, Font)>,
}

/// Glyphs of one font, from left to right.
pub(super) struct Run {
    /// Which of the faces.
    font: usize,
    /// The characters that the glyphs stand for.
    pub text: String,
    /// Glyphs with advances and offsets in parts of the size.
    pub glyphs: Vec<KrillaGlyph>,
    /// Advance of the run in parts of the size.
    pub width: f64,
}

impl<'a> Fonts<'a> {
    /// The shipped font alone.
    #[must_use]
    pub fn shipped() -> Self {
        Self::with_fallbacks(&[])
    }

    /// The shipped font, then `fallbacks` in their order; one that is no font is passed over.
    #[must_use]
    pub fn with_fallbacks(fallbacks: &[FallbackFont<'a>]) -> Self {
        let shipped = [FallbackFont { bytes: REGULAR, index: 0 }, FallbackFont { bytes: SEMI_BOLD, index: 0 }];
        let faces = shipped
            .into_iter()
            .chain(fallbacks.iter().copied())
            .filter_map(|font| {
                let face = Face::from_slice(font.bytes, font.index)?;
                let embedded = Font::new(Data::from(font.bytes.to_vec()), font.index)?;
                (face.units_per_em() > 0).then_some((face, embedded))
            })
            .collect();
        Self { faces }
    }

    /// The characters of `text` that will be printed as [`MISSING_MARK`].
    #[must_use]
    pub fn missing(&self, text: &str) -> BTreeSet<char> {
        text.chars().filter(|&c| !is_joiner(c) && c != MISSING_MARK && self.font_for(c, 0).is_none()).collect()
    }

    /// The font of a run, for the PDF.
    pub(super) fn embedded(&self, run: &Run) -> Option<&Font> {
        self.faces.get(run.font).map(|(_, font)| font)
    }

    /// `text` as runs of glyphs, from left to right.
    pub(super) fn shape(&self, text: &str, weight: Weight) -> Vec<Run> {
        let primary = usize::from(weight == Weight::SemiBold);
        self.split(text, primary).into_iter().map(|(font, text)| self.shape_run(font, text)).collect()
    }

    /// The font that has a character: `primary` first, then the fallbacks.
    fn font_for(&self, c: char, primary: usize) -> Option<usize> {
        let has = |&font: &usize| self.faces.get(font).is_some_and(|(face, _)| face.glyph_index(c).is_some());
        std::iter::once(primary).chain(2..self.faces.len()).find(has)
    }

    /// Cuts `text` where the font changes. A space or mark stays with the run before it where that font has it.
    fn split(&self, text: &str, primary: usize) -> Vec<(usize, String)> {
        let mut runs: Vec<(usize, String)> = Vec::new();
        for c in text.chars() {
            let last = runs.last().map(|(font, _)| *font);
            let stays = last.filter(|&font| {
                (c.is_whitespace() || is_mark(c) || is_joiner(c))
                    && self.faces.get(font).is_some_and(|(face, _)| face.glyph_index(c).is_some())
            });
            let (font, c) = match stays.or_else(|| self.font_for(c, primary)) {
                Some(font) => (font, c),
                // Joiners and variation selectors without a glyph only shape their neighbours.
                None if is_joiner(c) => continue,
                None => (primary, MISSING_MARK),
            };
            match runs.last_mut() {
                Some((last, run)) if *last == font => run.push(c),
                _ => runs.push((font, c.to_string())),
            }
        }
        runs
    }

    fn shape_run(&self, font: usize, text: String) -> Run {
        let Some((face, _)) = self.faces.get(font) else {
            return Run { font, text, glyphs: Vec::new(), width: 0.0 };
        };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.guess_segment_properties();
        if !matches!(buffer.direction(), Direction::RightToLeft) {
            buffer.set_direction(Direction::LeftToRight);
        }
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
        Run { font, text, glyphs, width }
    }
}

impl Measure for Fonts<'_> {
    fn width_mm(&self, text: &str, size_pt: f64, style: &TextStyle) -> f64 {
        let em: f64 = self.shape(text, style.weight).iter().map(|run| run.width).sum();
        em * size_pt / POINTS_PER_INCH * MM_PER_INCH
    }
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

    #[test]
    fn accents_greek_and_cyrillic_have_glyphs_in_both_weights() {
        let fonts = Fonts::shipped();
        let text = "é ü ñ Ł č ő Ș ğ Ελλάδα Журнал ế ★ … · × − “” № €";
        assert!(fonts.missing(text).is_empty(), "{:?}", fonts.missing(text));
        for weight in [Weight::Regular, Weight::SemiBold] {
            for run in fonts.shape(text, weight) {
                assert!(run.glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0), "{weight:?} {}", run.text);
            }
        }
    }

    #[test]
    fn composed_and_decomposed_names_measure_alike() {
        let fonts = Fonts::shipped();
        let style = |weight| TextStyle { font: crate::domain::layout::TextFont::Sans, weight };
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
        let runs = fonts.shape("日本 a 🏔\u{fe0f}", Weight::Regular);
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
        for run in fonts.shape("fi ffl Zoe\u{301} -> x", Weight::Regular) {
            let mut end = 0;
            for glyph in &run.glyphs {
                assert!(glyph.text_range.start <= end && run.text.is_char_boundary(glyph.text_range.end));
                end = end.max(glyph.text_range.end);
            }
            assert_eq!(end, run.text.len());
        }
    }
}
