//! Whole operations against files and a store in memory, with named faults: what converges after them, and that
//! "stored" is never said before the store has proved it.

mod answers;
mod faults;
mod ingest;
mod keep;
mod narrow;
mod operations;
mod people;
mod printing;
mod share;
mod sidecars;
mod simulator;
mod tagging;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use super::*;
use crate::domain::query::Query;
use crate::domain::{ContentHash, ObjectKey, PhotoDetail, Seat, StoredState, Timestamp};
use crate::protocol::{ImportReport, OpId, OpKind, StoreReport, UserError, channel};
use crate::store::{Memory, ObjectStore};
use crate::testing::files::MemoryFiles;
use crate::testing::store::Faulty;

const OP: OpId = OpId(1);
/// The folder that is imported; it is in memory alone.
const SHOOT: &str = "/shoot";

/// What outlives a crash: the library's disk, the photographer's files, the store, and time.
struct World {
    dir: tempfile::TempDir,
    files: Arc<MemoryFiles>,
    memory: Memory,
    faulty: Arc<Faulty>,
    now: Arc<AtomicI64>,
    random: Arc<AtomicU64>,
}

/// One process on that world. Dropping it is what a crash is: nothing is said to anybody.
struct Process {
    engine: Engine,
    drain: tokio::task::JoinHandle<()>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.drain.abort();
    }
}

impl World {
    fn new() -> Self {
        let files = Arc::new(MemoryFiles::new());
        let (now, random) = (Arc::new(AtomicI64::new(1_700_000_000_000)), Arc::new(AtomicU64::new(1)));
        let parts = crate::store::Parts { clock: clock(&now), random: bits(&random) };
        let memory = Memory::new(parts, files.clone());
        let faulty = Arc::new(Faulty::new(Arc::new(memory.clone())));
        Self { dir: tempfile::tempdir().unwrap(), files, memory, faulty, now, random }
    }

    fn library(&self) -> PathBuf {
        self.dir.path().join("library")
    }

    async fn open(&self) -> Process {
        self.open_as(Mode::Write).await.unwrap()
    }

    async fn open_as(&self, mode: Mode) -> Result<Process, UserError> {
        let (mut window, end, _commands) = channel(Arc::new(|| {}));
        let parts = Parts {
            clock: clock(&self.now),
            random: bits(&self.random),
            files: self.files.clone(),
            heavy: Workers::Inline,
            quick: Workers::Inline,
            keyring: crate::account::Keyring::memory(),
        };
        let options = OpenOptions { library: Some(self.library()), mode };
        let drain = tokio::spawn(async move { while window.events.next().await.is_some() {} });
        let engine = open_with(&options, end, parts).await?;
        *engine.0.vault.write().unwrap_or_else(PoisonError::into_inner) = Ok(self.faulty.clone());
        Ok(Process { engine, drain })
    }

    /// Another store in memory, with the same clock and chance.
    fn memory_beside(&self) -> Memory {
        let parts = crate::store::Parts { clock: clock(&self.now), random: bits(&self.random) };
        Memory::new(parts, self.files.clone())
    }

    /// Writes a picture; another number is another picture.
    fn put(&self, name: &str, number: u32) -> PathBuf {
        let path = Path::new(SHOOT).join(name);
        self.files.put(&path, &picture(number));
        path
    }

    /// All versions in the store below a prefix: key and content.
    async fn objects(&self, prefix: &str) -> Vec<(String, ContentHash)> {
        let mut found = Vec::new();
        let mut each = |listed: crate::store::Listed| {
            found.push((listed.key.0, listed.recorded.unwrap().blake3));
            true
        };
        self.memory.list(prefix, true, &mut each).await.unwrap();
        found
    }
}

impl Process {
    async fn import(&self) -> Result<ImportReport, UserError> {
        self.import_until(&Cancel::default()).await
    }

    async fn import_until(&self, cancel: &Cancel) -> Result<ImportReport, UserError> {
        let reporter = Reporter::new(&self.engine, OP, OpKind::Import);
        self.engine.import(OP, vec![SHOOT.into()], cancel, &reporter).await
    }

    async fn store(&self) -> Result<StoreReport, UserError> {
        let reporter = Reporter::new(&self.engine, OP, OpKind::Store);
        self.engine.store(OP, &Cancel::default(), &reporter).await
    }

