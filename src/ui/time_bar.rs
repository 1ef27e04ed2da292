//! Another time over the photos: the library as it was on a day, and the photos that were deleted.

use std::sync::Arc;

use eframe::egui::{self, Align, Layout, Rect, Ui, pos2};

use super::locale::Locale;
use super::theme::{self, space};
use super::widgets::{self, Button, Icon};
use super::{Action, KeepAsk, Loadable, Model};
use crate::domain::{Seat, Timestamp};
use crate::protocol::Scope;

/// Narrowest slider, in points.
const NARROWEST: f32 = 120.0;
/// Height of the marks below the slider, in points.
const MARKS: f32 = 7.0;

/// Whether the bar is open, and which day it stands at.
#[derive(Debug, Clone, Default)]
pub struct TimeBar {
    open: bool,
    asked: bool,
    /// Days since 1970; `None` is today.
    day: Option<i32>,
}

/// What is asked of the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// A folder for originals of these photos, at this moment.
    Download(Arc<[Seat]>, Option<Timestamp>),
}

impl TimeBar {
    /// Whether it stands over the photos.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Opens it at today, or closes it and shows the library of now.
    pub fn toggle(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        if self.open {
            self.close(model, actions);
        } else {
            *self = Self { open: true, asked: false, day: None };
        }
    }

    /// Back to today.
    pub fn close(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        *self = Self::default();
        look(model, Scope::Library, actions);
    }

    /// Draws it into the room there is; `selected` are the photos that a button would be for.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        model: &Model<'_>,
        locale: &Locale,
        selected: &Arc<[Seat]>,
        actions: &mut Vec<Action>,
    ) -> Option<Wanted> {
        if !std::mem::replace(&mut self.asked, true) {
            actions.push(Action::Keep(KeepAsk::History));
        }
        let mut wanted = None;
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.add_space(space::XS);
        let deleted = model.keeping.scope == Scope::Deleted;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            if Button::quiet("As of a day").icon(Icon::Versions).selected(!deleted).show(ui).clicked() && deleted {
                self.day = None;
                look(model, Scope::Library, actions);
            }
            if Button::quiet("Deleted").icon(Icon::Remove).selected(deleted).show(ui).clicked() {
                look(model, Scope::Deleted, actions);
            }
            ui.add_space(space::S);
            let label = ui.label(theme::semibold(self.words(model, locale)));
            label.ctx.accesskit_node_builder(label.id, |node| node.set_live(egui::accesskit::Live::Polite));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let words = if model.keeping.scope == Scope::Library { "Close" } else { "Back to today" };
                if Button::secondary(words).tooltip("Esc").show(ui).clicked() {
                    self.close(model, actions);
                }
                wanted = buttons(ui, model, locale, selected, actions);
            });
        });
        if !deleted {
            self.slider(ui, model, locale, actions);
        }
        ui.add_space(space::XS);
        wanted
    }

    /// `Library as of 3 March 2026 · 1,204 photos`.
    fn words(&self, model: &Model<'_>, locale: &Locale) -> String {
        let found = locale.count(model.results.seats.len() as u64, "photo", "photos");
        let waits = model.results.scope != model.keeping.scope || !model.results.complete;
        let count = if waits { "…".to_owned() } else { found };
        match model.keeping.scope {
            Scope::Library => format!("Library of today  ·  {count}"),
            Scope::Deleted if waits => "Deleted photos  ·  …".to_owned(),
            Scope::Deleted => format!("{count} deleted"),
            Scope::AsOf(moment) => {
                format!("Library as of {}  ·  {count}", locale.day_in_full(locale.day_of(moment)))
            }
        }
    }

    fn slider(&mut self, ui: &mut Ui, model: &Model<'_>, locale: &Locale, actions: &mut Vec<Action>) {
        let today = locale.day_of(Timestamp(model.clock.now_ms));
        let history = &model.keeping.history;
        let days = match (history.value(), history) {
            (Some(days), _) => days,
            (None, Loadable::Failed { error, .. }) => {
                widgets::problem(ui, error, "");
                return;
            }
            (None, _) => {
                ui.label(theme::secondary(ui, "Looking back…"));
                return;
            }
        };
        let first = days.iter().map(|(moment, _)| locale.day_of(*moment)).min().filter(|first| *first < today);
        let Some(first) = first else {
            let words = "Nothing was stored before today, so there is no earlier library to show.";
            ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
            return;
        };
        // The day before the first shows that there was nothing.
        let first = first - 1;
        let mut day = self.day.unwrap_or(today).clamp(first, today);
        let (from, to) = (locale.day(first), "Today".to_owned());
        ui.horizontal(|ui| {
            ui.label(theme::caption(ui, &from));
            let font = egui::TextStyle::Small.resolve(ui.style());
            let text = ui.painter().layout_no_wrap(to.clone(), font, egui::Color32::PLACEHOLDER).size().x;
            ui.spacing_mut().slider_width = (ui.available_width() - text - 2.0 * space::S).max(NARROWEST);
            ui.spacing_mut().interact_size.y = 18.0;
            // How far the library goes back is read from the filled part.
            ui.visuals_mut().selection.bg_fill = theme::tokens(ui).accent;
            let slider = egui::Slider::new(&mut day, first..=today).step_by(1.0).show_value(false);
            let response = ui.add(slider).accessible_name("Day").on_hover_text("← and → go a day back or on");
            let shown = locale.day_in_full(day);
            response.ctx.accesskit_node_builder(response.id, |node| node.set_value(shown.as_str()));
            marks(ui, response.rect, days, (first, today), locale);
            // A tap that begins and ends within one frame is no drag.
            let tap = ui.input(|input| input.pointer.primary_clicked().then(|| input.pointer.interact_pos()).flatten());
            let tapped = tap.filter(|at| response.hovered() && response.rect.contains(*at));
            if let Some(at) = tapped {
                let inner = response.rect.x_range().shrink(response.rect.height() / 2.5);
                let part = ((at.x - inner.min) / inner.span().max(1.0)).clamp(0.0, 1.0);
                day = first + (part * (today - first) as f32).round() as i32;
            }
            let moved = response.changed() || tapped.is_some();
            if moved {
                // From here on the arrows go day by day.
                response.request_focus();
            }
            if moved && self.day.unwrap_or(today) != day {
                self.day = (day < today).then_some(day);
                let scope = if day < today { Scope::AsOf(locale.end_of_day(day)) } else { Scope::Library };
                look(model, scope, actions);
            }
            ui.label(theme::caption(ui, &to));
        });
        ui.add_space(MARKS);
    }
}

