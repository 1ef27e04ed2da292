//! RAW and DNG: the camera's metadata, and the JPEG pictures that cameras put inside.
//!
//! No table of makers: pictures are found by their first bytes and believed by their headers, whatever the container.

use super::exif::Exif;
use super::guard::{Unreadable, check_size};
use super::jpeg_header::{self, Coding};
use super::tiff::Tiff;
use crate::domain::Format;

/// Places that are looked at for a JPEG; sensor data holds its first bytes by chance.
const MAX_CANDIDATES: usize = 4096;

/// Candidates whose data is followed to the end.
const MAX_FOLLOWED: usize = 24;

/// Smaller pictures are of no use.
const MIN_EDGE_PX: u32 = 60;

/// A JPEG inside of another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Preview {
    at: usize,
    /// Width and height as stored.
    pub size: (u32, u32),
}

impl Preview {
    /// Its bytes, with what follows it.
    pub(super) fn bytes(self, file: &[u8]) -> &[u8] {
        &file[self.at..]
    }

    fn area(self) -> u64 {
        u64::from(self.size.0) * u64::from(self.size.1)
    }

    fn long_edge(self) -> u32 {
        self.size.0.max(self.size.1)
    }

    /// Whether both show the same frame, by their shape.
    fn has_shape_of(self, other: Self) -> bool {
        let shape = |size: (u32, u32)| f64::from(size.0) / f64::from(size.1.max(1));
        (shape(self.size) / shape(other.size) - 1.0).abs() < 0.02
    }
}

/// The whole pictures of a file, largest first.
pub(super) fn previews(file: &[u8]) -> Vec<Preview> {
    let starts = memchr::memmem::find_iter(file, b"\xFF\xD8\xFF").take(MAX_CANDIDATES);
    let mut found: Vec<Preview> = starts.filter_map(|at| candidate(file, at)).collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.area()), one.at));
    found.truncate(MAX_FOLLOWED);
    found.retain(|one| is_whole(one.bytes(file)));
    found
}

/// A place that has the header of a picture we can show.
fn candidate(file: &[u8], at: usize) -> Option<Preview> {
    // The header is near: without this limit each chance find would walk through the whole file.
    let window = &file[at..file.len().min(at + 512 * 1024)];
    let header = jpeg_header::parse(window).ok()?;
    let fine = matches!(header.coding, Coding::Sequential | Coding::Progressive)
        && header.precision == 8
        && matches!(header.components.len(), 1 | 3)
        && (1..=header.components.len()).contains(&header.scan_components)
        && header.width.min(header.height) >= MIN_EDGE_PX
        && check_size(Format::Raw, header.size(), 1).is_ok();
    fine.then_some(Preview { at, size: header.size() })
}

/// Whether the coded data goes on to an end marker.
fn is_whole(bytes: &[u8]) -> bool {
    let Ok(header) = jpeg_header::parse(bytes) else { return false };
    let mut at = header.scan_at + 2;
    while let Some(step) = bytes.get(at..).and_then(|rest| memchr::memchr(0xFF, rest)) {
        at += step;
        match bytes.get(at + 1) {
            Some(0xD9) => return true,
            // Stuffing, restarts, fill, and the segments between the scans of a progressive picture.
            Some(0x00 | 0xD0..=0xD7 | 0xDA | 0xC4 | 0xDB | 0xDD | 0xFE) => at += 2,
            Some(0xFF) => at += 1,
            _ => return false,
        }
    }
    false
}

/// The picture to make one of `wanted_px` from: the smallest that is twice as large and of the same shape as the
/// largest, else the largest.
pub(super) fn choose(previews: &[Preview], wanted_px: u32) -> Option<Preview> {
    let largest = *previews.first()?;
    let enough =
        previews.iter().rev().find(|one| one.long_edge() >= wanted_px.saturating_mul(2) && one.has_shape_of(largest));
    Some(enough.copied().unwrap_or(largest))
}

/// The camera's metadata, wherever the container has it.
pub(super) fn exif(file: &[u8]) -> Option<Exif<'_>> {
    if let Some(rest) = file.strip_prefix(b"FUJIFILMCCD-RAW") {
        // RAF: offset of the picture at 84, counted from the file's beginning.
        let at = u32::from_be_bytes(rest.get(69..73)?.try_into().ok()?) as usize;
        return Exif::parse(jpeg_header::exif_block(file.get(at..)?)?);
    }
    if file.get(4..12) == Some(b"ftypcrx ") {
        // CR3: boxes CMT1 (top directory), CMT2 (camera), CMT4 (place), each with TIFF data of its own.
        let head = &file[..file.len().min(1 << 20)];
        let part = |name: &[u8]| {
            let at = memchr::memmem::find(head, name)?;
            let len = u32::from_be_bytes(head.get(at.checked_sub(4)?..at)?.try_into().ok()?) as usize;
            head.get(at + 4..(at - 4).checked_add(len)?)
        };
        return Exif::from_parts(part(b"CMT1")?, part(b"CMT2"), part(b"CMT4"));
    }
    Exif::parse(file)
}

/// Width and height of the photo itself, as stored: of the largest picture that the directories name, or what the
/// camera noted where that is nearly as large (sensors have margins).
pub(super) fn sensor_size(file: &[u8], exif: &Exif<'_>) -> Option<(u32, u32)> {
    let area = |size: (u32, u32)| u64::from(size.0) * u64::from(size.1);
    let tiff = Tiff::parse(file);
    let mut largest: Option<(u32, u32)> = None;
    let subs =
        exif.chain.iter().filter_map(|one| one.get(0x14A)).flat_map(|entry| (0..8).map_while(|at| entry.uint(at)));
    let subs: Vec<_> = subs.take(16).filter_map(|at| tiff?.directory(at)).collect();
    for directory in exif.chain.iter().chain(&subs) {
        // DNG's DefaultCropSize is the picture without margins; Panasonic has its own tags.
        let crop = directory.get(0xC620).and_then(|entry| Some((entry.real(0)? as u32, entry.real(1)? as u32)));
        let plain = || Some((directory.uint(0x100)?, directory.uint(0x101)?));
        let panasonic = || Some((directory.uint(2)?, directory.uint(3)?));
        let Some(size) = crop.or_else(plain).or_else(panasonic) else { continue };
        if check_size(Format::Raw, size, 1).is_ok() && largest.is_none_or(|known| area(size) > area(known)) {
            largest = Some(size);
        }
    }
    let noted = exif.noted_size().filter(|size| check_size(Format::Raw, *size, 1).is_ok());
    match (noted, largest) {
        (Some(noted), Some(largest)) if area(noted) * 10 < area(largest) * 8 => Some(largest),
        (noted, largest) => noted.or(largest),
    }
}

/// The largest whole picture, or the reason why there is none.
///
/// # Errors
/// [`Unreadable::NoPicture`].
pub(super) fn preview_for(file: &[u8], wanted_px: u32) -> Result<Preview, Unreadable> {
    choose(&previews(file), wanted_px).ok_or(Unreadable::NoPicture)
}
