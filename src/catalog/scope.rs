//! Which photos a search looks at where that is not the library of now.
//!
//! Photos that are not shown have no seats in the search index (`chunks`), but all their words, tags and properties.
//! So a scope brings a set of photos and their seats along; the terms then work as for the library.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use super::bits::{BLOCK_PHOTOS, Set, place};
use super::error::Result;
use super::reader::hash;
use crate::domain::query::Scope;
use crate::domain::{ContentHash, Seat, Timestamp};

/// Photos of a scope, with their seats by block.
#[derive(Debug, Default)]
pub(super) struct Scoped {
    pub set: Set,
    seats: BTreeMap<i64, Vec<i64>>,
}

impl Scoped {
    /// The photos of a scope; `None` is the library of now.
    pub(super) fn of(db: &Connection, scope: Scope) -> Result<Option<Self>> {
        Ok(match scope {
            Scope::Library => None,
            Scope::AsOf(at) => Some(as_of(db, at)?),
            Scope::Deleted => Some(deleted(db)?),
        })
    }

    fn add(&mut self, photo: i64, seat: Seat) {
        let (chunk, slot) = place(photo);
        if let Some(block) = self.set.block_mut(chunk) {
            block.set(slot, true);
            self.seats.entry(chunk).or_insert_with(|| vec![0; BLOCK_PHOTOS])[slot] = seat.0;
        }
    }

    fn take_out(&mut self, photo: i64) {
        let (chunk, slot) = place(photo);
        if self.set.block(chunk).is_some()
            && let Some(block) = self.set.block_mut(chunk)
        {
            block.set(slot, false);
        }
    }

    /// The seats of a block.
    pub(super) fn seats(&self, chunk: i64) -> Vec<i64> {
        self.seats.get(&chunk).cloned().unwrap_or_else(|| vec![0; BLOCK_PHOTOS])
    }
}

/// Photos that a store had by then and that nobody had hidden or deleted then.
fn as_of(db: &Connection, at: Timestamp) -> Result<Scoped> {
    let mut scoped = Scoped::default();
    let mut statement = db.prepare_cached(
        "SELECT photo, seat FROM photos INDEXED BY photos_first WHERE first_stored IS NOT NULL AND first_stored <= ?",
    )?;
    let mut rows = statement.query([at.0])?;
    while let Some(row) = rows.next()? {
        scoped.add(row.get(0)?, Seat(row.get(1)?));
    }
    let mut number = db.prepare_cached("SELECT photo FROM photos WHERE id = ?")?;
    for id in hidden_at(db, at)? {
        let mut rows = number.query([&id.0[..]])?;
        if let Some(row) = rows.next()? {
            scoped.take_out(row.get(0)?);
        }
    }
    Ok(scoped)
}

/// What the edit log says was hidden at a moment: of each photo the last word up to then.
fn hidden_at(db: &Connection, at: Timestamp) -> Result<Vec<ContentHash>> {
    let mut statement = db.prepare_cached(
        "SELECT e.id, e.new, g.at, g.counter, g.device FROM edits e INDEXED BY edits_hidden
         JOIN gestures g USING(gesture) WHERE e.field = 'hidden' AND g.at <= ?",
    )?;
    let mut rows = statement.query([at.0])?;
    let mut last: HashMap<ContentHash, ((i64, u32, String), bool)> = HashMap::new();
    while let Some(row) = rows.next()? {
        let id = hash(row, 0)?;
        let stamp: (i64, u32, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let hidden = row.get_ref(1)?.as_str().is_ok_and(|value| value == "true");
        if last.get(&id).is_none_or(|(known, _)| *known < stamp) {
            last.insert(id, (stamp, hidden));
        }
    }
    Ok(last.into_iter().filter(|(_, (_, hidden))| *hidden).map(|(id, _)| id).collect())
}

/// Photos of which something is deleted in a store.
fn deleted(db: &Connection) -> Result<Scoped> {
    let mut scoped = Scoped::default();
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT p.photo, p.seat FROM deletions d INDEXED BY deletions_open JOIN assets a USING(asset)
         JOIN photos p USING(photo) WHERE d.undone IS NULL",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        scoped.add(row.get(0)?, Seat(row.get(1)?));
    }
    Ok(scoped)
}
