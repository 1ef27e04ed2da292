//! What the window knows about keeping photos beyond the counts, and what can be asked about it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::keep::{BatchSummary, CardFound, CostEstimate, KeepSettings, Weight};
use crate::domain::labels::TaggerKind;
use crate::domain::tagging::TagSettings;
use crate::domain::{Seat, StorageClass, Timestamp};
use crate::protocol::{
    DownloadOrder, IngestOrder, IngestReport, ItemFailure, OpId, Scope, ShareOrder, ShareReport, TagOrder,
    TaggingState, UserError, VerifyLevel, VerifyReport,
};

use super::Loadable;

/// The last operation that a dialog of its own waits for.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Task<T> {
    /// There is none, or its end was read.
    #[default]
    None,
    /// It is on its way.
    Running(OpId),
    /// It ended.
    Ended(Result<T, UserError>),
}

/// Answers about batches, money, time and cards.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keeping {
    /// The batches, newest first.
    pub batches: Loadable<Vec<BatchSummary>>,
    /// The batch that is looked into (ULID), and what of it waits or needs a person.
    pub items: Option<(String, Loadable<Vec<ItemFailure>>)>,
    /// Files stored on each day (its first moment, UTC), oldest first.
    pub history: Loadable<Arc<[(Timestamp, u64)]>>,
    /// Reports of checks, newest first.
    pub reports: Loadable<Vec<VerifyReport>>,
    /// What the whole library costs in each class.
    pub cost: Loadable<Box<CostEstimate>>,
    /// What a deletion that was asked about would touch.
    pub weight: Loadable<Weight>,
    /// How long a link would last, in seconds, and why not longer.
    pub offer: Loadable<(u64, String)>,
    /// The last link.
    pub share: Task<ShareReport>,
    /// The last card.
    pub ingest: Task<IngestReport>,
    /// The folder that was picked for a card, until the form has taken it over.
    pub ingest_to: Option<PathBuf>,
    /// Which photos are asked for.
    pub scope: Scope,
    /// How tagging is set, and what a run would be.
    pub tagging: Loadable<Box<TaggingState>>,
    /// Cards that are in this computer and were not waved away.
    pub cards: Vec<CardFound>,
}

/// One thing asked about keeping.
#[derive(Debug, Clone, PartialEq)]
pub enum KeepAsk {
    /// Keep and send photos like this from now on.
    Settings(KeepSettings),
    /// Keep these in another class than the library's; `None` is the library's.
    Class {
        /// Which.
        seats: Arc<[Seat]>,
        /// How.
        class: Option<StorageClass>,
    },
    /// What does the whole library cost?
    Cost,
    /// Check a store.
    Verify {
        /// How deep.
        level: VerifyLevel,
        /// Its name; `None` is every one.
        store: Option<String>,
        /// Bytes read at most; `None` is everything.
        budget_bytes: Option<u64>,
    },
    /// Bring some photos back by chance and compare them.
    Drill,
    /// The reports of checks.
    Reports,
    /// The batches.
    Batches,
    /// What of this batch (ULID) waits or needs a person?
    Items(String),
    /// Try again what needs a person, of one batch (ULID) or all.
    TryAgain(Option<String>),
    /// Store these before all others.
    First(Arc<[Seat]>),
    /// When were things stored?
    History,
    /// Look at other photos: those of now, of a moment, or the deleted ones.
    Look(Scope),
    /// What would deleting these touch?
    Weigh(Arc<[Seat]>),
    /// Delete these in every store.
    Delete(Arc<[Seat]>),
    /// Bring these deleted photos back.
    Undelete(Arc<[Seat]>),
    /// Ask for a folder, then bring originals into it.
    PickDownload {
        /// Which.
        seats: Arc<[Seat]>,
        /// Their contents of this moment; `None` is now.
        as_of: Option<Timestamp>,
    },
    /// Bring originals into a folder.
    Download(DownloadOrder),
    /// Write what was decided about these into their sidecars.
    WriteSidecars(Arc<[Seat]>),
    /// Take over what other programs wrote into the sidecars of these.
    ReadSidecars(Arc<[Seat]>),
    /// Ask for the folder that a card is copied into.
    PickIngest,
    /// Copy a card and store everything on it.
    Ingest(IngestOrder),
    /// How it went with the card was read.
    IngestRead,
    /// This card is of no interest.
    WaveAway(PathBuf),
    /// How is tagging set, and what would it be to have these looked at? `None`: all that are new.
    Tagging(Option<Arc<[Seat]>>),
    /// Tag like this from now on.
    SetTagging(TagSettings),
    /// From how sure on a tagger's word becomes a tag, in percent.
    Threshold(TaggerKind, u8),
    /// Have photos looked at.
    Tag(TagOrder),
    /// How long would a link last?
    Offer,
    /// Make a link.
    Share(ShareOrder),
    /// The link was read.
    ShareRead,
}
