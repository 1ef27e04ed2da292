//! What a person should know before ink is spent: photos with too few pixels, and what the printer does not reach.

use super::{Page, Placed, PlacedText, Rect};
use crate::domain::paper::MM_PER_INCH;

/// How sharp a photo will look at its size on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharpness {
    /// Below 150 pixels per inch: soft, and pixels may be seen.
    Red,
    /// From 150: good enough from an arm's length.
    Amber,
    /// From 240: sharp at reading distance.
    Green,
}

impl Sharpness {
    /// From this many pixels per inch a photo is green.
    pub const GREEN_PPI: f64 = 240.0;
    /// From this many it is amber.
    pub const AMBER_PPI: f64 = 150.0;

    /// The level of so many pixels per inch.
    #[must_use]
    pub fn of(ppi: f64) -> Self {
        if ppi >= Self::GREEN_PPI {
            Self::Green
        } else if ppi >= Self::AMBER_PPI {
            Self::Amber
        } else {
            Self::Red
        }
    }
}

/// Pixels per inch that a photo has at its placed size, the fewer of both directions; `None` where its size in pixels
/// (of the upright photo) is not known. Straightening enlarges a photo, which counts.
#[must_use]
pub fn effective_ppi(placed: &Placed, size_px: Option<(u32, u32)>) -> Option<f64> {
    let (width_px, height_px) = size_px.filter(|(width, height)| *width > 0 && *height > 0)?;
    let (width_mm, height_mm) = if placed.is_turned() {
        (placed.image_mm.height, placed.image_mm.width)
    } else {
        (placed.image_mm.width, placed.image_mm.height)
    };
    let inches = |mm: f64| mm / MM_PER_INCH;
    let across = placed.crop.width * f64::from(width_px) / inches(width_mm);
    let down = placed.crop.height * f64::from(height_px) / inches(height_mm);
    let least = across.min(down);
    (least.is_finite() && least > 0.0).then_some(least)
}

/// The least pixels per inch of each photo over all pages, in the order of the shapes; `None` where a photo is on no
/// page, or its size in pixels is not known.
#[must_use]
pub fn least_ppi(pages: &[Page], sizes_px: &[Option<(u32, u32)>]) -> Vec<Option<f64>> {
    let mut least: Vec<Option<f64>> = vec![None; sizes_px.len()];
    for placed in pages.iter().flat_map(|page| &page.photos) {
        let size_px = sizes_px.get(placed.photo).copied().flatten();
        if let (Some(ppi), Some(known)) = (effective_ppi(placed, size_px), least.get_mut(placed.photo)) {
            *known = Some(known.map_or(ppi, |known| known.min(ppi)));
        }
    }
    least
}

/// The first page (from 0) on which a photo, its border or a text lies outside of an area: what another printer or
/// paper reaches. Marks for the knife may lie there.
#[must_use]
pub fn outside(pages: &[Page], area_mm: &Rect) -> Option<usize> {
    // A hundredth of a millimetre is what printers round to.
    const TOLERANCE_MM: f64 = 0.01;
    let within = |rect: &Rect| area_mm.contains(rect, TOLERANCE_MM);
    pages.iter().position(|page| {
        // Turned texts lie over photos.
        let texts = page.texts.iter().filter(|text| text.angle_deg == 0.0).map(PlacedText::bounds_mm);
        !page.photos.iter().map(Placed::edge_mm).chain(texts).all(|rect| within(&rect))
    })
}
