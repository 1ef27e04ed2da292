//! The photographer's folders, read with care: walk, stat, open, hash, atomic replace, sidecars.
//!
//! Originals are never moved, renamed or written by an import. The only writers here are [`FileSystem::replace`]
//! (atomic: temporary file, fsync, rename, fsync of the directory) and [`FileSystem::create_new`] (never overwrites).

pub mod card;
pub mod disk;
pub mod durable;
pub mod hash;
pub mod sidecar;
pub mod space;

use std::io;
use std::path::{Path, PathBuf};

pub use disk::Disk;
pub use hash::{Content, Fingerprinter, SteadyRead, fingerprint, fingerprint_bytes, read_steady};

use crate::domain::Timestamp;

/// What the file system knows of a file without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Length in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970 (UTC), as fine as the file system keeps it.
    pub mtime_ns: i64,
}

impl Stat {
    /// Modification time in milliseconds, as it goes into manifests.
    #[must_use]
    pub fn mtime(self) -> Timestamp {
        Timestamp(self.mtime_ns.div_euclid(1_000_000))
    }
}

/// One thing met on a walk.
#[derive(Debug)]
pub enum Walked {
    /// A regular file, under which given root it was found.
    File {
        /// Absolute path.
        path: PathBuf,
        /// Which of the given roots (index) it lies under.
        root: usize,
        /// Size and time.
        stat: Stat,
    },
    /// Something that could not be read; the walk goes on.
    Failed {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// A readable, seekable file.
pub trait ReadSeek: io::Read + io::Seek + Send {}
impl<T: io::Read + io::Seek + Send> ReadSeek for T {}

/// The file system as operations see it; real in `files::disk`, in memory for the simulator.
pub trait FileSystem: Send + Sync {
    /// Visits every regular file under the roots (a root may be a file), directories in name order, following links
    /// but never round in a circle and never twice to the same directory. Hidden files and directories (leading dot)
    /// below a root, our own vaults and libraries are passed over. `each` returning `false` ends the walk.
    fn walk(&self, roots: &[PathBuf], each: &mut dyn FnMut(Walked) -> bool);

    /// Size and time of a regular file (links followed).
    ///
    /// # Errors
    /// As the operating system says; `InvalidInput` where it is no regular file.
    fn stat(&self, path: &Path) -> io::Result<Stat>;

    /// Opens for reading. Never blocks on a FIFO or device: those are `InvalidInput`.
    ///
    /// # Errors
    /// As the operating system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>>;

    /// Makes a directory and those above it that are missing, durably.
    ///
    /// # Errors
    /// As the operating system says.
    fn create_dirs(&self, dir: &Path) -> io::Result<()> {
        durable::create_dirs(dir)
    }

    /// Writes a new file durably; fails with `AlreadyExists` rather than overwrite.
    ///
    /// # Errors
    /// As the operating system says; nothing is left behind.
    fn create_new(&self, path: &Path, from: &mut dyn io::Read) -> io::Result<Stat>;

    /// Replaces a file atomically and durably: readers see the old or the new bytes, never a mixture.
    ///
    /// # Errors
    /// As the operating system says; the old file is then unharmed and nothing is left behind.
    fn replace(&self, path: &Path, from: &mut dyn io::Read) -> io::Result<Stat>;
}
