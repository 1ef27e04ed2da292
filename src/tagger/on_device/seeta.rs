//! SeetaFace's classifiers as they lie in its model file: three quick ones, and a chain of three small networks.
//!
//! After the SeetaFace engine (VIPL group, Institute of Computing Technology, Chinese Academy of Sciences) and its port
//! `rustface`, both BSD-2-Clause: `assets/tagger/LICENSE-SEETAFACE.txt`. Written anew, because the port spends two
//! thirds of its time with one number at a time.

use super::funnel::{Grey, WINDOW};

/// Comparisons that are made before the next threshold is asked.
const GROUP: usize = 10;

/// What a comparison can say.
const BINS: usize = 256;

/// A window is no face where it is this flat: the standard deviation of its brightness.
const FLAT: f64 = 10.0;

/// Numbers that describe one patch: eight sums in each of 2 × 2 cells.
const PATCH: usize = 32;

/// Compares squares of 3 × 3 pixels with their eight neighbours; score and thresholds of a boosted classifier.
pub(super) struct Quick {
    groups: Vec<Group>,
}

struct Group {
    /// Where in the window is compared: across, down.
    places: [(usize, usize); GROUP],
    /// For each place what each outcome counts.
    weights: Vec<[f32; BINS]>,
    threshold: f32,
}

impl Quick {
    /// How far each comparison lies behind the first pixel of a window, in a picture of this width.
    pub(super) fn offsets(&self, width: usize) -> Vec<[usize; GROUP]> {
        self.groups.iter().map(|group| group.places.map(|(x, y)| y * width + x)).collect()
    }

    /// The score of a window that may be a face. `codes` begin with the window; `offsets` are those of their width.
    pub(super) fn score(&self, codes: &[u8], offsets: &[[usize; GROUP]]) -> Option<f32> {
        let mut score = 0.0;
        for (group, offsets) in self.groups.iter().zip(offsets) {
            for (weights, &offset) in group.weights.iter().zip(offsets) {
                score += weights[usize::from(codes[offset])];
            }
            if score < group.threshold {
                return None;
            }
        }
        Some(score)
    }
}

/// Whether there is nothing to see in the window at this place.
pub(super) fn is_flat(grey: &Grey, x: usize, y: usize) -> bool {
    let (mut sum, mut squares) = (0_u32, 0_u32);
    for row in grey.rows(y..y + WINDOW) {
        for &pixel in &row[x..x + WINDOW] {
            let pixel = u32::from(pixel);
            sum += pixel;
            squares += pixel * pixel;
        }
    }
    let area = (WINDOW * WINDOW) as f64;
    let mean = f64::from(sum) / area;
    (f64::from(squares) / area - mean * mean).max(0.0).sqrt() <= FLAT
}

/// For each pixel what a square of 3 × 3 pixels says beside its eight neighbours, one bit each. The square is the one
/// in the middle of the 9 × 9 pixels that begin here; none in the last eight rows and columns.
pub(super) fn codes(grey: &Grey) -> Vec<u8> {
    let (width, height) = (grey.width, grey.height);
    let mut codes = vec![0; width * height];
    if width < 9 || height < 9 {
        return codes;
    }
    // 9 × 255 at most.
    let mut sums = vec![0_i16; width * height];
    let mut columns = vec![0_i16; width];
    for (y, sums) in sums.chunks_exact_mut(width).enumerate().take(height - 2) {
        let rows = &grey.pixels[y * width..(y + 3) * width];
        let (one, two, three) = (&rows[..width], &rows[width..2 * width], &rows[2 * width..]);
        for (x, column) in columns.iter_mut().enumerate() {
            *column = i16::from(one[x]) + i16::from(two[x]) + i16::from(three[x]);
        }
        for (sum, column) in sums.iter_mut().zip(columns.windows(3)) {
            *sum = column[0] + column[1] + column[2];
        }
    }
    let count = width - 8;
    for y in 0..height - 8 {
        let part = |down: usize, right: usize| &sums[(y + down) * width + right..][..count];
        let middle = part(3, 3);
        let around = [part(0, 0), part(0, 3), part(0, 6), part(3, 0), part(3, 6), part(6, 0), part(6, 3), part(6, 6)];
        let codes = &mut codes[y * width..][..count];
        for (x, code) in codes.iter_mut().enumerate() {
            let bit = |number: usize| i16::from(middle[x] >= around[number][x]) << (7 - number);
            *code = (bit(0) | bit(1) | bit(2) | bit(3) | bit(4) | bit(5) | bit(6) | bit(7)) as u8;
        }
    }
    codes
}

/// A small network over sums of slopes in patches of the window.
pub(super) struct Careful {
    /// Left, top, width and height of each patch in the window.
    patches: Vec<[usize; 4]>,
    threshold: f32,
    layers: Vec<Layer>,
}

