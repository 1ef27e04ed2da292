//! A long object, in parts that can be gone on with after anything that happens.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::operation::upload_part::UploadPartOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart, StorageClass as Class,
};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::super::traffic::{Room, body};
use super::super::{Begun, Part, Put, StoreError, blocking};
use super::S3;
use super::call::{Failed, Watch};
use super::head::{BLAKE3, MTIME, RENEWED, crc};
use super::plan::{fits, part_bytes};
use super::put::{Answer, GARBLED, Guard, Plan, Settled, busy, content_type};
use super::source::Source;
use super::words::is_garbled;
use crate::aws::{Fault, FaultKind};
use crate::domain::{Crc64, Receipt};

/// Parts of one object that are looked after at the same time; how many of them are sent, the line says.
const AT_A_TIME: usize = 32;
/// How long the store may take to put the parts together. It says nothing meanwhile.
const COMPLETE: Duration = Duration::from_secs(300);
/// How often an upload is begun anew, or completed again.
const TURNS: u32 = 4;

/// Why an upload stopped.
enum Stop {
    /// The store does not know it any more, or not all of its parts.
    Gone,
    /// The store has another checksum of the whole, although it agreed about every part.
    Disagrees,
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// One part, in memory.
struct Piece {
    number: u32,
    bytes: Bytes,
    _room: Room,
}

impl S3 {
    /// An object too long for one request.
    pub(super) async fn put_parts(&self, put: &Put, full: &str) -> Result<Receipt, StoreError> {
        let mut begun = self.begun(put).await;
        let mut last = None;
        for _ in 0..TURNS {
            // The condition is checked by the store only at the end, so that it is asked for before.
            let guard = match self.plan(put, full, false).await? {
                Plan::There(receipt) => {
                    if let Some(begun) = begun.take() {
                        self.give_up(put, full, &begun).await;
                    }
                    return Ok(receipt);
                }
                Plan::Send(guard) => guard,
            };
            let (upload, known, guard) = match self.resumed(put, full, begun.take(), &guard).await? {
                Some((upload, known, mark)) => (upload, known, mark.map_or(guard, Guard::Marked)),
                None => (self.begin(put, full, &guard).await?, HashMap::new(), guard),
            };
            let stop = match self.upload(put, full, &guard, &upload, &known).await {
                Ok(Settled::Ours(receipt)) => {
                    self.forget(put).await;
                    return Ok(receipt);
                }
                // The parts are still good.
                Ok(Settled::Again) => {
                    begun = Some(upload);
                    last = Some(busy(put));
                    continue;
                }
                Err(stop) => stop,
            };
            last = Some(match stop {
                // Sent again it would be the same: the store cannot say the checksum of a whole that came in parts.
                Stop::Disagrees if known.is_empty() => {
                    self.give_up(put, full, &upload).await;
                    return Err(self.unproved());
                }
                Stop::Gone | Stop::Disagrees => {
                    self.give_up(put, full, &upload).await;
                    self.passing(put, "the store has lost what was sent of it")
                }
                Stop::Store(error) => {
                    let useless = matches!(error, StoreError::SourceChanged { .. } | StoreError::Conflict { .. });
                    // Parts that nobody will ever ask for again cost money.
                    if useless || put.parts.is_none() {
                        self.give_up(put, full, &upload).await;
                    }
                    return Err(error);
                }
            });
        }
        Err(last.unwrap_or_else(|| busy(put)))
    }

    /// What was begun earlier. Under a key that another object has taken since, nobody will ever complete it.
    async fn begun(&self, put: &Put) -> Option<Begun> {
        let begun = put.parts.as_ref()?.begun().await?;
        if begun.key == put.key {
            return Some(begun);
        }
        if let Ok(full) = self.full(&begun.key) {
            self.give_up(put, &full, &begun).await;
        }
        None
    }

    fn passing(&self, put: &Put, words: &str) -> StoreError {
        self.trouble(&Fault::new(FaultKind::Busy, words), &put.key, "storing in parts")
    }

