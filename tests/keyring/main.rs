//! The keyring against a real Secret Service: open, locked, empty, absent, hanging, dying and coming back; and the lock
//! between two processes.
//!
//! Which bus a process talks to stands in its environment, so each test starts this test program once more as a client
//! with an environment of its own, and gives it one order a line.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails panics")]

#[path = "../common/secret_service.rs"]
mod secret_service;

mod client;
mod locks;
mod window;

use std::time::{Duration, Instant};

use client::Client;
use secret_service::{SecretService, State};

/// A refresh token of Cognito is about this long.
const LONG: usize = 2500;

fn long_secret() -> String {
    (0..LONG).map(|n| char::from(b'!' + (n * 7 % 90) as u8)).collect()
}

#[test]
fn an_open_one_keeps_overwrites_and_forgets() {
    let mut service = SecretService::start(State::Unlocked);
    let mut client = Client::start(&service.envs());
    let names = ["eu-central-1_AbC123/client", "Schlüssel 写真 📷 \"'\\ <&>", "ann"];
    for name in names {
        assert_eq!(client.get(name), "none");
        assert_eq!(client.set(name, &format!("first of {name}")), "ok");
    }
    for name in names {
        assert_eq!(client.get(name), format!("some first of {name}"));
    }
    assert_eq!(client.set(names[0], &long_secret()), "ok");
    assert_eq!(client.get(names[0]), format!("some {}", long_secret()));
    assert_eq!(client.set(names[1], ""), "ok");
    assert_eq!(client.get(names[1]), "some ");
    assert_eq!(client.remove(names[2]), "ok");
    assert_eq!(client.remove(names[2]), "ok", "forgetting twice is good");
    assert_eq!(client.get(names[2]), "none");
    assert_eq!(client.unlock(), "ok", "it is open already");

    // Another process, after another start of the service, sees the same.
    service.restart_unlocked();
    assert_eq!(Client::start(&service.envs()).get(names[0]), format!("some {}", long_secret()));
    assert_eq!(client.get(names[1]), "some ", "a service that was started again needs no other client");
    for file in service.files().read_dir().unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let needle = &long_secret()[..40];
        assert!(!bytes.windows(needle.len()).any(|window| window == needle.as_bytes()), "kept in the clear");
    }
}

#[test]
fn a_locked_one_is_locked_and_not_empty() {
    let mut service = SecretService::start(State::Unlocked);
    let mut client = Client::start(&service.envs());
    assert_eq!(client.set("there", "kept"), "ok");
    // Locked while it runs: the service still knows the names of what it keeps.
    service.lock();
    for name in ["there", "not there"] {
        assert_eq!(client.get(name), "locked", "{name}");
        assert_eq!(client.set(name, "x"), "locked", "{name}");
        assert_eq!(client.remove(name), "locked", "{name}");
    }
    // Locked since it started: it may not even know that.
    service.restart_locked();
    for name in ["there", "not there"] {
        let started = Instant::now();
        assert_eq!(client.get(name), "locked", "{name}");
        assert!(started.elapsed() < Duration::from_secs(2), "it is known at once: {:?}", started.elapsed());
        assert_eq!(client.set(name, "x"), "locked", "{name}");
        assert_eq!(client.remove(name), "locked", "{name}");
    }
    assert_eq!(service.times_asked(), 0, "none of these may open a window");
    assert_eq!(client.unlock(), "locked", "nobody is there to unlock it");
    assert_eq!(service.times_asked(), 1, "this one may");
    service.restart_unlocked();
    assert_eq!(client.get("there"), "some kept", "nothing of all that changed it");
    assert_eq!(client.get("not there"), "none");
}

#[test]
fn one_that_never_kept_anything_wants_a_person_to_make_a_keyring() {
    let service = SecretService::start(State::Empty);
    let mut client = Client::start(&service.envs());
    assert_eq!(client.get("a"), "locked");
    assert_eq!(client.set("a", "x"), "locked");
    assert_eq!(service.times_asked(), 0, "none of these may open a window");
    assert_eq!(client.unlock(), "locked");
    assert_eq!(service.times_asked(), 1, "this one may");
}

#[test]
fn no_bus_no_service_and_one_that_dies_are_absent() {
    for state in [State::NoBus, State::NoService, State::Dies] {
        let service = SecretService::start(state);
        let mut client = Client::start(&service.envs());
        let started = Instant::now();
        assert_eq!(client.get("a"), "absent", "{state:?}");
        assert_eq!(client.set("a", "x"), "absent", "{state:?}");
        assert_eq!(client.remove("a"), "absent", "{state:?}");
        assert_eq!(client.unlock(), "absent", "{state:?}");
        assert!(started.elapsed() < Duration::from_secs(10), "{state:?} took {:?}", started.elapsed());
    }
}

#[test]
fn a_session_that_names_no_bus_at_all_is_absent() {
    let service = SecretService::start(State::NoBus);
    let mut client = Client::without(&service.envs(), &["DBUS_SESSION_BUS_ADDRESS"]);
    assert_eq!(client.get("a"), "absent");
}

#[test]
fn one_that_hangs_is_slow_and_works_again_once_it_goes_on() {
    let service = SecretService::start(State::Unlocked);
    let mut client = Client::start(&service.envs());
    assert_eq!(client.set("a", "before"), "ok");
    let threads = client.threads();

    service.hang();
    let started = Instant::now();
    assert_eq!(client.get("a"), "slow");
    let took = started.elapsed();
    assert!((2900..4500).contains(&took.as_millis()), "the limit is 3 s, it was {took:?}");
    // Each waits out its own limit behind the first, all at once.
    let started = Instant::now();
    assert_eq!(client.get_many("a", 40), "slow 40");
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    // The message bus library brings two of its own for a connection.
    assert!(client.threads() <= threads + 4, "{} threads, {threads} before", client.threads());

    service.go_on();
    assert_eq!(client.get("a"), "some before");
}

#[test]
fn a_late_writing_never_undoes_a_newer_one() {
    let service = SecretService::start(State::Unlocked);
    let mut client = Client::start(&service.envs());
    assert_eq!(client.set("a", "before"), "ok");
    service.hang();
    assert_eq!(client.set("a", "old"), "slow");
    assert_eq!(client.set("a", "older than new as well"), "slow");
    service.go_on();
    assert_eq!(client.set("a", "new"), "ok");
    assert_eq!(client.get("a"), "some new");
    assert_eq!(Client::start(&service.envs()).get("a"), "some new");
}

#[test]
fn one_that_dies_while_it_is_asked_is_absent_and_its_next_start_is_found() {
    let mut service = SecretService::start(State::Unlocked);
    let mut client = Client::start(&service.envs());
    assert_eq!(client.set("a", "kept"), "ok");
    service.hang();
    client.order("get", "a", "");
    // Once the client's thread is in there, the service goes.
    std::thread::sleep(Duration::from_millis(200));
    service.end();
    assert_eq!(client.answer(), "absent");
    service.restart_unlocked();
    assert_eq!(client.get("a"), "some kept");
}
