//! Printers as they describe themselves, and jobs on them: IPP's terms (RFC 8011, PWG 5100.3, 5100.7, 5101.1).

use serde::{Deserialize, Serialize};

use super::layout::Margins;

/// How a printer is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// A queue of the print server on this computer (CUPS), through IPP.
    Cups,
    /// A driverless printer in the network or on USB, through IPP.
    Ipp,
    /// The `lp` command, where IPP is shut.
    Lp,
    /// The system's spooler on Windows.
    Windows,
}

/// Whether it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrinterState {
    /// Waiting for jobs.
    Idle,
    /// Printing.
    Printing,
    /// Stopped: nothing comes out until somebody acts.
    Stopped,
    /// It does not answer.
    Away,
}

/// A value with the words for it: `photographic-glossy`, "Glossy photo paper".
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Choice {
    /// The keyword that is sent.
    pub key: String,
    /// For people.
    pub label: String,
}

/// A medium that a printer offers: a row of `media-col-database`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Medium {
    /// The self-describing name (PWG 5101.1) where there is one: `iso_a4_210x297mm`.
    pub key: String,
    /// For people: `A4`, `10×15 cm`.
    pub label: String,
    /// Width of the upright sheet in mm.
    pub width_mm: f64,
    /// Height of the upright sheet in mm.
    pub height_mm: f64,
    /// What it cannot print on; all zero is borderless.
    pub margins_mm: Margins,
    /// `media-type`, where the row names one.
    pub kind: Option<Choice>,
    /// `media-source`, where the row names one.
    pub source: Option<Choice>,
}

impl Medium {
    /// Whether it prints to the very edge.
    #[must_use]
    pub fn is_borderless(&self) -> bool {
        self.margins_mm == Margins::all(0.0)
    }
}

/// Sizes between which a printer takes any: custom sheets, or pieces of a roll.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CustomSizes {
    /// The smallest, width and height in mm.
    pub least_mm: (f64, f64),
    /// The largest, width and height in mm.
    pub most_mm: (f64, f64),
    /// What it cannot print on.
    pub margins_mm: Margins,
}

impl CustomSizes {
    /// Whether a sheet of these sides in mm is taken; printers count a sheet's short side as its width.
    #[must_use]
    pub fn takes(&self, width_mm: f64, height_mm: f64) -> bool {
        // Both are rounded to hundredths of a millimetre on their way.
        const TOLERANCE_MM: f64 = 0.006;
        let within = |side: f64, least: f64, most: f64| side >= least - TOLERANCE_MM && side <= most + TOLERANCE_MM;
        // The smaller of a number and none would be the number.
        (width_mm.is_finite() && height_mm.is_finite())
            && within(width_mm.min(height_mm), self.least_mm.0, self.most_mm.0)
            && within(width_mm.max(height_mm), self.least_mm.1, self.most_mm.1)
    }

    /// The nearest sheet that is taken, upright, in mm; `None` where there is none: a printer may say anything.
    #[must_use]
    pub fn nearest(&self, width_mm: f64, height_mm: f64) -> Option<(f64, f64)> {
        let into = |side: f64, least: f64, most: f64| (least <= most).then(|| side.clamp(least, most));
        let width = into(width_mm.min(height_mm), self.least_mm.0, self.most_mm.0)?;
        let height = into(width_mm.max(height_mm), self.least_mm.1, self.most_mm.1)?;
        self.takes(width, height).then_some((width, height))
    }
}

