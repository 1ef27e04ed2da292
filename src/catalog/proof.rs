//! What proves that some bytes are stored, and how much there is to keep.

use rusqlite::params;

use super::detail::{RECEIPT_COLUMNS, receipt};
use super::error::Result;
use super::reader::Reader;
use crate::domain::cost::Amount;
use crate::domain::{ContentHash, Receipt, Seat};

/// Whose files are summed up.
#[derive(Debug, Clone)]
pub enum AmountOf {
    /// The whole library: the current content of every photo that is shown, and of every companion.
    Library,
    /// These photos, with their companions.
    Photos(std::sync::Arc<[Seat]>),
    /// What still waits to be stored in this store (its name in the catalogue).
    Waiting(String),
}

impl Reader {
    /// The receipts of enabled stores for these contents: for each content its stores by name, each with its proof.
    /// What a check found damaged, or a person deleted there, proves nothing any more.
    ///
    /// # Errors
    /// What the disk says.
    pub fn proofs(&self, contents: &[ContentHash]) -> Result<Vec<Vec<(String, Receipt)>>> {
        self.at_once(|db| {
            let mut statement = db.prepare_cached(&format!(
                "SELECT s.name, {RECEIPT_COLUMNS} FROM versions v JOIN assets a USING(asset)
                 JOIN receipts r USING(version) JOIN stores s USING(store)
                 WHERE v.blake3 = ? AND s.enabled
                   AND NOT EXISTS(SELECT 1 FROM damage d
                     WHERE d.store = r.store AND d.version = r.version AND d.mended IS NULL)
                   AND NOT EXISTS(SELECT 1 FROM deletions x
                     WHERE x.store = r.store AND x.asset = a.asset AND x.undone IS NULL)
                 ORDER BY v.version = a.current DESC, v.version DESC"
            ))?;
            let mut all = Vec::with_capacity(contents.len());
            for content in contents {
                let mut rows = statement.query([&content.0[..]])?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push((row.get(0)?, receipt(row, 1)?));
                }
                all.push(found);
            }
            Ok(all)
        })
    }

    /// What keeping costs is counted from: files with their sizes, one by one, so that each is billed as it is.
    ///
    /// # Errors
    /// What the disk says.
    pub fn amount(&self, of: &AmountOf) -> Result<Amount> {
        self.at_once(|db| {
            let mut amount = Amount::default();
            let mut sum = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<()> {
                let mut statement = db.prepare_cached(sql)?;
                let mut rows = statement.query(values)?;
                while let Some(row) = rows.next()? {
                    amount.add(row.get(0)?, row.get(1)?);
                }
                Ok(())
            };
            match of {
                AmountOf::Library => sum(
                    "SELECT a.size, a.kind = 'original' FROM assets a LEFT JOIN photos p ON p.photo = a.photo
                     WHERE ifnull(p.hidden, 0) = 0",
                    params![],
                )?,
                AmountOf::Photos(seats) => {
                    for seat in seats.iter() {
                        sum(
                            "SELECT a.size, a.kind = 'original' FROM photos p JOIN assets a USING(photo)
                             WHERE p.seat = ?",
                            params![seat.0],
                        )?;
                    }
                }
                AmountOf::Waiting(store) => sum(
                    "SELECT v.size, a.kind = 'original' FROM uploads u JOIN stores s USING(store)
                     JOIN versions v USING(version) JOIN assets a USING(asset) WHERE s.name = ?",
                    params![store],
                )?,
            }
            Ok(amount)
        })
    }
}
