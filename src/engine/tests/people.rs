//! People: found, named, suggested, rejected for good, merged, split, forgotten with a proof, and back after a store was
//! opened on an empty computer. Against `testing::faces`, which has state and no eyes.

use super::*;
use crate::domain::people::{FaceBox, FaceState};
use crate::protocol::{ErrorCode, FacesOf, ForgetReport, LookOrder, LookReport, PeopleAsk};
use crate::tagger::rekognition::{Patience, Rekognition};
use crate::testing::faces::{Faces, Mood};

const COLLECTION: &str = "lightkeep-test";
const LEFT: [f32; 4] = [0.1, 0.2, 0.2, 0.3];
const RIGHT: [f32; 4] = [0.6, 0.2, 0.2, 0.3];

fn rekognition(faces: &Faces) -> Arc<Rekognition> {
    let keys = aws_credential_types::provider::SharedCredentialsProvider::new(aws_credential_types::Credentials::new(
        "a", "b", None, None, "test",
    ));
    let config = crate::aws::config("eu-central-1", Some(&faces.endpoint()), Some(keys));
    let patience = Patience {
        request: std::time::Duration::from_secs(5),
        question: std::time::Duration::from_secs(20),
        tries: 3,
        wait: std::time::Duration::from_millis(5),
    };
    Arc::new(Rekognition::with(&config, None, patience).in_a_hurry())
}

fn lay_door(process: &Process, faces: &Faces) {
    let door = (rekognition(faces), COLLECTION.to_owned());
    *process.engine.0.people_door.lock().unwrap() = Some(door);
}

/// Three photos: Anna alone; Anna and Bo; Anna again.
async fn three(faces: &Faces) -> (World, Process) {
    let world = World::new();
    (0..3).for_each(|n| drop(world.put(&format!("{n}.png"), n)));
    let process = world.open().await;
    process.import().await.unwrap();
    for (n, seen) in
        [vec![(LEFT, "anna")], vec![(LEFT, "anna"), (RIGHT, "bo")], vec![(RIGHT, "anna")]].iter().enumerate()
    {
        faces.picture(&content_of(&process, n).await, seen);
    }
    lay_door(&process, faces);
    process.engine.consent_to_people(true).await.unwrap();
    (world, process)
}

async fn content_of(process: &Process, n: usize) -> String {
    process.photo(&Path::new(SHOOT).join(format!("{n}.png"))).await.card.blake3.to_string()
}

async fn seat_of(process: &Process, n: usize) -> Seat {
    process.photo(&Path::new(SHOOT).join(format!("{n}.png"))).await.card.seat
}

async fn look(process: &Process) -> LookReport {
    look_as(process, LookOrder::default()).await
}

async fn look_as(process: &Process, order: LookOrder) -> LookReport {
    let reporter = Reporter::new(&process.engine, OP, OpKind::LookForPeople);
    process.engine.look_for_people(order, &Cancel::default(), &reporter).await.unwrap()
}

async fn forget(process: &Process) -> ForgetReport {
    let reporter = Reporter::new(&process.engine, OP, OpKind::ForgetPeople);
    process.engine.forget_people(&Cancel::default(), &reporter).await.unwrap()
}

async fn faces_of(process: &Process, of: FacesOf) -> Vec<crate::domain::people::Face> {
    process.engine.faces(of, None, 1_000).await.unwrap().0
}

async fn face_at(process: &Process, n: usize, place: [f32; 4]) -> crate::domain::people::Face {
    let seat = seat_of(process, n).await;
    let faces = faces_of(process, FacesOf::Photo(seat)).await;
    let left = (place[0] * 10_000.0).round() as u16;
    faces.into_iter().find(|face| face.id.spot.left == left).unwrap()
}

async fn ask(process: &Process, ask: PeopleAsk) -> u64 {
    let count = process.engine.edit_people(ask).await.unwrap();
    process.engine.agree_at_aws().await.unwrap();
    count
}

