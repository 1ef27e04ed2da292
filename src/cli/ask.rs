//! Asks a person on the terminal, or reads the same answers line by line from standard input.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use zeroize::Zeroizing;

use crate::domain::Secret;
use crate::protocol::{ErrorCode, UserError};

/// No answer is longer, in bytes.
const MOST_ANSWER: usize = 8192;

/// Whether a person sits there.
pub(super) fn is_person() -> bool {
    std::io::stdin().is_terminal()
}

/// Reads something that may be seen while it is typed.
///
/// # Errors
/// Where there is nothing to read.
pub(super) fn line(prompt: &str) -> Result<Secret, UserError> {
    if is_person() {
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "{prompt}: ");
        let _ = out.flush();
    }
    let mut bytes = Zeroizing::new(Vec::new());
    let mut input = std::io::stdin().lock();
    loop {
        let buffer = input.fill_buf().map_err(|error| cannot(prompt, &error))?;
        if buffer.is_empty() {
            break;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(buffer.len(), |end| end + 1);
        bytes.extend_from_slice(&buffer[..taken]);
        input.consume(taken);
        if bytes.len() > MOST_ANSWER {
            return Err(UserError::new(ErrorCode::Usage, format!("{prompt}: the answer is far too long")));
        }
        if end.is_some() {
            break;
        }
    }
    if bytes.is_empty() && is_person() {
        return Err(UserError::new(ErrorCode::Cancelled, "Cancelled"));
    }
    if bytes.is_empty() {
        return Err(UserError::new(ErrorCode::Usage, format!("{prompt}: standard input has no line for it"))
            .hint("It is asked for on a terminal, or read as one line of standard input."));
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| UserError::new(ErrorCode::Usage, format!("{prompt}: the answer is not UTF-8")))?;
    Ok(Secret::from(text.trim_end_matches(['\r', '\n'])))
}

/// Reads a secret: nothing of it is shown.
///
/// # Errors
/// As [`line`].
pub(super) fn secret(prompt: &str) -> Result<Secret, UserError> {
    if !is_person() {
        return line(prompt);
    }
    rpassword::prompt_password(format!("{prompt}: ")).map(Secret::new).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => UserError::new(ErrorCode::Cancelled, "Cancelled"),
        _ => cannot(prompt, &error),
    })
}

/// Reads a new secret: twice from a person, who does not see it.
///
/// # Errors
/// As [`line`], and where the two differ.
pub(super) fn new_secret(prompt: &str) -> Result<Secret, UserError> {
    let first = secret(prompt)?;
    if is_person() && secret(&format!("{prompt} again"))? != first {
        return Err(UserError::new(ErrorCode::Usage, "the two are not the same").hint("Begin again."));
    }
    Ok(first)
}

/// Reads an e-mail address where none was given.
///
/// # Errors
/// As [`line`].
pub(super) fn email(given: Option<String>) -> Result<Secret, UserError> {
    match given {
        Some(email) => Ok(Secret::new(email)),
        None => line("E-mail address"),
    }
}

fn cannot(prompt: &str, error: &std::io::Error) -> UserError {
    UserError::new(ErrorCode::Usage, format!("{prompt}: it cannot be read ({error})"))
}
