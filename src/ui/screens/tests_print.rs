//! The print dialog by role and label.

use std::sync::Arc;

use eframe::egui::{self, Key, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::tests::{Stage, asked, click, says, stage};
use super::tests_fake::*;
use super::*;
use crate::domain::layout::{CaptionField, Fit, Layout, Margins, PageSetup};
use crate::domain::paper::Paper;
use crate::domain::printing::{Output, PixelSetup};
use crate::protocol::{OpKind, PrintOrder};
use crate::ui::{Action, Loadable};

type Dialog = Harness<'static, Stage<PrintScreen>>;

fn photos(count: u32) -> Arc<[crate::domain::Seat]> {
    (0..count).map(seat).collect()
}

fn sheet() -> PageSetup {
    PageSetup { layout: Layout::Contact { rows: 4, columns: 3 }, ..PageSetup::default() }
}

/// The dialog for 36 photos, with the pages that its first question gets.
fn dialog(setup: PageSetup, size: (f32, f32)) -> Dialog {
    let screen = PrintScreen::new(photos(36), setup.clone());
    let mut harness =
        stage(Fake::default(), screen, size, |screen, ui, context, actions| screen.show(ui.ctx(), context, actions));
    assert_eq!(
        asked(&harness),
        [Action::Preview { photos: photos(36), each: Vec::new().into(), setup: setup.clone() }],
        "asks once"
    );
    harness.state_mut().fake.lay_out(&photos(36), &setup);
    harness.run_steps(2);
    harness
}

/// The one preview that was asked for since the last look, laid out.
fn preview(harness: &mut Dialog) -> PageSetup {
    let mut actions = asked(harness);
    actions.retain(|action| !matches!(action, Action::ShowPicture { .. }));
    let [Action::Preview { setup, .. }] = actions.as_slice() else { panic!("not one preview: {actions:?}") };
    let setup = setup.clone();
    harness.state_mut().fake.lay_out(&photos(36), &setup);
    harness.run_steps(2);
    setup
}

fn type_into(harness: &mut Dialog, field: &str, text: &str) {
    harness.get_by_role_and_label(Role::SpinButton, field).focus();
    harness.run_steps(2);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text(text.into()));
    harness.run_steps(2);
}

#[test]
fn every_choice_asks_for_pages_once() {
    let mut harness = dialog(sheet(), (1400.0, 1400.0));
    assert!(says(&harness, "36 photos on 3 pages · A4 portrait"));
    assert!(says(&harness, "Page 1 of 3"));
    click(&mut harness, "Landscape");
    assert!(preview(&mut harness).landscape);
    click(&mut harness, "Fill the frame");
    assert_eq!(preview(&mut harness).fit, Fit::Fill);
    click(&mut harness, "Turn photos to fit their frame");
    assert!(preview(&mut harness).auto_rotate);
    click(&mut harness, "Page numbers");
    assert!(preview(&mut harness).page_numbers);
    click(&mut harness, "5 rows by 4 columns");
    assert_eq!(preview(&mut harness).layout, Layout::Contact { rows: 5, columns: 4 });
    click(&mut harness, "One per page");
    assert_eq!(preview(&mut harness).layout, Layout::Single);
    assert!(says(&harness, "36 photos on 36 pages"));
    click(&mut harness, "Contact sheet");
    assert_eq!(preview(&mut harness).layout, Layout::Contact { rows: 5, columns: 4 }, "as it was before");
    harness.run_steps(3);
    assert_eq!(asked(&harness), [], "nothing changes, nothing is asked");
}

#[test]
fn numbers_are_typed_without_losing_the_field() {
    let mut harness = dialog(sheet(), (1400.0, 1400.0));
    type_into(&mut harness, "All sides", "12,5");
    assert!(harness.get_by_role_and_label(Role::SpinButton, "All sides").is_focused());
    let setups: Vec<_> = asked(&harness);
    let Some(Action::Preview { setup, .. }) = setups.last() else { panic!("{setups:?}") };
    assert_eq!(setup.margins_mm, Margins::all(12.5));
    type_into(&mut harness, "Rows", "9999");
    let Some(Action::Preview { setup, .. }) = asked(&harness).pop() else { panic!() };
    assert_eq!(setup.layout, Layout::Contact { rows: 100, columns: 3 }, "the nearest that is possible");
    type_into(&mut harness, "Rows", "many");
    assert_eq!(asked(&harness), [], "what is no number changes nothing");
    click(&mut harness, "Same on every side");
    type_into(&mut harness, "Left", "30");
    let Some(Action::Preview { setup, .. }) = asked(&harness).pop() else { panic!() };
    assert_eq!(setup.margins_mm, Margins { left: 30.0, ..Margins::all(12.5) });
}

