//! The pool's public keys, and whether an id token is the pool's own, for us, of this sign-in, and of now.
//!
//! Sources: OpenID Connect Core 1.0 section 3.1.3.7; RFC 7515, 7517, 7519, 8725; Amazon Cognito Developer Guide,
//! "Verifying JSON web tokens".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::error::{AccountError, Trouble};
use super::pkce::same;
use super::tokens::{Claims, MOST_TOKEN};
use crate::aws::{self, Fault, FaultKind};
use crate::domain::account::AwsSettings;
use crate::domain::{Secret, Timestamp};

/// Clocks may differ so much, in seconds, before a token counts as expired or as not yet valid.
const LEEWAY_S: i64 = 5 * 60;
/// A set of more keys than this is no pool's.
const MOST_KEYS: usize = 64;
/// The fewest bytes of an RSA modulus (RFC 7518, section 3.3: 2048 bits).
const FEWEST_MODULUS_BYTES: usize = 256;

/// What an id token has to say.
pub(super) struct Expected<'a> {
    /// The pool (`iss`).
    pub issuer: &'a str,
    /// The app client (`aud`).
    pub audience: &'a str,
    /// What the authorize address carried, where a browser was asked.
    pub nonce: Option<&'a Secret>,
    /// The access token that came with it, where one did: it must be the one that the id token names (`at_hash`).
    pub access: Option<&'a Secret>,
}

/// Why an id token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is no JSON Web Token.
    NoToken,
    /// It is signed in another way than RS256, or not at all.
    Algorithm,
    /// What should be keys is something else.
    NoKeys,
    /// The pool has no key of that name.
    UnknownKey,
    /// The pool's key of that name cannot be used.
    BadKey,
    /// The signature is not the key's.
    Signature,
    /// It is another pool's.
    Issuer,
    /// It is for another app.
    Audience,
    /// It is not an id token.
    Use,
    /// It is of another sign-in.
    Nonce,
    /// The access token beside it is another one's.
    Access,
    /// It ended; this computer's clock is so many seconds after its issue.
    Expired(i64),
    /// It begins later; this computer's clock is so many seconds before its issue (a negative number).
    NotYet(i64),
}

impl Doubt {
    /// The trouble for a token that was issued just now: one that has ended already means a clock that is off.
    fn trouble(self) -> Trouble {
        let what = match self {
            Self::Expired(off) | Self::NotYet(off) => {
                return Trouble::ClockOff(aws::clock_ahead_s().unwrap_or(off));
            }
            Self::NoToken => "the id token is none",
            Self::Algorithm => "the id token is not signed with RS256",
            Self::NoKeys => "the user pool's public keys are no keys",
            Self::UnknownKey => "the id token is signed with a key that the user pool does not have",
            Self::BadKey => "the user pool's public key cannot be used",
            Self::Signature => "the id token's signature is wrong",
            Self::Issuer => "the id token is another user pool's",
            Self::Audience => "the id token is for another app",
            Self::Use => "what came in place of the id token is another token",
            Self::Nonce => "the id token belongs to another sign-in",
            Self::Access => "the access token does not belong to the id token",
        };
        Trouble::BadAnswer(what.to_owned())
    }
}

impl From<Doubt> for AccountError {
    fn from(doubt: Doubt) -> Self {
        Self::new(doubt.trouble())
    }
}

/// Checks that an id token which was issued just now is the pool's, for this app, of this sign-in (`nonce`), of now, and
/// of the access token beside it. Fetches the pool's public keys, and once again where the token names a key that is not
/// among them: pools change their keys.
///
/// # Errors
/// [`Trouble::BadAnswer`] for a token that is not to be believed, [`Trouble::ClockOff`] where it has ended already or
/// begins later, and what fetching the keys may meet.
pub async fn verify_id_token(
    settings: &AwsSettings,
    token: &Secret,
    nonce: Option<&Secret>,
    access: Option<&Secret>,
    now: &(dyn Fn() -> Timestamp + Send + Sync),
) -> Result<Claims, AccountError> {
    let issuer = settings.issuer();
    let expected = Expected { issuer: &issuer, audience: &settings.client, nonce, access };
    match check_id_token(&keys(settings).await?, token, &expected, now()) {
        Err(Doubt::UnknownKey) => Ok(check_id_token(&keys(settings).await?, token, &expected, now())?),
        checked => Ok(checked?),
    }
}

async fn keys(settings: &AwsSettings) -> Result<Zeroizing<Vec<u8>>, AccountError> {
    let answer = aws::get(&settings.jwks_address()).await.map_err(|fault| unreachable(&fault))?;
    let details = |trouble| AccountError { trouble, details: answer.details() };
    match answer.status {
        200 => Ok(answer.body),
        429 | 500.. => Err(details(Trouble::Busy)),
        400 | 404 => {
            let words =
                format!("the user pool {} does not exist, or is not in {}", settings.user_pool, settings.region);
            Err(details(Trouble::WrongSettings(words)))
        }
        _ => Err(details(Trouble::BadAnswer("the user pool's public keys did not come".to_owned()))),
    }
}

