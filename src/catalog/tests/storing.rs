//! Queue, receipts, batches, manifests, and rebuilding from them.

use super::*;
use crate::catalog::queue::PREVIOUS;
use crate::domain::StoredState;
use crate::domain::batch::{ManifestEntry, ManifestLine, read_manifest, write_manifest};
use crate::domain::edit::Change;

const DAY: &str = "2024-05-03T12:00:00";

fn fold(key: &str) -> String {
    key.to_lowercase()
}

#[test]
fn stored_means_a_receipt_from_every_enabled_store() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    let outcome = lib.take(&[photo("a.jpg", 1, DAY), companion("a.xmp", 2, FileKind::Sidecar)])[0];
    assert_eq!(lib.find("stored:yes"), Vec::<String>::new());
    assert_eq!(lib.reader.status().unwrap().waiting, 2);
    let pending = lib.reader.pending("vault", None, None, 10).unwrap();
    lib.writer.open_batch("B1", "vault", Timestamp(1)).unwrap();
    assert_eq!(lib.writer.assign("B1").unwrap(), 2);
    lib.writer.record_receipt(pending[0].version, "vault", &receipt(&pending[0]), "B1").unwrap();
    assert!(lib.find("stored:yes").is_empty(), "its sidecar is not there yet");
    lib.writer.record_receipt(pending[1].version, "vault", &receipt(&pending[1]), "B1").unwrap();
    assert_eq!(lib.find("stored:yes"), ["a.jpg"]);
    assert_eq!(lib.detail(&outcome).card.stored, StoredState::Stored);
    assert!(lib.detail(&outcome).companions[0].stored);
    lib.writer.enable_store("aws").unwrap();
    assert_eq!(lib.find("stored:no"), ["a.jpg"]);
    assert_eq!(lib.reader.status().unwrap().waiting, 2);
    lib.writer.disable_store("aws").unwrap();
    assert_eq!(lib.find("stored:yes"), ["a.jpg"]);
    let stores = lib.reader.stores().unwrap();
    assert_eq!((stores[0].receipts, stores[0].waiting, stores[1].waiting, stores[1].enabled), (2, 0, 0, false));
}

#[test]
fn a_receipt_for_other_bytes_is_refused() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    lib.take(&[photo("a.jpg", 1, DAY)]);
    lib.writer.open_batch("B1", "vault", Timestamp(1)).unwrap();
    let item = lib.reader.pending("vault", None, None, 10).unwrap().remove(0);
    let mut wrong = receipt(&item);
    wrong.fingerprint.crc64nvme = Crc64(0);
    let refused = lib.writer.record_receipt(item.version, "vault", &wrong, "B1");
    assert!(matches!(refused, Err(CatalogError::Refused(_))));
    assert_eq!(lib.reader.status().unwrap().stored, 0);
    assert_eq!(lib.reader.pending("vault", None, None, 10).unwrap().len(), 1);
}

#[test]
fn the_queue_says_why_it_waits() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    let outcome = lib.take(&[photo("a.jpg", 1, DAY), photo("b.jpg", 2, DAY)])[0];
    let needs = UploadState::NeedsYou { why: "the file is gone".into() };
    lib.writer.set_upload_state(outcome.version, "vault", &needs).unwrap();
    assert_eq!(lib.detail(&outcome).card.stored, StoredState::NeedsYou { why: "the file is gone".into() });
    let status = lib.reader.status().unwrap();
    assert_eq!((status.waiting, status.needs_you), (1, 1));
    assert_eq!(lib.reader.needs_you(9).unwrap()[0].state, needs);
    let later = UploadState::Waiting { until: Timestamp(99), why: "the disk is away".into() };
    lib.writer.set_upload_state(outcome.version, "vault", &later).unwrap();
    assert_eq!(lib.reader.pending("vault", None, None, 1).unwrap()[0].state, later);
    assert_eq!(lib.writer.try_again(None).unwrap(), 1);
    assert_eq!(lib.detail(&outcome).card.stored, StoredState::Queued);
}

#[test]
fn each_receipt_is_told_once_and_moves_are_told_again() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    lib.take(&[photo("a.jpg", 1, DAY), photo("b.jpg", 2, DAY)]);
    lib.store_all("B1");
    let due = lib.reader.due_lines("B1", 1).unwrap();
    assert_eq!(due.len(), 1);
    lib.writer.segment_written("B1", 1, &[due[0].version], false).unwrap();
    let due = lib.reader.due_lines("B1", 10).unwrap();
    assert_eq!(due.iter().map(|due| due.line.key.0.as_str()).collect::<Vec<_>>(), ["photos/b.jpg"]);
    assert_eq!(lib.reader.unfinished_batches("vault").unwrap()[0].segments, 1);
    lib.writer.segment_written("B1", 2, &[due[0].version], true).unwrap();
    assert!(lib.reader.unfinished_batches("vault").unwrap().is_empty());
    assert!(!lib.reader.has_path_news("vault").unwrap());
    lib.take_where(&[photo("c.jpg", 1, DAY)], false);
    assert!(lib.reader.has_path_news("vault").unwrap());
    lib.writer.open_batch("B2", "vault", Timestamp(2)).unwrap();
    let due = lib.reader.due_lines("B2", 10).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].line.key.0, "photos/a.jpg");
    assert_eq!(due[0].line.paths[0].0, PathBuf::from("/shoot/c.jpg"));
    lib.writer.segment_written("B2", 1, &[due[0].version], true).unwrap();
    assert!(!lib.reader.has_path_news("vault").unwrap());
    assert!(lib.reader.due_lines("B2", 10).unwrap().is_empty());
}

