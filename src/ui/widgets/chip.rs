//! A tag as a chip that says where it came from and can be taken away.

use eframe::egui::{self, CornerRadius, Frame, Margin, Stroke, Ui};

use super::{Button, Icon};
use crate::domain::{PhotoTag, TagSource};
use crate::ui::theme;

/// Shows a tag. True when its × was pressed.
pub fn tag_chip(ui: &mut Ui, tag: &PhotoTag) -> bool {
    let tokens = theme::tokens(ui);
    // What a person wrote is solid; what was found in the file has an outline; what was worked out is quiet.
    let (fill, stroke, text, why) = match tag.source {
        TagSource::User => (tokens.control_active, Stroke::NONE, tokens.text, "You added this tag"),
        TagSource::Keyword => {
            (tokens.control, Stroke::new(1.0, tokens.outline), tokens.text, "A keyword in the file or its sidecar")
        }
        TagSource::Derived => (
            egui::Color32::TRANSPARENT,
            Stroke::new(1.0, tokens.line),
            tokens.text_secondary,
            "Worked out from camera, date, place, shape or folder",
        ),
    };
    Frame::new()
        .fill(fill)
        .stroke(stroke)
        .corner_radius(CornerRadius::same(12))
        .inner_margin(Margin { left: 10, right: 2, top: 0, bottom: 0 })
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let name = super::elide_middle(&tag.name, 32);
            let label = ui.add(egui::Label::new(egui::RichText::new(name.as_ref()).color(text)).extend());
            label.on_hover_text(format!("{}\n{why}", tag.name));
            let name = format!("Remove the tag {}", tag.name);
            Button::icon_only(Icon::Close, &name).small().colour(tokens.text_secondary).show(ui).clicked()
        })
        .inner
}
