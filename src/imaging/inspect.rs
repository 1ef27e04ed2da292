//! What is known of a photo from its bytes, without decoding its pixels.

use super::exif::Exif;
use super::guard::Unreadable;
use super::iptc::{self, Iptc};
use super::jpeg_header::{self, Coding};
use super::xmp::{self, Verdict, Xmp, add_new};
use super::{heic, other, raw};
use crate::domain::{Format, Metadata, Orientation};

/// Reads the metadata of a photo: EXIF, the XMP packet, IPTC, and the size by the picture's own header.
///
/// Damaged blocks give what can be read of them. `has_picture` says whether [`super::thumbnail`] has something to
/// work on. Orientation is what is still to be done to the pixels: for HEIC always upright.
///
/// # Errors
/// [`Unreadable`] where the picture's own header is damaged, so that no picture could be made and no size is known.
pub fn inspect(bytes: &[u8], format: Format) -> Result<Metadata, Unreadable> {
    match format {
        _ if bytes.is_empty() => Err(Unreadable::Empty),
        Format::Jpeg => inspect_jpeg(bytes),
        Format::Raw | Format::Dng => inspect_raw(bytes, format),
        Format::Heic => {
            let blocks = heic::blocks(bytes)?;
            let exif = blocks.exif.as_deref().and_then(Exif::parse);
            let mut metadata = gather(exif.as_ref(), blocks.xmp.as_deref(), None);
            metadata.orientation = Orientation::Upright;
            Ok(sized(metadata, blocks.size, true))
        }
        Format::Tiff => {
            let blocks = other::blocks(bytes, format)?;
            let exif = Exif::parse(bytes);
            let iptc = exif.as_ref().and_then(Exif::iptc);
            let metadata = gather(exif.as_ref(), exif.as_ref().and_then(Exif::xmp), iptc);
            Ok(sized(metadata, blocks.size, true))
        }
        Format::Png | Format::Webp | Format::Gif | Format::Bmp => {
            let blocks = other::blocks(bytes, format)?;
            let exif = blocks.exif.as_deref().and_then(Exif::parse);
            let metadata = gather(exif.as_ref(), blocks.xmp.as_deref(), None);
            Ok(sized(metadata, blocks.size, true))
        }
    }
}

/// Adds what a sidecar says, which wins: it was written after the photo. Keywords are added, never taken away.
pub fn apply_sidecar(metadata: &mut Metadata, xmp: &Xmp) {
    if let Some(title) = &xmp.title {
        metadata.title = Some(title.clone());
    }
    if let Some(description) = &xmp.description {
        metadata.caption = Some(description.clone());
    }
    if let Some(Verdict::Stars(rating)) = xmp.verdict {
        metadata.rating = Some(rating);
    }
    for word in xmp.keywords() {
        add_new(&mut metadata.keywords, &word);
    }
    metadata.taken_at = metadata.taken_at.or(xmp.taken_at);
}

fn inspect_jpeg(bytes: &[u8]) -> Result<Metadata, Unreadable> {
    let header = jpeg_header::parse(bytes)?;
    let exif = header.exif.and_then(Exif::parse);
    let iptc = header.photoshop.and_then(iptc::parse_photoshop);
    let metadata = gather(exif.as_ref(), header.xmp, iptc);
    let is_shown = matches!(header.coding, Coding::Sequential | Coding::Progressive) && header.precision == 8;
    Ok(sized(metadata, header.size(), is_shown))
}

/// RAW: catalogued also without a picture, as long as it is one of the known containers.
fn inspect_raw(bytes: &[u8], format: Format) -> Result<Metadata, Unreadable> {
    let preview = raw::choose(&raw::previews(bytes), u32::MAX);
    let exif = raw::exif(bytes);
    if exif.is_none() && preview.is_none() {
        return Err(Unreadable::damaged(format, "neither camera data nor a picture is in it"));
    }
    let mut metadata = gather(exif.as_ref(), exif.as_ref().and_then(Exif::xmp), exif.as_ref().and_then(Exif::iptc));
    let mut size = exif.as_ref().and_then(|exif| raw::sensor_size(bytes, exif));
    if let Some(preview) = preview {
        // Some makers keep the camera's data in the picture only.
        let inner = jpeg_header::exif_block(preview.bytes(bytes)).and_then(Exif::parse);
        if let (Some(inner), None) = (inner, &metadata.model) {
            inner.fill(&mut metadata);
        }
        size = size.or(Some(preview.size));
    }
    let has_picture = preview.is_some();
    match size {
        Some(size) => Ok(sized(metadata, size, has_picture)),
        None => Ok(Metadata { has_picture, ..metadata }),
    }
}

/// Puts the blocks together: XMP over IPTC over EXIF for words, EXIF first for the date.
fn gather(exif: Option<&Exif<'_>>, packet: Option<&[u8]>, iptc: Option<Iptc>) -> Metadata {
    let mut metadata = Metadata::default();
    if let Some(exif) = exif {
        exif.fill(&mut metadata);
    }
    if let Some(iptc) = iptc {
        metadata.title = iptc.title;
        metadata.caption = iptc.caption.or(metadata.caption);
        iptc.keywords.iter().for_each(|word| add_new(&mut metadata.keywords, word));
    }
    if let Some(Ok(xmp)) = packet.map(xmp::parse) {
        // The packet's order of keywords is the better one: IPTC has them cut to 64 bytes.
        let old = std::mem::take(&mut metadata.keywords);
        apply_sidecar(&mut metadata, &xmp);
        for word in old {
            if !metadata.keywords.iter().any(|known| known.len() > 60 && known.starts_with(&word)) {
                add_new(&mut metadata.keywords, &word);
            }
        }
    }
    metadata
}

/// Notes the size upright.
fn sized(metadata: Metadata, stored: (u32, u32), has_picture: bool) -> Metadata {
    let (width, height) = metadata.orientation.upright(stored);
    Metadata { width_px: Some(width), height_px: Some(height), has_picture, ..metadata }
}
