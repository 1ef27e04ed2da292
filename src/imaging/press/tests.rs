//! Tests of the press with papers made here: profiles whose black is grey and whose white is cream.

use proptest::prelude::*;

use super::*;
use crate::domain::printing::Proof;

/// A paper: its black is at 5 % of the light of its white, which is warm.
fn paper() -> PressProfile {
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    let curve: Vec<u16> = (0..1024)
        .map(|at| {
            let value = f64::from(at) / 1023.0;
            ((0.05 + 0.95 * value.powf(2.2)) * 65_535.0).round() as u16
        })
        .collect();
    profile.red_trc = Some(moxcms::ToneReprCurve::Lut(curve.clone()));
    profile.green_trc = Some(moxcms::ToneReprCurve::Lut(curve.clone()));
    profile.blue_trc = Some(moxcms::ToneReprCurve::Lut(curve));
    profile.profile_class = ProfileClass::OutputDevice;
    profile.media_white_point = Some(moxcms::Xyzd { x: 0.87, y: 0.9, z: 0.68 });
    PressProfile::from_icc(profile.encode().unwrap()).unwrap()
}

fn raster(samples: &[u8]) -> Raster {
    Raster { width: samples.len() as u32 / 3, height: 1, layout: Layout::Rgb, samples: samples.to_vec() }
}

fn built_in(which: Profile) -> PressProfile {
    PressProfile::built_in(&which).unwrap()
}

fn proof(profile: PressProfile, paper_white: bool, gamut_warning: bool) -> Press {
    let proof = Proof {
        profile: Profile::Srgb,
        intent: Intent::RelativeColorimetric,
        black_point: true,
        paper_white,
        gamut_warning,
    };
    Press::proof(&proof, profile)
}

