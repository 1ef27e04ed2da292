//! The frame that every dialog has: a title, a way out, a body that scrolls, and a foot with the buttons.

use eframe::egui::{self, Align, Id, Key, Layout, Margin, Modal, Modifiers, ScrollArea, Ui};

use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Icon};

/// Around a dialog, to the edge of the window.
const AROUND: f32 = space::XL;
/// Height of [`footer`] with its line, in points.
pub(super) const FOOT: f32 = theme::CONTROL_HEIGHT + 1.0 + space::XS + 2.0 * space::S;

/// Whether a screen is still there after this frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Shown {
    /// It stays.
    Open,
    /// It was closed.
    Closed,
    /// It was closed, and the account is wanted in its place.
    ToAccount,
    /// It was closed, and the photos that this query finds are wanted.
    ToPhotos(&'static str),
}

/// What a dialog's content gave, and what was done to its frame.
pub(super) struct Outcome<R> {
    /// The content's.
    pub inner: R,
    /// The frame's.
    pub dialog: Framed,
}

/// What was done to a dialog's frame.
pub(super) struct Framed {
    /// Esc, the cross, or a click beside it.
    pub closed: bool,
    /// Enter, while nothing that would take it has the keyboard: the safe default is meant.
    pub confirmed: bool,
}

/// A dialog to be shown.
pub(super) struct Dialog<'a> {
    /// Unique among dialogs.
    pub id: &'static str,
    /// What it is about.
    pub title: &'a str,
    /// As wide as this where the window has the room, in points.
    pub width: f32,
    /// Whether it takes all the height there is, rather than what it needs.
    pub tall: bool,
}

impl Dialog<'_> {
    /// Shows it over everything else. `content` draws a [`body`] and maybe a [`footer`].
    pub fn show<R>(self, ctx: &egui::Context, content: impl FnOnce(&mut Ui) -> R) -> Outcome<R> {
        let tokens = theme::tokens_of(ctx);
        let window = ctx.content_rect().size();
        // A small window, or a large text, gives its room to what is said and not to margins.
        let cramped = window.x < 640.0 || window.y < 480.0;
        let (around, inner) = if cramped { (space::S, space::L) } else { (AROUND, space::XL) };
        let room = window - egui::Vec2::splat(2.0 * (around + inner));
        let width = self.width.min(room.x).max(120.0);
        let height = room.y.max(120.0);
        // Whatever has the keyboard now takes Enter for itself, even if it lets the keyboard go by that.
        let free = ctx.memory(|memory| memory.focused().is_none());
        let mut crossed = false;
        let shown = Modal::new(Id::unique(("dialog", self.id)))
            .frame(widgets::dialog_frame(ctx).inner_margin(Margin::same(inner as i8)))
            .backdrop_color(tokens.backdrop)
            .show(ctx, |ui| {
                ui.set_width(width);
                ui.set_max_height(height);
                if self.tall {
                    ui.set_min_height(height);
                }
                ui.horizontal(|ui| {
                    let text_room = ui.available_width() - theme::CONTROL_HEIGHT - space::S;
                    ui.scope(|ui| {
                        ui.set_max_width(text_room);
                        let heading = ui.add(egui::Label::new(theme::title(self.title)).truncate());
                        heading.ctx.accesskit_node_builder(heading.id, |node| node.set_role(egui::Role::Heading));
                    });
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        crossed = widgets::icon_button(ui, Icon::Close, "Close").clicked();
                    });
                });
                ui.add_space(space::S);
                content(ui)
            });
        let response = &shown.response;
        response.ctx.accesskit_node_builder(response.id, |node| {
            node.set_role(egui::Role::Dialog);
            node.set_label(self.title);
            node.set_modal();
        });
        let confirmed = free
            && shown.is_top_modal
            && !shown.any_popup_open
            && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let dialog = Framed { closed: crossed || shown.should_close(), confirmed };
        Outcome { inner: shown.inner, dialog }
    }
}

/// The part of a dialog that scrolls; with `foot` it leaves room for a [`footer`].
pub(super) fn body<R>(ui: &mut Ui, foot: bool, content: impl FnOnce(&mut Ui) -> R) -> R {
    let room = ui.available_height() - if foot { FOOT + ui.spacing().item_spacing.y } else { 0.0 };
    ScrollArea::vertical()
        .id_salt("dialog body")
        .max_height(room.max(60.0))
        .auto_shrink([false, true])
        .show(ui, |ui| {
            // Room for the scroll bar, and for focus rings at the left edge.
            egui::Frame::new().inner_margin(Margin { left: 3, right: 10, top: 3, bottom: 3 }).show(ui, content).inner
        })
        .inner
}

/// The buttons at the foot, from the right: the one most people want comes first.
pub(super) fn footer<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let line = theme::tokens(ui).line;
    let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 1.0), egui::Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, egui::Stroke::new(1.0, line));
    ui.add_space(space::XS);
    ui.allocate_ui_with_layout(
        egui::vec2(ui.available_width(), theme::CONTROL_HEIGHT),
        Layout::right_to_left(Align::Center).with_main_wrap(true),
        content,
    )
    .inner
}
