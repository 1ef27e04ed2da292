//! A store as S3 is one: its listing has no checksums, and what is archived cannot be read.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;

use crate::domain::{Crc64, ObjectKey, ObjectVersion, Receipt, VersionId};
use crate::store::{Listed, Memory, ObjectStore, Put, StoreError};

pub struct Bare {
    inner: Memory,
    heads: AtomicU64,
    lies: Mutex<HashSet<String>>,
    vanished: AtomicBool,
}

impl Bare {
    pub fn new(inner: Memory) -> Self {
        Self { inner, heads: AtomicU64::new(0), lies: Mutex::default(), vanished: AtomicBool::new(false) }
    }

    /// How often it was asked for one object.
    pub fn heads(&self) -> u64 {
        self.heads.load(Ordering::SeqCst)
    }

    /// From now on it says other checksums of this object than it has.
    pub fn lie_about(&self, key: &str) {
        self.lies.lock().unwrap().insert(key.to_owned());
    }

    /// From now on it has nothing to read.
    pub fn vanish(&self) {
        self.vanished.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl ObjectStore for Bare {
    fn name(&self) -> &str {
        "bare"
    }

    async fn put(&self, put: Put) -> Result<Receipt, StoreError> {
        self.inner.put(put).await
    }

    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError> {
        self.heads.fetch_add(1, Ordering::SeqCst);
        let mut found = self.inner.head(key, version).await?;
        if self.lies.lock().unwrap().contains(&key.0)
            && let Some(found) = &mut found
        {
            found.fingerprint.crc64nvme = Crc64(!found.fingerprint.crc64nvme.0);
        }
        Ok(found)
    }

    async fn read(
        &self,
        key: &ObjectKey,
        version: Option<&VersionId>,
    ) -> Result<Box<dyn std::io::Read + Send>, StoreError> {
        if self.vanished.load(Ordering::SeqCst) {
            return Err(StoreError::NotFound { key: key.clone() });
        }
        match self.inner.head(key, version).await? {
            Some(found) if found.class.is_archive() => {
                Err(StoreError::Archived { class: found.class, key: key.clone() })
            }
            _ => self.inner.read(key, version).await,
        }
    }

    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ObjectVersion>, StoreError> {
        self.inner.versions(key).await
    }

    async fn list(
        &self,
        prefix: &str,
        versions: bool,
        each: &mut (dyn FnMut(Listed) -> bool + Send),
    ) -> Result<(), StoreError> {
        self.inner.list(prefix, versions, &mut |listed| each(Listed { recorded: None, ..listed })).await
    }

    async fn restore(&self, key: &ObjectKey, version: &VersionId) -> Result<Receipt, StoreError> {
        self.inner.restore(key, version).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    async fn delete(&self, key: &ObjectKey) -> Result<Option<VersionId>, StoreError> {
        self.inner.delete(key).await
    }
}
