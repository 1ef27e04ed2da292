//! Stores: where the photos are kept, what was sent in which batch, whether it is still what it was, and what it costs.

mod batches;
mod checks;
mod cost;
mod line;
mod overview;

use eframe::egui::{self, Ui};

use super::Context;
use super::dialog::{Dialog, FOOT, Shown, body, footer};
use crate::domain::account::Place;
use crate::protocol::{LibraryState, OpKind, Progress};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Button, PathField};
use crate::ui::words::stores;
use crate::ui::{Action, Activity, ActivityState, KeepAsk, Loadable};

/// What of the stores is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Tab {
    #[default]
    Stores,
    Batches,
    Checks,
    Cost,
}

const TABS: [(Tab, &str); 4] =
    [(Tab::Stores, "Stores"), (Tab::Batches, "Batches"), (Tab::Checks, "Checks"), (Tab::Cost, "Cost")];

/// The dialog's view state.
#[derive(Debug, Clone, Default)]
pub struct StoresScreen {
    tab: Tab,
    asked: Option<Tab>,
    typed: PathField,
    typing: bool,
    line: line::Line,
    batches: batches::Batches,
    checks: checks::Checks,
}

impl StoresScreen {
    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        self.ask(actions);
        let dialog = Dialog { id: "stores", title: "Stores", width: 640.0, tall: true };
        let mut photos = None;
        let outcome = dialog.show(ctx, |ui| {
            self.tabs(ui);
            // The foot stays at the bottom, whatever a tab holds.
            let room = (ui.available_height() - FOOT - ui.spacing().item_spacing.y - 6.0).max(0.0);
            body(ui, true, |ui| {
                ui.set_min_height(room);
                match (context.model.library.value(), context.model.library) {
                    (Some(library), _) => match self.tab {
                        Tab::Stores => photos = self.overview(ui, library, context, actions),
                        Tab::Batches => self.batches.show(ui, context, actions),
                        Tab::Checks => self.checks.show(ui, library, context, actions),
                        Tab::Cost => cost::show(ui, library, context, actions),
                    },
                    (None, Loadable::Failed { error, .. }) => {
                        widgets::problem(ui, error, "");
                    }
                    (None, _) => {
                        ui.label(theme::secondary(ui, "Looking at the stores…"));
                    }
                }
            });
            footer(ui, |ui| {
                let done = widgets::primary_button(ui, "Done").clicked();
                // Whoever does already finds it in the bar.
                let only_here = context.model.account.place == Place::ThisComputer;
                (done, only_here && widgets::quiet_button(ui, "Store elsewhere too…").clicked())
            })
        });
        match (outcome.inner, &outcome.dialog) {
            _ if photos.is_some() => photos.map_or(Shown::Closed, Shown::ToPhotos),
            ((_, true), _) => Shown::ToAccount,
            ((done, _), dialog) if done || dialog.closed || dialog.confirmed => Shown::Closed,
            _ => Shown::Open,
        }
    }

    fn tabs(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            for (tab, name) in TABS {
                if Button::quiet(name).selected(tab == self.tab).show(ui).clicked() {
                    self.tab = tab;
                }
            }
        });
        ui.add_space(space::XS);
    }

    /// Asks for what a tab shows whenever it is opened: it may have changed since.
    fn ask(&mut self, actions: &mut Vec<Action>) {
        if self.asked == Some(self.tab) {
            return;
        }
        self.asked = Some(self.tab);
        match self.tab {
            Tab::Stores => {}
            Tab::Batches => actions.push(Action::Keep(KeepAsk::Batches)),
            Tab::Checks => actions.push(Action::Keep(KeepAsk::Reports)),
            Tab::Cost => actions.push(Action::Keep(KeepAsk::Cost)),
        }
    }
}

/// Whether nothing at all can be reached.
fn all_away(library: &LibraryState) -> bool {
    stores(library).iter().all(|store| store.problem.is_some())
}

/// What runs of this kind, newest first.
fn running(activities: &[Activity], kind: OpKind) -> impl Iterator<Item = (&Activity, &Progress)> {
    activities.iter().filter_map(move |activity| match &activity.state {
        ActivityState::Running(progress) | ActivityState::Stopping(progress) if progress.kind == kind => {
            Some((activity, progress))
        }
        _ => None,
    })
}
