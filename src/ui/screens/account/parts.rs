//! Small pieces that the account's views share: notes, rules, reports, lines to read.

use eframe::egui::{self, RichText, Sense, Ui, Vec2};

use super::words;
use crate::domain::account::PasswordPolicy;
use crate::protocol::{Check, CheckState, ConnectionReport, UserError};
use crate::ui::Action;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Amount, Icon};

/// What came of the last thing asked.
#[derive(Debug, Clone, Default)]
pub(super) enum Note {
    #[default]
    None,
    /// It worked.
    Good { words: String, new: bool },
    /// It did not.
    Failed {
        error: UserError,
        /// Whether the service's own words are shown.
        details: bool,
        new: bool,
    },
}

impl Note {
    pub fn good(words: String) -> Self {
        Self::Good { words, new: true }
    }

    pub fn failed(error: UserError) -> Self {
        Self::Failed { error, details: false, new: true }
    }

    /// Shows it, and brings it into sight once.
    pub fn show(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let (response, new) = match self {
            Self::None => return,
            Self::Good { words, new } => {
                let colour = theme::tokens(ui).good;
                (marked(ui, Icon::Stored, colour, words), std::mem::take(new))
            }
            Self::Failed { error, details, new } => {
                let response = widgets::problem(ui, &error.message, &error.hint);
                if !error.details.is_empty() {
                    self::details(ui, &error.details, details, actions);
                }
                (response, std::mem::take(new))
            }
        };
        // Said at once to whoever cannot see it.
        response.ctx.accesskit_node_builder(response.id, |node| node.set_live(egui::accesskit::Live::Polite));
        if new {
            response.scroll_to_me(Some(egui::Align::TOP));
        }
        ui.add_space(space::XS);
    }
}

/// The service's own words, for whoever helps.
fn details(ui: &mut Ui, text: &str, open: &mut bool, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::L;
        if link(ui, if *open { "Hide the details" } else { "Details" }) {
            *open = !*open;
        }
        if *open && link(ui, "Copy the details") {
            actions.push(Action::Copy(text.to_owned()));
        }
    });
    if *open {
        ui.add(egui::Label::new(RichText::new(text).monospace()).wrap().selectable(true));
    }
}

/// A line with a mark before it.
pub(super) fn marked(ui: &mut Ui, icon: Icon, colour: egui::Color32, text: &str) -> egui::Response {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
        icon.paint(ui.painter(), rect, colour);
        ui.add(egui::Label::new(RichText::new(text).color(colour)).wrap())
    })
    .inner
}

/// A paragraph that explains.
pub(super) fn explain(ui: &mut Ui, text: &str) {
    ui.add(egui::Label::new(theme::secondary(ui, text)).wrap());
}

/// A paragraph that says something.
pub(super) fn say(ui: &mut Ui, text: &str) {
    ui.add(egui::Label::new(text).wrap());
}

/// What is still missing.
pub(super) fn hint(ui: &mut Ui, text: &str) {
    let warn = theme::tokens(ui).warn;
    ui.add(egui::Label::new(RichText::new(text).color(warn)).wrap());
}

/// A small line below a field.
pub(super) fn caption(ui: &mut Ui, text: &str) {
    ui.add(egui::Label::new(theme::caption(ui, text)).wrap());
}

/// In a row that wraps, begins a new line where a control of this text would be cut.
pub(super) fn fit(ui: &mut Ui, text: &str, padding: f32) {
    if ui.layout().main_wrap() {
        let font = egui::TextStyle::Button.resolve(ui.style());
        let galley = ui.painter().layout_no_wrap(text.to_owned(), font, egui::Color32::PLACEHOLDER);
        let begun = ui.cursor().left() > ui.max_rect().left() + 1.0;
        if begun && galley.size().x + padding > ui.available_size_before_wrap().x {
            ui.end_row();
        }
    }
}

/// A button in a row that wraps. True when it was pressed.
pub(super) fn button(ui: &mut Ui, button: widgets::Button<'_>, text: &str) -> bool {
    fit(ui, text, 2.0 * space::M);
    button.show(ui).clicked()
}

