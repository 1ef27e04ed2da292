//! Secrets for this session only: in memory, overwritten when they go.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::SecretStore;
use crate::domain::Secret;
use crate::domain::account::KeyringProblem;

/// Keeps secrets until the program ends. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<BTreeMap<String, Secret>>>);

impl Memory {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for Memory {
    fn get(&self, entry: &str) -> Result<Option<Secret>, KeyringProblem> {
        Ok(self.entries().get(entry).cloned())
    }

    fn set(&self, entry: &str, secret: &Secret) -> Result<(), KeyringProblem> {
        self.entries().insert(entry.to_owned(), secret.clone());
        Ok(())
    }

    fn remove(&self, entry: &str) -> Result<(), KeyringProblem> {
        self.entries().remove(entry);
        Ok(())
    }

    fn unlock(&self, _: Duration) -> Result<(), KeyringProblem> {
        Ok(())
    }
}
