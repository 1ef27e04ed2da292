//! The vocabulary: what a tag is a kind of, and words that mean another tag.
//!
//! A decision about it is an edit like any other, in the same log and with the same undo, of no photo
//! ([`VOCABULARY`]). What machines and other programs say of a tag's place is worked out again from what they said; it
//! never moves a tag that somebody with more to say has placed.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::bits::Set;
use super::edits::Gesture;
use super::error::{CatalogError, Result};
use super::index::Kind;
use super::reader::{Reader, damaged, hash};
use super::search::Search;
use super::types::Stop;
use super::writer::{Tx, Writer};
use crate::domain::edit::{EditValue, Field, VOCABULARY};
use crate::domain::facets::TagNode;
use crate::domain::tag::TagName;
use crate::domain::{ContentHash, Timestamp};

/// More levels than this are not followed.
const MOST_LEVELS: usize = 32;
/// Tags of the tree at most.
const MOST_NODES: usize = 2_000;

/// Who says where a tag belongs. Who has more to say is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PlacedBy {
    /// A tagger.
    Machine = 0,
    /// Another program, in a sidecar.
    Program = 1,
    /// A person, here.
    Person = 2,
}

/// The tag that a word means: itself, unless it was merged into another.
pub(super) fn meant(db: &Connection, name: &TagName) -> Result<TagName> {
    let mut statement = db.prepare_cached("SELECT name FROM synonyms WHERE key = ?")?;
    let mut now = name.clone();
    for _ in 0..MOST_LEVELS {
        let next: Option<String> = statement.query_row([now.key()], |row| row.get(0)).optional()?;
        match next.and_then(|next| TagName::new(&next).ok()) {
            Some(next) => now = next,
            None => break,
        }
    }
    Ok(now)
}

/// The tags above one, the nearest first, as numbers.
fn above(db: &Connection, tag: i64) -> Result<Vec<i64>> {
    let mut statement = db.prepare_cached("SELECT parent FROM tags WHERE tag = ?")?;
    let mut chain: Vec<i64> = Vec::new();
    let mut now = tag;
    while chain.len() < MOST_LEVELS {
        let parent: Option<i64> = statement.query_row([now], |row| row.get(0)).optional()?.flatten();
        match parent {
            Some(parent) if parent != tag && !chain.contains(&parent) => chain.push(parent),
            _ => break,
        }
        now = *chain.last().unwrap_or(&tag);
    }
    Ok(chain)
}

fn name_of(db: &Connection, tag: i64) -> Result<String> {
    Ok(db.prepare_cached("SELECT name FROM tags WHERE tag = ?")?.query_row([tag], |row| row.get(0))?)
}

/// The tags that a tag is a kind of, the widest first, where a program or a person placed it; whether a person did.
pub(super) fn path_above(db: &Connection, tag: i64) -> Result<(Vec<String>, bool)> {
    let mut placed = db.prepare_cached("SELECT parent_by FROM tags WHERE tag = ?")?;
    let by: i64 = placed.query_row([tag], |row| row.get(0)).optional()?.unwrap_or(0);
    if by < PlacedBy::Program as i64 {
        return Ok((Vec::new(), false));
    }
    let names: Result<Vec<String>> = above(db, tag)?.into_iter().rev().map(|tag| name_of(db, tag)).collect();
    Ok((names?, by == PlacedBy::Person as i64))
}

impl Search<'_> {
    /// Photos with a tag, or with any that is a kind of it.
    pub(super) fn tag_and_kinds(&self, key: &str) -> Result<Set> {
        let key = TagName::new(key)
            .map_or_else(|_| Ok(key.to_owned()), |name| meant(self.db(), &name).map(|name| name.key()))?;
        let mut statement = self.db().prepare_cached(
            "WITH RECURSIVE below(tag) AS (
               SELECT token FROM tokens WHERE kind = ? AND text = ?
               UNION SELECT t.tag FROM tags t JOIN below b ON t.parent = b.tag)
             SELECT tag FROM below",
        )?;
        let mut set = Set::default();
        let mut rows = statement.query(params![Kind::Tag as i64, key])?;
        while let Some(row) = rows.next()? {
            self.check()?;
            self.add(&mut set, row.get(0)?)?;
        }
        Ok(set)
    }
}

