//! Textures under a byte budget, taken to the graphics card a few in each frame.

use std::cell::Cell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, mpsc};

use eframe::egui::{self, ColorImage, TextureFilter, TextureHandle, TextureId, TextureOptions, Vec2, vec2};

use crate::domain::Seat;
use crate::protocol::{Pixels, ThumbKey, ThumbStage};
use crate::ui;

/// All textures together, in bytes of the graphics card (about 500 thumbnails of 320 px and some large pictures).
const BUDGET_BYTES: usize = 256 << 20;
/// Thumbnails taken to the graphics card in one frame.
const UPLOADS: usize = 12;
/// Pictures larger than this many bytes are prepared on another thread.
const LARGE_BYTES: usize = 4 << 20;

/// What a texture shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Thumb(ThumbKey),
    Picture(Seat),
}

struct Entry {
    face: Result<TextureHandle, String>,
    stage: ThumbStage,
    /// Long edge that was asked for, for pictures: `u32::MAX` is every pixel.
    edge_px: u32,
    used: Cell<u64>,
}

impl Entry {
    fn bytes(&self) -> usize {
        // Four bytes a pixel, and a third more for the smaller copies that shrinking needs.
        self.face.as_ref().map_or(64, |texture| texture.size()[0] * texture.size()[1] * 16 / 3)
    }

    fn show(&self, now: u64) -> Result<(TextureId, Vec2), &str> {
        self.used.set(now);
        match &self.face {
            Ok(texture) => {
                let [width, height] = texture.size();
                Ok((texture.id(), vec2(width as f32, height as f32)))
            }
            Err(why) => Err(why),
        }
    }
}

struct Waiting {
    key: Key,
    stage: ThumbStage,
    edge_px: u32,
    image: Source,
}

/// A picture on its way to the graphics card. Thumbnails become what egui wants only when they are taken there: while
/// somebody flings, most never are, and a burst of them must not hold up a frame.
enum Source {
    Thumb(Arc<Pixels>),
    Ready(ColorImage),
}

/// The cache.
pub struct Textures {
    entries: HashMap<Key, Entry>,
    waiting: VecDeque<Waiting>,
    /// The best that waits for each key, so that nobody has to look through the queue.
    waiting_stage: HashMap<Key, ThumbStage>,
    prepared: mpsc::Receiver<Waiting>,
    preparing: mpsc::Sender<Waiting>,
    bytes: usize,
    frame: u64,
}

impl Default for Textures {
    fn default() -> Self {
        let (preparing, prepared) = mpsc::channel();
        Self {
            entries: HashMap::new(),
            waiting: VecDeque::new(),
            waiting_stage: HashMap::new(),
            prepared,
            preparing,
            bytes: 0,
            frame: 0,
        }
    }
}

impl Textures {
    /// Takes a thumbnail that came, or the reason why there is none.
    pub fn thumb(&mut self, key: ThumbKey, stage: ThumbStage, picture: Result<Arc<Pixels>, String>) {
        let key = Key::Thumb(key);
        // A late first look never replaces what is stored.
        if self.entries.get(&key).is_some_and(|entry| entry.stage > stage) {
            return;
        }
        match picture.and_then(|pixels| if is_whole(&pixels) { Ok(pixels) } else { Err(DAMAGED.to_owned()) }) {
            Ok(pixels) => {
                let best = self.waiting_stage.entry(key.clone()).or_insert(stage);
                *best = stage.max(*best);
                self.waiting.push_back(Waiting { key, stage, edge_px: 0, image: Source::Thumb(pixels) });
            }
            Err(why) => self.insert(key, Entry { face: Err(why), stage, edge_px: 0, used: Cell::new(self.frame) }),
        }
    }

