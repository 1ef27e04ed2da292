//! Long objects: parts, going on after a stop, and copies in parts.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lightkeep::domain::StorageClass;
use lightkeep::files::fingerprint_bytes;
use lightkeep::store::s3::S3;
use lightkeep::store::{Begun, Body, Condition, ObjectStore as _, Part, PartLog, Put, StoreError};
use lightkeep::testing::conformance::{bytes_of, key, put_bytes};

use crate::common::until;
use crate::place::{Place, SHORT, pattern, versions};
use crate::proxy::{Proxy, Twist};

const AT: &str = "photos/r/long film.mov";
const SIZE: usize = 27_000_007;

/// Remembers in memory.
#[derive(Debug, Default)]
struct Log(Mutex<Option<Begun>>);

#[async_trait]
impl PartLog for Log {
    async fn begun(&self) -> Option<Begun> {
        self.0.lock().unwrap().clone()
    }

    async fn begin(&self, begun: &Begun) {
        *self.0.lock().unwrap() = Some(begun.clone());
    }

    async fn part(&self, part: &Part) {
        self.0.lock().unwrap().as_mut().unwrap().parts.push(part.clone());
    }

    async fn end(&self) {
        *self.0.lock().unwrap() = None;
    }
}

struct Stage {
    place: Place,
    proxy: Proxy,
    store: S3,
    log: Arc<Log>,
    scratch: tempfile::TempDir,
    bytes: Vec<u8>,
}

impl Stage {
    async fn new() -> Self {
        let mut place = Place::weed().await;
        let proxy = Proxy::before(&place.endpoint);
        place.endpoint = proxy.endpoint();
        let store = place.short(SHORT);
        let (scratch, bytes) = (tempfile::tempdir().unwrap(), pattern(SIZE));
        std::fs::write(scratch.path().join("film.mov"), &bytes).unwrap();
        Self { place, proxy, store, log: Arc::default(), scratch, bytes }
    }

    fn put(&self) -> Put {
        let body = Body::File(self.scratch.path().join("film.mov"));
        let parts: Option<Arc<dyn PartLog>> = Some(self.log.clone());
        let class = StorageClass::StandardIa;
        Put { body, parts, class, ..put_bytes(AT, &self.bytes, Condition::IfAbsent) }
    }

    /// Sends until some parts are there, and is then cut off as by a kill.
    async fn begun(&self) -> usize {
        self.store.traffic().set_limit(Some(12_000_000));
        let store = self.store.clone();
        let put = self.put();
        let running = tokio::spawn(async move { store.put(put).await });
        let log = self.log.clone();
        let parts = move || log.0.lock().unwrap().as_ref().map_or(0, |begun| begun.parts.len());
        let enough = parts.clone();
        tokio::task::spawn_blocking(move || until("two parts are there", || enough() >= 2)).await.unwrap();
        running.abort();
        let _ = running.await;
        self.store.traffic().set_limit(None);
        parts()
    }

    /// The store's name for what was begun.
    fn upload(&self) -> String {
        self.log.0.lock().unwrap().as_ref().unwrap().upload.split(' ').next().unwrap().to_owned()
    }

