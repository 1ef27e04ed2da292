//! The bar at the top: import and search first, then how everything stands, then how it looks.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use super::account_button;
use super::grid::CELL_RANGE;
use super::keys::Intent;
use super::locale::Locale;
use super::search_field::SearchField;
use super::theme::{self, space};
use super::widgets::{self, Button, Icon};
use super::{Action, ActivityState, Model, ThemeChoice};
use crate::protocol::{LibraryState, OpKind, Progress};

/// Height of the bar in points.
pub const HEIGHT: f32 = 54.0;

/// What the bar shows beside the model.
pub struct Bar<'a> {
    /// How numbers are written.
    pub locale: &'a Locale,
    /// The search field.
    pub search: &'a mut SearchField,
    /// Width of cells.
    pub cell: &'a mut f32,
    /// Whether the inspector is shown.
    pub inspector: bool,
    /// Whether the activity panel is shown.
    pub activity: bool,
    /// Whether a photo is selected, or in the loupe, that could be printed.
    pub printable: bool,
}

/// What a control in it asks the window for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The same as a key.
    Do(Intent),
    /// The vault dialog.
    Vault,
    /// The photos should have the keyboard.
    Photos,
}

/// How much the bar can show at this width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Room {
    Scarce,
    Some,
    Plenty,
}

