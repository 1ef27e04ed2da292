//! The one page that this program serves: where the browser comes back to after a sign-in, on this computer only.
//!
//! Anybody on this computer, and any page in its browser, can ask for it. So nothing that lacks our `state` ends the
//! wait, nobody who opens a connection and says nothing holds up the others, and everything is one future: dropping it
//! closes every port and connection at once.
//!
//! Sources: RFC 8252 sections 7.3 and 8.3, RFC 9700 section 4, RFC 9112.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::pending;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{AbortHandle, Abortable, BoxFuture};
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::callback::{self, MOST_HEAD, Verdict};
use super::error::{AccountError, Trouble};
use crate::domain::Secret;

/// How long a request may take to arrive, whole.
const READ_TIME: Duration = Duration::from_secs(5);
/// How long an answer may take to leave.
const WRITE_TIME: Duration = Duration::from_secs(2);
/// So many connections are served at once; the oldest makes room for the next.
const MOST_CONNECTIONS: usize = 16;
/// Pause after a connection could not be taken, as where no file handle is left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What the browser brought, and the connection on which it waits to hear how the sign-in ended.
pub(super) struct Arrival {
    /// The code, or why there is none.
    pub answer: Answer,
    stream: TcpStream,
}

/// What the sign-in page answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// The authorization code.
    Code(Secret),
    /// It ended without one (RFC 6749, section 4.1.2.1).
    Error {
        /// The standard's name for it: `access_denied`.
        code: String,
        /// Words of the sign-in page; may be empty.
        description: String,
    },
}

impl Arrival {
    /// Shows how it ended. A browser that went away meanwhile is no trouble.
    pub async fn show(mut self, page: &str) {
        let _ = timeout(WRITE_TIME, send(&mut self.stream, page)).await;
    }
}

/// What every connection has to know.
pub(super) struct Rules {
    /// The port: part of the `Host` that a browser names.
    pub port: u16,
    /// What the right callback repeats.
    pub state: Secret,
    /// Whether the right one came already.
    pub used: AtomicBool,
}

type Connection = Abortable<BoxFuture<'static, (u64, Option<Arrival>)>>;

/// The listeners and all that is open on them.
pub(super) struct Loopback {
    four: Option<TcpListener>,
    six: Option<TcpListener>,
    rules: Arc<Rules>,
    open: FuturesUnordered<Connection>,
    /// How to end each of `open`, oldest first.
    ends: VecDeque<(u64, AbortHandle)>,
    next: u64,
}

impl Loopback {
    /// Takes the first of `ports` that is free on 127.0.0.1 and on `::1`, as far as this computer has the two: with one
    /// of them taken, another program would get what `localhost` leads to.
    ///
    /// # Errors
    /// [`Trouble::Other`] that names the ports where none is free.
    pub async fn bind(ports: &[u16], state: Secret) -> Result<Self, AccountError> {
        let mut taken = Vec::new();
        for port in ports {
            let four = listen(Ipv4Addr::LOCALHOST.into(), *port).await;
            // Port 0 is any free one, and must be the same on both.
            let port = four.as_ref().ok().and_then(|four| four.as_ref()?.local_addr().ok()).map_or(*port, |a| a.port());
            match (four, listen(Ipv6Addr::LOCALHOST.into(), port).await) {
                (Ok(None), Ok(None)) => {
                    return Err(AccountError::new(Trouble::Other("this computer has no loopback network".to_owned())));
                }
                (Ok(four), Ok(six)) => {
                    let rules = Arc::new(Rules { port, state, used: AtomicBool::new(false) });
                    let (open, ends) = (FuturesUnordered::new(), VecDeque::new());
                    return Ok(Self { four, six, rules, open, ends, next: 0 });
                }
                (Err(_), _) | (_, Err(_)) => taken.push(port.to_string()),
            }
        }
        let words = format!("the ports for the way back from the browser are taken: {}", taken.join(", "));
        Err(AccountError::new(Trouble::Other(words)))
    }

    /// Where the browser is sent back to; the app client must list exactly this address.
    pub fn redirect(&self) -> String {
        format!("http://localhost:{}/callback", self.rules.port)
    }

