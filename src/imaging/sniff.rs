//! What a file is: by its first bytes, and by its name only where the bytes cannot say.

use crate::domain::Format;

/// Number of bytes from the beginning of a file that [`sniff`] wants at most.
pub const SNIFF_BYTES: usize = 64;

/// Suffixes of photos, lower case, without the dot.
pub const PHOTO_SUFFIXES: &[&str] = &[
    "jpg", "jpeg", "jpe", "jfif", "png", "tif", "tiff", "webp", "gif", "bmp", "dib", "heic", "heif", "hif", "dng",
    "cr2", "cr3", "crw", "nef", "nrw", "arw", "srf", "sr2", "raf", "rw2", "rwl", "raw", "orf", "pef", "ptx", "srw",
    "dcr", "kdc", "k25", "mrw", "mos", "mef", "iiq", "3fr", "fff", "erf", "x3f", "gpr",
];

/// Suffixes of videos, lower case, without the dot.
pub const VIDEO_SUFFIXES: &[&str] =
    &["mov", "mp4", "m4v", "avi", "mts", "m2ts", "mkv", "webm", "3gp", "3g2", "mpg", "mpeg", "wmv", "insv", "lrv"];

/// Suffixes of files that belong to a photo of the same base name, lower case, without the dot.
pub const COMPANION_SUFFIXES: &[&str] = &["xmp", "pp3", "dop", "aae", "thm", "wav", "cos", "on1", "xmpx", "vrd"];

/// Kinds of file, as an import treats them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Catalogued, with a picture where its bytes hold one.
    Photo(Format),
    /// Stored beside its photo, without a picture.
    Video,
    /// Settings, sounds and sidecars of a photo: stored beside it.
    Companion,
    /// Left out, and counted by suffix.
    Other,
}

/// Says what a file is. `head` is its beginning (up to [`SNIFF_BYTES`] are looked at), `extension` the end of its
/// name, in any case, without the dot.
///
/// Bytes win over names: a PNG called `.jpg` is a PNG. The name decides between a plain TIFF and a RAW format built
/// on it, and for bytes that are nothing known: an empty or damaged `.jpg` is still a photo, so that it is reported.
#[must_use]
pub fn sniff(head: &[u8], extension: Option<&str>) -> Kind {
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let by_name = by_suffix(&extension);
    // A companion is what its name says: Canon's THM is a JPEG inside, and belongs to its video all the same.
    if by_name == Kind::Companion {
        return Kind::Companion;
    }
    match by_magic(head) {
        Some(Kind::Photo(Format::Tiff)) => match by_name {
            Kind::Photo(format @ (Format::Dng | Format::Raw)) => Kind::Photo(format),
            _ if has_tag(head, b"CR\x02\0") => Kind::Photo(Format::Raw),
            _ => Kind::Photo(Format::Tiff),
        },
        Some(kind) => kind,
        None => by_name,
    }
}

/// Kind by suffix alone.
fn by_suffix(suffix: &str) -> Kind {
    match suffix {
        "jpg" | "jpeg" | "jpe" | "jfif" => Kind::Photo(Format::Jpeg),
        "png" => Kind::Photo(Format::Png),
        "tif" | "tiff" => Kind::Photo(Format::Tiff),
        "webp" => Kind::Photo(Format::Webp),
        "gif" => Kind::Photo(Format::Gif),
        "bmp" | "dib" => Kind::Photo(Format::Bmp),
        "heic" | "heif" | "hif" => Kind::Photo(Format::Heic),
        "dng" | "gpr" => Kind::Photo(Format::Dng),
        _ if PHOTO_SUFFIXES.contains(&suffix) => Kind::Photo(Format::Raw),
        _ if VIDEO_SUFFIXES.contains(&suffix) => Kind::Video,
        _ if COMPANION_SUFFIXES.contains(&suffix) => Kind::Companion,
        _ => Kind::Other,
    }
}

/// Canon's CR2 says so behind the TIFF header.
fn has_tag(head: &[u8], tag: &[u8]) -> bool {
    head.get(8..8 + tag.len()) == Some(tag)
}

