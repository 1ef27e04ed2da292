//! The receipt sheet of a card: what was on it, and what proves that it is stored, as a PDF.

use std::io::Write;
use std::ops::ControlFlow;

use super::font::Fonts;
use super::pdf::{DocumentInfo, PdfJob, PdfReport, PrintError, write_pdf};
use super::splice::Spool;
use crate::domain::Timestamp;
use crate::domain::layout::{Align, Measure as _, Page, PlacedText, TextRole};
use crate::domain::number::grouped;

/// A4, upright.
const PAGE_MM: (f64, f64) = (210.0, 297.0);
const MARGIN_MM: f64 = 16.0;
/// Baseline of the first file on the first page, and on the others.
const FIRST_MM: f64 = 62.0;
const OTHERS_MM: f64 = 28.0;
/// Last baseline above the page number.
const END_MM: f64 = 278.0;
/// Between two lines of one file, and between two files.
const LINE_MM: f64 = 3.7;
const GAP_MM: f64 = 2.2;
const NAME_PT: f64 = 9.0;
const PROOF_PT: f64 = 7.0;
/// Characters of a text that are looked at, from its end.
const MOST_CHARS: usize = 200;

/// One file on the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetFile {
    /// Its name on the card.
    pub name: String,
    /// Length in bytes.
    pub size_bytes: u64,
    /// The first digits of its BLAKE3.
    pub blake3: String,
    /// Its CRC-64/NVME.
    pub crc64nvme: String,
    /// Its version in each store, in the order of [`ReceiptSheet::stores`].
    pub versions: Vec<String>,
}

/// A whole sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptSheet {
    /// The card's name.
    pub card: String,
    /// The day, as people write it.
    pub date: String,
    /// Names of the stores.
    pub stores: Vec<String>,
    /// What the sheet says, as a number: equal sheets have equal ones.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Every file.
    pub files: Vec<SheetFile>,
}

impl ReceiptSheet {
    /// Writes the sheet; see [`write_pdf`] for `spool` and the errors.
    ///
    /// # Errors
    /// As [`write_pdf`].
    pub fn write(
        &self,
        fonts: &Fonts<'_>,
        spool: &mut dyn Spool,
        out: &mut dyn Write,
    ) -> Result<PdfReport, PrintError> {
        let pages = self.pages(fonts);
        let info = DocumentInfo {
            title: format!("Receipt of {}, {} ({})", self.card, self.date, self.id),
            created: Some(self.created),
            language: Some("en".to_owned()),
            ..DocumentInfo::default()
        };
        let job = PdfJob::plain(&pages, &info, fonts);
        write_pdf(&job, &mut |_| Err(String::new()), &mut |_| ControlFlow::Continue(()), spool, out)
    }

    fn pages(&self, fonts: &Fonts<'_>) -> Vec<Page> {
        let mut pages = vec![self.first_page(fonts)];
        let mut baseline = FIRST_MM;
        for file in &self.files {
            let lines = 1 + file.versions.len().div_ceil(2) as u32;
            let height = LINE_MM * f64::from(lines);
            if baseline + height > END_MM {
                pages.push(Page { texts: self.head(fonts), ..Page::blank(PAGE_MM) });
                baseline = OTHERS_MM;
            }
            if let Some(page) = pages.last_mut() {
                page.texts.extend(self.file(fonts, file, baseline));
            }
            baseline += height + LINE_MM + GAP_MM;
        }
        let count = pages.len();
        for (number, page) in pages.iter_mut().enumerate() {
            let text = format!("Page {} of {count}", number + 1);
            page.texts.push(placed(fonts, &text, PAGE_MM.0 - MARGIN_MM, 287.0, (8.0, TextRole::Footer), Align::Right));
            page.texts.push(placed(fonts, &self.id, MARGIN_MM, 287.0, (7.0, TextRole::Footer), Align::Left));
        }
        pages
    }

    fn first_page(&self, fonts: &Fonts<'_>) -> Page {
        let bytes: u64 = self.files.iter().map(|file| file.size_bytes).sum();
        let count = grouped(self.files.len() as u64);
        let lines = [
            (24.0, (18.0, TextRole::Header), format!("Receipt of {}", self.card)),
            (33.0, (10.0, TextRole::Caption), self.date.clone()),
            (39.0, (10.0, TextRole::Caption), format!("{count} of {count} files proved, {} bytes", grouped(bytes))),
            (45.0, (10.0, TextRole::Caption), format!("Stored in: {}", self.stores.join(", "))),
            (
                51.0,
                (8.0, TextRole::CaptionDetail),
                "Each file was copied, read back from the disk, and is in every store with these checksums.".to_owned(),
            ),
        ];
        let texts = lines
            .iter()
            .map(|(baseline, look, text)| {
                let text = fitted(fonts, text, PAGE_MM.0 - 2.0 * MARGIN_MM, *look);
                placed(fonts, &text, MARGIN_MM, *baseline, *look, Align::Left)
            })
            .collect();
        Page { texts, ..Page::blank(PAGE_MM) }
    }

