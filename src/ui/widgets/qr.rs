//! A QR code, as sharp as the screen: whole pixels for every square, dark on light in both themes.

use std::fmt;

use eframe::egui::emath::GuiRounding as _;
use eframe::egui::epaint::Mesh;
use eframe::egui::{self, Rect, Response, Sense, Shape, Ui, Vec2, WidgetInfo, pos2, vec2};
use qrcode::{EcLevel, QrCode};
use zeroize::Zeroizing;

use crate::ui::theme;

/// Squares of light around the code, as ISO/IEC 18004 asks.
const QUIET: usize = 4;

/// The squares of a code, worked out once. What it says may be a secret: `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Qr {
    text: Zeroizing<String>,
    side: usize,
    dark: Zeroizing<Vec<bool>>,
}

impl fmt::Debug for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Qr(…)")
    }
}

impl Qr {
    /// The code of a text; `None` where it is too long for any (2,953 bytes).
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        // A screen is neither torn nor dirty: the least redundancy gives the largest squares.
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let dark = code.to_colors().into_iter().map(|colour| colour == qrcode::Color::Dark).collect();
        Some(Self { text: Zeroizing::new(text.to_owned()), side: code.width(), dark: Zeroizing::new(dark) })
    }

    /// Whether it says this.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        *self.text == text
    }

    /// Shows it, at most `most` points wide. `name` is what is said about it, never what it says.
    pub fn show(&self, ui: &mut Ui, name: &str, most: f32) -> Response {
        let squares = self.side + 2 * QUIET;
        let pixel = 1.0 / ui.pixels_per_point();
        let room = most.min(ui.available_width());
        let square = (room / squares as f32 / pixel).floor().max(1.0) * pixel;
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(square * squares as f32), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, name));
        if ui.is_rect_visible(rect) {
            let (dark, light) = theme::QR;
            let rect = Rect::from_min_size(rect.min.round_to_pixels(ui.pixels_per_point()), rect.size());
            let mut mesh = Mesh::default();
            mesh.add_colored_rect(rect, light);
            for (y, row) in self.dark.chunks(self.side).enumerate() {
                let mut x = 0;
                for run in row.chunk_by(|a, b| a == b) {
                    if run[0] {
                        let at = rect.min + vec2((QUIET + x) as f32, (QUIET + y) as f32) * square;
                        let end = pos2(at.x + run.len() as f32 * square, at.y + square);
                        mesh.add_colored_rect(Rect::from_min_max(at, end), dark);
                    }
                    x += run.len();
                }
            }
            ui.painter().add(Shape::mesh(mesh));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_shows_nothing_in_debug() {
        let qr = Qr::new("otpauth://totp/Lightkeep?secret=JBSWY3DPEHPK3PXP").unwrap();
        let dark = |x: usize, y: usize| qr.dark[y * qr.side + x];
        let last = qr.side - 1;
        for (x, y) in [(0, 0), (last, 0), (0, last)] {
            assert!(dark(x, y), "a finder pattern begins at {x}, {y}");
        }
        // The ring of light inside a finder pattern, and its core.
        assert!(!dark(1, 1) && dark(3, 3) && !dark(last - 1, 1) && !dark(1, last - 1));
        assert!(!format!("{qr:?}").contains("JBSW"));
        assert!(qr.says("otpauth://totp/Lightkeep?secret=JBSWY3DPEHPK3PXP") && !qr.says("x"));
    }

    #[test]
    fn what_does_not_fit_has_none() {
        assert!(Qr::new(&"x".repeat(2953)).is_some());
        assert!(Qr::new(&"x".repeat(2954)).is_none());
    }
}
