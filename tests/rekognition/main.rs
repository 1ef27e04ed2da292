//! Rekognition against a stand-in that is none of ours. Its answers are canned, so what this proves is the protocol:
//! signing, the operations' names, and that the shapes it took from AWS are read.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

#[path = "../common/mod.rs"]
mod common;

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use common::servers::Moto;
use lightkeep::domain::ContentHash;
use lightkeep::domain::labels::{Asked, TaggerKind};
use lightkeep::tagger::rekognition::{Patience, Rekognition};
use lightkeep::tagger::{Picture, Tagger as _, TaggerError};

fn tagger(server: &Moto) -> Rekognition {
    let keys = SharedCredentialsProvider::new(Credentials::new("AKIDTEST", "secret", None, None, "test"));
    let config = lightkeep::aws::config("eu-central-1", Some(&server.endpoint()), Some(keys));
    Rekognition::with(&config, Some("us-east-1".to_owned()), Patience { tries: 2, ..Patience::default() })
}

fn picture() -> Picture {
    Picture { content: ContentHash([1; 32]), jpeg: Arc::from([0xFF, 0xD8, 0xFF, 0xD9].as_slice()) }
}

#[tokio::test]
async fn labels_and_text_of_the_stand_in_are_read() {
    let server = Moto::start();
    let asked = Asked { labels: true, faces: false, text: true, people: false };
    let answer = tagger(&server).look(&picture(), asked).await.unwrap();
    assert_eq!((answer.asked, answer.tagger, answer.model.as_str()), (asked, TaggerKind::Aws, "3.0"));
    let phone = &answer.labels[0];
    assert_eq!((phone.name.as_str(), phone.parents.join(",")), ("Mobile Phone", "Phone".to_owned()));
    assert!(phone.confidence > 99.0 && phone.confidence <= 100.0 && phone.regions.len() == 1, "{phone:?}");
    assert!(!phone.aliases.is_empty() && !phone.categories.is_empty(), "{phone:?}");
    assert!(!answer.texts.is_empty() && answer.texts.iter().all(|line| line.region.is_some()), "{:?}", answer.texts);
}

/// It does not know faces: what is not there is an error of the service, and what was answered besides is kept.
#[tokio::test]
async fn what_the_stand_in_does_not_know_is_no_answer() {
    let server = Moto::start();
    let tagger = tagger(&server);
    let answer =
        tagger.look(&picture(), Asked { labels: true, faces: true, text: false, people: false }).await.unwrap();
    assert_eq!(answer.asked.name(), "labels");
    let why = tagger.look(&picture(), Asked { faces: true, ..Asked::NOTHING }).await.unwrap_err();
    assert!(!matches!(why, TaggerError::BadPicture(_)), "{why:?}");
}
