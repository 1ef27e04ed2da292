//! What the studio asks for: pages, printers, jobs, layouts, and that its job is remembered.

use std::time::Duration;

use eframe::egui;

use super::super::Context;
use super::job::Destination;
use super::settings::Settings;
use super::{Desk, PrintScreen, printer};
use crate::protocol::PrintAsk;
use crate::ui::{Action, Loadable, Model};

/// Printers and jobs are asked for again after this time, in ms.
const REFRESH_MS: i64 = 5_000;

impl PrintScreen {
    /// Takes what came, and asks for what is missing, once in a frame.
    pub(super) fn look_after(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) {
        let model = context.model;
        let now = model.clock.now_ms;
        match self.desk {
            Desk::New => {
                self.desk = Desk::Asked(ctx.cumulative_frame_nr());
                self.printers_ms = now;
                for ask in [PrintAsk::Desk, PrintAsk::Printers, PrintAsk::Layouts, PrintAsk::Jobs] {
                    actions.push(Action::Printing(ask));
                }
                if !self.job.photos.is_empty() {
                    actions.push(Action::Printing(PrintAsk::Missing(self.job.photos.clone())));
                }
            }
            Desk::Asked(frame) if frame != ctx.cumulative_frame_nr() => self.take_desk(model, actions),
            Desk::Asked(_) | Desk::Here => {}
        }
        if now - self.printers_ms >= REFRESH_MS {
            self.printers_ms = now;
            for (pending, ask) in [
                (matches!(model.printing.printers, Loadable::Pending { .. }), PrintAsk::Printers),
                (matches!(model.printing.jobs, Loadable::Pending { .. }), PrintAsk::Jobs),
            ] {
                if !pending {
                    actions.push(Action::Printing(ask));
                }
            }
        }
        ctx.request_repaint_after(Duration::from_millis(REFRESH_MS as u64));
        self.job.learn(model.cards);
        self.follow_order(model, actions);
        self.follow_printer(context);
        if self.desk == Desk::Here && !ctx.input(|input| input.pointer.any_down()) {
            self.remember(actions);
        }
    }

    fn take_desk(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        match &model.printing.desk {
            Loadable::Ready((desk, seats)) => {
                let before = self.job.photos.clone();
                self.job.adopt(desk, seats, self.job.setup == self.began);
                if self.job.photos != before {
                    actions.push(Action::Printing(PrintAsk::Missing(self.job.photos.clone())));
                }
                self.settings = Settings::new(&self.job.setup.pages);
            }
            Loadable::Failed { .. } => {}
            Loadable::NotAsked | Loadable::Pending { .. } => return,
        }
        self.desk = Desk::Here;
        match (&self.job.setup.ticket, self.view.destination) {
            (Some(_), _) => self.view.destination = Destination::Printer,
            (None, Destination::Printer) => self.view.destination = Destination::Pdf,
            (None, _) => {}
        }
        self.remembered = Some((self.job.setup.clone(), self.job.each.clone()));
    }

    /// A printer that says something else of its paper than before moves the page's limits.
    fn follow_printer(&mut self, context: &Context<'_>) {
        if let Some(printer) = printer::chosen(&self.job, &self.view, context) {
            self.job.follow_printer(printer);
        }
    }

    /// Asks for pages where the job changed, once the last answer is here.
    pub(super) fn ask_for_pages(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        let waiting = self.asked.is_some() && matches!(model.pages, Loadable::Pending { .. });
        if waiting || self.job.photos.is_empty() && self.desk != Desk::Here {
            return;
        }
        let setup = self.job.preview();
        if self.asked.as_ref().is_some_and(|(each, asked)| *each == self.job.each && *asked == setup) {
            return;
        }
        self.asked = Some((self.job.each.clone(), setup.clone()));
        actions.push(Action::Preview { photos: self.job.photos.clone(), each: self.job.each(), setup });
    }

    /// Has the job remembered where it changed.
    fn remember(&mut self, actions: &mut Vec<Action>) {
        let same =
            self.remembered.as_ref().is_some_and(|(setup, each)| *setup == self.job.setup && *each == self.job.each);
        if !same && self.job.is_known() {
            self.remember_now(actions);
        }
    }

    pub(super) fn remember_now(&mut self, actions: &mut Vec<Action>) {
        if self.desk != Desk::Here {
            return;
        }
        self.remembered = Some((self.job.setup.clone(), self.job.each.clone()));
        actions.push(Action::Printing(PrintAsk::Remember(Box::new(self.job.desk()))));
    }
}
