//! Tests of the PDF with readers that are not ours: poppler's `pdfinfo`, `pdftoppm`, `pdftotext` and `pdffonts`.
//!
//! Where poppler is not installed those tests return early; `tests/run` installs it.

mod pages;

use std::collections::BTreeSet;
use std::io::{self, Cursor, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;

use crate::domain::layout::*;
use crate::domain::paper::{MM_PER_INCH, Paper};
use crate::domain::time::Timestamp;

/// Pixels per millimetre of rasterised pages, and the resolution for it.
const PX_PER_MM: f64 = 10.0;
const RASTER_PPI: &str = "254";

const RED: [u8; 3] = [220, 20, 20];
const GREEN: [u8; 3] = [20, 180, 20];
const BLUE: [u8; 3] = [20, 20, 220];
const YELLOW: [u8; 3] = [230, 220, 20];
const WHITE: [u8; 3] = [255, 255, 255];

/// A picture whose quarters are red, green (above), blue and yellow (below).
fn quarters(width: u32, height: u32) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            pixels.extend(match (x * 2 < width, y * 2 < height) {
                (true, true) => RED,
                (false, true) => GREEN,
                (true, false) => BLUE,
                (false, false) => YELLOW,
            });
        }
    }
    pixels
}

fn jpeg(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let mut compress = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    compress.set_size(width as usize, height as usize);
    compress.set_quality(95.0);
    compress.set_chroma_sampling_pixel_sizes((1, 1), (1, 1));
    let mut started = compress.start_compress(Vec::new()).unwrap();
    started.write_scanlines(pixels).unwrap();
    started.finish().unwrap()
}

fn quarters_jpeg((width, height): (u32, u32)) -> PrintImage {
    PrintImage::Jpeg(jpeg(width, height, &quarters(width, height)))
}

fn info(photos: usize) -> DocumentInfo {
    DocumentInfo {
        title: "Sommer é Łódź".into(),
        created: Timestamp::from_rfc3339("2024-05-17T18:42:09Z"),
        photo_names: (0..photos).map(|number| format!("IMG_{number:04}.JPG")).collect(),
        ..DocumentInfo::default()
    }
}

type Pixels<'a> = &'a mut dyn FnMut(PhotoRequest) -> Result<PrintImage, String>;

fn pdf(pages: &[Page], fonts: &Fonts<'_>, pixels: Pixels<'_>) -> (Vec<u8>, PdfReport) {
    let mut bytes = Vec::new();
    let mut progress = |_| ControlFlow::Continue(());
    let info = info(100);
    let job = PdfJob::plain(pages, &info, fonts);
    let report = write_pdf(&job, pixels, &mut progress, &mut Cursor::new(Vec::new()), &mut bytes).unwrap();
    assert_eq!(report.bytes, bytes.len() as u64);
    (bytes, report)
}

fn shape(width_px: u32, height_px: u32, captions: &[&str]) -> PhotoShape {
    PhotoShape {
        width_px,
        height_px,
        captions: captions.iter().map(|text| (*text).to_owned()).collect(),
        ..PhotoShape::default()
    }
}

/// A PDF in a directory of its own, seen through poppler; `None` where poppler is absent.
struct Seen {
    dir: tempfile::TempDir,
    file: PathBuf,
}

impl Seen {
    fn new(bytes: &[u8]) -> Option<Self> {
        Command::new("pdftoppm").arg("-v").output().ok()?;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("page.pdf");
        std::fs::write(&file, bytes).unwrap();
        Some(Self { dir, file })
    }

