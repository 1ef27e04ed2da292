//! Content hashes and checksums: what a photo is recognised by and proved with.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// BLAKE3 of a file's bytes (32 bytes, written as 64 lower-case hex digits).
///
/// Source: the BLAKE3 specification, <https://github.com/BLAKE3-team/BLAKE3-specs>.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash(pub [u8; 32]);

/// A photo's name for life: the BLAKE3 of the first content seen, equal on every computer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhotoId(pub ContentHash);

/// CRC-64/NVME of a file's bytes, as S3 knows it (`x-amz-checksum-crc64nvme`).
///
/// Written as 16 lower-case hex digits in our own files; [`Crc64::to_s3`] gives Amazon's form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Crc64(pub u64);

/// A text that is not the hex form of a hash or checksum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {expected}-digit hex value: {text:?}")]
pub struct NotHex {
    /// How many hex digits were expected.
    pub expected: usize,
    /// What was given instead, shortened to 80 characters.
    pub text: String,
}

fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], NotHex> {
    let wrong = || NotHex { expected: N * 2, text: text.chars().take(80).collect() };
    if text.len() != N * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
    }
    Ok(bytes)
}

impl ContentHash {
    /// The hash as 64 lower-case hex digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            use fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The first eight hex digits: what a name is told apart with, and what people are shown.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_hex()[..8].to_owned()
    }
}

impl Crc64 {
    /// The checksum as Amazon S3 writes it: base64 of the eight bytes, most significant first.
    #[must_use]
    pub fn to_s3(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(self.0.to_be_bytes())
    }
}

impl FromStr for ContentHash {
    type Err = NotHex;
    fn from_str(text: &str) -> Result<Self, NotHex> {
        parse_hex(text).map(Self)
    }
}

impl FromStr for PhotoId {
    type Err = NotHex;
    fn from_str(text: &str) -> Result<Self, NotHex> {
        text.parse().map(Self)
    }
}

impl FromStr for Crc64 {
    type Err = NotHex;
    fn from_str(text: &str) -> Result<Self, NotHex> {
        parse_hex(text).map(|bytes| Self(u64::from_be_bytes(bytes)))
    }
}

impl TryFrom<String> for ContentHash {
    type Error = NotHex;
    fn try_from(text: String) -> Result<Self, NotHex> {
        text.parse()
    }
}

impl TryFrom<String> for Crc64 {
    type Error = NotHex;
    fn try_from(text: String) -> Result<Self, NotHex> {
        text.parse()
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_hex()
    }
}

impl From<Crc64> for String {
    fn from(crc: Crc64) -> Self {
        crc.to_string()
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({})", self.short())
    }
}

impl fmt::Display for PhotoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for PhotoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhotoId({})", self.0.short())
    }
}

impl fmt::Display for Crc64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Crc64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crc64({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_goes_both_ways() {
        let hash = ContentHash(std::array::from_fn(|i| i as u8 * 7));
        assert_eq!(hash.to_hex().parse::<ContentHash>(), Ok(hash));
        assert_eq!("00000000000000ff".parse::<Crc64>(), Ok(Crc64(255)));
        assert_eq!(Crc64(255).to_string(), "00000000000000ff");
    }

    #[test]
    fn what_is_not_hex_is_refused() {
        for text in ["", "zz", "+0", &"g".repeat(64), &"é".repeat(32)] {
            assert!(text.parse::<ContentHash>().is_err(), "{text}");
        }
        assert!("+0000000000000ff".parse::<Crc64>().is_err());
    }
}
