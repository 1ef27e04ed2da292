//! What a store's refusal means, in words for people.

use std::io;

use super::super::StoreError;
use super::S3;
use crate::aws::{Fault, FaultKind, clock_ahead_s};
use crate::domain::{ObjectKey, StorageClass};

/// The key is not there, or the version is not.
pub(super) fn is_absent(fault: &Fault) -> bool {
    matches!(fault.code.as_str(), "NoSuchKey" | "NoSuchVersion" | "NotFound")
        || fault.status == Some(404) && !matches!(fault.code.as_str(), "NoSuchBucket" | "NoSuchUpload")
}

/// A condition was not met, or somebody else was writing at the same moment.
pub(super) fn is_refused_condition(fault: &Fault) -> bool {
    matches!(fault.code.as_str(), "PreconditionFailed" | "ConditionalRequestConflict" | "OperationAborted")
        || matches!(fault.status, Some(409 | 412)) && fault.code != "BucketNotEmpty"
}

/// Other bytes arrived than were sent, and the store took none of them.
pub(super) fn is_garbled(fault: &Fault) -> bool {
    matches!(fault.code.as_str(), "BadDigest" | "InvalidDigest" | "IncompleteBody" | "XAmzContentChecksumMismatch")
}

/// Whether the request may have been done although no good answer came.
pub(super) fn is_lost(fault: &Fault) -> bool {
    fault.is_passing() || matches!(fault.code.as_str(), "RequestTimeout" | "InternalError")
}

impl S3 {
    /// The bucket as people know it.
    pub(super) fn place(&self) -> String {
        match &self.0.endpoint {
            Some(endpoint) => format!("{} at {endpoint}", self.0.bucket),
            None => self.0.bucket.clone(),
        }
    }

    /// What a fault means. `what` says what was being done.
    pub(super) fn trouble(&self, fault: &Fault, key: &ObjectKey, what: &str) -> StoreError {
        let place = self.place();
        let details = fault.details();
        let act = |words: String| StoreError::Unavailable(words);
        let denied = |why: &str| StoreError::Denied { why: why.to_owned(), key: key.clone() };
        match fault.code.as_str() {
            "NoSuchKey" | "NoSuchVersion" => StoreError::NotFound { key: key.clone() },
            "NoSuchBucket" => act(format!("the bucket does not exist: make it, or choose another: {place}")),
            "InvalidBucketName" => act(format!("this cannot be the name of a bucket: choose another: {place}")),
            "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
                act(format!("the bucket is in another region: set the right one ({details}): {place}"))
            }
            "RequestTimeTooSkewed" => act(skewed()),
            "InvalidAccessKeyId" => {
                act(format!("the store does not know the access key: sign in again, or set the right one: {place}"))
            }
            "SignatureDoesNotMatch" => match clock_ahead_s() {
                Some(_) => act(skewed()),
                None => act(format!("the secret does not fit the access key: set the right one: {place}")),
            },
            "InvalidObjectState" => StoreError::Archived { class: StorageClass::GlacierFlexible, key: key.clone() },
            "EntityTooLarge" => denied("it is longer than the store takes"),
            "KeyTooLongError" => denied("its name is too long for the store"),
            "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => {
                denied(&format!("no right to do this; ask whoever owns the bucket ({details})"))
            }
            "XMinioStorageFull" | "InsufficientStorage" | "QuotaExceeded" | "ServiceQuotaExceededException" => {
                act(format!("the store is full: make room there ({details}): {place}"))
            }
            // What ends by itself, with new credentials or another try.
            "ExpiredToken"
            | "ExpiredTokenException"
            | "TokenRefreshRequired"
            | "RequestExpired"
            | "RequestTimeout"
            | "OperationAborted"
            | "ConditionalRequestConflict"
            | "InternalError"
            | "NoSuchUpload" => passing(fault, what, key),
            _ if is_garbled(fault) => passing(fault, what, key),
            _ => match fault.kind {
                FaultKind::NoCredentials if needs_sign_in(fault) => {
                    act(format!("nobody is signed in: sign in, or set the keys ({details}): {place}"))
                }
                FaultKind::NoCredentials => passing(fault, what, key),
                FaultKind::Here => denied(&format!("the request could not be made: {details}")),
                FaultKind::BadAnswer if fault.status == Some(403) => {
                    denied(&format!("no right to do this ({details})"))
                }
                FaultKind::Refused => denied(&details),
                _ => passing(fault, what, key),
            },
        }
    }

    /// The bucket keeps no versions.
    pub(super) fn unversioned(&self) -> StoreError {
        let (bucket, place) = (&self.0.bucket, self.place());
        let endpoint = self.0.endpoint.as_ref().map(|endpoint| format!(" --endpoint-url {endpoint}"));
        StoreError::Unavailable(format!(
            "the bucket keeps no versions, so that a photo could be overwritten: turn them on with `aws s3api \
             put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled{}`: {place}",
            endpoint.unwrap_or_default()
        ))
    }

    /// The store does not say the checksum, so that nothing can be proved.
    pub(super) fn unproved(&self) -> StoreError {
        StoreError::Unavailable(format!(
            "the store does not answer with the checksum of what it has (CRC-64/NVME of all bytes), so that nothing \
             could be proved: choose a store that does: {}",
            self.place()
        ))
    }
}

fn skewed() -> String {
    let off = clock_ahead_s().map(|ahead| {
        let way = if ahead > 0 { "ahead" } else { "behind" };
        format!("{} minutes {way}", ahead.unsigned_abs().div_ceil(60))
    });
    format!("this computer's clock is {}: set it right", off.unwrap_or_else(|| "off".into()))
}

/// Credentials that will not come by themselves.
fn needs_sign_in(fault: &Fault) -> bool {
    ["nobody is signed in", "not loaded", "no providers", "no credentials"]
        .iter()
        .any(|words| fault.message.to_lowercase().contains(words))
}

fn passing(fault: &Fault, what: &str, key: &ObjectKey) -> StoreError {
    let kind = match fault.kind {
        FaultKind::TimedOut => io::ErrorKind::TimedOut,
        FaultKind::Offline => io::ErrorKind::NotConnected,
        FaultKind::Busy => io::ErrorKind::WouldBlock,
        _ => io::ErrorKind::Other,
    };
    StoreError::Io { what: format!("{what}: {key}"), source: io::Error::new(kind, fault.details()) }
}
