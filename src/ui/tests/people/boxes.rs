//! Boxes on a photo: shown, named, drawn with the pointer and with keys.

use super::*;

/// The loupe on the first photo, with boxes.
pub(super) fn boxes(faces: impl FnOnce(Seat) -> Vec<Face>) -> Harness<'static, World> {
    let mut world = World::of(6);
    let seat = world.seat(0);
    world.people.photo = Some((seat, Loadable::Ready(faces(seat).into())));
    world.people.list = Loadable::Ready([person("Anna", 30, 14)].into());
    let mut harness = open(world);
    harness.ctx.set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    press(&mut harness, NONE, Key::Home);
    press(&mut harness, NONE, Key::E);
    press(&mut harness, NONE, Key::F);
    harness
}

#[test]
fn a_face_in_the_loupe_is_named_accepted_and_refused() {
    let suggested = FaceState::Suggested { name: "Anna".into(), similarity: 91.0 };
    let mut harness = boxes(|seat| vec![face(seat, 0, FaceState::Unknown), face(seat, 3000, suggested)]);
    let seat = harness.state().seat(0);
    let photo = ask(PeopleAsk::Faces { of: FacesOf::Photo(seat), after: None, limit: 300 });
    assert!(harness.state().actions.contains(&Action::People(photo)), "the faces of the photo are asked for");
    click(&mut harness, "Face without a name");
    type_in(&mut harness, "ann");
    press(&mut harness, NONE, Key::ArrowDown);
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    let id = |at| FaceId { seat, spot: spot(at) };
    assert_eq!(done, [ask(PeopleAsk::Name { faces: vec![id(0)], name: "Anna".into() })]);
    click(&mut harness, "Is this Anna?");
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(done, [ask(PeopleAsk::Accept { faces: vec![id(3000)] })]);
    click(&mut harness, "Is this Anna?");
    let done = people(&mut harness, |harness| click(harness, "Not Anna"));
    assert_eq!(done, [ask(PeopleAsk::Reject { faces: vec![id(3000)] })]);
    click(&mut harness, "Face without a name");
    press(&mut harness, NONE, Key::Escape);
    assert!(!says(&harness, "Who is this?"), "Esc leaves the little window first");
    harness.get_by_label("Back");
}

#[test]
fn a_box_is_drawn_by_hand_with_the_mouse() {
    let mut harness = boxes(|_| Vec::new());
    let seat = harness.state().seat(0);
    press(&mut harness, NONE, Key::N);
    let photo = harness.get_by_label("IMG_0001.jpg, 1 of 6").rect();
    drag(&mut harness, photo.center() - vec2(60.0, 60.0), photo.center() + vec2(60.0, 60.0));
    assert!(says(&harness, "Who is this?"));
    type_in(&mut harness, "王芳");
    let done = people(&mut harness, |harness| press(harness, NONE, Key::Enter));
    let [PeopleDo::Ask(PeopleAsk::Draw { seat: of, spot, name })] = &done[..] else { panic!("{done:?}") };
    assert_eq!((*of, name.as_deref()), (seat, Some("王芳")));
    let middle = (spot.left + spot.width / 2, spot.top + spot.height / 2);
    assert!(middle.0.abs_diff(5000) < 30 && middle.1.abs_diff(5000) < 30, "{spot}");
    press(&mut harness, NONE, Key::N);
    let at = harness.get_by_label("IMG_0001.jpg, 1 of 6").rect().center();
    let done = people(&mut harness, |harness| point(harness, at, NONE));
    assert_eq!(done, []);
    assert!(!says(&harness, "Who is this?"), "a click is no box");
}

#[test]
fn a_box_is_drawn_with_the_keyboard_on_a_turned_photo() {
    let mut harness = boxes(|_| Vec::new());
    let seat = harness.state().seat(0);
    harness.state_mut().cards.known.get_mut(&seat).expect("a card").quarter_turns = 1;
    press(&mut harness, NONE, Key::N);
    press(&mut harness, NONE, Key::ArrowLeft);
    let done = people(&mut harness, |harness| {
        for _ in 0..12 {
            press(harness, NONE, Key::ArrowUp);
        }
        press(harness, Modifiers::SHIFT, Key::ArrowRight);
        press(harness, NONE, Key::Enter);
        type_in(harness, "Anna");
        press(harness, NONE, Key::Enter);
    });
    let [PeopleDo::Ask(PeopleAsk::Draw { spot, .. })] = &done[..] else { panic!("{done:?}") };
    let shown = spot.turned(1);
    assert!(shown.top < 4000 && shown.top + shown.height < 5000, "it was moved up on the screen: {shown}");
    assert!(spot.left < 4000, "which is to the left in the file: {spot}");
}

