//! The menu of the selected photos, under the right mouse button.

use eframe::egui::{Button, Response, Ui};

use super::keys::Intent;
use crate::domain::{ColourLabel, Flag, Rating, StorageClass};
use crate::protocol::Scope;

/// What can be asked for in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The same as a key.
    Do(Intent),
    /// This colour label, whatever is there.
    Label(ColourLabel),
    /// The versions of the one photo.
    Versions,
    /// Its file in the file manager.
    Reveal,
    /// Store these before all others.
    First,
    /// Keep these in this class; `None` is the library's.
    Class(Option<StorageClass>),
    /// Bring originals into a folder.
    Download,
    /// Share a link.
    Share,
    /// Write what was decided into sidecars.
    WriteSidecars,
    /// Take over what other programs wrote into sidecars.
    ReadSidecars,
    /// Bring deleted photos back.
    Undelete,
}

/// What the menu is about.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Whether exactly one photo is meant.
    pub single: bool,
    /// Which photos are shown.
    pub scope: Scope,
    /// Whether there is a store other than the vault.
    pub remote: bool,
}

/// Shows the menu while it is open.
pub fn show(response: &Response, about: About) -> Option<Choice> {
    let mut choice = None;
    response.context_menu(|ui| {
        ui.set_min_width(250.0);
        ui.spacing_mut().item_spacing.y = 2.0;
        match about.scope {
            Scope::Library => of_now(ui, &mut choice, about),
            Scope::AsOf(_) => {
                open(ui, &mut choice, about);
                item(ui, &mut choice, "Bring originals into a folder…", "", Choice::Download);
            }
            Scope::Deleted => {
                open(ui, &mut choice, about);
                item(ui, &mut choice, "Bring back", "", Choice::Undelete);
            }
        }
        if about.single && about.scope != Scope::Library {
            item(ui, &mut choice, "Versions…", "", Choice::Versions);
        }
    });
    choice
}

fn open(ui: &mut Ui, choice: &mut Option<Choice>, about: About) {
    if about.single {
        item(ui, choice, "Open in the loupe", "E", Choice::Do(Intent::Open));
        ui.separator();
    }
}

fn of_now(ui: &mut Ui, choice: &mut Option<Choice>, about: About) {
    open(ui, choice, about);
    ui.menu_button("Stars", |ui| {
        for stars in (0..=5_u8).rev() {
            let text = if stars == 0 { "None".to_owned() } else { "★".repeat(usize::from(stars)) };
            if let Some(rating) = Rating::new(stars) {
                item(ui, choice, &text, &stars.to_string(), Choice::Do(Intent::Rate(rating)));
            }
        }
    });
    item(ui, choice, "Pick", "P", Choice::Do(Intent::Flag(Flag::Pick)));
    item(ui, choice, "Reject", "X", Choice::Do(Intent::Flag(Flag::Reject)));
    item(ui, choice, "Take the flag away", "U", Choice::Do(Intent::Flag(Flag::None)));
    ui.menu_button("Colour label", |ui| {
        for label in ColourLabel::COLOURS {
            let mut name = label.name().to_owned();
            name[..1].make_ascii_uppercase();
            item(ui, choice, &name, label.key().unwrap_or_default(), Choice::Label(label));
        }
        item(ui, choice, "None", "", Choice::Label(ColourLabel::None));
    });
    item(ui, choice, "Tags…", "T", Choice::Do(Intent::Tags));
    item(ui, choice, "Paint on…", "K", Choice::Do(Intent::Paint));
    item(ui, choice, "Look for tags…", "Ctrl+T", Choice::Do(Intent::Tagging));
    ui.separator();
    item(ui, choice, "Turn left", "Ctrl+[", Choice::Do(Intent::Turn { right: false }));
    item(ui, choice, "Turn right", "Ctrl+]", Choice::Do(Intent::Turn { right: true }));
    item(ui, choice, "Print…", "Ctrl+P", Choice::Do(Intent::Print));
    if about.remote {
        item(ui, choice, "Share a link…", "", Choice::Share);
    }
    ui.separator();
    item(ui, choice, "Store these first", "", Choice::First);
    if about.remote {
        ui.menu_button("Storage class", |ui| {
            item(ui, choice, "As the library", "", Choice::Class(None));
            for class in StorageClass::ALL {
                item(ui, choice, class.label(), "", Choice::Class(Some(class)));
            }
        });
    }
    item(ui, choice, "Bring originals into a folder…", "", Choice::Download);
    ui.menu_button("Sidecars", |ui| {
        item(ui, choice, "Write for other programs", "", Choice::WriteSidecars);
        item(ui, choice, "Take over their changes", "", Choice::ReadSidecars);
    });
    if about.single {
        item(ui, choice, "Versions…", "", Choice::Versions);
        item(ui, choice, "Show in the file manager", "", Choice::Reveal);
    }
    ui.separator();
    item(ui, choice, "Remove from library…", "Delete", Choice::Do(Intent::Remove));
    item(ui, choice, "Delete in the stores…", "Shift+Delete", Choice::Do(Intent::Delete));
}

fn item(ui: &mut Ui, choice: &mut Option<Choice>, text: &str, key: &str, what: Choice) {
    let button = Button::new(text).shortcut_text(key).frame_when_inactive(false);
    let width = ui.available_width();
    if ui.add_sized([width, 28.0], button).clicked() {
        *choice = Some(what);
        ui.close();
    }
}
