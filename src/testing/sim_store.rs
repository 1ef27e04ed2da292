//! A store under weather: the contract in memory, with a line to it that drops, delays, repeats and reorders, and with
//! long objects in parts. One seed decides everything that happens.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::library::Random;
use crate::domain::{ContentHash, ObjectKey, ObjectVersion, Receipt, VersionId};
use crate::files::{FileSystem, fingerprint_bytes};
use crate::store::{Body, Condition, Listed, Memory, ObjectStore, Parts, Put, StoreError};

mod long;

use long::Upload;

/// What the line and the store are like now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weather {
    /// Calls in a thousand that meet a fault of some kind.
    pub rough: u64,
    /// Until then (ms since 1970) the store is not there.
    pub away_until: i64,
    /// Until then credentials are no longer good: everything fails, in passing.
    pub expired_until: i64,
    /// Until then the store wants to be left alone.
    pub throttled_until: i64,
    /// Whether there is room for new objects.
    pub full: bool,
}

/// What has happened, to show that a life was not an idle one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Happened {
    /// Requests.
    pub calls: u64,
    /// Requests that came to nothing.
    pub dropped: u64,
    /// Puts that were done without the answer arriving.
    pub unanswered: u64,
    /// Puts that came twice.
    pub repeated: u64,
    /// Puts that arrived long after nobody waited for them any more.
    pub late: u64,
    /// Of those, the ones that were done: their condition was still met.
    pub late_done: u64,
    /// Bits flipped.
    pub flipped: u64,
    /// Refused for want of room, credentials, patience, or the store itself.
    pub refused: u64,
    /// Uploads in parts that were begun.
    pub begun: u64,
    /// Parts that did not have to be sent again.
    pub resumed_parts: u64,
}

impl std::ops::AddAssign for Happened {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.dropped += other.dropped;
        self.unanswered += other.unanswered;
        self.repeated += other.repeated;
        self.late += other.late;
        self.late_done += other.late_done;
        self.flipped += other.flipped;
        self.refused += other.refused;
        self.begun += other.begun;
        self.resumed_parts += other.resumed_parts;
    }
}

/// What meets one call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Dropped,
    Unanswered,
    Repeated,
    Late,
    Flipped,
}

/// Which calls there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Write,
    Read,
    Ask,
}

/// The store. What it holds outlives the processes that use it.
pub struct SimStore {
    name: &'static str,
    objects: Memory,
    files: Arc<dyn FileSystem>,
    now: Arc<AtomicI64>,
    /// Longer files go in parts of this many bytes.
    part_bytes: Option<u64>,
    state: Mutex<State>,
}

struct State {
    random: Random,
    weather: Weather,
    happened: Happened,
    uploads: BTreeMap<String, Upload>,
    /// Puts that are still on their way although nobody waits for them.
    late: Vec<Put>,
    /// Keys of which an answer did not arrive.
    unanswered: BTreeSet<String>,
}

impl SimStore {
    /// An empty store. `part_bytes` is how long files are cut, where the store knows parts.
    pub fn new(
        name: &'static str,
        parts: Parts,
        files: Arc<dyn FileSystem>,
        now: Arc<AtomicI64>,
        part_bytes: Option<u64>,
        seed: u64,
    ) -> Self {
        let state = State {
            random: Random(seed),
            weather: Weather::default(),
            happened: Happened::default(),
            uploads: BTreeMap::new(),
            late: Vec::new(),
            unanswered: BTreeSet::new(),
        };
        let objects = Memory::new(parts, files.clone());
        Self { name, objects, files, now, part_bytes, state: Mutex::new(state) }
    }

    /// What it really holds, without the weather.
    #[must_use]
    pub fn objects(&self) -> &Memory {
        &self.objects
    }

    /// Changes the weather.
    pub fn weather(&self, change: impl FnOnce(&mut Weather)) {
        change(&mut self.state().weather);
    }

    /// All that was still on its way arrives, and from now on nothing goes wrong.
    pub async fn calm(&self) {
        self.state().weather = Weather::default();
        while self.arrive().await {}
    }

    /// What has happened so far.
    #[must_use]
    pub fn happened(&self) -> Happened {
        self.state().happened
    }

