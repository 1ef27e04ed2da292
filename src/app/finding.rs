//! The search beyond its photos: what was asked about it into commands, and the answers into the state.

use super::actions::Doing;
use super::state::{State, pending};
use crate::protocol::{Command, Event};
use crate::ui::{FindAsk, Loadable};

impl Doing<'_> {
    /// Asks one thing about the search.
    pub(super) fn find(&mut self, ask: FindAsk) {
        self.commands.push(match ask {
            FindAsk::Facets { query, scope } => {
                let op = self.state.new_op();
                self.state.facets_op = Some(op);
                pending(&mut self.state.finding.facets);
                Command::Facets { op, query, scope }
            }
            FindAsk::Complete { query, cursor } => Command::Complete { query, cursor },
            FindAsk::Saved => Command::SavedSearches,
            FindAsk::Save(saved) => Command::SaveSearch(saved),
            FindAsk::TagTree => Command::TagTree,
            FindAsk::MergeTags { from, into } => Command::MergeTags { from, into },
            FindAsk::MoveTag { tag, parent } => Command::MoveTag { tag, parent },
            FindAsk::KeepTagSet(tags) => Command::KeepTagSet(tags),
            FindAsk::Forget(name) => Command::ForgetSearch { name },
        });
    }
}

impl State {
    /// Takes an answer.
    pub(super) fn found(&mut self, event: Event) {
        match event {
            Event::Completions { query, cursor, completions } => {
                self.finding.completions = Some((query, cursor, completions));
            }
            Event::Facets { op, facets } if self.facets_op == Some(op) => {
                self.finding.facets = Loadable::Ready(facets);
            }
            Event::TagTree(tree) => self.finding.tag_tree = tree,
            Event::TagSets(sets) => self.finding.tag_sets = sets,
            Event::SavedSearches(saved) => self.finding.saved = saved,
            _ => {}
        }
    }
}
