//! Opening: formats, damage, modes, and the thumbnails' database.

use std::fs;

use super::*;
use crate::catalog::schema::{MIGRATIONS, migrate};

#[test]
fn a_newer_library_is_left_alone() {
    let lib = Fixture::new();
    let dir = lib.library.dir().to_owned();
    lib.writer.db.pragma_update(None, "user_version", 99).unwrap();
    for access in [Access::Read, Access::Write] {
        let error = open_library(&dir, access).unwrap_err();
        assert!(matches!(error, CatalogError::TooNew { found: 99, .. }), "{error}");
    }
}

#[test]
fn nothing_is_made_for_a_reader() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("none");
    assert!(matches!(open_library(&place, Access::Read), Err(CatalogError::Missing { .. })));
    assert!(!place.exists());
}

#[test]
fn a_damaged_catalogue_is_said_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(CATALOG_FILE);
    fs::write(&file, vec![0x55; 10_000]).unwrap();
    for access in [Access::Read, Access::Write] {
        let error = open_library(dir.path(), access).unwrap_err();
        assert!(matches!(error, CatalogError::Corrupt { .. }), "{error}");
        assert!(error.to_string().ends_with(&file.display().to_string()), "{error}");
    }
    assert_eq!(fs::read(&file).unwrap(), vec![0x55; 10_000]);
}

#[test]
fn damage_in_the_middle_is_found_by_a_check_and_by_use() {
    let mut lib = Fixture::new();
    let files: Vec<_> = (0..200).map(|n| photo(&format!("{n}.jpg"), n, "2024-05-03T12:00:00")).collect();
    lib.take(&files);
    lib.writer.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    lib.library.check().unwrap();
    let place = lib.library.dir().to_owned();
    let Fixture { dir, library, writer, reader } = lib;
    drop((library, writer, reader));
    let file = place.join(CATALOG_FILE);
    let mut bytes = fs::read(&file).unwrap();
    let length = bytes.len();
    bytes[8_192..length - 4_096].fill(0xA5);
    fs::write(&file, bytes).unwrap();
    let damaged = open_library(&place, Access::Read).and_then(|library| {
        let found = library.reader()?.list(&Query::everything(), &Stop::new());
        assert!(matches!(found, Err(CatalogError::Corrupt { .. })), "{found:?}");
        library.check()
    });
    assert!(matches!(damaged, Err(CatalogError::Corrupt { .. })), "{damaged:?}");
    drop(dir);
}

#[test]
#[cfg(unix)]
fn only_the_owner_may_look() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut lib = Fixture::new();
    lib.take(&[photo("a.jpg", 1, "")]);
    let mut thumbs = lib.library.thumbs().unwrap();
    thumbs.put(&[(print(1).blake3, b"x")]).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(lib.library.dir()), 0o700);
    for entry in fs::read_dir(lib.library.dir()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn every_format_from_the_first_can_be_brought_up_to_date() {
    let next = [MIGRATIONS[0], "CREATE TABLE later(x); INSERT INTO later VALUES (1);"];
    let mut db = rusqlite::Connection::open_in_memory().unwrap();
    migrate(&mut db, &next[..1]).unwrap();
    migrate(&mut db, &next).unwrap();
    migrate(&mut db, &next).unwrap();
    let rows: i64 = db.query_row("SELECT count(*) FROM later", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
    assert!(matches!(migrate(&mut db, &next[..1]), Err(CatalogError::TooNew { found: 2, ours: 1 })));
    // A catalogue of the first format, with rows in it, becomes a present one.
    let mut db = rusqlite::Connection::open_in_memory().unwrap();
    migrate(&mut db, &MIGRATIONS[..1]).unwrap();
    db.execute_batch("INSERT INTO stores(name, enabled) VALUES ('vault-x', 1); INSERT INTO uploads(store, version) VALUES (1, 1);
        INSERT INTO receipts(store, version, batch, store_version, etag, mtime, stored_at) VALUES (1, 2, 1, 'v', 'e', 0, 0)").unwrap();
    migrate(&mut db, MIGRATIONS).unwrap();
    let kept: (i64, i64) = db.query_row("SELECT (SELECT count(*) FROM uploads WHERE large = 0), (SELECT count(*) FROM receipts WHERE class IS NULL)", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(kept, (1, 1));
    assert_eq!(MIGRATIONS.len(), 3);
}

#[test]
fn a_library_is_the_same_after_it_was_closed() {
    let mut lib = Fixture::new();
    lib.take(&[photo("a.jpg", 1, "2024-05-03T12:00:00")]);
    let device = lib.writer.device().to_owned();
    let Fixture { dir, library, writer, reader } = lib;
    drop((library, writer, reader));
    let lib = Fixture::open(dir);
    assert_eq!(lib.find("tag:spring"), ["a.jpg"]);
    assert_eq!(lib.writer.device(), device);
    assert_eq!(device.len(), 16);
    assert!(open_library(lib.library.dir(), Access::Read).unwrap().take_writer().is_none());
    assert!(lib.dir.path().exists());
}

#[test]
fn readers_see_whole_transactions_only() {
    let mut lib = Fixture::new();
    let other = lib.library.reader().unwrap();
    let before = other.status().unwrap().photos;
    lib.take(&[photo("a.jpg", 1, ""), photo("b.jpg", 2, "")]);
    assert_eq!((before, other.status().unwrap().photos), (0, 2));
}

#[test]
fn thumbnails_can_be_thrown_away_or_damaged_at_any_time() {
    let lib = Fixture::new();
    let (a, b) = (print(1).blake3, print(2).blake3);
    let mut thumbs = lib.library.thumbs().unwrap();
    thumbs.put(&[(a, b"jpeg")]).unwrap();
    thumbs.put_same(&[b], &a).unwrap();
    assert_eq!(thumbs.get(&b).unwrap().as_deref(), Some(&b"jpeg"[..]));
    assert_eq!(thumbs.missing(&[a, b, print(3).blake3]).unwrap(), [print(3).blake3]);
    let file = lib.library.dir().join(THUMBS_FILE);
    // Deleted while open.
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", file.display()));
    }
    thumbs.put(&[(b, b"new")]).unwrap();
    assert_eq!(lib.library.thumbs().unwrap().get(&b).unwrap().as_deref(), Some(&b"new"[..]));
    drop(thumbs);
    // Damaged while closed.
    fs::write(&file, vec![7; 50_000]).unwrap();
    let reading = open_library(lib.library.dir(), Access::Read).unwrap();
    assert_eq!(reading.thumbs().unwrap().get(&b).unwrap(), None);
    let mut thumbs = lib.library.thumbs().unwrap();
    assert_eq!(thumbs.get(&b).unwrap(), None);
    thumbs.put(&[(b, b"again")]).unwrap();
    assert_eq!(thumbs.get(&b).unwrap().as_deref(), Some(&b"again"[..]));
    // A hash that only begins the same is another content.
    let mut near = b;
    near.0[31] ^= 1;
    assert_eq!(thumbs.get(&near).unwrap(), None);
}
