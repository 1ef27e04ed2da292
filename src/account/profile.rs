//! What a signed-in person can do with their account.

use super::error::{AccountError, Trouble};
use super::person::{Account, Outcome, entry};
use super::steps::totp_setup;
use crate::domain::Secret;
use crate::domain::account::{Factor, Kept, SignedOut, TotpSetup, code_digits};

impl Account {
    /// Changes the password.
    ///
    /// # Errors
    /// The old one is wrong, the new one too weak.
    pub async fn change_password(&self, old: &Secret, new: &Secret) -> Result<Outcome, AccountError> {
        if !self.settings()?.password.accepts(new.expose()) {
            return Err(AccountError::new(Trouble::WeakPassword));
        }
        let tokens = self.fresh_tokens().await?;
        self.pool()?.change_password(&tokens.access, old, new).await?;
        Ok(Outcome::Done)
    }

    /// Begins to set an authenticator app up.
    ///
    /// # Errors
    /// Nobody is signed in, or the pool does not offer it.
    pub async fn totp_begin(&self) -> Result<TotpSetup, AccountError> {
        let tokens = self.fresh_tokens().await?;
        let (key, _) = self.pool()?.associate_totp(Some(&tokens.access), None).await?;
        let email = self.live().who.as_ref().map(|who| who.email.clone()).unwrap_or_default();
        Ok(totp_setup(&key, &email))
    }

    /// Finishes it with a code, and asks for one at every sign-in from now on.
    ///
    /// # Errors
    /// A wrong code.
    pub async fn totp_finish(&self, code: &Secret) -> Result<Outcome, AccountError> {
        let digits = code_digits(code.expose())
            .ok_or_else(|| AccountError::new(Trouble::BadInput("a code is only digits".into())))?;
        let tokens = self.fresh_tokens().await?;
        let pool = self.pool()?;
        pool.verify_totp(Some(&tokens.access), None, &digits).await?;
        pool.prefer(&tokens.access, Factor::Totp, true).await?;
        self.learn_factors().await?;
        Ok(Outcome::Done)
    }

    /// Switches a factor on or off.
    ///
    /// # Errors
    /// The pool does not offer it.
    pub async fn use_factor(&self, factor: Factor, on: bool) -> Result<Outcome, AccountError> {
        let tokens = self.fresh_tokens().await?;
        self.pool()?.prefer(&tokens.access, factor, on).await?;
        self.learn_factors().await?;
        Ok(Outcome::Done)
    }

    /// Revokes this sign-in and forgets it. Where the service cannot be told, it is forgotten here all the same, and
    /// the trouble is given back.
    ///
    /// # Errors
    /// Why the service could not be told, or why the keyring did not let go of it.
    pub async fn sign_out(&self) -> Result<Outcome, AccountError> {
        let tokens = self.held_tokens()?;
        let revoked = self.pool()?.revoke(&tokens.refresh).await;
        self.forget_sign_in().await?;
        match revoked {
            // What has ended already is what was wanted.
            Err(error) if error.trouble == Trouble::SessionEnded => Ok(Outcome::Done),
            Err(error) => Err(AccountError { trouble: Trouble::NotRevoked, ..error }),
            Ok(()) => Ok(Outcome::Done),
        }
    }

    /// Revokes every sign-in of this user.
    ///
    /// # Errors
    /// The service cannot be reached; then nothing changes.
    pub async fn sign_out_everywhere(&self) -> Result<Outcome, AccountError> {
        let tokens = self.fresh_tokens().await?;
        self.pool()?.revoke_everywhere(&tokens.access).await?;
        self.forget_sign_in().await?;
        Ok(Outcome::Done)
    }

    /// Revokes the refresh token without forgetting it, for scripts that test what follows.
    ///
    /// # Errors
    /// The service cannot be reached.
    pub async fn revoke(&self) -> Result<Outcome, AccountError> {
        let tokens = self.held_tokens()?;
        self.pool()?.revoke(&tokens.refresh).await?;
        Ok(Outcome::Done)
    }

    /// Deletes the account for ever. The photos stay in the bucket.
    ///
    /// # Errors
    /// The service cannot be reached; then nothing changes.
    pub async fn delete_user(&self) -> Result<Outcome, AccountError> {
        let tokens = self.fresh_tokens().await?;
        self.pool()?.delete_user(&tokens.access).await?;
        self.forget_sign_in().await?;
        Ok(Outcome::Done)
    }

    /// Learns which factors are switched on.
    pub(super) async fn learn_factors(&self) -> Result<(), AccountError> {
        let tokens = self.held_tokens()?;
        let factors = self.pool()?.factors(&tokens.access).await?;
        self.update(|live| live.factors = factors);
        Ok(())
    }

    async fn forget_sign_in(&self) -> Result<(), AccountError> {
        let settings = self.settings()?;
        let (who, kept) = {
            let live = self.live();
            (live.who.clone(), live.kept)
        };
        let removed = match who {
            Some(who) if kept == Kept::Keyring => self.0.parts.keyring.remove(&entry(&settings, &who.sub)).await,
            _ => Ok(()),
        };
        *self.0.credentials.lock().await = None;
        self.forget(SignedOut::Plain);
        self.remember_user(None, None);
        removed.map_err(super::person::keyring_trouble)
    }
}
