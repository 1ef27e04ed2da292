//! The people part of the protocol.

use super::parts::Engine;
use super::serve::{Running, operation};
use crate::protocol::{Command, Event, OpId, OpKind, OpReport, PeopleAnswer, PeopleAsk, UserError};

/// Among what runs once at a time.
const AGREE: &str = "people at AWS";

/// One of the two operations.
pub(super) async fn run(engine: &Engine, running: &Running, command: Command) {
    match command {
        Command::LookForPeople { op, order } => {
            let title = match &order.seats {
                Some(seats) if seats.len() == 1 => "Looking for people in 1 photo".to_owned(),
                Some(seats) => format!("Looking for people in {} photos", seats.len()),
                None => "Looking for people".to_owned(),
            };
            operation(engine, running, op, OpKind::LookForPeople, title, async |cancel, reporter| {
                engine.look_for_people(order, cancel, reporter).await.map(OpReport::LookForPeople)
            })
            .await;
        }
        Command::ForgetPeople { op } => {
            let title = "Deleting all face data".to_owned();
            operation(engine, running, op, OpKind::ForgetPeople, title, async |cancel, reporter| {
                engine.forget_people(cancel, reporter).await.map(OpReport::ForgetPeople)
            })
            .await;
        }
        _ => {}
    }
}

/// Small things that are answered at once.
pub(super) async fn answer(engine: &Engine, running: &Running, op: OpId, ask: PeopleAsk) -> Result<(), UserError> {
    let answer = match ask {
        PeopleAsk::State => PeopleAnswer::State(engine.people_state().await?),
        PeopleAsk::List => PeopleAnswer::List(engine.people().await?.into()),
        PeopleAsk::Faces { of, after, limit } => {
            let (faces, total) = engine.faces(of.clone(), after, limit).await?;
            PeopleAnswer::Faces { of, after, faces: faces.into(), total }
        }
        PeopleAsk::Consent(yes) => {
            engine.consent_to_people(yes).await?;
            engine.0.say.say(Event::PeopleChanged).await;
            PeopleAnswer::State(engine.people_state().await?)
        }
        edit => {
            engine.edit_people(edit).await?;
            return agree(engine, running).await;
        }
    };
    engine.0.say.say(Event::People { op, answer: Box::new(answer) }).await;
    Ok(())
}

/// Takes the last gesture back, or does it again; what it said of people is told to the collection.
pub(super) async fn back(engine: &Engine, running: &Running, command: &Command) -> Result<(), UserError> {
    match command {
        Command::Redo => engine.redo().await?,
        _ => engine.undo().await?,
    };
    agree(engine, running).await
}

/// Tells the collection what was decided; what comes while it does so is told by the run under way or the next look.
async fn agree(engine: &Engine, running: &Running) -> Result<(), UserError> {
    if running.is_closing() || running.is_storing(AGREE) {
        return Ok(());
    }
    let _one = running.storing(AGREE);
    engine.agree_at_aws().await
}
