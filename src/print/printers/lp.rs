//! The commands `lp`, `lpstat` and `cancel`, where IPP is shut: what they cannot tell is left open.

use std::time::Duration;

use super::commands::{Ran, run};
use super::wire::Stop;
use super::{Document, PrintFault, PrintSystem, Submitted, attributes, plain};
use crate::domain::printers::{Job, JobState, Printer, PrinterState, Ticket, Via};

/// How long a command may take; handing over a large document is copying it.
const LIMIT: Duration = Duration::from_secs(60);
/// Lines that are read, at most.
const MOST_LINES: usize = 500;

/// Printing by commands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lp;

fn said(program: &str, args: &[&str], stop: Stop<'_>) -> Result<String, PrintFault> {
    match run(program, args, LIMIT, stop) {
        Ran::Ended { well: true, out, .. } => Ok(out),
        Ran::Ended { err, .. } => {
            let line = plain(err.lines().next().unwrap_or_default());
            Err(PrintFault::Refused(format!("the print system refused: it says “{line}”")))
        }
        Ran::NotInstalled => Err(PrintFault::Away(format!("the command {program} is not installed"))),
        Ran::Cut(_) if stop() => Err(PrintFault::Cancelled),
        Ran::Cut(_) => Err(PrintFault::Away("the print system does not answer".to_owned())),
    }
}

/// A name that is nothing but a name in an argument.
fn checked(printer: &str) -> Result<&str, PrintFault> {
    let wrong = printer.is_empty()
        || printer.len() > 127
        || printer.starts_with('-')
        || printer.chars().any(|c| c.is_control() || c.is_whitespace() || "/?#\\'\"".contains(c));
    if wrong {
        Err(PrintFault::NotFound(format!("this is no printer's name: {}", plain(printer))))
    } else {
        Ok(printer)
    }
}

