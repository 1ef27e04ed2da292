//! Faces as machines see them: who found them, their numbers in the collection, and whose they may be. All of it is
//! found again where it is lost, so that none of it goes into the edit log.

use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension as _, params};

use super::error::Result;
use super::machine::tagger_number;
use super::queue::limited;
use super::reader::{Reader, hash};
use super::writer::{Tx, Writer};
use crate::domain::answers::apart;
use crate::domain::edit::Field;
use crate::domain::labels::{Answer, TaggerKind};
use crate::domain::people::{FaceBox, NotPerson, person_key};
use crate::domain::spend::Spent;
use crate::domain::{ContentHash, PhotoNum, Seat, Timestamp};

use super::Untagged;

/// Most faces of one user vector (Amazon Rekognition, `AssociateFaces`).
pub const MOST_OF_A_USER: usize = 100;

/// A face that a machine found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFace {
    /// Where.
    pub spot: FaceBox,
    /// Its id in the collection.
    pub aws: Option<String>,
    /// The user vector that it is part of there.
    pub user: Option<String>,
}

/// A face in the collection that a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsFace {
    /// Its number here.
    pub face: i64,
    /// Its id there.
    pub aws: String,
    /// The user vector that it is part of.
    pub user: Option<String>,
}

/// One step that makes the collection say what people decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Faces that are not of this user vector any more.
    Take {
        /// Which vector.
        user: String,
        /// Which faces.
        faces: Vec<AwsFace>,
    },
    /// A vector of nobody.
    Drop {
        /// Which.
        user: String,
    },
    /// Faces of a person.
    Give {
        /// Which vector; made first where `is_new`.
        user: Option<String>,
        /// Whose, folded.
        fold: String,
        /// How the name is spelled.
        name: String,
        /// Which faces.
        faces: Vec<AwsFace>,
    },
}

