//! The search language: what a person types, as a list of terms that must all hold.
//!
//! - `iceland trip`: every word must begin a word of the name, the folders, the title, the caption or a tag.
//! - `IMG_1234`, `京都`: what falls into several words must stand together; the last may be cut short.
//! - `"golden gate"`: these words together, whole. A quote left open ends with the text.
//! - `tag:sunset tag:"golden gate" camera:canon lens:50mm`: `tag:` is the whole tag; the others find parts.
//! - `date:2024`, `date:2024-05`, `date:2024-05-03`, `date:2024-05..2024-07`, `date:>=2024-05` (also `> < <=`)
//! - `rating:3`, `rating:>=3`, `rating:1..3`, `iso:>800`, `flag:pick|reject|none`, `type:jpeg`, `stored:yes|no`;
//!   several values with `|`: `type:jpeg|raw`
//! - `-` in front of any of them: not.
//!
//! Nothing depends on the locale. The same text always means the same photos.

mod parse;
pub mod words;

use super::photo::{Flag, Format, Rating};
use super::time::Timestamp;

/// The longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 4_096;
/// The most terms of a query.
pub const MAX_TERMS: usize = 64;

/// Which photos a search looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The library.
    #[default]
    Library,
    /// The library as it was at a moment: its photos of then, with their contents of then. Nothing can be edited. A
    /// query looks at what is said of them now: tags and ratings are not taken back in time.
    AsOf(Timestamp),
    /// Photos that were deleted and can be brought back.
    Deleted,
}

/// What is searched for. No terms: everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// All of these must hold.
    pub terms: Vec<Term>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether it must not hold.
    pub not: bool,
    /// What.
    pub what: Match,
}

/// What a term looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// Words that stand together, folded.
    Words {
        /// In order; never empty.
        words: Vec<String>,
        /// Whether the last may be the beginning of a longer word.
        prefix: bool,
    },
    /// Exactly this tag, by [`super::tag::TagName::key`].
    Tag(String),
    /// Cameras whose names have these words (folded; each may be the beginning of one).
    Camera(Vec<String>),
    /// Lenses, likewise.
    Lens(Vec<String>),
    /// Taken from the first to the last day, both included, counted from 1970-01-01 on the wall clock.
    Days {
        /// The first day.
        first: i32,
        /// The last day.
        last: i32,
    },
    /// One of these ratings.
    Rating(Vec<Rating>),
    /// One of these flags.
    Flag(Vec<Flag>),
    /// Sensitivity from lowest to highest, both included.
    Iso {
        /// The lowest.
        lowest: u32,
        /// The highest.
        highest: u32,
    },
    /// One of these formats.
    Format(Vec<Format>),
    /// Whether it is stored in every enabled store.
    Stored(bool),
}

/// A term that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expected} expected at character {position}, not {found:?}")]
pub struct QueryError {
    /// Where, in characters from 1.
    pub position: usize,
    /// What would be right there.
    pub expected: String,
    /// What is there, shortened.
    pub found: String,
}

impl Query {
    /// Reads the search language.
    ///
    /// # Errors
    /// Where a term is none, says where and what was expected.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text)
    }

    /// The query that finds every photo.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }
}
