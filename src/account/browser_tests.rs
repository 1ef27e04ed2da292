//! The whole way with a service that answers wrongly. That it works with a right one is shown in `tests/browser`
//! against an independent server; the one here exists because no real one can be asked to misbehave.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::domain::account::{Endpoints, PasswordPolicy};

const KEY_ONE: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/test-key-one.der"));
const KEY_TWO: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/test-key-two.der"));
const JWK_ONE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/test-key-one.jwk.json"));
const CODE: &str = "c0de-that-must-not-be-seen";
const REFRESH: &str = "refresh-token-that-must-not-be-seen";
const NOW_S: i64 = 1_800_000_000;
const SOON: Duration = Duration::from_secs(10);
/// Any free port, with more tries for where the same one is not free on `::1`.
const FREE: [u16; 8] = [0; 8];

fn now() -> Timestamp {
    Timestamp(NOW_S * 1000)
}

/// Parts of a query or a form.
fn parts(text: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    text.split('&').filter_map(|part| part.split_once('=')).map(|(n, v)| (decode(n), decode(v))).collect()
}

/// What the service answers, and what it saw.
#[derive(Default)]
struct Script {
    /// Status and body of the token address; `None` never answers.
    token: Option<(u16, String)>,
    /// Status and body of the keys, first to last; the last one stays.
    keys: Vec<(u16, String)>,
    form: String,
    keys_asked: usize,
}

type Shared = Arc<Mutex<Script>>;

fn right_keys() -> String {
    json!({ "keys": [serde_json::from_str::<Value>(JWK_ONE).unwrap()] }).to_string()
}

/// A service; it stays for as long as the runtime of the test does.
async fn service(keys: &[(u16, String)]) -> (AwsSettings, Shared) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let shared = Shared::new(Mutex::new(Script { keys: keys.to_vec(), ..Script::default() }));
    let script = Arc::clone(&shared);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&script)));
        }
    });
    (settings(&base), shared)
}

async fn serve(mut stream: TcpStream, script: Shared) {
    let mut got = String::new();
    let (head, body) = loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.unwrap();
        got.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        if let Some((head, body)) = got.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        }
        assert!(read > 0, "cut off: {got}");
    };
    let answer = {
        let mut script = script.lock().unwrap();
        if head.starts_with("POST /oauth2/token ") {
            script.form = body;
            script.token.clone()
        } else {
            assert!(head.starts_with("GET /eu-central-1_Test/.well-known/jwks.json "), "{head}");
            script.keys_asked += 1;
            let index = script.keys_asked.min(script.keys.len()) - 1;
            Some(script.keys[index].clone())
        }
    };
    let Some((status, body)) = answer else { return std::future::pending().await };
    // A body that ends in a NUL is cut off there, before its announced length.
    let (body, more) = body.strip_suffix('\0').map_or((body.as_str(), 0), |body| (body, 10));
    let length = body.len() + more;
    let answer = format!(
        "HTTP/1.1 {status} X\r\nx-amz-cognito-request-id: 7-<a>\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn settings(base: &str) -> AwsSettings {
    AwsSettings {
        region: "eu-central-1".into(),
        user_pool: "eu-central-1_Test".into(),
        client: "client1".into(),
        identity_pool: "eu-central-1:0a1b".into(),
        bucket: "lightkeep-photos".into(),
        bucket_owner: "123456789012".into(),
        login: Some(format!("{base}/")),
        password: PasswordPolicy::default(),
        endpoints: Endpoints { all: Some(base.to_owned()), ..Endpoints::default() },
        user: None,
        identity: None,
    }
}

fn signed(key: &[u8], claims: &Value) -> String {
    let header = Header { kid: Some("test-one".into()), ..Header::new(Algorithm::RS256) };
    encode(&header, claims, &EncodingKey::from_rsa_der(key)).unwrap()
}

fn access_claims(settings: &AwsSettings) -> Value {
    json!({
        "sub": "5f0c-1", "iss": settings.issuer(), "client_id": "client1", "token_use": "access",
        "iat": NOW_S, "exp": NOW_S + 1800,
    })
}

fn id_claims(settings: &AwsSettings, nonce: &str) -> Value {
    json!({
        "sub": "5f0c-1", "iss": settings.issuer(), "aud": "client1", "token_use": "id", "nonce": nonce,
        "iat": NOW_S, "exp": NOW_S + 3600, "email": "ann@example.org",
    })
}

