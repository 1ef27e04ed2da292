//! What the engine says, into the state. Gives the commands that follow from it.

use std::sync::Arc;

use super::state::{MOST_ARRIVING, MOST_FINISHED, State, pending};
use crate::domain::Seat;
use crate::domain::layout::Page;
use crate::protocol::{
    AccountAnswer, Arrival, Command, ErrorCode, Event, OpId, OpKind, OpReport, Progress, Scope, UserError,
};
use crate::ui::{AccountReply, Activity, ActivityState, Loadable};

/// What the window around the state has to do.
#[derive(Debug, PartialEq)]
pub(super) enum Follow {
    /// Nothing more.
    Nothing,
    /// Cards or thumbnails may be wanted that were not before.
    Wishes,
    /// The engine has put everything away.
    Closed,
}

impl State {
    /// Takes one event.
    pub fn apply(&mut self, event: Event, now_ms: i64, context: &Surroundings, commands: &mut Vec<Command>) -> Follow {
        match event {
            Event::Library(library) => {
                self.library = Loadable::Ready(library);
                if self.trouble.take().is_some() {
                    // Nobody was there to answer what was asked before.
                    self.look_at_now();
                    self.search.running = false;
                    self.search_again(commands);
                }
            }
            Event::CannotOpen(error) => self.trouble = Some(error),
            answer @ (Event::Batches(_)
            | Event::BatchItems { .. }
            | Event::History(_)
            | Event::Weighed { .. }
            | Event::Cost { .. }
            | Event::ShareOffer { .. }
            | Event::Tagging { .. }
            | Event::Reports(_)) => self.kept(answer),
            answer @ (Event::People { .. } | Event::PeopleChanged) => self.people_heard(answer, commands),
            Event::Undo(undo) => self.undo = undo,
            Event::Results { op, seats, complete } => return self.results(op, seats, complete, commands),
            Event::QueryWrong { op, at, expected } => {
                if self.search.op == Some(op) {
                    self.search.running = false;
                    self.results.wrong = Some((at, expected));
                }
            }
            Event::Cards(cards) => {
                for seat in self.cards.take(cards) {
                    self.textures.forget_picture(seat);
                }
                return Follow::Wishes;
            }
            Event::Detail { seat, detail } => self.detail(seat, detail),
            Event::Thumb { key, stage, picture } => self.textures.thumb(key, stage, picture),
            Event::Picture { op, seat, long_edge_px, picture } => {
                let wake = context.wake.clone();
                self.textures.picture(seat, long_edge_px, picture, context.max_texture_side, move || wake());
                self.next_picture(op, commands);
            }
            Event::Arriving { files, .. } => {
                self.arrive(files);
                return Follow::Wishes;
            }
            Event::Arrived { files, .. } => {
                for path in &files {
                    self.arriving_from.remove(path);
                    self.textures.forget_file(path);
                }
                self.arriving.retain(|file| self.arriving_from.contains(&file.path));
            }
            Event::Changed { seats, order } => return self.changed(seats, order, commands),
            Event::Edited { text, undoable, .. } => self.toasts.done(text, undoable, now_ms),
            // Asked for by nothing in the window yet.
            answer @ (Event::Completions { .. }
            | Event::Facets { .. }
            | Event::SavedSearches(_)
            | Event::TagTree(_)
            | Event::TagSets(_)) => self.found(answer),
            Event::TagSuggestions { typed, tags } => self.tag_suggestions = (typed, tags),
            Event::Pages { op, pages } => self.previewed(op, pages),
            Event::Printing { op, answer } => {
                let about = self.printing_ops.remove(&op);
                super::printing::answered(&mut self.printing, about, answer);
            }
            Event::Started { op, kind, title } => {
                let state = ActivityState::Running(Progress::new(kind));
                self.activities.insert(0, Activity { op, title, state });
            }
            Event::Finished { op, outcome } => {
                self.keep_finished(op, &outcome, commands);
                self.finished(op, outcome, now_ms);
            }
            Event::Account(account) => self.account = *account,
            Event::AccountAnswered { op, outcome } => self.account_answered(op, outcome),
            Event::OpenPage(page) => crate::platform::open_page(&page),
            Event::Notice(error) => self.toasts.error(&error, now_ms),
            Event::Closed => return Follow::Closed,
        }
        Follow::Nothing
    }

    fn arrive(&mut self, files: Vec<Arrival>) {
        let room = MOST_ARRIVING.saturating_sub(self.arriving.len());
        for file in files.into_iter().take(room) {
            if self.arriving_from.insert(file.path.clone()) {
                self.arriving.push(file);
            }
        }
    }

