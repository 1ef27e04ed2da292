//! Keyboard help: every shortcut from one table, with a filter.

use eframe::egui::{self, Id, Ui};

use super::Context;
use super::dialog::{Dialog, Shown, body};
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// A shortcut as the help lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortcut {
    /// Where it belongs: `Grid`.
    pub group: &'static str,
    /// The ways to press it, each a chord of keys: `[["Ctrl", "Z"]]`.
    pub keys: &'static [&'static [&'static str]],
    /// What it does.
    pub words: &'static str,
}

const fn shortcut(group: &'static str, keys: &'static [&'static [&'static str]], words: &'static str) -> Shortcut {
    Shortcut { group, keys, words }
}

/// Every shortcut of the window, by group in the order shown.
pub const SHORTCUTS: &[Shortcut] = &[
    shortcut("Navigate", &[&["←"], &["→"], &["↑"], &["↓"]], "Photo to photo"),
    shortcut("Navigate", &[&["Home"], &["End"]], "First or last photo"),
    shortcut("Navigate", &[&["Page Up"], &["Page Down"]], "A screen up or down"),
    shortcut("Navigate", &[&["Ctrl", "F"]], "Search"),
    shortcut("Navigate", &[&["Esc"]], "Leave what is open"),
    shortcut("View", &[&["Enter"], &["E"], &["Space"]], "Open in the loupe"),
    shortcut("View", &[&["-"], &["="]], "Smaller or larger thumbnails; zoom in the loupe"),
    shortcut("View", &[&["Ctrl", "wheel"]], "The same with the mouse"),
    shortcut("View", &[&["Z"]], "Loupe: every pixel, or all of the photo"),
    shortcut("View", &[&["I"]], "Inspector"),
    shortcut("View", &[&["B"]], "Browse: what narrows a search, and kept searches"),
    shortcut("View", &[&["O"]], "People: everybody with a face"),
    shortcut("View", &[&["F"]], "Loupe: boxes of faces"),
    shortcut("View", &[&["N"]], "Loupe: draw a box around a face, and name it"),
    shortcut("View", &[&["Ctrl", "J"]], "Activity"),
    shortcut("View", &[&["Ctrl", "K"]], "Stores: what is kept where"),
    shortcut("View", &[&["Ctrl", "H"]], "Back in time, and deleted photos"),
    shortcut("View", &[&["Ctrl", "+"], &["Ctrl", "-"], &["Ctrl", "0"]], "Larger, smaller or normal text"),
    shortcut("Select", &[&["Shift", "←"], &["Shift", "→"], &["Shift", "click"]], "Extend the selection"),
    shortcut("Select", &[&["Ctrl", "click"]], "Add or take out one photo"),
    shortcut("Select", &[&["Ctrl", "A"]], "Select all"),
    shortcut("Select", &[&["Ctrl", "D"]], "Select nothing"),
    shortcut("Rate and tag", &[&["0"], &["1"], &["2"], &["3"], &["4"], &["5"]], "Rate with stars"),
    shortcut("Rate and tag", &[&["P"]], "Pick"),
    shortcut("Rate and tag", &[&["X"]], "Reject"),
    shortcut("Rate and tag", &[&["U"]], "Neither picked nor rejected"),
    shortcut("Rate and tag", &[&["6"], &["7"], &["8"], &["9"]], "Label red, yellow, green or blue"),
    shortcut("Rate and tag", &[&["T"]], "Add or remove tags"),
    shortcut("Rate and tag", &[&["Alt", "1"], &["Alt", "9"]], "Give the tags that were used last, by set"),
    shortcut("Rate and tag", &[&["K"]], "Paint tags, stars or a colour on photos"),
    shortcut("Rate and tag", &[&["Ctrl", "T"]], "Look for tags: by this computer or Rekognition"),
    shortcut("Rate and tag", &[&["Ctrl", "["], &["Ctrl", "]"]], "Turn left or right by a quarter"),
    shortcut("Rate and tag", &[&["Delete"]], "Remove from the library; the files stay"),
    shortcut("Rate and tag", &[&["Shift", "Delete"]], "Delete in the stores; every version stays"),
    shortcut("Rate and tag", &[&["Ctrl", "Z"]], "Undo"),
    shortcut("Rate and tag", &[&["Ctrl", "Shift", "Z"], &["Ctrl", "Y"]], "Redo"),
    shortcut("Tasks", &[&["Ctrl", "O"]], "Import"),
    shortcut("Tasks", &[&["Ctrl", "P"]], "Print the selection; in the print studio: print it now"),
    shortcut("Tasks", &[&["Ctrl", "Alt", "P"]], "Print one copy as the last time, without the studio"),
    shortcut("Tasks", &[&["Page Up"], &["Page Down"]], "Print studio: turn the page"),
    shortcut("Tasks", &[&["+"], &["-"]], "Print studio: look closer or from farther; zoom the photo in hand"),
    shortcut("Tasks", &[&["←"], &["→"], &["↑"], &["↓"]], "Print studio: move the photo in hand inside its frame"),
    shortcut("Tasks", &[&["Ctrl", ","]], "Account and storage"),
    shortcut("Tasks", &[&["Ctrl", "/"], &["F1"]], "This help"),
];

/// The help's view state: what is typed into its filter.
#[derive(Debug, Clone, Default)]
pub struct HelpScreen {
    filter: String,
    drawn_before: bool,
}

