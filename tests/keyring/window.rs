//! A person unlocks the keyring: the desktop's own password window, on a virtual display.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::client::Client;
use super::secret_service::{PASSWORD, SecretService, State};

/// A child that does not outlive its test.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Display {
    name: String,
    _server: Owned,
}

impl Display {
    fn start() -> Self {
        // Without "noreset" it throws everybody out whenever its only client leaves, and here each look is one.
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset"]);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut number = String::new();
        let out = server.stdout.take().unwrap();
        let server = Owned(server);
        BufReader::new(out).read_line(&mut number).unwrap();
        Self { name: format!(":{}", number.trim()), _server: server }
    }

    fn run(&self, words: &[&str]) -> String {
        let output = Command::new("xdotool").env("DISPLAY", &self.name).args(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn shows_window(&self) -> bool {
        !self.run(&["search", "--onlyvisible", "--class", "gcr-prompter"]).is_empty()
    }

    /// Waits for the window, and does what a person does in it until it is gone: keys that come before it has taken the
    /// keyboard are lost.
    fn in_window(&self, keys: &[&[&str]]) {
        self.wait("no window asked for the password", || self.shows_window());
        self.wait("the window stayed", || {
            for words in keys {
                self.run(words);
            }
            let typed = Instant::now();
            while self.shows_window() && typed.elapsed() < Duration::from_secs(2) {
                std::thread::sleep(Duration::from_millis(20));
            }
            !self.shows_window()
        });
    }

    fn wait(&self, failure: &str, is: impl Fn() -> bool) {
        let started = Instant::now();
        while !is() {
            assert!(started.elapsed() < Duration::from_secs(30), "{failure}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_person_unlocks_it_in_the_desktops_own_window_while_other_calls_say_locked() {
    let display = Display::start();
    let mut service = SecretService::start_on(State::Unlocked, Some(&display.name));
    let mut client = Client::start(&service.envs());
    assert_eq!(client.set("a", "kept"), "ok");
    service.restart_locked();
    assert_eq!(client.get("a"), "locked");
    client.order("unlock", "", "");
    let mut other = Client::start(&service.envs());
    assert_eq!(other.get("a"), "locked", "others do not wait for the person");
    display.in_window(&[&["key", "ctrl+a"], &["type", PASSWORD], &["key", "Return"]]);
    assert_eq!(client.answer(), "ok");
    assert_eq!(client.get("a"), "some kept");
    assert_eq!(other.get("a"), "some kept");
}

#[test]
fn a_person_who_closes_the_window_leaves_it_locked() {
    let display = Display::start();
    let service = SecretService::start_on(State::Locked, Some(&display.name));
    let mut client = Client::start(&service.envs());
    client.order("unlock", "", "");
    display.in_window(&[&["key", "Escape"]]);
    assert_eq!(client.answer(), "locked");
}

#[test]
fn a_person_who_comes_late_holds_no_thread_and_what_they_type_counts() {
    let display = Display::start();
    let mut service = SecretService::start_on(State::Unlocked, Some(&display.name));
    let mut client = Client::start(&service.envs());
    assert_eq!(client.set("a", "kept"), "ok");
    service.restart_locked();
    assert_eq!(client.get("a"), "locked");
    let threads = client.threads();
    client.order("unlock in 1.5 s", "", "");
    display.wait("no window asked for the password", || display.shows_window());
    assert_eq!(client.answer(), "slow");
    display.wait("a thread stayed", || client.threads() <= threads);
    assert_eq!(client.get("a"), "locked");
    display.in_window(&[&["key", "ctrl+a"], &["type", PASSWORD], &["key", "Return"]]);
    assert_eq!(client.get("a"), "some kept");
}
