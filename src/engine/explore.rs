//! Finding one's way: what a search is made of, what may be typed next, and searches that are kept.

use std::sync::atomic::Ordering;

use super::find::query_error;
use super::parts::Engine;
use super::serve::Running;
use crate::catalog::Stop;
use crate::domain::facets::{Completions, Facets, SavedSearch};
use crate::domain::query::{Query, Scope};
use crate::domain::tag_sets::TagSets;
use crate::protocol::{Command, ErrorCode, Event, UserError};

/// Blocks of older photos that a command puts into the index before it ends: a second or two.
const BLOCKS_AT_ONCE: usize = 4;
/// The setting with the sets of tags, as JSON.
const TAG_SETS: &str = "tag_sets";
/// Properties of each kind that the window shows.
const SHOWN: usize = 12;

impl Engine {
    /// The most frequent properties of the photos that a query finds, at most `limit` of each kind.
    ///
    /// # Errors
    /// Where the query is wrong or the catalogue cannot be read.
    pub async fn facets(&self, query: &str, scope: Scope, limit: usize) -> Result<Facets, UserError> {
        let query = Query::parse(query).map_err(|error| query_error(&error))?;
        self.read(move |reader| reader.facets(scope, &query, limit, &Stop::new())).await
    }

    /// What may stand at a byte offset of a query.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn complete(&self, query: String, cursor: usize) -> Result<Completions, UserError> {
        self.read(move |reader| reader.complete(&query, cursor)).await
    }

    /// The searches that are kept, by name.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn saved_searches(&self) -> Result<Vec<SavedSearch>, UserError> {
        self.read(|reader| reader.saved_searches()).await
    }

    /// The search that is kept under a name.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where there is none.
    pub async fn saved_search(&self, name: &str) -> Result<SavedSearch, UserError> {
        let wanted = name.to_owned();
        let found = self.read(move |reader| reader.saved_search(&wanted)).await?;
        found.ok_or_else(|| {
            UserError::new(ErrorCode::NotFound, format!("there is no saved search of this name: {name}"))
                .hint("`lightkeep search --saved` without a name lists them.")
        })
    }

    /// Keeps a search under a name, in place of another of that name.
    ///
    /// # Errors
    /// Where the query is wrong or the name is none; what the disk says.
    pub async fn save_search(&self, search: SavedSearch) -> Result<(), UserError> {
        Query::parse(&search.query).map_err(|error| query_error(&error))?;
        self.write(move |writer| writer.save_search(&search.name, &search.query)).await
    }

    /// Goes a few steps on in what [`crate::engine::serve`] does by itself: for commands that write and then end.
    pub async fn index_some_older(&self) {
        for _ in 0..BLOCKS_AT_ONCE {
            match self.write(crate::catalog::Writer::index_older).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!("older photos could not be indexed: {error}");
                    return;
                }
            }
        }
    }

    /// The sets of tags that were used last.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn tag_sets(&self) -> Result<TagSets, UserError> {
        let kept = self.read(|reader| reader.setting(TAG_SETS)).await?;
        Ok(kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    /// Tags that were given together become the first set.
    ///
    /// # Errors
    /// Where the catalogue cannot be used.
    pub async fn keep_tag_set(&self, tags: &[String]) -> Result<TagSets, UserError> {
        let mut sets = self.tag_sets().await?;
        sets.used(tags);
        let json = serde_json::to_string(&sets).unwrap_or_default();
        self.write(move |writer| writer.set_setting(TAG_SETS, &json)).await?;
        Ok(sets)
    }

    pub(super) async fn say_tag_sets(&self) {
        if let Ok(sets) = self.tag_sets().await {
            self.0.say.say(Event::TagSets(sets)).await;
        }
    }

    /// Forgets the search of a name; whether there was one.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn forget_search(&self, name: String) -> Result<bool, UserError> {
        self.write(move |writer| writer.forget_search(&name)).await
    }
}

/// Answers one of these commands.
pub(super) async fn answer(engine: &Engine, running: &Running, command: Command) -> Result<(), UserError> {
    let event = match command {
        Command::Complete { query, cursor } => {
            let completions = engine.complete(query.clone(), cursor).await?;
            Event::Completions { query, cursor, completions }
        }
        Command::Facets { op, query, scope } => {
            let newest = &running.0.newest_facets;
            if newest.fetch_max(op.0, Ordering::SeqCst) > op.0 {
                return Ok(());
            }
            // A wrong query on the way to a right one: the search itself says what is wrong with it.
            let Ok(query) = Query::parse(&query) else { return Ok(()) };
            let facets = engine.read(move |reader| reader.facets(scope, &query, SHOWN, &Stop::new())).await?;
            if newest.load(Ordering::SeqCst) > op.0 {
                return Ok(());
            }
            Event::Facets { op, facets: Box::new(facets) }
        }
        Command::SaveSearch(search) => {
            engine.save_search(search).await?;
            Event::SavedSearches(engine.saved_searches().await?)
        }
        Command::ForgetSearch { name } => {
            engine.forget_search(name).await?;
            Event::SavedSearches(engine.saved_searches().await?)
        }
        Command::SuggestTags { typed } => {
            let beginning = typed.clone();
            let tags = engine.read(move |reader| reader.complete_tag(&beginning, 12)).await?;
            let tags = tags.into_iter().map(|tag| (tag.name, tag.photos)).collect();
            Event::TagSuggestions { typed, tags }
        }
        Command::TagTree => Event::TagTree(engine.tag_tree().await?),
        Command::MergeTags { from, into } => {
            engine.merge_tags(&from, &into).await?;
            Event::TagTree(engine.tag_tree().await?)
        }
        Command::MoveTag { tag, parent } => {
            engine.move_tag(&tag, parent.as_deref()).await?;
            Event::TagTree(engine.tag_tree().await?)
        }
        Command::KeepTagSet(tags) => Event::TagSets(engine.keep_tag_set(&tags).await?),
        Command::SavedSearches => Event::SavedSearches(engine.saved_searches().await?),
        _ => return Ok(()),
    };
    engine.0.say.say(event).await;
    Ok(())
}
