//! A progress bar: thin, calm, and readable without eyes.

use std::time::Duration;

use eframe::egui::{self, CornerRadius, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme;

/// How much is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// A part of the whole, 0 to 1.
    Part(f64),
    /// Nobody knows yet: something moves, so that it can be seen to be alive.
    Unknown,
}

/// Height of the bar in points.
const HEIGHT: f32 = 6.0;
/// How often an unknown amount moves; the eye needs no more, and a frame is not free.
const STEP: Duration = Duration::from_millis(50);

/// Shows how much is done, as wide as there is room. `name` is what is said about it: `Import of 2 folders`.
pub fn bar(ui: &mut Ui, name: &str, amount: Amount) -> Response {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let part = match amount {
        Amount::Part(part) if part.is_finite() => Some(part.clamp(0.0, 1.0)),
        Amount::Part(_) => Some(0.0),
        Amount::Unknown => None,
    };
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(egui::Role::ProgressIndicator, ui.is_enabled(), name);
        // Whole numbers, rounded down: what is not finished is never said to be.
        info.value = part.map(|part| (part * 100.0).floor());
        info
    });
    if ui.is_rect_visible(rect) {
        let round = CornerRadius::same((HEIGHT / 2.0) as u8);
        ui.painter().rect_filled(rect, round, tokens.control_active);
        let filled = match part {
            Some(part) if part > 0.0 => {
                // Never narrower than its own round ends.
                let width = (rect.width() * part as f32).max(HEIGHT);
                Rect::from_min_size(rect.min, vec2(width, rect.height()))
            }
            Some(_) => Rect::NOTHING,
            None => {
                let turn = (ui.input(|input| input.time) * 0.6).fract() as f32;
                ui.ctx().request_repaint_after(STEP);
                let width = rect.width() * 0.3;
                let left = rect.left() - width + (rect.width() + width) * turn;
                Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.bottom())).intersect(rect)
            }
        };
        if filled.is_positive() {
            ui.painter().rect_filled(filled, round, tokens.accent);
        }
    }
    response
}
