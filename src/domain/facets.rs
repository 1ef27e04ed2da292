//! What a search is made of: how many of its photos have which tags, people, cameras, places and so on; and what may
//! follow what is typed.

use serde::{Deserialize, Serialize};

/// One property, and how many photos of a search have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// For people: `Canon EOS 70D`.
    pub name: String,
    /// What narrows a search to it: `camera:"canon eos 70d"`.
    pub query: String,
    /// How many photos.
    pub photos: u64,
}

/// The most frequent properties of a search's photos, by kind, the most frequent first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facets {
    /// How many photos the search finds.
    pub total: u64,
    /// Tags, whoever gave them.
    pub tags: Vec<Facet>,
    /// People by name.
    pub people: Vec<Facet>,
    /// Cameras.
    pub cameras: Vec<Facet>,
    /// Lenses.
    pub lenses: Vec<Facet>,
    /// Cities, regions and countries.
    pub places: Vec<Facet>,
    /// Years, the latest first.
    pub years: Vec<Facet>,
    /// File formats.
    pub formats: Vec<Facet>,
    /// Stars, from five to none.
    pub ratings: Vec<Facet>,
    /// Colour labels; empty where no photo has one.
    #[serde(rename = "colours")]
    pub labels: Vec<Facet>,
}

impl Facets {
    /// Every kind with its name in the plural, in the order in which they are shown.
    pub fn kinds(&self) -> [(&'static str, &[Facet]); 9] {
        [
            ("tags", &self.tags),
            ("people", &self.people),
            ("cameras", &self.cameras),
            ("lenses", &self.lenses),
            ("places", &self.places),
            ("years", &self.years),
            ("formats", &self.formats),
            ("ratings", &self.ratings),
            ("colours", &self.labels),
        ]
    }
}

/// A tag in the tree of tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagNode {
    /// As it is spelled.
    pub name: String,
    /// What finds it, and all that is a kind of it: `tag:animal`.
    pub query: String,
    /// How many tags are above it.
    pub depth: usize,
    /// Photos that have it, or what is a kind of it.
    pub photos: u64,
}

/// Something that may follow what is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// What takes the place of the text from [`Completions::from`] to the cursor.
    pub text: String,
    /// For people.
    pub name: String,
    /// How many photos have it, where that is known.
    pub photos: Option<u64>,
}

/// What may follow what is typed, the most used first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completions {
    /// The first byte of what is replaced.
    pub from: usize,
    /// Some of what may stand there.
    pub items: Vec<Completion>,
}

/// A search that is kept under a name: a smart album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// Its name; case and accents tell none apart.
    pub name: String,
    /// In the search language.
    pub query: String,
}