    fn previewed(&mut self, op: OpId, pages: Result<Arc<Vec<Page>>, String>) {
        if self.pages_op != Some(op) {
            return;
        }
        self.pages = match (pages, std::mem::take(&mut self.pages)) {
            (Ok(pages), _) => Loadable::Ready(pages),
            (Err(error), Loadable::Ready(previous)) => Loadable::Failed { error, previous: Some(previous) },
            (Err(error), Loadable::Pending { previous } | Loadable::Failed { previous, .. }) => {
                Loadable::Failed { error, previous }
            }
            (Err(error), Loadable::NotAsked) => Loadable::Failed { error, previous: None },
        };
    }

    fn account_answered(&mut self, op: OpId, outcome: Result<AccountAnswer, UserError>) {
        if self.account_reply == AccountReply::Waiting(op) {
            self.account_reply = outcome.map_or_else(AccountReply::Failed, AccountReply::Done);
        }
    }

    fn results(&mut self, op: OpId, seats: Arc<[Seat]>, complete: bool, commands: &mut Vec<Command>) -> Follow {
        if self.search.op != Some(op) {
            return Follow::Nothing;
        }
        self.results.wrong = None;
        let same_query = self.results.query == self.search.query && self.results.scope == self.search.scope;
        // A first page of what is shown already would only take the rest away for a moment.
        let worse = !complete && same_query && seats.len() < self.results.seats.len();
        if !worse {
            self.results.query.clone_from(&self.search.query);
            self.results.scope = self.search.scope;
            self.results.complete = complete;
            self.results.seats = seats;
            self.results.generation += 1;
        }
        if complete {
            self.search.running = false;
            if std::mem::take(&mut self.search.again) {
                self.search_again(commands);
            }
        }
        Follow::Wishes
    }

    /// Runs the search of now again; while it runs, one more is kept for when it has ended.
    fn search_again(&mut self, commands: &mut Vec<Command>) {
        if self.search.running {
            self.search.again = true;
            return;
        }
        let op = self.new_op();
        self.search.op = Some(op);
        self.search.running = true;
        commands.push(Command::Search { op, query: self.search.query.clone(), scope: self.search.scope });
    }

    /// Looks at other photos: of now, of then, or the deleted ones. What was known of them may be of another time.
    pub fn look(&mut self, scope: Scope, commands: &mut Vec<Command>) {
        self.keeping.scope = scope;
        if self.search.scope != scope {
            self.search.scope = scope;
            self.cards.changed(None);
            self.search(self.search.query.clone(), commands);
        }
    }

    /// Searches for something else.
    pub fn search(&mut self, query: String, commands: &mut Vec<Command>) {
        self.search.running = false;
        self.search.again = false;
        self.search.query = query;
        self.search_again(commands);
    }

    fn detail(&mut self, seat: Seat, detail: Option<Box<crate::domain::PhotoDetail>>) {
        if self.reveal == Some(seat) {
            self.reveal = None;
            let path = detail.iter().flat_map(|detail| &detail.paths).find(|path| !path.gone);
            if let Some(path) = path {
                crate::platform::reveal(&path.path);
            }
        }
        if self.detail_wanted == Some(seat) {
            self.detail = match detail {
                Some(detail) => Loadable::Ready(detail),
                None => {
                    Loadable::Failed { error: "This photo is no longer in the library.".to_owned(), previous: None }
                }
            };
        }
    }

    fn changed(&mut self, seats: Option<Arc<[Seat]>>, order: bool, commands: &mut Vec<Command>) -> Follow {
        self.cards.changed(seats.as_deref());
        // What a query finds can change with every edit; everything stays everything.
        if order || !self.search.query.is_empty() || self.search.scope != Scope::Library {
            self.search_again(commands);
        }
        let touches = |seat: &Seat| seats.as_ref().is_none_or(|seats| seats.contains(seat));
        if let Some(seat) = self.detail_wanted.filter(touches) {
            pending(&mut self.detail);
            commands.push(Command::Detail { seat });
        }
        Follow::Wishes
    }

    /// After the loupe's own picture come its neighbours, one after the other.
    fn next_picture(&mut self, op: OpId, commands: &mut Vec<Command>) {
        if self.picture.op != Some(op) {
            return;
        }
        self.picture.op = None;
        while !self.picture.ahead.is_empty() {
            let seat = self.picture.ahead.remove(0);
            if !self.textures.has_picture(seat, self.picture.edge_px) {
                let op = self.new_op();
                self.picture.op = Some(op);
                commands.push(Command::Picture {
                    op,
                    seat,
                    long_edge_px: self.picture.edge_px,
                    proof: self.picture.proof.clone(),
                });
                return;
            }
        }
    }