    /// Waits for the callback that carries our `state`, and answers everybody else with a plain error page.
    pub async fn arrival(&mut self) -> Arrival {
        loop {
            tokio::select! {
                taken = accept(self.four.as_ref(), self.six.as_ref()) => match taken {
                    Ok(stream) => self.take(stream),
                    Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                },
                Some(ended) = self.open.next(), if !self.open.is_empty() => {
                    // One that had to make room says nothing any more.
                    let Ok((id, arrival)) = ended else { continue };
                    self.ends.retain(|(other, _)| *other != id);
                    if let Some(arrival) = arrival {
                        return arrival;
                    }
                }
            }
        }
    }

    /// Goes on answering everybody else, for as long as what the callback brought is looked at.
    pub async fn answer_others(&mut self) -> Infallible {
        loop {
            // The right one came: no other is believed, so this never gives one.
            drop(self.arrival().await);
        }
    }

    fn take(&mut self, stream: TcpStream) {
        if self.ends.len() >= MOST_CONNECTIONS
            && let Some((_, oldest)) = self.ends.pop_front()
        {
            oldest.abort();
        }
        let id = self.next;
        self.next += 1;
        let rules = Arc::clone(&self.rules);
        let served: BoxFuture<'static, _> = Box::pin(async move { (id, serve(stream, &rules).await) });
        let (end, registration) = AbortHandle::new_pair();
        self.ends.push_back((id, end));
        self.open.push(Abortable::new(served, registration));
    }
}

/// `None` where this computer does not have the address; an error where the port is taken or not to be had.
async fn listen(address: IpAddr, port: u16) -> io::Result<Option<TcpListener>> {
    match TcpListener::bind(SocketAddr::new(address, port)).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// No such address (`EADDRNOTAVAIL`), or no such family at all, for which `std` has no name on every system.
fn is_missing(error: &io::Error) -> bool {
    const NO_FAMILY: [i32; 3] = [97, 47, 10047]; // EAFNOSUPPORT on Linux and macOS, WSAEAFNOSUPPORT on Windows
    matches!(error.kind(), ErrorKind::AddrNotAvailable | ErrorKind::Unsupported)
        || error.raw_os_error().is_some_and(|code| NO_FAMILY.contains(&code))
}

async fn accept(four: Option<&TcpListener>, six: Option<&TcpListener>) -> io::Result<TcpStream> {
    let one = async |listener: Option<&TcpListener>| match listener {
        Some(listener) => listener.accept().await.map(|(stream, _)| stream),
        None => pending().await,
    };
    tokio::select! { stream = one(four) => stream, stream = one(six) => stream }
}

/// One connection: one request, one answer.
async fn serve(mut stream: TcpStream, rules: &Rules) -> Option<Arrival> {
    let page = match timeout(READ_TIME, read(&mut stream, rules)).await {
        Ok(Some(Verdict::Answer(answer))) => return Some(Arrival { answer, stream }),
        Ok(Some(Verdict::Refuse(page))) => page,
        // Gone before it said anything that could be answered, or silent for too long.
        Ok(None) | Err(_) => return None,
    };
    let _ = timeout(WRITE_TIME, async {
        send(&mut stream, &page).await?;
        // What is still on its way is read away: closing over it would take our answer back (RFC 9112, section 9.6).
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    })
    .await;
    None
}

/// Reads a request as far as its head goes; `None` where the other side went away before that.
async fn read(stream: &mut TcpStream, rules: &Rules) -> Option<Verdict> {
    // Made at its full size, so that no copy of a code is left behind by growing.
    let mut head = Zeroizing::new(vec![0; MOST_HEAD]);
    let mut filled = 0;
    loop {
        let read = stream.read(&mut head[filled..]).await.ok()?;
        if read == 0 {
            return None;
        }
        filled += read;
        if let Some(verdict) = callback::judge(&head[..filled], rules) {
            if matches!(verdict, Verdict::Answer(_)) && rules.used.swap(true, Ordering::SeqCst) {
                return Some(callback::used());
            }
            return Some(verdict);
        }
    }
}

async fn send(stream: &mut TcpStream, page: &str) -> io::Result<()> {
    stream.write_all(page.as_bytes()).await?;
    stream.shutdown().await
}

#[cfg(test)]
#[path = "loopback_tests.rs"]
mod tests;
