//! Import: files and folders into the catalogue.
//!
//! A walk finds names, workers read what the catalogue does not know yet, and one committer writes rows in batches:
//! each batch is one transaction, so that a stop at any moment leaves a consistent library. Between the stages only
//! bounded queues of small things wait; the bytes of a file live on its worker alone.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use futures::channel::mpsc;
use futures::stream::{FuturesUnordered, StreamExt as _};

use super::cancel::Cancel;
use super::intake::{Prepared, Root, prepare};
use super::parts::Engine;
use super::progress::Reporter;
use super::walk::{Found, Piece, stem, suffix, walk, walk_these};
use super::workers::cores;
use crate::catalog::{Candidate, FileKind, Known};
use crate::domain::intake::Meaning;
use crate::domain::{ContentHash, keys};
use crate::files::Stat;
use crate::imaging::Kind;
use crate::protocol::{Arrival, ErrorCode, Event, ImportReport, ItemFailure, OpId, Phase, SidecarReport, UserError};

/// Files that the window hears about before they are in: more than anybody sees in that time.
const MOST_ANNOUNCED: usize = 5_000;
/// Rows in one transaction.
const BATCH: usize = 200;
/// The first transactions are smaller, so that the first photos are in the grid soon.
const FIRST_BATCH: usize = 24;
/// Files that have been read and wait for the committer.
const READ_AHEAD: usize = 32;

/// What is counted while an import runs.
#[derive(Default)]
struct Tally {
    report: ImportReport,
    skipped: BTreeMap<String, u64>,
}

impl Tally {
    fn skip(&mut self, suffix: String, count: u64) {
        self.report.skipped += count;
        *self.skipped.entry(suffix).or_insert(0) += count;
    }

    fn unreadable(&mut self, failure: ItemFailure) {
        tracing::warn!(path = %failure.path, "not imported: {}", failure.why);
        self.report.unreadable.push(failure);
    }

    fn mean(&mut self, meaning: Meaning) {
        let report = &mut self.report;
        *match meaning {
            Meaning::Added => &mut report.added,
            Meaning::Updated => &mut report.updated,
            Meaning::Moved => &mut report.moved,
            Meaning::Duplicate => &mut report.duplicates,
            Meaning::Unchanged => &mut report.unchanged,
        } += 1;
    }

    fn finish(mut self, seconds: f64) -> ImportReport {
        let report = &mut self.report;
        report.files = report.added
            + report.updated
            + report.moved
            + report.duplicates
            + report.unchanged
            + report.unreadable.len() as u64;
        report.skipped_by_suffix = self.skipped.into_iter().collect();
        report.skipped_by_suffix.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        report.seconds = seconds;
        self.report
    }
}

/// What an import looks at.
enum Wanted {
    /// Files and folders: photos, and what belongs to them.
    Roots(Vec<PathBuf>),
    /// These very files below a folder, whatever they are: what is no photo is stored as it is, too.
    Everything {
        /// The folder that they are named after.
        root: PathBuf,
        /// Absolute.
        files: Vec<PathBuf>,
    },
}

/// One import while it runs.
struct Run<'a> {
    engine: &'a Engine,
    op: OpId,
    roots: Arc<[Root]>,
    everything: bool,
    cancel: &'a Cancel,
    reporter: &'a Reporter,
    tally: Mutex<Tally>,
    /// XMP that is new or changed, to be held against what was decided here.
    sidecars: Mutex<Vec<PathBuf>>,
}

