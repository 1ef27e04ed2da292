//! What all transfers of the process share: memory, places on the line, a limit of bytes per second, and counts.
//!
//! - Every buffer of bytes that are on their way is paid for out of one budget ([`BUDGET_BYTES`]), and used again.
//! - A body is sent only by whoever has one of the places; how many there are follows the line ([`Width`]).
//! - The limit of bytes per second may change at any time, also in the middle of a body.

mod body;
mod buffers;
mod pace;
mod width;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

pub use body::Meter;
pub(super) use body::body;
pub(super) use buffers::Buffers;
use pace::Pace;
pub use width::{Sample, Trouble, Width};

/// All buffers of transfers together, in bytes.
pub const BUDGET_BYTES: u64 = 96 << 20;
/// The budget is counted in pieces of so many bytes.
const PIECE_BYTES: u64 = 1 << 10;

/// Shared by every store that sends over a line. Clones of its `Arc` are the same line.
pub struct Traffic {
    budget: Arc<Semaphore>,
    pub(super) buffers: Arc<Buffers>,
    line: Mutex<Line>,
    /// A place became free, or there are more of them.
    places: Notify,
    /// The limit has changed.
    limit_changed: Notify,
    pace: Mutex<Pace>,
    /// The limit again, to be read without a lock; 0 is none.
    limit: AtomicU64,
    sent: AtomicU64,
    began: Instant,
}

struct Line {
    width: Width,
    taken: usize,
}

impl Default for Traffic {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Traffic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traffic")
            .field("width", &self.width())
            .field("sent", &self.sent_bytes())
            .finish_non_exhaustive()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Traffic {
    /// A line that nothing is known of yet, without a limit.
    #[must_use]
    pub fn new() -> Self {
        Self {
            budget: Arc::new(Semaphore::new(pieces(BUDGET_BYTES) as usize)),
            buffers: Arc::default(),
            line: Mutex::new(Line { width: Width::default(), taken: 0 }),
            places: Notify::new(),
            limit_changed: Notify::new(),
            pace: Mutex::default(),
            limit: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            began: Instant::now(),
        }
    }

    /// Bytes a second at most from now on, of all bodies together; `None` is as fast as the line goes. Bodies that are
    /// on their way keep to it too.
    pub fn set_limit(&self, bytes_per_s: Option<u64>) {
        let rate = bytes_per_s.map_or(0, |rate| rate.max(1));
        locked(&self.pace).set_rate(rate, self.now());
        self.limit.store(rate, Ordering::Relaxed);
        self.limit_changed.notify_waiters();
    }

    /// The limit, in bytes a second.
    #[must_use]
    pub fn limit(&self) -> Option<u64> {
        Some(self.limit.load(Ordering::Relaxed)).filter(|rate| *rate > 0)
    }

    /// Bytes handed to the line since the process began, those sent again included.
    #[must_use]
    pub fn sent_bytes(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes of the budget that nobody has.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        self.budget.available_permits() as u64 * PIECE_BYTES
    }

    /// How many bodies at a time are good now.
    #[must_use]
    pub fn width(&self) -> usize {
        locked(&self.line).width.now()
    }

    /// Since the line was made. Only differences matter.
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Waits for room in memory. Whoever asks for more than there ever is gets all of it.
    pub(super) async fn room(&self, bytes: u64) -> Room {
        let wanted = u32::try_from(pieces(bytes.min(BUDGET_BYTES))).unwrap_or(u32::MAX);
        Room { _pieces: Arc::clone(&self.budget).acquire_many_owned(wanted).await.ok() }
    }

    /// Waits for a place on the line.
    pub(super) async fn place(self: &Arc<Self>) -> Place {
        loop {
            let mut freed = std::pin::pin!(self.places.notified());
            freed.as_mut().enable();
            {
                let mut line = locked(&self.line);
                if line.taken < line.width.now() {
                    line.taken += 1;
                    return Place(Arc::clone(self));
                }
            }
            freed.await;
        }
    }

    /// A transfer is done: so much, in such a time.
    pub(super) fn done(&self, bytes: u64, took: Duration) {
        let now = self.now();
        let (before, after) = {
            let width = &mut locked(&self.line).width;
            let before = width.now();
            width.done(now, Sample { bytes, took });
            (before, width.now())
        };
        if before != after {
            tracing::debug!("{after} transfers at a time instead of {before}");
            self.places.notify_waiters();
        }
    }

    /// The store or the line is in trouble.
    pub(super) fn trouble(&self, trouble: Trouble) {
        let now = self.now();
        locked(&self.line).width.trouble(now, trouble);
    }

    /// Waits until so many bytes may go.
    async fn pass(&self, bytes: u64) {
        loop {
            let mut changed = std::pin::pin!(self.limit_changed.notified());
            changed.as_mut().enable();
            let Some(wait) = locked(&self.pace).take(bytes, self.now()) else { return };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = changed => {}
            }
        }
    }
}

fn pieces(bytes: u64) -> u64 {
    bytes.div_ceil(PIECE_BYTES).max(1)
}

/// Room in memory, until it is dropped.
#[derive(Debug)]
pub(super) struct Room {
    _pieces: Option<OwnedSemaphorePermit>,
}

/// A place on the line, until it is dropped.
pub(super) struct Place(Arc<Traffic>);

impl Drop for Place {
    fn drop(&mut self) {
        locked(&self.0.line).taken -= 1;
        self.0.places.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
