//! Everybody who has a name, as tiles. A click shows the photos; one dropped on another asks whether both are one.

use std::sync::Arc;

use eframe::egui::{self, Id, Key, Margin, Panel, Rect, Response, Ui, Vec2, vec2};

use super::{Wanted, centred, pressed, take_keyboard};
use crate::domain::people::Person;
use crate::protocol::PeopleState;
use crate::ui::people::face;
use crate::ui::people::tiles::{Look, Says, Tiles};
use crate::ui::screens::Context;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{Button, Icon, elide_middle};
use crate::ui::words::one_line;
use crate::ui::{Action, Model};

const LOOK: Look<'static> =
    Look { id: "people", label: "People", side: 128.0, below: 46.0, click_opens: true, drags: true };

/// What is to be done about people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    Faces(String),
    Check(String),
    Rename(String),
    Merge { people: Vec<String>, into: Option<String> },
    Hide { people: Vec<String>, hidden: bool },
}

/// The tiles of everybody, and what is kept of them between frames.
#[derive(Debug, Clone, Default)]
pub(super) struct Persons {
    tiles: Tiles<String>,
    filter: String,
    hidden: bool,
    /// Names in the order shown, with their places in the list; remade when any of the rest changes.
    keys: Vec<String>,
    places: Vec<usize>,
    made_of: Option<(Arc<[Person]>, String, bool)>,
}

/// The id of the tiles.
pub(super) fn id() -> Id {
    Tiles::<String>::id(&LOOK)
}

impl Persons {
    /// Selects nothing. False where nothing was.
    pub fn unselect(&mut self) -> bool {
        let any = !self.tiles.selected.is_empty();
        self.tiles.clear();
        any
    }

