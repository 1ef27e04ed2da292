//! Pictures larger than a thumbnail: for the loupe, for `thumb`, for the page.
//!
//! The bytes come from the first of a photo's files that is there, else from the vault, so that a photo whose disk is
//! away can still be looked at and printed.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::errors::{io_words, user_error};
use super::intake::{THUMB_PX, alone_if_expensive, thumbnail};
use super::parts::Engine;
use super::stores::{RemoteSlot, VAULT, shown_store};
use crate::domain::printing::Proof;
use crate::domain::{Format, Orientation, PhotoDetail, Seat};
use crate::files::SteadyRead;
use crate::imaging::{self, Fit, Pixels, Press};
use crate::protocol::{ErrorCode, UserError};

/// The most of a file that is read for a picture, in bytes: larger than any camera's file, smaller than memory.
const MOST_BYTES: u64 = 1 << 30;

/// A photo's bytes, and what they are.
pub(super) struct Source {
    pub bytes: Vec<u8>,
    pub format: Format,
    /// What the person added, as an orientation.
    pub turn: Orientation,
}

/// Quarter turns clockwise as an orientation.
pub(super) fn turned(quarter_turns: u8) -> Orientation {
    match quarter_turns % 4 {
        1 => Orientation::Rotate90,
        2 => Orientation::Rotate180,
        3 => Orientation::Rotate270,
        _ => Orientation::Upright,
    }
}

impl Source {
    /// The picture, upright as the person has it.
    pub fn render(&self, engine: &Engine, fit: Fit) -> Result<Pixels, String> {
        // The person's turn exchanges the sides of the box that is asked for.
        let inner = match fit {
            Fit::Within { width_px, height_px } if self.turn.swaps_sides() => {
                Fit::Within { width_px: height_px, height_px: width_px }
            }
            Fit::Cover { width_px, height_px } if self.turn.swaps_sides() => {
                Fit::Cover { width_px: height_px, height_px: width_px }
            }
            other => other,
        };
        let _alone = alone_if_expensive(engine, &self.bytes, self.format, inner);
        let pixels = imaging::render(&self.bytes, self.format, inner).map_err(|error| error.to_string())?;
        Ok(pixels.upright(self.turn))
    }
}

impl Engine {
    /// A photo's bytes: blocking, for work that runs on a worker already.
    pub(super) fn source(&self, detail: &PhotoDetail) -> Result<Source, String> {
        let card = &detail.card;
        let mut why = "no file of this photo is known".to_owned();
        for path in detail.paths.iter().filter(|path| !path.gone) {
            match self.read_whole(&path.path) {
                Ok(bytes) => return Ok(Source { bytes, format: card.format, turn: turned(card.quarter_turns) }),
                Err(error) => why = format!("the original cannot be read ({error}): {}", path.path.display()),
            }
        }
        match self.stored_copy(detail) {
            Some(bytes) => Ok(Source { bytes, format: card.format, turn: turned(card.quarter_turns) }),
            None => Err(why),
        }
    }