async fn name(process: &Process, n: usize, place: [f32; 4], name: &str) {
    let id = face_at(process, n, place).await.id;
    assert_eq!(ask(process, PeopleAsk::Name { faces: vec![id], name: name.to_owned() }).await, 1);
}

async fn found(process: &Process, query: &str) -> usize {
    process.engine.seats(query).await.unwrap().len()
}

#[tokio::test]
async fn a_named_face_suggests_its_likes_and_a_rejected_one_stays_rejected() {
    let faces = Faces::start();
    let (_world, process) = three(&faces).await;
    let report = look(&process).await;
    assert_eq!((report.looked_at, report.faces, report.suggestions, report.stopped), (3, 4, 0, None));
    assert_eq!(faces_of(&process, FacesOf::Unknown).await.len(), 4);
    name(&process, 0, LEFT, "Anna").await;
    // One question of a newly named face finds those that lie there already.
    assert_eq!((faces.times("SearchFaces"), faces.users(COLLECTION)), (1, vec![vec!["anna".to_owned()]]));
    let suggested = faces_of(&process, FacesOf::Suggested(Some("anna".into()))).await;
    assert_eq!(suggested.len(), 2);
    assert!(
        matches!(&suggested[0].state, FaceState::Suggested { name, similarity } if name == "Anna" && *similarity > 98.0)
    );
    assert_eq!(found(&process, "person:anna").await, 1, "a suggestion is not found");
    ask(&process, PeopleAsk::Accept { faces: vec![face_at(&process, 1, LEFT).await.id] }).await;
    ask(&process, PeopleAsk::Reject { faces: vec![face_at(&process, 2, RIGHT).await.id] }).await;
    assert_eq!(found(&process, "person:anna").await, 2);
    let before = process.engine.spent(None).await.unwrap();
    for _ in 0..2 {
        let again = look(&process).await;
        assert_eq!((again.looked_at, again.suggestions), (0, 0), "{again:?}");
        assert_eq!(face_at(&process, 2, RIGHT).await.state, FaceState::Unknown);
    }
    assert_eq!(faces.times("IndexFaces"), 3, "nobody is paid twice");
    // The two that nobody named were asked about once, in the first of the two.
    let after = process.engine.spent(None).await.unwrap();
    assert_eq!(after.images.people - before.images.people, 2);
    let sent = faces.log().into_iter().map(|(_, body)| body.to_string().to_lowercase()).collect::<String>();
    assert!(!sent.contains("\"anna\"") && !sent.contains(".png"), "no name leaves");
}

#[tokio::test]
async fn undo_merge_split_and_rename_are_followed_by_the_collection() {
    let faces = Faces::start();
    let (_world, process) = three(&faces).await;
    look(&process).await;
    name(&process, 0, LEFT, "Anna").await;
    name(&process, 1, LEFT, "Anni").await;
    name(&process, 1, RIGHT, "Bo").await;
    assert_eq!(faces.users(COLLECTION), [vec!["anna"], vec!["anna"], vec!["bo"]]);
    ask(&process, PeopleAsk::Merge { people: vec!["Anni".into()], into: "Anna".into() }).await;
    assert_eq!(faces.users(COLLECTION), [vec!["anna", "anna"], vec!["bo"]]);
    assert_eq!((found(&process, "person:anna").await, found(&process, "person:anni").await), (2, 0));
    process.engine.undo().await.unwrap();
    process.engine.agree_at_aws().await.unwrap();
    assert_eq!((found(&process, "person:anna").await, found(&process, "person:anni").await), (1, 1));
    assert_eq!(faces.users(COLLECTION), [vec!["anna"], vec!["anna"], vec!["bo"]]);
    process.engine.redo().await.unwrap();
    process.engine.agree_at_aws().await.unwrap();
    let (made, paid) = (faces.times("CreateUser"), faces.times("AssociateFaces"));
    ask(&process, PeopleAsk::Rename { from: "anna".into(), to: "Anna Dupont".into() }).await;
    assert_eq!(found(&process, "person:\"anna dupont\"").await, 2);
    assert_eq!((faces.times("CreateUser"), faces.times("AssociateFaces")), (made, paid), "a new name costs nothing");
    // Split: one of hers is somebody else after all, and is never suggested as hers again.
    name(&process, 1, LEFT, "Cleo").await;
    assert_eq!(faces.users(COLLECTION), [vec!["anna"], vec!["anna"], vec!["bo"]]);
    look(&process).await;
    let people = process.engine.people().await.unwrap();
    let names: Vec<_> = people.iter().map(|person| (person.name.as_str(), person.faces)).collect();
    assert_eq!(names, [("Anna Dupont", 1), ("Bo", 1), ("Cleo", 1)]);
    let facets = process.engine.facets("", crate::domain::query::Scope::Library, 10).await.unwrap();
    assert_eq!(facets.people.len(), 3);
}

