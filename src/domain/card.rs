//! What is known of a photo when it is shown: a small card for a grid cell, everything for the inspector.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::hash::{ContentHash, PhotoId};
use super::object::Receipt;
use super::people::FaceBox;
use super::photo::{Flag, Format, Metadata, Rating};
use super::seat::Seat;
use super::time::{TakenAt, Timestamp};

/// How far a photo is on its way into every enabled store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StoredState {
    /// Every enabled store has given a receipt for the current version, and for its companions.
    Stored,
    /// Waits its turn.
    Queued,
    /// Is being read or sent now.
    Sending,
    /// Will be tried again by itself.
    Waiting {
        /// When.
        until: Timestamp,
        /// Why it did not work.
        why: String,
    },
    /// Will not go on without a person.
    NeedsYou {
        /// What is wrong and what to do.
        why: String,
    },
}

/// A photo as its grid cell shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Its place in the order.
    pub seat: Seat,
    /// Its name for life.
    pub id: PhotoId,
    /// Its current content: what thumbnails are kept by.
    pub blake3: ContentHash,
    /// File name, lossy where it is not UTF-8.
    pub name: String,
    /// Format.
    pub format: Format,
    /// Width and height (px), upright and with the person's rotation; `None` where unknown.
    pub size_px: Option<(u32, u32)>,
    /// When it was taken.
    pub taken_at: Option<TakenAt>,
    /// Stars.
    pub rating: Rating,
    /// Pick or reject.
    pub flag: Flag,
    /// Quarter turns clockwise that a person added, 0 to 3.
    pub quarter_turns: u8,
    /// Whether it is stored.
    pub stored: StoredState,
    /// Whether there is a picture to show.
    pub has_picture: bool,
}

/// Where a tag came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagSource {
    /// A person wrote it here.
    User,
    /// A keyword in the file or its sidecar.
    Keyword,
    /// Worked out from what is known: camera, date, place, shape, folder.
    Derived,
    /// Amazon Rekognition sees it.
    Aws,
    /// The model on this computer sees it.
    Device,
}

/// A tag on a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhotoTag {
    /// As it is written.
    pub name: String,
    /// Where it came from.
    pub source: TagSource,
    /// How sure a machine is, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
}

/// A file that is, or was, this photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoPath {
    /// Absolute path, exactly as the file system has it.
    pub path: PathBuf,
    /// Whether the last look found another photo, or nothing, there.
    pub gone: bool,
}

/// One content that a photo has had, oldest is 1.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoVersion {
    /// 1, 2, 3 … in the order seen.
    pub number: u32,
    /// Its content.
    pub blake3: ContentHash,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Modification time of the file.
    pub mtime: Timestamp,
    /// Whether it is the photo's content now.
    pub current: bool,
    /// What each store answered, by store name, with the batch (ULID) it went in.
    pub receipts: Vec<StoreReceipt>,
}

/// A receipt and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoreReceipt {
    /// Name of the store: `vault`.
    pub store: String,
    /// The batch (ULID) it was stored in.
    pub batch: String,
    /// Who stored it, for people: `anna on laptop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What a check found wrong with it and is not mended yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
    /// The proof.
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A file stored beside a photo: sidecar, development settings, the film of a Live Photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Companion {
    /// Absolute path.
    pub path: PathBuf,
    /// Whether every enabled store has it.
    pub stored: bool,
}

/// Everything that is known of one photo.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoDetail {
    /// What its cell shows.
    pub card: Card,
    /// What its camera and sidecar say, with the person's caption over it.
    pub metadata: Metadata,
    /// Length of the current content in bytes.
    pub size_bytes: u64,
    /// Where its files are; those that exist first.
    pub paths: Vec<PhotoPath>,
    /// Its tags in alphabetical order.
    pub tags: Vec<PhotoTag>,
    /// Newest first.
    pub versions: Vec<PhotoVersion>,
    /// Files stored beside it.
    pub companions: Vec<Companion>,
    /// Faces that somebody named: where, and whose.
    pub faces: Vec<(FaceBox, String)>,
}
