//! Requests of IPP, and what their statuses mean in plain words.

use std::fs::File;

use super::codec::{Attribute, CHARSET, Group, LANGUAGE, Message, NAME, OPERATION, URI, Value, find};
use super::wire::{Body, Limits, Place, Stop, post};
use super::{PrintFault, plain};

/// `Print-Job`.
pub const PRINT_JOB: u16 = 0x0002;
/// `Create-Job`.
pub const CREATE_JOB: u16 = 0x0005;
/// `Send-Document`.
pub const SEND_DOCUMENT: u16 = 0x0006;
/// `Cancel-Job`.
pub const CANCEL_JOB: u16 = 0x0008;
/// `Get-Job-Attributes`.
pub const GET_JOB: u16 = 0x0009;
/// `Get-Jobs`.
pub const GET_JOBS: u16 = 0x000a;
/// `Get-Printer-Attributes`.
pub const GET_PRINTER: u16 = 0x000b;
/// `Restart-Job`.
pub const RESTART_JOB: u16 = 0x000e;
/// `CUPS-Get-Default`.
pub const CUPS_GET_DEFAULT: u16 = 0x4001;
/// `CUPS-Get-Printers`.
pub const CUPS_GET_PRINTERS: u16 = 0x4002;

/// `client-error-not-found`.
pub const NOT_FOUND: u16 = 0x0406;
/// `client-error-not-possible`.
pub const NOT_POSSIBLE: u16 = 0x0404;
/// `server-error-operation-not-supported`.
pub const NO_SUCH_OPERATION: u16 = 0x0501;

/// `server-error-busy`.
pub const BUSY: u16 = 0x0507;

/// Who answers requests for a printer: where it listens, and what it is called there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Where it listens.
    pub place: Place,
    /// The path of its HTTP address.
    pub path: String,
    /// `printer-uri`.
    pub uri: String,
}

/// An answer with its status.
#[derive(Debug)]
pub struct Answer {
    /// All of it.
    pub message: Message,
}

/// The name under which this user's jobs are known to a print server.
#[must_use]
pub fn user_name() -> String {
    #[cfg(unix)]
    {
        // The account's own name and not what a variable says: over a socket the server compares it with the process.
        let id = rustix::process::getuid().as_raw().to_string();
        let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let mut lines = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
        if let Some(line) = lines.find(|line| line.get(2) == Some(&id.as_str())) {
            return plain(line[0]);
        }
    }
    let name = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    name.map(|name| plain(&name)).filter(|name| !name.is_empty()).unwrap_or_else(|| "anonymous".to_owned())
}

impl Client {
    /// A request with the attributes that each must begin with.
    pub fn request(&self, code: u16) -> Message {
        let attributes = vec![
            Attribute::text("attributes-charset", CHARSET, "utf-8"),
            Attribute::text("attributes-natural-language", LANGUAGE, "en"),
            Attribute::text("printer-uri", URI, &self.uri),
        ];
        Message { code, groups: vec![Group { tag: OPERATION, attributes }] }
    }

    /// The same about a job.
    pub fn job_request(&self, code: u16, number: i32) -> Message {
        let mut request = self.request(code);
        add(&mut request, Attribute::one("job-id", Value::Integer(number)));
        add(&mut request, Attribute::text("requesting-user-name", NAME, &user_name()));
        request
    }

    /// Asks without a document.
    pub fn ask(&self, request: &Message, limits: Limits, stop: Stop<'_>) -> Result<Answer, PrintFault> {
        self.send(request, None, &|_| {}, limits, stop)
    }

    /// Asks, with a document behind the attributes. An answer that is a refusal is an error.
    pub fn send(
        &self,
        request: &Message,
        document: Option<&File>,
        sent: &dyn Fn(u64),
        limits: Limits,
        stop: Stop<'_>,
    ) -> Result<Answer, PrintFault> {
        let message = self.exchange(request, document, sent, limits, stop)?;
        if message.code < 0x0100 { Ok(Answer { message }) } else { Err(refusal(&message)) }
    }

