//! The marker segments of a JPEG: sizes, coding, and the metadata blocks that programs hang in.
//!
//! Source: ISO/IEC 10918-1 annex B; EXIF 2.32 section 4.7; XMP part 3 section 1.1.3; ICC.1 annex B.4.

use super::guard::Unreadable;
use crate::domain::Format;

/// How the coefficients are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Sequential Huffman: SOF0 and SOF1.
    Sequential,
    /// Progressive, Huffman or arithmetic: SOF2, SOF10.
    Progressive,
    /// Lossless: SOF3 and SOF11, as in the sensor data of RAW files.
    Lossless,
    /// Anything else.
    Other,
}

/// One colour component of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    /// Its name in scans.
    pub id: u8,
    /// Samples across in a unit, 1 to 4.
    pub horizontal: u8,
    /// Samples down in a unit, 1 to 4.
    pub vertical: u8,
    /// Number of its quantisation table.
    pub quantiser: u8,
}

/// What stands before the first scan.
#[derive(Debug, Clone)]
pub(super) struct Header<'a> {
    /// Width in pixels, as stored.
    pub width: u32,
    /// Height in pixels, as stored.
    pub height: u32,
    /// Bits per sample.
    pub precision: u8,
    /// How coefficients are coded.
    pub coding: Coding,
    /// One to four components.
    pub components: Vec<Component>,
    /// Adobe's colour transform, where its marker is there.
    pub adobe: Option<u8>,
    /// The TIFF data of EXIF.
    pub exif: Option<&'a [u8]>,
    /// The XMP packet.
    pub xmp: Option<&'a [u8]>,
    /// Photoshop's image resource blocks.
    pub photoshop: Option<&'a [u8]>,
    /// The ICC profile, put together from its parts.
    pub icc: Option<Vec<u8>>,
    /// Where the marker of the first scan is.
    pub scan_at: usize,
    /// Components in the first scan.
    pub scan_components: usize,
}

impl Header<'_> {
    /// Width and height as stored.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Whether all coefficients must be kept in memory until the last scan.
    pub(super) fn is_multi_scan(&self) -> bool {
        self.coding != Coding::Sequential || self.scan_components < self.components.len()
    }

    /// Bytes that the coefficients take where they must all be kept.
    pub(super) fn coefficient_bytes(&self) -> u64 {
        if !self.is_multi_scan() {
            return 0;
        }
        let (across, down) = self.largest_sampling();
        let units = u64::from(self.width).div_ceil(8 * across) * u64::from(self.height).div_ceil(8 * down);
        let blocks: u64 = self.components.iter().map(|one| u64::from(one.horizontal) * u64::from(one.vertical)).sum();
        units * blocks * 128
    }

    /// The largest sampling factors across and down.
    pub(super) fn largest_sampling(&self) -> (u64, u64) {
        let across = self.components.iter().map(|one| one.horizontal).max().unwrap_or(1);
        let down = self.components.iter().map(|one| one.vertical).max().unwrap_or(1);
        (u64::from(across.max(1)), u64::from(down.max(1)))
    }
}

/// One marker with its segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'a> {
    /// The marker's second byte.
    pub marker: u8,
    /// What follows its length; cut at the end of the data.
    pub body: &'a [u8],
    /// Where the marker is.
    pub at: usize,
    /// Where the segment ends.
    pub end: usize,
}

/// The segments from the beginning to the first scan (included) or the end of the picture.
pub(super) fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut at = if bytes.starts_with(&[0xFF, 0xD8]) { Some(2) } else { None };
    std::iter::from_fn(move || {
        let segment = next_segment(bytes, at?)?;
        at = (segment.marker != 0xDA).then_some(segment.end);
        Some(segment)
    })
}

/// The next segment at or behind a place; bytes that are no marker are skipped, as other readers do.
fn next_segment(bytes: &[u8], mut at: usize) -> Option<Segment<'_>> {
    loop {
        at += memchr::memchr(0xFF, bytes.get(at..)?)?;
        let marker = *bytes.get(at + 1)?;
        match marker {
            // Fill bytes, stuffing, and markers that stand alone.
            0xFF => at += 1,
            0x00 | 0x01 | 0xD0..=0xD8 => at += 2,
            0xD9 => return None,
            _ => {
                let len = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
                if len < 2 {
                    at += 2;
                    continue;
                }
                let end = at + 2 + len;
                let body = &bytes[(at + 4).min(bytes.len())..end.min(bytes.len())];
                return Some(Segment { marker, body, at, end });
            }
        }
    }
}

/// Reads the header.
///
/// # Errors
/// [`Unreadable`] where there is no frame or no scan: then no picture can be made.
pub(super) fn parse(bytes: &[u8]) -> Result<Header<'_>, Unreadable> {
    let damaged = |why| Unreadable::damaged(Format::Jpeg, why);
    if bytes.is_empty() {
        return Err(Unreadable::Empty);
    }
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return Err(damaged("it does not begin like a JPEG"));
    }
    let mut partial = Partial::default();
    for segment in segments(bytes) {
        partial.take(&segment);
        if segment.marker == 0xDA {
            let header = partial.finish(&segment).ok_or_else(|| damaged("the picture's size is missing"))?;
            if bytes.len() < segment.end + 2 {
                return Err(damaged("the file ends before the picture begins"));
            }
            return Ok(header);
        }
    }
    Err(damaged("the file ends before the picture begins"))
}