    /// Draws them; `busy` while something lies over the page.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        state: &PeopleState,
        context: &Context<'_>,
        busy: bool,
        actions: &mut Vec<Action>,
    ) -> (Option<Choice>, Option<Wanted>) {
        let Some(list) = context.model.people.list.value() else {
            centred(ui, |ui| ui.label(theme::secondary(ui, "Asking who is there…")));
            return (None, None);
        };
        self.narrow(ui, state, list);
        self.follow(list);
        if self.keys.is_empty() {
            centred(ui, |ui| {
                let words = if self.filter.trim().is_empty() {
                    "Nobody has a name yet. Give names to faces under “No name”, or in the loupe."
                } else {
                    "Nobody of that name."
                };
                ui.add(egui::Label::new(theme::secondary(ui, words)).wrap())
            });
            return (None, None);
        }
        let (mut choice, mut wanted) = self.bar(ui, list, context);
        if !busy {
            take_keyboard(ui, &mut self.tiles, id(), self.keys.first());
            choice = self.letters(ui, list).or(choice);
        }
        let (keys, places) = (std::mem::take(&mut self.keys), std::mem::take(&mut self.places));
        let at = |index: usize| &list[places[index]];
        let mut paint = |ui: &mut Ui, index: usize, rect: Rect| tile(ui, context, at(index), rect);
        let says = |index: usize| says(context, at(index));
        let done = self.tiles.show(ui, &LOOK, &keys, &mut paint, &says);
        let covers = places[done.visible].iter().filter_map(|place| list[*place].cover.as_ref());
        actions.push(Action::AlsoShown(face::wishes(covers)));
        (self.keys, self.places) = (keys, places);
        if let Some(name) = done.opened.or(done.entered) {
            wanted = Some(Wanted::Photos(name));
        }
        if let Some((from, onto)) = done.dropped {
            let mut people = if self.tiles.selected.contains(&from) { self.tiles.targets() } else { vec![from] };
            people.retain(|name| *name != onto);
            people.push(onto.clone());
            choice = Some(Choice::Merge { people, into: Some(onto) });
        }
        let (from_menu, asked) = self.menu(&done.response, list);
        (from_menu.or(choice), asked.or(wanted))
    }

    /// The field that narrows, and the switch that shows hidden people.
    fn narrow(&mut self, ui: &mut Ui, state: &PeopleState, list: &Arc<[Person]>) {
        let any_hidden = list.iter().any(|person| person.hidden);
        if list.len() < 8 && !any_hidden {
            return;
        }
        let frame = egui::Frame::new().inner_margin(Margin::symmetric(space::L as i8, space::XS as i8));
        Panel::top("narrow people").resizable(false).frame(frame).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                let width = 240.0_f32.min(ui.available_width());
                let hint = format!("Find among {}", state.people);
                let field = egui::TextEdit::singleline(&mut self.filter)
                    .hint_text(hint)
                    .margin(Margin::symmetric(8, 6))
                    .desired_width(width - 16.0);
                ui.add(field).accessible_name("Find a person");
                if any_hidden {
                    ui.checkbox(&mut self.hidden, "Show hidden");
                }
            });
        });
    }

    /// Remakes the order where the list, the filter or the switch changed.
    fn follow(&mut self, list: &Arc<[Person]>) {
        let same = self.made_of.as_ref().is_some_and(|(of, filter, hidden)| {
            Arc::ptr_eq(of, list) && *filter == self.filter && *hidden == self.hidden
        });
        if same {
            return;
        }
        let wanted = crate::domain::query::words::fold(self.filter.trim());
        let shown = |person: &Person| {
            person.faces > 0
                && (self.hidden || !person.hidden)
                && (wanted.is_empty() || crate::domain::query::words::fold(&person.name).contains(&wanted))
        };
        let places: Vec<usize> = (0..list.len()).filter(|place| shown(&list[*place])).collect();
        let keys: Vec<String> = places.iter().map(|place| list[*place].name.clone()).collect();
        self.tiles.follow(&self.keys, &keys);
        (self.keys, self.places) = (keys, places);
        self.made_of = Some((list.clone(), self.filter.clone(), self.hidden));
    }

    fn targets(&self) -> Vec<String> {
        self.tiles.targets()
    }

    fn letters(&self, ui: &Ui, list: &[Person]) -> Option<Choice> {
        let targets = self.targets();
        let first = targets.first()?.clone();
        let hidden = list.iter().any(|person| person.name == first && person.hidden);
        if pressed(ui, id(), &[Key::F2, Key::R]) {
            return Some(Choice::Rename(first));
        }
        if pressed(ui, id(), &[Key::F]) {
            return Some(Choice::Faces(first));
        }
        if pressed(ui, id(), &[Key::H]) {
            return Some(Choice::Hide { people: targets, hidden: !hidden });
        }
        (pressed(ui, id(), &[Key::M]) && targets.len() > 1).then_some(Choice::Merge { people: targets, into: None })
    }

    /// What can be done with those that are selected, or with the one that has the keyboard.
    fn bar(&self, ui: &mut Ui, list: &[Person], context: &Context<'_>) -> (Option<Choice>, Option<Wanted>) {
        let (mut choice, mut wanted) = (None, None);
        let targets = self.targets();
        let Some(first) = targets.first() else { return (None, None) };
        let person = list.iter().find(|person| person.name == *first);
        let frame = egui::Frame::new()
            .fill(theme::tokens(ui).panel)
            .inner_margin(Margin::symmetric(space::L as i8, space::XS as i8));
        Panel::bottom("people bar").resizable(false).frame(frame).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
                let what = match targets.len() {
                    1 => elide_middle(&one_line(first), 32).into_owned(),
                    many => format!("{} people selected", context.locale.number(many as u64)),
                };
                ui.label(theme::semibold(what));
                ui.add_space(space::S);
                if targets.len() > 1 {
                    if Button::secondary("Merge…").small().tooltip("These are one person (M)").show(ui).clicked() {
                        choice = Some(Choice::Merge { people: targets.clone(), into: None });
                    }
                } else {
                    if Button::secondary("Show photos").small().tooltip("Enter").show(ui).clicked() {
                        wanted = Some(Wanted::Photos(first.clone()));
                    }
                    if Button::quiet("Faces").small().tooltip("Every face, to correct or split (F)").show(ui).clicked()
                    {
                        choice = Some(Choice::Faces(first.clone()));
                    }
                    if Button::quiet("Rename…").small().tooltip("F2").show(ui).clicked() {
                        choice = Some(Choice::Rename(first.clone()));
                    }
                    if let Some(person) = person.filter(|person| person.suggestions > 0) {
                        let text = format!("{} to check", context.locale.number(person.suggestions));
                        if Button::quiet(&text).small().icon(Icon::Check).show(ui).clicked() {
                            choice = Some(Choice::Check(first.clone()));
                        }
                    }
                }
                let hidden = person.is_some_and(|person| person.hidden);
                if Button::quiet(if hidden { "Show again" } else { "Hide" }).small().tooltip("H").show(ui).clicked() {
                    choice = Some(Choice::Hide { people: targets.clone(), hidden: !hidden });
                }
            });
        });
        (choice, wanted)
    }

    /// The same under the right mouse button.
    fn menu(&self, response: &Response, list: &[Person]) -> (Option<Choice>, Option<Wanted>) {
        let (mut choice, mut wanted) = (None, None);
        let targets = self.targets();
        let Some(first) = targets.first().cloned() else { return (None, None) };
        let person = list.iter().find(|person| person.name == first);
        let hidden = person.is_some_and(|person| person.hidden);
        response.context_menu(|ui| {
            ui.set_min_width(210.0);
            ui.spacing_mut().item_spacing.y = 2.0;
            let mut item = |text: &str, key: &str| {
                let button = egui::Button::new(text).shortcut_text(key).frame_when_inactive(false);
                let width = ui.available_width();
                let clicked = ui.add_sized([width, 28.0], button).clicked();
                if clicked {
                    ui.close();
                }
                clicked
            };
            if item("Show photos", "Enter") {
                wanted = Some(Wanted::Photos(first.clone()));
            }
            if item("Show faces", "F") {
                choice = Some(Choice::Faces(first.clone()));
            }
            if person.is_some_and(|person| person.suggestions > 0) && item("Check suggestions", "") {
                choice = Some(Choice::Check(first.clone()));
            }
            if item("Rename…", "F2") {
                choice = Some(Choice::Rename(first.clone()));
            }
            if targets.len() > 1 && item("Merge…", "M") {
                choice = Some(Choice::Merge { people: targets.clone(), into: Some(first.clone()) });
            }
            if item(if hidden { "Show again" } else { "Hide" }, "H") {
                choice = Some(Choice::Hide { people: targets.clone(), hidden: !hidden });
            }
        });
        (choice, wanted)
    }
}

