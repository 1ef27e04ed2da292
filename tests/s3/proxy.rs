//! A line to a server that breaks on purpose: lost answers, cut and stalled bodies, lies, refusals.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of a request.
pub enum Twist {
    /// It goes on as it is.
    Pass,
    /// This is answered instead: status and code.
    Refuse(u16, &'static str),
    /// It is done, and its answer never arrives.
    LoseAnswer,
    /// The connection is closed as soon as its head was read.
    Drop,
    /// Nothing of its body is read, and nothing is answered.
    StallBody,
    /// It is read, and never answered.
    Hang,
    /// So many bytes of the answer's body arrive, then the connection ends.
    CutAnswer(usize),
    /// So many bytes of the answer's body arrive, then nothing.
    StallAnswer(usize),
    /// The answer arrives in pieces of so many bytes.
    Trickle(usize),
    /// A header of the answer says something else, or is missing.
    Header(&'static str, Option<String>),
    /// One bit of its body is another.
    Flip,
}

/// One request, as it came.
#[derive(Clone)]
pub struct Request {
    /// Request line and headers.
    pub head: String,
    pub method: String,
    /// Path and query, as on the line.
    pub target: String,
}

impl Request {
    /// A header.
    pub fn header(&self, name: &str) -> Option<String> {
        header(&self.head, name)
    }

    /// What it is: `PutObject` and so on.
    pub fn operation(&self) -> &'static str {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let has = |name: &str| query.split('&').any(|part| part.split('=').next() == Some(name));
        match self.method.as_str() {
            "HEAD" => "HeadObject",
            "PUT" if has("partNumber") && self.header("x-amz-copy-source").is_some() => "UploadPartCopy",
            "PUT" if has("partNumber") => "UploadPart",
            "PUT" if self.header("x-amz-copy-source").is_some() => "CopyObject",
            "PUT" => "PutObject",
            "POST" if has("uploads") => "CreateMultipartUpload",
            "POST" => "CompleteMultipartUpload",
            "DELETE" if has("uploadId") => "AbortMultipartUpload",
            "DELETE" => "DeleteObject",
            _ if has("versions") => "ListObjectVersions",
            _ if has("versioning") => "GetBucketVersioning",
            _ if has("uploadId") => "ListParts",
            _ => "GetObject",
        }
    }
}

type Decide = dyn FnMut(&Request) -> Twist + Send;

/// Runs until it is dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: String,
    stop: AtomicBool,
    decide: Mutex<Box<Decide>>,
    seen: Mutex<Vec<Request>>,
}

