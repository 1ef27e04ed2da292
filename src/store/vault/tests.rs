//! The vault: the contract, then what only a folder has (crashes, tampering, other processes, disks that go away).

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::steps::{Hook, Interruption, Step};
use super::*;
use crate::domain::{Fingerprint, Timestamp};
use crate::files::fingerprint_bytes;
use crate::store::{Body, Condition};
use crate::testing::conformance::{Fresh, bytes_of, key, listing, put_bytes};

crate::store_conformance!(Fresh::new(|dir| Vault::open(&dir, true).unwrap()));

mod delete;

const AT: &str = "photos/r/a.jpg";

/// A clock that ticks a second a look, and randomness that counts: the same in every run.
fn counted() -> Parts {
    let (clock, random) = (AtomicU64::new(1_700_000_000), AtomicU64::new(1));
    Parts {
        clock: Arc::new(move || Timestamp(clock.fetch_add(1, Ordering::SeqCst) as i64 * 1000)),
        random: Arc::new(move || u128::from(random.fetch_add(1, Ordering::SeqCst))),
    }
}

fn open(dir: &Path) -> Vault {
    Vault::open(dir, true).unwrap()
}

/// A vault in which one step, once, is interrupted.
fn interrupted(dir: &Path, at: Step, how: impl Fn() -> Interruption + Send + Sync + 'static) -> Vault {
    let once = Mutex::new(Some(()));
    let hook: Hook = Arc::new(move |step| match step == at && once.lock().unwrap().take().is_some() {
        true => Err(how()),
        false => Ok(()),
    });
    Vault::open_hooked(dir, Parts::real(), hook).unwrap()
}

fn incoming(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir.join(".versions/.incoming"));
    entries.map(|entries| entries.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
}

/// What the engine does at the next start: put again, and take what is there for ours where it is the same.
async fn put_again(vault: &Vault, put: Put) -> Receipt {
    let wanted = put.expected;
    match vault.put(put).await {
        Ok(receipt) => receipt,
        Err(StoreError::Conflict { current: Some(there), .. }) if there.fingerprint == wanted => *there,
        Err(other) => panic!("{other:?}"),
    }
}

/// Every version, as head, list and the bytes themselves agree on.
async fn proved(vault: &Vault, at: &str) -> Vec<Fingerprint> {
    let versions = vault.versions(&key(at)).await.unwrap();
    let listed = listing(vault, at, true).await;
    assert_eq!(
        versions.iter().map(|it| (&it.version, it.current)).collect::<Vec<_>>(),
        listed.iter().map(|it| (&it.version, it.current)).collect::<Vec<_>>()
    );
    for version in &versions {
        let bytes = bytes_of(vault, at, Some(&version.version)).await;
        assert_eq!(fingerprint_bytes(&bytes), version.fingerprint);
        assert_eq!(vault.head(&key(at), Some(&version.version)).await.unwrap().as_ref(), Some(version));
    }
    assert_eq!(vault.head(&key(at), None).await.unwrap(), versions.first().filter(|it| it.current).cloned());
    versions.iter().map(|it| it.fingerprint).collect()
}

#[tokio::test]
async fn a_crash_before_any_step_of_a_first_put_converges() {
    for step in Step::ALL {
        let dir = tempfile::tempdir().unwrap();
        let put = put_bytes(AT, b"bytes", Condition::IfAbsent);
        let crashed = interrupted(dir.path(), step, || Interruption::Crash).put(put.clone()).await;
        assert!(crashed.is_err(), "{step:?}");
        let vault = open(dir.path());
        let before = listing(&vault, "", true).await;
        assert_eq!(before.len(), usize::from(step > Step::Rename), "{step:?}: all or nothing");
        let receipt = put_again(&vault, put.clone()).await;
        assert_eq!(proved(&vault, AT).await, [put.expected], "{step:?}: one version and no second");
        assert_eq!(put_again(&open(dir.path()), put).await, receipt, "{step:?}");
    }
}

