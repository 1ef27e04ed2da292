//! Another time over the photos, the card that was put in, and the menu: what can be asked, and what cannot be changed.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fake::{World, asked, detail, open, press};
use crate::domain::keep::{CardFound, StoreState};
use crate::domain::{StorageClass, Timestamp};
use crate::protocol::{IngestReport, OpId, Scope};
use crate::ui::{Action, KeepAsk, Loadable, Task};

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const DAY_MS: i64 = 86_400_000;
/// 3 May 2024, noon, UTC.
const NOW: i64 = 1_714_737_600_000;

fn keep(ask: KeepAsk) -> Action {
    Action::Keep(ask)
}

fn click(harness: &mut Harness<'_, World>, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run_steps(3);
}

fn says(harness: &Harness<'_, World>, words: &str) -> bool {
    let found = |node: &egui_kittest::Node<'_>| {
        let node = node.accesskit_node();
        [node.label(), node.value()].into_iter().flatten().any(|text| text.contains(words))
    };
    harness.query_all_by(|_| true).any(|node| found(&node))
}

/// A library that was stored on two days, with the bar of time open.
fn back_in_time() -> Harness<'static, World> {
    let mut world = World::of(60);
    world.now_ms = NOW;
    let days = [(Timestamp(NOW - 40 * DAY_MS), 900), (Timestamp(NOW - 3 * DAY_MS), 20)];
    world.keeping.history = Loadable::Ready(days.into());
    let mut harness = open(world);
    let actions = asked(&mut harness, |harness| press(harness, CTRL, Key::H));
    assert_eq!(actions, [keep(KeepAsk::History)]);
    harness
}

/// Takes over what was asked for, as `app` does.
fn answer(harness: &mut Harness<'static, World>, scope: Scope) {
    let world = harness.state_mut();
    world.keeping.scope = scope;
    world.results.scope = scope;
    world.results.generation += 1;
    harness.run_steps(3);
}

#[test]
fn the_slider_goes_day_by_day_and_back() {
    let mut harness = back_in_time();
    assert!(says(&harness, "Library of today  ·  60 photos"));
    harness.get_by_role_and_label(Role::Slider, "Day").focus();
    harness.run_steps(2);
    let yesterday = Scope::AsOf(Timestamp((NOW / DAY_MS) * DAY_MS - 1));
    let actions = asked(&mut harness, |harness| press(harness, NONE, Key::ArrowLeft));
    assert_eq!(actions, [keep(KeepAsk::Look(yesterday))], "the end of the day before");
    answer(&mut harness, yesterday);
    assert!(says(&harness, "Library as of 2 May 2024  ·  60 photos"));
    let slider = harness.get_by_role_and_label(Role::Slider, "Day");
    assert_eq!(slider.accesskit_node().value().as_deref(), Some("2 May 2024"));
    let seats = harness.state().results.seats.clone();
    let Scope::AsOf(moment) = yesterday else { unreachable!() };
    let actions = asked(&mut harness, |harness| click(harness, "Bring these into a folder…"));
    assert_eq!(actions, [keep(KeepAsk::PickDownload { seats, as_of: Some(moment) })]);
    let actions = asked(&mut harness, |harness| click(harness, "Back to today"));
    assert_eq!(actions, [keep(KeepAsk::Look(Scope::Library))]);
    answer(&mut harness, Scope::Library);
    assert!(harness.query_by_role_and_label(Role::Slider, "Day").is_none());
}

