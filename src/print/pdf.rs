//! Pages to PDF, through krilla.
//!
//! **Boxes**: MediaBox and TrimBox are the page's millimetres in points, not rounded. **Colour**: everything is
//! device-independent; pixels without a profile are embedded as sRGB, a JPEG's own profile is kept. **Pixels**: a JPEG is
//! passed through byte by byte, and the same part of the same photo at the same size is embedded once, however often it
//! is printed. **Equal input makes equal bytes**: the creation date is the caller's.
//!
//! **Memory.** Pixels are asked for one photo at a time. A JPEG goes to the spool and is held no longer than that; the
//! spool grows to the size of the file, and of each picture only the header stays in memory. [`PrintImage::Rgb8`] is
//! held whole, and compressed without loss, until the file is complete: it is for few or small pictures.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use krilla::color::luma;
use krilla::geom::{Point, Rect as PdfRect, Size, Transform};
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::{Data, Document, SerializeSettings};

use super::font::Fonts;
use super::marked;
use super::splice::{Spool, Stand};
use crate::domain::layout::{Page, Placed, PlacedText, Rect};
use crate::domain::paper::{MM_PER_INCH, mm_from_points, points};
use crate::domain::time::Timestamp;

/// Pixels per inch of the placed size that are asked for; more is not seen on paper and takes minutes to spool.
pub const MAX_PPI: f64 = 300.0;

/// What the document says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentInfo {
    /// Title in the viewer's window and in the printer's queue.
    pub title: String,
    /// When it was made; `None` leaves it out.
    pub created: Option<Timestamp>,
    /// BCP 47 tag of the captions' language, `en`.
    pub language: Option<String>,
    /// The photos' names by index, for the frames of those that fail.
    pub photo_names: Vec<String>,
    /// The words on the frame of a photo that fails.
    pub not_printed: String,
}

impl Default for DocumentInfo {
    fn default() -> Self {
        Self {
            title: String::new(),
            created: None,
            language: None,
            photo_names: Vec::new(),
            not_printed: "Not printed".to_owned(),
        }
    }
}

/// The pixels that a page needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhotoRequest {
    /// Index of the photo.
    pub photo: usize,
    /// The part wanted, in 0 to 1 of the upright photo.
    pub crop: Rect,
    /// Width and height for the part, upright, at [`MAX_PPI`]: the most that is useful. A photo with fewer pixels is
    /// answered with what it has, never enlarged.
    pub target_px: (u32, u32),
}

/// Pixels for a [`PhotoRequest`]: cropped and upright (EXIF orientation applied); the page turns them if it must.
#[derive(Clone)]
pub enum PrintImage {
    /// A JPEG file, grey or colour; sRGB unless it embeds its profile.
    Jpeg(Vec<u8>),
    /// sRGB, 8 bits, rows from the top without padding: `3 * width_px * height_px` bytes.
    Rgb8 {
        /// Width.
        width_px: u32,
        /// Height.
        height_px: u32,
        /// Red, green, blue.
        pixels: Vec<u8>,
    },
}

/// How far the writing is: photos asked for, of all placements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintProgress {
    /// Placements drawn.
    pub done: usize,
    /// Placements on all pages.
    pub total: usize,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PdfReport {
    /// Pages.
    pub pages: usize,
    /// Different photos that are on them.
    pub photos: usize,
    /// Size of the file.
    pub bytes: u64,
    /// Photos that have a marked frame instead, with the reason, by index.
    pub failed: Vec<(usize, String)>,
    /// Characters that are printed as `□`.
    pub missing_characters: BTreeSet<char>,
}

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The progress callback said so; `out` may hold a part of the file.
    #[error("printing was cancelled")]
    Cancelled,
    /// No pages.
    #[error("no pages to print: select at least one photo")]
    NoPages,
    /// A page that no sheet can be.
    #[error("page {0} has no possible size: choose another paper")]
    PageSize(usize),
    /// The library that writes PDF gave up.
    #[error("the PDF could not be made: {0}")]
    Document(String),
    /// `out` or the spool failed; `out` may hold a part of the file.
    #[error("the PDF could not be written: {0}")]
    Write(#[from] io::Error),
}

