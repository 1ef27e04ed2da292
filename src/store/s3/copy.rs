//! Back in time: a copy of an old version on top, and a marker that deletes.

use std::time::Duration;

use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart, StorageClass as Class,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::StoreError;
use super::S3;
use super::call::{Failed, Watch};
use super::head::{BLAKE3, Found, MTIME};
use super::plan::MOST_PARTS;
use super::put::{content_type, once};
use super::words::{is_absent, is_lost};
use crate::aws::{Fault, FaultKind};
use crate::domain::{ObjectKey, ObjectVersion, Receipt, StorageClass, VersionId};

/// How long the store may take for a copy. It says nothing meanwhile.
const PATIENCE: Duration = Duration::from_secs(900);
/// How often a copy or a marker is tried.
const TURNS: u32 = 4;
/// Longest part of a copy in parts, in bytes.
const COPY_PART_BYTES: u64 = 1 << 30;
/// Parts that are copied at the same time.
const AT_A_TIME: usize = 4;
/// What stands for itself in `x-amz-copy-source`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Whether the store says that two versions have the same bytes. What it knows nothing of is equal to nothing.
fn same_bytes(a: &Found, b: &Found) -> bool {
    a.crc.is_some() && a.crc == b.crc && a.version.fingerprint == b.version.fingerprint
}

impl S3 {
    /// As [`super::super::ObjectStore::restore`].
    pub(super) async fn copy_on_top(
        &self,
        key: &ObjectKey,
        full: &str,
        version: &VersionId,
    ) -> Result<Receipt, StoreError> {
        let mut current = self.look(key, full, None).await?;
        if let Some(found) = current.as_ref().filter(|found| found.version.version == *version) {
            return Ok(found.version.clone());
        }
        let old = self.look(key, full, Some(version)).await?;
        let old = old.ok_or_else(|| StoreError::NotFound { key: key.clone() })?;
        if current.as_ref().is_some_and(Found::is_unversioned) {
            self.check().await?;
        }
        let mut last = None;
        for _ in 0..TURNS {
            if let Some(found) = current.as_ref().filter(|found| same_bytes(found, &old)) {
                return Ok(found.version.clone());
            }
            match self.copy(full, &old).await {
                Ok(made) => return self.copied(key, full, &old, made).await,
                Err(fault) if is_lost(&fault) || fault.code == "NoSuchUpload" => {
                    last = Some(self.trouble(&fault, key, "restoring"));
                    // Done and its answer lost? Then it is current now.
                    current = self.look(key, full, None).await?;
                }
                Err(fault) if fault.code == "InvalidObjectState" => {
                    return Err(StoreError::Archived { class: old.version.class, key: key.clone() });
                }
                Err(fault) => return Err(self.trouble(&fault, key, "restoring")),
            }
        }
        match current.filter(|found| same_bytes(found, &old)) {
            Some(found) => Ok(found.version),
            None => Err(last.unwrap_or_else(|| StoreError::NotFound { key: key.clone() })),
        }
    }

    /// The copy, if it is one.
    async fn copied(
        &self,
        key: &ObjectKey,
        full: &str,
        old: &Found,
        made: Option<String>,
    ) -> Result<Receipt, StoreError> {
        let made = made.map(VersionId);
        let found = self.look(key, full, made.as_ref()).await?;
        match found {
            Some(found) if found.is_unversioned() => Err(self.unversioned()),
            Some(found) if same_bytes(&found, old) => Ok(ObjectVersion { current: true, ..found.version }),
            Some(found) if found.crc.is_none() || old.crc.is_none() => Err(self.unproved()),
            _ => Err(StoreError::Damaged { key: key.clone() }),
        }
    }

    fn copy_source(&self, full: &str, version: &VersionId) -> String {
        let key = utf8_percent_encode(full, PLAIN);
        format!("{}/{key}?versionId={}", self.0.bucket, utf8_percent_encode(&version.0, PLAIN))
    }

    /// Copies; the new version's name.
    async fn copy(&self, full: &str, old: &Found) -> Result<Option<String>, Fault> {
        if old.version.fingerprint.size > self.0.limits.copy_bytes {
            return self.copy_parts(full, old).await.map_err(|failed| failed.fault);
        }
        let watch = Watch::new(&self.0.traffic);
        let call = self.0.sending.copy_object().bucket(&self.0.bucket).key(full);
        let call = call
            .copy_source(self.copy_source(full, &old.version.version))
            .set_expected_bucket_owner(self.0.owner.clone())
            .set_expected_source_bucket_owner(self.0.owner.clone())
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            // A copy is kept as usual unless it is said.
            .storage_class(Class::from(kept_as(old.version.class).s3_name()))
            .customize()
            .interceptor(watch.clone())
            // A second try of a copy that was done would be a second version.
            .config_override(once());
        let answer = watch.answer(PATIENCE, Box::pin(call.send())).await.map_err(|failed| failed.fault)?;
        Ok(answer.version_id)
    }

