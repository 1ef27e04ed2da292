//! Errors as people read them: the problem first, what to do, the path last.

use serde::{Deserialize, Serialize};

/// What kind of failure it is, for scripts; part of the command line's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The words of a command or query do not fit.
    Usage,
    /// There is no such photo, version, folder or vault.
    NotFound,
    /// A prefix fits more than one photo.
    Ambiguous,
    /// Another process is writing to the library.
    Busy,
    /// The catalogue is from a newer version of Lightkeep.
    TooNew,
    /// The catalogue is damaged.
    Corrupt,
    /// No room on a disk.
    DiskFull,
    /// A disk, folder or vault is not there or not writable.
    Unavailable,
    /// Nobody is signed in, or the sign-in is not taken any more.
    SignedOut,
    /// The service refused: a wrong password or code, or no right to do it.
    Denied,
    /// A code or a sign-in has run out.
    Expired,
    /// Too many tries; wait.
    TooManyTries,
    /// The network or the service cannot be reached.
    Offline,
    /// The operating system's keyring is locked, absent or slow.
    Keyring,
    /// The account's settings are wrong: region, pool, client, bucket or clock.
    Settings,
    /// A person stopped it.
    Cancelled,
    /// Anything else.
    Failed,
}

/// One clear line for a person, and a code for a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct UserError {
    /// What kind.
    pub code: ErrorCode,
    /// The problem, with the path last.
    pub message: String,
    /// What to do about it; empty where there is nothing to be done.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub hint: String,
    /// For whoever helps: the service's own words and its request id; empty where there are none.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub details: String,
}

impl UserError {
    /// An error with nothing more to advise.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: String::new(), details: String::new() }
    }

    /// Adds the service's own words and its request id.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.details = details.into();
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// One item of an operation that did not work while the rest went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFailure {
    /// Which: a path (lossy where it is not UTF-8) or a key.
    pub path: String,
    /// Why, and what to do.
    pub why: String,
}
