//! Short notices at the bottom. Errors stay until they are read.

use eframe::egui::{self, Align2, Area, CornerRadius, Frame, Id, Margin, Order, Sense, Stroke, Vec2, vec2};

use super::theme::{self, radius, space};
use super::widgets::{Button, Icon};
use super::{Action, Model};

/// Shows them; `above` is the room that stays free at the bottom, in points.
pub fn show(ctx: &egui::Context, model: &Model<'_>, above: f32, actions: &mut Vec<Action>) {
    if model.toasts.is_empty() {
        return;
    }
    let tokens = theme::tokens_of(ctx);
    let width = 380.0_f32.min(ctx.content_rect().width() - 2.0 * space::L);
    Area::new(Id::unique("toasts"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -above - space::M))
        .show(ctx, |ui| {
            for (index, toast) in model.toasts.iter().enumerate() {
                let edge = if toast.error { tokens.bad } else { tokens.line };
                Frame::new()
                    .fill(tokens.raised)
                    .stroke(Stroke::new(1.0, edge))
                    .corner_radius(CornerRadius::same(radius::L))
                    .inner_margin(Margin::symmetric(space::M as i8, space::S as i8))
                    .shadow(ui.visuals().popup_shadow)
                    .show(ui, |ui| {
                        ui.set_width(width - 2.0 * space::M);
                        ui.horizontal_top(|ui| {
                            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 24.0), Sense::hover());
                            let (icon, colour) =
                                if toast.error { (Icon::Warning, tokens.bad) } else { (Icon::Check, tokens.good) };
                            let place = egui::Rect::from_center_size(rect.center(), Vec2::splat(16.0));
                            icon.paint(ui.painter(), place, colour);
                            let buttons = if toast.undo { 100.0 } else { 32.0 };
                            ui.allocate_ui(vec2(ui.available_width() - buttons, 0.0), |ui| {
                                ui.vertical(|ui| {
                                    ui.spacing_mut().item_spacing.y = 2.0;
                                    ui.set_width(ui.available_width());
                                    ui.add_space(3.0);
                                    let label = ui.add(egui::Label::new(&toast.text).wrap());
                                    ui.ctx().accesskit_node_builder(label.id, |node| {
                                        node.set_live(if toast.error {
                                            egui::accesskit::Live::Assertive
                                        } else {
                                            egui::accesskit::Live::Polite
                                        });
                                    });
                                    if !toast.hint.is_empty() {
                                        ui.add(egui::Label::new(theme::secondary(ui, &toast.hint)).wrap());
                                    }
                                });
                            });
                            ui.spacing_mut().item_spacing.x = 2.0;
                            if toast.undo && Button::quiet("Undo").small().colour(tokens.accent_text).show(ui).clicked()
                            {
                                actions.push(Action::Undo);
                                actions.push(Action::DismissToast(index));
                            }
                            if Button::icon_only(Icon::Close, "Dismiss the notice").small().show(ui).clicked() {
                                actions.push(Action::DismissToast(index));
                            }
                        });
                    });
            }
        });
}
