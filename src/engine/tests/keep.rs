//! Checks, deleting, bringing back, and back in time, with two stores of which either may be away or wrong.

mod bare;

use std::collections::BTreeMap;

use bare::Bare;

use super::*;
use crate::domain::query::Scope;
use crate::domain::{Change, StorageClass};
use crate::engine::stores::{OpenedStore, RemoteSlot};
use crate::protocol::{DownloadOrder, DownloadReport, ErrorCode, ItemFailure, VerifyLevel, VerifyReport};
use crate::store::{Body, Condition, Put};
use crate::testing::store::Fault;

/// The second store's name in the catalogue.
const REMOTE: &str = "s3-bucket/prefix";

impl Process {
    async fn verify(&self, store: &str, level: u8, budget: Option<u64>) -> Result<VerifyReport, UserError> {
        let reporter = Reporter::new(&self.engine, OP, OpKind::Verify);
        let level = VerifyLevel::try_from(level).unwrap();
        self.engine.verify(store, level, budget, &Cancel::default(), &reporter).await
    }

    async fn delete(&self, query: &str) -> (crate::domain::keep::Weight, Vec<ItemFailure>) {
        let reporter = Reporter::new(&self.engine, OP, OpKind::Delete);
        let seats = self.engine.seats(query).await.unwrap();
        self.engine.delete(seats, &Cancel::default(), &reporter).await.unwrap()
    }

    async fn undelete(&self, query: &str) -> (crate::domain::keep::Weight, Vec<ItemFailure>) {
        let reporter = Reporter::new(&self.engine, OP, OpKind::Undelete);
        let seats = self.engine.seats_in(Scope::Deleted, query).await.unwrap();
        self.engine.undelete(seats, &Cancel::default(), &reporter).await.unwrap()
    }

    async fn download(&self, as_of: Option<Timestamp>, to: &str) -> DownloadReport {
        let reporter = Reporter::new(&self.engine, OP, OpKind::Download);
        let scope = as_of.map_or(Scope::Library, Scope::AsOf);
        let seats = self.engine.seats_in(scope, "").await.unwrap();
        let order = DownloadOrder { seats, as_of, to: to.into() };
        self.engine.download(order, &Cancel::default(), &reporter).await.unwrap()
    }

    /// Names of the photos of a scope.
    async fn names(&self, scope: Scope, query: &str) -> Vec<String> {
        let seats = self.engine.seats_in(scope, query).await.unwrap();
        let cards = self.engine.cards_in(scope, seats.to_vec()).await.unwrap();
        let mut names: Vec<String> = cards.into_iter().map(|card| card.name).collect();
        names.sort();
        names
    }

    /// Makes a store the library's second one.
    async fn add_remote(&self, store: Arc<dyn ObjectStore>) {
        self.engine.write(|writer| writer.enable_store(REMOTE)).await.unwrap();
        let opened = OpenedStore { name: REMOTE.to_owned(), shown: "s3", store };
        *self.engine.0.remote.lock().unwrap() = RemoteSlot::Open { place: "bucket/prefix".to_owned(), opened };
    }

    /// Puts everything that waits for the second store into it, as a run does.
    async fn store_remote(&self, world: &World, store: &dyn ObjectStore, class: StorageClass) {
        let ulid = self.engine.ulid();
        let (batch, now) = (ulid.clone(), self.engine.now());
        self.engine
            .write(move |writer| {
                writer.open_batch(&batch, REMOTE, now)?;
                writer.assign(&batch)
            })
            .await
            .unwrap();
        for item in self.engine.read(|reader| reader.pending(REMOTE, None, None, 1_000)).await.unwrap() {
            let mut bytes = Vec::new();
            let mut file = crate::files::FileSystem::open(world.files.as_ref(), &item.paths[0]).unwrap();
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            let condition = if item.renew { Condition::Renew } else { Condition::IfAbsent };
            let put = Put::new(item.key, Body::Bytes(bytes.into()), item.fingerprint, item.mtime, condition);
            let receipt = store.put(Put { class, ..put }).await.unwrap();
            let batch = ulid.clone();
            self.engine
                .write(move |writer| writer.record_receipts(REMOTE, &batch, &[(item.version, receipt)]))
                .await
                .unwrap();
        }
    }
}

