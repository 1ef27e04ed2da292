//! Printers that vanish, stall, lie, refuse after accepting; print servers that are stopped or full.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lightkeep::domain::printers::{JobState, PrinterState, Ticket};
use lightkeep::print::printers::codec::{Attribute, Group, JOB, KEYWORD, MIME, Message, OPERATION, PRINTER, Value};
use lightkeep::print::printers::cups::Ipp;
use lightkeep::print::printers::wire::Place;
use lightkeep::print::printers::{Document, Limits, PrintFault, PrintSystem as _};

use crate::cups::{Cups, QUEUE};
use crate::{document, go};

/// What the stand-in does with a request: code of the operation, the connection behind its head, the way to answer.
type Answer = Box<dyn Fn(u16, &mut TcpStream) -> Option<Vec<u8>> + Send>;

/// A printer that does what a test says. It reads the head and the first bytes of a request, asks what to say, and says it.
struct Fake {
    port: u16,
    asked: Arc<Mutex<Vec<u16>>>,
    over: Arc<AtomicBool>,
}

impl Fake {
    fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let fake = Self { port: listener.local_addr().unwrap().port(), asked: Arc::default(), over: Arc::default() };
        let (asked, over) = (fake.asked.clone(), fake.over.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                let Some(code) = operation(&mut stream) else { continue };
                asked.lock().unwrap().push(code);
                if let Some(bytes) = answer(code, &mut stream) {
                    let _ = stream.write_all(&bytes);
                }
            }
        });
        fake
    }

    fn ticket(&self) -> Ticket {
        Ticket { printer: format!("ipp://127.0.0.1:{}/ipp/print", self.port), copies: 1, ..Ticket::default() }
    }

    fn asked(&self) -> Vec<u16> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Reads a request up to its operation; a small one whole, so that closing the connection is no reset.
fn operation(stream: &mut TcpStream) -> Option<u16> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend(&buffer[..count]);
        let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
        let length: usize = text.lines().find_map(|line| line.strip_prefix("Content-Length: "))?.parse().ok()?;
        let body = &bytes[head + 4..];
        if body.len() >= length.min(2048) {
            return Some(u16::from_be_bytes([body[2], body[3]]));
        }
    }
}

fn http(message: &Message) -> Vec<u8> {
    let body = message.encode();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), &body].concat()
}

fn said(code: u16, tag: u8, attributes: Vec<Attribute>) -> Vec<u8> {
    http(&Message { code, groups: vec![Group { tag, attributes }] })
}

fn printer(more: Vec<Attribute>) -> Vec<u8> {
    let operations = [2, 5, 6, 8, 9, 11].map(Value::Enum).to_vec();
    let mut attributes = vec![
        Attribute::text("document-format-supported", MIME, "application/pdf"),
        Attribute { name: "operations-supported".into(), values: operations },
        Attribute::one("printer-state", Value::Enum(3)),
    ];
    attributes.extend(more);
    said(0, PRINTER, attributes)
}

fn job(state: i32, reason: &str) -> Vec<u8> {
    said(
        0,
        JOB,
        vec![
            Attribute::one("job-id", Value::Integer(7)),
            Attribute::one("job-state", Value::Enum(state)),
            Attribute::text("job-state-reasons", KEYWORD, reason),
        ],
    )
}

fn quick() -> Ipp {
    let short = Duration::from_millis(400);
    let limits = Limits { connect: short, answer: short, stall: short };
    Ipp::at(Place::Socket("/nonexistent/cups.sock".into()), limits)
}

/// A document larger than what a connection keeps on its way.
fn large() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("large.pdf");
    std::fs::File::create(&file).unwrap().set_len(64 << 20).unwrap();
    (dir, file)
}

fn submit(fake: &Fake, stop: &(dyn Fn() -> bool + Sync)) -> PrintFault {
    let (_dir, file) = large();
    let document = Document { path: &file, title: "x", size_mm: (210.0, 297.0) };
    quick().submit(document, &fake.ticket(), &|_| {}, stop).unwrap_err()
}

