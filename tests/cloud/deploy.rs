//! The life of a stack: made, shown, made again, and removed when nothing is in it.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::common::servers::{Ministack, REGION, STACK};
use crate::common::{Ran, keys};
use crate::owner::{config, objects, part, settings, wait};

#[test]
fn made_shown_made_again_and_removed() {
    let server = Ministack::start();
    let made = server.lightkeep(&["cloud", "deploy", "--yes", "--json", "--login-pages", "classic"]);
    assert_eq!(made.code, 0, "{made:?}");
    let answer = made.json();
    assert_eq!(keys(&answer), ["changes", "cost", "line", "outcome"]);
    assert_eq!(answer["outcome"], "created");
    let bucket = answer["changes"].as_array().unwrap().iter().find(|change| change["part"] == "Bucket").unwrap();
    assert_eq!(bucket, &json!({"action": "Add", "kind": "AWS::S3::Bucket", "part": "Bucket", "replaces": false}));
    assert_eq!(keys(&answer["cost"]), ["as_of", "empty_month", "month", "once", "region"]);
    // People see the change set and the cost before, and every step.
    for word in ["account 000000000000", "Add      Bucket", "a month", "CREATE_COMPLETE"] {
        assert!(made.err.contains(word), "{word}: {}", made.err);
    }

    let line = answer["line"].as_str().unwrap();
    let found = settings(line);
    assert_eq!((found.region.as_str(), found.bucket_owner.as_str()), (REGION, "000000000000"));
    assert_eq!(found.password, lightkeep::domain::account::PasswordPolicy::default());
    assert_eq!(found.endpoints.all, Some(server.endpoint()));
    let shown = server.lightkeep(&["cloud", "show", "--json"]).json();
    assert_eq!(
        keys(&shown),
        ["bucket", "bucket_owner", "client", "identity_pool", "line", "login", "password", "region", "user_pool"]
    );
    assert_eq!(shown["line"], line);
    let text = server.lightkeep(&["cloud", "show"]);
    assert_eq!(text.out.lines().next(), Some(line));
    assert!(text.out.contains('▄') && text.out.lines().count() > 20, "a QR code: {}", text.out);

    let again = server.lightkeep(&["cloud", "deploy", "--yes", "--json"]).json();
    assert_eq!((&again["outcome"], &again["changes"], &again["line"]), (&json!("unchanged"), &json!([]), &json!(line)));

    let repaired = server.lightkeep(&["cloud", "deploy", "--yes", "--json", "--repair"]).json();
    assert_eq!(repaired["outcome"], "unchanged", "the stand-in knows no drift: {repaired}");

    let policy = server.lightkeep(&["cloud", "deploy", "--yes", "--json", "--password-policy", "16ulds"]).json();
    assert_eq!(policy["outcome"], "updated");
    let changed = policy["changes"].as_array().unwrap();
    assert!(changed.iter().any(|change| change["part"] == "UserPool"), "{policy}");
    assert!(changed.iter().all(|change| change["replaces"] == false && change["part"] != "Bucket"), "{policy}");
    assert_eq!(settings(policy["line"].as_str().unwrap()).password.short(), "16ulds");
    assert_eq!(settings(policy["line"].as_str().unwrap()).user_pool, found.user_pool);

    removed(&server, &found.bucket);
    assert!(!server.dir().join(".local").exists(), "no library was made");
}

