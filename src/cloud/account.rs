//! The owner's AWS account, as the owner's own credentials reach it.

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;

use super::error::{CloudError, CloudTrouble, masked};
use crate::aws::{fault, own_config};
use crate::domain::account::{check_endpoint, check_region};

/// An account that answers: who it is, where, and the clients to ask it with.
#[derive(Clone)]
pub struct Account {
    config: SdkConfig,
    /// AWS region.
    pub region: String,
    /// Account id, 12 digits.
    pub id: String,
    /// Who the credentials are of (ARN), without an e-mail address.
    pub caller: String,
    /// Another address than AWS's own.
    pub endpoint: Option<String>,
}

impl Account {
    /// Finds the owner's credentials as AWS's own tools do, and asks whose they are.
    ///
    /// # Errors
    /// No region, no credentials, credentials that are not taken, nobody there.
    pub async fn open(profile: Option<&str>, region: Option<&str>, endpoint: Option<&str>) -> Result<Self, CloudError> {
        let config = own_config(profile, region, endpoint).await;
        let Some(region) = config.region().map(ToString::to_string) else {
            return Err(CloudError::new(CloudTrouble::NoRegion));
        };
        let bad = |error: crate::domain::account::SettingsError| CloudTrouble::BadParameter(error.to_string());
        check_region(&region).map_err(|error| CloudError::new(bad(error)))?;
        let endpoint = config.endpoint_url().map(ToOwned::to_owned);
        if let Some(endpoint) = &endpoint {
            check_endpoint("the endpoint", endpoint).map_err(|error| CloudError::new(bad(error)))?;
        }
        // Asked for by themselves, so that "there are none" is never taken for "nobody is there".
        let none = |why: &str| CloudError::new(CloudTrouble::NoCredentials(why.to_owned()));
        let provider = config.credentials_provider().ok_or_else(|| none("nothing gives any"))?;
        if let Err(error) = provider.provide_credentials().await {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(next) = cause.source() {
                cause = next;
            }
            let words = cause.to_string();
            let first = words.lines().next().unwrap_or_default().split(". ").next().unwrap_or_default();
            return Err(CloudError { details: words.chars().take(600).collect(), ..none(first) });
        }
        let mut account = Self { config, region, id: String::new(), caller: String::new(), endpoint };
        let who = aws_sdk_sts::Client::new(&account.config).get_caller_identity().send().await;
        let who = who.map_err(|error| CloudError::of("asking AWS whose credentials these are", &fault(&error)))?;
        account.id = who.account().unwrap_or_default().to_owned();
        account.caller = masked(who.arn().unwrap_or_default());
        Ok(account)
    }

    pub(super) fn stacks(&self) -> aws_sdk_cloudformation::Client {
        aws_sdk_cloudformation::Client::new(&self.config)
    }

    pub(super) fn users(&self) -> aws_sdk_cognitoidentityprovider::Client {
        aws_sdk_cognitoidentityprovider::Client::new(&self.config)
    }

    pub(super) fn identities(&self) -> aws_sdk_cognitoidentity::Client {
        aws_sdk_cognitoidentity::Client::new(&self.config)
    }

    pub(super) fn roles(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.config)
    }

    pub(super) fn tables(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    pub(super) fn looking(&self) -> aws_sdk_rekognition::Client {
        aws_sdk_rekognition::Client::new(&self.config)
    }

    pub(super) fn objects(&self) -> aws_sdk_s3::Client {
        // A server beside AWS is not reached by names of buckets as host names.
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(self.endpoint.is_some());
        aws_sdk_s3::Client::from_conf(config.build())
    }
}
