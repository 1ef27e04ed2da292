//! Pictures of any size from the bytes of a photo.

use super::colour::{Colours, to_srgb};
use super::exif::Exif;
use super::guard::{Deadline, Unreadable};
use super::pixels::{Pixels, encode_jpeg};
use super::press::Press;
use super::raster::{Kernel, Raster, Region};
use super::{dc, heic, jpeg, jpeg_header, other, raw};
use crate::domain::layout::Rect;
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

/// A part of a photo at a size, as a page wants it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// The part, in 0 to 1 of the photo as the person sees it: upright, and turned by `turn`.
    pub crop: Rect,
    /// What the person turned it by, after it stands upright.
    pub turn: Orientation,
    /// Width and height wanted for the part. It is never enlarged.
    pub size_px: (u32, u32),
}

/// Where a part of the upright picture lies in the stored one, both in 0 to 1.
fn stored_part(part: Rect, orientation: Orientation) -> Rect {
    let (right, bottom) = (1.0 - part.right(), 1.0 - part.bottom());
    let Rect { x, y, width, height } = part;
    match orientation {
        Orientation::Upright => part,
        Orientation::FlipHorizontal => Rect::new(right, y, width, height),
        Orientation::Rotate180 => Rect::new(right, bottom, width, height),
        Orientation::FlipVertical => Rect::new(x, bottom, width, height),
        Orientation::Transpose => Rect::new(y, x, height, width),
        Orientation::Rotate90 => Rect::new(y, right, height, width),
        Orientation::Transverse => Rect::new(bottom, right, height, width),
        Orientation::Rotate270 => Rect::new(bottom, x, height, width),
    }
}

impl Cut {
    fn plan(&self, stored: (u32, u32), orientation: Orientation) -> Plan {
        let part = stored_part(stored_part(self.crop, self.turn), orientation);
        let (wide, high) = (f64::from(stored.0), f64::from(stored.1));
        let (left, top) = ((part.x * wide).clamp(0.0, wide), (part.y * high).clamp(0.0, high));
        let region = Region {
            left,
            top,
            width: (part.width * wide).clamp(0.0, wide - left),
            height: (part.height * high).clamp(0.0, high - top),
        };
        let is_turned = self.turn.swaps_sides() != orientation.swaps_sides();
        let (across, down) = if is_turned { (self.size_px.1, self.size_px.0) } else { self.size_px };
        let room = |room: u32, side: f64| f64::from(room.max(1)) / side.max(1.0);
        let scale = room(across, region.width).min(room(down, region.height)).min(1.0);
        let px = |side: f64| ((side * scale).round() as u32).max(1);
        Plan { region, out: (px(region.width), px(region.height)) }
    }

    /// How long the whole picture's longer side would be at this scale.
    fn long_edge(&self) -> u32 {
        let whole = |px: u32, part: f64| f64::from(px) / part.max(1e-3);
        whole(self.size_px.0, self.crop.width).max(whole(self.size_px.1, self.crop.height)).min(1e6) as u32
    }
}

/// A picture in its own colours, not yet upright.
struct Decoded {
    raster: Raster,
    orientation: Orientation,
    colours: Colours,
}

/// What to decode, for the size and orientation that a file turns out to have.
struct Want<'a> {
    plan: &'a dyn Fn((u32, u32), Orientation) -> Plan,
    long_edge: u32,
}

/// Makes a picture of about the asked size: upright, sRGB.
///
/// # Errors
/// [`Unreadable`] where the bytes hold no picture, are damaged, or would take more than a gigabyte or some seconds.
pub fn render(bytes: &[u8], format: Format, fit: Fit) -> Result<Pixels, Unreadable> {
    let want = Want { plan: &|stored, orientation| fit.plan(stored, orientation), long_edge: fit.long_edge() };
    let Decoded { raster, orientation, colours } = decode(bytes, format, &want)?;
    Ok(to_srgb(raster, &colours).upright(orientation))
}

/// Makes a part of a picture as a page wants it: upright, turned, and through the press.
///
/// # Errors
/// As [`render`].
pub fn render_cut(bytes: &[u8], format: Format, cut: &Cut, press: &Press) -> Result<Pixels, Unreadable> {
    let want = Want { plan: &|stored, orientation| cut.plan(stored, orientation), long_edge: cut.long_edge() };
    let Decoded { raster, orientation, colours } = decode(bytes, format, &want)?;
    Ok(press.run(raster, &colours).upright(orientation).upright(cut.turn))
}

/// Makes a picture of about the asked size as a press shows it: for a soft proof.
///
/// # Errors
/// As [`render`].
pub fn render_proof(bytes: &[u8], format: Format, fit: Fit, press: &Press) -> Result<Pixels, Unreadable> {
    let want = Want { plan: &|stored, orientation| fit.plan(stored, orientation), long_edge: fit.long_edge() };
    let Decoded { raster, orientation, colours } = decode(bytes, format, &want)?;
    Ok(press.run(raster, &colours).upright(orientation))
}

