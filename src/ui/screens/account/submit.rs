//! What the one button of each view is called, what it needs, and what it asks for.

use super::challenge::policy;
use super::fields::Field;
use super::view::{Kind, View};
use super::words::can_be_email;
use super::{AccountScreen, Turn};
use crate::domain::account::{AccountState, AwsSettings, Place, Session};
use crate::protocol::{AccountAsk, DELETE_WORDS, NewPlace};

impl AccountScreen {
    /// The button that most people want, and whether it takes something away.
    pub(super) fn primary(&self, view: View, account: &AccountState) -> Option<(&'static str, bool)> {
        Some(match view {
            View::ThisComputer if account.place == Place::ThisComputer => return None,
            View::ThisComputer => ("Use this computer only", false),
            View::Line => ("Use these settings", false),
            View::SignIn => ("Sign in", false),
            View::SignUp => ("Create the account", false),
            View::Forgot => ("Send a code", false),
            View::Keyring => ("Try again", false),
            View::Challenge(Kind::Browser) => return None,
            View::Challenge(Kind::Choose) if !self.by_password => return None,
            View::Challenge(Kind::ConfirmSignUp) => ("Confirm", false),
            View::Challenge(Kind::NewPassword | Kind::ResetPassword) => ("Set the password", false),
            View::Challenge(_) => ("Sign in", false),
            View::ChangePassword => ("Change the password", false),
            View::Totp => ("Switch it on", false),
            View::TotpRemove => ("Remove it", true),
            View::SignOutEverywhere => ("Sign out everywhere", true),
            View::Delete => ("Delete the account", true),
            View::RemoteForm => ("Use this server", false),
            View::Home | View::HandOn | View::Restoring | View::RemoteHome => return None,
        })
    }

    /// The first field that lacks something.
    pub(super) fn lacks(&self, view: View, account: &AccountState) -> Option<Field> {
        let fields = &self.fields;
        let email = || (!can_be_email(fields.trimmed(Field::Email))).then_some(Field::Email);
        let password = || fields.get(Field::Password).is_empty().then_some(Field::Password);
        let new = || (!policy(&account.place).accepts(fields.get(Field::NewPassword))).then_some(Field::NewPassword);
        let code = || fields.code().is_none().then_some(Field::Code);
        match view {
            View::Line => AwsSettings::from_line(fields.get(Field::Line)).is_err().then_some(Field::Line),
            View::SignIn => email().or_else(password),
            View::SignUp => email().or_else(new),
            View::Forgot => email(),
            View::Challenge(kind) => match kind {
                Kind::NewPassword => new(),
                Kind::Choose => password(),
                Kind::ResetPassword => code().or_else(new),
                Kind::Browser => None,
                _ => code(),
            },
            View::ChangePassword => password().or_else(new),
            View::Totp => code(),
            View::Delete => (fields.trimmed(Field::Words) != DELETE_WORDS).then_some(Field::Words),
            View::RemoteForm => self.remote_lacks(account),
            _ => None,
        }
    }

    /// Asks for what was typed, or goes to what is missing.
    pub(super) fn submit(&mut self, view: View, turn: &mut Turn<'_>) {
        if let Some(field) = self.lacks(view, turn.account()) {
            self.lacking = Some(field);
            self.fields.focus = Some(field);
            return;
        }
        let ask = match view {
            View::ThisComputer => AccountAsk::Use(NewPlace::ThisComputer),
            View::Line => AccountAsk::Use(NewPlace::AwsLine(self.fields.trimmed(Field::Line).to_owned())),
            View::SignIn => AccountAsk::SignIn {
                email: self.fields.email(),
                password: self.fields.take(Field::Password),
                keep: self.keeps(turn),
            },
            View::SignUp => {
                AccountAsk::SignUp { email: self.fields.email(), password: self.fields.take(Field::NewPassword) }
            }
            View::Forgot => AccountAsk::Forgot { email: self.fields.email() },
            View::Keyring => AccountAsk::TryAgain,
            View::Challenge(_) => {
                let Session::NeedsYou(challenge) = &turn.account().session else { return };
                let Some(ask) = self.answer(challenge) else { return };
                ask
            }
            View::ChangePassword => AccountAsk::ChangePassword {
                old: self.fields.take(Field::Password),
                new: self.fields.take(Field::NewPassword),
            },
            View::Totp => AccountAsk::TotpFinish { code: self.fields.code().unwrap_or_default() },
            View::TotpRemove => AccountAsk::TotpRemove,
            View::SignOutEverywhere => AccountAsk::SignOutEverywhere,
            View::Delete => AccountAsk::DeleteAccount { typed: self.fields.trimmed(Field::Words).to_owned() },
            View::RemoteForm => self.remote_ask(),
            View::Home | View::HandOn | View::Restoring | View::RemoteHome => return,
        };
        turn.ask = Some(ask);
    }
}
