//! Long objects of the simulated store: begun, sent in parts, put together; what was sent outlives the process.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::{Call, Fault, SimStore, failed};
use crate::domain::{ContentHash, Crc64, ObjectKey, Receipt};
use crate::files::fingerprint_bytes;
use crate::store::{Begun, Body, Condition, ObjectStore as _, Part, PartLog, Put, StoreError};

/// How often an upload is begun anew in one put.
const TURNS: u32 = 4;

/// What the store has of one upload.
pub(super) struct Upload {
    pub key: ObjectKey,
    /// What it is to become.
    pub content: ContentHash,
    /// Whether whoever began it has written it down. What nobody knows of, nobody can give up: a rule of the bucket
    /// does.
    pub noted: bool,
    parts: BTreeMap<u32, (Part, Vec<u8>)>,
}

/// Why an upload stopped.
enum Stop {
    Gone,
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl SimStore {
    /// An object in parts. The condition is looked at before, and counts at the end.
    pub(super) async fn put_long(&self, put: Put, part_bytes: u64) -> Result<Receipt, StoreError> {
        let (Some(log), Body::Bytes(bytes)) = (put.parts.clone(), put.body.clone()) else {
            return Err(failed(&put.key, io::ErrorKind::Unsupported.into()));
        };
        let mut begun = log.begun().await;
        if let Some(other) = begun.take_if(|begun| begun.key != put.key || begun.part_bytes != part_bytes) {
            self.give_up(&other.upload, log.as_ref()).await;
        }
        for _ in 0..TURNS {
            self.before(Call::Ask, &put.key).await?;
            let planned = self.planned(&put).await;
            if !matches!(planned, Ok(None))
                && let Some(begun) = begun.take()
            {
                self.give_up(&begun.upload, log.as_ref()).await;
            }
            if let Some(there) = planned? {
                return Ok(there);
            }
            let upload = match begun.take() {
                Some(begun) if self.state().uploads.contains_key(&begun.upload) => begun.upload,
                _ => self.begin(&put, part_bytes, log.as_ref()).await?,
            };
            match self.parts_and_end(&put, &bytes, part_bytes, &upload, log.as_ref()).await {
                Ok(receipt) => {
                    log.end().await;
                    return Ok(receipt);
                }
                Err(Stop::Gone) => self.give_up(&upload, log.as_ref()).await,
                Err(Stop::Store(error)) => {
                    if matches!(error, StoreError::Conflict { .. }) {
                        self.give_up(&upload, log.as_ref()).await;
                    }
                    return Err(error);
                }
            }
        }
        Err(failed(&put.key, io::ErrorKind::Interrupted.into()))
    }

    /// Whether the put is held back or done already, before anything is sent.
    async fn planned(&self, put: &Put) -> Result<Option<Receipt>, StoreError> {
        let current = self.objects.head(&put.key, None).await?;
        let met = match &put.condition {
            Condition::IfAbsent => current.is_none(),
            Condition::IfCurrent { version, .. } => current.as_ref().is_some_and(|it| it.version == *version),
            Condition::Always | Condition::Renew => true,
        };
        if !met {
            return Err(StoreError::Conflict { key: put.key.clone(), current: current.map(Box::new) });
        }
        Ok(current.filter(|it| it.fingerprint == put.expected && put.condition != Condition::Renew))
    }

    async fn begin(&self, put: &Put, part_bytes: u64, log: &dyn PartLog) -> Result<String, StoreError> {
        let fault = self.before(Call::Write, &put.key).await?;
        let upload = {
            let mut state = self.state();
            state.happened.begun += 1;
            let upload = format!("upload-{}", state.happened.begun);
            let (key, content) = (put.key.clone(), put.expected.blake3);
            let fresh = Upload { key, content, noted: false, parts: BTreeMap::new() };
            state.uploads.insert(upload.clone(), fresh);
            upload
        };
        self.delay().await;
        if matches!(fault, Some(Fault::Unanswered | Fault::Late)) {
            return Err(failed(&put.key, io::ErrorKind::TimedOut.into()));
        }
        log.begin(&Begun { key: put.key.clone(), upload: upload.clone(), part_bytes, parts: Vec::new() }).await;
        if let Some(it) = self.state().uploads.get_mut(&upload) {
            it.noted = true;
        }
        Ok(upload)
    }

    async fn give_up(&self, upload: &str, log: &dyn PartLog) {
        self.delay().await;
        self.state().uploads.remove(upload);
        log.end().await;
    }

    async fn parts_and_end(
        &self,
        put: &Put,
        bytes: &Arc<[u8]>,
        part_bytes: u64,
        upload: &str,
        log: &dyn PartLog,
    ) -> Result<Receipt, Stop> {
        let mut pieces: Vec<(u32, &[u8])> = (1..).zip(bytes.chunks(part_bytes as usize)).collect();
        // Parts arrive in any order.
        for at in (1..pieces.len()).rev() {
            pieces.swap(at, self.below(at as u64 + 1) as usize);
        }
        for (number, piece) in pieces {
            self.send_part(put, upload, number, piece, log).await?;
        }
        let fault = self.before(Call::Write, &put.key).await?;
        let whole: Vec<u8> = {
            let mut state = self.state();
            // A bucket may have a rule against uploads that take too long.
            if state.weather.rough > 0 && state.random.below(40) == 0 {
                state.uploads.remove(upload);
            }
            let it = state.uploads.get(upload).ok_or(Stop::Gone)?;
            it.parts.values().flat_map(|(_, bytes)| bytes.iter().copied()).collect()
        };
        if fingerprint_bytes(&whole) != put.expected {
            return Err(Stop::Gone);
        }
        let done = self.objects.put(Put { body: Body::Bytes(whole.into()), ..put.clone() }).await?;
        self.state().uploads.remove(upload);
        self.delay().await;
        if matches!(fault, Some(Fault::Unanswered | Fault::Late)) {
            let mut state = self.state();
            state.happened.unanswered += 1;
            state.unanswered.insert(put.key.0.clone());
            return Err(failed(&put.key, io::ErrorKind::TimedOut.into()).into());
        }
        Ok(done)
    }

    async fn send_part(
        &self,
        put: &Put,
        upload: &str,
        number: u32,
        piece: &[u8],
        log: &dyn PartLog,
    ) -> Result<(), Stop> {
        let print = fingerprint_bytes(piece);
        {
            let mut state = self.state();
            let it = state.uploads.get(upload).ok_or(Stop::Gone)?;
            if it.parts.get(&number).is_some_and(|(part, _)| part.crc64nvme == print.crc64nvme) {
                state.happened.resumed_parts += 1;
                return Ok(());
            }
        }
        let fault = self.before(Call::Write, &put.key).await?;
        if fault == Some(Fault::Flipped) {
            self.state().happened.flipped += 1;
            return Err(StoreError::Damaged { key: put.key.clone() }.into());
        }
        let Crc64(etag) = print.crc64nvme;
        let part = Part { number, size: print.size, etag: format!("\"{etag:x}\""), crc64nvme: print.crc64nvme };
        {
            let mut state = self.state();
            let it = state.uploads.get_mut(upload).ok_or(Stop::Gone)?;
            it.parts.insert(number, (part.clone(), piece.to_vec()));
        }
        self.delay().await;
        if matches!(fault, Some(Fault::Unanswered | Fault::Late)) {
            return Err(failed(&put.key, io::ErrorKind::TimedOut.into()).into());
        }
        log.part(&part).await;
        Ok(())
    }
}
