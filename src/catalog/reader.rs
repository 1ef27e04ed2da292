//! Reading: lists, cards, details, figures. Each reader has its own connection; make one per worker thread.

use std::path::Path;

use rusqlite::Connection;

use super::error::Result;
use super::types::{
    BatchInfo, DueLine, Known, PendingUpload, ReceiptRow, ResolveError, Status, Stop, StoreInfo, TagCount, VersionNum,
};
use crate::domain::edit::Edit;
use crate::domain::query::Query;
use crate::domain::{Card, PhotoDetail, PhotoId, PhotoNum, Receipt, Seat};

/// A read-only view of the catalogue. `Send`, not `Sync`.
#[derive(Debug)]
pub struct Reader {
    pub(super) db: Connection,
}

impl Reader {
    /// Every photo that the query finds, newest first. Ties of the same millisecond are in order of arrival.
    pub fn list(&self, query: &Query, stop: &Stop) -> Result<Vec<Seat>> {
        unimplemented!()
    }
    /// The first `limit` of [`Reader::list`].
    pub fn first_page(&self, query: &Query, limit: usize, stop: &Stop) -> Result<Vec<Seat>> {
        unimplemented!()
    }
    /// The first `limit`, ties ordered by path: what `search` prints.
    pub fn page_by_path(&self, query: &Query, limit: usize, stop: &Stop) -> Result<Vec<Seat>> {
        unimplemented!()
    }
    /// How many photos the query finds.
    pub fn count(&self, query: &Query, stop: &Stop) -> Result<u64> {
        unimplemented!()
    }
    /// The cards of these seats, in the order given; seats that are free by now are left out.
    pub fn cards(&self, seats: &[Seat]) -> Result<Vec<Card>> {
        unimplemented!()
    }
    /// Everything about the photo in this seat.
    pub fn photo(&self, seat: Seat) -> Result<Option<PhotoDetail>> {
        unimplemented!()
    }
    /// Everything about the photo with this id.
    pub fn photo_by_id(&self, id: PhotoId) -> Result<Option<PhotoDetail>> {
        unimplemented!()
    }
    /// The seat of a photo.
    pub fn seat(&self, photo: PhotoNum) -> Result<Option<Seat>> {
        unimplemented!()
    }
    /// Which photo a text means: id, content of any version, a unique beginning of either (4 digits or more), or path.
    pub fn resolve(&self, text: &str) -> std::result::Result<PhotoId, ResolveError> {
        unimplemented!()
    }
    /// The photo at a path.
    pub fn photo_at(&self, path: &Path) -> Result<Option<PhotoId>> {
        unimplemented!()
    }
    /// What is remembered of a file; `None` also where its photo was removed from the library, so that an import reads it.
    pub fn known(&self, path: &Path) -> Result<Option<Known>> {
        unimplemented!()
    }
    /// Tags that begin so, most used first.
    pub fn complete_tag(&self, beginning: &str, limit: usize) -> Result<Vec<TagCount>> {
        unimplemented!()
    }
    /// The figures.
    pub fn status(&self) -> Result<Status> {
        unimplemented!()
    }
    /// The stores.
    pub fn stores(&self) -> Result<Vec<StoreInfo>> {
        unimplemented!()
    }
    /// The queue of a store in order, after a version, at most `limit`; with `batch` only its items.
    pub fn pending(
        &self,
        store: &str,
        batch: Option<&str>,
        after: Option<VersionNum>,
        limit: usize,
    ) -> Result<Vec<PendingUpload>> {
        unimplemented!()
    }
    /// Uploads that need a person, in any store.
    pub fn needs_you(&self, limit: usize) -> Result<Vec<PendingUpload>> {
        unimplemented!()
    }
    /// Batches without a final segment, oldest first.
    pub fn unfinished_batches(&self, store: &str) -> Result<Vec<BatchInfo>> {
        unimplemented!()
    }
    /// What the next segment of a batch must list: receipts in no segment yet, then stored files whose paths changed.
    pub fn due_lines(&self, batch: &str, limit: usize) -> Result<Vec<DueLine>> {
        unimplemented!()
    }
    /// Whether a store must be told of changed paths although nothing waits to be stored.
    pub fn has_path_news(&self, store: &str) -> Result<bool> {
        unimplemented!()
    }
    /// All receipts of a store in pages, for checks: those after a version, at most `limit`.
    pub fn receipts(&self, store: &str, after: Option<VersionNum>, limit: usize) -> Result<Vec<ReceiptRow>> {
        unimplemented!()
    }
    /// The receipt for a key and version of a listing; `fold` is the folded key.
    pub fn receipt_for(&self, store: &str, fold: &str, version: &str) -> Result<Option<Receipt>> {
        unimplemented!()
    }
    /// The edit log after row `after`, at most `limit`, with row numbers.
    pub fn edits_since(&self, after: i64, limit: usize) -> Result<Vec<(i64, Edit)>> {
        unimplemented!()
    }
    /// Whether there is something to undo and to redo: what it was.
    pub fn undo_state(&self) -> Result<(Option<String>, Option<String>)> {
        unimplemented!()
    }
    /// A small setting.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        unimplemented!()
    }
}
