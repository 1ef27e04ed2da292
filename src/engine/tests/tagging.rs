//! Tagging: answers become tags, nobody is asked twice, money has an end, and what a person took away stays away.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::domain::labels::{Answer, Asked, Label, TaggerKind};
use crate::domain::{Change, TagSource};
use crate::protocol::{TagOrder, TagReport};
use crate::tagger::{Picture, Tagger, TaggerError};

/// Says the same of every picture, except where it is told to fail.
#[derive(Debug)]
struct Parrot {
    kind: TaggerKind,
    labels: Mutex<Vec<Label>>,
    asked: Mutex<HashMap<ContentHash, u32>>,
    fails: Mutex<Option<TaggerError>>,
}

impl Parrot {
    fn new(kind: TaggerKind, labels: &[(&str, f32, &[&str])]) -> Arc<Self> {
        let label = |(name, confidence, parents): &(&str, f32, &[&str])| Label {
            name: (*name).to_owned(),
            confidence: *confidence,
            parents: parents.iter().map(ToString::to_string).collect(),
            aliases: Vec::new(),
            categories: Vec::new(),
            regions: Vec::new(),
        };
        Arc::new(Self {
            kind,
            labels: Mutex::new(labels.iter().map(label).collect()),
            asked: Mutex::default(),
            fails: Mutex::default(),
        })
    }

    fn times(&self) -> u32 {
        self.asked.lock().unwrap().values().sum()
    }
}

#[async_trait]
impl Tagger for Parrot {
    fn kind(&self) -> TaggerKind {
        self.kind
    }

    fn edge_px(&self) -> u32 {
        320
    }

    fn can(&self) -> Asked {
        Asked { labels: true, faces: true, text: true, people: false }
    }

    fn width(&self) -> usize {
        2
    }

    async fn look(&self, picture: &Picture, asked: Asked) -> Result<Answer, TaggerError> {
        assert!(picture.jpeg.starts_with(&[0xFF, 0xD8]), "a JPEG of ours");
        *self.asked.lock().unwrap().entry(picture.content).or_default() += 1;
        if let Some(error) = self.fails.lock().unwrap().clone() {
            return Err(error);
        }
        Ok(Answer {
            content: picture.content,
            tagger: self.kind,
            model: "parrot 1".into(),
            asked,
            labels: self.labels.lock().unwrap().clone(),
            faces: Vec::new(),
            texts: Vec::new(),
        })
    }
}

async fn with(photos: u32, parrot: &Arc<Parrot>) -> (World, Process) {
    let world = World::new();
    for n in 0..photos {
        world.put(&format!("{n}.png"), n);
    }
    let process = world.open().await;
    process.import().await.unwrap();
    teach(&process, parrot);
    (world, process)
}

fn teach(process: &Process, parrot: &Arc<Parrot>) {
    process.engine.0.taggers.lock().unwrap().insert(parrot.kind, parrot.clone());
}

async fn tag(process: &Process, order: TagOrder) -> TagReport {
    let reporter = Reporter::new(&process.engine, OP, OpKind::Tag);
    process.engine.tag(order, &Cancel::default(), &reporter).await.unwrap()
}

fn by(kind: TaggerKind) -> TagOrder {
    TagOrder { with: Some(kind), ..TagOrder::default() }
}

fn tag_of(photo: &PhotoDetail, name: &str) -> Option<(TagSource, Option<f32>)> {
    photo.tags.iter().find(|tag| tag.name == name).map(|tag| (tag.source, tag.confidence))
}

