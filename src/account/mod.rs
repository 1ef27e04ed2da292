//! Who you are: Cognito sign-in, tokens, temporary credentials and the keyring.
//!
//! The refresh token lies in the operating system's keyring and nowhere else; everything shorter-lived stays in memory.

pub mod browser;
mod callback;
mod error;
mod jwks;
mod loopback;
mod pkce;
mod tokens;

pub use error::{AccountError, Trouble};
pub use jwks::verify_id_token;
pub use tokens::{Claims, Tokens};
