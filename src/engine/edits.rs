//! Gestures: ratings, flags, tags, rotation, removal, and taking them back. Each is durable before it is announced,
//! and at most a minute later its edits stand in the store, for the day when this computer is dead.

use std::sync::Arc;

use super::errors::store_error;
use super::parts::Engine;
use super::stores::VAULT;
use crate::catalog::UndoReport;
use crate::domain::edit::Edit;
use crate::domain::{Change, Seat, keys};
use crate::protocol::{Event, UndoState, UserError};
use crate::store::{Condition, ObjectStore, StoreError};

/// How long a command waits at its end for a store to take the edits; the next one sends them.
const LAST_FLUSH: std::time::Duration = std::time::Duration::from_secs(5);
/// Edits in one segment.
const SEGMENT_EDITS: usize = 10_000;

impl Engine {
    /// One gesture over photos; how many it changed.
    ///
    /// # Errors
    /// Where the catalogue cannot be written or the tag is none.
    pub async fn edit(&self, seats: Arc<[Seat]>, change: Change) -> Result<u64, UserError> {
        let now = self.now();
        let words = change.clone();
        let touched = seats.clone();
        let count = self.write(move |writer| writer.edit(&touched, &change, now)).await?;
        if count > 0 {
            let order = matches!(words, Change::Hidden(_));
            self.0.say.say(Event::Edited { text: in_words(&words, count), photos: count, undoable: true }).await;
            self.0.say.say(Event::Changed { seats: Some(seats), order }).await;
            self.say_undo_state().await;
            self.0.stale.notify_one();
        }
        Ok(count)
    }

    /// Several changes as one gesture; how many photos they changed.
    ///
    /// # Errors
    /// As [`Engine::edit`].
    pub async fn edit_all(&self, seats: Arc<[Seat]>, changes: Vec<Change>) -> Result<u64, UserError> {
        let now = self.now();
        let count = self.write(move |writer| writer.edit_all(&seats, &changes, now)).await?;
        self.0.stale.notify_one();
        Ok(count)
    }

    /// Takes the last gesture back; what it was.
    ///
    /// # Errors
    /// Where the catalogue cannot be written.
    pub async fn undo(&self) -> Result<Option<UndoReport>, UserError> {
        let now = self.now();
        let report = self.write(move |writer| writer.undo(now)).await?;
        self.after_undo(report.as_ref(), "undone").await;
        Ok(report)
    }

    /// Does again what was taken back last.
    ///
    /// # Errors
    /// Where the catalogue cannot be written.
    pub async fn redo(&self) -> Result<Option<UndoReport>, UserError> {
        let now = self.now();
        let report = self.write(move |writer| writer.redo(now)).await?;
        self.after_undo(report.as_ref(), "done again").await;
        Ok(report)
    }

    async fn after_undo(&self, report: Option<&UndoReport>, verb: &str) {
        if let Some(report) = report {
            let text = format!("{} {verb} on {}", report.what, photos(report.photos));
            self.0.say.say(Event::Edited { text, photos: report.photos, undoable: false }).await;
            self.0.say.say(Event::Changed { seats: None, order: true }).await;
            self.0.say.say(Event::PeopleChanged).await;
            self.0.stale.notify_one();
        }
        self.say_undo_state().await;
    }

    pub(super) async fn say_undo_state(&self) {
        if let Ok((undo, redo)) = self.read(|reader| reader.undo_state()).await {
            self.0.say.say(Event::Undo(UndoState { undo, redo })).await;
        }
    }

    /// Writes edits that no segment has yet into every store that is there.
    ///
    /// # Errors
    /// Where the vault or the catalogue cannot be used; nothing is lost, and the next call does it.
    pub async fn flush_edits(&self) -> Result<(), UserError> {
        let mut away = None;
        for shown in self.stores_in_use().await {
            // Nobody is asked anything over a network for nothing.
            if !self.has_unsent_edits(shown).await? {
                continue;
            }
            let flushed = match self.open_named(shown).await {
                Ok(opened) => self.flush_edits_to(opened.store.as_ref(), &opened.name).await,
                Err(error) => Err(error),
            };
            away = away.or(flushed.err());
        }
        away.map_or(Ok(()), Err)
    }

