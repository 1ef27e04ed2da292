//! The put: copy, prove, name, record.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ulid::Ulid;

use super::index::{DirIndex, Record};
use super::look::{Current, describe, later};
use super::steps::Step;
use super::{Core, Place};
use crate::domain::{ObjectKey, Receipt, Timestamp, VersionId};
use crate::files::durable::{create_dirs, parent_of, sync_dir};
use crate::files::hash::each_chunk;
use crate::files::{Fingerprinter, disk, fingerprint, fingerprint_bytes, space};
use crate::store::{Body, Condition, Put, StoreError, decide};

/// Kept free on the disk for records and directories, in bytes.
const RESERVE_BYTES: u64 = 1024 * 1024;

impl Core {
    pub fn put(&self, put: &Put) -> Result<Receipt, StoreError> {
        let place = self.place(&put.key)?;
        // A condition that is not met now is not worth a copy.
        if let Some(there) = self.alone(&place, |index| self.decide(&place, put, index))? {
            return Ok(there);
        }
        let needed_bytes = put.expected.size.saturating_add(RESERVE_BYTES);
        if let Ok(free_bytes) = space::free_bytes(&self.dir)
            && free_bytes < needed_bytes
        {
            return Err(StoreError::Full { needed_bytes, free_bytes });
        }
        let version = self.ulids.next(&self.parts);
        let temporary = self.incoming().join(format!("{version}.part"));
        let done = self
            .receive(put, &temporary)
            .and_then(|_alive| self.alone(&place, |index| self.settle(&place, put, &temporary, version, index)));
        // Also where somebody else was quicker; once it has its name nothing is there any more.
        if !self.steps.crashed() {
            let _ = fs::remove_file(&temporary);
        }
        done
    }

    pub fn restore(&self, key: &ObjectKey, version: &VersionId) -> Result<Receipt, StoreError> {
        let place = self.place(key)?;
        let (current, old) = self.alone(&place, |index| {
            let current = self.look(&place, index)?;
            Ok((current, self.old(&place, index, version)?))
        })?;
        if let Some(current) = current.filter(|current| current.version == *version) {
            return Ok(describe(&place, &current, true));
        }
        let old = old.ok_or_else(|| StoreError::NotFound { key: key.clone() })?;
        let body = Body::File(place.version_path(version));
        let put = Put::new(key.clone(), body, old.fingerprint, old.mtime, Condition::Always);
        self.put(&put).map_err(|error| match error {
            // The source is the vault itself.
            StoreError::SourceChanged { .. } => StoreError::Damaged { key: key.clone() },
            StoreError::Source { path, source } => {
                StoreError::Io { what: format!("reading the old version: {path}"), source }
            }
            other => other,
        })
    }

    fn decide(&self, place: &Place, put: &Put, index: &mut DirIndex) -> Result<Option<Receipt>, StoreError> {
        let current = self.look(place, index)?.map(|record| describe(place, &record, true));
        decide(put, current.as_ref())
    }

    /// Copies the source into a temporary file, durably, and proves that the disk has what was expected. The file that
    /// is returned holds the lock that says that somebody still needs it.
    fn receive(&self, put: &Put, temporary: &Path) -> Result<File, StoreError> {
        let needed = put.expected.size;
        let failed = |error| self.fault("writing into the vault", temporary, needed, error);
        self.check_present()?;
        let file = self.steps.reach(Step::Create).and_then(|()| {
            create_dirs(&parent_of(temporary))?;
            OpenOptions::new().write(true).create_new(true).open(temporary)
        });
        let mut file = file.map_err(failed)?;
        if cfg!(unix) {
            // Elsewhere locks would keep the file from being read back; without locks it is kept for a day.
            let _ = file.try_lock();
        }
        self.steps.reach(Step::Copy).map_err(failed)?;
        let copied = match &put.body {
            Body::Bytes(bytes) if fingerprint_bytes(bytes) != put.expected => return Err(changed(put)),
            Body::Bytes(bytes) => {
                file.write_all(bytes).map_err(failed)?;
                Copied::Hashed
            }
            Body::File(path) => self.copy(put, path, &mut file, temporary)?,
        };
        // Some file systems cannot keep every time; then the record has it alone.
        let _ = file.set_modified(system_time(put.mtime));
        self.steps.reach(Step::Sync).and_then(|()| file.sync_all()).map_err(failed)?;
        self.steps.reach(Step::ReadBack).map_err(failed)?;
        space::drop_cached(&file);
        let found = File::open(temporary).and_then(|mut back| fingerprint(&mut back)).map_err(failed)?;
        match copied {
            _ if found == put.expected => Ok(file),
            Copied::Hashed => Err(StoreError::Damaged { key: put.key.clone() }),
            Copied::Shared => Err(changed(put)),
        }
    }