/// A world of some stored photos.
async fn stored(count: u32) -> (World, Process) {
    let world = World::new();
    for n in 0..count {
        world.put(&format!("{n}.png"), n);
    }
    let process = world.open().await;
    process.import().await.unwrap();
    process.store().await.unwrap();
    (world, process)
}

fn bytes_at(world: &World, path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = crate::files::FileSystem::open(world.files.as_ref(), Path::new(path)).unwrap();
    std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
    bytes
}

#[tokio::test]
async fn damage_is_written_down_and_mended_from_the_original() {
    let (world, process) = stored(3).await;
    assert_eq!(process.verify("vault", 3, None).await.unwrap().ok, 3);
    world.faulty.inject([Fault::FlipBit]);
    let report = process.verify("vault", 3, None).await.unwrap();
    assert_eq!((report.checked, report.ok, report.corrupt.len(), report.mending), (3, 2, 1, 1), "{report:?}");
    assert_eq!((report.store.as_str(), report.level), ("vault", 3));
    assert_eq!(process.waiting().await, 1, "it no longer counts as stored");
    let photos = process.photos().await;
    let hurt = photos.iter().find(|photo| photo.card.stored != StoredState::Stored).unwrap();
    let receipt = &hurt.versions[0].receipts[0];
    assert!(receipt.damage.as_ref().unwrap().contains("its bytes are not those"), "{receipt:?}");
    let before = receipt.receipt.version.clone();

    assert_eq!(process.store().await.unwrap().stored, 1);
    assert_eq!(process.waiting().await, 0);
    let mended = process.photo(&hurt.paths[0].path).await;
    assert_eq!(mended.versions[0].receipts[0].damage, None);
    assert_ne!(mended.versions[0].receipts[0].receipt.version, before, "a version on top");
    let report = process.verify("vault", 3, None).await.unwrap();
    assert_eq!((report.checked, report.ok), (3, 3));
    assert_eq!(report.unknown, [], "what was proved before is no riddle");
    let kept = process.engine.reports().await.unwrap();
    assert_eq!(kept.len(), 3);
    assert_eq!((&kept[0], kept[1].corrupt.len()), (&report, 1), "newest first");
}

#[tokio::test]
async fn damage_without_an_original_is_shown_and_not_mended() {
    let (world, process) = stored(2).await;
    world.files.remove(Path::new(SHOOT).join("0.png"));
    world.files.remove(Path::new(SHOOT).join("1.png"));
    world.faulty.inject([Fault::FlipBit]);
    let report = process.verify("vault", 3, None).await.unwrap();
    assert_eq!((report.corrupt.len(), report.mending), (1, 0));
    assert_eq!(process.waiting().await, 1);
    assert_eq!(process.store().await.unwrap().stored, 0, "nothing is queued that could not be sent");
    // The disk gives the right bytes after all: what was said of it is taken back.
    let report = process.verify("vault", 3, None).await.unwrap();
    assert_eq!(report.ok, 2);
    assert_eq!(process.waiting().await, 0);
}

#[tokio::test]
async fn a_passing_fault_is_no_damage() {
    let (world, process) = stored(2).await;
    // `Slow(0)` is for the listing; what fails once is the first read.
    world.faulty.inject([Fault::Slow(0), Fault::FailOnce]);
    let report = process.verify("vault", 3, None).await.unwrap();
    assert_eq!((report.ok, report.corrupt.len()), (2, 0), "it was read again");
    assert_eq!((world.faulty.waiting(), process.waiting().await), (0, 0));
    world.faulty.inject([Fault::FailOnce]);
    assert!(process.verify("vault", 3, None).await.is_err(), "no listing, no check");
    assert_eq!(process.waiting().await, 0);
}

