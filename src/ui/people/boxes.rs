//! Faces on the photo in the loupe: a box and a name for each, boxes drawn by hand, and the little window where a face
//! gets its name.

use eframe::egui::{
    self, Area, Color32, CornerRadius, CursorIcon, EventFilter, Frame, Id, Key, Margin, Modifiers, Order, Pos2, Rect,
    Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use super::name_field::{self, NameField, Typed};
use super::{PeopleDo, called, crop};
use crate::domain::Seat;
use crate::domain::labels::Region;
use crate::domain::people::{Face, FaceBox, FaceMark, FaceSource, FaceState};
use crate::protocol::PeopleAsk;
use crate::ui::grid;
use crate::ui::locale::Locale;
use crate::ui::theme::{self, radius, space};
use crate::ui::widgets::{self, Button, Icon};
use crate::ui::words::one_line;
use crate::ui::{Action, Model};

/// A box smaller than this was a slip of the hand, in points.
const SMALLEST: f32 = 8.0;
/// One press of an arrow moves or grows a box by this share of the picture.
const STEP: f32 = 0.02;
/// Boxes drawn on one photo at most: what a hostile sidecar names more is not drawn.
const MOST: usize = 300;

/// What is known of faces in the loupe between frames.
#[derive(Debug, Clone, Default)]
pub struct FaceBoxes {
    /// Whether boxes are drawn.
    pub shown: bool,
    mode: Mode,
}

#[derive(Debug, Clone, Default)]
enum Mode {
    #[default]
    Looking,
    /// A box is being drawn on the photo; the region is that of the picture as it is shown.
    Drawing { seat: Seat, from: Option<Pos2>, region: Option<Region> },
    /// A face, or a box that was just drawn, gets its name.
    Naming { seat: Seat, target: Target, field: NameField },
}

#[derive(Debug, Clone, PartialEq)]
enum Target {
    Face(Box<Face>),
    /// Of the picture as it is shown.
    Drawn(Region),
}

/// The photo in the loupe.
#[derive(Debug, Clone, Copy)]
pub struct Photo {
    /// Which.
    pub seat: Seat,
    /// Quarter turns clockwise that a person added.
    pub turns: u8,
    /// The room for it on the screen.
    pub view: Rect,
    /// The whole picture on the screen, which can be larger than the room.
    pub picture: Rect,
}

impl FaceBoxes {
    /// Shows boxes, or no longer.
    pub fn toggle(&mut self) {
        self.shown = !self.shown;
        self.mode = Mode::Looking;
    }

    /// Begins to draw a box on this photo.
    pub fn draw(&mut self, seat: Seat) {
        self.shown = true;
        self.mode = Mode::Drawing { seat, from: None, region: None };
    }

    /// Back to looking only.
    pub fn leave(&mut self) {
        self.mode = Mode::Looking;
    }

    /// Whether a box is drawn or named, so that the keyboard belongs to that.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.shown && !matches!(self.mode, Mode::Looking)
    }

    /// Draws everything over the picture.
    pub fn show(&mut self, ui: &mut Ui, photo: Photo, model: &Model<'_>, locale: &Locale, actions: &mut Vec<Action>) {
        if !self.shown {
            return;
        }
        match &self.mode {
            Mode::Drawing { seat, .. } | Mode::Naming { seat, .. } if *seat != photo.seat => self.leave(),
            _ => {}
        }
        if self.is_busy() && ui.memory(|memory| memory.focused().is_none() || !memory.has_focus(grid::id())) {
            let open_list = matches!(&self.mode, Mode::Naming { field, .. } if field.has_list());
            if !open_list && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
                self.leave();
            }
        }
        let faces = model.people.in_photo(photo.seat).unwrap_or_default();
        let looking = matches!(self.mode, Mode::Looking);
        let mut pressed = None;
        for face in faces.iter().filter(|face| face.state != FaceState::NotAFace).take(MOST) {
            let rect = crop::on_screen(face.id.spot.turned(photo.turns).region(), photo.picture);
            if rect.intersects(photo.view) && face_box(ui, photo, face, rect, looking) {
                pressed = Some(face.clone());
            }
        }
        if let Some(face) = pressed {
            let target = Target::Face(Box::new(face));
            self.mode = Mode::Naming { seat: photo.seat, target, field: NameField::focused("") };
        }
        match &self.mode {
            Mode::Looking => {}
            Mode::Drawing { .. } => self.drawing(ui, photo),
            Mode::Naming { .. } => self.naming(ui, photo, model, locale, actions),
        }
    }

    fn drawing(&mut self, ui: &mut Ui, photo: Photo) {
        let Mode::Drawing { from, region, .. } = &mut self.mode else { return };
        hint(ui, photo.view);
        let id = Id::unique("draw a face");
        let response = ui.interact(photo.view, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Draw a box around a face"));
        ui.output_mut(|output| output.cursor_icon = CursorIcon::Crosshair);
        response.request_focus();
        let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        if response.drag_started() {
            *from = ui.input(|input| input.pointer.press_origin());
        }
        let spot = ui.input(|input| input.pointer.latest_pos());
        if let (Some(from), Some(spot)) = (*from, spot) {
            *region = crop::from_screen(Rect::from_two_pos(from, spot).intersect(photo.picture), photo.picture);
        }
        by_keyboard(ui, photo.picture, region);
        let drawn = region.map(|region| crop::on_screen(region, photo.picture));
        if let Some(rect) = drawn {
            outline(ui, rect, theme::DARK.accent, 2.0);
        }
        let let_go = response.drag_stopped() && from.take().is_some();
        let large = drawn.is_some_and(|rect| rect.width() >= SMALLEST && rect.height() >= SMALLEST);
        let entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        match *region {
            Some(region) if large && (let_go || entered) => {
                let target = Target::Drawn(region);
                self.mode = Mode::Naming { seat: photo.seat, target, field: NameField::focused("") };
            }
            _ if let_go => *region = None,
            _ => {}
        }
    }

    fn naming(&mut self, ui: &mut Ui, photo: Photo, model: &Model<'_>, locale: &Locale, actions: &mut Vec<Action>) {
        let Mode::Naming { target, field, .. } = &mut self.mode else { return };
        let region = match target {
            Target::Face(face) => face.id.spot.turned(photo.turns).region(),
            Target::Drawn(region) => *region,
        };
        let rect = crop::on_screen(region, photo.picture);
        outline(ui, rect, theme::DARK.accent, 2.0);
        let below = pos2(rect.left(), rect.bottom() + space::XS);
        let at = below.clamp(photo.view.min, photo.view.max - vec2(120.0, 120.0).min(photo.view.size()));
        let mut asked = None;
        let mut closed = false;
        let shown = Area::new(Id::unique("name a face")).order(Order::Foreground).fixed_pos(at).constrain(true).show(
            ui.ctx(),
            |ui| {
                let frame = Frame::new()
                    .fill(theme::tokens(ui).raised)
                    .stroke(Stroke::new(1.0, theme::tokens(ui).outline))
                    .corner_radius(CornerRadius::same(radius::L))
                    .inner_margin(Margin::same(space::M as i8))
                    .shadow(ui.visuals().popup_shadow);
                frame.show(ui, |ui| {
                    ui.set_width(268.0_f32.min(photo.view.width() - 2.0 * space::XL).max(120.0));
                    (asked, closed) = card(ui, target, field, photo, model, locale);
                });
            },
        );
        shown.response.ctx.accesskit_node_builder(shown.response.id, |node| {
            node.set_role(Role::Dialog);
            node.set_label("Name a face");
        });
        if let Some(ask) = asked {
            actions.push(Action::People(PeopleDo::Ask(ask)));
            closed = true;
        }
        if closed {
            self.leave();
        }
    }
}

