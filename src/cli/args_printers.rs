//! The words of `printers` and `jobs`.

use clap::Args;

pub(super) const PRINTERS_HELP: &str = "Queues of the print server on this computer (CUPS), and printers that announce \
themselves in the network. NAME is the id that the list shows, or an address like ipp://host/ipp/print.\n\nExamples:\n  \
lightkeep printers\n  lightkeep printers Photo_Jet\n\nJSON keys: printers[id, name, location, model, via, is_default, \
state, reasons, accepts_jobs, media, custom, default_medium, kinds, sources, qualities, colour_modes, sides, \
most_copies, takes_pdf]";

pub(super) const JOBS_HELP: &str = "Examples:\n  lightkeep jobs\n  lightkeep jobs --cancel Photo_Jet:12\n  lightkeep \
jobs --reprint Photo_Jet:12\n\nJSON keys: jobs[printer, number, name, state, reasons, sheets_done, created_ms]";

/// `printers`
#[derive(Debug, Args)]
pub struct PrintersArgs {
    /// Everything about this one
    pub name: Option<String>,
}

/// `jobs`
#[derive(Debug, Args)]
pub struct JobsArgs {
    /// Also those that are over, as far as the print server knows them
    #[arg(long)]
    pub all: bool,
    /// Cancel a job
    #[arg(long, value_name = "PRINTER:N", value_parser = job_name)]
    pub cancel: Option<JobName>,
    /// Print a job again, where the printer kept its document
    #[arg(long, value_name = "PRINTER:N", value_parser = job_name, conflicts_with = "cancel")]
    pub reprint: Option<JobName>,
}

/// A printer and a job's number on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobName {
    /// The printer.
    pub printer: String,
    /// The number.
    pub number: i32,
}

/// `Photo_Jet:12`, `ipp://host:631/ipp/print:12`.
fn job_name(text: &str) -> Result<JobName, String> {
    let parsed = text.rsplit_once(':').and_then(|(printer, number)| {
        let number = number.parse::<i32>().ok().filter(|number| *number > 0)?;
        (!printer.is_empty()).then(|| JobName { printer: printer.to_owned(), number })
    });
    parsed.ok_or_else(|| "not a job like Photo_Jet:12".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_named_by_printer_and_number() {
        let job = |printer: &str, number| Ok(JobName { printer: printer.into(), number });
        assert_eq!(job_name("Photo_Jet:12"), job("Photo_Jet", 12));
        assert_eq!(job_name("ipp://host:631/ipp/print:3"), job("ipp://host:631/ipp/print", 3));
        for wrong in ["", "12", ":12", "a:", "a:0", "a:-1", "a:x", "a:99999999999"] {
            assert!(job_name(wrong).is_err(), "{wrong}");
        }
    }
}