#[tokio::test]
async fn a_remote_store_that_goes_away_ends_the_check_and_damns_nothing() {
    let (world, process) = stored(3).await;
    let remote = Arc::new(Faulty::new(Arc::new(Bare::new(world.memory_beside()))));
    process.add_remote(remote.clone()).await;
    process.store_remote(&world, remote.as_ref(), StorageClass::Standard).await;
    assert_eq!(process.waiting().await, 0);
    for level in [2, 3] {
        // The listing, one look, and then the line is gone.
        remote.inject([Fault::Crash(3)]);
        let error = process.verify("s3", level, None).await.unwrap_err();
        assert_ne!(error.code, ErrorCode::Cancelled);
        remote.revive();
        assert_eq!(process.waiting().await, 0, "nothing is called damaged: {level}");
        assert_eq!(process.verify("s3", level, None).await.unwrap().ok, 3);
    }
}

#[tokio::test]
async fn a_budget_ends_a_check_and_the_next_goes_on_there() {
    let (_world, process) = stored(7).await;
    let sizes: u64 = process.photos().await.iter().map(|photo| photo.size_bytes).sum();
    let (mut checked, mut read, mut runs) = (0, 0, 0);
    loop {
        runs += 1;
        let report = process.verify("vault", 3, Some(sizes / 3)).await.unwrap();
        assert_eq!((report.missing.len(), report.corrupt.len(), report.unknown.len()), (0, 0, 0), "{report:?}");
        assert!(report.bytes_read <= sizes / 3);
        assert_eq!(report.checked, report.ok);
        checked += report.checked;
        read += report.bytes_read;
        if !report.unfinished {
            break;
        }
        assert!(runs < 10);
    }
    assert_eq!((checked, read), (7, sizes), "each once, in {runs} runs");
    assert!(runs > 2);
    assert_eq!(process.verify("vault", 3, None).await.unwrap().checked, 7, "and then from the start again");
    let one = process.verify("vault", 3, Some(1)).await.unwrap();
    assert_eq!((one.checked, one.unfinished), (1, true), "at least one, so that it ends some day");
    assert_eq!(process.verify("vault", 1, None).await.unwrap().checked, 7, "another level is another check");
}

#[tokio::test]
async fn a_check_that_was_killed_goes_on_where_it_was() {
    let (_world, process) = stored(7).await;
    let sizes: u64 = process.photos().await.iter().map(|photo| photo.size_bytes).sum();
    let first = process.verify("vault", 3, Some(sizes / 2)).await.unwrap();
    drop(process);
    let process = _world.open().await;
    let second = process.verify("vault", 3, None).await.unwrap();
    assert_eq!(first.checked + second.checked, 7);
    assert!(second.checked < 7 && !second.unfinished);
}

#[tokio::test]
async fn a_listing_without_checksums_is_asked_for_each() {
    let (world, process) = stored(3).await;
    let remote = Arc::new(Bare::new(world.memory_beside()));
    process.add_remote(remote.clone()).await;
    process.store_remote(&world, remote.as_ref(), StorageClass::Standard).await;
    assert_eq!(process.verify("s3", 1, None).await.unwrap().ok, 3);
    assert_eq!(remote.heads(), 0);
    assert_eq!(process.verify("s3", 2, None).await.unwrap().ok, 3);
    assert_eq!(remote.heads(), 3);
    remote.lie_about("photos/shoot/1.png");
    let report = process.verify("s3", 2, None).await.unwrap();
    assert_eq!((report.ok, report.corrupt.len(), report.mending), (2, 1, 1), "{report:?}");
    assert_eq!(report.corrupt[0].path, "photos/shoot/1.png");
    let detail = process.photo(&Path::new(SHOOT).join("1.png")).await;
    let damaged: BTreeMap<_, _> =
        detail.versions[0].receipts.iter().map(|one| (one.store.as_str(), one.damage.is_some())).collect();
    assert_eq!(damaged, BTreeMap::from([("vault", false), ("s3", true)]), "the other store's is sound");
}