/// The box of one face with what it is called. Whether it was pressed.
fn face_box(ui: &mut Ui, photo: Photo, face: &Face, rect: Rect, looking: bool) -> bool {
    let name = one_line(&called(face));
    let id = Id::unique(("face box", face.id));
    let sense = if looking { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect.intersect(photo.view), id, sense);
    let label = match &face.state {
        FaceState::Accepted { .. } => format!("Face of {name}"),
        FaceState::Suggested { name, .. } => format!("Is this {}?", one_line(name)),
        FaceState::Unknown => "Face without a name".to_owned(),
        FaceState::Hidden { .. } | FaceState::NotAFace => format!("Face: {name}"),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, looking, &label));
    let (colour, width) = match &face.state {
        FaceState::Accepted { .. } => (theme::DARK.text, 1.5),
        FaceState::Suggested { .. } => (theme::DARK.accent, 1.5),
        _ => (theme::DARK.text_secondary, 1.0),
    };
    let over = response.hovered() || response.has_focus();
    outline(ui, rect, if response.has_focus() { theme::DARK.focus } else { colour }, if over { 2.5 } else { width });
    if over || !matches!(face.state, FaceState::Unknown | FaceState::Hidden { .. }) {
        under(ui, photo.view, rect, &name, colour);
    }
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    looking && response.clicked()
}