#[tokio::test]
async fn a_crash_before_any_step_of_a_second_put_loses_neither() {
    for step in Step::ALL {
        let dir = tempfile::tempdir().unwrap();
        let old = open(dir.path()).put(put_bytes(AT, b"old", Condition::IfAbsent)).await.unwrap();
        let put = put_bytes(AT, b"new", Condition::after(&old));
        assert!(interrupted(dir.path(), step, || Interruption::Crash).put(put.clone()).await.is_err());
        // Looked at without a repair, there is always a current object, whole.
        let vault = open(dir.path());
        let now = bytes_of(&vault, AT, None).await;
        assert_eq!(now, if step > Step::Rename { b"new" } else { b"old" }, "{step:?}");
        assert_eq!(listing(&vault, "", false).await.len(), 1);
        put_again(&vault, put.clone()).await;
        assert_eq!(proved(&vault, AT).await, [put.expected, old.fingerprint], "{step:?}");
        assert_eq!(fs::read(dir.path().join(AT)).unwrap(), b"new");
    }
}

#[tokio::test]
async fn a_crash_between_the_two_renames_leaves_the_old_version_current() {
    let dir = tempfile::tempdir().unwrap();
    let old = open(dir.path()).put(put_bytes(AT, b"old", Condition::IfAbsent)).await.unwrap();
    let crash = interrupted(dir.path(), Step::Rename, || Interruption::Crash);
    assert!(crash.put(put_bytes(AT, b"new", Condition::Always)).await.is_err());
    assert!(!dir.path().join(AT).exists(), "this is the gap meant");
    let vault = open(dir.path());
    assert_eq!(vault.head(&key(AT), None).await.unwrap(), Some(old.clone()));
    assert_eq!(proved(&vault, AT).await, [old.fingerprint]);
    let absent = vault.put(put_bytes(AT, b"new", Condition::IfAbsent)).await;
    assert!(matches!(absent, Err(StoreError::Conflict { current: Some(_), .. })));
    assert_eq!(vault.restore(&key(AT), &old.version).await.unwrap(), old);
}

#[tokio::test]
async fn a_step_that_fails_leaves_no_litter_and_the_old_version() {
    for step in Step::ALL {
        let dir = tempfile::tempdir().unwrap();
        let old = open(dir.path()).put(put_bytes(AT, b"old", Condition::IfAbsent)).await.unwrap();
        let vault = interrupted(dir.path(), step, || Interruption::Fail(io::Error::other("no")));
        let put = put_bytes(AT, b"new", Condition::after(&old));
        assert!(matches!(vault.put(put.clone()).await, Err(StoreError::Io { .. })), "{step:?}");
        assert!(incoming(dir.path()).is_empty(), "{step:?}");
        assert!(dir.path().join(AT).is_file(), "{step:?}: other programs find it too");
        put_again(&vault, put.clone()).await;
        assert_eq!(proved(&vault, AT).await, [put.expected, old.fingerprint], "{step:?}");
    }
}

#[tokio::test]
async fn a_full_disk_and_a_read_only_one_are_said_as_such() {
    let dir = tempfile::tempdir().unwrap();
    for step in [Step::Create, Step::Copy, Step::Sync, Step::Rename, Step::Append] {
        let full = interrupted(dir.path(), step, || Interruption::Fail(io::ErrorKind::StorageFull.into()));
        let answer = full.put(put_bytes(&format!("a/{step:?}"), b"new", Condition::Always)).await;
        assert!(matches!(answer, Err(StoreError::Full { needed_bytes: 3, .. })), "{answer:?}");
        assert!(incoming(dir.path()).is_empty());
    }
    let erofs = || Interruption::Fail(io::ErrorKind::ReadOnlyFilesystem.into());
    let answer = interrupted(dir.path(), Step::Create, erofs).put(put_bytes(AT, b"new", Condition::Always)).await;
    let Err(StoreError::Unavailable(why)) = answer else { panic!("{answer:?}") };
    assert!(why.starts_with("the vault is read-only; ") && why.ends_with(&dir.path().display().to_string()), "{why}");
    let huge = Fingerprint { size: u64::MAX / 2, ..fingerprint_bytes(b"") };
    let put = Put { expected: huge, ..put_bytes(AT, b"", Condition::Always) };
    assert!(matches!(open(dir.path()).put(put).await, Err(StoreError::Full { .. })), "asked before copying");
}

