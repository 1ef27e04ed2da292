//! A small library that exists only in memory, for the tests of the screens and for looking at them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;

use super::Context;
use crate::domain::account::AccountState;
use crate::domain::layout::{Measure, PageSetup, PhotoSetup, PhotoShape, TextStyle, paginate};
use crate::domain::{
    Card, ColourLabel, ContentHash, Crc64, Fingerprint, Flag, Format, Metadata, ObjectKey, ObjectVersion, PhotoDetail,
    PhotoId, PhotoPath, PhotoVersion, Rating, Seat, StoreReceipt, StoredState, Timestamp, VersionId,
};
use crate::protocol::{
    ItemFailure, LibraryState, OpId, OpKind, OpReport, Phase, Progress, ThumbKey, UndoState, VaultState,
};
use crate::ui::locale::Locale;
use crate::ui::{
    AccountReply, Action, Activity, ActivityState, Clock, Keeping, Loadable, Model, Results, Textures, ThemeChoice,
};

/// Textures that were put there; everything else is on its way.
#[derive(Default)]
pub struct FakeTextures {
    pub thumbs: HashMap<ThumbKey, (egui::TextureId, egui::Vec2)>,
}

impl Textures for FakeTextures {
    fn thumb(&self, key: &ThumbKey) -> Option<Result<(egui::TextureId, egui::Vec2), &str>> {
        self.thumbs.get(key).copied().map(Ok)
    }
    fn picture(&self, _seat: Seat) -> Option<Result<(egui::TextureId, egui::Vec2), &str>> {
        None
    }
}

/// Everything a model borrows from.
pub struct Fake {
    pub library: Loadable<LibraryState>,
    pub results: Results,
    pub cards: HashMap<Seat, Card>,
    pub textures: FakeTextures,
    pub detail: Loadable<Box<PhotoDetail>>,
    pub undo: UndoState,
    pub activities: Vec<Activity>,
    pub tags: (String, Vec<(String, u64)>),
    pub pages: Loadable<Arc<Vec<crate::domain::layout::Page>>>,
    pub printing: crate::ui::Printing,
    pub picker: Loadable<()>,
    pub keeping: Keeping,
    pub finding: crate::ui::Finding,
    pub people: crate::ui::Peopling,
    pub account: AccountState,
    pub account_reply: AccountReply,
    pub locale: Locale,
    /// What the screen under test asked for, in order.
    pub asked: RefCell<Vec<Action>>,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            library: Loadable::Ready(library()),
            results: Results::default(),
            cards: (0..40).map(|n| (seat(n), card(n))).collect(),
            textures: FakeTextures::default(),
            detail: Loadable::NotAsked,
            undo: UndoState::default(),
            activities: Vec::new(),
            tags: Default::default(),
            pages: Loadable::NotAsked,
            printing: crate::ui::Printing::default(),
            picker: Loadable::NotAsked,
            keeping: Keeping::default(),
            finding: crate::ui::Finding::default(),
            people: crate::ui::Peopling::default(),
            account: AccountState::default(),
            account_reply: AccountReply::None,
            locale: Locale::from_env_name("en_GB"),
            asked: RefCell::default(),
        }
    }
}

