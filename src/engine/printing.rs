//! Pages: laid out for the preview, written as a PDF.

use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cancel::Cancel;
use super::errors::{io_words, user_error};
use super::parts::Engine;
use super::print_facts::{fonts, lay_out};
use super::print_pixels::{Ahead, Kind, PrintPixels, colour_notes};
use super::progress::Reporter;
use crate::domain::layout::{Page, PageSetup, PhotoSetup};
use crate::domain::printing::{Output, PageFormat, Profile};
use crate::domain::{PhotoDetail, Seat};
use crate::imaging::PressProfile;
use crate::print::{
    DocumentInfo, MAX_PPI, PdfJob, PrintError, PrintProgress, RasterError, RasterJob, Sheet, Space, draw_page, encode,
    page_px, requests, write_pdf,
};
use crate::protocol::{ErrorCode, ItemFailure, Phase, PrintOrder, PrintReport, UserError};

/// Resolution of pages as pictures, in pixels per inch.
const PPI: std::ops::RangeInclusive<u32> = 36..=1200;

/// Where a document goes, which decides what its colours may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    /// A file for people: every colour says what it means.
    File {
        /// Originals go in byte for byte where a page can show them.
        untouched: bool,
    },
    /// A printer. Where the app manages colours they are the printer's own numbers, which nobody may change again.
    Printer,
}

impl Engine {
    /// The photos of a job; those that are gone are left out.
    fn details(&self, seats: &[Seat]) -> Result<Vec<PhotoDetail>, UserError> {
        let look = |reader: &crate::catalog::Reader| {
            let mut details = Vec::with_capacity(seats.len());
            for seat in seats {
                details.extend(reader.photo(*seat)?);
            }
            Ok(details)
        };
        self.read_here(look).map_err(|error| user_error(&error))
    }

    /// Lays out pages.
    ///
    /// # Errors
    /// What is wrong with the setup, in words.
    pub async fn pages(
        &self,
        photos: Arc<[Seat]>,
        each: Arc<[PhotoSetup]>,
        setup: PageSetup,
    ) -> Result<Arc<Vec<Page>>, UserError> {
        let engine = self.clone();
        let work = move || {
            let details = engine.details(&photos)?;
            lay_out(&details, &each, &setup).map(Arc::new)
        };
        self.0.parts.quick.run(work).await
    }

