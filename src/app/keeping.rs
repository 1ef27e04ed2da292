//! Keeping photos: what was asked about it into commands, and the answers into the state.

use super::actions::{Doing, PickedFor};
use super::state::{State, pending};
use crate::domain::labels::TaggerKind;
use crate::platform::Pick;
use crate::protocol::{Command, ErrorCode, Event, OpId, OpReport, Scope, UserError};
use crate::ui::{KeepAsk, Loadable, Task};

/// The questions on their way: a late answer of an older one is dropped.
#[derive(Debug, Default)]
pub(super) struct KeepOps {
    cost: Option<OpId>,
    weight: Option<OpId>,
    offer: Option<OpId>,
    tagging: Option<OpId>,
    /// Cards that somebody waved away, until they are taken out.
    waved_away: Vec<std::path::PathBuf>,
}

impl Doing<'_> {
    /// Does one thing about keeping.
    pub(super) fn keep(&mut self, ask: KeepAsk) {
        let keeping = &mut self.state.keeping;
        let command = match ask {
            KeepAsk::Settings(keep) => {
                // What was chosen stands at once; the engine's answer has the last word.
                if let Loadable::Ready(library) = &mut self.state.library {
                    library.keep = keep.clone();
                }
                Command::SetKeep(keep)
            }
            KeepAsk::Class { seats, class } => Command::SetClass { seats, class },
            KeepAsk::Reports => {
                pending(&mut keeping.reports);
                Command::Reports
            }
            KeepAsk::Batches => {
                pending(&mut keeping.batches);
                Command::Batches
            }
            KeepAsk::Items(batch) => {
                keeping.items = Some((batch.clone(), Loadable::Pending { previous: None }));
                Command::BatchItems { batch }
            }
            KeepAsk::TryAgain(batch) => Command::TryItemsAgain { batch },
            KeepAsk::First(seats) => Command::StoreFirst { seats },
            KeepAsk::SetTagging(settings) => {
                if let Loadable::Ready(tagging) = &mut keeping.tagging {
                    tagging.settings = settings.clone();
                }
                Command::SetTagging(settings)
            }
            KeepAsk::Threshold(tagger, percent) => {
                if let Loadable::Ready(tagging) = &mut keeping.tagging {
                    let threshold = match tagger {
                        TaggerKind::Aws => &mut tagging.aws_threshold,
                        TaggerKind::Device => &mut tagging.device_threshold,
                    };
                    *threshold = f32::from(percent);
                }
                Command::SetTagThreshold { tagger, percent: f32::from(percent) }
            }
            KeepAsk::History => {
                pending(&mut keeping.history);
                Command::History
            }
            KeepAsk::Look(scope) => return self.state.look(scope, self.commands),
            KeepAsk::PickDownload { seats, as_of } => {
                return self.pick(Pick::Folder("Bring originals into"), PickedFor::Download { seats, as_of });
            }
            KeepAsk::PickIngest => return self.pick(Pick::Folder("Copy the card into"), PickedFor::Ingest),
            KeepAsk::IngestRead => {
                keeping.ingest_to = None;
                // A card that is still being copied goes on, and can be looked at again.
                if let Task::Ended(_) = keeping.ingest {
                    keeping.ingest = Task::None;
                }
                return;
            }
            KeepAsk::ShareRead => {
                keeping.offer = Loadable::NotAsked;
                if let Task::Ended(_) = keeping.share {
                    keeping.share = Task::None;
                }
                return;
            }
            KeepAsk::WaveAway(dir) => {
                keeping.cards.retain(|card| card.dir != dir);
                return self.state.keep_ops.waved_away.push(dir);
            }
            ask => return self.keep_as_operation(ask),
        };
        self.commands.push(command);
    }

    /// What has a name of its own, so that its answer can be told from others.
    fn keep_as_operation(&mut self, ask: KeepAsk) {
        let op = self.state.new_op();
        let (keeping, ops) = (&mut self.state.keeping, &mut self.state.keep_ops);
        self.commands.push(match ask {
            KeepAsk::Cost => {
                ops.cost = Some(op);
                pending(&mut keeping.cost);
                Command::Cost { op, seats: None }
            }
            KeepAsk::Tagging(seats) => {
                ops.tagging = Some(op);
                pending(&mut keeping.tagging);
                Command::Tagging { op, seats }
            }
            KeepAsk::Tag(order) => Command::Tag { op, order },
            KeepAsk::Verify { level, store, budget_bytes } => Command::Verify { op, level, store, budget_bytes },
            KeepAsk::Drill => Command::Drill { op },
            KeepAsk::Weigh(seats) => {
                ops.weight = Some(op);
                // The weight of other photos is worth nothing here.
                keeping.weight = Loadable::Pending { previous: None };
                Command::Weigh { op, seats }
            }
            KeepAsk::Delete(seats) => Command::Delete { op, seats },
            KeepAsk::Undelete(seats) => Command::Undelete { op, seats },
            KeepAsk::Download(order) => Command::Download { op, order },
            KeepAsk::WriteSidecars(seats) => Command::WriteSidecars { op, seats },
            KeepAsk::ReadSidecars(seats) => Command::ReadSidecars { op, seats },
            KeepAsk::Ingest(order) => {
                keeping.ingest = Task::Running(op);
                Command::Ingest { op, order }
            }
            KeepAsk::Offer => {
                ops.offer = Some(op);
                keeping.offer = Loadable::Pending { previous: None };
                Command::ShareOffer { op }
            }
            KeepAsk::Share(order) => {
                keeping.share = Task::Running(op);
                Command::Share { op, order }
            }
            _ => return,
        });
    }
}

