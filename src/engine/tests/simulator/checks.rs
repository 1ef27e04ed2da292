//! What must be true: at any moment, and once everything has settled.

use std::collections::{BTreeMap, BTreeSet};

use super::life::Truth;
use super::world::SimWorld;
use super::*;
use crate::domain::VersionId;
use crate::domain::batch::{ManifestEntry, read_manifest};
use crate::engine::stores::{VAULT, shown_store};
use crate::testing::sim_store::SimStore;

/// Key, version, content.
type Fact = (String, VersionId, ContentHash);

fn store_of<'a>(world: &'a SimWorld, name: &str) -> &'a SimStore {
    if shown_store(name) == VAULT { &world.vault } else { &world.remote }
}

async fn bytes_of(store: &SimStore, key: &ObjectKey, version: Option<&VersionId>) -> Vec<u8> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut store.objects().read(key, version).await.unwrap(), &mut bytes).unwrap();
    bytes
}

/// Every receipt is met by an object with these very bytes, in the store that gave it; and what is called stored has
/// a receipt of every store for its current content.
pub(super) async fn assert_honest(world: &SimWorld, process: &Process) {
    for photo in process.photos().await {
        for version in &photo.versions {
            for proof in &version.receipts {
                let receipt = &proof.receipt;
                let store = store_of(world, &proof.store);
                let there = store.objects().head(&receipt.key, Some(&receipt.version)).await.unwrap();
                let there = there.unwrap_or_else(|| panic!("a receipt for nothing: {}", receipt.key));
                assert_eq!(there.fingerprint, receipt.fingerprint);
                assert_eq!(receipt.fingerprint.blake3, version.blake3);
                let bytes = bytes_of(store, &receipt.key, Some(&receipt.version)).await;
                assert_eq!(crate::files::fingerprint_bytes(&bytes), receipt.fingerprint);
            }
        }
        let current = photo.versions.iter().find(|version| version.current).unwrap();
        if photo.card.stored == StoredState::Stored {
            let by: BTreeSet<_> = current.receipts.iter().map(|proof| shown_store(&proof.store)).collect();
            assert_eq!(by.len(), 2, "stored with receipts of {by:?} only: {}", photo.card.name);
        }
    }
}

/// What the receipts of one store name; a file that went back to an older content may share its object.
async fn proved(process: &Process, shown: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    for photo in process.photos().await {
        for version in photo.versions {
            let of = version.receipts.into_iter().filter(|proof| shown_store(&proof.store) == shown);
            facts.extend(of.map(|proof| (proof.receipt.key.0, proof.receipt.version, version.blake3)));
        }
    }
    facts.sort();
    facts.dedup();
    facts
}

/// All versions in a store below a prefix.
async fn held(store: &SimStore, prefix: &str) -> Vec<Fact> {
    let mut found = Vec::new();
    let mut each = |listed: crate::store::Listed| {
        found.push((listed.key.0, listed.version, listed.recorded.unwrap().blake3));
        true
    };
    store.objects().list(prefix, true, &mut each).await.unwrap();
    found.sort();
    found
}

/// All is stored in both stores, nothing twice, every receipt stands in a manifest, every edit in a segment, and no
/// upload is left open.
pub(super) async fn assert_settled(world: &SimWorld, process: &Process, truth: &Truth, has_died: bool) {
    assert_honest(world, process).await;
    let there = contents(world, truth);
    for photo in process.photos().await {
        let is_stored = photo.card.stored == StoredState::Stored;
        assert!(is_stored || !there.contains(&photo.card.blake3), "it waits: {photo:?}");
    }
    for (name, store) in [("vault", &*world.vault), ("s3", &*world.remote)] {
        let proved = proved(process, name).await;
        assert_nothing_twice(store, &proved, truth).await;
        assert_told(store, &proved).await;
        assert_edits_told(process, store, has_died).await;
        assert_verifies(process, name).await;
        for (key, content) in store.open_uploads() {
            assert!(!there.contains(&content), "{name}: an upload of bytes that are stored stays open: {key}");
        }
    }
    for name in truth.files.keys() {
        let content = crate::files::fingerprint_bytes(&world.bytes(name)).blake3;
        let photo = process.photo(&Path::new(SHOOT).join(name)).await;
        // A file that went back to an older content has versions with the same bytes; one of them is enough.
        let with: Vec<_> = photo.versions.iter().filter(|version| version.blake3 == content).collect();
        assert!(!with.is_empty(), "{name} is not what it was");
        let by: BTreeSet<_> = with.iter().flat_map(|version| &version.receipts).map(|proof| &proof.store).collect();
        assert_eq!(by.len(), 2, "{name} is stored in {by:?} alone: {with:?}");
    }
}

/// What the files hold now.
fn contents(world: &SimWorld, truth: &Truth) -> BTreeSet<ContentHash> {
    truth.files.keys().map(|name| crate::files::fingerprint_bytes(&world.bytes(name)).blake3).collect()
}

/// Uploads of bytes that no file has any more.
pub(super) fn left_open(world: &SimWorld, truth: &Truth) -> u64 {
    let there = contents(world, truth);
    let open = world.stores().into_iter().flat_map(SimStore::open_uploads);
    open.filter(|(_, content)| !there.contains(content)).count() as u64
}

