//! Pictures of any size from the bytes of a photo.

use super::colour::{Colours, to_srgb};
use super::exif::Exif;
use super::guard::{Deadline, Unreadable};
use super::pixels::{Pixels, encode_jpeg};
use super::raster::{Kernel, Raster, Region};
use super::{dc, heic, jpeg, jpeg_header, other, raw};
use crate::domain::{Format, Orientation};

/// Quality of stored thumbnails: some 15 KB at 320 px.
const THUMBNAIL_QUALITY: u8 = 86;

/// How many times larger than asked a scaled JPEG must come out of the decoder, so that shrinking it the rest of the
/// way is as good as shrinking the whole picture. Averages (n = 1) need more than the decoder's other scales.
const HEADROOM_AVERAGES: f64 = 1.4;
const HEADROOM: f64 = 1.3;

/// How large a picture should be. None makes it larger than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// As large as it is.
    Full,
    /// The longer side at most this many pixels.
    LongEdge(u32),
    /// All of it inside of a box.
    Within {
        /// Width of the box in pixels.
        width_px: u32,
        /// Height of the box in pixels.
        height_px: u32,
    },
    /// The middle of it, so that the box is filled; smaller, but of the box's shape, where there are not enough pixels.
    Cover {
        /// Width of the box in pixels.
        width_px: u32,
        /// Height of the box in pixels.
        height_px: u32,
    },
}

/// A thumbnail as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// A baseline JPEG, upright, sRGB, without metadata.
    pub jpeg: Vec<u8>,
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
}

/// Which part of the stored picture goes to which stored size.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Plan {
    region: Region,
    out: (u32, u32),
}

impl Fit {
    /// The plan for a picture stored in this size and to be turned so. Parts are cut from the middle, so that turning
    /// and mirroring only exchange the sides.
    fn plan(self, stored: (u32, u32), orientation: Orientation) -> Plan {
        let (width, height) = orientation.upright(stored);
        let (wide, high) = (f64::from(width), f64::from(height));
        let (kept, scale) = match self {
            Self::Full => ((wide, high), 1.0),
            Self::LongEdge(edge) => ((wide, high), f64::from(edge.max(1)) / wide.max(high)),
            Self::Within { width_px, height_px } => {
                ((wide, high), (f64::from(width_px.max(1)) / wide).min(f64::from(height_px.max(1)) / high))
            }
            Self::Cover { width_px, height_px } => {
                let (box_wide, box_high) = (f64::from(width_px.max(1)), f64::from(height_px.max(1)));
                let scale = (box_wide / wide).max(box_high / high);
                ((box_wide / scale, box_high / scale), scale)
            }
        };
        let scale = scale.min(1.0);
        let pixels = |side: f64| ((side * scale).round() as u32).max(1);
        let (kept, out) = if orientation.swaps_sides() {
            ((kept.1, kept.0), (pixels(kept.1), pixels(kept.0)))
        } else {
            (kept, (pixels(kept.0), pixels(kept.1)))
        };
        let (left, top) = ((f64::from(stored.0) - kept.0) / 2.0, (f64::from(stored.1) - kept.1) / 2.0);
        Plan { region: Region { left, top, width: kept.0, height: kept.1 }, out }
    }

    /// The longer side asked for, in pixels; the largest number for all there is.
    fn long_edge(self) -> u32 {
        match self {
            Self::Full => u32::MAX,
            Self::LongEdge(edge) => edge,
            Self::Within { width_px, height_px } | Self::Cover { width_px, height_px } => width_px.max(height_px),
        }
    }
}

impl Plan {
    /// The n of n/8 at which a JPEG is decoded.
    fn eighths(&self) -> u8 {
        let across = f64::from(self.out.0) / self.region.width;
        let down = f64::from(self.out.1) / self.region.height;
        let scale = across.max(down) * 8.0;
        if scale * HEADROOM_AVERAGES <= 1.0 {
            return 1;
        }
        (2..8).find(|eighths| scale * HEADROOM <= f64::from(*eighths)).unwrap_or(8)
    }
}

