//! The print studio by role and label: pages, photos on them, and what is asked of the engine.

use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::tests::{Stage, asked, click, says, stage};
use super::tests_fake::*;
use super::*;
use crate::domain::layout::{CaptionField, Fit, Layout, Margins, Marks, PageSetup, PhotoSetup, PrintSize, Turn};
use crate::domain::paper::Paper;
use crate::domain::printing::{JobPhoto, Output, PageFormat, PixelSetup, PrintSetup};
use crate::protocol::{MissingOriginals, OpKind, PrintAsk, PrintDesk, PrintOrder};
use crate::ui::{Action, KeepAsk, Loadable};

pub(super) type Studio = Harness<'static, Stage<PrintScreen>>;

pub(super) fn photos(count: u32) -> Arc<[crate::domain::Seat]> {
    (0..count).map(seat).collect()
}

pub(super) fn sheet() -> PageSetup {
    PageSetup { layout: Layout::Contact { rows: 4, columns: 3 }, ..PageSetup::default() }
}

/// A studio in which nothing has been asked yet.
pub(super) fn closed(fake: Fake, photos: Arc<[crate::domain::Seat]>, setup: PageSetup, size: (f32, f32)) -> Studio {
    let screen = PrintScreen::new(photos, setup);
    stage(fake, screen, size, |screen, ui, context, actions| screen.show(ui.ctx(), context, actions))
}

/// The studio for 36 photos, with the pages that its first question gets, and an empty desk.
pub(super) fn studio(setup: PageSetup, size: (f32, f32)) -> Studio {
    let mut fake = Fake::default();
    fake.printing.desk = Loadable::Ready((PrintDesk::default(), Vec::new().into()));
    studio_of(fake, setup, size)
}

pub(super) fn studio_of(fake: Fake, setup: PageSetup, size: (f32, f32)) -> Studio {
    let mut harness = closed(fake, photos(36), setup, size);
    let actions = asked(&harness);
    let previews = actions.iter().filter(|action| matches!(action, Action::Preview { .. })).count();
    assert_eq!(previews, 1, "asks once: {actions:?}");
    answer(&mut harness, &actions);
    asked(&harness);
    harness
}

/// Lays out what was asked for last.
fn answer(harness: &mut Studio, actions: &[Action]) -> Option<(Arc<[PhotoSetup]>, PageSetup)> {
    let wanted = actions.iter().rev().find_map(|action| match action {
        Action::Preview { each, setup, photos } => Some((photos.clone(), each.clone(), setup.clone())),
        _ => None,
    });
    let (photos, each, setup) = wanted?;
    harness.state_mut().fake.lay_out_each(&photos, &each, &setup);
    harness.run_steps(2);
    Some((each, setup))
}

/// The one preview that was asked for since the last look, laid out.
pub(super) fn preview_each(harness: &mut Studio) -> (Arc<[PhotoSetup]>, PageSetup) {
    let actions = asked(harness);
    let previews = actions.iter().filter(|action| matches!(action, Action::Preview { .. })).count();
    assert_eq!(previews, 1, "not one preview: {actions:?}");
    answer(harness, &actions).unwrap()
}

pub(super) fn preview(harness: &mut Studio) -> PageSetup {
    preview_each(harness).1
}

/// What was asked for, but previews, pictures and remembering.
pub(super) fn else_asked(harness: &Studio) -> Vec<Action> {
    let mut actions = asked(harness);
    actions.retain(|action| {
        !matches!(action, Action::Preview { .. } | Action::ShowPicture { .. } | Action::Printing(PrintAsk::Remember(_)))
    });
    actions
}

pub(super) fn last_preview(harness: &Studio) -> PageSetup {
    let actions = asked(harness);
    let setup = actions.into_iter().rev().find_map(|action| match action {
        Action::Preview { setup, .. } => Some(setup),
        _ => None,
    });
    setup.expect("a preview")
}

pub(super) fn type_into(harness: &mut Studio, field: &str, text: &str) {
    harness.get_by_role_and_label(Role::SpinButton, field).focus();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text(text.into()));
    harness.run_steps(2);
}