/// A line that is seen on any picture.
fn outline(ui: &Ui, rect: Rect, colour: Color32, width: f32) {
    let corner = CornerRadius::same(radius::S);
    let ground = Stroke::new(width + 2.0, Color32::from_black_alpha(120));
    ui.painter().rect_stroke(rect, corner, ground, StrokeKind::Middle);
    ui.painter().rect_stroke(rect, corner, Stroke::new(width, colour), StrokeKind::Middle);
}

/// A name under a box, within the view.
fn under(ui: &Ui, view: Rect, rect: Rect, name: &str, colour: Color32) {
    let font = TextStyle::Small.resolve(ui.style());
    let most = rect.width().max(110.0).min(view.width() - 12.0);
    let galley = ui.fonts_mut(|fonts| {
        let short = grid::fit_name(fonts, name, &font, most);
        fonts.layout_no_wrap(short, font.clone(), colour)
    });
    let size = galley.size() + vec2(10.0, 4.0);
    let min = pos2(rect.center().x - size.x / 2.0, rect.bottom() + 4.0);
    let min = min.clamp(view.min, (view.max - size).max(view.min));
    let ground = Rect::from_min_size(min, size);
    ui.painter().rect_filled(ground, CornerRadius::same(radius::S), Color32::from_black_alpha(170));
    ui.painter().galley(min + vec2(5.0, 2.0), galley, colour);
}

/// What to do while a box is drawn.
fn hint(ui: &Ui, view: Rect) {
    let words = "Drag a box around the face, or use the arrows (with Shift: larger, smaller), then Enter. Esc leaves.";
    let font = TextStyle::Body.resolve(ui.style());
    let room = (view.width() - 2.0 * space::XL).max(80.0);
    let galley = ui.painter().layout(words.to_owned(), font, theme::DARK.text, room);
    let size = galley.size() + vec2(2.0 * space::M, space::M);
    let ground = Rect::from_min_size(pos2(view.center().x - size.x / 2.0, view.top() + space::M), size);
    ui.painter().rect_filled(ground, CornerRadius::same(radius::M), Color32::from_black_alpha(190));
    ui.painter().galley(ground.min + vec2(space::M, space::M / 2.0), galley, theme::DARK.text);
}

/// Arrows move a box, with Shift they change its size; the first press makes one in the middle.
fn by_keyboard(ui: &Ui, picture: Rect, region: &mut Option<Region>) {
    let steps = [
        (Key::ArrowLeft, -1.0, 0.0),
        (Key::ArrowRight, 1.0, 0.0),
        (Key::ArrowUp, 0.0, -1.0),
        (Key::ArrowDown, 0.0, 1.0),
    ];
    let pressed = |modifiers, key| ui.input_mut(|input| input.count_and_consume_key(modifiers, key)) as f32;
    let aspect = (picture.width() / picture.height().max(1.0)).clamp(0.05, 20.0);
    let (wide, high) = if aspect > 1.0 { (STEP / aspect, STEP) } else { (STEP, STEP * aspect) };
    for (key, x, y) in steps {
        for grow in [true, false] {
            let times = pressed(if grow { Modifiers::SHIFT } else { Modifiers::NONE }, key);
            if times == 0.0 {
                continue;
            }
            let middle =
                Region { left: 0.5 - wide * 5.0, top: 0.5 - high * 5.0, width: wide * 10.0, height: high * 10.0 };
            let now = region.get_or_insert(middle);
            let (by_x, by_y) = (x * wide * times, y * high * times);
            if grow {
                now.width = (now.width + by_x).clamp(wide, 1.0 - now.left);
                now.height = (now.height + by_y).clamp(high, 1.0 - now.top);
            } else {
                now.left = (now.left + by_x).clamp(0.0, 1.0 - now.width);
                now.top = (now.top + by_y).clamp(0.0, 1.0 - now.height);
            }
        }
    }
}

