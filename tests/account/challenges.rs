//! Challenges that the stand-in does not have: its own answer to a proved password is held back by a proxy, which asks
//! for more in the shapes of the Cognito user pools API reference, and gives the stand-in's tokens in the end.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::home::{EMAIL, Home, PASSWORD};
use crate::proxy::{Proxy, Twist};

/// What is asked, one after the other: the challenge, and what its answer must be.
struct Script {
    steps: Vec<(Value, Value)>,
    at: usize,
    tokens: Option<Value>,
    wrong: Vec<String>,
}

fn answer(value: &Value) -> Twist {
    Twist::Answer(200, "application/x-amz-json-1.1", value.to_string().into_bytes())
}

/// Somebody who signed up, and a proxy that asks for all of this once the password is proved.
fn asked_for(steps: Vec<(Value, Value)>) -> (Home, Proxy, Arc<Mutex<Script>>) {
    let home = Home::new();
    home.signed_in();
    home.ok(&["sign-out"], &[]);
    let proxy = Proxy::before(&home.server.endpoint());
    let script = Arc::new(Mutex::new(Script { steps, at: 0, tokens: None, wrong: Vec::new() }));
    let shared = script.clone();
    proxy.twist(move |name, body| {
        if name == "AssociateSoftwareToken" {
            return answer(&json!({ "SecretCode": "JBSWY3DPEHPK3PXP", "Session": "session-of-the-key" }));
        }
        if name == "VerifySoftwareToken" {
            return answer(&json!({ "Status": "SUCCESS", "Session": "session-of-the-app" }));
        }
        if name != "RespondToAuthChallenge" {
            return Twist::Pass;
        }
        let asked: Value = serde_json::from_slice(body).unwrap();
        let mut script = shared.lock().unwrap();
        if asked["ChallengeName"] == "PASSWORD_VERIFIER" {
            let (keep, first) = (shared.clone(), script.steps[0].0.clone());
            script.at = 0;
            return Twist::Change(
                body.to_vec(),
                Box::new(move |real| {
                    keep.lock().unwrap().tokens = Some(serde_json::from_slice(&real).unwrap());
                    first.to_string().into_bytes()
                }),
            );
        }
        let (challenge, wanted) = script.steps[script.at].clone();
        let mut responses = asked["ChallengeResponses"].clone();
        let user = responses.as_object_mut().unwrap().remove("USERNAME");
        if asked["ChallengeName"] != challenge["ChallengeName"] || responses != wanted || user.is_none() {
            script.wrong.push(asked.to_string());
        }
        script.at += 1;
        match script.steps.get(script.at) {
            Some((next, _)) => answer(next),
            None => answer(script.tokens.as_ref().unwrap()),
        }
    });
    home.ok(&["use", &home.line.replace(&home.server.endpoint(), &proxy.endpoint())], &[]);
    (home, proxy, script)
}

fn challenge(name: &str, says: Value) -> Value {
    json!({ "ChallengeName": name, "Session": format!("session of {name}"), "ChallengeParameters": says })
}

#[track_caller]
fn signs_in(home: &Home, script: &Mutex<Script>, lines: &[&str]) {
    let lines = [&[EMAIL, PASSWORD], lines].concat();
    assert_eq!(home.ok(&["sign-in"], &lines)["session"], "signed_in");
    let script = script.lock().unwrap();
    assert_eq!((script.wrong.as_slice(), script.at), ([].as_slice(), script.steps.len()));
}

#[test]
fn a_choice_of_proofs_then_a_code_by_mail() {
    let (home, _proxy, script) = asked_for(vec![
        (
            challenge("SELECT_MFA_TYPE", json!({ "MFAS_CAN_CHOOSE": "[\"SMS_MFA\",\"EMAIL_OTP\"]" })),
            json!({ "ANSWER": "EMAIL_OTP" }),
        ),
        (
            challenge("EMAIL_OTP", json!({ "CODE_DELIVERY_DESTINATION": "a***@e***" })),
            json!({ "EMAIL_OTP_CODE": "246810" }),
        ),
    ]);
    signs_in(&home, &script, &["2", " 246 810 "]);
}

#[test]
fn a_code_by_text_message() {
    let (home, _proxy, script) = asked_for(vec![(
        challenge("SMS_MFA", json!({ "CODE_DELIVERY_DESTINATION": "+*******1234" })),
        json!({ "SMS_MFA_CODE": "13579" }),
    )]);
    signs_in(&home, &script, &["13579"]);
}

#[test]
fn an_app_that_has_to_be_set_up_first() {
    let (home, _proxy, script) =
        asked_for(vec![(challenge("MFA_SETUP", json!({ "MFAS_CAN_SETUP": "[\"SOFTWARE_TOKEN_MFA\"]" })), json!({}))]);
    signs_in(&home, &script, &["123456"]);
}

#[test]
fn a_choice_that_is_not_offered_is_wrong_use() {
    let (home, _proxy, _script) = asked_for(vec![(
        challenge("SELECT_MFA_TYPE", json!({ "MFAS_CAN_CHOOSE": "[\"SOFTWARE_TOKEN_MFA\",\"SMS_MFA\"]" })),
        json!({ "ANSWER": "SMS_MFA" }),
    )]);
    for number in ["0", "3", "x", ""] {
        assert_eq!(home.fails(&["sign-in"], &[EMAIL, PASSWORD, number]).0, "usage", "{number}");
    }
}
