//! What a page is drawn on, and the drawing itself: one function for the PDF and for pictures of pages.

use super::font::{Fonts, Run};
use super::marked;
use crate::domain::layout::{Ink, Page, Placed, PlacedLine, PlacedText, Rect, Stroke, TextRole};
use crate::domain::paper::mm_from_points;

/// How far a cubic curve's handles lie from its ends for a quarter of a circle, in parts of the radius.
pub(super) const QUARTER: f64 = 0.552_284_749_8;

/// A linear map of points in mm: `x' = xx·x + xy·y + dx`, `y' = yx·x + yy·y + dy`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Affine {
    pub xx: f64,
    pub yx: f64,
    pub xy: f64,
    pub yy: f64,
    pub dx: f64,
    pub dy: f64,
}

impl Affine {
    pub(super) const IDENTITY: Self = Self { xx: 1.0, yx: 0.0, xy: 0.0, yy: 1.0, dx: 0.0, dy: 0.0 };

    pub(super) fn moved(dx: f64, dy: f64) -> Self {
        Self { dx, dy, ..Self::IDENTITY }
    }

    /// Clockwise about a point, in degrees.
    pub(super) fn turned_about((x, y): (f64, f64), degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Self { xx: cos, yx: sin, xy: -sin, yy: cos, dx: x - x * cos + y * sin, dy: y - x * sin - y * cos }
    }

    /// First `inner`, then this.
    pub(super) fn after(&self, inner: &Self) -> Self {
        Self {
            xx: self.xx * inner.xx + self.xy * inner.yx,
            yx: self.yx * inner.xx + self.yy * inner.yx,
            xy: self.xx * inner.xy + self.xy * inner.yy,
            yy: self.yx * inner.xy + self.yy * inner.yy,
            dx: self.xx * inner.dx + self.xy * inner.dy + self.dx,
            dy: self.yx * inner.dx + self.yy * inner.dy + self.dy,
        }
    }
}

/// A rectangle in mm with round corners.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Round {
    pub rect: Rect,
    pub radius: f64,
}

impl Round {
    /// The radius is at most half of the shorter side.
    pub(super) fn new(rect: Rect, radius: f64) -> Self {
        Self { rect, radius: radius.min(rect.width.min(rect.height) / 2.0).max(0.0) }
    }

    /// Its outline: moves and lines as points, quarters of circles as curves.
    pub(super) fn trace(&self, pen: &mut dyn Pen) {
        let Self { rect, radius } = *self;
        let (left, top, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
        if radius <= 0.0 {
            pen.start(left, top);
            pen.line(right, top);
            pen.line(right, bottom);
            pen.line(left, bottom);
            return pen.close();
        }
        let (near, r) = (radius * (1.0 - QUARTER), radius);
        pen.start(left + r, top);
        pen.line(right - r, top);
        pen.curve((right - near, top), (right, top + near), (right, top + r));
        pen.line(right, bottom - r);
        pen.curve((right, bottom - near), (right - near, bottom), (right - r, bottom));
        pen.line(left + r, bottom);
        pen.curve((left + near, bottom), (left, bottom - near), (left, bottom - r));
        pen.line(left, top + r);
        pen.curve((left, top + near), (left + near, top), (left + r, top));
        pen.close();
    }
}

/// Takes an outline in mm.
pub(super) trait Pen {
    fn start(&mut self, x: f64, y: f64);
    fn line(&mut self, x: f64, y: f64);
    fn curve(&mut self, one: (f64, f64), two: (f64, f64), end: (f64, f64));
    fn close(&mut self);
}

/// What a thing on a page is, for those who cannot see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part<'a> {
    /// A photo, with its words.
    Photo {
        photo: usize,
        words: &'a str,
    },
    /// A line below a photo.
    Caption {
        photo: Option<usize>,
    },
    /// What repeats on each page, or is there for the knife and the eye only.
    Header,
    Footer,
    Watermark,
    Decoration,
}

/// Something that a page can be drawn on. Lengths are mm on the page; y grows downwards.
pub(super) trait Canvas {
    /// A photo's pixels, cheap to clone.
    type Image: Clone;

