//! Batches: one import as it stands in a store, told by a manifest of JSON Lines in segments.
//!
//! A library can be rebuilt from the manifests and the edit segments alone, so a line carries all that the catalogue
//! knows of a stored version. Unknown keys are passed over: a newer Lightkeep may write more.

use serde::{Deserialize, Serialize};

use super::hash::{ContentHash, Crc64, PhotoId};
use super::object::{Fingerprint, ObjectKey, ObjectVersion, StorageClass, VersionId};
use super::path_text::PathText;
use super::photo::{Format, Metadata};
use super::time::{TakenAt, Timestamp};

/// The most items in one segment.
pub const SEGMENT_ITEMS: usize = 1_000;

/// The longest line read, in bytes: a hostile manifest cannot fill the memory.
pub const MAX_LINE_BYTES: usize = 4 << 20;

/// What a stored file is to its photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AssetKind {
    /// The photo itself.
    Original,
    /// A companion that describes it: `.xmp .pp3 .dop .aae`.
    Sidecar,
    /// A video of the shoot, or the moving part of a Live Photo.
    Video,
}

impl AssetKind {
    /// The name in JSON and in the catalogue.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Sidecar => "sidecar",
            Self::Video => "video",
        }
    }

    /// Reads a name from [`AssetKind::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Original, Self::Sidecar, Self::Video].into_iter().find(|kind| kind.name() == name)
    }
}

/// One stored version, as a line of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestLine {
    /// The photo; absent for a video that belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<PhotoId>,
    /// What the file is to its photo.
    pub asset: AssetKind,
    /// Version of this file, from 1.
    pub version: u32,
    /// The content.
    pub blake3: ContentHash,
    /// Where it is.
    pub key: ObjectKey,
    /// Where its file was when this was written; every path of identical bytes.
    pub paths: Vec<PathText>,
    /// For each path, how many of its last folders belong to the library (the dropped folder and what is below).
    #[serde(default)]
    pub depths: Vec<u16>,
    /// The store's version.
    pub version_id: VersionId,
    /// The store's entity tag.
    pub etag: String,
    /// Length in bytes.
    pub size: u64,
    /// Checksum as the store returned it.
    pub crc64nvme: Crc64,
    /// Modification time of the file (ms since 1970, UTC).
    pub mtime: Timestamp,
    /// When the photo was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<TakenAt>,
    /// When the store had it for sure.
    pub stored_at: Timestamp,
    /// How the store keeps it; absent where it is read at once as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<StorageClass>,
    /// Who stored it, for people: `anna on laptop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The photo's format; absent for companions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// All that was read from the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

impl ManifestLine {
    /// What the bytes are.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint { size: self.size, blake3: self.blake3, crc64nvme: self.crc64nvme }
    }

    /// The receipt that this line records.
    #[must_use]
    pub fn receipt(&self) -> ObjectVersion {
        ObjectVersion {
            key: self.key.clone(),
            version: self.version_id.clone(),
            etag: self.etag.clone(),
            fingerprint: self.fingerprint(),
            mtime: self.mtime,
            stored_at: self.stored_at,
            current: true,
            class: self.class.unwrap_or_default(),
        }
    }
}

/// An item of a batch that could not be stored without a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedsYou {
    /// Its file.
    pub path: PathText,
    /// What is the matter.
    pub why: String,
}

/// The last line of a batch's last segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEnd {
    /// Always true; a batch without this line is unfinished.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Items that need a person and will go into a later segment.
    #[serde(default)]
    pub needs_you: Vec<NeedsYou>,
}

/// One line of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ManifestEntry {
    /// A stored version.
    Item(Box<ManifestLine>),
    /// The end of the batch.
    End(ManifestEnd),
}

/// Why a manifest cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the manifest cannot be read: {why}")]
pub struct BadManifest {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

impl ManifestEntry {
    /// The line, without its line break.
    #[must_use]
    pub fn to_line(&self) -> String {
        // Only maps with non-text keys can fail to become JSON, and there are none here.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn from_line(text: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Probe {
            #[serde(rename = "final", default)]
            is_final: bool,
        }
        // Not `untagged`: its errors never say which key is wrong.
        if serde_json::from_str::<Probe>(text)?.is_final {
            serde_json::from_str(text).map(Self::End)
        } else {
            serde_json::from_str(text).map(|line| Self::Item(Box::new(line)))
        }
    }
}

/// The text of a manifest segment: one line per entry.
#[must_use]
pub fn write_manifest<'a>(entries: impl IntoIterator<Item = &'a ManifestEntry>) -> String {
    entries.into_iter().fold(String::new(), |mut text, entry| {
        text.push_str(&entry.to_line());
        text.push('\n');
        text
    })
}

/// Reads a manifest segment, line by line; each bad line is one error and the rest can still be read.
pub fn read_manifest(text: &str) -> impl Iterator<Item = Result<ManifestEntry, BadManifest>> {
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(index, line)| {
        let bad = |why: String| BadManifest { line: index + 1, why };
        if line.len() > MAX_LINE_BYTES {
            return Err(bad(format!("it is longer than {MAX_LINE_BYTES} bytes")));
        }
        ManifestEntry::from_line(line).map_err(|error| bad(error.to_string()))
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn line() -> ManifestLine {
        ManifestLine {
            id: Some(PhotoId(ContentHash([1; 32]))),
            asset: AssetKind::Original,
            version: 2,
            blake3: ContentHash([2; 32]),
            key: ObjectKey("photos/Iceland/IMG_1.JPG".into()),
            paths: vec![PathText("/home/a/Iceland/IMG_1.JPG".into())],
            depths: vec![1],
            version_id: VersionId("v".into()),
            etag: "\"e\"".into(),
            size: 9,
            crc64nvme: Crc64(7),
            mtime: Timestamp(5),
            taken_at: TakenAt::from_rfc3339("2024-05-03T12:00:00"),
            stored_at: Timestamp(6),
            class: Some(StorageClass::DeepArchive),
            by: Some("anna on laptop".into()),
            format: Some(Format::Jpeg),
            metadata: Some(Metadata { iso: Some(100), ..Metadata::default() }),
        }
    }

    #[test]
    fn a_manifest_goes_both_ways() {
        let end =
            ManifestEnd { is_final: true, needs_you: vec![NeedsYou { path: PathText("/x".into()), why: "w".into() }] };
        let entries = [ManifestEntry::Item(Box::new(line())), ManifestEntry::End(end)];
        let text = write_manifest(&entries);
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains("\"final\":true"));
        let read: Vec<_> = read_manifest(&text).map(Result::unwrap).collect();
        assert_eq!(read, entries);
    }

    #[test]
    fn unknown_keys_are_passed_over_and_bad_lines_are_counted() {
        let text = ManifestEntry::Item(Box::new(line())).to_line();
        let more = text.replacen('{', "{\"colour\":{\"x\":[1]},", 1);
        let file = format!("{more}\n\n{{\"key\":1}}\nnot json\n{text}");
        let read: Vec<_> = read_manifest(&file).collect();
        assert_eq!(read.len(), 4);
        assert!(read[0].is_ok() && read[3].is_ok());
        assert_eq!(read[1].as_ref().unwrap_err().line, 3);
        assert_eq!(read[2].as_ref().unwrap_err().line, 4);
    }
}
