//! The grid's scroll bar: made for a million photos, so that it says where in time one is while it is dragged.

use eframe::egui::{Align2, CornerRadius, Id, Rect, Role, Sense, TextStyle, Ui, pos2, vec2};

use crate::ui::theme::{self, radius, space};

/// Width of the bar in points.
pub const WIDTH: f32 = 14.0;
/// The handle is never shorter, so that it can be caught.
const HANDLE: f32 = 40.0;

/// Shows the bar and moves `offset` (points from the top of `height`). `label` names what is at a height.
pub fn bar(ui: &mut Ui, rect: Rect, offset: &mut f64, height: f64, label: impl FnOnce(f64) -> String) {
    let page = f64::from(rect.height());
    let most = height - page;
    if most <= 0.0 {
        return;
    }
    let id = Id::unique("photo grid scroll bar");
    let response = ui.interact(rect, id, Sense::drag());
    let track = rect.shrink2(vec2(3.0, 4.0));
    let handle = ((page / height) as f32 * track.height()).max(HANDLE).min(track.height());
    let room = f64::from(track.height() - handle).max(1.0);
    if let Some(spot) = response.interact_pointer_pos() {
        // The place within the handle that was caught stays under the pointer; a press beside it jumps there.
        let grabbed = id.with("grabbed");
        let top = track.top() + ((*offset / most) * room) as f32;
        if response.drag_started() || !response.dragged() {
            let within = spot.y - top;
            let within = if (0.0..=handle).contains(&within) { within } else { handle / 2.0 };
            ui.data_mut(|data| data.insert_temp(grabbed, within));
        }
        let within = ui.data(|data| data.get_temp::<f32>(grabbed)).unwrap_or(handle / 2.0);
        *offset = (f64::from(spot.y - within - track.top()) / room).clamp(0.0, 1.0) * most;
    }
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(Role::ScrollBar);
        node.set_label("Scroll through the photos");
        node.set_numeric_value((*offset / most * 100.0).round());
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(100.0);
    });
    let tokens = theme::tokens(ui);
    let top = track.top() + ((offset.clamp(0.0, most) / most) * room) as f32;
    let active = response.dragged() || response.is_pointer_button_down_on();
    let wide = active || response.hovered();
    let inset = if wide { 0.0 } else { 1.5 };
    let colour = if active { tokens.accent } else { tokens.outline };
    let handle_rect = Rect::from_min_size(pos2(track.left(), top), vec2(track.width(), handle));
    let corner = CornerRadius::same(4);
    ui.painter().rect_filled(handle_rect.shrink2(vec2(inset, 0.0)), corner, colour.gamma_multiply(0.85));
    if active {
        bubble(ui, handle_rect, &label(*offset));
    }
}

/// What is at the top of the screen, beside the handle.
fn bubble(ui: &Ui, handle: Rect, text: &str) {
    let tokens = theme::tokens(ui);
    let font = theme::semibold_font(ui, &TextStyle::Body);
    let painter = ui.ctx().debug_painter().with_clip_rect(ui.ctx().content_rect());
    let galley = painter.layout_no_wrap(text.to_owned(), font, tokens.text);
    let size = galley.size() + vec2(2.0 * space::M, 2.0 * 6.0);
    let rect = Align2::RIGHT_CENTER.anchor_size(pos2(handle.left() - space::S, handle.center().y), size);
    painter.rect_filled(rect, CornerRadius::same(radius::M), tokens.raised);
    painter.galley(rect.min + vec2(space::M, 6.0), galley, tokens.text);
}
