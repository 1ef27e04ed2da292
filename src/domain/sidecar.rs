//! What sidecars say of a photo, and how what another program wrote meets what was decided here.
//!
//! Three texts of one field are compared: the one that was read or written last (base), the sidecar's (theirs) and
//! the library's (ours). Who alone changed it is right. Where both did, keywords are kept from both, and of anything
//! else the person's own decision here stays and the conflict is told.

mod people;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::card::{PhotoDetail, TagSource};
use super::edit::{Change, MAX_CAPTION_CHARS};
use super::labels::Region;
use super::people::FaceBox;
use super::photo::{Flag, Orientation, Rating};
use super::tag::TagName;

/// More keywords or paths than this are not read.
pub const MOST_ENTRIES: usize = 10_000;
/// More people than this are not read.
const MOST_PEOPLE: usize = 500;

/// A person in the picture, as the Metadata Working Group's regions say it (MWG guidelines 2.0, section 5.9): the
/// middle, width and height as shares of the picture as it is stored in the file, whatever its orientation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Who; empty where nobody knows.
    pub name: String,
    /// The middle, from the left edge.
    pub x: f64,
    /// The middle, from the top edge.
    pub y: f64,
    /// How wide.
    pub w: f64,
    /// How high.
    pub h: f64,
}

impl Person {
    /// Where, by the corner; `None` where no part of it lies in the picture.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        let (left, top) = (self.x - self.w / 2.0, self.y - self.h / 2.0);
        let part = |number: f64| number as f32;
        Region { left: part(left), top: part(top), width: part(self.w), height: part(self.h) }.within_picture()
    }
}

/// What a sidecar says, of all that Lightkeep understands. Absent means that it says nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// `xmp:Rating` 0 to 5. Where the photo is rejected, XMP has no place for its stars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// `xmp:Rating` −1 is a reject; picks are `xmpDM:pick` (Lightroom) and `digiKam:PickLabel`.
    pub flag: Flag,
    /// `xmp:Label`, a colour's name in the writer's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Flat keywords in order, each once: `dc:subject`, and the last level of every path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Keywords with those above them, two levels or more, the widest first: `lr:hierarchicalSubject` and
    /// `digiKam:TagsList`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Vec<String>>,
    /// `dc:title`, the default language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `dc:description`, the default language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Faces in `mwg-rs:Regions`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
}

/// A text as XML can carry it: without control characters, with plain line ends, trimmed.
#[must_use]
pub fn tidy_text(text: &str) -> String {
    let plain = text.replace("\r\n", "\n").replace('\r', "\n");
    let allowed = |c: &char| match c {
        '\n' | '\t' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => !other.is_control(),
    };
    let kept: String = plain.chars().filter(allowed).collect();
    kept.trim().to_owned()
}

fn tidy_option(text: Option<&String>) -> Option<String> {
    text.map(|text| tidy_text(text)).filter(|text| !text.is_empty())
}

/// What makes two keywords the same; `None` for what is no tag here (too long, or with line breaks).
fn key(word: &str) -> Option<String> {
    TagName::new(word).ok().map(|name| name.key())
}

fn keys<'a>(words: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    words.into_iter().filter_map(|word| key(word)).collect()
}

impl Fields {
    /// The same as it would come back from a file: tidy texts, every path's last level among the keywords, no stars
    /// beside a reject.
    #[must_use]
    pub fn tidied(&self) -> Self {
        let mut tidy = Self {
            rating: self.rating.filter(|_| self.flag != Flag::Reject),
            flag: self.flag,
            label: tidy_option(self.label.as_ref()),
            title: tidy_option(self.title.as_ref()),
            caption: tidy_option(self.caption.as_ref()),
            ..Self::default()
        };
        let mut known = BTreeSet::new();
        let leaves = self.paths.iter().filter_map(|path| path.last());
        for word in self.keywords.iter().chain(leaves).map(|word| tidy_text(word)) {
            if !word.is_empty() && tidy.keywords.len() < MOST_ENTRIES && known.insert(word.clone()) {
                tidy.keywords.push(word);
            }
        }
        let mut known = BTreeSet::new();
        for path in &self.paths {
            let path: Vec<String> = path.iter().map(|level| tidy_text(level)).collect();
            let fits = path.len() > 1 && path.iter().all(|level| !level.is_empty() && !level.contains('|'));
            if fits && tidy.paths.len() < MOST_ENTRIES && known.insert(path.clone()) {
                tidy.paths.push(path);
            }
        }
        let is_sane = |person: &&Person| [person.x, person.y, person.w, person.h].iter().all(|n| n.is_finite());
        let tidy_person = |person: &Person| Person { name: tidy_text(&person.name), ..person.clone() };
        tidy.people = self.people.iter().filter(is_sane).take(MOST_PEOPLE).map(tidy_person).collect();
        tidy
    }

