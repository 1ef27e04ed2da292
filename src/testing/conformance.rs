//! The contract of [`ObjectStore`], sentence by sentence: every store passes these, whatever it is made of.
//!
//! [`store_conformance!`](crate::store_conformance) makes one test of each function here.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{Fingerprint, ObjectKey, ObjectVersion, StorageClass, Timestamp, VersionId};
use crate::files::fingerprint_bytes;
use crate::store::{Body, Condition, Listed, ObjectStore, Put, StoreError};

/// What a store cannot do by its nature, so that the sentences leave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Listings say the fingerprint, and times are exact.
    Near,
    /// Listings do not say the fingerprint, and times are those of another clock, which counts in seconds.
    Far,
}

/// An empty store to be tried, and a folder on this computer for sources.
pub struct Fresh {
    /// The store.
    pub store: Arc<dyn ObjectStore>,
    /// An empty folder that goes away with this.
    pub scratch: tempfile::TempDir,
    /// What it is.
    pub kind: Kind,
}

impl Fresh {
    /// A store made from an empty folder.
    pub fn new<S: ObjectStore + 'static>(make: impl FnOnce(PathBuf) -> S) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let store = Arc::new(make(scratch.path().join("store")));
        Self { store, scratch, kind: Kind::Near }
    }

    /// A store somewhere else, which has nothing under its prefix.
    pub fn far(store: impl ObjectStore + 'static) -> Self {
        Self { store: Arc::new(store), scratch: tempfile::tempdir().unwrap(), kind: Kind::Far }
    }

    /// Writes a source file.
    pub fn source(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.scratch.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What the store says now, to be compared with a receipt: a far store may have begun to store a little before its
    /// answer.
    #[track_caller]
    fn same(&self, now: impl IntoIterator<Item = ObjectVersion>, receipts: &[ObjectVersion]) {
        let mut now: Vec<_> = now.into_iter().collect();
        if self.kind == Kind::Far {
            for (now, receipt) in now.iter_mut().zip(receipts) {
                let early_ms = receipt.stored_at.0 - now.stored_at.0;
                assert!((-10_000..600_000).contains(&early_ms), "{now:?} {receipt:?}");
                now.stored_at = receipt.stored_at;
            }
        }
        assert_eq!(now, receipts);
    }

    /// What a listing should say of the bytes.
    fn recorded(&self, fingerprint: Fingerprint) -> Option<Fingerprint> {
        (self.kind == Kind::Near).then_some(fingerprint)
    }
}

/// Makes tests of the sentences of the contract, for the store that an expression (a [`Fresh`]) gives; with `also`,
/// those that not every store fulfils yet. With `at_once` it makes no tests but runs them all, one after the other.
#[macro_export]
macro_rules! store_conformance {
    ($fresh:expr) => { $crate::store_conformance!(@list each $fresh;); };
    ($fresh:expr, also $($more:ident),+ $(,)?) => { $crate::store_conformance!(@list each $fresh; $($more,)+); };
    (at_once $fresh:expr) => {
        $crate::store_conformance!(@list once $fresh;
            a_deleted_key_is_absent_and_its_versions_stay, a_restore_brings_back_what_was_deleted,
            a_deleted_key_can_be_put_again, a_renewal_makes_a_version_of_the_same_bytes, a_class_is_kept,
        );
    };
    (@list $how:ident $fresh:expr; $($more:ident,)*) => {
        $crate::store_conformance!(@$how $fresh;
            a_put_is_there_with_its_receipt, a_file_is_put_like_bytes, an_empty_object_is_an_object,
            a_changed_source_stores_nothing, a_missing_source_is_not_the_stores_fault, if_absent_never_overwrites,
            if_current_wants_exactly_that_version, unchanged_bytes_make_no_version, versions_are_newest_first_and_stay,
            what_is_not_there_is_said, hostile_keys_are_refused, a_listing_is_in_key_order,
            a_listing_has_old_versions_when_asked, a_listing_ends_when_told, a_restore_is_a_copy_on_top,
            a_restore_of_the_current_makes_nothing, of_two_puts_at_once_one_wins, puts_at_once_all_arrive,
            versions_belong_to_their_key, $($more,)*
        );
    };
    (@once $fresh:expr; $($name:ident),+ $(,)?) => {{$(
        let fresh = $fresh;
        eprintln!("sentence: {}", stringify!($name));
        Box::pin($crate::testing::conformance::$name(&fresh)).await;
    )+}};
    (@each $fresh:expr; $($name:ident),+ $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $crate::testing::conformance::$name(&$fresh).await;
        }
    )+};
}

