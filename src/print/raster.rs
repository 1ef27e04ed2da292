//! Pages to pixels: the same drawing as the PDF's, on a picture, in bands.
//!
//! **Memory.** A page is drawn in bands of at most [`BAND_BYTES`], and each band is handed on before the next is begun.
//! Of photos only those are held that touch the band: four bytes a pixel, and a photo never has more pixels than its
//! place at the page's resolution. So an A3+ page at 600 ppi needs 16 MB for the band and, where one photo fills it
//! and has that many pixels, 4 × 89 MB for the photo; a contact sheet needs one row of its photos.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use tiny_skia::{
    BlendMode, Color, FillRule, FilterQuality, LineCap, Mask, Paint, Path, PathBuilder, Pattern, Pixmap, PixmapMut,
    SpreadMode, Stroke as SkiaStroke, StrokeDash, Transform,
};

use super::canvas::{self, Affine, Canvas, Part, Pen, Round, Words};
use super::font::{Fonts, Run};
use super::pdf::{DocumentInfo, ImageKey, PhotoRequest, PrintProgress, request};
use crate::domain::layout::{Ink, Page, Placed, PlacedLine, Rect, Stroke};
use crate::domain::paper::{MM_PER_INCH, mm_from_points};

/// Bytes of a band, at most, with four bytes a pixel.
pub const BAND_BYTES: usize = 16 << 20;
/// Pixels of a page's side, at most: what JPEG can hold.
pub const MOST_SIDE_PX: u32 = 65_500;

/// Upright pixels for a [`PhotoRequest`].
pub struct Picture {
    /// Width.
    pub width_px: u32,
    /// Height.
    pub height_px: u32,
    /// Red, green, blue; rows from the top without padding.
    pub rgb: Vec<u8>,
}

/// Where the rows of a page go.
pub trait Rows {
    /// Takes the next rows, from the top: `3 × width` bytes each.
    ///
    /// # Errors
    /// Where they cannot be written.
    fn rows(&mut self, rgb: &[u8]) -> std::io::Result<()>;
}

/// What is drawn, and how.
#[derive(Clone, Copy)]
pub struct RasterJob<'a> {
    /// Words of failed photos.
    pub info: &'a DocumentInfo,
    /// The fonts of all texts.
    pub fonts: &'a Fonts<'a>,
    /// How colours of the layout become those of the picture.
    pub ink: &'a dyn Fn(Ink) -> Ink,
    /// Pixels per inch of paper.
    pub ppi: f64,
}

/// What became of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RasterReport {
    /// Photos that are on it.
    pub photos: BTreeSet<usize>,
    /// Photos that have a marked frame instead, with the reason.
    pub failed: BTreeMap<usize, String>,
}

/// Why a page is no picture.
#[derive(Debug, thiserror::Error)]
pub enum RasterError {
    /// The progress callback said so.
    #[error("printing was cancelled")]
    Cancelled,
    /// No picture can have this size.
    #[error("this page has no possible size in pixels: choose another paper or fewer pixels per inch")]
    Size,
    /// The rows could not be written.
    #[error("the picture could not be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Width and height of a page in pixels; `None` where it cannot be drawn.
#[must_use]
pub fn page_px(size_mm: (f64, f64), ppi: f64) -> Option<(u32, u32)> {
    let px = |mm: f64| {
        let px = (mm / MM_PER_INCH * ppi).round();
        (px >= 1.0 && px <= f64::from(MOST_SIDE_PX)).then_some(px as u32)
    };
    Some((px(size_mm.0)?, px(size_mm.1)?))
}

/// Draws a page into `rows`. `pixels` is asked once for each different picture of a page, before the first band that
/// shows it.
///
/// # Errors
/// [`RasterError`]; a photo that fails is no error but in the report.
pub fn draw_page(
    job: &RasterJob<'_>,
    page: &Page,
    pixels: &mut dyn FnMut(PhotoRequest) -> Result<Picture, String>,
    progress: &mut dyn FnMut(PrintProgress) -> ControlFlow<()>,
    rows: &mut dyn Rows,
) -> Result<RasterReport, RasterError> {
    let (width, height) = page_px(page.size_mm, job.ppi).ok_or(RasterError::Size)?;
    let band = u32::try_from(BAND_BYTES / (width as usize * 4)).unwrap_or(u32::MAX).clamp(1, height);
    let words = Words {
        names: &job.info.photo_names,
        alternatives: &job.info.alternatives,
        not_printed: &job.info.not_printed,
    };
    let mut photos = Photos { job, pixels, held: HashMap::new(), report: RasterReport::default() };
    let mut rgb = Vec::with_capacity(width as usize * band as usize * 3);
    let mut pixmap = Pixmap::new(width, band).ok_or(RasterError::Size)?;
    let total = page.photos.len();
    let (mut top, mut done) = (0, HashSet::new());
    while top < height {
        let lines = band.min(height - top);
        let mm = |px: u32| f64::from(px) / job.ppi * MM_PER_INCH;
        let slice = Rect::new(0.0, mm(top), page.size_mm.0, mm(lines));
        // All of it, also where the paper ends within its last row and column of pixels.
        let Ink { red, green, blue } =
            if page.background == Ink::WHITE { Ink::WHITE } else { (job.ink)(page.background) };
        pixmap.fill(Color::from_rgba8(red, green, blue, 255));
        photos.keep(page, &slice);
        let here = on_band(page, &slice);
        let mut canvas = Band::new(pixmap.as_mut(), job, top);
        canvas::page(&mut canvas, &here, (job.fonts, &words), &mut |placed| {
            if progress(PrintProgress { done: done.len(), total }).is_break() {
                return Err(RasterError::Cancelled);
            }
            done.insert(ImageKey::new(&request(placed, job.ppi)));
            Ok(photos.image(placed))
        })?;
        rgb.clear();
        let seen = pixmap.data().get(..width as usize * lines as usize * 4).unwrap_or_default();
        rgb.extend(seen.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]));
        rows.rows(&rgb)?;
        top += lines;
    }
    Ok(photos.report)
}

