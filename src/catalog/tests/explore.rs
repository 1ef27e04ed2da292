//! Fields that need more than files to hold, facets, completion, saved searches, and older libraries.

use super::*;
use crate::catalog::index::Kind;
use crate::catalog::schema::{MIGRATIONS, migrate};
use crate::domain::Gps;
use crate::domain::query::Scope;
use crate::domain::query::words::words;

/// A photo taken at a place with an aperture.
fn at(name: &str, content: u8, taken: &str, place: (f64, f64), f_number: f64) -> Candidate {
    let mut file = photo(name, content, taken);
    file.metadata.gps = Some(Gps { latitude: place.0, longitude: place.1, altitude_m: None });
    file.metadata.f_number = Some(f_number);
    file.metadata.lens = Some("EF 50mm f/1.8 STM".into());
    (file.size, file.fingerprint.size) = (3_000_000, 3_000_000);
    file
}

fn three() -> Vec<Candidate> {
    vec![
        at("a.jpg", 1, "2024-05-03T10:00:00", (64.1466, -21.9426), 2.8),
        at("b.jpg", 2, "2023-05-03T10:00:00", (48.8566, 2.3522), 8.0),
        photo("c.jpg", 3, "2022-01-01T10:00:00"),
    ]
}

#[test]
fn people_and_written_words_are_found_once_somebody_names_them() {
    let mut lib = Fixture::new();
    lib.take(&three());
    lib.writer
        .write(|tx| {
            tx.index.set_named(tx.db, Kind::Person, "Éric Dupont", 1, true)?;
            tx.index.set_named(tx.db, Kind::Person, "Anna Dupont", 2, true)?;
            for word in words("Exit 42") {
                tx.index.set_text(tx.db, Kind::Text, &word, 3, true)?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(lib.find("person:dupont"), ["a.jpg", "b.jpg"]);
    assert_eq!(lib.find("person:\"eric dupont\""), ["a.jpg"]);
    assert_eq!(lib.find("eric"), ["a.jpg"]);
    assert_eq!(lib.find("text:exi"), ["c.jpg"]);
    assert_eq!(lib.find("text:\"exit 42\""), ["c.jpg"]);
    assert_eq!(lib.find("exit"), Vec::<String>::new());
    let facets = lib.reader.facets(Scope::Library, &Query::everything(), 5, &Stop::new()).unwrap();
    assert_eq!(
        facets.people.iter().map(|facet| facet.name.as_str()).collect::<Vec<_>>(),
        ["Anna Dupont", "Éric Dupont"]
    );
}

#[test]
fn batches_are_found_by_their_number() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    lib.take(&three()[..2]);
    lib.store_all("01HXA");
    lib.take(&three());
    lib.store_all("01HXB");
    assert_eq!(lib.find("batch:01HXA"), ["a.jpg", "b.jpg"]);
    assert_eq!(lib.find("batch:01hxb"), ["c.jpg"]);
    assert_eq!(lib.find("batch:01HX"), ["a.jpg", "b.jpg", "c.jpg"]);
    assert_eq!(lib.find("-batch:01HXA"), ["c.jpg"]);
}

#[test]
fn a_query_can_name_its_moment() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    lib.take(&three()[..1]);
    lib.store_all("01HXA");
    lib.take(&three());
    // Receipts of this fixture are 77 ms old by 1970.
    assert_eq!(lib.find("as-of:1970-01-01T00:00:00Z"), Vec::<String>::new());
    assert_eq!(lib.find("as-of:1970"), ["a.jpg"]);
    assert_eq!(lib.find("as-of:1970 -a"), Vec::<String>::new());
    assert_eq!(lib.find("").len(), 3);
}

#[test]
fn a_new_content_moves_its_size_place_and_aperture() {
    let mut lib = Fixture::new();
    let mut first = at("a.jpg", 1, "2024-05-03T10:00:00", (64.1466, -21.9426), 2.8);
    (first.size, first.fingerprint.size) = (5_000_000, 5_000_000);
    lib.take(&[first]);
    assert_eq!(lib.find("size:4MB..6MB f:2.8 place:iceland near:reykjavik"), ["a.jpg"]);
    let mut second = at("a.jpg", 9, "2024-05-03T10:00:00", (48.8566, 2.3522), 8.0);
    (second.size, second.fingerprint.size) = (9_000_000, 9_000_000);
    lib.take(&[second]);
    assert_eq!(lib.find("size:>8MB f:8 place:france near:paris"), ["a.jpg"]);
    for old in ["size:4MB..6MB", "f:2.8", "place:iceland", "near:reykjavik", "iceland"] {
        assert_eq!(lib.find(old), Vec::<String>::new(), "{old}");
    }
}

#[test]
fn an_older_library_is_filled_in_blocks_and_finds_the_same() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    lib.take(&three());
    lib.store_all("01HXA");
    let queries =
        ["f:2.8", "size:>1MB", "size:<500MB", "place:iceland", "near:paris", "batch:01HX", "reykjavik", "lens:50mm"];
    let before: Vec<_> = queries.iter().map(|query| lib.find(query)).collect();
    assert!(before[3] == ["a.jpg"] && before[1].len() == 2);
    let facets = lib.reader.facets(Scope::Library, &Query::everything(), 50, &Stop::new()).unwrap();
    // As format 2 left it.
    lib.writer
        .write(|tx| {
            tx.db.execute("DELETE FROM bits WHERE token IN (SELECT token FROM tokens WHERE kind >= 11)", [])?;
            tx.db.execute("DELETE FROM tokens WHERE kind >= 11", [])?;
            tx.db.execute("DELETE FROM facets", [])?;
            tx.db.execute("INSERT INTO settings SELECT 'index_todo', max(photo) FROM photos", [])?;
            Ok(())
        })
        .unwrap();
    let mut lib = Fixture::open(lib.dir);
    assert!(lib.find("place:iceland").is_empty() && lib.reader.is_indexing().unwrap());
    while lib.writer.index_older().unwrap() {}
    assert!(!lib.reader.is_indexing().unwrap());
    let after: Vec<_> = queries.iter().map(|query| lib.find(query)).collect();
    assert_eq!(after, before);
    assert_eq!(lib.reader.facets(Scope::Library, &Query::everything(), 50, &Stop::new()).unwrap(), facets);
    assert!(!lib.writer.index_older().unwrap());
}

