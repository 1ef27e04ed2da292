//! The keyring: where secrets are kept between two starts, asked off every other thread and never for longer than a
//! limit.
//!
//! Keyrings are other programs. They open password windows, hang and die, and none of this may be felt by anybody but
//! the one who asked. So each [`Keyring`] has one plain thread, which is started by the first call and does one thing
//! after the other:
//! - However long a keyring hangs, it is one thread that hangs with it.
//! - A call that waited in vain for its turn is taken back: it is never done later.
//! - A call that has begun cannot be taken back. What a late reading brings is dropped and overwritten; **a late writing
//!   may still land**, after its caller heard [`KeyringProblem::Slow`]. Since the order is kept, it can never undo a
//!   newer one of this program, and a later `get` sees it. Writings of other programs are ordered by
//!   [`RefreshLock`](super::RefreshLock).
//!
//! Only [`Keyring::unlock`] ever asks a person to unlock something, and it has a thread of its own, because it waits for
//! that person.

mod memory;
#[cfg(any(target_os = "macos", windows))]
mod native;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::domain::Secret;
use crate::domain::account::KeyringProblem;

pub use memory::Memory;

/// The longest wait for a keyring.
pub const LIMIT: Duration = Duration::from_secs(3);

/// The longest wait for a person who was asked to unlock it.
pub const UNLOCK_LIMIT: Duration = Duration::from_secs(120);

/// The name that every entry carries in the system's keyring.
pub const SERVICE: &str = "app.lightkeep.Lightkeep";

/// Most calls that stand in line; others wait for a place, within the same limit.
const MOST_WAITING: usize = 8;

/// Most threads that wait for a person.
const MOST_UNLOCKING: usize = 2;

/// Where secrets are kept. Blocking, for as long as it likes: [`Keyring`] sets the limits. Its problems never hold a
/// secret.
pub trait SecretStore: Send + Sync + 'static {
    /// The secret of an entry; `None` where it is certain that there is none.
    ///
    /// # Errors
    /// [`KeyringProblem`]; [`KeyringProblem::Locked`] also where a locked keyring cannot say whether there is one.
    fn get(&self, entry: &str) -> Result<Option<Secret>, KeyringProblem>;

    /// Keeps a secret in place of the entry's last one. It is durable once this returns.
    ///
    /// # Errors
    /// [`KeyringProblem`].
    fn set(&self, entry: &str, secret: &Secret) -> Result<(), KeyringProblem>;

    /// Forgets an entry; good also where there is none.
    ///
    /// # Errors
    /// [`KeyringProblem`].
    fn remove(&self, entry: &str) -> Result<(), KeyringProblem>;

    /// Asks the person to unlock it, where it is locked, and stops asking after the limit where it can.
    ///
    /// # Errors
    /// [`KeyringProblem::Locked`] where they did not, or any other.
    fn unlock(&self, limit: Duration) -> Result<(), KeyringProblem>;
}

/// A keyring behind one thread and a time limit. Clones share the thread.
#[derive(Clone)]
pub struct Keyring {
    shared: Arc<Shared>,
}

type Job = Box<dyn FnOnce(&dyn SecretStore) + Send>;

struct Shared {
    store: Arc<dyn SecretStore>,
    limit: Duration,
    unlock_limit: Duration,
    /// The way to the thread, once there is one.
    line: Mutex<Option<mpsc::Sender<Job>>>,
    unlocking: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

impl Keyring {
    /// That of the operating system: Secret Service, Keychain or Credential Manager. Nothing is asked before the first
    /// call.
    #[must_use]
    pub fn system() -> Self {
        Self::system_with_limits(LIMIT, UNLOCK_LIMIT)
    }

    /// The same with other limits: for a call, and for a person who is asked to unlock it.
    #[must_use]
    pub fn system_with_limits(limit: Duration, unlock_limit: Duration) -> Self {
        #[cfg(all(unix, not(target_os = "macos")))]
        let store = secret_service::SecretService;
        #[cfg(any(target_os = "macos", windows))]
        let store = native::Native;
        Self::with_limits(store, limit, unlock_limit)
    }

    /// One in memory, for this session only.
    #[must_use]
    pub fn memory() -> Self {
        Self::new(Memory::default())
    }

    /// Over any store, with the usual limits.
    #[must_use]
    pub fn new(store: impl SecretStore) -> Self {
        Self::with_limits(store, LIMIT, UNLOCK_LIMIT)
    }

    /// Over any store, with other limits.
    #[must_use]
    pub fn with_limits(store: impl SecretStore, limit: Duration, unlock_limit: Duration) -> Self {
        let (store, unlocking) = (Arc::new(store), Arc::default());
        Self { shared: Arc::new(Shared { store, limit, unlock_limit, line: Mutex::default(), unlocking }) }
    }

