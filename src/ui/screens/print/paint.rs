//! The page as the paper will show it: the very rectangles, lines and texts that the paper gets, at the screen's size.

use eframe::egui::epaint::{Mesh, Shadow, TextShape, Vertex};
use eframe::egui::{
    self, Color32, FontFamily, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, TextureId, Vec2, pos2, vec2,
};

use super::super::Context;
use crate::domain::layout::{
    self, Align, Ink, Margins, Page, Placed, PlacedLine, PlacedText, TextFont, Weight, size_mm,
};
use crate::domain::{Card, Seat};
use crate::protocol::ThumbKey;
use crate::ui::theme;
use crate::ui::widgets::Icon;

/// Below this height in points, letters are no letters: a bar stands for them.
const SMALLEST_TEXT: f32 = 3.5;
/// Pieces of a round corner.
const PIECES: usize = 8;

/// Where a page lies on the screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sheet {
    /// The paper's edges, in points.
    pub rect: Rect,
    /// Points of a millimetre.
    pub scale: f32,
}

impl Sheet {
    pub fn point(&self, (x, y): (f64, f64)) -> Pos2 {
        self.rect.min + vec2(x as f32, y as f32) * self.scale
    }

    pub fn on_screen(&self, mm: layout::Rect) -> Rect {
        Rect::from_min_size(self.point((mm.x, mm.y)), vec2(mm.width as f32, mm.height as f32) * self.scale)
    }
}

/// A colour of the paper on the screen.
pub(super) fn colour(ink: Ink, opacity: f64) -> Color32 {
    Color32::from_rgba_unmultiplied(ink.red, ink.green, ink.blue, (opacity.clamp(0.0, 1.0) * 255.0).round() as u8)
}

/// Draws a page.
pub(super) fn paint_page(painter: &Painter, sheet: &Sheet, page: &Page, photos: &[Seat], context: &Context<'_>) {
    let tokens = theme::tokens_of(painter.ctx());
    let shadow = Shadow { offset: [0, 3], blur: 18, spread: 0, color: Color32::from_black_alpha(0x50) };
    painter.add(shadow.as_shape(sheet.rect, 0.0));
    let edge = Stroke::new(1.0, tokens.line);
    // Paper is paper in every theme.
    painter.rect(sheet.rect, 0.0, colour(page.background, 1.0), edge, StrokeKind::Outside);
    let painter = painter.with_clip_rect(sheet.rect.intersect(painter.clip_rect()));
    for placed in &page.photos {
        paint_photo(&painter, sheet, placed, photos.get(placed.photo).copied(), context);
    }
    for line in &page.lines {
        paint_line(&painter, sheet, line);
    }
    // Those of this computer are here a moment after the first page that is set in them.
    let here = painter.fonts(|fonts| fonts.families());
    for text in &page.texts {
        paint_text(&painter, sheet, text, family(text, &here));
    }
}

/// The family that a text is set in on paper, where the window has it: otherwise the shipped one.
fn family(text: &PlacedText, here: &[FontFamily]) -> FontFamily {
    let weight = text.role.weight();
    let own = match &text.font {
        TextFont::Family(name) => Some(theme::paper_family(name, weight)),
        TextFont::Sans => None,
    };
    own.filter(|own| here.contains(own)).unwrap_or_else(|| match weight {
        Weight::Regular => FontFamily::Proportional,
        Weight::SemiBold => FontFamily::Name(theme::SEMIBOLD.into()),
    })
}

/// Draws what margins leave, over a page: while margins are being chosen.
pub(super) fn paint_margins(painter: &Painter, sheet: &Sheet, printable_mm: layout::Rect) {
    dashed(painter, sheet.on_screen(printable_mm), theme::LIGHT.focus);
}

