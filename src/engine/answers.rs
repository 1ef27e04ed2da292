//! Answers of taggers: what is known already, keeping what is new, telling every store, and hearing what the stores
//! know from elsewhere, so that nothing is paid for twice.
//!
//! They lie in each store under `tags/<tagger>/<ulid>.jsonl`, one answer a line, and are never changed there.

use std::io::{BufRead as _, BufReader, Read};

use super::cancel::Cancel;
use super::errors::store_error;
use super::parts::Engine;
use super::stores::VAULT;
use crate::catalog::AnswersRead;
use crate::cloud::image_prices;
use crate::domain::answers::{KnownAnswer, LONGEST_JSON, read_line};
use crate::domain::labels::{Answer, Asked, TaggerKind};
use crate::domain::spend::{ImagePrices, Spent, month_of};
use crate::domain::{ContentHash, ObjectKey, Timestamp, keys};
use crate::protocol::{ErrorCode, ItemFailure, UserError};
use crate::store::{Condition, ObjectStore, StoreError};
use crate::tagger::rekognition::Rekognition;

/// Most answers of a segment.
const SEGMENT_ANSWERS: usize = 2_000;
/// About how long a segment may become, in bytes.
const SEGMENT_BYTES: usize = 8 << 20;
/// How much of a segment is read, in bytes.
const MOST_SEGMENT_BYTES: u64 = 64 << 20;
/// Answers taken over in one transaction.
const TAKEN_AT_ONCE: usize = 500;
/// Most segments that one look at a store takes over; the next look goes on.
const MOST_SEGMENTS: usize = 100_000;
/// Most lines of a segment that are complained of one by one.
const MOST_COMPLAINTS: usize = 5;

/// What the stores told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FetchedAnswers {
    /// Answers that this library did not have.
    pub new: u64,
    /// What could not be read, which never keeps the rest from being read.
    pub failed: Vec<ItemFailure>,
    /// Stores that could not be asked, and why: what they know may be paid for again.
    pub away: Vec<(String, UserError)>,
}

