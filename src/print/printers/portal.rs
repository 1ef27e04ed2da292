//! The desktop's own print dialog, through the portal (org.freedesktop.portal.Print), also from inside a sandbox.
//!
//! Only `Print` is called, which shows the dialog and then prints the file that it was handed. `PreparePrint` asks for
//! paper before pages are made, which the pages of a print studio have long been.

use std::collections::HashMap;
use std::fs::File;
use std::sync::mpsc;
use std::time::Duration;

use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, MessageIterator, Proxy};
use zbus::zvariant::{Fd, OwnedObjectPath, OwnedValue, Value};

use super::wire::Stop;
use super::{Document, PrintFault};

const SERVICE: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const REQUEST: &str = "org.freedesktop.portal.Request";
/// Until the portal has taken the request; the dialog itself may stand open as long as somebody likes.
const ANSWER: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(100);

fn away(what: &str) -> PrintFault {
    PrintFault::Away(format!("the desktop has no print dialog for other programs ({what}): choose a printer instead"))
}

/// Shows the dialog and waits until it is answered and the document is handed over.
///
/// # Errors
/// Where there is no such dialog, it was closed, or printing failed.
pub fn print(document: Document<'_>, stop: Stop<'_>) -> Result<(), PrintFault> {
    let unreadable = |_| PrintFault::Document(format!("the document cannot be read: {}", document.path.display()));
    let file = File::open(document.path).map_err(unreadable)?;
    let bus = Builder::session().map_err(|_| away("no session bus"))?;
    let bus = bus.method_timeout(ANSWER).build().map_err(|_| away("no session bus"))?;
    let result = ask(&bus, &file, document.title, stop);
    // Hanging up ends the thread that listens.
    let _ = bus.close();
    result
}

fn ask(bus: &Connection, file: &File, title: &str, stop: Stop<'_>) -> Result<(), PrintFault> {
    let token = format!("lightkeep{}", std::process::id());
    let sender = bus.unique_name().map(|name| name.trim_start_matches(':').replace('.', "_")).unwrap_or_default();
    let expected = format!("{PATH}/request/{sender}/{token}");
    // Listening begins before the question, so that no answer is missed.
    let rule = zbus::MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface(REQUEST)
        .and_then(|rule| rule.member("Response"))
        .map_err(|_| away("the request cannot be made"))?
        .build();
    let signals = MessageIterator::for_match_rule(rule, bus, Some(8)).map_err(|_| away("the bus does not answer"))?;
    let portal = Proxy::new(bus, SERVICE, PATH, "org.freedesktop.portal.Print").map_err(|_| away("no portal"))?;
    let options = HashMap::from([("handle_token", Value::from(token.as_str())), ("modal", Value::from(true))]);
    let handle: OwnedObjectPath =
        portal.call("Print", &("", super::plain(title), Fd::from(file), options)).map_err(|_| away("no portal"))?;
    let (answer, wait) = mpsc::channel();
    let paths = [expected, handle.to_string()];
    let listen = move || {
        for message in signals.flatten() {
            let header = message.header();
            let ours = header.path().is_some_and(|path| paths.iter().any(|known| known == path.as_str()));
            if !ours {
                continue;
            }
            let code = message.body().deserialize::<(u32, HashMap<String, OwnedValue>)>().map_or(2, |(code, _)| code);
            let _ = answer.send(code);
            return;
        }
    };
    std::thread::Builder::new()
        .name("print-dialog".to_owned())
        .spawn(listen)
        .map_err(|_| away("no thread can be started"))?;
    loop {
        match wait.recv_timeout(LOOK) {
            Ok(0) => return Ok(()),
            Ok(1) => return Err(PrintFault::Cancelled),
            Ok(_) => return Err(PrintFault::Refused("the desktop's print dialog ended without printing".to_owned())),
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(away("it went away")),
            Err(mpsc::RecvTimeoutError::Timeout) if stop() => {
                if let Ok(request) = Proxy::new(bus, SERVICE, handle, REQUEST) {
                    let _ = request.call_method("Close", &());
                }
                return Err(PrintFault::Cancelled);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                // A portal that dies sends no answer any more.
                let owner = zbus::blocking::fdo::DBusProxy::new(bus);
                let name = zbus::names::BusName::try_from(SERVICE).ok();
                let there = owner.ok().zip(name).and_then(|(bus, name)| bus.name_has_owner(name).ok());
                if there != Some(true) {
                    return Err(away("it went away"));
                }
            }
        }
    }
}
