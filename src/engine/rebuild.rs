//! Open-store: a whole library out of a vault alone, on an empty computer.
//!
//! Manifests give photos, versions, paths, receipts and metadata; edit segments give ratings, tags and captions, and
//! segments of answers what taggers said; the thumbnails lie beside them. What is in the vault but in no manifest (the computer died before it was written) is
//! taken in from its own bytes, so that nothing that was stored is lost.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::cancel::Cancel;
use super::errors::store_error;
use super::intake::THUMB_PX;
use super::parts::Engine;
use super::progress::Reporter;
use crate::catalog::{KnownKey, SegmentInfo, Writer};
use crate::domain::batch::{AssetKind, ManifestEntry, ManifestLine, read_manifest};
use crate::domain::edit::Edit;
use crate::domain::path_text::PathText;
use crate::domain::{ContentHash, Metadata, ObjectKey, PhotoId, StorageClass, Timestamp, keys};
use crate::imaging::{self, Kind};
use crate::protocol::{ErrorCode, Event, ItemFailure, Phase, UserError};
use crate::store::{Listed, ObjectStore, Vault};

/// The largest manifest or edit segment that is read, in bytes.
const MOST_SEGMENT_BYTES: u64 = 64 << 20;
/// Edits taken over in one transaction.
const EDITS: usize = 2_000;
/// Thumbnails kept in one transaction.
const THUMBS: usize = 200;
/// The largest object that is looked into when no manifest knows it, in bytes.
const MOST_OBJECT_BYTES: u64 = 512 << 20;

impl Engine {
    /// Builds this library, which must be empty, from a vault; photos rebuilt and what could not be.
    ///
    /// # Errors
    /// Where the library is not empty, or the folder is no vault.
    pub async fn open_store(
        &self,
        dir: Option<&Path>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<(u64, Vec<ItemFailure>), UserError> {
        let Some(dir) = dir else { return self.open_remote(cancel, reporter).await };
        let status = self.read(|reader| reader.status()).await?;
        if status.photos + status.hidden > 0 {
            return Err(UserError::new(
                ErrorCode::Usage,
                format!("the library is not empty: {} photos: {}", status.photos, self.0.dir.display()),
            )
            .hint("Name an empty one with --library DIR; or use `lightkeep vault DIR` to store this library there."));
        }
        let dir = std::path::absolute(dir)
            .map_err(|error| UserError::new(ErrorCode::Usage, format!("not a path ({error}): {}", dir.display())))?;
        let _turn = self.0.storing.lock().await;
        let wanted = dir.clone();
        // Never made here: an empty folder is a typing error, not an empty library.
        let vault = self.0.parts.quick.run(move || Vault::open(&wanted, false)).await;
        let vault = vault.map_err(|error| store_error(&error))?;
        self.remember_vault(&dir).await?;
        drop(vault);
        self.open_vault(true).await?;
        let (name, store) = self.vault_ready().await?;
        let rebuild = Rebuild { engine: self, store: store.as_ref(), name, dir, cancel, reporter };
        rebuild.run().await
    }
}

impl Engine {
    /// Builds this library from the remote store of the account.
    async fn open_remote(&self, cancel: &Cancel, reporter: &Reporter) -> Result<(u64, Vec<ItemFailure>), UserError> {
        let _turn = self.0.storing_remote.lock().await;
        let opened = self.remote_ready().await?;
        let dir = PathBuf::from("/");
        let rebuild = Rebuild { engine: self, store: opened.store.as_ref(), name: opened.name, dir, cancel, reporter };
        rebuild.run().await
    }
}

struct Rebuild<'a> {
    engine: &'a Engine,
    store: &'a dyn ObjectStore,
    name: String,
    dir: PathBuf,
    cancel: &'a Cancel,
    reporter: &'a Reporter,
}

