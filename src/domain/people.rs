//! People: faces in photos, whose they are, and what is said about faces before anybody is asked to look for them.
//!
//! A person is a name, as a tag is: what a photographer decided about a face is an edit of the photo, and the face is
//! named by its place in it. So everything that edits can do (undo, merging computers, opening a store on an empty
//! computer) holds for people too, and nothing but boxes and names is ever kept.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::hash::ContentHash;
use super::labels::Region;
use super::query::words::fold;
use super::seat::Seat;

/// Parts of the width and height of a picture that a box is measured in.
pub const PARTS: u16 = 10_000;

/// A face's place in a photo: ten-thousandths of the width and height of the picture as the camera held it (upright by
/// its own orientation, before a person's own quarter turns: see [`FaceBox::turned`]). As text `left-top-width-height`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FaceBox {
    /// From the left edge.
    pub left: u16,
    /// From the top edge.
    pub top: u16,
    /// How wide; never 0.
    pub width: u16,
    /// How high; never 0.
    pub height: u16,
}

/// The text is no box.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a face's box is four numbers (left-top-width-height, in ten-thousandths) within the picture")]
pub struct BadBox;

impl FaceBox {
    /// What of a region lies in the picture; `None` where nothing does, or where a number is none.
    #[must_use]
    pub fn from_region(region: Region) -> Option<Self> {
        let region = region.within_picture()?;
        let part = |share: f32| (f64::from(share) * f64::from(PARTS)).round().clamp(0.0, f64::from(PARTS)) as u16;
        let (left, top) = (part(region.left).min(PARTS - 1), part(region.top).min(PARTS - 1));
        let width = part(region.left + region.width).saturating_sub(left).max(1);
        let height = part(region.top + region.height).saturating_sub(top).max(1);
        Some(Self { left, top, width, height })
    }

    /// As shares (0 to 1) of the picture.
    #[must_use]
    pub fn region(self) -> Region {
        let share = |parts: u16| f32::from(parts) / f32::from(PARTS);
        Region { left: share(self.left), top: share(self.top), width: share(self.width), height: share(self.height) }
    }

    /// The same place in the picture turned clockwise by quarters: what a card's `quarter_turns` makes of it on the
    /// screen. Turned by `4 - turns` it comes back from there.
    #[must_use]
    pub fn turned(self, quarter_turns: u8) -> Self {
        let Self { left, top, width, height } = self;
        let (right, below) = (PARTS.saturating_sub(left + width), PARTS.saturating_sub(top + height));
        match quarter_turns % 4 {
            1 => Self { left: below, top: left, width: height, height: width },
            2 => Self { left: right, top: below, width, height },
            3 => Self { left: top, top: right, width: height, height: width },
            _ => self,
        }
    }

    /// How much two boxes are the same: their common part as a share (0 to 1) of what they cover together.
    #[must_use]
    pub fn overlap(self, other: Self) -> f32 {
        let common = |a: u16, a_long: u16, b: u16, b_long: u16| {
            u32::from((a + a_long).min(b + b_long)).saturating_sub(u32::from(a.max(b)))
        };
        let both = u64::from(common(self.left, self.width, other.left, other.width))
            * u64::from(common(self.top, self.height, other.top, other.height));
        let area = |one: Self| u64::from(one.width) * u64::from(one.height);
        let all = (area(self) + area(other)).saturating_sub(both);
        if all == 0 { 0.0 } else { both as f32 / all as f32 }
    }

    /// Whether two boxes are taken for the same face: another tagger, or another program, draws another box around it.
    #[must_use]
    pub fn is_same_face(self, other: Self) -> bool {
        self.overlap(other) >= 0.35
    }
}

impl fmt::Display for FaceBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}-{}", self.left, self.top, self.width, self.height)
    }
}

