//! Links that need no sign-in.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_s3::presigning::PresigningConfig;

use super::super::{Link, StoreError};
use super::S3;
use crate::aws::Fault;
use crate::domain::{ObjectKey, Timestamp};

/// S3 takes no signature that is older, in seconds.
const WEEK_S: u64 = 7 * 24 * 3600;
/// A link signed with temporary credentials ends with them; nobody is promised more than this, in seconds.
const HOUR_S: u64 = 3600;

impl S3 {
    /// How long a link can last now, in seconds.
    pub(super) async fn longest_link(&self) -> Result<u64, StoreError> {
        let nobody =
            || StoreError::Unavailable(format!("nobody is signed in: sign in, or set the keys: {}", self.place()));
        let provider = self.0.credentials.as_ref().ok_or_else(nobody)?;
        let credentials = match provider.provide_credentials().await {
            Ok(credentials) => credentials,
            Err(error) => {
                let fault = Fault::new(crate::aws::FaultKind::NoCredentials, innermost(&error));
                return Err(self.trouble(&fault, &ObjectKey(self.0.bucket.clone()), "fetching the keys"));
            }
        };
        Ok(match credentials.expiry() {
            Some(end) => end.duration_since(SystemTime::now()).unwrap_or_default().as_secs().min(HOUR_S),
            None if credentials.session_token().is_some() => HOUR_S,
            None => WEEK_S,
        })
    }

    /// As [`super::super::ObjectStore::link`].
    pub(super) async fn signed_link(&self, key: &ObjectKey, full: &str, lasts_s: u64) -> Result<Link, StoreError> {
        if self.look(key, full, None).await?.is_none() {
            return Err(StoreError::NotFound { key: key.clone() });
        }
        let lasts_s = lasts_s.min(self.longest_link().await?).max(1);
        let broken = |error: String| StoreError::Io {
            what: format!("making a link: {key}"),
            source: std::io::Error::other(error),
        };
        let config = PresigningConfig::expires_in(Duration::from_secs(lasts_s));
        let config = config.map_err(|error| broken(error.to_string()))?;
        // Without the owner's id: it would be a header that whoever follows the link had to send.
        let call = self.0.asking.get_object().bucket(&self.0.bucket).key(full);
        let signed = Box::pin(call.presigned(config))
            .await
            .map_err(|error| self.trouble(&crate::aws::fault(&error), key, "making a link"))?;
        let ends_ms = (self.0.parts.clock)().0.saturating_add(i64::try_from(lasts_s * 1000).unwrap_or(i64::MAX));
        Ok(Link { url: signed.uri().to_owned(), ends_at: Timestamp(ends_ms) })
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
