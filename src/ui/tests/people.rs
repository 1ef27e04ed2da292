//! People by role and label: the page and its tiles, what is checked, named, merged, hidden and deleted, the boxes on
//! a photo, and the consent without which nothing is sent.

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, MissingGlyphPolicy, Modifiers, PointerButton, Pos2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::fake::{World, asked, open, press};
use crate::domain::labels::Asked;
use crate::domain::people::{Face, FaceBox, FaceId, FaceMark, FaceSource, FaceState, Person};
use crate::domain::spend::{Images, RunEstimate, Spent};
use crate::domain::{ContentHash, Seat};
use crate::protocol::{FacesOf, ForgetReport, LookOrder, OpId, PeopleAsk, PeopleState};
use crate::ui::{Action, FaceList, Loadable, PeopleDo, Task};

mod boxes;

use boxes::boxes;

const NONE: Modifiers = Modifiers::NONE;

fn spot(at: u16) -> FaceBox {
    FaceBox { left: 1000 + at % 5000, top: 2000, width: 1000, height: 1500 }
}

fn face(seat: Seat, at: u16, state: FaceState) -> Face {
    let mut hash = ContentHash([3; 32]);
    hash.0[..2].copy_from_slice(&at.to_le_bytes());
    Face { id: FaceId { seat, spot: spot(at) }, content: hash, quarter_turns: 0, source: FaceSource::Device, state }
}

fn person(name: &str, faces: u64, suggestions: u64) -> Person {
    Person { name: name.into(), faces, suggestions, hidden: false, cover: Some(face(Seat(9), 1, FaceState::Unknown)) }
}

fn state() -> PeopleState {
    let mut images = Images::default();
    (0..120).for_each(|_| images.add(Asked::PEOPLE));
    PeopleState {
        consent: false,
        aws_problem: None,
        people: 3,
        named: 40,
        suggested: 14,
        unknown: 6,
        hidden: 2,
        at_aws: 38,
        collection: Some("lightkeep-ada".into()),
        aws: RunEstimate {
            images,
            micro_usd: 120_000,
            words: "120 photos × faces ≈ $0.12".into(),
            note: "An estimate.".into(),
        },
        device_photos: 7,
        spent: Spent::default(),
        cap_micro_usd: 10_000_000,
        deleting: false,
    }
}

/// A library with people, of which the page is open.
fn page() -> Harness<'static, World> {
    let mut world = World::of(60);
    world.people.state = Loadable::Ready(Box::new(state()));
    world.people.list =
        Loadable::Ready([person("Anna", 30, 14), person("王芳", 6, 0), person("أحمد الطويل", 4, 0)].into());
    shown(world)
}

fn shown(world: World) -> Harness<'static, World> {
    let mut harness = open(world);
    // The fonts of the test have no Chinese and no Arabic letters; those of the desktop do.
    harness.ctx.set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    press(&mut harness, NONE, Key::O);
    harness.run_steps(2);
    let unnamed = harness.unnamed_widgets();
    assert!(unnamed.is_empty(), "controls without a name: {unnamed:?}");
    harness
}

/// Puts these faces where the page asks for them.
fn put(harness: &mut Harness<'_, World>, of: FacesOf, faces: Vec<Face>) {
    let total = faces.len() as u64;
    let list = FaceList { of, faces, total, pending: false, answered: true, revision: 1 };
    harness.state_mut().people.faces = Some(list);
    harness.run_steps(3);
}

fn to_check(harness: &mut Harness<'_, World>, count: u16) -> Vec<FaceId> {
    let seat = harness.state().seat(0);
    let state = FaceState::Suggested { name: "Anna".into(), similarity: 97.0 };
    let faces: Vec<Face> = (0..count).map(|at| face(seat, at, state.clone())).collect();
    let ids = faces.iter().map(|face| face.id).collect();
    put(harness, FacesOf::Suggested(Some("Anna".into())), faces);
    ids
}

/// What was asked about people by a gesture.
fn people(harness: &mut Harness<'_, World>, gesture: impl FnOnce(&mut Harness<'_, World>)) -> Vec<PeopleDo> {
    let actions = asked(harness, gesture);
    let of = |action: Action| if let Action::People(what) = action { Some(what) } else { None };
    actions.into_iter().filter_map(of).collect()
}

fn ask(ask: PeopleAsk) -> PeopleDo {
    PeopleDo::Ask(ask)
}