    async fn forget(&self, put: &Put) {
        if let Some(log) = &put.parts {
            log.end().await;
        }
    }

    async fn give_up(&self, put: &Put, full: &str, upload: &Begun) {
        let call = self.0.asking.abort_multipart_upload().bucket(&self.0.bucket).key(full).upload_id(id(upload));
        if let Err(fault) = self.ask(call.set_expected_bucket_owner(self.0.owner.clone()).send()).await {
            tracing::debug!("an upload could not be given up ({})", fault.details());
        }
        self.forget(put).await;
    }

    async fn begin(&self, put: &Put, full: &str, guard: &Guard) -> Result<Begun, StoreError> {
        let size = put.expected.size;
        let part_bytes = part_bytes(size, self.0.limits.part_bytes).ok_or_else(|| StoreError::Denied {
            why: format!("it is too long to be stored ({} GB)", size / 1_000_000_000),
            key: put.key.clone(),
        })?;
        let mut call = self.0.asking.create_multipart_upload().bucket(&self.0.bucket).key(full);
        call = call.metadata(BLAKE3, put.expected.blake3.to_hex()).metadata(MTIME, put.mtime.0.to_string());
        if let Some(mark) = guard.mark() {
            call = call.metadata(RENEWED, mark);
        }
        let call = call
            .set_expected_bucket_owner(self.0.owner.clone())
            .content_type(content_type(&put.key.0))
            .storage_class(Class::from(put.class.s3_name()))
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .checksum_type(ChecksumType::FullObject);
        let answer =
            self.ask(call.send()).await.map_err(|fault| self.trouble(&fault, &put.key, "beginning to store"))?;
        let upload = answer.upload_id.filter(|upload| !upload.is_empty());
        let upload = upload.ok_or_else(|| self.passing(put, "no name for the upload came"))?;
        let upload = format!("{upload} {}", described(put, guard.mark()));
        let begun = Begun { key: put.key.clone(), upload, part_bytes, parts: Vec::new() };
        if let Some(log) = &put.parts {
            log.begin(&begun).await;
        }
        Ok(begun)
    }

    /// What the store still has of an upload that was begun earlier, and we know the checksum of.
    async fn resumed(
        &self,
        put: &Put,
        full: &str,
        begun: Option<Begun>,
        guard: &Guard,
    ) -> Result<Option<(Begun, HashMap<u32, Part>, Option<String>)>, StoreError> {
        let size = put.expected.size;
        let least = self.0.limits.part_bytes;
        let Some(begun) = begun.filter(|begun| fits(size, begun.part_bytes, least)) else { return Ok(None) };
        // What the object will be described with was said when it was begun.
        let mark = begun.upload.split(' ').nth(4).map(ToOwned::to_owned);
        let same = begun.upload.split_once(' ').is_some_and(|(_, said)| said == described(put, mark.as_ref()));
        if !same || mark.is_some() != guard.mark().is_some() {
            self.give_up(put, full, &begun).await;
            return Ok(None);
        }
        let noted: HashMap<u32, &Part> = begun.parts.iter().map(|part| (part.number, part)).collect();
        let (mut known, mut met) = (HashMap::new(), HashSet::new());
        let mut marker: Option<String> = None;
        loop {
            let call = self.0.asking.list_parts().bucket(&self.0.bucket).key(full).upload_id(id(&begun));
            let call = call.set_expected_bucket_owner(self.0.owner.clone()).set_part_number_marker(marker.clone());
            let page = match self.ask(call.send()).await {
                Ok(page) => page,
                Err(fault) if is_gone(&fault) => return Ok(None),
                Err(fault) => return Err(self.trouble(&fault, &put.key, "asking how far it is")),
            };
            for part in page.parts() {
                let Some(number) = part.part_number().and_then(|number| u32::try_from(number).ok()) else { continue };
                let (Some(etag), Some(size)) = (part.e_tag(), part.size().and_then(|size| u64::try_from(size).ok()))
                else {
                    continue;
                };
                // Some servers keep what was sent twice as two parts: then it is not known which one will be taken.
                if !met.insert(number) {
                    known.remove(&number);
                    continue;
                }
                let noted = noted.get(&number).filter(|noted| noted.etag == etag && noted.size == size);
                // The store's word goes before ours: a part may have been sent again and our note of it been lost.
                let crc64nvme = part.checksum_crc64_nvme().and_then(crc).or(noted.map(|noted| noted.crc64nvme));
                if let Some(crc64nvme) = crc64nvme {
                    known.insert(number, Part { number, size, etag: etag.to_owned(), crc64nvme });
                }
            }
            let next = page.next_part_number_marker().map(ToOwned::to_owned);
            if page.is_truncated() != Some(true) || next.is_none() || next == marker {
                return Ok(Some((begun, known, mark)));
            }
            marker = next;
        }
    }

