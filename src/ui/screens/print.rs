//! The print dialog (Ctrl+P): settings left, the page as it will be in the middle, and the PDF at the end.
//!
//! The preview is drawn from the pages that the engine lays out with the same arithmetic that writes the PDF. Every
//! change asks for them once; until they are here, the pages before stay in sight.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, Align, Key, Layout as UiLayout, Modifiers, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo};

use super::dialog::{Dialog, FOOT, Shown, footer};
use super::print_preview::{least_ppi, paint_margins, paint_page};
use super::print_settings::Settings;
use super::{Context, picker_problem};
use crate::domain::Seat;
use crate::domain::layout::{Page, PageSetup};
use crate::domain::paper::MM_PER_INCH;
use crate::domain::printing::{Output, PixelSetup};
use crate::protocol::{OpId, OpKind, OpReport, PrintOrder};
use crate::ui::locale::Locale;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Button, Icon, PathField};
use crate::ui::{Action, ActivityState, Loadable, Model};

/// Points of the screen in an inch: what every desktop takes an inch for.
const SCREEN_POINTS_PER_INCH: f64 = 96.0;
/// Width of the settings, in points.
const SETTINGS: f32 = 300.0;
/// Pixels per inch from which a print looks sharp in the hand.
const GOOD_PPI: f64 = 240.0;
/// Pixels per inch below which it looks soft.
const POOR_PPI: f64 = 150.0;
/// More pixels per inch than any printer shows.
const MOST_PPI: f64 = 720.0;
/// Thumbnails have this long edge; larger pictures are asked for from here on.
const THUMB_PX: f32 = 320.0;

/// How large the page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zoom {
    /// All of it.
    Fit,
    /// As large as the paper.
    Actual,
}

/// The dialog's view state and the setup that it edits.
#[derive(Debug, Clone)]
pub struct PrintScreen {
    photos: Arc<[Seat]>,
    setup: PageSetup,
    settings: Settings,
    /// The setup that pages were asked for last.
    asked: Option<PageSetup>,
    /// Pages that were there before anything was asked: another selection's, not to be shown.
    stale: Option<Arc<Vec<Page>>>,
    page: usize,
    zoom: Zoom,
    typed: PathField,
    typing: bool,
    /// After an order: the operations that were there before it, so that the new one can be recognised.
    ordered: Option<HashSet<OpId>>,
    /// The large picture that was asked for.
    picture: Option<(Seat, u32)>,
}

impl PrintScreen {
    /// For these photos in this order, beginning with this setup: the last one used, or [`PrintScreen::first_setup`].
    #[must_use]
    pub fn new(photos: Arc<[Seat]>, setup: PageSetup) -> Self {
        Self {
            photos,
            settings: Settings::new(&setup),
            setup,
            asked: None,
            stale: None,
            page: 0,
            zoom: Zoom::Fit,
            typed: PathField::default(),
            typing: false,
            ordered: None,
            picture: None,
        }
    }

    /// What a person who has never printed begins with: the paper of their country.
    #[must_use]
    pub fn first_setup(locale: &Locale) -> PageSetup {
        PageSetup { paper: locale.paper(), ..PageSetup::default() }
    }

    /// The setup as it stands, to be remembered.
    #[must_use]
    pub fn setup(&self) -> &PageSetup {
        &self.setup
    }

    /// The photos, in page order.
    #[must_use]
    pub fn photos(&self) -> &Arc<[Seat]> {
        &self.photos
    }

    /// The photos whose thumbnails are worth having: those of the page shown, then of its neighbours.
    #[must_use]
    pub fn in_sight(&self, model: &Model<'_>) -> Vec<Seat> {
        let stack = self.stack(model);
        let near = [Some(self.page), self.page.checked_add(1), self.page.checked_sub(1)];
        let pages = near.into_iter().flatten().filter_map(|page| stack.get(page));
        pages.flat_map(|page| &page.photos).filter_map(|placed| self.photos.get(placed.photo).copied()).collect()
    }

