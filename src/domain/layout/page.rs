//! Pages as they are drawn: photos, lines and texts in millimetres.

use super::{BASELINE, Ink, Rect, Stroke, TextFont, TextStyle, Weight, line_mm, size_mm};

/// Which edge of a text is at its x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// x is the left edge.
    Left,
    /// x is the middle.
    Center,
    /// x is the right edge.
    Right,
}

/// What a text is for; it decides weight and ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextRole {
    /// The title at the head.
    Header,
    /// A caption's first line.
    Caption,
    /// A caption's further lines.
    CaptionDetail,
    /// Over a photo.
    Overlay,
    /// Across a photo or a page.
    Watermark,
    /// The page number.
    Footer,
}

impl TextRole {
    /// The weight of the font.
    #[must_use]
    pub fn weight(self) -> Weight {
        if matches!(self, Self::Header | Self::Watermark) { Weight::SemiBold } else { Weight::Regular }
    }

    /// The shipped typeface in this role's weight.
    #[must_use]
    pub fn style(self) -> TextStyle {
        TextStyle { font: TextFont::Sans, weight: self.weight() }
    }

    /// Grey value of the ink on white paper, sRGB, 0 is black.
    #[must_use]
    pub fn grey(self) -> u8 {
        match self {
            Self::Header | Self::Caption => 0x1c,
            Self::CaptionDetail | Self::Footer => 0x60,
            Self::Overlay | Self::Watermark => 0xff,
        }
    }
}

/// A line of text on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedText {
    /// What is written: one line, already shortened to its room.
    pub text: String,
    /// The photo that it belongs to, as an index into the shapes; `None` for header and footer.
    pub photo: Option<usize>,
    /// Where [`PlacedText::align`] says, in mm from the page's left edge.
    pub x_mm: f64,
    /// The baseline, in mm from the page's top edge.
    pub baseline_mm: f64,
    /// Advance width in mm, as [`Measure`] gave it.
    pub width_mm: f64,
    /// Size in points.
    pub size_pt: f64,
    /// What x means.
    pub align: Align,
    /// What it is for.
    pub role: TextRole,
    /// Typeface; with the role's weight.
    pub font: TextFont,
    /// Colour.
    pub ink: Ink,
    /// 1 covers what is below, 0 is not seen.
    pub opacity: f64,
    /// Turned clockwise about its anchor (x and baseline), in degrees.
    pub angle_deg: f64,
}

impl PlacedText {
    /// A line in the shipped typeface and its role's ink.
    #[must_use]
    pub fn plain(
        text: String,
        (x_mm, baseline_mm): (f64, f64),
        width_mm: f64,
        size_pt: f64,
        align: Align,
        role: TextRole,
    ) -> Self {
        Self {
            text,
            photo: None,
            x_mm,
            baseline_mm,
            width_mm,
            size_pt,
            align,
            role,
            font: TextFont::Sans,
            ink: Ink::grey(role.grey()),
            opacity: 1.0,
            angle_deg: 0.0,
        }
    }

    /// Left edge in mm.
    #[must_use]
    pub fn left_mm(&self) -> f64 {
        match self.align {
            Align::Left => self.x_mm,
            Align::Center => self.x_mm - self.width_mm / 2.0,
            Align::Right => self.x_mm - self.width_mm,
        }
    }

    /// The line's box: its advance width by [`LINE_HEIGHT`].
    #[must_use]
    pub fn bounds_mm(&self) -> Rect {
        let top = self.baseline_mm - size_mm(self.size_pt) * BASELINE;
        Rect::new(self.left_mm(), top, self.width_mm, line_mm(self.size_pt))
    }
}

/// A filled area around a photo: the white of a passe-partout, or a coloured rim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Border {
    /// Its outer edge, around [`Placed::visible_mm`].
    pub outer_mm: Rect,
    /// Its colour.
    pub ink: Ink,
}

