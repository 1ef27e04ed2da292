//! Edits: the log, what it makes of the photos, undo and redo, and merging the log of others.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::error::{CatalogError, Result};
use super::index::Kind;
use super::reader::{Reader, damaged, flag_from_number, flag_number, hash};
use super::types::UndoReport;
use super::writer::{Tx, Writer};
use crate::domain::edit::{Change, Edit, EditValue, Field, Stamp};
use crate::domain::tag::TagName;
use crate::domain::{ContentHash, Flag, PhotoId, Rating, Seat, Timestamp};

/// What kind of gesture a row is.
pub(super) const DONE: i64 = 0;
const UNDONE: i64 = 1;
const REDONE: i64 = 2;

/// The last gesture of a device that can be taken back, and the last that was and can be done again.
/// (Both look at the newest gestures first, which no index does as well.)
const UNDO_TARGET: &str = "SELECT gesture, what FROM gestures NOT INDEXED WHERE device = ? AND kind IN (0, 2) \
     AND undone = 0 ORDER BY gesture DESC LIMIT 1";
const REDO_TARGET: &str = "SELECT gesture, what FROM gestures NOT INDEXED WHERE device = ?1 AND kind = 1 AND undone = 0 \
     AND gesture > ifnull((SELECT gesture FROM gestures NOT INDEXED WHERE device = ?1 AND kind = 0 \
     ORDER BY gesture DESC LIMIT 1), 0) ORDER BY gesture DESC LIMIT 1";

pub(super) fn field_from(name: &str, element: &str) -> Result<Field> {
    Ok(match name {
        "rating" => Field::Rating,
        "flag" => Field::Flag,
        "rotation" => Field::Rotation,
        "caption" => Field::Caption,
        "hidden" => Field::Hidden,
        "tag" => Field::Tag(TagName::new(element).map_err(|_| damaged("tag in the edit log"))?),
        "face" => Field::Face(spot(element)?),
        "facemark" => Field::FaceMark(spot(element)?),
        "person" => Field::Person(spot(element)?),
        "notperson" => Field::NotPerson(element.parse().map_err(|_| damaged("face in the edit log"))?),
        _ => return Err(damaged("field in the edit log")),
    })
}

fn spot(element: &str) -> Result<crate::domain::people::FaceBox> {
    element.parse().map_err(|_| damaged("face in the edit log"))
}

/// What tells one field of a photo from another: tags by their key, faces by their place.
fn element(field: &Field) -> String {
    if let Field::Tag(tag) = field { tag.key() } else { spelled(field) }
}

fn spelled(field: &Field) -> String {
    match field {
        Field::Tag(tag) => tag.as_str().to_owned(),
        Field::Face(spot) | Field::FaceMark(spot) | Field::Person(spot) => spot.to_string(),
        Field::NotPerson(not) => not.to_string(),
        Field::Rating | Field::Flag | Field::Rotation | Field::Caption | Field::Hidden => String::new(),
    }
}

