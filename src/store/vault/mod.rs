//! A vault: a folder, on any disk, that holds every version of every object, readable without this program.
//!
//! ```text
//! .lightkeep-vault                           marks the folder: {"format":1,"id":"<ulid>"}
//! photos/100CANON/IMG_0001.JPG               the current object of that key, as it is
//! .versions/photos/100CANON/IMG_0001.JPG/<v> its older versions
//! .versions/photos/100CANON/.index.jsonl     one line per version ever put in that folder
//! .versions/.incoming/<ulid>.part            being copied
//! ```
//!
//! A delete moves the current object among the old versions and appends a line that says so. In between that version
//! still is the current one, as in the gap of a put.
//!
//! A put copies into `.incoming`, syncs, reads back what the disk has and compares both checksums, moves the object
//! that is there among the old versions, gives the new one its name, syncs, and appends the line. A crash between any
//! two of these leaves one of three pictures, and each is understood without repair:
//! - A file in `.incoming`: nothing happened. It is removed when the vault is opened again.
//! - No current file, and the last line's bytes among the old versions: that version still is the current one.
//! - A current file without a line: it is hashed and *adopted*, with a version name made from its name, size and time,
//!   so that all who look agree before the line is written. A file that somebody put there by hand is the same case,
//!   also where the last line says that the object was deleted.

mod delete;
mod index;
mod list;
mod look;
mod place;
pub mod steps;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::{Listed, ObjectStore, Parts, Put, StoreError, Ulids, blocking};
use crate::domain::keys::check_key;
use crate::domain::{ObjectKey, ObjectVersion, Receipt, VersionId};
use crate::files::disk::{VAULT_MARKER, open_regular};
use crate::files::{durable, space};
use index::Indexes;
use steps::Steps;

/// The format that this program writes and reads.
const FORMAT: u32 = 1;
/// The tree of old versions and records.
const VERSIONS: &str = ".versions";
/// Unfinished copies older than this, in milliseconds, belong to nobody any more.
const STALE_MS: i64 = 24 * 60 * 60 * 1000;
/// A copy younger than this, in milliseconds, may not be locked by its owner yet.
const YOUNG_MS: i64 = 60 * 1000;

/// An [`ObjectStore`] in a folder. Cheap to clone; clones are the same vault.
#[derive(Debug, Clone)]
pub struct Vault {
    core: Arc<Core>,
}

#[derive(Debug)]
struct Core {
    dir: PathBuf,
    id: String,
    parts: Parts,
    ulids: Ulids,
    indexes: Indexes,
    steps: Steps,
}

/// How much of a marker file is read, in bytes.
const MAX_MARKER_BYTES: u64 = 64 * 1024;

/// What the marker file says.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    format: u32,
    id: String,
}

/// Where a key and what belongs to it lie.
#[derive(Debug)]
struct Place {
    key: ObjectKey,
    /// `photos/100CANON`; empty at the top.
    dir: String,
    /// `IMG_0001.JPG`.
    name: String,
    /// The current object.
    path: PathBuf,
    /// The directory of its older versions.
    archive: PathBuf,
}

impl Place {
    fn version_path(&self, version: &VersionId) -> PathBuf {
        self.archive.join(&version.0)
    }
}

impl Vault {
    /// Opens the vault in `dir`; with `create`, makes one where there is none.
    ///
    /// # Errors
    /// `Unavailable` where the folder is missing (its disk is not plugged in), is no vault, or is a newer one.
    /// This waits for the disk: call it where waiting is allowed.
    pub fn open(dir: &Path, create: bool) -> Result<Self, StoreError> {
        Self::open_with(dir, create, Parts::real())
    }

