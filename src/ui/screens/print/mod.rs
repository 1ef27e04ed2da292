//! The print studio (Ctrl+P): layouts on the left, the pages as they will be in the middle, paper, colour and printer on
//! the right.
//!
//! The preview is drawn from the pages that the engine lays out with the same arithmetic that prints them. A changed
//! setup asks for them once, and not again before the answer is here; until then the pages before stay in sight.

mod asks;
mod colour;
mod fields;
mod foot;
mod job;
mod jobs;
mod layouts;
mod page;
mod paint;
mod photo;
mod pictures;
mod printer;
mod settings;
mod sharp;
#[cfg(test)]
mod tests_paper;

use std::collections::HashSet;
use std::sync::Arc;

use eframe::egui::{self, Align, Id, Key, Layout as UiLayout, Margin, Modal, Modifiers, ScrollArea, Ui};

pub use fields::Unit;
pub(in crate::ui) use job::quick_order;
pub use job::{Destination, PrintView};

use super::dialog::{FOOT, Shown};
use super::{Context, picker_problem};
use crate::domain::Seat;
use crate::domain::layout::{Page, PageSetup, PhotoSetup};
use crate::domain::printing::{PrintSetup, Proof};
use crate::protocol::OpId;
use crate::ui::locale::Locale;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Button, Icon, PathField};
use crate::ui::{Action, Loadable, Model};
use colour::Colour;
use fields::{Fields, segments};
use job::Job;
use page::Zoom;
use settings::Settings;

/// Width of the columns beside the page, in points.
const COLUMN: f32 = 322.0;
/// The page has at least this width between both columns.
const PAGE: f32 = 380.0;

/// What is seen where there is no room for three columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Layout,
    Page,
    Printer,
}

/// What is known of the desk that was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Desk {
    /// Not asked for.
    New,
    /// Asked for in this frame: the answer comes in a later one, however often egui draws this one.
    Asked(u64),
    /// Taken over, or known to be empty.
    Here,
}

/// The studio's view state and the job that it edits.
#[derive(Debug, Clone)]
pub struct PrintScreen {
    job: Job,
    view: PrintView,
    /// The setup that the job began with, before the desk was known.
    began: PrintSetup,
    desk: Desk,
    settings: Settings,
    colour: Colour,
    /// What pages were asked for last.
    asked: Option<(Vec<PhotoSetup>, PageSetup)>,
    /// Pages that were there before anything was asked: another selection's, not to be shown.
    stale: Option<Arc<Vec<Page>>>,
    /// What was remembered last.
    remembered: Option<(PrintSetup, Vec<PhotoSetup>)>,
    /// When printers were asked for last, in ms since 1970.
    printers_ms: i64,
    page: usize,
    zoom: Zoom,
    /// Of the page on the screen, in parts of the paper's own size.
    scale: f32,
    tab: Tab,
    /// The photo in hand: page, and place on it.
    selected: Option<(usize, usize)>,
    /// The left column shows the photo in hand.
    photo_shown: bool,
    typed: PathField,
    typing: bool,
    /// A field had the keyboard in the frame before: Escape belonged to it.
    typed_before: bool,
    /// After an order: the operations that were there before it, so that the new one can be recognised.
    ordered: Option<HashSet<OpId>>,
    /// How that order's jobs were asked after.
    jobs_after: Option<OpId>,
    /// The least sharpness of the job, and what it was found for: pages, their number, cards.
    worst: Option<((usize, usize, usize), Option<f64>)>,
    /// The large pictures that were asked for.
    pictures: Option<(Vec<Seat>, u32, Option<Proof>)>,
}

impl PrintScreen {
    /// For these photos in this order, beginning with this setup until what was last used is known. Without photos the
    /// job that lies on the desk goes on.
    #[must_use]
    pub fn new(photos: Arc<[Seat]>, setup: PageSetup) -> Self {
        let job = Job::new(photos, setup);
        Self {
            view: PrintView::default(),
            began: job.setup.clone(),
            desk: Desk::New,
            settings: Settings::new(&job.setup.pages),
            colour: Colour::default(),
            job,
            asked: None,
            stale: None,
            remembered: None,
            printers_ms: 0,
            page: 0,
            zoom: Zoom::Fit,
            scale: 1.0,
            tab: Tab::Page,
            selected: None,
            photo_shown: false,
            typed: PathField::default(),
            typing: false,
            typed_before: false,
            ordered: None,
            jobs_after: None,
            worst: None,
            pictures: None,
        }
    }

    /// With what the studio remembers of itself.
    #[must_use]
    pub fn with_view(mut self, view: PrintView) -> Self {
        self.view = view;
        self
    }

