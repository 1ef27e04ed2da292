//! Deleting all face data: one question that names what goes, how far it is, and the proof.

use eframe::egui::{self, RichText, Ui};

use super::running;
use crate::protocol::{ForgetReport, PeopleState};
use crate::ui::screens::Context;
use crate::ui::screens::dialog::{Dialog, body, footer};
use crate::ui::theme::{self, space};
use crate::ui::widgets;
use crate::ui::{Action, PeopleDo, Task};

/// The dialog's view state.
#[derive(Debug, Clone, Default)]
pub(super) struct ForgetScreen {
    /// What there was when it was asked: the counts fall while it runs.
    before: Option<Box<PeopleState>>,
}

impl ForgetScreen {
    /// Draws it. False once it is to be closed.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> bool {
        let people = context.model.people;
        if self.before.is_none() {
            self.before = people.state.value().cloned();
        }
        let (title, ended) = match &people.forget {
            Task::None => ("Delete all face data?", false),
            Task::Running(_) => ("Deleting all face data…", false),
            Task::Ended(Ok(report)) if report.proved => ("All face data is deleted", true),
            Task::Ended(_) => ("Face data is not all deleted", true),
        };
        let dialog = Dialog { id: "forget people", title, width: 520.0, tall: false };
        let outcome = dialog.show(ctx, |ui| {
            body(ui, true, |ui| match &people.forget {
                Task::None => self.question(ui, context),
                Task::Running(_) => {
                    running(ui, context);
                    let words = "Closing this window leaves it running.";
                    ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
                }
                Task::Ended(Ok(report)) => proof(ui, report),
                Task::Ended(Err(error)) => {
                    widgets::problem(ui, &error.message, &error.hint);
                }
            });
            footer(ui, |ui| match &people.forget {
                Task::None => {
                    let yes = widgets::danger_button(ui, "Delete all face data").clicked();
                    (yes, widgets::secondary_button(ui, "Cancel").clicked())
                }
                Task::Running(_) => (false, widgets::quiet_button(ui, "Close").clicked()),
                Task::Ended(Ok(report)) if report.proved => (false, widgets::primary_button(ui, "Close").clicked()),
                Task::Ended(_) => {
                    let again = widgets::danger_button(ui, "Go on deleting").clicked();
                    (again, widgets::quiet_button(ui, "Close").clicked())
                }
            })
        });
        let (yes, close) = outcome.inner;
        if yes {
            actions.push(Action::People(PeopleDo::Forget));
            return true;
        }
        // Enter never deletes; once there is nothing to decide, it closes.
        let proved = matches!(&people.forget, Task::Ended(Ok(report)) if report.proved);
        let open = !(close || outcome.dialog.closed || proved && outcome.dialog.confirmed);
        if !open && ended {
            actions.push(Action::People(PeopleDo::ForgetRead));
        }
        open
    }

    fn question(&self, ui: &mut Ui, context: &Context<'_>) {
        let Some(state) = &self.before else { return };
        let locale = context.locale;
        let faces = state.named + state.suggested + state.unknown + state.hidden;
        let words = format!(
            "Here: {}, and the names of {}.",
            locale.count(faces, "face", "faces"),
            locale.count(state.people, "person", "people")
        );
        ui.add(egui::Label::new(words).wrap());
        let at_aws = match (&state.collection, state.at_aws) {
            (Some(collection), count) => {
                format!("At AWS: {} in the collection {collection}.", locale.count(count, "face", "faces"))
            }
            (None, 0) => "At AWS: nothing that is known of here.".to_owned(),
            (None, count) => format!("At AWS: {}.", locale.count(count, "face", "faces")),
        };
        ui.add(egui::Label::new(at_aws).wrap());
        ui.add_space(space::S);
        let words =
            "Boxes drawn by hand go too. No photo and no file is touched. Ctrl+Z does not bring face data back.";
        ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
        if let Some(problem) = state.aws_problem.as_ref().filter(|_| state.at_aws > 0 || state.collection.is_some()) {
            let hint = "What lies at AWS is deleted once that can be asked: delete again then.";
            widgets::problem(ui, problem, hint);
        }
    }
}

/// What was listed and seen.
fn proof(ui: &mut Ui, report: &ForgetReport) {
    if let Some(why) = &report.stopped {
        widgets::problem(ui, why, "What is done is done. Press “Go on deleting” for the rest.");
        ui.add_space(space::S);
    }
    let colour = if report.proved { theme::tokens(ui).good } else { theme::tokens(ui).text_secondary };
    for line in &report.proof {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(if report.proved { "✓" } else { "·" }).color(colour));
            ui.add(egui::Label::new(line).wrap().selectable(true));
        });
    }
}