    /// What must be remembered to see later who changed what: keywords that can be no tags are never merged.
    #[must_use]
    pub fn remembered(&self) -> Self {
        let mut kept = self.clone();
        kept.keywords.retain(|word| key(word).is_some());
        kept.paths.retain(|path| path.iter().map(String::len).sum::<usize>() < 10_000);
        for text in [&mut kept.title, &mut kept.caption, &mut kept.label].into_iter().flatten() {
            *text = text.chars().take(MAX_CAPTION_CHARS).collect();
        }
        kept
    }

    fn stars(&self) -> u8 {
        self.rating.map_or(0, Rating::stars)
    }

    /// The caption as far as the library keeps one.
    fn short_caption(&self) -> Option<String> {
        let text = self.caption.as_ref().map(|text| text.chars().take(MAX_CAPTION_CHARS).collect::<String>());
        tidy_option(text.as_ref())
    }

    /// Whether two say the same, in whatever order.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let words = |fields: &Self| fields.keywords.iter().cloned().collect::<BTreeSet<_>>();
        let paths = |fields: &Self| fields.paths.iter().cloned().collect::<BTreeSet<_>>();
        self.stars() == other.stars()
            && (self.flag, &self.label, &self.title, &self.caption)
                == (other.flag, &other.label, &other.title, &other.caption)
            && self.people.len() == other.people.len()
            && self.people.iter().all(|person| other.people.contains(person))
            && words(self) == words(other)
            && paths(self) == paths(other)
    }
}

/// What the library says of a photo.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ours {
    /// As a sidecar would say it: with the keywords that a person or another program wrote, not what machines see.
    pub fields: Fields,
    /// Keys of all tags that are shown, wherever they came from.
    pub shown: BTreeSet<String>,
    /// Faces with a name, in the upright picture.
    pub faces: Vec<(FaceBox, String)>,
    /// How the file's picture is turned upright: sidecars measure in the picture as it is stored.
    pub orientation: Orientation,
}

impl Ours {
    /// From everything that is known of a photo.
    #[must_use]
    pub fn of(detail: &PhotoDetail) -> Self {
        let written = |tag: &&super::card::PhotoTag| matches!(tag.source, TagSource::User | TagSource::Keyword);
        let fields = Fields {
            rating: Some(detail.card.rating),
            flag: detail.card.flag,
            keywords: detail.tags.iter().filter(written).map(|tag| tag.name.clone()).collect(),
            title: detail.metadata.title.clone(),
            caption: detail.metadata.caption.clone(),
            ..Fields::default()
        };
        Self {
            fields,
            shown: keys(detail.tags.iter().map(|tag| &tag.name)),
            faces: detail.faces.clone(),
            orientation: detail.metadata.orientation,
        }
    }

    /// Makes a change here too, as the catalogue will.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Rating(rating) => self.fields.rating = Some(*rating),
            Change::Flag(flag) => self.fields.flag = *flag,
            Change::Caption(text) => self.fields.caption.clone_from(text),
            Change::AddTag(word) => {
                self.shown.extend(key(word));
                self.fields.keywords.push(word.clone());
            }
            Change::RemoveTag(word) => {
                let gone = key(word);
                self.shown.retain(|known| Some(known) != gone.as_ref());
                self.fields.keywords.retain(|known| key(known) != gone);
            }
            Change::Person(spot, name) => {
                self.faces.retain(|(known, _)| known != spot);
                self.faces.extend(name.clone().map(|name| (*spot, name)));
            }
            Change::Turn(_) | Change::Hidden(_) | Change::Face(..) | Change::FaceMark(..) | Change::NotPerson(..) => {}
        }
    }
}

/// A field that both sides changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// `rating`, `flag`, `caption` or `person`.
    pub field: String,
    /// What was decided here, and stays.
    pub here: String,
    /// What the sidecar says.
    pub there: String,
}

/// What a sidecar means for the library.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Merged {
    /// What is to be changed here.
    pub changes: Vec<Change>,
    /// Where both sides changed the same.
    pub conflicts: Vec<Conflict>,
}

enum Verdict {
    Same,
    Theirs,
    Conflict,
}

fn judge<T: PartialEq>(base: Option<&T>, theirs: &T, ours: &T) -> Verdict {
    if theirs == ours || base == Some(theirs) {
        Verdict::Same
    } else if base == Some(ours) {
        Verdict::Theirs
    } else {
        Verdict::Conflict
    }
}