    /// Whether a store has not seen every edit yet.
    async fn has_unsent_edits(&self, shown: &str) -> Result<bool, UserError> {
        let setting = if shown == VAULT { "vault" } else { "remote" };
        self.read(move |reader| {
            let Some(name) = reader.setting(setting)? else { return Ok(false) };
            let sent = reader.setting(&format!("edits_sent:{name}"))?.and_then(|text| text.parse().ok()).unwrap_or(0);
            Ok(!reader.edits_since(sent, 1)?.is_empty())
        })
        .await
    }

    /// Puts everything away before the process ends: edits into the vault, the catalogue's log into its file. Where
    /// one of them is away, nothing is lost, and the next start does it.
    pub async fn put_away(&self) {
        if !self.may_write() {
            return;
        }
        if let Err(error) = self.write_due_sidecars().await {
            tracing::info!("sidecars wait ({error})");
        }
        match tokio::time::timeout(LAST_FLUSH, self.flush_edits()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::info!("edits wait for their store ({error})"),
            Err(_) => tracing::info!("edits wait for a store that does not answer"),
        }
        if let Err(error) = self.write(|writer| writer.checkpoint()).await {
            tracing::info!("the catalogue was not put away ({error})");
        }
    }

    pub(super) async fn flush_edits_to(&self, store: &dyn ObjectStore, name: &str) -> Result<(), UserError> {
        let mark = format!("edits_sent:{name}");
        loop {
            let setting = mark.clone();
            let (device, edits) = self
                .read(move |reader| {
                    let sent = reader.setting(&setting)?.and_then(|text| text.parse().ok()).unwrap_or(0);
                    let device = reader.setting("device")?.unwrap_or_else(|| "device".to_owned());
                    Ok((device, reader.edits_since(sent, SEGMENT_EDITS)?))
                })
                .await?;
            let Some((last, _)) = edits.last() else { return Ok(()) };
            let last = *last;
            let text = write_edits(edits.iter().map(|(_, edit)| edit));
            let put = self.small_put(keys::edits_key(&device, &self.ulid()), text.into_bytes(), Condition::IfAbsent);
            let expected = put.expected;
            match store.put(put).await {
                Ok(_) => {}
                // A request that arrived twice: the key is ours alone, and these are its bytes.
                Err(StoreError::Conflict { current: Some(current), .. }) if current.fingerprint == expected => {}
                Err(error) => return Err(store_error(&error)),
            }
            let setting = mark.clone();
            self.write(move |writer| writer.set_setting(&setting, &last.to_string())).await?;
        }
    }
}

/// A segment of the edit log: one JSON object a line.
fn write_edits<'a>(edits: impl Iterator<Item = &'a Edit>) -> String {
    edits.fold(String::new(), |mut text, edit| {
        text.push_str(&serde_json::to_string(edit).unwrap_or_default());
        text.push('\n');
        text
    })
}

fn photos(count: u64) -> String {
    if count == 1 { "1 photo".to_owned() } else { format!("{count} photos") }
}

/// What a gesture did, with its count: `4 photos rated 3`.
fn in_words(change: &Change, count: u64) -> String {
    let photos = photos(count);
    match change {
        Change::Rating(rating) if rating.stars() == 0 => format!("{photos} no longer rated"),
        Change::Rating(rating) => format!("{photos} rated {}", rating.stars()),
        Change::Flag(flag) => match flag.name() {
            "pick" => format!("{photos} picked"),
            "reject" => format!("{photos} rejected"),
            _ => format!("{photos} unflagged"),
        },
        Change::AddTag(tag) => format!("{photos} tagged {}", tag.trim()),
        Change::RemoveTag(tag) => format!("Tag {} removed from {photos}", tag.trim()),
        Change::Turn(_) => format!("{photos} turned"),
        Change::Caption(Some(_)) => format!("Caption of {photos} written"),
        Change::Caption(None) => format!("Caption of {photos} taken back"),
        Change::Face(..) | Change::FaceMark(..) | Change::Person(..) | Change::NotPerson(..) => {
            format!("{} on {photos}", change.what())
        }
        Change::Hidden(true) => format!("{photos} removed from the library; the files stay where they are"),
        Change::Hidden(false) => format!("{photos} back in the library"),
    }
}