impl Engine {
    /// What a tagger said of these contents already, in their order; what is still to be asked is
    /// `asked.without(known.asked)`.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn known_answers(
        &self,
        contents: Vec<ContentHash>,
        tagger: TaggerKind,
    ) -> Result<Vec<KnownAnswer>, UserError> {
        self.read(move |reader| reader.answers(&contents, tagger)).await
    }

    /// What is still to be asked about these contents; those of which all is known are left out. Cheap: for estimates.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn questions_left(
        &self,
        contents: Vec<ContentHash>,
        tagger: TaggerKind,
        asked: Asked,
    ) -> Result<Vec<(ContentHash, Asked)>, UserError> {
        self.read(move |reader| {
            let known = reader.answered(&contents, tagger)?;
            let left = contents.iter().zip(known).map(|(content, known)| (*content, asked.without(known)));
            Ok(left.filter(|(_, left)| !left.is_nothing()).collect())
        })
        .await
    }

    /// Keeps answers that cost nothing.
    ///
    /// # Errors
    /// Where the catalogue cannot be written.
    pub async fn keep_answers(&self, answers: Vec<Answer>) -> Result<(), UserError> {
        let now = self.now();
        self.write(move |writer| writer.keep_answers(answers, now, None)).await
    }

    /// Keeps answers together with what they cost: a crash leaves both or neither.
    ///
    /// # Errors
    /// Where the catalogue cannot be written.
    pub async fn keep_paid_answers(&self, answers: Vec<Answer>, paid: Spent) -> Result<(), UserError> {
        let now = self.now();
        self.write(move |writer| writer.keep_answers(answers, now, Some((&month_of(now), &paid)))).await
    }

    /// What was spent in a month (`2026-11`, UTC); `None` is the present one.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn spent(&self, month: Option<String>) -> Result<Spent, UserError> {
        let month = month.unwrap_or_else(|| month_of(self.now()));
        self.read(move |reader| reader.spent(&month)).await
    }

    /// Rekognition on the account of whoever is signed in, in another region than the bucket's where one is named, asked
    /// at most so many times a second.
    ///
    /// # Errors
    /// In plain words: nothing is set up, nobody is signed in, or the server is not Amazon's.
    pub async fn rekognition(&self, region: Option<String>, most_per_s: Option<f64>) -> Result<Rekognition, UserError> {
        let made = Rekognition::new(&self.0.account.rekognition().await?, region);
        Ok(match most_per_s {
            Some(most) => made.at_most_per_s(most),
            None => made,
        })
    }

    /// What an image costs in a region.
    #[must_use]
    pub fn image_prices(region: &str) -> ImagePrices {
        image_prices(region)
    }

    /// Writes answers that a store in use does not have yet into it; how many.
    ///
    /// # Errors
    /// Where a store or the catalogue cannot be used; nothing is lost, and the next call does it.
    pub async fn send_answers(&self) -> Result<u64, UserError> {
        let (mut count, mut away) = (0, None);
        for shown in self.stores_in_use().await {
            // Nobody is asked anything over a network for nothing.
            if !self.owes_answers(shown).await? {
                continue;
            }
            let sent = match self.open_named(shown).await {
                Ok(opened) => self.send_answers_to(opened.store.as_ref(), &opened.name).await,
                Err(error) => Err(error),
            };
            match sent {
                Ok(sent) => count += sent,
                Err(error) => away = away.or(Some(error)),
            }
        }
        away.map_or(Ok(count), Err)
    }

    async fn owes_answers(&self, shown: &str) -> Result<bool, UserError> {
        let setting = if shown == VAULT { "vault" } else { "remote" };
        self.read(move |reader| {
            let Some(name) = reader.setting(setting)? else { return Ok(false) };
            let is_known = reader.stores()?.iter().any(|store| store.name == name);
            Ok(is_known && reader.has_answers_due(&name)?)
        })
        .await
    }

    pub(super) async fn send_answers_to(&self, store: &dyn ObjectStore, name: &str) -> Result<u64, UserError> {
        let mut count = 0;
        for tagger in TaggerKind::ALL {
            loop {
                let from = name.to_owned();
                let due =
                    self.read(move |reader| reader.answers_due(&from, tagger, SEGMENT_ANSWERS, SEGMENT_BYTES)).await?;
                if due.is_empty() {
                    break;
                }
                let mut text = String::with_capacity(due.iter().map(|one| one.json.len() + 1).sum());
                for one in &due {
                    text.push_str(&one.json);
                    text.push('\n');
                }
                let key = keys::tags_key(tagger.name(), &self.ulid());
                let put = self.small_put(key.clone(), text.into_bytes(), Condition::IfAbsent);
                let expected = put.expected;
                match store.put(put).await {
                    Ok(_) => {}
                    // A request that arrived twice: the key is ours alone, and these are its bytes.
                    Err(StoreError::Conflict { current: Some(current), .. }) if current.fingerprint == expected => {}
                    Err(error) => return Err(store_error(&error)),
                }
                count += due.len() as u64;
                let to = name.to_owned();
                self.write(move |writer| writer.answers_sent(&to, &key, tagger, &due)).await?;
            }
        }
        Ok(count)
    }

    /// Reads the answers that lie in the stores in use and were written elsewhere: by another library of the same
    /// person, or before this one was installed again. Before every paid run.
    ///
    /// # Errors
    /// Where the catalogue cannot be used, or it was cancelled; a store that is away is no error, but told.
    pub async fn fetch_answers(&self, cancel: &Cancel) -> Result<FetchedAnswers, UserError> {
        let mut all = FetchedAnswers::default();
        for shown in self.stores_in_use().await {
            let fetched = match self.open_named(shown).await {
                // Nothing was ever stored in it.
                Err(error) if error.code == ErrorCode::NotFound => continue,
                Ok(opened) => self.fetch_answers_from(opened.store.as_ref(), &opened.name, cancel).await,
                Err(error) => Err(error),
            };
            match fetched {
                Ok(mut fetched) => {
                    all.new += fetched.new;
                    all.failed.append(&mut fetched.failed);
                }
                Err(error) if error.code == ErrorCode::Cancelled => return Err(error),
                Err(error) => all.away.push((shown.to_owned(), error)),
            }
        }
        Ok(all)
    }

    pub(super) async fn fetch_answers_from(
        &self,
        store: &dyn ObjectStore,
        name: &str,
        cancel: &Cancel,
    ) -> Result<FetchedAnswers, UserError> {
        let mut fetched = FetchedAnswers::default();
        for tagger in TaggerKind::ALL {
            for key in self.unread_segments(store, name, tagger).await? {
                if cancel.is_cancelled() {
                    return Err(UserError::new(ErrorCode::Cancelled, "reading answers was stopped"));
                }
                match store.read(&key, None).await {
                    Ok(bytes) => {
                        let from = AnswersRead { store: name.to_owned(), at: written_at(&key), key, is_whole: false };
                        self.take_segment(bytes, from, tagger, &mut fetched).await?;
                    }
                    Err(error) => {
                        tracing::warn!("a segment of answers cannot be read ({error})");
                        fetched.failed.push(ItemFailure { path: key.0, why: error.to_string() });
                    }
                }
            }
        }
        Ok(fetched)
    }

    async fn unread_segments(
        &self,
        store: &dyn ObjectStore,
        name: &str,
        tagger: TaggerKind,
    ) -> Result<Vec<ObjectKey>, UserError> {
        let mut found = Vec::new();
        let mut each = |listed: crate::store::Listed| {
            if is_segment(&listed.key, tagger) {
                found.push(listed.key);
            }
            found.len() < MOST_SEGMENTS
        };
        let prefix = format!("tags/{}/", tagger.name());
        store.list(&prefix, false, &mut each).await.map_err(|error| store_error(&error))?;
        let name = name.to_owned();
        self.read(move |reader| reader.answer_segments_unread(&name, found)).await
    }

    async fn take_segment(
        &self,
        bytes: Box<dyn Read + Send>,
        mut from: AnswersRead,
        tagger: TaggerKind,
        fetched: &mut FetchedAnswers,
    ) -> Result<(), UserError> {
        let mut lines = Lines::new(bytes);
        while !from.is_whole {
            let mut answers = Vec::new();
            while answers.len() < TAKEN_AT_ONCE {
                match lines.next() {
                    Line::Text(text) => match read_line(&text, tagger) {
                        Ok(answer) => answers.push(answer),
                        Err(why) => lines.complain(why),
                    },
                    Line::Bad(why) => lines.complain(why),
                    Line::End => {
                        from.is_whole = true;
                        break;
                    }
                    Line::Broken(why) => {
                        // Not marked as read: the next look may get to its end.
                        let why = format!("it cannot be read to its end: {why}");
                        fetched.failed.push(ItemFailure { path: from.key.0.clone(), why });
                        let part = from.clone();
                        fetched.new += self.write(move |writer| writer.take_answers(&part, answers)).await?;
                        return Ok(());
                    }
                }
            }
            let part = from.clone();
            fetched.new += self.write(move |writer| writer.take_answers(&part, answers)).await?;
        }
        let path = from.key.0;
        for why in lines.told {
            tracing::warn!("answers in a store: {why}: {path}");
            fetched.failed.push(ItemFailure { path: path.clone(), why });
        }
        if lines.bad > MOST_COMPLAINTS {
            let why = format!("{} more lines cannot be read", lines.bad - MOST_COMPLAINTS);
            fetched.failed.push(ItemFailure { path, why });
        }
        Ok(())
    }
}

