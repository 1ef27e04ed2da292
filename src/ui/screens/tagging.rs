//! Looking for tags: who looks at photos, at what, what that costs before it costs it, and how sure a machine must be.

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::Context;
use super::dialog::{Dialog, Shown, body, footer};
use crate::domain::Seat;
use crate::domain::labels::TaggerKind;
use crate::domain::spend::{OPT_OUT, WHAT_IS_SENT};
use crate::domain::tagging::{Sureness, TagSettings};
use crate::protocol::{OpKind, TagOrder, TaggingState};
use crate::ui::theme::{self, space};
use crate::ui::widgets;
use crate::ui::words::dollars;
use crate::ui::{Action, ActivityState, KeepAsk, Loadable};

/// The dialog's view state.
#[derive(Debug, Clone)]
pub struct TaggingScreen {
    /// Which photos are meant; `None` is every photo that nobody has looked at.
    seats: Option<Arc<[Seat]>>,
    with: Option<TaggerKind>,
    asked: bool,
    /// A threshold that is being dragged.
    dragged: Option<u8>,
    /// A run that was on its way when the dialog was last drawn: its end changes what is left.
    was_running: bool,
}

/// What was pressed.
#[derive(Default)]
struct Pressed {
    start: bool,
    close: bool,
}

impl TaggingScreen {
    /// About these photos; `None` is every photo that nobody has looked at.
    #[must_use]
    pub fn new(seats: Option<Arc<[Seat]>>) -> Self {
        Self { seats, with: None, asked: false, dragged: None, was_running: false }
    }

    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        let running = is_running(context);
        if !std::mem::replace(&mut self.asked, true) || self.was_running && !running {
            actions.push(Action::Keep(KeepAsk::Tagging(self.seats.clone())));
        }
        self.was_running = running;
        let title = match &self.seats {
            Some(seats) => {
                format!("Look for tags in {}", context.locale.count(seats.len() as u64, "photo", "photos"))
            }
            None => "Look for tags".to_owned(),
        };
        let dialog = Dialog { id: "tagging", title: &title, width: 560.0, tall: false };
        let tagging = &context.model.keeping.tagging;
        let outcome = dialog.show(ctx, |ui| {
            body(ui, false, |ui| match (tagging.value(), tagging) {
                (Some(state), _) => self.state(ui, state, context, actions),
                (None, Loadable::Failed { error, .. }) => {
                    widgets::problem(ui, error, "");
                }
                (None, _) => {
                    ui.label(theme::secondary(ui, "Counting what nobody has looked at…"));
                }
            });
            self.foot(ui, tagging.value().map(|state| &**state), running)
        });
        let (pressed, dialog) = (outcome.inner, outcome.dialog);
        if pressed.start
            && let Some(state) = tagging.value()
        {
            let order = TagOrder { seats: self.seats.clone(), with: Some(self.chosen(state)), ..TagOrder::default() };
            actions.push(Action::Keep(KeepAsk::Tag(order)));
        }
        if pressed.start || pressed.close || dialog.closed || dialog.confirmed { Shown::Closed } else { Shown::Open }
    }

    fn chosen(&self, state: &TaggingState) -> TaggerKind {
        self.with.unwrap_or(state.settings.with)
    }

    fn state(&mut self, ui: &mut Ui, state: &TaggingState, context: &Context<'_>, actions: &mut Vec<Action>) {
        let mut settings = state.settings.clone();
        let mut with = self.chosen(state);
        let photos = |count| context.locale.count(count, "photo", "photos");
        ui.radio_value(&mut with, TaggerKind::Device, "This computer");
        indented(ui, |ui| {
            let words = match (state.device_photos, &self.seats) {
                (0, Some(seats)) if seats.len() == 1 => {
                    "Free, and nothing leaves this computer. It has looked at this one.".to_owned()
                }
                (0, _) => "Free, and nothing leaves this computer. It has looked at all of them.".to_owned(),
                (count, _) => format!("Free, and nothing leaves this computer. {} to look at.", photos(count)),
            };
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
        });
        ui.radio_value(&mut with, TaggerKind::Aws, "Amazon Rekognition");
        indented(ui, |ui| aws(ui, state, context));
        self.with = Some(with);
        if with == TaggerKind::Aws {
            Self::paid(ui, &mut settings);
        }
        ui.add_space(space::S);
        self.threshold(ui, state, with, context, actions);
        ui.add_space(space::S);
        let words = match with {
            TaggerKind::Device => "Look at new photos by itself, on this computer",
            TaggerKind::Aws => "Look at new photos by itself, with Rekognition, up to the limit",
        };
        let mut auto = settings.auto && settings.with == with;
        if ui.checkbox(&mut auto, words).changed() {
            (settings.auto, settings.with) = (auto, with);
        }
        if settings != state.settings {
            actions.push(Action::Keep(KeepAsk::SetTagging(settings)));
            // What is asked decides what it costs.
            actions.push(Action::Keep(KeepAsk::Tagging(self.seats.clone())));
        }
    }

    /// What is asked of Rekognition, and for how much.
    fn paid(ui: &mut Ui, settings: &mut TagSettings) {
        indented(ui, |ui| {
            ui.checkbox(&mut settings.faces, "Where faces are, too (not whose)");
            ui.checkbox(&mut settings.text, "Read text, too");
            ui.horizontal(|ui| {
                ui.label("Stop each month at");
                let mut dollars = f64::from(settings.month_cap_cents) / 100.0;
                let drag =
                    egui::DragValue::new(&mut dollars).range(0.0..=10_000.0).speed(0.5).prefix("$").max_decimals(2);
                if ui.add(drag).changed() {
                    settings.month_cap_cents = (dollars * 100.0).round() as u32;
                }
            });
            ui.add(egui::Label::new(theme::caption(ui, WHAT_IS_SENT)).wrap());
            ui.add(egui::Label::new(theme::caption(ui, OPT_OUT)).wrap());
        });
    }

    fn threshold(
        &mut self,
        ui: &mut Ui,
        state: &TaggingState,
        with: TaggerKind,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        let (now, sureness) = match with {
            TaggerKind::Aws => (state.aws_threshold, &state.aws_sureness),
            TaggerKind::Device => (state.device_threshold, &state.device_sureness),
        };
        let mut percent = self.dragged.unwrap_or(now.round() as u8);
        let slider = egui::Slider::new(&mut percent, 0..=99).suffix(" %").text("sure at least");
        let response = ui.add(slider);
        self.dragged = (response.dragged() || response.has_focus()).then_some(percent);
        if (response.drag_stopped() || response.changed() && !response.dragged()) && f32::from(percent) != now.round() {
            actions.push(Action::Keep(KeepAsk::Threshold(with, percent)));
        }
        ui.add(egui::Label::new(stays(sureness, percent, context)).wrap());
        let words = "A word of which the machine is less sure becomes no tag. A tag that you remove stays removed.";
        ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
    }

    fn foot(&self, ui: &mut Ui, state: Option<&TaggingState>, running: bool) -> Pressed {
        let ready = state.is_some_and(|state| match self.chosen(state) {
            TaggerKind::Aws => state.aws_problem.is_none() && state.aws.images.total() > 0,
            TaggerKind::Device => state.device_photos > 0,
        });
        footer(ui, |ui| {
            let start =
                ui.add_enabled_ui(ready && !running, |ui| widgets::primary_button(ui, "Look for tags").clicked());
            Pressed { start: start.inner, close: widgets::quiet_button(ui, "Close").clicked() }
        })
    }
}

