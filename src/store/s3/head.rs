//! What there is: one object, described by the store.

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ChecksumMode;

use super::super::StoreError;
use super::words::is_absent;
use super::{S3, is_version};
use crate::domain::{ContentHash, Crc64, Fingerprint, ObjectKey, ObjectVersion, StorageClass, Timestamp, VersionId};

/// The BLAKE3 of an object that somebody else put: equal to that of no bytes that we know.
const UNKNOWN_BLAKE3: ContentHash = ContentHash([0; 32]);
/// Names of the metadata that we put.
pub(super) const BLAKE3: &str = "blake3";
pub(super) const MTIME: &str = "mtime";
/// Tells one renewed version from another with the same bytes.
pub(super) const RENEWED: &str = "renewed";
/// What S3 calls the version of an object in a bucket that keeps none.
const NO_VERSION: &str = "null";

/// An object as the store describes it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) version: ObjectVersion,
    /// CRC-64/NVME of all bytes, where the store says it.
    pub(super) crc: Option<Crc64>,
    /// Which renewal it is.
    pub(super) renewed: Option<String>,
}

impl Found {
    /// Whether the store says of it that it has exactly these bytes.
    pub(super) fn is(&self, expected: &Fingerprint) -> bool {
        self.version.fingerprint == *expected && self.crc == Some(expected.crc64nvme)
    }

    /// Whether it lies in a bucket that keeps, or kept, no versions.
    pub(super) fn is_unversioned(&self) -> bool {
        is_no_version(&self.version.version.0)
    }
}

pub(super) fn is_no_version(version: &str) -> bool {
    version.is_empty() || version == NO_VERSION
}

/// Reads Amazon's form of the checksum. One of parts (`…-3`) is none of all bytes.
pub(super) fn crc(text: &str) -> Option<Crc64> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    Some(Crc64(u64::from_be_bytes(bytes.try_into().ok()?)))
}

fn found(key: &ObjectKey, answer: &HeadObjectOutput, current: bool) -> Found {
    let said = |name: &str| answer.metadata().and_then(|metadata| metadata.get(name));
    let crc = answer.checksum_crc64_nvme().and_then(crc);
    let stored_at = answer.last_modified().map_or(0, |time| time.to_millis().unwrap_or(0));
    let fingerprint = Fingerprint {
        size: answer.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or(0),
        blake3: said(BLAKE3).and_then(|text| text.parse().ok()).unwrap_or(UNKNOWN_BLAKE3),
        crc64nvme: crc.unwrap_or(Crc64(0)),
    };
    let version = ObjectVersion {
        key: key.clone(),
        version: VersionId(answer.version_id().unwrap_or(NO_VERSION).to_owned()),
        etag: answer.e_tag().unwrap_or_default().to_owned(),
        fingerprint,
        mtime: Timestamp(said(MTIME).and_then(|text| text.parse().ok()).unwrap_or(stored_at)),
        stored_at: Timestamp(stored_at),
        current,
        class: answer.storage_class().map_or(StorageClass::Standard, |it| StorageClass::from_s3_name(it.as_str())),
    };
    Found { version, crc, renewed: said(RENEWED).cloned() }
}

impl S3 {
    /// The current object, or one version. Of the latter it is not known whether it is current.
    pub(super) async fn look(
        &self,
        key: &ObjectKey,
        full: &str,
        version: Option<&VersionId>,
    ) -> Result<Option<Found>, StoreError> {
        if version.is_some_and(|version| !is_version(version)) {
            return Ok(None);
        }
        let call = self.0.asking.head_object().bucket(&self.0.bucket).key(full).checksum_mode(ChecksumMode::Enabled);
        let call = call.set_version_id(version.map(|version| version.0.clone()));
        let call = call.set_expected_bucket_owner(self.0.owner.clone());
        let fault = match self.ask(call.send()).await {
            Ok(answer) if answer.delete_marker() == Some(true) => return Ok(None),
            Ok(answer) => return Ok(Some(found(key, &answer, version.is_none()))),
            Err(fault) => fault,
        };
        match fault.status {
            // The answer to a HEAD has no body, so that no code says more. 405: the version is a delete marker.
            Some(404 | 405) if fault.code != "NoSuchBucket" => Ok(None),
            // Without the right to list, a key that is missing is forbidden; so is everything with a wrong clock. And
            // what cannot be the name of a version is a bad request.
            Some(400 | 403) => self.look_in_listing(key, full, version).await.map(|()| None),
            _ if is_absent(&fault) => Ok(None),
            _ => Err(self.trouble(&fault, key, "asking what is there")),
        }
    }

    /// After a refusal without a reason: `Ok` where the object is not there, and otherwise the reason.
    async fn look_in_listing(
        &self,
        key: &ObjectKey,
        full: &str,
        version: Option<&VersionId>,
    ) -> Result<(), StoreError> {
        let mut there = false;
        let mut each = |entry: super::list::Entry| {
            there |= entry.key == full && version.map_or(entry.latest, |version| entry.version == version.0);
            entry.key == full && !there
        };
        let listed = self.each_version(full, &mut each).await;
        match listed {
            Ok(()) if there => Err(StoreError::Denied { why: "no right to read it".into(), key: key.clone() }),
            Ok(()) => Ok(()),
            // Nothing may be listed: then forbidden is the same as missing.
            Err(fault) if fault.code == "AccessDenied" => Ok(()),
            Err(fault) => Err(self.trouble(&fault, key, "asking what is there")),
        }
    }

    /// As [`super::super::ObjectStore::head`].
    pub(super) async fn describe(
        &self,
        key: &ObjectKey,
        full: &str,
        version: Option<&VersionId>,
    ) -> Result<Option<ObjectVersion>, StoreError> {
        let current = self.look(key, full, None).await?;
        let Some(version) = version else { return Ok(current.map(|found| found.version)) };
        match current {
            Some(found) if found.version.version == *version => Ok(Some(found.version)),
            _ => Ok(self.look(key, full, Some(version)).await?.map(|found| found.version)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_checksum_of_all_bytes_is_one() {
        assert_eq!(crc(&Crc64(0x0123_4567_89ab_cdef).to_s3()), Some(Crc64(0x0123_4567_89ab_cdef)));
        for text in ["", "rosUhgp5mIg=-3", "rosUhgp5", "rosUhgp5mIg", "not base64!", "rosUhgp5mIgA"] {
            assert_eq!(crc(text), None, "{text}");
        }
    }
}
