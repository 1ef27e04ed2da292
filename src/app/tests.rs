//! The composition, from actions to commands and from events to the model.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;

use super::actions::Doing;
use super::cards::tests::card;
use super::events::{Follow, Surroundings};
use super::state::State;
use super::wishes::Wishes;
use crate::domain::keep::{CardFound, Weight};
use crate::domain::{Change, Rating, Seat, Timestamp};
use crate::platform::Picker;
use crate::protocol::{
    Arrival, Command, ErrorCode, Event, ImportReport, IngestOrder, IngestReport, OpId, OpKind, OpReport, PrintAnswer,
    PrintAsk, PrintReport, Progress, Scope, ShareOrder, ShareReport, ThumbKey, ThumbWish, UserError,
};
use crate::ui::{Action, ActivityState, KeepAsk, Loadable, Task};

/// A state with its surroundings; gives back the commands that follow.
#[derive(Default)]
struct House {
    state: State,
    wishes: Wishes,
    picker: Picker<super::actions::PickedFor>,
}

impl House {
    fn hear(&mut self, event: Event) -> (Follow, Vec<Command>) {
        let around = Surroundings { wake: Arc::new(|| {}), max_texture_side: 2048 };
        let mut commands = Vec::new();
        let follow = self.state.apply(event, 0, &around, &mut commands);
        if follow == Follow::Wishes {
            self.wishes.ask(&mut self.state, &mut commands);
        }
        (follow, commands)
    }

    fn act(&mut self, action: Action) -> Vec<Command> {
        let (ctx, mut commands) = (egui::Context::default(), Vec::new());
        let mut doing = Doing {
            state: &mut self.state,
            wishes: &mut self.wishes,
            picker: &mut self.picker,
            commands: &mut commands,
            ctx: &ctx,
        };
        doing.act(action);
        commands
    }

    /// Searches and answers.
    fn found(&mut self, query: &str, seats: &[i64]) -> OpId {
        let op = search_op(&self.act(Action::Search(query.into())));
        self.hear(Event::Results { op, seats: seats.iter().copied().map(Seat).collect(), complete: true });
        op
    }
}

fn search_op(commands: &[Command]) -> OpId {
    let found = commands.iter().find_map(|command| match command {
        Command::Search { op, .. } => Some(*op),
        _ => None,
    });
    found.expect("a search")
}

#[test]
fn late_answers_of_an_older_search_are_dropped() {
    let mut house = House::default();
    let old = search_op(&house.act(Action::Search("a".into())));
    house.found("ab", &[3, 2]);
    house.hear(Event::Results { op: old, seats: [Seat(9)].into(), complete: true });
    house.hear(Event::QueryWrong { op: old, at: 0, expected: "nothing".into() });
    assert_eq!(house.state.results.seats[..], [Seat(3), Seat(2)]);
    assert_eq!((house.state.results.query.as_str(), &house.state.results.wrong), ("ab", &None));
}

#[test]
fn a_first_page_does_not_take_away_what_is_shown() {
    let mut house = House::default();
    house.found("", &[5, 4, 3, 2, 1]);
    let (_, commands) = house.hear(Event::Changed { seats: None, order: true });
    let op = search_op(&commands);
    house.hear(Event::Results { op, seats: [Seat(6), Seat(5)].into(), complete: false });
    assert_eq!(house.state.results.seats.len(), 5);
    house.hear(Event::Results { op, seats: [Seat(6), Seat(5)].into(), complete: true });
    assert_eq!(house.state.results.seats.len(), 2);
}

#[test]
fn changes_while_a_search_runs_make_one_more_and_not_many() {
    let mut house = House::default();
    house.found("", &[1]);
    let (_, first) = house.hear(Event::Changed { seats: None, order: true });
    let op = search_op(&first);
    for _ in 0..5 {
        let (_, more) = house.hear(Event::Changed { seats: None, order: true });
        assert!(!more.iter().any(|command| matches!(command, Command::Search { .. })));
    }
    let (_, after) = house.hear(Event::Results { op, seats: [Seat(1)].into(), complete: true });
    assert_ne!(search_op(&after), op);
}

