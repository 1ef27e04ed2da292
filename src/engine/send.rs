//! One item on its way into a store: under which condition, from which file, and what an answer means.

use std::path::PathBuf;

use super::errors::{io_words, store_error};
use super::part_log::Log;
use super::parts::Engine;
use super::progress::Reporter;
use super::stores::{OpenedStore, VAULT};
use crate::catalog::{AssetNum, PendingUpload, ProposedKey, UploadState};
use crate::domain::batch::AssetKind;
use crate::domain::{ObjectKey, Receipt, StorageClass, Timestamp, keys};
use crate::protocol::UserError;
use crate::store::{Body, Condition, Put, StoreError};
use std::sync::Arc;

/// The first rest after a passing fault, in milliseconds; each further one is twice as long.
const FIRST_REST_MS: i64 = 15_000;
/// The longest rest.
const LONGEST_REST_MS: i64 = 15 * 60 * 1000;
/// Answers that change what is to be done next, for one item in one go.
const MOST_TURNS: usize = 5;

/// What became of one item.
pub(super) enum Sent {
    /// It is there, and proved.
    Proved(Receipt),
    /// It is not; the run goes on.
    Not(UploadState),
    /// The store refuses it, and a person must act.
    Refused(String),
    /// The file is another one now: it is to be taken in again.
    Changed(PathBuf),
    /// The store itself does not work: the run ends.
    Stop(UserError),
}

/// When something that failed `tries` times in a row is tried again.
pub(super) fn rest(now: Timestamp, tries: u32) -> Timestamp {
    let rest = FIRST_REST_MS.saturating_mul(1 << tries.min(10)).min(LONGEST_REST_MS);
    Timestamp(now.0.saturating_add(rest))
}

/// Sends one item, or finds that the store has it already.
pub(super) async fn send(engine: &Engine, to: &OpenedStore, item: &PendingUpload, reporter: Option<&Reporter>) -> Sent {
    let mut item = item.clone();
    let mut condition = match (&item.previous, item.renew) {
        (_, true) => Condition::Renew,
        (Some((version, etag)), _) => Condition::IfCurrent { version: version.clone(), etag: etag.clone() },
        (None, _) => Condition::IfAbsent,
    };
    for _ in 0..MOST_TURNS {
        match send_from_any(engine, to, &item, &condition, reporter).await {
            Ok(Some(receipt)) => return Sent::Proved(receipt),
            Ok(None) => return Sent::Not(UploadState::NeedsYou { why: gone(&item) }),
            // Somebody was faster, or an answer of ours was lost: what is there decides.
            Err(StoreError::Conflict { current: None, .. }) => condition = Condition::IfAbsent,
            Err(StoreError::Conflict { current: Some(current), .. }) => {
                if current.fingerprint == item.fingerprint {
                    return Sent::Proved(*current);
                }
                match is_ours(engine, to, &item.key, &current).await {
                    Ok(true) => condition = Condition::after(&current),
                    Ok(false) => {
                        // A real conflict: what is there stays, ours gets a key of its own.
                        tracing::warn!(key = %item.key, "another object has this key; ours gets another one");
                        match rekey(engine, item.asset, &item).await {
                            Ok(key) => (item.key, condition) = (key, Condition::IfAbsent),
                            Err(error) => return Sent::Stop(error),
                        }
                    }
                    Err(error) => return Sent::Stop(error),
                }
            }
            Err(StoreError::SourceChanged { path }) => return Sent::Changed(PathBuf::from(path)),
            Err(error) => return failed(engine.now(), &item, &error),
        }
    }
    Sent::Not(UploadState::Waiting {
        until: rest(engine.now(), item.tries),
        why: "another program keeps writing to the same place in the store".to_owned(),
    })
}

fn gone(item: &PendingUpload) -> String {
    match item.paths.first() {
        Some(path) => format!("the original is gone: bring it back and import it again: {}", path.display()),
        None => "no file has these bytes any more".to_owned(),
    }
}

async fn is_ours(engine: &Engine, to: &OpenedStore, key: &ObjectKey, current: &Receipt) -> Result<bool, UserError> {
    let (name, fold, version) = (to.name.clone(), keys::fold(&key.0), current.version.0.clone());
    Ok(engine.read(move |reader| reader.receipt_for(&name, &fold, &version)).await?.is_some())
}

async fn rekey(engine: &Engine, asset: AssetNum, item: &PendingUpload) -> Result<ObjectKey, UserError> {
    let other = keys::with_hash(&item.key, item.fingerprint.blake3);
    let longest = ObjectKey(format!("{}~{}", item.key.0, item.fingerprint.blake3));
    let proposed: Vec<ProposedKey> =
        [other, longest].into_iter().map(|key| ProposedKey { fold: keys::fold(&key.0), key }).collect();
    engine.write(move |writer| writer.rekey(asset, &proposed)).await
}

/// How a store is to keep an item: sidecars are small and read often, so they stay where reading is free.
fn class_of(engine: &Engine, to: &OpenedStore, item: &PendingUpload) -> StorageClass {
    if to.shown == VAULT || item.kind == AssetKind::Sidecar {
        return StorageClass::Standard;
    }
    item.class.unwrap_or_else(|| engine.keep().class)
}

/// Sends from the first path that still has the bytes; `None` where no path is there.
async fn send_from_any(
    engine: &Engine,
    to: &OpenedStore,
    item: &PendingUpload,
    condition: &Condition,
    reporter: Option<&Reporter>,
) -> Result<Option<Receipt>, StoreError> {
    let mut last = None;
    for path in &item.paths {
        let log = Arc::new(Log::new(engine, to, item, reporter));
        let put = Put {
            class: class_of(engine, to, item),
            parts: Some(log.clone()),
            ..Put::new(item.key.clone(), Body::File(path.clone()), item.fingerprint, item.mtime, condition.clone())
        };
        let done = to.store.put(put).await;
        log.settle(done.is_ok());
        match done {
            Err(error @ (StoreError::Source { .. } | StoreError::SourceChanged { .. })) => last = Some(error),
            Err(error) => return Err(error),
            Ok(receipt) => return Ok(Some(receipt)),
        }
    }
    match last {
        Some(StoreError::Source { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Some(error) => Err(error),
        None => Ok(None),
    }
}

/// What a store's fault means for the item and for the run.
fn failed(now: Timestamp, item: &PendingUpload, error: &StoreError) -> Sent {
    match error {
        StoreError::Full { .. } | StoreError::Unavailable(_) => Sent::Stop(store_error(error)),
        StoreError::Source { path, source } => Sent::Not(UploadState::NeedsYou {
            why: format!("the original cannot be read ({}): {path}", io_words(source)),
        }),
        StoreError::Damaged { .. } => Sent::Not(UploadState::NeedsYou { why: error.to_string() }),
        StoreError::Denied { .. } => Sent::Refused(error.to_string()),
        _ => Sent::Not(UploadState::Waiting { until: rest(now, item.tries), why: error.to_string() }),
    }
}
