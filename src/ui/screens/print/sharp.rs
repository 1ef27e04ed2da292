//! How sharp photos will be on paper: their pixels per inch, in a colour and in words.

use eframe::egui::{self, Color32, Ui};

use super::super::Context;
use crate::domain::Seat;
use crate::domain::layout::{Page, Placed, Sharpness, effective_ppi};
use crate::ui::locale::Locale;
use crate::ui::theme::{self, Tokens};

/// More pixels per inch than any printer shows.
const MOST_PPI: f64 = 720.0;
/// The long edge of a preview, in pixels: what is printed where an original is not here.
const PREVIEW_PX: f64 = 1600.0;

fn size_of(placed: &Placed, photos: &[Seat], context: &Context<'_>) -> Option<(u32, u32)> {
    context.model.cards.card(*photos.get(placed.photo)?)?.size_px
}

/// Pixels per inch that a photo of the job has at its placed size; `None` where its size is not known.
pub(super) fn ppi_of(placed: &Placed, photos: &[Seat], context: &Context<'_>) -> Option<f64> {
    effective_ppi(placed, size_of(placed, photos, context))
}

/// The least pixels per inch on a page.
pub(super) fn of_page(page: &Page, photos: &[Seat], context: &Context<'_>) -> Option<f64> {
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
    match Sharpness::of(ppi) {
        Sharpness::Green => tokens.good,
        Sharpness::Amber => tokens.warn,
        Sharpness::Red => tokens.bad,
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
    match Sharpness::of(ppi) {
        Sharpness::Green => "sharp",
        Sharpness::Amber => "good from arm's length",
        Sharpness::Red => "soft: print smaller, or crop less",
    }
}

/// The sharpness of a page, in a colour and in words.
pub(super) fn hint(ui: &mut Ui, ppi: f64, locale: &Locale) {
    let text = format!("{}, {}", words(ppi, locale), meaning(ppi));
    let text = egui::RichText::new(text).small().color(colour(ppi, theme::tokens(ui)));
    ui.add(egui::Label::new(text).truncate())
        .on_hover_text("The fewest pixels per inch of any photo on this page, at the size that it is printed.");
}
