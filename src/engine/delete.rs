//! Delete and undelete: a marker in every store, and the way back. No version is ever removed, and no local file.
//!
//! The order, every step of which may be repeated: the row that says so (from here on nothing calls the file stored
//! there) → the store's marker → its name → the photo leaves the library. A photo of which a store could not be asked
//! stays in the library, so that deleting it can be tried again. Before a marker is put, what is current at the key must
//! be ours: another program's object is left alone.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::parts::Engine;
use super::progress::Reporter;
use super::stores::{OpenedStore, shown_store};
use crate::catalog::{AssetNum, Deletable, DeletableObject, VersionNum};
use crate::domain::keep::Weight;
use crate::domain::{Change, Receipt, Seat, VersionId};
use crate::protocol::{ErrorCode, ItemFailure, Phase, UserError};
use crate::store::StoreError;

/// Photos dealt with in one round of transactions.
const PAGE: usize = 256;
/// How often a passing fault is met with another try.
const TRIES: usize = 3;

/// The stores that can be used now, by their names in the catalogue; and why others cannot, by their names for people.
struct Places {
    ready: BTreeMap<String, OpenedStore>,
    away: BTreeMap<&'static str, String>,
}

impl Places {
    fn get(&self, store: &str) -> Result<&OpenedStore, String> {
        self.ready.get(store).ok_or_else(|| {
            let shown = shown_store(store);
            self.away.get(shown).cloned().unwrap_or_else(|| format!("the store {shown} is not in use"))
        })
    }
}

impl Engine {
    async fn deletion_places(&self) -> Places {
        let mut places = Places { ready: BTreeMap::new(), away: BTreeMap::new() };
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
        let places = self.deletion_places().await;
        let (mut gone, mut failed) = (Vec::new(), Vec::new());
        for page in seats.chunks(PAGE) {
            if cancel.is_cancelled() {
                break;
            }
            let wanted = page.to_vec();
            let photos = self.read(move |reader| reader.deletable(&wanted)).await?;
            let intended: Vec<(String, AssetNum)> = objects_of(&photos)
                .filter(|object| places.get(&object.store).is_ok())
                .map(|object| (object.store.clone(), object.asset))
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
        let places = self.deletion_places().await;
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

fn objects_of(photos: &[Deletable]) -> impl Iterator<Item = &DeletableObject> {
    photos.iter().flat_map(|photo| &photo.objects)
}

fn failure(photo: &Deletable, object: &DeletableObject, why: &str) -> (Seat, ItemFailure) {
    let why = format!("{} ({})", why, shown_store(&object.store));
    (photo.seat, ItemFailure { path: object.key.0.clone(), why })
}

type Refused = Vec<(Seat, ItemFailure)>;

/// Puts markers on all objects of some photos.
async fn mark_all(places: &Places, photos: &[Deletable]) -> (Vec<(String, AssetNum, VersionId)>, Refused) {
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    let all = photos.iter().flat_map(|photo| photo.objects.iter().map(move |object| (photo, object)));
    let width = places.ready.values().map(|place| place.store.width()).max().unwrap_or(1).max(1);
    let mark = |(photo, object): (&Deletable, &DeletableObject)| {
        let place = places.get(&object.store);
        let (photo, object) = (photo.clone(), object.clone());
        async move {
            let marked = match place {
                Ok(place) => mark(place, &object).await,
                Err(why) => Err(why),
            };
            (photo, object, marked)
        }
    };
    let work: Vec<_> = all.map(mark).collect();
    let mut work = stream::iter(work).buffer_unordered(width);
    while let Some((photo, object, marked)) = work.next().await {
        match marked {
            Ok(marker) => done.push((object.store, object.asset, marker)),
            Err(why) => refused.push(failure(&photo, &object, &why)),
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
    let all = photos.iter().flat_map(|photo| photo.objects.iter().map(move |object| (photo, object)));
    let width = places.ready.values().map(|place| place.store.width()).max().unwrap_or(1).max(1);
    let bring = |(photo, object): (&Deletable, &DeletableObject)| {
        let place = places.get(&object.store);
        let (photo, object) = (photo.clone(), object.clone());
        async move {
            let restored = match place {
                Ok(place) => bring_back(place, &object).await,
                Err(why) => Err(why),
            };
            (photo, object, restored)
        }
    };
    let work: Vec<_> = all.map(bring).collect();
    let mut work = stream::iter(work).buffer_unordered(width);
    while let Some((photo, object, restored)) = work.next().await {
        match restored {
            Ok(receipt) => done.push((photo.seat, object.store, object.version, receipt)),
            Err(why) => refused.push(failure(&photo, &object, &why)),
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