fn says(harness: &Harness<'_, World>, words: &str) -> bool {
    let fits = |text: Option<String>| text.is_some_and(|text| text.contains(words));
    harness.query_all_by(|node| fits(node.label()) || fits(node.value())).next().is_some()
}

fn click(harness: &mut Harness<'_, World>, label: &str) {
    let node = harness
        .query_all_by(|node| node.label().as_deref() == Some(label) && node.role() != Role::Label)
        .next()
        .unwrap_or_else(|| panic!("no control named {label:?}"));
    node.click();
    harness.run_steps(3);
}

fn middle(harness: &Harness<'_, World>, label: &str) -> Pos2 {
    let node = harness.query_all_by(|node| node.label().is_some_and(|text| text.starts_with(label))).last();
    node.unwrap_or_else(|| panic!("nothing named {label:?}")).rect().center()
}

fn button(harness: &mut Harness<'_, World>, at: Pos2, pressed: bool, modifiers: Modifiers) {
    harness.event(Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers });
    harness.run_steps(1);
}

fn point(harness: &mut Harness<'_, World>, at: Pos2, modifiers: Modifiers) {
    harness.event(Event::PointerMoved(at));
    harness.event(Event::ModifiersChanged(modifiers));
    harness.run_steps(1);
    button(harness, at, true, modifiers);
    button(harness, at, false, modifiers);
    harness.event(Event::ModifiersChanged(NONE));
    harness.run_steps(2);
}

fn drag(harness: &mut Harness<'_, World>, from: Pos2, to: Pos2) {
    harness.event(Event::PointerMoved(from));
    harness.run_steps(1);
    button(harness, from, true, NONE);
    for step in 1..=5 {
        harness.event(Event::PointerMoved(from + (to - from) * (step as f32 / 5.0)));
        harness.run_steps(1);
    }
    button(harness, to, false, NONE);
    harness.run_steps(3);
}

fn type_in(harness: &mut Harness<'_, World>, text: &str) {
    harness.event(Event::Text(text.into()));
    harness.run_steps(2);
}

fn searches(actions: &[Action]) -> Vec<&str> {
    actions.iter().filter_map(|action| if let Action::Search(text) = action { Some(&**text) } else { None }).collect()
}

#[test]
fn the_page_asks_once_and_shows_everybody() {
    let mut harness = page();
    let questions = |harness: &Harness<'_, World>, wanted: PeopleAsk| {
        harness.state().actions.iter().filter(|action| **action == Action::People(ask(wanted.clone()))).count()
    };
    assert_eq!((questions(&harness, PeopleAsk::State), questions(&harness, PeopleAsk::List)), (1, 1));
    harness.get_by_role_and_label(Role::ListBoxOption, "Anna, 30 faces");
    harness.get_by_role_and_label(Role::ListBoxOption, "王芳, 6 faces");
    harness.get_by_role_and_label(Role::ListBoxOption, "أحمد الطويل, 4 faces");
    assert!(says(&harness, "To check 14") && says(&harness, "No name 6") && says(&harness, "Hidden 2"));
    press(&mut harness, NONE, Key::Escape);
    assert!(harness.query_by_label("To check 14").is_none(), "Esc leaves the page");
    harness.get_by_label("IMG_0001.jpg, 1 of 60");
}

