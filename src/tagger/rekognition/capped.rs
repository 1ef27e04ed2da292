//! An HTTP client that never takes in more of an answer than one may be long.

use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

/// The longest answer, in bytes: many times of what 100 labels with all their boxes take.
const MOST_BYTES: usize = 4 << 20;
/// What is said of a longer one.
pub(super) const TOO_LONG: &str = "the answer is far too long";
/// What is said of one that had begun and did not come to its end.
pub(super) const BROKE_OFF: &str = "the answer broke off";

/// The same client with that limit.
pub(super) fn capped(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Capped(client))
}

#[derive(Debug)]
struct Capped(SharedHttpClient);

impl HttpClient for Capped {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(CappedConnector(self.0.http_connector(settings, components)))
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
struct CappedConnector(SharedHttpConnector);

impl HttpConnector for CappedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let mut answer = answer.await?;
            let body = std::mem::replace(answer.body_mut(), SdkBody::taken());
            *answer.body_mut() = SdkBody::from(collect(body).await?);
            Ok(answer)
        })
    }
}

async fn collect(body: SdkBody) -> Result<Vec<u8>, ConnectorError> {
    let mut stream = ByteStream::new(body);
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| ConnectorError::io(BROKE_OFF.into()))?;
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(ConnectorError::other(TOO_LONG.into(), None));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