/// Shades what the printer cannot print on.
pub(super) fn paint_unprintable(painter: &Painter, sheet: &Sheet, margins: &Margins) {
    let inner = Rect::from_min_max(
        sheet.rect.min + vec2(margins.left as f32, margins.top as f32) * sheet.scale,
        sheet.rect.max - vec2(margins.right as f32, margins.bottom as f32) * sheet.scale,
    );
    if !inner.is_positive() || *margins == Margins::all(0.0) {
        return;
    }
    let outer = sheet.rect;
    // A tint that neither canvas has, so that the edge of the sheet stays seen.
    let shade = theme::LIGHT.focus.gamma_multiply(0.12);
    for strip in [
        Rect::from_min_max(outer.min, pos2(outer.max.x, inner.min.y)),
        Rect::from_min_max(pos2(outer.min.x, inner.max.y), outer.max),
        Rect::from_min_max(pos2(outer.min.x, inner.min.y), pos2(inner.min.x, inner.max.y)),
        Rect::from_min_max(pos2(inner.max.x, inner.min.y), pos2(outer.max.x, inner.max.y)),
    ] {
        painter.rect_filled(strip, 0.0, shade);
    }
    dashed(painter, inner, theme::LIGHT.outline);
}

fn dashed(painter: &Painter, rect: Rect, colour: Color32) {
    if rect.is_positive() {
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        painter.extend(Shape::dashed_line(&corners, Stroke::new(1.0, colour), 4.0, 3.0));
    }
}

fn paint_photo(painter: &Painter, sheet: &Sheet, placed: &Placed, seat: Option<Seat>, context: &Context<'_>) {
    if let Some(border) = &placed.border {
        painter.rect_filled(sheet.on_screen(border.outer_mm), 0.0, colour(border.ink, 1.0));
    }
    let rect = sheet.on_screen(placed.visible_mm);
    if !painter.clip_rect().intersects(rect) {
        return;
    }
    let outline = outline(placed.visible_mm, placed.corner_mm);
    let card = seat.and_then(|seat| context.model.cards.card(seat));
    match seat.map(|seat| texture(context, seat, card)) {
        Some(Look::Here(id)) => {
            let turns = card.map_or(0, |card| card.quarter_turns);
            painter.add(Shape::mesh(mesh(id, sheet, placed, &outline, turns)));
        }
        look => {
            let (fill, ink) = (Color32::from_gray(0xe4), Color32::from_gray(0x70));
            let points = outline.iter().map(|point| sheet.point(*point)).collect();
            painter.add(Shape::convex_polygon(points, fill, Stroke::new(1.0, Color32::from_gray(0xc0))));
            if look == Some(Look::Never) {
                let side = (rect.size().min_elem() * 0.3).clamp(4.0, 48.0);
                Icon::NoPicture.paint(painter, Rect::from_center_size(rect.center(), Vec2::splat(side)), ink);
            }
        }
    }
    if let Some(stroke) = &placed.stroke {
        // Inside the edge: half of the line lies on either side of its path.
        let half = stroke.width_mm / 2.0;
        let visible = placed.visible_mm;
        let inner = layout::Rect::new(
            visible.x + half,
            visible.y + half,
            visible.width - stroke.width_mm,
            visible.height - stroke.width_mm,
        );
        if inner.width > 0.0 && inner.height > 0.0 {
            let points = self::outline(inner, (placed.corner_mm - half).max(0.0));
            let points = points.into_iter().map(|point| sheet.point(point)).collect();
            let width = stroke.width_mm as f32 * sheet.scale;
            painter.add(Shape::closed_line(points, Stroke::new(width, colour(stroke.ink, 1.0))));
        }
    }
}

