//! Every view is reachable, says its words, and fits: in both a wide and a narrow window, and with text twice as large.

use super::super::view::{Kind, Page, Tab, View};
use super::scenes::*;
use super::*;
use crate::domain::Secret;
use crate::domain::account::{AccountState, Challenge, Kept, KeyringProblem, Place, Session, SignedOut};
use crate::protocol::{AccountAnswer, ErrorCode, OpId, UserError};
use crate::ui::AccountReply;
use crate::ui::screens::Shown;
use crate::ui::screens::tests::{click, says};

/// What each scene must say, and whether it is a heading, a button or a text.
const WORDS: &[(&str, &[&str])] = &[
    ("here", &["This is how it is now. Nothing leaves this computer", "/home/ada/.local/share/lightkeep/vault"]),
    ("line-again", &["Used before", "lightkeep-lee-family-photos in eu-central-1", "Paste the settings line"]),
    ("line", &["Paste the settings line that you were given", "lightkeep cloud deploy", "packaging/aws/try-it"]),
    ("line-good", &["The line is whole.", "lightkeep-lee-family-photos"]),
    ("line-bad", &["The settings line lacks \"client\"; was it copied whole?"]),
    ("remote-form", &["A server that speaks S3", "The keys go to this computer's keyring, never to a file."]),
    ("remote-home", &["https://s3.nas.example.org:9000", "In this computer's keyring"]),
    ("remote-change", &["Change the server"]),
    ("back-here", &["deletes nothing: what is stored in the bucket stays there", "signs nobody out"]),
    ("sign-in", &["Keep me signed in", "Forgot the password?", "Create an account…", "Sign in in the browser"]),
    ("sign-in-waiting", &["Asking…"]),
    ("sign-in-failed", &["The e-mail address or the password is not right", "Look for a typing mistake"]),
    ("ended", &["You were signed out: the account was signed out everywhere."]),
    ("clock", &["This computer's clock is 13 minutes ahead. Set it right"]),
    ("sign-up", &["at least 12 characters: not yet", "an upper-case letter (A–Z): met", "a digit (0–9): not yet"]),
    ("forgot", &["With it you choose a new password."]),
    ("restoring", &["ann.lee@example.org", "Looking at your sign-in…", "Everything on this computer works meanwhile."]),
    ("keyring-locked", &["Your keyring is locked", "Unlock it", "Your sign-in is not lost."]),
    ("keyring-absent", &["This desktop has no keyring", "for this session only"]),
    ("keyring-session", &["Nothing is kept: when Lightkeep is closed, you are signed out on this computer."]),
    ("offline", &["ann.lee@example.org", "The service cannot be reached.", "Everything on this computer works."]),
    ("confirm", &["Confirm your address", "A code was sent to a***@e***.org.", "Send the code again"]),
    ("new-password", &["The one that you were given was for the first time only.", "at least 12 characters: not yet"]),
    ("code-totp", &["Type the code that the app shows for Lightkeep now."]),
    ("setup-totp", &["QR code for the authenticator app", "JBSW Y3DP EHPK 3PXP", "asks for a second proof"]),
    ("code-sms", &["Code of the text message", "A code was sent to +*******123."]),
    ("code-email", &["Code of the e-mail", "Type the code of the e-mail."]),
    ("choose", &["How do you want to show that it is you?", "Authenticator app", "Text message", "Password"]),
    ("reset", &["Choose a new password", "A code was sent to a***@e***.org.", "a digit (0–9): not yet"]),
    ("browser", &["Waiting for the browser…", "https://lightkeep-lee.auth", "Copy the address"]),
    (
        "home",
        &["ann.lee@example.org", "lightkeep-lee-family-photos", "eu-central-1:0a1b2c3d", "Authenticator app: Off"],
    ),
    ("home-factors", &["Password changed.", "Signed in for this session only", "Authenticator app: On"]),
    (
        "home-report",
        &["The bucket can be reached: good", "Old versions are kept: not so", "Nobody else can read it: not known"],
    ),
    ("change-password", &["Password of now", "New password"]),
    ("totp-page", &["JBSW Y3DP", "QR code for the authenticator app", "Switch it on"]),
    ("totp-remove", &["the password alone is enough"]),
    (
        "hand-on",
        &["lightkeep:1?region=eu-central-1&pool=", "QR code of the settings", "It holds no password and no key."],
    ),
    ("everywhere", &["on this computer and on every other one"]),
    (
        "delete",
        &["A new sign-up gets another identity and no longer reaches these photos.", "Type “delete my account”"],
    ),
];

#[test]
fn every_scene_says_its_words() {
    let scenes = all();
    assert_eq!(scenes.len(), WORDS.len(), "a scene without words, or words without a scene");
    for (name, scene) in scenes {
        let words = WORDS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name}")).1;
        let window = open(scene);
        for words in words {
            assert!(says(&window, words), "{name} does not say {words:?}: {:?}", all_said(&window));
        }
    }
}

/// Whether a node was drawn anywhere.
fn has_place(node: &egui_kittest::Node<'_>) -> bool {
    node.accesskit_node().bounding_box().is_some()
}

