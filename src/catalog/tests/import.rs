//! Import: what a file means, and what becomes of the photos.

use super::*;
use crate::domain::edit::Change;
use crate::domain::intake::Meaning;

const DAY: &str = "2024-05-03T12:00:00";

fn meanings(outcomes: &[Outcome]) -> Vec<Meaning> {
    outcomes.iter().map(|outcome| outcome.meaning).collect()
}

#[test]
fn two_identical_new_files_are_one_photo_with_two_paths() {
    let mut lib = Fixture::new();
    let files = [photo("a.jpg", 1, DAY), photo("b.jpg", 1, DAY)];
    let first = lib.take(&files);
    assert_eq!(meanings(&first), [Meaning::Added, Meaning::Duplicate]);
    assert_eq!(first[0].photo, first[1].photo);
    assert_eq!(meanings(&lib.take(&files)), [Meaning::Unchanged, Meaning::Unchanged]);
    let detail = lib.detail(&first[0]);
    assert_eq!(detail.paths.len(), 2);
    assert_eq!(detail.versions.len(), 1);
    assert_eq!(lib.reader.status().unwrap().photos, 1);
}

#[test]
fn a_moved_file_keeps_its_key_and_its_photo() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    let added = lib.take(&[photo("a.jpg", 1, DAY)])[0];
    let moved = lib.take_where(&[photo("sub/b.jpg", 1, DAY)], false)[0];
    assert_eq!(moved.meaning, Meaning::Moved);
    assert_eq!(moved.photo, added.photo);
    let detail = lib.detail(&moved);
    assert_eq!(detail.card.name, "b.jpg");
    assert_eq!(detail.paths.iter().map(|path| path.gone).collect::<Vec<_>>(), [false, true]);
    let pending = lib.reader.pending("vault", None, None, 10).unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].key.0, "photos/a.jpg");
    assert_eq!(pending[0].paths, [PathBuf::from("/shoot/sub/b.jpg")]);
    assert_eq!(lib.find("sub"), ["b.jpg"]);
    assert!(lib.find("a.jpg").is_empty());
    // It comes back.
    assert_eq!(lib.take_where(&[photo("a.jpg", 1, DAY)], false)[0].meaning, Meaning::Moved);
    assert_eq!(lib.detail(&added).card.name, "a.jpg");
}

#[test]
fn the_same_capture_with_new_bytes_is_a_version() {
    let mut lib = Fixture::new();
    lib.writer.enable_store("vault").unwrap();
    let added = lib.take(&[photo("a.jpg", 1, DAY)])[0];
    assert_eq!(lib.store_all("b1"), 1);
    let updated = lib.take(&[photo("a.jpg", 2, DAY)])[0];
    assert_eq!((updated.meaning, updated.photo), (Meaning::Updated, added.photo));
    let detail = lib.detail(&updated);
    assert_eq!(detail.card.id.0, print(1).blake3);
    assert_eq!(detail.card.blake3, print(2).blake3);
    assert_ne!(detail.card.stored, crate::domain::StoredState::Stored);
    assert_eq!(detail.versions.iter().map(|v| (v.number, v.current)).collect::<Vec<_>>(), [(2, true), (1, false)]);
    // Putting the old content back is a third version, not "unchanged".
    assert_eq!(lib.take(&[photo("a.jpg", 1, DAY)])[0].meaning, Meaning::Updated);
    assert_eq!(lib.detail(&updated).versions.len(), 3);
    assert_eq!(lib.reader.status().unwrap().bytes, print(1).size);
    // Only the newest content can still be read; only it is queued.
    assert_eq!(lib.reader.pending("vault", None, None, 10).unwrap().len(), 1);
}

#[test]
fn another_photo_at_a_known_path_leaves_the_first_one() {
    let mut lib = Fixture::new();
    let first = lib.take(&[photo("DCIM/IMG_0001.JPG", 1, DAY)])[0];
    let second = lib.take(&[photo("DCIM/IMG_0001.JPG", 2, "2024-06-01T10:00:00")])[0];
    assert_eq!(second.meaning, Meaning::Added);
    assert_ne!(first.photo, second.photo);
    assert_eq!(lib.reader.status().unwrap().photos, 2);
    let old = lib.detail(&first);
    assert!(old.paths.iter().all(|path| path.gone));
    assert_eq!(lib.find("IMG_0001").len(), 2);
    assert_eq!(lib.reader.photo_at(Path::new("/shoot/DCIM/IMG_0001.JPG")).unwrap().unwrap().0, print(2).blake3);
    // The second key was taken, so it got its own.
    lib.writer.enable_store("vault").unwrap();
    let keys: Vec<_> = lib.reader.pending("vault", None, None, 10).unwrap().into_iter().map(|p| p.key.0).collect();
    assert_eq!(keys, ["photos/DCIM/IMG_0001.JPG~02"], "what is gone cannot be sent");
}

#[test]
fn companions_find_their_photo_in_either_order() {
    let mut lib = Fixture::new();
    let early = lib.take(&[companion("x.aae", 9, FileKind::Sidecar), companion("clip.mov", 8, FileKind::Video)]);
    assert_eq!(early[0].photo, None);
    let later = lib.take(&[
        companion("x.jpg.xmp", 7, FileKind::Sidecar),
        companion("y.xmp", 7, FileKind::Sidecar),
        photo("x.jpg", 1, DAY),
        photo("y.jpg", 2, DAY),
    ]);
    assert_eq!(meanings(&later), [Meaning::Added; 4]);
    assert_eq!(later[0].photo, later[2].photo);
    assert_eq!(later[1].photo, later[3].photo, "equal sidecars of two photos are two files");
    let companions = lib.detail(&later[2]).companions;
    assert_eq!(
        companions.iter().map(|c| c.path.clone()).collect::<Vec<_>>(),
        [PathBuf::from("/shoot/x.aae"), PathBuf::from("/shoot/x.jpg.xmp")]
    );
    assert_eq!(lib.take(&[companion("y.xmp", 6, FileKind::Sidecar)])[0].meaning, Meaning::Updated);
    assert_eq!(lib.reader.status().unwrap().photos, 2);
}

