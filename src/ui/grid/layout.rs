//! Where every cell of the grid is: pure arithmetic over day sections, in `f64`, because a million rows of points
//! are more than an `f32` can tell apart.
//!
//! Days that need less than a row share one, side by side, each under its own heading: a *band*. A day of more than a
//! row has a band of its own.

use std::ops::Range;

use crate::domain::Seat;

/// What a section of the grid holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// Files that an import has found and not yet taken in.
    Arriving,
    /// Photos of one day (days since 1970-01-01).
    Day(i32),
    /// Photos whose day nobody knows.
    Undated,
}

/// A heading and what is under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// What it holds.
    pub kind: SectionKind,
    /// Position of its first photo in the results (in the arriving files for [`SectionKind::Arriving`]).
    pub first: usize,
    /// How many.
    pub count: usize,
}

/// Splits results, which fall, into days. Jumps from day to day by halving: a million photos of a thousand days
/// cost some twenty thousand comparisons.
#[must_use]
pub fn sections(seats: &[Seat], arriving: usize) -> Vec<Section> {
    let mut sections = Vec::new();
    if arriving > 0 {
        sections.push(Section { kind: SectionKind::Arriving, first: 0, count: arriving });
    }
    let mut first = 0;
    while let Some(seat) = seats.get(first) {
        let (kind, count) = match seat.day() {
            Some(day) => {
                let start = Seat::start_of_day(day);
                (SectionKind::Day(day), seats[first..].partition_point(|seat| *seat >= start))
            }
            None => (SectionKind::Undated, seats.len() - first),
        };
        // Results out of order would be a fault of the engine; they must not become an endless loop here.
        let count = count.max(1);
        sections.push(Section { kind, first, count });
        first += count;
    }
    sections
}

/// Sizes that the layout follows from, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// Width of the whole grid, without its scroll bar.
    pub width: f32,
    /// Smallest width of a cell; cells grow until a row is full.
    pub wanted_cell: f32,
    /// Height of the line under the picture; 0 where cells are too small for names.
    pub label: f32,
    /// Height of a heading.
    pub heading: f32,
    /// Between cells.
    pub gap: f32,
    /// Left and right of the rows, and below the last.
    pub margin: f32,
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// What it was made from.
    pub measures: Measures,
    /// Cells in a row.
    pub columns: usize,
    /// Width of a cell, which is also the height of its picture.
    pub cell: f32,
    /// Height of the whole grid.
    pub height: f64,
    /// For each section its upper edge, equal within a band, and its first column.
    places: Vec<(f64, u32)>,
}

/// The least room of a heading in points: a short date.
const HEADING_ROOM: f32 = 116.0;

/// A row of cells that can be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Index of its section.
    pub section: usize,
    /// Positions within the section.
    pub items: Range<usize>,
    /// Its upper edge.
    pub top: f64,
    /// The column of its first cell.
    pub column: usize,
}

impl Layout {
    /// Lays the sections out.
    #[must_use]
    pub fn new(sections: &[Section], measures: Measures) -> Self {
        let inner = (measures.width - 2.0 * measures.margin).max(measures.wanted_cell.min(measures.width)).max(16.0);
        let columns = (((inner + measures.gap) / (measures.wanted_cell + measures.gap)) as usize).max(1);
        let cell = ((inner - measures.gap * (columns - 1) as f32) / columns as f32).floor();
        let mut layout = Self { measures, columns, cell, height: 0.0, places: Vec::with_capacity(sections.len()) };
        let least = ((HEADING_ROOM + measures.gap) / (cell + measures.gap)).ceil().max(1.0) as usize;
        // Where the next band begins, and how many columns of the present one are taken; all of them where it is full.
        let (mut next, mut top, mut taken) = (0.0, 0.0, columns);
        for section in sections {
            let short = section.kind != SectionKind::Arriving && section.count <= columns;
            if !short || taken + section.count.max(least) > columns {
                (top, taken) = (next, 0);
                next += layout.section_height(section);
            }
            layout.places.push((top, taken as u32));
            taken = if short { taken + section.count.max(least) } else { columns };
        }
        layout.height = next + f64::from(measures.margin);
        layout
    }

    /// The sections that share a band with this one.
    #[must_use]
    pub fn band(&self, section: usize) -> Range<usize> {
        let top = self.top(section);
        let before = self.places[..section.min(self.places.len())].iter().rev().take_while(|place| place.0 == top);
        let after = self.places.iter().skip(section + 1).take_while(|place| place.0 == top);
        section - before.count()..section + 1 + after.count()
    }