impl std::str::FromStr for FaceBox {
    type Err = BadBox;
    fn from_str(text: &str) -> Result<Self, BadBox> {
        let mut parts = text.splitn(4, '-').map(|part| part.parse::<u16>().map_err(|_| BadBox));
        let mut next = || parts.next().unwrap_or(Err(BadBox));
        let made = Self { left: next()?, top: next()?, width: next()?, height: next()? };
        let fits = |from: u16, long: u16| long > 0 && from.checked_add(long).is_some_and(|end| end <= PARTS);
        if fits(made.left, made.width) && fits(made.top, made.height) { Ok(made) } else { Err(BadBox) }
    }
}

impl TryFrom<String> for FaceBox {
    type Error = BadBox;
    fn try_from(text: String) -> Result<Self, BadBox> {
        text.parse()
    }
}

impl From<FaceBox> for String {
    fn from(face: FaceBox) -> Self {
        face.to_string()
    }
}

/// What makes two names the same person: case and accents do not count, as in a search.
#[must_use]
pub fn person_key(name: &str) -> String {
    fold(name)
}

/// "This face is not that person", as the edit log names it: `left-top-width-height/` and 16 hex digits made from the
/// name, so that the log need not hold the name of somebody who is not in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NotPerson {
    /// Which face.
    pub spot: FaceBox,
    /// Who it is not.
    pub who: u64,
}

impl NotPerson {
    /// That a face is not this person.
    #[must_use]
    pub fn new(spot: FaceBox, name: &str) -> Self {
        let hash = blake3::hash(person_key(name).as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        Self { spot, who: u64::from_be_bytes(first) }
    }
}

impl fmt::Display for NotPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:016x}", self.spot, self.who)
    }
}

impl std::str::FromStr for NotPerson {
    type Err = BadBox;
    fn from_str(text: &str) -> Result<Self, BadBox> {
        let (spot, who) = text.split_once('/').ok_or(BadBox)?;
        Ok(Self { spot: spot.parse()?, who: u64::from_str_radix(who, 16).map_err(|_| BadBox)? })
    }
}

impl TryFrom<String> for NotPerson {
    type Error = BadBox;
    fn try_from(text: String) -> Result<Self, BadBox> {
        text.parse()
    }
}

impl From<NotPerson> for String {
    fn from(not: NotPerson) -> Self {
        not.to_string()
    }
}

/// Names one face: a place in a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FaceId {
    /// Which photo.
    pub seat: Seat,
    /// Where in it.
    pub spot: FaceBox,
}

/// Who found a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaceSource {
    /// Amazon Rekognition.
    Aws,
    /// The face finder of this computer.
    Device,
    /// Somebody drew the box, here or in another program (a sidecar).
    Hand,
}

/// Whose a face is, as far as known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaceState {
    /// Nobody said.
    Unknown,
    /// Rekognition thinks so; nobody confirmed it. Never found by `person:`, never written to a sidecar.
    Suggested {
        /// Whose.
        name: String,
        /// How alike, in percent.
        similarity: f32,
    },
    /// Somebody said so.
    Accepted {
        /// Whose.
        name: String,
    },
    /// Not to be shown among people; an accepted name stays and is found.
    Hidden {
        /// Whose, where somebody said.
        name: Option<String>,
    },
    /// Somebody said that it is no face.
    NotAFace,
}

impl FaceState {
    /// The name that somebody gave it.
    #[must_use]
    pub fn accepted(&self) -> Option<&str> {
        match self {
            Self::Accepted { name } => Some(name),
            Self::Hidden { name } => name.as_deref(),
            Self::Unknown | Self::Suggested { .. } | Self::NotAFace => None,
        }
    }
}

/// One face, ready to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// Which.
    #[serde(flatten)]
    pub id: FaceId,
    /// The photo's content, whose thumbnail the face is cut from.
    pub content: ContentHash,
    /// How the photo is turned on the screen.
    pub quarter_turns: u8,
    /// Who found it.
    pub source: FaceSource,
    /// Whose it is.
    pub state: FaceState,
}

