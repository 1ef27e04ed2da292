//! Where blocking work runs: on a bounded pool in the program, inline in the simulator and in small tests.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Runs blocking work away from the tasks that wait for it.
#[derive(Clone)]
pub enum Workers {
    /// Threads of the runtime, at most this many at a time.
    Pool(Arc<Semaphore>),
    /// Here and now, so that a seed decides the order of everything.
    Inline,
    /// The same, after letting other tasks go first as often as this says: the simulator reorders and ends work there.
    #[cfg(any(test, feature = "testing"))]
    Unhurried(Arc<dyn Fn() -> u32 + Send + Sync>),
}

impl Workers {
    /// A pool of one worker for each core.
    #[must_use]
    pub fn for_this_machine() -> Self {
        Self::pool(cores())
    }

    /// A pool of this many workers.
    #[must_use]
    pub fn pool(most: usize) -> Self {
        Self::Pool(Arc::new(Semaphore::new(most)))
    }

    /// Runs one piece of blocking work, waiting for a free worker first. A panic of the work goes on here.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        match self {
            Self::Inline => work(),
            #[cfg(any(test, feature = "testing"))]
            Self::Unhurried(turns) => {
                for _ in 0..turns() {
                    tokio::task::yield_now().await;
                }
                work()
            }
            Self::Pool(free) => {
                // The semaphore is never closed; without a permit the work would still be right, only less bounded.
                let permit = free.clone().acquire_owned().await.ok();
                let done = tokio::task::spawn_blocking(move || {
                    let result = work();
                    drop(permit);
                    result
                });
                match done.await {
                    Ok(result) => result,
                    Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                    // The runtime is shutting down; nothing that waits here will be polled again.
                    Err(_) => std::future::pending().await,
                }
            }
        }
    }
}

/// How many workers are worth having.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_kinds_give_the_answer_back() {
        assert_eq!(Workers::Inline.run(|| 3).await, 3);
        assert_eq!(Workers::for_this_machine().run(|| 4).await, 4);
    }

    #[tokio::test]
    #[should_panic(expected = "boom")]
    async fn a_panic_is_not_swallowed() {
        Workers::for_this_machine().run(|| panic!("boom")).await;
    }
}
