//! Printers and their jobs: asked, given documents, watched until a job is over.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::cancel::Cancel;
use super::errors::io_words;
use super::parts::Engine;
use super::progress::Reporter;
use crate::domain::printers::{Job, Printer, Ticket};
use crate::domain::printing::Output;
use crate::print::printers::{Document, PrintFault, PrintSystem, System};
use crate::protocol::{ErrorCode, Event, Phase, PrintAnswer, PrintAsk, PrintOrder, PrintReport, UserError};

/// Jobs of this session that are remembered.
const MOST_REMEMBERED: usize = 100;
/// How long a job is watched.
const WATCHED: Duration = Duration::from_secs(600);
/// Between two looks at it.
const LOOK: Duration = Duration::from_secs(2);
/// A document of a print that a crash left behind is removed when it is so old.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 3600);
/// How the folders of documents on their way are called.
const FOLDER: &str = ".printing-";

/// Jobs that this session handed over, the newest first: printer and number.
#[derive(Debug, Default)]
pub(super) struct PrinterDesk(Mutex<VecDeque<(String, i32)>>);

impl PrinterDesk {
    fn remember(&self, job: &Job) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(printer, number)| (printer, *number) != (&job.printer, job.number));
        known.push_front((job.printer.clone(), job.number));
        known.truncate(MOST_REMEMBERED);
    }

    fn known(&self) -> Vec<(String, i32)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

fn words(fault: PrintFault) -> UserError {
    let code = match fault {
        PrintFault::NotFound(_) => ErrorCode::NotFound,
        PrintFault::Away(_) | PrintFault::Document(_) => ErrorCode::Unavailable,
        PrintFault::Refused(_) => ErrorCode::Failed,
        PrintFault::Cancelled => ErrorCode::Cancelled,
    };
    UserError::new(code, fault.to_string())
}

/// Asks printers on a thread of its own kind: one that does not answer holds up nothing else.
async fn blocking<T: Send + 'static>(
    cancel: &Cancel,
    work: impl FnOnce(&System, &(dyn Fn() -> bool + Sync)) -> Result<T, PrintFault> + Send + 'static,
) -> Result<T, UserError> {
    let cancel = cancel.clone();
    let done = tokio::task::spawn_blocking(move || work(&System::default(), &|| cancel.is_cancelled()));
    match done.await {
        Ok(result) => result.map_err(words),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(words(PrintFault::Cancelled)),
    }
}

impl Engine {
    /// Asks the printers.
    pub(super) async fn ask_printers(&self, ask: PrintAsk) -> Result<PrintAnswer, UserError> {
        match ask {
            PrintAsk::Cancel { printer, number } => self.cancel_job(&printer, number).await?,
            PrintAsk::Reprint { printer, number } => drop(self.reprint(&printer, number).await?),
            PrintAsk::Printers => return self.printers().await.map(PrintAnswer::Printers),
            _ => {}
        }
        self.jobs(false).await.map(PrintAnswer::Jobs)
    }

    /// Every printer that can be found now.
    ///
    /// # Errors
    /// Where there is neither a print server nor a printer that announces itself.
    pub async fn printers(&self) -> Result<Vec<Printer>, UserError> {
        blocking(&Cancel::default(), |system, stop| system.list(stop)).await
    }

    /// Everything about one printer, by its id or address.
    ///
    /// # Errors
    /// Where there is none, or it does not answer.
    pub async fn printer(&self, id: &str) -> Result<Printer, UserError> {
        let id = id.to_owned();
        blocking(&Cancel::default(), move |system, stop| system.describe(&id, stop)).await
    }

