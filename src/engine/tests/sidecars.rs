//! Sidecars: what is written, what other programs change, and what happens where both did.

use super::*;
use crate::domain::sidecar::Fields;
use crate::domain::{Change, ColourLabel, Flag, Rating};
use crate::files::FileSystem as _;
use crate::files::sidecar::Sidecar;
use crate::protocol::SidecarReport;

fn rating(stars: u8) -> Rating {
    Rating::new(stars).unwrap()
}

/// Adobe's way: attributes, and settings that are none of ours.
fn adobe(stars: &str, words: &[&str], caption: &str) -> String {
    let words: String = words.iter().map(|word| format!("<rdf:li>{word}</rdf:li>")).collect();
    format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:crs=\"urn:develop\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmp:Rating=\"{stars}\" crs:Exposure=\"+0.35\">\
         <dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject><dc:description><rdf:Alt><rdf:li \
         xml:lang=\"x-default\">{caption}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
}

impl World {
    fn sidecar(&self, name: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut file = self.files.open(&Path::new(SHOOT).join(name)).ok()?;
        std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        Some(bytes)
    }

    fn said(&self, name: &str) -> Fields {
        Sidecar::parse(&self.sidecar(name).unwrap()).unwrap().fields().clone()
    }

    /// Another program changes what a sidecar says.
    fn rewrite(&self, name: &str, change: impl FnOnce(&mut Fields)) {
        let sidecar = Sidecar::parse(&self.sidecar(name).unwrap()).unwrap();
        let mut fields = sidecar.fields().clone();
        change(&mut fields);
        let bytes = sidecar.saying(&fields, None).unwrap().unwrap();
        self.files.put(Path::new(SHOOT).join(name), &bytes);
    }
}

impl Process {
    async fn write_sidecars(&self) -> SidecarReport {
        let reporter = Reporter::new(&self.engine, OP, OpKind::Sidecars);
        let seats = self.engine.seats("").await.unwrap();
        self.engine.write_sidecars(OP, seats, &Cancel::default(), &reporter).await.unwrap()
    }

    async fn read_sidecars(&self) -> SidecarReport {
        let reporter = Reporter::new(&self.engine, OP, OpKind::Sidecars);
        let seats = self.engine.seats("").await.unwrap();
        self.engine.read_sidecars(OP, seats, &Cancel::default(), &reporter).await.unwrap()
    }

    async fn change(&self, changes: Vec<Change>) {
        let seats = self.engine.seats("").await.unwrap();
        self.engine.edit_all(seats, changes).await.unwrap();
    }
}

fn tags(photo: &PhotoDetail) -> Vec<&str> {
    let written = |tag: &&crate::domain::PhotoTag| {
        matches!(tag.source, crate::domain::TagSource::User | crate::domain::TagSource::Keyword)
    };
    photo.tags.iter().filter(written).map(|tag| tag.name.as_str()).collect()
}

fn counts(report: &SidecarReport) -> (u64, u64, u64, usize, usize) {
    (report.written, report.merged, report.unchanged, report.conflicts.len(), report.failed.len())
}

