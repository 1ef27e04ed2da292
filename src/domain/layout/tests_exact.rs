//! Layouts of the print studio by their numbers: what a ruler would read.

use std::cell::Cell;

use proptest::prelude::*;

use super::tests::HalfWide;
use super::*;
use crate::domain::paper::Paper;
use crate::domain::photo::{Metadata, Rating};
use crate::domain::time::TakenAt;

const WIDE: (u32, u32) = (6000, 4000);
const TALL: (u32, u32) = (4000, 6000);

fn photo(size_px: (u32, u32), setup: PhotoSetup) -> PhotoShape {
    PhotoShape { width_px: size_px.0, height_px: size_px.1, setup, ..PhotoShape::default() }
}

fn plain(size_px: (u32, u32)) -> PhotoShape {
    photo(size_px, PhotoSetup::default())
}

fn bare(paper: Paper, layout: Layout) -> PageSetup {
    PageSetup { paper, layout, margins_mm: Margins::all(0.0), spacing_mm: 0.0, ..PageSetup::default() }
}

fn paper(width_mm: f64, height_mm: f64) -> Paper {
    Paper::custom(width_mm, height_mm).unwrap()
}

fn lay(photos: &[PhotoShape], setup: &PageSetup) -> Vec<Page> {
    paginate(photos, setup, &HalfWide).unwrap()
}

/// One photo alone on a bare sheet of 200 by 100 mm.
fn alone(size_px: (u32, u32), setup: PhotoSetup, change: impl Fn(&mut PageSetup)) -> Placed {
    let mut page = bare(paper(200.0, 100.0), Layout::Single);
    change(&mut page);
    lay(&[photo(size_px, setup)], &page)[0].photos[0]
}

fn close(rect: Rect, (x, y, width, height): (f64, f64, f64, f64)) {
    let near = [(rect.x, x), (rect.y, y), (rect.width, width), (rect.height, height)];
    assert!(near.iter().all(|(a, b)| (a - b).abs() < 1e-9), "{rect:?} is not {x} {y} {width} {height}");
}

fn counts(pages: &[Page]) -> Vec<usize> {
    pages.iter().map(|page| page.photos.len()).collect()
}

#[test]
fn the_larger_margin_of_each_side_counts() {
    let hardware = Margins { top: 3.0, right: 12.0, bottom: 20.0, left: 3.0 };
    let setup = PageSetup { hardware_margins_mm: Some(hardware), ..PageSetup::default() };
    close(setup.usable_mm(), (10.0, 10.0, 188.0, 267.0));
    close(setup.printable_mm(), (10.0, 10.0, 190.0, 277.0));
    assert!(!setup.is_borderless());
    let open = PageSetup { margins_mm: Margins::all(0.0), ..PageSetup::default() };
    assert!(open.is_borderless());
    assert!(!PageSetup { hardware_margins_mm: Some(hardware), ..open }.is_borderless());
    let meeting = PageSetup { hardware_margins_mm: Some(Margins::all(160.0)), ..setup };
    assert!(matches!(paginate(&[plain(WIDE)], &meeting, &HalfWide), Err(LayoutError::Margins { .. })));
}

#[test]
fn n_up_takes_the_grid_with_the_largest_photos() {
    let grid = |count, size_px, change: &dyn Fn(&mut PageSetup)| {
        let mut setup = bare(Paper::A4, Layout::NUp { count });
        change(&mut setup);
        let page = &lay(&vec![plain(size_px); count as usize], &setup)[0];
        let frame = page.photos[0].frame_mm;
        ((page.size_mm.1 / frame.height).round() as u32, (page.size_mm.0 / frame.width).round() as u32)
    };
    let upright = &|_: &mut PageSetup| ();
    assert_eq!(grid(1, WIDE, upright), (1, 1));
    assert_eq!(grid(2, WIDE, upright), (2, 1));
    assert_eq!(grid(2, TALL, &|setup| setup.landscape = true), (1, 2));
    assert_eq!(grid(4, TALL, upright), (2, 2));
    assert_eq!(grid(6, TALL, upright), (2, 3));
    assert_eq!(grid(6, WIDE, upright), (3, 2));
    assert_eq!(grid(9, TALL, upright), (3, 3));
    // With turning, two tall photos lie across.
    assert_eq!(grid(2, TALL, &|setup| setup.auto_rotate = true), (2, 1));
    assert_eq!(lay(&vec![plain(WIDE); 7], &bare(Paper::A4, Layout::NUp { count: 6 })).len(), 2);
}

