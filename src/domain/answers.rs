//! Answers of taggers as they are kept: made sound, taken apart by what was asked, put together again.
//!
//! An answer may come from a service, from a store that others write to, or from another version of this program: what
//! is in it is believed only as far as it can be true.

use std::collections::HashSet;

use super::hash::ContentHash;
use super::labels::{Answer, Asked, Face, Label, MOST_LABELS, Region, TaggerKind, TextLine};
use super::tag::MAX_TAG_CHARS;

/// Most faces of one answer (Amazon Rekognition, "Guidelines and quotas": 100).
pub const MOST_FACES: usize = 100;
/// Most lines of text of one answer (Amazon Rekognition reads up to 100 words).
pub const MOST_LINES: usize = 100;
/// Most parents, other words or categories of one label.
const MOST_WORDS: usize = 20;
/// Most places of one label.
const MOST_REGIONS: usize = 100;
/// Longest line of text, in characters.
const LONGEST_LINE: usize = 1_000;
/// Longest name of a model, in characters.
const LONGEST_MODEL: usize = 100;
/// Longest line of a segment that is read, in bytes: many times of what the fullest sound answer takes.
pub const LONGEST_JSON: usize = 2 << 20;

/// What is known of one content.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownAnswer {
    /// Of which bytes.
    pub content: ContentHash,
    /// All that was asked already.
    pub asked: Asked,
    /// What was answered; `None` where nothing was asked yet.
    pub answer: Option<Answer>,
}

/// The answer without what cannot be true or was not asked: names are tidied, numbers brought into their ranges, regions
/// into the picture, labels sorted by how sure they are, each name once.
#[must_use]
pub fn sound(mut answer: Answer) -> Answer {
    answer.model = words(&answer.model, LONGEST_MODEL).unwrap_or_default();
    answer.labels = if answer.asked.labels { sound_labels(answer.labels) } else { Vec::new() };
    answer.faces =
        if answer.asked.faces { answer.faces.into_iter().filter_map(sound_face).collect() } else { Vec::new() };
    answer.faces.truncate(MOST_FACES);
    answer.texts =
        if answer.asked.text { answer.texts.into_iter().filter_map(sound_line).collect() } else { Vec::new() };
    answer.texts.truncate(MOST_LINES);
    answer
}

/// The answer as one for each thing that was asked, so that each can be known, and asked again, without the others.
#[must_use]
pub fn apart(answer: Answer) -> Vec<Answer> {
    let Answer { content, tagger, model, asked, labels, faces, texts } = answer;
    let empty = |asked| Answer {
        content,
        tagger,
        model: model.clone(),
        asked,
        labels: Vec::new(),
        faces: Vec::new(),
        texts: Vec::new(),
    };
    let mut parts = Vec::new();
    if asked.labels {
        parts.push(Answer { labels, ..empty(Asked { labels: true, ..Asked::NOTHING }) });
    }
    if asked.faces {
        parts.push(Answer { faces, ..empty(Asked { faces: true, ..Asked::NOTHING }) });
    }
    if asked.text {
        parts.push(Answer { texts, ..empty(Asked { text: true, ..Asked::NOTHING }) });
    }
    if asked.people {
        parts.push(empty(Asked::PEOPLE));
    }
    parts
}

/// Answers for one content as one; the model is that of the labels where there are any. `None` where there are none.
#[must_use]
pub fn together(parts: Vec<Answer>) -> Option<Answer> {
    parts.into_iter().reduce(|mut all, part| {
        if part.asked.labels {
            (all.labels, all.model) = (part.labels, part.model);
        }
        if part.asked.faces {
            all.faces = part.faces;
        }
        if part.asked.text {
            all.texts = part.texts;
        }
        all.asked = all.asked.and(part.asked);
        all
    })
}

/// Reads one line of `tags/<tagger>/<ulid>.jsonl`.
///
/// # Errors
/// Why it is none, in a few words.
pub fn read_line(line: &str, of: TaggerKind) -> Result<Answer, String> {
    let answer: Answer = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if answer.tagger != of {
        return Err(format!("it is of another tagger ({})", answer.tagger.name()));
    }
    Ok(sound(answer))
}

/// Percent, where it is a number at all.
fn percent(confidence: f32) -> Option<f32> {
    confidence.is_finite().then(|| confidence.clamp(0.0, 100.0))
}

/// Words on one line: no controls, single spaces, at most so many characters. `None` where nothing is left.
fn words(text: &str, most: usize) -> Option<String> {
    let mut tidy = String::new();
    let mut room = most;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !tidy.is_empty() {
            // A space that nothing follows is none.
            if room < 2 {
                break;
            }
            tidy.push(' ');
            room -= 1;
        }
        for c in word.chars().take(room) {
            tidy.push(c);
            room -= 1;
        }
    }
    (!tidy.is_empty()).then_some(tidy)
}

fn names(all: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let tidy = all.into_iter().filter_map(|name| words(&name, MAX_TAG_CHARS));
    tidy.filter(|name| seen.insert(name.to_lowercase())).take(MOST_WORDS).collect()
}

fn sound_labels(labels: Vec<Label>) -> Vec<Label> {
    let mut sound: Vec<Label> = labels
        .into_iter()
        .filter_map(|label| {
            Some(Label {
                name: words(&label.name, MAX_TAG_CHARS)?,
                confidence: percent(label.confidence)?,
                parents: names(label.parents),
                aliases: names(label.aliases),
                categories: names(label.categories),
                regions: label.regions.into_iter().filter_map(Region::within_picture).take(MOST_REGIONS).collect(),
            })
        })
        .collect();
    sound.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut seen = HashSet::new();
    sound.retain(|label| seen.insert(label.name.to_lowercase()));
    sound.truncate(MOST_LABELS);
    sound
}

