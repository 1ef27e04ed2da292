//! Bars, search errors, drops, notices, empty states.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, HoveredFile, Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fake::{World, asked, open, press};
use crate::ui::{Action, Loadable, Toast};

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }
    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("never read here".to_owned())
    }
}

#[test]
fn hovering_files_highlight_the_window_and_dropping_imports() {
    let mut harness = open(World::of(6));
    let file = |name: &str| HoveredFile { path: Some(PathBuf::from(name)), ..HoveredFile::default() };
    harness.input_mut().hovered_files = vec![file("/a"), file("/b"), file("/c")];
    harness.run_steps(1);
    harness.get_by_label("Drop to import 3 items");
    harness.input_mut().hovered_files.clear();
    let actions = asked(&mut harness, |harness| {
        harness.input_mut().dropped_files = vec![Arc::new(Dropped(PathBuf::from("/a")))];
        harness.run_steps(2);
    });
    assert_eq!(actions, [Action::Import(vec![PathBuf::from("/a")])]);
    assert!(harness.query_by_label("Drop to import 3 items").is_none());
}

#[test]
fn a_wrong_query_is_explained_and_the_photos_stay() {
    let mut harness = open(World::of(6));
    press(&mut harness, Modifiers::COMMAND, Key::F);
    harness.event(egui::Event::Text("rating:x".into()));
    harness.state_mut().results.wrong = Some((7, "a number from 0 to 5".into()));
    harness.run_steps(3);
    harness.get_by_label("Expected a number from 0 to 5 at “x”");
    harness.get_by_label("IMG_0001.jpg, 1 of 6");
}

#[test]
fn nothing_found_says_so_and_offers_a_way_out() {
    let mut harness = open(World::of(6));
    harness.state_mut().find("unicorn", Vec::new());
    harness.run_steps(2);
    harness.get_by_label("No photo matches “unicorn”");
    let actions = asked(&mut harness, |harness| {
        harness.get_by_role_and_label(Role::Button, "Clear the search").click();
        harness.run_steps(3);
    });
    assert_eq!(actions, [Action::Search(String::new())]);
}

#[test]
fn import_is_always_in_sight() {
    for photos in [0, 6] {
        for width in [520.0, 800.0, 1600.0] {
            let mut harness = open(World::of(photos));
            harness.set_size(vec2(width, 500.0));
            harness.run_steps(3);
            let mut buttons = harness.query_all_by_role_and_label(Role::Button, "Import");
            let button = buttons.next().expect("the button of the bar comes first").rect();
            assert!(button.max.x <= width && button.min.x >= 0.0, "{photos} photos, {width} wide: {button:?}");
        }
    }
}

#[test]
fn what_needs_a_person_is_one_click_away() {
    let mut world = World::of(6);
    if let Loadable::Ready(library) = &mut world.library {
        (library.stored, library.needs_you) = (3, 3);
    }
    let mut harness = open(world);
    let actions = asked(&mut harness, |harness| {
        harness.get_by_label("3 need you — show").click();
        harness.run_steps(3);
    });
    assert_eq!(actions, [Action::Search("stored:no".into())]);
}

#[test]
fn a_notice_can_undo_and_an_error_can_be_read_away() {
    let mut world = World::of(6);
    let toast = |text: &str, error| Toast { text: text.into(), hint: String::new(), error, undo: !error, since_ms: 0 };
    world.toasts = vec![toast("4 photos rated 3", false), toast("The disk is full", true)];
    let mut harness = open(world);
    harness.get_by_label("The disk is full");
    let actions = asked(&mut harness, |harness| {
        harness.get_by_role_and_label(Role::Button, "Undo").click();
        harness.run_steps(3);
    });
    assert_eq!(actions, [Action::Undo, Action::DismissToast(0)]);
}

#[test]
fn where_no_picker_opens_a_path_can_be_typed() {
    let mut harness = open(World::of(6));
    harness.state_mut().picker = Loadable::Pending { previous: None };
    harness.get_by_role_and_label(Role::Button, "Import").click();
    harness.run_steps(2);
    harness.state_mut().picker = Loadable::Failed { error: "No dialog".into(), previous: None };
    harness.run_steps(3);
    harness.get_by_label("Folder to import");
}

#[test]
fn every_control_has_a_name() {
    let mut world = World::of(60);
    let card = world.cards.known[&world.seat(0)].clone();
    world.detail = Loadable::Ready(super::fake::detail(&card));
    let mut harness = open(world);
    press(&mut harness, Modifiers::NONE, Key::Home);
    let nameless = |harness: &Harness<'_, World>| {
        let controls = [Role::Button, Role::TextInput, Role::MultilineTextInput, Role::Slider, Role::ListBoxOption];
        let is_control = |role: Role| controls.contains(&role);
        harness
            .query_all_by(move |node| is_control(node.role()) && node.label().is_none_or(|label| label.is_empty()))
            .map(|node| format!("{:?} at {:?}", node.accesskit_node().role(), node.rect()))
            .collect::<Vec<_>>()
    };
    assert_eq!(nameless(&harness), Vec::<String>::new(), "grid");
    press(&mut harness, Modifiers::NONE, Key::E);
    assert_eq!(nameless(&harness), Vec::<String>::new(), "loupe");
}
