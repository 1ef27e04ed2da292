//! How sure the taggers were, kept as a histogram: what a threshold would leave is known without looking at an answer.
//!
//! One row for each tagger and whole percent, changed together with the answers. A tag counts in the percent below its
//! confidence, a picture in that of its surest tag, so that the sum from a threshold on is exact.

use rusqlite::{OptionalExtension as _, params};

use super::error::Result;
use super::machine::{tagger_number, tags_of};
use super::reader::Reader;
use super::writer::Tx;
use crate::domain::labels::{Answer, TaggerKind};
use crate::domain::tagging::Sureness;

impl Tx<'_> {
    /// The answer that is kept to the same question, before another takes its place.
    pub(super) fn answer_before(&self, part: &Answer) -> Result<Option<Answer>> {
        let json: Option<String> = self
            .db
            .prepare_cached("SELECT json FROM answers WHERE blake3 = ? AND tagger = ? AND asked = ?")?
            .query_row(params![&part.content.0[..], tagger_number(part.tagger), part.asked.name()], |row| row.get(0))
            .optional()?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// Counts an answer's tags in (`by` 1) or out (−1).
    pub(super) fn count_sureness(&self, answer: &Answer, by: i64) -> Result<()> {
        if !answer.asked.labels {
            return Ok(());
        }
        let mut tags = [0_i64; 101];
        for tag in tags_of(answer, 0.0) {
            tags[tag.confidence.unwrap_or_default().clamp(0.0, 100.0) as usize] += by;
        }
        let surest = tags.iter().rposition(|count| *count != 0);
        let mut add = self.db.prepare_cached(
            "INSERT INTO sureness(tagger, percent, tags, pictures) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET tags = tags + ?3, pictures = pictures + ?4",
        )?;
        for (percent, count) in tags.iter().enumerate().filter(|(_, count)| **count != 0) {
            let pictures = if surest == Some(percent) { by } else { 0 };
            add.execute(params![tagger_number(answer.tagger), percent as i64, count, pictures])?;
        }
        Ok(())
    }
}

impl Reader {
    /// How sure a tagger was of all that it said.
    ///
    /// # Errors
    /// What the disk says.
    pub fn sureness(&self, tagger: TaggerKind) -> Result<Sureness> {
        let mut statement = self.db.prepare_cached("SELECT percent, tags, pictures FROM sureness WHERE tagger = ?")?;
        let mut rows = statement.query([tagger_number(tagger)])?;
        let mut sureness = Sureness::default();
        while let Some(row) = rows.next()? {
            let count = |column: usize| -> Result<u64> { Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0)) };
            sureness.add(row.get(0)?, count(1)?, count(2)?);
        }
        Ok(sureness)
    }
}
