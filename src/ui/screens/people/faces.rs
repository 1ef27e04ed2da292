//! Faces as tiles: of one person, to be checked, without a name, or hidden. Several are named, refused or hidden at once.

use eframe::egui::{self, Id, Key, Margin, Panel, Rect, Sense, Ui, UiBuilder, Vec2, pos2, vec2};

use super::{Wanted, ask_for, centred, pressed, take_keyboard};
use crate::domain::people::{Face, FaceId, FaceMark, FaceState};
use crate::protocol::{FacesOf, PeopleAsk};
use crate::ui::people::name_field::{self, NameField, Typed};
use crate::ui::people::tiles::{Look, Says, Tiles};
use crate::ui::people::{FaceList, PAGE, called, face};
use crate::ui::screens::Context;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{Button, Icon, elide_middle};
use crate::ui::words::one_line;
use crate::ui::{Action, PeopleDo};

const LOOK: Look<'static> =
    Look { id: "faces", label: "Faces", side: 112.0, below: 22.0, click_opens: false, drags: false };
/// With both answers below each face.
const TO_CHECK: Look<'static> = Look { below: 32.0, ..LOOK };
/// Faces further on that are asked for before they come into sight.
const AHEAD: usize = 120;

/// The tiles of faces, and what is kept of them between frames.
#[derive(Debug, Clone, Default)]
pub(super) struct FaceTiles {
    tiles: Tiles<FaceId>,
    keys: Vec<FaceId>,
    /// What the keys were made of.
    made_of: Option<(FacesOf, u64)>,
    field: NameField,
}

/// The id of the tiles.
pub(super) fn id() -> Id {
    Tiles::<FaceId>::id(&LOOK)
}

