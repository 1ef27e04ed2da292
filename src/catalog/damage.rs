//! What checks found wrong in stores, and what is done about it.

use std::collections::HashSet;

use rusqlite::params;

use super::error::Result;
use super::queue::store_number;
use super::reader::Reader;
use super::types::{MendPath, VersionNum};
use super::writer::{Tx, Writer};
use crate::domain::path_text::path_from_bytes;
use crate::domain::{Seat, Timestamp};

/// Goes behind the condition on a row `r` of `receipts`: only what no check found damaged, and nobody deleted, proves
/// that a store has a content.
pub(super) const SOUND: &str = " AND NOT EXISTS(SELECT 1 FROM damage d WHERE d.store = r.store \
     AND d.version = r.version AND d.mended IS NULL) AND NOT EXISTS(SELECT 1 FROM deletions e WHERE e.store = r.store \
     AND e.asset = (SELECT asset FROM versions w WHERE w.version = r.version) AND e.undone IS NULL)";

impl Writer {
    /// Writes down what a check found: its photos no longer count as stored where it is their current content, and
    /// what is in `mend` (an original with these bytes is still here) is queued to be put on top. `sound` are contents
    /// that were called damaged before and were now read whole. Where the photos sit that this is about.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn note_damage(
        &mut self,
        store: &str,
        now: Timestamp,
        found: &[(VersionNum, String)],
        mend: &[VersionNum],
        sound: &[VersionNum],
    ) -> Result<Vec<Seat>> {
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            for (version, why) in found {
                tx.db
                    .prepare_cached(
                        "INSERT INTO damage(store, version, found, why) VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT(store, version) DO UPDATE SET why = ?4, mended = NULL,
                           found = CASE WHEN mended IS NULL THEN found ELSE ?3 END",
                    )?
                    .execute(params![store, version.0, now.0, why])?;
            }
            for version in mend {
                tx.db
                    .prepare_cached(
                        "INSERT INTO uploads(store, version, renew) SELECT ?1, ?2, 1 WHERE EXISTS(
                           SELECT 1 FROM stores WHERE store = ?1 AND enabled)
                         ON CONFLICT(store, version) DO UPDATE SET renew = 1",
                    )?
                    .execute([store, version.0])?;
            }
            for version in sound {
                tx.db
                    .prepare_cached("UPDATE damage SET mended = ? WHERE store = ? AND version = ? AND mended IS NULL")?
                    .execute([now.0, store, version.0])?;
                tx.db
                    .prepare_cached("DELETE FROM uploads WHERE store = ? AND version = ? AND renew = 1")?
                    .execute([store, version.0])?;
            }
            let touched = found.iter().map(|(version, _)| version).chain(sound);
            tx.refresh_photos_of(touched.copied())
        })
    }
}

impl Tx<'_> {
    /// [`Tx::refresh_stored`] for the photos of these contents; where they sit.
    fn refresh_photos_of(&mut self, versions: impl Iterator<Item = VersionNum>) -> Result<Vec<Seat>> {
        let mut photos = HashSet::new();
        for version in versions {
            photos.extend(self.photo_of_version(version.0)?);
        }
        let mut seats = Vec::with_capacity(photos.len());
        for photo in photos {
            self.refresh_stored(photo)?;
            seats.push(self.seat_of(photo)?);
        }
        seats.sort_unstable();
        Ok(seats)
    }
}

impl Reader {
    /// What is damaged in a store and not mended yet.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn damaged(&self, store: &str) -> Result<HashSet<VersionNum>> {
        let store = store_number(&self.db, store)?;
        let mut statement = self.db.prepare_cached("SELECT version FROM damage WHERE store = ? AND mended IS NULL")?;
        let rows = statement.query_map([store], |row| Ok(VersionNum(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Of these contents the ones that can be put on top: current in their file, and not deleted in the store. With
    /// them the files that had these bytes when last read.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn mendable(&self, store: &str, versions: &[VersionNum]) -> Result<Vec<(VersionNum, Vec<MendPath>)>> {
        self.at_once(|db| {
            let store = store_number(db, store)?;
            let mut able = db.prepare_cached(
                "SELECT a.asset FROM assets a JOIN versions v ON v.version = a.current AND v.asset = a.asset
                 WHERE v.version = ?1 AND NOT EXISTS(
                   SELECT 1 FROM deletions d WHERE d.asset = a.asset AND d.store = ?2 AND d.undone IS NULL)",
            )?;
            let mut paths = db.prepare_cached(
                "SELECT path, size, mtime_ns FROM paths WHERE asset = ? AND version = ? AND gone = 0 ORDER BY path",
            )?;
            let mut found = Vec::new();
            for version in versions {
                let mut rows = able.query([version.0, store])?;
                let Some(row) = rows.next()? else { continue };
                let files = paths.query_map([row.get::<_, i64>(0)?, version.0], |row| {
                    Ok(MendPath { path: path_from_bytes(row.get(0)?), size: row.get(1)?, mtime_ns: row.get(2)? })
                })?;
                found.push((*version, files.collect::<rusqlite::Result<_>>()?));
            }
            Ok(found)
        })
    }

    /// The highest number of a content with a receipt of this store; a check by chance begins somewhere below it.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn last_receipt(&self, store: &str) -> Result<Option<VersionNum>> {
        let store = store_number(&self.db, store)?;
        let mut statement = self.db.prepare_cached("SELECT max(version) FROM receipts WHERE store = ?")?;
        Ok(statement.query_row([store], |row| row.get::<_, Option<i64>>(0))?.map(VersionNum))
    }

    /// Whether a store's version was proved once, before another took its place.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn is_former(&self, store: &str, store_version: &str) -> Result<bool> {
        let store = store_number(&self.db, store)?;
        let mut statement = self.db.prepare_cached("SELECT 1 FROM former WHERE store = ? AND store_version = ?")?;
        Ok(statement.exists(params![store, store_version])?)
    }
}
