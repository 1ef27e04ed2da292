-- Format 3: machine tags with their answers, people, places, what other programs write.

-- photo_tags.source: 3 Rekognition, 4 the model on this computer. confidence: in percent, of machines only.
ALTER TABLE photo_tags ADD COLUMN confidence REAL;

-- What a tagger said of a content, as one line of JSON. tagger: 0 aws, 1 device. Never asked twice.
CREATE TABLE answers(
  blake3 BLOB NOT NULL, tagger INTEGER NOT NULL, asked TEXT NOT NULL, model TEXT NOT NULL, at INTEGER NOT NULL,
  json TEXT NOT NULL, PRIMARY KEY(blake3, tagger, asked)) WITHOUT ROWID;

-- What a sidecar said when it was last read or written: the base when another program changes it. hash: BLAKE3 of the
-- file, fields: JSON of what was understood of it.
CREATE TABLE sidecars(
  photo INTEGER NOT NULL, path BLOB NOT NULL, hash BLOB NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY(photo, path)) WITHOUT ROWID;