/// Whether a value may stand in an option: a keyword, a name of a medium.
fn is_keyword(text: &str) -> bool {
    !text.is_empty() && text.len() <= 127 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The options of a job, each a word of its own after `-o`.
fn options(ticket: &Ticket, size_mm: (f64, f64)) -> Vec<String> {
    let size = super::media::custom_name(size_mm);
    let medium = ticket.medium.as_deref().filter(|key| is_keyword(key)).unwrap_or(&size);
    let mut options = vec!["print-scaling=none".to_owned(), format!("media={medium}")];
    let quality = attributes::QUALITIES.iter().find(|(key, ..)| Some(*key) == ticket.quality.as_deref());
    options.extend(quality.map(|(_, number, _)| format!("print-quality={number}")));
    for (name, wish) in [
        ("media-type", &ticket.kind),
        ("media-source", &ticket.source),
        ("print-color-mode", &ticket.colour_mode),
        ("sides", &ticket.sides),
    ] {
        options.extend(wish.as_deref().filter(|key| is_keyword(key)).map(|key| format!("{name}={key}")));
    }
    options
}

/// `NAME-12` as name and number.
fn name_and_number(id: &str) -> Option<(&str, i32)> {
    let (name, number) = id.rsplit_once('-')?;
    Some((name, number.parse().ok().filter(|number| *number > 0)?))
}

impl PrintSystem for Lp {
    fn list(&self, stop: Stop<'_>) -> Result<Vec<Printer>, PrintFault> {
        let names = said("lpstat", &["-e"], stop)?;
        let default = said("lpstat", &["-d"], stop).unwrap_or_default();
        let default = default.rsplit(':').next().unwrap_or_default().trim().to_owned();
        let mut printers = Vec::new();
        for name in names.lines().take(MOST_LINES).filter(|name| checked(name).is_ok()) {
            let mut printer = self.describe(name, stop)?;
            printer.is_default = default == name;
            printers.push(printer);
        }
        Ok(printers)
    }

    fn describe(&self, printer: &str, stop: Stop<'_>) -> Result<Printer, PrintFault> {
        let state = said("lpstat", &["-p", checked(printer)?], stop)?;
        let accepts = said("lpstat", &["-a", printer], stop).unwrap_or_default();
        let mut described = attributes::printer(printer, Via::Lp, &[]).printer;
        described.state = match &state {
            state if state.contains("disabled") => PrinterState::Stopped,
            state if state.contains("now printing") => PrinterState::Printing,
            _ => PrinterState::Idle,
        };
        described.accepts_jobs = !accepts.contains("not accepting");
        described.takes_pdf = true;
        described.most_copies = 999;
        Ok(described)
    }

    fn submit(
        &self,
        document: Document<'_>,
        ticket: &Ticket,
        sent: &dyn Fn(u64),
        stop: Stop<'_>,
    ) -> Result<Submitted, PrintFault> {
        let printer = checked(&ticket.printer)?;
        let path = std::path::absolute(document.path).unwrap_or_else(|_| document.path.to_owned());
        let shown = || PrintFault::Document(format!("the document cannot be read: {}", path.display()));
        let length = std::fs::metadata(&path).map_err(|_| shown())?.len();
        let name = path.to_str().ok_or_else(shown)?;
        let (title, copies) = (plain(document.title), ticket.copies.clamp(1, 999).to_string());
        let mut args = vec!["-d", printer, "-t", &title, "-n", &copies];
        let options = options(ticket, document.size_mm);
        for option in &options {
            args.extend(["-o", option]);
        }
        args.extend(["--", name]);
        let out = said("lp", &args, stop)?;
        sent(length);
        let id = out.split_whitespace().find_map(|word| name_and_number(word).filter(|(name, _)| *name == printer));
        let number = id
            .map(|(_, number)| number)
            .ok_or_else(|| PrintFault::Refused("the print system took the document and named no job".to_owned()))?;
        let job = Job {
            printer: printer.to_owned(),
            number,
            name: title.clone(),
            state: JobState::Waiting,
            reasons: Vec::new(),
            sheets_done: None,
            created_ms: Some(super::cups::now_ms()),
        };
        let notes = vec!["the print system does not say what the printer can: options went there unchecked".to_owned()];
        Ok(Submitted { job, notes })
    }

    fn jobs(&self, all: bool, stop: Stop<'_>) -> Result<Vec<Job>, PrintFault> {
        let list = |which: &str, state: JobState| -> Result<Vec<Job>, PrintFault> {
            let text = said("lpstat", &["-W", which, "-o"], stop)?;
            let ids = text.lines().take(MOST_LINES).filter_map(|line| line.split_whitespace().next());
            let jobs = ids.filter_map(name_and_number).map(|(name, number)| Job {
                printer: plain(name),
                number,
                name: String::new(),
                state,
                reasons: Vec::new(),
                sheets_done: None,
                created_ms: None,
            });
            Ok(jobs.collect())
        };
        let mut jobs = list("not-completed", JobState::Waiting)?;
        if all {
            jobs.extend(list("completed", JobState::Done)?);
        }
        jobs.sort_by_key(|job| std::cmp::Reverse(job.number));
        Ok(jobs)
    }

    fn job(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<Job, PrintFault> {
        let jobs = self.jobs(true, stop)?;
        let found = jobs.into_iter().find(|job| job.printer == printer && job.number == number);
        found.ok_or_else(|| PrintFault::NotFound(format!("the printer has no such job: {}:{number}", plain(printer))))
    }

    fn cancel(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<(), PrintFault> {
        said("cancel", &[&format!("{}-{number}", checked(printer)?)], stop).map(drop)
    }

    fn reprint(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<Job, PrintFault> {
        said("lp", &["-i", &format!("{}-{number}", checked(printer)?), "-H", "restart"], stop)?;
        self.job(printer, number, stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_a_ticket_becomes_another_argument() {
        let ticket = Ticket {
            medium: Some("iso_a4_210x297mm -o x".into()),
            kind: Some("photographic-glossy".into()),
            source: Some("$(reboot)".into()),
            quality: Some("high".into()),
            ..Ticket::default()
        };
        assert_eq!(
            options(&ticket, (100.0, 150.0)),
            [
                "print-scaling=none",
                "media=custom_100x150mm_100x150mm",
                "print-quality=5",
                "media-type=photographic-glossy"
            ]
        );
        for wrong in ["", "-h", "a b", "a/b", "a\nb", "a;'b"] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
        assert_eq!(name_and_number("My-Printer-12"), Some(("My-Printer", 12)));
        assert_eq!(name_and_number("My-Printer-x"), None);
    }
}
