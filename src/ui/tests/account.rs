//! The account's entries into the window: a mark in the bar, a key, two links; and nothing that comes up by itself.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fake::{World, asked, open, press};
use crate::domain::account::{
    AccountState, AwsSettings, Challenge, Identity, KeyringProblem, Place, RemoteSettings, Session, SignedOut,
};
use crate::protocol::{AccountAsk, ErrorCode, OpId, OpKind, Progress, UserError};
use crate::ui::{AccountReply, Action, Activity, ActivityState, Loadable};

const LINE: &str = "lightkeep:1?region=eu-central-1&pool=eu-central-1_A&client=c&identity=eu-central-1:i&bucket=photos\
                    &owner=123456789012";
const TITLE: &str = "Account and storage";

fn aws(session: Session) -> AccountState {
    let settings = AwsSettings::from_line(LINE).expect("a settings line");
    AccountState { place: Place::Aws(settings), session, ..AccountState::default() }
}

fn ann() -> Identity {
    Identity { email: "ann.lee@example.org".into(), sub: "s".into(), identity_id: None }
}

fn dialog_is_open(harness: &Harness<'_, World>) -> bool {
    let is_title = |text: Option<String>| text.is_some_and(|text| text == TITLE);
    harness
        .query_all_by(|node| node.role() == Role::Heading && (is_title(node.label()) || is_title(node.value())))
        .next()
        .is_some()
}

/// Every state, what the button is called in it, and the text that it shows where there is room.
fn states() -> Vec<(AccountState, &'static str)> {
    let server = RemoteSettings {
        endpoint: None,
        region: "eu-central-1".into(),
        bucket: "photos".into(),
        path_style: false,
        profile: Some("studio".into()),
        prefix: "lightkeep".into(),
    };
    vec![
        (AccountState::default(), "Account and storage (Ctrl+,)"),
        (
            AccountState { place: Place::Remote(server), ..AccountState::default() },
            "Account and storage: an S3-compatible server (Ctrl+,)",
        ),
        (aws(Session::SignedOut(SignedOut::Plain)), "Account: signed out (Ctrl+,)"),
        (aws(Session::SignedOut(SignedOut::Ended("x".into()))), "Account: you were signed out (Ctrl+,)"),
        (aws(Session::Restoring(None)), "Account: looking at your sign-in (Ctrl+,)"),
        (aws(Session::Restoring(Some(ann()))), "Account: looking at your sign-in (Ctrl+,)"),
        (aws(Session::NeedsYou(Challenge::Totp)), "Account: needs you (Ctrl+,)"),
        (
            aws(Session::NeedsYou(Challenge::Browser { page: "https://x".into() })),
            "Account: the sign-in goes on in the browser (Ctrl+,)",
        ),
        (aws(Session::SignedIn(ann())), "Account: signed in (Ctrl+,)"),
        (aws(Session::Offline { last: ann(), why: "x".into() }), "Account: offline (Ctrl+,)"),
        (aws(Session::Keyring(KeyringProblem::Locked)), "Account: the keyring needs you (Ctrl+,)"),
    ]
}

#[test]
fn the_bar_shows_how_it_stands_and_opens_the_dialog() {
    for (account, name) in states() {
        let mut world = World::of(6);
        world.account = account;
        let mut harness = open(world);
        assert!(!dialog_is_open(&harness), "{name}: nothing comes up by itself");
        let actions = asked(&mut harness, |harness| {
            harness.get_by_role_and_label(Role::Button, name).click();
            harness.run_steps(3);
        });
        assert!(actions.is_empty(), "{name}: opening asks for nothing");
        assert!(harness.query_all_by_role(Role::Dialog).next().is_some(), "{name}");
    }
}

#[test]
fn the_bar_fits_in_every_window() {
    for width in [520.0, 560.0, 719.0, 900.0, 1100.0, 1300.0] {
        for (account, name) in states() {
            let mut world = World::of(6);
            world.account = account;
            // The busiest bar: something runs, something waits, something needs a person.
            if let Loadable::Ready(library) = &mut world.library {
                (library.photos, library.stored, library.needs_you) = (1_008_140, 1_008_101, 1300);
            }
            let progress = Progress { done: 1240, total: 8140, elapsed_ms: 29_524, ..Progress::new(OpKind::OpenStore) };
            let state = ActivityState::Running(progress);
            world.activities = vec![Activity { op: OpId(1), title: "Opening".into(), state }];
            let mut harness = open(world);
            harness.set_size(vec2(width, 600.0));
            harness.run_steps(4);
            let button = harness.get_by_role_and_label(Role::Button, name).rect();
            assert!(button.left() >= 0.0 && button.right() <= width, "{name} at {width}: {button:?}");
            let in_bar = |node: &egui_kittest::Node<'_>| {
                matches!(node.accesskit_node().role(), Role::Button | Role::TextInput) && node.rect().top() < 54.0
            };
            let all: Vec<_> = harness.root().children_recursive().filter(in_bar).map(|node| node.rect()).collect();
            assert!(all.len() >= 8, "{name} at {width}: {}", all.len());
            for (at, one) in all.iter().enumerate() {
                assert!(one.left() >= 0.0 && one.right() <= width, "{name} at {width}: {one:?} is cut");
                let lies_on = all[at + 1..].iter().find(|other| other.shrink(1.0).intersects(*one));
                assert_eq!(lies_on, None, "{name} at {width}: lies on {one:?}");
            }
        }
    }
}

