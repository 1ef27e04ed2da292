//! What becomes of a choice in the menu of photos.

use eframe::egui;

use super::*;

impl ViewState {
    /// What was chosen in the menu of photos.
    pub(super) fn choose(&mut self, ctx: &egui::Context, choice: Choice, model: &Model<'_>, actions: &mut Vec<Action>) {
        let seats = self.grid.selection.targets(&model.results.seats);
        let Some(seat) = seats.first().copied() else { return };
        match choice {
            Choice::Do(intent) => self.act(ctx, intent, model, actions),
            Choice::Label(label) => actions.push(Action::Edit { seats, change: Change::Label(label) }),
            Choice::Versions => self.dialog = Dialog::Versions(VersionsScreen::new(seat)),
            Choice::Reveal => actions.push(Action::RevealPhoto(seat)),
            Choice::First => actions.push(Action::Keep(KeepAsk::First(seats))),
            Choice::Class(class) => actions.push(Action::Keep(KeepAsk::Class { seats, class })),
            Choice::Share => self.dialog = Dialog::Share(Box::new(ShareScreen::new(seats))),
            Choice::WriteSidecars => actions.push(Action::Keep(KeepAsk::WriteSidecars(seats))),
            Choice::ReadSidecars => actions.push(Action::Keep(KeepAsk::ReadSidecars(seats))),
            Choice::Undelete => actions.push(Action::Keep(KeepAsk::Undelete(seats))),
            Choice::Download => {
                let as_of = if let Scope::AsOf(moment) = model.results.scope { Some(moment) } else { None };
                self.download(seats, as_of, actions);
            }
        }
    }
}
