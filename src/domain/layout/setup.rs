//! What a person chooses about pages, and about one photo on them.

use serde::{Deserialize, Serialize};

use super::{CaptionField, Ink, Rect, TextFont};
use crate::domain::paper::Paper;

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One photo a page.
    Single,
    /// So many photos a page, in the grid that suits paper and count best: 2, 4, 6, 9 …
    NUp {
        /// Photos a page, at least 1.
        count: u32,
    },
    /// A contact sheet by the size of its cells: as many as fit.
    Cells {
        /// Width of a cell in mm, its caption not counted.
        width_mm: f64,
        /// Height of a cell in mm, its caption not counted.
        height_mm: f64,
    },
    /// A picture package: each photo in all of these sizes, packed over as few pages as they need.
    Package {
        /// The sizes, in the order wished; a size may stand there several times.
        sizes: Vec<PrintSize>,
    },
    /// ID and passport photos: each photo cut to this size, as often as wished, with guides to cut along.
    Id {
        /// The size.
        size: PrintSize,
        /// How often; `None` fills the page.
        count: Option<u32>,
    },
    /// Each photo at a size of its own ([`PhotoSetup::size`]) or at this one, packed together over pages in their order.
    Packed {
        /// The size of photos that have none of their own.
        size: PrintSize,
    },
    /// A contact sheet: equal cells in rows and columns.
    Contact {
        /// Number of rows, at least 1.
        rows: u32,
        /// Number of columns, at least 1.
        columns: u32,
    },
}

/// An exact size on paper.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrintSize {
    /// Width in mm.
    pub width_mm: f64,
    /// Height in mm.
    pub height_mm: f64,
}

/// A line's thickness and colour.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stroke {
    /// Thickness in mm.
    pub width_mm: f64,
    /// Colour.
    pub ink: Ink,
}

/// Marks for the knife.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Marks {
    /// None.
    #[default]
    None,
    /// Short marks outside the corners of each photo.
    Crop,
    /// Dashed lines along the edges, over the whole page.
    Guides,
}

/// Where an overlay stands on a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OverlayPlace {
    /// Top left corner.
    TopLeft,
    /// Top right corner.
    TopRight,
    /// Bottom left corner.
    BottomLeft,
    /// Bottom right corner.
    #[default]
    BottomRight,
    /// In the middle.
    Middle,
}

/// A text over each photo; `{name}`, `{title}`, `{date}` … are filled in (see `caption.rs`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overlay {
    /// The text with its fields.
    pub text: String,
    /// Where.
    pub place: OverlayPlace,
    /// Size in points.
    pub size_pt: f64,
    /// Colour.
    pub ink: Ink,
}

impl Default for Overlay {
    fn default() -> Self {
        Self { text: String::new(), place: OverlayPlace::default(), size_pt: 8.0, ink: Ink::WHITE }
    }
}

/// A text across each photo that says whose it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watermark {
    /// The text.
    pub text: String,
    /// Its width in parts of the photo's diagonal, 0.1 to 1.
    pub width: f64,
    /// 0 to 1.
    pub opacity: f64,
    /// Colour.
    pub ink: Ink,
}

impl Default for Watermark {
    fn default() -> Self {
        Self { text: String::new(), width: 0.6, opacity: 0.35, ink: Ink::WHITE }
    }
}

/// How a photo is turned on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// As the setup says: where that agrees better with the frame.
    #[default]
    Auto,
    /// By so many quarters clockwise, 0 to 3.
    Quarters(u8),
}

/// What a person chose for one photo of a job; the default leaves everything to the [`PageSetup`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhotoSetup {
    /// Whole, or filling its frame; `None` as the page says.
    pub fit: Option<Fit>,
    /// An exact size on paper with its border, where the layout has room for it; a frame that is smaller cuts it. Its
    /// long side goes along the photo's. The photo fills it unless `fit` says otherwise. Package and ID photos have the
    /// sizes of their layout.
    pub size: Option<PrintSize>,
    /// Enlarged in its frame, 1 to 8.
    pub zoom: f64,
    /// Which part is seen where some is cut: -1 is the left or top edge of the upright photo, 0 its middle, 1 its right
    /// or bottom edge; turning it on the page changes nothing of that.
    pub pan: (f64, f64),
    /// Quarter turns on the page; where these are fixed, nothing else turns it.
    pub turn: Turn,
    /// Clockwise, -45 to 45 degrees; enlarged as far as no empty corner is seen.
    pub straighten_deg: f64,
    /// The upright photo is cut to this ratio of width to height, as (3, 2), before it takes its frame.
    pub ratio: Option<(f64, f64)>,
    /// How often this photo is printed in each copy of the job, 1 to 99.
    pub copies: u32,
}

