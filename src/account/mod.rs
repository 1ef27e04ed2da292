//! Who you are: Cognito sign-in, tokens, temporary credentials and the keyring.
//!
//! The refresh token lies in the operating system's keyring and nowhere else; everything shorter-lived stays in memory.

mod error;
pub mod keyring;
mod refresh_lock;
pub mod srp;
mod tokens;

pub use error::{AccountError, Trouble};
pub use keyring::Keyring;
pub use refresh_lock::{LockProblem, RefreshLock};
pub use tokens::{Claims, Tokens};
