//! The screens by role and label: each control asks for exactly what it says, and every state says its words.

use eframe::egui::{self, Key, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::tests_fake::*;
use super::*;
use crate::domain::{PhotoId, Seat};
use crate::protocol::{
    ErrorCode, ImportReport, OpId, OpKind, OpReport, PrintReport, RestoreTo, StoreReport, UserError, VerifyReport,
};
use crate::ui::{Action, Activity, ActivityState, Loadable};

/// A screen on a fake library.
pub struct Stage<S> {
    pub fake: Fake,
    pub screen: S,
    pub shown: Shown,
}

pub type Draw<S> = fn(&mut S, &mut egui::Ui, &Context<'_>, &mut Vec<Action>) -> Shown;

/// Draws a screen in a window of this size, with the real fonts and theme.
pub fn stage<'a, S: 'a>(fake: Fake, screen: S, size: (f32, f32), draw: Draw<S>) -> Harness<'a, Stage<S>> {
    let stage = Stage { fake, screen, shown: Shown::Open };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(size.0, size.1))
        .with_context_setup(theme::install)
        .with_accessibility_check(false)
        .build_ui_state(
            move |ui, stage: &mut Stage<S>| {
                if stage.shown == Shown::Open {
                    let screen = &mut stage.screen;
                    stage.shown = stage.fake.with(|context, actions| draw(screen, ui, context, actions));
                }
            },
            stage,
        );
    harness.run_steps(3);
    let unnamed = harness.unnamed_widgets();
    assert!(unnamed.is_empty(), "controls without a name: {unnamed:?}");
    harness
}

/// Whether some text is anywhere on the screen.
pub fn says<S>(harness: &Harness<'_, S>, words: &str) -> bool {
    harness
        .query_all_by(|node| [node.label(), node.value()].into_iter().flatten().any(|text| text.contains(words)))
        .next()
        .is_some()
}

pub fn click<S>(harness: &mut Harness<'_, S>, label: &str) {
    let node = harness
        .query_all_by(|node| {
            node.label().as_deref() == Some(label) && node.role() != Role::Label && node.role() != Role::Heading
        })
        .next()
        .unwrap_or_else(|| panic!("no control named {label:?}"));
    node.click();
    harness.run_steps(3);
}

pub fn asked<S>(harness: &Harness<'_, Stage<S>>) -> Vec<Action> {
    harness.state().fake.take()
}

fn activity(fake: Fake) -> Harness<'static, Stage<ActivityPanel>> {
    stage(fake, ActivityPanel::default(), (440.0, 900.0), |screen, ui, context, actions| {
        screen.show(ui, context, actions);
        Shown::Open
    })
}

fn versions(fake: Fake) -> Harness<'static, Stage<VersionsScreen>> {
    stage(fake, VersionsScreen::new(seat(0)), (900.0, 900.0), |screen, ui, context, actions| {
        screen.show(ui.ctx(), context, actions)
    })
}

fn welcome(fake: Fake) -> Harness<'static, Stage<WelcomeScreen>> {
    stage(fake, WelcomeScreen::default(), (900.0, 800.0), |screen, ui, context, actions| {
        screen.show(ui, context, actions);
        Shown::Open
    })
}

fn help(size: (f32, f32)) -> Harness<'static, Stage<HelpScreen>> {
    stage(Fake::default(), HelpScreen::default(), size, |screen, ui, context, _| screen.show(ui.ctx(), context))
}

#[test]
fn a_running_operation_can_be_stopped_once() {
    let fake =
        Fake { activities: vec![running(7, OpKind::Import, "Import of 2 folders", 1240, 8140)], ..Fake::default() };
    let mut harness = activity(fake);
    assert!(says(&harness, "1,240 of 8,140 · 42 photos/s · 2 min 45 s left"));
    let bar = harness.get_by_role_and_label(Role::ProgressIndicator, "Import of 2 folders");
    assert_eq!(bar.accesskit_node().numeric_value(), Some(15.0));
    click(&mut harness, "Cancel Import of 2 folders");
    assert_eq!(asked(&harness), [Action::Cancel(OpId(7))]);
    let stage = harness.state_mut();
    let ActivityState::Running(progress) = stage.fake.activities[0].state.clone() else { unreachable!() };
    stage.fake.activities[0].state = ActivityState::Stopping(progress);
    harness.run_steps(2);
    assert!(says(&harness, "Stopping…"));
    assert!(harness.query_by_label("Cancel Import of 2 folders").is_none());
}

