//! The middle of the studio: the page at its true scale with rulers, its photos under hand, and the way from page to
//! page.

use eframe::egui::epaint::TextShape;
use eframe::egui::{
    self, Align, Align2, FontId, Id, Key, Layout as UiLayout, Modifiers, Pos2, Rect, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::super::Context;
use super::fields::Unit;
use super::paint::{Sheet, paint_margins, paint_page, paint_unprintable};
use super::{PrintScreen, sentence, sharp};
use crate::domain::layout::{Page, Placed};
use crate::domain::paper::MM_PER_INCH;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Button, Icon};
use crate::ui::{Action, Loadable};

/// Points of the screen in an inch: what every desktop takes an inch for.
const SCREEN_POINTS_PER_INCH: f64 = 96.0;
/// Breadth of a ruler, in points.
const RULER: f32 = 22.0;
/// One step of the zoom.
const STEP: f32 = 1.25;
/// From a quarter of the paper's size to eight times.
const SCALES: std::ops::RangeInclusive<f32> = 0.1..=8.0;
/// Photos of a page that can be reached each by itself; on a page with more nobody would.
const MOST_REACHED: usize = 600;
/// Part of the whole way that an arrow key pans.
const NUDGE: f64 = 0.04;

/// How large the page is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Zoom {
    /// All of it.
    Fit,
    /// In parts of the paper's own size.
    Scale(f32),
}

impl PrintScreen {
    /// Points of a millimetre at the paper's own size.
    fn true_scale() -> f32 {
        (SCREEN_POINTS_PER_INCH / MM_PER_INCH) as f32
    }

    pub(super) fn middle(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) {
        let tokens = theme::tokens(ui);
        ui.vertical(|ui| {
            let rows = if stack.len() > 1 { 2.0 } else { 1.0 };
            let bars = rows * (theme::CONTROL_HEIGHT + ui.spacing().item_spacing.y);
            let size = egui::vec2(ui.available_width(), (ui.available_height() - bars).max(60.0));
            let (area, _) = ui.allocate_exact_size(size, Sense::hover());
            ui.painter().rect_filled(area, f32::from(theme::radius::M), tokens.canvas);
            match (stack.get(self.page), context.model.pages) {
                (_, Loadable::Failed { error, .. }) if self.asked.is_some() => centred(ui, area, |ui| {
                    widgets::problem(ui, &sentence(error), "");
                }),
                _ if self.job.photos.is_empty() => centred(ui, area, |ui| {
                    ui.vertical_centered(|ui| {
                        ui.label(theme::title("Nothing on the desk"));
                        ui.label(theme::secondary(ui, "Close this, select photos, and print them with Ctrl+P."));
                    });
                }),
                (Some(page), _) => self.sheet(ui, area, page, context, actions),
                (None, _) => centred(ui, area, |ui| {
                    ui.vertical_centered(|ui| ui.label(theme::secondary(ui, "Laying out the pages…")));
                }),
            }
            self.strip(ui, stack.len());
            self.turner(ui, stack, context);
        });
    }