#[test]
fn what_was_cannot_be_changed() {
    let mut harness = back_in_time();
    answer(&mut harness, Scope::AsOf(Timestamp(NOW - 3 * DAY_MS)));
    let card = harness.state().cards.known[&harness.state().seat(0)].clone();
    harness.state_mut().detail = Loadable::Ready(detail(&card));
    press(&mut harness, NONE, Key::Home);
    let actions = asked(&mut harness, |harness| {
        for key in [Key::Num3, Key::P, Key::X, Key::T, Key::Delete] {
            press(harness, NONE, key);
        }
        press(harness, Modifiers::SHIFT, Key::Delete);
        for key in [Key::OpenBracket, Key::Z, Key::P] {
            press(harness, CTRL, key);
        }
        click(harness, "Pick (P)");
    });
    assert_eq!(actions, []);
    assert!(says(&harness, "Nothing can be changed here."));
    // In the loupe there is the picture of then, never the one of now.
    harness.state_mut().actions.clear();
    press(&mut harness, NONE, Key::E);
    assert!(harness.state().view.loupe_is_open());
    let actions = std::mem::take(&mut harness.state_mut().actions);
    assert!(!actions.iter().any(|action| matches!(action, Action::ShowPicture { .. })), "{actions:?}");
    let first = harness.state().seat(0);
    assert!(actions.iter().any(|action| matches!(action, Action::OnPage(seats) if seats.contains(&first))));
    assert!(harness.query_by_label("Reject (X)").is_none_or(|node| node.accesskit_node().is_disabled()));
    press(&mut harness, NONE, Key::Escape);
    let actions = asked(&mut harness, |harness| {
        press(harness, NONE, Key::Escape);
        press(harness, NONE, Key::Escape);
    });
    assert!(actions.contains(&keep(KeepAsk::Look(Scope::Library))), "Esc goes home: {actions:?}");
}

#[test]
fn a_library_without_a_past_says_so() {
    let mut world = World::of(6);
    world.now_ms = NOW;
    world.keeping.history = Loadable::Ready([(Timestamp(NOW), 6)].into());
    let mut harness = open(world);
    press(&mut harness, CTRL, Key::H);
    assert!(says(&harness, "Nothing was stored before today"));
    answer(&mut harness, Scope::Deleted);
    harness.state_mut().find("", Vec::new());
    harness.run_steps(3);
    assert!(says(&harness, "Nothing is deleted"));
}

#[test]
fn deleted_photos_come_back_all_or_some() {
    let mut harness = back_in_time();
    let actions = asked(&mut harness, |harness| click(harness, "Deleted"));
    assert_eq!(actions, [keep(KeepAsk::Look(Scope::Deleted))]);
    answer(&mut harness, Scope::Deleted);
    assert!(says(&harness, "60 photos deleted"));
    assert!(harness.query_by_role_and_label(Role::Slider, "Day").is_none());
    let seats = harness.state().results.seats.clone();
    let actions = asked(&mut harness, |harness| click(harness, "Bring back all 60 photos"));
    assert_eq!(actions, [keep(KeepAsk::Undelete(seats.clone()))]);
    press(&mut harness, NONE, Key::Home);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    let actions = asked(&mut harness, |harness| click(harness, "Bring back 2 photos"));
    assert_eq!(actions, [keep(KeepAsk::Undelete([seats[0], seats[1]].into()))]);
}

/// The menu of the first photo.
fn menu(harness: &mut Harness<'static, World>) {
    press(harness, NONE, Key::Home);
    let grid = harness.ctx.read_response(crate::ui::grid::id()).expect("the grid").rect;
    let at = grid.left_top() + eframe::egui::vec2(100.0, 130.0);
    harness.event(eframe::egui::Event::PointerMoved(at));
    for pressed in [true, false] {
        let (button, modifiers) = (PointerButton::Secondary, NONE);
        harness.event(eframe::egui::Event::PointerButton { pos: at, button, pressed, modifiers });
    }
    harness.run_steps(4);
}

fn choose(harness: &mut Harness<'static, World>, text: &str) -> Vec<Action> {
    menu(harness);
    asked(harness, |harness| {
        harness.get_by(|node| node.label().is_some_and(|label| label.starts_with(text))).click();
        harness.run_steps(4);
    })
}

