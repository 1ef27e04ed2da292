//! The loupe: one photo as large as the window, down to every pixel.

use eframe::egui::{
    self, Align, Color32, CornerRadius, CursorIcon, Id, Layout, Rect, Response, Role, Sense, Ui, UiBuilder, Vec2,
    WidgetInfo, pos2, vec2,
};

use super::grid::select::Selection;
use super::grid::{self, Grid};
use super::keys::Intent;
use super::locale::Locale;
use super::people::FaceBoxes;
use super::people::boxes::Photo;
use super::theme::{self, space};
use super::widgets::{Button, Icon, label_row, star_row};
use super::{Action, Model};
use crate::domain::{Card, Change, Flag, Seat};
use crate::protocol::{Scope, ThumbKey};

/// How large the picture is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Zoom {
    /// All of it.
    Fit,
    /// Physical pixels of the screen for each pixel of the picture.
    Scale(f32),
}

/// Closer than this nobody looks.
const CLOSEST: f32 = 8.0;
/// Height of the strip below the picture, in points.
pub const STRIP: f32 = 48.0;
/// Pictures are asked for in steps of this many pixels, so that resizing the window does not ask every frame.
const EDGE_STEP: u32 = 512;

/// What the loupe keeps between frames. It shows the photo that has the keyboard in the grid.
#[derive(Debug, Clone)]
pub struct Loupe {
    zoom: Zoom,
    /// The point of the picture in the middle of the view, 0 to 1 each way.
    centre: Vec2,
    /// A point of the picture (0 to 1 each way) that is to stay at this place of the screen.
    hold: Option<(Vec2, egui::Pos2)>,
    asked: Option<(Seat, Option<u32>)>,
    shown: Option<Seat>,
    /// What was selected when it was opened.
    before: Selection,
}

/// What the person wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Stay.
    Stay,
    /// Back to the grid.
    Close,
    /// Another photo.
    Step(grid::keys::Step),
    /// The same as a key.
    Do(Intent),
}

impl Loupe {
    /// Opens it on the photo that has the keyboard.
    #[must_use]
    pub fn open(before: Selection) -> Self {
        Self { zoom: Zoom::Fit, centre: Vec2::splat(0.5), hold: None, asked: None, shown: None, before }
    }

    /// The selection to go back to: the one from before, unless another photo is shown now.
    #[must_use]
    pub fn selection_after(&self, now: &Selection) -> Selection {
        if self.before.cursor == now.cursor { self.before.clone() } else { now.clone() }
    }

    /// Between all of the picture and every pixel of it.
    pub fn toggle_actual_size(&mut self, view: Option<(Rect, egui::Pos2)>) {
        match (self.zoom, view) {
            (Zoom::Fit, Some((shown, spot))) if shown.contains(spot) => {
                self.zoom = Zoom::Scale(1.0);
                self.hold = Some(((spot - shown.min) / shown.size(), spot));
            }
            (Zoom::Fit, _) => self.zoom = Zoom::Scale(1.0),
            (Zoom::Scale(_), _) => self.zoom = Zoom::Fit,
        }
    }

    /// Where the picture was drawn last, and the pointer over it.
    #[must_use]
    pub fn last_view(ctx: &egui::Context) -> Option<(Rect, egui::Pos2)> {
        let shown = ctx.data(|data| data.get_temp::<Rect>(picture_id()))?;
        Some((shown, ctx.input(|input| input.pointer.latest_pos())?))
    }

    /// One step closer or further away, around the middle.
    pub fn zoom_step(&mut self, ctx: &egui::Context, larger: bool) {
        let fit = ctx.data(|data| data.get_temp::<f32>(picture_id())).unwrap_or(1.0);
        let now = if let Zoom::Scale(scale) = self.zoom { scale } else { fit };
        self.set_scale(if larger { now * 1.25 } else { now / 1.25 }, fit);
    }

    fn set_scale(&mut self, scale: f32, fit: f32) {
        self.zoom = if scale <= fit * 1.01 { Zoom::Fit } else { Zoom::Scale(scale.min(CLOSEST)) };
    }

