//! What is opened from the account: another password, an authenticator app, the settings for the family, the ends.

use eframe::egui::{self, Ui};

use super::challenge::policy;
use super::fields::Field;
use super::parts::{explain, rules, say};
use super::view::Page;
use super::{AccountScreen, Turn};
use crate::domain::account::Place;
use crate::protocol::DELETE_WORDS;
use crate::ui::Action;
use crate::ui::theme::space;
use crate::ui::widgets::{self, Button, Icon};

/// Side of the QR code of a settings line, in points: it has many squares.
const QR_SIDE: f32 = 300.0;

impl AccountScreen {
    pub(super) fn change_password(&mut self, ui: &mut Ui, turn: &Turn<'_>) {
        self.fields.show(ui, Field::Password, "Password of now", "");
        self.fields.show(ui, Field::NewPassword, "New password", "");
        rules(ui, &policy(&turn.account().place), self.fields.get(Field::NewPassword));
    }

    pub(super) fn totp(&mut self, ui: &mut Ui) {
        let Page::Totp(setup) = self.page.clone() else { return };
        say(ui, "From then on a code of the app is asked for beside the password.");
        self.totp_setup(ui, &setup);
    }

    /// The settings, for whoever may store in the same bucket.
    pub(super) fn hand_on(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let Place::Aws(settings) = &turn.account().place else { return };
        let line = settings.line();
        say(ui, "This line is all that Lightkeep on another computer needs. It holds no password and no key.");
        explain(ui, "Whoever has it can make an account here, as far as the owner of the AWS account allows it.");
        let text = egui::RichText::new(&line).monospace();
        let label = ui.add(egui::Label::new(text).wrap().selectable(true));
        label.ctx.accesskit_node_builder(label.id, |node| node.set_label(line.as_str()));
        if Button::secondary("Copy the line").show(ui).clicked() {
            turn.actions.push(Action::Copy(line.clone()));
        }
        ui.add_space(space::XS);
        match self.qr_of(&line) {
            Some(qr) => {
                qr.show(ui, "QR code of the settings", QR_SIDE);
            }
            None => explain(ui, "The line is too long for a QR code."),
        }
    }

    pub(super) fn delete(&mut self, ui: &mut Ui) {
        widgets::problem(
            ui,
            "A new sign-up gets another identity and no longer reaches these photos.",
            "Deleting cannot be undone, not even by whoever owns the AWS account.",
        );
        say(ui, "The photos in the bucket are not deleted; whoever owns the AWS account can still reach them.");
        say(ui, "Photos on this computer and in the vault stay as they are.");
        ui.add_space(space::XS);
        let name = format!("Type “{DELETE_WORDS}”");
        self.fields.show(ui, Field::Words, &name, "");
    }
}

pub(super) fn totp_remove(ui: &mut Ui) {
    say(ui, "From then on the password alone is enough to sign in.");
    explain(ui, "The entry in the app itself can be deleted afterwards.");
}

pub(super) fn sign_out_everywhere(ui: &mut Ui) {
    say(ui, "You are signed out on this computer and on every other one, within an hour at most.");
    explain(ui, "Do this if a computer was lost, or somebody else may know your password. Change it too, then.");
    let tokens = crate::ui::theme::tokens(ui);
    super::parts::marked(ui, Icon::Info, tokens.text_secondary, "Photos stay where they are.");
}
