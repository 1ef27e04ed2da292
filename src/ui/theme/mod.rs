//! How Lightkeep looks: tokens for both themes, spacing, radii, fonts, and their way into egui.
//!
//! Widgets take colours from [`Tokens`] and lengths from [`space`] and [`radius`]; nothing else in `ui` names a colour.

mod fonts;
mod style;
mod tokens;

pub(in crate::ui) use fonts::paper_family;
pub use fonts::{PaperFont, show_paper_fonts};
pub use tokens::{DARK, LIGHT, QR, Tokens, label_colours};

use eframe::egui::{self, FontFamily, FontId, RichText, TextStyle};

use super::ThemeChoice;

/// Distances between things, in points.
pub mod space {
    /// Between an icon and its text.
    pub const XS: f32 = 4.0;
    /// Between things that belong together.
    pub const S: f32 = 8.0;
    /// Between a label and what follows.
    pub const M: f32 = 12.0;
    /// Between groups; the margin of panels.
    pub const L: f32 = 16.0;
    /// Between sections; the margin of dialogs.
    pub const XL: f32 = 24.0;
    /// Around things that stand alone.
    pub const XXL: f32 = 40.0;
}

/// Corner radii, in points.
pub mod radius {
    /// Small marks and thumbnails.
    pub const S: u8 = 3;
    /// Buttons and fields.
    pub const M: u8 = 6;
    /// Cards and dialogs.
    pub const L: u8 = 10;
}

/// Height of buttons and fields, in points.
pub const CONTROL_HEIGHT: f32 = 30.0;

/// The family of Inter SemiBold.
pub const SEMIBOLD: &str = "semibold";

/// Installs fonts and both themes. Once, before the first frame.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts::definitions());
    style::install(ctx);
}

/// Uses this theme from now on.
pub fn apply(ctx: &egui::Context, choice: ThemeChoice) {
    let wanted = match choice {
        ThemeChoice::System => egui::ThemePreference::System,
        ThemeChoice::Dark => egui::ThemePreference::Dark,
        ThemeChoice::Light => egui::ThemePreference::Light,
    };
    if ctx.options(|options| options.theme_preference) != wanted {
        ctx.set_theme(wanted);
    }
}

/// The tokens of the theme that is drawn now.
#[must_use]
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    of(ui.visuals().dark_mode)
}

/// The tokens of the theme that is drawn now, where there is no [`egui::Ui`].
#[must_use]
pub fn tokens_of(ctx: &egui::Context) -> &'static Tokens {
    of(ctx.theme() == egui::Theme::Dark)
}

/// The tokens of the dark or the light theme.
#[must_use]
pub fn of(dark: bool) -> &'static Tokens {
    if dark { &DARK } else { &LIGHT }
}

/// Inter SemiBold in the size of a text style.
#[must_use]
pub fn semibold_font(ui: &egui::Ui, style: &TextStyle) -> FontId {
    FontId::new(style.resolve(ui.style()).size, FontFamily::Name(SEMIBOLD.into()))
}

/// Body text in SemiBold.
#[must_use]
pub fn semibold(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(SEMIBOLD.into()))
}

/// The title of a dialog or an empty state.
#[must_use]
pub fn title(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Heading)
}

/// Secondary text in the current theme.
#[must_use]
pub fn secondary(ui: &egui::Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(tokens(ui).text_secondary)
}

/// Small secondary text in the current theme.
#[must_use]
pub fn caption(ui: &egui::Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).small().color(tokens(ui).text_secondary)
}