/// What a printer says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Printer {
    /// Its name in commands and settings: the queue's name, or the address of a driverless one.
    pub id: String,
    /// For people.
    pub name: String,
    /// Where it stands, as somebody wrote down; may be empty.
    pub location: String,
    /// Maker and model; may be empty.
    pub model: String,
    /// How it is reached.
    pub via: Via,
    /// Whether the system prints there unless told otherwise.
    pub is_default: bool,
    /// What it does.
    pub state: PrinterState,
    /// Why, in plain words, one reason each: "out of paper".
    pub reasons: Vec<String>,
    /// Whether it takes new jobs.
    pub accepts_jobs: bool,
    /// Sizes with margins, types and sources.
    pub media: Vec<Medium>,
    /// Sizes that it takes beside those.
    #[serde(default)]
    pub custom: Option<CustomSizes>,
    /// The medium it takes unless told otherwise, by its key.
    pub default_medium: Option<String>,
    /// `media-type-supported`.
    pub kinds: Vec<Choice>,
    /// `media-source-supported`.
    pub sources: Vec<Choice>,
    /// `print-quality-supported`, as `draft`, `normal`, `high`.
    pub qualities: Vec<Choice>,
    /// `print-color-mode-supported`.
    pub colour_modes: Vec<Choice>,
    /// `sides-supported`.
    pub sides: Vec<Choice>,
    /// Copies in one job, at most.
    pub most_copies: u32,
    /// Whether it takes a PDF.
    pub takes_pdf: bool,
}

/// What is asked of a printer for one job. `None` leaves a thing to the printer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ticket {
    /// [`Printer::id`].
    pub printer: String,
    /// [`Medium::key`]; the size of the page where none is named.
    pub medium: Option<String>,
    /// Whether the borderless variant of the medium is wanted.
    pub borderless: bool,
    /// Type of paper, by its key.
    pub kind: Option<String>,
    /// Tray, by its key.
    pub source: Option<String>,
    /// `draft`, `normal` or `high`.
    pub quality: Option<String>,
    /// `color`, `monochrome` …
    pub colour_mode: Option<String>,
    /// `one-sided`, `two-sided-long-edge`, `two-sided-short-edge`.
    pub sides: Option<String>,
    /// Copies of the whole document, made by the printer.
    pub copies: u32,
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Waiting for its turn.
    Waiting,
    /// Held until somebody releases it.
    Held,
    /// Printing.
    Printing,
    /// The printer stopped in the middle.
    Stopped,
    /// Cancelled by a person.
    Cancelled,
    /// Ended by the system, because of a fault.
    Failed,
    /// Printed.
    Done,
}

impl JobState {
    /// Whether nothing will happen to it any more.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Failed | Self::Done)
    }
}

/// A job on a printer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// [`Printer::id`].
    pub printer: String,
    /// Its number there.
    pub number: i32,
    /// What it was called.
    pub name: String,
    /// What it does.
    pub state: JobState,
    /// Why, in plain words: "the printer is out of paper".
    pub reasons: Vec<String>,
    /// Sheets that came out, as far as the printer counts.
    pub sheets_done: Option<u32>,
    /// When it was handed over, in ms since 1970.
    pub created_ms: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_sheets_are_taken_within_their_range_and_nonsense_takes_none() {
        let roll = CustomSizes { least_mm: (89.0, 127.0), most_mm: (329.0, 1000.0), margins_mm: Margins::all(3.0) };
        assert!(roll.takes(89.0, 127.0) && roll.takes(1000.0, 329.0) && roll.takes(300.0, 300.0));
        assert!(!roll.takes(88.9, 127.0) && !roll.takes(330.0, 330.0) && !roll.takes(f64::NAN, 200.0));
        assert_eq!(roll.nearest(297.0, 210.0), Some((210.0, 297.0)));
        assert_eq!(roll.nearest(10.0, 5000.0), Some((89.0, 1000.0)));
        let swapped = CustomSizes { least_mm: roll.most_mm, most_mm: roll.least_mm, ..roll };
        let none = CustomSizes { least_mm: (f64::NAN, 1.0), ..roll };
        // Wide and short only: no upright sheet has such sides.
        let wide = CustomSizes { least_mm: (300.0, 100.0), most_mm: (400.0, 200.0), ..roll };
        for broken in [swapped, none, wide] {
            assert_eq!(broken.nearest(210.0, 297.0), None, "{broken:?}");
        }
    }
}
