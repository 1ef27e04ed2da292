//! What was sent in which batch, and what of it still waits.

use eframe::egui::{self, Align, Layout, RichText, Ui};

use super::overview::card;
use crate::domain::keep::{BatchState, BatchSummary};
use crate::ui::screens::Context;
use crate::ui::screens::activity::{as_text, failures};
use crate::ui::screens::outcome::Group;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Button};
use crate::ui::words::{one_line, store_title};
use crate::ui::{Action, KeepAsk, Loadable};

/// Batches shown at first, and with every further wish for more.
const PAGE: usize = 40;
/// Narrower than this, in points, the state of a batch stands below its date.
const SIDE_BY_SIDE: f32 = 420.0;

/// Which batch is open, and how many are shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Batches {
    open: Option<String>,
    more: usize,
}

impl Batches {
    pub(super) fn show(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) {
        let batches = match (context.model.keeping.batches.value(), &context.model.keeping.batches) {
            (Some(batches), _) => batches,
            (None, Loadable::Failed { error, .. }) => {
                widgets::problem(ui, error, "");
                return;
            }
            (None, _) => {
                ui.label(theme::secondary(ui, "Reading the batches…"));
                return;
            }
        };
        if batches.is_empty() {
            let words = "Nothing was stored yet. Every import becomes one batch in each store.";
            ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
            return;
        }
        let shown = PAGE * (self.more + 1);
        for batch in batches.iter().take(shown) {
            ui.push_id((&batch.batch, &batch.store), |ui| card(ui, |ui| self.batch(ui, batch, context, actions)));
            ui.add_space(space::XS);
        }
        if batches.len() > shown {
            let left = context.locale.number((batches.len() - shown) as u64);
            if Button::secondary(&format!("Show older ({left})")).show(ui).clicked() {
                self.more += 1;
            }
        }
    }

    fn batch(&mut self, ui: &mut Ui, batch: &BatchSummary, context: &Context<'_>, actions: &mut Vec<Action>) {
        let locale = context.locale;
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        let when = locale.moment(batch.started);
        ui.scope(|ui| {
            // As high as its text, not as a button.
            ui.spacing_mut().interact_size.y = 0.0;
            if ui.available_width() < SIDE_BY_SIDE {
                ui.label(theme::semibold(when.as_str()));
                state(ui, batch, context);
                return;
            }
            ui.horizontal(|ui| {
                ui.label(theme::semibold(when.as_str()));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| state(ui, batch, context));
            });
        });
        let mut facts = vec![
            store_title(&batch.store).to_owned(),
            locale.count(batch.stored, "file stored", "files stored"),
            locale.bytes(batch.bytes),
        ];
        facts.extend(batch.by.as_deref().map(|by| format!("by {}", widgets::elide_middle(&one_line(by), 60))));
        ui.add(egui::Label::new(theme::secondary(ui, facts.join("  ·  "))).wrap());
        if batch.waiting + batch.needs_you == 0 {
            return;
        }
        let open = self.open.as_deref() == Some(batch.batch.as_str());
        ui.horizontal_wrapped(|ui| {
            let word = if open { "Hide what is left" } else { "Show what is left" };
            let button = Button::secondary(word).selected(open).show(ui);
            let name = format!("{word} of {when}");
            button.ctx.accesskit_node_builder(button.id, |node| node.set_label(name));
            if button.clicked() {
                self.open = (!open).then(|| batch.batch.clone());
                if !open {
                    actions.push(Action::Keep(KeepAsk::Items(batch.batch.clone())));
                }
            }
            if batch.needs_you > 0 {
                let again = Button::secondary("Try these again").show(ui);
                let name = format!("Try these again, of {when}");
                again.ctx.accesskit_node_builder(again.id, |node| node.set_label(name));
                if again.clicked() {
                    actions.push(Action::Keep(KeepAsk::TryAgain(Some(batch.batch.clone()))));
                }
            }
        });
        if open {
            items(ui, batch, context, actions);
        }
    }
}

/// `Complete`, or what is left in numbers.
fn state(ui: &mut Ui, batch: &BatchSummary, context: &Context<'_>) {
    let tokens = theme::tokens(ui);
    let number = |number: u64| context.locale.number(number);
    let (words, colour) = match (batch.needs_you, batch.waiting, batch.state) {
        (0, 0, BatchState::Final) => ("Complete".to_owned(), tokens.good),
        (0, 0, BatchState::Open) => ("Being closed".to_owned(), tokens.text_secondary),
        (0, waiting, _) => (format!("{} waiting", number(waiting)), tokens.text_secondary),
        (1, 0, _) => ("1 needs you".to_owned(), tokens.bad),
        (needs, 0, _) => (format!("{} need you", number(needs)), tokens.bad),
        (needs, waiting, _) => {
            let verb = if needs == 1 { "needs" } else { "need" };
            (format!("{} waiting, {} {verb} you", number(waiting), number(needs)), tokens.bad)
        }
    };
    ui.label(RichText::new(words).color(colour));
}

/// What of a batch waits or needs a person, and why.
fn items(ui: &mut Ui, batch: &BatchSummary, context: &Context<'_>, actions: &mut Vec<Action>) {
    let loaded = context.model.keeping.items.as_ref().filter(|(shown, _)| *shown == batch.batch);
    let Some((_, loaded)) = loaded else { return };
    match (loaded.value(), loaded) {
        (Some(items), _) if items.is_empty() => {
            ui.label(theme::secondary(ui, "Nothing of it waits any more."));
        }
        (Some(items), _) => {
            let groups = [Group { heading: "Not stored yet", items }];
            failures(ui, &groups, context);
            if widgets::quiet_button(ui, "Copy list").clicked() {
                actions.push(Action::Copy(as_text(&groups)));
            }
        }
        (None, Loadable::Failed { error, .. }) => {
            widgets::problem(ui, error, "");
        }
        (None, _) => {
            ui.label(theme::secondary(ui, "Reading what is left…"));
        }
    }
}
