//! Every shortcut does what it says, on the photos that are meant, and on nothing while text is typed.

use std::path::PathBuf;

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fake::{World, asked, detail, open, press};
use crate::domain::layout::{Layout, PageSetup};
use crate::domain::printers::Ticket;
use crate::domain::printing::{Output, PrintSetup};
use crate::domain::{Change, ColourLabel, Flag, Rating};
use crate::protocol::{PrintAsk, PrintDesk};
use crate::ui::{Action, Loadable};

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

fn edit(world: &World, positions: &[usize], change: Change) -> Action {
    Action::Edit { seats: positions.iter().map(|at| world.seat(*at)).collect(), change }
}

#[test]
fn edits_go_to_the_selection() {
    let mut harness = open(World::of(60));
    press(&mut harness, NONE, Key::Home);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    let rating = |stars| Change::Rating(Rating::new(stars).expect("stars"));
    let all = [
        (NONE, Key::Num3, rating(3)),
        (NONE, Key::Num0, rating(0)),
        (NONE, Key::P, Change::Flag(Flag::Pick)),
        (NONE, Key::X, Change::Flag(Flag::Reject)),
        (NONE, Key::U, Change::Flag(Flag::None)),
        (NONE, Key::Num6, Change::Label(ColourLabel::Red)),
        (NONE, Key::Num9, Change::Label(ColourLabel::Blue)),
        (CTRL, Key::OpenBracket, Change::Turn(-1)),
        (CTRL, Key::CloseBracket, Change::Turn(1)),
    ];
    for (modifiers, key, change) in all {
        let actions = asked(&mut harness, |harness| press(harness, modifiers, key));
        assert_eq!(actions, [edit(harness.state(), &[0, 1], change)], "{key:?}");
    }
}

#[test]
fn other_keys_ask_for_what_they_say() {
    let mut harness = open(World::of(60));
    press(&mut harness, NONE, Key::Home);
    let shift = CTRL | Modifiers::SHIFT;
    let all = [(CTRL, Key::Z, Action::Undo), (shift, Key::Z, Action::Redo), (CTRL, Key::O, Action::PickImportFolders)];
    for (modifiers, key, action) in all {
        let actions = asked(&mut harness, |harness| press(harness, modifiers, key));
        assert_eq!(actions, [action], "{key:?}");
    }
}

#[test]
fn letters_are_dead_while_typing() {
    let mut harness = open(World::of(60));
    press(&mut harness, NONE, Key::Home);
    press(&mut harness, CTRL, Key::F);
    let mut actions = asked(&mut harness, |harness| {
        for key in [Key::P, Key::X, Key::Num5, Key::T, Key::B, Key::Delete, Key::ArrowRight, Key::Minus] {
            press(harness, NONE, key);
        }
        harness.event(Event::Text("px5".into()));
        harness.run_steps(2);
    });
    // What may be typed next is asked for with every letter.
    actions.retain(|action| !matches!(action, Action::Find(_)));
    assert_eq!(actions, [Action::Search("px5".into())]);
    assert_eq!(harness.state().selected(), [0], "the arrow moved in the text");
}

#[test]
fn escape_leaves_one_thing_after_the_other() {
    let mut harness = open(World::of(60));
    press(&mut harness, CTRL, Key::F);
    harness.event(Event::Text("boat".into()));
    harness.run_steps(2);
    let cleared = asked(&mut harness, |harness| press(harness, NONE, Key::Escape));
    assert_eq!(cleared, [Action::Search(String::new())]);
    press(&mut harness, NONE, Key::Escape);
    press(&mut harness, NONE, Key::ArrowRight);
    assert_eq!(harness.state().selected(), [0], "the photos have the keyboard again");
    press(&mut harness, NONE, Key::E);
    assert!(harness.state().view.loupe_is_open());
    press(&mut harness, NONE, Key::Escape);
    assert!(!harness.state().view.loupe_is_open());
    press(&mut harness, NONE, Key::Escape);
    assert!(harness.state().selected().is_empty());
}

