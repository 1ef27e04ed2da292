//! A dead laptop: the library directory is deleted, and everything comes back from the vault alone.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails panics, and says how to repeat it")]

mod common;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use common::pictures::{Shot, with_xmp, xmp};
use common::{Lab, files_below};
use serde_json::{Value, json};

/// Everything that people can see of a library.
#[derive(Debug, PartialEq)]
struct World {
    search: Value,
    photos: BTreeMap<String, Value>,
    versions: BTreeMap<String, Value>,
    thumbs: BTreeMap<String, Vec<u8>>,
    queries: BTreeMap<&'static str, Vec<String>>,
}

impl World {
    fn of(lab: &Lab) -> Self {
        let search = lab.ok(["search", "", "--limit", "100000"]);
        let ids: Vec<String> =
            search["photos"].as_array().unwrap().iter().map(|photo| photo["id"].as_str().unwrap().to_owned()).collect();
        let each = |word: &str| ids.iter().map(|id| (id.clone(), lab.ok([word, id]))).collect();
        let thumb = |id: &String| {
            let file = lab.path("thumb.jpg");
            lab.ok(["thumb", id, "--size", "320", "-o", file.to_str().unwrap()]);
            (id.clone(), fs::read(file).unwrap())
        };
        let queries =
            ["tag:kept", "rating:>=3", "flag:pick", "iso:>100", "date:2024-05", "harbour", "stored:no", "gone"];
        Self {
            photos: each("show"),
            versions: each("versions"),
            thumbs: ids.iter().map(thumb).collect(),
            queries: queries.into_iter().map(|query| (query, lab.names(query))).collect(),
            search,
        }
    }
}

/// Two worlds are one; the first difference is shown in few words.
#[track_caller]
fn assert_same(now: &World, before: &World) {
    assert_eq!(now.photos.keys().collect::<Vec<_>>(), before.photos.keys().collect::<Vec<_>>());
    for (id, photo) in &before.photos {
        for (key, value) in photo.as_object().unwrap() {
            assert_eq!(now.photos[id][key], *value, "{key} of {}", photo["path"]);
        }
    }
    assert_eq!(now.queries, before.queries);
    assert!(now.thumbs == before.thumbs, "thumbnails");
    assert!(now == before);
}

/// A library with everything in it that a vault must be able to give back; the vault lies outside.
fn lived() -> (Lab, PathBuf) {
    let lab = Lab::new();
    let vault = lab.path("disk/vault");
    lab.ok([OsStr::new("vault"), vault.as_os_str()]);
    let first = Shot { gps: Some((-33.9, 151.2)), lens: "35mm F2", offset: "+02:00", ..Shot::on("2024-05-17", 1) };
    lab.put("Sydney harbour/alfa.jpg", first.jpeg());
    lab.put("Sydney harbour/alfa.xmp", xmp(&["Opera"], Some(4), Some("Über den Dächern")));
    lab.put("Sydney harbour/alfa.MOV", "a film");
    lab.put("Sydney harbour/copy of alfa.jpg", first.jpeg());
    lab.put("bravo.jpg", Shot { orientation: 6, iso: 3200, ..Shot::on("2023-01-02", 2) }.jpeg());
    lab.put("charlie.jpg", with_xmp(&Shot::on("2022-01-02", 3).jpeg(), &xmp(&["inside"], Some(2), None)));
    lab.put("delta.jpg", Shot::bare(4).jpeg());
    lab.put(OsStr::from_bytes(b"caf\xe9\n%.jpg"), Shot::on("2021-01-02", 5).jpeg());
    lab.put("IMG_0001.JPG", Shot::on("2020-01-02", 6).jpeg());
    lab.import();
    // Another photo at the same path, a second version, a restored one, a moved one.
    lab.change("IMG_0001.JPG", Shot::on("2019-07-08", 7).jpeg());
    lab.change("bravo.jpg", Shot { orientation: 6, iso: 3200, ..Shot::on("2023-01-02", 2) }.edited().jpeg());
    fs::create_dir(lab.photos().join("moved")).unwrap();
    fs::rename(lab.photos().join("delta.jpg"), lab.photos().join("moved/echo.jpg")).unwrap();
    lab.import();
    let bravo = lab.photos().join("bravo.jpg");
    lab.ok(["restore", bravo.to_str().unwrap(), "--version", "1", "--in-place"]);
    lab.ok(["rate", "alfa", "--rating", "5"]);
    lab.ok(["rate", "bravo", "--flag", "pick"]);
    lab.ok(["rate", "charlie", "--flag", "reject"]);
    lab.ok(["tag", "", "--add", "kept", "--add", "wrong"]);
    lab.ok(["tag", "alfa", "--remove", "Opera", "--remove", "wrong"]);
    lab.ok(["tag", "", "--remove", "kept"]);
    lab.ok(["undo"]);
    lab.ok(["store"]);
    (lab, vault)
}

