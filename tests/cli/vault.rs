//! `vault`, `store`, `versions`, `restore` and `verify`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::pictures::Shot;
use crate::common::{Lab, keys};

/// A photo with two stored versions; the bytes of both.
fn two_versions(lab: &Lab) -> (PathBuf, Vec<u8>, Vec<u8>) {
    let shot = Shot::on("2024-05-17", 1);
    let (one, two) = (shot.jpeg(), shot.edited().jpeg());
    let path = lab.put("a.jpg", &one);
    lab.import();
    lab.change("a.jpg", &two);
    lab.import();
    (path, one, two)
}

fn versions(lab: &Lab, path: &Path) -> Vec<Value> {
    let answer = lab.ok([OsStr::new("versions"), path.as_os_str()]);
    assert_eq!(keys(&answer), ["versions"]);
    answer["versions"].as_array().unwrap().clone()
}

fn hash(bytes: &[u8]) -> Value {
    json!(blake3::hash(bytes).to_hex().as_str())
}

fn crc(bytes: &[u8]) -> Value {
    let mut digest = crc64fast_nvme::Digest::new();
    digest.write(bytes);
    json!(format!("{:016x}", digest.sum64()))
}

#[test]
fn versions_are_listed_newest_first_with_their_proof() {
    let lab = Lab::new();
    let (path, one, two) = two_versions(&lab);
    let found = versions(&lab, &path);
    assert_eq!(found.len(), 2);
    for (version, (number, bytes, current)) in found.iter().zip([("2", &two, true), ("1", &one, false)]) {
        assert_eq!(
            keys(version),
            ["batch", "blake3", "crc64nvme", "current", "size", "stored_at", "stores", "version"]
        );
        assert_eq!((&version["version"], &version["current"]), (&json!(number), &json!(current)));
        assert_eq!((&version["blake3"], &version["crc64nvme"]), (&hash(bytes), &crc(bytes)));
        assert_eq!(version["size"], json!(bytes.len()));
        assert!(version["stored_at"].as_str().unwrap().ends_with('Z') && version["batch"].is_string());
    }
    assert_eq!(fs::read(lab.vault().join("photos/photos/a.jpg")).unwrap(), two, "the current one as it is");
    lab.change("a.jpg", &two);
    lab.import();
    assert_eq!(versions(&lab, &path).len(), 2, "unchanged bytes never make a version");
    assert_eq!(lab.verified(), 2);
}

#[test]
fn a_version_comes_back_beside_the_original() {
    let lab = Lab::new();
    let (path, one, two) = two_versions(&lab);
    let to = lab.path("desk");
    fs::create_dir(&to).unwrap();
    let args = |number: &str| {
        let photo = path.to_str().unwrap().to_owned();
        ["restore".to_owned(), photo, "--version".into(), number.to_owned(), "--to".into(), to.display().to_string()]
    };
    let answer = lab.ok(args("1"));
    assert_eq!(answer, json!({"file": to.join("a.jpg").to_str().unwrap(), "version": "1"}));
    assert_eq!(fs::read(to.join("a.jpg")).unwrap(), one);
    let second = lab.ok(args("2"));
    let third = lab.ok(args("1"));
    let bytes = |answer: &Value| fs::read(answer["file"].as_str().unwrap()).unwrap();
    assert_eq!((bytes(&second), bytes(&third)), (two, one), "a name that is free each time");
    assert_eq!(fs::read_dir(&to).unwrap().count(), 3, "nothing was overwritten and nothing else left");
    assert_eq!(versions(&lab, &path).len(), 2);
    lab.error(args("9"), 3, "not_found");
    lab.error(["restore", path.to_str().unwrap(), "--version", "1", "--to", "/proc/nowhere"], 3, "unavailable");
    lab.error(["restore", path.to_str().unwrap(), "--version", "1"], 2, "usage");
    lab.error(["restore", path.to_str().unwrap(), "--version", "1", "--in-place", "--to", "/tmp"], 2, "usage");
}

