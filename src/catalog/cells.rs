//! Cells of the globe in the search index, so that "near" is a few sets of bits.
//!
//! Three nested grids: 2°, 0.2° and 0.02° (2.2 km from north to south). A photo has one token in each. A circle takes
//! the large cells that lie wholly within it, and looks at the smaller ones only along its edge.

use crate::domain::places::distance_km;

/// The sides of the cells in degrees, from coarse to fine.
const SIZES: [f64; 3] = [2.0, 0.2, 0.02];
/// Circles from here on (km) are not cut finer than 0.2° (22 km) along their edge.
const WIDE_KM: f64 = 250.0;

/// The tokens of a point, from coarse to fine: `a45:79`, `b453:799`, `c4534:7991` under their parents.
pub(super) fn of(latitude: f64, longitude: f64) -> [String; 3] {
    // The finest cell decides, so that rounding cannot put a point into a parent that is not its own.
    let row = (((latitude + 90.0) / SIZES[2]).floor() as i64).clamp(0, 8_999);
    let column = (((longitude + 180.0) / SIZES[2]).floor() as i64).clamp(0, 17_999);
    let top = format!("{}:{}", row / 100, column / 100);
    let middle = format!("{top}/{}", (row / 10 % 10) * 10 + column / 10 % 10);
    let fine = format!("{middle}/{}", (row % 10) * 10 + column % 10);
    [format!("a{top}"), format!("b{middle}"), format!("c{fine}")]
}

/// A circle on the globe.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circle {
    /// Degrees north and east.
    pub centre: (f64, f64),
    /// In km.
    pub radius_km: f64,
}

/// How a cell lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    /// Wholly within.
    Within,
    /// On the edge.
    Across,
    /// Wholly outside.
    Outside,
}

/// Which cells come below a cell: the beginning of their tokens. None below the finest.
pub(super) fn children(cell: &str) -> Option<String> {
    match cell.as_bytes().first()? {
        b'a' => Some(format!("b{}/", &cell[1..])),
        b'b' => Some(format!("c{}/", &cell[1..])),
        _ => None,
    }
}

impl Circle {
    /// How a cell lies to the circle. The finest are within where their middle is, and around the circle's own. `None` for what is no cell.
    pub(super) fn lies(&self, cell: &str) -> Option<Lies> {
        let (row, column, size) = read(cell)?;
        let middle = ((row as f64 + 0.5) * size - 90.0, (column as f64 + 0.5) * size - 180.0);
        let way = distance_km(self.centre, middle);
        // From the middle to the farthest point: half the diagonal at the cell's widest, a little generously.
        let half = 0.5 * size * 111.2;
        let nearest_equator = (middle.0.abs() - size / 2.0).max(0.0).to_radians().cos();
        let reach = half.hypot(half * nearest_equator) * 1.01;
        let finest = if self.radius_km > WIDE_KM { SIZES[1] } else { SIZES[2] };
        if size <= finest {
            // A circle smaller than a cell still finds what lies in its middle.
            return Some(if way <= self.radius_km.max(reach) { Lies::Within } else { Lies::Outside });
        }
        Some(if way + reach <= self.radius_km {
            Lies::Within
        } else if way - reach > self.radius_km {
            Lies::Outside
        } else {
            Lies::Across
        })
    }
}

/// Row, column and size in degrees of a cell.
fn read(cell: &str) -> Option<(i64, i64, f64)> {
    let level = match cell.as_bytes().first()? {
        b'a' => 0,
        b'b' => 1,
        b'c' => 2,
        _ => return None,
    };
    let mut parts = cell[1..].split('/');
    let (row, column) = parts.next()?.split_once(':')?;
    let (mut row, mut column): (i64, i64) = (row.parse().ok()?, column.parse().ok()?);
    for part in parts.by_ref().take(level) {
        let part: i64 = part.parse().ok().filter(|part| (0..100).contains(part))?;
        (row, column) = (row * 10 + part / 10, column * 10 + part % 10);
    }
    Some((row, column, SIZES[level]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_point_lies_in_its_cells(latitude in -90.0..=90.0_f64, longitude in -180.0..=180.0_f64) {
            let cells = of(latitude, longitude);
            prop_assert!(cells[1].starts_with(&children(&cells[0]).unwrap()));
            prop_assert!(cells[2].starts_with(&children(&cells[1]).unwrap()));
            prop_assert_eq!(children(&cells[2]), None);
            for (cell, size) in cells.iter().zip(SIZES) {
                let (row, column, read_size) = read(cell).unwrap();
                prop_assert_eq!(read_size, size);
                let off = (latitude + 90.0) - (row as f64 + 0.5) * size;
                let across = (longitude + 180.0) - (column as f64 + 0.5) * size;
                prop_assert!(off.abs() <= size * 0.5001 && across.abs() <= size * 0.5001, "{} {} {}", cell, off, across);
            }
        }

        /// No photo within the circle is ever lost at a coarse step, and none outside is taken by one.
        #[test]
        fn coarse_cells_never_decide_wrongly(
            latitude in -90.0..=90.0_f64, longitude in -180.0..=180.0_f64, away in -3.0..3.0_f64, aside in -3.0..3.0_f64,
            radius_km in 1.0..2_000.0_f64
        ) {
            let centre = ((latitude + away).clamp(-90.0, 90.0), (longitude + aside + 540.0).rem_euclid(360.0) - 180.0);
            let circle = Circle { centre, radius_km };
            let way = distance_km(centre, (latitude, longitude));
            for cell in &of(latitude, longitude)[..2] {
                match circle.lies(cell).unwrap() {
                    Lies::Within => prop_assert!(way <= radius_km + 17.0, "{} {}", cell, way),
                    Lies::Outside => prop_assert!(way > radius_km - 17.0, "{} {}", cell, way),
                    Lies::Across => {}
                }
            }
        }
    }
}
