//! `ingest` and `cost`: a card that is copied, read back, stored and looked up, through the real program.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::common::pictures::{Shot, xmp};
use crate::common::{Lab, Random, Running, files_below, keys, seed, until};

/// 2024-05-17, 20:00 UTC: the 18th already in Tokyo, where the tests live.
const EVENING_S: u64 = 1_715_976_000;

fn put(card: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = card.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    let time = UNIX_EPOCH + Duration::from_secs(EVENING_S);
    let times = fs::FileTimes::new().set_modified(time).set_accessed(time);
    fs::File::options().write(true).open(&path).unwrap().set_times(times).unwrap();
}

/// A card as cameras leave it: photos, a Live Photo, videos, sidecars, files of no known kind, equal names, an empty and
/// a broken photo.
fn card(lab: &Lab) -> PathBuf {
    let card = lab.path("EOS_DIGITAL");
    let shot = Shot::on("2024-05-17", 1);
    put(&card, "DCIM/100ACME/IMG_0001.JPG", shot.jpeg());
    put(&card, "DCIM/100ACME/IMG_0001.xmp", xmp(&["bride"], Some(4), None));
    put(&card, "DCIM/100ACME/IMG_0001.MOV", b"\0\0\0\x14ftypqt  a live photo's film");
    put(&card, "DCIM/100ACME/MVI_0002.MP4", vec![7; 3_000_000]);
    put(&card, "DCIM/100ACME/MVI_0002.THM", Shot::bare(9).jpeg());
    put(&card, "DCIM/101ACME/IMG_0001.JPG", shot.edited().jpeg());
    put(&card, "DCIM/101ACME/IMG_0001.xmp", xmp(&["groom"], None, None));
    put(&card, "DCIM/101ACME/IMG_0003.JPG", Shot::on("2023-12-31", 3).jpeg());
    put(&card, "DCIM/101ACME/IMG_0004.JPG", shot.jpeg());
    put(&card, "DCIM/101ACME/BROKEN.JPG", &Shot::on("2024-05-17", 5).jpeg()[..300]);
    put(&card, "DCIM/101ACME/EMPTY.JPG", b"");
    put(&card, "PRIVATE/M4ROOT/MEDIAPRO.XML", b"<x/>");
    put(&card, "AUTPRINT.MRK", b"[HDR]");
    put(&card, ".hidden", b"kept too");
    put(&card, "notes.txt", b"roll 1");
    put(&card, ".Trashes/501/gone.jpg", b"x");
    put(&card, "System Volume Information/WPSettings.dat", b"x");
    card
}

fn ingest(lab: &Lab, card: &Path) -> Vec<OsString> {
    vec!["ingest".into(), card.into(), "--to".into(), lab.path("pictures").into()]
}

/// What a card is to whoever looks for traces: bytes and times of every file and folder.
fn traces(card: &Path) -> BTreeMap<PathBuf, String> {
    use std::os::unix::fs::MetadataExt as _;
    walkdir::WalkDir::new(card)
        .into_iter()
        .map(|entry| {
            let entry = entry.unwrap();
            let meta = entry.metadata().unwrap();
            // Listing a folder may leave its time of reading; opening a file must not.
            let read = if meta.is_file() { meta.atime() } else { 0 };
            let said = format!("{} {} {} {}.{}", meta.len(), meta.mode(), read, meta.mtime(), meta.ctime_nsec());
            (entry.into_path(), said)
        })
        .collect()
}

fn hashes(dir: &Path) -> Vec<String> {
    let mut all: Vec<_> =
        files_below(dir).iter().map(|path| blake3::hash(&fs::read(path).unwrap()).to_hex().to_string()).collect();
    all.sort();
    all.dedup();
    all
}

/// The photographer's files of a card: all but the system's.
fn wanted(card: &Path) -> Vec<PathBuf> {
    let is_system =
        |path: &PathBuf| path.starts_with(card.join(".Trashes")) || path.to_string_lossy().contains("System V");
    files_below(card).into_iter().filter(|path| !is_system(path)).collect()
}

