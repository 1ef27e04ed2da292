//! The catalogue: which photos there are, what is known of them, where they are stored. One SQLite database.
//!
//! One [`Writer`] changes it; any number of [`Reader`]s look at it, each with its own connection, and never wait for
//! the writer (WAL). All calls block: they belong on worker threads. Every change is one transaction, durable when the
//! call returns (`synchronous=FULL`), so that a killed process or a lost mains leaves the state before or after it.
//!
//! `schema_1.sql` says what the tables hold; `index.rs` how the search index works and why it is not FTS5.
//! [`Thumbs`] is a database of its own that can be thrown away.

mod answers;
mod backfill;
mod bits;
mod cells;
mod complete;
mod damage;
mod deletions;
mod detail;
mod edits;
mod error;
mod faces;
mod facets;
mod history;
mod index;
mod intake;
mod lanes;
mod long;
mod machine;
mod open;
mod people;
mod people_read;
mod photos;
mod proof;
mod queue;
mod reader;
mod rebuild;
mod reports;
mod saved;
mod schema;
mod scope;
mod search;
mod sidecars;
mod spend;
#[cfg(test)]
mod tests;
mod thumbs;
mod types;
mod uploads;
mod writer;

pub use answers::{AnswersRead, DueAnswer};
pub use deletions::{Deletable, DeletableObject};
pub use error::{CatalogError, Result};
pub use faces::{AwsFace, FoundFace, MOST_OF_A_USER, Step};
pub use history::ContentRow;
pub use lanes::{Lane, QueueTotals};
pub use machine::Untagged;
pub use open::{Access, CATALOG_FILE, Library, THUMBS_FILE, open_library};
pub use people::{FaceChange, PeopleGesture};
pub use people_read::{PeopleCounts, WhichFaces};
pub use proof::AmountOf;
pub use reader::Reader;
pub use rebuild::SegmentInfo;
pub use sidecars::{KnownSidecar, SidecarNews, SidecarPhoto};
pub use thumbs::Thumbs;
pub use types::*;
pub use writer::Writer;
