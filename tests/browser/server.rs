//! A stand-in for Cognito that is none of ours: ministack, on loopback, with a state folder of its own.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::config::Credentials;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, ExplicitAuthFlowsType, OAuthFlowType};
use lightkeep::aws;
use lightkeep::domain::account::{AwsSettings, CALLBACK_PORTS, Endpoints, PasswordPolicy};

use crate::page;

pub const REGION: &str = "eu-central-1";
pub const EMAIL: &str = "ann@example.org";
pub const PASSWORD: &str = "Correct-horse-7";

/// The running server. It goes away with the test, however that ends.
pub struct Ministack {
    child: Child,
    pub base: String,
    _state: tempfile::TempDir,
}

impl Ministack {
    pub fn start() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/servers/bin/ministack");
        assert!(program.exists(), "ministack is missing; tests/run installs it");
        let state = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("AUTH", "true")
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .env("STATE_DIR", state.path())
            .env("TMPDIR", state.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let server = Self { child, base: format!("http://127.0.0.1:{port}"), _state: state };
        let deadline = Instant::now() + Duration::from_secs(60);
        while page::get(&format!("{}/_ministack/health", server.base)).is_none_or(|page| page.status != 200) {
            assert!(Instant::now() < deadline, "ministack did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
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

impl Drop for Ministack {
    fn drop(&mut self) {
        // Its own group, so that whatever it started goes with it.
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.wait();
    }
}
