//! Reading: lists, cards and figures. Each reader has its own connection; make one per worker thread.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::error::{CatalogError, Result};
use super::index::Kind;
use super::search::Search;
use super::types::{Known, ResolveError, Status, Stop, TagCount};
use crate::domain::path_text::path_bytes;
use crate::domain::query::{Query, Scope};
use crate::domain::tag::TagName;
use crate::domain::{
    Card, ColourLabel, ContentHash, Flag, Format, PhotoId, PhotoNum, Rating, Seat, StoredState, TakenAt, Timestamp,
};

/// How many of the most used tags are looked at first for a beginning.
const MOST_USED: usize = 2_000;

/// A read-only view of the catalogue. `Send`, not `Sync`.
#[derive(Debug)]
pub struct Reader {
    pub(super) db: Connection,
}

/// What a column holds is not what the schema says.
pub(super) fn damaged(what: &str) -> CatalogError {
    CatalogError::Corrupt { detail: format!("a wrong {what}"), path: std::path::PathBuf::new() }
}

/// A content hash from a column.
pub(super) fn hash(row: &Row<'_>, column: usize) -> Result<ContentHash> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|_| damaged("hash"))?;
    Ok(ContentHash(bytes.try_into().map_err(|_| damaged("hash"))?))
}

/// The columns that [`card`] reads, in its order.
pub(super) const CARD_COLUMNS: &str = "photo, seat, id, blake3, name, format, width_px, height_px, taken_ms, \
     offset_minutes, rating, flag, turns, stored, has_picture, label";

/// A card from [`CARD_COLUMNS`], and the photo's number.
pub(super) fn card(db: &Connection, row: &Row<'_>) -> Result<(PhotoNum, Card)> {
    let photo: i64 = row.get(0)?;
    let turns = row.get::<_, i64>(12)?.rem_euclid(4) as u8;
    let size = |column| -> Result<Option<u32>> { Ok(row.get(column)?) };
    let size_px =
        size(6)?.zip(size(7)?).map(|(width, height)| if turns % 2 == 1 { (height, width) } else { (width, height) });
    let card = Card {
        seat: Seat(row.get(1)?),
        id: PhotoId(hash(row, 2)?),
        blake3: hash(row, 3)?,
        name: row.get(4)?,
        format: Format::from_name(row.get_ref(5)?.as_str().unwrap_or_default()).ok_or_else(|| damaged("format"))?,
        size_px,
        taken_at: taken_at(row, 8)?,
        rating: Rating::new(row.get(10)?).ok_or_else(|| damaged("rating"))?,
        flag: flag_from_number(row.get(11)?),
        label: label_from_number(row.get(15)?),
        quarter_turns: turns,
        stored: stored_state(db, photo, row.get(13)?)?,
        has_picture: row.get(14)?,
    };
    Ok((PhotoNum(photo), card))
}

fn taken_at(row: &Row<'_>, column: usize) -> Result<Option<TakenAt>> {
    let local: Option<i64> = row.get(column)?;
    let offset_minutes = row.get(column + 1)?;
    Ok(local.map(|local_ms| TakenAt { local_ms, offset_minutes }))
}

/// Flags as the database has them: 0, 1, 2.
pub(super) fn flag_number(flag: Flag) -> i64 {
    match flag {
        Flag::None => 0,
        Flag::Pick => 1,
        Flag::Reject => 2,
    }
}

pub(super) fn flag_from_number(number: i64) -> Flag {
    match number {
        1 => Flag::Pick,
        2 => Flag::Reject,
        _ => Flag::None,
    }
}

/// Labels as the database has them: their place in the list of colours, 0 for none.
pub(super) fn label_from_number(number: i64) -> ColourLabel {
    ColourLabel::COLOURS.into_iter().find(|label| *label as i64 == number).unwrap_or_default()
}