/// Makes a picture of about the asked size: upright, sRGB.
///
/// # Errors
/// [`Unreadable`] where the bytes hold no picture, are damaged, or would take more than a gigabyte or some seconds.
pub fn render(bytes: &[u8], format: Format, fit: Fit) -> Result<Pixels, Unreadable> {
    let deadline = Deadline::start();
    if bytes.is_empty() {
        return Err(Unreadable::Empty);
    }
    let (raster, plan, orientation, colours) = match format {
        Format::Jpeg => return render_jpeg(bytes, None, fit, deadline),
        Format::Raw | Format::Dng => {
            let preview = raw::preview_for(bytes, fit.long_edge())?;
            let orientation = raw::exif(bytes).and_then(|exif| exif.orientation());
            return render_jpeg(preview.bytes(bytes), orientation, fit, deadline);
        }
        Format::Heic => {
            let (raster, colours) = heic::decode(bytes, fit.long_edge(), deadline)?;
            let plan = fit.plan(raster.size(), Orientation::Upright);
            (raster, plan, Orientation::Upright, colours)
        }
        Format::Png | Format::Tiff | Format::Webp | Format::Gif | Format::Bmp => {
            let blocks = other::blocks(bytes, format)?;
            let exif = match format {
                Format::Tiff => Exif::parse(bytes),
                _ => blocks.exif.as_deref().and_then(Exif::parse),
            };
            let orientation = exif.and_then(|exif| exif.orientation()).unwrap_or_default();
            let raster = other::decode(bytes, format, deadline)?;
            let plan = fit.plan(raster.size(), orientation);
            (raster, plan, orientation, Colours::new(blocks.icc, false))
        }
    };
    let shrunk = raster.resampled(plan.region, plan.out, Kernel::Plain);
    Ok(to_srgb(shrunk, &colours).upright(orientation))
}

/// The same for a JPEG. An orientation given wins over the picture's own: that of a RAW file counts for what is in it.
fn render_jpeg(
    bytes: &[u8],
    orientation: Option<Orientation>,
    fit: Fit,
    deadline: Deadline,
) -> Result<Pixels, Unreadable> {
    let mut header = jpeg_header::parse(bytes)?;
    let exif = header.exif.and_then(Exif::parse);
    let own = || exif.as_ref().and_then(Exif::orientation);
    let orientation = orientation.or_else(own).unwrap_or_default();
    let colours = Colours::new(header.icc.take(), exif.as_ref().is_some_and(Exif::is_adobe_rgb));
    let plan = fit.plan(header.size(), orientation);
    let shrunk = shrink_jpeg(bytes, &header, &plan, deadline)?;
    Ok(to_srgb(shrunk, &colours).upright(orientation))
}

/// Decodes as little of a JPEG as the plan needs, and shrinks the rest of the way.
fn shrink_jpeg(
    bytes: &[u8],
    header: &jpeg_header::Header<'_>,
    plan: &Plan,
    deadline: Deadline,
) -> Result<Raster, Unreadable> {
    let eighths = plan.eighths();
    if eighths == 1
        && let Some(averages) = dc::decode(bytes, header, deadline)
    {
        return Ok(averages.resampled(plan.region, plan.out));
    }
    let raster = jpeg::decode(bytes, header, eighths, deadline)?;
    let scale = f64::from(eighths) / 8.0;
    let kernel = if eighths == 1 { Kernel::Averaged } else { Kernel::Plain };
    let region = if eighths == 8 { plan.region } else { plan.region.scaled((scale, scale)) };
    Ok(raster.resampled(region, plan.out, kernel))
}

/// Makes the stored thumbnail, its longer side at most `long_edge_px`.
///
/// # Errors
/// As [`render`]; [`Unreadable::NoPicture`] for a RAW file without an embedded picture.
pub fn thumbnail(bytes: &[u8], format: Format, long_edge_px: u32) -> Result<Thumbnail, Unreadable> {
    let pixels = render(bytes, format, Fit::LongEdge(long_edge_px))?;
    let jpeg = encode_jpeg(&pixels, THUMBNAIL_QUALITY)?;
    Ok(Thumbnail { jpeg, width_px: pixels.width_px, height_px: pixels.height_px })
}

/// Memory in bytes that [`render`] takes at its peak, about, so that few expensive decodes run at a time. 0 where the
/// file cannot be read at all, which costs nothing.
#[must_use]
pub fn decode_cost_bytes(bytes: &[u8], format: Format, fit: Fit) -> u64 {
    let of_jpeg = |bytes: &[u8]| {
        jpeg_header::parse(bytes).map_or(0, |header| {
            let plan = fit.plan(header.size(), Orientation::Upright);
            jpeg::cost_bytes(&header, plan.eighths()) + u64::from(plan.out.0) * u64::from(plan.out.1) * 6
        })
    };
    match format {
        Format::Jpeg => of_jpeg(bytes),
        Format::Raw | Format::Dng => {
            raw::preview_for(bytes, fit.long_edge()).map_or(0, |preview| of_jpeg(preview.bytes(bytes)))
        }
        Format::Heic => heic::cost_bytes(bytes),
        Format::Png | Format::Tiff | Format::Webp | Format::Gif | Format::Bmp => other::cost_bytes(bytes, format),
    }
}
