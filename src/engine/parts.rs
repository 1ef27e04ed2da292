//! What an engine is made of.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Instant;

use tokio::sync::Notify;

use super::account::AccountDesk;
use super::lock::WriteLock;
use super::retries::Trouble;
use super::stores::RemoteSlot;
use super::workers::Workers;
use crate::account::Keyring;
use crate::catalog::{Library, Reader, Thumbs, Writer};
use crate::config::Config;
use crate::domain::Timestamp;
use crate::domain::labels::TaggerKind;
use crate::domain::printing::Proof;
use crate::files::FileSystem;
use crate::imaging::Press;
use crate::protocol::{EngineEnd, UserError};
use crate::store::ObjectStore;
use crate::tagger::Tagger;
use crate::tagger::rekognition::Rekognition;

/// The outside world, as operations see it.
#[derive(Clone)]
pub struct Parts {
    /// The time now.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Random bits, for the names of batches and segments; only the lower 80 are used.
    pub random: Arc<dyn Fn() -> u128 + Send + Sync>,
    /// The photographer's files.
    pub files: Arc<dyn FileSystem>,
    /// Hashing and decoding.
    pub heavy: Workers,
    /// The catalogue and small reads.
    pub quick: Workers,
    /// Where secrets are kept.
    pub keyring: Keyring,
}

/// The vault as far as it could be opened.
pub(super) type VaultSlot = Result<Arc<dyn ObjectStore>, UserError>;

/// The engine. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Engine(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub dir: PathBuf,
    pub parts: Parts,
    pub library: Mutex<Library>,
    pub writer: Option<Arc<Mutex<Writer>>>,
    pub readers: Mutex<Vec<Reader>>,
    pub thumbs: Mutex<Vec<Thumbs>>,
    pub vault: RwLock<VaultSlot>,
    pub config: Mutex<Config>,
    pub account: AccountDesk,
    pub say: EngineEnd,
    /// Something changed that `Event::Library` shows.
    pub stale: Notify,
    /// One run at a time for the vault; a second waits and then finds little to do.
    pub storing: tokio::sync::Mutex<()>,
    /// The same for the remote store.
    pub storing_remote: tokio::sync::Mutex<()>,
    pub remote: Mutex<RemoteSlot>,
    /// What all requests to the remote store share.
    pub traffic: Arc<crate::store::traffic::Traffic>,
    /// Why a store could not be used last, by its name for people, and when it is tried again.
    pub troubles: Mutex<HashMap<&'static str, Trouble>>,
    /// How photos are kept and sent was changed.
    pub keep_changed: Notify,
    /// The press of the soft proof that was last looked at.
    pub proof: Mutex<Option<(Proof, Arc<Press>)>>,
    /// One run of a tagger at a time.
    pub tagging: tokio::sync::Mutex<()>,
    /// Taggers that are kept open.
    pub taggers: Mutex<HashMap<TaggerKind, Arc<dyn Tagger>>>,
    /// Jobs that were handed to printers.
    pub printers: super::printers::PrinterDesk,
    /// The way to a collection of faces, where a test has laid one.
    pub people_door: Mutex<Option<(Arc<Rekognition>, String)>>,
    /// When the screen last wanted thumbnails: while somebody scrolls, nothing else uses the processor.
    pub last_wish: Mutex<Option<Instant>>,
    /// Imports go one after the other, so that each file has one meaning.
    pub importing: tokio::sync::Mutex<()>,
    /// At most one very expensive decode at a time.
    pub large_decode: Arc<tokio::sync::Semaphore>,
    /// At most one large file in memory at a time.
    pub large_file: Arc<tokio::sync::Semaphore>,
    pub _lock: Option<WriteLock>,
}

impl Engine {
    /// The library's directory.
    #[must_use]
    pub fn dir(&self) -> &std::path::Path {
        &self.0.dir
    }

    /// Whether this process may change the library.
    #[must_use]
    pub fn may_write(&self) -> bool {
        self.0.writer.is_some()
    }

    /// The time now.
    pub(super) fn now(&self) -> Timestamp {
        (self.0.parts.clock)()
    }

    /// A new ULID: sortable by time, unique.
    pub(super) fn ulid(&self) -> String {
        let now_ms = u64::try_from(self.now().0).unwrap_or(0);
        ulid::Ulid::from_parts(now_ms, (self.0.parts.random)()).to_string()
    }
}
