//! Reading what is to be stored, what is proved, and what manifests still owe.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::detail::{RECEIPT_COLUMNS, class, fingerprint, metadata_from, receipt};
use super::error::{CatalogError, Result};
use super::reader::{Reader, damaged, hash};
use super::types::{
    AssetNum, BatchInfo, DueLine, KnownKey, PendingUpload, ReceiptRow, StoreInfo, UploadState, VersionNum,
};
use crate::domain::batch::{AssetKind, ManifestLine};
use crate::domain::path_text::{PathText, path_from_bytes};
use crate::domain::{Format, ObjectKey, PhotoId, Receipt, Seat, StorageClass, Timestamp, VersionId};

/// The number of a store.
pub(super) fn store_number(db: &Connection, name: &str) -> Result<i64> {
    let mut statement = db.prepare_cached("SELECT store FROM stores WHERE name = ?")?;
    let found = statement.query_row([name], |row| row.get(0)).optional()?;
    found.ok_or_else(|| CatalogError::NotFound(format!("the store {name}")))
}

/// The number of a batch and its store's.
pub(super) fn batch_number(db: &Connection, ulid: &str) -> Result<(i64, i64)> {
    let mut statement = db.prepare_cached("SELECT batch, store FROM batches WHERE ulid = ?")?;
    let found = statement.query_row([ulid], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    found.ok_or_else(|| CatalogError::NotFound(format!("the batch {ulid}")))
}

pub(super) fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) fn kind(row: &Row<'_>, column: usize) -> Result<AssetKind> {
    AssetKind::from_name(row.get_ref(column)?.as_str().unwrap_or_default()).ok_or_else(|| damaged("kind of file"))
}

fn photo_id(row: &Row<'_>, column: usize) -> Result<Option<PhotoId>> {
    let missing = matches!(row.get_ref(column)?, rusqlite::types::ValueRef::Null);
    if missing { Ok(None) } else { Ok(Some(PhotoId(hash(row, column)?))) }
}

/// The columns that [`pending`] reads, of the queue searched by an index: named, since the planner cannot know how few
/// rows the right one leaves.
pub(super) fn pending_by(index: &str) -> String {
    format!(
        "SELECT u.version, a.asset, a.kind, f.id, f.seat, a.key, v.mtime, u.state, u.until, u.why,
           (SELECT ulid FROM batches b WHERE b.batch = u.batch), v.size, v.crc, v.blake3, u.tries, u.class, u.renew,
           u.store
         FROM uploads u {index} JOIN versions v USING(version) JOIN assets a USING(asset)
         LEFT JOIN photos f USING(photo)"
    )
}

pub(super) fn pending(db: &Connection, row: &Row<'_>) -> Result<PendingUpload> {
    let version: i64 = row.get(0)?;
    let asset: i64 = row.get(1)?;
    let why = row.get::<_, Option<String>>(9)?.unwrap_or_default();
    // A file that went back to an older content has these bytes too; and so may another one that never had others.
    let mut statement = db.prepare_cached(
        "SELECT p.path FROM paths p JOIN versions w USING(version), versions v
         WHERE p.asset = ?1 AND p.gone = 0 AND v.version = ?2 AND w.blake3 = v.blake3
         ORDER BY p.version <> ?2, p.path",
    )?;
    let paths = statement.query_map([asset, version], |row| Ok(path_from_bytes(row.get(0)?)))?;
    Ok(PendingUpload {
        version: VersionNum(version),
        asset: AssetNum(asset),
        kind: kind(row, 2)?,
        photo: photo_id(row, 3)?,
        seat: row.get::<_, Option<i64>>(4)?.map(Seat),
        key: ObjectKey(row.get(5)?),
        mtime: Timestamp(row.get(6)?),
        state: match row.get(7)? {
            0 => UploadState::Queued,
            1 => UploadState::Waiting { until: Timestamp(row.get::<_, Option<i64>>(8)?.unwrap_or_default()), why },
            _ => UploadState::NeedsYou { why },
        },
        batch: row.get(10)?,
        fingerprint: fingerprint(row, 11)?,
        tries: row.get(14)?,
        class: class(row, 15)?,
        renew: row.get(16)?,
        previous: previous(db, asset, row.get(17)?)?,
        paths: paths.collect::<rusqlite::Result<_>>()?,
    })
}