    fn sheet(&mut self, ui: &mut Ui, area: Rect, page: &Page, context: &Context<'_>, actions: &mut Vec<Action>) {
        let room = Rect::from_min_max(area.min + Vec2::splat(RULER), area.max);
        let (width_mm, height_mm) = (page.size_mm.0 as f32, page.size_mm.1 as f32);
        let around = space::L;
        let fit = ((room.width() - 2.0 * around) / width_mm).min((room.height() - 2.0 * around) / height_mm);
        let scale = match self.zoom {
            Zoom::Fit => fit.max(0.02),
            Zoom::Scale(part) => part * Self::true_scale(),
        };
        self.scale = scale / Self::true_scale();
        let size = vec2(width_mm, height_mm) * scale;
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(room).id_salt("sheet"));
        child.set_clip_rect(room.intersect(ui.clip_rect()));
        let sheet = ScrollArea::both()
            .id_salt("sheet")
            .auto_shrink([false, false])
            .show(&mut child, |ui| {
                let all = (size + Vec2::splat(2.0 * around)).max(room.size());
                let (whole, response) = ui.allocate_exact_size(all, Sense::click());
                let sheet = Sheet { rect: Rect::from_center_size(whole.center(), size), scale };
                let photos = context.locale.count(page.photos.len() as u64, "photo", "photos");
                let number = self.page + 1;
                response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Page {number}: {photos}")));
                if response.clicked() {
                    self.select(None);
                }
                paint_page(ui.painter(), &sheet, page, &self.job.photos, context);
                if let Some(margins) = &self.job.setup.pages.hardware_margins_mm {
                    paint_unprintable(ui.painter(), &sheet, margins);
                }
                if self.settings.margins_in_hand {
                    paint_margins(ui.painter(), &sheet, self.job.setup.pages.printable_mm());
                }
                self.photos_on(ui, &sheet, page, context);
                sheet
            })
            .inner;
        self.zoom_by_wheel(ui, room);
        rulers(ui, area, &sheet, self.fields(context).unit);
        self.want_pictures(ui, &sheet, page, actions);
    }

    /// Every photo of the page: clicked, dragged, nudged.
    fn photos_on(&mut self, ui: &mut Ui, sheet: &Sheet, page: &Page, context: &Context<'_>) {
        let count = page.photos.len();
        let clip = ui.clip_rect();
        let pointer = ui.input(|input| input.pointer.hover_pos());
        for (at, placed) in page.photos.iter().enumerate().take(MOST_REACHED) {
            let rect = sheet.on_screen(placed.visible_mm);
            if !clip.intersects(rect) || rect.width() < 4.0 {
                continue;
            }
            let id = ui.scope_id().with(("photo", self.page, at));
            let response = ui.interact(rect, id, Sense::click_and_drag());
            let selected = self.selected == Some((self.page, at));
            let ppi = sharp::ppi_of(placed, &self.job.photos, context);
            let words = || {
                let card = self.job.photos.get(placed.photo).and_then(|seat| context.model.cards.card(*seat));
                let name = card.map_or("Photo", |card| card.name.as_str());
                let sharp = ppi.map(|ppi| format!(", {}", sharp::words(ppi, context.locale))).unwrap_or_default();
                format!("{name}, {} of {count} on this page{sharp}", at + 1)
            };
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, words()));
            if response.clicked() {
                self.select(Some((self.page, at)));
                response.request_focus();
            }
            if response.drag_started() {
                self.select(Some((self.page, at)));
            }
            if response.dragged() {
                let delta = response.drag_delta() / sheet.scale;
                self.pan(placed, f64::from(delta.x), f64::from(delta.y));
            }
            let hovered = response.hovered() && pointer.is_some_and(|at| clip.contains(at));
            if selected && hovered {
                self.zoom_photo_by_wheel(ui, placed);
            }
            if response.has_focus() {
                self.photo_keys(ui, id, placed);
            }
            if selected || hovered || response.has_focus() {
                mark(ui, rect, selected, response.has_focus(), ppi, context);
            }
        }
    }

    /// Moves what is seen of a photo with the pointer: by mm of the page.
    fn pan(&mut self, placed: &Placed, dx_mm: f64, dy_mm: f64) {
        let here = placed.photo_at(placed.visible_mm.x, placed.visible_mm.y);
        let there = placed.photo_at(placed.visible_mm.x - dx_mm, placed.visible_mm.y - dy_mm);
        let (free_x, free_y) = (1.0 - placed.crop.width, 1.0 - placed.crop.height);
        let Some(setup) = self.job.each.get_mut(placed.photo) else { return };
        let moved = |free: f64, by: f64| if free > 1e-6 { 2.0 * by / free } else { 0.0 };
        setup.pan.0 = (setup.pan.0 + moved(free_x, there.0 - here.0)).clamp(-1.0, 1.0);
        setup.pan.1 = (setup.pan.1 + moved(free_y, there.1 - here.1)).clamp(-1.0, 1.0);
    }

    fn zoom_photo_by_wheel(&mut self, ui: &Ui, placed: &Placed) {
        let turned = ui.input_mut(|input| {
            if input.modifiers.command {
                return 0.0;
            }
            let delta = input.smooth_scroll_delta().y;
            input.smooth_scroll_delta = Vec2::ZERO;
            delta
        });
        if turned != 0.0
            && let Some(setup) = self.job.each.get_mut(placed.photo)
        {
            setup.zoom = (setup.zoom * f64::from(turned / 400.0).exp()).clamp(1.0, 8.0);
        }
    }

    /// Arrows pan, plus and minus zoom, while a photo has the keyboard.
    fn photo_keys(&mut self, ui: &Ui, id: Id, placed: &Placed) {
        let filter = egui::EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        let step = if ui.input(|input| input.modifiers.shift) { 5.0 * NUDGE } else { NUDGE };
        let pressed = |key| {
            ui.input_mut(|input| {
                input.count_and_consume_key(Modifiers::NONE, key) + input.count_and_consume_key(Modifiers::SHIFT, key)
            }) as f64
        };
        let across = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        let down = pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
        if across != 0.0 || down != 0.0 {
            let frame = placed.visible_mm;
            self.pan(placed, across * step * frame.width, down * step * frame.height);
        }
        let closer = pressed(Key::Plus) + pressed(Key::Equals) - pressed(Key::Minus);
        if closer != 0.0
            && let Some(setup) = self.job.each.get_mut(placed.photo)
        {
            setup.zoom = (setup.zoom * 1.1_f64.powf(closer)).clamp(1.0, 8.0);
        }
    }

    fn zoom_by_wheel(&mut self, ui: &Ui, room: Rect) {
        let over = ui.input(|input| input.pointer.hover_pos()).is_some_and(|at| room.contains(at));
        let factor = ui.input(egui::InputState::zoom_delta);
        if over && factor != 1.0 && !egui::Popup::is_any_open(ui.ctx()) {
            self.zoom_to(self.scale * factor);
        }
    }

    fn zoom_to(&mut self, scale: f32) {
        self.zoom = Zoom::Scale(scale.clamp(*SCALES.start(), *SCALES.end()));
    }

    /// The numbers of the pages around this one: each a button.
    fn strip(&mut self, ui: &mut Ui, count: usize) {
        if count < 2 {
            return;
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let each = 40.0;
            let most = ((ui.available_width() / (each + 2.0)).floor() as usize).max(1);
            let first = self.page.saturating_sub(most / 2).min(count.saturating_sub(most));
            for page in first..(first + most).min(count) {
                let number = (page + 1).to_string();
                let button = Button::quiet(&number).selected(page == self.page).min_width(each).passed_over().small();
                let response = button.show(ui);
                response.ctx.accesskit_node_builder(response.id, |node| node.set_label(format!("Go to page {number}")));
                if response.clicked() {
                    self.go_to(page);
                }
            }
        });
    }

    fn turner(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>) {
        let count = stack.len();
        ui.horizontal(|ui| {
            if Button::icon_only(Icon::Previous, "Previous page").enabled(self.page > 0).show(ui).clicked() {
                self.go_to(self.page - 1);
            }
            let locale = context.locale;
            let words = if count == 0 {
                "No pages".to_owned()
            } else {
                format!("Page {} of {}", locale.number(self.page as u64 + 1), locale.number(count as u64))
            };
            ui.label(words);
            if Button::icon_only(Icon::Next, "Next page").enabled(self.page + 1 < count).show(ui).clicked() {
                self.go_to(self.page + 1);
            }
            ui.with_layout(UiLayout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = space::XS;
                if named(Button::quiet("+").tooltip("Zoom in").show(ui), "Zoom in").clicked() {
                    self.zoom_to(self.scale * STEP);
                }
                let percent = format!("{} %", locale.number((self.scale * 100.0).round() as u64));
                ui.label(theme::secondary(ui, percent));
                if named(Button::quiet("−").tooltip("Zoom out").show(ui), "Zoom out").clicked() {
                    self.zoom_to(self.scale / STEP);
                }
                let actual = self.zoom == Zoom::Scale(1.0);
                if Button::quiet("100%").selected(actual).tooltip("As large as the paper").show(ui).clicked() {
                    self.zoom = Zoom::Scale(1.0);
                }
                if Button::quiet("Fit").selected(self.zoom == Zoom::Fit).show(ui).clicked() {
                    self.zoom = Zoom::Fit;
                }
                if let Some(ppi) = stack.get(self.page).and_then(|page| sharp::of_page(page, &self.job.photos, context))
                {
                    ui.with_layout(UiLayout::left_to_right(Align::Center), |ui| {
                        ui.add_space(space::S);
                        sharp::hint(ui, ppi, locale);
                    });
                }
            });
        });
    }

    /// Turns pages, and zooms with plus and minus, where no field has the keyboard.
    pub(super) fn page_keys(&mut self, ctx: &egui::Context, count: usize) {
        if egui::Popup::is_any_open(ctx) || ctx.text_edit_focused() {
            return;
        }
        let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::PageDown) && self.page + 1 < count {
            self.go_to(self.page + 1);
        }
        if pressed(Key::PageUp) && self.page > 0 {
            self.go_to(self.page - 1);
        }
        if ctx.memory(egui::Memory::focused).is_none() {
            if pressed(Key::Plus) || pressed(Key::Equals) {
                self.zoom_to(self.scale * STEP);
            }
            if pressed(Key::Minus) {
                self.zoom_to(self.scale / STEP);
            }
        }
    }

    fn go_to(&mut self, page: usize) {
        self.page = page;
        self.select(None);
    }
}