/// A photo on a page.
///
/// It is drawn so: the part `crop` of the upright photo is turned clockwise by `turns` quarters and laid into `image_mm`;
/// all of that is turned by `angle_deg` about the middle of `visible_mm`, and only what is inside `visible_mm`, with its
/// round corners, is seen. Below it lies `border`, above it `stroke`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Index into the shapes.
    pub photo: usize,
    /// The room that it has; on a photo that is larger than its room, nothing outside it is seen.
    pub frame_mm: Rect,
    /// What is seen of it, inside the frame.
    pub visible_mm: Rect,
    /// Where its pixels lie before straightening; `visible_mm` itself where nothing is straightened.
    pub image_mm: Rect,
    /// The part of the upright, unturned photo that lies in `image_mm`, in 0 to 1 of its sides.
    pub crop: Rect,
    /// Quarter turns clockwise, 0 to 3.
    pub turns: u8,
    /// Straightening clockwise, in degrees.
    pub angle_deg: f64,
    /// Radius of the corners of `visible_mm`, in mm.
    pub corner_mm: f64,
    /// The area around it.
    pub border: Option<Border>,
    /// A line along the edge of `visible_mm`, inside it.
    pub stroke: Option<Stroke>,
}

impl Placed {
    /// A photo that fills its image upright and straight, with nothing around it.
    #[must_use]
    pub fn plain(photo: usize, frame_mm: Rect, image_mm: Rect, crop: Rect, turns: u8) -> Self {
        Self {
            photo,
            frame_mm,
            visible_mm: image_mm,
            image_mm,
            crop,
            turns,
            angle_deg: 0.0,
            corner_mm: 0.0,
            border: None,
            stroke: None,
        }
    }

    /// The edge of what is printed of it: its border's, or its own.
    #[must_use]
    pub fn edge_mm(&self) -> Rect {
        self.border.map_or(self.visible_mm, |border| border.outer_mm)
    }

    /// Whether its sides are exchanged: an odd number of quarter turns.
    #[must_use]
    pub fn is_turned(&self) -> bool {
        self.turns % 2 == 1
    }

    /// Where a point of the page lies in the upright photo, in 0 to 1 of its sides; outside of these nothing is.
    #[must_use]
    pub fn photo_at(&self, x_mm: f64, y_mm: f64) -> (f64, f64) {
        let middle =
            (self.visible_mm.x + self.visible_mm.width / 2.0, self.visible_mm.y + self.visible_mm.height / 2.0);
        let (sin, cos) = (-self.angle_deg).to_radians().sin_cos();
        let (x, y) = (x_mm - middle.0, y_mm - middle.1);
        let (x, y) = (middle.0 + x * cos - y * sin, middle.1 + x * sin + y * cos);
        let (u, v) = ((x - self.image_mm.x) / self.image_mm.width, (y - self.image_mm.y) / self.image_mm.height);
        let (u, v) = match self.turns % 4 {
            0 => (u, v),
            1 => (v, 1.0 - u),
            2 => (1.0 - u, 1.0 - v),
            _ => (1.0 - v, u),
        };
        (self.crop.x + u * self.crop.width, self.crop.y + v * self.crop.height)
    }
}

/// A straight line: crop marks, guides to cut along.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedLine {
    /// From here, in mm.
    pub from_mm: (f64, f64),
    /// To here, in mm.
    pub to_mm: (f64, f64),
    /// Thickness and colour.
    pub stroke: Stroke,
    /// Length of dashes and of the gaps between them in mm; `None` is a solid line.
    pub dash_mm: Option<f64>,
}

/// One page: everything that is visible on it, in the order in which it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Width and height in mm.
    pub size_mm: (f64, f64),
    /// The colour of the paper's whole surface; white prints nothing.
    pub background: Ink,
    /// Photos, in reading order.
    pub photos: Vec<Placed>,
    /// Crop marks and guides.
    pub lines: Vec<PlacedLine>,
    /// Texts, drawn last. Only overlays and watermarks lie over photos.
    pub texts: Vec<PlacedText>,
}

impl Page {
    /// An empty white page of this size in mm.
    #[must_use]
    pub fn blank(size_mm: (f64, f64)) -> Self {
        Self { size_mm, background: Ink::WHITE, photos: Vec::new(), lines: Vec::new(), texts: Vec::new() }
    }
}