    fn run(&self, tool: &str, args: &[&str], after: &[&Path]) -> String {
        let output = Command::new(tool).args(args).arg(&self.file).args(after).output().unwrap();
        // Debian 12's poppler takes `/Suspects false` of a tagged document for an error of type: it asks whether the
        // value is a boolean and true.
        let errors = String::from_utf8_lossy(&output.stderr)
            .replace("Syntax Error: Suspects object is wrong type (boolean)", "");
        let errors = errors.trim().to_owned();
        assert!(output.status.success() && errors.is_empty(), "{tool}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Page `number` (from 1) as pixels, 10 to the millimetre.
    fn raster(&self, number: usize) -> Raster {
        let stem = self.dir.path().join(format!("raster-{number}"));
        let number = number.to_string();
        self.run("pdftoppm", &["-singlefile", "-r", RASTER_PPI, "-f", &number], &[&stem]);
        Raster::read(&std::fs::read(stem.with_extension("ppm")).unwrap())
    }
}

struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Raster {
    /// Binary PPM as poppler writes it: `P6`, width, height, 255, then the pixels.
    fn read(bytes: &[u8]) -> Self {
        let mut fields = bytes.splitn(4, |byte| *byte == b'\n' || *byte == b' ');
        assert_eq!(fields.next(), Some(&b"P6"[..]));
        let mut number = || std::str::from_utf8(fields.next().unwrap()).unwrap().parse().unwrap();
        let (width, height) = (number(), number());
        let pixels = fields.next().unwrap().strip_prefix(b"255\n").unwrap().to_vec();
        assert_eq!(pixels.len(), width * height * 3);
        Self { width, height, pixels }
    }

    fn at(&self, x_mm: f64, y_mm: f64) -> [u8; 3] {
        self.px((x_mm * PX_PER_MM) as usize, (y_mm * PX_PER_MM) as usize)
    }

    fn px(&self, x: usize, y: usize) -> [u8; 3] {
        self.pixels[(y * self.width + x) * 3..][..3].try_into().unwrap()
    }

    fn is(&self, x_mm: f64, y_mm: f64, colour: [u8; 3]) -> bool {
        near(self.at(x_mm, y_mm), colour)
    }

    /// The box in mm of everything that is not white.
    fn inked(&self) -> Rect {
        let (mut left, mut top, mut right, mut bottom) = (self.width, self.height, 0, 0);
        for y in 0..self.height {
            for x in 0..self.width {
                if !near(self.px(x, y), WHITE) {
                    (left, top, right, bottom) = (left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1));
                }
            }
        }
        let mm = |px: usize| px as f64 / PX_PER_MM;
        Rect::new(mm(left), mm(top), mm(right - left), mm(bottom - top))
    }
}

fn near(seen: [u8; 3], wanted: [u8; 3]) -> bool {
    seen.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 12)
}

fn assert_same_place(seen: Rect, wanted: Rect) {
    let pairs =
        [(seen.x, wanted.x), (seen.y, wanted.y), (seen.right(), wanted.right()), (seen.bottom(), wanted.bottom())];
    assert!(pairs.iter().all(|(a, b)| (a - b).abs() <= 0.2), "seen at {seen:?}, wanted at {wanted:?}");
}

fn count(bytes: &[u8], needle: &[u8]) -> usize {
    memchr::memmem::find_iter(bytes, needle).count()
}

#[test]
fn page_boxes_are_the_papers_millimetres() {
    for (paper, landscape) in
        [("a4", false), ("a4", true), ("letter", false), ("10x15", false), ("13x18", true), ("123.4x567.8mm", false)]
    {
        let paper = Paper::from_name(paper).unwrap();
        let setup = PageSetup { paper, landscape, ..PageSetup::default() };
        let fonts = Fonts::shipped();
        let pages = paginate(&[shape(30, 20, &[])], &setup, &fonts).unwrap();
        let (bytes, _) = pdf(&pages, &fonts, &mut |_| Ok(quarters_jpeg((30, 20))));
        let text = String::from_utf8_lossy(&bytes);
        let (width_mm, height_mm) = setup.page_size_mm();
        for name in ["/MediaBox", "/TrimBox"] {
            let numbers = text.split(name).nth(1).unwrap().trim_start().strip_prefix('[').unwrap();
            let numbers = numbers.split(']').next().unwrap();
            let numbers: Vec<f64> = numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
            let [x, y, width, height] = numbers[..] else { panic!("{numbers:?}") };
            assert_eq!((x, y), (0.0, 0.0));
            // A thousandth of a point is 0.4 micrometres.
            assert!((width - width_mm / MM_PER_INCH * 72.0).abs() < 1e-3, "{paper}: {width}");
            assert!((height - height_mm / MM_PER_INCH * 72.0).abs() < 1e-3, "{paper}: {height}");
        }
        if let Some(seen) = Seen::new(&bytes) {
            assert!(seen.run("pdfinfo", &[], &[]).contains("Title:           Sommer é Łódź"));
        }
    }
}

