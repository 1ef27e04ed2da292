//! The right column of the print studio: printers, their paper, colour, jobs, and layouts that are kept.

use eframe::egui::{self, Key, Role};
use egui_kittest::kittest::Queryable as _;

use super::tests::{Stage, asked, click, says};
use super::tests_fake::*;
use super::tests_print::{
    Studio, closed, else_asked, last_preview, photos, preview, reach, sheet, studio, studio_of, type_into,
};
use crate::domain::layout::{Layout, Margins, PageSetup};
use crate::domain::paper::Paper;
use crate::domain::printers::{Choice, CustomSizes, Job, JobState, Medium, Printer, PrinterState, Ticket};
use crate::domain::printing::{Intent, Managed, Output, PixelSetup, PrintSetup, Profile, SavedLayout, Sharpen};
use crate::protocol::{PrintAsk, PrintDesk};
use crate::ui::{Action, Loadable, PrintPick};

fn choice(key: &str, label: &str) -> Choice {
    Choice { key: key.into(), label: label.into() }
}

fn medium(key: &str, label: &str, (width_mm, height_mm): (f64, f64), margin_mm: f64) -> Medium {
    let margins_mm = Margins::all(margin_mm);
    Medium { key: key.into(), label: label.into(), width_mm, height_mm, margins_mm, kind: None, source: None }
}

/// A photo printer with A4 and borderless 10×15, glossy paper in its rear tray.
fn photo_printer() -> Printer {
    let glossy = Some(choice("photographic-glossy", "Glossy photo paper"));
    let mut small = medium("om_10x15_100x150mm", "10×15 cm", (100.0, 150.0), 3.0);
    small.kind.clone_from(&glossy);
    let mut edge = medium("om_10x15_100x150mm_borderless", "10×15 cm", (100.0, 150.0), 0.0);
    edge.kind = glossy;
    let mut a4 = medium("iso_a4_210x297mm", "A4", (210.0, 297.0), 4.0);
    a4.margins_mm.bottom = 12.0;
    // As JSON, which the command line prints: what a printer may say beside this is nothing here.
    let said = serde_json::json!({
        "id": "Photo",
        "name": "Canon PRO-300 series in the room at the end of the long corridor on the second floor",
        "location": "Studio",
        "model": "Canon PRO-300",
        "via": "cups",
        "is_default": true,
        "state": "idle",
        "reasons": [],
        "accepts_jobs": true,
        "media": [],
        "default_medium": "iso_a4_210x297mm",
        "kinds": [],
        "sources": [],
        "qualities": [],
        "colour_modes": [],
        "sides": [],
        "most_copies": 99,
        "takes_pdf": true,
    });
    let mut printer: Printer = serde_json::from_value(said).unwrap();
    printer.media = vec![a4, small, edge];
    printer.kinds = vec![choice("stationery", "Plain paper"), choice("photographic-glossy", "Glossy photo paper")];
    printer.sources = vec![choice("main", "Cassette"), choice("rear", "Rear tray")];
    printer.qualities = vec![choice("normal", "Normal"), choice("high", "High")];
    printer.colour_modes = vec![choice("color", "Colour"), choice("monochrome", "Black and white")];
    printer.sides = vec![choice("one-sided", "One side")];
    printer
}

fn office_printer() -> Printer {
    Printer {
        id: "Office".into(),
        name: "Office".into(),
        custom: None,
        is_default: false,
        state: PrinterState::Stopped,
        reasons: vec!["out of paper".into()],
        media: vec![medium("iso_a4_210x297mm", "A4", (210.0, 297.0), 6.0)],
        kinds: Vec::new(),
        sources: Vec::new(),
        ..photo_printer()
    }
}

/// What is found in the room.
pub(super) fn printers() -> Vec<Printer> {
    vec![photo_printer(), office_printer()]
}

fn with_printers() -> Fake {
    let mut fake = Fake::default();
    fake.printing.desk = Loadable::Ready((PrintDesk::default(), Vec::new().into()));
    fake.printing.printers = Loadable::Ready(printers());
    fake
}

fn choose(harness: &mut Studio, place: &str) {
    let name = if place == "Photo" { photo_printer().name } else { place.to_owned() };
    harness.get_by_role_and_label(Role::RadioButton, &name).click();
    harness.run_steps(3);
}

