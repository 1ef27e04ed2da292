//! The engine's side of the protocol: one task for each operation, answers as events, nothing that blocks.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::channel::mpsc::Receiver;

use super::account::stopped;
use super::background::{
    announce_state, flush_now_and_then, follow_account, index_older, keep_account, retry_now_and_then, watch_vault,
    write_sidecars_now_and_then,
};
use super::cancel::Cancel;
use super::errors::user_error;
use super::explore;
use super::import::absolute;
use super::parts::Engine;
use super::progress::Reporter;
use super::serve_keep;
use super::serve_people;
use super::serve_tag;
use super::stores::VAULT;
use super::thumbs::{Desk, shown};
use crate::catalog::{CatalogError, Stop};
use crate::domain::Seat;
use crate::domain::layout::{PageSetup, PhotoSetup};
use crate::domain::printing::{Output, Proof};
use crate::domain::query::Query;
use crate::imaging::Fit;
use crate::protocol::{Command, ErrorCode, Event, OpId, OpKind, OpReport, PrintAsk, Scope, UserError, VerifyLevel};

/// Photos of the first answer to a search: more than a screen holds.
const FIRST_PAGE: usize = 400;
/// Makers of thumbnails for the screen.
const THUMB_MAKERS: usize = 3;
/// How long the last edits may take to reach the vault when the window closes.
const LAST_FLUSH: Duration = Duration::from_secs(3);
/// The largest side of a loupe picture in pixels: what textures hold everywhere.
const MOST_PICTURE_PX: u32 = 8192;
/// Operations that the engine starts by itself have numbers from here on.
const OWN_OPS: u64 = 1 << 48;

/// What runs, so that it can be stopped.
#[derive(Clone, Default)]
pub(super) struct Running(pub(super) Arc<RunningInner>);

#[derive(Default)]
pub(super) struct RunningInner {
    cancels: Mutex<HashMap<OpId, Cancel>>,
    search: Mutex<Stop>,
    newest_search: AtomicU64,
    pub(super) newest_facets: AtomicU64,
    newest_preview: AtomicU64,
    newest_picture: AtomicU64,
    own_ops: AtomicU64,
    storing: Mutex<HashMap<&'static str, u32>>,
    closing: AtomicBool,
}

impl Running {
    fn start(&self, op: OpId) -> Cancel {
        let cancel = Cancel::default();
        self.0.cancels.lock().unwrap_or_else(PoisonError::into_inner).insert(op, cancel.clone());
        cancel
    }

    fn end(&self, op: OpId) {
        self.0.cancels.lock().unwrap_or_else(PoisonError::into_inner).remove(&op);
    }

    fn cancel(&self, op: OpId) {
        if let Some(cancel) = self.0.cancels.lock().unwrap_or_else(PoisonError::into_inner).get(&op) {
            cancel.cancel();
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::SeqCst)
    }

    fn cancel_all(&self) {
        self.0.closing.store(true, Ordering::SeqCst);
        self.0.cancels.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(Cancel::cancel);
        self.0.search.lock().unwrap_or_else(PoisonError::into_inner).stop();
    }

    pub(super) fn own_op(&self) -> OpId {
        OpId(OWN_OPS + self.0.own_ops.fetch_add(1, Ordering::Relaxed))
    }

    /// Notes that a store run goes on, until what is returned is dropped.
    pub(super) fn storing(&self, shown: &'static str) -> Storing {
        *self.0.storing.lock().unwrap_or_else(PoisonError::into_inner).entry(shown).or_default() += 1;
        Storing(self.clone(), shown)
    }

    pub(super) fn is_storing(&self, shown: &str) -> bool {
        self.0.storing.lock().unwrap_or_else(PoisonError::into_inner).get(shown).is_some_and(|runs| *runs > 0)
    }

