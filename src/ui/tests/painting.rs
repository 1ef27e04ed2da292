//! Sets of tags on digits, and painting on: with the mouse and with keys only.

use eframe::egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fake::{World, asked, open, press};
use crate::domain::{Change, ColourLabel};
use crate::ui::{Action, FindAsk};

const NONE: Modifiers = Modifiers::NONE;

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

fn add(tags: &[&str]) -> Vec<Change> {
    tags.iter().map(|&tag| Change::AddTag(tag.into())).collect()
}

fn edits(actions: &[Action]) -> Vec<&Action> {
    actions.iter().filter(|action| matches!(action, Action::Edit { .. } | Action::EditAll { .. })).collect()
}

fn with_sets() -> Harness<'static, World> {
    let mut world = World::of(60);
    world.finding.tag_sets.used(&words(&["cat"]));
    world.finding.tag_sets.used(&words(&["dog", "lake"]));
    let mut harness = open(world);
    press(&mut harness, NONE, Key::Home);
    harness
}

fn type_text(harness: &mut Harness<'_, World>, text: &str) {
    harness.event(Event::Text(text.to_owned()));
    harness.run_steps(3);
}

fn middle(harness: &Harness<'_, World>, name: &str) -> Pos2 {
    harness.get_by_label(name).rect().center()
}

fn pointer(harness: &mut Harness<'_, World>, pos: Pos2, pressed: Option<bool>) {
    harness.event(Event::PointerMoved(pos));
    if let Some(pressed) = pressed {
        harness.event(Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: NONE });
    }
    harness.run_steps(2);
}

#[test]
fn a_digit_gives_the_tags_that_were_used_last() {
    let mut harness = with_sets();
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    let seats = [0, 1].map(|at| harness.state().seat(at));
    let actions = asked(&mut harness, |harness| press(harness, Modifiers::ALT, Key::Num1));
    assert_eq!(actions, [Action::EditAll { seats: seats.into(), changes: add(&["dog", "lake"]) }], "one gesture");
    let actions = asked(&mut harness, |harness| press(harness, Modifiers::ALT, Key::Num9));
    assert_eq!(actions, [], "no set is there");
}

#[test]
fn the_tag_panel_shows_the_sets_and_what_was_added_becomes_one() {
    let mut harness = with_sets();
    press(&mut harness, NONE, Key::T);
    harness.get_by_label("dog, lake");
    let seat = harness.state().seat(0);
    let actions = asked(&mut harness, |harness| press(harness, Modifiers::ALT, Key::Num2));
    assert_eq!(edits(&actions), [&Action::EditAll { seats: [seat].into(), changes: add(&["cat"]) }]);
    let actions = asked(&mut harness, |harness| {
        for tag in ["sea", "sky"] {
            type_text(harness, tag);
            press(harness, NONE, Key::Enter);
        }
        press(harness, NONE, Key::Escape);
    });
    assert!(actions.contains(&Action::Find(FindAsk::KeepTagSet(words(&["sea", "sky"])))), "{actions:?}");
}

#[test]
fn a_sweep_paints_what_it_touches_as_one_gesture() {
    let mut harness = with_sets();
    press(&mut harness, NONE, Key::K);
    type_text(&mut harness, "boat, sea");
    // The inspector has such a row, too; the bar stands above it.
    harness.query_all_by_label("Label blue").next().expect("the bar's").click();
    harness.run_steps(3);
    let (from, to) = (middle(&harness, "IMG_0001.jpg, 1 of 60"), middle(&harness, "IMG_0003.jpg, 3 of 60"));
    let seats: Vec<_> = (0..3).map(|at| harness.state().seat(at)).collect();
    let actions = asked(&mut harness, |harness| {
        pointer(harness, from, Some(true));
        // Faster than the frames: the photo between is painted all the same.
        pointer(harness, to, None);
        let between = harness.get_by_label("IMG_0002.jpg, 2 of 60");
        assert_eq!(between.accesskit_node().is_selected(), Some(true), "it shows what it will paint");
        pointer(harness, to, Some(false));
    });
    let mut changes = add(&["boat", "sea"]);
    changes.push(Change::Label(ColourLabel::Blue));
    assert_eq!(edits(&actions), [&Action::EditAll { seats: seats.into(), changes: changes.clone() }]);
    assert_eq!(harness.state().selected(), [0], "painting selects nothing");
    // One click is a stroke, too.
    let seat = harness.state().seat(4);
    let actions = asked(&mut harness, |harness| {
        harness.get_by_label("IMG_0005.jpg, 5 of 60").click();
        harness.run_steps(4);
    });
    assert_eq!(edits(&actions), [&Action::EditAll { seats: [seat].into(), changes }]);
    let actions = asked(&mut harness, |harness| {
        press(harness, NONE, Key::Escape);
    });
    assert_eq!(actions, [Action::Find(FindAsk::KeepTagSet(words(&["boat", "sea"])))]);
    assert!(!harness.state().view.is_painting());
    harness.get_by_label("IMG_0005.jpg, 5 of 60").click();
    harness.run_steps(4);
    assert_eq!(harness.state().selected(), [4], "and selects again");
}

#[test]
fn painting_with_keys_only() {
    let mut harness = with_sets();
    press(&mut harness, NONE, Key::K);
    press(&mut harness, NONE, Key::Enter);
    assert!(harness.state().view.is_painting(), "Enter leaves the field");
    press(&mut harness, Modifiers::ALT, Key::Num1);
    press(&mut harness, NONE, Key::ArrowRight);
    let seat = harness.state().seat(1);
    let actions = asked(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(edits(&actions), [&Action::EditAll { seats: [seat].into(), changes: add(&["dog", "lake"]) }]);
    assert!(!harness.state().view.loupe_is_open());
    press(&mut harness, NONE, Key::Escape);
    assert!(!harness.state().view.is_painting());
    press(&mut harness, NONE, Key::Enter);
    assert!(harness.state().view.loupe_is_open());
}
