//! Which photos are selected: runs of positions, so that a million selected photos cost as much as one.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::Seat;

/// A set of positions as sorted runs that neither touch nor overlap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runs {
    runs: Vec<Range<usize>>,
    len: usize,
}

impl Runs {
    /// How many positions are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether this position is in it.
    #[must_use]
    pub fn contains(&self, at: usize) -> bool {
        let next = self.runs.partition_point(|run| run.end <= at);
        self.runs.get(next).is_some_and(|run| run.start <= at)
    }

    /// The first position.
    #[must_use]
    pub fn first(&self) -> Option<usize> {
        self.runs.first().map(|run| run.start)
    }

    /// Every position in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.runs.iter().cloned().flatten()
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.runs.clear();
        self.len = 0;
    }

    /// Adds every position of a range.
    pub fn insert(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        // Runs that touch the new one melt into it.
        let first = self.runs.partition_point(|run| run.end < range.start);
        let last = self.runs.partition_point(|run| run.start <= range.end);
        let melted = &self.runs[first..last];
        let start = melted.first().map_or(range.start, |run| run.start.min(range.start));
        let end = melted.last().map_or(range.end, |run| run.end.max(range.end));
        self.len -= melted.iter().map(Range::len).sum::<usize>();
        self.len += end - start;
        self.runs.splice(first..last, std::iter::once(start..end));
    }

    /// Takes one position out.
    pub fn remove(&mut self, at: usize) {
        let place = self.runs.partition_point(|run| run.end <= at);
        let Some(run) = self.runs.get(place).filter(|run| run.start <= at).cloned() else { return };
        let halves = [run.start..at, at + 1..run.end].into_iter().filter(|half| !half.is_empty());
        self.runs.splice(place..=place, halves);
        self.len -= 1;
    }
}

/// Selection, the photo that has the keyboard, and where a range started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// What is selected.
    pub runs: Runs,
    /// The photo that has the keyboard.
    pub cursor: Option<usize>,
    /// Where the next range starts.
    anchor: usize,
}

impl Selection {
    /// Selects one photo only.
    pub fn only(&mut self, at: usize) {
        self.runs.clear();
        self.runs.insert(at..at + 1);
        self.cursor = Some(at);
        self.anchor = at;
    }

    /// Adds one photo, or takes it away.
    pub fn toggle(&mut self, at: usize) {
        if self.runs.contains(at) {
            self.runs.remove(at);
        } else {
            self.runs.insert(at..at + 1);
        }
        self.cursor = Some(at);
        self.anchor = at;
    }

    /// Selects everything from the anchor to this photo; with `add`, on top of what is selected.
    pub fn extend(&mut self, at: usize, add: bool) {
        if !add {
            self.runs.clear();
        }
        self.runs.insert(self.anchor.min(at)..self.anchor.max(at) + 1);
        self.cursor = Some(at);
    }

    /// Selects these, the first of them with the keyboard.
    pub fn range(&mut self, range: Range<usize>, add: bool) {
        if !add {
            self.runs.clear();
        }
        self.cursor = Some(range.start);
        self.anchor = range.start;
        self.runs.insert(range);
    }

    /// Selects everything.
    pub fn all(&mut self, count: usize) {
        self.runs.clear();
        self.runs.insert(0..count);
        if self.cursor.is_none() && count > 0 {
            self.cursor = Some(0);
        }
    }

    /// Selects nothing; the keyboard stays where it is.
    pub fn none(&mut self) {
        self.runs.clear();
        self.anchor = self.cursor.unwrap_or(0);
    }

    /// The photos that an edit is about: the selection, or else the one with the keyboard. Costs nothing for all.
    #[must_use]
    pub fn targets(&self, seats: &Arc<[Seat]>) -> Arc<[Seat]> {
        if self.runs.len() == seats.len() {
            return seats.clone();
        }
        if self.runs.is_empty() {
            return self.cursor.and_then(|at| seats.get(at)).copied().into_iter().collect();
        }
        self.runs.iter().filter_map(|at| seats.get(at)).copied().collect()
    }

    /// How many photos [`Selection::targets`] would name.
    #[must_use]
    pub fn target_count(&self) -> usize {
        if self.runs.is_empty() { usize::from(self.cursor.is_some()) } else { self.runs.len() }
    }

    /// Follows the photos to where they stand in other results. With `same_query`, a selection whose photos all
    /// left (rated, while only unrated ones are shown) moves on to the photo that took the place.
    pub fn follow(&mut self, old: &[Seat], new: &[Seat], same_query: bool) {
        let had = !self.runs.is_empty();
        let cursor_was_selected = self.cursor.is_some_and(|at| self.runs.contains(at));
        // Both lists fall, so one walk over the new one serves all; each run jumps there by halving.
        let mut moved = Runs::default();
        let mut from = 0;
        for run in &self.runs.runs {
            let run = &old[run.start.min(old.len())..run.end.min(old.len())];
            let Some(first) = run.first() else { continue };
            from += new[from..].partition_point(|seat| seat > first);
            for seat in run {
                while from < new.len() && new[from] > *seat {
                    from += 1;
                }
                if new.get(from) == Some(seat) {
                    moved.insert(from..from + 1);
                }
            }
        }
        self.runs = moved;
        let place = |at: usize| {
            let seat = old.get(at)?;
            Some(new.binary_search_by(|probe| seat.cmp(probe)).unwrap_or_else(|place| place))
        };
        let kept = self.cursor.and_then(|at| old.get(at)).is_some_and(|seat| find(new, *seat).is_some());
        let cursor = self.cursor.and_then(place).map(|at| at.min(new.len().saturating_sub(1)));
        self.cursor = cursor.filter(|_| !new.is_empty() && (kept || same_query));
        self.anchor = self.cursor.unwrap_or(0);
        if let Some(at) = self.cursor
            && same_query
            && had
            && cursor_was_selected
            && self.runs.is_empty()
        {
            self.only(at);
        }
    }
}

