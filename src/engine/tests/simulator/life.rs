//! One life: what people and the world do, step by step, as one seed says.

use std::collections::{BTreeMap, HashSet};

use futures::future::{Either, select};

use super::world::{SimWorld, content};
use super::*;
use crate::domain::{Change, ColourLabel, Rating};
use crate::testing::sim_store::{Happened, SimStore};

/// Runs after which everything must have found its place, once nothing goes wrong any more.
const MOST_SETTLING: usize = 30;
/// One life in so many ends with a rebuild on an empty computer.
const REBUILDS: u64 = 4;

/// What lives together have seen.
#[derive(Debug, Default)]
pub(super) struct Lived {
    stores: Happened,
    kills: u64,
    rebuilt: u64,
    photos: u64,
    receipts: u64,
    /// Uploads of bytes that no file has any more: nobody goes on with them, and a rule of the bucket ends them.
    left_open: u64,
}

impl std::ops::AddAssign for Lived {
    fn add_assign(&mut self, other: Self) {
        self.stores += other.stores;
        self.kills += other.kills;
        self.rebuilt += other.rebuilt;
        self.photos += other.photos;
        self.receipts += other.receipts;
        self.left_open += other.left_open;
    }
}

impl Lived {
    /// Every kind of misfortune really came to pass.
    pub fn assert_eventful(&self) {
        let it = &self.stores;
        let seen = [
            it.dropped,
            it.unanswered,
            it.repeated,
            it.late_done,
            it.flipped,
            it.refused,
            it.begun,
            it.resumed_parts,
            self.kills,
            self.receipts,
            self.rebuilt,
        ];
        assert!(seen.iter().all(|count| *count > 0), "{self:?}");
    }
}

/// What must be true in the end.
#[derive(Default)]
pub(super) struct Truth {
    /// Names of the files that are there.
    pub files: BTreeMap<String, u32>,
    /// Every content that any file ever had.
    pub ever: HashSet<ContentHash>,
    next: u32,
}

impl Truth {
    fn put(&mut self, world: &SimWorld, name: String, number: u32) {
        world.put(&name, number);
        self.ever.insert(crate::files::fingerprint_bytes(&content(number)).blake3);
        self.files.insert(name, number);
    }
}

pub(super) async fn live(seed: u64, template: &Path) -> Lived {
    let world = SimWorld::new(seed, Some(template));
    let mut random = Random(seed);
    let mut truth = Truth::default();
    let mut lived = Lived::default();
    let mut process = world.open().await;
    for _ in 0..4 + random.below(8) {
        if random.below(3) == 0 {
            change_weather(&world, &mut random);
        }
        files_change(&world, &mut random, &mut truth);
        let turns = if random.below(5) == 0 { random.below(20) } else { random.below(400) };
        let dies = random.below(3) == 0;
        let died = {
            let acting = act(&world, &process, &mut random);
            if dies {
                futures::pin_mut!(acting);
                let end = async {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                };
                futures::pin_mut!(end);
                matches!(select(acting, end).await, Either::Right(_))
            } else {
                acting.await;
                false
            }
        };
        if died {
            lived.kills += 1;
            drop(process);
            // What was on its way is a task of its own, which ends when its turn comes.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            process = world.open().await;
            checks::assert_honest(&world, &process).await;
        }
    }
    checks::assert_honest(&world, &process).await;
    settle(&world, &process, &truth).await;
    checks::assert_settled(&world, &process, &truth, lived.kills > 0).await;
    lived.left_open += checks::left_open(&world, &truth);
    if random.below(REBUILDS) == 0 {
        checks::assert_rebuilds(&world, &process).await;
        lived.rebuilt += 1;
    }
    lived.stores += world.vault.happened();
    lived.stores += world.remote.happened();
    for photo in process.photos().await {
        lived.photos += 1;
        lived.receipts += photo.versions.iter().map(|version| version.receipts.len() as u64).sum::<u64>();
    }
    lived
}

/// Nothing goes wrong any more, and what waits is done.
async fn settle(world: &SimWorld, process: &Process, truth: &Truth) {
    for store in world.stores() {
        store.calm().await;
    }
    process.engine.0.config.lock().unwrap().keep.paused = false;
    // Files that change while they are read do it now at the latest.
    truth.files.keys().for_each(|name| drop(world.bytes(name)));
    let mut quiet = 0;
    for _ in 0..MOST_SETTLING {
        process.import().await.unwrap();
        let report = process.store().await.unwrap();
        world.wait_ms(20 * 60 * 1000);
        quiet = if report.stored == 0 && report.waiting == 0 { quiet + 1 } else { 0 };
        if quiet == 2 {
            return;
        }
    }
    let states = process.engine.store_states().await.unwrap();
    panic!("it never settles: {:?} {states:?}", process.store().await);
}

