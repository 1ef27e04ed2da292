//! Buttons: one primary on a screen, secondary for the rest, icons where the place is scarce.

use eframe::egui::{
    Align2, Color32, CornerRadius, CursorIcon, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

use super::{Icon, focus_ring};
use crate::ui::theme::{self, CONTROL_HEIGHT, Tokens, radius, space};

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What most people want here.
    Primary,
    /// Everything else.
    Secondary,
    /// No frame until it is pointed at.
    Quiet,
    /// Takes something away.
    Danger,
}

/// A button to be built: text, an icon before it, a shortcut in its tooltip.
#[must_use]
pub struct Button<'a> {
    kind: Kind,
    text: &'a str,
    icon: Option<Icon>,
    icon_only: bool,
    selected: Option<bool>,
    enabled: bool,
    min_width: f32,
    tooltip: &'a str,
    colour: Option<Color32>,
    small: bool,
    by_tab: bool,
}

impl<'a> Button<'a> {
    const fn of(kind: Kind, text: &'a str) -> Self {
        Self {
            kind,
            text,
            icon: None,
            icon_only: false,
            selected: None,
            enabled: true,
            min_width: 0.0,
            tooltip: "",
            colour: None,
            small: false,
            by_tab: true,
        }
    }

    /// The one thing that most people want here.
    pub const fn primary(text: &'a str) -> Self {
        Self::of(Kind::Primary, text)
    }

    /// Any other.
    pub const fn secondary(text: &'a str) -> Self {
        Self::of(Kind::Secondary, text)
    }

    /// Without a frame until it is pointed at.
    pub const fn quiet(text: &'a str) -> Self {
        Self::of(Kind::Quiet, text)
    }

    /// Takes something away.
    pub const fn danger(text: &'a str) -> Self {
        Self::of(Kind::Danger, text)
    }

    /// Only an icon; the text is its accessible name and, unless another is set, its tooltip.
    pub const fn icon_only(icon: Icon, name: &'a str) -> Self {
        let mut button = Self::of(Kind::Quiet, name);
        button.icon = Some(icon);
        button.icon_only = true;
        button.tooltip = name;
        button
    }

    /// Passed over by Tab, because a key of its own does the same.
    pub const fn passed_over(mut self) -> Self {
        self.by_tab = false;
        self
    }

    /// An icon before the text.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// A toggle, on or off.
    pub const fn selected(mut self, selected: bool) -> Self {
        self.selected = Some(selected);
        self
    }

    /// Cannot be pressed when false.
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// At least this wide, in points.
    pub const fn min_width(mut self, width: f32) -> Self {
        self.min_width = width;
        self
    }

    /// Said while the pointer rests on it.
    pub const fn tooltip(mut self, text: &'a str) -> Self {
        self.tooltip = text;
        self
    }

    /// Text and icon in this colour at rest.
    pub const fn colour(mut self, colour: Color32) -> Self {
        self.colour = Some(colour);
        self
    }

    /// With a ground of its own, to stand on a picture.
    pub const fn framed(mut self) -> Self {
        self.kind = Kind::Secondary;
        self
    }

    /// Small enough to stand inside a field or a chip.
    pub const fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// Shows it.
    pub fn show(self, ui: &mut Ui) -> Response {
        if self.enabled {
            // Without a room of its own, so that a row can wrap before it.
            return self.show_enabled(ui);
        }
        ui.add_enabled_ui(false, |ui| self.show_enabled(ui)).inner
    }

