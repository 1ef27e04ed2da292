//! Store: what the catalogue has queued goes into the stores, as batches, each object with its receipt.
//!
//! The order of durable writes, every step of which may be repeated: the queue row → the object, with what it must be →
//! the store's answer with the same checksum and a version → the receipt row → only now "stored" → the manifest
//! segment. A run begins with the batches that an earlier one left unfinished, so that a crash between any two steps
//! converges. Each store has a run of its own: a slow line never holds the vault back.

use std::path::PathBuf;

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::manifest::SegmentClock;
use super::parts::Engine;
use super::progress::Reporter;
use super::stores::{OpenedStore, VAULT};
use crate::catalog::{PendingUpload, UploadState, VersionNum};
use crate::domain::{ContentHash, keys};
use crate::protocol::{ErrorCode, ItemFailure, OpId, Phase, StoreReport, UserError};
use crate::store::{Condition, Put, StoreError};

/// Thumbnails sent between two looks at the catalogue.
const THUMBS: usize = 256;
/// Thumbnails in flight at a time: they come last and must not crowd anything out.
const THUMBS_AT_ONCE: usize = 4;
/// Imports of changed files in one run: a file that never stops changing is left to the next.
const MOST_ROUNDS: usize = 3;

/// One store run.
pub(super) struct Run<'a> {
    pub engine: &'a Engine,
    pub to: OpenedStore,
    pub cancel: &'a Cancel,
    pub reporter: &'a Reporter,
    pub report: StoreReport,
    pub changed: Vec<PathBuf>,
    /// What only a vault used before has, and why it could not be brought over.
    pub left_behind: Vec<ItemFailure>,
    pub segments: SegmentClock,
}

impl Engine {
    /// Stores everything that waits, in every store in use. What needs a person is tried once more as well. A store
    /// that cannot be used stands among what needs a person, unless it is the only one.
    ///
    /// # Errors
    /// Where no store can be used at all; what was stored before that stays stored.
    pub async fn store(&self, op: OpId, cancel: &Cancel, reporter: &Reporter) -> Result<StoreReport, UserError> {
        let shown = self.stores_in_use().await;
        let runs = shown.iter().map(|shown| self.store_in(shown, op, cancel, reporter));
        let (mut whole, mut first) = (None::<StoreReport>, None);
        let mut away = Vec::new();
        for (shown, outcome) in shown.iter().zip(join_all(runs).await) {
            match outcome {
                Ok(report) => {
                    let sum = whole.get_or_insert_default();
                    sum.stored += report.stored;
                    sum.waiting += report.waiting;
                    sum.batch = sum.batch.take().or(report.batch);
                    for failure in report.needs_you {
                        if !sum.needs_you.contains(&failure) {
                            sum.needs_you.push(failure);
                        }
                    }
                }
                Err(error) => {
                    away.push(ItemFailure { path: (*shown).to_owned(), why: error.message.clone() });
                    first.get_or_insert(error);
                }
            }
        }
        match (whole, first) {
            (Some(mut report), _) => {
                report.needs_you.extend(away);
                Ok(report)
            }
            (None, Some(error)) => Err(error),
            (None, None) => Err(UserError::new(ErrorCode::Usage, "this library has no store")
                .hint("Switch the vault on again: `lightkeep stores add vault`.")),
        }
    }

