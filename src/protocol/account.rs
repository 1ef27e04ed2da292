//! What can be asked of the account, and what it answers.

use crate::domain::Secret;
use crate::domain::account::{Factor, RemoteSettings, TotpSetup};

/// A new way to store beside this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewPlace {
    /// Nowhere else. Signs nobody out: the sign-in stays in the keyring.
    ThisComputer,
    /// The account that a settings line names.
    AwsLine(String),
    /// An S3-compatible server, or AWS with a profile or keys of one's own.
    Remote {
        /// Which.
        settings: RemoteSettings,
        /// Access key id and secret access key, for the keyring; `None` leaves those that are there, or uses the
        /// profile.
        keys: Option<(Secret, Secret)>,
    },
}

/// One thing asked of the account. Answers: `AccountAnswered`, and `Account` whenever its state changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountAsk {
    /// Store somewhere else from now on.
    Use(NewPlace),
    /// Look whether the bucket can be used as it should be.
    Check,
    /// Make a new account.
    SignUp {
        /// E-mail address.
        email: Secret,
        /// Password.
        password: Secret,
    },
    /// Confirm a new account with the code of its mail; where the password is known from the sign-up just before, the
    /// person is signed in at once.
    Confirm {
        /// E-mail address.
        email: Secret,
        /// The code.
        code: Secret,
    },
    /// Send the code of a new account again.
    Resend {
        /// E-mail address.
        email: Secret,
    },
    /// Sign in with e-mail and password. Without `keep`, for this session only.
    SignIn {
        /// E-mail address.
        email: Secret,
        /// Password.
        password: Secret,
        /// Whether the sign-in is kept in the keyring.
        keep: bool,
    },
    /// Sign in on the pool's own page in the browser.
    SignInBrowser {
        /// Whether the sign-in is kept in the keyring.
        keep: bool,
    },
    /// What the challenge of now asks for.
    Answer(ChallengeAnswer),
    /// Leave the challenge of now.
    Leave,
    /// Send a code to make a new password with.
    Forgot {
        /// E-mail address.
        email: Secret,
    },
    /// Make a new password with that code.
    ResetPassword {
        /// E-mail address.
        email: Secret,
        /// The code.
        code: Secret,
        /// The new password.
        password: Secret,
    },
    /// Change the password.
    ChangePassword {
        /// The one before.
        old: Secret,
        /// The new one.
        new: Secret,
    },
    /// Begin to set an authenticator app up. Answer: `Totp`.
    TotpBegin,
    /// Finish it with a code that the app shows.
    TotpFinish {
        /// The code.
        code: Secret,
    },
    /// Sign in without the authenticator app from now on.
    TotpRemove,
    /// Switch codes by e-mail or text message on or off.
    UseFactor {
        /// Which.
        factor: Factor,
        /// On or off.
        on: bool,
    },
    /// Revoke this computer's sign-in and forget it.
    SignOut,
    /// Revoke every sign-in of this user.
    SignOutEverywhere,
    /// Delete the account for ever. `typed` must be [`DELETE_WORDS`].
    DeleteAccount {
        /// What the person typed.
        typed: String,
    },
    /// Look at the keyring and the service again.
    TryAgain,
}

/// What a person types to delete an account.
pub const DELETE_WORDS: &str = "delete my account";

/// What a challenge asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChallengeAnswer {
    /// A one-time code, as it was typed or pasted.
    Code(Secret),
    /// A password of one's own, or the password where that is the proof chosen.
    Password(Secret),
    /// The proof to give.
    Choose(Factor),
}

/// How an `AccountAsk` ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountAnswer {
    /// Done, in words: `Signed in`.
    Done(String),
    /// A code was sent; where to, masked, where the service said.
    CodeSent(Option<String>),
    /// What an authenticator app needs.
    Totp(TotpSetup),
    /// Something more is asked: see the session's challenge.
    GoOn,
    /// How it stands with the bucket.
    Checked(ConnectionReport),
}

/// How it stands with a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionReport {
    /// Where: bucket and server, for people.
    pub place: String,
    /// First part of every key that this person may use.
    pub prefix: String,
    /// Each thing that was looked at.
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What, as a statement that should be true: `Old versions are kept`.
    pub what: String,
    /// How it is.
    pub state: CheckState,
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckState {
    /// It is true.
    Good,
    /// It is not: what it means and how to mend it.
    Bad(String),
    /// It could not be looked at, and why.
    Unknown(String),
}
