//! Deleting in a vault: nothing is current any more, every version stays, and it comes back.

use super::*;

/// The steps of a delete, in its order.
const STEPS: [Step; 5] = [Step::Archive, Step::Append, Step::SyncRecord, Step::SyncFolder, Step::Answer];

async fn is_absent(vault: &Vault, at: &str) -> bool {
    let absent = vault.head(&key(at), None).await.unwrap().is_none();
    assert_eq!(listing(vault, at, false).await.is_empty(), absent, "a plain listing agrees");
    let read = vault.read(&key(at), None).await;
    assert_eq!(matches!(read, Err(StoreError::NotFound { .. })), absent, "and so does a read");
    absent
}

#[tokio::test]
async fn a_deleted_object_is_gone_and_its_versions_stay() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    let one = vault.put(put_bytes(AT, b"one", Condition::IfAbsent)).await.unwrap();
    let two = vault.put(put_bytes(AT, b"two", Condition::Always)).await.unwrap();
    let marker = vault.delete(&key(AT)).await.unwrap().unwrap();
    assert!(marker > two.version);
    for vault in [vault.clone(), open(dir.path())] {
        assert!(is_absent(&vault, AT).await);
        assert_eq!(proved(&vault, AT).await, [two.fingerprint, one.fingerprint]);
        assert_eq!(vault.head(&key(AT), Some(&marker)).await.unwrap(), None, "a marker is no version");
        assert!(matches!(vault.read(&key(AT), Some(&marker)).await, Err(StoreError::NotFound { .. })));
        assert_eq!(vault.delete(&key(AT)).await.unwrap(), None, "nothing is there to be deleted");
    }
    assert!(!dir.path().join(AT).exists(), "other programs see it gone too");
    let back = vault.restore(&key(AT), &two.version).await.unwrap();
    assert_eq!(bytes_of(&vault, AT, None).await, b"two");
    assert!(back.version > marker);
    assert_eq!(proved(&vault, AT).await, [two.fingerprint, two.fingerprint, one.fingerprint]);
}

#[tokio::test]
async fn a_key_that_never_was_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    assert_eq!(vault.delete(&key(AT)).await.unwrap(), None);
    assert!(!dir.path().join(".versions").exists());
}

#[tokio::test]
async fn a_put_goes_where_something_was_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    let old = vault.put(put_bytes(AT, b"bytes", Condition::IfAbsent)).await.unwrap();
    vault.delete(&key(AT)).await.unwrap().unwrap();
    assert!(matches!(
        vault.put(put_bytes(AT, b"bytes", Condition::after(&old))).await,
        Err(StoreError::Conflict { current: None, .. })
    ));
    let again = vault.put(put_bytes(AT, b"bytes", Condition::IfAbsent)).await.unwrap();
    assert_ne!(again.version, old.version, "the same bytes, and a version of their own");
    assert_eq!(proved(&vault, AT).await, [old.fingerprint, old.fingerprint]);
    assert!(vault.delete(&key(AT)).await.unwrap().is_some(), "and it can be deleted again");
    assert!(is_absent(&open(dir.path()), AT).await);
}

#[tokio::test]
async fn a_crash_before_any_step_of_a_delete_leaves_before_or_after() {
    for step in STEPS {
        let dir = tempfile::tempdir().unwrap();
        let old = open(dir.path()).put(put_bytes(AT, b"bytes", Condition::IfAbsent)).await.unwrap();
        let crashed = interrupted(dir.path(), step, || Interruption::Crash).delete(&key(AT)).await;
        assert!(crashed.is_err(), "{step:?}");
        let vault = open(dir.path());
        let absent = is_absent(&vault, AT).await;
        assert_eq!(absent, step > Step::Append || step == Step::SyncFolder, "{step:?}");
        assert_eq!(proved(&vault, AT).await, [old.fingerprint], "{step:?}: nothing is lost");
        assert_eq!(vault.delete(&key(AT)).await.unwrap().is_none(), absent, "{step:?}: it can be repeated");
        assert!(is_absent(&open(dir.path()), AT).await, "{step:?}");
        vault.restore(&key(AT), &old.version).await.unwrap();
        assert_eq!(bytes_of(&vault, AT, None).await, b"bytes", "{step:?}");
    }
}

