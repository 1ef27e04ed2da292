//! A store that goes wrong on purpose: named faults around any [`ObjectStore`].

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::domain::{ObjectKey, ObjectVersion, Receipt, VersionId};
use crate::store::{Link, Listed, ObjectStore, Put, StoreError};

/// What goes wrong. Each but [`Fault::Crash`] happens once, to the first call that it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call fails and nothing has happened.
    FailOnce,
    /// A read gives the right number of bytes, one bit of them wrong; of a put the store says `Damaged`.
    FlipBit,
    /// A read ends half-way without an error; of a put the store says `Damaged`.
    Truncate,
    /// The call lets other tasks go first, this many times, and then does what it should.
    Slow(u32),
    /// The store asks to be left alone for a while.
    Throttle503,
    /// A put or restore is done, but its answer never arrives.
    LostResponse,
    /// A put finds no room.
    DiskFull,
    /// After this many more calls the store is dead: everything fails until [`Faulty::revive`].
    Crash(u32),
}

/// Which calls there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Write,
    Read,
    Ask,
}

/// The decorator.
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    faults: VecDeque<Fault>,
    calls: u64,
    dead: bool,
}

impl Faulty {
    /// A store that behaves, until told otherwise.
    #[must_use]
    pub fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner, state: Mutex::default() }
    }

    /// Adds faults; the first that fits a call happens to it.
    pub fn inject(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// Brings the store back after [`Fault::Crash`].
    pub fn revive(&self) {
        self.state().dead = false;
    }

    /// Calls so far, those that failed too.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Faults that have not happened yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.state().faults.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the fault of this call, and has those happen that are the same for every call.
    async fn meet(&self, call: Call, key: &ObjectKey) -> Result<Option<Fault>, StoreError> {
        let fault = {
            let mut state = self.state();
            state.calls += 1;
            for fault in &mut state.faults {
                if let Fault::Crash(left) = fault {
                    *left = left.saturating_sub(1);
                }
            }
            let fits = |fault: &Fault| match fault {
                Fault::FailOnce | Fault::Slow(_) | Fault::Throttle503 | Fault::Crash(0) => true,
                Fault::FlipBit | Fault::Truncate => call != Call::Ask,
                Fault::LostResponse | Fault::DiskFull => call == Call::Write,
                Fault::Crash(_) => false,
            };
            let at = state.faults.iter().position(fits);
            let fault = at.and_then(|at| state.faults.remove(at));
            state.dead |= matches!(fault, Some(Fault::Crash(_)));
            if state.dead {
                return Err(failed(key, io::ErrorKind::ConnectionAborted.into()));
            }
            fault
        };
        match fault {
            Some(Fault::FailOnce) => Err(failed(key, io::Error::other("failed once"))),
            Some(Fault::Throttle503) => Err(failed(key, io::Error::new(io::ErrorKind::WouldBlock, "503 Slow Down"))),
            Some(Fault::DiskFull) => Err(StoreError::Full { needed_bytes: 1, free_bytes: 0 }),
            Some(Fault::FlipBit | Fault::Truncate) if call == Call::Write => {
                Err(StoreError::Damaged { key: key.clone() })
            }
            Some(Fault::Slow(turns)) => {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                Ok(None)
            }
            other => Ok(other),
        }
    }
}

fn failed(key: &ObjectKey, source: io::Error) -> StoreError {
    StoreError::Io { what: format!("asking the store: {key}"), source }
}

