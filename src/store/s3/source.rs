//! The bytes of a put, read once and hashed on the way.

use std::fs::File;
use std::io::{self, Read as _};
use std::sync::Arc;

use bytes::Bytes;

use super::super::traffic::Buffers;
use super::super::{Body, Put, StoreError};
use crate::domain::Fingerprint;
use crate::files::Fingerprinter;
use crate::files::disk::open_regular;

/// An open source.
pub(super) struct Source {
    from: From,
    seen: Fingerprinter,
    taken: u64,
    expected: Fingerprint,
    name: String,
    buffers: Arc<Buffers>,
}

enum From {
    File(File),
    Bytes(Bytes),
}

impl Source {
    /// Opens it. A source of another length has changed for sure.
    pub(super) fn open(put: &Put, buffers: &Arc<Buffers>) -> Result<Self, StoreError> {
        let (from, size, name) = match &put.body {
            Body::File(path) => {
                let name = path.display().to_string();
                let (file, stat) =
                    open_regular(path).map_err(|source| StoreError::Source { path: name.clone(), source })?;
                (From::File(file), stat.size, name)
            }
            Body::Bytes(bytes) => {
                let bytes = Bytes::from_owner(Arc::clone(bytes));
                let size = bytes.len() as u64;
                (From::Bytes(bytes), size, put.key.to_string())
            }
        };
        let (seen, buffers) = (Fingerprinter::new(), Arc::clone(buffers));
        let source = Self { from, seen, taken: 0, expected: put.expected, name, buffers };
        if size == put.expected.size { Ok(source) } else { Err(source.changed()) }
    }

    fn changed(&self) -> StoreError {
        StoreError::SourceChanged { path: self.name.clone() }
    }

    /// Bytes still to come.
    pub(super) fn left(&self) -> u64 {
        self.expected.size - self.taken
    }

    /// The next bytes, at most so many; with the last of them all of it is what was expected.
    pub(super) fn next(&mut self, most: u64) -> Result<Bytes, StoreError> {
        let wanted = self.left().min(most);
        let bytes = match &mut self.from {
            From::Bytes(bytes) => bytes.split_to((wanted as usize).min(bytes.len())),
            From::File(file) => {
                let mut buffer = self.buffers.take(wanted as usize);
                file.take(wanted).read_to_end(&mut buffer.bytes).map_err(|source| unreadable(&self.name, source))?;
                buffer.freeze()
            }
        };
        self.taken += bytes.len() as u64;
        self.seen.update(&bytes);
        if bytes.len() as u64 != wanted || self.left() == 0 && !self.is_whole()? {
            return Err(self.changed());
        }
        Ok(bytes)
    }

    fn is_whole(&mut self) -> Result<bool, StoreError> {
        let more = match &mut self.from {
            From::Bytes(bytes) => !bytes.is_empty(),
            From::File(file) => file.read(&mut [0]).map_err(|source| unreadable(&self.name, source))? > 0,
        };
        Ok(!more && self.seen.finish() == self.expected)
    }
}

fn unreadable(name: &str, source: io::Error) -> StoreError {
    StoreError::Source { path: name.to_owned(), source }
}
