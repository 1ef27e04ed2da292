//! What each control asks of the account, exactly.

use super::scenes::*;
use super::*;
use crate::domain::account::Factor;
use crate::protocol::{AccountAnswer, ChallengeAnswer, DELETE_WORDS, NewPlace};
use crate::ui::AccountReply;
use crate::ui::screens::tests::{click, says};

const GOOD: &str = "Correct-horse-7";

/// Types into fields by name, then presses Enter.
fn fill(window: &mut Window, fields: &[(Role, &str, &str)]) {
    for (role, name, text) in fields {
        focus(window, *role, name);
        typed(window, text);
    }
    press(window, Key::Enter);
}

fn code(digits: &str) -> AccountAsk {
    AccountAsk::Answer(ChallengeAnswer::Code(digits.into()))
}

#[test]
fn sign_in_keeps_or_does_not() {
    let fields = [(Role::TextInput, "E-mail", " ann@example.org "), (Role::PasswordInput, "Password", " pass word ")];
    let ask = |keep| AccountAsk::SignIn { email: "ann@example.org".into(), password: " pass word ".into(), keep };
    let mut window = open(scene("sign-in"));
    fill(&mut window, &fields);
    assert_eq!(account_asks(&window), [ask(true)], "spaces belong to a password");
    let mut window = open(scene("sign-in"));
    click(&mut window, "Keep me signed in");
    fill(&mut window, &fields);
    assert_eq!(account_asks(&window), [ask(false)]);
    let mut window = open(scene("keyring-session"));
    fill(&mut window, &fields);
    assert_eq!(account_asks(&window), [ask(false)], "without a keyring nothing is kept");
}

#[test]
fn an_account_that_was_left_is_taken_up_again() {
    let mut window = open(scene("line-again"));
    click(&mut window, "Use it again");
    assert_eq!(account_asks(&window), [AccountAsk::Use(NewPlace::AwsLine(settings().line()))]);
}

#[test]
fn the_browser_is_offered_where_there_is_a_page() {
    let mut window = open(scene("sign-in"));
    click(&mut window, "Sign in in the browser");
    assert_eq!(account_asks(&window), [AccountAsk::SignInBrowser { keep: true }]);
    let mut window = open(scene("keyring-session"));
    click(&mut window, "Sign in in the browser");
    assert_eq!(account_asks(&window), [AccountAsk::SignInBrowser { keep: false }]);
    let mut without = scene("sign-in");
    if let crate::domain::account::Place::Aws(settings) = &mut without.account.place {
        settings.login = None;
    }
    assert!(!says(&open(without), "browser"));
}

#[test]
fn making_an_account() {
    let mut window = open(scene("sign-in"));
    click(&mut window, "Create an account…");
    fill(
        &mut window,
        &[(Role::TextInput, "E-mail", "ann@example.org"), (Role::PasswordInput, "New password", "Short-7")],
    );
    assert_eq!(account_asks(&window), [], "the pool would refuse it");
    assert!(says(&window, "The new password does not meet all rules yet."));
    assert_eq!(focused(&window), "New password");
    typed(&mut window, "-and-longer");
    assert!(says(&window, "at least 12 characters: met"));
    press(&mut window, Key::Enter);
    let ask = AccountAsk::SignUp { email: "ann@example.org".into(), password: "Short-7-and-longer".into() };
    assert_eq!(account_asks(&window), [ask]);

    let mut window = open(scene("confirm"));
    pasted(&mut window, " 123 456 ");
    press(&mut window, Key::Enter);
    click(&mut window, "Send the code again");
    click(&mut window, "Not now");
    let email = || "ann.lee@example.org".into();
    assert_eq!(
        account_asks(&window),
        [
            AccountAsk::Confirm { email: email(), code: "123456".into() },
            AccountAsk::Resend { email: email() },
            AccountAsk::Leave
        ]
    );
}