#[test]
fn as_many_cells_as_fit() {
    let cells = |width_mm, height_mm, spacing_mm| {
        let setup = PageSetup { spacing_mm, ..bare(paper(200.0, 100.0), Layout::Cells { width_mm, height_mm }) };
        paginate(&vec![plain(WIDE); 500], &setup, &HalfWide).map(|pages| pages[0].photos.len())
    };
    assert_eq!(cells(50.0, 50.0, 0.0), Ok(8));
    assert_eq!(cells(50.0, 50.1, 0.0), Ok(4));
    assert_eq!(cells(50.0, 45.0, 10.0), Ok(6));
    assert_eq!(cells(0.1 + 66.566_666_666_666_66, 100.0, 0.0), Ok(3), "rounding errors take no cell");
    assert!(matches!(cells(201.0, 50.0, 0.0), Err(LayoutError::TooLarge { .. })));
    let frame = lay(&[plain(WIDE)], &bare(paper(200.0, 100.0), Layout::Cells { width_mm: 60.0, height_mm: 40.0 }));
    close(frame[0].photos[0].frame_mm, (10.0, 10.0, 60.0, 40.0));
}

#[test]
fn a_picture_package_uses_few_pages() {
    let sizes = |sizes: &[(f64, f64)]| Layout::Package {
        sizes: sizes.iter().map(|&(width, height)| PrintSize::new(width, height)).collect(),
    };
    let pages = |layout: Layout, photos: &[PhotoShape]| counts(&lay(photos, &bare(Paper::A4, layout)));
    // Three of 10×15 on A4: two upright and one across below.
    assert_eq!(pages(sizes(&[(100.0, 150.0); 3]), &[plain(TALL)]), [3]);
    assert_eq!(pages(sizes(&[(100.0, 150.0); 4]), &[plain(WIDE)]).len(), 2);
    // One of 13×18, one of 9×13 below it across, and three of 4.5×6 beside.
    let mixed = sizes(&[(130.0, 180.0), (90.0, 130.0), (45.0, 60.0), (45.0, 60.0), (45.0, 60.0)]);
    assert_eq!(pages(mixed, &[plain(TALL)]), [5]);
    // A new photo begins a new page, whatever room is left.
    assert_eq!(pages(sizes(&[(50.0, 50.0)]), &[plain(TALL), plain(WIDE), plain((5, 5))]), [1, 1, 1]);
    let twice = PhotoSetup { copies: 2, ..PhotoSetup::default() };
    assert_eq!(pages(sizes(&[(100.0, 140.0), (100.0, 140.0)]), &[photo(TALL, twice)]), [4]);
    // A wide photo's prints are wide, and show all of it.
    let setup = bare(Paper::A4, sizes(&[(100.0, 150.0)]));
    let placed = lay(&[plain(WIDE)], &setup)[0].photos[0];
    close(placed.frame_mm, (0.0, 0.0, 150.0, 100.0));
    assert_eq!((placed.turns, placed.crop), (0, Rect::WHOLE));
    let large = bare(Paper::A4, sizes(&[(100.0, 150.0), (220.0, 330.0)]));
    let error = paginate(&[plain(WIDE)], &large, &HalfWide).unwrap_err();
    assert!(matches!(error, LayoutError::TooLarge { width_mm: 330.0, .. }), "{error:?}");
}

