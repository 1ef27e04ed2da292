//! One process writes to a library: an advisory lock on a file in it, which the system lets go when a process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::protocol::{ErrorCode, UserError};

/// Name of the lock inside the library directory.
pub const FILE_NAME: &str = "lock";

/// Held while this process may write to the library.
#[derive(Debug)]
pub struct WriteLock(#[allow(dead_code, reason = "held, not read")] File);

impl WriteLock {
    /// Takes the lock at once, or says who is in the way.
    ///
    /// # Errors
    /// [`ErrorCode::Busy`] where another process has it, [`ErrorCode::Unavailable`] where it cannot be made.
    pub fn take(library: &Path) -> Result<Self, UserError> {
        let path = library.join(FILE_NAME);
        let unavailable = |error: std::io::Error| {
            UserError::new(
                ErrorCode::Unavailable,
                format!("the library cannot be written ({error}): {}", library.display()),
            )
            .hint("Check that the disk is there and not read-only.")
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(unavailable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(UserError::new(
                ErrorCode::Busy,
                format!("another process is writing to the library: {}", library.display()),
            )
            .hint("Close the window or wait for the other command.")),
            Err(TryLockError::Error(error)) => Err(unavailable(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_and_may_have_it_later() {
        let dir = tempfile::tempdir().unwrap();
        let first = WriteLock::take(dir.path()).unwrap();
        assert_eq!(WriteLock::take(dir.path()).unwrap_err().code, ErrorCode::Busy);
        drop(first);
        WriteLock::take(dir.path()).unwrap();
        assert_eq!(WriteLock::take(&dir.path().join("gone")).unwrap_err().code, ErrorCode::Unavailable);
    }
}
