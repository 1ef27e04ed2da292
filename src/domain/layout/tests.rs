//! Tests of the layout: rules that hold for any setup, and the numbers of some.

use proptest::prelude::*;

use super::*;
use crate::domain::paper::Paper;
use crate::domain::photo::{Metadata, Rating};
use crate::domain::time::TakenAt;

const TOLERANCE_MM: f64 = 1e-9;

/// A font whose letters are all half as wide as high.
pub(super) struct HalfWide;

impl Measure for HalfWide {
    fn width_mm(&self, text: &str, size_pt: f64, _: &TextStyle) -> f64 {
        text.chars().count() as f64 * size_mm(size_pt) / 2.0
    }
}

fn photos_per_page(setup: &PageSetup) -> usize {
    match setup.layout {
        Layout::Contact { rows, columns } => (rows * columns) as usize,
        _ => 1,
    }
}

fn photo(width_px: u32, height_px: u32) -> PhotoShape {
    PhotoShape {
        width_px,
        height_px,
        captions: vec!["DSC_0042.JPG".into(), "a detail".into()],
        ..PhotoShape::default()
    }
}

fn setups() -> impl Strategy<Value = PageSetup> {
    let papers: Vec<Paper> = Paper::all().collect();
    let layout = prop_oneof![
        Just(Layout::Single),
        (1..8u32, 1..8u32).prop_map(|(rows, columns)| Layout::Contact { rows, columns })
    ];
    let margins = (0.0..25.0, 0.0..25.0, 0.0..25.0, 0.0..25.0).prop_map(|(top, right, bottom, left)| Margins {
        top,
        right,
        bottom,
        left,
    });
    let page = (proptest::sample::select(papers), any::<bool>(), margins, layout, 0.0..6.0);
    let text = (0..3usize, 4.0..12.0, any::<bool>(), proptest::option::of("\\PC{0,40}"));
    (page, text, any::<bool>(), any::<bool>(), 1..4u32).prop_map(|(page, text, fill, auto_rotate, copies)| PageSetup {
        paper: page.0,
        landscape: page.1,
        margins_mm: page.2,
        layout: page.3,
        spacing_mm: page.4,
        captions: [CaptionField::Name, CaptionField::Date][..text.0].to_vec(),
        caption_size_pt: text.1,
        page_numbers: text.2,
        header: text.3,
        fit: if fill { Fit::Fill } else { Fit::Fit },
        auto_rotate,
        copies,
        ..PageSetup::default()
    })
}

fn shapes() -> impl Strategy<Value = Vec<PhotoShape>> {
    let shape = (0..9000u32, 0..9000u32, proptest::collection::vec("\\PC{0,50}", 0..3)).prop_map(
        |(width_px, height_px, captions)| PhotoShape { width_px, height_px, captions, ..PhotoShape::default() },
    );
    proptest::collection::vec(shape, 1..60)
}

/// Width through height of the part of a photo that is shown, as it lies on the page.
fn shown_ratio(shape: &PhotoShape, placed: &Placed) -> f64 {
    let known = shape.width_px > 0 && shape.height_px > 0;
    let (width, height) = if known { (f64::from(shape.width_px), f64::from(shape.height_px)) } else { (3.0, 2.0) };
    let ratio = (width * placed.crop.width) / (height * placed.crop.height);
    if placed.is_turned() { 1.0 / ratio } else { ratio }
}