/// Kind by the first bytes; `None` where they are nothing known.
fn by_magic(head: &[u8]) -> Option<Kind> {
    const MAGIC: &[(&[u8], Format)] = &[
        (b"\xFF\xD8\xFF", Format::Jpeg),
        (b"\x89PNG\r\n\x1A\n", Format::Png),
        (b"II*\0", Format::Tiff),
        (b"MM\0*", Format::Tiff),
        (b"II+\0", Format::Tiff),
        (b"MM\0+", Format::Tiff),
        (b"GIF87a", Format::Gif),
        (b"GIF89a", Format::Gif),
        (b"FUJIFILMCCD-RAW", Format::Raw),
        (b"IIU\0", Format::Raw),
        (b"IIRO", Format::Raw),
        (b"IIRS", Format::Raw),
        (b"MMOR", Format::Raw),
        (b"\0MRM", Format::Raw),
        (b"FOVb", Format::Raw),
    ];
    if let Some((_, format)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(Kind::Photo(*format));
    }
    if head.starts_with(b"RIFF") {
        return match head.get(8..12)? {
            b"WEBP" => Some(Kind::Photo(Format::Webp)),
            b"AVI " => Some(Kind::Video),
            _ => None,
        };
    }
    if head.starts_with(b"II\x1A\0\0\0HEAPCCDR") {
        return Some(Kind::Photo(Format::Raw));
    }
    // "BM" alone is too little to believe: the size of the header must be one that exists.
    if head.starts_with(b"BM") && matches!(head.get(14..18)?, [12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]) {
        return Some(Kind::Photo(Format::Bmp));
    }
    by_brand(head)
}

/// ISO base media files say what they are by their major brand (ISO/IEC 14496-12, `ftyp`).
fn by_brand(head: &[u8]) -> Option<Kind> {
    match head.get(4..8)? {
        b"ftyp" => {}
        // QuickTime files of old cameras begin without a brand.
        b"moov" | b"mdat" | b"wide" | b"skip" => return Some(Kind::Video),
        _ => return None,
    }
    let brands = head.get(8..)?.chunks_exact(4).enumerate().filter(|(index, _)| *index != 1);
    let mut heif = false;
    for (_, brand) in brands.take(12) {
        match brand {
            b"crx " => return Some(Kind::Photo(Format::Raw)),
            b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" => return Some(Kind::Photo(Format::Heic)),
            b"avif" | b"avis" => return Some(Kind::Other),
            b"mif1" | b"msf1" | b"mif2" => heif = true,
            _ => {}
        }
    }
    Some(if heif { Kind::Photo(Format::Heic) } else { Kind::Video })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_win_over_names() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1A\n....", Some("jpg")), Kind::Photo(Format::Png));
        assert_eq!(sniff(b"\xFF\xD8\xFF\xE1", Some("nef")), Kind::Photo(Format::Jpeg));
        assert_eq!(sniff(b"\xFF\xD8\xFF\xE1", None), Kind::Photo(Format::Jpeg));
        assert_eq!(sniff(b"RIFF....WEBPVP8 ", Some("txt")), Kind::Photo(Format::Webp));
    }

    #[test]
    fn names_decide_where_bytes_cannot() {
        assert_eq!(sniff(b"II*\0\x08\0\0\0", Some("NEF")), Kind::Photo(Format::Raw));
        assert_eq!(sniff(b"II*\0\x08\0\0\0", Some("dng")), Kind::Photo(Format::Dng));
        assert_eq!(sniff(b"II*\0\x08\0\0\0", Some("tif")), Kind::Photo(Format::Tiff));
        assert_eq!(sniff(b"II*\0\x10\0\0\0CR\x02\0", None), Kind::Photo(Format::Raw));
        assert_eq!(sniff(b"", Some("JPG")), Kind::Photo(Format::Jpeg));
        assert_eq!(sniff(b"garbage", Some("jpeg")), Kind::Photo(Format::Jpeg));
        assert_eq!(sniff(b"garbage", Some("txt")), Kind::Other);
        assert_eq!(sniff(b"<?xml", Some("xmp")), Kind::Companion);
        assert_eq!(sniff(b"\xFF\xD8\xFF\xE1", Some("THM")), Kind::Companion);
    }

    #[test]
    fn brands_tell_pictures_from_films() {
        assert_eq!(sniff(b"\0\0\0\x18ftypheic\0\0\0\0mif1", None), Kind::Photo(Format::Heic));
        assert_eq!(sniff(b"\0\0\0\x18ftypmif1\0\0\0\0heic", None), Kind::Photo(Format::Heic));
        assert_eq!(sniff(b"\0\0\0\x18ftypavif\0\0\0\0mif1", Some("avif")), Kind::Other);
        assert_eq!(sniff(b"\0\0\0\x18ftypcrx \0\0\0\x01", Some("cr3")), Kind::Photo(Format::Raw));
        assert_eq!(sniff(b"\0\0\0\x18ftypqt  \0\0\0\0", Some("mov")), Kind::Video);
    }

    #[test]
    fn every_listed_suffix_is_of_its_kind() {
        assert!(PHOTO_SUFFIXES.iter().all(|suffix| matches!(by_suffix(suffix), Kind::Photo(_))));
        assert!(VIDEO_SUFFIXES.iter().all(|suffix| by_suffix(suffix) == Kind::Video));
        assert!(COMPANION_SUFFIXES.iter().all(|suffix| by_suffix(suffix) == Kind::Companion));
    }
}
