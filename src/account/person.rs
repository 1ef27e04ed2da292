//! The account as the rest of the program sees it: one state, one set of tokens, whatever is going on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::credentials::Held;
use super::error::{AccountError, Trouble};
use super::keyring::Keyring;
use super::pool::Pool;
use super::steps::Pending;
use super::tokens::Tokens;
use crate::domain::account::{
    AccountState, AwsSettings, Factor, Identity, Kept, KeyringProblem, Place, Session, SignedOut,
};
use crate::domain::{Secret, Timestamp};

/// The outside world, as the account sees it.
#[derive(Clone)]
pub struct Parts {
    /// The time now.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Where secrets are kept.
    pub keyring: Keyring,
    /// Writes down what has to be known at the next start. Nothing of it is secret. Must not wait long.
    pub remember: Arc<dyn Fn(Remember) -> Result<(), String> + Send + Sync>,
    /// Opens a page in the browser.
    pub open_page: Arc<dyn Fn(String) + Send + Sync>,
}

/// What has to be known at the next start.
#[derive(Debug, Clone)]
pub enum Remember {
    /// Where photos are stored.
    Place(Box<Place>),
    /// Who is signed in to this account, and that user's identity id.
    User {
        /// The account: only its pool and client count.
        account: Box<AwsSettings>,
        /// The `sub` claim.
        user: Option<String>,
        /// The identity id.
        identity: Option<String>,
    },
}

/// The account. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Account(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub parts: Parts,
    live: Mutex<Live>,
    /// One refresh at a time.
    pub refreshing: tokio::sync::Mutex<()>,
    /// Temporary credentials, and one request for them at a time.
    pub credentials: tokio::sync::Mutex<Option<Held>>,
    changed: watch::Sender<AccountState>,
}

/// What is known at this moment. Locked for moments only, never across a wait.
pub(super) struct Live {
    pub place: Place,
    pub known_aws: Option<AwsSettings>,
    pub session: Session,
    /// Counts up with every sign-in, sign-out and change of place: what began before one of these is not finished
    /// after it.
    pub generation: u64,
    /// The session before a challenge, to go back to.
    pub before: Option<Session>,
    pub kept: Kept,
    /// The keyring is to keep the sign-in, and does not have it yet.
    pub unsaved: bool,
    pub factors: Vec<Factor>,
    pub tokens: Option<Tokens>,
    /// Who the tokens are of.
    pub who: Option<Identity>,
    /// A sign-in, sign-up or reset that is half done.
    pub pending: Pending,
    /// Keys of an S3-compatible server that the keyring did not take.
    pub remote_keys: Option<(Secret, Secret)>,
}

/// How something with the account went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// A code was sent; where to, masked, where the service said.
    CodeSent(Option<String>),
    /// Something more is asked: see the session.
    GoOn,
}

impl Account {
    /// An account at a place; `known_aws` is one that was set up before. Nothing is asked of anybody until [`Account::restore`].
    #[must_use]
    pub fn new(place: Place, known_aws: Option<AwsSettings>, parts: Parts) -> Self {
        let live = Live {
            place,
            known_aws,
            session: Session::SignedOut(SignedOut::Plain),
            generation: 0,
            before: None,
            kept: Kept::default(),
            unsaved: false,
            factors: Vec::new(),
            tokens: None,
            who: None,
            pending: Pending::Nothing,
            remote_keys: None,
        };
        let changed = watch::Sender::new(state_of(&live));
        Self(Arc::new(Inner {
            parts,
            live: Mutex::new(live),
            refreshing: tokio::sync::Mutex::default(),
            credentials: tokio::sync::Mutex::default(),
            changed,
        }))
    }

    /// How it stands now.
    #[must_use]
    pub fn state(&self) -> AccountState {
        state_of(&self.live())
    }

