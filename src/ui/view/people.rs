//! The page of people within the window, and faces of the photo that has the keyboard.

use eframe::egui::{self, Align, Layout, Ui};

use super::{AccountScreen, Dialog, Side, ViewState};
use crate::domain::Seat;
use crate::protocol::{FacesOf, PeopleAsk};
use crate::ui::grid;
use crate::ui::locale::Locale;
use crate::ui::people::{self, search_for};
use crate::ui::screens::{Context, PeopleWanted};
use crate::ui::theme::{self, space};
use crate::ui::widgets;
use crate::ui::{Action, Loadable, Model, PeopleDo};

/// Faces of one photo that are asked for: more than a picture shows.
const MOST_IN_PHOTO: usize = 300;

impl ViewState {
    /// Shows the page of people, or the photos again.
    pub(super) fn toggle_people(&mut self, actions: &mut Vec<Action>) {
        if self.people_open {
            self.close_people(actions);
        } else {
            self.close_loupe(actions);
            self.people_open = true;
        }
    }

    pub(super) fn close_people(&mut self, actions: &mut Vec<Action>) {
        if std::mem::take(&mut self.people_open) {
            actions.push(Action::AlsoShown(Vec::new()));
        }
    }

    /// One step back within the page. False where it is not shown.
    pub(super) fn people_back(&mut self, actions: &mut Vec<Action>) -> bool {
        if !self.people_open {
            return false;
        }
        if !self.people.back() {
            self.close_people(actions);
        }
        true
    }

    /// Shows or hides boxes; from the grid, in the loupe.
    pub(super) fn toggle_boxes(&mut self, actions: &mut Vec<Action>) {
        if self.loupe.is_some() {
            self.boxes.toggle();
            return;
        }
        self.toggle_loupe(actions);
        self.boxes.leave();
        self.boxes.shown = true;
    }

    pub(super) fn draw_face(&mut self, model: &Model<'_>) {
        let seat = self.grid.selection.cursor.and_then(|at| model.results.seats.get(at));
        if let (Some(seat), Some(_)) = (seat, &self.loupe) {
            self.boxes.draw(*seat);
        }
    }

    pub(super) fn people_page(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        let context = Context { model, locale: &self.locale, home: self.home.as_deref() };
        let Some(wanted) = self.people.show(ui, &context, actions) else { return };
        match wanted {
            PeopleWanted::Photos(name) => self.photos_of(&name, ui.ctx(), actions),
            PeopleWanted::Photo(seat) => {
                if !self.search.text.is_empty() {
                    self.search.set("", actions);
                }
                self.to_reveal = Some(seat);
                self.boxes.shown = true;
                self.close_people(actions);
            }
            PeopleWanted::Account => {
                self.dialog = Dialog::Account(Box::new(AccountScreen::new(false).looking_at_aws()))
            }
        }
    }

    pub(super) fn inspected(&mut self, wanted: people::Wanted, actions: &mut Vec<Action>) {
        match wanted {
            people::Wanted::Photos(name) => {
                self.close_loupe(actions);
                self.search.set(search_for(&name), actions);
            }
            people::Wanted::Boxes if self.loupe.is_none() => self.toggle_boxes(actions),
            people::Wanted::Boxes => self.boxes.shown = true,
        }
    }

    fn photos_of(&mut self, name: &str, ctx: &egui::Context, actions: &mut Vec<Action>) {
        self.search.set(search_for(name), actions);
        self.close_people(actions);
        ctx.memory_mut(|memory| memory.request_focus(grid::id()));
    }

    /// Opens the photo that the page of people asked for, once it is among those found.
    pub(super) fn reveal(&mut self, model: &Model<'_>) {
        let Some(seat) = self.to_reveal.filter(|_| model.results.query == self.search.text) else { return };
        let seats = &model.results.seats;
        let at = seats.partition_point(|other| *other > seat);
        if seats.get(at) == Some(&seat) {
            self.to_reveal = None;
            let before = self.grid.selection.clone();
            self.grid.go_to(at);
            self.loupe = Some(super::Loupe::open(before));
        } else if model.results.complete {
            self.to_reveal = None;
        }
    }

    /// What follows from this frame: a search leaves the page, and another photo has other faces.
    pub(super) fn people_after(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        if self.people_open && actions.iter().any(|action| matches!(action, Action::Search(_))) {
            self.close_people(actions);
        }
        let boxes = self.loupe.is_some() && self.boxes.shown;
        let inspected = self.side == Side::Inspector && !self.people_open;
        let seat = self.grid.selection.cursor.and_then(|at| model.results.seats.get(at)).copied();
        let seat = seat.filter(|_| (boxes || inspected) && !model.is_elsewhere());
        if let Some(seat) = seat.filter(|seat| self.faces_asked != Some(*seat)) {
            self.faces_asked = Some(seat);
            actions.push(faces_in(seat));
        }
        // Names are offered while one is typed.
        if boxes && model.people.list == Loadable::NotAsked {
            actions.push(Action::People(PeopleDo::Ask(PeopleAsk::List)));
        }
    }
}

fn faces_in(seat: Seat) -> Action {
    let of = FacesOf::Photo(seat);
    Action::People(PeopleDo::Ask(PeopleAsk::Faces { of, after: None, limit: MOST_IN_PHOTO }))
}

/// The line at the bottom while the page is shown: how many on the left, what to press on the right.
pub(super) fn status_line(ui: &mut Ui, model: &Model<'_>, locale: &Locale) {
    ui.horizontal_centered(|ui| {
        if let Some(state) = model.people.state.value() {
            let people = locale.count(state.people, "person", "people");
            let faces = locale.count(state.named, "face", "faces");
            ui.label(theme::caption(ui, format!("{people}, {faces} with a name")));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for (key, what) in [("Esc", "back"), ("Space", "select"), ("F2", "name"), ("H", "hide"), ("Enter", "open")]
            {
                if ui.available_width() < 130.0 {
                    break;
                }
                ui.label(theme::caption(ui, what));
                widgets::small_key(ui, key);
                ui.add_space(space::XS);
            }
        });
    });
}