/// Brings a control into sight and clicks it.
pub(super) fn reach(harness: &mut Studio, label: &str) {
    let node = harness
        .query_all_by(|node| {
            node.label().as_deref() == Some(label) && node.role() != Role::Label && node.role() != Role::Heading
        })
        .next()
        .unwrap_or_else(|| panic!("no control named {label:?}"));
    node.scroll_to_me();
    harness.run_steps(4);
    click(harness, label);
}

#[test]
fn opening_asks_for_everything_once() {
    let harness = closed(Fake::default(), photos(36), sheet(), (1400.0, 900.0));
    let actions = asked(&harness);
    for ask in [PrintAsk::Desk, PrintAsk::Printers, PrintAsk::Layouts, PrintAsk::Jobs, PrintAsk::Missing(photos(36))] {
        let ask = Action::Printing(ask);
        assert_eq!(actions.iter().filter(|action| **action == ask).count(), 1, "{ask:?} in {actions:?}");
    }
}

#[test]
fn every_choice_asks_for_pages_once() {
    let mut harness = studio(sheet(), (1500.0, 2600.0));
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
    click(&mut harness, "Crop marks");
    assert_eq!(preview(&mut harness).marks, Marks::Crop);
    click(&mut harness, "5 rows by 4 columns");
    assert_eq!(preview(&mut harness).layout, Layout::Contact { rows: 5, columns: 4 });
    harness.run_steps(3);
    assert_eq!(asked(&harness).len(), 0, "nothing changes, nothing is asked");
}

#[test]
fn every_kind_of_layout_is_a_click_and_comes_back_as_it_was() {
    let mut harness = studio(sheet(), (1500.0, 1600.0));
    for (name, layout) in [
        ("One per page", Layout::Single),
        ("2 per page", Layout::NUp { count: 2 }),
        ("9 per page", Layout::NUp { count: 9 }),
        ("By cell size", Layout::Cells { width_mm: 60.0, height_mm: 45.0 }),
        ("Packed sizes", Layout::Packed { size: PrintSize { width_mm: 100.0, height_mm: 150.0 } }),
    ] {
        harness.get_by_role_and_label(Role::RadioButton, name).click();
        harness.run_steps(3);
        assert_eq!(preview(&mut harness).layout, layout, "{name}");
    }
    type_into(&mut harness, "Photo width", "90");
    assert!(matches!(last_preview(&harness).layout, Layout::Packed { size } if size.width_mm == 90.0));
    click(&mut harness, "Picture package");
    let Layout::Package { sizes } = preview(&mut harness).layout else { panic!() };
    click(&mut harness, "Remove 130 × 180 mm");
    let Layout::Package { sizes: fewer } = preview(&mut harness).layout else { panic!() };
    assert_eq!(fewer.len() + 1, sizes.len());
    click(&mut harness, "Add a size: Choose…");
    click(&mut harness, "10×15 cm");
    let Layout::Package { sizes: more } = preview(&mut harness).layout else { panic!() };
    assert_eq!(more.last(), Some(&PrintSize { width_mm: 100.0, height_mm: 150.0 }));
    click(&mut harness, "ID photos");
    let setup = preview(&mut harness);
    assert_eq!(setup.layout, Layout::Id { size: PrintSize { width_mm: 35.0, height_mm: 45.0 }, count: None });
    assert_eq!(setup.marks, Marks::Guides, "passport photos are cut");
    click(&mut harness, "Packed sizes");
    assert!(matches!(preview(&mut harness).layout, Layout::Packed { size } if size.width_mm == 90.0), "as it was left");
    click(&mut harness, "Contact sheet");
    assert_eq!(preview(&mut harness).layout, sheet().layout);
}

