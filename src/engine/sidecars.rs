//! Sidecars: what other programs wrote is taken over, field by field; what was decided here is written where they
//! look for it.
//!
//! Nothing is written over what was not read before: a sidecar is merged first, and left alone where it cannot be
//! understood or changed meanwhile. A crash between the file and the catalogue is met by the next reading, which finds
//! the library's own words in it.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::errors::io_words;
use super::parts::Engine;
use super::progress::Reporter;
use super::workers::cores;
use crate::catalog::{Candidate, FileKind, KnownSidecar, ProposedKey, SidecarNews, SidecarPhoto};
use crate::config::WriteSidecars;
use crate::domain::sidecar::{Fields, Ours, merge, wanted};
use crate::domain::{ContentHash, Metadata, ObjectKey, Seat, keys};
use crate::files::sidecar::{MOST_BYTES, Sidecar, names};
use crate::files::{FileSystem, Stat, fingerprint_bytes};
use crate::protocol::{ErrorCode, Event, ItemFailure, OpId, OpKind, Phase, SidecarConflict, SidecarReport, UserError};

/// Photos between two writings of the catalogue.
const PAGE: usize = 200;
/// Edits looked at in one go when sidecars are written by themselves.
const EDITS: usize = 10_000;
/// Setting with the last edit that sidecars were written for.
const WRITTEN: &str = "sidecars_written";

/// A sidecar that was read.
struct FoundSidecar {
    sidecar: Sidecar,
    hash: ContentHash,
    stat: Stat,
}

/// A sidecar that was written.
struct Written {
    said: KnownSidecar,
    candidate: Candidate,
}

/// What became of one photo.
#[derive(Default)]
struct Done {
    news: Vec<SidecarNews>,
    candidates: Vec<Candidate>,
    report: SidecarReport,
}

/// What is done to one photo.
type Work = fn(&dyn FileSystem, &SidecarPhoto) -> Done;

