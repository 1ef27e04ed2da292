//! The page as the paper will show it: the very rectangles and texts that the PDF gets, at the size of the screen.

use eframe::egui::epaint::{Mesh, Shadow};
use eframe::egui::{
    self, Align2, Color32, FontFamily, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, TextureId, pos2, vec2,
};

use super::Context;
use crate::domain::layout::{self, Align, Page, Placed, PlacedText, Weight, effective_ppi, size_mm};
use crate::domain::{Card, Seat};
use crate::protocol::ThumbKey;
use crate::ui::theme;
use crate::ui::widgets::Icon;

/// Below this height in points, letters are no letters: a bar stands for them.
const SMALLEST_TEXT: f32 = 3.5;

/// Draws a page into `sheet`, which has the page's proportions.
pub(super) fn paint_page(painter: &Painter, sheet: Rect, page: &Page, photos: &[Seat], context: &Context<'_>) {
    let tokens = theme::tokens_of(painter.ctx());
    let shadow = Shadow { offset: [0, 3], blur: 18, spread: 0, color: Color32::from_black_alpha(0x50) };
    painter.add(shadow.as_shape(sheet, 0.0));
    // Paper is white in every theme.
    painter.rect(sheet, 0.0, Color32::WHITE, Stroke::new(1.0, tokens.line), StrokeKind::Outside);
    let painter = painter.with_clip_rect(sheet.intersect(painter.clip_rect()));
    let scale = sheet.width() / page.size_mm.0 as f32;
    for placed in &page.photos {
        paint_photo(&painter, sheet.min, scale, placed, photos.get(placed.photo).copied(), context);
    }
    for text in &page.texts {
        paint_text(&painter, sheet.min, scale, text);
    }
}

/// Draws what the margins leave, over a page: while margins are being chosen.
pub(super) fn paint_margins(painter: &Painter, sheet: Rect, page: &Page, printable_mm: layout::Rect) {
    let scale = sheet.width() / page.size_mm.0 as f32;
    let rect = on_screen(sheet.min, scale, printable_mm);
    if rect.is_positive() {
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        let colour = theme::LIGHT.focus;
        painter.extend(Shape::dashed_line(&corners, Stroke::new(1.0, colour), 4.0, 3.0));
    }
}

fn on_screen(origin: Pos2, scale: f32, mm: layout::Rect) -> Rect {
    Rect::from_min_size(
        origin + vec2(mm.x as f32, mm.y as f32) * scale,
        vec2(mm.width as f32, mm.height as f32) * scale,
    )
}

fn paint_photo(
    painter: &Painter,
    origin: Pos2,
    scale: f32,
    placed: &Placed,
    seat: Option<Seat>,
    context: &Context<'_>,
) {
    let rect = on_screen(origin, scale, placed.image_mm);
    let card = seat.and_then(|seat| context.model.cards.card(seat));
    let turns = card.map_or(0, |card| card.quarter_turns);
    match seat.map(|seat| texture(context, seat, card)) {
        Some(Look::Here(id)) => {
            painter.add(Shape::mesh(quad(id, rect, corners(placed, turns))));
        }
        look => {
            let (fill, ink) = (Color32::from_gray(0xe4), Color32::from_gray(0x70));
            painter.rect(rect, 0.0, fill, Stroke::new(1.0, Color32::from_gray(0xc0)), StrokeKind::Inside);
            if look == Some(Look::Never) {
                let side = (rect.size().min_elem() * 0.3).clamp(4.0, 48.0);
                let at = Rect::from_center_size(rect.center(), egui::Vec2::splat(side));
                Icon::NoPicture.paint(painter, at, ink);
            }
        }
    }
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

/// Where the corners of an image (top left, top right, bottom right, bottom left) are in its texture, 0 to 1.
///
/// The texture is upright but for the quarter turns that a person added; the page may turn the photo once more.
fn corners(placed: &Placed, quarter_turns: u8) -> [Pos2; 4] {
    let crop = &placed.crop;
    [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].map(|corner: (f64, f64)| {
        let (u, v) = back(placed.turns, corner);
        let (u, v) = (crop.x + u * crop.width, crop.y + v * crop.height);
        let (u, v) = back(quarter_turns, (u, v));
        pos2(u as f32, v as f32)
    })
}

/// Where a point of something that was turned clockwise lay before.
fn back(quarter_turns: u8, (u, v): (f64, f64)) -> (f64, f64) {
    match quarter_turns % 4 {
        0 => (u, v),
        1 => (v, 1.0 - u),
        2 => (1.0 - u, 1.0 - v),
        _ => (1.0 - v, u),
    }
}

fn quad(id: TextureId, rect: Rect, uvs: [Pos2; 4]) -> Mesh {
    let mut mesh = Mesh::with_texture(id);
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()];
    for (pos, uv) in corners.into_iter().zip(uvs) {
        mesh.vertices.push(egui::epaint::Vertex { pos, uv, color: Color32::WHITE });
    }
    mesh.indices.extend([0, 1, 2, 0, 2, 3]);
    mesh
}

