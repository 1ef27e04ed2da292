//! Which stores the library has, by the names that people use, and opening them.
//!
//! There is the vault, unless a person has switched it off, and beside it at most one remote store: that of the account
//! (`aws`) or an S3-compatible server (`s3`). Each has its own queue and receipts. In the catalogue a remote store is
//! named by its bucket and prefix, so that another one, which has nothing yet, is never taken for it.

use std::sync::{Arc, PoisonError};

use super::errors::{config_error, store_error};
use super::parts::Engine;
use super::remote;
use crate::config::Config;
use crate::domain::account::Place;
use crate::domain::keep::{KeepSettings, StoreState};
use crate::protocol::{ErrorCode, UserError};
use crate::store::ObjectStore;

/// Setting that names the catalogue's store of the remote store in use.
const SETTING: &str = "remote";
/// The vault's name for people.
pub(super) const VAULT: &str = "vault";

/// A store that can be used.
#[derive(Clone)]
pub(super) struct OpenedStore {
    /// Its name in the catalogue.
    pub name: String,
    /// Its name for people.
    pub shown: &'static str,
    /// The store.
    pub store: Arc<dyn ObjectStore>,
}

/// The remote store as far as it was opened.
#[derive(Default)]
pub(super) enum RemoteSlot {
    /// Not asked for yet, or the account has changed since.
    #[default]
    Unknown,
    /// Open.
    Open {
        /// Where, in a line for people.
        place: String,
        /// It.
        opened: OpenedStore,
    },
}

/// The name of a store for people and scripts, from its name in the catalogue (or from itself).
pub(super) fn shown_store(name: &str) -> &'static str {
    if name == VAULT || name.starts_with("vault-") {
        VAULT
    } else if name == "aws" || name.starts_with("aws-") {
        "aws"
    } else {
        "s3"
    }
}

/// What remote store the settings name, for people.
pub(super) fn remote_name(place: &Place) -> Option<&'static str> {
    match place {
        Place::ThisComputer => None,
        Place::Aws(_) => Some("aws"),
        Place::Remote(_) => Some("s3"),
    }
}

impl Engine {
    pub(super) fn config(&self) -> Config {
        self.0.config.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the settings, read again first: a sub-command may have changed them beside an open window.
    pub(super) async fn change_config(
        &self,
        change: impl FnOnce(&mut Config) + Send + 'static,
    ) -> Result<(), UserError> {
        let engine = self.clone();
        let save = move || {
            let changed = Config::change(&engine.0.dir, change)?;
            *engine.0.config.lock().unwrap_or_else(PoisonError::into_inner) = changed;
            Ok(())
        };
        self.0.parts.quick.run(save).await.map_err(|error| config_error(&error))
    }

    /// How photos are kept and sent.
    #[must_use]
    pub fn keep(&self) -> KeepSettings {
        self.config().keep
    }

    /// Reads again how photos are kept and sent.
    pub(super) async fn reload_keep(&self) {
        let dir = self.0.dir.clone();
        if let Ok(read) = self.0.parts.quick.run(move || Config::load(&dir)).await {
            self.0.config.lock().unwrap_or_else(PoisonError::into_inner).keep = read.keep;
        }
    }

    /// Changes how photos are kept and sent, at once.
    ///
    /// # Errors
    /// Where the settings cannot be written.
    pub async fn set_keep(&self, keep: KeepSettings) -> Result<(), UserError> {
        self.change_config(move |config| config.keep = keep).await?;
        self.apply_limit();
        self.0.keep_changed.notify_waiters();
        self.0.stale.notify_one();
        Ok(())
    }

    /// The names, for people, of the stores in use: the vault first.
    pub(super) async fn stores_in_use(&self) -> Vec<&'static str> {
        let vault = (!self.config().vault.off).then_some(VAULT);
        let remote = match &*self.0.remote.lock().unwrap_or_else(PoisonError::into_inner) {
            RemoteSlot::Open { opened, .. } => Some(opened.shown),
            RemoteSlot::Unknown => remote_name(&self.0.account.state().place),
        };
        vault.into_iter().chain(remote).collect()
    }

    /// Opens the store with this name for people.
    ///
    /// # Errors
    /// There is none of this name, or why it cannot be used now.
    pub(super) async fn open_named(&self, shown: &str) -> Result<OpenedStore, UserError> {
        let known = self.stores_in_use().await;
        match known.iter().find(|name| **name == shown) {
            None => Err(UserError::new(ErrorCode::Usage, format!("there is no store of this name: {shown}"))
                .hint(format!("Stores of this library: {}.", known.join(", ")))),
            Some(&VAULT) => {
                let (name, store) = self.vault_ready().await?;
                Ok(OpenedStore { name, shown: VAULT, store })
            }
            Some(_) => self.remote_ready().await,
        }
    }

