//! Page layout: photos and captions on sheets of paper, in millimetres.
//!
//! Pure arithmetic. [`paginate`] turns shapes and a [`PageSetup`] into [`Page`]s, and these carry everything that is
//! visible: the window draws the very pages that [`crate`]'s printing writes, so that the preview and the paper cannot
//! differ. The origin is the top left corner of the sheet, x grows to the right and y downwards.
//!
//! **Order.** Cells fill row by row, from the left. **Copies** are collated: the whole set of pages is repeated, so
//! that two copies of a contact sheet are two equal stacks, and the footer counts the pages of one stack.
//!
//! **Rotation.** A *turned* photo lies on the page a quarter turn clockwise: its top is at the right edge of its image.

mod caption;
mod paginate;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use caption::{CaptionFacts, CaptionField, Shorten, shorten};
pub use paginate::paginate;

use super::paper::{MM_PER_INCH, POINTS_PER_INCH, Paper};

/// Rows and columns of a contact sheet, at most.
pub const MAX_CELLS_PER_SIDE: u32 = 100;
/// Copies of a job, at most.
pub const MAX_COPIES: u32 = 999;
/// Pages of a job with all its copies, at most: more would be a mistake and would exhaust the memory.
pub const MAX_PAGES: usize = 20_000;
/// The smallest side of a photo's frame in mm.
pub const MIN_FRAME_MM: f64 = 4.0;
/// Height of a line of text, in parts of its size.
pub const LINE_HEIGHT: f64 = 1.3;
/// From the top of a line to its baseline, in parts of the size; the shipped font's ascender, rounded up.
pub const BASELINE: f64 = 1.0;

/// A rectangle; in millimetres on a page, or in 0 to 1 of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    /// The whole of a photo, as a crop.
    pub const WHOLE: Self = Self { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };

    /// A rectangle by its top left corner and its size.
    #[must_use]
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    /// Right edge.
    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Bottom edge.
    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Whether `other` lies inside, edges included, give or take `tolerance`.
    #[must_use]
    pub fn contains(&self, other: &Self, tolerance: f64) -> bool {
        other.x >= self.x - tolerance
            && other.y >= self.y - tolerance
            && other.right() <= self.right() + tolerance
            && other.bottom() <= self.bottom() + tolerance
    }

    /// Whether both share more than `tolerance` of width and of height.
    #[must_use]
    pub fn overlaps(&self, other: &Self, tolerance: f64) -> bool {
        self.right().min(other.right()) - self.x.max(other.x) > tolerance
            && self.bottom().min(other.bottom()) - self.y.max(other.y) > tolerance
    }
}

/// The white border that is kept free on each side of a page, in mm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Margins {
    /// Top margin in mm.
    pub top: f64,
    /// Right margin in mm.
    pub right: f64,
    /// Bottom margin in mm.
    pub bottom: f64,
    /// Left margin in mm.
    pub left: f64,
}

impl Margins {
    /// The same margin on every side, in mm.
    #[must_use]
    pub fn all(mm: f64) -> Self {
        Self { top: mm, right: mm, bottom: mm, left: mm }
    }
}

/// How photos are arranged on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One photo a page.
    Single,
    /// A contact sheet: equal cells in rows and columns.
    Contact {
        /// Number of rows, at least 1.
        rows: u32,
        /// Number of columns, at least 1.
        columns: u32,
    },
}

/// How a photo takes its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// The whole photo, as large as the frame allows: in its middle, or, on a contact sheet with captions, at its foot.
    #[default]
    Fit,
    /// The whole frame, the photo cut evenly on two sides.
    Fill,
}

/// Everything a person chooses about the pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageSetup {
    /// The sheet.
    pub paper: Paper,
    /// Whether the long side lies across.
    pub landscape: bool,
    /// What stays white.
    pub margins_mm: Margins,
    /// One a page, or a contact sheet.
    pub layout: Layout,
    /// Between the cells of a contact sheet, in mm.
    pub spacing_mm: f64,
    /// Whole photos, or filled frames.
    pub fit: Fit,
    /// Whether photos are turned by a quarter where they then agree with their frame.
    pub auto_rotate: bool,
    /// The lines under each photo; none, no room is kept.
    pub captions: Vec<CaptionField>,
    /// Size of captions and footer in points.
    pub caption_size_pt: f64,
    /// Whether "Page n of m" stands at the foot.
    pub page_numbers: bool,
    /// How often the whole set of pages is printed.
    pub copies: u32,
    /// A title at the head of every page.
    pub header: Option<String>,
    /// The footer's words in the window's language, with `{page}` and `{pages}`.
    pub page_number_format: String,
}

impl Default for PageSetup {
    fn default() -> Self {
        Self {
            paper: Paper::A4,
            landscape: false,
            margins_mm: Margins::all(10.0),
            layout: Layout::Single,
            spacing_mm: 4.0,
            fit: Fit::Fit,
            auto_rotate: false,
            captions: Vec::new(),
            caption_size_pt: 8.0,
            page_numbers: false,
            copies: 1,
            header: None,
            page_number_format: "Page {page} of {pages}".to_owned(),
        }
    }
}

