//! Sharpening for paper, at the printed size.
//!
//! Ink spreads and paper softens, so a print needs more than a screen shows. An unsharp mask on lightness alone (colour
//! fringes are seen at once) with a radius that is the same on paper at any resolution. **Halos are bounded**: a pixel
//! becomes at most [`Sharpening::overshoot`] levels lighter than the lightest of its eight neighbours and itself before,
//! and at most as much darker than the darkest.

use super::raster::{Layout, Raster};
use crate::domain::paper::MM_PER_INCH;
use crate::domain::printing::{Sharpen, Strength};

/// How pixels are sharpened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sharpening {
    radius_px: f64,
    amount: f64,
    overshoot: f64,
}

impl Sharpening {
    /// For a paper, a strength, and pixels of which so many are an inch; `None` for none.
    #[must_use]
    pub fn new(paper: Sharpen, strength: Strength, ppi: f64) -> Option<Self> {
        let (radius_mm, more) = match paper {
            Sharpen::Off => return None,
            // Ink runs further into an uncoated surface.
            Sharpen::Matte => (0.11, 1.35),
            Sharpen::Glossy => (0.075, 1.0),
        };
        let (amount, overshoot) = match strength {
            Strength::Low => (0.45, 6.0),
            Strength::Standard => (0.8, 10.0),
            Strength::High => (1.3, 16.0),
        };
        let radius_px = (radius_mm / MM_PER_INCH * ppi).clamp(0.4, 4.0);
        Some(Self { radius_px, amount: amount * more, overshoot })
    }

    /// By how many levels of 255, at most, an edge is overdrawn.
    #[must_use]
    pub fn overshoot(&self) -> f64 {
        self.overshoot
    }

    /// Sharpens grey and colour; inks stay as they are.
    pub(super) fn apply(&self, raster: &mut Raster) {
        let (width, height) = (raster.width as usize, raster.height as usize);
        let channels = match raster.layout {
            Layout::Grey => 1,
            Layout::Rgb => 3,
            Layout::Cmyk => return,
        };
        if width < 3 || height < 3 || raster.samples.len() < width * height * channels {
            return;
        }
        let light: Vec<f32> = raster
            .samples
            .chunks_exact(channels)
            .map(|pixel| match *pixel {
                // Rec. 601 on encoded values, as in JPEG: near enough to lightness.
                [red, green, blue] => 0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue),
                _ => f32::from(pixel[0]),
            })
            .collect();
        let soft = self.blurred(&light, width, height);
        let (amount, over) = (self.amount as f32, self.overshoot as f32);
        for y in 0..height {
            let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
            for x in 0..width {
                let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
                let (mut low, mut high) = (f32::MAX, f32::MIN);
                for row in [above, y, below] {
                    for at in [left, x, right] {
                        let value = light[row * width + at];
                        (low, high) = (low.min(value), high.max(value));
                    }
                }
                let at = y * width + x;
                let wanted = light[at] + amount * (light[at] - soft[at]);
                let change = wanted.clamp(low - over, high + over) - light[at];
                for sample in &mut raster.samples[at * channels..(at + 1) * channels] {
                    *sample = (f32::from(*sample) + change).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }

    /// A Gaussian, along rows and then along columns.
    fn blurred(&self, light: &[f32], width: usize, height: usize) -> Vec<f32> {
        let reach = (self.radius_px * 2.5).ceil() as usize;
        let weight = |at: usize| (-((at as f64) / self.radius_px).powi(2) / 2.0).exp();
        let sum: f64 = weight(0) + 2.0 * (1..=reach).map(weight).sum::<f64>();
        let weights: Vec<f32> = (0..=reach).map(|at| (weight(at) / sum) as f32).collect();
        let mut along = vec![0.0; light.len()];
        for (row, out) in light.chunks_exact(width).zip(along.chunks_exact_mut(width)) {
            for (x, out) in out.iter_mut().enumerate() {
                let side = |at: usize| row[x.saturating_sub(at)] + row[(x + at).min(width - 1)];
                *out = weights[0] * row[x] + (1..=reach).map(|at| weights[at] * side(at)).sum::<f32>();
            }
        }
        let mut both = vec![0.0; light.len()];
        for (y, out) in both.chunks_exact_mut(width).enumerate() {
            for at in 0..=reach {
                let rows = [y.saturating_sub(at), (y + at).min(height - 1)];
                for row in &rows[..if at == 0 { 1 } else { 2 }] {
                    let from = &along[row * width..(row + 1) * width];
                    out.iter_mut().zip(from).for_each(|(out, value)| *out += weights[at] * value);
                }
            }
        }
        both
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge() -> Raster {
        let samples = (0..40 * 20).flat_map(|at| [if at % 40 < 20 { 80 } else { 170 }; 3]).collect();
        Raster { width: 40, height: 20, layout: Layout::Rgb, samples }
    }

    #[test]
    fn edges_become_steeper_and_halos_stay_within_their_bound() {
        for paper in [Sharpen::Matte, Sharpen::Glossy] {
            let mut last = 0;
            for strength in [Strength::Low, Strength::Standard, Strength::High] {
                let sharpening = Sharpening::new(paper, strength, 300.0).unwrap();
                let mut raster = edge();
                sharpening.apply(&mut raster);
                let row: Vec<u8> = raster.samples[..40 * 3].chunks(3).map(|pixel| pixel[0]).collect();
                let contrast = row[20] - row[19];
                assert!(contrast > 90 && contrast >= last, "{paper:?} {strength:?}: {row:?}");
                let bound = sharpening.overshoot() as u8 + 1;
                assert!(row.iter().all(|value| (80 - bound..=170 + bound).contains(value)), "{row:?}");
                assert!(row[..10].iter().all(|value| *value == 80), "flat stays flat: {row:?}");
                last = contrast;
            }
        }
        assert_eq!(Sharpening::new(Sharpen::Off, Strength::High, 300.0), None);
    }

    #[test]
    fn matte_is_sharpened_more_than_glossy_and_the_radius_is_the_same_on_paper() {
        let new = |paper, ppi| Sharpening::new(paper, Strength::Standard, ppi).unwrap();
        assert!(new(Sharpen::Matte, 300.0).amount > new(Sharpen::Glossy, 300.0).amount);
        let (one, two) = (new(Sharpen::Matte, 300.0), new(Sharpen::Matte, 600.0));
        assert!((two.radius_px / one.radius_px - 2.0).abs() < 1e-9);
    }

    #[test]
    fn hues_do_not_move() {
        let samples = (0..30 * 9).flat_map(|at| if at % 30 < 15 { [200, 60, 60] } else { [60, 60, 200] }).collect();
        let mut raster = Raster { width: 30, height: 9, layout: Layout::Rgb, samples };
        Sharpening::new(Sharpen::Glossy, Strength::High, 300.0).unwrap().apply(&mut raster);
        for pixel in raster.samples.chunks(3) {
            let differences = (i16::from(pixel[0]) - i16::from(pixel[1]), i16::from(pixel[2]) - i16::from(pixel[1]));
            assert!([(140, 0), (0, 140)].contains(&differences), "{pixel:?}");
        }
    }
}
