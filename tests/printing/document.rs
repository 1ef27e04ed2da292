//! The document that is printed: a real page of a real photo, and what of it can be measured.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use lightkeep::domain::layout::{PageSetup, PhotoShape, paginate};
use lightkeep::domain::paper::Paper;
use lightkeep::print::{DocumentInfo, Fonts, PdfJob, PrintImage, write_pdf};

/// Writes a PDF of so many pages of a paper.
pub fn pdf(dir: &Path, paper: &str, landscape: bool, pages: usize) -> PathBuf {
    let setup = PageSetup { paper: Paper::from_name(paper).unwrap(), landscape, ..PageSetup::default() };
    let shape = || PhotoShape { width_px: 300, height_px: 200, ..PhotoShape::default() };
    let shapes: Vec<PhotoShape> = std::iter::repeat_with(shape).take(pages).collect();
    let fonts = Fonts::shipped();
    let laid = paginate(&shapes, &setup, &fonts).unwrap();
    let info = DocumentInfo { title: "A test".into(), ..DocumentInfo::default() };
    let file = dir.join(format!("{paper}-{landscape}-{pages}.pdf"));
    let mut out = std::fs::File::create(&file).unwrap();
    let mut pixels = |request: lightkeep::print::PhotoRequest| {
        let mut pixels = vec![200; 300 * 200 * 3];
        pixels[0] = request.photo as u8;
        Ok(PrintImage::Rgb8 { width_px: 300, height_px: 200, pixels })
    };
    let mut go = |_| ControlFlow::Continue(());
    let job = PdfJob::plain(&laid, &info, &fonts);
    write_pdf(&job, &mut pixels, &mut go, &mut std::io::Cursor::new(Vec::new()), &mut out).unwrap();
    file
}

/// Sizes of the pages of a PDF in mm, as poppler reads them.
pub fn page_sizes_mm(file: &Path) -> Vec<(f64, f64)> {
    let output = Command::new("pdfinfo").args(["-f", "1", "-l", "999", "-box"]).arg(file).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let boxes = text.lines().filter(|line| line.starts_with("Page ") && line.contains("MediaBox:"));
    let mm = |points: f64| points * 25.4 / 72.0;
    let sizes = boxes.map(|line| {
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [.., left, bottom, right, top] = numbers[..] else { panic!("{line}") };
        (mm(right - left), mm(top - bottom))
    });
    sizes.collect()
}
