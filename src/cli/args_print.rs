//! Words of `print`: everything that the print window can choose.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::args::query_words;
use crate::domain::layout::{Fit, Ink, Marks, OverlayPlace};
use crate::domain::printing::{Intent, Sharpen, Strength};

/// Examples and keys of `print`.
pub(super) const PRINT_HELP: &str = "\
Examples:
  lightkeep print 'tag:wedding rating:>=4' --layout contact --rows 4 --columns 3 --paper A4 --caption name,date \\
      -o sheet.pdf
  lightkeep print IMG_0042 --layout id --size 35x45mm --paper 10x15 --marks guides --printer Photo
  lightkeep print 'rating:5' --saved 'Fine art' --printer Photo --type photographic-glossy --quality high
  lightkeep print 'date:2024' --layout n-up --count 4 -o pages.jpg --ppi 300

Caption fields: name title caption date camera lens exposure rating tags folder receipt. Texts may have them in braces,
as {name} {date}, and {page} and {pages}. A colour is #rrggbb, a size WIDTHxHEIGHT with mm, cm or in.

JSON keys: pages, photos, file, job[printer, number, name, state, reasons, sheets_done, created_ms], notes";

/// `print`
#[derive(Debug, Args)]
pub struct PrintArgs {
    /// Which photos, in the search language
    #[arg(allow_hyphen_values = true, value_parser = query_words)]
    pub query: String,
    /// Layout and paper.
    #[command(flatten)]
    pub pages: PagesArgs,
    /// What is written.
    #[command(flatten)]
    pub texts: TextsArgs,
    /// What holds for every photo.
    #[command(flatten)]
    pub photo: PhotoArgs,
    /// Colour and sharpness.
    #[command(flatten)]
    pub colour: ColourArgs,
    /// Where it goes.
    #[command(flatten)]
    pub to: ToArgs,
}

/// A layout and a paper.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pages")]
pub struct PagesArgs {
    /// Begin with the layout that the print window saved under this name; the other options change it
    #[arg(long, value_name = "NAME")]
    pub saved: Option<String>,
    /// How photos lie on the pages
    #[arg(long, required_unless_present = "saved")]
    pub layout: Option<LayoutArg>,
    /// Rows of a contact sheet [default: 4]
    #[arg(long, value_name = "R")]
    pub rows: Option<u32>,
    /// Columns of a contact sheet [default: 3]
    #[arg(long, value_name = "C")]
    pub columns: Option<u32>,
    /// Photos a page of n-up [default: 4]; how often of id [default: as often as fits]
    #[arg(long, value_name = "N")]
    pub count: Option<u32>,
    /// Size on paper: of the cells, of each photo; for a package several, with commas between them
    #[arg(long, value_name = "SIZE", value_delimiter = ',')]
    pub size: Vec<String>,
    /// Paper: A4, Letter, 10x15 …
    #[arg(long, value_name = "NAME", required_unless_present = "saved")]
    pub paper: Option<String>,
    /// Turn the paper
    #[arg(long)]
    pub landscape: bool,
    /// Margins in mm: one for all sides, or top,right,bottom,left [default: 10]
    #[arg(long, value_name = "M", value_delimiter = ',')]
    pub margin_mm: Vec<f64>,
    /// Between the photos, in mm [default: 4]
    #[arg(long, value_name = "S")]
    pub spacing_mm: Option<f64>,
    /// Fill the frames, cutting two sides, instead of fitting the whole photo
    #[arg(long)]
    pub fill: bool,
    /// Turn photos where that agrees better with their frame
    #[arg(long)]
    pub auto_rotate: bool,
    /// Width of a border around each photo, in mm
    #[arg(long, value_name = "W")]
    pub border_mm: Option<f64>,
    /// Its colour
    #[arg(long, value_name = "COLOUR", value_parser = ink)]
    pub border_colour: Option<Ink>,
    /// Width of a line around each photo, in mm
    #[arg(long, value_name = "W")]
    pub stroke_mm: Option<f64>,
    /// Its colour [default: black]
    #[arg(long, value_name = "COLOUR", value_parser = ink)]
    pub stroke_colour: Option<Ink>,
    /// Radius of the photos' corners in mm
    #[arg(long, value_name = "R")]
    pub corner_mm: Option<f64>,
    /// Colour of the page
    #[arg(long, value_name = "COLOUR", value_parser = ink)]
    pub background: Option<Ink>,
    /// Marks for the knife
    #[arg(long)]
    pub marks: Option<MarksArg>,
    /// How often the whole set is printed
    #[arg(long, value_name = "N")]
    pub copies: Option<u32>,
}

