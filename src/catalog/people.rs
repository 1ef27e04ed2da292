//! Faces as people decided about them: what the edit log makes of the table of faces, and of the search index.

use rusqlite::{OptionalExtension as _, params};

use super::edits::DONE;
use super::error::{CatalogError, Result};
use super::index::Kind;
use super::writer::{Tx, Writer};
use crate::domain::edit::{Change, EditValue, Field};
use crate::domain::people::{FaceBox, FaceId, FaceMark, NotPerson, person_key};
use crate::domain::tag::TagName;
use crate::domain::{Seat, Timestamp};

/// How a face is shown, as a number.
pub(super) fn mark_number(mark: FaceMark) -> i64 {
    match mark {
        FaceMark::Shown => 0,
        FaceMark::Hidden => 1,
        FaceMark::NotAFace => 2,
    }
}

pub(super) fn mark_from_number(number: i64) -> FaceMark {
    match number {
        1 => FaceMark::Hidden,
        2 => FaceMark::NotAFace,
        _ => FaceMark::Shown,
    }
}

/// What was decided about a face.
#[derive(Debug, Clone, Default)]
pub(super) struct Decided {
    pub drawn: bool,
    pub mark: i64,
    pub name: Option<String>,
}

impl Tx<'_> {
    fn decided(&self, photo: i64, spot: FaceBox) -> Result<Decided> {
        let mut statement =
            self.db.prepare_cached("SELECT drawn, mark, name FROM faces WHERE photo = ? AND spot = ?")?;
        let found = statement.query_row(params![photo, spot.to_string()], |row| {
            Ok(Decided { drawn: row.get(0)?, mark: row.get(1)?, name: row.get(2)? })
        });
        Ok(found.optional()?.unwrap_or_default())
    }

    /// What a field of a face is now; `None` where the field is not one of a face's.
    pub(super) fn face_value(&self, photo: i64, field: &Field) -> Result<Option<EditValue>> {
        Ok(Some(match field {
            Field::Face(spot) => EditValue::Truth(self.decided(photo, *spot)?.drawn),
            Field::FaceMark(spot) => {
                EditValue::Text(mark_from_number(self.decided(photo, *spot)?.mark).name().to_owned())
            }
            Field::Person(spot) => self.decided(photo, *spot)?.name.map_or(EditValue::Nothing, EditValue::Text),
            Field::NotPerson(not) => EditValue::Truth(self.is_not(photo, *not)?),
            _ => return Ok(None),
        }))
    }

    /// Makes a field of a face what an edit says; a value that is none leaves it as it is.
    pub(super) fn set_face_value(&mut self, photo: i64, field: &Field, value: &EditValue) -> Result<()> {
        match (field, value) {
            (Field::Face(spot), EditValue::Truth(drawn)) => {
                self.change_face(photo, *spot, |now| now.drawn = *drawn)?;
            }
            (Field::FaceMark(spot), EditValue::Text(name)) => {
                if let Some(mark) = FaceMark::from_name(name) {
                    self.change_face(photo, *spot, |now| now.mark = mark_number(mark))?;
                }
            }
            (Field::Person(spot), EditValue::Nothing) => self.change_face(photo, *spot, |now| now.name = None)?,
            (Field::Person(spot), EditValue::Text(name)) => {
                if let Ok(name) = TagName::new(name) {
                    self.change_face(photo, *spot, |now| now.name = Some(name.as_str().to_owned()))?;
                }
            }
            (Field::NotPerson(not), EditValue::Truth(true)) => {
                let mut insert = self.db.prepare_cached("INSERT OR IGNORE INTO not_person VALUES (?, ?)")?;
                insert.execute(params![photo, not.to_string()])?;
                self.drop_rejected(photo, not.spot)?;
            }
            (Field::NotPerson(not), EditValue::Truth(false)) => {
                let mut delete = self.db.prepare_cached("DELETE FROM not_person WHERE photo = ? AND who = ?")?;
                delete.execute(params![photo, not.to_string()])?;
            }
            _ => {}
        }
        Ok(())
    }

    fn change_face(&mut self, photo: i64, spot: FaceBox, change: impl FnOnce(&mut Decided)) -> Result<()> {
        let before = self.decided(photo, spot)?;
        let mut now = before.clone();
        change(&mut now);
        let fold = now.name.as_deref().map(person_key);
        self.db
            .prepare_cached(
                "INSERT INTO faces(photo, spot, drawn, mark, name, fold) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT(photo, spot) DO UPDATE SET drawn = ?3, mark = ?4, name = ?5, fold = ?6",
            )?
            .execute(params![photo, spot.to_string(), now.drawn, now.mark, now.name, fold])?;
        self.db
            .prepare_cached(
                "DELETE FROM faces WHERE photo = ? AND spot = ? AND drawn = 0 AND mark = 0 AND name IS NULL
                   AND found IS NULL AND aws IS NULL",
            )?
            .execute(params![photo, spot.to_string()])?;
        for name in [before.name, now.name].into_iter().flatten() {
            self.index_person(photo, &name)?;
        }
        Ok(())
    }

    /// Says in the index whether somebody is in a photo.
    fn index_person(&mut self, photo: i64, name: &str) -> Result<()> {
        let fold = person_key(name);
        let spelled: Option<String> = self
            .db
            .prepare_cached("SELECT name FROM faces WHERE photo = ? AND fold = ? AND mark < 2 LIMIT 1")?
            .query_row(params![photo, fold], |row| row.get(0))
            .optional()?;
        self.index.set_named(self.db, Kind::Person, spelled.as_deref().unwrap_or(name), photo, spelled.is_some())?;
        if let Some(spelled) = spelled {
            // Another spelling of the same name is how the name is written from now on.
            let token = self.index.token(self.db, Kind::Person, &fold)?;
            let mut rename = self.db.prepare_cached("UPDATE facets SET name = ?1 WHERE token = ?2 AND name <> ?1")?;
            rename.execute(params![spelled, token])?;
        }
        Ok(())
    }

    /// Whether a face is said not to be somebody's.
    pub(super) fn is_not(&self, photo: i64, not: NotPerson) -> Result<bool> {
        let mut statement = self.db.prepare_cached("SELECT 1 FROM not_person WHERE photo = ? AND who = ?")?;
        Ok(statement.exists(params![photo, not.to_string()])?)
    }

    /// Takes a suggestion away that was rejected.
    fn drop_rejected(&self, photo: i64, spot: FaceBox) -> Result<()> {
        let mut statement = self
            .db
            .prepare_cached("SELECT like_name FROM faces WHERE photo = ? AND spot = ? AND like_name IS NOT NULL")?;
        let like: Option<String> =
            statement.query_row(params![photo, spot.to_string()], |row| row.get(0)).optional()?;
        if let Some(like) = like
            && self.is_not(photo, NotPerson::new(spot, &like))?
        {
            self.db
                .prepare_cached(
                    "UPDATE faces SET like_name = NULL, like_fold = NULL, like_percent = NULL WHERE photo = ? AND spot = ?",
                )?
                .execute(params![photo, spot.to_string()])?;
        }
        Ok(())
    }

    /// The photo in a seat, with its id.
    fn photo_at(&self, seat: Seat) -> Result<Option<(i64, crate::domain::ContentHash)>> {
        let mut find = self.db.prepare_cached("SELECT photo, id FROM photos WHERE seat = ?")?;
        let mut rows = find.query([seat.0])?;
        rows.next()?.map(|row| Ok((row.get(0)?, super::reader::hash(row, 1)?))).transpose()
    }
}

