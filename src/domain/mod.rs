//! Pure nouns and rules: what a photo, a tag, a version, a batch, a page and an account are.
//!
//! Nothing here reads a file, asks a clock, or knows a window, a database or a network.

pub mod account;
pub mod answers;
pub mod batch;
pub mod card;
pub mod colour;
pub mod cost;
pub mod edit;
pub mod facets;
pub mod hash;
pub mod html;
pub mod ingest_template;
pub mod intake;
pub mod keep;
pub mod keys;
pub mod labels;
pub mod layout;
pub mod length;
pub mod number;
pub mod object;
pub mod paper;
pub mod path_text;
pub mod people;
pub mod photo;
pub mod places;
pub mod printers;
pub mod printing;
pub mod query;
pub mod seat;
pub mod secret;
pub mod sidecar;
pub mod spend;
pub mod tag;
pub mod tag_sets;
pub mod tagging;
pub mod time;

pub use card::{Card, Companion, PhotoDetail, PhotoPath, PhotoTag, PhotoVersion, StoreReceipt, StoredState, TagSource};
pub use colour::ColourLabel;
pub use edit::Change;
pub use hash::{ContentHash, Crc64, PhotoId};
pub use object::{Fingerprint, ObjectKey, ObjectVersion, Receipt, StorageClass, VersionId};
pub use photo::{Flag, Format, Gps, Metadata, Orientation, Rating};
pub use seat::{PhotoNum, Seat};
pub use secret::Secret;
pub use time::{TakenAt, Timestamp};