impl Bar<'_> {
    /// Shows it.
    pub fn show(mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        let width = ui.available_width();
        let room = match width {
            0.0..720.0 => Room::Scarce,
            720.0..1080.0 => Room::Some,
            _ => Room::Plenty,
        };
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            if Button::primary("Import")
                .icon(Icon::Import)
                .tooltip("Import folders of photos (Ctrl+O)")
                .show(ui)
                .clicked()
            {
                actions.push(Action::PickImportFolders);
                wanted.push(Wanted::Do(Intent::Import));
            }
            // What stands on the right is as wide as it was in the last frame; the field gets the rest, up to a point.
            let id = right_id();
            let right = ui.data(|data| data.get_temp::<f32>(id)).unwrap_or(width * 0.5);
            let field = (ui.available_width() - right - space::L).clamp(96.0, 440.0);
            if self.search.show(ui, field, model, actions) {
                wanted.push(Wanted::Photos);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                self.looks(ui, model, room, actions, &mut wanted);
                ui.add_space(space::S);
                self.states(ui, model, room, actions, &mut wanted);
                let used = ui.min_rect().width();
                let id = right_id();
                if ui.data(|data| data.get_temp::<f32>(id)) != Some(used) {
                    ui.data_mut(|data| data.insert_temp(id, used));
                    ui.ctx().request_repaint();
                }
            });
        });
        wanted
    }

    /// From the right: inspector, help, theme, size.
    fn looks(
        &mut self,
        ui: &mut Ui,
        model: &Model<'_>,
        room: Room,
        actions: &mut Vec<Action>,
        wanted: &mut Vec<Wanted>,
    ) {
        if Button::icon_only(Icon::Info, "Inspector (I)").selected(self.inspector).show(ui).clicked() {
            wanted.push(Wanted::Do(Intent::Inspector));
        }
        if room > Room::Scarce && Button::icon_only(Icon::Keyboard, "Keyboard help (Ctrl+/)").show(ui).clicked() {
            wanted.push(Wanted::Do(Intent::Help));
        }
        let (icon, name, next) = match model.theme {
            ThemeChoice::System => (Icon::Display, "Theme: as the desktop", ThemeChoice::Light),
            ThemeChoice::Light => (Icon::Sun, "Theme: light", ThemeChoice::Dark),
            ThemeChoice::Dark => (Icon::Moon, "Theme: dark", ThemeChoice::System),
        };
        if Button::icon_only(icon, name).show(ui).clicked() {
            actions.push(Action::SetTheme(next));
        }
        let name = if self.printable { "Print (Ctrl+P)" } else { "Print (Ctrl+P): select photos first" };
        ui.add_enabled_ui(self.printable, |ui| {
            if Button::icon_only(Icon::Print, name).show(ui).clicked() {
                wanted.push(Wanted::Do(Intent::Print));
            }
        });
        if room == Room::Plenty {
            ui.add_space(space::S);
            let tokens = theme::tokens(ui);
            let mark = |ui: &mut Ui, icon: Icon| {
                let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
                icon.paint(ui.painter(), rect, tokens.text_secondary);
            };
            mark(ui, Icon::TilesLarge);
            ui.add_space(space::XS);
            ui.spacing_mut().slider_width = 96.0;
            let slider = egui::Slider::new(self.cell, CELL_RANGE).show_value(false).logarithmic(true);
            ui.spacing_mut().interact_size.y = 16.0;
            ui.add(slider).accessible_name("Size of the pictures").on_hover_text("Size of the pictures (− and =)");
            ui.add_space(space::XS);
            mark(ui, Icon::TilesSmall);
        }
    }

    /// From the right: what is stored, what runs.
    fn states(
        &mut self,
        ui: &mut Ui,
        model: &Model<'_>,
        room: Room,
        actions: &mut Vec<Action>,
        wanted: &mut Vec<Wanted>,
    ) {
        if account_button::show(ui, model.account, room == Room::Scarce) {
            wanted.push(Wanted::Do(Intent::Account));
        }
        if let Some(library) = model.library.value() {
            self.stored(ui, library, room, actions, wanted);
        }
        let running: Vec<&Progress> = model
            .activities
            .iter()
            .filter_map(|activity| match &activity.state {
                ActivityState::Running(progress) | ActivityState::Stopping(progress) => Some(progress),
                ActivityState::Ended(_) => None,
            })
            .collect();
        let failed = model.activities.iter().any(|activity| activity.has_failures());
        let tokens = theme::tokens(ui);
        match running.first() {
            None if model.activities.is_empty() => {}
            None => {
                let name = if failed { "Activity: some items failed (Ctrl+J)" } else { "Activity (Ctrl+J)" };
                let button = Button::icon_only(Icon::Activity, name).selected(self.activity);
                let button = if failed { button.colour(tokens.bad) } else { button };
                if button.show(ui).clicked() {
                    wanted.push(Wanted::Do(Intent::Activity));
                }
            }
            Some(progress) => {
                let others = running.len() - 1;
                let text = running_text(progress, others, self.locale, room);
                let button = Button::quiet(&text).icon(Icon::Activity).selected(self.activity);
                let response = button.tooltip("Show what is running (Ctrl+J)").show(ui);
                let amount = if progress.total > 0 { Some(progress.done as f32 / progress.total as f32) } else { None };
                underline(ui, response.rect, amount);
                if response.clicked() {
                    wanted.push(Wanted::Do(Intent::Activity));
                }
            }
        }
    }

    fn stored(
        &mut self,
        ui: &mut Ui,
        library: &LibraryState,
        room: Room,
        actions: &mut Vec<Action>,
        wanted: &mut Vec<Wanted>,
    ) {
        let tokens = theme::tokens(ui);
        let unusable = library.vault.problem.is_some();
        if library.needs_you > 0 {
            let number = self.locale.number(library.needs_you);
            let verb = if library.needs_you == 1 { "needs" } else { "need" };
            let text = if room == Room::Scarce { number.clone() } else { format!("{number} {verb} you — show") };
            let tooltip = format!("{number} {verb} you: show the photos that are not stored");
            let button = Button::quiet(&text).icon(Icon::Warning).colour(tokens.bad).tooltip(&tooltip);
            if button.show(ui).clicked() {
                self.search.set("stored:no", actions);
            }
        }
        let stored = self.locale.number(library.stored);
        let all = library.stored >= library.photos;
        let text = match (room, all) {
            (Room::Scarce, _) => stored,
            (_, true) => format!("{stored} stored"),
            (_, false) => format!("{stored} of {} stored", self.locale.number(library.photos)),
        };
        let (icon, colour, tooltip) = match (unusable, all) {
            (true, _) => (Icon::Warning, tokens.bad, library.vault.problem.as_deref().unwrap_or_default()),
            (false, true) => (Icon::Stored, tokens.good, "Every photo is in the vault. Show the vault"),
            (false, false) => (Icon::Waiting, tokens.text_secondary, "Show the vault"),
        };
        if library.photos > 0 || unusable {
            if Button::quiet(&text).icon(icon).colour(colour).tooltip(tooltip).show(ui).clicked() {
                wanted.push(Wanted::Vault);
            }
        } else if Button::icon_only(Icon::Vault, "Vault").show(ui).clicked() {
            wanted.push(Wanted::Vault);
        }
    }
}