#[test]
fn prints_that_lie_turned_show_the_photo_turned() {
    // A sheet that takes a wide print only turned.
    let setup = bare(paper(100.0, 150.0), Layout::Packed { size: PrintSize::new(150.0, 100.0) });
    let placed = lay(&[plain(WIDE)], &setup)[0].photos[0];
    assert_eq!((placed.turns, placed.crop), (1, Rect::WHOLE));
    close(placed.visible_mm, (0.0, 0.0, 100.0, 150.0));
    // Where a person fixed the turn, the print is laid as that says, or not at all.
    let fixed = |quarters| photo(WIDE, PhotoSetup { turn: Turn::Quarters(quarters), ..PhotoSetup::default() });
    assert_eq!(lay(&[fixed(3)], &setup)[0].photos[0].turns, 3);
    assert!(matches!(paginate(&[fixed(0)], &setup, &HalfWide), Err(LayoutError::TooLarge { .. })));
}

#[test]
fn id_photos_fill_the_sheet() {
    let id = |size: (f64, f64), count| Layout::Id { size: PrintSize::new(size.0, size.1), count };
    let ten_fifteen = Paper::from_name("10x15cm").unwrap();
    // 100 by 150 mm: 2 by 3 upright, and 2 by 4 lying.
    let sheet = lay(&[plain(TALL)], &bare(ten_fifteen, id((35.0, 45.0), None)));
    assert_eq!(counts(&sheet), [8]);
    for placed in &sheet[0].photos {
        assert_eq!((placed.visible_mm.width, placed.visible_mm.height, placed.turns), (45.0, 35.0, 1));
    }
    assert!(!sheet[0].lines.is_empty() && sheet[0].lines.iter().all(|line| line.dash_mm.is_some()), "guides");
    // Where the wished number fits upright, nobody has to turn the sheet.
    let six = lay(&[plain(TALL)], &bare(ten_fifteen, id((35.0, 45.0), Some(6))));
    assert_eq!(counts(&six), [6]);
    assert_eq!((six[0].photos[0].turns, six[0].photos[0].visible_mm.width), (0, 35.0));
    // A number is a number for each photo, one after the other.
    let two = lay(&[plain(TALL), plain(WIDE)], &bare(ten_fifteen, id((50.8, 50.8), Some(3))));
    assert_eq!(
        two.iter().flat_map(|page| &page.photos).map(|placed| placed.photo).collect::<Vec<_>>(),
        [0, 0, 0, 1, 1, 1]
    );
    let both = lay(&[plain(TALL), plain(WIDE)], &bare(ten_fifteen, id((35.0, 45.0), None)));
    assert_eq!(counts(&both), [8, 8]);
    let cropped = PageSetup { marks: Marks::Crop, ..bare(ten_fifteen, id((35.0, 45.0), None)) };
    assert!(lay(&[plain(TALL)], &cropped)[0].lines.iter().all(|line| line.dash_mm.is_none()));
}

#[test]
fn packed_photos_have_their_own_sizes_in_their_order() {
    let own = |width, height| {
        photo(WIDE, PhotoSetup { size: Some(PrintSize::new(width, height)), copies: 2, ..PhotoSetup::default() })
    };
    let setup = bare(Paper::A4, Layout::Packed { size: PrintSize::new(90.0, 130.0) });
    let pages = lay(&[own(130.0, 180.0), plain(TALL), own(60.0, 90.0), own(100.0, 150.0)], &setup);
    let order: Vec<usize> = pages.iter().flat_map(|page| &page.photos).map(|placed| placed.photo).collect();
    assert_eq!(order, [0, 0, 1, 2, 2, 3, 3]);
    for placed in pages.iter().flat_map(|page| &page.photos).filter(|placed| placed.photo == 0) {
        let visible = placed.visible_mm;
        let (long, short) = (visible.width.max(visible.height), visible.width.min(visible.height));
        assert!((long - 180.0).abs() < 1e-9 && (short - 130.0).abs() < 1e-9, "filled to its exact size");
    }
    assert!(pages.len() <= 3, "{:?}", counts(&pages));
}

