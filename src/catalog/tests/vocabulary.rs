//! Tags themselves: kinds of others, words that mean the same, one undo, and two computers that agree.

use super::*;
use crate::domain::edit::{Change, Edit};
use crate::domain::facets::TagNode;
use crate::domain::labels::{Answer, Asked, Label, TaggerKind};
use crate::domain::sidecar::Fields;
use crate::domain::tag::TagName;
use crate::domain::{PhotoNum, TagSource};

fn name(text: &str) -> TagName {
    TagName::new(text).unwrap()
}

fn three() -> (Fixture, Vec<Seat>) {
    let mut lib = Fixture::new();
    let files: Vec<_> = (1..=3).map(|n| photo(&format!("{n}.jpg"), n, &format!("2024-05-0{n}T12:00:00"))).collect();
    let seats = lib.take(&files).into_iter().map(|outcome| outcome.seat.unwrap()).collect();
    (lib, seats)
}

impl Fixture {
    fn tag(&mut self, seats: &[Seat], tag: &str) {
        self.writer.edit(seats, &Change::AddTag(tag.into()), Timestamp(1)).unwrap();
    }

    fn tree(&self) -> Vec<(usize, String, u64)> {
        let line = |node: TagNode| (node.depth, node.name, node.photos);
        self.reader.tag_tree().unwrap().into_iter().map(line).collect()
    }

    fn log(&self) -> Vec<Edit> {
        self.reader.edits_since(0, 1000).unwrap().into_iter().map(|(_, edit)| edit).collect()
    }

    fn source(&self, seat: Seat, tag: &str) -> Option<(TagSource, Option<f32>)> {
        let photo = self.reader.photo(seat).unwrap().unwrap();
        photo.tags.into_iter().find(|one| one.name == tag).map(|one| (one.source, one.confidence))
    }

    /// The model on this computer sees a dog in a content.
    fn see(&mut self, content: u8, label: &str, parents: &[&str]) {
        let label = Label {
            name: label.into(),
            confidence: 90.0,
            parents: parents.iter().map(|&parent| parent.into()).collect(),
            aliases: Vec::new(),
            categories: Vec::new(),
            regions: Vec::new(),
        };
        let asked = Asked { labels: true, ..Asked::NOTHING };
        let answer = Answer {
            content: ContentHash([content; 32]),
            tagger: TaggerKind::Device,
            model: "1".into(),
            asked,
            labels: vec![label],
            faces: Vec::new(),
            texts: Vec::new(),
        };
        self.writer.keep_answers(vec![answer], Timestamp(1), None).unwrap();
        self.writer.tag_from_answers(&[ContentHash([content; 32])]).unwrap();
    }
}

#[test]
fn a_search_for_the_wider_tag_finds_what_is_a_kind_of_it() {
    let (mut lib, seats) = three();
    lib.tag(&seats[..1], "Dog");
    lib.tag(&seats[1..2], "Cat");
    assert_eq!(lib.find("tag:animal"), Vec::<String>::new());
    lib.writer.move_tag(&name("dog"), Some(&name("Mammal")), Timestamp(2)).unwrap();
    lib.writer.move_tag(&name("cat"), Some(&name("mammal")), Timestamp(3)).unwrap();
    lib.writer.move_tag(&name("mammal"), Some(&name("Animal")), Timestamp(4)).unwrap();
    assert_eq!(lib.find("tag:animal"), ["2.jpg", "1.jpg"]);
    assert_eq!(lib.find("tag:animal -tag:cat"), ["1.jpg"]);
    assert_eq!(lib.find("tag:mammal|nothing"), ["2.jpg", "1.jpg"]);
    let tree = [(0, "Animal", 2), (1, "Mammal", 2), (2, "Cat", 1), (2, "Dog", 1)];
    assert_eq!(lib.tree(), tree.map(|(depth, name, photos)| (depth, name.to_owned(), photos)));
    // No circle, and undo gives the earlier place back.
    for (tag, under) in [("animal", "dog"), ("animal", "animal")] {
        let refused = lib.writer.move_tag(&name(tag), Some(&name(under)), Timestamp(5));
        assert!(matches!(refused, Err(CatalogError::Refused(_))), "{tag} under {under}");
    }
    assert!(matches!(lib.writer.move_tag(&name("no such"), None, Timestamp(5)), Err(CatalogError::NotFound(_))));
    let undone = lib.writer.undo(Timestamp(6)).unwrap().unwrap();
    assert_eq!((undone.what.as_str(), undone.photos), ("Move tag mammal under Animal", 0));
    assert_eq!(lib.find("tag:animal"), Vec::<String>::new());
    assert_eq!(lib.find("tag:mammal").len(), 2);
    lib.writer.redo(Timestamp(7)).unwrap();
    assert_eq!(lib.find("tag:animal").len(), 2);
}

