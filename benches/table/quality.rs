//! Thumbnails against the best that can be had: every pixel decoded, then Lanczos3.

use lightkeep::imaging::{Fit, Kind, decode_jpeg_thumb, render, resize, sniff, thumbnail};
use lightkeep::testing::quality::ssim;

use super::data::Data;
use super::measure::{median, percentile};
use super::table::{Met, Row};

/// The row.
pub fn rows(_: &Data) -> Vec<Row> {
    let target = "median 0.96, least 0.88";
    let Some(root) = std::env::var_os("LIGHTKEEP_PHOTOS") else {
        return vec![Row::new("thumbnails against a full decode (SSIM)", "no LIGHTKEEP_PHOTOS", target, Met::Open)];
    };
    let mut scores = Vec::new();
    for entry in std::fs::read_dir(std::path::Path::new(&root).join("cameras")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let suffix = path.extension().map(|suffix| suffix.to_string_lossy().into_owned());
        let Kind::Photo(format) = sniff(&bytes, suffix.as_deref()) else { continue };
        let (Ok(full), Ok(thumb)) = (render(&bytes, format, Fit::Full), thumbnail(&bytes, format, 320)) else {
            continue;
        };
        let best = resize(&full, thumb.width_px, thumb.height_px);
        scores.push(ssim(&best, &decode_jpeg_thumb(&thumb.jpeg).unwrap()));
    }
    let (middle, least) = (median(&scores), percentile(&scores, 0.0));
    vec![Row::new(
        format!("thumbnails against a full decode, {} camera photos (SSIM)", scores.len()),
        format!("median {middle:.3}, least {least:.3}"),
        target,
        Met::from(middle >= 0.96 && least >= 0.88),
    )]
}
