//! Rebuilding the catalogue from manifests alone: what `open-store` does on an empty computer.

use rusqlite::{OptionalExtension as _, params};

use super::error::Result;
use super::intake::metadata_json;
use super::queue::store_number;
use super::types::{FileKind, ProposedKey};
use super::writer::{Tx, Writer};
use crate::domain::batch::{AssetKind, ManifestLine};
use crate::domain::edit::Field;
use crate::domain::path_text::path_bytes;
use crate::domain::{Format, Timestamp};

/// The segment that lines are from.
#[derive(Debug, Clone)]
pub struct SegmentInfo {
    /// Name of the store it was found in.
    pub store: String,
    /// The batch (ULID).
    pub batch: String,
    /// When the batch was begun (the ULID's time).
    pub started: Timestamp,
    /// Number of the segment, from 1; 0 for lines that no manifest has yet, which the batch's next segment will list.
    pub segment: u32,
    /// Whether it has the batch's final line.
    pub is_final: bool,
}

impl Writer {
    /// Takes a segment's lines into the catalogue. Segments come in the order in which they were written (batches by
    /// ULID, segments by number); doing one again changes nothing. Edits may be applied before or after.
    ///
    /// `fold` is the folding of keys. The store is made known, and enabled where it is new.
    ///
    /// # Errors
    /// What the disk says; then nothing of the segment was taken in.
    pub fn rebuild_from(
        &mut self,
        info: &SegmentInfo,
        lines: &[ManifestLine],
        fold: &dyn Fn(&str) -> String,
    ) -> Result<()> {
        self.write(|tx| {
            tx.db
                .prepare_cached("INSERT OR IGNORE INTO stores(name, enabled) VALUES (?, 1)")?
                .execute([&info.store])?;
            let store = store_number(tx.db, &info.store)?;
            let batch = tx.make_batch(&info.batch, store, info.started)?;
            if let Some(by) = lines.iter().find_map(|line| line.by.as_ref()) {
                tx.db.prepare_cached("UPDATE batches SET by = ? WHERE batch = ?")?.execute(params![by, batch])?;
            }
            for line in lines {
                tx.rebuild_line(line, store, batch, info.segment, fold)?;
            }
            tx.close_segment(batch, info.segment, info.is_final)
        })
    }
}

