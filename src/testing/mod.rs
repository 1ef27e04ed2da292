//! Builders, fakes, fault decorators and conformance suites; only for tests and benches, never in a release build.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that fails panics")]

pub mod conformance;
pub mod faces;
pub mod files;
pub mod library;
pub mod paint;
pub mod quality;
pub mod sim_store;
pub mod store;
