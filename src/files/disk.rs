//! The real file system.

use std::collections::HashSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::WalkDir;

use super::durable::{parent_of, sync_dir};
use super::hash::each_chunk;
use super::{FileSystem, ReadSeek, Stat, Walked};

/// The name of the file that marks a vault's top directory.
pub const VAULT_MARKER: &str = ".lightkeep-vault";

/// The file system of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl FileSystem for Disk {
    fn walk(&self, roots: &[PathBuf], each: &mut dyn FnMut(Walked) -> bool) {
        let mut walk = Walk::default();
        let absolute: Vec<PathBuf> =
            roots.iter().map(|root| std::path::absolute(root).unwrap_or_else(|_| root.clone())).collect();
        // Files first, so that a folder given beside them does not show them a second time.
        let (dirs, files): (Vec<_>, Vec<_>) = absolute.into_iter().enumerate().partition(|(_, root)| root.is_dir());
        for (index, path) in files {
            if walk.single.insert(path.clone()) && !each(file_or_failed(path, index)) {
                return;
            }
        }
        for (index, root) in dirs {
            if !walk.folder(&root, index, each) {
                return;
            }
        }
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        stat_of(&fs::metadata(path)?)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        open_regular(path).map(|(file, _)| Box::new(file) as Box<dyn ReadSeek>)
    }

    fn create_new(&self, path: &Path, from: &mut dyn io::Read) -> io::Result<Stat> {
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        write_beside(path, from, None, rename_new)
    }

    fn replace(&self, path: &Path, from: &mut dyn io::Read) -> io::Result<Stat> {
        // A link stays a link; what it points to is replaced.
        let path = match path.symlink_metadata() {
            Ok(meta) if meta.is_symlink() => fs::canonicalize(path)?,
            _ => path.to_path_buf(),
        };
        let old = fs::metadata(&path).ok();
        write_beside(&path, from, old, |temporary, path| fs::rename(temporary, path))
    }
}

/// Opens a regular file for reading, with what is known of it. A FIFO or device is `InvalidInput` and never waited for.
///
/// # Errors
/// As the operating system says.
pub fn open_regular(path: &Path) -> io::Result<(File, Stat)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    }
    let file = options.open(path)?;
    let stat = stat_of(&file.metadata()?)?;
    Ok((file, stat))
}

fn stat_of(meta: &Metadata) -> io::Result<Stat> {
    if !meta.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    Ok(Stat { size: meta.len(), mtime_ns: mtime_ns(meta) })
}

/// Nanoseconds since 1970, held to what 64 bits can say (1677 to 2262).
#[must_use]
pub fn mtime_ns(meta: &Metadata) -> i64 {
    let held = |nanos: u128| i64::try_from(nanos).unwrap_or(i64::MAX);
    match meta.modified().map(|time| time.duration_since(UNIX_EPOCH)) {
        Ok(Ok(after)) => held(after.as_nanos()),
        Ok(Err(before)) => -held(before.duration().as_nanos()),
        Err(_) => 0,
    }
}

fn file_or_failed(path: PathBuf, root: usize) -> Walked {
    match Disk.stat(&path) {
        Ok(stat) => Walked::File { path, root, stat },
        Err(error) => Walked::Failed { path, error },
    }
}

/// Whether a directory is one of our own: a vault, or a library.
fn is_ours(dir: &Path) -> bool {
    dir.join(VAULT_MARKER).is_file() || (dir.join("catalog.db").is_file() && dir.join("lock").is_file())
}

/// What was met so far, over all roots.
#[derive(Default)]
struct Walk {
    /// Directories, by what they are and not by what they are called.
    folders: HashSet<FolderId>,
    /// Files that were roots themselves.
    single: HashSet<PathBuf>,
}

#[cfg(unix)]
type FolderId = (u64, u64);
#[cfg(not(unix))]
type FolderId = PathBuf;

impl Walk {
    fn folder(&mut self, root: &Path, index: usize, each: &mut dyn FnMut(Walked) -> bool) -> bool {
        let mut entries = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            let go_on = match entry {
                Err(error) if error.loop_ancestor().is_some() => true,
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_path_buf();
                    let hidden = error.depth() > 0 && is_hidden(&path);
                    hidden || each(Walked::Failed { path, error: error.into() })
                }
                Ok(entry) if entry.depth() > 0 && is_hidden(entry.path()) => {
                    if entry.file_type().is_dir() {
                        entries.skip_current_dir();
                    }
                    true
                }
                Ok(entry) if entry.file_type().is_dir() => {
                    if is_ours(entry.path()) || !self.is_new(&entry) {
                        entries.skip_current_dir();
                    }
                    true
                }
                Ok(entry) if entry.file_type().is_file() && !self.single.contains(entry.path()) => {
                    each(file_or_failed(entry.into_path(), index))
                }
                Ok(_) => true,
            };
            if !go_on {
                return false;
            }
        }
        true
    }

    fn is_new(&mut self, dir: &walkdir::DirEntry) -> bool {
        #[cfg(unix)]
        let id = {
            use std::os::unix::fs::MetadataExt as _;
            dir.metadata().map(|meta| (meta.dev(), meta.ino())).map_err(|_| ())
        };
        #[cfg(not(unix))]
        let id = fs::canonicalize(dir.path()).map_err(|_| ());
        // A folder that cannot be asked is tried; reading it gives the error worth showing.
        id.map_or(true, |id| self.folders.insert(id))
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Writes a temporary file in the folder of `path`, syncs it, and lets `place` give it its name. Nothing stays behind
/// where a step fails.
fn write_beside(
    path: &Path,
    from: &mut dyn io::Read,
    old: Option<Metadata>,
    place: impl Fn(&Path, &Path) -> io::Result<()>,
) -> io::Result<Stat> {
    let folder = parent_of(path);
    let temporary = folder.join(format!(".lightkeep-{}.tmp", ulid::Ulid::generate()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    let written = (|| {
        each_chunk(from, &mut |chunk| io::Write::write_all(&mut file, chunk))?;
        if let Some(old) = old {
            match file.set_permissions(old.permissions()) {
                Err(error) if super::durable::is_not_offered(&error) => {}
                other => other?,
            }
        }
        file.sync_all()?;
        let stat = stat_of(&file.metadata()?)?;
        place(&temporary, path)?;
        Ok(stat)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
        return written;
    }
    sync_dir(&folder)?;
    written
}

/// Gives a file a name that nothing has, in one step where the system can.
fn rename_new(temporary: &Path, path: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, temporary, CWD, path, RenameFlags::NOREPLACE) {
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {}
            other => return other.map_err(Into::into),
        }
    }
    // Elsewhere an empty file reserves the name first; it is ours, so that it may be replaced.
    OpenOptions::new().write(true).create_new(true).open(path)?;
    fs::rename(temporary, path).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

#[cfg(test)]
#[path = "disk_tests.rs"]
mod tests;
