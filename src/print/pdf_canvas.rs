//! A page of a PDF as a [`Canvas`].

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Size, Transform};
use krilla::image::Image;
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, Stroke as PdfStroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};

use super::canvas::{Affine, Canvas, Part, Pen, Round};
use super::font::Run;
use super::pdf::pt;
use crate::domain::Orientation;
use crate::domain::layout::{Ink, PlacedLine, Stroke};

/// A part of a page that is read aloud, in the order of drawing.
pub(super) struct Told {
    pub identifier: Identifier,
    pub what: Telling,
}

/// What is told of it.
pub(super) enum Telling {
    /// A photo, with the words for it.
    Photo { photo: usize, words: String },
    /// A caption's line.
    Caption { photo: Option<usize> },
}

/// A picture as it is stored, and how it is turned to stand upright.
#[derive(Clone)]
pub(super) struct PdfImage {
    pub image: Image,
    pub orientation: Orientation,
}

impl PdfImage {
    /// From the stored picture, drawn at its own size, to the upright one of this size.
    fn upright(&self, width: f64, height: f64) -> Affine {
        let map = |xx, yx, xy, yy, dx, dy| Affine { xx, yx, xy, yy, dx, dy };
        match self.orientation {
            Orientation::Upright => Affine::IDENTITY,
            Orientation::FlipHorizontal => map(-1.0, 0.0, 0.0, 1.0, width, 0.0),
            Orientation::Rotate180 => map(-1.0, 0.0, 0.0, -1.0, width, height),
            Orientation::FlipVertical => map(1.0, 0.0, 0.0, -1.0, 0.0, height),
            Orientation::Transpose => map(0.0, 1.0, 1.0, 0.0, 0.0, 0.0),
            Orientation::Rotate90 => map(0.0, 1.0, -1.0, 0.0, width, 0.0),
            Orientation::Transverse => map(0.0, -1.0, -1.0, 0.0, width, height),
            Orientation::Rotate270 => map(0.0, -1.0, 1.0, 0.0, 0.0, height),
        }
    }
}

/// One page's surface.
pub(super) struct PdfCanvas<'a, 's> {
    pub surface: &'a mut Surface<'s>,
    /// How a colour of the layout is written.
    pub ink: &'a dyn Fn(Ink) -> Ink,
    /// What is read aloud, so far.
    pub told: Vec<Told>,
}

impl PdfCanvas<'_, '_> {
    fn paint(&mut self, (ink, opacity): (Ink, f64)) {
        let fill = Fill {
            paint: colour((self.ink)(ink)).into(),
            opacity: NormalizedF32::new(opacity as f32).unwrap_or(NormalizedF32::ONE),
            rule: FillRule::NonZero,
        };
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill));
    }

    fn draw_along(&mut self, path: Option<Path>, stroke: Stroke, dash_mm: Option<f64>) {
        let Some(path) = path else { return };
        let dash = dash_mm.filter(|mm| *mm > 0.0).map(|mm| StrokeDash { array: vec![pt(mm), pt(mm)], offset: 0.0 });
        let stroke = PdfStroke {
            paint: colour((self.ink)(stroke.ink)).into(),
            width: pt(stroke.width_mm),
            dash,
            ..PdfStroke::default()
        };
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(stroke));
        self.surface.draw_path(&path);
        self.surface.set_stroke(None);
    }
}

fn colour(ink: Ink) -> rgb::Color {
    rgb::Color::new(ink.red, ink.green, ink.blue)
}

/// A path in points.
struct Points(PathBuilder);

impl Pen for Points {
    fn start(&mut self, x: f64, y: f64) {
        self.0.move_to(pt(x), pt(y));
    }
    fn line(&mut self, x: f64, y: f64) {
        self.0.line_to(pt(x), pt(y));
    }
    fn curve(&mut self, one: (f64, f64), two: (f64, f64), end: (f64, f64)) {
        self.0.cubic_to(pt(one.0), pt(one.1), pt(two.0), pt(two.1), pt(end.0), pt(end.1));
    }
    fn close(&mut self) {
        self.0.close();
    }
}

fn path(shape: Round) -> Option<Path> {
    let mut points = Points(PathBuilder::new());
    shape.trace(&mut points);
    points.0.finish()
}

impl Canvas for PdfCanvas<'_, '_> {
    type Image = PdfImage;

    fn size_px(image: &PdfImage) -> (u32, u32) {
        image.orientation.upright(image.image.size())
    }

    fn push(&mut self, affine: Affine) {
        let Affine { xx, yx, xy, yy, dx, dy } = affine;
        let transform = Transform::from_row(xx as f32, yx as f32, xy as f32, yy as f32, pt(dx), pt(dy));
        self.surface.push_transform(&transform);
    }

    fn push_clip(&mut self, shape: Round) {
        match path(shape) {
            Some(path) => self.surface.push_clip_path(&path, &FillRule::NonZero),
            // Without an area nothing is seen; the push must be there all the same.
            None => self.surface.push_transform(&Transform::from_scale(0.0, 0.0)),
        }
    }

    fn pop(&mut self) {
        self.surface.pop();
    }

    fn fill(&mut self, shape: Round, ink: Ink) {
        let Some(path) = path(shape) else { return };
        self.paint((ink, 1.0));
        self.surface.draw_path(&path);
    }

    fn outline(&mut self, shape: Round, stroke: Stroke) {
        self.draw_along(path(shape), stroke, None);
    }

    fn line(&mut self, line: &PlacedLine) {
        let mut path = PathBuilder::new();
        path.move_to(pt(line.from_mm.0), pt(line.from_mm.1));
        path.line_to(pt(line.to_mm.0), pt(line.to_mm.1));
        self.draw_along(path.finish(), line.stroke, line.dash_mm);
    }

    fn image(&mut self, image: &PdfImage, width_mm: f64, height_mm: f64) {
        let (across, down) =
            if image.orientation.swaps_sides() { (height_mm, width_mm) } else { (width_mm, height_mm) };
        let Some(size) = Size::from_wh(pt(across), pt(down)) else { return };
        self.push(image.upright(width_mm, height_mm));
        self.surface.draw_image(image.image.clone(), size);
        self.pop();
    }

    fn glyphs(&mut self, run: &Run<'_>, (x_mm, y_mm): (f64, f64), size_pt: f64, paint: (Ink, f64)) {
        self.paint(paint);
        let start = Point::from_xy(pt(x_mm), pt(y_mm));
        self.surface.draw_glyphs(start, &run.glyphs, run.embedded().clone(), &run.text, size_pt as f32, false);
    }

    fn begin(&mut self, part: Part<'_>) {
        let artifact = |kind| ContentTag::Artifact(Artifact::with_kind(kind));
        let (tag, what) = match part {
            Part::Photo { photo, words } => {
                (ContentTag::Other, Some(Telling::Photo { photo, words: words.to_owned() }))
            }
            Part::Caption { photo } => (ContentTag::Span(SpanTag::empty()), Some(Telling::Caption { photo })),
            Part::Header => (artifact(ArtifactType::Header), None),
            Part::Footer => (artifact(ArtifactType::Footer), None),
            Part::Watermark => (artifact(ArtifactType::Watermark), None),
            Part::Decoration => (artifact(ArtifactType::Layout), None),
        };
        let identifier = self.surface.start_tagged(tag);
        if let Some(what) = what {
            self.told.push(Told { identifier, what });
        }
    }

    fn end(&mut self) {
        self.surface.end_tagged();
    }
}
