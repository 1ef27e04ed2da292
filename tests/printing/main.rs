//! Printing for real: a CUPS of the test's own with a queue that makes PDF files, `ippeveprinter` as a driverless
//! printer, and a stand-in that misbehaves in every way that a printer can.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

#[path = "../common/mod.rs"]
mod common;

mod cups;
mod document;
mod driverless;
mod eve;
mod faults;
mod outside;
mod queue;
mod whole;

/// Nobody stops anything.
fn go() -> bool {
    false
}
