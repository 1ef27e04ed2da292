//! One refresh at a time, also between two processes: an advisory lock on a small file.
//!
//! The kernel releases it with the process, however that ends. The file holds nothing and stays: taking it away would
//! let two processes lock two files of one name.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

/// The longest wait for another process; a refresh is two requests.
pub const LOCK_LIMIT: Duration = Duration::from_secs(20);

const POLL: Duration = Duration::from_millis(50);

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockProblem {
    /// Another process holds it for longer than the limit.
    #[error("another process does not let go of the sign-in")]
    Busy,
    /// The file cannot be made or locked, such as on some network disks.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Held until it is dropped.
#[derive(Debug)]
pub struct RefreshLock {
    _file: File,
}

impl RefreshLock {
    /// The directory for lock files: the session's runtime directory, or the data directory where there is none.
    /// `None` for a user without a home.
    #[must_use]
    pub fn usual_dir() -> Option<PathBuf> {
        let dirs = directories::ProjectDirs::from("app.lightkeep", "", "Lightkeep")?;
        Some(dirs.runtime_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned())
    }

    /// Takes the lock of a keyring entry, and waits for another process for up to [`LOCK_LIMIT`]. Also keeps two tasks
    /// of one process apart.
    ///
    /// # Errors
    /// [`LockProblem`].
    pub async fn take(dir: &Path, entry: &str) -> Result<Self, LockProblem> {
        Self::take_within(dir, entry, LOCK_LIMIT).await
    }

    /// The same with another limit.
    ///
    /// # Errors
    /// [`LockProblem`].
    pub async fn take_within(dir: &Path, entry: &str, limit: Duration) -> Result<Self, LockProblem> {
        let path = dir.join(file_name(entry));
        let deadline = Instant::now() + limit;
        loop {
            let path = path.clone();
            // Disks may be slow: not on the threads that everything else runs on.
            let tried = tokio::task::spawn_blocking(move || try_take(&path)).await.map_err(io::Error::other)?;
            if let Some(file) = tried? {
                return Ok(Self { _file: file });
            }
            if Instant::now() >= deadline {
                return Err(LockProblem::Busy);
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// An entry may name a pool or a server; its lock file does not.
fn file_name(entry: &str) -> String {
    format!("account-{}.lock", &blake3::hash(entry.as_bytes()).to_hex()[..16])
}

/// `None` while somebody else holds it.
fn try_take(path: &Path) -> io::Result<Option<File>> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(is_still_there(&file, path).then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(dir)?;
    }
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.read(true).write(true).create(true).truncate(false).open(path)
}

/// Runtime directories are swept: a lock on a file that is gone from its name keeps nobody out.
#[cfg(unix)]
fn is_still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(ours), Ok(there)) = (file.metadata(), path.metadata()) else { return false };
    (ours.dev(), ours.ino()) == (there.dev(), there.ino())
}

/// An open file keeps its name there.
#[cfg(not(unix))]
fn is_still_there(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(120);

    #[tokio::test]
    async fn one_holds_it_and_the_next_waits() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("a/b");
        let held = RefreshLock::take(&dir, "pool/client").await.unwrap();
        let refused = RefreshLock::take_within(&dir, "pool/client", SHORT).await;
        assert!(matches!(refused, Err(LockProblem::Busy)), "{refused:?}");
        RefreshLock::take_within(&dir, "another", Duration::ZERO).await.expect("entries do not wait for each other");

        let waiting = tokio::spawn({
            let dir = dir.clone();
            async move { RefreshLock::take(&dir, "pool/client").await }
        });
        tokio::time::sleep(POLL).await;
        assert!(!waiting.is_finished());
        drop(held);
        waiting.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn its_file_is_private_empty_and_names_nothing() {
        let home = tempfile::tempdir().unwrap();
        let _held = RefreshLock::take(home.path(), "ann@example.org").await.unwrap();
        let names: Vec<_> = home.path().read_dir().unwrap().map(|entry| entry.unwrap()).collect();
        let [entry] = names.as_slice() else { panic!("{names:?}") };
        let name = entry.file_name().into_string().unwrap();
        assert_eq!((name.len(), entry.metadata().unwrap().len()), ("account-.lock".len() + 16, 0), "{name}");
        assert!(!name.contains("ann"));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&entry.metadata().unwrap().permissions()) & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_swept_file_is_made_anew() {
        let home = tempfile::tempdir().unwrap();
        let held = RefreshLock::take(home.path(), "x").await.unwrap();
        std::fs::remove_file(home.path().join(file_name("x"))).unwrap();
        let second = RefreshLock::take_within(home.path(), "x", Duration::ZERO).await.unwrap();
        let third = RefreshLock::take_within(home.path(), "x", SHORT).await;
        assert!(matches!(third, Err(LockProblem::Busy)), "{third:?}");
        drop((held, second));
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_made_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("file"), "").unwrap();
        let failed = RefreshLock::take(&home.path().join("file/dir"), "x").await;
        assert!(matches!(failed, Err(LockProblem::Io(_))), "{failed:?}");
    }
}
