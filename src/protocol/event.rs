//! What the engine says.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::account::AccountAnswer;
use super::command::ThumbKey;
use super::error::{ItemFailure, UserError};
use super::people::{ForgetReport, LookReport, PeopleAnswer};
use super::printing::{PrintAnswer, PrintReport};
use super::progress::{OpId, OpKind};
use super::tagging::{TagReport, TaggingState};
use crate::domain::account::AccountState;
use crate::domain::facets::{Completions, Facets, SavedSearch, TagNode};
use crate::domain::keep::{BatchSummary, CostEstimate, KeepSettings, StoreState, Weight};
use crate::domain::layout::Page;
use crate::domain::sidecar::Conflict;
use crate::domain::tag_sets::TagSets;
use crate::domain::{Card, PhotoDetail, Seat, Timestamp};

/// Upright sRGB pixels, ready for a texture: four bytes each (red, green, blue, opaque), row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// `4 × width × height` bytes.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({}×{})", self.width_px, self.height_px)
    }
}

/// How good a thumbnail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ThumbStage {
    /// The camera's own small picture: something to see at once.
    FirstLook,
    /// The stored thumbnail.
    Stored,
}

/// A file that an import has found and not yet taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Where it is.
    pub path: Arc<PathBuf>,
    /// File name, lossy where it is not UTF-8.
    pub name: String,
}

/// The vault as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultState {
    /// Where.
    pub dir: PathBuf,
    /// Whether it lies on the disk of the library or of any photo, and so does not survive its loss.
    pub same_disk: bool,
    /// Bytes free, where known.
    pub free_bytes: Option<u64>,
    /// Why it cannot be used now, where it cannot.
    pub problem: Option<String>,
}

/// Counts that the window always shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryState {
    /// Where the library is.
    pub dir: PathBuf,
    /// Photos in it.
    pub photos: u64,
    /// Photos with a receipt from every enabled store.
    pub stored: u64,
    /// Photos that will be stored without anybody's help.
    pub waiting: u64,
    /// Photos that need a person.
    pub needs_you: u64,
    /// Bytes of all current originals.
    pub bytes: u64,
    /// The vault.
    pub vault: VaultState,
    /// Every enabled store, the vault among them.
    #[serde(default)]
    pub stores: Vec<StoreState>,
    /// How photos are kept and sent.
    #[serde(default)]
    pub keep: KeepSettings,
}

/// What Ctrl+Z and Ctrl+Shift+Z would do, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UndoState {
    /// `4 photos rated 3`.
    pub undo: Option<String>,
    /// The same for redo.
    pub redo: Option<String>,
}

/// How an import ended. The names are the command line's contract.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// Photos looked at: the sum of the six below.
    pub files: u64,
    /// New photos.
    pub added: u64,
    /// New versions of known photos.
    pub updated: u64,
    /// Known bytes whose old path is gone.
    pub moved: u64,
    /// Bytes already in the library under another path that still exists.
    pub duplicates: u64,
    /// Equal to the current version.
    pub unchanged: u64,
    /// What could not be read, and why.
    pub unreadable: Vec<ItemFailure>,
    /// What is no photo.
    pub skipped: u64,
    /// The same by suffix, for people; not part of the JSON contract.
    #[serde(skip)]
    pub skipped_by_suffix: Vec<(String, u64)>,
    /// Receipts written.
    pub stored: u64,
    /// What could not be stored, and why; not part of the JSON contract (`status` and `store` list them).
    #[serde(skip)]
    pub not_stored: Vec<ItemFailure>,
    /// Whether a person stopped it before its end; not part of the JSON contract.
    #[serde(skip)]
    pub stopped: bool,
    /// The batch (ULID), where anything was stored.
    pub batch: Option<String>,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// What sidecars that other programs changed brought; not part of the JSON contract.
    #[serde(skip)]
    pub sidecars: SidecarReport,
}

/// A field that was changed here and in a sidecar. What was decided here stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SidecarConflict {
    /// The sidecar.
    pub path: PathBuf,
    /// `rating`, `flag`, `label` or `caption`, and both values.
    #[serde(flatten)]
    pub conflict: Conflict,
}