#[test]
fn an_edit_searches_again_only_where_it_can_matter() {
    let mut house = House::default();
    house.found("", &[1]);
    let edited = || Event::Changed { seats: Some([Seat(1)].into()), order: false };
    let searches = |commands: Vec<Command>| commands.iter().any(|command| matches!(command, Command::Search { .. }));
    assert!(!searches(house.hear(edited()).1));
    house.found("rating:3", &[1]);
    assert!(searches(house.hear(edited()).1));
}

#[test]
fn cards_then_thumbnails_in_the_order_of_the_screen() {
    let mut house = House::default();
    house.found("", &[9, 8, 7, 6, 5, 4]);
    let commands = house.act(Action::Visible { visible: 2..4, near: 0..6, arriving: 0..0 });
    assert!(
        matches!(&commands[0], Command::Cards { seats, .. } if seats[..] == [7, 6, 9, 8, 5, 4].map(Seat)),
        "{commands:?}"
    );
    let (_, commands) = house.hear(Event::Cards(vec![card(9), card(7), card(6)]));
    let [Command::Thumbs { wishes }] = &commands[..] else { panic!("{commands:?}") };
    let seats: Vec<_> = wishes.iter().filter_map(|wish| wish.seat).collect();
    assert_eq!(seats, [7, 6, 9].map(Seat));
    let (_, commands) = house.hear(Event::Cards(Vec::new()));
    assert!(commands.is_empty(), "the same wishes are not sent twice");
}

#[test]
fn arriving_files_are_wished_for_until_they_have_arrived() {
    let mut house = House::default();
    let path = Arc::new(PathBuf::from("/card/IMG_1.jpg"));
    let files = vec![Arrival { path: path.clone(), name: "IMG_1.jpg".into() }];
    house.act(Action::Visible { visible: 0..0, near: 0..0, arriving: 0..8 });
    let (_, commands) = house.hear(Event::Arriving { op: OpId(1), files });
    assert!(matches!(&commands[..], [Command::Thumbs { wishes }] if wishes[0].key == ThumbKey::File(path.clone())));
    house.hear(Event::Arrived { op: OpId(1), files: vec![path] });
    assert!(house.state.arriving.is_empty());
}

#[test]
fn the_loupe_gets_its_neighbours_one_after_the_other() {
    let mut house = House::default();
    let ahead = vec![Seat(2), Seat(4)];
    let commands = house.act(Action::ShowPicture { seat: Seat(3), long_edge_px: Some(1024), proof: None, ahead });
    let [Command::Picture { op, seat: Seat(3), .. }] = commands[..] else { panic!("{commands:?}") };
    let failed = |op, seat| Event::Picture { op, seat, long_edge_px: Some(1024), picture: Err("no".into()) };
    let (_, commands) = house.hear(failed(op, Seat(3)));
    let [Command::Picture { op, seat: Seat(2), .. }] = commands[..] else { panic!("{commands:?}") };
    let (_, commands) = house.hear(failed(op, Seat(2)));
    assert!(matches!(commands[..], [Command::Picture { seat: Seat(4), .. }]), "{commands:?}");
    house.act(Action::ClosePicture);
    assert!(house.hear(failed(op, Seat(4))).1.is_empty());
}