    fn head(&self, fonts: &Fonts<'_>) -> Vec<PlacedText> {
        let look = (10.0, TextRole::Header);
        let text = fitted(fonts, &format!("{}, {}", self.card, self.date), PAGE_MM.0 - 2.0 * MARGIN_MM, look);
        vec![placed(fonts, &text, MARGIN_MM, 18.0, look, Align::Left)]
    }

    /// The lines of one file: name and size, checksums, and its version in each store, two on a line.
    fn file(&self, fonts: &Fonts<'_>, file: &SheetFile, baseline: f64) -> Vec<PlacedText> {
        let (name, proof) = ((NAME_PT, TextRole::Caption), (PROOF_PT, TextRole::CaptionDetail));
        let right = PAGE_MM.0 - MARGIN_MM;
        let half = (PAGE_MM.0 - 2.0 * MARGIN_MM) / 2.0;
        let size = format!("{} bytes", grouped(file.size_bytes));
        let size = placed(fonts, &size, right, baseline, name, Align::Right);
        let shown = fitted(fonts, &file.name, right - MARGIN_MM - size.width_mm - 4.0, name);
        let sums = format!("BLAKE3 {}… · CRC-64/NVME {}", file.blake3, file.crc64nvme);
        let mut texts = vec![
            placed(fonts, &shown, MARGIN_MM, baseline, name, Align::Left),
            size,
            placed(fonts, &sums, MARGIN_MM, baseline + LINE_MM, proof, Align::Left),
        ];
        for (at, (store, version)) in self.stores.iter().zip(&file.versions).enumerate() {
            let line = baseline + LINE_MM * (2 + at / 2) as f64;
            let text = fitted(fonts, &format!("{store}: version {version}"), half - 2.0, proof);
            texts.push(placed(fonts, &text, MARGIN_MM + half * (at % 2) as f64, line, proof, Align::Left));
        }
        texts
    }
}

fn placed(
    fonts: &Fonts<'_>,
    text: &str,
    x_mm: f64,
    baseline_mm: f64,
    (size_pt, role): (f64, TextRole),
    align: Align,
) -> PlacedText {
    let width_mm = fonts.width_mm(text, size_pt, &role.style());
    PlacedText::plain(text.to_owned(), (x_mm, baseline_mm), width_mm, size_pt, align, role)
}

/// The text in one line that fits: its end stays, because names differ there. Controls are shown as a mark.
fn fitted(fonts: &Fonts<'_>, text: &str, room_mm: f64, (size_pt, role): (f64, TextRole)) -> String {
    let mut clean: Vec<char> = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    // Shaping is slow, and no line holds more than this.
    let is_cut = clean.len() > MOST_CHARS;
    clean.drain(..clean.len().saturating_sub(MOST_CHARS));
    let width_mm = |text: &str| fonts.width_mm(text, size_pt, &role.style());
    let whole: String = clean.iter().collect();
    let width = width_mm(&whole);
    if width <= room_mm && !is_cut {
        return whole;
    }
    let mut kept = (clean.len() as f64 * (room_mm / width).min(1.0)) as usize;
    loop {
        let shorter: String = std::iter::once('…').chain(clean[clean.len() - kept..].iter().copied()).collect();
        if kept == 0 || width_mm(&shorter) <= room_mm {
            return shorter;
        }
        kept -= 1 + kept / 16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sheet_stays_on_its_pages() {
        let fonts = Fonts::shipped();
        let file = |n: usize| SheetFile {
            name: format!("DCIM/100CANON/{}_{n}.JPG", "long".repeat(60)),
            size_bytes: 8_000_000,
            blake3: "0123456789abcdef".to_owned(),
            crc64nvme: "0123456789abcdef".to_owned(),
            versions: vec!["v".repeat(100), "01J".to_owned(), "x".to_owned()],
        };
        let sheet = ReceiptSheet {
            card: "Karte\n✓".to_owned(),
            date: "2024-05-17".to_owned(),
            stores: vec!["vault".to_owned(), "aws".to_owned(), "s3".to_owned()],
            id: "abc".to_owned(),
            created: Timestamp(0),
            files: (0..50).map(file).collect(),
        };
        let pages = sheet.pages(&fonts);
        assert!(pages.len() > 3, "{}", pages.len());
        for text in pages.iter().flat_map(|page| &page.texts) {
            assert!(text.left_mm() >= MARGIN_MM - 0.1, "{text:?}");
            assert!(text.left_mm() + text.width_mm <= PAGE_MM.0 - MARGIN_MM + 0.1, "{text:?}");
            assert!(text.baseline_mm < PAGE_MM.1 - 8.0, "{text:?}");
        }
        let names: Vec<_> =
            pages.iter().flat_map(|page| &page.texts).filter(|text| text.text.ends_with(".JPG")).collect();
        assert_eq!(names.len(), 50, "every file is on a page");
    }
}
