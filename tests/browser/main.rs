//! Sign-in in the browser against an independent server: its own sign-in page, its own codes, its own keys.
#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

#[path = "../common/mod.rs"]
mod common;
mod page;
mod server;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lightkeep::account::{AccountError, Claims, Tokens, Trouble, browser, verify_id_token};
use lightkeep::domain::account::{AwsSettings, CALLBACK_PORTS};
use lightkeep::domain::{Secret, Timestamp};
use page::Page;
use server::{EMAIL, Ministack, PASSWORD};
use tokio::task::JoinHandle;

const SCOPES: [&str; 3] = ["openid", "email", "aws.cognito.signin.user.admin"];
const PATIENCE: Duration = Duration::from_secs(60);

fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap())
}

/// A sign-in under way, and the address that it opened.
async fn begin(settings: &AwsSettings, patience: Duration) -> (JoinHandle<Result<Tokens, AccountError>>, String) {
    let (send, opened) = tokio::sync::oneshot::channel();
    let settings = settings.clone();
    let send = Arc::new(Mutex::new(Some(send)));
    let task = tokio::spawn(async move {
        let open = move |address: String| send.lock().unwrap().take().expect("opened twice").send(address).unwrap();
        browser::sign_in(&settings, &open, &now, patience).await
    });
    (task, opened.await.unwrap())
}

async fn log_in(address: &str, password: &'static str) -> Result<String, Page> {
    let address = address.to_owned();
    tokio::task::spawn_blocking(move || page::log_in(&address, EMAIL, password)).await.unwrap()
}

async fn get(address: &str) -> Option<Page> {
    let address = address.to_owned();
    tokio::task::spawn_blocking(move || page::get(&address)).await.unwrap()
}

/// All in one test, because there are three ports for all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_on_the_page_of_the_pool() {
    let server = tokio::task::spawn_blocking(Ministack::start).await.unwrap();
    let client = server.client();
    let settings = server.pool(&client, &SCOPES).await;
    let tokens = signs_in(&settings).await;
    tokens_are_of_use(&client, &tokens).await;
    other_pools_tokens_are_not_believed(&server, &client, &settings, &tokens).await;
    a_used_code_is_refused(&settings).await;
    what_the_page_refuses_ends_it(&server, &client).await;
    the_way_back_is_free_again(&settings).await;
}

async fn signs_in(settings: &AwsSettings) -> Tokens {
    let (task, address) = begin(settings, PATIENCE).await;
    let wrong = log_in(&address, "Wrong-horse-7").await.unwrap_err();
    assert_eq!(wrong.status, 200, "a wrong password stays on the page: {wrong:?}");
    let back = log_in(&address, PASSWORD).await.unwrap();
    let redirect = page::part(&address, "redirect_uri").unwrap();
    assert!(back.starts_with(&format!("{redirect}?")), "{back}");

    // Others come first, and change nothing.
    let port: u16 = redirect.split([':', '/']).nth(4).unwrap().parse().unwrap();
    let base = format!("http://localhost:{port}");
    assert!(CALLBACK_PORTS.contains(&port));
    assert_eq!(get(&format!("{base}/favicon.ico")).await.unwrap().status, 404);
    assert_eq!(get(&format!("{base}/callback?code=forged&state=forged")).await.unwrap().status, 400);
    assert!(!task.is_finished());

    let shown = get(&back).await.unwrap();
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("You are signed in. You can close this page and go back to Lightkeep."), "{shown:?}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"),
        ("x-content-type-options", "nosniff"),
        ("connection", "close"),
    ] {
        assert_eq!(shown.headers.get(name).map(String::as_str), Some(value));
    }
    assert!(!shown.body.contains("<script"));
    let tokens = task.await.unwrap().unwrap();
    assert!(get(&back).await.is_none(), "the port is closed after success");

    let id = Claims::read(&tokens.id).unwrap();
    assert_eq!((id.email.expose(), id.token_use.as_str()), (EMAIL, "id"));
    assert_eq!(Claims::read(&tokens.access).unwrap().sub, id.sub);
    assert!(!tokens.refresh.is_empty());
    let left_s = (tokens.expires_at.0 - now().0) / 1000;
    assert!((60..=24 * 3600).contains(&left_s), "{left_s}");
    tokens
}