/// The outline of a rectangle with round corners, clockwise from the top left, in mm.
fn outline(rect: layout::Rect, corner_mm: f64) -> Vec<(f64, f64)> {
    let radius = corner_mm.min(rect.width / 2.0).min(rect.height / 2.0);
    if radius <= 0.0 || !radius.is_finite() {
        return vec![(rect.x, rect.y), (rect.right(), rect.y), (rect.right(), rect.bottom()), (rect.x, rect.bottom())];
    }
    let corners = [
        (rect.x + radius, rect.y + radius, 180.0_f64),
        (rect.right() - radius, rect.y + radius, 270.0),
        (rect.right() - radius, rect.bottom() - radius, 0.0),
        (rect.x + radius, rect.bottom() - radius, 90.0),
    ];
    corners
        .into_iter()
        .flat_map(|(x, y, from)| {
            (0..=PIECES).map(move |piece| {
                let (sin, cos) = (from + 90.0 * piece as f64 / PIECES as f64).to_radians().sin_cos();
                (x + radius * cos, y + radius * sin)
            })
        })
        .collect()
}

/// The visible part of a photo; between its corners the texture runs evenly, as [`Placed::photo_at`] does.
fn mesh(id: TextureId, sheet: &Sheet, placed: &Placed, outline: &[(f64, f64)], quarter_turns: u8) -> Mesh {
    let mut mesh = Mesh::with_texture(id);
    let mut vertex = |(x, y): (f64, f64)| {
        let (u, v) = back(quarter_turns, placed.photo_at(x, y));
        let uv = pos2(u as f32, v as f32);
        mesh.vertices.push(Vertex { pos: sheet.point((x, y)), uv, color: Color32::WHITE });
    };
    let visible = placed.visible_mm;
    vertex((visible.x + visible.width / 2.0, visible.y + visible.height / 2.0));
    outline.iter().for_each(|point| vertex(*point));
    let count = outline.len() as u32;
    for at in 1..=count {
        mesh.indices.extend([0, at, at % count + 1]);
    }
    mesh
}

/// What there is of a photo's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Here(TextureId),
    OnItsWay,
    Never,
}

/// The largest picture that is here.
fn texture(context: &Context<'_>, seat: Seat, card: Option<&Card>) -> Look {
    if let Some(Ok((id, _))) = context.model.textures.picture(seat) {
        return Look::Here(id);
    }
    let Some(card) = card else { return Look::OnItsWay };
    match context.model.textures.thumb(&ThumbKey::Content(card.blake3)) {
        Some(Ok((id, _))) => Look::Here(id),
        Some(Err(_)) => Look::Never,
        None if card.has_picture => Look::OnItsWay,
        None => Look::Never,
    }
}

/// Where a point of something that was turned clockwise lay before. A texture is upright but for the quarter turns that
/// a person added.
fn back(quarter_turns: u8, (u, v): (f64, f64)) -> (f64, f64) {
    match quarter_turns % 4 {
        0 => (u, v),
        1 => (v, 1.0 - u),
        2 => (1.0 - u, 1.0 - v),
        _ => (1.0 - v, u),
    }
}

fn paint_line(painter: &Painter, sheet: &Sheet, line: &PlacedLine) {
    let points = [sheet.point(line.from_mm), sheet.point(line.to_mm)];
    // A line on paper is seen on the screen, however fine it is.
    let width = (line.stroke.width_mm as f32 * sheet.scale).max(0.6);
    let stroke = Stroke::new(width, colour(line.stroke.ink, 1.0));
    let dash = line.dash_mm.map_or(0.0, |dash| dash as f32 * sheet.scale);
    if dash >= 1.0 {
        painter.extend(Shape::dashed_line(&points, stroke, dash, dash));
    } else {
        painter.line_segment(points, stroke);
    }
}