#[test]
fn receipts_are_found_by_key_and_in_pages() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    let files: Vec<_> = (1..=5).map(|n| photo(&format!("{n}.jpg"), n, DAY)).collect();
    let outcomes = lib.take(&files);
    lib.store_all("B1");
    let mut after = None;
    let mut seen = Vec::new();
    while let Some(last) = {
        let page = lib.reader.receipts("vault", after, 2).unwrap();
        seen.extend(page.iter().map(|row| row.receipt.key.0.clone()));
        page.last().map(|row| row.version)
    } {
        after = Some(last);
    }
    assert_eq!(seen.len(), 5);
    let version = format!("v{}", outcomes[2].version.0);
    let found = lib.reader.receipt_for("vault", "photos/3.jpg", &version).unwrap().unwrap();
    assert_eq!(found.fingerprint, print(3));
    assert_eq!(lib.reader.receipt_for("vault", "photos/3.jpg", "other").unwrap(), None);
    let key = ProposedKey { key: ObjectKey("photos/new".into()), fold: "photos/new".into() };
    lib.writer.rekey(outcomes[2].asset, &[key]).unwrap();
    let kept = &lib.detail(&outcomes[2]).versions[0].receipts[0].receipt.key;
    assert_eq!(kept.0, "photos/3.jpg", "a receipt keeps the key it was given for");
}

/// Everything of a library that must survive the loss of the computer, as text.
fn whole(lib: &Fixture) -> String {
    let seats = lib.seats("");
    let photos: Vec<String> = seats
        .iter()
        .map(|seat| {
            let mut photo = lib.reader.photo(*seat).unwrap().unwrap();
            photo.card.seat = Seat(0);
            photo.paths.retain(|path| !path.gone);
            format!("{photo:#?}")
        })
        .collect();
    photos.join("\n")
}

#[test]
fn a_lost_library_comes_back_from_manifests_and_edits() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    let mut keyworded = photo("trip Iceland/a.jpg", 1, DAY);
    keyworded.metadata.keywords = vec!["Geysir".into()];
    keyworded.metadata.caption = Some("Strokkur erupts".into());
    lib.take(&[
        keyworded,
        photo("trip Iceland/b.jpg", 2, ""),
        photo("copy/b.jpg", 2, ""),
        companion("trip Iceland/a.xmp", 3, FileKind::Sidecar),
        companion("film.mov", 4, FileKind::Video),
    ]);
    let mut segments: Vec<(String, u32, Vec<ManifestLine>)> = Vec::new();
    let tell = |lib: &mut Fixture, batch: &str, segments: &mut Vec<_>| {
        lib.store_all(batch);
        for segment in 1.. {
            let due = lib.reader.due_lines(batch, 2).unwrap();
            let versions: Vec<_> = due.iter().map(|due| due.version).collect();
            lib.writer.segment_written(batch, segment, &versions, due.is_empty()).unwrap();
            if due.is_empty() {
                break;
            }
            let entries: Vec<_> = due.into_iter().map(|due| ManifestEntry::Item(Box::new(due.line))).collect();
            let text = write_manifest(&entries);
            let lines = read_manifest(&text)
                .map(|entry| match entry.unwrap() {
                    ManifestEntry::Item(line) => *line,
                    ManifestEntry::End(_) => panic!(),
                })
                .collect();
            segments.push((batch.to_owned(), segment, lines));
        }
    };
    tell(&mut lib, "B1", &mut segments);
    // A new version, a move, another photo at an old path, and edits.
    lib.take(&[photo("trip Iceland/b.jpg", 5, "")]);
    lib.take_where(&[photo("moved/a.jpg", 1, DAY)], false);
    lib.take(&[photo("copy/b.jpg", 6, "2024-08-01T01:02:03")]);
    tell(&mut lib, "B2", &mut segments);
    let seats = lib.seats("");
    lib.writer.edit(&seats[..2], &Change::Rating(crate::domain::Rating::new(4).unwrap()), Timestamp(1)).unwrap();
    lib.writer.edit(&seats[..1], &Change::AddTag("Kept".into()), Timestamp(2)).unwrap();
    lib.writer.edit(&seats, &Change::RemoveTag("landscape".into()), Timestamp(3)).unwrap();
    lib.writer.edit(&seats[1..], &Change::AddTag("Oops".into()), Timestamp(4)).unwrap();
    lib.writer.undo(Timestamp(5)).unwrap();
    let edits: Vec<_> = lib.reader.edits_since(0, 1000).unwrap().into_iter().map(|(_, edit)| edit).collect();
    for edits_first in [true, false] {
        let mut again = Fixture::new();
        if edits_first {
            again.writer.apply_foreign_edits(&edits).unwrap();
        }
        // Twice: an interrupted rebuild begins anew.
        for _ in 0..2 {
            for (batch, segment, lines) in &segments {
                let info = SegmentInfo {
                    store: "vault".into(),
                    batch: batch.clone(),
                    started: Timestamp(5),
                    segment: *segment,
                    is_final: true,
                };
                again.writer.rebuild_from(&info, lines, &fold).unwrap();
            }
        }
        again.writer.apply_foreign_edits(&edits).unwrap();
        assert_eq!(whole(&again), whole(&lib));
        assert_eq!(again.reader.status().unwrap(), lib.reader.status().unwrap());
        for query in ["iceland", "tag:geysir", "\"strokkur erupts\"", "rating:4", "tag:kept", "tag:oops", "stored:yes"]
        {
            assert_eq!(again.find(query), lib.find(query), "{query}");
        }
        assert_eq!(again.store_all("B3"), 0, "nothing is sent again");
    }
}

