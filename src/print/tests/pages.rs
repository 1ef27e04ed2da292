//! Everything that a page can hold, drawn by hand: on the PDF as poppler shows it, and on our own pictures of pages.

use super::*;
use crate::domain::Orientation;
use crate::imaging::Pixels;
use crate::testing::quality::ssim;

const INK: Ink = Ink { red: 200, green: 40, blue: 160 };

/// A photo with a border, a stroke, round corners and an angle; lines, texts of all kinds, a coloured page.
fn full_page() -> Page {
    let frame = Rect::new(20.0, 20.0, 60.0, 40.0);
    let one = Placed {
        border: Some(Border { outer_mm: Rect::new(15.0, 15.0, 70.0, 50.0), ink: Ink::WHITE }),
        stroke: Some(Stroke { width_mm: 1.0, ink: Ink::BLACK }),
        corner_mm: 6.0,
        ..Placed::plain(0, frame, frame, Rect::WHOLE, 0)
    };
    let frame = Rect::new(20.0, 80.0, 60.0, 40.0);
    let two = Placed {
        visible_mm: frame,
        angle_deg: 12.0,
        ..Placed::plain(1, frame, Rect::new(10.0, 70.0, 80.0, 60.0), Rect::WHOLE, 0)
    };
    let text = |words: &str, at, role, angle_deg, opacity, ink| PlacedText {
        angle_deg,
        opacity,
        ink,
        ..PlacedText::plain(words.into(), at, 40.0, 16.0, Align::Left, role)
    };
    Page {
        background: Ink { red: 240, green: 235, blue: 220 },
        photos: vec![one, two],
        lines: vec![
            PlacedLine {
                from_mm: (5.0, 10.0),
                to_mm: (95.0, 10.0),
                stroke: Stroke { width_mm: 0.6, ink: INK },
                dash_mm: None,
            },
            PlacedLine {
                from_mm: (5.0, 130.0),
                to_mm: (95.0, 130.0),
                stroke: Stroke { width_mm: 1.0, ink: Ink::BLACK },
                dash_mm: Some(4.0),
            },
        ],
        texts: vec![
            text("Header", (20.0, 8.0), TextRole::Header, 0.0, 1.0, Ink::BLACK),
            PlacedText { photo: Some(0), ..text("Caption", (20.0, 75.0), TextRole::Caption, 0.0, 1.0, INK) },
            text("Watermark", (30.0, 50.0), TextRole::Watermark, -20.0, 0.5, Ink::WHITE),
            text("Footer", (20.0, 140.0), TextRole::Footer, 0.0, 1.0, Ink::grey(0x60)),
        ],
        ..Page::blank((100.0, 145.0))
    }
}

/// The page in RGB at so many pixels per inch, by our own drawing.
fn drawn(
    page: &Page,
    fonts: &Fonts<'_>,
    ppi: f64,
    pixels: &mut dyn FnMut(PhotoRequest) -> Result<Picture, String>,
) -> Pixels {
    struct Whole(Vec<u8>);
    impl Rows for Whole {
        fn rows(&mut self, rgb: &[u8]) -> io::Result<()> {
            self.0.extend_from_slice(rgb);
            Ok(())
        }
    }
    let info = info(10);
    let job = RasterJob { info: &info, fonts, ink: &|ink| ink, ppi };
    let mut rows = Whole(Vec::new());
    draw_page(&job, page, pixels, &mut |_| ControlFlow::Continue(()), &mut rows).unwrap();
    let (width_px, height_px) = page_px(page.size_mm, ppi).unwrap();
    assert_eq!(rows.0.len(), width_px as usize * height_px as usize * 3);
    Pixels { width_px, height_px, rgb: rows.0 }
}

/// What poppler shows at the size of our own picture: it rounds a page's size up, at most by one pixel.
fn cut(raster: &Raster, own: &Pixels) -> Pixels {
    let (width, height) = (own.width_px as usize, own.height_px as usize);
    assert!((width..=width + 1).contains(&raster.width) && (height..=height + 1).contains(&raster.height));
    let rows = raster.pixels.chunks(raster.width * 3).take(height);
    let rgb = rows.flat_map(|row| &row[..width * 3]).copied().collect();
    Pixels { width_px: own.width_px, height_px: own.height_px, rgb }
}

/// A photo with soft and sharp things in it.
fn picture(width: u32, height: u32) -> Picture {
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
            let stripe = if ((u * 12.0) as u32).is_multiple_of(2) && v > 0.5 { 60.0 } else { 0.0 };
            let sample = |value: f64| value.clamp(0.0, 255.0) as u8;
            rgb.extend([
                sample(40.0 + 150.0 * u + stripe),
                sample(60.0 + 130.0 * v + stripe),
                sample(120.0 + 80.0 * (6.0 * u).sin()),
            ]);
        }
    }
    Picture { width_px: width, height_px: height, rgb }
}

