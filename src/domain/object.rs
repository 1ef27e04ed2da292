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

/// How a store keeps an object, and what it costs. A folder knows only [`StorageClass::Standard`].
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageClass {
    /// Read at once, as often as one likes.
    #[default]
    Standard,
    /// Read at once, for a price; kept 30 days at least.
    StandardIa,
    /// Moved by Amazon itself as it is read or not.
    IntelligentTiering,
    /// Read at once, for a higher price; kept 90 days at least.
    GlacierInstant,
    /// Must be thawed before it can be read (minutes to hours); kept 90 days at least.
    GlacierFlexible,
    /// Must be thawed before it can be read (hours to two days); kept 180 days at least.
    DeepArchive,
}

impl StorageClass {
    /// Every class, the dearest to keep first.
    pub const ALL: [Self; 6] = [
        Self::Standard,
        Self::StandardIa,
        Self::IntelligentTiering,
        Self::GlacierInstant,
        Self::GlacierFlexible,
        Self::DeepArchive,
    ];

    /// The name in settings, JSON and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::StandardIa => "standard-ia",
            Self::IntelligentTiering => "intelligent-tiering",
            Self::GlacierInstant => "glacier-instant",
            Self::GlacierFlexible => "glacier-flexible",
            Self::DeepArchive => "deep-archive",
        }
    }

    /// Amazon's name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::StandardIa => "Standard-IA",
            Self::IntelligentTiering => "Intelligent-Tiering",
            Self::GlacierInstant => "Glacier Instant Retrieval",
            Self::GlacierFlexible => "Glacier Flexible Retrieval",
            Self::DeepArchive => "Glacier Deep Archive",
        }
    }

    /// Reads a name from [`StorageClass::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// The name in S3's API (`x-amz-storage-class`).
    #[must_use]
    pub fn s3_name(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::StandardIa => "STANDARD_IA",
            Self::IntelligentTiering => "INTELLIGENT_TIERING",
            Self::GlacierInstant => "GLACIER_IR",
            Self::GlacierFlexible => "GLACIER",
            Self::DeepArchive => "DEEP_ARCHIVE",
        }
    }

    /// Reads S3's name; a class that is not known here is one that is read at once.
    #[must_use]
    pub fn from_s3_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|class| class.s3_name() == name).unwrap_or_default()
    }

    /// Whether an object must be thawed before it can be read.
    #[must_use]
    pub fn is_archive(self) -> bool {
        matches!(self, Self::GlacierFlexible | Self::DeepArchive)
    }

    /// Days that are charged at least, also where an object goes sooner.
    #[must_use]
    pub fn least_days(self) -> u32 {
        match self {
            Self::Standard | Self::IntelligentTiering => 0,
            Self::StandardIa => 30,
            Self::GlacierInstant | Self::GlacierFlexible => 90,
            Self::DeepArchive => 180,
        }
    }

    fn is_standard(&self) -> bool {
        *self == Self::Standard
    }
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
    /// How it is kept.
    #[serde(default, skip_serializing_if = "StorageClass::is_standard")]
    pub class: StorageClass,
}

/// Proof that a store has a version: what the store answered after it had checked the bytes.
///
/// A receipt is an [`ObjectVersion`] that came back from a put, or was adopted after a lost answer.
pub type Receipt = ObjectVersion;

/// A part that a store has of an upload in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u32,
    /// Length in bytes.
    pub size: u64,
    /// Entity tag, wanted at completion.
    pub etag: String,
    /// CRC-64/NVME of its bytes.
    pub crc64nvme: Crc64,
}

/// An upload in parts that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Where to. Parts that went to another key are of no use.
    pub key: ObjectKey,
    /// The store's name for it.
    pub upload: String,
    /// Length of every part but the last, in bytes.
    pub part_bytes: u64,
    /// Parts that the store has acknowledged.
    pub parts: Vec<Part>,
}

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
            class: StorageClass::Standard,
        };
        let text = serde_json::to_string(&receipt).unwrap();
        assert!(text.contains("\"crc64nvme\":\"0000000000000002\""), "{text}");
        assert_eq!(serde_json::from_str::<ObjectVersion>(&text).unwrap(), receipt);
    }
}
