//! Everything about one photo.

use rusqlite::{Connection, Row, params};

use super::damage::SOUND;
use super::error::Result;
use super::reader::{CARD_COLUMNS, Reader, card, damaged, hash};
use crate::domain::card::TagSource;
use crate::domain::path_text::path_from_bytes;
use crate::domain::{
    Companion, Crc64, Fingerprint, Metadata, ObjectKey, ObjectVersion, PhotoDetail, PhotoId, PhotoNum, PhotoPath,
    PhotoTag, PhotoVersion, Receipt, Seat, StorageClass, StoreReceipt, Timestamp, VersionId,
};

impl Reader {
    /// Everything about the photo in this seat.
    ///
    /// # Errors
    /// What the disk says.
    pub fn photo(&self, seat: Seat) -> Result<Option<PhotoDetail>> {
        self.detail("seat", params![seat.0])
    }

    /// Everything about the photo with this id.
    ///
    /// # Errors
    /// What the disk says.
    pub fn photo_by_id(&self, id: PhotoId) -> Result<Option<PhotoDetail>> {
        self.detail("id", params![&id.0.0[..]])
    }

    fn detail(&self, column: &str, value: &[&dyn rusqlite::ToSql]) -> Result<Option<PhotoDetail>> {
        self.at_once(|db| {
            let mut statement =
                db.prepare_cached(&format!("SELECT {CARD_COLUMNS}, original, caption FROM photos WHERE {column} = ?"))?;
            let mut rows = statement.query(value)?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let (photo, card) = card(db, row)?;
            let (original, caption): (i64, Option<String>) = (row.get(15)?, row.get(16)?);
            let mut metadata = current_metadata(db, original)?;
            if caption.is_some() {
                metadata.caption = caption;
            }
            let versions = versions(db, original)?;
            Ok(Some(PhotoDetail {
                card,
                metadata,
                size_bytes: versions.iter().find(|version| version.current).map_or(0, |version| version.size_bytes),
                paths: paths(db, original)?,
                tags: tags(db, photo)?,
                versions,
                companions: companions(db, photo, original)?,
                faces: super::people_read::named(db, photo.0)?,
            }))
        })
    }
}

/// What was read from the current content of an asset.
pub(super) fn current_metadata(db: &Connection, asset: i64) -> Result<Metadata> {
    let mut statement = db
        .prepare_cached("SELECT v.metadata FROM assets a JOIN versions v ON v.version = a.current WHERE a.asset = ?")?;
    let text: Option<String> = statement.query_row([asset], |row| row.get(0))?;
    metadata_from(text.as_deref())
}

pub(super) fn metadata_from(text: Option<&str>) -> Result<Metadata> {
    text.map_or_else(|| Ok(Metadata::default()), |text| serde_json::from_str(text).map_err(|_| damaged("metadata")))
}

