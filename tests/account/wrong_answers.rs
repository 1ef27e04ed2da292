//! Every wrong answer of a server ends in a clear line, none in a hang or a panic, and the next try works.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::home::{EMAIL, Home, PASSWORD};
use crate::proxy::{Proxy, Twist};

fn json_answer(value: &Value) -> Twist {
    Twist::Answer(200, "application/x-amz-json-1.1", value.to_string().into_bytes())
}

fn refusal(status: u16, code: &str, message: &str) -> Twist {
    let body = json!({ "__type": code, "message": message }).to_string();
    Twist::Answer(status, "application/x-amz-json-1.1", body.into_bytes())
}

/// A person whose every request goes through a proxy.
fn behind_proxy() -> (Home, Proxy) {
    let home = Home::new();
    home.signed_in();
    home.ok(&["sign-out"], &[]);
    let proxy = Proxy::before(&home.server.endpoint());
    let line = home.line.replace(&home.server.endpoint(), &proxy.endpoint());
    assert_ne!(line, home.line);
    home.ok(&["use", &line], &[]);
    (home, proxy)
}

type Make = fn() -> Twist;

/// Which operation answers wrongly, how, and the code of the error that a person gets.
#[allow(clippy::too_many_lines, reason = "a table")]
fn wrong_answers() -> Vec<(&'static str, &'static str, Make, &'static str)> {
    let html: Make =
        || Twist::Answer(200, "text/html", b"<html><body>Welcome to the train's network</body></html>".to_vec());
    vec![
        ("InitiateAuth", "a page in place of an answer", html, "failed"),
        ("InitiateAuth", "an empty body", || Twist::Answer(200, "application/json", Vec::new()), "failed"),
        ("InitiateAuth", "half a body", || Twist::Cut, "offline"),
        ("InitiateAuth", "a closed connection", || Twist::Drop, "offline"),
        ("InitiateAuth", "a server out of order", || refusal(500, "InternalErrorException", "x"), "offline"),
        (
            "InitiateAuth",
            "a gateway's page",
            || Twist::Answer(502, "text/html", b"<h1>Bad gateway</h1>".to_vec()),
            "offline",
        ),
        ("InitiateAuth", "throttling", || refusal(400, "TooManyRequestsException", "Rate exceeded"), "offline"),
        (
            "InitiateAuth",
            "a lockout",
            || refusal(400, "NotAuthorizedException", "Password attempts exceeded"),
            "too_many_tries",
        ),
        (
            "InitiateAuth",
            "a client that is gone",
            || refusal(400, "ResourceNotFoundException", "Client x does not exist."),
            "settings",
        ),
        (
            "InitiateAuth",
            "a flow that is off",
            || refusal(400, "InvalidParameterException", "USER_SRP_AUTH flow not enabled"),
            "settings",
        ),
        ("InitiateAuth", "a code that nobody knows", || refusal(400, "BrandNewException", "?"), "failed"),
        ("InitiateAuth", "neither yes nor no", || json_answer(&json!({})), "failed"),
        (
            "InitiateAuth",
            "an unknown challenge",
            || json_answer(&json!({"ChallengeName": "DANCE", "Session": "s", "ChallengeParameters": {}})),
            "failed",
        ),
        (
            "InitiateAuth",
            "a choice of nothing",
            || json_answer(&json!({"ChallengeName": "SELECT_MFA_TYPE", "Session": "s"})),
            "failed",
        ),
        (
            "InitiateAuth",
            "SRP without numbers",
            || {
                json_answer(
                    &json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {"USER_ID_FOR_SRP": "u"}}),
                )
            },
            "failed",
        ),
        (
            "InitiateAuth",
            "an SRP_B of zero",
            || {
                json_answer(
                    &json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {"USER_ID_FOR_SRP": "u", "SALT": "01", "SRP_B": "0", "SECRET_BLOCK": "AAAA"}}),
                )
            },
            "failed",
        ),
        (
            "InitiateAuth",
            "an SRP_B that is no number",
            || {
                json_answer(
                    &json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {"USER_ID_FOR_SRP": "u", "SALT": "01", "SRP_B": "zz", "SECRET_BLOCK": "AAAA"}}),
                )
            },
            "failed",
        ),
        (
            "RespondToAuthChallenge",
            "tokens that are none",
            || {
                json_answer(
                    &json!({"AuthenticationResult": {"AccessToken": "a", "IdToken": "b", "RefreshToken": "c", "ExpiresIn": 3600}}),
                )
            },
            "failed",
        ),
        (
            "RespondToAuthChallenge",
            "no refresh token",
            || json_answer(&json!({"AuthenticationResult": {"AccessToken": "a", "IdToken": "b"}})),
            "failed",
        ),
        ("RespondToAuthChallenge", "a page", html, "failed"),
    ]
}

