//! Typing tags: type-ahead, Enter adds to every selected photo, a minus in front (or Shift+Enter) removes.

use std::sync::Arc;

use eframe::egui::{self, Id, Key, Modal, Modifiers, Ui};

use super::locale::Locale;
use super::theme::{self, space};
use super::widgets::{self, Button, Icon};
use super::{Action, FindAsk, Model};
use crate::domain::tag::TagName;
use crate::domain::{Change, PhotoTag, Seat};

/// The field over the window while tags are typed.
#[derive(Debug, Clone)]
pub struct TagField {
    seats: Arc<[Seat]>,
    text: String,
    chosen: Option<usize>,
    asked: Option<String>,
    /// Tags that were added since it was opened: the next set.
    added: Vec<String>,
    /// What was done since it was opened, newest last.
    done: Vec<String>,
}

/// Suggestions shown at once.
const SHOWN: usize = 8;

impl TagField {
    /// For these photos.
    #[must_use]
    pub fn new(seats: Arc<[Seat]>) -> Self {
        Self { seats, text: String::new(), chosen: None, asked: None, added: Vec::new(), done: Vec::new() }
    }

    /// Shows it. False when it is to be closed.
    pub fn show(&mut self, ctx: &egui::Context, model: &Model<'_>, locale: &Locale, actions: &mut Vec<Action>) -> bool {
        let mut open = true;
        let modal = Modal::new(Id::unique("tag field")).frame(widgets::dialog_frame(ctx));
        let response = modal.show(ctx, |ui| {
            ui.set_width(400.0_f32.min(ctx.content_rect().width() - 80.0));
            let photos = locale.count(self.seats.len() as u64, "photo", "photos");
            ui.label(theme::title(format!("Tags for {photos}")));
            ui.add_space(space::XS);
            let suggestions = self.suggestions(model);
            self.keys(ui, &suggestions, &mut open, actions);
            let field = egui::TextEdit::singleline(&mut self.text)
                .id(Id::unique("tag text"))
                .hint_text("Add a tag, or −tag to remove one")
                .margin(egui::Margin::symmetric(10, 7))
                .desired_width(f32::INFINITY);
            let field = ui.add(field).accessible_name("Tag");
            if !field.has_focus() && ui.memory(|memory| memory.focused().is_none()) {
                field.request_focus();
            }
            if field.changed() {
                self.chosen = None;
            }
            self.ask(actions);
            self.list(ui, &suggestions, locale, actions);
            self.sets(ui, model, actions);
            self.present(ui, model, actions);
            if let Some(done) = self.done.last() {
                ui.label(egui::RichText::new(done).color(theme::tokens(ui).good));
            }
            ui.add_space(space::S);
            ui.horizontal(|ui| {
                widgets::keycap(ui, "Enter");
                ui.label(theme::caption(ui, "adds"));
                widgets::keycap(ui, "Shift+Enter");
                ui.label(theme::caption(ui, "removes"));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if Button::secondary("Done").show(ui).clicked() {
                        open = false;
                    }
                });
            });
        });
        let open = open && !response.should_close();
        if !open && !self.added.is_empty() {
            actions.push(Action::Find(FindAsk::KeepTagSet(std::mem::take(&mut self.added))));
        }
        open
    }

    /// The tag that is typed, without the minus, and whether it is to be removed.
    fn typed(&self) -> (&str, bool) {
        let text = self.text.trim();
        match text.strip_prefix(['-', '−']) {
            Some(rest) => (rest.trim(), true),
            None => (text, false),
        }
    }

    fn suggestions(&self, model: &Model<'_>) -> Vec<(String, u64)> {
        let (typed, _) = self.typed();
        let (asked, tags) = model.tag_suggestions;
        // An answer to less is still right for what goes on with it.
        if typed.is_empty() || !typed.to_lowercase().starts_with(&asked.to_lowercase()) {
            return Vec::new();
        }
        let typed = typed.to_lowercase();
        let fits = |(name, _): &&(String, u64)| name.to_lowercase().starts_with(&typed);
        tags.iter().filter(fits).take(SHOWN).cloned().collect()
    }

    fn ask(&mut self, actions: &mut Vec<Action>) {
        let typed = self.typed().0.to_owned();
        if !typed.is_empty() && self.asked.as_ref() != Some(&typed) {
            actions.push(Action::SuggestTags(typed.clone()));
            self.asked = Some(typed);
        }
    }

    fn keys(&mut self, ui: &Ui, suggestions: &[(String, u64)], open: &mut bool, actions: &mut Vec<Action>) {
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        let remove = pressed(Modifiers::SHIFT, Key::Enter);
        let enter = remove || pressed(Modifiers::NONE, Key::Enter);
        let last = suggestions.len().checked_sub(1);
        if pressed(Modifiers::NONE, Key::ArrowDown) {
            self.chosen = last.map(|last| self.chosen.map_or(0, |at| (at + 1).min(last)));
        }
        if pressed(Modifiers::NONE, Key::ArrowUp) {
            self.chosen = self.chosen.and_then(|at| at.checked_sub(1));
        }
        if !enter {
            return;
        }
        let chosen = self.chosen.and_then(|at| suggestions.get(at)).map(|(name, _)| name.clone());
        let (typed, minus) = self.typed();
        let name = chosen.unwrap_or_else(|| typed.to_owned());
        if name.is_empty() {
            *open = false;
        } else {
            self.change(name, remove || minus, actions);
        }
    }

    fn change(&mut self, name: String, remove: bool, actions: &mut Vec<Action>) {
        self.done.push(format!("{} “{name}”", if remove { "Removed" } else { "Added" }));
        self.added.retain(|known| *known != name);
        if !remove {
            self.added.push(name.clone());
        }
        let change = if remove { Change::RemoveTag(name) } else { Change::AddTag(name) };
        actions.push(Action::Edit { seats: self.seats.clone(), change });
        self.text.clear();
        self.chosen = None;
    }

    fn list(&mut self, ui: &mut Ui, suggestions: &[(String, u64)], locale: &Locale, actions: &mut Vec<Action>) {
        let mut clicked = None;
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for (at, (name, count)) in suggestions.iter().enumerate() {
                let text = format!("{name}   {}", locale.number(*count));
                let button = Button::quiet(&text).icon(Icon::Tag).selected(self.chosen == Some(at));
                if button.show(ui).clicked() {
                    clicked = Some(name.clone());
                }
            }
        });
        if let Some(name) = clicked {
            let remove = self.typed().1;
            self.change(name, remove, actions);
        }
    }

    /// Sets of tags that were used last, each on its digit.
    fn sets(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        if !self.text.is_empty() {
            return;
        }
        for (digit, set) in model.finding.tag_sets.iter() {
            let key = Key::from_name(&digit.to_string());
            let pressed = key.is_some_and(|key| ui.input_mut(|input| input.consume_key(Modifiers::ALT, key)));
            let names = set.iter().map(TagName::as_str).collect::<Vec<_>>().join(", ");
            let clicked = ui
                .horizontal(|ui| {
                    widgets::keycap(ui, &format!("Alt+{digit}"));
                    let short = widgets::elide_middle(&names, 44);
                    Button::quiet(&short).tooltip(&names).show(ui).clicked()
                })
                .inner;
            if pressed || clicked {
                self.done.push(format!("Added “{names}”"));
                let changes = set.iter().map(|tag| Change::AddTag(tag.to_string())).collect();
                actions.push(Action::EditAll { seats: self.seats.clone(), changes });
            }
        }
    }

    /// The tags that the one photo has, each with its way out.
    fn present(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        let [seat] = *self.seats else { return };
        let Some(detail) = model.detail.value().filter(|detail| detail.card.seat == seat) else { return };
        if let Some(name) = chips(ui, &detail.tags) {
            self.change(name, true, actions);
        }
    }
}

/// Tags as chips in rows. Gives the one whose × was pressed.
pub fn chips(ui: &mut Ui, tags: &[PhotoTag]) -> Option<String> {
    let mut removed = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
        for tag in tags {
            if widgets::tag_chip(ui, tag) {
                removed = Some(tag.name.clone());
            }
        }
    });
    removed
}
