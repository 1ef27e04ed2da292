//! The account in the top bar: how it stands at a glance, and the way to its dialog.

use eframe::egui::{Color32, Ui};

use super::screens::initials;
use super::theme;
use super::widgets::{Button, Icon};
use crate::domain::account::{AccountState, Challenge, Place, Session, SignedOut};

/// What the button says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Face {
    icon: Icon,
    /// Beside the icon where there is room; initials always.
    text: String,
    /// What it means, for the tooltip and for who cannot see it.
    meaning: &'static str,
    mood: Mood,
}

/// How much it asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Calm,
    Quiet,
    NeedsYou,
}

/// What it shows beside its mark, where that has at most so many letters: nothing, or all of it.
pub fn text(account: &AccountState, most: usize) -> String {
    Some(face(account).text).filter(|text| text.chars().count() <= most).unwrap_or_default()
}

/// Shows it, with its text where that has at most so many letters. True when it was pressed.
pub fn show(ui: &mut Ui, account: &AccountState, most: usize) -> bool {
    let face = face(account);
    let text = text(account, most);
    let tokens = theme::tokens(ui);
    let colour: Color32 = match face.mood {
        Mood::Calm => tokens.text,
        Mood::Quiet => tokens.text_secondary,
        Mood::NeedsYou => tokens.warn,
    };
    let name = format!("{} (Ctrl+,)", face.meaning);
    if text.is_empty() {
        return Button::icon_only(face.icon, &name).colour(colour).show(ui).clicked();
    }
    let response = Button::quiet(&text).icon(face.icon).colour(colour).tooltip(&name).show(ui);
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name.as_str()));
    response.clicked()
}

fn face(account: &AccountState) -> Face {
    let of = |icon, text: &str, meaning, mood| Face { icon, text: text.to_owned(), meaning, mood };
    match (&account.place, &account.session) {
        // Without an account there is nothing to be said: one quiet mark.
        (Place::ThisComputer, _) => of(Icon::Cloud, "", "Account and storage", Mood::Calm),
        (_, Session::Keyring(_)) => of(Icon::PersonNeeds, "Keyring", "Account: the keyring needs you", Mood::NeedsYou),
        (Place::Remote(_), _) => of(Icon::Cloud, "", "Account and storage: an S3-compatible server", Mood::Calm),
        (_, Session::SignedOut(SignedOut::Plain)) => of(Icon::Person, "Sign in", "Account: signed out", Mood::Calm),
        (_, Session::SignedOut(SignedOut::Ended(_))) => {
            of(Icon::PersonNeeds, "Sign in again", "Account: you were signed out", Mood::NeedsYou)
        }
        (_, Session::NeedsYou(Challenge::Browser { .. })) => {
            of(Icon::Person, "In the browser…", "Account: the sign-in goes on in the browser", Mood::Quiet)
        }
        (_, Session::NeedsYou(_)) => of(Icon::PersonNeeds, "Sign-in needs you", "Account: needs you", Mood::NeedsYou),
        (_, Session::Restoring(_)) => {
            with_initials(account, Icon::Person, "Account: looking at your sign-in", Mood::Quiet)
        }
        (_, Session::Offline { .. }) => with_initials(account, Icon::Offline, "Account: offline", Mood::Quiet),
        (_, Session::SignedIn(_)) => with_initials(account, Icon::Person, "Account: signed in", Mood::Calm),
    }
}

fn with_initials(account: &AccountState, icon: Icon, meaning: &'static str, mood: Mood) -> Face {
    let text = account.identity().map(|identity| initials(identity.email.expose())).unwrap_or_default();
    let text = match &account.session {
        Session::SignedIn(_) if text.is_empty() => "Signed in".to_owned(),
        Session::Offline { .. } if text.is_empty() => "Offline".to_owned(),
        _ => text,
    };
    Face { icon, text, meaning, mood }
}