// Left to itself, SQLite walks all receipts of the store for each item.
pub(super) const PREVIOUS: &str =
    "SELECT r.store_version, r.etag FROM versions v CROSS JOIN receipts r ON r.store = ?2 AND r.version = v.version
     WHERE v.asset = ?1 AND r.key IS NULL ORDER BY r.stored_at DESC, v.n DESC LIMIT 1";

/// The last version of a stored file that a store has proved, under the key that the file has now.
fn previous(db: &Connection, asset: i64, store: i64) -> Result<Option<(VersionId, String)>> {
    let mut statement = db.prepare_cached(PREVIOUS)?;
    let found = statement.query_row([asset, store], |row| Ok((VersionId(row.get(0)?), row.get(1)?)));
    Ok(found.optional()?)
}

impl Reader {
    /// The stores with their counters.
    ///
    /// # Errors
    /// What the disk says.
    pub fn stores(&self) -> Result<Vec<StoreInfo>> {
        let mut statement =
            self.db.prepare_cached("SELECT name, enabled, waiting, needs_you, receipts FROM stores ORDER BY store")?;
        let rows = statement.query_map([], |row| {
            Ok(StoreInfo {
                name: row.get(0)?,
                enabled: row.get(1)?,
                waiting: row.get(2)?,
                needs_you: row.get(3)?,
                receipts: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The queue of a store in order of arrival, after a version, at most `limit`; with `batch` only its items.
    ///
    /// # Errors
    /// An unknown store or batch; what the disk says.
    pub fn pending(
        &self,
        store: &str,
        batch: Option<&str>,
        after: Option<VersionNum>,
        limit: usize,
    ) -> Result<Vec<PendingUpload>> {
        self.at_once(|db| {
            let store = store_number(db, store)?;
            let after = after.map_or(0, |version| version.0);
            let batch = batch.map(|ulid| batch_number(db, ulid)).transpose()?;
            let sql = match batch {
                None => {
                    pending_by("") + " WHERE u.store = ?1 AND u.version > ?2 AND ?3 = 0 ORDER BY u.version LIMIT ?4"
                }
                Some(_) => {
                    pending_by("INDEXED BY uploads_batch")
                        + " WHERE u.store = ?1 AND u.version > ?2 AND u.batch = ?3 ORDER BY u.version LIMIT ?4"
                }
            };
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows =
                statement.query(params![store, after, batch.map_or(0, |(batch, _)| batch), limited(limit)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(pending(db, row)?);
            }
            Ok(found)
        })
    }

    /// Uploads that need a person, in any enabled store.
    ///
    /// # Errors
    /// What the disk says.
    pub fn needs_you(&self, limit: usize) -> Result<Vec<PendingUpload>> {
        self.at_once(|db| {
            let sql = pending_by("INDEXED BY uploads_needs_you")
                + " WHERE u.state = 2 AND u.store IN (SELECT store FROM stores WHERE enabled) ORDER BY u.version LIMIT ?";
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([limited(limit)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(pending(db, row)?);
            }
            Ok(found)
        })
    }

    /// Batches of a store without their final segment, oldest first.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn unfinished_batches(&self, store: &str) -> Result<Vec<BatchInfo>> {
        let number = store_number(&self.db, store)?;
        let mut statement = self.db.prepare_cached(
            "SELECT ulid, started, segments, final FROM batches WHERE store = ? AND final = 0 ORDER BY batch",
        )?;
        let rows = statement.query_map([number], |row| batch_info(row, store))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One batch.
    ///
    /// # Errors
    /// What the disk says.
    pub fn batch(&self, ulid: &str) -> Result<Option<BatchInfo>> {
        let mut statement = self.db.prepare_cached(
            "SELECT b.ulid, b.started, b.segments, b.final, s.name FROM batches b JOIN stores s USING(store) WHERE ulid = ?",
        )?;
        let found = statement.query_row([ulid], |row| batch_info(row, &row.get::<_, String>(4)?));
        Ok(found.optional()?)
    }

    /// What the next segment of a batch must list: its receipts that are in no segment yet, then stored files whose
    /// paths changed since a manifest told them.
    ///
    /// # Errors
    /// An unknown batch; what the disk says.
    pub fn due_lines(&self, batch: &str, limit: usize) -> Result<Vec<DueLine>> {
        self.at_once(|db| {
            let (batch, store) = batch_number(db, batch)?;
            let sql = format!(
                "{DUE_COLUMNS} FROM receipts r INDEXED BY receipts_due CROSS JOIN versions v USING(version)
                 CROSS JOIN assets a USING(asset) LEFT JOIN photos f USING(photo)
                 WHERE r.batch = ?1 AND r.store = ?2 AND r.segment IS NULL ORDER BY r.version LIMIT ?3"
            );
            let mut lines = due(db, &sql, params![batch, store, limited(limit)])?;
            let rest = limit.saturating_sub(lines.len());
            let sql = format!(
                "{DUE_COLUMNS} FROM path_news w CROSS JOIN assets a USING(asset)
                 CROSS JOIN versions v ON v.version = a.current
                 CROSS JOIN receipts r ON r.store = w.store AND r.version = v.version
                 LEFT JOIN photos f USING(photo)
                 WHERE w.store = ?1 AND r.segment IS NOT NULL ORDER BY w.asset LIMIT ?2"
            );
            lines.extend(due(db, &sql, params![store, limited(rest)])?);
            Ok(lines)
        })
    }

    /// Whether a store must be told of changed paths, even if nothing waits to be stored.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn has_path_news(&self, store: &str) -> Result<bool> {
        let store = store_number(&self.db, store)?;
        let mut statement = self.db.prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM path_news w JOIN assets a USING(asset)
               JOIN receipts r ON r.store = w.store AND r.version = a.current WHERE w.store = ?)",
        )?;
        Ok(statement.query_row([store], |row| row.get(0))?)
    }

    /// All receipts of a store in pages, for checks: those after a version, at most `limit`.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn receipts(&self, store: &str, after: Option<VersionNum>, limit: usize) -> Result<Vec<ReceiptRow>> {
        self.at_once(|db| {
            let store = store_number(db, store)?;
            let mut statement = db.prepare_cached(&format!(
                "SELECT v.version, v.n, a.kind, f.id, b.ulid,
                   (SELECT path FROM paths p WHERE p.asset = a.asset ORDER BY gone, path LIMIT 1), a.asset, {RECEIPT_COLUMNS}
                 FROM receipts r JOIN versions v USING(version) JOIN assets a USING(asset) LEFT JOIN photos f USING(photo)
                 JOIN batches b ON b.batch = r.batch WHERE r.store = ? AND r.version > ? ORDER BY r.version LIMIT ?"
            ))?;
            let mut rows = statement.query(params![store, after.map_or(0, |after| after.0), limited(limit)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let receipt = receipt(row, 7)?;
                found.push(ReceiptRow {
                    asset: AssetNum(row.get(6)?),
                    version: VersionNum(row.get(0)?),
                    number: row.get(1)?,
                    current: receipt.current,
                    kind: kind(row, 2)?,
                    photo: photo_id(row, 3)?,
                    batch: row.get(4)?,
                    path: row.get::<_, Option<Vec<u8>>>(5)?.map(path_from_bytes),
                    receipt,
                });
            }
            Ok(found)
        })
    }

    /// What is known under a key; `fold` is the folded key.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn known_key(&self, store: &str, fold: &str) -> Result<KnownKey> {
        self.at_once(|db| {
            let mut known = KnownKey::default();
            // A vault without any manifest is not known yet.
            let store = store_number(db, store).unwrap_or(0);
            let mut statement = db.prepare_cached(
                "SELECT v.n, r.store_version, f.id FROM assets a JOIN versions v USING(asset)
                 LEFT JOIN receipts r ON r.version = v.version AND r.store = ? LEFT JOIN photos f USING(photo)
                 WHERE a.fold = ? ORDER BY v.n",
            )?;
            let mut rows = statement.query(params![store, fold])?;
            while let Some(row) = rows.next()? {
                known.versions.push((row.get(0)?, row.get::<_, Option<String>>(1)?.map(VersionId)));
                known.photo = photo_id(row, 2)?;
            }
            let mut statement = db.prepare_cached(
                "SELECT v.n, w.store_version FROM assets a JOIN versions v USING(asset)
                 JOIN former w ON w.version = v.version AND w.store = ? WHERE a.fold = ? ORDER BY v.n",
            )?;
            let mut rows = statement.query(params![store, fold])?;
            while let Some(row) = rows.next()? {
                known.versions.push((row.get(0)?, Some(VersionId(row.get(1)?))));
            }
            let mut statement = db.prepare_cached(
                "SELECT p.path, p.depth FROM paths p JOIN assets a USING(asset) WHERE a.fold = ? AND p.gone = 0",
            )?;
            let mut rows = statement.query([fold])?;
            while let Some(row) = rows.next()? {
                known.paths.push((PathText(path_from_bytes(row.get(0)?)), row.get(1)?));
            }
            Ok(known)
        })
    }

    /// The receipt for a key and version of a listing; `fold` is the folded key.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn receipt_for(&self, store: &str, fold: &str, version: &str) -> Result<Option<Receipt>> {
        let store = store_number(&self.db, store)?;
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {RECEIPT_COLUMNS} FROM assets a JOIN versions v USING(asset) JOIN receipts r USING(version)
             WHERE a.fold = ? AND r.store = ? AND r.store_version = ?"
        ))?;
        let mut rows = statement.query(params![fold, store, version])?;
        rows.next()?.map(|row| receipt(row, 0)).transpose()
    }
}

