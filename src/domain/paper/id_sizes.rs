//! Sizes of photos for passports, visas and cards, each with the authority that asks for it.
//!
//! Rules change: people should check with that authority before they hand a photo in.

use super::MM_PER_INCH;
use crate::domain::layout::PrintSize;

/// A size that an authority asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IdSize {
    /// The name in commands and files: `35x45mm`.
    pub key: &'static str,
    /// For people.
    pub label: &'static str,
    /// Width in mm.
    pub width_mm: f64,
    /// Height in mm.
    pub height_mm: f64,
    /// Who asks for it.
    pub source: &'static str,
}

const fn mm(key: &'static str, label: &'static str, size_mm: (f64, f64), source: &'static str) -> IdSize {
    IdSize { key, label, width_mm: size_mm.0, height_mm: size_mm.1, source }
}

/// Every size, the most used first.
pub static ID_SIZES: [IdSize; 9] = [
    mm(
        "35x45mm",
        "35×45 mm – EU, UK and most passports",
        (35.0, 45.0),
        "ICAO Doc 9303 with ISO/IEC 19794-5; HM Passport Office (gov.uk/photos-for-passports); EU visas, Regulation \
         (EC) 810/2009 with ICAO's standards",
    ),
    mm(
        "2x2in",
        "2×2 in – US passport and visa, India",
        (2.0 * MM_PER_INCH, 2.0 * MM_PER_INCH),
        "US Department of State (travel.state.gov, passport photos); Passport Seva, India, for applications abroad",
    ),
    mm(
        "33x48mm",
        "33×48 mm – China",
        (33.0, 48.0),
        "Chinese Visa Application Service Centre; National Immigration Administration",
    ),
    mm(
        "50x70mm",
        "50×70 mm – Canada passport",
        (50.0, 70.0),
        "Immigration, Refugees and Citizenship Canada (canada.ca, passport photos)",
    ),
    mm("35x50mm", "35×50 mm – Malaysia", (35.0, 50.0), "Immigration Department of Malaysia"),
    mm(
        "40x60mm",
        "40×60 mm – Kuwait, Vietnam",
        (40.0, 60.0),
        "Ministry of Interior of Kuwait, passport photos 4 × 6 cm; Vietnam Immigration Department",
    ),
    mm(
        "30x40mm",
        "30×40 mm – Japan residence card",
        (30.0, 40.0),
        "Immigration Services Agency of Japan, photo requirements",
    ),
    mm(
        "24x30mm",
        "24×30 mm – Japan driving licence",
        (24.0, 30.0),
        "National Police Agency of Japan, Road Traffic Act enforcement rules",
    ),
    mm(
        "26x32mm",
        "26×32 mm – Spain identity card",
        (26.0, 32.0),
        "Policía Nacional, Royal Decree 1553/2005 (dnielectronico.es)",
    ),
];

impl IdSize {
    /// The size by its key, in any case.
    #[must_use]
    pub fn from_key(key: &str) -> Option<&'static Self> {
        ID_SIZES.iter().find(|size| size.key.eq_ignore_ascii_case(key.trim()))
    }

    /// As a size on paper.
    #[must_use]
    pub fn print_size(&self) -> PrintSize {
        PrintSize::new(self.width_mm, self.height_mm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_upright_and_found_by_its_key() {
        for size in &ID_SIZES {
            assert!(size.width_mm <= size.height_mm, "{}", size.key);
            assert_eq!(IdSize::from_key(size.key), Some(size));
            assert!(!size.source.is_empty());
        }
        assert_eq!(IdSize::from_key("2X2IN").unwrap().width_mm, 50.8);
        assert_eq!(IdSize::from_key("passport"), None);
    }
}
