//! Thumbnails for the screen: what is wanted now, the most urgent first, and nothing that has scrolled away.

use std::collections::{HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::errors::panic_words;
use super::parts::Engine;
use crate::imaging;
use crate::protocol::{Event, Pixels, ThumbKey, ThumbStage, ThumbWish};

/// The wishes of the screen. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(super) struct Desk(Arc<(Mutex<Wishes>, Notify)>);

#[derive(Default)]
struct Wishes {
    waiting: VecDeque<ThumbWish>,
    /// Being made now, so that the same wish again does not make it twice.
    making: HashSet<ThumbKey>,
}

impl Desk {
    /// Replaces every wish that is not being made yet.
    pub fn wish(&self, wishes: Vec<ThumbWish>) {
        let mut all = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.waiting = wishes.into_iter().filter(|wish| !all.making.contains(&wish.key)).collect();
        drop(all);
        self.0.1.notify_waiters();
        // One permit for a maker that was about to wait.
        self.0.1.notify_one();
    }

    async fn next(&self) -> ThumbWish {
        loop {
            let notified = self.0.1.notified();
            {
                let mut all = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(wish) = all.waiting.pop_front() {
                    all.making.insert(wish.key.clone());
                    return wish;
                }
            }
            notified.await;
        }
    }

    fn made(&self, key: &ThumbKey) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).making.remove(key);
    }

    /// Makes thumbnails as they are wished for, for ever. Several of these may run.
    pub async fn serve(&self, engine: &Engine) {
        loop {
            let wish = self.next().await;
            let (stage, picture) = make(engine, &wish).await;
            self.made(&wish.key);
            engine.0.say.say(Event::Thumb { key: wish.key, stage, picture }).await;
        }
    }
}

type Made = (ThumbStage, Result<Arc<Pixels>, String>);

async fn make(engine: &Engine, wish: &ThumbWish) -> Made {
    let (worker, wanted) = (engine.clone(), wish.clone());
    let quick = move || match &wanted.key {
        ThumbKey::Content(content) => {
            let stored = worker.with_thumbs(|thumbs| thumbs.get(content)).ok().flatten();
            stored.map(|jpeg| (ThumbStage::Stored, decode(&jpeg)))
        }
        ThumbKey::File(path) => {
            let look = catch_unwind(AssertUnwindSafe(|| worker.look_at_file(path)));
            let look = look.unwrap_or_else(|panic| Err(panic_words(panic.as_ref())));
            Some((ThumbStage::FirstLook, look.map(|pixels| Arc::new(shown(&pixels)))))
        }
    };
    if let Some((stage, picture)) = engine.0.parts.quick.run(quick).await {
        // A stored picture that is damaged is made again.
        if picture.is_ok() || stage == ThumbStage::FirstLook {
            return (stage, picture);
        }
    }
    let Some(seat) = wish.seat else {
        return (ThumbStage::Stored, Err("there is no thumbnail".to_owned()));
    };
    let worker = engine.clone();
    let again = move || {
        let made = catch_unwind(AssertUnwindSafe(|| worker.thumb_again(seat)));
        made.unwrap_or_else(|panic| Err(panic_words(panic.as_ref()))).and_then(|jpeg| decode(&jpeg))
    };
    (ThumbStage::Stored, engine.0.parts.heavy.run(again).await)
}

fn decode(jpeg: &[u8]) -> Result<Arc<Pixels>, String> {
    imaging::decode_jpeg_thumb(jpeg).map(|pixels| Arc::new(shown(&pixels))).map_err(|error| error.to_string())
}

/// As the window wants them.
pub(super) fn shown(pixels: &imaging::Pixels) -> Pixels {
    Pixels { width_px: pixels.width_px, height_px: pixels.height_px, rgba: pixels.to_rgba() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ContentHash;

    fn wish(byte: u8) -> ThumbWish {
        ThumbWish { key: ThumbKey::Content(ContentHash([byte; 32])), seat: None }
    }

    #[tokio::test]
    async fn what_scrolled_away_is_dropped_and_nothing_is_made_twice() {
        let desk = Desk::default();
        desk.wish(vec![wish(1), wish(2), wish(3)]);
        assert_eq!(desk.next().await, wish(1));
        desk.wish(vec![wish(9), wish(1), wish(8)]);
        assert_eq!(desk.next().await, wish(9));
        assert_eq!(desk.next().await, wish(8), "1 is being made already");
        desk.made(&wish(1).key);
        desk.wish(vec![wish(1)]);
        assert_eq!(desk.next().await, wish(1));
    }

    #[tokio::test]
    async fn a_maker_that_waits_hears_of_a_wish() {
        let desk = Desk::default();
        let waiting = tokio::spawn({
            let desk = desk.clone();
            async move { desk.next().await }
        });
        tokio::task::yield_now().await;
        desk.wish(vec![wish(4)]);
        assert_eq!(waiting.await.unwrap(), wish(4));
    }
}