/// A key.
pub fn key(text: &str) -> ObjectKey {
    ObjectKey(text.to_owned())
}

/// A put of some bytes.
pub fn put_bytes(at: &str, bytes: &[u8], condition: Condition) -> Put {
    let expected = fingerprint_bytes(bytes);
    Put::new(key(at), Body::Bytes(bytes.into()), expected, Timestamp(1_714_737_600_250), condition)
}

/// All bytes of a version.
pub async fn bytes_of(store: &dyn ObjectStore, at: &str, version: Option<&VersionId>) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.read(&key(at), version).await.unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// All lines of a listing.
pub async fn listing(store: &dyn ObjectStore, prefix: &str, versions: bool) -> Vec<Listed> {
    let mut found = Vec::new();
    let mut each = |listed| {
        found.push(listed);
        true
    };
    store.list(prefix, versions, &mut each).await.unwrap();
    found
}

async fn put(fresh: &Fresh, at: &str, bytes: &[u8]) -> ObjectVersion {
    fresh.store.put(put_bytes(at, bytes, Condition::Always)).await.unwrap()
}

/// "When it returns, the bytes are durable … and have a version of their own."
pub async fn a_put_is_there_with_its_receipt(fresh: &Fresh) {
    let store = &*fresh.store;
    let receipt = store.put(put_bytes("photos/r/a.jpg", b"bytes", Condition::IfAbsent)).await.unwrap();
    assert_eq!(receipt.fingerprint, fingerprint_bytes(b"bytes"));
    assert_eq!(receipt.mtime, Timestamp(1_714_737_600_250));
    assert!(receipt.current && !receipt.etag.is_empty());
    assert_eq!(bytes_of(store, "photos/r/a.jpg", None).await, b"bytes");
    assert_eq!(bytes_of(store, "photos/r/a.jpg", Some(&receipt.version)).await, b"bytes");
    let receipts = [receipt.clone()];
    fresh.same(store.head(&receipt.key, None).await.unwrap(), &receipts);
    fresh.same(store.head(&receipt.key, Some(&receipt.version)).await.unwrap(), &receipts);
    fresh.same(store.versions(&receipt.key).await.unwrap(), &receipts);
}

/// A source on the disk, larger than any buffer.
pub async fn a_file_is_put_like_bytes(fresh: &Fresh) {
    let bytes: Vec<u8> = (0..700_001_u32).map(|i| (i % 253) as u8).collect();
    let mut put = put_bytes("photos/r/a.jpg", &bytes, Condition::IfAbsent);
    put.body = Body::File(fresh.source("a.jpg", &bytes));
    put.mtime = Timestamp(-86_400_000);
    let receipt = fresh.store.put(put).await.unwrap();
    assert_eq!(receipt.mtime, Timestamp(-86_400_000), "before 1970 too");
    fresh.same(fresh.store.head(&receipt.key, None).await.unwrap(), &[receipt]);
    assert_eq!(bytes_of(&*fresh.store, "photos/r/a.jpg", None).await, bytes);
}

/// Nothing is something.
pub async fn an_empty_object_is_an_object(fresh: &Fresh) {
    let receipt = put(fresh, "photos/r/empty", b"").await;
    assert_eq!(receipt.fingerprint.size, 0);
    fresh.same(fresh.store.head(&receipt.key, None).await.unwrap(), &[receipt]);
    assert_eq!(bytes_of(&*fresh.store, "photos/r/empty", None).await, b"");
}

/// "Anything else is `SourceChanged` and nothing is stored."
pub async fn a_changed_source_stores_nothing(fresh: &Fresh) {
    for other in [&b"bytez"[..], b"byte", b"bytes and more", b""] {
        let source = fresh.source("a.jpg", other);
        for body in [Body::Bytes(other.into()), Body::File(source.clone())] {
            let put = Put { body, ..put_bytes("photos/r/a.jpg", b"bytes", Condition::Always) };
            let answer = fresh.store.put(put).await;
            assert!(matches!(answer, Err(StoreError::SourceChanged { .. })), "{answer:?}");
        }
    }
    assert_eq!(fresh.store.head(&key("photos/r/a.jpg"), None).await.unwrap(), None);
    assert_eq!(listing(&*fresh.store, "", true).await, []);
}