/// How the writing or reading of sidecars ended. The names are the command line's contract.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SidecarReport {
    /// Sidecars written.
    pub written: u64,
    /// Sidecars that other programs changed, and whose news were taken over.
    pub merged: u64,
    /// Sidecars that say what they are to say, or what they said before.
    pub unchanged: u64,
    /// What was changed on both sides.
    pub conflicts: Vec<SidecarConflict>,
    /// What could not be read or written, and why; it was left alone.
    pub failed: Vec<ItemFailure>,
}

/// How a store run ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StoreReport {
    /// Receipts written.
    pub stored: u64,
    /// What will be tried again by itself.
    pub waiting: u64,
    /// What needs a person.
    pub needs_you: Vec<ItemFailure>,
    /// The batch (ULID), where anything was stored.
    pub batch: Option<String>,
}

/// How a verify of one store ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VerifyReport {
    /// Name of the store.
    #[serde(default)]
    pub store: String,
    /// How deep it looked, 1 to 3.
    #[serde(default)]
    pub level: u8,
    /// When it ended.
    #[serde(default)]
    pub ended: Timestamp,
    /// Bytes that were read and hashed.
    #[serde(default)]
    pub bytes_read: u64,
    /// Whether the budget ended it; the next check goes on from here.
    #[serde(default)]
    pub unfinished: bool,
    /// Versions that must be thawed before their bytes can be read; their checksums were compared.
    #[serde(default)]
    pub archived: u64,
    /// Of what is missing or corrupt, how many originals are still here and are sent again.
    #[serde(default)]
    pub mending: u64,
    /// Versions looked at.
    pub checked: u64,
    /// Those that are as their receipt says.
    pub ok: u64,
    /// Keys in the catalogue that the store does not have.
    pub missing: Vec<ItemFailure>,
    /// Keys whose size, checksum or bytes are not those of the receipt.
    pub corrupt: Vec<ItemFailure>,
    /// Keys in the store that no receipt names.
    pub unknown: Vec<ItemFailure>,
}

/// How a download ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DownloadReport {
    /// Files written, each equal to its receipt.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there already with these bytes.
    pub present: u64,
    /// What could not be brought back, and why.
    pub failed: Vec<ItemFailure>,
    /// The folder.
    pub dir: PathBuf,
}

/// How an ingest ended. The names are the command line's contract.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IngestReport {
    /// Files on the card.
    pub files: u64,
    /// Files copied now (those that were there already with the same bytes are not copied again).
    pub copied: u64,
    /// Files whose copy was read back and is equal.
    pub verified: u64,
    /// Files that have a receipt of every enabled store.
    pub stored: u64,
    /// Whether every file has both.
    pub safe_to_format: bool,
    /// The receipt sheet.
    pub sheet: Option<PathBuf>,
    /// What is not proved, and why.
    pub failed: Vec<ItemFailure>,
    /// The card.
    #[serde(default)]
    pub card: PathBuf,
    /// What on the card is no photographer's and was left out: system folders, links.
    #[serde(default)]
    pub left_out: Vec<String>,
}

/// A link that was made.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShareReport {
    /// The address. Whoever has it sees the photos.
    pub url: String,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Photos on the page.
    pub photos: u64,
    /// Bytes copied for it.
    pub bytes: u64,
    /// What could not be shared, and why.
    pub failed: Vec<ItemFailure>,
}

impl std::fmt::Debug for ShareReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShareReport").field("photos", &self.photos).finish_non_exhaustive()
    }
}