    /// Whether the answer to a put below this prefix was ever lost.
    #[must_use]
    pub fn was_unanswered(&self, prefix: &str) -> bool {
        self.state().unanswered.iter().any(|key| key.starts_with(prefix))
    }

    /// Uploads in parts that somebody has written down and that are neither complete nor given up.
    #[must_use]
    pub fn open_uploads(&self) -> Vec<(ObjectKey, ContentHash)> {
        let state = self.state();
        state.uploads.values().filter(|it| it.noted).map(|it| (it.key.clone(), it.content)).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn below(&self, end: u64) -> u64 {
        self.state().random.below(end)
    }

    /// One late put arrives, wherever one is on its way.
    async fn arrive(&self) -> bool {
        let put = {
            let mut state = self.state();
            let many = state.late.len() as u64;
            let at = state.random.below(many) as usize;
            if many == 0 {
                return false;
            }
            state.late.swap_remove(at)
        };
        let before = self.objects.versions(&put.key).await.map_or(0, |all| all.len());
        let key = put.key.clone();
        let _ = self.objects.put(put).await;
        let after = self.objects.versions(&key).await.map_or(0, |all| all.len());
        let mut state = self.state();
        state.happened.late += 1;
        state.happened.late_done += u64::from(after > before);
        true
    }

    /// Lets others go first and time go by.
    async fn delay(&self) {
        let (turns, ms) = {
            let random = &mut self.state().random;
            let turns = if random.below(2) == 0 { 0 } else { random.below(6) };
            (turns, if random.below(50) == 0 { random.below(60_000) } else { random.below(50) })
        };
        self.now.fetch_add(ms as i64, Ordering::Relaxed);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    /// The way of a request to the store, and what it meets there.
    async fn before(&self, call: Call, key: &ObjectKey) -> Result<Option<Fault>, StoreError> {
        self.delay().await;
        if self.below(4) == 0 {
            self.arrive().await;
        }
        let now = self.now.load(Ordering::Relaxed);
        let mut state = self.state();
        state.happened.calls += 1;
        let weather = state.weather;
        let refused = if weather.away_until > now {
            Some(StoreError::Unavailable(format!("{} is not there", self.name)))
        } else if weather.expired_until > now {
            Some(failed(key, io::Error::new(io::ErrorKind::PermissionDenied, "ExpiredToken")))
        } else if weather.throttled_until > now {
            Some(failed(key, io::Error::new(io::ErrorKind::WouldBlock, "503 Slow Down")))
        } else if weather.full && call == Call::Write {
            Some(StoreError::Full { needed_bytes: 1, free_bytes: 0 })
        } else {
            None
        };
        if let Some(error) = refused {
            state.happened.refused += 1;
            return Err(error);
        }
        if state.random.below(1_000) >= weather.rough {
            return Ok(None);
        }
        let fault = match (call, state.random.below(6)) {
            (Call::Write, 0) => Fault::Unanswered,
            (Call::Write, 1) => Fault::Repeated,
            (Call::Write, 2) => Fault::Late,
            (Call::Write | Call::Read, 3) => Fault::Flipped,
            _ => Fault::Dropped,
        };
        if fault == Fault::Dropped {
            state.happened.dropped += 1;
            return Err(failed(key, io::ErrorKind::ConnectionReset.into()));
        }
        Ok(Some(fault))
    }

    /// The bytes of a put as they are when it is sent.
    fn loaded(&self, mut put: Put) -> Result<Put, StoreError> {
        if let Body::File(path) = &put.body {
            let unreadable = |source| StoreError::Source { path: path.display().to_string(), source };
            let mut bytes = Vec::new();
            self.files.open(path).map_err(unreadable)?.read_to_end(&mut bytes).map_err(unreadable)?;
            if fingerprint_bytes(&bytes) != put.expected {
                return Err(StoreError::SourceChanged { path: path.display().to_string() });
            }
            put.body = Body::Bytes(bytes.into());
        }
        Ok(put)
    }

    /// One put as the store gets it, perhaps twice, perhaps later, perhaps without an answer.
    async fn deliver(&self, put: Put, fault: Option<Fault>) -> Result<Receipt, StoreError> {
        let key = put.key.clone();
        // A store can only hold back what it was given a condition for.
        let conditional = matches!(put.condition, Condition::IfAbsent | Condition::IfCurrent { .. });
        match fault {
            Some(Fault::Flipped) => {
                self.state().happened.flipped += 1;
                return Err(StoreError::Damaged { key });
            }
            Some(Fault::Late) if conditional => {
                let mut state = self.state();
                state.unanswered.insert(key.0.clone());
                // Whoever sent it may be dead by then.
                state.late.push(Put { parts: None, ..put });
                return Err(failed(&key, io::ErrorKind::TimedOut.into()));
            }
            Some(Fault::Repeated) if conditional => {
                self.state().happened.repeated += 1;
                if let Ok(first) = self.objects.put(put.clone()).await {
                    let second = self.objects.put(put).await;
                    let held = match &second {
                        Ok(second) => second.version == first.version,
                        Err(StoreError::Conflict { current, .. }) => {
                            current.as_ref().is_some_and(|current| current.version == first.version)
                        }
                        Err(_) => false,
                    };
                    assert!(held, "a repeated put was done twice: {key}");
                    self.delay().await;
                    return second;
                }
            }
            _ => {}
        }
        let answer = self.objects.put(put).await;
        self.delay().await;
        if matches!(fault, Some(Fault::Unanswered | Fault::Late)) && answer.is_ok() {
            let mut state = self.state();
            state.happened.unanswered += 1;
            state.unanswered.insert(key.0.clone());
            return Err(failed(&key, io::ErrorKind::TimedOut.into()));
        }
        answer
    }
}

fn failed(key: &ObjectKey, source: io::Error) -> StoreError {
    StoreError::Io { what: format!("asking the store: {key}"), source }
}

#[async_trait]
impl ObjectStore for SimStore {
    fn name(&self) -> &str {
        self.name
    }

    async fn put(&self, put: Put) -> Result<Receipt, StoreError> {
        let put = self.loaded(put)?;
        match self.part_bytes {
            Some(part_bytes) if put.parts.is_some() && put.expected.size > part_bytes => {
                self.put_long(put, part_bytes).await
            }
            _ => {
                let fault = self.before(Call::Write, &put.key).await?;
                self.deliver(put, fault).await
            }
        }
    }

    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError> {
        self.before(Call::Ask, key).await?;
        self.objects.head(key, version).await
    }

    async fn read(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Box<dyn Read + Send>, StoreError> {
        let fault = self.before(Call::Read, key).await?;
        let mut whole = self.objects.read(key, version).await?;
        if fault != Some(Fault::Flipped) {
            return Ok(whole);
        }
        let mut bytes = Vec::new();
        whole.read_to_end(&mut bytes).map_err(|error| failed(key, error))?;
        let mut state = self.state();
        state.happened.flipped += 1;
        let bit = state.random.below(bytes.len() as u64 * 8) as usize;
        if let Some(byte) = bytes.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        Ok(Box::new(io::Cursor::new(bytes)))
    }

    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ObjectVersion>, StoreError> {
        self.before(Call::Ask, key).await?;
        self.objects.versions(key).await
    }

    async fn list(
        &self,
        prefix: &str,
        versions: bool,
        each: &mut (dyn FnMut(Listed) -> bool + Send),
    ) -> Result<(), StoreError> {
        self.before(Call::Ask, &ObjectKey(prefix.to_owned())).await?;
        self.objects.list(prefix, versions, each).await
    }

    async fn restore(&self, key: &ObjectKey, version: &VersionId) -> Result<Receipt, StoreError> {
        let fault = self.before(Call::Write, key).await?;
        let done = self.objects.restore(key, version).await?;
        match fault {
            Some(Fault::Unanswered) => Err(failed(key, io::ErrorKind::TimedOut.into())),
            _ => Ok(done),
        }
    }

    async fn free_bytes(&self) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    async fn delete(&self, key: &ObjectKey) -> Result<Option<VersionId>, StoreError> {
        let fault = self.before(Call::Write, key).await?;
        let done = self.objects.delete(key).await?;
        match fault {
            Some(Fault::Unanswered) => Err(failed(key, io::ErrorKind::TimedOut.into())),
            _ => Ok(done),
        }
    }

    fn width(&self) -> usize {
        1 + self.below(32) as usize
    }
}