    /// Shows it in all the room there is.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        model: &Model<'_>,
        locale: &Locale,
        grid: &Grid,
        boxes: &mut FaceBoxes,
        actions: &mut Vec<Action>,
    ) -> Next {
        let seats = &model.results.seats;
        let Some((at, seat)) = grid.selection.cursor.and_then(|at| Some((at, *seats.get(at)?))) else {
            return Next::Close;
        };
        if self.shown != Some(seat) {
            self.shown = Some(seat);
            self.zoom = Zoom::Fit;
            self.centre = Vec2::splat(0.5);
        }
        let area = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(area);
        let strip = Rect::from_min_max(pos2(area.left(), area.bottom() - STRIP), area.max);
        let view = Rect::from_min_max(area.min, pos2(area.right(), strip.top()));
        let card = model.cards.card(seat);
        let tokens = theme::tokens(ui);
        ui.painter().rect_filled(view, CornerRadius::ZERO, tokens.loupe);
        let response = self.picture(ui, view, model, seat, card);
        let name = card.map_or("", |card| card.name.as_str());
        let label = format!("{name}, {} of {}", at + 1, seats.len());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
        let mut next = if response.double_clicked() && !boxes.is_busy() { Next::Close } else { Next::Stay };
        let shown = ui.data(|data| data.get_temp::<Rect>(picture_id()));
        if let Some(picture) = shown.filter(|rect| rect.is_positive() && !model.is_elsewhere()) {
            let turns = card.map_or(0, |card| card.quarter_turns);
            boxes.show(ui, Photo { seat, turns, view, picture }, model, locale, actions);
        }
        for (icon, name, left, step) in [
            (Icon::Previous, "Previous photo", true, grid::keys::Step::Left),
            (Icon::Next, "Next photo", false, grid::keys::Step::Right),
        ] {
            let x = if left { view.left() + space::L } else { view.right() - space::L - 30.0 };
            let place = Rect::from_min_size(pos2(x, view.center().y - 15.0), Vec2::splat(30.0));
            let mut side = ui.new_child(UiBuilder::new().max_rect(place));
            let there = if left { at > 0 } else { at + 1 < seats.len() };
            if there && Button::icon_only(icon, name).framed().show(&mut side).clicked() {
                next = Next::Step(step);
            }
        }
        let mut foot = ui.new_child(UiBuilder::new().max_rect(strip).layout(Layout::left_to_right(Align::Center)));
        if let Some(asked) = self.strip(&mut foot, strip, &label, seat, card, locale, model, boxes.shown, actions) {
            next = asked;
        }
        if of_then(model) {
            let around = at.saturating_sub(1)..(at + 2).min(seats.len());
            actions.push(Action::OnPage(seats[around].to_vec()));
        } else {
            self.ask(ui, view, seats, at, card, actions);
            if card.is_none() {
                // Opened on a photo that the grid has not shown: nobody has asked what it is.
                actions.push(Action::OnPage(vec![seat]));
            }
        }
        next
    }

    fn picture(&mut self, ui: &mut Ui, view: Rect, model: &Model<'_>, seat: Seat, card: Option<&Card>) -> Response {
        let response = ui.interact(view, grid::id(), Sense::click_and_drag());
        let tokens = theme::tokens(ui);
        // The large picture is that of now; of then there is the thumbnail.
        let large = if of_then(model) { None } else { model.textures.picture(seat) };
        let thumb = || card.and_then(|card| model.textures.thumb(&ThumbKey::Content(card.blake3)));
        let why = match (&large, card) {
            (_, Some(card)) if !card.has_picture => Some(grid::NO_PICTURE),
            (Some(Err(why)), _) => Some(*why),
            _ => None,
        };
        let texture = large.and_then(Result::ok).or_else(|| thumb().and_then(Result::ok));
        let turns = card.map_or(0, |card| card.quarter_turns);
        let stored = texture.map(|(_, size)| if turns % 2 == 1 { vec2(size.y, size.x) } else { size });
        let known = card
            .filter(|_| !of_then(model))
            .and_then(|card| card.size_px)
            .map(|(width, height)| vec2(width as f32, height as f32));
        let Some(size) = known.or(stored).filter(|size| size.min_elem() >= 1.0) else {
            self.say(ui, view, why.unwrap_or("Loading…"));
            ui.data_mut(|data| data.remove::<Rect>(picture_id()));
            return response;
        };
        let pixels = ui.pixels_per_point();
        // Small pictures are shown at most at twice their size.
        let fit = ((view.width() / size.x).min(view.height() / size.y) * pixels).min(2.0);
        self.look(ui, &response, view, size, fit);
        let scale = if let Zoom::Scale(scale) = self.zoom { scale } else { fit } / pixels;
        let extent = size * scale;
        if let Some((point, spot)) = self.hold.take() {
            self.centre = point - (spot - view.center()) / extent;
        }
        self.clamp(view, extent);
        let rect = Rect::from_min_size(view.center() - extent * self.centre, extent);
        ui.data_mut(|data| {
            data.insert_temp(picture_id(), rect);
            data.insert_temp(picture_id(), fit);
        });
        let painter = ui.painter_at(view);
        match texture {
            Some((texture, _)) => {
                painter.add(grid::picture(texture, rect, turns, Color32::WHITE));
            }
            None if why.is_none() => {
                painter.rect_filled(rect, CornerRadius::ZERO, tokens.placeholder);
            }
            None => {}
        }
        if let Some(why) = why {
            self.say(ui, view, why);
        }
        response
    }

    /// Wheel and dragging.
    fn look(&mut self, ui: &Ui, response: &Response, view: Rect, size: Vec2, fit: f32) {
        let pixels = ui.pixels_per_point();
        if let Some(spot) = response.hover_pos() {
            let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
            let factor = pinch * (wheel / 240.0).exp();
            if (factor - 1.0).abs() > 1e-4 {
                let before = if let Zoom::Scale(scale) = self.zoom { scale } else { fit };
                self.set_scale(before * factor, fit);
                let after = if let Zoom::Scale(scale) = self.zoom { scale } else { fit };
                // The point under the pointer stays there.
                let from_middle = (spot - view.center()) * pixels / size;
                self.centre += from_middle / before - from_middle / after;
            }
        }
        if let Zoom::Scale(scale) = self.zoom {
            if response.dragged() {
                self.centre -= response.drag_delta() * pixels / (size * scale);
            }
            if response.hovered() {
                let icon = if response.dragged() { CursorIcon::Grabbing } else { CursorIcon::Grab };
                ui.output_mut(|output| output.cursor_icon = icon);
            }
        }
    }

    /// No empty border while there is more picture to show.
    fn clamp(&mut self, view: Rect, extent: Vec2) {
        for axis in 0..2 {
            let half = view.size()[axis] / 2.0 / extent[axis].max(1.0);
            self.centre[axis] = if half >= 0.5 { 0.5 } else { self.centre[axis].clamp(half, 1.0 - half) };
        }
    }

    fn say(&self, ui: &mut Ui, view: Rect, text: &str) {
        let place = Rect::from_center_size(view.center(), vec2(view.width().min(420.0), 120.0));
        let mut middle = ui.new_child(UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Center)));
        middle.add(egui::Label::new(theme::secondary(ui, text)).wrap());
    }

    #[expect(clippy::too_many_arguments, reason = "the strip shows what the loupe knows")]
    fn strip(
        &self,
        ui: &mut Ui,
        strip: Rect,
        label: &str,
        seat: Seat,
        card: Option<&Card>,
        locale: &Locale,
        model: &Model<'_>,
        faces: bool,
        actions: &mut Vec<Action>,
    ) -> Option<Next> {
        let tokens = theme::tokens(ui);
        ui.painter().rect_filled(strip, CornerRadius::ZERO, tokens.panel);
        ui.painter().hline(strip.x_range(), strip.top(), egui::Stroke::new(1.0, tokens.line));
        let mut next = None;
        ui.add_space(space::M);
        if Button::quiet("Back").icon(Icon::Previous).tooltip("Back to the photos (Esc)").show(ui).clicked() {
            next = Some(Next::Close);
        }
        let wide = strip.width() > 790.0;
        let named = strip.width() > 490.0;
        if let (true, Some(card)) = (named, card) {
            let room = (strip.width() - if wide { 660.0 } else { 400.0 }).max(40.0);
            let (name, place) = label.split_at(card.name.len().min(label.len()));
            let font = theme::semibold_font(ui, &egui::TextStyle::Body);
            let short = ui.fonts_mut(|fonts| grid::fit_name(fonts, name, &font, room * 0.7));
            ui.label(theme::semibold(short)).on_hover_text(name);
            if wide {
                ui.label(theme::secondary(ui, place.trim_start_matches(", ")));
                if of_then(model) {
                    ui.label(theme::secondary(ui, "·  the thumbnail of then"))
                        .on_hover_text("Bring it into a folder to see every pixel");
                } else if let Some(taken) = card.taken_at.filter(|_| strip.width() > 900.0) {
                    ui.label(theme::secondary(ui, format!("·  {}", locale.date_time(taken))));
                }
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(space::M);
            ui.spacing_mut().item_spacing.x = 2.0;
            let zoom = match self.zoom {
                Zoom::Fit => "Fit".to_owned(),
                Zoom::Scale(scale) => format!("{}%", (scale * 100.0).round()),
            };
            if Button::quiet(&zoom).min_width(56.0).tooltip("Fit or every pixel (Z)").show(ui).clicked() {
                next = Some(Next::Do(Intent::ActualSize));
            }
            if model.is_elsewhere() {
                return;
            }
            if faces && Button::icon_only(Icon::Plus, "Draw a box around a face (N)").show(ui).clicked() {
                next = Some(Next::Do(Intent::DrawFace));
            }
            if Button::icon_only(Icon::Person, "Boxes of faces (F)").selected(faces).show(ui).clicked() {
                next = Some(Next::Do(Intent::Faces));
            }
            if wide {
                for (icon, name, right) in
                    [(Icon::TurnRight, "Turn right (Ctrl+])", true), (Icon::TurnLeft, "Turn left (Ctrl+[)", false)]
                {
                    if Button::icon_only(icon, name).show(ui).clicked() {
                        next = Some(Next::Do(Intent::Turn { right }));
                    }
                }
            }
            let Some(card) = card else { return };
            let flags = [(Icon::Reject, "Reject (X)", Flag::Reject), (Icon::Pick, "Pick (P)", Flag::Pick)];
            for (icon, name, flag) in flags {
                let on = card.flag == flag;
                if Button::icon_only(icon, name).selected(on).show(ui).clicked() {
                    let change = Change::Flag(if on { Flag::None } else { flag });
                    actions.push(Action::Edit { seats: [seat].into(), change });
                }
            }
            if wide {
                ui.add_space(space::S);
                ui.allocate_ui_with_layout(vec2(112.0, 30.0), Layout::left_to_right(Align::Center), |ui| {
                    if let Some(label) = label_row(ui, card.label) {
                        actions.push(Action::Edit { seats: [seat].into(), change: Change::Label(label) });
                    }
                });
            }
            ui.add_space(space::S);
            ui.allocate_ui_with_layout(vec2(112.0, 30.0), Layout::left_to_right(Align::Center), |ui| {
                if let (_, Some(rating)) = star_row(ui, card.rating) {
                    actions.push(Action::Edit { seats: [seat].into(), change: Change::Rating(rating) });
                }
            });
        });
        next
    }

    /// Asks for the picture whenever another one, or more of it, is needed.
    fn ask(&mut self, ui: &Ui, view: Rect, seats: &[Seat], at: usize, card: Option<&Card>, actions: &mut Vec<Action>) {
        let screen = (view.width().max(view.height()) * ui.pixels_per_point()).ceil() as u32;
        let screen = screen.div_ceil(EDGE_STEP) * EDGE_STEP;
        let full = card.and_then(|card| card.size_px).map(|(width, height)| width.max(height));
        let edge = match self.zoom {
            Zoom::Fit => Some(screen),
            Zoom::Scale(scale) => full.map(|full| (full as f32 * scale) as u32).filter(|wanted| *wanted <= screen),
        };
        let (seat, edge) = (seats[at], edge);
        // Once every pixel is here, a step back needs nothing.
        let better = self.asked.is_none_or(|(asked, had)| {
            asked != seat || (had.is_some() && edge > had) || (had.is_some() && edge.is_none())
        });
        if better {
            self.asked = Some((seat, edge));
            let ahead = [at.checked_add(1), at.checked_sub(1)];
            let ahead = ahead.into_iter().flatten().filter_map(|at| seats.get(at)).copied().collect();
            actions.push(Action::ShowPicture { seat, long_edge_px: edge, proof: None, ahead });
        }
    }
}

/// Whether photos of an earlier moment are shown.
fn of_then(model: &Model<'_>) -> bool {
    matches!(model.results.scope, Scope::AsOf(_))
}

fn picture_id() -> Id {
    Id::unique("loupe picture")
}