/// One person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The name, as spelled.
    pub name: String,
    /// Faces that are said to be theirs.
    pub faces: u64,
    /// Faces that may be theirs.
    pub suggestions: u64,
    /// Whether all of them are hidden.
    pub hidden: bool,
    /// A face to show.
    pub cover: Option<Face>,
}

/// How a face is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaceMark {
    /// As it was found.
    Shown,
    /// Not among people; its name stays.
    Hidden,
    /// It is no face; stays so.
    NotAFace,
}

impl FaceMark {
    /// In the edit log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Hidden => "hidden",
            Self::NotAFace => "no_face",
        }
    }

    /// The other way round.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Shown, Self::Hidden, Self::NotAFace].into_iter().find(|mark| mark.name() == name)
    }
}

/// What is said before faces are sent to Rekognition: a paragraph each.
/// Source: Amazon Rekognition Developer Guide, "Searching faces in a collection" and `IndexFaces`.
pub const EXPLANATION: &[&str] = &[
    "To recognise people, each photo is sent to Amazon Rekognition as a small JPEG, about 1,024 pixels long: no place, \
     no camera, no file name and no person's name goes with it.",
    "Rekognition does not keep the picture. It keeps numbers that describe each face (a face vector) in a collection \
     that lies in your AWS account, in the region of your settings, for you alone. The names stay on this computer \
     and in your own stores.",
    "Numbers that describe faces are biometric data. In many countries (the GDPR in Europe, BIPA in Illinois and \
     others) you need a legal ground, mostly the consent of the people in the photos, unless it is purely for your \
     family and home. Ask before you switch it on for pictures of customers.",
    "“Delete all face data” deletes the collection at AWS and everything about faces here, and shows by listing that \
     nothing is left.",
];

/// What works without an account.
pub const WITHOUT_ACCOUNT: &str = "Without an AWS account, faces that this computer finds, and boxes that you draw, can \
     be given names, and people are found by them. Suggestions (“Is this Anna?”) need the account.";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_box() -> impl Strategy<Value = FaceBox> {
        (0..PARTS, 0..PARTS, 1..=PARTS, 1..=PARTS).prop_map(|(left, top, width, height)| FaceBox {
            left,
            top,
            width: width.min(PARTS - left),
            height: height.min(PARTS - top),
        })
    }

    proptest! {
        #[test]
        fn a_box_is_its_text_and_its_region(face in any_box(), turns in 0..8_u8) {
            prop_assert_eq!(face.to_string().parse::<FaceBox>(), Ok(face));
            prop_assert_eq!(FaceBox::from_region(face.region()), Some(face));
            let turned = face.turned(turns);
            prop_assert_eq!(turned.turned(4 - turns % 4), face);
            prop_assert_eq!(turned.to_string().parse::<FaceBox>(), Ok(turned));
            prop_assert!(face.overlap(face) > 0.999);
        }

        #[test]
        fn any_numbers_become_a_box_in_the_picture_or_none(
            left in any::<f32>(), top in any::<f32>(), width in any::<f32>(), height in any::<f32>(), text in ".{0,30}"
        ) {
            if let Some(face) = FaceBox::from_region(Region { left, top, width, height }) {
                prop_assert_eq!(face.to_string().parse::<FaceBox>(), Ok(face));
            }
            let _ = text.parse::<FaceBox>();
        }
    }

    #[test]
    fn a_quarter_turn_takes_the_top_left_to_the_top_right() {
        let face = FaceBox { left: 0, top: 0, width: 1_000, height: 2_000 };
        assert_eq!(face.turned(1), FaceBox { left: 8_000, top: 0, width: 2_000, height: 1_000 });
    }

    #[test]
    fn what_is_no_box_is_said_to_be_none() {
        for text in ["", "1-2-3", "0-0-0-5", "9000-0-1001-5", "1-1-65535-65535", "a-b-c-d", "-1-1-1-1"] {
            assert_eq!(text.parse::<FaceBox>(), Err(BadBox), "{text}");
        }
    }
}
