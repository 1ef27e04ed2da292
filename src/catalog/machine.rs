//! Tags that machines gave: which of an answer's labels become tags, and which photos have no answer yet.

use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension as _, params};

use super::error::Result;
use super::index::Kind;
use super::photos::WantedTag;
use super::queue::limited;
use super::reader::{Reader, hash};
use super::writer::{Tx, Writer};
use crate::domain::labels::{Answer, TaggerKind};
use crate::domain::query::words::words;
use crate::domain::tag::TagName;
use crate::domain::{ContentHash, PhotoNum, Seat, TagSource};

/// How sure Rekognition has to be before its word becomes a tag, in percent, unless the person says otherwise.
pub const AWS_THRESHOLD: f32 = 75.0;
/// The same for the model on this computer, whose words have passed thresholds of their own.
pub const DEVICE_THRESHOLD: f32 = 15.0;

/// A photo that a tagger has not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untagged {
    /// Its number, for the next page.
    pub photo: PhotoNum,
    /// Where it is.
    pub seat: Seat,
    /// Its bytes of now.
    pub content: ContentHash,
}

/// The tagger's number in the catalogue.
pub(super) fn tagger_number(tagger: TaggerKind) -> i64 {
    match tagger {
        TaggerKind::Aws => 0,
        TaggerKind::Device => 1,
    }
}

/// The setting that holds a threshold.
fn threshold_setting(tagger: TaggerKind) -> String {
    format!("tag_threshold:{}", tagger.name())
}

fn threshold_from(text: Option<String>, tagger: TaggerKind) -> f32 {
    let usual = match tagger {
        TaggerKind::Aws => AWS_THRESHOLD,
        TaggerKind::Device => DEVICE_THRESHOLD,
    };
    text.and_then(|text| text.parse().ok()).filter(|percent| (0.0..=100.0).contains(percent)).unwrap_or(usual)
}

/// The tags of an answer: each label and what it is a kind of, as sure as the surest label that says so.
pub(super) fn tags_of(answer: &Answer, threshold: f32) -> Vec<WantedTag> {
    let source = match answer.tagger {
        TaggerKind::Aws => TagSource::Aws,
        TaggerKind::Device => TagSource::Device,
    };
    let mut found: Vec<WantedTag> = Vec::new();
    let mut places = HashMap::new();
    // A comparison with what is no number is false: such a label is left out.
    for label in answer.labels.iter().filter(|label| label.confidence >= threshold) {
        let names: Vec<&String> = std::iter::once(&label.name).chain(&label.parents).collect();
        for (at, name) in names.iter().enumerate() {
            let Ok(name) = TagName::new(name) else { continue };
            let place = *places.entry(name.key()).or_insert(found.len());
            if place == found.len() {
                let parent = names.get(at + 1).and_then(|parent| TagName::new(parent).ok());
                found.push(WantedTag { name, source, confidence: Some(label.confidence), parent });
            } else if found[place].confidence.is_none_or(|before| before < label.confidence) {
                found[place].confidence = Some(label.confidence);
            }
        }
    }
    found
}

impl Tx<'_> {
    /// The photos whose current original has these bytes.
    pub(super) fn photos_of(&self, content: ContentHash) -> Result<Vec<(i64, Seat)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT p.photo, p.seat FROM versions v
             CROSS JOIN assets a ON a.asset = v.asset AND a.current = v.version AND a.kind = 'original'
             CROSS JOIN photos p ON p.photo = a.photo WHERE v.blake3 = ?",
        )?;
        let photos = statement.query_map([&content.0[..]], |row| Ok((row.get(0)?, Seat(row.get(1)?))))?;
        Ok(photos.collect::<rusqlite::Result<_>>()?)
    }

    /// The tags that machines gave a content. What Rekognition said stands above the model on this computer.
    pub(super) fn machine_tags(&self, content: &ContentHash) -> Result<Vec<WantedTag>> {
        for tagger in TaggerKind::ALL {
            let mut statement = self.db.prepare_cached("SELECT json FROM answers WHERE blake3 = ? AND tagger = ?")?;
            let rows: Vec<String> = statement
                .query_map(params![&content.0[..], tagger_number(tagger)], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let mut threshold = self.db.prepare_cached("SELECT value FROM settings WHERE name = ?")?;
            let threshold = threshold.query_row([threshold_setting(tagger)], |row| row.get(0)).optional()?;
            let threshold = threshold_from(threshold, tagger);
            // Other switches were answered in other rows; only one of them looked for labels.
            let answers = rows.iter().filter_map(|json| serde_json::from_str::<Answer>(json).ok());
            if let Some(answer) = answers.into_iter().find(|answer| answer.asked.labels) {
                return Ok(tags_of(&answer, threshold));
            }
        }
        Ok(Vec::new())
    }

    /// Puts the words that taggers read in a photo into the index, and takes those of its earlier contents out.
    pub(super) fn index_read_text(&mut self, photo: i64, original: i64, content: &ContentHash) -> Result<()> {
        let mut statement = self.db.prepare_cached(
            "SELECT n.json, v.blake3 FROM versions v CROSS JOIN answers n ON n.blake3 = v.blake3 AND n.asked = 'text'
             WHERE v.asset = ?",
        )?;
        let mut rows = statement.query([original])?;
        let (mut before, mut now) = (HashSet::new(), HashSet::new());
        while let Some(row) = rows.next()? {
            let Ok(answer) = serde_json::from_str::<Answer>(row.get_ref(0)?.as_str().unwrap_or_default()) else {
                continue;
            };
            let to = if hash(row, 1)? == *content { &mut now } else { &mut before };
            to.extend(answer.texts.iter().flat_map(|line| words(&line.text)));
        }
        drop(rows);
        for word in before.difference(&now) {
            self.index.set_text(self.db, Kind::Text, word, photo, false)?;
        }
        for word in &now {
            self.index.set_text(self.db, Kind::Text, word, photo, true)?;
        }
        Ok(())
    }
}

