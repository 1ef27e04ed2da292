//! The stores by role and label: what each store says, what can be asked of it, and every tab in every state.

use eframe::egui::{self, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::tests::{Stage, asked, click, says, stage};
use super::tests_fake::*;
use super::*;
use crate::domain::keep::{BatchState, BatchSummary, ClassCost, CostEstimate, Hours, KeepSettings, StoreState};
use crate::domain::{StorageClass, Timestamp};
use crate::protocol::{LibraryState, OpId, OpKind, VerifyLevel, VerifyReport};
use crate::ui::{Action, ActivityState, KeepAsk, Keeping, Loadable};

const NOW: Timestamp = Timestamp(1_714_754_530_000);

/// The vault and a bucket that waits.
pub fn two_stores() -> LibraryState {
    let store = |name: &str, place: &str, waiting, needs_you| StoreState {
        name: name.into(),
        place: place.into(),
        waiting,
        needs_you,
        receipts: 1204,
        problem: None,
        retry_at: None,
    };
    LibraryState {
        stores: vec![store("vault", "/media/ada/Vault", 0, 0), store("aws", "ada-photos/eu-1:2f/", 36, 3)],
        ..library()
    }
}

pub fn batch(n: u32, waiting: u64, needs_you: u64) -> BatchSummary {
    BatchSummary {
        batch: format!("01HX{n:022}"),
        store: if n.is_multiple_of(2) { "vault" } else { "aws" }.into(),
        started: Timestamp(NOW.0 - i64::from(n) * 3_600_000),
        by: Some("anna on laptop".into()),
        state: if waiting + needs_you > 0 { BatchState::Open } else { BatchState::Final },
        segments: 2,
        stored: 1204,
        bytes: 9_200_000_000,
        waiting,
        needs_you,
    }
}

pub fn cost() -> Box<CostEstimate> {
    let class = |class: StorageClass, month, once| ClassCost { class, month, once, least_days: class.least_days() };
    Box::new(CostEstimate {
        files: 8140,
        bytes: 212_000_000_000,
        classes: vec![
            class(StorageClass::Standard, 4.88, 0.04),
            class(StorageClass::StandardIa, 2.65, 0.08),
            class(StorageClass::IntelligentTiering, 4.9, 0.04),
            class(StorageClass::GlacierInstant, 0.85, 0.16),
            class(StorageClass::GlacierFlexible, 0.76, 0.24),
            class(StorageClass::DeepArchive, 0.21, 0.41),
        ],
        region: "eu-west-1".into(),
        as_of: "2026-11-01".into(),
        words: "8,140 files, 212 GB: about $4.88 a month in Standard, $0.21 in Deep Archive.".into(),
    })
}

pub fn report(store: &str, level: u8, damaged: usize) -> VerifyReport {
    VerifyReport {
        store: store.into(),
        level,
        ended: NOW,
        checked: 1204,
        ok: 1204 - damaged as u64,
        corrupt: failures(damaged),
        ..VerifyReport::default()
    }
}

fn open(fake: Fake) -> Harness<'static, Stage<StoresScreen>> {
    stage(fake, StoresScreen::default(), (900.0, 1000.0), |screen, ui, context, actions| {
        screen.show(ui.ctx(), context, actions)
    })
}

fn with(library: LibraryState) -> Fake {
    Fake { library: Loadable::Ready(library), ..Fake::default() }
}

fn keep(ask: KeepAsk) -> Action {
    Action::Keep(ask)
}

#[test]
fn a_library_with_only_a_vault_says_where_it_is_and_what_that_is_worth() {
    let mut harness = open(Fake::default());
    for words in [
        "/home/ada/.local/share/lightkeep/vault",
        "218 GB free",
        "Second copy on the same disk: does not survive its loss",
        "8,101 stored, 36 waiting,",
    ] {
        assert!(says(&harness, words), "{words}");
    }
    assert!(harness.query_by_label("Pause the vault").is_none(), "a folder has no line to pause");
    assert!(!says(&harness, "Limit the speed"));
    click(&mut harness, "Choose another disk…");
    click(&mut harness, "Show in folder");
    click(&mut harness, "Store now");
    click(&mut harness, "Try what needs you again");
    let dir = library().vault.dir;
    assert_eq!(asked(&harness), [Action::PickVault, Action::Reveal(dir), Action::Store, keep(KeepAsk::TryAgain(None))]);
    click(&mut harness, "3 need you — show");
    assert_eq!(harness.state().shown, Shown::ToPhotos("stored:no"));
}

