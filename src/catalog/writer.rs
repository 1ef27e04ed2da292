//! Writing: the one connection that changes the catalogue. Every method is one transaction, durable on return.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::error::{CatalogError, Result};
use super::index::Index;
use super::reader::setting;
use crate::domain::path_text::path_bytes;

/// The writer. `Send`, not `Sync`; there is one per library.
#[derive(Debug)]
pub struct Writer {
    pub(super) db: Connection,
    index: Index,
    device: String,
}

/// One transaction, with the changes of the search index that it will write at its end.
pub(super) struct Tx<'a> {
    pub(super) db: &'a Connection,
    pub(super) index: Index,
    pub(super) device: &'a str,
}

impl Writer {
    pub(super) fn new(db: Connection) -> Result<Self> {
        // The name under which this library's edits are merged with others'. Random, so that it says nothing.
        db.execute("INSERT OR IGNORE INTO settings VALUES ('device', lower(hex(randomblob(8))))", [])?;
        let device = setting(&db, "device")?.unwrap_or_default();
        Ok(Self { db, index: Index::default(), device })
    }

    /// This library's name in the edit log.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Runs a change as one durable transaction: all of it, or nothing.
    pub(super) fn write<T>(&mut self, change: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let place = self.db.path().unwrap_or_default().to_owned();
        let run = || -> Result<T> {
            let db = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Taken out, so that after a fault no cached token survives whose row was rolled back.
            let mut tx = Tx { db: &db, index: std::mem::take(&mut self.index), device: &self.device };
            let done = change(&mut tx)?;
            tx.index.flush(&db)?;
            let index = tx.index;
            db.commit()?;
            self.index = index;
            Ok(done)
        };
        run().map_err(|error| error.at(Path::new(&place)))
    }

    /// Forgets what is cached of the index, after rows of it were deleted.
    pub(super) fn forget_cache(&mut self) {
        self.index = Index::default();
    }

    /// The library-wide unique name of a dropped folder, for keys: `100CANON`, `100CANON-2`. The same path always has
    /// the same name. `fold` is the folding under which names must differ.
    ///
    /// # Errors
    /// What the disk says.
    pub fn root_name(&mut self, path: &Path, proposed: &str, fold: &dyn Fn(&str) -> String) -> Result<String> {
        self.write(|tx| {
            let mut known = tx.db.prepare_cached("SELECT name FROM roots WHERE path = ?")?;
            if let Some(name) = known.query_row([path_bytes(path)], |row| row.get(0)).optional()? {
                return Ok(name);
            }
            let mut taken = tx.db.prepare_cached("SELECT 1 FROM roots WHERE fold = ?")?;
            for count in 1..1_000_000 {
                let name = if count == 1 { proposed.to_owned() } else { format!("{proposed}-{count}") };
                let folded = fold(&name);
                if !taken.exists([&folded])? {
                    let mut insert = tx.db.prepare_cached("INSERT INTO roots(path, name, fold) VALUES (?, ?, ?)")?;
                    insert.execute(params![path_bytes(path), name, folded])?;
                    return Ok(name);
                }
            }
            Err(CatalogError::Refused(format!("there are a million folders of this name in the library: {proposed}")))
        })
    }

    /// Remembers a small setting.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_setting(&mut self, name: &str, value: &str) -> Result<()> {
        self.write(|tx| {
            let mut insert = tx.db.prepare_cached("INSERT OR REPLACE INTO settings VALUES (?, ?)")?;
            insert.execute([name, value])?;
            Ok(())
        })
    }

    /// Does not wait for the disk any more (or does so again): only for libraries that are made for tests and benches.
    ///
    /// # Errors
    /// What the disk says.
    #[cfg(any(test, feature = "testing"))]
    pub fn careless(&mut self, careless: bool) -> Result<()> {
        self.db.pragma_update(None, "synchronous", if careless { "OFF" } else { "FULL" })?;
        if !careless {
            self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Moves what the log holds into the catalogue's file, where nobody reads: for the end of an import.
    ///
    /// # Errors
    /// What the disk says.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}