    fn show_enabled(self, ui: &mut Ui) -> Response {
        let tokens = theme::tokens(ui);
        let font = match self.kind {
            Kind::Primary => theme::semibold_font(ui, &TextStyle::Button),
            _ => TextStyle::Button.resolve(ui.style()),
        };
        let galley =
            (!self.icon_only).then(|| ui.painter().layout_no_wrap(self.text.to_owned(), font, Color32::PLACEHOLDER));
        let text_width = galley.as_ref().map_or(0.0, |galley| galley.size().x);
        let padding = match (self.icon_only, self.small) {
            (true, true) => 4.0,
            (true, false) => 7.0,
            (false, true) => space::S,
            (false, false) => space::M,
        };
        let icon_width = self.icon.map_or(0.0, |_| if self.icon_only { ICON } else { ICON + 6.0 });
        let width = (text_width + icon_width + 2.0 * padding).max(self.min_width);
        let height = galley.as_ref().map_or(0.0, |galley| galley.size().y + 8.0).max(if self.small {
            24.0
        } else {
            CONTROL_HEIGHT
        });
        let (rect, response) =
            ui.allocate_exact_size(vec2(width, height), if self.by_tab { Sense::click() } else { Sense::CLICK });
        let enabled = ui.is_enabled();
        response.widget_info(|| match self.selected {
            Some(selected) => WidgetInfo::selected(Role::Button, enabled, selected, self.text),
            None => WidgetInfo::labeled(Role::Button, enabled, self.text),
        });
        if ui.is_rect_visible(rect) {
            let (fill, text, stroke) = self.colours(tokens, &response);
            ui.painter().rect(rect, CornerRadius::same(radius::M), fill, stroke, StrokeKind::Inside);
            let left = rect.center().x - (text_width + icon_width) / 2.0;
            if let Some(icon) = self.icon {
                let at = pos2(left, rect.center().y - ICON / 2.0);
                icon.paint(ui.painter(), Rect::from_min_size(at, Vec2::splat(ICON)), text);
            }
            if let Some(galley) = galley {
                let at = Align2::LEFT_CENTER.anchor_size(pos2(left + icon_width, rect.center().y), galley.size());
                ui.painter().galley_with_override_text_color(at.min, galley, text);
            }
            if response.has_focus() {
                focus_ring(ui, rect, radius::M);
            }
        }
        let response = if enabled { response.on_hover_cursor(CursorIcon::PointingHand) } else { response };
        if self.tooltip.is_empty() { response } else { response.on_hover_text(self.tooltip) }
    }

    /// Fill, text and outline.
    fn colours(&self, tokens: &Tokens, response: &Response) -> (Color32, Color32, Stroke) {
        let hovered = response.hovered() || response.has_focus();
        let pressed = response.is_pointer_button_down_on();
        let on = self.selected == Some(true);
        let rest = self.colour.unwrap_or(tokens.text);
        match self.kind {
            Kind::Primary => {
                (if hovered { tokens.accent_hover } else { tokens.accent }, tokens.on_accent, Stroke::NONE)
            }
            Kind::Secondary | Kind::Danger => {
                let fill = match (pressed || on, hovered) {
                    (true, _) => tokens.control_active,
                    (false, true) => tokens.control_hover,
                    (false, false) => tokens.control,
                };
                let text = if self.kind == Kind::Danger { tokens.bad } else { rest };
                (fill, text, Stroke::new(1.0, tokens.line))
            }
            Kind::Quiet => {
                let fill = match (pressed, hovered || on) {
                    (true, _) => tokens.control_active,
                    (false, true) => tokens.control,
                    (false, false) => Color32::TRANSPARENT,
                };
                (fill, if on { tokens.accent_text } else { rest }, Stroke::NONE)
            }
        }
    }
}

/// Width and height of icons in buttons, in points.
const ICON: f32 = 16.0;

/// The one thing that most people want here.
pub fn primary_button(ui: &mut Ui, text: &str) -> Response {
    Button::primary(text).show(ui)
}

/// Any other thing.
pub fn secondary_button(ui: &mut Ui, text: &str) -> Response {
    Button::secondary(text).show(ui)
}

/// A thing that does not ask for attention.
pub fn quiet_button(ui: &mut Ui, text: &str) -> Response {
    Button::quiet(text).show(ui)
}

/// A thing that takes something away.
pub fn danger_button(ui: &mut Ui, text: &str) -> Response {
    Button::danger(text).show(ui)
}

/// An icon with an accessible name, which is also its tooltip.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    Button::icon_only(icon, name).show(ui)
}
