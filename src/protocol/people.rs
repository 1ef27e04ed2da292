//! What is asked about people in the photos, and what is answered.

use std::sync::Arc;

use serde::Serialize;

use super::error::ItemFailure;
use crate::domain::Seat;
use crate::domain::number::grouped;
use crate::domain::people::{Face, FaceBox, FaceId, FaceMark, Person};
use crate::domain::spend::{RunEstimate, Spent, dollars};

/// Which faces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FacesOf {
    /// Those that are said to be this person's.
    Person(String),
    /// Those that may be this person's; `None` is of anybody.
    Suggested(Option<String>),
    /// Those that nobody named and that are like nobody's.
    Unknown,
    /// Those that are hidden or said to be no faces.
    Hidden,
    /// Those in a photo, whatever is known of them.
    Photo(Seat),
}

/// One thing asked about people. The small ones are answered by `Event::People`, at once; what changes something is
/// one gesture (`Event::Edited`, undone by Ctrl+Z) and is followed by `Event::PeopleChanged`.
#[derive(Debug, Clone, PartialEq)]
pub enum PeopleAsk {
    /// How it stands: consent, counts, money. Answer: [`PeopleAnswer::State`].
    State,
    /// Everybody, most faces first, those with suggestions only last. Answer: [`PeopleAnswer::List`].
    List,
    /// A page of faces. Answer: [`PeopleAnswer::Faces`].
    Faces {
        /// Which.
        of: FacesOf,
        /// The last face of the page before.
        after: Option<FaceId>,
        /// At most so many.
        limit: usize,
    },
    /// The suggestions for these faces are right.
    Accept {
        /// Which; those without a suggestion are left alone.
        faces: Vec<FaceId>,
    },
    /// "Not this person": takes the name away that a face has, or its suggestion. Stays so through every re-run.
    Reject {
        /// Which.
        faces: Vec<FaceId>,
    },
    /// These faces are this person's, who may be new. Faces that had another name are remembered as "not that
    /// person": this is also how a person is split.
    Name {
        /// Which.
        faces: Vec<FaceId>,
        /// Whose.
        name: String,
    },
    /// A person has another name. The same as `Merge` where there is somebody of that name.
    Rename {
        /// The name of now.
        from: String,
        /// The new one.
        to: String,
    },
    /// Several people are one.
    Merge {
        /// Their names.
        people: Vec<String>,
        /// The name that stays.
        into: String,
    },
    /// Hide a person (all their faces), or show them again. `person:` still finds them.
    HidePerson {
        /// The name.
        name: String,
        /// Whether to hide.
        hidden: bool,
    },
    /// Hide faces, say that they are none, or take that back.
    Mark {
        /// Which.
        faces: Vec<FaceId>,
        /// How.
        mark: FaceMark,
    },
    /// A box drawn by hand. Where a face is known at that place already, that face gets the name.
    Draw {
        /// In which photo.
        seat: Seat,
        /// Where, as the camera held it: on a turned photo `drawn.turned(4 - card.quarter_turns)`.
        spot: FaceBox,
        /// Whose.
        name: Option<String>,
    },
    /// Take a box away that was drawn by hand. (What a tagger found is marked as no face instead.)
    Erase {
        /// Which.
        face: FaceId,
    },
    /// Whether Rekognition may look for faces and compare them. Off stops asking; it deletes nothing.
    Consent(bool),
}

/// The answers.
#[derive(Debug, Clone, PartialEq)]
pub enum PeopleAnswer {
    /// How it stands.
    State(PeopleState),
    /// Everybody.
    List(Arc<[Person]>),
    /// A page of faces.
    Faces {
        /// Which were asked for.
        of: FacesOf,
        /// After which.
        after: Option<FaceId>,
        /// They, the newest photo first.
        faces: Arc<[Face]>,
        /// How many there are on all pages.
        total: u64,
    },
}

