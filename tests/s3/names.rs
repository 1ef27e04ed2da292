//! Awkward names, foreign objects, wrong buckets and links.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use lightkeep::aws;
use lightkeep::domain::ObjectKey;
use lightkeep::domain::keys::check_key;
use lightkeep::store::s3::{Limits, S3, S3Options};
use lightkeep::store::traffic::Traffic;
use lightkeep::store::{Condition, ObjectStore as _, Parts, StoreError};
use lightkeep::testing::conformance::{bytes_of, key, listing, put_bytes};

use crate::common::servers::REGION;
use crate::place::{Place, SHORT, pattern};
use crate::proxy::{Proxy, Twist};

/// Every printable character that a key may have, and names that other systems take for the same.
fn awkward() -> Vec<String> {
    let printable = (0x20..0x7f_u8).map(char::from).filter(|c| *c != '/');
    let mut keys: Vec<String> = printable.map(|c| format!("photos/{c}{c}x/a{c}b.jpg")).collect();
    let names =
        ["é.jpg", "Ä ö.JPG", "日本.heic", "🏔️.jpg", "a%2Fb.jpg", "a%252F.jpg", "a+b c.jpg", "a&b=c?.jpg", "%.jpg"];
    keys.extend(names.map(|name| format!("photos/r/{name}")));
    keys.extend(["IMG_1.JPG", "img_1.jpg", "Img_1.jpg"].map(|name| format!("photos/case/{name}")));
    keys.extend(
        ["photos/r/.hidden", "photos/r/a b/c d/e  f.jpg", "photos/r/~$x.jpg", "photos/r/'\".jpg"].map(Into::into),
    );
    keys.retain(|text| check_key(&ObjectKey(text.clone())).is_ok());
    assert!(keys.len() > 90, "{}", keys.len());
    keys
}

