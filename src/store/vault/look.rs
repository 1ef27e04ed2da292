//! What a vault has: the current object of a key, its versions, their bytes.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;
use std::sync::PoisonError;

use ulid::Ulid;

use super::index::{DirIndex, Held, Record, is_version};
use super::steps::Steps;
use super::{Core, Place};
use crate::domain::{Fingerprint, ObjectKey, ObjectVersion, StorageClass, Timestamp, VersionId};
use crate::files::disk::{mtime_ns, open_regular};
use crate::files::durable::sync_dir;
use crate::files::{fingerprint, space};
use crate::store::{StoreError, etag};

/// How far a file's time may be from the recorded one, in milliseconds: FAT keeps even seconds.
const MTIME_SLACK_MS: u64 = 2000;

/// What lies at a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Current {
    /// Nothing, as far as the vault knows.
    Absent,
    /// The version of the last line, as its size and time say.
    Recorded(Record),
    /// The version of the last line, which a crash left among the old versions.
    Displaced(Record),
    /// A file that has no line, or is not what its line says.
    Unknown,
}

impl Core {
    /// Works alone (as far as this process goes) on the directory of a place, with its record up to date.
    pub fn alone<T>(
        &self,
        place: &Place,
        work: impl FnOnce(&mut DirIndex) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let index = self.index(&place.dir);
        let mut index = index.lock().unwrap_or_else(PoisonError::into_inner);
        index.refresh().map_err(|error| self.fault("reading the vault's record", &place.archive, 0, error))?;
        work(&mut index)
    }

    pub fn index(&self, dir: &str) -> std::sync::Arc<std::sync::Mutex<DirIndex>> {
        self.indexes.dir(dir, || self.versions_dir(dir).join(super::index::INDEX_NAME))
    }

    /// What lies at a place, without reading it.
    pub fn current(&self, place: &Place, index: &DirIndex) -> Result<Current, StoreError> {
        let last = index.last(&place.name);
        let archived = last.is_some_and(|last| is_file(&place.version_path(&last.version)));
        let meta = match regular(&place.path) {
            Err(error) => return Err(self.fault("looking into the vault", &place.path, 0, error)),
            Ok(meta) => meta,
        };
        Ok(match (meta, last) {
            (None, Some(last)) if archived => Current::Displaced(last.clone()),
            (None, _) => Current::Absent,
            (Some(meta), Some(last)) if !archived && seems(&meta, last) => Current::Recorded(last.clone()),
            (Some(_), _) => Current::Unknown,
        })
    }

    /// What lies at a place, hashed where it is not known, and recorded where that is possible.
    pub fn look(&self, place: &Place, index: &mut DirIndex) -> Result<Option<Record>, StoreError> {
        let mut current = self.current(place, index)?;
        if current == Current::Unknown {
            // Another process may be between its rename and its line: wait for that line. A vault that cannot be
            // written has no such process, and is hashed without a line being written.
            let held = index.hold();
            current = self.current(place, index)?;
            if current == Current::Unknown {
                let (record, has_line) = self.identify(place, index)?;
                if let (false, Ok(held)) = (has_line, held) {
                    // Without the line it is hashed again the next time, with the same result.
                    let _ = self.adopt(place, index, &held, &record);
                }
                return Ok(Some(record));
            }
        }
        Ok(match current {
            Current::Recorded(record) | Current::Displaced(record) => Some(record),
            Current::Unknown | Current::Absent => None,
        })
    }

