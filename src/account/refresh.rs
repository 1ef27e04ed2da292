//! Staying signed in: the start, the next refresh, the way offline and back.

use std::time::Duration;

use super::error::{AccountError, Trouble};
use super::kept::KeptSignIn;
use super::person::{Account, entry};
use super::pool::Pool;
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
        // A task of its own: whoever stops waiting must not leave it half done.
        let account = self.clone();
        let _ = tokio::spawn(async move { account.restore_here().await }).await;
    }

    async fn restore_here(&self) {
        let (place, generation) = {
            let live = self.live();
            (live.place.clone(), live.generation)
        };
        let settings = match place {
            Place::Aws(settings) => settings,
            Place::Remote(remote) => return self.look_for_keys(&remote).await,
            Place::ThisComputer => return,
        };
        let Some(sub) = settings.user.clone() else { return };
        self.update_of(generation, |live| live.session = Session::Restoring(None));
        let session = match self.0.parts.keyring.get(&entry(&settings, &sub)).await {
            Err(problem) => Session::Keyring(problem),
            Ok(None) => Session::SignedOut(SignedOut::Plain),
            Ok(Some(text)) => match KeptSignIn::read(&text) {
                Some(mut kept) if kept.who.sub == sub => {
                    kept.who.identity_id = kept.who.identity_id.or_else(|| settings.identity.clone());
                    return self.resume(kept, generation).await;
                }
                _ => {
                    let why = "what the keyring holds of the sign-in cannot be read".to_owned();
                    Session::SignedOut(SignedOut::Ended(why))
                }
            },
        };
        self.update_of(generation, |live| live.session = session);
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
                self.save_again().await;
                let _ = self.learn_factors().await;
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
    async fn resume(&self, kept: KeptSignIn, generation: u64) {
        let who = kept.who.clone();
        let resumed = self.update_of(generation, |live| {
            live.tokens = Some(Tokens {
                access: Secret::default(),
                id: Secret::default(),
                refresh: kept.refresh,
                expires_at: Timestamp(0),
            });
            live.who = Some(who.clone());
            live.kept = Kept::Keyring;
            live.unsaved = false;
            live.session = Session::Restoring(Some(who));
        });
        if !resumed {
            return;
        }
        let refresh = self.refresh(true);
        tokio::pin!(refresh);
        let outcome = match tokio::time::timeout(OFFLINE_AFTER, &mut refresh).await {
            Ok(outcome) => outcome,
            Err(_) => {
                // Whatever the answer will be: until it comes, this is offline.
                self.update_of(generation, |live| {
                    if let Session::Restoring(Some(who)) = &live.session {
                        let why = "the service has not answered yet".to_owned();
                        live.session = Session::Offline { last: who.clone(), why };
                    }
                });
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
                    self.save_again().await;
                }
                Session::Offline { .. } => {
                    let since = now.0.saturating_sub(tried.0);
                    if since < 0 || since >= i64::try_from(wait.as_millis()).unwrap_or(i64::MAX) {
                        tried = now;
                        wait = if self.refresh(true).await.is_ok() {
                            let _ = self.learn_factors().await;
                            LOOK_EVERY
                        } else {
                            (wait * 2).min(LONGEST_WAIT)
                        };
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
        let begun = self.begun()?;
        if !now && !is_old(&begun.tokens, self.now()) {
            return Ok(begun.tokens);
        }
        // Without the lock two processes may refresh at once; the old token is good for another minute, so that
        // neither loses. A lock that cannot be had is therefore no reason to stop.
        let _between_processes = begun.lock().await;
        let mut refresh = begun.tokens.refresh.clone();
        let outcome = self.refresh_kept(&begun, &mut refresh).await;
        match outcome {
            Ok((tokens, claims)) => {
                self.refreshed(&begun, &tokens, &claims);
                Ok(tokens)
            }
            Err(error) => {
                match &error.trouble {
                    Trouble::SessionEnded => self.end(&begun, &refresh).await,
                    Trouble::SignedOut => self.forget_of(begun.generation, SignedOut::Plain),
                    _ if error.is_passing() => self.go_offline(&begun, offline_words(&error.trouble)),
                    _ => self
                        .go_offline(&begun, "the service refused to go on with this sign-in; sign out, and in again"),
                }
                Err(error)
            }
        }
    }

    /// What an operation on the sign-in works with, from beginning to end.
    pub(super) fn begun(&self) -> Result<Begun, AccountError> {
        let settings = self.settings()?;
        let live = self.live();
        let signed_out = || AccountError::new(Trouble::SignedOut);
        let who = live.who.clone().ok_or_else(signed_out)?;
        Ok(Begun {
            generation: live.generation,
            entry: entry(&settings, &who.sub),
            who,
            pool: Pool::new(&settings),
            tokens: live.tokens.clone().ok_or_else(signed_out)?,
            in_keyring: live.kept == Kept::Keyring && !live.unsaved,
            to_keep: live.kept == Kept::Keyring,
        })
    }

    async fn refresh_kept(&self, begun: &Begun, refresh: &mut Secret) -> Result<(Tokens, Claims), AccountError> {
        match self.again(begun, refresh).await {
            Again::Changed(newer) => *refresh = newer.refresh,
            Again::Gone => return Err(AccountError::new(Trouble::SignedOut)),
            Again::Same => {}
        }
        let result = match begun.pool.refresh(refresh).await {
            // Before a refusal is believed: another process may have a newer one by now.
            Err(error) if error.trouble == Trouble::SessionEnded => match self.again(begun, refresh).await {
                Again::Changed(newer) => {
                    *refresh = newer.refresh;
                    begun.pool.refresh(refresh).await?
                }
                Again::Gone | Again::Same => return Err(error),
            },
            other => other?,
        };
        // A new refresh token is kept before anything else is looked at: the old one may be good for a minute only.
        let rotated = result.refresh_token.as_deref().map(Secret::from).filter(|new| new != refresh);
        if let Some(new) = rotated.filter(|_| begun.to_keep) {
            self.keep_rotated(begun, &new).await;
        }
        begun.pool.tokens(result, Some(refresh), self.now())
    }

    /// Reads the keyring again.
    async fn again(&self, begun: &Begun, refresh: &Secret) -> Again {
        if !begun.in_keyring {
            return Again::Same;
        }
        match self.0.parts.keyring.get(&begun.entry).await {
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
    /// on in memory, that is said, and it is tried again.
    async fn keep_rotated(&self, begun: &Begun, refresh: &Secret) {
        let mut who = begun.who.clone();
        self.update_of(begun.generation, |live| {
            if let Some(tokens) = &mut live.tokens {
                tokens.refresh = refresh.clone();
            }
            // The identity id may have been learned meanwhile.
            who = live.who.clone().unwrap_or_else(|| who.clone());
        });
        // Also where another place was chosen meanwhile: the sign-in stays in the keyring for going back, and the old
        // token will not be good for long. A sign-out cannot come between: it waits for the refresh.
        let text = KeptSignIn { refresh: refresh.clone(), who }.write();
        let stored = self.0.parts.keyring.set(&begun.entry, &text).await;
        if let Err(problem) = &stored {
            tracing::warn!("the keyring did not take the new sign-in ({})", problem.words().0);
        }
        self.update_of(begun.generation, |live| live.unsaved = stored.is_err());
    }

    /// Gives the keyring what it did not take before.
    pub async fn save_again(&self) {
        let (wanted, generation) = {
            let live = self.live();
            (live.unsaved && live.kept == Kept::Keyring, live.generation)
        };
        if !wanted {
            return;
        }
        let _one = self.0.refreshing.lock().await;
        let Ok(begun) = self.begun() else { return };
        let Some(who) = self.live().who.clone().filter(|_| begun.generation == generation) else { return };
        let sub = who.sub.clone();
        let identity = who.identity_id.clone();
        let text = KeptSignIn { refresh: begun.tokens.refresh.clone(), who }.write();
        if self.0.parts.keyring.set(&begun.entry, &text).await.is_ok()
            && self.update_of(generation, |live| live.unsaved = false)
        {
            self.remember_user(Some(sub), identity);
        }
    }

    fn refreshed(&self, begun: &Begun, tokens: &Tokens, claims: &Claims) {
        self.update_of(begun.generation, |live| {
            live.tokens = Some(tokens.clone());
            let Some(who) = &mut live.who else { return };
            // Only what the tokens say: the identity id may have been learned meanwhile.
            if !claims.email.is_empty() {
                who.email = claims.email.clone();
            }
            let signed_in = Session::SignedIn(who.clone());
            // A person in the middle of something is not pulled out of it.
            match live.session {
                Session::NeedsYou(_) => live.before = Some(signed_in),
                _ => live.session = signed_in,
            }
        });
    }

    fn go_offline(&self, begun: &Begun, why: &str) {
        self.update_of(begun.generation, |live| {
            if let (Some(who), Session::SignedIn(_) | Session::Restoring(_) | Session::Offline { .. }) =
                (&live.who, &live.session)
            {
                live.session = Session::Offline { last: who.clone(), why: why.to_owned() };
            }
        });
    }

    /// The service does not take the sign-in any more.
    async fn end(&self, begun: &Begun, refused: &Secret) {
        if begun.in_keyring {
            // Somebody may have signed in anew meanwhile, in another process.
            let kept = self.0.parts.keyring.get(&begun.entry).await;
            if kept.is_ok_and(|kept| {
                kept.and_then(|kept| KeptSignIn::read(&kept)).is_some_and(|kept| kept.refresh == *refused)
            }) {
                let _ = self.0.parts.keyring.remove(&begun.entry).await;
            }
        }
        let why = "the sign-in has ended: it was revoked, it expired, or the account is gone".to_owned();
        if self.live().generation == begun.generation {
            self.forget_of(begun.generation, SignedOut::Ended(why));
            self.remember_user(None, None);
        }
    }

    /// Forgets everything of a sign-in that is in memory.
    pub(super) fn forget_of(&self, generation: u64, why: SignedOut) {
        self.update_of(generation, |live| {
            live.generation += 1;
            live.tokens = None;
            live.who = None;
            live.unsaved = false;
            live.before = None;
            live.factors.clear();
            live.pending = super::steps::Pending::Nothing;
            live.session = Session::SignedOut(why);
        });
    }
}

/// What an operation on the sign-in works with.
pub(super) struct Begun {
    pub generation: u64,
    pub who: Identity,
    pub entry: String,
    pub pool: Pool,
    pub tokens: Tokens,
    /// Whether the keyring has it.
    pub in_keyring: bool,
    /// Whether the keyring is to have it.
    pub to_keep: bool,
}

impl Begun {
    /// The lock between processes, where the keyring is shared with them and the lock can be had.
    pub async fn lock(&self) -> Option<RefreshLock> {
        let dir = RefreshLock::usual_dir().filter(|_| self.to_keep)?;
        let lock = RefreshLock::take(&dir, &self.entry).await;
        lock.map_err(|problem| tracing::info!("going on without a lock ({problem})")).ok()
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