#[test]
fn captions_are_added_ordered_and_removed() {
    let setup = PageSetup { captions: vec![CaptionField::Name, CaptionField::Date], ..sheet() };
    let mut harness = dialog(setup, (1400.0, 1400.0));
    click(&mut harness, "Move Date and time up");
    assert_eq!(preview(&mut harness).captions, [CaptionField::Date, CaptionField::Name]);
    click(&mut harness, "Remove File name");
    assert_eq!(preview(&mut harness).captions, [CaptionField::Date]);
    click(&mut harness, "Add a caption line");
    click(&mut harness, "Exposure");
    assert_eq!(preview(&mut harness).captions, [CaptionField::Date, CaptionField::Exposure]);
}

#[test]
fn papers_have_names_and_any_size() {
    let mut harness = dialog(sheet(), (1400.0, 1400.0));
    click(&mut harness, "Paper: A4  (210 × 297 mm)");
    click(&mut harness, "10×15 cm  (100 × 150 mm)");
    assert_eq!(preview(&mut harness).paper, Paper::from_name("10x15cm").unwrap());
    click(&mut harness, "Paper: 10×15 cm  (100 × 150 mm)");
    harness.get_by_label("Custom size").scroll_to_me();
    harness.run_steps(3);
    click(&mut harness, "Custom size");
    preview(&mut harness);
    type_into(&mut harness, "Width", "120");
    let Some(Action::Preview { setup, .. }) = asked(&harness).pop() else { panic!() };
    assert_eq!((setup.paper.width_mm(), setup.paper.height_mm()), (120.0, 150.0));
}

#[test]
fn pages_are_turned_by_button_and_key() {
    let mut harness = dialog(sheet(), (1200.0, 900.0));
    click(&mut harness, "Next page");
    assert!(says(&harness, "Page 2 of 3"));
    harness.key_press(Key::PageDown);
    harness.run_steps(2);
    assert!(says(&harness, "Page 3 of 3"));
    harness.key_press(Key::PageDown);
    harness.run_steps(2);
    assert!(says(&harness, "Page 3 of 3"), "there is no fourth");
    assert!(says(&harness, "Page 3: 12 photos"));
    click(&mut harness, "100%");
    click(&mut harness, "Previous page");
    assert!(says(&harness, "Page 2 of 3"));
    assert_eq!(asked(&harness), []);
}

#[test]
fn the_pdf_is_asked_for_and_the_dialog_goes_when_it_begins() {
    let mut harness = dialog(sheet(), (1200.0, 900.0));
    click(&mut harness, "Save as PDF…");
    let order = |file: &str| PrintOrder {
        photos: photos(36),
        each: Vec::new().into(),
        pages: sheet(),
        pixels: PixelSetup::default(),
        output: Output::Pdf { file: file.into(), untouched: false },
    };
    assert_eq!(asked(&harness), [Action::PrintTo { order: order("") }]);
    assert_eq!(harness.state().shown, Shown::Open, "the file dialog may be cancelled");
    harness.state_mut().fake.picker =
        Loadable::Failed { error: "No file dialog could be opened.".into(), previous: None };
    harness.run_steps(2);
    assert!(says(&harness, "No file dialog could be opened."));
    harness.get_by_role_and_label(Role::TextInput, "PDF file to write").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("~/sheet".into()));
    harness.run_steps(1);
    click(&mut harness, "Save");
    assert_eq!(asked(&harness), [Action::PrintTo { order: order("/home/ada/sheet.pdf") }]);
    harness.state_mut().fake.activities = vec![running(3, OpKind::Print, "Print of 36 photos", 0, 36)];
    harness.run_steps(2);
    assert_eq!(harness.state().shown, Shown::Closed);
}