#[test]
fn a_card_is_safe_to_format_only_when_every_file_of_it_is_proved() {
    let lab = Lab::new();
    let card = card(&lab);
    let (before, count) = (traces(&card), wanted(&card).len());
    let answer = lab.ok(ingest(&lab, &card));
    assert_eq!(traces(&card), before, "the card is as it was");
    let expected = ["card", "copied", "failed", "files", "left_out", "safe_to_format", "sheet", "stored", "verified"];
    assert_eq!(keys(&answer), expected);
    assert_eq!(
        (&answer["files"], &answer["verified"], &answer["stored"]),
        (&json!(count), &json!(count), &json!(count))
    );
    assert_eq!((&answer["copied"], &answer["safe_to_format"]), (&json!(count), &json!(true)), "{answer}");
    let left_out: Vec<_> = answer["left_out"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert!(left_out[0].ends_with("/.Trashes") && left_out[1].ends_with("/System Volume Information"), "{left_out:?}");
    assert_eq!(left_out.len(), 2);

    let places: Vec<String> = files_below(&lab.path("pictures"))
        .iter()
        .map(|path| path.strip_prefix(lab.path("pictures")).unwrap().display().to_string())
        .filter(|path| !path.starts_with("receipts"))
        .collect();
    let expected = [
        "2023/2023-12-31 EOS_DIGITAL/IMG_0003.JPG",
        "2024/2024-05-17 EOS_DIGITAL/IMG_0001 (2).JPG",
        "2024/2024-05-17 EOS_DIGITAL/IMG_0001 (2).xmp",
        "2024/2024-05-17 EOS_DIGITAL/IMG_0001.JPG",
        "2024/2024-05-17 EOS_DIGITAL/IMG_0001.MOV",
        "2024/2024-05-17 EOS_DIGITAL/IMG_0001.xmp",
        "2024/2024-05-17 EOS_DIGITAL/IMG_0004.JPG",
        "2024/2024-05-18 EOS_DIGITAL/.hidden",
        "2024/2024-05-18 EOS_DIGITAL/AUTPRINT.MRK",
        "2024/2024-05-18 EOS_DIGITAL/BROKEN.JPG",
        "2024/2024-05-18 EOS_DIGITAL/EMPTY.JPG",
        "2024/2024-05-18 EOS_DIGITAL/MEDIAPRO.XML",
        "2024/2024-05-18 EOS_DIGITAL/MVI_0002.MP4",
        "2024/2024-05-18 EOS_DIGITAL/MVI_0002.THM",
        "2024/2024-05-18 EOS_DIGITAL/notes.txt",
    ];
    assert_eq!(places, expected, "by the camera's date, else by the wall clock; groups stay together");
    let copy = fs::metadata(lab.path("pictures/2024/2024-05-18 EOS_DIGITAL/MVI_0002.MP4")).unwrap();
    assert_eq!(copy.modified().unwrap(), UNIX_EPOCH + Duration::from_secs(EVENING_S), "a copy is as old as its file");

    // Every content of the card lies in the vault, whatever it is.
    let vault = hashes(&lab.vault().join("photos"));
    for path in wanted(&card) {
        let hash = blake3::hash(&fs::read(&path).unwrap()).to_hex().to_string();
        assert!(vault.contains(&hash), "not in the vault: {}", path.display());
    }
    lab.verified();
    assert_eq!(lab.found("tag:bride rating:4").len(), 1, "the sidecar went with its photo");
    assert_eq!(lab.found("").len(), 3, "what cannot be shown is stored and not shown");
    sheet_says_it_all(&answer, count);

    // Read by this test meanwhile.
    let before = traces(&card);
    let again = lab.ok(ingest(&lab, &card));
    let mut same = answer;
    same["copied"] = json!(0);
    assert_eq!(again, same, "a second run copies nothing and answers the same");
    assert_eq!(files_below(&lab.path("pictures/receipts")).len(), 1);
    assert_eq!(traces(&card), before);
}

fn sheet_says_it_all(answer: &Value, count: usize) {
    let sheet = answer["sheet"].as_str().unwrap();
    assert!(sheet.contains("/pictures/receipts/20") && sheet.ends_with(" EOS_DIGITAL.pdf"), "{sheet}");
    let text = Command::new("pdftotext").args(["-layout", sheet, "-"]).output();
    // poppler is not on every machine; where it is, it is asked.
    let Ok(text) = text else { return };
    let text = String::from_utf8(text.stdout).unwrap();
    for word in
        ["Receipt of EOS_DIGITAL", "Stored in: vault", "100ACME/IMG_0001.JPG", "101ACME/IMG_0001.xmp", "Page 1 of 1"]
    {
        assert!(text.contains(word), "{word} is not in {text}");
    }
    assert!(text.contains(&format!("{count} of {count} files proved")), "{text}");
    let film = blake3::hash(&vec![7; 3_000_000]).to_hex();
    assert!(text.contains(&format!("BLAKE3 {}…", &film[..16])), "{text}");
    assert_eq!(text.matches("vault: version ").count(), count);
}

#[test]
fn what_is_not_proved_is_named_and_the_card_is_not_safe() {
    let lab = Lab::new();
    let card = card(&lab);
    // The vault is on a disk that is gone.
    lab.ok(["vault".into(), lab.path("disk/vault").into_os_string()]);
    fs::rename(lab.path("disk"), lab.path("away")).unwrap();
    let (code, answer) = lab.any(ingest(&lab, &card));
    let count = json!(wanted(&card).len());
    assert_eq!((code, &answer["safe_to_format"], &answer["sheet"]), (1, &json!(false), &Value::Null), "{answer}");
    assert_eq!((&answer["copied"], &answer["verified"], &answer["stored"]), (&count, &count, &json!(0)));
    assert_eq!(answer["failed"].as_array().unwrap().len(), wanted(&card).len());
    assert!(answer["failed"][0]["why"].as_str().unwrap().contains("vault cannot be used"), "{answer}");
    let said = lab.run(ingest(&lab, &card));
    assert!(said.out.contains("NOT safe to format") && said.err.contains("vault cannot be used"), "{said:?}");
    fs::rename(lab.path("away"), lab.path("disk")).unwrap();
    let said = lab.run(ingest(&lab, &card));
    assert_eq!(said.code, 0, "it goes on where it was: {said:?}");
    let verdict = format!("{0} of {0} proved: safe to format\n0 copied", wanted(&card).len());
    assert!(said.out.starts_with(&verdict), "{said:?}");
    assert!(said.out.contains("The vault is on the disk of the copies"), "{said:?}");
}

#[test]
fn what_cannot_be_a_card_or_a_place_is_refused_before_anything_is_done() {
    let lab = Lab::new();
    let card = card(&lab);
    let before = traces(&card);
    let to = |to: PathBuf| vec!["ingest".into(), card.clone().into_os_string(), "--to".into(), to.into_os_string()];
    lab.error(to(card.join("copies")), 2, "usage");
    std::os::unix::fs::symlink(&card, lab.path("link")).unwrap();
    lab.error(to(lab.path("link/copies")), 2, "usage");
    let mut wrong = ingest(&lab, &card);
    wrong.extend(["--template".into(), "{year}/../{name}".into()]);
    lab.error(wrong, 2, "usage");
    lab.error(ingest(&lab, &lab.path("absent")), 3, "not_found");
    fs::create_dir(lab.path("empty")).unwrap();
    lab.error(ingest(&lab, &lab.path("empty")), 3, "not_found");
    // A template that leads onto the card through a link of the person's own.
    fs::create_dir(lab.path("pictures")).unwrap();
    std::os::unix::fs::symlink(&card, lab.path("pictures/2024")).unwrap();
    let (code, answer) = lab.any(ingest(&lab, &card));
    assert_eq!((code, &answer["safe_to_format"]), (1, &json!(false)));
    assert!(answer["failed"][0]["why"].as_str().unwrap().contains("would lie on the card"), "{answer}");
    assert_eq!(traces(&card), before);
    assert!(fs::read_dir(lab.path("pictures")).unwrap().count() <= 2, "the other year, and the link");
}

/// Killed at random moments and started again: it converges, and never says "safe" before it is.
#[test]
fn a_killed_ingest_goes_on() {
    let lab = Lab::new();
    let card = lab.path("CARD");
    for n in 0..60 {
        put(&card, &format!("DCIM/{n:04}.JPG"), Shot::on("2024-05-17", n).jpeg());
        put(&card, &format!("DCIM/{n:04}.WAV"), vec![n as u8; 200_000]);
    }
    put(&card, "DCIM/Fête à Zürich.PEF2", b"no known kind");
    let before = traces(&card);
    let mut random = Random(seed());
    let mut killed = 0;
    let written = || {
        let places = [lab.path("pictures"), lab.vault().join("photos")];
        let files = |dir: PathBuf| walkdir::WalkDir::new(dir).into_iter().filter_map(Result::ok).count() as u64;
        places.into_iter().map(files).sum::<u64>()
    };
    for _ in 0..12 {
        // Somewhere between the first copy and the last receipt.
        let far = written() + 1 + random.below(40);
        let mut child = Running(lab.command(ingest(&lab, &card)).spawn().unwrap());
        let mut ended = false;
        until("the ingest is that far", || {
            ended = child.0.try_wait().unwrap().is_some();
            ended || written() >= far
        });
        killed += u32::from(!ended);
        drop(child);
    }
    let answer = lab.ok(ingest(&lab, &card));
    assert_eq!((&answer["files"], &answer["stored"]), (&json!(121), &json!(121)), "{answer}");
    assert!(killed > 0, "every run had ended before it was killed");
    assert_eq!(traces(&card), before);
    let mut copies = hashes(&lab.path("pictures/2024"));
    // An unfinished copy of a killed run may lie there for a minute, under a hidden name.
    let unfinished: Vec<_> = files_below(&lab.path("pictures"))
        .into_iter()
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(".lightkeep-"))
        .collect();
    for path in &unfinished {
        fs::remove_file(path).unwrap();
    }
    if !unfinished.is_empty() {
        copies = hashes(&lab.path("pictures/2024"));
    }
    assert_eq!(copies, hashes(&card));
    assert_eq!(files_below(&lab.path("pictures/2024")).len(), 121, "nothing was copied twice");
    assert_eq!(lab.verified(), 121, "every file has exactly one version");
    // The sheet goes over many pages, and every file is on it.
    let text = Command::new("pdftotext").args(["-layout", answer["sheet"].as_str().unwrap(), "-"]).output();
    let Ok(text) = text else { return };
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("Page 1 of 7") && text.contains("Page 7 of 7"), "{text}");
    assert_eq!(text.matches("BLAKE3 ").count(), 121);
    assert!(text.contains("DCIM/Fête à Zürich.PEF2") && text.contains("DCIM/0059.WAV"), "{text}");
}