impl Fake {
    /// Draws something with a model of this, and keeps the actions.
    pub fn with<R>(&self, draw: impl FnOnce(&Context<'_>, &mut Vec<Action>) -> R) -> R {
        let model = Model {
            clock: Clock { now_ms: 1_714_754_530_000 },
            library: &self.library,
            trouble: None,
            results: &self.results,
            cards: &self.cards,
            textures: &self.textures,
            arriving: &[],
            detail: &self.detail,
            undo: &self.undo,
            activities: &self.activities,
            tag_suggestions: &self.tags,
            pages: &self.pages,
            printing: &self.printing,
            toasts: &[],
            theme: ThemeChoice::System,
            picker: &self.picker,
            keeping: &self.keeping,
            finding: &self.finding,
            people: &self.people,
            account: &self.account,
            account_reply: &self.account_reply,
        };
        let home = PathBuf::from("/home/ada");
        let context = Context { model: &model, locale: &self.locale, home: Some(&home) };
        draw(&context, &mut self.asked.borrow_mut())
    }

    /// What was asked for since the last look.
    pub fn take(&self) -> Vec<Action> {
        std::mem::take(&mut self.asked.borrow_mut())
    }

    /// Lays out pages as the engine would.
    pub fn lay_out(&mut self, photos: &[Seat], setup: &PageSetup) {
        self.lay_out_each(photos, &[], setup);
    }

    /// The same with what was chosen for each photo.
    pub fn lay_out_each(&mut self, photos: &[Seat], each: &[PhotoSetup], setup: &PageSetup) {
        let shapes: Vec<_> = photos
            .iter()
            .enumerate()
            .map(|(at, seat)| {
                let card = &self.cards[seat];
                let (width_px, height_px) = card.size_px.unwrap_or_default();
                let captions = setup.captions.iter().map(|_| card.name.clone()).collect();
                let setup = each.get(at).copied().unwrap_or_default();
                PhotoShape { width_px, height_px, captions, setup, ..PhotoShape::default() }
            })
            .collect();
        self.pages = match paginate(&shapes, setup, &Even) {
            Ok(pages) => Loadable::Ready(Arc::new(pages)),
            Err(error) => Loadable::Failed { error: error.to_string(), previous: self.pages.value().cloned() },
        };
    }
}

/// Every letter is half as wide as the font is high.
struct Even;

impl Measure for Even {
    fn width_mm(&self, text: &str, size_pt: f64, _style: &TextStyle) -> f64 {
        text.chars().count() as f64 * size_pt * 0.54 / 72.0 * 25.4
    }
}

pub fn seat(n: u32) -> Seat {
    Seat(Seat::FIRST_UNDATED.0 - i64::from(n))
}

pub fn hash(n: u32) -> ContentHash {
    let mut bytes = [0x5a; 32];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    ContentHash(bytes)
}

pub fn card(n: u32) -> Card {
    Card {
        seat: seat(n),
        id: PhotoId(hash(n)),
        blake3: hash(n),
        name: format!("IMG_{:04}.JPG", 400 + n),
        format: Format::Jpeg,
        size_px: Some(if n % 4 == 3 { (4000, 6000) } else { (6000, 4000) }),
        taken_at: None,
        rating: Rating::default(),
        flag: Flag::default(),
        label: ColourLabel::None,
        quarter_turns: 0,
        stored: StoredState::Stored,
        has_picture: true,
    }
}

pub fn library() -> LibraryState {
    LibraryState {
        dir: "/home/ada/.local/share/lightkeep".into(),
        photos: 8140,
        stored: 8101,
        waiting: 36,
        needs_you: 3,
        bytes: 61_000_000_000,
        vault: VaultState {
            dir: "/home/ada/.local/share/lightkeep/vault".into(),
            same_disk: true,
            free_bytes: Some(218_000_000_000),
            problem: None,
        },
        stores: Vec::new(),
        keep: crate::domain::keep::KeepSettings::default(),
    }
}

/// A photo with this many versions, the newest current; `stored` with receipts.
pub fn detail(versions: u32, stored: bool) -> Box<PhotoDetail> {
    let versions = (1..=versions)
        .rev()
        .map(|number| {
            let size = 8_400_000 + u64::from(number) * 1000;
            let moment = Timestamp(1_714_754_530_000 + i64::from(number) * 86_400_000);
            let receipt = ObjectVersion {
                key: ObjectKey("photos/100CANON/IMG_0400.JPG".into()),
                version: VersionId(format!("01HX0000000000000000000{number:03}")),
                etag: "\"x\"".into(),
                fingerprint: Fingerprint { size, blake3: hash(number), crc64nvme: Crc64(0xdead_beef) },
                mtime: moment,
                stored_at: moment,
                current: true,
                class: crate::domain::StorageClass::Standard,
            };
            let receipt = StoreReceipt {
                store: "vault".into(),
                batch: "01HXBATCH00000000000000001".into(),
                by: Some("anna on laptop".into()),
                damage: None,
                receipt,
            };
            PhotoVersion {
                number,
                blake3: hash(number),
                size_bytes: size,
                mtime: moment,
                current: number == versions,
                receipts: if stored { vec![receipt] } else { Vec::new() },
            }
        })
        .collect();
    let path = PhotoPath { path: "/home/ada/Pictures/100CANON/IMG_0400.JPG".into(), gone: false };
    Box::new(PhotoDetail {
        card: card(0),
        metadata: Metadata::default(),
        size_bytes: 8_400_000,
        paths: vec![path],
        tags: Vec::new(),
        versions,
        companions: Vec::new(),
        faces: Vec::new(),
    })
}

pub fn failures(n: usize) -> Vec<ItemFailure> {
    (0..n)
        .map(|i| ItemFailure {
            path: format!("/media/card/DCIM/100CANON/IMG_{i:04}.JPG"),
            why: "the file ends in the middle of the picture: copy it again from the card".into(),
        })
        .collect()
}

pub fn running(op: u64, kind: OpKind, title: &str, done: u64, total: u64) -> Activity {
    let progress = Progress { phase: Phase::Working, done, total, elapsed_ms: 29_524, ..Progress::new(kind) };
    Activity { op: OpId(op), title: title.into(), state: ActivityState::Running(progress) }
}

pub fn ended(op: u64, title: &str, report: OpReport) -> Activity {
    Activity { op: OpId(op), title: title.into(), state: ActivityState::Ended(Ok(report)) }
}