struct Layer {
    inputs: usize,
    weights: Vec<f32>,
    biases: Vec<f32>,
}

impl Layer {
    fn run(&self, input: &[f32], bend: fn(f32) -> f32) -> Vec<f32> {
        let rows = self.weights.chunks_exact(self.inputs).zip(&self.biases);
        rows.map(|(weights, bias)| bend(product(weights, input) + bias)).collect()
    }
}

/// The inner product, in eight sums at a time.
fn product(one: &[f32], other: &[f32]) -> f32 {
    let (ones, rest) = one.as_chunks::<8>();
    let (others, other_rest) = other.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (one, other) in ones.iter().zip(others) {
        for (sum, (one, other)) in sums.iter_mut().zip(one.iter().zip(other)) {
            *sum += one * other;
        }
    }
    sums.iter().sum::<f32>() + rest.iter().zip(other_rest).map(|(one, other)| one * other).sum::<f32>()
}

impl Careful {
    /// The score of a window that may be a face, and where the face lies better: right, down, larger, as shares of
    /// twice the window around nothing.
    pub(super) fn score(&self, slopes: &Slopes) -> Option<(f32, [f32; 3])> {
        let mut numbers = Vec::with_capacity(self.patches.len() * PATCH);
        for patch in &self.patches {
            slopes.describe(*patch, &mut numbers);
        }
        let (last, layers) = self.layers.split_last()?;
        for layer in layers {
            numbers = layer.run(&numbers, |x| x.max(0.0));
        }
        let said = last.run(&numbers, |x| 1.0 / (1.0 + (-x).exp()));
        let &[score, x, y, side] = said.as_slice() else { return None };
        (score > self.threshold).then_some((score, [x, y, side].map(|share| share * 2.0 - 1.0)))
    }
}

/// Sums over all rectangles from the corner of a window: slopes across and down, with and without sign, apart by the
/// sign of the other.
pub(super) struct Slopes(Vec<[i32; 8]>);

/// With a row and a column of nothing before.
const ACROSS: usize = WINDOW + 1;

impl Slopes {
    pub(super) fn of(window: &[u8; WINDOW * WINDOW]) -> Self {
        let at = |x: usize, y: usize| i32::from(window[y * WINDOW + x]);
        // At an edge there is only one neighbour: twice the step to it.
        let near = |at: usize| (at.saturating_sub(1), (at + 1).min(WINDOW - 1));
        let mut sums = vec![[0; 8]; ACROSS * ACROSS];
        for y in 0..WINDOW {
            let (above, below) = near(y);
            let mut row = [0; 8];
            for x in 0..WINDOW {
                let (before, after) = near(x);
                let across = (at(after, y) - at(before, y)) * if after - before == 2 { 1 } else { 2 };
                let down = (at(x, below) - at(x, above)) * if below - above == 2 { 1 } else { 2 };
                let (rises, falls) = (!(down >> 31), down >> 31);
                let (right, left) = (!(across >> 31), across >> 31);
                let step = [
                    across & rises,
                    across.abs() & rises,
                    across & falls,
                    across.abs() & falls,
                    down & right,
                    down.abs() & right,
                    down & left,
                    down.abs() & left,
                ];
                let before = sums[y * ACROSS + x + 1];
                let sum = &mut sums[(y + 1) * ACROSS + x + 1];
                for channel in 0..8 {
                    row[channel] += step[channel];
                    sum[channel] = before[channel] + row[channel];
                }
            }
        }
        Self(sums)
    }

    /// The patch as 32 numbers of length one together.
    fn describe(&self, [left, top, width, height]: [usize; 4], numbers: &mut Vec<f32>) {
        let mut patch = [0; PATCH];
        let (width, height) = (width / 2, height / 2);
        for (cell, sums) in patch.chunks_exact_mut(8).enumerate() {
            let (x, y) = (left + cell % 2 * width, top + cell / 2 * height);
            let corner = |x: usize, y: usize| &self.0[y * ACROSS + x];
            let (a, b) = (corner(x, y), corner(x + width, y));
            let (c, d) = (corner(x, y + height), corner(x + width, y + height));
            for (channel, sum) in sums.iter_mut().enumerate() {
                *sum = d[channel] + a[channel] - b[channel] - c[channel];
            }
        }
        let length = patch.iter().map(|&sum| f64::from(sum) * f64::from(sum)).sum::<f64>().sqrt() as f32;
        numbers.extend(patch.iter().map(|&sum| if length > 0.0 { sum as f32 / length } else { 0.0 }));
    }
}

