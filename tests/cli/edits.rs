//! `tag`, `rate` and `undo`.

use serde_json::json;

use crate::common::pictures::{Shot, xmp};
use crate::common::{Lab, keys};

fn lab() -> Lab {
    let lab = Lab::new();
    for (n, name) in ["alfa", "bravo", "charlie"].iter().enumerate() {
        lab.put(format!("Iceland/{name}.jpg"), Shot::on("2024-05-17", n as u32).jpeg());
    }
    lab.put("Iceland/alfa.xmp", xmp(&["dog"], None, None));
    lab.import();
    lab
}

fn tags(lab: &Lab, name: &str) -> Vec<String> {
    let photo = &lab.found(name)[0];
    photo["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_owned()).collect()
}

#[test]
fn rating_and_flag_count_what_they_change() {
    let lab = lab();
    let changed = lab.ok(["rate", "", "--rating", "3"]);
    assert_eq!(changed, json!({"changed": 3}));
    assert_eq!(lab.ok(["rate", "", "--rating", "3"]), json!({"changed": 0}), "it is so already");
    assert_eq!(lab.ok(["rate", "alfa", "--flag", "pick"]), json!({"changed": 1}));
    assert_eq!(lab.ok(["rate", "bravo", "--flag", "reject"]), json!({"changed": 1}));
    assert_eq!(lab.names("flag:pick"), ["alfa.jpg"]);
    assert_eq!(lab.names("flag:reject rating:3"), ["bravo.jpg"]);
    assert_eq!(lab.ok(["rate", "alfa", "--flag", "none"]), json!({"changed": 1}));
    assert_eq!(lab.ok(["rate", "alfa", "--colour", "purple"]), json!({"changed": 1}));
    assert_eq!(lab.names("colour:purple"), ["alfa.jpg"]);
    assert_eq!(lab.ok(["search", "alfa"])["photos"][0]["colour"], json!("purple"));
    assert_eq!(lab.ok(["rate", "nothing-is-called-this", "--rating", "1"]), json!({"changed": 0}));
    for wrong in
        [vec!["rate", ""], vec!["rate", "", "--rating", "6"], vec!["rate", "", "--rating", "1", "--flag", "pick"]]
    {
        lab.error(wrong, 2, "usage");
    }
}

#[test]
fn a_removed_tag_stays_removed_whoever_wrote_it() {
    let lab = lab();
    assert_eq!(
        lab.ok(["tag", "", "--add", "kept", "--add", " Two  words ", "--remove", "Iceland"]),
        json!({"changed": 3})
    );
    assert_eq!(lab.ok(["tag", "alfa", "--remove", "DOG", "--remove", "kept"]), json!({"changed": 1}));
    let now = tags(&lab, "alfa");
    assert!(now.contains(&"Two words".to_owned()), "{now:?}");
    for gone in ["dog", "kept", "Iceland"] {
        assert!(!now.iter().any(|tag| tag == gone), "{gone} {now:?}");
    }
    // Neither another import nor a new version brings them back.
    lab.import();
    lab.change("Iceland/alfa.jpg", Shot::on("2024-05-17", 0).edited().jpeg());
    assert_eq!(lab.import()["updated"], json!(1));
    lab.change("Iceland/alfa.xmp", xmp(&["dog", "cat"], None, None));
    lab.import();
    let now = tags(&lab, "alfa");
    assert!(now.iter().all(|tag| !["dog", "kept", "Iceland"].contains(&tag.as_str())), "{now:?}");
    assert!(now.contains(&"Two words".to_owned()), "{now:?}");
    lab.ok(["tag", "alfa", "--add", "dog"]);
    assert!(tags(&lab, "alfa").contains(&"dog".to_owned()), "but a person may add it again");
}

#[test]
fn a_sidecar_that_changed_is_read_again() {
    let lab = lab();
    lab.change("Iceland/alfa.xmp", xmp(&["dog", "cat"], Some(5), None));
    lab.import();
    let now = tags(&lab, "alfa");
    assert!(now.contains(&"cat".to_owned()), "{now:?}");
}

#[test]
fn undo_takes_back_one_gesture_at_a_time() {
    let lab = lab();
    lab.ok(["rate", "", "--rating", "2"]);
    lab.ok(["rate", "alfa", "--rating", "5"]);
    lab.ok(["tag", "", "--add", "x", "--remove", "Iceland"]);
    let undone = lab.ok(["undo"]);
    assert_eq!(keys(&undone), ["changed", "undone"]);
    assert_eq!(undone["changed"], json!(3));
    assert_eq!((lab.names("tag:x").len(), lab.names("tag:iceland").len()), (0, 3));
    assert_eq!(lab.ok(["undo"])["changed"], json!(1));
    assert_eq!(lab.names("rating:2").len(), 3);
    assert_eq!(lab.ok(["undo"])["changed"], json!(3));
    assert_eq!(lab.names("rating:0").len(), 3);
    assert_eq!(lab.ok(["undo"]), json!({"changed": 0, "undone": null}), "an import is no gesture");
}

#[test]
fn a_tag_that_is_none_is_wrong_use_and_changes_nothing() {
    let lab = lab();
    for bad in ["", "  ", "a\nb", &"x".repeat(201)] {
        lab.error(["tag", "", "--add", "fine", "--add", bad], 2, "usage");
    }
    assert_eq!(lab.names("tag:fine").len(), 0);
    lab.error(["tag", ""], 2, "usage");
}

#[test]
fn tags_are_moved_merged_and_given_back() {
    let lab = lab();
    lab.ok(["tag", "alfa", "--add", "Canine"]);
    lab.ok(["tag", "bravo", "--add", "Hound"]);
    assert_eq!(lab.ok(["tags", "tree"]), json!({"tags": []}));
    assert_eq!(lab.ok(["tags", "move", "hound", "--under", "Animal"]), json!({"moved": "hound", "under": "Animal"}));
    assert_eq!(lab.names("tag:animal"), ["bravo.jpg"]);
    assert_eq!(lab.ok(["tags", "merge", "canine", "hound"]), json!({"changed": 1}));
    assert_eq!(lab.names("tag:animal").len(), 2);
    let tree = lab.ok(["tags", "tree"]);
    assert_eq!(tree["tags"][1], json!({"name": "Hound", "query": "tag:Hound", "depth": 1, "photos": 2}));
    assert_eq!(lab.ok(["undo"])["undone"], json!("Merge tag canine into hound"));
    assert_eq!(lab.names("tag:canine"), ["alfa.jpg"]);
    lab.error(["tags", "move", "animal", "--under", "hound"], 2, "usage");
    lab.error(["tags", "merge", "nothing", "hound"], 3, "not_found");
}