fn as_raw(picture: Picture) -> PrintImage {
    PrintImage::Rgb8 { width_px: picture.width_px, height_px: picture.height_px, pixels: picture.rgb }
}

#[test]
fn borders_strokes_corners_angles_lines_and_inks_are_on_the_pdf() {
    let page = full_page();
    let (bytes, report) = pdf(std::slice::from_ref(&page), &Fonts::shipped(), &mut |request| {
        Ok(quarters_jpeg(if request.photo == 0 { (300, 200) } else { (400, 300) }))
    });
    assert_eq!((report.photos, report.failed.len()), (2, 0));
    let Some(seen) = Seen::new(&bytes) else { return };
    let raster = seen.raster(1);
    let paper = [240, 235, 220];
    assert!(raster.is(2.0, 2.0, paper) && raster.is(16.0, 16.0, WHITE), "page and border");
    // The round corner shows the border, the stroke lies inside the edge, the photo inside of that.
    assert!(raster.is(20.5, 20.5, WHITE) && raster.is(50.0, 20.5, [0; 3]) && raster.is(50.0, 19.7, WHITE));
    assert!(raster.is(35.0, 25.0, RED) && raster.is(65.0, 55.0, YELLOW));
    // The second is turned inside its frame, and nothing of it is seen outside.
    assert!(raster.is(19.0, 100.0, paper) && raster.is(81.0, 100.0, paper) && raster.is(50.0, 79.0, paper));
    assert!(raster.is(21.0, 81.0, RED) && raster.is(79.0, 119.0, YELLOW));
    // Above the middle on the left, a clockwise turn shows what was below: the border of red and blue runs upwards.
    let edge = |x: f64| (810..1190).find(|y| near(raster.px((x * 10.0) as usize, *y), BLUE)).unwrap();
    let (left, middle) = (edge(25.0), edge(45.0));
    let slope = (middle as f64 - left as f64) / 200.0;
    assert!((slope - 12.0_f64.to_radians().tan()).abs() < 0.02, "{slope}");
    assert!(raster.is(50.0, 10.0, [200, 40, 160]), "the line");
    let dashes: Vec<bool> = (0..8).map(|part| raster.is(7.0 + 4.0 * f64::from(part), 130.0, [0; 3])).collect();
    assert_eq!(dashes, [true, false].repeat(4));
}

#[test]
fn a_page_as_a_picture_is_the_pdf_as_poppler_shows_it() {
    let (page, fonts) = (full_page(), Fonts::shipped());
    let size = |request: &PhotoRequest| if request.photo == 0 { (600, 400) } else { (800, 600) };
    let own = drawn(&page, &fonts, 254.0, &mut |request| {
        let (width, height) = size(&request);
        Ok(picture(width, height))
    });
    let (bytes, _) = pdf(std::slice::from_ref(&page), &fonts, &mut |request| {
        let (width, height) = size(&request);
        Ok(as_raw(picture(width, height)))
    });
    let Some(seen) = Seen::new(&bytes) else { return };
    let raster = seen.raster(1);
    let other = cut(&raster, &own);
    let alike = ssim(&own, &other);
    assert!(alike >= 0.97, "{alike}");
    if let Some(dir) = std::env::var_os("LIGHTKEEP_SAMPLES").map(PathBuf::from) {
        for (name, pixels) in [("own.ppm", &own), ("poppler.ppm", &other)] {
            let head = format!("P6\n{} {}\n255\n", pixels.width_px, pixels.height_px);
            std::fs::write(dir.join(name), [head.as_bytes(), &pixels.rgb].concat()).unwrap();
        }
    }
}

#[test]
fn bands_make_no_seams() {
    // At 1,200 ppi this page takes several bands; the same page in one band is the measure.
    let fonts = Fonts::shipped();
    let page = full_page();
    let ppi = 1200.0;
    let (width, height) = page_px(page.size_mm, ppi).unwrap();
    assert!(width as usize * height as usize * 4 > 2 * raster::BAND_BYTES);
    let mut asked = 0;
    let own = drawn(&page, &fonts, ppi, &mut |_| {
        asked += 1;
        Ok(picture(300, 200))
    });
    assert_eq!(asked, 2, "each photo once, however many bands it is on");
    let band = raster::BAND_BYTES / (width as usize * 4);
    let row = |y: usize| &own.rgb[y * width as usize * 3..(y + 1) * width as usize * 3];
    let change = |y: usize| {
        let sum: u64 = row(y).iter().zip(row(y + 1)).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum
    };
    // From one row to the next no more changes at a seam than elsewhere near it.
    for seam in (band..height as usize - 2).step_by(band) {
        let usual = change(seam - 3).max(change(seam + 1)) + u64::from(width);
        assert!(change(seam - 1) <= 4 * usual, "row {seam}: {} beside {usual}", change(seam - 1));
    }
}

