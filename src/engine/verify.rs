//! Verify: the vault against the catalogue, as deep as one likes.
//!
//! Every receipt must be met by an object, and every object by a receipt. Level 1 looks at the listing, level 2 at
//! sizes and recorded checksums, level 3 reads and hashes every byte, old versions included. Memory: about 100 bytes
//! an object.

use std::collections::HashMap;

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::errors::store_error;
use super::parts::Engine;
use super::progress::Reporter;
use crate::catalog::ReceiptRow;
use crate::domain::{Fingerprint, keys};
use crate::files::fingerprint;
use crate::protocol::{ErrorCode, ItemFailure, Phase, UserError, VerifyLevel, VerifyReport};
use crate::store::{Listed, ObjectStore};

const PAGE: usize = 512;
/// Objects hashed at a time.
const AT_ONCE: usize = 2;

/// What a listing says of an object.
struct Seen {
    size: u64,
    recorded: Option<Fingerprint>,
    met: bool,
    listed: String,
}

type Seens = HashMap<(String, String), Seen>;

impl Engine {
    /// Checks the vault.
    ///
    /// # Errors
    /// Where the vault or the catalogue cannot be read at all, or it was cancelled.
    pub async fn verify(
        &self,
        store: &str,
        level: VerifyLevel,
        budget_bytes: Option<u64>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<VerifyReport, UserError> {
        let _ = budget_bytes;
        let super::stores::OpenedStore { name, store, .. } = self.open_named(store).await?;
        reporter.phase(Phase::Counting);
        let mut seen = listing(store.as_ref(), cancel).await?;
        reporter.update(|progress| {
            progress.phase = Phase::Working;
            progress.total = seen.len() as u64;
            progress.total_bytes =
                if level == VerifyLevel::EveryByte { seen.values().map(|s| s.size).sum() } else { 0 };
        });
        let mut report = VerifyReport::default();
        let mut after = None;
        loop {
            stop_if(cancel)?;
            let store_name = name.clone();
            let page = self.read(move |reader| reader.receipts(&store_name, after, PAGE)).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.version);
            let mut deep = Vec::new();
            for row in page {
                report.checked += 1;
                match against_listing(&mut seen, &row, level) {
                    Judgement::Fine if level == VerifyLevel::EveryByte => deep.push(row),
                    judgement => count(&mut report, &row, judgement),
                }
                reporter.update(|progress| progress.done += u64::from(level != VerifyLevel::EveryByte));
            }
            self.hash_all(store.as_ref(), deep, cancel, reporter, &mut report).await;
        }
        stop_if(cancel)?;
        let mut unknown: Vec<String> =
            seen.into_iter().filter(|(_, seen)| !seen.met).map(|(_, seen)| seen.listed).collect();
        unknown.sort();
        report.unknown = unknown
            .into_iter()
            .map(|path| ItemFailure { path, why: "in the vault, but no receipt names it".to_owned() })
            .collect();
        Ok(report)
    }

    async fn hash_all(
        &self,
        store: &dyn ObjectStore,
        rows: Vec<ReceiptRow>,
        cancel: &Cancel,
        reporter: &Reporter,
        report: &mut VerifyReport,
    ) {
        let judge = |row: ReceiptRow| async move {
            if cancel.is_cancelled() {
                return None;
            }
            let judgement = match store.read(&row.receipt.key, Some(&row.receipt.version)).await {
                Err(error) => Judgement::Corrupt(format!("it cannot be read ({error})")),
                Ok(mut bytes) => match self.0.parts.heavy.run(move || fingerprint(&mut bytes)).await {
                    Err(error) => Judgement::Corrupt(format!("it cannot be read ({error})")),
                    Ok(now) if now == row.receipt.fingerprint => Judgement::Fine,
                    Ok(_) => Judgement::Corrupt("its bytes are not those that were stored".to_owned()),
                },
            };
            Some((row, judgement))
        };
        let mut judged = stream::iter(rows).map(judge).buffer_unordered(AT_ONCE);
        while let Some(one) = judged.next().await {
            if let Some((row, judgement)) = one {
                reporter.update(|progress| {
                    progress.done += 1;
                    progress.done_bytes += row.receipt.fingerprint.size;
                });
                count(report, &row, judgement);
            }
        }
    }
}

fn stop_if(cancel: &Cancel) -> Result<(), UserError> {
    if cancel.is_cancelled() {
        return Err(UserError::new(ErrorCode::Cancelled, "the check was stopped before its end"));
    }
    Ok(())
}

/// What one receipt is worth.
enum Judgement {
    Fine,
    Missing,
    Corrupt(String),
}

fn count(report: &mut VerifyReport, row: &ReceiptRow, judgement: Judgement) {
    let failure = |why: String| ItemFailure { path: row.receipt.key.0.clone(), why };
    match judgement {
        Judgement::Fine => report.ok += 1,
        Judgement::Missing => {
            report.missing.push(failure(format!("version {} has a receipt, but is not in the vault", row.number)));
        }
        Judgement::Corrupt(why) => report.corrupt.push(failure(format!("version {}: {why}", row.number))),
    }
}

async fn listing(store: &dyn ObjectStore, cancel: &Cancel) -> Result<Seens, UserError> {
    let mut seen = Seens::new();
    let mut each = |listed: Listed| {
        let key = (keys::fold(&listed.key.0), listed.version.0.clone());
        let entry = Seen { size: listed.size, recorded: listed.recorded, met: false, listed: listed.key.0 };
        seen.insert(key, entry);
        !cancel.is_cancelled()
    };
    store.list("photos/", true, &mut each).await.map_err(|error| store_error(&error))?;
    Ok(seen)
}

fn against_listing(seen: &mut Seens, row: &ReceiptRow, level: VerifyLevel) -> Judgement {
    let receipt = &row.receipt;
    let Some(found) = seen.get_mut(&(keys::fold(&receipt.key.0), receipt.version.0.clone())) else {
        return Judgement::Missing;
    };
    found.met = true;
    if level == VerifyLevel::Listing {
        return Judgement::Fine;
    }
    if found.size != receipt.fingerprint.size {
        return Judgement::Corrupt(format!("it has {} bytes instead of {}", found.size, receipt.fingerprint.size));
    }
    match &found.recorded {
        Some(recorded) if *recorded != receipt.fingerprint => {
            Judgement::Corrupt("the checksums that the vault recorded are not those of the receipt".to_owned())
        }
        _ => Judgement::Fine,
    }
}
