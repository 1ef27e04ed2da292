//! People: what was asked about them into commands, and the answers into the state.

use super::actions::Doing;
use super::state::{State, pending};
use crate::domain::Seat;
use crate::protocol::{Command, Event, FacesOf, OpId, OpReport, PeopleAnswer, PeopleAsk, UserError};
use crate::ui::{FaceList, Loadable, PAGE, PeopleDo, Task};

/// Faces of one photo that are asked for: more than a picture shows.
const MOST_IN_PHOTO: usize = 300;
/// Faces asked for again at once after a change; further ones are asked for as they come into sight.
const MOST_AGAIN: usize = 20_000;

/// The questions on their way: a late answer of an older one is dropped.
#[derive(Debug, Default)]
pub(super) struct PeopleOps {
    state: Option<OpId>,
    list: Option<OpId>,
    faces: Option<OpId>,
    photo: Option<OpId>,
}

impl Doing<'_> {
    /// Does one thing about people.
    pub(super) fn people(&mut self, what: PeopleDo) {
        match what {
            PeopleDo::Ask(ask) => self.state.ask_people(ask, self.commands),
            PeopleDo::Look(order) => {
                let op = self.state.new_op();
                self.commands.push(Command::LookForPeople { op, order });
            }
            PeopleDo::Forget => {
                let op = self.state.new_op();
                self.state.people.forget = Task::Running(op);
                self.commands.push(Command::ForgetPeople { op });
            }
            PeopleDo::ForgetRead => {
                if let Task::Ended(_) = self.state.people.forget {
                    self.state.people.forget = Task::None;
                }
            }
        }
    }
}

impl State {
    fn ask_people(&mut self, ask: PeopleAsk, commands: &mut Vec<Command>) {
        let op = self.new_op();
        let (people, ops) = (&mut self.people, &mut self.people_ops);
        match &ask {
            PeopleAsk::State => {
                ops.state = Some(op);
                pending(&mut people.state);
            }
            PeopleAsk::List => {
                ops.list = Some(op);
                pending(&mut people.list);
            }
            PeopleAsk::Faces { of: FacesOf::Photo(seat), .. } => {
                ops.photo = Some(op);
                let previous = match people.photo.take() {
                    Some((of, faces)) if of == *seat => faces.value().cloned(),
                    _ => None,
                };
                people.photo = Some((*seat, Loadable::Pending { previous }));
            }
            PeopleAsk::Faces { of, after, .. } => {
                let same = people.faces.as_ref().is_some_and(|list| list.of == *of);
                if same && after.is_some() && people.faces.as_ref().is_some_and(|list| list.pending) {
                    return;
                }
                ops.faces = Some(op);
                match &mut people.faces {
                    Some(list) if same => list.pending = true,
                    faces => *faces = Some(FaceList::new(of.clone())),
                }
            }
            PeopleAsk::Consent(on) => {
                ops.state = Some(op);
                // What was chosen stands at once; the engine's answer has the last word.
                if let Loadable::Ready(state) = &mut people.state {
                    state.consent = *on;
                }
            }
            _ => {}
        }
        commands.push(Command::People { op, ask });
    }

    /// Takes what was said about people.
    pub(super) fn people_heard(&mut self, event: Event, commands: &mut Vec<Command>) {
        match event {
            Event::People { op, answer } => self.people_answered(op, *answer),
            Event::PeopleChanged => self.people_changed(commands),
            _ => {}
        }
    }

    fn people_answered(&mut self, op: OpId, answer: PeopleAnswer) {
        let (people, ops) = (&mut self.people, &self.people_ops);
        match answer {
            PeopleAnswer::State(state) if ops.state == Some(op) => people.state = Loadable::Ready(Box::new(state)),
            PeopleAnswer::List(list) if ops.list == Some(op) => people.list = Loadable::Ready(list),
            PeopleAnswer::Faces { of: FacesOf::Photo(seat), faces, .. } if ops.photo == Some(op) => {
                people.photo = Some((seat, Loadable::Ready(faces)));
            }
            PeopleAnswer::Faces { of, after, faces, total } if ops.faces == Some(op) => {
                let Some(list) = people.faces.as_mut().filter(|list| list.of == of) else { return };
                match after {
                    None => list.faces = faces.to_vec(),
                    Some(_) if after == list.last() => list.faces.extend_from_slice(&faces),
                    // What it goes on from is no longer the end.
                    Some(_) => {}
                }
                // A page that brings nothing is the end, whatever the count says.
                let ended = faces.is_empty() && after.is_some();
                list.total = if ended { list.faces.len() as u64 } else { total };
                list.pending = false;
                list.answered = true;
                list.revision += 1;
            }
            _ => {}
        }
    }

    /// People or faces are others than before: everything that is shown of them is asked for again.
    fn people_changed(&mut self, commands: &mut Vec<Command>) {
        if self.people.state != Loadable::NotAsked {
            self.ask_people(PeopleAsk::State, commands);
        }
        if self.people.list != Loadable::NotAsked {
            self.ask_people(PeopleAsk::List, commands);
        }
        if let Some(list) = &self.people.faces {
            let limit = list.faces.len().clamp(PAGE, MOST_AGAIN);
            let of = list.of.clone();
            self.ask_people(PeopleAsk::Faces { of, after: None, limit }, commands);
        }
        if let Some((seat, _)) = self.people.photo {
            self.ask_people(faces_in(seat), commands);
        }
    }

