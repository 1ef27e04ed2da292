-- Format 2: several stores, long uploads that go on, storage classes, damage, deletions, reports.

-- tries: how often in a row it failed in a passing way. chosen: before all others. large: sent in parts, after small ones.
-- class: NULL is the library's. renew: found damaged, so what the store says of it is not believed.
ALTER TABLE uploads ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE uploads ADD COLUMN chosen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE uploads ADD COLUMN large INTEGER NOT NULL DEFAULT 0;
ALTER TABLE uploads ADD COLUMN class TEXT;
ALTER TABLE uploads ADD COLUMN renew INTEGER NOT NULL DEFAULT 0;
UPDATE uploads SET large = 1 WHERE (SELECT size FROM versions v WHERE v.version = uploads.version) > 16777216;
CREATE TRIGGER uploads_large AFTER INSERT ON uploads
  WHEN (SELECT size FROM versions WHERE version = new.version) > 16777216 BEGIN
  UPDATE uploads SET large = 1 WHERE store = new.store AND version = new.version;
END;
CREATE INDEX uploads_order ON uploads(store, chosen, large, version);

CREATE INDEX uploads_waiting ON uploads(store, until) WHERE state = 1;
CREATE INDEX receipts_batch ON receipts(batch);

-- Thumbnails that a store is to get after the receipts of their photos.
CREATE TABLE thumbs_due(store INTEGER NOT NULL, blake3 BLOB NOT NULL, PRIMARY KEY(store, blake3)) WITHOUT ROWID;

-- class: NULL is standard.
ALTER TABLE receipts ADD COLUMN class TEXT;
-- by: who stored it, for people.
ALTER TABLE batches ADD COLUMN by TEXT;

-- Uploads in parts that were begun, and the parts that the store has acknowledged.
CREATE TABLE long_uploads(
  store INTEGER NOT NULL, version INTEGER NOT NULL, key TEXT NOT NULL, upload TEXT NOT NULL, part_bytes INTEGER NOT NULL,
  PRIMARY KEY(store, version)) WITHOUT ROWID;
CREATE TABLE long_parts(
  store INTEGER NOT NULL, version INTEGER NOT NULL, part INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
  crc INTEGER NOT NULL, PRIMARY KEY(store, version, part)) WITHOUT ROWID;

-- What a check found wrong. mended: when a receipt for the same bytes came again.
CREATE TABLE damage(
  store INTEGER NOT NULL, version INTEGER NOT NULL, found INTEGER NOT NULL, why TEXT NOT NULL, mended INTEGER,
  PRIMARY KEY(store, version)) WITHOUT ROWID;
CREATE INDEX damage_version ON damage(version) WHERE mended IS NULL;

-- Objects that a person deleted in a store. undone: when they were brought back.
CREATE TABLE deletions(
  deletion INTEGER PRIMARY KEY, store INTEGER NOT NULL, asset INTEGER NOT NULL, deleted INTEGER NOT NULL,
  marker TEXT NOT NULL, undone INTEGER);
CREATE INDEX deletions_open ON deletions(asset, store) WHERE undone IS NULL;

-- Store versions that were proved before another took their place: what a check of the store need not wonder about.
CREATE TABLE former(
  store INTEGER NOT NULL, store_version TEXT NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY(store, store_version, version)) WITHOUT ROWID;
CREATE INDEX former_version ON former(version, store);

-- When any store first had a content, and a photo: what the library was at a date is asked of these.
ALTER TABLE versions ADD COLUMN first_stored INTEGER;
ALTER TABLE photos ADD COLUMN first_stored INTEGER;
UPDATE versions SET first_stored = (SELECT min(stored_at) FROM receipts r WHERE r.version = versions.version);
UPDATE photos SET first_stored = (SELECT min(first_stored) FROM versions v WHERE v.asset = photos.original);
CREATE INDEX versions_first ON versions(first_stored) WHERE first_stored IS NOT NULL;
CREATE INDEX photos_first ON photos(first_stored, seat) WHERE first_stored IS NOT NULL;
CREATE INDEX edits_hidden ON edits(gesture, id, new) WHERE field = 'hidden';
CREATE TRIGGER receipts_first AFTER INSERT ON receipts BEGIN
  UPDATE versions SET first_stored = new.stored_at
    WHERE version = new.version AND ifnull(first_stored > new.stored_at, 1);
END;
CREATE TRIGGER receipts_former AFTER UPDATE OF store_version ON receipts WHEN old.store_version <> new.store_version BEGIN
  INSERT OR IGNORE INTO former(store, store_version, version) VALUES (old.store, old.store_version, old.version);
END;
CREATE TRIGGER receipts_earlier AFTER UPDATE OF stored_at ON receipts WHEN new.stored_at < old.stored_at BEGIN
  UPDATE versions SET first_stored = new.stored_at WHERE version = new.version AND first_stored > new.stored_at;
END;
CREATE TRIGGER versions_first_stored AFTER UPDATE OF first_stored ON versions BEGIN
  UPDATE photos SET first_stored = new.first_stored
    WHERE photo = (SELECT photo FROM assets WHERE asset = new.asset AND kind = 'original')
      AND ifnull(first_stored > new.first_stored, 1);
END;
CREATE TRIGGER assets_photo AFTER UPDATE OF photo ON assets WHEN new.kind = 'original' AND new.photo IS NOT NULL BEGIN
  UPDATE photos SET first_stored = (SELECT min(first_stored) FROM versions WHERE asset = new.asset)
    WHERE photo = new.photo;
END;

-- Dated reports of checks, as JSON.
CREATE TABLE reports(report INTEGER PRIMARY KEY AUTOINCREMENT, store INTEGER NOT NULL, ended INTEGER NOT NULL, json TEXT NOT NULL);
