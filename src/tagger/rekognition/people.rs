//! Faces in a collection: found, compared, put together to users, and deleted. What is sent besides pictures are hashes
//! and random names; never the name of a person.
//!
//! Source: Amazon Rekognition Developer Guide, "Searching faces in a collection", "Guidelines and quotas", and the
//! operations' own pages.

use std::time::Duration;

use aws_sdk_rekognition::primitives::Blob;
use aws_sdk_rekognition::types::{self, Image, QualityFilter};
use tokio::time::sleep;

use super::super::{Picture, TaggerError};
use super::map::{MOST_ENTRIES, nonsense, region};
use super::{MOST_BYTES, Rekognition, words};
use crate::aws::Fault;
use crate::domain::ContentHash;
use crate::domain::people::FaceBox;
use crate::domain::spend::Operation;

/// Faces of one picture at most ("Guidelines and quotas").
const MOST_FACES: i32 = 100;
/// Faces of one page of a list.
const PAGE: i32 = 1_000;
/// Pages of a list that are read at most: a collection holds 20 million faces.
const MOST_PAGES: usize = 20_000;
/// Below this likeness nothing is suggested, in percent. The service's own advice for people who then look themselves.
const ALIKE: f32 = 85.0;
/// Faces that a search by a face gives at most.
const MOST_ALIKE: i32 = 1_000;
/// How often a change is tried again that met another one.
const CONFLICTS: u32 = 5;

/// A collection as the service describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionState {
    /// When it was made: tells it from another one of the same name (ms since 1970).
    pub created_ms: i64,
    /// Faces in it.
    pub faces: u64,
}

/// A face in the collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionFace {
    /// Its id.
    pub id: String,
    /// Where in its picture.
    pub spot: FaceBox,
    /// The picture's original, where it is told.
    pub content: Option<ContentHash>,
    /// The user that it is part of.
    pub user: Option<String>,
}

/// What came of putting faces to a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Associated {
    /// Faces that are its now (those that were already are among them).
    pub done: Vec<String>,
    /// Faces that the collection refused, with its reasons.
    pub refused: Vec<(String, String)>,
}

fn is(fault: &Fault, code: &str) -> bool {
    fault.code == code
}

const GONE: &str = "ResourceNotFoundException";
const THERE: &str = "ResourceAlreadyExistsException";
const CONFLICT: &str = "ConflictException";
/// What names no photo.
const NO_PHOTO: ContentHash = ContentHash([0; 32]);

impl Rekognition {
    fn told(&self, fault: &Fault) -> TaggerError {
        words::error(fault, self.region())
    }

