//! Store: what the catalogue has queued goes into the vault, as batches, each object with its receipt.
//!
//! The order of durable writes, every step of which may be repeated: the queue row → the object, with what it must be →
//! the store's answer with the same checksum and a version → the receipt row → only now "stored" → the manifest
//! segment. A run begins with the batches that an earlier one left unfinished, so that a crash between any two steps
//! converges.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::errors::{io_words, store_error};
use super::manifest::SegmentClock;
use super::parts::Engine;
use super::progress::Reporter;
use crate::catalog::{AssetNum, PendingUpload, ProposedKey, UploadState, VersionNum};
use crate::domain::batch::AssetKind;
use crate::domain::{ContentHash, Receipt, Seat, Timestamp, keys};
use crate::protocol::{Event, ItemFailure, OpId, Phase, StoreReport, UserError};
use crate::store::{Body, Condition, ObjectStore, Put, StoreError};

/// Objects in flight at a time: enough to hide the waits for the disk behind each other.
const AT_ONCE: usize = 4;
/// Queue rows read at a time.
const PAGE: usize = 256;
/// How long a passing fault rests, in milliseconds.
const REST_MS: i64 = 5 * 60 * 1000;

/// What became of one item.
pub(super) enum Sent {
    /// It is there, and proved.
    Proved(Receipt),
    /// It is not; the run goes on.
    Not(UploadState),
    /// The file is another one now: it is to be taken in again.
    Changed(PathBuf),
    /// The store itself does not work: the run ends.
    Stop(UserError),
}

/// One store run.
pub(super) struct Run<'a> {
    pub engine: &'a Engine,
    pub store: Arc<dyn ObjectStore>,
    /// The store's name in the catalogue.
    pub name: String,
    pub cancel: &'a Cancel,
    pub reporter: &'a Reporter,
    pub report: StoreReport,
    /// Contents whose thumbnails go after their receipts.
    pub thumbs: HashSet<ContentHash>,
    changed: Vec<PathBuf>,
    /// What only a vault used before has, and why it could not be brought over.
    pub left_behind: Vec<ItemFailure>,
    pub segments: SegmentClock,
}

impl Engine {
    /// Stores everything that waits, in the vault. What needs a person is tried once more as well.
    ///
    /// # Errors
    /// Where the vault cannot be used at all; what was stored before that stays stored.
    pub async fn store(&self, op: OpId, cancel: &Cancel, reporter: &Reporter) -> Result<StoreReport, UserError> {
        let _turn = self.0.storing.lock().await;
        let (name, store) = self.vault_ready().await?;
        let mut run = Run {
            engine: self,
            store,
            name,
            cancel,
            reporter,
            report: StoreReport::default(),
            thumbs: HashSet::new(),
            changed: Vec::new(),
            left_behind: Vec::new(),
            segments: SegmentClock::new(self.now()),
        };
        reporter.phase(Phase::Counting);
        run.count().await?;
        reporter.phase(Phase::Working);
        let mut result = run.carry_over().await;
        if result.is_ok() {
            result = run.everything().await;
        }
        if result.is_ok() && !run.changed.is_empty() && !cancel.is_cancelled() {
            // The bytes that were queued are gone; what is in their place is a version of its own.
            let paths = std::mem::take(&mut run.changed);
            self.import(op, paths, cancel, reporter).await?;
            result = run.everything().await;
        }
        let ended = run.end().await;
        self.0.stale.notify_one();
        result?;
        ended?;
        let report = run.report;
        tracing::info!(
            stored = report.stored,
            waiting = report.waiting,
            needs_you = report.needs_you.len(),
            batch = report.batch,
            "stored"
        );
        Ok(report)
    }
}

impl Engine {
    /// Whether a store run would have anything to do.
    pub(super) async fn has_to_store(&self) -> bool {
        let Ok(Some(name)) = self.vault_name().await else {
            // No vault was ever there: everything in the library is still to be stored.
            return self.read(|reader| reader.status()).await.is_ok_and(|status| status.photos > 0);
        };
        let left = self.read(move |reader| {
            let status = reader.status()?;
            Ok(status.waiting > 0 || status.unfinished_batches > 0 || reader.has_path_news(&name)?)
        });
        left.await.unwrap_or(true) || self.carry_list().await.is_ok_and(|list| !list.is_empty())
    }
}