#[test]
fn every_orientation_and_turn_stands_upright_untouched_or_not() {
    let fonts = Fonts::shipped();
    // The colours of the upright picture's corners: top left, top right, bottom left, bottom right.
    let corners = [RED, GREEN, BLUE, YELLOW];
    for exif in 1..=8 {
        let orientation = Orientation::from_exif(exif).unwrap();
        // The stored picture is the upright one, un-turned: found by trying the way back that leads there.
        let upright = Pixels { width_px: 60, height_px: 40, rgb: quarters(60, 40) };
        let stored = (1..=8)
            .map(|back| upright.clone().upright(Orientation::from_exif(back).unwrap()))
            .find(|stored| stored.clone().upright(orientation) == upright)
            .unwrap();
        let file = jpeg(stored.width_px, stored.height_px, &stored.rgb);
        for turns in 0..4 {
            let sides = if turns % 2 == 1 { (40.0, 60.0) } else { (60.0, 40.0) };
            let place = Rect::new(10.0, 10.0, sides.0, sides.1);
            let page =
                Page { photos: vec![Placed::plain(0, place, place, Rect::WHOLE, turns)], ..Page::blank((80.0, 80.0)) };
            let (bytes, _) =
                pdf(&[page], &fonts, &mut |_| Ok(PrintImage::Original { jpeg: file.clone(), orientation }));
            assert_eq!(count(&bytes, &file), 1, "byte for byte");
            let Some(seen) = Seen::new(&bytes) else { return };
            let raster = seen.raster(1);
            assert_same_place(raster.inked(), place);
            let at = [(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)];
            let order: [usize; 4] = [[0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0], [1, 3, 0, 2]][usize::from(turns)];
            for ((u, v), corner) in at.into_iter().zip(order) {
                let (x, y) = (place.x + u * place.width, place.y + v * place.height);
                assert!(
                    raster.is(x, y, corners[corner]),
                    "orientation {exif}, {turns} turns, {u} {v}: {:?}",
                    raster.at(x, y)
                );
            }
        }
    }
}

#[test]
fn a_failed_photo_is_a_readable_frame_also_where_it_would_be_turned_and_cut() {
    // Without the watermark, which would stand between the words.
    let page = Page { texts: Vec::new(), ..full_page() };
    let fonts = Fonts::shipped();
    let (bytes, report) = pdf(std::slice::from_ref(&page), &fonts, &mut |_| Err("the disk is away".into()));
    assert_eq!(report.failed.len(), 2);
    let own = drawn(&page, &fonts, 254.0, &mut |_| Err("the disk is away".into()));
    let at = |x: f64, y: f64| {
        let place = ((y * 10.0) as usize * own.width_px as usize + (x * 10.0) as usize) * 3;
        [own.rgb[place], own.rgb[place + 1], own.rgb[place + 2]]
    };
    assert!(near(at(23.0, 83.0), [0xf2; 3]) && near(at(77.0, 117.0), [0xf2; 3]));
    let Some(seen) = Seen::new(&bytes) else { return };
    let raster = seen.raster(1);
    assert!(raster.is(23.0, 83.0, [0xf2; 3]) && raster.is(77.0, 117.0, [0xf2; 3]));
    let text = seen.run("pdftotext", &[], &[Path::new("-")]);
    assert_eq!(text.matches("the disk is away").count(), 2, "{text}");
}

#[test]
fn the_document_tells_what_its_photos_show() {
    let page = full_page();
    let fonts = Fonts::shipped();
    let pages = [page];
    let info = DocumentInfo {
        alternatives: vec!["A boat on the lake".into(), String::new()],
        language: Some("de".into()),
        ..info(2)
    };
    let job = PdfJob::plain(&pages, &info, &fonts);
    let mut bytes = Vec::new();
    let mut pixels = |_| Ok(quarters_jpeg((60, 40)));
    write_pdf(&job, &mut pixels, &mut |_| ControlFlow::Continue(()), &mut Cursor::new(Vec::new()), &mut bytes).unwrap();
    let Some(seen) = Seen::new(&bytes) else { return };
    assert!(seen.run("pdfinfo", &[], &[]).contains("Tagged:          yes"));
    let told = seen.run("pdfinfo", &["-struct-text"], &[]);
    // Poppler does not say the alternatives; the document has them.
    assert!(count(&bytes, b"A boat on the lake") == 1 && count(&bytes, b"IMG_0001.JPG") == 1);
    assert!(told.find("Figure") < told.find("Caption") && told.find("Caption") < told.rfind("Figure"), "{told}");
    assert_eq!(told.matches("Figure").count(), 2, "{told}");
    assert!(!told.contains("Header") && !told.contains("Watermark"), "artifacts are not read: {told}");
    assert!(count(&bytes, b"(de)") >= 1, "the language");
}