#[tokio::test]
async fn an_archived_object_is_counted_and_no_error() {
    let (world, process) = stored(2).await;
    let remote = Arc::new(Bare::new(world.memory_beside()));
    process.add_remote(remote.clone()).await;
    process.store_remote(&world, remote.as_ref(), StorageClass::DeepArchive).await;
    let report = process.verify("s3", 3, None).await.unwrap();
    assert_eq!((report.checked, report.ok, report.archived, report.bytes_read), (2, 2, 2, 0), "{report:?}");
    remote.lie_about("photos/shoot/1.png");
    let report = process.verify("s3", 3, None).await.unwrap();
    assert_eq!((report.ok, report.archived, report.corrupt.len()), (1, 1, 1), "its checksums are looked at");
}

#[tokio::test]
async fn a_drill_brings_some_back_once_a_month() {
    let (world, process) = stored(3).await;
    assert!(!process.engine.drill_due().await, "nobody asked for it");
    let keep = crate::domain::keep::KeepSettings { drill: true, ..Default::default() };
    process.engine.set_keep(keep).await.unwrap();
    assert!(process.engine.drill_due().await);
    let reporter = Reporter::new(&process.engine, OP, OpKind::Verify);
    let report = process.engine.drill("vault", &Cancel::default(), &reporter).await.unwrap();
    assert_eq!((report.checked, report.ok, report.level), (3, 3, 3));
    assert!(report.bytes_read > 0);
    assert!(!process.engine.drill_due().await);
    world.now.fetch_add(31 * 24 * 60 * 60 * 1000, Ordering::Relaxed);
    assert!(process.engine.drill_due().await);
    world.faulty.inject([Fault::FlipBit]);
    let report = process.engine.drill("vault", &Cancel::default(), &reporter).await.unwrap();
    assert_eq!(report.corrupt.len(), 1);
    assert_eq!(process.waiting().await, 1, "a drill's word counts like any check's");
}

#[tokio::test]
async fn a_drill_of_many_takes_twenty() {
    let (_world, process) = stored(100).await;
    let reporter = Reporter::new(&process.engine, OP, OpKind::Verify);
    let one = process.engine.drill("vault", &Cancel::default(), &reporter).await.unwrap();
    assert_eq!((one.checked, one.ok), (20, 20));
}

#[tokio::test]
async fn a_deleted_photo_leaves_the_library_and_comes_back() {
    let (world, process) = stored(4).await;
    let remote = Arc::new(Bare::new(world.memory_beside()));
    process.add_remote(remote.clone()).await;
    process.store_remote(&world, remote.as_ref(), StorageClass::Standard).await;
    let seats = process.engine.seats("1.png").await.unwrap();
    let weight = process.engine.weigh(seats.clone()).await.unwrap();
    assert_eq!((weight.photos, weight.files), (1, 1));
    let (deleted, failed) = process.delete("1.png").await;
    assert_eq!((deleted, failed), (weight, vec![]));
    let key = ObjectKey("photos/shoot/1.png".into());
    for store in [&world.memory as &dyn ObjectStore, remote.as_ref()] {
        assert_eq!(store.head(&key, None).await.unwrap(), None);
        assert_eq!(store.versions(&key).await.unwrap().len(), 1, "every version stays");
    }
    assert_eq!(process.names(Scope::Library, "").await, ["0.png", "2.png", "3.png"]);
    assert_eq!(process.names(Scope::Deleted, "").await, ["1.png"]);
    assert_eq!(process.names(Scope::Deleted, "2.png").await, Vec::<String>::new(), "a query works there too");
    assert!(world.files.remove(Path::new(SHOOT).join("1.png")), "the local file was left alone");
    assert_eq!(process.verify("vault", 3, None).await.unwrap().ok, 4, "a deleted version is still proved");

    let (back, failed) = process.undelete("").await;
    assert_eq!((back.photos, back.files, failed), (1, 1, vec![]));
    assert_eq!(process.names(Scope::Library, "").await.len(), 4);
    assert_eq!(process.names(Scope::Deleted, "").await, Vec::<String>::new());
    for store in [&world.memory as &dyn ObjectStore, remote.as_ref()] {
        let now = store.head(&key, None).await.unwrap().unwrap();
        assert_eq!(now.fingerprint, store.versions(&key).await.unwrap()[1].fingerprint);
    }
    assert_eq!(process.waiting().await, 0, "stored, by receipts of the copies");
    process.store().await.unwrap();
    for store in ["vault", "s3"] {
        let report = process.verify(store, 2, None).await.unwrap();
        assert_eq!((report.ok, report.unknown), (4, vec![]), "{store}");
    }
    let again = process.undelete("").await;
    assert_eq!((again.0.photos, again.1), (0, vec![]));
}

