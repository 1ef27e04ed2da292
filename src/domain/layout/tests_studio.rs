//! Rules that hold for every layout of the print studio, whatever a person chooses for pages and photos.

use proptest::prelude::*;

use super::tests::HalfWide;
use super::*;
use crate::domain::paper::Paper;

/// What adding up a few lengths of a page may lose, in mm.
const TOLERANCE_MM: f64 = 1e-9;

fn print_size() -> impl Strategy<Value = PrintSize> {
    (20.0..120.0, 20.0..160.0).prop_map(|(width, height)| PrintSize::new(width, height))
}

fn layouts() -> impl Strategy<Value = Layout> {
    prop_oneof![
        Just(Layout::Single),
        (1..30u32).prop_map(|count| Layout::NUp { count }),
        (1..7u32, 1..7u32).prop_map(|(rows, columns)| Layout::Contact { rows, columns }),
        (10.0..90.0, 10.0..90.0).prop_map(|(width_mm, height_mm)| Layout::Cells { width_mm, height_mm }),
        proptest::collection::vec(print_size(), 1..7).prop_map(|sizes| Layout::Package { sizes }),
        (print_size(), proptest::option::of(1..20u32)).prop_map(|(size, count)| Layout::Id { size, count }),
        print_size().prop_map(|size| Layout::Packed { size }),
    ]
}

fn margins(most: f64) -> impl Strategy<Value = Margins> {
    (0.0..most, 0.0..most, 0.0..most, 0.0..most).prop_map(|(top, right, bottom, left)| Margins {
        top,
        right,
        bottom,
        left,
    })
}

fn setups() -> impl Strategy<Value = PageSetup> {
    let papers: Vec<Paper> = Paper::all().collect();
    let paper = prop_oneof![
        3 => Just(Paper::A4),
        2 => proptest::sample::select(papers),
        1 => (20.0..450.0, 20.0..450.0).prop_map(|(width, height)| Paper::custom(width, height).unwrap()),
    ];
    let place = proptest::sample::select(vec![
        OverlayPlace::TopLeft,
        OverlayPlace::TopRight,
        OverlayPlace::BottomLeft,
        OverlayPlace::BottomRight,
        OverlayPlace::Middle,
    ]);
    let page = (paper, any::<bool>(), margins(15.0), proptest::option::of(margins(15.0)), layouts(), 0.0..5.0);
    let text =
        (0..3usize, 4.0..10.0, any::<bool>(), proptest::option::of("\\PC{0,30}"), proptest::option::of("\\PC{0,30}"));
    let looks = (prop_oneof![Just(0.0), 0.0..4.0], 0.0..8.0, 0.0..3.0);
    let over = (proptest::option::of((place, 3.0..20.0)), proptest::option::of((0.1..=1.0, "\\PC{1,20}")));
    let marks = proptest::sample::select(vec![Marks::None, Marks::Crop, Marks::Guides]);
    (page, text, looks, over, marks, any::<(bool, bool)>(), 1..3u32).prop_map(
        |(page, text, looks, (overlay, watermark), marks, (fill, auto_rotate), copies)| PageSetup {
            paper: page.0,
            landscape: page.1,
            margins_mm: page.2,
            hardware_margins_mm: page.3,
            layout: page.4,
            spacing_mm: page.5,
            captions: [CaptionField::Name, CaptionField::Date][..text.0].to_vec(),
            caption_size_pt: text.1,
            page_numbers: text.2,
            header: text.3,
            footer: text.4,
            font: TextFont::Family("Garamond".into()),
            border_mm: looks.0,
            corner_mm: looks.1,
            stroke: Some(Stroke { width_mm: looks.2, ink: Ink::BLACK }),
            marks,
            overlay: overlay.map(|(place, size_pt)| Overlay { place, size_pt, ..Overlay::default() }),
            watermark: watermark.map(|(width, text)| Watermark { width, text, ..Watermark::default() }),
            fit: if fill { Fit::Fill } else { Fit::Fit },
            auto_rotate,
            copies,
            ..PageSetup::default()
        },
    )
}