/// What an operation did.
#[derive(Debug, Clone, PartialEq)]
pub enum OpReport {
    /// An import.
    Import(ImportReport),
    /// A store run.
    Store(StoreReport),
    /// A library opened from a vault: photos rebuilt.
    OpenStore {
        /// How many.
        photos: u64,
        /// What could not be rebuilt.
        failed: Vec<ItemFailure>,
    },
    /// A verify, or a drill, of one store.
    Verify(VerifyReport),
    /// Photos deleted in the stores.
    Deleted(Weight),
    /// Photos brought back after that.
    Undeleted(Weight),
    /// Originals brought back.
    Download(DownloadReport),
    /// A card.
    Ingest(IngestReport),
    /// A link.
    Share(ShareReport),
    /// Photos looked at by a tagger.
    Tag(TagReport),
    /// A version brought back, and where.
    Restore {
        /// The file written.
        file: PathBuf,
    },
    /// Pages written.
    Print(PrintReport),
    /// Sidecars written or read.
    Sidecars(SidecarReport),
    /// Photos looked through for people.
    LookForPeople(LookReport),
    /// All face data deleted.
    ForgetPeople(ForgetReport),
}

impl OpReport {
    /// Whether any item of it did not work.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        match self {
            Self::Import(report) => !report.unreadable.is_empty() || !report.not_stored.is_empty(),
            Self::Store(report) => !report.needs_you.is_empty(),
            Self::OpenStore { failed, .. } => !failed.is_empty(),
            Self::Verify(report) => !report.missing.is_empty() || !report.corrupt.is_empty(),
            Self::Print(report) => !report.failed.is_empty(),
            Self::Download(report) => !report.failed.is_empty(),
            Self::Ingest(report) => !report.safe_to_format,
            Self::Share(report) => !report.failed.is_empty(),
            Self::Tag(report) => !report.failed.is_empty() || report.stopped.is_some(),
            Self::Sidecars(report) => !report.failed.is_empty(),
            Self::LookForPeople(report) => !report.failed.is_empty() || report.stopped.is_some(),
            Self::ForgetPeople(report) => !report.proved,
            Self::Restore { .. } | Self::Deleted(_) | Self::Undeleted(_) => false,
        }
    }
}

