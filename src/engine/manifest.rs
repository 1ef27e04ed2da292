//! Manifest segments: what a batch stored, as JSON Lines in the same store.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::backup::Run;
use super::errors::store_error;
use crate::catalog::DueLine;
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

    fn is_due(&self, now: Timestamp) -> bool {
        now.0 - self.0.0 >= SEGMENT_MS
    }
}

impl Run<'_> {
    /// Writes the segments that are due: full ones, one after some minutes, and with `close` the final one.
    pub(super) async fn write_segments(
        &mut self,
        ulid: &str,
        close: bool,
        needs_you: &BTreeMap<String, String>,
    ) -> Result<(), UserError> {
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
            self.write_segment(ulid, due, is_final.then_some(needs_you)).await?;
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
        end: Option<&BTreeMap<String, String>>,
    ) -> Result<(), UserError> {
        let (versions, mut entries): (Vec<_>, Vec<_>) =
            due.into_iter().map(|due| (due.version, ManifestEntry::Item(Box::new(due.line)))).unzip();
        if let Some(needs_you) = end {
            let needs_you = needs_you
                .iter()
                .map(|(path, why)| NeedsYou { path: PathText(PathBuf::from(path)), why: why.clone() })
                .collect();
            entries.push(ManifestEntry::End(ManifestEnd { is_final: true, needs_you }));
        }
        let bytes = write_manifest(&entries).into_bytes();
        let mut segment = self.segments_of(ulid).await? + 1;
        loop {
            let put = self.engine.small_put(keys::manifest_key(ulid, segment), bytes.clone(), Condition::IfAbsent);
            let expected = put.expected;
            match self.store.put(put).await {
                Ok(_) => break,
                // Written before a crash: the same one is adopted, another one stays and ours comes after it. Lines
                // that stand in both say the same.
                Err(StoreError::Conflict { current: Some(current), .. }) if current.fingerprint == expected => break,
                Err(StoreError::Conflict { .. }) => segment += 1,
                Err(error) => return Err(store_error(&error)),
            }
        }
        self.segments = SegmentClock::new(self.engine.now());
        let (batch, is_final) = (ulid.to_owned(), end.is_some());
        self.engine.write(move |writer| writer.segment_written(&batch, segment, &versions, is_final)).await
    }
}
