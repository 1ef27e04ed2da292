//! Long uploads that were begun, and what else a store is owed beside receipts: order, classes, thumbnails.

use rusqlite::{OptionalExtension as _, params};

use super::error::Result;
use super::queue::{batch_number, store_number};
use super::reader::{Reader, hash};
use super::types::VersionNum;
use super::writer::Writer;
use crate::domain::object::{Begun, Part};
use crate::domain::{ContentHash, Crc64, ObjectKey, Seat, StorageClass};

impl Reader {
    /// The long upload of a version that was begun.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn long_upload(&self, store: &str, version: VersionNum) -> Result<Option<Begun>> {
        self.at_once(|db| {
            let store = store_number(db, store)?;
            let mut statement =
                db.prepare_cached("SELECT key, upload, part_bytes FROM long_uploads WHERE store = ? AND version = ?")?;
            let begun = statement.query_row([store, version.0], |row| {
                Ok(Begun {
                    key: ObjectKey(row.get(0)?),
                    upload: row.get(1)?,
                    part_bytes: row.get(2)?,
                    parts: Vec::new(),
                })
            });
            let Some(mut begun) = begun.optional()? else { return Ok(None) };
            let mut statement = db.prepare_cached(
                "SELECT part, size, etag, crc FROM long_parts WHERE store = ? AND version = ? ORDER BY part",
            )?;
            let parts = statement.query_map([store, version.0], |row| {
                let crc: i64 = row.get(3)?;
                let crc64nvme = Crc64(crc.cast_unsigned());
                Ok(Part { number: row.get(0)?, size: row.get(1)?, etag: row.get(2)?, crc64nvme })
            })?;
            begun.parts = parts.collect::<rusqlite::Result<_>>()?;
            Ok(Some(begun))
        })
    }

    /// Contents whose thumbnails a store is still to get.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn thumbs_due(&self, store: &str, limit: usize) -> Result<Vec<ContentHash>> {
        self.at_once(|db| {
            let store = store_number(db, store)?;
            let mut statement = db.prepare_cached("SELECT blake3 FROM thumbs_due WHERE store = ? LIMIT ?")?;
            let mut rows = statement.query(params![store, i64::try_from(limit).unwrap_or(i64::MAX)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(hash(row, 0)?);
            }
            Ok(found)
        })
    }
}

impl Writer {
    /// A long upload begins; an earlier one of the same version is forgotten.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn begin_long_upload(&mut self, store: &str, version: VersionNum, begun: &Begun) -> Result<()> {
        self.end_long_upload(store, version)?;
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            tx.db
                .prepare_cached(
                    "INSERT INTO long_uploads(store, version, key, upload, part_bytes) VALUES (?, ?, ?, ?, ?)",
                )?
                .execute(params![store, version.0, begun.key.0, begun.upload, begun.part_bytes])?;
            Ok(())
        })
    }

    /// A part of it is there.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn long_part(&mut self, store: &str, version: VersionNum, part: &Part) -> Result<()> {
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            tx.db
                .prepare_cached(
                    "INSERT OR REPLACE INTO long_parts(store, version, part, size, etag, crc) VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    store,
                    version.0,
                    part.number,
                    part.size,
                    part.etag,
                    part.crc64nvme.0.cast_signed()
                ])?;
            Ok(())
        })
    }

    /// It is complete, or given up.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn end_long_upload(&mut self, store: &str, version: VersionNum) -> Result<()> {
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            for table in ["long_uploads", "long_parts"] {
                tx.db
                    .prepare_cached(&format!("DELETE FROM {table} WHERE store = ? AND version = ?"))?
                    .execute([store, version.0])?;
            }
            Ok(())
        })
    }

    /// Thumbnails that a store has now, or that there are none of.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn thumbs_sent(&mut self, store: &str, contents: &[ContentHash]) -> Result<()> {
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            for content in contents {
                tx.db
                    .prepare_cached("DELETE FROM thumbs_due WHERE store = ? AND blake3 = ?")?
                    .execute(params![store, &content.0[..]])?;
            }
            Ok(())
        })
    }

    /// Puts what waits of these photos before all others, in every store; how many items.
    ///
    /// # Errors
    /// What the disk says.
    pub fn store_first(&mut self, seats: &[Seat]) -> Result<u64> {
        self.of_photos(seats, "UPDATE uploads SET chosen = 1 WHERE version = ?1 AND ?2 IS NULL", None)
    }

    /// Gives what waits of these photos a storage class of their own; how many items.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_class(&mut self, seats: &[Seat], class: Option<StorageClass>) -> Result<u64> {
        self.of_photos(seats, "UPDATE uploads SET class = ?2 WHERE version = ?1", class.map(StorageClass::name))
    }

    fn of_photos(&mut self, seats: &[Seat], sql: &str, value: Option<&str>) -> Result<u64> {
        self.write(|tx| {
            let mut changed = 0;
            for seat in seats {
                let mut statement = tx.db.prepare_cached(
                    "SELECT u.version FROM photos f JOIN assets a USING(photo) JOIN versions v USING(asset)
                     JOIN uploads u USING(version) WHERE f.seat = ?",
                )?;
                let versions: Vec<i64> =
                    statement.query_map([seat.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
                for version in versions {
                    changed += tx.db.prepare_cached(sql)?.execute(params![version, value])? as u64;
                }
            }
            Ok(changed)
        })
    }

    /// Queues what needs a person anew: of one batch, or of all stores; how many items.
    ///
    /// # Errors
    /// An unknown batch; what the disk says.
    pub fn try_again(&mut self, batch: Option<&str>) -> Result<u64> {
        self.write(|tx| {
            let batch = batch.map(|ulid| batch_number(tx.db, ulid)).transpose()?.map(|(batch, _)| batch);
            let mut statement =
                tx.db.prepare_cached("SELECT store, version FROM uploads WHERE state > 0 AND (?1 IS NULL OR batch = ?1)")?;
            let items: Vec<(i64, i64)> = statement
                .query_map([batch], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            for (store, version) in &items {
                tx.db
                    .prepare_cached(
                        "UPDATE uploads SET state = 0, until = NULL, why = NULL, tries = 0 WHERE store = ? AND version = ?",
                    )?
                    .execute([store, version])?;
                if let Some(photo) = tx.photo_of_version(*version)? {
                    tx.refresh_stored(photo)?;
                }
            }
            Ok(items.len() as u64)
        })
    }
}