#[test]
fn a_click_and_enter_show_the_photos_of_a_person() {
    let mut harness = page();
    let at = middle(&harness, "王芳");
    let actions = asked(&mut harness, |harness| point(harness, at, NONE));
    assert_eq!(searches(&actions), ["person:\"王芳\""]);
    assert!(harness.query_by_label("To check 14").is_none(), "the photos are shown");
    let mut harness = page();
    press(&mut harness, NONE, Key::ArrowRight);
    let actions = asked(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(searches(&actions), ["person:\"王芳\""]);
}

#[test]
fn photos_are_not_rated_behind_the_page() {
    let mut harness = page();
    let actions = asked(&mut harness, |harness| {
        for key in [Key::P, Key::X, Key::Num5, Key::Delete, Key::E] {
            press(harness, NONE, key);
        }
    });
    assert!(!actions.iter().any(|action| matches!(action, Action::Edit { .. })), "{actions:?}");
    assert!(says(&harness, "To check 14"));
}

#[test]
fn people_are_merged_by_key_and_by_dragging_after_a_question() {
    let merge = |people: &[&str], into: &str| {
        let people = people.iter().map(|name| (*name).to_owned()).collect();
        ask(PeopleAsk::Merge { people, into: into.into() })
    };
    let mut harness = page();
    for name in ["Anna", "王芳"] {
        let at = middle(&harness, name);
        point(&mut harness, at, Modifiers::COMMAND);
    }
    assert!(says(&harness, "2 people selected"));
    press(&mut harness, NONE, Key::M);
    assert!(says(&harness, "Are Anna and 王芳 one person?"));
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(done, [merge(&["王芳"], "Anna")], "the one with the most faces stays");
    let (from, onto) = (middle(&harness, "Anna"), middle(&harness, "أحمد"));
    press(&mut harness, NONE, Key::Escape);
    let nothing = people(&mut harness, |harness| drag(harness, from, onto));
    assert_eq!(nothing, [], "a slip of the hand merges nobody");
    assert!(says(&harness, "one person?"));
    let done = people(&mut harness, |harness| click(harness, "Merge"));
    assert_eq!(done, [merge(&["Anna"], "أحمد الطويل")], "the one it was dropped on stays");
    drag(&mut harness, from, onto);
    let done = people(&mut harness, |harness| click(harness, "Cancel"));
    assert_eq!(done, []);
}

#[test]
fn a_person_is_renamed_and_hidden_with_keys() {
    let mut harness = page();
    press(&mut harness, NONE, Key::F2);
    assert!(says(&harness, "Rename Anna"));
    type_in(&mut harness, "Anna Larsen");
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(done, [ask(PeopleAsk::Rename { from: "Anna".into(), to: "Anna Larsen".into() })]);
    let done = people(&mut harness, |harness| press(harness, NONE, Key::H));
    assert_eq!(done, [ask(PeopleAsk::HidePerson { name: "Anna".into(), hidden: true })]);
}

#[test]
fn hidden_people_are_shown_when_asked_for() {
    let mut world = World::of(6);
    world.people.state = Loadable::Ready(Box::new(state()));
    let hidden = Person { hidden: true, ..person("Bob", 5, 0) };
    world.people.list = Loadable::Ready([person("Anna", 30, 0), hidden].into());
    let mut harness = shown(world);
    assert!(!says(&harness, "Bob"));
    click(&mut harness, "Show hidden");
    harness.get_by_role_and_label(Role::ListBoxOption, "Bob, 5 faces, hidden");
    press(&mut harness, NONE, Key::End);
    let done = people(&mut harness, |harness| click(harness, "Show again"));
    assert_eq!(done, [ask(PeopleAsk::HidePerson { name: "Bob".into(), hidden: false })]);
}

#[test]
fn suggestions_are_accepted_and_refused_one_by_one_and_all_at_once() {
    let mut harness = page();
    let questions = people(&mut harness, |harness| click(harness, "To check 14"));
    let of = FacesOf::Suggested(Some("Anna".into()));
    assert_eq!(questions.first(), Some(&ask(PeopleAsk::Faces { of, after: None, limit: crate::ui::PAGE })));
    let faces = to_check(&mut harness, 3);
    assert!(says(&harness, "Is this Anna?"));
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(done, [ask(PeopleAsk::Accept { faces: vec![faces[0]] })]);
    press(&mut harness, NONE, Key::ArrowRight);
    let done = people(&mut harness, |harness| press(harness, NONE, Key::X));
    assert_eq!(done, [ask(PeopleAsk::Reject { faces: vec![faces[1]] })]);
    press(&mut harness, Modifiers::COMMAND, Key::A);
    let done = people(&mut harness, |harness| press(harness, NONE, Key::X));
    assert_eq!(done, [ask(PeopleAsk::Reject { faces: faces.clone() })]);
    let done = people(&mut harness, |harness| click(harness, "Yes, all 3"));
    assert_eq!(done, [ask(PeopleAsk::Accept { faces: faces.clone() })]);
    let done = people(&mut harness, |harness| click(harness, "No, this is not Anna"));
    assert_eq!(done, [ask(PeopleAsk::Reject { faces: vec![faces[0]] })]);
}

#[test]
fn several_faces_get_a_name_that_is_completed() {
    let mut harness = page();
    click(&mut harness, "No name 6");
    let seat = harness.state().seat(0);
    let faces: Vec<Face> = (0..4).map(|at| face(seat, at, FaceState::Unknown)).collect();
    let ids: Vec<FaceId> = faces.iter().map(|face| face.id).collect();
    put(&mut harness, FacesOf::Unknown, faces);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    assert!(says(&harness, "2 faces selected"));
    press(&mut harness, NONE, Key::Enter);
    type_in(&mut harness, "an");
    press(&mut harness, NONE, Key::ArrowDown);
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(done, [ask(PeopleAsk::Name { faces: ids[..2].to_vec(), name: "Anna".into() })]);
    let done = people(&mut harness, |harness| click(harness, "Not a face"));
    let mark = FaceMark::NotAFace;
    assert_eq!(done, [ask(PeopleAsk::Mark { faces: vec![ids[1]], mark })]);
}

#[test]
fn a_name_begins_with_what_is_typed_over_the_faces() {
    let mut harness = page();
    click(&mut harness, "No name 6");
    let seat = harness.state().seat(0);
    let faces: Vec<Face> = (0..4).map(|at| face(seat, at, FaceState::Unknown)).collect();
    let first = faces[0].id;
    put(&mut harness, FacesOf::Unknown, faces);
    // Letters that are keys elsewhere.
    let done = people(&mut harness, |harness| {
        for letter in ["H", "e", "n"] {
            type_in(harness, letter);
        }
        press(harness, NONE, Key::Enter);
    });
    assert_eq!(done, [ask(PeopleAsk::Name { faces: vec![first], name: "Hen".into() })]);
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Delete));
    assert_eq!(done, [ask(PeopleAsk::Mark { faces: vec![first], mark: FaceMark::Hidden })]);
}

