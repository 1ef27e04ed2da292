//! Taking files in: gathers what is known, lets `domain::intake` judge, and carries it out.

use std::path::Path;

use rusqlite::{OptionalExtension as _, params};

use super::detail::metadata_from;
use super::error::{CatalogError, Result};
use super::reader::hash;
use super::types::{AssetNum, Candidate, FileKind, Outcome, ProposedKey, VersionNum};
use super::writer::{Tx, Writer};
use crate::domain::batch::AssetKind;
use crate::domain::edit::{EditValue, Field};
use crate::domain::intake::{AtPath, Capture, KnownBytes, Meaning, decide};
use crate::domain::path_text::{path_bytes, path_from_bytes};
use crate::domain::{ContentHash, Format, Metadata, PhotoNum, Timestamp};

/// The row of a path that is in use.
struct PathRow {
    row: i64,
    asset: i64,
    version: i64,
    kind: String,
    photo: Option<i64>,
    content: ContentHash,
    size: u64,
    mtime_ns: i64,
    metadata: Option<String>,
}

/// An asset that has, or had, the bytes in question.
#[derive(Clone, Copy)]
struct Match {
    asset: i64,
    version: i64,
    is_current: bool,
}

type StillThere<'a> = &'a dyn Fn(&Path, u64, i64) -> bool;

impl Writer {
    /// Takes files in, in one transaction; photos before companions, whatever their order here. The outcomes stand in
    /// the order of the candidates. Added and updated files are queued for every enabled store.
    ///
    /// `still_there(path, size, mtime_ns)` says whether a file is as it was; it is asked only for bytes that are known
    /// from elsewhere.
    ///
    /// # Errors
    /// What the disk says; then none of them was taken in.
    pub fn take_in(
        &mut self,
        candidates: &[Candidate],
        now: Timestamp,
        still_there: StillThere<'_>,
    ) -> Result<Vec<Outcome>> {
        self.write(|tx| {
            let mut outcomes = vec![None; candidates.len()];
            for photos in [true, false] {
                for (candidate, outcome) in candidates.iter().zip(&mut outcomes) {
                    if matches!(candidate.kind, FileKind::Photo(_)) == photos {
                        *outcome = Some(tx.take(candidate, now, still_there)?);
                    }
                }
            }
            // A photo's place may have changed after its outcome was written down.
            for outcome in outcomes.iter_mut().flatten() {
                outcome.seat = outcome.photo.map(|photo| tx.seat_of(photo.0)).transpose()?;
            }
            Ok(outcomes.into_iter().flatten().collect())
        })
    }
}

