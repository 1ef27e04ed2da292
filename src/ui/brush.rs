//! Painting on: tags, stars or a colour are chosen once and then put on photos by a click or a sweep.

use eframe::egui::{self, Id, Ui};

use super::theme::{self, space};
use super::widgets::{self, Button, label_row, star_row};
use super::{Action, Model};
use crate::domain::tag::TagName;
use crate::domain::{Change, ColourLabel, Rating};

/// What is painted on photos.
#[derive(Debug, Clone, Default)]
pub struct Brush {
    /// Tags with commas between them.
    text: String,
    rating: Option<Rating>,
    label: Option<ColourLabel>,
    drawn_before: bool,
}

impl Brush {
    /// What a stroke does to each photo; nothing while nothing is chosen.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let tags = self.tags().map(|tag| Change::AddTag(tag.into()));
        let rating = self.rating.map(Change::Rating);
        tags.chain(rating).chain(self.label.map(Change::Label)).collect()
    }

    /// Paints these tags from now on.
    pub fn take_tags(&mut self, tags: &[TagName]) {
        self.text = tags.iter().map(TagName::as_str).collect::<Vec<_>>().join(", ");
    }

    /// The tags that are painted.
    pub fn tags(&self) -> impl Iterator<Item = TagName> + '_ {
        self.text.split(',').filter_map(|tag| TagName::new(tag).ok())
    }

    /// Draws the bar of the mode. False when it is to end.
    pub fn show(&mut self, ui: &mut Ui, model: &Model<'_>) -> bool {
        let mut open = true;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            ui.label(theme::semibold("Paint on"));
            let field = egui::TextEdit::singleline(&mut self.text)
                .id(Id::unique("brush tags"))
                .hint_text("Tags, with commas between them")
                .margin(egui::Margin::symmetric(8, 5))
                .desired_width(260.0);
            let field = ui.add(field).accessible_name("Tags to paint on");
            if !std::mem::replace(&mut self.drawn_before, true) && self.text.is_empty() {
                field.request_focus();
            }
            if let (_, Some(rating)) = star_row(ui, self.rating.unwrap_or_default()) {
                self.rating = Some(rating).filter(|rating| rating.stars() > 0);
            }
            if let Some(label) = label_row(ui, self.label.unwrap_or_default()) {
                self.label = Some(label).filter(|label| *label != ColourLabel::None);
            }
            for (digit, set) in model.finding.tag_sets.iter().take(3) {
                let names = set.iter().map(TagName::as_str).collect::<Vec<_>>().join(", ");
                let short = widgets::elide_middle(&names, 24);
                if Button::quiet(&short).small().tooltip(&format!("{names} (Alt+{digit})")).show(ui).clicked() {
                    self.take_tags(set);
                }
            }
            let words = if self.changes().is_empty() {
                "Choose tags, stars or a colour"
            } else {
                "Click or sweep over photos; Enter paints the one with the keyboard"
            };
            ui.label(theme::caption(ui, words));
            widgets::keycap(ui, "Esc");
            if Button::secondary("End painting").small().show(ui).clicked() {
                open = false;
            }
        });
        open
    }

    /// Keeps the painted tags among the sets.
    pub fn end(&self, actions: &mut Vec<Action>) {
        let tags: Vec<String> = self.tags().map(String::from).collect();
        if !tags.is_empty() {
            actions.push(Action::Find(super::FindAsk::KeepTagSet(tags)));
        }
    }
}
