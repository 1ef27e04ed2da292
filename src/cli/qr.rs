//! QR codes for a terminal.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// A text as a QR code in half blocks, light on dark, as terminals are; the quiet zone belongs to it. `None` where it
/// is too long.
pub(super) fn blocks(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settings_line_fits_into_a_code_that_a_terminal_shows() {
        let code = blocks(&"x".repeat(450)).unwrap();
        let width = code.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(width <= 100, "{width} columns");
        assert_eq!(blocks(&"x".repeat(10_000)), None);
    }
}
