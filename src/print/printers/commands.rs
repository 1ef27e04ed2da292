//! Running a command of the system: bounded in time and in what it says, never through a shell.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::wire::Stop;

/// Bytes of an answer, at most; the rest is not read.
const MOST_BYTES: u64 = 1 << 20;
/// Between two looks at a command that runs.
const LOOK: Duration = Duration::from_millis(20);

/// How a command ended.
#[derive(Debug)]
pub(super) enum Ran {
    /// Well or not, with what it said on standard output and standard error.
    Ended {
        /// Exit code 0.
        well: bool,
        /// Standard output.
        out: String,
        /// Standard error.
        err: String,
    },
    /// There is no such command.
    NotInstalled,
    /// It was stopped, or its time was over; what it said until then.
    Cut(String),
}

/// Runs a command with arguments, in English.
pub(super) fn run(program: &str, args: &[&str], limit: Duration, stop: Stop<'_>) -> Ran {
    let mut command = Command::new(program);
    command.args(args).env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else { return Ran::NotInstalled };
    let reader = |from: Option<Box<dyn std::io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(from) = from {
                let _ = from.take(MOST_BYTES).read_to_end(&mut bytes);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let out = reader(child.stdout.take().map(|out| Box::new(out) as _));
    let err = reader(child.stderr.take().map(|err| Box::new(err) as _));
    let until = Instant::now() + limit;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < until && !stop() => std::thread::sleep(LOOK),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
        }
    };
    let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
    match status {
        Some(status) => Ran::Ended { well: status.success(), out, err },
        None => Ran::Cut(out),
    }
}