#[tokio::test]
async fn hiding_drawing_and_marking_are_gestures() {
    let faces = Faces::start();
    let (_world, process) = three(&faces).await;
    let seat = seat_of(&process, 0).await;
    let spot = FaceBox { left: 1_100, top: 2_100, width: 2_000, height: 3_000 };
    ask(&process, PeopleAsk::Draw { seat, spot, name: Some("Anna".into()) }).await;
    assert_eq!(found(&process, "person:anna").await, 1, "without anything found or sent");
    look(&process).await;
    let here = faces_of(&process, FacesOf::Photo(seat)).await;
    assert_eq!(here.len(), 1, "what Rekognition finds there is the same face");
    assert_eq!(faces.users(COLLECTION), [vec!["anna"]], "and compared as Anna's");
    ask(&process, PeopleAsk::HidePerson { name: "Anna".into(), hidden: true }).await;
    assert!(process.engine.people().await.unwrap()[0].hidden);
    assert_eq!(found(&process, "person:anna").await, 1);
    let bo = face_at(&process, 1, RIGHT).await.id;
    ask(&process, PeopleAsk::Mark { faces: vec![bo], mark: crate::domain::people::FaceMark::NotAFace }).await;
    assert_eq!(faces_of(&process, FacesOf::Hidden).await.len(), 2);
    process.engine.undo().await.unwrap();
    process.engine.undo().await.unwrap();
    assert_eq!(faces_of(&process, FacesOf::Hidden).await.len(), 0);
    let wrong = process.engine.edit_people(PeopleAsk::Rename { from: "Nobody".into(), to: "X".into() }).await;
    assert_eq!(wrong.unwrap_err().code, ErrorCode::NotFound);
    let wrong = process.engine.edit_people(PeopleAsk::Draw { seat, spot, name: Some("a\nb".into()) }).await;
    assert_eq!(wrong.unwrap_err().code, ErrorCode::Usage);
}

#[tokio::test]
async fn nothing_is_sent_without_consent_and_money_has_an_end() {
    let faces = Faces::start();
    let (_world, process) = three(&faces).await;
    process.engine.consent_to_people(false).await.unwrap();
    let reporter = Reporter::new(&process.engine, OP, OpKind::LookForPeople);
    let refused = process.engine.look_for_people(LookOrder::default(), &Cancel::default(), &reporter).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::Denied);
    assert_eq!(faces.log().len(), 0);
    let dry = look_as(&process, LookOrder { dry_run: true, ..LookOrder::default() }).await;
    assert_eq!((dry.looked_at, dry.micro_usd > 0, faces.log().len()), (3, true, 0));
    process.engine.consent_to_people(true).await.unwrap();
    let each = dry.micro_usd / 3;
    let report = look_as(&process, LookOrder { most_micro_usd: Some(each * 2), ..LookOrder::default() }).await;
    assert_eq!((report.looked_at, report.micro_usd), (2, each * 2));
    assert!(report.stopped.is_some_and(|why| why.contains("limit")));
    assert_eq!(process.engine.spent(None).await.unwrap().total_micro_usd(), each * 2);
    assert_eq!(look(&process).await.looked_at, 1);
}

