-- Format 3: machine tags with their answers, people, places, what other programs write.

-- photo_tags.source: 3 Rekognition, 4 the model on this computer. confidence: in percent, of machines only.
ALTER TABLE photo_tags ADD COLUMN confidence REAL;

-- What a tagger said of a content, as one line of JSON. tagger: 0 aws, 1 device. Never asked twice.
CREATE TABLE answers(
  blake3 BLOB NOT NULL, tagger INTEGER NOT NULL, asked TEXT NOT NULL, model TEXT NOT NULL, at INTEGER NOT NULL,
  json TEXT NOT NULL, PRIMARY KEY(blake3, tagger, asked)) WITHOUT ROWID;

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