fn photo_setups() -> impl Strategy<Value = PhotoSetup> {
    let fit = proptest::option::of(proptest::sample::select(vec![Fit::Fit, Fit::Fill]));
    let angle = prop_oneof![2 => Just(0.0), 1 => -45.0..=45.0];
    let ratio = proptest::option::weighted(0.3, (1.0..10.0, 1.0..10.0));
    let turn = prop_oneof![3 => Just(Turn::Auto), 1 => (0..4u8).prop_map(Turn::Quarters)];
    let zoom = prop_oneof![2 => Just(1.0), 1 => 1.0..=8.0];
    let pan = (-1.0..=1.0, -1.0..=1.0);
    (fit, proptest::option::weighted(0.3, print_size()), zoom, pan, turn, angle, ratio, 1..4u32).prop_map(
        |(fit, size, zoom, pan, turn, straighten_deg, ratio, copies)| PhotoSetup {
            fit,
            size,
            zoom,
            pan,
            turn,
            straighten_deg,
            ratio,
            copies,
        },
    )
}

fn shapes() -> impl Strategy<Value = Vec<PhotoShape>> {
    let shape = (0..9000u32, 0..9000u32, proptest::collection::vec("\\PC{0,30}", 0..3), "\\PC{0,40}", photo_setups());
    let shape = shape.prop_map(|(width_px, height_px, captions, overlay, setup)| PhotoShape {
        width_px,
        height_px,
        captions,
        overlay,
        setup,
    });
    proptest::collection::vec(shape, 1..14)
}

/// The photos in the order in which a layout places them, for one copy of the job.
fn expected(shapes: &[PhotoShape], setup: &PageSetup, on_first_page: usize) -> Vec<usize> {
    let each = match &setup.layout {
        Layout::Package { sizes } => sizes.len(),
        Layout::Id { count: Some(count), .. } => *count as usize,
        Layout::Id { count: None, .. } => on_first_page,
        _ => 1,
    };
    let of = |(photo, shape): (usize, &PhotoShape)| vec![photo; shape.setup.copies as usize * each];
    shapes.iter().enumerate().flat_map(of).collect()
}

fn corners(rect: &Rect) -> [(f64, f64); 4] {
    [(rect.x, rect.y), (rect.right(), rect.y), (rect.right(), rect.bottom()), (rect.x, rect.bottom())]
}

fn assert_photo(placed: &Placed, shape: &PhotoShape, setup: &PageSetup) -> Result<(), TestCaseError> {
    let inner = placed.frame_mm.inset(setup.border_mm);
    prop_assert!(inner.contains(&placed.visible_mm, TOLERANCE_MM), "{placed:?}");
    prop_assert!(placed.frame_mm.contains(&placed.edge_mm(), TOLERANCE_MM), "{placed:?}");
    prop_assert!(placed.visible_mm.width > 0.0 && placed.visible_mm.height > 0.0);
    prop_assert!(Rect::WHOLE.contains(&placed.crop, 1e-12), "{:?}", placed.crop);
    for (x, y) in corners(&placed.visible_mm) {
        let (u, v) = placed.photo_at(x, y);
        let inside = -1e-9..=1.0 + 1e-9;
        prop_assert!(inside.contains(&u) && inside.contains(&v), "an empty corner: {u} {v} of {placed:?}");
    }
    // The same scale in both directions: nobody becomes fat.
    let known = shape.width_px > 0 && shape.height_px > 0;
    let (width, height) = if known { (f64::from(shape.width_px), f64::from(shape.height_px)) } else { (3.0, 2.0) };
    let shown = (width * placed.crop.width, height * placed.crop.height);
    let shown = if placed.is_turned() { (shown.1, shown.0) } else { shown };
    let stretched = (placed.image_mm.width / shown.0) / (placed.image_mm.height / shown.1);
    prop_assert!((stretched - 1.0).abs() < 1e-9, "stretched by {stretched}: {placed:?}");
    prop_assert!(placed.corner_mm <= placed.visible_mm.width.min(placed.visible_mm.height) / 2.0 + TOLERANCE_MM);
    if let Turn::Quarters(quarters) = shape.setup.turn {
        prop_assert_eq!(placed.turns, quarters, "a turn that a person fixed");
    }
    Ok(())
}