#[test]
fn operations_start_run_stop_and_end() {
    let mut house = House::default();
    let op = OpId(7);
    house.hear(Event::Started { op, kind: OpKind::Import, title: "Import of 2 folders".into() });
    let progress = Progress { done: 5, ..Progress::new(OpKind::Import) };
    house.state.progress(vec![(op, progress.clone())]);
    assert_eq!(house.state.activities[0].state, ActivityState::Running(progress.clone()));
    let commands = house.act(Action::Cancel(op));
    assert!(matches!(commands[..], [Command::Cancel { op: OpId(7) }]));
    assert_eq!(house.state.activities[0].state, ActivityState::Stopping(progress));
    let report = ImportReport { files: 3, added: 2, ..ImportReport::default() };
    house.hear(Event::Finished { op, outcome: Ok(OpReport::Import(report)) });
    assert!(matches!(house.state.activities[0].state, ActivityState::Ended(Ok(_))));
    assert_eq!(house.state.toasts.0[0].text, "2 photos imported");
    house.act(Action::ClearFinished);
    assert!(house.state.activities.is_empty());
}

#[test]
fn gestures_can_be_undone_from_their_notice_and_errors_stay() {
    let mut house = House::default();
    let change = Change::Rating(Rating::new(3).expect("stars"));
    let commands = house.act(Action::Edit { seats: [Seat(1)].into(), change: change.clone() });
    assert!(matches!(&commands[..], [Command::Edit { change: sent, .. }] if *sent == change));
    house.hear(Event::Edited { text: "1 photo rated 3".into(), photos: 1, undoable: true });
    house.hear(Event::Edited { text: "nothing changed".into(), photos: 0, undoable: true });
    house.hear(Event::Notice(UserError::new(ErrorCode::DiskFull, "The disk is full")));
    let toasts = &house.state.toasts.0;
    assert_eq!(
        toasts.iter().map(|toast| (toast.undo, toast.error)).collect::<Vec<_>>(),
        [(true, false), (false, true)]
    );
}

#[test]
fn details_of_another_photo_are_not_shown() {
    let mut house = House::default();
    house.act(Action::ShowDetail(Seat(1)));
    house.act(Action::ShowDetail(Seat(2)));
    house.hear(Event::Detail { seat: Seat(1), detail: None });
    assert_eq!(house.state.detail, Loadable::Pending { previous: None });
    house.hear(Event::Detail { seat: Seat(2), detail: None });
    assert!(matches!(house.state.detail, Loadable::Failed { .. }));
}

#[test]
fn the_end_is_heard() {
    assert_eq!(House::default().hear(Event::Closed).0, Follow::Closed);
}

#[test]
fn another_time_is_another_search_and_nothing_known_is_taken_for_it() {
    let mut house = House::default();
    house.found("", &[3, 2, 1]);
    house.hear(Event::Cards(vec![card(3)]));
    let then = Scope::AsOf(Timestamp(7));
    let commands = house.act(Action::Keep(KeepAsk::Look(then)));
    let [Command::Search { op, scope, .. }] = commands[..] else { panic!("{commands:?}") };
    assert_eq!((scope, house.state.results.scope), (then, Scope::Library), "what is shown is still of now");
    assert!(house.state.model(0).is_elsewhere(), "but nothing can be changed from here on");
    house.hear(Event::Results { op, seats: [Seat(3)].into(), complete: true });
    assert_eq!(house.state.results.scope, then);
    let commands = house.act(Action::Visible { visible: 0..1, near: 0..1, arriving: 0..0 });
    assert!(
        matches!(&commands[0], Command::Cards { seats, scope } if seats[..] == [Seat(3)] && *scope == then),
        "asked again: {commands:?}"
    );
    // A change of the library, and another query, stay in that time.
    let (_, commands) = house.hear(Event::Changed { seats: None, order: true });
    assert!(commands.iter().any(|command| matches!(command, Command::Search { scope, .. } if *scope == then)));
    let commands = house.act(Action::Search("sea".into()));
    assert!(matches!(commands[..], [Command::Search { scope, .. }] if scope == then), "{commands:?}");
    house.act(Action::Keep(KeepAsk::Look(Scope::Library)));
    assert!(house.state.model(0).is_elsewhere(), "until the photos of now are there");
}

