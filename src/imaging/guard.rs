//! What a decode may cost, and how every codec is kept from taking the process with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::domain::Format;

/// Memory that one decode may take, in bytes, not counting the file itself.
pub(super) const MAX_DECODE_BYTES: u64 = 1 << 30;

/// Pixels above which a picture is refused whatever its format: no camera or scanner makes them.
pub(super) const MAX_PIXELS: u64 = 1 << 30;

/// Time that one decode may take.
const MAX_DECODE_TIME: Duration = Duration::from_secs(8);

/// Why no picture could be made of a file: one sentence, problem first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A file of no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes are not what the format asks for.
    #[error("damaged or not a {} file: {why}", .format.name().to_uppercase())]
    Damaged {
        /// What the file was taken for.
        format: Format,
        /// What the codec said, one line.
        why: String,
    },
    /// A valid file of a kind that cannot be decoded here.
    #[error("cannot be decoded: {0}")]
    Unsupported(String),
    /// Decoding would take more than a gigabyte, or the size is absurd.
    #[error("too large to decode safely: {width_px} × {height_px} pixels")]
    TooLarge {
        /// Width as stored, in pixels.
        width_px: u32,
        /// Height as stored, in pixels.
        height_px: u32,
    },
    /// Decoding was given up after some seconds.
    #[error("decoding took too long and was given up")]
    TooSlow,
    /// A RAW file without an embedded picture; it is catalogued all the same.
    #[error("no embedded picture: kept and catalogued without a thumbnail")]
    NoPicture,
}

impl Unreadable {
    /// A fault of the bytes, with what the codec said shortened to one line.
    pub(super) fn damaged(format: Format, why: impl std::fmt::Display) -> Self {
        let why = why.to_string();
        let line = why.lines().next().unwrap_or_default().trim();
        let why = line.chars().filter(|letter| !letter.is_control()).take(160).collect();
        Self::Damaged { format, why }
    }
}

/// The moment at which a decode is given up.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// The limit of one decode, from now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now() + MAX_DECODE_TIME)
    }

    /// An error once the time is over.
    ///
    /// # Errors
    /// [`Unreadable::TooSlow`].
    pub fn check(self) -> Result<(), Unreadable> {
        if self.is_over() { Err(Unreadable::TooSlow) } else { Ok(()) }
    }

    /// Whether the time is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        Instant::now() >= self.0
    }
}

/// Refuses sizes that are zero, absurd, or that would need more than [`MAX_DECODE_BYTES`] at `bytes_per_pixel`.
pub(super) fn check_size(format: Format, (width, height): (u32, u32), bytes_per_pixel: u64) -> Result<(), Unreadable> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(Unreadable::damaged(format, "a picture of no pixels"));
    }
    if pixels > MAX_PIXELS || pixels.saturating_mul(bytes_per_pixel) > MAX_DECODE_BYTES {
        return Err(Unreadable::TooLarge { width_px: width, height_px: height });
    }
    Ok(())
}

/// Runs a codec; a panic or a C library's unwinding becomes [`Unreadable::Damaged`].
pub(super) fn guard<T>(format: Format, decode: impl FnOnce() -> Result<T, Unreadable>) -> Result<T, Unreadable> {
    // Codecs are given only borrowed bytes and return owned values, so nothing half-changed survives an unwinding.
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|fault| {
        let why = fault
            .downcast_ref::<String>()
            .map(|text| text.trim_start_matches("libjpeg fatal error: ").to_owned())
            .or_else(|| fault.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "the decoder failed".to_owned());
        Err(Unreadable::damaged(format, why))
    })
}

/// A buffer of `len` zero bytes, or an error where the memory is not there.
pub(super) fn zeroed(format: Format, len: usize) -> Result<Vec<u8>, Unreadable> {
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(len).map_err(|_| Unreadable::damaged(format, "not enough memory"))?;
    buffer.resize(len, 0);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_line() {
        let answer = guard::<()>(Format::Png, || std::panic::resume_unwind(Box::new("first\nsecond".to_owned())));
        assert_eq!(answer.unwrap_err().to_string(), "damaged or not a PNG file: first");
    }

    #[test]
    fn absurd_sizes_are_refused_before_memory_is_taken() {
        assert!(check_size(Format::Png, (0, 10), 1).is_err());
        assert!(check_size(Format::Png, (u32::MAX, u32::MAX), 1).is_err());
        assert!(check_size(Format::Png, (30_000, 30_000), 4).is_err());
        assert!(check_size(Format::Png, (6_000, 4_000), 4).is_ok());
    }
}