impl Tx<'_> {
    fn take(&mut self, candidate: &Candidate, now: Timestamp, still_there: StillThere<'_>) -> Result<Outcome> {
        let at = self.path_row(&candidate.path)?;
        let beside = match candidate.kind {
            FileKind::Photo(_) => None,
            FileKind::Sidecar | FileKind::Video => self.photo_beside(&candidate.path)?,
        };
        let known = self.known_bytes(candidate, at.as_ref(), beside)?;
        // A path that now holds another kind of file holds another file.
        let same_kind = at.as_ref().filter(|at| at.kind == candidate.kind.asset().name());
        let at_path = match same_kind {
            None => AtPath::Nothing,
            Some(at) if at.content == candidate.fingerprint.blake3 => AtPath::SameBytes,
            Some(at) => AtPath::Other { capture: Capture::of(&metadata_from(at.metadata.as_deref())?) },
        };
        let bytes = match known {
            None => KnownBytes::Never,
            Some(known) if same_kind.is_some_and(|at| at.asset == known.asset) && !known.is_current => {
                KnownBytes::BeforeAtThisPath
            }
            Some(known) if self.another_is_there(known.asset, &candidate.path, still_there)? => KnownBytes::Elsewhere,
            Some(_) => KnownBytes::GoneElsewhere,
        };
        let meaning = decide(&at_path, bytes, &Capture::of(&candidate.metadata));
        let (asset, version) = match (meaning, &at, known) {
            (Meaning::Unchanged, Some(at), _) => (at.asset, self.unchanged(candidate, at)?),
            (Meaning::Updated, Some(at), _) => self.updated(candidate, at)?,
            (Meaning::Moved | Meaning::Duplicate, _, Some(known)) => {
                self.seen_elsewhere(candidate, at.as_ref(), known, meaning)?
            }
            _ => self.added(candidate, at.as_ref(), beside)?,
        };
        let photo = self.photo_of(asset)?;
        if let Some(photo) = photo {
            if let FileKind::Photo(_) = candidate.kind {
                self.show_again(photo, now)?;
                if meaning != Meaning::Unchanged {
                    self.adopt_companions(photo, &candidate.path)?;
                }
            }
            self.refresh_stored(photo)?;
        }
        Ok(Outcome {
            meaning,
            asset: AssetNum(asset),
            version: VersionNum(version),
            photo: photo.map(PhotoNum),
            seat: None,
        })
    }

    fn path_row(&self, path: &Path) -> Result<Option<PathRow>> {
        let mut statement = self.db.prepare_cached(
            "SELECT p.row, p.asset, p.version, a.kind, a.photo, v.blake3, p.size, p.mtime_ns, v.metadata
             FROM paths p JOIN assets a USING(asset) JOIN versions v ON v.version = p.version
             WHERE p.path = ? AND p.gone = 0",
        )?;
        let mut rows = statement.query([path_bytes(path)])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(PathRow {
            row: row.get(0)?,
            asset: row.get(1)?,
            version: row.get(2)?,
            kind: row.get(3)?,
            photo: row.get(4)?,
            content: hash(row, 5)?,
            size: row.get(6)?,
            mtime_ns: row.get(7)?,
            metadata: row.get(8)?,
        }))
    }

    /// The asset of the same kind that has these bytes; the one at this path first, then one whose content they are now.
    /// Companions are compared only with those of the same photo: equal sidecars of two photos are two files.
    fn known_bytes(&self, candidate: &Candidate, at: Option<&PathRow>, beside: Option<i64>) -> Result<Option<Match>> {
        let mut statement = self.db.prepare_cached(
            "SELECT v.asset, v.version, v.version = a.current FROM versions v JOIN assets a USING(asset)
             WHERE v.blake3 = ?1 AND a.kind = ?2 AND (?2 = 'original' OR a.photo IS ?3)
             ORDER BY a.asset = ?4 DESC, v.version = a.current DESC, v.version DESC LIMIT 1",
        )?;
        let values = params![
            &candidate.fingerprint.blake3.0[..],
            candidate.kind.asset().name(),
            beside,
            at.map_or(0, |at| at.asset)
        ];
        let found = statement
            .query_row(values, |row| Ok(Match { asset: row.get(0)?, version: row.get(1)?, is_current: row.get(2)? }));
        Ok(found.optional()?)
    }

    fn another_is_there(&self, asset: i64, path: &Path, still_there: StillThere<'_>) -> Result<bool> {
        let mut statement = self
            .db
            .prepare_cached("SELECT path, size, mtime_ns FROM paths WHERE asset = ? AND gone = 0 AND path <> ?")?;
        let mut rows = statement.query(params![asset, path_bytes(path)])?;
        while let Some(row) = rows.next()? {
            if still_there(&path_from_bytes(row.get(0)?), row.get(1)?, row.get(2)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The photo that a companion belongs to: `IMG_1.xmp` and `IMG_1.jpg.xmp` to `IMG_1.jpg`; a RAW before the rest.
    fn photo_beside(&self, companion: &Path) -> Result<Option<i64>> {
        let stem = companion.with_extension("");
        let (low, high) = siblings(path_bytes(&stem));
        let mut statement = self.db.prepare_cached(
            "SELECT a.photo FROM paths p INDEXED BY paths_live CROSS JOIN assets a USING(asset)
             WHERE p.gone = 0 AND p.path >= ?1 AND p.path < ?3 AND (p.path = ?1 OR p.path > ?2) AND a.kind = 'original'
             ORDER BY p.path = ?1 DESC, a.format IN ('raw', 'dng') DESC, a.asset LIMIT 1",
        )?;
        Ok(statement.query_row(params![path_bytes(&stem), low, high], |row| row.get(0)).optional()?)
    }

    /// Companions that were seen before their photo.
    pub(super) fn adopt_companions(&mut self, photo: i64, path: &Path) -> Result<()> {
        let (low, high) = siblings(path_bytes(&path.with_extension("")));
        let mut statement = self.db.prepare_cached(
            "SELECT a.asset FROM paths p INDEXED BY paths_live CROSS JOIN assets a USING(asset)
             WHERE p.gone = 0 AND p.path > ? AND p.path < ? AND a.kind <> 'original' AND a.photo IS NULL",
        )?;
        let orphans: Vec<i64> =
            statement.query_map(params![low, high], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for asset in orphans {
            self.db.prepare_cached("UPDATE assets SET photo = ? WHERE asset = ?")?.execute([photo, asset])?;
        }
        Ok(())
    }

    pub(super) fn photo_of(&self, asset: i64) -> Result<Option<i64>> {
        let mut statement = self.db.prepare_cached("SELECT photo FROM assets WHERE asset = ?")?;
        Ok(statement.query_row([asset], |row| row.get(0))?)
    }

    fn unchanged(&mut self, candidate: &Candidate, at: &PathRow) -> Result<i64> {
        if (at.size, at.mtime_ns) != (candidate.size, candidate.mtime_ns) {
            let mut update = self.db.prepare_cached("UPDATE paths SET size = ?, mtime_ns = ? WHERE row = ?")?;
            update.execute(params![candidate.size, candidate.mtime_ns, at.row])?;
        }
        // The same bytes, but a sidecar or a better reader says more of them.
        if let (FileKind::Photo(format), Some(photo)) = (candidate.kind, at.photo) {
            let known = metadata_from(at.metadata.as_deref())?;
            let mut now = candidate.metadata.clone();
            let mut others = self
                .db
                .prepare_cached("SELECT 1 FROM paths WHERE asset = ? AND version = ? AND gone = 0 AND row <> ?")?;
            if others.exists([at.asset, at.version, at.row])? {
                now = now.with_words_of(&known);
            }
            self.learn(photo, (at.asset, at.version), candidate, now, format)?;
        }
        Ok(at.version)
    }

    /// The same bytes, of which something else is known now.
    fn learn(
        &mut self,
        photo: i64,
        (asset, version): (i64, i64),
        candidate: &Candidate,
        now: Metadata,
        format: Format,
    ) -> Result<()> {
        let before = self.described(photo)?;
        let known: Option<String> = self
            .db
            .prepare_cached("SELECT metadata FROM versions WHERE version = ?")?
            .query_row([version], |row| row.get(0))?;
        if metadata_from(known.as_deref())? == now && before.1 == format {
            return Ok(());
        }
        let mut update = self.db.prepare_cached("UPDATE versions SET metadata = ? WHERE version = ?")?;
        update.execute(params![metadata_json(&now), version])?;
        if self.current(asset)? == version {
            let candidate = Candidate { metadata: now, ..candidate.clone() };
            self.redescribe(photo, asset, &candidate, &before, format)?;
        }
        // Manifests told the old metadata; the next one tells the new.
        self.tell_again(asset)
    }

    fn current(&self, asset: i64) -> Result<i64> {
        let mut statement = self.db.prepare_cached("SELECT current FROM assets WHERE asset = ?")?;
        Ok(statement.query_row([asset], |row| row.get(0))?)
    }

    fn redescribe(
        &mut self,
        photo: i64,
        asset: i64,
        candidate: &Candidate,
        before: &(Metadata, Format),
        format: Format,
    ) -> Result<()> {
        let content = candidate.fingerprint.blake3;
        self.db
            .prepare_cached("UPDATE assets SET format = ? WHERE asset = ?")?
            .execute(params![format.name(), asset])?;
        self.describe(photo, &content, Some((&before.0, before.1)), (&candidate.metadata, format))?;
        self.refresh_texts(photo)?;
        // The file's rating counts for as long as nobody rated the photo here.
        if before.0.rating != candidate.metadata.rating && !self.was_edited(&self.id_of(photo)?, &Field::Rating)? {
            self.set_rating(photo, candidate.metadata.rating.unwrap_or_default())?;
        }
        Ok(())
    }

    fn updated(&mut self, candidate: &Candidate, at: &PathRow) -> Result<(i64, i64)> {
        let before = match (candidate.kind, at.photo) {
            (FileKind::Photo(format), Some(photo)) => Some((photo, self.described(photo)?, format)),
            _ => None,
        };
        let version = self.new_version(at.asset, candidate)?;
        self.db
            .prepare_cached("UPDATE paths SET version = ?, size = ?, mtime_ns = ? WHERE row = ?")?
            .execute(params![version, candidate.size, candidate.mtime_ns, at.row])?;
        if let Some((photo, before, format)) = before {
            self.redescribe(photo, at.asset, candidate, &before, format)?;
        }
        // Older contents that were never stored cannot be read any more, unless another path still has them.
        self.db
            .prepare_cached(
                "DELETE FROM uploads WHERE version IN (SELECT v.version FROM versions v WHERE v.asset = ?1 AND v.version <> ?2
                 AND NOT EXISTS(SELECT 1 FROM paths p WHERE p.asset = ?1 AND p.version = v.version AND p.gone = 0))",
            )?
            .execute([at.asset, version])?;
        Ok((at.asset, version))
    }

    /// Known bytes at another path. The path is recorded; what is stored already is only told.
    fn seen_elsewhere(
        &mut self,
        candidate: &Candidate,
        at: Option<&PathRow>,
        known: Match,
        meaning: Meaning,
    ) -> Result<(i64, i64)> {
        if meaning == Meaning::Moved {
            self.db.prepare_cached("UPDATE paths SET gone = 1 WHERE asset = ?")?.execute([known.asset])?;
        }
        let mut version = known.version;
        // An old content that is now the only one there is what the photo is from now on.
        let becomes_current = meaning == Meaning::Moved && !known.is_current;
        let photo = self.photo_of(known.asset)?;
        let before = photo.map(|photo| self.described(photo)).transpose()?;
        if becomes_current {
            version = self.new_version(known.asset, candidate)?;
        }
        self.put_path(candidate, at, known.asset, version)?;
        // An old content may have left the queue unstored, when no file had it.
        self.db
            .prepare_cached(
                "INSERT OR IGNORE INTO uploads(store, version) SELECT s.store, ?1 FROM stores s WHERE s.enabled
                 AND NOT EXISTS(SELECT 1 FROM receipts r WHERE r.store = s.store AND r.version = ?1)",
            )?
            .execute([version])?;
        if let (FileKind::Photo(format), Some(photo), Some(before)) = (candidate.kind, photo, before) {
            if becomes_current {
                self.redescribe(photo, known.asset, candidate, &before, format)?;
            } else {
                let kept: Option<String> = self
                    .db
                    .prepare_cached("SELECT metadata FROM versions WHERE version = ?")?
                    .query_row([version], |row| row.get(0))?;
                // Whichever of several equal files came first, a sidecar beside any of them counts.
                let all = metadata_from(kept.as_deref())?.with_words_of(&candidate.metadata);
                self.learn(photo, (known.asset, version), candidate, all, before.1)?;
            }
            self.refresh_texts(photo)?;
        }
        self.tell_again(known.asset)?;
        Ok((known.asset, version))
    }

    /// Has the next manifest say what is known of a file now.
    fn tell_again(&self, asset: i64) -> Result<()> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO path_news(store, asset) SELECT store, ? FROM stores WHERE enabled")?
            .execute([asset])?;
        Ok(())
    }

    fn added(&mut self, candidate: &Candidate, at: Option<&PathRow>, beside: Option<i64>) -> Result<(i64, i64)> {
        let content = &candidate.fingerprint.blake3;
        let asset = self.new_asset(candidate.kind.asset(), candidate.kind, &candidate.keys, beside)?;
        let version = self.new_version(asset, candidate)?;
        self.put_path(candidate, at, asset, version)?;
        if let FileKind::Photo(format) = candidate.kind {
            self.new_photo(content, asset, &candidate.metadata, format)?;
        }
        Ok((asset, version))
    }

    /// A photo's row with all that follows from it; its asset, version and path are there already.
    pub(super) fn new_photo(
        &mut self,
        id: &ContentHash,
        asset: i64,
        metadata: &Metadata,
        format: Format,
    ) -> Result<i64> {
        let seat = self.free_seat(metadata.taken_at)?;
        self.db
            .prepare_cached(
                "INSERT INTO photos(seat, id, original, blake3, name, format, has_picture) VALUES (?, ?2, ?3, ?2, '', ?4, ?5)",
            )?
            .execute(params![seat.0, &id.0[..], asset, format.name(), metadata.has_picture])?;
        let photo = self.db.last_insert_rowid();
        self.db.prepare_cached("UPDATE assets SET photo = ? WHERE asset = ?")?.execute([photo, asset])?;
        self.index.set_seat(self.db, photo, Some(seat))?;
        self.describe(photo, id, None, (metadata, format))?;
        if let Some(rating) = metadata.rating.filter(|rating| rating.stars() > 0) {
            self.set_rating(photo, rating)?;
        }
        self.refresh_texts(photo)?;
        self.apply_log(photo, id)?;
        Ok(photo)
    }

    /// An asset with the first free key. `current` is set by its first version.
    pub(super) fn new_asset(
        &mut self,
        asset: AssetKind,
        kind: FileKind,
        keys: &[ProposedKey],
        photo: Option<i64>,
    ) -> Result<i64> {
        let key = self.free_key(keys)?;
        let format = if let FileKind::Photo(format) = kind { Some(format.name()) } else { None };
        self.db
            .prepare_cached(
                "INSERT INTO assets(photo, kind, format, key, fold, current, size) VALUES (?, ?, ?, ?, ?, 0, 0)",
            )?
            .execute(params![photo, asset.name(), format, key.key.0, key.fold])?;
        Ok(self.db.last_insert_rowid())
    }

    pub(super) fn free_key<'k>(&self, keys: &'k [ProposedKey]) -> Result<&'k ProposedKey> {
        let mut taken = self.db.prepare_cached("SELECT 1 FROM assets WHERE fold = ?")?;
        for key in keys {
            if !taken.exists([&key.fold])? {
                return Ok(key);
            }
        }
        let last = keys.last().map_or("", |key| key.key.0.as_str());
        Err(CatalogError::Refused(format!("another file has this name in the store already: {last}")))
    }

    /// A new current content of an asset, queued for every enabled store.
    fn new_version(&mut self, asset: i64, candidate: &Candidate) -> Result<i64> {
        let metadata = matches!(candidate.kind, FileKind::Photo(_)).then(|| metadata_json(&candidate.metadata));
        let print = &candidate.fingerprint;
        self.db
            .prepare_cached(
                "INSERT INTO versions(asset, n, size, crc, blake3, mtime, metadata)
                 VALUES (?1, (SELECT ifnull(max(n), 0) + 1 FROM versions WHERE asset = ?1), ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                asset,
                print.size,
                print.crc64nvme.0.cast_signed(),
                &print.blake3.0[..],
                candidate.mtime_ns.div_euclid(1_000_000),
                metadata
            ])?;
        let version = self.db.last_insert_rowid();
        self.db
            .prepare_cached("UPDATE assets SET current = ?, size = ? WHERE asset = ?")?
            .execute(params![version, print.size, asset])?;
        self.db
            .prepare_cached("INSERT OR IGNORE INTO uploads(store, version) SELECT store, ? FROM stores WHERE enabled")?
            .execute([version])?;
        Ok(version)
    }

    /// Records that a path has a content. Whoever had the path before keeps it as a path that is gone.
    fn put_path(&mut self, candidate: &Candidate, at: Option<&PathRow>, asset: i64, version: i64) -> Result<()> {
        if let Some(at) = at {
            self.db.prepare_cached("UPDATE paths SET gone = 1 WHERE row = ?")?.execute([at.row])?;
        }
        let path = path_bytes(&candidate.path);
        self.db.prepare_cached("DELETE FROM paths WHERE asset = ? AND path = ?")?.execute(params![asset, path])?;
        let depth = depth(&candidate.path, &candidate.root);
        self.db
            .prepare_cached("INSERT INTO paths(asset, version, size, mtime_ns, depth, path) VALUES (?, ?, ?, ?, ?, ?)")?
            .execute(params![asset, version, candidate.size, candidate.mtime_ns, depth, path])?;
        if let Some((at, photo)) = at.and_then(|at| Some((at, at.photo?)))
            && at.asset != asset
            && at.kind == AssetKind::Original.name()
        {
            self.refresh_texts(photo)?;
        }
        Ok(())
    }

    /// Whoever imports a photo wants to see it, also if it was removed from the library before.
    fn show_again(&mut self, photo: i64, now: Timestamp) -> Result<()> {
        if self.is_hidden(photo)? {
            let id = self.id_of(photo)?;
            let shown = |_: &EditValue| EditValue::Truth(false);
            self.gesture(&[(photo, id)], &[(&Field::Hidden, shown)], "Import again", now)?;
        }
        Ok(())
    }
}

pub(super) fn metadata_json(metadata: &Metadata) -> String {
    // Floats that are no numbers would be the only way to fail; they become null.
    serde_json::to_string(metadata).unwrap_or_else(|_| "{}".to_owned())
}

/// The bounds between which all paths `stem.…` lie.
fn siblings(stem: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let with = |end: u8| [stem, &[end]].concat();
    (with(b'.'), with(b'.' + 1))
}

/// How many of a path's last folders belong to the library: the root's name and what is below it.
fn depth(path: &Path, root: &Path) -> u16 {
    let below = path.strip_prefix(root).map_or(1, |rest| rest.components().count());
    let named = usize::from(root.file_name().is_some());
    // The file itself is one of those below.
    u16::try_from((below + named).saturating_sub(1)).unwrap_or(u16::MAX)
}
