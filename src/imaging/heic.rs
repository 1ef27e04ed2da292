//! HEIC by `heifer`. The container says how the picture is turned (`irot`, `imir`), the decoder does it, and EXIF's
//! orientation is not applied a second time (ISO/IEC 23008-12 section 6.5.10; EXIF in HEIF is informative).

use heifer::heifer_isobmff::HeifFile;
use heifer::heifer_isobmff::boxes::Property;

use super::colour::Colours;
use super::guard::{Deadline, MAX_DECODE_BYTES, Unreadable, check_size, guard};
use super::other::over_white;
use super::raster::{Layout, Raster};
use crate::domain::Format;

/// Bytes per pixel while decoding: the frame, RGBA, its converted copy.
const BYTES_PER_PIXEL: u64 = 10;

/// What stands beside the pixels.
pub(super) struct Blocks {
    /// Width and height, upright.
    pub size: (u32, u32),
    /// EXIF's TIFF data.
    pub exif: Option<Vec<u8>>,
    /// The XMP packet.
    pub xmp: Option<Vec<u8>>,
}

/// Reads size and metadata.
///
/// # Errors
/// [`Unreadable`] where the container is damaged.
pub(super) fn blocks(bytes: &[u8]) -> Result<Blocks, Unreadable> {
    if bytes.is_empty() {
        return Err(Unreadable::Empty);
    }
    guard(Format::Heic, || {
        let file = HeifFile::parse(bytes).map_err(|why| Unreadable::damaged(Format::Heic, why))?;
        let id = file.primary_id;
        let size = upright_size(&file, id).ok_or_else(|| Unreadable::damaged(Format::Heic, "its size is missing"))?;
        check_size(Format::Heic, size, 0)?;
        let exif = file.exif(id).ok().flatten().map(|block| match block.strip_prefix(b"Exif\0\0") {
            Some(rest) => rest.to_vec(),
            None => block,
        });
        Ok(Blocks { size, exif, xmp: file.xmp(id).ok().flatten() })
    })
}

/// Width and height of an item, cropped and turned.
fn upright_size(file: &HeifFile<'_>, id: u32) -> Option<(u32, u32)> {
    let mut size = file.image_size(id).ok()??;
    for property in file.item_properties(id).ok()? {
        match property {
            Property::CleanAperture { width, height, .. } if width.1 > 0 && height.1 > 0 => {
                size = (size.0.min(width.0 / width.1), size.1.min(height.0 / height.1));
            }
            Property::Rotation(quarters) if quarters % 2 == 1 => size = (size.1, size.0),
            _ => {}
        }
    }
    Some(size)
}

/// Memory in bytes that a decode takes.
pub(super) fn cost_bytes(bytes: &[u8]) -> u64 {
    let size = blocks(bytes).map_or((0, 0), |blocks| blocks.size);
    u64::from(size.0) * u64::from(size.1) * BYTES_PER_PIXEL
}

/// Decodes upright. The file's own thumbnail is taken where its long edge has at least `enough_px` pixels.
///
/// # Errors
/// [`Unreadable`] where the file is damaged or too large.
pub(super) fn decode(bytes: &[u8], enough_px: u32, deadline: Deadline) -> Result<(Raster, Colours), Unreadable> {
    let size = blocks(bytes)?.size;
    guard(Format::Heic, || {
        let file = HeifFile::parse(bytes).map_err(|why| Unreadable::damaged(Format::Heic, why))?;
        let icc = file.icc_profile(file.primary_id).ok().flatten().map(<[u8]>::to_vec);
        if let Some(raster) = own_thumbnail(&file, size, enough_px) {
            return Ok((raster, Colours::new(icc, false)));
        }
        check_size(Format::Heic, size, BYTES_PER_PIXEL)?;
        deadline.check()?;
        // Files are decoded side by side, so each takes one thread.
        let options = heifer::Options { max_threads: 1, max_pixels: MAX_DECODE_BYTES / BYTES_PER_PIXEL };
        let decoded = if icc.is_some() {
            heifer::decode_rgba8(bytes, &options)
        } else {
            // Without a profile the container's or the stream's colour numbers count; those of HDR are passed over.
            heifer::decode_srgb_rgba8(bytes, &options).or_else(|why| match why {
                heifer::Error::Unsupported(_) => heifer::decode_rgba8(bytes, &options),
                other => Err(other),
            })
        };
        let image = decoded.map_err(|why| match why {
            heifer::Error::Unsupported(what) => Unreadable::Unsupported(what),
            other => Unreadable::damaged(Format::Heic, other),
        })?;
        let raster = flatten(image.width, image.height, &image.data, image.has_alpha);
        Ok((raster, Colours::new(icc, false)))
    })
}

/// The smallest thumbnail of the primary picture that is large enough and has its shape.
fn own_thumbnail(file: &HeifFile<'_>, size: (u32, u32), enough_px: u32) -> Option<Raster> {
    let shape = |size: (u32, u32)| f64::from(size.0) / f64::from(size.1.max(1));
    let candidates = file.referencing_items(file.primary_id, b"thmb").into_iter().filter_map(|id| {
        let own = upright_size(file, id)?;
        let fits = own.0.max(own.1) >= enough_px && (shape(own) / shape(size) - 1.0).abs() < 0.02;
        fits.then_some((own.0, id))
    });
    let (_, id) = candidates.min()?;
    let image = heifer::decode_item(file, id, 0).ok()?;
    Some(flatten(image.width, image.height, &image.to_rgba8(), image.has_alpha))
}

/// RGBA to RGB, over white.
fn flatten(width: u32, height: u32, rgba: &[u8], has_alpha: bool) -> Raster {
    let mut samples = Vec::with_capacity(rgba.len() / 4 * 3);
    for pixel in rgba.chunks_exact(4) {
        let alpha = if has_alpha { pixel[3] } else { 255 };
        samples.extend(pixel[..3].iter().map(|sample| over_white(*sample, alpha)));
    }
    Raster { width, height, layout: Layout::Rgb, samples }
}
