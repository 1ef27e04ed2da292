//! Where faces are: SeetaFace's funnel of classifiers, over grey pixels. It does not know whose they are.

use rustface::{ImageData, Model, create_detector_with_model, read_model};

use crate::domain::labels::{Face, Region};
use crate::imaging::{Pixels, resize};

/// What the detector says at least for a face; SeetaFace's own default.
const LEAST_SCORE: f64 = 2.0;

/// How carefully is looked: the detector knows faces of 40 pixels and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Whether the picture is one of somebody: faces of a sixth of the longer edge. Some 7 ms of a core.
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
pub(super) struct Faces(Model);

impl Faces {
    /// Reads the shipped model.
    ///
    /// # Errors
    /// A sentence, where these bytes are no such model.
    pub(super) fn load(model: &[u8]) -> Result<Self, String> {
        read_model(model).map(Self).map_err(|fault| format!("the face model cannot be read: {fault}"))
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
        let (width, height) = (pixels.width_px, pixels.height_px);
        let grey: Vec<u8> = pixels.rgb.chunks_exact(3).map(|pixel| luma([pixel[0], pixel[1], pixel[2]])).collect();
        let mut detector = create_detector_with_model(self.0.clone());
        detector.set_score_thresh(LEAST_SCORE);
        let found = detector.detect(&ImageData::new(&grey, width, height));
        let mut faces: Vec<Face> = found
            .into_iter()
            .filter_map(|face| {
                let place = face.bbox();
                let region = Region {
                    left: place.x() as f32 / width as f32,
                    top: place.y() as f32 / height as f32,
                    width: place.width() as f32 / width as f32,
                    height: place.height() as f32 / height as f32,
                };
                Some(Face { region: region.within_picture()?, confidence: confidence(face.score()) })
            })
            .collect();
        faces.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
        faces.truncate(MOST_FACES);
        faces
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

    #[test]
    fn a_score_is_told_in_percent() {
        assert!((confidence(2.0) - 50.0).abs() < 0.01);
        assert!((confidence(18.0) - 90.0).abs() < 0.01);
        assert_eq!([confidence(f64::NAN), confidence(f64::INFINITY)], [0.0, 0.0]);
    }

    #[test]
    fn bytes_that_are_no_model_are_a_sentence() {
        assert!(Faces::load(b"").is_err());
        assert!(Faces::load(&super::super::FACES[..1000]).is_err());
    }
}