#[test]
fn without_an_account_there_is_one_quiet_mark_and_no_word_of_aws() {
    let harness = open(World::of(6));
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        for text in [node.label(), node.value(), node.description()].into_iter().flatten() {
            assert!(!text.contains("AWS") && !text.contains("Sign in") && !text.contains("account"), "{text}");
        }
    }
}

#[test]
fn the_key_opens_it_also_while_typing_and_esc_gives_the_photos_back() {
    let mut harness = open(World::of(6));
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    assert!(dialog_is_open(&harness));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(!dialog_is_open(&harness));
    let rated = asked(&mut harness, |harness| {
        press(harness, Modifiers::NONE, Key::Home);
        press(harness, Modifiers::NONE, Key::Num3);
    });
    assert!(matches!(rated.as_slice(), [Action::Edit { .. }]), "{rated:?}");
    press(&mut harness, Modifiers::COMMAND, Key::F);
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    assert!(dialog_is_open(&harness));
}

#[test]
fn typing_in_the_dialog_never_reaches_the_photos() {
    let mut world = World::of(6);
    world.account = aws(Session::SignedOut(SignedOut::Plain));
    let mut harness = open(world);
    press(&mut harness, Modifiers::NONE, Key::Home);
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    let actions = asked(&mut harness, |harness| {
        for key in [Key::P, Key::Num5, Key::Delete, Key::X] {
            press(harness, Modifiers::NONE, key);
        }
        harness.event(eframe::egui::Event::Paste("/home/ada/Pictures".into()));
        harness.run_steps(2);
    });
    assert_eq!(actions, []);
}

#[test]
fn links_lead_there() {
    let mut harness = open(World::of(0));
    harness.get_by_role_and_label(Role::Button, "Use your own AWS…").click();
    harness.run_steps(3);
    assert!(dialog_is_open(&harness));
    harness.get_by_role_and_label(Role::MultilineTextInput, "Settings line");
    let mut world = World::of(0);
    world.account = aws(Session::SignedOut(SignedOut::Plain));
    assert!(open(world).query_by_label("Use your own AWS…").is_none(), "whoever has it finds it in the bar");

    let mut harness = open(World::of(6));
    harness.get_by_role_and_label(Role::Button, "6 stored").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Store elsewhere too…").click();
    harness.run_steps(3);
    assert!(dialog_is_open(&harness));
}

#[test]
fn an_answer_that_comes_while_the_dialog_is_closed_is_there_when_it_opens() {
    let mut world = World::of(6);
    world.account = aws(Session::NeedsYou(Challenge::Browser { page: "https://x".into() }));
    world.account_reply = AccountReply::Waiting(OpId(5));
    let mut harness = open(world);
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    let world = harness.state_mut();
    world.account = aws(Session::SignedOut(SignedOut::Plain));
    world.account_reply = AccountReply::Failed(UserError::new(ErrorCode::Expired, "Nobody came back from the browser"));
    harness.run_steps(2);
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    harness.get_by_label("Nobody came back from the browser");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    assert!(harness.query_by_label("Nobody came back from the browser").is_none(), "it is said once");
}

#[test]
fn signing_in_through_the_window() {
    let mut world = World::of(6);
    world.account = aws(Session::SignedOut(SignedOut::Plain));
    let mut harness = open(world);
    press(&mut harness, Modifiers::COMMAND, Key::Comma);
    let actions = asked(&mut harness, |harness| {
        harness.event(eframe::egui::Event::Text("ann@example.org".into()));
        harness.run_steps(2);
        press(harness, Modifiers::NONE, Key::Enter);
        harness.event(eframe::egui::Event::Text("Correct-horse-7".into()));
        harness.run_steps(2);
        press(harness, Modifiers::NONE, Key::Enter);
    });
    let ask = AccountAsk::SignIn { email: "ann@example.org".into(), password: "Correct-horse-7".into(), keep: true };
    assert_eq!(actions, [Action::Account(ask)]);
    assert!(!format!("{:?}", harness.state().view).contains("ann@"), "the window's Debug shows no address");
}
