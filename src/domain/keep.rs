//! How photos are kept: the line to a remote store, when it may be used fully, and how a store keeps what it gets.

use serde::{Deserialize, Serialize};

use super::object::StorageClass;
use super::time::Timestamp;

/// Hours of the wall clock, from one to another, over midnight where the second is smaller: `23-07`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    /// First hour, 0 to 23.
    pub from: u8,
    /// The hour at which it ends, 0 to 23.
    pub to: u8,
}

impl Hours {
    /// Whether a minute of the day (0 to 1,439, wall clock) lies within.
    #[must_use]
    pub fn contains(self, minute: u16) -> bool {
        let hour = (minute / 60) as u8;
        if self.from <= self.to { (self.from..self.to).contains(&hour) } else { hour >= self.from || hour < self.to }
    }
}

impl std::str::FromStr for Hours {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("not two different hours like 23-07: {text}");
        let (from, to) = text.split_once(['-', '–']).ok_or_else(wrong)?;
        let hour = |text: &str| text.trim().parse::<u8>().ok().filter(|hour| *hour < 24).ok_or_else(wrong);
        let hours = Self { from: hour(from)?, to: hour(to)? };
        if hours.from == hours.to { Err(wrong()) } else { Ok(hours) }
    }
}

impl TryFrom<String> for Hours {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        hours.to_string()
    }
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}-{:02}", self.from, self.to)
    }
}

/// `[keep]` of the settings: how photos go to the stores and are kept there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeepSettings {
    /// Whether a person has paused the remote store.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// Bytes a second that go to the remote store at most; `None` is as fast as the line is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_bytes_s: Option<u64>,
    /// Hours in which the limit does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_speed: Option<Hours>,
    /// How a remote store keeps originals. Thumbnails, edits and manifests are always read at once.
    #[serde(skip_serializing_if = "is_standard")]
    pub class: StorageClass,
    /// Whether 20 photos, chosen by chance, are brought back and compared every month.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub drill: bool,
}

fn is_standard(class: &StorageClass) -> bool {
    *class == StorageClass::Standard
}

impl KeepSettings {
    /// The limit at a minute of the day (wall clock): bytes a second, or none.
    #[must_use]
    pub fn limit_at(&self, minute: u16) -> Option<u64> {
        if self.full_speed.is_some_and(|hours| hours.contains(minute)) { None } else { self.limit_bytes_s }
    }
}

/// One store of the library, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreState {
    /// Name: `vault`, `aws` or `s3`.
    pub name: String,
    /// Where: a folder, or `bucket/prefix`.
    pub place: String,
    /// Uploads that wait.
    pub waiting: u64,
    /// Uploads that need a person.
    pub needs_you: u64,
    /// Receipts it has given.
    pub receipts: u64,
    /// Why it cannot be used now, where it cannot.
    pub problem: Option<String>,
    /// When it is tried again, where it waits.
    pub retry_at: Option<Timestamp>,
}

/// How a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Something of it is still to be stored.
    Open,
    /// Its final manifest segment is written.
    Final,
}

/// One batch, for a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSummary {
    /// Its ULID.
    pub batch: String,
    /// Name of the store.
    pub store: String,
    /// When it was begun.
    pub started: Timestamp,
    /// Who stored it.
    pub by: Option<String>,
    /// How it stands.
    pub state: BatchState,
    /// Manifest segments written.
    pub segments: u32,
    /// Files with a receipt.
    pub stored: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// Files that wait.
    pub waiting: u64,
    /// Files that need a person.
    pub needs_you: u64,
}

/// What is to be deleted, or was: for the question before, and the answer after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Weight {
    /// Photos.
    pub photos: u64,
    /// Their stored files, companions included.
    pub files: u64,
    /// Bytes of their current versions.
    pub bytes: u64,
}

/// One estimate of what keeping costs, in US dollars without tax.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassCost {
    /// The class.
    pub class: StorageClass,
    /// A month of keeping.
    pub month: f64,
    /// Once, for the requests that put it there.
    pub once: f64,
    /// Days that are charged at least.
    pub least_days: u32,
}

/// What keeping some photos costs in each storage class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostEstimate {
    /// Files, companions included.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// One for each class, in the order of [`StorageClass::ALL`].
    pub classes: Vec<ClassCost>,
    /// Region whose prices they are.
    pub region: String,
    /// When the prices were read (YYYY-MM-DD).
    pub as_of: String,
    /// The estimate in one sentence, for people.
    pub words: String,
}

/// A memory card, or anything else with a `DCIM` folder, that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFound {
    /// Where it is mounted.
    pub dir: std::path::PathBuf,
    /// Its name for people.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_go_over_midnight() {
        let night: Hours = "23-07".parse().unwrap();
        assert!(night.contains(23 * 60) && night.contains(0) && night.contains(6 * 60 + 59));
        assert!(!night.contains(7 * 60) && !night.contains(22 * 60 + 59));
        let day: Hours = "9-17".parse().unwrap();
        assert!(day.contains(9 * 60) && !day.contains(17 * 60));
        assert_eq!(night.to_string().parse::<Hours>().unwrap(), night);
        for wrong in ["", "7", "24-1", "7-7", "a-b", "-1-3"] {
            assert!(wrong.parse::<Hours>().is_err(), "{wrong}");
        }
        let keep = KeepSettings { limit_bytes_s: Some(5), full_speed: Some(night), ..KeepSettings::default() };
        assert_eq!((keep.limit_at(0), keep.limit_at(12 * 60)), (None, Some(5)));
    }
}
