//! Operations and how far they are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Names one running operation. Given out by whoever sends the command; late answers of a superseded one are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpId(pub u64);

/// What an operation does, as the activity panel names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpKind {
    /// Files into the library.
    Import,
    /// Photos into the vault.
    Store,
    /// A library out of a vault.
    OpenStore,
    /// The vault against the catalogue.
    Verify,
    /// An old version back.
    Restore,
    /// Pages into a PDF.
    Print,
    /// Photos out of the stores, by a marker.
    Delete,
    /// Deleted photos back.
    Undelete,
    /// Originals into a folder.
    Download,
    /// A card into the library and the stores.
    Ingest,
    /// Photos behind a link.
    Share,
    /// Photos looked at by a tagger.
    Tag,
    /// Sidecars written or read.
    Sidecars,
    /// Photos looked through for people.
    LookForPeople,
    /// All face data deleted.
    ForgetPeople,
}

/// What a running operation is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Waits for its turn or a disk.
    #[default]
    Waiting,
    /// Counts what there is to do; totals still grow.
    Counting,
    /// Does it.
    Working,
    /// Puts the last pieces in order.
    Finishing,
}

/// How far one operation is: the latest value, never a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What it is.
    pub kind: OpKind,
    /// What it is doing.
    pub phase: Phase,
    /// Items done.
    pub done: u64,
    /// Items in all, as far as known.
    pub total: u64,
    /// Bytes done.
    pub done_bytes: u64,
    /// Bytes in all, as far as known; 0 where bytes do not count.
    pub total_bytes: u64,
    /// Items that failed so far.
    pub failed: u64,
    /// Of the items done, those that an earlier run did: they say nothing about the rate.
    #[serde(default)]
    pub earlier: u64,
    /// Of the bytes done, the same.
    #[serde(default)]
    pub earlier_bytes: u64,
    /// Milliseconds since it started.
    pub elapsed_ms: u64,
}

impl Progress {
    /// Nothing done yet.
    #[must_use]
    pub fn new(kind: OpKind) -> Self {
        Self {
            kind,
            phase: Phase::Waiting,
            done: 0,
            total: 0,
            done_bytes: 0,
            total_bytes: 0,
            failed: 0,
            earlier: 0,
            earlier_bytes: 0,
            elapsed_ms: 0,
        }
    }

    /// Items a second since the start; `None` in the first quarter of a second.
    #[must_use]
    pub fn items_per_second(&self) -> Option<f64> {
        let done = self.done.saturating_sub(self.earlier);
        (self.elapsed_ms >= 250 && done > 0).then(|| done as f64 * 1000.0 / self.elapsed_ms as f64)
    }

    /// Bytes a second since the start; `None` in the first quarter of a second.
    #[must_use]
    pub fn bytes_per_second(&self) -> Option<f64> {
        let done = self.done_bytes.saturating_sub(self.earlier_bytes);
        (self.elapsed_ms >= 250 && done > 0).then(|| done as f64 * 1000.0 / self.elapsed_ms as f64)
    }

    /// Seconds left at the rate so far, by bytes where bytes count; `None` while counting or before anything is done.
    #[must_use]
    pub fn seconds_left(&self) -> Option<u64> {
        if self.phase != Phase::Working || self.elapsed_ms < 1000 {
            return None;
        }
        let (done, total) =
            if self.total_bytes > 0 { (self.done_bytes, self.total_bytes) } else { (self.done, self.total) };
        if done == 0 || total < done {
            return None;
        }
        let earlier = if self.total_bytes > 0 { self.earlier_bytes } else { self.earlier };
        let now = done.saturating_sub(earlier);
        if now == 0 {
            return None;
        }
        let left = (total - done) as f64 * self.elapsed_ms as f64 / now as f64;
        Some((left / 1000.0).ceil() as u64)
    }
}

/// The latest progress of every running operation, shared between the engine (writes) and the window (reads).
///
/// Its size is the number of running operations, so neither side ever waits for the other for long.
#[derive(Debug, Clone, Default)]
pub struct ProgressBoard(Arc<Mutex<BTreeMap<OpId, Progress>>>);

impl ProgressBoard {
    /// Replaces the progress of an operation.
    pub fn set(&self, op: OpId, progress: Progress) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(op, progress);
    }

    /// Forgets an operation that has ended.
    pub fn clear(&self, op: OpId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&op);
    }

    /// A copy of everything that runs now, oldest operation first.
    #[must_use]
    pub fn snapshot(&self) -> Vec<(OpId, Progress)> {
        let board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        board.iter().map(|(op, progress)| (*op, progress.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_follows_the_bytes() {
        let mut progress = Progress::new(OpKind::Import);
        assert_eq!(progress.seconds_left(), None);
        progress.phase = Phase::Working;
        progress.elapsed_ms = 2000;
        (progress.done_bytes, progress.total_bytes) = (100, 300);
        (progress.done, progress.total) = (1, 100);
        assert_eq!(progress.seconds_left(), Some(4));
        assert_eq!(progress.items_per_second(), Some(0.5));
        progress.total_bytes = 50;
        assert_eq!(progress.seconds_left(), None, "a total that was overtaken promises nothing");
    }
}