/// "The source could not be read; the store is fine."
pub async fn a_missing_source_is_not_the_stores_fault(fresh: &Fresh) {
    let body = Body::File(fresh.scratch.path().join("gone.jpg"));
    let put = Put { body, ..put_bytes("photos/r/a.jpg", b"bytes", Condition::Always) };
    assert!(matches!(fresh.store.put(put).await, Err(StoreError::Source { .. })));
    assert_eq!(listing(&*fresh.store, "", true).await, []);
}

/// "`IfAbsent` on a key that has a current object … changes nothing and answers `Conflict` with what is there."
pub async fn if_absent_never_overwrites(fresh: &Fresh) {
    let first = put(fresh, "photos/r/a.jpg", b"first").await;
    for bytes in [&b"second"[..], b"first"] {
        let answer = fresh.store.put(put_bytes("photos/r/a.jpg", bytes, Condition::IfAbsent)).await;
        let Err(StoreError::Conflict { current, .. }) = answer else { panic!("{answer:?}") };
        fresh.same(current.map(|current| *current), std::slice::from_ref(&first));
    }
    fresh.same(fresh.store.versions(&first.key).await.unwrap(), std::slice::from_ref(&first));
}

/// "… or `IfCurrent` with another version …"
pub async fn if_current_wants_exactly_that_version(fresh: &Fresh) {
    let at = "photos/r/a.jpg";
    let nothing = fresh
        .store
        .put(put_bytes(at, b"1", Condition::IfCurrent { version: VersionId("x".into()), etag: "\"x\"".into() }))
        .await;
    assert!(matches!(nothing, Err(StoreError::Conflict { current: None, .. })), "{nothing:?}");
    let first = put(fresh, at, b"1").await;
    let second = fresh.store.put(put_bytes(at, b"2", Condition::after(&first))).await.unwrap();
    let late = fresh.store.put(put_bytes(at, b"3", Condition::after(&first))).await;
    let Err(StoreError::Conflict { current, .. }) = late else { panic!("{late:?}") };
    fresh.same(current.map(|current| *current), std::slice::from_ref(&second));
    assert_eq!(fresh.store.versions(&first.key).await.unwrap().len(), 2);
}

/// "Putting the bytes that are current already … makes no version and returns it."
pub async fn unchanged_bytes_make_no_version(fresh: &Fresh) {
    let at = "photos/r/a.jpg";
    let first = put(fresh, at, b"same").await;
    let firsts = std::slice::from_ref(&first);
    fresh.same([put(fresh, at, b"same").await], firsts);
    let condition = Condition::after(&first);
    fresh.same([fresh.store.put(put_bytes(at, b"same", condition)).await.unwrap()], firsts);
    put(fresh, at, b"other").await;
    let third = put(fresh, at, b"same").await;
    assert_ne!(third.version, first.version, "compared with the current one, not with any");
    assert_eq!(fresh.store.versions(&first.key).await.unwrap().len(), 3);
}

/// "Versions are never removed and never change."
pub async fn versions_are_newest_first_and_stay(fresh: &Fresh) {
    let at = "photos/r/a.jpg";
    let mut receipts = Vec::new();
    for bytes in [&b"one"[..], b"two", b"three", b"four"] {
        receipts.push(put(fresh, at, bytes).await);
    }
    let versions = fresh.store.versions(&key(at)).await.unwrap();
    assert_eq!(versions.iter().map(|it| it.current).collect::<Vec<_>>(), [true, false, false, false]);
    for (version, receipt) in versions.iter().rev().zip(&receipts) {
        let now = ObjectVersion { current: version.current, ..receipt.clone() };
        let now = [now];
        fresh.same([version.clone()], &now);
        fresh.same(fresh.store.head(&key(at), Some(&receipt.version)).await.unwrap(), &now);
        let bytes = bytes_of(&*fresh.store, at, Some(&receipt.version)).await;
        assert_eq!(fingerprint_bytes(&bytes), receipt.fingerprint);
    }
    assert_eq!(bytes_of(&*fresh.store, at, None).await, b"four");
}