#[test]
fn a_printer_brings_its_paper_and_its_limits() {
    let mut harness = studio_of(with_printers(), sheet(), (1500.0, 1800.0));
    assert!(harness.query_by_role_and_label(Role::CheckBox, "Borderless").is_none(), "a PDF has no edge to reach");
    choose(&mut harness, "Photo");
    let setup = preview(&mut harness);
    let limits = Margins { top: 4.0, right: 4.0, bottom: 12.0, left: 4.0 };
    assert_eq!((setup.paper, setup.hardware_margins_mm), (Paper::A4, Some(limits)));
    assert!(says(&harness, "Cannot print on the outer 4 (top), 4 (right), 12 (bottom), 4 mm (left)."));
    assert!(
        harness.query_by_role_and_label(Role::CheckBox, "Borderless").is_none(),
        "A4 is reported with margins only"
    );
    click(&mut harness, "Paper: A4  (210 × 297 mm)");
    assert!(harness.query_by_label("A3  (297 × 420 mm)").is_none(), "only what the printer has");
    click(&mut harness, "10×15 cm  (100 × 150 mm)");
    let setup = preview(&mut harness);
    assert_eq!(setup.paper, Paper::from_name("10x15cm").unwrap());
    assert_eq!(setup.hardware_margins_mm, Some(Margins::all(3.0)));
    click(&mut harness, "Borderless");
    let setup = preview(&mut harness);
    assert_eq!((setup.hardware_margins_mm, setup.margins_mm), (Some(Margins::all(0.0)), Margins::all(0.0)));
    assert!(says(&harness, "Prints to the very edge."));
    // Across, either long side may come out first.
    click(&mut harness, "Paper: 10×15 cm  (100 × 150 mm)");
    click(&mut harness, "A4  (210 × 297 mm)");
    preview(&mut harness);
    click(&mut harness, "Landscape");
    let across = Margins { top: 4.0, right: 12.0, bottom: 4.0, left: 12.0 };
    assert_eq!(preview(&mut harness).hardware_margins_mm, Some(across));
}

#[test]
fn a_printer_that_takes_any_size_is_given_one_within_its_limits() {
    let mut fake = with_printers();
    let mut roll = photo_printer();
    let sizes = CustomSizes { least_mm: (89.0, 127.0), most_mm: (329.0, 1000.0), margins_mm: Margins::all(2.0) };
    roll.custom = Some(sizes);
    fake.printing.printers = Loadable::Ready(vec![roll, office_printer()]);
    let mut harness = studio_of(fake, sheet(), (1500.0, 1800.0));
    choose(&mut harness, "Photo");
    assert_eq!(preview(&mut harness).paper, Paper::A4, "listed papers come first");
    assert!(!says(&harness, "Takes sheets from"));
    click(&mut harness, "Paper: A4  (210 × 297 mm)");
    click(&mut harness, "Custom size");
    assert!(says(&harness, "Takes sheets from 89 × 127 mm to 329 × 1000 mm."));
    preview(&mut harness);
    type_into(&mut harness, "Height", "700");
    let setup = preview(&mut harness);
    assert_eq!((setup.paper.width_mm(), setup.paper.height_mm()), (210.0, 700.0));
    assert_eq!(setup.hardware_margins_mm, Some(Margins::all(2.0)), "what it keeps free of a sheet of any size");
    for (typed, width) in [("5000", 329.0), ("3", 89.0)] {
        type_into(&mut harness, "Width", typed);
        assert_eq!(preview(&mut harness).paper.width_mm(), width, "{typed}");
    }
    // The order names no medium: the sheet's own size is sent.
    asked(&harness);
    click(&mut harness, "Print");
    let actions = else_asked(&harness);
    let [Action::PrintTo { order }] = actions.as_slice() else { panic!("{actions:?}") };
    let Output::Printer(ticket) = &order.output else { panic!("{order:?}") };
    assert_eq!((ticket.medium.as_ref(), order.pages.paper.height_mm()), (None, 700.0));
}