/// Paths of an asset: those that are there first, then by name.
pub(super) fn paths(db: &Connection, asset: i64) -> Result<Vec<PhotoPath>> {
    let mut statement = db.prepare_cached("SELECT path, gone FROM paths WHERE asset = ? ORDER BY gone, path")?;
    let rows =
        statement.query_map([asset], |row| Ok(PhotoPath { path: path_from_bytes(row.get(0)?), gone: row.get(1)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn tags(db: &Connection, photo: PhotoNum) -> Result<Vec<PhotoTag>> {
    let mut statement = db.prepare_cached(
        "SELECT g.name, p.source, p.confidence FROM photo_tags p JOIN tags g USING(tag) JOIN tokens t ON t.token = p.tag
         WHERE p.photo = ? AND p.removed = 0 ORDER BY t.text",
    )?;
    let rows = statement.query_map([photo.0], |row| {
        let source = match row.get(1)? {
            0 => TagSource::User,
            1 => TagSource::Keyword,
            3 => TagSource::Aws,
            4 => TagSource::Device,
            _ => TagSource::Derived,
        };
        Ok(PhotoTag { name: row.get(0)?, source, confidence: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The fingerprint from three columns: size, crc, blake3.
pub(super) fn fingerprint(row: &Row<'_>, column: usize) -> Result<Fingerprint> {
    let crc: i64 = row.get(column + 1)?;
    Ok(Fingerprint { size: row.get(column)?, crc64nvme: Crc64(crc.cast_unsigned()), blake3: hash(row, column + 2)? })
}

fn versions(db: &Connection, asset: i64) -> Result<Vec<PhotoVersion>> {
    let mut statement = db.prepare_cached(
        "SELECT v.version, v.n, v.mtime, v.version = a.current, v.size, v.crc, v.blake3
         FROM versions v JOIN assets a USING(asset) WHERE v.asset = ? ORDER BY v.n DESC",
    )?;
    let mut rows = statement.query([asset])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        let fingerprint = fingerprint(row, 4)?;
        versions.push(PhotoVersion {
            number: row.get(1)?,
            blake3: fingerprint.blake3,
            size_bytes: fingerprint.size,
            mtime: Timestamp(row.get(2)?),
            current: row.get(3)?,
            receipts: receipts_of(db, row.get(0)?)?,
        });
    }
    Ok(versions)
}

/// A storage class, where one is named.
pub(super) fn class(row: &Row<'_>, column: usize) -> Result<Option<StorageClass>> {
    let name: Option<String> = row.get(column)?;
    name.map(|name| StorageClass::from_name(&name).ok_or_else(|| damaged("storage class"))).transpose()
}

/// The columns that [`receipt`] reads, in its order, of `receipts r`, `versions v` and `assets a`.
pub(super) const RECEIPT_COLUMNS: &str = "ifnull(r.key, a.key), r.store_version, r.etag, r.mtime, r.stored_at, \
     v.version = a.current, v.size, v.crc, v.blake3, r.class";

/// A receipt from [`RECEIPT_COLUMNS`], of which the first is `column`.
pub(super) fn receipt(row: &Row<'_>, column: usize) -> Result<Receipt> {
    Ok(ObjectVersion {
        key: ObjectKey(row.get(column)?),
        version: VersionId(row.get(column + 1)?),
        etag: row.get(column + 2)?,
        mtime: Timestamp(row.get(column + 3)?),
        stored_at: Timestamp(row.get(column + 4)?),
        current: row.get(column + 5)?,
        fingerprint: fingerprint(row, column + 6)?,
        class: class(row, column + 9)?.unwrap_or_default(),
    })
}

pub(super) fn receipts_of(db: &Connection, version: i64) -> Result<Vec<StoreReceipt>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT s.name, b.ulid, b.by, (SELECT d.why FROM damage d WHERE d.store = r.store AND d.version = r.version
           AND d.mended IS NULL), {RECEIPT_COLUMNS} FROM receipts r JOIN stores s USING(store)
         JOIN batches b ON b.batch = r.batch JOIN versions v USING(version) JOIN assets a USING(asset)
         WHERE r.version = ? ORDER BY s.store"
    ))?;
    let mut rows = statement.query([version])?;
    let mut receipts = Vec::new();
    while let Some(row) = rows.next()? {
        receipts.push(StoreReceipt {
            store: row.get(0)?,
            batch: row.get(1)?,
            by: row.get(2)?,
            damage: row.get(3)?,
            receipt: receipt(row, 4)?,
        });
    }
    Ok(receipts)
}

fn companions(db: &Connection, photo: PhotoNum, original: i64) -> Result<Vec<Companion>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT p.path, EXISTS(SELECT 1 FROM stores WHERE enabled) AND NOT EXISTS(
           SELECT 1 FROM stores s WHERE s.enabled AND NOT EXISTS(
             SELECT 1 FROM receipts r WHERE r.store = s.store AND r.version = a.current{SOUND}))
         FROM assets a JOIN paths p USING(asset) WHERE a.photo = ? AND a.asset <> ? AND p.gone = 0 ORDER BY p.path"
    ))?;
    let rows = statement.query_map([photo.0, original], |row| {
        Ok(Companion { path: path_from_bytes(row.get(0)?), stored: row.get(1)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