/// Changes of one face.
#[derive(Debug, Clone)]
pub struct FaceChange {
    /// Which photo.
    pub seat: Seat,
    /// What.
    pub change: Change,
}

/// A gesture about people.
#[derive(Debug, Clone)]
pub struct PeopleGesture {
    /// In words, for undo.
    pub what: String,
    /// What it changes, in this order.
    pub changes: Vec<FaceChange>,
}

impl Writer {
    /// One gesture on faces; how many photos changed.
    ///
    /// # Errors
    /// Where a name is none; what the disk says. Then nothing is changed.
    pub fn edit_faces(&mut self, gesture: &PeopleGesture, now: Timestamp) -> Result<u64> {
        self.write(|tx| {
            let mut steps = Vec::with_capacity(gesture.changes.len());
            for one in &gesture.changes {
                let field = one.change.field().map_err(|error| CatalogError::Refused(error.to_string()))?;
                if let Some((photo, id)) = tx.photo_at(one.seat)? {
                    steps.push((photo, id, field, &one.change));
                }
            }
            tx.gesture_of_each(&steps, &gesture.what, now)
        })
    }

    /// Takes every word about faces away, here and, by the edit log, on every other computer: names, boxes, what was
    /// rejected, what machines said. What the log of this library said of them goes too, and nothing of it can be
    /// undone. Faces that were deleted, and those of them that had a name.
    ///
    /// # Errors
    /// What the disk says; then nothing is changed.
    pub fn forget_faces(&mut self, now: Timestamp) -> Result<(u64, u64)> {
        let counted = self.clear_faces(now)?;
        // Nobody has these names now, so that nothing points at them.
        self.write(|tx| {
            tx.db.execute_batch(
                "DELETE FROM bits WHERE token IN (SELECT token FROM tokens WHERE kind = 17);
                 DELETE FROM facets WHERE kind = 17; DELETE FROM tokens WHERE kind = 17;",
            )?;
            Ok(())
        })?;
        self.forget_cache();
        Ok(counted)
    }

