//! A real window over a made-up engine, to be looked at: `cargo test --features testing --test window -- --ignored`.
//!
//! Settings are environment variables: `DEMO_PHOTOS` (how many), `DEMO_EMPTY`, `DEMO_BUSY`, `LIGHTKEEP_PHOTOS` (a folder of
//! JPEGs to show in place of painted pictures).

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt as _;
use lightkeep::app::{AppOptions, run};
use lightkeep::domain::keep::{
    BatchState, BatchSummary, CardFound, ClassCost, CostEstimate, KeepSettings, StoreState, Weight,
};
use lightkeep::domain::{
    Card, Change, ContentHash, Flag, Format, Gps, Metadata, PhotoDetail, PhotoId, PhotoPath, PhotoTag, PhotoVersion,
    Rating, Seat, StorageClass, StoredState, TagSource, TakenAt, Timestamp,
};
use lightkeep::protocol::{
    Arrival, Command, EngineEnd, ErrorCode, Event, ImportReport, IngestReport, ItemFailure, LibraryState, OpId, OpKind,
    OpReport, Phase, Pixels, Progress, ShareReport, ThumbKey, ThumbStage, UndoState, UserError, VaultState,
    VerifyReport, channel,
};
use lightkeep::ui::locale::Locale;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
#[ignore = "opens a window and stays until it is closed"]
fn demo_window() {
    let locale = Locale::from_env(|name| std::env::var(name).ok(), None);
    let dir = std::env::temp_dir().join("lightkeep-demo-window");
    let settings_file = Some(dir.join("window.ron"));
    let options =
        AppOptions { locale, home: None, settings_file, icon: None, cards: Some(card_found), any_thread: true };
    run(options, |wake| {
        let (window, engine, commands) = channel(wake);
        std::thread::spawn(move || futures::executor::block_on(Demo::new(engine).serve(commands)));
        Ok(window)
    })
    .expect("a window");
}

/// A card that was never there.
fn card_found() -> Vec<CardFound> {
    vec![CardFound { dir: PathBuf::from("/media/ada/EOS_DIGITAL"), name: "EOS_DIGITAL".into() }]
}

fn now_ms() -> i64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as i64)
}

fn batch(n: u64) -> BatchSummary {
    BatchSummary {
        batch: format!("01HX{n:022}"),
        store: if n.is_multiple_of(2) { "aws" } else { "vault" }.into(),
        started: Timestamp(now_ms() - n as i64 * 31_000_000),
        by: Some("ada on laptop".into()),
        state: if n == 0 { BatchState::Open } else { BatchState::Final },
        segments: 2,
        stored: 1204 - n,
        bytes: 9_200_000_000,
        waiting: if n == 0 { 36 } else { 0 },
        needs_you: if n == 0 { 3 } else { 0 },
    }
}

fn cost() -> CostEstimate {
    let prices = [4.88, 2.65, 4.9, 0.85, 0.76, 0.21];
    let classes = StorageClass::ALL.into_iter().zip(prices);
    let classes = classes.map(|(class, month)| ClassCost { class, month, once: 0.04, least_days: class.least_days() });
    CostEstimate {
                    files: 8140,
                    bytes: 212_000_000_000,
                    classes: classes.collect(),
                    region: "eu-west-1".into(),
                    as_of: "2026-11-01".into(),
                    words: "8,140 files, 212 GB: about $4.88 a month in Standard, $0.21 in Deep Archive, once $0.04 or $0.41 for requests.".into(),
                }
}

fn report(store: &str, level: u8, ok: u64) -> VerifyReport {
    VerifyReport {
        store: store.into(),
        level,
        ended: Timestamp(now_ms() - 86_400_000),
        checked: 1204,
        ok,
        corrupt: (ok..1204)
            .map(|n| ItemFailure { path: format!("photos/Lofoten/IMG_{n}.JPG"), why: "Two bytes differ".into() })
            .collect(),
        ..Default::default()
    }
}

