//! A line that breaks, and a store that refuses: nothing is lost, nothing is there twice, and nothing is believed.

use std::io::Read as _;
use std::time::Duration;

use lightkeep::domain::{ObjectVersion, VersionId};
use lightkeep::store::s3::{Limits, S3};
use lightkeep::store::{Condition, ObjectStore as _, StoreError};
use lightkeep::testing::conformance::{bytes_of, key, put_bytes};

use crate::place::{Place, SHORT, pattern, versions};
use crate::proxy::{Proxy, Twist};

const AT: &str = "photos/r/a.jpg";

/// Gives up soon, so that a test need not wait.
const SOON: Limits = Limits { stall: Duration::from_millis(300), attempts: 2, ..SHORT };

async fn behind_proxy() -> (Place, Proxy, S3) {
    let mut place = Place::weed().await;
    let proxy = Proxy::before(&place.endpoint);
    place.endpoint = proxy.endpoint();
    let store = place.short(SHORT);
    (place, proxy, store)
}

async fn put(store: &S3, bytes: &[u8], condition: Condition) -> Result<ObjectVersion, StoreError> {
    store.put(put_bytes(AT, bytes, condition)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_makes_nothing_twice() {
    let (place, proxy, store) = behind_proxy().await;
    let lose = || Twist::LoseAnswer;
    proxy.first(1, "PutObject", lose);
    let first = put(&store, b"first", Condition::IfAbsent).await.unwrap();
    assert_eq!(proxy.count("PutObject"), 2, "the SDK itself sent it again");
    assert_eq!(versions(&store).await, 1);
    proxy.first(1, "PutObject", lose);
    let second = put(&store, b"second", Condition::after(&first)).await.unwrap();
    proxy.first(1, "PutObject", lose);
    let third = put(&store, b"third", Condition::Always).await.unwrap();
    assert_eq!(versions(&store).await, 3);
    proxy.first(1, "PutObject", lose);
    let renewed = put(&store, b"third", Condition::Renew).await.unwrap();
    assert_ne!(renewed.version, third.version);
    assert_eq!(versions(&store).await, 4, "a renewal too is made once");
    proxy.first(1, "CopyObject", lose);
    let restored = store.restore(&key(AT), &second.version).await.unwrap();
    assert_eq!(restored.fingerprint, second.fingerprint);
    assert_eq!(versions(&store).await, 5);
    proxy.first(1, "DeleteObject", lose);
    let marker = store.delete(&key(AT)).await.unwrap();
    let page = place.client().list_object_versions().bucket("photos").send().await.unwrap();
    let markers: Vec<_> = page.delete_markers().iter().map(|it| it.version_id().unwrap().to_owned()).collect();
    assert_eq!(markers, [marker.unwrap().0]);
    // The same where the SDK does not try again, and every answer to the put is lost.
    let once = place.short(Limits { attempts: 1, ..SHORT });
    proxy.every("PutObject", lose);
    let receipt = put(&once, b"first", Condition::IfAbsent).await.unwrap();
    assert_eq!((proxy.count("PutObject"), versions(&once).await), (1, 1));
    assert_eq!(once.head(&key(AT), None).await.unwrap(), Some(receipt));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_of_a_long_object_makes_nothing_twice() {
    let (_place, proxy, store) = behind_proxy().await;
    let bytes = pattern(11_000_000);
    proxy.first(1, "CompleteMultipartUpload", || Twist::LoseAnswer);
    let first = put(&store, &bytes, Condition::IfAbsent).await.unwrap();
    assert_eq!(first.fingerprint, lightkeep::files::fingerprint_bytes(&bytes));
    assert_eq!((proxy.count("UploadPart"), versions(&store).await), (3, 1));
    proxy.first(2, "UploadPart", || Twist::LoseAnswer);
    let second = put(&store, &pattern(6_000_000), Condition::after(&first)).await.unwrap();
    assert_eq!(versions(&store).await, 2);
    proxy.twist(|_| Twist::Pass);
    assert_eq!(put(&store, &pattern(6_000_000), Condition::Always).await.unwrap().version, second.version);
    let conflict = put(&store, &bytes, Condition::IfAbsent).await;
    assert!(matches!(conflict, Err(StoreError::Conflict { current: Some(_), .. })), "{conflict:?}");
    assert_eq!(proxy.count("UploadPart"), 0, "asked for first: nothing is sent for nothing");
    // A part that does not arrive as it was sent is sent again; so is a small object.
    proxy.first(1, "UploadPart", || Twist::Flip);
    let third = put(&store, &bytes, Condition::Always).await.unwrap();
    assert_eq!((third.fingerprint, proxy.count("UploadPart")), (first.fingerprint, 4));
    proxy.first(2, "PutObject", || Twist::Flip);
    put(&store, b"small", Condition::Always).await.unwrap();
    assert_eq!((proxy.count("PutObject"), versions(&store).await), (3, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_asks_for_less_is_left_alone_and_asked_again() {
    let (_place, proxy, store) = behind_proxy().await;
    let before = store.traffic().width();
    proxy.first(2, "PutObject", || Twist::Refuse(503, "SlowDown"));
    put(&store, b"bytes", Condition::IfAbsent).await.unwrap();
    assert_eq!(proxy.count("PutObject"), 3);
    assert_eq!(store.traffic().width(), before / 2);
    proxy.first(2, "PutObject", || Twist::Drop);
    put(&store, b"others", Condition::Always).await.unwrap();
    assert_eq!(versions(&store).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_reset_in_the_middle_of_a_body_costs_nothing_but_time() {
    let (_place, proxy, store) = behind_proxy().await;
    // Closed with bytes unread, which the kernel tells the sender as a reset (RFC 1122, 4.2.2.13).
    proxy.first(2, "PutObject", || Twist::Drop);
    let first = put(&store, &pattern(900_000), Condition::IfAbsent).await.unwrap();
    assert_eq!((proxy.count("PutObject"), versions(&store).await), (3, 1));
    let bytes = pattern(11_000_000);
    proxy.first(2, "UploadPart", || Twist::Drop);
    let second = put(&store, &bytes, Condition::after(&first)).await.unwrap();
    assert_eq!((proxy.count("UploadPart"), versions(&store).await), (5, 2));
    assert_eq!(second.fingerprint, lightkeep::files::fingerprint_bytes(&bytes));
    assert_eq!(store.traffic().free_bytes(), lightkeep::store::traffic::BUDGET_BYTES, "every buffer was given back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_move_is_given_up() {
    let (place, proxy, patient) = behind_proxy().await;
    let store = place.same(SOON);
    for stall in [|| Twist::StallBody, || Twist::Hang] {
        for bytes in [pattern(900_000), pattern(6_000_000)] {
            proxy.twist(move |request| match request.operation() {
                "PutObject" | "UploadPart" => stall(),
                _ => Twist::Pass,
            });
            let error = put(&store, &bytes, Condition::IfAbsent).await.unwrap_err();
            assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
        }
    }
    proxy.every("PutObject", || Twist::Drop);
    let error = put(&store, b"bytes", Condition::IfAbsent).await.unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    proxy.every("PutObject", || Twist::Flip);
    let error = put(&store, b"bytes", Condition::IfAbsent).await.unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    proxy.twist(|_| Twist::Pass);
    assert_eq!(versions(&patient).await, 0);
    assert!(store.traffic().width() < 4, "{}", store.traffic().width());
    assert_eq!(store.traffic().free_bytes(), lightkeep::store::traffic::BUDGET_BYTES, "every buffer was given back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_lies_gets_no_receipt() {
    let (_place, proxy, store) = behind_proxy().await;
    const CRC: &str = "x-amz-checksum-crc64nvme";
    let wrong = || Some("AAAAAAAAAAA=".to_owned());
    for told in [None, wrong()] {
        // It says it otherwise, when asked again.
        let said = told.clone();
        proxy.every("PutObject", move || Twist::Header(CRC, said.clone()));
        let receipt = put(&store, b"bytes", Condition::Renew).await.unwrap();
        assert_eq!((proxy.count("HeadObject"), receipt.fingerprint.size), (1, 5));
        proxy.twist(move |_| Twist::Header(CRC, told.clone()));
        let error = put(&store, b"bytes", Condition::Renew).await.unwrap_err();
        match (&error, proxy.count("HeadObject")) {
            (StoreError::Unavailable(words), 1) => assert!(words.contains("CRC-64/NVME"), "{words}"),
            (StoreError::Damaged { .. }, 1) => {}
            other => panic!("{other:?}"),
        }
    }
    for told in [None, Some("null".to_owned())] {
        proxy.every("PutObject", move || Twist::Header("x-amz-version-id", told.clone()));
        let error = put(&store, b"bytes", Condition::Renew).await.unwrap_err();
        let words = error.to_string();
        assert!(matches!(error, StoreError::Unavailable(_)) && words.contains("put-bucket-versioning"), "{words}");
    }
    let bytes = pattern(6_000_000);
    proxy.every("UploadPart", move || Twist::Header(CRC, wrong()));
    let error = put(&store, &bytes, Condition::Renew).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_told_apart() {
    let (place, proxy, _) = behind_proxy().await;
    let store = place.same(Limits { attempts: 2, ..SHORT });
    let first = put(&store, b"first", Condition::IfAbsent).await.unwrap();
    type Is = fn(&StoreError) -> bool;
    let passing: Is = |error| matches!(error, StoreError::Io { .. });
    let act: Is = |error| matches!(error, StoreError::Unavailable(_));
    let denied: Is = |error| matches!(error, StoreError::Denied { .. });
    let cases: [(u16, &str, Is); 12] = [
        (400, "ExpiredToken", passing),
        (500, "InternalError", passing),
        (503, "SlowDown", passing),
        (400, "RequestTimeout", passing),
        (403, "AccessDenied", denied),
        (400, "EntityTooLarge", denied),
        (400, "KeyTooLongError", denied),
        (404, "NoSuchBucket", act),
        (403, "RequestTimeTooSkewed", act),
        (403, "InvalidAccessKeyId", act),
        (403, "SignatureDoesNotMatch", act),
        (301, "PermanentRedirect", act),
    ];
    for (status, code, is) in cases {
        proxy.twist(move |request| match request.operation() {
            "HeadObject" => Twist::Pass,
            _ => Twist::Refuse(status, code),
        });
        let error = put(&store, b"second", Condition::after(&first)).await.unwrap_err();
        assert!(is(&error), "{code}: {error:?}");
        let error = store.restore(&key(AT), &VersionId(first.version.0.clone())).await;
        assert!(error.is_ok(), "what is current already needs no copy");
        // A refused HEAD has no code; the listing tells it.
        if status == 403 && code != "AccessDenied" {
            proxy.twist(move |_| Twist::Refuse(status, code));
            let error = store.head(&key(AT), None).await.unwrap_err();
            assert!(is(&error), "{code}: {error:?}");
        }
    }
    // Without the right to list, what is missing is forbidden.
    proxy.twist(|_| Twist::Refuse(403, "AccessDenied"));
    assert_eq!(store.head(&key(AT), None).await.unwrap(), None);
    // With it, what is there and forbidden is not missing.
    proxy.every("HeadObject", || Twist::Refuse(403, "AccessDenied"));
    assert!(matches!(store.head(&key(AT), None).await, Err(StoreError::Denied { .. })));
    assert_eq!(store.head(&key("photos/r/b.jpg"), None).await.unwrap(), None);
    proxy.every("GetObject", || Twist::Refuse(403, "InvalidObjectState"));
    let error = store.read(&key(AT), None).await.err();
    assert!(matches!(error, Some(StoreError::Archived { .. })), "{error:?}");
    proxy.twist(|_| Twist::Pass);
    assert_eq!(versions(&store).await, 1);
}

/// On one thread: whoever reads waits on the very thread that everything else runs on.
#[tokio::test]
async fn a_reader_goes_on_where_it_broke_off() {
    let (place, proxy, patient) = behind_proxy().await;
    let store = place.same(SOON);
    let bytes = pattern(3_000_000);
    let receipt = put(&patient, &bytes, Condition::IfAbsent).await.unwrap();
    for times in [1, 3, 5] {
        proxy.first(times, "GetObject", || Twist::CutAnswer(100_000));
        assert!(bytes_of(&store, AT, None).await == bytes, "{times}");
        assert_eq!(proxy.count("GetObject"), times + 1);
    }
    let resumed = proxy.seen().into_iter().rfind(|request| request.operation() == "GetObject").unwrap();
    assert_eq!(resumed.header("range").as_deref(), Some("bytes=500000-"));
    assert_eq!(resumed.header("if-match"), Some(receipt.etag.clone()));
    assert!(resumed.target.contains(&receipt.version.0), "{}", resumed.target);
    proxy.first(2, "GetObject", || Twist::StallAnswer(1_000_000));
    assert!(bytes_of(&store, AT, None).await == bytes);
    proxy.every("GetObject", || Twist::Trickle(30_000));
    assert!(bytes_of(&store, AT, Some(&receipt.version)).await == bytes);
    // Never a short read.
    for twist in [|| Twist::CutAnswer(10), || Twist::CutAnswer(0)] {
        proxy.every("GetObject", twist);
        let mut got = Vec::new();
        let error = store.read(&key(AT), None).await.unwrap().read_to_end(&mut got);
        assert!(error.is_err() && got.len() < bytes.len(), "{error:?} {}", got.len());
    }
}

/// Somebody puts another object while it is read: what was begun is what is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_keeps_to_its_version() {
    let (_place, proxy, store) = behind_proxy().await;
    let bytes = pattern(900_000);
    put(&store, &bytes, Condition::IfAbsent).await.unwrap();
    proxy.first(1, "GetObject", || Twist::CutAnswer(10_000));
    let mut reader = store.read(&key(AT), None).await.unwrap();
    put(&store, b"another", Condition::Always).await.unwrap();
    let mut got = Vec::new();
    reader.read_to_end(&mut got).unwrap();
    assert!(got == bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_go_once_unsigned_and_in_one_piece() {
    let (_place, proxy, store) = behind_proxy().await;
    proxy.twist(|_| Twist::Pass);
    put(&store, b"small", Condition::IfAbsent).await.unwrap();
    put(&store, &pattern(6_000_000), Condition::Always).await.unwrap();
    let sent = proxy.seen();
    let bodies: Vec<_> = sent.iter().filter(|it| matches!(it.operation(), "PutObject" | "UploadPart")).collect();
    assert_eq!(bodies.len(), 3);
    for request in bodies {
        assert_eq!(request.header("x-amz-content-sha256").as_deref(), Some("UNSIGNED-PAYLOAD"));
        assert!(request.header("content-encoding").is_none() && request.header("x-amz-trailer").is_none());
        assert!(request.header("x-amz-checksum-crc64nvme").is_some());
    }
    let put = sent.iter().find(|it| it.operation() == "PutObject").unwrap();
    assert_eq!(put.header("if-none-match").as_deref(), Some("*"));
    assert_eq!(put.header("content-type").as_deref(), Some("image/jpeg"));
    let whole = sent.iter().find(|it| it.operation() == "CompleteMultipartUpload").unwrap();
    assert!(whole.header("if-match").is_some());
    assert_eq!(whole.header("x-amz-checksum-type").as_deref(), Some("FULL_OBJECT"));
    assert_eq!(proxy.count("HeadObject"), 1, "a new small object is not asked for first");
}
