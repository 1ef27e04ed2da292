//! Names as they fit under a picture, remembered so that a frame neither measures nor builds them again.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui::epaint::text::FontsView;
use eframe::egui::{Color32, FontId, Galley};

use crate::domain::Seat;
use crate::ui::widgets::elide_middle;

/// More names than this are forgotten together: a screen has a few hundred.
const LIMIT: usize = 4096;

/// Elided names by photo, for one width.
#[derive(Debug, Clone, Default)]
pub struct Names {
    width: u32,
    names: HashMap<Seat, (String, u64)>,
}

impl Names {
    /// Forgets everything where cells have another width or text another scale.
    pub fn for_width(&mut self, width: f32, pixels_per_point: f32) {
        let width = (width * pixels_per_point) as u32;
        if self.width != width || self.names.len() > LIMIT {
            self.width = width;
            self.names.clear();
        }
    }

    /// The name laid out so that it is at most `width` points wide.
    pub fn galley(
        &mut self,
        fonts: &mut FontsView<'_>,
        seat: Seat,
        name: &str,
        font: &FontId,
        width: f32,
    ) -> Arc<Galley> {
        let (short, _) = match self.names.entry(seat) {
            std::collections::hash_map::Entry::Occupied(entry)
                // Marks beside the name come and go, and a photo can be replaced: both make another name.
                if entry.get().1 == key(name, width) =>
            {
                entry.into_mut()
            }
            entry => {
                let short = fit(fonts, name, font, width);
                let slot = entry.or_default();
                *slot = (short, key(name, width));
                slot
            }
        };
        fonts.layout_no_wrap(short.clone(), font.clone(), Color32::PLACEHOLDER)
    }
}

fn key(name: &str, width: f32) -> u64 {
    // Enough to see that the name or the room for it changed under the same photo.
    name.bytes().fold(width as u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

/// The longest form of a name that fits.
pub fn fit(fonts: &mut FontsView<'_>, name: &str, font: &FontId, width: f32) -> String {
    let mut measure = |text: &str| fonts.layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x;
    // A name of 255 bytes need not be measured whole to know that it is too long.
    let count = name.chars().count();
    let most = ((width / 3.0) as usize).max(4);
    let mut limit = count.min(most);
    loop {
        let short = elide_middle(name, limit);
        let wide = measure(&short);
        if wide <= width || limit <= 3 {
            return short.into_owned();
        }
        let by_ratio = (limit as f32 * width / wide) as usize;
        limit = by_ratio.min(limit - 1).max(3);
    }
}
