//! How alike two pictures are, as a number.

use crate::imaging::Pixels;

/// Luma of an RGB picture.
fn luma(pixels: &Pixels) -> Vec<f64> {
    let weigh = |p: &[u8]| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]);
    pixels.rgb.chunks_exact(3).map(weigh).collect()
}

/// Structural similarity of two pictures of one size, 1 for equal ones: the mean over windows of 8 × 8 pixels of luma
/// at every 2nd pixel (Wang et al. 2004, uniform window).
#[must_use]
pub fn ssim(one: &Pixels, other: &Pixels) -> f64 {
    assert_eq!((one.width_px, one.height_px), (other.width_px, other.height_px));
    let (a, b) = (luma(one), luma(other));
    let (width, height) = (one.width_px as usize, one.height_px as usize);
    let (c1, c2) = (6.5025, 58.5225);
    let (mut sum, mut count) = (0.0, 0.0);
    for y in (0..height.saturating_sub(7)).step_by(2) {
        for x in (0..width.saturating_sub(7)).step_by(2) {
            let (mut sa, mut sb, mut saa, mut sbb, mut sab) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for row in y..y + 8 {
                for at in row * width + x..row * width + x + 8 {
                    sa += a[at];
                    sb += b[at];
                    saa += a[at] * a[at];
                    sbb += b[at] * b[at];
                    sab += a[at] * b[at];
                }
            }
            let (ma, mb) = (sa / 64.0, sb / 64.0);
            let (va, vb, vab) = (saa / 64.0 - ma * ma, sbb / 64.0 - mb * mb, sab / 64.0 - ma * mb);
            sum += (2.0 * ma * mb + c1) * (2.0 * vab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
            count += 1.0;
        }
    }
    if count == 0.0 { 1.0 } else { sum / count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_pictures_are_one_and_noise_is_less() {
        let picture = |shift: usize| {
            let rgb = (0..32 * 32 * 3).map(|n: usize| ((n + shift) * 7919 % 251) as u8).collect();
            Pixels { width_px: 32, height_px: 32, rgb }
        };
        assert!((ssim(&picture(0), &picture(0)) - 1.0).abs() < 1e-9);
        assert!(ssim(&picture(0), &picture(50)) < 0.5);
    }
}
