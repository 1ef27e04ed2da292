//! What is to be kept, in the numbers that a price list asks for.

/// Files below this are billed as if they were this long, in the classes for what is read seldom. Bytes.
pub const LEAST_BILLED_BYTES: u64 = 128 << 10;
/// Files above this go in parts, each a request of its own. Bytes.
pub const ONE_REQUEST_BYTES: u64 = 16 << 20;
/// Length of a part, in bytes.
const PART_BYTES: u64 = 8 << 20;

/// Files that are kept, summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Files, companions included.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Their bytes, where each counts as [`LEAST_BILLED_BYTES`] at least.
    pub padded_bytes: u64,
    /// Files of [`LEAST_BILLED_BYTES`] or more.
    pub not_small: u64,
    /// Requests of large files beside the one that each file takes.
    pub part_requests: u64,
    /// Photos among them: each has a thumbnail.
    pub photos: u64,
}

impl Amount {
    /// Adds one file.
    pub fn add(&mut self, size: u64, is_photo: bool) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(size);
        self.padded_bytes = self.padded_bytes.saturating_add(size.max(LEAST_BILLED_BYTES));
        self.not_small += u64::from(size >= LEAST_BILLED_BYTES);
        if size > ONE_REQUEST_BYTES {
            // One to begin, one for each part; the one that completes is the file's own.
            self.part_requests += size.div_ceil(PART_BYTES) + 1;
        }
        self.photos += u64::from(is_photo);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_summed_as_they_are_billed() {
        let mut amount = Amount::default();
        amount.add(1_000, false);
        amount.add(128 << 10, true);
        amount.add((16 << 20) + 1, true);
        let expected = Amount {
            files: 3,
            bytes: 1_000 + (128 << 10) + (16 << 20) + 1,
            padded_bytes: 2 * (128 << 10) + (16 << 20) + 1,
            not_small: 2,
            part_requests: 4,
            photos: 2,
        };
        assert_eq!(amount, expected);
    }
}
