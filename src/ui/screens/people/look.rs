//! Looking for faces: by this computer or by Rekognition, what is sent, what it costs, and the consent it needs.

use eframe::egui::{self, Ui};

use super::{Wanted, ask_for};
use crate::domain::people::{EXPLANATION, WITHOUT_ACCOUNT};
use crate::domain::spend::OPT_OUT;
use crate::protocol::{LookOrder, OpKind, PeopleAsk, PeopleState};
use crate::ui::screens::Context;
use crate::ui::screens::dialog::{Dialog, body, footer};
use crate::ui::theme::{self, space};
use crate::ui::widgets;
use crate::ui::words::dollars;
use crate::ui::{Action, ActivityState, PeopleDo};

/// What is chosen in the form.
#[derive(Debug, Clone, Default)]
pub(super) struct LookForm {
    /// Rekognition rather than this computer; `None` until somebody chose.
    aws: Option<bool>,
}

impl LookForm {
    fn is_aws(&self, state: &PeopleState) -> bool {
        self.aws.unwrap_or(state.consent && state.aws_problem.is_none())
    }

    /// The form, where the page is empty, and in the dialog.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        state: &PeopleState,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) -> Option<Wanted> {
        let mut aws = self.is_aws(state);
        let mut wanted = None;
        if ui.radio_value(&mut aws, false, "This computer").changed() {
            self.aws = Some(aws);
        }
        indented(ui, |ui| {
            let photos = match state.device_photos {
                0 => "It has looked at all photos.".to_owned(),
                count => format!("{} to look at.", context.locale.count(count, "photo", "photos")),
            };
            let words = format!("Free, and nothing leaves it. Finds where faces are, not whose. {photos}");
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
        });
        if ui.radio_value(&mut aws, true, "Amazon Rekognition").changed() {
            self.aws = Some(aws);
        }
        indented(ui, |ui| {
            let words = "Finds faces, and suggests whose they are once you have named some.";
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
            if let Some(problem) = &state.aws_problem {
                let end = problem.trim_end_matches('.');
                ui.add(egui::Label::new(theme::caption(ui, format!("Not now: {end}."))).wrap());
                ui.add(egui::Label::new(theme::caption(ui, WITHOUT_ACCOUNT)).wrap());
                if widgets::quiet_button(ui, "Account and storage…").clicked() {
                    wanted = Some(Wanted::Account);
                }
            }
        });
        if aws {
            paid(ui, state, context, actions);
        }
        wanted
    }

    /// The button that starts it.
    pub fn start(&self, ui: &mut Ui, state: &PeopleState, context: &Context<'_>, actions: &mut Vec<Action>) -> bool {
        let aws = self.is_aws(state);
        let ready = if aws {
            state.consent && state.aws_problem.is_none() && state.aws.images.total() > 0
        } else {
            state.device_photos > 0
        };
        let able = ready && !is_running(context) && !state.deleting;
        let pressed = ui.add_enabled_ui(able, |ui| widgets::primary_button(ui, "Look for faces").clicked()).inner;
        if pressed {
            let order = LookOrder { on_device: !aws, ..LookOrder::default() };
            actions.push(Action::People(PeopleDo::Look(order)));
        }
        pressed
    }

    /// The same over the page. False once it is to be closed.
    pub fn dialog(
        &mut self,
        ctx: &egui::Context,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) -> (bool, Option<Wanted>) {
        let Some(state) = context.model.people.state.value() else { return (false, None) };
        let dialog = Dialog { id: "look for faces", title: "Look for faces", width: 600.0, tall: false };
        let mut wanted = None;
        let outcome = dialog.show(ctx, |ui| {
            body(ui, true, |ui| wanted = self.show(ui, state, context, actions));
            footer(ui, |ui| {
                let started = self.start(ui, state, context, actions);
                started | widgets::quiet_button(ui, "Close").clicked()
            })
        });
        (!outcome.inner && !outcome.dialog.closed && wanted.is_none(), wanted)
    }
}

/// What Rekognition gets, what it costs, and the switch without which it is not asked.
fn paid(ui: &mut Ui, state: &PeopleState, context: &Context<'_>, actions: &mut Vec<Action>) {
    ui.add_space(space::XS);
    widgets::card(ui, |ui| {
        ui.set_width(ui.available_width());
        for paragraph in EXPLANATION {
            ui.add(egui::Label::new(*paragraph).wrap());
        }
        ui.add(egui::Label::new(theme::caption(ui, OPT_OUT)).wrap());
    });
    ui.add_space(space::S);
    let mut consent = state.consent;
    let words = "Rekognition may look for faces in my photos and compare them";
    if ui.checkbox(&mut consent, words).changed() {
        actions.push(ask_for(PeopleAsk::Consent(consent)));
    }
    indented(ui, |ui| {
        let words = "Off until you switch it on. Switching it off stops asking, and deletes nothing.";
        ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
    });
    let money = |micro: u64| dollars(micro as f64 / 1e6, context.locale);
    ui.add(egui::Label::new(theme::semibold(state.aws.words.as_str())).wrap());
    let note = format!(
        "{} This month so far: {} of at most {}, tags included (Ctrl+T changes the limit).",
        state.aws.note,
        money(state.spent.total_micro_usd()),
        money(state.cap_micro_usd)
    );
    ui.add(egui::Label::new(theme::caption(ui, note.trim_start())).wrap());
}

fn indented(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let left = (ui.spacing().icon_width + ui.spacing().icon_spacing) as i8;
    let margin = egui::Margin { left, bottom: space::XS as i8, ..egui::Margin::ZERO };
    egui::Frame::new().inner_margin(margin).show(ui, content);
}

fn is_running(context: &Context<'_>) -> bool {
    context.model.activities.iter().any(|activity| match &activity.state {
        ActivityState::Running(progress) | ActivityState::Stopping(progress) => {
            matches!(progress.kind, OpKind::LookForPeople | OpKind::ForgetPeople)
        }
        ActivityState::Ended(_) => false,
    })
}
