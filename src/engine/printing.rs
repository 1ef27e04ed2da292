//! Pages: laid out for the preview, written as a PDF.

use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::cancel::Cancel;
use super::errors::{io_words, user_error};
use super::parts::Engine;
use super::progress::Reporter;
use crate::domain::layout::{CaptionFacts, Page, PageSetup, PhotoSetup, PhotoShape, paginate};
use crate::domain::printing::Output;
use crate::domain::{PhotoDetail, Seat};
use crate::imaging::{self, Fit};
use crate::print::{DocumentInfo, Fonts, PdfJob, PhotoRequest, PrintError, PrintImage, write_pdf};
use crate::protocol::{ErrorCode, ItemFailure, Phase, PrintOrder, PrintReport, UserError};

/// Quality of the pictures in a PDF: no loss that an eye finds at 300 ppi.
const QUALITY: u8 = 92;

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
            lay_out(&details, &each, &setup, &Fonts::shipped()).map(Arc::new)
        };
        self.0.parts.quick.run(work).await
    }

    /// Writes a job as a PDF, whole or not at all.
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
            Output::Pdf { file, .. } => file.clone(),
            Output::Printer(_) | Output::Desktop => return self.print_on(order, cancel, reporter).await,
            Output::Images { .. } => return Err(UserError::new(ErrorCode::Usage, "pages go into a PDF only")),
        };
        self.may_be_written(&file).await?;
        let (engine, cancel, reporter) = (self.clone(), cancel.clone(), reporter.clone());
        self.0.parts.heavy.run(move || engine.print_here(&order, &file, &cancel, &reporter)).await
    }

    fn print_here(
        &self,
        order: &PrintOrder,
        file: &Path,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<PrintReport, UserError> {
        let details = self.details(&order.photos)?;
        let fonts = Fonts::shipped();
        let pages = lay_out(&details, &order.each, &order.pages, &fonts)?;
        let info = DocumentInfo {
            title: order.pages.header.clone().unwrap_or_else(|| "Lightkeep".to_owned()),
            created: Some(self.now()),
            language: Some("en".to_owned()),
            photo_names: details.iter().map(|detail| detail.card.name.clone()).collect(),
            ..DocumentInfo::default()
        };
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
        let job = PdfJob { pages: &pages, info: &info, fonts: &fonts };
        let mut pixels = |request: PhotoRequest| self.print_image(&details[request.photo], request);
        let mut progress = |at: crate::print::PrintProgress| {
            reporter.update(|progress| progress.done = at.done as u64);
            if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let report =
            write_pdf(&job, &mut pixels, &mut progress, &mut spool, &mut out).map_err(|error| match error {
                PrintError::Cancelled => {
                    UserError::new(ErrorCode::Cancelled, "printing was stopped; no file was written")
                }
                PrintError::Write(error) => wrong(error),
                other => UserError::new(ErrorCode::Failed, other.to_string()),
            })?;
        out.flush().map_err(wrong)?;
        out.get_ref().sync_all().map_err(wrong)?;
        std::fs::rename(beside.path("pdf"), file).map_err(wrong)?;
        let failed = report
            .failed
            .into_iter()
            .map(|(photo, why)| ItemFailure { path: shown_path(&details[photo]), why })
            .collect();
        Ok(PrintReport {
            pages: report.pages as u64,
            photos: report.photos as u64,
            file: file.to_owned(),
            failed,
            ..PrintReport::default()
        })
    }

    /// One photo at the size it has on the page.
    fn print_image(&self, detail: &PhotoDetail, request: PhotoRequest) -> Result<PrintImage, String> {
        let (width_px, height_px) = request.target_px;
        // The layout crops evenly on two sides, which is what covering a box of the crop's shape does.
        let fit = if request.crop.width < 1.0 || request.crop.height < 1.0 {
            Fit::Cover { width_px, height_px }
        } else {
            Fit::Within { width_px, height_px }
        };
        let pixels = self.source(detail)?.render(self, fit)?;
        imaging::encode_jpeg(&pixels, QUALITY).map(PrintImage::Jpeg).map_err(|error| error.to_string())
    }
}

fn lay_out(
    details: &[PhotoDetail],
    each: &[PhotoSetup],
    setup: &PageSetup,
    fonts: &Fonts<'_>,
) -> Result<Vec<Page>, UserError> {
    if details.is_empty() {
        return Err(UserError::new(ErrorCode::NotFound, "there is no photo to print")
            .hint("Select photos, or give a query that finds some."));
    }
    let shapes: Vec<PhotoShape> = details
        .iter()
        .enumerate()
        .map(|(at, detail)| PhotoShape { setup: each.get(at).copied().unwrap_or_default(), ..shape(detail, setup) })
        .collect();
    paginate(&shapes, setup, fonts).map_err(|error| UserError::new(ErrorCode::Usage, error.to_string()))
}

fn shape(detail: &PhotoDetail, setup: &PageSetup) -> PhotoShape {
    let (width_px, height_px) = detail.card.size_px.unwrap_or((0, 0));
    let folder = detail.paths.first().and_then(|path| path.path.parent()).and_then(Path::file_name);
    let folder = folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let tags: Vec<String> = detail.tags.iter().map(|tag| tag.name.clone()).collect();
    let facts = CaptionFacts {
        name: &detail.card.name,
        folder: &folder,
        metadata: &detail.metadata,
        title: None,
        caption: None,
        rating: detail.card.rating,
        tags: &tags,
        receipt: None,
    };
    PhotoShape { width_px, height_px, captions: facts.lines(&setup.captions), ..PhotoShape::default() }
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

    fn path(&self, what: &str) -> std::path::PathBuf {
        self.target.with_file_name(format!(".lightkeep-{}.{what}", self.ulid))
    }

    fn make(&self, what: &str) -> std::io::Result<std::fs::File> {
        std::fs::File::options().read(true).write(true).create_new(true).open(self.path(what))
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        for what in ["spool", "pdf"] {
            let _ = std::fs::remove_file(self.path(what));
        }
    }
}