#[test]
fn numbers_are_typed_in_the_unit_that_is_chosen() {
    let mut harness = studio(sheet(), (1500.0, 2600.0));
    type_into(&mut harness, "All sides", "12,5");
    assert!(harness.get_by_role_and_label(Role::SpinButton, "All sides").is_focused());
    assert_eq!(last_preview(&harness).margins_mm, Margins::all(12.5));
    type_into(&mut harness, "Rows", "9999");
    assert_eq!(last_preview(&harness).layout, Layout::Contact { rows: 100, columns: 3 }, "the nearest possible");
    type_into(&mut harness, "Rows", "many");
    assert_eq!(asked(&harness).len(), 0, "what is no number changes nothing");
    click(&mut harness, "inch");
    assert!(says(&harness, "Paper: A4  (8.27 × 11.69 in)"));
    type_into(&mut harness, "All sides", "0.5");
    assert_eq!(last_preview(&harness).margins_mm, Margins::all(12.7));
    click(&mut harness, "cm");
    assert!(says(&harness, "Paper: A4  (21 × 29.7 cm)"));
    type_into(&mut harness, "All sides", "8 mm");
    assert_eq!(last_preview(&harness).margins_mm, Margins::all(8.0));
    assert_eq!(harness.state().screen.view().unit, Some(Unit::Cm));
}

#[test]
fn texts_borders_and_marks_are_all_there() {
    let mut harness = studio(sheet(), (1500.0, 2800.0));
    type_into(&mut harness, "Border", "3");
    assert_eq!(last_preview(&harness).border_mm, 3.0);
    type_into(&mut harness, "Line", "0.5");
    assert_eq!(last_preview(&harness).stroke.map(|stroke| stroke.width_mm), Some(0.5));
    type_into(&mut harness, "Round corners", "4");
    assert_eq!(last_preview(&harness).corner_mm, 4.0);
    for (field, text) in [("Title", "Crete"), ("Footer", "© Ada"), ("Overlay text", "{name}"), ("Watermark", "proof")]
    {
        harness.get_by_role_and_label(Role::TextInput, field).focus();
        harness.run_steps(2);
        harness.event(egui::Event::Text(text.into()));
        harness.run_steps(3);
    }
    let setup = last_preview(&harness);
    assert_eq!((setup.header.as_deref(), setup.footer.as_deref()), (Some("Crete"), Some("© Ada")));
    assert_eq!(setup.overlay.map(|overlay| overlay.text).as_deref(), Some("{name}"));
    assert_eq!(setup.watermark.map(|mark| mark.text).as_deref(), Some("proof"));
}

#[test]
fn captions_are_added_ordered_and_removed() {
    let setup = PageSetup { captions: vec![CaptionField::Name, CaptionField::Date], ..sheet() };
    let mut harness = studio(setup, (1500.0, 2600.0));
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
    let mut harness = studio(sheet(), (1500.0, 1400.0));
    click(&mut harness, "Paper: A4  (210 × 297 mm)");
    click(&mut harness, "10×15 cm  (100 × 150 mm)");
    assert_eq!(preview(&mut harness).paper, Paper::from_name("10x15cm").unwrap());
    click(&mut harness, "Paper: 10×15 cm  (100 × 150 mm)");
    reach(&mut harness, "Custom size");
    preview(&mut harness);
    type_into(&mut harness, "Width", "120");
    let setup = last_preview(&harness);
    assert_eq!((setup.paper.width_mm(), setup.paper.height_mm()), (120.0, 150.0));
}

#[test]
fn pages_are_turned_by_button_key_and_number() {
    let mut harness = studio(sheet(), (1300.0, 900.0));
    click(&mut harness, "Next page");
    assert!(says(&harness, "Page 2 of 3"));
    for _ in 0..2 {
        harness.key_press(Key::PageDown);
        harness.run_steps(2);
        assert!(says(&harness, "Page 3 of 3"), "there is no fourth");
    }
    assert!(says(&harness, "Page 3: 12 photos"));
    click(&mut harness, "100%");
    assert!(says(&harness, "100 %"));
    click(&mut harness, "Zoom in");
    assert!(says(&harness, "125 %"));
    harness.key_press(Key::Minus);
    harness.run_steps(2);
    click(&mut harness, "Go to page 1");
    assert!(says(&harness, "Page 1 of 3"));
    assert_eq!(else_asked(&harness), []);
}

