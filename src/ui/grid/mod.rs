//! The grid: every photo of the results by day, of which only what can be seen is ever looked at.

pub mod keys;
pub mod layout;
mod names;
mod paint;
pub(crate) use names::fit as fit_name;
pub(crate) use paint::{NO_PICTURE, picture};
mod scroll;
pub mod select;
mod stroke;

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::{self, CursorIcon, Id, PointerButton, Rect, Response, Sense, Ui, Vec2, vec2};

use super::locale::Locale;
use super::theme::space;
use super::{Action, Model};
use crate::domain::Seat;
use keys::Step;
use layout::{Layout, Measures, Section, SectionKind, sections};
use select::Selection;

/// Smallest and largest width of a cell, in points.
pub const CELL_RANGE: std::ops::RangeInclusive<f32> = 64.0..=440.0;
/// One step of `-` and `=`.
const CELL_STEP: f32 = 1.2;
/// Cells narrower than this have no line for the name.
const NAMED_FROM: f32 = 104.0;
/// Height of the line under a picture.
const LABEL: f32 = 24.0;
/// More than this part of the screen in one frame is too fast for names.
const FLINGING: f64 = 0.35;
/// Height of a day heading.
const HEADING: f32 = 44.0;
/// Between a heading and its first row: room for the frame of a selected cell.
const BELOW_HEADING: f32 = 8.0;

/// What the grid keeps between frames.
#[derive(Debug, Clone)]
pub struct Grid {
    /// What is selected and what has the keyboard.
    pub selection: Selection,
    /// Smallest width of a cell, in points.
    pub cell: f32,
    seats: Arc<[Seat]>,
    generation: u64,
    query: String,
    scope: crate::protocol::Scope,
    arriving: usize,
    sections: Vec<Section>,
    layout: Option<Layout>,
    /// Height of the visible part, in points.
    page: f32,
    /// Distance of the visible part from the top, in points.
    offset: f64,
    /// The same in the last frame.
    last_offset: f64,
    /// The brush, where something is painted on.
    pub stroke: stroke::Stroke,
    /// The photo with the keyboard has to be brought into view.
    reveal: bool,
    /// What was last said to be visible.
    visible: Option<(u64, Range<usize>, Range<usize>)>,
    names: names::Names,
    /// Headings that were drawn, with the photos under them: a click selects the day.
    headings: Vec<(Rect, Range<usize>)>,
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            cell: 176.0,
            seats: Arc::from([]),
            generation: 0,
            query: String::new(),
            scope: crate::protocol::Scope::default(),
            arriving: 0,
            sections: Vec::new(),
            layout: None,
            page: 0.0,
            offset: 0.0,
            last_offset: 0.0,
            stroke: stroke::Stroke::default(),
            reveal: false,
            visible: None,
            names: names::Names::default(),
            headings: Vec::new(),
        }
    }
}

/// The grid's id, which has the keyboard focus.
#[must_use]
pub fn id() -> Id {
    Id::unique("photo grid")
}

impl Grid {
    /// Makes cells larger (`true`) or smaller by one step.
    pub fn zoom_step(&mut self, larger: bool) {
        self.zoom(if larger { CELL_STEP } else { 1.0 / CELL_STEP });
    }

    fn zoom(&mut self, factor: f32) {
        self.cell = (self.cell * factor).clamp(*CELL_RANGE.start(), *CELL_RANGE.end());
    }

    /// Moves the keyboard, and the selection with it; with `extend` from the anchor on.
    pub fn step(&mut self, step: Step, extend: bool) {
        let (Some(layout), false) = (&self.layout, self.seats.is_empty()) else { return };
        let page = f64::from(self.page - HEADING);
        let at = keys::step(layout, &self.sections, self.seats.len(), self.selection.cursor, step, page);
        if extend && self.selection.cursor.is_some() {
            self.selection.extend(at, false);
        } else {
            self.selection.only(at);
        }
        self.reveal = true;
    }

    /// Selects this photo only and brings it into view.
    pub fn go_to(&mut self, at: usize) {
        if at < self.seats.len() {
            self.selection.only(at);
            self.reveal = true;
        }
    }

    /// Shows the beginning, as after another search.
    pub fn to_top(&mut self) {
        self.offset = 0.0;
    }

    /// Takes over new results and sizes; what was in view stays in view.
    fn sync(&mut self, model: &Model<'_>, measures: Measures) {
        let results = model.results;
        let changed = results.generation != self.generation
            || results.seats.len() != self.seats.len()
            || model.arriving.len() != self.arriving;
        if !changed && self.layout.as_ref().is_some_and(|layout| layout.measures == measures) {
            return;
        }
        let held = self.held(changed);
        if changed {
            let same_query = results.query == self.query && results.scope == self.scope;
            if !Arc::ptr_eq(&self.seats, &results.seats) {
                self.selection.follow(&self.seats, &results.seats, same_query);
            }
            if !same_query {
                self.offset = 0.0;
            }
            self.seats = results.seats.clone();
            self.query.clone_from(&results.query);
            self.scope = results.scope;
            self.arriving = model.arriving.len();
            self.generation = results.generation;
            self.sections = sections(&self.seats, self.arriving);
        }
        let layout = Layout::new(&self.sections, measures);
        if let Some((seat, above)) = held.filter(|_| self.offset > 0.0) {
            let at = self.seats.partition_point(|other| *other > seat).min(self.seats.len().saturating_sub(1));
            if let Some(section) = layout::section_of(&self.sections, at) {
                self.offset = layout.item_top(section, at - self.sections[section].first) - above;
            }
        }
        self.layout = Some(layout);
    }