/// No key, no version: `None` or `NotFound`, never another error.
pub async fn what_is_not_there_is_said(fresh: &Fresh) {
    let store = &*fresh.store;
    put(fresh, "photos/r/a.jpg", b"1").await;
    let unknown = ["", "x", "../../etc/passwd", "01ARZ3NDEKTSV4RRFFQ69G5FAV"].map(|text| VersionId(text.into()));
    for at in ["photos/r/b.jpg", "photos/s/a.jpg", "photos/r/a.jpg/below", "nowhere"] {
        assert_eq!(store.head(&key(at), None).await.unwrap(), None, "{at}");
        assert_eq!(store.versions(&key(at)).await.unwrap(), []);
        assert!(matches!(store.read(&key(at), None).await.err(), Some(StoreError::NotFound { .. })), "{at}");
    }
    for version in &unknown {
        let at = key("photos/r/a.jpg");
        assert_eq!(store.head(&at, Some(version)).await.unwrap(), None, "{version}");
        assert!(matches!(store.read(&at, Some(version)).await.err(), Some(StoreError::NotFound { .. })));
        assert!(matches!(store.restore(&at, version).await, Err(StoreError::NotFound { .. })));
    }
    assert_eq!(listing(store, "nowhere/", true).await, []);
}

/// Keys that lead elsewhere are refused by every call.
pub async fn hostile_keys_are_refused(fresh: &Fresh) {
    let version = VersionId("01ARZ3NDEKTSV4RRFFQ69G5FAV".into());
    for at in ["", "/etc/x", "../x", "a/../../x", "a//b", "a/./b", "a/", ".versions/x", ".lightkeep-vault", "C:\\x"] {
        let answer = fresh.store.put(put_bytes(at, b"x", Condition::Always)).await;
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{at}: {answer:?}");
        assert!(fresh.store.head(&key(at), None).await.is_err(), "{at}");
        assert!(fresh.store.read(&key(at), None).await.is_err(), "{at}");
        assert!(fresh.store.versions(&key(at)).await.is_err(), "{at}");
        assert!(fresh.store.restore(&key(at), &version).await.is_err(), "{at}");
    }
    assert_eq!(listing(&*fresh.store, "", true).await, []);
}

/// "For every object whose key starts with `prefix`, in key order."
pub async fn a_listing_is_in_key_order(fresh: &Fresh) {
    let mut keys = [
        "photos/r/b.jpg",
        "photos/r/a.jpg",
        "photos/r-2/a.jpg",
        "photos/r/sub/a.jpg",
        "photos/r/sub.jpg",
        "thumbs/x.jpg",
        "photos/r/sub-2/a.jpg",
        "photos/r/é.jpg",
        "batches/1/0001.jsonl",
        "top.json",
        "photos/r/SUB",
    ];
    for at in keys {
        put(fresh, at, at.as_bytes()).await;
    }
    keys.sort_unstable();
    for prefix in ["", "photos/", "photos/r", "photos/r/", "photos/r/sub", "photos/r/sub/", "t", "photos/r/a.jpg", "x"]
    {
        let found = listing(&*fresh.store, prefix, false).await;
        let wanted: Vec<_> = keys.into_iter().filter(|at| at.starts_with(prefix)).collect();
        assert_eq!(found.iter().map(|it| it.key.0.as_str()).collect::<Vec<_>>(), wanted, "{prefix}");
        for listed in found {
            assert_eq!(listed.recorded, fresh.recorded(fingerprint_bytes(listed.key.0.as_bytes())));
            assert_eq!(listed.size, listed.key.0.len() as u64);
            assert!(listed.current);
        }
    }
}

/// "With `versions`, old ones too."
pub async fn a_listing_has_old_versions_when_asked(fresh: &Fresh) {
    let first = put(fresh, "photos/r/a.jpg", b"1").await;
    let other = put(fresh, "photos/r/b.jpg", b"22").await;
    let second = put(fresh, "photos/r/a.jpg", b"333").await;
    let found = listing(&*fresh.store, "photos/", true).await;
    let found: Vec<_> = found.into_iter().map(|it| (it.key, it.version, it.size, it.recorded, it.current)).collect();
    let line = |it: &ObjectVersion, current| {
        (it.key.clone(), it.version.clone(), it.fingerprint.size, fresh.recorded(it.fingerprint), current)
    };
    assert_eq!(found, [line(&second, true), line(&first, false), line(&other, true)]);
    assert_eq!(listing(&*fresh.store, "photos/", false).await.len(), 2);
}

/// "Returning `false` ends the listing."
pub async fn a_listing_ends_when_told(fresh: &Fresh) {
    for at in ["a/1", "a/2", "b/1"] {
        put(fresh, at, b"x").await;
    }
    let mut met = 0;
    let mut each = |_| {
        met += 1;
        met < 2
    };
    fresh.store.list("", true, &mut each).await.unwrap();
    assert_eq!(met, 2);
}

