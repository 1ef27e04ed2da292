//! Signed in: who, where, whether everything is as it should be, and what can be done.

use eframe::egui::{self, Align2, Sense, TextStyle, Ui, Vec2};

use super::parts::{asking, explain, fact, heading, link, marked, report, say};
use super::view::Page;
use super::{AccountScreen, Turn, initials};
use crate::domain::account::{AccountState, AwsSettings, Factor, Identity, Kept, Place, Session};
use crate::protocol::AccountAsk;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Button, Icon, secondary_button};

/// Width of the names of what is on or off, in points.
const SETTING: f32 = 150.0;

/// The kept sign-in is being looked at.
pub(super) fn restoring(ui: &mut Ui, account: &AccountState) {
    if let Some(identity) = account.identity() {
        person(ui, identity, "Was signed in here");
    }
    ui.horizontal(|ui| asking(ui, "Looking at your sign-in…"));
    explain(ui, "Everything on this computer works meanwhile.");
}

/// A round badge with initials, the address, and a line below it.
fn person(ui: &mut Ui, identity: &Identity, state: &str) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(36.0), Sense::hover());
        ui.painter().circle_filled(rect.center(), 18.0, tokens.control_active);
        let letters = initials(identity.email.expose());
        if letters.is_empty() {
            Icon::Person.paint(ui.painter(), rect.shrink(9.0), tokens.text);
        } else {
            let font = theme::semibold_font(ui, &TextStyle::Body);
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, letters, font, tokens.text);
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            let name = if identity.email.is_empty() { "Somebody without an e-mail" } else { identity.email.expose() };
            ui.add(egui::Label::new(theme::semibold(name)).wrap().selectable(true));
            ui.add(egui::Label::new(theme::secondary(ui, state)).wrap());
        });
    });
}

impl AccountScreen {
    pub(super) fn home(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let account = turn.account();
        let (Place::Aws(settings), Some(identity)) = (&account.place, account.identity()) else { return };
        if let Session::Offline { why, .. } = &account.session {
            person(ui, identity, "Offline");
            let warn = theme::tokens(ui).warn;
            marked(ui, Icon::Offline, warn, &super::words::sentence(why));
            say(ui, "Everything on this computer works.");
            if Button::secondary("Try again").show(ui).clicked() {
                turn.ask = Some(AccountAsk::TryAgain);
            }
            self.place_of(ui, settings, identity);
            self.family(ui);
            ui.add_space(space::S);
            heading(ui, "Leave");
            if Button::secondary("Sign out").show(ui).clicked() {
                turn.ask = Some(AccountAsk::SignOut);
            }
            return;
        }
        let kept = match account.kept {
            Kept::Keyring => "Signed in, kept in this computer's keyring",
            Kept::ThisSession => "Signed in for this session only",
        };
        person(ui, identity, kept);
        self.place_of(ui, settings, identity);
        self.connection(ui, turn);
        ui.add_space(space::S);
        self.proofs(ui, turn);
        ui.add_space(space::S);
        self.family(ui);
        ui.add_space(space::S);
        heading(ui, "Leave");
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            if secondary_button(ui, "Sign out").clicked() {
                turn.ask = Some(AccountAsk::SignOut);
            }
            if link(ui, "Sign out everywhere…") {
                self.go(Page::SignOutEverywhere);
            }
            ui.visuals_mut().hyperlink_color = theme::tokens(ui).bad;
            if link(ui, "Delete the account…") {
                self.go(Page::Delete);
            }
        });
    }

    fn place_of(&mut self, ui: &mut Ui, settings: &AwsSettings, identity: &Identity) {
        ui.add_space(space::XS);
        fact(ui, "Bucket", &settings.bucket);
        fact(ui, "Region", &settings.region);
        let folder = identity.identity_id.as_ref().or(settings.identity.as_ref());
        fact(ui, "Your folder", folder.map_or("Known after the first connection", String::as_str));
    }

    /// The button that looks at the bucket, and what it found.
    pub(super) fn connection(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        if secondary_button(ui, "Check the connection").clicked() {
            turn.ask = Some(AccountAsk::Check);
            self.report = None;
        }
        if let Some(found) = &self.report {
            report(ui, found);
        }
    }

    /// Password and second proofs.
    fn proofs(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        heading(ui, "How you sign in");
        let factors = &turn.account().factors;
        if setting(ui, "Password", "", "Change…") {
            self.go(Page::ChangePassword);
        }
        if factors.contains(&Factor::Totp) {
            if setting(ui, Factor::Totp.words(), "On", "Remove…") {
                self.go(Page::TotpRemove);
            }
        } else if setting(ui, Factor::Totp.words(), "Off", "Set up…") {
            turn.ask = Some(AccountAsk::TotpBegin);
        }
        let codes = [(Factor::Email, "Codes by e-mail"), (Factor::Sms, "Codes by text message")];
        for (factor, name) in codes {
            let on = factors.contains(&factor);
            if !(on || self.more) {
                continue;
            }
            let (state, words) = if on { ("On", "Switch off") } else { ("Off", "Switch on") };
            if setting(ui, name, state, words) {
                turn.ask = Some(AccountAsk::UseFactor { factor, on: !on });
            }
        }
        let rest = codes.iter().any(|(factor, _)| !factors.contains(factor));
        if rest && !self.more && link(ui, "Other ways…") {
            self.more = true;
        }
    }

    fn family(&mut self, ui: &mut Ui) {
        heading(ui, "Family and colleagues");
        explain(ui, "Whoever has the settings can make an account of their own, with a folder of their own.");
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            if secondary_button(ui, "Hand on the settings…").clicked() {
                self.go(Page::HandOn);
            }
            if link(ui, "Use other settings…") {
                self.go(Page::Line);
            }
        });
    }
}

/// A line with a name, how it is, and what can be done. True when that was pressed.
fn setting(ui: &mut Ui, name: &str, state: &str, action: &str) -> bool {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        let width = SETTING.min(ui.available_width() * 0.5);
        let font = TextStyle::Body.resolve(ui.style());
        let galley = ui.painter().layout(name.to_owned(), font, tokens.text, width);
        let height = galley.size().y.max(theme::CONTROL_HEIGHT);
        let (rect, label) = ui.allocate_exact_size(egui::vec2(width, height), Sense::hover());
        let at = rect.left_center() - egui::vec2(0.0, galley.size().y / 2.0);
        ui.painter().galley(at, galley, tokens.text);
        let said = if state.is_empty() { name.to_owned() } else { format!("{name}: {state}") };
        label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &said));
        if !state.is_empty() {
            let (rect, _) = ui.allocate_exact_size(egui::vec2(28.0, height), Sense::hover());
            let colour = if state == "On" { tokens.good } else { tokens.text_secondary };
            let font = TextStyle::Body.resolve(ui.style());
            ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, state, font, colour);
        } else {
            ui.allocate_exact_size(egui::vec2(28.0, height), Sense::hover());
        }
        let response = widgets::secondary_button(ui, action);
        let named = format!("{name}: {action}");
        response.ctx.accesskit_node_builder(response.id, |node| node.set_label(named));
        response.clicked()
    })
    .inner
}
