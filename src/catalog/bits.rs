//! Sets of photos as bits: blocks of 4,096 photos, dense in memory, small in the database.

/// Photos per block.
pub(super) const BLOCK_PHOTOS: usize = 4_096;
const WORDS: usize = BLOCK_PHOTOS / 64;
/// Up to so many members are written as a list of 16-bit numbers, which is then shorter than the bits.
const SPARSE: usize = WORDS * 8 / 2 - 1;

/// Block number and slot of a photo.
pub(super) fn place(photo: i64) -> (i64, usize) {
    (photo >> 12, (photo & (BLOCK_PHOTOS as i64 - 1)) as usize)
}

/// Which of 4,096 photos.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Block([u64; WORDS]);

impl Block {
    pub(super) fn empty() -> Self {
        Self([0; WORDS])
    }

    pub(super) fn full() -> Self {
        Self([u64::MAX; WORDS])
    }

    /// Sets or clears a slot; whether that changed it.
    pub(super) fn set(&mut self, slot: usize, on: bool) -> bool {
        let (word, bit) = (slot / 64 % WORDS, 1 << (slot % 64));
        let before = self.0[word] & bit != 0;
        if on {
            self.0[word] |= bit
        } else {
            self.0[word] &= !bit
        }
        before != on
    }

    #[cfg(test)]
    pub(super) fn has(&self, slot: usize) -> bool {
        self.0[slot / 64 % WORDS] >> (slot % 64) & 1 == 1
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// How many are in both.
    pub(super) fn common(&self, other: &Self) -> usize {
        self.0.iter().zip(&other.0).map(|(mine, theirs)| (mine & theirs).count_ones() as usize).sum()
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(index * 64 + bit)
            })
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        if self.len() <= SPARSE {
            self.slots().flat_map(|slot| (slot as u16).to_le_bytes()).collect()
        } else {
            self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
        }
    }

    /// Adds what [`Block::encode`] wrote; `None` where it is damaged.
    pub(super) fn add_encoded(&mut self, bytes: &[u8]) -> Option<()> {
        if bytes.len() == WORDS * 8 {
            for (word, chunk) in self.0.iter_mut().zip(bytes.chunks_exact(8)) {
                *word |= u64::from_le_bytes(chunk.try_into().ok()?);
            }
            return Some(());
        }
        if !bytes.len().is_multiple_of(2) || bytes.len() > WORDS * 8 {
            return None;
        }
        for pair in bytes.chunks_exact(2) {
            let slot = usize::from(u16::from_le_bytes([pair[0], pair[1]]));
            if slot >= BLOCK_PHOTOS {
                return None;
            }
            self.0[slot / 64] |= 1 << (slot % 64);
        }
        Some(())
    }

    fn zip(&mut self, other: &Self, combine: impl Fn(u64, u64) -> u64) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = combine(*mine, *theirs);
        }
    }
}

/// A set of photos: one block per 4,096 numbers, absent where empty.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub(super) struct Set(Vec<Option<Box<Block>>>);

impl Set {
    /// The block of a number, made where it is missing. Absurd numbers (a damaged row) are refused.
    pub(super) fn block_mut(&mut self, chunk: i64) -> Option<&mut Block> {
        let index = usize::try_from(chunk).ok().filter(|index| *index < 1 << 20)?;
        if index >= self.0.len() {
            self.0.resize(index + 1, None);
        }
        Some(self.0[index].get_or_insert_with(|| Box::new(Block::empty())))
    }

    pub(super) fn block(&self, chunk: i64) -> Option<&Block> {
        self.0.get(usize::try_from(chunk).ok()?)?.as_deref()
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = (i64, &Block)> {
        self.0.iter().enumerate().filter_map(|(index, block)| Some((index as i64, block.as_deref()?)))
    }

    pub(super) fn and(&mut self, other: &Self) {
        for (index, mine) in self.0.iter_mut().enumerate() {
            match other.0.get(index).and_then(Option::as_deref) {
                None => *mine = None,
                Some(theirs) => {
                    if let Some(block) = mine {
                        block.zip(theirs, |a, b| a & b);
                    }
                }
            }
        }
        self.tidy();
    }

    pub(super) fn minus(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            if let (Some(mine), Some(theirs)) = (mine.as_deref_mut(), theirs.as_deref()) {
                mine.zip(theirs, |a, b| a & !b);
            }
        }
        self.tidy();
    }

    pub(super) fn or(&mut self, other: &Self) {
        for (chunk, theirs) in other.blocks() {
            if let Some(mine) = self.block_mut(chunk) {
                mine.zip(theirs, |a, b| a | b);
            }
        }
    }

    fn tidy(&mut self) {
        for block in &mut self.0 {
            if block.as_ref().is_some_and(|block| block.is_empty()) {
                *block = None;
            }
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.blocks().map(|(_, block)| block.len() as u64).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks().all(|(_, block)| block.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn block(slots: &BTreeSet<usize>) -> Block {
        let mut block = Block::empty();
        for slot in slots {
            block.set(*slot, true);
        }
        block
    }

    fn set(numbers: &BTreeSet<i64>) -> Set {
        let mut set = Set::default();
        for number in numbers {
            let (chunk, slot) = place(*number);
            set.block_mut(chunk).unwrap().set(slot, true);
        }
        set
    }

    fn members(set: &Set) -> BTreeSet<i64> {
        set.blocks().flat_map(|(chunk, block)| block.slots().map(move |slot| (chunk << 12) + slot as i64)).collect()
    }

    proptest! {
        #[test]
        fn blocks_go_both_ways(slots in proptest::collection::btree_set(0..BLOCK_PHOTOS, 0..600)) {
            let mut read = Block::empty();
            read.add_encoded(&block(&slots).encode()).unwrap();
            prop_assert_eq!(read.slots().collect::<BTreeSet<_>>(), slots);
        }

        #[test]
        fn sets_are_sets(a in proptest::collection::btree_set(0_i64..20_000, 0..50),
                         b in proptest::collection::btree_set(0_i64..20_000, 0..50)) {
            let with = |change: &dyn Fn(&mut Set)| { let mut s = set(&a); change(&mut s); members(&s) };
            prop_assert_eq!(with(&|s| s.and(&set(&b))), &a & &b);
            prop_assert_eq!(with(&|s| s.or(&set(&b))), &a | &b);
            prop_assert_eq!(with(&|s| s.minus(&set(&b))), &a - &b);
            prop_assert_eq!(set(&a).len(), a.len() as u64);
        }

        #[test]
        fn damaged_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = Block::empty().add_encoded(&bytes);
        }
    }

    #[test]
    fn a_block_is_never_longer_than_its_bits() {
        let slots: BTreeSet<usize> = (0..SPARSE + 1).collect();
        assert_eq!(block(&slots).encode().len(), 512);
        assert_eq!(Block::full().len(), BLOCK_PHOTOS);
        assert!(Block::full().has(4095) && !Block::empty().has(0));
    }
}
