//! The field where a person's name is typed: those who are known are offered, arrows choose, Enter takes.

use eframe::egui::{
    self, Area, CornerRadius, EventFilter, Frame, Id, Key, Margin, Modifiers, Order, RichText, Stroke, Ui, vec2,
};

use crate::domain::query::words::fold;
use crate::ui::locale::Locale;
use crate::ui::theme::{self, radius, space};
use crate::ui::words::one_line;

/// Names offered at once.
const SHOWN: usize = 6;
/// More than this many letters are no name.
const MOST: usize = 200;

/// Esc and the arrows mean something here, so they do not take the keyboard away.
const FILTER: EventFilter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };

/// What the field keeps between frames.
#[derive(Debug, Clone, Default)]
pub struct NameField {
    text: String,
    chosen: Option<usize>,
    wants_focus: bool,
    /// Its first letters were typed before it had the keyboard: the next ones come behind them.
    begun: bool,
    /// The field had the keyboard in the last frame, so that a press on the list, which takes it, still counts.
    open: bool,
    listed: bool,
    /// Enter came together with letters that the field has not taken yet.
    entered: bool,
    /// Names are not offered for this text any more.
    away: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// This name was taken.
    Name(String),
    /// Esc.
    Left,
}

/// How the field is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Unique in the window.
    pub id: &'a str,
    /// Its accessible name.
    pub label: &'a str,
    /// What stands in the empty field.
    pub hint: &'a str,
    /// Its width in points.
    pub width: f32,
}

impl NameField {
    /// A field that takes the keyboard, with this text.
    #[must_use]
    pub fn focused(text: impl Into<String>) -> Self {
        Self { text: text.into(), wants_focus: true, ..Self::default() }
    }

