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
    /// Writes down where photos are stored and who was signed in last. Nothing of it is secret. Must not wait long.
    pub remember: Arc<dyn Fn(Place) -> Result<(), String> + Send + Sync>,
    /// Opens a page in the browser.
    pub open_page: Arc<dyn Fn(String) + Send + Sync>,
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
    pub kept: Kept,
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
            kept: Kept::default(),
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
    pub async fn use_place(&self, place: Place) -> Result<(), AccountError> {
        let before = self.live().place.clone();
        let place = match (place, &before) {
            // The same pool again keeps who was signed in.
            (Place::Aws(new), Place::Aws(old)) if same_pool(&new, old) => {
                Place::Aws(AwsSettings { user: old.user.clone(), identity: old.identity.clone(), ..new })
            }
            (other, _) => other,
        };
        self.remember(place.clone())?;
        let same = matches!((&place, &before), (Place::Aws(new), Place::Aws(old)) if same_pool(new, old));
        *self.0.credentials.lock().await = None;
        self.update(|live| {
            if let Place::Aws(left) = &live.place {
                live.known_aws = Some(left.clone());
            }
            live.place = place;
            live.remote_keys = None;
            if !same {
                live.tokens = None;
                live.who = None;
                live.pending = Pending::Nothing;
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
        let state = {
            let mut live = self.live();
            change(&mut live);
            state_of(&live)
        };
        self.0.changed.send_if_modified(|seen| {
            let differs = *seen != state;
            if differs {
                *seen = state;
            }
            differs
        });
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.0.parts.clock)()
    }

    pub(super) fn settings(&self) -> Result<AwsSettings, AccountError> {
        match &self.live().place {
            Place::Aws(settings) => Ok(settings.clone()),
            Place::ThisComputer | Place::Remote(_) => {
                Err(AccountError::new(Trouble::WrongSettings("no AWS account is set up here".into())))
            }
        }
    }

    pub(super) fn pool(&self) -> Result<Pool, AccountError> {
        Ok(Pool::new(&self.settings()?))
    }

    pub(super) fn remember(&self, place: Place) -> Result<(), AccountError> {
        (self.0.parts.remember)(place).map_err(|why| AccountError::new(Trouble::Other(why)))
    }

    /// Remembers who is signed in, and that user's identity id. Not being able to is no reason to stop.
    pub(super) fn remember_user(&self, user: Option<String>, identity: Option<String>) {
        let place = {
            let mut live = self.live();
            let Place::Aws(settings) = &mut live.place else { return };
            if settings.user == user && (identity.is_none() || settings.identity == identity) {
                return;
            }
            settings.user = user;
            if identity.is_some() {
                settings.identity = identity;
            }
            live.place.clone()
        };
        if let Err(error) = self.remember(place) {
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
        kept: live.kept,
        factors: live.factors.clone(),
        clock_off_s: match live.place {
            Place::ThisComputer => None,
            Place::Aws(_) | Place::Remote(_) => crate::aws::clock_ahead_s(),
        },
    }
}
