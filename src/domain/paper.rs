//! Papers: their names, and their exact sizes in millimetres and in PDF points.
//!
//! A paper named in centimetres is exactly that size, a paper named in inches exactly that one: 10×15 cm is
//! 100 by 150 mm and 4×6 in is 101.6 by 152.4 mm, although shops sell both under both names.
//! Sources: ISO 216 (A series), ANSI/ASME Y14.1 (Letter, Legal, Tabloid), PWG 5101.1 (photo sizes).

mod id_sizes;
mod pwg;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use id_sizes::{ID_SIZES, IdSize};

/// Millimetres of one inch, exact by definition.
pub const MM_PER_INCH: f64 = 25.4;
/// Points of one inch in PDF (ISO 32000-1, 8.3.2.3).
pub const POINTS_PER_INCH: f64 = 72.0;
/// The shortest side that a paper may have, in mm: smaller ones are typing errors.
pub const MIN_SIDE_MM: f64 = 20.0;
/// The longest side that a paper may have, in mm: more than any roll printer's sheet, less than PDF's 5,080 mm.
pub const MAX_SIDE_MM: f64 = 3000.0;

/// Millimetres as PDF points.
#[must_use]
pub fn points(mm: f64) -> f64 {
    mm / MM_PER_INCH * POINTS_PER_INCH
}

/// PDF points as millimetres.
#[must_use]
pub fn mm_from_points(points: f64) -> f64 {
    points / POINTS_PER_INCH * MM_PER_INCH
}

/// A paper that has a name: the key used in commands and files, the name shown to people, the portrait size in mm.
struct Named {
    key: &'static str,
    label: &'static str,
    size_mm: (f64, f64),
    aliases: &'static [&'static str],
}

const fn cm(key: &'static str, label: &'static str, width: f64, height: f64) -> Named {
    Named { key, label, size_mm: (width * 10.0, height * 10.0), aliases: &[] }
}

const fn inch(
    key: &'static str,
    label: &'static str,
    width: f64,
    height: f64,
    aliases: &'static [&'static str],
) -> Named {
    Named { key, label, size_mm: (width * MM_PER_INCH, height * MM_PER_INCH), aliases }
}

const fn mm(
    key: &'static str,
    label: &'static str,
    width: f64,
    height: f64,
    aliases: &'static [&'static str],
) -> Named {
    Named { key, label, size_mm: (width, height), aliases }
}

/// Every named paper, in the order shown to people: the everyday ones first.
static NAMED: [Named; 23] = [
    mm("a4", "A4", 210.0, 297.0, &["isoa4"]),
    mm("a3", "A3", 297.0, 420.0, &["isoa3"]),
    mm("a3+", "A3+", 329.0, 483.0, &["a3plus", "superb", "13x19in", "13x19"]),
    mm("a5", "A5", 148.0, 210.0, &["isoa5"]),
    mm("a6", "A6", 105.0, 148.0, &["isoa6"]),
    mm("a2", "A2", 420.0, 594.0, &["isoa2"]),
    inch("letter", "Letter", 8.5, 11.0, &["usletter", "8.5x11", "8.5x11in"]),
    inch("legal", "Legal", 8.5, 14.0, &["uslegal", "8.5x14", "8.5x14in"]),
    inch("tabloid", "Tabloid", 11.0, 17.0, &["ledger", "11x17", "11x17in"]),
    cm("9x13cm", "9×13 cm", 9.0, 13.0),
    cm("10x15cm", "10×15 cm", 10.0, 15.0),
    cm("13x18cm", "13×18 cm", 13.0, 18.0),
    cm("15x20cm", "15×20 cm", 15.0, 20.0),
    cm("15x21cm", "15×21 cm", 15.0, 21.0),
    cm("20x25cm", "20×25 cm", 20.0, 25.0),
    cm("20x30cm", "20×30 cm", 20.0, 30.0),
    cm("30x40cm", "30×40 cm", 30.0, 40.0),
    cm("10x10cm", "10×10 cm", 10.0, 10.0),
    cm("13x13cm", "13×13 cm", 13.0, 13.0),
    inch("3.5x5in", "3.5×5 in", 3.5, 5.0, &["3.5x5"]),
    inch("4x6in", "4×6 in", 4.0, 6.0, &["4x6"]),
    inch("5x7in", "5×7 in", 5.0, 7.0, &["5x7"]),
    inch("8x10in", "8×10 in", 8.0, 10.0, &["8x10"]),
];

