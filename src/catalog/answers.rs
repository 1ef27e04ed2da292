//! Answers of taggers, kept for ever: what is known of a content, what a store has not been told, what it told us.
//!
//! A row holds what was answered to one question (labels, faces or text), so that each can be known without the others.

use rusqlite::params;

use super::error::Result;
use super::machine::tagger_number;
use super::queue::store_number;
use super::reader::{Reader, damaged};
use super::writer::{Tx, Writer};
use crate::domain::answers::{KnownAnswer, apart, sound, together};
use crate::domain::labels::{Answer, Asked, TaggerKind};
use crate::domain::spend::Spent;
use crate::domain::{ContentHash, ObjectKey, Timestamp};

/// An answer that a store is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueAnswer {
    /// Of which bytes.
    pub content: ContentHash,
    /// What was asked.
    pub asked: String,
    /// When it was answered: a later answer is owed again.
    pub at: Timestamp,
    /// The answer, as one line of JSON.
    pub json: String,
}

/// What a segment told, and from where.
#[derive(Debug, Clone)]
pub struct AnswersRead {
    /// The store's name in the catalogue.
    pub store: String,
    /// The segment.
    pub key: ObjectKey,
    /// When it was written.
    pub at: Timestamp,
    /// Nothing more comes of it: it need not be read again.
    pub is_whole: bool,
}

impl Reader {
    /// What this tagger was asked already about these contents, in their order.
    ///
    /// # Errors
    /// What the disk says.
    pub fn answered(&self, contents: &[ContentHash], tagger: TaggerKind) -> Result<Vec<Asked>> {
        self.at_once(|db| {
            let mut statement = db.prepare_cached("SELECT asked FROM answers WHERE blake3 = ? AND tagger = ?")?;
            let one = |content: &ContentHash| -> Result<Asked> {
                let mut rows = statement.query(params![&content.0[..], tagger_number(tagger)])?;
                let mut known = Asked::NOTHING;
                while let Some(row) = rows.next()? {
                    let name = row.get_ref(0)?.as_str().unwrap_or_default();
                    known = known.and(Asked::from_name(name).unwrap_or(Asked::NOTHING));
                }
                Ok(known)
            };
            contents.iter().map(one).collect()
        })
    }

    /// What this tagger said of these contents, in their order.
    ///
    /// # Errors
    /// What the disk says; an answer that is none.
    pub fn answers(&self, contents: &[ContentHash], tagger: TaggerKind) -> Result<Vec<KnownAnswer>> {
        self.at_once(|db| {
            let mut statement =
                db.prepare_cached("SELECT json FROM answers WHERE blake3 = ? AND tagger = ? ORDER BY asked")?;
            let one = |content: &ContentHash| -> Result<KnownAnswer> {
                let mut rows = statement.query(params![&content.0[..], tagger_number(tagger)])?;
                let mut parts: Vec<Answer> = Vec::new();
                while let Some(row) = rows.next()? {
                    let json = row.get_ref(0)?.as_str().map_err(|_| damaged("answer"))?;
                    parts.push(serde_json::from_str(json).map_err(|_| damaged("answer"))?);
                }
                let answer = together(parts);
                let asked = answer.as_ref().map_or(Asked::NOTHING, |answer| answer.asked);
                Ok(KnownAnswer { content: *content, asked, answer })
            };
            contents.iter().map(one).collect()
        })
    }

    /// Whether a store is owed any answer.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn has_answers_due(&self, store: &str) -> Result<bool> {
        self.at_once(|db| {
            let mut statement = db.prepare_cached("SELECT 1 FROM answers_due WHERE store = ? LIMIT 1")?;
            Ok(statement.exists([store_number(db, store)?])?)
        })
    }

    /// Answers of a tagger that a store is owed: at most so many, and about so many bytes of them.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn answers_due(&self, store: &str, tagger: TaggerKind, limit: usize, bytes: usize) -> Result<Vec<DueAnswer>> {
        self.at_once(|db| {
            let mut statement = db.prepare_cached(
                "SELECT a.blake3, a.asked, a.at, a.json FROM answers_due d JOIN answers a USING(blake3, tagger, asked)
                 WHERE d.store = ? AND d.tagger = ? LIMIT ?",
            )?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut rows = statement.query(params![store_number(db, store)?, tagger_number(tagger), limit])?;
            let (mut due, mut length) = (Vec::new(), 0);
            while length < bytes
                && let Some(row) = rows.next()?
            {
                let content = super::reader::hash(row, 0)?;
                let one = DueAnswer { content, asked: row.get(1)?, at: Timestamp(row.get(2)?), json: row.get(3)? };
                length += one.json.len();
                due.push(one);
            }
            Ok(due)
        })
    }

    /// Which of these segments in a store were not read yet, in their order.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn answer_segments_unread(&self, store: &str, keys: Vec<ObjectKey>) -> Result<Vec<ObjectKey>> {
        self.at_once(|db| {
            let store = store_number(db, store)?;
            let mut statement = db.prepare_cached("SELECT 1 FROM answer_segments_read WHERE store = ? AND key = ?")?;
            let mut unread = Vec::new();
            for key in keys {
                if !statement.exists(params![store, key.0])? {
                    unread.push(key);
                }
            }
            Ok(unread)
        })
    }
}

