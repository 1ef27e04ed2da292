//! Back in time: what contents photos had at a moment, and when things were stored.

use rusqlite::{OptionalExtension as _, params};

use super::detail::receipts_of;
use super::error::Result;
use super::queue::kind;
use super::reader::{CARD_COLUMNS, Reader, card, hash};
use crate::domain::batch::AssetKind;
use crate::domain::{Card, ObjectKey, PhotoId, Seat, StoreReceipt, Timestamp};

const DAY_MS: i64 = 86_400_000;

/// A file of a photo with its content of a moment, for bringing it back.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentRow {
    /// Which photo.
    pub photo: PhotoId,
    /// What the file is to it.
    pub kind: AssetKind,
    /// Its key now.
    pub key: ObjectKey,
    /// Which of its contents, from 1; `None` where no store had any by then.
    pub number: Option<u32>,
    /// Length in bytes.
    pub size: u64,
    /// Where that content is stored, in any store this library ever had.
    pub receipts: Vec<StoreReceipt>,
}

impl Reader {
    /// [`Reader::cards`] with the contents that the photos had at a moment.
    ///
    /// # Errors
    /// What the disk says.
    pub fn cards_at(&self, seats: &[Seat], at: Timestamp) -> Result<Vec<Card>> {
        self.at_once(|db| {
            let mut statement =
                db.prepare_cached(&format!("SELECT {CARD_COLUMNS}, original FROM photos WHERE seat = ?"))?;
            let mut then = db.prepare_cached(
                "SELECT blake3 FROM versions WHERE asset = ? AND first_stored <= ? ORDER BY n DESC LIMIT 1",
            )?;
            let mut cards = Vec::with_capacity(seats.len());
            for seat in seats {
                let mut rows = statement.query([seat.0])?;
                let Some(row) = rows.next()? else { continue };
                let mut card = card(db, row)?.1;
                let mut contents = then.query(params![row.get::<_, i64>("original")?, at.0])?;
                if let Some(row) = contents.next()? {
                    card.blake3 = hash(row, 0)?;
                }
                cards.push(card);
            }
            Ok(cards)
        })
    }

    /// For each day (its first moment, UTC) how many contents any store first had then, oldest first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn history(&self) -> Result<Vec<(Timestamp, u64)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT first_stored / ?1 - (first_stored % ?1 < 0) AS day, count(*)
             FROM versions INDEXED BY versions_first WHERE first_stored IS NOT NULL GROUP BY day ORDER BY day",
        )?;
        let rows = statement
            .query_map([DAY_MS], |row| Ok((Timestamp(row.get::<_, i64>(0)?.saturating_mul(DAY_MS)), row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The original and the companions of a photo with their contents of a moment (`None`: of now). Companions that
    /// no store had by then are left out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn contents_at(&self, seat: Seat, at: Option<Timestamp>) -> Result<Vec<ContentRow>> {
        self.at_once(|db| {
            let mut assets = db.prepare_cached(
                "SELECT p.id, a.kind, a.key, a.asset, a.current FROM photos p JOIN assets a USING(photo)
                 WHERE p.seat = ? ORDER BY a.asset = p.original DESC, a.asset",
            )?;
            let mut version = db.prepare_cached(
                "SELECT version, n, size FROM versions WHERE asset = ?1 AND (?2 IS NULL AND version = ?3
                   OR first_stored <= ?2) ORDER BY n DESC LIMIT 1",
            )?;
            let mut rows = assets.query([seat.0])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let kind = kind(row, 1)?;
                let values = params![row.get::<_, i64>(3)?, at.map(|at| at.0), row.get::<_, i64>(4)?];
                let content: Option<(i64, u32, u64)> =
                    version.query_row(values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
                if content.is_none() && kind != AssetKind::Original {
                    continue;
                }
                found.push(ContentRow {
                    photo: PhotoId(hash(row, 0)?),
                    kind,
                    key: ObjectKey(row.get(2)?),
                    number: content.map(|(_, number, _)| number),
                    size: content.map_or(0, |(_, _, size)| size),
                    receipts: content.map_or_else(|| Ok(Vec::new()), |(version, _, _)| receipts_of(db, version))?,
                });
            }
            Ok(found)
        })
    }
}
