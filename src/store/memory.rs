//! The store contract in memory, for tests and the simulator.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Cursor;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Body, Condition, Listed, ObjectStore, Parts, Put, StoreError, Ulids, decide, etag};
use crate::domain::keys::check_key;
use crate::domain::{ObjectKey, ObjectVersion, Receipt, VersionId};
use crate::files::{Disk, FileSystem, fingerprint_bytes};

/// A versioned store that lives as long as the process. Clones share their objects.
#[derive(Clone)]
pub struct Memory {
    parts: Parts,
    files: Arc<dyn FileSystem>,
    ulids: Arc<Ulids>,
    objects: Arc<Mutex<Objects>>,
}

type Objects = BTreeMap<ObjectKey, Vec<Stored>>;

#[derive(Clone)]
struct Stored {
    version: ObjectVersion,
    bytes: Arc<[u8]>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("keys", &self.objects().len()).finish_non_exhaustive()
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(Parts::real(), Arc::new(Disk))
    }
}

impl Memory {
    /// An empty store; [`Body::File`] is read from `files`.
    #[must_use]
    pub fn new(parts: Parts, files: Arc<dyn FileSystem>) -> Self {
        Self { parts, files, ulids: Arc::default(), objects: Arc::default() }
    }

    fn objects(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bytes_of(&self, put: &Put) -> Result<Arc<[u8]>, StoreError> {
        match &put.body {
            Body::Bytes(bytes) => Ok(Arc::clone(bytes)),
            Body::File(path) => {
                let unreadable = |source| StoreError::Source { path: path.display().to_string(), source };
                let mut bytes = Vec::new();
                let file = self.files.open(path).map_err(unreadable)?;
                let mut file = std::io::Read::take(file, put.expected.size.saturating_add(1));
                std::io::Read::read_to_end(&mut file, &mut bytes).map_err(unreadable)?;
                Ok(bytes.into())
            }
        }
    }

    fn get(&self, key: &ObjectKey, version: Option<&VersionId>) -> Option<Stored> {
        let objects = self.objects();
        let versions = objects.get(key)?;
        match version {
            None => versions.last().filter(|stored| stored.version.current).cloned(),
            Some(version) => versions.iter().find(|stored| stored.version.version == *version).cloned(),
        }
    }
}

fn checked(key: &ObjectKey) -> Result<(), StoreError> {
    check_key(key).map_err(|bad| StoreError::Unavailable(bad.to_string()))
}

#[async_trait]
impl ObjectStore for Memory {
    fn name(&self) -> &str {
        "memory"
    }

    async fn put(&self, put: Put) -> Result<Receipt, StoreError> {
        checked(&put.key)?;
        let now = |objects: &Objects| {
            let versions = objects.get(&put.key);
            versions.and_then(|versions| versions.last()).filter(|stored| stored.version.current).cloned()
        };
        let current = now(&self.objects());
        if let Some(there) = decide(&put, current.as_ref().map(|stored| &stored.version))? {
            return Ok(there);
        }
        let bytes = self.bytes_of(&put)?;
        if fingerprint_bytes(&bytes) != put.expected {
            let path = match &put.body {
                Body::File(path) => path.display().to_string(),
                Body::Bytes(_) => put.key.to_string(),
            };
            return Err(StoreError::SourceChanged { path });
        }
        let mut objects = self.objects();
        if let Some(there) = decide(&put, now(&objects).as_ref().map(|stored| &stored.version))? {
            return Ok(there);
        }
        let versions = objects.entry(put.key.clone()).or_default();
        for old in versions.iter_mut() {
            old.version.current = false;
        }
        let version = ObjectVersion {
            key: put.key,
            version: VersionId(self.ulids.next(&self.parts).to_string()),
            etag: etag(&put.expected),
            fingerprint: put.expected,
            mtime: put.mtime,
            stored_at: (self.parts.clock)(),
            current: true,
            class: put.class,
        };
        versions.push(Stored { version: version.clone(), bytes });
        Ok(version)
    }

    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError> {
        checked(key)?;
        Ok(self.get(key, version).map(|stored| stored.version))
    }

    async fn read(
        &self,
        key: &ObjectKey,
        version: Option<&VersionId>,
    ) -> Result<Box<dyn std::io::Read + Send>, StoreError> {
        checked(key)?;
        let stored = self.get(key, version).ok_or_else(|| StoreError::NotFound { key: key.clone() })?;
        Ok(Box::new(Cursor::new(stored.bytes)))
    }

    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ObjectVersion>, StoreError> {
        checked(key)?;
        let objects = self.objects();
        let versions = objects.get(key).map_or(&[][..], Vec::as_slice);
        Ok(versions.iter().rev().map(|stored| stored.version.clone()).collect())
    }

    async fn list(
        &self,
        prefix: &str,
        versions: bool,
        each: &mut (dyn FnMut(Listed) -> bool + Send),
    ) -> Result<(), StoreError> {
        let found: Vec<Listed> = {
            let objects = self.objects();
            let below = objects.range(ObjectKey(prefix.to_owned())..).take_while(|(key, _)| key.0.starts_with(prefix));
            let all = below.flat_map(|(_, stored)| stored.iter().rev());
            let wanted = all.filter(|stored| versions || stored.version.current);
            wanted.map(listed).collect()
        };
        for object in found {
            if !each(object) {
                break;
            }
        }
        Ok(())
    }

    async fn restore(&self, key: &ObjectKey, version: &VersionId) -> Result<Receipt, StoreError> {
        checked(key)?;
        let stored = self.get(key, Some(version)).ok_or_else(|| StoreError::NotFound { key: key.clone() })?;
        if stored.version.current {
            return Ok(stored.version);
        }
        let (expected, mtime) = (stored.version.fingerprint, stored.version.mtime);
        self.put(Put::new(key.clone(), Body::Bytes(stored.bytes), expected, mtime, Condition::Always)).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<Option<VersionId>, StoreError> {
        checked(key)?;
        let mut objects = self.objects();
        let current = objects.get_mut(key).and_then(|versions| versions.iter_mut().find(|it| it.version.current));
        Ok(current.map(|stored| {
            stored.version.current = false;
            VersionId(self.ulids.next(&self.parts).to_string())
        }))
    }

    async fn free_bytes(&self) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }
}

fn listed(stored: &Stored) -> Listed {
    Listed {
        key: stored.version.key.clone(),
        version: stored.version.version.clone(),
        size: stored.bytes.len() as u64,
        recorded: Some(stored.version.fingerprint),
        current: stored.version.current,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::conformance::Fresh;

    crate::store_conformance!(
        Fresh::new(|_| super::Memory::default()),
        also a_deleted_key_is_absent_and_its_versions_stay, a_restore_brings_back_what_was_deleted,
        a_deleted_key_can_be_put_again, a_renewal_makes_a_version_of_the_same_bytes, a_class_is_kept,
    );
}
