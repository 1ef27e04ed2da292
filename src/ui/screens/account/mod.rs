//! Where photos are stored beside this computer, and who is signed in there: one dialog.
//!
//! What it shows follows from three things: the choice that is looked at, how it stands with the account, and a page
//! that a person opened. All three together are a [`View`]; drawing, focus and submitting go by that. Nothing here
//! waits: what is asked becomes an [`Action`], and the answer is taken over when it is there.

mod challenge;
mod door;
mod fields;
mod home;
mod pages;
mod parts;
mod places;
mod remote;
mod submit;
#[cfg(test)]
pub(super) mod tests;
mod view;
mod words;

use eframe::egui::{self, Key, Modifiers, Ui};

use self::fields::{Field, Fields};
use self::parts::Note;
use self::view::{Page, Tab, View};
pub use self::words::initials;
use super::Context;
use super::dialog::{Dialog, Shown, body, footer};
use crate::domain::account::AccountState;
use crate::protocol::{AccountAnswer, AccountAsk, ConnectionReport, ErrorCode};
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Qr};
use crate::ui::{AccountReply, Action};

/// What was asked last, as far as its answer is shown differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// A code, by a view that says itself where it went.
    Code,
    /// Anything else.
    Other,
}

/// The dialog's view state. `Debug` shows nothing that was typed.
#[derive(Debug, Clone)]
pub struct AccountScreen {
    tab: Option<Tab>,
    page: Page,
    fields: Fields,
    note: Note,
    report: Option<ConnectionReport>,
    /// What an answer is waited for.
    pending: Option<Asked>,
    /// The view of the frame before.
    seen: Option<View>,
    /// A code that was worked out already.
    qr: Option<Qr>,
    /// What had the keyboard in the frame before.
    had_keyboard: Option<egui::Id>,
    /// What Enter found missing.
    lacking: Option<Field>,
    keep: bool,
    /// The password is the proof chosen.
    by_password: bool,
    /// Codes by e-mail and text message are shown.
    more: bool,
    path_style: bool,
    by_profile: bool,
}

/// One frame: what is drawn from, and what came of it.
struct Turn<'a> {
    context: &'a Context<'a>,
    actions: &'a mut Vec<Action>,
    /// What is asked of the account.
    ask: Option<AccountAsk>,
    /// An answer is on its way.
    busy: bool,
}

impl<'a> Turn<'a> {
    fn account(&self) -> &'a AccountState {
        self.context.model.account
    }
}

impl AccountScreen {
    /// The dialog; with `unread` the answer that is there, or on its way, has not been seen yet.
    #[must_use]
    pub fn new(unread: bool) -> Self {
        Self {
            tab: None,
            page: Page::Main,
            fields: Fields::default(),
            note: Note::None,
            report: None,
            pending: unread.then_some(Asked::Other),
            seen: None,
            qr: None,
            had_keyboard: None,
            lacking: None,
            keep: true,
            by_password: false,
            more: false,
            path_style: true,
            by_profile: false,
        }
    }