    /// Asks, and returns the answer whatever its status.
    pub fn exchange(
        &self,
        request: &Message,
        document: Option<&File>,
        sent: &dyn Fn(u64),
        limits: Limits,
        stop: Stop<'_>,
    ) -> Result<Message, PrintFault> {
        use std::io::Seek as _;
        let head = request.encode();
        let (mut place, mut authorization) = (self.place.clone(), None);
        for _ in 0..3 {
            let unreadable = |_| PrintFault::Document("the document cannot be read".to_owned());
            let mut reading = document;
            let bytes = match &mut reading {
                Some(file) => {
                    file.rewind().map_err(unreadable)?;
                    file.metadata().map_err(unreadable)?.len()
                }
                None => 0,
            };
            let reader = reading.as_mut().map(|file| file as &mut dyn std::io::Read);
            let body = Body { head: &head, document: reader, document_bytes: bytes, sent };
            let answer = post(&place, &self.path, authorization.as_deref(), body, limits, stop)?;
            match (answer.status, &mut place) {
                (200, _) => {
                    return Message::decode(&answer.body)
                        .ok_or_else(|| PrintFault::Away(format!("what the printer says is no IPP: {}", self.uri)));
                }
                // Over its socket a print server of CUPS knows whose process it is.
                (401, Place::Socket(_)) if authorization.is_none() => {
                    authorization = Some(format!("PeerCred {}", user_name()));
                }
                (426, Place::Net { tls, .. }) if !*tls => *tls = true,
                (401 | 403, _) => {
                    return Err(PrintFault::Refused(format!(
                        "the print server does not let this account do that: ask whoever looks after it: {}",
                        self.uri
                    )));
                }
                (404, _) => {
                    return Err(PrintFault::NotFound(format!("there is no printer at this address: {}", self.uri)));
                }
                (413, _) => {
                    return Err(PrintFault::Refused(format!(
                        "the print server has no room for the document: {}",
                        self.uri
                    )));
                }
                (status, _) => {
                    return Err(PrintFault::Away(format!("the printer answers with HTTP {status}: {}", self.uri)));
                }
            }
        }
        Err(PrintFault::Refused(format!("the print server lets nobody in: {}", self.uri)))
    }
}

/// Adds an operation attribute.
pub fn add(request: &mut Message, attribute: Attribute) {
    if let Some(group) = request.groups.first_mut() {
        group.attributes.push(attribute);
    }
}

/// Names of attributes that are wanted.
pub fn wanted(names: &[&str]) -> Attribute {
    let values = names.iter().map(|name| Value::Text(super::codec::KEYWORD, (*name).to_owned())).collect();
    Attribute { name: "requested-attributes".to_owned(), values }
}

/// What a refusal means (RFC 8011, appendix B), with what the printer said itself.
pub fn refusal(message: &Message) -> PrintFault {
    let said = message.of(OPERATION).flat_map(|group| find(group, "status-message")).find_map(|value| match value {
        Value::Text(_, text) => Some(plain(text)),
        _ => None,
    });
    let words = match message.code {
        0x0401..=0x0403 => "the printer does not let this account do that",
        NOT_POSSIBLE => "the printer cannot do that now",
        0x0405 => "the printer waited too long for the document",
        NOT_FOUND => "the printer has no such job or queue",
        0x0407 => "it is no longer there",
        0x0408 => "the document is too large for the printer",
        0x040a => "the printer does not take PDF files",
        0x040b => "the printer does not take these options",
        0x0410 => "the document is compressed in a way that the printer does not know",
        0x0411 => "the printer finds the document broken",
        NO_SUCH_OPERATION => "the printer does not know how to do that",
        0x0502 => "the printer is not ready",
        0x0503 => "the printer speaks another version of IPP",
        0x0504 => "the printer has a fault",
        0x0505 => "the print server has no room or another passing trouble",
        0x0506 => "the printer takes no jobs at the moment",
        BUSY => "the printer is busy",
        0x0508 => "the job was cancelled at the printer",
        0x0400..=0x04ff => "the printer does not understand the request",
        _ => "the printer failed",
    };
    let text = match said.filter(|said| !said.is_empty()) {
        Some(said) => format!("{words}: it says “{said}”"),
        None => words.to_owned(),
    };
    match message.code {
        NOT_FOUND | 0x0407 => PrintFault::NotFound(text),
        0x0502 | 0x0504..=0x0507 => PrintFault::Away(text),
        _ => PrintFault::Refused(text),
    }
}