impl Writer {
    /// Keeps that a content was looked through for people, with the faces found and what was paid: all or nothing.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep_indexed(
        &mut self,
        answer: Answer,
        faces: &[FoundFace],
        at: Timestamp,
        paid: Option<(&str, &Spent)>,
    ) -> Result<Vec<Seat>> {
        self.write(|tx| {
            let content = answer.content;
            for part in apart(answer) {
                tx.keep_answer(&part, at)?;
            }
            if let Some((month, spent)) = paid {
                tx.add_spent(month, spent)?;
            }
            tx.take_faces(content, TaggerKind::Aws, faces)
        })
    }

    /// Takes over faces that a machine found in a content; the photos that have it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn take_faces(&mut self, found: &[(ContentHash, Vec<FoundFace>)], by: TaggerKind) -> Result<Vec<Seat>> {
        self.write(|tx| {
            let mut seats = Vec::new();
            for (content, faces) in found {
                seats.extend(tx.take_faces(*content, by, faces)?);
            }
            Ok(seats)
        })
    }

    /// Forgets the ids of faces that the collection does not have.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep_only_at_aws(&mut self, there: &HashSet<String>) -> Result<()> {
        self.write(|tx| {
            let mut statement = tx.db.prepare("SELECT face, aws FROM faces WHERE aws IS NOT NULL")?;
            let gone: Vec<i64> = statement
                .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?
                .filter_map(|row| row.map(|(face, aws)| (!there.contains(&aws)).then_some(face)).transpose())
                .collect::<rusqlite::Result<_>>()?;
            let mut forget =
                tx.db.prepare_cached("UPDATE faces SET aws = NULL, at_user = NULL, searched = 0 WHERE face = ?")?;
            for face in gone {
                forget.execute([face])?;
            }
            Ok(())
        })
    }

    /// Whose faces are in a vector.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_user(&mut self, user: &str, fold: &str) -> Result<()> {
        self.write(|tx| {
            let mut insert = tx.db.prepare_cached("INSERT OR REPLACE INTO face_users VALUES (?, ?)")?;
            insert.execute([user, fold])?;
            Ok(())
        })
    }

    /// A vector is gone.
    ///
    /// # Errors
    /// What the disk says.
    pub fn drop_user(&mut self, user: &str) -> Result<()> {
        self.write(|tx| {
            tx.db.prepare_cached("DELETE FROM face_users WHERE user = ?")?.execute([user])?;
            tx.db.prepare_cached("UPDATE faces SET at_user = NULL WHERE at_user = ?")?.execute([user])?;
            Ok(())
        })
    }

    /// Faces are part of a vector, or of none; with what that cost.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_at_user(&mut self, faces: &[i64], user: Option<&str>, paid: Option<(&str, &Spent)>) -> Result<()> {
        self.write(|tx| {
            let mut update = tx.db.prepare_cached("UPDATE faces SET at_user = ? WHERE face = ?")?;
            for face in faces {
                update.execute(params![user, face])?;
            }
            drop(update);
            paid.map_or(Ok(()), |(month, spent)| tx.add_spent(month, spent))
        })
    }

    /// Says whose a face may be, the likeliest first; the first who was not rejected is suggested. With what that cost.
    /// Whether there is a suggestion.
    ///
    /// # Errors
    /// What the disk says.
    pub fn suggest(&mut self, face: i64, users: &[(String, f32)], paid: (&str, &Spent)) -> Result<bool> {
        self.write(|tx| {
            tx.add_spent(paid.0, paid.1)?;
            tx.db.prepare_cached("UPDATE faces SET searched = 1 WHERE face = ?")?.execute([face])?;
            let mut name = tx.db.prepare_cached(
                "SELECT f.name FROM face_users u JOIN faces f ON f.fold = u.fold WHERE u.user = ? AND f.mark < 2 LIMIT 1",
            )?;
            for (user, similarity) in users {
                let name: Option<String> = name.query_row([user], |row| row.get(0)).optional()?;
                if let Some(name) = name
                    && tx.set_like(face, &name, *similarity)?
                {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Says which faces are like somebody's: ids in the collection, and how alike. How many are new suggestions.
    ///
    /// # Errors
    /// What the disk says.
    pub fn suggest_like(&mut self, name: &str, alike: &[(String, f32)], paid: (&str, &Spent)) -> Result<u64> {
        self.write(|tx| {
            tx.add_spent(paid.0, paid.1)?;
            let mut find = tx.db.prepare_cached("SELECT face FROM faces WHERE aws = ?")?;
            let mut count = 0;
            for (aws, similarity) in alike {
                let faces: Vec<i64> = find.query_map([aws], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
                for face in faces {
                    count += u64::from(tx.set_like(face, name, *similarity)?);
                }
            }
            Ok(count)
        })
    }

    /// The collection does not take these faces for their person: it is not asked again.
    ///
    /// # Errors
    /// What the disk says.
    pub fn refuse_faces(&mut self, faces: &[i64]) -> Result<()> {
        self.write(|tx| {
            let mut update = tx.db.prepare_cached("UPDATE faces SET searched = 2 WHERE face = ?")?;
            for face in faces {
                update.execute([face])?;
            }
            Ok(())
        })
    }

    /// A person has another name: suggestions follow.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rename_suggestions(&mut self, from: &str, to: &str) -> Result<()> {
        self.write(|tx| {
            tx.db
                .prepare_cached("UPDATE faces SET like_name = ?1, like_fold = ?2 WHERE like_fold = ?3")?
                .execute(params![to, person_key(to), person_key(from)])?;
            Ok(())
        })
    }
}

impl Tx<'_> {
    fn take_faces(&mut self, content: ContentHash, by: TaggerKind, found: &[FoundFace]) -> Result<Vec<Seat>> {
        let photos = self.photos_of(content)?;
        for (photo, _) in &photos {
            self.take_faces_of(*photo, by, found)?;
        }
        Ok(photos.into_iter().map(|(_, seat)| seat).collect())
    }

    fn take_faces_of(&mut self, photo: i64, by: TaggerKind, found: &[FoundFace]) -> Result<()> {
        let mut statement = self.db.prepare_cached("SELECT face, spot, aws FROM faces WHERE photo = ?")?;
        let known: Vec<(i64, String, Option<String>)> = statement
            .query_map([photo], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut known: Vec<(i64, FaceBox, Option<String>)> =
            known.into_iter().filter_map(|(face, spot, aws)| Some((face, spot.parse().ok()?, aws))).collect();
        for one in found {
            // Its own id first; then the box that covers it best and is nobody else's in the collection.
            let same = known.iter().position(|(_, _, aws)| aws.is_some() && *aws == one.aws).or_else(|| {
                let free = known
                    .iter()
                    .enumerate()
                    .filter(|(_, (_, spot, aws))| spot.is_same_face(one.spot) && (aws.is_none() || one.aws.is_none()));
                let best = free.max_by(|a, b| a.1.1.overlap(one.spot).total_cmp(&b.1.1.overlap(one.spot)));
                best.map(|(at, _)| at)
            });
            match same {
                Some(at) => {
                    let (face, _, _) = known.swap_remove(at);
                    self.db
                        .prepare_cached(
                            "UPDATE faces SET found = min(ifnull(found, ?2), ?2), aws = ifnull(?3, aws),
                               at_user = CASE WHEN ?3 IS NULL THEN at_user ELSE ?4 END WHERE face = ?1",
                        )?
                        .execute(params![face, tagger_number(by), one.aws, one.user])?;
                }
                None => {
                    self.db
                        .prepare_cached(
                            "INSERT OR IGNORE INTO faces(photo, spot, found, aws, at_user) VALUES (?, ?, ?, ?, ?)",
                        )?
                        .execute(params![photo, one.spot.to_string(), tagger_number(by), one.aws, one.user])?;
                }
            }
        }
        Ok(())
    }

    /// Suggests a name for a face that has none, unless it was rejected or a better one is there; whether it is new.
    fn set_like(&mut self, face: i64, name: &str, similarity: f32) -> Result<bool> {
        let mut statement = self.db.prepare_cached(
            "SELECT photo, spot, like_fold, like_percent FROM faces WHERE face = ? AND fold IS NULL AND mark = 0",
        )?;
        let found = statement.query_row([face], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, Option<String>>(2)?,
                row.get::<_, Option<f32>>(3)?,
            ))
        });
        let Some((photo, spot, before, percent)) = found.optional()? else { return Ok(false) };
        let Ok(spot) = spot.parse() else { return Ok(false) };
        let fold = person_key(name);
        if percent.is_some_and(|percent| percent >= similarity) || self.is_not(photo, NotPerson::new(spot, name))? {
            return Ok(false);
        }
        self.db
            .prepare_cached("UPDATE faces SET like_name = ?, like_fold = ?, like_percent = ? WHERE face = ?")?
            .execute(params![name, fold, similarity.clamp(0.0, 100.0), face])?;
        Ok(before.is_none_or(|before| before != fold))
    }
}

/// A face in the collection, with what was decided about it.
struct Row {
    face: AwsFace,
    photo: i64,
    spot: FaceBox,
    fold: Option<String>,
    name: Option<String>,
    is_none: bool,
}

impl Writer {
    /// What is left to do so that the collection says what people decided. (The writer's, because it may find vectors of
    /// an earlier life of this library, and remembers whose they are.)
    ///
    /// # Errors
    /// What the disk says.
    pub fn steps_at_aws(&mut self) -> Result<Vec<Step>> {
        self.write(|tx| {
            let rows = tx.aws_rows()?;
            let owners = tx.adopt_users(&rows)?;
            let mut steps = Vec::new();
            let mut take: HashMap<String, Vec<AwsFace>> = HashMap::new();
            let mut give: HashMap<String, (String, Vec<AwsFace>)> = HashMap::new();
            let mut held: HashMap<&str, usize> = HashMap::new();
            for row in &rows {
                let wanted = row.fold.as_ref().filter(|_| !row.is_none);
                let right = row.face.user.as_ref().is_some_and(|user| owners.get(user) == wanted && wanted.is_some());
                if right {
                    *held.entry(wanted.map(String::as_str).unwrap_or_default()).or_default() += 1;
                    continue;
                }
                if let Some(user) = &row.face.user
                    && tx.was_decided(row, owners.get(user))?
                {
                    take.entry(user.clone()).or_default().push(row.face.clone());
                }
                if let (Some(fold), Some(name)) = (wanted, &row.name) {
                    give.entry(fold.clone()).or_insert_with(|| (name.clone(), Vec::new())).1.push(row.face.clone());
                }
            }
            for (user, faces) in take {
                steps.extend(
                    faces.chunks(MOST_OF_A_USER).map(|faces| Step::Take { user: user.clone(), faces: faces.to_vec() }),
                );
            }
            let used: HashSet<&String> =
                rows.iter().filter(|row| !row.is_none).filter_map(|row| row.fold.as_ref()).collect();
            let nobodys = owners.iter().filter(|(_, fold)| !used.contains(fold));
            steps.extend(nobodys.map(|(user, _)| Step::Drop { user: user.clone() }));
            for (fold, (name, mut faces)) in give {
                faces.truncate(MOST_OF_A_USER.saturating_sub(held.get(fold.as_str()).copied().unwrap_or(0)));
                if !faces.is_empty() {
                    let user = owners.iter().find(|(_, owner)| **owner == fold).map(|(user, _)| user.clone());
                    steps.push(Step::Give { user, fold, name, faces });
                }
            }
            Ok(steps)
        })
    }
}

impl Tx<'_> {
    fn aws_rows(&self) -> Result<Vec<Row>> {
        let mut statement = self.db.prepare_cached(
            "SELECT face, aws, at_user, photo, spot, fold, name, mark FROM faces
             WHERE aws IS NOT NULL AND (fold IS NOT NULL OR at_user IS NOT NULL) AND searched < 2 ORDER BY face",
        )?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let Ok(spot) = row.get_ref(4)?.as_str().unwrap_or_default().parse() else { continue };
            found.push(Row {
                face: AwsFace { face: row.get(0)?, aws: row.get(1)?, user: row.get(2)? },
                photo: row.get(3)?,
                spot,
                fold: row.get(5)?,
                name: row.get(6)?,
                is_none: row.get::<_, i64>(7)? == 2,
            });
        }
        Ok(found)
    }

    /// Whose each vector is. A person without one gets the one that has most of their faces, where that is nobody's:
    /// so it is after a new name, and on a computer that begins anew.
    fn adopt_users(&mut self, rows: &[Row]) -> Result<HashMap<String, String>> {
        let mut statement = self.db.prepare_cached("SELECT user, fold FROM face_users")?;
        let mut owners: HashMap<String, String> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let alive = |fold: &String| rows.iter().any(|row| row.fold.as_ref() == Some(fold) && !row.is_none);
        let mut shares: HashMap<(&String, &String), usize> = HashMap::new();
        for row in rows.iter().filter(|row| !row.is_none) {
            if let (Some(fold), Some(user)) = (&row.fold, &row.face.user) {
                *shares.entry((fold, user)).or_default() += 1;
            }
        }
        let mut shares: Vec<_> = shares.into_iter().collect();
        shares.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        for ((fold, user), _) in shares {
            let has_one = owners.values().any(|owner| owner == fold);
            let is_free = owners.get(user).is_none_or(|owner| !alive(owner));
            if !has_one && is_free {
                owners.insert(user.clone(), fold.clone());
                let mut insert = self.db.prepare_cached("INSERT OR REPLACE INTO face_users VALUES (?, ?)")?;
                insert.execute([user, fold])?;
            }
        }
        Ok(owners)
    }

    /// Whether somebody here decided that a face is not what its vector says: another computer's word is left alone.
    fn was_decided(&self, row: &Row, owner: Option<&String>) -> Result<bool> {
        if row.is_none || row.fold.is_some() {
            return Ok(true);
        }
        let rejected = match owner {
            Some(owner) => self.is_not(row.photo, NotPerson::new(row.spot, owner))?,
            None => false,
        };
        Ok(rejected || self.was_edited(&self.id_of(row.photo)?, &Field::Person(row.spot))?)
    }
}