fn sound_face(face: Face) -> Option<Face> {
    Some(Face { region: face.region.within_picture()?, confidence: percent(face.confidence)? })
}

fn sound_line(line: TextLine) -> Option<TextLine> {
    Some(TextLine {
        text: words(&line.text, LONGEST_LINE)?,
        confidence: percent(line.confidence)?,
        region: line.region.and_then(Region::within_picture),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn label(name: &str, confidence: f32) -> Label {
        Label {
            name: name.to_owned(),
            confidence,
            parents: Vec::new(),
            aliases: Vec::new(),
            categories: Vec::new(),
            regions: Vec::new(),
        }
    }

    fn answer(asked: Asked) -> Answer {
        Answer {
            content: ContentHash([7; 32]),
            tagger: TaggerKind::Aws,
            model: "3.0".to_owned(),
            asked,
            labels: Vec::new(),
            faces: Vec::new(),
            texts: Vec::new(),
        }
    }

    const ALL: Asked = Asked { labels: true, faces: true, text: true, people: false };

    #[test]
    fn what_cannot_be_true_is_left_out() {
        let region = |left, width| Region { left, top: 0.5, width, height: 0.25 };
        let labels = vec![
            Label {
                regions: vec![region(0.9, 0.5), region(f32::NAN, 0.1), region(2.0, 0.1)],
                ..label(" Dog\n ", 70.0)
            },
            label("Cat", 250.0),
            label("dog", 60.0),
            label("\u{7}", 90.0),
            label("Ghost", f32::INFINITY),
        ];
        let faces = vec![
            Face { region: region(-0.5, 1.0), confidence: -3.0 },
            Face { region: region(0.0, 0.0), confidence: 99.0 },
        ];
        let texts = vec![
            TextLine { text: "No\tentry".to_owned(), confidence: 88.0, region: Some(region(5.0, 1.0)) },
            TextLine { text: " ".to_owned(), confidence: 88.0, region: None },
        ];
        let sound = sound(Answer { labels, faces, texts, ..answer(ALL) });
        let found: Vec<_> = sound.labels.iter().map(|label| (label.name.as_str(), label.confidence)).collect();
        assert_eq!(found, [("Cat", 100.0), ("Dog", 70.0)]);
        assert_eq!(sound.labels[1].regions.len(), 1);
        assert!((sound.labels[1].regions[0].width - 0.1).abs() < 1e-6);
        assert_eq!(sound.faces, [Face { region: region(0.0, 0.5), confidence: 0.0 }]);
        assert_eq!(sound.texts, [TextLine { text: "No entry".to_owned(), confidence: 88.0, region: None }]);
    }

    #[test]
    fn only_what_was_asked_stays() {
        let told = Answer { labels: vec![label("Dog", 70.0)], ..answer(Asked { faces: true, ..Asked::NOTHING }) };
        assert!(sound(told).labels.is_empty());
    }

    #[test]
    fn an_answer_has_a_bound() {
        let mut many: Vec<Label> = (0..5_000).map(|n| label(&format!("l{n}"), 50.0)).collect();
        many[0].parents = vec!["x".repeat(9_000); 500];
        let sound = sound(Answer { labels: many, model: "m".repeat(9_000), ..answer(ALL) });
        assert_eq!((sound.labels.len(), sound.model.len()), (MOST_LABELS, LONGEST_MODEL));
        assert_eq!(sound.labels[0].parents, ["x".repeat(MAX_TAG_CHARS)]);
    }

    #[test]
    fn apart_and_together_again() {
        let told = Answer { labels: vec![label("Dog", 70.0)], ..answer(ALL) };
        let parts = apart(told.clone());
        assert_eq!(parts.iter().map(|part| part.asked.name()).collect::<Vec<_>>(), ["labels", "faces", "text"]);
        assert_eq!(together(parts), Some(told));
        assert_eq!(together(Vec::new()), None);
        for asked in [ALL, Asked::default(), Asked::NOTHING] {
            assert_eq!(Asked::from_name(&asked.name()), Some(asked));
        }
        assert_eq!(Asked::from_name("labels+celebrities"), None);
    }

    #[test]
    fn a_line_of_another_tagger_or_of_nonsense_is_none() {
        let line = serde_json::to_string(&answer(ALL)).unwrap();
        assert_eq!(read_line(&line, TaggerKind::Aws), Ok(answer(ALL)));
        assert!(read_line(&line, TaggerKind::Device).is_err());
        assert!(read_line("{}", TaggerKind::Aws).is_err());
        assert!(read_line(&"[".repeat(100_000), TaggerKind::Aws).is_err());
    }

    proptest! {
        #[test]
        fn sound_is_final(name in ".{0,300}", confidence in any::<f32>(), left in any::<f32>(), width in any::<f32>()) {
            let region = Region { left, top: 0.0, width, height: 1.0 };
            let told = Answer {
                labels: vec![Label { regions: vec![region], aliases: vec![name.clone()], ..label(&name, confidence) }],
                texts: vec![TextLine { text: name, confidence, region: Some(region) }],
                ..answer(ALL)
            };
            let once = sound(told);
            prop_assert_eq!(&sound(once.clone()), &once);
            for label in &once.labels {
                prop_assert!((0.0..=100.0).contains(&label.confidence));
                prop_assert!(label.name.chars().count() <= MAX_TAG_CHARS);
                for region in &label.regions {
                    prop_assert!(region.left >= 0.0 && region.width > 0.0 && region.left + region.width <= 1.0 + 1e-6);
                }
            }
        }
    }
}
