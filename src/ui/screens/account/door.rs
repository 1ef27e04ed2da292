//! Signing in, making an account, and a forgotten password.

use eframe::egui::Ui;

use super::fields::Field;
use super::parts::{explain, heading, hint, link, marked, rules, say};
use super::view::{Page, View};
use super::{AccountScreen, Turn, words};
use crate::domain::account::{AwsSettings, Place, Session, SignedOut};
use crate::protocol::AccountAsk;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Button, Icon};

impl AccountScreen {
    /// The view of somebody who is not signed in.
    pub(super) fn door(&mut self, ui: &mut Ui, view: View, turn: &mut Turn<'_>) {
        let Place::Aws(settings) = &turn.account().place else { return };
        match view {
            View::SignUp => self.sign_up(ui, settings),
            View::Forgot => self.forgot(ui),
            _ => self.sign_in(ui, settings, turn),
        }
    }

    fn sign_in(&mut self, ui: &mut Ui, settings: &AwsSettings, turn: &mut Turn<'_>) {
        let without_keyring = matches!(turn.account().session, Session::Keyring(_));
        if !without_keyring {
            heading(ui, "Sign in");
        }
        if let Session::SignedOut(SignedOut::Ended(why)) = &turn.account().session {
            let warn = theme::tokens(ui).warn;
            marked(ui, Icon::Warning, warn, &words::sentence(&format!("You were signed out: {why}")));
        }
        self.fields.show(ui, Field::Email, "E-mail", "you@example.org");
        self.fields.show(ui, Field::Password, "Password", "");
        if without_keyring {
            explain(ui, "Nothing is kept: when Lightkeep is closed, you are signed out on this computer.");
        } else {
            ui.checkbox(&mut self.keep, "Keep me signed in").on_hover_text(
                "The sign-in is kept in this computer's keyring, never in a file. The password is not kept.",
            );
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            if link(ui, "Create an account…") {
                self.go(Page::SignUp);
            }
            if link(ui, "Forgot the password?") {
                self.go(Page::Forgot);
            }
        });
        if settings.login.is_some() {
            ui.add_space(space::XS);
            let button = Button::secondary("Sign in in the browser").tooltip("On the sign-in page of this account");
            if button.show(ui).clicked() {
                turn.ask = Some(AccountAsk::SignInBrowser { keep: self.keeps(turn) });
            }
        }
        if !without_keyring {
            self.other_settings(ui, settings);
        }
    }

    /// Whether a sign-in is to be kept.
    pub(super) fn keeps(&self, turn: &Turn<'_>) -> bool {
        self.keep && !matches!(turn.account().session, Session::Keyring(_))
    }

    fn sign_up(&mut self, ui: &mut Ui, settings: &AwsSettings) {
        say(ui, "A code is sent to this address, to see that it is yours.");
        self.fields.show(ui, Field::Email, "E-mail", "you@example.org");
        let email = self.fields.trimmed(Field::Email);
        // While the first letters are typed nothing is wrong yet.
        if email.contains(['@', ' ']) && !email.ends_with('@') && !words::can_be_email(email) {
            hint(ui, "That cannot be an e-mail address.");
        }
        self.fields.show(ui, Field::NewPassword, "New password", "");
        rules(ui, &settings.password, self.fields.get(Field::NewPassword));
    }

    fn forgot(&mut self, ui: &mut Ui) {
        say(ui, "A code is sent to your address. With it you choose a new password.");
        self.fields.show(ui, Field::Email, "E-mail", "you@example.org");
    }

    /// The keyring gives nothing: this is not "signed out".
    pub(super) fn keyring(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let Session::Keyring(problem) = &turn.account().session else { return };
        let (words, hint) = problem.words();
        heading(ui, "The keyring");
        widgets::problem(ui, &words, hint);
        explain(ui, "Your sign-in is not lost. Everything on this computer works meanwhile.");
        if matches!(turn.account().place, Place::Aws(_))
            && Button::secondary("Sign in for this session only…").show(ui).clicked()
        {
            self.go(Page::SignIn);
        }
    }
}
