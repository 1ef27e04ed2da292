//! The same tree of files imported again: nothing but looking.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::data::Data;
use super::import::import;
use super::measure::{median, megabytes, peak_bytes, timed};
use super::table::{Met, Row};

/// The rows.
pub fn rows(data: &Data) -> Vec<Row> {
    let tree = data.tree();
    let library = data.tree_library(|dir| {
        let start = Instant::now();
        let most = peak_bytes(&mut import(dir, &tree));
        let rate = data.tree_files as f64 / start.elapsed().as_secs_f64();
        std::fs::write(dir.join("first-import.txt"), format!("{most} {rate}")).unwrap();
    });
    let first = std::fs::read_to_string(library.join("first-import.txt")).unwrap();
    let (most, rate) = first.split_once(' ').unwrap();
    let (most, rate): (u64, f64) = (most.parse().unwrap(), rate.parse().unwrap());
    let (mut ours, mut find) = (Vec::new(), Vec::new());
    for _ in 0..data.rounds {
        ours.push(timed(&mut import(&library, &tree)).as_secs_f64());
        find.push(timed(&mut listed(&tree)).as_secs_f64());
    }
    let again = Row::new(
        format!("import of an unchanged tree of {} files", data.tree_files),
        format!("{:.2} s", median(&ours)),
        "3 s",
        Met::from(median(&ours) < 3.0),
    );
    let again_bytes = peak_bytes(&mut import(&library, &tree));
    vec![
        again.against(format!("find -printf '%s %T@': {:.2} s", median(&find)), Some(median(&find) / median(&ours))),
        Row::new(
            format!("most memory of the first import of these {} small files ({rate:.0} files/s)", data.tree_files),
            format!("{} (again: {})", megabytes(most), megabytes(again_bytes)),
            "400 MB",
            Met::from(most.max(again_bytes) < 400_000_000),
        ),
    ]
}

/// Size and time of every file, by the usual tool.
fn listed(tree: &Path) -> Command {
    let mut command = Command::new("find");
    command.arg(tree).args(["-type", "f", "-printf", "%s %T@\\n"]);
    command
}