/// The trouble of a request that had no answer.
pub(super) fn unreachable(fault: &Fault) -> AccountError {
    let trouble = match fault.kind {
        FaultKind::Offline | FaultKind::TimedOut => Trouble::Offline,
        FaultKind::Busy => Trouble::Busy,
        FaultKind::BadAnswer => Trouble::BadAnswer("the answer is none of the sign-in service".to_owned()),
        FaultKind::Refused | FaultKind::NoCredentials | FaultKind::Here => {
            Trouble::Other("the sign-in service could not be asked".to_owned())
        }
    };
    AccountError::with(trouble, fault)
}

/// The parts of a token's header that count. `crit` names extensions that must be understood, and none is (RFC 7515,
/// section 4.1.11).
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

/// The claims that are checked here. Cognito's `aud` is always one text.
#[derive(Deserialize)]
struct Checked {
    #[serde(default)]
    iss: String,
    #[serde(default)]
    aud: serde_json::Value,
    #[serde(default)]
    token_use: String,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    at_hash: Option<String>,
    exp: i64,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    nbf: Option<i64>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// One RSA key (RFC 7518, section 6.3.1).
#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: String,
    n: String,
    e: String,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
}

/// Checks an id token against a pool's key set, as it was fetched. Nothing it says is looked at before its signature
/// holds.
pub(super) fn check_id_token(
    jwks: &[u8],
    token: &Secret,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Claims, Doubt> {
    let text = token.expose();
    let parts: Vec<&str> = text.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return Err(Doubt::NoToken) };
    if text.len() > MOST_TOKEN {
        return Err(Doubt::NoToken);
    }
    let header: Header = part(header)?;
    // The one algorithm of Cognito, named here and not by the token: `none` and HMAC with the public key as its secret
    // never get as far as a key (RFC 8725, section 3.1).
    if header.alg != "RS256" || header.crit.is_some() {
        return Err(Doubt::Algorithm);
    }
    let key = find_key(jwks, &header.kid)?;
    let signed = &text[..text.len() - signature.len() - 1];
    match jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, Algorithm::RS256) {
        Ok(true) => {}
        Ok(false) | Err(_) => return Err(Doubt::Signature),
    }
    check_claims(&part(claims)?, expected, now)?;
    Claims::read(token).map_err(|_| Doubt::NoToken)
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Doubt> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| Doubt::NoToken)?);
    serde_json::from_slice(&bytes).map_err(|_| Doubt::NoToken)
}

/// Keys of other kinds are passed over: a pool may have more than we know.
fn find_key(jwks: &[u8], kid: &str) -> Result<DecodingKey, Doubt> {
    let set: KeySet = serde_json::from_slice(jwks).map_err(|_| Doubt::NoKeys)?;
    if set.keys.len() > MOST_KEYS {
        return Err(Doubt::NoKeys);
    }
    let ours = |key: &Key| {
        key.kty == "RSA"
            && key.kid == kid
            && key.alg.as_deref().is_none_or(|alg| alg == "RS256")
            && key.usage.as_deref().is_none_or(|usage| usage == "sig")
    };
    let key = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).find(ours);
    let key: Key = key.filter(|_| !kid.is_empty()).ok_or(Doubt::UnknownKey)?;
    let modulus = URL_SAFE_NO_PAD.decode(&key.n).map_err(|_| Doubt::BadKey)?;
    if modulus.len() < FEWEST_MODULUS_BYTES {
        return Err(Doubt::BadKey);
    }
    let exponent = URL_SAFE_NO_PAD.decode(&key.e).map_err(|_| Doubt::BadKey)?;
    Ok(DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}

fn check_claims(claims: &Checked, expected: &Expected<'_>, now: Timestamp) -> Result<(), Doubt> {
    if claims.iss != expected.issuer {
        return Err(Doubt::Issuer);
    }
    if claims.aud.as_str() != Some(expected.audience) {
        return Err(Doubt::Audience);
    }
    if claims.token_use != "id" {
        return Err(Doubt::Use);
    }
    if let Some(nonce) = expected.nonce
        && !claims.nonce.as_deref().is_some_and(|given| same(nonce.expose(), given))
    {
        return Err(Doubt::Nonce);
    }
    if let (Some(access), Some(hash)) = (expected.access, &claims.at_hash) {
        // The left half of the hash (OpenID Connect Core 1.0, section 3.1.3.6).
        let whole = Sha256::digest(access.expose());
        if !same(&URL_SAFE_NO_PAD.encode(&whole[..16]), hash) {
            return Err(Doubt::Access);
        }
    }
    let now_s = now.0.div_euclid(1000);
    let since = |moment: i64| now_s.saturating_sub(moment);
    if since(claims.exp) >= LEEWAY_S {
        return Err(Doubt::Expired(since(claims.iat.unwrap_or(claims.exp))));
    }
    let begins = claims.iat.unwrap_or(i64::MIN).max(claims.nbf.unwrap_or(i64::MIN));
    if begins != i64::MIN && since(begins) < -LEEWAY_S {
        return Err(Doubt::NotYet(since(begins)));
    }
    Ok(())
}

#[cfg(test)]
#[path = "jwks_tests.rs"]
mod tests;
