//! Answers are known by content and question, are owed to every store once, and the later one wins.

use super::*;
use crate::catalog::{Access, Library, open_library};
use crate::domain::labels::{Face, Label, Region};
use crate::domain::spend::Images;

const LABELS: Asked = Asked { labels: true, faces: false, text: false, people: false };
const BOTH: Asked = Asked { labels: true, faces: true, text: false, people: false };

fn answer(content: u8, asked: Asked, label: &str) -> Answer {
    let label = Label {
        name: label.to_owned(),
        confidence: 90.0,
        parents: Vec::new(),
        aliases: Vec::new(),
        categories: Vec::new(),
        regions: Vec::new(),
    };
    let region = Region { left: 0.25, top: 0.25, width: 0.5, height: 0.5 };
    Answer {
        content: ContentHash([content; 32]),
        tagger: TaggerKind::Aws,
        model: "3.0".to_owned(),
        asked,
        labels: if asked.labels { vec![label] } else { Vec::new() },
        faces: if asked.faces { vec![Face { region, confidence: 99.0 }] } else { Vec::new() },
        texts: Vec::new(),
    }
}

fn library(dir: &tempfile::TempDir) -> (Library, Writer) {
    let mut library = open_library(dir.path(), Access::Write).unwrap();
    let writer = library.take_writer().unwrap();
    (library, writer)
}

fn due(reader: &Reader, store: &str) -> usize {
    reader.answers_due(store, TaggerKind::Aws, 1_000, usize::MAX).unwrap().len()
}

#[test]
fn what_was_asked_is_known_for_the_content_and_the_tagger() {
    let dir = tempfile::tempdir().unwrap();
    let (library, mut writer) = library(&dir);
    writer.keep_answers(vec![answer(1, BOTH, "Dog"), answer(2, LABELS, "Cat")], Timestamp(10), None).unwrap();
    let reader = library.reader().unwrap();
    let contents = [3, 1, 2].map(|n| ContentHash([n; 32]));
    assert_eq!(reader.answered(&contents, TaggerKind::Aws).unwrap(), [Asked::NOTHING, BOTH, LABELS]);
    assert_eq!(reader.answered(&contents, TaggerKind::Device).unwrap(), [Asked::NOTHING; 3]);
    let known = reader.answers(&contents, TaggerKind::Aws).unwrap();
    assert_eq!(known[0].answer, None);
    assert_eq!(known[1].answer, Some(answer(1, BOTH, "Dog")));
    assert_eq!(BOTH.without(known[2].asked).name(), "faces");
    // Another question later does not take the first answer away.
    writer.keep_answers(vec![answer(2, Asked { labels: false, ..BOTH }, "")], Timestamp(20), None).unwrap();
    assert_eq!(reader.answers(&contents[2..], TaggerKind::Aws).unwrap()[0].answer, Some(answer(2, BOTH, "Cat")));
}

#[test]
fn a_later_answer_wins_whatever_order_they_come_in() {
    let dir = tempfile::tempdir().unwrap();
    let (library, mut writer) = library(&dir);
    for (at, label) in [(20, "New"), (10, "Old")] {
        writer.keep_answers(vec![answer(1, LABELS, label)], Timestamp(at), None).unwrap();
    }
    let known = library.reader().unwrap().answers(&[ContentHash([1; 32])], TaggerKind::Aws).unwrap();
    assert_eq!(known[0].answer.as_ref().unwrap().labels[0].name, "New");
}

