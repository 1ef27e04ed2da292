//! Pages to PDF, through krilla.
//!
//! **Boxes**: MediaBox and TrimBox are the page's millimetres in points, not rounded. **Colour**: what numbers mean is
//! said by the job's [`Space`]: sRGB or a profile, embedded, or nothing at all for a printer whose own numbers they are;
//! an original keeps its own profile. **Pixels**: a JPEG is
//! passed through byte by byte, and the same part of the same photo at the same size is embedded once, however often it
//! is printed. **Equal input makes equal bytes**: the creation date is the caller's.
//!
//! **Memory.** Pixels are asked for one photo at a time. A JPEG goes to the spool and is held no longer than that; the
//! spool grows to the size of the file, and of each picture only the header stays in memory. [`PrintImage::Rgb8`] is
//! held whole, and compressed without loss, until the file is complete: it is for few or small pictures.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use krilla::geom::{Rect as PdfRect, Size};
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::tagging::{Tag, TagGroup, TagTree};
use krilla::{Data, Document, SerializeSettings};

use super::canvas::{self, Words};
use super::font::Fonts;
use super::pdf_canvas::{PdfCanvas, PdfImage, Telling, Told};
use super::splice::{Spool, Stand};
use crate::domain::Orientation;
use crate::domain::layout::{Ink, Page, Placed, Rect};
use crate::domain::paper::{MM_PER_INCH, points};
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
    /// What the photos show, by index, for those who cannot see them; a missing or empty one is the name.
    pub alternatives: Vec<String>,
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
            alternatives: Vec::new(),
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
    /// Width and height for the part, upright, at the job's resolution: the most that is useful. A photo with fewer
    /// pixels is answered with what it has, never enlarged.
    pub target_px: (u32, u32),
}

/// Pixels for a [`PhotoRequest`]: cropped and upright (EXIF orientation applied); the page turns them if it must.
#[derive(Clone)]
pub enum PrintImage {
    /// A JPEG file, grey or colour; in the job's space unless it embeds its profile.
    Jpeg(Vec<u8>),
    /// An original as it is, not upright: grey or colour, with its own profile where it has one.
    Original {
        /// The file.
        jpeg: Vec<u8>,
        /// How it is turned to stand upright.
        orientation: Orientation,
    },
    /// The job's space, 8 bits, rows from the top without padding: `3 * width_px * height_px` bytes.
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

/// What the numbers of colours mean in a document.
#[derive(Clone, Default)]
pub enum Space {
    /// sRGB.
    #[default]
    Srgb,
    /// Photos in this ICC profile, which is embedded once; everything else is sRGB.
    Profile(Arc<Vec<u8>>),
    /// Nothing: all numbers are the printer's own and nobody may change them (`/DeviceRGB`).
    Device,
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
    /// What the photos' numbers mean.
    pub space: &'a Space,
    /// How colours of the layout become numbers of [`Space::Device`]; elsewhere they stay sRGB.
    pub ink: &'a dyn Fn(Ink) -> Ink,
    /// Resolution of the photos asked for, in pixels per inch of paper.
    pub ppi: f64,
}

impl<'a> PdfJob<'a> {
    /// A job in sRGB at [`MAX_PPI`].
    #[must_use]
    pub fn plain(pages: &'a [Page], info: &'a DocumentInfo, fonts: &'a Fonts<'a>) -> Self {
        Self { pages, info, fonts, space: &Space::Srgb, ink: &|ink| ink, ppi: MAX_PPI }
    }
}

/// What [`write_pdf`] will ask for, in its order: so that the answers can be prepared.
#[must_use]
pub fn requests(pages: &[Page], ppi: f64) -> Vec<PhotoRequest> {
    let mut known = HashSet::new();
    let all = pages.iter().flat_map(|page| &page.photos).map(|placed| request(placed, ppi));
    all.filter(|request| known.insert(ImageKey::new(request))).collect()
}

/// Writes a job as one PDF to `out`.
///
/// `pixels` is asked once for each different part and size, in page order; an `Err` marks the photo's frame with the
/// reason. `progress` is called before each photo, and while the file is written, and may stop the job with
/// [`ControlFlow::Break`]. `spool` is empty, is used from its start, and may be thrown away afterwards.
///
/// The document is tagged: a photo is a figure with its words, a caption a paragraph behind it, header, footer,
/// watermarks and marks are artifacts.
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
    let PdfJob { pages, info, fonts, .. } = *job;
    if pages.is_empty() {
        return Err(PrintError::NoPages);
    }
    let no_device_cs = !matches!(job.space, Space::Device);
    let mut document = Document::new_with(SerializeSettings { no_device_cs, ..SerializeSettings::default() });
    document.set_metadata(metadata(info));
    let total = pages.iter().map(|page| page.photos.len()).sum();
    let words = Words { names: &info.photo_names, alternatives: &info.alternatives, not_printed: &info.not_printed };
    let mut photos = Photos { job, stand: Stand::new(spool), pixels, images: HashMap::new(), failed: BTreeMap::new() };
    let mut tree = TagTree::new().with_lang(info.language.clone());
    let (mut missing, mut done) = (BTreeSet::new(), 0);
    for (number, page) in pages.iter().enumerate() {
        let settings = page_settings(page).ok_or(PrintError::PageSize(number + 1))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        let mut canvas = PdfCanvas { surface: &mut surface, ink: job.ink, told: Vec::new() };
        canvas::page(&mut canvas, page, (fonts, &words), &mut |placed| {
            if progress(PrintProgress { done, total }).is_break() {
                return Err(PrintError::Cancelled);
            }
            done += 1;
            Ok(photos.image(placed)?)
        })?;
        tell(&mut tree, canvas.told);
        missing.extend(page.texts.iter().flat_map(|text| fonts.missing(&text.text)));
        surface.finish();
        sheet.finish();
    }
    document.set_tag_tree(tree);
    let Photos { mut stand, images, failed, .. } = photos;
    let printed: BTreeSet<usize> = images.iter().filter(|(_, image)| image.is_ok()).map(|(key, _)| key.photo).collect();
    drop(images);
    let document = document.finish().map_err(|error| PrintError::Document(error.to_string()))?;
    let bytes = stand.write(&document, &mut || progress(PrintProgress { done: total, total }), out)?;
    Ok(PdfReport {
        pages: pages.len(),
        photos: printed.len(),
        bytes,
        failed: failed.into_iter().collect(),
        missing_characters: missing,
    })
}

