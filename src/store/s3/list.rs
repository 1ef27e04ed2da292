//! Listings, page by page.

use aws_sdk_s3::types::EncodingType;
use futures::StreamExt as _;

use super::super::{Listed, StoreError};
use super::S3;
use crate::aws::{Fault, FaultKind};
use crate::domain::{ObjectKey, ObjectVersion, VersionId};

/// How many versions of one key are asked about at the same time.
const AT_A_TIME: usize = 8;

/// A version as a listing has it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) version: String,
    pub(super) size: u64,
    pub(super) latest: bool,
}

/// Reads a name of a listing that was asked for with `encoding-type=url`: a form's encoding, with `+` for a space.
fn decode(text: &str, encoded: bool) -> Option<String> {
    if !encoded {
        return Some(text.to_owned());
    }
    let spaces = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaces).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

impl S3 {
    /// Every version whose key starts with a text, in key order and newest first, without delete markers.
    pub(super) async fn each_version(
        &self,
        prefix: &str,
        each: &mut (dyn FnMut(Entry) -> bool + Send),
    ) -> Result<(), Fault> {
        let mut after: Option<(String, Option<String>)> = None;
        loop {
            let call = self.0.asking.list_object_versions().bucket(&self.0.bucket).prefix(prefix);
            let call = call.encoding_type(EncodingType::Url).set_expected_bucket_owner(self.0.owner.clone());
            let (key, version) = after.clone().unzip();
            let page = self.ask(call.set_key_marker(key).set_version_id_marker(version.flatten()).send()).await?;
            // A server that does not know the encoding gives names as they are, and does not say that it encodes.
            let encoded = page.encoding_type() == Some(&EncodingType::Url);
            for found in page.versions() {
                let Some(key) = found.key().and_then(|key| decode(key, encoded)) else { continue };
                let entry = Entry {
                    key,
                    version: found.version_id().unwrap_or("null").to_owned(),
                    size: found.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                    latest: found.is_latest() == Some(true),
                };
                if !each(entry) {
                    return Ok(());
                }
            }
            if page.is_truncated() != Some(true) {
                return Ok(());
            }
            let next = page.next_key_marker().and_then(|key| decode(key, encoded));
            let next = next.map(|key| (key, page.next_version_id_marker().map(ToOwned::to_owned)));
            // The same page for ever would be a listing without end.
            if next.is_none() || next == after {
                return Err(Fault::new(FaultKind::BadAnswer, "a listing does not go on"));
            }
            after = next;
        }
    }

    /// As [`super::super::ObjectStore::list`].
    pub(super) async fn list_below(
        &self,
        prefix: &str,
        versions: bool,
        each: &mut (dyn FnMut(Listed) -> bool + Send),
    ) -> Result<(), StoreError> {
        let full = format!("{}{prefix}", self.0.prefix);
        let mut every = |entry: Entry| {
            let wanted = versions || entry.latest;
            // What other tools put under our prefix with names that no photo has is none of ours.
            let Some(key) = self.own_key(&entry.key).filter(|_| wanted && entry.key.starts_with(&full)) else {
                return true;
            };
            let version = VersionId(entry.version);
            each(Listed { key, version, size: entry.size, recorded: None, current: entry.latest })
        };
        let listed = self.each_version(&full, &mut every).await;
        listed.map_err(|fault| self.trouble(&fault, &ObjectKey(prefix.to_owned()), "listing what is there"))
    }

    /// As [`super::super::ObjectStore::versions`].
    pub(super) async fn all_versions(&self, key: &ObjectKey, full: &str) -> Result<Vec<ObjectVersion>, StoreError> {
        let mut found = Vec::new();
        let mut each = |entry: Entry| {
            // A key comes before all others that begin with it.
            let same = entry.key == full;
            if same {
                found.push((VersionId(entry.version), entry.latest));
            }
            same
        };
        let listed = self.each_version(full, &mut each).await;
        listed.map_err(|fault| self.trouble(&fault, key, "listing the versions"))?;
        let looks = found.into_iter().map(|(version, latest)| async move {
            let found = self.look(key, full, Some(&version)).await?;
            Ok::<_, StoreError>(found.map(|found| ObjectVersion { current: latest, ..found.version }))
        });
        let mut looks = futures::stream::iter(looks).buffered(AT_A_TIME);
        let mut versions = Vec::new();
        while let Some(version) = looks.next().await {
            versions.extend(version?);
        }
        Ok(versions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_were_written() {
        assert_eq!(decode("a+b%2Bc%20%C3%A9%2525", true).as_deref(), Some("a b+c é%25"));
        assert_eq!(decode("a+b%2Bc", false).as_deref(), Some("a+b%2Bc"));
        assert_eq!(decode("%ff", true), None, "no text");
    }
}
