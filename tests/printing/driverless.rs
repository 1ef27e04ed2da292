//! A driverless printer: what it says of itself, what it is told, what it gets.

use lightkeep::domain::layout::Margins;
use lightkeep::domain::printers::{JobState, Ticket, Via};
use lightkeep::print::printers::cups::Ipp;
use lightkeep::print::printers::wire::Place;
use lightkeep::print::printers::{Document, Limits, PrintFault, PrintSystem as _};

use crate::common::until;
use crate::eve::Eve;
use crate::{document, go};

fn ipp() -> Ipp {
    Ipp::at(Place::Socket("/nonexistent/cups.sock".into()), Limits::default())
}

fn ticket(eve: &Eve, scheme: &str) -> Ticket {
    Ticket {
        printer: eve.address(scheme),
        medium: Some("om_small-photo_100x150mm".into()),
        borderless: true,
        kind: Some("photographic-glossy".into()),
        source: Some("photo".into()),
        quality: Some("high".into()),
        colour_mode: Some("monochrome".into()),
        sides: Some("one-sided".into()),
        copies: 3,
    }
}

#[test]
fn it_says_what_it_can() {
    let eve = Eve::start(None);
    let printer = ipp().describe(&eve.address("ipp"), &go).unwrap();
    assert_eq!((printer.via, printer.name.as_str(), printer.model.as_str()), (Via::Ipp, "Photo printer", "Test Photo"));
    let media: Vec<_> = printer
        .media
        .iter()
        .map(|medium| (medium.key.as_str(), medium.label.as_str(), medium.is_borderless()))
        .collect();
    assert_eq!(
        media,
        [
            ("iso_a4_210x297mm", "A4", false),
            ("om_small-photo_100x150mm", "10×15 cm", false),
            ("om_small-photo_100x150mm", "10×15 cm", true),
        ]
    );
    assert_eq!(printer.media[0].margins_mm, Margins { top: 3.0, right: 3.0, bottom: 5.0, left: 3.0 });
    assert_eq!(printer.media[2].kind.as_ref().unwrap().label, "Glossy photo paper");
    assert_eq!(printer.media[2].source.as_ref().unwrap().label, "Photo tray");
    let custom = printer.custom.unwrap();
    assert_eq!((custom.least_mm, custom.most_mm), ((89.0, 127.0), (216.0, 1200.0)));
    assert_eq!(printer.default_medium.as_deref(), Some("iso_a4_210x297mm"));
    let keys =
        |list: &[lightkeep::domain::printers::Choice]| list.iter().map(|one| one.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&printer.qualities), ["draft", "normal", "high"]);
    assert_eq!(keys(&printer.colour_modes), ["color", "monochrome", "auto"]);
    assert_eq!(keys(&printer.sides), ["one-sided", "two-sided-long-edge", "two-sided-short-edge"]);
    assert_eq!((printer.most_copies, printer.takes_pdf), (99, true));
}

/// In the clear and through TLS with a certificate that the printer made itself.
#[test]
fn options_arrive_as_sent_and_the_document_byte_for_byte() {
    let eve = Eve::start(Some("exit 0"));
    let file = document::pdf(&eve.path("keys"), "10x15", false, 2);
    for scheme in ["ipp", "ipps"] {
        let before = eve.received();
        let document = Document { path: &file, title: "Portraits", size_mm: (100.0, 150.0) };
        let submitted = ipp().submit(document, &ticket(&eve, scheme), &|_| {}, &go).unwrap();
        assert_eq!(submitted.notes, [""; 0], "{scheme}");
        let number = submitted.job.number;
        until("the job is over", || ipp().job(&eve.address(scheme), number, &go).unwrap().state.is_over());
        let told = eve.attributes_of_job(number);
        for expected in [
            "media-col (collection) = {media-size={x-dimension=10000 y-dimension=15000} media-top-margin=0 \
             media-right-margin=0 media-bottom-margin=0 media-left-margin=0 media-type=photographic-glossy \
             media-source=photo}",
            "print-quality (enum) = high",
            "print-color-mode (keyword) = monochrome",
            "print-scaling (keyword) = none",
            "copies (integer) = 3",
            "sides (keyword) = one-sided",
            "job-name (nameWithoutLanguage) = Portraits",
        ] {
            assert!(told.contains(expected), "{scheme}: {expected} is not in {told}");
        }
        let received: Vec<_> = eve.received().into_iter().filter(|path| !before.contains(path)).collect();
        assert_eq!(received.len(), 1);
        assert!(std::fs::read(&received[0]).unwrap() == std::fs::read(&file).unwrap(), "{scheme}: other bytes");
        for (width, height) in document::page_sizes_mm(&received[0]) {
            assert!((width - 100.0).abs() < 0.1 && (height - 150.0).abs() < 0.1, "{width} {height}");
        }
    }
}