/// What a threshold leaves of all that a tagger ever said.
fn stays(sureness: &Sureness, percent: u8, context: &Context<'_>) -> String {
    let (tags, photos) = sureness.from(percent);
    let (all, _) = sureness.from(0);
    if all == 0 {
        return "It has not given any tag yet.".to_owned();
    }
    let tags_in_words = context.locale.count(tags, "tag", "tags");
    let photos = context.locale.count(photos, "photo", "photos");
    let verb = if tags == 1 { "stays" } else { "stay" };
    match all - tags {
        0 => format!("All {tags_in_words} on {photos} {verb}."),
        gone => format!("{tags_in_words} on {photos} {verb}, {} would go.", context.locale.number(gone)),
    }
}

/// What Rekognition would cost, or why it cannot be asked.
fn aws(ui: &mut Ui, state: &TaggingState, context: &Context<'_>) {
    if let Some(problem) = &state.aws_problem {
        ui.add(egui::Label::new(theme::caption(ui, format!("Not now: {problem}."))).wrap());
        return;
    }
    let spent = dollars(state.spent.total_micro_usd() as f64 / 1e6, context.locale);
    ui.add(egui::Label::new(state.aws.words.as_str()).wrap());
    let words = format!("{} This month so far: {spent}.", state.aws.note);
    ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
}

fn indented(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let left = (ui.spacing().icon_width + ui.spacing().icon_spacing) as i8;
    let margin = egui::Margin { left, bottom: space::XS as i8, ..egui::Margin::ZERO };
    egui::Frame::new().inner_margin(margin).show(ui, content);
}

fn is_running(context: &Context<'_>) -> bool {
    context.model.activities.iter().any(|activity| match &activity.state {
        ActivityState::Running(progress) | ActivityState::Stopping(progress) => progress.kind == OpKind::Tag,
        _ => false,
    })
}