#[test]
fn pictures_of_pages_carry_size_resolution_and_profile() {
    use crate::domain::printing::PageFormat;
    let fonts = Fonts::shipped();
    let (page, info) = (full_page(), info(2));
    let icc = crate::imaging::PressProfile::built_in(&crate::domain::printing::Profile::AdobeRgb).unwrap().icc();
    let (width_px, height_px) = page_px(page.size_mm, 150.0).unwrap();
    let job = RasterJob { info: &info, fonts: &fonts, ink: &|ink| ink, ppi: 150.0 };
    let dir = tempfile::tempdir().unwrap();
    let mut decoded = Vec::new();
    for (format, name) in
        [(PageFormat::Png, "page.png"), (PageFormat::Tiff, "page.tif"), (PageFormat::Jpeg, "page.jpg")]
    {
        let file = dir.path().join(name);
        let mut out = std::fs::File::create(&file).unwrap();
        let sheet = Sheet { width_px, height_px, ppi: 150, icc: &icc };
        encode(format, sheet, &mut out, |rows| {
            let mut pixels = |_| Ok(picture(300, 200));
            draw_page(&job, &page, &mut pixels, &mut |_| ControlFlow::Continue(()), rows).map(|_| ())
        })
        .unwrap();
        let bytes = std::fs::read(&file).unwrap();
        let kind = match crate::imaging::sniff(&bytes, None) {
            crate::imaging::Kind::Photo(kind) => kind,
            other => panic!("{name}: {other:?}"),
        };
        // Adobe RGB is converted on reading: the greys of the layout stay what they are.
        let pixels = crate::imaging::render(&bytes, kind, crate::imaging::Fit::Full).unwrap();
        assert_eq!((pixels.width_px, pixels.height_px), (width_px, height_px), "{name}");
        decoded.push(pixels);
        if let Ok(output) = Command::new("exiftool")
            .args(["-s", "-XResolution", "-PixelsPerUnitX", "-ProfileDescription"])
            .arg(&file)
            .output()
        {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(text.contains("150") || text.contains("5906"), "{name}: {text}");
            assert!(text.contains("Adobe RGB"), "{name}: {text}");
        }
    }
    assert!(decoded[0] == decoded[1], "both without loss");
    assert!(ssim(&decoded[0], &decoded[2]) > 0.97);
}

#[test]
fn captions_in_many_scripts_print_and_run_in_their_direction() {
    let fonts = Fonts::of_this_computer();
    let words = "שלום 12 עולם, صورة الشمس, 日本の山, 🏔 fin";
    let missing = fonts.missing(words);
    let style = TextRole::Caption.style();
    // Hebrew is laid from the right: the first word of the line is the last to be drawn.
    let runs = fonts.shape("שלום abc", &style);
    let texts: Vec<&str> = runs.iter().map(|run| run.text.trim()).filter(|text| !text.is_empty()).collect();
    assert_eq!(texts.first().copied(), Some("abc"), "{texts:?}");
    let page = Page {
        texts: vec![PlacedText::plain(words.into(), (10.0, 20.0), 100.0, 14.0, Align::Left, TextRole::Caption)],
        ..Page::blank((140.0, 40.0))
    };
    let (bytes, report) = pdf(std::slice::from_ref(&page), &fonts, &mut |_| Err("none".into()));
    assert_eq!(report.missing_characters, missing);
    // `tests/run` installs fonts for all of these; elsewhere at least nothing is lost without a word.
    if std::env::var_os("LIGHTKEEP_ALL_FONTS").is_some() {
        assert!(missing.is_empty(), "{missing:?}");
    }
    let own = drawn(&page, &fonts, 254.0, &mut |_| Err("none".into()));
    let Some(seen) = Seen::new(&bytes) else { return };
    let raster = seen.raster(1);
    let other = cut(&raster, &own);
    assert!(ssim(&own, &other) >= 0.97, "{}", ssim(&own, &other));
    let text = seen.run("pdftotext", &[], &[Path::new("-")]);
    assert!(text.contains("fin"), "{text}");
    let fonts = seen.run("pdffonts", &[], &[]);
    assert!(fonts.lines().skip(2).all(|line| line.contains(" yes yes ") || line.contains("Type 3")), "{fonts}");
}

#[test]
fn papers_that_cannot_be_are_errors_not_crashes() {
    for size_mm in [(0.0, 10.0), (-5.0, 10.0), (f64::NAN, 10.0), (10_000.0, 10_000.0), (f64::INFINITY, 1.0)] {
        assert_eq!(page_px(size_mm, 300.0), None);
    }
    assert_eq!(page_px((3000.0, 20.0), 300.0), Some((35_433, 236)));
}
