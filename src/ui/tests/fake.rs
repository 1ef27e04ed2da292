//! A model that a test can write to, and a harness around the window.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, TextureId, Vec2, vec2};
use egui_kittest::Harness;

use crate::domain::account::AccountState;
use crate::domain::layout::Page;
use crate::domain::{
    Card, ColourLabel, ContentHash, Flag, Format, Metadata, PhotoDetail, PhotoId, PhotoPath, PhotoTag, Rating, Seat,
    StoredState, TagSource, TakenAt,
};
use crate::protocol::{Arrival, FacesOf, LibraryState, PeopleAsk, ThumbKey, UndoState, VaultState};
use crate::ui::locale::Locale;
use crate::ui::{
    AccountReply, Action, Activity, CardCache, Clock, Keeping, Loadable, Model, PeopleDo, Results, Textures,
    ThemeChoice, Toast, ViewState,
};

/// Cards of every photo, made when they are asked for.
#[derive(Default)]
pub struct Cards {
    pub known: HashMap<Seat, Card>,
    /// How often a card was looked up in all frames.
    pub lookups: std::cell::Cell<usize>,
}

impl CardCache for Cards {
    fn card(&self, seat: Seat) -> Option<&Card> {
        self.lookups.set(self.lookups.get() + 1);
        self.known.get(&seat)
    }
}

/// Every picture is the font texture; none is shown anyway.
pub struct Pictures;

impl Textures for Pictures {
    fn thumb(&self, _: &ThumbKey) -> Option<Result<(TextureId, Vec2), &str>> {
        Some(Ok((TextureId::default(), vec2(320.0, 213.0))))
    }
    fn picture(&self, _: Seat) -> Option<Result<(TextureId, Vec2), &str>> {
        None
    }
}

/// All that a model borrows, and the window.
pub struct World {
    pub view: ViewState,
    pub library: Loadable<LibraryState>,
    pub results: Results,
    pub cards: Cards,
    pub arriving: Vec<Arrival>,
    pub detail: Loadable<Box<PhotoDetail>>,
    pub undo: UndoState,
    pub activities: Vec<Activity>,
    pub suggestions: (String, Vec<(String, u64)>),
    pub pages: Loadable<Arc<Vec<Page>>>,
    pub printing: crate::ui::Printing,
    pub toasts: Vec<Toast>,
    pub picker: Loadable<()>,
    pub keeping: Keeping,
    pub finding: crate::ui::Finding,
    pub people: crate::ui::Peopling,
    pub account: AccountState,
    pub account_reply: AccountReply,
    /// The moment of every frame (ms since 1970).
    pub now_ms: i64,
    /// Everything that was asked for, in order.
    pub actions: Vec<Action>,
}

impl World {
    /// A library of this many photos, three a day.
    pub fn of(photos: usize) -> Self {
        Self::with(photos, 3, 2000)
    }

    /// A library of this many photos, so many a day, of which the first are described.
    pub fn with(photos: usize, a_day: usize, described: usize) -> Self {
        let mut seats = Vec::with_capacity(photos);
        let mut known = HashMap::new();
        let newest = TakenAt::from_rfc3339("2024-05-03T12:00:00").expect("a date").local_ms;
        for at in 0..photos {
            let (day, second) = (at / a_day, at % a_day);
            let local_ms = newest - day as i64 * 86_400_000 - second as i64 * 1000;
            let seat = Seat::first_for(TakenAt { local_ms, offset_minutes: None });
            seats.push(seat);
            if at < described {
                known.insert(seat, card(at, seat, local_ms));
            }
        }
        let library = LibraryState {
            dir: PathBuf::from("/library"),
            photos: photos as u64,
            stored: photos as u64,
            waiting: 0,
            needs_you: 0,
            bytes: 0,
            vault: VaultState { dir: PathBuf::from("/vault"), same_disk: false, free_bytes: None, problem: None },
            stores: Vec::new(),
            keep: crate::domain::keep::KeepSettings::default(),
        };
        Self {
            view: ViewState::new(Locale::from_env_name("en_GB.UTF-8"), Some(PathBuf::from("/home/ada"))),
            library: Loadable::Ready(library),
            results: Results { seats: seats.into(), complete: true, generation: 1, ..Results::default() },
            cards: Cards { known, ..Cards::default() },
            arriving: Vec::new(),
            detail: Loadable::NotAsked,
            undo: UndoState::default(),
            activities: Vec::new(),
            suggestions: Default::default(),
            pages: Loadable::NotAsked,
            printing: crate::ui::Printing::default(),
            toasts: Vec::new(),
            picker: Loadable::NotAsked,
            keeping: Keeping::default(),
            finding: crate::ui::Finding::default(),
            people: crate::ui::Peopling::default(),
            account: AccountState::default(),
            account_reply: AccountReply::None,
            now_ms: 0,
            actions: Vec::new(),
        }
    }

