//! A tag as a chip that says where it came from and can be taken away.

use eframe::egui::{
    Color32, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{Button, Icon};
use crate::domain::{PhotoTag, TagSource};
use crate::ui::theme;

/// Height of a chip in points.
const HEIGHT: f32 = 26.0;
/// Left of the text.
const PADDING: f32 = 10.0;
/// Width of the × with what is around it.
const CLOSE: f32 = 26.0;

/// Where a tag came from, for people.
fn why(tag: &PhotoTag) -> String {
    let sure = tag.confidence.map(|percent| format!(", {percent:.0} % sure")).unwrap_or_default();
    match tag.source {
        TagSource::User => "You added this tag".to_owned(),
        TagSource::Keyword => "A keyword in the file or its sidecar".to_owned(),
        TagSource::Derived => "Worked out from camera, date, place, shape or folder".to_owned(),
        TagSource::Aws => format!("Seen by Amazon Rekognition{sure}"),
        TagSource::Device => format!("Seen by this computer{sure}"),
    }
}

/// Shows a tag. True when its × was pressed.
pub fn tag_chip(ui: &mut Ui, tag: &PhotoTag) -> bool {
    let tokens = theme::tokens(ui);
    // What a person wrote is solid; what was found in the file has an outline; what was worked out is quiet.
    let why = why(tag);
    let (fill, line, text) = match tag.source {
        TagSource::User => (tokens.control_active, tokens.control_active, tokens.text),
        TagSource::Keyword => (tokens.control, tokens.outline, tokens.text),
        TagSource::Derived => (Color32::TRANSPARENT, tokens.line, tokens.text_secondary),
        TagSource::Aws | TagSource::Device => (Color32::TRANSPARENT, tokens.outline, tokens.text),
    };
    let most = (ui.max_rect().width() - PADDING - CLOSE).max(20.0);
    let font = TextStyle::Body.resolve(ui.style());
    let galley = ui.fonts_mut(|fonts| {
        let short = crate::ui::grid::fit_name(fonts, &tag.name, &font, most);
        fonts.layout_no_wrap(short, font.clone(), text)
    });
    let (rect, response) = ui.allocate_exact_size(vec2(PADDING + galley.size().x + CLOSE, HEIGHT), Sense::hover());
    let corner = CornerRadius::same((HEIGHT / 2.0) as u8);
    ui.painter().rect(rect, corner, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let at = pos2(rect.left() + PADDING, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, text);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &tag.name));
    response.on_hover_text(format!("{}\n{why}", tag.name));
    let place = Rect::from_center_size(pos2(rect.right() - CLOSE / 2.0, rect.center().y), vec2(24.0, 24.0));
    let mut end = ui.new_child(UiBuilder::new().max_rect(place).id_salt(("chip", &tag.name)));
    let name = format!("Remove the tag {}", tag.name);
    Button::icon_only(Icon::Close, &name).small().colour(tokens.text_secondary).show(&mut end).clicked()
}
