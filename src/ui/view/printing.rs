//! Printing from the window: the studio, and one more print without it.

use std::sync::Arc;

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
    /// Asked for in this frame.
    Asked(Arc<[Seat]>),
    /// The answer is on its way.
    Waiting(Arc<[Seat]>),
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
    pub(super) fn print_again(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        actions.push(Action::Printing(PrintAsk::Desk));
        self.print_again = Again::Asked(self.grid.selection.targets(&model.results.seats));
    }

    /// Orders it once the desk is known.
    pub(super) fn follow_print_again(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        match std::mem::take(&mut self.print_again) {
            Again::No => {}
            Again::Asked(photos) => self.print_again = Again::Waiting(photos),
            Again::Waiting(photos) => match &model.printing.desk {
                Loadable::Ready((desk, _)) => {
                    let order = quick_order(photos, desk, &self.print_view, &self.locale);
                    actions.push(Action::PrintTo { order });
                }
                // The desk's trouble is told by whoever asked for it; printing something else would be worse.
                Loadable::Failed { .. } => {}
                Loadable::NotAsked | Loadable::Pending { .. } => self.print_again = Again::Waiting(photos),
            },
        }
    }
}
