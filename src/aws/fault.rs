//! What went wrong with a request, in one shape for every service.

use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

/// Whose fault it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Nobody could be reached.
    Offline,
    /// Somebody was reached, and did not answer in time.
    TimedOut,
    /// The service is there and cannot do it now: 5xx, or too many requests.
    Busy,
    /// The service refused: its code says why.
    Refused,
    /// What came is no answer of the service: HTML, cut off, another protocol.
    BadAnswer,
    /// There are no credentials to sign with.
    NoCredentials,
    /// The request could not even be made.
    Here,
}

/// What went wrong with a request. Holds no secret: codes, the service's own words, a request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Whose fault it was.
    pub kind: FaultKind,
    /// The service's code, such as `NotAuthorizedException`; empty where there is none.
    pub code: String,
    /// The service's words, or those of the library below, in one line.
    pub message: String,
    /// AWS's name for the request; what its support asks for.
    pub request_id: Option<String>,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
}

impl Fault {
    /// A fault without an answer.
    #[must_use]
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, code: String::new(), message: one_line(&message.into()), request_id: None, status: None }
    }

    /// A request that could not be made.
    #[must_use]
    pub fn here(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Here, message)
    }

    pub(super) fn from_connector(error: &ConnectorError) -> Self {
        Self::new(connector_kind(error), root_words(error))
    }

    /// Whether the same request may work a little later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, FaultKind::Offline | FaultKind::TimedOut | FaultKind::Busy | FaultKind::BadAnswer)
    }

    /// What stands under "details": the service's code and words, and its request id.
    #[must_use]
    pub fn details(&self) -> String {
        let mut parts = Vec::new();
        if !self.code.is_empty() {
            parts.push(self.code.clone());
        }
        if !self.message.is_empty() {
            parts.push(self.message.clone());
        }
        if let Some(status) = self.status {
            parts.push(format!("HTTP {status}"));
        }
        if let Some(id) = &self.request_id {
            parts.push(format!("request id {id}"));
        }
        parts.join(" · ")
    }
}

fn connector_kind(error: &ConnectorError) -> FaultKind {
    if error.is_timeout() {
        FaultKind::TimedOut
    } else if error.is_user() {
        FaultKind::Here
    } else {
        FaultKind::Offline
    }
}

/// Reads an SDK's error.
pub fn fault<E>(error: &SdkError<E, Response>) -> Fault
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    let (kind, code, message) = match error {
        SdkError::TimeoutError(_) => (FaultKind::TimedOut, String::new(), "no answer in time".to_owned()),
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            // Credentials are fetched before anything is sent.
            Some(connector) if !mentions(error, "credential") => {
                (connector_kind(connector), String::new(), root_words(connector))
            }
            _ => (FaultKind::NoCredentials, String::new(), root_words(error)),
        },
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default().to_owned();
            let message = service.err().message().unwrap_or_default().to_owned();
            (service_kind(&code, status), code, message)
        }
        SdkError::ResponseError(_) => {
            let words = root_words(error);
            // The HTTP library's own words for a connection that broke in the middle of an answer.
            let broke = words.contains("end of file") || words.contains("connection");
            let kind = match status {
                Some(500..) => FaultKind::Busy,
                _ if broke => FaultKind::Offline,
                _ => FaultKind::BadAnswer,
            };
            (kind, String::new(), words)
        }
        _ => {
            let words = root_words(error);
            let no_credentials = words.contains("credentials");
            (if no_credentials { FaultKind::NoCredentials } else { FaultKind::Here }, String::new(), words)
        }
    };
    Fault { kind, code, message: one_line(&message), request_id: error.request_id().map(ToOwned::to_owned), status }
}

fn service_kind(code: &str, status: Option<u16>) -> FaultKind {
    const BUSY: [&str; 8] = [
        "TooManyRequestsException",
        "ThrottlingException",
        "Throttling",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
        "SlowDown",
        "ServiceUnavailable",
        "InternalErrorException",
    ];
    match status {
        _ if BUSY.contains(&code) => FaultKind::Busy,
        Some(500..) => FaultKind::Busy,
        // An error without a code is a page of something in between: a proxy, a captive portal.
        _ if code.is_empty() => FaultKind::BadAnswer,
        _ => FaultKind::Refused,
    }
}

/// Whether any cause has this word.
fn mentions(error: &dyn std::error::Error, word: &str) -> bool {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.into_iter().any(|cause| cause.to_string().contains(word))
}

/// The innermost cause, which is the one that says something.
fn root_words(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    one_line(&cause.to_string())
}

/// A word that is longer than this is no word: a token, which a service may repeat in its complaint.
const LONGEST_WORD: usize = 200;

fn one_line(text: &str) -> String {
    let shown = |word| if str::len(word) > LONGEST_WORD { "…" } else { word };
    let words: Vec<&str> = text.split_whitespace().map(shown).collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(300).collect()
}
