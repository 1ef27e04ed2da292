//! What the network is given: the middle square of a picture, as it was taught with.

use super::network::SIDE_PX;
use crate::imaging::{Pixels, resize};

/// What the network was trained with: samples of 0 to 255, less this, by the other.
/// Source: `efficientnet/lite/efficientnet_lite_builder.py`, `MEAN_RGB` and `STDDEV_RGB`.
const MEAN: f32 = 127.0;
const SPREAD: f32 = 128.0;

/// The network's input: the middle square of the picture, one plane for each colour.
pub(super) fn input(pixels: &Pixels) -> Vec<f32> {
    let square = resize(&middle(pixels), SIDE_PX as u32, SIDE_PX as u32);
    let mut planes = Vec::with_capacity(3 * SIDE_PX * SIDE_PX);
    for colour in 0..3 {
        planes.extend(square.rgb.iter().skip(colour).step_by(3).map(|&sample| (f32::from(sample) - MEAN) / SPREAD));
    }
    planes
}

/// The largest square in the middle.
fn middle(pixels: &Pixels) -> Pixels {
    let (width, height) = (pixels.width_px as usize, pixels.height_px as usize);
    let side = width.min(height);
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let mut rgb = Vec::with_capacity(side * side * 3);
    for row in top..top + side {
        let from = (row * width + left) * 3;
        rgb.extend_from_slice(&pixels.rgb[from..from + side * 3]);
    }
    Pixels { width_px: side as u32, height_px: side as u32, rgb }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_square_is_taken() {
        let rgb: Vec<u8> = (0..4 * 2).flat_map(|number| [number; 3]).collect();
        let square = middle(&Pixels { width_px: 4, height_px: 2, rgb });
        assert_eq!((square.width_px, square.height_px), (2, 2));
        assert_eq!(square.rgb.chunks(3).map(|pixel| pixel[0]).collect::<Vec<_>>(), [1, 2, 5, 6]);
    }

    #[test]
    fn colours_are_planes_around_nothing() {
        let red = Pixels { width_px: 3, height_px: 5, rgb: [255, 127, 0].repeat(15) };
        let planes = input(&red);
        assert_eq!(planes.len(), 3 * SIDE_PX * SIDE_PX);
        let plane = SIDE_PX * SIDE_PX;
        assert_eq!([planes[0], planes[plane], planes[2 * plane]], [1.0, 0.0, -127.0 / 128.0]);
    }
}
