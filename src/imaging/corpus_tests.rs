//! The reader against real photos and against files that broke other readers. Without `LIGHTKEEP_PHOTOS` these pass.

use std::path::{Path, PathBuf};

use super::*;
use crate::domain::Format;
use crate::testing::quality::ssim;

/// The folder of test photos, where there is one.
fn corpus() -> Option<PathBuf> {
    std::env::var_os("LIGHTKEEP_PHOTOS").map(PathBuf::from)
}

/// The files of one of its folders, in order.
fn files(root: &Path, folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn kind_of(path: &Path, bytes: &[u8]) -> Kind {
    let extension = path.extension().and_then(|extension| extension.to_str());
    sniff(&bytes[..bytes.len().min(sniff::SNIFF_BYTES)], extension)
}

#[test]
fn every_file_ends_as_a_photo_or_as_one_line() {
    let Some(root) = corpus() else { return };
    for folder in ["cameras", "heic", "raw", "other", "broken"] {
        let (mut photos, mut without, mut unreadable, mut skipped, mut looks) = (0, 0, 0, 0, 0);
        for path in files(&root, folder) {
            let bytes = std::fs::read(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let format = match kind_of(&path, &bytes) {
                Kind::Photo(format) => format,
                // Without a name that says anything, the broken ones are what their bytes are; the rest is tried as all.
                _ => {
                    skipped += 1;
                    for format in Format::ALL {
                        let _ = (inspect(&bytes, format), thumbnail(&bytes, format, 320));
                    }
                    continue;
                }
            };
            looks += usize::from(first_look(&bytes[..bytes.len().min(128 * 1024)]).is_some());
            let metadata = inspect(&bytes, format);
            match thumbnail(&bytes, format, 320) {
                Ok(thumb) => {
                    photos += 1;
                    let metadata = metadata.unwrap_or_else(|why| panic!("{name}: a picture without metadata: {why}"));
                    assert!(metadata.has_picture, "{name}");
                    let back = decode_jpeg_thumb(&thumb.jpeg).unwrap();
                    assert_eq!((back.width_px, back.height_px), (thumb.width_px, thumb.height_px), "{name}");
                    assert!(thumb.width_px.max(thumb.height_px) <= 320, "{name}");
                    let (wide, high) = (metadata.width_px.unwrap(), metadata.height_px.unwrap());
                    let slack = 1.0 / f64::from(thumb.width_px.min(thumb.height_px)) + 0.02;
                    let shape =
                        f64::from(thumb.width_px) / f64::from(thumb.height_px) * f64::from(high) / f64::from(wide);
                    assert!((shape - 1.0).abs() < slack || folder == "raw", "{name}: {wide}x{high} {thumb:?}");
                }
                Err(Unreadable::NoPicture) => without += 1,
                Err(why) => {
                    unreadable += 1;
                    let line = why.to_string();
                    assert!(!line.is_empty() && line.lines().count() == 1, "{name}: {line}");
                    println!("{folder}/{name}: {line}");
                }
            }
        }
        println!(
            "{folder}: {photos} photos, {without} without a picture, {unreadable} unreadable, {skipped} skipped, {looks} first looks"
        );
    }
}

#[test]
fn sidecars_of_other_programs_are_read() {
    let Some(root) = corpus() else { return };
    for path in files(&root, "xmp") {
        let xmp = xmp::parse(&std::fs::read(&path).unwrap()).unwrap();
        println!("{}: {xmp:?}", path.display());
        assert_ne!(xmp, Xmp::default(), "{}", path.display());
    }
}

#[test]
fn metadata_of_the_corpus() {
    let Some(root) = corpus() else { return };
    for folder in ["cameras", "heic", "raw", "other"] {
        for path in files(&root, folder) {
            let bytes = std::fs::read(&path).unwrap();
            if let Kind::Photo(format) = kind_of(&path, &bytes) {
                match inspect(&bytes, format) {
                    Ok(metadata) => println!("{} {}", path.display(), serde_json::to_string(&metadata).unwrap()),
                    Err(why) => println!("{} {why}", path.display()),
                }
            }
        }
    }
}

#[test]
fn thumbnails_are_as_good_as_a_full_decode() {
    let Some(root) = corpus() else { return };
    let mut scores = Vec::new();
    let mut sizes = Vec::new();
    for path in files(&root, "cameras") {
        let bytes = std::fs::read(&path).unwrap();
        let Kind::Photo(format @ Format::Jpeg) = kind_of(&path, &bytes) else { continue };
        let (Ok(full), Ok(thumb)) = (render(&bytes, format, Fit::Full), thumbnail(&bytes, format, 320)) else {
            continue;
        };
        let best = resize(&full, thumb.width_px, thumb.height_px);
        let made = decode_jpeg_thumb(&thumb.jpeg).unwrap();
        scores.push((ssim(&best, &made), full.width_px, full.height_px, path.file_name().unwrap().to_owned()));
        sizes.push(thumb.jpeg.len());
    }
    scores.sort_by(|a, b| a.0.total_cmp(&b.0));
    sizes.sort_unstable();
    let median = scores[scores.len() / 2].0;
    for score in &scores[..12] {
        println!("{score:?}");
    }
    println!("{} photos: SSIM median {median:.4}, least {:.4}", scores.len(), scores[0].0);
    println!("bytes: median {}, most {}", sizes[sizes.len() / 2], sizes[sizes.len() - 1]);
    assert!(median >= 0.96 && scores[0].0 >= 0.88, "median {median}, least {:?}", scores[0]);
}
