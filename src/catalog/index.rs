//! The search index: for every word, tag and property, which photos have it.
//!
//! Not FTS5, for three reasons. A query over common terms must not walk long lists row by row: here each term is a set
//! of bits (245 rows for a million photos), so that `and`, `or`, `not` and counting cost microseconds whatever the
//! terms, and the worst case is as good as the usual one. An edit of 10,000 ratings changes a few bits instead of
//! writing 10,000 documents again. And the tags' words need no copy per photo: a word looks up the tags that have it.
//!
//! Photos are numbered densely, so a block of bits covers 4,096 numbers. `chunks` holds the seats of a block's photos
//! (0 for those not shown) and so turns bits into the order on the screen. Beginnings of words up to three letters are
//! tokens of their own; longer ones are looked up in the vocabulary.
//!
//! [`Index`] collects the changes of one transaction and writes each block once.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::bits::{BLOCK_PHOTOS, Block, place};
use super::error::{CatalogError, Result};
use crate::domain::Seat;
use crate::domain::query::words::{fold, words};
use crate::domain::tag::TagName;

/// What a token says of a photo. The numbers are in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A word of its texts.
    Word = 0,
    /// The beginning, up to three characters, of one of its words.
    Beginning = 1,
    /// A tag.
    Tag = 2,
    /// Its camera, folded.
    Camera = 3,
    /// Its lens, folded.
    Lens = 4,
    /// Its ISO value.
    Iso = 5,
    /// Its format.
    Format = 6,
    /// Its stars, from 1.
    Rating = 7,
    /// Pick or reject.
    Flag = 8,
    /// In every enabled store (`yes`).
    Stored = 9,
    /// Shown, not removed from the library (`yes`).
    Live = 10,
    /// Its aperture in tenths of the f-number.
    Aperture = 11,
    /// A bit of its length in steps of 1,024 bytes: `0` is the lowest.
    Size = 12,
    /// A batch that it was stored in.
    Batch = 13,
    /// A word of its place.
    PlaceWord = 14,
    /// A cell of the globe: see cells.rs.
    Cell = 15,
    /// A word that is written in the picture.
    Text = 16,
    /// Somebody who is in the picture, folded.
    Person = 17,
    /// Its city, region or country, folded.
    Place = 18,
    /// Its colour label.
    Label = 24,
}

impl Kind {
    /// Whether people see its tokens as they were spelled, with counts.
    pub(super) fn is_named(self) -> bool {
        matches!(self, Self::Camera | Self::Lens | Self::Person | Self::Place)
    }
}

/// The longest beginning that has a token.
pub(super) const BEGINNING_CHARS: usize = 3;

/// The changes of a transaction, on their way into the index.
#[derive(Debug, Default)]
pub(super) struct Index {
    tokens: HashMap<(Kind, String), i64>,
    blocks: HashMap<(i64, i64), Block>,
    seats: HashMap<i64, Vec<i64>>,
    tag_photos: HashMap<i64, i64>,
    known_tags: HashSet<i64>,
    facet_photos: HashMap<i64, i64>,
    known_facets: HashSet<i64>,
}

fn damaged(what: &str) -> CatalogError {
    CatalogError::Corrupt { detail: format!("{what} of the search index"), path: std::path::PathBuf::new() }
}

/// The seats of a block from its row.
pub(super) fn read_seats(bytes: &[u8]) -> Result<Vec<i64>> {
    if bytes.len() != BLOCK_PHOTOS * 8 {
        return Err(damaged("a block of seats"));
    }
    Ok(bytes.chunks_exact(8).map(|seat| i64::from_le_bytes(seat.try_into().unwrap_or_default())).collect())
}

impl Index {
    /// The token for a text, made where it is new.
    pub(super) fn token(&mut self, db: &Connection, kind: Kind, text: &str) -> Result<i64> {
        // Vocabularies are small next to photos; the cache is dropped before it is not.
        if self.tokens.len() > 200_000 {
            self.tokens.clear();
            self.known_tags.clear();
            self.known_facets.clear();
        }
        let key = (kind, text.to_owned());
        if let Some(token) = self.tokens.get(&key) {
            return Ok(*token);
        }
        let found = db
            .prepare_cached("SELECT token FROM tokens WHERE kind = ? AND text = ?")?
            .query_row(params![kind as i64, text], |row| row.get(0))
            .optional()?;
        let token = match found {
            Some(token) => token,
            None => {
                db.prepare_cached("INSERT INTO tokens(kind, text) VALUES (?, ?)")?
                    .execute(params![kind as i64, text])?;
                db.last_insert_rowid()
            }
        };
        self.tokens.insert(key, token);
        Ok(token)
    }