/// What a right service answers to the sign-in whose page was opened.
fn granted(settings: &AwsSettings, page: &BTreeMap<String, String>) -> Value {
    json!({
        "access_token": signed(KEY_ONE, &access_claims(settings)),
        "id_token": signed(KEY_ONE, &id_claims(settings, &page["nonce"])),
        "refresh_token": REFRESH, "token_type": "Bearer", "expires_in": 1800, "new": {},
    })
}

/// A sign-in that waits for its callback, and the parts of the address that it opened.
type Running = tokio::task::JoinHandle<Result<Tokens, AccountError>>;

async fn begin(settings: &AwsSettings, patience: Duration) -> (Running, BTreeMap<String, String>) {
    let (send, opened) = tokio::sync::oneshot::channel();
    let send = Mutex::new(Some(send));
    let settings = settings.clone();
    let expected = format!("{}oauth2/authorize?", settings.login.as_deref().unwrap());
    let task = tokio::spawn(async move {
        let open = move |address: String| send.lock().unwrap().take().expect("opened once").send(address).unwrap();
        sign_in_at(&FREE, &settings, &open, &now, patience).await
    });
    let address = opened.await.unwrap();
    (task, parts(address.strip_prefix(&expected).unwrap()))
}

/// Goes to an address below the loopback and gives what it shows.
async fn visit(page: &BTreeMap<String, String>, query: &str) -> String {
    let host = page["redirect_uri"].strip_prefix("http://").unwrap().strip_suffix("/callback").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /callback?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut shown = String::new();
    stream.read_to_string(&mut shown).await.unwrap();
    shown
}

/// The whole way with what the token address answers to it.
async fn goes(
    settings: &AwsSettings,
    script: &Shared,
    answer: impl FnOnce(&BTreeMap<String, String>) -> (u16, String),
) -> (Result<Tokens, AccountError>, String) {
    let (task, page) = begin(settings, SOON).await;
    let (status, body) = answer(&page);
    script.lock().unwrap().token = Some((status, body.clone()));
    let shown = visit(&page, &format!("code={CODE}&state={}", page["state"])).await;
    let ended = task.await.unwrap();
    let form = parts(&script.lock().unwrap().form);
    // Whatever happened, nothing of worth is seen.
    let seen = match &ended {
        Ok(tokens) => format!("{tokens:?} {shown}"),
        Err(error) => format!("{error} {error:?} {shown}"),
    };
    let verifier = form.get("code_verifier").map_or("(it was never sent)", String::as_str);
    for secret in [CODE, REFRESH, "ann@example.org", &page["state"], &page["nonce"], verifier, "eyJ"] {
        assert!(!seen.contains(secret), "{secret} is seen in {seen}");
    }
    assert_eq!(ended.is_ok(), shown.contains("You are signed in."), "{shown}");
    (ended, shown)
}

