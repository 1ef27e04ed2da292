//! The window as a whole: which parts are shown, who has the keyboard, and what each wish becomes.

mod choices;
mod dialogs;
mod empty;
mod painting;
mod people;
mod printing;

use eframe::egui::{self, CentralPanel, EventFilter, Frame, Margin, Panel, Ui};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

use super::brush::Brush;
use super::facets::FacetPanel;
use super::grid::keys::Step;
use super::grid::{self, Grid};
use super::inspector::{self, Inspector};
use super::keys::{self, Focus, Intent};
use super::locale::Locale;
use super::loupe::{Loupe, Next};
use super::menu::{self, Choice};
use super::people::FaceBoxes;
use super::screens::{
    AccountScreen, ActivityPanel, Context, DeleteScreen, HelpScreen, IngestScreen, PeoplePage, PrintView, ShareScreen,
    TaggingScreen, VersionsScreen, WelcomeScreen, trouble,
};
use super::search_field::SearchField;
use super::tags::TagField;
use super::theme::{self, space};
use super::time_bar::{self, TimeBar};
use super::top_bar::{self, Bar};
use super::widgets::PathField;
use super::widgets::path_field::read_paths;
use super::words::has_remote;
use super::{Action, KeepAsk, Loadable, Model, card_banner, drop, toasts};
use crate::domain::{Change, ColourLabel, Seat, Timestamp};
use crate::protocol::Scope;
use dialogs::Dialog;

/// Height of the line at the bottom, in points.
const STATUS: f32 = 30.0;
/// Height of what the page of people has above that, in points.
const PEOPLE_BAR: f32 = 44.0;
/// A window narrower than this, in points, has no room for a side panel.
const SIDE_FROM: f32 = 560.0;

/// What a picker was opened for, where a path can be typed instead.
#[derive(Debug, Clone, Default)]
enum Picking {
    #[default]
    No,
    Import,
    Download(Arc<[Seat]>, Option<Timestamp>),
}

/// What stands on the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Nothing.
    None,
    /// The inspector.
    #[default]
    Inspector,
    /// The activity panel.
    Activity,
    /// What narrows a search.
    Facets,
}

/// What the window remembers from one start to the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewSettings {
    /// Smallest width of a cell, in points.
    pub cell: f32,
    /// What stands on the right.
    pub side: Side,
    /// What the print studio remembers of itself; its jobs are kept by the engine.
    pub print_view: PrintView,
}

impl Default for ViewSettings {
    fn default() -> Self {
        Self { cell: Grid::default().cell, side: Side::default(), print_view: PrintView::default() }
    }
}

/// Everything that the window keeps between frames.
#[derive(Debug, Clone)]
pub struct ViewState {
    locale: Locale,
    home: Option<PathBuf>,
    grid: Grid,
    loupe: Option<Loupe>,
    painting: Option<Brush>,
    search: SearchField,
    inspector: Inspector,
    side: Side,
    activity: ActivityPanel,
    facets: FacetPanel,
    welcome: WelcomeScreen,
    dialog: Dialog,
    print_view: PrintView,
    /// Photos that are to be printed as the last ones were, once that is known.
    print_again: printing::Again,
    time_bar: TimeBar,
    people: PeoplePage,
    /// The page of people is shown in place of the photos.
    people_open: bool,
    boxes: FaceBoxes,
    /// The photo whose faces were asked for last.
    faces_asked: Option<Seat>,
    /// A photo that is to be shown in the loupe, once it is among those found.
    to_reveal: Option<Seat>,
    /// A picker was asked for; where it cannot be opened, a path can be typed.
    picking: Picking,
    /// The account's dialog was closed while an answer was on its way.
    account_unread: bool,
}

impl ViewState {
    /// A window for a person with these conventions; `home` is what `~` means in a typed path.
    #[must_use]
    pub fn new(locale: Locale, home: Option<PathBuf>) -> Self {
        Self {
            locale,
            home,
            grid: Grid::default(),
            loupe: None,
            painting: None,
            search: SearchField::default(),
            inspector: Inspector::default(),
            side: Side::default(),
            activity: ActivityPanel::default(),
            facets: FacetPanel::default(),
            welcome: WelcomeScreen::default(),
            dialog: Dialog::None,
            print_view: PrintView::default(),
            print_again: printing::Again::default(),
            time_bar: TimeBar::default(),
            people: PeoplePage::default(),
            people_open: false,
            boxes: FaceBoxes::default(),
            faces_asked: None,
            to_reveal: None,
            picking: Picking::No,
            account_unread: false,
        }
    }

