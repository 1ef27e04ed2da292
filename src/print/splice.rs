//! Pictures past the PDF library: it sees only their headers, so that a job of any length needs little memory.
//!
//! krilla holds every picture until the document is complete, and two copies more while it is put together: 200 A4
//! pages took 2.2 GB. So each JPEG goes to a spool (a temporary file), and krilla gets a stand-in: the JPEG's own
//! header, from which it writes width, height, colour space and profile, and then a token instead of the picture.
//! [`Stand::write`] copies the finished document, puts the pictures where the tokens are, and corrects what depends on
//! it: the streams' `/Length` (ISO 32000-1, 7.3.8.2) and the offsets of the cross-reference table (7.5.4).
//! Everything is checked on the way; what is not as expected ends as an error, never as a broken file.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::{ControlFlow, Range};

use memchr::memmem;

use super::pdf::PrintError;

/// Where pictures wait for the document to be complete: an empty temporary file, or a `Cursor` in memory for small jobs.
pub trait Spool: Read + Write + Seek {}

impl<T: Read + Write + Seek> Spool for T {}

/// Begins every token; no UTF-8, so that no text can hold it.
const MAGIC: &[u8; 16] = b"\xfflightkeep-jpeg\xff";
/// Magic, number, BLAKE3 of the picture: with it the document's id depends on every pixel.
const TOKEN_LEN: usize = MAGIC.len() + 8 + blake3::OUT_LEN;
/// A stream's dictionary is found within this many bytes before its data.
const DICTIONARY_MAX: usize = 2048;

/// The pictures of a document, in the spool.
pub(super) struct Stand<'a> {
    spool: &'a mut dyn Spool,
    pictures: Vec<Picture>,
    end: u64,
}

/// A picture in the spool, and its stand-in's length.
struct Picture {
    spooled: Range<u64>,
    stand_in_len: usize,
}

/// A place of the document that becomes something else.
struct Edit {
    range: Range<usize>,
    with: Replacement,
}

enum Replacement {
    Text(String),
    Picture(usize),
}

impl<'a> Stand<'a> {
    pub(super) fn new(spool: &'a mut dyn Spool) -> Self {
        Self { spool, pictures: Vec::new(), end: 0 }
    }

    /// Puts a JPEG into the spool and gives what krilla shall take for it; `Ok(None)` if it is no JPEG.
    pub(super) fn add(&mut self, jpeg: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let Some(header) = header_len(jpeg).and_then(|len| jpeg.get(..len)) else { return Ok(None) };
        self.spool.seek(SeekFrom::Start(self.end))?;
        self.spool.write_all(jpeg)?;
        let spooled = self.end..self.end + jpeg.len() as u64;
        self.end = spooled.end;
        let mut stand_in = Vec::with_capacity(header.len() + TOKEN_LEN);
        stand_in.extend_from_slice(header);
        stand_in.extend_from_slice(MAGIC);
        stand_in.extend_from_slice(&(self.pictures.len() as u64).to_be_bytes());
        stand_in.extend_from_slice(blake3::hash(jpeg).as_bytes());
        self.pictures.push(Picture { spooled, stand_in_len: stand_in.len() });
        Ok(Some(stand_in))
    }

    /// Writes `document` with the pictures in it; gives the number of bytes. `go` may stop between two pictures.
    pub(super) fn write(
        &mut self,
        document: &[u8],
        go: &mut dyn FnMut() -> ControlFlow<()>,
        out: &mut dyn Write,
    ) -> Result<u64, PrintError> {
        let table = Table::find(document)?;
        let edits = self.edits(document)?;
        self.spool.flush()?;
        let mut from = 0;
        let mut shifts = Shifts::default();
        for edit in &edits {
            let before = document.get(from..edit.range.start).ok_or_else(|| odd("its streams overlap"))?;
            out.write_all(before)?;
            let len = match &edit.with {
                Replacement::Text(text) => {
                    out.write_all(text.as_bytes())?;
                    text.len() as u64
                }
                Replacement::Picture(number) => {
                    if go().is_break() {
                        return Err(PrintError::Cancelled);
                    }
                    self.copy(*number, out)?
                }
            };
            shifts.add(edit, len);
            from = edit.range.end;
        }
        let rest = document.get(from..table.at).ok_or_else(|| odd("its table is not at its end"))?;
        out.write_all(rest)?;
        let tail = table.shifted(document, &shifts)?;
        out.write_all(&tail)?;
        out.flush()?;
        Ok(shifts.of(table.at) + tail.len() as u64)
    }

