//! Staying signed in: the start, the next refresh, the way offline and back.

use std::time::Duration;

use super::error::{AccountError, Trouble};
use super::kept::KeptSignIn;
use super::person::{Account, entry};
use super::refresh_lock::RefreshLock;
use super::tokens::{Claims, Tokens};
use crate::domain::account::{Identity, Kept, KeyringProblem, Place, Session, SignedOut};
use crate::domain::{Secret, Timestamp};

/// New tokens are fetched so long before the end of the old ones, in milliseconds.
const BEFORE_END_MS: i64 = 5 * 60 * 1000;
/// A service that does not answer a restore within this is taken for offline, while its answer is still waited for.
const OFFLINE_AFTER: Duration = Duration::from_secs(2);
/// Between two looks at the clock, which jumps when a laptop wakes up.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// The longest wait between two tries while offline.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

/// What became of a kept sign-in that was looked at again.
enum Again {
    /// Another process keeps another one now.
    Changed(KeptSignIn),
    /// It is the same.
    Same,
    /// It is gone: signed out by another process.
    Gone,
}

impl Account {
    /// Restores the session of the last time, without a click and without a wait for anybody but the background. Two
    /// requests at most.
    pub async fn restore(&self) {
        let place = self.live().place.clone();
        let Place::Aws(settings) = place else { return };
        let Some(sub) = settings.user.clone() else { return };
        self.update(|live| live.session = Session::Restoring(None));
        match self.0.parts.keyring.get(&entry(&settings, &sub)).await {
            Err(problem) => self.update(|live| live.session = Session::Keyring(problem)),
            Ok(None) => self.update(|live| live.session = Session::SignedOut(SignedOut::Plain)),
            Ok(Some(text)) => match KeptSignIn::read(&text) {
                Some(mut kept) if kept.who.sub == sub => {
                    kept.who.identity_id = settings.identity.clone().or(kept.who.identity_id);
                    self.resume(kept).await;
                }
                _ => {
                    let why = "what the keyring holds of the sign-in cannot be read".to_owned();
                    self.update(|live| live.session = Session::SignedOut(SignedOut::Ended(why)));
                }
            },
        }
    }

    /// Looks at the keyring and the service again, because a person asked for it: may open a prompt to unlock.
    ///
    /// # Errors
    /// Why it still does not work.
    pub async fn try_again(&self) -> Result<(), AccountError> {
        let session = self.state().session;
        match session {
            Session::SignedIn(_) | Session::Offline { .. } | Session::Restoring(Some(_)) => {
                self.refresh(true).await?;
            }
            _ => {
                if let Session::Keyring(KeyringProblem::Locked) = session {
                    self.0.parts.keyring.unlock().await.map_err(super::person::keyring_trouble)?;
                }
                self.restore().await;
                if let Session::Keyring(problem) = self.state().session {
                    return Err(super::person::keyring_trouble(problem));
                }
            }
        }
        Ok(())
    }