    /// Every store in use, opened, or why not; the vault first.
    pub(super) async fn stores_ready(&self) -> Vec<(&'static str, Result<OpenedStore, UserError>)> {
        let mut all = Vec::new();
        for shown in self.stores_in_use().await {
            let opened = match self.is_resting(shown) {
                Some(why) => Err(UserError::new(ErrorCode::Unavailable, why)),
                None => self.open_named(shown).await,
            };
            all.push((shown, opened));
        }
        all
    }

    /// The remote store of the account, opened where it was not.
    ///
    /// # Errors
    /// There is none, nobody is signed in, no network, or the bucket is not as it must be.
    pub(super) async fn remote_ready(&self) -> Result<OpenedStore, UserError> {
        if let RemoteSlot::Open { opened, .. } = &*self.0.remote.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(opened.clone());
        }
        let place = self.0.account.s3().await?;
        let (name, shown, line) = remote::names(&place, &self.0.account.state().place);
        let parts = crate::store::Parts { clock: self.0.parts.clock.clone(), random: self.0.parts.random.clone() };
        let store = remote::open(place, shown, &self.0.traffic, parts).await.map_err(|error| store_error(&error))?;
        let opened = OpenedStore { name, shown, store };
        self.use_remote(&opened).await?;
        *self.0.remote.lock().unwrap_or_else(PoisonError::into_inner) =
            RemoteSlot::Open { place: line, opened: opened.clone() };
        self.apply_limit();
        Ok(opened)
    }

    /// Makes this the one remote store whose receipts count; what it lacks is queued.
    async fn use_remote(&self, opened: &OpenedStore) -> Result<(), UserError> {
        if !self.may_write() {
            return Ok(());
        }
        let name = opened.name.clone();
        self.write(move |writer| {
            writer.enable_store(&name)?;
            writer.set_setting(SETTING, &name)
        })
        .await?;
        self.disable_remotes_but(Some(opened.name.clone())).await
    }

    async fn disable_remotes_but(&self, keep: Option<String>) -> Result<(), UserError> {
        for info in self.read(|reader| reader.stores()).await? {
            if info.enabled && !info.name.starts_with("vault-") && Some(&info.name) != keep.as_ref() {
                self.write(move |writer| writer.disable_store(&info.name)).await?;
            }
        }
        Ok(())
    }

    /// The account is another one: the remote store is opened anew when it is wanted.
    pub(super) async fn forget_remote(&self) {
        *self.0.remote.lock().unwrap_or_else(PoisonError::into_inner) = RemoteSlot::Unknown;
        if self.may_write()
            && remote_name(&self.0.account.state().place).is_none()
            && let Err(error) = self.disable_remotes_but(None).await
        {
            tracing::warn!("a store that is no longer used stays enabled ({error})");
        }
        self.0.stale.notify_one();
    }

    /// The stores in use as people see them.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn store_states(&self) -> Result<Vec<StoreState>, UserError> {
        let infos = self.read(|reader| reader.stores()).await?;
        let (vault, remote) = self.read(|reader| Ok((reader.setting("vault")?, reader.setting(SETTING)?))).await?;
        let mut states = Vec::new();
        for shown in self.stores_in_use().await {
            let name = if shown == VAULT { &vault } else { &remote };
            let info = infos.iter().find(|info| Some(&info.name) == name.as_ref() && info.enabled);
            let (place, problem) = if shown == VAULT {
                let state = self.vault_state().await?;
                (state.dir.display().to_string(), state.problem)
            } else {
                self.remote_place()
            };
            let trouble = self.0.troubles.lock().unwrap_or_else(PoisonError::into_inner).get(shown).cloned();
            states.push(StoreState {
                name: shown.to_owned(),
                place,
                waiting: info.map_or(0, |info| info.waiting),
                needs_you: info.map_or(0, |info| info.needs_you),
                receipts: info.map_or(0, |info| info.receipts),
                problem: problem.or(trouble.as_ref().map(|trouble| trouble.why.clone())),
                retry_at: trouble.map(|trouble| trouble.until),
            });
        }
        Ok(states)
    }

    fn remote_place(&self) -> (String, Option<String>) {
        if let RemoteSlot::Open { place, .. } = &*self.0.remote.lock().unwrap_or_else(PoisonError::into_inner) {
            return (place.clone(), None);
        }
        match self.0.account.state().place {
            Place::Aws(aws) => (aws.bucket, None),
            Place::Remote(remote) => (format!("{}/{}", remote.bucket, remote.prefix), None),
            Place::ThisComputer => (String::new(), None),
        }
    }
}
