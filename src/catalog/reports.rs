//! The dated reports of checks. What they say is the engine's; here they are texts.

use rusqlite::params;

use super::error::Result;
use super::queue::store_number;
use super::reader::Reader;
use super::writer::Writer;
use crate::domain::Timestamp;

/// Reports kept; older ones go.
const MOST_REPORTS: i64 = 200;

impl Writer {
    /// Keeps a report (JSON) of a check that ended now.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn add_report(&mut self, store: &str, ended: Timestamp, json: &str) -> Result<()> {
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            tx.db
                .prepare_cached("INSERT INTO reports(store, ended, json) VALUES (?, ?, ?)")?
                .execute(params![store, ended.0, json])?;
            let last = tx.db.last_insert_rowid();
            tx.db.prepare_cached("DELETE FROM reports WHERE report <= ?")?.execute([last - MOST_REPORTS])?;
            Ok(())
        })
    }
}

impl Reader {
    /// The newest reports (JSON), at most `limit`, newest first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn reports(&self, limit: usize) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached("SELECT json FROM reports ORDER BY report DESC LIMIT ?")?;
        let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
