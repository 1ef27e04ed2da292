//! Versions in a bucket of Amazon S3 or of a server that speaks the same language.
//!
//! - An object is believed to be there once the store has answered with our own CRC-64/NVME and a version id; where it
//!   answers something else, it is asked once more, and otherwise there is no receipt.
//! - What is put carries a condition wherever it can, so that a request that is sent again, by us or by the SDK, never
//!   makes a second version. After a refused condition or a lost answer the object is looked at: what is ours is taken
//!   as the receipt.
//! - Bytes are read once, hashed on the way, and sent from memory; all buffers share one budget ([`Traffic`]).
//! - Nothing here removes a version: there is no call with a version id that deletes.

mod call;
mod check;
mod copy;
mod head;
mod link;
mod list;
mod parts;
mod plan;
mod put;
mod read;
mod source;
mod words;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation, StalledStreamProtectionConfig};

use super::traffic::Traffic;
use super::{Link, Listed, ObjectStore, Parts, Put, StoreError};
use crate::domain::keys::check_key;
use crate::domain::{ObjectKey, ObjectVersion, Receipt, VersionId};

/// The longest key that S3 takes, in bytes, its prefix included.
const MAX_KEY_BYTES: usize = 1024;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest wait between two tries of the same request.
const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// Which bucket, and with what to get there.
#[derive(Clone)]
pub struct S3Options {
    /// Region, endpoint and credentials; its limits are those of small requests.
    pub config: SdkConfig,
    /// Whether the bucket is named in the path of an address and not in its host.
    pub path_style: bool,
    /// The bucket.
    pub bucket: String,
    /// Account id of its owner, where known: then another account's bucket of that name is never used.
    pub owner: Option<String>,
    /// First part of every key, without a slash at its end; may be empty.
    pub prefix: String,
    /// The name that people and JSON see.
    pub name: String,
}

/// From where on things are done in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longer objects are sent in parts, in bytes.
    pub single_bytes: u64,
    /// The shortest part, in bytes. S3 takes none below 5 MiB but the last.
    pub part_bytes: u64,
    /// Longer objects are copied in parts, in bytes. S3 copies at most 5 GiB at once.
    pub copy_bytes: u64,
    /// How long nothing of a body may move.
    pub stall: Duration,
    /// How often one request is tried.
    pub attempts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            single_bytes: 16_000_000,
            part_bytes: 8 << 20,
            copy_bytes: 5 << 30,
            stall: Duration::from_secs(30),
            attempts: 7,
        }
    }
}

/// A bucket as a store. Clones are the same one.
#[derive(Clone)]
pub struct S3(Arc<Inner>);

struct Inner {
    /// For questions that a person waits for.
    asking: Client,
    /// For bodies and slow work.
    sending: Client,
    /// The same as `asking`, on connections that only readers use.
    reading: Client,
    credentials: Option<SharedCredentialsProvider>,
    endpoint: Option<String>,
    bucket: String,
    owner: Option<String>,
    /// With its slash; or empty.
    prefix: String,
    name: String,
    traffic: Arc<Traffic>,
    parts: Parts,
    limits: Limits,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3").field("bucket", &self.0.bucket).field("prefix", &self.0.prefix).finish_non_exhaustive()
    }
}

impl S3 {
    /// A store in this bucket. Nothing is asked of anybody yet.
    #[must_use]
    pub fn new(options: S3Options, traffic: Arc<Traffic>, parts: Parts) -> Self {
        Self::with_limits(options, traffic, parts, Limits::default())
    }