    async fn seats(&self) -> Vec<Seat> {
        self.engine.seats("").await.unwrap().to_vec()
    }

    async fn photos(&self) -> Vec<PhotoDetail> {
        let mut all = Vec::new();
        for seat in self.seats().await {
            all.extend(self.engine.read(move |reader| reader.photo(seat)).await.unwrap());
        }
        all
    }

    async fn photo(&self, path: &Path) -> PhotoDetail {
        self.engine.show(path).await.unwrap().detail
    }

    /// How many photos wait.
    async fn waiting(&self) -> usize {
        let query = Query::parse("stored:no").unwrap();
        let stop = crate::catalog::Stop::new();
        let (total, _) = self.engine.read(move |reader| reader.page_by_path(&query, 0, &stop)).await.unwrap();
        usize::try_from(total).unwrap()
    }
}

/// The promise of all: every receipt is met by an object with these very bytes, whatever happened; and a photo that is
/// called stored has one for its current content.
async fn assert_honest(world: &World, process: &Process) {
    for photo in process.photos().await {
        for version in &photo.versions {
            for proof in &version.receipts {
                let receipt = &proof.receipt;
                let there = world.memory.head(&receipt.key, Some(&receipt.version)).await.unwrap();
                let there = there.unwrap_or_else(|| panic!("a receipt for nothing: {}", receipt.key));
                assert_eq!(there.fingerprint, receipt.fingerprint);
                assert_eq!(receipt.fingerprint.blake3, version.blake3);
            }
        }
        let current = photo.versions.iter().find(|version| version.current).unwrap();
        if photo.card.stored == StoredState::Stored {
            assert!(!current.receipts.is_empty(), "stored without a receipt: {}", photo.card.name);
        }
    }
}

/// All is stored, nothing twice in a row, nothing that no receipt names, and every receipt stands in a manifest.
async fn assert_settled(world: &World, process: &Process) {
    assert_honest(world, process).await;
    assert_eq!(process.waiting().await, 0);
    let mut proved: Vec<(String, ContentHash)> = Vec::new();
    for photo in process.photos().await {
        for version in photo.versions {
            proved.extend(version.receipts.into_iter().map(|one| (one.receipt.key.0, one.receipt.fingerprint.blake3)));
        }
    }
    let mut stored = world.objects("photos/").await;
    for key in stored.iter().map(|(key, _)| key.clone()).collect::<std::collections::BTreeSet<_>>() {
        let versions = world.memory.versions(&ObjectKey(key.clone())).await.unwrap();
        let doubled = versions.windows(2).any(|two| two[0].fingerprint == two[1].fingerprint);
        assert!(!doubled, "a version of unchanged bytes: {key}");
    }
    stored.sort();
    proved.sort();
    assert_eq!(stored, proved, "the store has exactly what receipts name");
    let mut told = std::collections::BTreeSet::new();
    for (key, _) in world.objects("batches/").await {
        let mut text = String::new();
        let mut bytes = world.memory.read(&ObjectKey(key), None).await.unwrap();
        std::io::Read::read_to_string(&mut bytes, &mut text).unwrap();
        for entry in crate::domain::batch::read_manifest(&text) {
            if let crate::domain::batch::ManifestEntry::Item(line) = entry.unwrap() {
                told.insert((line.key.0, line.blake3));
            }
        }
    }
    let proved: std::collections::BTreeSet<_> = proved.into_iter().collect();
    assert_eq!(told, proved, "manifests tell of every receipt and of nothing else");
}

fn clock(now: &Arc<AtomicI64>) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let now = now.clone();
    Arc::new(move || Timestamp(now.fetch_add(1, Ordering::Relaxed)))
}

fn bits(random: &Arc<AtomicU64>) -> Arc<dyn Fn() -> u128 + Send + Sync> {
    let random = random.clone();
    Arc::new(move || u128::from(random.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)))
}

/// A small picture without metadata; another number is another one.
fn picture(number: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_fn(4, 3, |x, y| {
        let mixed = number.wrapping_mul(2_654_435_761).wrapping_add(x * 7 + y * 31);
        image::Rgb([number as u8, (number >> 8) as u8, mixed as u8])
    });
    pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
