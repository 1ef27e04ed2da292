//! A pool with a sign-in page and one user, in a stand-in for Cognito that is none of ours.

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::config::Credentials;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, ExplicitAuthFlowsType, OAuthFlowType};
use lightkeep::aws;
use lightkeep::domain::account::{AwsSettings, CALLBACK_PORTS, Endpoints, PasswordPolicy};

use crate::common::servers;

pub const REGION: &str = "eu-central-1";
pub const EMAIL: &str = "ann@example.org";
pub const PASSWORD: &str = "Correct-horse-7";

/// The running server. It goes away with the test, however that ends.
pub struct Ministack {
    _server: servers::Ministack,
    pub base: String,
}

impl Ministack {
    pub fn start() -> Self {
        let server = servers::Ministack::start();
        Self { base: server.endpoint(), _server: server }
    }

    pub fn client(&self) -> Client {
        let keys = Credentials::new("test", "test", None, None, "test");
        let keys = aws_credential_types::provider::SharedCredentialsProvider::new(keys);
        Client::new(&aws::config(REGION, Some(&self.base), Some(keys)))
    }

    /// A pool with managed login and one user, and what it takes to reach them.
    pub async fn pool(&self, client: &Client, scopes: &[&str]) -> AwsSettings {
        let pool = client.create_user_pool().pool_name("lightkeep").send().await.unwrap();
        let pool = pool.user_pool().unwrap().id().unwrap().to_owned();
        let addresses = CALLBACK_PORTS.map(|port| format!("http://localhost:{port}/callback"));
        let app = client
            .create_user_pool_client()
            .user_pool_id(&pool)
            .client_name("desktop")
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserSrpAuth)
            .allowed_o_auth_flows_user_pool_client(true)
            .allowed_o_auth_flows(OAuthFlowType::Code)
            .set_allowed_o_auth_scopes(Some(scopes.iter().map(ToString::to_string).collect()))
            .set_callback_urls(Some(addresses.to_vec()))
            .supported_identity_providers("COGNITO")
            .send()
            .await
            .unwrap();
        let app = app.user_pool_client().unwrap().client_id().unwrap().to_owned();
        let domain = pool.to_ascii_lowercase().replace('_', "-");
        client.create_user_pool_domain().user_pool_id(&pool).domain(domain).send().await.unwrap();
        let attribute = |name: &str, value: &str| AttributeType::builder().name(name).value(value).build().unwrap();
        client
            .admin_create_user()
            .user_pool_id(&pool)
            .username(EMAIL)
            .user_attributes(attribute("email", EMAIL))
            .user_attributes(attribute("email_verified", "true"))
            .send()
            .await
            .unwrap();
        let password = client.admin_set_user_password().user_pool_id(&pool).username(EMAIL).password(PASSWORD);
        password.permanent(true).send().await.unwrap();
        AwsSettings {
            region: REGION.into(),
            user_pool: pool,
            client: app,
            identity_pool: format!("{REGION}:0a1b"),
            bucket: "lightkeep-photos".into(),
            bucket_owner: "000000000000".into(),
            login: Some(self.base.clone()),
            password: PasswordPolicy::default(),
            endpoints: Endpoints { all: Some(self.base.clone()), ..Endpoints::default() },
            user: None,
            identity: None,
        }
    }
}
