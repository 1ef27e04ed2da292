//! Assembles an engine from the real parts.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};

use super::account::AccountDesk;
use super::errors::{config_error, user_error};
use super::lock::WriteLock;
use super::parts::{Engine, Inner, Parts};
use super::workers::Workers;
use crate::catalog::{Access, open_library};
use crate::config::{Config, default_library};
use crate::files::{Disk, durable};
use crate::protocol::{EngineEnd, ErrorCode, UserError};

/// What a process wants with the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Reading: needs no lock and changes nothing; the library must exist.
    Read,
    /// Reading and writing: takes the lock, and makes the library where there is none.
    Write,
}

/// How to open a library.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Its directory; `None` is the platform's data directory.
    pub library: Option<PathBuf>,
    /// What for.
    pub mode: Mode,
}

impl OpenOptions {
    /// The library's directory, absolute.
    ///
    /// # Errors
    /// Where none is named and the platform has no place for one.
    pub fn dir(&self) -> Result<PathBuf, UserError> {
        let dir = self.library.clone().or_else(default_library).ok_or_else(|| {
            UserError::new(ErrorCode::Usage, "there is no home directory for a library")
                .hint("Name one: `lightkeep --library DIR`.")
        })?;
        std::path::absolute(&dir)
            .map_err(|error| UserError::new(ErrorCode::Usage, format!("not a path ({error}): {}", dir.display())))
    }
}

impl Parts {
    /// This computer: its clock, its randomness, its files, its cores.
    #[must_use]
    pub fn real() -> Self {
        let real = crate::store::Parts::real();
        Self {
            clock: real.clock,
            random: real.random,
            files: Arc::new(Disk),
            heavy: Workers::for_this_machine(),
            quick: Workers::pool(8),
            keyring: crate::account::Keyring::system(),
        }
    }
}

/// Opens a library with the real parts. Must be called on a tokio runtime.
///
/// # Errors
/// One clear line: busy, too new, damaged, full, not there.
pub async fn open(options: &OpenOptions, say: EngineEnd) -> Result<Engine, UserError> {
    open_with(options, say, Parts::real()).await
}

/// The same with other parts.
///
/// # Errors
/// As [`open`].
pub async fn open_with(options: &OpenOptions, say: EngineEnd, parts: Parts) -> Result<Engine, UserError> {
    let dir = options.dir()?;
    let may_write = options.mode == Mode::Write;
    let place = dir.clone();
    let (lock, mut library, config) = parts.quick.run(move || open_here(&place, may_write)).await?;
    let writer = library.take_writer().map(|writer| Arc::new(Mutex::new(writer)));
    let away = UserError::new(ErrorCode::Unavailable, "the vault is not open yet");
    let account = AccountDesk::new(&dir, &config, &parts, Some(say.clone()));
    let engine = Engine(Arc::new(Inner {
        dir,
        parts,
        library: Mutex::new(library),
        writer,
        readers: Mutex::default(),
        thumbs: Mutex::default(),
        vault: RwLock::new(Err(away)),
        config: Mutex::new(config),
        account,
        say,
        stale: tokio::sync::Notify::new(),
        storing: tokio::sync::Mutex::default(),
        storing_remote: tokio::sync::Mutex::default(),
        remote: Mutex::default(),
        traffic: Arc::default(),
        troubles: Mutex::default(),
        keep_changed: tokio::sync::Notify::new(),
        tagging: tokio::sync::Mutex::default(),
        taggers: Mutex::default(),
        people_door: Mutex::default(),
        proof: Mutex::default(),
        last_wish: Mutex::default(),
        printers: super::printers::PrinterDesk::default(),
        importing: tokio::sync::Mutex::default(),
        large_decode: Arc::new(tokio::sync::Semaphore::new(1)),
        large_file: Arc::new(tokio::sync::Semaphore::new(1)),
        _lock: lock,
    }));
    engine.open_vault(may_write).await?;
    if may_write {
        let by = who();
        engine.write(move |writer| writer.set_setting("by", &by)).await?;
    }
    engine.apply_limit();
    tracing::info!(library = %engine.dir().display(), vault = %engine.vault_dir().display(), "opened");
    Ok(engine)
}

/// Who stores photos from here, for people: `anna on laptop`.
fn who() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    match user.filter(|user| !user.is_empty()) {
        Some(user) => format!("{user} on {host}"),
        None => host,
    }
}

type Opened = (Option<WriteLock>, crate::catalog::Library, Config);

fn open_here(dir: &Path, may_write: bool) -> Result<Opened, UserError> {
    let lock = if may_write {
        durable::private_dir(dir).map_err(|error| {
            UserError::new(
                ErrorCode::Unavailable,
                format!("the library cannot be made ({}): {}", super::errors::io_words(&error), dir.display()),
            )
            .hint("Check that its disk is there and not read-only, or name another place with --library DIR.")
        })?;
        Some(WriteLock::take(dir)?)
    } else {
        None
    };
    let config = Config::load(dir).map_err(|error| config_error(&error))?;
    let access = if may_write { Access::Write } else { Access::Read };
    let library = open_library(dir, access).map_err(|error| user_error(&error))?;
    Ok((lock, library, config))
}