#[test]
fn a_box_drawn_by_hand_can_be_deleted_and_one_that_was_found_is_marked() {
    let hand = |seat| Face { source: FaceSource::Hand, ..face(seat, 0, FaceState::Accepted { name: "Anna".into() }) };
    let mut harness = boxes(|seat| vec![hand(seat)]);
    let id = hand(harness.state().seat(0)).id;
    click(&mut harness, "Face of Anna");
    let done = people(&mut harness, |harness| click(harness, "Delete the box"));
    assert_eq!(done, [ask(PeopleAsk::Erase { face: id })]);
    let mut harness = boxes(|seat| vec![face(seat, 0, FaceState::Unknown)]);
    click(&mut harness, "Face without a name");
    assert!(harness.query_by_label("Delete the box").is_none());
    let done = people(&mut harness, |harness| click(harness, "Not a face"));
    assert_eq!(done, [ask(PeopleAsk::Mark { faces: vec![id], mark: FaceMark::NotAFace })]);
}

#[test]
fn letters_are_dead_while_a_face_is_named() {
    let mut harness = boxes(|seat| vec![face(seat, 0, FaceState::Unknown)]);
    let actions = asked(&mut harness, |harness| {
        press(harness, NONE, Key::N);
        for key in [Key::P, Key::X, Key::Num5, Key::T] {
            press(harness, NONE, key);
        }
    });
    assert!(!actions.iter().any(|action| matches!(action, Action::Edit { .. })), "{actions:?}");
    press(&mut harness, NONE, Key::Escape);
    harness.get_by_label("Back");
    assert!(!says(&harness, "Drag a box"));
}

#[test]
fn the_inspector_names_who_is_there_and_asks_who_it_may_be() {
    let mut world = World::of(6);
    let seat = world.seat(0);
    let suggested = FaceState::Suggested { name: "Bob".into(), similarity: 91.0 };
    let faces = vec![
        face(seat, 0, FaceState::Accepted { name: "Anna".into() }),
        face(seat, 3000, suggested),
        face(seat, 4000, FaceState::Unknown),
    ];
    world.people.photo = Some((seat, Loadable::Ready(faces.into())));
    world.detail = Loadable::Ready(crate::ui::tests::fake::detail(&world.cards.known[&seat]));
    let mut harness = open(world);
    press(&mut harness, NONE, Key::Home);
    assert!(says(&harness, "1 face without a name"));
    let done = people(&mut harness, |harness| click(harness, "Yes, this is Bob"));
    let id = |at| FaceId { seat, spot: spot(at) };
    assert_eq!(done, [ask(PeopleAsk::Accept { faces: vec![id(3000)] })]);
    let done = people(&mut harness, |harness| click(harness, "No, this is not Bob"));
    assert_eq!(done, [ask(PeopleAsk::Reject { faces: vec![id(3000)] })]);
    let actions = asked(&mut harness, |harness| click(harness, "Anna"));
    assert_eq!(searches(&actions), ["person:\"Anna\""]);
}

#[test]
fn a_narrow_window_with_large_text_and_hostile_names_keeps_everything_in_reach() {
    for (size, scale) in [(vec2(800.0, 600.0), 1.0), (vec2(800.0, 900.0), 2.0), (vec2(420.0, 500.0), 1.0)] {
        let mut world = World::of(6);
        world.people.state = Loadable::Ready(Box::new(state()));
        let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(20);
        world.people.list =
            Loadable::Ready([person(&long, 30, 14), person("\u{202e}evil\n", 6, 0), person("أحمد", 4, 0)].into());
        let mut harness = Harness::builder()
            .with_size(size)
            .allow_missing_glyphs()
            .with_context_setup(crate::ui::theme::install)
            .build_ui_state(|ui, world: &mut World| world.frame(ui), world);
        harness.ctx.set_zoom_factor(scale);
        harness.run_steps(3);
        press(&mut harness, NONE, Key::O);
        harness.run_steps(3);
        let window = harness.ctx.content_rect();
        for label in ["To check 14", "No name 6", "Hidden 2", "Delete all face data…", "Look for faces…"] {
            let node = harness.query_all_by(|node| node.label().as_deref() == Some(label)).next();
            let rect = node.unwrap_or_else(|| panic!("{label} is missing at {size:?}")).rect();
            // Rectangles are in pixels of the harness, which is one a point.
            assert!(
                rect.right() / scale <= window.right() + 1.0 || rect.right() <= size.x + 1.0,
                "{label}: {rect:?} in {window:?}"
            );
        }
        assert!(says(&harness, "?evil?, 6 faces"), "marks that turn letters round are shown");
        let at = pos2(1.0, 1.0);
        harness.event(Event::PointerMoved(at));
        harness.run_steps(1);
    }
}
