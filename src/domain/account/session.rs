//! Who is signed in, and what a sign-in may ask before it is done.

use crate::domain::Secret;

use super::settings::{AwsSettings, Place};

/// Who somebody is. `Debug` shows neither the address nor the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// E-mail address, where the pool told it.
    pub email: Secret,
    /// The pool's own name for the user (the `sub` claim), a UUID for life.
    pub sub: String,
    /// The identity pool's name for the user: the first part of every key in the bucket. `None` until the first
    /// credentials came.
    pub identity_id: Option<String>,
}

/// A second proof beside the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// A code of an authenticator app (RFC 6238).
    Totp,
    /// A code in a text message.
    Sms,
    /// A code in an e-mail.
    Email,
    /// The password itself, where the pool lets people choose what comes first.
    Password,
}

impl Factor {
    /// In words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Totp => "Authenticator app",
            Self::Sms => "Text message",
            Self::Email => "E-mail",
            Self::Password => "Password",
        }
    }
}

/// What an authenticator app needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpSetup {
    /// The shared key in Base32, to type.
    pub key: Secret,
    /// `otpauth://totp/…`, for the QR code.
    pub uri: Secret,
}

/// What is asked of a person before they are signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// The code of the confirmation mail of a new account.
    ConfirmSignUp {
        /// Whose.
        email: Secret,
        /// Where it was sent, masked by the service (`a***@e***`).
        sent_to: Option<String>,
    },
    /// A password of one's own, in place of the one that an administrator gave (`NEW_PASSWORD_REQUIRED`).
    NewPassword,
    /// The code that an authenticator app shows (`SOFTWARE_TOKEN_MFA`).
    Totp,
    /// An authenticator app has to be set up first (`MFA_SETUP`).
    TotpSetup(TotpSetup),
    /// The code of a text message (`SMS_MFA`, `SMS_OTP`).
    Sms {
        /// Where it was sent, masked.
        sent_to: Option<String>,
    },
    /// The code of an e-mail (`EMAIL_OTP`).
    Email {
        /// Where it was sent, masked.
        sent_to: Option<String>,
    },
    /// Which proof to give (`SELECT_MFA_TYPE`, `SELECT_CHALLENGE`).
    Choose(Vec<Factor>),
    /// A code and a new password, after "forgot password", or because an administrator reset it.
    ResetPassword {
        /// Whose.
        email: Secret,
        /// Where the code was sent, masked.
        sent_to: Option<String>,
    },
    /// The sign-in goes on in the browser.
    Browser {
        /// The page, for a person whose browser did not open. It holds no secret of lasting worth.
        page: String,
    },
}

/// Why the keyring gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyringProblem {
    /// It is locked, and the person did not unlock it.
    Locked,
    /// This desktop has none.
    Absent,
    /// It did not answer in time.
    Slow,
    /// It answered with something else.
    Failed(String),
}

impl KeyringProblem {
    /// The problem first, then what to do.
    #[must_use]
    pub fn words(&self) -> (String, &'static str) {
        match self {
            Self::Locked => (
                "Your keyring is locked, so the sign-in kept in it cannot be read".to_owned(),
                "Unlock it (it usually opens when you log in), then try again.",
            ),
            Self::Absent => (
                "This desktop has no keyring (Secret Service), so a sign-in cannot be kept".to_owned(),
                "Start one, such as GNOME Keyring, KWallet or KeePassXC, or sign in for this session only.",
            ),
            Self::Slow => (
                "The keyring did not answer within 3 seconds".to_owned(),
                "It may be waiting for a password somewhere on your screen. Try again, or sign in for this session only.",
            ),
            Self::Failed(why) => {
                (format!("The keyring did not work ({why})"), "Try again, or sign in for this session only.")
            }
        }
    }
}

/// Why nobody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SignedOut {
    /// Nobody ever was, or they signed out here.
    #[default]
    Plain,
    /// The service does not take the sign-in any more: revoked, expired, signed out everywhere, or the user is gone.
    Ended(String),
}

/// How it stands with the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// Nobody is signed in.
    SignedOut(SignedOut),
    /// The kept sign-in is being looked at; the last identity, where it is known already.
    Restoring(Option<Identity>),
    /// A sign-in waits for a person.
    NeedsYou(Challenge),
    /// Signed in.
    SignedIn(Identity),
    /// The service cannot be reached; who was signed in last, and why in one line. Everything local works.
    Offline {
        /// Who.
        last: Identity,
        /// Why.
        why: String,
    },
    /// The keyring gives nothing: this is not "signed out".
    Keyring(KeyringProblem),
}

/// Where the sign-in is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kept {
    /// In the operating system's keyring.
    #[default]
    Keyring,
    /// In memory, until this program ends.
    ThisSession,
}

/// Everything that the account screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// Where photos are stored beside this computer.
    pub place: Place,
    /// An AWS account that was set up before and is not used now, to go back to.
    pub known_aws: Option<AwsSettings>,
    /// How it stands with the account; always `SignedOut` where the place has none.
    pub session: Session,
    /// Where the sign-in is kept.
    pub kept: Kept,
    /// Second factors that are switched on, once known.
    pub factors: Vec<Factor>,
    /// How many seconds this computer's clock is ahead of the service's, where that is more than 5 minutes.
    pub clock_off_s: Option<i64>,
}

impl Default for AccountState {
    fn default() -> Self {
        Self {
            place: Place::ThisComputer,
            known_aws: None,
            session: Session::SignedOut(SignedOut::Plain),
            kept: Kept::default(),
            factors: Vec::new(),
            clock_off_s: None,
        }
    }
}

impl AccountState {
    /// Who is signed in, or was last while offline.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        match &self.session {
            Session::SignedIn(identity) | Session::Offline { last: identity, .. } => Some(identity),
            Session::Restoring(last) => last.as_ref(),
            Session::SignedOut(_) | Session::NeedsYou(_) | Session::Keyring(_) => None,
        }
    }
}

/// A one-time code as it was pasted: without spaces, hyphens and invisible characters. `None` where anything but 4 to
/// 10 digits is left.
#[must_use]
pub fn code_digits(text: &str) -> Option<String> {
    let is_filler = |c: &char| {
        c.is_whitespace() || c.is_control() || "-–—\u{200b}\u{200e}\u{200f}\u{feff}\u{2060}\u{ad}".contains(*c)
    };
    let digits: Option<String> = text
        .chars()
        .filter(|c| !is_filler(c))
        // Full-width and Arabic digits, as some keyboards type them.
        .map(|c| c.to_digit(10).or_else(|| other_digit(c)).and_then(|digit| char::from_digit(digit, 10)))
        .collect();
    digits.filter(|digits| (4..=10).contains(&digits.len()))
}

fn other_digit(c: char) -> Option<u32> {
    let c = u32::from(c);
    [0x0660, 0x06f0, 0xff10].into_iter().find_map(|zero| c.checked_sub(zero).filter(|digit| *digit < 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_codes_lose_what_is_around_them() {
        for text in ["123456", " 123 456\n", "123-456", "\u{200b}1 2 3 4 5 6\u{feff}", "１２３４５６", "١٢٣٤٥٦"]
        {
            assert_eq!(code_digits(text).as_deref(), Some("123456"), "{text:?}");
        }
        for text in ["", "12", "12345a", "12345678901", "+123456", "０x12"] {
            assert_eq!(code_digits(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_session_shows_no_address() {
        let identity = Identity { email: "ann@example.org".into(), sub: "5f".into(), identity_id: None };
        let state = AccountState { session: Session::SignedIn(identity), ..AccountState::default() };
        assert!(!format!("{state:?}").contains("ann"));
    }
}