fn named(response: egui::Response, name: &str) -> egui::Response {
    super::fields::named(response, name)
}

/// A frame around a photo, and its sharpness in its corner.
fn mark(ui: &Ui, rect: Rect, selected: bool, focused: bool, ppi: Option<f64>, context: &Context<'_>) {
    // On paper the light theme's colours are seen in either theme.
    let tokens = &theme::LIGHT;
    let painter = ui.painter();
    let colour = if selected || focused { tokens.focus } else { egui::Color32::from_gray(0x90) };
    painter.rect_stroke(rect, 0.0, Stroke::new(if selected { 2.0 } else { 1.0 }, colour), StrokeKind::Outside);
    let Some(ppi) = ppi else { return };
    let words = sharp::words(ppi, context.locale);
    let galley = painter.layout_no_wrap(words, FontId::proportional(12.0), egui::Color32::PLACEHOLDER);
    let size = galley.size() + vec2(12.0, 6.0);
    let badge = Rect::from_min_size(pos2(rect.left() + 4.0, rect.top() + 4.0), size);
    painter.rect_filled(badge, 4.0, tokens.raised.gamma_multiply(0.92));
    painter.galley_with_override_text_color(badge.min + vec2(6.0, 3.0), galley, sharp::colour(ppi, tokens));
}

