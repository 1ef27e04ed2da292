//! One pass over some bytes gives everything they are recognised by and proved with.

use std::io::{self, Read};
use std::path::Path;

use super::{FileSystem, Stat};
use crate::domain::{ContentHash, Crc64, Fingerprint};

/// How much is read at a time, in bytes.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// How much of a file that is too large for memory is kept, in bytes: enough for the metadata and embedded pictures
/// that lie at its beginning.
pub const HEAD_BYTES: u64 = 8 * 1024 * 1024;

/// How often a file that changes while it is read is tried.
const ATTEMPTS: u32 = 3;

/// Collects BLAKE3, CRC-64/NVME and length of bytes as they go by.
#[derive(Default)]
pub struct Fingerprinter {
    blake3: blake3::Hasher,
    crc: crc64fast_nvme::Digest,
    size: u64,
}

impl Fingerprinter {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.blake3.update(bytes);
        self.crc.write(bytes);
        self.size += bytes.len() as u64;
    }

    /// What all the bytes so far amount to.
    #[must_use]
    pub fn finish(&self) -> Fingerprint {
        Fingerprint {
            size: self.size,
            blake3: ContentHash(*self.blake3.finalize().as_bytes()),
            crc64nvme: Crc64(self.crc.sum64()),
        }
    }
}

impl std::fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fingerprinter").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Reads to the end, hashing, in constant memory.
///
/// # Errors
/// As the reader says.
pub fn fingerprint(from: &mut dyn Read) -> io::Result<Fingerprint> {
    let mut seen = Fingerprinter::new();
    each_chunk(from, &mut |chunk| {
        seen.update(chunk);
        Ok(())
    })?;
    Ok(seen.finish())
}

/// The fingerprint of bytes in memory.
#[must_use]
pub fn fingerprint_bytes(bytes: &[u8]) -> Fingerprint {
    let mut seen = Fingerprinter::new();
    seen.update(bytes);
    seen.finish()
}

/// Reads to the end, [`CHUNK_BYTES`] at a time, and hands over each piece.
///
/// # Errors
/// As the reader or `each` says.
pub fn each_chunk(from: &mut dyn Read, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => each(&chunk[..n])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// What is kept of a file that was read.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// All of its bytes.
    Whole(Vec<u8>),
    /// Its first [`HEAD_BYTES`] bytes: it is longer than the limit given.
    Head(Vec<u8>),
}

impl Content {
    /// The bytes kept, all or the first.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) | Self::Head(bytes) => bytes,
        }
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if matches!(self, Self::Whole(_)) { "Whole" } else { "Head" };
        write!(f, "{kind}({} bytes)", self.bytes().len())
    }
}

/// A file that was read once, from beginning to end, while it stood still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SteadyRead {
    /// Size and time, the same before and after.
    pub stat: Stat,
    /// Of all the bytes.
    pub fingerprint: Fingerprint,
    /// The bytes, or the first of them.
    pub content: Content,
}

/// Reads a file once, hashing on the way. Files of at most `limit_bytes` are kept in memory, of others the first
/// [`HEAD_BYTES`] or `limit_bytes`, whichever is less. A file that changes meanwhile is read again, three times in all.
///
/// # Errors
/// As the file system says; `ResourceBusy` where the file did not stand still.
pub fn read_steady(fs: &dyn FileSystem, path: &Path, limit_bytes: u64) -> io::Result<SteadyRead> {
    for _ in 0..ATTEMPTS {
        let before = fs.stat(path)?;
        let read = read_once(fs, path, before, limit_bytes)?;
        if read.fingerprint.size == before.size && fs.stat(path)? == before {
            return Ok(read);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::ResourceBusy,
        "the file kept changing while it was read; try again when it is finished",
    ))
}

fn read_once(fs: &dyn FileSystem, path: &Path, stat: Stat, limit_bytes: u64) -> io::Result<SteadyRead> {
    let whole = stat.size <= limit_bytes;
    let keep = if whole { stat.size } else { HEAD_BYTES.min(limit_bytes) } as usize;
    // A size that the file system claims is not believed before the bytes are there.
    let mut kept = Vec::with_capacity(keep.min(64 * 1024 * 1024));
    let mut seen = Fingerprinter::new();
    // One byte more than expected is enough to know that it grew, however far it goes on.
    let mut from = fs.open(path)?.take(stat.size.saturating_add(1));
    each_chunk(&mut from, &mut |chunk| {
        seen.update(chunk);
        let room = keep - kept.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
        Ok(())
    })?;
    let content = if whole { Content::Whole(kept) } else { Content::Head(kept) };
    Ok(SteadyRead { stat, fingerprint: seen.finish(), content })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::files::MemoryFiles;

    /// Source: the check value of CRC-64/NVME in the catalogue of parametrised CRC algorithms, and the official
    /// BLAKE3 test vector of no bytes.
    #[test]
    fn checksums_are_the_published_ones() {
        assert_eq!(fingerprint_bytes(b"123456789").crc64nvme, Crc64(0xae8b_1486_0a79_9888));
        assert!(fingerprint_bytes(b"").blake3.to_hex().starts_with("af1349b9f5f9a1a6"));
    }

    #[test]
    fn streaming_and_bytes_agree_across_chunks() {
        let bytes: Vec<u8> = (0..CHUNK_BYTES * 2 + 7).map(|i| (i % 251) as u8).collect();
        assert_eq!(fingerprint(&mut bytes.as_slice()).unwrap(), fingerprint_bytes(&bytes));
    }

    #[test]
    fn large_files_keep_only_their_head() {
        let files = MemoryFiles::new();
        files.put("/a", &[7; 1000]);
        let small = read_steady(&files, Path::new("/a"), 1000).unwrap();
        assert_eq!(small.content, Content::Whole(vec![7; 1000]));
        let large = read_steady(&files, Path::new("/a"), 999).unwrap();
        assert_eq!(large.content, Content::Head(vec![7; 999]));
        assert_eq!(large.fingerprint, small.fingerprint);
    }

    #[test]
    fn a_file_that_changes_once_is_read_again() {
        let files = MemoryFiles::new();
        files.put("/a", b"old");
        files.change_on_open("/a", vec![b"newer".to_vec()]);
        let read = read_steady(&files, Path::new("/a"), 100).unwrap();
        assert_eq!(read.content, Content::Whole(b"newer".to_vec()));
    }

    #[test]
    fn a_file_that_never_stands_still_is_an_error_that_says_so() {
        let files = MemoryFiles::new();
        files.put("/a", b"old");
        files.change_on_open("/a", (0..5).map(|i| vec![i; 4]).collect());
        let error = read_steady(&files, Path::new("/a"), 100).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
    }
}