impl Writer {
    /// Keeps answers, and what was paid for them in a month, together; whoever crashes has both or neither. Every store
    /// is then owed them.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep_answers(&mut self, answers: Vec<Answer>, at: Timestamp, paid: Option<(&str, &Spent)>) -> Result<()> {
        self.write(|tx| {
            for part in answers.into_iter().map(sound).flat_map(apart) {
                tx.keep_answer(&part, at)?;
            }
            paid.map_or(Ok(()), |(month, spent)| tx.add_spent(month, spent))
        })
    }

    /// Keeps what a store's segment told; how many answers are new. The store is not owed what it told itself.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn take_answers(&mut self, from: &AnswersRead, answers: Vec<Answer>) -> Result<u64> {
        self.write(|tx| {
            let store = store_number(tx.db, &from.store)?;
            let mut count = 0;
            for part in answers.into_iter().flat_map(apart) {
                count += u64::from(tx.keep_answer(&part, from.at)?);
                tx.db
                    .prepare_cached(
                        "DELETE FROM answers_due WHERE store = ?1 AND tagger = ?2 AND blake3 = ?3 AND asked = ?4
                           AND ?5 = (SELECT json FROM answers WHERE blake3 = ?3 AND tagger = ?2 AND asked = ?4)",
                    )?
                    .execute(params![
                        store,
                        tagger_number(part.tagger),
                        &part.content.0[..],
                        part.asked.name(),
                        json(&part)
                    ])?;
            }
            if from.is_whole {
                tx.segment_read(store, &from.key)?;
            }
            Ok(count)
        })
    }

    /// Remembers that a segment with these answers is in a store.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn answers_sent(&mut self, store: &str, key: &ObjectKey, tagger: TaggerKind, sent: &[DueAnswer]) -> Result<()> {
        self.write(|tx| {
            let store = store_number(tx.db, store)?;
            for one in sent {
                tx.db
                    .prepare_cached(
                        "DELETE FROM answers_due WHERE store = ?1 AND tagger = ?2 AND blake3 = ?3 AND asked = ?4
                           AND ?5 = (SELECT at FROM answers WHERE blake3 = ?3 AND tagger = ?2 AND asked = ?4)",
                    )?
                    .execute(params![store, tagger_number(tagger), &one.content.0[..], one.asked, one.at.0])?;
            }
            tx.segment_read(store, key)
        })
    }
}

/// The answer as it is kept.
fn json(part: &Answer) -> String {
    serde_json::to_string(part).unwrap_or_default()
}

impl Tx<'_> {
    /// Keeps the answer to one question, unless a later one is there; whether it was kept.
    pub(super) fn keep_answer(&mut self, part: &Answer, at: Timestamp) -> Result<bool> {
        let kept = self
            .db
            .prepare_cached(
                "INSERT INTO answers(blake3, tagger, asked, model, at, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET model = ?4, at = ?5, json = ?6 WHERE ?5 > at AND ?6 <> json",
            )?
            .execute(params![
                &part.content.0[..],
                tagger_number(part.tagger),
                part.asked.name(),
                part.model,
                at.0,
                json(part)
            ])?;
        Ok(kept > 0)
    }

    fn segment_read(&mut self, store: i64, key: &ObjectKey) -> Result<()> {
        let mut insert = self.db.prepare_cached("INSERT OR IGNORE INTO answer_segments_read VALUES (?, ?)")?;
        insert.execute(params![store, key.0])?;
        Ok(())
    }
}

#[cfg(test)]
#[path = "tests/answers.rs"]
mod tests;
