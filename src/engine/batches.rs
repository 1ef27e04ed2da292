//! Batches for people: a list, and what of one waits or needs a person.

use super::backup::failure;
use super::parts::Engine;
use super::stores::shown_store;
use crate::domain::keep::BatchSummary;
use crate::protocol::{ItemFailure, UserError};

/// Items of one batch that are listed.
const MOST_ITEMS: usize = 1_000;

impl Engine {
    /// The batches of all stores, newest first.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn batches(&self, limit: usize) -> Result<Vec<BatchSummary>, UserError> {
        self.read(move |reader| reader.batches(limit, &|name| shown_store(name).to_owned())).await
    }

    /// What of a batch needs a person or waits, and why.
    ///
    /// # Errors
    /// Where there is no such batch, or the catalogue cannot be read.
    pub async fn batch_items(&self, batch: &str) -> Result<Vec<ItemFailure>, UserError> {
        let batch = batch.to_owned();
        let items = self.read(move |reader| reader.batch_items(&batch, MOST_ITEMS)).await?;
        Ok(items.into_iter().map(failure).collect())
    }
}
