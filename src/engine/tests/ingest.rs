//! A card with faults: a copy that is damaged on the disk, a store that refuses or has lost what it had, a cancel.

use std::io::{self, Read};
use std::sync::atomic::AtomicBool;

use super::*;
use crate::engine::stores::{OpenedStore, RemoteSlot};
use crate::files::{Disk, FileSystem, ReadSeek, Stat, Walked};
use crate::protocol::{ErrorCode, IngestOrder, IngestReport};
use crate::store::{Body, Condition, Put};
use crate::testing::store::Fault;

const REMOTE: &str = "aws-bucket/prefix";

/// The real disk, which on demand writes one bit wrongly.
#[derive(Default)]
struct BadDisk {
    flips: AtomicBool,
}

struct Flipped<'a>(&'a mut dyn Read, bool);

impl Read for Flipped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        if count > 0 && std::mem::take(&mut self.1) {
            buffer[count / 2] ^= 1;
        }
        Ok(count)
    }
}

impl FileSystem for BadDisk {
    fn walk(&self, roots: &[PathBuf], each: &mut dyn FnMut(Walked) -> bool) {
        Disk.walk(roots, each);
    }
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        Disk.stat(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        Disk.open(path)
    }
    fn create_new(&self, path: &Path, from: &mut dyn Read) -> io::Result<Stat> {
        let flip = self.flips.swap(false, Ordering::SeqCst);
        Disk.create_new(path, &mut Flipped(from, flip))
    }
    fn replace(&self, path: &Path, from: &mut dyn Read) -> io::Result<Stat> {
        Disk.replace(path, from)
    }
}

/// A card, a folder, and a library with a real vault.
struct Studio {
    dir: tempfile::TempDir,
    disk: Arc<BadDisk>,
    engine: Engine,
    _drain: tokio::task::JoinHandle<()>,
}

impl Studio {
    async fn new(photos: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("CARD/DCIM")).unwrap();
        for n in 0..photos {
            std::fs::write(dir.path().join(format!("CARD/DCIM/{n:03}.PNG")), picture(n)).unwrap();
        }
        let (mut window, end, _commands) = channel(Arc::new(|| {}));
        let disk = Arc::new(BadDisk::default());
        let parts = Parts {
            files: disk.clone(),
            heavy: Workers::Inline,
            quick: Workers::Inline,
            keyring: crate::account::Keyring::memory(),
            ..Parts::real()
        };
        let options = OpenOptions { library: Some(dir.path().join("library")), mode: Mode::Write };
        let drain = tokio::spawn(async move { while window.events.next().await.is_some() {} });
        let engine = open_with(&options, end, parts).await.unwrap();
        Self { dir, disk, engine, _drain: drain }
    }

    async fn until(&self, cancel: &Cancel) -> Result<IngestReport, UserError> {
        let order = IngestOrder {
            card: self.dir.path().join("CARD"),
            to: self.dir.path().join("to"),
            template: "{year}".to_owned(),
        };
        let reporter = Reporter::new(&self.engine, OP, OpKind::Ingest);
        self.engine.ingest(OP, order, cancel, &reporter).await
    }

    async fn ingest(&self) -> IngestReport {
        self.until(&Cancel::default()).await.unwrap()
    }

    /// Makes this the remote store, beside the vault.
    async fn use_remote(&self, store: Arc<dyn ObjectStore>) {
        let opened = OpenedStore { name: REMOTE.to_owned(), shown: "aws", store };
        self.engine.write(|writer| writer.enable_store(REMOTE)).await.unwrap();
        *self.engine.0.remote.lock().unwrap() = RemoteSlot::Open { place: "bucket/prefix".to_owned(), opened };
    }

    /// Sends what still waits for the remote store, as a store run does.
    async fn send(&self, store: &Memory) {
        let waiting = self.engine.read(|reader| reader.pending(REMOTE, None, None, 1_000)).await.unwrap();
        let batch = self.engine.ulid();
        let now = self.engine.now();
        let ulid = batch.clone();
        self.engine.write(move |writer| writer.open_batch(&ulid, REMOTE, now)).await.unwrap();
        for item in waiting {
            let body = Body::File(item.paths[0].clone());
            let put = Put::new(item.key, body, item.fingerprint, item.mtime, Condition::IfAbsent);
            let receipt = store.put(put).await.unwrap();
            let ulid = batch.clone();
            self.engine
                .write(move |writer| writer.record_receipts(REMOTE, &ulid, &[(item.version, receipt)]))
                .await
                .unwrap();
        }
    }
}

fn numbers(report: &IngestReport) -> (u64, u64, u64, u64, bool) {
    (report.files, report.copied, report.verified, report.stored, report.safe_to_format)
}