    /// Jobs that are not over and those of this session, the newest first; with `all` those too that the print server
    /// still knows.
    ///
    /// # Errors
    /// Where the print server does not answer, and no job of this session is known.
    pub async fn jobs(&self, all: bool) -> Result<Vec<Job>, UserError> {
        let known = self.0.printers.known();
        blocking(&Cancel::default(), move |system, stop| {
            let mut jobs = match system.jobs(all, stop) {
                Err(fault) if known.is_empty() => return Err(fault),
                other => other.unwrap_or_default(),
            };
            for (printer, number) in known {
                if !jobs.iter().any(|job| job.printer == printer && job.number == number) {
                    jobs.extend(system.job(&printer, number, stop));
                }
            }
            jobs.sort_by_key(|job| std::cmp::Reverse((job.created_ms, job.number)));
            Ok(jobs)
        })
        .await
    }

    /// One job.
    ///
    /// # Errors
    /// Where there is none, or the printer does not answer.
    pub async fn job(&self, printer: &str, number: i32) -> Result<Job, UserError> {
        let printer = printer.to_owned();
        blocking(&Cancel::default(), move |system, stop| system.job(&printer, number, stop)).await
    }

    /// Cancels a job.
    ///
    /// # Errors
    /// Where there is none, or it is over.
    pub async fn cancel_job(&self, printer: &str, number: i32) -> Result<(), UserError> {
        let printer = printer.to_owned();
        blocking(&Cancel::default(), move |system, stop| system.cancel(&printer, number, stop)).await
    }

    /// Prints a job again, as it was.
    ///
    /// # Errors
    /// Where there is none, or its document was not kept.
    pub async fn reprint(&self, printer: &str, number: i32) -> Result<Job, UserError> {
        let printer = printer.to_owned();
        let job = blocking(&Cancel::default(), move |system, stop| system.reprint(&printer, number, stop)).await?;
        self.0.printers.remember(&job);
        Ok(job)
    }

