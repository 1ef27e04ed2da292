//! From shapes and a page setup to pages.

use super::{
    Align, BASELINE, Fit, Ink, Layout, LayoutError, MAX_CELLS_PER_SIDE, MAX_COPIES, MAX_PAGES, MIN_FRAME_MM, Measure,
    Page, PageSetup, PhotoShape, Placed, PlacedText, Rect, TextRole, TextStyle, line_mm, shorten, size_mm,
};
use crate::domain::layout::caption::Shorten;

/// Between an image and its caption, in parts of the caption's size.
const CAPTION_GAP: f64 = 0.55;
/// Between header or footer and the photos, in parts of their size.
const BAND_GAP: f64 = 0.8;
/// The title's size, in parts of the caption's.
const HEADER_SCALE: f64 = 1.6;
/// The sides that a photo of unknown size is laid out with.
const UNKNOWN_PX: (f64, f64) = (3.0, 2.0);

/// Lays photos out on pages; see the module for order, copies and rotation.
///
/// # Errors
/// Where the setup has a value that no page can have, or leaves no room for photos.
pub fn paginate(photos: &[PhotoShape], setup: &PageSetup, measure: &dyn Measure) -> Result<Vec<Page>, LayoutError> {
    let grid = Grid::new(setup)?;
    let per_page = grid.rows * grid.columns;
    let count = photos.len().div_ceil(per_page);
    if count == 0 {
        return Err(LayoutError::NoPhotos);
    }
    let copies = setup.copies as usize;
    match count.checked_mul(copies) {
        Some(pages) if pages <= MAX_PAGES => {}
        pages => return Err(LayoutError::Pages(pages.unwrap_or(usize::MAX))),
    }
    let stack: Vec<Page> = photos
        .chunks(per_page)
        .enumerate()
        .map(|(number, chunk)| {
            let mut page = Page::blank(setup.page_size_mm());
            grid.header(&mut page, setup, measure);
            for (cell, shape) in chunk.iter().enumerate() {
                grid.place(&mut page, number * per_page + cell, cell, shape, setup, measure);
            }
            grid.footer(&mut page, (number + 1, count), setup, measure);
            page
        })
        .collect();
    let mut pages = Vec::with_capacity(count * copies);
    for _ in 1..copies {
        pages.extend_from_slice(&stack);
    }
    pages.extend(stack);
    Ok(pages)
}

/// The cells of a page.
struct Grid {
    rows: usize,
    columns: usize,
    /// What the margins leave.
    printable: Rect,
    /// The top left frame; the others follow at `step`.
    frame: Rect,
    /// From one frame to the next, across and down.
    step: (f64, f64),
}

impl Grid {
    fn new(setup: &PageSetup) -> Result<Self, LayoutError> {
        check(setup)?;
        let printable = setup.printable_mm();
        if printable.width <= 0.0 || printable.height <= 0.0 {
            let (width_mm, height_mm) = setup.page_size_mm();
            return Err(LayoutError::Margins { width_mm, height_mm });
        }
        let (rows, columns) = match setup.layout {
            Layout::Contact { rows, columns } => (rows, columns),
            _ => (1, 1),
        };
        let band = |size_pt: f64| line_mm(size_pt) + size_mm(size_pt) * BAND_GAP;
        let above = if header_text(setup).is_some() { band(setup.caption_size_pt * HEADER_SCALE) } else { 0.0 };
        let below = if setup.page_numbers { band(setup.caption_size_pt) } else { 0.0 };
        let (across, down) = (f64::from(columns), f64::from(rows));
        let cell_width = (printable.width - setup.spacing_mm * (across - 1.0)) / across;
        let cell_height = (printable.height - above - below - setup.spacing_mm * (down - 1.0)) / down;
        let frame_height = cell_height - caption_mm(setup);
        if cell_width < MIN_FRAME_MM || frame_height < MIN_FRAME_MM {
            return Err(LayoutError::NoRoom);
        }
        Ok(Self {
            rows: rows as usize,
            columns: columns as usize,
            printable,
            frame: Rect::new(printable.x, printable.y + above, cell_width, frame_height),
            step: (cell_width + setup.spacing_mm, cell_height + setup.spacing_mm),
        })
    }