#[test]
fn a_bucket_pauses_is_limited_and_says_when_it_tries_again() {
    let mut library = two_stores();
    library.stores[1].problem = Some("The network cannot be reached".into());
    library.stores[1].retry_at = Some(Timestamp(NOW.0 + 60_000));
    let mut harness = open(with(library));
    for words in
        ["Your AWS bucket", "ada-photos/eu-1:2f/", "1,204 stored, 36 waiting,", "The network cannot be reached"]
    {
        assert!(says(&harness, words), "{words}");
    }
    assert!(says(&harness, "Retries at 16:43 UTC by itself."));
    click(&mut harness, "Pause your AWS bucket");
    click(&mut harness, "Limit the speed");
    let settings = |change: fn(&mut KeepSettings)| {
        let mut keep = KeepSettings::default();
        change(&mut keep);
        Action::Keep(KeepAsk::Settings(keep))
    };
    assert_eq!(
        asked(&harness),
        [settings(|keep| keep.paused = true), settings(|keep| keep.limit_bytes_s = Some(2_000_000))]
    );
    let Loadable::Ready(library) = &mut harness.state_mut().fake.library else { unreachable!() };
    library.keep = KeepSettings { paused: true, limit_bytes_s: Some(2_000_000), ..KeepSettings::default() };
    library.stores[1].problem = None;
    harness.run_steps(3);
    assert!(says(&harness, "Paused. Nothing is sent"));
    assert!(says(&harness, "paused"));
    click(&mut harness, "Full speed from");
    let night = Hours { from: 23, to: 7 };
    let wanted = KeepSettings {
        paused: true,
        limit_bytes_s: Some(2_000_000),
        full_speed: Some(night),
        ..KeepSettings::default()
    };
    assert_eq!(asked(&harness), [keep(KeepAsk::Settings(wanted.clone()))]);
    let Loadable::Ready(library) = &mut harness.state_mut().fake.library else { unreachable!() };
    library.keep = wanted;
    harness.run_steps(3);
    assert!(says(&harness, "At most 2.0 MB a second, and as fast as the line is from 23:00 to 07:00."));
    click(&mut harness, "Resume your AWS bucket");
    let actions = asked(&harness);
    assert!(matches!(&actions[..], [Action::Keep(KeepAsk::Settings(keep))] if !keep.paused), "{actions:?}");
}

#[test]
fn each_store_shows_its_own_run_and_after_a_restart_how_far_it_is() {
    let mut fake = with(two_stores());
    let mut activity = running(7, OpKind::Store, "Storing in your AWS bucket", 12, 48);
    if let ActivityState::Running(progress) = &mut activity.state {
        (progress.done_bytes, progress.total_bytes) = (120_000_000, 480_000_000);
        progress.elapsed_ms = 10_000;
    }
    fake.activities = vec![activity];
    let mut harness = open(fake);
    assert!(says(&harness, "12 of 48 · 120 MB of 480 MB · 12 MB/s · 30 s left"));
    click(&mut harness, "Stop storing in your AWS bucket");
    assert_eq!(asked(&harness), [Action::Cancel(OpId(7))]);
    harness.state_mut().fake.activities.clear();
    harness.run_steps(2);
    assert!(says(&harness, "96% stored  ·  goes on by itself"));
    let bars = harness.query_all_by_role(Role::ProgressIndicator).count();
    assert_eq!(bars, 1, "the vault has everything");
}

#[test]
fn a_vault_that_is_not_there_offers_no_work() {
    let mut state = library();
    state.vault.problem = Some("The disk of the vault is not there: /media/b".into());
    let picker = Loadable::Failed { error: "No file dialog could be opened.".into(), previous: None };
    let mut harness = open(Fake { picker, ..with(state) });
    assert!(says(&harness, "The disk of the vault is not there"));
    assert!(says(&harness, "No file dialog could be opened."));
    click(&mut harness, "Store now");
    assert_eq!(asked(&harness), [], "nothing can be asked of a disk that is gone");
    harness.get_by_role_and_label(Role::TextInput, "Vault folder").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("~/Vault".into()));
    harness.run_steps(2);
    click(&mut harness, "Use this");
    assert_eq!(asked(&harness), [Action::SetVault("/home/ada/Vault".into())]);
    click(&mut harness, "Checks");
    click(&mut harness, "Check now");
    assert_eq!(asked(&harness), [keep(KeepAsk::Reports)], "nor a check");
}

