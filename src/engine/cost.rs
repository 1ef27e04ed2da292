//! What keeping photos costs: the catalogue's sizes, the account's region, the list of prices.

use std::sync::Arc;

use super::parts::Engine;
use crate::catalog::AmountOf;
use crate::cloud::{Whose, keeping};
use crate::domain::Seat;
use crate::domain::account::Place;
use crate::domain::keep::CostEstimate;
use crate::protocol::UserError;

impl Engine {
    /// What keeping these photos, or all, would cost in each storage class.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn cost(&self, seats: Option<Arc<[Seat]>>) -> Result<CostEstimate, UserError> {
        self.cost_of(seats.map_or(AmountOf::Library, AmountOf::Photos)).await
    }

    /// What keeping the files would cost that still wait: for the remote store where there is one, else for the vault.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn cost_of_waiting(&self) -> Result<CostEstimate, UserError> {
        let stores = self.read(|reader| reader.stores()).await?;
        let remote = |name: &str| !name.starts_with("vault-");
        let enabled = || stores.iter().filter(|store| store.enabled);
        let store = enabled().find(|store| remote(&store.name)).or_else(|| enabled().next());
        let in_bucket = !matches!(self.whose_prices(), Whose::Nobody);
        match store {
            // A bucket that was never opened has nothing yet: everything waits for it.
            Some(store) if in_bucket && !remote(&store.name) => self.cost_of(AmountOf::Library).await,
            Some(store) => self.cost_of(AmountOf::Waiting(store.name.clone())).await,
            None => self.cost_of(AmountOf::Library).await,
        }
    }

    async fn cost_of(&self, of: AmountOf) -> Result<CostEstimate, UserError> {
        let amount = self.read(move |reader| reader.amount(&of)).await?;
        Ok(keeping(&self.whose_prices(), &amount))
    }

    fn whose_prices(&self) -> Whose {
        match self.account().state().place {
            Place::ThisComputer => Whose::Nobody,
            Place::Aws(aws) => Whose::Amazon(aws.region),
            Place::Remote(remote) if remote.endpoint.is_some() => Whose::AnotherServer,
            Place::Remote(remote) => Whose::Amazon(remote.region),
        }
    }
}