#[tokio::test]
async fn answers_become_tags_with_their_kind_and_how_sure() {
    let parrot = Parrot::new(
        TaggerKind::Device,
        &[
            ("Dog", 91.0, &["Animal"]),
            ("Cat", 40.0, &["Animal"]),
            ("Sofa", 3.0, &[]),
            ("", 99.0, &[]),
            ("a\nb", 99.0, &[]),
        ],
    );
    let (_world, process) = with(3, &parrot).await;
    let report = tag(&process, by(TaggerKind::Device)).await;
    assert_eq!((report.looked_at, report.known, report.failed.len()), (3, 0, 0));
    for photo in process.photos().await {
        assert_eq!(tag_of(&photo, "Dog"), Some((TagSource::Device, Some(91.0))));
        assert_eq!(tag_of(&photo, "Animal"), Some((TagSource::Device, Some(91.0))), "as sure as the surest below");
        assert_eq!(tag_of(&photo, "Sofa"), None, "not sure enough");
    }
    assert_eq!(process.engine.seats("tag:animal").await.unwrap().len(), 3);
    process.engine.set_tag_threshold(TaggerKind::Device, 50.0).await.unwrap();
    assert_eq!(process.engine.seats("tag:cat").await.unwrap().len(), 0);
    process.engine.set_tag_threshold(TaggerKind::Device, 1.0).await.unwrap();
    assert_eq!(process.engine.seats("tag:sofa").await.unwrap().len(), 3);
    assert_eq!(parrot.times(), 3, "a threshold asks nobody");
    // What the slider says beforehand is what was seen to happen: all have the same answer.
    let state = process.engine.tagging_state(None).await.unwrap();
    let told: Vec<_> = [0, 50, 100].map(|percent| state.device_sureness.from(percent)).to_vec();
    for percent in [1.0, 50.0] {
        process.engine.set_tag_threshold(TaggerKind::Device, percent).await.unwrap();
        let photos = process.photos().await;
        let given = |photo: &PhotoDetail| photo.tags.iter().filter(|tag| tag.source == TagSource::Device).count();
        let tags: usize = photos.iter().map(given).sum();
        let with = photos.iter().filter(|photo| given(photo) > 0).count();
        assert_eq!(state.device_sureness.from(percent as u8), (tags as u64, with as u64), "{told:?}");
    }
    assert_eq!(told[2], (0, 0));
}

#[tokio::test]
async fn nobody_is_asked_twice_and_a_removed_tag_stays_removed() {
    let parrot = Parrot::new(TaggerKind::Device, &[("Dog", 91.0, &["Animal"])]);
    let (world, process) = with(4, &parrot).await;
    tag(&process, by(TaggerKind::Device)).await;
    let seats: Arc<[Seat]> = process.seats().await.into();
    let wrong = Change::RemoveTag("dog".into());
    process.engine.edit(seats[..1].into(), wrong).await.unwrap();
    let again = tag(&process, TagOrder { seats: Some(seats.clone()), ..by(TaggerKind::Device) }).await;
    assert_eq!((again.looked_at, again.known), (0, 4));
    assert_eq!(parrot.times(), 4);
    assert_eq!(process.engine.seats("tag:dog").await.unwrap().len(), 3);
    assert_eq!(process.engine.seats("tag:animal").await.unwrap().len(), 4);
    // Another process, and a file that was moved: still nobody is asked, and the tag stays away.
    drop(process);
    let process = world.open().await;
    teach(&process, &parrot);
    world.files.remove(Path::new(SHOOT).join("0.png"));
    world.put("moved.png", 0);
    process.import().await.unwrap();
    assert_eq!(tag(&process, by(TaggerKind::Device)).await.looked_at, 0);
    assert_eq!(process.engine.seats("tag:dog").await.unwrap().len(), 3);
    process.engine.undo().await.unwrap();
    assert_eq!(process.engine.seats("tag:dog").await.unwrap().len(), 4, "undo gives it back");
}

#[tokio::test]
async fn what_rekognition_says_stands_above_this_computer() {
    let here = Parrot::new(TaggerKind::Device, &[("Wolf", 60.0, &["Animal"])]);
    let there = Parrot::new(TaggerKind::Aws, &[("Dog", 98.0, &["Animal"])]);
    let (_world, process) = with(2, &here).await;
    teach(&process, &there);
    tag(&process, by(TaggerKind::Device)).await;
    let report = tag(&process, by(TaggerKind::Aws)).await;
    assert_eq!((report.looked_at, report.images.labels), (2, 2));
    assert!(report.micro_usd > 0);
    for photo in process.photos().await {
        assert_eq!(tag_of(&photo, "Wolf"), None);
        assert_eq!(tag_of(&photo, "Animal"), Some((TagSource::Aws, Some(98.0))));
    }
    assert_eq!(tag(&process, by(TaggerKind::Device)).await.looked_at, 0);
}

