//! The words: which of the network's classes stand for each, and what each is a kind of.

use crate::domain::labels::Label;

/// Classes that the network knows.
pub(super) const CLASSES: usize = 1_000;

/// A word is said where the classes that stand for it have this much more of the whole than a network that sees
/// nothing would give them: it then gives every class a thousandth, and a wide word like Animal has 400 of them.
///
/// 5 %: about the least at which a word is among the first five for what is to be seen. Everything above is kept, so
/// that whoever looks at the tags can draw the line higher without looking at the pictures again.
const FLOOR: f32 = 0.05;

/// A word of the vocabulary.
#[derive(Debug)]
struct Word {
    name: &'static str,
    /// What it is a kind of, nearest first; places in the vocabulary.
    parents: Vec<usize>,
    /// The classes that stand for it or for a word that shows it, in order.
    classes: Vec<usize>,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Vocabulary {
    words: Vec<Word>,
}

/// A line of the file.
struct Line {
    name: &'static str,
    parents: Vec<usize>,
    also: Vec<usize>,
    classes: Vec<usize>,
}

impl Vocabulary {
    /// Reads the vocabulary file; what its columns mean stands at its top.
    ///
    /// # Errors
    /// A sentence with the line's number, where it is not such a file.
    pub(super) fn parse(text: &'static str) -> Result<Self, String> {
        let lines: Vec<(usize, Vec<&'static str>)> = (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
            .map(|(number, line)| (number, line.split('\t').collect()))
            .collect();
        let names: Vec<&'static str> = lines.iter().map(|(_, columns)| columns[0]).collect();
        let mut parsed = Vec::with_capacity(lines.len());
        for (at, (number, columns)) in lines.iter().enumerate() {
            let wrong = |what: &str| format!("line {number} of the vocabulary {what}");
            let [name, parents, also, classes] = columns.as_slice() else { return Err(wrong("has not four columns")) };
            if names[..at].contains(name) {
                return Err(wrong("has a word that was there before"));
            }
            let places = |list: &'static str| -> Result<Vec<usize>, String> {
                let words = list.split("; ").filter(|word| !word.is_empty());
                words
                    .map(|word| names.iter().position(|name| *name == word).ok_or_else(|| wrong("names no word")))
                    .collect()
            };
            let class = |entry: &str| {
                let number = entry.split(' ').next().and_then(|number| number.parse().ok());
                number.filter(|number| *number < CLASSES).ok_or_else(|| wrong("names no class"))
            };
            let classes: Result<Vec<usize>, String> =
                classes.split("; ").filter(|entry| !entry.is_empty()).map(class).collect();
            parsed.push(Line { name, parents: places(parents)?, also: places(also)?, classes: classes? });
        }
        let words = (0..parsed.len()).map(|at| Word {
            name: parsed[at].name,
            parents: reached(at, |word| &parsed[word].parents),
            classes: Vec::new(),
        });
        let mut words: Vec<Word> = words.collect();
        for (at, line) in parsed.iter().enumerate() {
            let shown = reached(at, |word| parsed[word].parents.iter().chain(&parsed[word].also));
            for word in std::iter::once(at).chain(shown) {
                words[word].classes.extend(&line.classes);
            }
        }
        for word in &mut words {
            word.classes.sort_unstable();
            word.classes.dedup();
        }
        Ok(Self { words })
    }

    /// The words for what the network says (a share for each class, 1 together), most certain first; what a word is a
    /// kind of comes with it, and before it where both are as certain.
    pub(super) fn labels(&self, shares: &[f32]) -> Vec<Label> {
        let share = |word: &Word| word.classes.iter().filter_map(|class| shares.get(*class)).sum::<f32>();
        let of_words: Vec<f32> = self.words.iter().map(share).collect();
        let mut is_said = vec![false; self.words.len()];
        for (at, word) in self.words.iter().enumerate() {
            let by_chance = word.classes.len() as f32 / CLASSES as f32;
            if of_words[at].is_finite() && of_words[at] >= FLOOR + by_chance {
                is_said[at] = true;
                word.parents.iter().for_each(|parent| is_said[*parent] = true);
            }
        }
        let mut said: Vec<(f32, &Word)> = (0..self.words.len())
            .filter(|at| is_said[*at])
            .map(|at| (of_words[at].min(1.0), &self.words[at]))
            .collect();
        said.sort_by(|(a, one), (b, other)| {
            b.total_cmp(a).then(one.parents.len().cmp(&other.parents.len())).then(one.name.cmp(other.name))
        });
        said.into_iter().map(|(share, word)| self.label(word, share * 100.0)).collect()
    }

    /// The label of a word that something else than the network found; `None` where the vocabulary does not have it.
    pub(super) fn named(&self, name: &str, confidence: f32) -> Option<Label> {
        self.words.iter().find(|word| word.name == name).map(|word| self.label(word, confidence))
    }

