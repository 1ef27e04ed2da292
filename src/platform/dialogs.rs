//! File dialogs of the desktop, on a thread of their own, because they last as long as a person takes.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// No person cancels a dialog within this time: then none was opened (no portal, no zenity).
const TOO_QUICK: Duration = Duration::from_millis(100);

/// What to ask for; the first text is the dialog's title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Several folders.
    Folders(&'static str),
    /// One folder.
    Folder(&'static str),
    /// A file to write, with a name to begin with.
    Save(&'static str, &'static str),
    /// A file to read, the words for its kind, and the suffixes of these.
    File(&'static str, &'static str, &'static [&'static str]),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// These were chosen, at least one.
    Paths(Vec<PathBuf>),
    /// A person changed their mind.
    Cancelled,
    /// No dialog could be opened.
    Unavailable,
}

/// The one dialog that can be open, and what it is for.
#[derive(Debug)]
pub struct Picker<T> {
    open: Option<(T, mpsc::Receiver<Picked>)>,
}

impl<T> Default for Picker<T> {
    fn default() -> Self {
        Self { open: None }
    }
}

impl<T> Picker<T> {
    /// Opens a dialog; false where one is open already. The window is drawn again when it was answered.
    pub fn open(&mut self, pick: Pick, wanted: T, ctx: &eframe::egui::Context) -> bool {
        if self.open.is_some() {
            return false;
        }
        let (sender, receiver) = mpsc::channel();
        let ctx = ctx.clone();
        std::thread::spawn(move || {
            let asked = Instant::now();
            let paths = ask(pick);
            let _ = sender.send(judge(paths, asked.elapsed()));
            ctx.request_repaint();
        });
        self.open = Some((wanted, receiver));
        true
    }

    /// The answer, where there is one by now.
    pub fn answer(&mut self) -> Option<(T, Picked)> {
        let picked = match &self.open.as_ref()?.1.try_recv() {
            Ok(picked) => picked.clone(),
            Err(mpsc::TryRecvError::Empty) => return None,
            // The thread is gone without an answer: the desktop's dialog crashed.
            Err(mpsc::TryRecvError::Disconnected) => Picked::Unavailable,
        };
        self.open.take().map(|(wanted, _)| (wanted, picked))
    }
}

fn judge(paths: Option<Vec<PathBuf>>, took: Duration) -> Picked {
    match paths {
        Some(paths) if !paths.is_empty() => Picked::Paths(paths),
        _ if took < TOO_QUICK => Picked::Unavailable,
        _ => Picked::Cancelled,
    }
}

fn ask(pick: Pick) -> Option<Vec<PathBuf>> {
    let dialog = rfd::FileDialog::new();
    match pick {
        Pick::Folders(title) => dialog.set_title(title).pick_folders(),
        Pick::Folder(title) => dialog.set_title(title).pick_folder().map(|folder| vec![folder]),
        Pick::Save(title, name) => {
            let suffix = name.rsplit('.').next().unwrap_or("pdf");
            let dialog = dialog.set_title(title).set_file_name(name).add_filter(suffix.to_uppercase(), &[suffix]);
            dialog.save_file().map(|file| vec![file])
        }
        Pick::File(title, kind, suffixes) => {
            let dialog = dialog.set_title(title).add_filter(kind, suffixes);
            dialog.pick_file().map(|file| vec![file])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_at_once_means_that_no_dialog_was_there() {
        assert_eq!(judge(None, Duration::from_millis(20)), Picked::Unavailable);
        assert_eq!(judge(None, Duration::from_secs(2)), Picked::Cancelled);
        let path = vec![PathBuf::from("/a")];
        assert_eq!(judge(Some(path.clone()), Duration::ZERO), Picked::Paths(path));
    }
}
