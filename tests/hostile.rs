//! Bad input: each bad thing ends as one line for that item, the rest goes on, nothing is lost, nothing panics.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails panics, and says how to repeat it")]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use common::pictures::{Ifd, Shot, encoded, jpeg_of, pixels, with_exif};
use common::{BIN, Lab, Ran, Running, files_below, until};
use serde_json::{Value, json};

/// Imports; the code, the report, and the names of the unreadable.
fn import(lab: &Lab) -> (i32, Value, Vec<String>) {
    let started = Instant::now();
    let (code, report) = lab.any([OsStr::new("import"), lab.photos().as_os_str()]);
    assert!(started.elapsed() < common::DEADLINE, "no file may take long");
    let list = report["unreadable"].as_array().unwrap_or_else(|| panic!("{report}"));
    for item in list {
        let why = item["why"].as_str().unwrap();
        assert!(!why.is_empty() && !why.contains('\n') && !why.contains("os error"), "{why}");
    }
    let mut names: Vec<String> = list.iter().map(|item| common::name_of(item["path"].as_str().unwrap())).collect();
    names.sort();
    (code, report, names)
}

fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = 0xFFFF_FFFF_u32;
    for byte in kind.iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    [&(data.len() as u32).to_be_bytes()[..], kind, data, &(!crc).to_be_bytes()].concat()
}

/// A PNG header that claims any size, with hardly any pixels behind it.
fn png_of_size(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    // A stored deflate block of zeros.
    let data = [&[0x78, 0x01, 0x01, 4, 0, 0xFB, 0xFF, 0, 0, 0, 0][..], &[0, 4, 0, 1]].concat();
    [b"\x89PNG\r\n\x1A\n".to_vec(), png_chunk(b"IHDR", &header), png_chunk(b"IDAT", &data), png_chunk(b"IEND", &[])]
        .concat()
}