impl Tx<'_> {
    fn rebuild_line(
        &mut self,
        line: &ManifestLine,
        store: i64,
        batch: i64,
        segment: u32,
        fold: &dyn Fn(&str) -> String,
    ) -> Result<()> {
        let photo = line.id.map(|id| self.photo_with(&id.0)).transpose()?.flatten();
        let asset = match self.known_asset(line, photo, fold)? {
            Some(asset) => asset,
            None => {
                let kind = match line.asset {
                    AssetKind::Original => FileKind::Photo(line.format.unwrap_or(Format::Raw)),
                    AssetKind::Sidecar => FileKind::Sidecar,
                    AssetKind::Video => FileKind::Video,
                };
                let key = ProposedKey { key: line.key.clone(), fold: fold(&line.key.0) };
                self.new_asset(line.asset, kind, &[key], photo)?
            }
        };
        let before = match photo {
            Some(photo) if line.asset == AssetKind::Original => Some(self.described(photo)?),
            _ => None,
        };
        let version = self.rebuild_version(line, asset)?;
        let is_current = self.rebuild_paths(line, asset, version)?;
        self.record(version, store, batch, &line.receipt(), (segment > 0).then_some(segment))?;
        let metadata = line.metadata.clone().unwrap_or_default();
        let photo = match (line.asset, photo, line.id) {
            (AssetKind::Original, Some(photo), _) => {
                if is_current {
                    let format = line.format.unwrap_or(Format::Raw);
                    let before = before.as_ref().map(|(metadata, format)| (metadata, *format));
                    self.describe(photo, &line.blake3, before, (&metadata, format))?;
                    let rated = before.and_then(|(metadata, _)| metadata.rating);
                    if rated != metadata.rating && !self.was_edited(&self.id_of(photo)?, &Field::Rating)? {
                        self.set_rating(photo, metadata.rating.unwrap_or_default())?;
                    }
                }
                self.refresh_texts(photo)?;
                Some(photo)
            }
            (AssetKind::Original, None, Some(id)) => {
                let photo = self.new_photo(&id.0, asset, &metadata, line.format.unwrap_or(Format::Raw))?;
                // The id is the first content's; this line may be of a later one.
                self.db
                    .prepare_cached("UPDATE photos SET blake3 = ? WHERE photo = ?")?
                    .execute(params![&line.blake3.0[..], photo])?;
                self.index_batch(photo, batch)?;
                self.adopt_by_id(photo, line)?;
                Some(photo)
            }
            (_, photo, _) => photo,
        };
        if let Some(photo) = photo {
            self.refresh_stored(photo)?;
        }
        Ok(())
    }

    /// The asset that a line is about: by its key, or (after its key changed) the photo's original.
    fn known_asset(
        &mut self,
        line: &ManifestLine,
        photo: Option<i64>,
        fold: &dyn Fn(&str) -> String,
    ) -> Result<Option<i64>> {
        if let (AssetKind::Original, Some(photo)) = (line.asset, photo) {
            return self.original_of(photo).map(Some);
        }
        let mut statement = self.db.prepare_cached("SELECT asset FROM assets WHERE fold = ?")?;
        Ok(statement.query_row([fold(&line.key.0)], |row| row.get(0)).optional()?)
    }

    /// The version of this number with these bytes; where other bytes have the number, that of the same bytes.
    fn version_of(&self, line: &ManifestLine, asset: i64) -> Result<Option<i64>> {
        let mut known = self.db.prepare_cached(
            "SELECT version FROM versions WHERE asset = ?1 AND blake3 = ?3 ORDER BY n = ?2 DESC, n DESC LIMIT 1",
        )?;
        let mut taken = self.db.prepare_cached("SELECT 1 FROM versions WHERE asset = ? AND n = ?")?;
        if !taken.exists(params![asset, line.version])? {
            return Ok(None);
        }
        Ok(known.query_row(params![asset, line.version, &line.blake3.0[..]], |row| row.get(0)).optional()?)
    }

    fn rebuild_version(&mut self, line: &ManifestLine, asset: i64) -> Result<i64> {
        let metadata = line.metadata.as_ref().map(metadata_json);
        if let Some(version) = self.version_of(line, asset)? {
            // A later line may know more of the same bytes: a sidecar that changed.
            let mut update = self.db.prepare_cached("UPDATE versions SET metadata = ? WHERE version = ?")?;
            update.execute(params![metadata, version])?;
            return Ok(version);
        }
        self.db
            .prepare_cached(
                // A number that other bytes have is no reason to lose these: they get the next one.
                "INSERT INTO versions(asset, n, size, crc, blake3, mtime, metadata)
                 SELECT ?1, CASE WHEN EXISTS(SELECT 1 FROM versions WHERE asset = ?1 AND n = ?2)
                   THEN (SELECT max(n) + 1 FROM versions WHERE asset = ?1) ELSE ?2 END, ?3, ?4, ?5, ?6, ?7",
            )?
            .execute(params![
                asset,
                line.version,
                line.size,
                line.crc64nvme.0.cast_signed(),
                &line.blake3.0[..],
                line.mtime.0,
                metadata
            ])?;
        Ok(self.db.last_insert_rowid())
    }

    /// Makes the newest version the current one and gives it the paths of its line; whether this line's is the newest.
    fn rebuild_paths(&mut self, line: &ManifestLine, asset: i64, version: i64) -> Result<bool> {
        let mut newest =
            self.db.prepare_cached("SELECT version, size FROM versions WHERE asset = ? ORDER BY n DESC LIMIT 1")?;
        let (current, size): (i64, i64) = newest.query_row([asset], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.db
            .prepare_cached("UPDATE assets SET current = ?, size = ? WHERE asset = ?")?
            .execute([current, size, asset])?;
        if current != version {
            return Ok(false);
        }
        // Where it was before is history, as it is where a move was seen.
        self.db.prepare_cached("UPDATE paths SET gone = 1 WHERE asset = ?")?.execute([asset])?;
        for (index, path) in line.paths.iter().enumerate() {
            let bytes = path_bytes(&path.0);
            self.db.prepare_cached("DELETE FROM paths WHERE asset = ? AND path = ?")?.execute(params![asset, bytes])?;
            // Another photo took the path later: this one's record of it was closed, and the newer line comes later.
            self.db.prepare_cached("UPDATE paths SET gone = 1 WHERE path = ? AND gone = 0")?.execute([bytes])?;
            self.db
                .prepare_cached(
                    "INSERT INTO paths(asset, version, size, mtime_ns, depth, path) VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    asset,
                    version,
                    line.size,
                    line.mtime.0.saturating_mul(1_000_000),
                    line.depths.get(index).copied().unwrap_or(1),
                    bytes
                ])?;
        }
        Ok(true)
    }

    /// Companions whose lines came before their photo's are found again by the folder and name of the photo's paths.
    fn adopt_by_id(&mut self, photo: i64, line: &ManifestLine) -> Result<()> {
        for path in &line.paths {
            self.adopt_companions(photo, &path.0)?;
        }
        Ok(())
    }
}
