//! The doctor: everything that the stand-in can be broken in is found, and the fix is named.

use std::collections::BTreeMap;

use aws_sdk_cognitoidentityprovider::types::ExplicitAuthFlowsType;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus, LifecycleRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration, VersioningConfiguration,
};
use serde_json::Value;

use crate::common::keys;
use crate::common::servers::{Ministack, STACK};
use crate::owner::{config, objects, part, settings, wait};

/// What the stand-in's CloudFormation leaves out or its services do not know; only real AWS shows these good.
const NOT_HERE: [&str; 6] =
    ["bucket.uploads", "client.rotation", "library.recovery", "library.ttl", "audit.recovery", "rekognition.answers"];

/// State and fix of everything that was looked at.
#[track_caller]
fn examined(server: &Ministack) -> BTreeMap<String, (String, String)> {
    let ran = server.lightkeep(&["cloud", "doctor", "--json"]);
    let answer = ran.json();
    assert_eq!(keys(&answer), ["bad", "checks", "good", "unknown"], "{answer}");
    assert_eq!(ran.code == 1, answer["bad"] != 0, "{answer}");
    let checks = answer["checks"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    checks
        .iter()
        .map(|check| {
            assert_eq!(keys(check), ["fix", "id", "state", "what", "why"]);
            assert_eq!(check["state"] == "bad", check["fix"].is_string(), "{check}");
            assert_eq!(check["state"] != "good", check["why"].is_string(), "{check}");
            (text(&check["id"]), (text(&check["state"]), text(&check["fix"])))
        })
        .collect()
}

#[test]
fn a_new_stack_is_well_as_far_as_the_stand_in_goes() {
    let (server, _) = Ministack::deployed();
    let found = examined(&server);
    assert!(found.len() > 40, "{found:?}");
    for (id, (state, _)) in &found {
        assert_eq!(state != "good", NOT_HERE.contains(&id.as_str()), "{id} is {state}");
    }
}

#[test]
fn a_bucket_that_was_changed_is_found_and_the_fix_named() {
    let (server, line) = Ministack::deployed();
    let (bucket, objects) = (settings(&line).bucket, objects(&server));
    let off = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    wait(objects.put_bucket_versioning().bucket(&bucket).versioning_configuration(off).send()).unwrap();
    wait(objects.delete_public_access_block().bucket(&bucket).send()).unwrap();
    wait(objects.delete_bucket_policy().bucket(&bucket).send()).unwrap();
    let rule = LifecycleRule::builder()
        .id("tidy")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .noncurrent_version_expiration(NoncurrentVersionExpiration::builder().noncurrent_days(30).build())
        .build()
        .unwrap();
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
    wait(objects.put_bucket_lifecycle_configuration().bucket(&bucket).lifecycle_configuration(rules).send()).unwrap();
    let found = examined(&server);
    for (id, fix) in [
        ("bucket.versioning", "aws s3api put-bucket-versioning"),
        ("bucket.public", "aws s3api put-public-access-block"),
        ("bucket.tls", "aws s3api put-bucket-policy"),
        ("bucket.expiry", "aws s3api put-bucket-lifecycle-configuration"),
        ("bucket.uploads", "aws s3api put-bucket-lifecycle-configuration"),
    ] {
        let (state, named) = &found[id];
        assert_eq!(state, "bad", "{id}");
        assert!(named.starts_with(fix) && named.contains(&bucket), "{id}: {named}");
    }
    // The rule that the fix sets makes both well.
    let fixed = AbortAfterSeven::rules();
    wait(objects.put_bucket_lifecycle_configuration().bucket(&bucket).lifecycle_configuration(fixed).send()).unwrap();
    let found = examined(&server);
    assert_eq!((found["bucket.uploads"].0.as_str(), found["bucket.expiry"].0.as_str()), ("good", "good"));
}

struct AbortAfterSeven;

impl AbortAfterSeven {
    fn rules() -> BucketLifecycleConfiguration {
        let abort = aws_sdk_s3::types::AbortIncompleteMultipartUpload::builder().days_after_initiation(7).build();
        let rule = LifecycleRule::builder()
            .id("unfinished-uploads")
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("").build())
            .abort_incomplete_multipart_upload(abort)
            .build()
            .unwrap();
        BucketLifecycleConfiguration::builder().rules(rule).build().unwrap()
    }
}

#[test]
fn a_role_that_was_widened_is_found() {
    let (server, line) = Ministack::deployed();
    let roles = aws_sdk_iam::Client::new(&config(&server));
    let role = part(&server, STACK, "PersonRole");
    let wide = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["s3:DeleteObjectVersion"],
            "Resource":"arn:aws:s3:::{}/*"}}]}}"#,
        settings(&line).bucket
    );
    wait(roles.put_role_policy().role_name(&role).policy_name("extra").policy_document(wide).send()).unwrap();
    let found = examined(&server);
    assert_eq!(found["role.narrow"].0, "bad");
    assert_eq!(found["role.narrow"].1, format!("aws iam delete-role-policy --role-name {role} --policy-name extra"));
    assert_eq!(found["role.simulated"].0, "bad", "IAM was asked too: {found:?}");
    wait(roles.delete_role_policy().role_name(&role).policy_name("extra").send()).unwrap();
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    wait(roles.attach_role_policy().role_name(&role).policy_arn(arn).send()).unwrap();
    let found = examined(&server);
    assert_eq!(found["role.narrow"].1, format!("aws iam detach-role-policy --role-name {role} --policy-arn {arn}"));
    wait(roles.detach_role_policy().role_name(&role).policy_arn(arn).send()).unwrap();
    wait(roles.delete_role_policy().role_name(&role).policy_name("photos").send()).unwrap();
    let found = examined(&server);
    assert_eq!((found["role.narrow"].0.as_str(), found["role.enough"].0.as_str()), ("good", "bad"));
}

#[test]
fn sign_in_that_was_changed_is_found() {
    let (server, line) = Ministack::deployed();
    let settings = settings(&line);
    let users = aws_sdk_cognitoidentityprovider::Client::new(&config(&server));
    // Both calls set everything that is not named back to its default, as on AWS: which is how accounts break.
    wait(users.update_user_pool().user_pool_id(&settings.user_pool).send()).unwrap();
    let client = users.update_user_pool_client().user_pool_id(&settings.user_pool).client_id(&settings.client);
    let client = client.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth);
    wait(client.enable_token_revocation(false).refresh_token_validity(3650).send()).unwrap();
    let identities = aws_sdk_cognitoidentity::Client::new(&config(&server));
    let pool = identities.update_identity_pool().identity_pool_id(&settings.identity_pool).identity_pool_name("x");
    wait(pool.allow_unauthenticated_identities(true).send()).unwrap();
    let tag = identities.set_principal_tag_attribute_map().identity_pool_id(&settings.identity_pool);
    let provider = format!("cognito-idp.eu-central-1.amazonaws.com/{}", settings.user_pool);
    wait(tag.identity_provider_name(provider).principal_tags("email", "email").send()).unwrap();
    let found = examined(&server);
    for id in ["client.srp", "client.revocation", "client.validity", "identity.guests"] {
        let (state, fix) = &found[id];
        assert_eq!(state, "bad", "{id}: {found:?}");
        assert_eq!(fix, "lightkeep cloud deploy --repair --name lightkeep --region eu-central-1", "{id}");
    }
    assert!(found.values().all(|(_, fix)| !fix.contains('\n')));
}
