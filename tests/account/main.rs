//! The account through the real program: against a Cognito that checks SRP, codes and revocation, and with a real
//! keyring. None of it is ours but the program.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

#[path = "../common/mod.rs"]
mod common;

mod challenges;
mod flows;
mod home;
mod keyring;
mod proxy;
mod races;
mod refresh;
mod remote;
mod secrets;
mod srp;
mod window;
mod wrong_answers;