/// Deletes the library and builds it again.
fn rebuild(lab: &Lab, vault: &Path) -> Value {
    fs::remove_dir_all(&lab.library).unwrap();
    lab.ok([OsStr::new("open-store"), vault.as_os_str()])
}

#[test]
fn everything_comes_back_from_the_vault_alone() {
    let (lab, vault) = lived();
    let (before, tree, verified) = (World::of(&lab), lab.tree(&vault), lab.verified());
    let answer = rebuild(&lab, &vault);
    assert_eq!(answer, json!({"photos": before.photos.len(), "failed": []}));
    let after = World::of(&lab);
    assert_same(&after, &before);
    assert_eq!(lab.verified(), verified);
    assert_eq!(lab.tree(&vault), tree, "reading a vault writes nothing into it");
    // Life goes on: nothing is stored twice, and what was undone, removed or added stays so.
    let again = lab.import();
    assert_eq!((&again["added"], &again["updated"], &again["stored"]), (&json!(0), &json!(0), &json!(0)), "{again}");
    assert_same(&World::of(&lab), &before);
    assert_eq!(lab.verified(), verified);
    lab.ok(["rate", "delta", "--rating", "1"]);
}

#[test]
fn originals_may_be_gone_too() {
    let (lab, vault) = lived();
    let before = World::of(&lab);
    fs::rename(lab.photos(), lab.path("burnt")).unwrap();
    rebuild(&lab, &vault);
    let after = World::of(&lab);
    assert_eq!((after.search, after.photos, after.versions), (before.search, before.photos, before.versions));
    let id = lab.found("bravo")[0]["id"].as_str().unwrap().to_owned();
    let desk = lab.path("desk");
    fs::create_dir(&desk).unwrap();
    for number in ["1", "2", "3"] {
        lab.ok(["restore", &id, "--version", number, "--to", desk.to_str().unwrap()]);
    }
    assert_eq!(files_below(&desk).len(), 3);
    assert_eq!(after.thumbs.len(), before.thumbs.len());
}

#[test]
fn a_second_life_is_like_the_first() {
    let (lab, vault) = lived();
    rebuild(&lab, &vault);
    lab.ok(["rate", "delta", "--rating", "3"]);
    lab.ok(["rate", "", "--flag", "pick"]);
    lab.ok(["undo"]);
    lab.put("later.jpg", Shot::on("2025-01-01", 50).jpeg());
    lab.import();
    let before = World::of(&lab);
    rebuild(&lab, &vault);
    assert_same(&World::of(&lab), &before);
}

/// Segments of the manifests, oldest first.
fn manifests(vault: &Path) -> Vec<PathBuf> {
    files_below(&vault.join("batches"))
}

/// Photos by content, without what only a manifest knows (where the files were, and so the names and folder words).
fn contents(lab: &Lab) -> Vec<String> {
    let mut all: Vec<String> = lab.found("").iter().map(|photo| photo["blake3"].as_str().unwrap().to_owned()).collect();
    all.sort();
    all
}