    /// Hashes the file at a place: the version of the last line after all, where only its time was changed, or else a
    /// version that has no line yet (`false`).
    pub fn identify(&self, place: &Place, index: &DirIndex) -> Result<(Record, bool), StoreError> {
        let failed = |error| self.fault("reading the vault", &place.path, 0, error);
        let (mut file, stat) = open_regular(&place.path).map_err(failed)?;
        space::drop_cached(&file);
        let fingerprint = fingerprint(&mut file).map_err(failed)?;
        if let Some(last) = index.last(&place.name)
            && last.fingerprint == fingerprint
            && !is_file(&place.version_path(&last.version))
        {
            return Ok((last.clone(), true));
        }
        let record = Record {
            name: place.name.clone(),
            version: found_version(&place.name, stat.size, stat.mtime_ns, index.records(&place.name)),
            fingerprint,
            mtime: stat.mtime(),
            stored_at: (self.parts.clock)(),
            deleted: false,
        };
        Ok((record, false))
    }

    /// Makes a file that was found durable and writes its line.
    pub fn adopt(&self, place: &Place, index: &mut DirIndex, held: &Held, record: &Record) -> io::Result<()> {
        open_regular(&place.path)?.0.sync_all()?;
        sync_dir(&self.parent(place))?;
        index.append(held, record, &Steps::default())
    }

    pub fn parent(&self, place: &Place) -> std::path::PathBuf {
        if place.dir.is_empty() { self.dir.clone() } else { self.dir.join(&place.dir) }
    }

    pub fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError> {
        let place = self.place(key)?;
        self.alone(&place, |index| {
            let current = self.look(&place, index)?;
            Ok(match (version, current) {
                (None, current) => current.map(|record| describe(&place, &record, true)),
                (Some(version), Some(current)) if current.version == *version => Some(describe(&place, &current, true)),
                (Some(version), _) => self.old(&place, index, version)?.map(|old| describe(&place, &old, false)),
            })
        })
    }

    /// A version among the old ones, with its line or, where that is lost, hashed.
    pub fn old(&self, place: &Place, index: &DirIndex, version: &VersionId) -> Result<Option<Record>, StoreError> {
        let path = place.version_path(version);
        if !is_version(version) || !is_file(&path) {
            return Ok(None);
        }
        let records = index.records(&place.name);
        if let Some(record) = records.iter().find(|record| record.version == *version && !record.deleted) {
            return Ok(Some(record.clone()));
        }
        let hash = || {
            let (mut file, stat) = open_regular(&path)?;
            Ok((fingerprint(&mut file)?, stat.mtime()))
        };
        let (fingerprint, mtime) = hash().map_err(|error| self.fault("reading the vault", &path, 0, error))?;
        let stored_at = Ulid::from_string(&version.0).map_or(0, |ulid| ulid.timestamp_ms());
        let stored_at = Timestamp(i64::try_from(stored_at).unwrap_or(i64::MAX));
        let (name, version) = (place.name.clone(), version.clone());
        Ok(Some(Record { name, version, fingerprint, mtime, stored_at, deleted: false }))
    }

    pub fn versions(&self, key: &ObjectKey) -> Result<Vec<ObjectVersion>, StoreError> {
        let place = self.place(key)?;
        self.alone(&place, |index| {
            let current = self.look(&place, index)?;
            let archived = archived(&place.archive)
                .map_err(|error| self.fault("looking into the vault", &place.archive, 0, error))?;
            let order = order(index, &place.name, archived);
            let mut versions: Vec<_> = current.iter().map(|record| describe(&place, record, true)).collect();
            for version in order {
                if current.as_ref().is_some_and(|current| current.version == version) {
                    continue;
                }
                versions.extend(self.old(&place, index, &version)?.map(|old| describe(&place, &old, false)));
            }
            Ok(versions)
        })
    }

