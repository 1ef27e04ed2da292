//! Import of 24-megapixel photos against `vipsthumbnail`, which hashes nothing and keeps no catalogue.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::data::Data;
use super::measure::{children_cpu, median, megabytes, peak_bytes, timed, timed_together};
use super::table::{Met, Row};

/// The program itself.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_lightkeep");

/// The rows.
pub fn rows(data: &Data) -> Vec<Row> {
    let folder = data.import_folder();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let bytes: u64 = files.iter().map(|file| std::fs::read(file).unwrap().len() as u64).sum();
    let has_vips = Command::new("vipsthumbnail").arg("--vips-version").output().is_ok();
    let (mut ours, mut one, mut two) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ours_cpu, mut vips_cpu) = (0.0, 0.0);
    for _ in 0..data.rounds {
        let scratch = data.scratch();
        let before = children_cpu();
        ours.push(timed(&mut import(&scratch.path().join("library"), &folder)).as_secs_f64());
        let between = children_cpu();
        ours_cpu += (between - before).as_secs_f64();
        if has_vips {
            one.push(timed(&mut vips(scratch.path(), &files)).as_secs_f64());
            let halves = files.chunks(files.len().div_ceil(2)).map(|half| vips(scratch.path(), half)).collect();
            two.push(timed_together(halves).as_secs_f64());
            vips_cpu += (children_cpu() - between).as_secs_f64() / 2.0;
        }
    }
    let scratch = data.scratch();
    let most = peak_bytes(&mut import(&scratch.path().join("library"), &folder));
    let rate = |seconds: &[f64]| files.len() as f64 / median(seconds);
    let what =
        format!("import of {} photos of 24 MP, {:.1} MB each", files.len(), bytes as f64 / 1e6 / files.len() as f64);
    let each_ms = |seconds: f64| seconds / data.rounds as f64 / files.len() as f64 * 1e3;
    let processor =
        Row::new("processor time of that import, for one photo", format!("{:.1} ms", each_ms(ours_cpu)), "", Met::Open)
            .against(format!("vipsthumbnail {:.1} ms", each_ms(vips_cpu)), has_vips.then(|| vips_cpu / ours_cpu));
    let mut speed = Row::new(what, format!("{:.1} photos/s", rate(&ours)), "2.0 times", Met::Open);
    if has_vips {
        let (one, two) = (rate(&one), rate(&two));
        let better = one.max(two);
        let ratio = rate(&ours) / better;
        speed.met = Met::from(ratio >= 2.0);
        let other = format!("vipsthumbnail {better:.1} photos/s (one process {one:.1}, two {two:.1})");
        speed = speed.against(other, Some(ratio));
    }
    let memory = Row::new(
        format!("most memory of that import ({} photos)", files.len()),
        megabytes(most),
        "400 MB",
        Met::from(most < 400_000_000),
    );
    vec![speed, processor, memory]
}

/// An import with the program.
pub fn import(library: &Path, folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("--library").arg(library).args(["--json", "import", "--no-store"]).arg(folder);
    command
}

/// Thumbnails of the same size with vips.
fn vips(to: &Path, files: &[PathBuf]) -> Command {
    let mut command = Command::new("vipsthumbnail");
    command.args(["--size", "320", "-o"]).arg(to.join("%s.jpg")).args(files);
    command
}
