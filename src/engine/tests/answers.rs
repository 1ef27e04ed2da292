//! Answers that are paid for once: into every store, out of it again on an empty computer, and by another library.

use super::*;
use crate::domain::labels::{Answer, Asked, Label, TaggerKind};
use crate::domain::spend::{Images, Spent};
use crate::engine::stores::{OpenedStore, RemoteSlot};
use crate::store::{Body, Condition, Put};
use crate::testing::store::Fault;

const LABELS: Asked = Asked { labels: true, faces: false, text: false, people: false };

fn answer(content: ContentHash, tagger: TaggerKind, label: &str) -> Answer {
    let label = Label {
        name: label.to_owned(),
        confidence: 91.5,
        parents: vec!["Animal".to_owned()],
        aliases: Vec::new(),
        categories: Vec::new(),
        regions: Vec::new(),
    };
    let (model, asked) = ("3.0".to_owned(), LABELS);
    Answer { content, tagger, model, asked, labels: vec![label], faces: Vec::new(), texts: Vec::new() }
}

fn content(number: u8) -> ContentHash {
    ContentHash([number; 32])
}

/// A world with one stored photo, so that its vault is known.
async fn stored() -> (World, Process) {
    let world = World::new();
    world.put("1.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    process.store().await.unwrap();
    (world, process)
}

/// Another library of the same person, with the same store beside its own vault.
async fn another(store: Arc<dyn ObjectStore>) -> (World, Process) {
    let (world, process) = stored().await;
    share(&process, store).await;
    (world, process)
}

/// Makes a store the remote one of a library.
pub(super) async fn share(process: &Process, store: Arc<dyn ObjectStore>) {
    process.engine.write(|writer| writer.enable_store("s3-shared/x")).await.unwrap();
    process.engine.write(|writer| writer.set_setting("remote", "s3-shared/x")).await.unwrap();
    let opened = OpenedStore { name: "s3-shared/x".to_owned(), shown: "s3", store };
    *process.engine.0.remote.lock().unwrap() = RemoteSlot::Open { place: "shared/x".to_owned(), opened };
}

async fn put(world: &World, key: &str, bytes: &[u8]) {
    let expected = crate::files::fingerprint_bytes(bytes);
    let put =
        Put::new(ObjectKey(key.to_owned()), Body::Bytes(bytes.into()), expected, Timestamp(1), Condition::IfAbsent);
    world.memory.put(put).await.unwrap();
}

async fn left(process: &Process, contents: Vec<ContentHash>) -> usize {
    process.engine.questions_left(contents, TaggerKind::Aws, LABELS).await.unwrap().len()
}

#[tokio::test]
async fn answers_lie_in_the_store_once_and_come_back_on_an_empty_computer() {
    let (world, process) = stored().await;
    let told: Vec<_> = (0..5).map(|n| answer(content(n), TaggerKind::Aws, "Dog")).collect();
    process.engine.keep_answers(told.clone()).await.unwrap();
    process.engine.keep_answers(vec![answer(content(9), TaggerKind::Device, "Cat")]).await.unwrap();
    assert_eq!(process.engine.send_answers().await.unwrap(), 6);
    assert_eq!((world.objects("tags/aws/").await.len(), world.objects("tags/device/").await.len()), (1, 1));
    assert_eq!(process.engine.send_answers().await.unwrap(), 0, "nothing is written twice");
    let (calls, fetched) = (world.faulty.calls(), process.engine.fetch_answers(&Cancel::default()).await.unwrap());
    assert_eq!(fetched, FetchedAnswers::default(), "its own segments are not read again");
    assert!(world.faulty.calls() - calls <= 2, "two listings");

    // The computer is dead; a new one has nothing but the store.
    let new = World { dir: tempfile::tempdir().unwrap(), ..world };
    let process = new.open().await;
    share(&process, Arc::new(new.memory.clone())).await;
    let reporter = Reporter::new(&process.engine, OP, OpKind::Store);
    let (photos, failed) = process.engine.open_store(None, &Cancel::default(), &reporter).await.unwrap();
    assert_eq!((photos, failed), (1, Vec::new()));
    let known = process.engine.known_answers(vec![content(3)], TaggerKind::Aws).await.unwrap();
    assert_eq!(known[0].answer.as_ref(), Some(&told[3]));
    assert_eq!(left(&process, (0..5).map(content).collect()).await, 0);
    assert!(!process.engine.read(|reader| reader.has_answers_due("s3-shared/x")).await.unwrap(), "it has them");
}

#[tokio::test]
async fn another_library_with_the_same_store_pays_nothing() {
    let (world, first) = stored().await;
    let store: Arc<dyn ObjectStore> = Arc::new(world.memory.clone());
    let (_elsewhere, second) = another(store).await;
    let contents: Vec<_> = (0..4).map(content).collect();
    let told = contents.iter().map(|content| answer(*content, TaggerKind::Aws, "Owl")).collect();
    first.engine.keep_answers(told).await.unwrap();
    first.engine.send_answers().await.unwrap();
    assert_eq!(left(&second, contents.clone()).await, 4, "it has not looked yet");
    let fetched = second.engine.fetch_answers(&Cancel::default()).await.unwrap();
    assert_eq!((fetched.new, fetched.away.len()), (4, 0), "{fetched:?}");
    assert_eq!(left(&second, contents).await, 0);
    // What it learns goes on into its own vault, and what it asks itself comes to the first.
    assert_eq!(second.engine.send_answers().await.unwrap(), 4);
    assert_eq!(world.objects("tags/").await.len(), 1, "the shared store has them already");
    second.engine.keep_answers(vec![answer(content(8), TaggerKind::Aws, "Fox")]).await.unwrap();
    second.engine.send_answers().await.unwrap();
    assert_eq!(first.engine.fetch_answers(&Cancel::default()).await.unwrap().new, 1);
    assert_eq!(left(&first, vec![content(8), content(7)]).await, 1);
}

#[tokio::test]
async fn corrupt_lines_are_told_and_passed_over() {
    let (world, process) = stored().await;
    let line = |n| serde_json::to_string(&answer(content(n), TaggerKind::Aws, "Dog")).unwrap();
    let foreign = serde_json::to_string(&answer(content(3), TaggerKind::Device, "Dog")).unwrap();
    let hostile = line(4).replace("91.5", "1e99").replace("Dog", &"D".repeat(100_000));
    let mut bytes = [line(1), "{\"content\":".to_owned(), foreign, line(2), hostile].join("\n").into_bytes();
    bytes.extend_from_slice(b"\n\xFF\xFE\x00\n");
    bytes.extend_from_slice(&vec![b'x'; 5 << 20]);
    bytes.extend_from_slice(format!("\n{}\n", line(5)).as_bytes());
    put(&world, "tags/aws/01HX0000000000000000000000.jsonl", &bytes).await;
    put(&world, "tags/aws/readme.txt", b"no segment").await;
    put(&world, "tags/aws/01HX0000000000000000000001.jsonl", b"").await;
    let fetched = process.engine.fetch_answers(&Cancel::default()).await.unwrap();
    assert_eq!(fetched.new, 4, "{fetched:?}");
    assert_eq!(fetched.failed.len(), 4, "{fetched:?}");
    assert!(fetched.failed.iter().all(|one| one.path.ends_with("0000.jsonl") && one.why.len() < 300), "{fetched:?}");
    let known = process.engine.known_answers(vec![content(4), content(5)], TaggerKind::Aws).await.unwrap();
    let label = &known[0].answer.as_ref().unwrap().labels;
    assert!(label.is_empty() || label[0].name.len() <= 200 && label[0].confidence <= 100.0, "{label:?}");
    assert!(known[1].answer.is_some(), "what comes after is read");
    assert_eq!(process.engine.fetch_answers(&Cancel::default()).await.unwrap().failed.len(), 0, "told once");
}

#[tokio::test]
async fn a_store_that_fails_is_told_and_tried_again() {
    let (world, process) = stored().await;
    process.engine.keep_answers(vec![answer(content(1), TaggerKind::Aws, "Dog")]).await.unwrap();
    world.faulty.inject([Fault::FailOnce]);
    assert!(process.engine.send_answers().await.is_err());
    world.faulty.inject([Fault::LostResponse]);
    let _ = process.engine.send_answers().await;
    process.engine.send_answers().await.unwrap();
    assert!(!process.engine.read(|reader| reader.has_answers_due(&vault(reader))).await.unwrap());
    // Nothing that is in the store twice is known twice.
    let fetched = process.engine.fetch_answers(&Cancel::default()).await.unwrap();
    assert_eq!(fetched.new, 0, "{fetched:?}");
    world.faulty.inject([Fault::FailOnce]);
    let fetched = process.engine.fetch_answers(&Cancel::default()).await.unwrap();
    assert_eq!((fetched.away.len(), fetched.away[0].0.as_str()), (1, "vault"), "what it knows may be paid for again");
}

fn vault(reader: &crate::catalog::Reader) -> String {
    reader.setting("vault").unwrap().unwrap()
}

#[tokio::test]
async fn a_backup_takes_answers_along() {
    let (world, process) = stored().await;
    process.engine.keep_answers(vec![answer(content(1), TaggerKind::Aws, "Dog")]).await.unwrap();
    assert!(process.engine.has_to_store_in("vault").await);
    process.store().await.unwrap();
    assert_eq!(world.objects("tags/aws/").await.len(), 1);
}

#[tokio::test]
async fn money_is_counted_in_the_month_of_the_answer() {
    let (_world, process) = stored().await;
    let one = |labels| Images { labels, faces: 0, text: 0, people: 0 };
    let paid = Spent { images: one(1), micro_usd: one(1_200) };
    for n in 0..3 {
        process.engine.keep_paid_answers(vec![answer(content(n), TaggerKind::Aws, "Dog")], paid).await.unwrap();
    }
    let spent = process.engine.spent(None).await.unwrap();
    assert_eq!((spent.images.labels, spent.total_micro_usd()), (3, 3_600));
    assert_eq!(process.engine.spent(Some("1999-01".to_owned())).await.unwrap(), Spent::default());
}

#[tokio::test]
async fn without_an_account_there_is_no_rekognition() {
    let world = World::new();
    let process = world.open().await;
    let why = process.engine.rekognition(None, None).await.unwrap_err();
    assert_eq!(why.code, crate::protocol::ErrorCode::Settings, "{why:?}");
}