#[tokio::test]
async fn a_delete_that_fails_leaves_the_object_where_it_was() {
    for step in [Step::Archive, Step::Append, Step::SyncRecord] {
        let dir = tempfile::tempdir().unwrap();
        let old = open(dir.path()).put(put_bytes(AT, b"bytes", Condition::IfAbsent)).await.unwrap();
        let vault = interrupted(dir.path(), step, || Interruption::Fail(io::Error::other("no")));
        assert!(matches!(vault.delete(&key(AT)).await, Err(StoreError::Io { .. })), "{step:?}");
        for vault in [vault, open(dir.path())] {
            assert_eq!(vault.head(&key(AT), None).await.unwrap(), Some(old.clone()), "{step:?}");
        }
        assert!(dir.path().join(AT).is_file(), "{step:?}: other programs find it too");
    }
}

/// A put after a delete that ends between its name and its line: the file is there, the last line says deleted.
#[tokio::test]
async fn a_put_after_a_delete_survives_a_crash_at_any_step() {
    for step in Step::ALL {
        let dir = tempfile::tempdir().unwrap();
        let old = open(dir.path()).put(put_bytes(AT, b"bytes", Condition::IfAbsent)).await.unwrap();
        open(dir.path()).delete(&key(AT)).await.unwrap().unwrap();
        let put = put_bytes(AT, b"bytes", Condition::IfAbsent);
        assert!(interrupted(dir.path(), step, || Interruption::Crash).put(put.clone()).await.is_err(), "{step:?}");
        let vault = open(dir.path());
        assert_eq!(is_absent(&vault, AT).await, step <= Step::Rename, "{step:?}");
        let receipt = put_again(&vault, put).await;
        assert_ne!(receipt.version, old.version, "{step:?}");
        assert_eq!(proved(&vault, AT).await, [old.fingerprint, old.fingerprint], "{step:?}");
    }
}

#[tokio::test]
async fn a_file_put_there_by_hand_after_a_delete_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    let old = vault.put(put_bytes(AT, b"ours", Condition::IfAbsent)).await.unwrap();
    vault.delete(&key(AT)).await.unwrap().unwrap();
    fs::write(dir.path().join(AT), b"by hand").unwrap();
    let listed = listing(&vault, "", false).await;
    let found = vault.head(&key(AT), None).await.unwrap().unwrap();
    assert_eq!((&found.version, found.fingerprint), (&listed[0].version, fingerprint_bytes(b"by hand")));
    assert_eq!(proved(&open(dir.path()), AT).await, [found.fingerprint, old.fingerprint]);
    assert!(vault.delete(&key(AT)).await.unwrap().is_some());
    assert_eq!(proved(&vault, AT).await, [found.fingerprint, old.fingerprint], "it is kept as a version too");
    assert!(is_absent(&vault, AT).await);
}

#[tokio::test]
async fn a_file_by_hand_is_kept_when_it_is_deleted_before_it_was_seen() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    fs::create_dir_all(dir.path().join("photos/r")).unwrap();
    fs::write(dir.path().join(AT), b"by hand").unwrap();
    assert!(vault.delete(&key(AT)).await.unwrap().is_some());
    assert!(is_absent(&vault, AT).await);
    assert_eq!(proved(&vault, AT).await, [fingerprint_bytes(b"by hand")]);
}

#[tokio::test]
async fn a_renewed_object_is_a_version_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    let old = vault.put(put_bytes(AT, b"bytes", Condition::IfAbsent)).await.unwrap();
    let new = vault.put(put_bytes(AT, b"bytes", Condition::Renew)).await.unwrap();
    assert_ne!(new.version, old.version);
    assert_eq!(proved(&vault, AT).await, [old.fingerprint, old.fingerprint]);
    // What is there now is damaged: the bytes that are sent again lie on top of it.
    fs::write(dir.path().join(AT), b"rot").unwrap();
    let renewed = vault.put(put_bytes(AT, b"bytes", Condition::Renew)).await.unwrap();
    assert_eq!(vault.head(&key(AT), None).await.unwrap(), Some(renewed));
    assert_eq!(bytes_of(&vault, AT, None).await, b"bytes");
}
