//! Edits: what a person decided about photos, as a log that several computers can merge.
//!
//! One gesture is one [`Stamp`]; all its edits carry it. Per field of a photo the highest stamp wins, so that the
//! order in which edits arrive does not matter. Undo appends the inverse; nothing is ever taken out of the log.

use serde::{Deserialize, Serialize};

use super::hash::PhotoId;
use super::people::{FaceBox, FaceMark, NotPerson};
use super::photo::{Flag, Rating};
use super::tag::{BadTag, TagName};
use super::time::Timestamp;

/// The longest caption kept, in characters.
pub const MAX_CAPTION_CHARS: usize = 10_000;

/// A hybrid logical clock reading: wall clock, a counter for gestures in the same millisecond, and the device.
///
/// Source: Kulkarni et al., "Logical Physical Clocks", 2014; the counter makes up for clocks that stand or go back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Wall clock (ms since 1970, UTC), never below that of any stamp seen before.
    pub at: Timestamp,
    /// Orders gestures of the same millisecond.
    pub counter: u32,
    /// Which computer's library; breaks ties.
    pub device: String,
}

impl Stamp {
    /// The next stamp of a device, given the highest one seen from anybody.
    #[must_use]
    pub fn next(now: Timestamp, seen: Option<(Timestamp, u32)>, device: &str) -> Self {
        let (at, counter) = match seen {
            Some((at, counter)) if at >= now => match counter.checked_add(1) {
                Some(counter) => (at, counter),
                None => (Timestamp(at.0.saturating_add(1)), 0),
            },
            _ => (now, 0),
        };
        Self { at, counter, device: device.to_owned() }
    }
}

/// Which property of a photo an edit changes. Tags are one field per tag, so that no two computers lose a tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "field", content = "element")]
pub enum Field {
    /// Stars.
    Rating,
    /// Pick or reject.
    Flag,
    /// Quarter turns.
    Rotation,
    /// Caption; the file's own where nobody wrote one.
    Caption,
    /// Removed from the library (the file stays).
    Hidden,
    /// Whether the photo has this tag.
    Tag(TagName),
    /// Whether somebody drew a face's box here.
    Face(FaceBox),
    /// How the face here is shown.
    FaceMark(FaceBox),
    /// Whose face is here: a name.
    Person(FaceBox),
    /// Whether the face is said not to be somebody's.
    NotPerson(NotPerson),
}

impl Field {
    /// The name in the log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rating => "rating",
            Self::Flag => "flag",
            Self::Rotation => "rotation",
            Self::Caption => "caption",
            Self::Hidden => "hidden",
            Self::Tag(_) => "tag",
            Self::Face(_) => "face",
            Self::FaceMark(_) => "facemark",
            Self::Person(_) => "person",
            Self::NotPerson(_) => "notperson",
        }
    }
}

/// A field's value before or after an edit: `null`, a number, true or false, or a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EditValue {
    /// Yes or no: hidden, has this tag.
    Truth(bool),
    /// A number: stars, quarter turns.
    Number(i64),
    /// A text: caption, flag.
    Text(String),
    /// Nothing: no caption of our own.
    Nothing,
}

/// One row of the edit log, and one line of an edit segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Which photo.
    pub photo: PhotoId,
    /// Which property.
    #[serde(flatten)]
    pub field: Field,
    /// The value before, as this device saw it.
    pub old: EditValue,
    /// The value after.
    pub new: EditValue,
    /// When, by whom, and in which gesture.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// The gesture that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Stamp>,
}

/// One decision, to be applied to one or many photos as one gesture (the unit of undo).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Stars.
    Rating(Rating),
    /// Pick, reject or neither.
    Flag(Flag),
    /// One more tag.
    AddTag(String),
    /// One tag less; it stays away, wherever it came from.
    RemoveTag(String),
    /// Quarter turns clockwise, relative to how the photo stands now (−1 is counter-clockwise).
    Turn(i8),
    /// A caption; `None` takes the person's caption back and shows the file's.
    Caption(Option<String>),
    /// Removed from the library (the file is never touched), or brought back.
    Hidden(bool),
    /// A box drawn around a face, or taken away again.
    Face(FaceBox, bool),
    /// How a face is shown.
    FaceMark(FaceBox, FaceMark),
    /// Whose a face is.
    Person(FaceBox, Option<String>),
    /// Whether a face is said not to be somebody's.
    NotPerson(NotPerson, bool),
}

