//! One photo in its frame: turned, cut, straightened, with its border and line.

use super::{Border, Fit, PageSetup, PhotoShape, Placed, PrintSize, Rect, Stroke, Turn};

/// The sides that a photo of unknown size is laid out with.
const UNKNOWN_PX: (f64, f64) = (3.0, 2.0);

/// How a frame treats its photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// A cell that photos lie in as they like.
    Cell {
        /// Whether photos that leave room stand at the frame's foot, above a caption.
        stands: bool,
    },
    /// A print of an exact size, whose frame agrees with the photo already.
    Print {
        /// Whether the print lies turned by a quarter.
        turned: bool,
    },
    /// An ID photo: always upright in its frame, and always filling it.
    Id {
        /// Whether the print lies turned by a quarter.
        turned: bool,
    },
}

/// Width and height of the upright photo in pixels, or in any unit where these are not known.
fn sides(shape: &PhotoShape) -> (f64, f64) {
    if shape.width_px == 0 || shape.height_px == 0 {
        return UNKNOWN_PX;
    }
    (f64::from(shape.width_px), f64::from(shape.height_px))
}

/// The part of the upright photo that its ratio leaves.
fn region(shape: &PhotoShape) -> (f64, f64) {
    let (width, height) = sides(shape);
    match shape.setup.ratio {
        None => (width, height),
        Some((across, down)) => {
            let ratio = across / down;
            if width / height > ratio { (height * ratio, height) } else { (width, width / ratio) }
        }
    }
}

/// Width through height of the upright photo, after it was cut to its ratio.
pub(super) fn natural_ratio(shape: &PhotoShape) -> f64 {
    let (width, height) = region(shape);
    width / height
}

/// A size with its long side along the photo's, as a person turned the photo.
pub(super) fn oriented(size: PrintSize, shape: &PhotoShape, quarters: u8) -> PrintSize {
    let ratio = natural_ratio(shape);
    let wide = if quarters % 2 == 1 { ratio < 1.0 } else { ratio > 1.0 };
    // A square photo has no long side, and takes the size as it was given.
    if (ratio - 1.0).abs() < 1e-9 { size } else { size.oriented(wide) }
}

/// The quarters that a person fixed.
pub(super) fn fixed_quarters(shape: &PhotoShape) -> Option<u8> {
    match shape.setup.turn {
        Turn::Auto => None,
        Turn::Quarters(quarters) => Some(quarters % 4),
    }
}

/// Places a photo in its frame.
pub(super) fn place(photo: usize, shape: &PhotoShape, frame_mm: Rect, kind: FrameKind, setup: &PageSetup) -> Placed {
    let one = &shape.setup;
    let inner = frame_mm.inset(setup.border_mm);
    let turns = turns(shape, &inner, kind, setup);
    let swap = |(a, b): (f64, f64)| if turns % 2 == 1 { (b, a) } else { (a, b) };
    let (whole, region) = (swap(sides(shape)), swap(region(shape)));

    let own = one.size.filter(|_| matches!(kind, FrameKind::Cell { .. })).map(|size| {
        let size = oriented(size, shape, turns);
        (size.width_mm - 2.0 * setup.border_mm, size.height_mm - 2.0 * setup.border_mm)
    });
    let exact = own.is_some() || one.size.is_some() || matches!(kind, FrameKind::Id { .. });
    let fit = one.fit.unwrap_or(if exact { Fit::Fill } else { setup.fit });
    let room = own.unwrap_or((inner.width, inner.height));

    let (visible, scale) = scaled(region, room, fit, one.zoom, one.straighten_deg);
    let visible = (visible.0.min(inner.width), visible.1.min(inner.height));
    let stands = matches!(kind, FrameKind::Cell { stands: true });
    let visible_mm = Rect::new(
        inner.x + (inner.width - visible.0) / 2.0,
        inner.y + (inner.height - visible.1) * if stands { 1.0 } else { 0.5 },
        visible.0,
        visible.1,
    );
    let image = around(visible, one.straighten_deg);
    let image_mm = if one.straighten_deg == 0.0 {
        visible_mm
    } else {
        let middle = visible_mm.middle();
        Rect::new(middle.0 - image.0 / 2.0, middle.1 - image.1 / 2.0, image.0, image.1)
    };
    let shown = swap((part(image.0, scale * whole.0), part(image.1, scale * whole.1)));
    let start = |part: f64, pan: f64| (1.0 - part) * (1.0 + pan) / 2.0;
    let crop = Rect::new(start(shown.0, one.pan.0), start(shown.1, one.pan.1), shown.0, shown.1);

    let half = visible.0.min(visible.1) / 2.0;
    let border =
        (setup.border_mm > 0.0).then(|| Border { outer_mm: visible_mm.inset(-setup.border_mm), ink: setup.border_ink });
    let stroke = setup.stroke.filter(|stroke| stroke.width_mm > 0.0);
    Placed {
        photo,
        frame_mm,
        visible_mm,
        image_mm,
        crop,
        turns,
        angle_deg: one.straighten_deg,
        corner_mm: setup.corner_mm.min(half),
        border,
        stroke: stroke.map(|stroke| Stroke { width_mm: stroke.width_mm.min(half), ..stroke }),
    }
}

fn turns(shape: &PhotoShape, inner: &Rect, kind: FrameKind, setup: &PageSetup) -> u8 {
    let fixed = fixed_quarters(shape);
    match kind {
        FrameKind::Print { turned } | FrameKind::Id { turned } => (fixed.unwrap_or(0) + u8::from(turned)) % 4,
        FrameKind::Cell { .. } => fixed.unwrap_or_else(|| {
            // Square photos and square frames gain nothing from a turn.
            let disagree = (natural_ratio(shape) - 1.0) * (inner.width / inner.height - 1.0) < 0.0;
            u8::from(setup.auto_rotate && disagree)
        }),
    }
}

/// What is seen of a photo (in mm) in a room of mm, and mm for each of the photo's units.
///
/// `region` is the part that may be seen, in these units.
fn scaled(region: (f64, f64), room: (f64, f64), fit: Fit, zoom: f64, angle_deg: f64) -> ((f64, f64), f64) {
    let covering = |visible: (f64, f64)| {
        let needed = around(visible, angle_deg);
        (needed.0 / region.0).max(needed.1 / region.1)
    };
    match fit {
        Fit::Fill => (room, covering(room) * zoom),
        Fit::Fit => {
            let ratio = region.0 / region.1;
            let fitted = if ratio > room.0 / room.1 { (room.0, room.0 / ratio) } else { (room.1 * ratio, room.1) };
            let scale = (fitted.0 / region.0).max(fitted.1 / region.1) * zoom;
            let visible = (room.0.min(fitted.0 * zoom), room.1.min(fitted.1 * zoom));
            (visible, scale.max(covering(visible)))
        }
    }
}

/// The sides of the smallest upright rectangle around one of these sides that is turned by an angle.
fn around((width, height): (f64, f64), angle_deg: f64) -> (f64, f64) {
    if angle_deg == 0.0 {
        return (width, height);
    }
    let (sin, cos) = angle_deg.to_radians().sin_cos();
    let (sin, cos) = (sin.abs(), cos.abs());
    (width * cos + height * sin, width * sin + height * cos)
}

/// A part of a whole, where rounding errors neither cut a pixel nor ask for one that is not there.
fn part(of: f64, whole: f64) -> f64 {
    let part = of / whole;
    if part > 1.0 - 1e-12 { 1.0 } else { part }
}