    async fn copy_parts(&self, full: &str, old: &Found) -> Result<Option<String>, Failed> {
        let of = |fault: Fault| Failed { fault, attempts: 1 };
        let bad = |words: &str| of(Fault::new(FaultKind::BadAnswer, words));
        let mut call = self.0.asking.create_multipart_upload().bucket(&self.0.bucket).key(full);
        // Unlike a copy at once, one in parts takes no metadata along.
        call = call.metadata(MTIME, old.version.mtime.0.to_string());
        if old.version.fingerprint.blake3.0 != [0; 32] {
            call = call.metadata(BLAKE3, old.version.fingerprint.blake3.to_hex());
        }
        let call = call
            .set_expected_bucket_owner(self.0.owner.clone())
            .content_type(content_type(full))
            .storage_class(Class::from(kept_as(old.version.class).s3_name()))
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .checksum_type(ChecksumType::FullObject);
        let upload = self.ask(call.send()).await.map_err(of)?.upload_id.ok_or_else(|| bad("no name for it came"))?;
        let made = self.copy_each_part(full, old, &upload).await;
        if made.is_err() {
            // What was put together all the same is none of this any more.
            let call = self.0.asking.abort_multipart_upload().bucket(&self.0.bucket).key(full).upload_id(&upload);
            let given_up = self.ask(call.set_expected_bucket_owner(self.0.owner.clone()).send()).await;
            if let Err(fault) = given_up {
                tracing::debug!("a copy could not be given up ({})", fault.details());
            }
        }
        made
    }

    async fn copy_each_part(&self, full: &str, old: &Found, upload: &str) -> Result<Option<String>, Failed> {
        let size = old.version.fingerprint.size;
        let part = self.0.limits.copy_bytes.min(COPY_PART_BYTES).max(size.div_ceil(MOST_PARTS));
        let source = self.copy_source(full, &old.version.version);
        let numbers = (1..).zip((0..size).step_by(usize::try_from(part).unwrap_or(usize::MAX)));
        let copies = numbers.map(|(number, from)| {
            let call = self.0.sending.upload_part_copy().bucket(&self.0.bucket).key(full).upload_id(upload);
            let call = call
                .set_expected_bucket_owner(self.0.owner.clone())
                .set_expected_source_bucket_owner(self.0.owner.clone())
                .copy_source(&source)
                .copy_source_range(format!("bytes={from}-{}", (from + part).min(size) - 1))
                .part_number(number)
                .customize();
            async move {
                let watch = Watch::new(&self.0.traffic);
                let call = call.interceptor(watch.clone());
                let answer = watch.answer(PATIENCE, Box::pin(call.send())).await?;
                let result =
                    answer.copy_part_result.unwrap_or_else(|| aws_sdk_s3::types::CopyPartResult::builder().build());
                Ok::<_, Failed>(
                    CompletedPart::builder()
                        .part_number(number)
                        .set_e_tag(result.e_tag)
                        .set_checksum_crc64_nvme(result.checksum_crc64_nvme)
                        .build(),
                )
            }
        });
        let parts: Vec<CompletedPart> = stream::iter(copies).buffered(AT_A_TIME).boxed().try_collect().await?;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let watch = Watch::new(&self.0.traffic);
        let call = self.0.sending.complete_multipart_upload().bucket(&self.0.bucket).key(full).upload_id(upload);
        let call = call
            .set_expected_bucket_owner(self.0.owner.clone())
            .multipart_upload(parts)
            .checksum_type(ChecksumType::FullObject)
            .set_checksum_crc64_nvme(old.crc.map(|crc| crc.to_s3()))
            .customize()
            .interceptor(watch.clone());
        Ok(watch.answer(PATIENCE, Box::pin(call.send())).await?.version_id)
    }

    /// As [`super::super::ObjectStore::delete`].
    pub(super) async fn mark_deleted(&self, key: &ObjectKey, full: &str) -> Result<Option<VersionId>, StoreError> {
        let mut last = None;
        for turn in 0..TURNS {
            let Some(found) = self.look(key, full, None).await? else {
                // Nothing was there; or our marker is, and its answer was lost.
                return if turn == 0 { Ok(None) } else { self.newest_marker(key, full).await };
            };
            if found.is_unversioned() {
                // In a bucket without versions a deletion is for ever.
                self.check().await?;
            }
            let watch = Watch::new(&self.0.traffic);
            let call = self.0.sending.delete_object().bucket(&self.0.bucket).key(full);
            let call = call.set_expected_bucket_owner(self.0.owner.clone()).customize();
            // A second try of a deletion that was done would be a second marker.
            let call = call.interceptor(watch.clone()).config_override(once());
            match watch.answer(PATIENCE, Box::pin(call.send())).await {
                Ok(answer) => match answer.version_id {
                    Some(marker) => return Ok(Some(VersionId(marker))),
                    None => return self.newest_marker(key, full).await,
                },
                Err(failed) if is_lost(&failed.fault) || is_absent(&failed.fault) => {
                    last = Some(self.trouble(&failed.fault, key, "deleting"));
                }
                Err(failed) => return Err(self.trouble(&failed.fault, key, "deleting")),
            }
        }
        Err(last.unwrap_or_else(|| StoreError::NotFound { key: key.clone() }))
    }

    async fn newest_marker(&self, key: &ObjectKey, full: &str) -> Result<Option<VersionId>, StoreError> {
        let call = self.0.asking.list_object_versions().bucket(&self.0.bucket).prefix(full);
        let page = self.ask(call.set_expected_bucket_owner(self.0.owner.clone()).send()).await;
        let page = page.map_err(|fault| self.trouble(&fault, key, "looking for the marker"))?;
        let ours = page.delete_markers().iter().find(|it| it.key() == Some(full) && it.is_latest() == Some(true));
        match ours.and_then(|marker| marker.version_id()) {
            Some(marker) => Ok(Some(VersionId(marker.to_owned()))),
            None => Err(self.unversioned()),
        }
    }
}

/// An old version is restored to be used: what would have to be thawed first is kept as usual.
fn kept_as(class: StorageClass) -> StorageClass {
    if class.is_archive() { StorageClass::Standard } else { class }
}