#[tokio::test]
async fn the_services_moods_lose_nothing_and_pay_nothing_twice() {
    let faces = Faces::start();
    let (_world, process) = three(&faces).await;
    // Refused once each, throttled, and every first answer to a change lost.
    faces.moods(|operation, before| match (operation, before) {
        ("DescribeCollection", 0) => Mood::Refuse(400, "ProvisionedThroughputExceededException"),
        ("CreateCollection" | "CreateUser" | "AssociateFaces", 0) => Mood::Lose,
        ("IndexFaces", 1) => Mood::Refuse(500, "InternalServerError"),
        ("AssociateFaces", 1 | 2) => Mood::Refuse(400, "ConflictException"),
        _ => Mood::Good,
    });
    let report = look(&process).await;
    assert_eq!((report.looked_at, report.faces, report.stopped), (3, 4, None));
    name(&process, 0, LEFT, "Anna").await;
    assert_eq!(faces.users(COLLECTION), [vec!["anna"]], "one user, in spite of all");
    // Nonsense, and an answer without what must be in it: told, and asked again next time.
    faces.picture(&content_of(&process, 2).await, &[]);
    for (text, stopped) in [("{}", false), ("<html>", false)] {
        forget(&process).await;
        process.engine.consent_to_people(true).await.unwrap();
        faces.moods(move |operation, _| match operation {
            "IndexFaces" => Mood::Say(text.to_owned()),
            _ => Mood::Good,
        });
        let report = look(&process).await;
        assert_eq!((report.looked_at, report.failed.len(), report.stopped.is_some()), (0, 3, stopped), "{report:?}");
        faces.moods(|_, _| Mood::Good);
    }
    // Boxes out of range are no faces; a hundred of them in a photo are.
    let many: Vec<_> = (0..10)
        .flat_map(|x| (0..10).map(move |y| (x, y)))
        .map(|(x, y)| ([x as f32 / 10.0, y as f32 / 10.0, 0.08, 0.08], "crowd"))
        .collect();
    faces.picture(&content_of(&process, 0).await, &many);
    faces
        .picture(&content_of(&process, 1).await, &[([3.0, 0.0, 0.1, 0.1], "nowhere"), ([-0.1, 0.5, 0.2, 0.2], "edge")]);
    let report = look(&process).await;
    assert_eq!((report.looked_at, report.faces), (3, 101), "{report:?}");
    assert_eq!(faces_of(&process, FacesOf::Photo(seat_of(&process, 2).await)).await.len(), 0);
    assert_eq!(look(&process).await.looked_at, 0, "a photo without faces was looked through too");
}