/// What of a page may be seen on a band; everything keeps its place.
fn on_band(page: &Page, slice: &Rect) -> Page {
    let touches = |rect: &Rect| rect.bottom() >= slice.y - 1.0 && rect.y <= slice.bottom() + 1.0;
    let mut here = Page { photos: Vec::new(), ..page.clone() };
    here.photos.extend(page.photos.iter().copied().filter(|placed| touches(&bounds(placed))));
    here
}

/// All that a photo covers, its border and the mark of one that fails with it.
fn bounds(placed: &Placed) -> Rect {
    let mut all = placed.visible_mm;
    for other in placed.border.map(|border| border.outer_mm).into_iter().chain([placed.frame_mm]) {
        let (x, y) = (all.x.min(other.x), all.y.min(other.y));
        all = Rect::new(x, y, all.right().max(other.right()) - x, all.bottom().max(other.bottom()) - y);
    }
    all
}

struct Photos<'a> {
    job: &'a RasterJob<'a>,
    pixels: &'a mut dyn FnMut(PhotoRequest) -> Result<Picture, String>,
    held: HashMap<ImageKey, Result<Arc<Pixmap>, String>>,
    report: RasterReport,
}

impl Photos<'_> {
    /// Lets go of pictures that no photo from this band on shows. Those that failed are known for good.
    fn keep(&mut self, page: &Page, slice: &Rect) {
        let below = page.photos.iter().filter(|placed| bounds(placed).bottom() >= slice.y - 1.0);
        let needed: HashSet<ImageKey> = below.map(|placed| ImageKey::new(&request(placed, self.job.ppi))).collect();
        self.held.retain(|key, image| image.is_err() || needed.contains(key));
    }

    fn image(&mut self, placed: &Placed) -> Result<Arc<Pixmap>, String> {
        let request = request(placed, self.job.ppi);
        let key = ImageKey::new(&request);
        let image = match self.held.get(&key) {
            Some(known) => known.clone(),
            None => {
                let image = (self.pixels)(request).and_then(pixmap);
                self.held.insert(key, image.clone());
                image
            }
        };
        match &image {
            Ok(_) => {
                self.report.photos.insert(placed.photo);
            }
            Err(reason) => {
                self.report.failed.entry(placed.photo).or_insert_with(|| reason.clone());
            }
        }
        image
    }
}

fn pixmap(picture: Picture) -> Result<Arc<Pixmap>, String> {
    let Picture { width_px, height_px, rgb } = picture;
    let incomplete = || "its picture is incomplete".to_owned();
    let size = tiny_skia::IntSize::from_wh(width_px, height_px).ok_or_else(incomplete)?;
    if rgb.len() as u64 != u64::from(width_px) * u64::from(height_px) * 3 {
        return Err(incomplete());
    }
    let mut rgba = Vec::with_capacity(rgb.len() / 3 * 4);
    rgba.extend(rgb.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]));
    Pixmap::from_vec(rgba, size).map(Arc::new).ok_or_else(incomplete)
}

/// A band of a page.
struct Band<'a, 'p> {
    pixmap: PixmapMut<'p>,
    job: &'a RasterJob<'a>,
    /// From mm on the page to pixels of the band.
    base: Affine,
    stack: Vec<State>,
}

