//! Tags: their names, where they come from, and which ones follow from what is already known.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::Month;
use unicode_normalization::UnicodeNormalization as _;

use super::card::TagSource;
use super::photo::Metadata;
use super::query::words::{fold, words};

/// The longest tag, in characters.
pub const MAX_TAG_CHARS: usize = 200;

/// A tag's name as a person spells it: trimmed, NFC, no control characters, inner spaces single, 1 to 200 characters.
///
/// Two names that differ only in case or accents-as-typed (NFC or NFD) are the same tag: compare [`TagName::key`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagName(String);

/// Why a text cannot be a tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTag {
    /// Nothing is left after trimming.
    #[error("a tag needs at least one character")]
    Empty,
    /// Too long.
    #[error("a tag has at most {MAX_TAG_CHARS} characters, this one has {0}")]
    TooLong(usize),
    /// Line breaks and other controls would break the files that tags are written to.
    #[error("a tag must not contain control characters or line breaks")]
    Control,
}

impl TagName {
    /// Checks and tidies a name.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, BadTag> {
        let trimmed = text.trim();
        // Measured before it is copied: the text may be anything of any length.
        if let Some(count) = trimmed.char_indices().nth(10_000).map(|_| trimmed.chars().count()) {
            return Err(BadTag::TooLong(count));
        }
        if trimmed.chars().any(char::is_control) {
            return Err(BadTag::Control);
        }
        let name: String = trimmed.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect();
        match name.chars().count() {
            0 => Err(BadTag::Empty),
            count if count > MAX_TAG_CHARS => Err(BadTag::TooLong(count)),
            _ => Ok(Self(name)),
        }
    }

    /// The name as spelled.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes two names the same tag: lower case, NFC. Accents do count: `peche` is not `pêche`.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase().nfc().collect()
    }
}

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TagName {
    type Error = BadTag;
    fn try_from(text: String) -> Result<Self, BadTag> {
        Self::new(&text)
    }
}

impl From<TagName> for String {
    fn from(tag: TagName) -> Self {
        tag.0
    }
}

/// The tags that follow from what is known: keywords, camera, lens, date, light, shape and folder names.
/// Each name once, the first source given; names that are no tags are left out.
#[must_use]
pub fn derive_tags<S: AsRef<str>>(metadata: &Metadata, folders: &[S]) -> Vec<(TagName, TagSource)> {
    let mut tags = Derived(Vec::new());
    for keyword in &metadata.keywords {
        tags.add(keyword, TagSource::Keyword);
    }
    if let Some(camera) = metadata.camera() {
        tags.add(&camera, TagSource::Derived);
    }
    if let Some(lens) = &metadata.lens {
        tags.add(lens, TagSource::Derived);
    }
    date_tags(metadata, &mut tags);
    if let (Some(width), Some(height)) = (metadata.width_px, metadata.height_px)
        && width > 0
        && height > 0
    {
        let shape = match width.cmp(&height) {
            std::cmp::Ordering::Greater => "landscape",
            std::cmp::Ordering::Less => "portrait",
            std::cmp::Ordering::Equal => "square",
        };
        tags.add(shape, TagSource::Derived);
        if width.max(height) / 2 >= width.min(height) {
            tags.add("panorama", TagSource::Derived);
        }
    }
    for folder in folders {
        for word in folder_words(folder.as_ref()) {
            tags.add(&word, TagSource::Derived);
        }
    }
    tags.0
}

struct Derived(Vec<(TagName, TagSource)>);

impl Derived {
    fn add(&mut self, text: &str, source: TagSource) {
        let Ok(name) = TagName::new(text) else { return };
        let key = name.key();
        // A hostile file may have thousands of keywords; nobody has thousands on purpose.
        if self.0.len() < 500 && self.0.iter().all(|(known, _)| known.key() != key) {
            self.0.push((name, source));
        }
    }
}

