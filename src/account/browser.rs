//! Sign-in on the pool's own page in the browser (managed login): authorization code with PKCE, and the way back to
//! this computer.
//!
//! Sources: RFC 6749 section 4.1, RFC 7636, RFC 8252, RFC 9700; Amazon Cognito Developer Guide, "Authorize endpoint" and
//! "Token endpoint".

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::callback;
use super::error::{AccountError, Trouble};
use super::jwks::{unreachable, verify_id_token};
use super::loopback::{Answer, Loopback};
use super::pkce::Once;
use super::tokens::{Claims, Tokens};
use crate::aws;
use crate::domain::account::{AwsSettings, CALLBACK_PORTS};
use crate::domain::{Secret, Timestamp};

/// How long a person may take in the browser, unless somebody says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// The mail address to show, and the user's own calls to the pool (change password, sign out everywhere).
const SCOPE: &str = "openid email aws.cognito.signin.user.admin";
/// What RFC 3986 leaves as it is.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Signs in on the pool's own page: `open` is called once with its address, then the browser is waited for, at most
/// `patience`. Dropping the future ends the wait and gives the port back at once.
///
/// # Errors
/// - [`Trouble::WrongSettings`]: the account has no such page, or its app client does not allow this.
/// - [`Trouble::Stopped`]: nobody came back in time, or the person or the pool ended it on the page.
/// - [`Trouble::Expired`]: the code ran out, or was used already.
/// - [`Trouble::BadAnswer`]: what came is no answer of the service, or is not to be believed.
/// - [`Trouble::ClockOff`], [`Trouble::Offline`], [`Trouble::Busy`], and [`Trouble::Other`] where no port is free.
pub async fn sign_in(
    settings: &AwsSettings,
    open: &(dyn Fn(String) + Send + Sync),
    now: &(dyn Fn() -> Timestamp + Send + Sync),
    patience: Duration,
) -> Result<Tokens, AccountError> {
    sign_in_at(&CALLBACK_PORTS, settings, open, now, patience).await
}

async fn sign_in_at(
    ports: &[u16],
    settings: &AwsSettings,
    open: &(dyn Fn(String) + Send + Sync),
    now: &(dyn Fn() -> Timestamp + Send + Sync),
    patience: Duration,
) -> Result<Tokens, AccountError> {
    let login = login(settings)?;
    let once = Once::new()?;
    let mut loopback = Loopback::bind(ports, once.state.clone()).await?;
    let redirect = loopback.redirect();
    open(authorize_address(login, settings, &redirect, &once));
    let Ok(arrival) = tokio::time::timeout(patience, loopback.arrival()).await else {
        let words = format!("nobody came back from the browser within {}", span(patience));
        return Err(AccountError::new(Trouble::Stopped(words)));
    };
    let ended = match &arrival.answer {
        Answer::Error { code, description } => Err(refused(code, description, settings)),
        Answer::Code(code) => {
            let exchange = async {
                let grant = Grant { login, settings, redirect: &redirect, once: &once };
                let tokens = grant.exchange(code).await?;
                grant.check(tokens, now).await
            };
            tokio::select! {
                ended = exchange => ended,
                never = loopback.answer_others() => match never {},
            }
        }
    };
    let page = match (&ended, &arrival.answer) {
        (Ok(_), _) => callback::signed_in(),
        (Err(_), Answer::Error { code, description }) => {
            let dash = if description.is_empty() { "" } else { ": " };
            callback::not_signed_in(&format!("The sign-in page said {code}{dash}{description}."))
        }
        (Err(_), Answer::Code(_)) => callback::not_signed_in("Lightkeep says what happened."),
    };
    arrival.show(&page).await;
    ended
}

/// The address of the pages, without anything that would change what is put behind it.
fn login(settings: &AwsSettings) -> Result<&str, AccountError> {
    match settings.login.as_deref() {
        Some(login) if !login.contains(['?', '#']) => Ok(login.trim_end_matches('/')),
        Some(_) => Err(wrong("the address of the sign-in page has a \"?\" or \"#\" in it")),
        None => Err(wrong("this account has no sign-in page for the browser; sign in with e-mail and password")),
    }
}

fn wrong(words: impl Into<String>) -> AccountError {
    AccountError::new(Trouble::WrongSettings(words.into()))
}

fn span(time: Duration) -> String {
    match time.as_secs() {
        60 => "1 minute".to_owned(),
        1 => "1 second".to_owned(),
        seconds if seconds >= 60 && seconds.is_multiple_of(60) => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} seconds"),
    }
}

fn authorize_address(login: &str, settings: &AwsSettings, redirect: &str, once: &Once) -> String {
    let challenge = once.challenge();
    let parts = [
        ("response_type", "code"),
        ("client_id", settings.client.as_str()),
        ("redirect_uri", redirect),
        ("scope", SCOPE),
        ("state", once.state.expose()),
        ("nonce", once.nonce.expose()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let parts = parts.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY)));
    format!("{login}/oauth2/authorize?{}", parts.join("&"))
}

