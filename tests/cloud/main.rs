//! Building, checking and removing an account's stack, against the stand-in for AWS.
#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

#[path = "../common/mod.rs"]
mod common;
mod stand_in;
