//! Words of the sub-commands for people.

use clap::{Args, Subcommand};

pub(super) const HELP: &str = "A FACE is written as `faces` lists it: a photo and a box in it. A person is a name; \
case and accents do not count. What is decided is an edit: `lightkeep undo` takes it back, and the store brings it back \
on an empty computer.\n\nExamples:\n  lightkeep people look --on-device\n  lightkeep people faces --unknown\n  lightkeep \
people name 3fa94c0011223344:1000-2000-800-1100 --as 'Anna Dupont'\n  lightkeep people consent\n  lightkeep people look \
'date:2024' --max-cost 5\n  lightkeep people forget-all --yes\n\nJSON keys: people[name, faces, suggestions, hidden]; \
faces: faces[face, path, source, state], total; look: looked_at, known, faces, suggestions, requests, usd, note, stopped, \
failed[path, why]; forget-all: faces, names, at_aws, collections, proved, proof, stopped; state, consent: consent, \
aws_problem, people, named, suggested, unknown, hidden, at_aws, collection, aws_photos, aws_usd, device_photos, deleting; \
the rest: changed";

/// `people`
#[derive(Debug, Args)]
pub struct PeopleArgs {
    /// What to do [default: list]
    #[command(subcommand)]
    pub command: Option<PeopleCommand>,
}

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// List everybody, most faces first
    List,
    /// Say how it stands: consent, counts, what looking would cost
    State,
    /// List faces
    Faces(FacesArgs),
    /// Say whose faces these are
    Name(NameArgs),
    /// Say that the suggestions for these faces are right
    Accept(FaceArgs),
    /// Say that these faces are not whose they are said or suggested to be; stays so
    Reject(FaceArgs),
    /// Give a person another name
    Rename {
        /// The name of now
        from: String,
        /// The new one
        to: String,
    },
    /// Make several people one
    Merge {
        /// Their names
        #[arg(required = true)]
        people: Vec<String>,
        /// The name that stays
        #[arg(long)]
        into: String,
    },
    /// Take faces from a person and give them to another, who may be new
    Split(NameArgs),
    /// Hide a person from the list of people; `person:` still finds them
    Hide {
        /// The name
        name: String,
        /// Show them again
        #[arg(long)]
        undo: bool,
    },
    /// Draw a box around a face that nobody found
    Draw {
        /// The photo: a path, or the beginning of its id
        photo: String,
        /// left-top-width-height in ten-thousandths of the upright picture
        #[arg(value_name = "BOX")]
        spot: String,
        /// Whose face it is
        #[arg(long)]
        name: Option<String>,
    },
    /// Say that these are no faces; stays so
    NoFace(FaceArgs),
    /// Read what recognising people by Rekognition means, and switch it on or off
    Consent {
        /// Switch it on, having read it
        #[arg(long, conflicts_with = "off")]
        yes: bool,
        /// Switch it off; nothing is deleted
        #[arg(long)]
        off: bool,
    },
    /// Look for faces, and for whose they are
    Look(LookArgs),
    /// Delete all face data, here and at AWS, and prove it by listing
    ForgetAll {
        /// Do it; nothing of it can be undone
        #[arg(long)]
        yes: bool,
    },
}

/// Which faces to list.
#[derive(Debug, Args)]
pub struct FacesArgs {
    /// Those of this person
    #[arg(value_name = "NAME", conflicts_with_all = ["suggested", "unknown", "hidden", "photo"])]
    pub of: Option<String>,
    /// Those that may be somebody's
    #[arg(long, conflicts_with_all = ["unknown", "hidden", "photo"])]
    pub suggested: bool,
    /// Those that nobody named [default]
    #[arg(long, conflicts_with_all = ["hidden", "photo"])]
    pub unknown: bool,
    /// Those that are hidden or no faces
    #[arg(long, conflicts_with = "photo")]
    pub hidden: bool,
    /// Those in a photo: a path, or the beginning of its id
    #[arg(long)]
    pub photo: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 1_000)]
    pub limit: usize,
}

/// Faces.
#[derive(Debug, Args)]
pub struct FaceArgs {
    /// Which, as `faces` lists them
    #[arg(required = true, value_name = "FACE")]
    pub faces: Vec<String>,
}

/// Faces and a name.
#[derive(Debug, Args)]
pub struct NameArgs {
    /// Which, as `faces` lists them
    #[arg(required = true, value_name = "FACE")]
    pub faces: Vec<String>,
    /// Whose
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
}

/// Where to look.
#[derive(Debug, Args)]
pub struct LookArgs {
    /// Which photos, in the search language [default: all that were not looked through]
    #[arg(value_parser = super::args::query_words)]
    pub query: Option<String>,
    /// By this computer only: boxes without suggestions, for nothing
    #[arg(long)]
    pub on_device: bool,
    /// Never for more than this, in US dollars
    #[arg(long, value_name = "USD", value_parser = super::args::dollars)]
    pub max_cost: Option<f64>,
    /// Only say what it would be
    #[arg(long)]
    pub dry_run: bool,
}

impl PeopleCommand {
    /// Whether it changes the library.
    pub(super) fn writes(&self) -> bool {
        match self {
            Self::List | Self::State | Self::Faces(_) => false,
            Self::Consent { yes, off } => *yes || *off,
            Self::Look(look) => !look.dry_run,
            _ => true,
        }
    }
}
