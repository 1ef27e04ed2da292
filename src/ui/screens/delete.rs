//! The question before photos are deleted in the stores: how many, how much, and what stays.

use std::sync::Arc;

use eframe::egui;

use super::Context;
use super::dialog::{Dialog, Shown, body, footer};
use crate::domain::Seat;
use crate::domain::keep::Weight;
use crate::ui::theme;
use crate::ui::widgets::{self, Button};
use crate::ui::words::all_stores;
use crate::ui::{Action, KeepAsk, Loadable};

/// The question.
#[derive(Debug, Clone)]
pub struct DeleteScreen {
    seats: Arc<[Seat]>,
    asked: bool,
}

impl DeleteScreen {
    /// For these photos.
    #[must_use]
    pub fn new(seats: Arc<[Seat]>) -> Self {
        Self { seats, asked: false }
    }

    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        let first = !std::mem::replace(&mut self.asked, true);
        if first {
            actions.push(Action::Keep(KeepAsk::Weigh(self.seats.clone())));
        }
        let photos = context.locale.count(self.seats.len() as u64, "photo", "photos");
        let title = format!("Delete {photos} in the stores?");
        let dialog = Dialog { id: "delete question", title: &title, width: 480.0, tall: false };
        // What was known before this question was asked is the weight of other photos.
        let weight = if first { &Loadable::NotAsked } else { &context.model.keeping.weight };
        let outcome = dialog.show(ctx, |ui| {
            body(ui, true, |ui| match weight {
                Loadable::Ready(weight) => {
                    ui.add(egui::Label::new(question(*weight, context)).wrap());
                    for words in [
                        "Every version stays in the stores, and “Deleted” brings the photos back.",
                        "The files on this computer stay where they are.",
                    ] {
                        ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
                    }
                }
                Loadable::Failed { error, .. } => {
                    widgets::problem(ui, error, "");
                }
                Loadable::NotAsked | Loadable::Pending { .. } => {
                    ui.label(theme::secondary(ui, "Counting what is stored of them…"));
                }
            });
            footer(ui, |ui| {
                let known = matches!(weight, Loadable::Ready(_));
                let keep = Button::primary("Keep them").show(ui);
                // The safe answer has the keyboard.
                if ui.memory(|memory| memory.focused().is_none()) {
                    keep.request_focus();
                }
                let delete = Button::danger("Delete in the stores").enabled(known).show(ui).clicked();
                (keep.clicked(), delete)
            })
        });
        let (keep, delete) = outcome.inner;
        if delete {
            actions.push(Action::Keep(KeepAsk::Delete(self.seats.clone())));
        }
        if keep || delete || outcome.dialog.closed || outcome.dialog.confirmed { Shown::Closed } else { Shown::Open }
    }
}

/// `Delete 12 photos (14 files, 183 MB) in the vault and your AWS bucket?`
fn question(weight: Weight, context: &Context<'_>) -> String {
    let locale = context.locale;
    let photos = locale.count(weight.photos, "photo", "photos");
    if weight.files == 0 {
        return format!("Nothing of {photos} is stored yet. Deleting takes them out of the library.");
    }
    let files = locale.count(weight.files, "file", "files");
    let stores = all_stores(context.model.library.value());
    format!("Delete {photos} ({files}, {}) in {stores}?", locale.bytes(weight.bytes))
}
