//! Questions over the page: another name for a person, and whether several people are one.

use eframe::egui::{self, Ui};

use super::ask_for;
use crate::protocol::PeopleAsk;
use crate::ui::Action;
use crate::ui::people::name_field::{self, NameField, Typed};
use crate::ui::screens::Context;
use crate::ui::screens::dialog::{Dialog, body, footer};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, elide_middle};
use crate::ui::words::one_line;

/// Letters of a name in a title.
const LETTERS: usize = 40;

/// What is asked.
#[derive(Debug, Clone)]
pub(super) enum Question {
    /// Another name.
    Rename { from: String, field: NameField },
    /// Which name stays when these become one.
    Merge { people: Vec<String>, into: usize },
}

impl Question {
    /// Another name for this person.
    pub fn rename(name: &str) -> Self {
        Self::Rename { from: name.to_owned(), field: NameField::focused(name) }
    }

    /// Whether these are one. Without `into`, the one with the most faces stays.
    pub fn merge(people: Vec<String>, into: Option<&str>, context: &Context<'_>) -> Self {
        let faces = |name: &String| {
            context.model.people.people().iter().find(|person| person.name == *name).map_or(0, |person| person.faces)
        };
        let stays = people.iter().position(|name| Some(name.as_str()) == into);
        let most = || (0..people.len()).max_by_key(|at| (faces(&people[*at]), std::cmp::Reverse(*at)));
        let into = stays.or_else(most).unwrap_or(0);
        Self::Merge { people, into }
    }

    /// Draws it. False once it is answered.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> bool {
        match self {
            Self::Rename { from, field } => rename(ctx, from, field, context, actions),
            Self::Merge { people, into } => merge(ctx, people, into, context, actions),
        }
    }
}

fn rename(
    ctx: &egui::Context,
    from: &str,
    field: &mut NameField,
    context: &Context<'_>,
    actions: &mut Vec<Action>,
) -> bool {
    let title = format!("Rename {}", elide_middle(&one_line(from), LETTERS));
    let dialog = Dialog { id: "rename a person", title: &title, width: 420.0, tall: false };
    let mut to = None;
    let outcome = dialog.show(ctx, |ui| {
        let look = name_field::Look { id: "rename", label: "New name", hint: "New name", width: ui.available_width() };
        match field.show(ui, look, context.model.people.names(), context.locale) {
            Some(Typed::Name(name)) => to = Some(name),
            Some(Typed::Left) => return false,
            None => {}
        }
        let words = "Where somebody has that name already, both become one. Ctrl+Z takes it back.";
        ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
        footer(ui, |ui| {
            let able = !field.name().is_empty() && field.name() != from;
            ui.add_enabled_ui(able, |ui| {
                if widgets::primary_button(ui, "Rename").clicked() {
                    to = Some(field.name().to_owned());
                }
            });
            !widgets::quiet_button(ui, "Cancel").clicked()
        })
    });
    if let Some(to) = to {
        if to != from {
            actions.push(ask_for(PeopleAsk::Rename { from: from.to_owned(), to }));
        }
        return false;
    }
    outcome.inner && !outcome.dialog.closed
}

fn merge(
    ctx: &egui::Context,
    people: &[String],
    into: &mut usize,
    context: &Context<'_>,
    actions: &mut Vec<Action>,
) -> bool {
    let title = match people {
        [one, other] => {
            let short = |name: &str| elide_middle(&one_line(name), LETTERS / 2).into_owned();
            format!("Are {} and {} one person?", short(one), short(other))
        }
        many => format!("Are these {} one person?", many.len()),
    };
    let dialog = Dialog { id: "merge people", title: &title, width: 460.0, tall: false };
    let outcome = dialog.show(ctx, |ui| {
        ui.label(theme::secondary(ui, "The name that stays:"));
        ui.add_space(space::XS);
        body(ui, true, |ui| {
            for (at, name) in people.iter().enumerate() {
                let known = context.model.people.people().iter().find(|person| person.name == *name);
                let faces = context.locale.count(known.map_or(0, |person| person.faces), "face", "faces");
                ui.radio_value(into, at, format!("{}  ·  {faces}", elide_middle(&one_line(name), LETTERS)));
            }
            ui.add_space(space::XS);
            ui.add(egui::Label::new(theme::caption(ui, "Ctrl+Z takes it back.")).wrap());
        });
        buttons(ui)
    });
    let (yes, no) = outcome.inner;
    if yes || outcome.dialog.confirmed {
        if let Some(name) = people.get(*into) {
            let others = people.iter().filter(|other| *other != name).cloned().collect();
            actions.push(ask_for(PeopleAsk::Merge { people: others, into: name.clone() }));
        }
        return false;
    }
    !no && !outcome.dialog.closed
}

fn buttons(ui: &mut Ui) -> (bool, bool) {
    footer(ui, |ui| {
        let yes = widgets::primary_button(ui, "Merge").clicked();
        (yes, widgets::quiet_button(ui, "Cancel").clicked())
    })
}