fn to_json(value: &EditValue) -> String {
    // A number, a text, true, false or null: nothing here can fail to become JSON.
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

fn from_json(text: &str) -> Result<EditValue> {
    serde_json::from_str(text).map_err(|_| damaged("value in the edit log"))
}

impl Writer {
    /// One gesture on photos; how many changed. Photos that are as asked already get no row.
    ///
    /// # Errors
    /// Where a tag is none; what the disk says. Then nothing is changed.
    pub fn edit(&mut self, seats: &[Seat], change: &Change, now: Timestamp) -> Result<u64> {
        self.edit_all(seats, std::slice::from_ref(change), now)
    }

    /// Several changes on photos as one gesture, in their order; how many photos changed.
    ///
    /// # Errors
    /// As [`Writer::edit`].
    pub fn edit_all(&mut self, seats: &[Seat], changes: &[Change], now: Timestamp) -> Result<u64> {
        let refused = |error: crate::domain::tag::BadTag| CatalogError::Refused(error.to_string());
        let fields: Vec<Field> =
            changes.iter().map(Change::field).collect::<std::result::Result<_, _>>().map_err(refused)?;
        let what = changes.iter().map(Change::what).collect::<Vec<_>>().join(", ");
        self.write(|tx| {
            let mut find = tx.db.prepare_cached("SELECT photo, id FROM photos WHERE seat = ?")?;
            let mut photos = Vec::with_capacity(seats.len());
            for seat in seats {
                let mut rows = find.query([seat.0])?;
                if let Some(row) = rows.next()? {
                    photos.push((row.get(0)?, hash(row, 1)?));
                }
            }
            let steps: Vec<_> = fields
                .iter()
                .zip(changes)
                .map(|(field, change)| (field, |old: &EditValue| change.apply(old)))
                .collect();
            tx.gesture(&photos, &steps, &what, now)
        })
    }

    /// Takes the last gesture of this library back; `None` where there is none left.
    ///
    /// # Errors
    /// What the disk says.
    pub fn undo(&mut self, now: Timestamp) -> Result<Option<UndoReport>> {
        self.write(|tx| tx.reverse(UNDO_TARGET, UNDONE, now))
    }

    /// Does again what was taken back last; `None` where nothing was since the last new gesture.
    ///
    /// # Errors
    /// What the disk says.
    pub fn redo(&mut self, now: Timestamp) -> Result<Option<UndoReport>> {
        self.write(|tx| tx.reverse(REDO_TARGET, REDONE, now))
    }

    /// Takes over edits of other devices, or of an earlier life of this library; may be repeated, in any order. Edits
    /// of photos that are not known yet wait for them. How many were new.
    ///
    /// # Errors
    /// What the disk says.
    pub fn apply_foreign_edits(&mut self, edits: &[Edit]) -> Result<u64> {
        self.write(|tx| {
            let mut new = 0;
            for edit in edits {
                new += u64::from(tx.apply_foreign(edit)?);
            }
            Ok(new)
        })
    }
}

impl Tx<'_> {
    pub(super) fn next_stamp(&self, now: Timestamp) -> Result<Stamp> {
        let mut last =
            self.db.prepare_cached("SELECT at, counter FROM gestures ORDER BY at DESC, counter DESC LIMIT 1")?;
        let seen = last.query_row([], |row| Ok((Timestamp(row.get(0)?), row.get(1)?))).optional()?;
        Ok(Stamp::next(now, seen, self.device))
    }

    pub(super) fn new_gesture(&self, stamp: &Stamp, what: &str, kind: i64, undoes: Option<&Stamp>) -> Result<i64> {
        let undoes = undoes.map(|stamp| serde_json::to_string(stamp).unwrap_or_default());
        self.db
            .prepare_cached("INSERT INTO gestures(at, counter, device, what, kind, undoes) VALUES (?, ?, ?, ?, ?, ?)")?
            .execute(params![stamp.at.0, stamp.counter, stamp.device, what, kind, undoes])?;
        Ok(self.db.last_insert_rowid())
    }

    pub(super) fn log(
        &self,
        gesture: i64,
        id: &ContentHash,
        field: &Field,
        old: &EditValue,
        new: &EditValue,
    ) -> Result<()> {
        self.db
            .prepare_cached("INSERT INTO edits(gesture, id, field, element, old, new) VALUES (?, ?, ?, ?, ?, ?)")?
            .execute(params![gesture, &id.0[..], field.name(), spelled(field), to_json(old), to_json(new)])?;
        Ok(())
    }

    /// Applies changes to photos (number and id), as one gesture; how many photos it changed.
    pub(super) fn gesture(
        &mut self,
        photos: &[(i64, ContentHash)],
        steps: &[(&Field, impl Fn(&EditValue) -> EditValue)],
        what: &str,
        now: Timestamp,
    ) -> Result<u64> {
        let mut gesture = None;
        let mut changed = 0;
        for (photo, id) in photos {
            let mut touched = false;
            for (field, change) in steps {
                let old = self.value(*photo, field)?;
                let new = change(&old);
                if old == new {
                    continue;
                }
                let gesture = match gesture {
                    Some(gesture) => gesture,
                    None => *gesture.insert(self.new_gesture(&self.next_stamp(now)?, what, DONE, None)?),
                };
                self.log(gesture, id, field, &old, &new)?;
                self.set_value(*photo, field, &new)?;
                touched = true;
            }
            changed += u64::from(touched);
        }
        Ok(changed)
    }

    /// Applies other changes to each photo, as one gesture; how many photos it changed.
    pub(super) fn gesture_of_each(
        &mut self,
        changes: &[(i64, ContentHash, Field, &Change)],
        what: &str,
        now: Timestamp,
    ) -> Result<u64> {
        let mut gesture = None;
        let mut changed = std::collections::BTreeSet::new();
        for (photo, id, field, change) in changes {
            let old = self.value(*photo, field)?;
            let new = change.apply(&old);
            if old == new {
                continue;
            }
            let gesture = match gesture {
                Some(gesture) => gesture,
                None => *gesture.insert(self.new_gesture(&self.next_stamp(now)?, what, DONE, None)?),
            };
            self.log(gesture, id, field, &old, &new)?;
            self.set_value(*photo, field, &new)?;
            changed.insert(*photo);
        }
        Ok(changed.len() as u64)
    }

    fn reverse(&mut self, target: &str, kind: i64, now: Timestamp) -> Result<Option<UndoReport>> {
        let found: Option<(i64, String)> = self
            .db
            .prepare_cached(target)?
            .query_row([self.device], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((target, what)) = found else { return Ok(None) };
        let mut stamp = self.db.prepare_cached("SELECT at, counter, device FROM gestures WHERE gesture = ?")?;
        let undoes = stamp.query_row([target], |row| {
            Ok(Stamp { at: Timestamp(row.get(0)?), counter: row.get(1)?, device: row.get(2)? })
        })?;
        self.db.prepare_cached("UPDATE gestures SET undone = 1 WHERE gesture = ?")?.execute([target])?;
        let gesture = self.new_gesture(&self.next_stamp(now)?, &what, kind, Some(&undoes))?;
        let mut statement =
            self.db.prepare_cached("SELECT id, field, element, old FROM edits WHERE gesture = ? ORDER BY edit DESC")?;
        let mut rows = statement.query([target])?;
        let mut photos = std::collections::HashSet::new();
        while let Some(row) = rows.next()? {
            let id = hash(row, 0)?;
            let field =
                field_from(row.get_ref(1)?.as_str().unwrap_or_default(), row.get_ref(2)?.as_str().unwrap_or_default())?;
            let wanted = from_json(row.get_ref(3)?.as_str().unwrap_or_default())?;
            let Some(photo) = self.photo_with(&id)? else { continue };
            let old = self.value(photo, &field)?;
            self.log(gesture, &id, &field, &old, &wanted)?;
            if old != wanted {
                self.set_value(photo, &field, &wanted)?;
            }
            photos.insert(id);
        }
        Ok(Some(UndoReport { what, photos: photos.len() as u64 }))
    }

    fn apply_foreign(&mut self, edit: &Edit) -> Result<bool> {
        let stamp = &edit.stamp;
        let known: Option<i64> = self
            .db
            .prepare_cached("SELECT gesture FROM gestures WHERE device = ? AND at = ? AND counter = ?")?
            .query_row(params![stamp.device, stamp.at.0, stamp.counter], |row| row.get(0))
            .optional()?;
        let gesture = match known {
            Some(gesture) => gesture,
            None => {
                let kind = if edit.undoes.is_some() { UNDONE } else { DONE };
                self.new_gesture(stamp, edit.field.name(), kind, edit.undoes.as_ref())?
            }
        };
        let id = &edit.photo.0;
        let latest = self.latest(id, &edit.field)?;
        if latest.iter().any(|(known, _, _)| *known == gesture) {
            return Ok(false);
        }
        self.log(gesture, id, &edit.field, &edit.old, &edit.new)?;
        let newer = latest.iter().any(|(_, other, _)| other > stamp);
        if !newer && let Some(photo) = self.photo_with(id)? {
            self.set_value(photo, &edit.field, &edit.new)?;
        }
        Ok(true)
    }

    /// Every edit of one field of a photo: gesture, stamp, value.
    fn latest(&self, id: &ContentHash, field: &Field) -> Result<Vec<(i64, Stamp, String)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT g.gesture, g.at, g.counter, g.device, e.new, e.element FROM edits e JOIN gestures g USING(gesture)
             WHERE e.id = ? AND e.field = ?",
        )?;
        let rows = statement.query_map(params![&id.0[..], field.name()], |row| {
            let stamp = Stamp { at: Timestamp(row.get(1)?), counter: row.get(2)?, device: row.get(3)? };
            Ok((row.get::<_, String>(5)?, (row.get(0)?, stamp, row.get(4)?)))
        })?;
        let key = element(field);
        let mut found = Vec::new();
        for row in rows {
            let (spelled, edit) = row?;
            if key.is_empty() || field_from(field.name(), &spelled).is_ok_and(|known| element(&known) == key) {
                found.push(edit);
            }
        }
        Ok(found)
    }

    /// Whether a person gave the photo this tag, in the last word that was said about it.
    pub(super) fn was_tagged(&self, id: &ContentHash, name: &TagName) -> Result<bool> {
        let edits = self.latest(id, &Field::Tag(name.clone()))?;
        let last = edits.into_iter().max_by(|a, b| a.1.cmp(&b.1));
        Ok(last.is_some_and(|(_, _, value)| value == "true"))
    }

    /// Whether anybody ever edited this field of a photo.
    pub(super) fn was_edited(&self, id: &ContentHash, field: &Field) -> Result<bool> {
        Ok(!self.latest(id, field)?.is_empty())
    }

    /// Applies what the log already holds of a photo that just came in.
    pub(super) fn apply_log(&mut self, photo: i64, id: &ContentHash) -> Result<()> {
        let mut statement = self.db.prepare_cached(
            "SELECT e.field, e.element, e.new, g.at, g.counter, g.device
             FROM edits e JOIN gestures g USING(gesture) WHERE e.id = ?",
        )?;
        let mut winners: HashMap<(String, String), (Stamp, Field, String)> = HashMap::new();
        let mut rows = statement.query([&id.0[..]])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let field = field_from(&name, row.get_ref(1)?.as_str().unwrap_or_default())?;
            let stamp = Stamp { at: Timestamp(row.get(3)?), counter: row.get(4)?, device: row.get(5)? };
            let key = (name, element(&field));
            if winners.get(&key).is_none_or(|(winner, _, _)| *winner < stamp) {
                winners.insert(key, (stamp, field, row.get(2)?));
            }
        }
        for (_, field, value) in winners.into_values() {
            self.set_value(photo, &field, &from_json(&value)?)?;
        }
        Ok(())
    }

    /// What a field of a photo is now.
    pub(super) fn value(&self, photo: i64, field: &Field) -> Result<EditValue> {
        if let Field::Tag(name) = field {
            let mut statement = self.db.prepare_cached(
                "SELECT 1 FROM photo_tags p JOIN tokens t ON t.token = p.tag
                 WHERE p.photo = ? AND t.kind = ? AND t.text = ? AND p.removed = 0",
            )?;
            return Ok(EditValue::Truth(statement.exists(params![photo, Kind::Tag as i64, name.key()])?));
        }
        if let Some(value) = self.face_value(photo, field)? {
            return Ok(value);
        }
        let mut statement =
            self.db.prepare_cached("SELECT rating, flag, turns, caption, hidden FROM photos WHERE photo = ?")?;
        Ok(statement.query_row([photo], |row| {
            Ok(match field {
                Field::Rating => EditValue::Number(row.get(0)?),
                Field::Flag => EditValue::Text(flag_from_number(row.get(1)?).name().to_owned()),
                Field::Rotation => EditValue::Number(row.get(2)?),
                Field::Caption => row.get::<_, Option<String>>(3)?.map_or(EditValue::Nothing, EditValue::Text),
                _ => EditValue::Truth(row.get(4)?),
            })
        })?)
    }

    /// Makes a field of a photo what an edit says. A value that is no value of the field (a newer program's, or a
    /// hostile segment's) leaves the photo as it is; the log keeps it.
    pub(super) fn set_value(&mut self, photo: i64, field: &Field, value: &EditValue) -> Result<()> {
        match (field, value) {
            (Field::Rating, EditValue::Number(stars)) => {
                if let Some(rating) = u8::try_from(*stars).ok().and_then(Rating::new) {
                    self.set_rating(photo, rating)?;
                }
            }
            (Field::Flag, EditValue::Text(name)) => {
                let Some(flag) = Flag::from_name(name) else { return Ok(()) };
                self.db
                    .prepare_cached("UPDATE photos SET flag = ? WHERE photo = ?")?
                    .execute([flag_number(flag), photo])?;
                for other in [Flag::Pick, Flag::Reject] {
                    self.index.set_text(self.db, Kind::Flag, other.name(), photo, other == flag)?;
                }
            }
            (Field::Rotation, EditValue::Number(turns)) => {
                let mut update = self.db.prepare_cached("UPDATE photos SET turns = ? WHERE photo = ?")?;
                update.execute([turns.rem_euclid(4), photo])?;
            }
            (Field::Caption, EditValue::Text(_) | EditValue::Nothing) => {
                let text = if let EditValue::Text(text) = value { Some(text) } else { None };
                let mut update = self.db.prepare_cached("UPDATE photos SET caption = ? WHERE photo = ?")?;
                update.execute(params![text, photo])?;
                self.refresh_texts(photo)?;
            }
            (Field::Hidden, EditValue::Truth(hidden)) => self.set_hidden(photo, *hidden)?,
            (Field::Tag(name), EditValue::Truth(on)) => self.set_tag(photo, name, *on)?,
            (face, value) => self.set_face_value(photo, face, value)?,
        }
        Ok(())
    }

    pub(super) fn set_rating(&mut self, photo: i64, rating: Rating) -> Result<()> {
        let stars = rating.stars();
        self.db.prepare_cached("UPDATE photos SET rating = ? WHERE photo = ?")?.execute(params![stars, photo])?;
        for other in 1..=5 {
            self.index.set_text(self.db, Kind::Rating, &other.to_string(), photo, other == stars)?;
        }
        Ok(())
    }

    fn set_tag(&mut self, photo: i64, name: &TagName, on: bool) -> Result<()> {
        let tag = self.index.tag(self.db, name)?;
        // The source stays: undoing the removal of a derived tag leaves what was there before.
        self.db
            .prepare_cached(
                "INSERT INTO photo_tags(photo, tag, source, removed) VALUES (?1, ?2, 0, ?3)
                 ON CONFLICT(photo, tag) DO UPDATE SET removed = ?3 WHERE removed <> ?3",
            )?
            .execute(params![photo, tag, !on])?;
        self.mark_tag(photo, tag, on)
    }
}

