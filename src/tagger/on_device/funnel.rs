//! The funnel that faces are found with: many windows through quick classifiers, few through careful ones.
//!
//! After SeetaFace; whose work that is stands in `seeta.rs`. What it finds is what `rustface` finds (tested).

use std::ops::Range;

use super::seeta::{Careful, Quick, Slopes, codes, is_flat, read};

/// Width and height of the window that the classifiers know, in pixels.
pub(super) const WINDOW: usize = 40;

/// Pixels from window to window.
const STEP: usize = 4;

/// From one size of the picture to the next.
const SHRINK: f32 = 0.8;

/// Windows that overlap by more than this are one; at last, by more than that.
const SAME: f32 = 0.8;
const SAME_FACE: f32 = 0.3;

/// Most windows that a quick classifier hands on, the surest: what a picture made for it can cost.
const MOST_WINDOWS: usize = 5_000;

/// A picture in shades of grey.
pub(super) struct Grey {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<u8>,
}

/// A square that a face may be in; pixels of the picture, of which it may stand out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Square {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) side: i32,
    pub(super) score: f64,
}

/// The detector.
pub(super) struct Funnel {
    quick: Vec<Quick>,
    careful: Vec<Careful>,
}

impl Funnel {
    /// Reads the model.
    ///
    /// # Errors
    /// A sentence, where these bytes are no such model.
    pub(super) fn read(model: &[u8]) -> Result<Self, String> {
        let (quick, careful) = read(model)?;
        Ok(Self { quick, careful })
    }

    /// The faces of at least this score.
    pub(super) fn find(&self, grey: &Grey, least_score: f64) -> Vec<Square> {
        let mut squares: Vec<Square> = self.glance(grey).into_iter().flat_map(|found| merged(found, SAME)).collect();
        for (number, careful) in self.careful.iter().enumerate() {
            squares = squares.into_iter().filter_map(|square| look(careful, grey, square)).collect();
            if number == 0 {
                squares = merged(squares, SAME);
            }
        }
        let mut faces = merged(squares, SAME_FACE);
        faces.retain(|face| face.score >= least_score);
        faces
    }

    /// What each of the quick classifiers takes for a face, in all sizes of the picture.
    fn glance(&self, grey: &Grey) -> Vec<Vec<Square>> {
        let mut found = vec![Vec::new(); self.quick.len()];
        let least = WINDOW as f32 / grey.width.min(grey.height) as f32;
        let mut scale = 1.0_f32;
        while scale >= least {
            let scaled = |side: usize| (side as f32 * scale) as usize;
            let small = grey.resized(scaled(grey.width), scaled(grey.height));
            if small.width < WINDOW || small.height < WINDOW {
                break;
            }
            let codes = codes(&small);
            let offsets: Vec<_> = self.quick.iter().map(|quick| quick.offsets(small.width)).collect();
            for y in (0..=small.height - WINDOW).step_by(STEP) {
                for x in (0..=small.width - WINDOW).step_by(STEP) {
                    let codes = &codes[y * small.width + x..];
                    for ((quick, offsets), found) in self.quick.iter().zip(&offsets).zip(&mut found) {
                        let Some(score) = quick.score(codes, offsets) else { continue };
                        if !is_flat(&small, x, y) {
                            let whole = |at: usize| (at as f32 / scale + 0.5) as i32;
                            found.push(Square { x: whole(x), y: whole(y), side: whole(WINDOW), score: score.into() });
                        }
                    }
                }
            }
            scale *= SHRINK;
        }
        found
    }
}

/// The square moved to where the face in it is, where there is one.
fn look(careful: &Careful, grey: &Grey, mut square: Square) -> Option<Square> {
    if square.side < 2 || square.x + square.side <= 0 || square.y + square.side <= 0 {
        return None;
    }
    let slopes = Slopes::of(&grey.window(square));
    let (score, moved) = careful.score(&slopes)?;
    // As the original has it: what stood out on the left or above is moved by as much.
    (square.x, square.y) = (square.x.max(0), square.y.max(0));
    let side = square.side as f32;
    let [right, down, larger] = moved.map(|share| share * side);
    let after = (larger + side + 0.5).floor();
    let place = |at: i32, by: f32| (by + at as f32 + (side - after) * 0.5 + 0.5).floor() as i32;
    Some(Square { x: place(square.x, right), y: place(square.y, down), side: after as i32, score: score.into() })
}

