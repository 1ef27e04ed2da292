//! Buckets for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, VersioningConfiguration,
};
use lightkeep::aws;
use lightkeep::store::s3::{Limits, S3, S3Options};
use lightkeep::store::traffic::Traffic;
use lightkeep::store::{ObjectStore as _, Parts};

use crate::common::servers::{Ministack, REGION, Weed};

/// How long a server may take until it takes a bucket.
const READY: Duration = Duration::from_secs(60);

/// A server with keys for it.
pub struct Place {
    /// Where stores ask; tests put a proxy there.
    pub endpoint: String,
    /// Where the server itself listens.
    pub direct: String,
    pub keys: Credentials,
    stores: AtomicU32,
    _server: Box<dyn std::any::Any>,
}

/// Small limits, so that a few megabytes are a long object.
pub const SHORT: Limits = Limits {
    single_bytes: 1 << 20,
    part_bytes: 5 << 20,
    copy_bytes: 6 << 20,
    stall: Duration::from_secs(30),
    attempts: 7,
};

impl Place {
    /// A weed with the bucket `photos`, which keeps versions.
    pub async fn weed() -> Self {
        let server = Weed::start();
        let keys = Credentials::new(Weed::ACCESS, Weed::SECRET, None, None, "tests");
        let place = Self::new(server.endpoint(), keys, Box::new(server));
        place.bucket("photos", true).await;
        place
    }

    /// A ministack with the bucket `photos` and a user who may use S3 and nothing else.
    pub async fn ministack() -> Self {
        Self::ministack_with(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#,
        )
        .await
    }

    /// The same with other rights. The bucket is made by the owner.
    pub async fn ministack_with(rights: &str) -> Self {
        let server = Ministack::start();
        let root = Credentials::new("test", "test", None, None, "tests");
        let config = aws::config(REGION, Some(&server.endpoint()), Some(SharedCredentialsProvider::new(root.clone())));
        let iam = aws_sdk_iam::Client::new(&config);
        iam.create_user().user_name("photographer").send().await.unwrap();
        let call = iam.put_user_policy().user_name("photographer").policy_name("s3").policy_document(rights);
        call.send().await.unwrap();
        let made = iam.create_access_key().user_name("photographer").send().await.unwrap().access_key.unwrap();
        let keys = Credentials::new(made.access_key_id, made.secret_access_key, None, None, "tests");
        let mut place = Self::new(server.endpoint(), root, Box::new(server));
        place.bucket("photos", true).await;
        place.keys = keys;
        place
    }

    fn new(endpoint: String, keys: Credentials, server: Box<dyn std::any::Any>) -> Self {
        Self { direct: endpoint.clone(), endpoint, keys, stores: AtomicU32::new(0), _server: server }
    }

    /// A client to look behind the store's back with.
    pub fn client(&self) -> aws_sdk_s3::Client {
        let provider = SharedCredentialsProvider::new(self.keys.clone());
        let config = aws::config(REGION, Some(&self.direct), Some(provider));
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// Makes a bucket.
    pub async fn bucket(&self, name: &str, versions: bool) {
        let client = self.client();
        let region = CreateBucketConfiguration::builder();
        let region = region.location_constraint(BucketLocationConstraint::from(REGION)).build();
        let started = Instant::now();
        loop {
            let call = client.create_bucket().bucket(name).create_bucket_configuration(region.clone());
            match call.send().await {
                Ok(_) => break,
                Err(error) => assert!(started.elapsed() < READY, "no bucket: {error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if versions {
            let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
            client.put_bucket_versioning().bucket(name).versioning_configuration(on).send().await.unwrap();
        }
    }

    /// What leads to the bucket `photos`, with a prefix that nobody else has.
    pub fn options(&self) -> S3Options {
        let number = self.stores.fetch_add(1, Ordering::Relaxed);
        let provider = SharedCredentialsProvider::new(self.keys.clone());
        S3Options {
            config: aws::config(REGION, Some(&self.endpoint), Some(provider)),
            path_style: true,
            bucket: "photos".into(),
            owner: None,
            prefix: format!("library {number}"),
            name: "bucket".into(),
        }
    }

    /// An empty store.
    pub fn store(&self) -> S3 {
        S3::new(self.options(), Arc::new(Traffic::new()), Parts::real())
    }

    /// The last of them again, with other limits.
    pub fn same(&self, limits: Limits) -> S3 {
        let last = self.stores.load(Ordering::Relaxed) - 1;
        let options = S3Options { prefix: format!("library {last}"), ..self.options() };
        self.stores.fetch_sub(1, Ordering::Relaxed);
        S3::with_limits(options, Arc::new(Traffic::new()), Parts::real(), limits)
    }

    /// An empty store that takes a few megabytes for long.
    pub fn short(&self, limits: Limits) -> S3 {
        S3::with_limits(self.options(), Arc::new(Traffic::new()), Parts::real(), limits)
    }
}

/// How many versions a store has.
pub async fn versions(store: &S3) -> usize {
    let mut count = 0;
    let mut each = |_| {
        count += 1;
        true
    };
    store.list("", true, &mut each).await.unwrap();
    count
}

/// So many bytes, of which no part is like another.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}