/// A person: the face, the name, how many.
fn tile(ui: &mut Ui, context: &Context<'_>, person: &Person, rect: Rect) {
    let tokens = theme::tokens(ui);
    let model: &Model<'_> = context.model;
    let square = Rect::from_min_size(rect.min, Vec2::splat(rect.width()));
    ui.scope(|ui| {
        if person.hidden {
            ui.set_opacity(0.45);
        }
        face::paint(ui, model, person.cover.as_ref(), square);
        let top = square.bottom() + 5.0;
        let height = face::line(ui, &person.name, top, rect, true, tokens.text);
        face::line(ui, &counted(context, person), top + height + 1.0, rect, false, tokens.text_secondary);
    });
}

fn counted(context: &Context<'_>, person: &Person) -> String {
    let faces = context.locale.count(person.faces, "face", "faces");
    match person.suggestions {
        0 => faces,
        more => format!("{faces}, {} to check", context.locale.number(more)),
    }
}

fn says(context: &Context<'_>, person: &Person) -> Says {
    let hidden = if person.hidden { ", hidden" } else { "" };
    let faces = context.locale.count(person.faces, "face", "faces");
    let description = match person.suggestions {
        0 => String::new(),
        more => format!("{} to check", context.locale.number(more)),
    };
    Says { label: format!("{}, {faces}{hidden}", one_line(&person.name)), description }
}