    /// Tells of every change; the state of now is there at once.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<AccountState> {
        self.0.changed.subscribe()
    }

    /// Uses another place from now on. A sign-in of another place is forgotten here, and stays in the keyring.
    ///
    /// # Errors
    /// Where it could not be written down; the place before stays.
    pub fn use_place(&self, place: Place) -> Result<(), AccountError> {
        let before = self.live().place.clone();
        let place = match (place, &before) {
            // The same pool again keeps who was signed in.
            (Place::Aws(new), Place::Aws(old)) if same_pool(&new, old) => {
                let identity = old.identity.clone().filter(|_| new.identity_pool == old.identity_pool);
                Place::Aws(AwsSettings { user: old.user.clone(), identity, ..new })
            }
            (other, _) => other,
        };
        self.remember(Remember::Place(Box::new(place.clone())))?;
        let same = matches!((&place, &before), (Place::Aws(new), Place::Aws(old)) if same_pool(new, old));
        self.update(|live| {
            live.generation += 1;
            if let Place::Aws(left) = &live.place {
                live.known_aws = Some(left.clone());
            }
            live.place = place;
            live.remote_keys = None;
            if let (Some(who), Place::Aws(settings)) = (&mut live.who, &live.place) {
                who.identity_id.clone_from(&settings.identity);
            }
            if !same {
                live.tokens = None;
                live.who = None;
                live.pending = Pending::Nothing;
                live.before = None;
                live.unsaved = false;
                live.factors.clear();
                live.session = Session::SignedOut(SignedOut::Plain);
            }
        });
        Ok(())
    }

    pub(super) fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something and tells of it, if anything that is seen changed.
    pub(super) fn update(&self, change: impl FnOnce(&mut Live)) {
        let mut live = self.live();
        change(&mut live);
        let state = state_of(&live);
        // Told while it is locked, so that nobody ever hears of two states in the wrong order.
        self.0.changed.send_if_modified(|seen| {
            let differs = *seen != state;
            if differs {
                *seen = state;
            }
            differs
        });
    }

    /// The same for something that began at this generation: after a sign-out, a sign-in or a change of place it
    /// changes nothing. Whether it did.
    pub(super) fn update_of(&self, generation: u64, change: impl FnOnce(&mut Live)) -> bool {
        let mut done = false;
        self.update(|live| {
            done = live.generation == generation;
            if done {
                change(live);
            }
        });
        done
    }

    /// Waits until no refresh is under way, so that no new token is lost when the process ends.
    pub async fn settled(&self) {
        drop(self.0.refreshing.lock().await);
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.0.parts.clock)()
    }

    pub(super) fn settings(&self) -> Result<AwsSettings, AccountError> {
        match &self.live().place {
            Place::Aws(settings) => Ok(settings.clone()),
            Place::ThisComputer | Place::Remote(_) => Err(AccountError::new(Trouble::NotSetUp)),
        }
    }

    pub(super) fn pool(&self) -> Result<Pool, AccountError> {
        Ok(Pool::new(&self.settings()?))
    }

    pub(super) fn remember(&self, what: Remember) -> Result<(), AccountError> {
        (self.0.parts.remember)(what).map_err(|why| AccountError::new(Trouble::Other(why)))
    }

    /// Remembers who is signed in, and that user's identity id; an id of somebody else is forgotten. Not being able to
    /// is no reason to stop.
    pub(super) fn remember_user(&self, user: Option<String>, identity: Option<String>) {
        let account = {
            let mut live = self.live();
            let Place::Aws(settings) = &mut live.place else { return };
            let same = settings.user == user;
            if same && (identity.is_none() || settings.identity == identity) {
                return;
            }
            if !same || identity.is_some() {
                settings.identity = identity;
            }
            settings.user = user;
            Box::new(settings.clone())
        };
        let (user, identity) = (account.user.clone(), account.identity.clone());
        if let Err(error) = self.remember(Remember::User { account, user, identity }) {
            tracing::warn!("who is signed in could not be remembered ({error})");
        }
        self.update(|_| {});
    }

    /// The tokens of now, whatever their age.
    pub(super) fn held_tokens(&self) -> Result<Tokens, AccountError> {
        self.live().tokens.clone().ok_or_else(|| AccountError::new(Trouble::SignedOut))
    }
}

/// Names the entry of the keyring.
pub(super) fn entry(settings: &AwsSettings, sub: &str) -> String {
    format!("{}/{}/{sub}", settings.user_pool, settings.client)
}

pub(super) fn keyring_trouble(problem: KeyringProblem) -> AccountError {
    AccountError::new(Trouble::Keyring(problem))
}

fn same_pool(one: &AwsSettings, other: &AwsSettings) -> bool {
    one.user_pool == other.user_pool && one.client == other.client
}

fn state_of(live: &Live) -> AccountState {
    let in_use = matches!(live.place, Place::Aws(_));
    AccountState {
        place: live.place.clone(),
        known_aws: live.known_aws.clone().filter(|_| !in_use),
        session: live.session.clone(),
        kept: if live.unsaved { Kept::ThisSession } else { live.kept },
        factors: live.factors.clone(),
        clock_off_s: match live.place {
            Place::ThisComputer => None,
            Place::Aws(_) | Place::Remote(_) => crate::aws::clock_ahead_s(),
        },
    }
}
