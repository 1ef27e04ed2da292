//! The account with a keyring that is locked, absent, dead or hanging: never "signed out", never a file.

use crate::common::secret_service::State;
use crate::home::{EMAIL, Home, PASSWORD};

#[test]
fn a_locked_keyring_is_not_signed_out() {
    let mut home = Home::new();
    home.signed_in();
    home.keyring.restart_locked();
    let state = home.ok(&["status"], &[]);
    assert_eq!(state["session"], "keyring", "{state}");
    assert!(state["why"].as_str().unwrap().contains("locked"), "{state}");
    assert_eq!(home.fails(&["token", "--show", "access"], &[]).0, "keyring");
    home.keyring.restart_unlocked();
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_in");
}

#[test]
fn a_keyring_that_hangs_costs_three_seconds_and_no_sign_in() {
    let home = Home::new();
    home.signed_in();
    home.keyring.hang();
    let state = home.ok(&["status"], &[]);
    assert_eq!(state["session"], "keyring", "{state}");
    assert!(state["why"].as_str().unwrap().contains("3 seconds"), "{state}");
    home.keyring.go_on();
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_in");
}

#[test]
fn without_a_keyring_a_sign_in_lasts_for_this_time_and_says_so() {
    for state in [State::NoBus, State::NoService, State::Dies] {
        let home = Home::with(state);
        home.ok(&["sign-up"], &[EMAIL, PASSWORD]);
        let code = home.code(EMAIL, 1);
        home.ok(&["confirm"], &[EMAIL, &code]);
        let (code, message) = home.fails(&["sign-in"], &[EMAIL, PASSWORD]);
        assert_eq!(code, "keyring", "{state:?}: {message}");
        assert!(message.contains("keyring"), "{message}");
        // Nothing was kept: neither in a keyring nor anywhere else.
        assert_eq!(home.ok(&["status"], &[])["session"], "signed_out", "{state:?}");
    }
}
