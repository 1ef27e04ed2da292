//! The restore drill: a few photos, chosen by chance, brought back from each store and held against their receipts.

use std::collections::BTreeSet;

use super::cancel::Cancel;
use super::parts::Engine;
use super::progress::Reporter;
use super::verify::stop_if;
use crate::catalog::{ReceiptRow, VersionNum};
use crate::domain::batch::AssetKind;
use crate::protocol::{Phase, UserError, VerifyLevel, VerifyReport};

/// Photos brought back from each store.
const PHOTOS: usize = 20;
/// Looks into the receipts at most, so that a library of mostly old versions ends too.
const MOST_LOOKS: usize = 400;
/// Between two drills, in milliseconds.
const EVERY_MS: i64 = 30 * 24 * 60 * 60 * 1000;

impl Engine {
    /// Brings 20 photos back from a store and compares them; a report of level 3.
    ///
    /// # Errors
    /// As [`Engine::verify`].
    pub async fn drill(&self, store: &str, cancel: &Cancel, reporter: &Reporter) -> Result<VerifyReport, UserError> {
        let mut check = self.check(store, VerifyLevel::EveryByte, cancel, reporter).await?;
        reporter.phase(Phase::Counting);
        let rows = self.chosen(&check.opened.name).await?;
        reporter.update(|progress| {
            progress.phase = Phase::Working;
            progress.total = rows.len() as u64;
            progress.total_bytes = rows.iter().map(|row| row.receipt.fingerprint.size).sum();
        });
        stop_if(cancel)?;
        let judged = check.look_closer(rows).await?;
        check.settle(judged).await?;
        if self.may_write() {
            let (name, now) = (drilled(check.opened.shown), self.now().0.to_string());
            self.write(move |writer| writer.set_setting(&name, &now)).await?;
        }
        check.end().await
    }

    /// Whether the monthly drill is wanted and any store's last one is a month ago.
    pub async fn drill_due(&self) -> bool {
        if !self.keep().drill || !self.may_write() {
            return false;
        }
        let now = self.now().0;
        for shown in self.stores_in_use().await {
            let name = drilled(shown);
            let last = self.read(move |reader| reader.setting(&name)).await.ok().flatten();
            let last = last.and_then(|text| text.parse::<i64>().ok());
            if last.is_none_or(|last| now.saturating_sub(last) >= EVERY_MS || last > now) {
                return true;
            }
        }
        false
    }

    /// Current originals of a store, each as likely as its neighbours, in the order of their arrival.
    async fn chosen(&self, name: &str) -> Result<Vec<ReceiptRow>, UserError> {
        let store = name.to_owned();
        let Some(last) = self.read(move |reader| reader.last_receipt(&store)).await? else { return Ok(Vec::new()) };
        let most = u128::try_from(last.0.max(1)).unwrap_or(1);
        let draws: Vec<i64> =
            (0..MOST_LOOKS).map(|_| i64::try_from((self.0.parts.random)() % most).unwrap_or(0)).collect();
        let store = name.to_owned();
        self.read(move |reader| {
            let (mut taken, mut rows) = (BTreeSet::new(), Vec::new());
            // A library of a few photos is taken whole: chance might not meet all of them.
            let few = reader.receipts(&store, None, 4 * PHOTOS)?;
            let all_are_few = few.last().is_none_or(|row| row.version == last);
            let pages = if all_are_few { vec![-1] } else { draws };
            for after in pages {
                let page = if after < 0 { few.clone() } else { reader.receipts(&store, Some(VersionNum(after)), 1)? };
                for row in page {
                    let wanted = row.current && row.kind == AssetKind::Original;
                    if wanted && rows.len() < PHOTOS && taken.insert(row.version) {
                        rows.push(row);
                    }
                }
                if rows.len() >= PHOTOS {
                    break;
                }
            }
            rows.sort_by_key(|row| row.version);
            Ok(rows)
        })
        .await
    }
}

/// The setting that says when a store was last drilled.
fn drilled(shown: &str) -> String {
    format!("drilled:{shown}")
}
