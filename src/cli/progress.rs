//! Progress on standard error: a bar where that is a terminal, a line now and then where it is not.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressStyle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::output::complain;
use crate::protocol::{OpKind, Phase, Progress, ProgressBoard};

/// Between two looks at the board where a terminal shows them, and where a log does.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LINE_EVERY: Duration = Duration::from_secs(5);

/// A shown progress; stop it before the answer is printed.
pub(super) struct Shown(JoinHandle<()>, oneshot::Sender<()>);

impl Shown {
    pub async fn stop(self) {
        let _ = self.1.send(());
        let _ = self.0.await;
    }
}

/// Shows what runs until it is stopped.
pub(super) fn show(board: ProgressBoard) -> Shown {
    let (stop, mut stopped) = oneshot::channel();
    let is_terminal = std::io::stderr().is_terminal();
    let shown = tokio::spawn(async move {
        let bar = if is_terminal { ProgressBar::no_length() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{msg:24} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        let every = if is_terminal { LOOK_EVERY } else { LINE_EVERY };
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                () = tokio::time::sleep(every) => {}
            }
            let Some((_, progress)) = board.snapshot().pop() else { continue };
            if is_terminal {
                bar.set_length(progress.total);
                bar.set_position(progress.done);
                bar.set_message(words(&progress));
            } else {
                complain(&format!("{}: {} of {}", words(&progress), progress.done, progress.total));
            }
        }
        bar.finish_and_clear();
    });
    Shown(shown, stop)
}

fn words(progress: &Progress) -> String {
    let what = match (progress.kind, progress.phase) {
        (_, Phase::Finishing) => "Finishing",
        (OpKind::Import, _) => "Importing",
        (OpKind::Store, _) => "Storing",
        (OpKind::OpenStore, _) => "Opening",
        (OpKind::Verify, _) => "Checking",
        (OpKind::Restore, _) => "Restoring",
        (OpKind::Print, _) => "Printing",
        (OpKind::Delete, _) => "Deleting",
        (OpKind::Undelete, _) => "Bringing back",
        (OpKind::Download, _) => "Downloading",
        (OpKind::Ingest, _) => "Copying",
        (OpKind::Share, _) => "Sharing",
        (OpKind::Tag, _) => "Tagging",
        (OpKind::Sidecars, _) => "Sidecars",
        (OpKind::LookForPeople, _) => "Looking",
        (OpKind::ForgetPeople, _) => "Deleting",
    };
    let mut text = what.to_owned();
    if let Some(rate) = progress.items_per_second() {
        text.push_str(&format!(" {rate:.0}/s"));
    }
    if progress.total_bytes > 0 {
        text.push_str(&format!(" {}", HumanBytes(progress.done_bytes)));
    }
    if let Some(left) = progress.seconds_left() {
        text.push_str(&format!(" {} left", HumanDuration(Duration::from_secs(left))));
    }
    text
}