/// What is written on the pages.
#[derive(Debug, Args)]
#[command(next_help_heading = "Texts")]
pub struct TextsArgs {
    /// Lines under each photo
    #[arg(long, value_name = "FIELDS")]
    pub caption: Option<String>,
    /// Size of captions, header and footer, in points [default: 8]
    #[arg(long, value_name = "PT")]
    pub caption_size: Option<f64>,
    /// Typeface, by its family's name [default: Inter, which is shipped]
    #[arg(long, value_name = "FAMILY")]
    pub font: Option<String>,
    /// Colour of captions, header and footer
    #[arg(long, value_name = "COLOUR", value_parser = ink)]
    pub text_colour: Option<Ink>,
    /// A line at the head of every page
    #[arg(long, value_name = "TEXT")]
    pub header: Option<String>,
    /// A line at the foot of every page
    #[arg(long, value_name = "TEXT")]
    pub footer: Option<String>,
    /// "Page n of m" at the foot
    #[arg(long)]
    pub page_numbers: bool,
    /// A text over each photo
    #[arg(long, value_name = "TEXT")]
    pub overlay: Option<String>,
    /// Where it stands
    #[arg(long, value_name = "PLACE")]
    pub overlay_place: Option<PlaceArg>,
    /// A text across each photo
    #[arg(long, value_name = "TEXT")]
    pub watermark: Option<String>,
    /// How plainly it is seen, 0 to 1
    #[arg(long, value_name = "PART")]
    pub watermark_opacity: Option<f64>,
}

/// For every photo of the job.
#[derive(Debug, Args)]
#[command(next_help_heading = "Photos")]
pub struct PhotoArgs {
    /// Enlarge in the frame, 1 to 8
    #[arg(long, value_name = "TIMES")]
    pub zoom: Option<f64>,
    /// Which part is seen where some is cut: x,y from -1 (left, top) to 1 (right, bottom)
    #[arg(long, value_name = "X,Y", allow_hyphen_values = true, value_delimiter = ',', num_args = 1)]
    pub pan: Vec<f64>,
    /// Quarter turns clockwise, 0 to 3, instead of what agrees with the frame
    #[arg(long, value_name = "QUARTERS", value_parser = clap::value_parser!(u8).range(0..=3))]
    pub turn: Option<u8>,
    /// Straighten clockwise, -45 to 45 degrees
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    pub straighten: Option<f64>,
    /// Cut to this ratio, as 3:2
    #[arg(long, value_name = "W:H")]
    pub ratio: Option<String>,
    /// Each photo so often in a row
    #[arg(long, value_name = "N")]
    pub each: Option<u32>,
}

/// What happens to pixels.
#[derive(Debug, Args)]
#[command(next_help_heading = "Colour")]
pub struct ColourArgs {
    /// Convert to this profile here, instead of leaving colour to the printer: srgb, adobe-rgb, display-p3 or an ICC file
    #[arg(long, value_name = "PROFILE", value_hint = ValueHint::FilePath)]
    pub profile: Option<String>,
    /// What happens to colours that the paper cannot show [default: relative]
    #[arg(long, requires = "profile")]
    pub intent: Option<IntentArg>,
    /// Keep the photo's darkest black as it is
    #[arg(long, requires = "profile")]
    pub no_black_point: bool,
    /// Sharpen for this paper
    #[arg(long)]
    pub sharpen: Option<SharpenArg>,
    /// How strongly
    #[arg(long, requires = "sharpen")]
    pub strength: Option<StrengthArg>,
    /// From thumbnails: fast and soft
    #[arg(long)]
    pub draft: bool,
}