    /// [`Vault::open`] with a clock and randomness from outside.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_with(dir: &Path, create: bool, parts: Parts) -> Result<Self, StoreError> {
        Self::open_all(dir, create, parts, Steps::default())
    }

    /// [`Vault::open_with`] where a test may stop, fail or tamper before each step of a put.
    ///
    /// # Errors
    /// As [`Vault::open`].
    #[cfg(any(test, feature = "testing"))]
    pub fn open_hooked(dir: &Path, parts: Parts, hook: steps::Hook) -> Result<Self, StoreError> {
        let mut hooked = Steps::default();
        hooked.hook = Some(hook);
        Self::open_all(dir, true, parts, hooked)
    }

    fn open_all(dir: &Path, create: bool, parts: Parts, steps: Steps) -> Result<Self, StoreError> {
        let dir = std::path::absolute(dir).map_err(|source| io_error("finding the vault", dir, source))?;
        let ulids = Ulids::default();
        let id = match read_marker(&dir)? {
            Some(marker) => marker.id,
            None if create => {
                let id = ulids.next(&parts).to_string();
                write_marker(&dir, &id)?;
                id
            }
            None => {
                let shown = dir.display();
                return Err(StoreError::Unavailable(if dir.is_dir() {
                    format!("this folder is no vault; choose another, or make it one: {shown}")
                } else {
                    format!("the vault folder is not there; plug its disk in, or choose another: {shown}")
                }));
            }
        };
        let core = Core { dir, id, parts, ulids, indexes: Indexes::default(), steps };
        core.remove_stale();
        Ok(Self { core: Arc::new(core) })
    }

    /// The top directory, absolute.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.core.dir
    }

    /// The vault's own name, a ULID: the same wherever its disk is mounted.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.core.id
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let core = Arc::clone(&self.core);
        blocking(move || {
            core.check_present()?;
            work(&core)
        })
        .await
    }
}

impl Core {
    /// An unplugged disk leaves an empty mount point behind: nothing may be written or believed there.
    fn check_present(&self) -> Result<(), StoreError> {
        if self.dir.join(VAULT_MARKER).is_file() {
            return Ok(());
        }
        let shown = self.dir.display();
        Err(StoreError::Unavailable(format!(
            "the vault is not there any more; plug its disk in, or choose another: {shown}"
        )))
    }

    fn versions_dir(&self, dir: &str) -> PathBuf {
        let top = self.dir.join(VERSIONS);
        if dir.is_empty() { top } else { top.join(dir) }
    }

    fn incoming(&self) -> PathBuf {
        self.dir.join(VERSIONS).join(".incoming")
    }

    fn place(&self, key: &ObjectKey) -> Result<Place, StoreError> {
        check_key(key).map_err(|bad| StoreError::Unavailable(bad.to_string()))?;
        let (dir, name) = key.0.rsplit_once('/').unwrap_or(("", &key.0));
        Ok(Place {
            key: key.clone(),
            dir: dir.to_owned(),
            name: name.to_owned(),
            path: self.dir.join(&key.0),
            archive: self.dir.join(VERSIONS).join(&key.0),
        })
    }

    /// Turns an error of the vault's disk into what a person can do about it.
    fn fault(&self, what: &str, at: &Path, needed_bytes: u64, source: io::Error) -> StoreError {
        use io::ErrorKind as Kind;
        let shown = self.dir.display();
        match source.kind() {
            Kind::StorageFull | Kind::QuotaExceeded => {
                StoreError::Full { needed_bytes, free_bytes: space::free_bytes(&self.dir).unwrap_or(0) }
            }
            Kind::ReadOnlyFilesystem | Kind::PermissionDenied => {
                StoreError::Unavailable(format!("the vault is read-only; make it writable, or choose another: {shown}"))
            }
            Kind::NotADirectory | Kind::IsADirectory => StoreError::Unavailable(format!(
                "a file and a folder of the vault want the same name; move one of them away: {}",
                at.display()
            )),
            _ => match self.check_present() {
                Err(gone) => gone,
                Ok(()) => io_error(what, at, source),
            },
        }
    }