#[test]
fn a_photo_lies_upright_where_the_layout_says() {
    let setup = PageSetup {
        margins_mm: Margins { top: 7.0, right: 12.3, bottom: 31.0, left: 21.7 },
        landscape: true,
        ..PageSetup::default()
    };
    let fonts = Fonts::shipped();
    let pages = paginate(&[shape(6000, 4000, &[])], &setup, &fonts).unwrap();
    let (bytes, _) = pdf(&pages, &fonts, &mut |request| {
        // 300 ppi of 258 by 172 mm, the size that the margins leave.
        assert_eq!(request.target_px, (3047, 2031));
        Ok(quarters_jpeg((300, 200)))
    });
    let Some(seen) = Seen::new(&bytes) else { return };
    let raster = seen.raster(1);
    let image = pages[0].photos[0].image_mm;
    assert_same_place(raster.inked(), image);
    assert!(raster.is(image.x + 5.0, image.y + 5.0, RED) && raster.is(image.right() - 5.0, image.y + 5.0, GREEN));
    assert!(raster.is(image.x + 5.0, image.bottom() - 5.0, BLUE));
    assert!(raster.is(image.right() - 5.0, image.bottom() - 5.0, YELLOW));
}

#[test]
fn a_turned_photo_has_its_top_at_the_right() {
    let setup = PageSetup { auto_rotate: true, ..PageSetup::default() };
    let fonts = Fonts::shipped();
    let pages = paginate(&[shape(6000, 4000, &[])], &setup, &fonts).unwrap();
    let (bytes, _) = pdf(&pages, &fonts, &mut |request| {
        assert!(request.target_px.0 > request.target_px.1, "pixels are asked for upright");
        Ok(quarters_jpeg((300, 200)))
    });
    let Some(seen) = Seen::new(&bytes) else { return };
    let raster = seen.raster(1);
    let image = pages[0].photos[0].image_mm;
    assert_same_place(raster.inked(), image);
    assert!(raster.is(image.right() - 5.0, image.y + 5.0, RED));
    assert!(raster.is(image.right() - 5.0, image.bottom() - 5.0, GREEN));
    assert!(raster.is(image.x + 5.0, image.y + 5.0, BLUE));
    assert!(raster.is(image.x + 5.0, image.bottom() - 5.0, YELLOW));
}

#[test]
fn raw_pixels_print_like_a_jpeg_and_wrong_shapes_are_not_stretched() {
    let setup = PageSetup { margins_mm: Margins::all(10.0), ..PageSetup::default() };
    let fonts = Fonts::shipped();
    let pages = paginate(&[shape(1000, 1000, &[])], &setup, &fonts).unwrap();
    let place = pages[0].photos[0].image_mm;
    let raw = |width_px, height_px| PrintImage::Rgb8 { width_px, height_px, pixels: quarters(width_px, height_px) };
    for (size, wanted) in [
        ((100, 100), place),
        ((200, 100), Rect { y: place.y + place.height / 4.0, height: place.height / 2.0, ..place }),
    ] {
        let (bytes, _) = pdf(&pages, &fonts, &mut |_| Ok(raw(size.0, size.1)));
        let Some(seen) = Seen::new(&bytes) else { return };
        assert_same_place(seen.raster(1).inked(), wanted);
    }
}

