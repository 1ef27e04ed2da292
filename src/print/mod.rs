//! Laid-out pages to PDF.
