//! The tagger as a whole: what it answers, and what it does with pictures that are none.

use std::sync::Arc;

use super::{MOST_LABELS, OnDevice};
use crate::domain::ContentHash;
use crate::domain::labels::{Answer, Asked, TaggerKind};
use crate::imaging::{Pixels, encode_jpeg};
use crate::tagger::{Picture, Tagger as _, TaggerError};

const LABELS: Asked = Asked { labels: true, faces: false, text: false, people: false };
const ALL: Asked = Asked { labels: true, faces: true, text: true, people: false };

fn picture(jpeg: &[u8]) -> Picture {
    Picture { content: ContentHash([7; 32]), jpeg: Arc::from(jpeg) }
}

/// Stripes that no network has a word for.
fn stripes(width_px: u32, height_px: u32) -> Vec<u8> {
    let rgb = (0..width_px * height_px).flat_map(|at| [(at % 251) as u8, (at % 7 * 30) as u8, 90]).collect();
    encode_jpeg(&Pixels { width_px, height_px, rgb }, 85).unwrap()
}

async fn look(jpeg: &[u8], asked: Asked) -> Result<Answer, TaggerError> {
    OnDevice::new(1).look(&picture(jpeg), asked).await
}

fn photo(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/tagger/{name}.jpg", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[tokio::test]
async fn an_answer_says_whose_it_is_and_what_was_looked_for() {
    let answer = look(&photo("officer"), ALL).await.unwrap();
    assert_eq!((answer.content, answer.tagger), (ContentHash([7; 32]), TaggerKind::Device));
    assert_eq!(answer.model, super::MODEL_NAME);
    assert_eq!(answer.asked, Asked { text: false, ..ALL }, "it cannot read");
    assert_eq!(answer.texts, []);
    assert!(!answer.labels.is_empty() && answer.labels.len() <= MOST_LABELS);
    let mut before = 100.0;
    for label in &answer.labels {
        assert!(label.confidence <= before && label.confidence >= 5.0, "{label:?} after {before}");
        before = label.confidence;
        for parent in &label.parents {
            assert!(answer.labels.iter().any(|other| other.name == *parent), "{label:?} without {parent}");
        }
    }
}

#[tokio::test]
async fn a_face_lies_where_it_is_and_makes_a_portrait() {
    let answer = look(&photo("officer"), ALL).await.unwrap();
    let [face] = answer.faces.as_slice() else { panic!("{:?}", answer.faces) };
    // Grace Hopper's face, as measured by eye: its middle, and about how high.
    let (x, y) = (face.region.left + face.region.width / 2.0, face.region.top + face.region.height / 2.0);
    assert!((x - 0.52).abs() < 0.06 && (y - 0.35).abs() < 0.08, "{face:?}");
    assert!((0.15..0.5).contains(&face.region.height), "{face:?}");
    let names: Vec<&str> = answer.labels.iter().map(|label| &*label.name).collect();
    assert!(names.contains(&"Person") && names.contains(&"Portrait") && !names.contains(&"Group"), "{names:?}");
}

#[tokio::test]
async fn what_is_not_asked_is_not_told() {
    let labels = look(&photo("officer"), LABELS).await.unwrap();
    assert_eq!((labels.asked, labels.faces.len()), (LABELS, 0));
    assert!(labels.labels.iter().any(|label| label.name == "Person"), "faces make it a person all the same");
    let faces = look(&photo("officer"), Asked { labels: false, ..ALL }).await.unwrap();
    assert_eq!((faces.labels.len(), faces.faces.len()), (0, 1));
    let nothing =
        look(&photo("officer"), Asked { labels: false, faces: false, text: true, people: false }).await.unwrap();
    assert!(nothing.asked.is_nothing() && nothing.labels.is_empty() && nothing.faces.is_empty());
}

#[tokio::test]
async fn pictures_of_every_shape_are_looked_at() {
    for (width, height) in [(1, 1), (1, 320), (320, 1), (2, 3), (223, 224), (320, 213), (4000, 20), (3000, 2000)] {
        let answer = look(&stripes(width, height), ALL).await;
        assert!(answer.is_ok(), "{width} × {height}: {answer:?}");
    }
}

#[tokio::test]
async fn what_is_no_picture_is_one_sentence() {
    let whole = photo("cat");
    let mut twisted = whole.clone();
    // The size of the frame: 65,535 pixels each way, for which a decoder would want 12 GB.
    let at = twisted.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    twisted[at + 5..at + 9].fill(0xFF);
    let png = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0".to_vec();
    for bad in [Vec::new(), vec![0xFF, 0xD8], b"<svg/>".to_vec(), vec![0; 100_000], whole[..300].to_vec(), png, twisted]
    {
        let fault = look(&bad, ALL).await.unwrap_err();
        let TaggerError::BadPicture(why) = fault else { panic!("{fault:?}") };
        assert!(why.starts_with("The picture cannot be looked at: ") && !why.contains('\n'), "{why}");
    }
}

#[tokio::test]
async fn damaged_bytes_give_an_answer_or_a_sentence_and_nothing_else() {
    let seed: u64 = rand_seed();
    println!("seed {seed}");
    let mut random = crate::testing::library::Random(seed);
    let tagger = OnDevice::new(1);
    let whole = photo("coffee");
    for _ in 0..20 {
        let mut bytes = whole.clone();
        for _ in 0..=random.below(20) {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] = random.below(256) as u8;
        }
        bytes.truncate(1 + random.below(bytes.len() as u64) as usize);
        match tagger.look(&picture(&bytes), ALL).await {
            Ok(answer) => assert!(answer.labels.iter().all(|label| (0.0..=100.0).contains(&label.confidence))),
            Err(fault) => assert!(matches!(fault, TaggerError::BadPicture(_)), "{fault:?}"),
        }
    }
}

fn rand_seed() -> u64 {
    std::env::var("LIGHTKEEP_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_a_time_say_what_one_says() {
    let tagger = Arc::new(OnDevice::new(2));
    let alone = look(&photo("cat"), ALL).await.unwrap();
    let looks = (0..6).map(|_| {
        let (tagger, picture) = (Arc::clone(&tagger), picture(&photo("cat")));
        tokio::spawn(async move { tagger.look(&picture, ALL).await })
    });
    for answer in futures::future::join_all(looks).await {
        assert_eq!(answer.unwrap().unwrap(), alone);
    }
    assert!(tagger.shared.idle.lock().unwrap().len() <= 2, "no more threads than looks at a time");
}

#[test]
fn it_says_what_it_can() {
    let tagger = OnDevice::new(0);
    assert_eq!((tagger.kind(), tagger.edge_px(), tagger.width()), (TaggerKind::Device, 320, 1));
    assert_eq!(tagger.can(), Asked { labels: true, faces: true, text: false, people: false });
    assert_eq!(format!("{tagger:?}"), "OnDevice { width: 1, .. }");
}
