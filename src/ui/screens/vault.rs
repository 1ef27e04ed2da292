//! The vault: where the second copy is, what is in it, and whether it is still what it was.

use eframe::egui::{self, RichText, Ui};

use super::dialog::{Dialog, Shown, body, footer};
use super::outcome::{Tone, outcome_words, part_done, progress_words};
use super::{Context, picker_problem, same_disk_label};
use crate::domain::account::Place;
use crate::protocol::{LibraryState, OpKind, OpReport, UserError, VerifyLevel};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Amount, Button, Icon, PathField};
use crate::ui::{Action, Activity, ActivityState, Loadable};

/// The levels of a verify: what each is called and what it does.
const LEVELS: [(VerifyLevel, &str, &str); 3] = [
    (VerifyLevel::Listing, "Is everything there?", "Compares the lists of files. Quick, whatever the size."),
    (
        VerifyLevel::Checksums,
        "Is it what was stored?",
        "Compares sizes and recorded checksums too, without reading the photos.",
    ),
    (
        VerifyLevel::EveryByte,
        "Is every byte intact?",
        "Reads and hashes every file again: the only proof against a failing disk. Takes as long as copying the vault.",
    ),
];

/// The dialog's view state.
#[derive(Debug, Clone)]
pub struct VaultScreen {
    level: VerifyLevel,
    typed: PathField,
    typing: bool,
}

impl Default for VaultScreen {
    fn default() -> Self {
        Self { level: VerifyLevel::Checksums, typed: PathField::default(), typing: false }
    }
}

impl VaultScreen {
    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        let dialog = Dialog { id: "vault", title: "Vault", width: 600.0, tall: false };
        let outcome = dialog.show(ctx, |ui| {
            body(ui, true, |ui| match (context.model.library.value(), context.model.library) {
                (Some(library), _) => self.content(ui, library, context, actions),
                (None, Loadable::Failed { error, .. }) => {
                    widgets::problem(ui, error, "");
                }
                (None, _) => {
                    ui.label(theme::secondary(ui, "Looking at the vault…"));
                }
            });
            footer(ui, |ui| {
                let done = widgets::primary_button(ui, "Done").clicked();
                // Whoever does already finds it in the bar.
                let only_here = context.model.account.place == Place::ThisComputer;
                (done, only_here && widgets::quiet_button(ui, "Store elsewhere too…").clicked())
            })
        });
        match (outcome.inner, &outcome.dialog) {
            ((_, true), _) => Shown::ToAccount,
            ((done, _), dialog) if done || dialog.closed || dialog.confirmed => Shown::Closed,
            _ => Shown::Open,
        }
    }

    fn content(&mut self, ui: &mut Ui, library: &LibraryState, context: &Context<'_>, actions: &mut Vec<Action>) {
        self.place(ui, library, context, actions);
        ui.add_space(space::M);
        counts(ui, library, context, actions);
        ui.add_space(space::M);
        self.verify(ui, library, context, actions);
    }

    fn place(&mut self, ui: &mut Ui, library: &LibraryState, context: &Context<'_>, actions: &mut Vec<Action>) {
        let vault = &library.vault;
        let about = "Every photo is kept here a second time, with all its versions. \
                     The folder is plain files: any program can read it.";
        ui.add(egui::Label::new(theme::secondary(ui, about)).wrap());
        ui.add_space(space::XS);
        ui.add(egui::Label::new(theme::semibold(vault.dir.display().to_string())).wrap().selectable(true));
        if let Some(problem) = &vault.problem {
            widgets::problem(ui, problem, "Connect the disk, or choose another place. Photos wait until then.");
        } else {
            if let Some(free) = vault.free_bytes {
                let bytes = context.locale.bytes(free);
                ui.label(theme::secondary(ui, format!("{bytes} free on its disk")));
            }
            if vault.same_disk {
                same_disk_label(ui);
            }
        }
        ui.add_space(space::XS);
        ui.horizontal_wrapped(|ui| {
            if Button::secondary("Choose another disk…").icon(Icon::Folder).show(ui).clicked() {
                actions.push(Action::PickVault);
            }
            if vault.problem.is_none() && widgets::quiet_button(ui, "Show in folder").clicked() {
                actions.push(Action::Reveal(vault.dir.clone()));
            }
            if Button::quiet("Type a path").selected(self.typing).show(ui).clicked() {
                self.typing = !self.typing;
            }
        });
        let problem = picker_problem(context.model);
        if let Some(problem) = problem {
            ui.add(egui::Label::new(theme::secondary(ui, problem)).wrap());
        }
        if self.typing || problem.is_some() {
            let words = ("Vault folder", "/media/disk/Photos vault", "Use this");
            if let Some(dir) = self.typed.show(ui, words, context.home).and_then(|paths| paths.into_iter().next()) {
                self.typing = false;
                actions.push(Action::SetVault(dir));
            }
        }
    }

    fn verify(&mut self, ui: &mut Ui, library: &LibraryState, context: &Context<'_>, actions: &mut Vec<Action>) {
        widgets::section_heading(ui, "Verify");
        for (level, name, explanation) in LEVELS {
            let number = u8::from(level);
            let indent = ui.spacing().icon_width + ui.spacing().icon_spacing;
            ui.scope(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.spacing_mut().interact_size.y = 24.0;
                ui.radio_value(&mut self.level, level, format!("{number}  {name}"));
                let margin = egui::Margin { left: indent as i8, ..egui::Margin::ZERO };
                egui::Frame::new().inner_margin(margin).show(ui, |ui| {
                    ui.add(egui::Label::new(theme::caption(ui, explanation)).wrap());
                });
            });
        }
        ui.add_space(space::XS);
        if let Some((activity, progress)) = running(context.model.activities, OpKind::Verify) {
            let part = part_done(progress);
            widgets::bar(ui, &activity.title, part.map_or(Amount::Unknown, Amount::Part));
            ui.horizontal_wrapped(|ui| {
                ui.label(theme::secondary(ui, progress_words(progress, context.locale)));
                if widgets::secondary_button(ui, "Cancel").clicked() {
                    actions.push(Action::Cancel(activity.op));
                }
            });
            return;
        }
        let possible = library.vault.problem.is_none();
        if Button::secondary("Verify").enabled(possible).show(ui).clicked() {
            actions.push(Action::Verify(self.level));
        }
        last_verify(ui, context);
    }
}

