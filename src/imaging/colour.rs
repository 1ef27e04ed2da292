//! From a file's own colours to sRGB.

use std::panic::{AssertUnwindSafe, catch_unwind};

use moxcms::{ColorProfile, DataColorSpace, Layout as Samples, TransformOptions};

use super::pixels::Pixels;
use super::raster::{Layout, Raster};

/// Profiles above this size are not looked at: real ones end at some 2 MB.
const MAX_PROFILE_BYTES: usize = 8 << 20;

/// What a file says about its colours.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Colours {
    /// Nothing, or sRGB.
    Srgb,
    /// Adobe RGB (1998), said by EXIF alone (`InteroperabilityIndex` R03).
    AdobeRgb,
    /// An ICC profile.
    Icc(Vec<u8>),
}

impl Colours {
    /// From an embedded profile and, without one, from EXIF.
    pub(super) fn new(icc: Option<Vec<u8>>, is_adobe_rgb: bool) -> Self {
        match icc {
            Some(icc) if icc.len() <= MAX_PROFILE_BYTES && !is_srgb(&icc) => Self::Icc(icc),
            None if is_adobe_rgb => Self::AdobeRgb,
            _ => Self::Srgb,
        }
    }
}

/// The one profile that most files with a profile have; its conversion would change nothing.
fn is_srgb(icc: &[u8]) -> bool {
    icc.get(16..20) == Some(b"RGB ") && memchr::memmem::find(icc, b"sRGB IEC61966-2.1").is_some()
}

/// Converts to sRGB. A profile that is damaged or of another kind than the samples is passed over: colours that are
/// a little off are better than no picture.
pub(super) fn to_srgb(raster: Raster, colours: &Colours) -> Pixels {
    let converted = match colours {
        Colours::Srgb => None,
        Colours::AdobeRgb => convert(&raster, &ColorProfile::new_adobe_rgb()),
        // A profile is hostile input as much as the pixels are.
        Colours::Icc(icc) => catch_unwind(AssertUnwindSafe(|| {
            ColorProfile::new_from_slice(icc).ok().and_then(|profile| convert(&raster, &profile))
        }))
        .unwrap_or(None),
    };
    match converted {
        Some(rgb) => Pixels { width_px: raster.width, height_px: raster.height, rgb },
        None => raster.into_rgb(),
    }
}

/// Converts the samples by a profile of their own kind.
fn convert(raster: &Raster, profile: &ColorProfile) -> Option<Vec<u8>> {
    let samples = match (raster.layout, profile.color_space) {
        (Layout::Rgb, DataColorSpace::Rgb) => Samples::Rgb,
        (Layout::Grey, DataColorSpace::Gray) => Samples::Gray,
        (Layout::Cmyk, DataColorSpace::Cmyk) => Samples::Rgba,
        _ => return None,
    };
    // The transfer curve of a CICP tag would win over the profile's own, which is what the file was made with.
    let options = TransformOptions { allow_use_cicp_transfer: false, ..TransformOptions::default() };
    let transform = profile.create_transform_8bit(samples, &ColorProfile::new_srgb(), Samples::Rgb, options).ok()?;
    let mut rgb = vec![0; raster.width as usize * raster.height as usize * 3];
    transform.transform(&raster.samples, &mut rgb).ok()?;
    Some(rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_pixel(layout: Layout, samples: &[u8]) -> Raster {
        Raster { width: 1, height: 1, layout, samples: samples.to_vec() }
    }

    #[test]
    fn adobe_rgb_becomes_more_saturated() {
        let srgb = to_srgb(one_pixel(Layout::Rgb, &[100, 200, 100]), &Colours::AdobeRgb);
        assert!(srgb.rgb[0] < 60 && srgb.rgb[1].abs_diff(200) <= 4, "{:?}", srgb.rgb);
    }

    #[test]
    fn a_wrong_or_broken_profile_changes_nothing() {
        let icc = ColorProfile::new_adobe_rgb().encode().unwrap();
        let grey = to_srgb(one_pixel(Layout::Grey, &[77]), &Colours::new(Some(icc), false));
        assert_eq!(grey.rgb, [77; 3]);
        let kept = to_srgb(one_pixel(Layout::Rgb, &[1, 2, 3]), &Colours::new(Some(vec![0; 300]), false));
        assert_eq!(kept.rgb, [1, 2, 3]);
    }

    #[test]
    fn inks_without_a_profile_are_subtracted_from_white() {
        let rgb = |inks: [u8; 4]| to_srgb(one_pixel(Layout::Cmyk, &inks), &Colours::Srgb).rgb;
        assert_eq!(rgb([0, 0, 0, 0]), [255; 3]);
        assert_eq!(rgb([255, 0, 0, 0]), [0, 255, 255]);
        assert_eq!(rgb([0, 0, 0, 255]), [0; 3]);
    }
}
