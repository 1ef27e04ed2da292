//! What a person deleted in stores, and bringing it back.

use rusqlite::{Connection, params};

use super::error::Result;
use super::queue::store_number;
use super::reader::{Reader, hash};
use super::types::{AssetNum, VersionNum};
use super::writer::{Tx, Writer};
use crate::domain::keep::Weight;
use crate::domain::{ContentHash, ObjectKey, Seat, Timestamp, VersionId};

/// An object of a photo in one store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletableObject {
    /// Name of the store.
    pub store: String,
    /// Which stored file.
    pub asset: AssetNum,
    /// Where it is.
    pub key: ObjectKey,
    /// Its newest proved content.
    pub version: VersionNum,
    /// What the store calls that.
    pub store_version: VersionId,
    /// Every content that the file ever had.
    pub contents: Vec<ContentHash>,
}

/// A photo with all its objects in the enabled stores, companions included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletable {
    /// Where it sits.
    pub seat: Seat,
    /// Its objects.
    pub objects: Vec<DeletableObject>,
}

impl Reader {
    /// What deleting these photos would touch: their stored files once each, however many stores have them.
    ///
    /// # Errors
    /// What the disk says.
    pub fn weigh(&self, seats: &[Seat]) -> Result<Weight> {
        self.at_once(|db| {
            let mut statement = db.prepare_cached(
                "SELECT count(*), ifnull(sum(a.size), 0) FROM photos p JOIN assets a USING(photo) WHERE p.seat = ?
                   AND EXISTS(SELECT 1 FROM versions v JOIN receipts r USING(version) JOIN stores s USING(store)
                     WHERE v.asset = a.asset AND s.enabled)",
            )?;
            let mut exists = db.prepare_cached("SELECT 1 FROM photos WHERE seat = ?")?;
            let mut weight = Weight::default();
            for seat in seats {
                let (files, bytes): (u64, u64) = statement.query_row([seat.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
                weight.photos += u64::from(exists.exists([seat.0])?);
                weight.files += files;
                weight.bytes += bytes;
            }
            Ok(weight)
        })
    }

    /// Photos that are not shown.
    ///
    /// # Errors
    /// What the disk says.
    pub fn hidden_seats(&self) -> Result<Vec<Seat>> {
        let mut statement = self.db.prepare_cached("SELECT seat FROM photos WHERE hidden = 1")?;
        let rows = statement.query_map([], |row| Ok(Seat(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The objects of these photos in every enabled store; seats where nobody sits are left out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn deletable(&self, seats: &[Seat]) -> Result<Vec<Deletable>> {
        self.at_once(|db| {
            let mut find = db.prepare_cached("SELECT photo FROM photos WHERE seat = ?")?;
            let mut found = Vec::with_capacity(seats.len());
            for seat in seats {
                let mut rows = find.query([seat.0])?;
                let Some(row) = rows.next()? else { continue };
                let objects = objects(db, row.get(0)?)?;
                found.push(Deletable { seat: *seat, objects });
            }
            Ok(found)
        })
    }
}

fn objects(db: &Connection, photo: i64) -> Result<Vec<DeletableObject>> {
    // Of each file the receipt of its newest proved content: where it is now, also after its key was changed.
    let mut statement = db.prepare_cached(
        "SELECT s.name, a.asset, ifnull(r.key, a.key), r.version, r.store_version
         FROM assets a JOIN stores s ON s.enabled JOIN receipts r ON r.store = s.store AND r.version = (
           SELECT v.version FROM versions v JOIN receipts q ON q.store = s.store AND q.version = v.version
           WHERE v.asset = a.asset ORDER BY v.n DESC LIMIT 1)
         WHERE a.photo = ? ORDER BY a.asset, s.store",
    )?;
    let mut contents = db.prepare_cached("SELECT blake3 FROM versions WHERE asset = ?")?;
    let mut rows = statement.query([photo])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let asset: i64 = row.get(1)?;
        let mut known = Vec::new();
        let mut hashes = contents.query([asset])?;
        while let Some(row) = hashes.next()? {
            known.push(hash(row, 0)?);
        }
        found.push(DeletableObject {
            store: row.get(0)?,
            asset: AssetNum(asset),
            key: ObjectKey(row.get(2)?),
            version: VersionNum(row.get(3)?),
            store_version: VersionId(row.get(4)?),
            contents: known,
        });
    }
    Ok(found)
}

impl Writer {
    /// Says, before it is done, that these files are deleted in a store: from here on nothing calls them stored there.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn begin_deletion(&mut self, objects: &[(String, AssetNum)], now: Timestamp) -> Result<()> {
        self.write(|tx| {
            for (store, asset) in objects {
                let store = store_number(tx.db, store)?;
                tx.db
                    .prepare_cached(
                        "INSERT INTO deletions(store, asset, deleted, marker) SELECT ?1, ?2, ?3, '' WHERE NOT EXISTS(
                           SELECT 1 FROM deletions WHERE store = ?1 AND asset = ?2 AND undone IS NULL)",
                    )?
                    .execute(params![store, asset.0, now.0])?;
                if let Some(photo) = tx.photo_of(asset.0)? {
                    tx.refresh_stored(photo)?;
                }
            }
            Ok(())
        })
    }

    /// Writes down the names of delete markers that stores have given.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn deletion_done(&mut self, markers: &[(String, AssetNum, VersionId)]) -> Result<()> {
        self.write(|tx| {
            for (store, asset, marker) in markers {
                let store = store_number(tx.db, store)?;
                tx.db
                    .prepare_cached("UPDATE deletions SET marker = ? WHERE store = ? AND asset = ? AND undone IS NULL")?
                    .execute(params![marker.0, store, asset.0])?;
            }
            Ok(())
        })
    }

    /// Takes everything of these photos out of every queue: it is not to be stored any more.
    ///
    /// # Errors
    /// What the disk says.
    pub fn drop_uploads(&mut self, seats: &[Seat]) -> Result<()> {
        self.write(|tx| {
            let mut drop = tx.db.prepare_cached(
                "DELETE FROM uploads WHERE version IN (SELECT v.version FROM photos p JOIN assets a USING(photo)
                   JOIN versions v USING(asset) WHERE p.seat = ?)",
            )?;
            for seat in seats {
                drop.execute([seat.0])?;
            }
            Ok(())
        })
    }
}

impl Tx<'_> {
    /// A store has a content of a file (again): if the file was deleted there, it is no longer.
    pub(super) fn stored_again(&self, store: i64, version: i64, at: Timestamp) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE deletions SET undone = ?1 WHERE store = ?2 AND undone IS NULL
                   AND asset = (SELECT asset FROM versions WHERE version = ?3)",
            )?
            .execute([at.0, store, version])?;
        Ok(())
    }

    /// A photo is shown again: what of it was deleted in a store, or never came there, is to be stored (again).
    pub(super) fn store_again(&mut self, photo: i64) -> Result<()> {
        let queued = self
            .db
            .prepare_cached(
                "INSERT OR IGNORE INTO uploads(store, version) SELECT s.store, a.current FROM assets a
                   JOIN stores s ON s.enabled WHERE a.photo = ?1 AND (
                     EXISTS(SELECT 1 FROM deletions d WHERE d.asset = a.asset AND d.store = s.store AND d.undone IS NULL)
                     OR NOT EXISTS(SELECT 1 FROM receipts r WHERE r.store = s.store AND r.version = a.current))",
            )?
            .execute([photo])?;
        if queued > 0 { self.refresh_stored(photo) } else { Ok(()) }
    }
}
