-- Format 3: machine tags with their answers, people, places, what other programs write.

-- photo_tags.source: 3 Rekognition, 4 the model on this computer. confidence: in percent, of machines only.
ALTER TABLE photo_tags ADD COLUMN confidence REAL;

-- What a tagger said of a content, as one line of JSON. tagger: 0 aws, 1 device. Never asked twice.
CREATE TABLE answers(
  blake3 BLOB NOT NULL, tagger INTEGER NOT NULL, asked TEXT NOT NULL, model TEXT NOT NULL, at INTEGER NOT NULL,
  json TEXT NOT NULL, PRIMARY KEY(blake3, tagger, asked)) WITHOUT ROWID;