#[test]
fn a_merged_word_means_the_other_tag_from_then_on_and_one_undo_takes_it_back() {
    let (mut lib, seats) = three();
    lib.see(1, "Canine", &["Animal"]);
    lib.tag(&seats[1..2], "canine");
    lib.tag(&seats[1..2], "Dog");
    lib.tag(&seats[2..], "Canine");
    lib.writer.edit(&seats[2..], &Change::AddTag("dog".into()), Timestamp(2)).unwrap();
    lib.writer.edit(&seats[2..], &Change::RemoveTag("dog".into()), Timestamp(3)).unwrap();
    let before = (lib.find("tag:canine"), lib.find("tag:dog"), lib.tree());
    assert_eq!(lib.writer.merge_tags(&name("canine"), &name("dog"), Timestamp(4)).unwrap(), 3);
    assert_eq!(lib.find("tag:dog"), ["2.jpg", "1.jpg"], "who took it off the third meant it");
    assert_eq!(lib.find("tag:canine"), lib.find("tag:dog"), "the old word finds it, too");
    assert_eq!(lib.source(seats[0], "Dog"), Some((TagSource::Device, Some(90.0))), "who said it is remembered");
    assert_eq!(lib.source(seats[0], "Canine"), None);
    assert_eq!(lib.tree()[0], (0, "Animal".into(), 2), "it has the place of the other");
    // A tagger, a person and a sidecar that still use the old word.
    lib.see(3, "canine", &[]);
    assert_eq!(lib.find("tag:dog"), ["2.jpg", "1.jpg"], "and a rejected tag stays away under any word");
    lib.take(&[photo("4.jpg", 4, "2024-05-04T12:00:00"), photo("5.jpg", 5, "2024-05-05T12:00:00")]);
    lib.see(4, "Canine", &[]);
    let fifth = lib.seats("5.jpg");
    lib.tag(&fifth, "CANINE");
    assert_eq!(lib.find("tag:dog"), ["5.jpg", "4.jpg", "2.jpg", "1.jpg"]);
    assert_eq!(lib.source(fifth[0], "Dog"), Some((TagSource::User, None)));
    lib.writer.undo(Timestamp(5)).unwrap();
    let undone = lib.writer.undo(Timestamp(6)).unwrap().unwrap();
    assert_eq!((undone.what.as_str(), undone.photos), ("Merge tag canine into dog", 3));
    let now = (lib.find("tag:canine -4.jpg"), lib.find("tag:dog -4.jpg"));
    assert_eq!(now, (before.0, before.1));
    lib.writer.redo(Timestamp(7)).unwrap();
    assert_eq!(lib.find("tag:canine"), lib.find("tag:dog"));
}

#[test]
fn a_tag_is_renamed_spelled_anew_and_merged_back() {
    let (mut lib, seats) = three();
    lib.tag(&seats, "holyday");
    lib.tag(&seats[..1], "beach");
    lib.writer.move_tag(&name("beach"), Some(&name("holyday")), Timestamp(2)).unwrap();
    lib.writer.merge_tags(&name("holyday"), &name("Holiday"), Timestamp(3)).unwrap();
    assert_eq!(lib.find("tag:holiday").len(), 3);
    assert_eq!(lib.tree(), [(0, "Holiday".to_owned(), 3), (1, "beach".to_owned(), 1)], "what is below it comes along");
    lib.writer.merge_tags(&name("holiday"), &name("HOLIDAY"), Timestamp(4)).unwrap();
    assert_eq!(lib.tree()[0].1, "HOLIDAY");
    lib.writer.undo(Timestamp(5)).unwrap();
    assert_eq!(lib.tree()[0].1, "Holiday");
    // The other way round again: no word may come to mean itself.
    lib.writer.merge_tags(&name("holiday"), &name("holyday"), Timestamp(6)).unwrap();
    assert_eq!(lib.find("tag:holyday").len(), 3);
    assert_eq!(lib.find("tag:holiday").len(), 3);
    lib.tag(&seats[..1], "holiday");
    assert!(lib.source(seats[0], "holyday").is_some());
    let none = lib.writer.merge_tags(&name("nothing"), &name("dog"), Timestamp(7));
    assert!(matches!(none, Err(CatalogError::NotFound(_))));
}

