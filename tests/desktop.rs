//! The real window on a real (virtual) display: a folder dragged out of a real file manager arrives in the library.
//!
//! Needs Xvfb, openbox, pcmanfm, xdotool and wmctrl, which `tests/run` installs.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A child that does not outlive its test.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A display with a window manager.
struct Desktop {
    display: String,
    dir: tempfile::TempDir,
    _server: Owned,
    _manager: Owned,
}

#[allow(clippy::unwrap_used, reason = "a helper of tests")]
impl Desktop {
    fn start() -> Self {
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
        let manager = Command::new("openbox")
            .env("DISPLAY", &display)
            .env("HOME", dir.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox is installed by tests/run");
        let desktop = Self { display, dir, _server: Owned(server), _manager: Owned(manager) };
        // A window that opens before there is a manager might never be listed.
        wait_for("the window manager", || desktop.run("wmctrl", &["-m"]).contains("Openbox").then_some(()));
        desktop
    }

    /// A command on this display, with a home of its own.
    fn command(&self, program: &str) -> Command {
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

    fn run(&self, program: &str, words: &[&str]) -> String {
        let output = self.command(program).args(words).stderr(Stdio::null()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn window(&self, title: &str) -> Option<String> {
        let listed = self.run("wmctrl", &["-l"]);
        let line = listed.lines().find(|line| line.ends_with(title))?;
        line.split_whitespace().next().map(str::to_owned)
    }

    fn place(&self, title: &str, geometry: &str) {
        wait_for(&format!("the window {title}"), || self.window(title));
        self.run("wmctrl", &["-r", title, "-b", "remove,maximized_vert,maximized_horz"]);
        self.run("wmctrl", &["-r", title, "-e", geometry]);
    }

    /// A small change of place in steps, as a hand makes it.
    fn drag(&self, from: (i32, i32), to: (i32, i32)) {
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
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[allow(clippy::unwrap_used, reason = "a helper of tests")]
fn make_photos(dir: &Path, count: u32) {
    std::fs::create_dir_all(dir).unwrap();
    for n in 0..count {
        let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([(x * 4) as u8, (y * 5) as u8, n as u8]));
        picture.save(dir.join(format!("IMG_{n:04}.png"))).unwrap();
    }
}

fn lightkeep() -> &'static str {
    env!("CARGO_BIN_EXE_lightkeep")
}

#[allow(clippy::unwrap_used, reason = "a helper of tests")]
fn status(library: &Path) -> Option<serde_json::Value> {
    let output = Command::new(lightkeep()).arg("--library").arg(library).args(["--json", "status"]).output().unwrap();
    serde_json::from_slice(&output.stdout).ok()
}

#[allow(clippy::unwrap_used, reason = "a helper of tests")]
fn open_window(desktop: &Desktop, library: &Path) -> (Owned, PathBuf) {
    let log = desktop.dir.path().join("window.log");
    let window = desktop
        .command(lightkeep())
        .arg("--library")
        .arg(library)
        .stdout(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    (Owned(window), log)
}

#[test]
fn a_folder_dragged_from_a_file_manager_is_imported_and_stored() {
    let desktop = Desktop::start();
    let library = desktop.dir.path().join("library");
    // The only thing in its folder, so that its icon is where the first icon is.
    let outer = desktop.dir.path().join("card");
    make_photos(&outer.join("DCIM"), 12);
    let (mut window, log) = open_window(&desktop, &library);
    desktop.place("Lightkeep", "0,500,20,860,820");
    let _bus_and_manager = Owned(
        desktop
            .command("dbus-run-session")
            .args(["--", "pcmanfm"])
            .arg(&outer)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pcmanfm is installed by tests/run"),
    );
    desktop.place("card", "0,0,20,480,600");
    // Icons appear some time after their window; a drag that grabs nothing is made again.
    let mut tries = 0;
    let state = wait_for("the dragged photos to be stored", || {
        let state = status(&library)?;
        if state["photos"] == 0 && tries < 40 {
            tries += 1;
            desktop.drag((210, 150), (900, 500));
        }
        (state["stored"] == 12).then_some(state)
    });
    assert_eq!(state["photos"], 12);
    assert_eq!(state["waiting"], 0);
    desktop.run("wmctrl", &["-c", "Lightkeep"]);
    let ended = wait_for("the window to close", || window.0.try_wait().unwrap());
    assert!(ended.success(), "{ended}: {}", std::fs::read_to_string(&log).unwrap());
    let originals: Vec<_> = std::fs::read_dir(outer.join("DCIM")).unwrap().collect();
    assert_eq!(originals.len(), 12, "files stay where they are");
}

#[test]
fn a_second_window_on_the_same_library_says_so_and_stays_usable() {
    let desktop = Desktop::start();
    let library = desktop.dir.path().join("library");
    let (mut first, _) = open_window(&desktop, &library);
    wait_for("the library", || status(&library));
    wait_for("the first window", || desktop.window("Lightkeep"));
    let (mut second, log) = open_window(&desktop, &library);
    wait_for("the second window", || {
        let listed = desktop.run("wmctrl", &["-l"]);
        (listed.lines().filter(|line| line.ends_with("Lightkeep")).count() == 2).then_some(())
    });
    assert!(second.0.try_wait().unwrap().is_none(), "{}", std::fs::read_to_string(&log).unwrap());
    for window in [&mut first, &mut second] {
        wait_for("a window to close", || {
            desktop.run("wmctrl", &["-c", "Lightkeep"]);
            window.0.try_wait().unwrap().filter(std::process::ExitStatus::success)
        });
    }
}