/// One thing the engine says.
#[derive(Debug, Clone)]
pub enum Event {
    /// Counts and the vault; sent whenever they change, at most a few times a second.
    Library(LibraryState),
    /// What can be undone changed.
    Undo(UndoState),
    /// What a search found, in display order.
    Results {
        /// Whose answer.
        op: OpId,
        /// Every photo found so far.
        seats: Arc<[Seat]>,
        /// False for a first page that will be followed by everything.
        complete: bool,
    },
    /// The query does not fit the language. The results before stay.
    QueryWrong {
        /// Whose answer.
        op: OpId,
        /// Where (byte offset) in the query.
        at: usize,
        /// What was expected there.
        expected: String,
    },
    /// Descriptions of photos. A seat asked for and not answered is gone.
    Cards(Vec<Card>),
    /// Everything about a photo; `None` where it is gone.
    Detail {
        /// Which was asked for.
        seat: Seat,
        /// The answer.
        detail: Option<Box<PhotoDetail>>,
    },
    /// A thumbnail, or why there is none.
    Thumb {
        /// Which.
        key: ThumbKey,
        /// How good.
        stage: ThumbStage,
        /// The picture, or one clear line.
        picture: Result<Arc<Pixels>, String>,
    },
    /// A picture for the loupe, or why there is none.
    Picture {
        /// Whose answer.
        op: OpId,
        /// Which photo.
        seat: Seat,
        /// The long edge asked for.
        long_edge_px: Option<u32>,
        /// The picture, or one clear line.
        picture: Result<Arc<Pixels>, String>,
    },
    /// Files that an import found (appended in walk order; only the first few thousand are announced).
    Arriving {
        /// Which import.
        op: OpId,
        /// The next files.
        files: Vec<Arrival>,
    },
    /// Files that an import has dealt with: in the library now, or failed.
    Arrived {
        /// Which import.
        op: OpId,
        /// Their paths.
        files: Vec<Arc<PathBuf>>,
    },
    /// The catalogue changed: run the search again, and describe these photos again (`None`: all of them).
    Changed {
        /// Which photos.
        seats: Option<Arc<[Seat]>>,
        /// Whether photos came, went or moved, so that results may differ in number or order.
        order: bool,
    },
    /// A gesture is durable: what it did, in words with a count (`4 photos rated 3`).
    Edited {
        /// In words.
        text: String,
        /// How many photos it changed.
        photos: u64,
        /// Whether it can be taken back; false for a gesture that took another one back.
        undoable: bool,
    },
    /// What may stand where the cursor is.
    Completions {
        /// What was typed.
        query: String,
        /// Where the cursor stood.
        cursor: usize,
        /// What fits there.
        completions: Completions,
    },
    /// What the photos of a search have in common.
    Facets {
        /// Whose answer.
        op: OpId,
        /// Counts by kind.
        facets: Box<Facets>,
    },
    /// Which tags are a kind of which: each before what is below it.
    TagTree(Vec<TagNode>),
    /// The sets of tags that were used last.
    TagSets(TagSets),
    /// Every search that is kept, by name.
    SavedSearches(Vec<SavedSearch>),
    /// Tags that begin with what was typed, with the number of photos that carry them.
    TagSuggestions {
        /// What was typed.
        typed: String,
        /// Names and counts.
        tags: Vec<(String, u64)>,
    },
    /// Pages for the preview, or what is wrong with the setup. `Placed::photo` counts the order's photos.
    Pages {
        /// Whose answer.
        op: OpId,
        /// The pages.
        pages: Result<Arc<Vec<Page>>, String>,
    },
    /// Something about printers, jobs or layouts.
    Printing {
        /// Whose answer.
        op: OpId,
        /// The answer, or why there is none.
        answer: Result<PrintAnswer, UserError>,
    },
    /// An operation started.
    Started {
        /// Which.
        op: OpId,
        /// What kind.
        kind: OpKind,
        /// In words: `Import of 2 folders`.
        title: String,
    },
    /// An operation ended.
    Finished {
        /// Which.
        op: OpId,
        /// What it did, or why it failed as a whole.
        outcome: Result<OpReport, UserError>,
    },
    /// The batches, newest first.
    Batches(Vec<BatchSummary>),
    /// What of a batch needs a person or waits, and why.
    BatchItems {
        /// The batch (ULID).
        batch: String,
        /// Its items.
        items: Vec<ItemFailure>,
    },
    /// When things were stored: for each day (its first moment, UTC) how many files, oldest first.
    History(Arc<[(Timestamp, u64)]>),
    /// What deleting would touch.
    Weighed {
        /// Whose answer.
        op: OpId,
        /// It.
        weight: Weight,
    },
    /// What keeping costs.
    Cost {
        /// Whose answer.
        op: OpId,
        /// It.
        cost: Box<CostEstimate>,
    },
    /// How tagging is set, and what a run would be.
    Tagging {
        /// Whose answer.
        op: OpId,
        /// It.
        state: Box<TaggingState>,
    },
    /// What was asked about people.
    People {
        /// Whose answer.
        op: OpId,
        /// It.
        answer: Box<PeopleAnswer>,
    },
    /// People or faces are others than before: what is shown of them is asked for again.
    PeopleChanged,
    /// How long a link would last, in seconds, and why not longer.
    ShareOffer {
        /// Whose answer.
        op: OpId,
        /// Seconds, and one clear line; or why there can be no link.
        offer: Result<(u64, String), UserError>,
    },
    /// The dated reports of checks, newest first.
    Reports(Vec<VerifyReport>),
    /// How it stands with the account; sent at start and whenever it changes.
    Account(Box<AccountState>),
    /// Something that was asked of the account is done, or did not work.
    AccountAnswered {
        /// Whose answer.
        op: OpId,
        /// What came of it.
        outcome: Result<AccountAnswer, UserError>,
    },
    /// A page has to be opened in the browser for a sign-in.
    OpenPage(String),
    /// Something that a person should know and that belongs to no operation.
    Notice(UserError),
    /// The library cannot be opened: why, and what to do. Nothing else is answered until `TryAgain` or `SetAside`.
    CannotOpen(UserError),
    /// The engine has put everything away; the window may close.
    Closed,
}
