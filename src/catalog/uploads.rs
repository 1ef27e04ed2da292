//! What stores are owed and what they proved: queue, receipts, batches, segments.

use rusqlite::{OptionalExtension as _, params};

use super::damage::SOUND;
use super::error::{CatalogError, Result};
use super::index::Kind;
use super::queue::{batch_number, store_number};
use super::types::{AssetNum, ProposedKey, UploadState, VersionNum};
use super::writer::{Tx, Writer};
use crate::domain::{ObjectKey, Receipt, StorageClass, Timestamp};

impl Writer {
    /// Makes a store known and enabled, and queues every content of a file that it has no receipt for. Nothing happens
    /// where it is enabled already.
    ///
    /// # Errors
    /// What the disk says.
    pub fn enable_store(&mut self, name: &str) -> Result<()> {
        self.write(|tx| {
            let mut enabled = tx.db.prepare_cached("SELECT enabled FROM stores WHERE name = ?")?;
            if enabled.query_row([name], |row| row.get(0)).optional()? == Some(true) {
                return Ok(());
            }
            tx.make_store(name, true)?;
            let store = store_number(tx.db, name)?;
            tx.db.execute(
                // Also what is an old content of its photo, where a file still has it.
                "INSERT OR IGNORE INTO uploads(store, version) SELECT DISTINCT ?1, p.version FROM paths p
                 WHERE p.gone = 0 AND NOT EXISTS(SELECT 1 FROM receipts r WHERE r.store = ?1 AND r.version = p.version)
                   AND NOT EXISTS(SELECT 1 FROM deletions d WHERE d.asset = p.asset AND d.undone IS NULL)",
                [store],
            )?;
            tx.refresh_all_stored()
        })
    }