impl Proxy {
    pub fn before(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            upstream: upstream.trim_start_matches("http://").to_owned(),
            stop: AtomicBool::new(false),
            decide: Mutex::new(Box::new(|_| Twist::Pass)),
            seen: Mutex::default(),
        });
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if all.stop.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&all);
                std::thread::spawn(move || drop(serve(stream.unwrap(), &shared)));
            }
        });
        Self { port, shared }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Twists from now on, and forgets what came before.
    pub fn twist(&self, decide: impl FnMut(&Request) -> Twist + Send + 'static) {
        *self.shared.decide.lock().unwrap() = Box::new(decide);
        self.shared.seen.lock().unwrap().clear();
    }

    /// Twists the first so many requests of one kind.
    pub fn first(&self, times: usize, operation: &'static str, twist: impl Fn() -> Twist + Send + 'static) {
        let mut left = times;
        self.twist(move |request| {
            if left > 0 && request.operation() == operation {
                left -= 1;
                return twist();
            }
            Twist::Pass
        });
    }

    /// Twists every request of one kind.
    pub fn every(&self, operation: &'static str, twist: impl Fn() -> Twist + Send + 'static) {
        self.first(usize::MAX, operation, twist);
    }

    /// What came since the last twist.
    pub fn seen(&self) -> Vec<Request> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Which parts came since the last twist, each once however often it was sent.
    pub fn parts(&self) -> std::collections::BTreeSet<u32> {
        let number = |request: &Request| {
            let (_, query) = request.target.split_once('?')?;
            query.split('&').find_map(|part| part.strip_prefix("partNumber="))?.parse().ok()
        };
        self.seen().iter().filter(|request| request.operation() == "UploadPart").filter_map(number).collect()
    }

    /// How many requests of a kind came since the last twist.
    pub fn count(&self, operation: &str) -> usize {
        self.seen().iter().filter(|request| request.operation() == operation).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    while let Some((head, rest)) = read_head(&mut stream)? {
        let mut words = head.split(' ');
        let (method, target) = (words.next().unwrap_or_default().into(), words.next().unwrap_or_default().into());
        let request = Request { head, method, target };
        let twist = (shared.decide.lock().unwrap())(&request);
        shared.seen.lock().unwrap().push(request.clone());
        match twist {
            Twist::Drop => return Ok(()),
            Twist::StallBody => return wait(shared),
            _ => {}
        }
        let mut body = read_body(&mut stream, &request.head, rest)?;
        match twist {
            Twist::Refuse(status, code) => {
                let text =
                    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>twisted</Message></Error>");
                let text = if request.method == "HEAD" { String::new() } else { text };
                let kind = "content-type: application/xml\r\nx-amz-request-id: twisted";
                write!(stream, "HTTP/1.1 {status} Twisted\r\n{kind}\r\ncontent-length: {}\r\n\r\n{text}", text.len())?;
                continue;
            }
            Twist::Hang => return wait(shared),
            Twist::Flip => {
                let middle = body.len() / 2;
                body[middle] ^= 1;
            }
            _ => {}
        }
        let (head, mut answer) = forward(&shared.upstream, &request, &body)?;
        let mut length = answer.len().to_string();
        if request.method == "HEAD" {
            length = header(&head, "content-length").unwrap_or_else(|| "0".into());
            answer.clear();
        }
        let mut head = without(&head, &["content-length", "transfer-encoding", "connection"]);
        if let Twist::Header(name, value) = &twist {
            head = without(&head, &[name]);
            if let Some(value) = value {
                head = format!("{head}\r\n{name}: {value}");
            }
        }
        let head = format!("{head}\r\ncontent-length: {length}\r\n\r\n");
        match twist {
            Twist::LoseAnswer => return Ok(()),
            Twist::CutAnswer(most) | Twist::StallAnswer(most) => {
                stream.write_all(head.as_bytes())?;
                stream.write_all(&answer[..most.min(answer.len())])?;
                return if matches!(twist, Twist::StallAnswer(_)) { wait(shared) } else { Ok(()) };
            }
            Twist::Trickle(step) => {
                stream.set_nodelay(true)?;
                stream.write_all(head.as_bytes())?;
                for piece in answer.chunks(step) {
                    stream.write_all(piece)?;
                    std::thread::sleep(Duration::from_micros(200));
                }
            }
            _ => {
                stream.write_all(head.as_bytes())?;
                stream.write_all(&answer)?;
            }
        }
    }
    Ok(())
}

/// Until the test is over.
fn wait(shared: &Shared) -> std::io::Result<()> {
    while !shared.stop.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// The whole answer: head and body, without any transfer encoding.
fn forward(upstream: &str, request: &Request, body: &[u8]) -> std::io::Result<(String, Vec<u8>)> {
    let mut server = TcpStream::connect(upstream)?;
    server.set_read_timeout(Some(Duration::from_secs(60)))?;
    let head = without(&request.head, &["connection"]);
    write!(server, "{head}\r\nconnection: close\r\n\r\n")?;
    server.write_all(body)?;
    let (head, rest) = read_head(&mut server)?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let mut answer = rest;
    server.read_to_end(&mut answer)?;
    if header(&head, "transfer-encoding").is_some_and(|how| how.eq_ignore_ascii_case("chunked")) {
        answer = unchunked(&answer);
    }
    Ok((head, answer))
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let length = std::str::from_utf8(&bytes[..end]).unwrap().split(';').next().unwrap().trim();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            break;
        }
        whole.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 4 + length..];
    }
    whole
}

fn read_head(stream: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let (mut bytes, mut buffer) = (Vec::new(), [0_u8; 65_536]);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            return Ok(Some((head, bytes.split_off(end + 4))));
        }
        match stream.read(&mut buffer)? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

fn read_body(stream: &mut TcpStream, head: &str, mut body: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let length = header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut buffer = [0_u8; 65_536];
    while body.len() < length {
        match stream.read(&mut buffer)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => body.extend_from_slice(&buffer[..read]),
        }
    }
    Ok(body)
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

fn without(head: &str, names: &[&str]) -> String {
    let kept = |line: &&str| !names.iter().any(|name| line.split(':').next().unwrap_or("").eq_ignore_ascii_case(name));
    head.lines().filter(kept).collect::<Vec<_>>().join("\r\n")
}