impl Run<'_> {
    /// What there is to do, for the progress.
    async fn count(&self) -> Result<(), UserError> {
        let (mut total, mut bytes, mut after) = (0, 0, None);
        loop {
            let page = self.page(None, after, 4 * PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.version);
            total += page.len() as u64;
            bytes += page.iter().map(|item| item.fingerprint.size).sum::<u64>();
        }
        self.reporter.update(|progress| {
            (progress.done, progress.done_bytes, progress.total, progress.total_bytes) = (0, 0, total, bytes);
        });
        Ok(())
    }

    pub(super) async fn page(
        &self,
        batch: Option<&str>,
        after: Option<VersionNum>,
        limit: usize,
    ) -> Result<Vec<PendingUpload>, UserError> {
        let (name, batch) = (self.name.clone(), batch.map(str::to_owned));
        self.engine.read(move |reader| reader.pending(&name, batch.as_deref(), after, limit)).await
    }

    async fn everything(&mut self) -> Result<(), UserError> {
        let name = self.name.clone();
        for batch in self.engine.read(move |reader| reader.unfinished_batches(&name)).await? {
            self.batch(&batch.ulid).await?;
        }
        if self.cancel.is_cancelled() {
            return Ok(());
        }
        let name = self.name.clone();
        let news = self.engine.read(move |reader| reader.has_path_news(&name)).await?;
        if !self.page(None, None, 1).await?.is_empty() || news {
            // One that has stored nothing yet is still as good as new.
            let name = self.name.clone();
            let open = self.engine.read(move |reader| reader.unfinished_batches(&name)).await?;
            let empty = open.into_iter().find(|batch| batch.segments == 0).map(|batch| batch.ulid);
            let ulid = empty.unwrap_or_else(|| self.engine.ulid());
            if self.begin(&ulid).await? || news {
                self.batch(&ulid).await?;
            }
        }
        Ok(())
    }

    /// Opens a batch for what is in none; whether anything is in it.
    async fn begin(&self, ulid: &str) -> Result<bool, UserError> {
        let (ulid, name, now) = (ulid.to_owned(), self.name.clone(), self.engine.now());
        self.engine
            .write(move |writer| {
                writer.open_batch(&ulid, &name, now)?;
                Ok(writer.assign(&ulid)? > 0)
            })
            .await
    }

    /// Stores the items of a batch, and closes it where nothing of it waits any more.
    async fn batch(&mut self, ulid: &str) -> Result<(), UserError> {
        let stored_before = self.report.stored;
        let mut after = None;
        let mut needs_you = BTreeMap::new();
        let mut waiting = 0;
        while !self.cancel.is_cancelled() {
            let page = self.page(Some(ulid), after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.version);
            waiting += self.items(ulid, page, &mut needs_you).await?;
            self.write_segments(ulid, false, &needs_you).await?;
        }
        if self.cancel.is_cancelled() {
            return Ok(());
        }
        if self.report.stored > stored_before {
            self.report.batch = Some(ulid.to_owned());
        }
        self.write_segments(ulid, waiting == 0, &needs_you).await
    }

    /// Sends some items; how many of them will be tried again.
    async fn items(
        &mut self,
        ulid: &str,
        page: Vec<PendingUpload>,
        needs_you: &mut BTreeMap<String, String>,
    ) -> Result<u64, UserError> {
        let mut waiting = 0;
        let mut stop = None;
        let (engine, store, name, cancel) =
            (self.engine.clone(), self.store.clone(), self.name.clone(), self.cancel.clone());
        let sending = stream::iter(page).map(|item| {
            let (engine, store, name, cancel) = (engine.clone(), store.clone(), name.clone(), cancel.clone());
            async move {
                if cancel.is_cancelled() {
                    return None;
                }
                let sent = send(&engine, store.as_ref(), &name, &item).await;
                Some((item, sent))
            }
        });
        let mut done = sending.buffer_unordered(AT_ONCE).ready_chunks(64);
        while let Some(chunk) = done.next().await {
            let mut proved = Vec::new();
            for (item, sent) in chunk.into_iter().flatten() {
                match sent {
                    Sent::Proved(receipt) => {
                        if item.kind == AssetKind::Original {
                            self.thumbs.insert(item.fingerprint.blake3);
                        }
                        proved.push((item, receipt));
                    }
                    Sent::Not(state) => {
                        match &state {
                            UploadState::NeedsYou { why } => {
                                let path = item
                                    .paths
                                    .first()
                                    .map_or_else(|| item.key.0.clone(), |path| path.display().to_string());
                                needs_you.insert(path, why.clone());
                            }
                            _ => waiting += 1,
                        }
                        self.remember(&item, state).await?;
                    }
                    Sent::Changed(path) => {
                        waiting += 1;
                        self.changed.push(path);
                    }
                    Sent::Stop(error) => stop = Some(error),
                }
            }
            self.prove(ulid, proved).await?;
        }
        stop.map_or(Ok(waiting), Err)
    }

    /// The receipt rows: from here on, and not before, these are stored.
    async fn prove(&mut self, ulid: &str, proved: Vec<(PendingUpload, Receipt)>) -> Result<(), UserError> {
        if proved.is_empty() {
            return Ok(());
        }
        let count = proved.len() as u64;
        let bytes: u64 = proved.iter().map(|(item, _)| item.fingerprint.size).sum();
        let seats: Vec<Seat> = proved.iter().filter_map(|(item, _)| item.seat).collect();
        let receipts: Vec<_> = proved.into_iter().map(|(item, receipt)| (item.version, receipt)).collect();
        let (name, batch) = (self.name.clone(), ulid.to_owned());
        self.engine.write(move |writer| writer.record_receipts(&name, &batch, &receipts)).await?;
        self.report.stored += count;
        self.reporter.update(|progress| {
            progress.done += count;
            progress.done_bytes += bytes;
        });
        self.engine.0.stale.notify_one();
        self.engine.0.say.say(Event::Changed { seats: Some(seats.into()), order: false }).await;
        Ok(())
    }

    async fn remember(&self, item: &PendingUpload, state: UploadState) -> Result<(), UserError> {
        tracing::warn!(key = %item.key, "not stored: {state:?}");
        let (version, name) = (item.version, self.name.clone());
        self.reporter.update(|progress| progress.failed += 1);
        self.engine.write(move |writer| writer.set_upload_state(version, &name, &state)).await
    }

    /// Thumbnails and edits, then what is left to say.
    async fn end(&mut self) -> Result<(), UserError> {
        self.reporter.phase(Phase::Finishing);
        if !self.cancel.is_cancelled() {
            self.send_thumbs().await;
            self.engine.flush_edits_to(self.store.as_ref(), &self.name).await?;
        }
        let name = self.name.clone();
        let stores = self.engine.read(|reader| reader.stores()).await?;
        let info = stores.into_iter().find(|info| info.name == name);
        self.report.waiting = info.map_or(0, |info| info.waiting);
        self.report.needs_you = self.engine.needs_you(1_000).await?;
        self.report.needs_you.append(&mut self.left_behind);
        Ok(())
    }

    /// Grid pictures, so that a library opened from this store shows them at once. Not part of any proof: one that
    /// cannot be stored is made again from its original.
    async fn send_thumbs(&mut self) {
        let contents: Vec<ContentHash> = self.thumbs.drain().collect();
        let (engine, store) = (self.engine, &self.store);
        stream::iter(contents)
            .for_each_concurrent(AT_ONCE, |content| async move {
                let from = engine.clone();
                let get = move || from.with_thumbs(|thumbs| thumbs.get(&content));
                if let Ok(Some(jpeg)) = engine.0.parts.quick.run(get).await {
                    let key = keys::thumb_key(content);
                    let put = engine.small_put(key, jpeg, Condition::IfAbsent);
                    if let Err(error) = store.put(put).await
                        && !matches!(error, StoreError::Conflict { .. })
                    {
                        tracing::warn!("a thumbnail was not stored ({error})");
                    }
                }
            })
            .await;
    }
}

