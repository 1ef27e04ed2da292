//! What a person asked for in one frame. `app` turns each into a command, a dialog or a setting.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::{FindAsk, KeepAsk, PeopleDo};
use crate::domain::layout::{PageSetup, PhotoSetup};
use crate::domain::printing::Proof;
use crate::domain::{Change, PhotoId, Seat};
use crate::protocol::{AccountAsk, OpId, PrintAsk, PrintOrder, RestoreTo, ThumbWish};

/// One thing that a person asked for, or that the picture on the screen needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Import these (dropped, pasted, typed or picked).
    Import(Vec<PathBuf>),
    /// Open the folder picker for an import.
    PickImportFolders,
    /// Open the folder picker for the vault.
    PickVault,
    /// Use this folder as the vault.
    SetVault(PathBuf),
    /// Open the folder picker for a vault to open as a library.
    PickOpenStore,
    /// Build the library from this vault.
    OpenStore(PathBuf),
    /// Stop an operation.
    Cancel(OpId),
    /// The text in the search field changed.
    Search(String),
    /// These photos are on the screen or close to it (indices into the results, the visible range first).
    Visible {
        /// On the screen.
        visible: Range<usize>,
        /// Worth having soon: about a screen around it.
        near: Range<usize>,
        /// Arriving files on the screen (indices into `Model::arriving`).
        arriving: Range<usize>,
    },
    /// These photos lie on the page shown and its neighbours; none once the pages are no longer shown.
    OnPage(Vec<Seat>),
    /// The inspector shows this photo.
    ShowDetail(Seat),
    /// The loupe shows this photo and wants this long edge (px; `None` is every pixel); the neighbours soon after.
    ShowPicture {
        /// On the screen.
        seat: Seat,
        /// Long edge wanted in physical pixels.
        long_edge_px: Option<u32>,
        /// As paper will show it; `None` for the screen.
        proof: Option<Proof>,
        /// Next and previous photos, the likelier first.
        ahead: Vec<Seat>,
    },
    /// The loupe was closed.
    ClosePicture,
    /// One gesture over photos.
    Edit {
        /// Which.
        seats: Arc<[Seat]>,
        /// What.
        change: Change,
    },
    /// Several changes over photos as one gesture.
    EditAll {
        /// Which.
        seats: Arc<[Seat]>,
        /// What.
        changes: Vec<Change>,
    },
    /// Take back the last gesture.
    Undo,
    /// Do it again.
    Redo,
    /// Tags that begin with this are wanted.
    SuggestTags(String),
    /// Store everything that waits.
    Store,
    /// Ask something about keeping photos.
    Keep(KeepAsk),
    /// Ask something about the search beyond its photos.
    Find(FindAsk),
    /// Ask something about people, or do it.
    People(PeopleDo),
    /// These thumbnails are shown by a dialog; none once it is gone.
    AlsoShown(Vec<ThumbWish>),
    /// Bring a version back.
    Restore {
        /// The photo.
        photo: PhotoId,
        /// Version number.
        version: u32,
        /// Where to.
        to: RestoreTo,
    },
    /// Ask for a folder, then bring a version back into it.
    PickRestoreFolder {
        /// The photo.
        photo: PhotoId,
        /// Version number.
        version: u32,
    },
    /// Lay out these pages for the preview.
    Preview {
        /// The photos in page order.
        photos: Arc<[Seat]>,
        /// What was chosen for each of them.
        each: Arc<[PhotoSetup]>,
        /// The setup.
        setup: PageSetup,
    },
    /// Ask something about printers, jobs or layouts.
    Printing(PrintAsk),
    /// Ask for a file that printing needs.
    PickForPrint(PrintPick),
    /// Ask where the PDF goes, then write it (a typed path skips the dialog).
    PrintTo {
        /// What; a file without a name asks.
        order: PrintOrder,
    },
    /// Show a file in the desktop's file manager.
    Reveal(PathBuf),
    /// Show a photo's file in the desktop's file manager; its path is found by `app`.
    RevealPhoto(Seat),
    /// Open a file in the desktop's program for it.
    OpenFile(PathBuf),
    /// Copy text to the clipboard.
    Copy(String),
    /// Use another theme.
    SetTheme(super::ThemeChoice),
    /// Ask something of the account.
    Account(AccountAsk),
    /// Stop waiting for what was asked of the account last, such as a sign-in in the browser.
    CancelAccount,
    /// Open a page in the browser.
    OpenPage(String),
    /// Try to open the library again.
    TryAgain,
    /// Keep the damaged catalogue under another name and build a new one from the vault.
    SetAside,
    /// A notice was read.
    DismissToast(usize),
    /// Forget the finished operations.
    ClearFinished,
}

/// A file that printing needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintPick {
    /// The colour profile of printer and paper.
    Profile,
    /// A layout to take.
    TakeLayout,
    /// Where this layout is to be written.
    ExportLayout(String),
}