fn assert_lines(page: &Page, setup: &PageSetup) -> Result<(), TestCaseError> {
    let reachable = setup.reachable_mm();
    for line in &page.lines {
        let (from, to) = (line.from_mm, line.to_mm);
        prop_assert!(from.0 == to.0 || from.1 == to.1, "a line is upright or level");
        let half = line.stroke.width_mm / 2.0;
        let along = Rect::new(from.0.min(to.0), from.1.min(to.1), (from.0 - to.0).abs(), (from.1 - to.1).abs());
        let inked = if from.0 == to.0 {
            Rect { x: along.x - half, width: 2.0 * half, ..along }
        } else {
            Rect { y: along.y - half, height: 2.0 * half, ..along }
        };
        prop_assert!(reachable.contains(&inked, TOLERANCE_MM), "{line:?} leaves {reachable:?}");
        for placed in &page.photos {
            // Guides run along edges, half of their thickness inside.
            let inside = placed.edge_mm().inset(if line.dash_mm.is_some() { 2.0 * half } else { 0.0 });
            prop_assert!(!inside.overlaps(&inked, 1e-6), "{line:?} lies over {placed:?}");
        }
    }
    Ok(())
}

fn assert_texts(page: &Page, setup: &PageSetup) -> Result<(), TestCaseError> {
    let usable = setup.usable_mm();
    let (over, beside): (Vec<&PlacedText>, Vec<&PlacedText>) =
        page.texts.iter().partition(|text| matches!(text.role, TextRole::Overlay | TextRole::Watermark));
    for (number, text) in beside.iter().enumerate() {
        let bounds = text.bounds_mm();
        prop_assert!(usable.contains(&bounds, TOLERANCE_MM), "{text:?} leaves {usable:?}");
        for placed in &page.photos {
            prop_assert!(!bounds.overlaps(&placed.edge_mm(), TOLERANCE_MM), "{text:?} lies on {placed:?}");
        }
        for other in &beside[number + 1..] {
            prop_assert!(!bounds.overlaps(&other.bounds_mm(), TOLERANCE_MM), "{text:?} lies on {other:?}");
        }
    }
    for text in &over {
        let visible = page.photos.iter().filter(|placed| Some(placed.photo) == text.photo);
        let (sin, cos) = text.angle_deg.to_radians().sin_cos();
        let turned = corners(&text.bounds_mm()).map(|(x, y)| {
            let (x, y) = (x - text.x_mm, y - text.baseline_mm);
            (text.x_mm + x * cos - y * sin, text.baseline_mm + x * sin + y * cos)
        });
        let inside = |placed: &Placed| {
            // A line is higher than its letters, and not evenly around their middle.
            let slack = size_mm(text.size_pt) * if text.angle_deg == 0.0 { 0.0 } else { 0.3 } + 1e-6;
            turned.iter().all(|&(x, y)| placed.visible_mm.contains(&Rect::new(x, y, 0.0, 0.0), slack))
        };
        prop_assert!(visible.clone().any(inside), "{text:?} leaves its photo");
    }
    prop_assert!(page.texts.iter().all(|text| text.font == setup.font));
    Ok(())
}

