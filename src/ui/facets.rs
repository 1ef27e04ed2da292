//! The panel that narrows a search: what its photos have in common, with counts, and searches that are kept.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use super::locale::Locale;
use super::search_field::SearchField;
use super::tag_tree::TagTree;
use super::theme::{self, space};
use super::widgets::{self, Button, Icon, section_heading};
use super::{Action, FindAsk, Loadable, Model};
use crate::domain::facets::{Facet, SavedSearch};
use crate::domain::query::Scope;

/// Facets of one kind that are shown before "more".
const FEW: usize = 6;

/// What the panel keeps between frames.
#[derive(Debug, Clone, Default)]
pub struct FacetPanel {
    /// The search that was asked about last.
    asked: Option<(String, Scope, u64)>,
    saved_asked: bool,
    tree: TagTree,
    /// Kinds of which everything is shown.
    open: Vec<&'static str>,
    /// The name of a search that is about to be kept.
    naming: Option<String>,
}

impl FacetPanel {
    /// Shows it in a panel of its own.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        model: &Model<'_>,
        locale: &Locale,
        search: &mut SearchField,
        actions: &mut Vec<Action>,
    ) {
        self.ask(model, actions);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.set_width(ui.available_width() - 8.0);
            ui.spacing_mut().item_spacing.y = 2.0;
            self.saved(ui, model, search, actions);
            if let Some(query) = self.tree.show(ui, model, locale, actions) {
                search.set(narrowed(&search.text, &query), actions);
            }
            match (model.finding.facets.value(), &model.finding.facets) {
                (Some(facets), _) => {
                    for (kind, list) in facets.kinds() {
                        self.kind(ui, (kind, list), locale, search, actions);
                    }
                    if facets.total == 0 {
                        ui.label(theme::secondary(ui, "No photo, so nothing to narrow."));
                    }
                }
                (None, Loadable::Failed { error, .. }) => {
                    widgets::problem(ui, error, "");
                }
                (None, _) => {
                    ui.label(theme::secondary(ui, "Counting…"));
                }
            }
        });
    }

    /// Asks again whenever the photos are others.
    fn ask(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        if !std::mem::replace(&mut self.saved_asked, true) {
            actions.push(Action::Find(FindAsk::Saved));
        }
        let results = model.results;
        let now = (results.query.clone(), results.scope, results.generation);
        if self.asked.as_ref() != Some(&now) && results.wrong.is_none() {
            actions.push(Action::Find(FindAsk::Facets { query: now.0.clone(), scope: now.1 }));
            actions.push(Action::Find(FindAsk::TagTree));
            self.asked = Some(now);
        }
    }

    fn kind(
        &mut self,
        ui: &mut Ui,
        (kind, list): (&'static str, &[Facet]),
        locale: &Locale,
        search: &mut SearchField,
        actions: &mut Vec<Action>,
    ) {
        if list.is_empty() {
            return;
        }
        let mut heading = kind.to_owned();
        heading[..1].make_ascii_uppercase();
        section_heading(ui, &heading);
        let open = self.open.contains(&kind);
        for facet in list.iter().take(if open { list.len() } else { FEW }) {
            if row(ui, facet, locale).clicked() {
                search.set(narrowed(&search.text, &facet.query), actions);
            }
        }
        if list.len() > FEW {
            let text = if open { "Fewer".to_owned() } else { format!("{} more", list.len() - FEW) };
            if Button::quiet(&text).small().show(ui).clicked() {
                if open {
                    self.open.retain(|other| *other != kind);
                } else {
                    self.open.push(kind);
                }
            }
        }
        ui.add_space(space::XS);
    }

    fn saved(&mut self, ui: &mut Ui, model: &Model<'_>, search: &mut SearchField, actions: &mut Vec<Action>) {
        section_heading(ui, "Kept searches");
        for saved in &model.finding.saved {
            ui.horizontal(|ui| {
                let forget = format!("Forget the search {}", saved.name);
                let chosen = saved.query == search.text;
                if Button::quiet(&saved.name).icon(Icon::Search).selected(chosen).show(ui).clicked() {
                    search.set(saved.query.clone(), actions);
                }
                if Button::icon_only(Icon::Close, &forget).small().show(ui).clicked() {
                    actions.push(Action::Find(FindAsk::Forget(saved.name.clone())));
                }
            });
        }
        match &mut self.naming {
            None => {
                let able = !search.text.trim().is_empty() && model.results.wrong.is_none();
                ui.add_enabled_ui(able, |ui| {
                    if Button::quiet("Keep this search…").icon(Icon::Plus).show(ui).clicked() {
                        self.naming = Some(String::new());
                    }
                });
            }
            Some(name) => {
                let field = egui::TextEdit::singleline(name).hint_text("Its name");
                let response = ui.add(field).accessible_name("Name of the search");
                let done = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
                if done && !name.trim().is_empty() {
                    let saved = SavedSearch { name: name.trim().to_owned(), query: search.text.clone() };
                    actions.push(Action::Find(FindAsk::Save(saved)));
                    self.naming = None;
                } else if response.lost_focus() {
                    self.naming = None;
                } else if !response.has_focus() {
                    response.request_focus();
                }
            }
        }
        ui.add_space(space::XS);
    }
}

/// One property with its count.
pub(super) fn row(ui: &mut Ui, facet: &Facet, locale: &Locale) -> egui::Response {
    let count = locale.number(facet.photos);
    let tokens = theme::tokens(ui);
    let button = egui::Button::new(RichText::new(&facet.name).color(tokens.text))
        .right_text(RichText::new(&count).color(tokens.text_secondary))
        .truncate()
        .frame_when_inactive(false);
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 24.0;
        ui.spacing_mut().button_padding.y = 2.0;
        let response = ui.add_sized([ui.available_width(), 24.0], button);
        response.on_hover_text(&facet.query)
    })
    .inner
}

/// A search and one more condition.
fn narrowed(text: &str, facet: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return facet.to_owned();
    }
    // What is joined by "or" has to stay together.
    let joined = text.split_whitespace().any(|word| word.eq_ignore_ascii_case("or"));
    if joined { format!("({text}) {facet}") } else { format!("{text} {facet}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::query::Query;

    #[test]
    fn a_narrowed_search_keeps_its_meaning() {
        assert_eq!(narrowed("  ", "tag:dog"), "tag:dog");
        assert_eq!(narrowed("iceland ", "tag:dog"), "iceland tag:dog");
        assert_eq!(narrowed("cat OR dog", "rating:5"), "(cat OR dog) rating:5");
        assert!(Query::parse(&narrowed("cat or dog", "camera:\"canon eos\"")).is_ok());
    }
}
