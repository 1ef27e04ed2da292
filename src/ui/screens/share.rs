//! A link to a page with some photos: how long it lasts is said before anything is copied.

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::Context;
use super::dialog::{Dialog, Shown, body, footer};
use super::outcome::{part_done, progress_words};
use crate::domain::Seat;
use crate::protocol::{OpId, ShareOrder, ShareReport};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Amount, Button};
use crate::ui::{Action, ActivityState, KeepAsk, Loadable, Task};

/// Lives that can be chosen where the store allows them, in seconds.
const LIVES: [u64; 3] = [3_600, 86_400, 7 * 86_400];

/// The dialog's view state.
#[derive(Debug, Clone)]
pub struct ShareScreen {
    seats: Arc<[Seat]>,
    originals: bool,
    /// Seconds that were chosen; `None` is as long as the store allows.
    lasts_s: Option<u64>,
    asked: bool,
    copied: bool,
}

/// What was pressed.
#[derive(Default)]
struct Pressed {
    share: bool,
    close: bool,
}

impl ShareScreen {
    /// For these photos.
    #[must_use]
    pub fn new(seats: Arc<[Seat]>) -> Self {
        Self { seats, originals: false, lasts_s: None, asked: false, copied: false }
    }

    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        let first = !std::mem::replace(&mut self.asked, true);
        let share = &context.model.keeping.share;
        if first && !matches!(share, Task::Running(_)) {
            actions.extend([Action::Keep(KeepAsk::ShareRead), Action::Keep(KeepAsk::Offer)]);
        }
        let photos = context.locale.count(self.seats.len() as u64, "photo", "photos");
        // What is on its way may be of other photos.
        let title = match share {
            Task::None => format!("Share a link to {photos}"),
            Task::Running(_) | Task::Ended(_) => "Share a link".to_owned(),
        };
        let dialog = Dialog { id: "share", title: &title, width: 520.0, tall: false };
        let outcome = dialog.show(ctx, |ui| match share {
            Task::Running(op) => running(ui, *op, context, actions),
            // What ended before this dialog was opened belongs to other photos.
            Task::Ended(outcome) if !first => match outcome {
                Ok(report) => self.link(ui, report, context, actions),
                Err(error) => {
                    body(ui, true, |ui| widgets::problem(ui, &error.message, &error.hint));
                    footer(ui, |ui| Pressed { close: widgets::primary_button(ui, "Done").clicked(), share: false })
                }
            },
            Task::None | Task::Ended(_) => self.form(ui, context),
        });
        if outcome.inner.share
            && let Loadable::Ready((longest_s, _)) = context.model.keeping.offer
        {
            let lasts_s = self.lasts_s.unwrap_or(longest_s).min(longest_s);
            let order = ShareOrder { seats: self.seats.clone(), originals: self.originals, lasts_s };
            actions.push(Action::Keep(KeepAsk::Share(order)));
        }
        let closed = outcome.inner.close || outcome.dialog.closed;
        if closed {
            actions.push(Action::Keep(KeepAsk::ShareRead));
        }
        if closed { Shown::Closed } else { Shown::Open }
    }

    fn form(&mut self, ui: &mut Ui, context: &Context<'_>) -> Pressed {
        let locale = context.locale;
        let offer = &context.model.keeping.offer;
        body(ui, true, |ui| {
            let words = "Whoever has the link sees these photos on a small page, without signing in.";
            ui.add(egui::Label::new(words).wrap());
            ui.add_space(space::XS);
            match offer {
                Loadable::Ready((longest_s, why)) => {
                    let lasts_s = self.lasts_s.unwrap_or(*longest_s).min(*longest_s);
                    let life = format!("The link ends {} after it was made.", locale.duration(lasts_s));
                    ui.label(theme::semibold(life));
                    ui.add(egui::Label::new(theme::secondary(ui, why)).wrap());
                    self.lives(ui, *longest_s, context);
                    ui.add_space(space::XS);
                    ui.checkbox(&mut self.originals, "The originals too");
                    let words = if self.originals {
                        "Originals carry everything that the camera wrote, such as the place."
                    } else {
                        "Copies of 2,048 pixels, without metadata."
                    };
                    ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
                }
                Loadable::Failed { error, .. } => {
                    widgets::problem(ui, error, "");
                }
                Loadable::NotAsked | Loadable::Pending { .. } => {
                    ui.label(theme::secondary(ui, "Asking the store how long a link can last…"));
                }
            }
        });
        let possible = matches!(offer, Loadable::Ready(_));
        footer(ui, |ui| Pressed {
            share: Button::primary("Share").enabled(possible).show(ui).clicked(),
            close: widgets::secondary_button(ui, "Cancel").clicked(),
        })
    }

    /// Shorter lives than the longest.
    fn lives(&mut self, ui: &mut Ui, longest_s: u64, context: &Context<'_>) {
        let shorter: Vec<u64> = LIVES.into_iter().filter(|life| *life < longest_s).collect();
        if shorter.is_empty() {
            return;
        }
        ui.horizontal_wrapped(|ui| {
            for life in shorter.into_iter().chain([longest_s]) {
                let on = self.lasts_s.unwrap_or(longest_s).min(longest_s) == life;
                if ui.radio(on, context.locale.duration(life)).clicked() {
                    self.lasts_s = Some(life);
                }
            }
        });
    }

    fn link(&mut self, ui: &mut Ui, report: &ShareReport, context: &Context<'_>, actions: &mut Vec<Action>) -> Pressed {
        let locale = context.locale;
        body(ui, true, |ui| {
            let photos = locale.count(report.photos, "photo", "photos");
            let ends = locale.moment(report.ends_at);
            ui.label(theme::semibold(format!("The link is ready. It ends on {ends}.")));
            let words = format!("{photos}, {} copied. Whoever has the link sees them.", locale.bytes(report.bytes));
            ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
            ui.add_space(space::XS);
            let mut url = report.url.as_str();
            let field =
                egui::TextEdit::singleline(&mut url).desired_width(f32::INFINITY).margin(egui::Margin::symmetric(8, 6));
            let field = ui.add(field);
            field.ctx.accesskit_node_builder(field.id, |node| node.set_label("Link"));
            if !report.failed.is_empty() {
                let count = locale.count(report.failed.len() as u64, "photo is", "photos are");
                widgets::problem(ui, &format!("{count} not on the page"), "Activity says why.");
            }
        });
        footer(ui, |ui| {
            let words = if self.copied { "Copied" } else { "Copy link" };
            if Button::primary(words).show(ui).clicked() {
                self.copied = true;
                actions.push(Action::Copy(report.url.clone()));
            }
            if widgets::secondary_button(ui, "Open in the browser").clicked() {
                actions.push(Action::OpenPage(report.url.clone()));
            }
            Pressed { share: false, close: widgets::secondary_button(ui, "Done").clicked() }
        })
    }
}

/// While it is made.
fn running(ui: &mut Ui, op: OpId, context: &Context<'_>, actions: &mut Vec<Action>) -> Pressed {
    body(ui, true, |ui| at_work(ui, "Making the link", op, context));
    footer(ui, |ui| {
        let close = widgets::primary_button(ui, "Go on in the background").clicked();
        if widgets::secondary_button(ui, "Stop").clicked() {
            actions.push(Action::Cancel(op));
        }
        Pressed { share: false, close }
    })
}

/// A bar with what is known of an operation.
pub(super) fn at_work(ui: &mut Ui, name: &str, op: OpId, context: &Context<'_>) {
    let activity = context.model.activities.iter().find(|activity| activity.op == op);
    let (amount, words) = match activity.map(|activity| &activity.state) {
        Some(ActivityState::Running(progress)) => {
            (part_done(progress).map_or(Amount::Unknown, Amount::Part), progress_words(progress, context.locale))
        }
        Some(ActivityState::Stopping(_)) => (Amount::Unknown, "Stopping…".to_owned()),
        Some(ActivityState::Ended(_)) | None => (Amount::Unknown, "Starting…".to_owned()),
    };
    widgets::bar(ui, name, amount);
    ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
}