    async fn uploads(&self) -> usize {
        let page = self.place.client().list_multipart_uploads().bucket("photos").send().await.unwrap();
        page.uploads().len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_missing_is_sent() {
    let stage = Stage::new().await;
    let there = stage.begun().await;
    assert!((2..6).contains(&there), "{there}");
    let noted: Vec<u32> = stage.log.begun().await.unwrap().parts.iter().map(|part| part.number).collect();
    stage.proxy.twist(|_| Twist::Pass);
    let receipt = stage.store.put(stage.put()).await.unwrap();
    let sent = stage.proxy.parts();
    assert!(
        !sent.is_empty() && noted.iter().all(|number| !sent.contains(number)),
        "{sent:?} were sent, {noted:?} noted"
    );
    assert_eq!(stage.proxy.count("CreateMultipartUpload"), 0);
    assert_eq!(receipt.fingerprint, fingerprint_bytes(&stage.bytes));
    assert_eq!(receipt.class, StorageClass::StandardIa);
    assert!(stage.log.begun().await.is_none());
    let head = stage.store.head(&key(AT), None).await.unwrap().unwrap();
    assert_eq!(
        (head.fingerprint, head.version, head.mtime, head.class),
        (receipt.fingerprint, receipt.version, receipt.mtime, StorageClass::StandardIa)
    );
    assert!(bytes_of(&stage.store, AT, None).await == stage.bytes);
    assert_eq!((versions(&stage.store).await, stage.uploads().await), (1, 0));
    let answer = stage.place.client().head_object().bucket("photos").key("library 0/photos/r/long film.mov");
    assert_eq!(answer.send().await.unwrap().content_type(), Some("video/quicktime"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_the_store_forgot_is_begun_anew() {
    let stage = Stage::new().await;
    stage.begun().await;
    let upload = stage.upload();
    let call = stage.place.client().abort_multipart_upload().bucket("photos");
    call.key("library 0/photos/r/long film.mov").upload_id(upload).send().await.unwrap();
    stage.proxy.twist(|_| Twist::Pass);
    let receipt = stage.store.put(stage.put()).await.unwrap();
    assert_eq!((stage.proxy.parts().len(), stage.proxy.count("CreateMultipartUpload")), (6, 1));
    assert_eq!(receipt.fingerprint, fingerprint_bytes(&stage.bytes));
    // The same in the middle of it.
    stage.proxy.first(1, "UploadPart", || Twist::Refuse(404, "NoSuchUpload"));
    let again = Put { condition: Condition::Renew, ..stage.put() };
    stage.store.put(again).await.unwrap();
    assert_eq!(stage.proxy.count("CreateMultipartUpload"), 2);
    assert_eq!((versions(&stage.store).await, stage.uploads().await), (2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_is_not_ours_is_sent_again() {
    let stage = Stage::new().await;
    stage.begun().await;
    // The store has other bytes in a part that it had acknowledged.
    let number = stage.log.begun().await.unwrap().parts.iter().map(|part| part.number).min().unwrap();
    let other = vec![1; 5 << 20];
    let crc = fingerprint_bytes(&other).crc64nvme.to_s3();
    let call = stage.place.client().upload_part().bucket("photos").key("library 0/photos/r/long film.mov");
    let call = call.upload_id(stage.upload()).part_number(number as i32).checksum_crc64_nvme(crc).body(other.into());
    call.send().await.unwrap();
    stage.proxy.twist(|_| Twist::Pass);
    let receipt = stage.store.put(stage.put()).await.unwrap();
    let sent = stage.proxy.parts();
    assert!(sent.contains(&number), "{sent:?}");
    assert_eq!(receipt.fingerprint, fingerprint_bytes(&stage.bytes));
    assert!(bytes_of(&stage.store, AT, None).await == stage.bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_another_content_are_given_up() {
    let stage = Stage::new().await;
    stage.begun().await;
    // Only its end is another: all parts that are there would fit.
    let mut other = stage.bytes.clone();
    other[SIZE - 1] ^= 1;
    std::fs::write(stage.scratch.path().join("film.mov"), &other).unwrap();
    let put = Put { expected: fingerprint_bytes(&other), ..stage.put() };
    let receipt = stage.store.put(put).await.unwrap();
    let head = stage.store.head(&key(AT), None).await.unwrap().unwrap();
    assert_eq!((head.fingerprint, receipt.fingerprint), (fingerprint_bytes(&other), fingerprint_bytes(&other)));
    assert_eq!((versions(&stage.store).await, stage.uploads().await), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changed_is_given_up_with_its_parts() {
    let stage = Stage::new().await;
    stage.begun().await;
    assert_eq!(stage.uploads().await, 1);
    let mut changed = stage.bytes.clone();
    changed[SIZE - 1] ^= 1;
    std::fs::write(stage.scratch.path().join("film.mov"), &changed).unwrap();
    let error = stage.store.put(stage.put()).await.unwrap_err();
    assert!(matches!(error, StoreError::SourceChanged { .. }), "{error:?}");
    assert_eq!((versions(&stage.store).await, stage.uploads().await), (0, 0));
    assert!(stage.log.begun().await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_nobody_needs_any_more_are_given_up() {
    let stage = Stage::new().await;
    let begin = || async {
        stage.begun().await;
        assert_eq!(stage.uploads().await, 1);
    };
    // The photo got another key, because somebody else's object has the first.
    begin().await;
    let other = Put { key: key("photos/r/long film~other.mov"), ..stage.put() };
    let receipt = stage.store.put(other).await.unwrap();
    assert_eq!((receipt.fingerprint, stage.uploads().await), (fingerprint_bytes(&stage.bytes), 0));
    // Another computer stored the same bytes meanwhile.
    begin().await;
    stage.store.put(Put { parts: None, ..stage.put() }).await.unwrap();
    assert_eq!(stage.uploads().await, 1);
    stage.store.put(Put { condition: Condition::Always, ..stage.put() }).await.unwrap();
    assert_eq!((stage.uploads().await, stage.log.begun().await.is_none()), (0, true));
    assert_eq!(versions(&stage.store).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_else_was_faster() {
    let stage = Stage::new().await;
    let (client, mut left) = (stage.place.client(), 1);
    let runtime = tokio::runtime::Handle::current();
    stage.proxy.twist(move |request| {
        // Just before it is put together.
        if request.operation() == "CompleteMultipartUpload" && left > 0 {
            left = 0;
            let call = client.put_object().bucket("photos").key("library 0/photos/r/long film.mov");
            let call = call.body(b"theirs".to_vec().into());
            runtime.block_on(async { call.send().await.unwrap() });
        }
        Twist::Pass
    });
    let error = stage.store.put(stage.put()).await.unwrap_err();
    let StoreError::Conflict { current: Some(theirs), .. } = &error else { panic!("{error:?}") };
    assert_eq!(theirs.fingerprint.size, 6);
    assert_eq!((versions(&stage.store).await, stage.uploads().await), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_object_is_restored_in_parts() {
    let stage = Stage::new().await;
    let first = stage.store.put(Put { parts: None, ..stage.put() }).await.unwrap();
    let at = key(AT);
    stage.store.put(put_bytes(AT, b"short", Condition::after(&first))).await.unwrap();
    stage.proxy.twist(|_| Twist::Pass);
    let back = stage.store.restore(&at, &first.version).await.unwrap();
    assert_eq!((stage.proxy.count("UploadPartCopy"), stage.proxy.count("CopyObject")), (5, 0));
    assert_eq!((back.fingerprint, back.mtime, back.class), (first.fingerprint, first.mtime, first.class));
    assert_ne!(back.version, first.version);
    stage.store.delete(&at).await.unwrap();
    let undeleted = stage.store.restore(&at, &back.version).await.unwrap();
    assert!(bytes_of(&stage.store, AT, None).await == stage.bytes);
    assert_eq!(stage.store.head(&at, None).await.unwrap().unwrap().version, undeleted.version);
    stage.proxy.twist(|_| Twist::Pass);
    assert_eq!(stage.store.restore(&at, &first.version).await.unwrap().version, undeleted.version);
    assert_eq!(stage.proxy.count("UploadPartCopy"), 0, "the same bytes are current already");
    assert_eq!(versions(&stage.store).await, 4);
}
