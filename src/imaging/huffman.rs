//! Huffman tables and bits of a sequential JPEG, made for reading averages and skipping everything else.
//!
//! Source: ISO/IEC 10918-1 annexes C and F.2.2.

/// Bits that one look-up sees. 2¹³ entries of 16 bits are half of a first-level cache.
const PEEK: u32 = 13;

/// Where a look-up cannot say: the slow way, one symbol at a time.
const SLOW: u16 = 0;

/// Set in an entry of [`Table::skip`] that ends the block.
const END: u16 = 0x8000;

/// The codes of one table.
pub(super) struct Table {
    /// For each length 1 to 16: the largest code plus one, aligned to 16 bits, and the index of its first symbol
    /// minus its first code.
    limits: [(u32, i32); 17],
    symbols: Vec<u8>,
    /// One symbol per look-up: length << 8 | symbol; 0 where the code is longer than [`PEEK`].
    single: Box<[u16; 1 << PEEK]>,
    /// As many whole coefficients as [`PEEK`] bits hold: bits used | coefficients passed << 5 | [`END`].
    skip: Box<[u16; 1 << PEEK]>,
}

impl Table {
    /// From the counts of codes per length and their symbols. `None` where they are no code.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let total: usize = counts.iter().map(|count| usize::from(*count)).sum();
        let symbols = symbols.get(..total)?.to_vec();
        let mut limits = [(0, 0); 17];
        let mut single = Box::new([0; 1 << PEEK]);
        let (mut code, mut index) = (0_u32, 0_usize);
        for (length, count) in (1_u32..).zip(counts) {
            let first = code;
            limits[length as usize].1 = i32::try_from(index).ok()? - i32::try_from(first).ok()?;
            for _ in 0..*count {
                if code >= 1 << length {
                    return None;
                }
                if length <= PEEK {
                    let start = (code << (PEEK - length)) as usize;
                    let entry = (length as u16) << 8 | u16::from(symbols[index]);
                    single[start..start + (1 << (PEEK - length))].fill(entry);
                }
                code += 1;
                index += 1;
            }
            limits[length as usize].0 = code << (16 - length);
            code <<= 1;
        }
        let mut skip = Box::new([SLOW; 1 << PEEK]);
        for (bits, entry) in (0..).zip(skip.iter_mut()) {
            *entry = skip_entry(&single[..], bits);
        }
        Some(Self { limits, symbols, single, skip })
    }

    /// The next symbol.
    #[inline]
    fn symbol(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let entry = self.single[bits.peek(PEEK) as usize];
        if entry != 0 {
            bits.drop(u32::from(entry >> 8));
            return Some(entry as u8);
        }
        self.long_symbol(bits)
    }

    /// The same for codes longer than [`PEEK`] bits, which stand for what is rare.
    #[cold]
    fn long_symbol(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let window = bits.peek(16);
        let length = (1..=16).find(|length| window < self.limits[*length].0)?;
        let code = (window >> (16 - length)).cast_signed();
        bits.drop(length as u32);
        self.symbols.get(usize::try_from(code + self.limits[length].1).ok()?).copied()
    }

    /// The difference of a block's average to that before it.
    #[inline]
    pub(super) fn difference(&self, bits: &mut Bits<'_>) -> Option<i32> {
        bits.fill();
        let size = u32::from(self.symbol(bits)?);
        if size == 0 {
            return Some(0);
        }
        if size > 15 {
            return None;
        }
        let value = bits.peek(size).cast_signed();
        bits.drop(size);
        Some(if value < 1 << (size - 1) { value - (1 << size) + 1 } else { value })
    }

    /// Passes over the 63 other coefficients of a block.
    #[inline]
    pub(super) fn pass_block(&self, bits: &mut Bits<'_>) -> Option<()> {
        let mut at = 1;
        while at < 64 {
            bits.fill();
            // What was filled in is enough for three look-ups.
            for _ in 0..3 {
                let entry = self.skip[bits.peek(PEEK) as usize];
                let passed = u32::from(entry >> 5 & 0x7F);
                let ends = entry & END != 0;
                // An entry counts only where this block holds all of it: what follows the 64th belongs to the next.
                if entry == SLOW || at + passed + u32::from(ends) > 64 {
                    bits.fill();
                    let symbol = u32::from(self.symbol(bits)?);
                    let (run, size) = (symbol >> 4, symbol & 15);
                    if size == 0 && run != 15 {
                        return Some(());
                    }
                    bits.drop(size);
                    at += run + 1;
                    break;
                }
                bits.drop(u32::from(entry & 31));
                at += passed;
                if ends || at >= 64 {
                    return Some(());
                }
            }
        }
        Some(())
    }
}

