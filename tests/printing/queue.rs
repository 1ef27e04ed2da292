//! The queue of a real CUPS that makes PDF files.

use std::sync::atomic::{AtomicU64, Ordering};

use lightkeep::domain::printers::{JobState, PrinterState, Ticket, Via};
use lightkeep::print::printers::{Document, PrintSystem as _};

use crate::cups::{Cups, QUEUE};
use crate::{document, go};

fn ticket() -> Ticket {
    Ticket { printer: QUEUE.into(), copies: 1, ..Ticket::default() }
}

#[test]
fn a_queue_is_found_described_and_prints_a_page_of_the_right_size() {
    let cups = Cups::start();
    let ipp = cups.ipp();
    let printers = ipp.list(&go).unwrap();
    assert_eq!(printers.len(), 1, "{printers:?}");
    let printer = &printers[0];
    assert_eq!((printer.id.as_str(), printer.name.as_str()), (QUEUE, "Paper tray"));
    assert_eq!((printer.location.as_str(), printer.via, printer.state), ("The cellar", Via::Cups, PrinterState::Idle));
    assert!(printer.accepts_jobs && printer.takes_pdf && printer.reasons.is_empty(), "{printer:?}");
    let a4 = printer.media.iter().find(|medium| medium.label == "A4").expect("A4 is listed");
    assert!((a4.width_mm - 210.0).abs() < 0.2 && (a4.height_mm - 297.0).abs() < 0.2, "{a4:?}");

    let file = document::pdf(cups.path("").as_path(), "A4", false, 2);
    let sent = AtomicU64::new(0);
    let document = Document { path: &file, title: "Zwölf Fotos\n\u{1b}[2J", size_mm: (210.0, 297.0) };
    let told = |bytes| sent.store(bytes, Ordering::SeqCst);
    let submitted = ipp.submit(document, &ticket(), &told, &go).unwrap();
    assert_eq!(sent.load(Ordering::SeqCst), std::fs::metadata(&file).unwrap().len());
    assert_eq!(submitted.job.printer, QUEUE);
    assert_eq!(submitted.job.name, "Zwölf Fotos  [2J");
    let job = cups.ended(QUEUE, submitted.job.number);
    assert_eq!((job.state, job.reasons.as_slice()), (JobState::Done, &[][..]), "{}", cups.log());
    let printed = cups.printed();
    assert_eq!(printed.len(), 1);
    let sizes = document::page_sizes_mm(&printed[0]);
    assert_eq!(sizes.len(), 2);
    for (width, height) in sizes {
        assert!((width - 210.0).abs() < 0.5 && (height - 297.0).abs() < 0.5, "{width} {height}");
    }
    for size in document::page_sizes_mm(&file) {
        assert!((size.0 - 210.0).abs() < 0.1 && (size.1 - 297.0).abs() < 0.1, "{size:?}");
    }
}

#[test]
fn options_of_a_queue_arrive_as_sent_and_landscape_keeps_its_size() {
    let cups = Cups::start();
    let file = document::pdf(cups.path("").as_path(), "A4", true, 1);
    let document = Document { path: &file, title: "Wide", size_mm: (210.0, 297.0) };
    let ticket = Ticket { copies: 2, ..ticket() };
    let submitted = cups.ipp().submit(document, &ticket, &|_| {}, &go).unwrap();
    let told = cups.attributes_of_job(submitted.job.number);
    for expected in ["x-dimension=2", "print-scaling (keyword) = none", "copies (integer) = 2"] {
        assert!(told.contains(expected), "{expected} is not in {told}");
    }
    assert_eq!(cups.ended(QUEUE, submitted.job.number).state, JobState::Done, "{}", cups.log());
    for (width, height) in document::page_sizes_mm(&cups.printed()[0]) {
        let (short, long) = (width.min(height), width.max(height));
        assert!((short - 210.0).abs() < 0.5 && (long - 297.0).abs() < 0.5, "{width} {height}");
    }
}