#[test]
fn every_store_is_owed_every_answer_once() {
    let dir = tempfile::tempdir().unwrap();
    let (library, mut writer) = library(&dir);
    writer.enable_store("a").unwrap();
    writer.keep_answers(vec![answer(1, BOTH, "Dog"), answer(2, LABELS, "Cat")], Timestamp(10), None).unwrap();
    let reader = library.reader().unwrap();
    assert_eq!(due(&reader, "a"), 3);
    writer.enable_store("b").unwrap();
    assert_eq!(due(&reader, "b"), 3, "also what was answered before it was known");
    let key = ObjectKey("tags/aws/x.jsonl".to_owned());
    let sent = reader.answers_due("a", TaggerKind::Aws, 2, usize::MAX).unwrap();
    assert_eq!(reader.answers_due("a", TaggerKind::Aws, 9, 1).unwrap().len(), 1, "bytes are a limit");
    writer.answers_sent("a", &key, TaggerKind::Aws, &sent).unwrap();
    assert_eq!((due(&reader, "a"), due(&reader, "b")), (1, 3));
    assert!(reader.answer_segments_unread("a", vec![key.clone()]).unwrap().is_empty(), "its own need not be read");
    assert_eq!(reader.answer_segments_unread("b", vec![key.clone()]).unwrap(), [key]);
    // Switched off and on again it is not sent everything anew, and gets what was answered in between.
    writer.disable_store("a").unwrap();
    writer.keep_answers(vec![answer(3, LABELS, "Owl")], Timestamp(20), None).unwrap();
    writer.enable_store("a").unwrap();
    assert_eq!(due(&reader, "a"), 2);
    assert!(reader.has_answers_due("a").unwrap());
    assert!(reader.answers_due("a", TaggerKind::Device, 9, usize::MAX).unwrap().is_empty());
}

#[test]
fn an_answer_that_changed_while_its_segment_was_sent_is_owed_again() {
    let dir = tempfile::tempdir().unwrap();
    let (library, mut writer) = library(&dir);
    writer.enable_store("a").unwrap();
    writer.keep_answers(vec![answer(1, LABELS, "Dog")], Timestamp(10), None).unwrap();
    let reader = library.reader().unwrap();
    let sent = reader.answers_due("a", TaggerKind::Aws, 9, usize::MAX).unwrap();
    writer.keep_answers(vec![answer(1, LABELS, "Wolf")], Timestamp(20), None).unwrap();
    writer.answers_sent("a", &ObjectKey("k".to_owned()), TaggerKind::Aws, &sent).unwrap();
    assert!(reader.answers_due("a", TaggerKind::Aws, 9, usize::MAX).unwrap()[0].json.contains("Wolf"));
}

#[test]
fn what_a_store_told_is_owed_to_the_others_only() {
    let dir = tempfile::tempdir().unwrap();
    let (library, mut writer) = library(&dir);
    writer.enable_store("a").unwrap();
    writer.enable_store("b").unwrap();
    let key = ObjectKey("tags/aws/1.jsonl".to_owned());
    let mut from = AnswersRead { store: "a".into(), key: key.clone(), at: Timestamp(10), is_whole: false };
    let told = || vec![answer(1, BOTH, "Dog")];
    assert_eq!(writer.take_answers(&from, told()).unwrap(), 2);
    let reader = library.reader().unwrap();
    assert_eq!((due(&reader, "a"), due(&reader, "b")), (0, 2));
    assert_eq!(reader.answer_segments_unread("a", vec![key.clone()]).unwrap().len(), 1, "it was not read to its end");
    from.is_whole = true;
    assert_eq!(writer.take_answers(&from, told()).unwrap(), 0, "read again, it tells nothing new");
    assert!(reader.answer_segments_unread("a", vec![key]).unwrap().is_empty());
    // A store that tells something older is owed the newer.
    writer.keep_answers(vec![answer(1, LABELS, "Wolf")], Timestamp(30), None).unwrap();
    assert_eq!(writer.take_answers(&from, told()).unwrap(), 0);
    assert_eq!(due(&reader, "a"), 1);
}

#[test]
fn money_and_answers_are_kept_together() {
    let dir = tempfile::tempdir().unwrap();
    let (library, mut writer) = library(&dir);
    let one = Images { labels: 1, faces: 1, text: 0, people: 0 };
    let spent = Spent { images: one, micro_usd: Images { labels: 1_000, faces: 1_000, text: 0, people: 0 } };
    writer.keep_answers(vec![answer(1, BOTH, "Dog")], Timestamp(10), Some(("2026-11", &spent))).unwrap();
    assert_eq!(library.reader().unwrap().spent("2026-11").unwrap(), spent);
}