    /// What a person who has never printed begins with: the paper of their country.
    #[must_use]
    pub fn first_setup(locale: &Locale) -> PageSetup {
        PageSetup { paper: locale.paper(), ..PageSetup::default() }
    }

    /// What the studio remembers of itself.
    #[must_use]
    pub fn view(&self) -> PrintView {
        self.view
    }

    /// The photos whose cards and thumbnails are worth having: those of the page shown, then of its neighbours, then
    /// those whose names the desk must know.
    #[must_use]
    pub fn in_sight(&self, model: &Model<'_>) -> Vec<Seat> {
        let stack = self.stack(model);
        let near = [Some(self.page), self.page.checked_add(1), self.page.checked_sub(1)];
        let pages = near.into_iter().flatten().filter_map(|page| stack.get(page));
        let mut seen = HashSet::new();
        let shown = pages.flat_map(|page| &page.photos).filter_map(|placed| self.job.photos.get(placed.photo).copied());
        shown.chain(self.job.unknown()).filter(|seat| seen.insert(*seat)).collect()
    }

    /// The pages of one copy, as far as they are of this job.
    fn stack<'m>(&self, model: &Model<'m>) -> &'m [Page] {
        let pages: &'m Loadable<Arc<Vec<Page>>> = model.pages;
        let pages = pages.value().filter(|pages| !self.stale.as_ref().is_some_and(|stale| Arc::ptr_eq(stale, pages)));
        pages.map_or(&[], |pages| pages.as_slice())
    }

    fn fields<'a>(&self, context: &Context<'a>) -> Fields<'a> {
        let unit = self.view.unit.unwrap_or_else(|| Unit::of(context.locale));
        Fields { locale: context.locale, unit }
    }

    /// Draws it over the whole window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        if self.asked.is_none() && self.stale.is_none() {
            self.stale = context.model.pages.value().cloned();
        }
        self.look_after(ctx, context, actions);
        let stack = self.stack(context.model);
        self.page = self.page.min(stack.len().saturating_sub(1));
        self.chosen_is_there(stack);
        let tokens = theme::tokens_of(ctx);
        let window = ctx.content_rect().size();
        let frame = egui::Frame::new().fill(tokens.panel).inner_margin(Margin::same(space::M as i8));
        let modal = Modal::new(Id::unique("print studio")).frame(frame).backdrop_color(tokens.panel);
        let shown = modal.show(ctx, |ui| {
            let size = (window - egui::Vec2::splat(2.0 * space::M)).max(egui::vec2(40.0, 40.0));
            ui.set_min_size(size);
            ui.set_max_size(size);
            let closed = self.head(ui, context);
            let foot = self.foot_height(context.model);
            let room = egui::vec2(size.x, (ui.available_height() - foot).max(60.0));
            ui.allocate_ui_with_layout(room, UiLayout::left_to_right(Align::Min), |ui| {
                ui.set_min_size(room);
                self.columns(ui, stack, context, actions);
            });
            self.foot(ui, stack, context, actions);
            closed
        });
        let response = &shown.response;
        response.ctx.accesskit_node_builder(response.id, |node| {
            node.set_role(egui::Role::Dialog);
            node.set_label("Print");
            node.set_modal();
        });
        self.keys(ctx, stack, context, actions);
        self.ask_for_pages(context.model, actions);
        let free = shown.is_top_modal && !shown.any_popup_open;
        let escaped = free && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        // Escape leaves a field first, then lets go of the photo, then leaves the studio.
        let typed = std::mem::replace(&mut self.typed_before, ctx.text_edit_focused());
        if escaped && typed {
            return Shown::Open;
        }
        if escaped && self.selected.is_some() {
            self.select(None);
        } else if escaped || shown.inner {
            self.remember_now(actions);
            if self.pictures.take().is_some() {
                actions.push(Action::ClosePicture);
            }
            return Shown::Closed;
        }
        Shown::Open
    }

    fn select(&mut self, selected: Option<(usize, usize)>) {
        if self.selected != selected {
            self.selected = selected;
            self.photo_shown = selected.is_some();
        }
    }

    /// Pages change under the hand: what is no longer there is no longer chosen.
    fn chosen_is_there(&mut self, stack: &[Page]) {
        if let Some((page, at)) = self.selected
            && (page != self.page || stack.get(page).is_some_and(|page| at >= page.photos.len()))
        {
            self.select(None);
        }
    }

    fn keys(&mut self, ctx: &egui::Context, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) {
        self.page_keys(ctx, stack.len());
        let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, key));
        if (pressed(Key::P) || pressed(Key::Enter)) && self.possible(context.model, stack) {
            self.order(std::path::PathBuf::new(), context.model, actions);
        }
    }

    /// The title, the unit and the way out; true when the studio is to be closed.
    fn head(&mut self, ui: &mut Ui, context: &Context<'_>) -> bool {
        let mut closed = false;
        let wide = is_wide(ui.available_width());
        ui.horizontal(|ui| {
            let heading = ui.add(egui::Label::new(theme::title("Print")).truncate());
            heading.ctx.accesskit_node_builder(heading.id, |node| node.set_role(egui::Role::Heading));
            ui.add_space(space::M);
            if !wide {
                for (tab, name) in [(Tab::Layout, "Layout"), (Tab::Page, "Page"), (Tab::Printer, "Printer")] {
                    if Button::quiet(name).selected(self.tab == tab).show(ui).clicked() {
                        self.tab = tab;
                    }
                }
            }
            ui.with_layout(UiLayout::right_to_left(Align::Center), |ui| {
                closed = widgets::icon_button(ui, Icon::Close, "Close").clicked();
                ui.add_space(space::S);
                ui.spacing_mut().item_spacing.x = 2.0;
                let unit = self.fields(context).unit;
                for (choice, name) in Unit::ALL.into_iter().rev() {
                    if Button::quiet(name).selected(unit == choice).small().show(ui).clicked() {
                        self.view.unit = Some(choice);
                    }
                }
            });
        });
        ui.add_space(space::XS);
        closed
    }

    /// Three columns, or one of them in a narrow window.
    fn columns(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) {
        let room = ui.available_size();
        let wide = is_wide(room.x);
        let beside = wide || room.x >= COLUMN + PAGE;
        let column = if beside { egui::vec2(COLUMN, room.y) } else { room };
        let left = wide || self.tab == Tab::Layout;
        let right = wide || self.tab == Tab::Printer;
        if left {
            self.left(ui, column, stack, context, actions);
        }
        if beside || self.tab == Tab::Page {
            let kept = if right { COLUMN + 2.0 * space::S } else { 0.0 };
            let rest = egui::vec2((ui.available_width() - kept).max(60.0), room.y);
            ui.allocate_ui(rest, |ui| {
                ui.set_min_size(rest);
                ui.set_max_size(rest);
                self.middle(ui, stack, context, actions);
            });
        }
        if right {
            self.right(ui, column, context, actions);
        }
    }

    fn left(
        &mut self,
        ui: &mut Ui,
        size: egui::Vec2,
        stack: &[Page],
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        let placed = self.selected.and_then(|(page, at)| stack.get(page)?.photos.get(at));
        column(ui, "print layout", size, |ui| {
            if placed.is_some() {
                segments(ui, &mut self.photo_shown, &[(false, "All photos"), (true, "This photo")]);
            }
            let fields = self.fields(context);
            let seat = placed.and_then(|placed| self.job.photos.get(placed.photo).copied());
            let setup = placed.and_then(|placed| self.job.each.get_mut(placed.photo));
            match (placed, seat, setup) {
                (Some(placed), Some(seat), Some(setup)) if self.photo_shown => {
                    photo::show(ui, placed, seat, setup, &fields, context);
                }
                _ => self.settings.show(ui, &mut self.job.setup, &fields, context, actions),
            }
        });
    }

    fn right(&mut self, ui: &mut Ui, size: egui::Vec2, context: &Context<'_>, actions: &mut Vec<Action>) {
        column(ui, "print printer", size, |ui| {
            let fields = self.fields(context);
            printer::show(ui, &mut self.job, &mut self.view, &fields, context);
            self.colour.show(ui, &mut self.job.setup.pixels, context, actions);
            jobs::show(ui, context, actions);
        });
    }
}

fn is_wide(width: f32) -> bool {
    width >= 2.0 * COLUMN + PAGE
}

/// A column of controls that scrolls by itself.
fn column(ui: &mut Ui, id: &str, size: egui::Vec2, content: impl FnOnce(&mut Ui)) {
    ui.allocate_ui(size, |ui| {
        ui.set_min_size(size);
        ui.set_max_size(size);
        ScrollArea::vertical().id_salt(id).auto_shrink([false, false]).show(ui, |ui| {
            let margin = egui::Margin { left: 3, right: 14, top: 0, bottom: 8 };
            egui::Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = space::S;
                    content(ui);
                });
            });
        });
    });
}

/// An error of the engine as a sentence of the window: with a capital.
fn sentence(error: &str) -> String {
    let mut chars = error.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
