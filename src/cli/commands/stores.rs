//! `store`, `stores` and `batches`.

use serde_json::json;

use super::{OP, json_of, reporter};
use crate::cli::args_stores::{BatchesArgs, HoursArg, SetArgs, StoreArgs, StoreName, StoresArgs, StoresCommand};
use crate::cli::output::Answer;
use crate::domain::keep::{BatchState, BatchSummary, KeepSettings, StoreState};
use crate::engine::{Cancel, Engine};
use crate::protocol::{OpKind, UserError};

/// `store`: everything that waits, everywhere or in one store.
pub(super) async fn store(engine: &Engine, args: &StoreArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    if let Some(query) = &args.first {
        engine.store_first(engine.seats(query).await?).await?;
    }
    if let Some(batch) = &args.again {
        engine.try_items_again(Some(batch.clone())).await?;
    }
    let shown = reporter(engine, OpKind::Store);
    let report = match &args.to {
        Some(name) => engine.store_in(name, OP, cancel, &shown).await?,
        None => engine.store(OP, cancel, &shown).await?,
    };
    let text = format!("{} stored, {} waiting, {} need you", report.stored, report.waiting, report.needs_you.len());
    let failed = report.needs_you.clone();
    Ok(Answer::new(json_of(&report), text).failed(failed))
}

/// `stores`
pub(super) async fn stores(engine: &Engine, args: StoresArgs) -> Result<Answer, UserError> {
    match args.command {
        None | Some(StoresCommand::List) => {}
        Some(StoresCommand::Add { store: StoreName::Vault, dir }) => engine.add_vault(dir.as_deref()).await?,
        Some(StoresCommand::Add { store, .. }) => engine.add_remote(name(store)).await?,
        Some(StoresCommand::Remove { store }) => engine.remove_store(name(store)).await?,
        Some(StoresCommand::Set(args)) => engine.set_keep(changed(engine.keep(), &args)).await?,
    }
    let states = engine.store_states().await?;
    let keep = engine.keep();
    let lines: Vec<String> = states.iter().map(line).chain([words(&keep)]).collect();
    Ok(Answer::new(json!({ "stores": json_of(&states), "keep": json_of(&keep) }), lines.join("\n")))
}

fn name(store: StoreName) -> &'static str {
    match store {
        StoreName::Vault => "vault",
        StoreName::Aws => "aws",
        StoreName::S3 => "s3",
    }
}

fn changed(mut keep: KeepSettings, args: &SetArgs) -> KeepSettings {
    if let Some(limit) = args.limit {
        keep.limit_bytes_s = (limit > 0).then_some(limit);
    }
    match args.full_speed {
        Some(HoursArg::Never) => keep.full_speed = None,
        Some(HoursArg::At(hours)) => keep.full_speed = Some(hours),
        None => {}
    }
    keep.class = args.class.unwrap_or(keep.class);
    keep.paused = args.pause || keep.paused && !args.resume;
    keep.drill = args.drill.unwrap_or(keep.drill);
    keep
}

fn line(state: &StoreState) -> String {
    let mut line = format!("{}: {}\n  {} receipts, {} waiting", state.name, state.place, state.receipts, state.waiting);
    if state.needs_you > 0 {
        line.push_str(&format!(", {} need you", state.needs_you));
    }
    if let Some(problem) = &state.problem {
        line.push_str(&format!("\n  {problem}"));
    }
    line
}

fn words(keep: &KeepSettings) -> String {
    let limit = keep.limit_bytes_s.map_or("no limit".to_owned(), |limit| format!("{limit} bytes a second at most"));
    let hours = keep.full_speed.map(|hours| format!(", full speed {hours}")).unwrap_or_default();
    let paused = if keep.paused { "; paused" } else { "" };
    format!("remote store: {}, {limit}{hours}{paused}", keep.class.label())
}

/// `batches`
pub(super) async fn batches(engine: &Engine, args: &BatchesArgs) -> Result<Answer, UserError> {
    if let Some(batch) = &args.batch {
        let items = engine.batch_items(batch).await?;
        let mut lines: Vec<String> = items.iter().map(|item| format!("{}: {}", item.why, item.path)).collect();
        if lines.is_empty() {
            lines.push("Nothing of it waits or needs you.".to_owned());
        }
        return Ok(Answer::new(json!({ "batch": batch, "items": items }), lines.join("\n")));
    }
    let batches = engine.batches(args.limit).await?;
    let mut lines: Vec<String> = batches.iter().map(batch_line).collect();
    if lines.is_empty() {
        lines.push("Nothing was stored yet.".to_owned());
    }
    Ok(Answer::new(json!({ "batches": json_of(&batches) }), lines.join("\n")))
}

fn batch_line(batch: &BatchSummary) -> String {
    let state = match batch.state {
        BatchState::Final => "complete",
        BatchState::Open => "open",
    };
    let mut line = format!(
        "{}  {}  {}  {state}: {} stored, {} bytes",
        batch.started.to_rfc3339(),
        batch.batch,
        batch.store,
        batch.stored,
        batch.bytes
    );
    if batch.waiting > 0 {
        line.push_str(&format!(", {} waiting", batch.waiting));
    }
    if batch.needs_you > 0 {
        line.push_str(&format!(", {} need you", batch.needs_you));
    }
    line
}