/// "Makes an old version the current one by a copy on top."
pub async fn a_restore_is_a_copy_on_top(fresh: &Fresh) {
    let at = key("photos/r/a.jpg");
    let first = put(fresh, &at.0, b"first").await;
    let second = put(fresh, &at.0, b"second").await;
    let restored = fresh.store.restore(&at, &first.version).await.unwrap();
    assert!(restored.version != first.version && restored.version != second.version);
    assert_eq!((restored.fingerprint, restored.mtime), (first.fingerprint, first.mtime));
    assert_eq!(bytes_of(&*fresh.store, &at.0, None).await, b"first");
    let versions: Vec<_> = fresh.store.versions(&at).await.unwrap().into_iter().map(|it| it.version).collect();
    assert_eq!(versions, [restored.version, second.version, first.version]);
}

/// "Where it is current already, nothing is made."
pub async fn a_restore_of_the_current_makes_nothing(fresh: &Fresh) {
    let at = key("photos/r/a.jpg");
    let first = put(fresh, &at.0, b"first").await;
    put(fresh, &at.0, b"second").await;
    let third = put(fresh, &at.0, b"first").await;
    let thirds = std::slice::from_ref(&third);
    fresh.same([fresh.store.restore(&at, &third.version).await.unwrap()], thirds);
    // The same bytes are current already.
    fresh.same([fresh.store.restore(&at, &first.version).await.unwrap()], thirds);
    assert_eq!(fresh.store.versions(&at).await.unwrap().len(), 3);
}

