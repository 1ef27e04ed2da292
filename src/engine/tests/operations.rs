//! Operations without faults of the store: cancel, changing files, conflicts, edits, two processes.

use super::*;
use crate::domain::{Change, Rating};
use crate::protocol::ErrorCode;
use crate::store::{Body, Condition, Put};

/// Tasks go on for a while and then the operation is cancelled.
async fn cancel_after(turns: usize, cancel: &Cancel) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
    cancel.cancel();
}

#[tokio::test]
async fn a_cancelled_import_leaves_a_consistent_library_and_the_next_completes_it() {
    let world = World::new();
    for n in 0..120 {
        world.put(&format!("{n:03}.png"), n);
    }
    let mut partly = 0;
    let mut before = 0;
    for turns in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55] {
        let process = world.open().await;
        let cancel = Cancel::default();
        let (report, ()) = futures::join!(process.import_until(&cancel), cancel_after(turns, &cancel));
        let report = report.unwrap();
        let now = process.photos().await.len() as u64;
        assert_eq!(now, before + report.added, "everything reported is in, and nothing else");
        assert_eq!(process.waiting().await as u64, now);
        partly += usize::from(now > before && now < 120);
        before = now;
    }
    let process = world.open().await;
    let report = process.import().await.unwrap();
    assert_eq!((report.added, report.unchanged), (120 - before, before));
    assert!(partly > 0, "no cancel fell into an import");
    assert_eq!(process.store().await.unwrap().stored, 120);
    assert_settled(&world, &process).await;
}