fn decode(bytes: &[u8], format: Format, want: &Want<'_>) -> Result<Decoded, Unreadable> {
    let deadline = Deadline::start();
    if bytes.is_empty() {
        return Err(Unreadable::Empty);
    }
    let (raster, orientation, colours) = match format {
        Format::Jpeg => return decode_jpeg(bytes, None, want, deadline),
        Format::Raw | Format::Dng => {
            let preview = raw::preview_for(bytes, want.long_edge)?;
            let orientation = raw::exif(bytes).and_then(|exif| exif.orientation());
            return decode_jpeg(preview.bytes(bytes), orientation, want, deadline);
        }
        Format::Heic => {
            let (raster, colours) = heic::decode(bytes, want.long_edge, deadline)?;
            (raster, Orientation::Upright, colours)
        }
        Format::Png | Format::Tiff | Format::Webp | Format::Gif | Format::Bmp => {
            let blocks = other::blocks(bytes, format)?;
            let exif = match format {
                Format::Tiff => Exif::parse(bytes),
                _ => blocks.exif.as_deref().and_then(Exif::parse),
            };
            let orientation = exif.and_then(|exif| exif.orientation()).unwrap_or_default();
            (other::decode(bytes, format, deadline)?, orientation, Colours::new(blocks.icc, false))
        }
    };
    let plan = (want.plan)(raster.size(), orientation);
    let raster = raster.resampled(plan.region, plan.out, Kernel::Plain);
    Ok(Decoded { raster, orientation, colours })
}

/// The same for a JPEG. An orientation given wins over the picture's own: that of a RAW file counts for what is in it.
fn decode_jpeg(
    bytes: &[u8],
    orientation: Option<Orientation>,
    want: &Want<'_>,
    deadline: Deadline,
) -> Result<Decoded, Unreadable> {
    let mut header = jpeg_header::parse(bytes)?;
    let exif = header.exif.and_then(Exif::parse);
    let own = || exif.as_ref().and_then(Exif::orientation);
    let orientation = orientation.or_else(own).unwrap_or_default();
    let colours = Colours::new(header.icc.take(), exif.as_ref().is_some_and(Exif::is_adobe_rgb));
    let plan = (want.plan)(header.size(), orientation);
    let raster = shrink_jpeg(bytes, &header, &plan, deadline)?;
    Ok(Decoded { raster, orientation, colours })
}

/// A JPEG that can go onto a page as it is: how it is turned to stand upright. `None` for what a page must not take
/// unseen: inks, a profile that only EXIF names, another format.
#[must_use]
pub fn untouched(bytes: &[u8], format: Format) -> Option<Orientation> {
    if format != Format::Jpeg {
        return None;
    }
    let header = jpeg_header::parse(bytes).ok()?;
    let exif = header.exif.and_then(Exif::parse);
    let is_named = header.icc.is_some() || !exif.as_ref().is_some_and(Exif::is_adobe_rgb);
    let is_plain = matches!(header.components.len(), 1 | 3) && header.precision == 8 && is_named;
    is_plain.then(|| exif.as_ref().and_then(Exif::orientation).unwrap_or_default())
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
    cost(
        bytes,
        format,
        &Want { plan: &|stored, orientation| fit.plan(stored, orientation), long_edge: fit.long_edge() },
    )
}

/// The same for [`render_cut`].
#[must_use]
pub fn cut_cost_bytes(bytes: &[u8], format: Format, cut: &Cut) -> u64 {
    cost(
        bytes,
        format,
        &Want { plan: &|stored, orientation| cut.plan(stored, orientation), long_edge: cut.long_edge() },
    )
}

fn cost(bytes: &[u8], format: Format, want: &Want<'_>) -> u64 {
    let of_jpeg = |bytes: &[u8]| {
        jpeg_header::parse(bytes).map_or(0, |header| {
            let plan = (want.plan)(header.size(), Orientation::Upright);
            jpeg::cost_bytes(&header, plan.eighths()) + u64::from(plan.out.0) * u64::from(plan.out.1) * 6
        })
    };
    match format {
        Format::Jpeg => of_jpeg(bytes),
        Format::Raw | Format::Dng => {
            raw::preview_for(bytes, want.long_edge).map_or(0, |preview| of_jpeg(preview.bytes(bytes)))
        }
        Format::Heic => heic::cost_bytes(bytes),
        Format::Png | Format::Tiff | Format::Webp | Format::Gif | Format::Bmp => other::cost_bytes(bytes, format),
    }
}