impl FaceTiles {
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
        of: &FacesOf,
        context: &Context<'_>,
        busy: bool,
        actions: &mut Vec<Action>,
    ) -> Option<Wanted> {
        let Some(list) = context.model.people.faces_of(of) else {
            let ask = PeopleAsk::Faces { of: of.clone(), after: None, limit: PAGE };
            actions.push(ask_for(ask));
            return None;
        };
        self.follow(list);
        if list.faces.is_empty() {
            let words = match (list.answered, of) {
                (false, _) => "Asking for faces…",
                (true, FacesOf::Unknown) => "Every face that was found has a name.",
                (true, FacesOf::Hidden) => "Nothing is hidden.",
                (true, FacesOf::Suggested(_)) => "Nothing is left to check.",
                (true, _) => "No face is left here.",
            };
            centred(ui, |ui| ui.label(theme::secondary(ui, words)));
            return None;
        }
        let mut wanted = self.bar(ui, of, context, actions);
        if !busy {
            take_keyboard(ui, &mut self.tiles, id(), self.keys.first());
            wanted = self.letters(ui, of, actions).or(wanted);
        }
        let checking = matches!(of, FacesOf::Suggested(_));
        let look = if checking { TO_CHECK } else { LOOK };
        let keys = std::mem::take(&mut self.keys);
        let mut answered = None;
        let mut paint = |ui: &mut Ui, at: usize, rect: Rect| {
            let Some(face) = list.faces.get(at) else { return };
            if let Some(yes) = tile(ui, context, face, rect, checking) {
                answered = Some((face.id, yes));
            }
        };
        let says = |at: usize| list.faces.get(at).map(|face| says(context, face, at, list.total)).unwrap_or_default();
        let done = self.tiles.show(ui, &look, &keys, &mut paint, &says);
        self.keys = keys;
        if let Some((face, yes)) = answered {
            let faces = vec![face];
            actions.push(ask_for(if yes { PeopleAsk::Accept { faces } } else { PeopleAsk::Reject { faces } }));
        }
        let visible = done.visible;
        let in_sight = &list.faces[visible.start.min(list.faces.len())..visible.end.min(list.faces.len())];
        actions.push(Action::AlsoShown(face::wishes(in_sight.iter())));
        if visible.end + AHEAD > list.faces.len()
            && let Some(next) = list.next_page()
        {
            actions.push(ask_for(next));
        }
        if done.entered.is_some() {
            if checking {
                self.say(PeopleAsk::Accept { faces: self.tiles.targets() }, actions);
            } else {
                self.field.focus();
            }
        }
        wanted.or(done.opened.map(|face| Wanted::Photo(face.seat)))
    }

    fn follow(&mut self, list: &FaceList) {
        let made_of = Some((list.of.clone(), list.revision));
        if self.made_of == made_of {
            return;
        }
        let keys: Vec<FaceId> = list.faces.iter().map(|face| face.id).collect();
        if self.made_of.as_ref().is_some_and(|(of, _)| *of != list.of) {
            self.tiles = Tiles::default();
        }
        self.tiles.follow(&self.keys, &keys);
        self.keys = keys;
        self.made_of = made_of;
    }

    /// One gesture over faces; after it nothing is selected.
    fn say(&mut self, ask: PeopleAsk, actions: &mut Vec<Action>) {
        actions.push(Action::People(PeopleDo::Ask(ask)));
        self.tiles.clear();
    }

    fn letters(&mut self, ui: &Ui, of: &FacesOf, actions: &mut Vec<Action>) -> Option<Wanted> {
        let faces = self.tiles.targets();
        let first = *faces.first()?;
        if *of == FacesOf::Unknown {
            // Here everybody types a name: letters are no keys.
            if pressed(ui, id(), &[Key::Delete]) {
                self.say(PeopleAsk::Mark { faces, mark: FaceMark::Hidden }, actions);
            } else if pressed(ui, id(), &[Key::F2]) {
                self.field.focus();
            } else if let Some(letters) = typed(ui) {
                self.field.begin(&letters);
            }
            return None;
        }
        if matches!(of, FacesOf::Suggested(_)) && pressed(ui, id(), &[Key::Y]) {
            self.say(PeopleAsk::Accept { faces }, actions);
        } else if matches!(of, FacesOf::Suggested(_) | FacesOf::Person(_)) && pressed(ui, id(), &[Key::X, Key::Delete])
        {
            self.say(PeopleAsk::Reject { faces }, actions);
        } else if pressed(ui, id(), &[Key::H]) {
            let mark = if *of == FacesOf::Hidden { FaceMark::Shown } else { FaceMark::Hidden };
            self.say(PeopleAsk::Mark { faces, mark }, actions);
        } else if pressed(ui, id(), &[Key::N, Key::F2]) {
            self.field.focus();
        } else if pressed(ui, id(), &[Key::E]) {
            return Some(Wanted::Photo(first.seat));
        }
        None
    }

    /// "Yes" for every face of a person that is here.
    pub fn answer_all(&mut self, ui: &mut Ui, name: &str, context: &Context<'_>, actions: &mut Vec<Action>) {
        let of = FacesOf::Suggested(Some(name.to_owned()));
        let Some(list) = context.model.people.faces_of(&of).filter(|list| list.faces.len() > 1) else { return };
        let faces: Vec<FaceId> = list.faces.iter().map(|face| face.id).collect();
        let count = context.locale.number(faces.len() as u64);
        // Only what could be looked at is answered: further faces come after these.
        let text = if faces.len() as u64 == list.total { format!("Yes, all {count}") } else { format!("Yes, {count}") };
        let yes = Button::secondary(&text).icon(Icon::Check).small();
        if yes.tooltip("Ctrl+Z takes it back").show(ui).clicked() {
            self.say(PeopleAsk::Accept { faces }, actions);
        }
    }

    /// What can be said of the faces that are selected, or of the one that has the keyboard.
    fn bar(&mut self, ui: &mut Ui, of: &FacesOf, context: &Context<'_>, actions: &mut Vec<Action>) -> Option<Wanted> {
        let faces = self.tiles.targets();
        let first = *faces.first()?;
        let (mut wanted, mut said) = (None, None);
        let frame = egui::Frame::new()
            .fill(theme::tokens(ui).panel)
            .inner_margin(Margin::symmetric(space::L as i8, space::XS as i8));
        Panel::bottom("faces bar").resizable(false).frame(frame).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
                let selected = match self.tiles.selected.len() {
                    0 => "1 face".to_owned(),
                    many => format!("{} selected", context.locale.count(many as u64, "face", "faces")),
                };
                ui.label(theme::semibold(selected));
                ui.add_space(space::S);
                said = self.name(ui, of, &faces, context);
                let one = |name: &str| elide_middle(&one_line(name), 20).into_owned();
                if let FacesOf::Suggested(Some(name)) = of {
                    if Button::secondary("Yes").icon(Icon::Check).small().tooltip("Enter").show(ui).clicked() {
                        said = Some(PeopleAsk::Accept { faces: faces.clone() });
                    }
                    let text = format!("Not {}", one(name));
                    if Button::secondary(&text).icon(Icon::Close).small().tooltip("X").show(ui).clicked() {
                        said = Some(PeopleAsk::Reject { faces: faces.clone() });
                    }
                } else if let FacesOf::Person(name) = of {
                    let text = format!("Not {}", one(name));
                    if Button::quiet(&text).icon(Icon::Close).small().tooltip("X").show(ui).clicked() {
                        said = Some(PeopleAsk::Reject { faces: faces.clone() });
                    }
                }
                said = marks(ui, of, &faces).or(said.take());
                let key = if *of == FacesOf::Unknown { "Double click" } else { "E" };
                if Button::quiet("Show photo").small().tooltip(key).show(ui).clicked() {
                    wanted = Some(Wanted::Photo(first.seat));
                }
            });
        });
        if let Some(ask) = said {
            self.say(ask, actions);
        }
        wanted
    }

    /// The field where faces get a name: of a person's faces another one, which splits them off.
    fn name(&mut self, ui: &mut Ui, of: &FacesOf, faces: &[FaceId], context: &Context<'_>) -> Option<PeopleAsk> {
        if *of == FacesOf::Hidden {
            return None;
        }
        let hint = match of {
            FacesOf::Person(_) => "Another name splits them off",
            FacesOf::Suggested(_) => "Another name",
            _ => "Who is this?",
        };
        let look = name_field::Look {
            id: "faces",
            label: "Name of the selected faces",
            hint,
            width: 210.0_f32.min(ui.available_width()),
        };
        match self.field.show(ui, look, context.model.people.names(), context.locale)? {
            Typed::Name(name) => {
                ui.memory_mut(|memory| memory.request_focus(id()));
                Some(PeopleAsk::Name { faces: faces.to_vec(), name })
            }
            Typed::Left => {
                ui.memory_mut(|memory| memory.request_focus(id()));
                None
            }
        }
    }
}

