//! What each sub-command does, and what it says.

mod card;
mod describe;
mod explore;
mod keep;
mod people;
mod print;
mod printers;
mod sidecar;
mod stores;
mod tags;
mod vocabulary;

use std::path::Path;

use serde_json::{Value, json};

use super::args::{ColourArg, Command, FlagArg, ImportArgs, RateArgs, TagArgs, ThumbArgs};
use super::output::Answer;
use crate::domain::{Change, ColourLabel, Flag, Rating};
use crate::engine::{Cancel, Engine, Reporter};
use crate::protocol::{ItemFailure, OpId, OpKind, UserError, VaultState};

const OP: OpId = OpId(1);

/// Runs one command. Ctrl+C ends the process as it ends any other: everything on the disk is whole at every moment.
pub(super) async fn run(engine: &Engine, command: Command) -> Result<Answer, UserError> {
    let cancel = Cancel::default();
    match command {
        Command::Import(args) => import(engine, args, &cancel).await,
        Command::Search(args) => explore::search(engine, &args).await,
        Command::Facets(args) => explore::facets(engine, &args).await,
        Command::Show(args) => {
            let found = engine.show(&args.photo).await?;
            Ok(Answer::new(describe::whole(&found), describe::whole_text(&found)))
        }
        Command::Thumb(args) => thumb(engine, &args).await,
        Command::Tag(args) if args.auto => tags::auto(engine, &args, &cancel).await,
        Command::Tag(args) => tag(engine, args).await,
        Command::Tags(args) => vocabulary::run(engine, args).await,
        Command::Rate(args) => rate(engine, &args).await,
        Command::Undo => undo(engine).await,
        Command::Sidecar(args) => sidecar::run(engine, args, &cancel).await,
        Command::People(args) => people::run(engine, args, &cancel).await,
        Command::Vault(args) => {
            let state = match &args.dir {
                Some(dir) => engine.set_vault(dir).await?,
                None => engine.vault_state().await?,
            };
            Ok(Answer::new(json_of(&state), vault_text(&state)))
        }
        Command::Store(args) => stores::store(engine, &args, &cancel).await,
        Command::Stores(args) => stores::stores(engine, args).await,
        Command::Batches(args) => stores::batches(engine, &args).await,
        Command::Status => status(engine).await,
        Command::OpenStore(args) => open_store(engine, args.dir.as_deref(), &cancel).await,
        Command::Versions(args) => {
            let found = engine.show(&args.photo).await?;
            let versions = describe::versions(&found);
            Ok(Answer::new(json!({ "versions": versions }), describe::versions_text(&found)))
        }
        Command::Receipt(args) => keep::receipt(engine, &args.photo).await,
        Command::Restore(args) => keep::restore(engine, args, &cancel).await,
        Command::Delete(args) => keep::delete(engine, args, &cancel).await,
        Command::Undelete(args) => keep::undelete(engine, args, &cancel).await,
        Command::Verify(args) => keep::verify(engine, args, &cancel).await,
        Command::Print(args) => print::print(engine, *args, &cancel).await,
        Command::Printers(args) => printers::printers(engine, &args).await,
        Command::Jobs(args) => printers::jobs(engine, &args).await,
        Command::Ingest(args) => card::ingest(engine, args, &cancel).await,
        Command::Link(args) => card::link(engine, &args, &cancel).await,
        Command::Cost(args) => card::cost(engine, &args).await,
        // None of these needs a library: they ran before one was opened.
        Command::Account(_) | Command::Cloud(_) | Command::Completions { .. } => Ok(Answer::new(Value::Null, "")),
    }
}