#[test]
fn a_version_comes_back_on_top_in_both_directions() {
    let lab = Lab::new();
    let (path, one, two) = two_versions(&lab);
    let photo = path.to_str().unwrap();
    let answer = lab.ok(["restore", photo, "--version", "1", "--in-place"]);
    assert_eq!(answer, json!({"file": photo, "version": "1"}));
    assert_eq!(fs::read(&path).unwrap(), one);
    let now = versions(&lab, &path);
    assert_eq!(now.len(), 3, "a copy on top; no version is removed");
    assert_eq!((&now[0]["blake3"], &now[0]["current"], &now[0]["version"]), (&hash(&one), &json!(true), &json!("3")));
    assert_eq!(lab.show(&path)["stored"], json!(true));
    lab.ok(["restore", photo, "--version", "2", "--in-place"]);
    assert_eq!(fs::read(&path).unwrap(), two);
    assert_eq!(versions(&lab, &path).len(), 4);
    lab.ok(["restore", photo, "--version", "4", "--in-place"]);
    assert_eq!(versions(&lab, &path).len(), 4, "restoring what is current makes nothing");
    assert_eq!(lab.import()["unchanged"], json!(1));
    assert_eq!(lab.verified(), 4);
}

#[test]
fn bytes_that_are_stored_nowhere_are_stored_before_they_are_overwritten() {
    let lab = Lab::new();
    let (path, one, _) = two_versions(&lab);
    let precious = Shot { seed: 77, ..Shot::on("2024-05-17", 1) }.jpeg();
    lab.change("a.jpg", &precious);
    lab.ok(["restore", path.to_str().unwrap(), "--version", "1", "--in-place"]);
    assert_eq!(fs::read(&path).unwrap(), one);
    let kept = versions(&lab, &path).into_iter().find(|version| version["blake3"] == hash(&precious)).unwrap();
    let number = kept["version"].as_str().unwrap();
    lab.ok(["restore", path.to_str().unwrap(), "--version", number, "--in-place"]);
    assert_eq!(fs::read(&path).unwrap(), precious);
    lab.verified();
}

#[test]
fn bytes_that_cannot_be_stored_are_never_overwritten() {
    let lab = Lab::new();
    let (path, _, _) = two_versions(&lab);
    // Neither a photo nor anything else that the library takes in.
    lab.change("a.jpg", "a letter that somebody saved under this name");
    let (code, answer) = lab.any(["restore", path.to_str().unwrap(), "--version", "1", "--in-place"]);
    assert_eq!(code, 3, "{answer}");
    assert_eq!(fs::read(&path).unwrap(), b"a letter that somebody saved under this name");
}

#[test]
fn an_original_that_was_deleted_comes_back_in_its_place_everywhere_it_was() {
    let lab = Lab::new();
    let bytes = Shot::on("2024-05-17", 1).jpeg();
    let paths = [lab.put("a.jpg", &bytes), lab.put("copies/b.jpg", &bytes)];
    lab.import();
    let id = lab.show(&paths[0])["id"].as_str().unwrap().to_owned();
    for path in &paths {
        fs::remove_file(path).unwrap();
    }
    lab.ok(["restore", &id, "--version", "1", "--in-place"]);
    for path in &paths {
        assert_eq!(fs::read(path).ok().as_ref(), Some(&bytes), "a restore writes all of them: {}", path.display());
    }
    assert_eq!(versions(&lab, &paths[0]).len(), 1);
}

/// Where the vault keeps the older versions of a file, and the one that is there.
fn old_version(vault: &Path) -> PathBuf {
    let dir = vault.join(".versions/photos/photos/a.jpg");
    fs::read_dir(dir).unwrap().next().unwrap().unwrap().path()
}

/// Runs a verify; the paths in its three lists.
fn verify(lab: &Lab, level: &str) -> (i32, [Vec<String>; 3]) {
    let (code, report) = lab.any(["verify", "--level", level]);
    assert_eq!(keys(&report), ["checked", "corrupt", "missing", "ok", "stores", "unknown"], "{report}");
    let list = |key: &str| -> Vec<String> {
        let items = report[key].as_array().unwrap();
        items
            .iter()
            .inspect(|item| assert_eq!(keys(item), ["path", "why"]))
            .map(|item| item["path"].as_str().unwrap().to_owned())
            .collect()
    };
    let lists = ["missing", "corrupt", "unknown"].map(list);
    let bad = lists[0].len() + lists[1].len();
    assert_eq!(report["checked"].as_u64().unwrap(), report["ok"].as_u64().unwrap() + bad as u64, "{report}");
    (code, lists)
}

const KEY: &str = "photos/photos/a.jpg";