#[tokio::test]
async fn what_the_disk_spoils_is_not_stored() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().to_path_buf();
    let hook: Hook = Arc::new(move |step| {
        if step == Step::ReadBack {
            fs::write(&incoming(&top)[0], b"byteS").unwrap();
        }
        Ok(())
    });
    let vault = Vault::open_hooked(dir.path(), counted(), hook).unwrap();
    let answer = vault.put(put_bytes(AT, b"bytes", Condition::Always)).await;
    assert!(matches!(answer, Err(StoreError::Damaged { .. })), "{answer:?}");
    assert_eq!(listing(&vault, "", true).await, []);
    assert!(incoming(dir.path()).is_empty());
}

#[tokio::test]
async fn any_tool_can_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    let old = vault.put(put_bytes(AT, b"old", Condition::Always)).await.unwrap();
    vault.put(put_bytes(AT, b"new", Condition::Always)).await.unwrap();
    assert_eq!(fs::read(dir.path().join(AT)).unwrap(), b"new");
    assert_eq!(fs::read(dir.path().join(".versions").join(AT).join(&old.version.0)).unwrap(), b"old");
    let stat = crate::files::FileSystem::stat(&crate::files::Disk, &dir.path().join(AT)).unwrap();
    assert_eq!(stat.mtime(), old.mtime, "the original's time");
    let lines = fs::read_to_string(dir.path().join(".versions/photos/r/.index.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(line["name"], "a.jpg");
    assert_eq!(line["blake3"], old.fingerprint.blake3.to_hex());
}

#[tokio::test]
async fn a_file_put_there_by_hand_is_adopted_under_one_name() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    fs::create_dir_all(dir.path().join("photos/r")).unwrap();
    fs::write(dir.path().join(AT), b"by hand").unwrap();
    let listed = listing(&vault, "", true).await;
    assert_eq!((listed[0].recorded, listed[0].size), (None, 7));
    let found = vault.head(&key(AT), None).await.unwrap().unwrap();
    assert_eq!((found.fingerprint, &found.version), (fingerprint_bytes(b"by hand"), &listed[0].version));
    assert_eq!(listing(&open(dir.path()), "", true).await[0].recorded, Some(found.fingerprint), "now with a line");
    let same = vault.put(put_bytes(AT, b"by hand", Condition::Always)).await.unwrap();
    assert_eq!(same, found);
    vault.put(put_bytes(AT, b"ours", Condition::after(&found))).await.unwrap();
    assert_eq!(proved(&vault, AT).await, [fingerprint_bytes(b"ours"), fingerprint_bytes(b"by hand")]);
}

#[tokio::test]
async fn a_record_that_cannot_be_written_does_not_hide_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    fs::create_dir_all(dir.path().join("photos/r")).unwrap();
    fs::write(dir.path().join(AT), b"by hand").unwrap();
    fs::write(dir.path().join(".versions"), b"in the way").unwrap();
    let found = vault.head(&key(AT), None).await.unwrap().unwrap();
    assert_eq!(vault.head(&key(AT), None).await.unwrap().unwrap().version, found.version);
    assert_eq!(bytes_of(&vault, AT, Some(&found.version)).await, b"by hand");
    let answer = vault.put(put_bytes(AT, b"ours", Condition::Always)).await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert_eq!(fs::read(dir.path().join(AT)).unwrap(), b"by hand");
}

