//! The preview and the paper are the same: pages of the studio as egui draws them, beside our own pictures of these
//! pages and beside their PDF as poppler shows it.
//!
//! Where poppler is not installed the PDF is left out; `tests/run` installs it. `LIGHTKEEP_SAMPLES=DIR` keeps the
//! pictures to look at.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::Command;

use eframe::egui::{self, Color32, ColorImage, LayerId, RawInput, Rect, TextureFilter, TextureOptions, pos2, vec2};

use super::super::tests_fake::{Fake, hash, seat};
use super::paint::{Sheet, paint_page};
use crate::domain::Seat;
use crate::domain::layout::{
    self, CaptionField, Fit, Ink, Layout, Margins, Marks, Overlay, OverlayPlace, Page, PageSetup, PhotoSetup,
    PhotoShape, PrintSize, Stroke, TextFont, Turn, Watermark, Weight, paginate,
};
use crate::domain::paper::{MM_PER_INCH, Paper};
use crate::imaging::Pixels;
use crate::print::{
    DocumentInfo, Fonts, PdfJob, PhotoRequest, Picture, PrintImage, RasterJob, Rows, draw_page, family_file, page_px,
    write_pdf,
};
use crate::protocol::ThumbKey;
use crate::testing::{paint::Canvas, quality::ssim};
use crate::ui::theme::{self, PaperFont};

/// Pixels per inch of the comparison: about those of a screen.
const PPI: f64 = 100.0;
/// So many times finer is the PDF drawn: at a screen's own pixels poppler moves photos to whole ones, which no printer
/// has to.
const FINE: u32 = 4;
/// Photos in the library of these tests.
const PHOTOS: u32 = 12;
/// A photo that a person turned by a quarter.
const TURNED: u32 = 4;
/// How alike both must be.
const LEAST: f64 = 0.97;

