//! People: what is decided about faces, how it stands, and the way to the collection at AWS.
//!
//! Names never leave: the collection knows faces by ids and people by random names. What a person decides is an edit;
//! the collection is made to say the same afterwards (`agree.rs`), as often as that takes.

mod agree;
mod forget;
mod look;

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use super::parts::Engine;
use crate::catalog::{FaceChange, PeopleGesture, WhichFaces};
use crate::domain::Change;
use crate::domain::account::{Place, Session};
use crate::domain::labels::Asked;
use crate::domain::people::{Face, FaceBox, FaceId, FaceMark, FaceState, NotPerson, Person, person_key};
use crate::domain::spend::{Images, estimate};
use crate::domain::tag::TagName;
use crate::protocol::{ErrorCode, Event, FacesOf, PeopleAsk, PeopleState, UserError};
use crate::tagger::rekognition::Rekognition;

/// Settings of the library, in its catalogue: each empty or absent is "no".
const CONSENT: &str = "people_consent";
/// The collection that faces of this library are in.
const COLLECTION: &str = "people_collection";
/// Which of the collections that had this name one after the other.
const MODEL: &str = "people_model";
/// A deletion of all face data has begun.
const DELETING: &str = "people_deleting";
/// More faces than this are not changed in one gesture.
const MOST: usize = 1_000_000;

/// The way to a person's collection.
#[derive(Clone)]
pub(super) struct Door {
    pub rekognition: Arc<Rekognition>,
    /// `lightkeep-` and the Cognito pool's name for the person; with keys or a profile the prefix of the bucket, which
    /// is what tells people apart there.
    pub collection: String,
}

impl Engine {
    pub(super) async fn people_setting(&self, name: &'static str) -> Result<Option<String>, UserError> {
        Ok(self.read(move |reader| reader.setting(name)).await?.filter(|value| !value.is_empty()))
    }

    pub(super) async fn set_people(&self, name: &'static str, value: String) -> Result<(), UserError> {
        self.write(move |writer| writer.set_setting(name, &value)).await
    }

    /// The way to the collection of whoever is signed in.
    pub(super) async fn people_door(&self) -> Result<Door, UserError> {
        let known = self.0.people_door.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((rekognition, collection)) = known {
            return Ok(Door { rekognition, collection });
        }
        let rekognition = Arc::new(self.rekognition(self.tag_settings().region, None).await?);
        let state = self.account().state();
        let who = match (&state.place, &state.session) {
            (Place::Remote(settings), _) => settings.prefix.clone(),
            (_, Session::SignedIn(identity) | Session::Offline { last: identity, .. }) => identity.sub.clone(),
            _ => return Err(UserError::new(ErrorCode::SignedOut, "Nobody is signed in").hint("Sign in first.")),
        };
        let who: String =
            who.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
        Ok(Door { rekognition, collection: format!("lightkeep-{who}") })
    }

