//! A library that cannot be opened: why, and what can be done. Nothing is thrown away here.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use crate::protocol::{ErrorCode, UserError};
use crate::ui::Action;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{Button, Icon};

/// Width of what is read, in points.
const COLUMN: f32 = 520.0;

/// Draws it into the room of the grid.
pub fn show(ui: &mut Ui, error: &UserError, actions: &mut Vec<Action>) {
    egui::ScrollArea::vertical().id_salt("trouble").auto_shrink([false, false]).show(ui, |ui| {
        let room = ui.available_size();
        let width = COLUMN.min(room.x - 2.0 * space::L).max(120.0);
        ui.add_space((room.y * 0.25).max(space::L));
        ui.horizontal(|ui| {
            ui.add_space(((room.x - width) / 2.0).max(0.0));
            ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                column(ui, error, actions);
            });
        });
    });
}

fn column(ui: &mut Ui, error: &UserError, actions: &mut Vec<Action>) {
    ui.add(egui::Label::new(theme::title("The library cannot be opened").size(24.0)).wrap());
    ui.add_space(space::S);
    let mut message = error.message.clone();
    if let Some(first) = message.get(..1) {
        message = first.to_uppercase() + &message[1..];
    }
    ui.add(egui::Label::new(message).wrap().selectable(true));
    if error.code != ErrorCode::Corrupt && !error.hint.is_empty() {
        ui.add(egui::Label::new(theme::secondary(ui, error.hint.as_str())).wrap());
    }
    ui.add_space(space::L);
    if Button::primary("Try again").show(ui).clicked() {
        actions.push(Action::TryAgain);
    }
    if error.code == ErrorCode::Corrupt {
        ui.add_space(space::M);
        if Button::secondary("Set the damaged catalogue aside and rebuild…").icon(Icon::Vault).show(ui).clicked() {
            actions.push(Action::SetAside);
        }
        let what = "The damaged file is kept under another name. Photos, versions, tags and ratings come back from the \
                    vault; what was never stored comes back when you import its folder again.";
        ui.add(egui::Label::new(theme::caption(ui, what)).wrap());
    }
}