/// A JPEG whose frame header claims another size than it has.
fn jpeg_of_size(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = jpeg_of(&pixels((16, 16), 1));
    let at = jpeg.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    jpeg[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

/// EXIF whose directories point to themselves and to each other.
fn exif_loops() -> Vec<Vec<u8>> {
    let head = |rest: Vec<u8>| [b"II*\0\x08\0\0\0".to_vec(), rest].concat();
    let mut own = Ifd::default();
    own.text(0x010F, "Acme");
    own.long(0x8769, 8);
    let mut gps = Ifd::default();
    gps.long(0x8769, 8);
    gps.long(0x8825, 8);
    let mut far = Ifd::default();
    far.long(0x8769, 0xFFFF_FFF0);
    let mut many = head(vec![0xFF, 0xFF]);
    many.resize(60_000, 0x01);
    vec![
        head(own.bytes(8, 8)),
        head(gps.bytes(8, 8)),
        head(far.bytes(8, 0xFFFF_FFFE)),
        many,
        b"II*\0\xFF\xFF\xFF\xFF".to_vec(),
        b"MM\0*".to_vec(),
        vec![0; 40],
    ]
}

#[test]
fn broken_files_are_one_line_each_and_the_rest_goes_on() {
    let lab = Lab::new();
    let whole = Shot { size: (400, 300), ..Shot::on("2024-05-17", 1) }.jpeg();
    lab.put("good.jpg", &whole);
    lab.put("empty.jpg", "");
    lab.put("text.jpg", "this is no picture at all");
    lab.put("nulls.png", vec![0; 4096]);
    lab.put("head only.jpg", &whole[..300]);
    lab.put("three bytes.jpg", [0xFF, 0xD8, 0xFF]);
    lab.put("cut.png", &encoded(&pixels((300, 200), 3), image::ImageFormat::Png)[..400]);
    lab.put("cut.tif", &encoded(&pixels((300, 200), 3), image::ImageFormat::Tiff)[..500]);
    lab.put("cut.webp", &encoded(&pixels((300, 200), 3), image::ImageFormat::WebP)[..60]);
    lab.put("cut.gif", b"GIF89a\x10\x00");
    lab.put("bad.bmp", b"BM\xFF\xFF\xFF\xFF\0\0\0\0\x36\0\0\0\x28\0\0\0\xFF\xFF\xFF\x7F\xFF\xFF\xFF\x7F\x01\0\x18\0");
    lab.put("short.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    lab.put("empty.cr2", "");
    let (code, report, names) = import(&lab);
    assert_eq!(code, 1);
    assert!(!names.contains(&"good.jpg".to_owned()));
    for name in ["empty.jpg", "text.jpg", "nulls.png", "three bytes.jpg", "empty.cr2"] {
        assert!(names.contains(&name.to_owned()), "{name} {report}");
    }
    assert_eq!(lab.names("good"), ["good.jpg"]);
    // What could be catalogued is stored; what could not is tried again, with the same words.
    let (_, again, names_again) = import(&lab);
    assert_eq!(names_again, names, "{again}");
    assert_eq!((&again["added"], &again["stored"]), (&json!(0), &json!(0)));
    lab.verified();
    let ran = lab.run([OsStr::new("import"), lab.photos().as_os_str()]);
    assert_eq!(ran.err.lines().count(), names.len(), "one line each: {}", ran.err);
    // A file that is mended is taken in.
    lab.change("empty.jpg", Shot::on("2024-05-18", 9).jpeg());
    assert_eq!(import(&lab).1["added"], json!(1));
}

#[test]
fn a_file_that_breaks_off_keeps_what_it_has() {
    let lab = Lab::new();
    let whole = Shot { size: (400, 300), ..Shot::on("2024-05-17", 1) }.jpeg();
    lab.put("half.jpg", &whole[..whole.len() * 2 / 3]);
    let (code, report, names) = import(&lab);
    // Catalogued with what is there or named as damaged: never silently dropped.
    assert!(code == 0 && report["added"] == json!(1) || code == 1 && names == ["half.jpg"], "{report}");
}

#[test]
fn bombs_and_absurd_sizes_take_no_memory() {
    let lab = Lab::new();
    lab.put("good.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.put("bomb.png", png_of_size(60_000, 60_000));
    lab.put("absurd.png", png_of_size(0x7FFF_FFFF, 0x7FFF_FFFF));
    lab.put("zero.png", png_of_size(0, 0));
    lab.put("wide.png", png_of_size(2_000_000_000, 1));
    lab.put("bomb.jpg", jpeg_of_size(65_500, 65_500));
    lab.put("zero.jpg", jpeg_of_size(0, 0));
    lab.put(
        "bomb.gif",
        [b"GIF89a\xFF\xFF\xFF\xFF\x80\0\0".as_slice(), &[0; 6], b",\0\0\0\0\xFF\xFF\xFF\xFF\0\x02"].concat(),
    );
    lab.put("bomb.bmp", {
        let mut bytes = encoded(&pixels((4, 4), 1), image::ImageFormat::Bmp);
        bytes[18..26].copy_from_slice(&[0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0, 0]);
        bytes
    });
    // A real bomb: 100 million zeros in some hundred kilobytes, honestly packed.
    lab.put("honest.png", encoded(&image::RgbImage::new(9_000, 9_000), image::ImageFormat::Png));
    let script = "ulimit -v 6000000; exec \"$0\" \"$@\"";
    let mut command = Command::new("bash");
    command.args(["-c", script, BIN, "--json", "--library"]).arg(&lab.library).arg("import").arg(lab.photos());
    let ran = Ran::new(command.output().unwrap());
    assert!([0, 1].contains(&ran.code), "{ran:?}");
    assert_eq!(lab.names("good"), ["good.jpg"]);
    assert!(lab.ok(["search", "good"])["photos"][0]["stored"] == json!(true));
    lab.verified();
}

#[test]
fn exif_that_goes_round_ends() {
    let lab = Lab::new();
    let jpeg = jpeg_of(&pixels((40, 30), 1));
    for (n, exif) in exif_loops().iter().enumerate() {
        lab.put(format!("{n}.jpg"), with_exif(&jpeg, exif));
        lab.put(format!("{n}.tif"), exif);
        lab.put(format!("{n}.dng"), exif);
        lab.put(format!("{n}.nef"), exif);
    }
    let (_, report, names) = import(&lab);
    assert!(!names.iter().any(|name| name.ends_with(".jpg")), "the pictures are fine: {report}");
    assert_eq!(lab.found("type:jpeg").len(), exif_loops().len());
}

#[test]
fn hostile_sidecars_do_no_harm() {
    let lab = Lab::new();
    let billion = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">{}]><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">&i;</x:xmpmeta>",
        ["b", "c", "d", "e", "f", "g", "h", "i"]
            .iter()
            .zip(["a", "b", "c", "d", "e", "f", "g", "h"])
            .map(|(name, of)| format!("<!ENTITY {name} \"{}\">", format!("&{of};").repeat(10)))
            .collect::<String>()
    );
    let outside =
        "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">&f;</x:xmpmeta>";
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    for (n, text) in [billion.as_str(), outside, &deep, "", "<", "\u{0}"].iter().enumerate() {
        lab.put(format!("{n}.jpg"), Shot::on("2024-05-17", n as u32).jpeg());
        lab.put(format!("{n}.xmp"), text);
    }
    let (code, report, _) = import(&lab);
    assert_eq!((code, &report["added"]), (0, &json!(6)), "{report}");
    assert!(!lab.run(["search", ""]).out.contains("root:"));
    lab.verified();
}

#[test]
fn links_fifos_and_devices_are_passed_over() {
    let lab = Lab::new();
    lab.put("real/good.jpg", Shot::on("2024-05-17", 1).jpeg());
    let photos = lab.photos();
    symlink(&photos, photos.join("real/round")).unwrap();
    symlink(photos.join("real/b"), photos.join("real/a")).unwrap();
    symlink(photos.join("real/a"), photos.join("real/b")).unwrap();
    symlink("nowhere.jpg", photos.join("real/dangling.jpg")).unwrap();
    symlink("/dev/zero", photos.join("real/zero.jpg")).unwrap();
    symlink(photos.join("real"), lab.path("way in")).unwrap();
    assert!(Command::new("mkfifo").arg(photos.join("real/pipe.jpg")).status().unwrap().success());
    let (code, report, names) = import(&lab);
    assert_eq!(report["added"], json!(1), "{report}");
    assert!([0, 1].contains(&code));
    assert!(names.iter().all(|name| name != "good.jpg"));
    // A pipe that is asked for by name is one line and is not waited for.
    for special in [photos.join("real/pipe.jpg"), PathBuf::from("/dev/zero"), photos.join("real/a")] {
        let (code, report) = lab.any([OsStr::new("import"), special.as_os_str()]);
        assert_eq!((code, report["unreadable"].as_array().unwrap().len()), (1, 1), "{report}");
    }
    // The library and the vault inside an imported folder are not photos.
    fs::create_dir(photos.join("inside")).unwrap();
    lab.ok([OsStr::new("vault"), photos.join("inside/vault").as_os_str()]);
    lab.ok(["store"]);
    let (_, report, _) = import(&lab);
    assert_eq!((&report["added"], &report["duplicates"]), (&json!(0), &json!(0)), "{report}");
}

#[test]
fn every_name_is_kept_whole() {
    let lab = Lab::new();
    let long = format!("{}.jpg", "ö".repeat(125));
    assert!(long.len() > 250 && long.len() <= 255);
    let names: Vec<Vec<u8>> = [
        "new\nline.jpg",
        "tab\t.jpg",
        "percent%20.jpg",
        "hash#1.jpg",
        "frage?.jpg",
        "stern*.jpg",
        "Ünïcödé.jpg",
        "e\u{301}.jpg",
        "é.jpg",
        "UPPER.jpg",
        "upper.jpg",
        "日本語 🎉.jpg",
        "quote\"'.jpg",
        "back\\slash.jpg",
        "CON.jpg",
        "trailing .jpg",
        "-rf.jpg",
        "~1.jpg",
        "a:b.jpg",
        "%2e%2e.jpg",
        long.as_str(),
        "..jpg",
        "esc\u{1b}[2J.jpg",
    ]
    .iter()
    .map(|name| name.as_bytes().to_vec())
    .chain([b"latin \xe9.jpg".to_vec(), b"\xff\xfe.jpg".to_vec(), [vec![b'x'; 251], b".jpg".to_vec()].concat()])
    .collect();
    for (n, name) in names.iter().enumerate() {
        lab.put(Path::new("Ordner #1 %").join(OsStr::from_bytes(name)), Shot::on("2024-05-17", n as u32).jpeg());
    }
    let hidden = 1; // "..jpg" begins with a dot.
    let (code, report, _) = import(&lab);
    assert_eq!((code, report["added"].as_u64().unwrap() as usize), (0, names.len() - hidden), "{report}");
    assert_eq!(report["stored"], report["added"]);
    assert_eq!(lab.verified() as usize, names.len() - hidden);
    assert_eq!(import(&lab).1["unchanged"], report["added"]);
    for name in names.iter().filter(|name| *name != b"..jpg") {
        let path = lab.photos().join("Ordner #1 %").join(OsStr::from_bytes(name));
        let photo = lab.show(&path);
        let key = photo["receipts"][0]["key"].as_str().unwrap();
        assert_eq!(fs::read(lab.vault().join(key)).unwrap(), fs::read(&path).unwrap(), "{key}");
    }
    let keys: Vec<String> = lab.tree(lab.vault().join("photos")).into_keys().collect();
    let folded: std::collections::BTreeSet<String> = keys.iter().map(|key| key.to_lowercase()).collect();
    assert_eq!(folded.len(), keys.len(), "no two keys are one on a disk that does not tell cases apart");
    let text = lab.run(["search", ""]).out;
    assert!(!text.contains(['\u{1b}', '\t']), "a name cannot move the terminal's cursor");
    assert_eq!(text.lines().count(), names.len() - hidden + 1, "one line each: {text}");
    // Rebuilt, every name is as it was.
    let before = lab.ok(["search", "", "--limit", "1000"]);
    let aside = lab.path("aside");
    fs::rename(lab.vault(), &aside).unwrap();
    fs::remove_dir_all(&lab.library).unwrap();
    lab.ok([OsStr::new("open-store"), aside.as_os_str()]);
    assert_eq!(lab.ok(["search", "", "--limit", "1000"]), before);
}

#[test]
fn a_folder_that_vanishes_during_an_import_is_told() {
    let lab = Lab::new();
    for n in 0..200 {
        lab.put(format!("{}/{n}.jpg", n % 5), Shot { size: (120, 90), ..Shot::on("2024-05-17", n) }.jpeg());
    }
    let mut command = lab.command([OsStr::new("--json"), OsStr::new("import"), lab.photos().as_os_str()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("the import has begun", || lab.library.join("catalog.db").is_file());
    fs::remove_dir_all(lab.photos().join("4")).unwrap();
    fs::remove_dir_all(lab.photos().join("3")).unwrap();
    let ran = Ran::new(child.wait_with_output().unwrap());
    assert!([0, 1].contains(&ran.code), "{ran:?}");
    assert_eq!(lab.names("stored:yes").iter().filter(|name| !name.is_empty()).count() as u64, lab.verified());
    assert!(lab.found("stored:yes").len() >= 120);
    let (_, again) = lab.any([OsStr::new("import"), lab.photos().as_os_str()]);
    assert_eq!(again["added"], json!(0), "{again}");
}

/// Runs a shell script as root in a mount namespace of its own; false where the system does not allow it. The script
/// gets the program as `$bin` and an empty folder as `$dir`, and ends with 0 where all is as it should be.
fn in_mount_namespace(lab: &Lab, script: &str) -> bool {
    let ways = [vec!["-m"], vec!["-rm"]];
    let can = |way: &&Vec<&str>| {
        let mut probe = Command::new("unshare");
        probe.args(way.iter()).args(["sh", "-c", "mount -t tmpfs none \"$0\""]).arg(lab.dir.path());
        probe.output().is_ok_and(|output| output.status.success())
    };
    let Some(way) = ways.iter().find(can) else {
        eprintln!("SKIPPED: this system allows no mount namespace with a tmpfs in it");
        return false;
    };
    const HELP: &str = r#"
set -u
fail() { echo "FAILED: $*"; exit 1; }
# run CODE WORDS…: runs the program, keeps its answer in $answer, and wants this exit code.
run() {
    want=$1; shift
    answer=$("$bin" --library "$library" --json "$@" 2>"$dir/err"); code=$?
    grep -q panicked "$dir/err" && fail "panicked: $*: $(cat "$dir/err")"
    [ "$code" = "$want" ] || fail "exit code $code instead of $want: $*: $answer $(cat "$dir/err")"
}
says() { case "$answer" in *"$1"*) ;; *) fail "does not say $1: $answer" ;; esac; }
"#;
    let mut command = Command::new("unshare");
    command.args(way.iter()).args(["bash", "-c", &format!("bin=$1 dir=$2 photos=$3\n{HELP}\n{script}"), "bash", BIN]);
    let output = command.arg(lab.dir.path()).arg(lab.photos()).env_remove("DISPLAY").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    true
}

/// Forty photos of some 60 kB each.
fn heavy(lab: &Lab) {
    for n in 0..40 {
        let noise = image::RgbImage::from_fn(200, 150, |x, y| {
            let mut random = common::Random(u64::from(n) << 40 | u64::from(x) << 20 | u64::from(y));
            image::Rgb([random.next() as u8, random.next() as u8, random.next() as u8])
        });
        lab.put(format!("{n:02}.jpg"), with_exif(&jpeg_of(&noise), &Shot::on("2024-05-17", n).exif()));
    }
}

#[test]
fn a_full_vault_is_said_and_all_is_well_when_there_is_room_again() {
    let lab = Lab::new();
    heavy(&lab);
    in_mount_namespace(
        &lab,
        r#"
library=$dir/library
mkdir "$dir/disk" && mount -t tmpfs -o size=1700k none "$dir/disk"
run 0 vault "$dir/disk/vault"
run 1 import "$photos"
says '"added":40'
run 3 store
says '"code":"disk_full"'
run 0 search stored:no
says '"total"'
run 0 verify --level 3
says '"missing":[]'; says '"corrupt":[]'
mount -o remount,size=40m "$dir/disk"
run 0 store
says '"waiting":0'; says '"needs_you":[]'
run 0 verify --level 3
says '"ok":40'; says '"unknown":[]'
run 0 import "$photos"
says '"stored":0'
[ -z "$(find "$dir/disk" -name '*.part')" ] || fail "copies are left"
"#,
    );
}

#[test]
fn a_full_library_disk_is_said_and_nothing_is_lost() {
    let lab = Lab::new();
    heavy(&lab);
    in_mount_namespace(
        &lab,
        r#"
mkdir "$dir/small" "$dir/vault" && mount -t tmpfs -o size=400k none "$dir/small"
library=$dir/small/library
"$bin" --library "$library" --json vault "$dir/vault" >/dev/null 2>&1
answer=$("$bin" --library "$library" --json import "$photos" 2>"$dir/err"); code=$?
grep -q panicked "$dir/err" && fail "panicked: $(cat "$dir/err")"
[ "$code" = 3 ] || [ "$code" = 1 ] || fail "exit code $code: $answer"
says 'full'
mount -o remount,size=60m "$dir/small"
run 0 vault "$dir/vault"
run 0 import "$photos"
run 0 store
run 0 search stored:yes
says '"total":40'
run 0 verify --level 3
says '"ok":40'; says '"unknown":[]'
"#,
    );
}

#[test]
fn a_read_only_vault_is_said_and_photos_wait() {
    let lab = Lab::new();
    heavy(&lab);
    in_mount_namespace(
        &lab,
        r#"
library=$dir/library
mkdir "$dir/disk" && mount -t tmpfs -o size=40m none "$dir/disk"
run 0 vault "$dir/disk/vault"
run 0 import "$photos/00.jpg"
mount -o remount,ro "$dir/disk"
run 1 import "$photos"
says '"added":39'; says '"stored":0'
run 3 store
says '"code":"unavailable"'; says 'read-only'
run 0 verify --level 3
run 0 rate '' --rating 2
says '"changed":40'
run 0 restore "$photos/00.jpg" --version 1 --to "$dir"
mount -o remount,rw "$dir/disk"
run 0 store
says '"stored":39'
run 0 verify --level 3
says '"ok":40'
[ -n "$(find "$dir/disk/vault/edits" -name '*.jsonl')" ] || fail "the edits did not follow"
"#,
    );
}

#[test]
fn a_library_on_a_disk_that_cannot_be_written_can_still_be_read() {
    let lab = Lab::new();
    heavy(&lab);
    in_mount_namespace(
        &lab,
        r#"
mkdir "$dir/disk" && mount -t tmpfs -o size=60m none "$dir/disk"
library=$dir/disk/library
run 0 import "$photos"
mount -o remount,ro "$dir/disk"
run 0 search ''
says '"total":40'
run 0 status
run 0 show "$photos/00.jpg"
run 0 verify --level 2
run 3 rate '' --rating 2
says '"code":"unavailable"'
run 3 import "$photos"
mount -o remount,rw "$dir/disk"
run 0 rate '' --rating 2
"#,
    );
}

#[test]
fn a_library_whose_disk_is_pulled_is_said() {
    let lab = Lab::new();
    heavy(&lab);
    in_mount_namespace(
        &lab,
        r#"
mkdir "$dir/disk" "$dir/vault" && mount -t tmpfs -o size=60m none "$dir/disk"
library=$dir/disk/library
run 0 vault "$dir/vault"
"$bin" --library "$library" --json import "$photos" >"$dir/out" 2>"$dir/err" &
pid=$!
while [ ! -s "$library/catalog.db" ]; do kill -0 $pid 2>/dev/null || break; sleep 0.002; done
umount -l "$dir/disk"
wait $pid
code=$?
grep -q panicked "$dir/err" && fail "panicked: $(cat "$dir/err")"
[ $code -le 3 ] || fail "exit code $code: $(cat "$dir/out" "$dir/err")"
# What the vault has is whole, and a library can be built from it.
library=$dir/second
run 0 open-store "$dir/vault"
run 0 verify --level 3
says '"corrupt":[]'; says '"missing":[]'
"#,
    );
}

#[test]
fn a_catalogue_from_the_future_is_left_alone() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.import();
    let file = lab.library.join("catalog.db");
    let db = rusqlite::Connection::open(&file).unwrap();
    db.pragma_update(None, "user_version", 999).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(db);
    let before = fs::read(&file).unwrap();
    for args in [vec!["search", ""], vec!["status"], vec!["rate", "", "--rating", "1"], vec!["import", "/tmp/none"]] {
        lab.error(args, 3, "too_new");
    }
    assert_eq!(fs::read(&file).unwrap(), before);
}

/// Puts the catalogue's log into the file, so that a test can damage what there is.
fn checkpoint(library: &Path) -> PathBuf {
    let file = library.join("catalog.db");
    let db = rusqlite::Connection::open(&file).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    file
}

#[test]
fn a_damaged_catalogue_is_said_and_kept_and_the_vault_gives_it_back() {
    type Damage = (&'static str, fn(&mut Vec<u8>));
    let damages: [Damage; 4] = [
        ("garbage", |bytes| bytes.iter_mut().enumerate().for_each(|(n, byte)| *byte = (n * 31 % 251) as u8)),
        ("header", |bytes| bytes[..64].fill(0xAA)),
        ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
        ("middle", |bytes| {
            let length = bytes.len();
            bytes[4096..length].chunks_mut(1024).step_by(2).for_each(|chunk| chunk.fill(0x5A));
        }),
    ];
    for (name, damage) in damages {
        let lab = Lab::new();
        for n in 0..30 {
            lab.put(format!("{n}.jpg"), Shot { size: (16, 16), ..Shot::on("2024-05-17", n) }.jpeg());
        }
        let vault = lab.path("vault");
        lab.ok([OsStr::new("vault"), vault.as_os_str()]);
        lab.import();
        lab.ok(["rate", "", "--rating", "4"]);
        let before = lab.ok(["search", ""]);
        let file = checkpoint(&lab.library);
        let mut bytes = fs::read(&file).unwrap();
        damage(&mut bytes);
        fs::write(&file, &bytes).unwrap();
        let mut corrupt = 0;
        for args in [vec!["search", ""], vec!["status"], vec!["show", "1"], vec!["rate", "", "--rating", "1"]] {
            let (code, answer) = lab.any(args.clone());
            if answer["error"]["code"] == json!("corrupt") {
                corrupt += 1;
                assert_eq!(code, 3);
                let (message, hint) = (answer["error"]["message"].as_str().unwrap(), &answer["error"]["hint"]);
                assert!(
                    message.contains(file.to_str().unwrap()) || message.contains(lab.library.to_str().unwrap()),
                    "{message}"
                );
                assert!(hint.as_str().unwrap().contains("open-store"), "{hint}");
            }
        }
        assert!(corrupt > 0, "{name} was not noticed");
        assert!(file.exists() && fs::metadata(&file).unwrap().len() > 0, "{name}: the damaged file is kept");
        // A new library from the vault, and the old one left as it lies.
        let other = Lab { dir: tempfile::tempdir().unwrap(), library: lab.path("second") };
        let answer = other.ok([OsStr::new("open-store"), vault.as_os_str()]);
        assert_eq!(answer["photos"], json!(30), "{name}");
        assert_eq!(other.ok(["search", ""]), before, "{name}");
        assert!(file.exists());
    }
}

#[test]
fn damaged_thumbnails_are_made_again() {
    let lab = Lab::new();
    for n in 0..5 {
        lab.put(format!("{n}.jpg"), Shot { size: (600, 400), ..Shot::on("2024-05-17", n) }.jpeg());
    }
    lab.import();
    let thumb = |name: &str| {
        let file = lab.path(name);
        let photo = lab.photos().join("3.jpg");
        lab.ok([
            OsStr::new("thumb"),
            photo.as_os_str(),
            OsStr::new("--size"),
            OsStr::new("320"),
            OsStr::new("-o"),
            file.as_os_str(),
        ]);
        fs::read(file).unwrap()
    };
    let before = thumb("before.jpg");
    let file = lab.library.join("thumbs.db");
    for damage in [0, 1, 2] {
        match damage {
            0 => fs::remove_file(&file).unwrap(),
            1 => fs::write(&file, "no database at all, but long enough to be looked at".repeat(1000)).unwrap(),
            _ => {
                let mut bytes = fs::read(&file).unwrap();
                let length = bytes.len();
                bytes[length / 2..].fill(0x77);
                fs::write(&file, bytes).unwrap();
            }
        }
        assert!(!thumb("after.jpg").is_empty());
        lab.import();
        lab.ok(["rate", "", "--rating", &damage.to_string()]);
        assert_eq!(thumb("after.jpg").len(), before.len(), "{damage}");
    }
}

#[test]
fn a_config_that_cannot_be_understood_is_named_and_kept() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.import();
    let file = lab.library.join("config.toml");
    for text in ["vault = [", "[vault]\ndir = \"relative\"", "\u{0}"] {
        fs::write(&file, text).unwrap();
        let message = lab.error(["search", ""], 2, "usage");
        assert!(message.contains("config.toml"), "{message}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn the_real_corpus_is_taken_in_without_a_panic() {
    let Some(corpus) = std::env::var_os("LIGHTKEEP_PHOTOS") else { return };
    let lab = Lab::new();
    let before: Vec<_> =
        files_below(Path::new(&corpus)).iter().map(|p| fs::metadata(p).unwrap().modified().unwrap()).collect();
    let mut command = lab.command([OsStr::new("--json"), OsStr::new("import"), &corpus]);
    let child = Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let ran = Ran::new(wait(child));
    assert!([0, 1].contains(&ran.code), "{ran:?}");
    let report = ran.json();
    let added = report["added"].as_u64().unwrap();
    assert!(added > 100, "{report}");
    for item in report["unreadable"].as_array().unwrap() {
        let why = item["why"].as_str().unwrap();
        assert!(!why.contains("Lightkeep has a fault"), "{item}");
    }
    assert_eq!(lab.verified(), lab.ok(["verify"])["checked"].as_u64().unwrap());
    assert_eq!(lab.ok(["status"])["stored"], json!(added));
    let after: Vec<_> =
        files_below(Path::new(&corpus)).iter().map(|p| fs::metadata(p).unwrap().modified().unwrap()).collect();
    assert_eq!(after, before, "originals are never touched");
    let again = lab.any([OsStr::new("import"), corpus.as_os_str()]).1;
    assert_eq!((&again["added"], &again["stored"]), (&json!(0), &json!(0)), "{again}");
}

fn wait(mut child: Running) -> std::process::Output {
    let (mut out, mut err) = (child.0.stdout.take().unwrap(), child.0.stderr.take().unwrap());
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut err, &mut bytes).map(|_| bytes)
    });
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut out, &mut bytes).unwrap();
    let status = child.0.wait().unwrap();
    std::process::Output { status, stdout: bytes, stderr: err.join().unwrap().unwrap() }
}
