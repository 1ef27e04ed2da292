//! The command line as scripts see it: every sub-command, every JSON key, every exit code, through the real program.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails panics, and says how to repeat it")]

#[path = "../common/mod.rs"]
mod common;
mod edits;
mod find;
mod import;
mod ingest;
mod keep;
mod people;
mod print;
mod sidecar;
mod vault;
mod words;
