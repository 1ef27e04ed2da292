//! Windows: a PDF is handed to whichever program prints PDF files there. **Never run**: written without a Windows.
//!
//! Windows' spooler takes no PDF, so that nothing here pretends to know media, trays or jobs: printers are listed by
//! PowerShell's `Get-Printer`, and the shell's verb `PrintTo` is asked for, which the program behind it may not have.

use std::time::Duration;

use super::commands::{Ran, run};
use super::wire::Stop;
use super::{Document, PrintFault, PrintSystem, Submitted, attributes, plain};
use crate::domain::printers::{Job, JobState, Printer, Ticket, Via};

const LIMIT: Duration = Duration::from_secs(60);

/// The printers of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

fn shell(script: &str, stop: Stop<'_>) -> Result<String, PrintFault> {
    match run("powershell.exe", &["-NoProfile", "-NonInteractive", "-Command", script], LIMIT, stop) {
        Ran::Ended { well: true, out, .. } => Ok(out),
        Ran::Ended { err, .. } => Err(PrintFault::Refused(format!("Windows refused: it says “{}”", plain(&err)))),
        Ran::NotInstalled => Err(PrintFault::Away("PowerShell is not installed".to_owned())),
        Ran::Cut(_) if stop() => Err(PrintFault::Cancelled),
        Ran::Cut(_) => Err(PrintFault::Away("Windows' print system does not answer".to_owned())),
    }
}

/// Text as a literal of PowerShell: everything in single quotes is itself, and a quote is two.
fn literal(text: &str) -> String {
    let quoted: String =
        text.chars().map(|c| if "\u{2018}\u{2019}\u{201a}\u{201b}".contains(c) { '\'' } else { c }).collect();
    format!("'{}'", quoted.replace('\'', "''"))
}

fn not_told(what: &str) -> PrintFault {
    PrintFault::Refused(format!("Windows does not tell Lightkeep of {what}: open the printer's queue in its settings"))
}

impl PrintSystem for System {
    fn list(&self, stop: Stop<'_>) -> Result<Vec<Printer>, PrintFault> {
        let names = shell("Get-Printer | ForEach-Object { $_.Name }", stop)?;
        let names = names.lines().map(str::trim).filter(|name| !name.is_empty()).take(200);
        Ok(names
            .map(|name| Printer { takes_pdf: true, ..attributes::printer(name, Via::Windows, &[]).printer })
            .collect())
    }

    fn describe(&self, printer: &str, stop: Stop<'_>) -> Result<Printer, PrintFault> {
        let found = self.list(stop)?.into_iter().find(|one| one.id == printer);
        found.ok_or_else(|| PrintFault::NotFound(format!("there is no printer of this name: {}", plain(printer))))
    }

    fn submit(
        &self,
        document: Document<'_>,
        ticket: &Ticket,
        sent: &dyn Fn(u64),
        stop: Stop<'_>,
    ) -> Result<Submitted, PrintFault> {
        let path = document.path.display().to_string();
        let length = std::fs::metadata(document.path)
            .map_err(|_| PrintFault::Document(format!("the document cannot be read: {path}")))?
            .len();
        let script = format!(
            "Start-Process -FilePath {} -Verb PrintTo -ArgumentList ('\"' + {} + '\"') -Wait -ErrorAction Stop",
            literal(&path),
            literal(&ticket.printer.replace('"', ""))
        );
        shell(&script, stop)?;
        sent(length);
        let job = Job {
            printer: ticket.printer.clone(),
            number: 0,
            name: plain(document.title),
            state: JobState::Done,
            reasons: Vec::new(),
            sheets_done: None,
            created_ms: None,
        };
        let notes = vec!["paper, quality and copies are those of the printer's own settings".to_owned()];
        Ok(Submitted { job, notes })
    }

    fn jobs(&self, _: bool, _: Stop<'_>) -> Result<Vec<Job>, PrintFault> {
        Ok(Vec::new())
    }

    fn job(&self, _: &str, _: i32, _: Stop<'_>) -> Result<Job, PrintFault> {
        Err(not_told("jobs"))
    }

    fn cancel(&self, _: &str, _: i32, _: Stop<'_>) -> Result<(), PrintFault> {
        Err(not_told("jobs"))
    }

    fn reprint(&self, _: &str, _: i32, _: Stop<'_>) -> Result<Job, PrintFault> {
        Err(not_told("jobs"))
    }
}
