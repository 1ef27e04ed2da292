//! People in the window: what is known of them, tiles of faces, names that are typed, and boxes on a photo.

pub mod boxes;
pub mod crop;
pub mod face;
mod inspect;
mod model;
pub mod name_field;
pub mod tiles;

pub use boxes::FaceBoxes;
pub use inspect::{Wanted, section};
pub use model::{FaceList, PAGE, PeopleDo, Peopling};

use crate::domain::people::{Face, FaceState};

/// A search for the photos of a person, in the search language.
#[must_use]
pub fn search_for(name: &str) -> String {
    format!("person:\"{}\"", name.replace('"', "\"\""))
}

/// What a face is called: its name, a question, or that nobody knows.
#[must_use]
pub fn called(face: &Face) -> String {
    match &face.state {
        FaceState::Accepted { name } => name.clone(),
        FaceState::Suggested { name, .. } => format!("{name}?"),
        FaceState::Hidden { name: Some(name) } => format!("{name}, hidden"),
        FaceState::Hidden { name: None } => "Hidden".to_owned(),
        FaceState::NotAFace => "No face".to_owned(),
        FaceState::Unknown => "No name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::query::Query;

    #[test]
    fn a_search_for_any_name_is_a_search() {
        for name in ["Anna", "Anna \"Annie\" Larsen", "a or b", "(x", "王芳", "أحمد", "\\", "-x:y"] {
            let text = search_for(name);
            // A name without a letter has nothing to be found by.
            let has_words = name.chars().any(char::is_alphanumeric);
            assert_eq!(Query::parse(&text).is_ok(), has_words, "{text}");
        }
    }
}