proptest! {
    #[test]
    fn every_page_keeps_the_rules(setup in setups(), shapes in shapes()) {
        let Ok(pages) = paginate(&shapes, &setup, &HalfWide) else { return Ok(()) };
        let printable = setup.printable_mm();
        for page in &pages {
            prop_assert_eq!(page.size_mm, setup.page_size_mm());
            let frames: Vec<Rect> = page.photos.iter().map(|placed| placed.frame_mm).collect();
            let images: Vec<Rect> = page.photos.iter().map(|placed| placed.image_mm).collect();
            let texts: Vec<Rect> = page.texts.iter().map(PlacedText::bounds_mm).collect();
            for rect in frames.iter().chain(&texts) {
                prop_assert!(printable.contains(rect, TOLERANCE_MM), "{rect:?} leaves {printable:?}");
            }
            for (number, frame) in frames.iter().enumerate() {
                for other in &frames[number + 1..] {
                    prop_assert!(!frame.overlaps(other, TOLERANCE_MM), "{frame:?} {other:?}");
                }
            }
            for (number, text) in texts.iter().enumerate() {
                for other in images.iter().chain(&texts[number + 1..]) {
                    prop_assert!(!text.overlaps(other, TOLERANCE_MM), "{text:?} {other:?}");
                }
            }
            for placed in &page.photos {
                prop_assert!(placed.frame_mm.contains(&placed.image_mm, TOLERANCE_MM));
                prop_assert!(Rect::WHOLE.contains(&placed.crop, TOLERANCE_MM));
                let ratio = shown_ratio(&shapes[placed.photo], placed);
                prop_assert!((ratio / (placed.image_mm.width / placed.image_mm.height) - 1.0).abs() < 1e-9);
                match setup.fit {
                    Fit::Fill => prop_assert_eq!(placed.image_mm, placed.frame_mm),
                    Fit::Fit => {
                        prop_assert_eq!(placed.crop, Rect::WHOLE);
                        let left = placed.frame_mm.width - placed.image_mm.width;
                        let above = placed.frame_mm.height - placed.image_mm.height;
                        prop_assert!(left.abs() < 1e-9 || above.abs() < 1e-9, "could be larger");
                    }
                }
            }
        }
        // Every copy is placed, in order: the same stack, as often as asked for.
        let order: Vec<usize> = pages.iter().flat_map(|page| &page.photos).map(|placed| placed.photo).collect();
        let expected: Vec<usize> = (0..setup.copies).flat_map(|_| 0..shapes.len()).collect();
        prop_assert_eq!(order, expected);
        prop_assert_eq!(pages.len(), shapes.len().div_ceil(photos_per_page(&setup)) * setup.copies as usize);
    }

    #[test]
    fn any_setup_ends_as_pages_or_an_error(
        numbers in proptest::array::uniform6(prop_oneof![any::<f64>(), -1e3..1e3]),
        rows in any::<u32>(), columns in any::<u32>(), copies in any::<u32>(),
    ) {
        let [top, right, bottom, left, spacing_mm, caption_size_pt] = numbers;
        let setup = PageSetup {
            margins_mm: Margins { top, right, bottom, left },
            layout: Layout::Contact { rows, columns },
            spacing_mm,
            caption_size_pt,
            copies,
            ..PageSetup::default()
        };
        let _ = paginate(&[photo(3, 2)], &setup, &HalfWide);
    }

    #[test]
    fn shortened_text_fits_and_loses_as_little_as_it_must(text in "\\PC{0,80}", room in 0.0..60.0) {
        for how in [Shorten::Middle, Shorten::End] {
            let short = shorten(&text, room, 10.0, &TextRole::Caption.style(), how, &HalfWide);
            prop_assert!(HalfWide.width_mm(&short, 10.0, &TextRole::Caption.style()) <= room);
            prop_assert!(!short.chars().any(char::is_control));
        }
    }
}

#[test]
fn a_contact_sheet_is_exact_to_the_millimetre() {
    let setup = PageSetup {
        margins_mm: Margins::all(10.0),
        layout: Layout::Contact { rows: 3, columns: 4 },
        spacing_mm: 5.0,
        ..PageSetup::default()
    };
    let pages = paginate(&vec![photo(6000, 4000); 13], &setup, &HalfWide).unwrap();
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[1].photos.len(), 1);
    // (210 - 20 - 3 * 5) / 4 = 43.75 and (297 - 20 - 2 * 5) / 3 = 89.
    let last = &pages[0].photos[11];
    assert_eq!(last.frame_mm, Rect::new(10.0 + 3.0 * 48.75, 10.0 + 2.0 * 94.0, 43.75, 89.0));
    assert!((last.image_mm.height - 43.75 / 1.5).abs() < 1e-9 && last.image_mm.width == 43.75);
    assert_eq!(pages[1].photos[0].frame_mm, pages[0].photos[0].frame_mm);
}

#[test]
fn filling_cuts_two_sides_evenly() {
    let paper = Paper::custom(100.0, 100.0).unwrap();
    let setup = PageSetup { paper, margins_mm: Margins::all(0.0), fit: Fit::Fill, ..PageSetup::default() };
    let page = &paginate(&[photo(4000, 2000)], &setup, &HalfWide).unwrap()[0];
    assert_eq!(page.photos[0].crop, Rect::new(0.25, 0.0, 0.5, 1.0));
    assert_eq!(page.photos[0].image_mm, Rect::new(0.0, 0.0, 100.0, 100.0));
}

