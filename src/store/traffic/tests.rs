//! The shared budget, the places and the limit in the middle of a body.

use bytes::Bytes;
use futures::FutureExt as _;
use http_body::Body as _;

use super::*;

#[tokio::test]
async fn the_budget_is_shared_and_given_back() {
    let traffic = Traffic::new();
    assert_eq!(traffic.free_bytes(), BUDGET_BYTES);
    let most = traffic.room(BUDGET_BYTES - (16 << 20)).await;
    let rest = traffic.room(16 << 20).await;
    assert_eq!(traffic.free_bytes(), 0);
    assert!(traffic.room(1).now_or_never().is_none(), "also one byte has to wait");
    drop(rest);
    assert!(traffic.room(16 << 20).now_or_never().is_some());
    drop(most);
    let all = traffic.room(u64::MAX).await;
    assert_eq!(traffic.free_bytes(), 0, "more than there is gets all of it, and does not wait for ever");
    drop(all);
    assert_eq!(traffic.free_bytes(), BUDGET_BYTES);
}

#[tokio::test]
async fn places_are_as_many_as_the_width() {
    let traffic = Arc::new(Traffic::new());
    let mut taken = Vec::new();
    while let Some(place) = traffic.place().now_or_never() {
        taken.push(place);
    }
    assert_eq!(taken.len(), traffic.width());
    let mut next = Box::pin(traffic.place());
    assert!(next.as_mut().now_or_never().is_none());
    taken.pop();
    let _one = next.await;
    traffic.trouble(Trouble::Throttled);
    taken.pop();
    assert!(traffic.place().now_or_never().is_none(), "there are fewer now");
}

/// All slices of a body until it ends or waits.
async fn slices(body: &mut SdkBodyOf) -> (u64, bool) {
    let mut bytes = 0;
    loop {
        match std::future::poll_fn(|context| body.as_mut().poll_frame(context)).now_or_never() {
            Some(Some(frame)) => bytes += frame.unwrap().into_data().map_or(0, |data| data.len() as u64),
            Some(None) => return (bytes, true),
            None => return (bytes, false),
        }
    }
}

type SdkBodyOf = std::pin::Pin<Box<aws_smithy_types::body::SdkBody>>;

#[tokio::test]
async fn a_limit_takes_effect_in_the_middle_of_a_body() {
    let traffic = Arc::new(Traffic::new());
    let meter = Arc::new(Meter::default());
    let bytes = Bytes::from(vec![7; 1 << 20]);
    let mut body: SdkBodyOf = Box::pin(body(bytes, &traffic, &meter));
    assert_eq!(body.size_hint().exact(), Some(1 << 20));
    let first = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await.unwrap().unwrap();
    assert!(first.into_data().is_ok_and(|data| !data.is_empty()));
    traffic.set_limit(Some(8_000));
    let (went, over) = slices(&mut body).await;
    assert!(!over && went <= 1_000, "{went} bytes went under a limit of 8,000 a second");
    traffic.set_limit(None);
    // The slice that waited is let go at once, and the rest after it.
    let mut rest = went;
    while let Some(frame) = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await {
        rest += frame.unwrap().into_data().map_or(0, |data| data.len() as u64);
    }
    assert_eq!(meter.sent_bytes(), 1 << 20);
    assert_eq!(traffic.sent_bytes(), 1 << 20);
    assert!(rest > 900_000);
}

#[tokio::test]
async fn a_body_that_does_not_move_is_noticed() {
    let meter = Meter::default();
    meter.stalled(Duration::from_millis(30)).await;
    meter.touch();
    assert!(meter.stalled(Duration::from_secs(3600)).now_or_never().is_none());
}