    /// The number of a tag, made where it is new; its first spelling stays.
    pub(super) fn tag(&mut self, db: &Connection, name: &TagName) -> Result<i64> {
        let tag = self.token(db, Kind::Tag, &name.key())?;
        let new = db
            .prepare_cached("INSERT OR IGNORE INTO tags(tag, name) VALUES (?, ?)")?
            .execute(params![tag, name.as_str()])?;
        if new > 0 {
            let mut insert = db.prepare_cached("INSERT OR IGNORE INTO tag_words(word, tag) VALUES (?, ?)")?;
            for word in words(name.as_str()) {
                insert.execute(params![word, tag])?;
            }
        }
        self.known_tags.insert(tag);
        Ok(tag)
    }

    /// Says whether a photo has a token; whether that changed.
    pub(super) fn set(&mut self, db: &Connection, token: i64, photo: i64, on: bool) -> Result<bool> {
        let (chunk, slot) = place(photo);
        if let Some(block) = self.blocks.get_mut(&(token, chunk)) {
            return Ok(block.set(slot, on));
        }
        let bytes: Option<Vec<u8>> = db
            .prepare_cached("SELECT bits FROM bits WHERE token = ? AND chunk = ?")?
            .query_row([token, chunk], |row| row.get(0))
            .optional()?;
        let mut block = Block::empty();
        block.add_encoded(&bytes.unwrap_or_default()).ok_or_else(|| damaged("a block"))?;
        let changed = block.set(slot, on);
        if changed {
            self.blocks.insert((token, chunk), block);
        }
        Ok(changed)
    }

    /// The same by kind and text.
    pub(super) fn set_text(&mut self, db: &Connection, kind: Kind, text: &str, photo: i64, on: bool) -> Result<bool> {
        let token = self.token(db, kind, text)?;
        self.set(db, token, photo, on)
    }

    /// Says whether a photo has a property that people see under its name, which is kept as it was spelled first.
    pub(super) fn set_named(&mut self, db: &Connection, kind: Kind, name: &str, photo: i64, on: bool) -> Result<()> {
        debug_assert!(kind.is_named());
        let token = self.token(db, kind, &fold(name))?;
        if on {
            self.name_facet(db, kind, token, name)?;
        }
        if self.set(db, token, photo, on)? {
            self.count_facet(token, if on { 1 } else { -1 });
        }
        Ok(())
    }

    /// Keeps a token's name.
    pub(super) fn name_facet(&mut self, db: &Connection, kind: Kind, token: i64, name: &str) -> Result<()> {
        if self.known_facets.insert(token) {
            db.prepare_cached("INSERT OR IGNORE INTO facets(token, kind, name) VALUES (?, ?, ?)")?.execute(params![
                token,
                kind as i64,
                name
            ])?;
        }
        Ok(())
    }

    /// Counts a named token on so many more photos.
    pub(super) fn count_facet(&mut self, token: i64, more: i64) {
        *self.facet_photos.entry(token).or_default() += more;
    }