    /// The secret of an entry; `None` where it is certain that there is none.
    ///
    /// # Errors
    /// [`KeyringProblem`]; a locked keyring is never `Ok(None)`.
    pub async fn get(&self, entry: &str) -> Result<Option<Secret>, KeyringProblem> {
        let entry = entry.to_owned();
        self.ask(move |store| store.get(&entry)).await
    }

    /// Keeps a secret in place of the entry's last one. Once this is good, it is in the keyring.
    ///
    /// # Errors
    /// [`KeyringProblem`]. After [`KeyringProblem::Slow`] it may still come to be kept, but never after a newer one.
    pub async fn set(&self, entry: &str, secret: &Secret) -> Result<(), KeyringProblem> {
        let (entry, secret) = (entry.to_owned(), secret.clone());
        self.ask(move |store| store.set(&entry, &secret)).await
    }

    /// Forgets an entry; good also where there is none.
    ///
    /// # Errors
    /// [`KeyringProblem`]. After [`KeyringProblem::Slow`] it may still be forgotten.
    pub async fn remove(&self, entry: &str) -> Result<(), KeyringProblem> {
        let entry = entry.to_owned();
        self.ask(move |store| store.remove(&entry)).await
    }

    /// Asks the person to unlock the keyring. Only for somebody who just clicked on it: it may open a window.
    ///
    /// # Errors
    /// [`KeyringProblem::Locked`] where they did not, [`KeyringProblem::Slow`] where they took longer than
    /// [`UNLOCK_LIMIT`], or where two such calls wait for them already. The window may then still be there, and what
    /// they do in it counts.
    pub async fn unlock(&self) -> Result<(), KeyringProblem> {
        let one_more = |now: usize| (now < MOST_UNLOCKING).then_some(now + 1);
        let unlocking = &self.shared.unlocking;
        if unlocking.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_err() {
            return Err(KeyringProblem::Slow);
        }
        let place = Place(unlocking.clone());
        let (store, limit) = (self.shared.store.clone(), self.shared.unlock_limit);
        let (answer, wait) = oneshot::channel();
        let work = move || {
            let _place = place;
            let _ = answer.send(store.unlock(limit));
        };
        std::thread::Builder::new().name("keyring-unlock".into()).spawn(work).map_err(|error| no_thread(&error))?;
        let asked = async move { wait.await.map_err(|_| broken_off())? };
        tokio::time::timeout(limit, asked).await.unwrap_or(Err(KeyringProblem::Slow))
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn SecretStore) -> Result<T, KeyringProblem> + Send + 'static,
    ) -> Result<T, KeyringProblem> {
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // Nobody waits any more: what they were told stays true.
            if !answer.is_closed() {
                let _ = answer.send(work(store));
            }
        });
        let line = self.line()?;
        let asked = async move {
            line.send(job).await.map_err(|_| broken_off())?;
            wait.await.map_err(|_| broken_off())?
        };
        tokio::time::timeout(self.shared.limit, asked).await.unwrap_or(Err(KeyringProblem::Slow))
    }

    /// The way to the thread, which is started where there is none, or a panic of the store ended it.
    fn line(&self) -> Result<mpsc::Sender<Job>, KeyringProblem> {
        let mut line = self.shared.line.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = line.as_ref().filter(|there| !there.is_closed()) {
            return Ok(there.clone());
        }
        let (sender, jobs) = mpsc::channel(MOST_WAITING);
        let store = self.shared.store.clone();
        let work = move || work_off(jobs, &*store);
        std::thread::Builder::new().name("keyring".into()).spawn(work).map_err(|error| no_thread(&error))?;
        *line = Some(sender.clone());
        Ok(sender)
    }
}

/// Does one job after the other until no `Keyring` is left that could bring one.
fn work_off(mut jobs: mpsc::Receiver<Job>, store: &dyn SecretStore) {
    while let Some(job) = jobs.blocking_recv() {
        job(store);
    }
}

fn broken_off() -> KeyringProblem {
    KeyringProblem::Failed("it broke off".to_owned())
}

fn no_thread(error: &std::io::Error) -> KeyringProblem {
    KeyringProblem::Failed(format!("no thread for it: {}", error.kind()))
}

/// One of the few places for threads that wait for a person.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A secret from the bytes that a keyring kept.
fn from_bytes(bytes: Vec<u8>) -> Result<Secret, KeyringProblem> {
    String::from_utf8(bytes).map(Secret::new).map_err(|error| {
        zeroize::Zeroize::zeroize(&mut error.into_bytes());
        KeyringProblem::Failed("what it kept is not ours".to_owned())
    })
}
