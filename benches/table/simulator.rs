//! How many simulated lives of the engine a second: the seeds that `tests/run` runs by the thousand.

use std::process::{Command, Stdio};
use std::time::Instant;

use super::data::Data;
use super::table::{Met, Row};

/// The rows. The simulator lies in the library's own tests, so these are built first, optimised: that takes minutes.
pub fn rows(data: &Data) -> Vec<Row> {
    let lives: u32 = if data.is_quick { 100 } else { 4000 };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tests = |more: &[&str]| {
        let mut command = Command::new(&cargo);
        command.args(["test", "--release", "--lib", "--features", "testing"]).args(more);
        command.env("LIGHTKEEP_SEEDS", lives.to_string()).env("LIGHTKEEP_FIRST_SEED", "200000");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    };
    if !tests(&["--no-run"]) {
        return vec![Row::new("simulated lives", "needs cargo and the sources", "", Met::Open)];
    }
    let started = Instant::now();
    let all_well = tests(&["after_any_life"]);
    let rate = f64::from(lives) / started.elapsed().as_secs_f64();
    vec![Row::new(
        format!("{lives} simulated lives of the engine, on all cores"),
        format!("{rate:.0} a second, {}", if all_well { "all well" } else { "NOT all well" }),
        "",
        Met::from(all_well),
    )]
}