    /// Takes over new results, so that what is selected means the same photos as before.
    pub fn follow(&mut self, model: &Model<'_>) {
        if let Some(measures) = self.layout.as_ref().map(|layout| layout.measures) {
            self.sync(model, measures);
        }
    }

    /// A photo in view and how far below the upper edge it is: the one with the keyboard, or else the first.
    fn held(&self, changed: bool) -> Option<(Seat, f64)> {
        let layout = self.layout.as_ref()?;
        let end = self.offset + f64::from(self.page);
        let top_of = |at: usize| {
            let section = layout::section_of(&self.sections, at)?;
            Some(layout.item_top(section, at - self.sections[section].first))
        };
        let cursor = self.selection.cursor.filter(|_| !changed).and_then(|at| Some((at, top_of(at)?)));
        let cursor = cursor.filter(|(_, top)| *top + f64::from(layout.cell) > self.offset && *top < end);
        let first = || {
            let mut rows = layout.rows(&self.sections, self.offset, end);
            let row = rows.find(|row| self.sections[row.section].kind != SectionKind::Arriving)?;
            Some((self.sections[row.section].first + row.items.start, row.top))
        };
        let (at, top) = cursor.or_else(first)?;
        Some((*self.seats.get(at)?, top - self.offset))
    }

    /// Shows the grid in all the room there is. Gives its response, and the photo that was opened.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        model: &Model<'_>,
        locale: &Locale,
        actions: &mut Vec<Action>,
    ) -> (Response, Option<usize>) {
        let area = ui.available_rect_before_wrap();
        let bar = Rect::from_min_max(egui::pos2(area.right() - scroll::WIDTH, area.top()), area.max);
        let view = Rect::from_min_max(area.min, egui::pos2(bar.left(), area.bottom()));
        ui.advance_cursor_after_rect(area);
        let response = ui.interact(view, id(), Sense::click_and_drag());
        self.page = view.height();
        self.wheel(ui, &response);
        self.sync(model, self.measures(view.width()));
        let Some(layout) = self.layout.take() else { return (response, None) };
        self.keep_in_view(&layout);
        let mut offset = self.offset;
        scroll::bar(ui, bar, &mut offset, layout.height, |y| self.label_at(&layout, locale, y));
        self.offset = offset;
        self.clamp(&layout);
        let opened = if self.stroke.is_on {
            self.sweep(ui, &response, &layout, view);
            None
        } else {
            self.pointer(ui, &response, &layout, view)
        };
        // Whole pixels, so that names and pictures stay sharp while scrolling.
        let pixels = f64::from(ui.pixels_per_point());
        let shown_offset = (self.offset * pixels).round() / pixels;
        let names = std::mem::take(&mut self.names);
        // Names that fly past cannot be read, and laying out a screen of new ones is most of a frame's work.
        let flinging = (shown_offset - self.last_offset).abs() > f64::from(self.page) * FLINGING;
        self.last_offset = shown_offset;
        if flinging {
            ui.ctx().request_repaint();
        }
        let offset = shown_offset;
        let frame = paint::Frame { grid: self, layout: &layout, model, locale, view, offset, named: !flinging };
        let drawn = frame.show(ui, &response, names);
        (self.names, self.headings) = (drawn.names, drawn.headings);
        match drawn.clicked {
            Some(at) if self.stroke.is_on => self.seats.get(at).into_iter().for_each(|seat| self.stroke.one(*seat)),
            Some(at) => self.selection.only(at),
            None => {}
        }
        self.say_visible(&layout, actions);
        self.layout = Some(layout);
        (response, opened)
    }

    fn measures(&self, width: f32) -> Measures {
        Measures {
            width,
            wanted_cell: self.cell,
            label: if self.cell >= NAMED_FROM { LABEL } else { 0.0 },
            heading: HEADING + BELOW_HEADING,
            gap: if self.cell >= NAMED_FROM { space::M } else { space::S },
            margin: space::L,
        }
    }

    fn wheel(&mut self, ui: &Ui, response: &Response) {
        if !response.contains_pointer() {
            return;
        }
        let (scroll, zoom) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        self.offset -= f64::from(scroll);
        if (zoom - 1.0).abs() > f32::EPSILON {
            self.zoom(zoom);
        }
    }

    fn clamp(&mut self, layout: &Layout) {
        self.offset = self.offset.clamp(0.0, (layout.height - f64::from(self.page)).max(0.0));
    }

    fn keep_in_view(&mut self, layout: &Layout) {
        if std::mem::take(&mut self.reveal)
            && let Some(at) = self.selection.cursor
            && let Some(section) = layout::section_of(&self.sections, at)
        {
            let item = at - self.sections[section].first;
            let top = layout.item_top(section, item);
            // The pinned heading covers the upper edge.
            let upper = top - f64::from(HEADING + BELOW_HEADING);
            let lower = top + f64::from(layout.row_height()) - f64::from(self.page);
            self.offset = self.offset.min(upper).max(lower.min(upper));
        }
        self.clamp(layout);
    }

    /// Clicks select; a double click opens.
    fn pointer(&mut self, ui: &Ui, response: &Response, layout: &Layout, view: Rect) -> Option<usize> {
        let spot = response.interact_pointer_pos().or_else(|| response.hover_pos())?;
        let local = spot - view.min;
        let heading = self.headings.iter().find(|(rect, _)| rect.contains(spot)).map(|(_, photos)| photos.clone());
        let hit = if heading.is_some() { None } else { self.photo_at(layout, local) };
        if hit.is_some() || heading.is_some() {
            ui.set_cursor_icon(response, CursorIcon::PointingHand);
        }
        let modifiers = ui.input(|input| input.modifiers);
        if response.clicked() {
            response.request_focus();
            if let Some(days) = heading {
                self.selection.range(days, modifiers.command);
            } else {
                self.click(hit, modifiers);
            }
        }
        if response.double_clicked()
            && let Some(at) = hit
            && !modifiers.any()
        {
            return Some(at);
        }
        if response.clicked_by(PointerButton::Secondary)
            && let Some(at) = hit
        {
            response.request_focus();
            if !self.selection.runs.contains(at) {
                self.selection.only(at);
            }
        }
        None
    }

    fn click(&mut self, hit: Option<usize>, modifiers: egui::Modifiers) {
        match hit {
            Some(at) if modifiers.shift => self.selection.extend(at, modifiers.command),
            Some(at) if modifiers.command => self.selection.toggle(at),
            Some(at) => self.selection.only(at),
            None if modifiers.any() => {}
            None => self.selection.none(),
        }
    }

    fn photo_at(&self, layout: &Layout, local: Vec2) -> Option<usize> {
        let (section, item) = layout.hit(&self.sections, local.x, self.offset + f64::from(local.y))?;
        let section = self.sections[section];
        (section.kind != SectionKind::Arriving).then_some(section.first + item)
    }

    /// The day at a height, for the bubble beside the scroll bar.
    fn label_at(&self, layout: &Layout, locale: &Locale, y: f64) -> String {
        match self.sections.get(layout.section_at(y)).map(|section| section.kind) {
            Some(SectionKind::Day(day)) => locale.day(day),
            Some(SectionKind::Undated) => "No date".to_owned(),
            Some(SectionKind::Arriving) => "Arriving".to_owned(),
            None => String::new(),
        }
    }

    /// Says what is on the screen, whenever that changes.
    fn say_visible(&mut self, layout: &Layout, actions: &mut Vec<Action>) {
        let end = self.offset + f64::from(self.page);
        let (mut photos, mut arriving) = (None::<Range<usize>>, 0..0);
        for row in layout.rows(&self.sections, self.offset, end) {
            let section = self.sections[row.section];
            if section.kind == SectionKind::Arriving {
                let start = if arriving.is_empty() { row.items.start } else { arriving.start };
                arriving = start..row.items.end;
            } else {
                let items = section.first + row.items.start..section.first + row.items.end;
                photos = Some(photos.map_or(items.clone(), |seen| seen.start..items.end));
            }
        }
        let visible = photos.unwrap_or(0..0);
        let now = (self.generation, visible.clone(), arriving.clone());
        if self.visible.as_ref() == Some(&now) {
            return;
        }
        let screen = visible.len().max(layout.columns);
        let near = visible.start.saturating_sub(screen)..(visible.end + screen).min(self.seats.len());
        self.visible = Some(now);
        actions.push(Action::Visible { visible, near, arriving });
    }
}

/// A cursor shape for a response, without taking it.
trait SetCursor {
    fn set_cursor_icon(&self, response: &Response, icon: CursorIcon);
}

impl SetCursor for Ui {
    fn set_cursor_icon(&self, response: &Response, icon: CursorIcon) {
        if response.hovered() {
            self.output_mut(|output| output.cursor_icon = icon);
        }
    }
}

/// The rectangle of a picture of this size within a square, as large as it fits; small ones are not blown up
/// beyond twice their size.
#[must_use]
pub fn fitted(square: Rect, size: Vec2) -> Rect {
    if size.x <= 0.0 || size.y <= 0.0 {
        return square;
    }
    let scale = (square.width() / size.x).min(square.height() / size.y).min(2.0);
    let fitted = vec2((size.x * scale).round(), (size.y * scale).round());
    Rect::from_min_size((square.center() - fitted / 2.0).round(), fitted)
}
