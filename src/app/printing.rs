//! Printing: what was asked about it into commands, and the answers into the state.

use std::path::PathBuf;

use super::state::pending;
use crate::domain::printing::{Output, PageFormat};
use crate::protocol::{PrintAnswer, PrintAsk, PrintReport, UserError};
use crate::ui::{Loadable, Printing};

/// What a question about printing is about: its failure is no failure of the others that are on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Printers,
    Jobs,
    Desk,
    Missing,
    Layouts,
    Remember,
}

impl About {
    pub fn of(ask: &PrintAsk) -> Self {
        match ask {
            PrintAsk::Printers => Self::Printers,
            PrintAsk::Jobs | PrintAsk::Cancel { .. } | PrintAsk::Reprint { .. } => Self::Jobs,
            PrintAsk::Desk => Self::Desk,
            PrintAsk::Missing(_) => Self::Missing,
            PrintAsk::Layouts
            | PrintAsk::Keep(_)
            | PrintAsk::Forget(_)
            | PrintAsk::Export { .. }
            | PrintAsk::Take(_) => Self::Layouts,
            PrintAsk::Remember(_) => Self::Remember,
        }
    }
}

/// Something is asked: until the answer is here, what is known stays in sight.
pub(super) fn asked(printing: &mut Printing, ask: &PrintAsk) {
    // What is asked for by itself does not take away the answer to what a person did.
    if !matches!(ask, PrintAsk::Printers | PrintAsk::Jobs | PrintAsk::Remember(_)) {
        printing.problem = None;
    }
    match About::of(ask) {
        About::Printers => pending(&mut printing.printers),
        About::Jobs => pending(&mut printing.jobs),
        About::Desk => pending(&mut printing.desk),
        About::Missing => pending(&mut printing.missing),
        About::Layouts => pending(&mut printing.layouts),
        About::Remember => {}
    }
}

/// An answer is here. Printers that cannot be asked are told where printers are shown; everything else is a problem that
/// somebody waits to hear of.
pub(super) fn answered(printing: &mut Printing, about: Option<About>, answer: Result<PrintAnswer, UserError>) {
    match answer {
        Ok(PrintAnswer::Printers(printers)) => printing.printers = Loadable::Ready(printers),
        Ok(PrintAnswer::Jobs(jobs)) => printing.jobs = Loadable::Ready(jobs),
        Ok(PrintAnswer::Layouts(layouts)) => printing.layouts = Loadable::Ready(layouts),
        Ok(PrintAnswer::Desk(desk, seats)) => printing.desk = Loadable::Ready((*desk, seats)),
        Ok(PrintAnswer::Missing(missing)) => printing.missing = Loadable::Ready(missing),
        Ok(PrintAnswer::Remembered) => {}
        Err(error) => {
            match about {
                Some(About::Printers) => return failed(&mut printing.printers, &error),
                Some(About::Jobs) => failed(&mut printing.jobs, &error),
                Some(About::Layouts) => failed(&mut printing.layouts, &error),
                Some(About::Desk) => failed(&mut printing.desk, &error),
                Some(About::Missing) => failed(&mut printing.missing, &error),
                Some(About::Remember) | None => {}
            }
            if about != Some(About::Jobs) || !printing.printers.value().is_none_or(Vec::is_empty) {
                printing.problem = Some(error.message);
            }
        }
    }
}

/// What was waited for will not come.
fn failed<T>(loadable: &mut Loadable<T>, error: &UserError) {
    if let Loadable::Pending { previous } = loadable {
        *loadable = Loadable::Failed { error: error.message.clone(), previous: previous.take() };
    }
}

/// The file that an order writes, if it writes one.
pub(super) fn order_file(output: &Output) -> Option<&PathBuf> {
    match output {
        Output::Pdf { file, .. } | Output::Images { file, .. } => Some(file),
        Output::Printer(_) | Output::Desktop => None,
    }
}

/// The title of the dialog that asks for it, and a name to begin with.
pub(super) fn file_words(output: &Output) -> (&'static str, &'static str) {
    match output {
        Output::Images { format: PageFormat::Jpeg, .. } => ("Save the pages as JPEG", "photos.jpg"),
        Output::Images { format: PageFormat::Png, .. } => ("Save the pages as PNG", "photos.png"),
        Output::Images { format: PageFormat::Tiff, .. } => ("Save the pages as TIFF", "photos.tif"),
        _ => ("Save the PDF", "photos.pdf"),
    }
}

/// The same output, into this file; one without a suffix gets that of its kind.
pub(super) fn named(output: Output, mut file: PathBuf) -> Output {
    if file.extension().is_none() {
        let suffix = file_words(&output).1.rsplit('.').next().unwrap_or("pdf");
        file.set_extension(suffix);
    }
    match output {
        Output::Pdf { untouched, .. } => Output::Pdf { file, untouched },
        Output::Images { format, ppi, .. } => Output::Images { file, format, ppi },
        other => other,
    }
}

/// What came of a print, and where it went, in one line.
pub(super) fn done(report: &PrintReport, printing: &Printing) -> String {
    let count = |number: u64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let pages = count(report.pages, "page", "pages");
    let mut words = match &report.job {
        Some(job) => {
            let known = printing.printers.value().and_then(|all| all.iter().find(|one| one.id == job.printer));
            let name = known.map_or(job.printer.as_str(), |printer| printer.name.as_str());
            format!("{pages} sent to {name}, job {}", job.number)
        }
        None if report.file.as_os_str().is_empty() => format!("{pages} handed over to the print dialog"),
        None => {
            let name = report.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            format!("{pages} written: {name}")
        }
    };
    match report.failed.len() {
        0 => {}
        1 => words.push_str("; 1 photo failed"),
        many => words.push_str(&format!("; {many} photos failed")),
    }
    words
}