fn running_text(progress: &Progress, others: usize, locale: &Locale, room: Room) -> String {
    let verb = match progress.kind {
        OpKind::Import => "Importing",
        OpKind::Store => "Storing",
        OpKind::OpenStore => "Opening the vault",
        OpKind::Verify => "Verifying",
        OpKind::Restore => "Restoring",
        OpKind::Print => "Printing",
    };
    let amount = match (progress.done, progress.total) {
        (done, 0) => locale.number(done),
        (done, total) => format!("{} of {}", locale.number(done), locale.number(total)),
    };
    let left = progress.seconds_left().filter(|_| room == Room::Plenty);
    let left = left.map(|seconds| format!("  ·  {}", locale.time_left(seconds))).unwrap_or_default();
    let more = if others > 0 { format!("  +{others}") } else { String::new() };
    match room {
        Room::Scarce => amount,
        _ => format!("{verb} {amount}{left}{more}"),
    }
}

/// A thin bar under a button.
fn underline(ui: &Ui, rect: egui::Rect, amount: Option<f32>) {
    let tokens = theme::tokens(ui);
    let line = egui::Rect::from_min_max(egui::pos2(rect.left() + 6.0, rect.bottom() - 3.0), rect.max - vec2(6.0, 1.0));
    ui.painter().rect_filled(line, 1.0, tokens.control_active);
    if let Some(amount) = amount {
        let filled = egui::Rect::from_min_size(line.min, vec2(line.width() * amount.clamp(0.0, 1.0), line.height()));
        ui.painter().rect_filled(filled, 1.0, tokens.accent);
    }
}

/// The line at the bottom: counts on the left, what to press next on the right.
pub fn status_line(ui: &mut Ui, model: &Model<'_>, locale: &Locale, selected: usize, cursor: bool) {
    ui.horizontal_centered(|ui| {
        let found = model.results.seats.len() as u64;
        let all = model.library.value().map(|library| library.photos);
        let count = match all {
            Some(all) if !model.results.query.is_empty() => {
                format!("{} of {}", locale.number(found), locale.count(all, "photo", "photos"))
            }
            _ => locale.count(found, "photo", "photos"),
        };
        ui.label(theme::caption(ui, count));
        if selected > 0 {
            let tokens = theme::tokens(ui);
            let text = format!("{} selected", locale.number(selected as u64));
            ui.label(egui::RichText::new(text).small().color(tokens.accent_text));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let hints: &[(&str, &str)] = match (found, cursor) {
                (0, _) => &[("Ctrl+O", "import")],
                (_, false) => &[("Ctrl+/", "all keys"), ("Ctrl+F", "search")],
                (_, true) => {
                    &[("Ctrl+/", "all keys"), ("T", "tag"), ("P  X", "pick, reject"), ("0–5", "stars"), ("E", "look")]
                }
            };
            for (key, what) in hints {
                if ui.available_width() < 130.0 {
                    break;
                }
                ui.label(theme::caption(ui, *what));
                widgets::small_key(ui, key);
                ui.add_space(space::XS);
            }
        });
    });
}

/// Where the width of the right part is kept from frame to frame.
fn right_id() -> egui::Id {
    egui::Id::unique("top bar right")
}