#[derive(Clone)]
struct State {
    /// From mm as drawn to pixels of the band.
    affine: Affine,
    clip: Option<Arc<Mask>>,
}

impl<'a, 'p> Band<'a, 'p> {
    fn new(pixmap: PixmapMut<'p>, job: &'a RasterJob<'a>, top: u32) -> Self {
        let scale = job.ppi / MM_PER_INCH;
        let base = Affine { xx: scale, yx: 0.0, xy: 0.0, yy: scale, dx: 0.0, dy: -f64::from(top) };
        Self { pixmap, job, base, stack: Vec::new() }
    }

    fn state(&self) -> State {
        self.stack.last().cloned().unwrap_or(State { affine: self.base, clip: None })
    }

    fn solid(&self, (ink, opacity): (Ink, f64)) -> Paint<'static> {
        let Ink { red, green, blue } = (self.job.ink)(ink);
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color_rgba8(red, green, blue, (opacity * 255.0).round() as u8);
        paint
    }

    fn fill_path(&mut self, path: &Path, paint: &Paint<'_>, state: &State) {
        self.pixmap.fill_path(path, paint, FillRule::Winding, skia(&state.affine), state.clip.as_deref());
    }

    fn draw_along(&mut self, path: Option<Path>, stroke: Stroke, dash_mm: Option<f64>) {
        let Some(path) = path else { return };
        let (state, paint) = (self.state(), self.solid((stroke.ink, 1.0)));
        let dash = dash_mm.filter(|mm| *mm > 0.0).and_then(|mm| StrokeDash::new(vec![mm as f32; 2], 0.0));
        let stroke =
            SkiaStroke { width: stroke.width_mm as f32, line_cap: LineCap::Butt, dash, ..SkiaStroke::default() };
        self.pixmap.stroke_path(&path, &paint, &stroke, skia(&state.affine), state.clip.as_deref());
    }
}

fn skia(affine: &Affine) -> Transform {
    let Affine { xx, yx, xy, yy, dx, dy } = *affine;
    Transform::from_row(xx as f32, yx as f32, xy as f32, yy as f32, dx as f32, dy as f32)
}

/// A path in mm.
struct Millimetres(PathBuilder);

impl Pen for Millimetres {
    fn start(&mut self, x: f64, y: f64) {
        self.0.move_to(x as f32, y as f32);
    }
    fn line(&mut self, x: f64, y: f64) {
        self.0.line_to(x as f32, y as f32);
    }
    fn curve(&mut self, one: (f64, f64), two: (f64, f64), end: (f64, f64)) {
        self.0.cubic_to(one.0 as f32, one.1 as f32, two.0 as f32, two.1 as f32, end.0 as f32, end.1 as f32);
    }
    fn close(&mut self) {
        self.0.close();
    }
}

fn path(shape: Round) -> Option<Path> {
    let mut pen = Millimetres(PathBuilder::new());
    shape.trace(&mut pen);
    pen.0.finish()
}

impl Canvas for Band<'_, '_> {
    type Image = Arc<Pixmap>;

    fn size_px(image: &Self::Image) -> (u32, u32) {
        (image.width(), image.height())
    }

    fn push(&mut self, affine: Affine) {
        let state = self.state();
        self.stack.push(State { affine: state.affine.after(&affine), clip: state.clip });
    }

    fn push_clip(&mut self, shape: Round) {
        let mut state = self.state();
        let transform = skia(&state.affine);
        let mask = match &state.clip {
            Some(outer) => Some(outer.as_ref().clone()),
            None => Mask::new(self.pixmap.width(), self.pixmap.height()),
        };
        if let (Some(mut mask), Some(path)) = (mask, path(shape)) {
            if state.clip.is_some() {
                mask.intersect_path(&path, FillRule::Winding, true, transform);
            } else {
                mask.fill_path(&path, FillRule::Winding, true, transform);
            }
            state.clip = Some(Arc::new(mask));
        }
        self.stack.push(state);
    }

    fn pop(&mut self) {
        self.stack.pop();
    }

    fn fill(&mut self, shape: Round, ink: Ink) {
        let (state, paint) = (self.state(), self.solid((ink, 1.0)));
        if let Some(path) = path(shape) {
            self.fill_path(&path, &paint, &state);
        }
    }

    fn outline(&mut self, shape: Round, stroke: Stroke) {
        self.draw_along(path(shape), stroke, None);
    }

    fn line(&mut self, line: &PlacedLine) {
        let mut path = PathBuilder::new();
        path.move_to(line.from_mm.0 as f32, line.from_mm.1 as f32);
        path.line_to(line.to_mm.0 as f32, line.to_mm.1 as f32);
        self.draw_along(path.finish(), line.stroke, line.dash_mm);
    }