    async fn upload(
        &self,
        put: &Put,
        full: &str,
        guard: &Guard,
        upload: &Begun,
        known: &HashMap<u32, Part>,
    ) -> Result<Settled, Stop> {
        let (opened, buffers) = (put.clone(), Arc::clone(&self.0.traffic.buffers));
        let source = blocking(move || Source::open(&opened, &buffers)).await?;
        let part_bytes = upload.part_bytes;
        let pieces = stream::try_unfold((source, 1_u32), |(mut source, number)| async move {
            if source.left() == 0 {
                return Ok::<_, Stop>(None);
            }
            let room = self.0.traffic.room(part_bytes.min(source.left())).await;
            let (source, bytes) = blocking(move || {
                let bytes = source.next(part_bytes)?;
                Ok((source, bytes))
            })
            .await?;
            Ok(Some((Piece { number, bytes, _room: room }, (source, number + 1))))
        });
        let sent = pieces.map_ok(|piece| async move {
            let number = piece.number;
            self.send_part(put, full, id(upload), piece, known.get(&number)).await
        });
        let mut parts: Vec<Part> = sent.try_buffer_unordered(AT_A_TIME).boxed().try_collect().await?;
        parts.sort_by_key(|part| part.number);
        self.complete(put, full, guard, id(upload), &parts).await
    }

    async fn send_part(
        &self,
        put: &Put,
        full: &str,
        upload: &str,
        piece: Piece,
        known: Option<&Part>,
    ) -> Result<Part, Stop> {
        let size = piece.bytes.len() as u64;
        let mut digest = crc64fast_nvme::Digest::new();
        digest.write(&piece.bytes);
        let crc64nvme = Crc64(digest.sum64());
        if let Some(known) = known.filter(|known| known.size == size && known.crc64nvme == crc64nvme) {
            return Ok(known.clone());
        }
        let place = self.0.traffic.place().await;
        let mut garbled = 0;
        let answer = loop {
            match self.send_bytes(full, upload, &piece, crc64nvme).await {
                Ok(answer) => break answer,
                Err(failed) if is_garbled(&failed.fault) && garbled < GARBLED => garbled += 1,
                Err(failed) if failed.fault.code == "NoSuchUpload" => return Err(Stop::Gone),
                Err(failed) => return Err(self.trouble(&failed.fault, &put.key, "storing a part").into()),
            }
        };
        drop(place);
        // Where the answer says nothing, the checksum of the whole at the end says it.
        let said = answer.checksum_crc64_nvme();
        if said.is_some_and(|said| said != crc64nvme.to_s3()) {
            return Err(StoreError::Damaged { key: put.key.clone() }.into());
        }
        let etag = answer.e_tag.ok_or_else(|| self.passing(put, "a part was acknowledged without its tag"))?;
        let part = Part { number: piece.number, size, etag, crc64nvme };
        if let Some(log) = &put.parts {
            log.part(&part).await;
        }
        Ok(part)
    }

