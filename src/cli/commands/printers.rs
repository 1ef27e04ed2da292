//! `printers` and `jobs`: what can be printed on, and what is being printed.

use serde_json::json;

use super::json_of;
use crate::cli::args_printers::{JobsArgs, PrintersArgs};
use crate::cli::output::{Answer, harmless};
use crate::domain::printers::{Choice, Job, JobState, Printer, PrinterState};
use crate::engine::Engine;
use crate::protocol::UserError;

pub(super) async fn printers(engine: &Engine, args: &PrintersArgs) -> Result<Answer, UserError> {
    if let Some(name) = &args.name {
        let printer = engine.printer(name).await?;
        let text = whole(&printer);
        return Ok(Answer::new(json!({ "printers": [json_of(&printer)] }), text));
    }
    let found = engine.printers().await?;
    let text = match found.is_empty() {
        true => "There is no printer: add one in the system's settings, or name one by its address.".to_owned(),
        false => found.iter().map(line).collect::<Vec<_>>().join("\n"),
    };
    Ok(Answer::new(json!({ "printers": found }), text))
}

pub(super) async fn jobs(engine: &Engine, args: &JobsArgs) -> Result<Answer, UserError> {
    let (done, only) = if let Some(job) = &args.cancel {
        engine.cancel_job(&job.printer, job.number).await?;
        (Some("cancelled"), Some(job))
    } else if let Some(job) = &args.reprint {
        engine.reprint(&job.printer, job.number).await?;
        (Some("printed again"), Some(job))
    } else {
        (None, None)
    };
    if let (Some(done), Some(job)) = (done, only) {
        let now = engine.job(&job.printer, job.number).await?;
        let text = format!("{}:{} {done}", harmless(&job.printer, false), job.number);
        return Ok(Answer::new(json!({ "jobs": [json_of(&now)] }), text));
    }
    let found = engine.jobs(args.all).await?;
    let text = match found.is_empty() {
        true => "Nothing is being printed.".to_owned(),
        false => found.iter().map(job_line).collect::<Vec<_>>().join("\n"),
    };
    Ok(Answer::new(json!({ "jobs": found }), text))
}

fn state(printer: &Printer) -> String {
    let state = match printer.state {
        PrinterState::Idle => "ready",
        PrinterState::Printing => "printing",
        PrinterState::Stopped => "stopped",
        PrinterState::Away => "does not answer",
    };
    let mut words = vec![state.to_owned()];
    words.extend(printer.reasons.iter().cloned());
    if !printer.accepts_jobs && printer.state != PrinterState::Away {
        words.push("takes no jobs".to_owned());
    }
    words.join(", ")
}

fn line(printer: &Printer) -> String {
    let star = if printer.is_default { "*" } else { " " };
    harmless(&format!("{star} {}  {}  ({})", printer.id, printer.name, state(printer)), false)
}

fn whole(printer: &Printer) -> String {
    let mut lines = vec![line(printer)];
    for (what, text) in [("Model", &printer.model), ("Place", &printer.location)] {
        if !text.is_empty() {
            lines.push(format!("{what}: {}", harmless(text, false)));
        }
    }
    let choices = [
        ("Types of paper", &printer.kinds),
        ("Trays", &printer.sources),
        ("Quality", &printer.qualities),
        ("Colour", &printer.colour_modes),
        ("Sides", &printer.sides),
    ];
    for (what, list) in choices {
        if !list.is_empty() {
            let shown: Vec<String> = list.iter().map(|Choice { key, label }| format!("{label} ({key})")).collect();
            lines.push(harmless(&format!("{what}: {}", shown.join(", ")), false));
        }
    }
    for medium in &printer.media {
        let edge = medium.margins_mm;
        let edges = match medium.is_borderless() {
            true => "borderless".to_owned(),
            false => format!("edges {:.1} {:.1} {:.1} {:.1} mm", edge.top, edge.right, edge.bottom, edge.left),
        };
        let text = format!("  {}  {}  {edges}", medium.key, medium.label);
        lines.push(harmless(&text, false));
    }
    if let Some(sizes) = printer.custom {
        let (least, most) = (sizes.least_mm, sizes.most_mm);
        lines.push(format!("  any from {:.0}×{:.0} to {:.0}×{:.0} mm", least.0, least.1, most.0, most.1));
    }
    lines.join("\n")
}

fn job_line(job: &Job) -> String {
    let state = match job.state {
        JobState::Waiting => "waits",
        JobState::Held => "held",
        JobState::Printing => "printing",
        JobState::Stopped => "stopped",
        JobState::Cancelled => "cancelled",
        JobState::Failed => "failed",
        JobState::Done => "printed",
    };
    let mut words = vec![state.to_owned()];
    words.extend(job.reasons.iter().cloned());
    harmless(&format!("{}:{}  {}  ({})", job.printer, job.number, job.name, words.join(", ")), false)
}
