//! The queue in the order in which it is served, and the batches that it belongs to.

use rusqlite::params;

use super::error::Result;
use super::queue::{batch_number, limited, pending, pending_by, store_number};
use super::reader::Reader;
use super::types::{PendingUpload, VersionNum};
use crate::domain::Timestamp;
use crate::domain::keep::{BatchState, BatchSummary};

/// One of the four queues of a store, in the order in which they are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// Photos that a person wants before all others.
    pub chosen: bool,
    /// Files that go in parts.
    pub large: bool,
}

impl Lane {
    /// Chosen before others, small before large.
    pub const ALL: [Self; 4] = [
        Self { chosen: true, large: false },
        Self { chosen: true, large: true },
        Self { chosen: false, large: false },
        Self { chosen: false, large: true },
    ];
}

/// What a store's queue holds in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueTotals {
    /// Items still to be stored.
    pub items: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Items of unfinished batches that are stored already.
    pub done: u64,
    /// Their bytes.
    pub done_bytes: u64,
}

impl Reader {
    /// The next items of one lane, newest first, older than `below`; `due` leaves out what is to rest until later than
    /// that moment, and what needs a person.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn next_uploads(
        &self,
        store: &str,
        lane: Lane,
        below: Option<VersionNum>,
        due: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<PendingUpload>> {
        self.at_once(|db| {
            let store = store_number(db, store)?;
            let sql = pending_by("INDEXED BY uploads_order")
                + " WHERE u.store = ?1 AND u.chosen = ?2 AND u.large = ?3 AND u.version < ?4
                   AND (?5 IS NULL OR u.state = 0 OR (u.state = 1 AND u.until <= ?5))
                   ORDER BY u.version DESC LIMIT ?6";
            let mut statement = db.prepare_cached(&sql)?;
            let below = below.map_or(i64::MAX, |version| version.0);
            let values = params![store, lane.chosen, lane.large, below, due.map(|due| due.0), limited(limit)];
            let mut rows = statement.query(values)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(pending(db, row)?);
            }
            Ok(found)
        })
    }

    /// What a store's queue holds in all.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn queue_totals(&self, store: &str) -> Result<QueueTotals> {
        self.at_once(|db| {
            let store = store_number(db, store)?;
            let two = |sql: &str| -> Result<(u64, u64)> {
                Ok(db.prepare_cached(sql)?.query_row([store], |row| Ok((row.get(0)?, row.get(1)?)))?)
            };
            let (items, bytes) = two(
                "SELECT count(*), ifnull(sum(v.size), 0) FROM uploads u JOIN versions v USING(version) WHERE u.store = ?",
            )?;
            let (done, done_bytes) = two(
                "SELECT count(*), ifnull(sum(v.size), 0) FROM batches b JOIN receipts r ON r.batch = b.batch
                 JOIN versions v USING(version) WHERE b.store = ? AND b.final = 0",
            )?;
            Ok(QueueTotals { items, bytes, done, done_bytes })
        })
    }

    /// When the first resting item of a store is to be tried again; none where nothing rests.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn next_retry(&self, store: &str) -> Result<Option<Timestamp>> {
        let store = store_number(&self.db, store)?;
        let mut statement = self.db.prepare_cached(
            "SELECT min(until) FROM uploads INDEXED BY uploads_waiting WHERE store = ? AND state = 1",
        )?;
        Ok(statement.query_row([store], |row| row.get::<_, Option<i64>>(0))?.map(Timestamp))
    }

    /// Whether anything of a store's queue is in no batch, or only in one that is closed.
    ///
    /// # Errors
    /// An unknown store; what the disk says.
    pub fn has_unassigned(&self, store: &str) -> Result<bool> {
        let store = store_number(&self.db, store)?;
        let mut statement = self.db.prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM uploads WHERE store = ?1 AND batch IS NULL)
               OR EXISTS(SELECT 1 FROM batches b CROSS JOIN uploads u ON u.store = b.store AND u.batch = b.batch
                 WHERE b.store = ?1 AND b.final = 1)",
        )?;
        Ok(statement.query_row([store], |row| row.get(0))?)
    }

    /// How many items of a batch wait, and how many receipts no manifest has listed yet.
    ///
    /// # Errors
    /// An unknown batch; what the disk says.
    pub fn batch_left(&self, batch: &str) -> Result<(u64, u64)> {
        self.at_once(|db| {
            let (batch, store) = batch_number(db, batch)?;
            let waiting = db
                .prepare_cached("SELECT count(*) FROM uploads WHERE store = ? AND batch = ? AND state < 2")?
                .query_row([store, batch], |row| row.get(0))?;
            let due = db
                .prepare_cached("SELECT count(*) FROM receipts WHERE batch = ? AND segment IS NULL")?
                .query_row([batch], |row| row.get(0))?;
            Ok((waiting, due))
        })
    }

    /// What of a batch waits or needs a person.
    ///
    /// # Errors
    /// An unknown batch; what the disk says.
    pub fn batch_items(&self, batch: &str, limit: usize) -> Result<Vec<PendingUpload>> {
        self.at_once(|db| {
            let (batch, store) = batch_number(db, batch)?;
            let sql = pending_by("INDEXED BY uploads_batch")
                + " WHERE u.store = ? AND u.batch = ? ORDER BY u.state DESC, u.version LIMIT ?";
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(params![store, batch, limited(limit)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(pending(db, row)?);
            }
            Ok(found)
        })
    }

    /// The batches of all stores, newest first. `shown` makes a store's name one for people.
    ///
    /// # Errors
    /// What the disk says.
    pub fn batches(&self, limit: usize, shown: &dyn Fn(&str) -> String) -> Result<Vec<BatchSummary>> {
        self.at_once(|db| {
            let mut statement = db.prepare_cached(
                "SELECT b.ulid, s.name, b.started, b.by, b.final, b.segments,
                   (SELECT count(*) FROM receipts r WHERE r.batch = b.batch),
                   (SELECT ifnull(sum(v.size), 0) FROM receipts r JOIN versions v USING(version) WHERE r.batch = b.batch),
                   (SELECT count(*) FROM uploads u WHERE u.store = b.store AND u.batch = b.batch AND u.state < 2),
                   (SELECT count(*) FROM uploads u WHERE u.store = b.store AND u.batch = b.batch AND u.state = 2)
                 FROM batches b JOIN stores s USING(store) ORDER BY b.started DESC, b.batch DESC LIMIT ?",
            )?;
            let rows = statement.query_map([limited(limit)], |row| {
                Ok(BatchSummary {
                    batch: row.get(0)?,
                    store: shown(&row.get::<_, String>(1)?),
                    started: Timestamp(row.get(2)?),
                    by: row.get(3)?,
                    state: if row.get(4)? { BatchState::Final } else { BatchState::Open },
                    segments: row.get(5)?,
                    stored: row.get(6)?,
                    bytes: row.get(7)?,
                    waiting: row.get(8)?,
                    needs_you: row.get(9)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
