//! What a person asked for, into commands, dialogs and settings.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;

use super::printing;
use super::state::{State, pending};
use super::wishes::{OnScreen, Wishes};
use crate::domain::printing::Proof;
use crate::domain::{Seat, Timestamp};
use crate::platform::{self, Pick, Picked, Picker};
use crate::protocol::{AccountAsk, Command, DownloadOrder, OpId, PrintAsk, PrintOrder, RestoreTo};
use crate::ui::{AccountReply, Action, ActivityState, KeepAsk, Loadable, PrintPick};

/// What a picker was opened for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PickedFor {
    Import,
    Vault,
    OpenStore,
    Restore { photo: crate::domain::PhotoId, version: u32 },
    Print(Box<PrintOrder>),
    ForPrint(PrintPick),
    Download { seats: Arc<[Seat]>, as_of: Option<Timestamp> },
    Ingest,
}

/// Everything that actions work on.
pub(super) struct Doing<'a> {
    pub state: &'a mut State,
    pub wishes: &'a mut Wishes,
    pub picker: &'a mut Picker<PickedFor>,
    pub commands: &'a mut Vec<Command>,
    pub ctx: &'a egui::Context,
}

impl Doing<'_> {
    /// Does one thing.
    pub fn act(&mut self, action: Action) {
        let state = &mut *self.state;
        match action {
            Action::Import(roots) => self.import(roots),
            Action::PickImportFolders => self.pick(Pick::Folders("Import photos"), PickedFor::Import),
            Action::PickVault => self.pick(Pick::Folder("Vault folder"), PickedFor::Vault),
            Action::PickOpenStore => self.pick(Pick::Folder("Open a vault"), PickedFor::OpenStore),
            Action::PickRestoreFolder { photo, version } => {
                self.pick(Pick::Folder("Restore into"), PickedFor::Restore { photo, version });
            }
            Action::SetVault(dir) => self.commands.push(Command::SetVault { dir }),
            Action::OpenStore(dir) => {
                let op = state.new_op();
                self.commands.push(Command::OpenStore { op, dir: Some(dir) });
            }
            Action::Cancel(op) => self.cancel(op),
            Action::Search(query) => state.search(query, self.commands),
            Action::Visible { visible, near, arriving } => {
                self.wishes.on_screen = OnScreen { visible, near, arriving };
                self.wishes.ask(state, self.commands);
            }
            Action::OnPage(seats) => {
                if self.wishes.on_page != seats {
                    self.wishes.on_page = seats;
                    self.wishes.ask(state, self.commands);
                }
            }
            Action::ShowDetail(seat) => self.show_detail(seat),
            Action::ShowPicture { seat, long_edge_px, proof, ahead } => {
                self.show_picture(seat, (long_edge_px, proof), ahead);
            }
            Action::ClosePicture => self.close_picture(),
            Action::Edit { seats, change } => self.commands.push(Command::Edit { seats, change }),
            Action::EditAll { seats, changes } => self.commands.push(Command::EditAll { seats, changes }),
            Action::Undo => self.commands.push(Command::Undo),
            Action::Account(ask) => self.ask_account(ask),
            Action::CancelAccount => self.cancel_account(),
            Action::OpenPage(page) => platform::open_page(&page),
            Action::TryAgain => self.commands.push(Command::TryAgain),
            Action::SetAside => self.commands.push(Command::SetAside),
            Action::Redo => self.commands.push(Command::Redo),
            Action::SuggestTags(typed) => self.commands.push(Command::SuggestTags { typed }),
            Action::Store => {
                let op = state.new_op();
                self.commands.push(Command::Store { op });
            }
            Action::Keep(ask) => self.keep(ask),
            Action::Find(ask) => self.find(ask),
            Action::People(what) => self.people(what),
            Action::AlsoShown(wishes) => {
                if self.wishes.also != wishes {
                    self.wishes.also = wishes;
                    self.wishes.ask(state, self.commands);
                }
            }
            Action::Restore { photo, version, to } => {
                let op = state.new_op();
                self.commands.push(Command::Restore { op, photo, version, to });
            }
            Action::Preview { photos, each, setup } => {
                let op = state.new_op();
                state.pages_op = Some(op);
                pending(&mut state.pages);
                self.commands.push(Command::Preview { op, photos, each, setup });
            }
            Action::Printing(ask) => self.ask_printing(ask),
            Action::PickForPrint(pick) => self.pick_for_print(pick),
            Action::PrintTo { order } => self.print_to(order),
            Action::RevealPhoto(seat) => {
                state.reveal = Some(seat);
                self.commands.push(Command::Detail { seat });
            }
            Action::Reveal(path) => platform::reveal(&path),
            Action::OpenFile(path) => platform::open(&path),
            Action::Copy(text) => self.ctx.copy_text(text),
            Action::SetTheme(theme) => state.theme = theme,
            Action::DismissToast(index) => state.toasts.dismiss(index),
            Action::ClearFinished => {
                state.activities.retain(|activity| !matches!(activity.state, ActivityState::Ended(_)));
            }
        }
    }

    fn show_detail(&mut self, seat: Seat) {
        if self.state.detail_wanted != Some(seat) {
            pending(&mut self.state.detail);
        }
        self.state.detail_wanted = Some(seat);
        self.commands.push(Command::Detail { seat });
    }

    fn ask_account(&mut self, ask: AccountAsk) {
        let op = self.state.new_op();
        self.state.account_reply = AccountReply::Waiting(op);
        self.commands.push(Command::Account { op, ask });
    }

    fn cancel_account(&mut self) {
        if let AccountReply::Waiting(op) = self.state.account_reply {
            self.commands.push(Command::Cancel { op });
        }
    }

    fn import(&mut self, roots: Vec<PathBuf>) {
        let op = self.state.new_op();
        self.commands.push(Command::Import { op, roots, store: true });
    }

    fn cancel(&mut self, op: OpId) {
        if let Some(activity) = self.state.activities.iter_mut().find(|activity| activity.op == op)
            && let ActivityState::Running(progress) = &activity.state
        {
            activity.state = ActivityState::Stopping(progress.clone());
        }
        self.commands.push(Command::Cancel { op });
    }

    fn ask_printing(&mut self, ask: PrintAsk) {
        printing::asked(&mut self.state.printing, &ask);
        let op = self.state.new_op();
        self.state.printing_ops.insert(op, printing::About::of(&ask));
        self.commands.push(Command::Printing { op, ask });
    }

    fn pick_for_print(&mut self, pick: PrintPick) {
        let ask = match &pick {
            PrintPick::Profile => Pick::File("Colour profile of printer and paper", "ICC profile", &["icc", "icm"]),
            PrintPick::TakeLayout => Pick::File("Take a layout from a file", "Layout", &["json"]),
            PrintPick::ExportLayout(_) => Pick::Save("Export the layout", "layout.json"),
        };
        self.state.printing.profile = None;
        self.pick(ask, PickedFor::ForPrint(pick));
    }

    /// Prints, once it is known into which file.
    fn print_to(&mut self, order: PrintOrder) {
        match printing::order_file(&order.output) {
            Some(file) if file.as_os_str().is_empty() => {
                let (title, name) = printing::file_words(&order.output);
                self.pick(Pick::Save(title, name), PickedFor::Print(Box::new(order)));
            }
            _ => self.print(order),
        }
    }

    fn print(&mut self, order: PrintOrder) {
        let op = self.state.new_op();
        self.commands.push(Command::Print { op, order });
    }

    fn close_picture(&mut self) {
        if self.state.picture.proof.is_some() {
            // A proof is of one paper, and not what the loupe shows.
            self.state.textures.forget_pictures();
        }
        self.state.picture = super::state::Picture::default();
    }

    fn show_picture(&mut self, seat: Seat, (long_edge_px, proof): (Option<u32>, Option<Proof>), ahead: Vec<Seat>) {
        let state = &mut *self.state;
        if state.picture.proof != proof {
            state.textures.forget_pictures();
        }
        state.picture.seat = Some(seat);
        // Neighbours are fetched for the screen, never pixel by pixel.
        state.picture.ahead = if long_edge_px.is_some() { ahead } else { Vec::new() };
        state.picture.edge_px = long_edge_px;
        state.picture.proof.clone_from(&proof);
        let op = state.new_op();
        state.picture.op = Some(op);
        self.commands.push(Command::Picture { op, seat, long_edge_px, proof });
    }

    pub(super) fn pick(&mut self, pick: Pick, wanted: PickedFor) {
        if self.picker.open(pick, wanted, self.ctx) {
            self.state.picker = Loadable::Pending { previous: None };
        }
    }

    /// Takes the answer of a picker, once there is one.
    pub fn picked(&mut self) {
        let Some((wanted, picked)) = self.picker.answer() else { return };
        self.state.picker = match &picked {
            Picked::Unavailable => Loadable::Failed {
                error: "This desktop has no file dialog that could be opened.".to_owned(),
                previous: None,
            },
            Picked::Cancelled | Picked::Paths(_) => Loadable::Ready(()),
        };
        let Picked::Paths(paths) = picked else { return };
        match (wanted, paths.first().cloned()) {
            (PickedFor::Import, Some(_)) => self.import(paths),
            (PickedFor::Vault, Some(dir)) => self.act(Action::SetVault(dir)),
            (PickedFor::OpenStore, Some(dir)) => self.act(Action::OpenStore(dir)),
            (PickedFor::Restore { photo, version }, Some(dir)) => {
                self.act(Action::Restore { photo, version, to: RestoreTo::Folder(dir) });
            }
            (PickedFor::Download { seats, as_of }, Some(to)) => {
                self.act(Action::Keep(KeepAsk::Download(DownloadOrder { seats, as_of, to })));
            }
            (PickedFor::Ingest, dir @ Some(_)) => self.state.keeping.ingest_to = dir,
            (PickedFor::Print(order), Some(file)) => {
                let output = printing::named(order.output, file);
                self.print(PrintOrder { output, ..*order });
            }
            (PickedFor::ForPrint(PrintPick::Profile), file @ Some(_)) => self.state.printing.profile = file,
            (PickedFor::ForPrint(PrintPick::TakeLayout), Some(file)) => {
                self.act(Action::Printing(PrintAsk::Take(file)));
            }
            (PickedFor::ForPrint(PrintPick::ExportLayout(name)), Some(file)) => {
                let file = if file.extension().is_some() { file } else { file.with_extension("json") };
                self.act(Action::Printing(PrintAsk::Export { name, file }));
            }
            (_, None) => {}
        }
    }
}