#[test]
fn an_exact_size_is_exact_and_its_frame_cuts_it() {
    let size = |width, height| PhotoSetup { size: Some(PrintSize::new(width, height)), ..PhotoSetup::default() };
    let placed = alone(WIDE, size(60.0, 90.0), |_| ());
    close(placed.visible_mm, (55.0, 20.0, 90.0, 60.0));
    assert_eq!(placed.crop, Rect::WHOLE);
    // 300 by 200 mm of which 200 by 100 are seen: half of it.
    let placed = alone(WIDE, size(300.0, 200.0), |_| ());
    close(placed.visible_mm, (0.0, 0.0, 200.0, 100.0));
    close(placed.crop, (1.0 / 6.0, 0.25, 2.0 / 3.0, 0.5));
    // The print's size is that with its border.
    let placed = alone(WIDE, size(90.0, 60.0), |setup| setup.border_mm = 5.0);
    close(placed.edge_mm(), (55.0, 20.0, 90.0, 60.0));
    close(placed.visible_mm, (60.0, 25.0, 80.0, 50.0));
    let whole = PhotoSetup { fit: Some(Fit::Fit), ..size(100.0, 100.0) };
    close(alone((100, 50), whole, |_| ()).visible_mm, (50.0, 25.0, 100.0, 50.0));
}

#[test]
fn zoom_pan_and_ratio_choose_what_is_seen() {
    let square = |change: &dyn Fn(&mut PhotoSetup)| {
        let mut setup = PhotoSetup { fit: Some(Fit::Fill), ..PhotoSetup::default() };
        change(&mut setup);
        alone((2000, 2000), setup, |_| ())
    };
    close(square(&|_| ()).crop, (0.0, 0.25, 1.0, 0.5));
    close(square(&|setup| setup.pan = (0.0, -1.0)).crop, (0.0, 0.0, 1.0, 0.5));
    close(square(&|setup| setup.pan = (1.0, 1.0)).crop, (0.0, 0.5, 1.0, 0.5));
    close(square(&|setup| setup.zoom = 2.0).crop, (0.25, 0.375, 0.5, 0.25));
    // The part stays the same when the photo is turned on the page.
    let turned = square(&|setup| (setup.turn, setup.pan) = (Turn::Quarters(1), (-1.0, 0.0)));
    close(turned.crop, (0.0, 0.0, 0.5, 1.0));
    // A whole photo grows in its frame until that cuts it.
    let grown = |zoom| alone((1000, 1000), PhotoSetup { zoom, ..PhotoSetup::default() }, |_| ());
    close(grown(1.0).visible_mm, (50.0, 0.0, 100.0, 100.0));
    close(grown(1.5).visible_mm, (25.0, 0.0, 150.0, 100.0));
    close(grown(1.5).crop, (0.0, 1.0 / 6.0, 1.0, 2.0 / 3.0));
    close(grown(4.0).visible_mm, (0.0, 0.0, 200.0, 100.0));
    let cut = PhotoSetup { ratio: Some((1.0, 1.0)), pan: (-1.0, 0.0), ..PhotoSetup::default() };
    let cut = alone((2000, 1000), cut, |_| ());
    close(cut.visible_mm, (50.0, 0.0, 100.0, 100.0));
    close(cut.crop, (0.0, 0.0, 0.5, 1.0));
}

#[test]
fn straightening_enlarges_until_no_corner_is_empty() {
    // A square by 45 degrees: the square in a square is smaller by the root of two.
    let setup = PhotoSetup { straighten_deg: 45.0, ..PhotoSetup::default() };
    let placed = alone((3000, 3000), setup, |_| ());
    close(placed.visible_mm, (50.0, 0.0, 100.0, 100.0));
    let side = 100.0 * 2.0_f64.sqrt();
    close(placed.image_mm, (100.0 - side / 2.0, 50.0 - side / 2.0, side, side));
    close(placed.crop, (0.0, 0.0, 1.0, 1.0));
    let (u, v) = placed.photo_at(50.0, 0.0);
    assert!((u - 0.0).abs() < 1e-9 && (v - 0.5).abs() < 1e-9, "{u} {v}: the top left corner is the left edge's middle");
    // Fewer pixels for each inch of paper.
    assert_eq!(effective_ppi(&placed, Some((3000, 3000))).map(|ppi| ppi.round()), Some((3000.0 / side * 25.4).round()));
}