#[test]
fn photos_turn_only_where_that_makes_them_larger() {
    let setup = PageSetup { auto_rotate: true, fit: Fit::Fill, ..PageSetup::default() };
    let turned = |width, height| paginate(&[photo(width, height)], &setup, &HalfWide).unwrap()[0].photos[0];
    assert!(turned(6000, 4000).is_turned() && !turned(4000, 6000).is_turned() && !turned(4000, 4000).is_turned());
    // A turned photo is cut along its own sides: A4 is longer than 3:2 is wide, so nothing of its width goes.
    let Placed { crop, frame_mm, .. } = turned(6000, 4000);
    let shown = (6000.0 * crop.width) / (4000.0 * crop.height);
    assert!((shown - frame_mm.height / frame_mm.width).abs() < 1e-9);
    let landscape = PageSetup { landscape: true, ..setup.clone() };
    assert!(!paginate(&[photo(6000, 4000)], &landscape, &HalfWide).unwrap()[0].photos[0].is_turned());
    assert_eq!(landscape.page_size_mm(), (297.0, 210.0));
}

#[test]
fn headers_captions_and_footers_say_what_was_asked() {
    let setup = PageSetup {
        layout: Layout::Contact { rows: 1, columns: 2 },
        captions: vec![CaptionField::Name, CaptionField::Date],
        header: Some("Summer\n2024".into()),
        page_numbers: true,
        copies: 2,
        ..PageSetup::default()
    };
    let pages = paginate(&vec![photo(3, 2); 3], &setup, &HalfWide).unwrap();
    let texts = |page: usize| pages[page].texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>();
    assert_eq!(texts(0), ["Summer 2024", "DSC_0042.JPG", "a detail", "DSC_0042.JPG", "a detail", "Page 1 of 2"]);
    assert_eq!(texts(1), ["Summer 2024", "DSC_0042.JPG", "a detail", "Page 2 of 2"]);
    assert_eq!(pages[2], pages[0]);
    let words = PageSetup { page_number_format: "Seite {page} von {pages}".into(), copies: 1, ..setup };
    let pages = paginate(&vec![photo(3, 2); 3], &words, &HalfWide).unwrap();
    assert_eq!(pages[1].texts.last().unwrap().text, "Seite 2 von 2");
}

#[test]
fn long_names_keep_both_ends() {
    let short = |text: &str, how| shorten(text, 18.0, 10.0, &TextRole::Caption.style(), how, &HalfWide);
    assert_eq!(short("a_very_long_name_DSC_0042.JPG", Shorten::Middle), "a_ver….JPG");
    assert_eq!(short("Canon EF 70-200mm f/2.8L", Shorten::End), "Canon EF…");
    assert_eq!(short("tab\tnew\nline", Shorten::End), "tab new l…");
    assert_eq!(short("short", Shorten::Middle), "short");
    assert_eq!(short("\u{202e}gpj.exe", Shorten::Middle), "gpj.exe");
    let huge = "x".repeat(5_000_000) + "end";
    assert!(short(&huge, Shorten::Middle).ends_with("end"));
    assert_eq!(shorten("abc", 0.5, 10.0, &TextRole::Caption.style(), Shorten::End, &HalfWide), "");
}

#[test]
fn impossible_setups_are_named() {
    let error = |setup: PageSetup| paginate(&[photo(3, 2)], &setup, &HalfWide).unwrap_err();
    let with = |change: &dyn Fn(&mut PageSetup)| {
        let mut setup = PageSetup::default();
        change(&mut setup);
        error(setup)
    };
    let contact = |rows, columns| with(&|setup| setup.layout = Layout::Contact { rows, columns });
    assert_eq!(
        with(&|setup| setup.margins_mm = Margins::all(105.0)),
        LayoutError::Margins { width_mm: 210.0, height_mm: 297.0 }
    );
    assert_eq!(with(&|setup| setup.margins_mm.left = -1.0), LayoutError::Length("left margin"));
    assert_eq!(with(&|setup| setup.spacing_mm = f64::NAN), LayoutError::Length("spacing"));
    assert_eq!(with(&|setup| setup.copies = 0), LayoutError::Copies(0));
    assert_eq!(with(&|setup| setup.caption_size_pt = 0.0), LayoutError::CaptionSize);
    assert_eq!(contact(0, 4), LayoutError::Cells { rows: 0, columns: 4 });
    assert_eq!(contact(4, 1001), LayoutError::Cells { rows: 4, columns: 1001 });
    assert_eq!(contact(100, 100), LayoutError::NoRoom);
    assert_eq!(paginate(&[], &PageSetup::default(), &HalfWide), Err(LayoutError::NoPhotos));
    let many = vec![PhotoShape::default(); 1000];
    let setup = PageSetup { copies: 900, ..PageSetup::default() };
    assert_eq!(paginate(&many, &setup, &HalfWide), Err(LayoutError::Pages(900_000)));
}