fn paint_text(painter: &Painter, origin: Pos2, scale: f32, text: &PlacedText) {
    let size = size_mm(text.size_pt) as f32 * scale;
    let ink = Color32::from_gray(text.role.grey());
    let baseline = origin.y + text.baseline_mm as f32 * scale;
    if size < SMALLEST_TEXT {
        let (left, width) = (origin.x + text.left_mm() as f32 * scale, text.width_mm as f32 * scale);
        let bar = Rect::from_min_max(pos2(left, baseline - size * 0.5), pos2(left + width, baseline));
        painter.rect_filled(bar, 0.0, ink.gamma_multiply(0.35));
        return;
    }
    let family = match text.role.weight() {
        Weight::Regular => FontFamily::Proportional,
        Weight::SemiBold => FontFamily::Name(theme::SEMIBOLD.into()),
    };
    let galley = painter.layout_no_wrap(text.text.clone(), FontId::new(size, family), ink);
    let ascent = galley
        .rows
        .first()
        .and_then(|row| row.row.glyphs.first().map(|glyph| row.pos.y + glyph.pos.y))
        .unwrap_or(size * layout::BASELINE as f32);
    let x = origin.x + text.x_mm as f32 * scale;
    let anchor = match text.align {
        Align::Left => Align2::LEFT_TOP,
        Align::Center => Align2::CENTER_TOP,
        Align::Right => Align2::RIGHT_TOP,
    };
    let at = anchor.anchor_size(pos2(x, baseline - ascent), galley.size());
    painter.galley(at.min, galley, ink);
}

/// The least pixels per inch on a page.
pub(super) fn least_ppi(page: &Page, photos: &[Seat], context: &Context<'_>) -> Option<f64> {
    page.photos
        .iter()
        .filter_map(|placed| {
            let card = context.model.cards.card(*photos.get(placed.photo)?)?;
            effective_ppi(placed, card.size_px)
        })
        .min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(turned: bool, crop: layout::Rect) -> Placed {
        let image_mm = layout::Rect::new(0.0, 0.0, 254.0, 127.0);
        Placed::plain(0, image_mm, image_mm, crop, u8::from(turned))
    }

    fn rounded(corners: [Pos2; 4]) -> [(f32, f32); 4] {
        corners.map(|corner| (corner.x, corner.y))
    }

    #[test]
    fn a_turned_photo_has_its_top_at_the_right() {
        let whole = layout::Rect::WHOLE;
        let upright = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        assert_eq!(rounded(corners(&placed(false, whole), 0)), upright);
        // Top left of the image: bottom left of the photo. Top right: its top left. Bottom right: its top right.
        let turned = [(0.0, 1.0), (0.0, 0.0), (1.0, 0.0), (1.0, 1.0)];
        assert_eq!(rounded(corners(&placed(true, whole), 0)), turned);
        assert_eq!(rounded(corners(&placed(false, whole), 1)), turned, "a person's turn looks the same");
        let half = [(1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (1.0, 0.0)];
        assert_eq!(rounded(corners(&placed(true, whole), 1)), half, "both add up");
        assert_eq!(rounded(corners(&placed(true, whole), 3)), upright, "and take each other back");
    }

    #[test]
    fn a_crop_is_of_the_photo_as_a_person_sees_it() {
        let top = layout::Rect::new(0.0, 0.0, 1.0, 0.5);
        assert_eq!(
            rounded(corners(&placed(false, top), 2)),
            [(1.0, 1.0), (0.0, 1.0), (0.0, 0.5), (1.0, 0.5)],
            "upside down, the top half is the texture's bottom half"
        );
        // The left half of the image is the bottom half of a turned photo.
        assert_eq!(rounded(corners(&placed(true, top), 0)), [(0.0, 0.5), (0.0, 0.0), (1.0, 0.0), (1.0, 0.5)]);
    }
}
