//! Equal cells in rows and columns: contact sheets, n-up, cells of a size, sheets of ID photos.

use super::photo::natural_ratio;
use super::{LayoutError, MIN_FRAME_MM, PageSetup, PhotoShape, PrintSize, Rect, Turn};

/// Numbers of mm that differ by less are the same: what adding and dividing leaves.
pub(super) const EPSILON_MM: f64 = 1e-9;
/// Photos that the choice of an n-up grid looks at.
const SAMPLE: usize = 200;

/// The cells of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    columns: usize,
    rows: usize,
    /// The top left frame; the others follow at `step`.
    frame: Rect,
    /// From one frame to the next, across and down.
    step: (f64, f64),
}

impl Grid {
    /// Rows and columns that share `room` evenly; `caption_mm` is kept below each frame.
    pub(super) fn even(
        (rows, columns): (u32, u32),
        room: Rect,
        setup: &PageSetup,
        caption_mm: f64,
    ) -> Result<Self, LayoutError> {
        let (across, down) = (f64::from(columns), f64::from(rows));
        let cell_width = (room.width - setup.spacing_mm * (across - 1.0)) / across;
        let cell_height = (room.height - setup.spacing_mm * (down - 1.0)) / down;
        let frame_height = cell_height - caption_mm;
        if cell_width < MIN_FRAME_MM || frame_height < MIN_FRAME_MM {
            return Err(LayoutError::NoRoom);
        }
        if cell_width.min(frame_height) - 2.0 * setup.border_mm < MIN_FRAME_MM / 2.0 {
            return Err(LayoutError::Border);
        }
        Ok(Self {
            columns: columns as usize,
            rows: rows as usize,
            frame: Rect::new(room.x, room.y, cell_width, frame_height),
            step: (cell_width + setup.spacing_mm, cell_height + setup.spacing_mm),
        })
    }

    /// As many frames of exactly this size as fit, in the middle of the room.
    pub(super) fn of_size(
        size: PrintSize,
        room: Rect,
        setup: &PageSetup,
        caption_mm: f64,
    ) -> Result<Self, LayoutError> {
        let (width, height) = (size.width_mm, size.height_mm + caption_mm);
        let spacing = setup.spacing_mm;
        let (columns, rows) = (fitting(room.width, width, spacing), fitting(room.height, height, spacing));
        if columns == 0 || rows == 0 {
            return Err(too_large(size, room));
        }
        let taken = |count: usize, side: f64| count as f64 * (side + spacing) - spacing;
        // What is short of the room by a rounding error alone begins at its edge.
        let start = |free: f64| (free / 2.0).max(0.0);
        let x = room.x + start(room.width - taken(columns, width));
        let y = room.y + start(room.height - taken(rows, height));
        Ok(Self {
            columns,
            rows,
            frame: Rect::new(x, y, size.width_mm, size.height_mm),
            step: (width + spacing, height + spacing),
        })
    }

    /// The grid of at least `count` cells in which the whole photos are largest.
    pub(super) fn n_up(
        count: u32,
        photos: &[PhotoShape],
        room: Rect,
        setup: &PageSetup,
        caption_mm: f64,
    ) -> Result<Self, LayoutError> {
        let step = photos.len().div_ceil(SAMPLE).max(1);
        let ratios: Vec<(f64, bool)> = photos.iter().step_by(step).map(|shape| shown(shape, setup)).collect();
        let mut best: Option<(f64, u32, Self)> = None;
        let mut error = LayoutError::NoRoom;
        for columns in 1..=count {
            let rows = count.div_ceil(columns);
            // More columns than a number of rows needs only make the cells smaller.
            if columns > 1 && count.div_ceil(columns - 1) == rows {
                continue;
            }
            let grid = match Self::even((rows, columns), room, setup, caption_mm) {
                Ok(grid) => grid,
                Err(why) => {
                    error = why;
                    continue;
                }
            };
            let area: f64 = ratios.iter().map(|&(ratio, may_turn)| grid.area(ratio, may_turn, setup)).sum();
            let spare = rows * columns - count;
            let better = best.as_ref().is_none_or(|(most, least_spare, _)| {
                // Of equal grids the one without empty cells.
                area > most * (1.0 + 1e-9) || (area >= most * (1.0 - 1e-9) && spare < *least_spare)
            });
            if better {
                best = Some((area, spare, grid));
            }
        }
        best.map(|(_, _, grid)| grid).ok_or(error)
    }

    /// Cells on a page.
    pub(super) fn per_page(&self) -> usize {
        self.rows * self.columns
    }

    /// The frame of a cell, counted row by row.
    pub(super) fn frame(&self, cell: usize) -> Rect {
        let (row, column) = ((cell / self.columns) as f64, (cell % self.columns) as f64);
        Rect { x: self.frame.x + column * self.step.0, y: self.frame.y + row * self.step.1, ..self.frame }
    }

    /// The area of a whole photo in one of the frames.
    fn area(&self, ratio: f64, may_turn: bool, setup: &PageSetup) -> f64 {
        let inner = self.frame.inset(setup.border_mm);
        let area = |ratio: f64| {
            let width = inner.width.min(inner.height * ratio);
            width * width / ratio
        };
        if may_turn { area(ratio).max(area(1.0 / ratio)) } else { area(ratio) }
    }
}

/// Width through height as the photo lies on the page, and whether it may be turned for a better agreement.
fn shown(shape: &PhotoShape, setup: &PageSetup) -> (f64, bool) {
    let ratio = natural_ratio(shape);
    match shape.setup.turn {
        Turn::Auto => (ratio, setup.auto_rotate),
        Turn::Quarters(quarters) if quarters % 2 == 1 => (1.0 / ratio, false),
        Turn::Quarters(_) => (ratio, false),
    }
}

/// How many of these fit beside each other.
fn fitting(room: f64, side: f64, spacing: f64) -> usize {
    let mut count = ((room + spacing) / (side + spacing) + 1e-6).floor().max(0.0) as usize;
    while count > 0 && count as f64 * (side + spacing) - spacing > room + EPSILON_MM {
        count -= 1;
    }
    count
}

pub(super) fn too_large(size: PrintSize, room: Rect) -> LayoutError {
    LayoutError::TooLarge {
        width_mm: size.width_mm,
        height_mm: size.height_mm,
        room_width_mm: room.width,
        room_height_mm: room.height,
    }
}