    /// A section's first column.
    #[must_use]
    pub fn column(&self, section: usize) -> usize {
        self.places.get(section).map_or(0, |place| place.1 as usize)
    }

    /// The columns that a section's heading may use.
    #[must_use]
    pub fn heading_columns(&self, section: usize) -> Range<usize> {
        let next = self.places.get(section + 1).filter(|next| next.0 == self.top(section));
        self.column(section)..next.map_or(self.columns, |next| next.1 as usize)
    }

    /// Height of a row with the gap below it.
    #[must_use]
    pub fn row_height(&self) -> f32 {
        self.cell + self.measures.label + self.measures.gap
    }

    /// Upper edge of a section's heading.
    #[must_use]
    pub fn top(&self, section: usize) -> f64 {
        self.places.get(section).map_or(self.height, |place| place.0)
    }

    fn section_height(&self, section: &Section) -> f64 {
        f64::from(self.measures.heading)
            + section.count.div_ceil(self.columns) as f64 * f64::from(self.row_height())
            + f64::from(self.measures.gap)
    }

    /// The section at this height, the first of its band.
    #[must_use]
    pub fn section_at(&self, y: f64) -> usize {
        let last = self.places.partition_point(|place| place.0 <= y).saturating_sub(1);
        self.band(last).start
    }

    /// Left edge of a column.
    #[must_use]
    pub fn column_x(&self, column: usize) -> f32 {
        self.measures.margin + column as f32 * (self.cell + self.measures.gap)
    }

    /// Upper edge of the row of an item of a section.
    #[must_use]
    pub fn item_top(&self, section: usize, item: usize) -> f64 {
        self.top(section)
            + f64::from(self.measures.heading)
            + (item / self.columns) as f64 * f64::from(self.row_height())
    }

    /// The rows between two heights.
    pub fn rows<'a>(&'a self, sections: &'a [Section], from: f64, to: f64) -> impl Iterator<Item = Row> + 'a {
        (self.section_at(from)..sections.len()).take_while(move |section| self.top(*section) < to).flat_map(
            move |section| {
                let body = self.top(section) + f64::from(self.measures.heading);
                let height = f64::from(self.row_height());
                let rows = sections[section].count.div_ceil(self.columns);
                // Casts of negative heights give 0, which is what is meant.
                let first = ((from - body) / height).floor() as usize;
                let last = (((to - body) / height).ceil() as usize).min(rows);
                (first..last).map(move |row| {
                    let start = row * self.columns;
                    let end = (start + self.columns).min(sections[section].count);
                    Row { section, items: start..end, top: body + row as f64 * height, column: self.column(section) }
                })
            },
        )
    }

    /// The section and the item under a point, where there is one.
    #[must_use]
    pub fn hit(&self, sections: &[Section], x: f32, y: f64) -> Option<(usize, usize)> {
        let first = self.section_at(y);
        let within = y - self.top(first) - f64::from(self.measures.heading);
        let step = self.cell + self.measures.gap;
        let across = x - self.measures.margin;
        if within < 0.0 || across < 0.0 {
            return None;
        }
        let (row, column) = ((within / f64::from(self.row_height())) as usize, (across / step) as usize);
        let in_gap = across - column as f32 * step > self.cell
            || within - row as f64 * f64::from(self.row_height()) > f64::from(self.cell + self.measures.label);
        if in_gap || column >= self.columns {
            return None;
        }
        let section = self.band(first).rev().find(|section| self.column(*section) <= column)?;
        let item = row * self.columns + column - self.column(section);
        (item < sections.get(section)?.count).then_some((section, item))
    }
}