fn look(model: &Model<'_>, scope: Scope, actions: &mut Vec<Action>) {
    if model.keeping.scope != scope {
        actions.push(Action::Keep(KeepAsk::Look(scope)));
    }
}

/// What can be done with photos of another time.
fn buttons(
    ui: &mut Ui,
    model: &Model<'_>,
    locale: &Locale,
    selected: &Arc<[Seat]>,
    actions: &mut Vec<Action>,
) -> Option<Wanted> {
    // Photos of another moment than the one that is asked for are on the screen until the answer is here.
    let settled = model.results.scope == model.keeping.scope && !model.results.seats.is_empty();
    let seats = if selected.len() > 1 { selected } else { &model.results.seats };
    let count = locale.count(seats.len() as u64, "photo", "photos");
    match model.keeping.scope {
        Scope::Library => None,
        Scope::AsOf(moment) => {
            let text = if selected.len() > 1 {
                format!("Bring {count} into a folder…")
            } else {
                "Bring these into a folder…".to_owned()
            };
            let clicked = Button::secondary(&text).icon(Icon::Folder).enabled(settled).show(ui).clicked();
            clicked.then(|| Wanted::Download(seats.clone(), Some(moment)))
        }
        Scope::Deleted => {
            let text =
                if selected.len() > 1 { format!("Bring back {count}") } else { format!("Bring back all {count}") };
            if Button::secondary(&text).icon(Icon::Undo).enabled(settled).show(ui).clicked() {
                actions.push(Action::Keep(KeepAsk::Undelete(seats.clone())));
            }
            None
        }
    }
}

/// A mark for each day on which something was stored; no two in one place.
fn marks(ui: &Ui, rect: Rect, days: &[(Timestamp, u64)], (first, last): (i32, i32), locale: &Locale) {
    let tokens = theme::tokens(ui);
    // Where the handle's middle goes, as egui has it.
    let inner = rect.x_range().shrink(rect.height() / 2.5);
    let mut before = f32::NEG_INFINITY;
    for (moment, _) in days {
        let part = (locale.day_of(*moment) - first) as f32 / (last - first).max(1) as f32;
        let x = (inner.min + part * inner.span()).round();
        if x > before && part <= 1.0 {
            before = x;
            let mark = Rect::from_min_max(pos2(x - 1.0, rect.bottom() + 1.0), pos2(x + 1.0, rect.bottom() + MARKS));
            ui.painter().rect_filled(mark, 1.0, tokens.outline);
        }
    }
}
