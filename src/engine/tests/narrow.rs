//! A store that lets only so many puts in at a time: what waits for a place must not keep those from ending that hold
//! one.

use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::*;
use crate::domain::{ObjectVersion, Receipt, VersionId};
use crate::store::{Listed, Put, StoreError};

/// The memory store behind a door; each put takes six minutes of the simulated clock, so that a manifest is due after it.
struct Narrow {
    inner: Memory,
    places: Semaphore,
    now: Arc<AtomicI64>,
}

#[async_trait]
impl ObjectStore for Narrow {
    fn name(&self) -> &str {
        "narrow"
    }

    fn width(&self) -> usize {
        8
    }

    async fn put(&self, put: Put) -> Result<Receipt, StoreError> {
        let _place = self.places.acquire().await.unwrap();
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        self.now.fetch_add(6 * 60 * 1000, Ordering::Relaxed);
        self.inner.put(put).await
    }

    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError> {
        self.inner.head(key, version).await
    }

    async fn read(
        &self,
        key: &ObjectKey,
        version: Option<&VersionId>,
    ) -> Result<Box<dyn std::io::Read + Send>, StoreError> {
        self.inner.read(key, version).await
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
        self.inner.list(prefix, versions, each).await
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

#[tokio::test]
async fn a_manifest_that_waits_for_a_place_does_not_hold_the_others_back() {
    let world = World::new();
    for n in 0..24 {
        world.put(&format!("{n}.png"), n);
    }
    let process = world.open().await;
    let narrow = Narrow { inner: world.memory.clone(), places: Semaphore::new(2), now: world.now.clone() };
    *process.engine.0.vault.write().unwrap_or_else(PoisonError::into_inner) = Ok(Arc::new(narrow));
    process.import().await.unwrap();
    let stored = tokio::time::timeout(std::time::Duration::from_secs(60), process.store()).await;
    assert_eq!(stored.expect("it must come to an end").unwrap().stored, 24);
    assert!(world.objects("batches/").await.len() > 1, "manifests were written on the way");
    assert_settled(&world, &process).await;
}