/// Removal: refused while the bucket holds a photo, and while it holds only an old version.
fn removed(server: &Ministack, bucket: &str) {
    let remove = ["cloud", "remove", "--confirm", STACK, "--json"];
    let put = wait(objects(server).put_object().bucket(bucket).key("a/photo.jpg").body(vec![1].into()).send()).unwrap();
    let refused = server.lightkeep(&remove);
    assert_eq!(refused.code, 3);
    assert_eq!(refused.json()["error"]["code"], "denied");
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("holds photos"));
    let gone = wait(objects(server).delete_object().bucket(bucket).key("a/photo.jpg").send()).unwrap();
    let refused = server.lightkeep(&remove);
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("old versions"), "{refused:?}");
    for version in [put.version_id(), gone.version_id()] {
        let request = objects(server).delete_object().bucket(bucket).key("a/photo.jpg");
        wait(request.set_version_id(version.map(ToOwned::to_owned)).send()).unwrap();
    }
    let wrong = server.lightkeep(&["cloud", "remove", "--confirm", "other", "--json"]);
    assert_eq!((wrong.code, wrong.json()["error"]["code"].clone()), (3, json!("cancelled")));

    let users = aws_sdk_cognitoidentityprovider::Client::new(&config(server));
    let pool = part(server, STACK, "UserPool");
    let table = part(server, STACK, "LibraryTable");
    let done = server.lightkeep(&remove);
    assert_eq!(done.code, 0, "{done:?}");
    let answer = done.json();
    assert_eq!((keys(&answer), &answer["kept"]), (vec!["deleted", "kept"], &json!([])), "{answer}");
    assert_eq!(answer["deleted"].as_array().unwrap().len(), 6, "{answer}");
    assert!(wait(users.describe_user_pool().user_pool_id(pool).send()).is_err());
    assert!(wait(objects(server).head_bucket().bucket(bucket).send()).is_err());
    let tables = aws_sdk_dynamodb::Client::new(&config(server));
    assert!(wait(tables.describe_table().table_name(table).send()).is_err());
    let shown = server.lightkeep(&["cloud", "show", "--json"]);
    assert_eq!(shown.json()["error"]["code"], "not_found");
    // And it can be made again.
    server.deploy(&[]);
}

#[test]
fn what_is_not_empty_is_kept_and_named() {
    let (server, line) = Ministack::deployed();
    let users = aws_sdk_cognitoidentityprovider::Client::new(&config(&server));
    wait(users.admin_create_user().user_pool_id(settings(&line).user_pool).username("ann@example.org").send()).unwrap();
    let answer = server.lightkeep(&["cloud", "remove", "--confirm", STACK, "--json"]).json();
    let kept = answer["kept"].as_array().unwrap();
    let what: Vec<_> = kept.iter().map(|kept| kept["what"].as_str().unwrap().split(' ').next().unwrap()).collect();
    assert_eq!(what, ["user", "identity"], "the pools: {answer}");
    assert_eq!((&kept[0]["why"], keys(&kept[0])), (&json!("it holds users"), vec!["command", "what", "why"]));
    assert!(kept[0]["command"].as_str().unwrap().starts_with("aws cognito-idp update-user-pool"));
    assert!(wait(users.describe_user_pool().user_pool_id(settings(&line).user_pool).send()).is_ok());
}

#[test]
fn nothing_is_done_before_a_yes() {
    let server = Ministack::start();
    let answer = |typed: &str| {
        let mut command = server.command(&["cloud", "deploy", "--login-pages", "classic", "--json"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        Ran::new(child.wait_with_output().unwrap())
    };
    for typed in ["", "\n", "no\n", "y\n", "YES\n"] {
        let declined = answer(typed);
        assert_eq!((declined.code, &declined.json()["error"]["code"]), (3, &json!("cancelled")), "{typed:?}");
        assert!(declined.err.contains("Add      Bucket") && declined.err.contains("a month"), "{declined:?}");
        let left = wait(aws_sdk_cloudformation::Client::new(&config(&server)).describe_stacks().send()).unwrap();
        assert!(left.stacks().iter().all(|stack| stack.stack_status().unwrap().as_str() == "DELETE_COMPLETE"));
    }
    assert!(wait(objects(&server).list_buckets().send()).unwrap().buckets().is_empty());
    let agreed = answer("yes\n");
    assert_eq!((agreed.code, &agreed.json()["outcome"]), (0, &json!("created")), "{agreed:?}");
}
