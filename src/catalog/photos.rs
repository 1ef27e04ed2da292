//! Keeping a photo's row, words, tags and state in step with what is known of it.

use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension as _, params};

use super::cells;
use super::damage::SOUND;
use super::detail::current_metadata;
use super::error::{CatalogError, Result};
use super::index::Kind;
use super::reader::{damaged, hash};
use super::vocabulary::{PlacedBy, meant};
use super::writer::Tx;
use crate::domain::card::TagSource;
use crate::domain::path_text::path_from_bytes;
use crate::domain::places::{self, Place};
use crate::domain::query::words::words;
use crate::domain::tag::{TagName, derive_tags};
use crate::domain::{ContentHash, Format, Metadata, Seat, TakenAt};

/// A tag that a photo should have.
pub(super) struct WantedTag {
    pub name: TagName,
    pub source: TagSource,
    /// How sure a machine is, in percent.
    pub confidence: Option<f32>,
    /// What a machine says it is a kind of.
    pub parent: Option<TagName>,
}
/// How many bits of a length are kept, in steps of 1,024 bytes: up to 4 TB.
pub(super) const SIZE_BITS: usize = 32;
/// Their names in the index.
pub(super) const SIZE_NAMES: [&str; SIZE_BITS] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
    "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31",
];

pub(super) fn source_number(source: TagSource) -> i64 {
    match source {
        TagSource::User => 0,
        TagSource::Keyword => 1,
        TagSource::Derived => 2,
        TagSource::Aws => 3,
        TagSource::Device => 4,
    }
}

/// What the fields of the search language look at, as far as it is read from the file.
pub(super) fn facets(metadata: &Metadata, format: Format) -> Vec<(Kind, String)> {
    let mut facets = vec![(Kind::Format, format.name().to_owned())];
    facets.extend(metadata.camera().map(|camera| (Kind::Camera, camera)));
    facets.extend(metadata.lens.as_ref().map(|lens| (Kind::Lens, lens.clone())));
    facets.extend(metadata.iso.map(|iso| (Kind::Iso, iso.to_string())));
    let aperture = metadata.f_number.filter(|number| (0.0..10_000.0).contains(number));
    facets.extend(aperture.map(|number| (Kind::Aperture, (number * 10.0).round().to_string())));
    if let Some(gps) = metadata.gps.filter(places::is_real) {
        facets.extend(cells::of(gps.latitude, gps.longitude).map(|cell| (Kind::Cell, cell)));
        for name in places::shipped().at(&gps).iter().flat_map(Place::names) {
            for (kind, text) in
                words(name).into_iter().map(|word| (Kind::PlaceWord, word)).chain([(Kind::Place, name.to_owned())])
            {
                // A city and its region may share their name.
                if !facets.contains(&(kind, text.clone())) {
                    facets.push((kind, text));
                }
            }
        }
    }
    facets
}

