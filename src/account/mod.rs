//! Who you are: Cognito sign-in, tokens, temporary credentials and the keyring.
//!
//! The refresh token lies in the operating system's keyring and nowhere else; everything shorter-lived stays in memory.

mod browser;
mod credentials;
mod error;
mod kept;
pub mod keyring;
mod person;
mod pool;
mod profile;
mod refresh;
mod refresh_lock;
pub mod srp;
mod steps;
mod tokens;

pub use credentials::S3Place;
pub use error::{AccountError, Trouble};
pub use keyring::Keyring;
pub use person::{Account, Outcome, Parts};
pub use refresh_lock::{LockProblem, RefreshLock};
pub use tokens::{Claims, Tokens};
