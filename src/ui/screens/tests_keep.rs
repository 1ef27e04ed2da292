//! Deleting, sharing, cards and versions by role and label: what is asked first, and what is said at the end.

use std::sync::Arc;

use eframe::egui::{self, Key, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::tests::{Draw, Stage, asked, click, says, stage};
use super::tests_fake::*;
use super::tests_stores::two_stores;
use super::*;
use crate::domain::keep::{CardFound, Weight};
use crate::domain::{Seat, StorageClass, Timestamp};
use crate::protocol::{
    ErrorCode, IngestOrder, IngestReport, OpId, OpKind, OpReport, ShareOrder, ShareReport, ThumbKey, UserError,
};
use crate::ui::{Action, KeepAsk, Keeping, Loadable, Task};

fn seats(n: u32) -> Arc<[Seat]> {
    (0..n).map(seat).collect()
}

fn keep(ask: KeepAsk) -> Action {
    Action::Keep(ask)
}

fn with(keeping: Keeping) -> Fake {
    Fake { library: Loadable::Ready(two_stores()), keeping, ..Fake::default() }
}

fn delete(fake: Fake, count: u32) -> Harness<'static, Stage<DeleteScreen>> {
    stage(fake, DeleteScreen::new(seats(count)), (900.0, 700.0), |screen, ui, context, actions| {
        screen.show(ui.ctx(), context, actions)
    })
}

const SHARE: Draw<ShareScreen> = |screen, ui, context, actions| screen.show(ui.ctx(), context, actions);
const INGEST: Draw<IngestScreen> = |screen, ui, context, actions| screen.show(ui.ctx(), context, actions);

fn card_found() -> CardFound {
    CardFound { dir: "/media/ada/EOS_DIGITAL".into(), name: "EOS_DIGITAL".into() }
}

#[test]
fn deleting_names_count_bytes_and_stores_and_the_safe_answer_is_ready() {
    let stale = Keeping { weight: Loadable::Ready(Weight { photos: 900, files: 900, bytes: 1 }), ..Keeping::default() };
    let mut harness = delete(with(stale), 12);
    assert_eq!(asked(&harness), [keep(KeepAsk::Weigh(seats(12)))], "once");
    harness.state_mut().fake.keeping.weight = Loadable::Pending { previous: None };
    harness.run_steps(2);
    assert!(says(&harness, "Counting what is stored of them…"));
    click(&mut harness, "Delete in the stores");
    assert_eq!(asked(&harness), [], "not before it is known what that means");
    harness.state_mut().fake.keeping.weight = Loadable::Ready(Weight { photos: 12, files: 14, bytes: 183_000_000 });
    harness.run_steps(2);
    assert!(says(&harness, "Delete 12 photos (14 files, 183 MB) in the vault and your AWS bucket?"));
    for words in ["Every version stays in the stores", "The files on this computer stay where they are."] {
        assert!(says(&harness, words), "{words}");
    }
    assert!(harness.get_by_role_and_label(Role::Button, "Keep them").is_focused());
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!((asked(&harness), harness.state().shown), (Vec::new(), Shown::Closed), "Enter is the safe answer");
    let known = Loadable::Ready(Weight { photos: 1, files: 1, bytes: 9 });
    let mut harness = delete(Fake::default(), 1);
    harness.state_mut().fake.keeping.weight = known;
    harness.run_steps(2);
    assert!(says(&harness, "Delete 1 photo (1 file, 9 bytes) in the vault?"));
    asked(&harness);
    click(&mut harness, "Delete in the stores");
    assert_eq!(asked(&harness), [keep(KeepAsk::Delete(seats(1)))]);
}

