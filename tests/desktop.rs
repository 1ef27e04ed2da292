//! The real window on a real (virtual) display: a folder dragged out of a real file manager arrives in the library.
//!
//! Needs Xvfb, openbox, pcmanfm, xdotool and wmctrl, which `tests/run` installs.

mod common;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::desktop::{Desktop, Owned, wait_for};

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