    /// Does without a store from now on; its receipts stay, its queue is dropped.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn disable_store(&mut self, name: &str) -> Result<()> {
        self.write(|tx| {
            let store = store_number(tx.db, name)?;
            tx.db.execute("UPDATE stores SET enabled = 0 WHERE store = ?", [store])?;
            tx.db.execute("DELETE FROM uploads WHERE store = ?", [store])?;
            tx.refresh_all_stored()
        })
    }

    /// Begins a batch. Nothing happens where it is known already.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn open_batch(&mut self, ulid: &str, store: &str, started: Timestamp) -> Result<()> {
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            tx.make_batch(ulid, store, started)?;
            Ok(())
        })
    }

    /// Puts all items of the store's queue that are in no batch, or in one that is closed (they needed a person when
    /// it was), into this one; how many.
    ///
    /// # Errors
    /// An unknown batch; what the disk says.
    pub fn assign(&mut self, batch: &str) -> Result<u64> {
        self.write(|tx| {
            let (batch, store) = batch_number(tx.db, batch)?;
            let mut assign = tx.db.prepare_cached(
                "UPDATE uploads SET batch = ?1 WHERE store = ?2 AND (batch IS NULL
                   OR batch IN (SELECT batch FROM batches WHERE store = ?2 AND final = 1))",
            )?;
            Ok(assign.execute([batch, store])? as u64)
        })
    }

    /// Records a store's proof. Only from here on may anything say "stored".
    ///
    /// # Errors
    /// [`CatalogError::Refused`] where the receipt is for other bytes than the version's; what the disk says.
    pub fn record_receipt(&mut self, version: VersionNum, store: &str, receipt: &Receipt, batch: &str) -> Result<()> {
        self.record_receipts(store, batch, &[(version, receipt.clone())])
    }

    /// Records several at once, in one transaction.
    ///
    /// # Errors
    /// As [`Writer::record_receipt`]; then none is recorded.
    pub fn record_receipts(&mut self, store: &str, batch: &str, receipts: &[(VersionNum, Receipt)]) -> Result<()> {
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            let (batch, _) = batch_number(tx.db, batch)?;
            for (version, receipt) in receipts {
                tx.record(version.0, store, batch, receipt, None)?;
                tx.db
                    .prepare_cached(
                        "INSERT OR IGNORE INTO thumbs_due SELECT ?1, v.blake3 FROM versions v JOIN assets a USING(asset)
                         WHERE v.version = ?2 AND a.kind = 'original' AND a.current = v.version",
                    )?
                    .execute([store, version.0])?;
                if let Some(photo) = tx.photo_of_version(version.0)? {
                    tx.refresh_stored(photo)?;
                }
            }
            Ok(())
        })
    }

    /// Remembers how an upload stands. Nothing happens where it is no longer in the queue.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn set_upload_state(&mut self, version: VersionNum, store: &str, state: &UploadState) -> Result<()> {
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            let (state, until, why) = match state {
                UploadState::Queued => (0, None, None),
                UploadState::Waiting { until, why } => (1, Some(until.0), Some(why)),
                UploadState::NeedsYou { why } => (2, None, Some(why)),
            };
            tx.db
                .prepare_cached(
                    "UPDATE uploads SET state = ?1, until = ?2, why = ?3, tries = CASE ?1 WHEN 1 THEN tries + 1 ELSE 0 END
                     WHERE store = ?4 AND version = ?5",
                )?
                .execute(params![state, until, why, store, version.0])?;
            if let Some(photo) = tx.photo_of_version(version.0)? {
                tx.refresh_stored(photo)?;
            }
            Ok(())
        })
    }

    /// Gives an asset another key after a real conflict in a store: the first free one. Receipts keep the old one.
    ///
    /// # Errors
    /// Where none is free; what the disk says.
    pub fn rekey(&mut self, asset: AssetNum, keys: &[ProposedKey]) -> Result<ObjectKey> {
        self.write(|tx| {
            let key = tx.free_key(keys)?;
            tx.db
                .prepare_cached(
                    "UPDATE receipts SET key = (SELECT key FROM assets WHERE asset = ?1)
                     WHERE key IS NULL AND version IN (SELECT version FROM versions WHERE asset = ?1)",
                )?
                .execute([asset.0])?;
            let changed = tx
                .db
                .prepare_cached("UPDATE assets SET key = ?, fold = ? WHERE asset = ?")?
                .execute(params![key.key.0, key.fold, asset.0])?;
            if changed == 0 {
                return Err(CatalogError::NotFound("a stored file".to_owned()));
            }
            Ok(key.key.clone())
        })
    }

    /// Remembers that a segment with these lines (from `Reader::due_lines`) is in the store.
    ///
    /// # Errors
    /// An unknown batch; what the disk says.
    pub fn segment_written(&mut self, batch: &str, segment: u32, lines: &[VersionNum], is_final: bool) -> Result<()> {
        self.write(|tx| {
            let (batch, store) = batch_number(tx.db, batch)?;
            for version in lines {
                tx.db
                    .prepare_cached(
                        "UPDATE receipts SET segment = ? WHERE store = ? AND version = ? AND segment IS NULL",
                    )?
                    .execute(params![segment, store, version.0])?;
                tx.db
                    .prepare_cached(
                        "DELETE FROM path_news WHERE store = ? AND asset = (SELECT asset FROM versions WHERE version = ?)",
                    )?
                    .execute([store, version.0])?;
            }
            tx.close_segment(batch, segment, is_final)
        })
    }
}