#[test]
fn objects_that_no_manifest_lists_are_taken_in_from_their_bytes() {
    let (lab, vault) = lived();
    let (before, verified) = (contents(&lab), lab.verified());
    for manifest in manifests(&vault) {
        fs::remove_file(manifest).unwrap();
    }
    let answer = rebuild(&lab, &vault);
    assert_eq!(answer["photos"].as_u64().unwrap() as usize, before.len(), "{answer}");
    assert_eq!(contents(&lab), before);
    assert_eq!(lab.names("rating:5").len(), 1, "edits are found by the id, which is the content");
    let report = lab.any(["verify", "--level", "3"]).1;
    for list in ["missing", "corrupt", "unknown"] {
        assert_eq!(report[list], json!([]), "{report}");
    }
    assert_eq!(report["ok"].as_u64().unwrap(), verified, "older versions too");
    let bravo = lab.found("flag:pick")[0]["id"].as_str().unwrap().to_owned();
    let versions = lab.ok(["versions", &bravo])["versions"].as_array().unwrap().clone();
    assert_eq!(versions.iter().map(|one| one["version"].as_str().unwrap()).collect::<Vec<_>>(), ["3", "2", "1"]);
    let alfa = &lab.found("camera:acme date:2024-05-17")[0];
    assert_eq!((&alfa["taken_at"], &alfa["rating"]), (&json!("2024-05-17T12:00:00+02:00"), &json!(5)), "{alfa}");
    // The originals are still there: they are known by their bytes, and nothing is stored twice.
    let before = lab.tree(&vault);
    let again = lab.import();
    let new: Vec<String> = lab.tree(&vault).into_keys().filter(|key| !before.contains_key(key)).collect();
    assert_eq!((&again["added"], &again["stored"]), (&json!(0), &json!(0)), "{again} {new:?}");
}

#[test]
fn one_lost_manifest_costs_no_photo() {
    let (lab, vault) = lived();
    let (before, verified) = (contents(&lab), lab.verified());
    for victim in 0..manifests(&vault).len() {
        let aside = lab.path("aside.jsonl");
        let victim = manifests(&vault).swap_remove(victim);
        fs::rename(&victim, &aside).unwrap();
        let answer = rebuild(&lab, &vault);
        assert_eq!(contents(&lab), before, "{} {answer}", victim.display());
        assert_eq!(lab.verified(), verified, "{}", victim.display());
        fs::rename(&aside, &victim).unwrap();
    }
}

#[test]
fn damaged_lines_are_named_and_the_rest_is_taken() {
    let (lab, vault) = lived();
    let before = contents(&lab);
    let first = manifests(&vault).swap_remove(0);
    let text = fs::read_to_string(&first).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let half = &lines[1][..lines[1].len() / 2];
    lines[1] = half;
    lines.insert(0, "{\"never\":\"heard of\"");
    lines.push("\u{0}\u{0}");
    fs::write(&first, lines.join("\n")).unwrap();
    fs::write(vault.join("batches/notes.txt"), "not ours").unwrap();
    let edits = files_below(&vault.join("edits")).swap_remove(0);
    let text = fs::read_to_string(&edits).unwrap();
    fs::write(&edits, format!("nonsense\n{text}{{\"photo\":1}}\n")).unwrap();
    fs::remove_dir_all(&lab.library).unwrap();
    let (code, answer) = lab.any([OsStr::new("open-store"), vault.as_os_str()]);
    assert_eq!(code, 1, "{answer}");
    let failed: Vec<&str> = answer["failed"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
    let manifest = first.strip_prefix(&vault).unwrap().to_str().unwrap();
    assert!(failed.iter().filter(|path| **path == manifest).count() >= 3, "{answer}");
    assert!(failed.contains(&"batches/notes.txt"), "{answer}");
    assert_eq!(failed.iter().filter(|path| path.starts_with("edits/")).count(), 2, "{answer}");
    assert_eq!(contents(&lab), before);
}

#[test]
fn repeated_segments_change_nothing() {
    let (lab, vault) = lived();
    let before = World::of(&lab);
    // The same lines again under later names, as a crash between the store's answer and ours leaves them.
    for segment in files_below(&vault.join("edits")) {
        let twin =
            segment.with_file_name(format!("7ZZZZZZZZZ{}", &segment.file_name().unwrap().to_str().unwrap()[10..]));
        fs::copy(&segment, twin).unwrap();
    }
    for segment in manifests(&vault) {
        fs::copy(&segment, segment.with_file_name("0900.jsonl")).unwrap();
    }
    rebuild(&lab, &vault);
    let after = World::of(&lab);
    assert_same(&after, &before);
}

#[test]
fn a_lost_or_damaged_thumbnail_is_made_again() {
    let (lab, vault) = lived();
    let before = World::of(&lab);
    let thumbs = files_below(&vault.join("thumbs"));
    fs::write(&thumbs[0], "no picture").unwrap();
    fs::remove_file(&thumbs[1]).unwrap();
    let answer = rebuild(&lab, &vault);
    assert_eq!(answer["failed"], json!([]));
    assert_eq!(World::of(&lab).thumbs.keys().collect::<Vec<_>>(), before.thumbs.keys().collect::<Vec<_>>());
}