    /// An operation, or a question, ended: whoever waits for it learns how.
    pub(super) fn people_finished(&mut self, op: OpId, outcome: &Result<OpReport, UserError>) {
        let (people, ops) = (&mut self.people, &self.people_ops);
        if people.forget == Task::Running(op) {
            people.forget = match outcome {
                Ok(OpReport::ForgetPeople(report)) => Task::Ended(Ok(report.clone())),
                Ok(_) => Task::None,
                Err(error) => Task::Ended(Err(error.clone())),
            };
        }
        let Err(error) = outcome else { return };
        if ops.state == Some(op) {
            people.state = failed(&people.state, error);
        } else if ops.list == Some(op) {
            people.list = failed(&people.list, error);
        } else if ops.faces == Some(op)
            && let Some(list) = &mut people.faces
        {
            list.pending = false;
        }
    }

    /// The engine did not take a question: nobody waits for its answer.
    pub(super) fn people_not_taken(&mut self, command: &Command, error: &UserError) {
        match command {
            Command::People { op, .. } | Command::ForgetPeople { op } => {
                self.people_finished(*op, &Err(error.clone()));
            }
            _ => {}
        }
    }
}

/// Asks for the faces of a photo.
fn faces_in(seat: Seat) -> PeopleAsk {
    PeopleAsk::Faces { of: FacesOf::Photo(seat), after: None, limit: MOST_IN_PHOTO }
}

fn failed<T: Clone>(before: &Loadable<T>, error: &UserError) -> Loadable<T> {
    Loadable::Failed { error: error.message.clone(), previous: before.value().cloned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::{Face, FaceBox, FaceId, FaceSource, FaceState};
    use crate::domain::{ContentHash, Seat};

    fn face(at: i64) -> Face {
        let spot = FaceBox { left: 0, top: 0, width: 10, height: 10 };
        Face {
            id: FaceId { seat: Seat(at), spot },
            content: ContentHash([1; 32]),
            quarter_turns: 0,
            source: FaceSource::Device,
            state: FaceState::Unknown,
        }
    }

    fn answer(after: Option<FaceId>, faces: std::ops::Range<i64>, total: u64) -> PeopleAnswer {
        PeopleAnswer::Faces { of: FacesOf::Unknown, after, faces: faces.map(face).collect(), total }
    }

    fn asked(commands: &[Command]) -> Vec<(OpId, PeopleAsk)> {
        let of = |command: &Command| match command {
            Command::People { op, ask } => Some((*op, ask.clone())),
            _ => None,
        };
        commands.iter().filter_map(of).collect()
    }

    #[test]
    fn pages_come_one_after_the_other_and_late_answers_are_dropped() {
        let (mut state, mut commands) = (State::default(), Vec::new());
        let first = PeopleAsk::Faces { of: FacesOf::Unknown, after: None, limit: PAGE };
        state.ask_people(first.clone(), &mut commands);
        state.ask_people(first, &mut commands);
        let ops: Vec<OpId> = asked(&commands).into_iter().map(|(op, _)| op).collect();
        state.people_answered(ops[0], answer(None, 0..9, 9));
        assert!(!state.people.faces.as_ref().unwrap().answered, "the first question was superseded");
        state.people_answered(ops[1], answer(None, 0..3, 5));
        let next = state.people.faces.as_ref().unwrap().next_page().expect("two are missing");
        state.ask_people(next.clone(), &mut commands);
        state.ask_people(next, &mut commands);
        let (op, ask) = asked(&commands).pop().unwrap();
        assert_eq!(asked(&commands).len(), 3, "a page is asked for once");
        let PeopleAsk::Faces { after, .. } = ask else { unreachable!() };
        state.people_answered(op, answer(after, 3..5, 5));
        let list = state.people.faces.as_ref().unwrap();
        assert_eq!((list.faces.len(), list.next_page()), (5, None));
    }

    #[test]
    fn a_page_that_brings_nothing_ends_the_list() {
        let (mut state, mut commands) = (State::default(), Vec::new());
        state.ask_people(PeopleAsk::Faces { of: FacesOf::Unknown, after: None, limit: PAGE }, &mut commands);
        state.people_answered(OpId(1), answer(None, 0..3, 50));
        let next = state.people.faces.as_ref().unwrap().next_page().unwrap();
        state.ask_people(next, &mut commands);
        state.people_answered(OpId(2), answer(Some(face(2).id), 0..0, 50));
        assert_eq!(state.people.faces.as_ref().unwrap().next_page(), None, "no endless asking");
    }

    #[test]
    fn a_change_asks_again_for_what_is_shown_only() {
        let (mut state, mut commands) = (State::default(), Vec::new());
        state.people_changed(&mut commands);
        assert!(asked(&commands).is_empty());
        state.ask_people(faces_in(Seat(7)), &mut commands);
        state.ask_people(PeopleAsk::List, &mut commands);
        commands.clear();
        state.people_changed(&mut commands);
        let asked: Vec<PeopleAsk> = asked(&commands).into_iter().map(|(_, ask)| ask).collect();
        assert_eq!(asked, [PeopleAsk::List, faces_in(Seat(7))]);
    }
}
