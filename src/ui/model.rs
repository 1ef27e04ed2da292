//! Everything the window shows, as `app` keeps it up to date from events. `ui` only reads it.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui;

use super::{Finding, Keeping, Peopling};
use crate::domain::account::AccountState;
use crate::domain::layout::Page;
use crate::domain::{Card, PhotoDetail, Seat};
use crate::protocol::{
    AccountAnswer, Arrival, LibraryState, OpId, OpReport, Progress, Scope, ThumbKey, UndoState, UserError, VaultState,
};

/// Something that has to be asked for, with what was known before while it is on its way.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Loadable<T> {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// Asked; the answer before, if there was one.
    Pending {
        /// What to show meanwhile.
        previous: Option<T>,
    },
    /// Here.
    Ready(T),
    /// It did not work; the answer before, if there was one.
    Failed {
        /// One clear line.
        error: String,
        /// What to show meanwhile.
        previous: Option<T>,
    },
}

impl<T> Loadable<T> {
    /// What can be shown now.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::NotAsked => None,
            Self::Ready(value) => Some(value),
            Self::Pending { previous } | Self::Failed { previous, .. } => previous.as_ref(),
        }
    }
}

/// What a search found.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// The query that these are of.
    pub query: String,
    /// Where it looked.
    pub scope: Scope,
    /// Every photo in display order.
    pub seats: Arc<[Seat]>,
    /// False while only the first page is here.
    pub complete: bool,
    /// Counts up whenever `seats` changes, so that layouts can be cached.
    pub generation: u64,
    /// Position (byte offset) and expectation where the text in the field does not fit the language.
    pub wrong: Option<(usize, String)>,
}

/// Where cells find what they show. Misses are normal: the cell draws its frame until the card is here.
pub trait CardCache {
    /// The photo's card, where it is known.
    fn card(&self, seat: Seat) -> Option<&Card>;
}

impl CardCache for HashMap<Seat, Card> {
    fn card(&self, seat: Seat) -> Option<&Card> {
        self.get(&seat)
    }
}

/// Where pictures find their textures. `app` owns the textures and their byte budget.
pub trait Textures {
    /// The thumbnail: texture and size in pixels, or one line why there is none. `None` while it is on its way.
    fn thumb(&self, key: &ThumbKey) -> Option<Result<(egui::TextureId, egui::Vec2), &str>>;
    /// The largest picture that is here for the loupe, likewise.
    fn picture(&self, seat: Seat) -> Option<Result<(egui::TextureId, egui::Vec2), &str>>;
}

/// The moment this frame is drawn, passed in because `ui` has no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clock {
    /// Milliseconds since 1970-01-01 UTC.
    pub now_ms: i64,
}

/// How an operation stands.
#[derive(Debug, Clone, PartialEq)]
pub enum ActivityState {
    /// It runs.
    Running(Progress),
    /// It was asked to stop.
    Stopping(Progress),
    /// It ended.
    Ended(Result<OpReport, UserError>),
}

/// An operation as the activity panel lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// Which.
    pub op: OpId,
    /// `Import of 2 folders`.
    pub title: String,
    /// How it stands.
    pub state: ActivityState,
}

impl Activity {
    /// Whether it ended, and anything in it did not work.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        matches!(&self.state, ActivityState::Ended(Ok(report)) if report.has_failures())
    }
}

/// A short notice in a corner that goes away by itself, except for errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// One line.
    pub text: String,
    /// What to do, for errors.
    pub hint: String,
    /// Whether it stays until it is read.
    pub error: bool,
    /// Whether it offers to undo.
    pub undo: bool,
    /// When it came (ms since 1970).
    pub since_ms: i64,
}

/// What came of the last thing asked of the account.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum AccountReply {
    /// Nothing was asked, or the answer was read.
    #[default]
    None,
    /// It is on its way.
    Waiting(OpId),
    /// It worked.
    Done(AccountAnswer),
    /// It did not.
    Failed(UserError),
}

/// Everything the window shows.
pub struct Model<'a> {
    /// The moment of this frame.
    pub clock: Clock,
    /// Counts and the vault; `NotAsked` in the first moments.
    pub library: &'a Loadable<LibraryState>,
    /// Why the library could not be opened, where it could not.
    pub trouble: Option<&'a crate::protocol::UserError>,
    /// What the search found.
    pub results: &'a Results,
    /// Cards of photos that were on the screen lately.
    pub cards: &'a dyn CardCache,
    /// Pictures that were on the screen lately.
    pub textures: &'a dyn Textures,
    /// Files that imports have found and not yet taken in, in walk order.
    pub arriving: &'a [Arrival],
    /// The photo in the inspector.
    pub detail: &'a Loadable<Box<PhotoDetail>>,
    /// What can be undone.
    pub undo: &'a UndoState,
    /// Operations, newest first.
    pub activities: &'a [Activity],
    /// Answers for the tag field: what was typed, names and counts.
    pub tag_suggestions: &'a (String, Vec<(String, u64)>),
    /// Pages of the print preview.
    pub pages: &'a Loadable<Arc<Vec<Page>>>,
    /// Printers, jobs and layouts.
    pub printing: &'a super::Printing,
    /// How it stands with the account.
    pub account: &'a AccountState,
    /// What came of the last thing asked of it.
    pub account_reply: &'a AccountReply,
    /// Notices.
    pub toasts: &'a [Toast],
    /// The theme chosen.
    pub theme: super::ThemeChoice,
    /// Whether a file picker is open (or could not be opened, with the reason).
    pub picker: &'a Loadable<()>,
    /// Batches, money, time and cards.
    pub keeping: &'a Keeping,
    /// Facets, completions and kept searches.
    pub finding: &'a Finding,
    /// Who is in the photos.
    pub people: &'a Peopling,
}

impl Model<'_> {
    /// Whether other photos than those of the library of now are shown, which cannot be edited.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.keeping.scope != Scope::Library || self.results.scope != Scope::Library
    }

    /// The vault, where it is known.
    #[must_use]
    pub fn vault(&self) -> Option<&VaultState> {
        self.library.value().map(|library| &library.vault)
    }
}
