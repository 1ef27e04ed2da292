//! What makes one sign-in in the browser its own: state, nonce and PKCE verifier, each used once.
//!
//! Sources: RFC 6749 section 10.12 (state), OpenID Connect Core 1.0 section 3.1.2.1 (nonce), RFC 7636 (PKCE, S256 only).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::error::{AccountError, Trouble};
use crate::domain::Secret;

/// Randomness of each value, in bytes: 256 bits, and 43 characters, the fewest that RFC 7636 takes for a verifier.
const RANDOM: usize = 32;

/// The random values of one sign-in.
#[derive(Debug)]
pub(super) struct Once {
    /// Comes back with the callback: whoever cannot repeat it did not come from our own page.
    pub state: Secret,
    /// Comes back inside the id token: a token of another sign-in cannot be slipped in.
    pub nonce: Secret,
    /// Goes to the token address only: a stolen code is worth nothing without it.
    pub verifier: Secret,
}

impl Once {
    /// New values from the operating system's randomness.
    ///
    /// # Errors
    /// [`Trouble::Other`] where the system gives none.
    pub fn new() -> Result<Self, AccountError> {
        Ok(Self { state: random()?, nonce: random()?, verifier: random()? })
    }

    /// What the authorize address carries in place of the verifier (RFC 7636, section 4.2).
    pub fn challenge(&self) -> String {
        challenge(&self.verifier)
    }
}

fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()))
}

fn random() -> Result<Secret, AccountError> {
    let mut bytes = Zeroizing::new([0; RANDOM]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|error| AccountError::new(Trouble::Other(format!("the system gives no random numbers ({error})"))))?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub(super) fn same(expected: &str, given: &str) -> bool {
    // Codes of both under the expected text as the key: what the comparison takes depends on nothing that a stranger
    // can steer, and its last step is constant in time.
    let code = |text: &str| Hmac::<Sha256>::new_from_slice(expected.as_bytes()).map(|mac| mac.chain_update(text));
    match (code(expected), code(given)) {
        (Ok(expected), Ok(given)) => given.verify(&expected.finalize().into_bytes()).is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn no_value_comes_twice_or_shows_itself() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..100 {
            let once = Once::new().unwrap();
            let shown = format!("{once:?}");
            for value in [&once.state, &once.nonce, &once.verifier] {
                assert_eq!(value.expose().len(), 43);
                assert!(value.expose().chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
                assert!(!shown.contains(value.expose()));
                assert!(seen.insert(value.expose().to_owned()), "a value came twice");
            }
            assert_eq!(once.challenge().len(), 43);
        }
    }

    #[test]
    fn only_equal_texts_are_the_same() {
        assert!(same("abc", "abc"));
        for other in ["", "ab", "abcd", "abd", "ABC", "abc\0"] {
            assert!(!same("abc", other), "{other:?}");
        }
        assert!(same("", ""));
    }
}
