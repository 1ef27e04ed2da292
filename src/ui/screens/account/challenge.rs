//! What may be asked before somebody is signed in: one calm view for each.

use eframe::egui::{self, Ui};

use super::fields::Field;
use super::parts::{asking, button, code_sent, explain, heading, link, rules, say};
use super::view::Kind;
use super::{AccountScreen, Turn, words};
use crate::domain::Secret;
use crate::domain::account::{Challenge, Factor, PasswordPolicy, Place, Session, TotpSetup};
use crate::protocol::{AccountAsk, ChallengeAnswer};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{Button, secondary_button};
use crate::ui::{AccountReply, Action};

/// Side of the QR code for an authenticator app, in points.
const QR_SIDE: f32 = 200.0;

impl AccountScreen {
    pub(super) fn challenge(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let Session::NeedsYou(challenge) = &turn.account().session else { return };
        match challenge {
            Challenge::ConfirmSignUp { email, sent_to } => {
                let to = if email.is_empty() { String::new() } else { format!(" to {}", email.expose()) };
                sent(ui, &format!("the confirmation mail{to}"), sent_to.as_deref());
                self.code_field(ui);
                if link(ui, "Send the code again") {
                    turn.ask = Some(AccountAsk::Resend { email: email.clone() });
                }
            }
            Challenge::NewPassword => {
                say(ui, "The one that you were given was for the first time only.");
                self.new_password(ui, turn);
            }
            Challenge::Totp => {
                heading(ui, "Code of your authenticator app");
                say(ui, "Type the code that the app shows for Lightkeep now.");
                self.code_field(ui);
            }
            Challenge::TotpSetup(setup) => {
                say(ui, "This account asks for a second proof beside the password.");
                self.totp_setup(ui, setup);
            }
            Challenge::Sms { sent_to } => {
                heading(ui, "Code of the text message");
                sent(ui, "the text message", sent_to.as_deref());
                self.code_field(ui);
            }
            Challenge::Email { sent_to } => {
                heading(ui, "Code of the e-mail");
                sent(ui, "the e-mail", sent_to.as_deref());
                self.code_field(ui);
            }
            Challenge::Choose(factors) => self.choose(ui, factors, turn),
            Challenge::ResetPassword { email, sent_to } => {
                sent(ui, "the mail", sent_to.as_deref());
                self.code_field(ui);
                self.new_password(ui, turn);
                if link(ui, "Send the code again") {
                    turn.ask = Some(AccountAsk::Forgot { email: email.clone() });
                }
            }
            Challenge::Browser { page } => browser(ui, page, turn),
        }
    }

    fn code_field(&mut self, ui: &mut Ui) {
        self.fields.show(ui, Field::Code, "Code", "123456");
    }

    fn new_password(&mut self, ui: &mut Ui, turn: &Turn<'_>) {
        self.fields.show(ui, Field::NewPassword, "New password", "");
        rules(ui, &policy(&turn.account().place), self.fields.get(Field::NewPassword));
    }

    fn choose(&mut self, ui: &mut Ui, factors: &[Factor], turn: &mut Turn<'_>) {
        heading(ui, "How do you want to show that it is you?");
        // The field comes in the frame after the click, which would take the keyboard away from it again.
        let ask_password = self.by_password;
        for factor in factors {
            let by_password = *factor == Factor::Password;
            let button = Button::secondary(factor.words()).min_width(220.0);
            let button = if by_password { button.selected(self.by_password) } else { button };
            if button.show(ui).clicked() {
                if by_password {
                    self.by_password = true;
                    self.fields.focus = Some(Field::Password);
                } else {
                    turn.ask = Some(AccountAsk::Answer(ChallengeAnswer::Choose(*factor)));
                }
            }
        }
        if ask_password {
            self.fields.show(ui, Field::Password, "Password", "");
        }
    }