#[test]
fn the_loupe_works_on_the_photo_it_shows() {
    let mut harness = open(World::of(60));
    press(&mut harness, CTRL, Key::A);
    press(&mut harness, NONE, Key::Enter);
    assert!(harness.state().view.loupe_is_open());
    harness.get_by_label("IMG_0001.jpg, 1 of 60");
    let one = asked(&mut harness, |harness| press(harness, NONE, Key::Num4));
    let rating = Change::Rating(Rating::new(4).expect("stars"));
    assert_eq!(one, [edit(harness.state(), &[0], rating.clone())]);
    press(&mut harness, NONE, Key::Space);
    assert_eq!(harness.state().selected().len(), 60, "nothing else was looked at: the selection is back");
    press(&mut harness, NONE, Key::E);
    press(&mut harness, NONE, Key::ArrowRight);
    harness.get_by_label("IMG_0002.jpg, 2 of 60");
    let two = asked(&mut harness, |harness| press(harness, NONE, Key::Num4));
    assert_eq!(two, [edit(harness.state(), &[1], rating)]);
}

#[test]
fn removing_asks_first_and_says_what_it_does_not_do() {
    let mut harness = open(World::of(60));
    press(&mut harness, NONE, Key::Home);
    let nothing = asked(&mut harness, |harness| press(harness, NONE, Key::Delete));
    assert!(nothing.is_empty());
    harness.get_by_label("Remove 1 photo from the library?");
    harness.get_by_label_contains("The file stays where it is");
    let still = asked(&mut harness, |harness| press(harness, NONE, Key::Num3));
    assert!(still.is_empty(), "the question has the keyboard");
    let removed = asked(&mut harness, |harness| {
        harness.get_by_label("Remove from library").click();
        harness.run_steps(3);
    });
    assert_eq!(removed, [edit(harness.state(), &[0], Change::Hidden(true))]);
    assert!(harness.query_by_label("Remove 1 photo from the library?").is_none());
}

#[test]
fn tags_are_typed_added_and_removed() {
    let mut harness = open(World::of(60));
    press(&mut harness, NONE, Key::Home);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    press(&mut harness, NONE, Key::T);
    harness.get_by_label("Tags for 2 photos");
    let typed = asked(&mut harness, |harness| {
        harness.event(Event::Text("su".into()));
        harness.run_steps(2);
    });
    assert_eq!(typed, [Action::SuggestTags("su".into())]);
    harness.state_mut().suggestions = ("su".into(), vec![("sunset".into(), 12), ("summer".into(), 3)]);
    harness.run_steps(2);
    let chosen = asked(&mut harness, |harness| {
        press(harness, NONE, Key::ArrowDown);
        press(harness, NONE, Key::Enter);
    });
    assert_eq!(chosen, [edit(harness.state(), &[0, 1], Change::AddTag("sunset".into()))]);
    let removed = asked(&mut harness, |harness| {
        harness.event(Event::Text("-old".into()));
        harness.run_steps(2);
        press(harness, NONE, Key::Enter);
    });
    assert!(removed.contains(&edit(harness.state(), &[0, 1], Change::RemoveTag("old".into()))), "{removed:?}");
    press(&mut harness, NONE, Key::Escape);
    assert!(harness.query_by_label("Tags for 2 photos").is_none());
}

#[test]
fn pasted_paths_are_imported_and_other_text_is_not() {
    let mut harness = open(World::of(6));
    let paste = |harness: &mut egui_kittest::Harness<'_, World>, text: &str| {
        let text = text.to_owned();
        asked(harness, |harness| {
            harness.event(Event::Paste(text));
            harness.run_steps(2);
        })
    };
    let paths = paste(&mut harness, "file:///photos/a%20b\r\nfile:///photos/c\n");
    assert_eq!(paths, [Action::Import(vec![PathBuf::from("/photos/a b"), PathBuf::from("/photos/c")])]);
    let home = paste(&mut harness, "~/shoot");
    assert_eq!(home, [Action::Import(vec![PathBuf::from("/home/ada/shoot")])]);
    assert!(paste(&mut harness, "a recipe for soup").is_empty());
}

#[test]
fn sizes_panels_and_help() {
    let mut harness = open(World::of(60));
    let before = harness.state().view.grid().cell;
    press(&mut harness, NONE, Key::Equals);
    assert!(harness.state().view.grid().cell > before);
    press(&mut harness, NONE, Key::Minus);
    press(&mut harness, NONE, Key::Minus);
    assert!(harness.state().view.grid().cell < before);
    press(&mut harness, CTRL, Key::Slash);
    harness.get_by_label("Find a shortcut");
    press(&mut harness, NONE, Key::Escape);
    assert!(harness.query_by_label("Find a shortcut").is_none());
    press(&mut harness, CTRL, Key::J);
    harness.get_by_value("Activity");
}

