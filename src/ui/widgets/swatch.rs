//! Colour labels: painted in cells, and as a row of colours to click on.

use eframe::egui::{CornerRadius, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use super::focus_ring;
use crate::domain::ColourLabel;
use crate::ui::theme::{self, radius};

/// A filled square of the label's colour, with an edge that holds on any ground; nothing for no label.
pub fn swatch(label: ColourLabel, rect: Rect, shapes: &mut Vec<Shape>) {
    let Some((fill, edge)) = theme::label_colours(label) else { return };
    let corner = CornerRadius::same(radius::S);
    shapes.push(Shape::rect_filled(rect, corner, fill));
    shapes.push(Shape::rect_stroke(rect, corner, Stroke::new(1.0, edge), StrokeKind::Inside));
}

/// The colours to click on. Clicking the present one takes it away. Answers with the label that was chosen.
pub fn label_row(ui: &mut Ui, present: ColourLabel) -> Option<ColourLabel> {
    const SIDE: f32 = 14.0;
    let tokens = theme::tokens(ui);
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for label in ColourLabel::COLOURS {
            let (rect, response) = ui.allocate_exact_size(Vec2::splat(SIDE + 8.0), Sense::click());
            let name = format!("Label {}", label.name());
            let on = label == present;
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &name));
            if response.clicked() {
                chosen = Some(if on { ColourLabel::None } else { label });
            }
            let square = Rect::from_center_size(rect.center(), Vec2::splat(SIDE));
            let mut shapes = Vec::new();
            swatch(label, square, &mut shapes);
            if on || response.hovered() {
                let colour = if on { tokens.text } else { tokens.outline };
                let corner = CornerRadius::same(radius::S + 2);
                shapes.push(Shape::rect_stroke(
                    square.expand(3.0),
                    corner,
                    Stroke::new(1.5, colour),
                    StrokeKind::Inside,
                ));
            }
            ui.painter().extend(shapes);
            if response.has_focus() {
                focus_ring(ui, square.expand(2.0), radius::S);
            }
            let words = label.key().map_or_else(|| name.clone(), |key| format!("{name} (press {key})"));
            response.on_hover_text(words);
        }
    });
    chosen
}