fn date_tags(metadata: &Metadata, tags: &mut Derived) {
    let Some(taken) = metadata.taken_at else { return };
    let local = taken.local();
    tags.add(&format!("{:04}", local.year()), TagSource::Derived);
    tags.add(&local.month().to_string(), TagSource::Derived);
    let south = metadata.gps.is_some_and(|gps| gps.latitude < 0.0);
    // Meteorological seasons: whole months, so that a season never splits a day's shoot.
    let seasons =
        if south { ["summer", "autumn", "winter", "spring"] } else { ["winter", "spring", "summer", "autumn"] };
    let season = match local.month() {
        Month::December | Month::January | Month::February => seasons[0],
        Month::March | Month::April | Month::May => seasons[1],
        Month::June | Month::July | Month::August => seasons[2],
        Month::September | Month::October | Month::November => seasons[3],
    };
    tags.add(season, TagSource::Derived);
    // Midnight to the second is what programs write that know only the day: no part of a day follows from it.
    if taken.local_ms.rem_euclid(86_400_000) == 0 {
        return;
    }
    let daytime = match local.hour() {
        5..=11 => "morning",
        12..=16 => "afternoon",
        17..=21 => "evening",
        _ => "night",
    };
    tags.add(daytime, TagSource::Derived);
}

/// The words of a folder's name that say something: no numbers, dates, single letters or camera folders.
fn folder_words(folder: &str) -> Vec<String> {
    const NOISE: [&str; 22] = [
        "dcim", "misc", "img", "pictures", "photos", "photo", "images", "image", "bilder", "fotos", "camera", "new",
        "folder", "untitled", "import", "export", "raw", "jpeg", "jpg", "and", "the", "tmp",
    ];
    folder
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\''))
        .filter(|word| {
            let folded = fold(word);
            let letters = folded.chars().filter(|c| c.is_alphabetic()).count();
            let short = letters < 3 && words(word).iter().all(|part| part.is_ascii());
            // 100CANON, 101_PANA, 2024-05-03, 20240503T1200: digits first is the camera's or the date's, not a word.
            let numbered = folded.starts_with(|c: char| c.is_numeric());
            !(short || letters == 0 || numbered || NOISE.contains(&folded.as_str()))
        })
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Gps, TakenAt};

    fn names(metadata: &Metadata, folders: &[&str]) -> Vec<String> {
        derive_tags(metadata, folders).into_iter().map(|(name, _)| name.into()).collect()
    }

    #[test]
    fn names_are_tidied_or_refused() {
        assert_eq!(TagName::new("  Golden \u{a0} gate ").unwrap().as_str(), "Golden gate");
        assert_eq!(TagName::new("e\u{301}te\u{301}").unwrap().as_str(), "été");
        assert_eq!(TagName::new("ÉTÉ").unwrap().key(), TagName::new("été").unwrap().key());
        assert_eq!(TagName::new(" \t "), Err(BadTag::Empty));
        assert_eq!(TagName::new("a\nb"), Err(BadTag::Control));
        assert_eq!(TagName::new(&"x".repeat(201)), Err(BadTag::TooLong(201)));
        assert_eq!(TagName::new(&"x".repeat(1_000_000)), Err(BadTag::TooLong(1_000_000)));
        assert!(TagName::new(&"漢".repeat(200)).is_ok());
    }

    #[test]
    fn what_is_known_becomes_tags() {
        let metadata = Metadata {
            taken_at: TakenAt::new((2024, 5, 3), (18, 30, 0), 0, None),
            make: Some("Canon".into()),
            model: Some("Canon EOS 70D".into()),
            width_px: Some(6000),
            height_px: Some(2000),
            keywords: vec!["Family".into(), "family".into(), "  ".into()],
            ..Metadata::default()
        };
        assert_eq!(
            names(&metadata, &["100CANON", "2024-05-03 Iceland, Anna's trip", "DCIM"]),
            [
                "Family",
                "Canon EOS 70D",
                "2024",
                "May",
                "spring",
                "evening",
                "landscape",
                "panorama",
                "Iceland",
                "Anna's",
                "trip"
            ]
        );
    }

    #[test]
    fn the_south_has_the_other_season() {
        let gps = Some(Gps { latitude: -33.9, longitude: 151.2, altitude_m: None });
        let taken_at = TakenAt::new((2024, 1, 3), (3, 0, 0), 0, None);
        assert_eq!(
            names(&Metadata { taken_at, gps, ..Metadata::default() }, &[]),
            ["2024", "January", "summer", "night"]
        );
    }

    #[test]
    fn a_date_without_a_time_says_nothing_of_the_light() {
        let taken_at = TakenAt::new((2024, 12, 3), (0, 0, 0), 0, None);
        assert_eq!(names(&Metadata { taken_at, ..Metadata::default() }, &[]), ["2024", "December", "winter"]);
    }

    #[test]
    fn folder_words_keep_short_names_of_other_scripts() {
        assert_eq!(folder_words("京都_2019"), ["京都"]);
        assert!(folder_words("a b 12 101_PANA DCIM IMG").iter().all(|word| word == "PANA"));
    }
}