/// A number from 0 to 1 for a corner of the noise's net.
fn noise_at(photo: u32, x: i64, y: i64) -> f64 {
    let mut word = (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    word = (word ^ u64::from(photo)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    word ^= word >> 33;
    word = word.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (word >> 40) as f64 / (1u64 << 24) as f64
}

/// Width and height of a photo in pixels: those that come later are small on their sheets.
fn size_of(photo: u32) -> (u32, u32) {
    let (long, short) = if photo < 4 { (900, 600) } else { (450, 300) };
    if photo % 4 == 3 { (short, long) } else { (long, short) }
}

/// A photo with things of every size in it, as real ones have: noise that is the weaker the finer it is, and edges.
fn picture(photo: u32) -> Pixels {
    let (width_px, height_px) = size_of(photo);
    let smooth = |t: f64| t * t * (3.0 - 2.0 * t);
    let noise = |x: f64, y: f64, net: f64| {
        let (x, y) = (x / net, y / net);
        let (left, top) = (x.floor(), y.floor());
        let corner = |dx: i64, dy: i64| noise_at(photo ^ ((net as u32) << 8), left as i64 + dx, top as i64 + dy);
        let (u, v) = (smooth(x - left), smooth(y - top));
        let row = |dy| corner(0, dy) + (corner(1, dy) - corner(0, dy)) * u;
        row(0) + (row(1) - row(0)) * v - 0.5
    };
    let mut rgb = Vec::new();
    for y in 0..height_px {
        for x in 0..width_px {
            let (x, y) = (f64::from(x), f64::from(y));
            let net: f64 = [128.0, 64.0, 32.0, 16.0, 8.0, 4.0].iter().map(|net| noise(x, y, *net) * net.sqrt()).sum();
            let disc = (x - 300.0).hypot(y - 280.0) < 120.0;
            let stripe = (x + 0.4 * y) % 170.0 < 12.0;
            let grey = 120.0 + 9.0 * net + if disc { 60.0 } else { 0.0 } - if stripe { 50.0 } else { 0.0 };
            let tint = 24.0 * (x / 90.0 + f64::from(photo)).sin();
            rgb.extend([grey + tint, grey, grey - tint].map(|sample| sample.clamp(0.0, 255.0) as u8));
        }
    }
    Pixels { width_px, height_px, rgb }
}

/// Part of a picture at another size, every pixel the mean of what it covers.
fn scaled(from: &Pixels, crop: layout::Rect, (width, height): (u32, u32)) -> Pixels {
    let (across, down) = (from.width_px as usize, from.height_px as usize);
    let spread = |start: f64, length: f64, of: usize, parts: u32| -> Vec<Vec<(usize, f64)>> {
        let step = length * of as f64 / f64::from(parts);
        let weigh = |part: u32| {
            let (from, to) =
                (start * of as f64 + f64::from(part) * step, start * of as f64 + f64::from(part + 1) * step);
            let pixels = from.floor() as usize..(to.ceil() as usize).min(of);
            let weight = |at: usize| (to.min(at as f64 + 1.0) - from.max(at as f64)) / step;
            pixels.map(|at| (at, weight(at))).collect()
        };
        (0..parts).map(weigh).collect()
    };
    let (columns, rows) = (spread(crop.x, crop.width, across, width), spread(crop.y, crop.height, down, height));
    let mut narrow = Vec::with_capacity(down * width as usize * 3);
    for row in from.rgb.chunks_exact(across * 3) {
        for column in &columns {
            for sample in 0..3 {
                narrow.push(column.iter().map(|(at, weight)| f64::from(row[at * 3 + sample]) * weight).sum::<f64>());
            }
        }
    }
    let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
    for row in &rows {
        for at in 0..width as usize * 3 {
            let mean: f64 = row.iter().map(|(y, weight)| narrow[y * width as usize * 3 + at] * weight).sum();
            rgb.push(mean.round().clamp(0.0, 255.0) as u8);
        }
    }
    Pixels { width_px: width, height_px: height, rgb }
}

/// The photos as people see them.
struct Photos([OnceCell<Pixels>; PHOTOS as usize]);

impl Photos {
    fn new() -> Self {
        Self(std::array::from_fn(|_| OnceCell::new()))
    }

    fn get(&self, photo: usize) -> &Pixels {
        self.0[photo].get_or_init(|| picture(photo as u32))
    }

    /// What the engine answers: the part asked for, at the size asked for, and never enlarged.
    fn answer(&self, request: &PhotoRequest) -> Pixels {
        let whole = self.get(request.photo);
        let most = |part: f64, of: u32| ((part * f64::from(of)).round() as u32).max(1);
        let most = (most(request.crop.width, whole.width_px), most(request.crop.height, whole.height_px));
        let size = if request.target_px.0 > most.0 || request.target_px.1 > most.1 { most } else { request.target_px };
        scaled(whole, request.crop, size)
    }

    /// What a thumbnail shows: the same, but for the turn that a person added.
    fn texture(&self, photo: u32) -> ColorImage {
        let whole = self.get(photo as usize);
        let (width, height) = (whole.width_px as usize, whole.height_px as usize);
        let pixel = |x: usize, y: usize| {
            let at = (y * width + x) * 3;
            Color32::from_rgb(whole.rgb[at], whole.rgb[at + 1], whole.rgb[at + 2])
        };
        if photo != TURNED {
            return ColorImage::new(
                [width, height],
                (0..width * height).map(|at| pixel(at % width, at / width)).collect(),
            );
        }
        // A quarter back, against the clock: what is at its top was at the right.
        let turned = (0..width * height).map(|at| pixel(width - 1 - at / height, at % height));
        ColorImage::new([height, width], turned.collect())
    }
}

/// The page as the studio shows it.
fn preview(page: &Page, photos: &Photos, fonts: &[PaperFont], pixels_per_point: f32) -> Pixels {
    let (width_px, height_px) = page_px(page.size_mm, PPI).unwrap();
    let ctx = egui::Context::default();
    theme::install(&ctx);
    theme::show_paper_fonts(&ctx, fonts);
    ctx.set_pixels_per_point(pixels_per_point);
    let mut fake = Fake::default();
    fake.cards.get_mut(&seat(TURNED)).unwrap().quarter_turns = 1;
    let options = TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };
    let handles: HashMap<u32, egui::TextureHandle> = (0..PHOTOS)
        .filter(|photo| page.photos.iter().any(|placed| placed.photo == *photo as usize))
        .map(|photo| (photo, ctx.load_texture(format!("{photo}"), photos.texture(photo), options)))
        .collect();
    for (photo, handle) in &handles {
        fake.textures.thumbs.insert(ThumbKey::Content(hash(*photo)), (handle.id(), handle.size_vec2()));
    }
    // Around the paper there is a table, as in the window.
    let around = 24.0 / pixels_per_point;
    let scale = (PPI / MM_PER_INCH) as f32 / pixels_per_point;
    let size = vec2(page.size_mm.0 as f32, page.size_mm.1 as f32) * scale;
    let sheet = Sheet { rect: Rect::from_min_size(pos2(around, around), size), scale };
    let window = Rect::from_min_size(pos2(0.0, 0.0), size + vec2(2.0, 2.0) * around);
    let input = RawInput { screen_rect: Some(window), ..RawInput::default() };
    let seats: Vec<Seat> = (0..PHOTOS).map(seat).collect();
    let output = ctx.run_ui(input, |ui| {
        let painter = ui.ctx().layer_painter(LayerId::background());
        fake.with(|context, _| paint_page(&painter, &sheet, page, &seats, context));
    });
    assert_eq!(output.pixels_per_point, pixels_per_point);
    let mut canvas = Canvas::default();
    canvas.take(output.textures_delta);
    let drawn = canvas.draw(
        &ctx.tessellate(output.shapes, pixels_per_point),
        (width_px + 48, height_px + 48),
        pixels_per_point,
    );
    cut(&drawn, (24, 24), (width_px, height_px))
}

fn cut(from: &Pixels, (left, top): (u32, u32), (width_px, height_px): (u32, u32)) -> Pixels {
    assert!(left + width_px <= from.width_px && top + height_px <= from.height_px);
    let rows = from.rgb.chunks_exact(from.width_px as usize * 3).skip(top as usize).take(height_px as usize);
    let rgb = rows.flat_map(|row| &row[left as usize * 3..(left + width_px) as usize * 3]).copied().collect();
    Pixels { width_px, height_px, rgb }
}

/// The page as our own picture of it.
fn raster(page: &Page, photos: &Photos, fonts: &Fonts<'_>) -> Pixels {
    struct Whole(Vec<u8>);
    impl Rows for Whole {
        fn rows(&mut self, rgb: &[u8]) -> std::io::Result<()> {
            self.0.write_all(rgb)
        }
    }
    let info = DocumentInfo::default();
    let job = RasterJob { info: &info, fonts, ink: &|ink| ink, ppi: PPI };
    let mut rows = Whole(Vec::new());
    let mut pixels = |request: PhotoRequest| {
        let Pixels { width_px, height_px, rgb } = photos.answer(&request);
        Ok(Picture { width_px, height_px, rgb })
    };
    let report = draw_page(&job, page, &mut pixels, &mut |_| ControlFlow::Continue(()), &mut rows).unwrap();
    assert!(report.failed.is_empty());
    let (width_px, height_px) = page_px(page.size_mm, PPI).unwrap();
    Pixels { width_px, height_px, rgb: rows.0 }
}

/// The page's PDF as poppler shows it; `None` where poppler is absent.
fn poppler(page: &Page, photos: &Photos, fonts: &Fonts<'_>) -> Option<Pixels> {
    Command::new("pdftoppm").arg("-v").output().ok()?;
    let (info, mut bytes) = (DocumentInfo::default(), Vec::new());
    let job = PdfJob::plain(std::slice::from_ref(page), &info, fonts);
    let mut pixels = |request: PhotoRequest| {
        let Pixels { width_px, height_px, rgb } = photos.answer(&request);
        Ok(PrintImage::Rgb8 { width_px, height_px, pixels: rgb })
    };
    let mut go = |_| ControlFlow::Continue(());
    let report = write_pdf(&job, &mut pixels, &mut go, &mut Cursor::new(Vec::new()), &mut bytes).unwrap();
    assert!(report.failed.is_empty());
    let dir = tempfile::tempdir().unwrap();
    let (file, stem) = (dir.path().join("page.pdf"), dir.path().join("page"));
    std::fs::write(&file, bytes).unwrap();
    let run = Command::new("pdftoppm")
        .args(["-singlefile", "-r", &(PPI * f64::from(FINE)).to_string()])
        .args([&file, &stem])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let bytes = std::fs::read(stem.with_extension("ppm")).unwrap();
    let mut fields = bytes.splitn(4, |byte| *byte == b'\n' || *byte == b' ');
    assert_eq!(fields.next(), Some(&b"P6"[..]));
    let mut number = || std::str::from_utf8(fields.next().unwrap()).unwrap().parse().unwrap();
    let (width_px, height_px) = (number(), number());
    let rgb = fields.next().unwrap().strip_prefix(b"255\n").unwrap().to_vec();
    Some(mean(&Pixels { width_px, height_px, rgb }, page_px(page.size_mm, PPI).unwrap()))
}

/// The mean of [`FINE`] by [`FINE`] pixels for each pixel; the page's last row and column may be cut in any place.
fn mean(fine: &Pixels, (width_px, height_px): (u32, u32)) -> Pixels {
    assert!(fine.width_px.abs_diff(width_px * FINE) <= FINE && fine.height_px.abs_diff(height_px * FINE) <= FINE);
    let row_bytes = fine.width_px as usize * 3;
    let mut rgb = Vec::with_capacity(width_px as usize * height_px as usize * 3);
    for y in 0..height_px {
        let mut sums = vec![0u32; width_px as usize * 3];
        for line in 0..FINE {
            let from = (y * FINE + line).min(fine.height_px - 1) as usize * row_bytes;
            let row = &fine.rgb[from..from + row_bytes];
            for (x, sum) in sums.chunks_exact_mut(3).enumerate() {
                for part in 0..FINE as usize {
                    let at = (x * FINE as usize + part).min(fine.width_px as usize - 1) * 3;
                    sum.iter_mut().zip(&row[at..at + 3]).for_each(|(sum, sample)| *sum += u32::from(*sample));
                }
            }
        }
        rgb.extend(sums.iter().map(|sum| (sum / (FINE * FINE)) as u8));
    }
    Pixels { width_px, height_px, rgb }
}

fn paper(name: &str) -> PageSetup {
    PageSetup { paper: Paper::from_name(name).unwrap(), margins_mm: Margins::all(6.0), ..PageSetup::default() }
}

/// A page of a job with so many photos, and what was chosen for the first ones.
fn page(setup: &PageSetup, count: usize, each: &[PhotoSetup], fonts: &Fonts<'_>) -> Page {
    let shape = |at: usize| PhotoShape {
        width_px: size_of(at as u32).0,
        height_px: size_of(at as u32).1,
        captions: vec![format!("IMG_{:04}.JPG", 400 + at), "17 May 2024, 18:42 · f/2.8".into()],
        overlay: setup.overlay.as_ref().map(|overlay| overlay.text.clone()).unwrap_or_default(),
        setup: each.get(at).copied().unwrap_or_default(),
    };
    let shapes: Vec<PhotoShape> = (0..count).map(shape).collect();
    paginate(&shapes, setup, fonts).unwrap().swap_remove(0)
}

/// Compares a page with its paper, and says how alike they are where that is too little.
fn same(name: &str, page: &Page, photos: &Photos, fonts: &Fonts<'_>, pixels_per_point: f32) -> Vec<String> {
    let shown = preview(page, photos, &[], pixels_per_point);
    let papers = [("raster", Some(raster(page, photos, fonts))), ("poppler", poppler(page, photos, fonts))];
    let mut wrong = Vec::new();
    let keep = |which: &str, pixels: &Pixels| {
        let Some(dir) = std::env::var_os("LIGHTKEEP_SAMPLES").map(PathBuf::from) else { return };
        let head = format!("P6\n{} {}\n255\n", pixels.width_px, pixels.height_px);
        std::fs::write(dir.join(format!("{name}-{which}.ppm")), [head.as_bytes(), &pixels.rgb].concat()).unwrap();
    };
    keep("preview", &shown);
    for (which, paper) in papers {
        let Some(paper) = paper else { continue };
        keep(which, &paper);
        let alike = ssim(&shown, &paper);
        println!("{name}: {alike:.4} with {which}");
        if alike < LEAST {
            wrong.push(format!("{name}: {alike:.4} with {which}"));
        }
    }
    wrong
}

fn check(pages: Vec<(&str, PageSetup, usize, Vec<PhotoSetup>, f32)>) {
    let (photos, fonts) = (Photos::new(), Fonts::shipped());
    let wrong: Vec<String> = pages
        .into_iter()
        .flat_map(|(name, setup, count, each, pixels_per_point)| {
            same(name, &page(&setup, count, &each, &fonts), &photos, &fonts, pixels_per_point)
        })
        .collect();
    assert!(wrong.is_empty(), "the preview is not the paper: {wrong:#?}");
}

#[test]
fn one_photo_in_its_frame_looks_as_on_paper() {
    let fill = PageSetup { fit: Fit::Fill, ..paper("10x15") };
    let fit = PageSetup { landscape: true, ..paper("13x18") };
    let zoomed = PhotoSetup { zoom: 1.6, pan: (0.4, -0.7), ..PhotoSetup::default() };
    let straight = PhotoSetup { straighten_deg: 7.5, ..PhotoSetup::default() };
    let turned = PhotoSetup { turn: Turn::Quarters(3), straighten_deg: -4.0, zoom: 1.2, ..PhotoSetup::default() };
    check(vec![
        ("fill", fill.clone(), 1, vec![], 1.0),
        ("fit", fit.clone(), 1, vec![], 1.0),
        ("fit-fine", fit.clone(), 1, vec![], 2.0),
        ("zoomed", fill.clone(), 1, vec![zoomed], 1.0),
        ("straightened", fit, 1, vec![straight], 1.0),
        ("turned", fill, 1, vec![turned], 1.25),
    ]);
}

#[test]
fn sheets_of_many_photos_look_as_on_paper() {
    let contact = PageSetup {
        layout: Layout::Contact { rows: 4, columns: 3 },
        captions: vec![CaptionField::Name, CaptionField::Date],
        header: Some("Crete, summer 2024".into()),
        footer: Some("Printed with Lightkeep".into()),
        page_numbers: true,
        ..paper("a4")
    };
    let turn = |quarters| PhotoSetup { turn: Turn::Quarters(quarters), ..PhotoSetup::default() };
    let lean = |straighten_deg| PhotoSetup { straighten_deg, ..PhotoSetup::default() };
    let each = vec![turn(1), turn(2), turn(3), lean(5.0), turn(1), lean(-12.0)];
    let package = PageSetup {
        layout: Layout::Package {
            sizes: vec![PrintSize::new(90.0, 130.0), PrintSize::new(50.0, 75.0), PrintSize::new(50.0, 75.0)],
        },
        marks: Marks::Guides,
        ..paper("a5")
    };
    check(vec![
        ("contact", contact.clone(), 12, vec![], 1.0),
        ("contact-turned", PageSetup { fit: Fit::Fill, auto_rotate: true, ..contact }, 12, each, 1.0),
        ("package", package, 1, vec![], 1.0),
    ]);
}

#[test]
fn what_lies_around_and_over_photos_looks_as_on_paper() {
    let ink = |red, green, blue| Ink { red, green, blue };
    let framed = PageSetup {
        layout: Layout::NUp { count: 4 },
        border_mm: 3.0,
        border_ink: ink(250, 246, 235),
        stroke: Some(Stroke { width_mm: 0.8, ink: ink(120, 20, 30) }),
        corner_mm: 5.0,
        background: ink(70, 80, 95),
        text_ink: Some(Ink::WHITE),
        captions: vec![CaptionField::Name],
        ..paper("13x18")
    };
    let marked = PageSetup {
        layout: Layout::NUp { count: 2 },
        marks: Marks::Crop,
        margins_mm: Margins::all(12.0),
        ..paper("13x18")
    };
    let overlay =
        Overlay { text: "© Ada Lovelace".into(), place: OverlayPlace::TopLeft, size_pt: 11.0, ..Overlay::default() };
    let watermark = Watermark { text: "Proof, not for sale".into(), width: 0.7, ..Watermark::default() };
    let over = PageSetup { overlay: Some(overlay), watermark: Some(watermark), ..framed.clone() };
    check(vec![("framed", framed, 4, vec![], 1.0), ("marked", marked, 2, vec![], 1.0), ("over", over, 4, vec![], 1.0)]);
}

/// Where this computer has fonts: text is shown in the font that it is printed in, and would be told from Inter.
#[test]
fn text_in_a_font_of_this_computer_looks_as_on_paper() {
    let file = |family: &str, weight| family_file(family, weight).map(|(bytes, index)| (weight, bytes, index));
    let wanted = ["DejaVu Serif", "Nimbus Roman", "Times New Roman", "Georgia"];
    let Some(family) = wanted.into_iter().find(|name| file(name, Weight::Regular).is_some()) else { return };
    let found = [Weight::Regular, Weight::SemiBold].into_iter().filter_map(|weight| file(family, weight));
    let of_paper: Vec<PaperFont> =
        found.map(|(weight, bytes, index)| PaperFont { family: family.into(), weight, bytes, index }).collect();
    let (photos, fonts) = (Photos::new(), Fonts::of_this_computer());
    let setup = PageSetup {
        font: TextFont::Family(family.into()),
        captions: vec![CaptionField::Name, CaptionField::Date],
        caption_size_pt: 20.0,
        header: Some("Crete, summer 2024".into()),
        ..paper("10x15")
    };
    let page = page(&setup, 1, &[], &fonts);
    let paper = raster(&page, &photos, &fonts);
    let (shown, inter) = (preview(&page, &photos, &of_paper, 1.0), preview(&page, &photos, &[], 1.0));
    let (alike, other) = (ssim(&shown, &paper), ssim(&inter, &paper));
    assert!(alike >= LEAST && other < LEAST, "{family}: {alike}, in Inter {other}");
}

/// The comparison sees what people see: a preview that is off by a little is not the paper.
#[test]
fn a_preview_that_is_off_is_found() {
    let (photos, fonts) = (Photos::new(), Fonts::shipped());
    let right = page(&paper("10x15"), 1, &[], &fonts);
    let paper = raster(&right, &photos, &fonts);
    let mut moved = right.clone();
    moved.photos[0].crop = layout::Rect::new(0.01, 0.0, 0.99, 1.0);
    let mut turned = right.clone();
    turned.photos[0].turns = 2;
    let mut pale = right;
    pale.photos[0].stroke = Some(Stroke { width_mm: 2.0, ink: Ink::WHITE });
    for wrong in [moved, turned, pale] {
        let alike = ssim(&preview(&wrong, &photos, &[], 1.0), &paper);
        assert!(alike < LEAST, "{alike}");
    }
}