    fn image(&mut self, image: &Arc<Pixmap>, width_mm: f64, height_mm: f64) {
        let state = self.state();
        let Some(path) = path(Round::new(Rect::new(0.0, 0.0, width_mm, height_mm), 0.0)) else { return };
        let (across, down) = (width_mm / f64::from(image.width()), height_mm / f64::from(image.height()));
        let pattern = Pattern::new(
            Pixmap::as_ref(image),
            SpreadMode::Pad,
            FilterQuality::Bilinear,
            1.0,
            Transform::from_scale(across as f32, down as f32),
        );
        let paint = Paint { shader: pattern, blend_mode: BlendMode::SourceOver, ..Paint::default() };
        self.fill_path(&path, &paint, &state);
    }

    fn glyphs(&mut self, run: &Run<'_>, (x_mm, y_mm): (f64, f64), size_pt: f64, paint: (Ink, f64)) {
        let state = self.state();
        let size_mm = mm_from_points(size_pt);
        let top = state.affine.yx * x_mm + state.affine.yy * y_mm + state.affine.dy;
        let reach = (run.width + 4.0) * size_mm * self.job.ppi / MM_PER_INCH;
        if top < -reach || top > f64::from(self.pixmap.height()) + reach {
            return;
        }
        let (fill, em) = (self.solid(paint), f64::from(run.face().units_per_em()));
        let mut pen_mm = x_mm;
        for glyph in &run.glyphs {
            let id = u16::try_from(krilla::text::Glyph::glyph_id(glyph).to_u32()).unwrap_or(0);
            let id = rustybuzz::ttf_parser::GlyphId(id);
            let offset = |of: f32| f64::from(of) * size_mm;
            let origin = (pen_mm + offset(glyph.x_offset), y_mm - offset(glyph.y_offset));
            let mut outline = Outline { path: PathBuilder::new(), scale: size_mm / em, origin };
            if run.face().outline_glyph(id, &mut outline).is_some() {
                if let Some(path) = outline.path.finish() {
                    self.fill_path(&path, &fill, &state);
                }
            } else if let Some((image, place)) = bitmap(run, id, size_mm) {
                self.push(Affine::moved(origin.0 + place.x, origin.1 + place.y));
                self.image(&image, place.width, place.height);
                self.pop();
            }
            pen_mm += offset(glyph.x_advance);
        }
    }

    fn begin(&mut self, _: Part<'_>) {}

    fn end(&mut self) {}
}

/// The picture of a glyph that has one (emoji), and where it lies about the origin, in mm.
fn bitmap(run: &Run<'_>, id: rustybuzz::ttf_parser::GlyphId, size_mm: f64) -> Option<(Arc<Pixmap>, Rect)> {
    const MOST_BYTES: usize = 1 << 20;
    let raster = run.face().glyph_raster_image(id, u16::MAX)?;
    if raster.format != rustybuzz::ttf_parser::RasterImageFormat::PNG || raster.data.len() > MOST_BYTES {
        return None;
    }
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(raster.data), png::Limits { bytes: 4 << 20 });
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size().filter(|size| *size <= 4 << 20)?];
    let info = reader.next_frame(&mut pixels).ok()?;
    if info.color_type != png::ColorType::Rgba {
        return None;
    }
    pixels.truncate(info.buffer_size());
    for pixel in pixels.chunks_exact_mut(4) {
        let alpha = u16::from(pixel[3]);
        pixel[..3].iter_mut().for_each(|sample| *sample = ((u16::from(*sample) * alpha + 127) / 255) as u8);
    }
    let pixmap = Pixmap::from_vec(pixels, tiny_skia::IntSize::from_wh(info.width, info.height)?)?;
    let mm = size_mm / f64::from(raster.pixels_per_em.max(1));
    let (width, height) = (f64::from(info.width) * mm, f64::from(info.height) * mm);
    let place = Rect::new(f64::from(raster.x) * mm, -f64::from(raster.y) * mm - height, width, height);
    Some((Arc::new(pixmap), place))
}

/// A glyph's outline, from font units to mm.
struct Outline {
    path: PathBuilder,
    scale: f64,
    origin: (f64, f64),
}

impl Outline {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = (f64::from(x) * self.scale, f64::from(y) * self.scale);
        ((self.origin.0 + x) as f32, (self.origin.1 - y) as f32)
    }
}

impl rustybuzz::ttf_parser::OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (one, end) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(one.0, one.1, end.0, end.1);
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (one, two, end) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(one.0, one.1, two.0, two.1, end.0, end.1);
    }
    fn close(&mut self) {
        self.path.close();
    }
}
