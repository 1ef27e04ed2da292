//! A seeded life: files come, change, move and go, the store fails, the process dies, and in the end all is well.
//!
//! `LIGHTKEEP_SEED` replays one life; a failure names it.

#![allow(clippy::print_stderr, reason = "a failure says how to repeat it")]

use super::*;
use crate::domain::{Change, Rating};
use crate::testing::store::Fault;

const LIVES: u64 = 40;
const STEPS: usize = 40;

/// SplitMix64 (Steele, Lea, Flood, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

/// What must be true in the end.
#[derive(Default)]
struct Truth {
    /// Picture numbers by name.
    files: std::collections::BTreeMap<String, u32>,
    next: u32,
}

async fn step(world: &World, process: &Process, random: &mut Random, truth: &mut Truth) {
    let names: Vec<String> = truth.files.keys().cloned().collect();
    let any = |random: &mut Random| names.get(random.below(names.len().max(1) as u64) as usize).cloned();
    match random.below(12) {
        0..=2 => {
            truth.next += 1;
            let name = format!("{}/{}.png", random.below(3), random.below(12));
            world.put(&name, truth.next);
            truth.files.insert(name, truth.next);
        }
        3 => {
            // A copy of some file, perhaps over another one.
            if let Some(from) = any(random) {
                let name = format!("{}/{}.png", random.below(3), random.below(12));
                let number = truth.files[&from];
                world.put(&name, number);
                truth.files.insert(name, number);
            }
        }
        4 => {
            if let Some(from) = any(random) {
                let name = format!("moved/{}.png", random.below(12));
                let number = truth.files.remove(&from).unwrap();
                world.files.remove(Path::new(SHOOT).join(&from));
                world.put(&name, number);
                truth.files.insert(name, number);
            }
        }
        5 => {
            let seats: Arc<[Seat]> = process.seats().await.into();
            let rating = Rating::new(random.below(6) as u8).unwrap();
            process.engine.edit(seats, Change::Rating(rating)).await.unwrap();
        }
        6 | 7 => {
            process.import().await.unwrap();
        }
        8 => {
            let fault = match random.below(6) {
                0 => Fault::FailOnce,
                1 => Fault::LostResponse,
                2 => Fault::FlipBit,
                3 => Fault::DiskFull,
                4 => Fault::Crash(random.below(20) as u32),
                _ => Fault::Throttle503,
            };
            world.faulty.inject((0..random.below(9)).map(|_| Fault::Slow(1)).chain([fault]));
        }
        _ => {
            let _ = process.store().await;
        }
    }
}

async fn live(seed: u64) {
    let world = World::new();
    let mut random = Random(seed);
    let mut truth = Truth::default();
    let mut process = world.open().await;
    for _ in 0..STEPS {
        if random.below(8) == 0 {
            // The process dies in the middle of something, and another one starts.
            let turns = random.below(60);
            {
                let work = async {
                    let _ = process.import().await;
                    let _ = process.store().await;
                };
                let end = async {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                };
                futures::pin_mut!(work, end);
                let _ = futures::future::select(work, end).await;
            }
            drop(process);
            world.faulty.revive();
            process = world.open().await;
        }
        step(&world, &process, &mut random, &mut truth).await;
        assert_honest(&world, &process).await;
    }
    world.faulty.inject([]);
    for _ in 0..60 {
        world.faulty.revive();
        process.import().await.unwrap();
        let stored = process.store().await;
        world.now.fetch_add(10 * 60 * 1000, Ordering::Relaxed);
        if stored.is_ok_and(|report| report.waiting == 0 && report.stored == 0) && world.faulty.waiting() == 0 {
            break;
        }
    }
    let report = process.store().await.unwrap();
    assert_eq!(report.waiting, 0);
    for (name, number) in &truth.files {
        let content = crate::files::fingerprint_bytes(&picture(*number)).blake3;
        let photo = process.photo(&Path::new(SHOOT).join(name)).await;
        let version = photo.versions.iter().find(|version| version.blake3 == content);
        let version = version.unwrap_or_else(|| panic!("{name} is not what it was"));
        assert!(!version.receipts.is_empty(), "{name} is not stored");
    }
    assert_honest(&world, &process).await;
}

#[tokio::test]
async fn after_any_life_all_is_stored_and_true() {
    let given = std::env::var("LIGHTKEEP_SEED").ok().map(|text| text.parse::<u64>().expect("a number"));
    let seeds = given.map_or(0..LIVES, |seed| seed..seed + 1);
    for seed in seeds {
        eprintln!("LIGHTKEEP_SEED={seed}");
        live(seed).await;
    }
}