fn batch_info(row: &Row<'_>, store: &str) -> rusqlite::Result<BatchInfo> {
    Ok(BatchInfo {
        ulid: row.get(0)?,
        store: store.to_owned(),
        started: Timestamp(row.get(1)?),
        segments: row.get(2)?,
        is_final: row.get(3)?,
    })
}

const DUE_COLUMNS: &str = "SELECT v.version, v.n, a.asset, a.kind, a.format, f.id, v.metadata, \
     ifnull(r.key, a.key), r.store_version, r.etag, r.mtime, r.stored_at, v.version = a.current, v.size, v.crc, v.blake3, \
     r.class, (SELECT by FROM batches b WHERE b.batch = r.batch)";

fn due(db: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<DueLine>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut paths = db.prepare_cached("SELECT path, depth FROM paths WHERE asset = ? AND gone = 0 ORDER BY path")?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let asset = kind(row, 3)?;
        let receipt = receipt(row, 7)?;
        let found: Vec<(Vec<u8>, u16)> = paths
            .query_map([row.get::<_, i64>(2)?], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let metadata = metadata_from(row.get_ref(6)?.as_str().ok())?;
        let original = asset == AssetKind::Original;
        lines.push(DueLine {
            version: VersionNum(row.get(0)?),
            line: ManifestLine {
                id: photo_id(row, 5)?,
                asset,
                version: row.get(1)?,
                blake3: receipt.fingerprint.blake3,
                key: receipt.key,
                depths: found.iter().map(|(_, depth)| *depth).collect(),
                paths: found.into_iter().map(|(path, _)| PathText(path_from_bytes(path))).collect(),
                version_id: receipt.version,
                etag: receipt.etag,
                size: receipt.fingerprint.size,
                crc64nvme: receipt.fingerprint.crc64nvme,
                mtime: receipt.mtime,
                taken_at: metadata.taken_at,
                stored_at: receipt.stored_at,
                class: Some(receipt.class).filter(|class| *class != StorageClass::Standard),
                by: row.get(17)?,
                format: row.get_ref(4)?.as_str().ok().and_then(Format::from_name),
                metadata: original.then_some(metadata),
            },
        });
    }
    Ok(lines)
}
