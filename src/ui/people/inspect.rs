//! Who is in the photo of the inspector.

use eframe::egui::{Ui, vec2};

use super::PeopleDo;
use crate::domain::Seat;
use crate::domain::people::{Face, FaceState};
use crate::protocol::PeopleAsk;
use crate::ui::locale::Locale;
use crate::ui::theme;
use crate::ui::widgets::{self, Button, Icon, section_heading};
use crate::ui::words::one_line;
use crate::ui::{Action, Model};

/// Names and questions shown at most: what more there is, the loupe shows.
const MOST: usize = 24;
/// Letters of a name at most.
const LETTERS: usize = 28;

/// What a button in it asks the window for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The photos of this person.
    Photos(String),
    /// The boxes in the loupe.
    Boxes,
}

/// Shows who is in a photo; nothing where nobody is known to be.
pub fn section(
    ui: &mut Ui,
    model: &Model<'_>,
    seat: Seat,
    locale: &Locale,
    actions: &mut Vec<Action>,
) -> Option<Wanted> {
    let faces = model.people.in_photo(seat)?;
    let shown = |face: &&Face| !matches!(face.state, FaceState::NotAFace | FaceState::Hidden { .. });
    let unknown = faces.iter().filter(|face| face.state == FaceState::Unknown).count() as u64;
    faces.iter().find(shown)?;
    let mut wanted = None;
    section_heading(ui, "People");
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        let names = faces.iter().filter(shown).filter_map(|face| face.state.accepted());
        for name in names.take(MOST) {
            let full = one_line(name);
            let short = widgets::elide_middle(&full, LETTERS);
            let tip = format!("{full}: show the photos");
            if Button::secondary(&short).icon(Icon::Person).small().tooltip(&tip).show(ui).clicked() {
                wanted = Some(Wanted::Photos(name.to_owned()));
            }
        }
    });
    for face in faces.iter().take(MOST) {
        if let FaceState::Suggested { name, .. } = &face.state {
            question(ui, face, name, actions);
        }
    }
    let words = match unknown {
        0 => "Show the boxes".to_owned(),
        count => format!("{} without a name", locale.count(count, "face", "faces")),
    };
    let tip = "Show the boxes in the loupe (F)";
    if Button::quiet(&words).small().colour(theme::tokens(ui).text_secondary).tooltip(tip).show(ui).clicked() {
        wanted = Some(Wanted::Boxes);
    }
    wanted
}

/// `Is this Anna?` with both answers.
fn question(ui: &mut Ui, face: &Face, name: &str, actions: &mut Vec<Action>) {
    let name = one_line(name);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.label(format!("Is this {}?", widgets::elide_middle(&name, LETTERS)));
        let mut ask = |ask| actions.push(Action::People(PeopleDo::Ask(ask)));
        if Button::icon_only(Icon::Check, &format!("Yes, this is {name}")).small().show(ui).clicked() {
            ask(PeopleAsk::Accept { faces: vec![face.id] });
        }
        if Button::icon_only(Icon::Close, &format!("No, this is not {name}")).small().show(ui).clicked() {
            ask(PeopleAsk::Reject { faces: vec![face.id] });
        }
    });
}
