//! Pages from 24-megapixel originals against ImageMagick's `montage`, and the memory of a long job.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::data::Data;
use super::import::{PROGRAM, import};
use super::measure::{median, megabytes, peak_bytes, timed};
use super::table::{Met, Row};

/// Rows and columns of the sheet.
const SIDE: u64 = 6;
/// Width and height of an A4 sheet at 300 ppi, and of a cell on it with our margins and gaps, in pixels.
const CELL_PX: (u32, u32) = (335, 505);

/// The rows.
pub fn rows(data: &Data) -> Vec<Row> {
    let (sheet, many) = if data.is_quick { (6, 12) } else { (SIDE * SIDE, 200) };
    let mut rows = vec![contact_sheet(data, sheet)];
    rows.push(long_job(data, many));
    rows
}

/// A library of these photos, which knows nothing but the files and their thumbnails.
fn library(place: &Path, folder: &Path) -> PathBuf {
    let library = place.join("library");
    timed(&mut import(&library, folder));
    library
}

fn print(library: &Path, words: &[&str], file: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("--library").arg(library).args(["--json", "print", "", "--paper", "A4"]).args(words);
    command.arg("-o").arg(file).stderr(Stdio::null());
    command
}

fn contact_sheet(data: &Data, count: u64) -> Row {
    let folder = data.print_folder(count);
    let scratch = data.scratch();
    let library = library(scratch.path(), &folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let side = SIDE.to_string();
    let words = ["--layout", "contact", "--rows", &side, "--columns", &side, "--caption", "name"];
    let has_montage = Command::new("montage").arg("-version").output().is_ok_and(|output| output.status.success());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..data.rounds.min(3) {
        let file = scratch.path().join(format!("sheet-{round}.pdf"));
        ours.push(timed(&mut print(&library, &words, &file)).as_secs_f64());
        assert!(std::fs::metadata(&file).unwrap().len() > 10_000, "an empty sheet");
        // The other side takes five times as long at least; twice is enough to see that it does not change.
        if has_montage && round < 2 {
            theirs.push(timed(&mut montage(&files, &scratch.path().join("sheet.jpg"))).as_secs_f64());
        }
    }
    let ours = median(&ours);
    let what = format!("A4 contact sheet of {count} photos of 24 MP at 300 ppi");
    if theirs.is_empty() {
        return Row::new(what, format!("{ours:.2} s"), "3 s, and 5 times montage", Met::Open)
            .against("needs montage", None);
    }
    let theirs = median(&theirs);
    let met = Met::from(ours < 3.0 && theirs / ours >= 5.0);
    Row::new(what, format!("{ours:.2} s"), "3 s, and 5 times montage", met)
        .against(format!("montage {theirs:.2} s"), Some(theirs / ours))
}

/// The same sheet with ImageMagick, which is told to decode at the smallest scale that will do.
fn montage(files: &[PathBuf], to: &Path) -> Command {
    let (width, height) = CELL_PX;
    let mut command = Command::new("montage");
    command.args(["-define", &format!("jpeg:size={width}x{height}"), "-label", "%f"]);
    command.args(files).args(["-tile", &format!("{SIDE}x{SIDE}")]);
    command.args(["-geometry", &format!("{width}x{height}+23+23"), "-density", "300", "-quality", "92"]).arg(to);
    command
}

fn long_job(data: &Data, count: u64) -> Row {
    let folder = data.print_folder(count);
    let scratch = data.scratch();
    let library = library(scratch.path(), &folder);
    let file = scratch.path().join("all.pdf");
    let most = peak_bytes(&mut print(&library, &["--layout", "single"], &file));
    let what = format!("most memory of {count} photos of 24 MP, one an A4 page, as a PDF");
    Row::new(what, megabytes(most), "400 MB", Met::from(most < 400_000_000))
}
