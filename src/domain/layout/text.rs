//! Texts on pages: header, footer and page number, captions, and what lies over photos.

use std::collections::HashMap;

use super::caption::{Shorten, shortened};
use super::template::fill_template;
use super::{
    Align, BASELINE, Ink, LINE_HEIGHT, Measure, OverlayPlace, Page, PageSetup, PhotoShape, Placed, PlacedText, Rect,
    TextRole, TextStyle, line_mm, size_mm,
};

/// Between an image and its caption, in parts of the caption's size.
const CAPTION_GAP: f64 = 0.55;
/// Between header or footer and the photos, in parts of their size.
const BAND_GAP: f64 = 0.8;
/// The title's size, in parts of the caption's.
const HEADER_SCALE: f64 = 1.6;
/// Between an overlay and the photo's edge, in parts of its size.
const OVERLAY_PADDING: f64 = 0.6;
/// From the baseline to the middle of a word, in parts of its size: half the height of capitals.
const MIDDLE: f64 = 0.36;
/// The size at which a watermark is measured, in points.
const PROBE_PT: f64 = 100.0;

/// Height of a caption with its gap, in mm.
pub(super) fn caption_mm(setup: &PageSetup) -> f64 {
    if setup.captions.is_empty() {
        return 0.0;
    }
    size_mm(setup.caption_size_pt) * CAPTION_GAP + line_mm(setup.caption_size_pt) * setup.captions.len() as f64
}

/// How header and footer divide the usable area.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bands {
    /// Everything.
    usable: Rect,
    /// What they leave for photos and captions; its height may be negative.
    pub room: Rect,
}

impl Bands {
    pub(super) fn new(setup: &PageSetup) -> Self {
        let usable = setup.usable_mm();
        let band = |size_pt: f64| line_mm(size_pt) + size_mm(size_pt) * BAND_GAP;
        let above = if said(&setup.header).is_some() { band(setup.caption_size_pt * HEADER_SCALE) } else { 0.0 };
        let has_foot = setup.page_numbers || said(&setup.footer).is_some();
        let below = if has_foot { band(setup.caption_size_pt) } else { 0.0 };
        let room = Rect::new(usable.x, usable.y + above, usable.width, usable.height - above - below);
        Self { usable, room }
    }
}

fn said(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.trim().is_empty())
}

/// The texts of a job. Shaping letters is most of the work of a layout, so each text is measured once.
pub(super) struct Texts<'a> {
    setup: &'a PageSetup,
    measure: &'a dyn Measure,
    known: HashMap<Key, Option<(String, f64)>>,
}

/// A text with its room and size, as bits, for these are compared only with themselves.
type Key = (String, u64, u64, TextRole, bool);

/// Where a line of text goes.
struct Spot {
    at: (f64, f64),
    align: Align,
    role: TextRole,
    size_pt: f64,
    ink: Option<Ink>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(setup: &'a PageSetup, measure: &'a dyn Measure) -> Self {
        Self { setup, measure, known: HashMap::new() }
    }

    /// The title at the head.
    pub(super) fn header(&mut self, page: &mut Page, bands: &Bands, number: (usize, usize)) {
        let Some(text) = said(&self.setup.header) else { return };
        let size_pt = self.setup.caption_size_pt * HEADER_SCALE;
        let at = (bands.usable.x, bands.usable.y + size_mm(size_pt) * BASELINE);
        let spot = self.spot(at, Align::Left, TextRole::Header, size_pt);
        let fitted = self.fitted(&numbered(text, number), bands.usable.width, &spot, Shorten::End);
        page.texts.extend(fitted.map(|fitted| self.line(fitted, spot)));
    }

