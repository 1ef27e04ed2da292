//! What the window knows about people, and what can be asked for.

use std::sync::Arc;

use crate::domain::Seat;
use crate::domain::people::{Face, FaceId, Person};
use crate::protocol::{FacesOf, ForgetReport, LookOrder, PeopleAsk, PeopleState};
use crate::ui::{Loadable, Task};

/// Faces that are asked for at a time.
pub const PAGE: usize = 500;

/// Faces of one kind, as far as they are here.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceList {
    /// Which.
    pub of: FacesOf,
    /// The first of them.
    pub faces: Vec<Face>,
    /// How many there are.
    pub total: u64,
    /// Whether an answer is on its way.
    pub pending: bool,
    /// Whether there was an answer.
    pub answered: bool,
    /// Counts up whenever `faces` changes.
    pub revision: u64,
}

impl FaceList {
    /// Nothing yet.
    #[must_use]
    pub fn new(of: FacesOf) -> Self {
        Self { of, faces: Vec::new(), total: 0, pending: true, answered: false, revision: 0 }
    }

    /// What has to be asked for next, where anything is missing: the page after those that are here.
    #[must_use]
    pub fn next_page(&self) -> Option<PeopleAsk> {
        let more = self.answered && !self.pending && (self.faces.len() as u64) < self.total;
        more.then(|| PeopleAsk::Faces { of: self.of.clone(), after: self.last(), limit: PAGE })
    }

    /// The last face that is here.
    #[must_use]
    pub fn last(&self) -> Option<FaceId> {
        self.faces.last().map(|face| face.id)
    }
}

/// Everything about people.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Peopling {
    /// Consent, counts and money.
    pub state: Loadable<Box<PeopleState>>,
    /// Everybody.
    pub list: Loadable<Arc<[Person]>>,
    /// The faces that the page shows.
    pub faces: Option<FaceList>,
    /// The faces in the photo of the loupe and the inspector.
    pub photo: Option<(Seat, Loadable<Arc<[Face]>>)>,
    /// The deletion of all face data.
    pub forget: Task<ForgetReport>,
}

impl Peopling {
    /// Everybody, as far as known.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        self.list.value().map_or(&[], |list| list)
    }

    /// Names to be offered while one is typed, with the number of faces.
    pub fn names(&self) -> impl Iterator<Item = (&str, u64)> {
        self.people().iter().map(|person| (person.name.as_str(), person.faces))
    }

    /// The faces in a photo, where they are known.
    #[must_use]
    pub fn in_photo(&self, seat: Seat) -> Option<&[Face]> {
        let (of, faces) = self.photo.as_ref()?;
        faces.value().filter(|_| *of == seat).map(|faces| &**faces)
    }

    /// The faces of this kind, where they are those of the page.
    #[must_use]
    pub fn faces_of(&self, of: &FacesOf) -> Option<&FaceList> {
        self.faces.as_ref().filter(|list| list.of == *of)
    }
}

/// One thing asked about people.
#[derive(Debug, Clone, PartialEq)]
pub enum PeopleDo {
    /// A question, or one gesture.
    Ask(PeopleAsk),
    /// Look for faces.
    Look(LookOrder),
    /// Delete all face data, here and at AWS.
    Forget,
    /// How the deletion went was read.
    ForgetRead,
}
