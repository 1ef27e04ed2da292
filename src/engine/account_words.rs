//! Trouble with the account in plain words: the problem first, then what to do.

use crate::account::{AccountError, Trouble};
use crate::aws::{Fault, FaultKind};
use crate::domain::account::{AccountState, Place};
use crate::protocol::{ErrorCode, UserError};

/// Trouble as people read it.
pub(super) fn words(error: &AccountError, state: &AccountState) -> UserError {
    let (code, message, hint) = plain(&error.trouble);
    let mut said = UserError::new(code, message).hint(hint).details(error.details.clone());
    if let (Trouble::WeakPassword, Place::Aws(settings)) = (&error.trouble, &state.place) {
        let rules = settings.password.check("").into_iter().map(|(rule, _)| rule.words());
        said.hint = format!("It needs {}.", rules.collect::<Vec<_>>().join(", "));
    }
    if let Some(ahead_s) = state.clock_off_s {
        let clock = clock_words(ahead_s);
        // A clock that is off is the likeliest reason for almost every other trouble.
        said.hint = if said.hint.is_empty() { clock } else { format!("{} {clock}", said.hint) };
    }
    said
}

/// A fault of a store, which has no trouble of its own.
pub(super) fn fault_words(fault: &Fault) -> AccountError {
    let trouble = match fault.kind {
        FaultKind::Offline | FaultKind::TimedOut => Trouble::Offline,
        FaultKind::Busy => Trouble::Busy,
        FaultKind::BadAnswer => Trouble::BadAnswer("it is no answer of S3".to_owned()),
        FaultKind::NoCredentials => Trouble::BadInput(
            "no credentials were found; check the profile's name in the files of the AWS command line".to_owned(),
        ),
        FaultKind::Refused => Trouble::Denied,
        FaultKind::Here => Trouble::Other(fault.message.clone()),
    };
    AccountError::with(trouble, fault)
}

/// How far a clock is off.
fn clock_words(ahead_s: i64) -> String {
    let minutes = ahead_s.unsigned_abs() / 60;
    let much = match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} minutes"),
        (1, minutes) => format!("1 hour {minutes} minutes"),
        (hours @ 2..48, _) => format!("{hours} hours"),
        (hours, _) => format!("{} days", hours / 24),
    };
    let way = if ahead_s > 0 { "ahead" } else { "behind" };
    format!("This computer's clock is {much} {way}: set it right.")
}

fn plain(trouble: &Trouble) -> (ErrorCode, String, &'static str) {
    let said = |code, message: &str, hint| (code, message.to_owned(), hint);
    match trouble {
        Trouble::WrongPassword => said(
            ErrorCode::Denied,
            "The e-mail address or the password is wrong",
            "Check both; capital letters count. A forgotten password can be replaced by way of a mail.",
        ),
        Trouble::WrongCode => {
            said(ErrorCode::Denied, "The code is wrong", "Take the newest one; codes change, and run out.")
        }
        Trouble::WrongOldPassword => said(ErrorCode::Denied, "The password of now is wrong", "Capital letters count."),
        Trouble::Expired => {
            said(ErrorCode::Expired, "The code or the sign-in has run out", "Begin again, or have a new code sent.")
        }
        Trouble::TooManyTries { wait_min } => (
            ErrorCode::TooManyTries,
            format!("Too many tries: wait up to {wait_min} minutes, then try again"),
            "Every try before that can make the wait longer.",
        ),
        Trouble::UserExists => said(
            ErrorCode::Denied,
            "There is an account with this e-mail address already",
            "Sign in with it. A forgotten password can be replaced by way of a mail.",
        ),
        Trouble::NotConfirmed => {
            said(ErrorCode::Denied, "The account is not confirmed yet", "Type the code of the confirmation mail.")
        }
        Trouble::PasswordReset => {
            said(ErrorCode::Denied, "The password must be replaced", "Have a code sent, and choose a new password.")
        }
        Trouble::WeakPassword => {
            said(ErrorCode::Usage, "The password is not what the account asks for", "See the rules beside it.")
        }
        Trouble::BadInput(why) => (ErrorCode::Usage, capital(why), ""),
        _ => later(trouble),
    }
}

/// What goes wrong after a sign-in, or with nobody's doing.
fn later(trouble: &Trouble) -> (ErrorCode, String, &'static str) {
    let said = |code, message: &str, hint| (code, message.to_owned(), hint);
    match trouble {
        Trouble::SessionEnded => said(
            ErrorCode::SignedOut,
            "You are signed out: the sign-in was revoked, or it has run out",
            "Sign in again. Nothing on this computer is lost.",
        ),
        Trouble::SignedOut => {
            said(ErrorCode::SignedOut, "Nobody is signed in", "Sign in first: `lightkeep account sign-in`.")
        }
        Trouble::KeysMissing => said(
            ErrorCode::SignedOut,
            "The keyring has no keys for this server",
            "Set the server up again, with its access key and secret.",
        ),
        Trouble::NotSetUp => said(
            ErrorCode::Settings,
            "No AWS account is set up here",
            "Set one up with its settings line: `lightkeep account use LINE`, or in the window with Ctrl+,.",
        ),
        Trouble::WrongSettings(why) => (
            ErrorCode::Settings,
            capital(why),
            "Check the settings line; whoever owns the AWS account gets a new one with `lightkeep cloud show`.",
        ),
        Trouble::Denied => said(
            ErrorCode::Denied,
            "The service does not allow this",
            "Ask whoever owns the AWS account: the address, the user or the right to do this may be shut out.",
        ),
        Trouble::ClockOff(ahead_s) => (ErrorCode::Settings, clock_words(*ahead_s), ""),
        Trouble::Offline => said(
            ErrorCode::Offline,
            "The service cannot be reached",
            "Check the network, and the region in the settings. Everything on this computer works without it.",
        ),
        Trouble::Busy => said(ErrorCode::Offline, "The service is busy or out of order", "Try again in a minute."),
        Trouble::BadAnswer(why) => (
            ErrorCode::Failed,
            format!("The answer makes no sense ({why})"),
            "Something in between may have answered: a proxy, or the sign-in page of a hotel or a train.",
        ),
        Trouble::UnknownChallenge(name) => (
            ErrorCode::Failed,
            format!("The account asks for something that this version does not know ({name})"),
            "Sign in in the browser instead, or update Lightkeep.",
        ),
        Trouble::Keyring(problem) => {
            let (message, hint) = problem.words();
            (ErrorCode::Keyring, message, hint)
        }
        Trouble::NotRevoked => said(
            ErrorCode::Offline,
            "Signed out on this computer, but the service could not be told",
            "A copy of the sign-in would still work. Sign in once more when the service is there, and sign out everywhere.",
        ),
        Trouble::Stopped(why) => (ErrorCode::Cancelled, capital(why), ""),
        Trouble::Other(why) => (ErrorCode::Failed, capital(why), "Try again; the details say what the service said."),
        _ => said(ErrorCode::Failed, "It did not work", ""),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_off_by_a_sensible_amount() {
        assert_eq!(clock_words(400), "This computer's clock is 6 minutes ahead: set it right.");
        assert_eq!(clock_words(-7300), "This computer's clock is 2 hours behind: set it right.");
        assert!(clock_words(86_400 * 30).contains("30 days ahead"));
        let state = AccountState { clock_off_s: Some(-400), ..AccountState::default() };
        let said = words(&AccountError::new(Trouble::WrongPassword), &state);
        assert!(said.hint.ends_with("6 minutes behind: set it right."), "{}", said.hint);
    }
}
