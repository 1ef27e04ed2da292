//! Which of the account's views is shown, and what belongs to each.

use super::{AccountScreen, Field};
use crate::domain::account::{AccountState, Challenge, Place, Session, TotpSetup};

/// A choice of where photos are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    ThisComputer,
    Aws,
    Remote,
}

impl Tab {
    /// The choice that a place is.
    pub fn of(place: &Place) -> Self {
        match place {
            Place::ThisComputer => Self::ThisComputer,
            Place::Aws(_) => Self::Aws,
            Place::Remote(_) => Self::Remote,
        }
    }
}

/// What a person opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Page {
    /// Nothing: what the account needs most is shown.
    Main,
    /// Another settings line.
    Line,
    /// The sign-in, where the keyring gives nothing.
    SignIn,
    SignUp,
    Forgot,
    ChangePassword,
    Totp(TotpSetup),
    TotpRemove,
    HandOn,
    SignOutEverywhere,
    Delete,
    /// Other settings of the server.
    RemoteForm,
}

/// A kind of challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    ConfirmSignUp,
    NewPassword,
    Totp,
    TotpSetup,
    Sms,
    Email,
    Choose,
    ResetPassword,
    Browser,
}

impl Kind {
    fn of(challenge: &Challenge) -> Self {
        match challenge {
            Challenge::ConfirmSignUp { .. } => Self::ConfirmSignUp,
            Challenge::NewPassword => Self::NewPassword,
            Challenge::Totp => Self::Totp,
            Challenge::TotpSetup(_) => Self::TotpSetup,
            Challenge::Sms { .. } => Self::Sms,
            Challenge::Email { .. } => Self::Email,
            Challenge::Choose(_) => Self::Choose,
            Challenge::ResetPassword { .. } => Self::ResetPassword,
            Challenge::Browser { .. } => Self::Browser,
        }
    }
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    ThisComputer,
    Line,
    SignIn,
    SignUp,
    Forgot,
    Restoring,
    Keyring,
    Challenge(Kind),
    /// Signed in, or offline.
    Home,
    ChangePassword,
    Totp,
    TotpRemove,
    HandOn,
    SignOutEverywhere,
    Delete,
    RemoteForm,
    RemoteHome,
}

impl View {
    /// Whether it shows by itself that something is waited for, and stays usable meanwhile.
    pub fn waits_by_itself(self) -> bool {
        self == Self::Challenge(Kind::Browser)
    }

    /// Whether it only tells something, so that closing it is what most people want.
    pub fn is_only_read(self, account: &AccountState) -> bool {
        match self {
            Self::ThisComputer => account.place == Place::ThisComputer,
            Self::Home | Self::RemoteHome | Self::Restoring | Self::HandOn => true,
            _ => false,
        }
    }

    /// Whether the next view says where a code was sent.
    pub fn says_where_codes_go(self) -> bool {
        matches!(self, Self::SignUp | Self::Forgot)
    }

    /// Whether a page belongs to it.
    pub fn allows(self, page: &Page) -> bool {
        matches!(
            (self, page),
            (_, Page::Main)
                | (Self::Line, Page::Line)
                | (Self::SignIn, Page::SignIn)
                | (Self::SignUp, Page::SignUp)
                | (Self::Forgot, Page::Forgot)
                | (Self::ChangePassword, Page::ChangePassword)
                | (Self::Totp, Page::Totp(_))
                | (Self::TotpRemove, Page::TotpRemove)
                | (Self::HandOn, Page::HandOn)
                | (Self::SignOutEverywhere, Page::SignOutEverywhere)
                | (Self::Delete, Page::Delete)
                | (Self::RemoteForm, Page::RemoteForm)
        )
    }
}

impl AccountScreen {
    /// Whether a person opened what is shown, so that Esc leads back.
    pub(super) fn is_page(&self) -> bool {
        self.page != Page::Main
    }