/// What has to be changed here, and where both sides disagree. Without a base the sidecar is read for the first time:
/// what it says beyond the library's own words was taken in with the photo, so that only disagreement is left to tell.
#[must_use]
pub fn merge(base: Option<&Fields>, theirs: &Fields, ours: &Ours) -> Merged {
    let mut merged = Merged::default();
    let mut tell = |field: &str, here: String, there: String| {
        merged.conflicts.push(Conflict { field: field.to_owned(), here, there });
    };
    let mut changes = Vec::new();
    // A rejected photo's sidecar says nothing of its stars.
    let no_stars = theirs.flag == Flag::Reject || (base.is_none() && theirs.stars() == 0);
    let (stars, here) = (theirs.rating.unwrap_or_default(), ours.fields.rating.unwrap_or_default());
    if !no_stars {
        match judge(base.map(|base| base.rating.unwrap_or_default()).as_ref(), &stars, &here) {
            Verdict::Same => {}
            Verdict::Theirs => changes.push(Change::Rating(stars)),
            Verdict::Conflict => tell("rating", here.stars().to_string(), stars.stars().to_string()),
        }
    }
    let no_flag = Flag::None;
    match judge(Some(base.map_or(&no_flag, |base| &base.flag)), &theirs.flag, &ours.fields.flag) {
        Verdict::Same => {}
        Verdict::Theirs => changes.push(Change::Flag(theirs.flag)),
        Verdict::Conflict => tell("flag", ours.fields.flag.name().to_owned(), theirs.flag.name().to_owned()),
    }
    let (caption, here) = (theirs.short_caption(), ours.fields.short_caption());
    if base.is_some() || caption.is_some() {
        match judge(base.map(Fields::short_caption).as_ref(), &caption, &here) {
            Verdict::Same => {}
            Verdict::Theirs => changes.push(Change::Caption(caption)),
            Verdict::Conflict => tell("caption", here.unwrap_or_default(), caption.unwrap_or_default()),
        }
    }
    if let Some(base) = base {
        let (before, now) = (keys(&base.keywords), keys(&theirs.keywords));
        let mut met = BTreeSet::new();
        for word in &theirs.keywords {
            let Some(key) = key(word) else { continue };
            if !before.contains(&key) && !ours.shown.contains(&key) && met.insert(key) {
                changes.push(Change::AddTag(word.clone()));
            }
        }
        let here = keys(&ours.fields.keywords);
        for word in &base.keywords {
            let Some(key) = key(word) else { continue };
            if !now.contains(&key) && here.contains(&key) && met.insert(key) {
                changes.push(Change::RemoveTag(word.clone()));
            }
        }
    }
    changes.extend(people::merge(base, theirs, ours, &mut merged.conflicts));
    merged.changes = changes;
    merged
}

