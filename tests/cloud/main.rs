//! Building, checking and removing an account's stack, through the real program and against the stand-in for AWS.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails panics, and says how to repeat it")]

#[path = "../common/mod.rs"]
mod common;
mod deploy;
mod doctor;
mod owner;
mod refuse;
mod role;
mod stand_in;
mod template;
mod triggers;
mod try_it;
