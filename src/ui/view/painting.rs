//! The window while something is painted on, and the sets of tags on digits.

use eframe::egui::{self, Margin, Panel, Ui};

use super::ViewState;
use crate::domain::tag::TagName;
use crate::domain::{Change, Seat};
use crate::ui::brush::Brush;
use crate::ui::keys::Intent;
use crate::ui::theme::{self, space};
use crate::ui::{Action, Model, grid};

impl ViewState {
    /// Begins or ends painting, or puts a set of tags on the selection (or on the brush).
    pub(super) fn act_with_tags(
        &mut self,
        ctx: &egui::Context,
        intent: Intent,
        model: &Model<'_>,
        actions: &mut Vec<Action>,
    ) {
        match (intent, &mut self.painting) {
            (Intent::Paint, Some(_)) => self.end_painting(ctx, actions),
            (Intent::Paint, None) => {
                self.close_loupe(actions);
                self.painting = Some(Brush::default());
            }
            (Intent::TagSet(digit), brush) => {
                let Some(set) = model.finding.tag_sets.of_digit(digit) else { return };
                match brush {
                    Some(brush) => brush.take_tags(set),
                    None => {
                        let seats = self.grid.selection.targets(&model.results.seats);
                        actions.extend(give(seats, set));
                    }
                }
            }
            // The keyboard's way to paint.
            (Intent::Open, Some(brush)) => {
                let (seats, changes) = (self.grid.selection.targets(&model.results.seats), brush.changes());
                if !seats.is_empty() && !changes.is_empty() {
                    actions.push(Action::EditAll { seats, changes });
                }
            }
            _ => {}
        }
    }

    /// Whether painting is on.
    #[must_use]
    pub fn is_painting(&self) -> bool {
        self.painting.is_some()
    }

    pub(super) fn end_painting(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        if let Some(brush) = self.painting.take() {
            brush.end(actions);
            ctx.memory_mut(|memory| memory.request_focus(grid::id()));
        }
    }

    /// The bar of the mode.
    pub(super) fn painting_bar(&mut self, ui: &mut Ui, model: &Model<'_>, actions: &mut Vec<Action>) {
        if model.is_elsewhere() || self.loupe.is_some() {
            self.painting = None;
        }
        self.grid.stroke.is_on = self.painting.is_some();
        let Some(brush) = &mut self.painting else { return };
        let frame = egui::Frame::new()
            .fill(theme::tokens(ui).selection)
            .inner_margin(Margin::symmetric(space::L as i8, space::S as i8));
        let panel = Panel::top("painting bar").resizable(false).frame(frame);
        if !panel.show(ui, |ui| brush.show(ui, model)).inner {
            self.end_painting(ui.ctx(), actions);
        }
    }

    /// A stroke that has ended: one gesture.
    pub(super) fn painted(&mut self, actions: &mut Vec<Action>) {
        let Some(seats) = self.grid.stroke.take() else { return };
        let changes = self.painting.as_ref().map(Brush::changes).unwrap_or_default();
        if !changes.is_empty() {
            actions.push(Action::EditAll { seats, changes });
        }
    }
}

/// A set of tags for these photos, as one gesture.
fn give(seats: std::sync::Arc<[Seat]>, set: &[TagName]) -> Option<Action> {
    let changes: Vec<Change> = set.iter().map(|tag| Change::AddTag(tag.to_string())).collect();
    (!seats.is_empty() && !changes.is_empty()).then_some(Action::EditAll { seats, changes })
}