impl Writer {
    /// Gives photos the tags of the answers that there are for their contents; which photos those are.
    ///
    /// # Errors
    /// What the disk says.
    pub fn tag_from_answers(&mut self, contents: &[ContentHash]) -> Result<Vec<Seat>> {
        self.write(|tx| {
            let mut seats = Vec::new();
            for content in contents {
                for (photo, seat) in tx.photos_of(*content)? {
                    tx.refresh_texts(photo)?;
                    seats.push(seat);
                }
            }
            Ok(seats)
        })
    }

    /// From how sure on a machine's word becomes a tag, in percent. Photos follow with [`Writer::tag_from_answers`].
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_tag_threshold(&mut self, tagger: TaggerKind, percent: f32) -> Result<()> {
        self.set_setting(&threshold_setting(tagger), &percent.clamp(0.0, 100.0).to_string())
    }
}

impl Reader {
    /// From how sure on a machine's word becomes a tag, in percent.
    ///
    /// # Errors
    /// What the disk says.
    pub fn tag_threshold(&self, tagger: TaggerKind) -> Result<f32> {
        Ok(threshold_from(self.setting(&threshold_setting(tagger))?, tagger))
    }

    /// Photos that have a picture and no answer of a tagger to what is asked, after one, at most `limit`. Those that
    /// another tagger has told the labels of are left out with `unless`.
    ///
    /// # Errors
    /// What the disk says.
    pub fn untagged(
        &self,
        tagger: TaggerKind,
        unless: Option<TaggerKind>,
        after: Option<PhotoNum>,
        limit: usize,
    ) -> Result<Vec<Untagged>> {
        let mut statement = self.db.prepare_cached(
            "SELECT p.photo, p.seat, p.blake3 FROM photos p WHERE p.photo > ?1 AND p.hidden = 0 AND p.has_picture = 1
               AND NOT EXISTS(SELECT 1 FROM answers n WHERE n.blake3 = p.blake3 AND n.tagger IN (?2, ?3) AND n.asked = 'labels')
             ORDER BY p.photo LIMIT ?4",
        )?;
        let number = tagger_number(tagger);
        let values =
            params![after.map_or(0, |photo| photo.0), number, unless.map_or(number, tagger_number), limited(limit)];
        let mut rows = statement.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Untagged { photo: PhotoNum(row.get(0)?), seat: Seat(row.get(1)?), content: hash(row, 2)? });
        }
        Ok(found)
    }

    /// The present contents of photos that have a picture.
    ///
    /// # Errors
    /// What the disk says.
    pub fn contents_of(&self, seats: &[Seat]) -> Result<Vec<Untagged>> {
        let mut statement = self.db.prepare_cached(
            "SELECT photo, seat, blake3 FROM photos WHERE seat = ? AND hidden = 0 AND has_picture = 1",
        )?;
        let mut found = Vec::new();
        for seat in seats {
            let mut rows = statement.query([seat.0])?;
            if let Some(row) = rows.next()? {
                found.push(Untagged { photo: PhotoNum(row.get(0)?), seat: Seat(row.get(1)?), content: hash(row, 2)? });
            }
        }
        Ok(found)
    }

    /// Contents with answers of a tagger, after one: whose tags a new threshold changes.
    ///
    /// # Errors
    /// What the disk says.
    pub fn tagged_contents(
        &self,
        tagger: TaggerKind,
        after: Option<ContentHash>,
        limit: usize,
    ) -> Result<Vec<ContentHash>> {
        let mut statement = self.db.prepare_cached(
            "SELECT DISTINCT blake3 FROM answers WHERE tagger = ? AND blake3 > ? ORDER BY blake3 LIMIT ?",
        )?;
        let after = after.map_or_else(Vec::new, |content| content.0.to_vec());
        let mut rows = statement.query(params![tagger_number(tagger), after, limited(limit)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(hash(row, 0)?);
        }
        Ok(found)
    }
}