/// 480 × 380 points is a window of 960 × 760 pixels with text at 200 %.
#[test]
fn everything_fits_in_narrow_windows_and_with_large_text() {
    for size in [(480.0, 380.0), (360.0, 700.0)] {
        for (name, scene) in all() {
            let window = open_in(scene, size);
            // Around the dialog are 8 points, inside it 16; a focus ring may use a few of them.
            let room = egui::Rect::from_min_size(egui::Pos2::ZERO, size.into()).shrink(22.0);
            for node in window.root().children_recursive().filter(|node| has_place(node)) {
                let role = node.accesskit_node().role();
                if matches!(role, Role::Button | Role::TextInput | Role::PasswordInput | Role::RadioButton | Role::Link)
                {
                    let rect = node.rect();
                    let across = rect.left() >= room.left() && rect.right() <= room.right();
                    assert!(across, "{name} at {size:?}: {:?} is cut: {rect:?}", node.accesskit_node().label());
                }
            }
            // The foot is always in sight.
            let foot = window
                .root()
                .children_recursive()
                .filter(|node| node.accesskit_node().role() == Role::Button)
                .last()
                .expect("a button")
                .rect();
            assert!(room.contains_rect(foot), "{name} at {size:?}: the foot is at {foot:?}");
        }
    }
}

#[test]
fn long_addresses_and_names_wrap() {
    let mut long = settings();
    long.bucket = format!("a{}", "-long-bucket-name".repeat(3));
    let mut person = identity();
    person.email = Secret::from(format!("{}@{}.example.org", "first.last.".repeat(9), "sub.".repeat(20)));
    person.identity_id = Some(format!("eu-central-1:{}", "0123456789ab-".repeat(10)));
    for session in [
        Session::SignedIn(person.clone()),
        Session::Restoring(Some(person.clone())),
        Session::Offline { last: person.clone(), why: "because ".repeat(60) },
        Session::SignedOut(SignedOut::Ended("because ".repeat(60))),
        Session::Keyring(KeyringProblem::Failed("x".repeat(400))),
        Session::NeedsYou(Challenge::Sms { sent_to: Some("*".repeat(200)) }),
        Session::NeedsYou(Challenge::Browser { page: format!("https://x/{}", "a".repeat(1500)) }),
    ] {
        let account = AccountState { place: Place::Aws(long.clone()), session, ..AccountState::default() };
        let window = open_in(Scene::of(account), (420.0, 700.0));
        for node in window.root().children_recursive().filter(|node| has_place(node)) {
            let node_rect = node.rect();
            let text = node.accesskit_node().role() == Role::Label;
            assert!(
                !text || (node_rect.left() >= 22.0 && node_rect.right() <= 420.0 - 22.0),
                "{:?}",
                node.accesskit_node().label()
            );
        }
    }
}

#[test]
fn each_challenge_has_its_own_view_and_focus() {
    for (name, kind, first) in [
        ("confirm", Kind::ConfirmSignUp, "Code"),
        ("new-password", Kind::NewPassword, "New password"),
        ("code-totp", Kind::Totp, "Code"),
        ("setup-totp", Kind::TotpSetup, "Code"),
        ("code-sms", Kind::Sms, "Code"),
        ("code-email", Kind::Email, "Code"),
        ("choose", Kind::Choose, ""),
        ("reset", Kind::ResetPassword, "Code"),
        ("browser", Kind::Browser, ""),
    ] {
        let window = open(scene(name));
        assert_eq!(window.state().screen.seen, Some(View::Challenge(kind)), "{name}");
        assert_eq!(focused(&window), first, "{name}");
    }
    for (name, first) in [
        ("line", "Settings line"),
        ("remote-form", "Server"),
        ("sign-in", "E-mail"),
        ("sign-up", "E-mail"),
        ("forgot", "E-mail"),
        ("keyring-session", "E-mail"),
        ("change-password", "Password of now"),
        ("totp-page", "Code"),
        ("delete", "Type “delete my account”"),
    ] {
        assert_eq!(focused(&open(scene(name))), first, "{name}");
    }
}

#[test]
fn the_session_moves_and_the_view_follows() {
    let mut window = open(scene("sign-up"));
    window.state_mut().fake.account = scene("confirm").account;
    window.run_steps(3);
    assert!(says(&window, "Confirm your address") && focused(&window) == "Code");
    window.state_mut().fake.account = signed_in();
    window.run_steps(3);
    assert!(says(&window, "Signed in, kept in this computer's keyring"));
    assert_eq!(window.state().screen.page, Page::Main);
    click(&mut window, "Delete the account…");
    assert!(says(&window, "another identity"));
    window.state_mut().fake.account = scene("ended").account;
    window.run_steps(3);
    assert!(says(&window, "You were signed out") && !says(&window, "another identity"));
}