fn change_weather(world: &SimWorld, random: &mut Random) {
    let now = world.now_ms();
    let store: &SimStore = world.stores()[random.below(2) as usize];
    let until = now + random.below(120_000) as i64;
    let kind = random.below(8);
    let rough = [0, 20, 100, 300, 700][random.below(5) as usize];
    store.weather(|weather| match kind {
        0 => weather.away_until = until,
        1 => weather.expired_until = until,
        2 => weather.throttled_until = until,
        3 => weather.full = !weather.full,
        _ => weather.rough = rough,
    });
    if random.below(3) == 0 {
        world.wait_ms(random.below(13 * 3_600_000));
    }
}

/// What the photographer does to files, behind the library's back.
fn files_change(world: &SimWorld, random: &mut Random, truth: &mut Truth) {
    for _ in 0..random.below(5) {
        let names: Vec<String> = truth.files.keys().cloned().collect();
        let any = |random: &mut Random| names.get(random.below(names.len() as u64) as usize).cloned();
        let fresh = |random: &mut Random| format!("{}/{}.png", random.below(3), random.below(6));
        match (random.below(8), any(random)) {
            (0, Some(from)) => {
                let number = truth.files[&from];
                truth.put(world, fresh(random), number);
            }
            (1, Some(from)) => {
                let number = truth.files[&from];
                truth.files.remove(&from);
                world.files.remove(Path::new(SHOOT).join(&from));
                truth.put(world, format!("moved/{}.png", random.below(6)), number);
            }
            (2, Some(from)) => {
                truth.files.remove(&from);
                world.files.remove(Path::new(SHOOT).join(&from));
            }
            (3, Some(from)) if random.below(3) == 0 => {
                // Another program writes it while it is read.
                truth.next += 1;
                let (path, later) = (Path::new(SHOOT).join(&from), content(truth.next));
                truth.ever.insert(crate::files::fingerprint_bytes(&later).blake3);
                world.files.change_on_open(path, vec![later]);
                truth.files.insert(from, truth.next);
            }
            (3, Some(from)) => {
                truth.next += 1;
                let next = truth.next;
                truth.put(world, from, next);
            }
            _ => {
                truth.next += 1;
                let next = truth.next;
                truth.put(world, fresh(random), next);
            }
        }
    }
}

/// What people and the library do, often several at a time.
async fn act(world: &SimWorld, process: &Process, random: &mut Random) {
    match random.below(10) {
        0 => process.import().await.map(drop).unwrap(),
        1..=4 => {
            process.import().await.unwrap();
            let _ = process.store().await;
        }
        5 => {
            let editing = rate(process, random.number());
            let (_, _, ()) = futures::join!(process.import(), process.store(), editing);
        }
        6 => {
            let reporter = Reporter::new(&process.engine, OP, OpKind::Store);
            let shown = ["vault", "s3"][random.below(2) as usize];
            let cancel = Cancel::default();
            let turns = random.below(300);
            let stopping = async {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                cancel.cancel();
            };
            let (_, ()) = futures::join!(process.engine.store_in(shown, OP, &cancel, &reporter), stopping);
        }
        7 => {
            rate(process, random.number()).await;
            let _ = process.engine.flush_edits().await;
        }
        8 => {
            process.engine.try_items_again(None).await.unwrap();
            let seats = process.seats().await;
            let some = seats.into_iter().filter(|_| random.below(3) == 0).collect();
            process.engine.store_first(some).await.unwrap();
            let _ = process.store().await;
        }
        _ => {
            {
                let mut config = process.engine.0.config.lock().unwrap();
                config.keep.paused = !config.keep.paused;
            }
            world.wait_ms(random.below(30 * 60 * 1000));
            let _ = process.store().await;
        }
    }
}

/// A gesture: a rating, or removal from the library and back.
async fn rate(process: &Process, dice: u64) {
    let mut random = Random(dice);
    let seats: Vec<Seat> = process.seats().await;
    let some: Arc<[Seat]> = seats.into_iter().filter(|_| random.below(2) == 0).collect();
    let change = match random.below(5) {
        0 => Change::AddTag(format!("tag {}", random.below(4))),
        1 => Change::RemoveTag(format!("tag {}", random.below(4))),
        2 => Change::Label(ColourLabel::COLOURS[random.below(5) as usize]),
        _ => Change::Rating(Rating::new(random.below(6) as u8).unwrap()),
    };
    process.engine.edit(some, change).await.unwrap();
}