    /// Draws one frame.
    pub fn frame(&mut self, ui: &mut egui::Ui) {
        let model = Model {
            clock: Clock { now_ms: self.now_ms },
            library: &self.library,
            results: &self.results,
            cards: &self.cards,
            textures: &Pictures,
            arriving: &self.arriving,
            detail: &self.detail,
            undo: &self.undo,
            activities: &self.activities,
            tag_suggestions: &self.suggestions,
            pages: &self.pages,
            printing: &self.printing,
            toasts: &self.toasts,
            theme: ThemeChoice::Dark,
            picker: &self.picker,
            keeping: &self.keeping,
            finding: &self.finding,
            people: &self.people,
            account: &self.account,
            account_reply: &self.account_reply,
            trouble: None,
        };
        let actions = self.view.show(ui, &model);
        self.actions.extend(actions);
    }

    /// The seat at a position.
    pub fn seat(&self, at: usize) -> Seat {
        self.results.seats[at]
    }

    /// Positions that are selected.
    pub fn selected(&self) -> Vec<usize> {
        self.view.grid().selection.runs.iter().collect()
    }

    /// Other results.
    pub fn find(&mut self, query: &str, seats: Vec<Seat>) {
        self.results.query = query.to_owned();
        self.results.seats = seats.into();
        self.results.generation += 1;
    }
}

fn card(at: usize, seat: Seat, local_ms: i64) -> Card {
    let mut hash = ContentHash([0; 32]);
    hash.0[..8].copy_from_slice(&(at as u64).to_le_bytes());
    Card {
        seat,
        id: PhotoId(hash),
        blake3: hash,
        name: format!("IMG_{:04}.jpg", at + 1),
        format: Format::Jpeg,
        size_px: Some((6000, 4000)),
        taken_at: Some(TakenAt { local_ms, offset_minutes: None }),
        rating: Rating::default(),
        flag: Flag::None,
        label: ColourLabel::None,
        quarter_turns: 0,
        stored: StoredState::Stored,
        has_picture: true,
    }
}

/// Everything about a card.
pub fn detail(card: &Card) -> Box<PhotoDetail> {
    Box::new(PhotoDetail {
        card: card.clone(),
        metadata: Metadata {
            model: Some("Canon EOS 70D".into()),
            caption: Some("Boats".into()),
            ..Metadata::default()
        },
        size_bytes: 9_000_000,
        paths: vec![PhotoPath { path: PathBuf::from("/photos/shoot").join(&card.name), gone: false }],
        tags: vec![PhotoTag {
            name: "harbour".into(),
            source: TagSource::Keyword,
            confidence: None,
            above: Vec::new(),
            moved: false,
        }],
        versions: Vec::new(),
        companions: Vec::new(),
        faces: Vec::new(),
    })
}

/// The window in a harness, drawn a few times.
pub fn open(world: World) -> Harness<'static, World> {
    let mut harness = Harness::builder()
        .with_size(vec2(1300.0, 820.0))
        .with_context_setup(crate::ui::theme::install)
        .build_ui_state(|ui, world: &mut World| world.frame(ui), world);
    harness.run_steps(3);
    harness
}

/// Presses a key and draws.
pub fn press(harness: &mut Harness<'_, World>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(3);
}

/// What was asked for by this, without what every frame asks for.
pub fn asked(harness: &mut Harness<'_, World>, gesture: impl FnOnce(&mut Harness<'_, World>)) -> Vec<Action> {
    harness.state_mut().actions.clear();
    gesture(harness);
    let actions = std::mem::take(&mut harness.state_mut().actions);
    let silent = |action: &Action| {
        matches!(
            action,
            Action::Visible { .. }
                | Action::ShowDetail(_)
                | Action::ShowPicture { .. }
                | Action::ClosePicture
                | Action::People(PeopleDo::Ask(PeopleAsk::Faces { of: FacesOf::Photo(_), .. }))
        )
    };
    actions.into_iter().filter(|action| !silent(action)).collect()
}