/// Where it goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
#[command(group(clap::ArgGroup::new("destination").required(true).args(["output", "printer", "desktop"])))]
#[group(skip)]
pub struct ToArgs {
    /// The file to write: .pdf, or .jpg, .png, .tif for a picture of each page
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Pixels per inch of pictures of pages [default: 300]
    #[arg(long, value_name = "PPI", requires = "output", value_parser = clap::value_parser!(u32).range(36..=1200))]
    pub ppi: Option<u32>,
    /// Put photos into the PDF as they are, byte for byte, where a page can show them
    #[arg(long, requires = "output")]
    pub untouched: bool,
    /// Print: a printer's name, as `lightkeep printers` lists it, or its ipp:// address
    #[arg(long, value_name = "NAME")]
    pub printer: Option<String>,
    /// Let the desktop's print dialog ask for the rest
    #[arg(long)]
    pub desktop: bool,
    /// Print to the edge, where the printer can
    #[arg(long, requires = "printer")]
    pub borderless: bool,
    /// Type of paper, as `lightkeep printers NAME` lists it
    #[arg(long = "type", value_name = "KEY", requires = "printer")]
    pub kind: Option<String>,
    /// Tray
    #[arg(long, value_name = "KEY", requires = "printer")]
    pub tray: Option<String>,
    /// draft, normal or high
    #[arg(long, value_name = "KEY", requires = "printer")]
    pub quality: Option<String>,
    /// color, monochrome …
    #[arg(long, value_name = "KEY", requires = "printer")]
    pub colour_mode: Option<String>,
    /// one-sided, two-sided-long-edge or two-sided-short-edge
    #[arg(long, value_name = "KEY", requires = "printer")]
    pub sides: Option<String>,
}

fn ink(text: &str) -> Result<Ink, String> {
    Ink::try_from(text.to_owned())
}

/// A layout's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LayoutArg {
    /// One photo a page
    Single,
    /// Several photos a page, as large as they can be
    NUp,
    /// A contact sheet of rows and columns
    Contact,
    /// A contact sheet by the size of its cells
    Cells,
    /// Each photo in several sizes
    Package,
    /// ID and passport photos
    Id,
    /// Photos at an exact size, packed over pages
    Packed,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident => $of:ty { $($(#[$word:meta])* $variant:ident => $value:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub enum $name { $($(#[$word])* $variant),+ }

        impl From<$name> for $of {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => $value),+ }
            }
        }
    };
}

words! {
    /// Marks.
    MarksArg => Marks {
        /// None
        None => Marks::None,
        /// Short marks at the corners
        Crop => Marks::Crop,
        /// Dashed lines over the page
        Guides => Marks::Guides,
    }
}

words! {
    /// Where an overlay stands.
    PlaceArg => OverlayPlace {
        /// Top left
        TopLeft => OverlayPlace::TopLeft,
        /// Top right
        TopRight => OverlayPlace::TopRight,
        /// Bottom left
        BottomLeft => OverlayPlace::BottomLeft,
        /// Bottom right
        BottomRight => OverlayPlace::BottomRight,
        /// In the middle
        Middle => OverlayPlace::Middle,
    }
}

words! {
    /// Rendering intents.
    IntentArg => Intent {
        /// All colours together
        Perceptual => Intent::Perceptual,
        /// Those that can be shown stay
        Relative => Intent::RelativeColorimetric,
        /// Vivid
        Saturation => Intent::Saturation,
        /// With the white of the original
        Absolute => Intent::AbsoluteColorimetric,
    }
}

words! {
    /// Sharpening.
    SharpenArg => Sharpen {
        /// None
        Off => Sharpen::Off,
        /// Matte paper
        Matte => Sharpen::Matte,
        /// Glossy paper
        Glossy => Sharpen::Glossy,
    }
}

words! {
    /// How strongly.
    StrengthArg => Strength {
        /// Hardly
        Low => Strength::Low,
        /// As most people like it
        Standard => Strength::Standard,
        /// Plainly
        High => Strength::High,
    }
}

impl PagesArgs {
    /// How photos take their frames, where a word says so.
    pub(super) fn fit(&self) -> Option<Fit> {
        self.fill.then_some(Fit::Fill)
    }
}