    /// Width and height of an image in pixels.
    fn size_px(image: &Self::Image) -> (u32, u32);
    /// What follows is moved, until [`Canvas::pop`].
    fn push(&mut self, affine: Affine);
    /// What follows is seen only inside, until [`Canvas::pop`].
    fn push_clip(&mut self, shape: Round);
    /// Undoes the last push.
    fn pop(&mut self);
    /// Fills a shape.
    fn fill(&mut self, shape: Round, ink: Ink);
    /// Draws along the outline of a shape, half on each side.
    fn outline(&mut self, shape: Round, stroke: Stroke);
    /// Draws a line.
    fn line(&mut self, line: &PlacedLine);
    /// Draws an image from the origin to this width and height.
    fn image(&mut self, image: &Self::Image, width_mm: f64, height_mm: f64);
    /// Draws glyphs with their origin there.
    fn glyphs(&mut self, run: &Run<'_>, at_mm: (f64, f64), size_pt: f64, paint: (Ink, f64));
    /// What follows is this, until [`Canvas::end`]; parts do not nest.
    fn begin(&mut self, part: Part<'_>);
    /// Ends a part.
    fn end(&mut self);
}

/// Words for a page that its layout does not have.
pub(super) struct Words<'a> {
    /// Names by photo.
    pub names: &'a [String],
    /// What a photo shows, by photo; its name where this is missing or empty.
    pub alternatives: &'a [String],
    /// What stands on the frame of a photo that fails.
    pub not_printed: &'a str,
}

impl Words<'_> {
    fn alternative(&self, photo: usize) -> &str {
        let spoken = self.alternatives.get(photo).map(String::as_str).filter(|words| !words.trim().is_empty());
        spoken.or_else(|| self.names.get(photo).map(String::as_str)).unwrap_or_default()
    }
}

/// Gives the image of a photo, or why there is none; the outer error ends the drawing.
type Find<'a, I, E> = &'a mut dyn FnMut(&Placed) -> Result<Result<I, String>, E>;

/// Draws a page. `found` gives the image of a photo, or why there is none; its outer error ends the drawing.
pub(super) fn page<C: Canvas, E>(
    canvas: &mut C,
    page: &Page,
    (fonts, words): (&Fonts<'_>, &Words<'_>),
    found: Find<'_, C::Image, E>,
) -> Result<(), E> {
    if page.background != Ink::WHITE {
        canvas.begin(Part::Decoration);
        canvas.fill(Round::new(Rect::new(0.0, 0.0, page.size_mm.0, page.size_mm.1), 0.0), page.background);
        canvas.end();
    }
    for placed in &page.photos {
        let image = found(placed)?;
        photo(canvas, placed, &image, (fonts, words));
    }
    if !page.lines.is_empty() {
        canvas.begin(Part::Decoration);
        page.lines.iter().for_each(|line| canvas.line(line));
        canvas.end();
    }
    for line in &page.texts {
        canvas.begin(match line.role {
            TextRole::Header => Part::Header,
            TextRole::Footer => Part::Footer,
            TextRole::Watermark | TextRole::Overlay => Part::Watermark,
            TextRole::Caption | TextRole::CaptionDetail => Part::Caption { photo: line.photo },
        });
        text(canvas, fonts, line);
        canvas.end();
    }
    Ok(())
}

fn photo<C: Canvas>(
    canvas: &mut C,
    placed: &Placed,
    image: &Result<C::Image, String>,
    (fonts, words): (&Fonts<'_>, &Words<'_>),
) {
    canvas.begin(Part::Photo { photo: placed.photo, words: words.alternative(placed.photo) });
    if let Some(border) = placed.border {
        canvas.fill(Round::new(border.outer_mm, 0.0), border.ink);
    }
    let seen = Round::new(placed.visible_mm, placed.corner_mm);
    match image {
        Ok(image) => {
            let straight = placed.angle_deg == 0.0 && placed.visible_mm.contains(&placed.image_mm, 1e-6);
            let is_clipped = !straight || seen.radius > 0.0;
            if is_clipped {
                canvas.push_clip(seen);
            }
            lay(canvas, placed, image);
            if is_clipped {
                canvas.pop();
            }
        }
        Err(reason) => {
            let name = words.names.get(placed.photo).map_or("", String::as_str);
            marked::draw(canvas, fonts, marked::place(placed), &[words.not_printed, name, reason]);
        }
    }
    if let Some(stroke) = placed.stroke.filter(|stroke| stroke.width_mm > 0.0) {
        // Inside the edge: drawn along its own middle.
        let half = (stroke.width_mm / 2.0).min(seen.rect.width / 2.0).min(seen.rect.height / 2.0);
        let Rect { x, y, width, height } = seen.rect;
        let inner = Rect::new(x + half, y + half, width - 2.0 * half, height - 2.0 * half);
        canvas.outline(Round::new(inner, (seen.radius - half).max(0.0)), Stroke { width_mm: 2.0 * half, ..stroke });
    }
    canvas.end();
}