impl Tx<'_> {
    pub(super) fn make_store(&mut self, name: &str, enabled: bool) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT INTO stores(name, enabled) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET enabled = ?2",
            )?
            .execute(params![name, enabled])?;
        Ok(())
    }

    pub(super) fn make_batch(&mut self, ulid: &str, store: i64, started: Timestamp) -> Result<i64> {
        self.db
            .prepare_cached(
                "INSERT OR IGNORE INTO batches(ulid, store, started, by)
                 VALUES (?, ?, ?, (SELECT value FROM settings WHERE name = 'by'))",
            )?
            .execute(params![ulid, store, started.0])?;
        let (batch, owner) = batch_number(self.db, ulid)?;
        if owner != store {
            return Err(CatalogError::Refused(format!("this batch belongs to another store: {ulid}")));
        }
        Ok(batch)
    }

    pub(super) fn close_segment(&mut self, batch: i64, segment: u32, is_final: bool) -> Result<()> {
        self.db
            .prepare_cached("UPDATE batches SET segments = max(segments, ?), final = max(final, ?) WHERE batch = ?")?
            .execute(params![segment, is_final, batch])?;
        Ok(())
    }

    pub(super) fn photo_of_version(&self, version: i64) -> Result<Option<i64>> {
        let mut statement =
            self.db.prepare_cached("SELECT a.photo FROM versions v JOIN assets a USING(asset) WHERE v.version = ?")?;
        let found: Option<Option<i64>> = statement.query_row([version], |row| row.get(0)).optional()?;
        found.ok_or_else(|| CatalogError::NotFound("a version".to_owned()))
    }

    /// One receipt into the catalogue, and its item out of the queue.
    pub(super) fn record(
        &mut self,
        version: i64,
        store: i64,
        batch: i64,
        receipt: &Receipt,
        segment: Option<u32>,
    ) -> Result<()> {
        let mut statement = self.db.prepare_cached(
            "SELECT v.size = ?2 AND v.crc = ?3 AND v.blake3 = ?4, a.key FROM versions v JOIN assets a USING(asset)
             WHERE v.version = ?1",
        )?;
        let print = &receipt.fingerprint;
        let values = params![version, print.size, print.crc64nvme.0.cast_signed(), &print.blake3.0[..]];
        let (same, key): (bool, String) = statement
            .query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .ok_or_else(|| CatalogError::NotFound("a version".to_owned()))?;
        if !same {
            return Err(CatalogError::Refused(format!(
                "the receipt is for other bytes than the file's: {}",
                receipt.key
            )));
        }
        let key = (receipt.key.0 != key).then_some(&receipt.key.0);
        // An update rather than a replacement keeps what a manifest already told, when a receipt is adopted again.
        self.db
            .prepare_cached(
                "INSERT INTO receipts(store, version, batch, segment, store_version, etag, mtime, stored_at, key, class)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT(store, version) DO UPDATE SET
                   batch = CASE WHEN store_version = ?5 THEN batch ELSE ?3 END,
                   segment = CASE WHEN store_version = ?5 THEN ifnull(segment, ?4) ELSE ?4 END,
                   store_version = ?5, etag = ?6, mtime = ?7, stored_at = ?8, key = ?9, class = ?10",
            )?
            .execute(params![
                store,
                version,
                batch,
                segment,
                receipt.version.0,
                receipt.etag,
                receipt.mtime.0,
                receipt.stored_at.0,
                key,
                (receipt.class != StorageClass::Standard).then(|| receipt.class.name())
            ])?;
        for table in ["uploads", "long_uploads", "long_parts"] {
            self.db
                .prepare_cached(&format!("DELETE FROM {table} WHERE store = ? AND version = ?"))?
                .execute([store, version])?;
        }
        if let Some(photo) = self.photo_of_version(version)? {
            self.index_batch(photo, batch)?;
        }
        self.db
            .prepare_cached("UPDATE damage SET mended = ? WHERE store = ? AND version = ? AND mended IS NULL")?
            .execute([receipt.stored_at.0, store, version])?;
        self.stored_again(store, version, receipt.stored_at)
    }

    /// [`Tx::refresh_stored`] for every photo, in a few statements.
    fn refresh_all_stored(&mut self) -> Result<()> {
        let sql = format!(
            "SELECT p.photo, CASE WHEN NOT EXISTS(SELECT 1 FROM stores WHERE enabled) THEN 0 ELSE ifnull((
               SELECT max(ifnull((SELECT u.state FROM uploads u WHERE u.store = s.store AND u.version = a.current), 0))
               FROM assets a JOIN stores s ON s.enabled WHERE a.photo = p.photo
                 AND NOT EXISTS(SELECT 1 FROM receipts r WHERE r.store = s.store AND r.version = a.current{SOUND})), 3)
             END AS now FROM photos p"
        );
        let mut statement =
            self.db.prepare(&format!("SELECT * FROM ({sql}) JOIN photos USING(photo) WHERE stored <> now"))?;
        let changed: Vec<(i64, i64)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        for (photo, state) in changed {
            self.db.prepare_cached("UPDATE photos SET stored = ? WHERE photo = ?")?.execute([state, photo])?;
            self.index.set_text(self.db, Kind::Stored, "yes", photo, state == 3)?;
        }
        Ok(())
    }
}
