//! The keyring of Linux and BSD desktops: the Secret Service (GNOME Keyring, KWallet, KeePassXC) on the session bus.
//!
//! It is asked directly and not by way of `keyring-core`, whose store for it unlocks whatever is locked on every
//! reading, so that a password window would open at start by itself, and which cannot tell "locked" from "not there".
//! Entries carry the attributes that store would give them, `service` and `username`.
//!
//! Source: Secret Service API Draft 0.2 (freedesktop.org).

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::mpsc;
use std::time::Duration;

use secret_service::blocking::{Collection, Item, SecretService as Service};
use secret_service::{EncryptionType, Error, SearchItemsResult};
use zbus::DBusError as _;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;

use super::{SERVICE, SecretStore, from_bytes, no_thread};
use crate::domain::Secret;
use crate::domain::account::KeyringProblem;

/// After so long without an answer the service is given up, so that the thread gets free for a next try. Its callers
/// heard "slow" long before.
const GIVEN_UP: Duration = Duration::from_secs(30);

const CONTENT_TYPE: &str = "text/plain; charset=utf8";

/// Connects anew for each call: calls are rare, and a service that was restarted needs no care.
pub(super) struct SecretService;

impl SecretStore for SecretService {
    fn get(&self, entry: &str) -> Result<Option<Secret>, KeyringProblem> {
        let service = connect()?;
        let found = find(&service, entry)?;
        let Some(item) = newest(&found.unlocked) else {
            nothing_locked(&service, &found)?;
            return Ok(None);
        };
        from_bytes(item.get_secret().map_err(problem)?).map(Some)
    }

    fn set(&self, entry: &str, secret: &Secret) -> Result<(), KeyringProblem> {
        let service = connect()?;
        let found = find(&service, entry)?;
        let bytes = secret.expose().as_bytes();
        if let Some(item) = newest(&found.unlocked) {
            return item.set_secret(bytes, CONTENT_TYPE).map_err(problem);
        }
        nothing_locked(&service, &found)?;
        // Where there is no collection at all, one has to be made, and that asks for a password: see `unlock`.
        let collection = default_collection(&service)?.ok_or(KeyringProblem::Locked)?;
        let label = format!("Lightkeep: {entry}");
        collection.create_item(&label, attributes(entry), bytes, true, CONTENT_TYPE).map_err(problem)?;
        Ok(())
    }

    fn remove(&self, entry: &str) -> Result<(), KeyringProblem> {
        let service = connect()?;
        let found = find(&service, entry)?;
        for item in &found.unlocked {
            item.delete().map_err(problem)?;
        }
        nothing_locked(&service, &found)
    }

    fn unlock(&self, limit: Duration) -> Result<(), KeyringProblem> {
        let bus = open_bus()?;
        let (answer, wait) = mpsc::sync_channel(1);
        let with = bus.clone();
        let work = move || {
            let _ = answer.send(unlock(with));
        };
        std::thread::Builder::new().name("keyring-window".into()).spawn(work).map_err(|error| no_thread(&error))?;
        wait.recv_timeout(limit).unwrap_or_else(|_| {
            // A window may never be answered, or its program may be gone. Hanging up ends the thread.
            let _ = bus.close();
            Err(KeyringProblem::Slow)
        })
    }
}

/// Opens windows, and waits for their end for as long as the bus is open.
fn unlock(bus: Connection) -> Result<(), KeyringProblem> {
    let service = connect_with(bus)?;
    match default_collection(&service)? {
        Some(collection) => {
            if collection.is_locked().map_err(problem)? {
                collection.unlock().map_err(problem)?;
            }
            collection.ensure_unlocked().map_err(problem)?;
        }
        None => {
            service.create_collection("Login", "default").map_err(problem)?;
        }
    }
    // Ours may also lie in another collection.
    let ours = service.search_items(HashMap::from([("service", SERVICE)])).map_err(problem)?;
    if !ours.locked.is_empty() {
        service.unlock_all(&ours.locked.iter().collect::<Vec<_>>()).map_err(problem)?;
    }
    Ok(())
}

fn open_bus() -> Result<Connection, KeyringProblem> {
    // Whatever keeps us from the bus, there is none for us.
    let bus = Builder::session().and_then(|bus| bus.method_timeout(GIVEN_UP).build());
    bus.map_err(|error| match bus_problem(&error) {
        KeyringProblem::Slow => KeyringProblem::Slow,
        _ => KeyringProblem::Absent,
    })
}

fn connect_with(bus: Connection) -> Result<Service<'static>, KeyringProblem> {
    // Encrypted on the bus, so that nobody who records messages reads a secret.
    Service::connect_with_existing(EncryptionType::Dh, bus).map_err(problem)
}

fn connect() -> Result<Service<'static>, KeyringProblem> {
    connect_with(open_bus()?)
}

fn attributes(entry: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("username", entry)])
}

