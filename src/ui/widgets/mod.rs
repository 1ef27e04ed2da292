//! The few controls everything is made of. Each has an accessible name and can be reached with Tab.

mod bar;
mod button;
mod chip;
mod elide;
mod icon;
pub mod path_field;
mod qr;
pub mod secret_field;
mod stars;
mod swatch;

pub use bar::{Amount, bar};
pub use button::{Button, danger_button, icon_button, primary_button, quiet_button, secondary_button};
pub use chip::tag_chip;
pub use elide::elide_middle;
pub use icon::Icon;
pub use path_field::PathField;
pub use qr::Qr;
pub use stars::star_row;
pub use swatch::{label_row, swatch};

use eframe::egui::{self, CornerRadius, Frame, Margin, Response, Sense, Stroke, StrokeKind, TextStyle, Ui};

use super::theme::{self, radius, space};

/// The heading of a section in a panel or a dialog: `Camera`.
pub fn section_heading(ui: &mut Ui, text: &str) -> Response {
    ui.add_space(space::XS);
    let response = ui.label(theme::semibold(text));
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.set_role(egui::Role::Heading);
        node.set_label(text);
    });
    response
}

/// A frame that holds things that belong together, one step above its panel.
pub fn card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let tokens = theme::tokens(ui);
    Frame::new()
        .fill(tokens.raised)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(CornerRadius::same(radius::L))
        .inner_margin(Margin::same(space::L as i8))
        .show(ui, content)
        .inner
}

/// A key as it stands on the keyboard: `Ctrl`.
pub fn keycap(ui: &mut Ui, key: &str) -> Response {
    let tokens = theme::tokens(ui);
    let font = theme::semibold_font(ui, &TextStyle::Small);
    let galley = ui.painter().layout_no_wrap(key.to_owned(), font, tokens.text);
    let size = egui::vec2((galley.size().x + 12.0).max(22.0), 22.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let corner = CornerRadius::same(4);
    ui.painter().rect(rect, corner, tokens.control, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, tokens.text);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, key));
    response
}

/// A line of the inspector: a quiet label in a column of its own, the value wrapping beside it.
pub fn field_row(ui: &mut Ui, label: &str, value: &str) -> Response {
    let tokens = theme::tokens(ui);
    let label_width = LABEL_COLUMN.min(ui.available_width() * 0.4);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let font = TextStyle::Body.resolve(ui.style());
        let galley = ui.painter().layout(label.to_owned(), font, tokens.text_secondary, label_width);
        let (rect, label_response) = ui.allocate_exact_size(egui::vec2(label_width, galley.size().y), Sense::hover());
        ui.painter().galley(rect.min, galley, tokens.text_secondary);
        label_response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, label));
        ui.add(egui::Label::new(value).wrap().selectable(true)).labelled_by(label_response.id)
    })
    .inner
}

/// The same with a value that does something when it is clicked.
pub fn field_link(ui: &mut Ui, label: &str, value: &str) -> Response {
    let tokens = theme::tokens(ui);
    let label_width = LABEL_COLUMN.min(ui.available_width() * 0.4);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let font = TextStyle::Body.resolve(ui.style());
        let galley = ui.painter().layout(label.to_owned(), font, tokens.text_secondary, label_width);
        let (rect, _) = ui.allocate_exact_size(egui::vec2(label_width, galley.size().y), Sense::hover());
        ui.painter().galley(rect.min, galley, tokens.text_secondary);
        ui.add(egui::Link::new(value))
    })
    .inner
}

/// Width of the labels of [`field_row`], in points.
const LABEL_COLUMN: f32 = 78.0;

/// The frame of a dialog, for `egui::Modal::frame`.
pub fn dialog_frame(ctx: &egui::Context) -> Frame {
    let tokens = theme::tokens_of(ctx);
    Frame::new()
        .fill(tokens.raised)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(CornerRadius::same(radius::L))
        .inner_margin(Margin::same(space::XL as i8))
        .shadow(ctx.style_of(ctx.theme()).visuals.window_shadow)
}

/// A message that something is wrong: an icon, the problem, and what to do.
pub fn problem(ui: &mut Ui, message: &str, hint: &str) -> Response {
    let tokens = theme::tokens(ui);
    Frame::new()
        .fill(tokens.bad_ground)
        .corner_radius(CornerRadius::same(radius::M))
        .inner_margin(Margin::symmetric(space::M as i8, space::S as i8))
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(16.0), Sense::hover());
                Icon::Warning.paint(ui.painter(), rect, tokens.bad);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    let response = ui.add(egui::Label::new(message).wrap().selectable(true));
                    if !hint.is_empty() {
                        ui.add(egui::Label::new(theme::secondary(ui, hint)).wrap());
                    }
                    response
                })
                .inner
            })
            .inner
        })
        .inner
}

/// A ring around what has the keyboard.
pub fn focus_ring(ui: &Ui, rect: egui::Rect, corner: u8) {
    let tokens = theme::tokens(ui);
    let stroke = Stroke::new(2.0, tokens.focus);
    ui.painter().rect_stroke(rect.expand(1.0), CornerRadius::same(corner + 1), stroke, StrokeKind::Outside);
}

/// A key in small, inside a line of small text.
pub fn small_key(ui: &mut Ui, key: &str) -> Response {
    let tokens = theme::tokens(ui);
    let text =
        egui::RichText::new(key).small().color(tokens.text).family(egui::FontFamily::Name(theme::SEMIBOLD.into()));
    ui.label(text)
}