#[test]
fn an_answer_is_taken_over_once_and_an_old_one_never() {
    let mut old = scene("sign-in");
    old.reply = AccountReply::Failed(wrong_password());
    let mut window = open(old);
    assert!(!says(&window, "is not right"), "what was answered before the dialog was opened is no news");
    window.state_mut().screen.pending = Some(super::super::Asked::Other);
    window.run_steps(2);
    assert!(says(&window, "is not right"));
    click(&mut window, "Create an account…");
    assert!(!says(&window, "is not right"), "it belongs to the view that asked");
    let mut unread = scene("sign-in");
    (unread.screen, unread.reply) = (AccountScreen::new(true), AccountReply::Failed(wrong_password()));
    assert!(says(&open(unread), "is not right"), "an answer that came while the dialog was closed is shown");
}

#[test]
fn what_was_cancelled_is_no_problem() {
    let cancelled = UserError::new(ErrorCode::Cancelled, "Stopped");
    let window = open(scene("sign-in").reply(AccountReply::Failed(cancelled)));
    assert!(!says(&window, "Stopped"));
    assert_eq!(window.state().screen.pending, None);
}

#[test]
fn details_open_and_are_copied() {
    let mut window = open(scene("sign-in-failed"));
    assert!(!says(&window, "Request id"));
    click(&mut window, "Details");
    assert!(says(&window, "Request id 0f7c2d9e"));
    click(&mut window, "Copy the details");
    assert_eq!(window.state().fake.take(), [Action::Copy(wrong_password().details)]);
    click(&mut window, "Hide the details");
    assert!(!says(&window, "Request id"));
}

#[test]
fn while_an_answer_is_awaited_only_cancel_works() {
    let mut window = open(scene("sign-in-waiting"));
    for (role, name) in [(Role::TextInput, "E-mail"), (Role::PasswordInput, "Password"), (Role::Button, "Sign in")] {
        assert!(window.get_by_role_and_label(role, name).accesskit_node().is_disabled(), "{name}");
    }
    window.get_by_role_and_label(Role::ProgressIndicator, "Asking…");
    click(&mut window, "Cancel");
    assert_eq!(window.state().fake.take(), [Action::CancelAccount]);
    window.state_mut().fake.account_reply = AccountReply::None;
    window.run_steps(3);
    assert_eq!(focused(&window), "E-mail", "the keyboard comes back");
}

#[test]
fn a_code_that_was_sent_again_is_said_and_a_first_one_is_not_said_twice() {
    let sent = || AccountReply::Done(AccountAnswer::CodeSent(Some("b***@f***.org".into())));
    let mut window = open(scene("confirm"));
    click(&mut window, "Send the code again");
    window.state_mut().fake.account_reply = sent();
    window.run_steps(2);
    assert!(says(&window, "A code was sent to b***@f***.org."));
    let mut window = open(scene("forgot"));
    typed(&mut window, "a@b.org");
    press(&mut window, Key::Enter);
    window.state_mut().fake.account_reply = sent();
    window.run_steps(2);
    assert!(!says(&window, "b***@f***.org"), "the next view says it");
}

#[test]
fn the_choice_looked_at_is_not_the_choice_in_use() {
    let mut window = open(scene("home"));
    let radio = |window: &Window, name: &str| {
        let node = window.get_by_role_and_label(Role::RadioButton, name);
        (node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True), node.accesskit_node().description())
    };
    assert_eq!(radio(&window, "My AWS"), (true, Some("In use".to_owned())));
    click(&mut window, "This computer");
    assert!(radio(&window, "This computer").0 && !radio(&window, "My AWS").0);
    assert_eq!(radio(&window, "My AWS").1, Some("In use".to_owned()));
    assert_eq!(window.state().fake.take(), [], "to look is not to choose");
    assert_eq!(window.state().screen.tab, Some(Tab::ThisComputer));
}

#[test]
fn esc_leads_back_and_then_out() {
    let mut window = open(scene("delete"));
    press(&mut window, Key::Escape);
    assert!(says(&window, "How you sign in") && window.state().shown == Shown::Open);
    press(&mut window, Key::Escape);
    assert!(window.state().shown == Shown::Closed);
    for name in ["confirm", "sign-in", "browser"] {
        let mut window = open(scene(name));
        press(&mut window, Key::Escape);
        assert!(window.state().shown == Shown::Closed, "{name}");
        assert_eq!(window.state().fake.take(), [], "{name}: closing leaves no challenge");
    }
}

#[test]
fn enter_closes_what_is_only_read_and_does_nothing_dangerous() {
    for (name, closes) in
        [("here", true), ("home", true), ("everywhere", false), ("totp-remove", false), ("back-here", false)]
    {
        let mut window = open(scene(name));
        press(&mut window, Key::Enter);
        assert_eq!(window.state().shown == Shown::Closed, closes, "{name}");
        assert_eq!(window.state().fake.take(), [], "{name}");
    }
}

#[test]
fn the_kind_of_keeping_is_said() {
    let mut account = signed_in();
    account.kept = Kept::ThisSession;
    assert!(says(&open(Scene::of(account)), "Signed in for this session only"));
    let waiting = Scene::of(signed_in()).reply(AccountReply::Waiting(OpId(3)));
    assert!(says(&open(waiting), "Asking…"));
}
