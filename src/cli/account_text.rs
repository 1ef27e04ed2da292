//! How the account's answers look, for scripts and for people.

use serde_json::{Value, json};

use super::account::or_null;
use super::output::Answer;
use crate::domain::account::{AccountState, Challenge, Factor, Kept, Place, Session, SignedOut};
use crate::protocol::{AccountAnswer, CheckState, ConnectionReport, ItemFailure};

/// What an account is good for in this version, so that nobody takes a sign-in for a backup.
const STORED_THERE: &str = "Photos are stored there and in the vault.";

/// How it stands with the account.
pub(super) fn state(state: &AccountState) -> Answer {
    let identity = state.identity();
    let (session, why) = session(&state.session);
    let kept = match (&state.session, state.kept) {
        (Session::SignedIn(_) | Session::Offline { .. }, Kept::Keyring) => Some("keyring"),
        (Session::SignedIn(_) | Session::Offline { .. }, Kept::ThisSession) => Some("this_session"),
        _ => None,
    };
    let email = identity.map(|who| who.email.expose()).filter(|email| !email.is_empty());
    let json = json!({
        "place": place(&state.place),
        "session": session,
        "email": or_null(email),
        "user": or_null(identity.map(|who| who.sub.as_str())),
        "identity_id": or_null(identity.and_then(|who| who.identity_id.as_deref())),
        "kept": or_null(kept),
        "factors": state.factors.iter().map(|factor| name(*factor)).collect::<Vec<_>>(),
        "why": or_null(why.as_deref()),
        "clock_off_s": state.clock_off_s,
    });
    Answer::new(json, state_text(state, email, why.as_deref()))
}

fn state_text(state: &AccountState, email: Option<&str>, why: Option<&str>) -> String {
    let mut lines = vec![match &state.place {
        Place::ThisComputer => "Photos are stored in the vault of this computer; no account is used.".to_owned(),
        Place::Aws(aws) => format!("AWS is set up: {}, bucket {}. {STORED_THERE}", aws.region, aws.bucket),
        Place::Remote(remote) => {
            let server = remote.endpoint.as_deref().unwrap_or("AWS");
            format!("{server} is set up: bucket {}. {STORED_THERE}", remote.bucket)
        }
    }];
    if let Place::Aws(_) = state.place {
        let who = email.unwrap_or("somebody without an e-mail address");
        lines.push(match &state.session {
            Session::SignedIn(_) if state.kept == Kept::ThisSession => format!("Signed in as {who}, this time only."),
            Session::SignedIn(_) => format!("Signed in as {who}."),
            Session::Offline { .. } => format!("Offline ({}); signed in last as {who}.", why.unwrap_or_default()),
            Session::Keyring(problem) => {
                let (message, hint) = problem.words();
                format!("{message}. {hint}")
            }
            Session::NeedsYou(_) => format!("A sign-in waits: {}.", why.unwrap_or_default()),
            Session::Restoring(_) => "Looking at the kept sign-in.".to_owned(),
            Session::SignedOut(SignedOut::Ended(why)) => format!("Signed out: {why}."),
            Session::SignedOut(SignedOut::Plain) => "Nobody is signed in.".to_owned(),
        });
    }
    if let Some(seconds) = state.clock_off_s {
        let way = if seconds > 0 { "ahead" } else { "behind" };
        lines.push(format!("This computer's clock is {} minutes {way}.", seconds.unsigned_abs() / 60));
    }
    lines.join("\n")
}

fn session(session: &Session) -> (&'static str, Option<String>) {
    match session {
        Session::SignedOut(SignedOut::Plain) => ("signed_out", None),
        Session::SignedOut(SignedOut::Ended(why)) => ("signed_out", Some(why.clone())),
        Session::Restoring(_) => ("restoring", None),
        Session::NeedsYou(challenge) => ("needs_you", Some(challenge_name(challenge).to_owned())),
        Session::SignedIn(_) => ("signed_in", None),
        Session::Offline { why, .. } => ("offline", Some(why.clone())),
        Session::Keyring(problem) => ("keyring", Some(problem.words().0)),
    }
}