#[test]
fn thousands_of_failures_open_and_copy() {
    let report = ImportReport { added: 5, unreadable: failures(9000), not_stored: failures(3), ..Default::default() };
    let fake = Fake { activities: vec![ended(1, "Import", OpReport::Import(report))], ..Fake::default() };
    let mut harness = activity(fake);
    assert!(says(&harness, "5 added, 9,000 unreadable, 3 not stored"));
    click(&mut harness, "Show 9,003 items");
    assert!(says(&harness, "/media/card/DCIM/100CANON/IMG_0000.JPG"));
    assert!(!says(&harness, "IMG_8999.JPG"), "what is not in sight is not laid out");
    click(&mut harness, "Copy list");
    let actions = asked(&harness);
    let [Action::Copy(text)] = actions.as_slice() else { panic!("{} actions", actions.len()) };
    assert_eq!(text.lines().count(), 9005);
    assert!(text.contains("IMG_8999.JPG\tthe file ends"));
    click(&mut harness, "Hide 9,003 items");
    assert!(!says(&harness, "IMG_0000.JPG"));
}

#[test]
fn what_ended_says_how_and_can_be_cleared() {
    let print = PrintReport { pages: 3, photos: 36, file: "/p/sheet.pdf".into(), ..PrintReport::default() };
    let error = UserError::new(ErrorCode::DiskFull, "no room left on the disk: /media/b").hint("Free some room.");
    let fake = Fake {
        activities: vec![
            ended(1, "Print", OpReport::Print(print)),
            Activity { op: OpId(2), title: "Storing".into(), state: ActivityState::Ended(Err(error)) },
            ended(3, "Restore", OpReport::Restore { file: "/p/back.jpg".into() }),
        ],
        ..Fake::default()
    };
    let mut harness = activity(fake);
    for words in ["36 photos on 3 pages", "no room left on the disk: /media/b", "Free some room.", "/p/back.jpg"] {
        assert!(says(&harness, words), "{words}");
    }
    click(&mut harness, "Open PDF");
    click(&mut harness, "Show in folder");
    click(&mut harness, "Clear finished");
    assert_eq!(
        asked(&harness),
        [Action::OpenFile("/p/sheet.pdf".into()), Action::Reveal("/p/sheet.pdf".into()), Action::ClearFinished]
    );
    let empty = activity(Fake::default());
    assert!(says(&empty, "Nothing is running"));
    assert!(empty.query_by_label("Clear finished").is_none());
}

#[test]
fn hostile_names_fit_in_a_row() {
    let name = format!("/a\nb\t\u{202e}{}", "ü".repeat(5000));
    let failed = vec![crate::protocol::ItemFailure { path: name.clone(), why: name }];
    let report = StoreReport { needs_you: failed, ..Default::default() };
    let title = "x".repeat(3000);
    let fake = Fake { activities: vec![ended(1, &title, OpReport::Store(report))], ..Fake::default() };
    let mut harness = activity(fake);
    click(&mut harness, "Show 1 item");
    assert!(says(&harness, "Need you (1)"));
}

#[test]
fn versions_come_back_beside_or_in_place() {
    let fake = Fake { detail: Loadable::Ready(detail(3, true)), ..Fake::default() };
    let mut harness = versions(fake);
    let photo = PhotoId(hash(0));
    assert!(says(&harness, "Versions of IMG_0400.JPG"));
    assert!(says(&harness, "Current"));
    assert!(harness.query_by_label("Restore version 3 in place").is_none(), "it is there already");
    click(&mut harness, "Restore version 3 beside…");
    assert_eq!(asked(&harness), [Action::PickRestoreFolder { photo, version: 3 }]);
    click(&mut harness, "Restore version 1 in place");
    assert_eq!(asked(&harness), [], "asks first");
    assert!(says(&harness, "Put version 1 in the place of the file that is there now?"));
    click(&mut harness, "Keep the present file");
    assert_eq!(asked(&harness), []);
    click(&mut harness, "Restore version 1 in place");
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(asked(&harness), [], "Enter is the safe answer");
    assert_eq!(harness.state().shown, Shown::Open);
    click(&mut harness, "Restore version 1 in place");
    click(&mut harness, "Replace it");
    assert_eq!(asked(&harness), [Action::Restore { photo, version: 1, to: RestoreTo::InPlace }]);
    click(&mut harness, "Show receipt of version 2");
    for words in ["01HXBATCH00000000000000001", "00000000deadbeef", "01HX0000000000000000000002"] {
        assert!(says(&harness, words), "{words}");
    }
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().shown, Shown::Closed);
}