#[test]
fn a_link_names_its_end_before_anything_is_copied() {
    let mut harness = stage(with(Keeping::default()), ShareScreen::new(seats(3)), (800.0, 700.0), SHARE);
    assert_eq!(asked(&harness), [keep(KeepAsk::ShareRead), keep(KeepAsk::Offer)]);
    click(&mut harness, "Share");
    assert_eq!(asked(&harness), [], "no link without an answer");
    let why = "Links made with a sign-in last at most an hour.".to_owned();
    harness.state_mut().fake.keeping.offer = Loadable::Ready((3600, why));
    harness.run_steps(2);
    assert!(says(&harness, "The link ends 1 h after it was made."));
    assert!(says(&harness, "at most an hour"));
    assert!(harness.query_by_role(Role::RadioButton).is_none(), "there is no shorter one");
    click(&mut harness, "The originals too");
    assert!(says(&harness, "everything that the camera wrote"));
    click(&mut harness, "Share");
    let order = ShareOrder { seats: seats(3), originals: true, lasts_s: 3600 };
    assert_eq!(asked(&harness), [keep(KeepAsk::Share(order))]);
    harness.state_mut().fake.keeping.share = Task::Running(OpId(4));
    harness.state_mut().fake.activities = vec![running(4, OpKind::Share, "Sharing", 1, 3)];
    harness.run_steps(2);
    assert!(says(&harness, "1 of 3"));
    let url = format!("https://bucket.example/{}", "x".repeat(2000));
    let report =
        ShareReport { url: url.clone(), ends_at: Timestamp(1_714_758_000_000), photos: 3, ..Default::default() };
    harness.state_mut().fake.keeping.share = Task::Ended(Ok(report));
    harness.run_steps(2);
    assert!(says(&harness, "The link is ready. It ends on 3 May 2024, 17:40 UTC."));
    click(&mut harness, "Copy link");
    assert!(says(&harness, "Copied"));
    click(&mut harness, "Done");
    assert_eq!(asked(&harness), [Action::Copy(url), keep(KeepAsk::ShareRead)]);
}

#[test]
fn a_longer_life_can_be_shortened_and_a_refusal_is_said() {
    let offer = Loadable::Ready((7 * 86_400, String::new()));
    let mut harness = stage(with(Keeping::default()), ShareScreen::new(seats(1)), (800.0, 700.0), SHARE);
    asked(&harness);
    harness.state_mut().fake.keeping.offer = offer;
    harness.run_steps(2);
    click(&mut harness, "1 d");
    click(&mut harness, "Share");
    let order = ShareOrder { seats: seats(1), originals: false, lasts_s: 86_400 };
    assert_eq!(asked(&harness), [keep(KeepAsk::Share(order))]);
    harness.state_mut().fake.keeping.offer =
        Loadable::Failed { error: "There is no store that can give out links.".into(), previous: None };
    harness.run_steps(2);
    assert!(says(&harness, "There is no store that can give out links."));
    click(&mut harness, "Share");
    assert_eq!(asked(&harness), []);
}

#[test]
fn a_card_is_copied_by_a_template_that_shows_what_it_means() {
    let screen = IngestScreen::new(Some(card_found()));
    let mut harness = stage(with(Keeping::default()), screen, (900.0, 800.0), INGEST);
    assert!(says(&harness, "stored in the vault and your AWS bucket"));
    assert!(says(&harness, "Such as 2024/2024-05-03 EOS_DIGITAL/IMG_0001.JPG"));
    click(&mut harness, "Choose…");
    assert_eq!(asked(&harness), [keep(KeepAsk::PickIngest)]);
    harness.state_mut().fake.keeping.ingest_to = Some("/photos".into());
    harness.run_steps(2);
    click(&mut harness, "Copy and store");
    let order = |to: &str, template: &str| {
        let order = IngestOrder { card: card_found().dir, to: to.into(), template: template.into() };
        keep(KeepAsk::Ingest(order))
    };
    assert_eq!(asked(&harness), [order("/photos", "{year}/{date} {name}")]);
    harness.get_by_role_and_label(Role::TextInput, "Template of the folders").focus();
    harness.run_steps(2);
    for (typed, words) in [("/{hour}", "There is no field {hour}"), ("/{year", "A field is not closed")] {
        harness.event(egui::Event::Text(typed.into()));
        harness.run_steps(2);
        assert!(says(&harness, words), "{words}");
        click(&mut harness, "Copy and store");
        assert_eq!(asked(&harness), [], "a template with a mistake copies nothing");
        for _ in typed.chars() {
            harness.get_by_role_and_label(Role::TextInput, "Template of the folders").focus();
            harness.key_press(Key::Backspace);
            harness.run_steps(1);
        }
    }
}