    /// How a collection is; `None` where there is none of this name.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn collection(&self, id: &str) -> Result<Option<CollectionState>, TaggerError> {
        let send = || self.client.describe_collection().collection_id(id).send();
        match self.try_ask(None, &NO_PHOTO, send).await {
            Ok(output) => {
                let created = output.creation_timestamp.ok_or_else(|| nonsense("a collection without a date"))?;
                let created_ms = created.to_millis().map_err(|_| nonsense("a collection with an impossible date"))?;
                let faces = output.face_count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
                Ok(Some(CollectionState { created_ms, faces }))
            }
            Err(fault) if is(&fault, GONE) => Ok(None),
            Err(fault) => Err(self.told(&fault)),
        }
    }

    /// Makes a collection, where it is not there yet.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn create_collection(&self, id: &str) -> Result<(), TaggerError> {
        let send = || self.client.create_collection().collection_id(id).send();
        match self.try_ask(None, &NO_PHOTO, send).await {
            Ok(_) => Ok(()),
            // A lost answer, or another computer of the same person.
            Err(fault) if is(&fault, THERE) => Ok(()),
            Err(fault) => Err(self.told(&fault)),
        }
    }

    /// Deletes a collection with all its faces and users; whether there was one.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn delete_collection(&self, id: &str) -> Result<bool, TaggerError> {
        let send = || self.client.delete_collection().collection_id(id).send();
        match self.try_ask(None, &NO_PHOTO, send).await {
            Ok(_) => Ok(true),
            Err(fault) if is(&fault, GONE) => Ok(false),
            Err(fault) => Err(self.told(&fault)),
        }
    }

    /// The names of the account's collections; an account may have some that are not ours.
    ///
    /// # Errors
    /// [`TaggerError`]; a signed-in person's role may not be allowed to see others' names.
    pub async fn collections(&self) -> Result<Vec<String>, TaggerError> {
        let (mut names, mut next) = (Vec::new(), None::<String>);
        for _ in 0..MOST_PAGES {
            let send = || self.client.list_collections().max_results(PAGE).set_next_token(next.clone()).send();
            let output = self.try_ask(None, &NO_PHOTO, send).await.map_err(|fault| self.told(&fault))?;
            names.extend(output.collection_ids.unwrap_or_default());
            next = output.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(names);
            }
        }
        Err(nonsense("a list without an end"))
    }

    /// Puts the faces of a picture into a collection. Asked again for the same picture it puts in nothing new.
    ///
    /// # Errors
    /// [`TaggerError`]: whether to try again, to ask a person, or to leave this picture alone.
    pub async fn index_faces(&self, id: &str, picture: &Picture) -> Result<Vec<CollectionFace>, TaggerError> {
        if picture.jpeg.len() > MOST_BYTES {
            let why = format!("the picture is too long for Rekognition: {} bytes", picture.jpeg.len());
            return Err(TaggerError::BadPicture(why));
        }
        let image = Image::builder().bytes(Blob::new(picture.jpeg.to_vec())).build();
        let name = picture.content.to_string();
        let send = || {
            let request = self.client.index_faces().collection_id(id).image(image.clone()).external_image_id(&name);
            request.max_faces(MOST_FACES).quality_filter(QualityFilter::Auto).send()
        };
        let output = self.ask(Operation::People, &picture.content, send).await?;
        if output.face_records.is_none() && output.face_model_version.is_none() {
            return Err(nonsense("neither faces nor a version"));
        }
        for left_out in output.unindexed_faces.unwrap_or_default().iter().take(MOST_FACES as usize) {
            tracing::debug!("a face is not good enough to be compared: {:?}", left_out.reasons());
        }
        let told = output.face_records.unwrap_or_default();
        let had_some = !told.is_empty();
        let faces: Vec<CollectionFace> = told
            .into_iter()
            .take(MOST_ENTRIES)
            .filter_map(|record| face(record.face?))
            .map(|face| CollectionFace { content: Some(picture.content), ..face })
            .collect();
        if had_some && faces.is_empty() { Err(nonsense("no face has an id and a place")) } else { Ok(faces) }
    }

    /// Every face of a collection, page by page; ends where `each` says false.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn list_faces(
        &self,
        id: &str,
        mut each: impl FnMut(Vec<CollectionFace>) -> bool,
    ) -> Result<(), TaggerError> {
        let mut next = None::<String>;
        for _ in 0..MOST_PAGES {
            let send =
                || self.client.list_faces().collection_id(id).max_results(PAGE).set_next_token(next.clone()).send();
            let output = match self.try_ask(None, &NO_PHOTO, send).await {
                Err(fault) if is(&fault, GONE) => return Ok(()),
                answer => answer.map_err(|fault| self.told(&fault))?,
            };
            let faces = output.faces.unwrap_or_default().into_iter().filter_map(face).collect();
            next = output.next_token.filter(|token| !token.is_empty());
            if !each(faces) || next.is_none() {
                return Ok(());
            }
        }
        Err(nonsense("a list without an end"))
    }

    /// Makes a user: a vector to which faces are put.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn create_user(&self, id: &str, user: &str) -> Result<(), TaggerError> {
        let send = || self.client.create_user().collection_id(id).user_id(user).send();
        match self.try_ask(None, &NO_PHOTO, send).await {
            Ok(_) => Ok(()),
            // Its name is random: what is there was made by this very question, whose answer was lost.
            Err(fault) if is(&fault, CONFLICT) || is(&fault, THERE) => Ok(()),
            Err(fault) => Err(self.told(&fault)),
        }
    }

    /// Deletes a user; its faces stay in the collection.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn delete_user(&self, id: &str, user: &str) -> Result<(), TaggerError> {
        let send = || self.client.delete_user().collection_id(id).user_id(user).send();
        match self.changing(None, send).await {
            Ok(_) => Ok(()),
            Err(fault) if is(&fault, GONE) => Ok(()),
            Err(fault) => Err(self.told(&fault)),
        }
    }

    /// Puts faces to a user, at most 100. A person said whose they are, so that their likeness is not asked for.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn associate(&self, id: &str, user: &str, faces: &[String]) -> Result<Associated, TaggerError> {
        let send = || {
            let request = self.client.associate_faces().collection_id(id).user_id(user);
            request.set_face_ids(Some(faces.to_vec())).user_match_threshold(0.0).send()
        };
        let output = self.changing(Some(Operation::People), send).await.map_err(|fault| self.told(&fault))?;
        let refused: Vec<(String, String)> = output
            .unsuccessful_face_associations
            .unwrap_or_default()
            .into_iter()
            .filter_map(|one| {
                let reasons = one.reasons.unwrap_or_default();
                let reasons: Vec<_> = reasons.iter().map(types::UnsuccessfulFaceAssociationReason::as_str).collect();
                Some((one.face_id?, reasons.join(", ")))
            })
            .collect();
        // Those that were its already are in neither list.
        let done = faces.iter().filter(|face| refused.iter().all(|(bad, _)| bad != *face)).cloned().collect();
        Ok(Associated { done, refused })
    }

    /// Takes faces from a user, at most 100. A user or a face that is gone has none any more.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn disassociate(&self, id: &str, user: &str, faces: &[String]) -> Result<(), TaggerError> {
        let send = || {
            let request = self.client.disassociate_faces().collection_id(id).user_id(user);
            request.set_face_ids(Some(faces.to_vec())).send()
        };
        match self.changing(Some(Operation::People), send).await {
            Ok(_) => Ok(()),
            Err(fault) if is(&fault, GONE) => Ok(()),
            Err(fault) => Err(self.told(&fault)),
        }
    }

    /// Whose a face may be: users and how alike (percent), the likeliest first.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn search_users(&self, id: &str, face: &str) -> Result<Vec<(String, f32)>, TaggerError> {
        let send = || {
            let request = self.client.search_users().collection_id(id).face_id(face);
            request.max_users(10).user_match_threshold(ALIKE).send()
        };
        let output = match self.try_ask(Some(Operation::People), &NO_PHOTO, send).await {
            Err(fault) if is(&fault, GONE) => return Ok(Vec::new()),
            answer => answer.map_err(|fault| self.told(&fault))?,
        };
        let users = output.user_matches.unwrap_or_default().into_iter().take(MOST_ENTRIES);
        Ok(sorted(users.filter_map(|one| Some((one.user?.user_id?, one.similarity?))).collect()))
    }

    /// Faces that are like a face, and how much (percent), the likeliest first.
    ///
    /// # Errors
    /// [`TaggerError`].
    pub async fn search_faces(&self, id: &str, face: &str) -> Result<Vec<(String, f32)>, TaggerError> {
        let send = || {
            let request = self.client.search_faces().collection_id(id).face_id(face);
            request.max_faces(MOST_ALIKE).face_match_threshold(ALIKE).send()
        };
        let output = match self.try_ask(Some(Operation::People), &NO_PHOTO, send).await {
            Err(fault) if is(&fault, GONE) => return Ok(Vec::new()),
            answer => answer.map_err(|fault| self.told(&fault))?,
        };
        let faces = output.face_matches.unwrap_or_default().into_iter().take(MOST_ENTRIES);
        Ok(sorted(faces.filter_map(|one| Some((one.face?.face_id?, one.similarity?))).collect()))
    }

    /// Asks for a change; where another one of the same user is under way, a few times more.
    async fn changing<T, E, F>(&self, operation: Option<Operation>, send: impl Fn() -> F) -> Result<T, Fault>
    where
        F: Future<
            Output = Result<
                T,
                aws_smithy_runtime_api::client::result::SdkError<E, aws_smithy_runtime_api::http::Response>,
            >,
        >,
        E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut wait = self.patience.wait;
        for _ in 0..CONFLICTS {
            match self.try_ask(operation, &NO_PHOTO, &send).await {
                Err(fault) if is(&fault, CONFLICT) => {
                    sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(10));
                }
                answer => return answer,
            }
        }
        self.try_ask(operation, &NO_PHOTO, &send).await
    }
}

/// Likeness that is none is left out; the likeliest first.
fn sorted(mut alike: Vec<(String, f32)>) -> Vec<(String, f32)> {
    alike.retain(|(id, percent)| is_id(id) && percent.is_finite() && *percent >= ALIKE);
    alike.sort_by(|a, b| b.1.total_cmp(&a.1));
    alike
}

/// Ids are UUIDs, users what we called them.
fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn face(face: types::Face) -> Option<CollectionFace> {
    Some(CollectionFace {
        id: face.face_id.filter(|id| is_id(id))?,
        spot: FaceBox::from_region(region(face.bounding_box?)?)?,
        content: face.external_image_id.and_then(|text| text.parse().ok()),
        user: face.user_id.filter(|user| is_id(user)),
    })
}