#[test]
fn a_photo_is_clicked_dragged_nudged_and_reset() {
    let setup = PageSetup { fit: Fit::Fill, ..sheet() };
    let mut harness = studio(setup, (1500.0, 1100.0));
    let second = |harness: &Studio| {
        let named = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.label().is_some_and(|label| label.starts_with("IMG_0401.JPG, 2 of 12 on this page, "))
        };
        harness.query_all_by(named).next().expect("the second photo").rect()
    };
    let rect = second(&harness);
    harness.hover_at(rect.center());
    harness.drag_at(rect.center());
    harness.run_steps(1);
    harness.hover_at(rect.center() + vec2(12.0, 0.0));
    harness.run_steps(1);
    harness.hover_at(rect.center() + vec2(20.0, 0.0));
    harness.run_steps(1);
    harness.drop_at(rect.center() + vec2(20.0, 0.0));
    harness.run_steps(3);
    let (each, _) = preview_each_last(&mut harness);
    assert!(each[1].pan.0 < -0.05, "dragged to the right, more of its left is seen: {:?}", each[1].pan);
    assert_eq!(each[0], PhotoSetup::default());
    assert!(says(&harness, "This photo"), "its panel is shown");
    click(&mut harness, "Turn right");
    let (each, _) = preview_each(&mut harness);
    assert_eq!(each[1].turn, Turn::Quarters(1));
    click(&mut harness, "Exact size");
    assert!(preview_each(&mut harness).0[1].size.is_some());
    type_into(&mut harness, "Zoom", "2");
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(says(&harness, "This photo"), "Escape first leaves the field");
    assert_eq!(preview_each_last(&mut harness).0[1].zoom, 2.0);
    type_into(&mut harness, "In each set", "3");
    assert_eq!(preview_each_last(&mut harness).0[1].copies, 3);
    click(&mut harness, "Cut to: As it is");
    click(&mut harness, "1 : 1");
    assert_eq!(preview_each_last(&mut harness).0[1].ratio, Some((1.0, 1.0)));
    click(&mut harness, "Reset this photo");
    assert_eq!(preview_each(&mut harness).0.len(), 0, "nothing is chosen for any photo");
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(!says(&harness, "This photo"), "Escape first lets the photo go");
    assert_eq!(harness.state().shown, Shown::Open);
}

fn preview_each_last(harness: &mut Studio) -> (Arc<[PhotoSetup]>, PageSetup) {
    let actions = asked(harness);
    answer(harness, &actions).expect("a preview")
}

#[test]
fn a_photo_is_moved_and_zoomed_with_keys_alone() {
    let setup = PageSetup { fit: Fit::Fill, ..sheet() };
    let mut harness = studio(setup, (1500.0, 1100.0));
    let label = "IMG_0400.JPG, 1 of 12 on this page, over 720 ppi";
    harness.get_by_role_and_label(Role::Button, label).focus();
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert!(says(&harness, "This photo"));
    harness.key_press(Key::ArrowRight);
    harness.run_steps(3);
    let (each, _) = preview_each_last(&mut harness);
    assert!(each[0].pan.0 < 0.0 && each[0].pan.1 == 0.0, "{:?}", each[0].pan);
    assert!(harness.get_by_role_and_label(Role::Button, label).is_focused(), "arrows stay with the photo");
    harness.key_press(Key::Plus);
    harness.run_steps(3);
    assert!((preview_each_last(&mut harness).0[0].zoom - 1.1).abs() < 1e-9);
}

