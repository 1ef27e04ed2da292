//! The counts that the window always shows.

use super::parts::Engine;
use crate::protocol::{LibraryState, UserError};

impl Engine {
    /// The counts now.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn library_state(&self) -> Result<LibraryState, UserError> {
        let status = self.read(|reader| reader.status()).await?;
        Ok(LibraryState {
            dir: self.0.dir.clone(),
            photos: status.photos,
            stored: status.stored,
            waiting: status.waiting,
            needs_you: status.needs_you,
            bytes: status.bytes,
            vault: self.vault_state().await?,
            stores: self.store_states().await?,
            keep: self.keep(),
        })
    }
}
