//! Safe to format: a card's files copied, read back, stored in every store in use, and each looked up by its bytes
//! before anything says so.
//!
//! Nothing is remembered between runs: a second run finds the copies and the receipts of the first, and goes on where
//! it ended. The card is opened for reading only.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::errors::io_words;
use super::ingest_copy::{Copied, Copier, Group, card_name, plan};
use super::parts::Engine;
use super::progress::Reporter;
use super::stores::OpenedStore;
use crate::domain::ingest_template::IngestTemplate;
use crate::domain::{ContentHash, Fingerprint, Receipt, Timestamp};
use crate::files::card::{CardFile, CardListing, list_card};
use crate::files::space;
use crate::protocol::{ErrorCode, IngestOrder, IngestReport, ItemFailure, OpId, Phase, UserError};

/// Contents looked up at a time.
const PAGE: usize = 500;
/// Old receipts asked for at a time.
const ASKED_AT_ONCE: usize = 8;
/// What stays free on the disk beside the copies, in bytes.
const MARGIN_BYTES: u64 = 32 << 20;

/// One file of the card that is proved: its copy, and its receipt of every store, in their order.
pub(super) struct Proved {
    pub file: CardFile,
    pub fingerprint: Fingerprint,
    pub receipts: Vec<Receipt>,
}

/// Where things are, without links.
#[derive(Clone)]
struct Places {
    card: PathBuf,
    to: PathBuf,
    name: String,
}

/// Why something could not be stored, as far as the store run said.
#[derive(Default)]
struct NotStored {
    /// Why it ended early.
    whole: Option<String>,
    /// By the path of the copy.
    items: HashMap<String, String>,
}

impl NotStored {
    fn with_reason(&self, one: &Copied, why: String) -> String {
        let Ok((path, _)) = &one.copy else { return why };
        match self.items.get(&path.display().to_string()).or(self.whole.as_ref()) {
            Some(reason) => format!("{why} ({reason})"),
            None => why,
        }
    }
}

fn stopped() -> UserError {
    UserError::new(ErrorCode::Cancelled, "it was stopped; the card is not safe to format")
        .hint("Run it again: it goes on where it ended.")
}