/// An engine that makes everything up.
struct Demo {
    engine: EngineEnd,
    cards: HashMap<Seat, Card>,
    seats: Arc<[Seat]>,
    tags: HashMap<Seat, Vec<PhotoTag>>,
    pictures: Vec<Pixels>,
    undo: Vec<(Vec<Card>, String)>,
    keep: KeepSettings,
}

impl Demo {
    fn new(engine: EngineEnd) -> Self {
        let count = if std::env::var_os("DEMO_EMPTY").is_some() { 0 } else { number("DEMO_PHOTOS", 640) };
        let pictures = pictures();
        let mut cards = HashMap::new();
        let mut seats = Vec::new();
        let mut local_ms = TakenAt::from_rfc3339("2024-05-03T18:42:10").expect("a date").local_ms;
        let mut undated = 0;
        for at in 0..count {
            local_ms -= if at % 37 == 36 { 86_400_000 * 3 } else { 41_000 };
            let taken_at = (at + 9 < count).then_some(TakenAt { local_ms, offset_minutes: Some(120) });
            let seat = taken_at.map_or_else(
                || {
                    undated += 1;
                    Seat(Seat::FIRST_UNDATED.0 - undated)
                },
                Seat::first_for,
            );
            seats.push(seat);
            cards.insert(seat, card(at, seat, taken_at, &pictures));
        }
        seats.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            engine,
            cards,
            seats: seats.into(),
            tags: HashMap::new(),
            pictures,
            undo: Vec::new(),
            keep: KeepSettings::default(),
        }
    }

    async fn serve(mut self, mut commands: futures::channel::mpsc::Receiver<Command>) {
        self.library().await;
        if std::env::var_os("DEMO_BUSY").is_some() {
            self.busy().await;
        }
        while let Some(command) = commands.next().await {
            self.answer(command).await;
        }
    }

    async fn library(&self) {
        let needs_you =
            self.cards.values().filter(|card| matches!(card.stored, StoredState::NeedsYou { .. })).count() as u64;
        let stored = self.cards.values().filter(|card| card.stored == StoredState::Stored).count() as u64;
        let photos = self.cards.len() as u64;
        let state = LibraryState {
            dir: PathBuf::from("/home/ada/.local/share/lightkeep"),
            photos,
            stored,
            waiting: photos - stored - needs_you,
            needs_you,
            bytes: photos * 9_300_000,
            vault: VaultState {
                dir: PathBuf::from("/media/ada/Vault"),
                same_disk: false,
                free_bytes: Some(812_000_000_000),
                problem: None,
            },
            stores: self.stores(photos, stored, needs_you),
            keep: self.keep.clone(),
        };
        self.engine.say(Event::Library(state)).await;
    }

    /// An import that never ends, and one that ended badly.
    async fn busy(&self) {
        let (import, old) = (OpId(900), OpId(901));
        let kind = OpKind::Import;
        self.engine.say(Event::Started { op: old, kind, title: "Import of 2 folders".into() }).await;
        let failure = ItemFailure {
            path: "/media/card/DCIM/100CANON/IMG_0412.CR2".into(),
            why: "The file ends in the middle of the picture. Copy it from the card again.".into(),
        };
        let report =
            ImportReport { files: 412, added: 411, unreadable: vec![failure], seconds: 12.5, ..Default::default() };
        self.engine.say(Event::Finished { op: old, outcome: Ok(OpReport::Import(report)) }).await;
        self.engine.say(Event::Started { op: import, kind, title: "Import of card EOS_DIGITAL".into() }).await;
        let files = (0..23)
            .map(|n| Arrival {
                path: Arc::new(PathBuf::from(format!("/card/IMG_{n:04}.JPG"))),
                name: format!("IMG_{n:04}.JPG"),
            })
            .collect();
        self.engine.say(Event::Arriving { op: import, files }).await;
        let progress = Progress {
            phase: Phase::Working,
            done: 389,
            total: 1204,
            done_bytes: 3_600_000_000,
            total_bytes: 11_200_000_000,
            failed: 1,
            elapsed_ms: 31_000,
            ..Progress::new(kind)
        };
        self.engine.progress.set(import, progress);
        let error = UserError::new(ErrorCode::Unavailable, "The vault is not there: /media/ada/Vault")
            .hint("Connect the disk. Storing goes on by itself.");
        self.engine.say(Event::Notice(error)).await;
    }

    async fn answer(&mut self, command: Command) {
        match command {
            Command::Search { op, query, .. } => self.search(op, &query).await,
            Command::Cards { seats, .. } => {
                let cards = seats.iter().filter_map(|seat| self.cards.get(seat)).cloned().collect();
                self.engine.say(Event::Cards(cards)).await;
            }
            Command::Detail { seat } => {
                let detail = self.cards.get(&seat).map(|card| Box::new(self.detail(card)));
                self.engine.say(Event::Detail { seat, detail }).await;
            }
            Command::Thumbs { wishes } => {
                for wish in wishes.into_iter().take(200) {
                    let at = match &wish.key {
                        ThumbKey::Content(hash) => usize::from(hash.0[0]) * 256 + usize::from(hash.0[1]),
                        ThumbKey::File(path) => {
                            path.as_os_str().len()
                                + path.to_string_lossy().bytes().last().map_or(0, usize::from)
                                + path.to_string_lossy().bytes().nth(12).map_or(0, usize::from)
                        }
                    };
                    let picture = self.pictures[at % self.pictures.len()].clone();
                    let picture = if at % 53 == 52 {
                        Err("The file ends in the middle of the picture.".to_owned())
                    } else {
                        Ok(Arc::new(picture))
                    };
                    self.engine.say(Event::Thumb { key: wish.key, stage: ThumbStage::Stored, picture }).await;
                }
            }
            Command::Picture { op, seat, long_edge_px, .. } => {
                let at = self
                    .cards
                    .get(&seat)
                    .map_or(0, |card| usize::from(card.blake3.0[0]) * 256 + usize::from(card.blake3.0[1]));
                let picture = Ok(Arc::new(self.pictures[at % self.pictures.len()].clone()));
                self.engine.say(Event::Picture { op, seat, long_edge_px, picture }).await;
            }
            Command::Edit { seats, change } => self.edit(&seats, &change).await,
            Command::Undo => {
                if let Some((cards, _)) = self.undo.pop() {
                    let seats: Vec<Seat> = cards.iter().map(|card| card.seat).collect();
                    self.cards.extend(cards.into_iter().map(|card| (card.seat, card)));
                    self.engine.say(Event::Changed { seats: Some(seats.into()), order: false }).await;
                }
            }
            Command::SuggestTags { typed } => {
                let all = ["sunset", "sun", "sunrise", "summer", "sea", "street", "snow", "family", "Ålesund"];
                let lower = typed.to_lowercase();
                let tags = all.iter().filter(|tag| tag.to_lowercase().starts_with(&lower));
                let tags = tags.map(|tag| ((*tag).to_owned(), tag.len() as u64 * 31)).collect();
                self.engine.say(Event::TagSuggestions { typed, tags }).await;
            }
            Command::Shutdown => self.engine.say(Event::Closed).await,
            other => self.keep(other).await,
        }
    }

    fn stores(&self, photos: u64, stored: u64, needs_you: u64) -> Vec<StoreState> {
        let offline = std::env::var_os("DEMO_OFFLINE").is_some();
        vec![
            StoreState {
                name: "vault".into(),
                place: "/media/ada/Vault".into(),
                waiting: 0,
                needs_you: 0,
                receipts: photos,
                problem: None,
                retry_at: None,
            },
            StoreState {
                name: "aws".into(),
                place: "ada-photos-eu/eu-west-1:2f8c5a10-0000-4000-8000-1234567890ab".into(),
                waiting: photos - stored - needs_you,
                needs_you,
                receipts: stored,
                problem: offline.then(|| "The network cannot be reached".into()),
                retry_at: offline.then(|| Timestamp(now_ms() + 300_000)),
            },
        ]
    }

    /// Everything about keeping.
    async fn keep(&mut self, command: Command) {
        match command {
            Command::SetKeep(keep) => {
                self.keep = keep;
                self.library().await;
            }
            Command::Batches => {
                self.engine.say(Event::Batches((0..60).map(batch).collect())).await;
            }
            Command::BatchItems { batch } => {
                let why = "The file is gone from this computer. Put it back, or remove the photo from the library.";
                let item = |n| ItemFailure { path: format!("/home/ada/Pictures/IMG_{n:04}.JPG"), why: why.into() };
                self.engine.say(Event::BatchItems { batch, items: (0..3).map(item).collect() }).await;
            }
            Command::History => {
                let days =
                    (0..30).map(|n| (Timestamp(now_ms() - (600 - n * n / 2 - n * 4) * 86_400_000), 40)).collect();
                self.engine.say(Event::History(days)).await;
            }
            Command::Reports => {
                self.engine.say(Event::Reports(vec![report("aws", 2, 1203), report("vault", 3, 1204)])).await;
            }
            Command::Cost { op, .. } => {
                let cost = cost();
                self.engine.say(Event::Cost { op, cost: Box::new(cost) }).await;
            }
            Command::Weigh { op, seats } => {
                let photos = seats.len() as u64;
                let weight = Weight { photos, files: photos + 2, bytes: photos * 9_300_000 };
                self.engine.say(Event::Weighed { op, weight }).await;
            }
            Command::ShareOffer { op } => {
                let why = "Links made with a sign-in last at most an hour.".to_owned();
                self.engine.say(Event::ShareOffer { op, offer: Ok((3600, why)) }).await;
            }
            Command::Share { op, order } => {
                let url = format!("https://ada-photos-eu.s3.example/shares/01HX/index.html?X-Amz={}", "a".repeat(300));
                let (photos, bytes) = (order.seats.len() as u64, 3_400_000);
                let ends_at = Timestamp(now_ms() + 3_600_000);
                let report = OpReport::Share(ShareReport { url, ends_at, photos, bytes, failed: Vec::new() });
                self.ended(op, OpKind::Share, "Sharing a link", report).await;
            }
            Command::Ingest { op, order } => {
                let safe = std::env::var_os("DEMO_UNSAFE").is_none();
                let failed = ItemFailure {
                    path: "DCIM/100CANON/IMG_0412.CR2".into(),
                    why: "The card could not read it.".into(),
                };
                let report = IngestReport {
                    files: 1204,
                    copied: 1204,
                    verified: 1204,
                    stored: if safe { 1204 } else { 1203 },
                    safe_to_format: safe,
                    sheet: Some("/home/ada/Pictures/receipts/EOS.pdf".into()),
                    failed: if safe { Vec::new() } else { vec![failed] },
                    card: order.card,
                    left_out: Default::default(),
                };
                self.ended(op, OpKind::Ingest, "Card EOS_DIGITAL", OpReport::Ingest(report)).await;
            }
            _ => {}
        }
    }

    async fn ended(&self, op: OpId, kind: OpKind, title: &str, report: OpReport) {
        self.engine.say(Event::Started { op, kind, title: title.into() }).await;
        self.engine.say(Event::Finished { op, outcome: Ok(report) }).await;
    }

    async fn search(&self, op: OpId, query: &str) {
        if query.ends_with(':') {
            let expected = "a number from 0 to 5".to_owned();
            self.engine.say(Event::QueryWrong { op, at: query.len(), expected }).await;
            return;
        }
        let lower = query.to_lowercase();
        let fits = |seat: &&Seat| {
            let card = &self.cards[*seat];
            match lower.as_str() {
                "stored:no" => card.stored != StoredState::Stored,
                text => card.name.to_lowercase().contains(text),
            }
        };
        let seats = self.seats.iter().filter(fits).copied().collect();
        self.engine.say(Event::Results { op, seats, complete: true }).await;
    }

    async fn edit(&mut self, seats: &Arc<[Seat]>, change: &Change) {
        let before = seats.iter().filter_map(|seat| self.cards.get(seat)).cloned().collect();
        let mut words = String::new();
        for seat in seats.iter() {
            let Some(card) = self.cards.get_mut(seat) else { continue };
            match change {
                Change::Rating(rating) => {
                    card.rating = *rating;
                    words = format!("rated {}", rating.stars());
                }
                Change::Flag(flag) => {
                    card.flag = *flag;
                    words = flag.name().to_owned();
                }
                Change::Turn(turns) => {
                    card.quarter_turns = (card.quarter_turns as i8 + turns).rem_euclid(4) as u8;
                    card.size_px = card.size_px.map(|(width, height)| (height, width));
                    words = "turned".to_owned();
                }
                Change::AddTag(name) => {
                    let tag = PhotoTag {
                        name: name.clone(),
                        source: TagSource::User,
                        confidence: None,
                        above: Vec::new(),
                        moved: false,
                    };
                    self.tags.entry(*seat).or_default().push(tag);
                    words = format!("tagged {name}");
                }
                Change::RemoveTag(name) => {
                    self.tags.entry(*seat).or_default().retain(|tag| tag.name != *name);
                    words = format!("no longer tagged {name}");
                }
                _ => words = "changed".to_owned(),
            }
        }
        let count = seats.len() as u64;
        let text = if count == 1 { format!("1 photo {words}") } else { format!("{count} photos {words}") };
        self.undo.push((before, text.clone()));
        self.engine.say(Event::Undo(UndoState { undo: Some(text.clone()), redo: None })).await;
        self.engine.say(Event::Changed { seats: Some(seats.clone()), order: false }).await;
        self.engine.say(Event::Edited { text, photos: count, undoable: true }).await;
    }

    fn detail(&self, card: &Card) -> PhotoDetail {
        let tag = |name: &str, source| PhotoTag {
            name: name.to_owned(),
            source,
            confidence: None,
            above: Vec::new(),
            moved: false,
        };
        let mut tags = vec![
            tag("2024", TagSource::Derived),
            tag("Canon EOS 70D", TagSource::Derived),
            tag("evening", TagSource::Derived),
            tag("harbour", TagSource::Keyword),
            tag("Lofoten", TagSource::User),
        ];
        tags.extend(self.tags.get(&card.seat).into_iter().flatten().cloned());
        PhotoDetail {
            card: card.clone(),
            metadata: Metadata {
                taken_at: card.taken_at,
                make: Some("Canon".into()),
                model: Some("Canon EOS 70D".into()),
                lens: Some("EF-S18-135mm f/3.5-5.6 IS STM".into()),
                iso: Some(400),
                exposure_s: Some(1.0 / 250.0),
                f_number: Some(5.6),
                focal_length_mm: Some(85.0),
                gps: Some(Gps { latitude: 68.10342, longitude: 13.27654, altitude_m: Some(12.0) }),
                caption: Some("Boats before the storm, waiting for the tide.".into()),
                has_picture: card.has_picture,
                ..Metadata::default()
            },
            size_bytes: 9_312_448,
            paths: vec![PhotoPath {
                path: PathBuf::from(format!("/home/ada/Pictures/2024/Lofoten with the long folder name/{}", card.name)),
                gone: false,
            }],
            tags,
            versions: vec![PhotoVersion {
                number: 1,
                blake3: card.blake3,
                size_bytes: 9_312_448,
                mtime: Timestamp(1_714_737_600_250),
                current: true,
                receipts: Vec::new(),
            }],
            companions: Vec::new(),
            faces: Vec::new(),
        }
    }
}

