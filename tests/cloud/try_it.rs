//! `packaging/aws/try-it`, run as anybody would: it says the line, shows the mails, and leaves nothing behind.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use crate::common::servers::{request, servers};
use crate::common::{BIN, Running, until};
use crate::owner::settings;

/// Far longer than all of it takes.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(180);

#[test]
fn it_says_the_line_shows_mails_and_ends_with_control_c() {
    let dir = tempfile::tempdir().unwrap();
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/aws/try-it");
    let mut command = Command::new(script);
    command.arg(dir.path()).env("LIGHTKEEP", BIN).env("LIGHTKEEP_SERVERS", servers()).process_group(0);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let mut running = Running(child);
    let group = rustix::process::Pid::from_raw(i32::try_from(running.0.id()).unwrap()).unwrap();
    // What is never said would be waited for without end: the script is ended, and with it what is read.
    let (ended, end) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        if end.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    });
    let mut said = BufReader::new(running.0.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    let line = said.by_ref().find(|line| line.starts_with("lightkeep:1?")).expect("a settings line");
    let found = settings(&line);
    let endpoint = found.endpoints.all.clone().unwrap();
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{line}");
    assert_eq!(found.login.as_deref(), Some(endpoint.as_str()), "the sign-in pages are there too");
    assert!(said.by_ref().any(|line| line.contains("create an account with any e-mail address")));

    // The pool's public sign-up, as the window does it.
    let users =
        aws_sdk_cognitoidentityprovider::Client::new(&lightkeep::aws::config(&found.region, Some(&endpoint), None));
    let sign_up = users.sign_up().client_id(&found.client).username("ann@example.org").password("Correct1horse");
    crate::owner::wait(sign_up.send()).unwrap();
    let mail = said.by_ref().find(|line| line.contains("mail to")).unwrap();
    assert!(mail.contains("ann@example.org") && mail.contains("code "), "{mail}");

    let port = endpoint.rsplit(':').next().unwrap().parse().unwrap();
    rustix::process::kill_process_group(group, rustix::process::Signal::INT).unwrap();
    until("try-it ends", || running.0.try_wait().unwrap().is_some());
    drop(ended);
    until("nobody answers any more", || request(port, "GET", "/_ministack/health").is_none());
}
