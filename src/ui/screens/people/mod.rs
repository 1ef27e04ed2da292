//! The page of people: everybody with a face and a number, what is to be checked, faces without a name, hidden ones.

mod ask;
mod faces;
mod forget;
mod look;
mod persons;

use eframe::egui::{self, Align, Id, Key, Layout, Margin, Modifiers, Panel, Ui, vec2};

use super::Context;
use crate::domain::Seat;
use crate::protocol::{FacesOf, OpKind, PeopleAsk, PeopleState};
use crate::ui::people::tiles::Tiles;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Amount, Button, Icon, elide_middle};
use crate::ui::words::one_line;
use crate::ui::{Action, ActivityState, Loadable, PeopleDo};
use ask::Question;
use faces::FaceTiles;
use forget::ForgetScreen;
use look::LookForm;
use persons::Persons;

/// What of the page is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Tab {
    /// Everybody who has a name.
    #[default]
    People,
    /// The faces of one person.
    Person(String),
    /// Suggestions, of one person at a time.
    Check(Option<String>),
    /// Faces without a name.
    Unnamed,
    /// Hidden faces, and what is none.
    Hidden,
}

/// What lies over the page.
#[derive(Debug, Clone, Default)]
enum Over {
    #[default]
    Nothing,
    Question(Question),
    Look,
    Forget(ForgetScreen),
}

/// What the page asks the window for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The photos of this person.
    Photos(String),
    /// This photo in the loupe, with its boxes.
    Photo(Seat),
    /// The account.
    Account,
}

/// What the page keeps between frames.
#[derive(Debug, Clone, Default)]
pub struct PeoplePage {
    tab: Tab,
    persons: Persons,
    faces: FaceTiles,
    look: LookForm,
    over: Over,
    asked: bool,
    /// A person chose what is shown; before that it is what there is to do.
    chosen: bool,
}

/// Where nobody has a name yet: faces that could have one.
fn first_tab(state: &PeopleState) -> Tab {
    match (state.suggested, state.unknown) {
        (0, 0) => Tab::People,
        (0, _) => Tab::Unnamed,
        _ => Tab::Check(None),
    }
}