#[test]
fn a_contact_sheet_is_in_order_and_its_captions_can_be_read_back() {
    let names = ["Zoé.jpg", "über.jpg", "Piñata.jpg", "Łódź č.jpg", "Ελλάδα.jpg", "Журнал.jpg"];
    let setup = PageSetup {
        layout: Layout::Contact { rows: 3, columns: 2 },
        captions: vec![CaptionField::Name],
        header: Some("Öffentliche Übersicht".into()),
        page_numbers: true,
        ..PageSetup::default()
    };
    let fonts = Fonts::shipped();
    let shapes: Vec<PhotoShape> = names.iter().map(|name| shape(300, 200, &[name])).collect();
    let pages = paginate(&shapes, &setup, &fonts).unwrap();
    let grey = |photo: usize| [40 + 30 * photo as u8; 3];
    let (bytes, report) =
        pdf(&pages, &fonts, &mut |request| Ok(PrintImage::Jpeg(jpeg(30, 20, &grey(request.photo).repeat(600)))));
    assert_eq!((report.pages, report.photos, report.failed.len()), (1, 6, 0));
    assert!(report.missing_characters.is_empty());
    let Some(seen) = Seen::new(&bytes) else { return };
    let raster = seen.raster(1);
    for placed in &pages[0].photos {
        let Rect { x, y, width, height } = placed.image_mm;
        assert!(raster.is(x + width / 2.0, y + height / 2.0, grey(placed.photo)), "photo {}", placed.photo);
    }
    let text = seen.run("pdftotext", &["-layout"], &[Path::new("-")]);
    for expected in names.iter().chain(&["Öffentliche Übersicht", "Page 1 of 1"]) {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    // Two weights, both embedded as subsets ("emb sub uni" are all yes).
    let fonts = seen.run("pdffonts", &[], &[]);
    assert_eq!(fonts.matches("Inter-").count(), 2, "{fonts}");
    assert_eq!(fonts.matches("yes yes yes").count(), 2, "{fonts}");
}

#[test]
fn a_text_stands_where_it_was_measured() {
    let setup = PageSetup { header: Some("HHHHHHHH".into()), caption_size_pt: 20.0, ..PageSetup::default() };
    let fonts = Fonts::shipped();
    let pages = paginate(&[shape(3, 2, &[])], &setup, &fonts).unwrap();
    let page = Page { photos: Vec::new(), ..pages[0].clone() };
    let (bytes, _) = pdf(&[page], &fonts, &mut |_| Err("not asked".into()));
    let Some(seen) = Seen::new(&bytes) else { return };
    let (inked, text) = (seen.raster(1).inked(), &pages[0].texts[0]);
    assert!((inked.bottom() - text.baseline_mm).abs() < 0.2, "{inked:?} {text:?}");
    // Side bearings of the first and last letter are all that the ink may lack.
    assert!(inked.x >= text.left_mm() && text.width_mm - inked.width < 2.5, "{inked:?} {text:?}");
    assert!(text.bounds_mm().contains(&inked, 0.1));
}

#[test]
fn copies_repeat_pages_and_embed_each_photo_once() {
    let setup = PageSetup { copies: 3, ..PageSetup::default() };
    let fonts = Fonts::shipped();
    let pages = paginate(&vec![shape(300, 200, &[]); 2], &setup, &fonts).unwrap();
    let mut asked = Vec::new();
    let (bytes, report) = pdf(&pages, &fonts, &mut |request| {
        asked.push(request.photo);
        Ok(quarters_jpeg((300 + request.photo as u32, 200)))
    });
    assert_eq!((report.pages, report.photos), (6, 2));
    assert_eq!(asked, [0, 1]);
    assert_eq!(count(&bytes, b"/Subtype /Image") + count(&bytes, b"/Subtype/Image"), 2);
    assert_eq!(count(&bytes, b"/DCTDecode"), 2);
}

#[test]
fn jpeg_bytes_pass_through_untouched_and_colour_is_defined() {
    let fonts = Fonts::shipped();
    let pages = paginate(&[shape(300, 200, &[])], &PageSetup::default(), &fonts).unwrap();
    let file = jpeg(300, 200, &quarters(300, 200));
    let (bytes, _) = pdf(&pages, &fonts, &mut |_| Ok(PrintImage::Jpeg(file.clone())));
    assert_eq!(count(&bytes, &file), 1);
    assert!(count(&bytes, b"/ICCBased") >= 1 && count(&bytes, b"/DeviceRGB") == 0);
}

#[test]
fn a_photo_that_fails_is_a_marked_frame_and_a_line_in_the_report() {
    let setup = PageSetup { layout: Layout::Contact { rows: 2, columns: 2 }, copies: 2, ..PageSetup::default() };
    let fonts = Fonts::shipped();
    let pages = paginate(&vec![shape(300, 200, &[]); 4], &setup, &fonts).unwrap();
    let (bytes, report) = pdf(&pages, &fonts, &mut |request| match request.photo {
        0 => Ok(quarters_jpeg((30, 20))),
        1 => Err("the original is not here: connect the disk “Photos 2024” or restore it from the vault".into()),
        2 => Ok(PrintImage::Jpeg(b"no picture".to_vec())),
        _ => Ok(PrintImage::Rgb8 { width_px: u32::MAX, height_px: u32::MAX, pixels: vec![0; 10] }),
    });
    assert_eq!(report.photos, 1);
    assert_eq!(report.failed.iter().map(|(photo, _)| *photo).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(report.failed.iter().all(|(_, reason)| !reason.is_empty()));
    let Some(seen) = Seen::new(&bytes) else { return };
    let raster = seen.raster(1);
    let place = pages[0].photos[1].image_mm;
    assert!(!raster.is(place.x + 3.0, place.y + 3.0, WHITE), "the frame is drawn");
    let text = seen.run("pdftotext", &[], &[Path::new("-")]);
    assert!(
        text.contains("Not printed") && text.contains("IMG_0001.JPG") && text.contains("restore it from the vault"),
        "{text}"
    );
}

#[test]
fn equal_input_makes_equal_bytes() {
    let setup = PageSetup { captions: vec![CaptionField::Name], page_numbers: true, ..PageSetup::default() };
    let fonts = Fonts::shipped();
    let pages = paginate(&vec![shape(300, 200, &["a é.jpg"]); 5], &setup, &fonts).unwrap();
    let make = || pdf(&pages, &fonts, &mut |request| Ok(quarters_jpeg((30 + request.photo as u32, 20)))).0;
    assert!(make() == make());
}

#[test]
fn characters_without_a_glyph_are_marked_and_named_and_a_fallback_prints_them() {
    let setup = PageSetup { captions: vec![CaptionField::Name], ..PageSetup::default() };
    let shapes = [shape(300, 200, &["صورة 🏔.jpg"])];
    let fonts = Fonts::shipped();
    let pages = paginate(&shapes, &setup, &fonts).unwrap();
    let (bytes, report) = pdf(&pages, &fonts, &mut |_| Ok(quarters_jpeg((30, 20))));
    assert_eq!(report.missing_characters, "صورة🏔".chars().collect::<BTreeSet<_>>());
    if let Some(seen) = Seen::new(&bytes) {
        // From right to left, as the first strong letter says.
        let text = seen.run("pdftotext", &[], &[Path::new("-")]);
        assert!(text.contains("□□□□") && text.matches('□').count() == 5 && text.contains("jpg"), "{text}");
    }
    let Ok(arabic) = std::fs::read("/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf") else { return };
    let fonts = Fonts::with_fallbacks(&[FallbackFont { bytes: &arabic, index: 0 }]);
    let (_, report) = pdf(&paginate(&shapes, &setup, &fonts).unwrap(), &fonts, &mut |_| Ok(quarters_jpeg((30, 20))));
    assert_eq!(report.missing_characters, BTreeSet::from(['🏔']));
}

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn cancel_full_disks_and_impossible_pages_end_as_errors() {
    let fonts = Fonts::shipped();
    let pages = paginate(&vec![shape(300, 200, &[]); 5], &PageSetup::default(), &fonts).unwrap();
    let mut asked = 0;
    let mut pixels = |_| {
        asked += 1;
        Ok(quarters_jpeg((30, 20)))
    };
    let mut stop = |progress: PrintProgress| {
        assert_eq!(progress.total, 5);
        if progress.done == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let info = info(5);
    let job = PdfJob::plain(&pages, &info, &fonts);
    let (mut spool, mut out) = (Cursor::new(Vec::new()), Vec::new());
    let cancelled = write_pdf(&job, &mut pixels, &mut stop, &mut spool, &mut out);
    assert!(matches!(cancelled, Err(PrintError::Cancelled)) && out.is_empty());
    assert_eq!(asked, 2);
    let mut go = |_| ControlFlow::Continue(());
    let mut none = |_| Err(String::from("gone"));
    let full = write_pdf(&job, &mut none, &mut go, &mut spool, &mut Full);
    assert!(matches!(full, Err(PrintError::Write(_))));
    let mut picture = |_| Ok(quarters_jpeg((30, 20)));
    let full = write_pdf(&job, &mut picture, &mut go, &mut Cursor::new([0; 100]), &mut out);
    assert!(matches!(full, Err(PrintError::Write(_))), "a full spool");
    let empty = write_pdf(&PdfJob { pages: &[], ..job }, &mut none, &mut go, &mut spool, &mut out);
    assert!(matches!(empty, Err(PrintError::NoPages)));
    for size_mm in [(0.0, 10.0), (f64::NAN, 10.0), (10_000.0, 10.0)] {
        let pages = [Page::blank(size_mm)];
        let wrong = write_pdf(&PdfJob { pages: &pages, ..job }, &mut none, &mut go, &mut spool, &mut out);
        assert!(matches!(wrong, Err(PrintError::PageSize(1))));
    }
}

/// Writes samples for a person to look at: `LIGHTKEEP_SAMPLES=DIR cargo test --features testing -- --ignored samples`.
#[test]
#[ignore = "writes files to look at"]
fn samples() {
    let Some(dir) = std::env::var_os("LIGHTKEEP_SAMPLES").map(PathBuf::from) else { return };
    let fonts = Fonts::shipped();
    let shapes: Vec<PhotoShape> = (0..14)
        .map(|number| {
            let (width, height) = [(600, 400), (400, 600), (600, 400), (500, 500), (900, 300)][number % 5];
            let name =
                ["Łódź über den Dächern é.jpg", "a_really_long_file_name_from_a_scanner_0042.tiff", "DSC_0042.NEF"];
            shape(width, height, &[name[number % 3], "2024-05-17 18:42", "1/250 s · f/2.8 · ISO 400 · 85 mm"])
        })
        .collect();
    let captions = vec![CaptionField::Name, CaptionField::Date, CaptionField::Exposure];
    let contact = PageSetup {
        layout: Layout::Contact { rows: 4, columns: 3 },
        captions: captions.clone(),
        header: Some("Łódź and Crete, summer 2024".into()),
        page_numbers: true,
        ..PageSetup::default()
    };
    let single = PageSetup {
        captions,
        page_numbers: true,
        landscape: true,
        margins_mm: Margins::all(15.0),
        caption_size_pt: 10.0,
        ..PageSetup::default()
    };
    let small = PageSetup {
        paper: Paper::from_name("10x15").unwrap(),
        margins_mm: Margins::all(0.0),
        fit: Fit::Fill,
        auto_rotate: true,
        ..PageSetup::default()
    };
    for (name, setup) in [("contact", contact), ("single", single), ("small", small)] {
        let pages = paginate(&shapes, &setup, &fonts).unwrap();
        let (bytes, _) = pdf(&pages, &fonts, &mut |request| match request.photo {
            4 => Err("the original is not here: connect the disk “Photos 2024”, or restore it from the vault".into()),
            photo => {
                let full = (f64::from(shapes[photo].width_px), f64::from(shapes[photo].height_px));
                let part = (full.0 * request.crop.width, full.1 * request.crop.height);
                Ok(quarters_jpeg((part.0.round() as u32, part.1.round() as u32)))
            }
        });
        std::fs::write(dir.join(format!("{name}.pdf")), bytes).unwrap();
    }
}

/// Measures time and memory of real jobs; run by hand, optimised, with `--ignored --nocapture`.
#[test]
#[ignore = "measures, asserts nothing"]
fn measure() {
    let peak_kb = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0)
    };
    let fonts = Fonts::shipped();
    // Noise, so that a JPEG is as large as one of a real photo with fine detail.
    let mut state = 1u32;
    let mut noise = |(width, height): (u32, u32)| -> PrintImage {
        let pixels: Vec<u8> = (0..width * height * 3)
            .map(|place| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (place / width % 200) as u8 + (state >> 27) as u8
            })
            .collect();
        PrintImage::Jpeg(jpeg(width, height, &pixels))
    };
    let sheet = PageSetup {
        layout: Layout::Contact { rows: 6, columns: 6 },
        captions: vec![CaptionField::Name],
        ..PageSetup::default()
    };
    for (name, setup, count) in [("contact sheet of 36", sheet, 36), ("200 one a page", PageSetup::default(), 200)] {
        let shapes = vec![shape(6000, 4000, &["DSC_0042.JPG"]); count];
        let pages = paginate(&shapes, &setup, &fonts).unwrap();
        let placed = &pages[0].photos[0].image_mm;
        let px = |mm: f64| (mm / MM_PER_INCH * MAX_PPI).round() as u32;
        let PrintImage::Jpeg(file) = noise((px(placed.width), px(placed.height))) else { return };
        let before = peak_kb();
        let start = std::time::Instant::now();
        let mut number = 0u32;
        let info = info(0);
        let job = PdfJob::plain(&pages, &info, &fonts);
        let mut pixels = |_| {
            // Every picture is another one: a comment of its own after SOI.
            number += 1;
            let mut own = file[..2].to_vec();
            own.extend([0xff, 0xfe, 0, 6]);
            own.extend(number.to_be_bytes());
            own.extend(&file[2..]);
            Ok(PrintImage::Jpeg(own))
        };
        let mut go = |_| ControlFlow::Continue(());
        let (mut spool, mut out) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        let report = write_pdf(&job, &mut pixels, &mut go, &mut spool, &mut out).unwrap();
        println!(
            "{name}: {:.2} s, file {:.1} MB, a picture {:.2} MB, peak {before} to {} kB",
            start.elapsed().as_secs_f64(),
            report.bytes as f64 / 1e6,
            file.len() as f64 / 1e6,
            peak_kb()
        );
    }
}
