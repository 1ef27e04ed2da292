//! The store goes wrong: whatever the fault and whenever it comes, a later run converges, and no lie was told before.

use super::*;
use crate::protocol::ErrorCode;
use crate::testing::store::Fault;

/// A world with two versions of one photo to come, a duplicate, and some photos.
fn shoot() -> World {
    let world = World::new();
    for n in 0..6 {
        world.put(&format!("{n}.png"), n);
    }
    world.put("copy of 3.png", 3);
    world
}

/// Stores until nothing waits; how many runs it took. Time passes between them.
async fn settle(world: &World, process: &Process) -> usize {
    for run in 1..20 {
        let _ = process.store().await;
        assert_honest(world, process).await;
        if process.waiting().await == 0 {
            // One more for what comes after the receipts: segments that a fault kept back.
            process.store().await.unwrap();
            return run;
        }
        world.now.fetch_add(10 * 60 * 1000, Ordering::Relaxed);
    }
    panic!("it does not converge: {} wait", process.waiting().await);
}

/// Tries a fault before the first call of a store run, the second, and so on, until it comes too late to matter.
async fn everywhere(fault: Fault) {
    let calls = {
        let world = shoot();
        let process = world.open().await;
        process.import().await.unwrap();
        process.store().await.unwrap();
        world.faulty.calls()
    };
    assert!(calls > 10);
    for at in 0..calls {
        let world = shoot();
        let process = world.open().await;
        process.import().await.unwrap();
        // `Slow(0)` passes one call without doing anything to it.
        let before = (0..at).map(|_| Fault::Slow(0));
        world.faulty.inject(before.chain([fault]));
        let first = process.store().await;
        assert_honest(&world, &process).await;
        if let Ok(report) = &first {
            assert_eq!(report.stored + report.waiting + report.needs_you.len() as u64, 6, "{fault:?} {at} {report:?}");
        }
        settle(&world, &process).await;
        world.put("0.png", 100);
        process.import().await.unwrap();
        settle(&world, &process).await;
        assert_settled(&world, &process).await;
        assert_eq!(world.objects("photos/").await.len(), 7, "{fault:?} at call {at}");
    }
}

#[tokio::test]
async fn a_failure_once_anywhere_converges() {
    everywhere(Fault::FailOnce).await;
}

#[tokio::test]
async fn a_lost_answer_anywhere_makes_no_second_version() {
    everywhere(Fault::LostResponse).await;
}

#[tokio::test]
async fn a_damaged_write_anywhere_is_written_again() {
    everywhere(Fault::FlipBit).await;
}

#[tokio::test]
async fn a_busy_store_is_asked_again() {
    everywhere(Fault::Throttle503).await;
}

#[tokio::test]
async fn a_full_disk_anywhere_ends_the_run_and_says_so() {
    everywhere(Fault::DiskFull).await;
    let world = shoot();
    let process = world.open().await;
    process.import().await.unwrap();
    world.faulty.inject([Fault::DiskFull]);
    assert_eq!(process.store().await.unwrap_err().code, ErrorCode::DiskFull);
}

#[tokio::test]
async fn a_crash_after_any_step_converges() {
    let mut crashed = 0;
    for step in 1..36 {
        let world = shoot();
        {
            let process = world.open().await;
            process.import().await.unwrap();
            world.faulty.inject([Fault::Crash(step)]);
            let first = process.store().await;
            crashed += usize::from(first.is_err() || process.waiting().await > 0);
            assert_honest(&world, &process).await;
        }
        world.faulty.revive();
        let process = world.open().await;
        settle(&world, &process).await;
        assert_settled(&world, &process).await;
        assert_eq!(world.objects("photos/").await.len(), 6, "crash after step {step}");
        let again = process.store().await.unwrap();
        assert_eq!((again.stored, again.batch), (0, None));
    }
    assert!(crashed > 5, "{crashed} of these crashes came before all was stored");
}

/// The process dies at any await of an import or a store, as the future is dropped there.
#[tokio::test]
async fn a_process_that_ends_at_any_await_converges() {
    for steps in (0..90).step_by(2) {
        let world = shoot();
        {
            let process = world.open().await;
            let work = async {
                process.import().await.unwrap();
                let _ = process.store().await;
            };
            let end = async {
                for _ in 0..steps {
                    tokio::task::yield_now().await;
                }
            };
            futures::pin_mut!(work, end);
            let _ = futures::future::select(work, end).await;
        }
        // What the dead process had begun goes with it; the runtime only now gets to dropping it.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        let process = world.open().await;
        assert_honest(&world, &process).await;
        let report = process.import().await.unwrap();
        assert_eq!(report.files, 7);
        settle(&world, &process).await;
        assert_settled(&world, &process).await;
        assert_eq!(process.photos().await.len(), 6);
    }
}

#[tokio::test]
async fn what_needed_a_person_is_tried_again() {
    let world = shoot();
    let process = world.open().await;
    process.import().await.unwrap();
    let path = Path::new(SHOOT).join("2.png");
    world.files.remove(&path);
    for _ in 0..3 {
        let report = process.store().await.unwrap();
        assert_eq!(report.needs_you.len(), 1, "{report:?}");
        assert_honest(&world, &process).await;
    }
    let told = world.objects("batches/").await.len();
    process.store().await.unwrap();
    assert_eq!(world.objects("batches/").await.len(), told, "no empty batch for each try");
    world.files.put(&path, &picture(2));
    assert_eq!(process.store().await.unwrap().stored, 1);
    assert_settled(&world, &process).await;
}

/// Found by the simulator (seed 72868).
#[tokio::test]
async fn a_copy_that_never_changed_stands_in_for_a_file_that_went_back_and_is_gone() {
    let world = World::new();
    world.put("first.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    process.store().await.unwrap();
    world.put("copy.png", 1);
    process.import().await.unwrap();
    for number in [2, 1] {
        world.put("first.png", number);
        process.import().await.unwrap();
    }
    world.files.remove(Path::new(SHOOT).join("first.png"));
    let report = process.store().await.unwrap();
    assert!(report.needs_you.is_empty(), "{report:?}");
    assert_eq!(process.waiting().await, 0);
    assert_honest(&world, &process).await;
    // Both versions with these bytes are proved by the one object.
    let photo = process.photo(&Path::new(SHOOT).join("copy.png")).await;
    assert_eq!(photo.card.stored, crate::domain::StoredState::Stored);
    assert_eq!(world.objects("photos/").await.len(), 1);
}

#[tokio::test]
async fn a_store_that_is_away_is_said_and_nothing_is_called_stored() {
    let world = shoot();
    let process = world.open().await;
    process.import().await.unwrap();
    world.faulty.inject([Fault::Crash(1)]);
    let _ = process.store().await;
    assert_eq!(process.waiting().await, 6);
    world.faulty.revive();
    settle(&world, &process).await;
    assert_settled(&world, &process).await;
}
