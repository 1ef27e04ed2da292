//! What printers and jobs say of themselves: checked, bounded, and in the words of people.

use std::collections::BTreeSet;

use super::codec::{Attribute, Value, find};
use super::media::{Media, keyword};
use super::{plain, words};
use crate::domain::printers::{Choice, Job, JobState, Printer, PrinterState, Via};

/// Choices of one kind, at most.
const MOST_CHOICES: usize = 200;
/// Reasons that are shown, at most.
const MOST_REASONS: usize = 10;

/// What a printer can, beyond what people choose from.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// For people.
    pub printer: Printer,
    /// Its media, with their own sizes.
    pub media: Media,
    /// Members of `media-col` that it takes.
    pub media_col: BTreeSet<String>,
    /// Whether it can be told to scale nothing.
    pub scaling_none: bool,
    /// Its operations.
    pub operations: BTreeSet<i32>,
}

/// One text.
pub fn text(attributes: &[Attribute], name: &str) -> String {
    match find(attributes, name).first() {
        Some(Value::Text(_, text)) => plain(text),
        _ => String::new(),
    }
}

/// One number.
pub fn number(attributes: &[Attribute], name: &str) -> Option<i32> {
    match find(attributes, name).first()? {
        Value::Integer(number) | Value::Enum(number) => Some(*number),
        _ => None,
    }
}

fn keywords<'a>(attributes: &'a [Attribute], name: &str) -> impl Iterator<Item = &'a str> {
    find(attributes, name).iter().filter_map(keyword)
}

fn choices(attributes: &[Attribute], name: &str, label: fn(&str) -> String) -> Vec<Choice> {
    let mut found: Vec<Choice> = Vec::new();
    for key in keywords(attributes, name).take(MOST_CHOICES) {
        if !found.iter().any(|choice| choice.key == key) {
            found.push(Choice { key: key.to_owned(), label: label(key) });
        }
    }
    found
}

fn reasons(attributes: &[Attribute], name: &str, words: fn(&str) -> Option<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for reason in keywords(attributes, name).take(MOST_CHOICES).filter_map(words) {
        if found.len() < MOST_REASONS && !found.contains(&reason) {
            found.push(reason);
        }
    }
    found
}

/// The names of `print-quality` and their numbers.
pub const QUALITIES: [(&str, i32, &str); 3] = [("draft", 3, "Draft"), ("normal", 4, "Normal"), ("high", 5, "High")];

/// A printer from its attributes.
#[must_use]
pub fn printer(id: &str, via: Via, attributes: &[Attribute]) -> Described {
    let media = Media::of(attributes);
    let state = match number(attributes, "printer-state") {
        Some(4) => PrinterState::Printing,
        Some(5) => PrinterState::Stopped,
        _ => PrinterState::Idle,
    };
    let listed = find(attributes, "print-quality-supported");
    let qualities = QUALITIES.iter().filter(|(_, number, _)| listed.contains(&Value::Enum(*number)));
    let most_copies = match find(attributes, "copies-supported").first() {
        Some(Value::Range(_, most)) => (*most).clamp(1, 9_999) as u32,
        Some(Value::Integer(most)) => (*most).clamp(1, 9_999) as u32,
        _ => 1,
    };
    let name = [text(attributes, "printer-info"), text(attributes, "printer-dns-sd-name"), plain(id)];
    let mut described = Described {
        printer: Printer {
            id: id.to_owned(),
            name: name.into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
            location: text(attributes, "printer-location"),
            model: text(attributes, "printer-make-and-model"),
            via,
            is_default: false,
            state,
            reasons: reasons(attributes, "printer-state-reasons", words::printer_reason),
            accepts_jobs: find(attributes, "printer-is-accepting-jobs").first() != Some(&Value::Boolean(false)),
            media: media.rows.iter().map(|row| row.medium.clone()).collect(),
            custom: media.custom,
            default_medium: media.default_key(attributes),
            kinds: choices(attributes, "media-type-supported", words::media_type),
            sources: choices(attributes, "media-source-supported", words::media_source),
            qualities: qualities
                .map(|(key, _, label)| Choice { key: (*key).to_owned(), label: (*label).to_owned() })
                .collect(),
            colour_modes: choices(attributes, "print-color-mode-supported", words::colour_mode),
            sides: choices(attributes, "sides-supported", words::sides),
            most_copies,
            takes_pdf: keywords(attributes, "document-format-supported").any(|format| format == "application/pdf"),
        },
        media,
        media_col: keywords(attributes, "media-col-supported").take(MOST_CHOICES).map(str::to_owned).collect(),
        scaling_none: keywords(attributes, "print-scaling-supported").any(|way| way == "none"),
        operations: find(attributes, "operations-supported")
            .iter()
            .filter_map(|value| match value {
                Value::Enum(operation) => Some(*operation),
                _ => None,
            })
            .collect(),
    };
    let message = text(attributes, "printer-state-message");
    if state == PrinterState::Stopped && described.printer.reasons.is_empty() && !message.is_empty() {
        described.printer.reasons.push(format!("the printer says: {message}"));
    }
    described
}

/// A job from its attributes; `None` where it has no number.
#[must_use]
pub fn job(printer: &str, attributes: &[Attribute], now_ms: i64) -> Option<Job> {
    let state = match number(attributes, "job-state") {
        Some(4) => JobState::Held,
        Some(5) => JobState::Printing,
        Some(6) => JobState::Stopped,
        Some(7) => JobState::Cancelled,
        Some(8) => JobState::Failed,
        Some(9) => JobState::Done,
        _ => JobState::Waiting,
    };
    let mut reasons = reasons(attributes, "job-state-reasons", words::job_reason);
    if state == JobState::Failed && reasons.is_empty() {
        let said = text(attributes, "job-state-message");
        reasons.push(if said.is_empty() { "the printer does not say why".to_owned() } else { said });
    }
    let sheets = number(attributes, "job-media-sheets-completed").filter(|sheets| *sheets > 0);
    let sheets = sheets.or_else(|| number(attributes, "job-impressions-completed"));
    Some(Job {
        printer: printer.to_owned(),
        number: number(attributes, "job-id").filter(|number| *number > 0)?,
        name: text(attributes, "job-name"),
        state,
        reasons,
        sheets_done: sheets.and_then(|sheets| u32::try_from(sheets).ok()),
        created_ms: created(attributes, now_ms),
    })
}

/// A printer counts seconds from its own start, CUPS from 1970: both say what they count now.
fn created(attributes: &[Attribute], now_ms: i64) -> Option<i64> {
    if let Some(Value::Date(ms)) = find(attributes, "date-time-at-creation").first() {
        return Some(*ms);
    }
    let ago =
        i64::from(number(attributes, "job-printer-up-time")?) - i64::from(number(attributes, "time-at-creation")?);
    (ago >= 0).then(|| now_ms - ago * 1000)
}