#[tokio::test]
async fn a_tampered_file_is_seen_for_what_it_is() {
    for tampered in [&b"shorter"[..], b"same length, other by", b""] {
        let dir = tempfile::tempdir().unwrap();
        let vault = open(dir.path());
        let stored = vault.put(put_bytes(AT, b"same length, other b.", Condition::Always)).await.unwrap();
        fs::write(dir.path().join(AT), tampered).unwrap();
        let listed = &listing(&vault, "", true).await[0];
        assert_eq!((&listed.version, listed.size), (&stored.version, tampered.len() as u64));
        assert_eq!(listed.recorded, Some(stored.fingerprint), "so that a check sees the difference");
        assert_eq!(bytes_of(&vault, AT, Some(&stored.version)).await, tampered);
        let found = vault.head(&key(AT), None).await.unwrap().unwrap();
        assert_eq!(found.fingerprint, fingerprint_bytes(tampered), "never the record's word for it");
        assert_ne!(found.version, stored.version);
        assert_eq!(vault.head(&key(AT), Some(&stored.version)).await.unwrap(), None);
        vault.put(put_bytes(AT, b"again", Condition::Always)).await.unwrap();
        assert_eq!(proved(&vault, AT).await, [fingerprint_bytes(b"again"), fingerprint_bytes(tampered)]);
    }
}

#[tokio::test]
async fn a_touched_file_is_still_the_same_version() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    let stored = vault.put(put_bytes(AT, b"bytes", Condition::Always)).await.unwrap();
    fs::write(dir.path().join(AT), b"bytes").unwrap();
    assert_eq!(vault.head(&key(AT), None).await.unwrap(), Some(stored.clone()));
    assert_eq!(vault.put(put_bytes(AT, b"bytes", Condition::Always)).await.unwrap(), stored);
    vault.put(put_bytes(AT, b"new", Condition::after(&stored))).await.unwrap();
    assert_eq!(proved(&vault, AT).await, [fingerprint_bytes(b"new"), stored.fingerprint]);
}

#[tokio::test]
async fn a_rotten_old_version_is_not_restored() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    let old = vault.put(put_bytes(AT, b"old", Condition::Always)).await.unwrap();
    vault.put(put_bytes(AT, b"new", Condition::Always)).await.unwrap();
    fs::write(dir.path().join(".versions").join(AT).join(&old.version.0), b"0ld").unwrap();
    let answer = vault.restore(&key(AT), &old.version).await;
    assert!(matches!(answer, Err(StoreError::Damaged { .. })), "{answer:?}");
    assert_eq!(bytes_of(&vault, AT, None).await, b"new");
}

#[tokio::test]
async fn torn_broken_and_hostile_lines_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join(".versions/photos/r/.index.jsonl");
    let first = open(dir.path()).put(put_bytes(AT, b"1", Condition::Always)).await.unwrap();
    let good = fs::read_to_string(&index).unwrap();
    let hostile = good.replace(&first.version.0, "../../../../etc/passwd");
    let long = "x".repeat(40_000);
    let torn = &good[..good.len() / 2];
    fs::write(&index, format!("{good}not json\n{hostile}\n{long}\n\0\u{fffd}\n{torn}")).unwrap();
    let vault = open(dir.path());
    assert_eq!(vault.head(&key(AT), None).await.unwrap(), Some(first.clone()));
    let second = vault.put(put_bytes(AT, b"2", Condition::Always)).await.unwrap();
    for vault in [vault, open(dir.path())] {
        assert_eq!(proved(&vault, AT).await, [second.fingerprint, first.fingerprint]);
    }
}