    /// How it stands with people.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn people_state(&self) -> Result<PeopleState, UserError> {
        let model = self.people_setting(MODEL).await?.unwrap_or_default();
        let (counts, unlooked, device_photos) = self
            .read(move |reader| Ok((reader.people_counts()?, reader.unlooked_count(&model)?, reader.unfaced_count()?)))
            .await?;
        let spent = self.spent(None).await?;
        let settings = self.tag_settings();
        let images = Images { people: unlooked, ..Images::default() };
        Ok(PeopleState {
            consent: self.people_setting(CONSENT).await?.is_some(),
            aws_problem: self.people_door().await.err().map(|error| error.message),
            people: counts.people,
            named: counts.named,
            suggested: counts.suggested,
            unknown: counts.unknown,
            hidden: counts.hidden,
            at_aws: counts.at_aws,
            collection: self.people_setting(COLLECTION).await?,
            aws: estimate(&images, &spent, &self.tag_prices(&settings).await),
            device_photos,
            spent,
            cap_micro_usd: settings.cap_micro_usd(),
            deleting: self.people_setting(DELETING).await?.is_some(),
        })
    }

    /// Whether Rekognition may look for faces and compare them. Off stops asking; it deletes nothing.
    ///
    /// # Errors
    /// Where the catalogue cannot be written.
    pub async fn consent_to_people(&self, yes: bool) -> Result<(), UserError> {
        let value = if yes { self.now().to_rfc3339() } else { String::new() };
        self.set_people(CONSENT, value).await
    }

    /// Everybody: most faces first.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn people(&self) -> Result<Vec<Person>, UserError> {
        self.read(|reader| reader.people()).await
    }

    /// A page of faces, and how many there are on all pages.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn faces(&self, of: FacesOf, after: Option<FaceId>, limit: usize) -> Result<(Vec<Face>, u64), UserError> {
        let which = match of {
            FacesOf::Person(name) => WhichFaces::Person(name),
            FacesOf::Suggested(name) => WhichFaces::Suggested(name),
            FacesOf::Unknown => WhichFaces::Unknown,
            FacesOf::Hidden => WhichFaces::Hidden,
            FacesOf::Photo(seat) => WhichFaces::Photo(seat),
        };
        self.read(move |reader| reader.faces(&which, after, limit.min(MOST))).await
    }

    /// Does what changes something about faces, as one gesture; how many photos it changed.
    ///
    /// # Errors
    /// Where a name is none, nobody has it, or the catalogue cannot be written.
    pub async fn edit_people(&self, ask: PeopleAsk) -> Result<u64, UserError> {
        let (what, changes) = match ask {
            PeopleAsk::Accept { faces } => ("Accept".to_owned(), each(&self.these(faces).await?, accept)),
            PeopleAsk::Reject { faces } => ("Not this person".to_owned(), each(&self.these(faces).await?, reject)),
            PeopleAsk::Name { faces, name } => {
                let name = checked(&name)?;
                (format!("Name {name}"), each(&self.these(faces).await?, |face| named(face, &name)))
            }
            PeopleAsk::Rename { from, to } => return self.merge_people(vec![from], &to, "Rename to").await,
            PeopleAsk::Merge { people, into } => return self.merge_people(people, &into, "Merge into").await,
            PeopleAsk::HidePerson { name, hidden } => {
                let mark = if hidden { FaceMark::Hidden } else { FaceMark::Shown };
                let (faces, _) = self.faces(FacesOf::Person(name.clone()), None, MOST).await?;
                if faces.is_empty() {
                    return Err(nobody(&name));
                }
                let verb = if hidden { "Hide" } else { "Show" };
                (format!("{verb} {name}"), each(&faces, |face| vec![Change::FaceMark(face.id.spot, mark)]))
            }
            PeopleAsk::Mark { faces, mark } => {
                let what = match mark {
                    FaceMark::Shown => "Show faces",
                    FaceMark::Hidden => "Hide faces",
                    FaceMark::NotAFace => "No face",
                };
                let faces = self.these(faces).await?;
                (what.to_owned(), each(&faces, |face| vec![Change::FaceMark(face.id.spot, mark)]))
            }
            PeopleAsk::Draw { seat, spot, name } => {
                let name = name.as_deref().map(checked).transpose()?;
                let (known, _) = self.faces(FacesOf::Photo(seat), None, MOST).await?;
                let changes = drawn(&known, spot, name.as_deref());
                (
                    "Box around a face".to_owned(),
                    changes.into_iter().map(|change| FaceChange { seat, change }).collect(),
                )
            }
            PeopleAsk::Erase { face } => {
                let gone = [Change::Person(face.spot, None), Change::Face(face.spot, false)];
                let changes = gone.into_iter().map(|change| FaceChange { seat: face.seat, change }).collect();
                ("Box taken away".to_owned(), changes)
            }
            PeopleAsk::State | PeopleAsk::List | PeopleAsk::Faces { .. } | PeopleAsk::Consent(_) => return Ok(0),
        };
        self.people_gesture(PeopleGesture { what, changes }).await
    }

    async fn these(&self, faces: Vec<FaceId>) -> Result<Vec<Face>, UserError> {
        self.read(move |reader| reader.these_faces(&faces)).await
    }

    /// Gives all faces of people one name. What was rejected as one of them is rejected as that.
    async fn merge_people(&self, people: Vec<String>, into: &str, verb: &str) -> Result<u64, UserError> {
        let into = checked(into)?;
        let mut changes = Vec::new();
        for name in &people {
            let (faces, _) = self.faces(FacesOf::Person(name.clone()), None, MOST).await?;
            if faces.is_empty() {
                return Err(nobody(name));
            }
            changes.extend(each(&faces, |face| vec![Change::Person(face.id.spot, Some(into.clone()))]));
            if person_key(name) != person_key(&into) {
                let who = NotPerson::new(FaceBox { left: 0, top: 0, width: 1, height: 1 }, name).who;
                let rejected = self.read(move |reader| reader.rejections_of(who)).await?;
                changes.extend(rejected.into_iter().map(|(seat, spot)| FaceChange {
                    seat,
                    change: Change::NotPerson(NotPerson::new(spot, &into), true),
                }));
            }
        }
        let what = format!("{verb} {into}");
        let count = self.people_gesture(PeopleGesture { what, changes }).await?;
        self.write(move |writer| people.iter().try_for_each(|name| writer.rename_suggestions(name, &into))).await?;
        Ok(count)
    }

    async fn people_gesture(&self, gesture: PeopleGesture) -> Result<u64, UserError> {
        let now = self.now();
        let seats: BTreeSet<_> = gesture.changes.iter().map(|one| one.seat).collect();
        let what = gesture.what.clone();
        let count = self.write(move |writer| writer.edit_faces(&gesture, now)).await?;
        if count > 0 {
            let photos = if count == 1 { "1 photo".to_owned() } else { format!("{count} photos") };
            self.0.say.say(Event::Edited { text: format!("{what}: {photos}"), photos: count, undoable: true }).await;
            let seats: Vec<_> = seats.into_iter().collect();
            self.0.say.say(Event::Changed { seats: Some(seats.into()), order: false }).await;
            self.0.say.say(Event::PeopleChanged).await;
            self.say_undo_state().await;
            self.0.stale.notify_one();
        }
        Ok(count)
    }
}

