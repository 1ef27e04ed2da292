//! Versioned object stores: one trait, which a vault folder, memory and a bucket of S3 fulfil alike.
//!
//! The contract, which the conformance suite checks for every store:
//! - A put is all or nothing. When it returns, the bytes are durable, were read back or acknowledged with the same
//!   checksum, and have a version of their own. Until then no reader sees any of it.
//! - Versions are never removed and never change.
//! - Putting the bytes that are current already, under a condition that is met, makes no version and returns it.
//! - A deleted key has no current object; its versions stay, and `restore` of one of them brings it back by a copy.
//! - `put` with [`Condition::IfAbsent`] on a key that has a current object, or [`Condition::IfCurrent`] with another
//!   version, changes nothing and answers [`StoreError::Conflict`] with what is there.

pub mod memory;
pub mod s3;
pub mod traffic;
pub mod vault;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::{Fingerprint, ObjectKey, ObjectVersion, Receipt, StorageClass, Timestamp, VersionId};

pub use crate::domain::object::{Begun, Part};
pub use memory::Memory;
pub use s3::S3;
pub use vault::Vault;

/// What a store takes from outside, so that a simulated run can be repeated to the bit.
#[derive(Clone)]
pub struct Parts {
    /// The time now.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Random bits for version names; only the lower 80 are used.
    pub random: Arc<dyn Fn() -> u128 + Send + Sync>,
}

impl Parts {
    /// The clock and the randomness of this computer.
    #[must_use]
    pub fn real() -> Self {
        let clock = || {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        };
        Self { clock: Arc::new(clock), random: Arc::new(|| ulid::Ulid::generate().random()) }
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// Makes version names: ULIDs, each later than the one before, also within a millisecond and when the clock goes back.
#[derive(Debug, Default)]
struct Ulids(std::sync::Mutex<Option<ulid::Ulid>>);

impl Ulids {
    fn next(&self, parts: &Parts) -> ulid::Ulid {
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now_ms = u64::try_from((parts.clock)().0).unwrap_or(0);
        let fresh = ulid::Ulid::from_parts(now_ms, (parts.random)());
        let next = match *last {
            Some(last) if fresh <= last => last.increment().unwrap_or(fresh),
            _ => fresh,
        };
        *last = Some(next);
        next
    }
}

/// The entity tag of stores that have none of their own: the CRC-64/NVME in quotes.
fn etag(fingerprint: &Fingerprint) -> String {
    format!("\"{}\"", fingerprint.crc64nvme)
}

/// Whether a put may go ahead over what is there now; `Ok(Some)` where its bytes are there already.
fn decide(put: &Put, current: Option<&ObjectVersion>) -> Result<Option<Receipt>, StoreError> {
    let met = match &put.condition {
        Condition::IfAbsent => current.is_none(),
        Condition::IfCurrent { version, .. } => current.is_some_and(|current| current.version == *version),
        Condition::Always | Condition::Renew => true,
    };
    if !met {
        return Err(StoreError::Conflict { key: put.key.clone(), current: current.cloned().map(Box::new) });
    }
    if put.condition == Condition::Renew {
        return Ok(None);
    }
    Ok(current.filter(|current| current.fingerprint == put.expected).cloned())
}

/// Runs slow work off the threads that drive tasks, or right here where a single thread does everything.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    use tokio::runtime::{Handle, RuntimeFlavor};
    let handle = match Handle::try_current() {
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => handle,
        _ => return work(),
    };
    match handle.spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => {
            Err(StoreError::Io { what: "working while the program ends".into(), source: std::io::Error::other(error) })
        }
    }
}

/// Where the bytes of a put come from.
#[derive(Debug, Clone)]
pub enum Body {
    /// A file, streamed; never held in memory as a whole.
    File(PathBuf),
    /// Small bytes that we made: thumbnails, manifests, edit segments.
    Bytes(Arc<[u8]>),
}

/// What must be true of the key for a put to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The key has no current object (`If-None-Match: *`).
    IfAbsent,
    /// The current object is exactly this version (`If-Match`, which in S3 takes the entity tag).
    IfCurrent {
        /// Which.
        version: VersionId,
        /// Its entity tag.
        etag: String,
    },
    /// Whatever is there (a restore on top).
    Always,
    /// Whatever is there, and a version of its own even where the store says that it has these bytes: it was found
    /// damaged, and what the store says of it is not believed.
    Renew,
}

impl Condition {
    /// The current object is still this one.
    #[must_use]
    pub fn after(version: &ObjectVersion) -> Self {
        Self::IfCurrent { version: version.version.clone(), etag: version.etag.clone() }
    }
}

/// One object to be written.
#[derive(Debug, Clone)]
pub struct Put {
    /// Where to.
    pub key: ObjectKey,
    /// What.
    pub body: Body,
    /// What the bytes must turn out to be; anything else is [`StoreError::SourceChanged`] and nothing is stored.
    pub expected: Fingerprint,
    /// Modification time of the original (ms since 1970, UTC), kept with the object.
    pub mtime: Timestamp,
    /// When.
    pub condition: Condition,
    /// How it is to be kept, where the store knows classes.
    pub class: StorageClass,
    /// Where to write down how far a long upload is, so that another process can go on with it.
    pub parts: Option<Arc<dyn PartLog>>,
}

impl Put {
    /// An object to be written in one go, kept as usual.
    #[must_use]
    pub fn new(key: ObjectKey, body: Body, expected: Fingerprint, mtime: Timestamp, condition: Condition) -> Self {
        Self { key, body, expected, mtime, condition, class: StorageClass::Standard, parts: None }
    }
}

