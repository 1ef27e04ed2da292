//! Walking the directories of TIFF data: EXIF blocks, TIFF files, and the RAW formats built on them.
//!
//! Source: TIFF 6.0 section 2, EXIF 2.32 section 4.5. Values are borrowed, never copied; offsets that lead outside,
//! round in circles or into nonsense are passed over, so that a damaged block still gives what can be read.

/// Entries of one directory that are looked at; real ones have up to some two hundred.
const MAX_ENTRIES: usize = 1000;

/// Directories that are visited in one file.
const MAX_DIRECTORIES: usize = 48;

/// TIFF data with its byte order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tiff<'a> {
    data: &'a [u8],
    big_endian: bool,
}

/// One field of a directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// Tag number.
    pub tag: u16,
    /// Field type, 1 to 13.
    kind: u16,
    /// The values' bytes.
    pub bytes: &'a [u8],
    big_endian: bool,
}

/// A directory with its fields.
#[derive(Debug, Clone, Default)]
pub(super) struct Directory<'a> {
    entries: Vec<Entry<'a>>,
    /// Where the next directory of the chain begins; 0 is the end.
    next: u32,
}

impl<'a> Tiff<'a> {
    /// Reads the header. Besides TIFF's own 42 those of Panasonic, Olympus and others are known.
    pub(super) fn parse(data: &'a [u8]) -> Option<Self> {
        let big_endian = match data.get(..2)? {
            b"II" => false,
            b"MM" => true,
            _ => return None,
        };
        let tiff = Self { data, big_endian };
        let magic = tiff.u16_at(2)?;
        matches!(magic, 42 | 0x55 | 0x4F52 | 0x5352).then_some(tiff)
    }

    /// The chain of top directories (IFD0, IFD1 …), each visited once.
    pub(super) fn chain(self) -> Vec<Directory<'a>> {
        let mut seen = Vec::new();
        let mut chain = Vec::new();
        let mut at = self.u32_at(4).unwrap_or(0);
        while at != 0 && seen.len() < MAX_DIRECTORIES && !seen.contains(&at) {
            seen.push(at);
            let Some(directory) = self.directory(at) else { break };
            at = directory.next;
            chain.push(directory);
        }
        chain
    }

    /// The directory at an offset.
    pub(super) fn directory(self, offset: u32) -> Option<Directory<'a>> {
        let start = offset as usize;
        let count = usize::from(self.u16_at(start)?);
        let mut entries = Vec::with_capacity(count.min(64));
        for index in 0..count.min(MAX_ENTRIES) {
            let at = start + 2 + index * 12;
            if at + 12 > self.data.len() {
                break;
            }
            entries.extend(self.entry(at));
        }
        let next = self.u32_at(start + 2 + count * 12).unwrap_or(0);
        Some(Directory { entries, next })
    }

    /// The field at an offset, if its values lie inside.
    fn entry(self, at: usize) -> Option<Entry<'a>> {
        let (tag, kind, count) = (self.u16_at(at)?, self.u16_at(at + 2)?, self.u32_at(at + 4)?);
        let width = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let len = usize::try_from(u64::from(count) * width).ok()?;
        let start = if len <= 4 { at + 8 } else { self.u32_at(at + 8)? as usize };
        let bytes = match self.data.get(start..start.checked_add(len)?) {
            Some(bytes) => bytes,
            // A text or block that runs over the end is cut there; numbers are lost.
            None if matches!(kind, 2 | 7) => self.data.get(start..)?,
            None => return None,
        };
        Some(Entry { tag, kind, bytes, big_endian: self.big_endian })
    }

    fn u16_at(self, at: usize) -> Option<u16> {
        let bytes = self.data.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32_at(self, at: usize) -> Option<u32> {
        let bytes = self.data.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

impl<'a> Directory<'a> {
    /// The first field with a tag.
    pub(super) fn get(&self, tag: u16) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// The first whole number of a field.
    pub(super) fn uint(&self, tag: u16) -> Option<u32> {
        self.get(tag)?.uint(0)
    }

    /// The first fraction of a field.
    pub(super) fn real(&self, tag: u16) -> Option<f64> {
        self.get(tag)?.real(0)
    }

    /// A text field, trimmed; `None` where it is blank.
    pub(super) fn text(&self, tag: u16) -> Option<String> {
        self.get(tag)?.text()
    }
}

impl<'a> Entry<'a> {
    /// The whole number at an index (BYTE, SHORT, LONG, and signed ones that are not negative).
    pub(super) fn uint(&self, index: usize) -> Option<u32> {
        match self.kind {
            1 | 7 => self.bytes.get(index).copied().map(u32::from),
            3 => {
                let bytes = self.bytes.get(index * 2..index * 2 + 2)?.try_into().ok()?;
                Some(u32::from(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }))
            }
            4 | 13 => self.u32(index * 4),
            8 | 9 => None,
            5 => self.real(index).filter(|value| *value < 4e9).map(|value| value as u32),
            _ => None,
        }
    }

    /// The number at an index as a fraction (RATIONAL, SRATIONAL, or a whole number); never infinite.
    pub(super) fn real(&self, index: usize) -> Option<f64> {
        let (above, below) = match self.kind {
            5 => (f64::from(self.u32(index * 8)?), f64::from(self.u32(index * 8 + 4)?)),
            10 => {
                let signed = |at| Some(f64::from(self.u32(at)?.cast_signed()));
                (signed(index * 8)?, signed(index * 8 + 4)?)
            }
            _ => return self.uint(index).map(f64::from),
        };
        (below != 0.0).then(|| above / below)
    }

    /// The text, UTF-8 or else Latin-1, up to the first NUL, trimmed; `None` where it is blank.
    pub(super) fn text(&self) -> Option<String> {
        if !matches!(self.kind, 1 | 2 | 7) {
            return None;
        }
        let bytes = &self.bytes[..self.bytes.len().min(64 * 1024)];
        clean_text(bytes.split(|byte| *byte == 0).next().unwrap_or_default())
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at + 4)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

/// Bytes as text: UTF-8, or Latin-1 where they are not; without controls and outer spaces. `None` where blank.
pub(super) fn clean_text(bytes: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let text: String = text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_directory_that_points_at_itself_ends() {
        // One entry, then the chain leads back to offset 8.
        let data = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x08\0\0\0";
        let chain = Tiff::parse(data).unwrap().chain();
        assert_eq!(chain.len(), 1);
        assert_eq!(chain[0].uint(0x112), Some(6));
    }

    #[test]
    fn a_value_outside_is_passed_over() {
        let data =
            b"MM\0*\0\0\0\x08\0\x02\x01\x1A\0\x05\0\0\0\x01\xFF\xFF\xFF\x00\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0";
        let chain = Tiff::parse(data).unwrap().chain();
        assert_eq!(chain[0].real(0x11A), None);
        assert_eq!(chain[0].uint(0x112), Some(3));
    }

    #[test]
    fn text_is_trimmed_and_never_lost() {
        assert_eq!(clean_text(b"  Canon \0\0").as_deref(), Some("Canon"));
        assert_eq!(clean_text(b"Caf\xE9").as_deref(), Some("Caf\u{e9}"));
        assert_eq!(clean_text(b"   "), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(mut data in proptest::collection::vec(any::<u8>(), 8..200)) {
            data[..4].copy_from_slice(b"II*\0");
            for directory in Tiff::parse(&data).unwrap().chain() {
                for entry in &directory.entries {
                    let _ = (entry.uint(0), entry.real(1), entry.text());
                }
            }
        }
    }
}