/// "A put is all or nothing", also against another.
pub async fn of_two_puts_at_once_one_wins(fresh: &Fresh) {
    let mut running = Vec::new();
    for i in 0..8_u8 {
        let store = Arc::clone(&fresh.store);
        let put = put_bytes("photos/r/a.jpg", &[i; 3000], Condition::IfAbsent);
        running.push(tokio::spawn(async move { store.put(put).await }));
    }
    let mut won = Vec::new();
    for answer in futures::future::join_all(running).await {
        match answer.unwrap() {
            Ok(receipt) => won.push(receipt),
            Err(StoreError::Conflict { current: Some(_), .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(won.len(), 1);
    fresh.same(fresh.store.versions(&key("photos/r/a.jpg")).await.unwrap(), &won);
}

/// Puts to one folder, some to the same keys, do not lose each other.
pub async fn puts_at_once_all_arrive(fresh: &Fresh) {
    let puts = (0..60_u8).map(|i| {
        let store = Arc::clone(&fresh.store);
        let put = put_bytes(&format!("photos/r/{}.jpg", i % 20), &[i], Condition::Always);
        tokio::spawn(async move { store.put(put).await.unwrap() })
    });
    let receipts = futures::future::join_all(puts).await;
    let found = listing(&*fresh.store, "photos/r/", true).await;
    assert_eq!(found.len(), 60);
    for receipt in receipts {
        let receipt = receipt.unwrap();
        assert!(
            found.iter().any(|it| it.version == receipt.version && it.recorded == fresh.recorded(receipt.fingerprint))
        );
    }
}

/// A version of one key is none of another.
pub async fn versions_belong_to_their_key(fresh: &Fresh) {
    let a = put(fresh, "photos/r/a.jpg", b"a").await;
    put(fresh, "photos/r/b.jpg", b"b").await;
    assert_eq!(fresh.store.head(&key("photos/r/b.jpg"), Some(&a.version)).await.unwrap(), None);
    assert!(fresh.store.read(&key("photos/r/b.jpg"), Some(&a.version)).await.is_err());
}

/// "A deleted key has no current object; its versions stay."
pub async fn a_deleted_key_is_absent_and_its_versions_stay(fresh: &Fresh) {
    let (store, at) = (&*fresh.store, key("photos/r/a.jpg"));
    let first = put(fresh, &at.0, b"first").await;
    let second = put(fresh, &at.0, b"second").await;
    let other = put(fresh, "photos/r/b.jpg", b"other").await;
    let marker = store.delete(&at).await.unwrap().expect("a marker was made");
    assert!(marker != first.version && marker != second.version);
    assert_eq!(store.delete(&at).await.unwrap(), None, "what is deleted is not deleted again");
    assert_eq!(store.delete(&key("photos/r/never.jpg")).await.unwrap(), None);
    assert_eq!(store.head(&at, None).await.unwrap(), None);
    assert!(matches!(store.read(&at, None).await.err(), Some(StoreError::NotFound { .. })));
    let old = [second, first].map(|version| ObjectVersion { current: false, ..version });
    fresh.same(store.versions(&at).await.unwrap(), &old);
    fresh.same(store.head(&at, Some(&old[0].version)).await.unwrap(), &old[..1]);
    assert_eq!(bytes_of(store, &at.0, Some(&old[1].version)).await, b"first");
    let current = listing(store, "photos/", false).await;
    assert_eq!(current.into_iter().map(|it| it.version).collect::<Vec<_>>(), std::slice::from_ref(&other.version));
    let all: Vec<_> = listing(store, "photos/", true).await.into_iter().map(|it| (it.version, it.current)).collect();
    let [second, first] = old.map(|version| (version.version, false));
    assert_eq!(all, [second, first, (other.version, true)]);
}

/// "`restore` of one of them brings it back by a copy."
pub async fn a_restore_brings_back_what_was_deleted(fresh: &Fresh) {
    let (store, at) = (&*fresh.store, key("photos/r/a.jpg"));
    let first = put(fresh, &at.0, b"first").await;
    let second = put(fresh, &at.0, b"second").await;
    store.delete(&at).await.unwrap();
    let back = store.restore(&at, &second.version).await.unwrap();
    assert!(back.current && back.version != second.version);
    assert_eq!((back.fingerprint, back.mtime), (second.fingerprint, second.mtime));
    fresh.same(store.head(&at, None).await.unwrap(), std::slice::from_ref(&back));
    assert_eq!(bytes_of(store, &at.0, None).await, b"second");
    let versions: Vec<_> = store.versions(&at).await.unwrap().into_iter().map(|it| it.version).collect();
    assert_eq!(versions, [back.version, second.version, first.version]);
}

/// "A deleted key has no current object", so that it may be put where nothing is.
pub async fn a_deleted_key_can_be_put_again(fresh: &Fresh) {
    let (store, at) = (&*fresh.store, key("photos/r/a.jpg"));
    let first = put(fresh, &at.0, b"same").await;
    store.delete(&at).await.unwrap();
    let late = store.put(put_bytes(&at.0, b"2", Condition::after(&first))).await;
    assert!(matches!(late, Err(StoreError::Conflict { current: None, .. })), "{late:?}");
    let again = store.put(put_bytes(&at.0, b"same", Condition::IfAbsent)).await.unwrap();
    assert_ne!(again.version, first.version, "the same bytes, but they were not current");
    let versions = store.versions(&at).await.unwrap();
    assert_eq!(versions.iter().map(|it| it.current).collect::<Vec<_>>(), [true, false]);
    assert_eq!(versions[0].version, again.version);
}

/// "A version of its own even where the store says that it has these bytes."
pub async fn a_renewal_makes_a_version_of_the_same_bytes(fresh: &Fresh) {
    let (store, at) = (&*fresh.store, key("photos/r/a.jpg"));
    let first = put(fresh, &at.0, b"same").await;
    let renewed = store.put(put_bytes(&at.0, b"same", Condition::Renew)).await.unwrap();
    assert_ne!(renewed.version, first.version);
    assert_eq!(renewed.fingerprint, first.fingerprint);
    let versions: Vec<_> = store.versions(&at).await.unwrap().into_iter().map(|it| it.version).collect();
    assert_eq!(versions, [renewed.version, first.version]);
    let new = store.put(put_bytes("photos/r/new.jpg", b"new", Condition::Renew)).await.unwrap();
    fresh.same(store.head(&new.key, None).await.unwrap(), std::slice::from_ref(&new));
}

/// "How it is to be kept, where the store knows classes", also by a copy.
pub async fn a_class_is_kept(fresh: &Fresh) {
    let (store, at) = (&*fresh.store, key("photos/r/a.jpg"));
    let class = StorageClass::StandardIa;
    let first = store.put(Put { class, ..put_bytes(&at.0, b"first", Condition::IfAbsent) }).await.unwrap();
    assert_eq!(first.class, class);
    fresh.same(store.head(&at, None).await.unwrap(), std::slice::from_ref(&first));
    put(fresh, &at.0, b"second").await;
    assert_eq!(store.head(&at, None).await.unwrap().unwrap().class, StorageClass::Standard);
    let back = store.restore(&at, &first.version).await.unwrap();
    fresh.same(store.head(&at, None).await.unwrap(), &[back]);
}