    pub fn read(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<File, StoreError> {
        let place = self.place(key)?;
        let missing = || StoreError::NotFound { key: key.clone() };
        self.alone(&place, |index| {
            let open = |path: &Path| match open_regular(path) {
                Ok((file, _)) => Ok(Some(file)),
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(self.fault("reading the vault", path, 0, error)),
            };
            let last = index.last(&place.name).map(|record| record.version.clone());
            match version {
                None => match (open(&place.path)?, last) {
                    (Some(file), _) => Ok(file),
                    (None, Some(last)) => open(&place.version_path(&last))?.ok_or_else(missing),
                    (None, None) => Err(missing()),
                },
                Some(version) if !is_version(version) => Err(missing()),
                Some(version) => {
                    let old = place.version_path(version);
                    if let Some(file) = open(&old)? {
                        return Ok(file);
                    }
                    // An altered file is still given for the version that it should be: a check then sees the damage.
                    let is_current = last.as_ref() == Some(version)
                        || self.look(&place, index)?.is_some_and(|it| it.version == *version);
                    let file = if is_current { open(&place.path)? } else { None };
                    // Another process may have moved it aside since: what was opened may then be a newer one.
                    open(&old)?.or(file).ok_or_else(missing)
                }
            }
        })
    }
}

/// The version names of a key, newest first: those with a line in the order of the lines, then any others.
pub fn order(index: &DirIndex, name: &str, mut archived: Vec<VersionId>) -> Vec<VersionId> {
    let mut order: Vec<VersionId> = Vec::new();
    for record in index.records(name).iter().rev() {
        if !order.contains(&record.version) {
            order.push(record.version.clone());
        }
    }
    archived.sort_by(|a, b| b.cmp(a));
    archived.retain(|version| !order.contains(version));
    order.extend(archived);
    order
}

/// The version files in a directory of old versions.
pub fn archived(dir: &Path) -> io::Result<Vec<VersionId>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if is_missing(&error) => return Ok(Vec::new()),
        other => other?,
    };
    let mut versions = Vec::new();
    for entry in entries {
        let entry = entry?;
        let version = entry.file_name().into_string().ok().map(VersionId).filter(is_version);
        if entry.file_type()?.is_file() {
            versions.extend(version);
        }
    }
    Ok(versions)
}

/// The name of a version that was found without a line: the same for all who look, another once there are more lines
/// (so that no two versions of a key share one), and later than the last line's.
pub fn found_version(name: &str, size: u64, mtime_ns: i64, records: &[Record]) -> VersionId {
    let hash = blake3::hash(format!("{name}\0{size}\0{mtime_ns}\0{}", records.len()).as_bytes());
    let random = hash.as_bytes().iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let time_ms = u64::try_from(mtime_ns / 1_000_000).unwrap_or(0);
    later(Ulid::from_parts(time_ms, random), records)
}

/// A version name that sorts behind the last one of its key, also when the clock went back: should the record ever be
/// lost, the names alone still tell the order.
pub fn later(wanted: Ulid, records: &[Record]) -> VersionId {
    let last = records.last().and_then(|last| Ulid::from_string(&last.version.0).ok());
    let next = last.filter(|last| wanted <= *last).map(|last| {
        // At the very end of time there is no later one; then the record alone has the order.
        last.timestamp_ms().checked_add(1).map_or(wanted, |time_ms| Ulid::from_parts(time_ms, wanted.random()))
    });
    VersionId(next.unwrap_or(wanted).to_string())
}

pub fn describe(place: &Place, record: &Record, current: bool) -> ObjectVersion {
    ObjectVersion {
        key: place.key.clone(),
        version: record.version.clone(),
        etag: etag(&record.fingerprint),
        fingerprint: record.fingerprint,
        mtime: record.mtime,
        stored_at: record.stored_at,
        current,
        class: StorageClass::Standard,
    }
}

/// Whether a file can be the one of a line, by size and time.
fn seems(meta: &Metadata, record: &Record) -> bool {
    let Fingerprint { size, .. } = record.fingerprint;
    meta.len() == size && (mtime_ns(meta) / 1_000_000).abs_diff(record.mtime.0) <= MTIME_SLACK_MS
}

/// A regular file's metadata; `None` where there is nothing.
fn regular(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() => Ok(Some(meta)),
        Ok(_) => Err(io::ErrorKind::IsADirectory.into()),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

pub fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file())
}

pub fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
