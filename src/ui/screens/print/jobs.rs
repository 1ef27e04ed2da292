//! Jobs on printers: how they stand, and what can be done about them.

use eframe::egui::{self, Ui};

use super::super::Context;
use super::fields;
use crate::domain::printers::{Job, JobState};
use crate::protocol::PrintAsk;
use crate::ui::theme;
use crate::ui::widgets::Button;
use crate::ui::{Action, Loadable};

/// Jobs shown at most; older ones are the print server's to know.
const MOST: usize = 20;

/// Draws the list.
pub(super) fn show(ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) {
    fields::section(ui, "Jobs");
    let jobs = context.model.printing.jobs.value().map_or(&[][..], Vec::as_slice);
    if jobs.is_empty() {
        let words = match &context.model.printing.jobs {
            Loadable::Failed { error, .. } => super::sentence(error),
            Loadable::Pending { .. } => "Asking the printers…".to_owned(),
            _ => "Nothing waits, and nothing was printed yet.".to_owned(),
        };
        fields::note(ui, &words);
    }
    for job in jobs.iter().take(MOST) {
        ui.push_id((&job.printer, job.number), |ui| one(ui, job, context, actions));
    }
}

fn one(ui: &mut Ui, job: &Job, context: &Context<'_>, actions: &mut Vec<Action>) {
    let tokens = theme::tokens(ui);
    let (colour, state) = match job.state {
        JobState::Waiting => (tokens.text_secondary, "Waiting"),
        JobState::Held => (tokens.warn, "Held"),
        JobState::Printing => (tokens.text, "Printing"),
        JobState::Stopped => (tokens.bad, "Stopped"),
        JobState::Cancelled => (tokens.text_secondary, "Cancelled"),
        JobState::Failed => (tokens.bad, "Failed"),
        JobState::Done => (tokens.good, "Printed"),
    };
    let known = context.model.printing.printers.value();
    let printer = known.and_then(|printers| printers.iter().find(|printer| printer.id == job.printer));
    let printer = printer.map_or(job.printer.as_str(), |printer| printer.name.as_str());
    let name = format!("{} · {printer} {}", job.name, job.number);
    ui.add(egui::Label::new(&name).truncate()).on_hover_text(&name);
    let mut words = state.to_owned();
    if let Some(sheets) = job.sheets_done.filter(|sheets| *sheets > 0) {
        words = format!("{words}, {}", context.locale.count(u64::from(sheets), "sheet", "sheets"));
    }
    if !job.reasons.is_empty() {
        words = format!("{words}: {}", job.reasons.join(", "));
    }
    ui.add(egui::Label::new(egui::RichText::new(words).small().color(colour)).wrap());
    let (what, ask) = if job.state.is_over() {
        ("Print again", PrintAsk::Reprint { printer: job.printer.clone(), number: job.number })
    } else {
        ("Cancel", PrintAsk::Cancel { printer: job.printer.clone(), number: job.number })
    };
    let response = Button::quiet(what).small().show(ui);
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(format!("{what} job {}", job.number)));
    if response.clicked() {
        actions.push(Action::Printing(ask));
    }
}