#[test]
fn where_nobody_has_a_name_the_page_opens_with_the_faces() {
    let mut harness = page();
    let Loadable::Ready(state) = &mut harness.state_mut().people.state else { panic!("no state") };
    (state.people, state.suggested) = (0, 0);
    harness.run_steps(2);
    assert!(
        harness.state().actions.iter().any(|action| matches!(
            action,
            Action::People(PeopleDo::Ask(PeopleAsk::Faces { of: FacesOf::Unknown, .. }))
        ))
    );
    click(&mut harness, "Named 0");
    harness.run_steps(2);
    assert!(says(&harness, "No name 6"), "and stays where a person went");
}

#[test]
fn letters_that_come_in_one_frame_with_enter_are_part_of_the_name() {
    let mut harness = boxes(|seat| vec![face(seat, 0, FaceState::Unknown)]);
    click(&mut harness, "Face without a name");
    let done = people(&mut harness, |harness| {
        let key = |pressed| Event::Key { key: Key::Enter, physical_key: None, pressed, repeat: false, modifiers: NONE };
        harness.input_mut().events.extend([Event::Text("Ber".into()), Event::Text("ta".into()), key(true), key(false)]);
        harness.run_steps(4);
    });
    let [PeopleDo::Ask(PeopleAsk::Name { name, .. })] = &done[..] else { panic!("{done:?}") };
    assert_eq!(name, "Berta");
}

#[test]
fn faces_of_a_person_are_split_off_with_another_name() {
    let mut harness = page();
    press(&mut harness, NONE, Key::F);
    let seat = harness.state().seat(0);
    let known = |at| face(seat, at, FaceState::Accepted { name: "Anna".into() });
    put(&mut harness, FacesOf::Person("Anna".into()), (0..3).map(known).collect());
    press(&mut harness, NONE, Key::Space);
    press(&mut harness, NONE, Key::N);
    type_in(&mut harness, "Berta");
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(done, [ask(PeopleAsk::Name { faces: vec![known(0).id], name: "Berta".into() })]);
    press(&mut harness, NONE, Key::Escape);
    harness.get_by_role_and_label(Role::ListBoxOption, "Anna, 30 faces");
}

#[test]
fn ten_thousand_faces_cost_what_is_seen_and_come_in_pages() {
    let mut harness = page();
    click(&mut harness, "No name 6");
    let seat = harness.state().seat(0);
    let faces: Vec<Face> = (0..10_000).map(|at| face(Seat(seat.0 - i64::from(at)), at, FaceState::Unknown)).collect();
    let last = faces.last().expect("faces").id;
    let list = FaceList { of: FacesOf::Unknown, faces, total: 12_000, pending: false, answered: true, revision: 1 };
    harness.state_mut().people.faces = Some(list);
    harness.run_steps(3);
    let tiles = harness.query_all_by_role(Role::ListBoxOption).count();
    assert!((10..300).contains(&tiles), "{tiles} tiles are described");
    let wishes = harness.state().actions.iter().rev().find_map(|action| match action {
        Action::AlsoShown(wishes) => Some(wishes.len()),
        _ => None,
    });
    assert!((10..300).contains(&wishes.expect("thumbnails")), "{wishes:?} thumbnails are wanted");
    let done = people(&mut harness, |harness| press(harness, NONE, Key::End));
    let next = ask(PeopleAsk::Faces { of: FacesOf::Unknown, after: Some(last), limit: crate::ui::PAGE });
    assert!(done.contains(&next), "{done:?}");
}