/// What is to be printed.
#[derive(Clone, Copy)]
pub struct PdfJob<'a> {
    /// The pages, as laid out with [`PdfJob::fonts`].
    pub pages: &'a [Page],
    /// What the document says about itself.
    pub info: &'a DocumentInfo,
    /// The fonts of all texts.
    pub fonts: &'a Fonts<'a>,
}

/// Writes a job as one PDF to `out`.
///
/// `pixels` is asked once for each different part and size, in page order; an `Err` marks the photo's frame with the
/// reason. `progress` is called before each photo, and while the file is written, and may stop the job with
/// [`ControlFlow::Break`]. `spool` is empty, is used from its start, and may be thrown away afterwards.
///
/// # Errors
/// [`PrintError`]; a photo that fails is no error but in the report.
pub fn write_pdf(
    job: &PdfJob<'_>,
    pixels: &mut dyn FnMut(PhotoRequest) -> Result<PrintImage, String>,
    progress: &mut dyn FnMut(PrintProgress) -> ControlFlow<()>,
    spool: &mut dyn Spool,
    out: &mut dyn Write,
) -> Result<PdfReport, PrintError> {
    let PdfJob { pages, info, fonts } = *job;
    if pages.is_empty() {
        return Err(PrintError::NoPages);
    }
    let settings = SerializeSettings { no_device_cs: true, enable_tagging: false, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    document.set_metadata(metadata(info));
    let total = pages.iter().map(|page| page.photos.len()).sum();
    let (ink, stand) = (Ink::new(fonts), Stand::new(spool));
    let mut writer = Writer { info, ink, stand, pixels, images: HashMap::new(), failed: BTreeMap::new(), done: 0 };
    for (number, page) in pages.iter().enumerate() {
        let settings = page_settings(page).ok_or(PrintError::PageSize(number + 1))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for placed in &page.photos {
            if progress(PrintProgress { done: writer.done, total }).is_break() {
                return Err(PrintError::Cancelled);
            }
            writer.photo(&mut surface, placed)?;
            writer.done += 1;
        }
        for text in &page.texts {
            writer.ink.text(&mut surface, text);
        }
        surface.finish();
        sheet.finish();
    }
    let Writer { ink, mut stand, images, failed, .. } = writer;
    let printed: BTreeSet<usize> = images.iter().filter(|(_, image)| image.is_ok()).map(|(key, _)| key.photo).collect();
    drop(images);
    let document = document.finish().map_err(|error| PrintError::Document(error.to_string()))?;
    let bytes = stand.write(&document, &mut || progress(PrintProgress { done: total, total }), out)?;
    Ok(PdfReport {
        pages: pages.len(),
        photos: printed.len(),
        bytes,
        failed: failed.into_iter().collect(),
        missing_characters: ink.missing,
    })
}

/// A request in a form that can be a key: the same photo, part and size is the same picture.
#[derive(Debug, PartialEq, Eq, Hash)]
struct ImageKey {
    photo: usize,
    crop: [u64; 4],
    target_px: (u32, u32),
}

impl ImageKey {
    fn new(request: &PhotoRequest) -> Self {
        let Rect { x, y, width, height } = request.crop;
        Self { photo: request.photo, crop: [x, y, width, height].map(f64::to_bits), target_px: request.target_px }
    }
}

struct Writer<'a, 'f> {
    info: &'a DocumentInfo,
    ink: Ink<'a, 'f>,
    stand: Stand<'a>,
    pixels: &'a mut dyn FnMut(PhotoRequest) -> Result<PrintImage, String>,
    images: HashMap<ImageKey, Result<Image, String>>,
    failed: BTreeMap<usize, String>,
    done: usize,
}

impl Writer<'_, '_> {
    /// Draws a photo, or the mark of one that fails; only a spool that fails is an error.
    fn photo(&mut self, surface: &mut Surface<'_>, placed: &Placed) -> io::Result<()> {
        let request = request(placed);
        let image = match self.images.entry(ImageKey::new(&request)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let has_size = Size::from_wh(pt(placed.image_mm.width), pt(placed.image_mm.height)).is_some();
                let image = match (self.pixels)(request) {
                    Ok(_) if !has_size => Err("its place has no size".to_owned()),
                    Ok(image) => image_of(image, &mut self.stand)?,
                    Err(reason) => Err(reason),
                };
                new.insert(image)
            }
        };
        match image {
            Ok(image) => draw_image(surface, image, placed),
            Err(reason) => {
                let name = self.info.photo_names.get(placed.photo).map_or("", String::as_str);
                self.failed.entry(placed.photo).or_insert_with(|| reason.clone());
                marked::draw(surface, &mut self.ink, marked::place(placed), &[&self.info.not_printed, name, reason]);
            }
        }
        Ok(())
    }
}