    /// What is to be remembered.
    #[must_use]
    pub fn settings(&self) -> ViewSettings {
        ViewSettings { cell: self.grid.cell, side: self.side, print_view: self.print_view }
    }

    /// Takes over what was remembered.
    pub fn apply(&mut self, settings: ViewSettings) {
        if settings.cell.is_finite() {
            self.grid.cell = settings.cell.clamp(*grid::CELL_RANGE.start(), *grid::CELL_RANGE.end());
        }
        self.side = settings.side;
        self.print_view = settings.print_view;
    }

    /// How numbers and dates are written.
    #[must_use]
    pub fn locale(&self) -> &Locale {
        &self.locale
    }

    /// The grid, for tests and benches.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Whether the loupe is open.
    #[must_use]
    pub fn loupe_is_open(&self) -> bool {
        self.loupe.is_some()
    }

    /// Draws one frame into all of `ui` and says what was asked for.
    pub fn show(&mut self, ui: &mut Ui, model: &Model<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        theme::apply(ui.ctx(), model.theme);
        // First of all: from here on, positions mean the photos of these results.
        self.grid.follow(model);
        self.picker_answer(model);
        self.reveal(model);
        self.keyboard(ui, model, &mut actions);
        self.follow_print_again(ui.ctx(), model, &mut actions);
        self.top(ui, model, &mut actions);
        self.over_the_photos(ui, model, &mut actions);
        self.status(ui, model);
        self.side(ui, model, &mut actions);
        let frame = Frame::new().fill(theme::tokens(ui).canvas);
        CentralPanel::no_frame().frame(frame).show(ui, |ui| self.centre(ui, model, &mut actions));
        self.dialogs(ui.ctx(), model, &mut actions);
        self.people_after(model, &mut actions);
        let above = STATUS
            + match (&self.loupe, self.people_open) {
                (Some(_), _) => super::loupe::STRIP,
                (None, true) => PEOPLE_BAR,
                (None, false) => 0.0,
            };
        toasts::show(ui.ctx(), model, above, &mut actions);
        drop::show(ui.ctx(), &self.locale, &mut actions);
        if model.is_elsewhere() {
            // What was is not to be changed, whoever asked for it.
            actions.retain(|action| {
                !matches!(action, Action::Edit { .. } | Action::EditAll { .. } | Action::Undo | Action::Redo)
            });
        }
        if actions.contains(&Action::Undo) || actions.iter().any(|action| matches!(action, Action::Edit { .. })) {
            ui.ctx().request_repaint();
        }
        actions
    }

    /// A picker that could not be opened leaves the person with a field to type in.
    fn picker_answer(&mut self, model: &Model<'_>) {
        match (std::mem::take(&mut self.picking), model.picker) {
            (Picking::No, _) => {}
            (picking, Loadable::Pending { .. }) => self.picking = picking,
            (Picking::Import, Loadable::Failed { error, .. }) if matches!(self.dialog, Dialog::None) => {
                self.dialog = Dialog::ImportPath(PathField::focused(), error.clone());
            }
            (Picking::Download(seats, as_of), Loadable::Failed { error, .. })
                if matches!(self.dialog, Dialog::None) =>
            {
                self.dialog = Dialog::DownloadPath(PathField::focused(), error.clone(), seats, as_of);
            }
            _ => {}
        }
    }

    /// Asks for a folder, then brings originals of these photos into it.
    fn download(&mut self, seats: Arc<[Seat]>, as_of: Option<Timestamp>, actions: &mut Vec<Action>) {
        self.picking = Picking::Download(seats.clone(), as_of);
        actions.push(Action::Keep(KeepAsk::PickDownload { seats, as_of }));
    }

