//! What is asked of taggers, and what came of it.

use std::sync::Arc;

use serde::Serialize;

use super::error::ItemFailure;
use crate::domain::Seat;
use crate::domain::labels::TaggerKind;
use crate::domain::spend::{Images, RunEstimate, Spent};
use crate::domain::tagging::{Sureness, TagSettings};

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

/// How tagging is set, and what a run would be.
#[derive(Debug, Clone, PartialEq)]
pub struct TaggingState {
    /// The settings.
    pub settings: TagSettings,
    /// From how sure on Rekognition's word becomes a tag, in percent.
    pub aws_threshold: f32,
    /// The same for the model on this computer.
    pub device_threshold: f32,
    /// How sure Rekognition was of all that it ever said here.
    pub aws_sureness: Sureness,
    /// The same for the model on this computer.
    pub device_sureness: Sureness,
    /// Photos that Rekognition would look at, and what that costs.
    pub aws: RunEstimate,
    /// Photos that this computer would look at.
    pub device_photos: u64,
    /// Spent on Rekognition this month.
    pub spent: Spent,
    /// Why Rekognition cannot be asked now.
    pub aws_problem: Option<String>,
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

impl TagReport {
    /// Of a run that has not begun.
    #[must_use]
    pub fn new(tagger: TaggerKind) -> Self {
        Self {
            tagger,
            looked_at: 0,
            known: 0,
            images: Images::default(),
            micro_usd: 0,
            note: String::new(),
            stopped: None,
            failed: Vec::new(),
        }
    }
}
