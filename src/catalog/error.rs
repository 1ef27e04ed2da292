//! What can go wrong with a catalogue, in the few kinds that somebody can act on.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the catalogue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The library was written by a newer Lightkeep; nothing was touched.
    #[error(
        "this library is from a newer Lightkeep (format {found}, this one knows {ours}); install the newer version"
    )]
    TooNew {
        /// Format of the library.
        found: i64,
        /// Format that this program knows.
        ours: i64,
    },
    /// The catalogue is damaged. It is kept as it is; a new one can be built from a vault or the folders.
    #[error("the catalogue is damaged ({detail}); rebuild it from a vault or import the folders again: {path}")]
    Corrupt {
        /// What SQLite says.
        detail: String,
        /// The file.
        path: PathBuf,
    },
    /// There is no library yet.
    #[error("there is no library here: {path}")]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// Somebody else holds the database for long.
    #[error("another program is using the catalogue; try again when it is done")]
    Busy,
    /// The directory or disk cannot be written.
    #[error("the library cannot be written: {path}")]
    ReadOnly {
        /// The directory or file.
        path: PathBuf,
    },
    /// No room.
    #[error("the disk of the library is full; free some space, nothing was lost: {path}")]
    DiskFull {
        /// The directory.
        path: PathBuf,
    },
    /// The disk does not answer as it should, perhaps because it was pulled.
    #[error("the library's disk cannot be read or written ({why}): {path}")]
    Io {
        /// What the system says.
        why: String,
        /// The directory or file.
        path: PathBuf,
    },
    /// The search was superseded or cancelled.
    #[error("stopped")]
    Stopped,
    /// What was asked about is not in the catalogue.
    #[error("not in the catalogue: {0}")]
    NotFound(String),
    /// The request cannot be carried out, whatever the state of the disk.
    #[error("{0}")]
    Refused(String),
    /// A fault of this program.
    #[error("the catalogue was asked wrongly, which is a fault in Lightkeep ({0})")]
    Internal(String),
}

/// Shorthand of this module.
pub type Result<T> = std::result::Result<T, CatalogError>;

impl From<rusqlite::Error> for CatalogError {
    fn from(error: rusqlite::Error) -> Self {
        // The file is filled in by `at`, where it is known.
        let path = PathBuf::new();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { detail: error.to_string(), path }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::Io { why: error.to_string(), path }
            }
            Some(ErrorCode::OperationInterrupted) => Self::Stopped,
            _ => match error {
                rusqlite::Error::QueryReturnedNoRows => Self::NotFound("a row that should be there".to_owned()),
                // A value of another kind than the schema says can only be damage.
                rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::IntegralValueOutOfRange(..) => {
                    Self::Corrupt { detail: error.to_string(), path }
                }
                other => Self::Internal(other.to_string()),
            },
        }
    }
}

impl CatalogError {
    /// The same error, naming the file or directory that it is about.
    #[must_use]
    pub fn at(mut self, place: &Path) -> Self {
        match &mut self {
            Self::Corrupt { path, .. } | Self::ReadOnly { path } | Self::DiskFull { path } | Self::Io { path, .. }
                if path.as_os_str().is_empty() =>
            {
                *path = place.to_owned();
            }
            _ => {}
        }
        self
    }

    /// From an error of the operating system about a place.
    #[must_use]
    pub fn io(error: &io::Error, place: &Path) -> Self {
        let path = place.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly { path },
            io::ErrorKind::NotFound => Self::Missing { path },
            _ => Self::Io { why: error.to_string(), path },
        }
    }
}
