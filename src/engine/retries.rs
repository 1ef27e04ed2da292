//! When a store that could not be used is tried again, and how fast the line may be now.

use std::sync::PoisonError;

use super::parts::Engine;
use super::send::rest;
use super::stores::VAULT;
use crate::domain::Timestamp;
use crate::protocol::UserError;

impl Engine {
    /// Remembers that a store run failed as a whole, or that it worked.
    pub(super) fn note_trouble(&self, shown: &str, error: Option<&UserError>) {
        let Some(shown) = [VAULT, "aws", "s3"].into_iter().find(|known| *known == shown) else { return };
        let mut troubles = self.0.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        match error {
            None => drop(troubles.remove(shown)),
            Some(error) => {
                let tries = troubles.get(shown).map_or(0, |trouble| trouble.tries + 1);
                let until = rest(self.now(), tries);
                troubles.insert(shown, Trouble { why: error.message.clone(), until, tries });
            }
        }
    }

    /// Why a remote store is not asked now: it was away a moment ago, and asking again would only take time.
    pub(super) fn is_resting(&self, shown: &str) -> Option<String> {
        let troubles = self.0.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let trouble = troubles.get(shown).filter(|_| shown != VAULT)?;
        (trouble.until > self.now()).then(|| trouble.why.clone())
    }

    /// Whether a store is to be tried again by itself now: it was away and has rested, or an item of it has.
    pub(super) async fn is_due(&self, shown: &'static str) -> bool {
        let now = self.now();
        let trouble = self.0.troubles.lock().unwrap_or_else(PoisonError::into_inner).get(shown).cloned();
        if let Some(trouble) = trouble {
            return trouble.until <= now && self.has_to_store_in(shown).await;
        }
        let setting = if shown == VAULT { "vault" } else { "remote" };
        let first = self.read(move |reader| match reader.setting(setting)? {
            Some(name) => reader.next_retry(&name),
            None => Ok(None),
        });
        first.await.ok().flatten().is_some_and(|first| first <= now)
    }

    /// Sets the limit of the line for this moment.
    pub(super) fn apply_limit(&self) {
        use chrono::Timelike as _;
        let now = chrono::Local::now();
        let minute = (now.hour() * 60 + now.minute()) as u16;
        self.0.traffic.set_limit(self.keep().limit_at(minute));
    }
}

/// Why a store could not be used last.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    /// In words.
    pub why: String,
    /// When it is tried again.
    pub until: Timestamp,
    /// How often in a row.
    pub tries: u32,
}
