//! The sending itself: as many items at a time as the store does good, in the order that people would choose, receipts
//! written in groups while the next items are on their way.

use std::collections::{HashSet, VecDeque};
use std::pin::Pin;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Fuse};
use tokio::task::{JoinError, JoinSet};

use super::backup::Run;
use super::send::{Sent, send};
use super::stores::VAULT;
use crate::catalog::{Lane, PendingUpload, UploadState, VersionNum};
use crate::domain::batch::SEGMENT_ITEMS;
use crate::domain::{Receipt, Seat, Timestamp};
use crate::protocol::{ErrorCode, Event, UserError};

/// Queue rows read at a time.
const PAGE: usize = 256;
/// Receipts written in one transaction at most.
const GROUP: usize = 512;
/// So many receipts are worth a transaction at once: each of these waits for the disk, and takes the processor from
/// the sending.
const WORTH_WRITING: usize = 64;
/// Receipts that come closer to each other than this, in milliseconds, are gathered; on a slow line each is written.
const CLOSE_MS: i64 = 50;
/// And at the first that comes so long after the first of its group, in milliseconds, all are written.
const GATHERING_MS: i64 = 100;
/// So many failures in a row, with no success between them, are the store's and not the items'.
const STORE_IS_AWAY: u32 = 8;

/// What is on its way: tasks of their own, so that the line is used while the catalogue is asked. Dropped, they end.
type Sending = JoinSet<(PendingUpload, Sent)>;
type Proof = (PendingUpload, Receipt);
type Recording = Pin<Box<Fuse<BoxFuture<'static, (Vec<Proof>, Result<(), UserError>)>>>>;

/// What of the queue is taken next.
struct Feed {
    ready: VecDeque<PendingUpload>,
    /// For each lane, below which version it goes on.
    below: [Option<VersionNum>; 4],
    ended: [bool; 4],
    /// On the first pass also what rests or needs a person is tried; later only what is new or due.
    first: bool,
    in_flight: HashSet<VersionNum>,
    /// What was tried in this run: once is enough.
    tried: HashSet<VersionNum>,
}

impl Feed {
    fn new() -> Self {
        Self {
            ready: VecDeque::new(),
            below: [None; 4],
            ended: [false; 4],
            first: true,
            in_flight: HashSet::new(),
            tried: HashSet::new(),
        }
    }

    /// Looks at the whole queue again, for what is new in it.
    fn again(&mut self) {
        (self.below, self.ended) = ([None; 4], [false; 4]);
    }
}

/// What has come of the items so far.
#[derive(Default)]
struct Tally {
    proved: Vec<Proof>,
    /// When the first of these came, and the last before it.
    first: Timestamp,
    last: Timestamp,
    /// Whether they come quickly.
    close: bool,
    failures_in_a_row: u32,
    /// Receipts since the last look at manifests.
    unlisted: usize,
    stop: Option<UserError>,
}

/// An item that ended. A panic of its task goes on here.
async fn next_ended(sending: &mut Sending) -> (PendingUpload, Sent) {
    match sending.join_next().await {
        Some(Ok(ended)) => ended,
        Some(Err(error)) => resume(error).await,
        None => std::future::pending().await,
    }
}

async fn resume(error: JoinError) -> (PendingUpload, Sent) {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        // The runtime is shutting down; nothing that waits here will be polled again.
        Err(_) => std::future::pending().await,
    }
}

impl Tally {
    /// Whether the receipts that are here are to be written now; `last` where no more are on their way.
    fn is_worth_writing(&self, last: bool) -> bool {
        let waited = self.last.0 - self.first.0 >= GATHERING_MS;
        !self.proved.is_empty() && (last || waited || !self.close || self.proved.len() >= WORTH_WRITING)
    }

    /// A receipt is here.
    fn take(&mut self, proof: Proof, now: Timestamp) {
        self.failures_in_a_row = 0;
        self.close = now.0 - self.last.0 < CLOSE_MS;
        self.last = now;
        if self.proved.is_empty() {
            self.first = now;
        }
        self.proved.push(proof);
    }

    /// The receipts for one transaction.
    fn group(&mut self) -> Vec<Proof> {
        self.first = self.last;
        self.proved.drain(..self.proved.len().min(GROUP)).collect()
    }