#[tokio::test]
async fn lost_records_lose_no_version() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    for bytes in [b"1", b"2", b"3"] {
        vault.put(put_bytes(AT, bytes, Condition::Always)).await.unwrap();
        vault.put(put_bytes("photos/r/gone.jpg", bytes, Condition::Always)).await.unwrap();
    }
    fs::remove_file(dir.path().join(".versions/photos/r/.index.jsonl")).unwrap();
    fs::remove_file(dir.path().join("photos/r/gone.jpg")).unwrap();
    for vault in [vault, open(dir.path())] {
        assert_eq!(proved(&vault, AT).await, [b"3", b"2", b"1"].map(|bytes| fingerprint_bytes(bytes)));
        assert_eq!(proved(&vault, "photos/r/gone.jpg").await, [b"2", b"1"].map(|bytes| fingerprint_bytes(bytes)));
    }
}

#[tokio::test]
async fn a_vault_that_is_not_there_is_never_made_up() {
    let dir = tempfile::tempdir().unwrap();
    let mount = dir.path().join("mnt/disk");
    let why = |answer: Result<Vault, StoreError>| match answer {
        Err(StoreError::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(why(Vault::open(&mount, false)).contains("not there; plug its disk in"));
    assert!(!mount.exists());
    fs::create_dir_all(&mount).unwrap();
    assert!(why(Vault::open(&mount, false)).contains("is no vault"));
    let vault = open(&mount);
    assert_eq!(Vault::open(&mount, false).unwrap().id(), vault.id());
    vault.put(put_bytes(AT, b"1", Condition::Always)).await.unwrap();
    // The disk is pulled: its mount point is an empty folder.
    fs::rename(&mount, dir.path().join("away")).unwrap();
    fs::create_dir(&mount).unwrap();
    assert!(matches!(vault.head(&key(AT), None).await, Err(StoreError::Unavailable(_))), "not None");
    assert!(matches!(vault.put(put_bytes(AT, b"2", Condition::Always)).await, Err(StoreError::Unavailable(_))));
    assert!(vault.list("", true, &mut |_| true).await.is_err());
    assert_eq!(fs::read_dir(&mount).unwrap().count(), 0, "nothing written into the mount point");
}

#[test]
fn markers_that_are_newer_or_broken_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (text, expected) in [(r#"{"format":2,"new":[]}"#, "newer Lightkeep (format 2)"), ("{", "damaged")] {
        fs::write(dir.path().join(VAULT_MARKER), text).unwrap();
        for create in [false, true] {
            let Err(StoreError::Unavailable(why)) = Vault::open(dir.path(), create) else { panic!() };
            assert!(why.contains(expected), "{why}");
        }
        assert_eq!(fs::read_to_string(dir.path().join(VAULT_MARKER)).unwrap(), text);
    }
}

#[tokio::test]
async fn only_stale_copies_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let now_ms = (Parts::real().clock)().0 as u64;
    let part = |age_ms: u64| format!("{}.part", Ulid::from_parts(now_ms - age_ms, 7));
    let (old, orphaned, held, fresh) = (part(25 * 3_600_000), part(3_600_000), part(3_500_000), part(0));
    fs::create_dir_all(dir.path().join(".versions/.incoming")).unwrap();
    for name in [&old, &orphaned, &held, &fresh, "somebody's.part"] {
        fs::write(dir.path().join(".versions/.incoming").join(name), b"x").unwrap();
    }
    let owner = fs::File::open(dir.path().join(".versions/.incoming").join(&held)).unwrap();
    owner.lock().unwrap();
    drop(open(dir.path()));
    let mut left: Vec<_> =
        incoming(dir.path()).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    left.sort();
    assert_eq!(left, [held.as_str(), fresh.as_str(), "somebody's.part"]);
}

/// Two handles share nothing in memory; their file locks exclude each other as those of two processes do.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_handles_on_one_vault_agree() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (open(dir.path()), open(dir.path()));
    let puts = (0..80_u8).map(|i| {
        let vault = if i % 2 == 0 { a.clone() } else { b.clone() };
        let put = put_bytes(&format!("photos/r/{}.jpg", i % 10), &[i], Condition::Always);
        tokio::spawn(async move { vault.put(put).await.unwrap() })
    });
    let receipts = futures::future::join_all(puts).await;
    let (in_a, in_b) = (listing(&a, "", true).await, listing(&b, "", true).await);
    assert_eq!(in_a, in_b);
    assert_eq!(in_a.len(), 80);
    for receipt in receipts.into_iter().map(Result::unwrap) {
        let found = in_a.iter().find(|it| it.version == receipt.version).unwrap();
        assert_eq!((&found.key, found.recorded), (&receipt.key, Some(receipt.fingerprint)));
    }
    for i in 0..10 {
        assert_eq!(proved(&a, &format!("photos/r/{i}.jpg")).await.len(), 8);
    }
}