    fn copy(&mut self, number: usize, out: &mut dyn Write) -> Result<u64, PrintError> {
        let picture = self.pictures.get(number).ok_or_else(|| odd("it has an unknown picture"))?;
        let len = picture.spooled.end - picture.spooled.start;
        self.spool.seek(SeekFrom::Start(picture.spooled.start))?;
        let copied = io::copy(&mut (&mut *self.spool).take(len), out)?;
        if copied == len { Ok(len) } else { Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) }
    }

    /// What to replace, from the front: of every stand-in its length and its bytes.
    fn edits(&self, document: &[u8]) -> Result<Vec<Edit>, PrintError> {
        let mut edits = Vec::with_capacity(self.pictures.len() * 2);
        let mut seen = vec![false; self.pictures.len()];
        for magic in memmem::find_iter(document, MAGIC) {
            let end = magic + TOKEN_LEN;
            let number = document.get(magic + MAGIC.len()..).and_then(|bytes| bytes.first_chunk::<8>());
            let number = number.and_then(|bytes| usize::try_from(u64::from_be_bytes(*bytes)).ok());
            let number =
                number.filter(|number| *number < seen.len()).ok_or_else(|| odd("it has an unknown picture"))?;
            if std::mem::replace(&mut seen[number], true) {
                return Err(odd("it has a picture twice"));
            }
            let picture = &self.pictures[number];
            let start = end.checked_sub(picture.stand_in_len).ok_or_else(|| odd("a picture lacks its header"))?;
            let rest = document.get(end..).unwrap_or_default().trim_ascii_start();
            let length = length_before(document, start).filter(|_| rest.starts_with(b"endstream"));
            let length = length.ok_or_else(|| odd("a picture is no stream"))?;
            if document.get(length.clone()) != Some(picture.stand_in_len.to_string().as_bytes()) {
                return Err(odd("a picture has another length"));
            }
            let len = picture.spooled.end - picture.spooled.start;
            edits.push(Edit { range: length, with: Replacement::Text(len.to_string()) });
            edits.push(Edit { range: start..end, with: Replacement::Picture(number) });
        }
        if seen.contains(&false) {
            return Err(odd("it lacks a picture"));
        }
        Ok(edits)
    }
}

/// The digits of `/Length` in the dictionary of the stream whose data begin at `start`.
fn length_before(document: &[u8], start: usize) -> Option<Range<usize>> {
    const KEY: &[u8] = b"/Length";
    let window = start.saturating_sub(DICTIONARY_MAX);
    let before = document.get(window..start)?;
    let dictionary = before.strip_suffix(b"\n")?.strip_suffix(b"stream")?;
    let key = memmem::rfind(dictionary, KEY)? + KEY.len();
    let spaces = dictionary.get(key..)?.iter().take_while(|byte| **byte == b' ').count();
    let digits = dictionary.get(key + spaces..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let first = window + key + spaces;
    (digits > 0).then_some(first..first + digits)
}

/// By how much what lies behind an edit moves.
#[derive(Default)]
struct Shifts(Vec<(usize, i64)>);

impl Shifts {
    fn add(&mut self, edit: &Edit, len: u64) {
        let before = self.0.last().map_or(0, |(_, shift)| *shift);
        self.0.push((edit.range.end, before + len as i64 - edit.range.len() as i64));
    }

    /// Where the byte at `offset`, outside of the edits, has gone.
    fn of(&self, offset: usize) -> u64 {
        let passed = self.0.partition_point(|(end, _)| *end <= offset);
        let shift = passed.checked_sub(1).and_then(|last| self.0.get(last)).map_or(0, |(_, shift)| *shift);
        (offset as u64).saturating_add_signed(shift)
    }
}

/// The cross-reference table, one section as `pdf-writer` writes it.
struct Table {
    at: usize,
    entries: Range<usize>,
}

/// `0000000016 00000 n` and two bytes of line end.
const ENTRY_LEN: usize = 20;

impl Table {
    fn find(document: &[u8]) -> Result<Self, PrintError> {
        let find = || {
            let key = memmem::rfind(document, b"startxref")?;
            let at = number(document.get(key + 9..)?.trim_ascii_start())?;
            let head = document.get(at..)?.strip_prefix(b"xref")?.trim_ascii_start().strip_prefix(b"0 ")?;
            let count = number(head)?;
            let line_end = head.iter().position(|byte| *byte == b'\n')? + 1;
            let first = document.len() - head.get(line_end..)?.len();
            let end = first.checked_add(count.checked_mul(ENTRY_LEN)?)?;
            (end <= key).then_some(Self { at, entries: first..end })
        };
        find().ok_or_else(|| odd("it has no table"))
    }

    /// The table and all behind it, with every offset moved.
    fn shifted(&self, document: &[u8], shifts: &Shifts) -> Result<Vec<u8>, PrintError> {
        let mut tail = document.get(self.at..self.entries.start).unwrap_or_default().to_vec();
        for entry in document.get(self.entries.clone()).unwrap_or_default().chunks(ENTRY_LEN) {
            let in_use = entry.get(17) == Some(&b'n');
            match entry.get(..10).and_then(number).filter(|_| in_use) {
                Some(offset) => {
                    tail.extend_from_slice(format!("{:010}", shifts.of(offset)).as_bytes());
                    tail.extend_from_slice(entry.get(10..).unwrap_or_default());
                }
                None if in_use => return Err(odd("its table is damaged")),
                None => tail.extend_from_slice(entry),
            }
        }
        let rest = document.get(self.entries.end..).unwrap_or_default();
        let key = memmem::rfind(rest, b"startxref").ok_or_else(|| odd("it has no table"))?;
        tail.extend_from_slice(rest.get(..key).unwrap_or_default());
        tail.extend_from_slice(format!("startxref\n{}\n%%EOF", shifts.of(self.at)).as_bytes());
        Ok(tail)
    }
}

/// The decimal number at the front.
fn number(bytes: &[u8]) -> Option<usize> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(bytes.get(..digits)?).ok()?.parse().ok()
}