#[test]
fn print_gets_the_selection_in_page_order() {
    let mut harness = open(World::of(60));
    press(&mut harness, NONE, Key::Home);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    let actions = asked(&mut harness, |harness| press(harness, CTRL, Key::P));
    let seats = [harness.state().seat(0), harness.state().seat(1)];
    let previewed = |action: &Action| matches!(action, Action::Preview { photos, .. } if photos[..] == seats);
    assert!(actions.iter().any(previewed), "{actions:?}");
}

#[test]
fn one_more_copy_is_printed_without_the_studio() {
    let mut world = World::of(60);
    let pages = PageSetup { layout: Layout::NUp { count: 4 }, copies: 3, ..PageSetup::default() };
    let ticket = Ticket { printer: "Photo".into(), copies: 5, ..Ticket::default() };
    let setup = PrintSetup { pages, ticket: Some(ticket), ..PrintSetup::default() };
    let desk = PrintDesk { setup, ..PrintDesk::default() };
    world.printing.desk = Loadable::Ready((desk, Vec::new().into()));
    let mut harness = open(world);
    press(&mut harness, NONE, Key::Home);
    let actions = asked(&mut harness, |harness| {
        press(harness, CTRL | Modifiers::ALT, Key::P);
        harness.run_steps(2);
    });
    assert!(actions.contains(&Action::Printing(PrintAsk::Desk)));
    let orders: Vec<_> = actions
        .iter()
        .filter_map(|action| match action {
            Action::PrintTo { order } => Some(order),
            _ => None,
        })
        .collect();
    let [order] = orders.as_slice() else { panic!("one order: {actions:?}") };
    assert_eq!(order.photos[..], [harness.state().seat(0)]);
    assert_eq!((&order.pages.layout, order.pages.copies), (&Layout::NUp { count: 4 }, 1));
    assert!(matches!(&order.output, Output::Printer(ticket) if ticket.printer == "Photo" && ticket.copies == 1));
    assert!(harness.query_by_label("Zoom in").is_none(), "no studio was opened");
    let again = asked(&mut harness, |harness| harness.run_steps(3));
    assert!(!again.iter().any(|action| matches!(action, Action::PrintTo { .. })), "once is once");
}

#[test]
fn a_caption_is_kept_when_another_photo_is_chosen() {
    let mut world = World::of(60);
    let card = world.cards.known[&world.seat(0)].clone();
    world.detail = Loadable::Ready(detail(&card));
    let mut harness = open(world);
    press(&mut harness, NONE, Key::Home);
    harness.get_by_role_and_label(Role::MultilineTextInput, "Caption").focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::MultilineTextInput, "Caption").type_text(" at sea");
    harness.run_steps(2);
    let actions = asked(&mut harness, |harness| {
        harness.get_by_label("IMG_0002.jpg, 2 of 60").click();
        harness.run_steps(4);
    });
    let kept = |action: &Action| {
        matches!(action, Action::Edit { seats, change: Change::Caption(Some(text)) }
            if seats[..] == [card.seat] && text.contains("at sea"))
    };
    assert_eq!(actions.iter().filter(|action| kept(action)).count(), 1, "{actions:?}");
}

#[test]
fn a_colour_is_seen_said_and_taken_away_by_its_own_key() {
    let mut harness = open(World::of(60));
    let seat = harness.state().seat(1);
    harness.state_mut().cards.known.get_mut(&seat).expect("described").label = ColourLabel::Green;
    press(&mut harness, NONE, Key::Home);
    let cell = harness.get_by_label("IMG_0002.jpg, 2 of 60");
    assert!(cell.accesskit_node().description().is_some_and(|words| words.contains("labelled green")));
    let actions = asked(&mut harness, |harness| press(harness, NONE, Key::Num8));
    assert_eq!(actions, [edit(harness.state(), &[0], Change::Label(ColourLabel::Green))]);
    press(&mut harness, NONE, Key::ArrowRight);
    let actions = asked(&mut harness, |harness| press(harness, NONE, Key::Num8));
    assert_eq!(actions, [edit(harness.state(), &[1], Change::Label(ColourLabel::None))]);
    let actions = asked(&mut harness, |harness| {
        harness.get_by_label("Label purple").click();
        harness.run_steps(2);
    });
    assert!(actions.contains(&edit(harness.state(), &[1], Change::Label(ColourLabel::Purple))), "{actions:?}");
}