#[tokio::test]
async fn many_are_deleted_and_brought_back_at_once() {
    let (world, process) = stored(300).await;
    assert_eq!(process.delete("").await.0.photos, 300);
    assert_eq!(process.seats().await, []);
    assert_eq!(process.undelete("").await.0.photos, 300);
    process.store().await.unwrap();
    assert_honest(&world, &process).await;
    assert_eq!(process.waiting().await, 0);
}

#[tokio::test]
async fn what_a_store_that_is_away_has_can_be_deleted_later() {
    let (world, process) = stored(2).await;
    let remote = Arc::new(Faulty::new(Arc::new(Bare::new(world.memory_beside()))));
    process.add_remote(remote.clone()).await;
    process.store_remote(&world, remote.as_ref(), StorageClass::Standard).await;
    remote.inject([Fault::Crash(0)]);
    let (weight, failed) = process.delete("1.png").await;
    assert_eq!((weight.photos, failed.len()), (0, 1), "{failed:?}");
    assert!(failed[0].why.ends_with("(s3)"), "{failed:?}");
    assert_eq!(process.names(Scope::Library, "").await.len(), 2, "it stays, so that it can be tried again");
    assert_eq!(process.waiting().await, 1, "but nothing calls it stored");
    remote.revive();
    let (weight, failed) = process.delete("1.png").await;
    assert_eq!((weight.photos, failed), (1, vec![]));
    assert_eq!(process.names(Scope::Library, "").await, ["0.png"]);
    let (back, failed) = process.undelete("").await;
    assert_eq!((back.photos, failed), (1, vec![]));
    assert_eq!(process.waiting().await, 0);
}

#[tokio::test]
async fn a_lost_answer_anywhere_deletes_and_brings_back_all_the_same() {
    for fault in [Fault::LostResponse, Fault::FailOnce, Fault::Throttle503] {
        for at in 0..8 {
            let (world, process) = stored(2).await;
            world.faulty.inject((0..at).map(|_| Fault::Slow(0)).chain([fault]));
            let (weight, failed) = process.delete("").await;
            assert_eq!((weight.photos, failed), (2, vec![]), "{fault:?} {at}");
            let (back, failed) = process.undelete("").await;
            assert_eq!((back.photos, failed), (2, vec![]), "{fault:?} {at}");
            process.store().await.unwrap();
            assert_honest(&world, &process).await;
            assert_eq!(process.waiting().await, 0, "{fault:?} {at}");
        }
    }
}

