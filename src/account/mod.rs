//! Who you are: Cognito sign-in, tokens, temporary credentials and the keyring.
//!
//! The refresh token lies in the operating system's keyring and nowhere else; everything shorter-lived stays in memory.

pub mod browser;
mod callback;
mod credentials;
mod error;
mod jwks;
mod kept;
pub mod keyring;
mod loopback;
mod person;
mod pkce;
mod pool;
mod profile;
mod refresh;
mod refresh_lock;
pub mod srp;
mod steps;
mod tokens;

pub use credentials::S3Place;
pub use error::{AccountError, Trouble};
pub use jwks::verify_id_token;
pub use keyring::Keyring;
pub use person::{Account, Outcome, Parts, Remember};
pub use refresh_lock::{LockProblem, RefreshLock};
pub use tokens::{Claims, Tokens};