    fn read_whole(&self, path: &Path) -> Result<Vec<u8>, String> {
        let files = self.0.parts.files.as_ref();
        let stat = files.stat(path).map_err(|error| io_words(&error))?;
        if stat.size > MOST_BYTES {
            return Err("it is larger than 1 GB".to_owned());
        }
        let mut bytes = Vec::with_capacity(stat.size as usize);
        let file = files.open(path).map_err(|error| io_words(&error))?;
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| io_words(&error))?;
        Ok(bytes)
    }

    /// The current version from a store that is open and has a receipt for it, the vault first.
    fn stored_copy(&self, detail: &PhotoDetail) -> Option<Vec<u8>> {
        let current = detail.versions.iter().find(|version| version.current)?;
        let vault = self.0.vault.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone().ok();
        let remote = match &*self.0.remote.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            RemoteSlot::Open { opened, .. } => Some(opened.store.clone()),
            RemoteSlot::Unknown => None,
        };
        for (is_vault, store) in [(true, vault), (false, remote)] {
            let receipt = current.receipts.iter().find(|one| (shown_store(&one.store) == VAULT) == is_vault);
            let (Some(store), Some(receipt)) = (store, receipt) else { continue };
            let (key, version) = (receipt.receipt.key.clone(), receipt.receipt.version.clone());
            let reading = async move { store.read(&key, Some(&version)).await };
            let Ok(stream) = futures::executor::block_on(reading) else { continue };
            let mut bytes = Vec::new();
            if stream.take(MOST_BYTES).read_to_end(&mut bytes).is_ok() {
                return Some(bytes);
            }
        }
        None
    }

    /// A picture of the photo in a seat; with a proof, as the paper will show it.
    ///
    /// # Errors
    /// One line why there is none.
    pub(super) async fn proofed_picture(&self, seat: Seat, fit: Fit, proof: Option<Proof>) -> Result<Pixels, String> {
        let Some(proof) = proof else { return self.picture(seat, fit).await };
        let engine = self.clone();
        let look = move || {
            let press = engine.proof_press(&proof)?;
            let source = engine.seated_source(seat)?;
            let _alone = alone_if_expensive(&engine, &source.bytes, source.format, fit);
            imaging::render_proof(&source.bytes, source.format, fit, &press).map_err(|error| error.to_string())
        };
        self.looked(look).await
    }

    /// The press of a proof; the last one is kept, since the same is asked for again and again.
    fn proof_press(&self, proof: &Proof) -> Result<Arc<Press>, String> {
        let mut last = self.0.proof.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((known, press)) = &*last
            && known == proof
        {
            return Ok(Arc::clone(press));
        }
        let profile = self.profile(&proof.profile).map_err(|error| error.message)?;
        let press = Arc::new(Press::proof(proof, profile));
        *last = Some((proof.clone(), Arc::clone(&press)));
        Ok(press)
    }

    /// The bytes of the photo in a seat. The person's turn is the window's to draw, like that of the thumbnail that
    /// it replaces.
    fn seated_source(&self, seat: Seat) -> Result<Source, String> {
        let detail = self
            .read_here(|reader| reader.photo(seat))
            .map_err(|error| user_error(&error).message)?
            .ok_or_else(|| "this photo is no longer in the library".to_owned())?;
        let mut source = self.source(&detail)?;
        source.turn = Orientation::Upright;
        Ok(source)
    }

    /// A photo upright and in sRGB, for the screen.
    pub(super) async fn picture(&self, seat: Seat, fit: Fit) -> Result<Pixels, String> {
        let engine = self.clone();
        self.looked(move || engine.seated_source(seat)?.render(&engine, fit)).await
    }

    /// Runs a decoder; one that panics says so.
    async fn looked(&self, look: impl FnOnce() -> Result<Pixels, String> + Send + 'static) -> Result<Pixels, String> {
        self.0
            .parts
            .heavy
            .run(move || std::panic::catch_unwind(std::panic::AssertUnwindSafe(look)))
            .await
            .unwrap_or_else(|panic| Err(super::errors::panic_words(panic.as_ref())))
    }

    /// Writes a picture as a JPEG file, upright with the person's turn; its size in pixels. Replaces the file.
    ///
    /// # Errors
    /// Where there is no such photo, it has no picture, or the file cannot be written.
    pub async fn thumb(&self, photo: impl AsRef<OsStr>, size_px: u32, file: &Path) -> Result<(u32, u32), UserError> {
        let found = self.show(photo).await?;
        self.may_be_written(file).await?;
        let (engine, file) = (self.clone(), file.to_owned());
        let work = move || -> Result<(u32, u32), UserError> {
            let failed = |why: String| UserError::new(ErrorCode::Failed, format!("no picture could be made: {why}"));
            let pixels = engine
                .source(&found.detail)
                .and_then(|source| source.render(&engine, Fit::LongEdge(size_px)))
                .map_err(failed)?;
            let jpeg = imaging::encode_jpeg(&pixels, 90).map_err(|error| failed(error.to_string()))?;
            engine.0.parts.files.replace(&file, &mut jpeg.as_slice()).map_err(|error| {
                UserError::new(
                    ErrorCode::Unavailable,
                    format!("the file cannot be written ({}): {}", io_words(&error), file.display()),
                )
            })?;
            Ok((pixels.width_px, pixels.height_px))
        };
        self.0.parts.heavy.run(work).await
    }

    /// Nothing that is made here may take an original's place.
    ///
    /// # Errors
    /// [`ErrorCode::Usage`] where the file is a photo of this library.
    pub(super) async fn may_be_written(&self, file: &Path) -> Result<(), UserError> {
        let place =
            std::fs::canonicalize(file).or_else(|_| std::path::absolute(file)).unwrap_or_else(|_| file.to_owned());
        match self.read(move |reader| reader.photo_at(&place)).await? {
            None => Ok(()),
            Some(_) => Err(UserError::new(
                ErrorCode::Usage,
                format!("an original is never overwritten; name another file: {}", file.display()),
            )),
        }
    }

    /// The stored thumbnail of the photo in a seat, made again where it was thrown away. Blocking.
    pub(super) fn thumb_again(&self, seat: Seat) -> Result<Vec<u8>, String> {
        let detail = self
            .read_here(|reader| reader.photo(seat))
            .map_err(|error| user_error(&error).message)?
            .ok_or_else(|| "this photo is no longer in the library".to_owned())?;
        if !detail.card.has_picture {
            return Err("this file holds no picture that can be shown".to_owned());
        }
        let source = self.source(&detail)?;
        let jpeg =
            thumbnail(self, &source.bytes, source.format, detail.card.blake3).map_err(|error| error.to_string())?;
        if let Err(error) = self.with_thumbs(|thumbs| thumbs.put(&[(detail.card.blake3, jpeg.as_slice())])) {
            tracing::warn!("a thumbnail could not be kept ({error})");
        }
        Ok(jpeg)
    }

    /// A picture for a file that is not in the library yet: the camera's own, else one made now. Blocking.
    pub(super) fn look_at_file(&self, path: &Path) -> Result<Pixels, String> {
        const HEAD_BYTES: u64 = 256 << 10;
        let files = self.0.parts.files.as_ref();
        let head = super::intake::read_head(files, path, HEAD_BYTES).map_err(|error| io_words(&error))?;
        if let Some(pixels) = imaging::first_look(&head) {
            return Ok(pixels);
        }
        let read: SteadyRead = crate::files::read_steady(files, path, super::intake::WHOLE_FILE_BYTES)
            .map_err(|error| io_words(&error))?;
        let bytes = read.content.bytes();
        match imaging::sniff(bytes, super::walk::suffix(path).as_deref()) {
            imaging::Kind::Photo(format) => {
                let fit = Fit::LongEdge(THUMB_PX);
                let _alone = alone_if_expensive(self, bytes, format, fit);
                imaging::render(bytes, format, fit).map_err(|error| error.to_string())
            }
            _ => Err("this is no photo".to_owned()),
        }
    }
}
