//! What happens at the same time: a sign-out or another place while new tokens are on their way, and a keyring that
//! does not take them. Through the library, with a keyring in memory; the server is the same stand-in.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lightkeep::account::keyring::SecretStore;
use lightkeep::account::{Account, Keyring, Parts};
use lightkeep::domain::account::{AwsSettings, Kept, KeyringProblem, Place, Session, SignedOut};
use lightkeep::domain::{Secret, Timestamp};
use serde_json::{Value, json};

use crate::home::{EMAIL, Home, PASSWORD};
use crate::proxy::{Proxy, Twist};

/// A keyring that can be told to take nothing.
#[derive(Clone, Default)]
struct Moody {
    kept: Arc<Mutex<std::collections::BTreeMap<String, Secret>>>,
    locked: Arc<AtomicBool>,
}

impl Moody {
    fn open(&self) -> Result<(), KeyringProblem> {
        if self.locked.load(Ordering::SeqCst) { Err(KeyringProblem::Locked) } else { Ok(()) }
    }

    /// The one refresh token in it.
    fn token(&self) -> Option<String> {
        let kept = self.kept.lock().unwrap();
        let text: Value = serde_json::from_str(kept.values().next()?.expose()).unwrap();
        Some(text["refresh"].as_str().unwrap().to_owned())
    }
}

impl SecretStore for Moody {
    fn get(&self, entry: &str) -> Result<Option<Secret>, KeyringProblem> {
        self.open()?;
        Ok(self.kept.lock().unwrap().get(entry).cloned())
    }
    fn set(&self, entry: &str, secret: &Secret) -> Result<(), KeyringProblem> {
        self.open()?;
        self.kept.lock().unwrap().insert(entry.to_owned(), secret.clone());
        Ok(())
    }
    fn remove(&self, entry: &str) -> Result<(), KeyringProblem> {
        self.open()?;
        self.kept.lock().unwrap().remove(entry);
        Ok(())
    }
    fn unlock(&self, _: Duration) -> Result<(), KeyringProblem> {
        self.open()
    }
}

struct World {
    _home: Home,
    proxy: Proxy,
    keyring: Moody,
    account: Account,
}

/// Somebody who is signed in, behind a proxy. Nothing is written down.
async fn world() -> World {
    let home = Home::new();
    home.ok(&["sign-up"], &[EMAIL, PASSWORD]);
    let code = home.code(EMAIL, 1);
    home.ok(&["confirm"], &[EMAIL, &code]);
    let proxy = Proxy::before(&home.server.endpoint());
    let line = home.line.replace(&home.server.endpoint(), &proxy.endpoint());
    let keyring = Moody::default();
    let now = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_millis()).unwrap())
    };
    let parts = Parts {
        clock: Arc::new(now),
        keyring: Keyring::new(keyring.clone()),
        remember: Arc::new(|_| Ok(())),
        open_page: Arc::new(|_| {}),
    };
    let account = Account::new(Place::Aws(AwsSettings::from_line(&line).unwrap()), None, parts);
    account.sign_in(&EMAIL.into(), &PASSWORD.into(), true).await.unwrap();
    assert!(matches!(account.state().session, Session::SignedIn(_)));
    World { _home: home, proxy, keyring, account }
}

