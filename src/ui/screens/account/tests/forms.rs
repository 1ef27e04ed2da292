//! Settings: a line to paste, a server to describe, and the whole way with the keyboard alone.

use super::scenes::*;
use super::*;
use crate::domain::account::{AwsSettings, DEFAULT_PREFIX, RemoteSettings};
use crate::protocol::NewPlace;
use crate::ui::screens::tests::{click, says};

#[test]
fn a_settings_line_is_checked_while_it_is_typed() {
    let line = settings().line();
    let mut window = open(scene("line"));
    assert!(!says(&window, "The line is whole."));
    // As a mail program wraps it.
    let (start, end) = line.split_at(50);
    pasted(&mut window, &format!("  {start}\r\n"));
    assert!(window.get_by_role_and_label(Role::Button, "Use these settings").accesskit_node().is_disabled());
    press(&mut window, Key::Enter);
    assert_eq!(account_asks(&window), []);
    assert!(says(&window, "Paste the whole settings line."));
    pasted(&mut window, end);
    assert!(says(&window, "The line is whole."));
    press(&mut window, Key::Enter);
    let asks = account_asks(&window);
    let [AccountAsk::Use(NewPlace::AwsLine(sent))] = asks.as_slice() else { panic!("{asks:?}") };
    assert_eq!(AwsSettings::from_line(sent), Ok(settings()));
}

#[test]
fn wrong_lines_are_explained_in_words() {
    let line = settings().line();
    for (text, words) in [
        ("https://example.org".to_owned(), "This is not a Lightkeep settings line, which begins with"),
        ("lightkeep:9?region=x".to_owned(), "This settings line is of a newer Lightkeep."),
        (line.replace("bucket=", "bukket="), "The settings line lacks \"bucket\"; was it copied whole?"),
        (format!("{line}&region=x"), "The settings line has \"region\" twice."),
        (line.replace("owner=123456789012", "owner=12"), "is not a 12-digit account id"),
        ("x".repeat(9000), "This is not a Lightkeep settings line"),
    ] {
        let mut window = open(scene("line"));
        pasted(&mut window, &text);
        assert!(says(&window, words), "{words}: {:?}", all_said(&window));
        press(&mut window, Key::Enter);
        assert_eq!(account_asks(&window), [], "{words}");
    }
}

#[test]
fn a_server_with_keys() {
    let mut window = open(scene("remote-form"));
    for (role, name, text) in [
        (Role::TextInput, "Server", "https://s3.example.org"),
        (Role::TextInput, "Region", "eu-central-1"),
        (Role::TextInput, "Bucket", "photos"),
        (Role::TextInput, "Access key id", " AKIDEXAMPLE "),
        (Role::PasswordInput, "Secret access key", "wJalr/bPx+key\n"),
    ] {
        focus(&mut window, role, name);
        pasted(&mut window, text);
    }
    click(&mut window, "Use this server");
    let settings = RemoteSettings {
        endpoint: Some("https://s3.example.org".into()),
        region: "eu-central-1".into(),
        bucket: "photos".into(),
        path_style: true,
        profile: None,
        prefix: DEFAULT_PREFIX.into(),
    };
    let keys = Some(("AKIDEXAMPLE".into(), "wJalr/bPx+key".into()));
    assert_eq!(account_asks(&window), [AccountAsk::Use(NewPlace::Remote { settings, keys })]);
}

#[test]
fn a_server_that_cannot_be_right_says_why() {
    let mut window = open(scene("remote-form"));
    for (name, text) in [("Server", "http://s3.example.org"), ("Region", "eu-central-1"), ("Bucket", "photos")] {
        focus(&mut window, Role::TextInput, name);
        pasted(&mut window, text);
    }
    assert!(says(&window, "without https:// only this computer itself may be named"));
    assert!(window.get_by_role_and_label(Role::Button, "Use this server").accesskit_node().is_disabled());
    press(&mut window, Key::Enter);
    assert_eq!(account_asks(&window), []);
    assert_eq!(focused(&window), "Access key id", "the first that is missing");
}

#[test]
fn aws_with_a_profile_and_kept_keys() {
    let mut window = open(scene("remote-form"));
    for (name, text) in [("Region", "eu-central-1"), ("Bucket", "photos")] {
        focus(&mut window, Role::TextInput, name);
        pasted(&mut window, text);
    }
    click(&mut window, "Bucket in the path");
    click(&mut window, "Profile of the AWS tools");
    focus(&mut window, Role::TextInput, "Profile");
    typed(&mut window, "studio");
    press(&mut window, Key::Enter);
    let asks = account_asks(&window);
    let [AccountAsk::Use(NewPlace::Remote { settings, keys: None })] = asks.as_slice() else { panic!("{asks:?}") };
    assert_eq!((settings.profile.as_deref(), settings.endpoint.as_deref()), (Some("studio"), None));
    assert!(!settings.path_style);

    let mut window = open(scene("remote-home"));
    click(&mut window, "Change the settings…");
    focus(&mut window, Role::TextInput, "Region");
    press(&mut window, Key::Enter);
    let unchanged = AccountAsk::Use(NewPlace::Remote { settings: remote(), keys: None });
    assert_eq!(account_asks(&window), [unchanged], "the keys stay those of the keyring");
}

#[test]
fn one_key_alone_is_not_enough() {
    let mut window = open(scene("remote-home"));
    click(&mut window, "Change the settings…");
    focus(&mut window, Role::TextInput, "Access key id");
    typed(&mut window, "AKID");
    press(&mut window, Key::Enter);
    assert_eq!(account_asks(&window), []);
    assert_eq!(focused(&window), "Secret access key");
}

#[test]
fn the_keyboard_alone_is_enough_to_sign_in() {
    let mut window = open(scene("sign-in"));
    typed(&mut window, "ann@example.org");
    press(&mut window, Key::Enter);
    assert_eq!(focused(&window), "Password", "Enter goes on to what is missing");
    assert_eq!(account_asks(&window), []);
    typed(&mut window, "pass");
    press(&mut window, Key::Tab);
    assert_eq!(focused(&window), "Keep me signed in", "Tab passes the eye over");
    press(&mut window, Key::Space);
    let mut seen = Vec::new();
    for _ in 0..12 {
        press(&mut window, Key::Tab);
        seen.push(focused(&window));
        if seen.last().is_some_and(|name| name == "Sign in") {
            break;
        }
    }
    for name in ["Create an account…", "Forgot the password?", "Sign in in the browser", "Other settings…", "Sign in"]
    {
        assert!(seen.iter().any(|seen| seen == name), "{name} cannot be reached: {seen:?}");
    }
    press(&mut window, Key::Space);
    let ask = AccountAsk::SignIn { email: "ann@example.org".into(), password: "pass".into(), keep: false };
    assert_eq!(account_asks(&window), [ask]);
}

#[test]
fn what_has_the_keyboard_is_in_sight_in_a_small_window() {
    let mut window = open_in(scene("remote-form"), (480.0, 380.0));
    // As many as the form has; the next is the cross, which does not scroll.
    for _ in 0..9 {
        press(&mut window, Key::Tab);
        let node = window.root().children_recursive().find(|node| node.accesskit_node().is_focused()).expect("a focus");
        let rect = node.rect();
        assert!(rect.top() >= 40.0 && rect.bottom() <= 372.0, "{}: {rect:?}", focused(&window));
    }
}
