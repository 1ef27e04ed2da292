//! What a photo is: its format, what its camera wrote, and what a person decided about it.

use serde::{Deserialize, Serialize};

use super::time::TakenAt;

/// File formats that Lightkeep catalogues, named as in `type:` searches and in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JPEG (ISO/IEC 10918).
    Jpeg,
    /// PNG (W3C).
    Png,
    /// TIFF 6.0, not one of the RAW formats that are built on it.
    Tiff,
    /// WebP.
    Webp,
    /// GIF; the first frame is the photo.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// HEIC, HEIF (ISO/IEC 23008-12).
    Heic,
    /// Adobe DNG.
    Dng,
    /// A camera maker's RAW format (CR2, CR3, NEF, ARW, RAF, RW2, ORF, PEF, SRW …).
    Raw,
}

impl Format {
    /// Every format, in the order shown to people.
    pub const ALL: [Self; 9] =
        [Self::Jpeg, Self::Png, Self::Tiff, Self::Webp, Self::Gif, Self::Bmp, Self::Heic, Self::Dng, Self::Raw];

    /// The lower-case name used in JSON, manifests and `type:`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Tiff => "tiff",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Heic => "heic",
            Self::Dng => "dng",
            Self::Raw => "raw",
        }
    }

    /// Reads a name from [`Format::name`] or a common alias (`jpg`, `tif`, `heif`), in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "jpg" | "jpe" => Some(Self::Jpeg),
            "tif" => Some(Self::Tiff),
            "heif" => Some(Self::Heic),
            _ => Self::ALL.into_iter().find(|format| format.name() == name),
        }
    }
}

/// How the stored pixels must be turned to stand upright: EXIF `Orientation`, values 1 to 8.
///
/// Source: TIFF 6.0, tag 274; EXIF 2.32 section 4.6.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Orientation {
    /// 1: as stored.
    #[default]
    Upright = 1,
    /// 2: mirrored left to right.
    FlipHorizontal = 2,
    /// 3: turned by 180°.
    Rotate180 = 3,
    /// 4: mirrored top to bottom.
    FlipVertical = 4,
    /// 5: mirrored along the main diagonal.
    Transpose = 5,
    /// 6: needs 90° clockwise.
    Rotate90 = 6,
    /// 7: mirrored along the other diagonal.
    Transverse = 7,
    /// 8: needs 90° counter-clockwise.
    Rotate270 = 8,
}

impl Orientation {
    /// Reads an EXIF value; anything outside 1 to 8 is no orientation.
    #[must_use]
    pub fn from_exif(value: u32) -> Option<Self> {
        Some(match value {
            1 => Self::Upright,
            2 => Self::FlipHorizontal,
            3 => Self::Rotate180,
            4 => Self::FlipVertical,
            5 => Self::Transpose,
            6 => Self::Rotate90,
            7 => Self::Transverse,
            8 => Self::Rotate270,
            _ => return None,
        })
    }

    /// Whether standing upright exchanges width and height.
    #[must_use]
    pub fn swaps_sides(self) -> bool {
        self as u8 >= 5
    }

    /// Width and height (px) upright, from those stored.
    #[must_use]
    pub fn upright(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.swaps_sides() { (height, width) } else { (width, height) }
    }
}

impl TryFrom<u8> for Orientation {
    type Error = String;
    fn try_from(value: u8) -> Result<Self, String> {
        Self::from_exif(u32::from(value)).ok_or_else(|| format!("not an orientation from 1 to 8: {value}"))
    }
}

impl From<Orientation> for u8 {
    fn from(orientation: Orientation) -> Self {
        orientation as Self
    }
}

/// A place on Earth, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gps {
    /// Degrees north, −90 to 90.
    pub latitude: f64,
    /// Degrees east, −180 to 180.
    pub longitude: f64,
    /// Metres above sea level, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub altitude_m: Option<f64>,
}

