//! The on-device tagger on photos with known subjects, and beside another runtime with the same weights.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails panics, and shows its table")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lightkeep::domain::ContentHash;
use lightkeep::domain::labels::Asked;
use lightkeep::tagger::on_device::OnDevice;
use lightkeep::tagger::{Picture, Tagger as _};

const SIDE_PX: usize = 224;
const CLASSES: usize = 1_000;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tagger")
}

/// The inputs of `packaging/models/reference.py`, by the same formulas.
fn inputs() -> [Vec<f32>; 3] {
    let disc = |colour: usize, y: usize, x: usize| {
        let (down, right) = (y as i64 - 112, x as i64 - 112);
        let inside = down * down + right * right < (60 + 20 * colour as i64).pow(2);
        if inside { 230 - 60 * colour } else { 40 + 50 * colour }
    };
    let make = |sample: &dyn Fn(usize, usize, usize) -> usize| {
        let places = (0..3).flat_map(|c| (0..SIDE_PX).flat_map(move |y| (0..SIDE_PX).map(move |x| (c, y, x))));
        places.map(|(c, y, x)| (sample(c, y, x) as f32 - 127.0) / 128.0).collect()
    };
    [make(&|c, y, x| (c * 7 + y * 13 + x * 29) % 251), make(&|c, y, x| x * (c + 1) / 3 + y * (3 - c) / 7), make(&disc)]
}

fn shares(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let whole: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    logits.iter().map(|logit| (logit - most).exp() / whole).collect()
}

#[test]
fn tagger_equals_another_runtime_with_the_same_weights() {
    let text = std::fs::read_to_string(dir().join("logits.tsv")).unwrap();
    let rows: Vec<Vec<f32>> =
        text.lines().map(|line| line.split('\t').map(|number| number.parse().unwrap()).collect()).collect();
    assert_eq!(rows.len(), CLASSES);
    let tagger = OnDevice::new(1);
    for (number, input) in inputs().iter().enumerate() {
        let theirs: Vec<f32> = rows.iter().map(|row| row[number]).collect();
        let ours = tagger.logits(input).unwrap();
        let spread = theirs.iter().copied().fold(f32::MIN, f32::max) - theirs.iter().copied().fold(f32::MAX, f32::min);
        assert!(spread > 1.0, "input {number} says nothing: {spread}");
        let worst = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("input {number}: {worst} of {spread}");
        assert!(worst < 0.001 * spread, "input {number}: a logit differs by {worst} of {spread}");
        for (class, (a, b)) in shares(&ours).iter().zip(shares(&theirs)).enumerate() {
            assert!((a - b).abs() <= 0.01 * b, "input {number}, class {class}: {a} and {b}");
        }
    }
    assert!(tagger.logits(&[0.0; 10]).is_err(), "an input of another size is no picture");
}

/// A photo, words of which each names its subject (set down by eye, before the tagger saw it), and whether one of them
/// is among the five of which the tagger is most certain.
const PHOTOS: [(&str, &[&str], bool); 18] = [
    ("astronaut", &["Person", "Portrait"], true),
    ("brushes", &["Art", "Brush"], false),
    ("camera", &["Tripod", "Camera"], true),
    ("cat", &["Cat"], true),
    ("coffee", &["Coffee"], true),
    ("dandelion", &["Flower", "Plant"], true),
    ("dogs", &["Dog"], true),
    ("drum", &["Drum"], true),
    ("fig", &["Fruit"], true),
    ("flower", &["Flower"], false),
    ("meadow", &["Mountain", "Field", "Landscape"], true),
    ("mountains", &["Mountain"], true),
    ("officer", &["Person", "Portrait"], true),
    ("pagoda", &["Building", "Temple"], true),
    ("raccoon", &["Animal", "Wildlife"], true),
    ("rocket", &["Rocket"], false),
    ("stream", &["Water"], false),
    ("sunset", &["Mountain", "Landscape"], true),
];

#[tokio::test]
async fn tagger_names_the_subjects_of_known_photos() {
    let tagger = OnDevice::new(1);
    let mut wrong = Vec::new();
    let mut hits = 0;
    for (name, subjects, expected) in PHOTOS {
        let jpeg: Arc<[u8]> = std::fs::read(dir().join(format!("{name}.jpg"))).unwrap().into();
        let picture = Picture { content: ContentHash(*blake3::hash(&jpeg).as_bytes()), jpeg };
        let answer = tagger.look(&picture, Asked::default()).await.unwrap();
        let five = &answer.labels[..answer.labels.len().min(5)];
        let said: Vec<String> = five.iter().map(|label| format!("{} {:.0}", label.name, label.confidence)).collect();
        let hit = five.iter().any(|label| subjects.contains(&&*label.name));
        println!("| {name} | {} | {} | {} |", subjects.join(" or "), said.join(", "), if hit { "yes" } else { "no" });
        hits += usize::from(hit);
        if hit != expected {
            wrong.push(format!("{name}: {said:?}"));
        }
    }
    println!("{hits} of {}", PHOTOS.len());
    assert!(wrong.is_empty(), "otherwise than it is written here: {wrong:#?}");
}
