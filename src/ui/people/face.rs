//! A face as a picture: cut from the photo's thumbnail, with a round corner, or what stands there until that is here.

use std::collections::HashSet;

use eframe::egui::{Color32, CornerRadius, Rect, Shape, Stroke, StrokeKind, TextStyle, Ui, Vec2, pos2};

use super::crop;
use crate::domain::people::Face;
use crate::protocol::{ThumbKey, ThumbWish};
use crate::ui::Model;
use crate::ui::grid;
use crate::ui::theme::{self, radius};
use crate::ui::widgets::Icon;
use crate::ui::words::one_line;

/// Paints a face into a square.
pub fn paint(ui: &Ui, model: &Model<'_>, face: Option<&Face>, square: Rect) {
    let tokens = theme::tokens(ui);
    let corner = CornerRadius::same(radius::L);
    let texture = face.and_then(|face| model.textures.thumb(&ThumbKey::Content(face.content)));
    match (face, texture) {
        (Some(face), Some(Ok((texture, size)))) => {
            // The card knows of a turn before the face does.
            let turns = model.cards.card(face.id.seat).map_or(face.quarter_turns, |card| card.quarter_turns);
            let part = crop::square_around(face.id.spot.region(), size);
            ui.painter().add(crop::cut(texture, part, square, turns, f32::from(radius::L)));
            // The rim of a mesh is jagged; a line over it is not.
            ui.painter().rect_stroke(square, corner, Stroke::new(1.0, tokens.line), StrokeKind::Middle);
        }
        (face, texture) => {
            ui.painter().rect_filled(square, corner, tokens.placeholder);
            let icon = match (face, texture) {
                (Some(_), Some(Err(_))) => Icon::NoPicture,
                (Some(_), _) => return,
                (None, _) => Icon::Person,
            };
            let place = Rect::from_center_size(square.center(), Vec2::splat(square.width() * 0.4));
            icon.paint(ui.painter(), place, tokens.text_secondary);
        }
    }
}

/// Thumbnails of these faces, each photo once.
pub fn wishes<'a>(faces: impl Iterator<Item = &'a Face>) -> Vec<ThumbWish> {
    let mut seen = HashSet::new();
    faces
        .filter(|face| seen.insert(face.content))
        .map(|face| ThumbWish { key: ThumbKey::Content(face.content), seat: Some(face.id.seat) })
        .collect()
}

/// A line of text in the middle below a square, as long as there is room. Gives the height that it took.
pub fn line(ui: &Ui, text: &str, top: f32, rect: Rect, strong: bool, colour: Color32) -> f32 {
    let font = if strong { theme::semibold_font(ui, &TextStyle::Body) } else { TextStyle::Small.resolve(ui.style()) };
    let text = one_line(text);
    let galley = ui.fonts_mut(|fonts| {
        let short = grid::fit_name(fonts, &text, &font, rect.width());
        fonts.layout_no_wrap(short, font.clone(), colour)
    });
    let height = galley.size().y;
    let at = pos2(rect.center().x - galley.size().x / 2.0, top);
    ui.painter().add(Shape::galley(at, galley, colour));
    height
}
