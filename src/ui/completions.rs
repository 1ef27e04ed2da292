//! What may be typed next, under the search field: arrows choose, Tab or Enter takes, Escape puts it away.

use eframe::egui::{self, Area, CornerRadius, Frame, Id, Key, Margin, Modifiers, Order, Rect, RichText, Ui, vec2};

use super::locale::Locale;
use super::theme::{self, radius, space};
use super::{Action, FindAsk, Model};
use crate::domain::facets::Completion;

/// What is remembered between frames.
#[derive(Debug, Clone, Default)]
pub struct Completing {
    asked: Option<(String, usize)>,
    /// The one that a key would take.
    chosen: Option<usize>,
    /// Put away for this text.
    away: Option<String>,
}

impl Completing {
    /// Asks for what may follow, whenever the text or the cursor is another.
    pub fn ask(&mut self, text: &str, cursor: usize, actions: &mut Vec<Action>) {
        let now = (text.to_owned(), cursor);
        if self.asked.as_ref() != Some(&now) {
            actions.push(Action::Find(FindAsk::Complete { query: now.0.clone(), cursor }));
            self.asked = Some(now);
            self.chosen = None;
        }
    }

    /// What is shown for this text, if anything.
    fn shown<'a>(&self, text: &str, model: &'a Model<'_>) -> Option<(usize, usize, &'a [Completion])> {
        let (query, cursor, completions) = model.finding.completions.as_ref()?;
        let is_for_this = query == text && self.away.as_deref() != Some(text) && !text.is_empty();
        (is_for_this && !completions.items.is_empty()).then_some((completions.from, *cursor, &*completions.items))
    }

    /// Whether the list has anything for this text.
    pub fn is_shown(&self, text: &str, model: &Model<'_>) -> bool {
        self.shown(text, model).is_some()
    }

    /// Takes the keys that belong to the list, before the field sees them; the text where one was taken.
    pub fn keys(&mut self, ui: &Ui, text: &str, model: &Model<'_>) -> Option<String> {
        let (from, cursor, items) = self.shown(text, model)?;
        let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if key(Key::ArrowDown) {
            self.chosen = Some(self.chosen.map_or(0, |at| (at + 1).min(items.len() - 1)));
        } else if self.chosen.is_some() && key(Key::ArrowUp) {
            self.chosen = self.chosen.and_then(|at| at.checked_sub(1));
        } else if key(Key::Escape) {
            self.away = Some(text.to_owned());
            self.chosen = None;
        } else if key(Key::Tab) {
            return replaced(text, from, cursor, &items[self.chosen.unwrap_or(0)]);
        } else if let Some(at) = self.chosen
            && key(Key::Enter)
        {
            return replaced(text, from, cursor, &items[at]);
        }
        None
    }

    /// Draws the list below the field; the text where one was pressed.
    pub fn show(&self, ui: &Ui, field: Rect, text: &str, model: &Model<'_>, locale: &Locale) -> Option<String> {
        let (from, cursor, items) = self.shown(text, model)?;
        let tokens = theme::tokens(ui);
        let mut taken = None;
        Area::new(Id::unique("completions"))
            .order(Order::Foreground)
            .fixed_pos(field.left_bottom() + vec2(0.0, space::XS))
            .show(ui.ctx(), |ui| {
                Frame::new()
                    .fill(tokens.raised)
                    .stroke(egui::Stroke::new(1.0, tokens.outline))
                    .corner_radius(CornerRadius::same(radius::M))
                    .inner_margin(Margin::same(space::XS as i8))
                    .show(ui, |ui| {
                        ui.set_width(field.width().max(260.0) - 2.0 * space::XS);
                        ui.spacing_mut().item_spacing.y = 0.0;
                        for (at, item) in items.iter().enumerate() {
                            let count = item.photos.map(|photos| locale.number(photos)).unwrap_or_default();
                            let button = egui::Button::new(RichText::new(&item.name).color(tokens.text))
                                .right_text(RichText::new(count).color(tokens.text_secondary))
                                .truncate()
                                .selected(self.chosen == Some(at))
                                .frame_when_inactive(false);
                            if ui.add_sized([ui.available_width(), 26.0], button).clicked() {
                                taken = replaced(text, from, cursor, item);
                            }
                        }
                    });
            });
        taken
    }
}

/// The text with a completion in its place. A value is followed by a space, a field's colon by what comes.
fn replaced(text: &str, from: usize, cursor: usize, item: &Completion) -> Option<String> {
    let (before, after) = (text.get(..from)?, text.get(cursor..)?);
    let space = if item.text.ends_with(':') || after.starts_with(' ') { "" } else { " " };
    Some(format!("{before}{}{space}{after}", item.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_completion_takes_the_place_of_what_was_typed() {
        let item = |text: &str| Completion { text: text.into(), name: text.into(), photos: None };
        assert_eq!(replaced("x ta", 2, 4, &item("tag:")).unwrap(), "x tag:");
        assert_eq!(replaced("tag:do", 4, 6, &item("dog")).unwrap(), "tag:dog ");
        assert_eq!(replaced("tag:do rating:5", 4, 6, &item("dog")).unwrap(), "tag:dog rating:5");
        assert_eq!(replaced("é", 1, 2, &item("dog")), None, "never in the middle of a letter");
    }
}
