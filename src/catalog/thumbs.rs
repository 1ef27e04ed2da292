//! Grid thumbnails by content, in a database of their own that can be thrown away at any time.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use super::error::{CatalogError, Result};
use super::open::{Access, common, make_private};
use crate::domain::ContentHash;

/// A handle on `thumbs.db`. `Send`, not `Sync`. What cannot be read is as good as not there; with `Access::Write` a
/// damaged or deleted file is made anew.
#[derive(Debug)]
pub struct Thumbs {
    file: PathBuf,
    access: Access,
    db: Option<Connection>,
}

// A thumbnail's row number is the first eight bytes of its content's hash, so that no index of hashes is needed; the
// whole hash is in the row. `same_as` names the row that has the picture, where several contents look alike.
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS thumbs(
    place INTEGER PRIMARY KEY, blake3 BLOB NOT NULL, same_as INTEGER, jpeg BLOB)";
const FORMAT: i64 = 1;

fn place(content: &ContentHash) -> i64 {
    i64::from_be_bytes(content.0.first_chunk().copied().unwrap_or_default())
}

impl Thumbs {
    /// Opens the file; damage and absence are no errors.
    pub(super) fn open(file: &Path, access: Access) -> Result<Self> {
        let db = match (connect(file, access), access) {
            (Ok(db), _) => Some(db),
            (Err(_), Access::Read) => None,
            (Err(CatalogError::Corrupt { .. } | CatalogError::TooNew { .. }), Access::Write) => {
                discard(file)?;
                Some(connect(file, access).map_err(|error| error.at(file))?)
            }
            (Err(error), Access::Write) => return Err(error.at(file)),
        };
        Ok(Self { file: file.to_owned(), access, db })
    }

    /// The JPEG of a content; `None` where there is none, or where it cannot be read.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn get(&self, content: &ContentHash) -> Result<Option<Vec<u8>>> {
        let Some(db) = &self.db else { return Ok(None) };
        let read = || -> Result<Option<Vec<u8>>> {
            let mut statement = db.prepare_cached(
                "SELECT ifnull(t.jpeg, s.jpeg) FROM thumbs t LEFT JOIN thumbs s ON s.place = t.same_as
                 WHERE t.place = ? AND t.blake3 = ?",
            )?;
            let found = statement.query_row(params![place(content), &content.0[..]], |row| row.get(0)).optional()?;
            Ok(found.flatten())
        };
        match read() {
            Err(CatalogError::Corrupt { .. }) => Ok(None),
            other => other.map_err(|error| error.at(&self.file)),
        }
    }

    /// Keeps JPEGs, in one transaction.
    ///
    /// # Errors
    /// Where the disk fails or is full.
    pub fn put(&mut self, pictures: &[(ContentHash, &[u8])]) -> Result<()> {
        self.write(|db| {
            let mut insert =
                db.prepare_cached("INSERT OR REPLACE INTO thumbs(place, blake3, jpeg) VALUES (?, ?, ?)")?;
            for (content, jpeg) in pictures {
                insert.execute(params![place(content), &content.0[..], jpeg])?;
            }
            Ok(())
        })
    }

    /// Gives contents the picture that another content has: a changed caption does not change the picture.
    ///
    /// # Errors
    /// Where the disk fails or is full.
    pub fn put_same(&mut self, contents: &[ContentHash], picture_of: &ContentHash) -> Result<()> {
        self.write(|db| {
            let target: Option<Option<i64>> = db
                .prepare_cached("SELECT same_as FROM thumbs WHERE place = ?")?
                .query_row([place(picture_of)], |row| row.get(0))
                .optional()?;
            let target = target.flatten().unwrap_or_else(|| place(picture_of));
            let mut insert =
                db.prepare_cached("INSERT OR IGNORE INTO thumbs(place, blake3, same_as) VALUES (?, ?, ?)")?;
            for content in contents {
                insert.execute(params![place(content), &content.0[..], target])?;
            }
            Ok(())
        })
    }

    /// Which of these have no thumbnail.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn missing(&self, contents: &[ContentHash]) -> Result<Vec<ContentHash>> {
        let Some(db) = &self.db else { return Ok(contents.to_vec()) };
        let mut statement = db.prepare_cached("SELECT 1 FROM thumbs WHERE place = ? AND blake3 = ?")?;
        let mut missing = Vec::new();
        for content in contents {
            if !statement.exists(params![place(content), &content.0[..]])? {
                missing.push(*content);
            }
        }
        Ok(missing)
    }

    fn write(&mut self, change: impl Fn(&Connection) -> Result<()>) -> Result<()> {
        if self.access == Access::Read {
            return Err(CatalogError::ReadOnly { path: self.file.clone() });
        }
        // Deleted while open: what is written to an unlinked file would be lost without a word.
        if self.db.is_none() || !self.file.exists() {
            self.db = None;
            discard(&self.file)?;
            self.db = Some(connect(&self.file, self.access).map_err(|error| error.at(&self.file))?);
        }
        match self.attempt(&change) {
            Err(CatalogError::Corrupt { .. }) => {
                self.db = None;
                discard(&self.file)?;
                self.db = Some(connect(&self.file, self.access).map_err(|error| error.at(&self.file))?);
                self.attempt(&change)
            }
            other => other,
        }
        .map_err(|error| error.at(&self.file))
    }

    fn attempt(&mut self, change: impl Fn(&Connection) -> Result<()>) -> Result<()> {
        let Some(db) = &mut self.db else { return Ok(()) };
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        change(&tx)?;
        Ok(tx.commit()?)
    }
}

fn connect(file: &Path, access: Access) -> Result<Connection> {
    let wanted = match access {
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Write => {
            if let Some(dir) = file.parent() {
                make_private(dir, file)?;
            }
            OpenFlags::SQLITE_OPEN_READ_WRITE
        }
    };
    let db = Connection::open_with_flags(file, wanted | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    common(&db)?;
    let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > FORMAT {
        return Err(CatalogError::TooNew { found, ours: FORMAT });
    }
    if access == Access::Write {
        db.pragma_update(None, "page_size", 16_384)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        // Losing the last few after a power cut costs nothing: they are made again.
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.execute_batch(SCHEMA)?;
        db.pragma_update(None, "user_version", FORMAT)?;
    }
    // Proves that the table is what it should be.
    db.prepare_cached("SELECT place, blake3, same_as, jpeg FROM thumbs LIMIT 1")
        .and_then(|mut statement| statement.exists([]))
        .map_err(|error| CatalogError::Corrupt { detail: error.to_string(), path: file.to_owned() })?;
    Ok(db)
}

/// Throws the file away, with its side files.
fn discard(file: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(CatalogError::io(&error, Path::new(&name)));
            }
            _ => {}
        }
    }
    Ok(())
}
