//! What the window knows about the search beyond its photos: what they have in common, and what may be typed next.

use super::Loadable;
use crate::domain::facets::{Completions, Facets, SavedSearch, TagNode};
use crate::domain::tag_sets::TagSets;
use crate::protocol::Scope;

/// Facets, completions and kept searches.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Finding {
    /// What the photos of the last asked search have in common.
    pub facets: Loadable<Box<Facets>>,
    /// What may stand at the cursor: the text and the cursor (byte offset) that this is for.
    pub completions: Option<(String, usize, Completions)>,
    /// Searches that are kept under a name.
    pub saved: Vec<SavedSearch>,
    /// Which tags are a kind of which.
    pub tag_tree: Vec<TagNode>,
    /// Sets of tags on digits.
    pub tag_sets: TagSets,
}

/// One thing asked about the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindAsk {
    /// What do the photos of this search have in common?
    Facets {
        /// In the search language.
        query: String,
        /// Where to look.
        scope: Scope,
    },
    /// What may stand at the cursor?
    Complete {
        /// What is typed.
        query: String,
        /// Byte offset.
        cursor: usize,
    },
    /// Which searches are kept?
    Saved,
    /// Keep this one.
    Save(SavedSearch),
    /// Which tags are a kind of which?
    TagTree,
    /// Make one tag another everywhere.
    MergeTags {
        /// The tag that goes away.
        from: String,
        /// What it becomes.
        into: String,
    },
    /// Make a tag a kind of another.
    MoveTag {
        /// The tag.
        tag: String,
        /// The other; `None` is the top.
        parent: Option<String>,
    },
    /// These tags were given together: they become a set.
    KeepTagSet(Vec<String>),
    /// Forget the one of this name.
    Forget(String),
}
