//! Says how far an operation is: a few times a second, never more.

use std::sync::{Arc, Mutex, PoisonError};

use super::parts::Engine;
use crate::domain::Timestamp;
use crate::protocol::{OpId, OpKind, Phase, Progress};

/// Between two wake-ups of the window for progress alone, in milliseconds.
const WAKE_EVERY_MS: i64 = 100;

/// One operation's progress. Cheap to clone; when the last clone goes, the operation leaves the board.
#[derive(Clone)]
pub struct Reporter(Arc<Inner>);

struct Inner {
    engine: Engine,
    op: OpId,
    state: Mutex<State>,
}

struct State {
    progress: Progress,
    started: Timestamp,
    woken: Timestamp,
}

impl Reporter {
    /// Puts an operation on the board.
    #[must_use]
    pub fn new(engine: &Engine, op: OpId, kind: OpKind) -> Self {
        let started = engine.now();
        let state = State { progress: Progress::new(kind), started, woken: started };
        engine.0.say.progress.set(op, state.progress.clone());
        tracing::info!(op = op.0, ?kind, "started");
        Self(Arc::new(Inner { engine: engine.clone(), op, state: Mutex::new(state) }))
    }

    /// Whose progress it is.
    #[must_use]
    pub fn op(&self) -> OpId {
        self.0.op
    }

    /// Changes the progress and puts it on the board.
    pub fn update(&self, change: impl FnOnce(&mut Progress)) {
        let now = self.0.engine.now();
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state.progress);
        state.progress.elapsed_ms = u64::try_from(now.0 - state.started.0).unwrap_or(0);
        self.0.engine.0.say.progress.set(self.0.op, state.progress.clone());
        if now.0 - state.woken.0 >= WAKE_EVERY_MS {
            state.woken = now;
            drop(state);
            self.0.engine.0.say.wake();
        }
    }

    /// Changes the phase.
    pub fn phase(&self, phase: Phase) {
        self.update(|progress| progress.phase = phase);
    }

    /// Seconds since the start.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        (self.0.engine.now().0 - state.started.0).max(0) as f64 / 1000.0
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let progress = &self.state.lock().unwrap_or_else(PoisonError::into_inner).progress;
        tracing::info!(
            op = self.op.0,
            kind = ?progress.kind,
            done = progress.done,
            failed = progress.failed,
            bytes = progress.done_bytes,
            elapsed_ms = progress.elapsed_ms,
            "ended"
        );
        self.engine.0.say.progress.clear(self.op);
        self.engine.0.say.wake();
    }
}
