//! The real window on a real display: signed in with the keyboard alone, still signed in at the next start, and no secret
//! in anything that the window wrote.

use std::fs::File;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::desktop::{Desktop, Owned, wait_for};
use crate::home::{EMAIL, Home, PASSWORD, files_below};
use crate::proxy::{Proxy, Twist};

fn open_window(home: &Home, desktop: &Desktop) -> Owned {
    let mut command = home.program();
    command.env("DISPLAY", &desktop.display).env("LIBGL_ALWAYS_SOFTWARE", "1");
    let log = File::create(home.dir.path().join("window.log")).unwrap();
    let window = Owned(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap());
    desktop.place("Lightkeep", "0,20,20,1200,820");
    window
}

fn close(home: &Home, desktop: &Desktop, mut window: Owned) {
    let ended = wait_for("the window to close", || {
        desktop.run("wmctrl", &["-c", "Lightkeep"]);
        window.0.try_wait().unwrap()
    });
    let log = std::fs::read_to_string(home.dir.path().join("window.log")).unwrap();
    assert!(ended.success(), "{ended}: {log}");
    assert!(!log.contains("panicked"), "{log}");
}

fn remembered_user(home: &Home) -> Option<String> {
    let settings = std::fs::read_to_string(home.library().join("config.toml")).ok()?;
    let settings: toml::Table = settings.parse().ok()?;
    Some(settings.get("aws")?.get("user")?.as_str()?.to_owned())
}

#[test]
fn signed_in_with_the_keyboard_and_still_signed_in_next_time() {
    let home = Home::new();
    let proxy = Proxy::before(&home.server.endpoint());
    let refreshed = Arc::new(AtomicUsize::new(0));
    let count = refreshed.clone();
    proxy.twist(move |operation, _| {
        count.fetch_add(usize::from(operation == "GetTokensFromRefreshToken"), Ordering::SeqCst);
        Twist::Pass
    });
    home.ok(&["use", &home.line.replace(&home.server.endpoint(), &proxy.endpoint())], &[]);
    home.ok(&["sign-up"], &[EMAIL, PASSWORD]);
    let code = home.code(EMAIL, 1);
    home.ok(&["confirm"], &[EMAIL, &code]);
    let desktop = Desktop::start();
    let window = open_window(&home, &desktop);
    let mut looks = 0;
    wait_for("the sign-in", || {
        // Keys that come before the window listens are lost: a hand would try again, too.
        if looks % 100 == 0 {
            desktop.run("xdotool", &["key", "Escape", "Escape"]);
            let before = picture(&desktop);
            desktop.run("xdotool", &["key", "ctrl+comma"]);
            let soon = Instant::now() + Duration::from_secs(5);
            while picture(&desktop) == before && Instant::now() < soon {}
            desktop.run("xdotool", &["type", "--delay", "8", EMAIL]);
            desktop.run("xdotool", &["key", "Tab"]);
            desktop.run("xdotool", &["type", "--delay", "8", PASSWORD]);
            desktop.run("xdotool", &["key", "Return"]);
        }
        looks += 1;
        remembered_user(&home)
    });
    close(&home, &desktop, window);
    // The keyring has it: a sub-command, and the window of the next day, are signed in without a word.
    let state = home.ok(&["status"], &[]);
    assert_eq!((&state["session"], &state["email"]), (&Value::from("signed_in"), &Value::from(EMAIL)));
    refreshed.store(0, Ordering::SeqCst);
    let window = open_window(&home, &desktop);
    wait_for("the session to be restored", || (refreshed.load(Ordering::SeqCst) > 0).then_some(()));
    close(&home, &desktop, window);
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_in");
    for (path, content) in files_below(home.dir.path()) {
        for secret in [EMAIL, PASSWORD] {
            let found = content.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} stands in {}", path.display());
        }
    }
}

/// What is on the screen: a person types into a dialog once they see it.
fn picture(desktop: &Desktop) -> String {
    desktop.run("import", &["-window", "root", "-resize", "5%", "txt:-"])
}
