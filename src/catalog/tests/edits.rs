//! Edits: what they change, undo and redo, merging.

use super::*;
use crate::domain::edit::{Change, Edit};
use crate::domain::query::{Query, Scope};
use crate::domain::{ColourLabel, Flag, Rating, TagSource};
use proptest::prelude::*;

fn three() -> (Fixture, Vec<Seat>) {
    let mut lib = Fixture::new();
    let files: Vec<_> = (1..=3).map(|n| photo(&format!("{n}.jpg"), n, &format!("2024-05-0{n}T12:00:00"))).collect();
    let seats = lib.take(&files).into_iter().map(|outcome| outcome.seat.unwrap()).collect();
    (lib, seats)
}

fn stars(count: u8) -> Change {
    Change::Rating(Rating::new(count).unwrap())
}

#[test]
fn ratings_and_flags_are_found_at_once() {
    let (mut lib, seats) = three();
    assert_eq!(lib.writer.edit(&seats[..2], &stars(5), Timestamp(1)).unwrap(), 2);
    assert_eq!(lib.writer.edit(&seats, &stars(5), Timestamp(2)).unwrap(), 1, "the others have it already");
    lib.writer.edit(&seats[..1], &stars(3), Timestamp(3)).unwrap();
    lib.writer.edit(&seats[1..2], &Change::Flag(Flag::Pick), Timestamp(4)).unwrap();
    assert_eq!(lib.find("rating:3"), ["1.jpg"]);
    assert_eq!(lib.find("rating:>=4"), ["3.jpg", "2.jpg"]);
    assert_eq!(lib.find("flag:none"), ["3.jpg", "1.jpg"]);
    assert_eq!(lib.find("rating:5 flag:pick"), ["2.jpg"]);
    assert_eq!(lib.find("rating:0"), Vec::<String>::new());
}

#[test]
fn colour_labels_are_found_counted_and_taken_back() {
    let (mut lib, seats) = three();
    let label = |label| Change::Label(label);
    assert!(lib.reader.facets(Scope::Library, &Query::everything(), 9, &Stop::default()).unwrap().labels.is_empty());
    assert_eq!(lib.writer.edit(&seats[..2], &label(ColourLabel::Red), Timestamp(1)).unwrap(), 2);
    assert_eq!(lib.writer.edit(&seats[..1], &label(ColourLabel::Red), Timestamp(2)).unwrap(), 0, "it is red already");
    lib.writer.edit(&seats[1..2], &label(ColourLabel::Purple), Timestamp(3)).unwrap();
    assert_eq!(lib.find("colour:red"), ["1.jpg"]);
    assert_eq!(lib.find("colour:red|purple"), ["2.jpg", "1.jpg"]);
    assert_eq!(lib.find("colour:none"), ["3.jpg"]);
    assert_eq!(lib.find("-colour:red"), ["3.jpg", "2.jpg"]);
    let facets = lib.reader.facets(Scope::Library, &Query::everything(), 9, &Stop::default()).unwrap();
    let labels: Vec<_> = facets.labels.iter().map(|facet| (facet.query.as_str(), facet.photos)).collect();
    assert_eq!(labels, [("colour:red", 1), ("colour:purple", 1), ("colour:none", 1)]);
    assert_eq!(lib.reader.photo(seats[1]).unwrap().unwrap().card.label, ColourLabel::Purple);
    assert_eq!(lib.writer.undo(Timestamp(4)).unwrap().unwrap().what, "Colour label");
    assert_eq!(lib.find("colour:red"), ["2.jpg", "1.jpg"]);
    lib.writer.undo(Timestamp(5)).unwrap();
    assert_eq!(lib.find("colour:none").len(), 3);
}

