//! A proxy in front of the stand-in that twists single answers: what a real network, a hotel or a newer Cognito may do.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One request or answer.
#[derive(Clone)]
pub struct Message {
    /// Request line or status line, and headers, without the empty line.
    pub head: String,
    pub body: Vec<u8>,
}

/// What becomes of a request.
pub enum Twist {
    /// It goes on as it is.
    Pass,
    /// This is answered instead: status, content type, body.
    Answer(u16, &'static str, Vec<u8>),
    /// It goes on with another body, and its answer's body is changed.
    Change(Vec<u8>, Box<dyn FnOnce(Vec<u8>) -> Vec<u8> + Send>),
    /// The answer is cut off in its middle.
    Cut,
    /// The connection is closed without an answer.
    Drop,
    /// Nothing is ever answered.
    Hang,
}

/// Decides by the operation's name (`InitiateAuth`) and the body.
pub type Decide = dyn Fn(&str, &[u8]) -> Twist + Send + Sync;

/// Runs until it is dropped.
pub struct Proxy {
    port: u16,
    stop: Arc<AtomicBool>,
    decide: Arc<Mutex<Arc<Decide>>>,
    /// How many requests came.
    pub requests: Arc<AtomicUsize>,
}

impl Proxy {
    pub fn before(upstream: &str) -> Self {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let decide: Arc<Mutex<Arc<Decide>>> = Arc::new(Mutex::new(Arc::new(|_: &str, _: &[u8]| Twist::Pass)));
        let proxy = Self { port, stop: stop.clone(), decide: decide.clone(), requests: requests.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (upstream, decide, requests) = (upstream.clone(), decide.clone(), requests.clone());
                let stop = stop.clone();
                std::thread::spawn(move || drop(serve(stream.unwrap(), &upstream, &decide, &requests, &stop)));
            }
        });
        proxy
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Twists from now on.
    pub fn twist(&self, decide: impl Fn(&str, &[u8]) -> Twist + Send + Sync + 'static) {
        *self.decide.lock().unwrap() = Arc::new(decide);
    }

    /// Requests since the last look.
    pub fn count(&self) -> usize {
        self.requests.swap(0, Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(
    mut stream: TcpStream,
    upstream: &str,
    decide: &Mutex<Arc<Decide>>,
    requests: &AtomicUsize,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    while let Some(mut request) = read(&mut stream)? {
        requests.fetch_add(1, Ordering::SeqCst);
        let target = header(&request.head, "x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let decide = decide.lock().unwrap().clone();
        match decide(&operation, &request.body) {
            Twist::Pass => {
                let answer = forward(upstream, &request)?;
                write(&mut stream, &answer)?;
            }
            Twist::Answer(status, kind, body) => {
                let head = format!("HTTP/1.1 {status} Twisted\r\ncontent-type: {kind}\r\nx-amzn-requestid: twisted-1");
                write(&mut stream, &Message { head, body })?;
            }
            Twist::Change(body, change) => {
                request.body = body;
                let mut answer = forward(upstream, &request)?;
                answer.body = change(answer.body);
                write(&mut stream, &answer)?;
            }
            Twist::Cut => {
                let answer = forward(upstream, &request)?;
                let head = without_length(&answer.head);
                write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n", answer.body.len())?;
                stream.write_all(&answer.body[..answer.body.len() / 2])?;
                return Ok(());
            }
            Twist::Drop => return Ok(()),
            Twist::Hang => {
                while !stop.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(50));
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

fn forward(upstream: &str, request: &Message) -> std::io::Result<Message> {
    let mut server = TcpStream::connect(upstream)?;
    server.set_read_timeout(Some(Duration::from_secs(30)))?;
    write(&mut server, request)?;
    read(&mut server)?.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
}

fn read(stream: &mut TcpStream) -> std::io::Result<Option<Message>> {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 8192];
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut buffer)? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut body = bytes[head_end + 4..].to_vec();
    let length = header(&head, "content-length").and_then(|length| length.parse::<usize>().ok());
    while length.is_none_or(|length| body.len() < length) && (length.is_some() || head.starts_with("HTTP/")) {
        match stream.read(&mut buffer)? {
            0 => break,
            read => body.extend_from_slice(&buffer[..read]),
        }
    }
    Ok(Some(Message { head, body }))
}

fn write(stream: &mut TcpStream, message: &Message) -> std::io::Result<()> {
    let head = without_length(&message.head);
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n", message.body.len())?;
    stream.write_all(&message.body)
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

fn without_length(head: &str) -> String {
    let length = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !name.eq_ignore_ascii_case("content-length") && !name.eq_ignore_ascii_case("transfer-encoding")
    };
    head.lines().filter(length).collect::<Vec<_>>().join("\r\n")
}
