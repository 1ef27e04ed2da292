//! Edits: what a person decides about photos, as rows of a log that is only ever appended to.

use serde::{Deserialize, Serialize};

use super::photo::{Flag, Rating};

/// One decision, to be applied to one or many photos as one gesture (the unit of undo).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Stars.
    Rating(Rating),
    /// Pick, reject or neither.
    Flag(Flag),
    /// One more tag.
    AddTag(String),
    /// One tag less; it stays away, wherever it came from.
    RemoveTag(String),
    /// Quarter turns clockwise, relative to how the photo stands now (−1 is counter-clockwise).
    Turn(i8),
    /// A caption; `None` takes the person's caption back and shows the file's.
    Caption(Option<String>),
    /// Removed from the library (the file is never touched), or brought back.
    Hidden(bool),
}