impl Engine {
    /// Writes what was decided about photos into `name.ext.xmp` beside them, after taking over what other programs
    /// wrote there; what was written waits to be stored.
    ///
    /// # Errors
    /// Where the catalogue cannot be used, or it was stopped; what was written until then is whole.
    pub async fn write_sidecars(
        &self,
        op: OpId,
        seats: Arc<[Seat]>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<SidecarReport, UserError> {
        let read = self.read_sidecars(op, seats.clone(), cancel, reporter).await?;
        let _turn = self.0.importing.lock().await;
        let mut report = SidecarReport { unchanged: 0, ..read };
        let stopped = |report: &SidecarReport| stopped(report.written, "written");
        self.in_pages(&seats, (write_photo, stopped), cancel, reporter, &mut report).await?;
        if report.written > 0 {
            self.0.stale.notify_one();
        }
        tracing::info!(written = report.written, merged = report.merged, failed = report.failed.len(), "sidecars");
        Ok(report)
    }

    /// Takes over what other programs wrote into the sidecars of photos since they were last read or written.
    ///
    /// # Errors
    /// Where the catalogue cannot be used, or it was stopped; what was taken over until then stays.
    pub async fn read_sidecars(
        &self,
        op: OpId,
        seats: Arc<[Seat]>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<SidecarReport, UserError> {
        let mut report = SidecarReport::default();
        let mut changed: Vec<(PathBuf, Vec<PathBuf>)> = Vec::new();
        for page in seats.chunks(PAGE) {
            for (root, files) in self.changed_files(page).await? {
                match changed.iter_mut().find(|(known, _)| *known == root) {
                    Some((_, all)) => all.extend(files),
                    None => changed.push((root, files)),
                }
            }
        }
        // The file, as a companion to be stored, and its words, as the photo's metadata, come in as in any import.
        for (root, files) in changed {
            let imported = self.import_everything(op, root, files, cancel, reporter).await?;
            add(&mut report, imported.sidecars);
            report.failed.extend(imported.unreadable);
        }
        let _turn = self.0.importing.lock().await;
        let stopped = |report: &SidecarReport| stopped(report.merged, "read");
        self.in_pages(&seats, (merge_photo, stopped), cancel, reporter, &mut report).await?;
        Ok(report)
    }

    /// Does something to photos page by page, with progress, until it is stopped (and what that means).
    async fn in_pages(
        &self,
        seats: &[Seat],
        (work, stopped): (Work, impl Fn(&SidecarReport) -> UserError),
        cancel: &Cancel,
        reporter: &Reporter,
        report: &mut SidecarReport,
    ) -> Result<(), UserError> {
        start(reporter, seats.len());
        for page in seats.chunks(PAGE) {
            if cancel.is_cancelled() {
                return Err(stopped(report));
            }
            let done = self.each(page, work).await?;
            self.take_over(done, report).await?;
            progress(reporter, page.len(), report);
        }
        each_once(&mut report.failed);
        Ok(())
    }

    /// What an import found changed, merged; for the import itself, which has its turn already.
    pub(super) async fn merge_sidecars(&self, paths: Vec<PathBuf>) -> Result<SidecarReport, UserError> {
        let mut report = SidecarReport::default();
        for page in paths.chunks(PAGE) {
            let page = page.to_vec();
            let seats = self
                .read(move |reader| {
                    let mut seats = Vec::new();
                    for path in &page {
                        seats.extend(reader.photos_of_sidecar(path)?);
                    }
                    seats.sort();
                    seats.dedup();
                    Ok(seats)
                })
                .await?;
            let done = self.each(&seats, merge_photo).await?;
            self.take_over(done, &mut report).await?;
        }
        Ok(report)
    }

    /// Where sidecars are to be written by themselves: writes those of photos that were edited since.
    ///
    /// # Errors
    /// Where the catalogue cannot be used; the next call goes on.
    pub async fn write_due_sidecars(&self) -> Result<(), UserError> {
        if self.config().sidecars.write != WriteSidecars::Always || !self.may_write() {
            return Ok(());
        }
        loop {
            let (seats, last) = self
                .read(|reader| {
                    let sent = reader.setting(WRITTEN)?.and_then(|text| text.parse().ok()).unwrap_or(0);
                    reader.edited_since(sent, EDITS)
                })
                .await?;
            let Some(last) = last else { return Ok(()) };
            let op = OpId(u64::MAX);
            let reporter = Reporter::new(self, op, OpKind::Sidecars);
            let report = self.write_sidecars(op, seats.into(), &Cancel::default(), &reporter).await?;
            for failure in &report.failed {
                tracing::warn!(path = %failure.path, "sidecar not written: {}", failure.why);
            }
            self.say_conflicts(&report).await;
            self.write(move |writer| writer.set_setting(WRITTEN, &last.to_string())).await?;
        }
    }

    /// Tells the window what both sides changed.
    pub(super) async fn say_conflicts(&self, report: &SidecarReport) {
        let Some(first) = report.conflicts.first() else { return };
        let fields = if report.conflicts.len() == 1 { "1 field" } else { "some fields" };
        let lines: Vec<String> = report.conflicts.iter().take(20).map(conflict_line).collect();
        let text = format!("{fields} changed here and in a sidecar; yours stays: {}", first.path.display());
        let notice = UserError::new(ErrorCode::Failed, text)
            .hint("Write the sidecars to have your values there too.")
            .details(lines.join("\n"));
        self.0.say.say(Event::Notice(notice)).await;
    }

    /// Sidecars of photos that are not as the catalogue knows them, with their photos, by the folder they are named
    /// after.
    async fn changed_files(&self, page: &[Seat]) -> Result<Vec<(PathBuf, Vec<PathBuf>)>, UserError> {
        let (page, files) = (page.to_vec(), self.0.parts.files.clone());
        self.read(move |reader| {
            let mut changed: Vec<(PathBuf, Vec<PathBuf>)> = Vec::new();
            for photo in reader.sidecar_photos(&page)? {
                for (place, depth) in &photo.places {
                    let there: Vec<(PathBuf, Stat)> = names(place)
                        .into_iter()
                        .filter_map(|name| Some((name.clone(), files.stat(&name).ok()?)))
                        .collect();
                    let paths: Vec<&Path> = there.iter().map(|(path, _)| path.as_path()).collect();
                    let known = reader.known_all(&paths)?;
                    let news = there.iter().zip(&known).filter(|((_, stat), known)| {
                        known.is_none_or(|known| !super::import::is_as_known(&known, stat))
                    });
                    let mut meant: Vec<PathBuf> = news.map(|((path, _), _)| path.clone()).collect();
                    if meant.is_empty() || files.stat(place).is_err() {
                        continue;
                    }
                    meant.push(place.clone());
                    let root = root_of(place, *depth);
                    match changed.iter_mut().find(|(known, _)| *known == root) {
                        Some((_, all)) => all.extend(meant),
                        None => changed.push((root, meant)),
                    }
                }
            }
            Ok(changed)
        })
        .await
    }

    /// Does something to each photo, on every core.
    async fn each(&self, page: &[Seat], work: Work) -> Result<Vec<Done>, UserError> {
        let seats = page.to_vec();
        let photos = self.read(move |reader| reader.sidecar_photos(&seats)).await?;
        let run = |photo: SidecarPhoto| {
            let files = self.0.parts.files.clone();
            self.0.parts.heavy.run(move || work(files.as_ref(), &photo))
        };
        Ok(stream::iter(photos).map(run).buffered(cores()).collect().await)
    }

    /// Writes into the catalogue what became of a page of photos.
    async fn take_over(&self, done: Vec<Done>, report: &mut SidecarReport) -> Result<(), UserError> {
        let (mut news, mut candidates) = (Vec::new(), Vec::new());
        for one in done {
            news.extend(one.news);
            candidates.extend(one.candidates);
            add(report, one.report);
        }
        if news.is_empty() && candidates.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let files = self.0.parts.files.clone();
        let changed = self
            .write(move |writer| {
                let still_there = |path: &Path, size: u64, mtime_ns: i64| {
                    files.stat(path).is_ok_and(|stat| stat.size == size && stat.mtime_ns == mtime_ns)
                };
                if !candidates.is_empty() {
                    writer.take_in(&candidates, now, &still_there)?;
                }
                writer.sidecars_said(&news, now)
            })
            .await?;
        if changed > 0 {
            self.0.say.say(Event::Changed { seats: None, order: false }).await;
            self.say_undo_state().await;
            self.0.stale.notify_one();
        }
        Ok(())
    }
}

fn start(reporter: &Reporter, photos: usize) {
    reporter.update(|progress| {
        progress.phase = Phase::Working;
        (progress.done, progress.total) = (0, photos as u64);
        (progress.done_bytes, progress.total_bytes) = (0, 0);
    });
}

fn progress(reporter: &Reporter, photos: usize, report: &SidecarReport) {
    reporter.update(|progress| {
        progress.done += photos as u64;
        progress.failed = report.failed.len() as u64;
    });
}

fn stopped(count: u64, what: &str) -> UserError {
    UserError::new(ErrorCode::Cancelled, format!("it was stopped; {count} sidecars are {what}"))
}

fn add(to: &mut SidecarReport, from: SidecarReport) {
    to.written += from.written;
    to.merged += from.merged;
    to.unchanged += from.unchanged;
    to.conflicts.extend(from.conflicts);
    to.failed.extend(from.failed);
}

/// One failure for each file: what cannot be read is not written either, for the same reason.
fn each_once(failed: &mut Vec<ItemFailure>) {
    let mut met = std::collections::BTreeSet::new();
    failed.retain(|failure| met.insert(failure.path.clone()));
}

/// A conflict for people: `rating 5 here, 3 there: /shoot/IMG.jpg.xmp`.
#[must_use]
pub fn conflict_line(one: &SidecarConflict) -> String {
    let short = |text: &str| match text.is_empty() {
        true => "none".to_owned(),
        false => text.chars().take(60).collect(),
    };
    let (here, there) = (short(&one.conflict.here), short(&one.conflict.there));
    format!("{} {here} here, {there} there: {}", one.conflict.field, one.path.display())
}

/// The folder that a file was named after, so many folders above it.
fn root_of(path: &Path, depth: u16) -> PathBuf {
    let above = path.ancestors().nth(usize::from(depth).max(1));
    above.or_else(|| path.parent()).unwrap_or(path).to_owned()
}

/// Reads a sidecar; `None` where there is none.
fn find(files: &dyn FileSystem, path: &Path) -> Result<Option<FoundSidecar>, String> {
    let not_understood = |why: &dyn std::fmt::Display| format!("the sidecar was left alone: {why}");
    let stat = match files.stat(path) {
        Ok(stat) => stat,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(not_understood(&io_words(&error))),
    };
    let mut bytes = Vec::new();
    let read = files.open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| not_understood(&io_words(&error)))?;
    let sidecar = Sidecar::parse(&bytes).map_err(|why| not_understood(&why))?;
    Ok(Some(FoundSidecar { sidecar, hash: fingerprint_bytes(&bytes).blake3, stat }))
}

fn failure(path: &Path, why: String) -> ItemFailure {
    ItemFailure { path: path.display().to_string(), why }
}

/// Holds the sidecars of a photo against what they said last.
fn merge_photo(files: &dyn FileSystem, photo: &SidecarPhoto) -> Done {
    let mut done = Done::default();
    let mut ours = Ours::of(&photo.detail);
    for (place, _) in &photo.places {
        let mut has_own = false;
        for (which, path) in names(place).into_iter().enumerate() {
            let found = match find(files, &path) {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                Err(why) => {
                    done.report.failed.push(failure(&path, why));
                    continue;
                }
            };
            let theirs = found.sidecar.fields();
            let known = photo.known.iter().find(|known| known.path == path);
            if known.is_some_and(|known| known.hash == found.hash) {
                done.report.unchanged += 1;
                has_own |= which == 0;
                continue;
            }
            // One that was moved with its photo is no news.
            let moved = || photo.known.iter().any(|known| known.hash == found.hash);
            let base = known.map(|known| &known.fields);
            // Adobe's, read for the first time beside ours, is the lesser of two voices that were heard together.
            let silent = base.is_none() && (moved() || has_own);
            let mut changes = Vec::new();
            if !silent {
                let merged = merge(base, theirs, &ours);
                let conflicts = merged.conflicts.into_iter();
                done.report
                    .conflicts
                    .extend(conflicts.map(|conflict| SidecarConflict { path: path.clone(), conflict }));
                merged.changes.iter().for_each(|change| ours.apply(change));
                changes = merged.changes;
            }
            let is_news = base.is_some_and(|base| !base.says_the_same(&theirs.remembered()));
            done.report.merged += u64::from(is_news || !changes.is_empty());
            has_own |= which == 0;
            let said = KnownSidecar { path, hash: found.hash, fields: theirs.remembered() };
            done.news.push(SidecarNews { photo: photo.photo, said, changes });
        }
    }
    done
}

/// Writes the sidecars of a photo, beside each of its files.
fn write_photo(files: &dyn FileSystem, photo: &SidecarPhoto) -> Done {
    let mut done = Done::default();
    let mut is_somewhere = false;
    for (place, depth) in &photo.places {
        if files.stat(place).is_err() {
            continue;
        }
        is_somewhere = true;
        let [path, _] = names(place);
        match write_beside(files, photo, (place, *depth)) {
            Ok(None) => done.report.unchanged += 1,
            Ok(Some(written)) => {
                done.report.written += 1;
                done.candidates.push(written.candidate);
                done.news.push(SidecarNews { photo: photo.photo, said: written.said, changes: Vec::new() });
            }
            Err(why) => done.report.failed.push(failure(&path, why)),
        }
    }
    if !is_somewhere {
        let path =
            photo.detail.paths.first().map_or_else(|| PathBuf::from(&photo.detail.card.name), |one| one.path.clone());
        done.report
            .failed
            .push(failure(&path, "its file is not here now, so that nothing can be written beside it".to_owned()));
    }
    done
}

fn write_beside(
    files: &dyn FileSystem,
    photo: &SidecarPhoto,
    (place, depth): (&Path, u16),
) -> Result<Option<Written>, String> {
    let [path, adobe] = names(place);
    let ours = Ours::of(&photo.detail);
    let found = find(files, &path)?;
    let old = match &found {
        Some(found) => {
            let is_known = photo.known.iter().any(|known| known.path == path && known.hash == found.hash);
            if !is_known {
                return Err("another program changed it just now; try again".to_owned());
            }
            Some(found.stat)
        }
        None => None,
    };
    let (sidecar, theirs) = match found {
        Some(found) => {
            let theirs = found.sidecar.fields().clone();
            (found.sidecar, theirs)
        }
        // What only Adobe's says goes along, so that nobody who looks at ours alone misses it.
        None => {
            let beside = find(files, &adobe).ok().flatten().map(|found| found.sidecar.fields().clone());
            (Sidecar::fresh().map_err(|why| why.to_string())?, beside.unwrap_or_default())
        }
    };
    let fields = wanted(&theirs, &ours);
    let Some(bytes) = sidecar.saying(&fields, stored_size(&photo.detail.metadata)).map_err(|why| why.to_string())?
    else {
        return Ok(None);
    };
    let written = match old {
        // Nobody may have come in between since it was read.
        Some(old) if files.stat(&path).map_err(|error| io_words(&error))? != old => {
            return Err("another program changed it just now; try again".to_owned());
        }
        Some(_) => files.replace(&path, &mut bytes.as_slice()),
        None => files.create_new(&path, &mut bytes.as_slice()),
    };
    let stat = written.map_err(|error| format!("the sidecar could not be written ({})", written_words(&error)))?;
    let fingerprint = fingerprint_bytes(&bytes);
    let key = keys::sidecar_key(&photo.key);
    let other = keys::with_hash(&key, fingerprint.blake3);
    let last = ObjectKey(format!("photos/{}", fingerprint.blake3));
    let candidate = Candidate {
        root: root_of(place, depth),
        size: stat.size,
        mtime_ns: stat.mtime_ns,
        fingerprint,
        kind: FileKind::Sidecar,
        metadata: Metadata::default(),
        keys: [key, other, last].into_iter().map(|key| ProposedKey { fold: keys::fold(&key.0), key }).collect(),
        path: path.clone(),
    };
    let said: Fields = Sidecar::parse(&bytes).map_err(|why| why.to_string())?.fields().remembered();
    Ok(Some(Written { said: KnownSidecar { path, hash: fingerprint.blake3, fields: said }, candidate }))
}

/// Width and height (px) as the file has them.
fn stored_size(metadata: &Metadata) -> Option<(u32, u32)> {
    // Turning upright exchanges the sides or leaves them, so that doing it again takes it back.
    metadata.width_px.zip(metadata.height_px).map(|size| metadata.orientation.upright(size))
}

fn written_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "its folder may not be written by you".to_owned(),
        io::ErrorKind::AlreadyExists => "another program wrote one just now; try again".to_owned(),
        _ => io_words(error),
    }
}
