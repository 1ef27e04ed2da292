//! Where faces are: SeetaFace's funnel of classifiers, over grey pixels. It does not know whose they are.

use super::funnel::{Funnel, Grey};
use crate::domain::labels::{Face, Region};
use crate::imaging::{Pixels, resize};

/// What the detector says at least for a face; SeetaFace's own default.
const LEAST_SCORE: f64 = 2.0;

/// How carefully is looked: the detector knows faces of 40 pixels and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Whether the picture is one of somebody: faces of a sixth of the longer edge. Some 4 ms of a core.
    Glance,
    /// Where everybody is: faces of a twelfth of the longer edge. About four times as long.
    Search,
}

impl Care {
    /// The longer edge of the pixels that are looked through.
    fn edge_px(self) -> f32 {
        match self {
            Self::Glance => 240.0,
            Self::Search => 480.0,
        }
    }
}

/// Enlarging a picture further shows nothing new.
const MOST_ENLARGED: f32 = 1.5;

/// Most faces that are told of one picture.
const MOST_FACES: usize = 100;

/// The detector's classifiers.
pub(super) struct Faces(Funnel);

impl Faces {
    /// Reads the shipped model.
    ///
    /// # Errors
    /// A sentence, where these bytes are no such model.
    pub(super) fn load(model: &[u8]) -> Result<Self, String> {
        Funnel::read(model).map(Self).map_err(|fault| format!("the face model cannot be read: {fault}"))
    }

    /// The faces that look at the camera, most certain first.
    pub(super) fn find(&self, pixels: &Pixels, care: Care) -> Vec<Face> {
        let (width, height) = (pixels.width_px, pixels.height_px);
        if width == 0 || height == 0 || pixels.rgb.len() != width as usize * height as usize * 3 {
            return Vec::new();
        }
        let factor = (care.edge_px() / width.max(height) as f32).min(MOST_ENLARGED);
        let scaled = |side: u32| ((side as f32 * factor).round() as u32).max(1);
        let pixels = resize(pixels, scaled(width), scaled(height));
        let (width, height) = (pixels.width_px as f32, pixels.height_px as f32);
        let mut faces: Vec<Face> = self
            .0
            .find(&grey(&pixels), LEAST_SCORE)
            .into_iter()
            .filter_map(|face| {
                let side = face.side as f32;
                let (left, top) = (face.x as f32 / width, face.y as f32 / height);
                let region = Region { left, top, width: side / width, height: side / height };
                Some(Face { region: region.within_picture()?, confidence: confidence(face.score) })
            })
            .collect();
        faces.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
        faces.truncate(MOST_FACES);
        faces
    }
}

/// The pixels without their colours.
fn grey(pixels: &Pixels) -> Grey {
    Grey {
        width: pixels.width_px as usize,
        height: pixels.height_px as usize,
        pixels: pixels.rgb.chunks_exact(3).map(|pixel| luma([pixel[0], pixel[1], pixel[2]])).collect(),
    }
}

/// Brightness as ITU-R BT.601 has it.
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) + 500) / 1000) as u8
}

/// In percent: 50 for the least score that counts, 90 for nine times that. It orders; it is no measured probability.
fn confidence(score: f64) -> f32 {
    if score.is_finite() { (100.0 * score / (score + LEAST_SCORE)).clamp(0.0, 100.0) as f32 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_any_shape_are_looked_at_without_a_panic() {
        let faces = Faces::load(super::super::FACES).unwrap();
        for (width_px, height_px) in
            [(0, 0), (1, 1), (1, 320), (320, 1), (19, 19), (39, 320), (40, 40), (41, 43), (320, 213)]
        {
            for fill in [0, 255] {
                let rgb = vec![fill; (width_px * height_px * 3) as usize];
                assert_eq!(faces.find(&Pixels { width_px, height_px, rgb }, Care::Search), []);
            }
        }
        assert_eq!(faces.find(&Pixels { width_px: 50, height_px: 50, rgb: vec![0; 30] }, Care::Glance), []);
    }

    /// The faces as another port of SeetaFace finds them: where, how large, which score.
    fn others(grey: &Grey) -> Vec<([i32; 3], f64)> {
        let model = rustface::read_model(super::super::FACES).unwrap();
        let mut detector = rustface::create_detector_with_model(model);
        detector.set_score_thresh(LEAST_SCORE);
        let found = detector.detect(&rustface::ImageData::new(&grey.pixels, grey.width as u32, grey.height as u32));
        let place = |face: &rustface::FaceInfo| [face.bbox().x(), face.bbox().y(), face.bbox().width() as i32];
        found.iter().map(|face| (place(face), face.score())).collect()
    }

    #[test]
    fn faces_are_found_where_another_port_of_the_tagger_s_detector_finds_them() {
        let funnel = Funnel::read(super::super::FACES).unwrap();
        let mut known = 0;
        for name in ["astronaut", "camera", "cat", "coffee", "dogs", "drum", "officer", "pagoda", "raccoon"] {
            let path = format!("{}/tests/tagger/{name}.jpg", env!("CARGO_MANIFEST_DIR"));
            let pixels = crate::imaging::decode_jpeg_thumb(&std::fs::read(path).unwrap()).unwrap();
            // Also some in which windows stand out of the picture, and one that is hardly larger than the window.
            for (width, height) in [(400, 380), (240, 240), (131, 77), (41, 40)] {
                let grey = grey(&resize(&pixels, width, height));
                let (ours, theirs) = (funnel.find(&grey, LEAST_SCORE), others(&grey));
                let places: Vec<_> = ours.iter().map(|face| [face.x, face.y, face.side]).collect();
                let expected: Vec<_> = theirs.iter().map(|face| face.0).collect();
                assert_eq!(places, expected, "{name} at {width} × {height}");
                for (our, their) in ours.iter().zip(&theirs) {
                    assert!((our.score - their.1).abs() < 1e-4 * their.1, "{our:?} and {their:?}");
                }
                known += ours.len();
            }
        }
        assert!(known >= 6, "{known} faces in all pictures say nothing");
    }

    #[test]
    fn a_score_is_told_in_percent() {
        assert!((confidence(2.0) - 50.0).abs() < 0.01);
        assert!((confidence(18.0) - 90.0).abs() < 0.01);
        assert_eq!([confidence(f64::NAN), confidence(f64::INFINITY)], [0.0, 0.0]);
    }

    #[test]
    fn bytes_that_are_no_model_are_a_sentence() {
        assert!(Faces::load(b"").is_err());
        for end in [3, 1_000, super::super::FACES.len() - 1] {
            assert!(Faces::load(&super::super::FACES[..end]).is_err());
        }
        assert!(Faces::load(&[super::super::FACES, b"more"].concat()).is_err());
    }
}
