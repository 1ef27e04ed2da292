//! The body of a request: bytes in memory that go out in slices, counted, at the pace that is allowed.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::{Traffic, locked};

/// How much goes out at a time, in bytes. Small, so that a line that stands still is noticed; the HTTP library gathers
/// sixteen of them for one call of the operating system.
const SLICE_BYTES: u64 = 16 << 10;
/// Under a limit slices are so small that this many go in a second.
const SLICES_PER_S: u64 = 8;

/// Whether a body moves.
#[derive(Debug)]
pub struct Meter {
    last: Mutex<Instant>,
    sent: AtomicU64,
}

impl Default for Meter {
    fn default() -> Self {
        Self { last: Mutex::new(Instant::now()), sent: AtomicU64::new(0) }
    }
}

impl Meter {
    /// Something was asked for or sent.
    pub(in crate::store) fn touch(&self) {
        *locked(&self.last) = Instant::now();
    }

    /// Bytes handed to the line, those sent again included.
    #[must_use]
    pub fn sent_bytes(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Ends once nothing has moved for so long.
    pub(in crate::store) async fn stalled(&self, grace: Duration) {
        loop {
            let quiet = locked(&self.last).elapsed();
            let Some(left) = grace.checked_sub(quiet).filter(|left| !left.is_zero()) else { return };
            tokio::time::sleep(left).await;
        }
    }
}

/// A body that may be sent again. It keeps the bytes as they are: no copy is made.
pub(in crate::store) fn body(bytes: Bytes, traffic: &Arc<Traffic>, meter: &Arc<Meter>) -> SdkBody {
    let (traffic, meter) = (Arc::clone(traffic), Arc::clone(meter));
    SdkBody::retryable(move || {
        meter.touch();
        SdkBody::from_body_1_x(Slices {
            left: bytes.clone(),
            traffic: Arc::clone(&traffic),
            meter: Arc::clone(&meter),
            waiting: None,
        })
    })
}

struct Slices {
    left: Bytes,
    traffic: Arc<Traffic>,
    meter: Arc<Meter>,
    /// For the limit, with the length of the slice that may go then.
    waiting: Option<(Waiting, usize)>,
}

// The lock is never held by two: it makes a future that is only `Send` into one that is `Sync`, which the SDK wants.
type Waiting = Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>;

impl Slices {
    fn slice(&mut self, length: usize) -> Frame<Bytes> {
        let slice = self.left.split_to(length.min(self.left.len()));
        self.meter.touch();
        self.meter.sent.fetch_add(slice.len() as u64, Ordering::Relaxed);
        self.traffic.sent.fetch_add(slice.len() as u64, Ordering::Relaxed);
        Frame::data(slice)
    }
}

impl Body for Slices {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        if let Some((waiting, length)) = &self.waiting {
            let length = *length;
            if locked(waiting).as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.waiting = None;
            return Poll::Ready(Some(Ok(self.slice(length))));
        }
        let Some(rate) = self.traffic.limit() else {
            return Poll::Ready(Some(Ok(self.slice(SLICE_BYTES as usize))));
        };
        let length = (rate / SLICES_PER_S).clamp(1, SLICE_BYTES).min(self.left.len() as u64);
        let traffic = Arc::clone(&self.traffic);
        let mut pass: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move { traffic.pass(length).await });
        // Waiting for one's turn is no standstill of the line.
        self.meter.touch();
        if pass.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Ok(self.slice(length as usize))));
        }
        self.waiting = Some((Mutex::new(pass), length as usize));
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