    /// Stores everything that waits for one store, by its name for people.
    ///
    /// # Errors
    /// Where it cannot be used; what was stored before that stays stored.
    pub async fn store_in(
        &self,
        shown: &str,
        op: OpId,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<StoreReport, UserError> {
        let turn = if shown == VAULT { &self.0.storing } else { &self.0.storing_remote };
        let _turn = turn.lock().await;
        let outcome = match self.open_named(shown).await {
            Ok(to) => self.run(to, op, cancel, reporter).await,
            Err(error) => Err(error),
        };
        self.note_trouble(shown, outcome.as_ref().err());
        self.0.stale.notify_one();
        outcome
    }

    async fn run(
        &self,
        to: OpenedStore,
        op: OpId,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<StoreReport, UserError> {
        let mut run = Run {
            engine: self,
            to,
            cancel,
            reporter,
            report: StoreReport::default(),
            changed: Vec::new(),
            left_behind: Vec::new(),
            segments: SegmentClock::new(self.now()),
        };
        reporter.phase(Phase::Counting);
        run.count().await?;
        reporter.phase(Phase::Working);
        let result = run.rounds(op).await;
        let ended = run.end().await;
        result?;
        ended?;
        let report = run.report;
        tracing::info!(
            store = run.to.shown,
            stored = report.stored,
            waiting = report.waiting,
            needs_you = report.needs_you.len(),
            batch = report.batch,
            "stored"
        );
        Ok(report)
    }

    /// Whether a store run would have anything to do.
    pub(super) async fn has_to_store(&self) -> bool {
        for shown in self.stores_in_use().await {
            if self.has_to_store_in(shown).await {
                return true;
            }
        }
        false
    }

    /// The same for one store.
    pub(super) async fn has_to_store_in(&self, shown: &str) -> bool {
        let setting = if shown == VAULT { "vault" } else { "remote" };
        let Ok(Some(name)) = self.read(move |reader| reader.setting(setting)).await else {
            // Nothing was ever stored there: everything in the library is still to be.
            return self.read(|reader| reader.status()).await.is_ok_and(|status| status.photos > 0);
        };
        let left = self.read(move |reader| {
            let info = reader.stores()?.into_iter().find(|info| info.name == name && info.enabled);
            let waits = info.is_none_or(|info| info.waiting > 0);
            Ok(waits
                || !reader.unfinished_batches(&name)?.is_empty()
                || !reader.thumbs_due(&name, 1)?.is_empty()
                || reader.has_answers_due(&name)?
                || reader.has_path_news(&name)?)
        });
        left.await.unwrap_or(true) || (shown == VAULT && self.carry_list().await.is_ok_and(|list| !list.is_empty()))
    }

    /// What waits for a person, in any store.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn needs_you(&self, limit: usize) -> Result<Vec<ItemFailure>, UserError> {
        let items = self.read(move |reader| reader.needs_you(limit)).await?;
        Ok(items.into_iter().map(failure).collect())
    }

    /// Bytes that we made, as a put.
    pub(super) fn small_put(&self, key: crate::domain::ObjectKey, bytes: Vec<u8>, condition: Condition) -> Put {
        let expected = crate::files::fingerprint_bytes(&bytes);
        Put::new(key, crate::store::Body::Bytes(bytes.into()), expected, self.now(), condition)
    }
}

/// Why an item is not stored.
pub(super) fn failure(item: PendingUpload) -> ItemFailure {
    let path = item.paths.first().map_or_else(|| item.key.0.clone(), |path| path.display().to_string());
    let why = match item.state {
        UploadState::NeedsYou { why } | UploadState::Waiting { why, .. } => why,
        UploadState::Queued => "it waits its turn".to_owned(),
    };
    ItemFailure { path, why }
}

impl Run<'_> {
    /// What there is to do, for the progress; with what earlier runs did of the same batches, so that a restart does
    /// not begin at nothing.
    async fn count(&self) -> Result<(), UserError> {
        let name = self.to.name.clone();
        let totals = self.engine.read(move |reader| reader.queue_totals(&name)).await?;
        self.reporter.update(|progress| {
            progress.total += totals.items + totals.done;
            progress.total_bytes += totals.bytes + totals.done_bytes;
            progress.done += totals.done;
            progress.done_bytes += totals.done_bytes;
            progress.earlier += totals.done;
            progress.earlier_bytes += totals.done_bytes;
        });
        Ok(())
    }

    pub(super) async fn page(
        &self,
        batch: Option<&str>,
        after: Option<VersionNum>,
        limit: usize,
    ) -> Result<Vec<PendingUpload>, UserError> {
        let (name, batch) = (self.to.name.clone(), batch.map(str::to_owned));
        self.engine.read(move |reader| reader.pending(&name, batch.as_deref(), after, limit)).await
    }