/// Looks how many whole coefficients begin a window of [`PEEK`] bits.
fn skip_entry(single: &[u16], window: u32) -> u16 {
    let mask = (1 << PEEK) - 1;
    let (mut used, mut passed) = (0_u32, 0_u32);
    loop {
        let entry = single[(window << used & mask) as usize];
        let (length, run, size) = (u32::from(entry >> 8), u32::from(entry >> 4 & 15), u32::from(entry & 15));
        let whole = length != 0 && used + length + size <= PEEK;
        if !whole || passed + run + 1 > 64 {
            break;
        }
        used += length + size;
        if size == 0 && run != 15 {
            return END | (passed as u16) << 5 | used as u16;
        }
        passed += run + 1;
    }
    (passed as u16) << 5 | used as u16
}

/// The bits of a scan, without stuffing, up to the next marker.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Bits not yet used, from the top.
    window: u64,
    /// How many of them are there.
    count: u32,
    /// How many were made up because a marker or the end stood there.
    invented: u32,
}

impl<'a> Bits<'a> {
    /// From a place in the file on.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, window: 0, count: 0, invented: 0 }
    }

    /// Whether more bits were used than the scan has: it is damaged.
    pub(super) fn is_overrun(&self) -> bool {
        self.invented > self.count
    }

    /// Goes on behind the restart marker of a number (0 to 7), which must stand here.
    pub(super) fn restart(&mut self, number: u8) -> Option<()> {
        if self.is_overrun() || self.bytes.get(self.at..self.at + 2)? != [0xFF, 0xD0 + number] {
            return None;
        }
        *self = Self::new(self.bytes, self.at + 2);
        Some(())
    }

    /// Sees to it that there are 48 bits.
    #[inline]
    fn fill(&mut self) {
        if self.count >= 48 {
            return;
        }
        if let Some(next) = self.bytes.get(self.at..self.at + 8) {
            let word = u64::from_be_bytes([next[0], next[1], next[2], next[3], next[4], next[5], next[6], next[7]]);
            // Without a byte of 0xFF there is no stuffing and no marker: the usual case.
            let inverse = !word;
            if inverse.wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 == 0 {
                self.window |= word >> self.count;
                let bytes = (63 - self.count) >> 3;
                self.at += bytes as usize;
                self.count += bytes * 8;
                return;
            }
        }
        self.fill_slowly();
    }

    /// The same byte by byte.
    #[cold]
    fn fill_slowly(&mut self) {
        while self.count <= 56 {
            let byte = match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.at += 2;
                    0xFF
                }
                (Some(0xFF) | None, _) => {
                    self.invented += 8;
                    0
                }
                (Some(byte), _) => {
                    self.at += 1;
                    *byte
                }
            };
            self.window |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// The next 1 to 16 bits, as a number.
    #[inline]
    fn peek(&self, bits: u32) -> u32 {
        (self.window >> (64 - bits)) as u32
    }

    /// Passes over up to 16 bits.
    #[inline]
    fn drop(&mut self, bits: u32) {
        self.window <<= bits;
        self.count = self.count.saturating_sub(bits);
    }
}
