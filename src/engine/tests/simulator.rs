//! Seeded lives of a library: files come, change, move and go, two stores and the lines to them have weather, the
//! process dies at any await, and in the end all is stored, told, proved and true, and can be rebuilt.
//!
//! `LIGHTKEEP_SEED=n` replays one life, `LIGHTKEEP_SEEDS=n` runs so many. A life that fails names its seed.

#![allow(clippy::print_stderr, reason = "a failure says how to repeat it, and a long run how far it is")]

use super::*;
use crate::testing::library::Random;

mod checks;
mod life;
mod world;

/// Lives in the suite, in so many tests that every core has one.
const LIVES: u64 = 1_000;
/// Tests that share them.
const SHARES: u64 = 4;

/// Says which life it was, where one fails.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("LIGHTKEEP_SEED={}", self.0);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

fn lives(share: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // Making the tables of a catalogue takes longer than a short life.
    let fresh = world::SimWorld::new(0, None);
    runtime.block_on(async { drop(fresh.open().await) });
    let live = |seed: u64| {
        let _named = Named(seed);
        runtime.block_on(life::live(seed, fresh.path()))
    };
    if let Some(seed) = number("LIGHTKEEP_SEED") {
        if share == 0 {
            eprintln!("{:?}", live(seed));
        }
        return;
    }
    let (asked, first) = (number("LIGHTKEEP_SEEDS"), number("LIGHTKEEP_FIRST_SEED").unwrap_or(0));
    let seeds = (first..first + asked.unwrap_or(LIVES)).filter(|seed| seed % SHARES == share);
    let started = std::time::Instant::now();
    let mut happened = life::Lived::default();
    let mut count = 0_u64;
    for seed in seeds {
        happened += live(seed);
        count += 1;
        if asked.is_some() && count.is_multiple_of(250) {
            eprintln!("share {share}: {count} lives, {:.1} a second", count as f64 / started.elapsed().as_secs_f64());
        }
    }
    eprintln!(
        "share {share}: {count} lives, {:.1} a second: {happened:?}",
        count as f64 / started.elapsed().as_secs_f64()
    );
    if count >= 200 {
        happened.assert_eventful();
    }
}

#[test]
fn after_any_life_all_is_stored_and_true_0() {
    lives(0);
}

#[test]
fn after_any_life_all_is_stored_and_true_1() {
    lives(1);
}

#[test]
fn after_any_life_all_is_stored_and_true_2() {
    lives(2);
}

#[test]
fn after_any_life_all_is_stored_and_true_3() {
    lives(3);
}