#[test]
fn a_removed_photo_is_shown_again_by_an_import() {
    let mut lib = Fixture::new();
    let file = photo("a.jpg", 1, DAY);
    let added = lib.take(std::slice::from_ref(&file))[0];
    assert!(lib.reader.known(&file.path).unwrap().is_some());
    lib.writer.edit(&[added.seat.unwrap()], &Change::Hidden(true), Timestamp(1)).unwrap();
    assert_eq!(lib.reader.known(&file.path).unwrap(), None, "so that an import reads it");
    assert!(lib.find("").is_empty());
    assert_eq!(lib.take(std::slice::from_ref(&file))[0].meaning, Meaning::Unchanged);
    assert_eq!(lib.find(""), ["a.jpg"]);
    lib.writer.undo(Timestamp(2)).unwrap();
    assert!(lib.find("").is_empty());
}

#[test]
fn new_metadata_of_the_same_bytes_is_taken_over() {
    let mut lib = Fixture::new();
    let mut file = photo("a.jpg", 1, "");
    let before = lib.take(std::slice::from_ref(&file))[0];
    file.metadata.taken_at = TakenAt::from_rfc3339("1999-01-02T03:04:05");
    file.metadata.keywords = vec!["Grandma".into()];
    file.metadata.rating = crate::domain::Rating::new(4);
    let after = lib.take(std::slice::from_ref(&file))[0];
    assert_eq!(after.meaning, Meaning::Unchanged);
    assert!(after.seat > before.seat);
    assert_eq!(lib.find("tag:grandma date:1999 rating:4"), ["a.jpg"]);
    file.metadata.keywords.clear();
    lib.take(std::slice::from_ref(&file));
    assert!(lib.find("tag:grandma").is_empty());
}

#[test]
fn undated_photos_keep_the_order_of_their_paths() {
    let mut lib = Fixture::new();
    let names: Vec<String> = (0..20).map(|n| format!("p{n:02}.png")).collect();
    let files: Vec<_> = names.iter().enumerate().map(|(n, name)| photo(name, n as u8, "")).collect();
    lib.take(&files);
    lib.take(&[photo("dated.jpg", 99, DAY)]);
    let found = lib.find("");
    assert_eq!(found[0], "dated.jpg");
    assert_eq!(found[1..], names);
}

#[test]
fn ties_are_paged_by_path() {
    let mut lib = Fixture::new();
    for (n, name) in ["c.jpg", "a.jpg", "b.jpg"].into_iter().enumerate() {
        lib.take(&[photo(name, n as u8, DAY)]);
    }
    lib.take(&[photo("z.png", 50, ""), photo("new.jpg", 51, "2025-01-01T00:00:00")]);
    lib.take(&[photo("m.png", 52, "")]);
    for limit in 0..8 {
        let (total, seats) = lib.reader.page_by_path(&Query::everything(), limit, &Stop::new()).unwrap();
        let names: Vec<_> = lib.reader.cards(&seats).unwrap().into_iter().map(|card| card.name).collect();
        let all = ["new.jpg", "a.jpg", "b.jpg", "c.jpg", "m.png", "z.png"];
        assert_eq!(names, all[..limit.min(6)]);
        assert_eq!(total, 6);
    }
}

#[test]
fn a_thousand_photos_of_one_millisecond_find_seats() {
    let mut lib = Fixture::new();
    let files: Vec<_> = (0..1_200_u32)
        .map(|n| {
            let mut file = photo(&format!("{n:04}.jpg"), 0, DAY);
            file.fingerprint.blake3.0[..4].copy_from_slice(&n.to_be_bytes());
            file
        })
        .collect();
    lib.take(&files);
    let found = lib.find("");
    assert_eq!(found.len(), 1_200);
    assert!(found.is_sorted());
    assert_eq!(lib.find("date:2024-05-03").len(), 1_200);
}

#[test]
fn root_names_are_unique_and_stay() {
    let mut lib = Fixture::new();
    let fold = |name: &str| name.to_lowercase();
    let mut name = |path: &str, proposed: &str| lib.writer.root_name(Path::new(path), proposed, &fold).unwrap();
    assert_eq!(name("/a/100CANON", "100CANON"), "100CANON");
    assert_eq!(name("/b/100canon", "100canon"), "100canon-2");
    assert_eq!(name("/a/100CANON", "100CANON"), "100CANON");
}

#[test]
fn a_failed_import_leaves_nothing_behind() {
    let mut lib = Fixture::new();
    let good = photo("word.jpg", 1, DAY);
    let bad = Candidate { keys: Vec::new(), ..photo("b.jpg", 2, DAY) };
    let taken = lib.writer.take_in(&[good.clone(), bad], Timestamp(0), &|_, _, _| true);
    assert!(matches!(taken, Err(CatalogError::Refused(_))));
    assert!(lib.find("").is_empty());
    lib.take(&[good]);
    assert_eq!(lib.find("word tag:2024"), ["word.jpg"], "no token of the failed import is remembered");
}
