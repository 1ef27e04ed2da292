//! What can be asked of the engine.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::account::AccountAsk;
use super::people::{LookOrder, PeopleAsk};
use super::printing::{PrintAsk, PrintOrder};
use super::progress::OpId;
use super::tagging::TagOrder;
use crate::domain::facets::SavedSearch;
use crate::domain::keep::KeepSettings;
use crate::domain::labels::TaggerKind;
use crate::domain::layout::{PageSetup, PhotoSetup};
use crate::domain::printing::Proof;
pub use crate::domain::query::Scope;
use crate::domain::tagging::TagSettings;
use crate::domain::{Change, ContentHash, PhotoId, Seat, StorageClass, Timestamp};

/// A picture for a cell: of a photo in the library, or of a file that is still arriving.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThumbKey {
    /// The stored 320 px thumbnail of this content.
    Content(ContentHash),
    /// A file that an import has found and not yet taken in.
    File(Arc<PathBuf>),
}

/// One thumbnail that is wanted on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThumbWish {
    /// Which.
    pub key: ThumbKey,
    /// The photo it belongs to, so that a thumbnail that was thrown away can be made again.
    pub seat: Option<Seat>,
}

/// Where a restored version goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestoreTo {
    /// Into this folder, under a name that is not taken.
    Folder(PathBuf),
    /// On top of the original file, whose present bytes are stored first where they are not yet.
    InPlace,
}

/// How deep a verify looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum VerifyLevel {
    /// 1: the catalogue against the listing.
    Listing = 1,
    /// 2: sizes and recorded checksums too.
    Checksums = 2,
    /// 3: every byte is read and hashed again.
    EveryByte = 3,
}

impl TryFrom<u8> for VerifyLevel {
    type Error = String;
    fn try_from(level: u8) -> Result<Self, String> {
        match level {
            1 => Ok(Self::Listing),
            2 => Ok(Self::Checksums),
            3 => Ok(Self::EveryByte),
            _ => Err(format!("a verify level is 1, 2 or 3, not {level}")),
        }
    }
}

impl From<VerifyLevel> for u8 {
    fn from(level: VerifyLevel) -> Self {
        level as Self
    }
}

/// Files to be brought back into a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct DownloadOrder {
    /// Which photos.
    pub seats: Arc<[Seat]>,
    /// Their contents of this moment; `None` is now.
    pub as_of: Option<Timestamp>,
    /// Where to; made where it is absent. Nothing there is overwritten.
    pub to: PathBuf,
}

/// What is to be copied from a card, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestOrder {
    /// The card: any folder. It is never written.
    pub card: PathBuf,
    /// Below which folder.
    pub to: PathBuf,
    /// Folders below that, by the date taken: `{year}/{date} {name}`.
    pub template: String,
}

/// What is to be shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareOrder {
    /// Which photos.
    pub seats: Arc<[Seat]>,
    /// The originals too, not only copies of 2,048 px without metadata.
    pub originals: bool,
    /// How long the link lasts at most, in seconds.
    pub lasts_s: u64,
}

