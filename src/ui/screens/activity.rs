//! The activity panel: every operation that runs or has ended, how far it is, and what did not work.

use std::collections::HashSet;

use eframe::egui::{self, Align, Layout, RichText, ScrollArea, TextStyle, Ui};

use super::Context;
use super::outcome::{Group, Tone, groups, left_out, outcome_words, part_done, progress_words};
use crate::protocol::{OpId, OpReport, Progress};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Amount, Button, Icon};
use crate::ui::words::one_line;
use crate::ui::{Action, Activity, ActivityState};

/// Height of an opened list of failures, in points: what is longer scrolls in itself.
const LIST_HEIGHT: f32 = 260.0;

/// What the panel remembers: which lists of failures are open.
#[derive(Debug, Clone, Default)]
pub struct ActivityPanel {
    opened: HashSet<OpId>,
}

impl ActivityPanel {
    /// Opens the list of failures of an operation, for a notice that says `show`.
    pub fn open_failures(&mut self, op: OpId) {
        self.opened.insert(op);
    }

    /// Draws the panel into the room there is.
    pub fn show(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) {
        let activities = context.model.activities;
        self.opened.retain(|op| activities.iter().any(|activity| activity.op == *op));
        let ended = activities.iter().filter(|activity| matches!(activity.state, ActivityState::Ended(_))).count();
        ui.horizontal(|ui| {
            let heading = ui.label(theme::title("Activity"));
            heading.ctx.accesskit_node_builder(heading.id, |node| node.set_role(egui::Role::Heading));
            if ended > 0 {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if widgets::quiet_button(ui, "Clear finished").clicked() {
                        actions.push(Action::ClearFinished);
                    }
                });
            }
        });
        if activities.is_empty() {
            ui.add_space(space::S);
            ui.add(egui::Label::new(theme::secondary(ui, NOTHING)).wrap());
            return;
        }
        ScrollArea::vertical().id_salt("activities").auto_shrink([false, false]).show(ui, |ui| {
            // Beside the cards, not over them, is room for the scroll bar.
            let margin = egui::Margin { right: 10, ..egui::Margin::ZERO };
            egui::Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = space::S;
                for activity in activities {
                    ui.push_id(activity.op, |ui| {
                        widgets::card(ui, |ui| self.operation(ui, activity, context, actions));
                    });
                }
            });
        });
    }

    fn operation(&mut self, ui: &mut Ui, activity: &Activity, context: &Context<'_>, actions: &mut Vec<Action>) {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 6.0;
        match &activity.state {
            ActivityState::Running(progress) => running(ui, activity, progress, context, Some(actions)),
            ActivityState::Stopping(progress) => running(ui, activity, progress, context, None),
            ActivityState::Ended(outcome) => {
                let (words, tone) = outcome_words(outcome, context.locale);
                title(ui, &activity.title, tone);
                match outcome {
                    Ok(report) => {
                        ui.add(egui::Label::new(words).wrap().selectable(true));
                        if let Some(left_out) = left_out(report, context.locale) {
                            ui.add(egui::Label::new(theme::caption(ui, left_out)).wrap().selectable(true));
                        }
                        self.ended(ui, activity, report, context, actions);
                    }
                    Err(error) if tone == Tone::Bad => {
                        widgets::problem(ui, &words, &error.hint);
                    }
                    Err(_) => {
                        ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
                    }
                }
            }
        }
    }

    /// The buttons of a report, and its failures.
    fn ended(
        &mut self,
        ui: &mut Ui,
        activity: &Activity,
        report: &OpReport,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        let file = match report {
            OpReport::Print(report) => Some((&report.file, Some("Open PDF"))),
            OpReport::Restore { file } => Some((file, None)),
            OpReport::Ingest(report) => report.sheet.as_ref().map(|sheet| (sheet, Some("Open the receipt sheet"))),
            OpReport::Download(report) if report.files + report.present > 0 => Some((&report.dir, Some("Open folder"))),
            _ => None,
        };
        if let OpReport::Share(report) = report {
            let ends = context.locale.moment(report.ends_at);
            ui.add(egui::Label::new(theme::caption(ui, format!("It ends on {ends}."))).wrap());
            if widgets::secondary_button(ui, "Copy link").clicked() {
                actions.push(Action::Copy(report.url.clone()));
            }
        }
        if let Some((file, opens)) = file {
            ui.horizontal_wrapped(|ui| {
                if let Some(words) = opens
                    && widgets::secondary_button(ui, words).clicked()
                {
                    actions.push(Action::OpenFile(file.clone()));
                }
                if widgets::secondary_button(ui, "Show in folder").clicked() {
                    actions.push(Action::Reveal(file.clone()));
                }
            });
        }
        let groups: Vec<_> = groups(report).into_iter().filter(|group| !group.items.is_empty()).collect();
        if groups.is_empty() {
            return;
        }
        let count = groups.iter().map(|group| group.items.len() as u64).sum();
        let open = self.opened.contains(&activity.op);
        let items = context.locale.count(count, "item", "items");
        let words = if open { format!("Hide {items}") } else { format!("Show {items}") };
        ui.horizontal_wrapped(|ui| {
            if Button::secondary(&words).selected(open).show(ui).clicked() {
                if open {
                    self.opened.remove(&activity.op);
                } else {
                    self.opened.insert(activity.op);
                }
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

/// Longest title in characters: a folder's name may be longer than a screen.
const TITLE: usize = 120;

/// What an empty panel says.
const NOTHING: &str = "Nothing is running. Imports, storing, checks and prints show up here, with what came of them.";

fn title(ui: &mut Ui, text: &str, tone: Tone) {
    let tokens = theme::tokens(ui);
    ui.horizontal_top(|ui| {
        let (icon, colour, name) = match tone {
            Tone::Good => (Icon::Stored, tokens.good, "Done"),
            Tone::Neutral => (Icon::Reject, tokens.text_secondary, "Stopped"),
            Tone::Mixed => (Icon::Warning, tokens.warn, "Done, with failures"),
            Tone::Bad => (Icon::Warning, tokens.bad, "Failed"),
        };
        let (rect, response) = ui.allocate_exact_size(egui::Vec2::splat(18.0), egui::Sense::hover());
        icon.paint(ui.painter(), rect.shrink(1.0), colour);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
        ui.add(egui::Label::new(theme::semibold(widgets::elide_middle(text, TITLE))).wrap());
    });
}

/// A running operation; without `actions` it has been asked to stop.
fn running(
    ui: &mut Ui,
    activity: &Activity,
    progress: &Progress,
    context: &Context<'_>,
    actions: Option<&mut Vec<Action>>,
) {
    let stopping = actions.is_none();
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        if let Some(actions) = actions {
            let name = format!("Cancel {}", activity.title);
            let cancel = widgets::secondary_button(ui, "Cancel");
            cancel.ctx.accesskit_node_builder(cancel.id, |node| node.set_label(name));
            if cancel.clicked() {
                actions.push(Action::Cancel(activity.op));
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
            ui.add(egui::Label::new(theme::semibold(widgets::elide_middle(&activity.title, TITLE))).wrap());
        });
    });
    let part = part_done(progress);
    widgets::bar(ui, &activity.title, part.map_or(Amount::Unknown, Amount::Part));
    let words = if stopping { "Stopping…".to_owned() } else { progress_words(progress, context.locale) };
    ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
}

/// The failures of all groups, headings included, of which only those in sight are laid out.
pub(super) fn failures(ui: &mut Ui, groups: &[Group<'_>], context: &Context<'_>) {
    let tokens = theme::tokens(ui);
    let line = ui.text_style_height(&TextStyle::Body) + ui.text_style_height(&TextStyle::Small) + 8.0;
    let rows: usize = groups.iter().map(|group| group.items.len() + 1).sum();
    let height = (rows as f32 * line + space::S).min(LIST_HEIGHT);
    egui::Frame::new()
        .fill(tokens.field)
        .stroke(egui::Stroke::new(1.0, tokens.line))
        .corner_radius(theme::radius::M)
        .inner_margin(egui::Margin::same(space::S as i8))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::both()
                .id_salt("failures")
                .max_height(height)
                .min_scrolled_height(height)
                .auto_shrink([false, true])
                .show_rows(ui, line, rows, |ui, range| {
                    for row in range {
                        let width = ui.available_width();
                        ui.allocate_ui(egui::vec2(width, line), |ui| {
                            ui.set_min_height(line);
                            failure_row(ui, groups, row, context);
                        });
                    }
                });
        });
}

fn failure_row(ui: &mut Ui, groups: &[Group<'_>], row: usize, context: &Context<'_>) {
    let mut row = row;
    for group in groups {
        if row == 0 {
            let count = context.locale.number(group.items.len() as u64);
            ui.add_space(8.0);
            ui.add(egui::Label::new(theme::semibold(format!("{} ({count})", group.heading))).extend());
            return;
        }
        if let Some(item) = group.items.get(row - 1) {
            ui.add(egui::Label::new(one_line(&item.path)).extend().selectable(true));
            let why = RichText::new(one_line(&item.why)).small().color(theme::tokens(ui).bad);
            ui.add(egui::Label::new(why).extend().selectable(true));
            return;
        }
        row -= group.items.len() + 1;
    }
}

/// Every failure as text: a line each, path and reason, under their headings.
pub(super) fn as_text(groups: &[Group<'_>]) -> String {
    let mut text = String::new();
    for group in groups {
        text.push_str(&format!("{}\n", group.heading));
        for item in group.items {
            text.push_str(&format!("{}\t{}\n", item.path, item.why));
        }
    }
    text
}