#[test]
fn a_printer_without_sizes_of_ones_own_offers_none() {
    let mut harness = studio_of(with_printers(), sheet(), (1500.0, 1800.0));
    choose(&mut harness, "Office");
    click(&mut harness, "Paper: A4  (210 × 297 mm)");
    assert!(harness.query_by_label("Custom size").is_none());
}

#[test]
fn the_order_carries_everything_that_was_chosen() {
    let mut harness = studio_of(with_printers(), sheet(), (1500.0, 1800.0));
    choose(&mut harness, "Photo");
    for (field, value) in [
        ("Paper type: Printer's own", "Plain paper"),
        ("Tray: Printer's own", "Rear tray"),
        ("Quality: Printer's own", "High"),
        ("Colour: Printer's own", "Black and white"),
    ] {
        click(&mut harness, field);
        click(&mut harness, value);
    }
    type_into(&mut harness, "Copies", "3");
    asked(&harness);
    click(&mut harness, "Print");
    let actions = else_asked(&harness);
    let [Action::PrintTo { order }] = actions.as_slice() else { panic!("{actions:?}") };
    let ticket = Ticket {
        printer: "Photo".into(),
        medium: Some("iso_a4_210x297mm".into()),
        borderless: false,
        kind: Some("stationery".into()),
        source: Some("rear".into()),
        quality: Some("high".into()),
        colour_mode: Some("monochrome".into()),
        sides: None,
        copies: 3,
    };
    assert_eq!(order.output, Output::Printer(Box::new(ticket)));
    assert_eq!(order.pages.copies, 1, "the printer makes the copies");
    assert!(says(&harness, "3 copies, 9 pages in all"));
}

#[test]
fn each_printer_remembers_its_own_paper_and_the_arrangement_stays() {
    let mut harness = studio_of(with_printers(), sheet(), (1500.0, 1800.0));
    choose(&mut harness, "Photo");
    click(&mut harness, "Paper: A4  (210 × 297 mm)");
    click(&mut harness, "10×15 cm  (100 × 150 mm)");
    click(&mut harness, "Borderless");
    choose(&mut harness, "Office");
    assert!(says(&harness, "Paper: A4  (210 × 297 mm)") || says(&harness, "Paper: 10×15 cm: not in this printer"));
    click(&mut harness, "5 rows by 4 columns");
    choose(&mut harness, "Photo");
    assert!(says(&harness, "Paper: 10×15 cm  (100 × 150 mm)"));
    assert!(says(&harness, "Prints to the very edge."));
    assert_eq!(last_preview(&harness).layout, Layout::Contact { rows: 5, columns: 4 });
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    let actions = asked(&harness);
    let desk = actions.iter().rev().find_map(|action| match action {
        Action::Printing(PrintAsk::Remember(desk)) => Some(desk.clone()),
        _ => None,
    });
    let desk = desk.expect("remembered on the way out");
    let printers: Vec<_> = desk.by_printer.keys().map(String::as_str).collect();
    assert_eq!(printers, ["", "Office", "Photo"]);
    assert!(desk.by_printer["Photo"].ticket.as_ref().is_some_and(|ticket| ticket.borderless));
}

#[test]
fn printers_say_how_they_stand_in_plain_words() {
    let mut harness = studio_of(with_printers(), sheet(), (1500.0, 1400.0));
    assert!(described(&harness, "Stopped: out of paper") && described(&harness, "Ready"));
    let mut gone = photo_printer();
    gone.state = PrinterState::Away;
    harness.state_mut().fake.printing.printers = Loadable::Ready(vec![gone]);
    harness.run_steps(2);
    assert!(described(&harness, "Does not answer"));
    harness.state_mut().fake.printing.printers = Loadable::Ready(Vec::new());
    harness.run_steps(2);
    assert!(says(&harness, "No printer found. Add one"));
    let error = "the print server does not answer".to_owned();
    harness.state_mut().fake.printing.printers = Loadable::Failed { error, previous: None };
    harness.run_steps(2);
    assert!(says(&harness, "The print server does not answer"));
    assert!(harness.query_by_role_and_label(Role::RadioButton, "PDF file").is_some(), "a PDF is always there");
}

fn described(harness: &Studio, words: &str) -> bool {
    let has =
        |node: &egui_kittest::kittest::AccessKitNode<'_>| node.description().is_some_and(|text| text.contains(words));
    harness.query_all_by(has).next().is_some()
}

