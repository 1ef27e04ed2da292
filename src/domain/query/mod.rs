//! The search language: what a person types, as a tree of conditions.
//!
//! - `iceland trip`: every word must begin a word of the name, the folders, the title, the caption, a tag, the place or
//!   a person.
//! - `IMG_1234`, `京都`: what falls into several words must stand together; the last may be cut short.
//! - `"golden gate"`: these words together, whole. A quote left open ends with the text.
//! - `tag:sunset tag:"golden gate"`: the whole tag. `camera: lens: person: place: text:` find beginnings of words;
//!   `text:` is what is written in the picture.
//! - `date:2024`, `date:2024-05`, `date:2024-05-03`, `date:2024-05..2024-07`, `date:>=2024-05` (also `> < <=`)
//! - `rating:>=3`, `iso:100..400`, `f:<2.8`, `size:>20MB`: ranges likewise.
//! - `flag:pick|reject|none`, `colour:red|none`, `type:jpeg`, `stored:yes|no`, `batch:` with the beginning of a batch's number.
//! - `near:64.15,-21.94,10`, `near:Reykjavik`, `near:"New York,40"`: within so many km (25 where none are said).
//! - `as-of:2024-05-03`: the library as it was at the end of that day (UTC) or at a moment (RFC 3339).
//! - several values with `|`: `type:jpeg|raw`, `tag:dog|cat`, `tag:"red sea"|lake`. A quote in a quoted value is
//!   written twice.
//! - `-` or `not` in front of any of them: not. `or` between two; `and` may be written. `or` binds less than `and`.
//!   Parentheses group; one left open ends with the text. Where there is nothing to join, `and`, `or` and `not` are
//!   words, so that `cat or` on the way to `cat orange` is no fault.
//!
//! Nothing depends on the locale. The same text always means the same photos.

mod cursor;
mod parse;
mod print;
mod value;
pub mod words;

pub use cursor::{Typed, typed_at};

use super::colour::ColourLabel;
use super::photo::{Flag, Format, Rating};
use super::time::Timestamp;

/// The longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 4_096;
/// The most terms of a query; each value of several counts.
pub const MAX_TERMS: usize = 64;
/// How deep parentheses and nots may lie in each other.
pub const MAX_DEPTH: usize = 32;
/// How far `near:` reaches where it does not say (m).
pub const NEAR_M: u32 = 25_000;

/// Every field, in the order in which they are offered.
pub const FIELDS: [&str; 18] = [
    "tag", "person", "text", "camera", "lens", "iso", "f", "date", "place", "near", "rating", "flag", "colour", "type",
    "size", "stored", "batch", "as-of",
];

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

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// What must hold.
    pub filter: Expr,
    /// The moment whose library is looked at, where the query names one.
    pub as_of: Option<Timestamp>,
}

/// Conditions, joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// All of these; of none: always.
    All(Vec<Expr>),
    /// At least one of these.
    Any(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// This.
    Is(Match),
}

impl Default for Expr {
    /// Always.
    fn default() -> Self {
        Self::All(Vec::new())
    }
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
    /// People whose names have these words (folded; each may be the beginning of one).
    Person(Vec<String>),
    /// Words that are written in the picture, likewise.
    Text(Vec<String>),
    /// Cameras whose names have these words, likewise.
    Camera(Vec<String>),
    /// Lenses, likewise.
    Lens(Vec<String>),
    /// Places (city, region, country), likewise.
    Place(Vec<String>),
    /// Taken within so far of a point on Earth. Right to 1.6 km; where it reaches more than 250 km, to 16 km.
    Near {
        /// Millionths of a degree north.
        latitude_e6: i32,
        /// Millionths of a degree east.
        longitude_e6: i32,
        /// How far (m).
        radius_m: u32,
    },
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
    /// One of these colour labels.
    Label(Vec<ColourLabel>),
    /// Sensitivity from lowest to highest, both included.
    Iso {
        /// The lowest.
        lowest: u32,
        /// The highest.
        highest: u32,
    },
    /// Aperture in tenths of the f-number, both included.
    Aperture {
        /// The lowest.
        lowest: u32,
        /// The highest.
        highest: u32,
    },
    /// Length of the original in steps of 1,024 bytes, rounded down, both included.
    Size {
        /// The lowest.
        lowest: u32,
        /// The highest.
        highest: u32,
    },
    /// One of these formats.
    Format(Vec<Format>),
    /// Whether it is stored in every enabled store.
    Stored(bool),
    /// Stored in a batch whose number (ULID) begins so.
    Batch(String),
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

    /// Where it looks: the moment that it names itself comes before the library of now.
    #[must_use]
    pub fn scope(&self, asked: Scope) -> Scope {
        match (asked, self.as_of) {
            (Scope::Library, Some(at)) => Scope::AsOf(at),
            _ => asked,
        }
    }
}

impl Expr {
    /// All of these, with what is the same written more simply.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.swap_remove(0) } else { Self::All(flat) }
    }

    /// At least one of these, likewise. Of none: always, since nothing was said.
    #[must_use]
    pub fn any(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::default(),
            1 => flat.swap_remove(0),
            _ => Self::Any(flat),
        }
    }
}

impl std::ops::Not for Expr {
    type Output = Self;
    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}