/// Rulers along the top and the left, with their zero at the paper's corner.
fn rulers(ui: &Ui, area: Rect, sheet: &Sheet, unit: Unit) {
    let tokens = theme::tokens(ui);
    let font = FontId::proportional(10.0);
    let per_unit = unit.mm() as f32 * sheet.scale;
    // Numbers stand at least this far apart.
    let steps: &[f32] = match unit {
        Unit::Mm => &[10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0],
        Unit::Cm => &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0],
        Unit::Inch => &[1.0, 2.0, 4.0, 6.0, 12.0, 24.0, 48.0],
    };
    let parts = if unit == Unit::Inch { 8.0 } else { 10.0 };
    let step = steps.iter().copied().find(|step| step * per_unit >= 34.0).unwrap_or(1000.0);
    let fine = step * per_unit / parts;
    let parts = if fine >= 4.0 { parts } else { 2.0 };
    let stroke = Stroke::new(1.0, tokens.outline);
    for across in [true, false] {
        let band = if across {
            Rect::from_min_max(pos2(area.left() + RULER, area.top()), pos2(area.right(), area.top() + RULER))
        } else {
            Rect::from_min_max(pos2(area.left(), area.top() + RULER), pos2(area.left() + RULER, area.bottom()))
        };
        let painter = ui.painter_at(band);
        painter.rect_filled(band, 0.0, tokens.panel);
        let along = |at: Pos2| if across { at.x } else { at.y };
        let zero = along(sheet.rect.min);
        let (from, to) = (along(band.min), along(band.max));
        let first = ((from - zero) / (step * per_unit)).floor() as i64;
        let last = ((to - zero) / (step * per_unit)).ceil() as i64;
        for number in first..=last.min(first + 400) {
            let start = zero + number as f32 * step * per_unit;
            for part in 0..parts as i64 {
                let at = start + part as f32 * step * per_unit / parts;
                let length = match part {
                    0 => RULER * 0.55,
                    part if part as f32 * 2.0 == parts => RULER * 0.4,
                    _ => RULER * 0.22,
                };
                let line = if across {
                    [pos2(at, band.bottom() - length), pos2(at, band.bottom())]
                } else {
                    [pos2(band.right() - length, at), pos2(band.right(), at)]
                };
                painter.line_segment(line, stroke);
            }
            let label = ((number as f32 * step) as i64).to_string();
            if across {
                let at = pos2(start + 3.0, band.top() + 1.0);
                painter.text(at, Align2::LEFT_TOP, label, font.clone(), tokens.text_secondary);
            } else {
                // Upwards, as on a drawing board: a number of any length has its room.
                let galley = painter.layout_no_wrap(label, font.clone(), tokens.text_secondary);
                let at = pos2(band.left() + 1.0, start + galley.size().x + 3.0);
                let mut text = TextShape::new(at, galley, tokens.text_secondary);
                text.angle = -std::f32::consts::FRAC_PI_2;
                painter.add(text);
            }
        }
    }
    let corner = Rect::from_min_size(area.min, Vec2::splat(RULER));
    ui.painter().rect_filled(corner, 0.0, tokens.panel);
    ui.painter().text(corner.center(), Align2::CENTER_CENTER, unit.short(), font, tokens.text_secondary);
}

fn centred(ui: &mut Ui, area: Rect, content: impl FnOnce(&mut Ui)) {
    let width = (area.width() - 2.0 * space::XL).clamp(60.0, 420.0);
    let rect = Rect::from_center_size(area.center(), egui::vec2(width, 60.0));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect));
    content(&mut child);
}
