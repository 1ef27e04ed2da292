//! Pixels for pages: decoded in parallel a little ahead of the page that is being drawn, and taken through the press.
//!
//! **Memory.** At most [`AHEAD`] times as many pictures as there are processors wait for their page, each at its printed
//! size; of decoded originals there are as many as processors. Very large originals are decoded alone.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::errors::io_words;
use super::intake::permit_if_expensive;
use super::parts::Engine;
use super::pictures::Source;
use super::workers::Workers;
use crate::domain::layout::{Ink, Rect};
use crate::domain::printing::{Intent, Managed, PixelSetup, Profile};
use crate::domain::{Format, PhotoDetail};
use crate::imaging::press::MOST_PROFILE_BYTES;
use crate::imaging::{self, Cut, Pixels, Press, PressProfile, Sharpening};
use crate::print::{PhotoRequest, Picture, PrintImage};
use crate::protocol::{ErrorCode, UserError};

/// Quality of the pictures in a PDF: no loss that an eye finds at 300 ppi.
const QUALITY: u8 = 92;
/// Pictures that are prepared together, for each processor.
const AHEAD: usize = 2;

impl Engine {
    /// The press of a job.
    ///
    /// # Errors
    /// One line why the profile cannot be used.
    pub(super) fn press(&self, setup: &PixelSetup, ppi: f64) -> Result<Press, UserError> {
        let sharpening = Sharpening::new(setup.sharpen, setup.strength, ppi).filter(|_| !setup.draft);
        match &setup.managed {
            Managed::Printer => Ok(Press::srgb(sharpening)),
            Managed::App { profile, intent, black_point } => {
                let loaded = self.profile(profile)?;
                Press::to(loaded, *intent, *black_point, sharpening).map_err(|why| unusable(profile, &why))
            }
        }
    }

    /// A profile by its name or from its file.
    ///
    /// # Errors
    /// One line why it cannot be used, its path last.
    pub(super) fn profile(&self, which: &Profile) -> Result<PressProfile, UserError> {
        let loaded = match which {
            Profile::File(file) => self.profile_file(file).and_then(PressProfile::from_icc),
            built_in => PressProfile::built_in(built_in),
        };
        loaded.map_err(|why| unusable(which, &why))
    }

    fn profile_file(&self, file: &Path) -> Result<Vec<u8>, String> {
        use std::io::Read as _;
        let opened = self.0.parts.files.open(file).map_err(|error| io_words(&error))?;
        let mut bytes = Vec::new();
        // One byte more than is allowed tells that there is more.
        opened.take(MOST_PROFILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| io_words(&error))?;
        Ok(bytes)
    }
}

fn unusable(profile: &Profile, why: &str) -> UserError {
    let name = match profile {
        Profile::Srgb => "sRGB".to_owned(),
        Profile::AdobeRgb => "Adobe RGB".to_owned(),
        Profile::DisplayP3 => "Display P3".to_owned(),
        Profile::File(file) => file.display().to_string(),
    };
    UserError::new(ErrorCode::Usage, format!("this colour profile cannot be used, {why}: {name}"))
        .hint("Choose the profile that the maker of the printer or the paper gives for it.")
}

/// What a photo of the job becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A JPEG for a PDF.
    Jpeg,
    /// The original itself where it can be, else a JPEG.
    Untouched,
}

/// Where the pixels of a job come from.
pub(super) struct PrintPixels<'a> {
    engine: &'a Engine,
    details: &'a [PhotoDetail],
    press: Press,
    is_draft: bool,
}

impl<'a> PrintPixels<'a> {
    pub(super) fn new(engine: &'a Engine, details: &'a [PhotoDetail], press: Press, is_draft: bool) -> Self {
        Self { engine, details, press, is_draft }
    }

    /// A colour of the layout as the press writes it.
    pub(super) fn ink(&self, ink: Ink) -> Ink {
        let [red, green, blue] = self.press.ink([ink.red, ink.green, ink.blue]);
        Ink { red, green, blue }
    }

    /// The profile of what comes out; `None` is sRGB.
    pub(super) fn icc(&self) -> Option<Arc<Vec<u8>>> {
        self.press.icc()
    }

    fn pixels(&self, request: PhotoRequest) -> Result<Pixels, String> {
        let detail = self.details.get(request.photo).ok_or("this photo is not in the job")?;
        if self.is_draft
            && let Some(pixels) = self.drafted(detail, request)
        {
            return Ok(pixels);
        }
        self.engine.source(detail)?.render_cut(self.engine, (request.crop, request.target_px), &self.press)
    }

    /// `None` where there is no thumbnail, so that a draft is never emptier than the real thing.
    fn drafted(&self, detail: &PhotoDetail, request: PhotoRequest) -> Option<Pixels> {
        let stored = self.engine.with_thumbs(|thumbs| thumbs.get(&detail.card.blake3)).ok().flatten()?;
        let source = Source::of_thumbnail(stored, detail.card.quarter_turns);
        source.render_cut(self.engine, (request.crop, request.target_px), &self.press).ok()
    }