    /// Takes a picture for the loupe. Large ones are prepared elsewhere, and `wake` is called when they are ready.
    pub fn picture(
        &mut self,
        seat: Seat,
        edge_px: Option<u32>,
        picture: Result<Arc<Pixels>, String>,
        max_side: usize,
        wake: impl FnOnce() + Send + 'static,
    ) {
        let (key, edge_px) = (Key::Picture(seat), edge_px.unwrap_or(u32::MAX));
        let stage = ThumbStage::Stored;
        if self.entries.get(&key).is_some_and(|entry| entry.face.is_ok() && entry.edge_px > edge_px) {
            return;
        }
        match picture {
            Ok(pixels) if pixels.rgba.len() > LARGE_BYTES => {
                let sender = self.preparing.clone();
                std::thread::spawn(move || {
                    if let Ok(image) = image(&pixels, max_side) {
                        let _ = sender.send(Waiting { key, stage, edge_px, image: Source::Ready(image) });
                        wake();
                    }
                });
            }
            Ok(pixels) => match image(&pixels, max_side) {
                Ok(image) => {
                    self.waiting.push_front(Waiting { key, stage, edge_px, image: Source::Ready(image) });
                }
                Err(why) => self.insert(key, Entry { face: Err(why), stage, edge_px, used: Cell::new(self.frame) }),
            },
            // What is on the screen is better than the news that more could not be had.
            Err(_) if self.entries.get(&key).is_some_and(|entry| entry.face.is_ok()) => {}
            Err(why) => self.insert(key, Entry { face: Err(why), stage, edge_px, used: Cell::new(self.frame) }),
        }
    }

    /// Whether a thumbnail is here as good as it gets, or known to be impossible.
    pub fn is_settled(&self, key: &ThumbKey) -> bool {
        let settled = |stage: ThumbStage| stage == ThumbStage::Stored || matches!(key, ThumbKey::File(_));
        let key = Key::Thumb(key.clone());
        self.entries.get(&key).is_some_and(|entry| settled(entry.stage))
            || self.waiting_stage.get(&key).is_some_and(|stage| settled(*stage))
    }

    /// Lets go of thumbnails that wait for the graphics card and were scrolled away meanwhile: while somebody flings,
    /// far more come than it is given, and those on the screen would wait behind them.
    pub fn keep_waiting<'a>(&mut self, wanted: impl Iterator<Item = &'a ThumbKey>) {
        if self.waiting.len() <= UPLOADS {
            return;
        }
        let wanted: HashSet<&ThumbKey> = wanted.collect();
        self.waiting.retain(|waiting| match &waiting.key {
            Key::Thumb(key) => wanted.contains(key),
            Key::Picture(_) => true,
        });
        let waiting: HashSet<&Key> = self.waiting.iter().map(|waiting| &waiting.key).collect();
        self.waiting_stage.retain(|key, _| waiting.contains(key));
    }

    /// Whether the loupe's picture is here at this size or larger.
    pub fn has_picture(&self, seat: Seat, edge_px: Option<u32>) -> bool {
        let wanted = edge_px.unwrap_or(u32::MAX);
        self.entries.get(&Key::Picture(seat)).is_some_and(|entry| entry.edge_px >= wanted)
    }

    /// Forgets what no longer is what the photo shows.
    pub fn forget_picture(&mut self, seat: Seat) {
        self.remove(&Key::Picture(seat));
    }

    /// Forgets every large picture, and those that wait.
    pub fn forget_pictures(&mut self) {
        self.waiting.retain(|waiting| !matches!(waiting.key, Key::Picture(_)));
        let pictures: Vec<Key> = self.entries.keys().filter(|key| matches!(key, Key::Picture(_))).cloned().collect();
        for key in pictures {
            self.remove(&key);
        }
    }

    /// Forgets a file that has arrived.
    pub fn forget_file(&mut self, path: &Arc<std::path::PathBuf>) {
        let key = Key::Thumb(ThumbKey::File(path.clone()));
        if self.waiting_stage.remove(&key).is_some() {
            self.waiting.retain(|waiting| waiting.key != key);
        }
        self.remove(&key);
    }

    /// Begins a frame: takes a few pictures to the graphics card and lets go of what was not seen for longest.
    /// True while more wait.
    pub fn frame(&mut self, ctx: &egui::Context) -> bool {
        self.frame += 1;
        while let Ok(ready) = self.prepared.try_recv() {
            self.waiting.push_front(ready);
        }
        for _ in 0..UPLOADS {
            let Some(Waiting { key, stage, edge_px, image }) = self.waiting.pop_front() else { break };
            if self.waiting_stage.get(&key) == Some(&stage) {
                self.waiting_stage.remove(&key);
            }
            let options = TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };
            let name = if matches!(key, Key::Picture(_)) { "picture" } else { "thumbnail" };
            let image = match image {
                Source::Ready(image) => Ok(image),
                Source::Thumb(pixels) => self::image(&pixels, usize::MAX),
            };
            let face = image.map(|image| ctx.load_texture(name, image, options));
            self.insert(key, Entry { face, stage, edge_px, used: Cell::new(self.frame) });
        }
        if self.bytes > BUDGET_BYTES {
            self.evict();
        }
        !self.waiting.is_empty()
    }

    fn insert(&mut self, key: Key, entry: Entry) {
        self.remove(&key);
        self.bytes += entry.bytes();
        self.entries.insert(key, entry);
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.bytes();
        }
    }

    /// Down to three quarters, oldest first; what was drawn in the last frame stays.
    fn evict(&mut self) {
        let mut old: Vec<(u64, Key)> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.used.get() + 1 < self.frame)
            .map(|(key, entry)| (entry.used.get(), key.clone()))
            .collect();
        old.sort_unstable_by_key(|(used, _)| *used);
        for (_, key) in old {
            if self.bytes <= BUDGET_BYTES / 4 * 3 {
                break;
            }
            self.remove(&key);
        }
    }

    /// Bytes on the graphics card.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl ui::Textures for Textures {
    fn thumb(&self, key: &ThumbKey) -> Option<Result<(TextureId, Vec2), &str>> {
        self.entries.get(&Key::Thumb(key.clone())).map(|entry| entry.show(self.frame))
    }

    fn picture(&self, seat: Seat) -> Option<Result<(TextureId, Vec2), &str>> {
        self.entries.get(&Key::Picture(seat)).map(|entry| entry.show(self.frame))
    }
}

