//! What being signed in costs: the start of the window, beside the same start with no account.

#[path = "../../tests/common/mod.rs"]
pub mod common;

use std::process::{Command, Stdio};

use super::data::Data;
use super::measure::{median, percentile};
use super::table::{Met, Row};
use super::window;
use common::secret_service::{SecretService, State};
use common::servers::{Ministack, servers};

/// The same start may differ by so much from one time to the next; more would be the account's doing.
const AS_LONG: f64 = 1.05;
/// Pairs of starts: they are short and scatter.
const PAIRS: usize = 9;

/// Starts in turn, signed in and not, on the smaller library.
pub fn rows(data: &Data) -> Vec<Row> {
    let what = "start to a filled grid, signed in, against no account";
    if !servers().join("bin/ministack").exists() {
        return vec![Row::new(what, "needs the servers that tests/run installs", "as long", Met::Open)];
    }
    let keyring = SecretService::start(State::Unlocked);
    let (server, line) = Ministack::deployed();
    let library = data.library(data.photos[0]);
    let account = |words: &[&str], lines: &str| {
        let mut command = Command::new(common::BIN);
        command.arg("--library").arg(&library).args(["account", "--json"]).args(words).envs(keyring.envs());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), lines.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{words:?}");
    };
    let (email, password) = ("bench@example.org", "Bench-password-123");
    account(&["use", &line], "");
    account(&["sign-up"], &format!("{email}\n{password}\n"));
    let code = server.confirmation_codes(email).pop().unwrap();
    account(&["confirm"], &format!("{email}\n{code}\n"));
    account(&["sign-in"], &format!("{email}\n{password}\n"));
    let environment = keyring.envs();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        account(&["use", &line], "");
        with.push(window::start_s(&library, &environment));
        account(&["use", "--this-computer"], "");
        without.push(window::start_s(&library, &environment));
    }
    let ratio = median(&with) / median(&without);
    vec![
        Row::new(
            what,
            format!("{:.0} ms (slowest {:.0})", median(&with) * 1e3, percentile(&with, 1.0) * 1e3),
            "as long (within 5 %)",
            Met::from(ratio <= AS_LONG),
        )
        .against(
            format!("{:.0} ms (slowest {:.0})", median(&without) * 1e3, percentile(&without, 1.0) * 1e3),
            Some(1.0 / ratio),
        ),
    ]
}
