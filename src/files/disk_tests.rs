//! The real file system: what only it has, such as links, FIFOs, modes and names of any bytes.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;
use crate::testing::files::{check_file_system, walked};

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn fifo(path: &Path) {
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
}

#[test]
fn the_disk_is_a_file_system() {
    let dir = tempfile::tempdir().unwrap();
    check_file_system(&Disk, dir.path(), &put);
    let left = fs::read_dir(dir.path().join("b")).unwrap().count();
    assert_eq!(left, 4, "no temporary file, hidden or not");
}

#[test]
fn links_are_followed_but_never_round() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    put(&top.join("in/a.jpg"), b"a");
    put(&top.join("out/b.jpg"), b"b");
    symlink(top.join("in"), top.join("in/round")).unwrap();
    symlink(top.join("out"), top.join("in/link")).unwrap();
    symlink(top.join("out"), top.join("in/twice")).unwrap();
    symlink(top.join("in/a.jpg"), top.join("in/link.jpg")).unwrap();
    symlink(top.join("gone"), top.join("in/dangling.jpg")).unwrap();
    let (files, failed) = walked(&Disk, top, &["in", "out", "in/link"]);
    assert_eq!(files, ["in/a.jpg", "in/link/b.jpg", "in/link.jpg"]);
    assert_eq!(failed, ["in/dangling.jpg"]);
}

#[test]
fn a_fifo_is_passed_over_and_never_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    put(&top.join("a.jpg"), b"a");
    fifo(&top.join("pipe.jpg"));
    assert_eq!(walked(&Disk, top, &[""]).0, ["a.jpg"]);
    for error in [Disk.open(&top.join("pipe.jpg")).err(), Disk.stat(&top.join("pipe.jpg")).err()] {
        assert_eq!(error.unwrap().kind(), io::ErrorKind::InvalidInput);
    }
    assert!(Disk.open(top).is_err(), "a directory is not read either");
}

#[test]
fn names_of_any_bytes_are_met_and_read() {
    let dir = tempfile::tempdir().unwrap();
    let long = [b'x'; 255];
    for name in [&b"\xff\xfe.jpg"[..], b"new\nline", b"100%#.jpg", &long] {
        put(&dir.path().join(OsStr::from_bytes(name)), b"1");
    }
    let mut met = Vec::new();
    Disk.walk(&[dir.path().to_path_buf()], &mut |walked| {
        let Walked::File { path, .. } = walked else { panic!("{walked:?}") };
        assert!(Disk.open(&path).is_ok());
        assert_eq!(Disk.replace(&path, &mut &b"22"[..]).unwrap().size, 2);
        met.push(path.file_name().unwrap().as_bytes().to_vec());
        true
    });
    assert_eq!(met, [&b"100%#.jpg"[..], b"new\nline", &long, b"\xff\xfe.jpg"]);
}

#[test]
fn a_replaced_file_keeps_its_mode_and_a_link_stays_a_link() {
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("f"), dir.path().join("l"));
    put(&file, b"old");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&file, &link).unwrap();
    Disk.replace(&link, &mut &b"new"[..]).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(link.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn times_before_1970_are_negative() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old");
    put(&path, b"x");
    let old = std::time::UNIX_EPOCH - std::time::Duration::from_millis(1500);
    OpenOptions::new().write(true).open(&path).unwrap().set_modified(old).unwrap();
    assert_eq!(Disk.stat(&path).unwrap().mtime_ns, -1_500_000_000);
    assert_eq!(Disk.stat(&path).unwrap().mtime().0, -1500);
}