impl Tx<'_> {
    /// The number of a tag that is there.
    fn tag_there(&self, name: &TagName) -> Result<Option<i64>> {
        let mut statement = self.db.prepare_cached(
            "SELECT g.tag FROM tokens t JOIN tags g ON g.tag = t.token WHERE t.kind = ? AND t.text = ?",
        )?;
        Ok(statement.query_row(params![Kind::Tag as i64, name.key()], |row| row.get(0)).optional()?)
    }

    /// Places a tag below another, where nobody has said more; never in a circle.
    pub(super) fn place_tag(&mut self, tag: i64, parent: Option<&TagName>, by: PlacedBy) -> Result<()> {
        let mut known = self.db.prepare_cached("SELECT parent, parent_by FROM tags WHERE tag = ?")?;
        let (now, placed): (Option<i64>, i64) = known.query_row([tag], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let may = by == PlacedBy::Person || placed < by as i64 || (now.is_none() && placed == by as i64);
        if !may {
            return Ok(());
        }
        let parent = match parent {
            Some(name) => {
                let name = meant(self.db, name)?;
                Some(self.index.tag(self.db, &name)?)
            }
            None => None,
        };
        if parent
            .map(|parent| Ok::<_, CatalogError>(parent == tag || above(self.db, parent)?.contains(&tag)))
            .transpose()?
            == Some(true)
        {
            return Ok(());
        }
        self.db
            .prepare_cached("UPDATE tags SET parent = ?2, parent_by = ?3 WHERE tag = ?1")?
            .execute(params![tag, parent, by as i64])?;
        Ok(())
    }

    /// Takes over the levels of a path, the widest first.
    pub(super) fn place_path(&mut self, path: &[String]) -> Result<()> {
        let names: Vec<TagName> = path.iter().filter_map(|level| TagName::new(level).ok()).collect();
        if names.len() != path.len() {
            return Ok(());
        }
        for pair in names.windows(2) {
            let child = meant(self.db, &pair[1])?;
            let child = self.index.tag(self.db, &child)?;
            self.place_tag(child, Some(&pair[0]), PlacedBy::Program)?;
        }
        Ok(())
    }

    /// What the vocabulary says now.
    pub(super) fn vocabulary(&self, field: &Field) -> Result<EditValue> {
        let text = |text: Option<String>| text.map_or(EditValue::Nothing, EditValue::Text);
        Ok(match field {
            Field::Synonym(name) => {
                let mut statement = self.db.prepare_cached("SELECT name FROM synonyms WHERE key = ?")?;
                text(statement.query_row([name.key()], |row| row.get(0)).optional()?)
            }
            Field::Parent(name) => {
                let Some(tag) = self.tag_there(name)? else { return Ok(EditValue::Nothing) };
                let mut statement = self
                    .db
                    .prepare_cached("SELECT p.name FROM tags g LEFT JOIN tags p ON p.tag = g.parent WHERE g.tag = ?")?;
                text(statement.query_row([tag], |row| row.get(0))?)
            }
            Field::Spelling(name) => text(self.tag_there(name)?.map(|tag| name_of(self.db, tag)).transpose()?),
            _ => EditValue::Nothing,
        })
    }

    /// Makes the vocabulary say what an edit says.
    pub(super) fn set_vocabulary(&mut self, field: &Field, value: &EditValue) -> Result<()> {
        let wanted = match value {
            EditValue::Text(text) => TagName::new(text).ok(),
            _ => None,
        };
        match field {
            Field::Synonym(name) => match wanted {
                // A word that comes to mean itself, by way of others, would mean nothing.
                Some(wanted) if meant(self.db, &wanted)?.key() != name.key() => {
                    self.db
                        .prepare_cached("INSERT OR REPLACE INTO synonyms(key, name) VALUES (?, ?)")?
                        .execute([name.key(), wanted.into()])?;
                }
                Some(_) => {}
                None => {
                    self.db.prepare_cached("DELETE FROM synonyms WHERE key = ?")?.execute([name.key()])?;
                }
            },
            Field::Parent(name) => {
                let tag = self.index.tag(self.db, name)?;
                self.place_tag(tag, wanted.as_ref(), PlacedBy::Person)?;
            }
            Field::Spelling(name) => {
                if let (Some(tag), Some(wanted)) =
                    (self.tag_there(name)?, wanted.filter(|wanted| wanted.key() == name.key()))
                {
                    let mut update = self.db.prepare_cached("UPDATE tags SET name = ? WHERE tag = ?")?;
                    update.execute(params![wanted.as_str(), tag])?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Photos that show a tag, with their ids.
    fn photos_with(&self, tag: &TagName) -> Result<Vec<(i64, ContentHash)>> {
        let stop = Stop::new();
        let set = Search::new(self.db, &stop).text(Kind::Tag, &tag.key())?;
        let mut statement = self.db.prepare_cached("SELECT photo, id FROM photos WHERE photo = ?")?;
        let mut photos = Vec::new();
        for (chunk, block) in set.blocks() {
            for slot in block.slots() {
                let mut rows = statement.query([(chunk << 12) + slot as i64])?;
                if let Some(row) = rows.next()? {
                    photos.push((row.get(0)?, hash(row, 1)?));
                }
            }
        }
        Ok(photos)
    }

    /// Whether a tag was taken off a photo by hand.
    fn is_rejected(&self, photo: i64, tag: i64) -> Result<bool> {
        let mut statement = self.db.prepare_cached("SELECT removed FROM photo_tags WHERE photo = ? AND tag = ?")?;
        Ok(statement.query_row([photo, tag], |row| row.get(0)).optional()?.unwrap_or(false))
    }

    /// Moves one photo from a tag to another; who gave it is remembered.
    fn move_photo(
        &mut self,
        gesture: &mut Gesture<'_>,
        photo: (i64, &ContentHash),
        (from, from_tag): (&TagName, i64),
        (into, into_tag): (&TagName, i64),
        heed_rejected: bool,
    ) -> Result<bool> {
        let rejected = heed_rejected && self.is_rejected(photo.0, into_tag)?;
        let gone = self.step(gesture, photo, &Field::Tag(from.clone()), |_| EditValue::Truth(false))?;
        if rejected || !self.step(gesture, photo, &Field::Tag(into.clone()), |_| EditValue::Truth(true))? {
            return Ok(gone);
        }
        self.db
            .prepare_cached(
                "UPDATE photo_tags SET (source, confidence) =
                   (SELECT source, confidence FROM photo_tags WHERE photo = ?1 AND tag = ?2)
                 WHERE photo = ?1 AND tag = ?3",
            )?
            .execute([photo.0, from_tag, into_tag])?;
        Ok(true)
    }
}

fn as_value(name: Option<&TagName>) -> EditValue {
    name.map_or(EditValue::Nothing, |name| EditValue::Text(name.to_string()))
}

impl Writer {
    /// Makes one tag another everywhere, as one gesture: its photos, what is a kind of it, and every later use of the
    /// word. To a name that no tag has, it is renamed. Photos that changed.
    ///
    /// # Errors
    /// Where there is no such tag; what the disk says.
    pub fn merge_tags(&mut self, from: &TagName, into: &TagName, now: Timestamp) -> Result<u64> {
        self.write(|tx| {
            let none = (0, &VOCABULARY.0);
            let Some(from_tag) = tx.tag_there(from)? else {
                return Err(CatalogError::NotFound(format!("a tag of this name: {from}")));
            };
            if from.key() == into.key() {
                let what = format!("Spell tag {into}");
                let mut gesture = Gesture::new(&what, now);
                tx.step(&mut gesture, none, &Field::Spelling(from.clone()), |_| as_value(Some(into)))?;
                return Ok(0);
            }
            let what = format!("Merge tag {from} into {into}");
            let mut gesture = Gesture::new(&what, now);
            // What was merged the other way round before is taken back.
            let mut target = meant(tx.db, into)?;
            // Where it is merged back, the tag is off its photos because it was merged, not because somebody took it off.
            let is_back = target.key() == from.key();
            if is_back {
                tx.step(&mut gesture, none, &Field::Synonym(into.clone()), |_| EditValue::Nothing)?;
                target = into.clone();
            }
            let into_tag = tx.index.tag(tx.db, &target)?;
            let mut changed = 0;
            for (photo, id) in tx.photos_with(from)? {
                let (here, there) = ((from, from_tag), (&target, into_tag));
                let moved = tx.move_photo(&mut gesture, (photo, &id), here, there, !is_back)?;
                changed += u64::from(moved);
            }
            let placed = tx.vocabulary(&Field::Parent(target.clone()))?;
            let above_from = tx.vocabulary(&Field::Parent(from.clone()))?;
            let is_itself = |value: &EditValue| {
                matches!(value, EditValue::Text(text) if TagName::new(text).is_ok_and(|name| name.key() == target.key()))
            };
            if placed == EditValue::Nothing && !is_itself(&above_from) {
                tx.step(&mut gesture, none, &Field::Parent(target.clone()), |_| above_from.clone())?;
            }
            let mut below = tx.db.prepare_cached("SELECT name FROM tags WHERE parent = ?")?;
            let below: Vec<String> =
                below.query_map([from_tag], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            for child in below {
                let child = TagName::new(&child).map_err(|_| damaged("tag"))?;
                if child.key() != target.key() {
                    tx.step(&mut gesture, none, &Field::Parent(child), |_| as_value(Some(&target)))?;
                }
            }
            tx.step(&mut gesture, none, &Field::Parent(from.clone()), |_| EditValue::Nothing)?;
            // Last, so that undo takes it back first and the word is itself again before its photos return to it.
            tx.step(&mut gesture, none, &Field::Synonym(from.clone()), |_| as_value(Some(&target)))?;
            Ok(changed)
        })
    }

    /// Makes a tag a kind of another, or of none, as one gesture.
    ///
    /// # Errors
    /// Where there is no such tag, or the other is a kind of it; what the disk says.
    pub fn move_tag(&mut self, tag: &TagName, parent: Option<&TagName>, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            let name = meant(tx.db, tag)?;
            let Some(number) = tx.tag_there(&name)? else {
                return Err(CatalogError::NotFound(format!("a tag of this name: {tag}")));
            };
            let parent = parent.map(|parent| meant(tx.db, parent)).transpose()?;
            if let Some(parent) = &parent
                && let Some(above_it) = tx.tag_there(parent)?
                && (above_it == number || above(tx.db, above_it)?.contains(&number))
            {
                return Err(CatalogError::Refused(format!("{parent} is {name} itself or a kind of it already")));
            }
            let what = match &parent {
                Some(parent) => format!("Move tag {name} under {parent}"),
                None => format!("Move tag {name} to the top"),
            };
            let mut gesture = Gesture::new(&what, now);
            let none = (0, &VOCABULARY.0);
            tx.step(&mut gesture, none, &Field::Parent(name), |_| as_value(parent.as_ref())).map(drop)
        })
    }
}

/// A tag of the tree before it has its place.
struct Branch {
    tag: i64,
    name: String,
    set: Set,
}

impl Reader {
    /// Tags that have a place above or below others, as a tree: each before what is a kind of it. Photos are counted
    /// once for a tag and all that is a kind of it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn tag_tree(&self) -> Result<Vec<TagNode>> {
        self.at_once(|db| {
            let stop = Stop::new();
            let search = Search::new(db, &stop);
            let live = search.text(Kind::Live, "yes")?;
            let mut statement = db.prepare_cached(
                "SELECT tag, name, parent FROM tags g WHERE parent IS NOT NULL
                   OR EXISTS(SELECT 1 FROM tags c WHERE c.parent = g.tag) ORDER BY name LIMIT ?",
            )?;
            let mut below: HashMap<Option<i64>, Vec<(i64, String)>> = HashMap::new();
            let mut rows = statement.query([MOST_NODES as i64])?;
            while let Some(row) = rows.next()? {
                below.entry(row.get(2)?).or_default().push((row.get(0)?, row.get(1)?));
            }
            let mut nodes = Vec::new();
            grow(&search, &live, &below, None, 0, &mut nodes)?;
            Ok(nodes)
        })
    }
}

/// Adds what is below a tag; the photos of all of it.
fn grow(
    search: &Search<'_>,
    live: &Set,
    below: &HashMap<Option<i64>, Vec<(i64, String)>>,
    parent: Option<i64>,
    depth: usize,
    nodes: &mut Vec<TagNode>,
) -> Result<Set> {
    let mut all = Set::default();
    if depth >= MOST_LEVELS {
        return Ok(all);
    }
    let mut branches = Vec::new();
    for (tag, name) in below.get(&parent).into_iter().flatten() {
        let mut own = Set::default();
        search.add(&mut own, *tag)?;
        own.and(live);
        branches.push(Branch { tag: *tag, name: name.clone(), set: own });
    }
    for branch in branches {
        let place = nodes.len();
        let query = format!("tag:{}", super::complete::written(&branch.name));
        nodes.push(TagNode { name: branch.name, query, depth, photos: 0 });
        let mut set = grow(search, live, below, Some(branch.tag), depth + 1, nodes)?;
        set.or(&branch.set);
        nodes[place].photos = set.len();
        all.or(&set);
    }
    Ok(all)
}