#[test]
fn a_printer_that_vanished_is_said_and_kept() {
    let ticket = Ticket { printer: "Cellar".into(), copies: 1, ..Ticket::default() };
    let setup = PrintSetup { pages: sheet(), ticket: Some(ticket), ..PrintSetup::default() };
    let desk = PrintDesk { setup, ..PrintDesk::default() };
    let mut fake = with_printers();
    fake.printing.desk = Loadable::Ready((desk, Vec::new().into()));
    let harness = closed(fake, photos(36), PageSetup::default(), (1500.0, 1400.0));
    assert!(says(&harness, "The printer is not there now: Cellar"));
}

#[test]
fn colours_are_managed_once_and_proofed_on_the_screen() {
    let mut harness = studio(PageSetup::default(), (1500.0, 2000.0));
    asked(&harness);
    click(&mut harness, "By Lightkeep");
    assert!(says(&harness, "Switch colour management off in the printer's own options"));
    click(&mut harness, "Profile: sRGB");
    click(&mut harness, "A profile of printer and paper…");
    assert_eq!(else_asked(&harness), [Action::PickForPrint(PrintPick::Profile)]);
    harness.state_mut().fake.printing.profile = Some("/icc/baryta.icc".into());
    harness.state_mut().fake.picker = Loadable::Ready(());
    harness.run_steps(2);
    assert!(says(&harness, "Profile: baryta.icc"));
    click(&mut harness, "Intent: Relative colorimetric");
    click(&mut harness, "Perceptual");
    click(&mut harness, "Soft proof: show it as the paper will");
    click(&mut harness, "Mark colours that the paper cannot show");
    let shown = asked(&harness);
    let proof = shown.iter().rev().find_map(|action| match action {
        Action::ShowPicture { proof, .. } => Some(proof.clone()),
        _ => None,
    });
    let proof = proof.flatten().expect("a proof is asked for");
    assert_eq!((proof.profile, proof.intent), (Profile::File("/icc/baryta.icc".into()), Intent::Perceptual));
    assert!(proof.gamut_warning && !proof.paper_white && proof.black_point);
    click(&mut harness, "Glossy");
    click(&mut harness, "Draft: from the previews, fast and soft");
    click(&mut harness, "Save as PDF…");
    let actions = else_asked(&harness);
    let [Action::PrintTo { order }] = actions.as_slice() else { panic!("{actions:?}") };
    assert!(order.pixels.draft && order.pixels.sharpen == Sharpen::Glossy);
    assert!(matches!(order.pixels.managed, Managed::App { intent: Intent::Perceptual, .. }));
    click(&mut harness, "By the printer");
    let shown = asked(&harness);
    let last = shown.iter().rev().find_map(|action| match action {
        Action::ShowPicture { proof, .. } => Some(proof.clone()),
        _ => None,
    });
    assert_eq!(last, Some(None), "without a profile there is no proof");
}

#[test]
fn jobs_are_cancelled_and_printed_again() {
    let mut harness = studio(sheet(), (1500.0, 2400.0));
    let job = |number, state, reasons: &[&str]| Job {
        printer: "Photo".into(),
        number,
        name: "Lightkeep".into(),
        state,
        reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
        sheets_done: Some(1),
        created_ms: None,
    };
    let jobs = vec![job(12, JobState::Stopped, &["the printer is out of paper"]), job(11, JobState::Done, &[])];
    harness.state_mut().fake.printing.jobs = Loadable::Ready(jobs);
    harness.run_steps(2);
    assert!(says(&harness, "Stopped, 1 sheet: the printer is out of paper"));
    reach(&mut harness, "Cancel job 12");
    reach(&mut harness, "Print again job 11");
    assert_eq!(
        else_asked(&harness),
        [
            Action::Printing(PrintAsk::Cancel { printer: "Photo".into(), number: 12 }),
            Action::Printing(PrintAsk::Reprint { printer: "Photo".into(), number: 11 }),
        ]
    );
}

