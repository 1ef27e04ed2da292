//! `search`, `show`, `thumb` and `status`: what is said of photos, and in which order.

use std::ffi::OsStr;
use std::fs;

use serde_json::{Value, json};

use crate::common::pictures::Shot;
use crate::common::{Lab, keys};

const BRIEF: [&str; 15] = [
    "blake3",
    "camera",
    "colour",
    "flag",
    "format",
    "height",
    "id",
    "path",
    "rating",
    "stored",
    "stores",
    "tags",
    "taken_at",
    "total_is_not_here",
    "width",
];

fn brief_keys() -> Vec<&'static str> {
    BRIEF.into_iter().filter(|key| *key != "total_is_not_here").collect()
}

/// Photos of two cameras over three years, one of them turned, one with a place in the south, one bare.
fn shoot() -> Lab {
    let lab = Lab::new();
    let old = Shot { taken: "2022:01:03 03:00:00".into(), gps: Some((-33.9, 151.2)), iso: 3200, ..Shot::on("", 1) };
    lab.put("2022 Sydney harbour/old.jpg", old.jpeg());
    let turned = Shot {
        taken: "2024:05:17 14:32:05".into(),
        offset: "+02:00",
        orientation: 6,
        size: (90, 60),
        make: "Optik",
        model: "Optik Z",
        lens: "Optik 35mm F2",
        iso: 800,
        ..Shot::on("", 2)
    };
    lab.put("2024 Wedding/turned.jpg", turned.jpeg());
    lab.put("2024 Wedding/bravo.jpg", Shot::on("2024-05-17", 3).jpeg());
    lab.put("2024 Wedding/alfa.jpg", Shot::on("2024-05-17", 4).jpeg());
    lab.put("screens/bare.jpg", Shot::bare(5).jpeg());
    lab.import();
    lab
}

