//! Verify: a store against the catalogue, as deep as one likes.
//!
//! Every receipt must be met by an object, and every object by a receipt. Level 1 looks at the listing; level 2 at sizes
//! and recorded checksums, where the listing has none by asking for each version; level 3 reads and hashes every byte,
//! old versions included, and goes on the next time where a budget (or the end of the process) stopped it. What is
//! found is written down at once: the photo no longer counts as stored, and where an original with these bytes is still
//! here it is put on top of what is damaged. Memory: about 100 bytes an object.

use std::collections::HashMap;

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::errors::store_error;
use super::judge::{Judgement, against_listing, key_of};
use super::parts::Engine;
use super::progress::Reporter;
use super::serve::store_words;
use super::stores::OpenedStore;
use crate::catalog::{ReceiptRow, VersionNum};
use crate::domain::{Fingerprint, keys};
use crate::protocol::{ErrorCode, Event, ItemFailure, Phase, UserError, VerifyLevel, VerifyReport};
use crate::store::{Listed, ObjectStore};

const PAGE: usize = 512;
/// Objects hashed at a time.
const AT_ONCE: usize = 2;
/// Failures of a kind that a kept report lists.
const MOST_KEPT: usize = 1_000;

/// What a listing says of an object.
pub(super) struct Seen {
    pub size: u64,
    pub recorded: Option<Fingerprint>,
    pub met: bool,
    pub listed: String,
}

pub(super) type Seens = HashMap<(String, String), Seen>;

/// One check of one store.
pub(super) struct Check<'a> {
    pub engine: &'a Engine,
    pub opened: OpenedStore,
    pub level: VerifyLevel,
    pub cancel: &'a Cancel,
    pub reporter: &'a Reporter,
    pub report: VerifyReport,
    /// What was called damaged before.
    pub known: std::collections::HashSet<VersionNum>,
}

impl Engine {
    /// Checks a store. With a budget, level 3 ends before the file that would go beyond it (but reads one at least, so
    /// that it comes to an end some day), and the next check of this level goes on there.
    ///
    /// # Errors
    /// Where the store or the catalogue cannot be read at all, or it was cancelled.
    pub async fn verify(
        &self,
        store: &str,
        level: VerifyLevel,
        budget_bytes: Option<u64>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<VerifyReport, UserError> {
        let mut check = self.check(store, level, cancel, reporter).await?;
        reporter.phase(Phase::Counting);
        let mut seen = listing(check.opened.store.as_ref(), cancel).await?;
        reporter.update(|progress| {
            progress.phase = Phase::Working;
            progress.total = seen.len() as u64;
            progress.total_bytes =
                if level == VerifyLevel::EveryByte { seen.values().map(|s| s.size).sum() } else { 0 };
        });
        let cursor = format!("verified_to:{}:{}", check.opened.name, u8::from(level));
        let begun = self.cursor(&cursor).await?;
        let mut left = if level == VerifyLevel::EveryByte { budget_bytes } else { None };
        let mut after = None;
        loop {
            stop_if(cancel)?;
            let name = check.opened.name.clone();
            let page = self.read(move |reader| reader.receipts(&name, after, PAGE)).await?;
            let Some(last) = page.last().map(|row| row.version) else { break };
            after = Some(last);
            let mut rows = page;
            // What an earlier check has done, and what this one has no budget for, is met all the same: it is known.
            rows.retain(|row| {
                let is_new = row.version > begun && !check.report.unfinished;
                if !is_new && let Some(found) = seen.get_mut(&key_of(row)) {
                    found.met = true;
                }
                is_new
            });
            if rows.is_empty() {
                continue;
            }
            let done = check.page(&mut seen, rows, &mut left).await?;
            if level != VerifyLevel::Listing
                && let Some(done) = done
            {
                self.set_cursor(&cursor, Some(done)).await?;
            }
        }
        if !check.report.unfinished {
            self.set_cursor(&cursor, None).await?;
        }
        check.unknown(seen).await?;
        check.end().await
    }

    pub(super) async fn check<'a>(
        &'a self,
        store: &str,
        level: VerifyLevel,
        cancel: &'a Cancel,
        reporter: &'a Reporter,
    ) -> Result<Check<'a>, UserError> {
        let opened = self.open_named(store).await?;
        let name = opened.name.clone();
        let known = self.read(move |reader| reader.damaged(&name)).await?;
        let report = VerifyReport { store: opened.shown.to_owned(), level: level.into(), ..VerifyReport::default() };
        Ok(Check { engine: self, opened, level, cancel, reporter, report, known })
    }

    async fn cursor(&self, name: &str) -> Result<VersionNum, UserError> {
        let name = name.to_owned();
        let text = self.read(move |reader| reader.setting(&name)).await?;
        Ok(VersionNum(text.and_then(|text| text.parse().ok()).unwrap_or(0)))
    }

    /// Remembers how far a check is; a process that may only read begins anew the next time.
    async fn set_cursor(&self, name: &str, at: Option<VersionNum>) -> Result<(), UserError> {
        if !self.may_write() {
            return Ok(());
        }
        let (name, text) = (name.to_owned(), at.map_or_else(String::new, |at| at.0.to_string()));
        self.write(move |writer| writer.set_setting(&name, &text)).await
    }

    /// The dated reports of checks, newest first.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn reports(&self) -> Result<Vec<VerifyReport>, UserError> {
        const MOST: usize = 50;
        let texts = self.read(|reader| reader.reports(MOST)).await?;
        Ok(texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
    }
}

