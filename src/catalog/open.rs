//! Opening a library's catalogue: file modes, formats, and what is done about damage.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::{CatalogError, Result};
use super::reader::Reader;
use super::schema::{MIGRATIONS, check_version, migrate};
use super::thumbs::Thumbs;
use super::writer::Writer;

/// The catalogue's file in a library directory.
pub const CATALOG_FILE: &str = "catalog.db";
/// The thumbnails' file in a library directory.
pub const THUMBS_FILE: &str = "thumbs.db";

/// How long a statement waits for the lock of another connection.
const BUSY: Duration = Duration::from_secs(10);

/// What a process wants with the library. Only the holder of the library's lock may ask for `Write`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading; never makes a library, nor changes what is in it.
    Read,
    /// Reading and writing; makes the library where there is none, and brings an older one up to date.
    Write,
}

/// An open library: the one writer, and as many readers as are wanted.
#[derive(Debug)]
pub struct Library {
    dir: PathBuf,
    access: Access,
    writer: Option<Writer>,
}

/// Opens the library in a directory.
///
/// # Errors
/// [`CatalogError::Missing`] for `Read` where there is none; `TooNew`, `Corrupt`, `ReadOnly`, `DiskFull`, `Io` as they
/// are. Nothing is ever repaired or thrown away here.
pub fn open_library(dir: &Path, access: Access) -> Result<Library> {
    let file = dir.join(CATALOG_FILE);
    let open = || -> Result<Option<Writer>> {
        match access {
            Access::Read => {
                let db = connect_reader(&file)?;
                check_version(&db, MIGRATIONS.len())?;
                Ok(None)
            }
            Access::Write => {
                make_private(dir, &file)?;
                Ok(Some(Writer::new(connect_writer(&file)?)?))
            }
        }
    };
    let writer = open().map_err(|error| error.at(&file))?;
    Ok(Library { dir: dir.to_owned(), access, writer })
}

impl Library {
    /// A new reader with a connection of its own.
    ///
    /// # Errors
    /// What the disk says.
    pub fn reader(&self) -> Result<Reader> {
        let file = self.dir.join(CATALOG_FILE);
        connect_reader(&file).map(|db| Reader { db }).map_err(|error| error.at(&file))
    }

    /// The writer, once. `None` for [`Access::Read`], or when it was taken before.
    pub fn take_writer(&mut self) -> Option<Writer> {
        self.writer.take()
    }

    /// A new handle on the thumbnails.
    ///
    /// # Errors
    /// Only where the disk cannot be used; damaged thumbnails are thrown away.
    pub fn thumbs(&self) -> Result<Thumbs> {
        Thumbs::open(&self.dir.join(THUMBS_FILE), self.access)
    }

    /// The library's directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads the whole catalogue and checks that it is sound. Takes seconds to minutes: for when damage is suspected.
    ///
    /// # Errors
    /// [`CatalogError::Corrupt`] with the first fault found.
    pub fn check(&self) -> Result<()> {
        let file = self.dir.join(CATALOG_FILE);
        let run = || -> Result<()> {
            let db = connect_reader(&file)?;
            let detail: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if detail == "ok" { Ok(()) } else { Err(CatalogError::Corrupt { detail, path: file.clone() }) }
        };
        run().map_err(|error| error.at(&file))
    }
}

/// Makes the directory (0700) and an empty file (0600), whatever the umask; SQLite gives its side files the same mode.
pub(super) fn make_private(dir: &Path, file: &Path) -> Result<()> {
    if !dir.is_dir() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(dir).map_err(|error| CatalogError::io(&error, dir))?;
    }
    restrict(dir, 0o700)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(|error| CatalogError::io(&error, file))?;
    restrict(file, 0o600)
}

#[cfg(unix)]
fn restrict(place: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let now = fs::metadata(place).map_err(|error| CatalogError::io(&error, place))?.permissions();
    // Set only where it differs: the directory may be ours to use and yet not ours to change.
    if now.mode() & 0o777 != mode {
        fs::set_permissions(place, fs::Permissions::from_mode(mode))
            .map_err(|error| CatalogError::io(&error, place))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> Result<()> {
    Ok(())
}

fn connect_writer(file: &Path) -> Result<Connection> {
    let mut db =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    common(&db)?;
    // Looked at before anything is changed, the journal mode included.
    check_version(&db, MIGRATIONS.len())?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // One gesture on everything must not leave a huge log behind for good.
    db.pragma_update(None, "journal_size_limit", 64 << 20)?;
    db.pragma_update(None, "cache_size", -65_536)?;
    migrate(&mut db, MIGRATIONS)?;
    Ok(db)
}

fn connect_reader(file: &Path) -> Result<Connection> {
    if let Err(error) = fs::metadata(file) {
        return Err(CatalogError::io(&error, file));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    common(&db)?;
    db.pragma_update(None, "cache_size", -24_576)?;
    db.pragma_update(None, "query_only", true)?;
    match check_version(&db, MIGRATIONS.len()) {
        // A library on a disk that cannot be written has nowhere for WAL's shared memory: then nobody else can be
        // writing either, and the file may be read as it lies.
        Err(CatalogError::Io { .. } | CatalogError::ReadOnly { .. }) if not_writable(file) => {
            let uri = format!("file:{}?immutable=1", percent(file));
            let db = Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?;
            common(&db)?;
            check_version(&db, MIGRATIONS.len())?;
            Ok(db)
        }
        Err(error) => Err(error),
        // An empty file is what a crash at the very first start leaves; there is nothing in it.
        Ok(0) => Err(CatalogError::Missing { path: file.to_owned() }),
        Ok(found) if found < MIGRATIONS.len() => Err(CatalogError::Refused(format!(
            "this library is from an older Lightkeep; open it once in the window to bring it up to date: {}",
            file.display()
        ))),
        Ok(_) => Ok(db),
    }
}

fn not_writable(file: &Path) -> bool {
    fs::OpenOptions::new().write(true).open(file).is_err()
}

/// The path for a `file:` URI.
fn percent(file: &Path) -> String {
    let bytes = crate::domain::path_text::path_bytes(file);
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}

pub(super) fn common(db: &Connection) -> Result<()> {
    db.busy_timeout(BUSY)?;
    db.set_prepared_statement_cache_capacity(128);
    // Plans must not depend on the values bound: SQLite would parse and plan a statement anew at every call.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A damaged file must not be able to make SQLite do things while it is read.
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cell_size_check", true)?;
    Ok(())
}