/// Why something is no paper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// Neither a name nor a size.
    #[error("unknown paper: use a name such as A4, Letter, 10x15, 4x6 or a size such as 210x300mm: {0}")]
    Unknown(String),
    /// A size without a unit that no named paper has.
    #[error("paper size without a unit: add mm, cm or in: {0}")]
    NoUnit(String),
    /// A side that no paper has.
    #[error("paper size not possible: each side must be from 20 to 3000 mm: {0}")]
    Size(String),
}

/// A sheet of paper as it is sold, upright; custom papers keep the order of their sides as given.
///
/// Written in files and commands as its [`key`](Paper::key).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(into = "String")]
pub struct Paper {
    name: Option<&'static str>,
    width_mm: f64,
    height_mm: f64,
}

impl Paper {
    /// A4, 210 by 297 mm.
    pub const A4: Self = Self { name: Some("a4"), width_mm: 210.0, height_mm: 297.0 };
    /// US Letter, 8.5 by 11 in.
    pub const LETTER: Self = Self { name: Some("letter"), width_mm: 8.5 * MM_PER_INCH, height_mm: 11.0 * MM_PER_INCH };

    /// Every named paper, in the order shown to people.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMED.iter().map(Self::of)
    }

    /// A paper of any size, in mm; each side from [`MIN_SIDE_MM`] to [`MAX_SIDE_MM`].
    pub fn custom(width_mm: f64, height_mm: f64) -> Result<Self, PaperError> {
        let sane = |side: f64| side.is_finite() && (MIN_SIDE_MM..=MAX_SIDE_MM).contains(&side);
        if sane(width_mm) && sane(height_mm) {
            Ok(Self { name: None, width_mm, height_mm })
        } else {
            Err(PaperError::Size(format!("{width_mm}x{height_mm}mm")))
        }
    }

    /// Reads a name or a size, forgiving case, spaces, `×` or `*` for `x`, and a decimal comma:
    /// `a4`, `US Letter`, `10×15 cm`, `10x15`, `4x6`, `5"x7"`, `210x300mm`, `21 x 30 cm`, `8.5x11in`.
    pub fn from_name(text: &str) -> Result<Self, PaperError> {
        // An error repeats the text, so that must be short whatever was typed or read.
        let shown = || text.trim().chars().take(60).collect::<String>();
        let plain = normalized(text);
        let found = NAMED.iter().find(|named| {
            named.key == plain
                || named.aliases.contains(&plain.as_str())
                || (named.key.strip_suffix("cm")).is_some_and(|bare| bare == plain)
        });
        if let Some(named) = found {
            return Ok(Self::of(named));
        }
        let units = [("mm", 1.0), ("cm", 10.0), ("inches", MM_PER_INCH), ("inch", MM_PER_INCH), ("in", MM_PER_INCH)];
        let unit = units.iter().find_map(|&(name, factor)| plain.strip_suffix(name).map(|rest| (rest, factor)));
        let (sides, factor) = match unit {
            Some((rest, factor)) => (rest, Some(factor)),
            None => (plain.as_str(), None),
        };
        let side = |text: &str| text.parse::<f64>().ok().filter(|side| side.is_finite());
        // `4inx6in` and `100mmx150mm` name the unit twice.
        let repeated = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).to_owned();
        let parsed = sides.split_once('x').and_then(|(width, height)| Some((side(&repeated(width))?, side(height)?)));
        match (parsed, factor) {
            (None, _) => Err(PaperError::Unknown(shown())),
            (Some(_), None) => Err(PaperError::NoUnit(shown())),
            (Some((width, height)), Some(factor)) => {
                let paper = Self::custom(width * factor, height * factor).map_err(|_| PaperError::Size(shown()))?;
                Ok(paper.named_if_known())
            }
        }
    }

    /// The paper that people in a region buy, by its ISO 3166 code (`US`) or a locale (`en_US.UTF-8`, `es-MX`).
    ///
    /// Letter in the countries that Unicode CLDR lists for it (`paperSize/US-Letter`), A4 everywhere else.
    #[must_use]
    pub fn default_for_region(locale: &str) -> Self {
        const LETTER: [&str; 14] = ["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"];
        match region_of(locale) {
            Some(region) if LETTER.contains(&region.as_str()) => Self::LETTER,
            _ => Self::A4,
        }
    }

    /// Width of the upright sheet in mm.
    #[must_use]
    pub fn width_mm(&self) -> f64 {
        self.width_mm
    }

    /// Height of the upright sheet in mm.
    #[must_use]
    pub fn height_mm(&self) -> f64 {
        self.height_mm
    }

    /// Width and height in PDF points (1/72 in), not rounded.
    #[must_use]
    pub fn size_pt(&self) -> (f64, f64) {
        (points(self.width_mm), points(self.height_mm))
    }

    /// The name used in commands and files, which [`Paper::from_name`] reads back exactly: `a4`, `10x15cm`, `210x300mm`.
    #[must_use]
    pub fn key(&self) -> String {
        match self.name {
            Some(key) => key.to_owned(),
            None => format!("{}x{}mm", self.width_mm, self.height_mm),
        }
    }

    /// The name shown to people: `A4`, `10×15 cm`, `210×300 mm`.
    #[must_use]
    pub fn label(&self) -> String {
        match NAMED.iter().find(|named| Some(named.key) == self.name) {
            Some(named) => named.label.to_owned(),
            None => format!("{}×{} mm", self.width_mm, self.height_mm),
        }
    }

    fn of(named: &Named) -> Self {
        Self { name: Some(named.key), width_mm: named.size_mm.0, height_mm: named.size_mm.1 }
    }

    /// The named paper of exactly this size, so that `210x297mm` is A4.
    fn named_if_known(self) -> Self {
        let same = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let named =
            NAMED.iter().find(|named| same(named.size_mm.0, self.width_mm) && same(named.size_mm.1, self.height_mm));
        named.map_or(self, Self::of)
    }
}

