//! The front over stores that hang, fail and panic. The real Secret Service is in `tests/keyring`.

use std::sync::Condvar;
use std::time::Instant;

use super::*;

/// A store that stands still while its gate is shut, and counts what reached it.
#[derive(Clone, Default)]
struct Gated {
    inside: Memory,
    gate: Arc<(Mutex<Gate>, Condvar)>,
}

#[derive(Default)]
struct Gate {
    is_shut: bool,
    begun: usize,
    written: Vec<String>,
}

impl Gated {
    fn shut(&self, is_shut: bool) {
        self.gate.0.lock().unwrap().is_shut = is_shut;
        self.gate.1.notify_all();
    }

    fn pass(&self) {
        let mut gate = self.gate.0.lock().unwrap();
        gate.begun += 1;
        drop(self.gate.1.wait_while(gate, |gate| gate.is_shut).unwrap());
    }

    fn begun(&self) -> usize {
        self.gate.0.lock().unwrap().begun
    }

    fn written(&self) -> Vec<String> {
        self.gate.0.lock().unwrap().written.clone()
    }
}

impl SecretStore for Gated {
    fn get(&self, entry: &str) -> Result<Option<Secret>, KeyringProblem> {
        self.pass();
        assert_ne!(entry, "panic", "a store that is broken");
        self.inside.get(entry)
    }

    fn set(&self, entry: &str, secret: &Secret) -> Result<(), KeyringProblem> {
        self.pass();
        self.gate.0.lock().unwrap().written.push(secret.expose().to_owned());
        self.inside.set(entry, secret)
    }

    fn remove(&self, entry: &str) -> Result<(), KeyringProblem> {
        self.pass();
        self.inside.remove(entry)
    }

    fn unlock(&self, _: Duration) -> Result<(), KeyringProblem> {
        self.pass();
        Ok(())
    }
}

const SHORT: Duration = Duration::from_millis(80);

fn quick(store: &Gated) -> Keyring {
    Keyring::with_limits(store.clone(), SHORT, SHORT)
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(20), "never came: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn memory_keeps_overwrites_and_forgets() {
    let keyring = Keyring::memory();
    assert_eq!(keyring.get("a").await, Ok(None));
    keyring.set("a", &"one".into()).await.unwrap();
    keyring.clone().set("a", &"two".into()).await.unwrap();
    assert_eq!(keyring.get("a").await, Ok(Some("two".into())));
    assert_eq!(keyring.get("b").await, Ok(None));
    keyring.remove("a").await.unwrap();
    keyring.remove("a").await.unwrap();
    assert_eq!(keyring.get("a").await, Ok(None));
    keyring.unlock().await.unwrap();
}

#[tokio::test]
async fn a_hanging_store_is_slow_for_everybody_and_holds_one_thread() {
    let store = Gated::default();
    let keyring = quick(&store);
    store.shut(true);
    let started = Instant::now();
    let all = futures::future::join_all((0..100).map(|_| keyring.get("a"))).await;
    assert!(all.iter().all(|answer| *answer == Err(KeyringProblem::Slow)), "{all:?}");
    assert!(started.elapsed() < 20 * SHORT, "{:?}", started.elapsed());
    assert_eq!(store.begun(), 1, "only one call may ever stand in the store");
    store.shut(false);
    assert_eq!(keyring.get("a").await, Ok(None), "it works again once the store does");
    assert_eq!(store.begun(), 2, "calls that were given up are never made");
}

#[tokio::test]
async fn a_late_writing_lands_before_a_newer_one_and_a_waiting_one_never() {
    let store = Gated::default();
    let keyring = quick(&store);
    store.shut(true);
    assert_eq!(keyring.set("a", &"old".into()).await, Err(KeyringProblem::Slow));
    assert_eq!(keyring.set("a", &"never".into()).await, Err(KeyringProblem::Slow));
    store.shut(false);
    keyring.set("a", &"new".into()).await.unwrap();
    assert_eq!(store.written(), ["old", "new"]);
    assert_eq!(keyring.get("a").await, Ok(Some("new".into())));
}

#[tokio::test]
async fn unlocking_waits_beside_everything_else_and_not_without_bound() {
    let store = Gated::default();
    let keyring = Keyring::with_limits(store.clone(), SHORT, Duration::from_secs(60));
    store.shut(true);
    let waiting: Vec<_> = (0..MOST_UNLOCKING)
        .map(|_| {
            tokio::spawn({
                let keyring = keyring.clone();
                async move { keyring.unlock().await }
            })
        })
        .collect();
    until("all windows", || store.begun() == MOST_UNLOCKING).await;
    assert_eq!(keyring.unlock().await, Err(KeyringProblem::Slow), "one more asks nobody");
    assert_eq!(store.begun(), MOST_UNLOCKING);
    store.shut(false);
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    until("a free place", || keyring.shared.unlocking.load(Ordering::Acquire) == 0).await;
    keyring.unlock().await.unwrap();
}

#[tokio::test]
async fn a_panic_of_the_store_is_a_failure_and_the_next_call_works() {
    let store = Gated::default();
    let keyring = Keyring::new(store);
    keyring.set("a", &"kept".into()).await.unwrap();
    let failed = keyring.get("panic").await;
    assert_eq!(failed, Err(KeyringProblem::Failed("it broke off".to_owned())));
    // The thread may need a moment to be gone; nothing that comes in between may be lost in silence.
    let mut answer = keyring.get("a").await;
    while answer == failed {
        answer = keyring.get("a").await;
    }
    assert_eq!(answer, Ok(Some("kept".into())));
}

#[tokio::test]
async fn the_thread_goes_with_the_last_keyring() {
    let store = Gated::default();
    let keyring = Keyring::new(store.clone());
    keyring.get("a").await.unwrap();
    assert!(Arc::strong_count(&store.gate) > 1);
    drop(keyring);
    until("the end of the thread", || Arc::strong_count(&store.gate) == 1).await;
}

#[test]
fn what_is_not_text_is_refused_without_showing_it() {
    let failed = from_bytes(b"to\xffken".to_vec());
    assert!(matches!(&failed, Err(KeyringProblem::Failed(why)) if !why.contains("ken")), "{failed:?}");
    assert_eq!(format!("{:?}", Keyring::memory()), "Keyring");
}
