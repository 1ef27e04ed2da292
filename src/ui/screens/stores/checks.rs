//! Checks: whether the stores still have what they gave receipts for, and what the last checks found.

use std::collections::HashSet;

use eframe::egui::{self, DragValue, RichText, Ui};

use super::overview::card;
use super::running;
use crate::domain::keep::KeepSettings;
use crate::protocol::{LibraryState, OpKind, OpReport, VerifyLevel, VerifyReport};
use crate::ui::screens::Context;
use crate::ui::screens::activity::{as_text, failures};
use crate::ui::screens::outcome::{Tone, groups, outcome_words, part_done, progress_words};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Amount, Button, Icon};
use crate::ui::words::{VAULT, store_title, stores};
use crate::ui::{Action, ActivityState, KeepAsk, Loadable};

/// The levels of a check: what each is called and what it does.
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
        "Reads and hashes every file again: the only proof against a failing disk. From a bucket, everything is \
         downloaded.",
    ),
];
/// A budget to begin with, in GB.
const FIRST_BUDGET_GB: f64 = 10.0;

/// What is to be checked, and which reports are open.
#[derive(Debug, Clone)]
pub(super) struct Checks {
    level: VerifyLevel,
    store: Option<String>,
    /// GB that level 3 reads at most.
    budget_gb: Option<f64>,
    opened: HashSet<(String, i64)>,
}

impl Default for Checks {
    fn default() -> Self {
        Self { level: VerifyLevel::Checksums, store: None, budget_gb: None, opened: HashSet::new() }
    }
}

