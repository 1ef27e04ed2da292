//! What a signed-in person can do with their account.

use super::error::{AccountError, Trouble};
use super::kept::KeptSignIn;
use super::person::{Account, Outcome};
use super::pool::Pool;
use super::refresh::Begun;
use super::steps::totp_setup;
use crate::domain::Secret;
use crate::domain::account::{Factor, SignedOut, TotpSetup, code_digits};

impl Account {
    /// Changes the password.
    ///
    /// # Errors
    /// The old one is wrong, the new one too weak.
    pub async fn change_password(&self, old: &Secret, new: &Secret) -> Result<Outcome, AccountError> {
        if !self.settings()?.password.accepts(new.expose()) {
            return Err(AccountError::new(Trouble::WeakPassword));
        }
        self.own(|pool, access| {
            let (old, new) = (old.clone(), new.clone());
            async move { pool.change_password(&access, &old, &new).await }
        })
        .await?;
        Ok(Outcome::Done)
    }

    /// Begins to set an authenticator app up.
    ///
    /// # Errors
    /// Nobody is signed in, or the pool does not offer it.
    pub async fn totp_begin(&self) -> Result<TotpSetup, AccountError> {
        let (key, _) = self.own(|pool, access| async move { pool.associate_totp(Some(&access), None).await }).await?;
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
        self.own(|pool, access| {
            let digits = digits.clone();
            async move { pool.verify_totp(Some(&access), None, &digits).await }
        })
        .await?;
        self.own(|pool, access| async move { pool.prefer(&access, Factor::Totp, true).await }).await?;
        self.learn_factors().await?;
        Ok(Outcome::Done)
    }

    /// Switches a factor on or off.
    ///
    /// # Errors
    /// The pool does not offer it.
    pub async fn use_factor(&self, factor: Factor, on: bool) -> Result<Outcome, AccountError> {
        self.own(|pool, access| async move { pool.prefer(&access, factor, on).await }).await?;
        self.learn_factors().await?;
        // A service may say yes and change nothing: a pool without this kind of code, a user without a number.
        if self.live().factors.contains(&factor) != on {
            let way = if on { "on" } else { "off" };
            let what = factor.words().to_lowercase();
            return Err(AccountError::new(Trouble::Other(format!("codes by {what} could not be switched {way}"))));
        }
        Ok(Outcome::Done)
    }

    /// Revokes this sign-in and forgets it. Where the service cannot be told, it is forgotten here all the same, and
    /// the trouble is given back.
    ///
    /// # Errors
    /// Why the service could not be told, or why the keyring did not let go of it.
    pub async fn sign_out(&self) -> Result<Outcome, AccountError> {
        self.to_the_end(|account| async move {
            let _one = account.0.refreshing.lock().await;
            let begun = account.begun()?;
            let _between_processes = begun.lock().await;
            // Another process may have a newer one.
            let kept = account.kept_token(&begun).await;
            let revoked = begun.pool.revoke(kept.as_ref().unwrap_or(&begun.tokens.refresh)).await;
            account.forget_sign_in(&begun).await?;
            match revoked {
                // What has ended already is what was wanted.
                Err(error) if error.trouble == Trouble::SessionEnded => Ok(Outcome::Done),
                Err(error) => Err(AccountError { trouble: Trouble::NotRevoked, ..error }),
                Ok(()) => Ok(Outcome::Done),
            }
        })
        .await
    }

    /// Revokes every sign-in of this user.
    ///
    /// # Errors
    /// The service cannot be reached; then nothing changes.
    pub async fn sign_out_everywhere(&self) -> Result<Outcome, AccountError> {
        self.to_the_end(|account| async move {
            account.own(|pool, access| async move { pool.revoke_everywhere(&access).await }).await?;
            // A refresh that is under way would put its token back.
            let _one = account.0.refreshing.lock().await;
            account.forget_sign_in(&account.begun()?).await?;
            Ok(Outcome::Done)
        })
        .await
    }

    /// Revokes the refresh token without forgetting it, for scripts that test what follows.
    ///
    /// # Errors
    /// The service cannot be reached.
    pub async fn revoke(&self) -> Result<Outcome, AccountError> {
        let begun = self.begun()?;
        begun.pool.revoke(&begun.tokens.refresh).await?;
        Ok(Outcome::Done)
    }

    /// Deletes the account for ever. The photos stay in the bucket.
    ///
    /// # Errors
    /// The service cannot be reached; then nothing changes.
    pub async fn delete_user(&self) -> Result<Outcome, AccountError> {
        self.to_the_end(|account| async move {
            account.own(|pool, access| async move { pool.delete_user(&access).await }).await?;
            // A refresh that is under way would put its token back.
            let _one = account.0.refreshing.lock().await;
            account.forget_sign_in(&account.begun()?).await?;
            Ok(Outcome::Done)
        })
        .await
    }

    /// Does something as the signed-in user; once more with new tokens where these are not taken before their time.
    async fn own<T, F>(&self, call: impl Fn(Pool, Secret) -> F) -> Result<T, AccountError>
    where
        F: Future<Output = Result<T, AccountError>>,
    {
        let pool = self.pool()?;
        match call(pool.clone(), self.fresh_tokens().await?.access).await {
            Err(error) if error.trouble == Trouble::SessionEnded => call(pool, self.refresh(true).await?.access).await,
            other => other,
        }
    }

    /// Goes on to the end, also when whoever asked stops waiting: between a service's yes and our own note of it there
    /// is no stop.
    pub(super) async fn to_the_end<T: Send + 'static, F>(
        &self,
        work: impl FnOnce(Account) -> F + Send + 'static,
    ) -> Result<T, AccountError>
    where
        F: Future<Output = Result<T, AccountError>> + Send + 'static,
    {
        match tokio::spawn(work(self.clone())).await {
            Ok(outcome) => outcome,
            Err(_) => Err(AccountError::new(Trouble::Other("it was given up in the middle".into()))),
        }
    }

    async fn kept_token(&self, begun: &Begun) -> Option<Secret> {
        let kept = self.0.parts.keyring.get(&begun.entry).await.ok()??;
        KeptSignIn::read(&kept).map(|kept| kept.refresh)
    }

    /// Learns which factors are switched on.
    ///
    /// # Errors
    /// The service cannot be reached.
    pub async fn learn_factors(&self) -> Result<(), AccountError> {
        let begun = self.begun()?;
        let factors = begun.pool.factors(&begun.tokens.access).await?;
        self.update_of(begun.generation, |live| live.factors = factors);
        Ok(())
    }

    /// Forgets a sign-in here and in the keyring, also where only an older one lies there.
    async fn forget_sign_in(&self, begun: &Begun) -> Result<(), AccountError> {
        let removed = self.0.parts.keyring.remove(&begun.entry).await;
        self.forget_of(begun.generation, SignedOut::Plain);
        self.remember_user(None, None);
        // Where the keyring never had it, its troubles are none of this.
        if begun.in_keyring { removed.map_err(super::person::keyring_trouble) } else { Ok(()) }
    }
}
