//! What is typed in secret is never said, never shown by `Debug`, and forgotten when it was sent or left.

use eframe::egui::widgets::text_edit::TextEditState;

use super::super::Field;
use super::*;
use crate::ui::screens::tests::click;

const PASSWORD: &str = "Xylophone-42-Quagga";

/// Views with masked fields: the scene and the names of the fields.
const MASKED: &[(&str, &[&str])] = &[
    ("sign-in", &["Password"]),
    ("sign-up", &["New password"]),
    ("new-password", &["New password"]),
    ("reset", &["New password"]),
    ("change-password", &["Password of now", "New password"]),
    ("remote-form", &["Secret access key"]),
];

fn nowhere(window: &Window, when: &str) {
    for text in all_said(window) {
        // Also no part of it: egui describes what it drew in runs.
        assert!(!text.contains("Xylo") && !text.contains("Quagga"), "{when}: said {text:?}");
    }
    let debug = format!("{:?}", window.state().screen);
    assert!(!debug.contains("Xylo") && !debug.contains("ann@"), "{when}: {debug}");
}

#[test]
fn passwords_are_never_said_and_never_in_debug() {
    for (name, fields) in MASKED {
        let mut window = open(scene(name));
        for field in *fields {
            focus(&mut window, Role::PasswordInput, field);
            typed(&mut window, PASSWORD);
            nowhere(&window, name);
            let show = format!("Show the {}{}", field[..1].to_lowercase(), &field[1..]);
            click(&mut window, &show);
            focus(&mut window, Role::PasswordInput, field);
            nowhere(&window, &format!("{name}, shown"));
            assert!(all_said(&window).iter().any(|text| text.starts_with("•••")), "the dots are still there");
            typed(&mut window, "é");
            nowhere(&window, &format!("{name}, shown and changed"));
            let hide = show.replace("Show", "Hide");
            click(&mut window, &hide);
        }
    }
}

#[test]
fn a_long_secret_is_masked_to_its_end() {
    let mut window = open(scene("sign-in"));
    focus(&mut window, Role::PasswordInput, "Password");
    typed(&mut window, &format!("{}Xylophone", "x".repeat(251)));
    click(&mut window, "Show the password");
    window.run_steps(2);
    let said = all_said(&window);
    assert!(!said.iter().any(|text| text.contains("xxx") || text.contains("Xy") || text.contains("phone")), "{said:?}");
}

#[test]
fn copying_out_of_a_masked_field_gives_nothing() {
    let mut window = open(scene("sign-in"));
    focus(&mut window, Role::PasswordInput, "Password");
    typed(&mut window, PASSWORD);
    click(&mut window, "Show the password");
    focus(&mut window, Role::PasswordInput, "Password");
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    for event in [Event::Copy, Event::Cut] {
        window.event(event);
        window.step();
        let commands = format!("{:?}", window.output().platform_output.commands);
        assert!(!commands.contains("Xylo"), "{commands}");
    }
}

#[test]
fn what_was_sent_is_forgotten_and_cannot_be_undone_back() {
    let mut window = open(scene("sign-in"));
    typed(&mut window, "ann@example.org");
    focus(&mut window, Role::PasswordInput, "Password");
    typed(&mut window, PASSWORD);
    let id = egui::Id::unique(("account field", Field::Password as u8));
    let state = TextEditState::load(&window.ctx, id).expect("a state");
    let now = (egui::text::CCursorRange::default(), String::new());
    assert!(!state.undoer().has_undo(&now), "egui remembers what was typed");
    press(&mut window, Key::Enter);
    assert_eq!(account_asks(&window).len(), 1);
    let screen = &window.state().screen;
    assert_eq!((screen.fields.get(Field::Password), screen.fields.get(Field::Email)), ("", "ann@example.org"));
    focus(&mut window, Role::PasswordInput, "Password");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
    assert_eq!(window.state().screen.fields.get(Field::Password), "");
}

#[test]
fn what_is_left_is_forgotten() {
    for (name, way_out) in
        [("change-password", "Back"), ("sign-in", "Create an account…"), ("sign-in", "This computer")]
    {
        let mut window = open(scene(name));
        let field = if name == "sign-in" { "Password" } else { "Password of now" };
        focus(&mut window, Role::PasswordInput, field);
        typed(&mut window, PASSWORD);
        click(&mut window, way_out);
        window.run_steps(2);
        assert_eq!(window.state().screen.fields.get(Field::Password), "", "{name}, {way_out}");
    }
    let mut window = open(scene("code-totp"));
    typed(&mut window, "123456");
    press(&mut window, Key::Escape);
    assert_eq!(window.state().screen.fields.get(Field::Code), "", "closing forgets");
}
