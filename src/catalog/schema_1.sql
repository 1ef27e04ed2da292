-- Format 1. Times are ms since 1970 unless the name says otherwise; hashes are 32 raw bytes; paths are raw bytes.

CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counts(name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counts VALUES ('bytes', 0), ('hidden', 0);

-- Counters are kept by the triggers below, never counted on a keystroke.
CREATE TABLE stores(
  store INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, enabled INTEGER NOT NULL,
  waiting INTEGER NOT NULL DEFAULT 0, needs_you INTEGER NOT NULL DEFAULT 0, receipts INTEGER NOT NULL DEFAULT 0);

CREATE TABLE roots(path BLOB PRIMARY KEY, name TEXT NOT NULL, fold TEXT NOT NULL UNIQUE) WITHOUT ROWID;

-- What a grid cell shows, plus what edits have made of the photo. caption is the person's own, NULL the file's.
-- stored: 0 queued, 1 waiting, 2 needs you, 3 stored. flag: 0 none, 1 pick, 2 reject.
CREATE TABLE photos(
  photo INTEGER PRIMARY KEY AUTOINCREMENT, seat INTEGER NOT NULL UNIQUE, id BLOB NOT NULL UNIQUE,
  original INTEGER NOT NULL, blake3 BLOB NOT NULL, name TEXT NOT NULL, format TEXT NOT NULL,
  width_px INTEGER, height_px INTEGER, taken_ms INTEGER, offset_minutes INTEGER,
  rating INTEGER NOT NULL DEFAULT 0, flag INTEGER NOT NULL DEFAULT 0, turns INTEGER NOT NULL DEFAULT 0,
  stored INTEGER NOT NULL DEFAULT 0, has_picture INTEGER NOT NULL, hidden INTEGER NOT NULL DEFAULT 0, caption TEXT);

-- A stored file. fold is the key after case folding: no two may meet on a disk that does not tell cases apart.
CREATE TABLE assets(
  asset INTEGER PRIMARY KEY AUTOINCREMENT, photo INTEGER, kind TEXT NOT NULL, format TEXT,
  key TEXT NOT NULL, fold TEXT NOT NULL UNIQUE, current INTEGER NOT NULL, size INTEGER NOT NULL);
CREATE INDEX assets_photo ON assets(photo);

CREATE TABLE versions(
  version INTEGER PRIMARY KEY AUTOINCREMENT, asset INTEGER NOT NULL, n INTEGER NOT NULL, size INTEGER NOT NULL,
  crc INTEGER NOT NULL, blake3 BLOB NOT NULL, mtime INTEGER NOT NULL, metadata TEXT, UNIQUE(asset, n));
CREATE INDEX versions_blake3 ON versions(blake3);

-- gone: another photo took the path, or the file was moved. depth: how many of the last folders are the library's.
CREATE TABLE paths(
  row INTEGER PRIMARY KEY, asset INTEGER NOT NULL, version INTEGER NOT NULL, size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL, depth INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0, path BLOB NOT NULL);
CREATE UNIQUE INDEX paths_live ON paths(path) WHERE gone = 0;
CREATE INDEX paths_asset ON paths(asset);

CREATE TABLE batches(
  batch INTEGER PRIMARY KEY, ulid TEXT NOT NULL UNIQUE, store INTEGER NOT NULL, started INTEGER NOT NULL,
  segments INTEGER NOT NULL DEFAULT 0, final INTEGER NOT NULL DEFAULT 0);
CREATE INDEX batches_open ON batches(store) WHERE final = 0;

-- key is NULL where it is the asset's; segment is NULL until a manifest lists it.
CREATE TABLE receipts(
  store INTEGER NOT NULL, version INTEGER NOT NULL, batch INTEGER NOT NULL, segment INTEGER,
  store_version TEXT NOT NULL, etag TEXT NOT NULL, mtime INTEGER NOT NULL, stored_at INTEGER NOT NULL, key TEXT,
  PRIMARY KEY(store, version)) WITHOUT ROWID;
CREATE INDEX receipts_due ON receipts(batch, version) WHERE segment IS NULL;
CREATE INDEX receipts_version ON receipts(version);

-- state: 0 queued, 1 waiting, 2 needs you.
CREATE TABLE uploads(
  store INTEGER NOT NULL, version INTEGER NOT NULL, batch INTEGER, state INTEGER NOT NULL DEFAULT 0,
  until INTEGER, why TEXT, PRIMARY KEY(store, version)) WITHOUT ROWID;
CREATE INDEX uploads_batch ON uploads(store, batch, version);
CREATE INDEX uploads_needs_you ON uploads(version) WHERE state = 2;
CREATE INDEX uploads_version ON uploads(version);

-- Stored files whose paths changed since a manifest told them.
CREATE TABLE path_news(store INTEGER NOT NULL, asset INTEGER NOT NULL, PRIMARY KEY(store, asset)) WITHOUT ROWID;

-- The search index: see index.rs. A tag's token is its number.
CREATE TABLE tokens(token INTEGER PRIMARY KEY, kind INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE(kind, text));
CREATE TABLE bits(token INTEGER, chunk INTEGER, bits BLOB NOT NULL, PRIMARY KEY(token, chunk)) WITHOUT ROWID;
CREATE TABLE chunks(chunk INTEGER PRIMARY KEY, oldest INTEGER NOT NULL, newest INTEGER NOT NULL, seats BLOB NOT NULL);
CREATE TABLE docs(photo INTEGER PRIMARY KEY, words BLOB NOT NULL);
CREATE TABLE tags(tag INTEGER PRIMARY KEY, name TEXT NOT NULL, photos INTEGER NOT NULL DEFAULT 0);
CREATE TABLE tag_words(word TEXT NOT NULL, tag INTEGER NOT NULL, PRIMARY KEY(word, tag)) WITHOUT ROWID;

-- source: 0 user, 1 keyword, 2 derived. A removed tag keeps its row, so that it is not derived again.
CREATE TABLE photo_tags(
  photo INTEGER NOT NULL, tag INTEGER NOT NULL, source INTEGER NOT NULL, removed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(photo, tag)) WITHOUT ROWID;

-- kind: 0 done, 1 undone (takes another back), 2 redone. undone: whether this one was taken back.
CREATE TABLE gestures(
  gesture INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, counter INTEGER NOT NULL, device TEXT NOT NULL,
  what TEXT NOT NULL, kind INTEGER NOT NULL, undoes TEXT, undone INTEGER NOT NULL DEFAULT 0,
  UNIQUE(device, at, counter));
CREATE INDEX gestures_latest ON gestures(at, counter);
CREATE TABLE edits(
  edit INTEGER PRIMARY KEY AUTOINCREMENT, gesture INTEGER NOT NULL, id BLOB NOT NULL, field TEXT NOT NULL,
  element TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL);
CREATE INDEX edits_of ON edits(id, field, element);
CREATE INDEX edits_gesture ON edits(gesture);

CREATE TRIGGER uploads_in AFTER INSERT ON uploads BEGIN
  UPDATE stores SET waiting = waiting + (new.state < 2), needs_you = needs_you + (new.state = 2) WHERE store = new.store;
END;
CREATE TRIGGER uploads_out AFTER DELETE ON uploads BEGIN
  UPDATE stores SET waiting = waiting - (old.state < 2), needs_you = needs_you - (old.state = 2) WHERE store = old.store;
END;
CREATE TRIGGER uploads_state AFTER UPDATE OF state ON uploads BEGIN
  UPDATE stores SET waiting = waiting + (new.state < 2) - (old.state < 2),
    needs_you = needs_you + (new.state = 2) - (old.state = 2) WHERE store = new.store;
END;
CREATE TRIGGER receipts_in AFTER INSERT ON receipts BEGIN
  UPDATE stores SET receipts = receipts + 1 WHERE store = new.store;
END;
CREATE TRIGGER receipts_out AFTER DELETE ON receipts BEGIN
  UPDATE stores SET receipts = receipts - 1 WHERE store = old.store;
END;
CREATE TRIGGER assets_in AFTER INSERT ON assets BEGIN
  UPDATE counts SET n = n + new.size WHERE name = 'bytes';
END;
CREATE TRIGGER assets_size AFTER UPDATE OF size ON assets BEGIN
  UPDATE counts SET n = n + new.size - old.size WHERE name = 'bytes';
END;
CREATE TRIGGER photos_hidden AFTER UPDATE OF hidden ON photos BEGIN
  UPDATE counts SET n = n + new.hidden - old.hidden WHERE name = 'hidden';
END;
