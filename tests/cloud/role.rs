//! The role of a signed-in person, as far as the stand-in can show it: in the copy of the template that `try-it`
//! deploys people are not kept apart, but kept below identity ids, and from ending anything.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, ExplicitAuthFlowsType};
use aws_sdk_s3::error::ProvideErrorMetadata as _;

use crate::common::servers::{Ministack, REGION};
use crate::owner::{config, settings, wait};

/// Signs somebody in with a plain password, which the owner lets the client do for this; identity id and credentials.
async fn person(server: &Ministack, line: &str) -> (String, Credentials) {
    let settings = settings(line);
    let users = aws_sdk_cognitoidentityprovider::Client::new(&config(server));
    let (pool, name, password) = (settings.user_pool.as_str(), "ann@example.org", "Correct1horse");
    let open = users.update_user_pool_client().user_pool_id(pool).client_id(&settings.client);
    open.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth).send().await.unwrap();
    let email = AttributeType::builder().name("email").value(name).build().unwrap();
    users.admin_create_user().user_pool_id(pool).username(name).user_attributes(email).send().await.unwrap();
    let set = users.admin_set_user_password().user_pool_id(pool).username(name).password(password).permanent(true);
    set.send().await.unwrap();
    let sign_in = users.initiate_auth().client_id(&settings.client).auth_flow(AuthFlowType::UserPasswordAuth);
    let sign_in = sign_in.auth_parameters("USERNAME", name).auth_parameters("PASSWORD", password).send().await.unwrap();
    let token = sign_in.authentication_result().unwrap().id_token().unwrap().to_owned();

    let public = lightkeep::aws::config(REGION, Some(&server.endpoint()), None);
    let identities = aws_sdk_cognitoidentity::Client::new(&public);
    let provider = format!("cognito-idp.{REGION}.amazonaws.com/{pool}");
    let id = identities.get_id().identity_pool_id(&settings.identity_pool).logins(&provider, &token);
    let id = id.send().await.unwrap().identity_id().unwrap().to_owned();
    let given = identities.get_credentials_for_identity().identity_id(&id).logins(&provider, &token);
    let given = given.send().await.unwrap();
    let given = given.credentials().unwrap();
    let text = |part: Option<&str>| part.unwrap().to_owned();
    let session = Some(text(given.session_token()));
    (id, Credentials::new(text(given.access_key_id()), text(given.secret_key()), session, None, "person"))
}

#[test]
fn a_person_writes_below_their_identity_and_ends_nothing() {
    let (server, line) = Ministack::deployed_weakened();
    let bucket = settings(&line).bucket;
    wait(async {
        let (id, credentials) = person(&server, &line).await;
        let provider = SharedCredentialsProvider::new(credentials);
        let config = lightkeep::aws::config(REGION, Some(&server.endpoint()), Some(provider));
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let objects = aws_sdk_s3::Client::from_conf(config);
        let key = format!("{id}/photos/x.jpg");
        let put = |key: &str| objects.put_object().bucket(&bucket).key(key).body(vec![1].into()).send();
        let version = put(&key).await.unwrap().version_id().expect("versions are kept").to_owned();
        assert!(objects.get_object().bucket(&bucket).key(&key).send().await.is_ok());
        let listed = objects.list_object_versions().bucket(&bucket).prefix(format!("{id}/")).send().await.unwrap();
        assert_eq!(listed.versions().len(), 1);
        let status = objects.get_bucket_versioning().bucket(&bucket).send().await.unwrap();
        assert_eq!(status.status().unwrap().as_str(), "Enabled");

        let denied = |code: Option<&str>, what: &str| assert_eq!(code, Some("AccessDenied"), "{what}");
        let outside = put("photos/x.jpg").await.unwrap_err();
        denied(outside.code(), "outside an identity's prefix");
        let all = objects.list_objects_v2().bucket(&bucket).send().await.unwrap_err();
        denied(all.code(), "a listing without a prefix");
        let end = objects.delete_object().bucket(&bucket).key(&key).version_id(&version).send().await.unwrap_err();
        denied(end.code(), "ending a version");
        let policy = objects.delete_bucket_policy().bucket(&bucket).send().await.unwrap_err();
        denied(policy.code(), "changing the bucket");
        let gone = objects.delete_object().bucket(&bucket).key(&key).send().await.unwrap();
        assert_eq!(gone.delete_marker(), Some(true), "deleting leaves the version");
    });
}
