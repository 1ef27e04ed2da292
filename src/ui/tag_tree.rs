//! The tree of tags in the browse panel: it folds, narrows with a click, and is where tags are renamed, merged and
//! moved.

use std::collections::HashSet;

use eframe::egui::{self, Ui};

use super::locale::Locale;
use super::theme::{self, space};
use super::widgets::{Button, Icon, section_heading};
use super::{Action, FindAsk, Model};
use crate::domain::facets::{Facet, TagNode};

/// What the tree keeps between frames.
#[derive(Debug, Clone, Default)]
pub struct TagTree {
    /// Tags of which what is below is shown, by what finds them.
    open: HashSet<String>,
    form: Option<Form>,
}

/// A tag that is about to be changed.
#[derive(Debug, Clone, Default)]
struct Form {
    tag: String,
    into: String,
    under: String,
}

impl TagTree {
    /// Draws it. Gives what narrows the search, where a tag was pressed.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        model: &Model<'_>,
        locale: &Locale,
        actions: &mut Vec<Action>,
    ) -> Option<String> {
        let nodes = &model.finding.tag_tree;
        let mut pressed = None;
        section_heading(ui, "Tag tree");
        // Nothing below this depth is shown until the tree comes back up to it.
        let mut closed_at: Option<usize> = None;
        for (at, node) in nodes.iter().enumerate() {
            if closed_at.is_some_and(|depth| node.depth > depth) {
                continue;
            }
            let has_more = nodes.get(at + 1).is_some_and(|next| next.depth > node.depth);
            let is_open = self.open.contains(&node.query);
            closed_at = (has_more && !is_open).then_some(node.depth);
            if self.row(ui, node, has_more.then_some(is_open), locale) {
                pressed = Some(node.query.clone());
            }
        }
        self.form(ui, actions);
        ui.add_space(space::XS);
        pressed
    }

    /// One tag; whether it was pressed.
    fn row(&mut self, ui: &mut Ui, node: &TagNode, fold: Option<bool>, locale: &Locale) -> bool {
        let mut pressed = false;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.add_space(node.depth as f32 * 14.0);
            match fold {
                Some(is_open) => {
                    let (icon, verb) = if is_open { (Icon::Down, "Fold") } else { (Icon::Next, "Unfold") };
                    if Button::icon_only(icon, &format!("{verb} {}", node.name)).small().show(ui).clicked() {
                        if is_open {
                            self.open.remove(&node.query);
                        } else {
                            self.open.insert(node.query.clone());
                        }
                    }
                }
                None => ui.add_space(24.0),
            }
            let facet = Facet { name: node.name.clone(), query: node.query.clone(), photos: node.photos };
            let response = super::facets::row(ui, &facet, locale);
            pressed = response.clicked();
            response.context_menu(|ui| {
                if ui.button("Rename, merge or move…").clicked() {
                    self.form = Some(Form { tag: node.name.clone(), ..Form::default() });
                    ui.close();
                }
            });
        });
        pressed
    }

    fn form(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let Some(form) = &mut self.form else {
            if Button::quiet("Rename, merge or move a tag…").icon(Icon::Tag).show(ui).clicked() {
                self.form = Some(Form::default());
            }
            return;
        };
        let mut done = false;
        let field = |ui: &mut Ui, text: &mut String, hint: &str, name: &str| {
            let edit = egui::TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY);
            ui.add(edit).accessible_name(name);
        };
        field(ui, &mut form.tag, "Which tag", "Tag to change");
        field(ui, &mut form.into, "Its new name, or the tag it is merged into", "New name");
        let able = |text: &str| !text.trim().is_empty();
        ui.add_enabled_ui(able(&form.tag) && able(&form.into), |ui| {
            if Button::secondary("Rename or merge").show(ui).clicked() {
                let (from, into) = (form.tag.trim().to_owned(), form.into.trim().to_owned());
                actions.push(Action::Find(FindAsk::MergeTags { from, into }));
                done = true;
            }
        });
        ui.add(
            egui::Label::new(theme::caption(ui, "Later tags and sidecars with the old word land on the new one."))
                .wrap(),
        );
        field(ui, &mut form.under, "What it is a kind of; empty is the top", "Put under");
        ui.horizontal(|ui| {
            ui.add_enabled_ui(able(&form.tag), |ui| {
                if Button::secondary("Move").show(ui).clicked() {
                    let parent = Some(form.under.trim().to_owned()).filter(|parent| !parent.is_empty());
                    actions.push(Action::Find(FindAsk::MoveTag { tag: form.tag.trim().to_owned(), parent }));
                    done = true;
                }
            });
            done |= Button::quiet("Leave it").show(ui).clicked();
        });
        if done {
            self.form = None;
        }
    }
}
