//! Cells, selection and the size of what is drawn.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fake::{World, open, press};
use crate::domain::Seat;
use crate::ui::Action;

#[test]
fn cells_say_name_and_place() {
    let harness = open(World::of(120));
    harness.get_by_role_and_label(Role::ListBox, "Photos");
    let cell = harness.get_by_label("IMG_0003.jpg, 3 of 120");
    assert_eq!(cell.accesskit_node().role(), Role::ListBoxOption);
    harness.get_by_label("Friday, 3 May 2024 · 3 photos");
}

#[test]
fn clicks_select_as_everywhere() {
    let mut harness = open(World::of(120));
    let click = |harness: &mut egui_kittest::Harness<'_, World>, name: &str, modifiers| {
        harness.get_by_label(name).click_modifiers(modifiers);
        harness.run_steps(4);
    };
    click(&mut harness, "IMG_0002.jpg, 2 of 120", Modifiers::NONE);
    assert_eq!(harness.state().selected(), [1]);
    click(&mut harness, "IMG_0005.jpg, 5 of 120", Modifiers::SHIFT);
    assert_eq!(harness.state().selected(), [1, 2, 3, 4]);
    click(&mut harness, "IMG_0003.jpg, 3 of 120", Modifiers::COMMAND);
    assert_eq!(harness.state().selected(), [1, 3, 4]);
    assert_eq!(harness.get_by_label("IMG_0004.jpg, 4 of 120").accesskit_node().is_selected(), Some(true));
    harness.get_by_label("3 selected");
}

#[test]
fn an_assistive_technology_can_select() {
    let mut harness = open(World::of(120));
    harness.get_by_label("IMG_0004.jpg, 4 of 120").click_accesskit();
    harness.run_steps(3);
    assert_eq!(harness.state().selected(), [3]);
}

#[test]
fn arrows_shift_and_all() {
    let mut harness = open(World::of(120));
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(harness.state().selected(), [0], "the first step selects the first photo");
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    assert_eq!(harness.state().selected(), [1, 2]);
    press(&mut harness, Modifiers::COMMAND, Key::A);
    assert_eq!(harness.state().selected().len(), 120);
    press(&mut harness, Modifiers::COMMAND, Key::D);
    assert!(harness.state().selected().is_empty());
    press(&mut harness, Modifiers::NONE, Key::End);
    assert_eq!(harness.state().selected(), [119]);
    harness.get_by_label("IMG_0120.jpg, 120 of 120");
}

#[test]
fn a_day_is_selected_by_its_heading() {
    let mut harness = open(World::of(120));
    let heading = harness.get_by_label("Thursday, 2 May 2024 · 3 photos").rect().center();
    harness.drag_at(heading);
    harness.run_steps(1);
    harness.drop_at(heading);
    harness.run_steps(3);
    assert_eq!(harness.state().selected(), [3, 4, 5]);
}

#[test]
fn a_million_photos_draw_only_what_can_be_seen() {
    let mut harness = open(World::of(1_000_000));
    harness.state_mut().cards.lookups.set(0);
    harness.run_steps(1);
    let lookups = harness.state().cards.lookups.get();
    assert!((3..400).contains(&lookups), "{lookups} cards were looked up in one frame");
    press(&mut harness, Modifiers::NONE, Key::End);
    let cells = harness.query_all_by_role(Role::ListBoxOption).count();
    assert!((1..400).contains(&cells), "{cells} cells");
    harness.get_by(|node| node.label().is_some_and(|label| label.ends_with("1000000 of 1000000")));
    press(&mut harness, Modifiers::COMMAND, Key::A);
    assert_eq!(harness.state().view.grid().selection.runs.len(), 1_000_000);
}

#[test]
fn what_is_on_the_screen_is_said_once() {
    let mut harness = open(World::of(1000));
    let visible = |harness: &mut egui_kittest::Harness<'_, World>| {
        let actions = std::mem::take(&mut harness.state_mut().actions);
        actions.into_iter().filter(|action| matches!(action, Action::Visible { .. })).collect::<Vec<_>>()
    };
    let first = visible(&mut harness);
    assert!(matches!(&first[0], Action::Visible { visible, near, .. } if visible.start == 0 && near.end > visible.end));
    harness.run_steps(3);
    assert!(visible(&mut harness).is_empty());
    for _ in 0..4 {
        press(&mut harness, Modifiers::NONE, Key::PageDown);
    }
    assert!(!visible(&mut harness).is_empty());
}

#[test]
fn new_photos_leave_the_selection_where_it_was() {
    let mut harness = open(World::of(30));
    press(&mut harness, Modifiers::NONE, Key::End);
    let seat = harness.state().seat(29);
    let mut seats: Vec<Seat> = harness.state().results.seats.to_vec();
    seats.insert(0, Seat(seats[0].0 + (86_400 << 20)));
    harness.state_mut().find("", seats);
    harness.run_steps(3);
    assert_eq!(harness.state().selected(), [30]);
    assert_eq!(harness.state().seat(30), seat);
}
