//! Decoded samples in the file's own colour space, and resampling them.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{Filter, FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// What the samples of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One sample, 255 is white.
    Grey,
    /// Red, green, blue.
    Rgb,
    /// Four inks, 255 is the full ink.
    Cmyk,
}

impl Layout {
    /// Samples per pixel.
    pub(super) fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// A picture as stored: not yet upright, not yet sRGB.
#[derive(Debug, Clone)]
pub(super) struct Raster {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What the samples are.
    pub layout: Layout,
    /// Rows from the top, 8 bits per sample, without padding.
    pub samples: Vec<u8>,
}

/// A part of a picture, in its pixels; fractions are meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Region {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Region {
    /// All of a picture.
    pub(super) fn whole((width, height): (u32, u32)) -> Self {
        Self { left: 0.0, top: 0.0, width: f64::from(width), height: f64::from(height) }
    }

    /// The same part of a picture that is larger or smaller by these factors.
    pub(super) fn scaled(self, (x, y): (f64, f64)) -> Self {
        Self { left: self.left * x, top: self.top * y, width: self.width * x, height: self.height * y }
    }

    /// Kept inside a picture of this size, where rounding has left it.
    fn inside(self, (width, height): (u32, u32)) -> Self {
        let (width, height) = (f64::from(width), f64::from(height));
        let left = self.left.clamp(0.0, (width - 1.0).max(0.0));
        let top = self.top.clamp(0.0, (height - 1.0).max(0.0));
        Self { left, top, width: self.width.clamp(1.0, width - left), height: self.height.clamp(1.0, height - top) }
    }
}

/// The filter that shrinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    /// Lanczos with three lobes.
    Plain,
    /// Lanczos that also undoes the softness of sources whose pixels are plain averages (JPEG at 1/8).
    Averaged,
}

/// Resamples `region` of a picture of `size` to `out`.
pub(super) fn resample(
    samples: &[u8],
    layout: Layout,
    size: (u32, u32),
    region: Region,
    out: (u32, u32),
    kernel: Kernel,
) -> Vec<u8> {
    let kind = match layout {
        Layout::Grey => PixelType::U8,
        Layout::Rgb => PixelType::U8x3,
        Layout::Cmyk => PixelType::U8x4,
    };
    let region = region.inside(size);
    let mut target = Image::new(out.0, out.1, kind);
    let Ok(source) = ImageRef::new(size.0, size.1, samples, kind) else { return target.into_vec() };
    let filter = match kernel {
        Kernel::Plain => FilterType::Lanczos3,
        Kernel::Averaged => sharpened(f64::from(out.0) / region.width),
    };
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .crop(region.left, region.top, region.width, region.height)
        .use_alpha(false);
    // It fails only where types or the crop do not fit, which cannot be here.
    let _ = Resizer::new().resize(&source, &mut target, &options);
    target.into_vec()
}

/// Lanczos3 with the second-order inverse of an averaging over `ratio` output pixels: `L − ratio²/24 · L″`.
///
/// The box of width r has the spectrum sinc(f·r) ≈ 1 − (π·f·r)²/6, and −L″ has (2π·f)² times that of L.
/// Filters are plain function pointers, so the ratio comes in steps of an eighth.
fn sharpened(ratio: f64) -> FilterType {
    let func = match (ratio * 8.0).round() as u32 {
        0 | 1 => lifted::<1>,
        2 => lifted::<2>,
        3 => lifted::<3>,
        4 => lifted::<4>,
        5 => lifted::<5>,
        6 => lifted::<6>,
        7 => lifted::<7>,
        _ => lifted::<8>,
    };
    Filter::new("lanczos3 lifted", func, 3.25).map_or(FilterType::Lanczos3, FilterType::Custom)
}

/// The kernel for a box of `EIGHTHS`/8 output pixels.
fn lifted<const EIGHTHS: u32>(x: f64) -> f64 {
    const STEP: f64 = 0.25;
    let ratio = f64::from(EIGHTHS) / 8.0;
    let curvature = (lanczos3(x - STEP) - 2.0 * lanczos3(x) + lanczos3(x + STEP)) / (STEP * STEP);
    lanczos3(x) - ratio * ratio / 24.0 * curvature
}

/// The windowed sinc of three lobes.
fn lanczos3(x: f64) -> f64 {
    let sinc =
        |x: f64| if x.abs() < 1e-9 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) };
    if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 }
}

impl Raster {
    /// Its size in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// A part of it at another size; the same picture where nothing changes.
    pub(super) fn resampled(self, region: Region, out: (u32, u32), kernel: Kernel) -> Self {
        if out == self.size() && region == Region::whole(self.size()) {
            return self;
        }
        let samples = resample(&self.samples, self.layout, self.size(), region, out, kernel);
        Self { width: out.0, height: out.1, layout: self.layout, samples }
    }
}