#[test]
fn sharpness_is_said_for_each_photo_and_the_worst() {
    let mut fake = Fake::default();
    fake.cards.get_mut(&seat(1)).unwrap().size_px = Some((300, 200));
    fake.printing.desk = Loadable::Ready((PrintDesk::default(), Vec::new().into()));
    let harness = studio_of(fake, sheet(), (1500.0, 900.0));
    assert!(says(&harness, "IMG_0400.JPG, 1 of 12 on this page, over 720 ppi"));
    assert!(says(&harness, "IMG_0401.JPG, 2 of 12 on this page, 125 ppi"));
    assert!(says(&harness, "Least sharp photo: 125 ppi, soft"));
}

#[test]
fn the_pdf_is_asked_for_and_what_came_of_it_is_said() {
    let mut harness = studio(sheet(), (1300.0, 900.0));
    click(&mut harness, "Save as PDF…");
    let order = |file: &str| PrintOrder {
        photos: photos(36),
        each: Vec::new().into(),
        pages: sheet(),
        pixels: PixelSetup::default(),
        output: Output::Pdf { file: file.into(), untouched: false },
    };
    assert_eq!(else_asked(&harness), [Action::PrintTo { order: order("") }]);
    harness.state_mut().fake.picker =
        Loadable::Failed { error: "No file dialog could be opened.".into(), previous: None };
    harness.run_steps(2);
    assert!(says(&harness, "No file dialog could be opened."));
    harness.get_by_role_and_label(Role::TextInput, "PDF file to write").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("~/sheet".into()));
    harness.run_steps(1);
    click(&mut harness, "Save");
    assert_eq!(else_asked(&harness), [Action::PrintTo { order: order("/home/ada/sheet.pdf") }]);
    harness.state_mut().fake.picker = Loadable::Ready(());
    harness.state_mut().fake.activities = vec![running(3, OpKind::Print, "Print of 36 photos", 4, 36)];
    harness.run_steps(2);
    assert!(says(&harness, "Printing: 4 of 36"));
    click(&mut harness, "Stop");
    assert_eq!(else_asked(&harness), [Action::Cancel(crate::protocol::OpId(3))]);
    let report = crate::protocol::PrintReport { pages: 3, photos: 36, file: "/p/s.pdf".into(), ..Default::default() };
    let done = ended(3, "Print of 36 photos", crate::protocol::OpReport::Print(report));
    harness.state_mut().fake.activities = vec![done];
    harness.run_steps(2);
    assert!(says(&harness, "3 pages written: /p/s.pdf"));
    assert_eq!(else_asked(&harness), [Action::Printing(PrintAsk::Jobs)]);
    assert_eq!(harness.state().shown, Shown::Open, "the desk stays as it is");
}