#[test]
fn codes_with_spaces_and_hyphens_and_nothing_else() {
    for (name, ask) in [
        ("code-totp", code("123456")),
        ("code-sms", code("123456")),
        ("code-email", code("123456")),
        ("setup-totp", code("123456")),
    ] {
        for text in ["123456", "123-456", "\u{200b}12 34 56"] {
            let mut window = open(scene(name));
            pasted(&mut window, text);
            press(&mut window, Key::Enter);
            assert_eq!(account_asks(&window), std::slice::from_ref(&ask), "{name} {text:?}");
        }
        for text in ["12", "12345a", "", "12345678901"] {
            let mut window = open(scene(name));
            pasted(&mut window, text);
            press(&mut window, Key::Enter);
            assert_eq!(account_asks(&window), [], "{name} {text:?}");
            assert!(says(&window, "Type the digits of the code."), "{name} {text:?}");
        }
        let mut window = open(scene(name));
        click(&mut window, "Cancel the sign-in");
        assert_eq!(account_asks(&window), [AccountAsk::Leave], "{name}");
    }
}

#[test]
fn a_forgotten_password() {
    let mut window = open(scene("sign-in"));
    typed(&mut window, "ann@example.org");
    click(&mut window, "Forgot the password?");
    assert_eq!(focused(&window), "E-mail");
    press(&mut window, Key::Enter);
    assert_eq!(account_asks(&window), [AccountAsk::Forgot { email: "ann@example.org".into() }]);
    let mut window = open(scene("reset"));
    click(&mut window, "Send the code again");
    fill(&mut window, &[(Role::TextInput, "Code", "12 34 56"), (Role::PasswordInput, "New password", GOOD)]);
    let email = || "ann.lee@example.org".into();
    let reset = AccountAsk::ResetPassword { email: email(), code: "123456".into(), password: GOOD.into() };
    assert_eq!(account_asks(&window), [AccountAsk::Forgot { email: email() }, reset]);
}

#[test]
fn passwords_as_answers_and_choices() {
    let password = |text: &str| AccountAsk::Answer(ChallengeAnswer::Password(text.into()));
    let mut window = open(scene("new-password"));
    typed(&mut window, GOOD);
    press(&mut window, Key::Enter);
    assert_eq!(account_asks(&window), [password(GOOD)]);
    for (name, factor) in
        [("Authenticator app", Factor::Totp), ("Text message", Factor::Sms), ("E-mail", Factor::Email)]
    {
        let mut window = open(scene("choose"));
        click(&mut window, name);
        assert_eq!(account_asks(&window), [AccountAsk::Answer(ChallengeAnswer::Choose(factor))]);
    }
    let mut window = open(scene("choose"));
    click(&mut window, "Password");
    assert_eq!(focused(&window), "Password");
    typed(&mut window, "old one");
    press(&mut window, Key::Enter);
    assert_eq!(account_asks(&window), [password("old one")]);
}

#[test]
fn the_browser_view() {
    let mut window = open(scene("browser"));
    click(&mut window, "Open the page again");
    click(&mut window, "Copy the address");
    click(&mut window, "Cancel the sign-in");
    let actions = window.state().fake.take();
    let [Action::OpenPage(page), Action::Copy(copied), Action::CancelAccount] = actions.as_slice() else {
        panic!("{} actions", actions.len())
    };
    assert!(page == copied && page.starts_with("https://lightkeep-lee.auth"));
    window.state_mut().fake.account_reply = AccountReply::None;
    window.run_steps(2);
    click(&mut window, "Cancel the sign-in");
    assert_eq!(account_asks(&window), [AccountAsk::Leave], "where nothing is waited for, the challenge is left");
}