    /// Writes a job as a PDF or as pictures of its pages, whole or not at all.
    ///
    /// # Errors
    /// What is wrong with the setup, or why the file cannot be written. A photo that fails is in the report.
    pub async fn print(
        &self,
        order: PrintOrder,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<PrintReport, UserError> {
        let file = match &order.output {
            Output::Images { ppi, .. } if !PPI.contains(ppi) => {
                return Err(UserError::new(
                    ErrorCode::Usage,
                    format!("{ppi} pixels per inch are not possible: give {} to {}", PPI.start(), PPI.end()),
                ));
            }
            Output::Pdf { file, .. } | Output::Images { file, .. } => file.clone(),
            Output::Printer(_) | Output::Desktop => return Box::pin(self.print_on(order, cancel, reporter)).await,
        };
        self.may_be_written(&file).await?;
        // Boxed, as an order is large and the future that waits for it would be too.
        let (engine, order) = (self.clone(), Box::new(order));
        let (cancel, reporter) = (cancel.clone(), reporter.clone());
        let work = move || match order.output {
            Output::Images { format, ppi, .. } => engine.write_images(&order, &file, (format, ppi), &cancel, &reporter),
            Output::Pdf { untouched, .. } => {
                engine.write_document(&order, &file, Document::File { untouched }, &cancel, &reporter)
            }
            Output::Printer(_) | Output::Desktop => {
                engine.write_document(&order, &file, Document::Printer, &cancel, &reporter)
            }
        };
        self.0.parts.heavy.run(work).await
    }

    /// Writes a job as a PDF, whole or not at all. Blocking.
    ///
    /// # Errors
    /// As [`Engine::print`].
    pub(super) fn write_document(
        &self,
        order: &PrintOrder,
        file: &Path,
        document: Document,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<PrintReport, UserError> {
        let details = self.details(&order.photos)?;
        let fonts = fonts().fonts();
        let pages = lay_out(&details, &order.each, &order.pages)?;
        let pixels = PrintPixels::new(self, &details, self.press(&order.pixels, MAX_PPI)?, order.pixels.draft);
        let space = match (pixels.icc(), document) {
            (None, _) => Space::Srgb,
            (Some(icc), Document::File { .. }) => Space::Profile(icc),
            (Some(_), Document::Printer) => Space::Device,
        };
        let kind = if document == (Document::File { untouched: true }) { Kind::Untouched } else { Kind::Jpeg };
        let info = self.info(order, &details);
        let wrong = |error: std::io::Error| {
            UserError::new(
                ErrorCode::Unavailable,
                format!("the PDF cannot be written ({}): {}", io_words(&error), file.display()),
            )
        };
        let beside = Beside::new(file, &self.ulid());
        let mut spool = beside.make("spool").map_err(wrong)?;
        let mut out = BufWriter::new(beside.make("pdf").map_err(wrong)?);
        let total = pages.iter().map(|page| page.photos.len() as u64).sum();
        reporter.update(|progress| (progress.phase, progress.total) = (Phase::Working, total));
        let plain = |ink| ink;
        let device = |ink| pixels.ink(ink);
        let ink: &dyn Fn(_) -> _ = if matches!(space, Space::Device) { &device } else { &plain };
        let job = PdfJob { space: &space, ink, ..PdfJob::plain(&pages, &info, fonts) };
        let make = |request| pixels.for_pdf(request, kind);
        let mut ahead = Ahead::new(self, requests(&pages, MAX_PPI), &make);
        let mut progress = |at: PrintProgress| going(cancel, reporter, at.done as u64);
        let report = write_pdf(&job, &mut |request| ahead.take(request), &mut progress, &mut spool, &mut out).map_err(
            |error| match error {
                PrintError::Cancelled => stopped(),
                PrintError::Write(error) => wrong(error),
                other => UserError::new(ErrorCode::Failed, other.to_string()),
            },
        )?;
        out.flush().map_err(wrong)?;
        out.get_ref().sync_all().map_err(wrong)?;
        std::fs::rename(beside.path("pdf"), file).map_err(wrong)?;
        let failed = report.failed.into_iter();
        Ok(PrintReport {
            pages: report.pages as u64,
            photos: report.photos as u64,
            file: file.to_owned(),
            notes: notes(order, document, &report.missing_characters),
            failed: failed.map(|(photo, why)| failure(&details, photo, why)).collect(),
            ..PrintReport::default()
        })
    }

    /// Writes a picture of each page, each whole or not at all. Blocking.
    fn write_images(
        &self,
        order: &PrintOrder,
        file: &Path,
        (format, ppi): (PageFormat, u32),
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<PrintReport, UserError> {
        let details = self.details(&order.photos)?;
        let fonts = fonts().fonts();
        let pages = lay_out(&details, &order.each, &order.pages)?;
        let exact = f64::from(ppi);
        let pixels = PrintPixels::new(self, &details, self.press(&order.pixels, exact)?, order.pixels.draft);
        let icc = match pixels.icc() {
            Some(icc) => icc,
            None => PressProfile::built_in(&Profile::Srgb).map_err(|why| UserError::new(ErrorCode::Failed, why))?.icc(),
        };
        let info = self.info(order, &details);
        let total = pages.iter().map(|page| page.photos.len() as u64).sum();
        reporter.update(|progress| (progress.phase, progress.total) = (Phase::Working, total));
        let ink = |ink| pixels.ink(ink);
        let job = RasterJob { info: &info, fonts, ink: &ink, ppi: exact };
        let make = |request| pixels.for_raster(request);
        let (mut failed, mut photos) = (std::collections::BTreeMap::new(), std::collections::BTreeSet::new());
        let mut done = 0;
        for (number, page) in pages.iter().enumerate() {
            let target = numbered(file, number + 1);
            if number > 0 && futures::executor::block_on(self.may_be_written(&target)).is_err() {
                return Err(UserError::new(
                    ErrorCode::Usage,
                    format!("an original is never overwritten; name another file: {}", target.display()),
                ));
            }
            let wrong = |error: std::io::Error| {
                UserError::new(
                    ErrorCode::Unavailable,
                    format!("the picture cannot be written ({}): {}", io_words(&error), target.display()),
                )
            };
            let (width_px, height_px) = page_px(page.size_mm, exact)
                .ok_or_else(|| UserError::new(ErrorCode::Usage, RasterError::Size.to_string()))?;
            let beside = Beside::new(&target, &self.ulid());
            let mut out = BufWriter::new(beside.make("page").map_err(wrong)?);
            let sheet = Sheet { width_px, height_px, ppi, icc: &icc };
            let mut ahead = Ahead::new(self, requests(std::slice::from_ref(page), exact), &make);
            let mut progress = |at: PrintProgress| going(cancel, reporter, done + at.done as u64);
            encode(format, sheet, &mut out, |rows| {
                let report = draw_page(&job, page, &mut |request| ahead.take(request), &mut progress, rows)?;
                photos.extend(report.photos);
                failed.extend(report.failed);
                Ok(())
            })
            .map_err(|error| match error {
                RasterError::Cancelled => stopped(),
                RasterError::Write(error) => wrong(error),
                RasterError::Size => UserError::new(ErrorCode::Usage, RasterError::Size.to_string()),
            })?;
            out.flush().map_err(wrong)?;
            out.get_ref().sync_all().map_err(wrong)?;
            std::fs::rename(beside.path("page"), &target).map_err(wrong)?;
            done += page.photos.len() as u64;
        }
        let texts = pages.iter().flat_map(|page| &page.texts);
        let missing = texts.flat_map(|text| fonts.missing(&text.text)).collect();
        Ok(PrintReport {
            pages: pages.len() as u64,
            photos: photos.len() as u64,
            file: file.to_owned(),
            notes: notes(order, Document::File { untouched: false }, &missing),
            failed: failed.into_iter().map(|(photo, why)| failure(&details, photo, why)).collect(),
            ..PrintReport::default()
        })
    }

    fn info(&self, order: &PrintOrder, details: &[PhotoDetail]) -> DocumentInfo {
        let spoken = |detail: &PhotoDetail| {
            let words = [detail.metadata.caption.as_deref(), detail.metadata.title.as_deref()];
            words.into_iter().flatten().find(|words| !words.trim().is_empty()).unwrap_or(&detail.card.name).to_owned()
        };
        DocumentInfo {
            title: order.pages.header.clone().unwrap_or_else(|| "Lightkeep".to_owned()),
            created: Some(self.now()),
            language: Some("en".to_owned()),
            photo_names: details.iter().map(|detail| detail.card.name.clone()).collect(),
            alternatives: details.iter().map(spoken).collect(),
            ..DocumentInfo::default()
        }
    }
}

fn going(cancel: &Cancel, reporter: &Reporter, done: u64) -> ControlFlow<()> {
    reporter.update(|progress| progress.done = done);
    if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn stopped() -> UserError {
    UserError::new(ErrorCode::Cancelled, "printing was stopped; no unfinished file was left")
}

fn failure(details: &[PhotoDetail], photo: usize, why: String) -> ItemFailure {
    ItemFailure { path: details.get(photo).map(shown_path).unwrap_or_default(), why }
}

fn notes(order: &PrintOrder, document: Document, missing: &std::collections::BTreeSet<char>) -> Vec<String> {
    let mut notes = colour_notes(&order.pixels, document == Document::Printer);
    if !missing.is_empty() {
        let some: String = missing.iter().take(20).collect();
        notes.push(format!("No font of this computer has these characters, printed as □: {some}"));
    }
    notes
}

/// The file of a page: the first has the name itself, the others their number before the suffix.
fn numbered(file: &Path, page: usize) -> PathBuf {
    if page == 1 {
        return file.to_owned();
    }
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{page}"));
    if let Some(suffix) = file.extension() {
        name.push(".");
        name.push(suffix);
    }
    file.with_file_name(name)
}

fn shown_path(detail: &PhotoDetail) -> String {
    detail.paths.first().map_or_else(|| detail.card.name.clone(), |path| path.path.display().to_string())
}

/// Unfinished files beside the target, gone when this is.
struct Beside<'a> {
    target: &'a Path,
    ulid: String,
}

impl<'a> Beside<'a> {
    fn new(target: &'a Path, ulid: &str) -> Self {
        Self { target, ulid: ulid.to_owned() }
    }

    fn path(&self, what: &str) -> PathBuf {
        self.target.with_file_name(format!(".lightkeep-{}.{what}", self.ulid))
    }

    fn make(&self, what: &str) -> std::io::Result<std::fs::File> {
        std::fs::File::options().read(true).write(true).create_new(true).open(self.path(what))
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        for what in ["spool", "pdf", "page"] {
            let _ = std::fs::remove_file(self.path(what));
        }
    }
}
