//! Tokens: held in memory, overwritten when they are dropped, and never seen in a `Debug`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::error::{AccountError, Trouble};
use crate::domain::{Secret, Timestamp};

/// No token of Cognito is longer, in bytes.
pub(super) const MOST_TOKEN: usize = 64 << 10;

/// What a sign-in gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// For the user's own calls to the pool.
    pub access: Secret,
    /// Says who the user is; for the identity pool.
    pub id: Secret,
    /// For new ones of the others. Goes into the keyring.
    pub refresh: Secret,
    /// When `access` and `id` end.
    pub expires_at: Timestamp,
}

/// The claims of a token that are of use here. **Not verified**: a token that came straight from the pool over TLS
/// needs no signature check (OpenID Connect Core 1.0, section 3.1.3.7, point 6); one that came by way of a browser is
/// checked by `jwks`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claims {
    /// The user's name for life.
    pub sub: String,
    /// Who issued it.
    #[serde(default)]
    pub iss: String,
    /// E-mail address; in id tokens only.
    #[serde(default, deserialize_with = "secret")]
    pub email: Secret,
    /// What it is: `id` or `access`.
    #[serde(default)]
    pub token_use: String,
    /// End, in seconds since 1970.
    pub exp: i64,
    /// The sign-in that all tokens of one chain share.
    #[serde(default)]
    pub origin_jti: String,
}

fn secret<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    Ok(Secret::new(Option::<String>::deserialize(from)?.unwrap_or_default()))
}

impl Claims {
    /// Reads the claims of a JSON Web Token (RFC 7519) without checking its signature.
    ///
    /// # Errors
    /// [`Trouble::BadAnswer`] where it is none.
    pub fn read(token: &Secret) -> Result<Self, AccountError> {
        let bad = |why: &str| AccountError::new(Trouble::BadAnswer(format!("a token {why}")));
        let text = token.expose();
        if text.len() > MOST_TOKEN {
            return Err(bad("is far too long"));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [_, claims, _] = parts.as_slice() else { return Err(bad("does not have three parts")) };
        let bytes = zeroize::Zeroizing::new(URL_SAFE_NO_PAD.decode(claims).map_err(|_| bad("is not Base64"))?);
        let claims: Self = serde_json::from_slice(&bytes).map_err(|_| bad("lacks what it should say"))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if claims.sub.is_empty() || claims.sub.len() > 128 || !claims.sub.chars().all(plain) {
            return Err(bad("names nobody"));
        }
        Ok(claims)
    }

    /// When the token ends.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        Timestamp(self.exp.saturating_mul(1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> Secret {
        Secret::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)))
    }

    #[test]
    fn claims_are_read_and_hide_the_address() {
        let claims = Claims::read(&token(r#"{"sub":"a-1","exp":7,"email":"ann@example.org","new":[1]}"#)).unwrap();
        assert_eq!((claims.sub.as_str(), claims.expires_at()), ("a-1", Timestamp(7000)));
        assert_eq!(claims.email.expose(), "ann@example.org");
        assert!(!format!("{claims:?}").contains("ann"));
    }

    #[test]
    fn what_is_no_token_is_trouble_and_no_panic() {
        let wrong = [
            "",
            "a.b",
            "a.b.c.d",
            "e30.!.x",
            "e30..x",
            &"x".repeat(100_000),
            token("{}").expose(),
            token(r#"{"sub":"","exp":1}"#).expose(),
            token(r#"{"sub":"a b","exp":1}"#).expose(),
            token(r#"{"sub":3,"exp":1}"#).expose(),
            token(r#"{"sub":"a","exp":"soon"}"#).expose(),
        ]
        .map(ToOwned::to_owned);
        for text in wrong {
            assert!(Claims::read(&Secret::new(text.clone())).is_err(), "{text}");
        }
    }
}