#[tokio::test]
async fn the_same_clock_and_chance_give_the_same_versions() {
    let run = async || {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::open_with(dir.path(), true, counted()).unwrap();
        for bytes in [b"1", b"2"] {
            vault.put(put_bytes(AT, bytes, Condition::Always)).await.unwrap();
        }
        (vault.id().to_owned(), vault.versions(&key(AT)).await.unwrap())
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test]
async fn versions_sort_in_their_order_also_when_the_clock_goes_back() {
    let dir = tempfile::tempdir().unwrap();
    let clock = AtomicU64::new(1 << 47);
    let back = Parts {
        clock: Arc::new(move || Timestamp(clock.fetch_sub(100_000_000, Ordering::SeqCst) as i64)),
        random: Arc::new(|| 5),
    };
    for (i, bytes) in [b"1", b"2", b"3", b"4"].into_iter().enumerate() {
        let vault = Vault::open_with(dir.path(), true, back.clone()).unwrap();
        vault.put(put_bytes(AT, bytes, Condition::Always)).await.unwrap();
        fs::write(dir.path().join(AT), format!("by hand {i}")).unwrap();
        vault.head(&key(AT), None).await.unwrap().unwrap();
        vault.put(put_bytes(AT, b"over", Condition::Always)).await.unwrap();
    }
    let versions: Vec<_> =
        open(dir.path()).versions(&key(AT)).await.unwrap().into_iter().map(|it| it.version).collect();
    assert!(versions.is_sorted_by(|newer, older| newer > older), "{versions:?}");
    assert_eq!(versions.len(), 8, "what was overwritten by hand is gone, everything else is there");
}

#[tokio::test]
async fn a_source_that_cannot_be_a_photo_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (pipe, vault) = (dir.path().join("pipe"), open(&dir.path().join("v")));
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let put = Put { body: Body::File(pipe), ..put_bytes(AT, b"x", Condition::Always) };
    assert!(matches!(vault.put(put).await, Err(StoreError::Source { .. })));
}

#[tokio::test]
async fn a_fifo_where_the_vault_has_a_file_is_never_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    let fifo = |name: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    };
    fifo(AT);
    assert!(vault.head(&key(AT), None).await.is_err());
    assert_eq!(listing(&vault, "", true).await, []);
    fifo(".versions/photos/s/.index.jsonl");
    assert!(vault.put(put_bytes("photos/s/a.jpg", b"x", Condition::Always)).await.is_err());
    fifo(VAULT_MARKER);
    assert!(Vault::open(dir.path(), true).is_err());
}

#[tokio::test]
async fn other_programs_clutter_is_no_object() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    vault.put(put_bytes(AT, b"1", Condition::Always)).await.unwrap();
    fs::create_dir_all(dir.path().join(".Trash-1000/photos")).unwrap();
    fs::write(dir.path().join(".Trash-1000/photos/x.jpg"), b"x").unwrap();
    fs::write(dir.path().join("photos/r/.DS_Store"), b"x").unwrap();
    assert_eq!(listing(&vault, "", true).await.len(), 1);
}