#[test]
fn only_a_proved_card_is_safe_to_format() {
    let mut report = IngestReport {
        files: 1204,
        copied: 1204,
        verified: 1204,
        stored: 1204,
        safe_to_format: true,
        sheet: Some("/photos/receipts/EOS.pdf".into()),
        card: "/media/ada/EOS_DIGITAL".into(),
        failed: Vec::new(),
        left_out: Default::default(),
    };
    let keeping = Keeping { ingest: Task::Ended(Ok(report.clone())), ..Keeping::default() };
    let mut harness = stage(with(keeping), IngestScreen::new(None), (900.0, 800.0), INGEST);
    assert!(says(&harness, "Card EOS_DIGITAL"));
    assert!(says(&harness, "1,204 of 1,204 proved: safe to format"));
    click(&mut harness, "Open the receipt sheet");
    assert_eq!(asked(&harness), [Action::OpenFile("/photos/receipts/EOS.pdf".into())]);
    report.stored = 1201;
    report.safe_to_format = false;
    report.failed = failures(3);
    harness.state_mut().fake.keeping.ingest = Task::Ended(Ok(report));
    harness.run_steps(2);
    assert!(says(&harness, "Do not format this card"));
    assert!(says(&harness, "1,201 of 1,204 proved, 3 not."));
    assert!(!says(&harness, "safe to format"));
    click(&mut harness, "Show what is not proved");
    assert!(says(&harness, "Not proved (3)"));
    let error = UserError::new(ErrorCode::DiskFull, "There is no room for 64 GB: /photos");
    harness.state_mut().fake.keeping.ingest = Task::Ended(Err(error));
    harness.run_steps(2);
    assert!(says(&harness, "Do not format this card"));
    assert!(says(&harness, "There is no room for 64 GB"));
    click(&mut harness, "Done");
    assert_eq!(asked(&harness), [keep(KeepAsk::IngestRead)]);
}

#[test]
fn a_card_that_is_being_copied_can_go_on_without_its_dialog() {
    let keeping = Keeping { ingest: Task::Running(OpId(5)), ..Keeping::default() };
    let fake = Fake { activities: vec![running(5, OpKind::Ingest, "Card", 10, 20)], ..with(keeping) };
    let mut harness = stage(fake, IngestScreen::new(None), (900.0, 800.0), INGEST);
    assert!(says(&harness, "10 of 20"));
    assert!(says(&harness, "Leave the card in until every file is proved."));
    click(&mut harness, "Stop");
    click(&mut harness, "Go on in the background");
    assert_eq!(asked(&harness), [Action::Cancel(OpId(5)), keep(KeepAsk::IngestRead)]);
    assert_eq!(harness.state().shown, Shown::Closed);
}

#[test]
fn versions_say_who_stored_them_where_how_and_what_is_damaged() {
    let mut detail = detail(2, true);
    detail.versions[0].receipts[0].damage = Some("its bytes are not those of the receipt".into());
    let mut bucket = detail.versions[1].receipts[0].clone();
    bucket.store = "aws".into();
    bucket.receipt.class = StorageClass::DeepArchive;
    detail.versions[1].receipts.push(bucket);
    let fake = Fake { detail: Loadable::Ready(detail), ..Fake::default() };
    let harness = stage(fake, VersionsScreen::new(seat(0)), (900.0, 900.0), |screen, ui, context, actions| {
        let shown = screen.show(ui.ctx(), context, actions);
        let keys: Vec<_> = screen.in_sight(context.model).into_iter().map(|wish| wish.key).collect();
        assert_eq!(keys, [2, 1].map(|number| ThumbKey::Content(hash(number))));
        shown
    });
    for words in [
        "by anna on laptop",
        "Damaged in the vault: its bytes are not those of the receipt",
        "In your AWS bucket, archived (Glacier Deep Archive): must be thawed first",
        "Picture of version 1",
    ] {
        assert!(says(&harness, words), "{words}");
    }
}

#[test]
fn ended_operations_offer_what_came_of_them() {
    let share = ShareReport { url: "https://x.example/y".into(), photos: 2, ..ShareReport::default() };
    let fake = Fake { activities: vec![ended(1, "Sharing", OpReport::Share(share))], ..Fake::default() };
    let mut harness = stage(fake, ActivityPanel::default(), (440.0, 700.0), |screen, ui, context, actions| {
        screen.show(ui, context, actions);
        Shown::Open
    });
    click(&mut harness, "Copy link");
    assert_eq!(asked(&harness), [Action::Copy("https://x.example/y".into())]);
}

#[test]
fn nothing_breaks_in_a_tiny_window() {
    let report = IngestReport { files: 9, failed: failures(900), card: "/x".into(), ..IngestReport::default() };
    for size in [(320.0, 240.0), (200.0, 120.0), (60.0, 40.0)] {
        let keeping = || Keeping { ingest: Task::Ended(Ok(report.clone())), ..Keeping::default() };
        let _ = stage(with(keeping()), IngestScreen::new(None), size, INGEST);
        let _ = stage(with(Keeping::default()), IngestScreen::new(Some(card_found())), size, INGEST);
        let offer = Loadable::Ready((604_800, "w".repeat(900)));
        let _ = stage(with(Keeping { offer, ..Keeping::default() }), ShareScreen::new(seats(9)), size, SHARE);
        let _ = stage(with(Keeping::default()), DeleteScreen::new(seats(9)), size, |screen, ui, context, actions| {
            screen.show(ui.ctx(), context, actions)
        });
    }
}