impl Checks {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        library: &LibraryState,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        widgets::section_heading(ui, "Check now");
        self.levels(ui);
        self.which(ui, library);
        if self.level == VerifyLevel::EveryByte {
            self.budget(ui, context);
        }
        ui.add_space(space::XS);
        if !at_work(ui, context, actions) {
            self.buttons(ui, library, actions);
        }
        drill(ui, library, actions);
        ui.add_space(space::S);
        self.reports(ui, context, actions);
    }

    fn levels(&mut self, ui: &mut Ui) {
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
    }

    /// Which store, where there are several.
    fn which(&mut self, ui: &mut Ui, library: &LibraryState) {
        let stores = stores(library);
        if stores.len() < 2 {
            self.store = None;
            return;
        }
        ui.horizontal_wrapped(|ui| {
            ui.label("In");
            if Button::quiet("All stores").selected(self.store.is_none()).show(ui).clicked() {
                self.store = None;
            }
            for store in stores {
                let on = self.store.as_deref() == Some(store.name.as_str());
                if Button::quiet(store_title(&store.name)).selected(on).show(ui).clicked() {
                    self.store = Some(store.name);
                }
            }
        });
    }

    fn budget(&mut self, ui: &mut Ui, context: &Context<'_>) {
        ui.horizontal_wrapped(|ui| {
            let mut limited = self.budget_gb.is_some();
            if ui.checkbox(&mut limited, "Read at most").changed() {
                self.budget_gb = limited.then_some(FIRST_BUDGET_GB);
            }
            let Some(budget) = &mut self.budget_gb else { return };
            let field = DragValue::new(budget)
                .range(0.1..=100_000.0)
                .speed(0.1)
                .max_decimals(1)
                .suffix(" GB")
                .min_size(egui::vec2(96.0, theme::CONTROL_HEIGHT))
                .custom_formatter(|value, _| context.locale.short_decimal(value))
                .custom_parser(|text| context.locale.read_decimal(text.trim_end_matches("GB")));
            let response = ui.add(field);
            response.ctx.accesskit_node_builder(response.id, |node| node.set_label("Budget in GB"));
            ui.label(theme::caption(ui, "The next check goes on where this one ends."));
        });
    }

    fn buttons(&mut self, ui: &mut Ui, library: &LibraryState, actions: &mut Vec<Action>) {
        let stores = stores(library);
        let there = match &self.store {
            Some(name) => stores.iter().any(|store| store.name == *name && store.problem.is_none()),
            None => stores.iter().any(|store| store.problem.is_none()),
        };
        ui.horizontal_wrapped(|ui| {
            if Button::secondary("Check now").enabled(there).show(ui).clicked() {
                let budget = self.budget_gb.filter(|_| self.level == VerifyLevel::EveryByte);
                actions.push(Action::Keep(KeepAsk::Verify {
                    level: self.level,
                    store: self.store.clone(),
                    budget_bytes: budget.map(|gigabytes| (gigabytes * 1e9).round() as u64),
                }));
            }
            let tooltip = "Brings 20 photos back, chosen by chance, and compares every byte";
            if Button::quiet("Try 20 photos now").enabled(there).tooltip(tooltip).show(ui).clicked() {
                actions.push(Action::Keep(KeepAsk::Drill));
            }
        });
    }

    fn reports(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) {
        widgets::section_heading(ui, "Last checks");
        let reports = &context.model.keeping.reports;
        match (reports.value(), reports) {
            (Some(reports), _) if reports.is_empty() => {
                ui.label(theme::secondary(ui, "Nothing was checked yet."));
            }
            (Some(reports), _) => {
                for report in reports {
                    let key = (report.store.clone(), report.ended.0);
                    ui.push_id(&key, |ui| card(ui, |ui| self.report(ui, report, &key, context, actions)));
                    ui.add_space(space::XS);
                }
            }
            (None, Loadable::Failed { error, .. }) => {
                widgets::problem(ui, error, "");
            }
            (None, _) => {
                ui.label(theme::secondary(ui, "Reading the reports…"));
            }
        }
    }

    fn report(
        &mut self,
        ui: &mut Ui,
        report: &VerifyReport,
        key: &(String, i64),
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        let (locale, tokens) = (context.locale, theme::tokens(ui));
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        let bad = !report.missing.is_empty() || !report.corrupt.is_empty();
        let (icon, colour) = if bad { (Icon::Warning, tokens.bad) } else { (Icon::Stored, tokens.good) };
        ui.horizontal_top(|ui| {
            let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(18.0), egui::Sense::hover());
            icon.paint(ui.painter(), rect.shrink(1.0), colour);
            let store = if report.store.is_empty() { VAULT } else { report.store.as_str() };
            let title =
                format!("{}  ·  {}  ·  level {}", locale.moment(report.ended), store_title(store), report.level);
            ui.add(egui::Label::new(theme::semibold(title)).wrap());
        });
        let report = OpReport::Verify(report.clone());
        let groups: Vec<_> = groups(&report).into_iter().filter(|group| !group.items.is_empty()).collect();
        let outcome = Ok(report.clone());
        let (words, tone) = outcome_words(&outcome, locale);
        let colour = if tone == Tone::Good || !bad { tokens.text } else { tokens.bad };
        ui.add(egui::Label::new(RichText::new(words).color(colour)).wrap().selectable(true));
        if groups.is_empty() {
            return;
        }
        let count = groups.iter().map(|group| group.items.len() as u64).sum();
        let open = self.opened.contains(key);
        let items = locale.count(count, "file", "files");
        ui.horizontal_wrapped(|ui| {
            let words = if open { format!("Hide {items}") } else { format!("Show {items}") };
            if Button::secondary(&words).selected(open).show(ui).clicked() && !self.opened.remove(key) {
                self.opened.insert(key.clone());
            }
            if open && widgets::quiet_button(ui, "Copy list").clicked() {
                actions.push(Action::Copy(as_text(&groups)));
            }
        });
        if open {
            failures(ui, &groups, context);
        }
    }
}

/// The checks that run now. False where none does.
fn at_work(ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) -> bool {
    let mut any = false;
    for (activity, progress) in running(context.model.activities, OpKind::Verify) {
        any = true;
        ui.push_id(activity.op, |ui| {
            ui.label(theme::semibold(widgets::elide_middle(&activity.title, 100)));
            widgets::bar(ui, &activity.title, part_done(progress).map_or(Amount::Unknown, Amount::Part));
            ui.horizontal_wrapped(|ui| {
                if matches!(activity.state, ActivityState::Stopping(_)) {
                    ui.label(theme::secondary(ui, "Stopping…"));
                    return;
                }
                ui.label(theme::secondary(ui, progress_words(progress, context.locale)));
                if widgets::secondary_button(ui, "Cancel").clicked() {
                    actions.push(Action::Cancel(activity.op));
                }
            });
        });
    }
    any
}

fn drill(ui: &mut Ui, library: &LibraryState, actions: &mut Vec<Action>) {
    let mut on = library.keep.drill;
    if ui.checkbox(&mut on, "Try 20 photos every month").changed() {
        actions.push(Action::Keep(KeepAsk::Settings(KeepSettings { drill: on, ..library.keep.clone() })));
    }
}
