//! The catalogue from tasks: a pool of readers, and the one writer, always on a worker.

use std::sync::PoisonError;

use super::errors::user_error;
use super::parts::Engine;
use crate::catalog::{CatalogError, Reader, Thumbs, Writer};
use crate::protocol::{ErrorCode, UserError};

/// Readers kept open between uses.
const MOST_IDLE: usize = 6;

impl Engine {
    /// Reads the catalogue on a worker.
    ///
    /// # Errors
    /// As `work`, in words.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Reader) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, UserError> {
        let engine = self.clone();
        self.0.parts.quick.run(move || engine.read_here(work)).await.map_err(|error| user_error(&error))
    }

    /// The same, blocking: for work that runs on a worker already.
    pub(super) fn read_here<T>(
        &self,
        work: impl FnOnce(&Reader) -> Result<T, CatalogError>,
    ) -> Result<T, CatalogError> {
        let idle = self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => self.0.library.lock().unwrap_or_else(PoisonError::into_inner).reader()?,
        };
        let result = work(&reader).map_err(|error| error.at(&self.0.dir));
        let mut pool = self.0.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < MOST_IDLE {
            pool.push(reader);
        }
        result
    }

    /// Changes the catalogue on a worker, in one durable transaction.
    ///
    /// # Errors
    /// As `work`, in words; [`ErrorCode::Busy`] where this process may only read.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, UserError> {
        let Some(writer) = self.0.writer.clone() else {
            return Err(UserError::new(ErrorCode::Busy, "the library was opened for reading only"));
        };
        let dir = self.0.dir.clone();
        let run = move || {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            // An open database whose file was removed goes on taking rows that nobody will ever read.
            if !dir.join("catalog.db").exists() {
                return Err(CatalogError::Io { why: "it was removed while it was open".to_owned(), path: dir });
            }
            work(&mut writer).map_err(|error| error.at(&dir))
        };
        self.0.parts.quick.run(run).await.map_err(|error| user_error(&error))
    }

    /// Uses the thumbnails, blocking: for work that runs on a worker already.
    pub(super) fn with_thumbs<T>(
        &self,
        work: impl FnOnce(&mut Thumbs) -> Result<T, CatalogError>,
    ) -> Result<T, CatalogError> {
        let idle = self.0.thumbs.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut thumbs = match idle {
            Some(thumbs) => thumbs,
            None => self.0.library.lock().unwrap_or_else(PoisonError::into_inner).thumbs()?,
        };
        let result = work(&mut thumbs);
        let mut pool = self.0.thumbs.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < MOST_IDLE {
            pool.push(thumbs);
        }
        result
    }
}
