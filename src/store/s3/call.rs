//! One request, watched: how often it was tried, what the store's clock said, and whether anything moves.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

use super::super::traffic::{Meter, Traffic, Trouble};
use super::S3;
use crate::aws::{Fault, FaultKind, fault};
use crate::domain::Timestamp;

/// What is seen of one request, over all its tries.
#[derive(Clone)]
pub(super) struct Watch(Arc<Seen>);

struct Seen {
    attempts: AtomicU32,
    date: Mutex<Option<Timestamp>>,
    meter: Arc<Meter>,
    traffic: Arc<Traffic>,
    began: Instant,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("attempts", &self.attempts()).finish_non_exhaustive()
    }
}

/// A request that failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) fault: Fault,
    /// More than one: an earlier try may have been done, and its answer lost.
    pub(super) attempts: u32,
}

impl Watch {
    pub(super) fn new(traffic: &Arc<Traffic>) -> Self {
        Self(Arc::new(Seen {
            attempts: AtomicU32::new(0),
            date: Mutex::new(None),
            meter: Arc::default(),
            traffic: Arc::clone(traffic),
            began: Instant::now(),
        }))
    }

    pub(super) fn meter(&self) -> &Arc<Meter> {
        &self.0.meter
    }

    pub(super) fn attempts(&self) -> u32 {
        self.0.attempts.load(Ordering::Relaxed)
    }

    /// The store's clock at its last answer.
    pub(super) fn date(&self) -> Option<Timestamp> {
        *self.0.date.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the answer, but not for ever: once nothing moves for `stall` it is given up.
    pub(super) async fn answer<T, E>(
        &self,
        stall: Duration,
        send: impl Future<Output = Result<T, SdkError<E, Response>>>,
    ) -> Result<T, Failed>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let fault = tokio::select! {
            biased;
            answer = send => match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => fault(&error),
            },
            () = self.0.meter.stalled(stall) => {
                Fault::new(FaultKind::TimedOut, format!("nothing moved for {} seconds", stall.as_secs()))
            }
        };
        if fault.kind == FaultKind::TimedOut {
            self.0.traffic.trouble(Trouble::TimedOut);
        }
        Err(Failed { fault, attempts: self.attempts() })
    }

    /// Tells the line how long a body took. One that needed several tries says nothing of the line.
    pub(super) fn went(&self, bytes: u64) {
        if self.attempts() == 1 {
            self.0.traffic.done(bytes, self.0.began.elapsed());
        }
    }
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
        self.0.meter.touch();
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.meter.touch();
        if let Some(answer) = context.response() {
            if matches!(answer.status().as_u16(), 429 | 503) {
                self.0.traffic.trouble(Trouble::Throttled);
            }
            let date = answer.headers().get("date").and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
            if let Some(date) = date {
                *self.0.date.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(Timestamp(date.secs().saturating_mul(1000)));
            }
        }
        Ok(())
    }
}

impl S3 {
    /// Waits for a small answer. The client's own limits end it.
    pub(super) async fn ask<T, E>(
        &self,
        send: impl Future<Output = Result<T, SdkError<E, Response>>>,
    ) -> Result<T, Fault>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        Box::pin(send).await.map_err(|error| fault(&error))
    }
}
