//! What the keyring holds of a sign-in: enough to go on next week, also offline.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::domain::Secret;
use crate::domain::account::Identity;

/// A sign-in as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptSignIn {
    pub refresh: Secret,
    pub who: Identity,
}

/// Keys of an S3-compatible server as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptKeys {
    pub access: Secret,
    pub secret: Secret,
}

#[derive(Serialize, Deserialize)]
struct SignInText {
    refresh: String,
    email: String,
    sub: String,
    #[serde(default)]
    identity: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct KeysText {
    access: String,
    secret: String,
}

impl KeptSignIn {
    pub fn write(&self) -> Secret {
        let mut text = SignInText {
            refresh: self.refresh.expose().to_owned(),
            email: self.who.email.expose().to_owned(),
            sub: self.who.sub.clone(),
            identity: self.who.identity_id.clone(),
        };
        let written = Secret::new(serde_json::to_string(&text).unwrap_or_default());
        text.refresh.zeroize();
        text.email.zeroize();
        written
    }

    /// `None` where it is something else.
    pub fn read(text: &Secret) -> Option<Self> {
        let read: SignInText = serde_json::from_str(text.expose()).ok()?;
        let refresh = Zeroizing::new(read.refresh);
        let who = Identity { email: read.email.into(), sub: read.sub, identity_id: read.identity };
        (!refresh.is_empty() && !who.sub.is_empty()).then(|| Self { refresh: Secret::from(refresh.as_str()), who })
    }
}

impl KeptKeys {
    pub fn write(&self) -> Secret {
        let mut text = KeysText { access: self.access.expose().to_owned(), secret: self.secret.expose().to_owned() };
        let written = Secret::new(serde_json::to_string(&text).unwrap_or_default());
        text.secret.zeroize();
        written
    }

    pub fn read(text: &Secret) -> Option<Self> {
        let read: KeysText = serde_json::from_str(text.expose()).ok()?;
        Some(Self { access: read.access.into(), secret: read.secret.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let who = Identity { email: "ä@x".into(), sub: "1".into(), identity_id: Some("r:2".into()) };
        let kept = KeptSignIn { refresh: "r\"\n".into(), who };
        assert_eq!(KeptSignIn::read(&kept.write()), Some(kept));
        let keys = KeptKeys { access: "AK".into(), secret: "s/+=".into() };
        assert_eq!(KeptKeys::read(&keys.write()), Some(keys));
        for wrong in ["", "{}", "null", r#"{"refresh":"","email":"","sub":"1"}"#, "\u{0}"] {
            assert_eq!(KeptSignIn::read(&wrong.into()), None, "{wrong}");
        }
    }
}
