//! The lock between two processes.

use super::client::Client;

#[test]
fn two_processes_never_hold_one_lock_and_a_dead_one_lets_go() {
    let dir = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (Client::start(&[]), Client::start(&[]));
    assert_eq!(first.take_lock(dir.path(), "pool/client"), "held");
    assert_eq!(second.take_lock(dir.path(), "pool/client"), "busy");
    assert_eq!(second.take_lock(dir.path(), "another"), "held");
    assert_eq!(second.drop_lock(), "ok");
    assert_eq!(first.drop_lock(), "ok");
    assert_eq!(second.take_lock(dir.path(), "pool/client"), "held");
    assert_eq!(first.take_lock(dir.path(), "pool/client"), "busy");
    second.kill();
    assert_eq!(first.take_lock(dir.path(), "pool/client"), "held", "the kernel released it");
}

#[test]
fn locks_lie_in_the_runtime_directory_or_beside_the_data() {
    let dir = tempfile::tempdir().unwrap();
    let envs = |run: &str| vec![("XDG_RUNTIME_DIR", run.into()), ("HOME", dir.path().into())];
    let run = dir.path().join("run");
    let in_session = Client::start(&envs(run.to_str().unwrap())).lock_dir();
    assert!(in_session.starts_with(run.to_str().unwrap()), "{in_session}");
    let without = Client::without(&envs(""), &["XDG_RUNTIME_DIR", "XDG_DATA_HOME"]).lock_dir();
    assert!(without.contains("/.local/share/"), "{without}");
}
