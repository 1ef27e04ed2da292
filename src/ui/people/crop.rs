//! A face cut from a thumbnail, and the way between a picture as it is kept and as it is shown turned.

use eframe::egui::epaint::{Mesh, Vertex};
use eframe::egui::{Color32, Pos2, Rect, Shape, TextureId, Vec2, pos2, vec2};

use crate::domain::labels::Region;

/// So much of the picture around a face is shown with it: hair and chin, as a share of the face.
const AROUND: f32 = 1.5;
/// Points of each round corner.
const STEPS: u8 = 6;

/// The square of a picture (0 to 1 each way) that shows a face; `size` is the picture's, in pixels.
#[must_use]
pub fn square_around(region: Region, size: Vec2) -> Rect {
    let all = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    let Some(region) = region.within_picture() else { return all };
    if size.min_elem() < 1.0 {
        return all;
    }
    let most = size.min_elem();
    let side = ((region.width * size.x).max(region.height * size.y) * AROUND).clamp(1.0, most);
    let corner = |start: f32, length: f32, whole: f32| {
        ((start + length / 2.0) * whole - side / 2.0).clamp(0.0, whole - side) / whole
    };
    let min = pos2(corner(region.left, region.width, size.x), corner(region.top, region.height, size.y));
    Rect::from_min_size(min, vec2(side / size.x, side / size.y))
}

/// A part of a texture in a rectangle with round corners, turned clockwise by quarters.
pub fn cut(texture: TextureId, part: Rect, rect: Rect, quarter_turns: u8, corner: f32) -> Shape {
    let mut mesh = Mesh::with_texture(texture);
    let mut vertex = |at: Pos2| {
        let shown = (at - rect.min) / rect.size();
        let kept = point_back(pos2(shown.x, shown.y), quarter_turns);
        let uv = part.min + kept.to_vec2() * part.size();
        mesh.vertices.push(Vertex { pos: at, uv, color: Color32::WHITE });
    };
    vertex(rect.center());
    let inner = rect.shrink(corner);
    let corners = [inner.right_bottom(), inner.left_bottom(), inner.left_top(), inner.right_top()];
    for (quarter, centre) in corners.into_iter().enumerate() {
        for step in 0..=STEPS {
            let turn = (quarter as f32 + f32::from(step) / f32::from(STEPS)) * std::f32::consts::FRAC_PI_2;
            vertex(centre + Vec2::angled(turn) * corner);
        }
    }
    let rim = mesh.vertices.len() as u32 - 1;
    for at in 1..=rim {
        mesh.indices.extend([0, at, at % rim + 1]);
    }
    Shape::mesh(mesh)
}

/// A point of the picture as it is shown, on the picture as it is kept.
fn point_back(at: Pos2, quarter_turns: u8) -> Pos2 {
    match quarter_turns % 4 {
        1 => pos2(at.y, 1.0 - at.x),
        2 => pos2(1.0 - at.x, 1.0 - at.y),
        3 => pos2(1.0 - at.y, at.x),
        _ => at,
    }
}

/// A part of a picture as a rectangle on the screen.
#[must_use]
pub fn on_screen(region: Region, picture: Rect) -> Rect {
    let min = picture.min + vec2(region.left, region.top) * picture.size();
    Rect::from_min_size(min, vec2(region.width, region.height) * picture.size())
}

/// A rectangle on the screen as a part of the picture; `None` where none of it lies in the picture.
#[must_use]
pub fn from_screen(rect: Rect, picture: Rect) -> Option<Region> {
    let size = picture.size();
    let min = (rect.min - picture.min) / size;
    let part = Region { left: min.x, top: min.y, width: rect.width() / size.x, height: rect.height() / size.y };
    part.within_picture()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(left: f32, top: f32, width: f32, height: f32) -> Region {
        Region { left, top, width, height }
    }

    #[test]
    fn a_face_is_shown_in_a_square_that_never_leaves_the_picture() {
        for face in [region(0.4, 0.4, 0.1, 0.1), region(0.0, 0.9, 0.1, 0.1), region(-3.0, 0.2, 9.0, 0.4)] {
            for size in [vec2(320.0, 213.0), vec2(213.0, 320.0), vec2(1.0, 1.0)] {
                let part = square_around(face, size);
                assert!(part.min.x >= -1e-6 && part.min.y >= -1e-6, "{part:?}");
                assert!(part.max.x <= 1.0 + 1e-6 && part.max.y <= 1.0 + 1e-6, "{part:?}");
                let pixels = part.size() * size;
                assert!((pixels.x - pixels.y).abs() < 0.01, "{pixels:?} is no square");
            }
        }
        let nowhere = square_around(region(f32::NAN, 0.0, 1.0, 1.0), vec2(320.0, 213.0));
        assert_eq!(nowhere.size(), vec2(1.0, 1.0));
    }

    #[test]
    fn a_turned_face_is_cut_from_where_its_box_is_drawn() {
        use crate::domain::people::FaceBox;
        let face = FaceBox { left: 1000, top: 2000, width: 3000, height: 4000 };
        let kept = face.region();
        for turns in 0..4 {
            let shown = face.turned(turns).region();
            let middle = pos2(shown.left + shown.width / 2.0, shown.top + shown.height / 2.0);
            let back = point_back(middle, turns);
            let differs = back - pos2(kept.left + kept.width / 2.0, kept.top + kept.height / 2.0);
            assert!(differs.length() < 1e-3, "{turns}: {back:?}");
        }
    }

    #[test]
    fn the_screen_and_the_picture_agree() {
        let picture = Rect::from_min_size(pos2(100.0, 50.0), vec2(600.0, 400.0));
        let drawn = Rect::from_min_max(pos2(160.0, 90.0), pos2(220.0, 130.0));
        let part = from_screen(drawn, picture).expect("inside");
        assert!((on_screen(part, picture).min - drawn.min).length() < 0.01);
        assert_eq!(from_screen(drawn.translate(vec2(-900.0, 0.0)), picture), None);
    }
}
