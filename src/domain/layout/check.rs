//! What no page can have: found before anything is laid out, so that the arithmetic sees sane numbers only.

use super::{
    Layout, LayoutError, MAX_CAPTION_LINES, MAX_CELLS_PER_SIDE, MAX_COPIES, MAX_PER_PAGE, MAX_PHOTO_COPIES, MAX_SIZES,
    MIN_FRAME_MM, Margins, PageSetup, PhotoSetup, PhotoShape, PrintSize, Turn,
};
use crate::domain::paper::MAX_SIDE_MM;

/// Checks everything that a person or a file can say about pages and photos.
pub(super) fn check(photos: &[PhotoShape], setup: &PageSetup) -> Result<(), LayoutError> {
    if photos.is_empty() {
        return Err(LayoutError::NoPhotos);
    }
    lengths(setup)?;
    texts(setup)?;
    layout(setup)?;
    if !(1..=MAX_COPIES).contains(&setup.copies) {
        return Err(LayoutError::Copies(setup.copies));
    }
    let usable = setup.usable_mm();
    if usable.width <= 0.0 || usable.height <= 0.0 {
        let (width_mm, height_mm) = setup.page_size_mm();
        return Err(LayoutError::Margins { width_mm, height_mm });
    }
    photos.iter().try_for_each(|shape| photo(&shape.setup, setup.border_mm))
}

fn lengths(setup: &PageSetup) -> Result<(), LayoutError> {
    const OWN: [&str; 4] = ["top margin", "right margin", "bottom margin", "left margin"];
    const HARDWARE: [&str; 4] =
        ["printer's top margin", "printer's right margin", "printer's bottom margin", "printer's left margin"];
    let sides = |margins: &Margins| [margins.top, margins.right, margins.bottom, margins.left];
    let hardware = sides(&setup.hardware_margins_mm.unwrap_or(Margins::all(0.0)));
    let stroke = setup.stroke.map_or(0.0, |stroke| stroke.width_mm);
    let others = [
        (setup.spacing_mm, "spacing"),
        (setup.border_mm, "border"),
        (setup.corner_mm, "radius of the corners"),
        (stroke, "width of the line around photos"),
    ];
    let all = sides(&setup.margins_mm).into_iter().zip(OWN).chain(hardware.into_iter().zip(HARDWARE)).chain(others);
    for (length, name) in all {
        // Also false for NaN.
        if !(0.0..=1000.0).contains(&length) {
            return Err(LayoutError::Length(name));
        }
    }
    Ok(())
}

fn texts(setup: &PageSetup) -> Result<(), LayoutError> {
    let sizes = 3.0..=72.0;
    if !sizes.contains(&setup.caption_size_pt) {
        return Err(LayoutError::CaptionSize);
    }
    if setup.captions.len() > MAX_CAPTION_LINES {
        return Err(LayoutError::CaptionLines(setup.captions.len()));
    }
    if setup.overlay.as_ref().is_some_and(|overlay| !sizes.contains(&overlay.size_pt)) {
        return Err(LayoutError::Value { what: "size of the text over photos", range: "3 to 72 points" });
    }
    if let Some(watermark) = &setup.watermark {
        if !(0.1..=1.0).contains(&watermark.width) {
            return Err(LayoutError::Value { what: "width of the watermark", range: "10 to 100 % of the diagonal" });
        }
        if !(0.0..=1.0).contains(&watermark.opacity) {
            return Err(LayoutError::Value { what: "opacity of the watermark", range: "0 to 100 %" });
        }
    }
    Ok(())
}

fn layout(setup: &PageSetup) -> Result<(), LayoutError> {
    let border_mm = setup.border_mm;
    match &setup.layout {
        Layout::Single => Ok(()),
        &Layout::Contact { rows, columns } => {
            let possible = 1..=MAX_CELLS_PER_SIDE;
            let sane = possible.contains(&rows) && possible.contains(&columns);
            if sane { Ok(()) } else { Err(LayoutError::Cells { rows, columns }) }
        }
        &Layout::NUp { count } => {
            if (1..=MAX_PER_PAGE).contains(&count) {
                Ok(())
            } else {
                Err(LayoutError::PerPage(count))
            }
        }
        &Layout::Cells { width_mm, height_mm } => size(PrintSize { width_mm, height_mm }, border_mm),
        Layout::Package { sizes } => {
            if sizes.is_empty() || sizes.len() > MAX_SIZES {
                return Err(LayoutError::Sizes(sizes.len()));
            }
            sizes.iter().try_for_each(|&one| size(one, border_mm))
        }
        &Layout::Packed { size: one } => size(one, border_mm),
        &Layout::Id { size: one, count } => {
            if count.is_some_and(|count| !(1..=MAX_PER_PAGE).contains(&count)) {
                return Err(LayoutError::Value { what: "number of ID photos", range: "1 to 1000" });
            }
            size(one, border_mm)
        }
    }
}

fn size(PrintSize { width_mm, height_mm }: PrintSize, border_mm: f64) -> Result<(), LayoutError> {
    let possible = MIN_FRAME_MM..=MAX_SIDE_MM;
    if !possible.contains(&width_mm) || !possible.contains(&height_mm) {
        return Err(LayoutError::Size { width_mm, height_mm });
    }
    if width_mm.min(height_mm) - 2.0 * border_mm < MIN_FRAME_MM / 2.0 {
        return Err(LayoutError::Border);
    }
    Ok(())
}

fn photo(photo: &PhotoSetup, border_mm: f64) -> Result<(), LayoutError> {
    let value = |what, range| Err(LayoutError::Value { what, range });
    let ratio_is_sane = |(width, height): (f64, f64)| {
        // Both as lengths first: infinity through infinity is no number.
        let sane = |side: f64| side.is_finite() && side > 0.0;
        sane(width) && sane(height) && (0.05..=20.0).contains(&(width / height))
    };
    if !(1.0..=8.0).contains(&photo.zoom) {
        return value("enlargement of a photo", "1 to 8");
    }
    if !(-1.0..=1.0).contains(&photo.pan.0) || !(-1.0..=1.0).contains(&photo.pan.1) {
        return value("position of a photo in its frame", "-1 to 1 for each direction");
    }
    if !(-45.0..=45.0).contains(&photo.straighten_deg) {
        return value("angle of straightening", "-45 to 45 degrees");
    }
    if photo.ratio.is_some_and(|ratio| !ratio_is_sane(ratio)) {
        return value("ratio of a photo", "two numbers such as 3 and 2, at most 20 to 1");
    }
    if matches!(photo.turn, Turn::Quarters(4..)) {
        return value("turn of a photo", "0 to 3 quarters");
    }
    if !(1..=MAX_PHOTO_COPIES).contains(&photo.copies) {
        return value("number of copies of a photo", "1 to 99");
    }
    photo.size.map_or(Ok(()), |one| size(one, border_mm))
}