#[test]
fn undo_and_redo_walk_the_gestures() {
    let (mut lib, seats) = three();
    lib.writer.edit(&seats, &stars(2), Timestamp(10)).unwrap();
    lib.writer.edit(&seats[..1], &stars(4), Timestamp(10)).unwrap();
    assert_eq!(lib.reader.undo_state().unwrap(), (Some("Rating".into()), None));
    let report = lib.writer.undo(Timestamp(10)).unwrap().unwrap();
    assert_eq!((report.what.as_str(), report.photos), ("Rating", 1));
    assert_eq!(lib.find("rating:2").len(), 3);
    assert_eq!(lib.writer.undo(Timestamp(10)).unwrap().unwrap().photos, 3);
    assert_eq!(lib.find("rating:0").len(), 3);
    assert_eq!(lib.writer.undo(Timestamp(10)).unwrap(), None);
    lib.writer.redo(Timestamp(10)).unwrap().unwrap();
    assert_eq!(lib.find("rating:2").len(), 3);
    lib.writer.redo(Timestamp(10)).unwrap().unwrap();
    assert_eq!(lib.find("rating:4"), ["1.jpg"]);
    assert_eq!(lib.writer.redo(Timestamp(10)).unwrap(), None);
    lib.writer.undo(Timestamp(10)).unwrap().unwrap();
    assert_eq!(lib.find("rating:2").len(), 3);
    // A new gesture ends what could be redone, and nothing was taken out of the log.
    lib.writer.edit(&seats[2..], &Change::Flag(Flag::Reject), Timestamp(10)).unwrap();
    assert_eq!(lib.writer.redo(Timestamp(10)).unwrap(), None);
    assert_eq!(lib.reader.edits_since(0, 1000).unwrap().len(), 3 + 1 + 1 + 3 + 3 + 1 + 1 + 1);
}

#[test]
fn a_removed_tag_stays_removed() {
    let (mut lib, seats) = three();
    assert_eq!(lib.find("tag:spring").len(), 3);
    lib.writer.edit(&seats[..1], &Change::RemoveTag(" Spring ".into()), Timestamp(1)).unwrap();
    lib.writer.edit(&seats[..1], &Change::AddTag("Été".into()), Timestamp(2)).unwrap();
    assert_eq!(lib.find("tag:spring").len(), 2);
    lib.take(&[Candidate {
        metadata: Metadata { lens: Some("50mm".into()), ..photo("1.jpg", 1, "2024-05-01T12:00:00").metadata },
        ..photo("1.jpg", 1, "2024-05-01T12:00:00")
    }]);
    assert_eq!(lib.find("-tag:spring tag:50mm"), ["1.jpg"]);
    assert_eq!(lib.find("ete"), ["1.jpg"], "words do not mind accents");
    assert_eq!(lib.find("tag:ÉTÉ"), ["1.jpg"]);
    assert!(lib.find("tag:ete").is_empty(), "whole tags do");
    let tags = lib.reader.photo(seats[0]).unwrap().unwrap().tags;
    assert!(tags.iter().any(|tag| tag.name == "Été" && tag.source == TagSource::User));
    let counts = lib.reader.complete_tag("spr", 5).unwrap();
    assert_eq!((counts[0].name.as_str(), counts[0].photos), ("spring", 2));
    lib.writer.edit(&seats[1..2], &Change::Hidden(true), Timestamp(3)).unwrap();
    assert_eq!(lib.reader.complete_tag("spr", 5).unwrap()[0].photos, 1);
    lib.writer.undo(Timestamp(4)).unwrap();
    assert_eq!(lib.reader.complete_tag("spr", 5).unwrap()[0].photos, 2);
}

#[test]
fn a_derived_tag_that_a_person_put_back_outlives_its_reason() {
    let (mut lib, seats) = three();
    lib.writer.edit(&seats[..2], &Change::RemoveTag("shoot".into()), Timestamp(1)).unwrap();
    lib.writer.edit(&seats[..1], &Change::AddTag("Shoot".into()), Timestamp(2)).unwrap();
    let moved: Vec<_> = (1..=3)
        .map(|n| {
            let file = photo(&format!("{n}.jpg"), n, &format!("2024-05-0{n}T12:00:00"));
            Candidate { path: format!("/elsewhere/{n}.jpg").into(), root: "/elsewhere".into(), ..file }
        })
        .collect();
    lib.take_where(&moved, false);
    assert_eq!(lib.find("tag:shoot"), ["1.jpg"]);
    assert_eq!(lib.find("tag:elsewhere").len(), 3);
}

#[test]
fn captions_are_found_and_the_files_own_comes_back() {
    let mut lib = Fixture::new();
    let mut file = photo("a.jpg", 1, "");
    file.metadata.caption = Some("the old harbour".into());
    let seat = lib.take(&[file])[0].seat.unwrap();
    lib.writer.edit(&[seat], &Change::Caption(Some("a new bridge".into())), Timestamp(1)).unwrap();
    assert_eq!(lib.find("\"new bridge\""), ["a.jpg"]);
    assert!(lib.find("harbour").is_empty());
    assert_eq!(lib.reader.photo(seat).unwrap().unwrap().metadata.caption.as_deref(), Some("a new bridge"));
    lib.writer.edit(&[seat], &Change::Caption(None), Timestamp(2)).unwrap();
    assert_eq!(lib.find("\"old harb\""), Vec::<String>::new());
    assert_eq!(lib.find("\"old harbour\""), ["a.jpg"]);
}

