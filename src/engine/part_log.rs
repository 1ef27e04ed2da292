//! How far a long upload is, in the catalogue: another process goes on with it, and the progress shows its parts.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use super::parts::Engine;
use super::progress::Reporter;
use super::stores::OpenedStore;
use crate::catalog::{PendingUpload, VersionNum};
use crate::store::{Begun, Part, PartLog};

/// The log of one upload.
pub(super) struct Log {
    engine: Engine,
    store: String,
    version: VersionNum,
    reporter: Option<Reporter>,
    /// Bytes that the progress counts already, before the whole file is proved.
    counted: AtomicU64,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Log {
    pub(super) fn new(engine: &Engine, to: &OpenedStore, item: &PendingUpload, reporter: Option<&Reporter>) -> Self {
        let (store, version) = (to.name.clone(), item.version);
        Self { engine: engine.clone(), store, version, reporter: reporter.cloned(), counted: AtomicU64::new(0) }
    }

    /// The put has ended. What parts have counted is taken back: a proved file is counted as a whole.
    pub(super) fn settle(&self, _proved: bool) {
        let counted = self.counted.swap(0, Ordering::Relaxed);
        if counted > 0
            && let Some(reporter) = &self.reporter
        {
            reporter.update(|progress| progress.done_bytes = progress.done_bytes.saturating_sub(counted));
        }
    }

    fn count(&self, bytes: u64) {
        if let Some(reporter) = &self.reporter {
            self.counted.fetch_add(bytes, Ordering::Relaxed);
            reporter.update(|progress| progress.done_bytes += bytes);
        }
    }

    fn failed(&self, error: &crate::protocol::UserError) {
        tracing::warn!("how far a long upload is could not be written down ({error})");
    }
}

#[async_trait]
impl PartLog for Log {
    async fn begun(&self) -> Option<Begun> {
        let (store, version) = (self.store.clone(), self.version);
        match self.engine.read(move |reader| reader.long_upload(&store, version)).await {
            Ok(begun) => {
                if let Some(begun) = &begun {
                    self.count(begun.parts.iter().map(|part| part.size).sum());
                }
                begun
            }
            Err(error) => {
                self.failed(&error);
                None
            }
        }
    }

    async fn begin(&self, begun: &Begun) {
        let (store, version, begun) = (self.store.clone(), self.version, begun.clone());
        if let Err(error) = self.engine.write(move |writer| writer.begin_long_upload(&store, version, &begun)).await {
            self.failed(&error);
        }
    }

    async fn part(&self, part: &Part) {
        self.count(part.size);
        let (store, version, part) = (self.store.clone(), self.version, part.clone());
        if let Err(error) = self.engine.write(move |writer| writer.long_part(&store, version, &part)).await {
            self.failed(&error);
        }
    }

    async fn end(&self) {
        let (store, version) = (self.store.clone(), self.version);
        if let Err(error) = self.engine.write(move |writer| writer.end_long_upload(&store, version)).await {
            self.failed(&error);
        }
    }
}