#[test]
fn only_a_library_with_photos_has_something_to_fill() {
    let todo = |photos: bool| -> Option<String> {
        let mut db = rusqlite::Connection::open_in_memory().unwrap();
        migrate(&mut db, &MIGRATIONS[..2]).unwrap();
        if photos {
            let insert = "INSERT INTO photos(photo, seat, id, original, blake3, name, format, has_picture)
                          VALUES (7, 7, x'01', 1, x'01', 'a', 'jpeg', 0)";
            db.execute(insert, []).unwrap();
        }
        migrate(&mut db, MIGRATIONS).unwrap();
        db.query_row("SELECT value FROM settings WHERE name = 'index_todo'", [], |row| row.get(0)).ok()
    };
    assert_eq!(todo(false), None);
    assert_eq!(todo(true).as_deref(), Some("7"));
}

#[test]
fn completion_offers_fields_tags_and_what_occurs() {
    let mut lib = Fixture::new();
    let mut files = three();
    files[0].metadata.keywords = vec!["Sun".into(), "Sunset over \"the\" sea".into()];
    files[1].metadata.keywords = vec!["Sun".into()];
    lib.take(&files);
    let offer = |text: &str| -> Vec<String> {
        lib.reader.complete(text, text.len()).unwrap().items.into_iter().map(|item| item.text).collect()
    };
    assert_eq!(offer("tag:su"), ["Sun", "\"Sunset over \"\"the\"\" sea\""]);
    assert_eq!(offer("ra"), ["rating:"]);
    assert!(offer("cat su").contains(&"tag:Sun".to_owned()));
    assert_eq!(offer("camera:pent"), ["\"Pentax K-1\""]);
    assert_eq!(offer("(a or -place:reyk"), ["Reykjavík"]);
    assert_eq!(offer("flag:"), ["pick", "reject", "none"]);
    assert_eq!(offer("colour:"), ["red", "yellow", "green", "blue", "purple", "none"]);
    assert_eq!(offer("tag:\"x\""), Vec::<String>::new());
    let found = lib.reader.complete("tag:Sun|su", 10).unwrap();
    assert_eq!((found.from, found.items[0].photos), (8, Some(2)));
    // Every offer is understood.
    for item in offer("tag:su") {
        assert!(!lib.find(&format!("tag:{item}")).is_empty(), "{item}");
    }
}

#[test]
fn searches_are_kept_by_name() {
    let mut lib = Fixture::new();
    lib.writer.save_search("Été  en Islande", "place:iceland").unwrap();
    lib.writer.save_search("ete en islande", "place:iceland date:2024").unwrap();
    lib.writer.save_search("All", "").unwrap();
    let all = lib.reader.saved_searches().unwrap();
    assert_eq!(all.iter().map(|search| search.name.as_str()).collect::<Vec<_>>(), ["All", "ete en islande"]);
    assert_eq!(lib.reader.saved_search("ÉTÉ en Islande").unwrap().unwrap().query, "place:iceland date:2024");
    assert!(lib.writer.save_search(" ", "x").is_err() && lib.writer.save_search(&"x".repeat(201), "x").is_err());
    assert!(lib.writer.forget_search("all").unwrap() && !lib.writer.forget_search("all").unwrap());
}