#[tokio::test]
async fn everything_is_deleted_and_that_is_proved_also_after_the_network_went_away() {
    let faces = Faces::start();
    faces.others("lightkeep-somebody-else");
    let (world, process) = three(&faces).await;
    look(&process).await;
    name(&process, 0, LEFT, "Anna").await;
    ask(&process, PeopleAsk::Reject { faces: vec![face_at(&process, 2, RIGHT).await.id] }).await;
    faces.moods(|operation, _| match operation {
        "DeleteCollection" => Mood::Refuse(500, "InternalServerError"),
        _ => Mood::Good,
    });
    let first = forget(&process).await;
    assert_eq!((first.faces, first.names, first.proved), (4, 1, false), "{first:?}");
    assert!(first.stopped.is_some() && process.engine.people_state().await.unwrap().deleting);
    assert_eq!(found(&process, "person:anna").await, 0);
    // Not before it came to its end is anything sent again, whatever is switched on.
    process.engine.consent_to_people(true).await.unwrap();
    let reporter = Reporter::new(&process.engine, OP, OpKind::LookForPeople);
    let refused = process.engine.look_for_people(LookOrder::default(), &Cancel::default(), &reporter).await;
    assert!(refused.unwrap_err().message.contains("deleted"));
    drop(reporter);
    drop(process);
    let process = world.open().await;
    lay_door(&process, &faces);
    faces.moods(|operation, before| match (operation, before) {
        ("DeleteCollection", 3) => Mood::Lose,
        _ => Mood::Good,
    });
    let second = forget(&process).await;
    assert!(second.proved && second.stopped.is_none(), "{second:?}");
    assert_eq!(faces.collections(), ["lightkeep-somebody-else"]);
    assert!(second.proof.iter().any(|line| line.contains("none is lightkeep-test")), "{:?}", second.proof);
    assert!(second.proof[0].contains("faces 0, not_person 0, face_users 0"), "{:?}", second.proof);
    let state = process.engine.people_state().await.unwrap();
    assert!(!state.deleting && !state.consent && state.collection.is_none());
    // No undo brings anything back.
    while process.engine.undo().await.unwrap().is_some() {}
    assert_eq!(process.engine.people().await.unwrap().len(), 0);
    let text = std::fs::read(world.library().join("catalog.db")).unwrap();
    let rows = process.engine.read(|reader| reader.face_rows()).await.unwrap();
    assert!(rows.iter().all(|(_, rows)| *rows == 0) && !text.is_empty(), "{rows:?}");
    // Switched on again: a new collection, everything anew.
    process.engine.consent_to_people(true).await.unwrap();
    assert_eq!(look(&process).await.looked_at, 3);
}

#[tokio::test]
async fn an_empty_computer_has_the_names_again_and_pays_nothing() {
    let faces = Faces::start();
    let (world, process) = three(&faces).await;
    process.store().await.unwrap();
    look(&process).await;
    name(&process, 0, LEFT, "Anna").await;
    ask(&process, PeopleAsk::Reject { faces: vec![face_at(&process, 2, RIGHT).await.id] }).await;
    process.engine.flush_edits().await.unwrap();
    process.engine.send_answers().await.unwrap();
    drop(process);
    let new = World { dir: tempfile::tempdir().unwrap(), ..world };
    let process = new.open().await;
    super::answers::share(&process, Arc::new(new.memory.clone())).await;
    let reporter = Reporter::new(&process.engine, OP, OpKind::OpenStore);
    process.engine.open_store(None, &Cancel::default(), &reporter).await.unwrap();
    drop(reporter);
    assert_eq!(found(&process, "person:anna").await, 1);
    lay_door(&process, &faces);
    process.engine.consent_to_people(true).await.unwrap();
    let (indexed, made) = (faces.times("IndexFaces"), faces.times("CreateUser"));
    let report = look(&process).await;
    assert_eq!((report.looked_at, report.stopped), (0, None));
    assert_eq!(faces.times("IndexFaces"), indexed, "also a photo without faces is known");
    assert_eq!(faces.times("CreateUser"), made, "Anna's vector is found again");
    let people = process.engine.people().await.unwrap();
    assert_eq!((people.len(), people[0].suggestions), (1, 1), "one of the two is suggested, the other was rejected");
    // Deleted here, it is deleted for every later life too.
    assert!(forget(&process).await.proved);
    drop(process);
    let last = World { dir: tempfile::tempdir().unwrap(), ..new };
    let process = last.open().await;
    super::answers::share(&process, Arc::new(last.memory.clone())).await;
    let reporter = Reporter::new(&process.engine, OP, OpKind::OpenStore);
    process.engine.open_store(None, &Cancel::default(), &reporter).await.unwrap();
    assert_eq!(process.engine.people().await.unwrap().len(), 0);
}
