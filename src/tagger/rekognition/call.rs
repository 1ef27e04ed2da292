//! One question about one picture: its turn, its tries, and an end in any case.

use std::sync::atomic::Ordering;
use std::time::Duration;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::{Instant, sleep, timeout_at};

use super::super::TaggerError;
use super::{Rekognition, words};
use crate::aws::{Fault, FaultKind, fault};
use crate::domain::ContentHash;
use crate::domain::spend::Operation;

/// The longest wait before another try.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

impl Rekognition {
    /// Asks until there is an answer, a refusal that stays, or no patience left.
    pub(super) async fn ask<T, E, F>(
        &self,
        operation: Operation,
        content: &ContentHash,
        send: impl Fn() -> F,
    ) -> Result<T, TaggerError>
    where
        F: Future<Output = Result<T, SdkError<E, Response>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.try_ask(Some(operation), content, send).await.map_err(|fault| words::error(&fault, &self.region))
    }

    /// The same, with the fault as it came; `None` is what costs nothing.
    pub(super) async fn try_ask<T, E, F>(
        &self,
        operation: Option<Operation>,
        content: &ContentHash,
        send: impl Fn() -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, SdkError<E, Response>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let until = Instant::now() + self.patience.question;
        let (mut round, mut failed) = (0_u32, 0_u32);
        let mut last = Fault::new(FaultKind::TimedOut, "its turn did not come in time");
        loop {
            if timeout_at(until, self.turn()).await.is_err() {
                return Err(last);
            }
            let answer = match timeout_at(until, send()).await {
                Ok(Ok(answer)) => {
                    self.pace().answered();
                    self.count(operation);
                    return Ok(answer);
                }
                Ok(Err(error)) => fault(&error),
                Err(_) => Fault::new(FaultKind::TimedOut, "no answer in time"),
            };
            if words::may_be_billed(&answer) {
                self.count(operation);
            }
            if words::is_too_many(&answer) {
                self.pace().refused(self.began.elapsed());
            } else {
                failed += 1;
            }
            let wait = wait(self.patience.wait, round, content);
            if !words::may_pass(&answer) || failed >= self.patience.tries || Instant::now() + wait >= until {
                return Err(answer);
            }
            last = answer;
            sleep(wait).await;
            round += 1;
        }
    }

    /// Waits until a request may go.
    async fn turn(&self) {
        loop {
            let Some(wait) = self.pace().take(self.began.elapsed()) else { return };
            sleep(wait).await;
        }
    }

    fn count(&self, operation: Option<Operation>) {
        for (one, count) in Operation::ALL.into_iter().zip(&self.billed) {
            count.fetch_add(u64::from(Some(one) == operation), Ordering::Relaxed);
        }
    }
}

/// Twice as long each round, and for each picture another part of it, so that those refused together do not come back
/// together.
fn wait(first: Duration, round: u32, content: &ContentHash) -> Duration {
    let whole = first.saturating_mul(1 << round.min(10)).min(LONGEST_WAIT);
    let share = content.0[round as usize % content.0.len()];
    whole.mul_f64(0.5 + f64::from(share) / 512.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound_and_differ() {
        let first = Duration::from_millis(500);
        for byte in [0, 255] {
            let content = ContentHash([byte; 32]);
            let waits: Vec<_> = (0..40).map(|round| wait(first, round, &content)).collect();
            assert!(waits.windows(2).all(|two| two[0] <= two[1]), "{waits:?}");
            assert!(waits.iter().all(|wait| (first / 2..=LONGEST_WAIT).contains(wait)), "{waits:?}");
        }
        assert!(wait(first, 0, &ContentHash([0; 32])) < wait(first, 0, &ContentHash([255; 32])));
    }
}
