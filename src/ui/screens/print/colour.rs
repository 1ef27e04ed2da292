//! Colour: who manages it, how the paper will look, and how pixels are sharpened for it.

use std::path::Path;

use eframe::egui::Ui;

use super::super::Context;
use super::fields::{self, segments};
use crate::domain::printing::{Intent, Managed, PixelSetup, Profile, Proof, Sharpen, Strength};
use crate::ui::widgets::{Button, PathField};
use crate::ui::{Action, Loadable, PrintPick};

/// The column's state that is no part of a job.
#[derive(Debug, Clone, Default)]
pub(super) struct Colour {
    /// The screen shows what the paper will.
    pub proof: bool,
    paper_white: bool,
    gamut_warning: bool,
    /// The person's own profile, to come back to.
    app: Option<Managed>,
    /// A profile's file was asked for.
    picking: bool,
    typed: PathField,
}

impl Colour {
    /// The soft proof that is to be shown, where one is.
    pub fn wanted(&self, pixels: &PixelSetup) -> Option<Proof> {
        let Managed::App { profile, intent, black_point } = &pixels.managed else { return None };
        self.proof.then(|| Proof {
            profile: profile.clone(),
            intent: *intent,
            black_point: *black_point,
            paper_white: self.paper_white,
            gamut_warning: self.gamut_warning,
        })
    }

    /// Draws the section.
    pub fn show(&mut self, ui: &mut Ui, pixels: &mut PixelSetup, context: &Context<'_>, actions: &mut Vec<Action>) {
        fields::section(ui, "Colour management");
        let mut app = matches!(pixels.managed, Managed::App { .. });
        let switched = segments(ui, &mut app, &[(false, "By the printer"), (true, "By Lightkeep")]);
        if switched && app {
            let first =
                Managed::App { profile: Profile::Srgb, intent: Intent::RelativeColorimetric, black_point: true };
            pixels.managed = self.app.clone().unwrap_or(first);
        } else if switched {
            self.app = Some(std::mem::take(&mut pixels.managed));
        }
        if let Managed::App { profile, intent, black_point } = &mut pixels.managed {
            self.profile(ui, profile, context, actions);
            intents(ui, intent);
            ui.checkbox(black_point, "Black-point compensation");
            fields::note(ui, "Switch colour management off in the printer's own options, or colours change twice.");
        } else {
            fields::note(ui, "Photos go to the printer in sRGB, and its driver turns them into ink.");
        }
        ui.add_enabled_ui(app, |ui| {
            let response = ui.checkbox(&mut self.proof, "Soft proof: show it as the paper will");
            if !app {
                response.on_disabled_hover_text("Let Lightkeep manage colours and choose the paper's profile first.");
            }
        });
        if app && self.proof {
            ui.checkbox(&mut self.paper_white, "Paper white and ink black");
            ui.checkbox(&mut self.gamut_warning, "Mark colours that the paper cannot show");
        }
        sharpen(ui, pixels);
    }

    fn profile(&mut self, ui: &mut Ui, profile: &mut Profile, context: &Context<'_>, actions: &mut Vec<Action>) {
        let named =
            [(Profile::Srgb, "sRGB"), (Profile::AdobeRgb, "Adobe RGB (1998)"), (Profile::DisplayP3, "Display P3")];
        let shown = match &*profile {
            Profile::File(file) => file_name(file),
            other => {
                named.iter().find(|(known, _)| known == other).map_or_else(String::new, |(_, name)| (*name).into())
            }
        };
        let last = ("A profile of printer and paper…".to_owned(), matches!(profile, Profile::File(_)));
        let items = named.iter().map(|(known, name)| ((*name).to_owned(), known == profile)).chain([last]);
        match fields::choice(ui, "Profile", &shown, items) {
            Some(index) if index < named.len() => *profile = named[index].0.clone(),
            Some(_) => {
                self.picking = true;
                actions.push(Action::PickForPrint(PrintPick::Profile));
            }
            None => {}
        }
        if let Profile::File(file) = &*profile {
            fields::note(ui, &file.display().to_string());
        }
        self.answer(ui, profile, context);
    }

    /// Takes the file that was picked, or lets one be typed.
    fn answer(&mut self, ui: &mut Ui, profile: &mut Profile, context: &Context<'_>) {
        if !self.picking {
            return;
        }
        match context.model.picker {
            Loadable::Pending { .. } | Loadable::NotAsked => {}
            Loadable::Ready(()) => {
                if let Some(file) = &context.model.printing.profile {
                    *profile = Profile::File(file.clone());
                    self.picking = false;
                }
            }
            Loadable::Failed { error, .. } => {
                fields::note(ui, error);
                let words = ("ICC profile", "/usr/share/color/icc/paper.icc", "Use");
                if let Some(file) = self.typed.show(ui, words, context.home).and_then(|paths| paths.into_iter().next())
                {
                    *profile = Profile::File(file);
                    self.picking = false;
                }
                if Button::quiet("Cancel the profile").show(ui).clicked() {
                    self.picking = false;
                }
            }
        }
    }
}

fn file_name(file: &Path) -> String {
    file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn intents(ui: &mut Ui, intent: &mut Intent) {
    let named = [
        (Intent::Perceptual, "Perceptual"),
        (Intent::RelativeColorimetric, "Relative colorimetric"),
        (Intent::Saturation, "Saturation"),
        (Intent::AbsoluteColorimetric, "Absolute colorimetric"),
    ];
    let shown = named.iter().find(|(known, _)| known == intent).map_or("", |(_, name)| name);
    let items = named.iter().map(|(known, name)| ((*name).to_owned(), known == intent));
    if let Some(index) = fields::choice(ui, "Intent", shown, items) {
        *intent = named[index].0;
    }
}

fn sharpen(ui: &mut Ui, pixels: &mut PixelSetup) {
    fields::section(ui, "Sharpening for paper");
    segments(ui, &mut pixels.sharpen, &[(Sharpen::Off, "Off"), (Sharpen::Matte, "Matte"), (Sharpen::Glossy, "Glossy")]);
    if pixels.sharpen != Sharpen::Off {
        segments(
            ui,
            &mut pixels.strength,
            &[(Strength::Low, "Low"), (Strength::Standard, "Standard"), (Strength::High, "High")],
        );
    }
    ui.checkbox(&mut pixels.draft, "Draft: from the previews, fast and soft");
}