impl HelpScreen {
    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, _context: &Context<'_>) -> Shown {
        let dialog = Dialog { id: "help", title: "Keyboard", width: 860.0, tall: false };
        let outcome = dialog.show(ctx, |ui| {
            let field = egui::TextEdit::singleline(&mut self.filter)
                .id(Id::unique("help filter"))
                .hint_text("Find a key or what it does")
                .desired_width(f32::INFINITY)
                .margin(egui::Margin::symmetric(8, 6));
            let field = ui.add(field);
            field.ctx.accesskit_node_builder(field.id, |node| node.set_label("Find a shortcut"));
            if !self.drawn_before {
                self.drawn_before = true;
                field.request_focus();
            }
            ui.add_space(space::S);
            body(ui, false, |ui| self.list(ui));
        });
        if outcome.dialog.closed || outcome.dialog.confirmed { Shown::Closed } else { Shown::Open }
    }

    fn list(&self, ui: &mut Ui) {
        let found: Vec<_> = SHORTCUTS.iter().filter(|shortcut| fits(shortcut, &self.filter)).collect();
        if found.is_empty() {
            ui.add(egui::Label::new(theme::secondary(ui, "No shortcut fits that.")).wrap());
            return;
        }
        let mut groups: Vec<&str> = found.iter().map(|shortcut| shortcut.group).collect();
        groups.dedup();
        // Two columns where there is room for two, filled one after the other.
        let columns = if ui.available_width() > 600.0 && groups.len() > 1 { 2 } else { 1 };
        let rows = found.len() + groups.len();
        let mut placed = 0;
        let mut split = groups.len();
        for (index, group) in groups.iter().enumerate() {
            if columns == 2 && placed * 2 >= rows {
                split = index;
                break;
            }
            placed += 1 + found.iter().filter(|shortcut| shortcut.group == *group).count();
        }
        let column = |ui: &mut Ui, groups: &[&str]| {
            for group in groups {
                widgets::section_heading(ui, group);
                for shortcut in found.iter().filter(|shortcut| shortcut.group == *group) {
                    line(ui, shortcut);
                }
                ui.add_space(space::M);
            }
        };
        if columns == 2 {
            ui.spacing_mut().item_spacing.x = space::XXL;
            ui.columns(2, |uis| {
                column(&mut uis[0], &groups[..split]);
                column(&mut uis[1], &groups[split..]);
            });
        } else {
            column(ui, &groups);
        }
    }
}

fn line(ui: &mut Ui, shortcut: &Shortcut) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(3.0, 4.0);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            // From the right, so the last key comes first.
            for (n, chord) in shortcut.keys.iter().enumerate().rev() {
                for key in chord.iter().rev() {
                    widgets::keycap(ui, key);
                }
                if n > 0 {
                    ui.add_space(space::S);
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(egui::Label::new(shortcut.words).wrap());
            });
        });
    });
}

/// Every word that is typed must be a key, or stand in what is done or in the group's name.
fn fits(shortcut: &Shortcut, filter: &str) -> bool {
    filter.split(|c: char| c.is_whitespace() || c == '+').filter(|word| !word.is_empty()).all(|word| {
        let word = word.to_lowercase();
        shortcut.words.to_lowercase().contains(&word)
            || shortcut.group.to_lowercase().contains(&word)
            || shortcut.keys.iter().flat_map(|chord| chord.iter()).any(|key| key.to_lowercase().starts_with(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_knows_keys_words_and_groups() {
        let count = |filter: &str| SHORTCUTS.iter().filter(|shortcut| fits(shortcut, filter)).count();
        assert_eq!(count(""), SHORTCUTS.len());
        assert_eq!(count("undo"), 1);
        assert_eq!(count("ctrl+print"), 2);
        assert_eq!(count("F1"), 1);
        assert_eq!(count("select nothing"), 1);
        assert!(count("rate and tag") >= 6);
        assert_eq!(count("no such thing"), 0);
    }

    #[test]
    fn what_is_listed_is_bound() {
        use crate::ui::keys::{Focus, intent};
        use egui::{Key, Modifiers};
        for shortcut in SHORTCUTS {
            for chord in shortcut.keys {
                let Some((name, held)) = chord.split_last() else { panic!("an empty chord") };
                let mut modifiers = Modifiers::NONE;
                for modifier in held {
                    match *modifier {
                        "Ctrl" => modifiers |= Modifiers::COMMAND | Modifiers::CTRL,
                        "Shift" => modifiers |= Modifiers::SHIFT,
                        "Alt" => modifiers |= Modifiers::ALT,
                        other => panic!("no modifier: {other}"),
                    }
                }
                let key = match *name {
                    "click" | "wheel" => continue,
                    "←" => Key::ArrowLeft,
                    "→" => Key::ArrowRight,
                    "↑" => Key::ArrowUp,
                    "↓" => Key::ArrowDown,
                    "Page Up" => Key::PageUp,
                    "Page Down" => Key::PageDown,
                    "Esc" => Key::Escape,
                    "/" => Key::Slash,
                    "[" => Key::OpenBracket,
                    "]" => Key::CloseBracket,
                    "," => Key::Comma,
                    name => Key::from_name(name).unwrap_or_else(|| panic!("no key: {name}")),
                };
                // The size of the text is egui's own business.
                let text_size = shortcut.words.contains("text");
                let bound = intent(key, None, modifiers, Focus::Photos).is_some();
                assert_eq!(bound, !text_size, "{chord:?}: {}", shortcut.words);
            }
        }
    }

    #[test]
    fn no_key_does_two_things_and_groups_stay_together() {
        let mut seen = std::collections::HashSet::new();
        for shortcut in SHORTCUTS {
            for chord in shortcut.keys {
                assert!(seen.insert((shortcut.group, chord)), "{chord:?} is listed twice");
            }
        }
        let mut groups: Vec<_> = SHORTCUTS.iter().map(|shortcut| shortcut.group).collect();
        groups.dedup();
        let names: std::collections::HashSet<_> = groups.iter().collect();
        assert_eq!(names.len(), groups.len(), "a group is torn apart");
    }
}