/// Holds refreshes back until they are let go, and gives another refresh token with each.
fn hold(proxy: &Proxy) -> (std::sync::mpsc::Receiver<()>, std::sync::mpsc::Sender<()>) {
    let (arrived, arrival) = std::sync::mpsc::channel();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let (arrived, gone) = (Mutex::new(arrived), Mutex::new(gone));
    proxy.twist(move |name, body| {
        if name != "GetTokensFromRefreshToken" {
            return Twist::Pass;
        }
        let _ = arrived.lock().unwrap().send(());
        let _ = gone.lock().unwrap().recv_timeout(Duration::from_secs(30));
        Twist::Change(
            body.to_vec(),
            Box::new(|answer| {
                let mut answer: Value = serde_json::from_slice(&answer).unwrap();
                answer["AuthenticationResult"]["RefreshToken"] = json!("rotated");
                answer.to_string().into_bytes()
            }),
        )
    });
    (arrival, go)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_come_after_another_place_was_chosen_sign_nobody_in() {
    let world = world().await;
    let (arrival, go) = hold(&world.proxy);
    let account = world.account.clone();
    let refresh = tokio::spawn(async move { account.refresh(true).await });
    tokio::task::spawn_blocking(move || arrival.recv_timeout(Duration::from_secs(30)).unwrap()).await.unwrap();
    world.account.use_place(Place::ThisComputer).unwrap();
    go.send(()).unwrap();
    let _ = refresh.await.unwrap();
    let state = world.account.state();
    assert_eq!(state.place, Place::ThisComputer);
    assert_eq!(state.session, Session::SignedOut(SignedOut::Plain));
    assert_eq!(world.keyring.token().unwrap(), "rotated", "going back would find a token that is used up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_waits_for_a_refresh_and_leaves_nothing_behind() {
    let world = world().await;
    let (arrival, go) = hold(&world.proxy);
    let account = world.account.clone();
    let refresh = tokio::spawn(async move { account.refresh(true).await });
    tokio::task::spawn_blocking(move || arrival.recv_timeout(Duration::from_secs(30)).unwrap()).await.unwrap();
    let account = world.account.clone();
    let out = tokio::spawn(async move { account.sign_out().await });
    go.send(()).unwrap();
    let _ = refresh.await.unwrap();
    // The stand-in does not know the token that the proxy made up; that is no reason to stay signed in.
    let _ = out.await.unwrap();
    assert_eq!(world.account.state().session, Session::SignedOut(SignedOut::Plain));
    assert_eq!(world.keyring.token(), None, "a refresh put its token back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_token_that_a_locked_keyring_did_not_take_is_given_to_it_later() {
    let world = world().await;
    let before = world.keyring.token().unwrap();
    let (_arrival, go) = hold(&world.proxy);
    go.send(()).unwrap();
    world.keyring.locked.store(true, Ordering::SeqCst);
    world.account.refresh(true).await.unwrap();
    let state = world.account.state();
    assert!(matches!(state.session, Session::SignedIn(_)));
    assert_eq!(state.kept, Kept::ThisSession, "what the keyring lacks is not said to be in it");
    world.keyring.locked.store(false, Ordering::SeqCst);
    assert_eq!(world.keyring.token().unwrap(), before);
    // The old one in the keyring is not taken for a newer one; asking again puts the new one there.
    world.proxy.twist(|_, body| match serde_json::from_slice::<Value>(body) {
        Ok(asked) if asked["RefreshToken"] == "rotated" => {
            Twist::Answer(503, "application/json", b"{\"__type\":\"ServiceUnavailable\"}".to_vec())
        }
        _ => Twist::Pass,
    });
    assert!(world.account.try_again().await.is_err(), "the token of now was asked with");
    world.account.save_again().await;
    assert_eq!(world.keyring.token().unwrap(), "rotated");
    assert_eq!(world.account.state().kept, Kept::Keyring);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stops_waiting_stops_no_restore() {
    let world = world().await;
    let (arrival, go) = hold(&world.proxy);
    let account = world.account.clone();
    let waiting = tokio::spawn(async move { account.try_again().await });
    tokio::task::spawn_blocking(move || arrival.recv_timeout(Duration::from_secs(30)).unwrap()).await.unwrap();
    waiting.abort();
    go.send(()).unwrap();
    // The refresh goes on by itself, and its new token reaches the keyring.
    world.account.settled().await;
    assert_eq!(world.keyring.token().unwrap(), "rotated");
    assert!(matches!(world.account.state().session, Session::SignedIn(_)));
}
