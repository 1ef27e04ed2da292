//! Paints what can be seen, in passes: grounds, then pictures, then frames, then all text. Shapes of one texture in a
//! row become one mesh, so that a screen of cells costs one mesh a picture and two for everything else.

use std::ops::Range;

use eframe::egui::epaint::{Mesh, Vertex};
use eframe::egui::{
    self, Align2, Color32, CornerRadius, FontId, Id, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke,
    StrokeKind, TextStyle, TextureId, Ui, Vec2, pos2, vec2,
};

use super::layout::{Layout, SectionKind};
use super::names::{Names, fit};
use super::{Grid, HEADING, fitted};
use crate::domain::{Card, ColourLabel, Flag, Seat, StoredState};
use crate::protocol::ThumbKey;
use crate::ui::Model;
use crate::ui::locale::Locale;
use crate::ui::theme::{self, Tokens, radius, space};
use crate::ui::widgets::{Icon, swatch};

/// Everything that one frame of the grid is painted from.
pub(super) struct Frame<'a> {
    pub grid: &'a Grid,
    pub layout: &'a Layout,
    pub model: &'a Model<'a>,
    pub locale: &'a Locale,
    /// The visible part on the screen.
    pub view: Rect,
    /// Distance of the visible part from the top.
    pub offset: f64,
    /// Whether names are laid out.
    pub named: bool,
}

/// What painting found out.
pub(super) struct Drawn {
    pub names: Names,
    pub headings: Vec<(Rect, Range<usize>)>,
    /// A photo that an assistive technology clicked.
    pub clicked: Option<usize>,
}

/// What a cell shows in place of its picture.
enum Face<'a> {
    Picture(TextureId, Vec2),
    Coming,
    None(&'a str),
}

struct Cell<'a> {
    /// Position in the results, or in the arriving files.
    at: usize,
    seat: Option<Seat>,
    /// The whole cell.
    rect: Rect,
    /// The square of the picture.
    square: Rect,
    card: Option<&'a Card>,
    name: &'a str,
    face: Face<'a>,
    selected: bool,
}

/// What a cell says where a format has no picture inside.
pub const NO_PICTURE: &str = "This file holds no picture that can be shown. It is kept and stored like every other.";

impl<'a> Frame<'a> {
    /// Paints everything.
    pub fn show(&self, ui: &mut Ui, response: &Response, mut names: Names) -> Drawn {
        let painter = ui.painter_at(self.view);
        let tokens = theme::tokens(ui);
        painter.rect_filled(self.view, CornerRadius::ZERO, tokens.canvas);
        let cells = self.cells();
        let hovered = response.hover_pos().filter(|_| response.hovered());
        let mut shapes = Vec::with_capacity(cells.len() * 3);
        grounds(&cells, hovered, tokens, &mut shapes);
        pictures(&cells, &mut shapes);
        let cursor = self.grid.selection.cursor.filter(|_| response.has_focus());
        frames(&cells, cursor, tokens, &mut shapes);
        names.for_width(self.layout.cell, ui.pixels_per_point());
        self.labels(ui, &cells, tokens, &mut names, &mut shapes);
        painter.extend(shapes);
        let headings = self.headings(ui, &painter, tokens);
        if let Some(cell) = hovered.and_then(|spot| cells.iter().find(|cell| cell.rect.contains(spot))) {
            tooltip(response, cell);
        }
        let clicked = self.describe(ui, response, &cells);
        Drawn { names, headings, clicked }
    }

    fn y(&self, top: f64) -> f32 {
        self.view.top() + (top - self.offset) as f32
    }

