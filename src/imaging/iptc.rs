//! IPTC-IIM: the captions and keywords of the time before XMP.
//!
//! Source: IPTC-NAA Information Interchange Model 4.2, and Photoshop's image resource blocks around it.

use super::tiff::clean_text;

/// What is read of an IIM block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Iptc {
    /// 2:05 object name.
    pub title: Option<String>,
    /// 2:120 caption.
    pub caption: Option<String>,
    /// 2:25 keywords, in order.
    pub keywords: Vec<String>,
}

/// Keywords beyond this are dropped: nobody types them.
const MAX_KEYWORDS: usize = 2000;

/// Reads the image resource blocks of a JPEG's APP13 (behind `Photoshop 3.0\0`) and the IIM in them.
pub(super) fn parse_photoshop(mut blocks: &[u8]) -> Option<Iptc> {
    while let Some(start) = memchr::memmem::find(blocks, b"8BIM") {
        blocks = &blocks[start + 4..];
        let id = u16::from_be_bytes(blocks.get(..2)?.try_into().ok()?);
        // A Pascal string, padded to an even length with its length byte.
        let name = 1 + usize::from(*blocks.get(2)?);
        let at = 2 + name + name % 2;
        let len = u32::from_be_bytes(blocks.get(at..at + 4)?.try_into().ok()?) as usize;
        let body = blocks.get(at + 4..)?;
        if id == 0x0404 {
            return Some(parse(&body[..len.min(body.len())]));
        }
        blocks = body.get(len..)?;
    }
    None
}

/// Reads an IIM block: data sets of record 2, UTF-8 where 1:90 or the bytes say so, otherwise Latin-1.
pub(super) fn parse(mut block: &[u8]) -> Iptc {
    let mut iptc = Iptc::default();
    while let [0x1C, record, number, high, low, rest @ ..] = block {
        let mut len = usize::from(u16::from_be_bytes([*high, *low]));
        let mut rest = rest;
        if len & 0x8000 != 0 {
            // An extended data set: the length is in that many bytes.
            let width = len & 0x7FFF;
            if width > 4 || rest.len() < width {
                break;
            }
            len = rest[..width].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            rest = &rest[width..];
        }
        let value = &rest[..len.min(rest.len())];
        if *record == 2 {
            match number {
                5 => iptc.title = iptc.title.or_else(|| clean_text(value)),
                25 if iptc.keywords.len() < MAX_KEYWORDS => iptc.keywords.extend(clean_text(value)),
                120 => iptc.caption = iptc.caption.or_else(|| clean_text(value)),
                _ => {}
            }
        }
        block = &rest[value.len()..];
    }
    iptc
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(number: u8, value: &[u8]) -> Vec<u8> {
        let len = u16::try_from(value.len()).unwrap().to_be_bytes();
        [&[0x1C, 2, number], &len[..], value].concat()
    }

    #[test]
    fn keywords_in_order_and_in_both_encodings() {
        let block = [set(5, b"Title"), set(25, "Zürich".as_bytes()), set(25, b"M\xFCnchen"), set(120, b"A caption")];
        let mut photoshop = b"8BIM\x04\x04\0\0".to_vec();
        let block = block.concat();
        photoshop.extend(u32::try_from(block.len()).unwrap().to_be_bytes());
        photoshop.extend(block);
        let iptc = parse_photoshop(&photoshop).unwrap();
        assert_eq!(iptc.keywords, ["Zürich", "München"]);
        assert_eq!(iptc.title.as_deref(), Some("Title"));
        assert_eq!(iptc.caption.as_deref(), Some("A caption"));
    }

    #[test]
    fn a_cut_block_gives_what_is_there() {
        let mut block = set(25, b"whole");
        block.extend([0x1C, 2, 25, 0, 9, b'c', b'u', b't']);
        assert_eq!(parse(&block).keywords, ["whole", "cut"]);
        assert_eq!(parse(&[0x1C, 2, 25, 0xFF, 0xFF, 1]), Iptc::default());
    }
}