fn card(at: usize, seat: Seat, taken_at: Option<TakenAt>, pictures: &[Pixels]) -> Card {
    let mut hash = ContentHash([0; 32]);
    (hash.0[0], hash.0[1]) = ((at / 256) as u8, (at % 256) as u8);
    hash.0[8..16].copy_from_slice(&(at as u64).to_le_bytes());
    let picture = &pictures[at % pictures.len()];
    let long = "A very long file name that somebody typed on a Sunday evening";
    Card {
        seat,
        id: PhotoId(hash),
        blake3: hash,
        name: if at % 11 == 3 { format!("{long} {at:04}.jpg") } else { format!("IMG_{:04}.JPG", 9000 - at) },
        format: if at % 17 == 5 { Format::Raw } else { Format::Jpeg },
        size_px: Some((picture.width_px * 10, picture.height_px * 10)),
        taken_at,
        rating: Rating::new([0, 0, 3, 0, 5, 0, 4, 1, 0][at % 9]).expect("stars"),
        flag: [Flag::None, Flag::None, Flag::Pick, Flag::None, Flag::None, Flag::None, Flag::Reject][at % 7],
        label: lightkeep::domain::ColourLabel::None,
        quarter_turns: 0,
        stored: match at % 43 {
            7 => StoredState::NeedsYou { why: "The vault's disk is full. Free some space or choose another.".into() },
            8 | 9 => StoredState::Queued,
            _ => StoredState::Stored,
        },
        has_picture: at % 17 != 5,
    }
}