#[test]
fn a_waiting_job_is_listed_and_cancelled_and_a_done_one_is_printed_again() {
    let cups = Cups::start();
    let ipp = cups.ipp();
    let file = document::pdf(cups.path("").as_path(), "A4", false, 1);
    let document = Document { path: &file, title: "Twice", size_mm: (210.0, 297.0) };
    cups.tell("cupsdisable", &[QUEUE]);
    assert_eq!(ipp.describe(QUEUE, &go).unwrap().state, PrinterState::Stopped);
    let waiting = ipp.submit(document, &ticket(), &|_| {}, &go).unwrap().job;
    let listed = ipp.jobs(false, &go).unwrap();
    assert_eq!(
        listed.iter().map(|job| (job.printer.as_str(), job.number)).collect::<Vec<_>>(),
        [(QUEUE, waiting.number)]
    );
    assert!(!listed[0].state.is_over() && listed[0].name == "Twice" && listed[0].created_ms.is_some(), "{listed:?}");
    ipp.cancel(QUEUE, waiting.number, &go).unwrap();
    assert_eq!(cups.ended(QUEUE, waiting.number).state, JobState::Cancelled);
    assert!(ipp.cancel(QUEUE, waiting.number, &go).unwrap_err().to_string().contains("over already"));
    assert!(ipp.jobs(false, &go).unwrap().is_empty());

    cups.tell("cupsenable", &[QUEUE]);
    let done = ipp.submit(document, &ticket(), &|_| {}, &go).unwrap().job;
    assert_eq!(cups.ended(QUEUE, done.number).state, JobState::Done, "{}", cups.log());
    // A job's second print has the name of its first.
    std::fs::remove_file(&cups.printed()[0]).unwrap();
    let again = ipp.reprint(QUEUE, done.number, &go).unwrap();
    assert_eq!(cups.ended(QUEUE, again.number).state, JobState::Done, "{}", cups.log());
    assert_eq!(document::page_sizes_mm(&cups.printed()[0]).len(), 1);
    cups.tell("cupsreject", &[QUEUE]);
    let refused = ipp.submit(document, &ticket(), &|_| {}, &go).unwrap_err().to_string();
    assert!(refused.contains("takes no jobs"), "{refused}");
}

#[test]
fn the_program_lists_printers_and_jobs() {
    let cups = Cups::start();
    let lab = crate::common::Lab::new();
    lab.import();
    let run = |args: &[&str]| {
        let mut command = lab.command(args);
        crate::common::Ran::new(command.env("CUPS_SERVER", cups.socket()).arg("--json").output().unwrap())
    };
    let found = run(&["printers"]).json();
    assert_eq!(found["printers"][0]["id"], QUEUE, "{found}");
    assert_eq!(run(&["printers", QUEUE]).json()["printers"][0]["takes_pdf"], true);
    let none = run(&["printers", "No_Such"]);
    assert_eq!((none.code, none.json()["error"]["code"].as_str()), (3, Some("not_found")), "{none:?}");
    assert_eq!(run(&["jobs"]).json()["jobs"], serde_json::json!([]));
    cups.tell("cupsdisable", &[QUEUE]);
    let file = document::pdf(cups.path("").as_path(), "A4", false, 1);
    let document = Document { path: &file, title: "Held", size_mm: (210.0, 297.0) };
    let job = cups.ipp().submit(document, &ticket(), &|_| {}, &go).unwrap().job;
    let name = format!("{QUEUE}:{}", job.number);
    let listed = run(&["jobs"]).json();
    assert_eq!((&listed["jobs"][0]["number"], &listed["jobs"][0]["name"]), (&job.number.into(), &"Held".into()));
    assert_eq!(run(&["jobs", "--cancel", &name]).json()["jobs"][0]["state"], "cancelled");
    assert_eq!(run(&["jobs"]).json()["jobs"], serde_json::json!([]));
    assert_eq!(run(&["jobs", "--all"]).json()["jobs"][0]["state"], "cancelled");
    assert_eq!(run(&["jobs", "--cancel", &name]).code, 3);
}
