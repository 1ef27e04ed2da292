//! Which folder is the vault, and whether it can be used now.
//!
//! In the catalogue a vault's receipts stand under `vault-<its id>`, so that another folder, which has nothing yet, is
//! never taken for the one that has everything; going back to the first one finds its receipts again. People and JSON
//! see `vault`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use super::errors::store_error;
use super::parts::{Engine, VaultSlot};
use crate::files::space;
use crate::protocol::{ErrorCode, UserError, VaultState};
use crate::store::{ObjectStore, StoreError, Vault};

/// Setting that names the catalogue's store of the vault in use.
const SETTING: &str = "vault";
/// Setting that says whether photos lie on the vault's disk: `yes`, `no`, or absent while there are none.
const SHARES_DISK: &str = "vault_shares_disk";

/// A vault's name in the catalogue.
fn name_of(vault: &Vault) -> String {
    format!("vault-{}", vault.id())
}

impl Engine {
    /// Opens the vault that the settings name, makes the default one where it is absent, and tells the catalogue.
    pub(super) async fn open_vault(&self, may_write: bool) -> Result<(), UserError> {
        let config = self.0.config.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Only the default vault, inside the library, is made without being asked: a missing folder elsewhere may be
        // a disk that is not plugged in.
        let create = may_write && config.vault.dir.is_none();
        let dir = config.vault_dir(&self.0.dir);
        let opened = self.0.parts.quick.run(move || Vault::open(&dir, create)).await;
        self.use_vault(opened, may_write).await
    }

    async fn use_vault(&self, opened: Result<Vault, StoreError>, may_write: bool) -> Result<(), UserError> {
        let config_off = self.config().vault.off;
        let slot: VaultSlot = match opened {
            Ok(vault) => {
                if may_write && !config_off {
                    self.enable(name_of(&vault)).await?;
                }
                Ok(Arc::new(vault))
            }
            Err(error) => Err(store_error(&error)),
        };
        *self.0.vault.write().unwrap_or_else(PoisonError::into_inner) = slot;
        Ok(())
    }

    /// Makes this the one vault whose receipts count; what it lacks is queued.
    async fn enable(&self, name: String) -> Result<(), UserError> {
        self.write(move |writer| {
            writer.enable_store(&name)?;
            writer.set_setting(SETTING, &name)
        })
        .await?;
        let stores = self.read(|reader| reader.stores()).await?;
        let current = self.vault_name().await?;
        for store in stores {
            if store.enabled && store.name.starts_with("vault-") && Some(&store.name) != current.as_ref() {
                self.write(move |writer| writer.disable_store(&store.name)).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn vault_name(&self) -> Result<Option<String>, UserError> {
        self.read(|reader| reader.setting(SETTING)).await
    }

    /// The vault and its name in the catalogue, tried again where it was away.
    ///
    /// # Errors
    /// Why it cannot be used now.
    pub(super) async fn vault_ready(&self) -> Result<(String, Arc<dyn ObjectStore>), UserError> {
        let away = self.0.vault.read().unwrap_or_else(PoisonError::into_inner).is_err();
        // Also where its folder went away since: writing into an empty mount point would look like success.
        let dir = self.vault_dir();
        let gone = self.0.parts.quick.run(move || !dir.is_dir()).await;
        if away || gone {
            self.open_vault(self.0.writer.is_some()).await?;
        }
        let slot = self.0.vault.read().unwrap_or_else(PoisonError::into_inner).clone();
        let name = self.vault_name().await?;
        match (slot, name) {
            (Ok(store), Some(name)) => Ok((name, store)),
            (Err(error), _) => Err(error),
            (Ok(_), None) => Err(UserError::new(ErrorCode::NotFound, "nothing was ever stored in a vault")),
        }
    }

    /// The vault's folder.
    #[must_use]
    pub fn vault_dir(&self) -> PathBuf {
        self.0.config.lock().unwrap_or_else(PoisonError::into_inner).vault_dir(&self.0.dir)
    }

    /// Uses another folder as the vault from now on; makes it where it is absent.
    ///
    /// # Errors
    /// Where it cannot be made, is inside an imported folder's vault, or is another program's; the old one stays.
    pub async fn set_vault(&self, dir: &Path) -> Result<VaultState, UserError> {
        if self.0.writer.is_none() {
            return Err(UserError::new(ErrorCode::Busy, "the library was opened for reading only"));
        }
        let dir = std::path::absolute(dir)
            .map_err(|error| UserError::new(ErrorCode::Usage, format!("not a path ({error}): {}", dir.display())))?;
        let _turn = self.0.storing.lock().await;
        let wanted = dir.clone();
        let vault =
            self.0.parts.quick.run(move || Vault::open(&wanted, true)).await.map_err(|error| store_error(&error))?;
        self.remember_to_carry(&name_of(&vault)).await?;
        self.remember_vault(&dir).await?;
        self.use_vault(Ok(vault), true).await?;
        self.note_disks(&[]).await?;
        self.0.stale.notify_one();
        self.vault_state().await
    }

    /// Writes down which folder is the vault. The settings are read again first: a sub-command may have changed them
    /// beside an open window.
    pub(super) async fn remember_vault(&self, dir: &Path) -> Result<(), UserError> {
        let dir = dir.to_owned();
        self.change_config(move |config| config.vault.dir = Some(dir)).await
    }

    /// Remembers whether any of these folders lies on the vault's disk. With none, looks at the photos known.
    pub(super) async fn note_disks(&self, roots: &[PathBuf]) -> Result<(), UserError> {
        let vault = self.vault_dir();
        let roots: Vec<PathBuf> = if roots.is_empty() { self.some_photo_paths().await? } else { roots.to_vec() };
        if roots.is_empty() {
            return Ok(());
        }
        let shared = self
            .0
            .parts
            .quick
            .run(move || roots.iter().any(|root| space::same_disk(root, &vault).unwrap_or(false)))
            .await;
        self.write(move |writer| writer.set_setting(SHARES_DISK, if shared { "yes" } else { "no" })).await
    }

    async fn some_photo_paths(&self) -> Result<Vec<PathBuf>, UserError> {
        self.read(|reader| {
            let seats =
                reader.first_page(&crate::domain::query::Query::everything(), 50, &crate::catalog::Stop::new())?;
            let mut paths = Vec::new();
            for seat in seats {
                paths.extend(reader.photo(seat)?.into_iter().flat_map(|detail| detail.paths).map(|path| path.path));
            }
            Ok(paths)
        })
        .await
    }

    /// The vault as it is now.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn vault_state(&self) -> Result<VaultState, UserError> {
        let shares = self.read(|reader| reader.setting(SHARES_DISK)).await?;
        let slot = self.0.vault.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (dir, library) = (self.vault_dir(), self.0.dir.clone());
        let state = move || {
            let problem = match &slot {
                Err(error) => Some(error.message.clone()),
                Ok(_) if !dir.is_dir() => {
                    Some(format!("the vault is not there; connect its disk or choose another: {}", dir.display()))
                }
                Ok(_) => None,
            };
            let same_disk = match shares.as_deref() {
                Some(shares) => shares == "yes",
                None => space::same_disk(&library, &dir).unwrap_or(false),
            };
            VaultState { free_bytes: space::free_bytes(&dir).ok(), same_disk, problem, dir }
        };
        Ok(self.0.parts.quick.run(state).await)
    }
}