impl Reader {
    /// Photos that have a picture and were not looked through for people in this collection (`model`), after one.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unlooked(&self, model: &str, after: Option<PhotoNum>, limit: usize) -> Result<Vec<Untagged>> {
        let mut statement = self.db.prepare_cached(
            "SELECT p.photo, p.seat, p.blake3 FROM photos p WHERE p.photo > ?1 AND p.hidden = 0 AND p.has_picture = 1
               AND NOT EXISTS(SELECT 1 FROM answers n WHERE n.blake3 = p.blake3 AND n.tagger = 0 AND n.asked = 'people'
                 AND n.model = ?2) ORDER BY p.photo LIMIT ?3",
        )?;
        let mut rows = statement.query(params![after.map_or(0, |photo| photo.0), model, limited(limit)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Untagged { photo: PhotoNum(row.get(0)?), seat: Seat(row.get(1)?), content: hash(row, 2)? });
        }
        Ok(found)
    }

    /// Whether a content was looked through for people in this collection.
    ///
    /// # Errors
    /// What the disk says.
    pub fn was_looked(&self, content: ContentHash, model: &str) -> Result<bool> {
        let mut statement = self.db.prepare_cached(
            "SELECT 1 FROM answers WHERE blake3 = ? AND tagger = 0 AND asked = 'people' AND model = ?",
        )?;
        Ok(statement.exists(params![&content.0[..], model])?)
    }

    /// Faces in the collection that nobody named and that were not asked about yet.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unsearched(&self, limit: usize) -> Result<Vec<AwsFace>> {
        let mut statement = self.db.prepare_cached(
            "SELECT face, aws, at_user FROM faces WHERE aws IS NOT NULL AND fold IS NULL AND mark = 0 AND searched = 0
             ORDER BY face LIMIT ?",
        )?;
        let rows = statement.query_map([limited(limit)], |row| {
            Ok(AwsFace { face: row.get(0)?, aws: row.get(1)?, user: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether there is a vector of anybody.
    ///
    /// # Errors
    /// What the disk says.
    pub fn has_users(&self) -> Result<bool> {
        Ok(self.db.prepare_cached("SELECT 1 FROM face_users LIMIT 1")?.exists([])?)
    }

    /// How many photos were not looked through for people in this collection.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unlooked_count(&self, model: &str) -> Result<u64> {
        let mut statement = self.db.prepare_cached(
            "SELECT count(DISTINCT p.blake3) FROM photos p WHERE p.hidden = 0 AND p.has_picture = 1
               AND NOT EXISTS(SELECT 1 FROM answers n WHERE n.blake3 = p.blake3 AND n.tagger = 0 AND n.asked = 'people'
                 AND n.model = ?)",
        )?;
        Ok(statement.query_row([model], |row| row.get(0))?)
    }

    /// In how many photos this computer has not looked for faces.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unfaced_count(&self) -> Result<u64> {
        let mut statement = self.db.prepare_cached(
            "SELECT count(DISTINCT p.blake3) FROM photos p WHERE p.hidden = 0 AND p.has_picture = 1
               AND NOT EXISTS(SELECT 1 FROM answers n WHERE n.blake3 = p.blake3 AND n.tagger = 1 AND n.asked = 'faces')",
        )?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// How many faces of the collection are known here.
    ///
    /// # Errors
    /// What the disk says.
    pub fn faces_at_aws(&self) -> Result<u64> {
        Ok(self.db.query_row("SELECT count(DISTINCT aws) FROM faces WHERE aws IS NOT NULL", [], |row| row.get(0))?)
    }
}
