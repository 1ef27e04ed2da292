//! Objects in a store: keys, versions, and the receipt that proves one is there.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::hash::{ContentHash, Crc64};
use super::time::Timestamp;

/// The name of an object in a store, with `/` between components; also its relative path in a vault.
///
/// Built by [`crate::domain::keys`]; never computed again once it is written down.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectKey(pub String);

/// A store's own name for one version of an object. Opaque; unique under its key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(pub String);

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What identifies some bytes: everything that a store must agree with before it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Length in bytes.
    pub size: u64,
    /// BLAKE3 of the bytes.
    pub blake3: ContentHash,
    /// CRC-64/NVME of the bytes.
    pub crc64nvme: Crc64,
}

/// One version of an object, as its store describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectVersion {
    /// Where it is.
    pub key: ObjectKey,
    /// Which version.
    pub version: VersionId,
    /// Entity tag; a vault uses the CRC-64/NVME in quotes.
    pub etag: String,
    /// What the store recorded of the bytes.
    #[serde(flatten)]
    pub fingerprint: Fingerprint,
    /// Modification time of the original (ms since 1970, UTC), as sent with it.
    pub mtime: Timestamp,
    /// When the store had it for sure.
    pub stored_at: Timestamp,
    /// Whether it is what a plain read of the key gives.
    pub current: bool,
}

/// Proof that a store has a version: what the store answered after it had checked the bytes.
///
/// A receipt is an [`ObjectVersion`] that came back from a put, or was adopted after a lost answer.
pub type Receipt = ObjectVersion;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_flat_json() {
        let receipt = ObjectVersion {
            key: ObjectKey("photos/a/b.jpg".into()),
            version: VersionId("1".into()),
            etag: "\"x\"".into(),
            fingerprint: Fingerprint { size: 3, blake3: ContentHash([1; 32]), crc64nvme: Crc64(2) },
            mtime: Timestamp(4),
            stored_at: Timestamp(5),
            current: true,
        };
        let text = serde_json::to_string(&receipt).unwrap();
        assert!(text.contains("\"crc64nvme\":\"0000000000000002\""), "{text}");
        assert_eq!(serde_json::from_str::<ObjectVersion>(&text).unwrap(), receipt);
    }
}