    async fn rounds(&mut self, op: OpId) -> Result<(), UserError> {
        if self.to.shown == VAULT {
            self.carry_over().await?;
        }
        for round in 1.. {
            self.all_items().await?;
            if !self.cancel.is_cancelled() {
                self.close_batches().await?;
            }
            if self.changed.is_empty() || self.cancel.is_cancelled() || round == MOST_ROUNDS {
                break;
            }
            // The bytes that were queued are gone; what is in their place is a version of its own.
            let paths = std::mem::take(&mut self.changed);
            self.engine.import(op, paths, self.cancel, self.reporter).await?;
        }
        Ok(())
    }

    /// Writes the final segments of batches of which nothing waits any more, and tells of changed paths.
    async fn close_batches(&mut self) -> Result<(), UserError> {
        let name = self.to.name.clone();
        let (open, news) = self
            .engine
            .read(move |reader| Ok((reader.unfinished_batches(&name)?, reader.has_path_news(&name)?)))
            .await?;
        let mut ulids: Vec<String> = open.into_iter().map(|batch| batch.ulid).collect();
        if news && ulids.is_empty() {
            ulids.push(self.engine.ulid());
            self.open_batch(&ulids[0]).await?;
        }
        for ulid in ulids {
            let batch = ulid.clone();
            let (waiting, _) = self.engine.read(move |reader| reader.batch_left(&batch)).await?;
            self.write_segments(&ulid, waiting == 0).await?;
        }
        Ok(())
    }

    pub(super) async fn open_batch(&self, ulid: &str) -> Result<(), UserError> {
        let (ulid, name, now) = (ulid.to_owned(), self.to.name.clone(), self.engine.now());
        self.engine.write(move |writer| writer.open_batch(&ulid, &name, now)).await
    }

    /// Thumbnails and edits, then what is left to say.
    async fn end(&mut self) -> Result<(), UserError> {
        self.reporter.phase(Phase::Finishing);
        if !self.cancel.is_cancelled() {
            self.send_thumbs().await?;
            self.engine.flush_edits_to(self.to.store.as_ref(), &self.to.name).await?;
            self.engine.send_answers_to(self.to.store.as_ref(), &self.to.name).await?;
        }
        let name = self.to.name.clone();
        let stores = self.engine.read(|reader| reader.stores()).await?;
        let info = stores.into_iter().find(|info| info.name == name);
        self.report.waiting = info.map_or(0, |info| info.waiting);
        self.report.needs_you = self.engine.needs_you(1_000).await?;
        self.report.needs_you.append(&mut self.left_behind);
        Ok(())
    }

    /// Grid pictures, so that a library opened from this store shows them at once. Not part of any proof: one that
    /// cannot be stored is made again from its original.
    async fn send_thumbs(&mut self) -> Result<(), UserError> {
        while !self.cancel.is_cancelled() {
            let name = self.to.name.clone();
            let due = self.engine.read(move |reader| reader.thumbs_due(&name, THUMBS)).await?;
            if due.is_empty() {
                break;
            }
            let asked = due.len();
            let sending = stream::iter(due).map(|content| self.send_thumb(content)).buffer_unordered(THUMBS_AT_ONCE);
            let sent: Vec<ContentHash> = sending.filter_map(|sent| async move { sent }).collect().await;
            let (name, settled) = (self.to.name.clone(), sent.len());
            self.engine.write(move |writer| writer.thumbs_sent(&name, &sent)).await?;
            if settled < asked {
                // The store does not answer as it should; they are due still, and there is no hurry.
                break;
            }
        }
        Ok(())
    }

    /// The content again, where nothing more is to be done for it.
    async fn send_thumb(&self, content: ContentHash) -> Option<ContentHash> {
        let from = self.engine.clone();
        let get = move || from.with_thumbs(|thumbs| thumbs.get(&content));
        let Ok(Some(jpeg)) = self.engine.0.parts.quick.run(get).await else { return Some(content) };
        let put = self.engine.small_put(keys::thumb_key(content), jpeg, Condition::IfAbsent);
        match self.to.store.put(put).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => Some(content),
            Err(error) => {
                tracing::warn!("a thumbnail was not stored ({error})");
                None
            }
        }
    }
}