#[test]
fn captions_are_made_of_what_is_known() {
    let metadata = Metadata {
        taken_at: TakenAt::new((2024, 5, 17), (18, 42, 9), 0, None),
        make: Some("Canon".into()),
        model: Some("Canon EOS 70D".into()),
        exposure_s: Some(1.0 / 250.0),
        f_number: Some(2.8),
        iso: Some(400),
        focal_length_mm: Some(85.0),
        title: Some("Written".into()),
        ..Metadata::default()
    };
    let tags = vec!["sea".to_owned(), "évening".to_owned()];
    let facts = CaptionFacts {
        name: "IMG_1.JPG",
        folder: "Crete",
        metadata: &metadata,
        title: Some("Edited"),
        caption: None,
        rating: Rating::new(3).unwrap(),
        tags: &tags,
        receipt: Some("0042"),
    };
    assert_eq!(
        facts.lines(&CaptionField::ALL),
        [
            "IMG_1.JPG",
            "Edited",
            "",
            "2024-05-17 18:42",
            "Canon EOS 70D",
            "",
            "1/250 s · f/2.8 · ISO 400 · 85 mm",
            "★★★",
            "sea, évening",
            "Crete",
            "0042"
        ]
    );
    let slow = Metadata { exposure_s: Some(2.5), f_number: Some(8.0), ..Metadata::default() };
    assert_eq!(CaptionFacts { metadata: &slow, ..facts }.text(CaptionField::Exposure), "2.5 s · f/8");
    let absurd = Metadata { exposure_s: Some(f64::NAN), f_number: Some(-1.0), iso: Some(0), ..Metadata::default() };
    assert_eq!(CaptionFacts { metadata: &absurd, ..facts }.text(CaptionField::Exposure), "");
    for field in CaptionField::ALL {
        assert_eq!(CaptionField::from_name(&field.name().to_uppercase()), Some(field));
    }
}

#[test]
fn a_setup_is_a_small_file() {
    let setup = PageSetup { layout: Layout::Contact { rows: 3, columns: 4 }, ..PageSetup::default() };
    let json = serde_json::to_string(&setup).unwrap();
    assert_eq!(serde_json::from_str::<PageSetup>(&json).unwrap(), setup);
    assert_eq!(serde_json::from_str::<PageSetup>(r#"{"paper":"10x15cm"}"#).unwrap().paper.height_mm(), 150.0);
    assert!(serde_json::from_str::<PageSetup>(r#"{"paper":"0x0mm"}"#).is_err());
}

#[test]
fn a_point_of_the_page_is_found_in_the_photo() {
    let image = Rect::new(10.0, 20.0, 30.0, 40.0);
    let near =
        |a: (f64, f64), b: (f64, f64)| assert!((a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9, "{a:?} {b:?}");
    let placed = Placed::plain(0, image, image, Rect::WHOLE, 0);
    near(placed.photo_at(10.0, 20.0), (0.0, 0.0));
    near(placed.photo_at(40.0, 60.0), (1.0, 1.0));
    let turned = Placed { turns: 1, ..placed };
    near(turned.photo_at(40.0, 20.0), (0.0, 0.0));
    near(turned.photo_at(10.0, 20.0), (0.0, 1.0));
    // A quarter by straightening is the same as a quarter turn of a square.
    let square = Placed::plain(0, Rect::new(0.0, 0.0, 8.0, 8.0), Rect::new(0.0, 0.0, 8.0, 8.0), Rect::WHOLE, 1);
    let straightened = Placed { turns: 0, angle_deg: 90.0, ..square };
    near(straightened.photo_at(7.0, 2.0), square.photo_at(7.0, 2.0));
}

#[test]
fn colours_are_written_as_on_the_web() {
    let ink = Ink { red: 0x12, green: 0xab, blue: 0 };
    assert_eq!(String::from(ink), "#12ab00");
    assert_eq!(Ink::try_from("#12AB00".to_owned()), Ok(ink));
    for wrong in ["", "#12ab0", "12ab00", "#12ab0g", "#１２ab"] {
        assert!(Ink::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}