impl Change {
    /// The field that it changes.
    ///
    /// # Errors
    /// Where the text is no tag.
    pub fn field(&self) -> Result<Field, BadTag> {
        Ok(match self {
            Self::Rating(_) => Field::Rating,
            Self::Flag(_) => Field::Flag,
            Self::Turn(_) => Field::Rotation,
            Self::Caption(_) => Field::Caption,
            Self::Hidden(_) => Field::Hidden,
            Self::AddTag(tag) | Self::RemoveTag(tag) => Field::Tag(TagName::new(tag)?),
            Self::Face(spot, _) => Field::Face(*spot),
            Self::FaceMark(spot, _) => Field::FaceMark(*spot),
            Self::Person(spot, name) => {
                // A name is what a tag may be: it stands in sidecars, where controls would break the file.
                name.as_deref().map(TagName::new).transpose()?;
                Field::Person(*spot)
            }
            Self::NotPerson(not, _) => Field::NotPerson(*not),
        })
    }

    /// The value after the change, from the one before.
    #[must_use]
    pub fn apply(&self, old: &EditValue) -> EditValue {
        match self {
            Self::Rating(rating) => EditValue::Number(rating.stars().into()),
            Self::Flag(flag) => EditValue::Text(flag.name().to_owned()),
            Self::Turn(by) => {
                let before = if let EditValue::Number(count) = old { count.rem_euclid(4) } else { 0 };
                EditValue::Number((before + i64::from(*by)).rem_euclid(4))
            }
            Self::Caption(None) => EditValue::Nothing,
            Self::Caption(Some(text)) => EditValue::Text(text.chars().take(MAX_CAPTION_CHARS).collect()),
            Self::Hidden(yes) | Self::Face(_, yes) | Self::NotPerson(_, yes) => EditValue::Truth(*yes),
            Self::FaceMark(_, mark) => EditValue::Text(mark.name().to_owned()),
            Self::Person(_, name) => match name.as_deref().map(TagName::new) {
                Some(Ok(name)) => EditValue::Text(name.as_str().to_owned()),
                _ => EditValue::Nothing,
            },
            Self::AddTag(_) => EditValue::Truth(true),
            Self::RemoveTag(_) => EditValue::Truth(false),
        }
    }

    /// What was done, for the notice beside "Undo": `Rating`, `Add tag sunset`.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Rating(_) => "Rating".to_owned(),
            Self::Flag(_) => "Flag".to_owned(),
            Self::Turn(_) => "Rotation".to_owned(),
            Self::Caption(_) => "Caption".to_owned(),
            Self::Hidden(true) => "Remove from library".to_owned(),
            Self::Hidden(false) => "Show again".to_owned(),
            Self::AddTag(tag) => format!("Add tag {}", tag.trim()),
            Self::RemoveTag(tag) => format!("Remove tag {}", tag.trim()),
            Self::Face(_, true) => "Box around a face".to_owned(),
            Self::Face(_, false) => "Box taken away".to_owned(),
            Self::FaceMark(..) => "Faces shown or hidden".to_owned(),
            Self::Person(_, Some(name)) => format!("Name {}", name.trim()),
            Self::Person(_, None) => "Name taken away".to_owned(),
            Self::NotPerson(..) => "Not this person".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ContentHash;

    #[test]
    fn stamps_never_go_back() {
        let first = Stamp::next(Timestamp(100), None, "a");
        let second = Stamp::next(Timestamp(90), Some((first.at, first.counter)), "a");
        let third = Stamp::next(Timestamp(101), Some((second.at, second.counter)), "a");
        let over = Stamp::next(Timestamp(1), Some((Timestamp(5), u32::MAX)), "a");
        assert!(first < second && second < third);
        assert_eq!((over.at, over.counter), (Timestamp(6), 0));
    }

    #[test]
    fn an_edit_is_one_flat_line_of_json() {
        let stamp = Stamp { at: Timestamp(7), counter: 1, device: "d".into() };
        let fields = [
            (Field::Tag(TagName::new("Sunset").unwrap()), EditValue::Truth(false), EditValue::Truth(true)),
            (Field::Rating, EditValue::Number(0), EditValue::Number(5)),
            (Field::Caption, EditValue::Nothing, EditValue::Text("Übermut".into())),
        ];
        for (field, old, new) in fields {
            let photo = PhotoId(ContentHash([3; 32]));
            let edit = Edit { photo, field, old, new, stamp: stamp.clone(), undoes: Some(stamp.clone()) };
            let text = serde_json::to_string(&edit).unwrap();
            assert_eq!(serde_json::from_str::<Edit>(&text).unwrap(), edit, "{text}");
        }
    }

    #[test]
    fn turning_back_is_turning_forward() {
        let once = Change::Turn(-1).apply(&EditValue::Number(0));
        assert_eq!(once, EditValue::Number(3));
        assert_eq!(Change::Turn(5).apply(&once), EditValue::Number(0));
    }
}