    fn cells(&self) -> Vec<Cell<'a>> {
        let mut cells = Vec::with_capacity(256);
        let end = self.offset + f64::from(self.view.height());
        for row in self.layout.rows(&self.grid.sections, self.offset, end) {
            let section = self.grid.sections[row.section];
            for (column, item) in row.items.clone().enumerate() {
                let min = pos2(self.view.left() + self.layout.column_x(row.column + column), self.y(row.top));
                let square = Rect::from_min_size(min, Vec2::splat(self.layout.cell));
                let rect = Rect::from_min_max(min, square.max + vec2(0.0, self.layout.measures.label));
                if section.kind == SectionKind::Arriving {
                    cells.extend(self.arriving(item, rect, square));
                } else {
                    cells.extend(self.photo(section.first + item, rect, square));
                }
            }
        }
        cells
    }

    fn photo(&self, at: usize, rect: Rect, square: Rect) -> Option<Cell<'a>> {
        let seat = *self.grid.seats.get(at)?;
        let model: &'a Model<'a> = self.model;
        let card = model.cards.card(seat);
        let face = match card {
            Some(card) if !card.has_picture => Face::None(NO_PICTURE),
            Some(card) => face(model.textures.thumb(&ThumbKey::Content(card.blake3))),
            None => Face::Coming,
        };
        // While it is swept over, a photo looks selected: it will be painted.
        let selected = self.grid.selection.runs.contains(at) || self.grid.stroke.has(Some(seat));
        let name = card.map_or("", |card| card.name.as_str());
        Some(Cell { at, seat: Some(seat), rect, square, card, name, face, selected })
    }

    fn arriving(&self, at: usize, rect: Rect, square: Rect) -> Option<Cell<'a>> {
        let model: &'a Model<'a> = self.model;
        let arrival = model.arriving.get(at)?;
        let face = face(model.textures.thumb(&ThumbKey::File(arrival.path.clone())));
        Some(Cell { at, seat: None, rect, square, card: None, name: &arrival.name, face, selected: false })
    }

    /// Names and marks under the pictures, marks in the middle of cells without one.
    fn labels(&self, ui: &Ui, cells: &[Cell<'_>], tokens: &Tokens, names: &mut Names, shapes: &mut Vec<Shape>) {
        let small = TextStyle::Small.resolve(ui.style());
        let star_font = FontId::new(small.size + 1.0, small.family.clone());
        for cell in cells.iter().filter(|cell| matches!(cell.face, Face::None(_))) {
            let side = (cell.square.width() * 0.22).clamp(16.0, 40.0);
            let rect = Rect::from_center_size(cell.square.center(), Vec2::splat(side));
            shapes.extend(Icon::NoPicture.shapes(rect, tokens.text_secondary));
        }
        ui.fonts_mut(|fonts| {
            for cell in cells {
                let labelled = self.layout.measures.label > 0.0;
                let baseline = if labelled { cell.square.bottom() + 13.0 } else { cell.square.bottom() - 10.0 };
                let (mut left, mut right) = (cell.rect.left() + 1.0, cell.rect.right() - 1.0);
                let mut mark = |text: &str, font: &FontId, colour: Color32, right: &mut f32| {
                    let galley = fonts.layout_no_wrap(text.to_owned(), font.clone(), colour);
                    *right -= galley.size().x;
                    if !labelled {
                        shapes.push(dark_ground(*right, baseline, galley.size()));
                    }
                    shapes.push(Shape::galley(pos2(*right, baseline - galley.size().y / 2.0), galley, colour));
                    *right -= 5.0;
                };
                if let Some(card) = cell.card {
                    if let Some((text, colour)) = stored_mark(card, tokens, labelled) {
                        mark(text, &small, colour, &mut right);
                    }
                    let stars = usize::from(card.rating.stars());
                    if stars > 0 {
                        let colour = if labelled { tokens.accent_text } else { theme::DARK.accent };
                        let text = if cell.rect.width() < 130.0 { SHORT_STARS[stars] } else { STARS[stars] };
                        mark(text, &star_font, colour, &mut right);
                    }
                    if card.label != ColourLabel::None {
                        left += label_mark(card.label, pos2(left, baseline), labelled, shapes);
                    }
                    if card.flag != Flag::None {
                        left += flag(card.flag, pos2(left, baseline), labelled, tokens, shapes);
                    }
                }
                let width = right - left;
                if labelled && self.named && width > 24.0 && !cell.name.is_empty() {
                    let galley = match cell.seat {
                        Some(seat) => names.galley(fonts, seat, cell.name, &small, width),
                        None => {
                            let short = fit(fonts, cell.name, &small, width);
                            fonts.layout_no_wrap(short, small.clone(), Color32::PLACEHOLDER)
                        }
                    };
                    let colour = if cell.selected { tokens.text } else { tokens.text_secondary };
                    shapes.push(Shape::galley(pos2(left, baseline - galley.size().y / 2.0), galley, colour));
                }
            }
        });
    }

    /// Headings in place, and the one of the section in view pinned to the upper edge.
    fn headings(&self, ui: &Ui, painter: &Painter, tokens: &Tokens) -> Vec<(Rect, Range<usize>)> {
        let sections = &self.grid.sections;
        let pinned = self.layout.section_at(self.offset);
        let end = self.offset + f64::from(self.view.height());
        let mut drawn = Vec::new();
        let pinned_band = self.layout.band(pinned);
        // The next band's heading pushes the pinned one out.
        let limit = self.y(self.layout.top(pinned_band.end)) - HEADING;
        let last = sections.len().min(self.layout.band(self.layout.section_at(end)).end);
        for index in (pinned..last).rev().skip_while(|index| self.layout.top(*index) >= end) {
            let y = match pinned_band.contains(&index) {
                true if self.offset <= 0.0 => self.view.top(),
                true => self.view.top().min(limit.max(self.view.top() - HEADING)),
                false => self.y(self.layout.top(index)),
            };
            drawn.extend(self.heading(ui, painter, tokens, index, y));
        }
        drawn
    }

    fn heading(
        &self,
        ui: &Ui,
        painter: &Painter,
        tokens: &Tokens,
        index: usize,
        y: f32,
    ) -> Option<(Rect, Range<usize>)> {
        let section = self.grid.sections.get(index)?;
        let columns = self.layout.heading_columns(index);
        let line = Rect::from_min_size(pos2(self.view.left(), y), vec2(self.view.width(), HEADING));
        // Once for the band, by the one that is drawn first.
        if columns.end == self.layout.columns {
            painter.rect_filled(line, CornerRadius::ZERO, tokens.canvas);
        }
        let count = section.count as u64;
        let (title, rest) = match section.kind {
            SectionKind::Arriving => ("Arriving".to_owned(), self.locale.count(count, "file", "files")),
            SectionKind::Day(day) => (self.locale.day_heading(day), self.locale.count(count, "photo", "photos")),
            SectionKind::Undated => ("No date".to_owned(), self.locale.count(count, "photo", "photos")),
        };
        let left = line.left() + self.layout.column_x(columns.start);
        let room = self.layout.column_x(columns.end) - self.layout.column_x(columns.start) - self.layout.measures.gap;
        let middle = line.center().y + 4.0;
        let semibold = FontId::new(15.0, theme::semibold_font(ui, &TextStyle::Body).family);
        let body = TextStyle::Body.resolve(ui.style());
        let full = painter.layout_no_wrap(title.clone(), semibold.clone(), tokens.text);
        let counted = painter.layout_no_wrap(format!("·  {rest}"), body, tokens.text_secondary);
        let between = space::S + 2.0;
        let shorter = |day| painter.layout_no_wrap(self.locale.day(day), semibold.clone(), tokens.text);
        let words = match section.kind {
            // Days that share a row all say their date in the same short form.
            SectionKind::Day(day) if columns.len() < self.layout.columns => shorter(day),
            _ => full,
        };
        let mut rect = Align2::LEFT_CENTER.anchor_size(pos2(left, middle), words.size());
        let at = Align2::LEFT_CENTER.anchor_size(pos2(rect.right() + between, middle), counted.size());
        painter.galley(rect.min, words, tokens.text);
        if at.right() <= left + room || columns.len() == self.layout.columns {
            painter.galley(at.min, counted, tokens.text_secondary);
            rect = rect.union(at);
        }
        ui.ctx().accesskit_node_builder(Id::unique(("day heading", index)), |node| {
            node.set_role(Role::Heading);
            node.set_label(format!("{title} · {rest}"));
            node.set_bounds(bounds(rect));
        });
        let photos = section.first..section.first + section.count;
        (section.kind != SectionKind::Arriving).then_some((rect.expand(4.0), photos))
    }

    /// Tells assistive technologies what the cells are; costs nothing where there is none.
    fn describe(&self, ui: &mut Ui, response: &Response, cells: &[Cell<'_>]) -> Option<usize> {
        let total = self.grid.seats.len();
        let selected = self.grid.selection.runs.len();
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(Role::ListBox);
            node.set_label("Photos");
            node.set_multiselectable();
            node.set_description(format!("{total} photos, {selected} selected"));
            node.set_size_of_set(total);
            if let Some(at) = self.grid.selection.cursor
                && let Some(cell) = cells.iter().find(|cell| cell.seat.is_some() && cell.at == at)
            {
                node.set_active_descendant(cell_id(cell).accesskit_id());
            }
        })?;
        let mut clicked = None;
        let arriving = self.model.arriving.len();
        let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(self.view).accessibility_parent(response.id));
        inside.set_clip_rect(self.view);
        for cell in cells {
            let id = cell_id(cell);
            // Registers the cell under the grid; it senses nothing, so that the grid keeps every click.
            inside.interact(cell.rect, id, Sense::empty());
            let set = if cell.seat.is_some() { total } else { arriving };
            ui.ctx().accesskit_node_builder(id, |node| {
                node.set_role(Role::ListBoxOption);
                node.set_label(format!("{}, {} of {set}", cell.name, cell.at + 1));
                node.set_bounds(bounds(cell.rect));
                node.set_selected(cell.selected);
                node.set_position_in_set(cell.at);
                node.add_action(egui::accesskit::Action::Click);
                if let Some(card) = cell.card {
                    node.set_description(describe(card));
                }
            });
            let pressed = ui.input(|input| input.has_accesskit_action_request(id, egui::accesskit::Action::Click));
            if pressed && cell.seat.is_some() {
                clicked = Some(cell.at);
            }
        }
        clicked
    }
}

