//! What is asked of taggers, and what came of it.

use std::sync::Arc;

use serde::Serialize;

use super::error::ItemFailure;
use crate::domain::Seat;
use crate::domain::labels::TaggerKind;
use crate::domain::spend::Images;

/// Photos to be looked at by a tagger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagOrder {
    /// Which; `None` is every photo that no tagger has looked at.
    pub seats: Option<Arc<[Seat]>>,
    /// By which tagger; `None` is the one of the settings, or the one on this computer while that one is away.
    pub with: Option<TaggerKind>,
    /// Never for more than this, in micro-dollars.
    pub most_micro_usd: Option<u64>,
    /// Only say what it would be.
    pub dry_run: bool,
}

/// What came of it, or would.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TagReport {
    /// Who looked.
    pub tagger: TaggerKind,
    /// Photos that were looked at (in a dry run: would be).
    pub looked_at: u64,
    /// Photos whose answer was known already.
    pub known: u64,
    /// Images paid for, by operation (in a dry run: would be).
    pub images: Images,
    /// What they cost, in micro-dollars; an estimate from list prices.
    pub micro_usd: u64,
    /// What that estimate leaves out.
    pub note: String,
    /// Why it ended before its time: a cap, a tagger that went away.
    pub stopped: Option<String>,
    /// Photos that could not be looked at.
    pub failed: Vec<ItemFailure>,
}
