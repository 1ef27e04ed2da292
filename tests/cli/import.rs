//! `import`: what each file means, and that the numbers add up.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use serde_json::{Value, json};

use crate::common::pictures::{Shot, encoded, pixels, xmp};
use crate::common::{Lab, files_below, keys};

/// The six numbers in their order, as the report has them; their sum is checked.
#[track_caller]
fn counts(report: &Value) -> [u64; 6] {
    let number = |key: &str| report[key].as_u64().unwrap();
    let unreadable = report["unreadable"].as_array().unwrap().len() as u64;
    let all = ["added", "updated", "moved", "duplicates", "unchanged"].map(number);
    assert_eq!(number("files"), all.iter().sum::<u64>() + unreadable, "{report}");
    [all[0], all[1], all[2], all[3], all[4], unreadable]
}

#[test]
fn the_report_has_exactly_these_keys() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.put("notes.txt", "no photo");
    lab.put("empty.jpg", "");
    let (code, report) = lab.any([OsStr::new("import"), lab.photos().as_os_str()]);
    assert_eq!(code, 1, "one item failed");
    let wanted = [
        "added",
        "batch",
        "duplicates",
        "files",
        "moved",
        "seconds",
        "skipped",
        "stored",
        "unchanged",
        "unreadable",
        "updated",
    ];
    assert_eq!(keys(&report), wanted);
    assert_eq!(counts(&report), [1, 0, 0, 0, 0, 1]);
    assert_eq!((&report["skipped"], &report["stored"]), (&json!(1), &json!(1)));
    assert!(report["seconds"].is_f64() && report["batch"].as_str().unwrap().len() == 26, "{report}");
    let failed = &report["unreadable"][0];
    assert_eq!(keys(failed), ["path", "why"]);
    assert_eq!(failed["path"], json!(lab.photos().join("empty.jpg").to_str().unwrap()));
}