    /// Hands a PDF to a printer; the job, and what the printer did not take.
    ///
    /// `size_mm` is the upright sheet. The job is remembered and watched: its news go to the window.
    ///
    /// # Errors
    /// Why the printer has no job now.
    pub async fn submit(
        &self,
        (document, title): (PathBuf, String),
        size_mm: (f64, f64),
        ticket: Ticket,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<(Job, Vec<String>), UserError> {
        let told = reporter.clone();
        let bytes = std::fs::metadata(&document).map_or(0, |meta| meta.len());
        told.update(|progress| (progress.phase, progress.total_bytes) = (Phase::Finishing, bytes));
        let submitted = blocking(cancel, move |system, stop| {
            let document = Document { path: &document, title: &title, size_mm };
            let sent = |bytes| told.update(|progress| progress.done_bytes = bytes);
            system.submit(document, &ticket, &sent, stop)
        });
        let submitted = submitted.await?;
        self.0.printers.remember(&submitted.job);
        self.watch(submitted.job.clone(), reporter);
        Ok((submitted.job, submitted.notes))
    }

    /// Looks at a job until it is over, and tells the window whenever it changed.
    fn watch(&self, job: Job, reporter: &Reporter) {
        let (engine, op, started) = (self.clone(), reporter.op(), Instant::now());
        tokio::spawn(async move {
            let mut last = job;
            while !last.state.is_over() && started.elapsed() < WATCHED {
                tokio::time::sleep(LOOK).await;
                let (printer, number) = (last.printer.clone(), last.number);
                // One that does not answer now may do so later.
                let Ok(now) = engine.job(&printer, number).await else { continue };
                if now != last {
                    let answer = engine.jobs(false).await.map(PrintAnswer::Jobs);
                    engine.0.say.say(Event::Printing { op, answer }).await;
                }
                last = now;
            }
        });
    }

    /// Prints on a printer, or through the desktop's dialog: the pages become a PDF that nobody else can read, which is
    /// handed over and removed.
    ///
    /// # Errors
    /// What is wrong with the setup, or why the printer has no job now.
    pub(super) async fn print_on(
        &self,
        mut order: PrintOrder,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<PrintReport, UserError> {
        let folder = Arc::new(Folder::new(self.dir(), &self.ulid())?);
        let (file, written) = (folder.0.join("pages.pdf"), folder.0.join("pages.pdf"));
        let goal = std::mem::replace(&mut order.output, Output::Desktop);
        let size_mm = (order.pages.paper.width_mm(), order.pages.paper.height_mm());
        let title = order.pages.header.clone().unwrap_or_else(|| "Lightkeep".to_owned());
        let (engine, stop, told) = (self.clone(), cancel.clone(), reporter.clone());
        let write = move || engine.write_document(&order, &written, super::printing::Document::Printer, &stop, &told);
        let mut report = self.0.parts.heavy.run(write).await?;
        report.file = PathBuf::new();
        match goal {
            Output::Printer(ticket) => {
                let (job, notes) = self.submit((file, title), size_mm, *ticket, cancel, reporter).await?;
                report.job = Some(job);
                report.notes.extend(notes);
            }
            _ => {
                let kept = folder.clone();
                blocking(cancel, move |_, stop| {
                    let document = Document { path: &kept.0.join("pages.pdf"), title: &title, size_mm };
                    dialog(document, stop)
                })
                .await?;
            }
        }
        Ok(report)
    }
}

#[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
fn dialog(document: Document<'_>, stop: &(dyn Fn() -> bool + Sync)) -> Result<(), PrintFault> {
    crate::print::printers::portal::print(document, stop)
}

#[cfg(not(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android")))))]
fn dialog(_: Document<'_>, _: &(dyn Fn() -> bool + Sync)) -> Result<(), PrintFault> {
    Err(PrintFault::Away("this system has no print dialog for other programs: choose a printer instead".to_owned()))
}

/// A folder of its own for a document on its way, gone when this is.
struct Folder(PathBuf);

impl Folder {
    fn new(library: &Path, ulid: &str) -> Result<Self, UserError> {
        remove_left_behind(library);
        let path = library.join(format!("{FOLDER}{ulid}"));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|error| {
            UserError::new(
                ErrorCode::Unavailable,
                format!("the pages cannot be written ({}): {}", io_words(&error), path.display()),
            )
        })?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Removes what prints left behind that were killed.
fn remove_left_behind(library: &Path) {
    let Ok(entries) = std::fs::read_dir(library) else { return };
    for entry in entries.filter_map(Result::ok) {
        let ours = entry.file_name().to_string_lossy().starts_with(FOLDER);
        let changed = entry.metadata().ok().filter(std::fs::Metadata::is_dir).and_then(|meta| meta.modified().ok());
        if ours && changed.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > LEFT_BEHIND) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_on_its_way_is_private_and_goes() {
        let library = tempfile::tempdir().unwrap();
        let old = library.path().join(format!("{FOLDER}old"));
        let other = library.path().join("vault");
        std::fs::create_dir(&other).unwrap();
        std::fs::create_dir(&old).unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * LEFT_BEHIND;
        std::fs::File::open(&old).unwrap().set_modified(long_ago).unwrap();
        std::fs::File::open(&other).unwrap().set_modified(long_ago).unwrap();
        let folder = Folder::new(library.path(), "01J").unwrap();
        assert!(!old.exists() && other.exists());
        std::fs::write(folder.0.join("pages.pdf"), b"x").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&folder.0).unwrap().permissions().mode() & 0o777, 0o700);
        }
        let path = folder.0.clone();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn the_newest_jobs_are_remembered_once() {
        let desk = PrinterDesk::default();
        let job = |number| Job {
            printer: "a".into(),
            number,
            name: String::new(),
            state: crate::domain::printers::JobState::Waiting,
            reasons: Vec::new(),
            sheets_done: None,
            created_ms: None,
        };
        for number in [1, 2, 1] {
            desk.remember(&job(number));
        }
        assert_eq!(desk.known(), [("a".to_owned(), 1), ("a".to_owned(), 2)]);
    }
}