#[test]
fn pictures_of_pages_have_a_kind_and_a_resolution() {
    let mut harness = studio(sheet(), (1500.0, 1400.0));
    harness.get_by_role_and_label(Role::RadioButton, "Picture files").click();
    harness.run_steps(3);
    click(&mut harness, "TIFF");
    type_into(&mut harness, "Pixels per inch", "600");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_steps(3);
    let actions = else_asked(&harness);
    let [Action::PrintTo { order }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(order.output, Output::Images { file: "".into(), format: PageFormat::Tiff, ppi: 600 });
    harness.get_by_role_and_label(Role::RadioButton, "The desktop's print dialog").click();
    harness.run_steps(3);
    click(&mut harness, "Print with the desktop…");
    let actions = else_asked(&harness);
    assert!(matches!(actions.as_slice(), [Action::PrintTo { order }] if order.output == Output::Desktop));
}

#[test]
fn originals_that_are_away_are_named_before_ink() {
    let mut fake = Fake::default();
    fake.printing.desk = Loadable::Ready((PrintDesk::default(), Vec::new().into()));
    let away: Vec<_> = (0..3).map(seat).collect();
    fake.printing.missing = Loadable::Ready(MissingOriginals { seats: away.clone(), bytes: 84_000_000, fetchable: 3 });
    let mut harness = studio_of(fake, PageSetup::default(), (1500.0, 900.0));
    // 1,600 px along 190 mm: 213 ppi.
    assert!(says(&harness, "3 originals are not here: fetch 3 (84 MB), or print the previews at 213 ppi"));
    click(&mut harness, "Fetch originals…");
    assert_eq!(else_asked(&harness), [Action::Keep(KeepAsk::PickDownload { seats: away.into(), as_of: None })]);
}

#[test]
fn the_job_is_remembered_and_goes_on() {
    let mut harness = studio(sheet(), (1500.0, 1600.0));
    click(&mut harness, "Landscape");
    let actions = asked(&harness);
    let remembered: Vec<_> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Printing(PrintAsk::Remember(desk)) => Some(desk.clone()),
            _ => None,
        })
        .collect();
    let [desk] = remembered.as_slice() else { panic!("remembered once: {actions:?}") };
    assert!(desk.setup.pages.landscape && desk.by_printer[""].pages.landscape);
    assert_eq!(desk.photos.len(), 36);
    assert_eq!(desk.photos[5].photo, card(5).id);
    // Without a selection, the job on the desk goes on, with what was chosen for each photo.
    let mut desk = (**desk).clone();
    desk.photos.truncate(2);
    desk.photos[1].setup.zoom = 2.0;
    let mut fake = Fake::default();
    fake.printing.desk = Loadable::Ready((desk.clone(), photos(2)));
    let mut harness = closed(fake, photos(0), PageSetup::default(), (1500.0, 1000.0));
    let (each, setup) = preview_each_last(&mut harness);
    assert_eq!((each[1].zoom, setup.layout.clone(), setup.landscape), (2.0, sheet().layout, true));
    assert!(says(&harness, "2 photos on 1 page · A4 landscape"));
    // With another selection a new job begins, with the last setup and one copy.
    desk.setup.pages.copies = 7;
    let mut fake = Fake::default();
    fake.printing.desk = Loadable::Ready((desk, photos(2)));
    let mut harness = closed(fake, photos(36), PageSetup::default(), (1500.0, 1000.0));
    let (each, setup) = preview_each_last(&mut harness);
    assert_eq!((each.len(), setup.landscape), (0, true));
    assert!(says(&harness, "36 photos on 3 pages · A4 landscape"));
    assert!(!says(&harness, "7 copies"));
}

#[test]
fn one_more_copy_is_as_the_last_job_was() {
    let setup = PrintSetup { pages: PageSetup { copies: 4, ..sheet() }, ..PrintSetup::default() };
    let kept = JobPhoto { photo: card(9).id, setup: PhotoSetup { zoom: 3.0, ..PhotoSetup::default() } };
    let desk = PrintDesk { photos: vec![kept], setup, ..PrintDesk::default() };
    let order = quick_order(photos(3), &desk, &PrintView::default(), &Default::default());
    assert_eq!((order.photos.len(), order.pages.copies, order.each.len()), (3, 1, 0));
    assert_eq!(order.pages.layout, sheet().layout);
    assert!(matches!(order.output, Output::Pdf { .. }));
}

#[test]
fn nothing_breaks_at_any_size_or_without_anything() {
    for size in [(1100.0, 700.0), (800.0, 500.0), (560.0, 700.0), (320.0, 240.0), (60.0, 40.0)] {
        let mut harness = studio(sheet(), size);
        harness.run_steps(2);
    }
    let mut harness = studio(sheet(), (700.0, 800.0));
    click(&mut harness, "Layout");
    assert!(harness.query_by_role_and_label(Role::RadioButton, "ID photos").is_some());
    click(&mut harness, "Printer");
    assert!(harness.query_by_role_and_label(Role::RadioButton, "PDF file").is_some());
    let mut fake = Fake::default();
    fake.printing.desk = Loadable::Ready((PrintDesk::default(), Vec::new().into()));
    let harness = closed(fake, photos(0), sheet(), (1500.0, 900.0));
    assert!(says(&harness, "Nothing on the desk"));
    // Pages of other photos than those of the job: seats that are not there, no cards at all.
    let mut harness = studio(sheet(), (1500.0, 900.0));
    harness.state_mut().fake.cards.clear();
    harness.run_steps(2);
    assert!(says(&harness, "Page 1 of 3"));
}
