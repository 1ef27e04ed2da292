//! Self-describing media names (PWG 5101.1): `iso_a4_210x297mm`, `na_index-4x6_4x6in`, `custom_90x130mm_90x130mm`.

use super::{MM_PER_INCH, Paper};

/// The names of papers that have one in the standard, by our key.
const NAMES: [(&str, &str); 20] = [
    ("a2", "iso_a2_420x594mm"),
    ("a3", "iso_a3_297x420mm"),
    ("a4", "iso_a4_210x297mm"),
    ("a5", "iso_a5_148x210mm"),
    ("a6", "iso_a6_105x148mm"),
    ("letter", "na_letter_8.5x11in"),
    ("legal", "na_legal_8.5x14in"),
    ("tabloid", "na_ledger_11x17in"),
    ("10x15cm", "om_small-photo_100x150mm"),
    ("13x18cm", "om_medium-photo_130x180mm"),
    ("20x30cm", "om_large-photo_200x300mm"),
    ("30x40cm", "om_photo-30x40_300x400mm"),
    ("3.5x5in", "oe_photo-l_3.5x5in"),
    ("4x6in", "na_index-4x6_4x6in"),
    ("5x7in", "na_5x7_5x7in"),
    ("8x10in", "na_govt-letter_8x10in"),
    // Not in the standard: named so that a person who reads a job's attributes knows them.
    ("a3+", "custom_a3plus_329x483mm"),
    ("9x13cm", "custom_9x13cm_90x130mm"),
    ("10x10cm", "custom_10x10cm_100x100mm"),
    ("13x13cm", "custom_13x13cm_130x130mm"),
];

/// Classes of names whose sizes are in millimetres.
const METRIC: [&str; 6] = ["iso", "jis", "jpn", "om", "prc", "roc"];

impl Paper {
    /// Reads a self-describing name. Its size counts, whatever the name before it says; a suffix such as `.borderless`
    /// is no part of the size.
    ///
    /// `None` for what is no such name, for discs, and for `custom_min_…` and `custom_max_…`, which are ranges.
    #[must_use]
    pub fn from_pwg(name: &str) -> Option<Self> {
        // The longest IPP keyword is 255 octets (RFC 8011, 5.1.4).
        if name.len() > 255 || !name.is_ascii() {
            return None;
        }
        let name = name.trim().to_ascii_lowercase();
        // In `8.5x11in` a digit follows the point.
        let suffix = name.rsplit_once('.').filter(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        let name = suffix.map_or(name.as_str(), |(before, _)| before);
        let (described, size) = name.rsplit_once('_')?;
        let (class, described) = described.split_once('_')?;
        let is_range = described.starts_with("min") || described.starts_with("max");
        if class == "disc" || described.is_empty() || (class == "custom" && is_range) {
            return None;
        }
        let (size, unit) = match (size.strip_suffix("mm"), size.strip_suffix("in")) {
            (Some(size), _) => (size, 1.0),
            (_, Some(size)) => (size, MM_PER_INCH),
            // CUPS says `om_large-photo_200x300`.
            _ if METRIC.contains(&class) => (size, 1.0),
            _ => return None,
        };
        let (width, height) = size.split_once('x')?;
        let side = |text: &str| {
            let sane = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            text.parse::<f64>().ok().filter(|_| sane).map(|side| side * unit)
        };
        Self::custom(side(width)?, side(height)?).ok().map(Self::named_if_known)
    }

    /// Its self-describing name; sizes that have none become `custom_`, to the hundredth of a millimetre, which is
    /// IPP's unit.
    #[must_use]
    pub fn pwg_name(&self) -> String {
        let known = NAMES.iter().find(|(key, _)| self.name == Some(*key));
        known.map_or_else(
            || {
                let hundredth = |mm: f64| (mm * 100.0).round() / 100.0;
                let size = format!("{}x{}mm", hundredth(self.width_mm), hundredth(self.height_mm));
                format!("custom_{size}_{size}")
            },
            |(_, name)| (*name).to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn printers_names_are_read() {
        let key = |name: &str| Paper::from_pwg(name).map(|paper| paper.key());
        for (name, expected) in [
            ("iso_a4_210x297mm", "a4"),
            ("iso_a4_210x297mm.borderless", "a4"),
            ("ISO_A4_210x297mm.Borderless", "a4"),
            ("na_letter_8.5x11in", "letter"),
            ("na_letter_8.5x11in.fullbleed", "letter"),
            ("na_index-4x6_4x6in", "4x6in"),
            ("oe_photo-l_3.5x5in", "3.5x5in"),
            ("jpn_photo-2l_127x177.8mm", "5x7in"),
            ("om_small-photo_100x150mm", "10x15cm"),
            ("om_large-photo_200x300", "20x30cm"),
            ("oe_square-photo_5x5in", "127x127mm"),
            ("custom_panorama_210x594mm", "210x594mm"),
            ("custom_4x6in_4x6in", "4x6in"),
            ("na_super-b_13x19in", "330.2x482.59999999999997mm"),
        ] {
            assert_eq!(key(name).as_deref(), Some(expected), "{name}");
        }
        for wrong in [
            "",
            "a4",
            "_",
            "__",
            "iso_a4",
            "na_letter_8.5x11",
            "iso_a4_210mm",
            "iso_a4_-210x297mm",
            "iso_a4_nanxinfmm",
            "iso_a4_1e2x1e2mm",
            "custom_min_50x50mm",
            "custom_max_8.5x14in",
            "custom_max-tray_8.5x14in",
            "disc_standard_40x118mm",
            "om_stamp_2x2mm",
            "roll_long_100x99999mm",
            "iso_ä4_210x297mm",
        ] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
        assert_eq!(key(&format!("iso_{}_210x297mm", "x".repeat(300))), None);
    }

    #[test]
    fn every_named_paper_reads_back() {
        for paper in Paper::all() {
            let name = paper.pwg_name();
            assert_eq!(Paper::from_pwg(&name), Some(paper), "{name}");
            assert_eq!(Paper::from_pwg(&format!("{name}.borderless")), Some(paper), "{name}");
        }
        assert!(NAMES.iter().all(|(key, _)| Paper::from_name(key).is_ok_and(|paper| paper.key() == *key)));
    }

    proptest! {
        #[test]
        fn custom_papers_read_back_to_the_hundredth(width in 20.0..3000.0, height in 20.0..3000.0) {
            let paper = Paper::custom(width, height).unwrap();
            let back = Paper::from_pwg(&paper.pwg_name()).unwrap();
            prop_assert!((back.width_mm() - width).abs() <= 0.005 + 1e-9);
            prop_assert!((back.height_mm() - height).abs() <= 0.005 + 1e-9);
        }

        #[test]
        fn any_name_ends(name in "\\PC{0,60}|[a-z]{0,6}_[a-z0-9.-]{0,8}_[0-9.x]{0,12}(mm|in)?") {
            if let Some(paper) = Paper::from_pwg(&name) {
                prop_assert!(paper.width_mm() >= 20.0 && paper.height_mm() <= 3000.0);
            }
        }
    }
}