#[test]
fn cost_is_an_estimate_with_its_region_and_its_date() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.put("a.xmp", xmp(&["x"], None, None));
    lab.put("b.jpg", Shot::on("2023-05-17", 2).jpeg());
    lab.import();
    let all = lab.ok(["cost"]);
    assert_eq!(keys(&all), ["as_of", "bytes", "classes", "files", "region", "words"]);
    assert_eq!(all["files"], json!(3));
    assert_eq!(
        all["bytes"],
        json!(files_below(&lab.photos()).iter().map(|p| fs::metadata(p).unwrap().len()).sum::<u64>())
    );
    let classes = all["classes"].as_array().unwrap();
    assert_eq!(classes.len(), 6);
    assert_eq!(keys(&classes[0]), ["class", "least_days", "month", "once"]);
    assert_eq!((&classes[5]["class"], &classes[5]["least_days"]), (&json!("deep-archive"), &json!(180)));
    let words = all["words"].as_str().unwrap();
    assert!(words.starts_with("Nothing is kept in a bucket yet. 3 files") && words.contains("estimate"), "{words}");
    assert_eq!(lab.ok(["cost", "date:2024"])["files"], json!(2), "the companion counts");
    assert_eq!(lab.ok(["cost", "--waiting"])["files"], json!(0));
    lab.put("c.jpg", Shot::on("2022-05-17", 3).jpeg());
    lab.ok(["import".into(), "--no-store".into(), lab.photos().into_os_string()]);
    assert_eq!(lab.ok(["cost", "--waiting"])["files"], json!(1));
    lab.error(["cost", "rating:x"], 2, "usage");
}

#[test]
fn a_link_needs_a_bucket() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.import();
    let why = lab.error(["link", "", "--yes"], 3, "unavailable");
    assert_eq!(why, "a link needs a bucket, and this library has none");
    let ran = lab.run(["link", "", "--for", "1w"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}
