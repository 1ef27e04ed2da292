//! Lightkeep: a desktop photo manager for photographers who want their pictures in their own folders,
//! their own vault and on their own paper.
//!
//! This page is the map of the house. `tests/architecture.rs` enforces the table; change both together.
//!
//! | folder | its one job | may use | must never use |
//! |---|---|---|---|
//! | `main.rs` | read arguments, start the window or one command | `app`, `cli` | anything else |
//! | `domain` | pure nouns and rules: photo, tag, version, batch, query, page layout, key names, accounts | std, serde, time, zeroize | I/O, clocks, egui, tokio, SQL |
//! | `protocol` | `Command` in, `Event` out, `OpId`, `Progress`, `UserError`, the channel pair with its wake-up | `domain` | egui, engine, any I/O crate |
//! | `engine` | one task per operation; cancel, schedule, order of durable writes; `engine::open` assembles the real parts | everything below it | egui, `ui`, `app`, `cli`, `platform` |
//! | `catalog` | the SQLite database: schema, migrations, queries, one writer, many readers | `domain` | tokio, egui |
//! | `aws` | what every AWS client shares: one HTTP client, its limits, how its faults are read | `domain`, AWS | SQL, egui |
//! | `account` | who you are: Cognito, SRP, tokens, temporary credentials, the keyring, the sign-in page | `domain`, `aws`, AWS, keyring | SQL, egui |
//! | `cloud` | building and checking the AWS account: template, deploy, doctor, prices | `domain`, `aws`, AWS | SQL, egui |
//! | `store` | the `ObjectStore` trait; `vault` (a folder), `s3`, `memory` (tests); `traffic`, what all transfers share | `domain`, `aws`, `files`, AWS | SQL, egui |
//! | `tagger` | the `Tagger` trait; `rekognition`, `on_device` | `domain`, `aws`, `imaging` (the pixels of a thumbnail), AWS, model runtime | SQL, egui |
//! | `imaging` | bytes to metadata, oriented pixels, thumbnails | `domain`, codecs | egui, tokio, SQL |
//! | `files` | walk, hash, atomic replace, sidecars | `domain`, std::fs | egui, SQL |
//! | `print` | laid-out pages to PDF and to pictures, pixels come from `engine` through a closure; `printers`: IPP, `lp`, the desktop's dialog | `domain`, krilla, rustls, zbus, std's network and processes | egui, SQL, imaging |
//! | `config` | `config.toml`, directories, defaults, their checks | `domain`, serde | everything else |
//! | `trace` | a rotating log file in the library, `--trace FILE` | `domain`, tracing | everything else |
//! | `platform` | dialogs, the desktop's file manager; everything behind `cfg(target_os)` | `domain` | engine, catalog, store |
//! | `ui` | draw `&Model` and own view state, return `Vec<Action>` | `domain`, `protocol`, egui | engine, catalog, store, tokio, `std::fs`, clocks |
//! | `app` | composition: events to model, textures, actions to commands, shutdown | everything | being used by anyone but `main` and tests |
//! | `cli` | the same operations as sub-commands, with `--json` | `engine`, `protocol`, `domain`, `config`, `trace`, `platform` (to open a page) | egui |
//! | `testing` | builders, fakes, fault decorators; only under `cfg(any(test, feature = "testing"))` | all but app and ui | being in a release build |
//!
//! **The way of a drop.** Files dropped on the window → `ui::Action::Import` → `protocol::Command::Import` →
//! `engine` walks and hashes (`files`), reads metadata and makes thumbnails (`imaging`), writes rows (`catalog`),
//! queues uploads, and sends the batch (`store`); its receipts go back into the `catalog` → `protocol::Event`s wake
//! the window → `app` updates the model → `ui` draws. One direction, no shared locks.
//!
//! # Where this departs from the design's first text
//! - **Search** uses bitmaps of blocks of photos kept in SQLite instead of FTS5: and, or and not cost the same in the
//!   worst case as in the usual one, counts are sums of bits, and a rating flips bits ([`catalog`], `index.rs`).
//! - **Order.** A photo's place in the one order of the library is a number made from its wall clock ([`domain::Seat`]),
//!   so that the grid of a million photos is eight bytes each and day headings need no query.
//! - **JPEG thumbnails** at 1/8 come from our own decoder of block averages, which skips what they do not need;
//!   everything else goes through mozjpeg ([`imaging`]). EXIF is read by our own tolerant walker, because the embedded
//!   pictures of RAW formats need one anyway.
//! - **`aws/`** is a folder of its own, because account, cloud, store and tagger all need the same HTTP client, limits
//!   and faults, and none of them may use another.
//! - **The tagger decodes with `imaging`**: the one codec with limits and a guard, for thumbnails that `imaging` made.
//! - **The keyring.** On Linux the Secret Service is asked directly: the store that `keyring-core` has for it unlocks
//!   on every reading, so that a password window would open at start by itself, and takes "locked" for "not there".
//!   macOS and Windows go through `keyring-core` and its store crates (`account/keyring/`).
//! - **The vault in the catalogue** is named by its identity, so that another folder, which has nothing yet, is never
//!   taken for the one that has everything (`engine/vaults.rs`); people and scripts see `vault`.
//! - **PDF.** Pictures wait in a spool file and are spliced in at the end, because krilla would hold each of them up to
//!   three times in memory ([`mod@print`]).
//! - **IPP** is read and written by our own small codec instead of the crate `ipp`, whose reader nests without a bound (a
//!   hostile answer would end the program) and loses sets inside of collections (`print/printers/codec.rs`).
//! - **Pages** are drawn by one function on two canvases, a PDF's and a picture's; the window paints the same pages with
//!   triangles, and a test compares all three (`print/canvas.rs`, `ui/screens/print/`).
//! - **`previews/`** does not exist yet: the loupe renders from the original, or from the vault where that is away.
//! - **A library that cannot be opened** is shown by the window itself (`engine/host.rs`), which can set a damaged
//!   catalogue aside and build a new one from the vault.

pub mod account;
pub mod app;
pub mod aws;
pub mod catalog;
pub mod cli;
pub mod cloud;
pub mod config;
pub mod domain;
pub mod engine;
pub mod files;
pub mod imaging;
pub mod platform;
pub mod print;
pub mod protocol;
pub mod store;
pub mod tagger;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod trace;
pub mod ui;