/// What is known of a file's picture from its bytes and its sidecar. Absent means that nobody wrote it.
///
/// This is what manifests carry, so that a library can be rebuilt without reading the originals again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// When the shutter opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<TakenAt>,
    /// Width in pixels, upright.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_px: Option<u32>,
    /// Height in pixels, upright.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height_px: Option<u32>,
    /// How the stored pixels must be turned.
    pub orientation: Orientation,
    /// Camera maker, trimmed: `Canon`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub make: Option<String>,
    /// Camera model, trimmed: `Canon EOS 70D`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Lens: `EF-S18-135mm f/3.5-5.6 IS STM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// Sensitivity, ISO 12232.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso: Option<u32>,
    /// Exposure time in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure_s: Option<f64>,
    /// Aperture as f-number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub f_number: Option<f64>,
    /// Focal length in millimetres, as it is on the lens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focal_length_mm: Option<f64>,
    /// Place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gps: Option<Gps>,
    /// Title (XMP `dc:title`, IPTC object name).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Caption (XMP `dc:description`, IPTC caption, EXIF `ImageDescription`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Keywords as written (XMP `dc:subject`, IPTC keywords), in order, without doubles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Rating that another program wrote (XMP `xmp:Rating`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// Whether a picture could be made from the bytes at all.
    pub has_picture: bool,
}

impl Metadata {
    /// The same, with the words that sidecars give filled in from elsewhere: identical files may lie in several
    /// places, and only one of them may have a sidecar beside it.
    #[must_use]
    pub fn with_words_of(mut self, other: &Self) -> Self {
        self.title = self.title.or_else(|| other.title.clone());
        self.caption = self.caption.or_else(|| other.caption.clone());
        self.rating = self.rating.or(other.rating);
        for keyword in &other.keywords {
            if !self.keywords.contains(keyword) {
                self.keywords.push(keyword.clone());
            }
        }
        self
    }

    /// One name for the camera: the model, with the maker in front where the model does not say it.
    #[must_use]
    pub fn camera(&self) -> Option<String> {
        let Some(model) = &self.model else { return self.make.clone() };
        let Some(make) = &self.make else { return Some(model.clone()) };
        let first = make.split_whitespace().next().unwrap_or_default().to_lowercase();
        if first.is_empty() || model.to_lowercase().starts_with(&first) {
            Some(model.clone())
        } else {
            Some(format!("{make} {model}"))
        }
    }
}

/// Stars, 0 to 5; 0 is "not rated".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Rating(u8);

impl Rating {
    /// A rating of 0 to 5 stars; `None` outside.
    #[must_use]
    pub fn new(stars: u8) -> Option<Self> {
        (stars <= 5).then_some(Self(stars))
    }

    /// Number of stars, 0 to 5.
    #[must_use]
    pub fn stars(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Rating {
    type Error = String;
    fn try_from(stars: u8) -> Result<Self, String> {
        Self::new(stars).ok_or_else(|| format!("not a rating from 0 to 5: {stars}"))
    }
}

impl From<Rating> for u8 {
    fn from(rating: Rating) -> Self {
        rating.0
    }
}

/// A photographer's first decision about a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flag {
    /// Not decided.
    #[default]
    None,
    /// To keep.
    Pick,
    /// Not to keep.
    Reject,
}

impl Flag {
    /// The name used in JSON and in the edit log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pick => "pick",
            Self::Reject => "reject",
        }
    }

    /// Reads a name from [`Flag::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Pick, Self::Reject].into_iter().find(|flag| flag.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_camera_says_its_maker_once() {
        let named = |make: &str, model: &str| {
            Metadata { make: Some(make.into()), model: Some(model.into()), ..Metadata::default() }.camera()
        };
        assert_eq!(named("Canon", "Canon EOS 70D").as_deref(), Some("Canon EOS 70D"));
        assert_eq!(named("NIKON CORPORATION", "NIKON D70").as_deref(), Some("NIKON D70"));
        assert_eq!(named("Apple", "iPhone 6s").as_deref(), Some("Apple iPhone 6s"));
        assert_eq!(Metadata::default().camera(), None);
    }

    #[test]
    fn five_to_eight_swap_the_sides() {
        for value in 1..=8 {
            let orientation = Orientation::from_exif(value).unwrap();
            let expected = if value >= 5 { (2, 3) } else { (3, 2) };
            assert_eq!(orientation.upright((3, 2)), expected);
        }
        assert_eq!(Orientation::from_exif(0), None);
        assert_eq!(Orientation::from_exif(9), None);
    }
}
