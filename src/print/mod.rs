//! Laid-out pages to PDF and to pictures, in the very fonts that the layout was measured with.
//!
//! A page arrives as [`crate::domain::layout::Page`], complete: nothing is placed, shortened or chosen here. One function
//! (`canvas.rs`) draws it, on a page of a PDF (`pdf_canvas.rs`) or on a band of a picture ([`raster`]), so that the two
//! cannot differ. Pixels come through a closure (the engine asks `imaging` for them), so that this folder knows neither
//! files nor profiles; what their numbers mean is said by [`Space`].
//!
//! **Printers** ([`printers`]) take *a document and a ticket*. The document is the PDF written here, whose boxes are exact
//! and whose pixels already have their printed size, so that the ticket says `print-scaling=none` and the printer moves
//! nothing. The printable area goes the other way, as margins into [`crate::domain::layout::PageSetup`], so that the
//! preview knows of it too.

mod canvas;
mod encode;
pub mod font;
mod marked;
pub mod pdf;
mod pdf_canvas;
pub mod printers;
pub mod raster;
pub mod receipt_sheet;
mod splice;
mod system_fonts;
#[cfg(test)]
mod tests;

pub use encode::{Sheet, encode};
pub use font::{FallbackFont, Fonts};
pub use pdf::{
    DocumentInfo, MAX_PPI, PdfJob, PdfReport, PhotoRequest, PrintError, PrintImage, PrintProgress, Space, requests,
    write_pdf,
};
pub use raster::{Picture, RasterError, RasterJob, Rows, draw_page, page_px};
pub use splice::Spool;
pub use system_fonts::{family_file, family_names};