    fn copy(&self, put: &Put, path: &Path, to: &mut File, temporary: &Path) -> Result<Copied, StoreError> {
        let unreadable = |source| StoreError::Source { path: path.display().to_string(), source };
        let (from, stat) = disk::open_regular(path).map_err(unreadable)?;
        if stat.size != put.expected.size {
            return Err(changed(put));
        }
        if space::reflink(&from, to) {
            return Ok(Copied::Shared);
        }
        let mut seen = Fingerprinter::new();
        let mut write_error = None;
        let copied = each_chunk(&mut from.take(put.expected.size.saturating_add(1)), &mut |chunk| {
            seen.update(chunk);
            to.write_all(chunk).map_err(|error| {
                write_error = Some(error);
                io::ErrorKind::Other.into()
            })
        });
        match (write_error, copied) {
            (Some(error), _) => Err(self.fault("writing into the vault", temporary, put.expected.size, error)),
            (None, Err(error)) => Err(unreadable(error)),
            (None, Ok(())) if seen.finish() != put.expected => Err(changed(put)),
            (None, Ok(())) => Ok(Copied::Hashed),
        }
    }

    /// Gives a proved temporary file its name and its line, unless the condition is not met any more.
    fn settle(
        &self,
        place: &Place,
        put: &Put,
        temporary: &Path,
        version: Ulid,
        index: &mut DirIndex,
    ) -> Result<Receipt, StoreError> {
        let failed = |error| self.fault("writing into the vault", &place.path, put.expected.size, error);
        self.check_present()?;
        let held = index.hold().map_err(failed)?;
        let mut current = self.current(place, index)?;
        if current == Current::Unknown {
            // It gets its line before it is moved aside, so that there is no moment in which nothing knows it.
            let (record, has_line) = self.identify(place, index)?;
            if !has_line {
                self.adopt(place, index, &held, &record).map_err(failed)?;
            }
            current = Current::Recorded(record);
        }
        let there = match &current {
            Current::Recorded(record) | Current::Displaced(record) => Some(describe(place, record, true)),
            Current::Absent | Current::Unknown => None,
        };
        if let Some(there) = decide(put, there.as_ref())? {
            return Ok(there);
        }
        let folder = self.parent(place);
        create_dirs(&folder).map_err(failed)?;
        self.steps.reach(Step::Archive).map_err(failed)?;
        let moved = match &current {
            Current::Recorded(record) => {
                let old = place.version_path(&record.version);
                archive(&place.path, &old).map_err(failed)?;
                Some(old)
            }
            _ => None,
        };
        let named = self.steps.reach(Step::Rename).and_then(|()| fs::rename(temporary, &place.path));
        if let Err(error) = named {
            // Understood as it is, but tidier where other programs look for the file.
            if let (Some(old), false) = (moved, self.steps.crashed()) {
                let _ = fs::rename(old, &place.path);
            }
            return Err(failed(error));
        }
        self.steps.reach(Step::SyncFolder).and_then(|()| sync_dir(&folder)).map_err(failed)?;
        let record = Record {
            name: place.name.clone(),
            version: later(version, index.records(&place.name)),
            fingerprint: put.expected,
            mtime: put.mtime,
            stored_at: (self.parts.clock)(),
            deleted: false,
        };
        index.append(&held, &record, &self.steps).map_err(failed)?;
        self.steps.reach(Step::Answer).map_err(failed)?;
        Ok(describe(place, &record, true))
    }
}

/// How the bytes came over, and so what a difference means.
enum Copied {
    /// Hashed on the way: what reads back differently was damaged by the disk.
    Hashed,
    /// By sharing blocks, unseen: what differs is the source.
    Shared,
}

fn changed(put: &Put) -> StoreError {
    let path = match &put.body {
        Body::File(path) => path.display().to_string(),
        Body::Bytes(_) => put.key.to_string(),
    };
    StoreError::SourceChanged { path }
}

/// Moves the current file among the old versions, durably before its name is given away.
pub fn archive(path: &Path, old: &Path) -> io::Result<()> {
    create_dirs(&parent_of(old))?;
    fs::rename(path, old)?;
    sync_dir(&parent_of(old))
}

fn system_time(at: Timestamp) -> SystemTime {
    let distance = Duration::from_millis(at.0.unsigned_abs());
    let time = if at.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
    time.unwrap_or(UNIX_EPOCH)
}