/// What a sidecar is to say, once it was read: the library's words, and all of the sidecar's that the library has no
/// place for.
#[must_use]
pub fn wanted(theirs: &Fields, ours: &Ours) -> Fields {
    let is_gone = |word: &String| key(word).is_some_and(|key| !ours.shown.contains(&key));
    let mut keywords: Vec<String> = theirs.keywords.iter().filter(|word| !is_gone(word)).cloned().collect();
    let there = keys(&keywords);
    keywords.extend(ours.fields.keywords.iter().filter(|word| key(word).is_some_and(|k| !there.contains(&k))).cloned());
    let paths = theirs.paths.iter().filter(|path| !path.last().is_some_and(is_gone)).cloned().collect();
    // A caption longer than the library keeps is not cut short in the file.
    let same_caption = theirs.short_caption() == ours.fields.short_caption();
    let caption = if same_caption { &theirs.caption } else { &ours.fields.caption };
    Fields {
        rating: ours.fields.rating,
        flag: ours.fields.flag,
        label: theirs.label.clone(),
        keywords,
        paths,
        title: theirs.title.clone().or_else(|| ours.fields.title.clone()),
        caption: caption.clone(),
        people: people::wanted(theirs, ours),
    }
    .tidied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(stars: u8, flag: Flag, caption: &str, words: &[&str]) -> Fields {
        Fields {
            rating: Rating::new(stars),
            flag,
            caption: (!caption.is_empty()).then(|| caption.to_owned()),
            keywords: words.iter().map(|&word| word.to_owned()).collect(),
            ..Fields::default()
        }
    }

    fn ours(fields: Fields) -> Ours {
        Ours { shown: keys(&fields.keywords), fields, ..Ours::default() }
    }

    fn changed(base: Option<&Fields>, theirs: &Fields, here: &Fields) -> (Vec<String>, Vec<String>) {
        let merged = merge(base, theirs, &ours(here.clone()));
        let told = merged.conflicts.iter().map(|one| format!("{}: {} {}", one.field, one.here, one.there)).collect();
        (merged.changes.iter().map(|change| format!("{change:?}")).collect(), told)
    }

    #[test]
    fn who_alone_changed_a_field_is_right() {
        let base = fields(2, Flag::None, "old", &["dog", "lake"]);
        let theirs = fields(4, Flag::Pick, "new", &["dog", "cat"]);
        let (changes, told) = changed(Some(&base), &theirs, &base);
        let expected =
            ["Rating(Rating(4))", "Flag(Pick)", "Caption(Some(\"new\"))", "AddTag(\"cat\")", "RemoveTag(\"lake\")"];
        assert_eq!(changes, expected);
        assert!(told.is_empty());
        // The same the other way round: nothing to do here, and everything to write.
        assert_eq!(changed(Some(&base), &base, &theirs), (vec![], vec![]));
        assert!(wanted(&base, &ours(theirs.clone())).says_the_same(&theirs));
    }

    #[test]
    fn where_both_changed_keywords_add_up_and_the_rest_is_told() {
        let base = fields(2, Flag::None, "old", &["dog"]);
        let theirs = fields(4, Flag::Reject, "their words", &["dog", "cat"]);
        let theirs = Fields { rating: None, ..theirs };
        let here = fields(5, Flag::Pick, "my words", &["dog", "bird"]);
        let (changes, told) = changed(Some(&base), &theirs, &here);
        assert_eq!(changes, ["AddTag(\"cat\")"]);
        assert_eq!(told, ["flag: pick reject", "caption: my words their words"]);
        let rated = Fields { flag: Flag::None, ..fields(4, Flag::None, "old", &["DOG"]) };
        let (changes, told) = changed(Some(&base), &rated, &here);
        assert!(changes.is_empty(), "{changes:?}");
        assert_eq!(told, ["rating: 5 4"]);
    }

    #[test]
    fn a_first_reading_tells_only_of_disagreement() {
        let nothing = fields(0, Flag::None, "", &[]);
        let theirs = fields(3, Flag::Reject, "theirs", &["gone"]);
        let theirs = Fields { rating: None, ..theirs };
        assert_eq!(changed(None, &theirs, &fields(0, Flag::None, "theirs", &[])).0, ["Flag(Reject)"]);
        assert_eq!(changed(None, &nothing, &fields(5, Flag::Pick, "mine", &["x"])), (vec![], vec![]));
        let (changes, told) = changed(None, &fields(3, Flag::None, "theirs", &[]), &fields(5, Flag::None, "mine", &[]));
        assert_eq!((changes.len(), told.len()), (0, 2));
    }

    #[test]
    fn what_the_library_has_no_place_for_stays_in_the_sidecar() {
        let long = "x".repeat(10_000);
        let theirs = Fields {
            label: Some("Rot".into()),
            keywords: vec![long.clone(), "dog".into(), "gone".into()],
            paths: vec![vec!["Animal".into(), "dog".into()], vec!["Was".into(), "gone".into()]],
            title: Some("title".into()),
            people: vec![Person { name: "Ann".into(), x: 0.5, y: 0.5, w: 0.1, h: 0.1 }],
            ..Fields::default()
        };
        let mut here = ours(fields(1, Flag::None, "", &["dog", "new"]));
        here.faces = vec![(FaceBox { left: 4_500, top: 4_500, width: 1_000, height: 1_000 }, "Ann".into())];
        let wanted = wanted(&theirs, &here);
        assert_eq!(wanted.keywords, [long, "dog".into(), "new".into()]);
        assert_eq!(wanted.paths, [["Animal", "dog"]]);
        assert_eq!((&wanted.label, &wanted.title, &wanted.people), (&theirs.label, &theirs.title, &theirs.people));
        assert_eq!(theirs.remembered().keywords, ["dog", "gone"]);
    }

    #[test]
    fn a_person_outside_of_the_picture_is_nowhere() {
        let person = |x, w| Person { name: String::new(), x, y: 0.5, w, h: 0.2 }.region();
        assert_eq!(person(f64::NAN, 0.1), None);
        assert_eq!(person(3.0, 0.1), None);
        assert!(person(0.0, 0.2).is_some_and(|region| region.left == 0.0 && (region.width - 0.1).abs() < 1e-6));
    }
}