/// Of each content that a receipt names there is one version; what no receipt names was a file's once, and was
/// stored by a request whose answer did not arrive or whose sender died.
async fn assert_nothing_twice(store: &SimStore, proved: &[Fact], truth: &Truth) {
    let held = held(store, "photos/").await;
    let mut counts: BTreeMap<(&str, ContentHash), (usize, usize)> = BTreeMap::new();
    for (key, _, content) in &held {
        assert!(truth.ever.contains(content), "bytes that were never a file's: {key}");
        counts.entry((key, *content)).or_default().0 += 1;
    }
    for (key, _, content) in proved {
        counts.entry((key, *content)).or_default().1 += 1;
    }
    for ((key, content), (held, proved)) in counts {
        assert!(held <= proved.max(1), "{held} versions of the same bytes, {proved} receipts: {key} {content}");
    }
}

/// Manifests tell of every receipt and of nothing else.
async fn assert_told(store: &SimStore, proved: &[Fact]) {
    let mut told: Vec<Fact> = Vec::new();
    for (key, version, _) in held(store, "batches/").await {
        let text = String::from_utf8(bytes_of(store, &ObjectKey(key), Some(&version)).await).unwrap();
        for entry in read_manifest(&text) {
            if let ManifestEntry::Item(line) = entry.unwrap() {
                told.push((line.key.0, line.version_id, line.blake3));
            }
        }
    }
    told.sort();
    told.dedup();
    assert_eq!(told, proved, "manifests tell of every receipt and of nothing else");
}

/// The library's own check finds nothing missing and nothing damaged.
async fn assert_verifies(process: &Process, name: &str) {
    let reporter = Reporter::new(&process.engine, OP, OpKind::Verify);
    let level = crate::protocol::VerifyLevel::EveryByte;
    let report = process.engine.verify(name, level, None, &Cancel::default(), &reporter).await.unwrap();
    assert_eq!((report.missing, report.corrupt), (vec![], vec![]), "{name}");
    assert_eq!(report.ok, report.checked);
}

/// Segments tell every edit, and twice only where an answer was lost or the process died.
async fn assert_edits_told(process: &Process, store: &SimStore, has_died: bool) {
    let mut told = Vec::new();
    for (key, version, _) in held(store, "edits/").await {
        let text = String::from_utf8(bytes_of(store, &ObjectKey(key), Some(&version)).await).unwrap();
        told.extend(text.lines().map(str::to_owned));
    }
    let edits = process.engine.read(|reader| reader.edits_since(0, 100_000)).await.unwrap();
    let mut made: Vec<String> = edits.iter().map(|(_, edit)| serde_json::to_string(edit).unwrap()).collect();
    told.sort();
    made.sort();
    if has_died || store.was_unanswered("edits/") {
        told.dedup();
    }
    assert_eq!(told, made, "segments tell of every edit and of nothing else");
}

/// A library built from the remote store alone has the same photos. What was stored by a request that nobody got an
/// answer to, and that no manifest tells of, a rebuild takes for the newest; what was proved is there all the same.
pub(super) async fn assert_rebuilds(world: &SimWorld, process: &Process) {
    let other = world.open_at("rebuilt").await;
    let reporter = Reporter::new(&other.engine, OP, OpKind::OpenStore);
    let (_, failed) = other.engine.open_store(None, &Cancel::default(), &reporter).await.unwrap();
    for failure in failed {
        assert!(failure.why.contains("in no manifest"), "the rebuild had trouble: {failure:?}");
    }
    let (was, is) = (shown(process).await, shown(&other).await);
    for (id, photo) in &was {
        let again = is.get(id).unwrap_or_else(|| panic!("not rebuilt: {id} {photo:?}"));
        let lacking: Vec<_> = photo.proved.difference(&again.proved).collect();
        assert!(lacking.is_empty(), "{id}: contents {lacking:?} of {photo:?} are not in {again:?}");
        let is_stray = again.current_at.as_ref().is_none_or(|at| !photo.proved_at.contains(at));
        // A current version whose file was gone before it could be sent is not there, and the library says so.
        assert!(
            photo.current == again.current || is_stray || photo.current_at.is_none(),
            "{id}: {photo:?} is now {again:?}"
        );
        assert_eq!(photo.words, again.words, "{id}");
    }
}

/// A photo as a rebuild must show it.
#[derive(Debug)]
struct Shown {
    current: ContentHash,
    /// Contents with a receipt.
    proved: BTreeSet<ContentHash>,
    /// The store's versions that they name.
    proved_at: BTreeSet<String>,
    /// That of the current version itself, not only of an earlier one with the same bytes.
    current_at: Option<String>,
    /// Rating, colour label, and tags that a person gave.
    words: String,
}

/// The photos whose current content the remote store has, by identity.
async fn shown(process: &Process) -> BTreeMap<String, Shown> {
    let mut all = BTreeMap::new();
    for photo in process.photos().await {
        let of = |version: &&crate::domain::PhotoVersion| {
            version.receipts.iter().any(|proof| shown_store(&proof.store) == "s3")
        };
        let proved: BTreeSet<_> = photo.versions.iter().filter(of).map(|version| version.blake3).collect();
        let at = |version: &crate::domain::PhotoVersion| -> Vec<String> {
            let there = version.receipts.iter().filter(|proof| shown_store(&proof.store) == "s3");
            there.map(|proof| proof.receipt.version.0.clone()).collect()
        };
        let proved_at = photo.versions.iter().flat_map(at).collect();
        let current_at = photo.versions.iter().filter(|version| version.current).flat_map(at).next();
        if proved.contains(&photo.card.blake3) {
            let tags: Vec<_> = photo.tags.iter().map(|tag| &tag.name).filter(|tag| tag.starts_with("tag ")).collect();
            let words = format!("{:?} {:?} {tags:?}", photo.card.rating, photo.card.label);
            all.insert(
                photo.card.id.to_string(),
                Shown { current: photo.card.blake3, proved, proved_at, current_at, words },
            );
        }
    }
    all
}