/// Puts a page's parts into the tree: each photo with its own captions behind it.
fn tell(tree: &mut TagTree, told: Vec<Told>) {
    let mut captions: BTreeMap<Option<usize>, Vec<TagGroup>> = BTreeMap::new();
    let mut figures = Vec::new();
    for Told { identifier, what } in told {
        match what {
            Telling::Photo { photo, words } => {
                let mut group = TagGroup::new(Tag::Figure(Some(words)));
                group.push(identifier);
                figures.push((photo, group));
            }
            Telling::Caption { photo } => {
                let mut group = TagGroup::new(Tag::P);
                group.push(identifier);
                captions.entry(photo).or_default().push(group);
            }
        }
    }
    for (photo, figure) in figures {
        tree.push(figure);
        captions.remove(&Some(photo)).into_iter().flatten().for_each(|caption| tree.push(caption));
    }
    captions.into_values().flatten().for_each(|caption| tree.push(caption));
}

/// A request in a form that can be a key: the same photo, part and size is the same picture.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ImageKey {
    photo: usize,
    crop: [u64; 4],
    target_px: (u32, u32),
}

impl ImageKey {
    pub(super) fn new(request: &PhotoRequest) -> Self {
        let Rect { x, y, width, height } = request.crop;
        Self { photo: request.photo, crop: [x, y, width, height].map(f64::to_bits), target_px: request.target_px }
    }
}

struct Photos<'a> {
    job: &'a PdfJob<'a>,
    stand: Stand<'a>,
    pixels: &'a mut dyn FnMut(PhotoRequest) -> Result<PrintImage, String>,
    images: HashMap<ImageKey, Result<PdfImage, String>>,
    failed: BTreeMap<usize, String>,
}

