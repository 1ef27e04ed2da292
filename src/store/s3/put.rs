//! One object in one request, and what all puts have in common: conditions, lost answers, proof.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::Builder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::StorageClass as Class;
use bytes::Bytes;

use super::super::traffic::body;
use super::super::{Condition, Put, StoreError, blocking, decide};
use super::S3;
use super::call::{Failed, Watch};
use super::head::{BLAKE3, Found, MTIME, RENEWED, is_no_version};
use super::source::Source;
use super::words::{is_absent, is_garbled, is_lost, is_refused_condition};
use crate::domain::{ObjectVersion, Receipt, VersionId};

/// How often a put looks again after somebody else was faster.
const TURNS: u32 = 24;
/// How long it waits before that, longer each time.
const BETWEEN: Duration = Duration::from_millis(10);
/// How often bytes that arrived as others are sent again.
pub(super) const GARBLED: u32 = 3;

/// What the store is told to make sure of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Guard {
    /// `If-None-Match: *`
    Absent,
    /// `If-Match`
    Matches(String),
    /// Nothing; this put is told from others by a mark of its own.
    Marked(String),
}

/// What is to be done.
pub(super) enum Plan {
    /// The bytes are there already.
    There(Receipt),
    /// Send them, under this condition.
    Send(Guard),
}

/// What became of a put that got no good answer.
pub(super) enum Settled {
    /// It had been done all the same.
    Ours(Receipt),
    /// Look again, and try again.
    Again,
}

/// The store's answer to a put.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) version: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) crc: Option<String>,
}

impl Guard {
    /// As headers: `If-None-Match` and `If-Match`.
    pub(super) fn headers(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Absent => (Some("*".into()), None),
            Self::Matches(etag) => (None, Some(etag.clone())),
            Self::Marked(_) => (None, None),
        }
    }

    pub(super) fn mark(&self) -> Option<&String> {
        match self {
            Self::Marked(mark) => Some(mark),
            Self::Absent | Self::Matches(_) => None,
        }
    }

    /// A request that a second try would do twice is tried once.
    pub(super) fn once(&self) -> Option<Builder> {
        self.mark().map(|_| once())
    }
}

/// One try, by hand.
pub(super) fn once() -> Builder {
    Builder::new().retry_config(aws_config::retry::RetryConfig::disabled())
}

/// What a browser should take it for.
pub(super) fn content_type(key: &str) -> &'static str {
    let suffix = key.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, suffix)| suffix);
    match suffix.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" | "jpe" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "heic" | "heif" => "image/heic",
        "tif" | "tiff" => "image/tiff",
        "dng" => "image/x-adobe-dng",
        "mov" => "video/quicktime",
        "mp4" | "m4v" => "video/mp4",
        "xmp" => "application/rdf+xml",
        "jsonl" => "application/x-ndjson",
        "json" => "application/json",
        "html" => "text/html; charset=utf-8",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

impl S3 {
    /// An object short enough for one request.
    pub(super) async fn put_single(&self, put: &Put, full: &str) -> Result<Receipt, StoreError> {
        let mut loaded = None;
        let mut garbled = 0;
        for turn in 0..TURNS {
            tokio::time::sleep(BETWEEN * turn).await;
            let guard = match self.plan(put, full, put.condition == Condition::IfAbsent).await? {
                Plan::There(receipt) => return Ok(receipt),
                Plan::Send(guard) => guard,
            };
            let (bytes, _room) = match &loaded {
                Some(loaded) => loaded,
                None => {
                    let room = self.0.traffic.room(put.expected.size).await;
                    loaded.insert((self.load(put).await?, room))
                }
            };
            let place = self.0.traffic.place().await;
            let watch = Watch::new(&self.0.traffic);
            let sent = self.send(put, full, bytes.clone(), &guard, &watch).await;
            drop(place);
            match sent {
                Ok(answer) => return self.proved(put, full, answer, &watch).await,
                Err(failed) if is_garbled(&failed.fault) && garbled < GARBLED => garbled += 1,
                Err(failed) => match self.settle(put, full, &guard, &failed).await? {
                    Settled::Ours(receipt) => return Ok(receipt),
                    Settled::Again => {}
                },
            }
        }
        Err(busy(put))
    }

    /// Looks what is there, where that is needed, and decides. `blind` leaves the look to the store's own condition.
    pub(super) async fn plan(&self, put: &Put, full: &str, blind: bool) -> Result<Plan, StoreError> {
        if put.condition == Condition::Renew {
            let mark = ulid::Ulid::from_parts(0, (self.0.parts.random)());
            return Ok(Plan::Send(Guard::Marked(mark.to_string())));
        }
        if blind {
            return Ok(Plan::Send(Guard::Absent));
        }
        let current = self.look(&put.key, full, None).await?;
        if current.as_ref().is_some_and(Found::is_unversioned) {
            // An object from before the bucket kept versions; or one that is about to be overwritten for ever.
            self.check().await?;
        }
        if let Some(there) = decide(put, current.as_ref().map(|found| &found.version))? {
            return Ok(Plan::There(there));
        }
        Ok(Plan::Send(current.map_or(Guard::Absent, |found| Guard::Matches(found.version.etag))))
    }

    async fn load(&self, put: &Put) -> Result<Bytes, StoreError> {
        let (put, buffers) = (put.clone(), Arc::clone(&self.0.traffic.buffers));
        blocking(move || Source::open(&put, &buffers)?.next(put.expected.size)).await
    }

