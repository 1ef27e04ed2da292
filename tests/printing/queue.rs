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