    /// The line at the foot: what is said in the middle, or both at their edges.
    pub(super) fn footer(&mut self, page: &mut Page, bands: &Bands, number: (usize, usize)) {
        let (setup, usable) = (self.setup, bands.usable);
        let size_pt = setup.caption_size_pt;
        let baseline_mm = usable.bottom() - line_mm(size_pt) + size_mm(size_pt) * BASELINE;
        let footer = said(&setup.footer).map(|text| numbered(text, number));
        let count = setup.page_numbers.then(|| numbered(&setup.page_number_format, number));
        let (left, right) = (usable.x, usable.right());
        let middle = self.spot((usable.middle().0, baseline_mm), Align::Center, TextRole::Footer, size_pt);
        match (footer, count) {
            (Some(footer), Some(count)) => {
                let spot = self.spot((right, baseline_mm), Align::Right, TextRole::Footer, size_pt);
                let count = self.fitted(&count, usable.width, &spot, Shorten::End);
                let taken = count.as_ref().map_or(0.0, |(_, width)| width + size_mm(size_pt));
                let beside = self.spot((left, baseline_mm), Align::Left, TextRole::Footer, size_pt);
                let footer = self.fitted(&footer, usable.width - taken, &beside, Shorten::End);
                page.texts.extend(footer.map(|fitted| self.line(fitted, beside)));
                page.texts.extend(count.map(|fitted| self.line(fitted, spot)));
            }
            (Some(text), None) | (None, Some(text)) => {
                let fitted = self.fitted(&text, usable.width, &middle, Shorten::End);
                page.texts.extend(fitted.map(|fitted| self.line(fitted, middle)));
            }
            (None, None) => {}
        }
    }

    /// The lines under a photo, from `foot_mm` down.
    pub(super) fn caption(&mut self, page: &mut Page, placed: &Placed, shape: &PhotoShape, foot_mm: f64) {
        let (setup, frame) = (self.setup, placed.frame_mm);
        let size_pt = setup.caption_size_pt;
        let mut baseline_mm = foot_mm + size_mm(size_pt) * (CAPTION_GAP + BASELINE);
        for (line, (field, text)) in setup.captions.iter().zip(&shape.captions).enumerate() {
            let role = if line == 0 { TextRole::Caption } else { TextRole::CaptionDetail };
            let spot = self.spot((frame.x + frame.width / 2.0, baseline_mm), Align::Center, role, size_pt);
            if let Some(fitted) = self.fitted(text, frame.width, &spot, field.shorten()) {
                let text = PlacedText { photo: Some(placed.photo), ..self.line(fitted, spot) };
                page.texts.push(text);
            }
            baseline_mm += line_mm(size_pt);
        }
    }

    /// What lies over the photos of a page: the watermark, and the overlay above it.
    pub(super) fn over(&mut self, page: &mut Page, photos: &[PhotoShape], number: (usize, usize)) {
        for at in 0..page.photos.len() {
            let Some(placed) = page.photos.get(at).copied() else { return };
            let watermark = self.watermark(&placed, number);
            page.texts.extend(watermark);
            let overlay = photos.get(placed.photo).and_then(|shape| self.overlay(&placed, &shape.overlay, number));
            page.texts.extend(overlay);
        }
    }

    fn overlay(&mut self, placed: &Placed, text: &str, number: (usize, usize)) -> Option<PlacedText> {
        let overlay = self.setup.overlay.as_ref()?;
        if text.trim().is_empty() {
            return None;
        }
        let size_pt = overlay.size_pt;
        // Round corners cut off what stands in them: the part of the radius that a corner's diagonal loses.
        let padding = size_mm(size_pt) * OVERLAY_PADDING + placed.corner_mm * 0.3;
        let room = placed.visible_mm.inset(padding);
        if room.height < line_mm(size_pt) || room.width <= 0.0 {
            return None;
        }
        let text = text.replace("{pages}", &number.1.to_string()).replace("{page}", &number.0.to_string());
        let top = room.y + size_mm(size_pt) * BASELINE;
        let bottom = room.bottom() - line_mm(size_pt) + size_mm(size_pt) * BASELINE;
        let (at, align) = match overlay.place {
            OverlayPlace::TopLeft => ((room.x, top), Align::Left),
            OverlayPlace::TopRight => ((room.right(), top), Align::Right),
            OverlayPlace::BottomLeft => ((room.x, bottom), Align::Left),
            OverlayPlace::BottomRight => ((room.right(), bottom), Align::Right),
            OverlayPlace::Middle => ((room.middle().0, f64::midpoint(top, bottom)), Align::Center),
        };
        let spot = Spot { at, align, role: TextRole::Overlay, size_pt, ink: Some(overlay.ink) };
        let fitted = self.fitted(&text, room.width, &spot, Shorten::End)?;
        Some(PlacedText { photo: Some(placed.photo), ..self.line(fitted, spot) })
    }

