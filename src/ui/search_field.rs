//! The search field: results while typing, and what is wrong with a query under it.

use eframe::egui::{self, Area, CornerRadius, Frame, Id, Key, Margin, Modifiers, Order, Rect, Ui, Vec2, vec2};

use super::completions::Completing;
use super::locale::Locale;
use super::theme::{self, CONTROL_HEIGHT, radius, space};
use super::widgets::{Button, Icon};
use super::{Action, Model};

/// What the field keeps between frames.
#[derive(Debug, Clone, Default)]
pub struct SearchField {
    /// What is typed.
    pub text: String,
    /// What was searched for last.
    sent: String,
    focus: bool,
    completing: Completing,
    /// The list of completions stood there a frame ago.
    listed: bool,
}

/// The field's id.
#[must_use]
pub fn id() -> Id {
    Id::unique("search field")
}

impl SearchField {
    /// Puts the keyboard into the field and selects its text.
    pub fn focus(&mut self) {
        self.focus = true;
    }

    /// Searches for this.
    pub fn set(&mut self, text: impl Into<String>, actions: &mut Vec<Action>) {
        self.text = text.into();
        self.sent.clone_from(&self.text);
        actions.push(Action::Search(self.text.clone()));
    }

    /// Takes a text that was completed, with the cursor at its end.
    fn complete(&mut self, ui: &Ui, text: String, actions: &mut Vec<Action>) {
        use egui::text::{CCursor, CCursorRange};
        self.text = text;
        let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id()).unwrap_or_default();
        state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(self.text.chars().count()))));
        state.store(ui.ctx(), id());
        self.send(actions);
    }

    fn send(&mut self, actions: &mut Vec<Action>) {
        // A key that deletes nothing counts as a change for the field, but is none for the search.
        if self.sent != self.text {
            self.sent.clone_from(&self.text);
            actions.push(Action::Search(self.text.clone()));
        }
    }

    /// Shows it, this wide. True when the person is done typing and the photos should have the keyboard.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        width: f32,
        model: &Model<'_>,
        locale: &Locale,
        actions: &mut Vec<Action>,
    ) -> bool {
        let tokens = theme::tokens(ui);
        let (area, _) = ui.allocate_exact_size(vec2(width, CONTROL_HEIGHT), egui::Sense::hover());
        let clear = !self.text.is_empty();
        // Keys are taken before the field sees them: Esc empties it first and leaves it then.
        let focused = ui.memory(|memory| memory.has_focus(id()));
        if focused && let Some(text) = self.completing.keys(ui, &self.text, model) {
            self.complete(ui, text, actions);
        }
        let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let escaped = focused && key(Key::Escape);
        let mut done = focused && (key(Key::Enter) || key(Key::ArrowDown));
        if escaped && clear {
            self.set("", actions);
        } else if escaped {
            done = true;
        }
        let field = egui::TextEdit::singleline(&mut self.text)
            .id(id())
            .hint_text("Search names, tags, camera:, date:2024-05 …")
            .margin(Margin { left: 32, right: if clear { 32 } else { 8 }, top: 6, bottom: 6 })
            .min_size(vec2(0.0, CONTROL_HEIGHT))
            .desired_width(width - if clear { 64.0 } else { 40.0 });
        let response = ui.put(area, field).accessible_name("Search");
        let lens = Rect::from_center_size(area.left_center() + vec2(17.0, 0.0), Vec2::splat(15.0));
        Icon::Search.paint(ui.painter(), lens, tokens.text_secondary);
        if clear {
            let place = Rect::from_center_size(area.right_center() - vec2(16.0, 0.0), Vec2::splat(24.0));
            let mut end = ui.new_child(egui::UiBuilder::new().max_rect(place));
            if Button::icon_only(Icon::Close, "Clear the search").small().show(&mut end).clicked() {
                self.set("", actions);
            }
        }
        if response.changed() {
            self.send(actions);
        }
        if std::mem::take(&mut self.focus) {
            response.request_focus();
            select_all(ui, self.text.chars().count());
        }
        let mut listed = false;
        if response.has_focus() {
            let cursor = cursor(ui).map_or(self.text.len(), |at| byte_of(&self.text, at));
            self.completing.ask(&self.text, cursor, actions);
            listed = self.completing.is_shown(&self.text, model);
        }
        // A press on the list takes the keyboard away from the field for a moment.
        if (listed || self.listed)
            && let Some(text) = self.completing.show(ui, area, &self.text, model, locale)
        {
            self.complete(ui, text, actions);
            response.request_focus();
        }
        self.listed = listed;
        if let Some((at, expected)) = &model.results.wrong
            && clear
            && !listed
        {
            wrong(ui, area, &self.text, *at, expected);
        }
        done
    }
}

/// Where the cursor stands, in characters.
fn cursor(ui: &Ui) -> Option<usize> {
    let state = egui::text_edit::TextEditState::load(ui.ctx(), id())?;
    state.cursor.char_range().map(|range| range.primary.index.into())
}

fn byte_of(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at)
}

fn select_all(ui: &Ui, count: usize) {
    use egui::text::{CCursor, CCursorRange};
    let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id()).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(0), CCursor::new(count))));
    state.store(ui.ctx(), id());
}

/// What was expected, and where, under the field; the photos stay as they are.
fn wrong(ui: &Ui, field: Rect, text: &str, at: usize, expected: &str) {
    let tokens = theme::tokens(ui);
    let (before, after) = text.split_at(floor_char(text, at));
    Area::new(Id::unique("search error"))
        .order(Order::Foreground)
        .fixed_pos(field.left_bottom() + vec2(0.0, space::XS))
        .interactable(false)
        .show(ui.ctx(), |ui| {
            Frame::new()
                .fill(tokens.bad_ground)
                .corner_radius(CornerRadius::same(radius::M))
                .inner_margin(Margin::symmetric(space::M as i8, space::S as i8))
                .show(ui, |ui| {
                    ui.set_max_width(field.width().max(260.0) - 2.0 * space::M);
                    let place = if after.is_empty() {
                        format!("after “{}”", last_chars(before, 24))
                    } else {
                        format!("at “{}”", after.chars().take(24).collect::<String>())
                    };
                    let label = ui.label(egui::RichText::new(format!("Expected {expected} {place}")).color(tokens.bad));
                    ui.ctx().accesskit_node_builder(label.id, |node| node.set_live(egui::accesskit::Live::Polite));
                });
        });
}

fn last_chars(text: &str, count: usize) -> &str {
    text.char_indices().rev().nth(count - 1).map_or(text, |(start, _)| &text[start..])
}

/// The byte offset, moved back to the beginning of a character.
fn floor_char(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_query_are_characters() {
        assert_eq!(floor_char("é:", 1), 0);
        assert_eq!(floor_char("abc", 99), 3);
        assert_eq!(last_chars("wörter", 3), "ter");
        assert_eq!(last_chars("ab", 3), "ab");
    }
}
