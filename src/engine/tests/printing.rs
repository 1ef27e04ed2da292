//! Printing from files to files: colours of a known target, pictures of pages, originals as they are, drafts.

use std::process::Command;

use super::*;
use crate::domain::layout::{Layout, Page, PageSetup};
use crate::domain::paper::MM_PER_INCH;
use crate::domain::printing::{Intent, Managed, Output, PageFormat, PixelSetup, Profile, Proof};
use crate::imaging::{Fit, Lab, Pixels, PressProfile, delta_e2000};
use crate::print::{Rows, Sheet, encode};
use crate::protocol::{ErrorCode, PrintOrder, PrintReport};

/// Colours of a chart: skin, sky, foliage, the primaries at half strength, greys.
const PATCHES: [[u8; 3]; 12] = [
    [194, 150, 130],
    [98, 122, 157],
    [87, 108, 67],
    [160, 60, 60],
    [70, 148, 73],
    [60, 70, 150],
    [231, 199, 31],
    [187, 86, 149],
    [0, 133, 161],
    [243, 243, 242],
    [122, 122, 121],
    [52, 52, 52],
];
/// Pixels of a patch's side; there are four in a row.
const SIDE: u32 = 60;

/// The chart as a file with a profile.
fn chart(profile: &Profile, format: PageFormat) -> Vec<u8> {
    let icc = PressProfile::built_in(profile).unwrap().icc();
    let sheet = Sheet { width_px: 4 * SIDE, height_px: 3 * SIDE, ppi: 300, icc: &icc };
    let mut file = std::io::Cursor::new(Vec::new());
    encode(format, sheet, &mut file, |rows: &mut dyn Rows| -> std::io::Result<()> {
        for y in 0..3 * SIDE {
            let row: Vec<u8> = (0..4 * SIDE).flat_map(|x| PATCHES[(y / SIDE * 4 + x / SIDE) as usize]).collect();
            rows.rows(&row)?;
        }
        Ok(())
    })
    .unwrap();
    file.into_inner()
}

