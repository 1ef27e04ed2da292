//! A line over the photos while a memory card is in this computer, or while one is being copied.

use eframe::egui::{self, Align, Layout, Sense, Ui, Vec2};

use super::locale::Locale;
use super::screens::card_name;
use super::theme::{self, space};
use super::widgets::{self, Button, Icon};
use super::words::one_line;
use super::{Action, KeepAsk, Model, Task};
use crate::domain::keep::CardFound;

/// Whether there is anything to say.
#[must_use]
pub fn is_needed(model: &Model<'_>) -> bool {
    !model.keeping.cards.is_empty() || model.keeping.ingest != Task::None
}

/// Shows it. Gives the card that is to be looked at, or `Some(None)` for the one on its way.
pub fn show(ui: &mut Ui, model: &Model<'_>, locale: &Locale, actions: &mut Vec<Action>) -> Option<Option<CardFound>> {
    let tokens = theme::tokens(ui);
    let mut wanted = None;
    let (icon, colour, words) = match (&model.keeping.ingest, model.keeping.cards.first()) {
        (Task::Running(_), _) => {
            (Icon::Import, tokens.accent_text, "A card is being copied and stored. Leave it in.".to_owned())
        }
        (Task::Ended(Ok(report)), _) if report.safe_to_format => {
            let files = locale.number(report.files);
            (
                Icon::Stored,
                tokens.good,
                format!("Card {}: {files} of {files} proved: safe to format", card_name(report)),
            )
        }
        (Task::Ended(Ok(report)), _) => {
            (Icon::Warning, tokens.bad, format!("Card {}: do not format it", card_name(report)))
        }
        (Task::Ended(Err(_)), _) => (Icon::Warning, tokens.bad, "The card was not copied: do not format it".to_owned()),
        (Task::None, Some(card)) => {
            let name = one_line(&card.name);
            (Icon::Import, tokens.accent_text, format!("Card {} is in this computer", widgets::elide_middle(&name, 40)))
        }
        (Task::None, None) => return None,
    };
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(18.0), Sense::hover());
        icon.paint(ui.painter(), rect.shrink(1.0), colour);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            match (&model.keeping.ingest, model.keeping.cards.first()) {
                (Task::None, Some(card)) => {
                    if Button::icon_only(Icon::Close, "Not this card").show(ui).clicked() {
                        actions.push(Action::Keep(KeepAsk::WaveAway(card.dir.clone())));
                    }
                    if Button::secondary("Copy and store everything…").show(ui).clicked() {
                        wanted = Some(Some(card.clone()));
                    }
                }
                _ => {
                    if Button::secondary("Show").tooltip("How it goes with the card").show(ui).clicked() {
                        wanted = Some(None);
                    }
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(theme::semibold(words)).truncate());
            });
        });
    });
    wanted
}