/// The surest of the squares that overlap by more than a share, each with the scores of all that it stands for.
fn merged(mut squares: Vec<Square>, share: f32) -> Vec<Square> {
    squares.sort_by(|one, other| other.score.total_cmp(&one.score));
    squares.truncate(MOST_WINDOWS);
    let mut kept: Vec<Square> = Vec::new();
    while !squares.is_empty() {
        let best = squares[0];
        let mut score = best.score;
        let mut is_first = true;
        squares.retain(|other| {
            let is_same = is_first || overlap(best, *other) > share;
            if is_same && !is_first {
                score += other.score;
            }
            is_first = false;
            !is_same
        });
        kept.push(Square { score, ..best });
    }
    kept
}

/// What two squares share, as a share of what they cover together.
fn overlap(one: Square, other: Square) -> f32 {
    let along = |a: i32, b: i32| (a + one.side).min(b + other.side) - a.max(b);
    let (width, height) = (along(one.x, other.x), along(one.y, other.y));
    if width <= 0 || height <= 0 {
        return 0.0;
    }
    let area = |square: Square| square.side as f32 * square.side as f32;
    let both = width as f32 * height as f32;
    both / (area(one) + area(other) - both)
}

impl Grey {
    pub(super) fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = &[u8]> {
        self.pixels[rows.start * self.width..rows.end * self.width].chunks_exact(self.width)
    }

    fn resized(&self, width: usize, height: usize) -> Self {
        let mut pixels = vec![0; width * height];
        if (width, height) == (self.width, self.height) {
            pixels.copy_from_slice(&self.pixels);
        } else {
            self.resample((0, 0), (self.width, self.height), (width, height), &mut pixels);
        }
        Self { width, height, pixels }
    }

    /// The square as the window that the classifiers know; nothing where it stands out of the picture.
    fn window(&self, Square { x, y, side, .. }: Square) -> [u8; WINDOW * WINDOW] {
        let mut pixels = [0; WINDOW * WINDOW];
        let side = usize::try_from(side).unwrap_or(0);
        self.resample((x as isize, y as isize), (side, side), (WINDOW, WINDOW), &mut pixels);
        pixels
    }

    /// Between four pixels each, from the middle of the first: with the sums and the rounding of the original, since
    /// the classifiers learned with them.
    fn resample(&self, corner: (isize, isize), from: (usize, usize), to: (usize, usize), pixels: &mut [u8]) {
        let spots = |from: usize, to: usize| {
            let step = from as f64 / to as f64;
            (0..to).map(move |at| {
                let exact = step * at as f64;
                let whole = (exact as usize).min(from.saturating_sub(2));
                (whole, exact - whole as f64)
            })
        };
        let columns: Vec<_> = spots(from.0, to.0).map(|(x, share)| (corner.0 + x as isize, share)).collect();
        let within = |at: isize, most: usize| usize::try_from(at).ok().filter(|at| *at < most);
        let across = |y: isize, line: &mut [f64]| match within(y, self.height) {
            None => line.fill(0.0),
            Some(y) => {
                let row = &self.pixels[y * self.width..][..self.width];
                let pixel = |x: isize| within(x, row.len()).map_or(0.0, |x| f64::from(row[x]));
                for (number, &(x, share)) in line.iter_mut().zip(&columns) {
                    *number = (1.0 - share) * pixel(x) + share * pixel(x + 1);
                }
            }
        };
        let (mut above, mut below) = (vec![0.0; to.0], vec![0.0; to.0]);
        let mut known = None;
        for ((y, share), line) in spots(from.1, to.1).zip(pixels.chunks_exact_mut(to.0.max(1))) {
            let y = corner.1 + y as isize;
            if known != Some(y) {
                if known == Some(y - 1) {
                    std::mem::swap(&mut above, &mut below);
                } else {
                    across(y, &mut above);
                }
                across(y + 1, &mut below);
                known = Some(y);
            }
            for (pixel, (above, below)) in line.iter_mut().zip(above.iter().zip(&below)) {
                *pixel = ((1.0 - share) * above + share * below) as u8;
            }
        }
    }
}
