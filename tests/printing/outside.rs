//! Ways that stand in the environment of a process: `lp`, and the desktop's dialog on the session bus. Each test starts
//! this test program once more, with an environment of its own.

use std::collections::HashMap;
use std::io::Read as _;
use std::process::Command;
use std::sync::mpsc;

use lightkeep::domain::printers::{JobState, PrinterState, Ticket, Via};
use lightkeep::print::printers::lp::Lp;
use lightkeep::print::printers::{Document, PrintFault, PrintSystem as _, System, nearby, portal};
use zbus::zvariant::{OwnedFd, OwnedObjectPath, OwnedValue, Value};

use crate::common::until;
use crate::cups::{Cups, QUEUE};
use crate::eve::{Eve, bus};
use crate::{document, go};

const PORTAL: &str = "/org/freedesktop/portal/desktop";

/// Runs a test of this program that is ignored otherwise.
#[track_caller]
fn inside(test: &str, envs: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]).envs(envs.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
fn where_ipp_is_shut_lp_prints() {
    let cups = Cups::start();
    let file = document::pdf(cups.path("").as_path(), "A4", false, 1);
    let socket = cups.socket();
    let envs = [("CUPS_SERVER", socket.to_str().unwrap()), ("LIGHTKEEP_DOCUMENT", file.to_str().unwrap())];
    inside("outside::lp_inside", &envs);
    let told = cups.attributes_of_job(1);
    for expected in ["print-scaling", "copies (integer) = 2", "job-name (nameWithoutLanguage) = By command; $(x)"] {
        assert!(told.contains(expected), "{expected} is not in {told}");
    }
    assert_eq!(cups.ended(QUEUE, 1).state, JobState::Done, "{}", cups.log());
    assert_eq!(cups.ended(QUEUE, 2).state, JobState::Cancelled);
}

#[test]
#[ignore = "a part of another test"]
fn lp_inside() {
    let file = std::path::PathBuf::from(std::env::var_os("LIGHTKEEP_DOCUMENT").unwrap());
    let printers = Lp.list(&go).unwrap();
    assert_eq!((printers[0].id.as_str(), printers[0].via), (QUEUE, Via::Lp));
    let ticket = Ticket { printer: QUEUE.into(), copies: 2, ..Ticket::default() };
    let document = Document { path: &file, title: "By command; $(x)", size_mm: (210.0, 297.0) };
    let job = Lp.submit(document, &ticket, &|_| {}, &go).unwrap().job;
    assert_eq!(job.number, 1);
    assert!(Command::new("cupsdisable").arg(QUEUE).env("PATH", "/usr/sbin:/usr/bin").status().unwrap().success());
    let job = Lp.submit(document, &ticket, &|_| {}, &go).unwrap().job;
    assert!(Lp.jobs(false, &go).unwrap().iter().any(|listed| listed.number == job.number));
    Lp.cancel(QUEUE, job.number, &go).unwrap();
    assert!(Command::new("cupsenable").arg(QUEUE).env("PATH", "/usr/sbin:/usr/bin").status().unwrap().success());
    let none = Lp.submit(document, &Ticket { printer: "None".into(), ..ticket }, &|_| {}, &go).unwrap_err();
    assert!(matches!(none, PrintFault::Refused(_)), "{none:?}");
}

/// A portal that takes what it is handed, and answers with a code.
struct Portal {
    code: u32,
    got: mpsc::Sender<(String, Vec<u8>)>,
}

#[zbus::interface(name = "org.freedesktop.portal.Print")]
impl Portal {
    async fn print(
        &self,
        _parent: &str,
        title: &str,
        file: OwnedFd,
        options: HashMap<String, OwnedValue>,
        #[zbus(header)] header: zbus::message::Header<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
    ) -> OwnedObjectPath {
        let mut bytes = Vec::new();
        std::fs::File::from(std::os::fd::OwnedFd::from(file)).read_to_end(&mut bytes).unwrap();
        self.got.send((title.to_owned(), bytes)).unwrap();
        let sender = header.sender().unwrap().trim_start_matches(':').replace('.', "_");
        let token = <&str>::try_from(&options["handle_token"]).unwrap();
        let path = OwnedObjectPath::try_from(format!("{PORTAL}/request/{sender}/{token}")).unwrap();
        let body = (self.code, HashMap::<String, Value<'_>>::new());
        let request = "org.freedesktop.portal.Request";
        bus.emit_signal(header.sender().cloned(), &path, request, "Response", &body).await.unwrap();
        path
    }
}

#[test]
fn the_desktops_dialog_gets_the_document() {
    for (code, expected) in [(0, "printed"), (1, "cancelled"), (2, "refused")] {
        let dir = tempfile::tempdir().unwrap();
        let (_bus, address) = bus(dir.path(), "session");
        let file = document::pdf(dir.path(), "A4", false, 1);
        let (got, wait) = mpsc::channel();
        let service = zbus::blocking::connection::Builder::address(address.as_str()).unwrap();
        let service = service.name("org.freedesktop.portal.Desktop").unwrap();
        let _service = service.serve_at(PORTAL, Portal { code, got }).unwrap().build().unwrap();
        let envs = [
            ("DBUS_SESSION_BUS_ADDRESS", address.as_str()),
            ("LIGHTKEEP_DOCUMENT", file.to_str().unwrap()),
            ("LIGHTKEEP_EXPECTED", expected),
        ];
        inside("outside::portal_inside", &envs);
        let (title, bytes) = wait.try_recv().unwrap();
        assert_eq!(title, "Holiday");
        assert!(bytes == std::fs::read(&file).unwrap(), "other bytes");
    }
}

#[test]
fn a_desktop_without_a_dialog_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (_bus, address) = bus(dir.path(), "session");
    let file = document::pdf(dir.path(), "A4", false, 1);
    let envs = [
        ("DBUS_SESSION_BUS_ADDRESS", address.as_str()),
        ("LIGHTKEEP_DOCUMENT", file.to_str().unwrap()),
        ("LIGHTKEEP_EXPECTED", "away"),
    ];
    inside("outside::portal_inside", &envs);
}

#[test]
#[ignore = "a part of another test"]
fn portal_inside() {
    let file = std::path::PathBuf::from(std::env::var_os("LIGHTKEEP_DOCUMENT").unwrap());
    let document = Document { path: &file, title: "Holiday", size_mm: (210.0, 297.0) };
    let seen = match portal::print(document, &go) {
        Ok(()) => "printed",
        Err(PrintFault::Cancelled) => "cancelled",
        Err(PrintFault::Refused(_)) => "refused",
        Err(PrintFault::Away(_)) => "away",
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(seen, std::env::var("LIGHTKEEP_EXPECTED").unwrap());
}

#[test]
fn a_printer_that_announces_itself_is_found() {
    let eve = Eve::start_announced();
    let address = eve.address("ipps");
    let envs = [
        ("DBUS_SYSTEM_BUS_ADDRESS", eve.bus()),
        ("LIGHTKEEP_EXPECTED", address.as_str()),
        ("CUPS_SERVER", "/nonexistent/cups.sock"),
    ];
    inside("outside::announced_inside", &envs);
}

#[test]
#[ignore = "a part of another test"]
fn announced_inside() {
    let expected = std::env::var("LIGHTKEEP_EXPECTED").unwrap();
    until("it is announced", || nearby::find(&go).iter().any(|one| one.name == "Photo printer"));
    let found = nearby::find(&go);
    assert_eq!(found.iter().map(|one| one.uri.as_str()).collect::<Vec<_>>(), [expected.as_str()]);
    let printers = System::default().list(&go).unwrap();
    assert_eq!(printers.len(), 1, "{printers:?}");
    let printer = &printers[0];
    assert_eq!((printer.id.as_str(), printer.via, printer.state), (expected.as_str(), Via::Ipp, PrinterState::Idle));
    assert_eq!((printer.name.as_str(), printer.media.len()), ("Photo printer", 3));
}