fn checked(name: &str) -> Result<String, UserError> {
    match TagName::new(name) {
        Ok(name) => Ok(name.as_str().to_owned()),
        Err(error) => Err(UserError::new(ErrorCode::Usage, format!("this is no name: {error}"))),
    }
}

fn nobody(name: &str) -> UserError {
    UserError::new(ErrorCode::NotFound, format!("there is nobody of this name: {name}"))
}

fn each(faces: &[Face], changes: impl Fn(&Face) -> Vec<Change>) -> Vec<FaceChange> {
    let all = faces.iter().map(|face| (face.id.seat, changes(face)));
    all.flat_map(|(seat, changes)| changes.into_iter().map(move |change| FaceChange { seat, change })).collect()
}

fn accept(face: &Face) -> Vec<Change> {
    match &face.state {
        FaceState::Suggested { name, .. } => vec![Change::Person(face.id.spot, Some(name.clone()))],
        _ => Vec::new(),
    }
}

fn reject(face: &Face) -> Vec<Change> {
    let name = match &face.state {
        FaceState::Suggested { name, .. } => name,
        other => match other.accepted() {
            Some(name) => name,
            None => return Vec::new(),
        },
    };
    vec![Change::Person(face.id.spot, None), Change::NotPerson(NotPerson::new(face.id.spot, name), true)]
}

fn named(face: &Face, name: &str) -> Vec<Change> {
    let spot = face.id.spot;
    let mut changes = Vec::new();
    let before = match &face.state {
        FaceState::Suggested { name, .. } => Some(name.as_str()),
        other => other.accepted(),
    };
    if let Some(before) = before.filter(|before| person_key(before) != person_key(name)) {
        changes.push(Change::NotPerson(NotPerson::new(spot, before), true));
    }
    if face.state == FaceState::NotAFace {
        changes.push(Change::FaceMark(spot, FaceMark::Shown));
    }
    changes.push(Change::NotPerson(NotPerson::new(spot, name), false));
    changes.push(Change::Person(spot, Some(name.to_owned())));
    changes
}

fn drawn(known: &[Face], spot: FaceBox, name: Option<&str>) -> Vec<Change> {
    let near = known.iter().filter(|face| face.id.spot.is_same_face(spot));
    let near = near.max_by(|a, b| a.id.spot.overlap(spot).total_cmp(&b.id.spot.overlap(spot)));
    match (near, name) {
        (Some(face), Some(name)) => named(face, name),
        (Some(face), None) => vec![Change::FaceMark(face.id.spot, FaceMark::Shown)],
        (None, name) => {
            let mut changes = vec![Change::Face(spot, true)];
            changes.extend(name.map(|name| Change::Person(spot, Some(name.to_owned()))));
            changes
        }
    }
}

/// What is asked about each photo.
const WANTED: Asked = Asked::PEOPLE;
