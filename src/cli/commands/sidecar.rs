//! `sidecar write` and `sidecar read`.

use super::{OP, json_of, reporter};
use crate::cli::args_sidecar::{SidecarArgs, SidecarCommand};
use crate::cli::output::Answer;
use crate::engine::{Cancel, Engine, conflict_line};
use crate::protocol::{OpKind, UserError};

pub(super) async fn run(engine: &Engine, args: SidecarArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let (SidecarCommand::Write(photos) | SidecarCommand::Read(photos)) = &args.command;
    let seats = engine.seats(&photos.query).await?;
    let shown = reporter(engine, OpKind::Sidecars);
    let report = match args.command {
        SidecarCommand::Write(_) => engine.write_sidecars(OP, seats, cancel, &shown).await?,
        SidecarCommand::Read(_) => engine.read_sidecars(OP, seats, cancel, &shown).await?,
    };
    drop(shown);
    let mut text = format!(
        "{} written, {} unchanged, {} changed by other programs",
        count(report.written, "sidecar", "sidecars"),
        report.unchanged,
        report.merged,
    );
    for conflict in &report.conflicts {
        text.push_str(&format!("\nChanged on both sides, yours stays: {}", conflict_line(conflict)));
    }
    // A store that is away takes them later; that is no failure of this command.
    let shown = reporter(engine, OpKind::Store);
    match engine.store(OP, cancel, &shown).await {
        Ok(stored) if stored.stored > 0 => {
            text.push_str(&format!("\n{} stored", count(stored.stored, "file", "files")))
        }
        Ok(_) => {}
        Err(error) => text.push_str(&format!("\nThe sidecars wait to be stored: {}", error.message)),
    }
    let failed = report.failed.clone();
    Ok(Answer::new(json_of(&report), text).failed(failed))
}

fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