fn lab([red, green, blue]: [u8; 3]) -> Lab {
    let light = |sample: u8| {
        let value = f64::from(sample) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let (r, g, b) = (light(red), light(green), light(blue));
    Lab::from_xyz([
        0.436_07 * r + 0.385_15 * g + 0.143_07 * b,
        0.222_49 * r + 0.716_87 * g + 0.060_61 * b,
        0.013_92 * r + 0.097_08 * g + 0.714_10 * b,
    ])
}

/// The middle of a patch in pixels where the chart lies so.
fn patch(pixels: &Pixels, (x, y, width, height): (f64, f64, f64, f64), number: usize) -> [u8; 3] {
    let (column, row) = ((number % 4) as f64 + 0.5, (number / 4) as f64 + 0.5);
    let (x, y) = ((x + column * width / 4.0) as usize, (y + row * height / 3.0) as usize);
    let at = (y * pixels.width_px as usize + x) * 3;
    [pixels.rgb[at], pixels.rgb[at + 1], pixels.rgb[at + 2]]
}

fn order(photos: Vec<Seat>, pixels: PixelSetup, output: Output) -> PrintOrder {
    let pages = PageSetup { landscape: true, ..PageSetup::default() };
    PrintOrder { photos: photos.into(), each: Vec::new().into(), pages, pixels, output }
}

async fn print(process: &Process, order: &PrintOrder) -> Result<PrintReport, UserError> {
    let reporter = Reporter::new(&process.engine, OP, OpKind::Print);
    process.engine.print(order.clone(), &Cancel::default(), &reporter).await
}

async fn pages(process: &Process, order: &PrintOrder) -> Arc<Vec<Page>> {
    process.engine.pages(order.photos.clone(), order.each.clone(), order.pages.clone()).await.unwrap()
}

/// A page as poppler shows it, 10 pixels to the mm; `None` where it is not installed.
fn rasterised(file: &Path, page: usize) -> Option<Pixels> {
    let number = page.to_string();
    // Without a screen to convert to, poppler takes all numbers for the screen's own.
    let screen = file.with_extension("screen.icc");
    std::fs::write(&screen, &*PressProfile::built_in(&Profile::Srgb).unwrap().icc()).unwrap();
    let mut command = Command::new("pdftoppm");
    command.args(["-r", "254", "-f", &number, "-l", &number, "-displayprofile"]).arg(&screen).arg(file);
    let output = command.output().ok()?;
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = output.stdout;
    let mut fields = bytes.splitn(4, |byte| *byte == b'\n' || *byte == b' ');
    assert_eq!(fields.next(), Some(&b"P6"[..]));
    let mut number = || std::str::from_utf8(fields.next().unwrap()).unwrap().parse().unwrap();
    let (width_px, height_px) = (number(), number());
    let rgb = fields.next().unwrap().strip_prefix(b"255\n").unwrap().to_vec();
    Some(Pixels { width_px, height_px, rgb })
}

async fn charts() -> (World, Process) {
    let world = World::new();
    for (name, profile) in [("a.png", Profile::Srgb), ("b.png", Profile::AdobeRgb), ("c.png", Profile::DisplayP3)] {
        world.files.put(Path::new(SHOOT).join(name), &chart(&profile, PageFormat::Png));
    }
    let process = world.open().await;
    assert_eq!(process.import().await.unwrap().added, 3);
    (world, process)
}

/// A chart in three colour spaces, printed through each kind of colour management, is what the proof says.
#[tokio::test]
async fn colours_on_the_page_are_those_of_the_computed_proof() {
    let (_world, process) = charts().await;
    let dir = tempfile::tempdir().unwrap();
    let app = |profile| Managed::App { profile, intent: Intent::RelativeColorimetric, black_point: true };
    for managed in [Managed::Printer, app(Profile::AdobeRgb), app(Profile::DisplayP3), app(Profile::Srgb)] {
        let file = dir.path().join("chart.pdf");
        let setup = PixelSetup { managed: managed.clone(), ..PixelSetup::default() };
        let seats = process.seats().await;
        let order = order(seats.clone(), setup, Output::Pdf { file: file.clone(), untouched: false });
        let report = print(&process, &order).await.unwrap();
        assert_eq!((report.pages, report.photos, report.failed.len()), (3, 3, 0));
        let laid = pages(&process, &order).await;
        let bytes = std::fs::read(&file).unwrap();
        assert!(memchr::memmem::find(&bytes, b"/ICCBased").is_some());
        for (page, seat) in seats.into_iter().enumerate() {
            let proof = match &managed {
                Managed::Printer => None,
                Managed::App { profile, intent, black_point } => Some(Proof {
                    profile: profile.clone(),
                    intent: *intent,
                    black_point: *black_point,
                    paper_white: false,
                    gamut_warning: false,
                }),
            };
            let wanted = process.engine.proofed_picture(seat, Fit::Full, proof).await.unwrap();
            let Some(seen) = rasterised(&file, page + 1) else { return };
            let place = laid[page].photos[0].image_mm;
            let place = (place.x * 10.0, place.y * 10.0, place.width * 10.0, place.height * 10.0);
            let whole = (0.0, 0.0, f64::from(wanted.width_px), f64::from(wanted.height_px));
            for number in 0..PATCHES.len() {
                let (seen, wanted) = (patch(&seen, place, number), patch(&wanted, whole, number));
                let distance = delta_e2000(lab(seen), lab(wanted));
                assert!(
                    distance < 2.0,
                    "{managed:?}, photo {page}, patch {number}: {seen:?}, not {wanted:?}: {distance}"
                );
            }
        }
    }
}

#[tokio::test]
async fn pages_become_numbered_pictures_and_wrong_resolutions_none() {
    let (_world, process) = charts().await;
    let dir = tempfile::tempdir().unwrap();
    let images = |name: &str, format, ppi| Output::Images { file: dir.path().join(name), format, ppi };
    for (name, format) in
        [("sheet.jpg", PageFormat::Jpeg), ("sheet.png", PageFormat::Png), ("sheet.tif", PageFormat::Tiff)]
    {
        let order = order(process.seats().await, PixelSetup::default(), images(name, format, 100));
        let report = print(&process, &order).await.unwrap();
        assert_eq!((report.pages, report.photos), (3, 3));
        let laid = pages(&process, &order).await;
        let (stem, suffix) = name.split_once('.').unwrap();
        for page in 0..3 {
            let file = if page == 0 { name.to_owned() } else { format!("{stem}-{}.{suffix}", page + 1) };
            let bytes = std::fs::read(dir.path().join(file)).unwrap();
            let crate::imaging::Kind::Photo(kind) = crate::imaging::sniff(&bytes, None) else { panic!("no picture") };
            let pixels = crate::imaging::render(&bytes, kind, Fit::Full).unwrap();
            assert_eq!((pixels.width_px, pixels.height_px), (1169, 827));
            let wanted = process.engine.picture(order.photos[page], Fit::Full).await.unwrap();
            let px = |mm: f64| mm / MM_PER_INCH * 100.0;
            let place = laid[page].photos[0].image_mm;
            let place = (px(place.x), px(place.y), px(place.width), px(place.height));
            let whole = (0.0, 0.0, f64::from(wanted.width_px), f64::from(wanted.height_px));
            for number in 0..PATCHES.len() {
                let (seen, wanted) = (patch(&pixels, place, number), patch(&wanted, whole, number));
                let distance = delta_e2000(lab(seen), lab(wanted));
                assert!(distance < 2.0, "{name} {page} {number}: {seen:?}, not {wanted:?}");
            }
        }
    }
    for ppi in [0, 35, 1201] {
        let order = order(process.seats().await, PixelSetup::default(), images("none.jpg", PageFormat::Jpeg, ppi));
        assert_eq!(print(&process, &order).await.unwrap_err().code, ErrorCode::Usage);
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 9, "nothing unfinished is left");
}

#[tokio::test]
async fn originals_go_in_byte_for_byte_only_where_asked_and_possible() {
    let world = World::new();
    let jpeg = chart(&Profile::DisplayP3, PageFormat::Jpeg);
    world.files.put(Path::new(SHOOT).join("a.jpg"), &jpeg);
    let png = chart(&Profile::Srgb, PageFormat::Png);
    world.files.put(Path::new(SHOOT).join("b.png"), &png);
    let process = world.open().await;
    process.import().await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("out.pdf");
    for untouched in [false, true] {
        let output = Output::Pdf { file: file.clone(), untouched };
        let report = print(&process, &order(process.seats().await, PixelSetup::default(), output)).await.unwrap();
        assert_eq!((report.photos, report.failed.len()), (2, 0));
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(memchr::memmem::find(&bytes, &jpeg).is_some(), untouched);
        assert!(memchr::memmem::find(&bytes, &png).is_none());
    }
}

#[tokio::test]
async fn a_draft_comes_from_thumbnails_and_needs_no_original() {
    let (world, process) = charts().await;
    for name in ["a.png", "b.png", "c.png"] {
        world.files.remove(Path::new(SHOOT).join(name));
    }
    let dir = tempfile::tempdir().unwrap();
    let output = Output::Pdf { file: dir.path().join("out.pdf"), untouched: false };
    let real = order(process.seats().await, PixelSetup::default(), output);
    assert_eq!(print(&process, &real).await.unwrap().failed.len(), 3, "all are gone");
    let draft = PrintOrder { pixels: PixelSetup { draft: true, ..PixelSetup::default() }, ..real };
    let report = print(&process, &draft).await.unwrap();
    assert_eq!((report.photos, report.failed.len()), (3, 0));
}

#[tokio::test]
async fn a_profile_that_is_broken_or_not_there_is_one_line_and_no_file() {
    let (world, process) = charts().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("out.pdf");
    world.files.put(Path::new("/broken.icc"), b"no profile");
    for name in ["/broken.icc", "/not-there.icc"] {
        let profile = Profile::File(name.into());
        let managed = Managed::App { profile, intent: Intent::Perceptual, black_point: false };
        let setup = PixelSetup { managed, ..PixelSetup::default() };
        let output = Output::Pdf { file: file.clone(), untouched: false };
        let error = print(&process, &order(process.seats().await, setup, output)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Usage);
        assert!(error.message.ends_with(name) && !error.message.contains('\n'), "{}", error.message);
    }
    assert!(!file.exists());
}

#[tokio::test]
async fn a_contact_sheet_in_a_cancelled_job_leaves_nothing() {
    let (_world, process) = charts().await;
    let dir = tempfile::tempdir().unwrap();
    let cancel = Cancel::default();
    cancel.cancel();
    for output in [
        Output::Pdf { file: dir.path().join("out.pdf"), untouched: false },
        Output::Images { file: dir.path().join("out.png"), format: PageFormat::Png, ppi: 72 },
    ] {
        let mut order = order(process.seats().await, PixelSetup::default(), output);
        order.pages.layout = Layout::Contact { rows: 2, columns: 2 };
        let reporter = Reporter::new(&process.engine, OP, OpKind::Print);
        let error = process.engine.print(order, &cancel, &reporter).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Cancelled);
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
