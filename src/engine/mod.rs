//! The operations: one task each, cancellable, with the order of durable writes that keeps every promise.
//!
//! An [`Engine`] is assembled from [`Parts`] (clock, randomness, files, store, workers), so that a test can put any of
//! them in another's place and run it all on one current-thread runtime. [`open`] assembles the real ones. The window
//! talks to it through [`serve`]; sub-commands and tests call its methods.
//!
//! Blocking work runs in two pools: `heavy` for hashing and decoding, one job for each core, and `quick` for the
//! catalogue and small reads, so that a scroll never waits behind an import.

mod access;
mod account;
mod account_words;
mod answers;
mod background;
mod backup;
mod batches;
mod cancel;
mod carry;
mod cloud;
mod cost;
mod delete;
mod desk;
mod download;
mod drill;
mod edits;
mod errors;
mod explore;
mod find;
mod history;
mod host;
mod import;
mod ingest;
mod ingest_copy;
mod ingest_sheet;
mod intake;
mod judge;
mod lock;
mod manifest;
mod open;
mod part_log;
mod parts;
mod people;
mod pictures;
mod pipeline;
mod print_facts;
mod print_pixels;
mod printers;
mod printing;
mod progress;
mod reading;
mod rebuild;
mod remote;
mod restore;
mod retries;
mod send;
mod serve;
mod serve_keep;
mod serve_people;
mod serve_tag;
mod share;
mod share_page;
mod sidecars;
mod state;
mod store_list;
mod stores;
mod tagging;
mod thumbs;
mod vaults;
mod verify;
mod vocabulary;
mod walk;
mod workers;

#[cfg(test)]
mod tests;

pub use account::{AccountDesk, TokenKind};
pub use answers::FetchedAnswers;
pub use cancel::Cancel;
pub use cloud::{
    Change, Cloud, CloudOptions, Deployed, Estimate, Finding, FindingState, Outcome, Parameter, Plan, Removed, Step,
    TEMPLATE,
};
pub use find::{Found, FoundPhoto};
pub use host::host;
pub use lock::FILE_NAME as LOCK_FILE_NAME;
pub use open::{Mode, OpenOptions, open, open_with};
pub use parts::{Engine, Parts};
pub use progress::Reporter;
pub use serve::serve;
pub use sidecars::conflict_line;
pub use workers::{Workers, cores};
