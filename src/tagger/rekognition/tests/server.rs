//! A few lines of HTTP on loopback that answer what a test says: not Rekognition, only its shapes and its moods.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What is answered.
#[derive(Clone)]
pub enum Reply {
    /// This status and JSON.
    Json(u16, Value),
    /// This status and text.
    Text(u16, String),
    /// A body of so many bytes that says it is longer.
    Flood(usize),
    /// The connection ends in the middle of the body.
    Cut,
    /// Nothing, until the test ends.
    Never,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `DetectLabels`.
    pub operation: String,
    /// Its headers, names in lower case.
    pub head: String,
    /// Its body.
    pub body: Value,
}

type Answers = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

/// The server. It ends with the value.
pub struct Server {
    port: u16,
    log: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
}

impl Server {
    /// Answers each request by what `answers` makes of it and of its number, from 0.
    pub fn start(answers: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (log, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let answers: Arc<Answers> = Arc::new(answers);
        let (to, over) = (Arc::clone(&log), Arc::clone(&ended));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let (answers, log) = (Arc::clone(&answers), Arc::clone(&to));
                std::thread::spawn(move || serve(stream.unwrap(), &log, answers.as_ref()));
            }
        });
        Self { port, log, ended }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(stream: TcpStream, log: &Mutex<Vec<Asked>>, answers: &Answers) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let head = head.split_inclusive('\n').map(|line| match line.split_once(':') {
        Some((name, value)) => format!("{}:{value}", name.to_lowercase()),
        None => line.to_owned(),
    });
    let head: String = head.collect();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let mut body = vec![0; header("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    let operation = header("x-amz-target")?.rsplit('.').next()?.to_owned();
    let asked = Asked { operation, body: serde_json::from_slice(&body).unwrap_or(json!(null)), head: head.clone() };
    let number = {
        let mut log = log.lock().unwrap();
        log.push(asked.clone());
        log.len() - 1
    };
    let reply = answers(&asked, number);
    let mut stream = stream;
    let mut send = |status: u16, length: usize, body: &[u8]| {
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/x-amz-json-1.1\r\nx-amzn-requestid: r-{number}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok()
    };
    match reply {
        Reply::Json(status, value) => send(status, value.to_string().len(), value.to_string().as_bytes()),
        Reply::Text(status, text) => send(status, text.len(), text.as_bytes()),
        Reply::Flood(bytes) => send(200, bytes * 2, &vec![b' '; bytes]),
        Reply::Cut => send(200, 10_000, b"{\"Labels\": ["),
        // The client gives up, and closes.
        Reply::Never => reader.read(&mut [0]).ok().map(|_| ()),
    }
}

/// An error as the service writes it.
pub fn refusal(code: &str) -> Reply {
    Reply::Json(400, json!({ "__type": code, "Message": "as the test wants it" }))
}