#[tokio::test]
async fn the_right_way_asks_for_what_the_standards_say() {
    let (settings, script) = service(&[(200, right_keys())]).await;
    let mut opened = BTreeMap::new();
    let (ended, _) = goes(&settings, &script, |page| {
        opened.clone_from(page);
        (200, granted(&settings, page).to_string())
    })
    .await;
    let tokens = ended.unwrap();
    assert_eq!(tokens.refresh.expose(), REFRESH);
    assert_eq!(tokens.expires_at, Timestamp((NOW_S + 1800) * 1000), "the sooner of the two");
    let names: Vec<&str> = opened.keys().map(String::as_str).collect();
    let expected = [
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ];
    assert_eq!(names, expected);
    assert_eq!((opened["response_type"].as_str(), opened["client_id"].as_str()), ("code", "client1"));
    assert_eq!(opened["scope"], "openid email aws.cognito.signin.user.admin");
    assert_eq!(opened["code_challenge_method"], "S256");
    let form = parts(&script.lock().unwrap().form);
    let names: Vec<&str> = form.keys().map(String::as_str).collect();
    assert_eq!(names, ["client_id", "code", "code_verifier", "grant_type", "redirect_uri"]);
    assert_eq!((form["grant_type"].as_str(), form["code"].as_str()), ("authorization_code", CODE));
    assert_eq!(form["redirect_uri"], opened["redirect_uri"]);
    assert_eq!(opened["code_challenge"], URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"])));
    assert_eq!(script.lock().unwrap().keys_asked, 1);
}

#[tokio::test]
async fn every_refusal_of_the_token_address_is_named() {
    let (settings, script) = service(&[(200, right_keys())]).await;
    let refusal = |error: &str, words: &str| json!({ "error": error, "error_description": words }).to_string();
    let html = "<!DOCTYPE html><html><body>Welcome to the hotel. eyJ</body></html>";
    let is_bad = |trouble: &Trouble| matches!(trouble, Trouble::BadAnswer(_));
    let is_wrong = |trouble: &Trouble| matches!(trouble, Trouble::WrongSettings(words) if words.contains("client1"));
    type Case<'a> = (u16, String, &'a dyn Fn(&Trouble) -> bool);
    let cases: [Case<'_>; 21] = [
        (400, refusal("invalid_grant", "used"), &|trouble| *trouble == Trouble::Expired),
        (400, json!({"error": "invalid_grant"}).to_string(), &|trouble| *trouble == Trouble::Expired),
        (400, refusal("invalid_grant", &format!("{CODE} is used")), &|trouble| *trouble == Trouble::Expired),
        (400, refusal("invalid_grant", "ann@example.org is gone"), &|trouble| *trouble == Trouble::Expired),
        (400, refusal("redirect_mismatch", ""), &|t| matches!(t, Trouble::WrongSettings(w) if w.contains("/callback"))),
        (401, refusal("invalid_client", ""), &is_wrong),
        (400, refusal("invalid_client", "client not found"), &is_wrong),
        (400, refusal("unauthorized_client", ""), &is_wrong),
        (400, refusal("unsupported_grant_type", ""), &is_wrong),
        (400, refusal("invalid_request", ""), &|trouble| matches!(trouble, Trouble::Other(_))),
        (400, refusal("something_new", "\r\n\u{7}"), &|trouble| matches!(trouble, Trouble::Other(_))),
        (429, refusal("slow_down", ""), &|trouble| *trouble == Trouble::Busy),
        (500, refusal("server_error", ""), &|trouble| *trouble == Trouble::Busy),
        (503, html.into(), &|trouble| *trouble == Trouble::Busy),
        (400, html.into(), &is_bad),
        (403, html.into(), &is_bad),
        (302, String::new(), &is_bad),
        (404, html.into(), &|trouble| matches!(trouble, Trouble::WrongSettings(_))),
        (200, html.into(), &is_bad),
        (200, "{\"access_token\":\"eyJ".into(), &is_bad),
        (200, format!("{{\"access_token\":\"{CODE}\"\0"), &|trouble| *trouble == Trouble::Offline || is_bad(trouble)),
    ];
    for (status, body, expected) in cases {
        let (ended, shown) = goes(&settings, &script, |_| (status, body.clone())).await;
        let error = ended.unwrap_err();
        assert!(expected(&error.trouble), "{status} {body}: {error:?}");
        let is_whole = !body.ends_with('\0');
        assert!(!is_whole || error.details.ends_with(&format!("HTTP {status} · request id 7-a")), "{error:?}");
        assert!(shown.contains("You are not signed in."), "{shown}");
    }
    assert_eq!(script.lock().unwrap().keys_asked, 0, "without tokens there is nothing to check");
}