#[test]
fn a_deleted_object_is_missing_at_every_level() {
    for old in [false, true] {
        let lab = Lab::new();
        two_versions(&lab);
        let victim = if old { old_version(&lab.vault()) } else { lab.vault().join(KEY) };
        fs::remove_file(victim).unwrap();
        for level in ["1", "2", "3"] {
            assert_eq!(verify(&lab, level), (1, [vec![KEY.to_owned()], vec![], vec![]]), "{old} {level}");
        }
    }
}

#[test]
fn a_truncated_object_is_corrupt_from_level_two_and_a_flipped_bit_at_level_three() {
    for old in [false, true] {
        let lab = Lab::new();
        two_versions(&lab);
        let victim = if old { old_version(&lab.vault()) } else { lab.vault().join(KEY) };
        let bytes = fs::read(&victim).unwrap();
        let time = fs::metadata(&victim).unwrap().modified().unwrap();
        let write = |bytes: &[u8]| {
            fs::write(&victim, bytes).unwrap();
            fs::File::options().write(true).open(&victim).unwrap().set_modified(time).unwrap();
        };
        write(&bytes[..bytes.len() / 2]);
        for level in ["2", "3"] {
            assert_eq!(verify(&lab, level), (1, [vec![], vec![KEY.to_owned()], vec![]]), "{old} {level}");
        }
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        write(&flipped);
        assert_eq!(verify(&lab, "3"), (1, [vec![], vec![KEY.to_owned()], vec![]]), "{old}");
        let number = if old { "1" } else { "2" };
        lab.error(["restore", "a", "--version", number, "--to", lab.path("").to_str().unwrap()], 3, "not_found");
        let photo = lab.photos().join("a.jpg");
        lab.error(
            ["restore", photo.to_str().unwrap(), "--version", number, "--to", lab.path("").to_str().unwrap()],
            3,
            "corrupt",
        );
        write(&bytes);
        assert_eq!(verify(&lab, "3"), (0, [vec![], vec![], vec![]]), "{old}");
    }
}

#[test]
fn a_foreign_file_is_unknown_and_no_damage() {
    let lab = Lab::new();
    two_versions(&lab);
    fs::write(lab.vault().join("photos/photos/by hand.jpg"), "put here by hand").unwrap();
    for level in ["1", "2", "3"] {
        assert_eq!(verify(&lab, level), (0, [vec![], vec![], vec!["photos/photos/by hand.jpg".into()]]), "{level}");
    }
}