/// How it stands with people.
#[derive(Debug, Clone, PartialEq)]
pub struct PeopleState {
    /// Whether Rekognition may look for faces and compare them: off until somebody switches it on.
    pub consent: bool,
    /// Why Rekognition cannot be asked now, in a sentence; without an account, that it needs one.
    pub aws_problem: Option<String>,
    /// People with at least one accepted face.
    pub people: u64,
    /// Faces with a name.
    pub named: u64,
    /// Faces that may be somebody's.
    pub suggested: u64,
    /// Faces that nobody named and that are like nobody's.
    pub unknown: u64,
    /// Hidden ones, and those that are none.
    pub hidden: u64,
    /// Faces of ours in the collection at AWS, as far as known here.
    pub at_aws: u64,
    /// The collection's name, where there is one.
    pub collection: Option<String>,
    /// Photos that Rekognition has not looked at for people, and what that costs.
    pub aws: RunEstimate,
    /// Photos in which this computer has not looked for faces; costs nothing.
    pub device_photos: u64,
    /// Spent on Rekognition this month, tags included.
    pub spent: Spent,
    /// The monthly cap, in micro-dollars, tags included.
    pub cap_micro_usd: u64,
    /// A deletion of all face data that did not come to its end: asked again, it goes on.
    pub deleting: bool,
}

/// Photos to be looked through for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LookOrder {
    /// Which; `None` is every photo that was not looked through.
    pub seats: Option<Arc<[Seat]>>,
    /// By this computer only: boxes without suggestions, for nothing. Else Rekognition, which needs the consent.
    pub on_device: bool,
    /// Never for more than this, in micro-dollars.
    pub most_micro_usd: Option<u64>,
    /// Only say what it would be.
    pub dry_run: bool,
}

/// What came of looking for people, or would. The names are the command line's contract.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct LookReport {
    /// Photos that were looked at (in a dry run: would be).
    pub looked_at: u64,
    /// Photos that were looked at before.
    pub known: u64,
    /// Faces found in them.
    pub faces: u64,
    /// Faces that may be somebody's, found by this run.
    pub suggestions: u64,
    /// Requests that are paid for (in a dry run: would be, the searches as far as can be known).
    pub requests: u64,
    /// What they cost, in micro-dollars; an estimate from list prices.
    pub micro_usd: u64,
    /// What that estimate leaves out.
    pub note: String,
    /// Why it ended before its time: a cap, a service that went away.
    pub stopped: Option<String>,
    /// Photos that could not be looked at.
    pub failed: Vec<ItemFailure>,
}

/// What became of all face data. The names are the command line's contract.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ForgetReport {
    /// Faces that were deleted here.
    pub faces: u64,
    /// Names that were taken from faces.
    pub names: u64,
    /// Faces that were in collections at AWS, as those said themselves.
    pub at_aws: u64,
    /// Collections that were deleted at AWS.
    pub collections: Vec<String>,
    /// Whether listing shows that nothing is left, here and at AWS.
    pub proved: bool,
    /// What was listed and seen, and what stays, a sentence each.
    pub proof: Vec<String>,
    /// Why it did not come to its end; asked again, it goes on.
    pub stopped: Option<String>,
}

impl LookReport {
    /// It in one line.
    #[must_use]
    pub fn words(&self) -> String {
        let mut text = match (self.looked_at, self.faces) {
            (0, _) => "No photo was left to look through".to_owned(),
            (photos, faces) => {
                format!("{} looked through, {} found", count(photos, "photo", "photos"), count(faces, "face", "faces"))
            }
        };
        if self.suggestions > 0 {
            text.push_str(&format!(", {}", count(self.suggestions, "suggestion", "suggestions")));
        }
        if self.micro_usd > 0 {
            text.push_str(&format!(", about {}", dollars(self.micro_usd)));
        }
        if let Some(why) = &self.stopped {
            text.push_str(&format!("; stopped: {why}"));
        }
        text
    }
}

impl ForgetReport {
    /// It in one line.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.stopped {
            Some(why) => format!("Not all face data is deleted yet; asked again, it goes on: {why}"),
            None => format!(
                "All face data is deleted: {} here, {} at AWS",
                count(self.faces, "face", "faces"),
                count(self.at_aws, "face", "faces")
            ),
        }
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}