    /// The pages of one copy, as far as they are of this order.
    fn stack<'m>(&self, model: &Model<'m>) -> &'m [Page] {
        let pages: &'m Loadable<Arc<Vec<Page>>> = model.pages;
        let pages = pages.value().filter(|pages| !self.stale.as_ref().is_some_and(|stale| Arc::ptr_eq(stale, pages)));
        pages.map_or(&[], |pages| one_stack(pages))
    }

    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        if self.asked.is_none() {
            self.stale = context.model.pages.value().cloned();
        }
        let stack = self.stack(context.model);
        self.page = self.page.min(stack.len().saturating_sub(1));
        let dialog = Dialog { id: "print", title: "Print", width: 1400.0, tall: true };
        let outcome = dialog.show(ctx, |ui| {
            let foot = FOOT + ui.spacing().item_spacing.y + self.typed_height(context.model);
            let room = (ui.available_height() - foot).max(80.0);
            let size = egui::vec2(ui.available_width(), room);
            ui.allocate_ui_with_layout(size, UiLayout::left_to_right(Align::Min), |ui| {
                ui.set_min_size(size);
                self.columns(ui, stack, context, actions);
            });
            self.typed_path(ui, context, actions);
            footer(ui, |ui| self.foot(ui, stack, context, actions))
        });
        if outcome.dialog.confirmed && self.possible(context.model, stack) {
            self.order(PathBuf::new(), context.model, actions);
        }
        if self.asked.as_ref() != Some(&self.setup) {
            self.asked = Some(self.setup.clone());
            actions.push(Action::Preview {
                photos: self.photos.clone(),
                each: Vec::new().into(),
                setup: self.setup.clone(),
            });
        }
        self.turn_by_key(ctx, stack.len());
        if outcome.dialog.closed || outcome.inner || self.order_started(context.model) {
            if self.picture.take().is_some() {
                actions.push(Action::ClosePicture);
            }
            return Shown::Closed;
        }
        Shown::Open
    }

    /// Settings and page side by side, or the page above the settings in a narrow window.
    fn columns(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) {
        let room = ui.available_size();
        let narrow = room.x < SETTINGS + 280.0;
        if narrow {
            ui.vertical(|ui| {
                let size = egui::vec2(room.x, (room.y * 0.45).max(120.0));
                ui.allocate_ui(size, |ui| {
                    ui.set_min_size(size);
                    self.middle(ui, stack, context, actions);
                });
                self.left(ui, context);
            });
            return;
        }
        ui.allocate_ui(egui::vec2(SETTINGS, room.y), |ui| {
            ui.set_max_width(SETTINGS);
            ui.set_min_size(egui::vec2(SETTINGS, room.y));
            self.left(ui, context);
        });
        ui.add_space(space::S);
        let rest = ui.available_size();
        ui.allocate_ui(rest, |ui| {
            ui.set_min_size(rest);
            self.middle(ui, stack, context, actions);
        });
    }

    fn left(&mut self, ui: &mut Ui, context: &Context<'_>) {
        ScrollArea::vertical().id_salt("print settings").auto_shrink([false, false]).show(ui, |ui| {
            let margin = egui::Margin { left: 3, right: 14, top: 0, bottom: 8 };
            egui::Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.vertical(|ui| self.settings.show(ui, &mut self.setup, context));
            });
        });
    }

    fn middle(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) {
        let tokens = theme::tokens(ui);
        ui.vertical(|ui| {
            let bar = theme::CONTROL_HEIGHT + ui.spacing().item_spacing.y;
            let size = egui::vec2(ui.available_width(), (ui.available_height() - bar).max(60.0));
            let (area, _) = ui.allocate_exact_size(size, Sense::hover());
            ui.painter().rect_filled(area, f32::from(theme::radius::M), tokens.canvas);
            match (stack.get(self.page), context.model.pages) {
                (_, Loadable::Failed { error, .. }) if self.asked.is_some() => centred(ui, area, |ui| {
                    widgets::problem(ui, &sentence(error), "");
                }),
                (Some(page), _) => self.page(ui, area, page, context, actions),
                (None, _) => centred(ui, area, |ui| {
                    ui.vertical_centered(|ui| ui.label(theme::secondary(ui, "Laying out the pages…")));
                }),
            }
            self.turner(ui, stack, context);
        });
    }

    fn page(&mut self, ui: &mut Ui, area: Rect, page: &Page, context: &Context<'_>, actions: &mut Vec<Action>) {
        let (width_mm, height_mm) = (page.size_mm.0 as f32, page.size_mm.1 as f32);
        let around = space::L;
        let fit = ((area.width() - 2.0 * around) / width_mm).min((area.height() - 2.0 * around) / height_mm);
        let scale = match self.zoom {
            Zoom::Fit => fit.max(0.05),
            Zoom::Actual => (SCREEN_POINTS_PER_INCH / MM_PER_INCH) as f32,
        };
        let size = egui::vec2(width_mm, height_mm) * scale;
        let number = self.page + 1;
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(area).id_salt("sheet"));
        child.set_clip_rect(area.intersect(ui.clip_rect()));
        ScrollArea::both().id_salt("sheet").auto_shrink([false, false]).show(&mut child, |ui| {
            let all = (size + egui::Vec2::splat(2.0 * around)).max(area.size());
            let (room, response) = ui.allocate_exact_size(all, Sense::hover());
            let sheet = Rect::from_center_size(room.center(), size);
            let photos = context.locale.count(page.photos.len() as u64, "photo", "photos");
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Page {number}: {photos}")));
            paint_page(ui.painter(), sheet, page, &self.photos, context);
            if self.settings.margins_in_hand {
                paint_margins(ui.painter(), sheet, page, self.setup.printable_mm());
            }
        });
        self.want_picture(ui, scale, page, actions);
    }

    /// A photo that is alone on its page is shown larger than any thumbnail: ask for a picture as large as it is.
    fn want_picture(&mut self, ui: &Ui, scale: f32, page: &Page, actions: &mut Vec<Action>) {
        let [placed] = page.photos.as_slice() else { return };
        let Some(seat) = self.photos.get(placed.photo).copied() else { return };
        let long = placed.image_mm.width.max(placed.image_mm.height) as f32;
        let edge = long * scale * ui.pixels_per_point();
        if edge <= THUMB_PX {
            return;
        }
        // In steps, so that a window being resized does not ask for a picture at every frame.
        let edge = (edge / 512.0).ceil() as u32 * 512;
        if self.picture.is_some_and(|(shown, size)| shown == seat && size >= edge) {
            return;
        }
        self.picture = Some((seat, edge));
        let ahead = self.photos.get(placed.photo + 1).copied().into_iter().collect();
        actions.push(Action::ShowPicture { seat, long_edge_px: Some(edge), proof: None, ahead });
    }

    fn turner(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>) {
        let count = stack.len();
        ui.horizontal(|ui| {
            let before = Button::icon_only(Icon::Previous, "Previous page").enabled(self.page > 0).show(ui);
            if before.clicked() {
                self.page -= 1;
            }
            let locale = context.locale;
            let words = if count == 0 {
                "No pages".to_owned()
            } else {
                format!("Page {} of {}", locale.number(self.page as u64 + 1), locale.number(count as u64))
            };
            ui.label(words);
            let after = Button::icon_only(Icon::Next, "Next page").enabled(self.page + 1 < count).show(ui);
            if after.clicked() {
                self.page += 1;
            }
            if let Some(ppi) = stack.get(self.page).and_then(|page| least_ppi(page, &self.photos, context)) {
                ppi_hint(ui, ppi, context.locale);
            }
            ui.with_layout(UiLayout::right_to_left(Align::Center), |ui| {
                for (zoom, name) in [(Zoom::Actual, "100%"), (Zoom::Fit, "Fit")] {
                    if Button::quiet(name).selected(self.zoom == zoom).show(ui).clicked() {
                        self.zoom = zoom;
                    }
                }
            });
        });
    }

    fn turn_by_key(&mut self, ctx: &egui::Context, count: usize) {
        let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::PageDown) && self.page + 1 < count {
            self.page += 1;
        }
        if pressed(Key::PageUp) && self.page > 0 {
            self.page -= 1;
        }
    }

    /// The buttons; true when the dialog was cancelled.
    fn foot(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) -> bool {
        let possible = self.possible(context.model, stack);
        let waiting = matches!(context.model.picker, Loadable::Pending { .. });
        let words = if waiting { "Choosing a file…" } else { "Save as PDF…" };
        if Button::primary(words).enabled(possible && !waiting).show(ui).clicked() {
            self.order(PathBuf::new(), context.model, actions);
        }
        let cancelled = widgets::secondary_button(ui, "Cancel").clicked();
        if Button::quiet("Type a path").selected(self.typing).show(ui).clicked() {
            self.typing = !self.typing;
        }
        if !stack.is_empty() {
            ui.with_layout(UiLayout::left_to_right(Align::Center), |ui| {
                let words = summary(self.photos.len(), stack.len(), &self.setup, context.locale);
                ui.add(egui::Label::new(theme::secondary(ui, words)).truncate());
            });
        }
        cancelled
    }

    fn typing(&self, model: &Model<'_>) -> bool {
        self.typing || (self.ordered.is_some() && picker_problem(model).is_some())
    }

    fn typed_height(&self, model: &Model<'_>) -> f32 {
        if self.typing(model) { 2.0 * theme::CONTROL_HEIGHT + 2.0 * space::S } else { 0.0 }
    }

    fn typed_path(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) {
        if !self.typing(context.model) {
            return;
        }
        if let Some(problem) = picker_problem(context.model) {
            ui.add(egui::Label::new(theme::secondary(ui, problem)).truncate());
        }
        let words = ("PDF file to write", "/home/me/Prints/contact sheet.pdf", "Save");
        if let Some(file) = self.typed.show(ui, words, context.home).and_then(|paths| paths.into_iter().next()) {
            self.typing = false;
            self.order(as_pdf(file), context.model, actions);
        }
    }

    fn possible(&self, model: &Model<'_>, stack: &[Page]) -> bool {
        !self.photos.is_empty() && !stack.is_empty() && !matches!(model.pages, Loadable::Failed { .. })
    }

    fn order(&mut self, file: PathBuf, model: &Model<'_>, actions: &mut Vec<Action>) {
        self.ordered = Some(model.activities.iter().map(|activity| activity.op).collect());
        let order = PrintOrder {
            photos: self.photos.clone(),
            each: Vec::new().into(),
            pages: self.setup.clone(),
            pixels: PixelSetup::default(),
            output: Output::Pdf { file, untouched: false },
        };
        actions.push(Action::PrintTo { order });
    }

    /// Whether the print that was ordered has begun: then the activity panel has it, and the dialog has done its part.
    fn order_started(&self, model: &Model<'_>) -> bool {
        let Some(before) = &self.ordered else { return false };
        model.activities.iter().any(|activity| {
            let print = match &activity.state {
                ActivityState::Running(progress) | ActivityState::Stopping(progress) => progress.kind == OpKind::Print,
                ActivityState::Ended(outcome) => matches!(outcome, Ok(OpReport::Print(_))),
            };
            print && !before.contains(&activity.op)
        })
    }
}

