//! How a long object is cut into parts.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.

/// S3 takes no more parts of one object.
pub(super) const MOST_PARTS: u64 = 10_000;
/// S3 takes no shorter part but the last, in bytes.
pub(super) const LEAST_PART_BYTES: u64 = 5 << 20;
/// A longer part would take too much of the memory that all share, in bytes.
const MOST_PART_BYTES: u64 = 64 << 20;

/// The length of each part but the last, in bytes; `None` where the object is too long.
pub(super) fn part_bytes(size: u64, least: u64) -> Option<u64> {
    let step = 1 << 20;
    let needed = size.div_ceil(MOST_PARTS).div_ceil(step) * step;
    let part = needed.max(least);
    (part <= MOST_PART_BYTES).then_some(part)
}

/// Whether parts of an earlier try can be gone on with.
pub(super) fn fits(size: u64, part: u64, least: u64) -> bool {
    (least.min(LEAST_PART_BYTES)..=MOST_PART_BYTES).contains(&part) && size.div_ceil(part) <= MOST_PARTS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USUAL: u64 = 8 << 20;

    #[test]
    fn fifty_gigabytes_and_more_fit() {
        for size in [17_000_000, 5_000_000_000, 50_000_000_000, 50 << 30, 500_000_000_000] {
            let part = part_bytes(size, USUAL).unwrap();
            assert!(part >= USUAL && size.div_ceil(part) <= MOST_PARTS, "{size}: {part}");
        }
        assert_eq!(part_bytes(50_000_000_000, USUAL), Some(USUAL));
        assert_eq!(part_bytes(50 << 40, USUAL), None, "that is more than the memory for it");
    }

    proptest! {
        #[test]
        fn what_is_planned_fits(size in 1..600_000_000_000_u64) {
            let part = part_bytes(size, USUAL).unwrap();
            prop_assert!(fits(size, part, USUAL));
            prop_assert_eq!(part % (1 << 20), 0);
        }
    }
}