/// The process dies at any await of a delete; whatever it did, the same delete then ends it, and undelete undoes it.
#[tokio::test]
async fn a_delete_that_ends_at_any_await_converges() {
    let mut half_done = 0;
    for steps in 0..30 {
        let (world, process) = stored(3).await;
        {
            // Each call gives way once, so that there is an await to die at.
            world.faulty.inject((0..12).map(|_| Fault::Slow(1)));
            let work = async {
                process.delete("").await;
            };
            let end = async {
                for _ in 0..steps {
                    tokio::task::yield_now().await;
                }
            };
            futures::pin_mut!(work, end);
            let _ = futures::future::select(work, end).await;
        }
        drop(process);
        let process = world.open().await;
        assert_honest(&world, &process).await;
        half_done += usize::from(process.waiting().await > 0);
        for photo in process.photos().await {
            let receipt = &photo.versions[0].receipts[0].receipt;
            let current = world.memory.head(&receipt.key, None).await.unwrap();
            let is_stored = photo.card.stored == StoredState::Stored;
            assert!(!is_stored || current.is_some(), "called stored, and deleted: {steps}");
        }
        process.delete("").await;
        assert_eq!(process.seats().await, []);
        assert_eq!(process.undelete("").await.0.photos, 3, "{steps}");
        assert_eq!(process.waiting().await, 0, "{steps}");
    }
    assert!(half_done > 1, "{half_done} of these ends came in the middle");
}

#[tokio::test]
async fn another_programs_object_is_left_alone() {
    let (world, process) = stored(1).await;
    let key = ObjectKey("photos/shoot/0.png".into());
    let theirs: &[u8] = b"somebody else's";
    let expected = crate::files::fingerprint_bytes(theirs);
    let put = Put::new(key.clone(), Body::Bytes(theirs.into()), expected, Timestamp(1), Condition::Always);
    world.memory.put(put).await.unwrap();
    let (weight, failed) = process.delete("").await;
    assert_eq!((weight.photos, failed.len()), (0, 1));
    assert_eq!(world.memory.head(&key, None).await.unwrap().unwrap().fingerprint, expected);
}

#[tokio::test]
async fn a_deleted_photo_that_is_imported_again_is_stored_again() {
    let (world, process) = stored(2).await;
    let id = process.photo(&Path::new(SHOOT).join("1.png")).await.card.id;
    process.delete("1.png").await;
    process.import().await.unwrap();
    assert_eq!(process.names(Scope::Library, "").await, ["0.png", "1.png"]);
    assert_eq!(process.waiting().await, 1);
    assert_eq!(process.store().await.unwrap().stored, 1);
    assert_eq!(process.photo(&Path::new(SHOOT).join("1.png")).await.card.id, id, "the same photo");
    let there = world.memory.head(&ObjectKey("photos/shoot/1.png".into()), None).await.unwrap();
    assert!(there.is_some());
    assert_eq!(process.names(Scope::Deleted, "").await, Vec::<String>::new());
    assert_eq!(process.verify("vault", 2, None).await.unwrap().unknown, []);
}

#[tokio::test]
async fn undoing_the_gesture_stores_it_again_from_its_file() {
    let (world, process) = stored(2).await;
    process.delete("1.png").await;
    process.engine.undo().await.unwrap();
    assert_eq!(process.names(Scope::Library, "").await.len(), 2);
    assert_eq!(process.store().await.unwrap().stored, 1);
    assert_eq!(process.waiting().await, 0);
    assert_honest(&world, &process).await;
}

