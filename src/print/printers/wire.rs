//! One request to a print server over HTTP, and its answer: with limits for everything that may not end.
//!
//! A print server on this computer is spoken to in the clear, over its socket or loopback. A printer in the network is
//! spoken to through TLS where it announces `ipps`; its certificate is one that it made itself, so that nobody can say
//! whose it is: what is sent cannot be read on the way, but a machine that takes the printer's address would not be
//! noticed. In the clear only to addresses of private networks (RFC 1918, 3927, 4193), never over the internet.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::PrintFault;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until the answer is whole, once the request is sent.
    pub answer: Duration,
    /// Without a byte of progress while a document is sent.
    pub stall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), answer: Duration::from_secs(20), stall: Duration::from_secs(20) }
    }
}

/// How often a waiting connection looks whether it shall stop.
const LOOK: Duration = Duration::from_millis(100);
/// The largest answer: a printer with thousands of media stays far below.
const MOST_ANSWER: usize = 8 << 20;
/// The largest head of an answer.
const MOST_HEAD: usize = 32 << 10;

/// Where the other side listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A socket of this computer.
    Socket(PathBuf),
    /// A host and a port.
    Net {
        /// Name or address, without brackets.
        host: String,
        /// The port.
        port: u16,
        /// Whether TLS is spoken from the first byte.
        tls: bool,
    },
}

/// An answer of HTTP.
#[derive(Debug)]
pub struct HttpAnswer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// Whether somebody wants it to end.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// A document on its way.
pub struct Body<'a> {
    /// What stands before it.
    pub head: &'a [u8],
    /// The document.
    pub document: Option<&'a mut dyn Read>,
    /// Its length in bytes.
    pub document_bytes: u64,
    /// Told of the bytes of the document that are sent.
    pub sent: &'a dyn Fn(u64),
}

trait Duplex: Read + Write {}
impl<T: Read + Write> Duplex for T {}

fn away(place: &Place, why: &str) -> PrintFault {
    PrintFault::Away(match place {
        Place::Socket(path) => format!("the print server does not answer ({why}): {}", path.display()),
        Place::Net { host, port, .. } => format!("the printer does not answer ({why}): {host}:{port}"),
    })
}

/// Whether an address belongs to this computer or to a private network.
pub fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_near(IpAddr::V4(v4)),
            None => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        },
    }
}

/// Name resolution has no time limit of its own: it runs beside, and is left behind where it hangs.
fn resolve(host: &str, port: u16, limit: Duration) -> Option<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Some(vec![SocketAddr::new(address, port)]);
    }
    let (say, hear) = std::sync::mpsc::channel();
    let name = host.to_owned();
    std::thread::Builder::new()
        .name("resolve".to_owned())
        .spawn(move || {
            let found = (name.as_str(), port).to_socket_addrs().map(|all| all.take(8).collect::<Vec<_>>());
            let _ = say.send(found.ok());
        })
        .ok()?;
    hear.recv_timeout(limit).ok()?.filter(|found| !found.is_empty())
}

fn connect(place: &Place, limits: Limits) -> Result<Box<dyn Duplex>, PrintFault> {
    let (host, port, tls) = match place {
        #[cfg(unix)]
        Place::Socket(path) => {
            let stream = std::os::unix::net::UnixStream::connect(path).map_err(|error| away(place, words(&error)))?;
            let set = stream.set_read_timeout(Some(LOOK)).and_then(|()| stream.set_write_timeout(Some(LOOK)));
            set.map_err(|error| away(place, words(&error)))?;
            return Ok(Box::new(stream));
        }
        #[cfg(not(unix))]
        Place::Socket(_) => return Err(away(place, "there are no sockets on this system")),
        Place::Net { host, port, tls } => (host, *port, *tls),
    };
    let found = resolve(host, port, limits.connect).ok_or_else(|| away(place, "its name is not known"))?;
    let near: Vec<SocketAddr> = found.into_iter().filter(|address| tls || is_near(address.ip())).collect();
    if near.is_empty() {
        return Err(PrintFault::Refused(format!(
            "printing over the internet needs encryption: use an address that begins with ipps://: {host}"
        )));
    }
    let mut last = away(place, "nobody listens");
    for address in near {
        match TcpStream::connect_timeout(&address, limits.connect) {
            Ok(stream) => {
                let set = stream.set_read_timeout(Some(LOOK)).and_then(|()| stream.set_write_timeout(Some(LOOK)));
                set.and_then(|()| stream.set_nodelay(true)).map_err(|error| away(place, words(&error)))?;
                return if tls { wrapped(stream, host) } else { Ok(Box::new(stream)) };
            }
            Err(error) => last = away(place, words(&error)),
        }
    }
    Err(last)
}

