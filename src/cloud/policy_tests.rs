//! Policies that are as they should be, and each way in which they may be too wide.

use serde_json::{Value, json};

use super::*;

fn things() -> Things {
    Things { bucket: "arn:aws:s3:::b".into(), library: "arn:aws:dynamodb:r:1:table/library".into() }
}

/// What the template gives.
fn good() -> Value {
    json!({"Statement": [
        {"Effect": "Allow", "Action": OBJECTS, "Resource": format!("arn:aws:s3:::b/{IDENTITY}/*")},
        {"Effect": "Allow", "Action": LISTING, "Resource": "arn:aws:s3:::b",
         "Condition": {"StringLike": {"s3:prefix": format!("{IDENTITY}/*")}}},
        {"Effect": "Allow", "Action": VERSIONED, "Resource": "arn:aws:s3:::b"},
        {"Effect": "Allow", "Action": ROWS, "Resource": "arn:aws:dynamodb:r:1:table/library",
         "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [IDENTITY]},
                       "Null": {"dynamodb:LeadingKeys": "false"}}},
        {"Effect": "Allow", "Action": LOOK, "Resource": "*"},
        {"Effect": "Allow", "Action": FACES,
         "Resource": format!("arn:aws:rekognition:r:1:collection/lightkeep-{SUB}")},
    ]})
}

#[test]
fn what_the_template_gives_is_neither_too_wide_nor_too_narrow() {
    assert_eq!(too_wide(&[good()], &things()), Vec::<String>::new());
    assert_eq!(missing(&[good()]), Vec::<&str>::new());
}

#[test]
fn each_way_to_be_too_wide_is_seen() {
    let wide = |action: &str, resource: &str| {
        let one = json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": resource}});
        too_wide(&[one], &things()).join("; ")
    };
    let own = format!("arn:aws:s3:::b/{IDENTITY}/*");
    assert_eq!(wide("s3:GetObject", &own), "");
    assert!(wide("s3:*", &own).contains("every action"));
    assert!(wide("*", "*").contains("every action"));
    assert!(wide("s3:GetObject", "arn:aws:s3:::b/*").contains("further"));
    assert!(wide("s3:GetObject", "*").contains("further"));
    assert!(wide("s3:DeleteObjectVersion", &own).contains("old versions"));
    assert!(wide("s3:PutBucketVersioning", "arn:aws:s3:::b").contains("change the bucket"));
    assert!(wide("s3:PutLifecycleConfiguration", "arn:aws:s3:::b").contains("change the bucket"));
    assert!(wide("s3:ListBucket", "arn:aws:s3:::b").contains("further"), "without a prefix");
    assert!(wide("dynamodb:Query", "arn:aws:dynamodb:r:1:table/library").contains("further"), "without a key");
    assert!(wide("dynamodb:Scan", "arn:aws:dynamodb:r:1:table/library").contains("never asks for"));
    assert!(wide("rekognition:SearchFaces", "*").contains("further"));
    assert!(wide("iam:PassRole", "*").contains("never asks for"));
    let but = json!({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]});
    assert!(too_wide(&[but], &things())[0].contains("NotAction"));
    let deny = json!({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]});
    assert_eq!(too_wide(&[deny], &things()), Vec::<String>::new());
}

#[test]
fn a_condition_that_excludes_does_not_narrow() {
    let statement = json!({"Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b",
        "Condition": {"StringNotLike": {"s3:prefix": format!("{IDENTITY}/*")}}}});
    assert_eq!(too_wide(&[statement], &things()).len(), 1);
}

#[test]
fn what_is_missing_is_named() {
    assert!(missing(&[json!({})]).contains(&"s3:PutObject"));
    let all = json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    assert!(!missing(&[all]).contains(&"s3:PutObject"));
}

#[test]
fn only_this_pool_may_take_the_role_on() {
    let trust = |principal: Value, aud: &str, amr: &str, actions: Value| {
        let policy = json!({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": actions, "Condition": {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": aud},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr}}}]});
        trust_problem(&policy, "r:pool")
    };
    let cognito = json!({"Federated": "cognito-identity.amazonaws.com"});
    let both = json!(["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]);
    assert_eq!(trust(cognito.clone(), "r:pool", "authenticated", both.clone()), None);
    assert!(trust(json!("*"), "r:pool", "authenticated", both.clone()).is_some());
    assert!(trust(json!({"AWS": "1"}), "r:pool", "authenticated", both.clone()).is_some());
    assert!(trust(cognito.clone(), "r:other", "authenticated", both.clone()).is_some());
    assert!(trust(cognito.clone(), "r:pool", "unauthenticated", both).is_some());
    assert!(trust(cognito, "r:pool", "authenticated", json!("sts:AssumeRoleWithWebIdentity")).is_some());
    assert!(trust_problem(&json!({}), "r:pool").is_some());
}

#[test]
fn tls_only_is_the_whole_bucket_and_everyone() {
    let policy = |resources: Value, principal: Value| {
        json!({"Statement": [{"Effect": "Deny", "Principal": principal, "Action": "s3:*", "Resource": resources,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]})
    };
    let whole = json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]);
    assert!(is_tls_only(&policy(whole.clone(), json!("*")), "arn:aws:s3:::b"));
    assert!(is_tls_only(&policy(whole.clone(), json!({"AWS": "*"})), "arn:aws:s3:::b"));
    assert!(!is_tls_only(&policy(json!("arn:aws:s3:::b/*"), json!("*")), "arn:aws:s3:::b"));
    assert!(!is_tls_only(&policy(whole, json!({"AWS": "1"})), "arn:aws:s3:::b"));
    assert!(!is_tls_only(&json!({}), "arn:aws:s3:::b"));
    let open = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}});
    assert_eq!(lets_in(&open), ["\"*\""]);
}
