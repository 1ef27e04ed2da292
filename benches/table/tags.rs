//! Tags in a large library: ten thousand photos tagged in one gesture and back, and completion among 100,000 tags.

use std::path::Path;
use std::time::Instant;

use lightkeep::catalog::{Access, Reader, Stop, Writer, open_library};
use lightkeep::domain::query::Query;
use lightkeep::domain::{Change, Seat, Timestamp};
use lightkeep::testing::library::{Random, candidate, tag_name};
use rusqlite::{Connection, params};

use super::data::Data;
use super::measure::percentile;
use super::sql::make;
use super::table::{Met, Row};

/// Photos of the gesture.
const MANY: usize = 10_000;
/// Gestures that are measured.
const ROUNDS: usize = 5;
/// Keywords on each photo that brings new ones.
const KEYWORDS_EACH: u64 = 50;

/// The rows.
pub fn rows(data: &Data) -> Vec<Row> {
    let photos = data.photos[1];
    let from = data.library(photos);
    let scratch = data.scratch();
    let dir = scratch.path().join("library");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::copy(from.join("catalog.db"), dir.join("catalog.db")).unwrap();
    let mut library = open_library(&dir, Access::Write).unwrap();
    let mut writer = library.take_writer().unwrap();
    writer.checkpoint().unwrap();
    let reader = library.reader().unwrap();
    // Every hundredth photo: as scattered as an answer can be.
    let all = reader.list(&Query::everything(), &Stop::new()).unwrap();
    let seats: Vec<Seat> = all.iter().step_by((all.len() / MANY).max(1)).take(MANY).copied().collect();
    let mut rows = bulk(&mut writer, &reader, &seats, photos);
    let sql = data.sql(photos, |dir| make(&dir.join("plain.db"), &from.join("catalog.db")));
    let plain = scratch.path().join("plain.db");
    std::fs::copy(sql.join("plain.db"), &plain).unwrap();
    let (tagged, untagged) = plain_bulk(&plain, &seats);
    for (row, theirs) in rows.iter_mut().zip([tagged, untagged]) {
        let ours: f64 = row.ours.split(' ').next().and_then(|text| text.parse().ok()).unwrap();
        *row = row.clone().against(format!("plain SQL, nothing kept to undo it: {theirs:.3} s"), Some(theirs / ours));
    }
    rows.push(completion((&mut writer, &reader), &dir, if data.is_quick { 10_000 } else { 100_000 }, photos));
    rows
}

fn bulk(writer: &mut Writer, reader: &Reader, seats: &[Seat], photos: u64) -> Vec<Row> {
    let (mut tagging, mut undoing) = (Vec::new(), Vec::new());
    let query = Query::parse("tag:\"bench bulk\"").unwrap();
    for round in 0..ROUNDS {
        let now = Timestamp(round as i64);
        let start = Instant::now();
        let changed = writer.edit(seats, &Change::AddTag("bench bulk".into()), now).unwrap();
        tagging.push(start.elapsed().as_secs_f64());
        assert_eq!(changed as usize, seats.len());
        assert_eq!(reader.list(&query, &Stop::new()).unwrap().len(), seats.len(), "found at once");
        let start = Instant::now();
        assert!(writer.undo(now).unwrap().is_some());
        undoing.push(start.elapsed().as_secs_f64());
        assert!(reader.list(&query, &Stop::new()).unwrap().is_empty());
    }
    let row = |what: &str, took: &[f64]| {
        let slowest = took.iter().copied().fold(0.0, f64::max);
        Row::new(
            format!("{what}, {} of {photos} photos, durable, found at once (slowest of {ROUNDS})", seats.len()),
            format!("{slowest:.3} s"),
            "below 1 s",
            Met::from(slowest < 1.0),
        )
    };
    vec![row("one tag on many photos", &tagging), row("its undo", &undoing)]
}

/// The same rows in a table with its index, and out again; the slowest of each, in seconds.
fn plain_bulk(file: &Path, seats: &[Seat]) -> (f64, f64) {
    let mut db = Connection::open(file).unwrap();
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -24576").unwrap();
    db.execute("INSERT INTO tags(tag, name, photos) VALUES(-1, 'bench bulk', 0)", []).unwrap();
    let (mut tagging, mut undoing) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let tx = db.transaction().unwrap();
        {
            let mut insert = tx.prepare_cached("INSERT INTO photo_tags(tag, seat) VALUES(-1, ?)").unwrap();
            for seat in seats {
                insert.execute([seat.0]).unwrap();
            }
            tx.execute("UPDATE tags SET photos = photos + ? WHERE tag = -1", [seats.len() as i64]).unwrap();
        }
        tx.commit().unwrap();
        tagging = tagging.max(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let tx = db.transaction().unwrap();
        tx.execute("DELETE FROM photo_tags WHERE tag = -1", []).unwrap();
        tx.execute("UPDATE tags SET photos = 0 WHERE tag = -1", []).unwrap();
        tx.commit().unwrap();
        undoing = undoing.max(start.elapsed().as_secs_f64());
    }
    (tagging, undoing)
}

/// Photos with new keywords until there are so many tags, then what is typed of any of them.
fn completion((writer, reader): (&mut Writer, &Reader), dir: &Path, tags: u64, photos: u64) -> Row {
    // Names that the vocabulary of the library does not have.
    let name = |n: u64| tag_name(1_000_000 + n);
    writer.careless(true).unwrap();
    for first in (0..tags / KEYWORDS_EACH).step_by(500) {
        let files: Vec<_> = (first..(first + 500).min(tags / KEYWORDS_EACH))
            .map(|n| {
                let mut file = candidate(photos + n, 8, 7);
                file.metadata.keywords = (0..KEYWORDS_EACH).map(|k| name(n * KEYWORDS_EACH + k)).collect();
                file
            })
            .collect();
        writer.take_in(&files, Timestamp(0), &|_, _, _| true).unwrap();
    }
    writer.careless(false).unwrap();
    let known: i64 = {
        let db = Connection::open(dir.join("catalog.db")).unwrap();
        db.query_row("SELECT count(*) FROM tags WHERE photos > 0", params![], |row| row.get(0)).unwrap()
    };
    assert!(known as u64 >= tags, "{known} tags");
    let mut random = Random(31);
    let mut walls = Vec::new();
    for _ in 0..400 {
        let whole = name(random.below(tags));
        // From nothing to nearly all of it.
        let typed: String = whole.chars().take(random.below(whole.len() as u64) as usize).collect();
        let text = format!("tag:{typed}");
        let start = Instant::now();
        let found = reader.complete(&text, text.len()).unwrap().items.len();
        walls.push(start.elapsed().as_secs_f64() * 1e3);
        assert!(found > 0, "{typed}");
    }
    let (middle, late) = (percentile(&walls, 0.5), percentile(&walls, 0.99));
    Row::new(
        format!("completion of a tag among {known}, {photos} photos (400 questions)"),
        format!("by the clock p50 {middle:.2} ms, p99 {late:.2} ms"),
        "p99 5 ms",
        Met::from(late < 5.0),
    )
}