#[test]
fn late_answers_about_keeping_are_dropped() {
    let mut house = House::default();
    let weigh = |house: &mut House, seat| {
        let commands = house.act(Action::Keep(KeepAsk::Weigh([Seat(seat)].into())));
        let [Command::Weigh { op, .. }] = commands[..] else { panic!("{commands:?}") };
        op
    };
    let (old, new) = (weigh(&mut house, 1), weigh(&mut house, 2));
    let weight = |photos| Weight { photos, files: photos, bytes: 1 };
    house.hear(Event::Weighed { op: old, weight: weight(900) });
    assert_eq!(house.state.keeping.weight, Loadable::Pending { previous: None });
    house.hear(Event::Weighed { op: new, weight: weight(1) });
    assert_eq!(house.state.keeping.weight, Loadable::Ready(weight(1)));
    house.act(Action::Keep(KeepAsk::Items("a".into())));
    house.hear(Event::BatchItems { batch: "b".into(), items: Vec::new() });
    assert_eq!(house.state.keeping.items, Some(("a".into(), Loadable::Pending { previous: None })));
    house.hear(Event::BatchItems { batch: "a".into(), items: Vec::new() });
    assert_eq!(house.state.keeping.items, Some(("a".into(), Loadable::Ready(Vec::new()))));
    let commands = house.act(Action::Keep(KeepAsk::Offer));
    let [Command::ShareOffer { op }] = commands[..] else { panic!("{commands:?}") };
    let error = UserError::new(ErrorCode::NotFound, "There is no store for links").hint("Use a bucket.");
    house.hear(Event::ShareOffer { op, offer: Err(error) });
    let Loadable::Failed { error, .. } = &house.state.keeping.offer else { panic!("an error") };
    assert_eq!(error, "There is no store for links. Use a bucket.");
}

#[test]
fn a_link_and_a_card_are_followed_to_their_end() {
    let mut house = House::default();
    let share = ShareOrder { seats: [Seat(1)].into(), originals: false, lasts_s: 60 };
    let commands = house.act(Action::Keep(KeepAsk::Share(share)));
    let [Command::Share { op, .. }] = commands[..] else { panic!("{commands:?}") };
    house.hear(Event::Finished { op: OpId(900), outcome: Ok(OpReport::Share(ShareReport::default())) });
    assert_eq!(house.state.keeping.share, Task::Running(op), "that was another one");
    let report = ShareReport { url: "https://x.example".into(), photos: 1, ..ShareReport::default() };
    house.hear(Event::Finished { op, outcome: Ok(OpReport::Share(report.clone())) });
    assert_eq!(house.state.keeping.share, Task::Ended(Ok(report)));
    let order = IngestOrder { card: "/card".into(), to: "/to".into(), template: "{date}".into() };
    let commands = house.act(Action::Keep(KeepAsk::Ingest(order)));
    let [Command::Ingest { op, .. }] = commands[..] else { panic!("{commands:?}") };
    house.act(Action::Keep(KeepAsk::IngestRead));
    assert_eq!(house.state.keeping.ingest, Task::Running(op), "it goes on without its dialog");
    house.hear(Event::Batches(Vec::new()));
    let (_, commands) = house.hear(Event::Finished { op, outcome: Ok(OpReport::Ingest(IngestReport::default())) });
    assert!(matches!(commands[..], [Command::Batches]), "the list of batches is read again: {commands:?}");
    assert!(house.state.toasts.0.iter().any(|toast| toast.error && toast.text.contains("do not format")));
    house.act(Action::Keep(KeepAsk::IngestRead));
    assert_eq!(house.state.keeping.ingest, Task::None);
}

#[test]
fn a_card_that_was_waved_away_comes_back_only_when_it_is_put_in_again() {
    let mut house = House::default();
    let found = || vec![CardFound { dir: "/media/EOS".into(), name: "EOS".into() }];
    house.state.cards_found(found());
    assert_eq!(house.state.keeping.cards, found());
    house.act(Action::Keep(KeepAsk::WaveAway("/media/EOS".into())));
    house.state.cards_found(found());
    assert!(house.state.keeping.cards.is_empty());
    house.state.cards_found(Vec::new());
    house.state.cards_found(found());
    assert_eq!(house.state.keeping.cards, found());
}