impl Rebuild<'_> {
    async fn run(&self) -> Result<(u64, Vec<ItemFailure>), UserError> {
        let mut failed = Vec::new();
        self.reporter.phase(Phase::Counting);
        self.manifests(&mut failed).await?;
        self.strays(&mut failed).await?;
        self.edits(&mut failed).await?;
        let mut answers = self.engine.fetch_answers_from(self.store, &self.name, self.cancel).await?;
        failed.append(&mut answers.failed);
        self.engine.find_deleted(&self.name, self.store).await?;
        self.engine.note_disks(&[]).await?;
        self.engine.0.say.say(Event::Changed { seats: None, order: true }).await;
        self.engine.0.stale.notify_one();
        self.thumbs().await?;
        self.stop_if_cancelled()?;
        let status = self.engine.read(|reader| reader.status()).await?;
        self.engine.say_undo_state().await;
        self.engine.0.say.say(Event::Changed { seats: None, order: true }).await;
        Ok((status.photos, failed))
    }

    fn stop_if_cancelled(&self) -> Result<(), UserError> {
        if self.cancel.is_cancelled() {
            return Err(UserError::new(ErrorCode::Cancelled, "opening the vault was stopped")
                .hint("What was rebuilt so far is there; start again with an empty library."));
        }
        Ok(())
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<Listed>, UserError> {
        self.listed(prefix, false).await
    }

    async fn listed(&self, prefix: &str, versions: bool) -> Result<Vec<Listed>, UserError> {
        let mut found = Vec::new();
        let mut each = |listed: Listed| {
            found.push(listed);
            !self.cancel.is_cancelled()
        };
        self.store.list(prefix, versions, &mut each).await.map_err(|error| store_error(&error))?;
        Ok(found)
    }

    async fn text(&self, key: &ObjectKey) -> Result<String, String> {
        let bytes = self.store.read(key, None).await.map_err(|error| error.to_string())?;
        let mut text = String::new();
        bytes.take(MOST_SEGMENT_BYTES).read_to_string(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    }

    async fn manifests(&self, failed: &mut Vec<ItemFailure>) -> Result<(), UserError> {
        let segments = self.keys("batches/").await?;
        self.reporter.update(|progress| (progress.phase, progress.total) = (Phase::Working, segments.len() as u64));
        for listed in segments {
            self.stop_if_cancelled()?;
            let fail = |why: String| ItemFailure { path: listed.key.0.clone(), why };
            self.reporter.update(|progress| progress.done += 1);
            let Some((batch, segment)) = batch_of(&listed.key) else {
                failed.push(fail("not a manifest of Lightkeep".to_owned()));
                continue;
            };
            let text = match self.text(&listed.key).await {
                Ok(text) => text,
                Err(why) => {
                    failed.push(fail(format!("the manifest cannot be read ({why})")));
                    continue;
                }
            };
            let (mut lines, mut is_final) = (Vec::new(), false);
            for entry in read_manifest(&text) {
                match entry {
                    Ok(ManifestEntry::Item(line)) => lines.push(*line),
                    Ok(ManifestEntry::End(_)) => is_final = true,
                    Err(error) => failed.push(fail(error.to_string())),
                }
            }
            self.take(batch, segment, lines, is_final).await?;
        }
        Ok(())
    }

    async fn take(
        &self,
        batch: String,
        segment: u32,
        lines: Vec<ManifestLine>,
        is_final: bool,
    ) -> Result<(), UserError> {
        let name = self.name.clone();
        let started =
            batch.parse::<ulid::Ulid>().map_or(self.engine.now(), |ulid| Timestamp(ulid.timestamp_ms() as i64));
        let info = SegmentInfo { store: name, batch, started, segment, is_final };
        let work = move |writer: &mut Writer| writer.rebuild_from(&info, &lines, &keys::fold);
        self.engine.write(work).await
    }

    /// Objects that no manifest knows, older versions among them.
    async fn strays(&self, failed: &mut Vec<ItemFailure>) -> Result<(), UserError> {
        let mut by_key: BTreeMap<String, Vec<Listed>> = BTreeMap::new();
        for listed in self.listed("photos/", true).await? {
            by_key.entry(keys::fold(&listed.key.0)).or_default().push(listed);
        }
        let mut lines = Vec::new();
        for (fold, mut listed) in by_key {
            self.stop_if_cancelled()?;
            // A listing has the newest first; versions are counted in the order in which they were put.
            listed.reverse();
            let name = self.name.clone();
            let known = self.engine.read(move |reader| reader.known_key(&name, &fold)).await?;
            self.strays_of(&listed, known, &mut lines, failed).await;
        }
        if lines.is_empty() {
            return Ok(());
        }
        // Companions find their photo by the folder and base name that their keys share.
        let photos: HashMap<String, PhotoId> =
            lines.iter().filter_map(|line| line.id.map(|id| (base(&line.key), id))).collect();
        for line in lines.iter_mut().filter(|line| line.id.is_none()) {
            line.id = photos.get(&base(&line.key)).copied();
        }
        self.take(self.engine.ulid(), 0, lines, false).await
    }

    /// The versions under one key, oldest first, that no manifest knows.
    async fn strays_of(
        &self,
        listed: &[Listed],
        mut known: KnownKey,
        lines: &mut Vec<ManifestLine>,
        failed: &mut Vec<ItemFailure>,
    ) {
        let is_known = |known: &KnownKey, one: &Listed| {
            known.versions.iter().find(|(_, version)| version.as_ref() == Some(&one.version)).map(|(number, _)| *number)
        };
        let mut last = 0;
        for (at, one) in listed.iter().enumerate() {
            if let Some(number) = is_known(&known, one) {
                last = number;
                continue;
            }
            let is_newest = !listed[at..].iter().any(|later| is_known(&known, later).is_some());
            let highest = known.versions.iter().map(|(number, _)| *number).max().unwrap_or(0);
            let number = if is_newest { highest + 1 } else { last + 1 };
            let fail = |why: String| ItemFailure { path: one.key.0.clone(), why };
            if known.versions.iter().any(|(taken, _)| *taken == number) {
                failed
                    .push(fail("an old version is in no manifest, and its place among the others is lost".to_owned()));
                continue;
            }
            match self.stray(one).await {
                Ok(None) => {}
                Err(why) => failed.push(fail(why)),
                Ok(Some(mut line)) => {
                    line.version = number;
                    // The photo is the first content's, and lies where it lay.
                    line.id = known.photo.or(line.id);
                    known.photo = line.id;
                    if !known.paths.is_empty() {
                        (line.paths, line.depths) = known.paths.iter().cloned().unzip();
                    }
                    known.versions.push((number, Some(one.version.clone())));
                    last = number;
                    lines.push(line);
                }
            }
        }
    }

    async fn stray(&self, listed: &Listed) -> Result<Option<ManifestLine>, String> {
        let there = self.store.head(&listed.key, Some(&listed.version)).await.map_err(|error| error.to_string())?;
        let Some(there) = there else { return Ok(None) };
        let bytes = self.store.read(&listed.key, Some(&listed.version)).await.map_err(|error| error.to_string())?;
        let mut all = Vec::new();
        bytes.take(MOST_OBJECT_BYTES).read_to_end(&mut all).map_err(|error| error.to_string())?;
        let path = Path::new(&listed.key.0);
        let kind = imaging::sniff(&all, super::walk::suffix(path).as_deref());
        let (asset, format, metadata) = match kind {
            Kind::Photo(format) => {
                let metadata = imaging::inspect(&all, format).unwrap_or_else(|_| Metadata::default());
                (AssetKind::Original, Some(format), Some(metadata))
            }
            Kind::Video => (AssetKind::Video, None, None),
            Kind::Companion | Kind::Other => (AssetKind::Sidecar, None, None),
        };
        Ok(Some(ManifestLine {
            id: (asset == AssetKind::Original).then_some(PhotoId(there.fingerprint.blake3)),
            asset,
            version: 1,
            blake3: there.fingerprint.blake3,
            key: there.key,
            paths: vec![PathText(self.dir.join(path))],
            depths: vec![path.components().count().saturating_sub(2) as u16],
            version_id: there.version,
            etag: there.etag,
            size: there.fingerprint.size,
            crc64nvme: there.fingerprint.crc64nvme,
            mtime: there.mtime,
            taken_at: metadata.as_ref().and_then(|metadata| metadata.taken_at),
            stored_at: there.stored_at,
            class: Some(there.class).filter(|class| *class != StorageClass::Standard),
            by: None,
            format,
            metadata,
        }))
    }

    async fn edits(&self, failed: &mut Vec<ItemFailure>) -> Result<(), UserError> {
        for listed in self.keys("edits/").await? {
            self.stop_if_cancelled()?;
            let bytes = match self.store.read(&listed.key, None).await {
                Ok(bytes) => bytes,
                Err(error) => {
                    failed.push(ItemFailure { path: listed.key.0, why: error.to_string() });
                    continue;
                }
            };
            let mut edits: Vec<Edit> = Vec::new();
            for (number, line) in BufReader::new(bytes.take(MOST_SEGMENT_BYTES)).lines().enumerate() {
                let read = line.map_err(|error| error.to_string());
                match read.and_then(|line| serde_json::from_str(&line).map_err(|error| error.to_string())) {
                    Ok(edit) => edits.push(edit),
                    Err(why) => {
                        let why = format!("line {} of the edits cannot be read: {why}", number + 1);
                        failed.push(ItemFailure { path: listed.key.0.clone(), why });
                    }
                }
            }
            for some in edits.chunks(EDITS) {
                let some = some.to_vec();
                self.engine.write(move |writer| writer.apply_foreign_edits(&some)).await?;
            }
        }
        self.mark_edits_sent().await
    }

    /// The edits came from this vault; they are not to be sent to it again.
    async fn mark_edits_sent(&self) -> Result<(), UserError> {
        let mark = format!("edits_sent:{}", self.name);
        let mut last = 0;
        loop {
            let page = self.engine.read(move |reader| reader.edits_since(last, EDITS)).await?;
            let Some((row, _)) = page.last() else { break };
            last = *row;
        }
        self.engine.write(move |writer| writer.set_setting(&mark, &last.to_string())).await
    }

    async fn thumbs(&self) -> Result<(), UserError> {
        let thumbs = self.keys("thumbs/").await?;
        self.reporter.update(|progress| {
            progress.total += thumbs.len() as u64;
        });
        for some in thumbs.chunks(THUMBS) {
            self.stop_if_cancelled()?;
            let mut pictures: Vec<(ContentHash, Vec<u8>)> = Vec::new();
            for listed in some {
                let Some(content) = content_of(&listed.key) else { continue };
                let Ok(bytes) = self.store.read(&listed.key, None).await else { continue };
                let mut jpeg = Vec::new();
                // A thumbnail that is no picture is left out here and made again when it is wanted.
                if bytes.take(1 << 20).read_to_end(&mut jpeg).is_ok() && is_thumbnail(&jpeg) {
                    pictures.push((content, jpeg));
                }
            }
            let engine = self.engine.clone();
            let keep = move || {
                let pictures: Vec<_> = pictures.iter().map(|(content, jpeg)| (*content, jpeg.as_slice())).collect();
                engine.with_thumbs(|thumbs| thumbs.put(&pictures))
            };
            if let Err(error) = self.engine.0.parts.quick.run(keep).await {
                tracing::warn!("thumbnails could not be kept ({error})");
            }
            self.reporter.update(|progress| progress.done += some.len() as u64);
        }
        Ok(())
    }
}

/// `batches/<ulid>/0001.jsonl`.
fn batch_of(key: &ObjectKey) -> Option<(String, u32)> {
    let (batch, segment) = key.0.strip_prefix("batches/")?.split_once('/')?;
    batch.parse::<ulid::Ulid>().ok()?;
    Some((batch.to_owned(), segment.strip_suffix(".jsonl")?.parse().ok()?))
}

/// `thumbs/<blake3>.jpg`.
fn content_of(key: &ObjectKey) -> Option<ContentHash> {
    key.0.strip_prefix("thumbs/")?.strip_suffix(".jpg")?.parse().ok()
}

fn is_thumbnail(jpeg: &[u8]) -> bool {
    imaging::decode_jpeg_thumb(jpeg).is_ok_and(|pixels| pixels.width_px.max(pixels.height_px) <= THUMB_PX)
}

/// Folder and base name of a key, without its suffixes.
fn base(key: &ObjectKey) -> String {
    let (dir, name) = key.0.rsplit_once('/').unwrap_or(("", &key.0));
    format!("{dir}/{}", name.split('.').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_manifests_and_thumbnails() {
        let key = |text: &str| ObjectKey(text.to_owned());
        let ulid = "01HX0000000000000000000000";
        assert_eq!(batch_of(&key(&format!("batches/{ulid}/0012.jsonl"))), Some((ulid.to_owned(), 12)));
        for wrong in ["batches/x/0001.jsonl", "batches/0001.jsonl", "photos/a"] {
            assert_eq!(batch_of(&key(wrong)), None, "{wrong}");
        }
        assert_eq!(content_of(&key("thumbs/abc.jpg")), None);
        assert_eq!(base(&key("photos/a/IMG_1.jpg.xmp")), base(&key("photos/a/IMG_1.MOV")));
    }
}