    /// The same with other limits, so that tests need no gigabytes.
    #[must_use]
    pub fn with_limits(options: S3Options, traffic: Arc<Traffic>, parts: Parts, limits: Limits) -> Self {
        let S3Options { config, path_style, bucket, owner, prefix, name } = options;
        let of = |config: &SdkConfig| {
            aws_sdk_s3::config::Builder::from(config)
                .force_path_style(path_style)
                // Our own checksums go with everything that is sent; the SDK's would be a second pass over the bytes.
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
                // A standstill is noticed by ourselves: the SDK's own watch ends with the last byte of a body.
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        };
        let retries = RetryConfig::standard().with_max_attempts(limits.attempts).with_max_backoff(MAX_BACKOFF);
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).build();
        let sending = of(&config).retry_config(retries).timeout_config(timeouts).build();
        let reading = of(&config).http_client(read::client()).build();
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Self(Arc::new(Inner {
            asking: Client::from_conf(of(&config).build()),
            sending: Client::from_conf(sending),
            reading: Client::from_conf(reading),
            credentials: config.credentials_provider(),
            endpoint: config.endpoint_url().map(ToOwned::to_owned),
            bucket,
            owner,
            prefix,
            name,
            traffic,
            parts,
            limits,
        }))
    }

    /// What is shared with other stores on the same line.
    #[must_use]
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.0.traffic
    }

    /// The key in the bucket.
    fn full(&self, key: &ObjectKey) -> Result<String, StoreError> {
        check_key(key).map_err(|bad| StoreError::Unavailable(bad.to_string()))?;
        let full = format!("{}{key}", self.0.prefix);
        if full.len() > MAX_KEY_BYTES {
            let why = "its name is too long: with the folder of this library it has more than 1,024 bytes".into();
            return Err(StoreError::Denied { why, key: key.clone() });
        }
        Ok(full)
    }

    /// The key without the prefix; `None` for what is none of ours.
    fn own_key(&self, full: &str) -> Option<ObjectKey> {
        let key = ObjectKey(full.strip_prefix(&self.0.prefix)?.to_owned());
        check_key(&key).is_ok().then_some(key)
    }
}

/// Whether a text can be the name of a version at all.
fn is_version(version: &VersionId) -> bool {
    !version.0.is_empty() && version.0.len() <= 1024 && version.0.bytes().all(|byte| byte.is_ascii_graphic())
}

#[async_trait]
impl ObjectStore for S3 {
    fn name(&self) -> &str {
        &self.0.name
    }

    async fn put(&self, put: Put) -> Result<Receipt, StoreError> {
        let full = self.full(&put.key)?;
        if put.expected.size > self.0.limits.single_bytes {
            Box::pin(self.put_parts(&put, &full)).await
        } else {
            Box::pin(self.put_single(&put, &full)).await
        }
    }

    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError> {
        let full = self.full(key)?;
        Box::pin(self.describe(key, &full, version)).await
    }

    async fn read(
        &self,
        key: &ObjectKey,
        version: Option<&VersionId>,
    ) -> Result<Box<dyn std::io::Read + Send>, StoreError> {
        let full = self.full(key)?;
        Box::pin(self.open(key, &full, version)).await
    }

    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ObjectVersion>, StoreError> {
        let full = self.full(key)?;
        Box::pin(self.all_versions(key, &full)).await
    }

    async fn list(
        &self,
        prefix: &str,
        versions: bool,
        each: &mut (dyn FnMut(Listed) -> bool + Send),
    ) -> Result<(), StoreError> {
        Box::pin(self.list_below(prefix, versions, each)).await
    }

    async fn restore(&self, key: &ObjectKey, version: &VersionId) -> Result<Receipt, StoreError> {
        let full = self.full(key)?;
        Box::pin(self.copy_on_top(key, &full, version)).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    async fn delete(&self, key: &ObjectKey) -> Result<Option<VersionId>, StoreError> {
        let full = self.full(key)?;
        Box::pin(self.mark_deleted(key, &full)).await
    }

    async fn link(&self, key: &ObjectKey, lasts_s: u64) -> Result<Link, StoreError> {
        let full = self.full(key)?;
        Box::pin(self.signed_link(key, &full, lasts_s)).await
    }

    async fn longest_link_s(&self) -> Result<Option<u64>, StoreError> {
        self.longest_link().await.map(Some)
    }

    /// Somewhat more than the line has places for: files are read while others are on their way.
    fn width(&self) -> usize {
        let places = self.0.traffic.width();
        places + places / 2 + 1
    }
}