impl Photos<'_> {
    /// The image of a photo, or why there is none; only a spool that fails is an error.
    fn image(&mut self, placed: &Placed) -> io::Result<Result<PdfImage, String>> {
        let request = request(placed, self.job.ppi);
        let image = match self.images.entry(ImageKey::new(&request)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let has_size = Size::from_wh(pt(placed.image_mm.width), pt(placed.image_mm.height)).is_some();
                let image = match (self.pixels)(request) {
                    Ok(_) if !has_size => Err("its place has no size".to_owned()),
                    Ok(image) => image_of(image, self.job.space, &mut self.stand)?,
                    Err(reason) => Err(reason),
                };
                new.insert(image)
            }
        };
        if let Err(reason) = image {
            self.failed.entry(placed.photo).or_insert_with(|| reason.clone());
        }
        Ok(image.clone())
    }
}

/// The pixels wanted for a photo as placed.
pub(super) fn request(placed: &Placed, ppi: f64) -> PhotoRequest {
    let (mut width, mut height) = (placed.image_mm.width, placed.image_mm.height);
    if placed.is_turned() {
        (width, height) = (height, width);
    }
    // The conversion saturates, so that a page of any size asks for something.
    let px = |mm: f64| ((mm / MM_PER_INCH * ppi).round() as u32).max(1);
    PhotoRequest { photo: placed.photo, crop: placed.crop, target_px: (px(width), px(height)) }
}

/// The picture for krilla, or why there is none; the outer error is the spool's.
fn image_of(image: PrintImage, space: &Space, stand: &mut Stand<'_>) -> io::Result<Result<PdfImage, String>> {
    let upright = |image: Result<Image, String>| {
        image.map(|image| PdfImage { image, orientation: Orientation::Upright }).map_err(broken)
    };
    match image {
        PrintImage::Jpeg(bytes) => {
            let stand_in = match stand_in(bytes, stand)? {
                Ok(stand_in) => stand_in,
                Err(reason) => return Ok(Err(reason)),
            };
            Ok(upright(match space {
                // The profile is kept beside the pictures, so that it is in the document once.
                Space::Profile(icc) => Image::from_jpeg_with_icc(stand_in, Some(Data::from(Arc::clone(icc))), false),
                Space::Srgb | Space::Device => Image::from_jpeg(stand_in, false),
            }))
        }
        PrintImage::Original { jpeg, orientation } => {
            let stand_in = stand_in(jpeg, stand)?;
            let image = stand_in.and_then(|stand_in| Image::from_jpeg(stand_in, false).map_err(broken));
            Ok(image.map(|image| PdfImage { image, orientation }))
        }
        PrintImage::Rgb8 { width_px, height_px, pixels } => {
            let expected = u64::from(width_px).saturating_mul(u64::from(height_px)).saturating_mul(3);
            // krilla counts the bytes in 32 bits.
            if expected == 0 || expected > u64::from(u32::MAX) || expected != pixels.len() as u64 {
                return Ok(Err("its picture is incomplete".to_owned()));
            }
            let profile = match space {
                Space::Profile(icc) => Some(Arc::clone(icc)),
                Space::Srgb | Space::Device => None,
            };
            let raw = RawImage { size: (width_px, height_px), pixels: Arc::new(pixels), profile };
            Ok(upright(Image::from_custom(raw, false)))
        }
    }
}

fn broken(error: String) -> String {
    format!("its picture is broken: {error}")
}

/// A JPEG in the spool, and what krilla shall take for it; or why it is none.
fn stand_in(bytes: Vec<u8>, stand: &mut Stand<'_>) -> io::Result<Result<Data, String>> {
    // Looked at whole first, so that nothing but a JPEG with a size reaches the spool.
    let bytes = Arc::new(bytes);
    let checked = Image::from_jpeg(Data::from(Arc::clone(&bytes)), false).map_err(broken);
    match checked.map(|image| image.size()) {
        Err(reason) => return Ok(Err(reason)),
        Ok((0, _) | (_, 0)) => return Ok(Err("its picture is empty".to_owned())),
        Ok(_) => {}
    }
    Ok(stand.add(&bytes)?.map(Data::from).ok_or_else(|| "its picture is incomplete".to_owned()))
}

#[derive(Clone, Hash)]
struct RawImage {
    size: (u32, u32),
    pixels: Arc<Vec<u8>>,
    profile: Option<Arc<Vec<u8>>>,
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
        self.profile.as_ref().map(|icc| icc.as_slice())
    }
    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
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
