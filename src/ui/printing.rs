//! What is known of printers, jobs and layouts, for the print studio.

use std::path::PathBuf;
use std::sync::Arc;

use super::Loadable;
use crate::domain::Seat;
use crate::domain::printers::{Job, Printer};
use crate::domain::printing::SavedLayout;
use crate::protocol::{MissingOriginals, PrintDesk};

/// Answers of the engine about printing, the latest of each kind.
#[derive(Debug, Default)]
pub struct Printing {
    /// Printers.
    pub printers: Loadable<Vec<Printer>>,
    /// Jobs, the newest first.
    pub jobs: Loadable<Vec<Job>>,
    /// Layouts that are kept, by name.
    pub layouts: Loadable<Vec<SavedLayout>>,
    /// What was on the desk when the program started.
    pub desk: Loadable<(PrintDesk, Arc<[Seat]>)>,
    /// Originals of the job that are not here.
    pub missing: Loadable<MissingOriginals>,
    /// The colour profile that was picked last.
    pub profile: Option<PathBuf>,
    /// Why the last thing asked was not done, until something else is asked.
    pub problem: Option<String>,
}