impl Engine {
    /// Takes files and folders into the catalogue; storing them is [`Engine::store`]'s. Cancelled, it ends within a
    /// second, and everything reported is in.
    ///
    /// # Errors
    /// Where the catalogue cannot be written at all. What a single file lacks is in the report.
    pub async fn import(
        &self,
        op: OpId,
        roots: Vec<PathBuf>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<ImportReport, UserError> {
        self.import_wanted(op, Wanted::Roots(roots), cancel, reporter).await
    }

    /// Takes every one of these files in, also what is no photo or cannot be read as one: nothing is passed over.
    ///
    /// # Errors
    /// As [`Engine::import`].
    pub(super) async fn import_everything(
        &self,
        op: OpId,
        root: PathBuf,
        files: Vec<PathBuf>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<ImportReport, UserError> {
        self.import_wanted(op, Wanted::Everything { root, files }, cancel, reporter).await
    }

    async fn import_wanted(
        &self,
        op: OpId,
        wanted: Wanted,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<ImportReport, UserError> {
        let _turn = self.0.importing.lock().await;
        let (named, everything) = match &wanted {
            Wanted::Roots(roots) => (self.name_roots(roots).await?, false),
            Wanted::Everything { root, .. } => (self.name_roots(std::slice::from_ref(root)).await?, true),
        };
        let (tally, sidecars) = (Mutex::default(), Mutex::default());
        let run = Run { engine: self, op, roots: named.into(), everything, cancel, reporter, tally, sidecars };
        reporter.phase(Phase::Counting);
        let result = run.all(wanted).await;
        self.0.stale.notify_one();
        result?;
        let sidecars = run.sidecars.into_inner().unwrap_or_else(PoisonError::into_inner);
        // What is not merged now is merged when sidecars are read or written.
        let sidecars =
            if cancel.is_cancelled() { SidecarReport::default() } else { self.merge_sidecars(sidecars).await? };
        let tally = run.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut report = tally.finish(reporter.seconds());
        report.stopped = cancel.is_cancelled();
        self.say_conflicts(&sidecars).await;
        report.sidecars = sidecars;
        tracing::info!(
            files = report.files,
            added = report.added,
            updated = report.updated,
            unreadable = report.unreadable.len(),
            seconds = report.seconds,
            "imported"
        );
        Ok(report)
    }

    /// An import and the storing of it, as one command; with why storing stopped, where it did.
    ///
    /// # Errors
    /// As [`Engine::import`].
    pub async fn import_and_store(
        &self,
        op: OpId,
        paths: Vec<PathBuf>,
        and_store: bool,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<(ImportReport, Option<UserError>), UserError> {
        let roots = absolute(paths)?;
        self.note_disks(&roots).await?;
        let mut report = self.import(op, roots, cancel, reporter).await?;
        if !and_store || cancel.is_cancelled() {
            return Ok((report, None));
        }
        let stored = self.store(op, cancel, reporter).await;
        report.seconds = reporter.seconds();
        match stored {
            Ok(stored) => {
                (report.stored, report.batch) = (stored.stored, stored.batch);
                report.not_stored = stored.needs_you;
                Ok((report, None))
            }
            Err(error) => Ok((report, Some(error))),
        }
    }

    /// The unique names of dropped folders; a dropped file belongs to its folder.
    async fn name_roots(&self, roots: &[PathBuf]) -> Result<Vec<Root>, UserError> {
        let files = self.0.parts.files.clone();
        let roots = roots.to_vec();
        self.write(move |writer| {
            let mut named: HashMap<PathBuf, String> = HashMap::new();
            let mut all = Vec::with_capacity(roots.len());
            for root in roots {
                let is_file = files.stat(&root).is_ok();
                let dir = if is_file { root.parent().unwrap_or(&root).to_owned() } else { root };
                let name = match named.get(&dir) {
                    Some(name) => name.clone(),
                    None => writer.root_name(&dir, &keys::root_name(&dir), &keys::fold)?,
                };
                named.insert(dir.clone(), name.clone());
                all.push(Root { dir, name });
            }
            Ok(all)
        })
        .await
    }
}

impl Run<'_> {
    fn tally(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn all(&self, wanted: Wanted) -> Result<(), UserError> {
        let (to, mut pieces) = mpsc::unbounded();
        let walking = {
            let (files, cancel) = (self.engine.0.parts.files.clone(), self.cancel.clone());
            self.engine.0.parts.quick.run(move || match wanted {
                Wanted::Roots(roots) => walk(files.as_ref(), &roots, &cancel, &to),
                Wanted::Everything { files: these, .. } => walk_these(files.as_ref(), these, &cancel, &to),
            })
        };
        let (wanted_to, wanted) = mpsc::unbounded();
        let sorting = async {
            let mut announced = 0;
            while let Some(piece) = pieces.next().await {
                match piece {
                    Piece::Files(found) => self.sort(found, &wanted_to, &mut announced).await?,
                    Piece::Failed(failure) => self.tally().unreadable(failure),
                    Piece::End(skipped) => {
                        skipped.into_iter().for_each(|(suffix, count)| self.tally().skip(suffix, count));
                        self.reporter.phase(Phase::Working);
                    }
                }
            }
            wanted_to.close_channel();
            Ok::<(), UserError>(())
        };
        let (read_to, read) = mpsc::channel(READ_AHEAD);
        let (_, sorted, (), committed) =
            futures::join!(walking, sorting, self.read_all(wanted, read_to), self.commit_all(read));
        sorted.and(committed)
    }

    /// Passes on what the catalogue does not know as it is now, and counts the rest.
    async fn sort(
        &self,
        found: Vec<Found>,
        to: &mpsc::UnboundedSender<Found>,
        announced: &mut usize,
    ) -> Result<(), UserError> {
        let (unknown, unchanged) = self
            .engine
            .read(move |reader| {
                let paths: Vec<&Path> = found.iter().map(|file| file.path.as_path()).collect();
                let known = reader.known_all(&paths)?;
                let (mut unknown, mut unchanged) = (Vec::new(), Vec::new());
                for (file, known) in found.into_iter().zip(known) {
                    let same = known.is_some_and(|known| is_as_known(&known, &file.stat));
                    if same { unchanged.push(file) } else { unknown.push(file) }
                }
                // A sidecar that is new or changed says something else of its photo.
                let said: HashSet<&[u8]> =
                    unknown.iter().filter(|f| is_sidecar(&f.path)).map(|f| stem(&f.path)).collect();
                let is_meant = |f: &mut Found| matches!(f.kind, Kind::Photo(_)) && said.contains(stem(&f.path));
                let again: Vec<Found> = unchanged.extract_if(.., is_meant).collect();
                unknown.extend(again);
                Ok((unknown, unchanged))
            })
            .await?;
        {
            let mut tally = self.tally();
            for file in &unchanged {
                match file.kind {
                    Kind::Companion | Kind::Video => tally.skip(super::walk::shown_suffix(&file.path), 1),
                    Kind::Photo(_) | Kind::Other => tally.mean(Meaning::Unchanged),
                }
            }
        }
        let bytes: u64 = unknown.iter().map(|file| file.stat.size).sum();
        self.reporter.update(|progress| {
            progress.done += unchanged.len() as u64;
            progress.total += (unchanged.len() + unknown.len()) as u64;
            progress.total_bytes += bytes;
        });
        if *announced < MOST_ANNOUNCED {
            let files: Vec<Arrival> = unknown
                .iter()
                .filter(|file| matches!(file.kind, Kind::Photo(_)))
                .take(MOST_ANNOUNCED - *announced)
                .map(|file| Arrival {
                    name: file.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                    path: Arc::new(file.path.clone()),
                })
                .collect();
            *announced += files.len();
            if !files.is_empty() {
                self.engine.0.say.say(Event::Arriving { op: self.op, files }).await;
            }
        }
        unknown.into_iter().for_each(|file| drop(to.unbounded_send(file)));
        Ok(())
    }

    /// Reads files on every core until there are no more, or until it is cancelled.
    async fn read_all(&self, wanted: mpsc::UnboundedReceiver<Found>, read: mpsc::Sender<(Found, Prepared)>) {
        let wanted = tokio::sync::Mutex::new(wanted);
        let workers: FuturesUnordered<_> = (0..cores())
            .map(|_| {
                let (wanted, mut read) = (&wanted, read.clone());
                async move {
                    while !self.cancel.is_cancelled() {
                        let Some(found) = wanted.lock().await.next().await else { break };
                        let (engine, roots, everything) = (self.engine.clone(), self.roots.clone(), self.everything);
                        let done = self.engine.0.parts.heavy.run(move || {
                            let prepared = prepare(&engine, &found, &roots[found.root], everything);
                            (found, prepared)
                        });
                        if futures::SinkExt::send(&mut read, done.await).await.is_err() {
                            break;
                        }
                    }
                }
            })
            .collect();
        drop(read);
        workers.collect::<()>().await;
    }

    /// Writes what was read, in batches. Everything that was read gets in, also after a cancel.
    async fn commit_all(&self, mut read: mpsc::Receiver<(Found, Prepared)>) -> Result<(), UserError> {
        let mut room = FIRST_BATCH;
        let mut full = Vec::new();
        while let Some(one) = read.next().await {
            full.push(one);
            if full.len() >= room {
                self.commit(std::mem::take(&mut full)).await?;
                room = BATCH;
            }
        }
        self.commit(full).await
    }

    async fn commit(&self, mut read: Vec<(Found, Prepared)>) -> Result<(), UserError> {
        if read.is_empty() {
            return Ok(());
        }
        // Workers end in any order; of equal files beside each other the first by name is to give the key.
        read.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        let count = read.len() as u64;
        let bytes: u64 = read.iter().map(|(found, _)| found.stat.size).sum();
        let mut candidates = Vec::new();
        let mut thumbs = Vec::new();
        let mut arrived = Vec::new();
        for (found, prepared) in read {
            match prepared {
                Prepared::Candidate(candidate, thumb) => {
                    thumbs.extend(thumb.map(|jpeg| (candidate.fingerprint.blake3, jpeg)));
                    candidates.push(*candidate);
                }
                Prepared::Skipped(suffix) => self.tally().skip(suffix, 1),
                Prepared::Unreadable(failure) => self.tally().unreadable(failure),
            }
            arrived.push(Arc::new(found.path));
        }
        let changed = self.take_in(candidates, thumbs).await?;
        let failed = self.tally().report.unreadable.len() as u64;
        self.reporter.update(|progress| {
            progress.done += count;
            progress.done_bytes += bytes;
            progress.failed = failed;
        });
        self.engine.0.say.say(Event::Arrived { op: self.op, files: arrived }).await;
        if changed {
            self.engine.0.say.say(Event::Changed { seats: None, order: true }).await;
            self.engine.0.stale.notify_one();
        }
        Ok(())
    }

    /// One transaction of rows, after their thumbnails; whether any photo changed.
    async fn take_in(
        &self,
        candidates: Vec<Candidate>,
        thumbs: Vec<(ContentHash, Vec<u8>)>,
    ) -> Result<bool, UserError> {
        let kinds: Vec<(FileKind, PathBuf)> =
            candidates.iter().map(|candidate| (candidate.kind, candidate.path.clone())).collect();
        let (engine, now) = (self.engine.clone(), self.engine.now());
        let files = engine.0.parts.files.clone();
        let outcomes = self
            .engine
            .write(move |writer| {
                let pictures: Vec<_> = thumbs.iter().map(|(hash, jpeg)| (*hash, jpeg.as_slice())).collect();
                // A thumbnail that cannot be kept is made again when it is wanted.
                if let Err(error) = engine.with_thumbs(|thumbs| thumbs.put(&pictures)) {
                    tracing::warn!("thumbnails could not be kept ({error})");
                }
                let still_there = |path: &Path, size: u64, mtime_ns: i64| {
                    files.stat(path).is_ok_and(|stat| stat.size == size && stat.mtime_ns == mtime_ns)
                };
                writer.take_in(&candidates, now, &still_there)
            })
            .await?;
        let mut changed = false;
        let mut tally = self.tally();
        for ((kind, path), outcome) in kinds.into_iter().zip(outcomes) {
            match kind {
                FileKind::Photo(_) => tally.mean(outcome.meaning),
                FileKind::Sidecar | FileKind::Video => tally.skip(super::walk::shown_suffix(&path), 1),
            }
            changed |= outcome.meaning != Meaning::Unchanged;
            if kind == FileKind::Sidecar && outcome.meaning != Meaning::Unchanged && is_sidecar(&path) {
                self.sidecars.lock().unwrap_or_else(PoisonError::into_inner).push(path);
            }
        }
        Ok(changed)
    }
}

/// Whether a file is as the catalogue remembers it. What came out of a manifest has whole milliseconds only.
pub(super) fn is_as_known(known: &Known, stat: &Stat) -> bool {
    const MS: i64 = 1_000_000;
    let same_ms = known.mtime_ns % MS == 0 && known.mtime_ns.div_euclid(MS) == stat.mtime_ns.div_euclid(MS);
    known.size == stat.size && (known.mtime_ns == stat.mtime_ns || same_ms)
}

/// The paths of an import, absolute; what is not there is named.
///
/// # Errors
/// Where there is no current directory to complete a relative path with.
pub(super) fn absolute(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, UserError> {
    paths
        .into_iter()
        .map(|path| {
            std::path::absolute(&path)
                .map_err(|error| UserError::new(ErrorCode::Usage, format!("not a path ({error}): {}", path.display())))
        })
        .collect()
}

/// Whether a file is XMP, which is read into its photo's metadata.
fn is_sidecar(path: &Path) -> bool {
    suffix(path).is_some_and(|suffix| suffix.eq_ignore_ascii_case("xmp"))
}
