//! Accounts as nouns: where originals are stored beside this computer, who is signed in, and what a sign-in may ask.

mod policy;
mod session;
mod settings;

pub use policy::{MOST_PASSWORD_CHARS, PasswordPolicy, PasswordRule};
pub use session::{
    AccountState, Challenge, Factor, Identity, Kept, KeyringProblem, Session, SignedOut, TotpSetup, code_digits,
};
pub use settings::{
    AwsSettings, CALLBACK_PORTS, DEFAULT_PREFIX, Endpoints, Place, RemoteSettings, SettingsError, check_endpoint,
    check_region,
};
