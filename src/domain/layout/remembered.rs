//! A measure that remembers: at every move of a slider the same texts are laid out again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Measure, TextStyle};

/// Texts that are remembered; when there are more, all are forgotten.
const MAX_TEXTS: usize = 20_000;
/// The size at which texts are measured, in points.
const PROBE_PT: f64 = 100.0;

/// Measures each text once, however often pages are laid out.
///
/// For fonts whose widths grow with their size, as outline fonts without hints do. Preview and paper should measure alike:
/// the last digit of a width may differ from what the fonts themselves say.
pub struct Remembered<M> {
    fonts: M,
    known: Mutex<HashMap<TextStyle, HashMap<String, f64>>>,
}

impl<M: Measure> Remembered<M> {
    /// With nothing known yet.
    #[must_use]
    pub fn new(fonts: M) -> Self {
        Self { fonts, known: Mutex::default() }
    }

    /// The fonts themselves.
    #[must_use]
    pub fn fonts(&self) -> &M {
        &self.fonts
    }
}

impl<M: Measure> Measure for Remembered<M> {
    fn width_mm(&self, text: &str, size_pt: f64, style: &TextStyle) -> f64 {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&width) = known.get(style).and_then(|texts| texts.get(text)) {
            return width * size_pt / PROBE_PT;
        }
        let width = self.fonts.width_mm(text, PROBE_PT, style);
        let texts = known.entry(style.clone()).or_default();
        if texts.len() >= MAX_TEXTS {
            texts.clear();
        }
        texts.insert(text.to_owned(), width);
        width * size_pt / PROBE_PT
    }
}