/// Remembers how far one long upload is. What cannot be remembered is sent again, so nothing here fails.
#[async_trait]
pub trait PartLog: Send + Sync + std::fmt::Debug {
    /// What an earlier try has begun.
    async fn begun(&self) -> Option<Begun>;
    /// An upload begins; what was remembered of another one is forgotten.
    async fn begin(&self, begun: &Begun);
    /// A part is there.
    async fn part(&self, part: &Part);
    /// The upload is complete, or given up.
    async fn end(&self);
}

/// A link that needs no sign-in, until it ends.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// The address. Whoever has it can read the object.
    pub url: String,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("ends_at", &self.ends_at).finish_non_exhaustive()
    }
}

/// One line of a listing: an object as found, without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: ObjectKey,
    /// Its version.
    pub version: VersionId,
    /// Its length in bytes, as found on the disk or in the listing.
    pub size: u64,
    /// What the store recorded when it was put, where its listings say it: those of a bucket do not.
    pub recorded: Option<Fingerprint>,
    /// Whether it is the current version of its key.
    pub current: bool,
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The condition of a put was not met; what is there now, if anything.
    #[error("another object is already at {key}")]
    Conflict {
        /// The key asked for.
        key: ObjectKey,
        /// The current object.
        current: Option<Box<ObjectVersion>>,
    },
    /// There is no such key or version.
    #[error("not in the store: {key}")]
    NotFound {
        /// The key asked for.
        key: ObjectKey,
    },
    /// The source was not what was expected: it changed since it was hashed.
    #[error("the file changed while it was read: {path}")]
    SourceChanged {
        /// The source.
        path: String,
    },
    /// The source could not be read; the store is fine.
    #[error("the original cannot be read ({source}): {path}")]
    Source {
        /// The source.
        path: String,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// What was written did not read back as sent.
    #[error("what was written does not read back the same; the disk may be failing: {key}")]
    Damaged {
        /// The key.
        key: ObjectKey,
    },
    /// No room.
    #[error("the store is full: {needed_bytes} bytes needed, {free_bytes} free")]
    Full {
        /// What the put needs.
        needed_bytes: u64,
        /// What there is.
        free_bytes: u64,
    },
    /// The store is not there, not writable, or not ours. A person must act.
    #[error("{0}")]
    Unavailable(String),
    /// The store refuses this key or this call. A person must act.
    #[error("the store refuses it ({why}): {key}")]
    Denied {
        /// What the store says, with what to do.
        why: String,
        /// The key.
        key: ObjectKey,
    },
    /// The object is there and must be thawed before it can be read.
    #[error("archived in {}, to be thawed before it can be read: {key}", .class.label())]
    Archived {
        /// How it is kept.
        class: StorageClass,
        /// The key.
        key: ObjectKey,
    },
    /// A passing fault; the same call may succeed later.
    #[error("the store did not answer as it should ({source}): {what}")]
    Io {
        /// What was being done, with the path or key last.
        what: String,
        /// The operating system's answer.
        source: std::io::Error,
    },
}

/// A versioned store of objects. Every method may be repeated safely.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// The name that people and JSON see: `vault`.
    fn name(&self) -> &str;

    /// Writes one object and proves it. See the module's contract.
    async fn put(&self, put: Put) -> Result<Receipt, StoreError>;

    /// Describes the current object (`version` `None`) or one version. `Ok(None)` where there is none.
    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError>;

    /// Opens the bytes of the current object or of one version, as a stream.
    async fn read(
        &self,
        key: &ObjectKey,
        version: Option<&VersionId>,
    ) -> Result<Box<dyn std::io::Read + Send>, StoreError>;

    /// Every version of a key, newest first.
    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ObjectVersion>, StoreError>;

    /// Calls `each` for every object whose key starts with `prefix`, in key order; with `versions`, old ones too.
    /// Returning `false` ends the listing. Memory does not grow with the number of objects in other folders.
    async fn list(
        &self,
        prefix: &str,
        versions: bool,
        each: &mut (dyn FnMut(Listed) -> bool + Send),
    ) -> Result<(), StoreError>;

    /// Makes an old version the current one by a copy on top. Where it is current already, nothing is made and the
    /// current version is returned. After [`ObjectStore::delete`] this is the way back.
    async fn restore(&self, key: &ObjectKey, version: &VersionId) -> Result<Receipt, StoreError>;

    /// Bytes free for new objects, where that has a meaning.
    async fn free_bytes(&self) -> Result<Option<u64>, StoreError>;

    /// Puts a delete marker on top: the key has no current object any more, and every version stays. The marker's
    /// name, or `None` where there was nothing current, and nothing is made.
    async fn delete(&self, key: &ObjectKey) -> Result<Option<VersionId>, StoreError>;

    /// A link to the current object that needs no sign-in. It ends after `lasts_s` seconds, or sooner where the
    /// credentials do.
    async fn link(&self, key: &ObjectKey, lasts_s: u64) -> Result<Link, StoreError> {
        let _ = lasts_s;
        Err(StoreError::Unavailable(format!("a folder on this computer has no links: {key}")))
    }

    /// How long a link can last at most, in seconds, and why; `None` where there are no links.
    async fn longest_link_s(&self) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    /// How many puts at a time do this store good now. Asked before each one, so that it can follow the line.
    fn width(&self) -> usize {
        4
    }
}
