//! Page layout: photos and captions on sheets of paper, in millimetres.
//!
//! Pure arithmetic. [`paginate`] turns shapes and a [`PageSetup`] into [`Page`]s, and these carry everything that is
//! visible: the window draws the very pages that [`crate`]'s printing writes, so that the preview and the paper cannot
//! differ. The origin is the top left corner of the sheet, x grows to the right and y downwards.
//!
//! **Order.** Cells fill row by row, from the left. **Copies** are collated: the whole set of pages is repeated, so
//! that two copies of a contact sheet are two equal stacks, and the footer counts the pages of one stack.
//!
//! **Sizes.** An exact size ([`PrintSize`]) is that of the print with its border. In a picture package and where photos
//! of different sizes are packed, its long side goes along the photo's long side, and a print may lie turned on the page,
//! unless a person turned that photo; an ID photo keeps its size as given.
//!
//! **Rotation.** A photo with one *turn* lies on the page a quarter turn clockwise: its top is at the right edge of its
//! image. Straightening turns it further, by degrees, about the middle of what is visible of it.

mod caption;
mod check;
mod grid;
mod marks;
mod pack;
mod page;
mod paginate;
mod photo;
mod remembered;
mod setup;
mod template;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_exact;
#[cfg(test)]
mod tests_studio;
mod text;
mod warnings;

use serde::{Deserialize, Serialize};

pub use caption::{CaptionFacts, CaptionField, Shorten, shorten};
pub use page::{Align, Border, Page, Placed, PlacedLine, PlacedText, TextRole};
pub use paginate::paginate;
pub use remembered::Remembered;
pub use setup::{
    Fit, Layout, Margins, Marks, Overlay, OverlayPlace, PageSetup, PhotoSetup, PhotoShape, PrintSize, Stroke, Turn,
    Watermark,
};
pub use template::fill_template;
pub use warnings::{Sharpness, effective_ppi, least_ppi, outside};

use super::paper::{MM_PER_INCH, POINTS_PER_INCH};

/// Rows and columns of a contact sheet, at most.
pub const MAX_CELLS_PER_SIDE: u32 = 100;
/// Copies of a job, at most.
pub const MAX_COPIES: u32 = 999;
/// Pages of a job with all its copies, at most: more would be a mistake and would exhaust the memory.
pub const MAX_PAGES: usize = 20_000;
/// Photos on the pages of a job with all its copies, at most, each of its captions counted as one more.
pub const MAX_PLACED: usize = 500_000;
/// How often one photo is printed in each copy of a job, at most.
pub const MAX_PHOTO_COPIES: u32 = 99;
/// Sizes of a picture package, at most.
pub const MAX_SIZES: usize = 64;
/// Photos a page of [`Layout::NUp`], at most.
pub const MAX_PER_PAGE: u32 = 1000;
/// Lines of a caption, at most.
pub const MAX_CAPTION_LINES: usize = 16;
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

    /// The point in the middle.
    #[must_use]
    pub fn middle(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Smaller by `mm` on every side; larger where that is negative.
    #[must_use]
    pub fn inset(&self, mm: f64) -> Self {
        Self::new(self.x + mm, self.y + mm, self.width - 2.0 * mm, self.height - 2.0 * mm)
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

/// A colour on paper or of a line: sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Ink {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Ink {
    /// Black.
    pub const BLACK: Self = Self::grey(0);
    /// White: on paper, nothing is printed.
    pub const WHITE: Self = Self::grey(0xff);

    /// A grey; 0 is black.
    #[must_use]
    pub const fn grey(value: u8) -> Self {
        Self { red: value, green: value, blue: value }
    }
}

impl From<Ink> for String {
    /// `#rrggbb`, as in layout files and on the command line.
    fn from(ink: Ink) -> Self {
        format!("#{:02x}{:02x}{:02x}", ink.red, ink.green, ink.blue)
    }
}

impl TryFrom<String> for Ink {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("a colour is written as #rrggbb, not {:.40}", text);
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or_else(wrong)?;
        let [_, red, green, blue] = value.to_be_bytes();
        Ok(Self { red, green, blue })
    }
}

/// The typeface of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextFont {
    /// Inter, which is shipped and the same everywhere.
    #[default]
    Sans,
    /// A family of this computer; the shipped one where it is not there.
    Family(String),
}

/// How a text is set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TextStyle {
    /// Typeface.
    pub font: TextFont,
    /// Boldness.
    pub weight: Weight,
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
    fn width_mm(&self, text: &str, size_pt: f64, style: &TextStyle) -> f64;
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
    /// A number that is none, or out of its range.
    #[error("{what} is not possible: give {range}")]
    Value {
        /// Which one.
        what: &'static str,
        /// What is possible.
        range: &'static str,
    },
    /// Zero or very many photos a page.
    #[error("{0} photos a page are not possible: give 1 to {MAX_PER_PAGE}")]
    PerPage(u32),
    /// More than [`MAX_CAPTION_LINES`].
    #[error("{0} caption lines are too many: choose at most {MAX_CAPTION_LINES}")]
    CaptionLines(usize),
    /// A picture package without sizes, or with more than [`MAX_SIZES`].
    #[error("a picture package of {0} sizes is not possible: give 1 to {MAX_SIZES}")]
    Sizes(usize),
    /// A size that no photo can have.
    #[error(
        "a photo size of {} by {} mm is not possible: each side must be from 4 to 3000 mm",
        shown(.width_mm), shown(.height_mm)
    )]
    Size {
        /// Width asked for.
        width_mm: f64,
        /// Height asked for.
        height_mm: f64,
    },
    /// A size that is larger than the page.
    #[error(
        "photos of {} by {} mm do not fit in the {} by {} mm of the page: choose a smaller size, a larger paper, smaller \
         margins or fewer caption lines",
        shown(.width_mm), shown(.height_mm), shown(.room_width_mm), shown(.room_height_mm)
    )]
    TooLarge {
        /// Width asked for.
        width_mm: f64,
        /// Height asked for.
        height_mm: f64,
        /// Width that margins, header and footer leave.
        room_width_mm: f64,
        /// Height that they leave.
        room_height_mm: f64,
    },
    /// The border takes all of a photo's room.
    #[error("the border leaves no room for the photos: make it narrower, or the photos larger")]
    Border,
    /// More than [`MAX_PLACED`].
    #[error(
        "{0} photos and captions are too many for one job: print at most {MAX_PLACED}, fewer copies or fewer photos"
    )]
    Placed(usize),
    /// More than [`MAX_PAGES`].
    #[error("{0} pages are too many for one job: print at most {MAX_PAGES}, fewer copies or fewer photos")]
    Pages(usize),
}

/// A length in an error: of a number that is none it says so, and of an absurd one no three hundred digits.
fn shown(mm: &f64) -> String {
    let text = if mm.abs() < 1e6 { format!("{mm:.1}") } else { format!("{mm:.0e}") };
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}

/// A size in points as mm.
pub(crate) fn size_mm(size_pt: f64) -> f64 {
    size_pt / POINTS_PER_INCH * MM_PER_INCH
}

/// Height in mm of a line of text.
pub(crate) fn line_mm(size_pt: f64) -> f64 {
    size_mm(size_pt) * LINE_HEIGHT
}
