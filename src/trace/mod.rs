//! The log: what was done and what failed, in a rotating file in the library, and as JSON with `--trace FILE`.
//!
//! The log names files and counts, never pixels. Secrets are a type of their own that has no words
//! ([`Secret`](crate::domain::Secret)), and a test looks for them in everything that a whole life with an account
//! wrote. The log is at most 2 × [`MOST_BYTES`] long: when it is full it becomes `lightkeep.log.1` and a new one begins.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Name of the log inside the library directory.
pub const FILE_NAME: &str = "lightkeep.log";
/// Where a log file ends and the next begins, in bytes.
pub const MOST_BYTES: u64 = 4 << 20;

/// A log file that starts again when it is full. A log that cannot be written is no reason to stop anything.
struct Rotating {
    path: PathBuf,
    open: Option<(File, u64)>,
}

impl Rotating {
    fn file(&mut self) -> io::Result<&mut (File, u64)> {
        if self.open.as_ref().is_some_and(|(_, length)| *length >= MOST_BYTES) {
            self.open = None;
            fs::rename(&self.path, self.path.with_extension("log.1"))?;
        }
        if self.open.is_none() {
            let file = private(OpenOptions::new().append(true).create(true)).open(&self.path)?;
            let length = file.metadata()?.len();
            self.open = Some((file, length));
        }
        self.open.as_mut().ok_or_else(|| io::Error::other("the log is not open"))
    }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

impl Write for Rotating {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (file, length) = self.file()?;
        let written = file.write(bytes)?;
        *length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hands the one rotating file to whichever thread has a line to write.
struct Shared(Mutex<Rotating>);

impl<'a> fmt::MakeWriter<'a> for Shared {
    type Writer = Line<'a>;
    fn make_writer(&'a self) -> Line<'a> {
        Line(&self.0)
    }
}

struct Line<'a>(&'a Mutex<Rotating>);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts logging for the rest of the process: warnings and the course of operations into the library's log, and
/// everything, as JSON Lines, into `trace_file` where one is given. A second call changes nothing.
///
/// # Errors
/// Where the trace file cannot be made. A log that cannot be written is passed over.
pub fn start(library: Option<&Path>, trace_file: Option<&Path>) -> io::Result<()> {
    let log = library.map(|dir| {
        let file = Shared(Mutex::new(Rotating { path: dir.join(FILE_NAME), open: None }));
        fmt::layer().with_ansi(false).with_target(false).with_writer(file).with_filter(ours(LevelFilter::INFO))
    });
    let trace = match trace_file {
        None => None,
        Some(path) => {
            let file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(path)?;
            Some(fmt::layer().json().with_writer(Mutex::new(file)).with_filter(ours(LevelFilter::TRACE)))
        }
    };
    let _ = tracing_subscriber::registry().with(log).with(trace).try_init();
    Ok(())
}

/// Only our own events, down to a level: libraries log paths and data that we have not looked at.
fn ours(level: LevelFilter) -> Targets {
    Targets::new().with_target("lightkeep", level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_never_grows_beyond_two_files() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        let mut log = Rotating { path: path.clone(), open: None };
        let line = vec![b'x'; 1 << 20];
        for _ in 0..20 {
            log.write_all(&line).unwrap();
        }
        let lengths: Vec<u64> =
            fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).collect();
        assert_eq!(lengths.len(), 2);
        assert!(lengths.iter().all(|length| *length <= MOST_BYTES + line.len() as u64), "{lengths:?}");
    }
}
