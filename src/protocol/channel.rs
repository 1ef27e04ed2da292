//! The channel pair: bounded both ways, with a wake-up for the window.

use std::sync::Arc;

use futures::SinkExt as _;
use futures::channel::mpsc;

use super::command::Command;
use super::event::Event;
use super::progress::ProgressBoard;

/// How many commands may wait. The window sends a handful a frame; a full channel means that the engine hangs.
const COMMANDS: usize = 1024;
/// How many events may wait. A window that is slow to draw slows the engine down rather than filling memory.
const EVENTS: usize = 512;

/// The window's end.
pub struct WindowEnd {
    /// To ask.
    pub commands: Commands,
    /// To hear.
    pub events: Events,
    /// How far everything is.
    pub progress: ProgressBoard,
}

/// The engine's end. Cheap to clone; every operation has one.
#[derive(Clone)]
pub struct EngineEnd {
    events: mpsc::Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
    /// How far everything is.
    pub progress: ProgressBoard,
}

/// Sends commands without ever waiting.
#[derive(Clone)]
pub struct Commands(mpsc::Sender<Command>);

/// Receives events without ever waiting.
pub struct Events(mpsc::Receiver<Event>);

/// Makes a pair. `wake` is called after every event, from any thread, and must return at once.
#[must_use]
pub fn channel(wake: Arc<dyn Fn() + Send + Sync>) -> (WindowEnd, EngineEnd, mpsc::Receiver<Command>) {
    let (command_sender, command_receiver) = mpsc::channel(COMMANDS);
    let (event_sender, event_receiver) = mpsc::channel(EVENTS);
    let progress = ProgressBoard::default();
    let window =
        WindowEnd { commands: Commands(command_sender), events: Events(event_receiver), progress: progress.clone() };
    (window, EngineEnd { events: event_sender, wake, progress }, command_receiver)
}

impl Commands {
    /// Sends, or says that it could not: the channel is full or the engine is gone. Never waits.
    ///
    /// # Errors
    /// Gives the command back.
    pub fn send(&mut self, command: Command) -> Result<(), Box<Command>> {
        self.0.try_send(command).map_err(|refused| Box::new(refused.into_inner()))
    }
}

impl Events {
    /// The next event that is there already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.0.try_recv().ok()
    }

    /// The next event, waiting for it; `None` when the engine is gone. For sub-commands and tests, never for a window.
    pub async fn next(&mut self) -> Option<Event> {
        futures::StreamExt::next(&mut self.0).await
    }
}

impl EngineEnd {
    /// Says something, waiting while the window is behind. Where the window is gone, nothing happens.
    pub async fn say(&self, event: Event) {
        let _ = self.events.clone().send(event).await;
        (self.wake)();
    }

    /// Wakes the window without an event: progress changed.
    pub fn wake(&self) {
        (self.wake)();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::protocol::{ErrorCode, OpId, UserError};

    #[test]
    fn a_full_channel_gives_the_command_back() {
        let (mut window, _engine, _receiver) = channel(Arc::new(|| {}));
        let refused = (0..10_000).find_map(|n| window.commands.send(Command::Cancel { op: OpId(n) }).err());
        assert!(matches!(refused.as_deref(), Some(Command::Cancel { .. })));
    }

    #[test]
    fn every_event_wakes_the_window() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = woken.clone();
        let (mut window, engine, _receiver) = channel(Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        }));
        let notice = UserError::new(ErrorCode::Failed, "x");
        futures::executor::block_on(async {
            engine.say(Event::Notice(notice.clone())).await;
            engine.say(Event::Closed).await;
        });
        assert_eq!(woken.load(Ordering::SeqCst), 2);
        assert!(matches!(window.events.try_next(), Some(Event::Notice(said)) if said == notice));
        assert!(matches!(window.events.try_next(), Some(Event::Closed)));
        assert!(window.events.try_next().is_none());
    }
}