    /// For a PDF.
    pub(super) fn for_pdf(&self, request: PhotoRequest, kind: Kind) -> Result<PrintImage, String> {
        if kind == Kind::Untouched
            && let Some(original) = self.original(request)
        {
            return Ok(original);
        }
        let pixels = self.pixels(request)?;
        imaging::encode_jpeg(&pixels, QUALITY).map(PrintImage::Jpeg).map_err(|error| error.to_string())
    }

    /// For a picture of a page.
    pub(super) fn for_raster(&self, request: PhotoRequest) -> Result<Picture, String> {
        let Pixels { width_px, height_px, rgb } = self.pixels(request)?;
        Ok(Picture { width_px, height_px, rgb })
    }

    /// The file itself where its whole area is shown and a page can show it.
    fn original(&self, request: PhotoRequest) -> Option<PrintImage> {
        let detail = self.details.get(request.photo)?;
        if request.crop != Rect::WHOLE
            || detail.card.format != Format::Jpeg
            || !detail.card.quarter_turns.is_multiple_of(4)
        {
            return None;
        }
        let source = self.engine.source(detail).ok()?;
        let orientation = imaging::untouched(&source.bytes, source.format)?;
        Some(PrintImage::Original { jpeg: source.bytes, orientation })
    }
}

/// Answers requests in their order, each prepared in parallel with those behind it.
pub(super) struct Ahead<'a, T> {
    wanted: VecDeque<PhotoRequest>,
    ready: HashMap<[u64; 7], Result<T, String>>,
    make: &'a (dyn Fn(PhotoRequest) -> Result<T, String> + Sync),
    at_a_time: usize,
}

fn key(request: &PhotoRequest) -> [u64; 7] {
    let Rect { x, y, width, height } = request.crop;
    let [x, y, width, height] = [x, y, width, height].map(f64::to_bits);
    let (across, down) = request.target_px;
    [request.photo as u64, x, y, width, height, u64::from(across), u64::from(down)]
}

impl<'a, T: Send> Ahead<'a, T> {
    /// `wanted` in the order in which they will be asked for.
    pub(super) fn new(
        engine: &Engine,
        wanted: Vec<PhotoRequest>,
        make: &'a (dyn Fn(PhotoRequest) -> Result<T, String> + Sync),
    ) -> Self {
        // Where work is done one piece after the other (the simulator), so is this.
        let at_a_time = match engine.0.parts.heavy {
            Workers::Pool(_) => rayon::current_num_threads() * AHEAD,
            _ => 1,
        };
        Self { wanted: wanted.into(), ready: HashMap::new(), make, at_a_time }
    }

    /// The answer to a request; one that was not announced is made now.
    pub(super) fn take(&mut self, request: PhotoRequest) -> Result<T, String> {
        if let Some(ready) = self.ready.remove(&key(&request)) {
            return ready;
        }
        if self.at_a_time > 1 && self.wanted.front().is_some_and(|next| key(next) == key(&request)) {
            let count = self.at_a_time.min(self.wanted.len());
            let batch: Vec<PhotoRequest> = self.wanted.drain(..count).collect();
            let made: Vec<_> = batch.par_iter().map(|request| (key(request), guarded(self.make, *request))).collect();
            self.ready.extend(made);
            if let Some(ready) = self.ready.remove(&key(&request)) {
                return ready;
            }
        }
        guarded(self.make, request)
    }
}

/// A codec that panics fails one photo, not the job.
fn guarded<T>(make: &(dyn Fn(PhotoRequest) -> Result<T, String> + Sync), request: PhotoRequest) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| make(request)))
        .unwrap_or_else(|panic| Err(super::errors::panic_words(panic.as_ref())))
}

impl Source {
    /// A stored thumbnail, which stands upright already.
    fn of_thumbnail(bytes: Vec<u8>, quarter_turns: u8) -> Self {
        Self { bytes, format: Format::Jpeg, turn: super::pictures::turned(quarter_turns) }
    }

    /// A part of the picture, as the person has it turned, through the press.
    pub(super) fn render_cut(
        &self,
        engine: &Engine,
        (crop, size_px): (Rect, (u32, u32)),
        press: &Press,
    ) -> Result<Pixels, String> {
        let cut = Cut { crop, turn: self.turn, size_px };
        let _alone = permit_if_expensive(engine, imaging::cut_cost_bytes(&self.bytes, self.format, &cut));
        imaging::render_cut(&self.bytes, self.format, &cut, press).map_err(|error| error.to_string())
    }
}

/// What the person should know about a job's colours.
pub(super) fn colour_notes(setup: &PixelSetup, to_printer: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if let Managed::App { intent, .. } = &setup.managed {
        if to_printer {
            notes.push(
                "Lightkeep has converted the colours: switch colour management off in the printer's own settings, or \
                 they are converted twice."
                    .to_owned(),
            );
        }
        if *intent == Intent::AbsoluteColorimetric {
            notes.push("The absolute intent prints the photo's white as a tint where the paper is whiter.".to_owned());
        }
    }
    notes
}