/// Where an upright picture of this shape comes to lie, and how large it is there before it is turned.
///
/// Pixels of another shape than the place (the catalogue was wrong about the photo) keep their shape, in its middle.
pub(super) fn upright_in(placed: &Placed, (width_px, height_px): (u32, u32)) -> (Affine, f64, f64) {
    let place = placed.image_mm;
    let (across, down) = if placed.is_turned() { (place.height, place.width) } else { (place.width, place.height) };
    let ratio = f64::from(width_px.max(1)) / f64::from(height_px.max(1));
    let rounding = 0.01 + 1.0 / f64::from(width_px.min(height_px).max(1));
    let (mut width, mut height) = (across, down);
    if (ratio / (across / down) - 1.0).abs() > rounding {
        (width, height) = if ratio > across / down { (across, across / ratio) } else { (down * ratio, down) };
    }
    let (left, top) = ((across - width) / 2.0, (down - height) / 2.0);
    // The corner of the picture that is its own top left, and where its x and y run on the page.
    let turned = match placed.turns % 4 {
        0 => Affine::moved(place.x, place.y),
        1 => Affine { xx: 0.0, yx: 1.0, xy: -1.0, yy: 0.0, dx: place.right(), dy: place.y },
        2 => Affine { xx: -1.0, yx: 0.0, xy: 0.0, yy: -1.0, dx: place.right(), dy: place.bottom() },
        _ => Affine { xx: 0.0, yx: -1.0, xy: 1.0, yy: 0.0, dx: place.x, dy: place.bottom() },
    };
    let inside = turned.after(&Affine::moved(left, top));
    if placed.angle_deg == 0.0 {
        return (inside, width, height);
    }
    let seen = placed.visible_mm;
    let middle = (seen.x + seen.width / 2.0, seen.y + seen.height / 2.0);
    (Affine::turned_about(middle, placed.angle_deg).after(&inside), width, height)
}

fn lay<C: Canvas>(canvas: &mut C, placed: &Placed, image: &C::Image) {
    let (affine, width, height) = upright_in(placed, C::size_px(image));
    canvas.push(affine);
    canvas.image(image, width, height);
    canvas.pop();
}

/// Writes a line where the layout placed it.
pub(super) fn text<C: Canvas>(canvas: &mut C, fonts: &Fonts<'_>, line: &PlacedText) {
    let is_turned = line.angle_deg != 0.0;
    if is_turned {
        canvas.push(Affine::turned_about((line.x_mm, line.baseline_mm), line.angle_deg));
    }
    let mut x_mm = line.left_mm();
    let style = crate::domain::layout::TextStyle { font: line.font.clone(), weight: line.role.weight() };
    for run in fonts.shape(&line.text, &style) {
        canvas.glyphs(&run, (x_mm, line.baseline_mm), line.size_pt, (line.ink, line.opacity.clamp(0.0, 1.0)));
        x_mm += mm_from_points(run.width * line.size_pt);
    }
    if is_turned {
        canvas.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The drawing agrees with the layout's own words on where a point of the page lies in the photo.
        #[test]
        fn a_photo_is_laid_where_the_layout_looks_for_it(
            (x, y, width, height) in (0.0_f64..100.0, 0.0..100.0, 5.0..100.0, 5.0..100.0),
            (u, v) in (0.0_f64..1.0, 0.0_f64..1.0), turns in 0u8..4, angle_deg in -45.0..45.0,
        ) {
            let visible_mm = Rect::new(x, y, width, height);
            let image_mm = Rect::new(x - 2.0, y - 3.0, width + 5.0, height + 6.0);
            let placed = Placed {
                visible_mm, angle_deg,
                ..Placed::plain(0, visible_mm, image_mm, Rect::WHOLE, turns)
            };
            let (across, down) = if placed.is_turned() { (image_mm.height, image_mm.width) } else { (image_mm.width, image_mm.height) };
            let size = ((across * 100.0) as u32, (down * 100.0) as u32);
            let (affine, wide, high) = upright_in(&placed, size);
            let (px, py) = (u * wide, v * high);
            let at = (affine.xx * px + affine.xy * py + affine.dx, affine.yx * px + affine.yy * py + affine.dy);
            let (seen_u, seen_v) = placed.photo_at(at.0, at.1);
            prop_assert!((seen_u - u).abs() < 1e-6 && (seen_v - v).abs() < 1e-6, "{seen_u} {u} {seen_v} {v}");
        }
    }
}