/// The pages of one copy: copies repeat the whole stack, so the second page that begins with the first photo ends it.
fn one_stack(pages: &[Page]) -> &[Page] {
    let first = |page: &Page| page.photos.first().is_some_and(|placed| placed.photo == 0);
    let end = pages.iter().skip(1).position(first).map_or(pages.len(), |index| index + 1);
    &pages[..end]
}

/// `36 photos on 3 pages · A4 landscape · 2 copies`.
fn summary(photos: usize, pages: usize, setup: &PageSetup, locale: &Locale) -> String {
    let mut text = format!(
        "{} on {} · {} {}",
        locale.count(photos as u64, "photo", "photos"),
        locale.count(pages as u64, "page", "pages"),
        setup.paper.label(),
        if setup.landscape { "landscape" } else { "portrait" }
    );
    if setup.copies > 1 {
        let sheets = pages as u64 * u64::from(setup.copies);
        text.push_str(&format!(
            " · {}, {} in all",
            locale.count(u64::from(setup.copies), "copy", "copies"),
            locale.count(sheets, "page", "pages")
        ));
    }
    text
}

/// The sharpness that the paper will have, in a colour and in words.
fn ppi_hint(ui: &mut Ui, ppi: f64, locale: &Locale) {
    let tokens = theme::tokens(ui);
    let (colour, words) = match ppi {
        ppi if ppi >= GOOD_PPI => (tokens.good, "sharp"),
        ppi if ppi >= POOR_PPI => (tokens.warn, "good from arm's length"),
        _ => (tokens.bad, "soft: print smaller, or crop less"),
    };
    // More than any printer shows is no news.
    let text = if ppi > MOST_PPI {
        format!("over {} ppi, {words}", locale.number(MOST_PPI as u64))
    } else {
        format!("{} ppi, {words}", locale.number(ppi.floor() as u64))
    };
    ui.add_space(space::S);
    ui.add(egui::Label::new(egui::RichText::new(text).small().color(colour)).truncate())
        .on_hover_text("The fewest pixels per inch of any photo on this page, at the size that it is printed.");
}

