//! What every AWS client shares: one HTTP client, its limits, and one way to read what went wrong.
//!
//! - TLS always; plain HTTP goes to this computer itself only, whatever a setting or a profile says.
//! - Every answer's `Date` is compared with this computer's clock ([`clock_ahead_s`]), so that a clock that is off is
//!   named instead of the riddle that follows from it.
//! - A [`Fault`] keeps the service's code, words and request id, and says whether the network, the service or the
//!   request was at fault.

mod fault;
mod http;

pub use fault::{Fault, FaultKind, fault};
pub use http::{Response, another_client, client, clock_ahead_s, get, post_form};

use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one try of a small request may take.
const ATTEMPT: Duration = Duration::from_secs(20);
/// How long a small request may take with all its tries.
const OPERATION: Duration = Duration::from_secs(45);
/// Tries of a small request that a person waits for.
const ATTEMPTS: u32 = 3;

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(Duration::from_secs(4))
}

/// The configuration of clients for small requests that a person waits for. Without `credentials` requests are not
/// signed, which is what the public calls of Cognito want.
#[must_use]
pub fn config(region: &str, endpoint: Option<&str>, credentials: Option<SharedCredentialsProvider>) -> SdkConfig {
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .http_client(client())
        .retry_config(retries())
        .timeout_config(timeouts())
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new());
    builder.set_endpoint_url(endpoint.map(ToOwned::to_owned));
    builder.set_credentials_provider(credentials);
    builder.build()
}

/// The configuration of somebody's own AWS tools: environment variables, `~/.aws`, single sign-on, in AWS's order.
/// `profile`, `region` and `endpoint` go before what is found there.
pub async fn own_config(profile: Option<&str>, region: Option<&str>, endpoint: Option<&str>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client())
        .retry_config(retries())
        .timeout_config(timeouts());
    if let Some(profile) = profile {
        // Whoever names a profile means that account, whatever keys lie in the environment.
        let mut parts = ProviderConfig::without_region().with_http_client(client());
        if let Some(region) = region {
            parts = parts.with_region(Some(Region::new(region.to_owned())));
        }
        let keys = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&parts).build();
        loader = loader.profile_name(profile).credentials_provider(keys);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if let Some(endpoint) = endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    loader.load().await
}