#[test]
fn photos_give_room_to_borders_and_corners_stay_round() {
    let stroke = Stroke { width_mm: 500.0, ink: Ink::BLACK };
    let placed = alone((200, 100), PhotoSetup::default(), |setup| {
        (setup.border_mm, setup.corner_mm, setup.stroke) = (10.0, 900.0, Some(stroke));
    });
    close(placed.visible_mm, (20.0, 10.0, 160.0, 80.0));
    close(placed.edge_mm(), (10.0, 0.0, 180.0, 100.0));
    assert_eq!((placed.corner_mm, placed.stroke.unwrap().width_mm), (40.0, 40.0));
    let setup = PageSetup { border_mm: 60.0, ..bare(paper(200.0, 100.0), Layout::Single) };
    assert_eq!(paginate(&[plain(WIDE)], &setup, &HalfWide), Err(LayoutError::Border));
}

#[test]
fn crop_marks_stand_outside_the_corners() {
    let marked = |spacing_mm, margin_mm| {
        let margins_mm = Margins::all(margin_mm);
        let layout = Layout::Contact { rows: 1, columns: 2 };
        let setup = PageSetup { marks: Marks::Crop, margins_mm, spacing_mm, ..bare(paper(200.0, 100.0), layout) };
        lay(&vec![photo(WIDE, PhotoSetup { fit: Some(Fit::Fill), ..PhotoSetup::default() }); 2], &setup)[0].lines.len()
    };
    assert_eq!(marked(20.0, 10.0), 16);
    assert_eq!(marked(1.2, 10.0), 12, "no room between the photos");
    assert_eq!(marked(20.0, 0.0), 0, "nor outside the paper");
}

#[test]
fn guides_run_over_the_page_along_every_edge() {
    let setup = PageSetup {
        marks: Marks::Guides,
        margins_mm: Margins::all(10.0),
        spacing_mm: 10.0,
        fit: Fit::Fill,
        ..bare(paper(200.0, 100.0), Layout::Contact { rows: 1, columns: 2 })
    };
    let lines = &lay(&vec![plain(WIDE); 2], &setup)[0].lines;
    let upright: Vec<f64> =
        lines.iter().filter(|line| line.from_mm.0 == line.to_mm.0).map(|line| line.from_mm.0).collect();
    assert_eq!(upright, [10.0, 95.0, 105.0, 190.0]);
    assert_eq!(lines.len(), 6);
    assert!(lines.iter().all(|line| (line.to_mm.0 - line.from_mm.0 + line.to_mm.1 - line.from_mm.1) >= 100.0));
}

#[test]
fn texts_have_their_places_fonts_and_inks() {
    let red = Ink { red: 200, green: 0, blue: 0 };
    let setup = PageSetup {
        header: Some("{page}/{pages} {{x}} {unknown}".into()),
        footer: Some("Left".into()),
        page_numbers: true,
        font: TextFont::Family("Garamond".into()),
        text_ink: Some(red),
        overlay: Some(Overlay { text: "{name}".into(), place: OverlayPlace::TopLeft, size_pt: 10.0, ink: Ink::WHITE }),
        watermark: Some(Watermark { text: "© Somebody Else 2024".into(), ..Watermark::default() }),
        ..bare(paper(200.0, 100.0), Layout::Single)
    };
    let shape = PhotoShape { overlay: "name, page {page}".into(), ..plain(WIDE) };
    let page = lay(&[shape], &setup).remove(0);
    let text = |role| page.texts.iter().filter(|text| text.role == role).collect::<Vec<_>>();
    assert_eq!(text(TextRole::Header)[0].text, "1/1 {x} {unknown}");
    let feet: Vec<_> = text(TextRole::Footer).iter().map(|text| (text.text.as_str(), text.align, text.ink)).collect();
    assert_eq!(feet, [("Left", Align::Left, red), ("Page 1 of 1", Align::Right, red)]);
    let (overlay, watermark) = (text(TextRole::Overlay)[0], text(TextRole::Watermark)[0]);
    assert_eq!((overlay.text.as_str(), overlay.ink), ("name, page 1", Ink::WHITE));
    let visible = page.photos[0].visible_mm;
    assert!((overlay.x_mm - visible.x - size_mm(6.0)).abs() < 1e-9 && overlay.bounds_mm().y > visible.y);
    // Six tenths of the diagonal, along it.
    assert!((watermark.width_mm - 0.6 * visible.width.hypot(visible.height)).abs() < 1e-9);
    assert!((watermark.angle_deg + (2.0_f64 / 3.0).atan().to_degrees()).abs() < 1e-9);
    assert!(
        (HalfWide.width_mm(&watermark.text, watermark.size_pt, &TextRole::Watermark.style()) - watermark.width_mm)
            .abs()
            < 1e-9
    );
    assert_eq!(watermark.opacity, 0.35);
    assert!(page.texts.iter().all(|text| text.font == setup.font));
}