    /// Along the diagonal that rises to the right, about the middle of the photo, and inside of it.
    fn watermark(&mut self, placed: &Placed, number: (usize, usize)) -> Option<PlacedText> {
        let watermark = self.setup.watermark.as_ref().filter(|watermark| !watermark.text.trim().is_empty())?;
        let visible = placed.visible_mm;
        let probe = Spot {
            at: visible.middle(),
            align: Align::Center,
            role: TextRole::Watermark,
            size_pt: PROBE_PT,
            ink: Some(watermark.ink),
        };
        let (text, probed) = self.fitted(&numbered(&watermark.text, number), f64::MAX, &probe, Shorten::End)?;
        let diagonal = visible.width.hypot(visible.height);
        if probed <= 0.0 || diagonal <= 0.0 {
            return None;
        }
        let (sin, cos) = (visible.height / diagonal, visible.width / diagonal);
        // A line of letters is as high as its probe is wide, times this.
        let slope = size_mm(PROBE_PT) * LINE_HEIGHT / probed;
        let across = visible.width / (cos + slope * sin);
        let down = visible.height / (sin + slope * cos);
        let width_mm = (watermark.width * diagonal).min(across).min(down);
        let size_pt = PROBE_PT * width_mm / probed;
        let below = size_mm(size_pt) * MIDDLE;
        let middle = visible.middle();
        let at = (middle.0 + below * sin, middle.1 + below * cos);
        let spot = Spot { at, size_pt, ..probe };
        let angle_deg = -visible.height.atan2(visible.width).to_degrees();
        let line = self.line((text, width_mm), spot);
        Some(PlacedText { photo: Some(placed.photo), opacity: watermark.opacity, angle_deg, ..line })
    }

    fn spot(&self, at: (f64, f64), align: Align, role: TextRole, size_pt: f64) -> Spot {
        Spot { at, align, role, size_pt, ink: self.setup.text_ink }
    }

    /// The text as one line that fits, with its width; `None` where nothing of it does.
    fn fitted(&mut self, text: &str, room_mm: f64, spot: &Spot, how: Shorten) -> Option<(String, f64)> {
        let (measure, setup) = (self.measure, self.setup);
        let key = (text.to_owned(), room_mm.to_bits(), spot.size_pt.to_bits(), spot.role, how == Shorten::End);
        let entry = self.known.entry(key).or_insert_with(|| {
            let style = TextStyle { font: setup.font.clone(), weight: spot.role.weight() };
            shortened(text, room_mm, spot.size_pt, &style, how, measure)
        });
        entry.clone()
    }

    fn line(&self, (text, width_mm): (String, f64), spot: Spot) -> PlacedText {
        let ink = spot.ink.unwrap_or(Ink::grey(spot.role.grey()));
        let plain = PlacedText::plain(text, spot.at, width_mm, spot.size_pt, spot.align, spot.role);
        PlacedText { font: self.setup.font.clone(), ink, ..plain }
    }
}

/// A text of a page with its number and how many there are.
fn numbered(text: &str, (number, count): (usize, usize)) -> String {
    fill_template(text, |field| match field {
        "page" => Some(number.to_string()),
        "pages" => Some(count.to_string()),
        _ => None,
    })
}