/// Metadata blocks alone, also where the picture is missing: for heads of files and damaged ones.
pub(super) fn exif_block(bytes: &[u8]) -> Option<&[u8]> {
    segments(bytes).find_map(|segment| (segment.marker == 0xE1).then(|| exif_of(segment.body)).flatten())
}

/// Width and height by the frame header, also where the scan is not there yet.
pub(super) fn frame_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut partial = Partial::default();
    segments(bytes).for_each(|segment| partial.take(&segment));
    let frame = partial.frame?;
    Some((frame.width, frame.height))
}

/// The TIFF data in an APP1 segment.
fn exif_of(body: &[u8]) -> Option<&[u8]> {
    body.strip_prefix(b"Exif\0").and_then(|rest| rest.get(1..))
}

#[derive(Debug, Clone)]
struct Frame {
    width: u32,
    height: u32,
    precision: u8,
    coding: Coding,
    components: Vec<Component>,
}

/// A header while its segments come in.
#[derive(Default)]
struct Partial<'a> {
    frame: Option<Frame>,
    adobe: Option<u8>,
    exif: Option<&'a [u8]>,
    xmp: Option<&'a [u8]>,
    photoshop: Option<&'a [u8]>,
    icc: Vec<(u8, &'a [u8])>,
}

impl<'a> Partial<'a> {
    fn take(&mut self, segment: &Segment<'a>) {
        let body = segment.body;
        match segment.marker {
            0xE1 => {
                self.exif = self.exif.or_else(|| exif_of(body));
                self.xmp = self.xmp.or_else(|| body.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0"));
            }
            0xE2 => {
                if let Some([number, _, part @ ..]) = body.strip_prefix(b"ICC_PROFILE\0") {
                    self.icc.push((*number, part));
                }
            }
            0xED => self.photoshop = self.photoshop.or_else(|| body.strip_prefix(b"Photoshop 3.0\0")),
            0xEE if body.starts_with(b"Adobe") => self.adobe = body.get(11).copied(),
            0xC0..=0xCF if !matches!(segment.marker, 0xC4 | 0xC8 | 0xCC) && self.frame.is_none() => {
                self.frame = frame(segment.marker, body);
            }
            _ => {}
        }
    }

    fn finish(mut self, scan: &Segment<'a>) -> Option<Header<'a>> {
        let frame = self.frame?;
        self.icc.sort_by_key(|(number, _)| *number);
        let icc = self.icc.iter().flat_map(|(_, part)| part.iter().copied()).collect::<Vec<u8>>();
        Some(Header {
            width: frame.width,
            height: frame.height,
            precision: frame.precision,
            coding: frame.coding,
            components: frame.components,
            adobe: self.adobe,
            exif: self.exif,
            xmp: self.xmp,
            photoshop: self.photoshop,
            icc: (!icc.is_empty()).then_some(icc),
            scan_at: scan.at,
            scan_components: usize::from(*scan.body.first()?),
        })
    }
}

/// Reads a frame header (SOFn).
fn frame(marker: u8, body: &[u8]) -> Option<Frame> {
    let [precision, h1, h0, w1, w0, count, rest @ ..] = body else { return None };
    let components: Vec<Component> = rest
        .chunks_exact(3)
        .take(usize::from(*count))
        .map(|one| Component { id: one[0], horizontal: one[1] >> 4, vertical: one[1] & 15, quantiser: one[2] })
        .collect();
    let fine = components.iter().all(|one| (1..=4).contains(&one.horizontal) && (1..=4).contains(&one.vertical));
    if !(1..=4).contains(&components.len()) || components.len() != usize::from(*count) || !fine {
        return None;
    }
    let (width, height) = (u16::from_be_bytes([*w1, *w0]), u16::from_be_bytes([*h1, *h0]));
    if width == 0 || height == 0 {
        return None;
    }
    let coding = match marker {
        0xC0 | 0xC1 => Coding::Sequential,
        0xC2 | 0xCA => Coding::Progressive,
        0xC3 | 0xCB => Coding::Lossless,
        _ => Coding::Other,
    };
    Some(Frame { width: u32::from(width), height: u32::from(height), precision: *precision, coding, components })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fill_bytes_and_rubbish_between_segments_are_skipped() {
        let mut bytes = vec![0xFF, 0xD8, 0x12, 0xFF, 0xFF, 0xE1, 0, 8, b'E', b'x', b'i', b'f', 0, 0];
        bytes.extend([0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0]);
        bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3]);
        let header = parse(&bytes).unwrap();
        assert_eq!(header.size(), (32, 16));
        assert_eq!((header.coding, header.exif), (Coding::Sequential, Some(&[][..])));
        assert_eq!(parse(&bytes[..20]).unwrap_err().to_string().lines().count(), 1);
    }

    proptest! {
        #[test]
        fn nothing_panics(mut bytes in proptest::collection::vec(prop_oneof![Just(0xFFu8), any::<u8>()], 2..300)) {
            bytes[..2].copy_from_slice(&[0xFF, 0xD8]);
            let _ = (parse(&bytes), exif_block(&bytes), frame_size(&bytes));
        }
    }
}
