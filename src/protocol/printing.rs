//! Printing: what is ordered, and what is asked about printers, jobs and layouts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ItemFailure;
use crate::domain::Seat;
use crate::domain::layout::{PageSetup, PhotoSetup};
use crate::domain::printers::{Job, Printer};
use crate::domain::printing::{JobPhoto, Output, PixelSetup, PrintSetup, SavedLayout};

/// What is to be printed, and where to.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintOrder {
    /// The photos, in page order.
    pub photos: Arc<[Seat]>,
    /// What was chosen for each of them; a missing one is the default.
    pub each: Arc<[PhotoSetup]>,
    /// Paper, margins, layout, captions.
    pub pages: PageSetup,
    /// Colour and sharpness.
    pub pixels: PixelSetup,
    /// A file, or a printer.
    pub output: Output,
}

/// How a print ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PrintReport {
    /// Pages written.
    pub pages: u64,
    /// Different photos on them.
    pub photos: u64,
    /// The PDF, or the first picture; empty where the pages went to a printer.
    pub file: PathBuf,
    /// The job on the printer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
    /// What the person should know: options that the printer did not take, profiles that were not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Photos that became a marked frame, and why; not part of the JSON contract.
    #[serde(skip)]
    pub failed: Vec<ItemFailure>,
}

/// What outlives a restart: the job in progress, and what was last used with each printer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PrintDesk {
    /// The photos of the job in progress; empty for none.
    pub photos: Vec<JobPhoto>,
    /// Its setup.
    pub setup: PrintSetup,
    /// What was last used, by printer id; a PDF is the empty id.
    pub by_printer: BTreeMap<String, PrintSetup>,
}

/// Something about printing that is answered at once or nearly so.
#[derive(Debug, Clone, PartialEq)]
pub enum PrintAsk {
    /// Which printers there are. Answer: `Printers`.
    Printers,
    /// Jobs that are not over, and those of this session. Answer: `Jobs`.
    Jobs,
    /// Cancel a job. Answer: `Jobs`.
    Cancel {
        /// The printer.
        printer: String,
        /// The job's number there.
        number: i32,
    },
    /// Print a job again, as it was. Answer: `Jobs`.
    Reprint {
        /// The printer.
        printer: String,
        /// The job's number there.
        number: i32,
    },
    /// Layouts that are kept. Answer: `Layouts`.
    Layouts,
    /// Keep a layout; one of the same name is replaced. Answer: `Layouts`.
    Keep(Box<SavedLayout>),
    /// Forget a layout. Answer: `Layouts`.
    Forget(String),
    /// Write a layout into a file, to share it. Answer: `Layouts`.
    Export {
        /// Which.
        name: String,
        /// The file.
        file: PathBuf,
    },
    /// Take a layout from a file. Answer: `Layouts`.
    Take(PathBuf),
    /// What was on the desk. Answer: `Desk`.
    Desk,
    /// Remember what is on the desk. Answer: `Remembered`.
    Remember(Box<PrintDesk>),
    /// Which originals are not here. Answer: `Missing`.
    Missing(Arc<[Seat]>),
}

/// The answer to a [`PrintAsk`].
#[derive(Debug, Clone, PartialEq)]
pub enum PrintAnswer {
    /// Printers.
    Printers(Vec<Printer>),
    /// Jobs, the newest first.
    Jobs(Vec<Job>),
    /// Layouts by name.
    Layouts(Vec<SavedLayout>),
    /// What was on the desk, with its photos that are still in the library, in their order.
    Desk(Box<PrintDesk>, Arc<[Seat]>),
    /// It is remembered.
    Remembered,
    /// Originals that are not here.
    Missing(MissingOriginals),
}

/// Originals of a job that are not on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MissingOriginals {
    /// The photos.
    pub seats: Vec<Seat>,
    /// Bytes to be fetched for them from a store; 0 where none has them.
    pub bytes: u64,
    /// How many of them a store can give.
    pub fetchable: u64,
}