    /// What stands over it.
    pub(super) fn title(&self, view: View) -> &'static str {
        match view {
            View::Line if self.is_page() => "Other settings",
            View::RemoteForm if self.is_page() => "Change the server",
            View::SignIn if self.is_page() => "Sign in for this session only",
            View::SignUp => "Create an account",
            View::Forgot => "Forgot the password",
            View::ChangePassword => "Change the password",
            View::Totp | View::Challenge(Kind::TotpSetup) => "Set up an authenticator app",
            View::TotpRemove => "Remove the authenticator app?",
            View::HandOn => "Hand on the settings",
            View::SignOutEverywhere => "Sign out everywhere?",
            View::Delete => "Delete the account",
            View::Challenge(Kind::ConfirmSignUp) => "Confirm your address",
            View::Challenge(Kind::NewPassword) => "Choose your own password",
            View::Challenge(Kind::ResetPassword) => "Choose a new password",
            View::Challenge(Kind::Browser) => "Go on in the browser",
            View::Challenge(_) => "Sign in",
            _ => "Account and storage",
        }
    }

    /// What is to be shown now.
    pub(super) fn view(&self, account: &AccountState) -> View {
        match self.tab.unwrap_or(Tab::of(&account.place)) {
            Tab::ThisComputer => View::ThisComputer,
            Tab::Remote => match (&account.place, &self.page) {
                (Place::Remote(_), Page::RemoteForm) => View::RemoteForm,
                (Place::Remote(_), _) => View::RemoteHome,
                _ => View::RemoteForm,
            },
            Tab::Aws => match (&account.place, &self.page) {
                (Place::Aws(_), Page::Line) => View::Line,
                (Place::Aws(_), page) => view_of(&account.session, page),
                _ => View::Line,
            },
        }
    }

    /// The field that has the keyboard when a view opens.
    pub(super) fn first_field(&self, view: View) -> Option<Field> {
        let email = || if self.fields.trimmed(Field::Email).is_empty() { Field::Email } else { Field::Password };
        match view {
            View::Line => Some(Field::Line),
            View::SignIn => Some(email()),
            View::SignUp if email() == Field::Password => Some(Field::NewPassword),
            View::SignUp | View::Forgot => Some(Field::Email),
            View::Challenge(kind) => match kind {
                Kind::NewPassword => Some(Field::NewPassword),
                Kind::Choose | Kind::Browser => None,
                _ => Some(Field::Code),
            },
            View::ChangePassword => Some(Field::Password),
            View::Totp => Some(Field::Code),
            View::Delete => Some(Field::Words),
            View::RemoteForm => Some(Field::Endpoint),
            _ => None,
        }
    }
}

/// What the account needs, or the page that was opened where it belongs to that.
fn view_of(session: &Session, page: &Page) -> View {
    match (session, page) {
        (Session::NeedsYou(challenge), _) => View::Challenge(Kind::of(challenge)),
        (Session::Restoring(_), _) => View::Restoring,
        (Session::SignedOut(_) | Session::Keyring(_), Page::SignUp) => View::SignUp,
        (Session::SignedOut(_) | Session::Keyring(_), Page::Forgot) => View::Forgot,
        (Session::SignedOut(_), _) | (Session::Keyring(_), Page::SignIn) => View::SignIn,
        (Session::Keyring(_), _) => View::Keyring,
        (Session::SignedIn(_) | Session::Offline { .. }, Page::HandOn) => View::HandOn,
        (Session::SignedIn(_), Page::ChangePassword) => View::ChangePassword,
        (Session::SignedIn(_), Page::Totp(_)) => View::Totp,
        (Session::SignedIn(_), Page::TotpRemove) => View::TotpRemove,
        (Session::SignedIn(_), Page::SignOutEverywhere) => View::SignOutEverywhere,
        (Session::SignedIn(_), Page::Delete) => View::Delete,
        (Session::SignedIn(_) | Session::Offline { .. }, _) => View::Home,
    }
}
