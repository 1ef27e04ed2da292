//! What a print job is, beside its pages: colour, sharpness, and where it goes; and layouts that are kept by name.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::layout::{PageSetup, PhotoSetup};
use super::printers::Ticket;

/// A colour profile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// sRGB (IEC 61966-2-1).
    #[default]
    Srgb,
    /// Adobe RGB (1998).
    AdobeRgb,
    /// Display P3.
    DisplayP3,
    /// An ICC file, as the maker of printer or paper gives it.
    File(PathBuf),
}

/// How colours that the paper cannot show are taken to it (ICC.1, 0.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// All of them together, so that they keep their distances.
    Perceptual,
    /// Those that can be shown stay as they are.
    #[default]
    RelativeColorimetric,
    /// Vivid, for graphics.
    Saturation,
    /// As relative, with the white of the paper that the photo was made for.
    AbsoluteColorimetric,
}

/// Who turns colours into ink.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "by")]
pub enum Managed {
    /// The printer or its driver; photos are handed over in sRGB with their profile named.
    #[default]
    Printer,
    /// We do: pixels are converted to the profile of printer and paper, and the printer must not touch them again.
    App {
        /// Printer and paper.
        profile: Profile,
        /// What happens to colours outside.
        intent: Intent,
        /// Whether the darkest black of the photo becomes the darkest of the paper.
        black_point: bool,
    },
}

/// Sharpening for paper, after the pixels have their printed size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sharpen {
    /// None.
    #[default]
    Off,
    /// For matte paper, which softens more.
    Matte,
    /// For glossy paper.
    Glossy,
}

/// How strongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Hardly.
    Low,
    /// As most people like it.
    #[default]
    Standard,
    /// Plainly.
    High,
}

/// What happens to pixels on their way to paper.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PixelSetup {
    /// Colour management.
    pub managed: Managed,
    /// Sharpening.
    pub sharpen: Sharpen,
    /// How strongly.
    pub strength: Strength,
    /// Draft: from the thumbnails that are here, fast and soft.
    pub draft: bool,
}

/// A soft proof: the screen shows what the paper will.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Proof {
    /// Printer and paper.
    pub profile: Profile,
    /// What happens to colours outside.
    pub intent: Intent,
    /// Black-point compensation.
    pub black_point: bool,
    /// The paper's own white and black are shown too.
    pub paper_white: bool,
    /// Colours that the paper cannot show are marked.
    pub gamut_warning: bool,
}

/// Pictures of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PageFormat {
    /// JPEG, quality 92.
    #[default]
    Jpeg,
    /// PNG.
    Png,
    /// TIFF, without loss.
    Tiff,
}

/// Where a job goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "to")]
pub enum Output {
    /// One PDF file.
    Pdf {
        /// The file.
        file: PathBuf,
        /// Photos that fill their place whole go in as they are, byte for byte, where a page can show them: large.
        untouched: bool,
    },
    /// A picture of each page; from the second page on the number stands before the suffix (`sheet-2.jpg`).
    Images {
        /// The first file.
        file: PathBuf,
        /// Their format.
        format: PageFormat,
        /// Pixels per inch of paper, 36 to 1,200.
        ppi: u32,
    },
    /// A printer.
    Printer(Box<Ticket>),
    /// The desktop's own print dialog asks for the rest.
    Desktop,
}

/// Everything about a job but its photos; what is remembered for each printer and what a saved layout holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PrintSetup {
    /// Pages.
    pub pages: PageSetup,
    /// Colour and sharpness.
    pub pixels: PixelSetup,
    /// The printer and its options; `None` is a PDF.
    pub ticket: Option<Ticket>,
}

/// A layout that a person keeps by name: a small JSON file, to be exported and shared. It names no photos.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedLayout {
    /// Its name.
    pub name: String,
    /// What it holds. Of the ticket only what any printer may understand is kept when it is shared.
    pub setup: PrintSetup,
}

/// One photo of a job in progress.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobPhoto {
    /// The photo's id, which outlives a restart.
    pub photo: super::PhotoId,
    /// What was chosen for it.
    #[serde(default)]
    pub setup: PhotoSetup,
}
