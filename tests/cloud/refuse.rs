//! What goes wrong on the way: credentials, places, stacks of others, and a creation that broke off.

use serde_json::Value;

use crate::common::servers::{Ministack, STACK, free_port};
use crate::common::{Ran, keys};
use crate::owner::{config, wait};

/// The error of a run that must fail, and what it said to people.
#[track_caller]
fn error(ran: &Ran, code: &str) -> (String, String) {
    assert_eq!(ran.code, if code == "usage" { 2 } else { 3 }, "{ran:?}");
    let answer: Value = ran.json();
    let error = &answer["error"];
    assert!(["code", "hint", "message"].iter().all(|key| keys(error).contains(key)), "{answer}");
    assert_eq!(error["code"], code, "{answer}");
    let text = |key: &str| error[key].as_str().unwrap().to_owned();
    assert!(!text("message").contains('\n') && !text("hint").is_empty(), "{answer}");
    (text("message"), text("hint"))
}

#[test]
fn credentials_and_places() {
    let server = Ministack::start();
    let show = ["cloud", "show", "--json"];
    let wrong = Ran::new(server.command(&show).env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").output().unwrap());
    assert!(error(&wrong, "denied").0.contains("does not take these credentials"));
    let none = Ran::new(
        server.command(&show).env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").output().unwrap(),
    );
    assert!(error(&none, "signed_out").1.contains("aws configure"));
    let profile = server.lightkeep(&["cloud", "show", "--json", "--profile", "nobody"]);
    error(&profile, "signed_out");
    let region = Ran::new(server.command(&show).env_remove("AWS_REGION").output().unwrap());
    assert!(error(&region, "settings").1.contains("--region"));
    let elsewhere = server.lightkeep(&["cloud", "show", "--json", "--region", "us-west-2"]);
    assert!(error(&elsewhere, "not_found").0.contains("us-west-2"));
    error(&server.lightkeep(&["cloud", "show", "--json", "--region", "eu central"]), "usage");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let nobody = server.lightkeep(&["cloud", "show", "--json", "--endpoint", &nobody]);
    error(&nobody, "offline");
    let plain = server.lightkeep(&["cloud", "show", "--json", "--endpoint", "http://192.0.2.1"]);
    assert!(error(&plain, "usage").0.contains("https://"), "{plain:?}");
    error(&server.lightkeep(&["cloud", "show", "--json", "--name", "no such; name"]), "usage");
}

#[test]
fn what_cannot_be_deployed() {
    let server = Ministack::start();
    let deploy = |more: &[&str]| server.lightkeep(&[&["cloud", "deploy", "--yes", "--json"], more].concat());
    error(&deploy(&["--template", "/no/such/file"]), "not_found");
    let other = server.dir().join("other.yaml");
    std::fs::write(&other, "Resources: {}\n").unwrap();
    assert!(error_of(&deploy(&["--template", other.to_str().unwrap()])).contains("cannot be used"));
    assert!(error_of(&deploy(&["--password-policy", "12x"])).contains("password policy"));
    assert!(error_of(&deploy(&["--password-policy", "11uld", "--login-pages", "classic"])).contains("not taken"));
    let codes = deploy(&["--email-codes", "on", "--login-pages", "classic"]);
    assert!(error_of(&codes).contains("not taken"), "codes by e-mail without a sender: {codes:?}");
    // Nothing is left of all these.
    let left = wait(aws_sdk_cloudformation::Client::new(&config(&server)).describe_stacks().send()).unwrap();
    assert!(left.stacks().is_empty(), "{left:?}");
}

#[track_caller]
fn error_of(ran: &Ran) -> String {
    assert_eq!(ran.code, 2, "{ran:?}");
    ran.json()["error"]["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_stack_of_somebody_else_is_left_alone() {
    let server = Ministack::start();
    let stacks = aws_sdk_cloudformation::Client::new(&config(&server));
    let body = r#"{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}"#;
    wait(stacks.create_stack().stack_name(STACK).template_body(body).send()).unwrap();
    let status = || {
        let found = wait(stacks.describe_stacks().stack_name(STACK).send()).unwrap();
        found.stacks()[0].stack_status().unwrap().as_str().to_owned()
    };
    crate::common::until("the stack is made", || status() == "CREATE_COMPLETE");
    for args in [
        vec!["cloud", "deploy", "--yes", "--json", "--login-pages", "classic"],
        vec!["cloud", "show", "--json"],
        vec!["cloud", "doctor", "--json"],
        vec!["cloud", "remove", "--confirm", STACK, "--json"],
    ] {
        let (message, hint) = error(&server.lightkeep(&args), "denied");
        assert!(message.contains("not Lightkeep's") && hint.contains("--name"), "{args:?}: {message} {hint}");
    }
    assert_eq!(status(), "CREATE_COMPLETE");
}

#[test]
fn a_creation_that_broke_off_names_the_way_out() {
    let server = Ministack::start();
    // The last part of all cannot be made: somebody has the name already. Tables, bucket and pools are there by then.
    let users = aws_sdk_cognitoidentityprovider::Client::new(&config(&server));
    let other = wait(users.create_user_pool().pool_name("other").send()).unwrap();
    let other = other.user_pool().unwrap().id().unwrap().to_owned();
    wait(users.create_user_pool_domain().user_pool_id(other).domain("taken").send()).unwrap();
    let args = ["cloud", "deploy", "--yes", "--json", "--login-pages", "classic"];
    let failed = server.lightkeep(&[&args[..], &["--login-prefix", "taken"]].concat());
    let (message, hint) = error(&failed, "failed");
    assert!(message.contains("UserPoolDomain"), "the part that failed: {message}");
    assert!(hint.contains("lightkeep cloud remove --name lightkeep --region eu-central-1"), "{hint}");
    let again = server.lightkeep(&args);
    let (message, hint) = error(&again, "failed");
    assert!(message.contains("ROLLBACK_COMPLETE"), "{message}");
    assert!(hint.contains("cloud remove") && hint.contains("cloud deploy"), "{hint}");
    let shown = server.lightkeep(&["cloud", "show", "--json"]);
    assert!(error(&shown, "failed").0.contains("ROLLBACK_COMPLETE"));
    let doctor = server.lightkeep(&["cloud", "doctor", "--json"]);
    assert_eq!((doctor.code, doctor.json()["checks"][0]["state"].clone()), (1, "bad".into()), "{doctor:?}");
    let removed = server.lightkeep(&["cloud", "remove", "--confirm", STACK, "--json"]);
    assert_eq!(removed.code, 0, "{removed:?}");
    assert_eq!(removed.json()["kept"], serde_json::json!([]), "{removed:?}");
    let made = server.lightkeep(&args);
    assert_eq!((made.code, made.json()["outcome"].clone()), (0, "created".into()), "{made:?}");
}