    fn place(
        &self,
        page: &mut Page,
        photo: usize,
        cell: usize,
        shape: &PhotoShape,
        setup: &PageSetup,
        measure: &dyn Measure,
    ) {
        let (row, column) = ((cell / self.columns) as f64, (cell % self.columns) as f64);
        let frame_mm =
            Rect { x: self.frame.x + column * self.step.0, y: self.frame.y + row * self.step.1, ..self.frame };
        let placed = place_photo(photo, shape, frame_mm, setup);
        // A single photo's caption follows its image; on a contact sheet the captions of a row share their baselines.
        let top = match setup.layout {
            Layout::Contact { .. } => frame_mm.bottom(),
            _ => placed.image_mm.bottom(),
        };
        let size_pt = setup.caption_size_pt;
        let mut baseline_mm = top + size_mm(size_pt) * (CAPTION_GAP + BASELINE);
        for (line, field) in setup.captions.iter().enumerate() {
            let role = if line == 0 { TextRole::Caption } else { TextRole::CaptionDetail };
            let text = shape.captions.get(line).map_or("", String::as_str);
            let text = shorten(text, frame_mm.width, size_pt, &style(setup, role), field.shorten(), measure);
            if !text.is_empty() {
                let width_mm = measure.width_mm(&text, size_pt, &style(setup, role));
                let x_mm = frame_mm.x + frame_mm.width / 2.0;
                let align = Align::Center;
                page.texts.push(PlacedText {
                    text,
                    photo: Some(photo),
                    x_mm,
                    baseline_mm,
                    width_mm,
                    size_pt,
                    align,
                    role,
                    font: setup.font.clone(),
                    ink: setup.text_ink.unwrap_or(Ink::grey(role.grey())),
                    opacity: 1.0,
                    angle_deg: 0.0,
                });
            }
            baseline_mm += line_mm(size_pt);
        }
        page.photos.push(placed);
    }

    fn header(&self, page: &mut Page, setup: &PageSetup, measure: &dyn Measure) {
        let Some(text) = header_text(setup) else { return };
        let size_pt = setup.caption_size_pt * HEADER_SCALE;
        let baseline_mm = self.printable.y + size_mm(size_pt) * BASELINE;
        let x_mm = self.printable.x;
        self.band(page, text, (x_mm, baseline_mm), size_pt, (Align::Left, TextRole::Header), (setup, measure));
    }

    fn footer(&self, page: &mut Page, (number, count): (usize, usize), setup: &PageSetup, measure: &dyn Measure) {
        if !setup.page_numbers {
            return;
        }
        let size_pt = setup.caption_size_pt;
        let text =
            setup.page_number_format.replace("{pages}", &count.to_string()).replace("{page}", &number.to_string());
        let baseline_mm = self.printable.bottom() - line_mm(size_pt) + size_mm(size_pt) * BASELINE;
        let x_mm = self.printable.x + self.printable.width / 2.0;
        self.band(page, &text, (x_mm, baseline_mm), size_pt, (Align::Center, TextRole::Footer), (setup, measure));
    }

    fn band(
        &self,
        page: &mut Page,
        text: &str,
        (x_mm, baseline_mm): (f64, f64),
        size_pt: f64,
        (align, role): (Align, TextRole),
        (setup, measure): (&PageSetup, &dyn Measure),
    ) {
        let style = style(setup, role);
        let text = shorten(text, self.printable.width, size_pt, &style, Shorten::End, measure);
        if !text.is_empty() {
            let width_mm = measure.width_mm(&text, size_pt, &style);
            page.texts.push(PlacedText {
                text,
                photo: None,
                x_mm,
                baseline_mm,
                width_mm,
                size_pt,
                align,
                role,
                font: style.font,
                ink: setup.text_ink.unwrap_or(Ink::grey(role.grey())),
                opacity: 1.0,
                angle_deg: 0.0,
            });
        }
    }
}

