//! JPEG pixels by libjpeg, at n/8 of their size.

use std::io::{self, BufRead, Read};

use super::guard::{Deadline, Unreadable, guard, zeroed};
use super::jpeg_header::{Coding, Header, parse};
use super::raster::{Layout, Raster};
use crate::domain::Format;

/// Scans of a progressive picture beyond which it is taken for a bomb; encoders write up to some dozen.
const MAX_SCANS: usize = 200;

/// Blocks times scans that are worked through: some seconds.
const MAX_BLOCK_SCANS: u64 = 400_000_000;

/// Bytes given to the decoder between two looks at the clock.
const CHUNK_BYTES: usize = 128 * 1024;

/// Rows read between two looks at the clock.
const ROWS_AT_A_TIME: usize = 32;

/// Decodes all of a JPEG at full size, as stored.
///
/// # Errors
/// [`Unreadable`] where the bytes are no JPEG, damaged, or too large.
pub(super) fn decode_whole(bytes: &[u8]) -> Result<Raster, Unreadable> {
    let header = parse(bytes)?;
    decode(bytes, &header, 8, Deadline::start())
}

/// Memory in bytes that [`decode`] takes at `eighths`/8, with a copy of the result for turning it or its colours.
pub(super) fn cost_bytes(header: &Header<'_>, eighths: u8) -> u64 {
    let scale = |side: u32| (u64::from(side) * u64::from(eighths)).div_ceil(8);
    let pixels = scale(header.width) * scale(header.height);
    2 * pixels * layout(header).channels() as u64 + header.coefficient_bytes()
}

/// What the samples will be.
fn layout(header: &Header<'_>) -> Layout {
    match header.components.len() {
        1 => Layout::Grey,
        4 => Layout::Cmyk,
        _ => Layout::Rgb,
    }
}

/// Decodes at `eighths`/8 (1 to 8) of the size. A picture that breaks off half-way keeps what was there, the rest grey.
///
/// # Errors
/// [`Unreadable`] where not one row can be decoded, or limits of memory or time are hit.
pub(super) fn decode(bytes: &[u8], header: &Header<'_>, eighths: u8, deadline: Deadline) -> Result<Raster, Unreadable> {
    refuse_bombs(bytes, header, eighths)?;
    let layout = layout(header);
    let mut samples = Vec::new();
    let mut progress = Progress::default();
    let outcome = guard(Format::Jpeg, || {
        read(bytes, header, eighths, layout, deadline, (&mut samples, &mut progress))
            .map_err(|why| Unreadable::damaged(Format::Jpeg, why))
    });
    deadline.check()?;
    if progress.rows == 0 {
        outcome.map_err(|fault| match fault {
            // libjpeg means its source, which here is the file itself.
            Unreadable::Damaged { why, .. } if why == "Input file read error" => {
                Unreadable::damaged(Format::Jpeg, "the file breaks off before the picture begins")
            }
            other => other,
        })?;
        return Err(Unreadable::damaged(Format::Jpeg, "not one row of the picture can be read"));
    }
    // Adobe's programs write inks inverted, and libjpeg passes that on.
    if layout == Layout::Cmyk && header.adobe.is_some() {
        samples.iter_mut().for_each(|sample| *sample = 255 - *sample);
    }
    Ok(Raster { width: progress.size.0, height: progress.size.1, layout, samples })
}

/// Refuses what would take more memory or time than a photo may.
fn refuse_bombs(bytes: &[u8], header: &Header<'_>, eighths: u8) -> Result<(), Unreadable> {
    if header.coding == Coding::Lossless {
        return Err(Unreadable::Unsupported("a lossless JPEG, as in sensor data".to_owned()));
    }
    if header.precision != 8 {
        return Err(Unreadable::Unsupported(format!("a JPEG of {} bits per sample", header.precision)));
    }
    // The limit of pixels is for what is put out: a sequential picture is scaled row by row.
    let too_large = Unreadable::TooLarge { width_px: header.width, height_px: header.height };
    if cost_bytes(header, eighths) > super::guard::MAX_DECODE_BYTES {
        return Err(too_large);
    }
    if header.is_multi_scan() {
        let scans = memchr::memmem::find_iter(&bytes[header.scan_at..], b"\xFF\xDA").take(MAX_SCANS + 1).count();
        let blocks = header.coefficient_bytes() / 128;
        if scans > MAX_SCANS || blocks * scans as u64 > MAX_BLOCK_SCANS {
            return Err(Unreadable::Unsupported(format!("a JPEG of {scans} or more scans would take too long")));
        }
    }
    Ok(())
}

/// How far a decode came.
#[derive(Default)]
struct Progress {
    size: (u32, u32),
    rows: usize,
}

/// Runs libjpeg. Fills `samples` as far as it comes, also where it is unwound.
fn read(
    bytes: &[u8],
    header: &Header<'_>,
    eighths: u8,
    layout: Layout,
    deadline: Deadline,
    (samples, progress): (&mut Vec<u8>, &mut Progress),
) -> io::Result<()> {
    let mut decoder = mozjpeg::Decompress::builder().from_reader(Chunks { bytes, deadline })?;
    if (decoder.width(), decoder.height()) != (header.width as usize, header.height as usize) {
        // Two frame headers that disagree: limits were checked with the first.
        return Err(io::Error::other("the picture has two sizes"));
    }
    decoder.scale(eighths.clamp(1, 8));
    decoder.do_fancy_upsampling(eighths == 8);
    let mut started = match layout {
        Layout::Grey => decoder.grayscale()?,
        Layout::Rgb => decoder.rgb()?,
        Layout::Cmyk => decoder.to_colorspace(mozjpeg::ColorSpace::JCS_CMYK)?,
    };
    let (width, height) = (started.width(), started.height());
    let stride = width * layout.channels();
    *samples = zeroed(Format::Jpeg, stride * height).map_err(io::Error::other)?;
    samples.fill(if layout == Layout::Cmyk { 0 } else { 0x80 });
    progress.size = (width as u32, height as u32);
    for rows in samples.chunks_mut(stride * ROWS_AT_A_TIME) {
        if deadline.is_over() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        for row in rows.chunks_exact_mut(stride) {
            started.read_scanlines_into::<u8>(row)?;
            progress.rows += 1;
        }
    }
    // What stands behind the last row is of no interest, so the decoder is dropped, not finished.
    Ok(())
}

/// The bytes in chunks, until the time is over: a progressive picture is read whole before its first row comes out.
struct Chunks<'a> {
    bytes: &'a [u8],
    deadline: Deadline,
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let chunk = self.fill_buf()?;
        let len = chunk.len().min(buffer.len());
        buffer[..len].copy_from_slice(&chunk[..len]);
        self.consume(len);
        Ok(len)
    }
}

impl BufRead for Chunks<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.deadline.is_over() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(&self.bytes[..self.bytes.len().min(CHUNK_BYTES)])
    }

    fn consume(&mut self, len: usize) {
        self.bytes = &self.bytes[len.min(self.bytes.len())..];
    }
}