/// sRGB numbers as L*a*b*, by the standard's own formula and not by the library.
fn lab_of_srgb(rgb: [u8; 3]) -> Lab {
    let light = |sample: u8| {
        let value = f64::from(sample) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let [r, g, b] = rgb.map(light);
    // The sRGB primaries adapted to D50 (ICC's sRGB profile).
    Lab::from_xyz([
        0.436_07 * r + 0.385_15 * g + 0.143_07 * b,
        0.222_49 * r + 0.716_87 * g + 0.060_61 * b,
        0.013_92 * r + 0.097_08 * g + 0.714_10 * b,
    ])
}

#[test]
fn the_same_profile_changes_nothing() {
    let samples: Vec<u8> = (0..=255).flat_map(|value| [value, 255 - value, value / 2]).collect();
    for (profile, colours) in [(Profile::Srgb, Colours::Srgb), (Profile::AdobeRgb, Colours::AdobeRgb)] {
        let target = built_in(profile);
        let colours = if colours == Colours::AdobeRgb { Colours::Icc((*target.icc()).clone()) } else { colours };
        let press = Press::to(target, Intent::RelativeColorimetric, true, None).unwrap();
        assert_eq!(press.run(raster(&samples), &colours).rgb, samples);
    }
}

#[test]
fn colours_that_srgb_cannot_hold_reach_a_wide_printer() {
    // Adobe RGB's green to Display P3, without the loss that sRGB between them would be.
    let press = Press::to(built_in(Profile::DisplayP3), Intent::RelativeColorimetric, false, None).unwrap();
    let wide = press.run(raster(&[90, 220, 90]), &Colours::AdobeRgb).rgb;
    let through_srgb = {
        let srgb = to_srgb(raster(&[90, 220, 90]), &Colours::AdobeRgb);
        press.run(raster(&srgb.rgb), &Colours::Srgb).rgb
    };
    let any = built_in(Profile::AdobeRgb);
    let lab = |from: &Colours, rgb: &[u8]| {
        let way = Way::new(&source(from).unwrap(), &any, Intent::RelativeColorimetric, false).unwrap();
        let wide = way.asked(&[0, 1, 2].map(|at: usize| f32::from(rgb[at]) / 255.0)).unwrap();
        Lab::from_xyz(way.wide.xyz([wide[0], wide[1], wide[2]]))
    };
    let p3 = Colours::Icc((*built_in(Profile::DisplayP3).icc()).clone());
    let p3 = |rgb: &[u8]| lab(&p3, rgb);
    let own = lab(&Colours::AdobeRgb, &[90, 220, 90]);
    let (direct, lossy) = (delta_e2000(own, p3(&wide)), delta_e2000(own, p3(&through_srgb)));
    assert!(direct < 1.0 && lossy > 1.5 && lossy > 2.0 * direct, "{direct} against {lossy}");
}

#[test]
fn the_lattice_is_near_the_exact_way() {
    // Colours that both can hold; the library's own 16-bit way between two matrix profiles is the measure.
    let press = Press::to(built_in(Profile::DisplayP3), Intent::RelativeColorimetric, false, None).unwrap();
    let exact = {
        let options = TransformOptions { allow_use_cicp_transfer: false, ..options(Intent::RelativeColorimetric) };
        ColorProfile::new_srgb()
            .create_transform_8bit(Samples::Rgb, &ColorProfile::new_display_p3(), Samples::Rgb, options)
            .unwrap()
    };
    let mut samples = Vec::new();
    for red in (0..=255).step_by(15) {
        for green in (0..=255).step_by(15) {
            for blue in (0..=255).step_by(15) {
                samples.extend([red as u8, green as u8, blue as u8]);
            }
        }
    }
    let mut wanted = vec![0; samples.len()];
    exact.transform(&samples, &mut wanted).unwrap();
    let found = press.run(raster(&samples), &Colours::Srgb).rgb;
    let worst = found.chunks(3).zip(wanted.chunks(3)).map(|(one, other)| {
        // Read as sRGB, both are a little too dull by the same amount.
        delta_e2000(lab_of_srgb([one[0], one[1], one[2]]), lab_of_srgb([other[0], other[1], other[2]]))
    });
    let worst = worst.fold(0.0, f64::max);
    assert!(worst < 1.0, "{worst}");
}

#[test]
fn black_point_compensation_keeps_the_steps_in_the_shadows() {
    let greys: Vec<u8> = [0, 8, 16, 24, 32, 255].iter().flat_map(|value| [*value; 3]).collect();
    let run = |black_point| {
        let press = Press::to(paper(), Intent::RelativeColorimetric, black_point, None).unwrap();
        let rgb = press.run(raster(&greys), &Colours::Srgb).rgb;
        rgb.chunks(3).map(|pixel| pixel[1]).collect::<Vec<u8>>()
    };
    let (with, without) = (run(true), run(false));
    assert!(with[0] <= 1 && with.windows(2).all(|two| two[0] < two[1]) && with[5] >= 254, "{with:?}");
    assert!(without[0] == without[4] && without[5] >= 254, "all below the paper's black is black: {without:?}");
}

#[test]
fn a_proof_shows_the_papers_white_and_black_only_where_wished() {
    let samples = [255, 255, 255, 0, 0, 0];
    let plain = proof(paper(), false, false).run(raster(&samples), &Colours::Srgb).rgb;
    assert!(plain[..3].iter().all(|value| *value >= 254) && plain[3..].iter().all(|value| *value <= 2), "{plain:?}");
    let real = proof(paper(), true, false).run(raster(&samples), &Colours::Srgb).rgb;
    assert!(real[0] < 252 && real[2] < real[0] - 10, "a warm white: {real:?}");
    assert!(real[3] > 40, "a grey black: {real:?}");
}

#[test]
fn the_gamut_warning_marks_what_is_outside_and_nothing_else() {
    let samples = [0, 255, 0, 128, 128, 128, 250, 240, 230, 30, 30, 30, 100, 60, 40];
    let marked = proof(built_in(Profile::Srgb), false, true).run(raster(&samples), &Colours::AdobeRgb).rgb;
    assert_eq!(marked[..3], [128; 3], "Adobe RGB's green is not in sRGB");
    let plain = proof(built_in(Profile::Srgb), false, false).run(raster(&samples), &Colours::AdobeRgb).rgb;
    assert_eq!(marked[3..], plain[3..]);
    assert_ne!(plain[..3], [128; 3]);
}

#[test]
fn an_absolute_intent_prints_the_papers_tint_away() {
    let white = |intent| {
        let press = Press::to(paper(), intent, false, None).unwrap();
        press.run(raster(&[200, 200, 200]), &Colours::Srgb).rgb
    };
    let (relative, absolute) = (white(Intent::RelativeColorimetric), white(Intent::AbsoluteColorimetric));
    assert!(absolute[2] > relative[2] + 5, "against a warm paper more blue: {absolute:?} {relative:?}");
}

#[test]
fn files_that_are_no_use_say_why_in_one_line() {
    let paper_icc = paper().icc();
    let grey = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "no ICC profile"),
        (b"not a profile at all".to_vec(), "no ICC profile"),
        (paper_icc[..100].to_vec(), "no ICC profile"),
        (vec![0; MOST_PROFILE_BYTES + 1], "larger than 8 MB"),
        (grey, "neither RGB nor CMYK"),
    ];
    for (bytes, wanted) in cases {
        let why = PressProfile::from_icc(bytes).unwrap_err();
        assert!(why.contains(wanted) && !why.contains('\n'), "{why}");
    }
    assert!(PressProfile::built_in(&Profile::File("/x.icc".into())).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damaged_profiles_end_as_errors_or_as_profiles(
        edits in proptest::collection::vec((0_usize..4000, any::<u8>()), 1..12), cut in 0_usize..4000,
    ) {
        let mut bytes = (*paper().icc()).clone();
        for (at, value) in edits {
            let len = bytes.len();
            bytes[at % len] = value;
        }
        bytes.truncate(bytes.len() - cut % 200);
        if let Ok(profile) = PressProfile::from_icc(bytes.clone())
            && let Ok(press) = Press::to(profile, Intent::Perceptual, true, None)
        {
            press.run(raster(&[1, 2, 3, 200, 100, 50]), &Colours::Icc(bytes));
        }
    }

    #[test]
    fn tables_hit_their_own_points(red in 0_usize..NODES, green in 0_usize..NODES, blue in 0_usize..NODES) {
        // 255 / 32 is no whole number, so points are met where they are whole: at the ends.
        let table = Table { nodes: rgb_of(&lattice()) };
        let rgb = [red, green, blue].map(|at| (at * 255 / (NODES - 1)) as u8);
        prop_assert_eq!(table.at(rgb), rgb);
    }
}
