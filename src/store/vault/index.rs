//! The record of a vault: for each directory an append-only file of JSON lines, one per version ever put there.
//!
//! It is the proof that goes with the bytes, not the way to them: a vault whose records are lost can still be read,
//! and what is found without a line is hashed and recorded again.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::steps::{Step, Steps};
use crate::domain::{Fingerprint, Timestamp, VersionId};
use crate::files::disk::{mtime_ns, open_regular};
use crate::files::durable::{create_dirs, is_not_offered, parent_of, sync_dir};

/// The name of the record in each directory of `.versions`.
pub const INDEX_NAME: &str = ".index.jsonl";
/// A line longer than this, in bytes, is not ours: names are at most 255 bytes.
const MAX_LINE_BYTES: u64 = 16 * 1024;
/// How many directories' records are kept in memory.
const MAX_CACHED_DIRS: usize = 32;

/// One version as the record has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Last component of the key.
    pub name: String,
    /// Its version, a ULID.
    pub version: VersionId,
    /// What the bytes were when they were stored and read back.
    #[serde(flatten)]
    pub fingerprint: Fingerprint,
    /// Modification time of the original (ms since 1970, UTC).
    pub mtime: Timestamp,
    /// When it was stored (ms since 1970, UTC).
    pub stored_at: Timestamp,
    /// Whether this is no version but a delete marker: from here on the name has no current object. The fingerprint
    /// is that of what was current before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// What tells that a record file has not changed since it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Stamp {
    len: u64,
    mtime_ns: i64,
    inode: u64,
}

fn stamp(meta: &fs::Metadata) -> Stamp {
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(meta);
    #[cfg(not(unix))]
    let inode = 0;
    Stamp { len: meta.len(), mtime_ns: mtime_ns(meta), inode }
}

/// The record of one directory, as far as it was read.
#[derive(Debug, Default)]
pub struct DirIndex {
    path: PathBuf,
    by_name: HashMap<String, Vec<Record>>,
    stamp: Option<Stamp>,
    /// End of the last complete line, in bytes; behind it is at most a torn one.
    read_to: u64,
}

/// The right to append: no other process appends to the same record meanwhile.
#[derive(Debug)]
pub struct Held(File);

impl DirIndex {
    /// Every version ever put under a name, oldest first.
    pub fn records(&self, name: &str) -> &[Record] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The version of the last line under a name; none where that is a delete marker.
    pub fn last(&self, name: &str) -> Option<&Record> {
        self.records(name).last().filter(|last| !last.deleted)
    }

    /// Every name that has a line.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.by_name.keys()
    }

    /// Reads what was appended since the last time, by this process or another.
    pub fn refresh(&mut self) -> io::Result<()> {
        let mut file = match open_regular(&self.path).map(|(file, _)| file) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                self.forget();
                return Ok(());
            }
            other => other?,
        };
        let now = stamp(&file.metadata()?);
        if self.stamp == Some(now) {
            return Ok(());
        }
        let grew = self.stamp.is_some_and(|old| old.inode == now.inode && old.len < now.len);
        if !grew {
            self.forget();
        }
        file.seek(SeekFrom::Start(self.read_to))?;
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let n = (&mut lines).take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
            let complete = line.last() == Some(&b'\n');
            if n == 0 || !complete && (n as u64) < MAX_LINE_BYTES {
                break;
            }
            // What is too long, broken or hostile is passed over; its file is then found without a line.
            self.read_to += n as u64;
            let record = serde_json::from_slice::<Record>(&line).ok();
            if let Some(record) = record.filter(|record| is_version(&record.version)) {
                self.by_name.entry(record.name.clone()).or_default().push(record);
            }
        }
        self.stamp = Some(now);
        Ok(())
    }

    fn forget(&mut self) {
        self.by_name.clear();
        self.stamp = None;
        self.read_to = 0;
    }

    /// Waits until no other process appends, creating the record where there is none, and reads what is new.
    pub fn hold(&mut self) -> io::Result<Held> {
        let open = |path: &Path| OpenOptions::new().read(true).append(true).open(path);
        let file = match open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = parent_of(&self.path);
                create_dirs(&folder)?;
                let file = OpenOptions::new().read(true).append(true).create(true).open(&self.path)?;
                sync_dir(&folder)?;
                file
            }
            other => other?,
        };
        match file.lock() {
            // Some network file systems have no locks; within this process the mutex still holds.
            Err(error) if is_not_offered(&error) => {}
            other => other?,
        }
        self.refresh()?;
        Ok(Held(file))
    }

    /// Appends a line durably. A torn line of a crash before is ended first, so that it spoils nothing.
    pub fn append(&mut self, held: &Held, record: &Record, steps: &Steps) -> io::Result<()> {
        let file = &held.0;
        let len = file.metadata()?.len();
        let mut text = if len > self.read_to { "\n".to_owned() } else { String::new() };
        text.push_str(&serde_json::to_string(record)?);
        text.push('\n');
        let written = steps
            .reach(Step::Append)
            .and_then(|()| (&*file).write_all(text.as_bytes()))
            .and_then(|()| steps.reach(Step::SyncRecord))
            .and_then(|()| file.sync_data());
        if let Err(error) = written {
            if !steps.crashed() {
                let _ = file.set_len(len);
            }
            return Err(error);
        }
        self.by_name.entry(record.name.clone()).or_default().push(record.clone());
        self.read_to = len + text.len() as u64;
        self.stamp = Some(stamp(&file.metadata()?));
        Ok(())
    }
}

/// Whether a text is a version name of a vault; anything else must never become part of a path.
pub fn is_version(version: &VersionId) -> bool {
    Ulid::from_string(&version.0).is_ok_and(|ulid| ulid.to_string() == version.0)
}

/// The records in use, by directory. Each is behind a mutex of its own: who holds it is alone in that directory,
/// as far as this process goes.
#[derive(Debug, Default)]
pub struct Indexes(Mutex<HashMap<String, Arc<Mutex<DirIndex>>>>);

impl Indexes {
    /// The record of a directory (`photos/100CANON`), which may lie at `path` or not yet.
    pub fn dir(&self, dir: &str, path: impl FnOnce() -> PathBuf) -> Arc<Mutex<DirIndex>> {
        let mut dirs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = dirs.get(dir) {
            return Arc::clone(index);
        }
        if dirs.len() >= MAX_CACHED_DIRS {
            // Those in use stay, since two mutexes for one directory would be none.
            dirs.retain(|_, index| Arc::strong_count(index) > 1);
        }
        let index = Arc::new(Mutex::new(DirIndex { path: path(), ..DirIndex::default() }));
        dirs.insert(dir.to_owned(), Arc::clone(&index));
        index
    }
}