impl PeoplePage {
    /// Whether something lies over it that has the keyboard.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !matches!(self.over, Over::Nothing)
    }

    /// One step back: nothing selected, then everybody. False where the page itself is to be left.
    pub fn back(&mut self) -> bool {
        let selected = match self.tab {
            Tab::People => self.persons.unselect(),
            _ => self.faces.unselect(),
        };
        if selected {
            return true;
        }
        self.chosen = true;
        std::mem::take(&mut self.tab) != Tab::People
    }

    /// Draws it in all the room there is.
    pub fn show(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) -> Option<Wanted> {
        if !std::mem::replace(&mut self.asked, true) {
            actions.push(ask_for(PeopleAsk::State));
            actions.push(ask_for(PeopleAsk::List));
        }
        let people = context.model.people;
        let mut wanted = None;
        match (people.state.value(), &people.state) {
            (Some(state), _) if is_empty(state) => {
                wanted = self.empty(ui, state, context, actions);
            }
            (Some(state), _) => {
                if !self.chosen && state.people == 0 {
                    self.tab = first_tab(state);
                }
                self.header(ui, state, context);
                wanted = self.body(ui, state, context, actions);
            }
            (None, Loadable::Failed { error, .. }) => {
                centred(ui, |ui| {
                    widgets::problem(ui, error, "");
                    if Button::secondary("Try again").show(ui).clicked() {
                        actions.push(ask_for(PeopleAsk::State));
                        actions.push(ask_for(PeopleAsk::List));
                    }
                });
            }
            (None, _) => {
                centred(ui, |ui| ui.label(theme::secondary(ui, "Counting faces…")));
            }
        }
        self.over(ui.ctx(), context, actions).or(wanted)
    }

    /// What stands where nobody has looked for faces.
    fn empty(
        &mut self,
        ui: &mut Ui,
        state: &PeopleState,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) -> Option<Wanted> {
        let mut wanted = None;
        egui::ScrollArea::vertical().id_salt("no people").auto_shrink(false).show(ui, |ui| {
            let width = (ui.available_width() - 2.0 * space::XL).clamp(160.0, 640.0);
            let side = ((ui.available_width() - width) / 2.0).max(space::S);
            let margin =
                Margin { left: side as i8, right: space::M as i8, top: space::XL as i8, bottom: space::XL as i8 };
            egui::Frame::new().inner_margin(Margin { left: 0, ..margin }).show(ui, |ui| {
                ui.horizontal_top(|ui| {
                    ui.add_space(side);
                    ui.vertical(|ui| {
                        ui.set_width(width);
                        let heading = ui.label(theme::title("People"));
                        heading.ctx.accesskit_node_builder(heading.id, |node| node.set_role(egui::Role::Heading));
                        let words = "Find photos by who is in them. Nobody has looked for faces yet.";
                        ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
                        running(ui, context);
                        ui.add_space(space::M);
                        wanted = self.look.show(ui, state, context, actions);
                        ui.add_space(space::M);
                        self.look.start(ui, state, context, actions);
                        ui.add_space(space::L);
                        let words =
                            "By hand: open a photo (E), show boxes (F), draw one around a face (N), and name it.";
                        ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
                        if state.deleting || state.at_aws > 0 || state.collection.is_some() {
                            ui.add_space(space::M);
                            self.forget_button(ui);
                        }
                    });
                });
            });
        });
        wanted
    }

    fn header(&mut self, ui: &mut Ui, state: &PeopleState, context: &Context<'_>) {
        let frame = egui::Frame::new().fill(theme::tokens(ui).canvas).inner_margin(Margin {
            left: space::L as i8,
            right: space::L as i8,
            top: space::S as i8,
            bottom: space::XS as i8,
        });
        Panel::top("people header").resizable(false).frame(frame).show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
            ui.horizontal_wrapped(|ui| {
                let heading = ui.label(theme::title("People"));
                heading.ctx.accesskit_node_builder(heading.id, |node| node.set_role(egui::Role::Heading));
                ui.add_space(space::S);
                self.tabs(ui, state, context);
                ui.add_space(space::S);
                if Button::secondary("Look for faces…").icon(Icon::Search).show(ui).clicked() {
                    self.over = Over::Look;
                }
                self.forget_button(ui);
            });
            running(ui, context);
            if state.deleting {
                let words = "Deleting all face data did not come to its end.";
                widgets::problem(ui, words, "Press “Delete all face data…” to go on with it.");
            }
        });
    }

    fn forget_button(&mut self, ui: &mut Ui) {
        if Button::quiet("Delete all face data…").icon(Icon::Remove).show(ui).clicked() {
            self.over = Over::Forget(ForgetScreen::default());
        }
    }

    fn tabs(&mut self, ui: &mut Ui, state: &PeopleState, context: &Context<'_>) {
        let number = |count| context.locale.number(count);
        let tabs = [
            (Tab::People, format!("Named {}", number(state.people)), true),
            (Tab::Check(None), format!("To check {}", number(state.suggested)), state.suggested > 0),
            (Tab::Unnamed, format!("No name {}", number(state.unknown)), state.unknown > 0),
            (Tab::Hidden, format!("Hidden {}", number(state.hidden)), state.hidden > 0),
        ];
        for (tab, text, any) in tabs {
            let on = std::mem::discriminant(&self.tab) == std::mem::discriminant(&tab)
                || matches!((&self.tab, &tab), (Tab::Person(_), Tab::People));
            // A tab that is empty is not offered, unless it is the one that is shown.
            if (any || on) && Button::quiet(&text).selected(on).show(ui).clicked() {
                self.tab = tab;
                self.chosen = true;
            }
        }
    }

    fn body(
        &mut self,
        ui: &mut Ui,
        state: &PeopleState,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) -> Option<Wanted> {
        let busy = self.is_busy();
        match self.tab.clone() {
            Tab::People => {
                let (choice, wanted) = self.persons.show(ui, state, context, busy, actions);
                if let Some(choice) = choice {
                    self.choose(choice, context, actions);
                }
                wanted
            }
            Tab::Person(name) => self.person(ui, &name, context, actions),
            Tab::Check(name) => self.check(ui, name, context, actions),
            Tab::Unnamed => self.faces.show(ui, &FacesOf::Unknown, context, busy, actions),
            Tab::Hidden => self.faces.show(ui, &FacesOf::Hidden, context, busy, actions),
        }
    }

    /// The faces of one person.
    fn person(&mut self, ui: &mut Ui, name: &str, context: &Context<'_>, actions: &mut Vec<Action>) -> Option<Wanted> {
        let known = context.model.people.people().iter().find(|person| person.name == name);
        if known.is_none() && matches!(context.model.people.list, Loadable::Ready(_)) {
            // Renamed, merged away, or the last face was taken.
            self.tab = Tab::People;
            return None;
        }
        let mut wanted = None;
        let frame = egui::Frame::new().inner_margin(Margin::symmetric(space::L as i8, space::XS as i8));
        Panel::top("one person").resizable(false).frame(frame).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = space::XS;
                if Button::icon_only(Icon::Previous, "Back to everybody (Esc)").show(ui).clicked() {
                    self.tab = Tab::People;
                }
                let heading = ui.label(theme::semibold(elide_middle(&one_line(name), 40)).size(16.0));
                heading.ctx.accesskit_node_builder(heading.id, |node| node.set_role(egui::Role::Heading));
                if let Some(person) = known {
                    ui.label(theme::secondary(ui, context.locale.count(person.faces, "face", "faces")));
                    ui.add_space(space::S);
                    if person.suggestions > 0 {
                        let text = format!("{} to check", context.locale.number(person.suggestions));
                        if Button::secondary(&text).small().show(ui).clicked() {
                            self.tab = Tab::Check(Some(name.to_owned()));
                        }
                    }
                }
                if Button::secondary("Show photos").small().show(ui).clicked() {
                    wanted = Some(Wanted::Photos(name.to_owned()));
                }
                if Button::quiet("Rename…").small().show(ui).clicked() {
                    self.over = Over::Question(Question::rename(name));
                }
            });
        });
        let of = FacesOf::Person(name.to_owned());
        let busy = self.is_busy();
        self.faces.show(ui, &of, context, busy, actions).or(wanted)
    }

    /// Suggestions of one person; of the next one, once there is nothing more to check.
    fn check(
        &mut self,
        ui: &mut Ui,
        chosen: Option<String>,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) -> Option<Wanted> {
        let open = || context.model.people.people().iter().filter(|person| person.suggestions > 0);
        let chosen = chosen.filter(|name| open().any(|person| person.name == *name));
        let Some(name) = chosen.or_else(|| open().next().map(|person| person.name.clone())) else {
            centred(ui, |ui| ui.label(theme::secondary(ui, "Nothing is left to check.")));
            return None;
        };
        let mut next = name.clone();
        let frame = egui::Frame::new().inner_margin(Margin::symmetric(space::L as i8, space::XS as i8));
        Panel::top("people to check").resizable(false).frame(frame).show(ui, |ui| {
            egui::ScrollArea::horizontal().id_salt("people to check").show(ui, |ui| {
                ui.horizontal(|ui| {
                    // A row that nobody scrolls to its end; those with the most come first.
                    for person in open().take(200) {
                        let text = format!(
                            "{}  {}",
                            elide_middle(&one_line(&person.name), 24),
                            context.locale.number(person.suggestions)
                        );
                        if Button::quiet(&text).small().selected(person.name == name).show(ui).clicked() {
                            next.clone_from(&person.name);
                        }
                    }
                });
            });
            let count = open().find(|person| person.name == name).map_or(0, |person| person.suggestions);
            ui.horizontal_wrapped(|ui| {
                let title = format!("Is this {}?", elide_middle(&one_line(&name), 40));
                let heading = ui.label(theme::semibold(title).size(16.0));
                heading.ctx.accesskit_node_builder(heading.id, |node| node.set_role(egui::Role::Heading));
                ui.label(theme::secondary(ui, context.locale.count(count, "face", "faces")));
                ui.add_space(space::S);
                self.faces.answer_all(ui, &name, context, actions);
            });
        });
        self.tab = Tab::Check(Some(next));
        let busy = self.is_busy();
        self.faces.show(ui, &FacesOf::Suggested(Some(name)), context, busy, actions)
    }

    /// Does what was chosen about people.
    fn choose(&mut self, choice: persons::Choice, context: &Context<'_>, actions: &mut Vec<Action>) {
        match choice {
            persons::Choice::Faces(name) => self.tab = Tab::Person(name),
            persons::Choice::Check(name) => self.tab = Tab::Check(Some(name)),
            persons::Choice::Rename(name) => self.over = Over::Question(Question::rename(&name)),
            persons::Choice::Merge { people, into } => {
                self.over = Over::Question(Question::merge(people, into.as_deref(), context));
            }
            persons::Choice::Hide { people, hidden } => {
                for name in people {
                    actions.push(ask_for(PeopleAsk::HidePerson { name, hidden }));
                }
            }
        }
    }

    /// What lies over the page.
    fn over(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Option<Wanted> {
        let mut wanted = None;
        let open = match &mut self.over {
            Over::Nothing => return None,
            Over::Question(question) => question.show(ctx, context, actions),
            Over::Look => {
                let (open, asked) = self.look.dialog(ctx, context, actions);
                wanted = asked;
                open
            }
            Over::Forget(screen) => screen.show(ctx, context, actions),
        };
        if !open {
            self.over = Over::Nothing;
            let id = if self.tab == Tab::People { persons::id() } else { faces::id() };
            ctx.memory_mut(|memory| memory.request_focus(id));
        }
        wanted
    }
}