/// What is said of pixels that are not there.
const DAMAGED: &str = "The picture is damaged.";

/// Whether there are as many bytes as the size says.
fn is_whole(pixels: &Pixels) -> bool {
    let bytes = pixels.width_px as usize * pixels.height_px as usize * 4;
    bytes > 0 && pixels.rgba.len() == bytes
}

/// Pixels as egui wants them, thinned out by a whole number where the graphics card cannot take them.
fn image(pixels: &Pixels, max_side: usize) -> Result<ColorImage, String> {
    if !is_whole(pixels) {
        return Err(DAMAGED.to_owned());
    }
    let (width, height) = (pixels.width_px as usize, pixels.height_px as usize);
    let step = width.max(height).div_ceil(max_side.max(1)).max(1);
    if step == 1 {
        return Ok(colours([width, height], &pixels.rgba));
    }
    let (columns, rows) = ((width / step).max(1), (height / step).max(1));
    let mut rgba = Vec::with_capacity(columns * rows * 4);
    for row in 0..rows {
        for column in 0..columns {
            let at = (row * step * width + column * step) * 4;
            rgba.extend_from_slice(&pixels.rgba[at..at + 4]);
        }
    }
    Ok(colours([columns, rows], &rgba))
}

/// The same bytes as colours: copied as a block where they lie well, which costs a tenth of looking at each pixel.
fn colours(size: [usize; 2], rgba: &[u8]) -> ColorImage {
    match bytemuck::try_cast_slice::<u8, egui::Color32>(rgba) {
        Ok(colours) => ColorImage::new(size, colours.to_vec()),
        Err(_) => ColorImage::from_rgba_premultiplied(size, rgba),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ContentHash;

    fn pixels(side: u32) -> Arc<Pixels> {
        Arc::new(Pixels { width_px: side, height_px: side, rgba: vec![255; (side * side * 4) as usize] })
    }

    fn key(number: u32) -> ThumbKey {
        ThumbKey::Content(ContentHash([number as u8; 32]))
    }

    #[test]
    fn a_frame_takes_only_a_few() {
        let (ctx, mut textures) = (egui::Context::default(), Textures::default());
        for number in 0..30 {
            textures.thumb(key(number), ThumbStage::Stored, Ok(pixels(8)));
        }
        assert!(textures.frame(&ctx), "more wait");
        assert_eq!(textures.entries.len(), UPLOADS);
        assert!(textures.frame(&ctx));
        assert!(!textures.frame(&ctx));
        assert_eq!(textures.entries.len(), 30);
    }

    #[test]
    fn what_scrolled_away_does_not_hold_up_what_is_on_the_screen() {
        let (ctx, mut textures) = (egui::Context::default(), Textures::default());
        for number in 0..60 {
            textures.thumb(key(number), ThumbStage::Stored, Ok(pixels(8)));
        }
        assert!(textures.is_settled(&key(5)) && textures.is_settled(&key(55)));
        textures.keep_waiting([key(55), key(56)].iter());
        assert!(!textures.is_settled(&key(5)), "asked for again when it is seen again");
        assert!(textures.is_settled(&key(55)));
        assert!(!textures.frame(&ctx), "nothing else waits");
        assert_eq!(textures.entries.len(), 2);
        assert!(textures.is_settled(&key(56)), "now it is on the card");
    }

    #[test]
    fn what_was_not_seen_for_longest_goes_first() {
        let (ctx, mut textures) = (egui::Context::default(), Textures::default());
        for number in 0..16 {
            textures.thumb(key(number), ThumbStage::Stored, Ok(pixels(2048)));
            textures.frame(&ctx);
            // The first is looked at in every frame.
            let _ = ui::Textures::thumb(&textures, &key(0));
            assert!(textures.bytes() <= BUDGET_BYTES + 2048 * 2048 * 16 / 3);
        }
        textures.frame(&ctx);
        assert!(textures.bytes() <= BUDGET_BYTES);
        assert!(ui::Textures::thumb(&textures, &key(0)).is_some());
        assert!(ui::Textures::thumb(&textures, &key(15)).is_some());
        assert!(ui::Textures::thumb(&textures, &key(1)).is_none());
    }

    #[test]
    fn a_late_first_look_changes_nothing_and_damage_is_said() {
        let (ctx, mut textures) = (egui::Context::default(), Textures::default());
        textures.thumb(key(1), ThumbStage::Stored, Ok(pixels(16)));
        textures.frame(&ctx);
        textures.thumb(key(1), ThumbStage::FirstLook, Ok(pixels(4)));
        textures.frame(&ctx);
        let shown = ui::Textures::thumb(&textures, &key(1)).and_then(Result::ok).map(|(_, size)| size.x);
        assert_eq!(shown, Some(16.0));
        let broken = Pixels { width_px: 5, height_px: 5, rgba: vec![0; 7] };
        textures.thumb(key(2), ThumbStage::Stored, Ok(Arc::new(broken)));
        assert!(matches!(ui::Textures::thumb(&textures, &key(2)), Some(Err(_))));
    }

    #[test]
    fn what_is_too_large_for_the_card_is_thinned_out() {
        let image = image(&pixels(100), 30).expect("a picture");
        assert_eq!(image.size, [25, 25]);
    }

    #[test]
    fn a_picture_that_failed_does_not_replace_one_that_is_here() {
        let (ctx, mut textures) = (egui::Context::default(), Textures::default());
        textures.picture(Seat(1), Some(512), Ok(pixels(16)), 2048, || {});
        textures.frame(&ctx);
        textures.picture(Seat(1), None, Err("gone".to_owned()), 2048, || {});
        assert!(matches!(ui::Textures::picture(&textures, Seat(1)), Some(Ok(_))));
        assert!(textures.has_picture(Seat(1), Some(512)) && !textures.has_picture(Seat(1), None));
    }
}
