//! Captions: which facts of a photo are written under it, and how a long one is shortened.

use serde::{Deserialize, Serialize};

use super::{Measure, TextStyle};
use crate::domain::photo::{Metadata, Rating};

/// A line of a caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptionField {
    /// File name.
    Name,
    /// When it was taken: `2024-05-17 18:42`.
    Date,
    /// Camera.
    Camera,
    /// Lens.
    Lens,
    /// `1/250 s · f/2.8 · ISO 400 · 85 mm`, what is known of it.
    Exposure,
    /// Stars.
    Rating,
    /// Tags, separated by commas.
    Tags,
    /// The folder's name.
    Folder,
    /// Title.
    Title,
    /// Caption (description).
    Caption,
    /// The number of its receipt in the store.
    Receipt,
}

impl CaptionField {
    /// Every field, in the order shown to people.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Title,
        Self::Caption,
        Self::Date,
        Self::Camera,
        Self::Lens,
        Self::Exposure,
        Self::Rating,
        Self::Tags,
        Self::Folder,
        Self::Receipt,
    ];

    /// The name used in `--caption` and in saved layouts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Date => "date",
            Self::Camera => "camera",
            Self::Lens => "lens",
            Self::Exposure => "exposure",
            Self::Rating => "rating",
            Self::Tags => "tags",
            Self::Folder => "folder",
            Self::Title => "title",
            Self::Caption => "caption",
            Self::Receipt => "receipt",
        }
    }

    /// Reads a name from [`CaptionField::name`], in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        Self::ALL.into_iter().find(|field| field.name().eq_ignore_ascii_case(name))
    }

    /// Where a text that is too long loses its letters: names differ at their end (`…_0042.JPG`), words at their start.
    #[must_use]
    pub fn shorten(self) -> Shorten {
        match self {
            Self::Name | Self::Folder | Self::Receipt => Shorten::Middle,
            _ => Shorten::End,
        }
    }
}

/// Where a text is shortened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shorten {
    /// `DSC_very…0042.JPG`
    Middle,
    /// `Canon EF 70-200…`
    End,
}

/// What captions can be made of.
#[derive(Debug, Clone, Copy)]
pub struct CaptionFacts<'a> {
    /// File name with its suffix.
    pub name: &'a str,
    /// Name of its folder.
    pub folder: &'a str,
    /// What the camera and other programs wrote.
    pub metadata: &'a Metadata,
    /// The title as edited here, instead of the written one.
    pub title: Option<&'a str>,
    /// The caption as edited here, instead of the written one.
    pub caption: Option<&'a str>,
    /// Stars.
    pub rating: Rating,
    /// Tags, in the order to be shown.
    pub tags: &'a [String],
    /// The short number of its receipt, where it is stored.
    pub receipt: Option<&'a str>,
}

impl CaptionFacts<'_> {
    /// The text of a field, blank where nothing is known. Dates are ISO, numbers have a dot.
    #[must_use]
    pub fn text(&self, field: CaptionField) -> String {
        let metadata = self.metadata;
        match field {
            CaptionField::Name => self.name.to_owned(),
            CaptionField::Folder => self.folder.to_owned(),
            CaptionField::Date => metadata.taken_at.map_or_else(String::new, |taken_at| {
                let at = taken_at.local();
                let (date, time) = (at.date(), at.time());
                format!(
                    "{:04}-{:02}-{:02} {:02}:{:02}",
                    date.year(),
                    u8::from(date.month()),
                    date.day(),
                    time.hour(),
                    time.minute()
                )
            }),
            CaptionField::Camera => metadata.camera().unwrap_or_default(),
            CaptionField::Lens => metadata.lens.clone().unwrap_or_default(),
            CaptionField::Exposure => exposure(metadata),
            CaptionField::Rating => "★".repeat(usize::from(self.rating.stars())),
            CaptionField::Tags => self.tags.join(", "),
            CaptionField::Receipt => self.receipt.unwrap_or_default().to_owned(),
            CaptionField::Title => self.title.or(metadata.title.as_deref()).unwrap_or_default().to_owned(),
            CaptionField::Caption => self.caption.or(metadata.caption.as_deref()).unwrap_or_default().to_owned(),
        }
    }

    /// One line for each field, as [`super::PhotoShape::captions`] wants them.
    #[must_use]
    pub fn lines(&self, fields: &[CaptionField]) -> Vec<String> {
        fields.iter().map(|&field| self.text(field)).collect()
    }
}

