//! The other side of the search: the same photos in plain tables with the usual indexes, asked in plain SQL.

use std::path::Path;

use rusqlite::{Connection, params};

use super::search::{PAGE, Question, SCREEN};

/// The tables, filled from a catalogue that is attached as `c`. A photo's place in the order is its `seat`.
const TABLES: &str = "
    CREATE TABLE photos(seat INTEGER PRIMARY KEY, id BLOB, blake3 BLOB, name TEXT, format TEXT, width_px INTEGER,
      height_px INTEGER, taken_ms INTEGER, offset_minutes INTEGER, rating INTEGER, flag INTEGER, turns INTEGER,
      stored INTEGER, has_picture INTEGER);
    INSERT INTO photos SELECT seat, id, blake3, name, format, width_px, height_px, taken_ms, offset_minutes, rating,
      flag, turns, stored, has_picture FROM c.photos ORDER BY seat;
    CREATE INDEX photos_taken ON photos(taken_ms);
    CREATE TABLE tags(tag INTEGER PRIMARY KEY, name TEXT UNIQUE COLLATE NOCASE, photos INTEGER);
    INSERT INTO tags SELECT tag, name, photos FROM c.tags;
    CREATE TABLE photo_tags(tag INTEGER, seat INTEGER, PRIMARY KEY(tag, seat)) WITHOUT ROWID;
    INSERT INTO photo_tags SELECT t.tag, p.seat FROM c.photo_tags t JOIN c.photos p USING(photo) ORDER BY 1, 2;
    CREATE VIRTUAL TABLE words USING fts5(body, content='', prefix='1 2 3');
    INSERT INTO words(rowid, body) SELECT p.seat, p.name || ' ' || CAST(f.path AS TEXT) || ' ' ||
      (SELECT group_concat(g.name, ' ') FROM c.photo_tags t JOIN c.tags g USING(tag) WHERE t.photo = p.photo)
      FROM c.photos p JOIN c.paths f ON f.asset = p.original ORDER BY p.seat;
    INSERT INTO words(words) VALUES ('optimize');
    ANALYZE;";

/// Makes the database.
pub fn make(file: &Path, catalog: &Path) {
    let db = Connection::open(file).unwrap();
    db.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144").unwrap();
    db.execute("ATTACH ? AS c", [catalog.to_str().unwrap()]).unwrap();
    db.execute_batch(TABLES).unwrap();
}

/// The tables, open.
pub struct Plain(Connection);

impl Plain {
    /// Opens them, with as much memory as a catalogue's reader has.
    pub fn open(file: &Path) -> Self {
        let db = Connection::open(file).unwrap();
        db.execute_batch("PRAGMA query_only = 1; PRAGMA cache_size = -24576").unwrap();
        db.set_prepared_statement_cache_capacity(64);
        Self(db)
    }

    /// Names of tags with how many photos have them, the most used first.
    pub fn tags(&self) -> Vec<(String, u64)> {
        let mut statement = self.0.prepare("SELECT name, photos FROM tags ORDER BY photos DESC, name").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// The first page of an answer, with the cards of a screen; how many are on the page.
    pub fn ask(&self, question: &Question) -> usize {
        const TAG: &str = "(SELECT tag FROM tags WHERE name = ?)";
        let (tag, other) = (TAG.replace('?', "?1"), TAG.replace('?', "?2"));
        let (sql, one, two) = match question {
            Question::Word(word) => (
                "SELECT rowid FROM words WHERE words MATCH ?1 AND ?2 IS NOT NULL ORDER BY rowid DESC LIMIT ?3"
                    .to_owned(),
                format!("\"{word}\"*"),
                String::new(),
            ),
            Question::TwoTags(one, two) => (
                format!(
                    "SELECT a.seat FROM photo_tags a JOIN photo_tags b ON b.seat = a.seat AND b.tag = {other}
                     WHERE a.tag = {tag} ORDER BY a.seat DESC LIMIT ?3"
                ),
                one.clone(),
                two.clone(),
            ),
            Question::Or(one, two) => (
                format!(
                    "SELECT seat FROM photo_tags WHERE tag = {tag} UNION
                     SELECT seat FROM photo_tags WHERE tag = {other} ORDER BY seat DESC LIMIT ?3"
                ),
                one.clone(),
                two.clone(),
            ),
            Question::Days(first, last) => (
                "SELECT seat FROM photos WHERE taken_ms BETWEEN strftime('%s', ?1) * 1000 AND
                 strftime('%s', ?2, '+1 day') * 1000 - 1 ORDER BY taken_ms DESC LIMIT ?3"
                    .to_owned(),
                first.clone(),
                last.clone(),
            ),
            Question::Not(tag_not) => (
                format!(
                    "SELECT seat FROM photos p WHERE ?2 IS NOT NULL AND NOT EXISTS(SELECT 1 FROM photo_tags t
                     WHERE t.tag = {tag} AND t.seat = p.seat) ORDER BY seat DESC LIMIT ?3"
                ),
                tag_not.clone(),
                String::new(),
            ),
            Question::TagNot(one, not) => (
                format!(
                    "SELECT a.seat FROM photo_tags a WHERE a.tag = {tag} AND NOT EXISTS(SELECT 1 FROM photo_tags t
                     WHERE t.tag = {other} AND t.seat = a.seat) ORDER BY a.seat DESC LIMIT ?3"
                ),
                one.clone(),
                not.clone(),
            ),
        };
        let mut statement = self.0.prepare_cached(&sql).unwrap();
        let rows = statement.query_map(params![one, two, PAGE as i64], |row| row.get::<_, i64>(0)).unwrap();
        let seats: Vec<i64> = rows.collect::<Result<_, _>>().unwrap();
        let mut card = self.0.prepare_cached("SELECT * FROM photos WHERE seat = ?").unwrap();
        for seat in seats.iter().take(SCREEN) {
            let name: String = card.query_row([seat], |row| row.get("name")).unwrap();
            assert!(!name.is_empty());
        }
        seats.len()
    }
}