    /// Removes what a crash left in `.incoming`: copies that no process holds locked, and, where there are no locks,
    /// those of more than a day ago.
    fn remove_stale(&self) {
        let Ok(entries) = fs::read_dir(self.incoming()) else { return };
        let now = (self.parts.clock)().0;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let ulid = name.to_str().and_then(|name| name.strip_suffix(".part"));
            let Some(ulid) = ulid.and_then(|text| Ulid::from_string(text).ok()) else { continue };
            let made = i64::try_from(ulid.timestamp_ms()).unwrap_or(i64::MAX);
            let age_ms = now.saturating_sub(made);
            let orphaned = || open_regular(&entry.path()).is_ok_and(|(part, _)| cfg!(unix) && part.try_lock().is_ok());
            if age_ms > STALE_MS || age_ms > YOUNG_MS && orphaned() {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn io_error(what: &str, at: &Path, source: io::Error) -> StoreError {
    StoreError::Io { what: format!("{what}: {}", at.display()), source }
}

fn read_marker(dir: &Path) -> Result<Option<Marker>, StoreError> {
    let path = dir.join(VAULT_MARKER);
    let read = || {
        let mut text = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(open_regular(&path)?.0, MAX_MARKER_BYTES), &mut text).map(|_| text)
    };
    let text = match read() {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(io_error("reading the vault's marker", &path, error)),
    };
    let shown = path.display();
    // The format first, alone: a newer marker may have any other fields.
    let format =
        serde_json::from_slice::<serde_json::Value>(&text).ok().and_then(|value| value.get("format")?.as_u64());
    match format {
        Some(newer) if newer > u64::from(FORMAT) => Err(StoreError::Unavailable(format!(
            "this vault was made by a newer Lightkeep (format {newer}); update Lightkeep to use it: {shown}"
        ))),
        _ => serde_json::from_slice(&text).map(Some).map_err(|_| {
            StoreError::Unavailable(format!(
                "the vault's marker is damaged; put back {{\"format\":1,\"id\":\"{}\"}} or choose another vault: {shown}",
                Ulid::nil()
            ))
        }),
    }
}

fn write_marker(dir: &Path, id: &str) -> Result<(), StoreError> {
    use crate::files::FileSystem as _;
    let path = dir.join(VAULT_MARKER);
    let write = || {
        durable::create_dirs(dir)?;
        let mut text = serde_json::to_vec(&Marker { format: FORMAT, id: id.to_owned() })?;
        text.push(b'\n');
        crate::files::Disk.create_new(&path, &mut text.as_slice())
    };
    write().map(|_| ()).map_err(|source| match source.kind() {
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => StoreError::Unavailable(format!(
            "no vault can be made here, because the folder is read-only; choose another: {}",
            dir.display()
        )),
        io::ErrorKind::NotADirectory => StoreError::Unavailable(format!(
            "no vault can be made here, because a file is in the way; choose another: {}",
            dir.display()
        )),
        _ => io_error("making the vault", &path, source),
    })
}

#[async_trait]
impl ObjectStore for Vault {
    fn name(&self) -> &str {
        "vault"
    }

    async fn put(&self, put: Put) -> Result<Receipt, StoreError> {
        self.run(move |core| core.put(&put)).await
    }

    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError> {
        let (key, version) = (key.clone(), version.cloned());
        self.run(move |core| core.head(&key, version.as_ref())).await
    }

    async fn read(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Box<dyn io::Read + Send>, StoreError> {
        let (key, version) = (key.clone(), version.cloned());
        self.run(move |core| core.read(&key, version.as_ref()).map(|file| Box::new(file) as Box<dyn io::Read + Send>))
            .await
    }

    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ObjectVersion>, StoreError> {
        let key = key.clone();
        self.run(move |core| core.versions(&key)).await
    }

    async fn list(
        &self,
        prefix: &str,
        versions: bool,
        each: &mut (dyn FnMut(Listed) -> bool + Send),
    ) -> Result<(), StoreError> {
        // One folder at a time, so that memory holds the folders on the way and no others.
        let mut open: Vec<std::vec::IntoIter<list::Item>> = Vec::new();
        let mut next = Some(String::new());
        loop {
            if let Some(dir) = next.take() {
                let prefix = prefix.to_owned();
                open.push(self.run(move |core| core.page(&dir, &prefix, versions)).await?.into_iter());
            }
            let Some(items) = open.last_mut() else { return Ok(()) };
            match items.next() {
                None => {
                    open.pop();
                }
                Some(list::Item::Dir(dir)) => next = Some(dir),
                Some(list::Item::Objects(objects)) => {
                    for object in objects {
                        if !each(object) {
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    async fn restore(&self, key: &ObjectKey, version: &VersionId) -> Result<Receipt, StoreError> {
        let (key, version) = (key.clone(), version.clone());
        self.run(move |core| core.restore(&key, &version)).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<Option<VersionId>, StoreError> {
        let key = key.clone();
        self.run(move |core| core.delete(&key)).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, StoreError> {
        self.run(|core| Ok(space::free_bytes(&core.dir).ok())).await
    }
}

#[cfg(test)]
mod tests;