    /// The name that is typed, without what is around it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.trim()
    }

    /// Whether names are offered now, so that Esc puts those away first.
    #[must_use]
    pub fn has_list(&self) -> bool {
        self.listed
    }

    /// Puts the keyboard into it.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Puts the keyboard into it, after letters that were typed where no field had it.
    pub fn begin(&mut self, letters: &str) {
        self.text = letters.chars().take(MOST).collect();
        (self.wants_focus, self.begun) = (true, true);
    }

    /// Shows it. `known` are the names that are offered, with the number of photos.
    pub fn show<'a>(
        &mut self,
        ui: &mut Ui,
        look: Look<'_>,
        known: impl Iterator<Item = (&'a str, u64)>,
        locale: &Locale,
    ) -> Option<Typed> {
        let id = Id::unique(("name field", look.id));
        let wanted = self.open && self.away.as_deref() != Some(&self.text);
        let offered = if wanted { offered(self.name(), known) } else { Vec::new() };
        let focused = ui.memory(|memory| memory.has_focus(id));
        let mut typed = if focused { self.keys(ui, &offered) } else { None };
        let field = egui::TextEdit::singleline(&mut self.text)
            .id(id)
            .char_limit(MOST)
            .hint_text(look.hint)
            .margin(Margin::symmetric(8, 6))
            .event_filter(FILTER)
            .desired_width(look.width - 16.0);
        let response = ui.add(field).accessible_name(look.label);
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
            let letters = self.text.chars().count();
            let from = if std::mem::take(&mut self.begun) { letters } else { 0 };
            select(ui, id, from, letters);
        }
        if response.changed() {
            self.chosen = None;
        }
        self.open = response.has_focus();
        self.listed = !offered.is_empty();
        if !offered.is_empty() && typed.is_none() {
            let below = response.rect.left_bottom() + vec2(0.0, space::XS);
            if let Some(name) = self.list(ui, id, below, look.width, &offered, locale) {
                typed = Some(Typed::Name(name));
            }
        }
        match &typed {
            Some(Typed::Name(_)) => {
                self.text.clear();
                self.chosen = None;
            }
            Some(Typed::Left) => response.surrender_focus(),
            None => {}
        }
        typed
    }

    fn keys(&mut self, ui: &Ui, offered: &[(String, u64)]) -> Option<Typed> {
        let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let last = offered.len().checked_sub(1);
        if key(Key::ArrowDown) {
            self.chosen = last.map(|last| self.chosen.map_or(0, |at| (at + 1).min(last)));
        } else if key(Key::ArrowUp) {
            self.chosen = self.chosen.and_then(|at| at.checked_sub(1));
        } else if key(Key::Escape) {
            if offered.is_empty() {
                return Some(Typed::Left);
            }
            self.away = Some(self.text.clone());
            self.chosen = None;
        } else if key(Key::Enter) || std::mem::take(&mut self.entered) {
            // Somebody types faster than frames come: the letters before Enter are part of the name.
            if ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Text(_)))) {
                self.entered = true;
                ui.ctx().request_repaint();
                return None;
            }
            let chosen = self.chosen.and_then(|at| offered.get(at)).map(|(name, _)| name.clone());
            let name = chosen.unwrap_or_else(|| self.name().to_owned());
            return (!name.is_empty()).then_some(Typed::Name(name));
        }
        None
    }

    fn list(
        &self,
        ui: &Ui,
        id: Id,
        below: egui::Pos2,
        width: f32,
        offered: &[(String, u64)],
        locale: &Locale,
    ) -> Option<String> {
        let tokens = theme::tokens(ui);
        let mut taken = None;
        Area::new(id.with("list")).order(Order::Tooltip).fixed_pos(below).constrain(true).show(ui.ctx(), |ui| {
            Frame::new()
                .fill(tokens.raised)
                .stroke(Stroke::new(1.0, tokens.outline))
                .corner_radius(CornerRadius::same(radius::M))
                .inner_margin(Margin::same(space::XS as i8))
                .show(ui, |ui| {
                    ui.set_width(width.max(160.0) - 2.0 * space::XS);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    for (at, (name, photos)) in offered.iter().enumerate() {
                        let button = egui::Button::new(RichText::new(one_line(name)).color(tokens.text))
                            .right_text(RichText::new(locale.number(*photos)).color(tokens.text_secondary))
                            .truncate()
                            .selected(self.chosen == Some(at))
                            .frame_when_inactive(false);
                        let response = ui.add_sized([ui.available_width(), 26.0], button);
                        // A press is enough: the field lets the keyboard go before the button is released.
                        if response.clicked() || response.is_pointer_button_down_on() {
                            taken = Some(name.clone());
                        }
                    }
                });
        });
        taken
    }
}

/// Those whose name, or a word of it, begins with what is typed; the most photographed first.
fn offered<'a>(typed: &str, known: impl Iterator<Item = (&'a str, u64)>) -> Vec<(String, u64)> {
    let typed = fold(typed);
    if typed.is_empty() {
        return Vec::new();
    }
    let fits = |name: &str| {
        let name = fold(name);
        name.starts_with(&typed) || name.split_whitespace().any(|word| word.starts_with(&typed))
    };
    let mut found: Vec<(&str, u64)> = known.filter(|(name, _)| fits(name)).collect();
    found.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    found.into_iter().take(SHOWN).map(|(name, photos)| (name.to_owned(), photos)).collect()
}

/// Selects from one letter to another; the cursor stands behind them.
fn select(ui: &Ui, id: Id, from: usize, to: usize) {
    use egui::text::{CCursor, CCursorRange};
    let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(from), CCursor::new(to))));
    state.store(ui.ctx(), id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_offered_by_any_of_their_words() {
        let known = [("Éric Satie", 3), ("Anna Larsen", 40), ("Lars", 5), ("王芳", 2), ("أحمد", 1)];
        let names = |typed: &str| -> Vec<String> {
            offered(typed, known.iter().copied()).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names("lars"), ["Anna Larsen", "Lars"], "the most photographed first");
        assert_eq!(names("eric"), ["Éric Satie"]);
        assert_eq!(names("王"), ["王芳"]);
        assert_eq!(names("أح"), ["أحمد"]);
        assert!(names("").is_empty() && names("x").is_empty());
    }
}