#[test]
fn what_the_engine_did_not_take_is_not_waited_for() {
    let mut house = House::default();
    let error = UserError::new(ErrorCode::Busy, "Lightkeep is behind");
    for command in house.act(Action::Keep(KeepAsk::Batches)) {
        house.state.not_taken(&command, &error);
    }
    assert!(matches!(&house.state.keeping.batches, Loadable::Failed { error, .. } if error == "Lightkeep is behind"));
}

#[test]
fn pictures_of_versions_are_wished_for_before_the_grid() {
    let mut house = House::default();
    house.found("", &[9]);
    house.act(Action::Visible { visible: 0..1, near: 0..1, arriving: 0..0 });
    house.hear(Event::Cards(vec![card(9)]));
    let wish = ThumbWish { key: ThumbKey::Content(card(77).blake3), seat: None };
    let commands = house.act(Action::AlsoShown(vec![wish.clone()]));
    assert!(matches!(&commands[..], [Command::Thumbs { wishes }] if wishes[0] == wish && wishes.len() == 2));
    assert!(house.act(Action::AlsoShown(vec![wish])).is_empty(), "once");
}

#[test]
fn what_fails_of_printing_is_only_what_was_asked() {
    let mut house = House::default();
    let op = |commands: &[Command]| match commands {
        [Command::Printing { op, .. }] => *op,
        other => panic!("{other:?}"),
    };
    let desk = op(&house.act(Action::Printing(PrintAsk::Desk)));
    let printers = op(&house.act(Action::Printing(PrintAsk::Printers)));
    let away = || Err(UserError::new(ErrorCode::Unavailable, "the print server does not answer"));
    house.hear(Event::Printing { op: printers, answer: away() });
    let printing = &house.state.printing;
    assert!(matches!(printing.printers, Loadable::Failed { .. }) && printing.problem.is_none());
    assert!(matches!(printing.desk, Loadable::Pending { .. }), "the desk is still on its way");
    let answer = Ok(PrintAnswer::Desk(Box::default(), [Seat(1)].into()));
    house.hear(Event::Printing { op: desk, answer });
    assert!(matches!(&house.state.printing.desk, Loadable::Ready((_, seats)) if seats[..] == [Seat(1)]));
    let keep = op(&house.act(Action::Printing(PrintAsk::Forget("Proofs".into()))));
    house.hear(Event::Printing { op: keep, answer: away() });
    assert_eq!(house.state.printing.problem.as_deref(), Some("the print server does not answer"));
    house.act(Action::Printing(PrintAsk::Printers));
    assert!(house.state.printing.problem.is_some(), "what goes on by itself takes no news away");
}

#[test]
fn a_print_says_what_and_where() {
    let mut house = House::default();
    let job = crate::domain::printers::Job {
        printer: "Photo".into(),
        number: 12,
        name: "Lightkeep".into(),
        state: crate::domain::printers::JobState::Waiting,
        reasons: Vec::new(),
        sheets_done: None,
        created_ms: None,
    };
    let to_printer = PrintReport { pages: 3, photos: 3, job: Some(job), ..PrintReport::default() };
    let to_file = PrintReport { pages: 1, photos: 1, file: "/p/sheet.pdf".into(), ..PrintReport::default() };
    for (op, report) in [(1, to_printer), (2, to_file)] {
        house.hear(Event::Finished { op: OpId(op), outcome: Ok(OpReport::Print(report)) });
    }
    let toasts: Vec<_> = house.state.toasts.0.iter().map(|toast| toast.text.as_str()).collect();
    assert!(toasts.contains(&"3 pages sent to Photo, job 12"), "{toasts:?}");
    assert!(toasts.contains(&"1 page written: sheet.pdf"), "{toasts:?}");
}