    async fn send(&self, put: &Put, full: &str, bytes: Bytes, guard: &Guard, watch: &Watch) -> Result<Answer, Failed> {
        let size = bytes.len() as u64;
        let (none_match, matches) = guard.headers();
        let mut call = self.0.sending.put_object().bucket(&self.0.bucket).key(full);
        call = call.set_expected_bucket_owner(self.0.owner.clone()).set_if_none_match(none_match).set_if_match(matches);
        call = call.metadata(BLAKE3, put.expected.blake3.to_hex()).metadata(MTIME, put.mtime.0.to_string());
        if let Some(mark) = guard.mark() {
            call = call.metadata(RENEWED, mark);
        }
        let call = call
            .content_type(content_type(&put.key.0))
            .storage_class(Class::from(put.class.s3_name()))
            .checksum_crc64_nvme(put.expected.crc64nvme.to_s3())
            .content_length(i64::try_from(size).unwrap_or(i64::MAX))
            .body(ByteStream::new(body(bytes, &self.0.traffic, watch.meter())))
            .customize()
            .disable_payload_signing()
            .interceptor(watch.clone())
            .config_override(guard.once().unwrap_or_default());
        let answer = watch.answer(self.0.limits.stall, Box::pin(call.send())).await?;
        watch.went(size);
        Ok(Answer { version: answer.version_id, etag: answer.e_tag, crc: answer.checksum_crc64_nvme })
    }

    /// A receipt, or why there is none.
    pub(super) async fn proved(
        &self,
        put: &Put,
        full: &str,
        answer: Answer,
        watch: &Watch,
    ) -> Result<Receipt, StoreError> {
        let version = answer.version.filter(|version| !is_no_version(version)).map(VersionId);
        let version = version.ok_or_else(|| self.unversioned())?;
        let receipt = |etag| ObjectVersion {
            key: put.key.clone(),
            version: version.clone(),
            etag,
            fingerprint: put.expected,
            mtime: put.mtime,
            stored_at: watch.date().unwrap_or_else(|| (self.0.parts.clock)()),
            current: true,
            class: put.class,
        };
        let crc = answer.crc.as_deref();
        if let Some(etag) = answer.etag.filter(|_| crc == Some(&put.expected.crc64nvme.to_s3())) {
            return Ok(receipt(etag));
        }
        match self.look(&put.key, full, Some(&version)).await? {
            Some(found) if found.is(&put.expected) => Ok(receipt(found.version.etag)),
            Some(found) if found.crc.is_none() => Err(self.unproved()),
            Some(_) => Err(StoreError::Damaged { key: put.key.clone() }),
            None => Err(StoreError::Io {
                what: format!("looking for what was just stored: {}", put.key),
                source: std::io::Error::other("the store says that it is not there"),
            }),
        }
    }

    /// After a condition that was refused, or an answer that did not come: looks what is there.
    pub(super) async fn settle(
        &self,
        put: &Put,
        full: &str,
        guard: &Guard,
        failed: &Failed,
    ) -> Result<Settled, StoreError> {
        let fault = &failed.fault;
        let trouble = || self.trouble(fault, &put.key, "storing");
        let refused = is_refused_condition(fault) || matches!(guard, Guard::Matches(_)) && is_absent(fault);
        if !refused && !is_lost(fault) {
            return Err(trouble());
        }
        // Where not even the look gets through, the first fault is the one to tell.
        let current = match self.look(&put.key, full, None).await {
            Ok(current) => current,
            Err(_) if !refused => return Err(trouble()),
            Err(error) => return Err(error),
        };
        // A refused first try was refused because of somebody else's object, however equal.
        let may_be_ours = !refused || failed.attempts > 1;
        let is_ours = |found: &&Found| found.is(&put.expected) && found.renewed.as_ref() == guard.mark();
        if let Some(found) = current.as_ref().filter(|_| may_be_ours).filter(is_ours) {
            if found.is_unversioned() {
                return Err(self.unversioned());
            }
            return Ok(Settled::Ours(found.version.clone()));
        }
        if !refused {
            return Err(trouble());
        }
        let conflict = |current: Option<Found>| {
            Err(StoreError::Conflict { key: put.key.clone(), current: current.map(|found| Box::new(found.version)) })
        };
        match (&put.condition, current) {
            (Condition::IfAbsent, Some(found)) => conflict(Some(found)),
            (Condition::IfCurrent { version, .. }, current)
                if current.as_ref().is_none_or(|found| found.version.version != *version) =>
            {
                conflict(current)
            }
            // 409, or somebody was faster in between.
            _ => Ok(Settled::Again),
        }
    }
}

pub(super) fn busy(put: &Put) -> StoreError {
    StoreError::Io {
        what: format!("storing, while others store there too: {}", put.key),
        source: std::io::ErrorKind::WouldBlock.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_names_what_it_is() {
        let of = ["a/IMG_1.JPG", "a.b/c", "x.jsonl", ".jpg", "a.heic", "photos/r/IMG.CR3", "IMG.jpg.xmp"];
        let types = of.map(content_type);
        assert_eq!(types[0], "image/jpeg");
        assert_eq!(types[1], "application/octet-stream");
        assert_eq!(types[2], "application/x-ndjson");
        assert_eq!(types[4], "image/heic");
        assert_eq!(types[5], "application/octet-stream");
        assert_eq!(types[6], "application/rdf+xml");
    }
}