    fn clear_faces(&mut self, now: Timestamp) -> Result<(u64, u64)> {
        self.write(|tx| {
            let count = |sql: &str| -> Result<u64> { Ok(tx.db.query_row(sql, [], |row| row.get(0))?) };
            let faces = count("SELECT count(*) FROM faces")?;
            let names = count("SELECT count(*) FROM faces WHERE fold IS NOT NULL")?;
            let cleared = tx.clear_decisions(now)?;
            tx.db.execute(
                "DELETE FROM edits WHERE field IN ('face', 'facemark', 'person', 'notperson') AND gesture <> ?",
                [cleared],
            )?;
            tx.db.execute(
                "UPDATE gestures SET undone = 1, what = 'Faces' WHERE gesture NOT IN (SELECT gesture FROM edits)",
                [],
            )?;
            tx.db.execute_batch(
                "DELETE FROM faces; DELETE FROM not_person; DELETE FROM face_users;
                 DELETE FROM answers_due WHERE asked IN ('faces', 'people');
                 DELETE FROM answers WHERE asked IN ('faces', 'people');
                 DELETE FROM settings WHERE name IN ('people_counted', 'people_listed');",
            )?;
            Ok((faces, names))
        })
    }
}

impl Tx<'_> {
    /// Appends the edits that take every decision back, without what it was, as a gesture that cannot be undone.
    fn clear_decisions(&mut self, now: Timestamp) -> Result<i64> {
        let gesture = self.new_gesture(&self.next_stamp(now)?, "Delete all face data", DONE, None)?;
        self.db.execute("UPDATE gestures SET undone = 1 WHERE gesture = ?", [gesture])?;
        // By the log, not by the tables: what is said of photos that are not here yet is taken back too.
        let mut said = self.db.prepare_cached(
            "SELECT DISTINCT id, field, element FROM edits WHERE field IN ('face', 'facemark', 'person', 'notperson')",
        )?;
        let rows: Vec<(Vec<u8>, String, String)> =
            said.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<rusqlite::Result<_>>()?;
        drop(said);
        for (id, name, element) in rows {
            let (Ok(field), Ok(id)) = (super::edits::field_from(&name, &element), <[u8; 32]>::try_from(id)) else {
                continue;
            };
            let empty = match &field {
                Field::Person(_) => EditValue::Nothing,
                Field::FaceMark(_) => EditValue::Text(FaceMark::Shown.name().to_owned()),
                _ => EditValue::Truth(false),
            };
            let id = crate::domain::ContentHash(id);
            if let Some(photo) = self.photo_with(&id)? {
                self.set_value(photo, &field, &empty)?;
            }
            self.log(gesture, &id, &field, &EditValue::Nothing, &empty)?;
        }
        Ok(gesture)
    }
}

/// A face's place, for errors.
pub(super) fn face_id(seat: i64, spot: &str) -> Option<FaceId> {
    Some(FaceId { seat: Seat(seat), spot: spot.parse().ok()? })
}
