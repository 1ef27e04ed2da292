//! The bucket: versions kept for ever, nobody else, TLS only.

use aws_sdk_s3::types::{BucketVersioningStatus, ExpirationStatus, LifecycleRule, ObjectOwnership};
use serde_json::Value;

use super::super::policy;
use super::{Doctor, State, why};
use crate::aws::fault;

/// Unfinished uploads are removed after so many days.
const UPLOAD_DAYS: i32 = 7;

impl Doctor<'_> {
    pub(super) async fn bucket(&mut self) {
        let Some(bucket) = self.part("Bucket") else { return };
        self.owner(&bucket).await;
        self.versioning(&bucket).await;
        self.public_access(&bucket).await;
        self.bucket_policy(&bucket).await;
        self.encryption(&bucket).await;
        self.lifecycle(&bucket).await;
        self.ownership(&bucket).await;
    }

    async fn owner(&mut self, bucket: &str) {
        let owner = self.account.id.clone();
        let head = self.account.objects().head_bucket().bucket(bucket).expected_bucket_owner(&owner).send().await;
        let state = match head.map_err(|error| fault(&error)) {
            Ok(_) => State::Good,
            Err(fault) if fault.status == Some(403) || fault.status == Some(404) => {
                State::Bad { means: format!("there is no bucket {bucket} of account {owner}"), fix: self.repair() }
            }
            Err(fault) => State::Unknown(why(&fault)),
        };
        self.note("bucket.owner", "The bucket is there and belongs to this account", state);
    }

    async fn versioning(&mut self, bucket: &str) {
        let (id, what) = ("bucket.versioning", "Old versions are kept");
        let answer = self.account.objects().get_bucket_versioning().bucket(bucket).send().await;
        match answer.map_err(|error| fault(&error)) {
            Ok(answer) => self.judge(
                id,
                what,
                answer.status() == Some(&BucketVersioningStatus::Enabled),
                "versioning is off: a photo that is stored again, or deleted, is gone",
                format!(
                    "aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled {}",
                    self.here()
                ),
            ),
            Err(fault) => self.note(id, what, State::Unknown(why(&fault))),
        }
    }

    async fn public_access(&mut self, bucket: &str) {
        let (id, what) = ("bucket.public", "Public access is blocked");
        let answer = self.account.objects().get_public_access_block().bucket(bucket).send().await;
        let blocked = match answer.map_err(|error| fault(&error)) {
            Ok(answer) => answer.public_access_block_configuration().is_some_and(|block| {
                [
                    block.block_public_acls(),
                    block.block_public_policy(),
                    block.ignore_public_acls(),
                    block.restrict_public_buckets(),
                ]
                .iter()
                .all(|on| *on == Some(true))
            }),
            Err(fault) if fault.code == "NoSuchPublicAccessBlockConfiguration" => false,
            Err(fault) => return self.note(id, what, State::Unknown(why(&fault))),
        };
        let fix = format!(
            "aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration \
             BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true {}",
            self.here()
        );
        self.judge(id, what, blocked, "a wrong policy could show your photos to everybody", fix);
    }

    async fn bucket_policy(&mut self, bucket: &str) {
        let (id, what) = ("bucket.tls", "Only connections with TLS are taken");
        let (other_id, other_what) = ("bucket.others", "The bucket's policy lets nobody else in");
        let answer = self.account.objects().get_bucket_policy().bucket(bucket).send().await;
        let policy: Value = match answer.map_err(|error| fault(&error)) {
            Ok(answer) => serde_json::from_str(answer.policy().unwrap_or_default()).unwrap_or_default(),
            Err(fault) if fault.code == "NoSuchBucketPolicy" => Value::Null,
            Err(fault) => return self.unknown(&[(id, what), (other_id, other_what)], &why(&fault)),
        };
        let partition = partition(&self.account.region);
        let arn = format!("arn:{partition}:s3:::{bucket}");
        let wanted = serde_json::json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": [arn, format!("{arn}/*")], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]});
        let fix = format!("aws s3api put-bucket-policy --bucket {bucket} {} --policy '{wanted}'", self.here());
        let means = "a program could be made to send photos without encryption on the way";
        self.judge(id, what, policy::is_tls_only(&policy, &arn), means, fix.clone());
        let others = policy::lets_in(&policy);
        self.judge(other_id, other_what, others.is_empty(), format!("it lets in {}", others.join(", ")), fix);
    }

    async fn encryption(&mut self, bucket: &str) {
        let (id, what) = ("bucket.encryption", "Photos are encrypted at rest");
        let answer = self.account.objects().get_bucket_encryption().bucket(bucket).send().await;
        let on = match answer.map_err(|error| fault(&error)) {
            Ok(answer) => answer.server_side_encryption_configuration().is_some_and(|rules| !rules.rules().is_empty()),
            Err(fault) if fault.code == "ServerSideEncryptionConfigurationNotFoundError" => false,
            Err(fault) => return self.note(id, what, State::Unknown(why(&fault))),
        };
        let fix = format!(
            "aws s3api put-bucket-encryption --bucket {bucket} {} --server-side-encryption-configuration \
             '{{\"Rules\":[{{\"ApplyServerSideEncryptionByDefault\":{{\"SSEAlgorithm\":\"AES256\"}}}}]}}'",
            self.here()
        );
        self.judge(id, what, on, "no encryption is set for new objects", fix);
    }

    async fn lifecycle(&mut self, bucket: &str) {
        let uploads = ("bucket.uploads", "Unfinished uploads are removed after 7 days");
        let expiry = ("bucket.expiry", "Nothing ends old versions");
        let answer = self.account.objects().get_bucket_lifecycle_configuration().bucket(bucket).send().await;
        let rules = match answer.map_err(|error| fault(&error)) {
            Ok(answer) => answer.rules().to_vec(),
            Err(fault) if fault.code == "NoSuchLifecycleConfiguration" => Vec::new(),
            Err(fault) => return self.unknown(&[uploads, expiry], &why(&fault)),
        };
        let active = || rules.iter().filter(|rule| rule.status() == &ExpirationStatus::Enabled);
        let cleans = active().any(|rule| {
            let days = rule.abort_incomplete_multipart_upload().and_then(|abort| abort.days_after_initiation());
            days.is_some_and(|days| days <= UPLOAD_DAYS) && is_for_all(rule)
        });
        let fix = format!(
            "aws s3api put-bucket-lifecycle-configuration --bucket {bucket} {} --lifecycle-configuration \
             '{{\"Rules\":[{{\"ID\":\"unfinished-uploads\",\"Status\":\"Enabled\",\"Filter\":{{\"Prefix\":\"\"}},\
             \"AbortIncompleteMultipartUpload\":{{\"DaysAfterInitiation\":{UPLOAD_DAYS}}}}}]}}'",
            self.here()
        );
        let means = "parts of uploads that broke off stay and cost money";
        self.judge(uploads.0, uploads.1, cleans, means, fix.clone());
        let ending: Vec<&str> =
            active().filter(|rule| ends_photos(rule)).map(|rule| rule.id().unwrap_or("?")).collect();
        let means = format!("photos end by themselves; rule: {}", ending.join(", "));
        self.judge(expiry.0, expiry.1, ending.is_empty(), means, fix);
    }

    async fn ownership(&mut self, bucket: &str) {
        let (id, what) = ("bucket.ownership", "Everything in the bucket belongs to its owner");
        let answer = self.account.objects().get_bucket_ownership_controls().bucket(bucket).send().await;
        let enforced = match answer.map_err(|error| fault(&error)) {
            Ok(answer) => answer.ownership_controls().is_some_and(|controls| {
                controls.rules().iter().all(|rule| rule.object_ownership() == &ObjectOwnership::BucketOwnerEnforced)
            }),
            Err(fault) if fault.code == "OwnershipControlsNotFoundError" => false,
            Err(fault) => return self.note(id, what, State::Unknown(why(&fault))),
        };
        let fix = format!(
            "aws s3api put-bucket-ownership-controls --bucket {bucket} {} --ownership-controls \
             'Rules=[{{ObjectOwnership=BucketOwnerEnforced}}]'",
            self.here()
        );
        self.judge(id, what, enforced, "access lists (ACL) of single objects count", fix);
    }
}

/// Whether a rule is for the whole bucket.
fn is_for_all(rule: &LifecycleRule) -> bool {
    rule.filter().is_none_or(|filter| {
        filter.prefix().unwrap_or_default().is_empty()
            && filter.tag().is_none()
            && filter.and().is_none()
            && filter.object_size_greater_than().is_none()
            && filter.object_size_less_than().is_none()
    })
}

/// Whether a rule ends photos or their versions. Removing delete markers that stand alone ends nothing.
fn ends_photos(rule: &LifecycleRule) -> bool {
    let current = rule.expiration().is_some_and(|end| end.days().is_some() || end.date().is_some());
    current || rule.noncurrent_version_expiration().is_some()
}

/// The partition of a region, as ARNs name it.
pub(super) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}
