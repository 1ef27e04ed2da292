//! What goes into the catalogue and what comes out of it, beyond the nouns of `domain`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::batch::{AssetKind, ManifestLine};
use crate::domain::intake::Meaning;
use crate::domain::path_text::PathText;
use crate::domain::{
    Fingerprint, Format, Metadata, ObjectKey, PhotoId, PhotoNum, Receipt, Seat, StorageClass, Timestamp, VersionId,
};

/// A stored file: a photo's original, or a companion of one. Local to this library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetNum(pub i64);

/// One content of an asset. Local to this library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionNum(pub i64);

/// Stops a search from another thread. Once stopped it stays so: one per search.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Not stopped.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the search end with [`super::CatalogError::Stopped`] within a few milliseconds.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What an imported file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A photo of this format.
    Photo(Format),
    /// A companion that describes a photo: `.xmp .pp3 .dop .aae`.
    Sidecar,
    /// A video, alone or of a Live Photo.
    Video,
}

impl FileKind {
    /// What the file is to its photo.
    #[must_use]
    pub fn asset(self) -> AssetKind {
        match self {
            Self::Photo(_) => AssetKind::Original,
            Self::Sidecar => AssetKind::Sidecar,
            Self::Video => AssetKind::Video,
        }
    }
}

/// A key that an asset might get, and its folded form, under which no two assets may meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedKey {
    /// The key.
    pub key: ObjectKey,
    /// The key after NFC and case folding.
    pub fold: String,
}

/// A file that was read, for the catalogue to take in.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Absolute path.
    pub path: PathBuf,
    /// The dropped folder it lies in (for a dropped file: its folder). Its name and what is below it count as the
    /// photo's folders.
    pub root: PathBuf,
    /// Length in bytes when it was read.
    pub size: u64,
    /// Modification time in nanoseconds since 1970 (UTC) when it was read.
    pub mtime_ns: i64,
    /// What the bytes are.
    pub fingerprint: Fingerprint,
    /// What the file is.
    pub kind: FileKind,
    /// What the bytes and a sidecar say; default for companions.
    pub metadata: Metadata,
    /// Keys in order of preference; the first free one is taken. The last should hold a long part of the hash.
    pub keys: Vec<ProposedKey>,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What the file meant to the library.
    pub meaning: Meaning,
    /// The stored file.
    pub asset: AssetNum,
    /// Its content.
    pub version: VersionNum,
    /// The photo it is or belongs to; none for a companion whose photo was not seen yet.
    pub photo: Option<PhotoNum>,
    /// Where that photo sits.
    pub seat: Option<Seat>,
}

/// What the catalogue remembers of a file, to be compared with what the file system says now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Length in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970 (UTC).
    pub mtime_ns: i64,
}

/// How far an upload is, as far as it must be remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadState {
    /// Waits its turn.
    Queued,
    /// Failed in a way that may pass.
    Waiting {
        /// Not before.
        until: Timestamp,
        /// What happened.
        why: String,
    },
    /// Will not go on without a person.
    NeedsYou {
        /// What is wrong and what to do.
        why: String,
    },
}

/// A row of a store's queue.
#[derive(Debug, Clone)]
pub struct PendingUpload {
    /// What to store.
    pub version: VersionNum,
    /// Which stored file.
    pub asset: AssetNum,
    /// What it is.
    pub kind: AssetKind,
    /// Whose.
    pub photo: Option<PhotoId>,
    /// Where the photo sits.
    pub seat: Option<Seat>,
    /// Where to.
    pub key: ObjectKey,
    /// What the bytes must be.
    pub fingerprint: Fingerprint,
    /// Modification time to record (ms since 1970, UTC).
    pub mtime: Timestamp,
    /// Files that had these bytes when last read; any of them will do.
    pub paths: Vec<PathBuf>,
    /// How far it is.
    pub state: UploadState,
    /// The batch it belongs to, once assigned.
    pub batch: Option<String>,
    /// How often in a row it failed in a passing way.
    pub tries: u32,
    /// How it is to be kept; `None` is the library's class.
    pub class: Option<StorageClass>,
    /// Whether the store's object was found damaged, so that what it says of it is not believed.
    pub renew: bool,
    /// Version and entity tag of what this store has of the file already.
    pub previous: Option<(VersionId, String)>,
}