#[test]
fn a_search_has_exactly_these_keys_and_types() {
    let lab = shoot();
    let answer = lab.ok(["search", "turned"]);
    assert_eq!(keys(&answer), ["photos", "total"]);
    assert_eq!(answer["total"], json!(1));
    let photo = &answer["photos"][0];
    assert_eq!(keys(photo), brief_keys());
    let path = lab.photos().join("2024 Wedding/turned.jpg");
    let hash = blake3::hash(&fs::read(&path).unwrap()).to_hex().to_string();
    assert_eq!(
        *photo,
        json!({
            "id": hash, "blake3": hash, "path": path.to_str().unwrap(), "taken_at": "2024-05-17T14:32:05+02:00",
            "width": 60, "height": 90, "format": "jpeg", "camera": "Optik Z",
            "tags": photo["tags"], "rating": 0, "flag": "none", "colour": "none", "stored": true, "stores": ["vault"],
        })
    );
    let mut tags: Vec<&str> = photo["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
    tags.sort_unstable();
    assert_eq!(tags, ["2024", "May", "Optik 35mm F2", "Optik Z", "Wedding", "afternoon", "portrait", "spring"]);
    let bare = &lab.found("bare")[0];
    assert_eq!((&bare["taken_at"], &bare["camera"]), (&Value::Null, &Value::Null));
    assert_eq!(lab.found("bravo")[0]["taken_at"], json!("2024-05-17T12:00:00"), "no offset where none is known");
}

#[test]
fn newest_first_then_by_path() {
    let lab = shoot();
    let all = ["turned.jpg", "alfa.jpg", "bravo.jpg", "old.jpg", "bare.jpg"];
    assert_eq!(lab.names(""), all);
    let some = lab.ok(["search", "", "--limit", "2"]);
    assert_eq!((some["total"].as_u64(), some["photos"].as_array().unwrap().len()), (Some(5), 2));
    assert_eq!(lab.ok(["search", "--limit", "0"])["photos"], json!([]));
    assert_eq!(lab.ok(["search"])["total"], json!(5), "no query is everything");
}

#[test]
fn a_hundred_are_shown_where_no_limit_is_given() {
    let lab = Lab::new();
    for n in 0..103 {
        lab.put(format!("{n:03}.jpg"), Shot { size: (8, 8), ..Shot::on("2024-05-17", n) }.jpeg());
    }
    lab.import();
    let answer = lab.ok(["search", ""]);
    assert_eq!(answer["total"], json!(103));
    let names: Vec<String> = answer["photos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|photo| crate::common::name_of(photo["path"].as_str().unwrap()))
        .collect();
    assert_eq!(names, (0..100).map(|n| format!("{n:03}.jpg")).collect::<Vec<_>>());
}

#[test]
fn the_search_language_finds_what_it_says() {
    let lab = shoot();
    lab.ok(["rate", "alfa", "--rating", "4"]);
    lab.ok(["rate", "bravo", "--flag", "pick"]);
    lab.ok(["tag", "old", "--add", "Golden gate"]);
    for (query, wanted) in [
        ("wedding", vec!["turned.jpg", "alfa.jpg", "bravo.jpg"]),
        ("SYDNEY harbour", vec!["old.jpg"]),
        ("wedding -turned", vec!["alfa.jpg", "bravo.jpg"]),
        ("tag:\"golden gate\"", vec!["old.jpg"]),
        ("\"golden gate\"", vec!["old.jpg"]),
        ("-tag:wedding", vec!["old.jpg", "bare.jpg"]),
        ("camera:optik", vec!["turned.jpg"]),
        ("lens:35mm", vec!["turned.jpg"]),
        ("date:2024-05", vec!["turned.jpg", "alfa.jpg", "bravo.jpg"]),
        ("date:2022", vec!["old.jpg"]),
        ("date:2024-05-18", vec![]),
        ("rating:4", vec!["alfa.jpg"]),
        ("rating:>=1", vec!["alfa.jpg"]),
        ("flag:pick", vec!["bravo.jpg"]),
        ("iso:>800", vec!["old.jpg"]),
        ("iso:>=800", vec!["turned.jpg", "old.jpg"]),
        ("type:jpeg summer", vec!["old.jpg"]),
        ("type:png", vec![]),
        ("stored:yes -wedding", vec!["old.jpg", "bare.jpg"]),
        ("stored:no", vec![]),
        ("tag:wedding rating:4 date:2024", vec!["alfa.jpg"]),
    ] {
        assert_eq!(lab.names(query), wanted, "{query}");
    }
}

#[test]
fn a_wrong_query_is_wrong_use() {
    let lab = shoot();
    for query in ["rating:many", "date:2024-13", "iso:>x", "stored:perhaps", "type:nonsense"] {
        lab.error(["search", query], 2, "usage");
        lab.error(["tag", query, "--add", "x"], 2, "usage");
        let ran = lab.run(["search", query]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.starts_with("lightkeep: "), "{ran:?}");
    }
}

#[test]
fn show_says_everything() {
    let lab = shoot();
    let path = lab.photos().join("2024 Wedding/turned.jpg");
    let photo = lab.show(&path);
    let mut wanted = brief_keys();
    wanted.extend(["companions", "exif", "paths", "receipts", "state", "tag_sources", "versions"]);
    wanted.sort_unstable();
    assert_eq!(keys(&photo), wanted);
    let exif = &photo["exif"];
    assert_eq!(
        (&exif["make"], &exif["model"], &exif["lens"]),
        (&json!("Optik"), &json!("Optik Z"), &json!("Optik 35mm F2"))
    );
    assert_eq!((&exif["iso"], &exif["f_number"], &exif["exposure_s"]), (&json!(800), &json!(5.6), &json!(0.004)));
    assert_eq!((&exif["focal_length_mm"], &exif["orientation"]), (&json!(35.0), &json!(6)));
    assert_eq!(photo["paths"], json!([{"path": path.to_str().unwrap(), "gone": false}]));
    let receipt = &photo["receipts"][0];
    assert_eq!(
        keys(receipt),
        [
            "batch",
            "blake3",
            "by",
            "crc64nvme",
            "current",
            "etag",
            "key",
            "mtime",
            "size",
            "store",
            "stored_at",
            "version"
        ]
    );
    assert_eq!(
        (&receipt["store"], &receipt["key"]),
        (&json!("vault"), &json!("photos/photos/2024 Wedding/turned.jpg"))
    );
    assert_eq!(receipt["size"], json!(fs::metadata(&path).unwrap().len()));
    for time in ["stored_at", "mtime"] {
        assert!(receipt[time].as_str().is_some_and(|text| text.contains('T') && text.ends_with('Z')), "{receipt}");
    }
    assert!(photo["tag_sources"].as_array().unwrap().contains(&json!({"name": "Wedding", "source": "derived"})));
    let old = lab.show(lab.photos().join("2022 Sydney harbour/old.jpg"));
    assert!((old["exif"]["gps"]["latitude"].as_f64().unwrap() + 33.9).abs() < 1e-6, "{old}");
    assert!((old["exif"]["gps"]["longitude"].as_f64().unwrap() - 151.2).abs() < 1e-6);
}

#[test]
fn a_photo_has_many_names() {
    let lab = shoot();
    let path = lab.photos().join("2024 Wedding/alfa.jpg");
    let id = lab.show(&path)["id"].as_str().unwrap().to_owned();
    for name in [id.as_str(), &id.to_uppercase(), &id[..12]] {
        assert_eq!(lab.show(name)["id"], json!(id), "{name}");
    }
    let from_here =
        lab.command(["--json", "show", "2024 Wedding/alfa.jpg"]).current_dir(lab.photos()).output().unwrap();
    assert_eq!(crate::common::Ran::new(from_here).json()["id"], json!(id), "a relative path is seen from here");
    lab.error(["show", &"0".repeat(64)], 3, "not_found");
    lab.error(["show", "/nowhere/x.jpg"], 3, "not_found");
    lab.error(["show", ""], 3, "not_found");
}

#[test]
fn a_prefix_of_two_is_of_none() {
    let lab = Lab::new();
    for n in 0..40 {
        lab.put(format!("{n}.jpg"), Shot { size: (8, 8), ..Shot::on("2024-05-17", n) }.jpeg());
    }
    lab.import();
    let ids: Vec<String> = lab.found("").iter().map(|photo| photo["id"].as_str().unwrap().to_owned()).collect();
    // Forty ids begin with at most sixteen digits.
    let digit =
        ids.iter().map(|id| &id[..1]).find(|digit| ids.iter().filter(|id| id.starts_with(digit)).count() > 1).unwrap();
    let (code, answer) = lab.any(["show", digit]);
    assert_eq!(code, 3);
    assert!(["ambiguous", "not_found"].contains(&answer["error"]["code"].as_str().unwrap()), "{answer}");
}

#[test]
fn a_thumbnail_is_upright_and_as_long_as_asked() {
    let lab = Lab::new();
    // Light in the left upper quarter as stored; turned by 90° clockwise it is in the right upper one.
    let shot = Shot { size: (1200, 800), orientation: 6, ..Shot::on("2024-05-17", 1) };
    let path = lab.put("turned.jpg", shot.jpeg());
    lab.import();
    for (size, wanted) in [(100, (67, 100)), (320, (213, 320)), (1000, (667, 1000)), (5000, (800, 1200))] {
        let file = lab.path(format!("{size}.jpg"));
        let args = ["thumb", path.to_str().unwrap(), "--size", &size.to_string(), "-o", file.to_str().unwrap()];
        let answer = lab.ok(args);
        assert_eq!(keys(&answer), ["file", "height", "width"]);
        assert_eq!(answer["file"], json!(file.to_str().unwrap()));
        let said = (answer["width"].as_u64().unwrap(), answer["height"].as_u64().unwrap());
        assert_eq!(said, wanted, "{size}");
        let (size_px, pixels) = decode(&file);
        assert_eq!((size_px.0 as u64, size_px.1 as u64), said);
        let at = |x: usize, y: usize| pixels[y * size_px.0 + x][0];
        let (right, left) = (at(size_px.0 * 3 / 4, size_px.1 / 4), at(size_px.0 / 4, size_px.1 / 4));
        assert!(right > 200 && left < 120, "upright: {right} {left}");
    }
    lab.error(["thumb", "/nowhere", "-o", "x.jpg"], 3, "not_found");
    lab.error(["thumb", path.to_str().unwrap(), "--size", "0", "-o", "x.jpg"], 2, "usage");
    lab.error(["thumb", path.to_str().unwrap(), "-o", lab.path("no/such/x.jpg").to_str().unwrap()], 3, "unavailable");
}

fn decode(file: &std::path::Path) -> ((usize, usize), Vec<[u8; 3]>) {
    let decoder = mozjpeg::Decompress::new_path(file).unwrap();
    let mut started = decoder.rgb().unwrap();
    let size = (started.width(), started.height());
    (size, started.read_scanlines::<[u8; 3]>().unwrap())
}

#[test]
fn the_status_counts() {
    let lab = shoot();
    let status = lab.ok(["status"]);
    assert_eq!(keys(&status), ["bytes", "library", "needs_you", "photos", "stored", "vault", "waiting"]);
    assert_eq!(status["library"], json!(lab.library.to_str().unwrap()));
    assert_eq!((&status["photos"], &status["stored"], &status["waiting"]), (&json!(5), &json!(5), &json!(0)));
    assert_eq!(status["needs_you"], json!([]));
    let bytes: u64 = crate::common::files_below(&lab.photos()).iter().map(|f| fs::metadata(f).unwrap().len()).sum();
    assert_eq!(status["bytes"], json!(bytes));
    assert_eq!(keys(&status["vault"]), ["dir", "free_bytes", "problem", "same_disk"]);
}

#[test]
fn people_get_lines() {
    let lab = shoot();
    let ran = lab.run([OsStr::new("search"), OsStr::new("wedding")]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out.lines().count(), 4, "{}", ran.out);
    assert!(ran.out.contains("2024-05-17T14:32:05+02:00") && ran.out.ends_with("3 photos\n"), "{}", ran.out);
    for args in [vec!["status"], vec!["vault"], vec!["show", "turned"], vec!["verify"], vec!["store"], vec!["undo"]] {
        let ran = lab.run(args.clone());
        assert!(!ran.out.is_empty() || ran.code == 3, "{args:?} {ran:?}");
        assert!(!ran.out.starts_with('{'), "{args:?}");
    }
}

#[test]
fn facets_count_and_narrow() {
    let lab = shoot();
    let facets = lab.ok(["facets"]);
    let kinds = ["cameras", "colours", "formats", "lenses", "people", "places", "ratings", "tags", "total", "years"];
    assert_eq!(keys(&facets), kinds);
    assert_eq!(facets["total"], 5);
    assert_eq!(facets["years"][0], json!({ "name": "2024", "query": "date:2024", "photos": 3 }));
    for kind in ["tags", "cameras", "places", "formats", "ratings"] {
        let list = facets[kind].as_array().unwrap();
        assert!(!list.is_empty(), "{kind}");
        for facet in list {
            let found = lab.ok(["search", facet["query"].as_str().unwrap()]);
            assert_eq!(found["total"], facet["photos"], "{facet}");
        }
    }
    assert_eq!(lab.ok(["facets", "-date:2024", "--limit", "1"])["tags"].as_array().unwrap().len(), 1);
}

#[test]
fn a_place_has_a_name_without_a_service() {
    let lab = shoot();
    assert_eq!(lab.ok(["search", "place:australia near:sydney"])["total"], 1);
    assert_eq!(lab.show(lab.photos().join("2022 Sydney harbour/old.jpg"))["place"]["country"], "Australia");
}

#[test]
fn a_search_can_be_kept_and_narrowed() {
    let lab = shoot();
    lab.ok(["search", "date:2024 or iso:3200", "--save", "Two shoots"]);
    assert_eq!(lab.ok(["search", "--saved", "two SHOOTS"])["total"], 4);
    assert_eq!(lab.ok(["search", "iso:3200", "--saved", "two shoots"])["total"], 1);
    let kept = json!([{ "name": "Two shoots", "query": "date:2024 or iso:3200" }]);
    assert_eq!(lab.ok(["search", "--saved"])["searches"], kept);
    assert_eq!(lab.run(["search", "(", "--saved", "nothing"]).code, 3);
    assert_eq!(lab.run(["search", "date:x", "--save", "wrong"]).code, 2);
    lab.ok(["search", "--forget", "Two shoots"]);
    assert_eq!(lab.ok(["search", "--saved"])["searches"], json!([]));
}