impl Tx<'_> {
    /// A free seat for a moment, or for no moment.
    pub(super) fn free_seat(&self, taken_at: Option<TakenAt>) -> Result<Seat> {
        let mut exists = self.db.prepare_cached("SELECT 1 FROM photos WHERE seat = ?")?;
        let Some(taken_at) = taken_at else {
            // Below the last one given, so that one import's undated photos stay in the order of their paths.
            let mut lowest = self.db.prepare_cached("SELECT min(seat) FROM photos WHERE seat <= ?")?;
            let lowest: Option<i64> = lowest.query_row([Seat::FIRST_UNDATED.0], |row| row.get(0))?;
            return match lowest.map_or(Seat::FIRST_UNDATED.0, |seat| seat - 1) {
                seat if seat > 0 => Ok(Seat(seat)),
                _ => Err(CatalogError::Refused("the library is full".to_owned())),
            };
        };
        let mut first = Seat::first_for(taken_at);
        loop {
            // Below everything of this millisecond that is there; usually nothing is.
            let low = first.0 & !1023;
            let mut lowest = self.db.prepare_cached("SELECT min(seat) FROM photos WHERE seat BETWEEN ? AND ?")?;
            let lowest: Option<i64> = lowest.query_row([low, first.0], |row| row.get(0))?;
            let seat = lowest.map_or(first.0, |seat| seat - 1);
            if seat >= low && !exists.exists([seat])? {
                return Ok(Seat(seat));
            }
            // More than a thousand photos claim one millisecond: the next goes to the millisecond before.
            first = Seat(low - 1);
            if first.day().is_none() {
                return self.free_seat(None);
            }
        }
    }

    /// Writes a photo's content and metadata into its row and the index. `before` is what the index has now.
    pub(super) fn describe(
        &mut self,
        photo: i64,
        content: &ContentHash,
        before: Option<(&Metadata, Format)>,
        now: (&Metadata, Format),
    ) -> Result<()> {
        let (metadata, format) = now;
        self.db
            .prepare_cached(
                "UPDATE photos SET blake3 = ?2, format = ?3, width_px = ?4, height_px = ?5, taken_ms = ?6,
                 offset_minutes = ?7, has_picture = ?8 WHERE photo = ?1",
            )?
            .execute(params![
                photo,
                &content.0[..],
                format.name(),
                metadata.width_px,
                metadata.height_px,
                metadata.taken_at.map(|taken| taken.local_ms),
                metadata.taken_at.and_then(|taken| taken.offset_minutes),
                metadata.has_picture,
            ])?;
        if let Some((old, _)) = before
            && old.taken_at.map(|taken| taken.local_ms) != metadata.taken_at.map(|taken| taken.local_ms)
        {
            let seat = self.free_seat(metadata.taken_at)?;
            self.db.prepare_cached("UPDATE photos SET seat = ? WHERE photo = ?")?.execute([seat.0, photo])?;
            if !self.is_hidden(photo)? {
                self.index.set_seat(self.db, photo, Some(seat))?;
            }
        }
        let old = before.map(|(metadata, format)| facets(metadata, format)).unwrap_or_default();
        let new = facets(metadata, format);
        for (kind, text) in old.iter().filter(|facet| !new.contains(facet)) {
            self.set_facet(*kind, text, photo, false)?;
        }
        for (kind, text) in new.iter().filter(|facet| !old.contains(facet)) {
            self.set_facet(*kind, text, photo, true)?;
        }
        self.index_size(photo, before.is_none())
    }

    pub(super) fn set_facet(&mut self, kind: Kind, text: &str, photo: i64, on: bool) -> Result<()> {
        if kind.is_named() {
            return self.index.set_named(self.db, kind, text, photo, on);
        }
        self.index.set_text(self.db, kind, text, photo, on).map(drop)
    }

    /// Puts the length of a photo's current content into the index. `first`: nothing of it is there yet.
    pub(super) fn index_size(&mut self, photo: i64, first: bool) -> Result<()> {
        let mut size = self
            .db
            .prepare_cached("SELECT a.size FROM photos p JOIN assets a ON a.asset = p.original WHERE p.photo = ?")?;
        let size: u64 = size.query_row([photo], |row| row.get(0))?;
        let steps = u32::try_from(size >> 10).unwrap_or(u32::MAX);
        for (bit, name) in SIZE_NAMES.iter().enumerate() {
            let on = steps >> bit & 1 == 1;
            if on || !first {
                self.index.set_text(self.db, Kind::Size, name, photo, on)?;
            }
        }
        Ok(())
    }

    /// Notes that a photo was stored in a batch.
    pub(super) fn index_batch(&mut self, photo: i64, batch: i64) -> Result<()> {
        let mut ulid = self.db.prepare_cached("SELECT ulid FROM batches WHERE batch = ?")?;
        let ulid: String = ulid.query_row([batch], |row| row.get(0))?;
        self.index.set_text(self.db, Kind::Batch, &ulid, photo, true).map(drop)
    }

    pub(super) fn is_hidden(&self, photo: i64) -> Result<bool> {
        let mut statement = self.db.prepare_cached("SELECT hidden FROM photos WHERE photo = ?")?;
        Ok(statement.query_row([photo], |row| row.get(0))?)
    }

    pub(super) fn seat_of(&self, photo: i64) -> Result<Seat> {
        let mut statement = self.db.prepare_cached("SELECT seat FROM photos WHERE photo = ?")?;
        Ok(Seat(statement.query_row([photo], |row| row.get(0))?))
    }

    /// The photo's id.
    pub(super) fn id_of(&self, photo: i64) -> Result<ContentHash> {
        let mut statement = self.db.prepare_cached("SELECT id FROM photos WHERE photo = ?")?;
        let mut rows = statement.query([photo])?;
        rows.next()?.map_or_else(|| Err(CatalogError::NotFound("a photo".to_owned())), |row| hash(row, 0))
    }

    /// The asset that is the photo itself.
    pub(super) fn original_of(&self, photo: i64) -> Result<i64> {
        let mut statement = self.db.prepare_cached("SELECT original FROM photos WHERE photo = ?")?;
        Ok(statement.query_row([photo], |row| row.get(0))?)
    }

    /// The photo's file name, and the folders that belong to the library, of all its paths; of those that are gone
    /// only where nothing else is left.
    fn names_and_folders(&self, original: i64) -> Result<(Vec<String>, Vec<String>)> {
        let mut statement = self
            .db
            .prepare_cached("SELECT path, depth, gone FROM paths WHERE asset = ? ORDER BY gone, path LIMIT 64")?;
        let rows: Vec<(Vec<u8>, usize, bool)> = statement
            .query_map([original], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let (mut names, mut folders) = (Vec::new(), Vec::new());
        let all_gone = rows.first().is_some_and(|row| row.2);
        for (index, (path, depth, gone)) in rows.into_iter().enumerate() {
            if gone && (!all_gone || index > 0) {
                break;
            }
            let path = path_from_bytes(path);
            let mut parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            if let Some(name) = parts.pop()
                && !names.contains(&name)
            {
                names.push(name);
            }
            for folder in parts.split_off(parts.len().saturating_sub(depth)) {
                if !folders.contains(&folder) {
                    folders.push(folder);
                }
            }
        }
        Ok((names, folders))
    }

    /// Brings words and derived tags up to date, after a change of paths, metadata or caption.
    pub(super) fn refresh_texts(&mut self, photo: i64) -> Result<()> {
        let mut row = self.db.prepare_cached("SELECT original, caption FROM photos WHERE photo = ?")?;
        let (original, caption): (i64, Option<String>) =
            row.query_row([photo], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let metadata = current_metadata(self.db, original)?;
        let (names, folders) = self.names_and_folders(original)?;
        if let Some(name) = names.first() {
            self.db
                .prepare_cached("UPDATE photos SET name = ?1 WHERE photo = ?2 AND name <> ?1")?
                .execute(params![name, photo])?;
        }
        let said = |(name, source)| WantedTag { name, source, confidence: None, parent: None };
        let mut tags: Vec<WantedTag> = derive_tags(&metadata, &folders).into_iter().map(said).collect();
        let content = self.content_of(photo)?;
        tags.extend(self.machine_tags(&content)?);
        self.index_read_text(photo, original, &content)?;
        let mut texts = names;
        texts.extend(folders);
        texts.extend(metadata.title);
        texts.extend(caption.or(metadata.caption));
        self.index.set_words(self.db, photo, &texts)?;
        self.refresh_tags(photo, tags)
    }

    fn content_of(&self, photo: i64) -> Result<ContentHash> {
        let mut statement = self.db.prepare_cached("SELECT blake3 FROM photos WHERE photo = ?")?;
        statement.query_row([photo], |row| Ok(hash(row, 0)))?
    }

    fn refresh_tags(&mut self, photo: i64, wanted: Vec<WantedTag>) -> Result<()> {
        let mut statement = self.db.prepare_cached("SELECT tag, source, removed FROM photo_tags WHERE photo = ?")?;
        let mut known: HashMap<i64, (i64, bool)> = statement
            .query_map([photo], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
            .collect::<rusqlite::Result<_>>()?;
        let mut done = HashSet::new();
        for WantedTag { name, source, confidence, parent } in wanted {
            let name = meant(self.db, &name)?;
            let tag = self.index.tag(self.db, &name)?;
            if parent.is_some() {
                self.place_tag(tag, parent.as_ref(), PlacedBy::Machine)?;
            }
            // The first reason is the one that counts: what stands in the file, before what a machine sees.
            if !done.insert(tag) {
                continue;
            }
            let source = source_number(source);
            // Whoever removed it meant it; whoever added it by hand keeps it as theirs.
            match known.remove(&tag) {
                None => {
                    self.db
                        .prepare_cached("INSERT INTO photo_tags(photo, tag, source, confidence) VALUES (?, ?, ?, ?)")?
                        .execute(params![photo, tag, source, confidence])?;
                    self.mark_tag(photo, tag, true)?;
                }
                Some((before, _)) if before != source_number(TagSource::User) => {
                    self.db
                        .prepare_cached(
                            "UPDATE photo_tags SET source = ?3, confidence = ?4 WHERE photo = ?1 AND tag = ?2
                               AND (source <> ?3 OR confidence IS NOT ?4)",
                        )?
                        .execute(params![photo, tag, source, confidence])?;
                }
                Some(_) => {}
            }
        }
        for (tag, (source, removed)) in known {
            if source == source_number(TagSource::User) || removed {
                continue;
            }
            let mut name = self.db.prepare_cached("SELECT name FROM tags WHERE tag = ?")?;
            let name: String = name.query_row([tag], |row| row.get(0))?;
            let name = TagName::new(&name).map_err(|_| damaged("tag"))?;
            if self.was_tagged(&self.id_of(photo)?, &name)? {
                // Its reason is gone, but a person put it back by hand once: it is theirs now.
                let mut keep =
                    self.db.prepare_cached("UPDATE photo_tags SET source = 0 WHERE photo = ? AND tag = ?")?;
                keep.execute([photo, tag])?;
            } else {
                self.db.prepare_cached("DELETE FROM photo_tags WHERE photo = ? AND tag = ?")?.execute([photo, tag])?;
                self.mark_tag(photo, tag, false)?;
            }
        }
        Ok(())
    }

    /// Sets a tag's bit and counts it.
    pub(super) fn mark_tag(&mut self, photo: i64, tag: i64, on: bool) -> Result<()> {
        if self.index.set(self.db, tag, photo, on)? && !self.is_hidden(photo)? {
            self.index.count_tag(tag, if on { 1 } else { -1 });
        }
        Ok(())
    }

    /// Shows a photo or removes it from what is shown.
    pub(super) fn set_hidden(&mut self, photo: i64, hidden: bool) -> Result<()> {
        let changed = self
            .db
            .prepare_cached("UPDATE photos SET hidden = ?2 WHERE photo = ?1 AND hidden <> ?2")?
            .execute(params![photo, hidden])?;
        if changed == 0 {
            return Ok(());
        }
        let seat = self.seat_of(photo)?;
        self.index.set_seat(self.db, photo, (!hidden).then_some(seat))?;
        let mut statement = self.db.prepare_cached("SELECT tag FROM photo_tags WHERE photo = ? AND removed = 0")?;
        let tags: Vec<i64> = statement.query_map([photo], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for tag in tags {
            self.index.count_tag(tag, if hidden { -1 } else { 1 });
        }
        if hidden { Ok(()) } else { self.store_again(photo) }
    }

    /// Works out how far a photo is on its way into every enabled store, from its files, receipts and queue.
    pub(super) fn refresh_stored(&mut self, photo: i64) -> Result<()> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT EXISTS(SELECT 1 FROM receipts r WHERE r.store = s.store AND r.version = a.current{SOUND}),
               (SELECT u.state FROM uploads u WHERE u.store = s.store AND u.version = a.current)
             FROM assets a JOIN stores s ON s.enabled WHERE a.photo = ?"
        ))?;
        let files: Vec<(bool, Option<i64>)> =
            statement.query_map([photo], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let worst = files.iter().filter(|(proved, _)| !proved).map(|(_, state)| state.unwrap_or(0)).max();
        let state = match worst {
            Some(state) => state,
            None if files.is_empty() => 0,
            None => 3,
        };
        let changed = self
            .db
            .prepare_cached("UPDATE photos SET stored = ?2 WHERE photo = ?1 AND stored <> ?2")?
            .execute([photo, state])?;
        if changed > 0 {
            self.index.set_text(self.db, Kind::Stored, "yes", photo, state == 3)?;
        }
        Ok(())
    }

    /// The format and metadata that the index has of a photo.
    pub(super) fn described(&self, photo: i64) -> Result<(Metadata, Format)> {
        let mut statement = self.db.prepare_cached("SELECT original, format FROM photos WHERE photo = ?")?;
        let (original, format): (i64, String) = statement.query_row([photo], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let format = Format::from_name(&format).ok_or_else(|| damaged("format"))?;
        Ok((current_metadata(self.db, original)?, format))
    }

    /// The photo with an id.
    pub(super) fn photo_with(&self, id: &ContentHash) -> Result<Option<i64>> {
        let mut statement = self.db.prepare_cached("SELECT photo FROM photos WHERE id = ?")?;
        Ok(statement.query_row([&id.0[..]], |row| row.get(0)).optional()?)
    }
}
