//! A library behind a window: opened while the window is already there, and where it cannot be opened, a person is
//! told why and what can be done.

use std::path::{Path, PathBuf};

use futures::StreamExt as _;
use futures::channel::mpsc::Receiver;

use super::errors::io_words;
use super::open::{OpenOptions, open};
use super::serve::serve;
use crate::protocol::{Command, EngineEnd, ErrorCode, Event, OpId, UserError};

/// The operation that rebuilds a catalogue which was set aside.
const REBUILD: OpId = OpId(u64::MAX >> 1);

/// Opens the library and serves its window until the window closes. `opened` is called once the library is there.
pub async fn host(options: OpenOptions, say: EngineEnd, mut commands: Receiver<Command>, opened: impl FnOnce()) {
    let mut first = None;
    loop {
        match open(&options, say.clone()).await {
            Ok(engine) => {
                opened();
                return serve(engine, commands, first).await;
            }
            Err(error) => say.say(Event::CannotOpen(error)).await,
        }
        // Everything else that was asked for meanwhile has nobody to answer it.
        loop {
            match commands.next().await {
                None | Some(Command::Shutdown) => {
                    say.say(Event::Closed).await;
                    return;
                }
                Some(Command::TryAgain) => break,
                Some(Command::SetAside) => match set_aside(&options) {
                    Ok(vault) => {
                        first = Some(Command::OpenStore { op: REBUILD, dir: Some(vault) });
                        break;
                    }
                    Err(error) => say.say(Event::CannotOpen(error)).await,
                },
                Some(_) => {}
            }
        }
    }
}

/// Keeps a damaged catalogue under another name, so that a new one can be built; the vault to build it from.
fn set_aside(options: &OpenOptions) -> Result<PathBuf, UserError> {
    let dir = options.dir()?;
    let mark = ulid::Ulid::generate();
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let from = dir.join(name);
        if from.exists() {
            keep(&from, &dir.join(format!("{name}.damaged-{mark}")))?;
        }
    }
    let config = crate::config::Config::load(&dir).map_err(|error| super::errors::config_error(&error))?;
    Ok(config.vault_dir(&dir))
}

fn keep(from: &Path, to: &Path) -> Result<(), UserError> {
    std::fs::rename(from, to).map_err(|error| {
        UserError::new(
            ErrorCode::Unavailable,
            format!("the damaged catalogue cannot be renamed ({}): {}", io_words(&error), from.display()),
        )
    })
}