#[test]
fn an_item_of_the_queue_costs_the_same_however_much_is_stored() {
    let mut fixture = Fixture::new();
    fixture.writer.enable_store("vault").unwrap();
    let (mut steps, mut next) = (Vec::new(), 0);
    for stored in [4_u8, 200] {
        let photos: Vec<Candidate> =
            (next..=stored).map(|n| photo(&format!("{n}.jpg"), n, "2024-05-03T10:00:00")).collect();
        fixture.take(&photos);
        next = stored + 1;
        // All but the last are stored.
        fixture.writer.open_batch(&format!("B{stored}"), "vault", Timestamp(5)).unwrap();
        fixture.writer.assign(&format!("B{stored}")).unwrap();
        let mut pending = fixture.reader.pending("vault", None, None, 1_000).unwrap();
        pending.pop();
        for item in &pending {
            fixture.writer.record_receipt(item.version, "vault", &receipt(item), &format!("B{stored}")).unwrap();
        }
        let all = Lane { chosen: false, large: false };
        let counted =
            |reader: &Reader| reader.db.prepare_cached(PREVIOUS).unwrap().get_status(rusqlite::StatementStatus::VmStep);
        let before = counted(&fixture.reader);
        assert_eq!(fixture.reader.next_uploads("vault", all, None, None, 10).unwrap().len(), 1);
        steps.push(counted(&fixture.reader) - before);
    }
    assert!(steps[0] > 0 && steps[1] <= steps[0] + 10, "steps of SQLite for one item: {steps:?}");
}

/// A line of a manifest: a content of the photo whose first content is 1, with its number.
fn told(content: u8, number: u32, version_id: &str) -> ManifestLine {
    let print = print(content);
    ManifestLine {
        id: Some(crate::domain::PhotoId(ContentHash([1; 32]))),
        asset: crate::domain::batch::AssetKind::Original,
        version: number,
        blake3: print.blake3,
        key: ObjectKey("photos/shoot/a.jpg".into()),
        paths: vec![crate::domain::path_text::PathText("/shoot/a.jpg".into())],
        depths: vec![1],
        version_id: VersionId(version_id.into()),
        etag: "\"e\"".into(),
        size: print.size,
        crc64nvme: print.crc64nvme,
        mtime: Timestamp(i64::from(content)),
        taken_at: None,
        stored_at: Timestamp(77),
        class: None,
        by: None,
        format: Some(Format::Jpeg),
        metadata: None,
    }
}

#[test]
fn a_number_that_is_taken_loses_no_bytes() {
    let mut lib = Fixture::new();
    let take = |lib: &mut Fixture, segment: u32, lines: &[ManifestLine]| {
        let batch = if segment == 0 { "STRAYS" } else { "B1" }.to_owned();
        let info = SegmentInfo { store: "s3".into(), batch, started: Timestamp(5), segment, is_final: segment > 0 };
        lib.writer.rebuild_from(&info, lines, &fold).unwrap();
    };
    take(&mut lib, 1, &[told(1, 1, "v1"), told(2, 2, "v2")]);
    let contents = |lib: &Fixture| {
        let detail = lib.reader.photo(lib.seats("")[0]).unwrap().unwrap();
        let mut all: Vec<_> = detail.versions.iter().map(|it| (it.number, it.blake3.0[0], it.current)).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(contents(&lib), [(1, 1, false), (2, 2, true)]);
    // Under a key that the photo had before, so that nobody could know the numbers. Twice is once.
    for _ in 0..2 {
        take(&mut lib, 0, &[told(3, 1, "under another key")]);
    }
    assert_eq!(contents(&lib), [(1, 1, false), (2, 2, false), (3, 3, true)]);
    // The first content again, after the third: a version of its own.
    take(&mut lib, 0, &[told(1, 4, "again")]);
    assert_eq!(contents(&lib), [(1, 1, false), (2, 2, false), (3, 3, false), (4, 1, true)]);
}