    /// Goes on with a kept sign-in.
    async fn resume(&self, kept: KeptSignIn) {
        let who = kept.who.clone();
        self.update(|live| {
            live.tokens = Some(Tokens {
                access: Secret::default(),
                id: Secret::default(),
                refresh: kept.refresh,
                expires_at: Timestamp(0),
            });
            live.who = Some(who.clone());
            live.kept = Kept::Keyring;
            live.session = Session::Restoring(Some(who));
        });
        let refresh = self.refresh(true);
        tokio::pin!(refresh);
        let outcome = match tokio::time::timeout(OFFLINE_AFTER, &mut refresh).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.go_offline("the service has not answered yet");
                refresh.await
            }
        };
        match outcome {
            Ok(_) => drop(self.learn_factors().await),
            Err(error) => tracing::info!("the session is not restored yet ({error})"),
        }
    }

    /// Keeps the session alive until it is dropped: refreshes before the end, and tries again while offline.
    pub async fn keep_alive(&self) {
        let mut wait = LOOK_EVERY;
        let mut tried = self.now();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let session = self.state().session;
            let now = self.now();
            match session {
                Session::SignedIn(_) => {
                    wait = LOOK_EVERY;
                    if self.held_tokens().is_ok_and(|tokens| is_old(&tokens, now)) {
                        let _ = self.refresh(false).await;
                        tried = now;
                    }
                }
                Session::Offline { .. } => {
                    let since = now.0.saturating_sub(tried.0);
                    if since < 0 || since >= i64::try_from(wait.as_millis()).unwrap_or(i64::MAX) {
                        tried = now;
                        wait = if self.refresh(true).await.is_ok() { LOOK_EVERY } else { (wait * 2).min(LONGEST_WAIT) };
                    }
                }
                _ => wait = LOOK_EVERY,
            }
        }
    }

    /// Tokens that are good for at least five more minutes, where the service gives them.
    ///
    /// # Errors
    /// Nobody is signed in, the service cannot be reached, or the sign-in is not taken any more.
    pub async fn fresh_tokens(&self) -> Result<Tokens, AccountError> {
        self.refresh(false).await
    }

    /// Refreshes: always with `now`, otherwise only what ends soon. One at a time, also between processes.
    ///
    /// # Errors
    /// As [`Account::fresh_tokens`].
    pub async fn refresh(&self, now: bool) -> Result<Tokens, AccountError> {
        // A task of its own: whoever stops waiting must not stop it between a new token and the keyring.
        let account = self.clone();
        match tokio::spawn(async move { account.refresh_here(now).await }).await {
            Ok(outcome) => outcome,
            Err(_) => Err(AccountError::new(Trouble::Other("the refresh was given up".into()))),
        }
    }

    async fn refresh_here(&self, now: bool) -> Result<Tokens, AccountError> {
        let _one = self.0.refreshing.lock().await;
        let held = self.held_tokens()?;
        if !now && !is_old(&held, self.now()) {
            return Ok(held);
        }
        let settings = self.settings()?;
        let (who, kept) = {
            let live = self.live();
            (live.who.clone().ok_or_else(|| AccountError::new(Trouble::SignedOut))?, live.kept)
        };
        let entry = entry(&settings, &who.sub);
        // Without the lock two processes may refresh at once; the old token is good for another minute, so that
        // neither loses. A lock that cannot be had is therefore no reason to stop.
        let _between_processes = match (kept, RefreshLock::usual_dir()) {
            (Kept::Keyring, Some(dir)) => RefreshLock::take(&dir, &entry)
                .await
                .map_err(|problem| tracing::info!("refreshing without a lock ({problem})"))
                .ok(),
            _ => None,
        };
        let outcome = self.refresh_kept(&entry, held.refresh, kept).await;
        match outcome {
            Ok((tokens, claims)) => {
                self.refreshed(&tokens, &claims, who);
                Ok(tokens)
            }
            Err(error) => {
                match &error.trouble {
                    Trouble::SessionEnded => self.end(&entry, kept).await,
                    Trouble::SignedOut => self.forget(SignedOut::Plain),
                    _ if error.is_passing() => self.go_offline(offline_words(&error.trouble)),
                    _ => self.go_offline("the service did not give new tokens"),
                }
                Err(error)
            }
        }
    }

    async fn refresh_kept(
        &self,
        entry: &str,
        mut refresh: Secret,
        kept: Kept,
    ) -> Result<(Tokens, Claims), AccountError> {
        let pool = self.pool()?;
        match self.again(entry, &refresh, kept).await {
            Again::Changed(newer) => refresh = newer.refresh,
            Again::Gone => return Err(AccountError::new(Trouble::SignedOut)),
            Again::Same => {}
        }
        let result = match pool.refresh(&refresh).await {
            // Before a refusal is believed: another process may have a newer one by now.
            Err(error) if error.trouble == Trouble::SessionEnded => match self.again(entry, &refresh, kept).await {
                Again::Changed(newer) => {
                    refresh = newer.refresh;
                    pool.refresh(&refresh).await?
                }
                Again::Gone | Again::Same => return Err(error),
            },
            other => other?,
        };
        let (tokens, claims) = pool.tokens(result, Some(&refresh), self.now())?;
        if tokens.refresh != refresh && kept == Kept::Keyring {
            self.keep_rotated(entry, &tokens.refresh).await;
        }
        Ok((tokens, claims))
    }

    /// Reads the keyring again.
    async fn again(&self, entry: &str, refresh: &Secret, kept: Kept) -> Again {
        if kept == Kept::ThisSession {
            return Again::Same;
        }
        match self.0.parts.keyring.get(entry).await {
            // What is in memory is still good while the keyring is locked or slow.
            Err(_) => Again::Same,
            Ok(None) => Again::Gone,
            Ok(Some(text)) => match KeptSignIn::read(&text) {
                Some(kept) if kept.refresh != *refresh => Again::Changed(kept),
                _ => Again::Same,
            },
        }
    }

    /// Stores a new refresh token before the old one is dropped. Where the keyring does not take it, the session goes
    /// on in memory, and that is said.
    async fn keep_rotated(&self, entry: &str, refresh: &Secret) {
        let Some(who) = self.live().who.clone() else { return };
        let text = KeptSignIn { refresh: refresh.clone(), who }.write();
        let mut stored = self.0.parts.keyring.set(entry, &text).await;
        if stored.is_err() {
            stored = self.0.parts.keyring.set(entry, &text).await;
        }
        if let Err(problem) = stored {
            tracing::warn!("the keyring did not take the new sign-in ({})", problem.words().0);
            self.update(|live| live.kept = Kept::ThisSession);
        }
    }

    fn refreshed(&self, tokens: &Tokens, claims: &Claims, mut who: Identity) {
        if !claims.email.is_empty() {
            who.email = claims.email.clone();
        }
        self.update(|live| {
            live.tokens = Some(tokens.clone());
            live.who = Some(who.clone());
            // A person in the middle of something is not pulled out of it.
            if !matches!(live.session, Session::NeedsYou(_)) {
                live.session = Session::SignedIn(who);
            }
        });
    }

    fn go_offline(&self, why: &str) {
        self.update(|live| {
            if let (Some(who), Session::SignedIn(_) | Session::Restoring(_) | Session::Offline { .. }) =
                (&live.who, &live.session)
            {
                live.session = Session::Offline { last: who.clone(), why: why.to_owned() };
            }
        });
    }

    /// The service does not take the sign-in any more.
    async fn end(&self, entry: &str, kept: Kept) {
        if kept == Kept::Keyring {
            let _ = self.0.parts.keyring.remove(entry).await;
        }
        let why = "the sign-in has ended: it was revoked, it expired, or the account is gone".to_owned();
        self.forget(SignedOut::Ended(why));
        self.remember_user(None, None);
    }

    /// Forgets everything that is in memory.
    pub(super) fn forget(&self, why: SignedOut) {
        if let Ok(mut credentials) = self.0.credentials.try_lock() {
            *credentials = None;
        }
        self.update(|live| {
            live.tokens = None;
            live.who = None;
            live.factors.clear();
            live.pending = super::steps::Pending::Nothing;
            live.session = Session::SignedOut(why);
        });
    }
}

fn is_old(tokens: &Tokens, now: Timestamp) -> bool {
    tokens.expires_at.0.saturating_sub(now.0) < BEFORE_END_MS
}

fn offline_words(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Busy => "the service is busy or out of order",
        Trouble::BadAnswer(_) => "something between you and the service answers in its place",
        _ => "the network or the service cannot be reached",
    }
}