fn style(setup: &PageSetup, role: TextRole) -> TextStyle {
    TextStyle { font: setup.font.clone(), weight: role.weight() }
}

fn header_text(setup: &PageSetup) -> Option<&str> {
    setup.header.as_deref().filter(|text| !text.trim().is_empty())
}

/// Height of a caption with its gap.
fn caption_mm(setup: &PageSetup) -> f64 {
    if setup.captions.is_empty() {
        return 0.0;
    }
    size_mm(setup.caption_size_pt) * CAPTION_GAP + line_mm(setup.caption_size_pt) * setup.captions.len() as f64
}

fn place_photo(photo: usize, shape: &PhotoShape, frame_mm: Rect, setup: &PageSetup) -> Placed {
    let (width, height) = if shape.width_px == 0 || shape.height_px == 0 {
        UNKNOWN_PX
    } else {
        (f64::from(shape.width_px), f64::from(shape.height_px))
    };
    let frame = frame_mm.width / frame_mm.height;
    let photo_is_wide = width / height;
    // Square photos and square frames gain nothing from a turn.
    let turned = setup.auto_rotate && (photo_is_wide - 1.0) * (frame - 1.0) < 0.0;
    let ratio = if turned { height / width } else { width / height };
    match setup.fit {
        Fit::Fit => {
            let (image_width, image_height) = if ratio > frame {
                (frame_mm.width, frame_mm.width / ratio)
            } else {
                (frame_mm.height * ratio, frame_mm.height)
            };
            let x = frame_mm.x + (frame_mm.width - image_width) / 2.0;
            // Above captions that share their baselines photos stand on a common line, so that each belongs to its own.
            let stands = !setup.captions.is_empty() && matches!(setup.layout, Layout::Contact { .. });
            let above = if stands { 1.0 } else { 0.5 };
            let y = frame_mm.y + (frame_mm.height - image_height) * above;
            let image_mm = Rect::new(x, y, image_width, image_height);
            Placed::plain(photo, frame_mm, image_mm, Rect::WHOLE, u8::from(turned))
        }
        Fit::Fill => {
            // Parts of the photo as it lies on the page; a turn exchanges the sides.
            let (across, down) = if ratio > frame { (frame / ratio, 1.0) } else { (1.0, ratio / frame) };
            let (across, down) = if turned { (down, across) } else { (across, down) };
            let crop = Rect::new((1.0 - across) / 2.0, (1.0 - down) / 2.0, across, down);
            Placed::plain(photo, frame_mm, frame_mm, crop, u8::from(turned))
        }
    }
}

fn check(setup: &PageSetup) -> Result<(), LayoutError> {
    let margins = &setup.margins_mm;
    let lengths = [
        (margins.top, "top margin"),
        (margins.right, "right margin"),
        (margins.bottom, "bottom margin"),
        (margins.left, "left margin"),
        (setup.spacing_mm, "spacing"),
    ];
    for (length, name) in lengths {
        // Also false for NaN.
        if !(0.0..=1000.0).contains(&length) {
            return Err(LayoutError::Length(name));
        }
    }
    if !(3.0..=72.0).contains(&setup.caption_size_pt) {
        return Err(LayoutError::CaptionSize);
    }
    if let Layout::Contact { rows, columns } = setup.layout {
        let possible = 1..=MAX_CELLS_PER_SIDE;
        if !possible.contains(&rows) || !possible.contains(&columns) {
            return Err(LayoutError::Cells { rows, columns });
        }
    }
    if !(1..=MAX_COPIES).contains(&setup.copies) {
        return Err(LayoutError::Copies(setup.copies));
    }
    Ok(())
}
