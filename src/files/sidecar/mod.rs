//! XMP sidecars: read strictly, and changed in places, so that all that other programs keep in them stays as it is.
//!
//! Source: ISO 16684-1 (XMP part 1), MWG guidelines 2.0 for regions. Unlike the reader of `imaging`, which takes from
//! damaged packets what it can get, this one refuses what it does not fully understand: it writes back what it read.

mod read;
#[cfg(test)]
mod tests;
mod tree;
mod write;

use std::path::{Path, PathBuf};

use crate::domain::sidecar::Fields;

/// Larger files are refused, in bytes.
pub const MOST_BYTES: u64 = 16 << 20;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XML_NS: &str = "http://www.w3.org/XML/1998/namespace";
const DC: &str = "http://purl.org/dc/elements/1.1/";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const XMP_DM: &str = "http://ns.adobe.com/xmp/1.0/DynamicMedia/";
const LR: &str = "http://ns.adobe.com/lightroom/1.0/";
const DIGIKAM: &str = "http://www.digikam.org/ns/1.0/";
const MWG_RS: &str = "http://www.metadataworkinggroup.com/schemas/regions/";
const ST_AREA: &str = "http://ns.adobe.com/xmp/sType/Area#";
const ST_DIM: &str = "http://ns.adobe.com/xap/1.0/sType/Dimensions#";

/// What a sidecar of ours begins as.
const FRESH: &str = "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta \
xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"Lightkeep\">\n <rdf:RDF \
xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n  <rdf:Description rdf:about=\"\">\n  \
</rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>\n";

/// How the letters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    /// With a byte order mark.
    Utf8Marked,
    Utf16Little,
    Utf16Big,
}

/// A sidecar that was understood.
#[derive(Debug)]
pub struct Sidecar {
    text: String,
    encoding: Encoding,
    root: tree::Element,
    fields: Fields,
}

/// Why a sidecar is left alone, in words: `it has a document type, which XMP must not have`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotUnderstood(String);

/// The names of a photo's sidecars: ours and that of darktable and digiKam (`IMG.jpg.xmp`), which comes first, and
/// Adobe's (`IMG.xmp`).
#[must_use]
pub fn names(photo: &Path) -> [PathBuf; 2] {
    let mut long = photo.as_os_str().to_owned();
    long.push(".xmp");
    [PathBuf::from(long), photo.with_extension("xmp")]
}

impl Sidecar {
    /// One that says nothing yet.
    ///
    /// # Errors
    /// Never in fact: the text is our own.
    pub fn fresh() -> Result<Self, NotUnderstood> {
        Self::from_text(FRESH.to_owned(), Encoding::Utf8)
    }

    /// Reads a file's bytes: UTF-8, or UTF-16 with a byte order mark.
    ///
    /// # Errors
    /// Where anything of it is not understood.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotUnderstood> {
        if bytes.len() as u64 > MOST_BYTES {
            return Err(NotUnderstood(format!("it is larger than {} MB", MOST_BYTES >> 20)));
        }
        let (text, encoding) = decode(bytes).map_err(NotUnderstood)?;
        Self::from_text(text, encoding)
    }

    fn from_text(text: String, encoding: Encoding) -> Result<Self, NotUnderstood> {
        let root = tree::parse(&text).map_err(NotUnderstood)?;
        let rdf = read::rdf(&root).ok_or_else(|| NotUnderstood("there is no XMP in it".to_owned()))?;
        let fields = read::fields(rdf);
        Ok(Self { text, encoding, root, fields })
    }

    /// What it says.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The bytes of a sidecar that says what is wanted and otherwise all that this one does; `None` where this one
    /// says it already. `size_px`: width and height of the picture as stored, where known, for regions.
    ///
    /// # Errors
    /// Where it could not be changed so that it reads back as wanted; then it must be left alone.
    pub fn saying(&self, wanted: &Fields, size_px: Option<(u32, u32)>) -> Result<Option<Vec<u8>>, NotUnderstood> {
        let wanted = wanted.tidied();
        if self.fields.says_the_same(&wanted) {
            return Ok(None);
        }
        let unsure = || NotUnderstood("Lightkeep cannot change it without losing something".to_owned());
        let rdf = read::rdf(&self.root).ok_or_else(unsure)?;
        let text = write::change(&self.text, rdf, &self.fields, &wanted, size_px).ok_or_else(unsure)?;
        let bytes = encode(&text, self.encoding);
        // Believed only after it was read again.
        let again = Self::parse(&bytes)?;
        if again.fields.says_the_same(&wanted) { Ok(Some(bytes)) } else { Err(unsure()) }
    }
}

fn decode(bytes: &[u8]) -> Result<(String, Encoding), String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        let whole = bytes.len().is_multiple_of(2);
        String::from_utf16(&units).ok().filter(|_| whole).ok_or_else(|| "its UTF-16 is damaged".to_owned())
    };
    let narrow = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes);
        text.map(ToOwned::to_owned).map_err(|_| "its letters are neither UTF-8 nor marked UTF-16".to_owned())
    };
    let (text, encoding) = match bytes {
        [0xFE, 0xFF, rest @ ..] => (wide(rest, u16::from_be_bytes)?, Encoding::Utf16Big),
        [0xFF, 0xFE, rest @ ..] => (wide(rest, u16::from_le_bytes)?, Encoding::Utf16Little),
        [0xEF, 0xBB, 0xBF, rest @ ..] => (narrow(rest)?, Encoding::Utf8Marked),
        _ => (narrow(bytes)?, Encoding::Utf8),
    };
    let declared = declared_encoding(&text).unwrap_or_default();
    let fits = match encoding {
        Encoding::Utf8 | Encoding::Utf8Marked => ["", "utf-8", "utf8", "us-ascii"].contains(&declared.as_str()),
        Encoding::Utf16Little | Encoding::Utf16Big => declared.is_empty() || declared.starts_with("utf-16"),
    };
    if fits { Ok((text, encoding)) } else { Err(format!("it says that its letters are {declared}, not UTF-8")) }
}

/// What the declaration says of the letters, in lower case.
fn declared_encoding(text: &str) -> Option<String> {
    let declaration = text.strip_prefix("<?xml ")?.split("?>").next()?;
    let value = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = value[1..].split(quote).next()?;
    Some(name.chars().filter(|c| !c.is_control()).take(40).collect::<String>().to_ascii_lowercase())
}

fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8Marked => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        Encoding::Utf16Little => {
            [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        }
        Encoding::Utf16Big => [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
    }
}
