//! Puts the real parts together: the engine on its own threads, the window on this one.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::run::{AppOptions, StartError, run};
use crate::domain::Timestamp;
use crate::domain::path_text::path_from_bytes;
use crate::engine::{Mode, OpenOptions, host};
use crate::protocol::{Command, ErrorCode, OpId, UserError, channel};
use crate::ui::locale::Locale;

/// What was asked for on the command line.
#[derive(Debug, Default)]
pub struct Launch {
    /// The library; the platform's place for it where `None`.
    pub library: Option<PathBuf>,
    /// Where a trace is written.
    pub trace: Option<PathBuf>,
    /// Photos and folders to import at once, as a desktop hands them over.
    pub import: Vec<PathBuf>,
}

/// The operation of the import that the desktop asked for.
const FIRST_IMPORT: OpId = OpId(1 << 40);
/// How long threads that wait for a disk may hold up the end of the program.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Shows the window until it is closed. Where there can be none, says why in one line.
#[must_use]
pub fn launch(launch: Launch) -> ExitCode {
    match show(launch) {
        Ok(()) => ExitCode::SUCCESS,
        Err(StartError::Library(error)) => {
            complain(&format!("lightkeep: {}. {}", error.message, error.hint));
            ExitCode::from(3)
        }
        Err(error) => {
            complain(&format!(
                "lightkeep: {error}. Without a window, every operation is a sub-command: import, search, facets, show, \
                 thumb, tag, tags, people, rate, undo, sidecar, vault, store, stores, batches, status, open-store, \
                 versions, receipt, restore, delete, undelete, verify, print, printers, jobs, ingest, link, cost, account, cloud; see `lightkeep --help`."
            ));
            ExitCode::from(2)
        }
    }
}

fn show(launch: Launch) -> Result<(), StartError> {
    let options = OpenOptions { library: launch.library, mode: Mode::Write };
    let dir = options.dir()?;
    let settings_file = dir.join("window.ron");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("lightkeep")
        .build()
        .map_err(|error| UserError::new(ErrorCode::Failed, format!("no threads could be started ({error})")))?;
    let handle = runtime.handle().clone();
    let app = AppOptions {
        locale: locale(),
        home: std::env::home_dir(),
        settings_file: Some(settings_file),
        icon: icon(),
        cards: Some(crate::platform::cards::cards),
        ..AppOptions::default()
    };
    let outcome = run(app, move |wake| {
        let (mut window, engine_end, commands) = channel(wake);
        if !launch.import.is_empty() {
            let import = Command::Import { op: FIRST_IMPORT, roots: launch.import, store: true };
            let _ = window.commands.send(import);
        }
        handle.spawn(async move {
            let log = dir.clone();
            host(options, engine_end, commands, move || {
                if let Err(error) = crate::trace::start(Some(&log), launch.trace.as_deref()) {
                    complain(&format!("lightkeep: the trace file cannot be made ({error})"));
                }
            })
            .await;
        });
        Ok(window)
    });
    runtime.shutdown_timeout(LAST_WAIT);
    outcome
}

/// How this person writes numbers and dates, and how far this computer's clock is from UTC.
fn locale() -> Locale {
    let zone = |moment: Timestamp| {
        use chrono::{Offset as _, TimeZone as _};
        let utc = chrono::DateTime::from_timestamp_millis(moment.0).unwrap_or_default().naive_utc();
        let east_s = chrono::Local.offset_from_utc_datetime(&utc).fix().local_minus_utc();
        i16::try_from(east_s / 60).unwrap_or(0)
    };
    let variable = |name: &str| std::env::var(name).ok();
    Locale::from_env(variable, sys_locale::get_locale().as_deref()).with_zone(Arc::new(zone))
}

/// The window's own icon, for desktops that do not know the desktop file.
fn icon() -> Option<(u32, u32, Vec<u8>)> {
    let png = include_bytes!("../../icons/lightkeep-128.png");
    let picture = image::load_from_memory_with_format(png, image::ImageFormat::Png).ok()?.into_rgba8();
    Some((picture.width(), picture.height(), picture.into_raw()))
}

/// Files that a desktop hands to a program: paths or `file://` addresses. `None` where the words are something else.
#[must_use]
pub fn handed_over(words: &[OsString]) -> Option<Vec<PathBuf>> {
    let path = |word: &OsString| -> Option<PathBuf> {
        let bytes = word.as_encoded_bytes();
        if let Some(address) = bytes.strip_prefix(b"file://") {
            let start = address.iter().position(|byte| *byte == b'/')?;
            return Some(path_from_bytes(decoded(&address[start..])));
        }
        bytes.contains(&b'/').then(|| PathBuf::from(word))
    };
    let words: Vec<_> = words.iter().skip(1).collect();
    if words.is_empty() { None } else { words.into_iter().map(path).collect() }
}

/// `%41` as its byte (RFC 3986, section 2.1); what is no escape stays.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let escape = (*first == b'%').then(|| tail.get(..2)).flatten().and_then(|two| std::str::from_utf8(two).ok());
        match escape.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

fn complain(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths_are_files_and_words_are_not() {
        let words = |words: &[&str]| -> Vec<OsString> { words.iter().map(OsString::from).collect() };
        let files = handed_over(&words(&["lightkeep", "file:///a/b%20c%C3%BC.jpg", "./d.jpg"]));
        assert_eq!(files, Some(vec![PathBuf::from("/a/b cü.jpg"), PathBuf::from("./d.jpg")]));
        assert_eq!(handed_over(&words(&["lightkeep", "serach", "x/y"])), None);
        assert_eq!(handed_over(&words(&["lightkeep"])), None);
        assert_eq!(decoded(b"100%/%zz%4"), b"100%/%zz%4");
    }
}
