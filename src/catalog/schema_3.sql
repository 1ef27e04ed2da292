-- Format 3: machine tags with their answers, people, places, what other programs write.

-- photo_tags.source: 3 Rekognition, 4 the model on this computer. confidence: in percent, of machines only.
ALTER TABLE photo_tags ADD COLUMN confidence REAL;

-- What a tagger said of a content, as one line of JSON. tagger: 0 aws, 1 device. Never asked twice.
CREATE TABLE answers(
  blake3 BLOB NOT NULL, tagger INTEGER NOT NULL, asked TEXT NOT NULL, model TEXT NOT NULL, at INTEGER NOT NULL,
  json TEXT NOT NULL, PRIMARY KEY(blake3, tagger, asked)) WITHOUT ROWID;

-- What is paid for, by month (UTC, '2026-11') and operation (labels, faces, text). Money in millionths of a US dollar.
CREATE TABLE spent(
  month TEXT NOT NULL, operation TEXT NOT NULL, images INTEGER NOT NULL, micro_usd INTEGER NOT NULL,
  PRIMARY KEY(month, operation)) WITHOUT ROWID;

-- Answers that no segment of the store tells yet. Every store that was ever known is owed them, so that one that is
-- switched on again is sent only what it lacks.
CREATE TABLE answers_due(
  store INTEGER NOT NULL, tagger INTEGER NOT NULL, blake3 BLOB NOT NULL, asked TEXT NOT NULL,
  PRIMARY KEY(store, tagger, blake3, asked)) WITHOUT ROWID;
-- No OR IGNORE: the statement that fires a trigger has its own way with conflicts, which goes before the trigger's.
CREATE TRIGGER answers_in AFTER INSERT ON answers BEGIN
  INSERT INTO answers_due SELECT s.store, new.tagger, new.blake3, new.asked FROM stores s
    WHERE NOT EXISTS(SELECT 1 FROM answers_due d WHERE d.store = s.store AND d.tagger = new.tagger
      AND d.blake3 = new.blake3 AND d.asked = new.asked);
END;
CREATE TRIGGER answers_changed AFTER UPDATE OF json ON answers WHEN new.json <> old.json BEGIN
  INSERT INTO answers_due SELECT s.store, new.tagger, new.blake3, new.asked FROM stores s
    WHERE NOT EXISTS(SELECT 1 FROM answers_due d WHERE d.store = s.store AND d.tagger = new.tagger
      AND d.blake3 = new.blake3 AND d.asked = new.asked);
END;
CREATE TRIGGER stores_answers AFTER INSERT ON stores BEGIN
  INSERT INTO answers_due SELECT new.store, tagger, blake3, asked FROM answers;
END;

-- Segments of answers in a store that this library has read, or has written itself.
CREATE TABLE answer_segments_read(store INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY(store, key)) WITHOUT ROWID;
-- The search language. Tokens that people see under a name, with how many photos have them, removed ones included: the
-- order in which facets are tried. Tags have counters of their own.
CREATE TABLE facets(
  token INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, photos INTEGER NOT NULL DEFAULT 0);
CREATE INDEX facets_most ON facets(kind, photos DESC);
CREATE INDEX tags_most ON tags(photos DESC);
-- Smart albums.
CREATE TABLE searches(fold TEXT PRIMARY KEY, name TEXT NOT NULL, query TEXT NOT NULL) WITHOUT ROWID;
-- Photos up to this number have no tokens for aperture, size, place and batch yet: see backfill.rs.
INSERT INTO settings SELECT 'index_todo', max(photo) FROM photos HAVING max(photo) IS NOT NULL;
-- What a sidecar said when it was last read or written: the base when another program changes it. hash: BLAKE3 of the
-- file, fields: JSON of what was understood of it.
CREATE TABLE sidecars(
  photo INTEGER NOT NULL, path BLOB NOT NULL, hash BLOB NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY(photo, path)) WITHOUT ROWID;

-- People. A face is a place in a photo (domain/people.rs, FaceBox). What a person decided comes from the edit log: drawn,
-- mark (0 shown, 1 hidden, 2 no face), name with its fold. What machines said: found (0 Rekognition, 1 this computer,
-- NULL nobody), aws (its FaceId in the collection), at_user (the user vector that it is part of there), searched (whether
-- it was asked whose it is), like_name with like_fold and like_percent (whose it may be). A row of which all is empty goes.
CREATE TABLE faces(
  face INTEGER PRIMARY KEY, photo INTEGER NOT NULL, spot TEXT NOT NULL, drawn INTEGER NOT NULL DEFAULT 0,
  mark INTEGER NOT NULL DEFAULT 0, name TEXT, fold TEXT, found INTEGER, aws TEXT, at_user TEXT,
  searched INTEGER NOT NULL DEFAULT 0, like_name TEXT, like_fold TEXT, like_percent REAL, UNIQUE(photo, spot));
CREATE INDEX faces_fold ON faces(fold, face) WHERE fold IS NOT NULL;
CREATE INDEX faces_like ON faces(like_fold, face) WHERE like_fold IS NOT NULL;
CREATE UNIQUE INDEX faces_aws ON faces(aws, photo) WHERE aws IS NOT NULL;
-- Who a face is not. who: FaceBox/16 hex digits of the name's hash, as in the edit log.
CREATE TABLE not_person(photo INTEGER NOT NULL, who TEXT NOT NULL, PRIMARY KEY(photo, who)) WITHOUT ROWID;
-- User vectors in the collection, and whose they are here.
CREATE TABLE face_users(user TEXT PRIMARY KEY, fold TEXT NOT NULL) WITHOUT ROWID;
