//! The catalogue as a whole, through its public interface, on a real directory.

mod edits;
mod explore;
mod import;
mod keeping;
mod opening;
mod search;
mod storing;
mod vocabulary;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::domain::query::Query;
use crate::domain::{
    ContentHash, Crc64, Fingerprint, Format, Metadata, ObjectKey, ObjectVersion, PhotoDetail, Seat, TakenAt, Timestamp,
    VersionId,
};

/// A library in a directory of its own.
struct Fixture {
    dir: TempDir,
    library: Library,
    writer: Writer,
    reader: Reader,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::open(dir)
    }

    fn open(dir: TempDir) -> Self {
        let mut library = open_library(&dir.path().join("library"), Access::Write).unwrap();
        let writer = library.take_writer().unwrap();
        let reader = library.reader().unwrap();
        Self { dir, library, writer, reader }
    }

    fn take(&mut self, candidates: &[Candidate]) -> Vec<Outcome> {
        self.take_where(candidates, true)
    }

    fn take_where(&mut self, candidates: &[Candidate], still_there: bool) -> Vec<Outcome> {
        self.writer.take_in(candidates, Timestamp(1_000), &|_, _, _| still_there).unwrap()
    }

    fn find(&self, query: &str) -> Vec<String> {
        let seats = self.reader.list(&Query::parse(query).unwrap(), &Stop::new()).unwrap();
        self.reader.cards(&seats).unwrap().into_iter().map(|card| card.name).collect()
    }

    fn seats(&self, query: &str) -> Vec<Seat> {
        self.reader.list(&Query::parse(query).unwrap(), &Stop::new()).unwrap()
    }

    fn detail(&self, outcome: &Outcome) -> PhotoDetail {
        self.reader.photo(outcome.seat.unwrap()).unwrap().unwrap()
    }

    /// Stores everything that waits in `vault`, as one batch.
    fn store_all(&mut self, batch: &str) -> usize {
        self.writer.open_batch(batch, "vault", Timestamp(5)).unwrap();
        self.writer.assign(batch).unwrap();
        let pending = self.reader.pending("vault", Some(batch), None, 1_000).unwrap();
        for item in &pending {
            self.writer.record_receipt(item.version, "vault", &receipt(item), batch).unwrap();
        }
        pending.len()
    }
}

fn print(content: u8) -> Fingerprint {
    Fingerprint {
        size: 1_000 + u64::from(content),
        blake3: ContentHash([content; 32]),
        crc64nvme: Crc64(u64::from(content) << 56 | 7),
    }
}

fn receipt(item: &PendingUpload) -> ObjectVersion {
    ObjectVersion {
        key: item.key.clone(),
        version: VersionId(format!("v{}", item.version.0)),
        etag: "\"e\"".into(),
        fingerprint: item.fingerprint,
        mtime: item.mtime,
        stored_at: Timestamp(77),
        current: true,
        class: crate::domain::StorageClass::Standard,
    }
}

fn keys(path: &Path, content: u8) -> Vec<ProposedKey> {
    let name = path.strip_prefix("/shoot").unwrap_or(path).display().to_string();
    [name.clone(), format!("{name}~{content:02x}")]
        .map(|key| ProposedKey { fold: key.to_lowercase(), key: ObjectKey(format!("photos/{key}")) })
        .map(|key| ProposedKey { fold: format!("photos/{}", key.fold), ..key })
        .to_vec()
}

/// A photo at `/shoot/<path>` with a content, taken at a time (none where empty) with a camera.
fn photo(path: &str, content: u8, taken_at: &str) -> Candidate {
    let path = PathBuf::from(format!("/shoot/{path}"));
    Candidate {
        root: "/shoot".into(),
        size: print(content).size,
        mtime_ns: i64::from(content) * 1_000_000_000,
        fingerprint: print(content),
        kind: FileKind::Photo(Format::Jpeg),
        metadata: Metadata {
            taken_at: TakenAt::from_rfc3339(taken_at),
            model: Some("Pentax K-1".into()),
            width_px: Some(6_000),
            height_px: Some(4_000),
            has_picture: true,
            ..Metadata::default()
        },
        keys: keys(&path, content),
        path,
    }
}

fn companion(path: &str, content: u8, kind: FileKind) -> Candidate {
    Candidate { kind, metadata: Metadata::default(), ..photo(path, content, "") }
}
