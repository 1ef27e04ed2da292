//! People and their faces, as they are shown.

use rusqlite::{Connection, Row, params};

use super::error::Result;
use super::people::{face_id, mark_from_number};
use super::queue::limited;
use super::reader::{Reader, damaged, hash};
use crate::domain::Seat;
use crate::domain::people::{Face, FaceBox, FaceId, FaceMark, FaceSource, FaceState, Person, person_key};

/// Which faces, as the catalogue is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhichFaces {
    /// Said to be this person's.
    Person(String),
    /// May be this person's, or anybody's.
    Suggested(Option<String>),
    /// Nobody's.
    Unknown,
    /// Hidden, or no faces.
    Hidden,
    /// Of one photo.
    Photo(Seat),
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeopleCounts {
    /// People with a face.
    pub people: u64,
    /// Faces with a name.
    pub named: u64,
    /// Faces that may be somebody's.
    pub suggested: u64,
    /// Faces that are nobody's.
    pub unknown: u64,
    /// Hidden ones, and those that are none.
    pub hidden: u64,
    /// Faces in the collection.
    pub at_aws: u64,
}

const COLUMNS: &str =
    "p.seat, f.spot, p.blake3, p.turns, f.drawn, f.found, f.mark, f.name, f.like_name, f.like_percent";
const FROM: &str = "faces f JOIN photos p ON p.photo = f.photo AND p.hidden = 0";

