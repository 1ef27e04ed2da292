//! Looking for tags by role and label: the price is said before it is paid, and nothing is asked that cannot be.

use std::sync::Arc;

use eframe::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::tests::{Draw, Stage, asked, click, says, stage};
use super::tests_fake::*;
use super::*;
use crate::domain::Seat;
use crate::domain::labels::{Asked, TaggerKind};
use crate::domain::spend::{Images, RunEstimate, Spent};
use crate::domain::tagging::{Sureness, TagSettings};
use crate::protocol::{OpKind, TagOrder, TaggingState};
use crate::ui::{Action, KeepAsk, Keeping, Loadable};

const DRAW: Draw<TaggingScreen> = |screen, ui, context, actions| screen.show(ui.ctx(), context, actions);

fn state(problem: Option<&str>) -> TaggingState {
    let mut images = Images::default();
    (0..8140).for_each(|_| images.add(Asked::default()));
    TaggingState {
        settings: TagSettings::default(),
        aws_threshold: 75.0,
        device_threshold: 15.0,
        aws_sureness: Sureness::default(),
        device_sureness: sureness(),
        aws: RunEstimate {
            images,
            micro_usd: 8_140_000,
            words: "8,140 photos × labels ≈ $8.14".into(),
            note: "An estimate.".into(),
        },
        device_photos: 12,
        spent: Spent::default(),
        aws_problem: problem.map(str::to_owned),
    }
}

/// 30 tags of 20 to 40 %, 12 of 60 %, on 15 and 10 pictures.
fn sureness() -> Sureness {
    let mut sureness = Sureness::default();
    for (percent, tags, pictures) in [(20, 10, 5), (39, 20, 10), (60, 12, 10)] {
        sureness.add(percent, tags, pictures);
    }
    sureness
}

fn open(seats: Option<Arc<[Seat]>>, state: TaggingState) -> Harness<'static, Stage<TaggingScreen>> {
    let keeping = Keeping { tagging: Loadable::Ready(Box::new(state)), ..Keeping::default() };
    stage(Fake { keeping, ..Fake::default() }, TaggingScreen::new(seats), (800.0, 800.0), DRAW)
}

fn tags(with: TaggerKind, seats: Option<Arc<[Seat]>>) -> Action {
    Action::Keep(KeepAsk::Tag(TagOrder { seats, with: Some(with), ..TagOrder::default() }))
}

#[test]
fn this_computer_is_free_and_ready() {
    let mut harness = open(None, state(None));
    assert_eq!(asked(&harness), [Action::Keep(KeepAsk::Tagging(None))], "once");
    assert!(says(&harness, "Free, and nothing leaves this computer. 12 photos to look at."));
    click(&mut harness, "Look for tags");
    assert_eq!(asked(&harness), [tags(TaggerKind::Device, None)]);
    assert_eq!(harness.state().shown, Shown::Closed);
}

#[test]
fn the_price_and_what_is_sent_are_said_before_rekognition_looks() {
    let seats: Arc<[Seat]> = (0..2).map(seat).collect();
    let mut harness = open(Some(seats.clone()), state(None));
    assert!(says(&harness, "Look for tags in 2 photos"));
    assert!(says(&harness, "8,140 photos × labels ≈ $8.14"));
    asked(&harness);
    click(&mut harness, "Amazon Rekognition");
    assert!(says(&harness, "no place, no camera and no file name"));
    assert!(says(&harness, "opts out"));
    assert_eq!(asked(&harness), [], "a look at the price changes nothing");
    click(&mut harness, "Read text, too");
    let settings = TagSettings { text: true, ..TagSettings::default() };
    assert_eq!(
        asked(&harness),
        [Action::Keep(KeepAsk::SetTagging(settings)), Action::Keep(KeepAsk::Tagging(Some(seats.clone())))]
    );
    click(&mut harness, "Look for tags");
    assert_eq!(asked(&harness), [tags(TaggerKind::Aws, Some(seats))]);
}

#[test]
fn what_cannot_be_asked_says_why_and_what_runs_is_not_started_again() {
    let mut harness = open(None, state(Some("nobody is signed in")));
    asked(&harness);
    assert!(says(&harness, "Not now: nobody is signed in."));
    click(&mut harness, "Amazon Rekognition");
    click(&mut harness, "Look for tags");
    assert_eq!(asked(&harness), []);
    let mut harness = open(None, TaggingState { device_photos: 0, ..state(None) });
    asked(&harness);
    click(&mut harness, "Look for tags");
    assert_eq!(asked(&harness), [], "nothing is left");
    let mut harness = open(None, state(None));
    harness.state_mut().fake.activities = vec![running(4, OpKind::Tag, "Tagging", 1, 3)];
    harness.run_steps(2);
    asked(&harness);
    click(&mut harness, "Look for tags");
    assert_eq!(asked(&harness), []);
}

#[test]
fn the_threshold_says_what_it_leaves_before_it_is_let_go() {
    let mut harness = open(None, state(None));
    asked(&harness);
    assert!(says(&harness, "All 42 tags on 25 photos stay."));
    let slider = harness.get_by_role(Role::Slider);
    slider.focus();
    harness.run_steps(2);
    for _ in 0..6 {
        harness.key_press(eframe::egui::Key::ArrowRight);
        harness.run_steps(2);
    }
    assert!(says(&harness, "32 tags on 20 photos stay, 10 would go."), "at 21 %");
    click(&mut harness, "Amazon Rekognition");
    assert!(says(&harness, "It has not given any tag yet."));
}

#[test]
fn one_photo_is_not_all_of_them() {
    let seats: Arc<[Seat]> = [seat(1)].into();
    let harness = open(Some(seats), TaggingState { device_photos: 0, ..state(None) });
    assert!(says(&harness, "It has looked at this one."));
    let seats: Arc<[Seat]> = [seat(1), seat(2)].into();
    let harness = open(Some(seats), TaggingState { device_photos: 0, ..state(None) });
    assert!(says(&harness, "It has looked at all of them."));
}