/// A way to somewhere else, in a line with what is read. True when it was pressed.
pub(super) fn link(ui: &mut Ui, text: &str) -> bool {
    fit(ui, text, 0.0);
    let response = ui.add(egui::Link::new(text));
    if response.has_focus() {
        widgets::focus_ring(ui, response.rect.expand2(egui::vec2(2.0, 1.0)), theme::radius::S);
    }
    response.clicked()
}

/// A heading of a view.
pub(super) fn heading(ui: &mut Ui, text: &str) {
    widgets::section_heading(ui, text);
}

/// Something moves while an answer is on its way.
pub(super) fn asking(ui: &mut Ui, words: &str) {
    ui.label(theme::secondary(ui, words));
    ui.scope(|ui| {
        ui.set_max_width(72.0_f32.min(ui.available_width()));
        widgets::bar(ui, words, Amount::Unknown);
    });
}

/// A clock that is off makes every signature wrong.
pub(super) fn clock(ui: &mut Ui, off_s: i64) {
    let text = format!("{}. Set it right: until then AWS refuses to sign in and to store.", words::clock_words(off_s));
    let warn = theme::tokens(ui).warn;
    marked(ui, Icon::Waiting, warn, &text);
    ui.add_space(space::XS);
}

/// The rules of a password, ticked off while it is typed.
pub(super) fn rules(ui: &mut Ui, policy: &PasswordPolicy, typed: &str) {
    let tokens = theme::tokens(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::S, 2.0);
        ui.spacing_mut().interact_size.y = 16.0;
        ui.label(theme::caption(ui, "The password needs"));
        for (rule, met) in policy.check(typed) {
            ui.horizontal(|ui| {
                ui.spacing_mut().interact_size.y = 16.0;
                let (rect, _) = ui.allocate_exact_size(Vec2::splat(14.0), Sense::hover());
                if met {
                    Icon::Check.paint(ui.painter(), rect, tokens.good);
                } else {
                    ui.painter().circle_stroke(rect.center(), 3.0, egui::Stroke::new(1.0, tokens.outline));
                }
                let colour = if met { tokens.good } else { tokens.text_secondary };
                let words = rule.words();
                let response = ui.label(RichText::new(&words).small().color(colour));
                let state = if met { "met" } else { "not yet" };
                response.ctx.accesskit_node_builder(response.id, |node| node.set_label(format!("{words}: {state}")));
            });
        }
    });
}

/// Where a code went.
pub(super) fn code_sent(to: Option<&str>) -> String {
    to.map_or_else(|| "A code was sent.".to_owned(), |to| format!("A code was sent to {to}."))
}

/// How it stands with a bucket, line by line.
pub(super) fn report(ui: &mut Ui, report: &ConnectionReport) {
    let tokens = theme::tokens(ui);
    explain(ui, &report.place);
    for Check { what, state } in &report.checks {
        let (icon, colour, said, why) = match state {
            CheckState::Good => (Icon::Check, tokens.good, "good", ""),
            CheckState::Bad(why) => (Icon::Warning, tokens.bad, "not so", why.as_str()),
            CheckState::Unknown(why) => (Icon::Info, tokens.text_secondary, "not known", why.as_str()),
        };
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(space::S, 0.0);
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
            icon.paint(ui.painter(), rect, colour);
            ui.vertical(|ui| {
                let response = ui.add(egui::Label::new(what).wrap());
                let label = format!("{what}: {said}");
                response.ctx.accesskit_node_builder(response.id, |node| node.set_label(label));
                if !why.is_empty() {
                    ui.add(egui::Label::new(theme::secondary(ui, why)).wrap().selectable(true));
                }
            });
        });
    }
}

/// A line of what is known: a quiet label, and a value that wraps and can be copied.
pub(super) fn fact(ui: &mut Ui, label: &str, value: &str) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        widgets::field_row(ui, label, value);
    });
}
