//! Bytes of an object as a plain reader, which goes on after a connection that broke.
//!
//! Whoever reads waits on a thread, and that thread may be the one that drives all other work. So the requests run on a
//! runtime of their own, with connections of their own.

use std::io::{self, Read};
use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use bytes::{Buf as _, Bytes};
use futures::channel::{mpsc, oneshot};
use futures::{SinkExt as _, StreamExt as _};
use tokio::runtime::Runtime;

use super::super::StoreError;
use super::words::is_absent;
use super::{S3, is_version};
use crate::aws::{self, Fault, FaultKind};
use crate::domain::{ObjectKey, VersionId};

/// Pieces that wait for the reader, each as long as the connection gives them.
const AHEAD: usize = 4;
/// How often it is gone on with at the same place.
const BREAKS: u32 = 5;
/// The first wait before it is gone on with; it doubles.
const WAIT: Duration = Duration::from_millis(50);
/// So much further, in bytes, and the breaks are counted anew.
const PROGRESS_BYTES: u64 = 1 << 20;

/// The client of all readers.
pub(super) fn client() -> SharedHttpClient {
    static CLIENT: OnceLock<SharedHttpClient> = OnceLock::new();
    CLIENT.get_or_init(aws::another_client).clone()
}

/// The runtime of all readers.
fn runtime() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let made = builder.worker_threads(1).thread_name("s3-readers").enable_all().build()?;
    if let Err(other) = RUNTIME.set(made) {
        other.shutdown_background();
    }
    RUNTIME.get().ok_or_else(|| io::ErrorKind::Other.into())
}

enum Message {
    Bytes(Bytes),
    /// All of it was there.
    End,
    Failed(io::Error),
}