#[tokio::test]
async fn money_has_an_end_and_is_said_before() {
    let parrot = Parrot::new(TaggerKind::Aws, &[("Dog", 98.0, &[])]);
    let (_world, process) = with(10, &parrot).await;
    let dry = tag(&process, TagOrder { dry_run: true, ..by(TaggerKind::Aws) }).await;
    assert_eq!((dry.looked_at, parrot.times()), (10, 0), "saying what it would be asks nobody");
    let each = dry.micro_usd / 10;
    assert!(each > 0);
    let report = tag(&process, TagOrder { most_micro_usd: Some(each * 4), ..by(TaggerKind::Aws) }).await;
    assert_eq!((report.looked_at, report.micro_usd, parrot.times()), (4, each * 4, 4));
    assert!(report.stopped.is_some());
    // The month's limit counts what was spent before.
    let mut settings = process.engine.tag_settings();
    settings.month_cap_cents = u32::try_from(each * 7 / 10_000).unwrap();
    process.engine.set_tag_settings(settings).await.unwrap();
    let report = tag(&process, by(TaggerKind::Aws)).await;
    let spent = process.engine.spent(None).await.unwrap();
    assert!(spent.total_micro_usd() <= each * 7, "{spent:?}");
    assert!(report.stopped.is_some());
}

#[tokio::test]
async fn a_tagger_that_fails_is_told_and_tried_again_later() {
    let parrot = Parrot::new(TaggerKind::Device, &[("Dog", 91.0, &[])]);
    let (_world, process) = with(5, &parrot).await;
    *parrot.fails.lock().unwrap() = Some(TaggerError::Nonsense("it answers in riddles".into()));
    let report = tag(&process, by(TaggerKind::Device)).await;
    assert_eq!((report.looked_at, report.failed.len()), (0, 5));
    assert!(report.failed[0].path.contains(SHOOT) && report.failed[0].why.contains("riddles"));
    *parrot.fails.lock().unwrap() = Some(TaggerError::Unavailable("nobody answers".into()));
    let report = tag(&process, by(TaggerKind::Device)).await;
    assert_eq!((report.looked_at, report.failed.len()), (0, 0));
    assert_eq!(report.stopped.as_deref(), Some("nobody answers"));
    *parrot.fails.lock().unwrap() = None;
    assert_eq!(tag(&process, by(TaggerKind::Device)).await.looked_at, 5);
}

/// Is asked, and never answers.
#[derive(Debug, Default)]
struct Silent(tokio::sync::Notify);

#[async_trait]
impl Tagger for Silent {
    fn kind(&self) -> TaggerKind {
        TaggerKind::Device
    }

    fn edge_px(&self) -> u32 {
        320
    }

    fn can(&self) -> Asked {
        Asked { labels: true, ..Asked::NOTHING }
    }

    fn width(&self) -> usize {
        1
    }

    async fn look(&self, _: &Picture, _: Asked) -> Result<Answer, TaggerError> {
        self.0.notify_one();
        std::future::pending().await
    }
}

#[tokio::test]
async fn commands_are_heard_while_what_is_new_at_a_start_is_tagged() {
    let world = World::new();
    world.put("1.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    let silent = Arc::new(Silent::default());
    process.engine.0.taggers.lock().unwrap().insert(TaggerKind::Device, silent.clone());
    let (mut window, commands) = futures::channel::mpsc::channel(4);
    let serving = tokio::spawn(crate::engine::serve(process.engine.clone(), commands, None));
    let soon = std::time::Duration::from_secs(60);
    tokio::time::timeout(soon, silent.0.notified()).await.expect("new photos are looked at");
    window.try_send(crate::protocol::Command::Shutdown).unwrap();
    tokio::time::timeout(soon, serving).await.expect("the command was heard").unwrap();
}