#[test]
fn turning_swaps_the_sides() {
    let (mut lib, seats) = three();
    lib.writer.edit(&seats[..1], &Change::Turn(-1), Timestamp(1)).unwrap();
    let card = &lib.reader.cards(&seats[..1]).unwrap()[0];
    assert_eq!((card.quarter_turns, card.size_px), (3, Some((4_000, 6_000))));
}

#[test]
fn what_is_no_tag_is_refused() {
    let (mut lib, seats) = three();
    let refused = lib.writer.edit(&seats, &Change::AddTag("\u{7}".into()), Timestamp(1));
    assert!(matches!(refused, Err(CatalogError::Refused(_))));
    assert!(lib.reader.edits_since(0, 9).unwrap().is_empty());
}

/// Everything that edits make of a library. Each library keeps the spelling of a tag that it saw first.
fn look(lib: &Fixture) -> String {
    let mut cards = Vec::new();
    for seat in lib.seats("") {
        let photo = lib.reader.photo(seat).unwrap().unwrap();
        let card = &photo.card;
        let tags: Vec<_> = photo.tags.iter().map(|tag| (tag.name.to_lowercase(), tag.source)).collect();
        cards.push(format!(
            "{} {:?} {:?} {:?} {} {:?} {:?}",
            card.name, card.rating, card.flag, card.label, card.quarter_turns, photo.metadata.caption, tags
        ));
    }
    cards.join("\n")
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0..6_u8).prop_map(stars),
        prop_oneof![Just(Flag::Pick), Just(Flag::None)].prop_map(Change::Flag),
        prop_oneof![Just(ColourLabel::Red), Just(ColourLabel::None)].prop_map(Change::Label),
        prop_oneof![Just("Sea"), Just("sea"), Just("May")].prop_map(|tag| Change::AddTag(tag.into())),
        prop_oneof![Just("sea"), Just("may")].prop_map(|tag| Change::RemoveTag(tag.into())),
        proptest::option::of("[a-c]{1,3}").prop_map(Change::Caption),
        any::<bool>().prop_map(Change::Hidden),
        (-3..4_i8).prop_map(Change::Turn),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Two computers edit on their own, then read each other's log, in any order, some of it twice: both end up alike.
    /// A third one that has only the log, and gets its photos later, too.
    #[test]
    fn logs_merge_in_any_order(steps in proptest::collection::vec((any::<bool>(), 0..3_usize, change(), 0..5_i64), 1..12)) {
        let (mut a, seats_a) = three();
        let (mut b, seats_b) = three();
        for (on_a, photo, change, at) in &steps {
            let (lib, seats) = if *on_a { (&mut a, &seats_a) } else { (&mut b, &seats_b) };
            lib.writer.edit(&seats[*photo..=*photo], change, Timestamp(*at)).unwrap();
        }
        a.writer.undo(Timestamp(9)).unwrap();
        let log = |lib: &Fixture| -> Vec<Edit> {
            lib.reader.edits_since(0, 1000).unwrap().into_iter().map(|(_, edit)| edit).collect()
        };
        let (log_a, log_b) = (log(&a), log(&b));
        let backwards: Vec<_> = log_a.iter().rev().cloned().collect();
        prop_assert_eq!(a.writer.apply_foreign_edits(&log_b).unwrap(), log_b.len() as u64);
        prop_assert_eq!(a.writer.apply_foreign_edits(&log_b).unwrap(), 0);
        prop_assert_eq!(b.writer.apply_foreign_edits(&backwards).unwrap(), log_a.len() as u64);
        prop_assert_eq!(look(&a), look(&b));
        // Importing a removed photo shows it again, so that only what is shown everywhere can be compared.
        prop_assume!(a.reader.status().unwrap().hidden == 0);
        let mut c = Fixture::new();
        c.writer.apply_foreign_edits(&log(&b)).unwrap();
        c.take(&(1..=3).map(|n| photo(&format!("{n}.jpg"), n, &format!("2024-05-0{n}T12:00:00"))).collect::<Vec<_>>());
        prop_assert_eq!(look(&a), look(&c));
    }
}
