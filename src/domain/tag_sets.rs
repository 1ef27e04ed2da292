//! Tag sets: tags that were given together, the latest first, each with a digit that gives them again.

use serde::{Deserialize, Serialize};

use super::tag::TagName;

/// As many as there are digits.
pub const MOST_SETS: usize = 9;
/// Tags of one set.
const MOST_TAGS: usize = 32;

/// The sets that were used last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagSets(Vec<Vec<TagName>>);

impl TagSets {
    /// Tags that were given together become the first set. One that is among the sets stays on its digit: fingers
    /// remember it.
    pub fn used(&mut self, tags: &[String]) {
        let mut set: Vec<TagName> = Vec::new();
        for tag in tags.iter().filter_map(|tag| TagName::new(tag).ok()).take(MOST_TAGS) {
            if set.iter().all(|known| known.key() != tag.key()) {
                set.push(tag);
            }
        }
        if !set.is_empty() && self.0.iter().all(|known| keys(known) != keys(&set)) {
            self.0.insert(0, set);
            self.0.truncate(MOST_SETS);
        }
    }

    /// The set of a digit, from 1.
    #[must_use]
    pub fn of_digit(&self, digit: u8) -> Option<&[TagName]> {
        self.0.get(usize::from(digit).checked_sub(1)?).map(Vec::as_slice)
    }

    /// Every set with its digit.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &[TagName])> {
        (1..).zip(self.0.iter().map(Vec::as_slice))
    }
}

fn keys(set: &[TagName]) -> std::collections::BTreeSet<String> {
    set.iter().map(TagName::key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn the_latest_set_is_first_and_a_known_one_keeps_its_digit() {
        let mut sets = TagSets::default();
        sets.used(&words(&["dog", "lake", "DOG"]));
        sets.used(&words(&["cat"]));
        sets.used(&words(&["Lake", "dog"]));
        sets.used(&words(&["\u{7}", ""]));
        let shown: Vec<_> = sets.iter().map(|(digit, set)| (digit, set.len())).collect();
        assert_eq!(shown, [(1, 1), (2, 2)]);
        assert_eq!(sets.of_digit(1).unwrap()[0].as_str(), "cat");
        assert_eq!((sets.of_digit(0), sets.of_digit(3)), (None, None));
        (0..20).for_each(|n| sets.used(&[format!("tag {n}")]));
        assert_eq!(sets.iter().count(), MOST_SETS);
        assert_eq!(sets.of_digit(9).unwrap()[0].as_str(), "tag 11");
    }
}
