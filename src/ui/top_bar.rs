//! The bar at the top: import and search first, then how everything stands, then how it looks.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use super::account_button;
use super::grid::CELL_RANGE;
use super::keys::Intent;
use super::locale::Locale;
use super::search_field::SearchField;
use super::theme::{self, space};
use super::widgets::{self, Button, Icon};
use super::words::{VAULT, stores};
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
    /// Whether another time can be looked at.
    pub time: bool,
    /// Whether the page of people is shown.
    pub people: bool,
    /// Whether the panel that narrows a search is open.
    pub facets: bool,
    /// Whether a photo is selected, or in the loupe, that could be printed.
    pub printable: bool,
}

/// What a control in it asks the window for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The same as a key.
    Do(Intent),
    /// The stores.
    Stores,
    /// The photos should have the keyboard.
    Photos,
}

/// How much the bar can show at this width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Room {
    /// Marks only.
    Tiny,
    /// Marks and numbers.
    Scarce,
    Some,
    Plenty,
}

/// The search field is never narrower than this, in points.
const FIELD: f32 = 96.0;
/// Nor than this in the narrowest windows.
const FIELD_TINY: f32 = 64.0;

impl Room {
    /// Letters of the account's text that have room.
    const fn letters(self) -> usize {
        match self {
            Self::Tiny => 0,
            Self::Scarce => 3,
            Self::Some | Self::Plenty => usize::MAX,
        }
    }
}

impl Bar<'_> {
    /// Shows it.
    pub fn show(mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        let width = ui.available_width();
        let room = self.room(ui, model, width);
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
            let field = (ui.available_width() - right - space::L)
                .clamp(if room == Room::Tiny { FIELD_TINY } else { FIELD }, 440.0);
            if self.search.show(ui, field, model, self.locale, actions) {
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

    /// The most that fits beside the search field: what runs and what needs a person take room from the rest.
    fn room(&self, ui: &Ui, model: &Model<'_>, width: f32) -> Room {
        let fits = |room: &Room| self.needed(ui, model, *room) <= width;
        let most = match width {
            0.0..720.0 => Room::Scarce,
            720.0..1080.0 => Room::Some,
            _ => Room::Plenty,
        };
        [Room::Plenty, Room::Some, Room::Scarce]
            .into_iter()
            .filter(|room| *room <= most)
            .find(fits)
            .unwrap_or(Room::Tiny)
    }

    /// How wide the whole bar would be, in points.
    fn needed(&self, ui: &Ui, model: &Model<'_>, room: Room) -> f32 {
        const ICON_BUTTON: f32 = theme::CONTROL_HEIGHT + 2.0;
        const SIZES: f32 = 170.0;
        let font = egui::TextStyle::Button.resolve(ui.style());
        let button = |text: &str| match text {
            "" => ICON_BUTTON,
            text => {
                let galley = ui.painter().layout_no_wrap(text.to_owned(), font.clone(), egui::Color32::PLACEHOLDER);
                galley.size().x + 22.0 + 2.0 * space::M + 2.0
            }
        };
        let icons = if room > Room::Scarce { 7.0 } else { 4.0 };
        let looks = icons * ICON_BUTTON + if room == Room::Plenty { SIZES } else { 0.0 };
        let library = model.library.value();
        let needs =
            library.filter(|library| library.needs_you > 0).map(|library| needs_text(library, self.locale, room));
        let stored = library.map(|library| stored_text(library, self.locale, room)).unwrap_or_default();
        let running = running(model);
        let activity = match running.first() {
            Some(progress) => button(&running_text(progress, running.len() - 1, self.locale, room)),
            None if model.activities.is_empty() => 0.0,
            None => ICON_BUTTON,
        };
        let account = button(&account_button::text(model.account, room.letters()));
        let states = account + needs.map_or(0.0, |text| button(&text)) + button(&stored) + activity;
        button("Import") + FIELD + 2.0 * space::S + space::L + looks + space::S + states
    }

    /// From the right: inspector, browse, help, theme, size.
    fn looks(
        &mut self,
        ui: &mut Ui,
        model: &Model<'_>,
        room: Room,
        actions: &mut Vec<Action>,
        wanted: &mut Vec<Wanted>,
    ) {
        if room > Room::Scarce || self.facets {
            let button = Button::icon_only(Icon::Tag, "Browse: narrow the search (B)");
            if button.selected(self.facets).show(ui).clicked() {
                wanted.push(Wanted::Do(Intent::Facets));
            }
        }
        if room > Room::Tiny && Button::icon_only(Icon::People, "People (O)").selected(self.people).show(ui).clicked() {
            wanted.push(Wanted::Do(Intent::People));
        }
        if Button::icon_only(Icon::Info, "Inspector (I)").selected(self.inspector).show(ui).clicked() {
            wanted.push(Wanted::Do(Intent::Inspector));
        }
        if room > Room::Scarce && Button::icon_only(Icon::Keyboard, "Keyboard help (Ctrl+/)").show(ui).clicked() {
            wanted.push(Wanted::Do(Intent::Help));
        }
        if room > Room::Scarce || self.time {
            let button = Button::icon_only(Icon::Versions, "Back in time, and deleted photos (Ctrl+H)");
            if button.selected(self.time).show(ui).clicked() {
                wanted.push(Wanted::Do(Intent::Time));
            }
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
        if account_button::show(ui, model.account, room.letters()) {
            wanted.push(Wanted::Do(Intent::Account));
        }
        if let Some(library) = model.library.value() {
            self.stored(ui, library, room, actions, wanted);
        }
        let running = running(model);
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
                let name = "Show what is running (Ctrl+J)";
                let button = match text.as_str() {
                    "" => Button::icon_only(Icon::Activity, name),
                    text => Button::quiet(text).icon(Icon::Activity).tooltip(name),
                };
                let response = button.selected(self.activity).show(ui);
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
        let stores = stores(library);
        let away = stores.iter().find_map(|store| store.problem.as_deref());
        let paused = library.keep.paused && stores.iter().any(|store| store.name != VAULT && store.waiting > 0);
        let unusable = away.is_some();
        if library.needs_you > 0 {
            let text = needs_text(library, self.locale, room);
            let words = needs_text(library, self.locale, Room::Plenty).replace(" — show", "");
            let tooltip = format!("{words}: show the photos that are not stored");
            let button = Button::quiet(&text).icon(Icon::Warning).colour(tokens.bad).tooltip(&tooltip);
            if button.show(ui).clicked() {
                self.search.set("stored:no", actions);
            }
        }
        let all = library.stored >= library.photos;
        let text = stored_text(library, self.locale, room);
        let (icon, colour, tooltip) = match (unusable, all) {
            (true, _) => (Icon::Warning, tokens.bad, away.unwrap_or_default()),
            (false, true) => (Icon::Stored, tokens.good, "Every photo is stored. Show the stores"),
            (false, false) if paused => (Icon::Waiting, tokens.text_secondary, "Paused. Show the stores"),
            (false, false) => (Icon::Waiting, tokens.text_secondary, "Show the stores"),
        };
        if text.is_empty() && (library.photos > 0 || unusable) {
            if Button::icon_only(icon, tooltip).colour(colour).show(ui).clicked() {
                wanted.push(Wanted::Stores);
            }
        } else if library.photos > 0 || unusable {
            if Button::quiet(&text).icon(icon).colour(colour).tooltip(tooltip).show(ui).clicked() {
                wanted.push(Wanted::Stores);
            }
        } else if Button::icon_only(Icon::Vault, "Stores").show(ui).clicked() {
            wanted.push(Wanted::Stores);
        }
    }
}

/// What runs, newest first.
fn running<'a>(model: &Model<'a>) -> Vec<&'a Progress> {
    let progress = |activity: &'a super::Activity| match &activity.state {
        ActivityState::Running(progress) | ActivityState::Stopping(progress) => Some(progress),
        ActivityState::Ended(_) => None,
    };
    model.activities.iter().filter_map(progress).collect()
}