#[tokio::test]
async fn the_library_of_a_date_is_what_it_was() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let world = World::new();
    world.put("0.png", 0);
    let process = world.open().await;
    process.import().await.unwrap();
    let before = process.engine.now();
    process.store().await.unwrap();
    let first = process.engine.now();
    world.now.fetch_add(DAY, Ordering::Relaxed);
    world.put("0.png", 100);
    world.put("1.png", 1);
    process.import().await.unwrap();
    process.store().await.unwrap();
    let second = process.engine.now();
    world.now.fetch_add(DAY, Ordering::Relaxed);
    process.delete("1.png").await;
    let third = process.engine.now();
    process.undelete("").await;
    let fourth = process.engine.now();
    let hidden = process.engine.seats("0.png").await.unwrap();
    process.engine.edit(hidden, Change::Hidden(true)).await.unwrap();

    let names = async |at: Timestamp| process.names(Scope::AsOf(at), "").await;
    assert_eq!(names(before).await, Vec::<String>::new());
    assert_eq!(names(first).await, ["0.png"]);
    assert_eq!(names(second).await, ["0.png", "1.png"]);
    assert_eq!(names(third).await, ["0.png"], "deleted then");
    assert_eq!(names(fourth).await, ["0.png", "1.png"], "and brought back");
    assert_eq!(names(process.engine.now()).await, ["1.png"], "hidden since");
    assert_eq!(process.names(Scope::AsOf(second), "1.png").await, ["1.png"], "a query works there too");

    let content = async |at: Timestamp| {
        let seats = process.engine.seats_in(Scope::AsOf(at), "0.png").await.unwrap();
        process.engine.cards_in(Scope::AsOf(at), seats.to_vec()).await.unwrap()[0].blake3
    };
    assert_eq!(content(first).await, ContentHash(*blake3::hash(&picture(0)).as_bytes()));
    assert_eq!(content(second).await, ContentHash(*blake3::hash(&picture(100)).as_bytes()));

    let history = process.engine.history().await.unwrap();
    assert_eq!(history.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 2], "{history:?}");
    assert!(history.iter().all(|(day, _)| day.0 % DAY == 0));

    let report = process.download(Some(first), "/then").await;
    assert_eq!((report.files, report.failed.len()), (1, 0), "{report:?}");
    assert_eq!(bytes_at(&world, "/then/shoot/0.png"), picture(0), "the bytes of then");
    let report = process.download(Some(second), "/then").await;
    assert_eq!((report.files, report.present), (2, 0));
    assert_eq!(bytes_at(&world, "/then/shoot/0 (2).png"), picture(100), "nothing was overwritten");
    let report = process.download(Some(second), "/then").await;
    assert_eq!((report.files, report.present), (0, 2), "known by their bytes, whatever their name");
}

#[tokio::test]
async fn a_damaged_store_is_passed_over_for_the_next() {
    let (world, process) = stored(2).await;
    let remote = Arc::new(Bare::new(world.memory_beside()));
    process.add_remote(remote.clone()).await;
    process.store_remote(&world, remote.as_ref(), StorageClass::Standard).await;
    world.faulty.inject([Fault::FlipBit, Fault::Truncate]);
    let report = process.download(None, "/disk").await;
    assert_eq!((report.files, report.failed.len()), (2, 0), "{report:?}");
    for n in 0..2 {
        assert_eq!(bytes_at(&world, &format!("/disk/shoot/{n}.png")), picture(n));
    }
    assert_eq!(report.bytes, (picture(0).len() + picture(1).len()) as u64);
    world.faulty.inject([Fault::FlipBit, Fault::FlipBit]);
    remote.vanish();
    let report = process.download(None, "/other").await;
    assert_eq!((report.files, report.failed.len()), (0, 2), "{report:?}");
    let left = crate::files::FileSystem::stat(world.files.as_ref(), Path::new("/other/shoot/0.png"));
    assert!(left.is_err(), "nothing that is not what was stored");
    let reporter = Reporter::new(&process.engine, OP, OpKind::Restore);
    let id = process.photos().await[0].card.id;
    let to = crate::protocol::RestoreTo::Folder("/one".into());
    world.faulty.inject([Fault::FlipBit]);
    let restored = process.engine.restore(OP, id, 1, to, &Cancel::default(), &reporter).await;
    assert_eq!(restored.unwrap_err().code, ErrorCode::Corrupt);
}

#[tokio::test]
async fn what_is_archived_or_not_stored_is_said_so() {
    let world = World::new();
    world.put("0.png", 0);
    let process = world.open().await;
    process.import().await.unwrap();
    let report = process.download(None, "/disk").await;
    assert_eq!((report.files, report.failed.len()), (0, 1));
    assert!(report.failed[0].why.contains("not stored"), "{report:?}");
    let remote = Arc::new(Bare::new(world.memory_beside()));
    process.add_remote(remote.clone()).await;
    process.store_remote(&world, remote.as_ref(), StorageClass::GlacierFlexible).await;
    let report = process.download(None, "/disk").await;
    assert_eq!(report.files, 0);
    assert!(report.failed[0].why.contains("thawed"), "{report:?}");
}
