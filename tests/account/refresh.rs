//! Rotation, which the stand-in does not have, by a proxy that rotates in front of it; and many processes at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::home::{EMAIL, Home, PASSWORD};
use crate::proxy::{Proxy, Twist};

/// What Cognito does with rotation and no grace: every refresh gives another refresh token, and the one before is
/// refused.
#[derive(Default)]
struct Rotation {
    /// The token that is good now, and the stand-in's own that it stands for; by the order of their making.
    good: BTreeMap<usize, String>,
    refused: usize,
}

fn rotate(proxy: &Proxy) -> Arc<Mutex<Rotation>> {
    let rotation = Arc::new(Mutex::new(Rotation::default()));
    let shared = rotation.clone();
    proxy.twist(move |name, body| {
        if name != "GetTokensFromRefreshToken" && name != "RevokeToken" {
            return Twist::Pass;
        }
        let mut asked: Value = serde_json::from_slice(body).unwrap();
        let field = if name == "RevokeToken" { "Token" } else { "RefreshToken" };
        let token = asked[field].as_str().unwrap().to_owned();
        let mut rotation = shared.lock().unwrap();
        let number = token.strip_prefix("rotated-").and_then(|number| number.parse::<usize>().ok());
        let real = match number {
            None => token,
            Some(number) => match rotation.good.remove(&number) {
                Some(real) => real,
                None => {
                    rotation.refused += 1;
                    let body = json!({"__type": "RefreshTokenReuseException", "message": "reuse"}).to_string();
                    return Twist::Answer(400, "application/x-amz-json-1.1", body.into_bytes());
                }
            },
        };
        asked[field] = json!(real);
        let next = number.unwrap_or(0) + 1;
        rotation.good.insert(next, real);
        let rotated = name != "RevokeToken";
        Twist::Change(
            asked.to_string().into_bytes(),
            Box::new(move |answer| {
                let Ok(mut answer) = serde_json::from_slice::<Value>(&answer) else { return answer };
                if rotated {
                    answer["AuthenticationResult"]["RefreshToken"] = json!(format!("rotated-{next}"));
                }
                answer.to_string().into_bytes()
            }),
        )
    });
    rotation
}

fn behind_rotation() -> (Home, Proxy, Arc<Mutex<Rotation>>) {
    let home = Home::new();
    home.signed_in();
    home.ok(&["sign-out"], &[]);
    let proxy = Proxy::before(&home.server.endpoint());
    let rotation = rotate(&proxy);
    home.ok(&["use", &home.line.replace(&home.server.endpoint(), &proxy.endpoint())], &[]);
    home.ok(&["sign-in"], &[EMAIL, PASSWORD]);
    (home, proxy, rotation)
}

#[test]
fn every_new_refresh_token_is_kept_before_the_old_one_is_dropped() {
    let (home, _proxy, rotation) = behind_rotation();
    for _ in 0..5 {
        assert_eq!(home.ok(&["refresh"], &[])["session"], "signed_in");
    }
    let rotation = rotation.lock().unwrap();
    assert_eq!(rotation.refused, 0, "an old token was sent");
    assert_eq!(rotation.good.keys().copied().collect::<Vec<_>>(), [5]);
}

#[test]
fn processes_that_refresh_at_once_never_use_a_token_twice() {
    let (home, _proxy, rotation) = behind_rotation();
    let running: Vec<_> = (0..6)
        .map(|_| {
            let mut command = home.program();
            command.args(["account", "--json", "refresh"]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for process in running {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let rotation = rotation.lock().unwrap();
    assert_eq!(rotation.refused, 0, "two processes used one token");
    assert_eq!(rotation.good.keys().copied().collect::<Vec<_>>(), [6]);
}

#[test]
fn a_token_that_was_used_up_elsewhere_ends_the_session_in_words() {
    let (home, _proxy, rotation) = behind_rotation();
    home.ok(&["refresh"], &[]);
    // Somebody else used the kept token.
    rotation.lock().unwrap().good.clear();
    let state = home.ok(&["status"], &[]);
    assert_eq!(state["session"], "signed_out", "{state}");
    assert!(state["why"].as_str().unwrap().contains("ended"), "{state}");
}
