//! QR codes for a terminal.

/// A text as a QR code of half blocks, two modules in each character, with the quiet zone that scanners need. `None`
/// where it is too long. Drawn dark on light whatever the terminal's colours are.
pub(super) fn blocks(text: &str) -> Option<String> {
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::L).ok()?;
    let width = code.width();
    let colours = code.to_colors();
    let quiet = 2;
    let dark = |x: usize, y: usize| {
        let (Some(x), Some(y)) = (x.checked_sub(quiet), y.checked_sub(quiet)) else { return false };
        x < width && y < width && colours[y * width + x] == qrcode::Color::Dark
    };
    let side = width + 2 * quiet;
    let mut lines = Vec::new();
    for top in (0..side).step_by(2) {
        let mut line = String::from("\u{1b}[30;47m");
        line.extend((0..side).map(|x| match (dark(x, top), dark(x, top + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        line.push_str("\u{1b}[0m");
        lines.push(line);
    }
    Some(lines.join("\n"))
}