    /// An authenticator app is given its key: by camera, or by hand.
    pub(super) fn totp_setup(&mut self, ui: &mut Ui, setup: &TotpSetup) {
        explain(ui, "1.  Scan this with an authenticator app, such as the one in your password manager.");
        if let Some(qr) = self.qr_of(setup.uri.expose()) {
            qr.show(ui, "QR code for the authenticator app", QR_SIDE);
        }
        explain(ui, "Or type this key into it:");
        ui.horizontal_wrapped(|ui| {
            let key = egui::RichText::new(words::grouped(setup.key.expose())).monospace().size(14.0);
            ui.add(egui::Label::new(key).wrap().selectable(true));
            if link(ui, "Copy the key") {
                // Straight to the clipboard: an action would carry the key through the program.
                ui.ctx().copy_text(setup.key.expose().to_owned());
            }
        });
        ui.add_space(space::XS);
        explain(ui, "2.  Type the code that the app shows then.");
        self.code_field(ui);
    }

    /// The way out of a challenge.
    pub(super) fn leave_button(&mut self, ui: &mut Ui, kind: Kind, turn: &mut Turn<'_>) {
        let words = if kind == Kind::ConfirmSignUp { "Not now" } else { "Cancel the sign-in" };
        if !secondary_button(ui, words).clicked() {
            return;
        }
        let waits = matches!(turn.context.model.account_reply, AccountReply::Waiting(_));
        if kind == Kind::Browser && waits {
            turn.actions.push(Action::CancelAccount);
        } else {
            turn.ask = Some(AccountAsk::Leave);
        }
    }

    /// The answer to the challenge of now, from what was typed.
    pub(super) fn answer(&mut self, challenge: &Challenge) -> Option<AccountAsk> {
        let code = |screen: &Self| screen.fields.code().unwrap_or_default();
        Some(match challenge {
            Challenge::ConfirmSignUp { email, .. } => AccountAsk::Confirm { email: email.clone(), code: code(self) },
            Challenge::ResetPassword { email, .. } => AccountAsk::ResetPassword {
                email: email.clone(),
                code: code(self),
                password: self.fields.take(Field::NewPassword),
            },
            Challenge::NewPassword => answer_password(self.fields.take(Field::NewPassword)),
            Challenge::Choose(_) => answer_password(self.fields.take(Field::Password)),
            Challenge::Totp | Challenge::TotpSetup(_) | Challenge::Sms { .. } | Challenge::Email { .. } => {
                AccountAsk::Answer(ChallengeAnswer::Code(code(self)))
            }
            Challenge::Browser { .. } => return None,
        })
    }
}

fn answer_password(password: Secret) -> AccountAsk {
    AccountAsk::Answer(ChallengeAnswer::Password(password))
}

/// What the pool of now asks of a password.
pub(super) fn policy(place: &Place) -> PasswordPolicy {
    match place {
        Place::Aws(settings) => settings.password,
        Place::ThisComputer | Place::Remote(_) => PasswordPolicy::default(),
    }
}

fn sent(ui: &mut Ui, what: &str, to: Option<&str>) {
    match to {
        Some(_) => say(ui, &code_sent(to)),
        None => say(ui, &format!("Type the code of {what}.")),
    }
}

/// The sign-in goes on in the browser.
fn browser(ui: &mut Ui, page: &str, turn: &mut Turn<'_>) {
    say(ui, "The sign-in page is open in your browser. Come back when you are done there.");
    ui.horizontal(asking_there);
    ui.add_space(space::XS);
    explain(ui, "No page came up? Open it again, or copy its address into a browser on this computer.");
    ui.horizontal_wrapped(|ui| {
        if button(ui, Button::secondary("Open the page again"), "Open the page again") {
            turn.actions.push(Action::OpenPage(page.to_owned()));
        }
        if button(ui, Button::secondary("Copy the address"), "Copy the address") {
            turn.actions.push(Action::Copy(page.to_owned()));
        }
    });
    let tokens = theme::tokens(ui);
    let address = egui::RichText::new(page).monospace().color(tokens.text_secondary);
    ui.add(egui::Label::new(address).wrap().selectable(true));
}

fn asking_there(ui: &mut Ui) {
    asking(ui, "Waiting for the browser…");
}