#[test]
fn templates_are_filled_with_what_is_known() {
    let metadata = |day, hour| Metadata {
        taken_at: TakenAt::new((2024, 5, day), (hour, 42, 9), 0, None),
        title: Some("A {title}".into()),
        ..Metadata::default()
    };
    let (one, two, three) = (metadata(17, 18), metadata(17, 20), metadata(18, 20));
    let facts = |metadata, name| CaptionFacts {
        name,
        folder: "Crete",
        metadata,
        title: None,
        caption: None,
        rating: Rating::new(2).unwrap(),
        tags: &[],
        receipt: Some("0042"),
    };
    let first = facts(&one, "IMG_1.JPG");
    assert_eq!(first.fill("{NAME} · { title } · {rating} · #{receipt}{lens}"), "IMG_1.JPG · A {title} · ★★ · #0042");
    assert_eq!(first.fill("{{name}} {nothing} {page} { {name"), "{name} {nothing} {page} { {name");
    assert!(first.fill(&"{name}".repeat(100_000)).len() < 10_000);
    let all = [first, facts(&two, "IMG_2.JPG")];
    assert_eq!(
        CaptionFacts::fill_common(&all, "{folder} {date} {name}|{page}/{pages} {{"),
        "Crete 2024-05-17 |{page}/{pages} {{"
    );
    assert_eq!(CaptionFacts::fill_common(&all, "{title}"), "A {{title}}", "a title's brace is no field of the page");
    assert_eq!(CaptionFacts::fill_common(&[all[0], facts(&three, "x")], "{date}"), "");
    assert_eq!(CaptionFacts::fill_common(&[], "{date}{page}"), "{page}");
}

#[test]
fn warnings_name_the_photo_and_the_page() {
    assert_eq!(
        [239.9, 240.0, 149.9, 150.0].map(Sharpness::of),
        [Sharpness::Amber, Sharpness::Green, Sharpness::Red, Sharpness::Amber]
    );
    let image = Rect::new(0.0, 0.0, 254.0, 127.0);
    let whole = Placed::plain(0, image, image, Rect::WHOLE, 0);
    assert_eq!(effective_ppi(&whole, Some((3000, 1500))), Some(300.0));
    let half = Placed { crop: Rect::new(0.25, 0.25, 0.5, 0.5), ..whole };
    assert_eq!(effective_ppi(&half, Some((3000, 1500))), Some(150.0));
    assert_eq!(effective_ppi(&Placed { turns: 1, ..whole }, Some((1500, 3000))), Some(300.0));
    assert_eq!(effective_ppi(&whole, Some((0, 5))), None);
    assert_eq!(effective_ppi(&whole, None), None);
    let page = |photos: &[Placed]| Page { photos: photos.to_vec(), ..Page::blank((300.0, 200.0)) };
    let pages = [page(&[whole, Placed { photo: 1, ..whole }]), page(&[half])];
    assert_eq!(least_ppi(&pages, &[Some((3000, 1500)), None, Some((9, 9))]), [Some(150.0), None, None]);
    assert_eq!(outside(&pages, &Rect::new(0.0, 0.0, 254.0, 127.0)), None);
    assert_eq!(outside(&pages, &Rect::new(0.1, 0.0, 254.0, 127.0)), Some(0));
    assert_eq!(outside(&[page(&[]), page(&[half])], &Rect::new(0.0, 0.0, 254.0, 126.0)), Some(1));
}