/// A file that had the bytes of a content when it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MendPath {
    /// Where.
    pub path: PathBuf,
    /// Length in bytes then.
    pub size: u64,
    /// Modification time in nanoseconds since 1970 (UTC) then.
    pub mtime_ns: i64,
}

/// A store of this library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreInfo {
    /// Name: `vault`.
    pub name: String,
    /// Whether photos must be in it to count as stored.
    pub enabled: bool,
    /// Uploads that wait (queued, or to be tried again).
    pub waiting: u64,
    /// Uploads that need a person.
    pub needs_you: u64,
    /// Receipts of this store.
    pub receipts: u64,
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchInfo {
    /// Its ULID.
    pub ulid: String,
    /// Which store.
    pub store: String,
    /// When it was begun.
    pub started: Timestamp,
    /// Segments written, which are also the last one's number.
    pub segments: u32,
    /// Whether its final segment is written.
    pub is_final: bool,
}

/// An entry that a batch's next manifest segment must have.
#[derive(Debug, Clone)]
pub struct DueLine {
    /// To be handed back to `segment_written`.
    pub version: VersionNum,
    /// The line.
    pub line: ManifestLine,
}

/// One receipt, with what a check needs.
#[derive(Debug, Clone)]
pub struct ReceiptRow {
    /// The content it proves.
    pub version: VersionNum,
    /// Which stored file.
    pub asset: AssetNum,
    /// Which content of its file, from 1.
    pub number: u32,
    /// Whether it is the file's content now.
    pub current: bool,
    /// What the file is.
    pub kind: AssetKind,
    /// Whose.
    pub photo: Option<PhotoId>,
    /// A path of the file, where one is known.
    pub path: Option<PathBuf>,
    /// The batch.
    pub batch: String,
    /// The proof.
    pub receipt: Receipt,
}

/// Figures of the whole library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status {
    /// Photos that are shown.
    pub photos: u64,
    /// Photos removed from the library (their files are untouched).
    pub hidden: u64,
    /// Shown photos that every enabled store has.
    pub stored: u64,
    /// Uploads that wait.
    pub waiting: u64,
    /// Uploads that need a person.
    pub needs_you: u64,
    /// Bytes of all current contents, companions included.
    pub bytes: u64,
    /// Batches without their final segment.
    pub unfinished_batches: u64,
}

/// A tag with how many photos have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagCount {
    /// As first spelled.
    pub name: String,
    /// Shown photos that have it.
    pub photos: u64,
}

/// What was taken back, or done again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoReport {
    /// What the gesture was: `Rating`, `Add tag sunset`.
    pub what: String,
    /// Photos it changed.
    pub photos: u64,
}

/// Why a text does not name one photo.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// Nothing has that id, content or path.
    #[error("no photo has this id, content or path: {0}")]
    NotFound(String),
    /// Several do.
    #[error("{1} photos begin like this; give more digits: {0}")]
    Ambiguous(String, u64),
    /// The catalogue cannot be read.
    #[error(transparent)]
    Catalog(#[from] super::CatalogError),
}

/// What the catalogue knows under one key of a store.
#[derive(Debug, Clone, Default)]
pub struct KnownKey {
    /// The photo it belongs to.
    pub photo: Option<PhotoId>,
    /// Numbers of the versions, each with the store's own name where it has a receipt, and with those it had before.
    pub versions: Vec<(u32, Option<VersionId>)>,
    /// Where the file is, each with how many of its last folders belong to the library.
    pub paths: Vec<(PathText, u16)>,
}
