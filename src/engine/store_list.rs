//! Adding and removing stores, and what of the queue a person wants first or again.

use std::path::Path;
use std::sync::Arc;

use super::parts::Engine;
use super::stores::{VAULT, remote_name};
use crate::domain::account::Place;
use crate::domain::{Seat, StorageClass};
use crate::protocol::{AccountAsk, ErrorCode, NewPlace, UserError};

impl Engine {
    /// Stores photos in a vault: in this folder, or in the one known already.
    ///
    /// # Errors
    /// As [`Engine::set_vault`].
    pub async fn add_vault(&self, dir: Option<&Path>) -> Result<(), UserError> {
        self.change_config(|config| config.vault.off = false).await?;
        match dir {
            Some(dir) => self.set_vault(dir).await.map(drop),
            None => self.open_vault(self.may_write()).await,
        }
    }

    /// Stores photos in the remote store with this name, which the account has set up before.
    ///
    /// # Errors
    /// Where it was not set up, or cannot be used.
    pub async fn add_remote(&self, shown: &str) -> Result<(), UserError> {
        if remote_name(&self.account().state().place) != Some(shown) {
            let config = self.config();
            let known = if shown == "aws" { config.aws.map(Place::Aws) } else { config.remote.map(Place::Remote) };
            let Some(place) = known else {
                let how = if shown == "aws" { "lightkeep account use" } else { "lightkeep account remote" };
                return Err(UserError::new(ErrorCode::Usage, format!("{shown} is not set up yet"))
                    .hint(format!("Set it up first: `{how}` (see `lightkeep account --help`).")));
            };
            self.use_known(place).await?;
        }
        self.remote_ready().await.map(drop)
    }

    async fn use_known(&self, place: Place) -> Result<(), UserError> {
        let new = match place {
            Place::Aws(aws) => NewPlace::AwsLine(aws.line()),
            Place::Remote(settings) => NewPlace::Remote { settings, keys: None },
            Place::ThisComputer => NewPlace::ThisComputer,
        };
        self.account().ask(AccountAsk::Use(new)).await?;
        self.forget_remote().await;
        Ok(())
    }

    /// Stores nothing more there. What is there stays, and so do its receipts.
    ///
    /// # Errors
    /// Where it is the last one, or there is none of this name.
    pub async fn remove_store(&self, shown: &str) -> Result<(), UserError> {
        let in_use = self.stores_in_use().await;
        if !in_use.contains(&shown) {
            return Err(UserError::new(ErrorCode::Usage, format!("there is no store of this name: {shown}"))
                .hint(format!("Stores of this library: {}.", in_use.join(", "))));
        }
        if in_use.len() == 1 {
            return Err(UserError::new(ErrorCode::Usage, format!("this is the only store: {shown}"))
                .hint("Add another one first: without a store nothing is kept."));
        }
        if shown != VAULT {
            return self.use_known(Place::ThisComputer).await;
        }
        self.change_config(|config| config.vault.off = true).await?;
        if let Some(name) = self.vault_name().await? {
            self.write(move |writer| writer.disable_store(&name)).await?;
        }
        self.0.stale.notify_one();
        Ok(())
    }

    /// Stores these photos before all others; how many files wait of them.
    ///
    /// # Errors
    /// Where the catalogue cannot be written.
    pub async fn store_first(&self, seats: Arc<[Seat]>) -> Result<u64, UserError> {
        self.write(move |writer| writer.store_first(&seats)).await
    }

    /// Gives what waits of these photos another storage class than the library's; how many files.
    ///
    /// # Errors
    /// Where the catalogue cannot be written.
    pub async fn set_class(&self, seats: Arc<[Seat]>, class: Option<StorageClass>) -> Result<u64, UserError> {
        self.write(move |writer| writer.set_class(&seats, class)).await
    }

    /// Queues anew what rests or needs a person: of one batch, or everything; how many files.
    ///
    /// # Errors
    /// Where there is no such batch, or the catalogue cannot be written.
    pub async fn try_items_again(&self, batch: Option<String>) -> Result<u64, UserError> {
        let count = self.write(move |writer| writer.try_again(batch.as_deref())).await?;
        self.0.stale.notify_one();
        Ok(count)
    }
}