#[test]
fn the_menu_stores_first_downloads_shares_and_deletes() {
    let mut world = World::of(60);
    let Loadable::Ready(library) = &mut world.library else { unreachable!() };
    library.stores = vec![StoreState {
        name: "aws".into(),
        place: "b/p".into(),
        waiting: 0,
        needs_you: 0,
        receipts: 60,
        problem: None,
        retry_at: None,
    }];
    let mut harness = open(world);
    let seats: std::sync::Arc<[_]> = [harness.state().seat(0)].into();
    assert_eq!(choose(&mut harness, "Store these first"), [keep(KeepAsk::First(seats.clone()))]);
    let download = KeepAsk::PickDownload { seats: seats.clone(), as_of: None };
    assert_eq!(choose(&mut harness, "Bring originals into a folder"), [keep(download)]);
    let actions = choose(&mut harness, "Share a link");
    assert_eq!(actions, [keep(KeepAsk::ShareRead), keep(KeepAsk::Offer)]);
    press(&mut harness, NONE, Key::Escape);
    let actions = choose(&mut harness, "Delete in the stores");
    let here = seats.clone();
    assert_eq!(actions, [keep(KeepAsk::Weigh(seats))]);
    press(&mut harness, NONE, Key::Escape);
    for (text, ask) in [
        ("Write for other programs", KeepAsk::WriteSidecars(here.clone())),
        ("Take over their changes", KeepAsk::ReadSidecars(here.clone())),
    ] {
        menu(&mut harness);
        harness.get_by(|node| node.label().is_some_and(|label| label.starts_with("Sidecars"))).click();
        harness.run_steps(4);
        let actions = asked(&mut harness, |harness| {
            harness.get_by(|node| node.label().is_some_and(|label| label.starts_with(text))).click();
            harness.run_steps(4);
        });
        assert_eq!(actions, [keep(ask)]);
    }
    assert_eq!(StorageClass::ALL.len(), 6);
    answer(&mut harness, Scope::Deleted);
    let seats: std::sync::Arc<[_]> = [harness.state().seat(0)].into();
    assert_eq!(choose(&mut harness, "Bring back"), [keep(KeepAsk::Undelete(seats))]);
    menu(&mut harness);
    assert!(harness.query_by_label("Stars").is_none(), "deleted photos are not rated");
}

#[test]
fn a_folder_is_typed_where_no_dialog_opens() {
    let mut harness = open(World::of(6));
    let seats: std::sync::Arc<[_]> = [harness.state().seat(0)].into();
    harness.state_mut().picker = Loadable::Pending { previous: None };
    choose(&mut harness, "Bring originals into a folder");
    harness.state_mut().picker = Loadable::Failed { error: "No dialog could be opened.".into(), previous: None };
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Folder for the originals").focus();
    harness.run_steps(2);
    harness.event(eframe::egui::Event::Text("~/Back".into()));
    harness.run_steps(2);
    let actions = asked(&mut harness, |harness| click(harness, "Bring them here"));
    let order = crate::protocol::DownloadOrder { seats, as_of: None, to: "/home/ada/Back".into() };
    assert_eq!(actions, [keep(KeepAsk::Download(order))]);
}

#[test]
fn a_card_is_noticed_offered_waved_away_and_followed() {
    let mut world = World::of(60);
    let card = CardFound { dir: "/media/ada/EOS_DIGITAL".into(), name: "EOS_DIGITAL\u{202e}".repeat(30) };
    world.keeping.cards = vec![card.clone()];
    let mut harness = open(world);
    let actions = asked(&mut harness, |harness| click(harness, "Not this card"));
    assert_eq!(actions, [keep(KeepAsk::WaveAway(card.dir))]);
    click(&mut harness, "Copy and store everything…");
    assert!(harness.query_by_role_and_label(Role::TextInput, "Folder to copy into").is_some());
    press(&mut harness, NONE, Key::Escape);
    harness.state_mut().keeping.ingest = Task::Running(OpId(3));
    harness.run_steps(2);
    assert!(says(&harness, "A card is being copied and stored. Leave it in."));
    let report = IngestReport { files: 9, card: "/media/ada/EOS".into(), ..IngestReport::default() };
    harness.state_mut().keeping.ingest = Task::Ended(Ok(report));
    harness.run_steps(2);
    assert!(says(&harness, "Card EOS: do not format it"));
    click(&mut harness, "Show");
    assert!(says(&harness, "Do not format this card"));
}

#[test]
fn damage_and_archives_are_said_beside_the_photo() {
    let mut harness = open(World::of(6));
    let card = harness.state().cards.known[&harness.state().seat(0)].clone();
    let mut all = detail(&card);
    all.versions = crate::ui::screens::versions_for_tests(Some("two bytes differ"), StorageClass::GlacierFlexible);
    harness.state_mut().detail = Loadable::Ready(all);
    press(&mut harness, NONE, Key::Home);
    assert!(says(&harness, "Damaged in the vault: two bytes differ"));
    assert!(says(&harness, "Archived in the vault (Glacier Flexible Retrieval)"));
}
