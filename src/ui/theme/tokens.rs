//! The colours of both themes. Greys are neutral, because pictures are judged beside them; one accent: the lamp.

use eframe::egui::Color32;

use crate::domain::ColourLabel;

/// What each colour is for. Text colours hold AA contrast (4.5:1) on every ground that they are used on.
#[derive(Debug, Clone, PartialEq)]
pub struct Tokens {
    /// Behind the pictures of the grid.
    pub canvas: Color32,
    /// Behind the picture of the loupe: darker than anything else in the dark theme.
    pub loupe: Color32,
    /// Bars and panels.
    pub panel: Color32,
    /// Dialogs, menus and cards on panels.
    pub raised: Color32,
    /// Fields to type in.
    pub field: Color32,
    /// Buttons at rest.
    pub control: Color32,
    /// Buttons under the pointer.
    pub control_hover: Color32,
    /// Buttons while pressed, and toggles that are on.
    pub control_active: Color32,
    /// Where a picture will be.
    pub placeholder: Color32,
    /// Lines between areas.
    pub line: Color32,
    /// Outlines of controls (3:1 on panels).
    pub outline: Color32,
    /// Text that is read.
    pub text: Color32,
    /// Labels and explanations.
    pub text_secondary: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Primary buttons, stars, selection.
    pub accent: Color32,
    /// The same under the pointer.
    pub accent_hover: Color32,
    /// Accent used as text or a thin line on panels.
    pub accent_text: Color32,
    /// Behind selected cells and selected text.
    pub selection: Color32,
    /// Around what has the keyboard.
    pub focus: Color32,
    /// Stored, verified, picked.
    pub good: Color32,
    /// Needs a person.
    pub warn: Color32,
    /// Failed, rejected.
    pub bad: Color32,
    /// Behind an error message.
    pub bad_ground: Color32,
    /// Over the window while a dialog is open.
    pub backdrop: Color32,
}

const fn grey(value: u8) -> Color32 {
    Color32::from_gray(value)
}

/// The dark and the light squares of a QR code, in both themes: cameras expect dark on light.
pub const QR: (Color32, Color32) = (grey(0x00), grey(0xff));

/// A colour label's colour and its edge: the same in both themes, since they are told apart by colour alone. `None` for
/// no label.
#[must_use]
pub const fn label_colours(label: ColourLabel) -> Option<(Color32, Color32)> {
    const fn rgb(r: u8, g: u8, b: u8) -> Color32 {
        Color32::from_rgb(r, g, b)
    }
    Some(match label {
        ColourLabel::None => return None,
        ColourLabel::Red => (rgb(0xe0, 0x3c, 0x3c), rgb(0x8f, 0x16, 0x16)),
        ColourLabel::Yellow => (rgb(0xf3, 0xd0, 0x3a), rgb(0x8a, 0x6c, 0x00)),
        ColourLabel::Green => (rgb(0x3f, 0xb5, 0x5a), rgb(0x17, 0x6a, 0x2d)),
        ColourLabel::Blue => (rgb(0x3f, 0x7f, 0xe8), rgb(0x16, 0x43, 0x94)),
        ColourLabel::Purple => (rgb(0xa2, 0x5c, 0xdc), rgb(0x5d, 0x23, 0x8f)),
    })
}

/// The dark theme.
pub const DARK: Tokens = Tokens {
    canvas: grey(0x17),
    loupe: grey(0x0d),
    panel: grey(0x1f),
    raised: grey(0x29),
    field: grey(0x14),
    control: grey(0x30),
    control_hover: grey(0x3a),
    control_active: grey(0x45),
    placeholder: grey(0x22),
    line: grey(0x33),
    outline: grey(0x70),
    text: grey(0xf0),
    text_secondary: grey(0xb0),
    on_accent: grey(0x16),
    accent: Color32::from_rgb(0xf2, 0xb4, 0x4a),
    accent_hover: Color32::from_rgb(0xff, 0xc8, 0x6b),
    accent_text: Color32::from_rgb(0xf2, 0xb4, 0x4a),
    selection: Color32::from_rgb(0x47, 0x3a, 0x22),
    focus: Color32::from_rgb(0x8a, 0xc0, 0xff),
    good: Color32::from_rgb(0x6c, 0xc9, 0x8d),
    warn: Color32::from_rgb(0xf0, 0x9a, 0x5b),
    bad: Color32::from_rgb(0xff, 0x8a, 0x80),
    bad_ground: Color32::from_rgb(0x3d, 0x21, 0x20),
    backdrop: Color32::from_rgba_premultiplied(0, 0, 0, 0xa8),
};

/// The light theme.
pub const LIGHT: Tokens = Tokens {
    canvas: grey(0xec),
    loupe: grey(0xdd),
    panel: grey(0xf8),
    raised: grey(0xff),
    field: grey(0xff),
    control: grey(0xe8),
    control_hover: grey(0xde),
    control_active: grey(0xd0),
    placeholder: grey(0xdd),
    line: grey(0xd6),
    outline: grey(0x88),
    text: grey(0x18),
    text_secondary: grey(0x52),
    on_accent: grey(0xff),
    accent: Color32::from_rgb(0x9a, 0x58, 0x00),
    accent_hover: Color32::from_rgb(0x80, 0x48, 0x00),
    accent_text: Color32::from_rgb(0x8a, 0x4e, 0x00),
    selection: Color32::from_rgb(0xf6, 0xdf, 0xb8),
    focus: Color32::from_rgb(0x0a, 0x5c, 0xc2),
    good: Color32::from_rgb(0x0f, 0x68, 0x36),
    warn: Color32::from_rgb(0x94, 0x45, 0x00),
    bad: Color32::from_rgb(0xb0, 0x1c, 0x1c),
    bad_ground: Color32::from_rgb(0xfb, 0xe4, 0xe2),
    backdrop: Color32::from_rgba_premultiplied(0, 0, 0, 0x66),
};

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, relative luminance.
    fn luminance(colour: Color32) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    }

    /// WCAG 2.2, contrast ratio.
    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_is_readable_on_every_ground_it_stands_on() {
        for (theme, t) in [("dark", &DARK), ("light", &LIGHT)] {
            let grounds = [t.canvas, t.panel, t.raised, t.field, t.control, t.selection];
            let texts = [t.text, t.text_secondary, t.accent_text, t.good, t.warn, t.bad];
            for ground in grounds {
                for text in texts {
                    let ratio = contrast(text, ground);
                    assert!(ratio >= 4.5, "{theme}: {text:?} on {ground:?} is only {ratio:.2}");
                }
            }
            for (text, ground) in [
                (t.on_accent, t.accent),
                (t.on_accent, t.accent_hover),
                (t.bad, t.bad_ground),
                (t.text, t.bad_ground),
                (t.text, t.control_active),
            ] {
                let ratio = contrast(text, ground);
                assert!(ratio >= 4.5, "{theme}: {text:?} on {ground:?} is only {ratio:.2}");
            }
        }
    }

    #[test]
    fn lines_that_carry_meaning_stand_out() {
        for t in [&DARK, &LIGHT] {
            for (line, ground) in [(t.focus, t.canvas), (t.focus, t.panel), (t.accent, t.canvas), (t.outline, t.panel)]
            {
                assert!(contrast(line, ground) >= 3.0, "{line:?} on {ground:?}");
            }
        }
    }
}