/// Photos of the corpus, or painted skies.
fn pictures() -> Vec<Pixels> {
    let corpus = std::env::var_os("LIGHTKEEP_PHOTOS").map(PathBuf::from);
    let files = corpus.into_iter().flat_map(|dir| walkdir::WalkDir::new(dir).sort_by_file_name());
    let files = files.flatten().map(walkdir::DirEntry::into_path);
    let jpegs = files.filter(|path| path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("jpg")));
    let decoded: Vec<Pixels> = jpegs
        .filter_map(|path| std::panic::catch_unwind(|| decode(&path)).ok().flatten())
        .take(number("DEMO_DECODED", 48))
        .collect();
    if decoded.len() >= 3 { decoded } else { (0..24).map(sky).collect() }
}

fn decode(path: &std::path::Path) -> Option<Pixels> {
    let bytes = std::fs::read(path).ok().filter(|bytes| bytes.len() < 12_000_000)?;
    let mut decoder = mozjpeg::Decompress::new_mem(&bytes).ok()?;
    let side = decoder.width().max(decoder.height());
    decoder.scale((640 * 8 / side).clamp(1, 8) as u8);
    let mut image = decoder.rgba().ok()?;
    let (width_px, height_px) = (image.width() as u32, image.height() as u32);
    let rgba: Vec<[u8; 4]> = image.read_scanlines().ok()?;
    (width_px > 60 && height_px > 60).then(|| Pixels { width_px, height_px, rgba: rgba.into_flattened() })
}

fn sky(at: u32) -> Pixels {
    let (width_px, height_px) = if at.is_multiple_of(5) { (240, 360) } else { (360, 240) };
    let mut rgba = Vec::with_capacity((width_px * height_px * 4) as usize);
    let hue = f64::from(at) * 0.7;
    for y in 0..height_px {
        for x in 0..width_px {
            let height = f64::from(y) / f64::from(height_px);
            let hill = 0.62 + 0.08 * (f64::from(x) / 40.0 + hue).sin();
            let light = if height < hill { 1.0 - height * 0.7 } else { 0.35 - (height - hill) * 0.5 };
            let tone = |shift: f64| ((light * (0.6 + 0.4 * (hue + shift).cos())).clamp(0.0, 1.0) * 255.0) as u8;
            rgba.extend([tone(0.0), tone(1.1), tone(2.3), 255]);
        }
    }
    Pixels { width_px, height_px, rgba }
}
