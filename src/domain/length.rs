//! Lengths as people type and read them: millimetres, centimetres and inches.

use super::paper::{MM_PER_INCH, region_of};

/// A unit of length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LengthUnit {
    /// Millimetres.
    Mm,
    /// Centimetres.
    Cm,
    /// Inches of exactly 25.4 mm.
    Inch,
}

/// Why a text is no length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LengthError {
    /// Nobody can read it.
    #[error("not a length: type a number such as 10 mm, 3.5 cm or 1/2 in: {0}")]
    Unknown(String),
    /// Below zero, or more than [`MAX_LENGTH_MM`].
    #[error("length not possible: give 0 to 10,000 mm: {0}")]
    Range(String),
}

/// The longest length that is read, in mm.
pub const MAX_LENGTH_MM: f64 = 10_000.0;

/// Names and signs of units; longer ones first where one ends with another.
const SUFFIXES: [(&str, LengthUnit); 15] = [
    ("millimetres", LengthUnit::Mm),
    ("millimeters", LengthUnit::Mm),
    ("mm", LengthUnit::Mm),
    ("centimetres", LengthUnit::Cm),
    ("centimeters", LengthUnit::Cm),
    ("cm", LengthUnit::Cm),
    ("inches", LengthUnit::Inch),
    ("inch", LengthUnit::Inch),
    ("in.", LengthUnit::Inch),
    ("in", LengthUnit::Inch),
    ("\"", LengthUnit::Inch),
    ("″", LengthUnit::Inch),
    ("”", LengthUnit::Inch),
    ("''", LengthUnit::Inch),
    ("′′", LengthUnit::Inch),
];

/// Fractions that have a letter of their own.
const FRACTIONS: [(char, f64); 9] = [
    ('½', 0.5),
    ('¼', 0.25),
    ('¾', 0.75),
    ('⅛', 0.125),
    ('⅜', 0.375),
    ('⅝', 0.625),
    ('⅞', 0.875),
    ('⅓', 1.0 / 3.0),
    ('⅔', 2.0 / 3.0),
];

impl LengthUnit {
    /// The unit that people of a region measure paper in, by its ISO 3166 code or a locale.
    ///
    /// Inches where Unicode CLDR's measurement system is the US one, else millimetres.
    #[must_use]
    pub fn for_region(locale: &str) -> Self {
        const INCHES: [&str; 3] = ["LR", "MM", "US"];
        match region_of(locale) {
            Some(region) if INCHES.contains(&region.as_str()) => Self::Inch,
            _ => Self::Mm,
        }
    }

    /// The sign after the number.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Mm => "mm",
            Self::Cm => "cm",
            Self::Inch => "in",
        }
    }

    /// Millimetres of one.
    #[must_use]
    pub fn mm(self) -> f64 {
        match self {
            Self::Mm => 1.0,
            Self::Cm => 10.0,
            Self::Inch => MM_PER_INCH,
        }
    }

    /// Digits after the point that are usual: a tenth of a millimetre, and a thousandth of an inch.
    #[must_use]
    pub fn digits(self) -> usize {
        match self {
            Self::Mm => 1,
            Self::Cm => 2,
            Self::Inch => 3,
        }
    }

    /// What one step of a field or a key changes, in mm.
    #[must_use]
    pub fn step_mm(self) -> f64 {
        match self {
            Self::Mm | Self::Cm => 1.0,
            Self::Inch => MM_PER_INCH / 16.0,
        }
    }

    /// A length in mm as people read it: `12.5 mm`, `3.5 in`; without zeros that say nothing.
    #[must_use]
    pub fn format(self, mm: f64) -> String {
        format!("{} {}", number(mm / self.mm(), self.digits()), self.sign())
    }

    /// As [`LengthUnit::format`], with as many digits as [`parse_mm`] needs to give the same length, to 1e-9 mm.
    #[must_use]
    pub fn format_exact(self, mm: f64) -> String {
        let digits = (self.digits()..12).find(|&digits| {
            let read = number(mm / self.mm(), digits).parse::<f64>().map(|value| value * self.mm());
            read.is_ok_and(|read| (read - mm).abs() <= 1e-9)
        });
        format!("{} {}", number(mm / self.mm(), digits.unwrap_or(12)), self.sign())
    }
}

fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    // A minus before nothing is nothing.
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Reads a length, in mm: `10`, `3.5 in`, `3,5cm`, `1/2"`, `2 ¾ in`; `unit` where none is written.
///
/// # Errors
/// Where the text is no length, or one that no paper has.
pub fn parse_mm(text: &str, unit: LengthUnit) -> Result<f64, LengthError> {
    // An error repeats the text, so that must be short whatever was typed.
    let shown = || text.trim().chars().take(40).collect::<String>();
    let plain: String = text.trim().chars().take(60).flat_map(char::to_lowercase).collect();
    let suffix = SUFFIXES.iter().find_map(|&(suffix, unit)| Some((plain.strip_suffix(suffix)?, unit)));
    let (digits, unit) = suffix.unwrap_or((&plain, unit));
    let value = value(digits.trim()).ok_or_else(|| LengthError::Unknown(shown()))?;
    let mm = value * unit.mm();
    if (0.0..=MAX_LENGTH_MM).contains(&mm) { Ok(mm) } else { Err(LengthError::Range(shown())) }
}