    async fn send_bytes(
        &self,
        full: &str,
        upload: &str,
        piece: &Piece,
        crc64nvme: Crc64,
    ) -> Result<UploadPartOutput, Failed> {
        let watch = Watch::new(&self.0.traffic);
        let size = piece.bytes.len() as u64;
        let call = self.0.sending.upload_part().bucket(&self.0.bucket).key(full).upload_id(upload);
        let call = call
            .set_expected_bucket_owner(self.0.owner.clone())
            .part_number(i32::try_from(piece.number).unwrap_or(i32::MAX))
            .checksum_crc64_nvme(crc64nvme.to_s3())
            .content_length(i64::try_from(size).unwrap_or(i64::MAX))
            .body(ByteStream::new(body(piece.bytes.clone(), &self.0.traffic, watch.meter())))
            .customize()
            .disable_payload_signing()
            .interceptor(watch.clone());
        let answer = watch.answer(self.0.limits.stall, Box::pin(call.send())).await?;
        watch.went(size);
        Ok(answer)
    }

    async fn complete(
        &self,
        put: &Put,
        full: &str,
        guard: &Guard,
        upload: &str,
        parts: &[Part],
    ) -> Result<Settled, Stop> {
        let watch = Watch::new(&self.0.traffic);
        let parts = parts.iter().map(|part| {
            CompletedPart::builder()
                .part_number(i32::try_from(part.number).unwrap_or(i32::MAX))
                .e_tag(&part.etag)
                .checksum_crc64_nvme(part.crc64nvme.to_s3())
                .build()
        });
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let (none_match, matches) = guard.headers();
        let call = self.0.sending.complete_multipart_upload().bucket(&self.0.bucket).key(full).upload_id(upload);
        let call = call
            .set_expected_bucket_owner(self.0.owner.clone())
            .set_if_none_match(none_match)
            .set_if_match(matches)
            .multipart_upload(parts)
            .checksum_crc64_nvme(put.expected.crc64nvme.to_s3())
            .checksum_type(ChecksumType::FullObject)
            .mpu_object_size(i64::try_from(put.expected.size).unwrap_or(i64::MAX))
            .customize()
            .interceptor(watch.clone());
        let failed = match watch.answer(COMPLETE, Box::pin(call.send())).await {
            Ok(answer) => {
                let answer = Answer { version: answer.version_id, etag: answer.e_tag, crc: answer.checksum_crc64_nvme };
                return Ok(Settled::Ours(self.proved(put, full, answer, &watch).await?));
            }
            Err(failed) => failed,
        };
        match failed.fault.code.as_str() {
            // A second try of a completion that was done is told that there is no such upload.
            "NoSuchUpload" => {
                let lost = Failed { fault: Fault::new(FaultKind::Busy, failed.fault.details()), attempts: 2 };
                match self.settle(put, full, guard, &lost).await {
                    Ok(settled) => Ok(settled),
                    Err(StoreError::Io { .. }) => Err(Stop::Gone),
                    Err(error) => Err(error.into()),
                }
            }
            "InvalidPart" | "InvalidPartOrder" | "EntityTooSmall" => Err(Stop::Gone),
            _ if is_garbled(&failed.fault) => Err(Stop::Disagrees),
            _ => Ok(self.settle(put, full, guard, &failed).await?),
        }
    }
}

/// What an upload will describe the object with: it is written down behind the store's name for it, so that parts are
/// only gone on with for the very same object.
fn described(put: &Put, mark: Option<&String>) -> String {
    let mark = mark.map(|mark| format!(" {mark}")).unwrap_or_default();
    format!("{} {} {}{mark}", put.expected.blake3, put.mtime.0, put.class.name())
}

/// The store's name for an upload.
fn id(begun: &Begun) -> &str {
    begun.upload.split(' ').next().unwrap_or_default()
}

/// The store does not know the upload, or says that this can be none.
fn is_gone(fault: &Fault) -> bool {
    matches!(fault.code.as_str(), "NoSuchUpload" | "NoSuchKey" | "InvalidArgument" | "InvalidRequest")
        || fault.status == Some(404) && fault.code != "NoSuchBucket"
}