    fn is_idle(&self) -> bool {
        self.0.cancels.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// A store run that goes on.
pub(super) struct Storing(Running, &'static str);

impl Drop for Storing {
    fn drop(&mut self) {
        let mut storing = self.0.0.storing.lock().unwrap_or_else(PoisonError::into_inner);
        storing.entry(self.1).and_modify(|runs| *runs = runs.saturating_sub(1));
    }
}

/// Serves commands, `first` before all others, until `Shutdown` or until the other end is gone. Spawns on the current
/// runtime.
pub async fn serve(engine: Engine, mut commands: Receiver<Command>, first: Option<Command>) {
    let running = Running::default();
    let desk = Desk::default();
    let mut background = vec![
        tokio::spawn(announce_state(engine.clone())),
        tokio::spawn(flush_now_and_then(engine.clone())),
        tokio::spawn(watch_vault(engine.clone())),
        tokio::spawn(write_sidecars_now_and_then(engine.clone())),
        tokio::spawn(retry_now_and_then(engine.clone(), running.clone())),
        tokio::spawn(index_older(engine.clone())),
        tokio::spawn(keep_account(engine.clone())),
        tokio::spawn(follow_account(engine.clone(), running.clone())),
    ];
    for _ in 0..THUMB_MAKERS {
        let (desk, engine) = (desk.clone(), engine.clone());
        background.push(tokio::spawn(async move { desk.serve(&engine).await }));
    }
    engine.0.stale.notify_one();
    engine.say_undo_state().await;
    engine.say_tag_sets().await;
    match first {
        Some(first) => drop(tokio::spawn(handle(engine.clone(), running.clone(), first))),
        None => resume(&engine, &running).await,
    }
    while let Some(command) = commands.next().await {
        match command {
            Command::Shutdown => break,
            Command::Cancel { op } => running.cancel(op),
            Command::Thumbs { wishes } => {
                if !wishes.is_empty() {
                    *engine.0.last_wish.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                }
                desk.wish(wishes);
            }
            other => {
                tokio::spawn(handle(engine.clone(), running.clone(), other));
            }
        }
    }
    running.cancel_all();
    // Running operations stop within a second; what they wrote so far is whole.
    let quiet = async {
        while !running.is_idle() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // A new sign-in that has just come must reach the keyring.
        tokio::join!(engine.put_away(), engine.account().settled());
    };
    let _ = tokio::time::timeout(LAST_FLUSH, quiet).await;
    background.iter().for_each(tokio::task::JoinHandle::abort);
    engine.0.say.say(Event::Closed).await;
}

/// Goes on with what an earlier run left waiting.
async fn resume(engine: &Engine, running: &Running) {
    if engine.has_to_store().await {
        let op = running.own_op();
        tokio::spawn(handle(engine.clone(), running.clone(), Command::Store { op }));
    }
    // Apart from this: nobody's command waits until everything has its tags.
    let (engine, running) = (engine.clone(), running.clone());
    tokio::spawn(async move { Box::pin(serve_tag::tag_new(&engine, &running)).await });
}

async fn handle(engine: Engine, running: Running, command: Command) {
    let notice = match command {
        Command::Import { op, roots, store } => {
            import(&engine, &running, op, roots, store).await;
            None
        }
        Command::Store { op } => {
            store(&engine, &running, Some(op)).await;
            None
        }
        Command::OpenStore { op, dir } => {
            let title = match &dir {
                Some(dir) => format!("Opening the vault {}", dir.display()),
                None => "Opening the remote store".to_owned(),
            };
            operation(&engine, &running, op, OpKind::OpenStore, title, async |cancel, reporter| {
                let (photos, failed) = engine.open_store(dir.as_deref(), cancel, reporter).await?;
                Ok(OpReport::OpenStore { photos, failed })
            })
            .await;
            None
        }
        Command::Verify { op, level, store, budget_bytes } => {
            verify(&engine, &running, op, (level, store, budget_bytes)).await;
            None
        }
        Command::Restore { op, photo, version, to } => {
            let title = format!("Restoring version {version}");
            operation(&engine, &running, op, OpKind::Restore, title, async |cancel, reporter| {
                let file = engine.restore(op, photo, version, to, cancel, reporter).await?;
                Ok(OpReport::Restore { file })
            })
            .await;
            None
        }
        Command::Print { op, order } => {
            let title = print_title(&order.output);
            operation(&engine, &running, op, OpKind::Print, title, async |cancel, reporter| {
                engine.print(order, cancel, reporter).await.map(OpReport::Print)
            })
            .await;
            None
        }
        keep @ (Command::Delete { .. }
        | Command::Undelete { .. }
        | Command::Download { .. }
        | Command::WriteSidecars { .. }
        | Command::ReadSidecars { .. }
        | Command::Drill { .. }) => {
            serve_keep::run(&engine, &running, keep).await;
            None
        }
        Command::Tag { op, order } => {
            serve_tag::tag(&engine, &running, op, order).await;
            None
        }
        command @ (Command::LookForPeople { .. } | Command::ForgetPeople { .. }) => {
            serve_people::run(&engine, &running, command).await;
            None
        }
        command @ (Command::Ingest { .. } | Command::Share { .. }) => {
            Box::pin(card_or_link(&engine, &running, command)).await;
            None
        }
        Command::Account { op, ask } => {
            let cancel = running.start(op);
            let outcome = tokio::select! {
                outcome = engine.account().ask(ask) => outcome,
                () = cancel.cancelled() => Err(stopped()),
            };
            running.end(op);
            engine.0.say.say(Event::AccountAnswered { op, outcome }).await;
            None
        }
        other => Box::pin(answer(&engine, &running, other)).await.err(),
    };
    if let Some(error) = notice {
        engine.0.say.say(Event::Notice(error)).await;
    }
}

/// Small things that are answered at once.
async fn answer(engine: &Engine, running: &Running, command: Command) -> Result<(), UserError> {
    match command {
        Command::Search { op, query, scope } => search(engine, running, op, &query, scope).await,
        Command::SetKeep(keep) => engine.set_keep(keep).await,
        Command::StoreFirst { seats } => {
            engine.store_first(seats).await?;
            store(engine, running, None).await;
            Ok(())
        }
        Command::SetClass { seats, class } => engine.set_class(seats, class).await.map(drop),
        Command::TryItemsAgain { batch } => {
            engine.try_items_again(batch).await?;
            store(engine, running, None).await;
            Ok(())
        }
        Command::Batches => {
            let batches = engine.batches(500).await?;
            engine.0.say.say(Event::Batches(batches)).await;
            Ok(())
        }
        Command::BatchItems { batch } => {
            let items = engine.batch_items(&batch).await?;
            engine.0.say.say(Event::BatchItems { batch, items }).await;
            Ok(())
        }
        keep @ (Command::Cards { .. } | Command::Weigh { .. } | Command::History | Command::Reports) => {
            serve_keep::answer(engine, keep).await
        }
        Command::Detail { seat } => {
            let detail = engine.detail(seat).await?.map(|found| Box::new(found.detail));
            engine.0.say.say(Event::Detail { seat, detail }).await;
            Ok(())
        }
        Command::Picture { op, seat, long_edge_px, proof } => {
            picture(engine, running, op, (seat, long_edge_px), proof).await;
            Ok(())
        }
        tag @ (Command::Tagging { .. } | Command::SetTagging(_) | Command::SetTagThreshold { .. }) => {
            Box::pin(serve_tag::answer(engine, running, tag)).await
        }
        Command::People { op, ask } => serve_people::answer(engine, running, op, ask).await,
        Command::Cost { op, seats } => {
            let cost = Box::new(engine.cost(seats).await?);
            engine.0.say.say(Event::Cost { op, cost }).await;
            Ok(())
        }
        Command::ShareOffer { op } => {
            let offer = engine.share_offer(None).await;
            engine.0.say.say(Event::ShareOffer { op, offer }).await;
            Ok(())
        }
        Command::Edit { seats, change } => engine.edit(seats, change).await.map(drop),
        back @ (Command::Undo | Command::Redo) => serve_people::back(engine, running, &back).await,
        Command::EditAll { seats, changes } => engine.edit_and_say(seats, changes).await.map(drop),
        explore @ (Command::Complete { .. }
        | Command::Facets { .. }
        | Command::SavedSearches
        | Command::SuggestTags { .. }
        | Command::TagTree
        | Command::MergeTags { .. }
        | Command::MoveTag { .. }
        | Command::KeepTagSet(_)
        | Command::SaveSearch(_)
        | Command::ForgetSearch { .. }) => explore::answer(engine, running, explore).await,
        Command::SetVault { dir } => {
            engine.set_vault(&dir).await?;
            store_in(engine, running, VAULT, None).await;
            Ok(())
        }
        Command::Preview { op, photos, each, setup } => {
            preview(engine, running, op, (photos, each, setup)).await;
            Ok(())
        }
        Command::Printing { op, ask } => {
            printing(engine, op, ask).await;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Runs one operation between `Started` and `Finished`.
pub(super) async fn operation(
    engine: &Engine,
    running: &Running,
    op: OpId,
    kind: OpKind,
    title: String,
    work: impl AsyncFnOnce(&Cancel, &Reporter) -> Result<OpReport, UserError>,
) {
    let cancel = running.start(op);
    engine.0.say.say(Event::Started { op, kind, title }).await;
    let reporter = Reporter::new(engine, op, kind);
    let outcome = work(&cancel, &reporter).await;
    drop(reporter);
    running.end(op);
    if let Err(error) = &outcome {
        tracing::warn!("{kind:?} failed: {error}");
    }
    engine.0.say.say(Event::Finished { op, outcome }).await;
    engine.0.stale.notify_one();
}

/// A store's name in a sentence.
pub(super) fn store_words(shown: &str) -> &'static str {
    match shown {
        "vault" => "the vault",
        "aws" => "your AWS bucket",
        _ => "the S3 server",
    }
}

async fn import(engine: &Engine, running: &Running, op: OpId, roots: Vec<PathBuf>, and_store: bool) {
    let title = match roots.as_slice() {
        [one] => format!("Import of {}", one.file_name().unwrap_or(one.as_os_str()).to_string_lossy()),
        several => format!("Import of {} items", several.len()),
    };
    operation(engine, running, op, OpKind::Import, title, async |cancel, reporter| {
        let roots = absolute(roots)?;
        engine.note_disks(&roots).await?;
        engine.import(op, roots, cancel, reporter).await.map(OpReport::Import)
    })
    .await;
    // Also what a stopped import took in is in the library now, and is kept like everything else.
    if and_store && !running.is_closing() && engine.has_to_store().await {
        store(engine, running, None).await;
    }
    Box::pin(serve_tag::tag_new(engine, running)).await;
}

/// One operation for each store, side by side; `op` names the first.
pub(super) async fn store(engine: &Engine, running: &Running, op: Option<OpId>) {
    let stores = engine.stores_in_use().await;
    let runs = stores.into_iter().enumerate().map(|(at, shown)| {
        let op = op.filter(|_| at == 0);
        store_in(engine, running, shown, op)
    });
    futures::future::join_all(runs).await;
}

pub(super) async fn store_in(engine: &Engine, running: &Running, shown: &'static str, op: Option<OpId>) {
    // A run under way takes in what has come since; one more would only wait for it.
    if shown != VAULT && (engine.keep().paused || running.is_storing(shown)) {
        return;
    }
    let op = op.unwrap_or_else(|| running.own_op());
    let _storing = running.storing(shown);
    let title = format!("Storing in {}", store_words(shown));
    operation(engine, running, op, OpKind::Store, title, async |cancel, reporter| {
        engine.store_in(shown, op, cancel, reporter).await.map(OpReport::Store)
    })
    .await;
}

/// A check of one store, or of all, one after the other.
async fn verify(
    engine: &Engine,
    running: &Running,
    op: OpId,
    (level, store, budget_bytes): (VerifyLevel, Option<String>, Option<u64>),
) {
    let stores = match store {
        Some(store) => vec![store],
        None => engine.stores_in_use().await.into_iter().map(ToOwned::to_owned).collect(),
    };
    for (at, store) in stores.into_iter().enumerate() {
        let op = if at == 0 { op } else { running.own_op() };
        let title = format!("Check of {}", store_words(&store));
        operation(engine, running, op, OpKind::Verify, title, async |cancel, reporter| {
            engine.verify(&store, level, budget_bytes, cancel, reporter).await.map(OpReport::Verify)
        })
        .await;
    }
}

/// A card that comes in, or photos that go out behind a link.
async fn card_or_link(engine: &Engine, running: &Running, command: Command) {
    match command {
        Command::Ingest { op, order } => {
            let title = format!("Card {}", super::ingest_copy::card_name(&order.card));
            operation(engine, running, op, OpKind::Ingest, title, async |cancel, reporter| {
                engine.ingest(op, order, cancel, reporter).await.map(OpReport::Ingest)
            })
            .await;
        }
        Command::Share { op, order } => {
            let title = match order.seats.len() {
                1 => "Link to 1 photo".to_owned(),
                photos => format!("Link to {photos} photos"),
            };
            operation(engine, running, op, OpKind::Share, title, async |cancel, reporter| {
                engine.share(op, order, cancel, reporter).await.map(OpReport::Share)
            })
            .await;
        }
        _ => {}
    }
}

async fn search(engine: &Engine, running: &Running, op: OpId, text: &str, scope: Scope) -> Result<(), UserError> {
    let newest = &running.0.newest_search;
    if newest.fetch_max(op.0, Ordering::SeqCst) > op.0 {
        return Ok(());
    }
    let stop = Stop::new();
    std::mem::replace(&mut *running.0.search.lock().unwrap_or_else(PoisonError::into_inner), stop.clone()).stop();
    let query = match Query::parse(text) {
        Ok(query) => query,
        Err(wrong) => {
            let at = text.char_indices().nth(wrong.position.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
            engine.0.say.say(Event::QueryWrong { op, at, expected: wrong.expected }).await;
            return Ok(());
        }
    };
    for complete in [false, true] {
        let (query, stop) = (query.clone(), stop.clone());
        let worker = engine.clone();
        let look = move || {
            worker.read_here(|reader| {
                if complete || scope != Scope::Library {
                    reader.list_in(scope, &query, &stop)
                } else {
                    reader.first_page(&query, FIRST_PAGE, &stop)
                }
            })
        };
        let seats: Vec<Seat> = match engine.0.parts.quick.run(look).await {
            Ok(seats) => seats,
            Err(CatalogError::Stopped) => return Ok(()),
            Err(error) => {
                // Answered all the same, so that nobody waits for results that will not come.
                let error = user_error(&error);
                engine.0.say.say(Event::QueryWrong { op, at: 0, expected: error.message.clone() }).await;
                return Err(error);
            }
        };
        if newest.load(Ordering::SeqCst) > op.0 {
            return Ok(());
        }
        let all = complete || scope != Scope::Library || seats.len() < FIRST_PAGE;
        engine.0.say.say(Event::Results { op, seats: seats.into(), complete: all }).await;
        if all {
            break;
        }
    }
    Ok(())
}

async fn printing(engine: &Engine, op: OpId, ask: PrintAsk) {
    let answer = engine.printing(ask).await;
    engine.0.say.say(Event::Printing { op, answer }).await;
}

/// What the activity list calls a print.
fn print_title(output: &Output) -> String {
    match output {
        Output::Pdf { file, .. } | Output::Images { file, .. } => format!("Printing to {}", file.display()),
        Output::Printer(ticket) => format!("Printing on {}", ticket.printer),
        Output::Desktop => "Printing through the desktop's dialog".to_owned(),
    }
}

async fn picture(
    engine: &Engine,
    running: &Running,
    op: OpId,
    (seat, long_edge_px): (Seat, Option<u32>),
    proof: Option<Proof>,
) {
    running.0.newest_picture.fetch_max(op.0, Ordering::SeqCst);
    let edge = long_edge_px.unwrap_or(MOST_PICTURE_PX).min(MOST_PICTURE_PX);
    let picture = engine.proofed_picture(seat, Fit::LongEdge(edge), proof).await;
    let picture = picture.map(|pixels| Arc::new(shown(&pixels)));
    engine.0.say.say(Event::Picture { op, seat, long_edge_px, picture }).await;
}

async fn preview(
    engine: &Engine,
    running: &Running,
    op: OpId,
    (photos, each, setup): (Arc<[Seat]>, Arc<[PhotoSetup]>, PageSetup),
) {
    if running.0.newest_preview.fetch_max(op.0, Ordering::SeqCst) > op.0 {
        return;
    }
    let pages = engine.pages(photos, each, setup).await;
    if running.0.newest_preview.load(Ordering::SeqCst) > op.0 {
        return;
    }
    let pages = pages.map_err(|error| error.message);
    engine.0.say.say(Event::Pages { op, pages }).await;
}

impl UserError {
    /// Whether a person did it.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.code == ErrorCode::Cancelled
    }
}