/// Lines of a segment, none longer than it may be; counts what is wrong with them.
struct Lines {
    bytes: BufReader<std::io::Take<Box<dyn Read + Send>>>,
    number: usize,
    bad: usize,
    told: Vec<String>,
}

enum Line {
    Text(String),
    Bad(String),
    Broken(String),
    End,
}

impl Lines {
    fn new(bytes: Box<dyn Read + Send>) -> Self {
        Self { bytes: BufReader::new(bytes.take(MOST_SEGMENT_BYTES)), number: 0, bad: 0, told: Vec::new() }
    }

    fn next(&mut self) -> Line {
        self.number += 1;
        let mut line = Vec::new();
        match self.bytes.by_ref().take(LONGEST_JSON as u64).read_until(b'\n', &mut line) {
            Ok(0) => return Line::End,
            Ok(_) => {}
            Err(error) => return Line::Broken(error.to_string()),
        }
        if line.len() >= LONGEST_JSON && line.last() != Some(&b'\n') {
            return match self.bytes.skip_until(b'\n') {
                Ok(_) => Line::Bad("it is far too long".to_owned()),
                Err(error) => Line::Broken(error.to_string()),
            };
        }
        String::from_utf8(line).map_or_else(|_| Line::Bad("it is no text".to_owned()), Line::Text)
    }

    fn complain(&mut self, why: String) {
        self.bad += 1;
        if self.told.len() < MOST_COMPLAINTS {
            let why: String = why.chars().take(200).collect();
            self.told.push(format!("line {} of the answers cannot be read: {why}", self.number));
        }
    }
}

/// `tags/<tagger>/<ulid>.jsonl`.
fn ulid_of(key: &ObjectKey) -> Option<ulid::Ulid> {
    key.0.rsplit('/').next()?.strip_suffix(".jsonl")?.parse().ok()
}

fn is_segment(key: &ObjectKey, tagger: TaggerKind) -> bool {
    ulid_of(key).is_some_and(|ulid| *key == keys::tags_key(tagger.name(), &ulid.to_string()))
}

/// When a segment was written, by its name.
fn written_at(key: &ObjectKey) -> Timestamp {
    let ms = ulid_of(key).map_or(0, |ulid| ulid.timestamp_ms());
    Timestamp(i64::try_from(ms).unwrap_or(0))
}
