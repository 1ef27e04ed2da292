//! The window on large libraries: from the start to a filled grid, frames while flinging, memory.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use eframe::egui::vec2;
use serde::{Deserialize, Serialize};

use super::data::Data;
use super::measure::{median, megabytes, percentile, status_bytes};
use super::pilot::Pilot;
use super::table::{Met, Row};

/// The word that makes this program the child.
pub const CHILD: &str = "child-window";
/// What is asked for, for the smaller and the larger library: seconds to a filled grid, and bytes.
const TARGETS: [(f64, u64); 2] = [(0.5, 300_000_000), (1.0, 600_000_000)];

/// What a child says.
#[derive(Serialize, Deserialize)]
struct Said {
    cells: usize,
    start_s: f64,
    /// Processor time of each frame, in ms.
    frames_ms: Vec<f64>,
    /// Frames of them in which every cell showed its picture.
    filled_frames: usize,
    filled_bytes: u64,
    most_bytes: u64,
}

/// The rows of both libraries.
pub fn rows(data: &Data) -> Vec<Row> {
    let mut rows = Vec::new();
    for (photos, (most_s, most_bytes)) in data.photos.into_iter().zip(TARGETS) {
        let library = data.library(photos);
        let runs: Vec<Said> = (0..data.rounds).map(|_| ask(&library, data.frames, &[])).collect();
        let starts: Vec<f64> = runs.iter().map(|run| run.start_s).collect();
        let frames: Vec<f64> = runs.iter().flat_map(|run| run.frames_ms.iter().copied()).collect();
        let bytes = runs.iter().map(|run| run.most_bytes).max().unwrap();
        let (cells, many) = (runs[0].cells, thousands(photos));
        let filled = runs.iter().map(|run| run.filled_frames).sum::<usize>() * 100 / frames.len();
        rows.push(Row::new(
            format!("start to a filled grid of {cells}, {many} photos"),
            format!("{:.0} ms (slowest {:.0})", median(&starts) * 1e3, percentile(&starts, 1.0) * 1e3),
            &format!("{most_s} s"),
            Met::from(median(&starts) < most_s),
        ));
        let (middle, late) = (median(&frames), percentile(&frames, 0.99));
        rows.push(Row::new(
            format!("processor time of a frame while flinging, {many} photos ({filled} % of frames filled)"),
            format!("median {middle:.2} ms, p99 {late:.2} ms, most {:.2} ms", percentile(&frames, 1.0)),
            "median 1 ms, p99 4 ms",
            Met::from(middle < 1.0 && late < 4.0),
        ));
        let at_start = runs.iter().map(|run| run.filled_bytes).max().unwrap();
        rows.push(Row::new(
            format!("resident memory, {many} photos, most while flinging"),
            format!("{} (filled at the start: {})", megabytes(bytes), megabytes(at_start)),
            &megabytes(most_bytes),
            Met::from(bytes < most_bytes),
        ));
    }
    rows
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).unwrap()).collect();
    groups.join(",")
}

/// Seconds from the start to a filled grid, with these environment variables.
pub fn start_s(library: &Path, environment: &[(&'static str, OsString)]) -> f64 {
    ask(library, 1, environment).start_s
}

/// Starts the child and hears what it says.
fn ask(library: &Path, frames: usize, environment: &[(&'static str, OsString)]) -> Said {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([CHILD.to_owned(), frames.to_string(), now.to_string()])
        .arg(library)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the child failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The child: opens the library, waits for the grid, flings through it. Its start is the moment that it was started.
pub fn child(words: &[String]) {
    let [frames, started, library] = words else { panic!("{CHILD} FRAMES START LIBRARY") };
    // 140 cells with their names, on a screen of usual size.
    let mut pilot = Pilot::start(Path::new(library), vec2(1920.0, 1340.0), 104.0);
    let cells = pilot.fill(Duration::from_secs(60)).expect("the grid is never filled");
    let started = UNIX_EPOCH + Duration::from_nanos(started.parse().unwrap());
    let start_s = SystemTime::now().duration_since(started).unwrap().as_secs_f64();
    let bytes = |name| status_bytes("/proc/self/status", name).unwrap_or(0);
    let filled_bytes = bytes("VmRSS");
    let mut frames_ms = Vec::new();
    let mut filled_frames = 0;
    for n in 0..frames.parse().unwrap() {
        frames_ms.push(pilot.frame(wheel(n)).as_secs_f64() * 1e3);
        let (cells, filled) = pilot.on_screen();
        filled_frames += usize::from(cells == filled);
    }
    let said = Said { cells, start_s, frames_ms, filled_frames, filled_bytes, most_bytes: bytes("VmHWM") };
    println!("{}", serde_json::to_string(&said).unwrap());
    pilot.close();
}

/// The wheel of somebody who looks for a photo: a fling of 18 screens a second that dies out, half a second of slow
/// scrolling, and again; in points of each frame. Every fifth fling goes back.
fn wheel(frame: usize) -> f32 {
    let (fling, at) = (frame / 90, frame % 90);
    let speed = if at < 60 { 400.0 * 0.96_f32.powi(at as i32) } else { 24.0 };
    if fling % 5 == 4 { -speed } else { speed }
}