impl PageSetup {
    /// Width and height of the page as it is looked at, in mm.
    #[must_use]
    pub fn page_size_mm(&self) -> (f64, f64) {
        let (width, height) = (self.paper.width_mm(), self.paper.height_mm());
        if self.landscape { (width.max(height), width.min(height)) } else { (width, height) }
    }

    /// What the margins leave, in mm; its sides may be negative if the margins are wrong.
    #[must_use]
    pub fn printable_mm(&self) -> Rect {
        let (width, height) = self.page_size_mm();
        let margins = &self.margins_mm;
        Rect::new(
            margins.left,
            margins.top,
            width - margins.left - margins.right,
            height - margins.top - margins.bottom,
        )
    }

    /// Photos on a full page.
    #[must_use]
    pub fn photos_per_page(&self) -> usize {
        match self.layout {
            Layout::Single => 1,
            Layout::Contact { rows, columns } => (rows as usize).saturating_mul(columns as usize),
        }
    }
}

/// What the layout must know of a photo.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PhotoShape {
    /// Width in pixels, upright; 0 where unknown, which lays out as a 3:2 photo.
    pub width_px: u32,
    /// Height in pixels, upright; 0 where unknown.
    pub height_px: u32,
    /// The caption's lines, one for each of [`PageSetup::captions`] in their order; a missing one is blank.
    pub captions: Vec<String>,
}

/// Boldness of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Weight {
    /// Captions and footers.
    Regular,
    /// Titles.
    SemiBold,
}

/// Measures text in the font that will be printed.
pub trait Measure {
    /// The advance width of `text` in mm at a size in points.
    fn width_mm(&self, text: &str, size_pt: f64, weight: Weight) -> f64;
}

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextRole {
    /// The title at the head.
    Header,
    /// A caption's first line.
    Caption,
    /// A caption's further lines.
    CaptionDetail,
    /// The page number.
    Footer,
}

impl TextRole {
    /// The weight of the font.
    #[must_use]
    pub fn weight(self) -> Weight {
        if self == Self::Header { Weight::SemiBold } else { Weight::Regular }
    }

    /// Grey value of the ink on white paper, sRGB, 0 is black.
    #[must_use]
    pub fn grey(self) -> u8 {
        match self {
            Self::Header | Self::Caption => 0x1c,
            Self::CaptionDetail | Self::Footer => 0x60,
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
}

impl PlacedText {
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

/// A photo on a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Index into the shapes.
    pub photo: usize,
    /// The room that it has.
    pub frame_mm: Rect,
    /// Where its pixels lie, inside the frame; the frame itself where it is filled.
    pub image_mm: Rect,
    /// The part of the upright, unturned photo that is shown, in 0 to 1 of its sides.
    pub crop: Rect,
    /// Whether it lies a quarter turn clockwise.
    pub turned: bool,
}

/// One page: everything that is visible on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Width and height in mm.
    pub size_mm: (f64, f64),
    /// Photos, in reading order.
    pub photos: Vec<Placed>,
    /// Texts, drawn over the photos; they never overlap them.
    pub texts: Vec<PlacedText>,
}

/// Why there are no pages.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LayoutError {
    /// Nothing selected.
    #[error("no photos to print: select at least one")]
    NoPhotos,
    /// A number that is no length, or a negative one.
    #[error("{0} is not possible: give a length from 0 to 1000 mm")]
    Length(&'static str),
    /// A size that nobody can read, or no number.
    #[error("caption size is not possible: give 3 to 72 points")]
    CaptionSize,
    /// Zero or very many rows or columns.
    #[error("{rows} rows by {columns} columns are not possible: give 1 to {MAX_CELLS_PER_SIDE} of each")]
    Cells {
        /// Rows asked for.
        rows: u32,
        /// Columns asked for.
        columns: u32,
    },
    /// Zero or very many copies.
    #[error("{0} copies are not possible: give 1 to {MAX_COPIES}")]
    Copies(u32),
    /// The margins meet.
    #[error("the margins leave no room on the page: make them smaller than {width_mm:.0} by {height_mm:.0} mm")]
    Margins {
        /// Page width.
        width_mm: f64,
        /// Page height.
        height_mm: f64,
    },
    /// Spacing, captions and titles leave less than [`MIN_FRAME_MM`] for a photo.
    #[error("no room for the photos: fewer rows, columns or caption lines, less spacing, or a larger paper")]
    NoRoom,
    /// More than [`MAX_PAGES`].
    #[error("{0} pages are too many for one job: print at most {MAX_PAGES}, fewer copies or fewer photos")]
    Pages(usize),
}

/// A size in points as mm.
pub(crate) fn size_mm(size_pt: f64) -> f64 {
    size_pt / POINTS_PER_INCH * MM_PER_INCH
}

/// Height in mm of a line of text.
pub(crate) fn line_mm(size_pt: f64) -> f64 {
    size_mm(size_pt) * LINE_HEIGHT
}
