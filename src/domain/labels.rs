//! What a tagger says of one picture: labels, faces and lines of text.

use serde::{Deserialize, Serialize};

use super::hash::ContentHash;

/// Most labels that are kept of one answer.
pub const MOST_LABELS: usize = 100;

/// Which tagger said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaggerKind {
    /// Amazon Rekognition.
    Aws,
    /// The model that is shipped with the program.
    Device,
}

impl TaggerKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Aws, Self::Device];

    /// In arguments, settings and keys: `aws` or `device`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Device => "device",
        }
    }

    /// The other way round.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A part of the upright picture; each number is a share (0 to 1) of its width or height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// From the left edge.
    pub left: f32,
    /// From the top edge.
    pub top: f32,
    /// How wide.
    pub width: f32,
    /// How high.
    pub height: f32,
}

impl Region {
    /// What of it lies in the picture; `None` where nothing does, or where a number is none.
    #[must_use]
    pub fn within_picture(self) -> Option<Self> {
        let all = [self.left, self.top, self.width, self.height];
        if all.iter().any(|number| !number.is_finite()) {
            return None;
        }
        let (left, top) = (self.left.clamp(0.0, 1.0), self.top.clamp(0.0, 1.0));
        let width = (self.left + self.width).clamp(0.0, 1.0) - left;
        let height = (self.top + self.height).clamp(0.0, 1.0) - top;
        (width > 0.0 && height > 0.0).then_some(Self { left, top, width, height })
    }
}

/// Something that is seen in a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// What: `Dog`.
    pub name: String,
    /// How sure the tagger is, in percent.
    pub confidence: f32,
    /// What it is a kind of, nearest first: `Canine`, `Mammal`, `Animal`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<String>,
    /// Other words for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Wider groups: `Animals and Pets`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Where, once for each of them; nowhere for what is no object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Region>,
}

/// A face.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// Where.
    pub region: Region,
    /// How sure the tagger is that it is one, in percent.
    pub confidence: f32,
}

/// A line of text in the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextLine {
    /// As read.
    pub text: String,
    /// How sure, in percent.
    pub confidence: f32,
    /// Where.
    pub region: Option<Region>,
}

/// What is asked of a tagger; each costs on its own where a service does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Asked {
    /// What is seen.
    pub labels: bool,
    /// Where faces are (not whose).
    pub faces: bool,
    /// What is written in it.
    pub text: bool,
    /// Whose faces they may be (`IndexFaces`): never among what tagging asks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub people: bool,
}

impl Default for Asked {
    /// Labels only.
    fn default() -> Self {
        Self { labels: true, faces: false, text: false, people: false }
    }
}

impl Asked {
    /// In settings and rows: `labels+faces`.
    #[must_use]
    pub fn name(self) -> String {
        let parts = [(self.labels, "labels"), (self.faces, "faces"), (self.text, "text"), (self.people, "people")];
        parts.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect::<Vec<_>>().join("+")
    }

    /// How many requests that is for a service which takes one for each.
    #[must_use]
    pub fn operations(self) -> u32 {
        u32::from(self.labels) + u32::from(self.faces) + u32::from(self.text) + u32::from(self.people)
    }

    /// What is asked here and was not asked there.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self {
            labels: self.labels && !other.labels,
            faces: self.faces && !other.faces,
            text: self.text && !other.text,
            people: self.people && !other.people,
        }
    }

    /// Nothing at all.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self.operations() == 0
    }

    /// Nothing, to begin with.
    pub const NOTHING: Self = Self { labels: false, faces: false, text: false, people: false };

    /// Only whose faces they may be.
    pub const PEOPLE: Self = Self { people: true, ..Self::NOTHING };

    /// What is asked here or there.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            labels: self.labels || other.labels,
            faces: self.faces || other.faces,
            text: self.text || other.text,
            people: self.people || other.people,
        }
    }

    /// What is asked here and there.
    #[must_use]
    pub fn also(self, other: Self) -> Self {
        Self {
            labels: self.labels && other.labels,
            faces: self.faces && other.faces,
            text: self.text && other.text,
            people: self.people && other.people,
        }
    }

    /// [`Asked::name`] the other way round; `None` for other words.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut asked = Self::NOTHING;
        for part in name.split('+').filter(|part| !part.is_empty()) {
            match part {
                "labels" => asked.labels = true,
                "faces" => asked.faces = true,
                "text" => asked.text = true,
                "people" => asked.people = true,
                _ => return None,
            }
        }
        Some(asked)
    }
}

/// The answer for one content: one line of `tags/<tagger>/<ulid>.jsonl`, and never paid for twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Of which bytes.
    pub content: ContentHash,
    /// Who said it.
    pub tagger: TaggerKind,
    /// The version of the model, as the tagger names it.
    pub model: String,
    /// What was asked.
    pub asked: Asked,
    /// What is seen, most certain first.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// Faces.
    #[serde(default)]
    pub faces: Vec<Face>,
    /// Lines of text, as they are read.
    #[serde(default)]
    pub texts: Vec<TextLine>,
}
