//! What can be asked of the engine.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::account::AccountAsk;
use super::progress::OpId;
use crate::domain::layout::PageSetup;
use crate::domain::{Change, ContentHash, PhotoId, Seat};

/// A picture for a cell: of a photo in the library, or of a file that is still arriving.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThumbKey {
    /// The stored 320 px thumbnail of this content.
    Content(ContentHash),
    /// A file that an import has found and not yet taken in.
    File(Arc<PathBuf>),
}

/// One thumbnail that is wanted on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThumbWish {
    /// Which.
    pub key: ThumbKey,
    /// The photo it belongs to, so that a thumbnail that was thrown away can be made again.
    pub seat: Option<Seat>,
}

/// Where a restored version goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestoreTo {
    /// Into this folder, under a name that is not taken.
    Folder(PathBuf),
    /// On top of the original file, whose present bytes are stored first where they are not yet.
    InPlace,
}

/// How deep a verify looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum VerifyLevel {
    /// 1: the catalogue against the listing.
    Listing = 1,
    /// 2: sizes and recorded checksums too.
    Checksums = 2,
    /// 3: every byte is read and hashed again.
    EveryByte = 3,
}

impl TryFrom<u8> for VerifyLevel {
    type Error = String;
    fn try_from(level: u8) -> Result<Self, String> {
        match level {
            1 => Ok(Self::Listing),
            2 => Ok(Self::Checksums),
            3 => Ok(Self::EveryByte),
            _ => Err(format!("a verify level is 1, 2 or 3, not {level}")),
        }
    }
}

impl From<VerifyLevel> for u8 {
    fn from(level: VerifyLevel) -> Self {
        level as Self
    }
}

/// What is to be printed, and where to.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintOrder {
    /// The photos, in page order.
    pub photos: Arc<[Seat]>,
    /// Paper, margins, layout, captions.
    pub setup: PageSetup,
    /// The PDF to write.
    pub file: PathBuf,
}

/// One thing asked of the engine. The answers are [`Event`](super::Event)s.
#[derive(Debug, Clone)]
pub enum Command {
    /// Take files and folders into the library, and (with `store`) into every enabled store as one batch.
    Import {
        /// Its name.
        op: OpId,
        /// Files and folders, absolute.
        roots: Vec<PathBuf>,
        /// Whether the batch is stored too.
        store: bool,
    },
    /// Stop an operation; it ends within a second with a consistent library.
    Cancel {
        /// Which.
        op: OpId,
    },
    /// Find photos. Supersedes the search before. Answers: `Results` (maybe twice: first page, then everything).
    Search {
        /// Its name.
        op: OpId,
        /// In the search language; empty is everything.
        query: String,
    },
    /// Describe these photos. Answers: `Cards`.
    Cards {
        /// Which, at most a few hundred.
        seats: Vec<Seat>,
    },
    /// Everything about one photo. Answers: `Detail`.
    Detail {
        /// Which.
        seat: Seat,
    },
    /// The thumbnails wanted now, the most urgent first. Replaces the wishes before; what is no longer wanted is
    /// dropped. Answers: `Thumb` for each.
    Thumbs {
        /// Every wish.
        wishes: Vec<ThumbWish>,
    },
    /// A large picture for the loupe. Supersedes the one before unless it is `ahead`. Answers: `Picture`.
    Picture {
        /// Its name.
        op: OpId,
        /// Which photo.
        seat: Seat,
        /// The long edge wanted (px); `None` is every pixel.
        long_edge_px: Option<u32>,
    },
    /// One gesture over one or many photos.
    Edit {
        /// Which.
        seats: Arc<[Seat]>,
        /// What.
        change: Change,
    },
    /// Take back the last gesture.
    Undo,
    /// Do the last undone gesture again.
    Redo,
    /// Tags that begin with this, most used first. Answers: `TagSuggestions`.
    SuggestTags {
        /// What was typed so far.
        typed: String,
    },
    /// Store everything that waits.
    Store {
        /// Its name.
        op: OpId,
    },
    /// Use another vault folder (made where it is absent). What it does not have yet will be stored there.
    SetVault {
        /// Where.
        dir: PathBuf,
    },
    /// Build this library from a vault.
    OpenStore {
        /// Its name.
        op: OpId,
        /// The vault.
        dir: PathBuf,
    },
    /// Check the vault against the catalogue.
    Verify {
        /// Its name.
        op: OpId,
        /// How deep.
        level: VerifyLevel,
    },
    /// Bring a version back.
    Restore {
        /// Its name.
        op: OpId,
        /// The photo.
        photo: PhotoId,
        /// Which version number.
        version: u32,
        /// Where to.
        to: RestoreTo,
    },
    /// Lay out pages for the preview. Supersedes the one before. Answers: `Pages`.
    Preview {
        /// Its name.
        op: OpId,
        /// The photos, in page order.
        photos: Arc<[Seat]>,
        /// Paper, margins, layout, captions.
        setup: PageSetup,
    },
    /// Write pages into a PDF.
    Print {
        /// Its name.
        op: OpId,
        /// What.
        order: PrintOrder,
    },
    /// Something about the account. Answers: `AccountAnswered`, and `Account` whenever its state changes.
    Account {
        /// Its name.
        op: OpId,
        /// What.
        ask: AccountAsk,
    },
    /// Try to open the library again, after `CannotOpen`.
    TryAgain,
    /// Keep the damaged catalogue under another name and build a new one from the vault, after `CannotOpen`.
    SetAside,
    /// Finish what must be finished (at most a few seconds), then answer `Closed`.
    Shutdown,
}
