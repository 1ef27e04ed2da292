//! Pure nouns and rules: what a photo, a tag, a version, a batch and a page are.
//!
//! Nothing here reads a file, asks a clock, or knows a window, a database or a network.

pub mod hash;
pub mod keys;
pub mod object;
pub mod photo;
pub mod time;

pub use hash::{ContentHash, Crc64, PhotoId};
pub use object::{Fingerprint, ObjectKey, ObjectVersion, Receipt, VersionId};
pub use photo::{Flag, Format, Gps, Metadata, Orientation, Rating};
pub use time::{TakenAt, Timestamp};
