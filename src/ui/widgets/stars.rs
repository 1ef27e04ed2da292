//! Stars: painted in cells, and as a row to click on.

use eframe::egui::epaint::{Mesh, PathShape};
use eframe::egui::{Color32, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2};

use super::focus_ring;
use crate::domain::Rating;
use crate::ui::theme::{self, radius};

/// The outline of a five-pointed star around a centre.
fn outline(centre: Pos2, size: f32) -> Vec<Pos2> {
    (0..10)
        .map(|corner| {
            let reach = if corner % 2 == 0 { size * 0.5 } else { size * 0.215 };
            let (sine, cosine) = (std::f32::consts::PI * corner as f32 / 5.0).sin_cos();
            pos2(centre.x + reach * sine, centre.y - reach * cosine)
        })
        .collect()
}

/// A filled star: triangles around the centre, because egui fills only convex shapes, and a line that smooths the edge.
fn filled(centre: Pos2, size: f32, colour: Color32, shapes: &mut Vec<Shape>) {
    let points = outline(centre, size);
    let mut mesh = Mesh::default();
    mesh.colored_vertex(centre, colour);
    points.iter().for_each(|point| mesh.colored_vertex(*point, colour));
    (0..10).for_each(|at| mesh.add_triangle(0, at + 1, (at + 1) % 10 + 1));
    shapes.push(Shape::mesh(mesh));
    shapes.push(Shape::Path(PathShape::closed_line(points, Stroke::new(1.0, colour))));
}

/// Five stars to click on. Clicking the present rating takes it away. Answers with the rating that was chosen.
pub fn star_row(ui: &mut Ui, rating: Rating) -> (Response, Option<Rating>) {
    const SIZE: f32 = 18.0;
    let tokens = theme::tokens(ui);
    let mut chosen = None;
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for star in 1..=5_u8 {
            let (rect, response) = ui.allocate_exact_size(Vec2::splat(SIZE + 4.0), Sense::click());
            let name = if star == 1 { "1 star".to_owned() } else { format!("{star} stars") };
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, rating.stars() >= star, &name));
            if response.clicked() {
                chosen = Rating::new(if rating.stars() == star { 0 } else { star });
            }
            let mut shapes = Vec::new();
            if rating.stars() >= star {
                filled(rect.center(), SIZE, tokens.accent, &mut shapes);
            } else {
                let colour = if response.hovered() { tokens.accent } else { tokens.outline };
                let stroke = Stroke::new(1.2, colour);
                shapes.push(Shape::Path(PathShape::closed_line(outline(rect.center(), SIZE - 2.0), stroke)));
            }
            ui.painter().extend(shapes);
            if response.has_focus() {
                focus_ring(ui, Rect::from_center_size(rect.center(), Vec2::splat(SIZE)), radius::S);
            }
            let key = format!("{name} (press {star})");
            response.on_hover_text(key);
        }
    });
    (row.response, chosen)
}