fn needs_text(library: &LibraryState, locale: &Locale, room: Room) -> String {
    let number = locale.number(library.needs_you);
    let verb = if library.needs_you == 1 { "needs" } else { "need" };
    if room <= Room::Scarce { number } else { format!("{number} {verb} you — show") }
}

fn stored_text(library: &LibraryState, locale: &Locale, room: Room) -> String {
    let stored = locale.number(library.stored);
    match room {
        Room::Tiny => String::new(),
        Room::Scarce => stored,
        _ if library.stored >= library.photos => format!("{stored} stored"),
        _ => format!("{stored} of {} stored", locale.number(library.photos)),
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
        OpKind::Delete => "Deleting",
        OpKind::Undelete => "Bringing back",
        OpKind::Download => "Downloading",
        OpKind::Ingest => "Copying the card",
        OpKind::Share => "Sharing",
        OpKind::Tag => "Tagging",
        OpKind::Sidecars => "Sidecars",
        OpKind::LookForPeople => "Looking for people",
        OpKind::ForgetPeople => "Deleting face data",
    };
    let amount = match (progress.done, progress.total) {
        (done, 0) => locale.number(done),
        (done, total) => format!("{} of {}", locale.number(done), locale.number(total)),
    };
    let left = progress.seconds_left().filter(|_| room == Room::Plenty);
    let left = left.map(|seconds| format!("  ·  {}", locale.time_left(seconds))).unwrap_or_default();
    let more = if others > 0 { format!("  +{others}") } else { String::new() };
    match room {
        Room::Tiny => String::new(),
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
            Some(all) if !model.results.query.is_empty() && !model.is_elsewhere() => {
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
                _ if model.is_elsewhere() => &[("Ctrl+H", "back to today"), ("Ctrl+/", "all keys")],
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