/// The pixels wanted for a photo as placed.
fn request(placed: &Placed) -> PhotoRequest {
    let (mut width, mut height) = (placed.image_mm.width, placed.image_mm.height);
    if placed.is_turned() {
        (width, height) = (height, width);
    }
    // The conversion saturates, so that a page of any size asks for something.
    let px = |mm: f64| ((mm / MM_PER_INCH * MAX_PPI).round() as u32).max(1);
    PhotoRequest { photo: placed.photo, crop: placed.crop, target_px: (px(width), px(height)) }
}

/// The picture for krilla, or why there is none; the outer error is the spool's.
fn image_of(image: PrintImage, stand: &mut Stand<'_>) -> io::Result<Result<Image, String>> {
    let broken = |error: String| format!("its picture is broken: {error}");
    match image {
        PrintImage::Jpeg(bytes) => {
            // Looked at whole first, so that nothing but a JPEG with a size reaches the spool.
            let bytes = Arc::new(bytes);
            let checked = Image::from_jpeg(Data::from(Arc::clone(&bytes)), false).map_err(broken);
            match checked.map(|image| image.size()) {
                Err(reason) => return Ok(Err(reason)),
                Ok((0, _) | (_, 0)) => return Ok(Err("its picture is empty".to_owned())),
                Ok(_) => {}
            }
            let stand_in = stand.add(&bytes)?;
            Ok(stand_in
                .ok_or_else(|| "its picture is incomplete".to_owned())
                .and_then(|stand_in| Image::from_jpeg(Data::from(stand_in), false).map_err(broken)))
        }
        PrintImage::Rgb8 { width_px, height_px, pixels } => {
            let expected = u64::from(width_px).saturating_mul(u64::from(height_px)).saturating_mul(3);
            // krilla counts the bytes in 32 bits.
            if expected == 0 || expected > u64::from(u32::MAX) || expected != pixels.len() as u64 {
                return Ok(Err("its picture is incomplete".to_owned()));
            }
            let raw = RawImage { size: (width_px, height_px), pixels: Arc::new(pixels) };
            Ok(Image::from_custom(raw, false).map_err(broken))
        }
    }
}

#[derive(Clone, Hash)]
struct RawImage {
    size: (u32, u32),
    pixels: Arc<Vec<u8>>,
}

impl CustomImage for RawImage {
    fn color_channel(&self) -> &[u8] {
        &self.pixels
    }
    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }
    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }
    fn size(&self) -> (u32, u32) {
        self.size
    }
    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }
    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
}