/// The reader's side.
struct Stream {
    messages: mpsc::Receiver<Message>,
    left: Bytes,
    over: bool,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() && !self.over && !buffer.is_empty() {
            match futures::executor::block_on(self.messages.next()) {
                Some(Message::Bytes(bytes)) => self.left = bytes,
                Some(Message::End) => self.over = true,
                Some(Message::Failed(error)) => return Err(error),
                // A stream that ends without saying so was cut off.
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let length = buffer.len().min(self.left.len());
        self.left.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

/// The sender's side.
struct Pump {
    store: S3,
    full: String,
    version: Option<String>,
    /// What was promised by the first answer.
    promised: Option<Promised>,
    at: u64,
}

struct Promised {
    etag: Option<String>,
    total: u64,
}

impl S3 {
    /// As [`super::super::ObjectStore::read`].
    pub(super) async fn open(
        &self,
        key: &ObjectKey,
        full: &str,
        version: Option<&VersionId>,
    ) -> Result<Box<dyn Read + Send>, StoreError> {
        let missing = || StoreError::NotFound { key: key.clone() };
        if version.is_some_and(|version| !is_version(version)) {
            return Err(missing());
        }
        let here = |source| StoreError::Io { what: format!("reading: {key}"), source };
        let (opened, first) = oneshot::channel();
        let (messages, received) = mpsc::channel(AHEAD);
        let pump = Pump {
            store: self.clone(),
            full: full.to_owned(),
            version: version.map(|version| version.0.clone()),
            promised: None,
            at: 0,
        };
        runtime().map_err(here)?.spawn(pump.run(opened, messages));
        let fault = match first.await {
            Ok(Ok(())) => return Ok(Box::new(Stream { messages: received, left: Bytes::new(), over: false })),
            Ok(Err(fault)) => fault,
            Err(_) => return Err(here(io::ErrorKind::Interrupted.into())),
        };
        match fault.code.as_str() {
            _ if is_absent(&fault) || fault.status == Some(405) => Err(missing()),
            // A look says whether it is forbidden, missing, archived, or no version at all.
            "InvalidObjectState" | "AccessDenied" | "InvalidArgument" | "InvalidRequest" => {
                match self.look(key, full, version).await? {
                    None => Err(missing()),
                    Some(found) if fault.code == "InvalidObjectState" => {
                        Err(StoreError::Archived { class: found.version.class, key: key.clone() })
                    }
                    Some(_) => Err(self.trouble(&fault, key, "reading")),
                }
            }
            _ => Err(self.trouble(&fault, key, "reading")),
        }
    }
}

impl Pump {
    async fn run(mut self, opened: oneshot::Sender<Result<(), Fault>>, mut messages: mpsc::Sender<Message>) {
        let (mut opened, mut breaks, mut counted_at) = (Some(opened), 0, 0);
        loop {
            let fault = match self.ask().await {
                Ok(body) => {
                    if let Some(opened) = opened.take()
                        && opened.send(Ok(())).is_err()
                    {
                        return;
                    }
                    match self.pass_on(body, &mut messages).await {
                        Ok(Passed::Whole) => {
                            let _ = messages.send(Message::End).await;
                            return;
                        }
                        Ok(Passed::NobodyReads) => return,
                        Err(fault) => fault,
                    }
                }
                Err(fault) => fault,
            };
            if let Some(opened) = opened.take() {
                let _ = opened.send(Err(fault));
                return;
            }
            if self.at >= counted_at + PROGRESS_BYTES {
                (breaks, counted_at) = (0, self.at);
            }
            breaks += 1;
            if breaks > BREAKS || !fault.is_passing() {
                let error = io::Error::other(format!("the store's answer broke off ({})", fault.details()));
                let _ = messages.send(Message::Failed(error)).await;
                return;
            }
            tokio::time::sleep(WAIT * (1 << breaks)).await;
        }
    }

    /// Asks for the bytes from where it is.
    async fn ask(&mut self) -> Result<aws_sdk_s3::primitives::ByteStream, Fault> {
        let inner = &self.store.0;
        let call = inner.reading.get_object().bucket(&inner.bucket).key(&self.full);
        let mut call = call.set_expected_bucket_owner(inner.owner.clone()).set_version_id(self.version.clone());
        if let Some(promised) = &self.promised {
            call = call.set_if_match(promised.etag.clone());
            if self.at > 0 {
                call = call.range(format!("bytes={}-", self.at));
            }
        }
        let answer = self.store.ask(call.send()).await?;
        let length = answer.content_length().and_then(|length| u64::try_from(length).ok());
        let Some(promised) = &self.promised else {
            let total = length.ok_or_else(|| Fault::new(FaultKind::BadAnswer, "the answer says no length"))?;
            // From here on it is this version, whatever else is put meanwhile.
            self.version = self.version.take().or(answer.version_id);
            self.promised = Some(Promised { etag: answer.e_tag, total });
            return Ok(answer.body);
        };
        let wanted = format!("bytes {}-{}/{}", self.at, promised.total.saturating_sub(1), promised.total);
        let goes_on = self.at == 0 && length == Some(promised.total) || answer.content_range() == Some(&wanted);
        if !goes_on {
            return Err(Fault::here("the store does not go on where it broke off"));
        }
        Ok(answer.body)
    }

    async fn pass_on(
        &mut self,
        mut body: aws_sdk_s3::primitives::ByteStream,
        messages: &mut mpsc::Sender<Message>,
    ) -> Result<Passed, Fault> {
        let total = self.promised.as_ref().map_or(0, |promised| promised.total);
        let stall = self.store.0.limits.stall;
        while self.at < total {
            let bytes = match tokio::time::timeout(stall, body.next()).await {
                Ok(Some(Ok(bytes))) => bytes,
                Ok(Some(Err(error))) => return Err(Fault::new(FaultKind::Offline, error.to_string())),
                Ok(None) => return Err(Fault::new(FaultKind::Offline, "the answer is cut off")),
                Err(_) => return Err(Fault::new(FaultKind::TimedOut, "nothing came any more")),
            };
            self.at += bytes.len() as u64;
            if self.at > total {
                return Err(Fault::here("more came than was said"));
            }
            if messages.send(Message::Bytes(bytes)).await.is_err() {
                return Ok(Passed::NobodyReads);
            }
        }
        Ok(Passed::Whole)
    }
}

enum Passed {
    Whole,
    NobodyReads,
}