/// A number, a fraction, or both: `3.5`, `3,5`, `1/2`, `3 1/2`, `3-1/2`, `3½`.
fn value(text: &str) -> Option<f64> {
    if let Some((last, part)) = text
        .chars()
        .last()
        .and_then(|last| FRACTIONS.iter().find(|(letter, _)| *letter == last).map(|(_, part)| (last, *part)))
    {
        let whole = text.strip_suffix(last)?.trim();
        return if whole.is_empty() { Some(part) } else { Some(natural(whole)? + part) };
    }
    let Some((over, under)) = text.split_once(['/', '⁄']) else { return decimal(text) };
    let (whole, over) = match over.trim().rsplit_once([' ', '-', '\u{a0}']) {
        Some((whole, over)) => (natural(whole.trim())?, over),
        None => (0.0, over),
    };
    let under = natural(under.trim())?;
    (under > 0.0).then_some(())?;
    Some(whole + natural(over.trim())? / under)
}

fn natural(text: &str) -> Option<f64> {
    let sane = !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    if sane { text.parse().ok() } else { None }
}

/// A number with a point or a comma; `1,000.5` and `1e3` are none, since they would be guesses.
fn decimal(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+', '−']).unwrap_or(text);
    let sane = unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',')
        && unsigned.bytes().filter(|byte| !byte.is_ascii_digit()).count() <= 1
        && unsigned.bytes().any(|byte| byte.is_ascii_digit());
    sane.then(|| text.replace('−', "-").replace(',', ".").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_read_as_people_type_them() {
        for (text, mm) in [
            ("10", 10.0),
            ("10 mm", 10.0),
            ("3,5cm", 35.0),
            ("3.5 in", 88.9),
            ("1/2\"", 12.7),
            ("3 1/2 inches", 88.9),
            ("3-1/2in", 88.9),
            ("2 ¾ in", 69.85),
            ("½″", 12.7),
            (" .5 CM ", 5.0),
            ("0", 0.0),
            ("8.5 in.", 215.9),
        ] {
            let read = parse_mm(text, LengthUnit::Mm).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!((read - mm).abs() < 1e-9, "{text}: {read}");
        }
        assert_eq!(parse_mm("10", LengthUnit::Cm), Ok(100.0));
        assert_eq!(parse_mm("2", LengthUnit::Inch), Ok(50.8));
    }

    #[test]
    fn no_length_is_an_error_with_a_way_out() {
        for text in ["", "mm", "ten", "1/0 in", "1e3", "1,000.5", "NaN", "inf", "3 3", "1/2/3", "٣", "--1"] {
            assert!(matches!(parse_mm(text, LengthUnit::Mm), Err(LengthError::Unknown(_))), "{text}");
        }
        for text in ["-1", "−1 mm", "99999 in", "10001"] {
            assert!(matches!(parse_mm(text, LengthUnit::Mm), Err(LengthError::Range(_))), "{text}");
        }
        assert!(parse_mm(&"9".repeat(100_000), LengthUnit::Mm).unwrap_err().to_string().len() < 150);
    }

    #[test]
    fn lengths_are_written_with_the_usual_digits() {
        assert_eq!(LengthUnit::Mm.format(12.0), "12 mm");
        assert_eq!(LengthUnit::Mm.format(12.54), "12.5 mm");
        assert_eq!(LengthUnit::Cm.format(105.5), "10.55 cm");
        assert_eq!(LengthUnit::Inch.format(88.9), "3.5 in");
        assert_eq!(LengthUnit::Inch.format(100.0), "3.937 in");
        assert_eq!(LengthUnit::Mm.format(-0.01), "0 mm");
        assert_eq!(LengthUnit::Mm.format(100.0), "100 mm");
        assert_eq!(LengthUnit::Inch.format_exact(100.0), "3.937007874 in");
    }

    #[test]
    fn regions_measure_as_they_are_used_to() {
        assert_eq!(LengthUnit::for_region("en_US.UTF-8"), LengthUnit::Inch);
        for locale in ["en_GB", "de_DE.UTF-8", "en-CA", "C", ""] {
            assert_eq!(LengthUnit::for_region(locale), LengthUnit::Mm, "{locale}");
        }
    }

    proptest! {
        #[test]
        fn every_length_reads_back(mm in 0.0..MAX_LENGTH_MM) {
            for unit in [LengthUnit::Mm, LengthUnit::Cm, LengthUnit::Inch] {
                let exact = parse_mm(&unit.format_exact(mm), LengthUnit::Mm).unwrap();
                prop_assert!((exact - mm).abs() <= 1e-9, "{mm} {exact}");
                // What is shown is stable: reading and showing it again changes nothing.
                let shown = unit.format(mm);
                prop_assert_eq!(unit.format(parse_mm(&shown, LengthUnit::Mm).unwrap()), shown);
            }
        }

        #[test]
        fn any_text_ends_as_a_length_or_an_error(text in "\\PC{0,30}|[0-9./, ½¼a-z\"-]{0,12}") {
            if let Ok(mm) = parse_mm(&text, LengthUnit::Inch) {
                prop_assert!((0.0..=MAX_LENGTH_MM).contains(&mm));
            }
        }
    }
}