#[tokio::test]
async fn a_cancelled_store_goes_on_where_it_was() {
    let world = World::new();
    for n in 0..60 {
        world.put(&format!("{n:03}.png"), n);
    }
    let process = world.open().await;
    process.import().await.unwrap();
    let mut stored = 0;
    for turns in [0, 1, 2, 4, 8, 16] {
        let cancel = Cancel::default();
        let reporter = Reporter::new(&process.engine, OP, OpKind::Store);
        let (report, ()) = futures::join!(process.engine.store(OP, &cancel, &reporter), cancel_after(turns, &cancel));
        stored += report.unwrap().stored;
        assert_honest(&world, &process).await;
        assert_eq!(process.waiting().await as u64, 60 - stored);
    }
    stored += process.store().await.unwrap().stored;
    assert_eq!(stored, 60);
    assert_settled(&world, &process).await;
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_read_again() {
    let world = World::new();
    let path = world.put("a.png", 1);
    world.files.change_on_open(&path, vec![picture(2), picture(3)]);
    let process = world.open().await;
    let report = process.import().await.unwrap();
    assert_eq!((report.added, report.unreadable.len()), (1, 0));
    let content = crate::files::fingerprint_bytes(&picture(3)).blake3;
    assert_eq!(process.photo(&path).await.card.blake3, content, "what lies there in the end");
    process.store().await.unwrap();
    assert_settled(&world, &process).await;
}

#[tokio::test]
async fn a_file_that_never_rests_is_one_line() {
    let world = World::new();
    world.put("calm.png", 1);
    let path = world.put("busy.png", 2);
    world.files.change_on_open(&path, (3..60).map(picture).collect());
    let process = world.open().await;
    let report = process.import().await.unwrap();
    assert_eq!((report.added, report.unreadable.len()), (1, 1));
    assert!(report.unreadable[0].why.contains("kept changing"), "{report:?}");
}

#[tokio::test]
async fn a_file_that_changed_before_it_was_stored_is_taken_in_anew() {
    let world = World::new();
    let path = world.put("a.png", 1);
    world.put("b.png", 2);
    let process = world.open().await;
    process.import().await.unwrap();
    world.put("a.png", 3);
    let report = process.store().await.unwrap();
    assert_eq!((report.stored, report.waiting, report.needs_you.len()), (2, 0, 0));
    assert_eq!(process.photo(&path).await.card.blake3, crate::files::fingerprint_bytes(&picture(3)).blake3);
    assert_settled(&world, &process).await;
}

#[tokio::test]
async fn another_copy_serves_where_the_first_file_is_gone() {
    let world = World::new();
    world.put("a.png", 1);
    world.put("b.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    world.files.remove(Path::new(SHOOT).join("a.png"));
    assert_eq!(process.store().await.unwrap().stored, 1);
    assert_settled(&world, &process).await;
}

#[tokio::test]
async fn a_foreign_object_keeps_its_key_and_ours_gets_another() {
    let world = World::new();
    let path = world.put("a.png", 1);
    let foreign = b"somebody else's".to_vec();
    let expected = crate::files::fingerprint_bytes(&foreign);
    let body = Body::Bytes(foreign.clone().into());
    let put = Put::new(ObjectKey("photos/shoot/a.png".into()), body, expected, Timestamp(0), Condition::Always);
    let there = world.memory.put(put).await.unwrap();
    let process = world.open().await;
    process.import().await.unwrap();
    assert_eq!(process.store().await.unwrap().stored, 1);
    let photo = process.photo(&path).await;
    let hash = photo.card.blake3.to_hex();
    assert_eq!(photo.versions[0].receipts[0].receipt.key.0, format!("photos/shoot/a~{}.png", &hash[..8]));
    assert_eq!(world.memory.versions(&there.key).await.unwrap(), [there], "theirs is as it was");
    assert_honest(&world, &process).await;
    // The key is the photo's for life: its next version goes there too.
    world.put("a.png", 2);
    process.import().await.unwrap();
    process.store().await.unwrap();
    let photo = process.photo(&path).await;
    assert!(photo.versions[0].receipts[0].receipt.key.0.contains('~'));
    assert_eq!(world.objects("photos/").await.len(), 3);
}

#[tokio::test]
async fn the_same_bytes_at_our_key_are_adopted() {
    let world = World::new();
    let path = world.put("a.png", 1);
    let expected = crate::files::fingerprint_bytes(&picture(1));
    let body = Body::Bytes(picture(1).into());
    let put = Put::new(ObjectKey("photos/shoot/a.png".into()), body, expected, Timestamp(5), Condition::IfAbsent);
    let there = world.memory.put(put).await.unwrap();
    let process = world.open().await;
    process.import().await.unwrap();
    assert_eq!(process.store().await.unwrap().stored, 1);
    assert_eq!(process.photo(&path).await.versions[0].receipts[0].receipt.version, there.version);
    assert_settled(&world, &process).await;
}

#[tokio::test]
async fn edits_reach_the_store_once() {
    let world = World::new();
    world.put("a.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    process.store().await.unwrap();
    assert_eq!(world.objects("edits/").await.len(), 0);
    let seats: Arc<[Seat]> = process.seats().await.into();
    process.engine.edit(seats.clone(), Change::Rating(Rating::new(4).unwrap())).await.unwrap();
    process.engine.edit(seats, Change::Caption(Some("Ä caption".into()))).await.unwrap();
    for _ in 0..2 {
        process.engine.flush_edits().await.unwrap();
        assert_eq!(world.objects("edits/").await.len(), 1, "once");
    }
    process.engine.undo().await.unwrap();
    process.store().await.unwrap();
    assert_eq!(world.objects("edits/").await.len(), 2, "a store run takes them along");
    assert!(process.engine.undo_count().await > 0);
}

impl Process {
    fn undo_state(&self) -> impl Future<Output = Result<(Option<String>, Option<String>), UserError>> + '_ {
        self.engine.read(|reader| reader.undo_state())
    }
}

impl Engine {
    /// One where something can be undone.
    async fn undo_count(&self) -> usize {
        usize::from(self.read(|reader| reader.undo_state()).await.unwrap().0.is_some())
    }
}

#[tokio::test]
async fn undo_and_redo_survive_the_process() {
    let world = World::new();
    let path = world.put("a.png", 1);
    {
        let process = world.open().await;
        process.import().await.unwrap();
        let seats: Arc<[Seat]> = process.seats().await.into();
        process.engine.edit(seats, Change::Rating(Rating::new(4).unwrap())).await.unwrap();
    }
    let process = world.open().await;
    assert_eq!(process.photo(&path).await.card.rating.stars(), 4);
    process.engine.undo().await.unwrap();
    assert_eq!(process.photo(&path).await.card.rating.stars(), 0);
    assert!(process.undo_state().await.unwrap().1.is_some());
    process.engine.redo().await.unwrap();
    assert_eq!(process.photo(&path).await.card.rating.stars(), 4);
}

#[tokio::test]
async fn one_process_writes_and_others_read() {
    let world = World::new();
    world.put("a.png", 1);
    let first = world.open().await;
    let refused = world.open_as(Mode::Write).await.err().unwrap();
    assert_eq!(refused.code, ErrorCode::Busy);
    let reader = world.open_as(Mode::Read).await.unwrap();
    assert_eq!(reader.photos().await.len(), 0);
    first.import().await.unwrap();
    assert_eq!(reader.photos().await.len(), 1, "what is committed is seen");
    let seats: Arc<[Seat]> = reader.seats().await.into();
    let change = Change::Rating(Rating::new(1).unwrap());
    assert_eq!(reader.engine.edit(seats, change).await.unwrap_err().code, ErrorCode::Busy);
    assert_eq!(reader.import().await.unwrap_err().code, ErrorCode::Busy);
    drop(first);
    world.open().await;
}

#[tokio::test]
async fn thumbnails_are_stored_once_for_each_content() {
    let world = World::new();
    world.put("a.png", 1);
    world.put("b.png", 1);
    world.put("c.png", 2);
    let process = world.open().await;
    process.import().await.unwrap();
    process.store().await.unwrap();
    assert_eq!(world.objects("thumbs/").await.len(), 2);
    process.store().await.unwrap();
    assert_eq!(world.objects("thumbs/").await.len(), 2);
}

#[tokio::test]
async fn a_copy_of_an_old_content_that_was_never_stored_is_stored() {
    let world = World::new();
    let process = world.open().await;
    let first = world.put("a.png", 1);
    process.import().await.unwrap();
    // Between two imports the photo is copied, and then edited: the old bytes were never stored.
    let copy = world.put("copy.png", 1);
    world.put("a.png", 2);
    process.import().await.unwrap();
    process.store().await.unwrap();
    assert_settled(&world, &process).await;
    let content = crate::files::fingerprint_bytes(&picture(1)).blake3;
    let photo = process.photo(&copy).await;
    let version = photo.versions.iter().find(|version| version.blake3 == content).unwrap();
    assert_eq!(version.receipts.len(), 1, "{photo:?} of {}", first.display());
}