async fn awkward_names(place: &Place) {
    let store = place.store();
    let mut keys = awkward();
    // As long as S3 takes it, with the prefix.
    let prefix = place.options().prefix.len() + 1;
    keys.push(format!("photos/{}", ["x".repeat(200), "y".repeat(200), "z".repeat(200), "é".repeat(100)].join("/")));
    let left = 1024 - prefix - keys.last().unwrap().len() - 1;
    let longest = format!("{}/{}", keys.pop().unwrap(), "w".repeat(left.min(200)));
    keys.push(longest);
    for at in &keys {
        let receipt = store.put(put_bytes(at, at.as_bytes(), Condition::IfAbsent)).await;
        let receipt = receipt.unwrap_or_else(|error| panic!("{at}: {error:?}"));
        assert_eq!(store.head(&receipt.key, None).await.unwrap().unwrap().version, receipt.version, "{at}");
        assert_eq!(bytes_of(&store, at, Some(&receipt.version)).await, at.as_bytes(), "{at}");
    }
    keys.sort_unstable();
    let mut found: Vec<_> = listing(&store, "", false).await.into_iter().map(|it| it.key.0).collect();
    found.sort_unstable();
    assert_eq!(found, keys);
    for at in ["photos/r/a+b c.jpg", "photos/r/a%2Fb.jpg", "photos/case/img_1.jpg", "photos/r/é.jpg"] {
        let at = key(at);
        assert_eq!(store.versions(&at).await.unwrap().len(), 1, "{at}");
        assert_eq!(listing(&store, &at.0, true).await.len(), 1, "{at}");
        let first = store.head(&at, None).await.unwrap().unwrap();
        store.put(put_bytes(&at.0, b"second", Condition::after(&first))).await.unwrap();
        let back = store.restore(&at, &first.version).await.unwrap();
        assert_eq!(back.fingerprint, first.fingerprint, "{at}");
        store.delete(&at).await.unwrap().expect("a marker");
        assert_eq!(store.versions(&at).await.unwrap().len(), 3, "{at}");
    }
    let long = format!("photos/{}", ["x".repeat(250), "y".repeat(250), "z".repeat(250), "w".repeat(255)].join("/"));
    assert!(check_key(&key(&long)).is_ok() && long.len() + prefix > 1024);
    let error = store.put(put_bytes(&long, b"", Condition::IfAbsent)).await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn weed_takes_awkward_names() {
    awkward_names(&Place::weed().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ministack_takes_awkward_names() {
    awkward_names(&Place::ministack().await).await;
}

async fn foreign_objects(place: &Place) {
    let (store, client) = (place.store(), place.client());
    // What other tools put there, with names that no photo of ours has.
    for name in ["library 0/photos/r/e\u{301}.jpg", "library 0/photos/r/a:b", "library 01/x.jpg", "other.jpg"] {
        client.put_object().bucket("photos").key(name).body(b"foreign".to_vec().into()).send().await.unwrap();
    }
    client
        .put_object()
        .bucket("photos")
        .key("library 0/photos/r/f.jpg")
        .body(b"foreign".to_vec().into())
        .send()
        .await
        .unwrap();
    let ours = store.put(put_bytes("photos/r/ours.jpg", b"ours", Condition::IfAbsent)).await.unwrap();
    let found: Vec<_> = listing(&store, "", true).await.into_iter().map(|it| it.key.0).collect();
    assert_eq!(found, ["photos/r/f.jpg", "photos/r/ours.jpg"]);
    // A foreign object is there, and is nobody's photo, whatever its bytes are.
    let at = key("photos/r/f.jpg");
    let theirs = store.head(&at, None).await.unwrap().unwrap();
    assert_eq!(theirs.fingerprint.size, 7);
    let conflict = store.put(put_bytes(&at.0, b"foreign", Condition::IfAbsent)).await.unwrap_err();
    assert!(matches!(&conflict, StoreError::Conflict { current: Some(_), .. }), "{conflict:?}");
    let after = store.put(put_bytes(&at.0, b"foreign", Condition::after(&theirs))).await.unwrap();
    assert_ne!(after.version, theirs.version, "nobody had hashed those bytes");
    assert_eq!(store.versions(&ours.key).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_objects_are_left_alone() {
    foreign_objects(&Place::weed().await).await;
    foreign_objects(&Place::ministack().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_goes_on_after_a_thousand() {
    let place = Place::weed().await;
    let store = place.store();
    let puts = (0..1100).map(|i| {
        let store = store.clone();
        async move { store.put(put_bytes(&format!("photos/r/{i:04}.jpg"), &[], Condition::IfAbsent)).await.unwrap() }
    });
    let puts: Vec<_> = futures::StreamExt::collect(futures::StreamExt::buffered(futures::stream::iter(puts), 16)).await;
    let found: Vec<_> = listing(&store, "photos/", false).await.into_iter().map(|it| (it.key, it.version)).collect();
    assert_eq!(found, puts.into_iter().map(|it| (it.key, it.version)).collect::<Vec<_>>());
}

fn unavailable(error: Result<(), StoreError>) -> String {
    match error {
        Err(StoreError::Unavailable(words)) => words,
        other => panic!("{other:?}"),
    }
}

fn store(options: S3Options) -> S3 {
    S3::new(options, Arc::new(Traffic::new()), Parts::real())
}

fn keys(place: &Place, credentials: Credentials) -> aws_config::SdkConfig {
    aws::config(REGION, Some(&place.endpoint), Some(SharedCredentialsProvider::new(credentials)))
}

async fn wrong_buckets(place: &Place) {
    place.bucket("plain", false).await;
    place.store().check().await.unwrap();
    let plain = store(S3Options { bucket: "plain".into(), ..place.options() });
    let words = unavailable(plain.check().await);
    assert!(words.contains("aws s3api put-bucket-versioning --bucket plain"), "{words}");
    assert!(words.contains("Status=Enabled"), "{words}");
    let missing = store(S3Options { bucket: "nowhere".into(), ..place.options() });
    let words = unavailable(missing.check().await);
    assert!(words.contains("does not exist"), "{words}");
    let wrong = Credentials::new("AKIANOBODYKNOWSTHIS0", "secret", None, None, "tests");
    let stranger = store(S3Options { config: keys(place, wrong), ..place.options() });
    unavailable(stranger.check().await);
    let nobody = store(S3Options { config: aws::config(REGION, Some("http://127.0.0.1:9"), None), ..place.options() });
    assert!(nobody.check().await.is_err());
    // A bucket without versions, that nobody checked: nothing there is overwritten or deleted.
    let at = key("photos/r/a.jpg");
    let name = format!("{}/photos/r/a.jpg", "library");
    let plain = store(S3Options { bucket: "plain".into(), prefix: "library".into(), ..place.options() });
    let client = place.client();
    client.put_object().bucket("plain").key(&name).body(b"theirs".to_vec().into()).send().await.unwrap();
    for condition in [Condition::Always, Condition::after(&plain.head(&at, None).await.unwrap().unwrap())] {
        let error = plain.put(put_bytes(&at.0, b"ours", condition)).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    assert!(matches!(plain.delete(&at).await, Err(StoreError::Unavailable(_))));
    let there = client.get_object().bucket("plain").key(&name).send().await.unwrap();
    assert_eq!(there.body.collect().await.unwrap().to_vec(), b"theirs");
    let error = plain.put(put_bytes("photos/r/new.jpg", b"ours", Condition::IfAbsent)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "no receipt without a version: {error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_buckets_are_named() {
    wrong_buckets(&Place::weed().await).await;
    let place = Place::ministack().await;
    wrong_buckets(&place).await;
}

/// Neither server looks at the owner, so that what is proved is that every call names it, and what a refusal leads to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_accounts_bucket_is_never_used() {
    let mut place = Place::weed().await;
    let proxy = Proxy::before(&place.endpoint);
    place.endpoint = proxy.endpoint();
    let owner = "123456789012";
    let ours = S3::with_limits(
        S3Options { owner: Some(owner.into()), ..place.options() },
        Arc::new(Traffic::new()),
        Parts::real(),
        SHORT,
    );
    proxy.twist(|_| Twist::Pass);
    ours.check().await.unwrap();
    let at = key("photos/r/a.jpg");
    let first = ours.put(put_bytes(&at.0, &pattern(7_000_000), Condition::IfAbsent)).await.unwrap();
    ours.put(put_bytes(&at.0, b"second", Condition::after(&first))).await.unwrap();
    ours.restore(&at, &first.version).await.unwrap();
    ours.restore(&at, &ours.versions(&at).await.unwrap()[1].version).await.unwrap();
    assert_eq!(bytes_of(&ours, &at.0, None).await, b"second");
    ours.delete(&at).await.unwrap();
    let seen = proxy.seen();
    assert!(seen.len() > 20);
    for request in seen {
        assert_eq!(request.header("x-amz-expected-bucket-owner").as_deref(), Some(owner), "{}", request.head);
    }
    proxy.twist(|_| Twist::Refuse(403, "AccessDenied"));
    let words = unavailable(ours.check().await);
    assert!(words.contains("another account than 123456789012"), "{words}");
    let error = ours.put(put_bytes(&at.0, b"third", Condition::IfAbsent)).await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_needs_no_sign_in_and_ends() {
    let place = Place::weed().await;
    let options = place.options();
    let signed = store(options.clone());
    let at = key("photos/r/a b+c.jpg");
    assert!(matches!(signed.link(&at, 60).await, Err(StoreError::NotFound { .. })));
    signed.put(put_bytes(&at.0, b"picture", Condition::IfAbsent)).await.unwrap();
    assert_eq!(signed.longest_link_s().await.unwrap(), Some(7 * 24 * 3600));
    let now_ms = (Parts::real().clock)().0;
    let link = signed.link(&at, 120).await.unwrap();
    let answer = aws::get(&link.url).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"picture"[..]));
    let lasts_s = (link.ends_at.0 - now_ms) / 1000;
    assert!((115..=300).contains(&lasts_s), "{lasts_s}");
    assert!(link.url.contains("X-Amz-Expires=120"), "{}", link.url);
    assert!(!format!("{link:?}").contains("Signature"));
    let soon = SystemTime::now() + Duration::from_secs(600);
    let temporary = Credentials::new("ASIA", "secret", Some("token".into()), Some(soon), "tests");
    let temporary = store(S3Options { config: keys(&place, temporary), ..options.clone() });
    let longest = temporary.longest_link_s().await.unwrap().unwrap();
    assert!((1..=600).contains(&longest), "{longest}");
    let session = Credentials::new("ASIA", "secret", Some("token".into()), None, "tests");
    let session = store(S3Options { config: keys(&place, session), ..options.clone() });
    assert_eq!(session.longest_link_s().await.unwrap(), Some(3600));
    let nobody = store(S3Options { config: aws::config(REGION, Some(&place.endpoint), None), ..options });
    assert!(matches!(nobody.longest_link_s().await, Err(StoreError::Unavailable(_))));
}

/// As the template gives them to whoever signs in: below one's own prefix only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rights_of_the_template_are_enough() {
    let rights = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["s3:PutObject","s3:GetObject","s3:GetObjectVersion","s3:DeleteObject",
            "s3:AbortMultipartUpload","s3:ListMultipartUploadParts","s3:GetObjectAttributes",
            "s3:GetObjectVersionAttributes"],"Resource":"arn:aws:s3:::photos/library 0/*"},
        {"Effect":"Allow","Action":["s3:ListBucket","s3:ListBucketVersions"],"Resource":"arn:aws:s3:::photos",
            "Condition":{"StringLike":{"s3:prefix":"library 0/*"}}},
        {"Effect":"Allow","Action":"s3:GetBucketVersioning","Resource":"arn:aws:s3:::photos"}]}"#;
    let place = Place::ministack_with(rights).await;
    let ours = place.store();
    ours.check().await.unwrap();
    let at = key("photos/r/a.jpg");
    assert_eq!(ours.head(&at, None).await.unwrap(), None);
    let first = ours.put(put_bytes(&at.0, b"first", Condition::IfAbsent)).await.unwrap();
    let second = ours.put(put_bytes(&at.0, b"second", Condition::after(&first))).await.unwrap();
    ours.put(put_bytes("photos/r/b.jpg", b"new", Condition::Always)).await.unwrap();
    ours.restore(&at, &first.version).await.unwrap();
    assert_eq!(bytes_of(&ours, &at.0, Some(&second.version)).await, b"second");
    ours.delete(&at).await.unwrap();
    assert_eq!(ours.versions(&at).await.unwrap().len(), 3);
    assert_eq!(listing(&ours, "", true).await.len(), 4);
    let theirs = place.store();
    let error = theirs.put(put_bytes(&at.0, b"first", Condition::IfAbsent)).await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    assert!(matches!(theirs.delete(&at).await, Ok(None) | Err(StoreError::Denied { .. })));
}

/// Its answer to a long object is a checksum of checksums, which proves nothing of the whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_without_a_checksum_of_the_whole_gives_no_receipt() {
    let place = Place::ministack().await;
    let limits = Limits { single_bytes: 1000, part_bytes: 1000, ..SHORT };
    let error = place.short(limits).put(put_bytes("photos/r/a.jpg", &pattern(2500), Condition::IfAbsent)).await;
    let Err(StoreError::Unavailable(words)) = error else { panic!("{error:?}") };
    assert!(words.contains("CRC-64/NVME"), "{words}");
}
