//! What an imported file means to the library: new, changed, moved, a double, or nothing new.
//!
//! Pure: the catalogue gathers the facts, [`decide`] judges, the catalogue carries it out.

use super::photo::Metadata;

/// What tells one photo from another at the same path: the second it was taken, and the camera.
///
/// Cards number again from `IMG_0001.JPG`, so the same path alone does not make a new version of the same photo.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capture {
    /// Seconds since 1970 on the wall clock. Not finer: programs that save a photo anew drop the fraction.
    pub taken_s: Option<i64>,
    /// The camera's name.
    pub camera: Option<String>,
}

impl Capture {
    /// From a file's metadata.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        let taken_s = metadata.taken_at.map(|taken| taken.local_ms.div_euclid(1000));
        Self { taken_s, camera: metadata.camera() }
    }
}

/// What the library knows of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtPath {
    /// Nothing.
    Nothing,
    /// A file with these very bytes.
    SameBytes,
    /// Another content.
    Other {
        /// Of the file last seen there.
        capture: Capture,
    },
}

/// What the library knows of the bytes, the path asked about left aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBytes {
    /// Never seen.
    Never,
    /// Seen as the file that was at this very path before (an old version of it).
    BeforeAtThisPath,
    /// Seen elsewhere, and at least one of those files is still there.
    Elsewhere,
    /// Seen elsewhere, but none of those files is there any more.
    GoneElsewhere,
}

/// What a file means to the library. The names are those of the import's report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// A photo not seen before.
    Added,
    /// A new version of the photo at this path.
    Updated,
    /// Known bytes whose old path is gone.
    Moved,
    /// Bytes already in the library under another path that still exists.
    Duplicate,
    /// What the library has for this path already.
    Unchanged,
}

/// Judges a file. Each file has exactly one meaning.
#[must_use]
pub fn decide(at_path: &AtPath, bytes: KnownBytes, capture: &Capture) -> Meaning {
    match (at_path, bytes) {
        (AtPath::SameBytes, _) => Meaning::Unchanged,
        (_, KnownBytes::Elsewhere) => Meaning::Duplicate,
        (_, KnownBytes::GoneElsewhere) => Meaning::Moved,
        // Put back to an older content: that is the current one from now on, and a version of its own.
        (AtPath::Other { .. }, KnownBytes::BeforeAtThisPath) => Meaning::Updated,
        // Nothing recorded at the path, yet its bytes were: the record of the path was closed, and the file came back.
        (AtPath::Nothing, KnownBytes::BeforeAtThisPath) => Meaning::Moved,
        (AtPath::Nothing, KnownBytes::Never) => Meaning::Added,
        (AtPath::Other { capture: before }, KnownBytes::Never) => {
            if before == capture {
                Meaning::Updated
            } else {
                Meaning::Added
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TakenAt;

    fn capture(second: i64, camera: &str) -> Capture {
        Capture { taken_s: Some(second), camera: Some(camera.into()) }
    }

    #[test]
    fn a_new_file_is_added_and_the_same_again_is_unchanged() {
        let here = capture(1, "A");
        assert_eq!(decide(&AtPath::Nothing, KnownBytes::Never, &here), Meaning::Added);
        for bytes in [KnownBytes::Never, KnownBytes::Elsewhere, KnownBytes::GoneElsewhere] {
            assert_eq!(decide(&AtPath::SameBytes, bytes, &here), Meaning::Unchanged);
        }
    }

    #[test]
    fn new_bytes_are_a_version_only_of_the_same_capture() {
        let at = |capture: Capture| AtPath::Other { capture };
        let now = capture(1, "A");
        assert_eq!(decide(&at(capture(1, "A")), KnownBytes::Never, &now), Meaning::Updated);
        assert_eq!(decide(&at(capture(2, "A")), KnownBytes::Never, &now), Meaning::Added);
        assert_eq!(decide(&at(capture(1, "B")), KnownBytes::Never, &now), Meaning::Added);
        assert_eq!(decide(&at(Capture::default()), KnownBytes::Never, &now), Meaning::Added);
        assert_eq!(decide(&at(now.clone()), KnownBytes::Never, &Capture::default()), Meaning::Added);
        // Both absent: scans and screenshots.
        assert_eq!(decide(&at(Capture::default()), KnownBytes::Never, &Capture::default()), Meaning::Updated);
    }

    #[test]
    fn known_bytes_are_never_added() {
        let other = AtPath::Other { capture: capture(9, "Z") };
        for at_path in [AtPath::Nothing, other] {
            assert_eq!(decide(&at_path, KnownBytes::Elsewhere, &capture(1, "A")), Meaning::Duplicate);
            assert_eq!(decide(&at_path, KnownBytes::GoneElsewhere, &capture(1, "A")), Meaning::Moved);
        }
    }

    #[test]
    fn putting_an_old_content_back_is_an_update() {
        let other = AtPath::Other { capture: capture(1, "A") };
        assert_eq!(decide(&other, KnownBytes::BeforeAtThisPath, &capture(1, "A")), Meaning::Updated);
        assert_eq!(decide(&AtPath::Nothing, KnownBytes::BeforeAtThisPath, &capture(1, "A")), Meaning::Moved);
    }

    #[test]
    fn the_fraction_of_a_second_does_not_count() {
        let at = |ms| {
            Capture::of(&Metadata {
                taken_at: Some(TakenAt { local_ms: ms, offset_minutes: None }),
                ..Metadata::default()
            })
        };
        assert_eq!(at(1_000), at(1_999));
        assert_ne!(at(1_999), at(2_000));
    }
}
