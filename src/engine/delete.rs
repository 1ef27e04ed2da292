//! Delete and undelete: a marker in every store, and the way back. No version is ever removed, and no local file.
//!
//! The order, every step of which may be repeated: the row that says so (from here on nothing calls the file stored
//! there) → the store's marker → its name → the photo leaves the library. A photo of which a store could not be asked
//! stays in the library, so that deleting it can be tried again. Before a marker is put, what is current at the key must
//! be ours: another program's object is left alone.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::errors::store_error;
use super::parts::Engine;
use super::progress::Reporter;
use super::stores::{OpenedStore, shown_store};
use crate::catalog::{AssetNum, Deletable, DeletableObject, VersionNum};
use crate::domain::keep::Weight;
use crate::domain::{Change, Receipt, Seat, VersionId, keys};
use crate::protocol::{ErrorCode, ItemFailure, Phase, UserError};
use crate::store::{Listed, ObjectStore, StoreError};

/// Photos dealt with in one round of transactions.
const PAGE: usize = 256;
/// How often a passing fault is met with another try.
const TRIES: usize = 3;
/// Failures in a row after which a store is taken to be away.
const MOST_FAILURES: u32 = 12;

/// The stores that can be used now, by their names in the catalogue; and why others cannot, by their names for people.
struct Places {
    ready: BTreeMap<String, OpenedStore>,
    away: BTreeMap<&'static str, String>,
    /// Failures since the last success, by store.
    failures: Mutex<BTreeMap<String, u32>>,
    cancel: Cancel,
}

impl Places {
    /// A store that is worth asking.
    fn get(&self, store: &str) -> Result<&OpenedStore, String> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.get(store).is_some_and(|count| *count >= MOST_FAILURES) {
            return Err("the store does not answer any more".to_owned());
        }
        self.ready.get(store).ok_or_else(|| {
            let shown = shown_store(store);
            self.away.get(shown).cloned().unwrap_or_else(|| format!("the store {shown} is not in use"))
        })
    }

    /// Does one thing with an object, unless the store is away or a person has stopped it all.
    async fn ask<'a, T>(
        &'a self,
        object: &'a DeletableObject,
        work: impl AsyncFnOnce(&'a OpenedStore, &'a DeletableObject) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.cancel.is_cancelled() {
            return Err("it was stopped before".to_owned());
        }
        let answer = work(self.get(&object.store)?, object).await;
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.entry(object.store.clone()).or_default();
        *count = if answer.is_ok() { 0 } else { *count + 1 };
        answer
    }

    fn width(&self) -> usize {
        self.ready.values().map(|place| place.store.width()).max().unwrap_or(1).max(1)
    }
}

impl Engine {
    async fn deletion_places(&self, cancel: &Cancel) -> Places {
        let mut places = Places {
            ready: BTreeMap::new(),
            away: BTreeMap::new(),
            failures: Mutex::default(),
            cancel: cancel.clone(),
        };
        for (shown, opened) in self.stores_ready().await {
            match opened {
                Ok(opened) => drop(places.ready.insert(opened.name.clone(), opened)),
                Err(error) => drop(places.away.insert(shown, error.message)),
            }
        }
        places
    }

