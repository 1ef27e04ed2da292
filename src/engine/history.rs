//! Back in time, and other places to look than the library of now.

use std::sync::Arc;

use super::find::query_error;
use super::parts::Engine;
use crate::catalog::Stop;
use crate::domain::batch::AssetKind;
use crate::domain::query::{Query, Scope};
use crate::domain::{Card, PhotoId, Seat, Timestamp};
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

    /// The originals of photos with the number of their version of a moment (`None`: of now), its length and the
    /// photo's key. No number: no store had any by then, or has it.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn originals_at(
        &self,
        seats: &[Seat],
        at: Option<Timestamp>,
    ) -> Result<Vec<(PhotoId, Option<u32>, u64, String)>, UserError> {
        let seats = seats.to_vec();
        self.read(move |reader| {
            let mut all = Vec::with_capacity(seats.len());
            for seat in seats {
                let rows = reader.contents_at(seat, at)?;
                all.extend(rows.into_iter().filter(|row| row.kind == AssetKind::Original).map(|row| {
                    let number = row.number.filter(|_| !row.receipts.is_empty());
                    (row.photo, number, row.size, row.key.0)
                }));
            }
            Ok(all)
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
