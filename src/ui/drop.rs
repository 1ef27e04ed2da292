//! Files that hover over the window, and files that are dropped on it.

use std::path::PathBuf;

use eframe::egui::{
    self, Align2, CornerRadius, Id, LayerId, Order, Rect, Role, Shape, Stroke, StrokeKind, Vec2, pos2, vec2,
};

use super::Action;
use super::locale::Locale;
use super::theme::{self, radius, space};
use super::widgets::Icon;

/// Highlights the whole window while files hover, and imports what was dropped.
pub fn show(ctx: &egui::Context, locale: &Locale, actions: &mut Vec<Action>) {
    let dropped: Vec<PathBuf> =
        ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
    if !dropped.is_empty() {
        actions.push(Action::Import(dropped));
        return;
    }
    let hovering = ctx.input(|input| input.raw.hovered_files.len());
    if hovering > 0 {
        highlight(ctx, &format!("Drop to import {}", locale.count(hovering as u64, "item", "items")));
    }
}

fn highlight(ctx: &egui::Context, text: &str) {
    let tokens = theme::tokens_of(ctx);
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop highlight")));
    let window = ctx.content_rect();
    painter.rect_filled(window, CornerRadius::ZERO, tokens.backdrop);
    let frame = window.shrink(space::M);
    painter.rect_filled(frame, CornerRadius::same(radius::L), tokens.accent.gamma_multiply(0.08));
    let corners = [frame.left_top(), frame.right_top(), frame.right_bottom(), frame.left_bottom(), frame.left_top()];
    painter.extend(Shape::dashed_line(&corners, Stroke::new(3.0, tokens.accent), 14.0, 9.0));
    let middle = window.center();
    let card = Rect::from_center_size(middle + vec2(0.0, 2.0), vec2(340.0, 190.0));
    painter.rect(card, CornerRadius::same(radius::L), tokens.raised, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    let icon = Rect::from_center_size(middle - vec2(0.0, 38.0), Vec2::splat(48.0));
    Icon::Import.paint(&painter, icon, tokens.accent_text);
    let font = egui::FontId::new(22.0, egui::FontFamily::Name(theme::SEMIBOLD.into()));
    let words = painter.text(pos2(middle.x, middle.y + 26.0), Align2::CENTER_CENTER, text, font, tokens.text);
    let small = egui::FontId::proportional(13.5);
    let rest = "Your files stay where they are";
    painter.text(pos2(middle.x, middle.y + 54.0), Align2::CENTER_CENTER, rest, small, tokens.text_secondary);
    ctx.accesskit_node_builder(Id::unique("drop text"), |node| {
        node.set_role(Role::Status);
        node.set_label(text);
        node.set_live(egui::accesskit::Live::Polite);
        node.set_bounds(egui::accesskit::Rect {
            x0: f64::from(words.min.x),
            y0: f64::from(words.min.y),
            x1: f64::from(words.max.x),
            y1: f64::from(words.max.y),
        });
    });
}
