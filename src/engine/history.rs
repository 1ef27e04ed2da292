//! Back in time, and other places to look than the library of now.

use std::sync::Arc;

use super::find::query_error;
use super::parts::Engine;
use crate::catalog::Stop;
use crate::domain::query::{Query, Scope};
use crate::domain::{Card, Seat, Timestamp};
use crate::protocol::UserError;

impl Engine {
    /// Every photo of a scope that a query finds, in display order.
    ///
    /// # Errors
    /// Where the query is wrong or the catalogue cannot be read.
    pub async fn seats_in(&self, scope: Scope, query: &str) -> Result<Arc<[Seat]>, UserError> {
        let query = Query::parse(query).map_err(|error| query_error(&error))?;
        self.read(move |reader| {
            reader.page_by_path_in(scope, &query, usize::MAX, &Stop::new()).map(|(_, seats)| seats.into())
        })
        .await
    }

    /// The cards of photos, with their contents of then where the scope is a moment.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn cards_in(&self, scope: Scope, seats: Vec<Seat>) -> Result<Vec<Card>, UserError> {
        self.read(move |reader| match scope {
            Scope::AsOf(at) => reader.cards_at(&seats, at),
            Scope::Library | Scope::Deleted => reader.cards(&seats),
        })
        .await
    }

    /// For each day (its first moment, UTC) how many files any store first had then, oldest first.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn history(&self) -> Result<Arc<[(Timestamp, u64)]>, UserError> {
        self.read(|reader| reader.history().map(Into::into)).await
    }
}