impl Reader {
    /// The edit log after row `after`, at most `limit`, with row numbers: what goes into the next segment.
    ///
    /// # Errors
    /// What the disk says.
    pub fn edits_since(&self, after: i64, limit: usize) -> Result<Vec<(i64, Edit)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT e.edit, e.id, e.field, e.element, e.old, e.new, g.at, g.counter, g.device, g.undoes
             FROM edits e JOIN gestures g USING(gesture) WHERE e.edit > ? ORDER BY e.edit LIMIT ?",
        )?;
        let mut rows = statement.query(params![after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut edits = Vec::new();
        while let Some(row) = rows.next()? {
            edits.push((row.get(0)?, edit(row)?));
        }
        Ok(edits)
    }

    /// What could be undone and what could be redone now.
    ///
    /// # Errors
    /// What the disk says.
    pub fn undo_state(&self) -> Result<(Option<String>, Option<String>)> {
        let device = self.setting("device")?.unwrap_or_default();
        let what = |db: &Connection, sql: &str| -> Result<Option<String>> {
            Ok(db.prepare_cached(sql)?.query_row([&device], |row| row.get(1)).optional()?)
        };
        Ok((what(&self.db, UNDO_TARGET)?, what(&self.db, REDO_TARGET)?))
    }
}

fn edit(row: &Row<'_>) -> Result<Edit> {
    let text = |column: usize| row.get_ref(column)?.as_str().map_err(|_| rusqlite::Error::InvalidQuery);
    let undoes: Option<String> = row.get(9)?;
    Ok(Edit {
        photo: PhotoId(hash(row, 1)?),
        field: field_from(text(2)?, text(3)?)?,
        old: from_json(text(4)?)?,
        new: from_json(text(5)?)?,
        stamp: Stamp { at: Timestamp(row.get(6)?), counter: row.get(7)?, device: row.get(8)? },
        undoes: undoes
            .map(|text| serde_json::from_str(&text).map_err(|_| damaged("stamp in the edit log")))
            .transpose()?,
    })
}
