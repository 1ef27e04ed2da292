//! A masked field: a password or a secret key, typed or pasted.
//!
//! What is typed lives in one buffer that is large enough from the start, so that it never moves and leaves no copy of
//! itself behind; it is overwritten when it is taken or dropped. egui's own memory of what stood in a field before
//! (undo) is emptied in every frame, and screen readers hear dots, also while the text is shown.

use eframe::egui::text::LayoutJob;
use eframe::egui::widgets::text_edit::TextEditState;
use eframe::egui::{self, Color32, FontId, Galley, Id, Response, TextBuffer, TextEdit, TextStyle, Ui};
use std::sync::Arc;
use zeroize::Zeroizing;

use super::{Button, Icon};
use crate::domain::Secret;
use crate::ui::theme;

/// The most characters that a secret field takes.
pub const MOST_CHARS: usize = 260;
/// Four bytes for each of them.
const CAPACITY: usize = MOST_CHARS * 4;
/// What stands for a character in the accessibility tree.
const DOT: char = '•';
/// egui cuts longer lines for the accessibility tree.
const RUN: usize = 255;

/// A text that is typed and must not be seen by accident. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl Default for SecretText {
    fn default() -> Self {
        Self(Zeroizing::new(String::with_capacity(CAPACITY)))
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(…)")
    }
}

impl SecretText {
    /// What was typed.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The buffer, for a field.
    pub fn buffer(&mut self) -> &mut String {
        &mut self.0
    }

    /// Hands it over and leaves an empty field.
    pub fn take(&mut self) -> Secret {
        let mut taken = std::mem::take(self);
        Secret::new(std::mem::take(&mut *taken.0))
    }
}

/// Shows a masked field as wide as there is room, with a button that shows what is in it. `name` is its accessible
/// name, `hint` stands in it while it is empty.
pub fn secret_field(
    ui: &mut Ui,
    id: Id,
    text: &mut SecretText,
    shown: &mut bool,
    (name, hint): (&str, &str),
) -> Response {
    ui.horizontal(|ui| {
        let width = (ui.available_width() - theme::CONTROL_HEIGHT - ui.spacing().item_spacing.x).max(60.0);
        // Tab goes on to the next field, as everybody who types two passwords expects; the eye has a key instead.
        let key = egui::KeyboardShortcut::new(egui::Modifiers::CTRL | egui::Modifiers::SHIFT, egui::Key::S);
        if ui.memory(|memory| memory.has_focus(id)) && ui.input_mut(|input| input.consume_shortcut(&key)) {
            *shown = !*shown;
        }
        let mut plain = plain_layouter(ui);
        let mut field = TextEdit::singleline(text.buffer())
            .id(id)
            .password(true)
            .char_limit(MOST_CHARS)
            .hint_text(hint)
            .desired_width(width)
            .margin(egui::Margin::symmetric(8, 6));
        if *shown {
            field = field.layouter(&mut plain);
        }
        let response = ui.add(field);
        response.ctx.accesskit_node_builder(id, |node| node.set_label(name));
        if *shown {
            mask_runs(ui.ctx(), id, text.expose().chars().count());
        }
        no_undo(ui.ctx(), id);
        let (icon, words) = if *shown { (Icon::EyeOff, "Hide") } else { (Icon::Eye, "Show") };
        let words = format!("{words} the {}", lower_first(name));
        let eye = Button::icon_only(icon, &words).passed_over().show(ui);
        if eye.on_hover_text("Ctrl+Shift+S").clicked() {
            *shown = !*shown;
        }
        response
    })
    .inner
}

/// Forgets all that egui knows about a field: selection, cursor, what stood in it.
pub fn forget(ctx: &egui::Context, id: Id) {
    no_undo(ctx, id);
    ctx.data_mut(|data| data.remove::<TextEditState>(id));
}

/// Empties what egui would need to undo.
pub fn no_undo(ctx: &egui::Context, id: Id) {
    if let Some(mut state) = TextEditState::load(ctx, id) {
        // The undo steps are shared with what is stored: emptied here is emptied there.
        state.clear_undoer();
    }
}

/// Lays text out as it is, in a field that egui takes for masked: then it cannot be copied out of it either.
fn plain_layouter(ui: &Ui) -> impl FnMut(&Ui, &dyn TextBuffer, f32) -> Arc<Galley> + use<> {
    let (font, colour): (FontId, Color32) = (TextStyle::Body.resolve(ui.style()), theme::tokens(ui).text);
    move |ui, text, _| {
        let mut job = LayoutJob::simple_singleline(text.as_str().to_owned(), font.clone(), colour);
        job.keep_trailing_whitespace = true;
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    }
}

/// egui describes the letters it drew to screen readers; these must stay dots.
fn mask_runs(ctx: &egui::Context, id: Id, chars: usize) {
    for chunk in 0..chars.div_ceil(RUN).max(1) {
        let run = id.with(0_usize).with(chunk);
        let length = (chars - chunk * RUN).min(RUN);
        if ctx.has_accesskit_node(run) {
            ctx.accesskit_node_builder(run, |node| {
                node.set_value(String::from_iter(std::iter::repeat_n(DOT, length)));
                node.set_character_lengths(vec![DOT.len_utf8() as u8; length]);
                node.set_word_starts(Vec::<u8>::new());
            });
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_says_nothing_and_taking_leaves_an_empty_buffer_of_full_size() {
        let mut text = SecretText::default();
        text.buffer().push_str("correct horse");
        assert_eq!(format!("{text:?}"), "SecretText(…)");
        assert_eq!(text.take().expose(), "correct horse");
        assert!(text.is_empty() && text.buffer().capacity() >= CAPACITY);
    }
}