#[test]
fn two_identical_files_are_one_photo_and_the_second_import_does_nothing() {
    let lab = Lab::new();
    let bytes = Shot::on("2024-05-17", 1).jpeg();
    lab.put("a.jpg", &bytes);
    lab.put("deep/b.jpg", &bytes);
    let report = lab.import();
    assert_eq!(counts(&report), [1, 0, 0, 1, 0, 0]);
    assert_eq!((&report["files"], &report["stored"]), (&json!(2), &json!(1)));
    let vault = lab.tree(lab.vault());
    let again = lab.import();
    assert_eq!(counts(&again), [0, 0, 0, 0, 2, 0]);
    assert_eq!((&again["stored"], &again["batch"]), (&json!(0), &Value::Null));
    assert_eq!(lab.tree(lab.vault()), vault, "nothing was written into the vault");
    let found = lab.found("");
    assert_eq!(found.len(), 1);
    let mut paths: Vec<String> = lab.show(found[0]["id"].as_str().unwrap())["paths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path["path"].as_str().unwrap().to_owned())
        .collect();
    paths.sort();
    assert_eq!(paths, ["a.jpg", "deep/b.jpg"].map(|name| lab.photos().join(name).to_str().unwrap().to_owned()));
    assert_eq!(lab.verified(), 1);
}

#[test]
fn a_touched_file_with_the_same_bytes_is_unchanged() {
    let lab = Lab::new();
    let bytes = Shot::on("2024-05-17", 1).jpeg();
    lab.put("a.jpg", &bytes);
    lab.import();
    lab.change("a.jpg", &bytes);
    assert_eq!(counts(&lab.import()), [0, 0, 0, 0, 1, 0]);
    assert_eq!(
        lab.ok(["versions", lab.photos().join("a.jpg").to_str().unwrap()])["versions"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn a_moved_file_keeps_its_photo_and_its_key_and_is_not_sent_again() {
    let lab = Lab::new();
    let old = lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.import();
    let before = lab.found("")[0].clone();
    lab.ok(["rate", "", "--rating", "4"]);
    let new = lab.photos().join("sorted/Ä 1.jpg");
    fs::create_dir(new.parent().unwrap()).unwrap();
    fs::rename(&old, &new).unwrap();
    let report = lab.import();
    assert_eq!(counts(&report), [0, 0, 1, 0, 0, 0]);
    assert_eq!(report["stored"], json!(0));
    let photo = lab.show(&new);
    assert_eq!((&photo["id"], &photo["rating"]), (&before["id"], &json!(4)));
    assert_eq!(photo["receipts"][0]["key"], json!("photos/photos/a.jpg"), "the key is the first one for life");
    assert_eq!(photo["path"], json!(new.to_str().unwrap()));
    assert_eq!(lab.verified(), 1);
}

#[test]
fn the_same_shot_at_the_same_path_is_a_version() {
    let lab = Lab::new();
    let shot = Shot::on("2024-05-17", 1);
    let path = lab.put("a.jpg", shot.jpeg());
    lab.import();
    let first = lab.show(&path);
    lab.change("a.jpg", shot.edited().jpeg());
    let report = lab.import();
    assert_eq!(counts(&report), [0, 1, 0, 0, 0, 0]);
    assert_eq!(report["stored"], json!(1));
    let photo = lab.show(&path);
    assert_eq!(photo["id"], first["id"], "the id is the first content's, for life");
    assert_ne!(photo["blake3"], first["blake3"]);
    assert_eq!(lab.found("").len(), 1);
    assert_eq!(lab.verified(), 2);
}

#[test]
fn pictures_of_no_camera_at_the_same_path_are_versions_too() {
    let lab = Lab::new();
    let path = lab.put("scan.png", encoded(&pixels((40, 30), 1), image::ImageFormat::Png));
    lab.import();
    lab.change("scan.png", encoded(&pixels((40, 30), 2), image::ImageFormat::Png));
    assert_eq!(counts(&lab.import()), [0, 1, 0, 0, 0, 0]);
    assert_eq!(lab.ok([OsStr::new("versions"), path.as_os_str()])["versions"].as_array().unwrap().len(), 2);
}

#[test]
fn another_shot_at_the_same_path_is_another_photo_and_the_first_stays() {
    let lab = Lab::new();
    let first = Shot::on("2024-05-17", 1);
    let cases = [
        ("another day", Shot { seed: 2, ..Shot::on("2024-06-01", 2) }),
        ("another camera", Shot { seed: 3, model: "Box 2", ..first.clone() }),
        ("no camera", Shot::bare(4)),
    ];
    let path = lab.put("IMG_0001.JPG", first.jpeg());
    lab.import();
    let id = lab.show(&path)["id"].clone();
    for (n, (case, shot)) in cases.iter().enumerate() {
        lab.change("IMG_0001.JPG", shot.jpeg());
        let report = lab.import();
        assert_eq!(counts(&report), [1, 0, 0, 0, 0, 0], "{case}");
        assert_eq!(report["stored"], json!(1), "{case}");
        assert_eq!(lab.found("").len(), n + 2, "{case}");
    }
    let old = lab.show(id.as_str().unwrap());
    assert_eq!(old["versions"].as_array().unwrap().len(), 1);
    assert_eq!((&old["stored"], &old["paths"][0]["gone"]), (&json!(true), &json!(true)));
    let keys: std::collections::BTreeSet<String> =
        lab.found("").iter().map(|photo| key_of(&lab.show(photo["id"].as_str().unwrap()))).collect();
    assert_eq!(keys.len(), 4, "each has a key of its own: {keys:?}");
    assert!(keys.iter().all(|key| key == "photos/photos/IMG_0001.JPG" || key.starts_with("photos/photos/IMG_0001~")));
    assert_eq!(lab.verified(), 4);
}

fn key_of(photo: &Value) -> String {
    photo["receipts"][0]["key"].as_str().unwrap().to_owned()
}

#[test]
fn without_storing_they_wait_and_store_sends_them() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.put("b.jpg", Shot::on("2024-05-18", 2).jpeg());
    let report = lab.ok([OsStr::new("import"), lab.photos().as_os_str(), OsStr::new("--no-store")]);
    assert_eq!(counts(&report), [2, 0, 0, 0, 0, 0]);
    assert_eq!((&report["stored"], &report["batch"]), (&json!(0), &Value::Null));
    assert_eq!(lab.found("stored:no").len(), 2);
    assert_eq!(lab.found("")[0]["stored"], json!(false));
    assert_eq!(lab.found("")[0]["stores"], json!([]));
    assert_eq!(lab.ok(["status"])["waiting"], json!(2));
    let stored = lab.ok(["store", "--to", "vault"]);
    assert_eq!(keys(&stored), ["batch", "needs_you", "stored", "waiting"]);
    assert_eq!((&stored["stored"], &stored["waiting"], &stored["needs_you"]), (&json!(2), &json!(0), &json!([])));
    assert_eq!(stored["batch"].as_str().unwrap().len(), 26);
    assert_eq!(lab.found("stored:yes").len(), 2);
    let again = lab.ok(["store"]);
    assert_eq!((&again["stored"], &again["batch"]), (&json!(0), &Value::Null));
    assert_eq!(lab.verified(), 2);
}

#[test]
fn a_file_that_is_gone_before_it_was_stored_needs_a_person() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    let b = lab.put("b.jpg", Shot::on("2024-05-18", 2).jpeg());
    lab.ok([OsStr::new("import"), OsStr::new("--no-store"), lab.photos().as_os_str()]);
    fs::rename(&b, lab.path("aside.jpg")).unwrap();
    let (code, stored) = lab.any(["store"]);
    assert_eq!((code, &stored["stored"]), (1, &json!(1)), "{stored}");
    assert_eq!(stored["needs_you"][0]["path"], json!(b.to_str().unwrap()));
    assert_eq!(lab.ok(["status"])["needs_you"].as_array().unwrap().len(), 1);
    assert_eq!(lab.names("stored:no"), ["b.jpg"]);
    fs::rename(lab.path("aside.jpg"), &b).unwrap();
    assert_eq!(lab.ok(["store"])["stored"], json!(1));
    assert_eq!(lab.ok(["status"])["needs_you"], json!([]));
    assert_eq!(lab.verified(), 2);
}

#[test]
fn a_file_that_changed_before_it_was_stored_is_stored_as_it_is_now() {
    let lab = Lab::new();
    let shot = Shot::on("2024-05-17", 1);
    let path = lab.put("a.jpg", shot.jpeg());
    lab.ok([OsStr::new("import"), OsStr::new("--no-store"), lab.photos().as_os_str()]);
    lab.change("a.jpg", shot.edited().jpeg());
    let stored = lab.ok(["store"]);
    assert_eq!((&stored["stored"], &stored["waiting"]), (&json!(1), &json!(0)), "{stored}");
    let photo = lab.show(&path);
    assert_eq!(photo["blake3"], json!(blake3::hash(&fs::read(&path).unwrap()).to_hex().as_str()));
    assert_eq!(photo["stored"], json!(true));
    assert_eq!(lab.verified(), 1);
}

#[test]
fn files_and_several_folders_at_once_are_each_taken_once() {
    let lab = Lab::new();
    let a = lab.put("one/a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.put("two/b.jpg", Shot::on("2024-05-18", 2).jpeg());
    lab.put("three/c.jpg", Shot::on("2024-05-19", 3).jpeg());
    let place = |name: &str| lab.photos().join(name).into_os_string();
    let report = lab.ok([OsStr::new("import"), a.as_os_str(), &place("one"), &place("two"), &place("one/a.jpg")]);
    assert_eq!(counts(&report), [2, 0, 0, 0, 0, 0]);
    let (code, report) = lab.any([OsStr::new("import"), &place("nowhere"), &place("three")]);
    assert_eq!((code, counts(&report)), (1, [1, 0, 0, 0, 0, 1]), "{report}");
    assert_eq!(report["unreadable"][0]["path"].as_str(), place("nowhere").to_str());
}

#[test]
fn companions_and_videos_are_stored_beside_their_photo() {
    let lab = Lab::new();
    let photo = lab.put("IMG_1.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.put("IMG_1.xmp", xmp(&["Gärten", "dog"], Some(4), Some("Where it began")));
    lab.put("IMG_1.MOV", "not really a film");
    lab.put("IMG_1.jpg.pp3", "[Version]");
    let report = lab.import();
    assert_eq!(counts(&report), [1, 0, 0, 0, 0, 0], "companions are no photos");
    let shown = lab.show(&photo);
    assert_eq!(shown["rating"], json!(4));
    assert_eq!(shown["exif"]["caption"], json!("Where it began"));
    let tags = shown["tag_sources"].as_array().unwrap();
    for name in ["Gärten", "dog"] {
        assert!(tags.contains(&json!({"name": name, "source": "keyword"})), "{shown}");
    }
    let companions = shown["companions"].as_array().unwrap();
    assert_eq!(companions.len(), 3, "{shown}");
    assert!(companions.iter().all(|one| one["stored"] == json!(true)), "{shown}");
    for name in ["IMG_1.jpg", "IMG_1.xmp", "IMG_1.MOV", "IMG_1.jpg.pp3"] {
        let stored = fs::read(lab.vault().join("photos/photos").join(name)).unwrap();
        assert_eq!(stored, fs::read(lab.photos().join(name)).unwrap(), "{name}");
    }
    assert_eq!(lab.found("\"where it began\"").len(), 1);
    assert_eq!(lab.found("tag:gärten").len(), 1);
    assert_eq!(lab.verified(), 4);
    assert_eq!(lab.import()["stored"], json!(0));
}

#[test]
fn keywords_inside_the_file_are_tags() {
    let lab = Lab::new();
    let jpeg = crate::common::pictures::with_xmp(&Shot::on("2024-05-17", 1).jpeg(), &xmp(&["Harbour"], Some(2), None));
    lab.put("a.jpg", jpeg);
    lab.import();
    assert_eq!(lab.names("tag:harbour rating:2"), ["a.jpg"]);
}

#[test]
fn every_common_format_has_its_size_and_a_thumbnail() {
    use image::ImageFormat::{Bmp, Gif, Png, Tiff, WebP};
    let lab = Lab::new();
    for (format, name) in [(Png, "png"), (Tiff, "tiff"), (WebP, "webp"), (Gif, "gif"), (Bmp, "bmp")] {
        lab.put(format!("a.{name}"), encoded(&pixels((60, 40), 7), format));
    }
    lab.put("a.jpeg", Shot { size: (60, 40), ..Shot::bare(7) }.jpeg());
    // Bytes win over names.
    lab.put("mislabelled.jpg", encoded(&pixels((60, 40), 9), Png));
    assert_eq!(counts(&lab.import()), [7, 0, 0, 0, 0, 0]);
    for photo in lab.found("") {
        assert_eq!((&photo["width"], &photo["height"]), (&json!(60), &json!(40)), "{photo}");
        assert_eq!((&photo["taken_at"], &photo["camera"]), (&Value::Null, &Value::Null));
        let file = lab.path("thumb.jpg");
        let id = photo["id"].as_str().unwrap();
        lab.ok([OsStr::new("thumb"), OsStr::new(id), OsStr::new("-o"), file.as_os_str()]);
        fs::remove_file(file).unwrap();
    }
    for format in ["png", "tiff", "webp", "gif", "bmp", "jpeg"] {
        let count = if format == "png" { 2 } else { 1 };
        assert_eq!(lab.found(&format!("type:{format}")).len(), count, "{format}");
    }
}

#[test]
fn originals_are_never_touched_and_nothing_is_left_beside_them() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.put("x/b.jpg", Shot { orientation: 6, ..Shot::on("2024-05-18", 2) }.jpeg());
    let before = lab.tree(lab.photos());
    let times = |lab: &Lab| -> Vec<_> {
        files_below(&lab.photos()).iter().map(|path| fs::metadata(path).unwrap().modified().unwrap()).collect()
    };
    let modified = times(&lab);
    lab.import();
    lab.ok(["rate", "", "--rating", "5"]);
    lab.ok(["tag", "", "--add", "kept"]);
    lab.import();
    assert_eq!((lab.tree(lab.photos()), times(&lab)), (before, modified));
}

#[test]
fn the_library_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "umask 000 && exec \"$0\" \"$@\"", crate::common::BIN, "--library"]);
    command.arg(&lab.library).arg("import").arg(lab.photos());
    assert!(command.status().unwrap().success());
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&lab.library), 0o700);
    lab.ok([OsStr::new("vault"), lab.path("other").as_os_str()]);
    for path in files_below(&lab.library) {
        if !path.starts_with(lab.vault()) {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}

#[test]
fn a_name_that_is_not_utf8_is_told_with_its_bytes() {
    let lab = Lab::new();
    let name = OsStr::from_bytes(b"caf\xe9.jpg");
    let path = lab.put(name, Shot::on("2024-05-17", 1).jpeg());
    lab.put("plain.jpg", Shot::on("2024-05-16", 2).jpeg());
    lab.import();
    let found = lab.found("");
    assert_eq!(found[0]["path"], json!(path.to_string_lossy()));
    let bytes =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, found[0]["path_base64"].as_str().unwrap());
    assert_eq!(bytes.unwrap(), path.as_os_str().as_bytes());
    assert!(found[1].get("path_base64").is_none(), "{}", found[1]);
    assert_eq!(lab.show(&path)["id"], found[0]["id"], "the path names the photo");
    assert_eq!(lab.verified(), 2);
}