/// What the little window offers: what is asked for, and whether it is to be closed.
fn card(
    ui: &mut Ui,
    target: &Target,
    field: &mut NameField,
    photo: Photo,
    model: &Model<'_>,
    locale: &Locale,
) -> (Option<PeopleAsk>, bool) {
    let mut asked = None;
    let mut closed = false;
    let title = match target {
        Target::Face(face) => match &face.state {
            FaceState::Accepted { name } => one_line(name),
            FaceState::Suggested { name, .. } => format!("Is this {}?", one_line(name)),
            _ => "Who is this?".to_owned(),
        },
        Target::Drawn(_) => "Who is this?".to_owned(),
    };
    ui.horizontal(|ui| {
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - 34.0).max(40.0));
            ui.add(egui::Label::new(theme::semibold(title)).truncate());
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            closed = Button::icon_only(Icon::Close, "Close").small().show(ui).clicked();
        });
    });
    if let Target::Face(face) = target {
        asked = suggestion(ui, face, field);
    }
    let look = name_field::Look { id: "loupe", label: "Name of the person", hint: "Name", width: ui.available_width() };
    match field.show(ui, look, model.people.names(), locale) {
        Some(Typed::Name(name)) => asked = named(target, photo, Some(name)),
        Some(Typed::Left) => closed = true,
        None => {}
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
        match target {
            Target::Drawn(_) => {
                if Button::quiet("Keep without a name").small().show(ui).clicked() {
                    asked = named(target, photo, None);
                }
            }
            Target::Face(face) => asked = others(ui, face).or(asked.take()),
        }
    });
    (asked, closed)
}

/// The answer to "Is this Anna?".
fn suggestion(ui: &mut Ui, face: &Face, field: &NameField) -> Option<PeopleAsk> {
    let FaceState::Suggested { name, similarity } = &face.state else { return None };
    // Nothing typed: Enter means the name that is suggested.
    let entered = field.name().is_empty() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let mut asked = entered.then(|| PeopleAsk::Accept { faces: vec![face.id] });
    ui.horizontal_wrapped(|ui| {
        if Button::primary("Yes").icon(Icon::Check).small().show(ui).clicked() {
            asked = Some(PeopleAsk::Accept { faces: vec![face.id] });
        }
        let not = format!("Not {}", widgets::elide_middle(&one_line(name), 18));
        if Button::secondary(&not).icon(Icon::Close).small().show(ui).clicked() {
            asked = Some(PeopleAsk::Reject { faces: vec![face.id] });
        }
        ui.label(theme::caption(ui, format!("{similarity:.0} % alike")));
    });
    asked
}

/// What else can be said about a face.
fn others(ui: &mut Ui, face: &Face) -> Option<PeopleAsk> {
    let mut asked = None;
    let mut mark = |mark| asked = Some(PeopleAsk::Mark { faces: vec![face.id], mark });
    match face.state {
        FaceState::Hidden { .. } | FaceState::NotAFace => {
            if Button::quiet("Show again").small().show(ui).clicked() {
                mark(FaceMark::Shown);
            }
        }
        _ => {
            if Button::quiet("Hide").small().show(ui).clicked() {
                mark(FaceMark::Hidden);
            }
        }
    }
    if face.source != FaceSource::Hand && Button::quiet("Not a face").small().show(ui).clicked() {
        mark(FaceMark::NotAFace);
    }
    if let FaceState::Accepted { name } = &face.state {
        let not = format!("Not {}", widgets::elide_middle(&one_line(name), 18));
        if Button::quiet(&not).small().show(ui).clicked() {
            asked = Some(PeopleAsk::Reject { faces: vec![face.id] });
        }
    }
    let erase = Button::quiet("Delete the box").small().icon(Icon::Remove);
    if face.source == FaceSource::Hand && erase.show(ui).clicked() {
        asked = Some(PeopleAsk::Erase { face: face.id });
    }
    asked
}

/// The gesture that gives a face, or a new box, its name.
fn named(target: &Target, photo: Photo, name: Option<String>) -> Option<PeopleAsk> {
    match (target, name) {
        (Target::Face(face), Some(name)) => Some(PeopleAsk::Name { faces: vec![face.id], name }),
        (Target::Face(_), None) => None,
        (Target::Drawn(region), name) => {
            let spot = FaceBox::from_region(*region)?.turned(4 - photo.turns % 4);
            Some(PeopleAsk::Draw { seat: photo.seat, spot, name })
        }
    }
}
