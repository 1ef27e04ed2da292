//! What the window knows, owned: events write it, and each frame reads it as the model.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::cards::Cards;
use super::keeping::KeepOps;
use super::people::PeopleOps;
use super::textures::Textures;
use super::toasts::Toasts;
use crate::domain::account::AccountState;
use crate::domain::layout::Page;
use crate::domain::{PhotoDetail, Seat};
use crate::protocol::{Arrival, LibraryState, OpId, Scope, UndoState};
use crate::ui::{AccountReply, Activity, Clock, Finding, Keeping, Loadable, Model, Peopling, Results, ThemeChoice};

/// Files announced as arriving are remembered up to this number; more than a few screens nobody looks at.
pub(super) const MOST_ARRIVING: usize = 8_192;
/// Finished operations kept in the activity panel.
pub(super) const MOST_FINISHED: usize = 50;

/// The search that is on its way or was answered.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// The last one sent.
    pub op: Option<OpId>,
    /// Its query.
    pub query: String,
    /// Where it looks.
    pub scope: Scope,
    /// Whether it has not been answered completely.
    pub running: bool,
    /// Whether the library changed meanwhile, so that it has to be run again.
    pub again: bool,
}

/// The picture that the loupe wants, and what is to be fetched after it.
#[derive(Debug, Default)]
pub(super) struct Picture {
    /// The operation on its way.
    pub op: Option<OpId>,
    /// The loupe's photo.
    pub seat: Option<Seat>,
    /// Neighbours still to be fetched, the likeliest first.
    pub ahead: Vec<Seat>,
    /// Their long edge (px).
    pub edge_px: Option<u32>,
    /// As paper will show it.
    pub proof: Option<crate::domain::printing::Proof>,
}

/// Everything that is known.
#[derive(Default)]
pub(super) struct State {
    pub library: Loadable<LibraryState>,
    pub trouble: Option<crate::protocol::UserError>,
    pub results: Results,
    pub cards: Cards,
    pub textures: Textures,
    pub arriving: Vec<Arrival>,
    pub arriving_from: HashSet<Arc<PathBuf>>,
    pub detail: Loadable<Box<PhotoDetail>>,
    pub detail_wanted: Option<Seat>,
    /// A photo whose file is shown in the file manager once its path is known.
    pub reveal: Option<Seat>,
    pub undo: UndoState,
    pub activities: Vec<Activity>,
    pub tag_suggestions: (String, Vec<(String, u64)>),
    pub pages: Loadable<Arc<Vec<Page>>>,
    pub pages_op: Option<OpId>,
    pub printing: crate::ui::Printing,
    /// Questions about printing that are on their way.
    pub printing_ops: HashMap<OpId, super::printing::About>,
    pub account: AccountState,
    pub account_reply: AccountReply,
    pub toasts: Toasts,
    pub theme: ThemeChoice,
    pub picker: Loadable<()>,
    pub keeping: Keeping,
    pub keep_ops: KeepOps,
    pub finding: Finding,
    pub people: Peopling,
    pub people_ops: PeopleOps,
    /// The question about facets that is on its way.
    pub facets_op: Option<OpId>,
    pub search: Search,
    pub picture: Picture,
    next_op: u64,
}

impl State {
    /// A name for a new operation.
    pub fn new_op(&mut self) -> OpId {
        self.next_op += 1;
        OpId(self.next_op)
    }

    /// What one frame shows.
    pub fn model(&self, now_ms: i64) -> Model<'_> {
        Model {
            clock: Clock { now_ms },
            library: &self.library,
            trouble: self.trouble.as_ref(),
            results: &self.results,
            cards: &self.cards,
            textures: &self.textures,
            arriving: &self.arriving,
            detail: &self.detail,
            undo: &self.undo,
            activities: &self.activities,
            tag_suggestions: &self.tag_suggestions,
            pages: &self.pages,
            printing: &self.printing,
            account: &self.account,
            account_reply: &self.account_reply,
            toasts: &self.toasts.0,
            theme: self.theme,
            picker: &self.picker,
            keeping: &self.keeping,
            finding: &self.finding,
            people: &self.people,
        }
    }
}

/// Keeps what is shown while the next answer is on its way.
pub(super) fn pending<T>(loadable: &mut Loadable<T>) {
    let previous = match std::mem::take(loadable) {
        Loadable::NotAsked => None,
        Loadable::Ready(value) => Some(value),
        Loadable::Pending { previous } | Loadable::Failed { previous, .. } => previous,
    };
    *loadable = Loadable::Pending { previous };
}
