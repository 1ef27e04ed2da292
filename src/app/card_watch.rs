//! Looks for memory cards every few seconds, on a thread of its own: a disk that sleeps must not hold up a frame.

use std::sync::mpsc;
use std::time::Duration;

use eframe::egui;

use crate::domain::keep::CardFound;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(3);

/// The watch. It ends when this is dropped.
pub(super) struct CardWatch {
    found: mpsc::Receiver<Vec<CardFound>>,
    _stays: mpsc::Sender<()>,
}

impl CardWatch {
    /// Begins. The window is drawn again whenever a card comes or goes.
    pub fn start(look: fn() -> Vec<CardFound>, ctx: egui::Context) -> Self {
        let (sender, found) = mpsc::channel();
        let (stays, stopped) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            let mut before = Vec::new();
            loop {
                let now = look();
                if now != before {
                    before.clone_from(&now);
                    if sender.send(now).is_err() {
                        return;
                    }
                    ctx.request_repaint();
                }
                if stopped.recv_timeout(EVERY) != Err(mpsc::RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        Self { found, _stays: stays }
    }

    /// The cards that are there, where that has changed.
    pub fn news(&self) -> Option<Vec<CardFound>> {
        self.found.try_iter().last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_told_once() {
        let look = || vec![CardFound { dir: "/media/ada/EOS".into(), name: "EOS".into() }];
        let watch = CardWatch::start(look, egui::Context::default());
        let first = watch.found.recv_timeout(Duration::from_secs(20)).expect("a card");
        assert_eq!(first, look());
        assert_eq!(watch.news(), None, "nothing has changed since");
    }
}