#[tokio::test]
async fn what_was_decided_is_written_once_and_stored_with_the_photo() {
    let world = World::new();
    let path = world.put("a.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    process.store().await.unwrap();
    assert_eq!(counts(&process.write_sidecars().await), (0, 0, 1, 0, 0), "nothing to say is nothing to write");
    assert_eq!(world.sidecar("a.png.xmp"), None);
    process
        .change(vec![
            Change::Rating(rating(4)),
            Change::Flag(Flag::Pick),
            Change::Label(ColourLabel::Green),
            Change::AddTag("dog, \"Rex\"".into()),
            Change::Caption(Some("A <dog>\nat a lake".into())),
        ])
        .await;
    assert_eq!(counts(&process.write_sidecars().await), (1, 0, 0, 0, 0));
    let said = world.said("a.png.xmp");
    assert_eq!((said.rating, said.flag, said.colour()), (Some(rating(4)), Flag::Pick, ColourLabel::Green));
    assert_eq!(
        (said.keywords.as_slice(), said.caption.as_deref()),
        (&["dog, \"Rex\"".to_owned()][..], Some("A <dog>\nat a lake"))
    );
    assert_eq!(counts(&process.write_sidecars().await), (0, 0, 1, 0, 0), "and not again");
    let photo = process.photo(&path).await;
    assert_eq!(photo.companions.len(), 1);
    assert_ne!(photo.card.stored, StoredState::Stored);
    process.store().await.unwrap();
    assert_eq!(process.photo(&path).await.card.stored, StoredState::Stored);
    let key = &photo.versions[0].receipts[0].receipt.key.0;
    let beside = world.objects(&format!("{key}.xmp")).await;
    assert_eq!(beside.len(), 1, "our own sidecar is <key>.xmp");
    // An import finds nothing new in what the library wrote itself.
    let again = process.import().await.unwrap();
    assert_eq!((again.unchanged, again.sidecars), (1, SidecarReport::default()));
    assert_eq!(process.photo(&path).await.tags, photo.tags);
}

#[tokio::test]
async fn an_import_takes_over_what_another_program_changed_and_undo_takes_it_back() {
    let world = World::new();
    let path = world.put("a.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    process.change(vec![Change::Rating(rating(4)), Change::AddTag("dog".into()), Change::AddTag("lake".into())]).await;
    process.write_sidecars().await;
    world.rewrite("a.png.xmp", |fields| {
        fields.rating = Some(rating(2));
        fields.keywords = vec!["dog".into(), "cat".into()];
        fields.caption = Some("theirs".into());
    });
    let report = process.import().await.unwrap();
    assert_eq!(counts(&report.sidecars), (0, 1, 0, 0, 0));
    let photo = process.photo(&path).await;
    assert_eq!((photo.card.rating, photo.metadata.caption.as_deref()), (rating(2), Some("theirs")));
    assert_eq!(tags(&photo), ["cat", "dog"]);
    assert_eq!(counts(&process.write_sidecars().await), (0, 0, 1, 0, 0), "both say the same");
    let undone = process.engine.undo().await.unwrap().unwrap();
    assert_eq!(undone.what, "Sidecars read");
    let photo = process.photo(&path).await;
    assert_eq!(photo.card.rating, rating(4));
    assert!(tags(&photo).contains(&"lake"), "{:?}", photo.tags);
    assert_eq!(counts(&process.write_sidecars().await), (1, 0, 0, 0, 0));
    assert_eq!(world.said("a.png.xmp").rating, Some(rating(4)));
}

#[tokio::test]
async fn where_both_changed_keywords_add_up_and_the_persons_own_stays_and_is_told() {
    let world = World::new();
    let path = world.put("a.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    process.change(vec![Change::Rating(rating(3)), Change::AddTag("dog".into())]).await;
    process.write_sidecars().await;
    world.rewrite("a.png.xmp", |fields| {
        fields.rating = Some(rating(1));
        fields.keywords.push("cat".into());
        fields.label = Some("Red".into());
    });
    process.change(vec![Change::Rating(rating(5)), Change::AddTag("bird".into())]).await;
    let report = process.write_sidecars().await;
    assert_eq!(counts(&report), (1, 1, 0, 1, 0));
    let told = &report.conflicts[0];
    assert_eq!(
        (told.conflict.field.as_str(), told.conflict.here.as_str(), told.conflict.there.as_str()),
        ("rating", "5", "1")
    );
    assert_eq!(told.path, path.with_file_name("a.png.xmp"));
    let photo = process.photo(&path).await;
    assert_eq!((photo.card.rating, tags(&photo)), (rating(5), vec!["bird", "cat", "dog"]));
    let said = world.said("a.png.xmp");
    assert_eq!((said.rating, said.label.as_deref(), said.keywords.len()), (Some(rating(5)), Some("Red"), 3));
    assert_eq!(counts(&process.read_sidecars().await), (0, 0, 1, 0, 0), "told once");
}

#[tokio::test]
async fn adobes_name_is_read_and_left_alone_and_ours_says_all_of_it() {
    let world = World::new();
    let path = world.put("a.png", 1);
    let text = adobe("-1", &["dog", "lake"], "theirs");
    world.files.put(Path::new(SHOOT).join("a.xmp"), text.as_bytes());
    let process = world.open().await;
    let report = process.import().await.unwrap();
    assert_eq!(counts(&report.sidecars), (0, 1, 0, 0, 0));
    let photo = process.photo(&path).await;
    assert_eq!((photo.card.flag, photo.metadata.caption.as_deref()), (Flag::Reject, Some("theirs")));
    process.change(vec![Change::Flag(Flag::None), Change::Rating(rating(2)), Change::RemoveTag("lake".into())]).await;
    assert_eq!(counts(&process.write_sidecars().await), (1, 0, 0, 0, 0));
    assert_eq!(world.sidecar("a.xmp").unwrap(), text.as_bytes());
    let said = world.said("a.png.xmp");
    assert_eq!(
        (said.rating, said.flag, said.keywords.as_slice()),
        (Some(rating(2)), Flag::None, &["dog".to_owned()][..])
    );
    assert_eq!(said.caption.as_deref(), Some("theirs"));
    // What Adobe's says later is still heard.
    world.files.put(Path::new(SHOOT).join("a.xmp"), adobe("-1", &["dog", "lake", "new"], "theirs").as_bytes());
    assert_eq!(counts(&process.import().await.unwrap().sidecars).3, 0);
    assert_eq!(tags(&process.photo(&path).await), ["dog", "new"]);
}

#[tokio::test]
async fn a_sidecar_that_cannot_be_understood_is_left_alone_and_told_in_one_line() {
    let world = World::new();
    world.put("a.png", 1);
    world.put("b.png", 2);
    let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>]><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">&a;</x:xmpmeta>";
    world.files.put(Path::new(SHOOT).join("a.png.xmp"), bomb.as_bytes());
    let process = world.open().await;
    let report = process.import().await.unwrap();
    assert_eq!((report.added, report.sidecars.failed.len()), (2, 1));
    process.change(vec![Change::Rating(rating(4))]).await;
    let report = process.write_sidecars().await;
    assert_eq!(counts(&report), (1, 0, 0, 0, 1));
    assert!(report.failed[0].path.ends_with("a.png.xmp"));
    assert!(report.failed[0].why.contains("left alone") && !report.failed[0].why.contains('\n'));
    assert_eq!(world.sidecar("a.png.xmp").unwrap(), bomb.as_bytes());
}

#[tokio::test]
async fn a_file_that_is_not_here_is_told_and_a_first_sidecar_is_never_written_over() {
    let world = World::new();
    let path = world.put("a.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    process.change(vec![Change::Rating(rating(4)), Change::AddTag("mine".into())]).await;
    // Another program was first, and nobody imported since.
    world.files.put(Path::new(SHOOT).join("a.png.xmp"), adobe("3", &["theirs"], "words").as_bytes());
    let report = process.write_sidecars().await;
    assert_eq!((report.written, report.conflicts.len()), (1, 1), "{report:?}");
    let said = world.said("a.png.xmp");
    assert_eq!(said.keywords, ["theirs", "mine"]);
    assert_eq!((said.rating, said.caption.as_deref()), (Some(rating(4)), Some("words")));
    let text = String::from_utf8(world.sidecar("a.png.xmp").unwrap()).unwrap();
    assert!(text.contains("crs:Exposure=\"+0.35\""));
    world.files.remove(&path);
    let report = process.write_sidecars().await;
    assert_eq!(counts(&report), (0, 0, 0, 0, 1));
}

#[tokio::test]
async fn where_it_is_wanted_sidecars_are_written_after_every_edit() {
    let world = World::new();
    world.put("a.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    process.change(vec![Change::Rating(rating(4))]).await;
    process.engine.write_due_sidecars().await.unwrap();
    assert_eq!(world.sidecar("a.png.xmp"), None, "nobody asked for it");
    process.engine.0.config.lock().unwrap().sidecars.write = crate::config::WriteSidecars::Always;
    process.engine.put_away().await;
    assert_eq!(world.said("a.png.xmp").rating, Some(rating(4)));
    process.engine.undo().await.unwrap();
    process.engine.write_due_sidecars().await.unwrap();
    assert_eq!(world.said("a.png.xmp").rating, Some(rating(0)));
}