/// Counts how often texts are measured.
struct Counting(Cell<usize>);

impl Measure for Counting {
    fn width_mm(&self, text: &str, size_pt: f64, style: &TextStyle) -> f64 {
        self.0.set(self.0.get() + 1);
        HalfWide.width_mm(text, size_pt, style)
    }
}

#[test]
fn each_distinct_text_is_measured_once() {
    let setup = PageSetup {
        captions: vec![CaptionField::Name],
        header: Some("Title".into()),
        footer: Some("Foot".into()),
        watermark: Some(Watermark { text: "©".into(), ..Watermark::default() }),
        overlay: Some(Overlay::default()),
        ..PageSetup::default()
    };
    let shape = PhotoShape { captions: vec!["a.jpg".into()], overlay: "over".into(), ..plain(WIDE) };
    let counting = Counting(Cell::new(0));
    assert_eq!(paginate(&vec![shape; 200], &setup, &counting).unwrap().len(), 200);
    assert_eq!(counting.0.get(), 5);
    // And once for all layouts that follow.
    let shape = PhotoShape { captions: vec!["b.jpg".into()], ..plain(WIDE) };
    let remembered = Remembered::new(Counting(Cell::new(0)));
    for size in 6..30 {
        let setup = PageSetup { caption_size_pt: f64::from(size), ..setup.clone() };
        let with = |measure: &dyn Measure| paginate(std::slice::from_ref(&shape), &setup, measure).unwrap().remove(0);
        let (page, plain) = (with(&remembered), with(&HalfWide));
        assert_eq!(page.photos, plain.photos);
        for (text, plain) in page.texts.iter().zip(&plain.texts) {
            assert_eq!(text.text, plain.text);
            assert!((text.width_mm - plain.width_mm).abs() < 1e-9);
        }
    }
    assert_eq!(remembered.fonts().0.get(), 4);
}

#[test]
fn papers_may_be_a_stamp_or_a_wall() {
    let stamp = lay(&[plain(WIDE)], &bare(paper(20.0, 20.0), Layout::Single));
    close(stamp[0].photos[0].visible_mm, (0.0, 10.0 - 20.0 / 3.0, 20.0, 40.0 / 3.0));
    let margins = PageSetup { paper: paper(20.0, 20.0), ..PageSetup::default() };
    assert!(matches!(paginate(&[plain(WIDE)], &margins, &HalfWide), Err(LayoutError::Margins { .. })));
    let wall = paper(3000.0, 3000.0);
    let packed = Layout::Packed { size: PrintSize::new(30.0, 20.0) };
    let setup = PageSetup { marks: Marks::Crop, spacing_mm: 3.0, ..bare(wall, packed) };
    let shapes: Vec<PhotoShape> = (0..10_000_u32)
        .map(|n| {
            let size = PrintSize::new(10.0 + f64::from(n * 7 % 23), 10.0 + f64::from(n * 13 % 31));
            photo(if n % 3 == 0 { TALL } else { WIDE }, PhotoSetup { size: Some(size), ..PhotoSetup::default() })
        })
        .collect();
    let pages = lay(&shapes, &setup);
    assert_eq!(pages.iter().map(|page| page.photos.len()).sum::<usize>(), 10_000);
    assert!(pages.len() <= 2, "{:?}", counts(&pages));
    for layout in [
        Layout::Contact { rows: 100, columns: 100 },
        Layout::Cells { width_mm: 20.0, height_mm: 20.0 },
        Layout::Id { size: PrintSize::new(35.0, 45.0), count: Some(2) },
        Layout::NUp { count: 1000 },
    ] {
        for marks in [Marks::Crop, Marks::Guides] {
            let pages = lay(&shapes, &PageSetup { marks, ..bare(wall, layout.clone()) });
            assert!(pages.iter().all(|page| page.lines.len() <= 100_000));
        }
    }
}