/// Whether nobody has looked for faces and none was drawn.
fn is_empty(state: &PeopleState) -> bool {
    state.people + state.named + state.suggested + state.unknown + state.hidden == 0
}

/// A question, or a gesture, as an action.
fn ask_for(ask: PeopleAsk) -> Action {
    Action::People(PeopleDo::Ask(ask))
}

/// What is being done about people now, with how far it is.
fn running(ui: &mut Ui, context: &Context<'_>) {
    let kinds = [OpKind::LookForPeople, OpKind::ForgetPeople];
    for activity in context.model.activities {
        let (ActivityState::Running(progress) | ActivityState::Stopping(progress)) = &activity.state else { continue };
        if !kinds.contains(&progress.kind) {
            continue;
        }
        let amount = match progress.total {
            0 => Amount::Unknown,
            total => Amount::Part(progress.done as f64 / total as f64),
        };
        ui.label(theme::caption(ui, activity.title.as_str()));
        widgets::bar(ui, &activity.title, amount);
        ui.add_space(space::XS);
    }
}

/// Something in the middle of the page.
fn centred<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) {
    let height = ui.available_height();
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        ui.add_space((height * 0.3).max(space::L));
        ui.scope(|ui| {
            ui.set_max_width(460.0_f32.min(ui.available_width() - 2.0 * space::L));
            content(ui);
        });
    });
}

/// Gives the keyboard to tiles that nothing else wants it from.
fn take_keyboard<K: crate::ui::people::tiles::TileKey>(ui: &Ui, tiles: &mut Tiles<K>, id: Id, first: Option<&K>) {
    if ui.memory(|memory| memory.focused().is_none()) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    if tiles.cursor.is_none() {
        tiles.cursor = first.cloned();
    }
}

/// Whether a letter was pressed while these tiles have the keyboard.
fn pressed(ui: &Ui, id: Id, keys: &[Key]) -> bool {
    ui.memory(|memory| memory.has_focus(id))
        && keys.iter().any(|key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, *key)))
}