impl Engine {
    /// What waits for a person, in any store.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn needs_you(&self, limit: usize) -> Result<Vec<ItemFailure>, UserError> {
        let items = self.read(move |reader| reader.needs_you(limit)).await?;
        Ok(items
            .into_iter()
            .map(|item| {
                let path = item.paths.first().map_or_else(|| item.key.0.clone(), |path| path.display().to_string());
                let why = if let UploadState::NeedsYou { why } = item.state { why } else { String::new() };
                ItemFailure { path, why }
            })
            .collect())
    }

    /// Bytes that we made, as a put.
    pub(super) fn small_put(&self, key: crate::domain::ObjectKey, bytes: Vec<u8>, condition: Condition) -> Put {
        let expected = crate::files::fingerprint_bytes(&bytes);
        Put::new(key, Body::Bytes(bytes.into()), expected, self.now(), condition)
    }
}

/// Sends one item, or finds that the store has it already.
pub(super) async fn send(engine: &Engine, store: &dyn ObjectStore, name: &str, item: &PendingUpload) -> Sent {
    let mut item = item.clone();
    // Twice: after a real conflict the item has a key of its own.
    for _ in 0..3 {
        let condition = match condition(engine, store, name, &mut item).await {
            Ok(Ready::Send(condition)) => condition,
            Ok(Ready::Again) => continue,
            Ok(Ready::There(receipt)) => return Sent::Proved(receipt),
            Err(sent) => return sent,
        };
        match send_from_any(store, &item, condition).await {
            // Somebody was faster, or our own answer was lost: look again.
            Err(StoreError::Conflict { .. }) => {}
            Err(StoreError::SourceChanged { path }) => return Sent::Changed(PathBuf::from(path)),
            Err(error) => return failed(engine.now(), &error),
            Ok(None) => {
                let why = match item.paths.first() {
                    Some(path) => {
                        format!("the original is gone: bring it back and import it again: {}", path.display())
                    }
                    None => "no file has these bytes any more".to_owned(),
                };
                return Sent::Not(UploadState::NeedsYou { why });
            }
            Ok(Some(receipt)) => return Sent::Proved(receipt),
        }
    }
    Sent::Not(UploadState::Waiting {
        until: Timestamp(engine.now().0 + REST_MS),
        why: "another program keeps writing to the same place in the vault".to_owned(),
    })
}

