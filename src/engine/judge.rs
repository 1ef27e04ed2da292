//! What one receipt is worth: what a store has for it, held against what it says.

use super::parts::Engine;
use super::stores::OpenedStore;
use super::verify::Seens;
use crate::catalog::ReceiptRow;
use crate::domain::{Receipt, keys};
use crate::files::fingerprint;
use crate::protocol::VerifyLevel;
use crate::store::StoreError;

/// How often a passing fault is met with another try.
const TRIES: usize = 3;

/// What one receipt is worth.
#[derive(Debug)]
pub(super) enum Judgement {
    Fine,
    /// Its checksums are right; its bytes cannot be read before it is thawed.
    Archived,
    Missing,
    Corrupt(String),
}

impl Judgement {
    pub fn is_fine(&self) -> bool {
        matches!(self, Self::Fine)
    }
}

/// Where a receipt's object stands in a listing.
pub(super) fn key_of(row: &ReceiptRow) -> (String, String) {
    (keys::fold(&row.receipt.key.0), row.receipt.version.0.clone())
}

/// What the listing says of a receipt, and whether it had checksums.
pub(super) fn against_listing(seen: &mut Seens, row: &ReceiptRow, level: VerifyLevel) -> (Judgement, bool) {
    let receipt = &row.receipt;
    let Some(found) = seen.get_mut(&key_of(row)) else {
        return (Judgement::Missing, false);
    };
    found.met = true;
    let has_checksums = found.recorded.is_some();
    if level == VerifyLevel::Listing {
        return (Judgement::Fine, has_checksums);
    }
    if found.size != receipt.fingerprint.size {
        return (wrong_size(found.size, receipt), has_checksums);
    }
    let judgement = match &found.recorded {
        Some(recorded) if *recorded != receipt.fingerprint => {
            Judgement::Corrupt("the checksums that the store recorded are not those of the receipt".to_owned())
        }
        _ => Judgement::Fine,
    };
    (judgement, has_checksums)
}

fn wrong_size(found: u64, receipt: &Receipt) -> Judgement {
    Judgement::Corrupt(format!("it has {found} bytes instead of {}", receipt.fingerprint.size))
}

/// Whether a fault says nothing of the object: the store is away, or the line is.
fn says_nothing(opened: &OpenedStore, error: &StoreError) -> bool {
    match error {
        StoreError::Unavailable(_) | StoreError::Denied { .. } => true,
        // A disk that cannot give its bytes has lost them; a line that broke has not.
        StoreError::Io { .. } => opened.shown != super::stores::VAULT,
        _ => false,
    }
}

impl Engine {
    /// What the store has recorded of one version, without reading it.
    pub(super) async fn judge_head(&self, opened: &OpenedStore, row: &ReceiptRow) -> Result<Judgement, StoreError> {
        let receipt = &row.receipt;
        let mut tries = 0;
        loop {
            tries += 1;
            return match opened.store.head(&receipt.key, Some(&receipt.version)).await {
                Ok(None) | Err(StoreError::NotFound { .. }) => Ok(Judgement::Missing),
                Ok(Some(there)) if there.fingerprint == receipt.fingerprint => Ok(Judgement::Fine),
                Ok(Some(there)) if there.fingerprint.size != receipt.fingerprint.size => {
                    Ok(wrong_size(there.fingerprint.size, receipt))
                }
                Ok(Some(_)) => Ok(Judgement::Corrupt(
                    "the checksums that the store recorded are not those of the receipt".to_owned(),
                )),
                Err(StoreError::Archived { .. }) => Ok(Judgement::Archived),
                Err(StoreError::Io { .. }) if tries < TRIES => continue,
                Err(error) if says_nothing(opened, &error) => Err(error),
                Err(error) => Ok(Judgement::Corrupt(format!("it cannot be read ({error})"))),
            };
        }
    }

    /// What the bytes of one version are.
    pub(super) async fn judge_bytes(&self, opened: &OpenedStore, row: &ReceiptRow) -> Result<Judgement, StoreError> {
        let receipt = &row.receipt;
        let mut tries = 0;
        loop {
            tries += 1;
            let read = match opened.store.read(&receipt.key, Some(&receipt.version)).await {
                Err(error) => Err(error),
                Ok(bytes) => {
                    // One byte more than it should have is enough to know.
                    let mut bytes = std::io::Read::take(bytes, receipt.fingerprint.size.saturating_add(1));
                    self.0
                        .parts
                        .heavy
                        .run(move || fingerprint(&mut bytes))
                        .await
                        .map_err(|source| StoreError::Io { what: format!("reading: {}", receipt.key), source })
                }
            };
            return match read {
                Ok(now) if now == receipt.fingerprint => Ok(Judgement::Fine),
                Ok(_) => Ok(Judgement::Corrupt("its bytes are not those that were stored".to_owned())),
                Err(StoreError::NotFound { .. }) => Ok(Judgement::Missing),
                Err(StoreError::Archived { .. }) => match self.judge_head(opened, row).await? {
                    Judgement::Fine => Ok(Judgement::Archived),
                    other => Ok(other),
                },
                Err(StoreError::Io { .. }) if tries < TRIES => continue,
                Err(error) if says_nothing(opened, &error) => Err(error),
                Err(error) => Ok(Judgement::Corrupt(format!("it cannot be read ({error})"))),
            };
        }
    }
}
