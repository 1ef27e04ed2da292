//! Printing from the window: the studio, and one more print without it.

use std::sync::Arc;

use eframe::egui;

use super::{Dialog, ViewState};
use crate::domain::Seat;
use crate::protocol::PrintAsk;
use crate::ui::screens::{PrintScreen, quick_order};
use crate::ui::{Action, Loadable, Model};

/// A print that waits until it is known how the last one was made.
#[derive(Debug, Clone, Default)]
pub(super) enum Again {
    #[default]
    No,
    /// Asked for in the frame of this number: the answer comes in a later one.
    Waiting(Arc<[Seat]>, u64),
}

impl ViewState {
    /// Opens the studio: on what is selected, or on the job that lies on the desk.
    pub(super) fn open_studio(&mut self, model: &Model<'_>) {
        let seats = &model.results.seats;
        let any = self.grid.selection.target_count() > 0 && !seats.is_empty();
        let photos: Arc<[Seat]> = if any { self.grid.selection.targets(seats) } else { Arc::from([]) };
        let screen = PrintScreen::new(photos, PrintScreen::first_setup(&self.locale)).with_view(self.print_view);
        self.dialog = Dialog::Print(Box::new(screen));
    }

    /// Prints one copy of what is selected, as the last job was printed.
    pub(super) fn print_again(&mut self, ctx: &egui::Context, model: &Model<'_>, actions: &mut Vec<Action>) {
        actions.push(Action::Printing(PrintAsk::Desk));
        let photos = self.grid.selection.targets(&model.results.seats);
        self.print_again = Again::Waiting(photos, ctx.cumulative_frame_nr());
    }

    /// Orders it once the desk is known.
    pub(super) fn follow_print_again(&mut self, ctx: &egui::Context, model: &Model<'_>, actions: &mut Vec<Action>) {
        let Again::Waiting(photos, frame) = std::mem::take(&mut self.print_again) else { return };
        match &model.printing.desk {
            Loadable::Ready((desk, _)) if frame != ctx.cumulative_frame_nr() => {
                let order = quick_order(photos, desk, &self.print_view, &self.locale);
                actions.push(Action::PrintTo { order });
            }
            // Printing something else than the last time would be worse than nothing.
            Loadable::Failed { .. } if frame != ctx.cumulative_frame_nr() => {}
            _ => self.print_again = Again::Waiting(photos, frame),
        }
    }
}
