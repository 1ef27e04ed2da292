//! What a request to the loopback address is, and what is said to it. Nothing here reads or writes: bytes to a verdict.

use percent_encoding::percent_decode_str;
use std::fmt::Write as _;

use super::loopback::{Answer, Rules};
use super::pkce::same;
use crate::domain::Secret;
use crate::domain::html::escape;

/// No head of a request is longer, in bytes. Browsers send along what other programs on `localhost` left as cookies.
pub(super) const MOST_HEAD: usize = 32 << 10;
/// No request has more header fields.
const MOST_FIELDS: usize = 100;
/// Words of a sign-in page are cut here, in characters.
const MOST_WORDS: usize = 200;
const CLOSE: &str = "You can close this page and go back to Lightkeep.";

/// What a request comes to.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The right callback.
    Answer(Answer),
    /// Anything else, and the whole HTTP answer to it.
    Refuse(String),
}

/// Judges what came so far; `None` where the head of the request is not complete.
pub(super) fn judge(head: &[u8], rules: &Rules) -> Option<Verdict> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => Some(decide(&request, rules).unwrap_or_else(Verdict::Refuse)),
        Ok(httparse::Status::Partial) if head.len() < MOST_HEAD => None,
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            Some(Verdict::Refuse(refusal(431, "This request is far too long.")))
        }
        Err(_) => Some(Verdict::Refuse(refusal(400, "This is not a request that Lightkeep understands."))),
    }
}

/// The answer to a callback that came when another one had come already.
pub(super) fn used() -> Verdict {
    Verdict::Refuse(refusal(409, "This sign-in was answered already."))
}

fn decide(request: &httparse::Request<'_, '_>, rules: &Rules) -> Result<Verdict, String> {
    // A page of somebody's own domain that points to this computer (DNS rebinding) names that domain here.
    let mut hosts = request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case("host"));
    let host = match (hosts.next(), hosts.next()) {
        (Some(field), None) => std::str::from_utf8(field.value).unwrap_or_default().to_ascii_lowercase(),
        _ => String::new(),
    };
    let ours = ["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{}", rules.port));
    if !ours.contains(&host) {
        return Err(refusal(421, "This page is not here."));
    }
    let target = request.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != "/callback" {
        return Err(refusal(404, "This page does not exist."));
    }
    if request.method != Some("GET") {
        return Err(refusal(405, "This page can only be opened."));
    }
    let answer =
        Query::read(query).ok_or_else(|| refusal(400, "This address is not one that Lightkeep understands."))?;
    if !answer.state.is_some_and(|state| same(rules.state.expose(), state.expose())) {
        let words = "This page does not belong to the sign-in that Lightkeep is waiting for. Go back to Lightkeep, and \
                     go on in the page that it opened.";
        return Err(refusal(400, words));
    }
    match (answer.code, answer.error) {
        (Some(code), None) if !code.is_empty() => Ok(Verdict::Answer(Answer::Code(code))),
        (None, Some(code)) => {
            let description = plain(answer.description.as_ref().map_or("", Secret::expose));
            Ok(Verdict::Answer(Answer::Error { code: plain(code.expose()), description }))
        }
        _ => Err(refusal(400, "The sign-in page sent no code.")),
    }
}

/// The parts of the query that count. Others are passed over (RFC 6749, section 4.1.2).
#[derive(Default)]
struct Query {
    state: Option<Secret>,
    code: Option<Secret>,
    error: Option<Secret>,
    description: Option<Secret>,
}

impl Query {
    /// `None` where a part is there twice (RFC 6749, section 3.1) or no UTF-8.
    fn read(query: &str) -> Option<Self> {
        let mut found = Self::default();
        for part in query.split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let slot = match name {
                "state" => &mut found.state,
                "code" => &mut found.code,
                "error" => &mut found.error,
                "error_description" => &mut found.description,
                _ => continue,
            };
            let value = zeroize::Zeroizing::new(value.replace('+', " "));
            let value = percent_decode_str(&value).decode_utf8().ok()?;
            if slot.replace(Secret::new(value)).is_some() {
                return None;
            }
        }
        Some(found)
    }
}

/// A service's words as one line, not too long, without control characters, and without the e-mail addresses that
/// triggers of a pool like to put into them.
pub(super) fn plain(text: &str) -> String {
    let words = text.split_whitespace().map(|word| if word.contains('@') { "…" } else { word });
    let words: Vec<&str> = words.collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(MOST_WORDS).collect()
}

/// The page after a sign-in that worked.
pub(super) fn signed_in() -> String {
    page(200, "You are signed in", &format!("You are signed in. {CLOSE}"))
}

/// The page after a sign-in that did not work; what went wrong stands in the window.
pub(super) fn not_signed_in(why: &str) -> String {
    page(200, "You are not signed in", &format!("You are not signed in. {why} {CLOSE}"))
}

fn refusal(status: u16, words: &str) -> String {
    page(status, "Nothing was done", words)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        _ => "Bad Request",
    }
}

/// A whole answer. No script, no picture, no other address; light or dark as the browser is.
fn page(status: u16, title: &str, words: &str) -> String {
    let (title, words) = (escape(title), escape(words));
    let body = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} – Lightkeep</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>:root{{color-scheme:light dark}}\
         body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem}}\
         h1{{font-size:1.4rem;font-weight:600}}</style></head><body><main><h1>{title}</h1><p>{words}</p></main>\
         </body></html>\n"
    );
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Connection", "close"),
    ] {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if status == 405 {
        head.push_str("Allow: GET\r\n");
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
    head + &body
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
