//! The fonts of this computer that pages are set in, brought to the window, so that it shows what the paper gets.

use std::sync::{Arc, Weak};

use eframe::egui;

use crate::domain::layout::{Page, TextFont, Weight};
use crate::print::family_file;
use crate::ui::Loadable;
use crate::ui::theme::{PaperFont, show_paper_fonts};

/// Fonts that the window keeps, at most: two of a family.
const MOST: usize = 8;

/// What the window has of them.
#[derive(Default)]
pub(super) struct PaperFonts {
    /// The pages that were looked at last.
    seen: Weak<Vec<Page>>,
    shown: Vec<PaperFont>,
}

impl PaperFonts {
    /// Follows the pages of the preview, before every frame. Its family was opened when these pages were measured: here
    /// it is only looked up.
    pub fn follow(&mut self, ctx: &egui::Context, pages: &Loadable<Arc<Vec<Page>>>) {
        let Some(pages) = pages.value() else { return };
        if std::ptr::eq(self.seen.as_ptr(), Arc::as_ptr(pages)) {
            return;
        }
        self.seen = Arc::downgrade(pages);
        // All texts of a job are set in one.
        let Some(text) = pages.iter().find_map(|page| page.texts.first()) else { return };
        let TextFont::Family(family) = &text.font else { return };
        if self.shown.iter().any(|font| font.family == *family) {
            return;
        }
        let found = [Weight::Regular, Weight::SemiBold].map(|weight| (weight, family_file(family, weight)));
        let before = self.shown.len();
        for (weight, file) in found {
            let Some((bytes, index)) = file else { continue };
            self.shown.push(PaperFont { family: family.clone(), weight, bytes, index });
        }
        if self.shown.len() > before {
            self.shown.drain(..self.shown.len().saturating_sub(MOST));
            show_paper_fonts(ctx, &self.shown);
            ctx.request_repaint();
        }
    }
}