impl Engine {
    /// Copies a card, stores everything on it in every store in use, and says whether each file is proved.
    ///
    /// # Errors
    /// Where the card or the folder cannot be used at all, there is no room for the copies, or a person stopped it.
    /// What a single file lacks is in the report.
    pub async fn ingest(
        &self,
        op: OpId,
        order: IngestOrder,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<IngestReport, UserError> {
        let started = self.now();
        let template: IngestTemplate =
            order.template.parse().map_err(|why: String| UserError::new(ErrorCode::Usage, why))?;
        reporter.phase(Phase::Counting);
        let places = self.ingest_places(&order).await?;
        let listing = self.list_card(&places.card, cancel).await;
        let groups = self.plan_ingest(&places, &listing, template, cancel).await?;
        let mut copied = self.copy_groups(&places, groups, cancel, reporter).await?;
        let again = self.list_card(&places.card, cancel).await;
        if cancel.is_cancelled() {
            return Err(stopped());
        }
        let mut report = IngestReport {
            files: listing.files.len() as u64,
            copied: copied.iter().filter(|copied| copied.written).count() as u64,
            verified: copied.iter().filter(|copied| copied.copy.is_ok()).count() as u64,
            card: order.card.clone(),
            left_out: listing.left_out.iter().map(|path| path.display().to_string()).collect(),
            ..IngestReport::default()
        };
        report.failed = unlisted(&listing, &again);
        let not_stored = self.store_copies(op, &places, &copied, cancel, reporter).await?;
        let proved = self.prove(&mut copied, not_stored, started, &mut report, cancel).await?;
        report.stored = proved.1.len() as u64;
        report.safe_to_format = report.failed.is_empty()
            && report.files > 0
            && (report.verified, report.stored) == (report.files, report.files);
        if report.safe_to_format {
            reporter.phase(Phase::Finishing);
            match self.write_sheet(&places.to, &places.name, &proved.0, proved.1).await {
                Ok(sheet) => report.sheet = Some(sheet),
                Err(why) => tracing::warn!("no receipt sheet was written ({why})"),
            }
        }
        tracing::info!(
            files = report.files,
            copied = report.copied,
            verified = report.verified,
            stored = report.stored,
            safe = report.safe_to_format,
            "ingested"
        );
        Ok(report)
    }

    async fn list_card(&self, card: &Path, cancel: &Cancel) -> CardListing {
        let (card, cancel) = (card.to_owned(), cancel.clone());
        self.0.parts.quick.run(move || list_card(&card, &|| !cancel.is_cancelled())).await
    }

    /// Looks whether the card and the folder can be used, and that nothing of ours lies on the card.
    async fn ingest_places(&self, order: &IngestOrder) -> Result<Places, UserError> {
        let (order, vault, library) = (order.clone(), self.vault_dir(), self.dir().to_owned());
        let look = move || {
            let usage = |why: String| UserError::new(ErrorCode::Usage, why);
            let card = std::fs::canonicalize(&order.card).map_err(|error| {
                let why = format!("the card cannot be read ({}): {}", io_words(&error), order.card.display());
                UserError::new(ErrorCode::NotFound, why).hint("Give the folder where the card is mounted.")
            })?;
            if !card.is_dir() {
                return Err(usage(format!("a card is a folder: {}", order.card.display())));
            }
            let to = std::path::absolute(&order.to)
                .map_err(|error| usage(format!("not a path ({error}): {}", order.to.display())))?;
            for (what, path) in [("the copies", &to), ("the vault", &vault), ("the library", &library)] {
                let there = path.ancestors().find_map(|at| std::fs::canonicalize(at).ok());
                if there.is_some_and(|there| there.starts_with(&card)) {
                    return Err(usage(format!(
                        "{what} would lie on the card, which is never written: {}",
                        path.display()
                    ))
                    .hint("Choose a folder on another disk."));
                }
            }
            let name = card_name(&card);
            Ok(Places { card, to, name })
        };
        self.0.parts.quick.run(look).await
    }

    /// The folder of each file; and whether there is room for what is not there yet.
    async fn plan_ingest(
        &self,
        places: &Places,
        listing: &CardListing,
        template: IngestTemplate,
        cancel: &Cancel,
    ) -> Result<Vec<Group>, UserError> {
        if listing.files.is_empty() && listing.failed.is_empty() && !cancel.is_cancelled() {
            let why = format!("there is no file on this card: {}", places.card.display());
            return Err(UserError::new(ErrorCode::NotFound, why));
        }
        let (engine, files, stop) = (self.clone(), listing.files.clone(), cancel.clone());
        let here = places.clone();
        let work = move || {
            let groups = plan(files, &template, &here.name, &stop)?;
            let needed = engine.copier(&here, &stop).missing_bytes(&groups);
            Some((groups, needed, space::free_bytes(&here.to)))
        };
        let (groups, needed, free) = self.0.parts.heavy.run(work).await.ok_or_else(stopped)?;
        match free {
            Ok(free) if free < needed.saturating_add(MARGIN_BYTES) => Err(UserError::new(
                ErrorCode::DiskFull,
                format!(
                    "there is no room for the copies ({} MB needed, {} MB free): {}",
                    needed.div_ceil(1_000_000),
                    free / 1_000_000,
                    places.to.display()
                ),
            )
            .hint("Free some space, or choose a folder on another disk. Nothing was copied.")),
            _ => Ok(groups),
        }
    }

    fn copier<'a>(&'a self, places: &'a Places, cancel: &'a Cancel) -> Copier<'a> {
        Copier {
            files: self.0.parts.files.as_ref(),
            card: &places.card,
            to: &places.to,
            cancel,
            taken: HashSet::new(),
            swept: HashSet::new(),
        }
    }

    async fn copy_groups(
        &self,
        places: &Places,
        groups: Vec<Group>,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<Vec<Copied>, UserError> {
        let (files, bytes) = groups
            .iter()
            .flat_map(|group| &group.files)
            .fold((0, 0_u64), |(files, bytes), file| (files + 1, bytes.saturating_add(file.size)));
        reporter.update(|progress| {
            (progress.phase, progress.total, progress.total_bytes) = (Phase::Working, files, bytes);
        });
        let (engine, cancel, reporter) = (self.clone(), cancel.clone(), reporter.clone());
        let places = places.clone();
        // One after the other: a card is read best from its beginning to its end.
        let work = move || {
            let mut copier = engine.copier(&places, &cancel);
            let mut all = Vec::new();
            for group in groups {
                if cancel.is_cancelled() {
                    return None;
                }
                let count = group.files.len() as u64;
                let mut read = |bytes| reporter.update(|progress| progress.done_bytes += bytes);
                let copied = copier.group(group, &mut read);
                let failed = copied.iter().filter(|copied| copied.copy.is_err()).count() as u64;
                all.extend(copied);
                reporter.update(|progress| {
                    progress.done += count;
                    progress.failed += failed;
                });
            }
            (!cancel.is_cancelled()).then_some(all)
        };
        self.0.parts.quick.run(work).await.ok_or_else(stopped)
    }

    /// Takes the copies into the library and stores them; what is known of why some could not be.
    async fn store_copies(
        &self,
        op: OpId,
        places: &Places,
        copied: &[Copied],
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<NotStored, UserError> {
        let paths: Vec<PathBuf> =
            copied.iter().filter_map(|copied| Some(copied.copy.as_ref().ok()?.0.clone())).collect();
        if paths.is_empty() {
            return Ok(NotStored::default());
        }
        reporter.update(|progress| {
            (progress.done, progress.done_bytes, progress.total, progress.total_bytes) = (0, 0, 0, 0);
        });
        self.note_disks(std::slice::from_ref(&places.to)).await?;
        self.import_everything(op, places.to.clone(), paths, cancel, reporter).await?;
        if cancel.is_cancelled() {
            return Err(stopped());
        }
        let stored = self.store(op, cancel, reporter).await;
        if cancel.is_cancelled() {
            return Err(stopped());
        }
        Ok(match stored {
            Ok(report) => {
                let items = report.needs_you.into_iter().map(|failure| (failure.path, failure.why)).collect();
                NotStored { whole: None, items }
            }
            Err(error) => NotStored { whole: Some(error.message), items: HashMap::new() },
        })
    }

    /// Looks up every file by its bytes: the names of the stores, and the files that each of them has proved. What
    /// is not proved goes into the report.
    async fn prove(
        &self,
        copied: &mut Vec<Copied>,
        not_stored: NotStored,
        started: Timestamp,
        report: &mut IngestReport,
        cancel: &Cancel,
    ) -> Result<(Vec<&'static str>, Vec<Proved>), UserError> {
        let mut stores: Vec<OpenedStore> = Vec::new();
        let mut away = Vec::new();
        for (shown, opened) in self.stores_ready().await {
            match opened {
                Ok(opened) => stores.push(opened),
                Err(error) => away.push(format!("{shown} cannot be used ({})", error.message)),
            }
        }
        if stores.is_empty() && away.is_empty() {
            away.push("no store is in use".to_owned());
        }
        let mut proved = Vec::new();
        for part in std::mem::take(copied).chunks_mut(PAGE) {
            let contents: Vec<ContentHash> =
                part.iter().filter_map(|one| Some(one.copy.as_ref().ok()?.1.blake3)).collect();
            let found = self
                .read(move |reader| {
                    Ok(contents.iter().copied().zip(reader.proofs(&contents)?).collect::<HashMap<_, _>>())
                })
                .await?;
            let mut asked = Vec::with_capacity(part.len());
            for one in part.iter() {
                asked.push(self.prove_one(one, &stores, &found, started));
            }
            let looked: Vec<_> = stream::iter(asked).buffered(ASKED_AT_ONCE).collect().await;
            if cancel.is_cancelled() {
                return Err(stopped());
            }
            for (one, looked) in part.iter().zip(looked) {
                match looked {
                    Ok((fingerprint, receipts)) if away.is_empty() => {
                        proved.push(Proved { file: one.file.clone(), fingerprint, receipts });
                    }
                    Ok(_) => report.failed.push(failure(one, &away.join("; "))),
                    Err(why) => report.failed.push(failure(one, &not_stored.with_reason(one, why))),
                }
            }
        }
        Ok((stores.iter().map(|store| store.shown).collect(), proved))
    }

    /// The receipt of every store for one file, or what is missing. A receipt from before this run is not taken on
    /// trust: its store is asked whether the object is still there.
    async fn prove_one(
        &self,
        one: &Copied,
        stores: &[OpenedStore],
        found: &HashMap<ContentHash, Vec<(String, Receipt)>>,
        started: Timestamp,
    ) -> Result<(Fingerprint, Vec<Receipt>), String> {
        let (_, fingerprint) = one.copy.as_ref().map_err(Clone::clone)?;
        let mut receipts = Vec::with_capacity(stores.len());
        for store in stores {
            let receipt = found
                .get(&fingerprint.blake3)
                .and_then(|all| {
                    all.iter().find(|(name, receipt)| *name == store.name && receipt.fingerprint == *fingerprint)
                })
                .map(|(_, receipt)| receipt.clone())
                .ok_or_else(|| format!("{} has no receipt for it", store.shown))?;
            if receipt.stored_at < started {
                let there = store.store.head(&receipt.key, Some(&receipt.version)).await;
                match there {
                    Ok(Some(there)) if there.fingerprint == *fingerprint => {}
                    Ok(_) => return Err(format!("{} does not have any more what it gave a receipt for", store.shown)),
                    Err(error) => return Err(format!("{} could not be asked for it ({error})", store.shown)),
                }
            }
            receipts.push(receipt);
        }
        Ok((*fingerprint, receipts))
    }
}

fn failure(one: &Copied, why: &str) -> ItemFailure {
    ItemFailure { path: one.file.path.display().to_string(), why: why.to_owned() }
}

/// What could not be looked at, and what is not as it was when it was read.
fn unlisted(before: &CardListing, after: &CardListing) -> Vec<ItemFailure> {
    let mut failed: Vec<ItemFailure> = before
        .failed
        .iter()
        .map(|(path, error)| ItemFailure { path: path.display().to_string(), why: io_words(error) })
        .collect();
    let known: HashMap<&Path, &CardFile> = before.files.iter().map(|file| (file.path.as_path(), file)).collect();
    for file in &after.files {
        if known.get(file.path.as_path()) != Some(&file) {
            let why = "it came or changed on the card meanwhile; run it again".to_owned();
            failed.push(ItemFailure { path: file.path.display().to_string(), why });
        }
    }
    failed
}