    fn failed(&mut self, why: &str, code: ErrorCode) {
        self.failures_in_a_row += 1;
        if self.failures_in_a_row >= STORE_IS_AWAY && self.stop.is_none() {
            self.stop = Some(UserError::new(code, why.to_owned()));
        }
    }
}

impl Run<'_> {
    /// Sends everything that the queue holds now, and what comes while it does.
    pub(super) async fn all_items(&mut self) -> Result<(), UserError> {
        let mut feed = Feed::new();
        let mut tally = Tally::default();
        let mut sending = Sending::new();
        let mut recording: Recording = Box::pin(Fuse::terminated());
        let mut is_recording = false;
        let outcome = loop {
            if let Err(error) = self.fill(&mut feed, &tally, &mut sending).await {
                break Err(error);
            }
            if !is_recording && tally.is_worth_writing(sending.is_empty()) {
                recording = Box::pin(self.record(tally.group()).fuse());
                is_recording = true;
            }
            if sending.is_empty() && !is_recording {
                break Ok(());
            }
            let settled = tokio::select! {
                biased;
                (group, written) = recording.as_mut(), if is_recording => {
                    is_recording = false;
                    match written {
                        Ok(()) => self.recorded(group, &mut tally).await,
                        Err(error) => Err(error),
                    }
                }
                (item, sent) = next_ended(&mut sending) => {
                    feed.in_flight.remove(&item.version);
                    self.settle(item, sent, &mut tally).await
                }
            };
            if let Err(error) = settled {
                break Err(error);
            }
        };
        sending.shutdown().await;
        outcome?;
        tally.stop.map_or(Ok(()), Err)
    }

    /// Starts as many items as the store does good.
    async fn fill(&self, feed: &mut Feed, tally: &Tally, sending: &mut Sending) -> Result<(), UserError> {
        while sending.len() < self.to.store.width().max(1) {
            if self.cancel.is_cancelled() || tally.stop.is_some() || self.is_paused() {
                return Ok(());
            }
            if feed.ready.is_empty() {
                self.refill(feed).await?;
            }
            let Some(item) = feed.ready.pop_front() else { return Ok(()) };
            feed.in_flight.insert(item.version);
            feed.tried.insert(item.version);
            let (engine, to, reporter) = (self.engine.clone(), self.to.clone(), self.reporter.clone());
            sending.spawn(async move {
                let sent = send(&engine, &to, &item, Some(&reporter)).await;
                (item, sent)
            });
        }
        Ok(())
    }

    fn is_paused(&self) -> bool {
        self.to.shown != VAULT && self.engine.keep().paused
    }

    /// Reads the next items, in the order of the lanes; puts what is in no batch yet into one.
    async fn refill(&self, feed: &mut Feed) -> Result<(), UserError> {
        if self.assign().await? {
            feed.again();
        }
        loop {
            for (at, lane) in Lane::ALL.into_iter().enumerate() {
                // A person may have chosen more photos meanwhile, so the first lanes are looked at from their start.
                if lane.chosen && !feed.first {
                    (feed.below[at], feed.ended[at]) = (None, false);
                }
                while !feed.ended[at] && feed.ready.is_empty() {
                    let (name, below) = (self.to.name.clone(), feed.below[at]);
                    let due = (!feed.first).then(|| self.engine.now());
                    let page =
                        self.engine.read(move |reader| reader.next_uploads(&name, lane, below, due, PAGE)).await?;
                    match page.last() {
                        Some(last) => feed.below[at] = Some(last.version),
                        None => feed.ended[at] = true,
                    }
                    let (in_flight, tried) = (&feed.in_flight, &feed.tried);
                    let fresh =
                        |item: &PendingUpload| !in_flight.contains(&item.version) && !tried.contains(&item.version);
                    feed.ready.extend(page.into_iter().filter(fresh));
                }
                if !feed.ready.is_empty() {
                    return Ok(());
                }
            }
            if !feed.first {
                return Ok(());
            }
            feed.first = false;
        }
    }

    /// Whether anything new was put into a batch.
    async fn assign(&self) -> Result<bool, UserError> {
        let name = self.to.name.clone();
        let (unassigned, open) = self
            .engine
            .read(move |reader| Ok((reader.has_unassigned(&name)?, reader.unfinished_batches(&name)?)))
            .await?;
        if !unassigned {
            return Ok(false);
        }
        // One that has stored nothing yet is still as good as new.
        let empty = open.into_iter().find(|batch| batch.segments == 0).map(|batch| batch.ulid);
        let ulid = empty.unwrap_or_else(|| self.engine.ulid());
        self.open_batch(&ulid).await?;
        Ok(self.engine.write(move |writer| writer.assign(&ulid)).await? > 0)
    }

    /// What became of one item.
    async fn settle(&mut self, item: PendingUpload, sent: Sent, tally: &mut Tally) -> Result<(), UserError> {
        match sent {
            Sent::Proved(receipt) => {
                tally.take((item, receipt), self.engine.now());
                Ok(())
            }
            Sent::Changed(path) => {
                self.changed.push(path);
                Ok(())
            }
            Sent::Stop(error) => {
                tally.stop = Some(error);
                Ok(())
            }
            Sent::Refused(why) => {
                tally.failed(&why, ErrorCode::Denied);
                // Where everything is refused, it is the store that needs a person, and not each photo.
                if tally.stop.is_some() { Ok(()) } else { self.remember(&item, UploadState::NeedsYou { why }).await }
            }
            Sent::Not(state) => {
                if let UploadState::Waiting { why, .. } = &state {
                    tally.failed(why, ErrorCode::Unavailable);
                }
                self.remember(&item, state).await
            }
        }
    }

    /// The receipt rows: from here on, and not before, these are stored.
    fn record(&self, group: Vec<Proof>) -> BoxFuture<'static, (Vec<Proof>, Result<(), UserError>)> {
        let (engine, name) = (self.engine.clone(), self.to.name.clone());
        Box::pin(async move {
            let mut by_batch = std::collections::BTreeMap::<String, Vec<_>>::new();
            for (item, receipt) in &group {
                let batch = item.batch.clone().unwrap_or_default();
                by_batch.entry(batch).or_default().push((item.version, receipt.clone()));
            }
            for (batch, receipts) in by_batch {
                let name = name.clone();
                let write = engine.write(move |writer| writer.record_receipts(&name, &batch, &receipts)).await;
                if write.is_err() {
                    return (group, write);
                }
            }
            (group, Ok(()))
        })
    }

    /// Receipts are written: says so, and lists them where that is due.
    async fn recorded(&mut self, group: Vec<Proof>, tally: &mut Tally) -> Result<(), UserError> {
        tally.unlisted += group.len();
        self.proved(group).await;
        self.list_some(tally).await
    }

    /// Says so.
    async fn proved(&mut self, group: Vec<Proof>) {
        let count = group.len() as u64;
        let bytes: u64 = group.iter().map(|(item, _)| item.fingerprint.size).sum();
        let seats: Vec<Seat> = group.iter().filter_map(|(item, _)| item.seat).collect();
        self.report.stored += count;
        if let Some((item, _)) = group.last() {
            self.report.batch.clone_from(&item.batch);
        }
        self.reporter.update(|progress| {
            progress.done += count;
            progress.done_bytes += bytes;
        });
        self.engine.0.stale.notify_one();
        self.engine.0.say.say(Event::Changed { seats: Some(seats.into()), order: false }).await;
    }

    /// Writes manifest segments now and then.
    async fn list_some(&mut self, tally: &mut Tally) -> Result<(), UserError> {
        if tally.unlisted < SEGMENT_ITEMS && !self.segments.is_due(self.engine.now()) {
            return Ok(());
        }
        tally.unlisted = 0;
        let name = self.to.name.clone();
        for batch in self.engine.read(move |reader| reader.unfinished_batches(&name)).await? {
            self.write_segments(&batch.ulid, false).await?;
        }
        Ok(())
    }

    async fn remember(&self, item: &PendingUpload, state: UploadState) -> Result<(), UserError> {
        tracing::warn!(key = %item.key, "not stored: {state:?}");
        let (version, name) = (item.version, self.to.name.clone());
        self.reporter.update(|progress| progress.failed += 1);
        self.engine.write(move |writer| writer.set_upload_state(version, &name, &state)).await
    }
}