/// What to do next with an item, after a look at its key.
enum Ready {
    Send(Condition),
    There(Receipt),
    Again,
}

async fn condition(
    engine: &Engine,
    store: &dyn ObjectStore,
    name: &str,
    item: &mut PendingUpload,
) -> Result<Ready, Sent> {
    let now = engine.now();
    if item.renew {
        return Ok(Ready::Send(Condition::Renew));
    }
    let current = match store.head(&item.key, None).await {
        Ok(current) => current,
        Err(error) => return Err(failed(now, &error)),
    };
    let Some(current) = current else { return Ok(Ready::Send(Condition::IfAbsent)) };
    if current.fingerprint == item.fingerprint {
        return Ok(Ready::There(current));
    }
    let (store_name, fold, version) = (name.to_owned(), keys::fold(&item.key.0), current.version.0.clone());
    let ours = engine.read(move |reader| reader.receipt_for(&store_name, &fold, &version)).await.map_err(Sent::Stop)?;
    if ours.is_some() {
        return Ok(Ready::Send(Condition::after(&current)));
    }
    // A real conflict: what is there stays, ours gets a key of its own.
    tracing::warn!(key = %item.key, "another object has this key; ours gets another one");
    item.key = rekey(engine, item.asset, item).await.map_err(Sent::Stop)?;
    Ok(Ready::Again)
}

async fn rekey(engine: &Engine, asset: AssetNum, item: &PendingUpload) -> Result<crate::domain::ObjectKey, UserError> {
    let other = keys::with_hash(&item.key, item.fingerprint.blake3);
    let longest = crate::domain::ObjectKey(format!("{}~{}", item.key.0, item.fingerprint.blake3));
    let proposed: Vec<ProposedKey> =
        [other, longest].into_iter().map(|key| ProposedKey { fold: keys::fold(&key.0), key }).collect();
    engine.write(move |writer| writer.rekey(asset, &proposed)).await
}

/// Sends from the first path that still has the bytes; `None` where no path is there.
async fn send_from_any(
    store: &dyn ObjectStore,
    item: &PendingUpload,
    condition: Condition,
) -> Result<Option<Receipt>, StoreError> {
    let mut last = None;
    for path in &item.paths {
        let body = Body::File(path.clone());
        let put = Put::new(item.key.clone(), body, item.fingerprint, item.mtime, condition.clone());
        match store.put(put).await {
            Err(error @ (StoreError::Source { .. } | StoreError::SourceChanged { .. })) => last = Some(error),
            Err(error) => return Err(error),
            Ok(receipt) => return Ok(Some(receipt)),
        }
    }
    match last {
        Some(StoreError::Source { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Some(error) => Err(error),
        None => Ok(None),
    }
}

/// What a store's fault means for the item and for the run.
fn failed(now: Timestamp, error: &StoreError) -> Sent {
    match error {
        StoreError::Full { .. } | StoreError::Unavailable(_) => Sent::Stop(store_error(error)),
        StoreError::Source { path, source } => Sent::Not(UploadState::NeedsYou {
            why: format!("the original cannot be read ({}): {path}", io_words(source)),
        }),
        StoreError::Damaged { .. } => Sent::Not(UploadState::NeedsYou { why: error.to_string() }),
        _ => Sent::Not(UploadState::Waiting { until: Timestamp(now.0 + REST_MS), why: error.to_string() }),
    }
}