/// An error of the engine as a sentence of the window: with a capital.
fn sentence(error: &str) -> String {
    let mut chars = error.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn centred(ui: &mut Ui, area: Rect, content: impl FnOnce(&mut Ui)) {
    let width = (area.width() - 2.0 * space::XL).clamp(60.0, 420.0);
    let rect = Rect::from_center_size(area.center(), egui::vec2(width, 60.0));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect));
    content(&mut child);
}

/// A PDF is named as one.
fn as_pdf(mut file: PathBuf) -> PathBuf {
    let named = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"));
    if !named {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".pdf");
        file.set_file_name(name);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::layout::{Placed, Rect as Mm};
    use crate::domain::paper::Paper;

    fn page(first: usize) -> Page {
        let rect = Mm::new(0.0, 0.0, 1.0, 1.0);
        let placed = Placed::plain(first, rect, rect, Mm::WHOLE, 0);
        Page { photos: vec![placed], ..Page::blank((210.0, 297.0)) }
    }

    #[test]
    fn copies_are_not_paged_through() {
        let pages: Vec<_> = [0, 12, 24, 0, 12, 24].into_iter().map(page).collect();
        assert_eq!(one_stack(&pages).len(), 3);
        assert_eq!(one_stack(&pages[..3]).len(), 3);
        assert_eq!(one_stack(&[page(0), page(0)]).len(), 1);
        assert_eq!(one_stack(&[]).len(), 0);
    }

    #[test]
    fn the_summary_counts_paper() {
        let locale = Locale::default();
        let mut setup = PageSetup { paper: Paper::A4, ..PageSetup::default() };
        assert_eq!(summary(36, 3, &setup, &locale), "36 photos on 3 pages · A4 portrait");
        setup.landscape = true;
        setup.copies = 2;
        assert_eq!(summary(1, 1, &setup, &locale), "1 photo on 1 page · A4 landscape · 2 copies, 2 pages in all");
    }

    #[test]
    fn a_pdf_is_named_as_one() {
        for (typed, named) in [("/a/b", "/a/b.pdf"), ("/a/b.PDF", "/a/b.PDF"), ("/a/v1.2", "/a/v1.2.pdf")] {
            assert_eq!(as_pdf(PathBuf::from(typed)), PathBuf::from(named));
        }
    }
}
