//! The menu of the selected photos, under the right mouse button.

use eframe::egui::{Button, Response, Ui};

use super::keys::Intent;
use crate::domain::{Flag, Rating};

/// What can be asked for in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The same as a key.
    Do(Intent),
    /// The versions of the one photo.
    Versions,
    /// Its file in the file manager.
    Reveal,
}

/// Shows the menu while it is open. `single` is whether exactly one photo is meant.
pub fn show(response: &Response, single: bool) -> Option<Choice> {
    let mut choice = None;
    response.context_menu(|ui| {
        ui.set_min_width(230.0);
        ui.spacing_mut().item_spacing.y = 2.0;
        if single {
            item(ui, &mut choice, "Open in the loupe", "E", Choice::Do(Intent::Open));
            ui.separator();
        }
        ui.menu_button("Stars", |ui| {
            for stars in (0..=5_u8).rev() {
                let text = if stars == 0 { "None".to_owned() } else { "★".repeat(usize::from(stars)) };
                if let Some(rating) = Rating::new(stars) {
                    item(ui, &mut choice, &text, &stars.to_string(), Choice::Do(Intent::Rate(rating)));
                }
            }
        });
        item(ui, &mut choice, "Pick", "P", Choice::Do(Intent::Flag(Flag::Pick)));
        item(ui, &mut choice, "Reject", "X", Choice::Do(Intent::Flag(Flag::Reject)));
        item(ui, &mut choice, "Take the flag away", "U", Choice::Do(Intent::Flag(Flag::None)));
        item(ui, &mut choice, "Tags…", "T", Choice::Do(Intent::Tags));
        ui.separator();
        item(ui, &mut choice, "Turn left", "Ctrl+[", Choice::Do(Intent::Turn { right: false }));
        item(ui, &mut choice, "Turn right", "Ctrl+]", Choice::Do(Intent::Turn { right: true }));
        item(ui, &mut choice, "Print…", "Ctrl+P", Choice::Do(Intent::Print));
        if single {
            ui.separator();
            item(ui, &mut choice, "Versions…", "", Choice::Versions);
            item(ui, &mut choice, "Show in the file manager", "", Choice::Reveal);
        }
        ui.separator();
        item(ui, &mut choice, "Remove from library…", "Delete", Choice::Do(Intent::Remove));
    });
    choice
}

fn item(ui: &mut Ui, choice: &mut Option<Choice>, text: &str, key: &str, what: Choice) {
    let button = Button::new(text).shortcut_text(key).frame_when_inactive(false);
    let width = ui.available_width();
    if ui.add_sized([width, 28.0], button).clicked() {
        *choice = Some(what);
        ui.close();
    }
}