    fn finished(&mut self, op: OpId, outcome: Result<OpReport, UserError>, now_ms: i64) {
        match &outcome {
            Err(error) if error.code == ErrorCode::Cancelled => {
                self.toasts.done(error.message.clone(), false, now_ms);
            }
            Err(error) => self.toasts.error(error, now_ms),
            Ok(report) => {
                let text = match report {
                    OpReport::Print(report) => Some(super::printing::done(report, &self.printing)),
                    report => words(report),
                };
                if let Some(text) = text {
                    // What partly failed is no success: it stays until it is read.
                    if report.has_failures() {
                        self.toasts.partly(text, now_ms)
                    } else {
                        self.toasts.done(text, false, now_ms)
                    }
                }
            }
        }
        let was_import = |activity: &Activity| match &activity.state {
            ActivityState::Running(progress) | ActivityState::Stopping(progress) => progress.kind == OpKind::Import,
            ActivityState::Ended(_) => false,
        };
        if self.activities.iter().any(|activity| activity.op == op && was_import(activity)) {
            // What a stopped import did not get to does not arrive any more.
            for file in std::mem::take(&mut self.arriving) {
                self.textures.forget_file(&file.path);
            }
            self.arriving_from.clear();
        }
        if let Some(activity) = self.activities.iter_mut().find(|activity| activity.op == op) {
            activity.state = ActivityState::Ended(outcome);
        }
        let ended = |activity: &Activity| matches!(activity.state, ActivityState::Ended(_));
        while self.activities.iter().filter(|activity| ended(activity)).count() > MOST_FINISHED {
            if let Some(oldest) = self.activities.iter().rposition(ended) {
                self.activities.remove(oldest);
            }
        }
    }

    /// Takes over how far everything is.
    pub fn progress(&mut self, board: Vec<(OpId, Progress)>) {
        for (op, progress) in board {
            let activity = self.activities.iter_mut().find(|activity| activity.op == op);
            match activity.map(|activity| &mut activity.state) {
                Some(ActivityState::Running(now) | ActivityState::Stopping(now)) => *now = progress,
                Some(ActivityState::Ended(_)) | None => {}
            }
        }
    }
}

/// What is around the state and not part of it.
pub(super) struct Surroundings {
    /// Draws another frame; from any thread.
    pub wake: Arc<dyn Fn() + Send + Sync>,
    /// Longest side that the graphics card takes (px).
    pub max_texture_side: usize,
}

/// A finished operation in one line; details are in the activity panel.
fn words(report: &OpReport) -> Option<String> {
    let count = |number: u64, one: &str, many: &str| {
        if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
    };
    let failed = |failures: usize| {
        if failures == 0 { String::new() } else { format!("; {failures} did not work, see Activity") }
    };
    match report {
        OpReport::Import(report) => {
            let new = report.added + report.updated;
            let rest = failed(report.unreadable.len() + report.not_stored.len());
            Some(format!("{} imported{rest}", count(new, "photo", "photos")))
        }
        OpReport::Store(report) if report.stored > 0 || !report.needs_you.is_empty() => {
            Some(format!("{} stored{}", count(report.stored, "photo", "photos"), failed(report.needs_you.len())))
        }
        // The vault works on its own when nobody asked: nothing done is no news.
        OpReport::Store(_) => None,
        OpReport::OpenStore { photos, failed: failures } => {
            Some(format!("{} opened from the vault{}", count(*photos, "photo", "photos"), failed(failures.len())))
        }
        OpReport::Verify(report) => {
            let bad = report.missing.len() + report.corrupt.len();
            Some(format!("{} verified{}", count(report.checked, "version", "versions"), failed(bad)))
        }
        OpReport::Restore { file } => Some(format!("Restored {}", file.display())),
        OpReport::Deleted(weight) => Some(format!("{} deleted", count(weight.photos, "photo", "photos"))),
        OpReport::Undeleted(weight) => Some(format!("{} brought back", count(weight.photos, "photo", "photos"))),
        OpReport::Download(report) => {
            Some(format!("{} downloaded{}", count(report.files, "file", "files"), failed(report.failed.len())))
        }
        OpReport::Ingest(report) => Some(if report.safe_to_format {
            format!("{} proved: safe to format", count(report.files, "file", "files"))
        } else {
            format!("{} of {} proved: do not format", report.stored, report.files)
        }),
        OpReport::Tag(report) if report.looked_at > 0 || report.stopped.is_some() || !report.failed.is_empty() => {
            let why = report.stopped.as_ref().map(|why| format!("; stopped: {why}")).unwrap_or_default();
            Some(format!("{} tagged{}{why}", count(report.looked_at, "photo", "photos"), failed(report.failed.len())))
        }
        OpReport::Tag(_) => None,
        OpReport::LookForPeople(report) => Some(report.words()),
        OpReport::ForgetPeople(report) => Some(report.words()),
        OpReport::Share(report) => Some(format!("A link to {} is ready", count(report.photos, "photo", "photos"))),
        OpReport::Sidecars(report) => {
            let news = format!(
                "{} written, {} changed by other programs",
                count(report.written, "sidecar", "sidecars"),
                report.merged
            );
            Some(format!("{news}{}", failed(report.failed.len())))
        }
        OpReport::Print(_) => None,
    }
}
