//! Lightkeep: a desktop photo manager for photographers who want their pictures in their own folders,
//! their own vault and on their own paper.
//!
//! This page is the map of the house. `tests/architecture.rs` enforces the table; change both together.
//!
//! | folder | its one job | may use | must never use |
//! |---|---|---|---|
//! | `main.rs` | read arguments, start the window or one command | `app`, `cli` | anything else |
//! | `domain` | pure nouns and rules: photo, tag, version, batch, query, page layout, key names | std, serde, time | I/O, clocks, egui, tokio, SQL |
//! | `protocol` | `Command` in, `Event` out, `OpId`, `Progress`, `UserError`, the channel pair with its wake-up | `domain` | egui, engine, any I/O crate |
//! | `engine` | one task per operation; cancel, schedule, order of durable writes; `engine::open` assembles the real parts | everything below it | egui, `ui`, `app`, `cli`, `platform` |
//! | `catalog` | the SQLite database: schema, migrations, queries, one writer, many readers | `domain` | tokio, egui |
//! | `store` | the `ObjectStore` trait; `vault` (a folder), `memory` (tests) | `domain`, `files` | SQL, egui |
//! | `imaging` | bytes to metadata, oriented pixels, thumbnails | `domain`, codecs | egui, tokio, SQL |
//! | `files` | walk, hash, atomic replace | `domain`, std::fs | egui, SQL |
//! | `print` | laid-out pages to PDF; pixels come from `engine` through a closure | `domain`, krilla | egui, SQL, imaging |
//! | `config` | `config.toml`, directories, defaults, their checks | `domain`, serde | everything else |
//! | `trace` | a rotating log file in the library, `--trace FILE` | `domain`, tracing | everything else |
//! | `platform` | dialogs, the desktop's file manager; everything behind `cfg(target_os)` | `domain` | engine, catalog, store |
//! | `ui` | draw `&Model` and own view state, return `Vec<Action>` | `domain`, `protocol`, egui | engine, catalog, store, tokio, `std::fs`, clocks |
//! | `app` | composition: events to model, textures, actions to commands, shutdown | everything | being used by anyone but `main` and tests |
//! | `cli` | the same operations as sub-commands, with `--json` | `engine`, `protocol`, `domain`, `config`, `trace` | egui |
//! | `testing` | builders, fakes, fault decorators; only under `cfg(any(test, feature = "testing"))` | all but app and ui | being in a release build |
//!
//! **The way of a drop.** Files dropped on the window → `ui::Action::Import` → `protocol::Command::Import` →
//! `engine` walks and hashes (`files`), reads metadata and makes thumbnails (`imaging`), writes rows (`catalog`),
//! queues uploads, and sends the batch (`store`); its receipts go back into the `catalog` → `protocol::Event`s wake
//! the window → `app` updates the model → `ui` draws. One direction, no shared locks.
//!
//! Where this departs from the design's first text, and why, stands in the documentation of the module concerned.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod files;
pub mod imaging;
pub mod platform;
pub mod print;
pub mod protocol;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod trace;
pub mod ui;