const STARS: [&str; 6] = ["", "★", "★★", "★★★", "★★★★", "★★★★★"];
const SHORT_STARS: [&str; 6] = ["", "1★", "2★", "3★", "4★", "5★"];

fn face(thumb: Option<Result<(TextureId, Vec2), &str>>) -> Face<'_> {
    match thumb {
        Some(Ok((texture, size))) => Face::Picture(texture, size),
        Some(Err(why)) => Face::None(why),
        None => Face::Coming,
    }
}

fn cell_id(cell: &Cell<'_>) -> Id {
    match cell.seat {
        Some(seat) => Id::unique(("photo", seat.0)),
        None => Id::unique(("arriving photo", cell.at)),
    }
}

fn bounds(rect: Rect) -> egui::accesskit::Rect {
    let edge = |value: f32| f64::from(value);
    egui::accesskit::Rect { x0: edge(rect.min.x), y0: edge(rect.min.y), x1: edge(rect.max.x), y1: edge(rect.max.y) }
}

fn grounds(cells: &[Cell<'_>], hovered: Option<Pos2>, tokens: &Tokens, shapes: &mut Vec<Shape>) {
    for cell in cells {
        if cell.selected {
            shapes.push(Shape::rect_filled(cell.rect.expand(4.0), CornerRadius::same(radius::M), tokens.control));
        } else if hovered.is_some_and(|spot| cell.rect.contains(spot)) {
            shapes.push(Shape::rect_filled(cell.rect.expand(4.0), CornerRadius::same(radius::M), tokens.placeholder));
        }
        if !matches!(cell.face, Face::Picture(..)) {
            let size = cell
                .card
                .and_then(|card| card.size_px)
                .map_or(vec2(3.0, 2.0), |(width, height)| vec2(width as f32, height as f32));
            let scale = cell.square.width() / size.x.max(size.y).max(1.0);
            let ground = fitted(cell.square, size * scale);
            let colour = if cell.selected { tokens.control_active } else { tokens.placeholder };
            shapes.push(Shape::rect_filled(ground, CornerRadius::ZERO, colour));
        }
    }
}

fn pictures(cells: &[Cell<'_>], shapes: &mut Vec<Shape>) {
    for cell in cells {
        if let Face::Picture(texture, size) = cell.face {
            let turns = cell.card.map_or(0, |card| card.quarter_turns);
            let rejected = cell.card.is_some_and(|card| card.flag == Flag::Reject);
            let tint = if rejected { Color32::from_white_alpha(90) } else { Color32::WHITE };
            let upright = if turns % 2 == 1 { vec2(size.y, size.x) } else { size };
            shapes.push(picture(texture, fitted(cell.square, upright), turns, tint));
        }
    }
}

/// A picture turned clockwise by quarters, as one quad.
pub(crate) fn picture(texture: TextureId, rect: Rect, quarter_turns: u8, tint: Color32) -> Shape {
    // Corners of the texture in the order left top, right top, right bottom, left bottom.
    const CORNERS: [Pos2; 4] = [pos2(0.0, 0.0), pos2(1.0, 0.0), pos2(1.0, 1.0), pos2(0.0, 1.0)];
    let mut mesh = Mesh::with_texture(texture);
    let places = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()];
    for (corner, pos) in places.into_iter().enumerate() {
        // Turned clockwise, the left bottom of the texture comes to the left top.
        let uv = CORNERS[(corner + 4 - usize::from(quarter_turns % 4)) % 4];
        mesh.vertices.push(Vertex { pos, uv, color: tint });
    }
    mesh.indices.extend([0, 1, 2, 0, 2, 3]);
    Shape::mesh(mesh)
}

fn frames(cells: &[Cell<'_>], cursor: Option<usize>, tokens: &Tokens, shapes: &mut Vec<Shape>) {
    for cell in cells.iter().filter(|cell| cell.seat.is_some()) {
        let has_keyboard = cursor == Some(cell.at);
        if !cell.selected && !has_keyboard {
            continue;
        }
        let corner = CornerRadius::same(radius::M);
        if cell.selected {
            let stroke = Stroke::new(2.0, tokens.accent);
            shapes.push(Shape::rect_stroke(cell.rect.expand(4.0), corner, stroke, StrokeKind::Inside));
        }
        if has_keyboard {
            let stroke = Stroke::new(2.0, tokens.focus);
            shapes.push(Shape::rect_stroke(cell.rect.expand(4.0), corner, stroke, StrokeKind::Outside));
        }
    }
}

/// A ground under marks that stand on a picture.
fn dark_ground(left: f32, middle: f32, size: Vec2) -> Shape {
    let rect = Rect::from_min_size(pos2(left, middle - size.y / 2.0), size).expand2(vec2(3.0, 0.0));
    Shape::rect_filled(rect, CornerRadius::ZERO, Color32::from_black_alpha(150))
}

/// `✓` for stored, a dot for on its way, `!` for what needs a person. Small cells only show what is not well.
fn stored_mark(card: &Card, tokens: &Tokens, labelled: bool) -> Option<(&'static str, Color32)> {
    let (text, colour, bright) = match card.stored {
        StoredState::Stored => ("✓", tokens.good, theme::DARK.good),
        StoredState::Queued | StoredState::Sending => ("○", tokens.text_secondary, theme::DARK.text_secondary),
        StoredState::Waiting { .. } => ("○", tokens.warn, theme::DARK.warn),
        StoredState::NeedsYou { .. } => ("!", tokens.bad, theme::DARK.bad),
    };
    let show = labelled || matches!(card.stored, StoredState::NeedsYou { .. });
    show.then_some((text, if labelled { colour } else { bright }))
}

/// The label's colour. Gives the width it takes.
fn label_mark(label: ColourLabel, at: Pos2, labelled: bool, shapes: &mut Vec<Shape>) -> f32 {
    let at = if labelled { at } else { at + vec2(4.0, 0.0) };
    if !labelled {
        shapes.push(dark_ground(at.x, at.y, vec2(11.0, 15.0)));
    }
    swatch(label, Rect::from_min_size(at + vec2(0.0, -5.5), Vec2::splat(11.0)), shapes);
    16.0
}

/// A pennant for picked, a cross for rejected. Gives the width it takes.
fn flag(flag: Flag, at: Pos2, labelled: bool, tokens: &Tokens, shapes: &mut Vec<Shape>) -> f32 {
    let on_picture = if labelled { 0.0 } else { 4.0 };
    let at = at + vec2(on_picture, 0.0);
    if !labelled {
        shapes.push(dark_ground(at.x, at.y, vec2(10.0, 14.0)));
    }
    match flag {
        Flag::Pick => {
            let colour = if labelled { tokens.good } else { theme::DARK.good };
            let pole = Rect::from_min_size(at + vec2(0.5, -5.5), vec2(1.5, 11.0));
            shapes.push(Shape::rect_filled(pole, CornerRadius::ZERO, colour));
            let cloth = vec![at + vec2(2.0, -5.5), at + vec2(9.5, -2.2), at + vec2(2.0, 1.0)];
            shapes.push(Shape::convex_polygon(cloth, colour, Stroke::NONE));
        }
        Flag::Reject => {
            let stroke = Stroke::new(1.8, if labelled { tokens.bad } else { theme::DARK.bad });
            for corner in [vec2(4.0, 4.0), vec2(4.0, -4.0)] {
                let middle = at + vec2(5.0, 0.0);
                shapes.push(Shape::line_segment([middle - corner, middle + corner], stroke));
            }
        }
        Flag::None => return 0.0,
    }
    15.0
}

fn tooltip(response: &Response, cell: &Cell<'_>) {
    let why = match (&cell.face, cell.card.map(|card| &card.stored)) {
        (Face::None(why), _) => Some((*why).to_owned()),
        (_, Some(StoredState::NeedsYou { why })) => Some(format!("Not stored: {why}")),
        (_, Some(StoredState::Waiting { why, .. })) => Some(format!("Will be stored later: {why}")),
        _ => None,
    };
    if let Some(why) = why {
        response.clone().on_hover_ui_at_pointer(|ui| {
            ui.label(theme::semibold(cell.name));
            ui.label(why);
        });
    }
}

/// Stars, flag, label and stored state in words.
fn describe(card: &Card) -> String {
    let mut words = Vec::with_capacity(3);
    match card.rating.stars() {
        0 => {}
        1 => words.push("1 star".to_owned()),
        stars => words.push(format!("{stars} stars")),
    }
    match card.flag {
        Flag::None => {}
        Flag::Pick => words.push("picked".to_owned()),
        Flag::Reject => words.push("rejected".to_owned()),
    }
    if card.label != ColourLabel::None {
        words.push(format!("labelled {}", card.label.name()));
    }
    words.push(
        match &card.stored {
            StoredState::Stored => "stored",
            StoredState::Queued | StoredState::Sending => "being stored",
            StoredState::Waiting { .. } => "waits to be stored",
            StoredState::NeedsYou { .. } => "not stored, needs you",
        }
        .to_owned(),
    );
    if !card.has_picture {
        words.push("no picture".to_owned());
    }
    words.join(", ")
}