    /// The same, with the AWS of one's own looked at first.
    #[must_use]
    pub fn looking_at_aws(mut self) -> Self {
        self.tab = Some(Tab::Aws);
        self
    }

    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        let busy = matches!(context.model.account_reply, AccountReply::Waiting(_));
        let mut turn = Turn { context, actions, ask: None, busy };
        self.hear(context.model.account_reply);
        let view = self.view(turn.account());
        if self.seen != Some(view) {
            self.opened(ctx, view, turn.account());
        }
        self.fields.entered = false;
        let dialog = Dialog { id: "account", title: self.title(view), width: 620.0, tall: false };
        let outcome = dialog.show(ctx, |ui| {
            let back = self.is_page() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
            body(ui, true, |ui| {
                let still = view.waits_by_itself() || !busy;
                ui.add_enabled_ui(still, |ui| self.content(ui, view, &mut turn));
                self.follow_focus(ui);
            });
            let pressed = footer(ui, |ui| self.foot(ui, view, &mut turn));
            if back { Pressed::Back } else { pressed }
        });
        let enter = self.fields.entered && !busy;
        let mut closed = outcome.dialog.closed;
        match outcome.inner {
            Pressed::Primary => self.submit(view, &mut turn),
            _ if enter => self.submit(view, &mut turn),
            Pressed::Back => self.go(Page::Main),
            Pressed::Close => closed = true,
            Pressed::Nothing => closed |= outcome.dialog.confirmed && view.is_only_read(turn.account()),
        }
        if let Some(ask) = turn.ask.take() {
            self.pending = Some(if view.says_where_codes_go() { Asked::Code } else { Asked::Other });
            self.note = Note::None;
            self.lacking = None;
            self.fields.forget(ctx);
            actions.push(Action::Account(ask));
            ctx.request_repaint();
        }
        if closed {
            self.fields.forget(ctx);
            return Shown::Closed;
        }
        Shown::Open
    }

    /// Takes the answer over, once.
    fn hear(&mut self, reply: &AccountReply) {
        let Some(asked) = self.pending else { return };
        match reply {
            AccountReply::None | AccountReply::Waiting(_) => return,
            // Whoever cancelled knows it.
            AccountReply::Failed(error) if error.code == ErrorCode::Cancelled => {}
            AccountReply::Failed(error) => {
                self.note = Note::failed(error.clone());
                // What was wrong is typed again.
                self.fields.focus = self.seen.and_then(|view| self.first_field(view));
            }
            AccountReply::Done(answer) => match answer {
                AccountAnswer::Done(words) => {
                    self.note = Note::good(words::sentence(words));
                    self.page = Page::Main;
                }
                AccountAnswer::CodeSent(_) if asked == Asked::Code => {}
                AccountAnswer::CodeSent(to) => self.note = Note::good(parts::code_sent(to.as_deref())),
                AccountAnswer::Totp(setup) => self.page = Page::Totp(setup.clone()),
                AccountAnswer::GoOn => {}
                AccountAnswer::Checked(report) => self.report = Some(report.clone()),
            },
        }
        self.pending = None;
    }

    /// A view is there that was not there in the frame before.
    fn opened(&mut self, ctx: &egui::Context, view: View, account: &AccountState) {
        if self.seen.is_some() {
            self.fields.forget(ctx);
        }
        self.seen = Some(view);
        self.qr = None;
        self.lacking = None;
        self.by_password = false;
        if !view.allows(&self.page) {
            self.page = Page::Main;
        }
        if !matches!(view, View::Home | View::RemoteHome) {
            self.report = None;
        }
        if view == View::RemoteForm {
            self.fill_remote(account);
        }
        self.fields.focus = self.first_field(view);
        // Where a QR code comes first, it stays in sight.
        let code_first = matches!(view, View::Totp | View::Challenge(view::Kind::TotpSetup));
        self.had_keyboard = code_first.then(|| Field::Code.id());
        ctx.request_repaint();
    }

    /// A person goes to another page.
    fn go(&mut self, page: Page) {
        self.page = page;
        self.note = Note::None;
        self.lacking = None;
    }

    fn content(&mut self, ui: &mut Ui, view: View, turn: &mut Turn<'_>) {
        ui.spacing_mut().item_spacing.y = space::S;
        if !self.is_page() && !matches!(view, View::Challenge(_)) {
            self.choices(ui, turn.account());
            ui.add_space(space::S);
        }
        if let (Some(off), true) = (turn.account().clock_off_s, view != View::ThisComputer) {
            parts::clock(ui, off);
        }
        self.note.show(ui, turn.actions);
        match view {
            View::ThisComputer => self.this_computer(ui, turn),
            View::Line => self.line(ui, turn),
            View::SignIn | View::SignUp | View::Forgot => self.door(ui, view, turn),
            View::Restoring => home::restoring(ui, turn.account()),
            View::Keyring => self.keyring(ui, turn),
            View::Challenge(_) => self.challenge(ui, turn),
            View::Home => self.home(ui, turn),
            View::ChangePassword => self.change_password(ui, turn),
            View::Totp => self.totp(ui),
            View::TotpRemove => pages::totp_remove(ui),
            View::HandOn => self.hand_on(ui, turn),
            View::SignOutEverywhere => pages::sign_out_everywhere(ui),
            View::Delete => self.delete(ui),
            View::RemoteForm => self.remote_form(ui, turn),
            View::RemoteHome => self.remote_home(ui, turn),
        }
        // Said until it is no longer true.
        self.lacking = self.lacking.filter(|field| self.lacks(view, turn.account()) == Some(*field));
        if let Some(field) = self.lacking {
            parts::hint(ui, words::lacking(field));
        }
    }

    /// What gets the keyboard is brought into sight: egui leaves it where it is.
    fn follow_focus(&mut self, ui: &mut Ui) {
        let focused = ui.memory(egui::Memory::focused);
        if std::mem::replace(&mut self.had_keyboard, focused) != focused
            && let Some(response) = focused.and_then(|id| ui.ctx().read_response(id))
            && response.layer_id == ui.layer_id()
            && !response.interact_rect.contains_rect(response.rect)
        {
            ui.scroll_to_rect(response.rect.expand(space::S), None);
            // Its name stands above it.
            ui.ctx().request_repaint();
        }
    }

    /// The buttons, and what was pressed.
    fn foot(&mut self, ui: &mut Ui, view: View, turn: &mut Turn<'_>) -> Pressed {
        let mut pressed = Pressed::Nothing;
        let waits = turn.busy && !view.waits_by_itself();
        if let Some((words, danger)) = self.primary(view, turn.account()) {
            let button = if danger { Button::danger(words) } else { Button::primary(words) };
            let ready = !turn.busy && self.lacks(view, turn.account()).is_none();
            if button.enabled(ready).show(ui).clicked() {
                pressed = Pressed::Primary;
            }
        }
        if waits {
            if Button::secondary("Cancel").show(ui).clicked() {
                turn.actions.push(Action::CancelAccount);
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                parts::asking(ui, "Asking…");
            });
            return pressed;
        }
        match view {
            View::Challenge(kind) => self.leave_button(ui, kind, turn),
            _ if self.is_page() => {
                if Button::secondary("Back").show(ui).clicked() {
                    pressed = Pressed::Back;
                }
            }
            _ => {
                let words = if view.is_only_read(turn.account()) { "Done" } else { "Close" };
                let button =
                    if view.is_only_read(turn.account()) { Button::primary(words) } else { Button::secondary(words) };
                if button.show(ui).clicked() {
                    pressed = Pressed::Close;
                }
            }
        }
        pressed
    }

    /// The code of a text, worked out once.
    fn qr_of(&mut self, text: &str) -> Option<&Qr> {
        if !self.qr.as_ref().is_some_and(|qr| qr.says(text)) {
            self.qr = Qr::new(text);
        }
        self.qr.as_ref()
    }
}

/// What was pressed at the foot, or with Esc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Nothing,
    Primary,
    Back,
    Close,
}