fn odd(what: &str) -> PrintError {
    PrintError::Document(format!("the document is not as expected, {what}"))
}

/// Bytes of a JPEG up to its picture: through the first start of scan (ISO/IEC 10918-1, B.2.1).
fn header_len(jpeg: &[u8]) -> Option<usize> {
    let mut at = jpeg.starts_with(&[0xff, 0xd8]).then_some(2)?;
    loop {
        if *jpeg.get(at)? != 0xff {
            return None;
        }
        let marker = *jpeg.get(at + 1)?;
        match marker {
            // Fill bytes.
            0xff => at += 1,
            // Markers without a segment.
            0x01 | 0xd0..=0xd7 => at += 2,
            // An end or a second start before any picture.
            0xd8 | 0xd9 => return None,
            _ => {
                let len = u16::from_be_bytes([*jpeg.get(at + 2)?, *jpeg.get(at + 3)?]);
                at += 2 + usize::from(len.max(2));
                if marker == 0xda {
                    return (at < jpeg.len()).then_some(at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers_end_where_the_picture_begins() {
        let jpeg = [&[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xda, 0, 3, 9][..], &[7, 7, 0xff, 0xd9]].concat();
        assert_eq!(header_len(&jpeg), Some(14));
        assert_eq!(header_len(&jpeg[..14]), None, "no picture");
        assert_eq!(header_len(b"\xff\xd8\xff\xd9"), None);
        assert_eq!(header_len(b"\x89PNG"), None);
    }

    #[test]
    fn a_document_that_is_not_as_expected_is_an_error() {
        let mut spool = io::Cursor::new(Vec::new());
        let mut stand = Stand::new(&mut spool);
        let stand_in = stand.add(&[0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3]).unwrap().unwrap();
        let stream = |length: usize| {
            let head = format!("1 0 obj\n<</Length {length}>>\nstream\n");
            [head.as_bytes(), &stand_in, b"\nendstream\nendobj\n"].concat()
        };
        let whole = |objects: &[u8]| {
            let tail = format!(
                "xref\n0 2\n0000000000 65535 f\r\n0000000000 00000 n\r\ntrailer\n<<>>\nstartxref\n{}\n%%EOF",
                objects.len()
            );
            [objects, tail.as_bytes()].concat()
        };
        let mut write = |document: &[u8]| {
            let mut out = Vec::new();
            stand.write(document, &mut || ControlFlow::Continue(()), &mut out).map(|len| {
                assert_eq!(len, out.len() as u64);
                out
            })
        };
        let good = String::from_utf8_lossy(&write(&whole(&stream(stand_in.len()))).unwrap()).into_owned();
        assert!(good.contains("/Length 9>>") && good.contains("\u{1}\u{2}\u{3}\nendstream"), "{good}");
        for wrong in [
            whole(&stream(stand_in.len() + 1)),
            whole(&stream(stand_in.len()).repeat(2)),
            whole(&stand_in),
            stream(stand_in.len()),
            Vec::new(),
        ] {
            assert!(matches!(write(&wrong), Err(PrintError::Document(_))));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_as_a_header_or_none(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = header_len(&bytes);
            bytes.splice(0..0, [0xff, 0xd8, 0xff]);
            prop_assert!(header_len(&bytes).is_none_or(|len| len < bytes.len()));
        }
    }
}