#[test]
fn a_foreign_file_in_a_photos_place_is_never_overwritten() {
    let lab = Lab::new();
    lab.put("b.jpg", Shot::on("2024-05-18", 9).jpeg());
    lab.import();
    let foreign = lab.vault().join("photos/photos/a.jpg");
    fs::write(&foreign, "somebody else's").unwrap();
    let path = lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    assert_eq!(lab.import()["stored"], json!(1));
    assert_eq!(fs::read(&foreign).unwrap(), b"somebody else's");
    let key = lab.show(&path)["receipts"][0]["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("photos/photos/a~"), "{key}");
    assert_eq!(verify(&lab, "3"), (0, [vec![], vec![], vec![KEY.to_owned()]]));
}

#[test]
fn the_vault_moves_and_comes_back() {
    let lab = Lab::new();
    two_versions(&lab);
    lab.put("b.jpg", Shot::on("2024-05-18", 9).jpeg());
    lab.import();
    let shown = lab.ok(["vault"]);
    assert_eq!(keys(&shown), ["dir", "free_bytes", "problem", "same_disk"]);
    assert_eq!(shown["dir"], json!(lab.vault().to_str().unwrap()));
    assert_eq!((&shown["same_disk"], &shown["problem"]), (&json!(true), &Value::Null));
    assert!(shown["free_bytes"].as_u64().unwrap() > 0);
    let other = lab.path("other disk/vault");
    let moved = lab.ok([OsStr::new("vault"), other.as_os_str()]);
    assert_eq!(moved["dir"], json!(other.to_str().unwrap()));
    assert_eq!(lab.found("stored:no").len(), 2, "nothing is called stored that the new vault has not proved");
    assert_eq!(lab.ok(["store"])["stored"], json!(3), "the older version too, from the first vault");
    assert_eq!(lab.found("stored:yes").len(), 2);
    assert_eq!(lab.verified(), 3);
    assert!(other.join("photos/photos/b.jpg").is_file());
    lab.ok([OsStr::new("vault"), lab.vault().as_os_str()]);
    assert_eq!(lab.ok(["store"])["stored"], json!(0), "the first vault's receipts are found again");
    assert_eq!(lab.found("stored:yes").len(), 2);
    assert_eq!(lab.verified(), 3);
    let text = lab.run(["vault"]).out;
    assert!(text.contains("second copy on the same disk: does not survive its loss"), "{text}");
}

#[test]
fn another_vault_gets_what_only_the_one_before_has() {
    let lab = Lab::new();
    let (path, one, two) = two_versions(&lab);
    // A photo whose only copy is in the vault: another photo took its path.
    let (lost, other) = (Shot::on("2023-01-01", 7).jpeg(), Shot::on("2022-02-02", 8).jpeg());
    lab.put("lost.jpg", &lost);
    lab.import();
    lab.change("lost.jpg", &other);
    lab.import();
    let receipts = lab.verified();
    let first = lab.vault();
    let next = lab.path("next vault");
    lab.ok([OsStr::new("vault"), next.as_os_str()]);
    // While the vault before is away, what only it has is said, and the rest is stored.
    let away = lab.path("away");
    fs::rename(&first, &away).unwrap();
    let (code, report) = lab.any(["store"]);
    assert_eq!((code, report["needs_you"].as_array().unwrap().len()), (1, 1), "{report}");
    fs::rename(&away, &first).unwrap();
    let report = lab.ok(["store"]);
    assert_eq!(report["needs_you"], json!([]), "{report}");
    assert_eq!(lab.verified(), receipts, "every version is in the new vault");
    assert_eq!(lab.found("stored:no").len(), 0);
    assert_eq!(lab.ok(["store"])["stored"], 0, "and is carried once");
    fs::remove_dir_all(&first).unwrap();
    let found = versions(&lab, &path);
    assert_eq!((&found[0]["blake3"], &found[1]["blake3"]), (&hash(&two), &hash(&one)));
    let out = lab.path("out");
    fs::create_dir(&out).unwrap();
    for (photo, version, bytes) in [(hash(&one), "1", &one), (hash(&lost), "1", &lost)] {
        let to =
            [OsStr::new("restore"), OsStr::new(photo.as_str().unwrap()), OsStr::new("--version"), OsStr::new(version)];
        let file = lab.ok(to.into_iter().chain([OsStr::new("--to"), out.as_os_str()]));
        assert_eq!(&fs::read(file["file"].as_str().unwrap()).unwrap(), bytes);
    }
}

#[test]
fn a_vault_that_is_away_is_said_and_photos_wait() {
    let lab = Lab::new();
    let (vault, aside) = (lab.path("disk/vault"), lab.path("disk/away"));
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.ok([OsStr::new("vault"), vault.as_os_str()]);
    lab.import();
    fs::rename(&vault, &aside).unwrap();
    lab.put("b.jpg", Shot::on("2024-05-18", 2).jpeg());
    let (code, report) = lab.any([OsStr::new("import"), lab.photos().as_os_str()]);
    assert_eq!((code, &report["added"], &report["stored"]), (1, &json!(1), &json!(0)), "{report}");
    assert!(!vault.exists(), "an absent disk's mount point is never filled");
    lab.error(["store"], 3, "unavailable");
    lab.error(["verify"], 3, "unavailable");
    assert!(lab.ok(["vault"])["problem"].is_string());
    assert_eq!(lab.names("stored:no"), ["b.jpg"]);
    assert_eq!(lab.ok(["rate", "", "--rating", "3"])["changed"], json!(2), "edits need no vault");
    // An empty folder in its place is the mount point of a disk that is not there.
    fs::create_dir(&vault).unwrap();
    lab.error(["store"], 3, "unavailable");
    fs::remove_dir(&vault).unwrap();
    fs::rename(&aside, &vault).unwrap();
    assert_eq!(lab.ok(["store"])["stored"], json!(1));
    assert_eq!(lab.verified(), 2);
}

#[test]
fn there_is_no_other_store_and_no_other_folder_is_a_vault() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.import();
    lab.error(["store", "--to", "aws"], 2, "usage");
    lab.error([OsStr::new("vault"), lab.photos().join("a.jpg").as_os_str()], 3, "unavailable");
    let empty = Lab::new();
    empty.error([OsStr::new("open-store"), lab.photos().as_os_str()], 3, "unavailable");
    empty.error([OsStr::new("open-store"), lab.path("nowhere").as_os_str()], 3, "unavailable");
    lab.error([OsStr::new("open-store"), lab.vault().as_os_str()], 2, "usage");
}