    /// Where a photo is shown; `None`: nowhere.
    pub(super) fn set_seat(&mut self, db: &Connection, photo: i64, seat: Option<Seat>) -> Result<()> {
        let (chunk, slot) = place(photo);
        let seats = match self.seats.entry(chunk) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let bytes: Option<Vec<u8>> = db
                    .prepare_cached("SELECT seats FROM chunks WHERE chunk = ?")?
                    .query_row([chunk], |row| row.get(0))
                    .optional()?;
                new.insert(bytes.map_or_else(|| Ok(vec![0; BLOCK_PHOTOS]), |bytes| read_seats(&bytes))?)
            }
        };
        seats[slot] = seat.map_or(0, |seat| seat.0);
        self.set_text(db, Kind::Live, "yes", photo, seat.is_some())?;
        Ok(())
    }

    /// Counts a tag on so many more shown photos.
    pub(super) fn count_tag(&mut self, tag: i64, more: i64) {
        *self.tag_photos.entry(tag).or_default() += more;
    }

    /// Replaces the words of a photo: one text per field, so that phrases do not reach over.
    pub(super) fn set_words(&mut self, db: &Connection, photo: i64, texts: &[String]) -> Result<()> {
        let mut document = Vec::new();
        let mut now = HashSet::new();
        for text in texts {
            for word in words(text) {
                let token = self.token(db, Kind::Word, &word)?;
                put_varint(&mut document, token);
                now.insert(token);
                for (count, (end, c)) in word.char_indices().enumerate().take(BEGINNING_CHARS) {
                    debug_assert!(count < BEGINNING_CHARS);
                    now.insert(self.token(db, Kind::Beginning, &word[..end + c.len_utf8()])?);
                }
            }
            put_varint(&mut document, 0);
        }
        let old: Option<Vec<u8>> = db
            .prepare_cached("SELECT words FROM docs WHERE photo = ?")?
            .query_row([photo], |row| row.get(0))
            .optional()?;
        if old.as_deref() == Some(&document) {
            return Ok(());
        }
        let mut before = HashSet::new();
        for token in varints(&old.unwrap_or_default()).filter(|token| *token != 0) {
            before.insert(token);
            let text: Option<String> = db
                .prepare_cached("SELECT text FROM tokens WHERE token = ?")?
                .query_row([token], |row| row.get(0))
                .optional()?;
            let text = text.unwrap_or_default();
            for (end, c) in text.char_indices().take(BEGINNING_CHARS) {
                before.insert(self.token(db, Kind::Beginning, &text[..end + c.len_utf8()])?);
            }
        }
        for token in before.difference(&now) {
            self.set(db, *token, photo, false)?;
        }
        for token in now.difference(&before) {
            self.set(db, *token, photo, true)?;
        }
        db.prepare_cached("INSERT OR REPLACE INTO docs(photo, words) VALUES (?, ?)")?
            .execute(params![photo, document])?;
        Ok(())
    }

    /// Writes all changes; to be called before the transaction is committed.
    pub(super) fn flush(&mut self, db: &Connection) -> Result<()> {
        let mut blocks: Vec<_> = self.blocks.drain().collect();
        // In key order, so that each page of the table is touched once.
        blocks.sort_unstable_by_key(|(key, _)| *key);
        let mut keep = db.prepare_cached("INSERT OR REPLACE INTO bits(token, chunk, bits) VALUES (?, ?, ?)")?;
        let mut drop = db.prepare_cached("DELETE FROM bits WHERE token = ? AND chunk = ?")?;
        for ((token, chunk), block) in blocks {
            if block.is_empty() {
                drop.execute([token, chunk])?;
            } else {
                keep.execute(params![token, chunk, block.encode()])?;
            }
        }
        let mut keep =
            db.prepare_cached("INSERT OR REPLACE INTO chunks(chunk, oldest, newest, seats) VALUES (?, ?, ?, ?)")?;
        for (chunk, seats) in self.seats.drain() {
            let shown = seats.iter().filter(|seat| **seat > 0);
            let (oldest, newest) = (shown.clone().min().copied().unwrap_or(0), shown.max().copied().unwrap_or(0));
            let bytes: Vec<u8> = seats.iter().flat_map(|seat| seat.to_le_bytes()).collect();
            keep.execute(params![chunk, oldest, newest, bytes])?;
        }
        let mut count = db.prepare_cached("UPDATE tags SET photos = photos + ? WHERE tag = ?")?;
        for (tag, more) in self.tag_photos.drain().filter(|(_, more)| *more != 0) {
            count.execute([more, tag])?;
        }
        let mut count = db.prepare_cached("UPDATE facets SET photos = photos + ? WHERE token = ?")?;
        for (token, more) in self.facet_photos.drain().filter(|(_, more)| *more != 0) {
            count.execute([more, token])?;
        }
        Ok(())
    }
}

/// Appends a number in 7-bit groups, lowest first.
fn put_varint(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = number.unsigned_abs();
    while rest >= 0x80 {
        bytes.push((rest & 0x7F) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// Reads what [`put_varint`] wrote; ends where the bytes do.
pub(super) fn varints(bytes: &[u8]) -> impl Iterator<Item = i64> + '_ {
    let mut rest = bytes.iter();
    std::iter::from_fn(move || {
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let byte = *rest.next()?;
            number |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 || shift > 56 {
                return Some(number as i64);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_go_both_ways(numbers in proptest::collection::vec(0_i64..1 << 50, 0..20)) {
            let mut bytes = Vec::new();
            for number in &numbers {
                put_varint(&mut bytes, *number);
            }
            prop_assert_eq!(varints(&bytes).collect::<Vec<_>>(), numbers);
        }

        #[test]
        fn damaged_documents_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = varints(&bytes).count();
        }
    }
}