/// Three numbers and the button that moves the middle one.
fn counts(ui: &mut Ui, library: &LibraryState, context: &Context<'_>, actions: &mut Vec<Action>) {
    let tokens = theme::tokens(ui);
    let locale = context.locale;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::XL, space::S);
        let needs = if library.needs_you > 0 { tokens.warn } else { tokens.text };
        for (number, words, colour) in [
            (library.stored, "stored", tokens.text),
            (library.waiting, "waiting", tokens.text),
            (library.needs_you, if library.needs_you == 1 { "needs you" } else { "need you" }, needs),
        ] {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let text = locale.number(number);
                let response = ui.add(egui::Label::new(theme::title(text.as_str()).color(colour)));
                response.ctx.accesskit_node_builder(response.id, |node| node.set_label(format!("{text} {words}")));
                ui.label(theme::caption(ui, words));
            });
        }
    });
    ui.add_space(space::XS);
    if running(context.model.activities, OpKind::Store).is_some() {
        ui.label(theme::secondary(ui, "Storing now. The activity panel shows how far it is."));
        return;
    }
    let left = library.waiting + library.needs_you;
    if left == 0 {
        let damaged = last_outcome(context.model.activities).is_some_and(|(_, damaged)| damaged);
        let words = match library.stored {
            _ if library.photos == 0 => "Nothing to store yet.",
            _ if library.vault.problem.is_some() => "The vault is away.",
            _ if damaged => "The last check found damage; it is listed below.",
            stored if stored < library.photos => "Some photos have no file and no stored copy; see their inspector.",
            _ => "Everything is stored.",
        };
        ui.label(theme::secondary(ui, words));
        return;
    }
    if Button::secondary("Store now").enabled(library.vault.problem.is_none()).show(ui).clicked() {
        actions.push(Action::Store);
    }
}

/// How the last check ended, and whether it found damage.
fn last_outcome(activities: &[Activity]) -> Option<(&Result<OpReport, UserError>, bool)> {
    activities.iter().find_map(|activity| match &activity.state {
        ActivityState::Ended(outcome @ Ok(OpReport::Verify(report))) => {
            Some((outcome, !report.missing.is_empty() || !report.corrupt.is_empty()))
        }
        _ => None,
    })
}

fn last_verify(ui: &mut Ui, context: &Context<'_>) {
    let Some((outcome, _)) = last_outcome(context.model.activities) else { return };
    let (words, tone) = outcome_words(outcome, context.locale);
    let tokens = theme::tokens(ui);
    let (icon, colour) = if tone == Tone::Good { (Icon::Stored, tokens.good) } else { (Icon::Warning, tokens.bad) };
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(18.0), egui::Sense::hover());
        icon.paint(ui.painter(), rect.shrink(1.0), colour);
        ui.add(egui::Label::new(RichText::new(format!("Last verify: {words}")).color(colour)).wrap());
    });
}

fn running(activities: &[Activity], kind: OpKind) -> Option<(&Activity, &crate::protocol::Progress)> {
    activities.iter().find_map(|activity| match &activity.state {
        ActivityState::Running(progress) | ActivityState::Stopping(progress) if progress.kind == kind => {
            Some((activity, progress))
        }
        _ => None,
    })
}