/// All patches that the networks choose from, in the order of their numbers.
fn patches() -> Vec<[usize; 4]> {
    let mut patches = Vec::new();
    for (across, down) in [(1, 1), (1, 2), (2, 1), (2, 3), (3, 2)] {
        for height in (16..=WINDOW).filter(|height| height % 2 == 0 && height % down == 0) {
            let width = height / down * across;
            if width % 2 != 0 || !(16..=WINDOW).contains(&width) {
                continue;
            }
            for top in (0..=WINDOW - height).step_by(16) {
                patches.extend((0..=WINDOW - width).step_by(16).map(|left| [left, top, width, height]));
            }
        }
    }
    patches
}

/// The model file, from where it was read to.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes(&mut self) -> Result<[u8; 4], String> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or("it ends too soon")?;
        self.0 = rest;
        Ok(*bytes)
    }

    /// A number of things, of which there are at most so many.
    fn count(&mut self, most: usize) -> Result<usize, String> {
        let number = i32::from_le_bytes(self.bytes()?);
        usize::try_from(number).ok().filter(|count| *count <= most).ok_or(format!("{number} is more than {most}"))
    }

    fn expect(&mut self, what: usize) -> Result<(), String> {
        if self.count(what)? == what { Ok(()) } else { Err("it is put together otherwise".to_owned()) }
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f32>, String> {
        (0..count).map(|_| Ok(f32::from_le_bytes(self.bytes()?))).collect()
    }

    fn quick(&mut self) -> Result<Quick, String> {
        let count = self.count(10_000)?;
        self.expect(BINS - 1)?;
        if count == 0 || !count.is_multiple_of(GROUP) {
            return Err(format!("{count} comparisons are no groups of {GROUP}"));
        }
        // A comparison reaches over 9 × 9 pixels.
        let places = (0..count).map(|_| Ok((self.count(WINDOW - 9)?, self.count(WINDOW - 9)?)));
        let places: Vec<_> = places.collect::<Result<_, String>>()?;
        let thresholds = self.floats(count)?;
        let mut groups = Vec::new();
        for (places, thresholds) in places.as_chunks().0.iter().zip(thresholds.chunks_exact(GROUP)) {
            let mut weights = Vec::with_capacity(GROUP);
            for _ in 0..GROUP {
                weights.push(self.floats(BINS)?.try_into().map_err(|_| "it has no weights")?);
            }
            groups.push(Group { places: *places, weights, threshold: thresholds[GROUP - 1] });
        }
        Ok(Quick { groups })
    }

    fn careful(&mut self, all: &[[usize; 4]]) -> Result<Careful, String> {
        let (layers, chosen) = (self.count(10)?, self.count(all.len())?);
        let patch = |number: usize| all.get(number.wrapping_sub(1)).copied().ok_or("it names a patch that is none");
        let patches = (0..chosen).map(|_| Ok(patch(self.count(all.len())?)?)).collect::<Result<Vec<_>, String>>()?;
        let threshold = self.floats(1)?[0];
        self.expect(patches.len() * PATCH)?;
        let (mut inputs, mut read) = (patches.len() * PATCH, Vec::new());
        for _ in 1..layers {
            let outputs = self.count(1_000)?;
            let (weights, biases) = (self.floats(inputs * outputs)?, self.floats(outputs)?);
            read.push(Layer { inputs, weights, biases });
            inputs = outputs;
        }
        // How sure, right, down, larger.
        if inputs != 4 || read.iter().any(|layer| layer.inputs == 0) {
            return Err("a network says something else than where a face is".to_owned());
        }
        Ok(Careful { patches, threshold, layers: read })
    }
}

/// Reads the model: quick classifiers of which one must see a face, then careful ones of which all must.
///
/// # Errors
/// A sentence, where these bytes are no such model.
pub(super) fn read(model: &[u8]) -> Result<(Vec<Quick>, Vec<Careful>), String> {
    let (mut reader, all) = (Reader(model), patches());
    let (mut quick, mut careful) = (Vec::new(), Vec::new());
    reader.expect(3)?;
    for _ in 0..reader.count(3)? {
        reader.expect(1)?;
        reader.expect(0)?;
        quick.push(reader.quick()?);
        // Where its windows come from: nowhere, which is told by a number below one.
        reader.bytes()?;
    }
    for (stages, sources) in [(2, quick.len()), (1, 1)] {
        reader.expect(1)?;
        reader.expect(stages)?;
        for _ in 0..stages {
            reader.expect(1)?;
            careful.push(reader.careful(&all)?);
        }
        reader.expect(sources)?;
        (0..sources).try_for_each(|source| reader.expect(source))?;
    }
    if reader.0.is_empty() { Ok((quick, careful)) } else { Err("there is more in it than the model".to_owned()) }
}