fn face(row: &Row<'_>) -> Result<Face> {
    let spot = row.get_ref(1)?.as_str().unwrap_or_default();
    let id = face_id(row.get(0)?, spot).ok_or_else(|| damaged("face"))?;
    let (name, like): (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
    let similarity: Option<f32> = row.get(9)?;
    let state = match (mark_from_number(row.get(6)?), name, like) {
        (FaceMark::NotAFace, _, _) => FaceState::NotAFace,
        (FaceMark::Hidden, name, _) => FaceState::Hidden { name },
        (FaceMark::Shown, Some(name), _) => FaceState::Accepted { name },
        (FaceMark::Shown, None, Some(name)) => {
            FaceState::Suggested { name, similarity: similarity.unwrap_or_default() }
        }
        (FaceMark::Shown, None, None) => FaceState::Unknown,
    };
    let source = match (row.get::<_, bool>(4)?, row.get::<_, Option<i64>>(5)?) {
        (false, Some(0)) => FaceSource::Aws,
        (false, Some(_)) => FaceSource::Device,
        _ => FaceSource::Hand,
    };
    let quarter_turns = row.get::<_, i64>(3)?.rem_euclid(4) as u8;
    Ok(Face { id, content: hash(row, 2)?, quarter_turns, source, state })
}

/// The condition, and the text or number that it asks for.
fn condition(which: &WhichFaces) -> (&'static str, rusqlite::types::Value) {
    let nothing = rusqlite::types::Value::Null;
    match which {
        WhichFaces::Person(name) => ("f.fold = ?1 AND f.mark < 2", person_key(name).into()),
        WhichFaces::Suggested(Some(name)) => {
            ("f.like_fold = ?1 AND f.fold IS NULL AND f.mark = 0", person_key(name).into())
        }
        WhichFaces::Suggested(None) => {
            ("?1 IS NULL AND f.like_fold IS NOT NULL AND f.fold IS NULL AND f.mark = 0", nothing)
        }
        WhichFaces::Unknown => ("?1 IS NULL AND f.like_fold IS NULL AND f.fold IS NULL AND f.mark = 0", nothing),
        WhichFaces::Hidden => ("?1 IS NULL AND f.mark > 0", nothing),
        WhichFaces::Photo(seat) => ("p.seat = ?1", seat.0.into()),
    }
}

impl Reader {
    /// A page of faces, those of the newest photo first, and how many there are in all.
    ///
    /// # Errors
    /// What the disk says.
    pub fn faces(&self, which: &WhichFaces, after: Option<FaceId>, limit: usize) -> Result<(Vec<Face>, u64)> {
        self.at_once(|db| {
            let (filter, value) = condition(which);
            let total = db
                .prepare_cached(&format!("SELECT count(*) FROM {FROM} WHERE {filter}"))?
                .query_row(params![value], |row| row.get(0))?;
            let mut statement = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM {FROM} WHERE {filter} AND (p.seat < ?2 OR p.seat = ?2 AND f.spot > ?3)
                 ORDER BY p.seat DESC, f.spot LIMIT ?4"
            ))?;
            let (seat, spot) = after.map_or((i64::MAX, String::new()), |id| (id.seat.0, id.spot.to_string()));
            let mut rows = statement.query(params![value, seat, spot, limited(limit)])?;
            let mut faces = Vec::new();
            while let Some(row) = rows.next()? {
                faces.push(face(row)?);
            }
            Ok((faces, total))
        })
    }

    /// These faces, as they are; those that are none are left out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn these_faces(&self, ids: &[FaceId]) -> Result<Vec<Face>> {
        self.at_once(|db| {
            let mut statement =
                db.prepare_cached(&format!("SELECT {COLUMNS} FROM {FROM} WHERE p.seat = ? AND f.spot = ?"))?;
            let mut faces = Vec::with_capacity(ids.len());
            for id in ids {
                let mut rows = statement.query(params![id.seat.0, id.spot.to_string()])?;
                if let Some(row) = rows.next()? {
                    faces.push(face(row)?);
                }
            }
            Ok(faces)
        })
    }

    /// Everybody: most faces first, those with suggestions only last.
    ///
    /// # Errors
    /// What the disk says.
    pub fn people(&self) -> Result<Vec<Person>> {
        self.at_once(|db| {
            let mut statement = db.prepare_cached(&format!(
                "SELECT f.fold, max(f.name), count(*), sum(f.mark), min(f.face) FROM {FROM}
                 WHERE f.fold IS NOT NULL AND f.mark < 2 GROUP BY f.fold ORDER BY count(*) DESC, f.fold"
            ))?;
            let mut rows = statement.query([])?;
            let mut people = Vec::new();
            while let Some(row) = rows.next()? {
                let fold: String = row.get(0)?;
                let (faces, hidden): (u64, u64) = (row.get(2)?, row.get(3)?);
                people.push(Person {
                    name: row.get(1)?,
                    faces,
                    suggestions: suggestions(db, &fold)?,
                    hidden: hidden == faces,
                    cover: cover(db, &fold)?,
                });
            }
            Ok(people)
        })
    }

    /// How many there are of everything.
    ///
    /// # Errors
    /// What the disk says.
    pub fn people_counts(&self) -> Result<PeopleCounts> {
        let sql = format!(
            "SELECT count(DISTINCT CASE WHEN f.mark < 2 THEN f.fold END), sum(f.fold IS NOT NULL AND f.mark < 2),
               sum(f.fold IS NULL AND f.mark = 0 AND f.like_fold IS NOT NULL),
               sum(f.fold IS NULL AND f.mark = 0 AND f.like_fold IS NULL), sum(f.mark > 0), count(f.aws) FROM {FROM}"
        );
        let count = |row: &Row<'_>, column| Ok::<u64, rusqlite::Error>(row.get::<_, Option<u64>>(column)?.unwrap_or(0));
        Ok(self.db.query_row(&sql, [], |row| {
            Ok(PeopleCounts {
                people: count(row, 0)?,
                named: count(row, 1)?,
                suggested: count(row, 2)?,
                unknown: count(row, 3)?,
                hidden: count(row, 4)?,
                at_aws: count(row, 5)?,
            })
        })?)
    }

    /// Where somebody is said not to be: places of faces, by photo.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rejections_of(&self, who: u64) -> Result<Vec<(Seat, FaceBox)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT p.seat, n.who FROM not_person n JOIN photos p ON p.photo = n.photo WHERE n.who LIKE '%/' || ?",
        )?;
        let mut rows = statement.query([format!("{who:016x}")])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let text = row.get_ref(1)?.as_str().unwrap_or_default();
            if let Ok(not) = text.parse::<crate::domain::people::NotPerson>() {
                found.push((Seat(row.get(0)?), not.spot));
            }
        }
        Ok(found)
    }

    /// Rows of every table that has to do with faces: nothing is left where all are 0.
    ///
    /// # Errors
    /// What the disk says.
    pub fn face_rows(&self) -> Result<Vec<(&'static str, u64)>> {
        let count = |sql: &str| -> Result<u64> { Ok(self.db.query_row(sql, [], |row| row.get(0))?) };
        Ok(vec![
            ("faces", count("SELECT count(*) FROM faces")?),
            ("not_person", count("SELECT count(*) FROM not_person")?),
            ("face_users", count("SELECT count(*) FROM face_users")?),
            ("answers about faces", count("SELECT count(*) FROM answers WHERE asked IN ('faces', 'people')")?),
            ("names in the index", count("SELECT count(*) FROM facets WHERE kind = 17")?),
            (
                "names in the edit log",
                count("SELECT count(*) FROM edits WHERE field = 'person' AND (old <> 'null' OR new <> 'null')")?,
            ),
        ])
    }
}

fn suggestions(db: &Connection, fold: &str) -> Result<u64> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT count(*) FROM {FROM} WHERE f.like_fold = ? AND f.fold IS NULL AND f.mark = 0"
    ))?;
    Ok(statement.query_row([fold], |row| row.get(0))?)
}

fn cover(db: &Connection, fold: &str) -> Result<Option<Face>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE f.fold = ? AND f.mark < 2 AND p.has_picture = 1 ORDER BY f.mark, f.face LIMIT 1"
    ))?;
    let mut rows = statement.query([fold])?;
    rows.next()?.map(face).transpose()
}

/// The named faces of a photo, for its detail.
pub(super) fn named(db: &Connection, photo: i64) -> Result<Vec<(FaceBox, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT spot, name FROM faces WHERE photo = ? AND name IS NOT NULL AND mark < 2 ORDER BY face",
    )?;
    let mut rows = statement.query([photo])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if let Ok(spot) = row.get_ref(0)?.as_str().unwrap_or_default().parse() {
            found.push((spot, row.get(1)?));
        }
    }
    Ok(found)
}
