//! Pixels ready to be shown or printed: upright, sRGB, 8 bits, three samples.

use super::guard::{Unreadable, guard};
use super::jpeg;
use super::raster::{Kernel, Layout, Raster, Region};
use crate::domain::{Format, Orientation};

/// An upright sRGB picture of 8 bits per sample, rows from the top, without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// `width_px × height_px × 3` samples: red, green, blue.
    pub rgb: Vec<u8>,
}

impl Pixels {
    /// The same with an opaque alpha sample, as textures want it.
    #[must_use]
    pub fn to_rgba(&self) -> Vec<u8> {
        let mut rgba = Vec::with_capacity(self.rgb.len() / 3 * 4);
        for pixel in self.rgb.chunks_exact(3) {
            rgba.extend_from_slice(&[pixel[0], pixel[1], pixel[2], 255]);
        }
        rgba
    }

    /// Turned and mirrored to stand upright, from how it stands now.
    #[must_use]
    pub fn upright(self, orientation: Orientation) -> Self {
        if orientation == Orientation::Upright {
            return self;
        }
        let (width, height) = (self.width_px as usize, self.height_px as usize);
        let (out_width, out_height) = orientation.upright((self.width_px, self.height_px));
        // Where the output's first pixel lies in the source, and how far one step right or down moves there.
        let (right, down) = (1_isize, width as isize);
        let (last_x, last_y) = (width as isize - 1, (height as isize - 1) * down);
        let (start, step_x, step_y) = match orientation {
            Orientation::Upright => (0, right, down),
            Orientation::FlipHorizontal => (last_x, -right, down),
            Orientation::Rotate180 => (last_x + last_y, -right, -down),
            Orientation::FlipVertical => (last_y, right, -down),
            Orientation::Transpose => (0, down, right),
            Orientation::Rotate90 => (last_y, -down, right),
            Orientation::Transverse => (last_x + last_y, -down, -right),
            Orientation::Rotate270 => (last_x, down, -right),
        };
        let mut rgb = Vec::with_capacity(self.rgb.len());
        for y in 0..out_height as isize {
            for x in 0..out_width as isize {
                let at = (start + x * step_x + y * step_y) as usize * 3;
                rgb.extend_from_slice(&self.rgb[at..at + 3]);
            }
        }
        Self { width_px: out_width, height_px: out_height, rgb }
    }
}

/// Resizes to exactly `width_px × height_px` with Lanczos3; zero counts as one pixel.
#[must_use]
pub fn resize(pixels: &Pixels, width_px: u32, height_px: u32) -> Pixels {
    let size = (width_px.max(1), height_px.max(1));
    if size == (pixels.width_px, pixels.height_px) {
        return pixels.clone();
    }
    let whole = Region::whole((pixels.width_px, pixels.height_px));
    let from = (pixels.width_px, pixels.height_px);
    let rgb = super::raster::resample(&pixels.rgb, Layout::Rgb, from, whole, size, Kernel::Plain);
    Pixels { width_px: size.0, height_px: size.1, rgb }
}

