//! Searches that are kept under a name: smart albums. They are this library's own; a rebuild from a store does not
//! bring them back.

use rusqlite::{OptionalExtension as _, params};

use super::error::{CatalogError, Result};
use super::reader::Reader;
use super::writer::Writer;
use crate::domain::facets::SavedSearch;
use crate::domain::query::words::fold;

/// The longest name, in characters.
const MOST_CHARS: usize = 200;

fn key(name: &str) -> Result<(String, String)> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > MOST_CHARS || name.chars().any(char::is_control) {
        return Err(CatalogError::Refused(format!("a search needs a name of 1 to {MOST_CHARS} characters")));
    }
    Ok((fold(&name), name))
}

impl Writer {
    /// Keeps a search under a name, in place of another of that name. The query is kept as it was typed.
    ///
    /// # Errors
    /// Where the name is none; what the disk says.
    pub fn save_search(&mut self, name: &str, query: &str) -> Result<()> {
        let (fold, name) = key(name)?;
        self.write(|tx| {
            tx.db
                .prepare_cached("INSERT OR REPLACE INTO searches(fold, name, query) VALUES (?, ?, ?)")?
                .execute(params![fold, name, query])?;
            Ok(())
        })
    }

    /// Forgets a search; whether there was one of this name.
    ///
    /// # Errors
    /// Where the name is none; what the disk says.
    pub fn forget_search(&mut self, name: &str) -> Result<bool> {
        let (fold, _) = key(name)?;
        self.write(|tx| Ok(tx.db.prepare_cached("DELETE FROM searches WHERE fold = ?")?.execute([fold])? > 0))
    }
}

impl Reader {
    /// The searches that are kept, by name.
    ///
    /// # Errors
    /// What the disk says.
    pub fn saved_searches(&self) -> Result<Vec<SavedSearch>> {
        let mut statement = self.db.prepare_cached("SELECT name, query FROM searches ORDER BY fold")?;
        let rows = statement.query_map([], |row| Ok(SavedSearch { name: row.get(0)?, query: row.get(1)? }))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The search of a name.
    ///
    /// # Errors
    /// Where the name is none; what the disk says.
    pub fn saved_search(&self, name: &str) -> Result<Option<SavedSearch>> {
        let (fold, _) = key(name)?;
        let mut statement = self.db.prepare_cached("SELECT name, query FROM searches WHERE fold = ?")?;
        Ok(statement.query_row([fold], |row| Ok(SavedSearch { name: row.get(0)?, query: row.get(1)? })).optional()?)
    }
}