/// The section that holds this position of the results.
#[must_use]
pub fn section_of(sections: &[Section], position: usize) -> Option<usize> {
    let skip = usize::from(sections.first().is_some_and(|section| section.kind == SectionKind::Arriving));
    let place = sections[skip..].partition_point(|section| section.first <= position);
    (place > 0).then(|| skip + place - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::TakenAt;

    const MEASURES: Measures =
        Measures { width: 1000.0, wanted_cell: 100.0, label: 20.0, heading: 40.0, gap: 8.0, margin: 16.0 };

    fn seat(text: &str) -> Seat {
        Seat::first_for(TakenAt::from_rfc3339(text).expect("a date"))
    }

    #[test]
    fn days_are_found_in_falling_seats_and_undated_photos_come_last() {
        let seats = [
            seat("2024-05-03T12:00:00"),
            seat("2024-05-03T00:00:00"),
            seat("2024-05-02T23:59:59"),
            Seat::FIRST_UNDATED,
            Seat(Seat::FIRST_UNDATED.0 - 1),
        ];
        let found: Vec<_> = sections(&seats, 7).iter().map(|s| (s.kind, s.first, s.count)).collect();
        assert_eq!(
            found,
            [
                (SectionKind::Arriving, 0, 7),
                (SectionKind::Day(19846), 0, 2),
                (SectionKind::Day(19845), 2, 1),
                (SectionKind::Undated, 3, 2),
            ]
        );
        assert_eq!(section_of(&sections(&seats, 7), 3), Some(3));
        assert_eq!(section_of(&sections(&seats, 0), 0), Some(0));
    }

    #[test]
    fn a_million_days_apart_rows_are_still_exact() {
        let list: Vec<Section> =
            (0..1_000_000).map(|n| Section { kind: SectionKind::Day(-n), first: n as usize, count: 1 }).collect();
        let layout = Layout::new(&list, MEASURES);
        let last = layout.top(999_999);
        assert!(last > 10_000_000.0);
        let rows: Vec<_> = layout.rows(&list, last + 41.0, last + 42.0).collect();
        let sections: Vec<_> = rows.iter().map(|row| row.section).collect();
        assert_eq!(sections, layout.band(999_999).collect::<Vec<_>>());
        assert!(rows.iter().all(|row| row.items == (0..1) && row.top == last + 40.0));
    }

    #[test]
    fn short_days_share_a_row_and_long_ones_do_not() {
        let day = |n: i32, first, count| Section { kind: SectionKind::Day(n), first, count };
        // Two columns are the least room of a heading here, and there are nine.
        let list = [day(9, 0, 1), day(8, 1, 3), day(7, 4, 2), day(6, 6, 4), day(5, 10, 30), day(4, 40, 1)];
        let layout = Layout::new(&list, MEASURES);
        assert_eq!(layout.columns, 9);
        let columns: Vec<_> = (0..list.len()).map(|section| layout.column(section)).collect();
        assert_eq!(columns, [0, 2, 5, 0, 0, 0]);
        let bands: Vec<_> = (0..list.len()).map(|section| layout.band(section)).collect();
        assert_eq!(bands, [0..3, 0..3, 0..3, 3..4, 4..5, 5..6]);
        assert_eq!(layout.heading_columns(1), 2..5);
        assert_eq!(layout.heading_columns(2), 5..9);
        assert_eq!(layout.section_at(layout.top(1) + 1.0), 0);
    }

    #[test]
    fn a_narrow_window_has_one_column() {
        let list = [Section { kind: SectionKind::Undated, first: 0, count: 3 }];
        for width in [0.0, 1.0, 40.0, 100.0] {
            let layout = Layout::new(&list, Measures { width, ..MEASURES });
            assert_eq!(layout.columns, 1, "{width}");
            assert!(layout.cell >= 1.0, "{width}: {}", layout.cell);
        }
    }

    proptest! {
        #[test]
        fn every_cell_is_hit_where_it_is_drawn(
            counts in prop::collection::vec(1_usize..40, 1..8),
            width in 120.0_f32..2000.0,
            wanted in 40.0_f32..300.0,
        ) {
            let mut first = 0;
            let list: Vec<Section> = counts.iter().map(|count| {
                let section = Section { kind: SectionKind::Undated, first, count: *count };
                first += count;
                section
            }).collect();
            let layout = Layout::new(&list, Measures { width, wanted_cell: wanted, ..MEASURES });
            let mut seen = 0;
            for row in layout.rows(&list, 0.0, layout.height) {
                for (column, item) in row.items.clone().enumerate() {
                    let x = layout.column_x(row.column + column) + layout.cell / 2.0;
                    prop_assert_eq!(layout.hit(&list, x, row.top + 1.0), Some((row.section, item)));
                    prop_assert_eq!(layout.item_top(row.section, item), row.top);
                    seen += 1;
                }
            }
            prop_assert_eq!(seen, first, "every photo is in exactly one row");
        }
    }
}