/// A baseline JPEG of the pixels, `quality` 1 to 100, untagged (sRGB by convention), chroma halved below 90.
///
/// Speed counts here: the encoder's slow searches for smaller files are off.
///
/// # Errors
/// [`Unreadable::TooLarge`] for what JPEG cannot hold (over 65,500 px), [`Unreadable::Damaged`] where the encoder fails.
pub fn encode_jpeg(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, Unreadable> {
    let (width, height) = (pixels.width_px, pixels.height_px);
    if width == 0 || height == 0 || width > 65_500 || height > 65_500 {
        return Err(Unreadable::TooLarge { width_px: width, height_px: height });
    }
    guard(Format::Jpeg, || {
        let mut encoder = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
        encoder.set_fastest_defaults();
        encoder.set_size(width as usize, height as usize);
        encoder.set_quality(f32::from(quality.clamp(1, 100)));
        encoder.set_optimize_coding(true);
        let chroma = if quality >= 90 { (1, 1) } else { (2, 2) };
        encoder.set_chroma_sampling_pixel_sizes(chroma, chroma);
        let room = Vec::with_capacity(pixels.rgb.len() / 8 + 1024);
        let mut started = encoder.start_compress(room).map_err(|why| Unreadable::damaged(Format::Jpeg, why))?;
        started.write_scanlines(&pixels.rgb).map_err(|why| Unreadable::damaged(Format::Jpeg, why))?;
        started.finish().map_err(|why| Unreadable::damaged(Format::Jpeg, why))
    })
}

/// Decodes a JPEG that [`encode_jpeg`] made: whole, as it is, without looking at profile or orientation.
///
/// # Errors
/// [`Unreadable`] where the bytes are no JPEG or are damaged.
pub fn decode_jpeg_thumb(bytes: &[u8]) -> Result<Pixels, Unreadable> {
    let raster = jpeg::decode_whole(bytes)?;
    Ok(raster.into_rgb())
}

impl Raster {
    /// RGB samples without any profile: grey is spread, inks are subtracted from white.
    pub(super) fn into_rgb(self) -> Pixels {
        let rgb = match self.layout {
            Layout::Rgb => self.samples,
            Layout::Grey => self.samples.iter().flat_map(|&grey| [grey; 3]).collect(),
            Layout::Cmyk => {
                let mix = |ink: u8, black: u8| {
                    let light = (255 - u16::from(ink)) * (255 - u16::from(black));
                    ((light + 127) / 255) as u8
                };
                let inks = self.samples.chunks_exact(4);
                inks.flat_map(|ink| [mix(ink[0], ink[3]), mix(ink[1], ink[3]), mix(ink[2], ink[3])]).collect()
            }
        };
        Pixels { width_px: self.width, height_px: self.height, rgb }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two by three pixels, each with its own number.
    fn numbered() -> Pixels {
        Pixels { width_px: 2, height_px: 3, rgb: (0..6).flat_map(|number| [number; 3]).collect() }
    }

    #[test]
    fn each_orientation_puts_every_pixel_where_exif_says() {
        let expected: [&[u8]; 8] = [
            &[0, 1, 2, 3, 4, 5],
            &[1, 0, 3, 2, 5, 4],
            &[5, 4, 3, 2, 1, 0],
            &[4, 5, 2, 3, 0, 1],
            &[0, 2, 4, 1, 3, 5],
            &[4, 2, 0, 5, 3, 1],
            &[5, 3, 1, 4, 2, 0],
            &[1, 3, 5, 0, 2, 4],
        ];
        for (value, expected) in (1..).zip(expected) {
            let turned = numbered().upright(Orientation::from_exif(value).unwrap());
            let order: Vec<u8> = turned.rgb.chunks_exact(3).map(|pixel| pixel[0]).collect();
            assert_eq!(order, expected, "orientation {value}");
        }
    }

    #[test]
    fn a_thumbnail_survives_encoding() {
        let rgb = (0..64 * 48).flat_map(|at| [(at % 64 * 4) as u8, (at / 64 * 5) as u8, 128]).collect();
        let pixels = Pixels { width_px: 64, height_px: 48, rgb };
        let back = decode_jpeg_thumb(&encode_jpeg(&pixels, 92).unwrap()).unwrap();
        assert_eq!((back.width_px, back.height_px), (64, 48));
        let worst = pixels.rgb.iter().zip(&back.rgb).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(worst < 24, "{worst}");
        assert_eq!(pixels.to_rgba()[..8], [0, 0, 128, 255, 4, 0, 128, 255]);
    }

    #[test]
    fn resizing_keeps_a_flat_colour() {
        let flat = Pixels { width_px: 40, height_px: 30, rgb: [10, 200, 90].repeat(1200) };
        let small = resize(&flat, 7, 5);
        assert!(small.rgb.chunks_exact(3).all(|pixel| pixel == [10, 200, 90]));
        assert_eq!(small.rgb.len(), 7 * 5 * 3);
    }
}