/// One thing asked of the engine. The answers are [`Event`](super::Event)s.
#[derive(Debug, Clone)]
pub enum Command {
    /// Take files and folders into the library, and (with `store`) into every enabled store as one batch.
    Import {
        /// Its name.
        op: OpId,
        /// Files and folders, absolute.
        roots: Vec<PathBuf>,
        /// Whether the batch is stored too.
        store: bool,
    },
    /// Stop an operation; it ends within a second with a consistent library.
    Cancel {
        /// Which.
        op: OpId,
    },
    /// Find photos. Supersedes the search before. Answers: `Results` (maybe twice: first page, then everything).
    Search {
        /// Its name.
        op: OpId,
        /// In the search language; empty is everything.
        query: String,
        /// Where to look.
        scope: Scope,
    },
    /// Describe these photos. Answers: `Cards`.
    Cards {
        /// Which, at most a few hundred.
        seats: Vec<Seat>,
        /// Of which moment: [`Scope::AsOf`] gives the contents of then.
        scope: Scope,
    },
    /// Everything about one photo. Answers: `Detail`.
    Detail {
        /// Which.
        seat: Seat,
    },
    /// The thumbnails wanted now, the most urgent first. Replaces the wishes before; what is no longer wanted is
    /// dropped. Answers: `Thumb` for each.
    Thumbs {
        /// Every wish.
        wishes: Vec<ThumbWish>,
    },
    /// A large picture for the loupe. Supersedes the one before unless it is `ahead`. Answers: `Picture`.
    Picture {
        /// Its name.
        op: OpId,
        /// Which photo.
        seat: Seat,
        /// The long edge wanted (px); `None` is every pixel.
        long_edge_px: Option<u32>,
        /// As paper will show it; `None` for the screen.
        proof: Option<Proof>,
    },
    /// One gesture over one or many photos.
    Edit {
        /// Which.
        seats: Arc<[Seat]>,
        /// What.
        change: Change,
    },
    /// Several changes over one or many photos as one gesture.
    EditAll {
        /// Which.
        seats: Arc<[Seat]>,
        /// What, in this order.
        changes: Vec<Change>,
    },
    /// Have photos looked at by a tagger.
    Tag {
        /// Its name.
        op: OpId,
        /// Which, by whom, for how much.
        order: TagOrder,
    },
    /// Who looks at new photos from now on, at what, for how much a month.
    SetTagging(TagSettings),
    /// From how sure on a tagger's word becomes a tag, in percent.
    SetTagThreshold {
        /// Whose word.
        tagger: TaggerKind,
        /// From where on.
        percent: f32,
    },
    /// What would it be to have these looked at, and how is tagging set? Answers: `Tagging`.
    Tagging {
        /// Its name.
        op: OpId,
        /// Which; `None` is every photo that no tagger has looked at.
        seats: Option<Arc<[Seat]>>,
    },
    /// Something about the people in the photos. Answers: `People`, or `Edited` and `PeopleChanged`.
    People {
        /// Its name.
        op: OpId,
        /// What.
        ask: PeopleAsk,
    },
    /// Look for faces, and for whose they are.
    LookForPeople {
        /// Its name.
        op: OpId,
        /// Where, by whom, for how much.
        order: LookOrder,
    },
    /// Delete all face data, here and at AWS, and prove it by listing.
    ForgetPeople {
        /// Its name.
        op: OpId,
    },
    /// Take back the last gesture.
    Undo,
    /// Do the last undone gesture again.
    Redo,
    /// Tags that begin with this, most used first. Answers: `TagSuggestions`.
    SuggestTags {
        /// What was typed so far.
        typed: String,
    },
    /// What may stand where the cursor is in the search field. Answers: `Completions`.
    Complete {
        /// What is typed.
        query: String,
        /// Where the cursor stands (byte offset).
        cursor: usize,
    },
    /// What the photos of a search have in common, with counts. Supersedes the one before. Answers: `Facets`; nothing
    /// where the query is wrong, which the search itself says.
    Facets {
        /// Its name.
        op: OpId,
        /// In the search language.
        query: String,
        /// Where to look.
        scope: Scope,
    },
    /// Which tags are a kind of which. Answers: `TagTree`.
    TagTree,
    /// Make one tag another everywhere and from now on.
    MergeTags {
        /// The tag that goes away.
        from: String,
        /// What it becomes.
        into: String,
    },
    /// Make a tag a kind of another.
    MoveTag {
        /// The tag.
        tag: String,
        /// The other; `None` is the top.
        parent: Option<String>,
    },
    /// Tags that were given together become the first set. Answers: `TagSets`.
    KeepTagSet(Vec<String>),
    /// The searches that are kept. Answers: `SavedSearches`.
    SavedSearches,
    /// Keep a search under a name, in place of another of that name. Answers: `SavedSearches`.
    SaveSearch(SavedSearch),
    /// Forget the search of this name. Answers: `SavedSearches`.
    ForgetSearch {
        /// Its name.
        name: String,
    },
    /// Store everything that waits, in every enabled store (an operation of its own for each).
    Store {
        /// Its name.
        op: OpId,
    },
    /// Store these photos before all others.
    StoreFirst {
        /// Which.
        seats: Arc<[Seat]>,
    },
    /// Try again what needs a person: of one batch, or all.
    TryItemsAgain {
        /// The batch (ULID).
        batch: Option<String>,
    },
    /// Change how photos are kept and sent. Takes effect at once. Answer: `Library` with the new settings.
    SetKeep(KeepSettings),
    /// Give these photos another storage class than the library's, where they are not stored yet.
    SetClass {
        /// Which.
        seats: Arc<[Seat]>,
        /// `None` is the library's.
        class: Option<StorageClass>,
    },
    /// List the batches, newest first, at most 500. Answer: `Batches`.
    Batches,
    /// What of a batch needs a person or waits. Answer: `BatchItems`.
    BatchItems {
        /// The batch (ULID).
        batch: String,
    },
    /// When things were stored, for the slider. Answer: `History`.
    History,
    /// What deleting these photos in the stores would touch. Answer: `Weighed`.
    Weigh {
        /// Its name.
        op: OpId,
        /// Which.
        seats: Arc<[Seat]>,
    },
    /// Delete these photos in every store (a marker; every version stays) and take them out of the library. Their
    /// files on this computer stay.
    Delete {
        /// Its name.
        op: OpId,
        /// Which.
        seats: Arc<[Seat]>,
    },
    /// Bring deleted photos back, in the stores and into the library.
    Undelete {
        /// Its name.
        op: OpId,
        /// Which.
        seats: Arc<[Seat]>,
    },
    /// Bring originals into a folder, each checked against its receipt.
    Download {
        /// Its name.
        op: OpId,
        /// What.
        order: DownloadOrder,
    },
    /// What keeping costs: of these photos, or of all. Answer: `Cost`.
    Cost {
        /// Its name.
        op: OpId,
        /// Which; `None` is the whole library.
        seats: Option<Arc<[Seat]>>,
    },
    /// Copy a card, store everything on it everywhere, and say when it is safe to format.
    Ingest {
        /// Its name.
        op: OpId,
        /// What.
        order: IngestOrder,
    },
    /// How long a link would last. Answer: `ShareOffer`.
    ShareOffer {
        /// Its name.
        op: OpId,
    },
    /// Make a link to a page with these photos.
    Share {
        /// Its name.
        op: OpId,
        /// What.
        order: ShareOrder,
    },
    /// Write what was decided about these photos into their sidecars.
    WriteSidecars {
        /// Its name.
        op: OpId,
        /// Which.
        seats: Arc<[Seat]>,
    },
    /// Take over what other programs wrote into these photos' sidecars.
    ReadSidecars {
        /// Its name.
        op: OpId,
        /// Which.
        seats: Arc<[Seat]>,
    },
    /// The dated reports of checks, newest first, at most 50. Answer: `Reports`.
    Reports,
    /// Use another vault folder (made where it is absent). What it does not have yet will be stored there.
    SetVault {
        /// Where.
        dir: PathBuf,
    },
    /// Build this library from a vault, or from the remote store of the account.
    OpenStore {
        /// Its name.
        op: OpId,
        /// The vault; `None` is the remote store.
        dir: Option<PathBuf>,
    },
    /// Check a store against the catalogue.
    Verify {
        /// Its name.
        op: OpId,
        /// How deep.
        level: VerifyLevel,
        /// Name of the store; `None` is every enabled one, an operation of its own for each.
        store: Option<String>,
        /// Bytes that level 3 reads at most; the next check goes on where this one ends. `None` is everything.
        budget_bytes: Option<u64>,
    },
    /// Bring 20 photos, chosen by chance, back from each store and compare them (an operation for each).
    Drill {
        /// Its name.
        op: OpId,
    },
    /// Bring a version back.
    Restore {
        /// Its name.
        op: OpId,
        /// The photo.
        photo: PhotoId,
        /// Which version number.
        version: u32,
        /// Where to.
        to: RestoreTo,
    },
    /// Lay out pages for the preview. Supersedes the one before. Answers: `Pages`.
    Preview {
        /// Its name.
        op: OpId,
        /// The photos, in page order.
        photos: Arc<[Seat]>,
        /// What was chosen for each of them; a missing one is the default.
        each: Arc<[PhotoSetup]>,
        /// Paper, margins, layout, captions.
        setup: PageSetup,
    },
    /// Something about printers, jobs or layouts. Answers: `Printing`.
    Printing {
        /// Its name.
        op: OpId,
        /// What.
        ask: PrintAsk,
    },
    /// Write pages into a file, or send them to a printer.
    Print {
        /// Its name.
        op: OpId,
        /// What.
        order: PrintOrder,
    },
    /// Something about the account. Answers: `AccountAnswered`, and `Account` whenever its state changes.
    Account {
        /// Its name.
        op: OpId,
        /// What.
        ask: AccountAsk,
    },
    /// Try to open the library again, after `CannotOpen`.
    TryAgain,
    /// Keep the damaged catalogue under another name and build a new one from the vault, after `CannotOpen`.
    SetAside,
    /// Finish what must be finished (at most a few seconds), then answer `Closed`.
    Shutdown,
}
