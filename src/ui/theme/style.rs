//! The tokens as egui's style, for every widget of egui that the window uses as it is.

use eframe::egui::epaint::Shadow;
use eframe::egui::style::{ScrollAnimation, ScrollStyle, Selection, WidgetVisuals, Widgets};
use eframe::egui::{
    self, Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Theme, Vec2, Visuals,
};

use super::tokens::Tokens;
use super::{CONTROL_HEIGHT, SEMIBOLD, radius, space};

/// Sets both themes.
pub(super) fn install(ctx: &egui::Context) {
    for (theme, tokens) in [(Theme::Dark, &super::DARK), (Theme::Light, &super::LIGHT)] {
        let base = (*ctx.style_of(theme)).clone();
        ctx.set_style_of(theme, style(base, theme, tokens));
    }
}

fn style(base: Style, theme: Theme, tokens: &Tokens) -> Style {
    let mut style = Style { visuals: visuals(theme, tokens), ..base };
    let semibold = || FontFamily::Name(SEMIBOLD.into());
    style.text_styles = [
        (TextStyle::Small, FontId::new(11.5, FontFamily::Proportional)),
        (TextStyle::Body, FontId::new(13.5, FontFamily::Proportional)),
        (TextStyle::Button, FontId::new(13.5, FontFamily::Proportional)),
        (TextStyle::Heading, FontId::new(19.0, semibold())),
        (TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace)),
    ]
    .into();
    // Nothing moves by itself: that is the setting for people whom motion makes ill, and it is also the quickest.
    style.animation_time = 0.0;
    style.scroll_animation = ScrollAnimation::none();
    style.explanation_tooltips = false;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::splat(space::S);
    spacing.button_padding = egui::vec2(space::M, 5.0);
    spacing.interact_size = egui::vec2(CONTROL_HEIGHT, CONTROL_HEIGHT);
    spacing.window_margin = Margin::same(space::XL as i8);
    spacing.menu_margin = Margin::same(6);
    spacing.text_edit_width = 240.0;
    spacing.slider_width = 120.0;
    spacing.slider_rail_height = 4.0;
    spacing.combo_width = 120.0;
    spacing.icon_width = 18.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = space::S;
    spacing.tooltip_width = 420.0;
    spacing.scroll =
        ScrollStyle { bar_width: 10.0, floating_width: 4.0, floating_allocated_width: 6.0, ..ScrollStyle::floating() };
    style
}

fn visuals(theme: Theme, tokens: &Tokens) -> Visuals {
    let dark = theme == Theme::Dark;
    let base = if dark { Visuals::dark() } else { Visuals::light() };
    let shadow = |offset: i8, blur: u8, alpha: u8| Shadow {
        offset: [0, offset],
        blur,
        spread: 0,
        color: Color32::from_black_alpha(if dark { alpha } else { alpha / 3 }),
    };
    Visuals {
        weak_text_color: Some(tokens.text_secondary),
        widgets: widgets(tokens),
        selection: Selection { bg_fill: tokens.selection, stroke: Stroke::new(1.0, tokens.text) },
        hyperlink_color: tokens.accent_text,
        faint_bg_color: tokens.placeholder,
        extreme_bg_color: tokens.field,
        text_edit_bg_color: Some(tokens.field),
        code_bg_color: tokens.control,
        warn_fg_color: tokens.warn,
        error_fg_color: tokens.bad,
        window_corner_radius: CornerRadius::same(radius::L),
        window_shadow: shadow(12, 40, 150),
        window_fill: tokens.raised,
        window_stroke: Stroke::new(1.0, tokens.line),
        menu_corner_radius: CornerRadius::same(radius::M),
        panel_fill: tokens.panel,
        popup_shadow: shadow(6, 18, 120),
        slider_trailing_fill: true,
        handle_shape: egui::style::HandleShape::Circle,
        indent_has_left_vline: false,
        ..base
    }
}

fn widgets(tokens: &Tokens) -> Widgets {
    let widget = |fill: Color32, stroke: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, stroke),
        corner_radius: CornerRadius::same(radius::M),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: widget(tokens.panel, tokens.line, tokens.text),
        inactive: widget(tokens.control, tokens.outline.gamma_multiply(0.6), tokens.text),
        hovered: widget(tokens.control_hover, tokens.outline, tokens.text),
        active: widget(tokens.control_active, tokens.focus, tokens.text),
        open: widget(tokens.control_active, tokens.outline, tokens.text),
    }
}