fn challenge_name(challenge: &Challenge) -> &'static str {
    match challenge {
        Challenge::ConfirmSignUp { .. } => "confirm_sign_up",
        Challenge::NewPassword => "new_password",
        Challenge::Totp => "totp",
        Challenge::TotpSetup(_) => "totp_set_up",
        Challenge::Sms { .. } => "sms",
        Challenge::Email { .. } => "email",
        Challenge::Choose(_) => "choose",
        Challenge::ResetPassword { .. } => "reset_password",
        Challenge::Browser { .. } => "browser",
    }
}

fn place(place: &Place) -> Value {
    match place {
        Place::ThisComputer => json!({ "kind": "this_computer" }),
        Place::Aws(aws) => json!({ "kind": "aws", "region": aws.region, "bucket": aws.bucket }),
        Place::Remote(remote) => json!({
            "kind": "remote",
            "region": remote.region,
            "bucket": remote.bucket,
            "endpoint": remote.endpoint,
            "prefix": remote.prefix,
        }),
    }
}

fn name(factor: Factor) -> &'static str {
    match factor {
        Factor::Totp => "totp",
        Factor::Sms => "sms",
        Factor::Email => "email",
        Factor::Password => "password",
    }
}

/// What is switched on.
pub(super) fn factors(factors: &[Factor]) -> Answer {
    let names: Vec<&str> = factors.iter().map(|factor| name(*factor)).collect();
    let words: Vec<&str> = factors.iter().map(|factor| factor.words()).collect();
    let text = match words.as_slice() {
        [] => "Only the password is asked for.".to_owned(),
        words => format!("Asked for beside the password: {}.", words.join(", ")),
    };
    Answer::new(json!({ "factors": names }), text)
}

/// How something ended.
pub(super) fn answer(answer: &AccountAnswer) -> Answer {
    match answer {
        AccountAnswer::Done(words) => Answer::new(json!({ "done": true }), words.clone()),
        AccountAnswer::CodeSent(sent_to) => {
            let text = match sent_to {
                Some(sent_to) => format!("A code was sent to {sent_to}."),
                None => "A code was sent to your e-mail address.".to_owned(),
            };
            Answer::new(json!({ "code_sent_to": sent_to }), text)
        }
        AccountAnswer::GoOn => Answer::new(json!({ "done": false }), "Something more is asked for."),
        AccountAnswer::Checked(checked) => report(checked),
        // Its key is shown where it is asked for, and nowhere else.
        AccountAnswer::Totp(_) => Answer::new(json!({ "done": false }), "The authenticator app waits for its code."),
    }
}

/// How it stands with a bucket. What is bad is a failure of its own.
pub(super) fn report(report: &ConnectionReport) -> Answer {
    let mut lines = vec![format!("{}, {}", report.place, report.prefix)];
    let mut failed = Vec::new();
    let checks: Vec<Value> = report
        .checks
        .iter()
        .map(|check| {
            let (state, why) = match &check.state {
                CheckState::Good => ("good", None),
                CheckState::Bad(why) => ("bad", Some(why)),
                CheckState::Unknown(why) => ("unknown", Some(why)),
            };
            match &check.state {
                CheckState::Good => lines.push(format!("  yes      {}", check.what)),
                CheckState::Unknown(why) => lines.push(format!("  unknown  {}: {why}", check.what)),
                CheckState::Bad(why) => failed.push(ItemFailure { path: check.what.clone(), why: why.clone() }),
            }
            json!({ "what": check.what, "state": state, "why": why })
        })
        .collect();
    let json = json!({ "place": report.place, "prefix": report.prefix, "checks": checks });
    Answer::new(json, lines.join("\n")).failed(failed)
}
