//! Why something with the account did not work.

use crate::aws::Fault;
use crate::domain::account::KeyringProblem;

/// What kind of trouble it is; `engine` turns each into plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Wrong e-mail address or password; Cognito does not say which.
    WrongPassword,
    /// The password of now, asked for before a change of it, is wrong.
    WrongOldPassword,
    /// A wrong one-time code.
    WrongCode,
    /// A code or a half-done sign-in that has run out.
    Expired,
    /// Too many tries. Cognito names no time.
    TooManyTries {
        /// How many minutes at most, as Cognito documents it.
        wait_min: u32,
    },
    /// The address is taken already.
    UserExists,
    /// The account was never confirmed.
    NotConfirmed,
    /// An administrator reset the password: a code and a new one are needed.
    PasswordReset,
    /// The password does not meet the pool's policy.
    WeakPassword,
    /// What was typed cannot be right, in words.
    BadInput(String),
    /// The sign-in is not taken any more: revoked, expired, or the user is gone.
    SessionEnded,
    /// Nobody is signed in.
    SignedOut,
    /// The keyring has no keys for the S3-compatible server.
    KeysMissing,
    /// A region, pool, client or identity pool that does not exist, or does not allow this: which, in words.
    WrongSettings(String),
    /// No AWS account is set up here.
    NotSetUp,
    /// The person may not do this.
    Denied,
    /// This computer's clock is off by so many seconds (positive: ahead).
    ClockOff(i64),
    /// The network or the service cannot be reached.
    Offline,
    /// The service is there and cannot do it now.
    Busy,
    /// An answer that makes no sense, in words.
    BadAnswer(String),
    /// The service asks for something that this version does not know: its name.
    UnknownChallenge(String),
    /// The keyring gives or takes nothing.
    Keyring(KeyringProblem),
    /// Signed out here, and the service could not be told.
    NotRevoked,
    /// A person stopped it, or nobody came back from the browser in time.
    Stopped(String),
    /// Anything else, in words.
    Other(String),
}

/// Trouble, and what the service said about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{trouble:?}")]
pub struct AccountError {
    /// What kind.
    pub trouble: Trouble,
    /// The service's code and words, and its request id; empty where there are none. Never a secret or an address.
    pub details: String,
}

impl AccountError {
    /// Trouble that no service was asked about.
    #[must_use]
    pub fn new(trouble: Trouble) -> Self {
        Self { trouble, details: String::new() }
    }

    /// Trouble with what the service said.
    #[must_use]
    pub fn with(trouble: Trouble, fault: &Fault) -> Self {
        Self { trouble, details: fault.details() }
    }

    /// Takes a secret text out of the details, in case a service repeated what it was sent.
    #[must_use]
    pub fn without(mut self, secret: &str) -> Self {
        if secret.len() >= 3 {
            self.details = self.details.replace(secret, "…");
        }
        self
    }

    /// Whether the same may work a little later without anybody's help.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.trouble, Trouble::Offline | Trouble::Busy | Trouble::BadAnswer(_))
    }
}