#[test]
fn batches_are_listed_opened_and_tried_again() {
    let mut harness = open(with(two_stores()));
    click(&mut harness, "Batches");
    assert_eq!(asked(&harness), [keep(KeepAsk::Batches)]);
    assert!(says(&harness, "Reading the batches…"));
    harness.state_mut().fake.keeping.batches = Loadable::Ready(Vec::new());
    harness.run_steps(2);
    assert!(says(&harness, "Nothing was stored yet."));
    let mut batches: Vec<_> = (0..90).map(|n| batch(n, 0, 0)).collect();
    (batches[1].waiting, batches[1].needs_you) = (36, 3);
    let (id, long) = (batches[1].batch.clone(), "ü\u{202e}".repeat(4000));
    batches[2].by = Some(long);
    harness.state_mut().fake.keeping.batches = Loadable::Ready(batches);
    harness.run_steps(2);
    for words in ["Complete", "36 waiting, 3 need you", "1,204 files stored  ·  9.2 GB  ·  by anna on laptop"] {
        assert!(says(&harness, words), "{words}");
    }
    let when = "3 May 2024, 15:42 UTC";
    click(&mut harness, &format!("Show what is left of {when}"));
    assert_eq!(asked(&harness), [keep(KeepAsk::Items(id.clone()))]);
    harness.state_mut().fake.keeping.items = Some((id.clone(), Loadable::Ready(failures(3))));
    harness.run_steps(2);
    assert!(says(&harness, "Not stored yet (3)"));
    assert!(says(&harness, "the file ends in the middle of the picture"));
    click(&mut harness, &format!("Try these again, of {when}"));
    assert_eq!(asked(&harness), [keep(KeepAsk::TryAgain(Some(id)))]);
    // Below what is in sight.
    harness.get_by_label("Show older (50)").click_accesskit();
    harness.run_steps(2);
    assert!(harness.query_by_label("Show older (10)").is_some());
    assert!(harness.query_by_label("Show older (50)").is_none());
}

#[test]
fn checks_ask_for_what_was_chosen_and_tell_what_was_found() {
    let mut harness = open(with(two_stores()));
    click(&mut harness, "Checks");
    asked(&harness);
    click(&mut harness, "Check now");
    click(&mut harness, "3  Is every byte intact?");
    click(&mut harness, "Your AWS bucket");
    click(&mut harness, "Read at most");
    click(&mut harness, "Check now");
    click(&mut harness, "Try 20 photos now");
    click(&mut harness, "Try 20 photos every month");
    let verify = |level, store: Option<&str>, budget_bytes| {
        keep(KeepAsk::Verify { level, store: store.map(Into::into), budget_bytes })
    };
    assert_eq!(
        asked(&harness),
        [
            verify(VerifyLevel::Checksums, None, None),
            verify(VerifyLevel::EveryByte, Some("aws"), Some(10_000_000_000)),
            keep(KeepAsk::Drill),
            keep(KeepAsk::Settings(KeepSettings { drill: true, ..KeepSettings::default() })),
        ]
    );
    harness.state_mut().fake.keeping.reports = Loadable::Ready(vec![report("aws", 2, 1), report("vault", 3, 0)]);
    harness.run_steps(2);
    assert!(says(&harness, "1,204 versions checked, 1,203 as recorded, 1 damaged"));
    assert!(says(&harness, "Vault  ·  level 3"));
    click(&mut harness, "Show 1 file");
    assert!(says(&harness, "Damaged in the store (1)"));
    harness.state_mut().fake.activities = vec![running(4, OpKind::Verify, "Check of the vault", 1, 2)];
    harness.run_steps(2);
    assert!(harness.query_by_role_and_label(Role::Button, "Check now").is_none());
    click(&mut harness, "Cancel");
    assert_eq!(asked(&harness), [Action::Cancel(OpId(4))]);
}

#[test]
fn the_class_is_chosen_beside_its_price_and_only_where_there_is_a_bucket() {
    let keeping = Keeping { cost: Loadable::Ready(cost()), ..Keeping::default() };
    let mut harness = open(Fake { keeping: keeping.clone(), ..with(two_stores()) });
    click(&mut harness, "Cost");
    assert_eq!(asked(&harness), [keep(KeepAsk::Cost)]);
    for words in [
        "8,140 files, 212 GB: about $4.88 a month in Standard",
        "the prices of eu-west-1 as of 2026-11-01",
        "about $0.21 a month, $0.41 once for the requests",
        "Charged for 180 days at least",
    ] {
        assert!(says(&harness, words), "{words}");
    }
    click(&mut harness, "Glacier Deep Archive");
    let class = StorageClass::DeepArchive;
    assert_eq!(asked(&harness), [keep(KeepAsk::Settings(KeepSettings { class, ..KeepSettings::default() }))]);
    let mut alone = open(Fake { keeping, ..Fake::default() });
    click(&mut alone, "Cost");
    assert!(says(&alone, "The vault costs nothing but its disk."));
    assert!(alone.query_by_role(Role::RadioButton).is_none());
}
