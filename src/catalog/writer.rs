//! Writing: the one connection that changes the catalogue. Every method is one transaction, durable on return.

use std::path::Path;

use rusqlite::Connection;

use super::error::Result;
use super::types::{AssetNum, Candidate, Outcome, ProposedKey, UndoReport, UploadState, VersionNum};
use crate::domain::batch::ManifestLine;
use crate::domain::edit::{Change, Edit};
use crate::domain::{ObjectKey, Receipt, Seat, Timestamp};

/// The writer. `Send`, not `Sync`; there is one per library.
#[derive(Debug)]
pub struct Writer {
    pub(super) db: Connection,
}

impl Writer {
    /// The library-wide unique name of a dropped folder, for keys: `100CANON`, `100CANON-2`. The same for the same path.
    pub fn root_name(&mut self, path: &Path, proposed: &str, fold: &dyn Fn(&str) -> String) -> Result<String> {
        unimplemented!()
    }
    /// Takes files in, in one transaction; photos before companions, whatever their order. Outcomes as the candidates.
    /// `still_there(path, size, mtime_ns)` says whether a file is as it was; asked only for bytes known elsewhere.
    pub fn take_in(
        &mut self,
        candidates: &[Candidate],
        now: Timestamp,
        still_there: &dyn Fn(&Path, u64, i64) -> bool,
    ) -> Result<Vec<Outcome>> {
        unimplemented!()
    }
    /// One gesture on photos; how many changed.
    pub fn edit(&mut self, seats: &[Seat], change: &Change, now: Timestamp) -> Result<u64> {
        unimplemented!()
    }
    /// Takes the last gesture back.
    pub fn undo(&mut self, now: Timestamp) -> Result<Option<UndoReport>> {
        unimplemented!()
    }
    /// Does again what was taken back last.
    pub fn redo(&mut self, now: Timestamp) -> Result<Option<UndoReport>> {
        unimplemented!()
    }
    /// Takes over edits of other devices, or of an earlier life of this library. May be repeated. How many were new.
    pub fn apply_foreign_edits(&mut self, edits: &[Edit]) -> Result<u64> {
        unimplemented!()
    }
    /// Makes a store known and enabled; queues what it lacks. Nothing where it is enabled already.
    pub fn enable_store(&mut self, name: &str) -> Result<()> {
        unimplemented!()
    }
    /// Does without a store; its receipts stay.
    pub fn disable_store(&mut self, name: &str) -> Result<()> {
        unimplemented!()
    }
    /// Begins a batch.
    pub fn open_batch(&mut self, ulid: &str, store: &str, started: Timestamp) -> Result<()> {
        unimplemented!()
    }
    /// Gives queued items that are in no batch to a batch; how many.
    pub fn assign(&mut self, batch: &str) -> Result<u64> {
        unimplemented!()
    }
    /// Records a store's proof. Only from here on does anything say "stored".
    pub fn record_receipt(&mut self, version: VersionNum, store: &str, receipt: &Receipt, batch: &str) -> Result<()> {
        unimplemented!()
    }
    /// Several at once, in one transaction.
    pub fn record_receipts(&mut self, store: &str, batch: &str, receipts: &[(VersionNum, Receipt)]) -> Result<()> {
        unimplemented!()
    }
    /// Remembers how an upload stands.
    pub fn set_upload_state(&mut self, version: VersionNum, store: &str, state: &UploadState) -> Result<()> {
        unimplemented!()
    }
    /// Gives an asset another key, after a real conflict in a store; the first free one.
    pub fn rekey(&mut self, asset: AssetNum, keys: &[ProposedKey]) -> Result<ObjectKey> {
        unimplemented!()
    }
    /// Remembers that a segment with these lines is in the store.
    pub fn segment_written(&mut self, batch: &str, segment: u32, lines: &[VersionNum], is_final: bool) -> Result<()> {
        unimplemented!()
    }
    /// Rebuilds from a segment of a manifest. May be repeated.
    pub fn rebuild_from(
        &mut self,
        store: &str,
        batch: &str,
        started: Timestamp,
        segment: u32,
        lines: &[ManifestLine],
        is_final: bool,
        fold: &dyn Fn(&str) -> String,
    ) -> Result<()> {
        unimplemented!()
    }
    /// Remembers a small setting.
    pub fn set_setting(&mut self, name: &str, value: &str) -> Result<()> {
        unimplemented!()
    }
}