fn find<'a>(service: &'a Service<'static>, entry: &str) -> Result<SearchItemsResult<Item<'a>>, KeyringProblem> {
    service.search_items(attributes(entry)).map_err(problem)
}

/// There should be one; where another program copied it, the last one that was written counts.
fn newest<'a, 'b>(items: &'b [Item<'a>]) -> Option<&'b Item<'a>> {
    if items.len() < 2 {
        return items.first();
    }
    items.iter().max_by_key(|item| item.get_modified().unwrap_or(0))
}

fn default_collection<'a>(service: &'a Service<'static>) -> Result<Option<Collection<'a>>, KeyringProblem> {
    match service.get_default_collection() {
        Ok(collection) => Ok(Some(collection)),
        Err(Error::NoResult) => Ok(None),
        Err(error) => Err(problem(error)),
    }
}

/// A locked collection does not have to tell what is in it: GNOME Keyring finds nothing in one that was not open since
/// it started. So "nothing found" is only believed where the default collection is open.
fn nothing_locked(service: &Service<'static>, found: &SearchItemsResult<Item<'_>>) -> Result<(), KeyringProblem> {
    let is_locked = !found.locked.is_empty()
        || match default_collection(service)? {
            Some(collection) => collection.is_locked().map_err(problem)?,
            // KeePassXC with no database open, or a service that is still reading its files.
            None => true,
        };
    if is_locked { Err(KeyringProblem::Locked) } else { Ok(()) }
}

fn problem(error: Error) -> KeyringProblem {
    match error {
        Error::Locked | Error::Prompt | Error::PromptDisconnected => KeyringProblem::Locked,
        Error::Unavailable => KeyringProblem::Absent,
        Error::Zbus(error) => bus_problem(&error),
        Error::ZbusFdo(error) => fdo_problem(&error),
        Error::Crypto(why) => KeyringProblem::Failed(why.to_owned()),
        Error::Zvariant(_) => KeyringProblem::Failed("its answer makes no sense".to_owned()),
        _ => KeyringProblem::Failed("it gave no reason".to_owned()),
    }
}

fn fdo_problem(error: &zbus::fdo::Error) -> KeyringProblem {
    match error {
        zbus::fdo::Error::ZBus(error) => bus_problem(error),
        error => named_problem(error.name().as_str()),
    }
}

fn bus_problem(error: &zbus::Error) -> KeyringProblem {
    use zbus::Error as Bus;
    match error {
        Bus::InputOutput(error) if error.kind() == ErrorKind::TimedOut => KeyringProblem::Slow,
        Bus::InputOutput(_) | Bus::Address(_) | Bus::Handshake(_) => KeyringProblem::Absent,
        Bus::MethodError(name, _, _) => named_problem(name.as_str()),
        Bus::FDO(error) => fdo_problem(error),
        _ => KeyringProblem::Failed("the desktop's message bus did not take the question".to_owned()),
    }
}

/// By the name of a D-Bus error. Its text is not used: nobody knows what a service writes into it.
fn named_problem(name: &str) -> KeyringProblem {
    let last = name.rsplit('.').next().unwrap_or(name);
    if name.starts_with("org.freedesktop.DBus.Error.Spawn.") {
        return KeyringProblem::Absent;
    }
    match last {
        "IsLocked" => KeyringProblem::Locked,
        // Nobody has the name, or whoever had it went away while it was asked.
        "ServiceUnknown" | "NameHasNoOwner" | "NoReply" | "Disconnected" | "NoServer" | "FileNotFound" => {
            KeyringProblem::Absent
        }
        "Timeout" | "TimedOut" => KeyringProblem::Slow,
        other => KeyringProblem::Failed(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_become_the_right_problem() {
        let bus = "org.freedesktop.DBus.Error";
        for (name, is) in [
            ("org.freedesktop.Secret.Error.IsLocked".to_owned(), KeyringProblem::Locked),
            (format!("{bus}.ServiceUnknown"), KeyringProblem::Absent),
            (format!("{bus}.Spawn.ChildExited"), KeyringProblem::Absent),
            (format!("{bus}.NoReply"), KeyringProblem::Absent),
            (format!("{bus}.TimedOut"), KeyringProblem::Slow),
            (format!("{bus}.AccessDenied"), KeyringProblem::Failed("AccessDenied".to_owned())),
        ] {
            assert_eq!(named_problem(&name), is, "{name}");
        }
        let io = |kind: ErrorKind| problem(Error::Zbus(std::io::Error::from(kind).into()));
        assert_eq!(io(ErrorKind::TimedOut), KeyringProblem::Slow);
        assert_eq!(io(ErrorKind::ConnectionRefused), KeyringProblem::Absent);
        assert_eq!(problem(Error::Prompt), KeyringProblem::Locked);
        let told = zbus::fdo::Error::AccessDenied("token-of-somebody".to_owned());
        assert_eq!(problem(Error::ZbusFdo(told)), KeyringProblem::Failed("AccessDenied".to_owned()));
    }
}