#[test]
fn a_photo_that_was_never_stored_offers_nothing_back() {
    let mut harness = versions(Fake { detail: Loadable::Ready(detail(1, false)), ..Fake::default() });
    assert!(says(&harness, "Not stored yet."));
    assert!(harness.query_by_label("Restore version 1 beside…").is_none());
    harness.state_mut().fake.detail = Loadable::Ready(detail(0, false));
    harness.run_steps(2);
    assert!(says(&harness, "No version is known"));
    let waiting = versions(Fake::default());
    assert!(says(&waiting, "Reading the versions…"));
    assert_eq!(asked(&waiting), [Action::ShowDetail(seat(0))], "once");
    let other = Fake { detail: Loadable::Ready(detail(2, true)), ..Fake::default() };
    let another = stage(other, VersionsScreen::new(Seat(1)), (800.0, 600.0), |screen, ui, context, actions| {
        screen.show(ui.ctx(), context, actions)
    });
    assert!(says(&another, "Reading the versions…"), "another photo's versions are not shown");
}

#[test]
fn a_version_goes_into_a_typed_folder_where_no_dialog_opens() {
    let fake = Fake { detail: Loadable::Ready(detail(2, true)), ..Fake::default() };
    let mut harness = versions(fake);
    click(&mut harness, "Restore version 1 beside…");
    harness.state_mut().fake.picker = Loadable::Failed { error: "No dialog.".into(), previous: None };
    harness.run_steps(2);
    asked(&harness);
    harness.get_by_role_and_label(Role::TextInput, "Folder to restore into").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("/tmp/back".into()));
    harness.run_steps(1);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let to = RestoreTo::Folder("/tmp/back".into());
    assert_eq!(asked(&harness), [Action::Restore { photo: PhotoId(hash(0)), version: 1, to }]);
    assert_eq!(harness.state().shown, Shown::Open, "Enter in a field does not close the dialog");
}

#[test]
fn the_first_start_has_one_thing_to_do() {
    let mut harness = welcome(Fake::default());
    for words in [
        "Drop a folder of photos here",
        "Library: /home/ada/.local/share/lightkeep",
        "Second copy on the same disk: does not survive its loss",
    ] {
        assert!(says(&harness, words), "{words}");
    }
    click(&mut harness, "Import folders…");
    click(&mut harness, "Open an existing vault…");
    assert_eq!(asked(&harness), [Action::PickImportFolders, Action::PickOpenStore]);
    harness.get_by_role_and_label(Role::TextInput, "Folder to import").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("photos".into()));
    harness.run_steps(1);
    click(&mut harness, "Import");
    assert_eq!(asked(&harness), []);
    assert!(says(&harness, "give the whole path, from the top: photos"));
    harness.state_mut().fake.picker = Loadable::Failed { error: "No dialog.".into(), previous: None };
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Vault to open").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Paste("file:///media/My%20vault".into()));
    harness.run_steps(1);
    click(&mut harness, "Open");
    assert_eq!(asked(&harness), [Action::OpenStore("/media/My vault".into())]);
}

#[test]
fn help_finds_and_scrolls() {
    let mut harness = help((1000.0, 800.0));
    assert!(says(&harness, "Rate with stars"));
    harness.event(egui::Event::Text("undo".into()));
    harness.run_steps(2);
    assert!(says(&harness, "Undo"));
    assert!(!says(&harness, "Rate with stars"), "the field has the keyboard from the start");
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().shown, Shown::Closed);
    let small = help((320.0, 240.0));
    assert!(says(&small, "Photo to photo"));
}

#[test]
fn nothing_breaks_in_a_tiny_window() {
    let activities =
        || vec![running(1, OpKind::Import, "Import", 1, 2), ended(2, "V", OpReport::Verify(VerifyReport::default()))];
    for size in [(320.0, 240.0), (200.0, 120.0), (60.0, 40.0)] {
        let fake = || Fake { activities: activities(), detail: Loadable::Ready(detail(3, true)), ..Fake::default() };
        let _ = stage(fake(), StoresScreen::default(), size, |screen, ui, context, actions| {
            screen.show(ui.ctx(), context, actions)
        });
        let _ = stage(fake(), VersionsScreen::new(seat(0)), size, |screen, ui, context, actions| {
            screen.show(ui.ctx(), context, actions)
        });
        let _ = stage(fake(), ActivityPanel::default(), size, |screen, ui, context, actions| {
            screen.show(ui, context, actions);
            Shown::Open
        });
        let _ = stage(fake(), WelcomeScreen::default(), size, |screen, ui, context, actions| {
            screen.show(ui, context, actions);
            Shown::Open
        });
        let _ = help(size);
    }
}
