//! `receipt`, `verify` with its damage, `delete`, `undelete`, and `restore` of queries and dates.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::pictures::Shot;
use crate::common::{Lab, files_below, keys};

/// Three stored photos, one with a sidecar.
fn three(lab: &Lab) -> Vec<PathBuf> {
    let paths = (0..3)
        .map(|n| lab.put(format!("trip/{n}.jpg"), Shot { seed: n, ..Shot::on("2024-05-17", 1) }.jpeg()))
        .collect();
    lab.put("trip/1.xmp", "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>");
    lab.import();
    paths
}

const KEY: &str = "photos/photos/trip/1.jpg";

fn rot(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let time = fs::metadata(path).unwrap().modified().unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn damage_is_found_shown_mended_and_gone() {
    let lab = Lab::new();
    let paths = three(&lab);
    for (level, hurt) in [("3", rot as fn(&Path)), ("1", |path| fs::remove_file(path).unwrap())] {
        hurt(&lab.vault().join(KEY));
        let (code, report) = lab.any(["verify", "--level", level]);
        assert_eq!(code, 1, "{report}");
        assert_eq!(keys(&report), ["checked", "corrupt", "missing", "ok", "stores", "unknown"]);
        let bad = [&report["missing"], &report["corrupt"]].map(|list| list.as_array().unwrap().len());
        assert_eq!(bad.iter().sum::<usize>(), 1, "{report}");
        assert_eq!((&report["checked"], &report["ok"]), (&json!(4), &json!(3)));
        let store = &report["stores"][0];
        assert_eq!(
            (&store["store"], &store["mending"], &store["unfinished"]),
            (&json!("vault"), &json!(1), &json!(false))
        );
        assert_eq!(lab.names("stored:no"), ["1.jpg"], "the photo says so");
        let proof = &lab.ok(["receipt", paths[1].to_str().unwrap()])["receipts"][0];
        assert!(proof["damage"].is_string(), "{proof}");
        let listed = &lab.ok(["versions", paths[1].to_str().unwrap()])["versions"][0]["stores"][0];
        assert_eq!(listed["damage"], proof["damage"]);

        assert_eq!(lab.ok(["store"])["stored"], json!(1), "mended from the original");
        assert_eq!(fs::read(lab.vault().join(KEY)).unwrap(), fs::read(&paths[1]).unwrap());
        assert_eq!(lab.names("stored:no"), Vec::<String>::new());
        assert_eq!(lab.verified(), 4);
        assert_eq!(lab.ok(["receipt", paths[1].to_str().unwrap()])["receipts"][0]["damage"], Value::Null);
    }
    let reports = lab.ok(["verify", "--reports"]);
    let reports = reports["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 4);
    let bad = |report: &Value| [&report["missing"], &report["corrupt"]].map(|list| list.as_array().unwrap().len());
    assert_eq!(reports.iter().map(bad).collect::<Vec<_>>(), [[0, 0], [1, 0], [0, 0], [0, 1]]);
    assert!(lab.run(["verify", "--reports"]).out.lines().all(|line| line.contains("vault (level ")));
}

#[test]
fn a_check_can_be_cut_into_pieces() {
    let lab = Lab::new();
    three(&lab);
    let size = fs::metadata(lab.vault().join(KEY)).unwrap().len();
    let budget = size.to_string();
    let (mut checked, mut runs) = (0, 0);
    loop {
        let report = lab.ok(["verify", "--level", "3", "--budget", &budget]);
        checked += report["checked"].as_u64().unwrap();
        runs += 1;
        assert_eq!(report["unknown"], json!([]));
        if report["stores"][0]["unfinished"] == json!(false) {
            break;
        }
        assert!(runs < 10, "{report}");
    }
    assert_eq!(checked, 4);
    assert!(runs > 1);
    assert_eq!(lab.ok(["verify", "--drill"])["checked"], json!(3));
    lab.error(["verify", "--budget", "much"], 2, "usage");
    lab.error(["verify", "--store", "nowhere"], 2, "usage");
    assert_eq!(lab.ok(["verify", "--store", "vault"])["ok"], json!(4));
}

#[test]
fn a_receipt_holds_everything_that_proves_it() {
    let lab = Lab::new();
    let paths = three(&lab);
    let answer = lab.ok(["receipt", paths[1].to_str().unwrap()]);
    assert_eq!(keys(&answer), ["id", "name", "receipts"]);
    let proof = &answer["receipts"][0];
    let expected = [
        "batch",
        "blake3",
        "by",
        "class",
        "crc64nvme",
        "current",
        "damage",
        "etag",
        "key",
        "mtime",
        "size",
        "store",
        "store_version",
        "stored_at",
        "version",
    ];
    assert_eq!(keys(proof), expected);
    assert_eq!((&proof["store"], &proof["key"], &proof["class"]), (&json!("vault"), &json!(KEY), &json!("standard")));
    assert!(lab.run(["receipt", paths[1].to_str().unwrap()]).out.contains("BLAKE3"));
    lab.error(["receipt", "nothing"], 3, "not_found");
}

#[test]
fn deleting_says_what_it_touches_and_is_undone() {
    let lab = Lab::new();
    let paths = three(&lab);
    let before = lab.tree(lab.photos());
    let refused = lab.error(["delete", "1.jpg"], 2, "usage");
    assert!(refused.contains("1 photo, 2 stored files"), "{refused}");
    assert_eq!(lab.found("").len(), 3, "nothing was deleted");
    let answer = lab.ok(["delete", "1.jpg", "--yes"]);
    assert_eq!(keys(&answer), ["bytes", "failed", "files", "photos"]);
    assert_eq!((&answer["photos"], &answer["files"], &answer["failed"]), (&json!(1), &json!(2), &json!([])));
    assert!(!lab.vault().join(KEY).exists());
    assert_eq!(lab.found("").len(), 2);
    assert_eq!(lab.tree(lab.photos()), before, "local files stay");
    assert_eq!(lab.ok(["delete", "nothing like it", "--yes"])["photos"], json!(0));
    assert_eq!(lab.ok(["verify", "--level", "3"])["ok"], json!(4), "every version is still there");
    assert_eq!(lab.ok(["undelete", "no such photo"])["photos"], json!(0));
    let back = lab.ok(["undelete", "trip"]);
    assert_eq!((&back["photos"], &back["files"]), (&json!(1), &json!(2)));
    assert_eq!(lab.found("stored:yes").len(), 3);
    assert_eq!(fs::read(lab.vault().join(KEY)).unwrap(), fs::read(&paths[1]).unwrap());
    assert_eq!(lab.verified(), 4);
    // The vault alone tells the same.
    let rebuilt = Lab::new();
    assert_eq!(rebuilt.ok(["open-store", lab.vault().to_str().unwrap()])["photos"], json!(3));
    assert_eq!(rebuilt.verified(), 4);
    // What was deleted when the computer died can be brought back by the next.
    lab.ok(["delete", "1.jpg", "--yes"]);
    let next = Lab::new();
    assert_eq!(next.ok(["open-store", lab.vault().to_str().unwrap()])["photos"], json!(2));
    assert_eq!(next.ok(["undelete", ""])["photos"], json!(1));
    assert_eq!(next.found("stored:yes").len(), 3);
    assert_eq!(next.verified(), 4);
}

#[test]
fn a_query_comes_back_into_a_folder_beside_nothing() {
    let lab = Lab::new();
    let paths = three(&lab);
    let to = lab.path("disk/new");
    let to_text = to.to_str().unwrap();
    let answer = lab.ok(["restore", "trip", "--to", to_text]);
    assert_eq!(keys(&answer), ["bytes", "dir", "failed", "files", "present"]);
    assert_eq!((&answer["files"], &answer["present"], &answer["failed"]), (&json!(4), &json!(0), &json!([])));
    for path in &paths {
        let there = to.join("photos/trip").join(path.file_name().unwrap());
        assert_eq!(fs::read(there).unwrap(), fs::read(path).unwrap());
    }
    assert_eq!(files_below(&to).len(), 4, "the sidecar, and nothing unfinished");
    fs::write(to.join("photos/trip/0.jpg"), "somebody's own").unwrap();
    let answer = lab.ok(["restore", "-nothing", "--to", to_text]);
    assert_eq!((&answer["files"], &answer["present"]), (&json!(1), &json!(3)));
    assert_eq!(fs::read(to.join("photos/trip/0.jpg")).unwrap(), b"somebody's own");
    assert_eq!(fs::read(to.join("photos/trip/0 (2).jpg")).unwrap(), fs::read(&paths[0]).unwrap());

    rot(&lab.vault().join(KEY));
    let other = lab.path("other");
    let (code, answer) = lab.any(["restore", "trip", "--to", other.to_str().unwrap()]);
    assert_eq!((code, &answer["files"]), (1, &json!(3)), "{answer}");
    assert_eq!(answer["failed"][0]["path"], json!(KEY));
    assert_eq!(files_below(&other).len(), 3, "no file that is not what was stored");
    lab.error(["restore", "--to", to_text], 2, "usage");
    lab.error(["restore", "trip", "--as-of", "someday", "--to", to_text], 2, "usage");
}

#[test]
fn the_library_of_a_date_comes_back() {
    let lab = Lab::new();
    let shot = Shot::on("2024-05-17", 1);
    let (one, two) = (shot.jpeg(), shot.edited().jpeg());
    let path = lab.put("a.jpg", &one);
    lab.import();
    let photo = path.to_str().unwrap();
    let then = lab.ok(["versions", photo])["versions"][0]["stored_at"].as_str().unwrap().to_owned();
    lab.change("a.jpg", &two);
    lab.put("b.jpg", Shot::on("2024-05-18", 9).jpeg());
    lab.import();
    let to = lab.path("then");
    let answer = lab.ok(["restore", "--as-of", &then, "--to", to.to_str().unwrap()]);
    assert_eq!(answer["files"], json!(1));
    assert_eq!(fs::read(to.join("photos/a.jpg")).unwrap(), one);
    let nothing = lab.ok(["restore", "--as-of", "2001-01-01", "--to", to.to_str().unwrap()]);
    assert_eq!(nothing["files"], json!(0));
    // On top, and nothing is lost.
    let answer = lab.ok(["restore", "a.jpg", "--as-of", &then, "--in-place"]);
    assert_eq!(answer["files"], json!(1));
    assert_eq!(fs::read(&path).unwrap(), one);
    assert_eq!(lab.ok(["versions", photo])["versions"].as_array().unwrap().len(), 3);
    let now = lab.ok(["restore", "", "--to", lab.path("now").to_str().unwrap()]);
    assert_eq!(now["files"], json!(2));
}