async fn tokens_are_of_use(client: &aws_sdk_cognitoidentityprovider::Client, tokens: &Tokens) {
    let user = client.get_user().access_token(tokens.access.expose()).send().await.unwrap();
    assert!(user.user_attributes().iter().any(|found| found.name() == "email" && found.value() == Some(EMAIL)));
}

async fn other_pools_tokens_are_not_believed(
    server: &Ministack,
    client: &aws_sdk_cognitoidentityprovider::Client,
    settings: &AwsSettings,
    tokens: &Tokens,
) {
    let verify = async |settings: &AwsSettings, token: &Secret, now: Timestamp| {
        verify_id_token(settings, token, None, None, &move || now).await.map(|claims| claims.sub).map_err(|e| e.trouble)
    };
    assert!(verify(settings, &tokens.id, now()).await.is_ok());
    let bad = |answer| matches!(answer, Err(Trouble::BadAnswer(_)));
    assert!(bad(verify(settings, &tokens.access, now()).await), "an access token is no id token");
    let mut other = server.pool(client, &SCOPES).await;
    assert!(bad(verify(&other, &tokens.id, now()).await), "that pool has other keys");
    // The right issuer and client beside the other pool's keys: only the signature is left to tell.
    other.endpoints.issuer = Some(settings.issuer());
    other.client.clone_from(&settings.client);
    assert!(bad(verify(&other, &tokens.id, now()).await));
    other.user_pool = "eu-central-1_Nowhere".into();
    assert!(verify(&other, &tokens.id, now()).await.is_err());
    let days = |days: i64| Timestamp(now().0 + days * 86_400_000);
    for (then, ahead) in [(days(2), true), (days(-2), false)] {
        let off = verify(settings, &tokens.id, then).await;
        assert!(matches!(off, Err(Trouble::ClockOff(s)) if (s > 0) == ahead && s.abs() > 86_000), "{off:?}");
    }
}

/// Somebody was quicker with the code.
async fn a_used_code_is_refused(settings: &AwsSettings) {
    let (task, address) = begin(settings, PATIENCE).await;
    let (other_task, other_address) = begin(settings, PATIENCE).await;
    let back = log_in(&address, PASSWORD).await.unwrap();
    let other_back = log_in(&other_address, PASSWORD).await.unwrap();
    let (code, other_code) = (page::part(&back, "code").unwrap(), page::part(&other_back, "code").unwrap());
    // The code of one sign-in beside the state of another: PKCE and the address do not fit.
    let mixed = get(&back.replace(&code, &other_code)).await.unwrap();
    assert!(mixed.body.contains("You are not signed in"), "{mixed:?}");
    let error = task.await.unwrap().unwrap_err();
    assert_eq!(error.trouble, Trouble::Expired);
    assert!(error.details.contains("invalid_grant") && !error.details.contains(&other_code), "{error:?}");
    other_task.abort();
}

async fn what_the_page_refuses_ends_it(server: &Ministack, client: &aws_sdk_cognitoidentityprovider::Client) {
    let settings = server.pool(client, &SCOPES[..2]).await;
    let (task, address) = begin(&settings, PATIENCE).await;
    let back = log_in(&address, PASSWORD).await.unwrap();
    let shown = get(&back).await.unwrap();
    assert!(shown.body.contains("You are not signed in"), "{shown:?}");
    let error = task.await.unwrap().unwrap_err();
    assert!(matches!(&error.trouble, Trouble::WrongSettings(words) if words.contains(&settings.client)), "{error:?}");
}

async fn the_way_back_is_free_again(settings: &AwsSettings) {
    let (task, address) = begin(settings, PATIENCE).await;
    let redirect = page::part(&address, "redirect_uri").unwrap();
    assert_eq!(redirect, format!("http://localhost:{}/callback", CALLBACK_PORTS[0]), "the first port is free again");
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let (task, again) = begin(settings, Duration::from_millis(10)).await;
    assert_eq!(page::part(&again, "redirect_uri").unwrap(), redirect);
    let error = task.await.unwrap().unwrap_err();
    assert!(matches!(&error.trouble, Trouble::Stopped(words) if words.contains("nobody came back")), "{error:?}");
}
