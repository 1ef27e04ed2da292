//! Printers: found, described, given documents; their jobs watched, cancelled and printed again.
//!
//! A document is the PDF that [`super::write_pdf`] made, whose boxes are exact: every ticket says `print-scaling=none`
//! and names the medium in hundredths of a millimetre, so that a printer moves and scales nothing. Everything here
//! blocks, with a time limit for each step, and asks between steps whether it shall stop.
//!
//! | file | its job |
//! |---|---|
//! | `codec` | IPP's bytes |
//! | `wire` | one HTTP request over a socket, TCP or TLS |
//! | `client` | requests and what their statuses mean |
//! | `cups` | the print server of this computer, and printers by their address |
//! | `nearby` | printers that announce themselves in the network |
//! | `attributes`, `media`, `words` | what a printer says, checked, for people |
//! | `ticket` | what is asked of a printer for one job |
//! | `system` | all of them as one |
//! | `lp`, `commands` | the commands, where IPP is shut |
//! | `portal` | the desktop's own dialog |
//! | `windows` | Windows' spooler |
//!
//! **Never run:** macOS (CUPS, the same code) and Windows (`windows`), for want of such computers.

use std::path::Path;

use crate::domain::printers::{Job, Printer, Ticket};

pub mod attributes;
pub mod client;
pub mod codec;
mod commands;
pub mod cups;
pub mod lp;
pub mod media;
pub mod nearby;
#[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
pub mod portal;
#[cfg(not(windows))]
pub mod system;
pub mod ticket;
#[cfg(windows)]
pub mod windows;
pub mod wire;
pub mod words;

#[cfg(not(windows))]
pub use system::System;
#[cfg(windows)]
pub use windows::System;
pub use wire::{Limits, Stop};

/// Why a printer could not be asked, or did not do it: problem first, what to do, path last.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintFault {
    /// There is no such printer or job.
    #[error("{0}")]
    NotFound(String),
    /// It does not answer.
    #[error("{0}")]
    Away(String),
    /// It says no.
    #[error("{0}")]
    Refused(String),
    /// The document is not as it must be.
    #[error("{0}")]
    Document(String),
    /// A person stopped it.
    #[error("printing was stopped")]
    Cancelled,
}

/// What is to be printed.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// A PDF.
    pub path: &'a Path,
    /// What the job is called.
    pub title: &'a str,
    /// Width and height of the upright sheet in mm, for tickets that name no medium.
    pub size_mm: (f64, f64),
}

/// A job that a printer took.
#[derive(Debug, Clone, PartialEq)]
pub struct Submitted {
    /// The job.
    pub job: Job,
    /// What it did not take of the ticket, in words.
    pub notes: Vec<String>,
}

/// A way to printers. Every call may be stopped, and ends by itself.
pub trait PrintSystem: Send + Sync {
    /// Every printer there is.
    ///
    /// # Errors
    /// Where nobody can be asked.
    fn list(&self, stop: Stop<'_>) -> Result<Vec<Printer>, PrintFault>;

    /// One printer by its id.
    ///
    /// # Errors
    /// Where there is none, or it does not answer.
    fn describe(&self, printer: &str, stop: Stop<'_>) -> Result<Printer, PrintFault>;

    /// Hands a document over; `sent` is told of its bytes.
    ///
    /// # Errors
    /// Why the printer has no job now: what it took before it refused is cancelled.
    fn submit(
        &self,
        document: Document<'_>,
        ticket: &Ticket,
        sent: &dyn Fn(u64),
        stop: Stop<'_>,
    ) -> Result<Submitted, PrintFault>;

    /// Jobs of the print server that are not over, or all that it still knows.
    ///
    /// # Errors
    /// Where nobody can be asked.
    fn jobs(&self, all: bool, stop: Stop<'_>) -> Result<Vec<Job>, PrintFault>;

    /// One job.
    ///
    /// # Errors
    /// Where there is none, or the printer does not answer.
    fn job(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<Job, PrintFault>;

    /// Cancels a job.
    ///
    /// # Errors
    /// Where there is none, or it is over, or the printer does not do it.
    fn cancel(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<(), PrintFault>;

    /// Prints a job again.
    ///
    /// # Errors
    /// Where there is none, or its document was not kept.
    fn reprint(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<Job, PrintFault>;
}

/// A text of a stranger, without control characters and of bounded length.
#[must_use]
pub fn plain(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    text.trim().to_owned()
}
