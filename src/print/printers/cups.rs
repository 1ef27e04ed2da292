//! The print server of this computer (CUPS), and printers by their address: both are IPP.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::attributes::{self, Described};
use super::client::{
    BUSY, CANCEL_JOB, CREATE_JOB, CUPS_GET_DEFAULT, CUPS_GET_PRINTERS, Client, GET_JOB, GET_JOBS, GET_PRINTER,
    NO_SUCH_OPERATION, NOT_POSSIBLE, PRINT_JOB, RESTART_JOB, SEND_DOCUMENT, add, user_name, wanted,
};
use super::codec::{Attribute, Group, JOB, KEYWORD, MIME, Message, NAME, PRINTER, UNSUPPORTED, Value};
use super::wire::{Limits, Place, Stop};
use super::{Document, PrintFault, PrintSystem, Submitted, ticket};
use crate::domain::printers::{Job, Printer, PrinterState, Ticket, Via};

/// Queues that are listed, at most.
const MOST_QUEUES: usize = 200;
/// Jobs that are listed, at most.
const MOST_JOBS: i32 = 500;
/// How long a printer may be busy with another job before that is an error.
const WAIT_BUSY: Duration = Duration::from_secs(120);
/// Between two questions whether it still is.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// What may stand in a path as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Attributes of a job that are looked at.
const OF_JOB: [&str; 12] = [
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-state-message",
    "job-media-sheets-completed",
    "job-impressions-completed",
    "job-printer-uri",
    "job-printer-up-time",
    "time-at-creation",
    "date-time-at-creation",
    "job-originating-user-name",
];

/// Printers through IPP.
#[derive(Debug, Clone)]
pub struct Ipp {
    server: Place,
    limits: Limits,
}

