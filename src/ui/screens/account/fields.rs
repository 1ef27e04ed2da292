//! What is typed on the account screen: one buffer per field, which field has the keyboard, and whether Enter was
//! pressed in one.

use std::fmt;

use eframe::egui::{self, Id, Key, KeyboardShortcut, Modifiers, Response, TextEdit, Ui};

use crate::domain::Secret;
use crate::domain::account::code_digits;
use crate::ui::theme::{self, space};
use crate::ui::widgets::secret_field::{self, SecretText, secret_field};

/// A field of the account screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Line,
    Email,
    Password,
    NewPassword,
    Code,
    Words,
    Endpoint,
    Region,
    Bucket,
    Prefix,
    Profile,
    KeyId,
    SecretKey,
}

impl Field {
    const ALL: [Self; 13] = [
        Self::Line,
        Self::Email,
        Self::Password,
        Self::NewPassword,
        Self::Code,
        Self::Words,
        Self::Endpoint,
        Self::Region,
        Self::Bucket,
        Self::Prefix,
        Self::Profile,
        Self::KeyId,
        Self::SecretKey,
    ];

    /// Whether what is in it is forgotten as soon as it was sent, or its view is left.
    fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::NewPassword | Self::Code | Self::Words | Self::KeyId | Self::SecretKey)
    }

    /// Whether dots are shown in place of letters.
    fn is_masked(self) -> bool {
        matches!(self, Self::Password | Self::NewPassword | Self::SecretKey)
    }

    /// Its id among egui's widgets.
    pub fn id(self) -> Id {
        Id::unique(("account field", self as u8))
    }
}

/// Width of a field with its button, in points: what fits a long e-mail address.
const WIDTH: f32 = 400.0;

/// All that is typed. `Debug` shows none of it.
#[derive(Clone, Default)]
pub(super) struct Fields {
    texts: [SecretText; Field::ALL.len()],
    /// Which takes the keyboard as soon as it can.
    pub focus: Option<Field>,
    /// Enter was pressed in a field in this frame.
    pub entered: bool,
    /// Whether masked fields show what is in them.
    shown: bool,
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields(…)")
    }
}

impl Fields {
    /// What was typed.
    pub fn get(&self, field: Field) -> &str {
        self.texts[field as usize].expose()
    }

    /// The same without what a paste leaves around it.
    pub fn trimmed(&self, field: Field) -> &str {
        self.get(field).trim()
    }

    /// The same as a value of the settings: nothing is none.
    pub fn optional(&self, field: Field) -> Option<String> {
        Some(self.trimmed(field)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Puts a text into a field.
    pub fn set(&mut self, field: Field, text: &str) {
        let buffer = self.texts[field as usize].buffer();
        buffer.clear();
        buffer.push_str(text);
    }

    /// Hands a secret over and leaves its field empty.
    pub fn take(&mut self, field: Field) -> Secret {
        self.texts[field as usize].take()
    }

    /// The e-mail address.
    pub fn email(&self) -> Secret {
        Secret::from(self.trimmed(Field::Email))
    }

    /// The digits of the code, where it can be one.
    pub fn code(&self) -> Option<Secret> {
        code_digits(self.get(Field::Code)).map(Secret::from)
    }

    /// Empties every secret, and what egui knows about it.
    pub fn forget(&mut self, ctx: &egui::Context) {
        self.shown = false;
        for field in Field::ALL.into_iter().filter(|field| field.is_secret()) {
            // The old buffer is overwritten when it is dropped.
            self.texts[field as usize] = SecretText::default();
            secret_field::forget(ctx, field.id());
        }
    }

    /// Shows a field below its name.
    pub fn show(&mut self, ui: &mut Ui, field: Field, name: &str, hint: &str) -> Response {
        let enabled = ui.is_enabled();
        let response = ui
            .vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space::XS;
                ui.set_max_width(WIDTH.min(ui.available_width()));
                ui.add_space(2.0);
                ui.label(theme::caption(ui, name));
                if field.is_masked() {
                    let text = &mut self.texts[field as usize];
                    return secret_field(ui, field.id(), text, &mut self.shown, (name, hint));
                }
                let most = if field == Field::Line { 8192 } else { secret_field::MOST_CHARS };
                let buffer = self.texts[field as usize].buffer();
                let edit =
                    if field == Field::Line { TextEdit::multiline(buffer) } else { TextEdit::singleline(buffer) };
                let edit = edit
                    .id(field.id())
                    .hint_text(hint)
                    .char_limit(most)
                    .desired_rows(if field == Field::Line { 4 } else { 1 })
                    .desired_width(f32::INFINITY)
                    // Enter submits, also where lines wrap.
                    .return_key(Some(KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter)))
                    .margin(egui::Margin::symmetric(8, 6));
                let response = ui.add(edit);
                response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
                if field.is_secret() {
                    secret_field::no_undo(ui.ctx(), field.id());
                }
                response
            })
            .inner;
        let enter = ui.input(|input| input.key_pressed(Key::Enter) && input.modifiers.is_none());
        self.entered |= enter && (response.lost_focus() || response.has_focus());
        // What is disabled, because an answer is on its way, takes no keyboard.
        if enabled && self.focus == Some(field) {
            self.focus = None;
            response.request_focus();
        }
        response
    }
}
