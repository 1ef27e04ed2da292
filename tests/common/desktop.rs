//! A virtual display with a window manager, and hands on it.
//!
//! Needs Xvfb, openbox, xdotool and wmctrl, which `tests/run` installs.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A child that does not outlive its test.
pub struct Owned(pub Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn window_manager(display: &str, home: &Path) -> Child {
    let mut openbox = Command::new("openbox");
    openbox.env("DISPLAY", display).env("HOME", home).stderr(Stdio::null());
    openbox.spawn().expect("openbox is installed by tests/run")
}

/// A display with a window manager.
pub struct Desktop {
    pub display: String,
    pub dir: tempfile::TempDir,
    _server: Owned,
    manager: Owned,
}

impl Desktop {
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed by tests/run");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let display = format!(":{}", number.trim());
        let dir = tempfile::tempdir().unwrap();
        let manager = Owned(window_manager(&display, dir.path()));
        let mut desktop = Self { display, dir, _server: Owned(server), manager };
        // A window that opens before there is a manager might never be listed. One that came up before its display was
        // ready has ended again.
        wait_for("the window manager", || {
            if desktop.manager.0.try_wait().unwrap().is_some() {
                desktop.manager = Owned(window_manager(&desktop.display, desktop.dir.path()));
            }
            desktop.run("wmctrl", &["-m"]).contains("Openbox").then_some(())
        });
        desktop
    }

    /// A command on this display, with a home of its own.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("HOME", self.dir.path())
            .env("XDG_RUNTIME_DIR", self.dir.path())
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, program: &str, words: &[&str]) -> String {
        let output = self.command(program).args(words).stderr(Stdio::null()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn window(&self, title: &str) -> Option<String> {
        let listed = self.run("wmctrl", &["-l"]);
        let line = listed.lines().find(|line| line.ends_with(title))?;
        line.split_whitespace().next().map(str::to_owned)
    }

    pub fn place(&self, title: &str, geometry: &str) {
        wait_for(&format!("the window {title}"), || self.window(title));
        self.run("wmctrl", &["-r", title, "-b", "remove,maximized_vert,maximized_horz"]);
        self.run("wmctrl", &["-r", title, "-e", geometry]);
    }

    /// A small change of place in steps, as a hand makes it.
    pub fn drag(&self, from: (i32, i32), to: (i32, i32)) {
        let at = |x: i32, y: i32| self.run("xdotool", &["mousemove", "--sync", &x.to_string(), &y.to_string()]);
        at(from.0, from.1);
        self.run("xdotool", &["mousedown", "1"]);
        for step in 1..=20 {
            at(from.0 + (to.0 - from.0) * step / 20, from.1 + (to.1 - from.1) * step / 20);
        }
        self.run("xdotool", &["mouseup", "1"]);
    }
}

/// Waits until there is an answer, or fails with what was waited for.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