impl Check<'_> {
    /// Checks the receipts of a page, as far as the budget goes; the last one that was checked.
    async fn page(
        &mut self,
        seen: &mut Seens,
        rows: Vec<ReceiptRow>,
        left: &mut Option<u64>,
    ) -> Result<Option<VersionNum>, UserError> {
        let (mut deep, mut judged, mut done) = (Vec::new(), Vec::new(), None);
        for row in rows {
            let first = self.report.bytes_read == 0 && deep.is_empty();
            let (judgement, recorded) = against_listing(seen, &row, self.level);
            if self.report.unfinished {
                continue;
            }
            let reads = judgement.is_fine() && self.level == VerifyLevel::EveryByte;
            if reads && let Some(left) = left.as_mut() {
                let size = row.receipt.fingerprint.size;
                if size > *left && !first {
                    self.report.unfinished = true;
                    continue;
                }
                *left = left.saturating_sub(size);
            }
            done = Some(row.version);
            let asks = self.level == VerifyLevel::Checksums && !recorded;
            if judgement.is_fine() && (reads || asks) {
                deep.push(row);
            } else {
                self.reporter.update(|progress| progress.done += 1);
                judged.push((row, judgement));
            }
        }
        judged.extend(self.look_closer(deep).await?);
        self.settle(judged).await?;
        Ok(done)
    }

    /// Asks the store for the checksums of each, or reads each.
    pub(super) async fn look_closer(
        &mut self,
        rows: Vec<ReceiptRow>,
    ) -> Result<Vec<(ReceiptRow, Judgement)>, UserError> {
        let reads = self.level == VerifyLevel::EveryByte;
        let width = if reads { AT_ONCE } else { self.opened.store.width().max(1) };
        let (engine, opened, cancel) = (self.engine, &self.opened, self.cancel);
        let judge = |row: ReceiptRow| async move {
            if cancel.is_cancelled() {
                return None;
            }
            let judged =
                if reads { engine.judge_bytes(opened, &row).await } else { engine.judge_head(opened, &row).await };
            Some((row, judged))
        };
        let mut stream = stream::iter(rows).map(judge).buffer_unordered(width);
        let mut judged = Vec::new();
        let mut failed = None;
        while let Some(one) = stream.next().await {
            match one {
                None => {}
                Some((row, Ok(judgement))) => {
                    self.reporter.update(|progress| {
                        progress.done += 1;
                        progress.done_bytes += if reads { row.receipt.fingerprint.size } else { 0 };
                    });
                    if reads && !matches!(judgement, Judgement::Archived | Judgement::Missing) {
                        self.report.bytes_read += row.receipt.fingerprint.size;
                    }
                    judged.push((row, judgement));
                }
                Some((_, Err(error))) => {
                    // A store that is away is not asked for all the others too.
                    failed = Some(error);
                    break;
                }
            }
        }
        drop(stream);
        if let Some(error) = failed {
            // What was judged so far is not lost with the line.
            self.settle(judged).await?;
            return Err(store_error(&error));
        }
        if self.cancel.is_cancelled() {
            self.settle(judged).await?;
            stop_if(self.cancel)?;
            return Ok(Vec::new());
        }
        Ok(judged)
    }

    /// Counts what was judged, and writes down what was found wrong.
    pub(super) async fn settle(&mut self, judged: Vec<(ReceiptRow, Judgement)>) -> Result<(), UserError> {
        let (mut found, mut sound) = (Vec::new(), Vec::new());
        for (row, judgement) in judged {
            let failure = |why: String| ItemFailure { path: row.receipt.key.0.clone(), why };
            self.report.checked += 1;
            match judgement {
                Judgement::Fine => {
                    self.report.ok += 1;
                    if self.level == VerifyLevel::EveryByte && self.known.contains(&row.version) {
                        sound.push(row.version);
                    }
                }
                Judgement::Archived => {
                    self.report.ok += 1;
                    self.report.archived += 1;
                }
                Judgement::Missing => {
                    let place = store_words(self.opened.shown);
                    let why = format!("version {} has a receipt, but is not in {place}", row.number);
                    found.push((row.version, why.clone()));
                    self.report.missing.push(failure(why));
                }
                Judgement::Corrupt(why) => {
                    let why = format!("version {}: {why}", row.number);
                    found.push((row.version, why.clone()));
                    self.report.corrupt.push(failure(why));
                }
            }
        }
        if found.is_empty() && sound.is_empty() {
            return Ok(());
        }
        let mend = self.mendable(&found).await?;
        self.report.mending += mend.len() as u64;
        self.reporter.update(|progress| progress.failed += found.len() as u64);
        if !self.engine.may_write() {
            return Ok(());
        }
        let (name, now) = (self.opened.name.clone(), self.engine.now());
        let seats = self.engine.write(move |writer| writer.note_damage(&name, now, &found, &mend, &sound)).await?;
        self.engine.0.stale.notify_one();
        self.engine.0.say.say(Event::Changed { seats: Some(seats.into()), order: false }).await;
        Ok(())
    }

    /// Of what is damaged the contents of which an original is still here, unchanged as far as can be told.
    async fn mendable(&self, found: &[(VersionNum, String)]) -> Result<Vec<VersionNum>, UserError> {
        let (name, versions) =
            (self.opened.name.clone(), found.iter().map(|(version, _)| *version).collect::<Vec<_>>());
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        let able = self.engine.read(move |reader| reader.mendable(&name, &versions)).await?;
        let files = self.engine.0.parts.files.clone();
        let look = move || {
            let is_here = |file: &crate::catalog::MendPath| {
                files.stat(&file.path).is_ok_and(|stat| stat.size == file.size && stat.mtime_ns == file.mtime_ns)
            };
            able.into_iter().filter(|(_, paths)| paths.iter().any(is_here)).map(|(version, _)| version).collect()
        };
        Ok(self.engine.0.parts.quick.run(look).await)
    }

    /// Objects that no receipt names, nor ever named.
    async fn unknown(&mut self, seen: Seens) -> Result<(), UserError> {
        let left: Vec<(String, String)> =
            seen.into_iter().filter(|(_, seen)| !seen.met).map(|((_, version), seen)| (seen.listed, version)).collect();
        let name = self.opened.name.clone();
        let mut unknown: Vec<String> = self
            .engine
            .read(move |reader| {
                let mut unknown = Vec::new();
                for (key, version) in left {
                    if !reader.is_former(&name, &version)? {
                        unknown.push(key);
                    }
                }
                Ok(unknown)
            })
            .await?;
        unknown.sort();
        let why = format!("in {}, but no receipt names it", store_words(self.opened.shown));
        self.report.unknown = unknown.into_iter().map(|path| ItemFailure { path, why: why.clone() }).collect();
        Ok(())
    }

    /// Dates the report and keeps it.
    pub(super) async fn end(mut self) -> Result<VerifyReport, UserError> {
        self.report.ended = self.engine.now();
        if self.engine.may_write() {
            let mut kept = self.report.clone();
            for list in [&mut kept.missing, &mut kept.corrupt, &mut kept.unknown] {
                list.truncate(MOST_KEPT);
            }
            let json = serde_json::to_string(&kept)
                .map_err(|error| UserError::new(ErrorCode::Failed, format!("the report cannot be kept ({error})")))?;
            let (name, ended) = (self.opened.name, kept.ended);
            self.engine.write(move |writer| writer.add_report(&name, ended, &json)).await?;
        }
        Ok(self.report)
    }
}

pub(super) fn stop_if(cancel: &Cancel) -> Result<(), UserError> {
    if cancel.is_cancelled() {
        return Err(UserError::new(ErrorCode::Cancelled, "the check was stopped before its end"));
    }
    Ok(())
}

async fn listing(store: &dyn ObjectStore, cancel: &Cancel) -> Result<Seens, UserError> {
    let mut seen = Seens::new();
    let mut each = |listed: Listed| {
        let key = (keys::fold(&listed.key.0), listed.version.0.clone());
        let entry = Seen { size: listed.size, recorded: listed.recorded, met: false, listed: listed.key.0 };
        seen.insert(key, entry);
        !cancel.is_cancelled()
    };
    store.list("photos/", true, &mut each).await.map_err(|error| store_error(&error))?;
    stop_if(cancel)?;
    Ok(seen)
}
