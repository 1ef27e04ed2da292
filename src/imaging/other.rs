//! PNG, TIFF, WebP, GIF and BMP, by the `image` crate's decoders; of animations the first frame.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

use image::{ColorType, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::guard::{Deadline, MAX_DECODE_BYTES, Unreadable, check_size, guard, zeroed};
use super::raster::{Layout, Raster};
use crate::domain::Format;

/// What stands beside the pixels in one of these files.
#[derive(Debug, Clone, Default)]
pub(super) struct Blocks {
    /// Width and height as stored.
    pub size: (u32, u32),
    /// EXIF's TIFF data.
    pub exif: Option<Vec<u8>>,
    /// The XMP packet.
    pub xmp: Option<Vec<u8>>,
    /// The ICC profile.
    pub icc: Option<Vec<u8>>,
}

/// Opens a decoder: reads headers, not pixels.
fn open(bytes: &[u8], format: Format, deadline: Deadline) -> Result<impl ImageDecoder + '_, Unreadable> {
    if bytes.is_empty() {
        return Err(Unreadable::Empty);
    }
    let kind = match format {
        Format::Png => ImageFormat::Png,
        Format::Webp => ImageFormat::WebP,
        Format::Gif => ImageFormat::Gif,
        Format::Bmp => ImageFormat::Bmp,
        Format::Tiff | Format::Dng | Format::Raw => ImageFormat::Tiff,
        Format::Jpeg | Format::Heic => return Err(Unreadable::Unsupported("another decoder's format".to_owned())),
    };
    let mut reader = ImageReader::with_format(Clocked { cursor: Cursor::new(bytes), deadline }, kind);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    reader.limits(limits);
    reader.into_decoder().map_err(|why| Unreadable::damaged(format, why))
}

/// Reads size and metadata blocks.
///
/// # Errors
/// [`Unreadable`] where the header is damaged.
pub(super) fn blocks(bytes: &[u8], format: Format) -> Result<Blocks, Unreadable> {
    guard(format, || {
        let mut decoder = open(bytes, format, Deadline::start())?;
        let size = decoder.dimensions();
        check_size(format, size, 0)?;
        // A damaged block is as good as none.
        let strip = |block: Vec<u8>| match block.strip_prefix(b"Exif\0\0") {
            Some(rest) => rest.to_vec(),
            None => block,
        };
        let exif = if is_tiff(format) { None } else { decoder.exif_metadata().ok().flatten().map(strip) };
        let xmp = if is_tiff(format) { None } else { decoder.xmp_metadata().ok().flatten() };
        Ok(Blocks { size, exif, xmp, icc: decoder.icc_profile().ok().flatten() })
    })
}

/// TIFF's own tags are read from the file itself.
fn is_tiff(format: Format) -> bool {
    matches!(format, Format::Tiff | Format::Dng | Format::Raw)
}

/// Memory in bytes that [`decode`] takes; 0 where the header cannot be read.
pub(super) fn cost_bytes(bytes: &[u8], format: Format) -> u64 {
    guard(format, || Ok(peak(&open(bytes, format, Deadline::start())?))).unwrap_or(0)
}

/// The decoder's own buffer, what is put out, and its 8-bit form.
fn peak(decoder: &impl ImageDecoder) -> u64 {
    let (width, height) = decoder.dimensions();
    let channels = if decoder.color_type().has_color() { 3 } else { 1 };
    let samples = u64::from(width) * u64::from(height) * channels;
    match decoder.color_type() {
        ColorType::L8 | ColorType::Rgb8 => decoder.total_bytes().saturating_mul(2),
        _ => decoder.total_bytes().saturating_mul(2).max(decoder.total_bytes().saturating_add(samples)),
    }
}

/// Decodes at full size, as stored; transparency is laid over white.
///
/// # Errors
/// [`Unreadable`] where the file is damaged, or limits of memory or time are hit.
pub(super) fn decode(bytes: &[u8], format: Format, deadline: Deadline) -> Result<Raster, Unreadable> {
    let decoded = guard(format, || {
        let decoder = open(bytes, format, deadline)?;
        let (width, height) = decoder.dimensions();
        check_size(format, (width, height), 1)?;
        if peak(&decoder) > MAX_DECODE_BYTES {
            return Err(Unreadable::TooLarge { width_px: width, height_px: height });
        }
        let colour = decoder.color_type();
        let mut buffer = zeroed(format, usize::try_from(decoder.total_bytes()).unwrap_or(usize::MAX))?;
        decoder.read_image(&mut buffer).map_err(|why| Unreadable::damaged(format, why))?;
        let (layout, samples) = to_eight_bits(colour, buffer)
            .ok_or_else(|| Unreadable::Unsupported(format!("samples of the kind {colour:?}")))?;
        Ok(Raster { width, height, layout, samples })
    });
    deadline.check()?;
    decoded
}

/// Samples of any kind to grey or RGB of 8 bits.
fn to_eight_bits(colour: ColorType, buffer: Vec<u8>) -> Option<(Layout, Vec<u8>)> {
    let layout = if colour.has_color() { Layout::Rgb } else { Layout::Grey };
    let (channels, opaque) = (usize::from(colour.channel_count()), layout.channels());
    let width = usize::from(colour.bytes_per_pixel()) / channels.max(1);
    if width == 1 && channels == opaque {
        return Some((layout, buffer));
    }
    let read: fn(&[u8]) -> u8 = match width {
        1 => |sample| sample[0],
        2 => |sample| ((u32::from(u16::from_ne_bytes([sample[0], sample[1]])) * 255 + 32_767) / 65_535) as u8,
        // Floating point is linear light.
        4 => |sample| from_linear(f32::from_ne_bytes([sample[0], sample[1], sample[2], sample[3]])),
        _ => return None,
    };
    let mut samples = Vec::new();
    samples.try_reserve_exact(buffer.len() / (channels * width) * opaque).ok()?;
    for pixel in buffer.chunks_exact(channels * width) {
        let mut values = pixel.chunks_exact(width).map(read);
        let start = samples.len();
        samples.extend(values.by_ref().take(opaque));
        if let Some(alpha) = values.next() {
            for sample in &mut samples[start..] {
                *sample = over_white(*sample, alpha);
            }
        }
    }
    Some((layout, samples))
}

/// A sample of some opacity, laid over white.
pub(super) fn over_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// Linear light, 0 to 1, by the sRGB curve (IEC 61966-2-1).
fn from_linear(light: f32) -> u8 {
    let light = if light.is_nan() { 0.0 } else { light.clamp(0.0, 1.0) };
    let value = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0).round() as u8
}

/// A reader that fails once the time is over, which is how a decoder without a clock is stopped.
struct Clocked<'a> {
    cursor: Cursor<&'a [u8]>,
    deadline: Deadline,
}

impl Clocked<'_> {
    fn check(&self) -> io::Result<()> {
        if self.deadline.is_over() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }
}

impl Read for Clocked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        // Small bites, so that the clock is looked at.
        let len = buffer.len().min(64 * 1024);
        self.cursor.read(&mut buffer[..len])
    }
}

impl BufRead for Clocked<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        let rest = self.cursor.fill_buf()?;
        Ok(&rest[..rest.len().min(64 * 1024)])
    }

    fn consume(&mut self, len: usize) {
        self.cursor.consume(len);
    }
}

impl Seek for Clocked<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.check()?;
        self.cursor.seek(to)
    }
}
