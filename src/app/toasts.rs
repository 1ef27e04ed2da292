//! Notices: short ones go by themselves, errors stay until they are read.

use crate::protocol::UserError;
use crate::ui::Toast;

/// How long a notice stays (ms).
const STAYS_MS: i64 = 6_000;
/// No more than this many at once; the oldest that is no error goes first.
const MOST: usize = 4;

/// What is shown now, oldest first.
#[derive(Debug, Default)]
pub struct Toasts(pub Vec<Toast>);

impl Toasts {
    /// Something was done.
    pub fn done(&mut self, text: impl Into<String>, undo: bool, now_ms: i64) {
        // One notice for the last gesture: rating a shoot must not build a tower.
        self.0.retain(|toast| !(undo && toast.undo));
        self.push(Toast { text: text.into(), hint: String::new(), error: false, undo, since_ms: now_ms });
    }

    /// Something was done, but not all of it.
    pub fn partly(&mut self, text: impl Into<String>, now_ms: i64) {
        self.push(Toast { text: text.into(), hint: String::new(), error: true, undo: false, since_ms: now_ms });
    }

    /// Something went wrong.
    pub fn error(&mut self, error: &UserError, now_ms: i64) {
        let toast =
            Toast { text: error.message.clone(), hint: error.hint.clone(), error: true, undo: false, since_ms: now_ms };
        // The same error again is the same notice.
        self.0.retain(|old| !(old.error && old.text == toast.text));
        self.push(toast);
    }

    fn push(&mut self, toast: Toast) {
        self.0.push(toast);
        while self.0.len() > MOST {
            let oldest = self.0.iter().position(|toast| !toast.error).unwrap_or(0);
            self.0.remove(oldest);
        }
    }

    /// Lets go of what has been there long enough. Gives the milliseconds until the next one goes.
    pub fn expire(&mut self, now_ms: i64) -> Option<u64> {
        self.0.retain(|toast| toast.error || now_ms - toast.since_ms < STAYS_MS);
        let ends = self.0.iter().filter(|toast| !toast.error).map(|toast| toast.since_ms + STAYS_MS - now_ms);
        ends.min().and_then(|left| u64::try_from(left).ok())
    }

    /// It was read.
    pub fn dismiss(&mut self, index: usize) {
        if index < self.0.len() {
            self.0.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    #[test]
    fn errors_stay_and_notices_go() {
        let mut toasts = Toasts::default();
        toasts.done("4 photos rated 3", true, 0);
        toasts.error(&UserError::new(ErrorCode::DiskFull, "the disk is full"), 0);
        assert_eq!(toasts.expire(1_000), Some(5_000));
        assert_eq!(toasts.expire(6_000), None);
        assert_eq!(toasts.0.len(), 1);
        toasts.dismiss(0);
        toasts.dismiss(7);
        assert!(toasts.0.is_empty());
    }

    #[test]
    fn gestures_share_one_notice_and_errors_do_not_repeat() {
        let mut toasts = Toasts::default();
        for stars in 0..9 {
            toasts.done(format!("1 photo rated {stars}"), true, 0);
            toasts.error(&UserError::new(ErrorCode::Failed, "no room"), 0);
        }
        assert_eq!(toasts.0.len(), 2);
        for number in 0..9 {
            toasts.error(&UserError::new(ErrorCode::Failed, format!("error {number}")), 0);
        }
        assert_eq!(toasts.0.len(), MOST);
    }
}
