//! Large buffers that are used again.
//!
//! An allocator keeps freed buffers of several megabytes for each of its arenas, and threads that read files are many:
//! twice the budget was held so. What is kept here is counted, and given back once nothing is on its way.

use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::{BUDGET_BYTES, locked};

/// Shorter ones are the allocator's.
const SHORTEST: usize = 1 << 20;

/// Buffers that are used, and those that wait to be used again.
#[derive(Debug, Default)]
pub(in crate::store) struct Buffers(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    used_bytes: usize,
    idle: Vec<Vec<u8>>,
}

impl Kept {
    fn idle_bytes(&self) -> usize {
        self.idle.iter().map(Vec::capacity).sum()
    }
}

impl Buffers {
    /// An empty buffer for at least so many bytes.
    pub(in crate::store) fn take(self: &Arc<Self>, wanted: usize) -> Buffer {
        if wanted < SHORTEST {
            return Buffer { bytes: Vec::with_capacity(wanted), home: None };
        }
        let mut kept = locked(&self.0);
        let fits = |buffer: &Vec<u8>| (wanted..=wanted.saturating_mul(2)).contains(&buffer.capacity());
        let bytes = match kept.idle.iter().position(fits) {
            Some(at) => kept.idle.swap_remove(at),
            None => {
                while kept.used_bytes + kept.idle_bytes() + wanted > BUDGET_BYTES as usize && kept.idle.pop().is_some()
                {
                }
                Vec::with_capacity(wanted)
            }
        };
        let counted = bytes.capacity();
        kept.used_bytes += counted;
        Buffer { bytes, home: Some((Arc::clone(self), counted)) }
    }

    #[cfg(test)]
    fn counts(&self) -> (usize, usize) {
        let kept = locked(&self.0);
        (kept.used_bytes, kept.idle_bytes())
    }
}

/// A buffer that goes back when it is dropped.
pub(in crate::store) struct Buffer {
    /// What it holds.
    pub(in crate::store) bytes: Vec<u8>,
    /// Where it goes, and the bytes that are counted for it there.
    home: Option<(Arc<Buffers>, usize)>,
}

impl Buffer {
    /// Its bytes as they are: no copy is made, and it goes back once nobody has any of them.
    pub(in crate::store) fn freeze(mut self) -> Bytes {
        if self.home.is_some() { Bytes::from_owner(self) } else { std::mem::take(&mut self.bytes).into() }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let Some((home, counted)) = self.home.take() else { return };
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut kept = locked(&home.0);
        kept.used_bytes -= counted;
        if kept.used_bytes == 0 {
            kept.idle = Vec::new();
        } else if bytes.capacity() == counted {
            kept.idle.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    #[test]
    fn a_buffer_is_used_again_and_all_are_given_back_at_the_end() {
        let buffers = Arc::new(Buffers::default());
        let first = buffers.take(8 * MIB);
        let mut second = buffers.take(8 * MIB);
        second.bytes.extend_from_slice(b"photo");
        let place = second.bytes.as_ptr();
        let frozen = second.freeze();
        let slice = frozen.slice(1..3);
        drop(frozen);
        assert_eq!(buffers.counts(), (16 * MIB, 0), "a slice of it is still used");
        assert_eq!(&slice[..], b"ho");
        drop(slice);
        assert_eq!(buffers.counts(), (8 * MIB, 8 * MIB));
        let third = buffers.take(5 * MIB);
        assert_eq!((third.bytes.as_ptr(), third.bytes.len()), (place, 0), "the same memory, and empty");
        drop((first, third));
        assert_eq!(buffers.counts(), (0, 0));
    }

    #[test]
    fn what_waits_makes_room_and_never_exceeds_the_budget() {
        let buffers = Arc::new(Buffers::default());
        let held = buffers.take(16 * MIB);
        let many: Vec<_> = (0..10).map(|_| buffers.take(8 * MIB)).collect();
        drop(many);
        assert_eq!(buffers.counts(), (16 * MIB, 80 * MIB));
        let large = buffers.take(64 * MIB);
        let (used, idle) = buffers.counts();
        assert!(used == 80 * MIB && used + idle <= BUDGET_BYTES as usize, "{used} {idle}");
        drop((held, large));
    }

    #[test]
    fn short_ones_are_not_kept() {
        let buffers = Arc::new(Buffers::default());
        let mut short = buffers.take(10);
        short.bytes.push(7);
        assert_eq!((buffers.counts(), &short.freeze()[..]), ((0, 0), &[7][..]));
    }
}