fn words(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::NotFound => "nobody listens",
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "no answer in time",
        ErrorKind::PermissionDenied => "access is denied",
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => "it closed the connection",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "there is no way to it",
        ErrorKind::InvalidData => "encryption failed",
        _ => "the connection failed",
    }
}

/// TLS to somebody whose certificate says nothing (see the head of this file).
fn wrapped(stream: TcpStream, host: &str) -> Result<Box<dyn Duplex>, PrintFault> {
    let wrong = |_| PrintFault::Away(format!("the printer's address cannot be used for encryption: {host}"));
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| PrintFault::Away("encryption is not possible here".to_owned()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Unknown))
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from(host.to_owned()).map_err(wrong)?;
    let client = rustls::ClientConnection::new(Arc::new(config), name)
        .map_err(|_| PrintFault::Away("encryption is not possible here".to_owned()))?;
    Ok(Box::new(rustls::StreamOwned::new(client, stream)))
}

/// Takes any certificate.
#[derive(Debug)]
struct Unknown;

impl rustls::client::danger::ServerCertVerifier for Unknown {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

struct Line<'a> {
    stream: Box<dyn Duplex>,
    place: &'a Place,
    stop: Stop<'a>,
}

enum Broken {
    /// Somebody wants it to end.
    Stopped,
    /// The other side, and why.
    Io(std::io::Error),
}

impl Line<'_> {
    /// Carries out one read or write, again and again until something happens.
    fn attempt(
        &mut self,
        until: Instant,
        mut what: impl FnMut(&mut dyn Duplex) -> std::io::Result<usize>,
    ) -> Result<usize, Broken> {
        loop {
            if (self.stop)() {
                return Err(Broken::Stopped);
            }
            match what(self.stream.as_mut()) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if Instant::now() >= until {
                        return Err(Broken::Io(ErrorKind::TimedOut.into()));
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result.map_err(Broken::Io),
            }
        }
    }

    fn write(&mut self, mut bytes: &[u8], stall: Duration) -> Result<(), Broken> {
        while !bytes.is_empty() {
            let count = self.attempt(Instant::now() + stall, |stream| stream.write(bytes))?;
            if count == 0 {
                return Err(Broken::Io(ErrorKind::WriteZero.into()));
            }
            bytes = &bytes[count..];
        }
        Ok(())
    }

    fn fault(&self, broken: Broken) -> PrintFault {
        match broken {
            Broken::Stopped => PrintFault::Cancelled,
            Broken::Io(error) => away(self.place, words(&error)),
        }
    }
}

/// Sends a request and reads the answer, over a connection of its own.
pub fn post(
    place: &Place,
    path: &str,
    authorization: Option<&str>,
    body: Body<'_>,
    limits: Limits,
    stop: Stop<'_>,
) -> Result<HttpAnswer, PrintFault> {
    let host = match place {
        Place::Socket(_) => "localhost".to_owned(),
        Place::Net { host, port, .. } if host.contains(':') => format!("[{host}]:{port}"),
        Place::Net { host, port, .. } => format!("{host}:{port}"),
    };
    let length = body.head.len() as u64 + body.document_bytes;
    let mut head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/ipp\r\nContent-Length: {length}\r\n\
         User-Agent: Lightkeep\r\nConnection: close\r\n"
    );
    if let Some(words) = authorization {
        head.push_str(&format!("Authorization: {words}\r\n"));
    }
    head.push_str("\r\n");
    let mut line = Line { stream: connect(place, limits)?, place, stop };
    let first = [head.as_bytes(), body.head].concat();
    let sent = line.write(&first, limits.stall).map_err(Sending::Line).and_then(|()| match body.document {
        Some(document) => send_document(&mut line, document, body.document_bytes, body.sent, limits),
        None => Ok(()),
    });
    match sent {
        Ok(()) => read_answer(&mut line, limits),
        Err(Sending::File(fault)) => Err(fault),
        Err(Sending::Line(Broken::Stopped)) => Err(PrintFault::Cancelled),
        // Who refuses in the middle may have said why before closing.
        Err(Sending::Line(broken)) => {
            let fault = line.fault(broken);
            match read_answer(&mut line, Limits { answer: limits.connect, ..limits }) {
                Ok(answer) if answer.status != 200 || !answer.body.is_empty() => Ok(answer),
                Err(PrintFault::Cancelled) => Err(PrintFault::Cancelled),
                _ => Err(fault),
            }
        }
    }
}

enum Sending {
    Line(Broken),
    File(PrintFault),
}