#[tokio::test]
async fn a_copy_that_is_damaged_on_the_disk_is_not_counted() {
    let studio = Studio::new(5).await;
    studio.disk.flips.store(true, Ordering::SeqCst);
    let report = studio.ingest().await;
    assert_eq!(numbers(&report), (5, 4, 4, 4, false), "{report:?}");
    assert_eq!(report.failed.len(), 1, "{report:?}");
    assert!(report.failed[0].why.contains("does not read back the same"), "{report:?}");
    assert!(report.failed[0].path.ends_with("CARD/DCIM/000.PNG") && report.sheet.is_none());
    let year = std::fs::read_dir(studio.dir.path().join("to")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::read_dir(&year).unwrap().count(), 4, "the damaged copy is gone");
    // Damaged later, by whatever: the bytes on the disk are what counts, not what was copied once.
    let mut bytes = std::fs::read(year.join("001.PNG")).unwrap();
    bytes[10] ^= 1;
    std::fs::write(year.join("001.PNG"), bytes).unwrap();
    let report = studio.ingest().await;
    assert_eq!(numbers(&report), (5, 2, 5, 5, true), "{report:?}");
    assert!(year.join("001 (2).PNG").exists(), "other bytes are never written over");
    assert_eq!(numbers(&studio.ingest().await), (5, 0, 5, 5, true));
}

#[tokio::test]
async fn every_store_in_use_must_have_it() {
    let studio = Studio::new(4).await;
    let memory = Memory::default();
    let faulty = Arc::new(Faulty::new(Arc::new(memory.clone())));
    faulty.inject([Fault::Crash(0)]);
    studio.use_remote(faulty).await;
    let report = studio.ingest().await;
    assert_eq!(numbers(&report), (4, 4, 4, 0, false), "the vault alone is not enough: {report:?}");
    assert!(report.failed.iter().all(|failure| failure.why.starts_with("aws has no receipt for it")), "{report:?}");
    studio.use_remote(Arc::new(memory.clone())).await;
    studio.send(&memory).await;
    let report = studio.ingest().await;
    assert_eq!(numbers(&report), (4, 0, 4, 4, true), "{report:?}");
    assert!(report.sheet.unwrap().exists());
    // Another bucket behind the same name: receipts of old are not taken on trust.
    studio.use_remote(Arc::new(Memory::default())).await;
    let report = studio.ingest().await;
    assert!(!report.safe_to_format && report.stored == 0, "{report:?}");
    assert!(report.failed[0].why.starts_with("aws does not have any more"), "{report:?}");
}

#[tokio::test]
async fn what_a_check_found_damaged_proves_nothing() {
    let studio = Studio::new(3).await;
    assert!(studio.ingest().await.safe_to_format);
    let db = rusqlite::Connection::open(studio.dir.path().join("library/catalog.db")).unwrap();
    db.execute("INSERT INTO damage(store, version, found, why) SELECT store, min(version), 0, 'x' FROM receipts", [])
        .unwrap();
    let report = studio.ingest().await;
    assert_eq!(numbers(&report), (3, 0, 3, 2, false), "{report:?}");
}

#[tokio::test]
async fn a_cancel_is_no_answer_and_the_next_run_completes_it() {
    let studio = Studio::new(30).await;
    let cancel = Cancel::default();
    cancel.cancel();
    let error = studio.until(&cancel).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Cancelled);
    for turns in [0, 1, 2, 4, 8, 16, 32] {
        let cancel = Cancel::default();
        let stop = async {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            cancel.cancel();
        };
        let (report, ()) = futures::join!(studio.until(&cancel), stop);
        match report {
            Ok(report) => assert!(report.safe_to_format, "it had ended before: {report:?}"),
            Err(error) => assert_eq!(error.code, ErrorCode::Cancelled),
        }
    }
    let report = studio.ingest().await;
    assert_eq!((report.files, report.stored, report.safe_to_format), (30, 30, true), "{report:?}");
}

#[tokio::test]
async fn a_file_that_comes_while_the_card_is_read_is_not_passed_over() {
    let studio = Studio::new(2).await;
    let late = studio.dir.path().join("CARD/DCIM/late.PNG");
    // The camera writes on: the file is there when the card is listed for the second time.
    struct Late(PathBuf);
    impl FileSystem for Late {
        fn walk(&self, roots: &[PathBuf], each: &mut dyn FnMut(Walked) -> bool) {
            Disk.walk(roots, each);
        }
        fn stat(&self, path: &Path) -> io::Result<Stat> {
            Disk.stat(path)
        }
        fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
            Disk.open(path)
        }
        fn create_new(&self, path: &Path, from: &mut dyn Read) -> io::Result<Stat> {
            std::fs::write(&self.0, picture(99)).unwrap();
            Disk.create_new(path, from)
        }
        fn replace(&self, path: &Path, from: &mut dyn Read) -> io::Result<Stat> {
            Disk.replace(path, from)
        }
    }
    let dir = studio.dir.path().join("library two");
    let (_window, end, _commands) = channel(Arc::new(|| {}));
    let parts = Parts {
        files: Arc::new(Late(late)),
        heavy: Workers::Inline,
        quick: Workers::Inline,
        keyring: crate::account::Keyring::memory(),
        ..Parts::real()
    };
    let options = OpenOptions { library: Some(dir), mode: Mode::Write };
    let engine = open_with(&options, end, parts).await.unwrap();
    let order =
        IngestOrder { card: studio.dir.path().join("CARD"), to: studio.dir.path().join("to"), template: String::new() };
    let reporter = Reporter::new(&engine, OP, OpKind::Ingest);
    let report = engine.ingest(OP, order, &Cancel::default(), &reporter).await.unwrap();
    assert!(!report.safe_to_format && report.failed[0].why.contains("came or changed on the card"), "{report:?}");
}