fn json_of(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn reporter(engine: &Engine, kind: OpKind) -> Reporter {
    Reporter::new(engine, OP, kind)
}

async fn import(engine: &Engine, args: ImportArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let shown = reporter(engine, OpKind::Import);
    let (report, stopped) = engine.import_and_store(OP, args.paths, !args.no_store, cancel, &shown).await?;
    let mut text = format!(
        "{} file{}: {} added, {} updated, {} moved, {} duplicates, {} unchanged, {} unreadable; {} skipped",
        report.files,
        if report.files == 1 { "" } else { "s" },
        report.added,
        report.updated,
        report.moved,
        report.duplicates,
        report.unchanged,
        report.unreadable.len(),
        report.skipped
    );
    if !report.skipped_by_suffix.is_empty() {
        let some: Vec<_> =
            report.skipped_by_suffix.iter().take(8).map(|(suffix, count)| format!("{count} {suffix}")).collect();
        text.push_str(&format!(" ({})", some.join(", ")));
    }
    text.push_str(&format!("\n{} stored in {:.1} s", report.stored, report.seconds));
    if let Some(error) = &stopped {
        text.push_str(&format!("\nThe rest waits: {}", error.message));
    }
    for conflict in &report.sidecars.conflicts {
        text.push_str(&format!("\nChanged on both sides, yours stays: {}", crate::engine::conflict_line(conflict)));
    }
    // Left alone, stored as it is, and so no failure of the import.
    for left in &report.sidecars.failed {
        text.push_str(&format!("\n{}: {}", left.why, left.path));
    }
    let mut failed = report.unreadable.clone();
    failed.extend(report.not_stored.iter().cloned());
    failed.extend(
        stopped.map(|error| ItemFailure { path: engine.vault_dir().display().to_string(), why: error.message }),
    );
    Ok(Answer::new(json_of(&report), text).failed(failed))
}

async fn thumb(engine: &Engine, args: &ThumbArgs) -> Result<Answer, UserError> {
    let (width, height) = engine.thumb(&args.photo, args.size, &args.output).await?;
    let file = args.output.display().to_string();
    let text = format!("{width} × {height} px: {file}");
    Ok(Answer::new(json!({ "file": file, "width": width, "height": height }), text))
}

fn changed(count: u64) -> Answer {
    let text = if count == 1 { "1 photo changed".to_owned() } else { format!("{count} photos changed") };
    Answer::new(json!({ "changed": count }), text)
}

async fn tag(engine: &Engine, args: TagArgs) -> Result<Answer, UserError> {
    let seats = engine.seats(&args.query.unwrap_or_default()).await?;
    let add = args.add.into_iter().map(Change::AddTag);
    let changes = add.chain(args.remove.into_iter().map(Change::RemoveTag)).collect();
    engine.edit_all(seats, changes).await.map(changed)
}

async fn rate(engine: &Engine, args: &RateArgs) -> Result<Answer, UserError> {
    let seats = engine.seats(&args.query).await?;
    let rating = args.rating.and_then(Rating::new).map(Change::Rating);
    let flag = args.flag.map(|flag| {
        Change::Flag(match flag {
            FlagArg::Pick => Flag::Pick,
            FlagArg::Reject => Flag::Reject,
            FlagArg::None => Flag::None,
        })
    });
    let label = args.colour.map(|colour| {
        Change::Label(match colour {
            ColourArg::Red => ColourLabel::Red,
            ColourArg::Yellow => ColourLabel::Yellow,
            ColourArg::Green => ColourLabel::Green,
            ColourArg::Blue => ColourLabel::Blue,
            ColourArg::Purple => ColourLabel::Purple,
            ColourArg::None => ColourLabel::None,
        })
    });
    let changes = rating.or(flag).or(label).into_iter().collect();
    engine.edit_all(seats, changes).await.map(changed)
}

async fn undo(engine: &Engine) -> Result<Answer, UserError> {
    Ok(match engine.undo().await? {
        Some(report) => {
            let text = format!("{} undone on {} photos", report.what, report.photos);
            Answer::new(json!({ "changed": report.photos, "undone": report.what }), text)
        }
        None => Answer::new(json!({ "changed": 0, "undone": null }), "There is nothing to undo."),
    })
}

fn vault_text(state: &VaultState) -> String {
    let mut text = state.dir.display().to_string();
    if state.same_disk {
        text.push_str("\nsecond copy on the same disk: does not survive its loss");
    }
    if let Some(problem) = &state.problem {
        text.push_str(&format!("\n{problem}"));
    }
    text
}

async fn status(engine: &Engine) -> Result<Answer, UserError> {
    let state = engine.library_state().await?;
    let needs_you = engine.needs_you(1_000).await?;
    let json = json!({
        "library": state.dir.display().to_string(),
        "photos": state.photos,
        "stored": state.stored,
        "waiting": state.waiting,
        "needs_you": needs_you,
        "bytes": state.bytes,
        "vault": json_of(&state.vault),
    });
    let text = format!(
        "{}\n{} photos, {} stored, {} waiting, {} need you\nvault: {}",
        state.dir.display(),
        state.photos,
        state.stored,
        state.waiting,
        needs_you.len(),
        vault_text(&state.vault)
    );
    Ok(Answer::new(json, text))
}

async fn open_store(engine: &Engine, dir: Option<&Path>, cancel: &Cancel) -> Result<Answer, UserError> {
    let shown = reporter(engine, OpKind::OpenStore);
    let (photos, failed) = engine.open_store(dir, cancel, &shown).await?;
    let place = dir.map_or_else(|| "the remote store".to_owned(), |dir| dir.display().to_string());
    let text = format!("{photos} photos from {place}");
    Ok(Answer::new(json!({ "photos": photos, "failed": failed }), text).failed(failed))
}