/// Prints of exact sizes are exact.
fn assert_sizes(page: &Page, shapes: &[PhotoShape], setup: &PageSetup) -> Result<(), TestCaseError> {
    for placed in &page.photos {
        let sizes = match &setup.layout {
            Layout::Package { sizes } => sizes.clone(),
            Layout::Id { size, .. } => vec![*size],
            Layout::Packed { size } => vec![shapes[placed.photo].setup.size.unwrap_or(*size)],
            Layout::Cells { width_mm, height_mm } => vec![PrintSize::new(*width_mm, *height_mm)],
            _ => return Ok(()),
        };
        let frame = placed.frame_mm;
        let is = |width: f64, height: f64| (frame.width - width).abs() < 1e-9 && (frame.height - height).abs() < 1e-9;
        let may_turn = !matches!(setup.layout, Layout::Cells { .. });
        let exact =
            |size: &PrintSize| is(size.width_mm, size.height_mm) || (may_turn && is(size.height_mm, size.width_mm));
        prop_assert!(sizes.iter().any(exact), "{frame:?} is none of {sizes:?}");
        let setup_of = &shapes[placed.photo].setup;
        let fills =
            setup_of.fit == Some(Fit::Fill) || (setup_of.fit.is_none() && matches!(setup.layout, Layout::Id { .. }));
        if fills && may_turn {
            let edge = placed.edge_mm();
            prop_assert!((edge.width - frame.width).abs() < 1e-9 && (edge.height - frame.height).abs() < 1e-9);
        }
    }
    Ok(())
}

fn assert_pages(pages: &[Page], shapes: &[PhotoShape], setup: &PageSetup) -> Result<(), TestCaseError> {
    let usable = setup.usable_mm();
    for page in pages {
        prop_assert_eq!(page.size_mm, setup.page_size_mm());
        prop_assert!(!page.photos.is_empty(), "an empty page");
        for (number, placed) in page.photos.iter().enumerate() {
            assert_photo(placed, &shapes[placed.photo], setup)?;
            let frame = placed.frame_mm;
            prop_assert!(usable.contains(&frame, TOLERANCE_MM), "{frame:?} leaves {usable:?}");
            let spaced = |frame: &Rect| Rect {
                width: frame.width + setup.spacing_mm,
                height: frame.height + setup.spacing_mm,
                ..*frame
            };
            for other in &page.photos[number + 1..] {
                let overlap = spaced(&frame).overlaps(&spaced(&other.frame_mm), 1e-7);
                prop_assert!(!overlap, "{frame:?} {:?}", other.frame_mm);
            }
        }
        assert_sizes(page, shapes, setup)?;
        assert_texts(page, setup)?;
        assert_lines(page, setup)?;
    }
    // Every copy is placed, in order: the same stack, as often as asked for.
    let stack = pages.len() / setup.copies as usize;
    prop_assert_eq!(pages.len(), stack * setup.copies as usize);
    prop_assert!(pages.chunks(stack).all(|other| other == &pages[..stack]));
    let order: Vec<usize> = pages[..stack].iter().flat_map(|page| &page.photos).map(|placed| placed.photo).collect();
    prop_assert_eq!(order, expected(shapes, setup, pages[0].photos.len()));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn every_layout_keeps_the_rules(setup in setups(), shapes in shapes()) {
        if let Ok(pages) = paginate(&shapes, &setup, &HalfWide) {
            assert_pages(&pages, &shapes, &setup)?;
        }
    }
}

/// A rule that is kept because nothing was laid out is no rule.
#[test]
fn most_of_the_tried_setups_have_pages() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (setups, shapes) = (setups(), shapes());
    let mut laid_out = std::collections::BTreeMap::<String, u32>::new();
    for _ in 0..400 {
        let setup = setups.new_tree(&mut runner).unwrap().current();
        let shapes = shapes.new_tree(&mut runner).unwrap().current();
        let layout = format!("{:?}", setup.layout).split([' ', '{']).next().unwrap_or_default().to_owned();
        *laid_out.entry(layout).or_default() += u32::from(paginate(&shapes, &setup, &HalfWide).is_ok());
    }
    assert_eq!(laid_out.len(), 7, "{laid_out:?}");
    assert!(laid_out.values().all(|&count| count >= 10), "{laid_out:?}");
}
