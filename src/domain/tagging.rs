//! Settings of tagging: who looks at new photos, at what, and for how much a month.

use serde::{Deserialize, Serialize};

use super::labels::{Asked, TaggerKind};

/// `[tagging]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagSettings {
    /// Whether new photos are looked at by themselves.
    pub auto: bool,
    /// By whom. Rekognition costs money, so it is never chosen but by a person.
    pub with: TaggerKind,
    /// Whether faces are looked for too (where they are, not whose).
    pub faces: bool,
    /// Whether text is read too.
    pub text: bool,
    /// What Rekognition may cost in a month at most, in US cents.
    pub month_cap_cents: u32,
    /// The region of Rekognition where it is not the bucket's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

impl Default for TagSettings {
    fn default() -> Self {
        Self { auto: true, with: TaggerKind::Device, faces: false, text: false, month_cap_cents: 1_000, region: None }
    }
}

impl TagSettings {
    /// What is asked about each photo.
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked { labels: true, faces: self.faces, text: self.text, people: false }
    }

    /// The cap in micro-dollars.
    #[must_use]
    pub fn cap_micro_usd(&self) -> u64 {
        u64::from(self.month_cap_cents) * 10_000
    }
}