#[test]
fn a_sign_in_survives_every_wrong_answer() {
    let (home, proxy) = behind_proxy();
    for (operation, what, make, code) in wrong_answers() {
        proxy.twist(move |name, _| if name == operation { make() } else { Twist::Pass });
        let before = Instant::now();
        let (got, message) = home.fails(&["sign-in"], &[EMAIL, PASSWORD]);
        assert_eq!(got, code, "{what}: {message}");
        assert!(!message.contains('\n') && !message.is_empty(), "{what}: {message}");
        assert!(before.elapsed() < Duration::from_secs(60), "{what}");
        assert_eq!(home.ok(&["status"], &[])["session"], "signed_out", "{what}");
    }
    // Fields and parameters of a newer Cognito are no trouble.
    proxy.twist(|name, body| match name {
        "RespondToAuthChallenge" | "InitiateAuth" => Twist::Change(
            body.to_vec(),
            Box::new(|answer| {
                let mut answer: Value = serde_json::from_slice(&answer).unwrap();
                answer["NewField"] = json!({"deep": [1, 2, {"x": null}]});
                answer.to_string().into_bytes()
            }),
        ),
        _ => Twist::Pass,
    });
    assert_eq!(home.ok(&["sign-in"], &[EMAIL, PASSWORD])["session"], "signed_in");
}

#[test]
fn a_sign_in_stands_while_the_identity_pool_is_out_of_order() {
    let (home, proxy) = behind_proxy();
    proxy.twist(|name, _| match name {
        "GetId" | "GetCredentialsForIdentity" => refusal(500, "InternalErrorException", "x"),
        _ => Twist::Pass,
    });
    let state = home.ok(&["sign-in"], &[EMAIL, PASSWORD]);
    assert_eq!((&state["session"], &state["identity_id"]), (&json!("signed_in"), &Value::Null));
    assert_eq!(home.fails(&["check"], &[]).0, "offline");
    proxy.twist(|name, _| match name {
        "GetCredentialsForIdentity" => refusal(400, "NotAuthorizedException", "Invalid login token."),
        _ => Twist::Pass,
    });
    assert_eq!(home.fails(&["check"], &[]).0, "settings");
    proxy.twist(|_, _| Twist::Pass);
    assert!(home.ok(&["sign-in"], &[EMAIL, PASSWORD])["identity_id"].is_string());
}

#[test]
fn a_restore_that_fails_is_offline_or_ended_and_never_forgets_for_nothing() {
    let (home, proxy) = behind_proxy();
    let identity = home.ok(&["sign-in"], &[EMAIL, PASSWORD])["identity_id"].clone();
    let passing: [(&str, Make); 5] = [
        ("a closed connection", || Twist::Drop),
        ("a page", || Twist::Answer(200, "text/html", b"<html>hotel</html>".to_vec())),
        ("a server out of order", || refusal(503, "ServiceUnavailable", "x")),
        ("half an answer", || Twist::Cut),
        ("tokens of nobody", || {
            json_answer(&json!({"AuthenticationResult": {"AccessToken": "x", "IdToken": "y", "ExpiresIn": 1}}))
        }),
    ];
    for (what, make) in passing {
        proxy.twist(move |name, _| if name == "GetTokensFromRefreshToken" { make() } else { Twist::Pass });
        let state = home.ok(&["status"], &[]);
        assert_eq!(state["session"], "offline", "{what}: {state}");
        assert_eq!(state["email"], EMAIL, "{what}: {state}");
        assert_eq!(state["identity_id"], identity, "{what}: {state}");
    }
    proxy.twist(|_, _| Twist::Pass);
    proxy.count();
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_in");
    assert!(proxy.count() <= 2, "restoring a session costs two requests at most");
    proxy.twist(|name, _| match name {
        "GetTokensFromRefreshToken" => refusal(400, "NotAuthorizedException", "Refresh Token has been revoked"),
        _ => Twist::Pass,
    });
    let state = home.ok(&["status"], &[]);
    assert_eq!(state["session"], "signed_out", "{state}");
    assert!(state["why"].is_string(), "{state}");
}

#[test]
fn a_clock_that_is_off_is_named_with_how_much() {
    let home = Home::new();
    home.signed_in();
    let mut command = std::process::Command::new("faketime");
    let program = home.program();
    command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    // Only the wall clock is off: time limits go by the other one.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    command.args(["-f", "+47m"]).arg(program.get_program()).args(program.get_args());
    command.args(["account", "--json", "status"]);
    let ran = crate::home::run(command, &[]);
    let state = ran.json();
    assert_eq!(state["session"], "signed_in", "{ran:?}");
    let off = state["clock_off_s"].as_i64().unwrap();
    assert!((46 * 60..=48 * 60).contains(&off), "{off}");
}

#[test]
fn a_server_that_never_answers_is_given_up_within_a_minute() {
    let (home, proxy) = behind_proxy();
    proxy.twist(|name, _| if name == "InitiateAuth" { Twist::Hang } else { Twist::Pass });
    let before = Instant::now();
    assert_eq!(home.fails(&["sign-in"], &[EMAIL, PASSWORD]).0, "offline");
    assert!(before.elapsed() < Duration::from_secs(60));
    proxy.twist(|_, _| Twist::Pass);
    assert_eq!(home.ok(&["sign-in"], &[EMAIL, PASSWORD])["session"], "signed_in");
}