fn exposure(metadata: &Metadata) -> String {
    let sane = |value: &f64| value.is_finite() && *value > 0.0;
    let mut parts = Vec::new();
    if let Some(seconds) = metadata.exposure_s.filter(sane) {
        parts.push(if seconds < 0.4 {
            format!("1/{} s", decimal(1.0 / seconds, 0))
        } else {
            format!("{} s", decimal(seconds, 1))
        });
    }
    if let Some(f_number) = metadata.f_number.filter(sane) {
        parts.push(format!("f/{}", decimal(f_number, 1)));
    }
    if let Some(iso) = metadata.iso.filter(|&iso| iso > 0) {
        parts.push(format!("ISO {iso}"));
    }
    if let Some(focal_length) = metadata.focal_length_mm.filter(sane) {
        parts.push(format!("{} mm", decimal(focal_length, 1)));
    }
    parts.join(" · ")
}

/// A number with at most `places` after the dot, and none where they would be zero.
fn decimal(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}

/// The longest caption that is looked at, in characters; no line on paper shows more.
const MAX_CHARS: usize = 600;

/// `text` as one line of at most `room_mm`: controls and line breaks become spaces, and what is too long loses letters
/// for an ellipsis. Empty if not even the ellipsis has room.
#[must_use]
pub fn shorten(
    text: &str,
    room_mm: f64,
    size_pt: f64,
    style: &TextStyle,
    how: Shorten,
    measure: &dyn Measure,
) -> String {
    shortened(text, room_mm, size_pt, style, how, measure).map_or_else(String::new, |(line, _)| line)
}

/// As [`shorten`], with the width of the line; `None` where nothing has room.
pub(super) fn shortened(
    text: &str,
    room_mm: f64,
    size_pt: f64,
    style: &TextStyle,
    how: Shorten,
    measure: &dyn Measure,
) -> Option<(String, f64)> {
    let line = one_line(text, how);
    let fitting = |text: String| {
        let width_mm = measure.width_mm(&text, size_pt, style);
        (width_mm <= room_mm).then_some((text, width_mm))
    };
    if line.is_empty() {
        return None;
    }
    let chars: Vec<char> = line.chars().collect();
    if let Some(whole) = fitting(line) {
        return Some(whole);
    }
    let with = |kept: usize| {
        let tail = if how == Shorten::Middle { kept / 2 } else { 0 };
        let head: String = chars.iter().take(kept - tail).collect();
        let end: String = chars.iter().skip(chars.len() - tail).collect();
        format!("{}…{}", head.trim_end(), end.trim_start())
    };
    // Widths grow with the letters kept, but for kerning, which the last step down makes up for.
    let (mut fit, mut too_many) = (0, chars.len());
    let mut best = None;
    while too_many - fit > 1 {
        let middle = usize::midpoint(fit, too_many);
        match fitting(with(middle)) {
            Some(found) => (fit, best) = (middle, Some(found)),
            None => too_many = middle,
        }
    }
    best.or_else(|| fitting(with(0)))
}

/// Without controls, without doubled spaces, and no longer than [`MAX_CHARS`].
fn one_line(text: &str, how: Shorten) -> String {
    // A megabyte of caption costs no more than a line: take what could be seen at either end.
    let head: String = text.chars().take(MAX_CHARS).collect();
    let cut = if head.len() == text.len() {
        head
    } else if how == Shorten::Middle {
        let mut tail: Vec<char> = text.chars().rev().take(MAX_CHARS / 2).collect();
        tail.reverse();
        head.chars().take(MAX_CHARS / 2).chain(['…']).chain(tail).collect()
    } else {
        head
    };
    let visible: String = cut.chars().map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Marks that turn the direction of what follows, and the byte order mark: in a file name they only deceive.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
