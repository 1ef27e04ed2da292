//! The first look: the little picture that cameras put into a file's head, for the first paint of the grid.

use super::exif::Exif;
use super::jpeg;
use super::jpeg_header;
use super::pixels::Pixels;
use super::raw;

/// Bars brighter than this on average are part of the picture.
const BAR_IS_BELOW: u64 = 32;

/// The EXIF thumbnail of a JPEG, TIFF or RAW file, upright. `head` is the first 64 to 256 KB of the file.
///
/// Where the true shape of the photo is known, the black bars that cameras put around pictures of another shape are
/// cut away; a thumbnail of another shape without bars is stale (the photo was cropped) and is not shown.
#[must_use]
pub fn first_look(head: &[u8]) -> Option<Pixels> {
    let is_jpeg = head.starts_with(&[0xFF, 0xD8]);
    let block = if is_jpeg { jpeg_header::exif_block(head) } else { None };
    let exif = match block {
        Some(block) => Exif::parse(block)?,
        None if is_jpeg => return None,
        None => raw::exif(head)?,
    };
    let data = block.unwrap_or(head);
    let inside = exif.chain.get(1).and_then(|directory| {
        let (at, len) = (directory.uint(0x201)? as usize, directory.uint(0x202)? as usize);
        data.get(at..at.checked_add(len)?)
    });
    let decoded = match inside {
        Some(jpeg) => jpeg::decode_whole(jpeg).ok()?,
        None if is_jpeg => return None,
        None => jpeg::decode_whole(raw::choose(&raw::previews(head), 80)?.bytes(head)).ok()?,
    };
    let size = if is_jpeg { jpeg_header::frame_size(head) } else { None };
    let thumbnail = without_bars(decoded.into_rgb(), size.or_else(|| exif.noted_size()))?;
    Some(thumbnail.upright(exif.orientation().unwrap_or_default()))
}

/// Cuts the bars away, or `None` where the shapes do not agree.
fn without_bars(thumbnail: Pixels, size: Option<(u32, u32)>) -> Option<Pixels> {
    let Some((width, height)) = size.filter(|size| size.0 > 0 && size.1 > 0) else { return Some(thumbnail) };
    let (across, down) = (f64::from(thumbnail.width_px), f64::from(thumbnail.height_px));
    let (shape, own) = (f64::from(width) / f64::from(height), across / down);
    if (own / shape - 1.0).abs() < 0.025 {
        return Some(thumbnail);
    }
    let (keep_across, keep_down) = if own < shape { (across, across / shape) } else { (down * shape, down) };
    // Half a pixel less on each side, since the edge of a bar is never sharp.
    let left = ((across - keep_across) / 2.0).ceil() as usize;
    let top = ((down - keep_down) / 2.0).ceil() as usize;
    let (width, height) = (thumbnail.width_px as usize, thumbnail.height_px as usize);
    let (kept_width, kept_height) = (width.checked_sub(2 * left)?, height.checked_sub(2 * top)?);
    if kept_width == 0 || kept_height == 0 {
        return None;
    }
    let (mut sum, mut count) = (0_u64, 0_u64);
    let mut rgb = Vec::with_capacity(kept_width * kept_height * 3);
    for (y, row) in thumbnail.rgb.chunks_exact(width * 3).enumerate() {
        let is_kept = (top..top + kept_height).contains(&y);
        // The rows and columns beside the edge are blurred into the picture by the codec.
        let is_bar = |x: usize| y + 3 < top || y >= top + kept_height + 3 || x + 3 < left || x >= left + kept_width + 3;
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            if is_bar(x) {
                sum += pixel.iter().map(|sample| u64::from(*sample)).sum::<u64>();
                count += 3;
            } else if is_kept && (left..left + kept_width).contains(&x) {
                rgb.extend_from_slice(pixel);
            }
        }
    }
    let is_dark = count > 0 && sum / count < BAR_IS_BELOW;
    let fits = rgb.len() == kept_width * kept_height * 3;
    (is_dark && fits).then_some(Pixels { width_px: kept_width as u32, height_px: kept_height as u32, rgb })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 160 × 120 with a picture of 3:2 between bars of this brightness.
    fn letterboxed(bar: u8) -> Pixels {
        let rgb = (0..120).flat_map(|y| [if (7..113).contains(&y) { 150 } else { bar }; 160 * 3]).collect();
        Pixels { width_px: 160, height_px: 120, rgb }
    }

    #[test]
    fn black_bars_are_cut_away() {
        let cut = without_bars(letterboxed(3), Some((3000, 2000))).unwrap();
        assert_eq!((cut.width_px, cut.height_px), (160, 106));
        assert!(cut.rgb.iter().all(|sample| *sample == 150));
    }

    #[test]
    fn a_stale_thumbnail_is_not_shown() {
        assert_eq!(without_bars(letterboxed(90), Some((3000, 2000))), None);
        assert_eq!(without_bars(letterboxed(3), Some((2000, 3000))), None);
        assert!(without_bars(letterboxed(90), Some((4000, 3000))).is_some());
        assert!(without_bars(letterboxed(90), None).is_some());
    }
}
