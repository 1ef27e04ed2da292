//! Grid thumbnails by content, in a database of their own that can be thrown away at any time.

use super::error::Result;
use crate::domain::ContentHash;

/// A handle on `thumbs.db`. `Send`, not `Sync`.
#[derive(Debug)]
pub struct Thumbs {
    db: Option<rusqlite::Connection>,
}

impl Thumbs {
    /// The JPEG of a content; `None` where there is none, or where it cannot be read.
    pub fn get(&self, content: &ContentHash) -> Result<Option<Vec<u8>>> {
        unimplemented!()
    }
    /// Keeps JPEGs, in one transaction.
    pub fn put(&mut self, pictures: &[(ContentHash, &[u8])]) -> Result<()> {
        unimplemented!()
    }
    /// Which of these have no thumbnail.
    pub fn missing(&self, contents: &[ContentHash]) -> Result<Vec<ContentHash>> {
        unimplemented!()
    }
}
