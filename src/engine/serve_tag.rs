//! The tagging part of the protocol.

use super::parts::Engine;
use super::serve::{Running, operation};
use crate::domain::labels::TaggerKind;
use crate::protocol::{Command, Event, OpId, OpKind, OpReport, TagOrder, UserError};

/// Among what runs once at a time.
const NEW: &str = "new tags";

/// One run as an operation.
pub(super) async fn tag(engine: &Engine, running: &Running, op: OpId, order: TagOrder) {
    let title = match (order.with, &order.seats) {
        (Some(TaggerKind::Aws), _) => "Tagging with Rekognition".to_owned(),
        (_, Some(seats)) if seats.len() == 1 => "Tagging 1 photo".to_owned(),
        (_, Some(seats)) => format!("Tagging {} photos", seats.len()),
        (_, None) => "Tagging new photos".to_owned(),
    };
    operation(engine, running, op, OpKind::Tag, title, async |cancel, reporter| {
        engine.tag(order, cancel, reporter).await.map(OpReport::Tag)
    })
    .await;
}

/// Has new photos looked at, where that is wanted and there are any.
pub(super) async fn tag_new(engine: &Engine, running: &Running) {
    if !engine.tag_settings().auto || running.is_closing() || running.is_storing(NEW) {
        return;
    }
    if engine.has_to_tag().await.unwrap_or(false) {
        let _one = running.storing(NEW);
        tag(engine, running, running.own_op(), TagOrder::default()).await;
    }
}

/// Small things that are answered at once.
pub(super) async fn answer(engine: &Engine, running: &Running, command: Command) -> Result<(), UserError> {
    match command {
        Command::Tagging { op, seats } => {
            let state = Box::new(engine.tagging_state(seats).await?);
            engine.0.say.say(Event::Tagging { op, state }).await;
            Ok(())
        }
        Command::SetTagging(settings) => {
            engine.set_tag_settings(settings).await?;
            tag_new(engine, running).await;
            Ok(())
        }
        Command::SetTagThreshold { tagger, percent } => engine.set_tag_threshold(tagger, percent).await,
        _ => Ok(()),
    }
}