/// Where a photo stands in results, which fall.
#[must_use]
pub fn find(seats: &[Seat], seat: Seat) -> Option<usize> {
    seats.binary_search_by(|probe| seat.cmp(probe)).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn seats(numbers: &[i64]) -> Vec<Seat> {
        numbers.iter().copied().map(Seat).collect()
    }

    #[test]
    fn click_control_and_shift_do_what_they_do_everywhere() {
        let mut selection = Selection::default();
        selection.only(5);
        selection.extend(8, false);
        assert_eq!(selection.runs.iter().collect::<Vec<_>>(), [5, 6, 7, 8]);
        selection.extend(3, false);
        assert_eq!(selection.runs.iter().collect::<Vec<_>>(), [3, 4, 5], "a range turns around its anchor");
        selection.toggle(4);
        assert_eq!(selection.runs.iter().collect::<Vec<_>>(), [3, 5]);
        selection.toggle(10);
        selection.extend(12, true);
        assert_eq!(selection.runs.iter().collect::<Vec<_>>(), [3, 5, 10, 11, 12]);
        selection.none();
        assert_eq!((selection.runs.len(), selection.cursor), (0, Some(12)));
    }

    #[test]
    fn everything_is_one_run_and_its_targets_are_the_results_themselves() {
        let seats: Arc<[Seat]> = (0..1_000_000).rev().map(Seat).collect();
        let mut selection = Selection::default();
        selection.all(seats.len());
        assert_eq!(selection.runs.runs.len(), 1);
        assert!(Arc::ptr_eq(&selection.targets(&seats), &seats));
    }

    #[test]
    fn a_selection_follows_its_photos() {
        let (old, new) = (seats(&[9, 7, 5, 3, 1]), seats(&[10, 9, 8, 5, 4, 1]));
        let mut selection = Selection::default();
        selection.range(1..4, false);
        selection.follow(&old, &new, true);
        assert_eq!(selection.runs.iter().collect::<Vec<_>>(), [3], "5 is at 3 now; 7 and 3 are gone");
        assert_eq!(selection.cursor, Some(3), "7 is gone: what took its place has the keyboard");
    }

    #[test]
    fn a_rated_photo_that_leaves_hands_the_selection_on() {
        let (old, new) = (seats(&[9, 7, 5]), seats(&[9, 5]));
        let mut selection = Selection::default();
        selection.only(1);
        selection.follow(&old, &new, true);
        assert_eq!((selection.runs.iter().collect::<Vec<_>>(), selection.cursor), (vec![1], Some(1)));
        selection.follow(&new, &seats(&[]), true);
        assert_eq!((selection.runs.len(), selection.cursor), (0, None));
    }

    #[test]
    fn another_search_keeps_only_what_it_finds() {
        let mut selection = Selection::default();
        selection.only(1);
        selection.follow(&seats(&[9, 7]), &seats(&[9, 8]), false);
        assert_eq!((selection.runs.len(), selection.cursor), (0, None));
    }

    proptest! {
        #[test]
        fn runs_are_a_set(steps in prop::collection::vec((any::<bool>(), 0_usize..60, 1_usize..9), 0..60)) {
            let (mut runs, mut set) = (Runs::default(), BTreeSet::new());
            for (add, start, len) in steps {
                if add {
                    runs.insert(start..start + len);
                    set.extend(start..start + len);
                } else {
                    runs.remove(start);
                    set.remove(&start);
                }
                prop_assert_eq!(runs.len(), set.len());
                prop_assert!(runs.runs.windows(2).all(|pair| pair[0].end < pair[1].start));
                for at in 0..70 {
                    prop_assert_eq!(runs.contains(at), set.contains(&at));
                }
            }
        }

        #[test]
        fn following_keeps_exactly_what_is_in_both(
            old in prop::collection::btree_set(0_i64..80, 0..40),
            new in prop::collection::btree_set(0_i64..80, 0..40),
            picks in prop::collection::vec(0_usize..40, 0..20),
        ) {
            let fall = |set: &BTreeSet<i64>| set.iter().rev().copied().map(Seat).collect::<Vec<_>>();
            let (old, new) = (fall(&old), fall(&new));
            let mut selection = Selection::default();
            picks.iter().filter(|at| **at < old.len()).for_each(|at| selection.runs.insert(*at..at + 1));
            let before: BTreeSet<Seat> = selection.runs.iter().map(|at| old[at]).collect();
            selection.follow(&old, &new, false);
            let after: BTreeSet<Seat> = selection.runs.iter().map(|at| new[at]).collect();
            let both: BTreeSet<Seat> = before.into_iter().filter(|seat| new.contains(seat)).collect();
            prop_assert_eq!(after, both);
        }
    }
}