/// What an `error=` of the sign-in page means (RFC 6749, section 4.1.2.1).
fn refused(code: &str, description: &str, settings: &AwsSettings) -> AccountError {
    let trouble = match code {
        "access_denied" => Trouble::Stopped("the sign-in was refused or left on its page in the browser".to_owned()),
        "server_error" | "temporarily_unavailable" => Trouble::Busy,
        "unauthorized_client" | "unsupported_response_type" | "invalid_scope" => no_browser(settings),
        // Cognito and its stand-ins name a scope that the client does not allow in the description only.
        "invalid_request" if description.contains("scope") => no_browser(settings),
        _ => Trouble::Other("the sign-in page could not sign anybody in".to_owned()),
    };
    let separator = if description.is_empty() { "" } else { " · " };
    AccountError { trouble, details: format!("{code}{separator}{description}") }
}

fn no_browser(settings: &AwsSettings) -> Trouble {
    Trouble::WrongSettings(format!("the app client {} does not allow sign-in in the browser", settings.client))
}

/// What the token address answers (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Granted {
    #[serde(default, deserialize_with = "secret")]
    access_token: Secret,
    #[serde(default, deserialize_with = "secret")]
    id_token: Secret,
    #[serde(default, deserialize_with = "secret")]
    refresh_token: Secret,
    #[serde(default)]
    token_type: String,
}

fn secret<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    String::deserialize(from).map(Secret::new)
}

/// Why it gives none (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
}

/// One code and all that belongs to it.
struct Grant<'a> {
    login: &'a str,
    settings: &'a AwsSettings,
    redirect: &'a str,
    once: &'a Once,
}

impl Grant<'_> {
    /// Tokens for the code.
    async fn exchange(&self, code: &Secret) -> Result<Granted, AccountError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", self.settings.client.as_str()),
            ("code", code.expose()),
            ("redirect_uri", self.redirect),
            ("code_verifier", self.once.verifier.expose()),
        ];
        let address = format!("{}/oauth2/token", self.login);
        let answer = aws::post_form(&address, &form).await.map_err(|fault| unreachable(&fault))?;
        if answer.status == 200 {
            // What the parser would say could repeat a token.
            return serde_json::from_slice(&answer.body)
                .map_err(|_| bad("the answer of the sign-in service is cut off, or is none of it", answer.details()));
        }
        let error = self.no_tokens(&answer);
        let secrets = [code, &self.once.verifier, &self.once.state, &self.once.nonce];
        Err(secrets.into_iter().fold(error, |error, secret| error.without(secret.expose())))
    }

    fn no_tokens(&self, answer: &aws::Response) -> AccountError {
        let (status, details) = (answer.status, answer.details());
        let Ok(refusal) = serde_json::from_slice::<Refusal>(&answer.body) else {
            return match status {
                429 | 500.. => AccountError { trouble: Trouble::Busy, details },
                404 => {
                    AccountError { details, ..wrong("there is no sign-in service at the address of the sign-in page") }
                }
                // A page of something in between: a proxy, or a network that wants a sign-in of its own.
                _ => bad("the answer is none of the sign-in service", details),
            };
        };
        let client = &self.settings.client;
        let trouble = match refusal.error.as_str() {
            _ if status == 429 || status >= 500 => Trouble::Busy,
            // Two names for what one of the stand-ins calls `invalid_grant`.
            "redirect_mismatch" | "redirect_uri_mismatch" => Trouble::WrongSettings(format!(
                "the app client {client} does not list {} as a callback address",
                self.redirect
            )),
            "invalid_grant" => Trouble::Expired,
            "invalid_client" => {
                Trouble::WrongSettings(format!("the app client {client} does not exist here, or wants a secret"))
            }
            "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => no_browser(self.settings),
            "server_error" | "temporarily_unavailable" | "slow_down" => Trouble::Busy,
            _ => Trouble::Other("the sign-in service gave no tokens".to_owned()),
        };
        let words = format!("{} {}", refusal.error, refusal.error_description.unwrap_or_default());
        let words = callback::plain(&words);
        AccountError { trouble, details: format!("{words} · {details}") }
    }

    /// Whether all that came is there, belongs together, and is the pool's.
    async fn check(
        &self,
        granted: Granted,
        now: &(dyn Fn() -> Timestamp + Send + Sync),
    ) -> Result<Tokens, AccountError> {
        let Granted { access_token: access, id_token: id, refresh_token: refresh, token_type } = granted;
        // A client that does not know the type must not use the token (RFC 6749, section 7.1).
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(bad("the sign-in service gave tokens of an unknown type", String::new()));
        }
        for (token, what) in [(&access, "access token"), (&id, "id token"), (&refresh, "refresh token")] {
            if token.is_empty() {
                return Err(bad(&format!("the sign-in service gave no {what}"), String::new()));
            }
        }
        let who = verify_id_token(self.settings, &id, Some(&self.once.nonce), Some(&access), now).await?;
        let own = Claims::read(&access)?;
        if own.sub != who.sub || own.token_use != "access" || own.iss != who.iss {
            let words = "the access token is not of the person whom the id token names";
            return Err(bad(words, String::new()));
        }
        let expires_at = who.expires_at().min(own.expires_at());
        Ok(Tokens { access, id, refresh, expires_at })
    }
}

fn bad(words: &str, details: String) -> AccountError {
    AccountError { trouble: Trouble::BadAnswer(words.to_owned()), details }
}

#[cfg(test)]
#[path = "browser_tests.rs"]
mod tests;