impl PrintSize {
    /// A size in mm.
    #[must_use]
    pub fn new(width_mm: f64, height_mm: f64) -> Self {
        Self { width_mm, height_mm }
    }

    /// The same size with its long side across where `wide`, and upright otherwise.
    #[must_use]
    pub fn oriented(self, wide: bool) -> Self {
        let (short, long) = (self.width_mm.min(self.height_mm), self.width_mm.max(self.height_mm));
        if wide { Self::new(long, short) } else { Self::new(short, long) }
    }
}

impl Default for PhotoSetup {
    fn default() -> Self {
        Self {
            fit: None,
            size: None,
            zoom: 1.0,
            pan: (0.0, 0.0),
            turn: Turn::Auto,
            straighten_deg: 0.0,
            ratio: None,
            copies: 1,
        }
    }
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
    /// A title at the head of every page, with `{page}` and `{pages}`.
    pub header: Option<String>,
    /// The footer's words in the window's language, with `{page}` and `{pages}`.
    pub page_number_format: String,
    /// A line at the foot of every page, with `{page}` and `{pages}`: in the middle, or at the left of the page number.
    pub footer: Option<String>,
    /// Typeface of all texts.
    pub font: TextFont,
    /// Colour of captions, header and footer; `None` is black, and grey for what is said beside.
    pub text_ink: Option<Ink>,
    /// The colour of the page.
    pub background: Ink,
    /// Between a photo and the edge of its border, in mm; 0 is no border.
    pub border_mm: f64,
    /// Colour of the border.
    pub border_ink: Ink,
    /// A line around each photo.
    pub stroke: Option<Stroke>,
    /// Radius of the photos' corners in mm.
    pub corner_mm: f64,
    /// Marks for the knife. ID photos have guides where nothing is chosen here.
    pub marks: Marks,
    /// A text over each photo.
    pub overlay: Option<Overlay>,
    /// A text across each photo.
    pub watermark: Option<Watermark>,
    /// What the printer can print on, as margins in mm; nothing is placed outside. `None` where nobody told.
    pub hardware_margins_mm: Option<Margins>,
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
            footer: None,
            font: TextFont::Sans,
            text_ink: None,
            background: Ink::WHITE,
            border_mm: 0.0,
            border_ink: Ink::WHITE,
            stroke: None,
            corner_mm: 0.0,
            marks: Marks::None,
            overlay: None,
            watermark: None,
            hardware_margins_mm: None,
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
        self.within(&self.margins_mm)
    }

    /// What the printer can reach, in mm: the whole page where nobody told.
    #[must_use]
    pub fn reachable_mm(&self) -> Rect {
        self.within(&self.hardware_margins_mm.unwrap_or(Margins::all(0.0)))
    }

    /// Where photos and texts are placed, in mm: on each side the larger of both margins counts.
    #[must_use]
    pub fn usable_mm(&self) -> Rect {
        self.within(&self.usable_margins())
    }

    /// Whether the page is printed to its very edges: nothing is kept free on any side, by choice or by the printer.
    #[must_use]
    pub fn is_borderless(&self) -> bool {
        self.usable_margins() == Margins::all(0.0)
    }

    fn usable_margins(&self) -> Margins {
        let (chosen, hardware) = (self.margins_mm, self.hardware_margins_mm.unwrap_or(Margins::all(0.0)));
        Margins {
            top: chosen.top.max(hardware.top),
            right: chosen.right.max(hardware.right),
            bottom: chosen.bottom.max(hardware.bottom),
            left: chosen.left.max(hardware.left),
        }
    }

    fn within(&self, margins: &Margins) -> Rect {
        let (width, height) = self.page_size_mm();
        Rect::new(
            margins.left,
            margins.top,
            width - margins.left - margins.right,
            height - margins.top - margins.bottom,
        )
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
    /// The overlay's text with its fields filled in; empty for none.
    pub overlay: String,
    /// What a person chose for this photo.
    pub setup: PhotoSetup,
}
