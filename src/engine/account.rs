//! The account behind the protocol: what was asked becomes a call, its outcome becomes words.

use std::path::Path;
use std::sync::Arc;

use super::account_words::{fault_words, words};
use super::errors::config_error;
use super::open::OpenOptions;
use super::parts::{Engine, Parts};
use crate::account::{Account, AccountError, Outcome, Remember, Trouble};
use crate::cloud::bucket::{self, BucketPlace, Seen};
use crate::config::Config;
use crate::domain::Secret;
use crate::domain::account::{AccountState, AwsSettings, Factor, Place, Session};
use crate::files::durable;
use crate::protocol::{
    AccountAnswer, AccountAsk, ChallengeAnswer, Check, CheckState, ConnectionReport, DELETE_WORDS, EngineEnd,
    ErrorCode, Event, NewPlace, UserError,
};

/// A token that may be shown. There is none for the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// For the user's own calls to the pool.
    Access,
    /// Says who the user is.
    Id,
}

/// The account of one library. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct AccountDesk {
    account: Account,
    /// One thing at a time, so that two clicks are not two sign-ins.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl AccountDesk {
    /// The account that the settings of a library name. Asks nobody.
    pub(super) fn new(dir: &Path, config: &Config, parts: &Parts, say: Option<EngineEnd>) -> Self {
        let library = dir.to_owned();
        let remember = move |what: Remember| {
            durable::private_dir(&library).map_err(|error| error.to_string())?;
            let change = |config: &mut Config| match what {
                Remember::Place(place) => config.set_place(*place),
                Remember::User { account, user, identity } => {
                    // Another process may have set another account up meanwhile.
                    let same =
                        |aws: &&mut AwsSettings| (&aws.user_pool, &aws.client) == (&account.user_pool, &account.client);
                    if let Some(aws) = config.aws.as_mut().filter(same) {
                        (aws.user, aws.identity) = (user, identity);
                    }
                }
            };
            Config::change(&library, change).map(drop).map_err(|error| error.to_string())
        };
        let open_page = move |page: String| {
            if let Some(say) = say.clone() {
                tokio::spawn(async move { say.say(Event::OpenPage(page)).await });
            }
        };
        let account = Account::new(
            config.place(),
            config.aws.clone(),
            crate::account::Parts {
                clock: parts.clock.clone(),
                keyring: parts.keyring.clone(),
                remember: Arc::new(remember),
                open_page: Arc::new(open_page),
            },
        );
        Self { account, turn: Arc::default() }
    }

    /// The account of a library that is not opened: no lock, no catalogue. `say` hears of pages to open.
    ///
    /// # Errors
    /// Where the settings cannot be read.
    pub fn open(options: &OpenOptions, say: EngineEnd) -> Result<Self, UserError> {
        let dir = options.dir()?;
        let config = Config::load(&dir).map_err(|error| config_error(&error))?;
        Ok(Self::new(&dir, &config, &Parts::real(), Some(say)))
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> AccountState {
        self.account.state()
    }

    /// Tells of every change.
    #[must_use]
    pub fn watch(&self) -> tokio::sync::watch::Receiver<AccountState> {
        self.account.watch()
    }

    /// Restores the session of the last time.
    pub async fn restore(&self) {
        self.account.restore().await;
    }

    /// Where the account's photos are in S3.
    ///
    /// # Errors
    /// In plain words: nothing is set up, nobody is signed in, no network.
    pub(super) async fn s3(&self) -> Result<crate::account::S3Place, UserError> {
        self.account.s3().await.map_err(|error| words(&error, &self.account.state()))
    }

    /// How Rekognition is asked on the account: for `tagger::rekognition::Rekognition::new`.
    ///
    /// # Errors
    /// In plain words: nothing is set up, nobody is signed in, or the server is not Amazon's.
    pub(super) async fn rekognition(&self) -> Result<aws_config::SdkConfig, UserError> {
        self.account.rekognition().await.map_err(|error| words(&error, &self.account.state()))
    }

    /// Keeps the session alive until it is dropped.
    pub(super) async fn keep_alive(&self) {
        self.account.keep_alive().await;
    }

    /// Does one thing.
    ///
    /// # Errors
    /// In plain words, with the service's own under `details`.
    pub async fn ask(&self, ask: AccountAsk) -> Result<AccountAnswer, UserError> {
        let _turn = self.turn.lock().await;
        self.answer(ask).await.map_err(|error| words(&error, &self.account.state()))
    }

    async fn answer(&self, ask: AccountAsk) -> Result<AccountAnswer, AccountError> {
        let account = &self.account;
        let done = match ask {
            AccountAsk::Use(place) => return self.use_place(place).await,
            AccountAsk::Check => return self.check().await.map(AccountAnswer::Checked),
            AccountAsk::TotpBegin => return account.totp_begin().await.map(AccountAnswer::Totp),
            AccountAsk::SignUp { email, password } => account.sign_up(&email, &password, true).await,
            AccountAsk::Confirm { email, code } => {
                if account.confirm(&email, &code).await? == Outcome::GoOn {
                    return Ok(AccountAnswer::GoOn);
                }
                let signed_in = matches!(account.state().session, Session::SignedIn(_));
                let words =
                    if signed_in { "Address confirmed, and signed in" } else { "Address confirmed; now sign in" };
                return Ok(AccountAnswer::Done(words.to_owned()));
            }
            AccountAsk::Resend { email } => account.resend(&email).await,
            AccountAsk::SignIn { email, password, keep } => account.sign_in(&email, &password, keep).await,
            AccountAsk::SignInBrowser { keep } => account.sign_in_browser(keep).await,
            AccountAsk::Answer(ChallengeAnswer::Code(code)) => account.answer_code(&code).await,
            AccountAsk::Answer(ChallengeAnswer::Password(password)) => account.answer_password(&password).await,
            AccountAsk::Answer(ChallengeAnswer::Choose(factor)) => account.answer_choice(factor).await,
            AccountAsk::Leave => {
                account.leave();
                Ok(Outcome::Done)
            }
            AccountAsk::Forgot { email } => account.forgot(&email, true).await,
            AccountAsk::ResetPassword { email, code, password } => account.reset(&email, &code, &password).await,
            AccountAsk::ChangePassword { old, new } => {
                account.change_password(&old, &new).await?;
                return Ok(AccountAnswer::Done("Password changed".to_owned()));
            }
            AccountAsk::TotpFinish { code } => {
                account.totp_finish(&code).await?;
                return Ok(AccountAnswer::Done("Authenticator app set up".to_owned()));
            }
            AccountAsk::TotpRemove => {
                account.use_factor(Factor::Totp, false).await?;
                return Ok(AccountAnswer::Done("Signing in without the authenticator app from now on".to_owned()));
            }
            AccountAsk::UseFactor { factor, on } => account.use_factor(factor, on).await,
            AccountAsk::SignOut => account.sign_out().await,
            AccountAsk::SignOutEverywhere => account.sign_out_everywhere().await,
            AccountAsk::DeleteAccount { typed } if typed.trim() == DELETE_WORDS => {
                account.delete_user().await?;
                return Ok(AccountAnswer::Done("Account deleted; the photos stay in the bucket".to_owned()));
            }
            AccountAsk::DeleteAccount { .. } => {
                let why = format!("nothing was deleted; to delete the account, type: {DELETE_WORDS}");
                Err(AccountError::new(Trouble::BadInput(why)))
            }
            AccountAsk::TryAgain => account.try_again().await.map(|()| Outcome::Done),
        };
        Ok(match done? {
            Outcome::Done => AccountAnswer::Done(done_words(&account.state().session).to_owned()),
            Outcome::CodeSent(sent_to) => AccountAnswer::CodeSent(sent_to),
            Outcome::GoOn => AccountAnswer::GoOn,
        })
    }

    async fn use_place(&self, place: NewPlace) -> Result<AccountAnswer, AccountError> {
        let done = |words: &str| Ok(AccountAnswer::Done(words.to_owned()));
        match place {
            NewPlace::ThisComputer => {
                self.account.use_place(Place::ThisComputer)?;
                done("No account is used now")
            }
            NewPlace::AwsLine(line) => {
                let mut settings = AwsSettings::from_line(&line).map_err(|error| bad(error.to_string()))?;
                // Back to an account that was used before: who was signed in is known still.
                if let Some(known) = self.account.state().known_aws
                    && (&known.user_pool, &known.client) == (&settings.user_pool, &settings.client)
                {
                    settings.user = known.user;
                    settings.identity = known.identity.filter(|_| known.identity_pool == settings.identity_pool);
                }
                self.account.use_place(Place::Aws(settings))?;
                if !matches!(self.account.state().session, Session::SignedIn(_)) {
                    self.account.restore().await;
                }
                done("The AWS account is set up here")
            }
            NewPlace::Remote { settings, keys } => {
                settings.check().map_err(|error| bad(error.to_string()))?;
                self.account.use_remote(settings, keys).await?;
                done("The server is set up here")
            }
        }
    }

    async fn check(&self) -> Result<ConnectionReport, AccountError> {
        let place = self.account.s3().await?;
        let bucket = BucketPlace {
            config: &place.config,
            path_style: place.path_style,
            bucket: &place.bucket,
            owner: place.owner.as_deref(),
            prefix: &place.prefix,
        };
        let seen = bucket::look(&bucket).await.map_err(|fault| fault_words(&fault))?;
        let checks = seen.into_iter().map(|(what, seen)| {
            let state = match seen {
                Seen::Good => CheckState::Good,
                Seen::Bad(why) => CheckState::Bad(why),
                Seen::Unknown(why) => CheckState::Unknown(why),
            };
            Check { what, state }
        });
        let region = place.config.region().map(ToString::to_string).unwrap_or_default();
        let server = place.config.endpoint_url().map_or_else(|| format!("AWS {region}"), ToOwned::to_owned);
        Ok(ConnectionReport {
            place: format!("{} at {server}", place.bucket),
            prefix: format!("{}/", place.prefix),
            checks: checks.collect(),
        })
    }

    /// A token, refreshed where it ends soon. Whoever asks shows it to the person it is of.
    ///
    /// # Errors
    /// Nobody is signed in, or the service cannot be reached.
    pub async fn token(&self, kind: TokenKind) -> Result<Secret, UserError> {
        let tokens = self.account.fresh_tokens().await.map_err(|error| words(&error, &self.account.state()))?;
        Ok(match kind {
            TokenKind::Access => tokens.access,
            TokenKind::Id => tokens.id,
        })
    }

    /// Fetches new tokens now.
    ///
    /// # Errors
    /// As [`AccountDesk::token`].
    pub async fn refresh(&self) -> Result<(), UserError> {
        self.account.refresh(true).await.map(drop).map_err(|error| words(&error, &self.account.state()))
    }

    /// Learns which factors are switched on.
    ///
    /// # Errors
    /// As [`AccountDesk::token`].
    pub async fn learn_factors(&self) -> Result<(), UserError> {
        self.account.learn_factors().await.map_err(|error| words(&error, &self.account.state()))
    }

    /// Waits until no refresh is under way.
    pub(super) async fn settled(&self) {
        self.account.settled().await;
    }

    /// Revokes the kept refresh token, without forgetting it.
    ///
    /// # Errors
    /// As [`AccountDesk::token`].
    pub async fn revoke(&self) -> Result<(), UserError> {
        self.account.revoke().await.map(drop).map_err(|error| words(&error, &self.account.state()))
    }
}

impl Engine {
    /// The library's account.
    #[must_use]
    pub fn account(&self) -> &AccountDesk {
        &self.0.account
    }

    /// Tells the window of every change of the account, until it is dropped.
    pub(super) async fn announce_account(&self) {
        let mut changes = self.account().watch();
        loop {
            let state = changes.borrow_and_update().clone();
            self.0.say.say(Event::Account(Box::new(state))).await;
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

/// What a person stopped.
pub(super) fn stopped() -> UserError {
    UserError::new(ErrorCode::Cancelled, "Stopped")
}

fn bad(why: String) -> AccountError {
    AccountError::new(Trouble::BadInput(why))
}

fn done_words(session: &Session) -> &'static str {
    match session {
        Session::SignedIn(_) => "Signed in",
        Session::SignedOut(_) => "Signed out",
        _ => "Done",
    }
}