    fn keyboard(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        let ctx = ui.ctx().clone();
        let people_busy = self.people_open && self.people.is_busy();
        if !matches!(self.dialog, Dialog::None) || egui::Popup::is_any_open(&ctx) || people_busy {
            return;
        }
        let focused = ctx.memory(egui::Memory::focused);
        // While a box is drawn or named, letters and arrows belong to that.
        let naming = self.loupe.is_some() && self.boxes.is_busy();
        let focus = match focused {
            _ if naming => Focus::Text,
            None => Focus::Photos,
            Some(id) if id == grid::id() => Focus::Photos,
            Some(_) if ctx.text_edit_focused() => Focus::Text,
            Some(_) => Focus::Control,
        };
        let (intents, pasted) =
            keys::take(&ctx, focus, if self.people_open { Intent::is_for_people } else { |_| true });
        for intent in intents {
            self.act(&ctx, intent, model, actions);
        }
        for text in pasted {
            // Text that is no path was not meant for the window.
            if let Ok(paths) = read_paths(&text, self.home.as_deref()) {
                actions.push(Action::Import(paths));
            }
        }
        let photos_shown = !self.people_open && !naming && (!model.results.seats.is_empty() || self.loupe.is_some());
        if photos_shown && focused.is_none() && matches!(self.dialog, Dialog::None) {
            ctx.memory_mut(|memory| memory.request_focus(grid::id()));
        }
        let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };
        ctx.memory_mut(|memory| memory.set_focus_lock_filter(grid::id(), filter));
    }

    /// Does what a key, a menu or a button means.
    fn act(&mut self, ctx: &egui::Context, intent: Intent, model: &Model<'_>, actions: &mut Vec<Action>) {
        if !intent.is_for_people() || intent == Intent::Time {
            self.close_people(actions);
        }
        let seats = &model.results.seats;
        let edit = |change| Action::Edit { seats: self.grid.selection.targets(seats), change };
        let any = self.grid.selection.target_count() > 0 && !seats.is_empty();
        if model.is_elsewhere() && !intent.is_for_any_time() {
            return;
        }
        match intent {
            Intent::Step { step, extend } => self.step(step, extend),
            Intent::Zoom { larger } => match &mut self.loupe {
                Some(loupe) => loupe.zoom_step(ctx, larger),
                None => self.grid.zoom_step(larger),
            },
            Intent::ActualSize => {
                if let Some(loupe) = &mut self.loupe {
                    loupe.toggle_actual_size(Loupe::last_view(ctx));
                }
            }
            Intent::SelectAll if self.loupe.is_none() => self.grid.selection.all(seats.len()),
            Intent::SelectNone if self.loupe.is_none() => self.grid.selection.none(),
            Intent::Rate(rating) if any => actions.push(edit(Change::Rating(rating))),
            Intent::Flag(flag) if any => actions.push(edit(Change::Flag(flag))),
            Intent::Label(label) if any => {
                let card = self.grid.selection.cursor.and_then(|at| model.cards.card(*seats.get(at)?));
                let has_it = card.is_some_and(|card| card.label == label);
                actions.push(edit(Change::Label(if has_it { ColourLabel::None } else { label })));
            }
            Intent::Turn { right } if any => actions.push(edit(Change::Turn(if right { 1 } else { -1 }))),
            Intent::Paint | Intent::TagSet(_) => self.act_with_tags(ctx, intent, model, actions),
            Intent::Open if self.painting.is_some() => self.act_with_tags(ctx, intent, model, actions),
            Intent::Back if self.painting.is_some() => self.end_painting(ctx, actions),
            Intent::Tags if any => {
                let seats = self.grid.selection.targets(seats);
                if let [seat] = *seats {
                    actions.push(Action::ShowDetail(seat));
                }
                self.dialog = Dialog::Tags(TagField::new(seats));
            }
            Intent::Delete if any => {
                self.dialog = Dialog::Delete(DeleteScreen::new(self.grid.selection.targets(seats)));
            }
            Intent::Time => {
                self.close_loupe(actions);
                self.time_bar.toggle(model, actions);
            }
            Intent::Stores => self.dialog = Dialog::Stores(Box::default()),
            Intent::Tagging => {
                let chosen = any.then(|| self.grid.selection.targets(seats)).filter(|seats| !seats.is_empty());
                self.dialog = Dialog::Tagging(Box::new(TaggingScreen::new(chosen)));
            }
            Intent::Remove if any => self.dialog = Dialog::Remove(self.grid.selection.targets(seats)),
            Intent::Print => self.open_studio(model),
            Intent::PrintAgain if any => self.print_again(ctx, model, actions),
            Intent::Undo => actions.push(Action::Undo),
            Intent::Redo => actions.push(Action::Redo),
            Intent::Open => self.toggle_loupe(actions),
            Intent::Back => self.back(model, actions),
            Intent::Help => self.dialog = Dialog::Help(HelpScreen::default()),
            Intent::Import => {
                self.picking = Picking::Import;
                actions.push(Action::PickImportFolders);
            }
            Intent::Account => self.open_account(),
            Intent::Find => self.search.focus(),
            Intent::Inspector => self.toggle_side(Side::Inspector),
            Intent::Activity => self.toggle_side(Side::Activity),
            Intent::Facets => self.toggle_side(Side::Facets),
            Intent::People => self.toggle_people(actions),
            Intent::Faces => self.toggle_boxes(actions),
            Intent::DrawFace => self.draw_face(model),
            _ => {}
        }
    }

    fn open_account(&mut self) {
        let unread = std::mem::take(&mut self.account_unread);
        self.dialog = Dialog::Account(Box::new(AccountScreen::new(unread)));
    }

    fn step(&mut self, step: Step, extend: bool) {
        let (step, extend) = match (&self.loupe, step) {
            // In the loupe there are no rows: up and down are before and after.
            (Some(_), Step::Up | Step::PageUp) => (Step::Left, false),
            (Some(_), Step::Down | Step::PageDown) => (Step::Right, false),
            (Some(_), step) => (step, false),
            (None, step) => (step, extend),
        };
        self.grid.step(step, extend);
    }

    fn toggle_side(&mut self, side: Side) {
        self.side = if self.side == side { Side::None } else { side };
    }

    fn toggle_loupe(&mut self, actions: &mut Vec<Action>) {
        if self.loupe.is_some() {
            self.close_loupe(actions);
            return;
        }
        let before = self.grid.selection.clone();
        self.grid.go_to(before.cursor.unwrap_or(0));
        if self.grid.selection.cursor.is_some() {
            self.loupe = Some(Loupe::open(before));
        }
    }

    fn close_loupe(&mut self, actions: &mut Vec<Action>) {
        if let Some(loupe) = self.loupe.take() {
            if let Some(at) = self.grid.selection.cursor {
                self.grid.go_to(at);
            }
            self.grid.selection = loupe.selection_after(&self.grid.selection);
            actions.extend([Action::ClosePicture, Action::OnPage(Vec::new())]);
        }
    }

    /// One step out of whatever is open.
    fn back(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        if self.people_back(actions) {
            return;
        }
        if self.loupe.is_some() {
            self.close_loupe(actions);
        } else if !self.grid.selection.runs.is_empty() {
            self.grid.selection.none();
        } else if !self.search.text.is_empty() {
            self.search.set("", actions);
        } else if self.time_bar.is_open() {
            self.time_bar.close(model, actions);
        }
    }

    fn top(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        let frame = bar_frame(ui);
        let wanted = Panel::top("top bar")
            .exact_size(top_bar::HEIGHT)
            .resizable(false)
            .frame(frame)
            .show(ui, |ui| {
                let bar = Bar {
                    locale: &self.locale,
                    search: &mut self.search,
                    cell: &mut self.grid.cell,
                    inspector: self.side == Side::Inspector,
                    activity: self.side == Side::Activity,
                    facets: self.side == Side::Facets,
                    time: self.time_bar.is_open(),
                    people: self.people_open,
                    printable: self.grid.selection.target_count() > 0 && !model.is_elsewhere(),
                };
                bar.show(ui, model, actions)
            })
            .inner;
        for wanted in wanted {
            match wanted {
                // The bar has asked for the picker already.
                top_bar::Wanted::Do(Intent::Import) => self.picking = Picking::Import,
                top_bar::Wanted::Do(intent) => self.act(ui.ctx(), intent, model, actions),
                top_bar::Wanted::Stores => self.act(ui.ctx(), Intent::Stores, model, actions),
                top_bar::Wanted::Photos => {
                    if self.grid.selection.cursor.is_none() {
                        self.grid.go_to(0);
                    }
                    ui.memory_mut(|memory| memory.request_focus(grid::id()));
                }
            }
        }
    }

    /// The lines between the bar and the photos: a card that was put in, and another time.
    fn over_the_photos(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        self.painting_bar(ui, model, actions);
        if card_banner::is_needed(model) {
            let frame = Frame::new()
                .fill(theme::tokens(ui).raised)
                .inner_margin(Margin::symmetric(space::L as i8, space::XS as i8));
            let panel = Panel::top("card banner").resizable(false).frame(frame);
            if let Some(card) = panel.show(ui, |ui| card_banner::show(ui, model, &self.locale, actions)).inner {
                self.dialog = Dialog::Ingest(Box::new(IngestScreen::new(card)));
            }
        }
        if !self.time_bar.is_open() || self.loupe.is_some() || self.people_open {
            return;
        }
        let selection = &self.grid.selection;
        let selected: Arc<[Seat]> =
            if selection.runs.is_empty() { Arc::from([]) } else { selection.targets(&model.results.seats) };
        let panel = Panel::top("time bar").resizable(false).frame(bar_frame(ui));
        let wanted = panel.show(ui, |ui| self.time_bar.show(ui, model, &self.locale, &selected, actions)).inner;
        if let Some(time_bar::Wanted::Download(seats, as_of)) = wanted {
            self.download(seats, as_of, actions);
        }
    }

    fn status(&mut self, ui: &mut Ui, model: &Model<'_>) {
        let selection = &self.grid.selection;
        Panel::bottom("status line").exact_size(STATUS).resizable(false).frame(bar_frame(ui)).show(ui, |ui| {
            if self.people_open {
                return people::status_line(ui, model, &self.locale);
            }
            top_bar::status_line(ui, model, &self.locale, selection.runs.len(), selection.cursor.is_some());
        });
    }

    fn side(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        if ui.available_width() < SIDE_FROM
            || self.side == Side::None
            || self.people_open && self.side != Side::Activity
            || (matches!(self.side, Side::Inspector | Side::Facets) && self.is_welcome(model))
        {
            return;
        }
        let frame = Frame::new().fill(theme::tokens(ui).panel).inner_margin(Margin::same(space::L as i8));
        let most = (ui.available_width() * 0.5).max(220.0);
        let mut wanted = None;
        Panel::right("side panel")
            .resizable(true)
            .default_size(312.0)
            .size_range(220.0..=most.min(520.0))
            .frame(frame)
            .show(ui, |ui| match self.side {
                Side::Activity => {
                    let context = Context { model, locale: &self.locale, home: self.home.as_deref() };
                    self.activity.show(ui, &context, actions);
                }
                Side::Facets => self.facets.show(ui, model, &self.locale, &mut self.search, actions),
                _ => wanted = self.inspector.show(ui, model, &self.locale, &self.grid, actions),
            });
        match wanted {
            Some(inspector::Wanted::Do(intent)) => self.act(ui.ctx(), intent, model, actions),
            Some(inspector::Wanted::Versions(seat)) => self.dialog = Dialog::Versions(VersionsScreen::new(seat)),
            Some(inspector::Wanted::People(wanted)) => self.inspected(wanted, actions),
            None => {}
        }
    }

    /// Whether there is nothing yet, so that the first step is shown.
    fn is_welcome(&self, model: &Model<'_>) -> bool {
        let empty = model.library.value().is_some_and(|library| library.photos == 0);
        empty
            && !self.time_bar.is_open()
            && model.results.seats.is_empty()
            && model.arriving.is_empty()
            && self.search.text.is_empty()
    }

    fn centre(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        if let Some(loupe) = &mut self.loupe {
            match loupe.show(ui, model, &self.locale, &self.grid, &mut self.boxes, actions) {
                Next::Stay => {}
                Next::Close => self.close_loupe(actions),
                Next::Step(step) => self.grid.step(step, false),
                Next::Do(intent) => self.act(ui.ctx(), intent, model, actions),
            }
            return;
        }
        if let Some(error) = model.trouble {
            trouble::show(ui, error, actions);
            return;
        }
        if self.people_open {
            return self.people_page(ui, model, actions);
        }
        if self.is_welcome(model) {
            let context = Context { model, locale: &self.locale, home: self.home.as_deref() };
            if self.welcome.show(ui, &context, actions) {
                self.dialog = Dialog::Account(Box::new(AccountScreen::new(false).looking_at_aws()));
            }
            return;
        }
        if model.results.seats.is_empty() && model.arriving.is_empty() {
            if !model.results.query.is_empty() {
                self.nothing_found(ui, model, actions);
                return;
            }
            if model.results.scope != Scope::Library {
                empty::nothing_then(ui, model);
                return;
            }
        }
        let (response, opened) = self.grid.show(ui, model, &self.locale, actions);
        self.painted(actions);
        let about = menu::About {
            single: self.grid.selection.target_count() == 1,
            scope: model.results.scope,
            remote: model.library.value().is_some_and(has_remote),
        };
        if self.grid.selection.target_count() > 0
            && let Some(choice) = menu::show(&response, about)
        {
            self.choose(ui.ctx(), choice, model, actions);
        }
        if let Some(at) = opened {
            self.grid.go_to(at);
            self.toggle_loupe(actions);
        }
    }
}

fn bar_frame(ui: &Ui) -> Frame {
    Frame::new().fill(theme::tokens(ui).panel).inner_margin(Margin::symmetric(space::L as i8, 0))
}
