//! `search` and `facets`: what is there, and how to narrow it.

use serde_json::{Value, json};

use super::super::args::{FacetsArgs, SearchArgs};
use super::super::output::{Answer, harmless};
use super::{describe, json_of};
use crate::domain::facets::SavedSearch;
use crate::domain::query::{Expr, Query, Scope};
use crate::engine::Engine;
use crate::protocol::{ErrorCode, UserError};

/// Finds photos, and keeps the search where that is asked.
pub(super) async fn search(engine: &Engine, args: &SearchArgs) -> Result<Answer, UserError> {
    if let Some(name) = &args.forget {
        let known = engine.saved_search(name).await?;
        engine.forget_search(known.name.clone()).await?;
        return Ok(Answer::new(json!({ "forgotten": known }), format!("forgotten: {}", known.name)));
    }
    let query = match args.saved.as_deref() {
        None => args.query.clone(),
        Some("") => return list(engine).await,
        Some(name) => narrowed(&engine.saved_search(name).await?.query, &args.query)?,
    };
    let found = engine.search(&query, args.limit).await?;
    if let Some(name) = &args.save {
        engine.save_search(SavedSearch { name: name.clone(), query }).await?;
    }
    let photos: Vec<Value> = found.photos.iter().map(describe::brief).collect();
    let mut text: Vec<String> = found.photos.iter().map(describe::brief_text).collect();
    let shown = text.len() as u64;
    text.push(match found.total {
        1 => "1 photo".to_owned(),
        total if total > shown => format!("{shown} of {total} photos (--limit shows more)"),
        total => format!("{total} photos"),
    });
    Ok(Answer::new(json!({ "total": found.total, "photos": photos }), text.join("\n")))
}

/// The searches that are kept.
async fn list(engine: &Engine) -> Result<Answer, UserError> {
    let searches = engine.saved_searches().await?;
    let lines: Vec<String> =
        searches.iter().map(|search| harmless(&format!("{}: {}", search.name, search.query), false)).collect();
    let text = if lines.is_empty() { "No search is saved.".to_owned() } else { lines.join("\n") };
    Ok(Answer::new(json!({ "searches": json_of(&searches) }), text))
}

/// What both searches find.
fn narrowed(saved: &str, more: &str) -> Result<String, UserError> {
    let parse = |text: &str| {
        Query::parse(text)
            .map_err(|error| UserError::new(ErrorCode::Usage, format!("the query cannot be understood: {error}")))
    };
    let (saved, more) = (parse(saved)?, parse(more)?);
    let filter = Expr::all(vec![saved.filter, more.filter]);
    Ok(Query { filter, as_of: more.as_of.or(saved.as_of) }.to_string())
}

/// Counts of what the photos of a query have in common.
pub(super) async fn facets(engine: &Engine, args: &FacetsArgs) -> Result<Answer, UserError> {
    let facets = engine.facets(&args.query, Scope::Library, usize::from(args.limit)).await?;
    let mut lines = Vec::new();
    for (kind, list) in facets.kinds() {
        for (index, facet) in list.iter().enumerate() {
            let kind = if index == 0 { kind } else { "" };
            lines.push(format!("{kind:<9} {:>9}  {}", facet.photos, harmless(&facet.name, false)));
        }
    }
    lines.push(if facets.total == 1 { "1 photo".to_owned() } else { format!("{} photos", facets.total) });
    Ok(Answer::new(json_of(&facets), lines.join("\n")))
}