#[test]
fn pages_of_another_selection_are_never_shown() {
    let mut fake = Fake::default();
    fake.lay_out(&photos(24), &sheet());
    let screen = PrintScreen::new(photos(36), sheet());
    let mut harness =
        stage(fake, screen, (1200.0, 900.0), |screen, ui, context, actions| screen.show(ui.ctx(), context, actions));
    asked(&harness);
    assert!(says(&harness, "Laying out the pages…"));
    click(&mut harness, "Save as PDF…");
    assert_eq!(asked(&harness), [], "there is nothing yet to be saved");
    harness.state_mut().fake.lay_out(&photos(36), &sheet());
    harness.run_steps(2);
    assert!(says(&harness, "36 photos on 3 pages"));
    click(&mut harness, "Next page");
    let Stage { fake, screen, .. } = harness.state();
    let seats = fake.with(|context, _| screen.in_sight(context.model));
    let expected: Vec<_> = (12..24).chain(24..36).chain(0..12).map(seat).collect();
    assert_eq!(seats, expected, "this page, the next, the one before");
}

#[test]
fn enter_saves_and_escape_leaves() {
    let mut harness = dialog(sheet(), (1200.0, 900.0));
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert!(matches!(asked(&harness).as_slice(), [Action::PrintTo { .. }]));
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().shown, Shown::Closed);
}

#[test]
fn what_is_impossible_is_said_and_not_printed() {
    let mut harness = dialog(sheet(), (1200.0, 900.0));
    let error = "the margins leave no room on the page: make them smaller than 210 by 297 mm";
    let previous = harness.state().fake.pages.value().cloned();
    harness.state_mut().fake.pages = Loadable::Failed { error: error.into(), previous };
    harness.run_steps(2);
    assert!(says(&harness, "The margins leave no room on the page"));
    click(&mut harness, "Save as PDF…");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(asked(&harness), []);
}

#[test]
fn a_photo_alone_asks_for_a_large_picture_once() {
    let setup = PageSetup::default();
    let mut harness = dialog(setup, (1400.0, 1000.0));
    let actions = asked(&harness);
    let [Action::ShowPicture { seat: shown, long_edge_px: Some(edge), ahead, .. }] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!((*shown, ahead.as_slice()), (seat(0), [seat(1)].as_slice()));
    assert!(edge % 512 == 0 && *edge <= 2048, "{edge}");
    harness.run_steps(3);
    assert_eq!(asked(&harness), []);
    click(&mut harness, "Cancel");
    assert_eq!(asked(&harness), [Action::ClosePicture]);
}

#[test]
fn nothing_breaks_at_any_size_or_without_anything() {
    for size in [(800.0, 500.0), (560.0, 700.0), (320.0, 240.0), (60.0, 40.0)] {
        let mut harness = dialog(sheet(), size);
        harness.run_steps(2);
    }
    let screen = PrintScreen::new(photos(0), sheet());
    let mut harness = stage(Fake::default(), screen, (1200.0, 900.0), |screen, ui, context, actions| {
        screen.show(ui.ctx(), context, actions)
    });
    asked(&harness);
    harness.state_mut().fake.lay_out(&photos(0), &sheet());
    harness.run_steps(2);
    assert!(says(&harness, "No photos to print: select at least one"));
    // Pages of other photos than those of the order: seats that are not there, no cards at all.
    harness.state_mut().fake.lay_out(&photos(36), &sheet());
    harness.state_mut().fake.cards.clear();
    harness.run_steps(2);
    assert!(says(&harness, "Page 1 of 3"));
    let titles = harness.get_by_role_and_label(Role::TextInput, "Title");
    assert!(titles.accesskit_node().role() == Role::TextInput);
}

#[test]
fn what_lies_behind_loses_the_keyboard() {
    struct Both(PrintScreen, String, bool);
    let screen = Both(PrintScreen::new(photos(36), sheet()), String::new(), false);
    let mut fake = Fake::default();
    fake.lay_out(&photos(36), &sheet());
    let mut harness = stage(fake, screen, (1200.0, 900.0), |both, ui, context, actions| {
        let field = ui.text_edit_singleline(&mut both.1);
        field.ctx.accesskit_node_builder(field.id, |node| node.set_label("Behind"));
        if both.2 { both.0.show(ui.ctx(), context, actions) } else { Shown::Open }
    });
    harness.get_by_role_and_label(Role::TextInput, "Behind").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("a".into()));
    harness.run_steps(2);
    harness.state_mut().screen.2 = true;
    harness.run_steps(3);
    harness.state_mut().fake.lay_out(&photos(36), &sheet());
    asked(&harness);
    harness.event(egui::Event::Text("b".into()));
    harness.run_steps(2);
    assert_eq!(harness.state().screen.1, "a", "nothing is typed behind a dialog");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert!(matches!(asked(&harness).as_slice(), [Action::PrintTo { .. }]));
}