/// Letters that were typed while the faces have the keyboard.
fn typed(ui: &Ui) -> Option<String> {
    if !ui.memory(|memory| memory.has_focus(id())) {
        return None;
    }
    let letters = ui.input_mut(|input| {
        let mut letters = String::new();
        input.events.retain(|event| match event {
            egui::Event::Text(text) => {
                letters.push_str(text);
                false
            }
            _ => true,
        });
        letters
    });
    let letters = letters.trim_start();
    (!letters.is_empty()).then(|| letters.to_owned())
}

fn marks(ui: &mut Ui, of: &FacesOf, faces: &[FaceId]) -> Option<PeopleAsk> {
    let ask = |mark| Some(PeopleAsk::Mark { faces: faces.to_vec(), mark });
    if *of == FacesOf::Hidden {
        let again = Button::secondary("Show again").small().tooltip("H").show(ui).clicked();
        return if again { ask(FaceMark::Shown) } else { None };
    }
    let key = if *of == FacesOf::Unknown { "Delete" } else { "H" };
    let hide = Button::quiet("Hide").small().tooltip(key).show(ui).clicked();
    let none = Button::quiet("Not a face").small().show(ui).clicked();
    match (hide, none) {
        (true, _) => ask(FaceMark::Hidden),
        (_, true) => ask(FaceMark::NotAFace),
        _ => None,
    }
}

/// A face with what is known of it, or with both answers. The answer that was pressed.
fn tile(ui: &mut Ui, context: &Context<'_>, face: &Face, rect: Rect, checking: bool) -> Option<bool> {
    let tokens = theme::tokens(ui);
    let square = Rect::from_min_size(rect.min, Vec2::splat(rect.width()));
    face::paint(ui, context.model, Some(face), square);
    if !checking {
        let words = caption(context, face);
        face::line(ui, &words, square.bottom() + 4.0, rect, false, tokens.text_secondary);
        return None;
    }
    let FaceState::Suggested { name, similarity } = &face.state else { return None };
    let mut answer = None;
    let name = one_line(name);
    let place = Rect::from_min_max(pos2(rect.left(), square.bottom() + 4.0), rect.max);
    ui.scope_builder(UiBuilder::new().max_rect(place).id_salt(face.id), |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            // Enter and X do the same for the one that has the keyboard: Tab need not stop at each.
            let yes = Button::icon_only(Icon::Check, "Yes (Enter)").small().passed_over().colour(tokens.good);
            let response = yes.show(ui).accessible_name(format!("Yes, this is {name}"));
            if response.clicked() {
                answer = Some(true);
            }
            let no = Button::icon_only(Icon::Close, "No (X)").small().passed_over().colour(tokens.bad);
            let response = no.show(ui).accessible_name(format!("No, this is not {name}"));
            if response.clicked() {
                answer = Some(false);
            }
            let (room, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
            let text = format!("{similarity:.0} %");
            face::line(ui, &text, room.center().y - 8.0, room, false, tokens.text_secondary);
        });
    });
    answer
}

/// The line under a face: the name where faces of several people stand together, else the photo.
fn caption(context: &Context<'_>, face: &Face) -> String {
    match &face.state {
        FaceState::Hidden { .. } | FaceState::NotAFace => called(face),
        _ => context.model.cards.card(face.id.seat).map(|card| card.name.clone()).unwrap_or_default(),
    }
}

fn says(context: &Context<'_>, face: &Face, at: usize, total: u64) -> Says {
    let words = match &face.state {
        FaceState::Suggested { name, .. } => format!("Is this {}?", one_line(name)),
        _ => one_line(&called(face)),
    };
    let description = context.model.cards.card(face.id.seat).map(|card| card.name.clone()).unwrap_or_default();
    Says { label: format!("{words} Face {} of {total}", at + 1), description }
}