#[tokio::test]
async fn tokens_that_lack_something_or_are_another_persons_are_not_taken() {
    let (settings, script) = service(&[(200, right_keys())]).await;
    type Change<'a> = &'a dyn Fn(&mut Value, &str);
    let changes: [(&str, Change<'_>); 14] = [
        ("no access token", &|all, _| _ = all.as_object_mut().unwrap().remove("access_token")),
        ("no id token", &|all, _| _ = all.as_object_mut().unwrap().remove("id_token")),
        ("no refresh token", &|all, _| all["refresh_token"] = json!("")),
        ("a token that is null", &|all, _| all["refresh_token"] = Value::Null),
        ("no type", &|all, _| _ = all.as_object_mut().unwrap().remove("token_type")),
        ("another type", &|all, _| all["token_type"] = json!("mac")),
        ("a number", &|all, _| all["id_token"] = json!(7)),
        ("no token", &|all, _| all["id_token"] = json!("a.b.c")),
        ("the nonce of another", &|all, _| all["id_token"] = json!(signed(KEY_ONE, &id_claims(&settings, "other")))),
        ("another key", &|all, nonce| all["id_token"] = json!(signed(KEY_TWO, &id_claims(&settings, nonce)))),
        ("the access token twice", &|all, _| all["id_token"] = all["access_token"].clone()),
        ("the id token twice", &|all, _| all["access_token"] = all["id_token"].clone()),
        ("an access token that is none", &|all, _| all["access_token"] = json!("opaque")),
        ("another person's access token", &|all, _| {
            let mut claims = access_claims(&settings);
            claims["sub"] = json!("somebody-else");
            all["access_token"] = json!(signed(KEY_ONE, &claims));
        }),
    ];
    for (what, change) in changes {
        let answer = |page: &BTreeMap<String, String>| {
            let mut all = granted(&settings, page);
            change(&mut all, &page["nonce"]);
            (200, all.to_string())
        };
        let error = goes(&settings, &script, answer).await.0.expect_err(what);
        assert!(matches!(error.trouble, Trouble::BadAnswer(_)), "{what}: {error:?}");
    }
    let late = |page: &BTreeMap<String, String>| {
        let mut claims = id_claims(&settings, &page["nonce"]);
        (claims["iat"], claims["exp"]) = (json!(NOW_S - 7200), json!(NOW_S - 3600));
        let mut all = granted(&settings, page);
        all["id_token"] = json!(signed(KEY_ONE, &claims));
        (200, all.to_string())
    };
    let error = goes(&settings, &script, late).await.0.unwrap_err();
    assert_eq!(error.trouble, Trouble::ClockOff(7200), "a new token that has ended is a clock that is off");
}

#[tokio::test]
async fn keys_are_fetched_once_more_where_one_is_missing() {
    let none = (200, json!({ "keys": [] }).to_string());
    let (settings, script) = service(&[none.clone(), (200, right_keys())]).await;
    let answer = |page: &BTreeMap<String, String>| (200, granted(&settings, page).to_string());
    assert!(goes(&settings, &script, answer).await.0.is_ok(), "the pool changed its keys");
    assert_eq!(script.lock().unwrap().keys_asked, 2);
    let is_bad = |trouble: &Trouble| matches!(trouble, Trouble::BadAnswer(_));
    type Case<'a> = (u16, &'a str, usize, &'a dyn Fn(&Trouble) -> bool);
    let cases: [Case<'_>; 7] = [
        (200, none.1.as_str(), 2, &is_bad),
        (200, "<html>eyJ</html>", 1, &is_bad),
        (200, "{\"keys\":[{\"kty\"", 1, &is_bad),
        (302, "", 1, &is_bad),
        (404, "{}", 1, &|trouble| matches!(trouble, Trouble::WrongSettings(words) if words.contains("_Test"))),
        (503, "", 1, &|trouble| *trouble == Trouble::Busy),
        (429, "", 1, &|trouble| *trouble == Trouble::Busy),
    ];
    for (status, body, asked, expected) in cases {
        let (settings, script) = service(&[(status, body.to_owned())]).await;
        let answer = |page: &BTreeMap<String, String>| (200, granted(&settings, page).to_string());
        let error = goes(&settings, &script, answer).await.0.unwrap_err();
        assert!(expected(&error.trouble), "{status} {body}: {error:?}");
        assert_eq!(script.lock().unwrap().keys_asked, asked, "{status} {body}");
    }
}

#[tokio::test]
async fn without_a_network_it_is_offline() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://127.0.0.1:{}", gone.local_addr().unwrap().port());
    drop(gone);
    let (ended, _) = goes(&settings(&base), &Shared::default(), |_| (0, String::new())).await;
    assert_eq!(ended.unwrap_err().trouble, Trouble::Offline);
    let (mut settings, script) = service(&[]).await;
    settings.endpoints.jwks = Some(format!("{base}/keys"));
    let answer = |page: &BTreeMap<String, String>| (200, granted(&settings, page).to_string());
    let error = goes(&settings, &script, answer).await.0.unwrap_err();
    assert_eq!(error.trouble, Trouble::Offline, "the keys cannot be fetched");
}