fn send_document(
    line: &mut Line<'_>,
    document: &mut dyn Read,
    bytes: u64,
    sent: &dyn Fn(u64),
    limits: Limits,
) -> Result<(), Sending> {
    let file = |why: &str| Sending::File(PrintFault::Document(format!("the document cannot be read ({why})")));
    let mut buffer = vec![0; 64 << 10];
    let mut done = 0;
    while done < bytes {
        let want = buffer.len().min(usize::try_from(bytes - done).unwrap_or(usize::MAX));
        let count = document.read(&mut buffer[..want]).map_err(|error| file(words(&error)))?;
        if count == 0 {
            return Err(file("it became shorter"));
        }
        line.write(&buffer[..count], limits.stall).map_err(Sending::Line)?;
        done += count as u64;
        sent(done);
    }
    Ok(())
}

fn read_answer(line: &mut Line<'_>, limits: Limits) -> Result<HttpAnswer, PrintFault> {
    let until = Instant::now() + limits.answer;
    let mut bytes = Vec::new();
    loop {
        let (status, length, chunked, end) = read_head(line, &mut bytes, until)?;
        bytes.drain(..end);
        if status / 100 == 1 {
            continue;
        }
        let body = if chunked {
            read_chunks(line, &mut bytes, until)?
        } else {
            let most = length.unwrap_or(usize::MAX);
            while bytes.len() < most {
                if !more(line, &mut bytes, until)? {
                    break;
                }
            }
            if length.is_some_and(|length| bytes.len() < length) {
                return Err(away(line.place, "its answer ends in the middle"));
            }
            bytes.truncate(most);
            std::mem::take(&mut bytes)
        };
        return Ok(HttpAnswer { status, body });
    }
}

/// Reads on; `false` at the end. Slow answers end at `until` however many bytes trickle in.
fn more(line: &mut Line<'_>, bytes: &mut Vec<u8>, until: Instant) -> Result<bool, PrintFault> {
    if Instant::now() >= until {
        return Err(away(line.place, "no answer in time"));
    }
    if bytes.len() > MOST_ANSWER {
        return Err(away(line.place, "its answer is too large"));
    }
    let mut buffer = [0; 16 << 10];
    match line.attempt(until, |stream| stream.read(&mut buffer)) {
        Ok(count) => {
            bytes.extend(&buffer[..count]);
            Ok(count > 0)
        }
        // Closing without TLS's good-bye is what most printers do.
        Err(Broken::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(broken) => Err(line.fault(broken)),
    }
}

type Head = (u16, Option<usize>, bool, usize);

fn read_head(line: &mut Line<'_>, bytes: &mut Vec<u8>, until: Instant) -> Result<Head, PrintFault> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut answer = httparse::Response::new(&mut headers);
        match answer.parse(bytes) {
            Ok(httparse::Status::Complete(end)) => {
                let value = |name: &str| {
                    let found = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
                    found.and_then(|header| std::str::from_utf8(header.value).ok()).map(str::trim)
                };
                let chunked = value("Transfer-Encoding").is_some_and(|how| how.eq_ignore_ascii_case("chunked"));
                let length = value("Content-Length").and_then(|text| text.parse::<usize>().ok());
                if length.is_some_and(|length| length > MOST_ANSWER) {
                    return Err(away(line.place, "its answer is too large"));
                }
                return Ok((answer.code.unwrap_or(0), length, chunked, end));
            }
            Ok(httparse::Status::Partial) if bytes.len() < MOST_HEAD => {
                if !more(line, bytes, until)? {
                    return Err(away(line.place, "it closed the connection"));
                }
            }
            _ => return Err(away(line.place, "what it says is no answer")),
        }
    }
}

fn read_chunks(line: &mut Line<'_>, bytes: &mut Vec<u8>, until: Instant) -> Result<Vec<u8>, PrintFault> {
    let mut body = Vec::new();
    loop {
        match httparse::parse_chunk_size(bytes) {
            Ok(httparse::Status::Complete((_, 0))) => return Ok(body),
            Ok(httparse::Status::Complete((start, size))) => {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                if size > MOST_ANSWER - body.len().min(MOST_ANSWER) {
                    return Err(away(line.place, "its answer is too large"));
                }
                while bytes.len() < start + size + 2 {
                    if !more(line, bytes, until)? {
                        return Err(away(line.place, "its answer ends in the middle"));
                    }
                }
                body.extend(&bytes[start..start + size]);
                bytes.drain(..start + size + 2);
            }
            Ok(httparse::Status::Partial) if bytes.len() < MOST_HEAD => {
                if !more(line, bytes, until)? {
                    return Err(away(line.place, "its answer ends in the middle"));
                }
            }
            _ => return Err(away(line.place, "what it says is no answer")),
        }
    }
}
