//! The one HTTP client of the process, and the few requests that are no AWS operation: keys and tokens of a user pool.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::{Builder, Connector, tls};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::date_time::Format;

use super::fault::{Fault, FaultKind};
use crate::domain::account::check_endpoint;

/// A connection that rests longer than this is closed: load balancers forget them, and a first write would be lost.
const IDLE: Duration = Duration::from_secs(20);
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// No answer of a key or token address is longer, in bytes.
const MOST_BODY: usize = 1 << 20;
/// How long one of these requests may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A clock may be off so much, in seconds, before it is worth a word: AWS refuses signatures from there on.
const CLOCK_TOLERANCE_S: i64 = 5 * 60;
/// Where AWS puts its name for a request: Cognito's token address first, then its services.
const REQUEST_IDS: [&str; 3] = ["x-amz-cognito-request-id", "x-amzn-requestid", "x-amz-request-id"];
/// Nothing was heard of the time yet.
const UNKNOWN: i64 = i64::MIN;

static CLOCK_AHEAD_S: AtomicI64 = AtomicI64::new(UNKNOWN);

/// How many seconds this computer's clock is ahead of the services' (negative: behind), where the last answer showed
/// that it is off by more than 5 minutes.
#[must_use]
pub fn clock_ahead_s() -> Option<i64> {
    let ahead = CLOCK_AHEAD_S.load(Ordering::Relaxed);
    (ahead != UNKNOWN && ahead.abs() > CLOCK_TOLERANCE_S).then_some(ahead)
}

fn provider() -> tls::Provider {
    tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)
}

/// The HTTP client of all AWS clients of this process.
#[must_use]
pub fn client() -> SharedHttpClient {
    static CLIENT: OnceLock<SharedHttpClient> = OnceLock::new();
    CLIENT.get_or_init(another_client).clone()
}

/// A client with connections of its own. A connection lives on the runtime that made it: whoever waits for bytes while
/// that runtime stands still needs others.
#[must_use]
pub fn another_client() -> SharedHttpClient {
    let client = Builder::new().pool_idle_timeout(IDLE).tls_provider(provider()).build_https();
    SharedHttpClient::new(Watched(client))
}

/// Refuses plain HTTP to other computers, and looks at the clock of whoever answers.
#[derive(Debug)]
struct Watched(SharedHttpClient);

impl HttpClient for Watched {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(WatchedConnector(self.0.http_connector(settings, components)))
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        bag: &aws_smithy_types::config_bag::ConfigBag,
    ) -> Result<(), aws_smithy_runtime_api::box_error::BoxError> {
        self.0.validate_base_client_config(components, bag)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

#[derive(Debug)]
struct WatchedConnector(SharedHttpConnector);

impl HttpConnector for WatchedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Err(error) = check_endpoint("an address", request.uri()) {
            return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
        }
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            if let Some(date) = answer.headers().get("date") {
                note_date(date);
            }
            Ok(answer)
        })
    }
}

fn note_date(date: &str) {
    let Ok(theirs) = DateTime::from_str(date, Format::HttpDate) else { return };
    let ours = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let ours = i64::try_from(ours).unwrap_or(i64::MAX);
    CLOCK_AHEAD_S.store(ours.saturating_sub(theirs.secs()), Ordering::Relaxed);
}

/// As much of a request id as can be one: whoever answers may be somebody else.
fn plain_id(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect()
}

/// An answer of an address that is no AWS operation.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// AWS's name for the request, where it gave one.
    pub request_id: Option<String>,
    /// The body, at most 1 MiB. May hold tokens: it is never shown.
    pub body: zeroize::Zeroizing<Vec<u8>>,
}

impl Response {
    /// What stands under "details": status and request id, never anything of the body.
    #[must_use]
    pub fn details(&self) -> String {
        let id = self.request_id.as_ref().map(|id| format!(" · request id {id}")).unwrap_or_default();
        format!("HTTP {}{id}", self.status)
    }
}

/// Gets an address.
///
/// # Errors
/// [`Fault`] where there was no whole answer of a bearable size.
pub async fn get(address: &str) -> Result<Response, Fault> {
    let request = HttpRequest::get(address).map_err(|error| Fault::here(error.to_string()))?;
    send(request).await
}

/// Posts a form (`application/x-www-form-urlencoded`).
///
/// # Errors
/// As [`get`].
pub async fn post_form(address: &str, form: &[(&str, &str)]) -> Result<Response, Fault> {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let mut request = HttpRequest::get(address).map_err(|error| Fault::here(error.to_string()))?;
    request.set_method("POST").map_err(|error| Fault::here(error.to_string()))?;
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
    *request.body_mut() = SdkBody::from(body.join("&"));
    send(request).await
}

/// The connector of requests that are no AWS operation.
fn plain() -> SharedHttpConnector {
    static PLAIN: OnceLock<SharedHttpConnector> = OnceLock::new();
    PLAIN
        .get_or_init(|| {
            let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(PATIENCE).build();
            let connector = Connector::builder()
                .connector_settings(settings)
                .sleep_impl(TokioSleep::new())
                .pool_idle_timeout(IDLE)
                .tls_provider(provider())
                .build();
            SharedHttpConnector::new(WatchedConnector(SharedHttpConnector::new(connector)))
        })
        .clone()
}

async fn send(request: HttpRequest) -> Result<Response, Fault> {
    let whole = async {
        let answer = plain().call(request).await.map_err(|error| Fault::from_connector(&error))?;
        let status = answer.status().as_u16();
        let request_id = REQUEST_IDS.iter().find_map(|name| answer.headers().get(*name)).map(plain_id);
        Ok(Response { status, request_id, body: collect(answer.into_body()).await? })
    };
    match tokio::time::timeout(PATIENCE, whole).await {
        Ok(answer) => answer,
        Err(_) => Err(Fault::new(FaultKind::TimedOut, "no answer within 20 seconds")),
    }
}

async fn collect(body: SdkBody) -> Result<zeroize::Zeroizing<Vec<u8>>, Fault> {
    let mut stream = aws_smithy_types::byte_stream::ByteStream::new(body);
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| Fault::new(FaultKind::Offline, error.to_string()))?;
        if bytes.len() + chunk.len() > MOST_BODY {
            return Err(Fault::new(FaultKind::BadAnswer, "the answer is far too long"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