#[tokio::test]
async fn what_the_page_refuses_ends_it_only_with_our_state() {
    let settings = settings("http://127.0.0.1:9");
    for (query, is_right) in [
        ("error=access_denied", (&|t: &Trouble| matches!(t, Trouble::Stopped(_))) as &dyn Fn(&Trouble) -> bool),
        ("error=server_error", &|t| *t == Trouble::Busy),
        ("error=invalid_request&error_description=invalid_scope", &|t| matches!(t, Trouble::WrongSettings(_))),
        ("error=unauthorized_client", &|t| matches!(t, Trouble::WrongSettings(_))),
        ("error=other&error_description=%3Cscript%3E", &|t| matches!(t, Trouble::Other(_))),
    ] {
        let (task, page) = begin(&settings, SOON).await;
        for forged in [query.to_owned(), format!("{query}&state=forged")] {
            assert!(visit(&page, &forged).await.starts_with("HTTP/1.1 400 "));
        }
        assert!(!task.is_finished(), "a forged refusal ends nothing");
        let shown = visit(&page, &format!("{query}&state={}", page["state"])).await;
        assert!(shown.contains("You are not signed in.") && !shown.contains("<script"), "{shown}");
        let error = task.await.unwrap().unwrap_err();
        assert!(is_right(&error.trouble) && error.details.contains(&query[6..11]), "{query}: {error:?}");
    }
}

#[tokio::test]
async fn nobody_comes_back() {
    let (task, page) = begin(&settings("http://127.0.0.1:9"), Duration::from_millis(50)).await;
    let error = task.await.unwrap().unwrap_err();
    assert!(matches!(&error.trouble, Trouble::Stopped(words) if words.contains("within 0 seconds")), "{error:?}");
    assert!(!is_open(&page).await);
    let spans = [(300, "5 minutes"), (60, "1 minute"), (90, "90 seconds"), (1, "1 second")];
    assert!(spans.iter().all(|(seconds, words)| span(Duration::from_secs(*seconds)) == *words));
}

async fn is_open(page: &BTreeMap<String, String>) -> bool {
    let host = page["redirect_uri"].strip_prefix("http://").unwrap().strip_suffix("/callback").unwrap();
    TcpStream::connect(host).await.is_ok()
}

#[tokio::test]
async fn stopping_it_closes_the_port_at_once() {
    let (settings, script) = service(&[]).await;
    let (task, page) = begin(&settings, SOON).await;
    assert!(is_open(&page).await);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(!is_open(&page).await, "stopped while it waited");

    let (task, page) = begin(&settings, SOON).await;
    let query = format!("code={CODE}&state={}", page["state"]);
    let browser = tokio::spawn({
        let (page, query) = (page.clone(), query.clone());
        async move { visit(&page, &query).await }
    });
    let deadline = tokio::time::Instant::now() + SOON;
    while script.lock().unwrap().form.is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "the code was never sent");
        tokio::task::yield_now().await;
    }
    assert!(
        visit(&page, &query).await.starts_with("HTTP/1.1 409 "),
        "a repeated callback while the first is looked at"
    );
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(!is_open(&page).await, "stopped while the service was silent");
    assert_eq!(browser.await.unwrap(), "", "its connection was closed too");
}

#[tokio::test]
async fn what_cannot_work_opens_no_browser() {
    let open = |address: String| panic!("opened {address}");
    let mut settings = settings("http://127.0.0.1:9");
    let held = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = held.local_addr().unwrap().port();
    let error = sign_in_at(&[port], &settings, &open, &now, SOON).await.unwrap_err();
    assert!(matches!(&error.trouble, Trouble::Other(words) if words.contains(&port.to_string())), "{error:?}");
    for login in [None, Some("https://login.example/?a=b"), Some("https://login.example/#")] {
        settings.login = login.map(ToOwned::to_owned);
        let error = sign_in_at(&FREE, &settings, &open, &now, SOON).await.unwrap_err();
        assert!(matches!(error.trouble, Trouble::WrongSettings(_)), "{error:?}");
    }
    fn is_send<T: Send>(_: T) {}
    is_send(sign_in(&settings, &|_| {}, &now, PATIENCE));
}