#[test]
fn nothing_is_sent_before_somebody_agreed() {
    let mut world = World::of(6);
    let empty = PeopleState {
        people: 0,
        named: 0,
        suggested: 0,
        unknown: 0,
        hidden: 0,
        at_aws: 0,
        collection: None,
        ..state()
    };
    world.people.state = Loadable::Ready(Box::new(empty.clone()));
    world.people.list = Loadable::Ready([].into());
    let mut harness = shown(world);
    assert!(says(&harness, "Nobody has looked for faces yet"));
    let done = people(&mut harness, |harness| click(harness, "Look for faces"));
    let order = LookOrder { on_device: true, ..LookOrder::default() };
    assert_eq!(done, [PeopleDo::Look(order)], "this computer, unless somebody says otherwise");
    let done = people(&mut harness, |harness| {
        click(harness, "Amazon Rekognition");
        click(harness, "Look for faces");
    });
    assert_eq!(done, [], "without the consent nothing is asked");
    assert!(says(&harness, "biometric") && says(&harness, "120 photos × faces ≈ $0.12") && says(&harness, "$10"));
    let done = people(&mut harness, |harness| {
        click(harness, "Rekognition may look for faces in my photos and compare them");
    });
    assert_eq!(done, [ask(PeopleAsk::Consent(true))]);
    harness.state_mut().people.state = Loadable::Ready(Box::new(PeopleState { consent: true, ..empty.clone() }));
    harness.run_steps(2);
    let done = people(&mut harness, |harness| click(harness, "Look for faces"));
    assert_eq!(done, [PeopleDo::Look(LookOrder::default())]);
    let problem = Some("looking for people needs an AWS account".to_owned());
    harness.state_mut().people.state = Loadable::Ready(Box::new(PeopleState { aws_problem: problem, ..empty }));
    harness.run_steps(2);
    assert!(
        says(&harness, "Not now: looking for people needs an AWS account.") && says(&harness, "Without an AWS account")
    );
    let done = people(&mut harness, |harness| click(harness, "Look for faces"));
    assert_eq!(done, []);
}

#[test]
fn deleting_all_face_data_asks_once_and_shows_the_proof() {
    let mut harness = page();
    let done = people(&mut harness, |harness| click(harness, "Delete all face data…"));
    assert_eq!(done, []);
    assert!(says(&harness, "Here: 62 faces, and the names of 3 people."));
    assert!(says(&harness, "At AWS: 38 faces in the collection lightkeep-ada."));
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(done, [], "Enter deletes nothing");
    let done = people(&mut harness, |harness| click(harness, "Delete all face data"));
    assert_eq!(done, [PeopleDo::Forget]);
    harness.state_mut().people.forget = Task::Running(OpId(4));
    harness.run_steps(2);
    assert!(says(&harness, "Closing this window leaves it running"));
    let report = ForgetReport {
        stopped: Some("AWS cannot be reached".into()),
        proof: vec!["62 faces are deleted here".into()],
        ..ForgetReport::default()
    };
    harness.state_mut().people.forget = Task::Ended(Ok(report.clone()));
    harness.run_steps(2);
    assert!(says(&harness, "Face data is not all deleted") && says(&harness, "AWS cannot be reached"));
    let done = people(&mut harness, |harness| click(harness, "Go on deleting"));
    assert_eq!(done, [PeopleDo::Forget]);
    let proof = vec!["ListCollections shows no collection of ours".into()];
    harness.state_mut().people.forget = Task::Ended(Ok(ForgetReport { proved: true, stopped: None, proof, ..report }));
    harness.run_steps(2);
    assert!(
        says(&harness, "All face data is deleted") && says(&harness, "ListCollections shows no collection of ours")
    );
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(done, [PeopleDo::ForgetRead]);
}
