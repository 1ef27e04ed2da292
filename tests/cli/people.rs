//! `people`, as far as it goes without an account.

use serde_json::{Value, json};

use crate::common::Lab;
use crate::common::pictures::Shot;

const SPOT: &str = "1000-2000-800-1100";

fn lab() -> Lab {
    let lab = Lab::new();
    for (n, name) in ["alfa", "bravo"].iter().enumerate() {
        lab.put(format!("Iceland/{name}.jpg"), Shot::on("2024-05-17", n as u32).jpeg());
    }
    lab.import();
    lab
}

fn id(lab: &Lab, name: &str) -> String {
    lab.found(name)[0]["id"].as_str().unwrap().to_owned()
}

fn faces(lab: &Lab, words: &[&str]) -> Vec<Value> {
    let all = ["people", "faces"].iter().chain(words).copied().collect::<Vec<_>>();
    lab.ok(all)["faces"].as_array().unwrap().clone()
}

#[test]
fn boxes_drawn_by_hand_are_named_found_merged_and_forgotten_with_a_proof() {
    let lab = lab();
    let (alfa, bravo) = (id(&lab, "alfa"), id(&lab, "bravo"));
    assert_eq!(lab.ok(["people"]), json!({"people": []}));
    assert_eq!(lab.ok(["people", "draw", &alfa, SPOT, "--name", "Anna"]), json!({"changed": 1}));
    assert_eq!(lab.ok(["people", "draw", &bravo, SPOT]), json!({"changed": 1}));
    assert_eq!(lab.names("person:anna"), ["alfa.jpg"]);
    let unknown = faces(&lab, &["--unknown"]);
    assert_eq!((unknown.len(), &unknown[0]["source"], &unknown[0]["state"]), (1, &json!("hand"), &json!("unknown")));
    let face = unknown[0]["face"].as_str().unwrap();
    assert_eq!(lab.ok(["people", "name", face, "--as", "Bo"]), json!({"changed": 1}));
    assert_eq!(lab.ok(["people", "merge", "bo", "--into", "Anna"]), json!({"changed": 1}));
    assert_eq!(
        lab.ok(["people", "list"]),
        json!({"people": [{"name": "Anna", "faces": 2, "suggestions": 0, "hidden": false}]})
    );
    lab.ok(["undo"]);
    assert_eq!(lab.names("person:bo"), ["bravo.jpg"]);
    let state = lab.ok(["people", "state"]);
    assert_eq!((&state["consent"], &state["people"], &state["aws_photos"]), (&json!(false), &json!(2), &json!(2)));
    assert!(state["aws_problem"].is_string(), "{state}");
    lab.error(["people", "look"], 3, "denied");
    lab.error(["people", "rename", "Nobody", "Somebody"], 3, "not_found");
    lab.error(["people", "draw", &alfa, "1-2-3", "--name", "Anna"], 2, "usage");
    lab.error(["people", "forget-all"], 2, "usage");
    let report = lab.ok(["people", "forget-all", "--yes"]);
    assert_eq!(
        (&report["faces"], &report["names"], &report["proved"]),
        (&json!(2), &json!(2), &json!(true)),
        "{report}"
    );
    assert_eq!(lab.ok(["people"]), json!({"people": []}));
    assert_eq!(lab.names("person:anna"), Vec::<String>::new());
}
