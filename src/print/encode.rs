//! Pictures of pages as files: JPEG, PNG and TIFF, row by row, with their resolution and profile.

use std::io::{self, Seek, SeekFrom, Write};

use super::raster::Rows;
use crate::domain::printing::PageFormat;

/// Quality of JPEG pages.
const QUALITY: f32 = 92.0;
/// Bytes of a profile in one JPEG segment: 65,535 less length, name and numbers (ICC.1, B.4).
const ICC_CHUNK: usize = 65_519;

/// What is the same for all rows.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// Pixels per inch.
    pub ppi: u32,
    /// The profile of the colours; sRGB's own where they are sRGB.
    pub icc: &'a [u8],
}

/// A place to write that can go back: a file.
pub trait Place: Write + Seek {}

impl<T: Write + Seek> Place for T {}

/// Writes one picture: `draw` is given where its rows go, and must give all of them.
///
/// # Errors
/// What `draw` says, or why the picture cannot be written, which becomes one of `draw`'s errors.
pub fn encode<E: From<io::Error>>(
    format: PageFormat,
    sheet: Sheet<'_>,
    out: &mut dyn Place,
    draw: impl FnOnce(&mut dyn Rows) -> Result<(), E>,
) -> Result<(), E> {
    match format {
        PageFormat::Jpeg => jpeg(sheet, out, draw),
        PageFormat::Png => png(sheet, out, draw),
        PageFormat::Tiff => tiff(sheet, out, draw),
    }
}

struct JpegRows<'a, W: Write>(&'a mut mozjpeg::compress::CompressStarted<W>);

impl<W: Write> Rows for JpegRows<'_, W> {
    fn rows(&mut self, rgb: &[u8]) -> io::Result<()> {
        self.0.write_scanlines(rgb)
    }
}

fn jpeg<E: From<io::Error>>(
    sheet: Sheet<'_>,
    out: &mut dyn Place,
    draw: impl FnOnce(&mut dyn Rows) -> Result<(), E>,
) -> Result<(), E> {
    let mut encoder = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    encoder.set_fastest_defaults();
    encoder.set_size(sheet.width_px as usize, sheet.height_px as usize);
    encoder.set_quality(QUALITY);
    // Tables that fit the picture would need all of its coefficients in memory.
    encoder.set_optimize_coding(false);
    encoder.set_chroma_sampling_pixel_sizes((1, 1), (1, 1));
    let density = u16::try_from(sheet.ppi).unwrap_or(u16::MAX);
    encoder.set_pixel_density(mozjpeg::PixelDensity {
        unit: mozjpeg::PixelDensityUnit::Inches,
        x: density,
        y: density,
    });
    let mut started = encoder.start_compress(&mut *out)?;
    let chunks = sheet.icc.chunks(ICC_CHUNK);
    if let Ok(count) = u8::try_from(chunks.len()) {
        for (number, chunk) in (1_u8..=count).zip(chunks) {
            let segment = [b"ICC_PROFILE\0", &[number, count][..], chunk].concat();
            started.write_marker(mozjpeg::Marker::APP(2), &segment);
        }
    }
    draw(&mut JpegRows(&mut started))?;
    started.finish()?;
    Ok(())
}

struct PngRows<'a, W: Write>(png::StreamWriter<'a, W>);

impl<W: Write> Rows for PngRows<'_, W> {
    fn rows(&mut self, rgb: &[u8]) -> io::Result<()> {
        self.0.write_all(rgb)
    }
}

fn png<E: From<io::Error>>(
    sheet: Sheet<'_>,
    out: &mut dyn Place,
    draw: impl FnOnce(&mut dyn Rows) -> Result<(), E>,
) -> Result<(), E> {
    const INCHES_PER_M: f64 = 1000.0 / crate::domain::paper::MM_PER_INCH;
    let mut info = png::Info::with_size(sheet.width_px, sheet.height_px);
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Eight;
    info.icc_profile = Some(sheet.icc.into());
    let per_m = (f64::from(sheet.ppi) * INCHES_PER_M).round() as u32;
    info.pixel_dims = Some(png::PixelDimensions { xppu: per_m, yppu: per_m, unit: png::Unit::Meter });
    let mut encoder = png::Encoder::with_info(&mut *out, info).map_err(io::Error::other)?;
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    {
        // Ended here, so that the writer is free again for its last chunk.
        let mut rows = PngRows(writer.stream_writer().map_err(io::Error::other)?);
        draw(&mut rows)?;
        rows.0.finish().map_err(io::Error::other)?;
    }
    writer.finish().map_err(io::Error::other)?;
    Ok(())
}

/// Strips of a TIFF, each compressed alone.
struct TiffRows<'a> {
    out: &'a mut dyn Place,
    stride: usize,
    rows_per_strip: usize,
    /// Rows that do not fill a strip yet.
    waiting: Vec<u8>,
    at: u64,
    strips: Vec<(u32, u32)>,
}

/// Bytes of a strip before it is compressed, about.
const STRIP_BYTES: usize = 256 << 10;

