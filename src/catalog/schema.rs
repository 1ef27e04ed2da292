//! The tables, and how an older catalogue becomes a present one.
//!
//! One entry of [`MIGRATIONS`] per format; `user_version` says how many were applied. An entry is never changed once
//! released: a new one is added.

use rusqlite::Connection;

use super::error::{CatalogError, Result};

/// What each format adds to the one before.
pub(super) const MIGRATIONS: &[&str] =
    &[include_str!("schema_1.sql"), include_str!("schema_2.sql"), include_str!("schema_3.sql")];

/// Marks the file as ours (`application_id`): "LtKp".
pub(super) const APPLICATION_ID: i64 = 0x4C74_4B70;

/// Brings the catalogue to the newest format, each step in one transaction. Refuses a newer one and touches nothing.
pub(super) fn migrate(db: &mut Connection, migrations: &[&str]) -> Result<()> {
    let found = check_version(db, migrations.len())?;
    for (index, sql) in migrations.iter().enumerate().skip(found) {
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", index as i64 + 1)?;
        tx.commit()?;
    }
    Ok(())
}

/// How many migrations the catalogue has had.
pub(super) fn check_version(db: &Connection, ours: usize) -> Result<usize> {
    let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if found > 0 && application != APPLICATION_ID || found < 0 {
        let detail = "it is no catalogue of Lightkeep".to_owned();
        return Err(CatalogError::Corrupt { detail, path: std::path::PathBuf::new() });
    }
    if found > ours as i64 {
        return Err(CatalogError::TooNew { found, ours: ours as i64 });
    }
    Ok(usize::try_from(found).unwrap_or(0))
}