/// Where the print server listens: what `CUPS_SERVER` says, else its socket, else its port.
#[must_use]
pub fn server(said: Option<&str>) -> Place {
    let sockets = ["/run/cups/cups.sock", "/var/run/cups/cups.sock", "/private/var/run/cupsd"];
    match said.map(str::trim).filter(|said| !said.is_empty()) {
        Some(path) if path.starts_with('/') => Place::Socket(PathBuf::from(path)),
        Some(said) => {
            // `host:port/version=1.1` is how old servers are named.
            let name = said.split('/').next().unwrap_or(said);
            let (host, port) = host_and_port(name).unwrap_or_else(|| (name.to_owned(), None));
            let tls = !is_loopback(&host);
            Place::Net { host, port: port.unwrap_or(631), tls }
        }
        None => match sockets.iter().map(PathBuf::from).find(|path| path.exists()) {
            Some(path) => Place::Socket(path),
            None => Place::Net { host: "localhost".to_owned(), port: 631, tls: false },
        },
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`.
fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':'))
        }
        None => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = match port {
        Some(port) => Some(port.parse::<u16>().ok().filter(|port| *port > 0)?),
        None => None,
    };
    let allowed = |c: char| c.is_alphanumeric() || "-._:%".contains(c);
    (!host.is_empty() && host.len() <= 253 && host.chars().all(allowed)).then(|| (host.to_owned(), port))
}

/// A printer by its address: `ipp://host:port/ipp/print` or `ipps://…`.
///
/// # Errors
/// What is wrong with the address.
pub fn by_address(uri: &str) -> Result<Client, PrintFault> {
    let wrong =
        || PrintFault::NotFound(format!("not a printer's address like ipp://host/ipp/print: {}", super::plain(uri)));
    let (scheme, rest) = uri.split_once("://").ok_or_else(wrong)?;
    let tls = match scheme.to_ascii_lowercase().as_str() {
        "ipp" => false,
        "ipps" => true,
        _ => return Err(wrong()),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    // Whoever writes a password into an address would find it in settings and lists again.
    let (host, port) = host_and_port(authority).ok_or_else(wrong)?;
    let safe = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}#".contains(c);
    if !path.chars().all(safe) || uri.len() > 1_000 {
        return Err(wrong());
    }
    let place = Place::Net { host, port: port.unwrap_or(631), tls };
    Ok(Client { place, path: format!("/{path}"), uri: uri.to_owned() })
}

pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Ipp {
    /// Through the print server of this computer.
    #[must_use]
    pub fn here() -> Self {
        Self::at(server(std::env::var("CUPS_SERVER").ok().as_deref()), Limits::default())
    }

    /// Through a certain print server.
    #[must_use]
    pub fn at(server: Place, limits: Limits) -> Self {
        Self { server, limits }
    }

    fn whole_server(&self) -> Client {
        Client { place: self.server.clone(), path: "/".to_owned(), uri: "ipp://localhost/".to_owned() }
    }

    /// Who answers for a printer, and how it is reached.
    fn client(&self, printer: &str) -> Result<(Client, Via), PrintFault> {
        if printer.contains("://") {
            return by_address(printer).map(|client| (client, Via::Ipp));
        }
        if printer.is_empty() || printer.len() > 255 || printer.chars().any(|c| c.is_control() || "/?#\\".contains(c)) {
            return Err(PrintFault::NotFound(format!("this is no printer's name: {}", super::plain(printer))));
        }
        let path = format!("/printers/{}", utf8_percent_encode(printer, IN_PATH));
        let uri = format!("ipp://localhost{path}");
        Ok((Client { place: self.server.clone(), path, uri }, Via::Cups))
    }

    /// Everything about a printer.
    ///
    /// # Errors
    /// Where there is none, or it does not answer.
    pub fn describe_whole(&self, printer: &str, stop: Stop<'_>) -> Result<Described, PrintFault> {
        let (client, via) = self.client(printer)?;
        let mut request = client.request(GET_PRINTER);
        add(&mut request, Attribute::text("requesting-user-name", NAME, &user_name()));
        add(&mut request, wanted(&["all", "media-col-database"]));
        let answer = client.ask(&request, self.limits, stop).map_err(|fault| match fault {
            PrintFault::NotFound(_) => {
                PrintFault::NotFound(format!("there is no printer of this name: {}", super::plain(printer)))
            }
            other => other,
        })?;
        let attributes = answer.message.of(PRINTER).next().unwrap_or_default();
        Ok(attributes::printer(printer, via, attributes))
    }

    /// The names of all queues, and of the default.
    ///
    /// # Errors
    /// Where the print server does not answer.
    pub fn queues(&self, stop: Stop<'_>) -> Result<(Vec<String>, Option<String>), PrintFault> {
        let client = self.whole_server();
        let ask = |code: u16| {
            let mut request = client.request(code);
            add(&mut request, wanted(&["printer-name"]));
            client.exchange(&request, None, &|_| {}, self.limits, stop)
        };
        let names = |message: &Message| -> Vec<String> {
            message
                .of(PRINTER)
                .map(|group| attributes::text(group, "printer-name"))
                .filter(|name| !name.is_empty())
                .collect()
        };
        // A server without a queue says "not found", which is an answer.
        let mut queues = names(&ask(CUPS_GET_PRINTERS)?);
        queues.truncate(MOST_QUEUES);
        let default = ask(CUPS_GET_DEFAULT).ok().and_then(|message| names(&message).into_iter().next());
        Ok((queues, default))
    }

    fn read_jobs(&self, message: &Message, fallback: &str) -> Vec<Job> {
        let found = message.of(JOB).take(MOST_JOBS as usize).filter_map(|group| {
            let uri = attributes::text(group, "job-printer-uri");
            let queue = uri.rsplit('/').next().filter(|_| uri.contains("/printers/") || uri.contains("/classes/"));
            let queue = queue.map(|name| percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned());
            let printer = if fallback.is_empty() { queue? } else { fallback.to_owned() };
            attributes::job(&super::plain(&printer), group, now_ms())
        });
        found.collect()
    }

    fn operation(&self, code: u16, printer: &str, number: i32, stop: Stop<'_>) -> Result<Message, PrintFault> {
        let (client, _) = self.client(printer)?;
        let request = client.job_request(code, number);
        client.exchange(&request, None, &|_| {}, self.limits, stop)
    }
}

/// Names of what the printer did not take although it lists it.
fn not_taken(message: &Message, notes: &mut Vec<String>) {
    for attribute in message.of(UNSUPPORTED).flatten().take(20) {
        notes.push(format!("the printer did not take this option: {}", super::plain(&attribute.name)));
    }
}

impl PrintSystem for Ipp {
    fn list(&self, stop: Stop<'_>) -> Result<Vec<Printer>, PrintFault> {
        let (queues, default) = self.queues(stop)?;
        let mut printers = Vec::new();
        for queue in queues {
            match self.describe_whole(&queue, stop) {
                Ok(described) => printers.push(described.printer),
                Err(PrintFault::Cancelled) => return Err(PrintFault::Cancelled),
                // Removed in between.
                Err(PrintFault::NotFound(_)) => {}
                Err(fault) => printers.push(away(&queue, Via::Cups, &fault)),
            }
        }
        for printer in &mut printers {
            printer.is_default = Some(&printer.id) == default.as_ref();
        }
        Ok(printers)
    }

    fn describe(&self, printer: &str, stop: Stop<'_>) -> Result<Printer, PrintFault> {
        self.describe_whole(printer, stop).map(|described| described.printer)
    }

    fn submit(
        &self,
        document: Document<'_>,
        ticket: &Ticket,
        sent: &dyn Fn(u64),
        stop: Stop<'_>,
    ) -> Result<Submitted, PrintFault> {
        let described = self.describe_whole(&ticket.printer, stop)?;
        let printer = &described.printer;
        if !printer.accepts_jobs {
            return Err(PrintFault::Refused(format!("the printer takes no jobs at the moment: {}", printer.name)));
        }
        if !printer.takes_pdf {
            return Err(PrintFault::Refused(format!(
                "this printer takes no PDF: add it to the print server of this computer, which translates: {}",
                printer.name
            )));
        }
        let unreadable = |_| PrintFault::Document(format!("the document cannot be read: {}", document.path.display()));
        let file = File::open(document.path).map_err(unreadable)?;
        let (job_attributes, mut notes) = ticket::attributes(ticket, &described, document.size_mm);
        let (client, _) = self.client(&ticket.printer)?;
        let can = |code: u16| described.operations.contains(&i32::from(code));
        let two_steps = can(CREATE_JOB) && can(SEND_DOCUMENT);
        let mut request = client.request(if two_steps { CREATE_JOB } else { PRINT_JOB });
        add(&mut request, Attribute::text("requesting-user-name", NAME, &user_name()));
        add(&mut request, Attribute::text("job-name", NAME, &title(document.title)));
        add(&mut request, Attribute::one("ipp-attribute-fidelity", Value::Boolean(false)));
        if !two_steps {
            add(&mut request, Attribute::text("document-format", MIME, "application/pdf"));
        }
        request.groups.push(Group { tag: JOB, attributes: job_attributes });
        let document_now = (!two_steps).then_some(&file);
        let started = Instant::now();
        let message = loop {
            let message = client.exchange(&request, document_now, sent, self.limits, stop)?;
            // A small printer has room for one job: it says so, and is asked again.
            if message.code != BUSY || started.elapsed() > WAIT_BUSY {
                break message;
            }
            let until = Instant::now() + ASK_AGAIN;
            while Instant::now() < until {
                if stop() {
                    return Err(PrintFault::Cancelled);
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        };
        if message.code >= 0x0100 {
            return Err(super::client::refusal(&message));
        }
        not_taken(&message, &mut notes);
        let mut jobs = self.read_jobs(&message, &ticket.printer);
        let Some(mut job) = jobs.pop() else {
            return Err(PrintFault::Refused("the printer took the document and named no job".to_owned()));
        };
        if two_steps {
            self.send_document(&client, &job, &file, sent, stop)?;
        }
        job.name = title(document.title);
        // What it says a moment later is truer; a printer that is gone already has the document all the same.
        if let Ok(later) = self.job(&ticket.printer, job.number, stop) {
            job = later;
        }
        Ok(Submitted { job, notes })
    }

    fn jobs(&self, all: bool, stop: Stop<'_>) -> Result<Vec<Job>, PrintFault> {
        let client = self.whole_server();
        let mut request = client.request(GET_JOBS);
        add(&mut request, Attribute::text("requesting-user-name", NAME, &user_name()));
        add(&mut request, Attribute::text("which-jobs", KEYWORD, if all { "all" } else { "not-completed" }));
        add(&mut request, Attribute::one("limit", Value::Integer(MOST_JOBS)));
        add(&mut request, wanted(&OF_JOB));
        let answer = client.ask(&request, self.limits, stop)?;
        let mut jobs = self.read_jobs(&answer.message, "");
        jobs.sort_by_key(|job| std::cmp::Reverse((job.created_ms, job.number)));
        Ok(jobs)
    }

    fn job(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<Job, PrintFault> {
        let (client, _) = self.client(printer)?;
        let mut request = client.job_request(GET_JOB, number);
        add(&mut request, wanted(&OF_JOB));
        let answer = client.ask(&request, self.limits, stop)?;
        let job = self.read_jobs(&answer.message, printer).pop();
        job.ok_or_else(|| PrintFault::NotFound(format!("the printer has no such job: {printer}:{number}")))
    }

    fn cancel(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<(), PrintFault> {
        let message = self.operation(CANCEL_JOB, printer, number, stop)?;
        match message.code {
            code if code < 0x0100 => Ok(()),
            NOT_POSSIBLE => Err(PrintFault::Refused(format!("the job is over already: {printer}:{number}"))),
            _ => Err(super::client::refusal(&message)),
        }
    }

    fn reprint(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<Job, PrintFault> {
        let message = self.operation(RESTART_JOB, printer, number, stop)?;
        match message.code {
            code if code < 0x0100 => self.job(printer, number, stop),
            NOT_POSSIBLE | NO_SUCH_OPERATION => Err(PrintFault::Refused(format!(
                "the printer did not keep the document, or is not done with it: print the photos once more: \
                 {printer}:{number}"
            ))),
            _ => Err(super::client::refusal(&message)),
        }
    }
}

impl Ipp {
    fn send_document(
        &self,
        client: &Client,
        job: &Job,
        file: &File,
        sent: &dyn Fn(u64),
        stop: Stop<'_>,
    ) -> Result<(), PrintFault> {
        let mut request = client.job_request(SEND_DOCUMENT, job.number);
        add(&mut request, Attribute::text("document-format", MIME, "application/pdf"));
        add(&mut request, Attribute::one("last-document", Value::Boolean(true)));
        let result = client.send(&request, Some(file), sent, self.limits, stop);
        result.map(drop).inspect_err(|_| {
            // Half a job would wait at the printer for ever. It has a moment to hear of it, and no more.
            let short = Limits { answer: self.limits.connect, stall: self.limits.connect, ..self.limits };
            let _ = client.ask(&client.job_request(CANCEL_JOB, job.number), short, &|| false);
        })
    }
}

/// A printer that does not answer.
pub(super) fn away(id: &str, via: Via, fault: &PrintFault) -> Printer {
    let mut described = attributes::printer(id, via, &[]).printer;
    described.state = PrinterState::Away;
    described.reasons = vec![fault.to_string()];
    described.accepts_jobs = false;
    described
}

fn title(text: &str) -> String {
    let text = super::plain(text);
    if text.is_empty() { "Lightkeep".to_owned() } else { text }
}