impl TiffRows<'_> {
    fn strip(&mut self, rows: &[u8]) -> io::Result<()> {
        // Each sample as the difference to that of the pixel before (TIFF 6.0, section 14).
        let mut rows = rows.to_vec();
        for row in rows.chunks_exact_mut(self.stride) {
            for at in (3..row.len()).rev() {
                row[at] = row[at].wrapping_sub(row[at - 3]);
            }
        }
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&rows)?;
        let packed = packer.finish()?;
        self.out.write_all(&packed)?;
        let too_large = || io::Error::other("the picture is too large for a TIFF file; choose fewer pixels per inch");
        let place = u32::try_from(self.at).map_err(|_| too_large())?;
        self.strips.push((place, u32::try_from(packed.len()).map_err(|_| too_large())?));
        self.at += packed.len() as u64;
        Ok(())
    }
}

impl Rows for TiffRows<'_> {
    fn rows(&mut self, rgb: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(rgb);
        let full = self.stride * self.rows_per_strip;
        let mut from = 0;
        while self.waiting.len() - from >= full {
            let strip = self.waiting[from..from + full].to_vec();
            self.strip(&strip)?;
            from += full;
        }
        self.waiting.drain(..from);
        Ok(())
    }
}

/// Little-endian TIFF 6.0, RGB, Deflate with horizontal differencing, resolution in inches, tag 34675 for the profile.
fn tiff<E: From<io::Error>>(
    sheet: Sheet<'_>,
    out: &mut dyn Place,
    draw: impl FnOnce(&mut dyn Rows) -> Result<(), E>,
) -> Result<(), E> {
    let stride = sheet.width_px as usize * 3;
    let rows_per_strip = (STRIP_BYTES / stride.max(1)).clamp(1, sheet.height_px as usize);
    out.write_all(b"II\x2a\0\0\0\0\0")?;
    let mut rows = TiffRows { out, stride, rows_per_strip, waiting: Vec::new(), at: 8, strips: Vec::new() };
    draw(&mut rows)?;
    let rest = std::mem::take(&mut rows.waiting);
    if !rest.is_empty() {
        rows.strip(&rest)?;
    }
    let TiffRows { out, at, strips, .. } = rows;
    let end = directory(&sheet, at, &strips, rows_per_strip as u32);
    let odd = at % 2;
    out.write_all(&vec![0; odd as usize])?;
    out.write_all(&end)?;
    out.seek(SeekFrom::Start(4))?;
    let place = u32::try_from(at + odd).map_err(|_| io::Error::other("the picture is too large for a TIFF file"))?;
    out.write_all(&place.to_le_bytes())?;
    out.seek(SeekFrom::End(0))?;
    Ok(())
}

/// The directory that stands at `at` (evened), and behind it what its entries point to.
fn directory(sheet: &Sheet<'_>, at: u64, strips: &[(u32, u32)], rows_per_strip: u32) -> Vec<u8> {
    const SHORT: u16 = 3;
    const LONG: u16 = 4;
    const RATIONAL: u16 = 5;
    const UNDEFINED: u16 = 7;
    let longs = |values: &mut dyn Iterator<Item = u32>| values.flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
    let short = |value: u16| value.to_le_bytes().to_vec();
    let long = |value: u32| value.to_le_bytes().to_vec();
    let resolution = [sheet.ppi.to_le_bytes(), 1_u32.to_le_bytes()].concat();
    let entries: Vec<(u16, u16, usize, Vec<u8>)> = vec![
        (256, LONG, 1, long(sheet.width_px)),
        (257, LONG, 1, long(sheet.height_px)),
        (258, SHORT, 3, [8_u16.to_le_bytes(); 3].concat()),
        (259, SHORT, 1, short(8)),
        (262, SHORT, 1, short(2)),
        (273, LONG, strips.len(), longs(&mut strips.iter().map(|strip| strip.0))),
        (277, SHORT, 1, short(3)),
        (278, LONG, 1, long(rows_per_strip)),
        (279, LONG, strips.len(), longs(&mut strips.iter().map(|strip| strip.1))),
        (282, RATIONAL, 1, resolution.clone()),
        (283, RATIONAL, 1, resolution),
        (284, SHORT, 1, short(1)),
        (296, SHORT, 1, short(2)),
        (317, SHORT, 1, short(2)),
        (34_675, UNDEFINED, sheet.icc.len(), sheet.icc.to_vec()),
    ];
    let start = (at + at % 2) as u32;
    let mut beyond = start + 2 + entries.len() as u32 * 12 + 4;
    let (mut head, mut tail) = ((entries.len() as u16).to_le_bytes().to_vec(), Vec::new());
    for (tag, kind, count, mut value) in entries {
        head.extend_from_slice(&tag.to_le_bytes());
        head.extend_from_slice(&kind.to_le_bytes());
        head.extend_from_slice(&(count as u32).to_le_bytes());
        if value.len() <= 4 {
            value.resize(4, 0);
            head.extend_from_slice(&value);
        } else {
            value.resize(value.len().next_multiple_of(2), 0);
            head.extend_from_slice(&beyond.to_le_bytes());
            beyond += value.len() as u32;
            tail.extend_from_slice(&value);
        }
    }
    head.extend_from_slice(&[0; 4]);
    head.extend_from_slice(&tail);
    head
}