fn paint_text(painter: &Painter, sheet: &Sheet, text: &PlacedText, family: FontFamily) {
    let size = size_mm(text.size_pt) as f32 * sheet.scale;
    let ink = colour(text.ink, text.opacity);
    let anchor = sheet.point((text.x_mm, text.baseline_mm));
    let turn = egui::emath::Rot2::from_angle((text.angle_deg as f32).to_radians());
    let before = match text.align {
        Align::Left => 0.0,
        Align::Center => 0.5,
        Align::Right => 1.0,
    };
    if size < SMALLEST_TEXT {
        let (left, width) = (-before * text.width_mm as f32 * sheet.scale, text.width_mm as f32 * sheet.scale);
        let corners = [(left, -size * 0.5), (left + width, -size * 0.5), (left + width, 0.0), (left, 0.0)];
        let points = corners.into_iter().map(|(x, y)| anchor + turn * vec2(x, y)).collect();
        painter.add(Shape::convex_polygon(points, ink.gamma_multiply(0.35), Stroke::NONE));
        return;
    }
    let galley = painter.layout_no_wrap(text.text.clone(), FontId::new(size, family), ink);
    let ascent = galley
        .rows
        .first()
        .and_then(|row| row.row.glyphs.first().map(|glyph| row.pos.y + glyph.pos.y))
        .unwrap_or(size * layout::BASELINE as f32);
    let at = anchor + turn * vec2(-before * galley.size().x, -ascent);
    let mut shape = TextShape::new(at, galley, ink);
    shape.angle = turn.angle();
    painter.add(shape);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corners(placed: &Placed, quarter_turns: u8) -> Vec<(f32, f32)> {
        let sheet = Sheet { rect: Rect::from_min_size(Pos2::ZERO, vec2(300.0, 300.0)), scale: 1.0 };
        let points = outline(placed.visible_mm, placed.corner_mm);
        let mesh = mesh(TextureId::default(), &sheet, placed, &points, quarter_turns);
        mesh.vertices[1..].iter().map(|vertex| (vertex.uv.x, vertex.uv.y)).collect()
    }

    fn placed(turns: u8, crop: layout::Rect) -> Placed {
        let image_mm = layout::Rect::new(0.0, 0.0, 256.0, 128.0);
        Placed::plain(0, image_mm, image_mm, crop, turns)
    }

    #[test]
    fn a_turned_photo_has_its_top_at_the_right() {
        let whole = layout::Rect::WHOLE;
        let upright = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        assert_eq!(corners(&placed(0, whole), 0), upright);
        // Top left of the image: bottom left of the photo. Top right: its top left. Bottom right: its top right.
        let turned = [(0.0, 1.0), (0.0, 0.0), (1.0, 0.0), (1.0, 1.0)];
        assert_eq!(corners(&placed(1, whole), 0), turned);
        assert_eq!(corners(&placed(0, whole), 1), turned, "a person's turn looks the same");
        let half = [(1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (1.0, 0.0)];
        assert_eq!(corners(&placed(1, whole), 1), half, "both add up");
        assert_eq!(corners(&placed(1, whole), 3), upright, "and take each other back");
    }

    #[test]
    fn a_crop_is_of_the_photo_as_a_person_sees_it() {
        let top = layout::Rect::new(0.0, 0.0, 1.0, 0.5);
        let upside_down = [(1.0, 1.0), (0.0, 1.0), (0.0, 0.5), (1.0, 0.5)];
        assert_eq!(corners(&placed(0, top), 2), upside_down, "the top half is the texture's bottom half");
        // The left half of the image is the bottom half of a turned photo.
        assert_eq!(corners(&placed(1, top), 0), [(0.0, 0.5), (0.0, 0.0), (1.0, 0.0), (1.0, 0.5)]);
    }

    #[test]
    fn round_corners_stay_inside_and_touch_every_side() {
        let rect = layout::Rect::new(10.0, 20.0, 60.0, 40.0);
        let points = outline(rect, 8.0);
        assert_eq!(points.len(), 4 * (PIECES + 1));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(
            points
                .iter()
                .all(|(x, y)| (10.0 - 1e-9..=70.0 + 1e-9).contains(x) && (20.0 - 1e-9..=60.0 + 1e-9).contains(y))
        );
        assert!(points.iter().any(|(x, y)| near(*x, 10.0) && near(*y, 28.0)));
        assert!(points.iter().any(|(x, y)| near(*x, 62.0) && near(*y, 60.0)));
        assert_eq!(outline(rect, 0.0).len(), 4);
        assert!(outline(rect, f64::INFINITY).iter().all(|(x, y)| x.is_finite() && y.is_finite()));
    }
}
