//! What stands where no photo is found.

use eframe::egui::{self, Align, Layout, Ui};

use super::ViewState;
use crate::protocol::Scope;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{Button, elide_middle};
use crate::ui::{Action, Model};

impl ViewState {
    pub(super) fn nothing_found(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        let height = ui.available_height();
        ui.with_layout(Layout::top_down(Align::Center), |ui| {
            ui.add_space((height * 0.32).max(space::XL));
            let query = elide_middle(&model.results.query, 60);
            ui.label(theme::title(format!("No photo matches “{query}”")));
            let hint = "Words look into names, folders, captions and tags. Fields narrow it down: \
                        camera:  lens:  tag:  date:2024-05  rating:  iso:>800  type:raw  stored:no";
            ui.add_space(space::XS);
            ui.scope(|ui| {
                ui.set_max_width(460.0);
                ui.add(egui::Label::new(theme::secondary(ui, hint)).wrap());
            });
            ui.add_space(space::M);
            if Button::secondary("Clear the search").show(ui).clicked() {
                self.search.set("", actions);
            }
        });
    }
}

/// Another time, and no photo in it.
pub(super) fn nothing_then(ui: &mut Ui, model: &Model<'_>) {
    let (words, hint) = match model.results.scope {
        Scope::Deleted => {
            ("Nothing is deleted", "Photos that are deleted in the stores can be brought back from here.")
        }
        _ => ("Nothing was stored by then", "Move the day on, to one with a mark below the line."),
    };
    let height = ui.available_height();
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        ui.add_space((height * 0.32).max(space::XL));
        ui.label(theme::title(words));
        ui.label(theme::secondary(ui, hint));
    });
}