/// The state behind the column `stored`; the reasons are looked up only where there are some.
fn stored_state(db: &Connection, photo: i64, state: i64) -> Result<StoredState> {
    if state == 3 {
        return Ok(StoredState::Stored);
    }
    if state == 0 {
        return Ok(StoredState::Queued);
    }
    let mut statement = db.prepare_cached(
        "SELECT u.until, u.why FROM assets a JOIN uploads u ON u.version = a.current WHERE a.photo = ? AND u.state = ?",
    )?;
    let found: Option<(Option<i64>, Option<String>)> =
        statement.query_row([photo, state], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (until, why) = found.unwrap_or_default();
    let why = why.unwrap_or_default();
    Ok(match state {
        1 => StoredState::Waiting { until: Timestamp(until.unwrap_or_default()), why },
        _ => StoredState::NeedsYou { why },
    })
}

impl Reader {
    /// Runs several statements on one state of the catalogue, whatever the writer does meanwhile.
    pub(super) fn at_once<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        // Read-only, so that dropping it (a rollback) is its proper end.
        let tx = self.db.unchecked_transaction()?;
        read(&tx)
    }

    /// Every photo that the query finds, newest first. Ties of the same millisecond are in order of arrival.
    ///
    /// # Errors
    /// [`CatalogError::Stopped`] soon after the stop; otherwise what the disk says.
    pub fn list(&self, query: &Query, stop: &Stop) -> Result<Vec<Seat>> {
        self.list_in(Scope::Library, query, stop)
    }

    /// [`Reader::list`] in another place than the library of now.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub fn list_in(&self, scope: Scope, query: &Query, stop: &Stop) -> Result<Vec<Seat>> {
        self.at_once(|db| {
            let search = Search::within(db, stop, query.scope(scope))?;
            search.all(&search.find(query)?)
        })
    }

    /// The first `limit` of [`Reader::list`], sooner.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub fn first_page(&self, query: &Query, limit: usize, stop: &Stop) -> Result<Vec<Seat>> {
        self.at_once(|db| {
            let search = Search::within(db, stop, query.scope(Scope::Library))?;
            search.first(&search.find(query)?, limit)
        })
    }

    /// The first `limit` with ties (the same millisecond, or no date at all) in order of path, and how many there are:
    /// what `search` prints.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub fn page_by_path(&self, query: &Query, limit: usize, stop: &Stop) -> Result<(u64, Vec<Seat>)> {
        self.page_by_path_in(Scope::Library, query, limit, stop)
    }

    /// [`Reader::page_by_path`] in another place than the library of now.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub fn page_by_path_in(&self, scope: Scope, query: &Query, limit: usize, stop: &Stop) -> Result<(u64, Vec<Seat>)> {
        self.at_once(|db| {
            let search = Search::within(db, stop, query.scope(scope))?;
            let set = search.find(query)?;
            let mut seats = search.first(&set, limit)?;
            // The last tie may go on beyond the page, and the path may choose others of it.
            if seats.len() == limit && let Some(last) = seats.last().copied() {
                seats.retain(|seat| !seat.ties_with(last));
                seats.extend(search.tied(&set, last)?);
            }
            let mut by_path = Vec::with_capacity(seats.len());
            let mut statement = db.prepare_cached(
                "SELECT path FROM paths WHERE asset = (SELECT original FROM photos WHERE seat = ?) ORDER BY gone, path LIMIT 1",
            )?;
            let mut tie = 0;
            for (index, seat) in seats.iter().enumerate() {
                if index > 0 && !seat.ties_with(seats[index - 1]) {
                    tie = index;
                }
                let alone = tie == index && seats.get(index + 1).is_none_or(|next| !next.ties_with(*seat));
                let path: Option<Vec<u8>> =
                    if alone { None } else { statement.query_row([seat.0], |row| row.get(0)).optional()? };
                by_path.push((tie, path, *seat));
            }
            by_path.sort();
            Ok((set.len(), by_path.into_iter().take(limit).map(|(_, _, seat)| seat).collect()))
        })
    }

    /// How many photos the query finds.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub fn count(&self, query: &Query, stop: &Stop) -> Result<u64> {
        self.at_once(|db| Ok(Search::within(db, stop, query.scope(Scope::Library))?.find(query)?.len()))
    }

    /// The cards of these seats, in the order given; seats where nobody sits any more are left out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn cards(&self, seats: &[Seat]) -> Result<Vec<Card>> {
        self.at_once(|db| {
            let mut statement = db.prepare_cached(&format!("SELECT {CARD_COLUMNS} FROM photos WHERE seat = ?"))?;
            let mut cards = Vec::with_capacity(seats.len());
            for seat in seats {
                let mut rows = statement.query([seat.0])?;
                if let Some(row) = rows.next()? {
                    cards.push(card(db, row)?.1);
                }
            }
            Ok(cards)
        })
    }

    /// The seat of a photo.
    ///
    /// # Errors
    /// What the disk says.
    pub fn seat(&self, id: PhotoId) -> Result<Option<Seat>> {
        let mut statement = self.db.prepare_cached("SELECT seat FROM photos WHERE id = ?")?;
        Ok(statement.query_row([&id.0.0[..]], |row| row.get(0)).optional()?.map(Seat))
    }

    /// Which photo a text means: its id, the content of any of its versions, a unique beginning of either (4 digits or
    /// more), or a path. Removed photos can be named too.
    ///
    /// # Errors
    /// Where it names none or several.
    pub fn resolve(&self, text: &str) -> std::result::Result<PhotoId, ResolveError> {
        if let Some(id) = self.photo_at(Path::new(text))? {
            return Ok(id);
        }
        let hex = text.to_ascii_lowercase();
        if !(4..=64).contains(&hex.len()) || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ResolveError::NotFound(text.chars().take(200).collect()));
        }
        let bound = |fill: char| -> std::result::Result<ContentHash, ResolveError> {
            format!("{hex}{}", fill.to_string().repeat(64 - hex.len()))
                .parse()
                .map_err(|_| ResolveError::NotFound(hex.clone()))
        };
        let (low, high) = (bound('0')?, bound('f')?);
        // A photo's own id comes first: nobody else may claim it by once having had the same content.
        let queries = [
            "SELECT id FROM photos WHERE id BETWEEN ?1 AND ?2 LIMIT 1000",
            "SELECT DISTINCT p.id FROM versions v JOIN assets a USING(asset) JOIN photos p USING(photo)
             WHERE v.blake3 BETWEEN ?1 AND ?2 AND a.kind = 'original' LIMIT 1000",
        ];
        let mut found: Vec<ContentHash> = Vec::new();
        for sql in queries {
            let mut statement = self.db.prepare_cached(sql).map_err(CatalogError::from)?;
            let mut rows = statement.query(params![&low.0[..], &high.0[..]]).map_err(CatalogError::from)?;
            while let Some(row) = rows.next().map_err(CatalogError::from)? {
                let id = hash(row, 0)?;
                if !found.contains(&id) {
                    found.push(id);
                }
            }
            if hex.len() == 64 && !found.is_empty() {
                break;
            }
        }
        match found.as_slice() {
            [] => Err(ResolveError::NotFound(hex)),
            [id] => Ok(PhotoId(*id)),
            several => Err(ResolveError::Ambiguous(hex, several.len() as u64)),
        }
    }

    /// The photo at a path, or that was there last.
    ///
    /// # Errors
    /// What the disk says.
    pub fn photo_at(&self, path: &Path) -> Result<Option<PhotoId>> {
        let mut statement = self.db.prepare_cached(
            "SELECT f.id FROM paths p JOIN assets a USING(asset) JOIN photos f USING(photo)
             WHERE p.path = ? AND p.gone = 0",
        )?;
        let mut rows = statement.query([path_bytes(path)])?;
        rows.next()?.map(|row| hash(row, 0).map(PhotoId)).transpose()
    }

    /// What is remembered of a file; `None` also where its photo was removed from the library, so that an import reads
    /// the file and shows the photo again.
    ///
    /// # Errors
    /// What the disk says.
    pub fn known(&self, path: &Path) -> Result<Option<Known>> {
        known(&self.db, path)
    }

    /// [`Reader::known`] for many files at once, in their order: half the time per file.
    ///
    /// # Errors
    /// What the disk says.
    pub fn known_all<P: AsRef<Path>>(&self, paths: &[P]) -> Result<Vec<Option<Known>>> {
        self.at_once(|db| paths.iter().map(|path| known(db, path.as_ref())).collect())
    }

    /// Tags that begin so, most used first; those on no shown photo are left out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn complete_tag(&self, beginning: &str, limit: usize) -> Result<Vec<TagCount>> {
        let key = TagName::new(beginning).map(|name| name.key()).unwrap_or_default();
        // Beginnings that many tags share are found among the most used ones, without looking at all that begin so.
        let mut most = self.db.prepare_cached(
            "SELECT g.name, g.photos, t.text FROM (SELECT tag, name, photos FROM tags INDEXED BY tags_most
               WHERE photos > 0 ORDER BY photos DESC LIMIT ?) g JOIN tokens t ON t.token = g.tag",
        )?;
        let mut rows = most.query([MOST_USED as i64])?;
        let mut found: Vec<(u64, String, String)> = Vec::new();
        while let Some(row) = rows.next()? {
            let text = row.get_ref(2)?.as_str().unwrap_or_default();
            if text.starts_with(&key) {
                found.push((row.get(1)?, text.to_owned(), row.get(0)?));
            }
        }
        if found.len() >= limit {
            found.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
            found.truncate(limit);
            return Ok(found.into_iter().map(|(photos, _, name)| TagCount { name, photos }).collect());
        }
        let mut statement = self.db.prepare_cached(
            "SELECT g.name, g.photos FROM tokens t JOIN tags g ON g.tag = t.token
             WHERE t.kind = ?1 AND t.text >= ?2 AND t.text < ?3 AND g.photos > 0
             ORDER BY g.photos DESC, t.text LIMIT ?4",
        )?;
        let end = format!("{key}\u{10FFFF}");
        let range = params![Kind::Tag as i64, key, end, i64::try_from(limit).unwrap_or(i64::MAX)];
        let tags = statement.query_map(range, |row| Ok(TagCount { name: row.get(0)?, photos: row.get(1)? }))?;
        Ok(tags.collect::<rusqlite::Result<_>>()?)
    }

    /// The figures of the whole library.
    ///
    /// # Errors
    /// What the disk says.
    pub fn status(&self) -> Result<Status> {
        self.at_once(|db| {
            let stop = Stop::new();
            let search = Search::new(db, &stop);
            let live = search.text(Kind::Live, "yes")?;
            let mut stored = search.text(Kind::Stored, "yes")?;
            stored.and(&live);
            let counts: HashMap<String, u64> = db
                .prepare_cached("SELECT name, n FROM counts")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let count = |name: &str| counts.get(name).copied().unwrap_or_default();
            let (waiting, needs_you) = db
                .prepare_cached("SELECT ifnull(sum(waiting), 0), ifnull(sum(needs_you), 0) FROM stores WHERE enabled")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let unfinished_batches =
                db.prepare_cached("SELECT count(*) FROM batches WHERE final = 0")?.query_row([], |row| row.get(0))?;
            Ok(Status {
                photos: live.len(),
                hidden: count("hidden"),
                stored: stored.len(),
                waiting,
                needs_you,
                bytes: count("bytes"),
                unfinished_batches,
            })
        })
    }

    /// A small setting.
    ///
    /// # Errors
    /// What the disk says.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        setting(&self.db, name)
    }
}

fn known(db: &Connection, path: &Path) -> Result<Option<Known>> {
    let mut statement = db.prepare_cached(
        "SELECT p.size, p.mtime_ns FROM paths p JOIN assets a USING(asset) LEFT JOIN photos f USING(photo)
         WHERE p.path = ? AND p.gone = 0 AND f.hidden IS NOT 1",
    )?;
    let known = statement.query_row([path_bytes(path)], |row| Ok(Known { size: row.get(0)?, mtime_ns: row.get(1)? }));
    Ok(known.optional()?)
}

pub(super) fn setting(db: &Connection, name: &str) -> Result<Option<String>> {
    let mut statement = db.prepare_cached("SELECT value FROM settings WHERE name = ?")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}