    /// What deleting these photos would touch.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn weigh(&self, seats: Arc<[Seat]>) -> Result<Weight, UserError> {
        self.read(move |reader| reader.weigh(&seats)).await
    }

    /// Deletes photos in every store (a marker; every version stays) and takes them out of the library. What was
    /// deleted, and what could not be and why; that stays in the library and can be tried again.
    ///
    /// # Errors
    /// Where the catalogue cannot be written, or it was stopped: what was deleted before that is.
    pub async fn delete(
        &self,
        seats: Arc<[Seat]>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<(Weight, Vec<ItemFailure>), UserError> {
        reporter.update(|progress| {
            progress.phase = Phase::Working;
            progress.total = seats.len() as u64;
        });
        let places = self.deletion_places(cancel).await;
        let (mut gone, mut failed) = (Vec::new(), Vec::new());
        for page in seats.chunks(PAGE) {
            if cancel.is_cancelled() {
                break;
            }
            let wanted = page.to_vec();
            let photos = self.read(move |reader| reader.deletable(&wanted)).await?;
            let intended: Vec<(String, AssetNum)> = each_object(&photos)
                .filter(|(_, object)| places.get(&object.store).is_ok())
                .map(|(_, object)| (object.store.clone(), object.asset))
                .collect();
            let now = self.now();
            self.write(move |writer| writer.begin_deletion(&intended, now)).await?;
            let (done, refused) = mark_all(&places, &photos).await;
            self.write(move |writer| writer.deletion_done(&done)).await?;
            let kept: HashSet<Seat> = refused.iter().map(|(seat, _)| *seat).collect();
            failed.extend(refused.into_iter().map(|(_, failure)| failure));
            gone.extend(photos.iter().map(|photo| photo.seat).filter(|seat| !kept.contains(seat)));
            reporter.update(|progress| {
                progress.done += page.len() as u64;
                progress.failed = failed.len() as u64;
            });
        }
        let gone: Arc<[Seat]> = gone.into();
        let weight = self.weigh(gone.clone()).await?;
        let dropped = gone.clone();
        self.write(move |writer| writer.drop_uploads(&dropped)).await?;
        // One gesture for all of them, so that one undo shows them again (and stores them again from their files).
        self.edit(gone, Change::Hidden(true)).await?;
        self.0.stale.notify_one();
        tracing::info!(photos = weight.photos, files = weight.files, failed = failed.len(), "deleted in the stores");
        stopped_early(cancel, "deleting", weight)?;
        Ok((weight, failed))
    }

    /// Brings deleted photos back: in every store a copy of the last real version on top, and into the library. What
    /// came back, and what did not and why.
    ///
    /// # Errors
    /// Where the catalogue cannot be written, or it was stopped: what came back before that has.
    pub async fn undelete(
        &self,
        seats: Arc<[Seat]>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<(Weight, Vec<ItemFailure>), UserError> {
        reporter.update(|progress| {
            progress.phase = Phase::Working;
            progress.total = seats.len() as u64;
        });
        let places = self.deletion_places(cancel).await;
        let (mut back, mut failed, mut batches) = (Vec::new(), Vec::new(), BTreeMap::new());
        for page in seats.chunks(PAGE) {
            if cancel.is_cancelled() {
                break;
            }
            let wanted = page.to_vec();
            let photos = self.read(move |reader| reader.deletable(&wanted)).await?;
            let (restored, refused) = restore_all(&places, &photos).await;
            let lost: HashSet<Seat> = refused.iter().map(|(seat, _)| *seat).collect();
            failed.extend(refused.into_iter().map(|(_, failure)| failure));
            let has_some: HashSet<Seat> = restored.iter().map(|(seat, ..)| *seat).collect();
            self.prove_again(&mut batches, restored).await?;
            // One store is enough to have it back; another that is away gets it again from there or from the file.
            let is_back = |seat: &Seat| has_some.contains(seat) || !lost.contains(seat);
            back.extend(photos.iter().map(|photo| photo.seat).filter(is_back));
            reporter.update(|progress| {
                progress.done += page.len() as u64;
                progress.failed = failed.len() as u64;
            });
        }
        let back: Arc<[Seat]> = back.into();
        self.edit(back.clone(), Change::Hidden(false)).await?;
        let weight = self.weigh(back).await?;
        self.0.stale.notify_one();
        tracing::info!(photos = weight.photos, files = weight.files, failed = failed.len(), "brought back");
        stopped_early(cancel, "bringing back", weight)?;
        Ok((weight, failed))
    }

    /// On a computer that has only just learned of its photos from a store: which of those that are not shown were
    /// deleted there, so that they can be brought back. (Markers stand in the store; that they were ours, nowhere else.)
    pub(super) async fn find_deleted(&self, name: &str, store: &dyn ObjectStore) -> Result<(), UserError> {
        let wanted = name.to_owned();
        let mut absent: HashMap<String, AssetNum> = self
            .read(move |reader| {
                let mut objects = HashMap::new();
                for photo in reader.deletable(&reader.hidden_seats()?)? {
                    let here = photo.objects.into_iter().filter(|object| object.store == wanted);
                    objects.extend(here.map(|object| (keys::fold(&object.key.0), object.asset)));
                }
                Ok(objects)
            })
            .await?;
        if absent.is_empty() {
            return Ok(());
        }
        let mut each = |listed: Listed| {
            absent.remove(&keys::fold(&listed.key.0));
            true
        };
        store.list("photos/", false, &mut each).await.map_err(|error| store_error(&error))?;
        let objects: Vec<(String, AssetNum)> = absent.into_values().map(|asset| (name.to_owned(), asset)).collect();
        let now = self.now();
        self.write(move |writer| writer.begin_deletion(&objects, now)).await
    }

    /// The receipts of what was brought back, in a batch of its own for each store; the next run of that store writes
    /// the manifest.
    async fn prove_again(
        &self,
        batches: &mut BTreeMap<String, String>,
        restored: Vec<(Seat, String, VersionNum, Receipt)>,
    ) -> Result<(), UserError> {
        let mut by_store: BTreeMap<String, Vec<(VersionNum, Receipt)>> = BTreeMap::new();
        for (_, store, version, receipt) in restored {
            by_store.entry(store).or_default().push((version, receipt));
        }
        for (store, receipts) in by_store {
            let ulid = batches.entry(store.clone()).or_insert_with(|| self.ulid()).clone();
            let now = self.now();
            self.write(move |writer| {
                writer.open_batch(&ulid, &store, now)?;
                writer.record_receipts(&store, &ulid, &receipts)
            })
            .await?;
        }
        Ok(())
    }
}

fn stopped_early(cancel: &Cancel, what: &str, weight: Weight) -> Result<(), UserError> {
    if cancel.is_cancelled() {
        let text = format!("{what} was stopped; {} photos were dealt with before", weight.photos);
        return Err(UserError::new(ErrorCode::Cancelled, text));
    }
    Ok(())
}

fn each_object(photos: &[Deletable]) -> impl Iterator<Item = (&Deletable, &DeletableObject)> {
    photos.iter().flat_map(|photo| photo.objects.iter().map(move |object| (photo, object)))
}

fn failure(photo: &Deletable, object: &DeletableObject, why: &str) -> (Seat, ItemFailure) {
    let why = format!("{} ({})", why, shown_store(&object.store));
    (photo.seat, ItemFailure { path: object.key.0.clone(), why })
}

type Refused = Vec<(Seat, ItemFailure)>;

/// Puts markers on all objects of some photos.
async fn mark_all(places: &Places, photos: &[Deletable]) -> (Vec<(String, AssetNum, VersionId)>, Refused) {
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    let work: Vec<_> = each_object(photos)
        .map(|(photo, object)| async move { (photo, object, places.ask(object, mark).await) })
        .collect();
    let mut work = stream::iter(work).buffer_unordered(places.width());
    while let Some((photo, object, marked)) = work.next().await {
        match marked {
            Ok(marker) => done.push((object.store.clone(), object.asset, marker)),
            Err(why) => refused.push(failure(photo, object, &why)),
        }
    }
    (done, refused)
}

/// Puts a marker on one object, where what is current is ours; an empty name where nothing was current any more.
async fn mark(place: &OpenedStore, object: &DeletableObject) -> Result<VersionId, String> {
    let mut why = String::new();
    for _ in 0..TRIES {
        match place.store.head(&object.key, None).await {
            Ok(None) => return Ok(VersionId(String::new())),
            Ok(Some(there)) if !object.contents.contains(&there.fingerprint.blake3) => {
                return Err("another program's object is in its place, and was left alone".to_owned());
            }
            Ok(Some(_)) => {}
            Err(error) => {
                why = error.to_string();
                if !may_pass(&error) {
                    return Err(why);
                }
                continue;
            }
        }
        match place.store.delete(&object.key).await {
            Ok(marker) => return Ok(marker.unwrap_or(VersionId(String::new()))),
            Err(error) => {
                why = error.to_string();
                if !may_pass(&error) {
                    return Err(why);
                }
            }
        }
    }
    Err(why)
}

fn may_pass(error: &StoreError) -> bool {
    matches!(error, StoreError::Io { .. })
}

/// Brings all objects of some photos back.
async fn restore_all(places: &Places, photos: &[Deletable]) -> (Vec<(Seat, String, VersionNum, Receipt)>, Refused) {
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    let work: Vec<_> = each_object(photos)
        .map(|(photo, object)| async move { (photo, object, places.ask(object, bring_back).await) })
        .collect();
    let mut work = stream::iter(work).buffer_unordered(places.width());
    while let Some((photo, object, restored)) = work.next().await {
        match restored {
            Ok(receipt) => done.push((photo.seat, object.store.clone(), object.version, receipt)),
            Err(why) => refused.push(failure(photo, object, &why)),
        }
    }
    (done, refused)
}

/// Brings one object back; nothing is made where these bytes are current already (an answer that was lost).
async fn bring_back(place: &OpenedStore, object: &DeletableObject) -> Result<Receipt, String> {
    let mut why = String::new();
    for _ in 0..TRIES {
        let wanted = match place.store.head(&object.key, Some(&object.store_version)).await {
            Ok(wanted) => wanted.map(|version| version.fingerprint),
            Err(error) if may_pass(&error) => {
                why = error.to_string();
                continue;
            }
            Err(error) => return Err(error.to_string()),
        };
        match place.store.head(&object.key, None).await {
            Ok(Some(there)) if Some(there.fingerprint) == wanted => return Ok(there),
            Ok(Some(there)) if !object.contents.contains(&there.fingerprint.blake3) => {
                return Err("another program's object is in its place, and was left alone".to_owned());
            }
            Ok(_) => {}
            Err(error) => {
                why = error.to_string();
                continue;
            }
        }
        match place.store.restore(&object.key, &object.store_version).await {
            Ok(receipt) => return Ok(receipt),
            Err(error) if may_pass(&error) => why = error.to_string(),
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(why)
}