#[track_caller]
fn one_line(fault: &PrintFault, words: &str) {
    let text = fault.to_string();
    assert!(text.contains(words) && !text.contains('\n') && text.len() < 300, "{text}");
}

#[test]
fn one_that_vanishes_in_the_middle_is_one_line_and_the_job_is_cancelled() {
    let fake = Fake::start(Box::new(|code, _| match code {
        0x000b => Some(printer(Vec::new())),
        0x0005 | 0x0008 => Some(job(3, "none")),
        _ => None,
    }));
    one_line(&submit(&fake, &go), "closed the connection");
    assert_eq!(fake.asked(), [0x000b, 0x0005, 0x0006, 0x0008]);
}

#[test]
fn one_that_stalls_ends_by_itself_and_at_once_where_somebody_stops_it() {
    let (hold, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let fake = Fake::start(Box::new(move |code, _| match code {
        0x000b => Some(printer(Vec::new())),
        0x0005 => Some(job(3, "none")),
        _ => {
            // The connection stays open, unread, until the test is over or the next request comes.
            let _ = wait.lock().unwrap().recv();
            None
        }
    }));
    one_line(&submit(&fake, &go), "no answer in time");
    let stopped = AtomicBool::new(false);
    let (_dir, file) = large();
    let document = Document { path: &file, title: "x", size_mm: (210.0, 297.0) };
    let _ = hold.send(());
    let _ = hold.send(());
    let limits = Limits { stall: Duration::from_secs(600), answer: Duration::from_secs(600), ..Limits::default() };
    let patient = Ipp::at(Place::Socket("/nonexistent".into()), limits);
    let sent = |_| stopped.store(true, Ordering::SeqCst);
    let fault = patient.submit(document, &fake.ticket(), &sent, &|| stopped.load(Ordering::SeqCst)).unwrap_err();
    assert_eq!(fault, PrintFault::Cancelled);
    drop(hold);
}

#[test]
fn one_that_refuses_after_accepting_says_why() {
    let fake = Fake::start(Box::new(|code, _| match code {
        0x000b => Some(printer(Vec::new())),
        0x0005 | 0x0008 => Some(job(3, "none")),
        _ => {
            let why = Attribute::text("status-message", 0x41, "No more\u{1b}[2J today\n");
            Some(said(0x0506, OPERATION, vec![why]))
        }
    }));
    let dir = tempfile::tempdir().unwrap();
    let file = document::pdf(dir.path(), "A4", false, 1);
    let document = Document { path: &file, title: "x", size_mm: (210.0, 297.0) };
    let fault = quick().submit(document, &fake.ticket(), &|_| {}, &go).unwrap_err();
    one_line(&fault, "takes no jobs at the moment: it says “No more [2J today”");
    assert_eq!(fake.asked().last(), Some(&0x0008), "the job is cancelled");
}

#[test]
fn one_that_is_out_of_paper_says_so() {
    let fake = Fake::start(Box::new(|code, _| match code {
        0x000b => Some(printer(vec![
            Attribute::one("printer-state", Value::Enum(5)),
            Attribute::text("printer-state-reasons", KEYWORD, "media-empty-error"),
        ])),
        0x0009 => Some(job(6, "media-empty")),
        _ => None,
    }));
    let id = fake.ticket().printer;
    let printer = quick().describe(&id, &go).unwrap();
    assert_eq!(printer.reasons, ["out of paper"]);
    let job = quick().job(&id, 7, &go).unwrap();
    assert_eq!((job.state, job.reasons.as_slice()), (JobState::Stopped, &["out of paper".to_owned()][..]));
    assert_ne!(printer.state, PrinterState::Away);
}

#[test]
fn lies_about_media_are_bounded_and_dropped() {
    fn size(x: Value, y: Value) -> Value {
        let size = Value::Collection(vec![Attribute::one("x-dimension", x), Attribute::one("y-dimension", y)]);
        Value::Collection(vec![Attribute::one("media-size", size)])
    }
    let number = Value::Integer;
    let mut rows = vec![
        size(number(-21_000), number(29_700)),
        size(number(0), number(0)),
        size(number(1_000_000), number(1_000_000)),
        size(Value::Boolean(true), Value::Text(KEYWORD, "a4".into())),
        size(Value::Range(i32::MIN, i32::MAX), Value::Range(1, i32::MAX)),
        Value::Integer(4),
        Value::Collection(Vec::new()),
        size(number(21_000), number(29_700)),
    ];
    rows.extend((0..20_000).map(|n| size(number(10_000 + n), number(20_000))));
    let margin = Attribute::one("media-top-margin-supported", number(-5));
    let types = [KEYWORD; 2].map(|tag| Value::Text(tag, "\u{1b}[2J".into())).to_vec();
    let attributes = vec![
        Attribute { name: "media-col-database".into(), values: rows },
        margin,
        Attribute { name: "media-type-supported".into(), values: types },
        Attribute::text("printer-info", 0x41, "\u{7}Evil\r\nprinter"),
        Attribute::one("copies-supported", Value::Range(1, i32::MAX)),
    ];
    let fake = Fake::start(Box::new(move |_, _| Some(printer(attributes.clone()))));
    let limits = Limits { answer: Duration::from_secs(60), ..Limits::default() };
    let printer = Ipp::at(Place::Socket("/nonexistent".into()), limits).describe(&fake.ticket().printer, &go).unwrap();
    assert_eq!(printer.media[0].label, "A4");
    assert_eq!(printer.media.len(), 1_000);
    for medium in &printer.media {
        assert!(medium.width_mm >= 20.0 && medium.height_mm <= 3_000.0 && !medium.key.is_empty(), "{medium:?}");
        assert!(medium.margins_mm.top >= 0.0 && !medium.is_borderless(), "{medium:?}");
    }
    assert_eq!((printer.name.as_str(), printer.most_copies, printer.kinds.len()), ("Evil  printer", 9_999, 0));
    if let Some(custom) = printer.custom {
        assert!(custom.least_mm.0 >= 20.0 && custom.most_mm.1 <= 3_000.0, "{custom:?}");
    }
}

#[test]
fn answers_that_are_too_large_or_none_end_as_one_line() {
    let cases: [(&str, Vec<u8>); 6] = [
        ("too large", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec()),
        ("too large", [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![7; 10 << 20]].concat()),
        ("no answer", b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()),
        ("in the middle", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab".to_vec()),
        ("no IPP", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec()),
        ("HTTP 500", b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec()),
    ];
    for (words, bytes) in cases {
        let fake = Fake::start(Box::new(move |_, _| Some(bytes.clone())));
        let limits = Limits { answer: Duration::from_secs(60), ..Limits::default() };
        let ipp = Ipp::at(Place::Socket("/nonexistent".into()), limits);
        one_line(&ipp.describe(&fake.ticket().printer, &go).unwrap_err(), words);
    }
}

#[test]
fn a_stopped_print_server_is_one_line_and_comes_back() {
    let mut cups = Cups::start();
    cups.stop();
    one_line(&cups.ipp().list(&go).unwrap_err(), "the print server does not answer");
    cups.run();
    assert_eq!(cups.ipp().list(&go).unwrap().len(), 1);
}

#[test]
fn a_full_spool_is_one_line_and_leaves_no_job() {
    let cups = Cups::start_with_spool_of("64k");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("large.pdf");
    std::fs::write(&file, [b"%PDF-1.7\n".to_vec(), vec![b'x'; 2 << 20]].concat()).unwrap();
    let document = Document { path: &file, title: "x", size_mm: (210.0, 297.0) };
    let ticket = Ticket { printer: QUEUE.into(), copies: 1, ..Ticket::default() };
    let fault = cups.ipp().submit(document, &ticket, &|_| {}, &go).unwrap_err();
    one_line(&fault, "room");
    assert!(cups.ipp().jobs(false, &go).unwrap().is_empty());
}

#[test]
fn the_internet_is_printed_to_with_encryption_only() {
    let fault = quick().describe("ipp://8.8.8.8/ipp/print", &go).unwrap_err();
    one_line(&fault, "needs encryption");
}
