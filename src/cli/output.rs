//! Answers on standard output, as JSON or for people, and the exit code that goes with them.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::protocol::{ErrorCode, ItemFailure, UserError};

/// How answers are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    /// As one JSON object.
    pub json: bool,
}

/// What a command has to say.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// For scripts.
    pub json: Value,
    /// For people, without a line break at the end.
    pub text: String,
    /// Items that failed while the rest went on.
    pub failed: Vec<ItemFailure>,
    /// Whether what was found is bad, although the command itself did its work.
    pub alarm: bool,
}

impl Answer {
    pub fn new(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into(), failed: Vec::new(), alarm: false }
    }

    pub fn alarm(mut self, alarm: bool) -> Self {
        self.alarm = alarm;
        self
    }

    pub fn failed(mut self, failed: Vec<ItemFailure>) -> Self {
        self.failed = failed;
        self
    }
}

impl Output {
    /// Prints an answer; 1 where some items failed, or something bad was found.
    pub fn show(self, answer: &Answer) -> ExitCode {
        if self.json {
            print(format!("{}\n", answer.json).as_bytes());
        } else {
            if !answer.text.is_empty() {
                print(format!("{}\n", harmless(&answer.text, true)).as_bytes());
            }
            for failure in &answer.failed {
                complain(&line(failure));
            }
        }
        if answer.failed.is_empty() && !answer.alarm { ExitCode::SUCCESS } else { ExitCode::from(1) }
    }

    /// Prints an error; its code.
    pub fn fail(self, error: &UserError) -> ExitCode {
        if self.json {
            let mut object = json!({"error": {"code": error.code, "message": error.message, "hint": error.hint}});
            if !error.details.is_empty() {
                object["error"]["details"] = error.details.as_str().into();
            }
            print(format!("{object}\n").as_bytes());
        } else {
            let details = if error.details.is_empty() { String::new() } else { format!("Details: {}", error.details) };
            let lines = [format!("lightkeep: {}", error.message), error.hint.clone(), details];
            let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
            complain(&harmless(&lines.join("\n"), true));
        }
        ExitCode::from(match error.code {
            ErrorCode::Usage => 2,
            ErrorCode::Busy => 4,
            _ => 3,
        })
    }
}

/// One line, the path last. Control characters of a name cannot move the terminal's cursor.
fn line(failure: &ItemFailure) -> String {
    let shown = |text: &str| harmless(text, false);
    let (why, path) = (shown(&failure.why), shown(&failure.path));
    if why.contains(&path) { why } else { format!("{why}: {path}") }
}

/// Text without the control characters that a file's name or caption may have: they could move the terminal's cursor.
/// Line breaks stay where they are meant.
pub(super) fn harmless(text: &str, line_breaks: bool) -> String {
    text.chars().map(|c| if c.is_control() && !(line_breaks && c == '\n') { '\u{fffd}' } else { c }).collect()
}

/// Writes to standard output; a reader that went away is no error.
pub(super) fn print(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes);
    let _ = out.flush();
}

/// Writes a line to standard error.
pub(super) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_whatever_its_name() {
        let failure = ItemFailure { path: "/a\n\u{1b}[2Jb.jpg".into(), why: "the file is empty".into() };
        assert_eq!(line(&failure), "the file is empty: /a\u{fffd}\u{fffd}[2Jb.jpg");
        let said = ItemFailure { path: "/a".into(), why: "the original is gone: /a".into() };
        assert_eq!(line(&said), "the original is gone: /a");
    }
}