#[test]
fn the_account_at_home() {
    let mut window = open(scene("home"));
    click(&mut window, "Check the connection");
    click(&mut window, "Authenticator app: Set up…");
    click(&mut window, "Other ways…");
    click(&mut window, "Codes by e-mail: Switch on");
    click(&mut window, "Codes by text message: Switch on");
    click(&mut window, "Sign out");
    assert_eq!(
        account_asks(&window),
        [
            AccountAsk::Check,
            AccountAsk::TotpBegin,
            AccountAsk::UseFactor { factor: Factor::Email, on: true },
            AccountAsk::UseFactor { factor: Factor::Sms, on: true },
            AccountAsk::SignOut
        ]
    );
    let mut window = open(scene("home-factors"));
    click(&mut window, "Codes by e-mail: Switch off");
    click(&mut window, "Authenticator app: Remove…");
    assert_eq!(account_asks(&window), [AccountAsk::UseFactor { factor: Factor::Email, on: false }]);
    click(&mut window, "Remove it");
    assert_eq!(account_asks(&window), [AccountAsk::TotpRemove]);
}

#[test]
fn an_authenticator_app_from_begin_to_end() {
    let mut window = open(scene("home"));
    click(&mut window, "Authenticator app: Set up…");
    assert_eq!(account_asks(&window), [AccountAsk::TotpBegin]);
    window.state_mut().fake.account_reply = AccountReply::Done(AccountAnswer::Totp(totp()));
    window.run_steps(3);
    window.state_mut().fake.account_reply = AccountReply::None;
    assert!(says(&window, "JBSW Y3DP") && focused(&window) == "Code");
    pasted(&mut window, "123 456");
    press(&mut window, Key::Enter);
    assert_eq!(account_asks(&window), [AccountAsk::TotpFinish { code: "123456".into() }]);
    window.state_mut().fake.account_reply = AccountReply::Done(AccountAnswer::Done("Authenticator app set up".into()));
    window.run_steps(3);
    assert!(says(&window, "Authenticator app set up.") && says(&window, "How you sign in"));
    assert!(!says(&window, "JBSW"), "the key is gone");
}

#[test]
fn the_ends_ask_first() {
    let mut window = open(scene("home"));
    click(&mut window, "Sign out everywhere…");
    assert_eq!(account_asks(&window), []);
    click(&mut window, "Sign out everywhere");
    assert_eq!(account_asks(&window), [AccountAsk::SignOutEverywhere]);

    let mut window = open(scene("home"));
    click(&mut window, "Delete the account…");
    assert_eq!(focused(&window), "Type “delete my account”");
    for wrong in ["", "delete", "Delete my account!"] {
        typed(&mut window, wrong);
        press(&mut window, Key::Enter);
        assert_eq!(account_asks(&window), [], "{wrong}");
        let button = window.get_by_role_and_label(Role::Button, "Delete the account");
        assert!(button.accesskit_node().is_disabled());
        window.key_press_modifiers(Modifiers::COMMAND, Key::A);
        window.run_steps(1);
        press(&mut window, Key::Backspace);
    }
    typed(&mut window, DELETE_WORDS);
    press(&mut window, Key::Enter);
    assert_eq!(account_asks(&window), [AccountAsk::DeleteAccount { typed: DELETE_WORDS.into() }]);
}

#[test]
fn another_password() {
    let mut window = open(scene("change-password"));
    fill(&mut window, &[(Role::PasswordInput, "Password of now", "old"), (Role::PasswordInput, "New password", GOOD)]);
    assert_eq!(account_asks(&window), [AccountAsk::ChangePassword { old: "old".into(), new: GOOD.into() }]);
}

#[test]
fn trying_again_and_going_elsewhere() {
    for (name, button, ask) in [
        ("keyring-locked", "Try again", AccountAsk::TryAgain),
        ("offline", "Try again", AccountAsk::TryAgain),
        ("remote-home", "Check the connection", AccountAsk::Check),
        ("back-here", "Use this computer only", AccountAsk::Use(NewPlace::ThisComputer)),
    ] {
        let mut window = open(scene(name));
        click(&mut window, button);
        assert_eq!(account_asks(&window), [ask], "{name}");
    }
    let mut window = open(scene("hand-on"));
    click(&mut window, "Copy the line");
    assert_eq!(window.state().fake.take(), [Action::Copy(settings().line())]);
}