    fn label(&self, word: &Word, confidence: f32) -> Label {
        Label {
            name: word.name.to_owned(),
            confidence,
            parents: word.parents.iter().map(|parent| self.words[*parent].name.to_owned()).collect(),
            aliases: Vec::new(),
            categories: Vec::new(),
            regions: Vec::new(),
        }
    }
}

/// Every place that can be reached from one by these steps, nearest first, without itself.
fn reached<'a, I: IntoIterator<Item = &'a usize>>(from: usize, steps: impl Fn(usize) -> I) -> Vec<usize> {
    let mut found = vec![from];
    let mut next = 0;
    while next < found.len() {
        for step in steps(found[next]) {
            if !found.contains(step) {
                found.push(*step);
            }
        }
        next += 1;
    }
    found.remove(0);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Vocabulary {
        Vocabulary::parse(super::super::VOCABULARY).unwrap()
    }

    fn shares(some: &[(usize, f32)]) -> Vec<f32> {
        let mut shares = vec![0.0; CLASSES];
        for (class, share) in some {
            shares[*class] = *share;
        }
        shares
    }

    #[test]
    fn classes_of_one_word_are_added_and_reach_what_it_is_a_kind_of() {
        // A golden and a Labrador retriever, a tabby, and a class that nobody looks for.
        let labels = shipped().labels(&shares(&[(207, 0.3), (208, 0.2), (281, 0.1), (773, 0.4)]));
        let said: Vec<(&str, i32)> =
            labels.iter().map(|label| (&*label.name, label.confidence.round() as i32)).collect();
        assert_eq!(said, [("Animal", 60), ("Pet", 60), ("Dog", 50), ("Cat", 10)]);
        assert_eq!(labels[2].parents, ["Pet", "Animal"]);
    }

    #[test]
    fn what_a_picture_also_shows_is_said_but_is_no_parent() {
        let labels = shipped().labels(&shares(&[(914, 0.9)]));
        let water = labels.iter().find(|label| label.name == "Water").unwrap();
        assert!((water.confidence - 90.0).abs() < 0.01);
        let boat = labels.iter().find(|label| label.name == "Sailing boat").unwrap();
        assert_eq!(boat.parents, ["Boat", "Vehicle"]);
    }

    #[test]
    fn a_word_never_comes_without_what_it_is_a_kind_of() {
        // Less than what all animals together would have by chance, but much for one of them.
        let labels = shipped().labels(&shares(&[(291, 0.2), (773, 0.8)]));
        let said: Vec<&str> = labels.iter().map(|label| &*label.name).collect();
        assert_eq!(said, ["Animal", "Wildlife", "Big cat", "Lion"]);
    }

    #[test]
    fn a_network_that_sees_nothing_says_nothing() {
        assert_eq!(shipped().labels(&[0.001; CLASSES]), []);
        assert_eq!(shipped().labels(&[f32::NAN; CLASSES]), []);
        assert_eq!(shipped().labels(&[]), []);
    }

    #[test]
    fn every_class_stands_for_one_word_at_most_and_no_word_is_empty() {
        let mut owners = [""; CLASSES];
        for line in super::super::VOCABULARY.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            for entry in columns[3].split("; ").filter(|entry| !entry.is_empty()) {
                let class: usize = entry.split(' ').next().unwrap().parse().unwrap();
                assert_eq!(owners[class], "", "{entry}");
                owners[class] = columns[0];
            }
        }
        let vocabulary = shipped();
        assert!(vocabulary.words.len() > 300);
        let from_faces = ["Portrait", "Group"];
        for word in &vocabulary.words {
            assert_eq!(word.classes.is_empty(), from_faces.contains(&word.name), "{}", word.name);
            let here = vocabulary.words.iter().position(|other| other.name == word.name).unwrap();
            assert!(!word.parents.contains(&here), "{} is a kind of itself", word.name);
        }
    }

    #[test]
    fn a_broken_file_names_its_line() {
        let fault = |text| Vocabulary::parse(text).unwrap_err();
        assert_eq!(fault("# x\nDog\tAnimal\t\t1 x\n"), "line 2 of the vocabulary names no word");
        assert_eq!(fault("Dog\t\t\t1000 x\n"), "line 1 of the vocabulary names no class");
        assert_eq!(fault("Dog\t\t1\n"), "line 1 of the vocabulary has not four columns");
        assert_eq!(fault("Dog\t\t\t1\nDog\t\t\t2\n"), "line 2 of the vocabulary has a word that was there before");
        assert_eq!(fault("\t\t\t0 \u{7f}x; y\n"), "line 1 of the vocabulary names no class");
    }

    #[test]
    fn words_in_a_circle_end() {
        let circle = Vocabulary::parse("A\tB\t\t1 x\nB\tA\t\t2 y\n").unwrap();
        assert_eq!(circle.labels(&shares(&[(1, 0.5), (2, 0.5)])).len(), 2);
    }
}