#[test]
fn the_log_makes_another_computer_agree() {
    let (mut a, seats) = three();
    a.tag(&seats[..2], "canine");
    a.tag(&seats[1..], "Dog");
    a.writer.move_tag(&name("dog"), Some(&name("Animal")), Timestamp(2)).unwrap();
    a.writer.merge_tags(&name("canine"), &name("dog"), Timestamp(3)).unwrap();
    a.writer.merge_tags(&name("dog"), &name("DOG"), Timestamp(4)).unwrap();
    let (mut b, _) = three();
    b.writer.apply_foreign_edits(&a.log()).unwrap();
    // One that has the log before it has any photo, as after a rebuild.
    let mut c = Fixture::new();
    c.writer.apply_foreign_edits(&a.log()).unwrap();
    c.take(&(1..=3).map(|n| photo(&format!("{n}.jpg"), n, &format!("2024-05-0{n}T12:00:00"))).collect::<Vec<_>>());
    for other in [&b, &c] {
        for query in ["tag:dog", "tag:canine", "tag:animal"] {
            assert_eq!(other.find(query), a.find(query), "{query}");
        }
        assert_eq!(other.tree(), a.tree());
    }
    assert_eq!(b.tree()[1].1, "DOG");
    let seat = c.seats("1.jpg");
    c.tag(&seat, "canine");
    assert!(c.source(seat[0], "DOG").is_some(), "and later words land there, too");
}

#[test]
fn who_has_more_to_say_places_a_tag() {
    let (mut lib, seats) = three();
    lib.see(1, "Dog", &["Canine", "Animal"]);
    assert_eq!(lib.tree().iter().map(|node| node.1.as_str()).collect::<Vec<_>>(), ["Animal", "Canine", "Dog"]);
    let above = |lib: &Fixture| {
        let photo = lib.reader.photo(seats[0]).unwrap().unwrap();
        photo.tags.into_iter().find(|tag| tag.name == "Dog").map(|tag| (tag.above, tag.moved)).unwrap()
    };
    assert_eq!(above(&lib), (vec![], false), "what a machine says of it is no path to write down");
    let said = |path: &[&str]| {
        let fields = Fields { paths: vec![path.iter().map(|&level| level.to_owned()).collect()], ..Fields::default() };
        SidecarNews {
            photo: PhotoNum(1),
            said: KnownSidecar { path: "/shoot/1.jpg.xmp".into(), hash: ContentHash([9; 32]), fields },
            changes: Vec::new(),
        }
    };
    lib.writer.sidecars_said(&[said(&["Pets", "Dog"])], Timestamp(2)).unwrap();
    assert_eq!(above(&lib), (vec!["Pets".to_owned()], false));
    lib.writer.sidecars_said(&[said(&["Hunting", "Dog"])], Timestamp(3)).unwrap();
    assert_eq!(above(&lib).0, ["Pets"], "the first stays");
    lib.writer.move_tag(&name("dog"), Some(&name("Family")), Timestamp(4)).unwrap();
    lib.see(1, "Dog", &["Canine"]);
    lib.writer.sidecars_said(&[said(&["Hunting", "Dog"])], Timestamp(5)).unwrap();
    assert_eq!(above(&lib), (vec!["Family".to_owned()], true));
    // A path that bites its tail moves nothing.
    lib.writer.sidecars_said(&[said(&["Dog", "Family", "Dog"])], Timestamp(6)).unwrap();
    assert_eq!(above(&lib).0, ["Family"]);
}

#[test]
fn merging_many_photos_is_one_gesture() {
    let mut lib = Fixture::new();
    lib.writer.careless(true).unwrap();
    let files: Vec<_> = (0..600_u16)
        .map(|n| {
            let mut file = photo(&format!("{n}.jpg"), 1, "2024-05-01T12:00:00");
            file.fingerprint.blake3.0[..2].copy_from_slice(&n.to_le_bytes());
            file.keys = keys(&file.path, 1);
            file
        })
        .collect();
    lib.take(&files);
    let seats = lib.seats("");
    assert_eq!(seats.len(), 600);
    lib.tag(&seats, "canine");
    assert_eq!(lib.writer.merge_tags(&name("canine"), &name("dog"), Timestamp(2)).unwrap(), 600);
    assert_eq!(lib.find("tag:dog").len(), 600);
    assert_eq!(lib.reader.complete_tag("can", 5).unwrap().len(), 0);
    assert_eq!(lib.writer.undo(Timestamp(3)).unwrap().unwrap().photos, 600);
    assert_eq!(lib.reader.complete_tag("can", 5).unwrap()[0].photos, 600);
}