/// Draws an upright picture into its place, turned if the page says so.
///
/// Pixels of another shape than the place (the catalogue was wrong about the photo) keep their shape, in its middle.
fn draw_image(surface: &mut Surface<'_>, image: &Image, placed: &Placed) {
    let place = placed.image_mm;
    let (across, down) = if placed.is_turned() { (place.height, place.width) } else { (place.width, place.height) };
    let (width_px, height_px) = image.size();
    let ratio = f64::from(width_px) / f64::from(height_px);
    let rounding = 0.01 + 1.0 / f64::from(width_px.min(height_px));
    let (mut width, mut height) = (across, down);
    if (ratio / (across / down) - 1.0).abs() > rounding {
        (width, height) = if ratio > across / down { (across, across / ratio) } else { (down * ratio, down) };
    }
    let Some(size) = Size::from_wh(pt(width), pt(height)) else { return };
    let (left, top) = ((across - width) / 2.0, (down - height) / 2.0);
    let transform = if placed.is_turned() {
        // The picture's x runs down the page, its y from right to left.
        Transform::from_row(0.0, 1.0, -1.0, 0.0, pt(place.right() - top), pt(place.y + left))
    } else {
        Transform::from_translate(pt(place.x + left), pt(place.y + top))
    };
    surface.push_transform(&transform);
    surface.draw_image(image.clone(), size);
    surface.pop();
}

/// Millimetres as PDF points.
pub(super) fn pt(mm: f64) -> f32 {
    points(mm) as f32
}

fn page_settings(page: &Page) -> Option<PageSettings> {
    let (width, height) = (pt(page.size_mm.0), pt(page.size_mm.1));
    // ISO 32000-1, annex C: a page is at most 14,400 units long.
    let sane = |side: f32| side > 1.0 && side <= 14_400.0;
    if !sane(width) || !sane(height) {
        return None;
    }
    let sheet = PdfRect::from_xywh(0.0, 0.0, width, height)?;
    Some(PageSettings::from_wh(width, height)?.with_trim_box(Some(sheet)))
}

fn metadata(info: &DocumentInfo) -> Metadata {
    let mut metadata = Metadata::new().creator("Lightkeep".to_owned());
    if !info.title.trim().is_empty() {
        metadata = metadata.title(info.title.clone());
    }
    if let Some(language) = &info.language {
        metadata = metadata.language(language.clone());
    }
    if let Some(date) = info.created.and_then(pdf_date) {
        metadata = metadata.creation_date(date);
    }
    metadata
}

fn pdf_date(created: Timestamp) -> Option<DateTime> {
    let at = time::OffsetDateTime::from_unix_timestamp(created.0.div_euclid(1000)).ok()?;
    let date = DateTime::new(u16::try_from(at.year()).ok()?)
        .month(at.month().into())
        .day(at.day())
        .hour(at.hour())
        .minute(at.minute())
        .second(at.second())
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Some(date)
}

/// The fonts, ready to write with.
pub(super) struct Ink<'a, 'f> {
    pub(super) fonts: &'a Fonts<'f>,
    missing: BTreeSet<char>,
}

impl<'a, 'f> Ink<'a, 'f> {
    fn new(fonts: &'a Fonts<'f>) -> Self {
        Self { fonts, missing: BTreeSet::new() }
    }

    /// Writes a line where the layout placed it.
    pub(super) fn text(&mut self, surface: &mut Surface<'_>, text: &PlacedText) {
        self.missing.extend(self.fonts.missing(&text.text));
        surface.set_stroke(None);
        surface.set_fill(Some(fill(text.role.grey())));
        let (mut x_mm, y) = (text.left_mm(), pt(text.baseline_mm));
        for run in self.fonts.shape(&text.text, text.role.weight()) {
            if let Some(font) = self.fonts.embedded(&run) {
                let start = Point::from_xy(pt(x_mm), y);
                surface.draw_glyphs(start, &run.glyphs, font.clone(), &run.text, text.size_pt as f32, false);
            }
            x_mm += mm_from_points(run.width * text.size_pt);
        }
    }
}

/// A grey, as sRGB sees it.
pub(super) fn fill(grey: u8) -> Fill {
    Fill { paint: luma::Color::new(grey).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}
