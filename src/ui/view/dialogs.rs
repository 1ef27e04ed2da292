//! What lies over the window, one at a time.

use std::sync::Arc;

use eframe::egui;

use super::ViewState;
use crate::domain::{Change, Seat, Timestamp};
use crate::protocol::DownloadOrder;
use crate::ui::grid;
use crate::ui::questions::{self, Answer};
use crate::ui::screens::{
    AccountScreen, Context, DeleteScreen, HelpScreen, IngestScreen, PrintScreen, ShareScreen, Shown, StoresScreen,
    TaggingScreen, VersionsScreen,
};
use crate::ui::tags::TagField;
use crate::ui::widgets::PathField;
use crate::ui::{AccountReply, Action, KeepAsk, Model};

/// What lies over the window.
#[derive(Debug, Clone, Default)]
pub(super) enum Dialog {
    #[default]
    None,
    Help(HelpScreen),
    Stores(Box<StoresScreen>),
    /// Who looks at photos.
    Tagging(Box<TaggingScreen>),
    Versions(VersionsScreen),
    Print(Box<PrintScreen>),
    Remove(Arc<[Seat]>),
    Delete(DeleteScreen),
    Share(Box<ShareScreen>),
    Ingest(Box<IngestScreen>),
    ImportPath(PathField, String),
    DownloadPath(PathField, String, Arc<[Seat]>, Option<Timestamp>),
    Tags(TagField),
    Account(Box<AccountScreen>),
}

impl ViewState {
    /// Draws the one that is open.
    pub(super) fn dialogs(&mut self, ctx: &egui::Context, model: &Model<'_>, actions: &mut Vec<Action>) {
        let context = Context { model, locale: &self.locale, home: self.home.as_deref() };
        let shown = match &mut self.dialog {
            Dialog::None => return,
            Dialog::Help(screen) => screen.show(ctx, &context),
            Dialog::Stores(screen) => screen.show(ctx, &context, actions),
            Dialog::Tagging(screen) => screen.show(ctx, &context, actions),
            Dialog::Account(screen) => screen.show(ctx, &context, actions),
            Dialog::Delete(screen) => screen.show(ctx, &context, actions),
            Dialog::Share(screen) => screen.show(ctx, &context, actions),
            Dialog::Ingest(screen) => screen.show(ctx, &context, actions),
            Dialog::Versions(screen) => {
                let shown = screen.show(ctx, &context, actions);
                let wishes = if shown == Shown::Open { screen.in_sight(model) } else { Vec::new() };
                actions.push(Action::AlsoShown(wishes));
                shown
            }
            Dialog::Print(screen) => {
                let shown = screen.show(ctx, &context, actions);
                self.print_view = screen.view();
                actions.push(Action::OnPage(if shown == Shown::Open { screen.in_sight(model) } else { Vec::new() }));
                shown
            }
            Dialog::Tags(field) => still(field.show(ctx, model, &self.locale, actions)),
            Dialog::Remove(seats) => match questions::remove(ctx, &self.locale, seats.len()) {
                Answer::Waiting => Shown::Open,
                Answer::No => Shown::Closed,
                Answer::Yes(()) => {
                    actions.push(Action::Edit { seats: seats.clone(), change: Change::Hidden(true) });
                    Shown::Closed
                }
            },
            Dialog::ImportPath(field, why) => match questions::import_paths(ctx, field, why, self.home.as_deref()) {
                Answer::Waiting => Shown::Open,
                Answer::No => Shown::Closed,
                Answer::Yes(paths) => {
                    actions.push(Action::Import(paths));
                    Shown::Closed
                }
            },
            Dialog::DownloadPath(field, why, seats, as_of) => {
                match questions::folder_for_originals(ctx, field, why, self.home.as_deref()) {
                    Answer::Waiting => Shown::Open,
                    Answer::No => Shown::Closed,
                    Answer::Yes(to) => {
                        let order = DownloadOrder { seats: seats.clone(), as_of: *as_of, to };
                        actions.push(Action::Keep(KeepAsk::Download(order)));
                        Shown::Closed
                    }
                }
            }
        };
        match shown {
            Shown::Open => {}
            Shown::ToAccount => self.open_account(),
            Shown::ToPhotos(query) => {
                self.search.set(query, actions);
                self.close_dialog(ctx, model);
            }
            Shown::Closed => self.close_dialog(ctx, model),
        }
    }

    fn close_dialog(&mut self, ctx: &egui::Context, model: &Model<'_>) {
        self.account_unread |=
            matches!(self.dialog, Dialog::Account(_)) && matches!(model.account_reply, AccountReply::Waiting(_));
        self.dialog = Dialog::None;
        ctx.memory_mut(|memory| memory.request_focus(grid::id()));
    }
}

fn still(open: bool) -> Shown {
    if open { Shown::Open } else { Shown::Closed }
}
