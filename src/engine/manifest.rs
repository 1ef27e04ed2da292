//! Manifest segments: what a batch stored, as JSON Lines in the same store.

use super::backup::Run;
use super::errors::store_error;
use super::parts::Engine;
use crate::catalog::{DueLine, UploadState};
use crate::domain::batch::{ManifestEnd, ManifestEntry, NeedsYou, SEGMENT_ITEMS, write_manifest};
use crate::domain::path_text::PathText;
use crate::domain::{Timestamp, keys};
use crate::protocol::UserError;
use crate::store::{Condition, StoreError};

/// A segment is written after this time at the latest, in milliseconds.
const SEGMENT_MS: i64 = 5 * 60 * 1000;

/// When the last segment was written.
pub(super) struct SegmentClock(Timestamp);

impl SegmentClock {
    pub(super) fn new(now: Timestamp) -> Self {
        Self(now)
    }

    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        now.0 - self.0.0 >= SEGMENT_MS
    }
}

impl Engine {
    /// Items of a batch that need a person, for its final segment.
    async fn needs_you_of(&self, ulid: &str) -> Result<Vec<NeedsYou>, UserError> {
        let batch = ulid.to_owned();
        let items = self.read(move |reader| reader.batch_items(&batch, SEGMENT_ITEMS)).await?;
        let needs = items.into_iter().filter_map(|item| match item.state {
            UploadState::NeedsYou { why } => {
                let path = item.paths.into_iter().next().unwrap_or_else(|| item.key.0.into());
                Some(NeedsYou { path: PathText(path), why })
            }
            _ => None,
        });
        Ok(needs.collect())
    }
}

impl Run<'_> {
    /// Writes the segments that are due: full ones, one after some minutes, and with `close` the final one.
    pub(super) async fn write_segments(&mut self, ulid: &str, close: bool) -> Result<(), UserError> {
        loop {
            let batch = ulid.to_owned();
            let due = self.engine.read(move |reader| reader.due_lines(&batch, SEGMENT_ITEMS)).await?;
            let full = due.len() >= SEGMENT_ITEMS;
            if !full && !close && (due.is_empty() || !self.segments.is_due(self.engine.now())) {
                return Ok(());
            }
            let is_final = close && !full;
            // A batch that has stored nothing yet stays open: there is nothing to tell, and its items are tried again.
            if due.is_empty() && self.segments_of(ulid).await? == 0 {
                return Ok(());
            }
            let end = if is_final { Some(self.engine.needs_you_of(ulid).await?) } else { None };
            self.write_segment(ulid, due, end).await?;
            if is_final || (!full && !close) {
                return Ok(());
            }
        }
    }

    /// How many segments a batch has.
    async fn segments_of(&self, ulid: &str) -> Result<u32, UserError> {
        let wanted = ulid.to_owned();
        let info = self.engine.read(move |reader| reader.batch(&wanted)).await?;
        Ok(info.map_or(0, |info| info.segments))
    }

    async fn write_segment(
        &mut self,
        ulid: &str,
        due: Vec<DueLine>,
        end: Option<Vec<NeedsYou>>,
    ) -> Result<(), UserError> {
        let (versions, mut entries): (Vec<_>, Vec<_>) =
            due.into_iter().map(|due| (due.version, ManifestEntry::Item(Box::new(due.line)))).unzip();
        let is_final = end.is_some();
        if let Some(needs_you) = end {
            entries.push(ManifestEntry::End(ManifestEnd { is_final: true, needs_you }));
        }
        let bytes = write_manifest(&entries).into_bytes();
        let mut segment = self.segments_of(ulid).await? + 1;
        loop {
            let put = self.engine.small_put(keys::manifest_key(ulid, segment), bytes.clone(), Condition::IfAbsent);
            let expected = put.expected;
            match self.to.store.put(put).await {
                Ok(_) => break,
                // Written before a crash: the same one is adopted, another one stays and ours comes after it. Lines
                // that stand in both say the same.
                Err(StoreError::Conflict { current: Some(current), .. }) if current.fingerprint == expected => break,
                Err(StoreError::Conflict { .. }) => segment += 1,
                Err(error) => return Err(store_error(&error)),
            }
        }
        self.segments = SegmentClock::new(self.engine.now());
        let batch = ulid.to_owned();
        self.engine.write(move |writer| writer.segment_written(&batch, segment, &versions, is_final)).await
    }
}
