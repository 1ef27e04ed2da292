//! The bucket as a store, against two S3 servers that are none of ours, and behind a line that breaks.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

#[path = "../common/mod.rs"]
mod common;

mod contract;
mod faults;
mod long;
mod names;
mod place;
mod program;
mod proxy;