#[test]
fn what_it_does_not_offer_is_left_to_it_and_said() {
    let eve = Eve::start(None);
    let file = document::pdf(&eve.path("keys"), "A4", false, 1);
    let document = Document { path: &file, title: "Plain", size_mm: (210.0, 297.0) };
    let ticket = Ticket {
        printer: eve.address("ipp"),
        borderless: true,
        kind: Some("canvas".into()),
        quality: Some("superb".into()),
        copies: 500,
        ..Ticket::default()
    };
    let submitted = ipp().submit(document, &ticket, &|_| {}, &go).unwrap();
    let said = submitted.notes.join("\n");
    for expected in ["to the edge", "canvas", "superb", "at most 99 copies"] {
        assert!(said.contains(expected), "{expected} is not in {said}");
    }
    let told = eve.attributes_of_job(submitted.job.number);
    assert!(told.contains("x-dimension=21000 y-dimension=29700") && told.contains("copies (integer) = 99"), "{told}");
    // A sheet of any size between its limits, and one beyond them.
    let document = Document { size_mm: (150.0, 600.0), ..document };
    let submitted = ipp().submit(document, &Ticket { printer: eve.address("ipp"), ..Ticket::default() }, &|_| {}, &go);
    assert_eq!(submitted.unwrap().notes, [""; 0]);
    let document = Document { size_mm: (297.0, 420.0), ..document };
    let refused = ipp().submit(document, &ticket, &|_| {}, &go).unwrap_err().to_string();
    assert!(refused.contains("does not take these options") && !refused.contains('\n'), "{refused}");
    assert!(!told.contains("media-type") && !told.contains("print-quality"), "{told}");
}

#[test]
fn a_job_in_progress_is_cancelled_and_what_was_not_kept_is_not_printed_again() {
    // The command waits for a pipe that nobody writes to.
    let eve = Eve::start(Some("read line < \"$(dirname \"$0\")/never\""));
    assert!(std::process::Command::new("mkfifo").arg(eve.path("never")).status().unwrap().success());
    let file = document::pdf(&eve.path("keys"), "10x15", false, 1);
    let document = Document { path: &file, title: "Slow", size_mm: (100.0, 150.0) };
    let printer = eve.address("ipp");
    let job = ipp().submit(document, &ticket(&eve, "ipp"), &|_| {}, &go).unwrap().job;
    until("it prints", || ipp().job(&printer, job.number, &go).unwrap().state == JobState::Printing);
    ipp().cancel(&printer, job.number, &go).unwrap();
    // It ends for good once its command does.
    std::fs::write(eve.path("never"), "\n").unwrap();
    until("it is cancelled", || ipp().job(&printer, job.number, &go).unwrap().state == JobState::Cancelled);
    let again = ipp().cancel(&printer, job.number, &go).unwrap_err();
    assert!(matches!(&again, PrintFault::Refused(words) if words.contains("over already")), "{again:?}");
    let again = ipp().reprint(&printer, job.number, &go).unwrap_err();
    assert!(matches!(&again, PrintFault::Refused(words) if words.contains("did not keep")), "{again:?}");
    let none = ipp().job(&printer, 999, &go).unwrap_err();
    assert!(matches!(none, PrintFault::NotFound(_)), "{none:?}");
}
