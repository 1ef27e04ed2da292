//! The keyrings of macOS (the login keychain) and Windows (Credential Manager), by way of `keyring-core`.
//!
//! Both unlock with the desktop's own login. Where macOS wants to ask the person, it does so inside of the call, which
//! is then late, and nothing here can forbid it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};

use super::{SERVICE, SecretStore, from_bytes};
use crate::domain::Secret;
use crate::domain::account::KeyringProblem;

/// What a person or a policy did not allow, in the codes of macOS: `errSecInteractionNotAllowed`, `errSecAuthFailed`,
/// `errSecUserCanceled`.
const NOT_UNLOCKED: [&str; 3] = ["-25308", "-25293", "-128"];

/// Makes its store anew for each call: it holds nothing.
pub(super) struct Native;

impl SecretStore for Native {
    fn get(&self, entry: &str) -> Result<Option<Secret>, KeyringProblem> {
        match open(entry)?.get_secret() {
            Ok(bytes) => from_bytes(bytes).map(Some),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(problem(error)),
        }
    }

    fn set(&self, entry: &str, secret: &Secret) -> Result<(), KeyringProblem> {
        // Bytes: as a password, Windows would keep two bytes for each letter, and a token would not fit in its 2,560.
        open(entry)?.set_secret(secret.expose().as_bytes()).map_err(problem)
    }

    fn remove(&self, entry: &str) -> Result<(), KeyringProblem> {
        match open(entry)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(problem(error)),
        }
    }

    /// There is no way to ask for it: a reading makes the system ask.
    fn unlock(&self, _: Duration) -> Result<(), KeyringProblem> {
        self.get("unlock").map(drop)
    }
}

#[cfg(target_os = "macos")]
fn store() -> keyring_core::Result<Arc<dyn CredentialStoreApi>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn store() -> keyring_core::Result<Arc<dyn CredentialStoreApi>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

fn open(entry: &str) -> Result<Entry, KeyringProblem> {
    // A sign-in belongs to this computer: Windows would carry it to others of the same domain user.
    let modifiers = cfg!(windows).then(|| HashMap::from([("persistence", "Local")]));
    store().and_then(|store| store.build(SERVICE, entry, modifiers.as_ref())).map_err(problem)
}

/// The words of the system's own error are used, which are about the keyring and not about what is in it; bytes that
/// come with an error are overwritten.
fn problem(error: Error) -> KeyringProblem {
    match error {
        Error::NoStorageAccess(_) => KeyringProblem::Locked,
        Error::PlatformFailure(why) => {
            let code = format!("{why:?}");
            let is = |known: &&str| code.split(|c: char| !c.is_ascii_digit() && c != '-').any(|word| word == *known);
            if NOT_UNLOCKED.iter().any(is) { KeyringProblem::Locked } else { KeyringProblem::Failed(why.to_string()) }
        }
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            zeroize::Zeroize::zeroize(&mut bytes);
            KeyringProblem::Failed("what it kept is not ours".to_owned())
        }
        Error::TooLong(what, most) => KeyringProblem::Failed(format!("its {what} may have at most {most} bytes")),
        _ => KeyringProblem::Failed("it gave no reason".to_owned()),
    }
}