#[test]
fn too_much_is_refused_before_it_is_made() {
    let many = PhotoSetup { copies: MAX_PHOTO_COPIES, ..PhotoSetup::default() };
    let shapes = vec![photo(WIDE, many); 9000];
    let error = |layout, copies| {
        let setup = PageSetup { copies, ..bare(paper(3000.0, 3000.0), layout) };
        paginate(&shapes, &setup, &HalfWide).unwrap_err()
    };
    let small = PrintSize::new(5.0, 5.0);
    assert_eq!(error(Layout::Single, 1), LayoutError::Pages(891_000));
    assert_eq!(error(Layout::Contact { rows: 50, columns: 50 }, 1), LayoutError::Placed(891_000));
    assert_eq!(error(Layout::Packed { size: small }, 2), LayoutError::Placed(2 * 891_000));
    assert_eq!(error(Layout::Package { sizes: vec![small; 64] }, 999), LayoutError::Placed(64 * 999 * 891_000));
    assert_eq!(error(Layout::Id { size: small, count: None }, 1), LayoutError::Placed(600 * 600 * 891_000));
    assert_eq!(error(Layout::Id { size: small, count: Some(1000) }, 1), LayoutError::Placed(891_000_000));
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -10.0..500.0, Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(0.0)]
}

proptest! {
    #[test]
    fn any_choice_for_photos_and_sizes_ends(
        numbers in proptest::array::uniform14(any_number()),
        (layout, count, copies, quarters) in (0..6u8, any::<u32>(), 0..200u32, any::<u8>()),
        sides in (any::<u32>(), any::<u32>()),
    ) {
        let [a, b, zoom, x, y, angle, across, down, border_mm, corner_mm, spacing_mm, line, c, d] = numbers;
        let size = PrintSize::new(a, b);
        let layout = match layout {
            0 => Layout::NUp { count },
            1 => Layout::Cells { width_mm: a, height_mm: b },
            2 => Layout::Package { sizes: vec![size; (count % 70) as usize] },
            3 => Layout::Id { size, count: Some(count) },
            4 => Layout::Packed { size },
            _ => Layout::Single,
        };
        let setup = PageSetup {
            layout,
            border_mm,
            corner_mm,
            spacing_mm,
            stroke: Some(Stroke { width_mm: line, ink: Ink::BLACK }),
            overlay: Some(Overlay { size_pt: c, ..Overlay::default() }),
            watermark: Some(Watermark { text: "x".into(), width: c, opacity: d, ..Watermark::default() }),
            hardware_margins_mm: Some(Margins { top: c, right: d, bottom: a, left: b }),
            ..PageSetup::default()
        };
        let one = PhotoSetup {
            size: Some(PrintSize::new(c, d)),
            zoom,
            pan: (x, y),
            straighten_deg: angle,
            ratio: Some((across, down)),
            turn: Turn::Quarters(quarters),
            copies,
            ..PhotoSetup::default()
        };
        for (setup, one) in [
            (&setup, one),
            (&setup, PhotoSetup::default()),
            (&PageSetup { layout: setup.layout.clone(), ..PageSetup::default() }, one),
            (&PageSetup { layout: setup.layout.clone(), ..PageSetup::default() }, PhotoSetup::default()),
        ] {
            match paginate(&[photo(sides, one)], setup, &HalfWide) {
                Ok(pages) => {
                    let finite = |rect: &Rect| [rect.x, rect.y, rect.width, rect.height].iter().all(|n| n.is_finite());
                    let all = pages.iter().flat_map(|page| &page.photos);
                    for placed in all {
                        prop_assert!(finite(&placed.visible_mm) && finite(&placed.image_mm) && finite(&placed.crop));
                    }
                }
                Err(error) => {
                    // What to do stands in every error.
                    let text = error.to_string();
                    let ways = ["give ", "make ", "choose ", "print at most", "fewer", "each side must be", "select"];
                    prop_assert!(ways.iter().any(|way| text.contains(way)), "{text}");
                    prop_assert!(text.len() < 400);
                }
            }
        }
    }
}
