//! The engine's side of the protocol for what keeps photos safe: delete, undelete, download, drills, reports.

use super::parts::Engine;
use super::serve::{Running, operation, store_words};
use crate::protocol::{Command, ErrorCode, Event, ItemFailure, OpKind, OpReport, UserError};

/// Failures that a message lists.
const MOST_LISTED: usize = 20;

/// Runs one of these operations to its end.
pub(super) async fn run(engine: &Engine, running: &Running, command: Command) {
    match command {
        Command::Delete { op, seats } => {
            let title = format!("Deleting {}", photos(seats.len()));
            operation(engine, running, op, OpKind::Delete, title, async |cancel, reporter| {
                let (weight, failed) = engine.delete(seats, cancel, reporter).await?;
                all_or_error(&failed, "could not be deleted; what was is", weight.photos)?;
                Ok(OpReport::Deleted(weight))
            })
            .await;
        }
        Command::Undelete { op, seats } => {
            let title = format!("Bringing back {}", photos(seats.len()));
            operation(engine, running, op, OpKind::Undelete, title, async |cancel, reporter| {
                let (weight, failed) = engine.undelete(seats, cancel, reporter).await?;
                all_or_error(&failed, "could not be brought back; what could is", weight.photos)?;
                Ok(OpReport::Undeleted(weight))
            })
            .await;
            // The new versions belong into a manifest.
            super::serve::store(engine, running, None).await;
        }
        Command::Download { op, order } => {
            let title = format!("Downloading {} to {}", photos(order.seats.len()), order.to.display());
            operation(engine, running, op, OpKind::Download, title, async |cancel, reporter| {
                engine.download(order, cancel, reporter).await.map(OpReport::Download)
            })
            .await;
        }
        Command::WriteSidecars { op, seats } => {
            let title = format!("Writing sidecars of {}", photos(seats.len()));
            operation(engine, running, op, OpKind::Sidecars, title, async |cancel, reporter| {
                engine.write_sidecars(op, seats, cancel, reporter).await.map(OpReport::Sidecars)
            })
            .await;
            store_what_came(engine, running).await;
        }
        Command::ReadSidecars { op, seats } => {
            let title = format!("Reading sidecars of {}", photos(seats.len()));
            operation(engine, running, op, OpKind::Sidecars, title, async |cancel, reporter| {
                engine.read_sidecars(op, seats, cancel, reporter).await.map(OpReport::Sidecars)
            })
            .await;
            store_what_came(engine, running).await;
        }
        Command::Drill { op } => {
            for (at, store) in engine.stores_in_use().await.into_iter().enumerate() {
                let op = if at == 0 { op } else { running.own_op() };
                let title = format!("Restore drill of {}", store_words(store));
                operation(engine, running, op, OpKind::Verify, title, async |cancel, reporter| {
                    engine.drill(store, cancel, reporter).await.map(OpReport::Verify)
                })
                .await;
            }
        }
        _ => {}
    }
}

/// Sidecars are companions: new ones, and new versions, belong into the stores.
async fn store_what_came(engine: &Engine, running: &Running) {
    if engine.has_to_store().await {
        super::serve::store(engine, running, None).await;
    }
}

/// Answers one of these questions.
pub(super) async fn answer(engine: &Engine, command: Command) -> Result<(), UserError> {
    let event = match command {
        Command::Weigh { op, seats } => Event::Weighed { op, weight: engine.weigh(seats).await? },
        Command::History => Event::History(engine.history().await?),
        Command::Reports => Event::Reports(engine.reports().await?),
        Command::Cards { seats, scope } => Event::Cards(engine.cards_in(scope, seats).await?),
        _ => return Ok(()),
    };
    engine.0.say.say(event).await;
    Ok(())
}

fn photos(count: usize) -> String {
    if count == 1 { "1 photo".to_owned() } else { format!("{count} photos") }
}

/// What failed of an operation whose report has no place for it.
fn all_or_error(failed: &[ItemFailure], what: &str, done: u64) -> Result<(), UserError> {
    if failed.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> =
        failed.iter().take(MOST_LISTED).map(|failure| format!("{}: {}", failure.why, failure.path)).collect();
    let files = if failed.len() == 1 { "1 file".to_owned() } else { format!("{} files", failed.len()) };
    Err(UserError::new(ErrorCode::Failed, format!("{files} {what} ({done} photos)"))
        .hint("Try again when every store is there; what is done already is not done twice.")
        .details(lines.join("\n")))
}