#[test]
fn layouts_are_kept_used_renamed_exported_and_deleted() {
    let mut harness = studio(sheet(), (1500.0, 2000.0));
    harness.get_by_role_and_label(Role::TextInput, "Name of the layout").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("Proofs".into()));
    harness.run_steps(2);
    click(&mut harness, "Keep layout");
    let actions = else_asked(&harness);
    let [Action::Printing(PrintAsk::Keep(kept))] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!((kept.name.as_str(), &kept.setup.pages.layout), ("Proofs", &sheet().layout));
    let pages = PageSetup { layout: Layout::NUp { count: 4 }, ..PageSetup::default() };
    let setup = PrintSetup { pages, pixels: PixelSetup { draft: true, ..Default::default() }, ticket: None };
    let four = SavedLayout { name: "Four".into(), setup };
    harness.state_mut().fake.printing.layouts = Loadable::Ready(vec![four.clone(), (**kept).clone()]);
    harness.run_steps(2);
    click(&mut harness, "Use Four");
    assert_eq!(preview(&mut harness).layout, Layout::NUp { count: 4 });
    click(&mut harness, "Export…");
    assert_eq!(else_asked(&harness), [Action::PickForPrint(PrintPick::ExportLayout("Four".into()))]);
    harness.get_by_role_and_label(Role::TextInput, "Name of the layout").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text(" up".into()));
    harness.run_steps(2);
    click(&mut harness, "Rename");
    let named = SavedLayout { name: "Four up".into(), ..four.clone() };
    let (keep, forget) = (PrintAsk::Keep(Box::new(named.clone())), PrintAsk::Forget("Four".into()));
    assert_eq!(else_asked(&harness), [Action::Printing(keep), Action::Printing(forget)]);
    harness.state_mut().fake.printing.layouts = Loadable::Ready(vec![named]);
    harness.run_steps(2);
    click(&mut harness, "Delete layout");
    assert_eq!(else_asked(&harness), [Action::Printing(PrintAsk::Forget("Four up".into()))]);
    click(&mut harness, "Take from a file…");
    assert_eq!(else_asked(&harness), [Action::PickForPrint(PrintPick::TakeLayout)]);
}

#[test]
fn two_hundred_photos_ask_once_for_each_change_and_wait_for_the_answer() {
    let mut fake = with_printers();
    fake.cards = (0..200).map(|n| (seat(n), card(n))).collect();
    let mut harness = closed(fake, photos(200), PageSetup::default(), (1500.0, 1400.0));
    asked(&harness);
    harness.state_mut().fake.lay_out(&photos(200), &PageSetup::default());
    harness.run_steps(2);
    assert!(says(&harness, "200 photos on 200 pages"));
    asked(&harness);
    // While an answer is on its way, changes gather; when it is here, the last of them is asked for.
    type_into(&mut harness, "All sides", "11");
    assert!(asked(&harness).iter().any(|action| matches!(action, Action::Preview { .. })));
    let previous = harness.state().fake.pages.value().cloned();
    harness.state_mut().fake.pages = Loadable::Pending { previous };
    for margin in ["12", "13", "14"] {
        type_into(&mut harness, "All sides", margin);
    }
    let waiting = asked(&harness);
    assert!(!waiting.iter().any(|action| matches!(action, Action::Preview { .. })), "{waiting:?}");
    assert!(says(&harness, "Page 1 of 200"), "the pages before stay in sight");
    let setup = PageSetup { margins_mm: Margins::all(11.0), ..PageSetup::default() };
    harness.state_mut().fake.lay_out(&photos(200), &setup);
    harness.run_steps(3);
    assert_eq!(preview_of_many(&harness).margins_mm, Margins::all(14.0));
    // Only what is in sight is drawn or asked for.
    let Stage { fake, screen, .. } = harness.state();
    let seats = fake.with(|context, _| screen.in_sight(context.model));
    assert_eq!(seats, [seat(0), seat(1)], "this page and the next");
}

fn preview_of_many(harness: &Studio) -> PageSetup {
    let previews: Vec<PageSetup> = asked(harness)
        .into_iter()
        .filter_map(|action| match action {
            Action::Preview { setup, .. } => Some(setup),
            _ => None,
        })
        .collect();
    let last = previews.last().expect("a preview").clone();
    assert!(previews.iter().all(|setup| *setup == last), "asked for once each");
    last
}
