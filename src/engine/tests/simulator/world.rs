//! What outlives a process in a simulated life: the library's disk, the photographer's files, two stores, and time.

use super::*;
use crate::engine::stores::{OpenedStore, RemoteSlot};
use crate::testing::sim_store::SimStore;

/// The remote store's name in the catalogue.
pub(super) const REMOTE: &str = "s3-simulated/bucket/lightkeep";
/// Files longer than this go in parts of this many bytes.
const PART_BYTES: u64 = 120;

pub(super) struct SimWorld {
    dir: tempfile::TempDir,
    pub files: Arc<MemoryFiles>,
    pub vault: Arc<SimStore>,
    pub remote: Arc<SimStore>,
    pub now: Arc<AtomicI64>,
    random: Arc<AtomicU64>,
    /// How often catalogue work lets others go first; drawn anew for each.
    dice: Arc<std::sync::Mutex<Random>>,
}

/// A directory in memory where there is one: a life is mostly small files.
fn quick_dir() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let there = memory.is_dir().then(|| tempfile::tempdir_in(memory).ok()).flatten();
    there.unwrap_or_else(|| tempfile::tempdir().unwrap())
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

impl SimWorld {
    /// `template` is a directory with a library that nothing has happened to yet.
    pub fn new(seed: u64, template: Option<&Path>) -> Self {
        let mut seeds = Random(seed ^ 0x51_4D5E_ED00);
        let files = Arc::new(MemoryFiles::new());
        let (now, random) = (Arc::new(AtomicI64::new(1_700_000_000_000)), Arc::new(AtomicU64::new(1)));
        let mut store = |name, part_bytes| {
            let parts = crate::store::Parts { clock: clock(&now), random: bits(&random) };
            Arc::new(SimStore::new(name, parts, files.clone(), now.clone(), part_bytes, seeds.number()))
        };
        let (vault, remote) = (store("vault", None), store("s3", Some(PART_BYTES)));
        let dice = Arc::new(std::sync::Mutex::new(Random(seeds.number())));
        let dir = quick_dir();
        if let Some(template) = template {
            copy_all(template, dir.path());
        }
        Self { dir, files, vault, remote, now, random, dice }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn stores(&self) -> [&SimStore; 2] {
        [&self.vault, &self.remote]
    }

    pub async fn open(&self) -> Process {
        self.open_at("library").await
    }

    /// A process on a library of this name; all of them use the same stores.
    pub async fn open_at(&self, library: &str) -> Process {
        let (mut window, end, _commands) = channel(Arc::new(|| {}));
        let dice = self.dice.clone();
        let turns = move || {
            let mut dice = dice.lock().unwrap();
            if dice.below(3) == 0 { dice.below(3) as u32 } else { 0 }
        };
        let unhurried = Workers::Unhurried(Arc::new(turns));
        let parts = Parts {
            clock: clock(&self.now),
            random: bits(&self.random),
            files: self.files.clone(),
            heavy: unhurried.clone(),
            quick: unhurried,
            keyring: crate::account::Keyring::memory(),
        };
        let options = OpenOptions { library: Some(self.dir.path().join(library)), mode: Mode::Write };
        let drain = tokio::spawn(async move { while window.events.next().await.is_some() {} });
        let engine = open_with(&options, end, parts).await.unwrap();
        *engine.0.vault.write().unwrap() = Ok(self.vault.clone());
        let opened = OpenedStore { name: REMOTE.to_owned(), shown: "s3", store: self.remote.clone() };
        *engine.0.remote.lock().unwrap() = RemoteSlot::Open { place: "bucket/lightkeep".to_owned(), opened };
        let set = |writer: &mut crate::catalog::Writer| {
            writer.careless(true)?;
            writer.enable_store(REMOTE)?;
            writer.set_setting("remote", REMOTE)
        };
        engine.write(set).await.unwrap();
        Process { engine, drain }
    }

    /// Time goes by.
    pub fn wait_ms(&self, ms: u64) {
        self.now.fetch_add(ms as i64, Ordering::Relaxed);
    }

    pub fn now_ms(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Writes a picture; some are so long that they go in parts.
    pub fn put(&self, name: &str, number: u32) {
        self.files.put(Path::new(SHOOT).join(name), &content(number));
    }

    /// What a file holds now.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        use crate::files::FileSystem as _;
        let mut bytes = Vec::new();
        let mut file = self.files.open(&Path::new(SHOOT).join(name)).unwrap();
        std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        bytes
    }
}

/// A picture; every third one is long.
pub(super) fn content(number: u32) -> Vec<u8> {
    let mut bytes = picture(number);
    if number.is_multiple_of(3) {
        // What follows the end of a PNG is not looked at.
        let many = 120 + number as usize % 300;
        bytes.extend((0..many).map(|at| (at as u32).wrapping_mul(number) as u8));
    } else {
        assert!(bytes.len() as u64 <= PART_BYTES, "{} bytes", bytes.len());
    }
    bytes
}
