//! How sharp photos will be on paper: their pixels per inch, in a colour and in words.

use eframe::egui::{self, Color32, Ui};

use super::super::Context;
use crate::domain::Seat;
use crate::domain::layout::{Page, Placed};
use crate::domain::paper::MM_PER_INCH;
use crate::ui::locale::Locale;
use crate::ui::theme::{self, Tokens};

/// Pixels per inch from which a print looks sharp in the hand.
pub(super) const GOOD_PPI: f64 = 240.0;
/// Pixels per inch below which it looks soft.
pub(super) const POOR_PPI: f64 = 150.0;
/// More pixels per inch than any printer shows.
const MOST_PPI: f64 = 720.0;
/// The long edge of a preview, in pixels: what is printed where an original is not here.
const PREVIEW_PX: f64 = 1600.0;

/// Pixels per inch that a photo has at its placed size; `None` where its size is not known.
pub(super) fn effective_ppi(placed: &Placed, size_px: Option<(u32, u32)>) -> Option<f64> {
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

fn size_of(placed: &Placed, photos: &[Seat], context: &Context<'_>) -> Option<(u32, u32)> {
    context.model.cards.card(*photos.get(placed.photo)?)?.size_px
}

/// The same for a photo of the job.
pub(super) fn ppi_of(placed: &Placed, photos: &[Seat], context: &Context<'_>) -> Option<f64> {
    effective_ppi(placed, size_of(placed, photos, context))
}

/// The least pixels per inch on a page.
pub(super) fn least_ppi(page: &Page, photos: &[Seat], context: &Context<'_>) -> Option<f64> {
    page.photos.iter().filter_map(|placed| ppi_of(placed, photos, context)).min_by(f64::total_cmp)
}

/// The least pixels per inch that these photos would have from their previews.
pub(super) fn preview_ppi(stack: &[Page], photos: &[Seat], missing: &[Seat], context: &Context<'_>) -> Option<f64> {
    let placed = stack.iter().flat_map(|page| &page.photos);
    let missing = placed.filter(|placed| photos.get(placed.photo).is_some_and(|seat| missing.contains(seat)));
    let ppi = missing.filter_map(|placed| {
        let (width, height) = size_of(placed, photos, context).unwrap_or((3, 2));
        let shrink = (PREVIEW_PX / f64::from(width.max(height).max(1))).min(1.0);
        let side = |px: u32| if px <= 3 { px * 533 } else { (f64::from(px) * shrink).round() as u32 };
        effective_ppi(placed, Some((side(width), side(height))))
    });
    ppi.min_by(f64::total_cmp)
}

/// Green, amber or red.
pub(super) fn colour(ppi: f64, tokens: &Tokens) -> Color32 {
    match ppi {
        ppi if ppi >= GOOD_PPI => tokens.good,
        ppi if ppi >= POOR_PPI => tokens.warn,
        _ => tokens.bad,
    }
}

/// `312 ppi`.
pub(super) fn words(ppi: f64, locale: &Locale) -> String {
    // More than any printer shows is no news.
    if ppi > MOST_PPI {
        format!("over {} ppi", locale.number(MOST_PPI as u64))
    } else {
        format!("{} ppi", locale.number(ppi.floor() as u64))
    }
}

/// What that means to a person.
pub(super) fn meaning(ppi: f64) -> &'static str {
    match ppi {
        ppi if ppi >= GOOD_PPI => "sharp",
        ppi if ppi >= POOR_PPI => "good from arm's length",
        _ => "soft: print smaller, or crop less",
    }
}

/// The sharpness of a page, in a colour and in words.
pub(super) fn hint(ui: &mut Ui, ppi: f64, locale: &Locale) {
    let text = format!("{}, {}", words(ppi, locale), meaning(ppi));
    let text = egui::RichText::new(text).small().color(colour(ppi, theme::tokens(ui)));
    ui.add(egui::Label::new(text).truncate())
        .on_hover_text("The fewest pixels per inch of any photo on this page, at the size that it is printed.");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::layout::Rect;

    fn placed(turned: bool, crop: Rect) -> Placed {
        let image_mm = Rect::new(0.0, 0.0, 254.0, 127.0);
        Placed::plain(0, image_mm, image_mm, crop, u8::from(turned))
    }

    #[test]
    fn resolution_counts_the_pixels_that_are_shown() {
        let whole = placed(false, Rect::WHOLE);
        assert_eq!(effective_ppi(&whole, Some((3000, 1500))), Some(300.0));
        let half = placed(false, Rect::new(0.25, 0.25, 0.5, 0.5));
        assert_eq!(effective_ppi(&half, Some((3000, 1500))), Some(150.0));
        let turned = placed(true, Rect::WHOLE);
        assert_eq!(effective_ppi(&turned, Some((1500, 3000))), Some(300.0));
        assert_eq!(effective_ppi(&whole, Some((0, 5))), None);
        assert_eq!(effective_ppi(&whole, None), None);
    }
}
