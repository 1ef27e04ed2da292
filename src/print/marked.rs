//! The frame of a photo that could not be printed: never a silent gap.

use super::canvas::{self, Canvas, Round};
use super::font::Fonts;
use crate::domain::layout::{
    Align, Ink, MIN_FRAME_MM, Measure, Placed, PlacedText, Rect, Shorten, Stroke, TextRole, shorten,
};
use crate::domain::paper::mm_from_points;

/// Lines of a reason, at most.
const MAX_LINES: usize = 5;

/// Where the mark goes: in the photo's own place, so that its caption stays free, but never too flat to be seen.
pub(super) fn place(placed: &Placed) -> Rect {
    let (image, frame) = (placed.visible_mm, placed.frame_mm);
    let (width, height) = (image.width.max(MIN_FRAME_MM), image.height.max(MIN_FRAME_MM));
    let x = image.x.min(frame.right() - width).max(frame.x);
    let y = (image.bottom() - height).min(frame.bottom() - height).max(frame.y);
    Rect::new(x, y, width, height)
}

/// Draws a grey frame with `words`: what happened, the photo's name, and why. It stands straight, however its photo
/// would be turned, since it is there to be read.
pub(super) fn draw<C: Canvas>(canvas: &mut C, fonts: &Fonts<'_>, frame_mm: Rect, words: &[&str; 3]) {
    canvas.fill(Round::new(frame_mm, 0.0), Ink::grey(0xf2));
    canvas.outline(Round::new(frame_mm, 0.0), Stroke { width_mm: mm_from_points(0.5), ink: Ink::grey(0xa0) });
    let size_pt = (frame_mm.width.min(frame_mm.height) / 2.8).clamp(3.0, 10.0);
    let room_mm = frame_mm.width * 0.9;
    let line_mm = mm_from_points(size_pt) * 1.4;
    let most = ((frame_mm.height * 0.9 / line_mm) as usize).min(MAX_LINES);
    let [what, name, reason] = words;
    let one = |text: &str, role: TextRole, how| (shorten(text, room_mm, size_pt, &role.style(), how, fonts), role);
    let mut lines = vec![one(what, TextRole::Header, Shorten::End), one(name, TextRole::Caption, Shorten::Middle)];
    lines.retain(|(text, _)| !text.is_empty());
    let role = TextRole::CaptionDetail;
    let left = most.saturating_sub(lines.len());
    lines.extend(wrap(reason, room_mm, size_pt, left, fonts).into_iter().map(|line| (line, role)));
    lines.truncate(most);
    let x_mm = frame_mm.x + frame_mm.width / 2.0;
    let first = frame_mm.y + (frame_mm.height - line_mm * lines.len() as f64) / 2.0 + mm_from_points(size_pt);
    for (number, (text, role)) in lines.into_iter().enumerate() {
        let width_mm = fonts.width_mm(&text, size_pt, &role.style());
        let baseline_mm = first + line_mm * number as f64;
        let align = Align::Center;
        let line = PlacedText::plain(text, (x_mm, baseline_mm), width_mm, size_pt, align, role);
        canvas::text(canvas, fonts, &line);
    }
}

/// Breaks a sentence between words into at most `most` lines; the last one is shortened.
fn wrap(text: &str, room_mm: f64, size_pt: f64, most: usize, measure: &dyn Measure) -> Vec<String> {
    let style = TextRole::CaptionDetail.style();
    let words: Vec<&str> = text.split_whitespace().take(200).collect();
    let mut lines: Vec<String> = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let full = lines.len() >= most;
        let Some(line) = lines.last_mut() else {
            if full {
                break;
            }
            lines.push((*word).to_owned());
            continue;
        };
        let longer = format!("{line} {word}");
        if measure.width_mm(&longer, size_pt, &style) <= room_mm {
            *line = longer;
        } else if full {
            *line = format!("{line} {}", words.get(number..).unwrap_or_default().join(" "));
            break;
        } else {
            lines.push((*word).to_owned());
        }
    }
    lines.into_iter().map(|line| shorten(&line, room_mm, size_pt, &style, Shorten::End, measure)).collect()
}
