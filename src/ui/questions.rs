//! Short questions over the window: whether photos are to be removed, and a path where no picker could be opened.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Align, Id, Key, Layout, Modal, Modifiers};

use super::locale::Locale;
use super::theme::{self, space};
use super::widgets::{self, Button, PathField};

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// Nothing yet.
    Waiting,
    /// No.
    No,
    /// Yes, with what was asked for.
    Yes(T),
}

/// Asks whether this many photos are to be removed from the library, and says what that does not do.
pub fn remove(ctx: &egui::Context, locale: &Locale, count: usize) -> Answer<()> {
    let mut answer = Answer::Waiting;
    let modal = Modal::new(Id::unique("remove question")).frame(widgets::dialog_frame(ctx)).show(ctx, |ui| {
        ui.set_width(430.0_f32.min(ctx.content_rect().width() - 80.0));
        let photos = locale.count(count as u64, "photo", "photos");
        ui.label(theme::title(format!("Remove {photos} from the library?")));
        ui.add_space(space::XS);
        let (files, copies) = if count == 1 {
            ("The file stays where it is", "its copy")
        } else {
            ("The files stay where they are", "their copies")
        };
        let words = format!("{files}, and so does {copies} in the stores. Ctrl+Z brings everything back.");
        ui.add(egui::Label::new(theme::secondary(ui, words.replace("does their", "do their"))).wrap());
        ui.add_space(space::L);
        let enter = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if Button::primary("Remove from library").show(ui).clicked() || enter {
                answer = Answer::Yes(());
            }
            if Button::secondary("Cancel").show(ui).clicked() {
                answer = Answer::No;
            }
        });
    });
    if modal.should_close() && answer == Answer::Waiting { Answer::No } else { answer }
}

/// Asks for the paths to import, because a picker could not be opened.
pub fn import_paths(
    ctx: &egui::Context,
    field: &mut PathField,
    why: &str,
    home: Option<&Path>,
) -> Answer<Vec<PathBuf>> {
    let words = ("Folder to import", "/home/you/Pictures/shoot", "Import");
    let hint = "Type or paste the folder instead, or drop it on the window.";
    typed_path(ctx, field, ("Import photos", why, hint), words, home)
}

/// Asks for the folder that originals are brought into, likewise.
pub fn folder_for_originals(
    ctx: &egui::Context,
    field: &mut PathField,
    why: &str,
    home: Option<&Path>,
) -> Answer<PathBuf> {
    let words = ("Folder for the originals", "/home/you/Pictures/back", "Bring them here");
    let hint = "Type or paste the folder instead. Nothing in it is overwritten.";
    match typed_path(ctx, field, ("Bring originals into a folder", why, hint), words, home) {
        Answer::Waiting => Answer::Waiting,
        Answer::No => Answer::No,
        Answer::Yes(paths) => paths.into_iter().next().map_or(Answer::Waiting, Answer::Yes),
    }
}

fn typed_path(
    ctx: &egui::Context,
    field: &mut PathField,
    (title, why, hint): (&str, &str, &str),
    words: (&str, &str, &str),
    home: Option<&Path>,
) -> Answer<Vec<PathBuf>> {
    let mut answer = Answer::Waiting;
    let modal = Modal::new(Id::unique("typed path")).frame(widgets::dialog_frame(ctx)).show(ctx, |ui| {
        ui.set_width(520.0_f32.min(ctx.content_rect().width() - 80.0));
        ui.label(theme::title(title));
        ui.add_space(space::XS);
        widgets::problem(ui, why, hint);
        ui.add_space(space::S);
        if let Some(paths) = field.show(ui, words, home) {
            answer = Answer::Yes(paths);
        }
        ui.add_space(space::M);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if Button::secondary("Cancel").show(ui).clicked() {
                answer = Answer::No;
            }
        });
    });
    if modal.should_close() && answer == Answer::Waiting { Answer::No } else { answer }
}
