//! Sidecars: what they said last, which photos they describe, and what their changes make of the library.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::error::{CatalogError, Result};
use super::reader::{Reader, hash};
use super::writer::Writer;
use crate::domain::edit::Change;
use crate::domain::path_text::{path_bytes, path_from_bytes};
use crate::domain::sidecar::Fields;
use crate::domain::{ContentHash, ObjectKey, PhotoDetail, PhotoNum, Seat, Timestamp};

/// What a sidecar said when it was last read or written.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownSidecar {
    /// Where it is.
    pub path: PathBuf,
    /// BLAKE3 of the file then.
    pub hash: ContentHash,
    /// What was understood of it.
    pub fields: Fields,
}

/// A photo, with all that its sidecars are held against.
#[derive(Debug, Clone)]
pub struct SidecarPhoto {
    /// Which.
    pub photo: PhotoNum,
    /// Where it sits.
    pub seat: Seat,
    /// Everything about it.
    pub detail: PhotoDetail,
    /// The key of its original, beside which its sidecar is stored.
    pub key: ObjectKey,
    /// Where its files are, each with how many of its last folders belong to the library.
    pub places: Vec<(PathBuf, u16)>,
    /// What its sidecars said last.
    pub known: Vec<KnownSidecar>,
}

/// A sidecar that was read or written.
#[derive(Debug, Clone)]
pub struct SidecarNews {
    /// Of which photo.
    pub photo: PhotoNum,
    /// What it says now.
    pub said: KnownSidecar,
    /// What that changes in the library.
    pub changes: Vec<Change>,
}

impl Reader {
    /// Photos with all that their sidecars are held against; those that are gone are left out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn sidecar_photos(&self, seats: &[Seat]) -> Result<Vec<SidecarPhoto>> {
        let mut find = self.db.prepare_cached(
            "SELECT p.photo, a.key, p.original FROM photos p JOIN assets a ON a.asset = p.original WHERE p.seat = ?",
        )?;
        let mut photos = Vec::with_capacity(seats.len());
        for seat in seats {
            let mut rows = find.query([seat.0])?;
            let Some(row) = rows.next()? else { continue };
            let (photo, key, original): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Some(detail) = self.photo(*seat)? else { continue };
            photos.push(SidecarPhoto {
                photo: PhotoNum(photo),
                seat: *seat,
                detail,
                key: ObjectKey(key),
                places: places(&self.db, original)?,
                known: known(&self.db, photo)?,
            });
        }
        Ok(photos)
    }

    /// The photos that a sidecar describes: `IMG.jpg` of `IMG.jpg.xmp`, every `IMG.*` of `IMG.xmp`.
    ///
    /// # Errors
    /// What the disk says.
    pub fn photos_of_sidecar(&self, path: &Path) -> Result<Vec<Seat>> {
        let stem = path.with_extension("");
        let bytes = path_bytes(&stem);
        let (low, high) = ([bytes, b"."].concat(), [bytes, b"/"].concat());
        let mut statement = self.db.prepare_cached(
            "SELECT p.path, f.seat FROM paths p INDEXED BY paths_live JOIN assets a USING(asset)
             JOIN photos f ON f.photo = a.photo
             WHERE p.gone = 0 AND (p.path = ?1 OR p.path >= ?2 AND p.path < ?3) AND a.kind = 'original'",
        )?;
        let mut rows = statement.query(params![bytes, low, high])?;
        let mut seats = Vec::new();
        while let Some(row) = rows.next()? {
            let photo = path_from_bytes(row.get(0)?);
            if photo == stem || photo.with_extension("") == stem {
                seats.push(Seat(row.get(1)?));
            }
        }
        Ok(seats)
    }

    /// Photos that were edited after row `after` of the log, at most of `limit` rows, with the last row looked at.
    ///
    /// # Errors
    /// What the disk says.
    pub fn edited_since(&self, after: i64, limit: usize) -> Result<(Vec<Seat>, Option<i64>)> {
        let mut statement = self.db.prepare_cached(
            "SELECT e.edit, p.seat FROM (SELECT edit, id FROM edits WHERE edit > ? ORDER BY edit LIMIT ?) e
             LEFT JOIN photos p ON p.id = e.id ORDER BY e.edit",
        )?;
        let mut rows = statement.query(params![after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut seats = std::collections::BTreeSet::new();
        let mut last = None;
        while let Some(row) = rows.next()? {
            last = Some(row.get(0)?);
            seats.extend(row.get::<_, Option<i64>>(1)?.map(Seat));
        }
        Ok((seats.into_iter().collect(), last))
    }
}

fn places(db: &Connection, original: i64) -> Result<Vec<(PathBuf, u16)>> {
    let mut statement =
        db.prepare_cached("SELECT path, depth FROM paths WHERE asset = ? AND gone = 0 ORDER BY path")?;
    let rows = statement.query_map([original], |row| Ok((path_from_bytes(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn known(db: &Connection, photo: i64) -> Result<Vec<KnownSidecar>> {
    let mut statement = db.prepare_cached("SELECT path, hash, fields FROM sidecars WHERE photo = ?")?;
    let mut rows = statement.query([photo])?;
    let mut known = Vec::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(2)?.as_str().unwrap_or_default();
        // What a newer program remembered in another form is no base: the sidecar is read as for the first time.
        let Ok(fields) = serde_json::from_str(text) else { continue };
        known.push(KnownSidecar { path: path_from_bytes(row.get(0)?), hash: hash(row, 1)?, fields });
    }
    Ok(known)
}

impl Writer {
    /// Makes the changes that sidecars brought, as one gesture that can be taken back, and remembers what they say.
    /// Photos that changed.
    ///
    /// # Errors
    /// What the disk says; then nothing of it happened.
    pub fn sidecars_said(&mut self, news: &[SidecarNews], now: Timestamp) -> Result<u64> {
        self.write(|tx| {
            let mut remember = tx.db.prepare_cached("INSERT OR REPLACE INTO sidecars VALUES (?, ?, ?, ?)")?;
            let mut changes = Vec::new();
            for one in news {
                let id = tx.id_of(one.photo.0)?;
                for change in &one.changes {
                    let field = change.field().map_err(|error| CatalogError::Refused(error.to_string()))?;
                    changes.push((one.photo.0, id, tx.field_meant(&field)?, change));
                }
                for levels in &one.said.fields.paths {
                    tx.place_path(levels)?;
                }
                let fields = serde_json::to_string(&one.said.fields).unwrap_or_else(|_| "{}".to_owned());
                let path = path_bytes(&one.said.path);
                remember.execute(params![one.photo.0, path, &one.said.hash.0[..], fields])?;
            }
            drop(remember);
            tx.gesture_of_each(&changes, "Sidecars read", now)
        })
    }
}