/// The region of a locale (`en_US.UTF-8`, `es-MX`) or of its own code (`US`), in capitals.
pub(super) fn region_of(locale: &str) -> Option<String> {
    let tag = locale.split(['.', '@']).next().unwrap_or_default();
    let region = tag.split(['-', '_']).rfind(|part| part.len() == 2)?;
    // "ca" alone is the language Catalan, "CA" alone the country: a language alone names no region.
    let is_region = tag.len() > 2 || region.chars().all(|c| c.is_ascii_uppercase());
    is_region.then(|| region.to_ascii_uppercase())
}

/// Lower case, without spaces, with one way to write "by", inches and the decimal point.
fn normalized(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars().take(60).flat_map(char::to_lowercase) {
        match c {
            '×' | '*' | '✕' => plain.push('x'),
            ',' => plain.push('.'),
            '"' | '″' | '”' => plain.push_str("in"),
            c if c.is_whitespace() || c == '_' => {}
            c => plain.push(c),
        }
    }
    plain
}

impl fmt::Display for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())
    }
}

// By hand, because the derived one would borrow the name from its input.
impl<'de> Deserialize<'de> for Paper {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        Self::from_name(&key).map_err(serde::de::Error::custom)
    }
}

impl From<Paper> for String {
    fn from(paper: Paper) -> Self {
        paper.key()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn size(name: &str) -> (f64, f64) {
        let paper = Paper::from_name(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        (paper.width_mm(), paper.height_mm())
    }

    #[test]
    fn names_are_read_as_people_write_them() {
        for name in ["a4", " A4 ", "ISO A4", "210x297mm", "21×29.7 cm", "21 x 29,7cm"] {
            assert_eq!(Paper::from_name(name).unwrap(), Paper::A4, "{name}");
        }
        for name in ["letter", "US Letter", "8.5x11", "8,5 × 11 in", "8.5\"x11\""] {
            assert_eq!(Paper::from_name(name).unwrap(), Paper::LETTER, "{name}");
        }
        for name in ["10x15", "10×15 cm", "10X15CM", "100x150mm"] {
            assert_eq!(size(name), (100.0, 150.0), "{name}");
        }
        assert_eq!(size("13x18"), (130.0, 180.0));
        assert_eq!(size("4x6"), (4.0 * 25.4, 6.0 * 25.4));
        assert_eq!(size("5\" × 7\""), (5.0 * 25.4, 7.0 * 25.4));
        assert_eq!(size("150x100mm"), (150.0, 100.0));
        assert_eq!(Paper::from_name("210x300mm").unwrap().label(), "210×300 mm");
    }

    #[test]
    fn no_paper_is_an_error_with_a_way_out() {
        let error = |name: &str| Paper::from_name(name).unwrap_err();
        assert!(matches!(error("0x0mm"), PaperError::Size(_)));
        assert!(matches!(error("10x10m"), PaperError::Unknown(_)));
        assert!(matches!(error("1000x1000cm"), PaperError::Size(_)));
        assert!(matches!(error("-100x150mm"), PaperError::Size(_)));
        assert!(matches!(error("nanxinfmm"), PaperError::Unknown(_)));
        assert!(matches!(error("1e400x100mm"), PaperError::Unknown(_)));
        assert!(matches!(error("210x300"), PaperError::NoUnit(_)));
        assert!(matches!(error(""), PaperError::Unknown(_)));
        assert!(error(&"x".repeat(100_000)).to_string().len() < 300);
        assert!(Paper::custom(f64::NAN, 100.0).is_err());
    }

    #[test]
    fn points_are_exact() {
        assert_eq!(Paper::LETTER.size_pt(), (612.0, 792.0));
        let (width, height) = Paper::A4.size_pt();
        assert!((width - 595.275_590_551).abs() < 1e-6 && (height - 841.889_763_78).abs() < 1e-6);
        assert!((mm_from_points(points(123.4)) - 123.4).abs() < 1e-12);
    }

    #[test]
    fn every_named_paper_reads_back_and_none_hides_another() {
        for paper in Paper::all() {
            assert_eq!(Paper::from_name(&paper.key()).unwrap(), paper);
            assert_eq!(Paper::from_name(&paper.label()).unwrap(), paper);
            assert!(paper.width_mm() <= paper.height_mm(), "{paper} is not upright");
            assert!(Paper::custom(paper.width_mm(), paper.height_mm()).is_ok());
        }
        assert_eq!(Paper::all().find(|paper| *paper == Paper::A4), Some(Paper::A4));
        assert_eq!(Paper::all().find(|paper| *paper == Paper::LETTER), Some(Paper::LETTER));
    }

    #[test]
    fn regions_choose_what_their_shops_sell() {
        for locale in ["US", "en_US.UTF-8", "en-US", "fr-CA", "es_MX", "fil-PH", "es-CL", "zh-Hant-US"] {
            assert_eq!(Paper::default_for_region(locale), Paper::LETTER, "{locale}");
        }
        for locale in ["DE", "de_DE.UTF-8@euro", "en-GB", "ca", "ca_ES", "C", "", "POSIX", "ja"] {
            assert_eq!(Paper::default_for_region(locale), Paper::A4, "{locale}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends_as_a_paper_or_an_error(text in "\\PC{0,80}") {
            if let Ok(paper) = Paper::from_name(&text) {
                prop_assert_eq!(Paper::from_name(&paper.key()).unwrap(), paper);
            }
        }

        #[test]
        fn custom_papers_read_back(width in MIN_SIDE_MM..MAX_SIDE_MM, height in MIN_SIDE_MM..MAX_SIDE_MM) {
            let paper = Paper::custom(width, height).unwrap();
            let json = serde_json::to_string(&paper).unwrap();
            let back: Paper = serde_json::from_str(&json).unwrap();
            prop_assert_eq!((back.width_mm(), back.height_mm()), (width, height));
        }
    }
}