fn lost<T>(done: T, fault: Option<Fault>, key: &ObjectKey) -> Result<T, StoreError> {
    match fault {
        Some(Fault::LostResponse) => Err(failed(key, io::ErrorKind::TimedOut.into())),
        _ => Ok(done),
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn put(&self, put: Put) -> Result<Receipt, StoreError> {
        let key = put.key.clone();
        let fault = self.meet(Call::Write, &key).await?;
        lost(self.inner.put(put).await?, fault, &key)
    }

    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError> {
        self.meet(Call::Ask, key).await?;
        self.inner.head(key, version).await
    }

    async fn read(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Box<dyn Read + Send>, StoreError> {
        let fault = self.meet(Call::Read, key).await?;
        let mut bytes = Vec::new();
        let mut whole = self.inner.read(key, version).await?;
        match fault {
            Some(Fault::FlipBit | Fault::Truncate) => {
                whole.read_to_end(&mut bytes).map_err(|error| failed(key, error))?;
            }
            _ => return Ok(whole),
        }
        let middle = bytes.len() / 2;
        match (fault, bytes.get_mut(middle)) {
            (Some(Fault::FlipBit), Some(byte)) => *byte ^= 1,
            _ => bytes.truncate(middle),
        }
        Ok(Box::new(io::Cursor::new(bytes)))
    }

    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ObjectVersion>, StoreError> {
        self.meet(Call::Ask, key).await?;
        self.inner.versions(key).await
    }

    async fn list(
        &self,
        prefix: &str,
        versions: bool,
        each: &mut (dyn FnMut(Listed) -> bool + Send),
    ) -> Result<(), StoreError> {
        self.meet(Call::Ask, &ObjectKey(prefix.to_owned())).await?;
        self.inner.list(prefix, versions, each).await
    }

    async fn restore(&self, key: &ObjectKey, version: &VersionId) -> Result<Receipt, StoreError> {
        let fault = self.meet(Call::Write, key).await?;
        lost(self.inner.restore(key, version).await?, fault, key)
    }

    async fn free_bytes(&self) -> Result<Option<u64>, StoreError> {
        self.inner.free_bytes().await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<Option<VersionId>, StoreError> {
        let fault = self.meet(Call::Write, key).await?;
        lost(self.inner.delete(key).await?, fault, key)
    }

    async fn link(&self, key: &ObjectKey, lasts_s: u64) -> Result<Link, StoreError> {
        self.meet(Call::Ask, key).await?;
        self.inner.link(key, lasts_s).await
    }

    async fn longest_link_s(&self) -> Result<Option<u64>, StoreError> {
        self.inner.longest_link_s().await
    }

    fn width(&self) -> usize {
        self.inner.width()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Condition, Memory};
    use crate::testing::conformance::{Fresh, bytes_of, key, put_bytes};

    crate::store_conformance!(Fresh::new(|_| Faulty::new(Arc::new(Memory::default()))));

    #[tokio::test]
    async fn each_fault_does_what_its_name_says() {
        let store = Faulty::new(Arc::new(Memory::default()));
        let put = |bytes: &[u8]| store.put(put_bytes("a", bytes, Condition::Always));
        store.inject([Fault::FailOnce, Fault::Throttle503, Fault::DiskFull, Fault::LostResponse, Fault::Slow(3)]);
        assert!(matches!(put(b"1234").await, Err(StoreError::Io { .. })));
        assert!(matches!(put(b"1234").await, Err(StoreError::Io { .. })));
        assert!(matches!(put(b"1234").await, Err(StoreError::Full { .. })));
        assert!(matches!(put(b"1234").await, Err(StoreError::Io { .. })));
        let there = store.head(&key("a"), None).await.unwrap().expect("only the answer was lost");
        assert_eq!(put(b"1234").await.unwrap(), there);

        store.inject([Fault::FlipBit, Fault::Truncate]);
        assert_eq!(bytes_of(&store, "a", None).await, b"1224");
        assert_eq!(bytes_of(&store, "a", None).await, b"12");
        assert_eq!(bytes_of(&store, "a", None).await, b"1234");
        assert_eq!(store.waiting(), 0);

        store.inject([Fault::Crash(2)]);
        put(b"5").await.unwrap();
        for _ in 0..3 {
            assert!(put(b"6").await.is_err());
        }
        store.revive();
        assert_eq!(bytes_of(&store, "a", None).await, b"5");
    }
}
