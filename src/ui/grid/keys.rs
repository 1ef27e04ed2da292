//! Where the arrows lead: steps through the cells of a layout.

use std::ops::Range;

use super::layout::{Layout, Section, SectionKind, section_of};

/// A step with the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To the photo before.
    Left,
    /// To the photo after.
    Right,
    /// To the row above, over headings.
    Up,
    /// To the row below, over headings.
    Down,
    /// A screen up.
    PageUp,
    /// A screen down.
    PageDown,
    /// To the first photo.
    Home,
    /// To the last photo.
    End,
}

/// The position that a step leads to. `page` is the height of the screen in points.
#[must_use]
pub fn step(layout: &Layout, sections: &[Section], count: usize, from: Option<usize>, step: Step, page: f64) -> usize {
    let last = count.saturating_sub(1);
    let Some(from) = from else { return if step == Step::End { last } else { 0 } };
    match step {
        Step::Left => from.saturating_sub(1),
        Step::Right => (from + 1).min(last),
        Step::Home => 0,
        Step::End => last,
        Step::Up => vertical(layout, sections, from, false).unwrap_or(from),
        Step::Down => vertical(layout, sections, from, true).unwrap_or(from).min(last),
        Step::PageUp | Step::PageDown => {
            // Rows are walked rather than computed, because headings stand between them. A page has few rows.
            let down = step == Step::PageDown;
            let height =
                |at: usize| section_of(sections, at).map_or(0.0, |s| layout.item_top(s, at - sections[s].first));
            let start = height(from);
            let mut at = from;
            while let Some(next) = vertical(layout, sections, at, down) {
                if (height(next) - start).abs() > (page - f64::from(layout.row_height())).max(1.0) && at != from {
                    break;
                }
                at = next;
            }
            at.min(last)
        }
    }
}

/// The photo in the same column, one row up or down; the nearest where that row is shorter.
fn vertical(layout: &Layout, sections: &[Section], from: usize, down: bool) -> Option<usize> {
    let section = section_of(sections, from)?;
    let here = sections[section];
    let item = from - here.first;
    let row = item / layout.columns;
    let column = layout.column(section) + item % layout.columns;
    let rows = here.count.div_ceil(layout.columns);
    let band = layout.band(section);
    if down {
        if row + 1 < rows {
            return Some(here.first + (item + layout.columns).min(here.count - 1));
        }
        let below = under(layout, layout.band(Some(band.end).filter(|next| *next < sections.len())?), column)?;
        let next = sections[below];
        Some(next.first + (column - layout.column(below)).min(next.count - 1))
    } else {
        if row > 0 {
            return Some(from - layout.columns);
        }
        let over = under(layout, layout.band(band.start.checked_sub(1)?), column)?;
        let above = Some(sections[over]).filter(|above| above.kind != SectionKind::Arriving)?;
        let last_row = (above.count - 1) / layout.columns * layout.columns;
        Some(above.first + (last_row + column - layout.column(over)).min(above.count - 1))
    }
}

/// The section of a band that a column belongs to.
fn under(layout: &Layout, band: Range<usize>, column: usize) -> Option<usize> {
    band.rev().find(|section| layout.column(*section) <= column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::grid::layout::Measures;

    /// Five columns; days of 7, 2 and 11 photos.
    fn house() -> (Layout, Vec<Section>) {
        let sections = vec![
            Section { kind: SectionKind::Arriving, first: 0, count: 3 },
            Section { kind: SectionKind::Day(3), first: 0, count: 7 },
            Section { kind: SectionKind::Day(2), first: 7, count: 2 },
            Section { kind: SectionKind::Undated, first: 9, count: 11 },
        ];
        let measures = Measures { width: 540.0, wanted_cell: 100.0, label: 0.0, heading: 40.0, gap: 0.0, margin: 10.0 };
        let layout = Layout::new(&sections, measures);
        assert_eq!(layout.columns, 5);
        (layout, sections)
    }

    #[test]
    fn up_and_down_keep_the_column_over_headings() {
        let (layout, sections) = house();
        let go = |from, way| step(&layout, &sections, 20, Some(from), way, 300.0);
        assert_eq!(go(3, Step::Down), 6, "the second row is short: its last photo");
        assert_eq!(go(6, Step::Down), 8);
        assert_eq!(go(8, Step::Down), 10);
        assert_eq!(go(19, Step::Down), 19);
        assert_eq!(go(10, Step::Up), 8);
        assert_eq!(go(7, Step::Up), 5);
        assert_eq!(go(1, Step::Up), 1, "arriving files cannot have the keyboard");
    }

    #[test]
    fn ends_pages_and_a_first_step() {
        let (layout, sections) = house();
        let go = |from, way| step(&layout, &sections, 20, from, way, 300.0);
        assert_eq!(go(None, Step::Right), 0);
        assert_eq!(go(Some(0), Step::Left), 0);
        assert_eq!(go(Some(19), Step::Right), 19);
        assert_eq!(go(Some(4), Step::End), 19);
        assert_eq!(go(Some(4), Step::Home), 0);
        assert_eq!(go(Some(0), Step::PageDown), 5, "two rows fit; the next day would not");
        assert_eq!(go(Some(19), Step::PageUp), 14);
    }
}