impl State {
    /// Takes one answer.
    pub(super) fn kept(&mut self, event: Event) {
        let (keeping, ops) = (&mut self.keeping, &mut self.keep_ops);
        match event {
            Event::Batches(batches) => keeping.batches = Loadable::Ready(batches),
            Event::BatchItems { batch, items } => {
                if let Some((shown, loaded)) = &mut keeping.items
                    && *shown == batch
                {
                    *loaded = Loadable::Ready(items);
                }
            }
            Event::History(days) => keeping.history = Loadable::Ready(days),
            Event::Weighed { op, weight } if ops.weight == Some(op) => keeping.weight = Loadable::Ready(weight),
            Event::Cost { op, cost } if ops.cost == Some(op) => keeping.cost = Loadable::Ready(cost),
            Event::Tagging { op, state } if ops.tagging == Some(op) => keeping.tagging = Loadable::Ready(state),
            Event::ShareOffer { op, offer } if ops.offer == Some(op) => {
                keeping.offer = match offer {
                    Ok(offer) => Loadable::Ready(offer),
                    Err(error) => failed(&error),
                };
            }
            Event::Reports(reports) => keeping.reports = Loadable::Ready(reports),
            _ => {}
        }
    }

    /// An operation ended: whoever waits for it learns how, and lists that it changed are read again.
    pub(super) fn keep_finished(
        &mut self,
        op: OpId,
        outcome: &Result<OpReport, UserError>,
        commands: &mut Vec<Command>,
    ) {
        self.people_finished(op, outcome);
        let keeping = &mut self.keeping;
        if keeping.share == Task::Running(op) {
            keeping.share = match outcome {
                Ok(OpReport::Share(report)) => Task::Ended(Ok(report.clone())),
                Ok(_) => Task::None,
                Err(error) => Task::Ended(Err(error.clone())),
            };
        }
        if keeping.ingest == Task::Running(op) {
            keeping.ingest = match outcome {
                Ok(OpReport::Ingest(report)) => Task::Ended(Ok(report.clone())),
                Ok(_) => Task::None,
                Err(error) => Task::Ended(Err(error.clone())),
            };
        }
        // A question that failed as a whole ends like an operation.
        if let Err(error) = outcome {
            let ops = &self.keep_ops;
            if ops.cost == Some(op) {
                keeping.cost = failed(error);
            } else if ops.weight == Some(op) {
                keeping.weight = failed(error);
            }
        }
        let stores = matches!(outcome, Ok(OpReport::Store(_) | OpReport::Import(_) | OpReport::Ingest(_)));
        if stores && keeping.batches != Loadable::NotAsked {
            commands.push(Command::Batches);
        }
        if stores && keeping.history != Loadable::NotAsked {
            commands.push(Command::History);
        }
        if matches!(outcome, Ok(OpReport::Verify(_))) && keeping.reports != Loadable::NotAsked {
            commands.push(Command::Reports);
        }
    }

    /// The engine did not take a question: nobody waits for its answer.
    pub(super) fn not_taken(&mut self, command: &Command, error: &UserError) {
        let keeping = &mut self.keeping;
        match command {
            Command::Batches => keeping.batches = failed(error),
            Command::BatchItems { .. } => {
                if let Some((_, items)) = &mut keeping.items {
                    *items = failed(error);
                }
            }
            Command::History => keeping.history = failed(error),
            Command::Reports => keeping.reports = failed(error),
            Command::Cost { .. } => keeping.cost = failed(error),
            Command::Tagging { .. } => keeping.tagging = failed(error),
            Command::Weigh { .. } => keeping.weight = failed(error),
            Command::ShareOffer { .. } => keeping.offer = failed(error),
            Command::Share { .. } => keeping.share = Task::Ended(Err(error.clone())),
            Command::Ingest { .. } => keeping.ingest = Task::Ended(Err(error.clone())),
            _ => {}
        }
    }

    /// The cards that are in this computer now.
    pub(super) fn cards_found(&mut self, found: Vec<crate::domain::keep::CardFound>) {
        // A card that was taken out and put in again is a new one.
        self.keep_ops.waved_away.retain(|dir| found.iter().any(|card| card.dir == *dir));
        let waved_away = &self.keep_ops.waved_away;
        self.keeping.cards = found.into_iter().filter(|card| !waved_away.contains(&card.dir)).collect();
    }

    /// The library is another one, or was opened again: what is shown is the library of now.
    pub(super) fn look_at_now(&mut self) {
        self.keeping.scope = Scope::Library;
        self.search.scope = Scope::Library;
    }
}

fn failed<T>(error: &UserError) -> Loadable<T> {
    let stopped = error.code == ErrorCode::Cancelled;
    let words = if stopped { "It was stopped.".to_owned() } else { sentence(error) };
    Loadable::Failed { error: words, previous: None }
}

/// The problem, then what to do.
fn sentence(error: &UserError) -> String {
    let end = if error.message.ends_with(['.', '!', '?']) || error.hint.is_empty() { "" } else { "." };
    format!("{}{end} {}", error.message, error.hint).trim_end().to_owned()
}
