//! A memory card: copied, read back, stored everywhere, and only then said to be safe to format.

use eframe::egui::{self, Align, Layout, RichText, Sense, TextEdit, Ui, Vec2};

use super::activity::{as_text, failures};
use super::dialog::{Dialog, Shown, body, footer};
use super::outcome::Group;
use super::share::at_work;
use super::{Context, picker_problem};
use crate::domain::Timestamp;
use crate::domain::keep::CardFound;
use crate::protocol::{IngestOrder, IngestReport, OpId};
use crate::ui::theme::{self, space};
use crate::ui::widgets::path_field::read_path;
use crate::ui::widgets::{self, Button, Icon};
use crate::ui::words::{all_stores, one_line};
use crate::ui::{Action, KeepAsk, Task};

/// Folders by year, then by day and card.
const TEMPLATE: &str = "{year}/{date} {name}";
/// What a template can name.
const FIELDS: [&str; 6] = ["year", "month", "day", "date", "name", "camera"];

/// The form's view state.
#[derive(Debug, Clone)]
pub struct IngestScreen {
    /// The card; `None` where only the operation that runs or has ended is looked at.
    card: Option<CardFound>,
    to: Option<String>,
    template: String,
    show_failed: bool,
}

/// What was pressed.
#[derive(Default)]
struct Pressed {
    order: Option<IngestOrder>,
    close: bool,
}

impl IngestScreen {
    /// For this card, or for the one that is on its way.
    #[must_use]
    pub fn new(card: Option<CardFound>) -> Self {
        Self { card, to: None, template: TEMPLATE.to_owned(), show_failed: false }
    }

    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        let task = &context.model.keeping.ingest;
        let title = match (task, &self.card) {
            (Task::Ended(Ok(report)), _) => format!("Card {}", card_name(report)),
            (_, Some(card)) => format!("Card {}", one_line(&card.name)),
            (_, None) => "Card".to_owned(),
        };
        let dialog = Dialog { id: "ingest", title: &title, width: 560.0, tall: false };
        let outcome = dialog.show(ctx, |ui| match (task, self.card.clone()) {
            (Task::Running(op), _) => running(ui, *op, context, actions),
            (Task::Ended(Ok(report)), _) => self.ended(ui, report, context, actions),
            (Task::Ended(Err(error)), _) => {
                body(ui, true, |ui| {
                    verdict(ui, false, "Do not format this card");
                    widgets::problem(ui, &error.message, &error.hint);
                });
                footer(ui, |ui| Pressed { close: widgets::primary_button(ui, "Done").clicked(), order: None })
            }
            (Task::None, Some(card)) => self.form(ui, &card, context, actions),
            (Task::None, None) => Pressed { close: true, order: None },
        });
        if let Some(order) = outcome.inner.order {
            actions.push(Action::Keep(KeepAsk::Ingest(order)));
        }
        let closed = outcome.inner.close || outcome.dialog.closed;
        if closed {
            actions.push(Action::Keep(KeepAsk::IngestRead));
        }
        if closed { Shown::Closed } else { Shown::Open }
    }

    fn form(&mut self, ui: &mut Ui, card: &CardFound, context: &Context<'_>, actions: &mut Vec<Action>) -> Pressed {
        if let Some(picked) = &context.model.keeping.ingest_to {
            self.to = Some(picked.display().to_string());
        }
        let home = context.home.map(|home| home.join("Pictures").display().to_string());
        let mut to = self.to.clone().unwrap_or_else(|| home.unwrap_or_default());
        let order = body(ui, true, |ui| {
            let stores = all_stores(context.model.library.value());
            let words = format!(
                "Everything on it, films and sidecars too, is copied, read back, and stored in {stores}. \
                 Nothing is written on the card."
            );
            ui.add(egui::Label::new(words).wrap());
            ui.add_space(space::XS);
            self.folder(ui, &mut to, context, actions);
            widgets::section_heading(ui, "Folders below it");
            let field = TextEdit::singleline(&mut self.template)
                .desired_width(f32::INFINITY)
                .margin(egui::Margin::symmetric(8, 6));
            let field = ui.add(field);
            field.ctx.accesskit_node_builder(field.id, |node| node.set_label("Template of the folders"));
            match preview(&self.template, card, context) {
                Ok(folder) => {
                    ui.add(egui::Label::new(theme::secondary(ui, format!("Such as {folder}/IMG_0001.JPG"))).wrap());
                }
                Err(wrong) => {
                    let bad = theme::tokens(ui).bad;
                    ui.add(egui::Label::new(RichText::new(wrong).color(bad)).wrap());
                }
            }
            let fields = FIELDS.map(|field| format!("{{{field}}}")).join("  ");
            ui.add(egui::Label::new(theme::caption(ui, format!("By the date each photo was taken: {fields}"))).wrap());
            let to = read_path(&to, context.home).ok()?;
            preview(&self.template, card, context).ok()?;
            Some(IngestOrder { card: card.dir.clone(), to, template: self.template.trim().to_owned() })
        });
        footer(ui, |ui| {
            let start = Button::primary("Copy and store").enabled(order.is_some()).show(ui).clicked();
            let close = widgets::secondary_button(ui, "Not now").clicked();
            Pressed { order: order.filter(|_| start), close }
        })
    }

    /// Below which folder.
    fn folder(&mut self, ui: &mut Ui, to: &mut String, context: &Context<'_>, actions: &mut Vec<Action>) {
        widgets::section_heading(ui, "Copy into");
        ui.horizontal(|ui| {
            // From the right, so that the field gets the rest at every text size.
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if Button::secondary("Choose…").icon(Icon::Folder).show(ui).clicked() {
                    actions.push(Action::Keep(KeepAsk::PickIngest));
                }
                let field = TextEdit::singleline(to)
                    .desired_width(ui.available_width())
                    .hint_text("/home/you/Pictures")
                    .margin(egui::Margin::symmetric(8, 6));
                let field = ui.add(field);
                field.ctx.accesskit_node_builder(field.id, |node| node.set_label("Folder to copy into"));
                if field.changed() {
                    self.to = Some(to.clone());
                }
            });
        });
        // An empty field asks by its hint; only what was typed can be wrong.
        if let Err(wrong) = read_path(to, context.home)
            && self.to.is_some()
        {
            let bad = theme::tokens(ui).bad;
            ui.add(egui::Label::new(RichText::new(wrong.to_string()).color(bad)).wrap());
        }
        if let Some(problem) = picker_problem(context.model) {
            ui.add(egui::Label::new(theme::secondary(ui, problem)).wrap());
        }
    }

    fn ended(
        &mut self,
        ui: &mut Ui,
        report: &IngestReport,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) -> Pressed {
        let locale = context.locale;
        let proved = report.stored.min(report.verified);
        body(ui, true, |ui| {
            let words = format!("{} of {} proved", locale.number(proved), locale.number(report.files));
            if report.safe_to_format {
                verdict(ui, true, &format!("{words}: safe to format"));
                let stores = all_stores(context.model.library.value());
                let words = format!("Each file was copied, read back and has a receipt of {stores}.");
                ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
            } else {
                verdict(ui, false, "Do not format this card");
                let missing = report.files.saturating_sub(proved).max(report.failed.len() as u64);
                let words = format!("{words}, {} not. The card holds the only sure copy.", locale.number(missing));
                ui.add(egui::Label::new(words).wrap());
            }
            let facts = format!(
                "{} copied now, {} read back and equal, {} stored",
                locale.number(report.copied),
                locale.number(report.verified),
                locale.number(report.stored)
            );
            ui.add(egui::Label::new(theme::caption(ui, facts)).wrap());
            if report.failed.is_empty() {
                return;
            }
            let words = if self.show_failed { "Hide what is not proved" } else { "Show what is not proved" };
            ui.horizontal_wrapped(|ui| {
                if Button::secondary(words).selected(self.show_failed).show(ui).clicked() {
                    self.show_failed = !self.show_failed;
                }
                if self.show_failed && widgets::quiet_button(ui, "Copy list").clicked() {
                    actions.push(Action::Copy(as_text(&[Group { heading: "Not proved", items: &report.failed }])));
                }
            });
            if self.show_failed {
                failures(ui, &[Group { heading: "Not proved", items: &report.failed }], context);
            }
        });
        footer(ui, |ui| {
            let close = widgets::primary_button(ui, "Done").clicked();
            if let Some(sheet) = &report.sheet
                && widgets::secondary_button(ui, "Open the receipt sheet").clicked()
            {
                actions.push(Action::OpenFile(sheet.clone()));
            }
            Pressed { order: None, close }
        })
    }
}

fn running(ui: &mut Ui, op: OpId, context: &Context<'_>, actions: &mut Vec<Action>) -> Pressed {
    body(ui, true, |ui| {
        at_work(ui, "Copying and storing the card", op, context);
        let words = "Leave the card in until every file is proved. Stopping is safe: the next try goes on from here.";
        ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
    });
    footer(ui, |ui| {
        let close = widgets::primary_button(ui, "Go on in the background").clicked();
        if widgets::secondary_button(ui, "Stop").clicked() {
            actions.push(Action::Cancel(op));
        }
        Pressed { order: None, close }
    })
}

/// The one sentence that decides about a card, large.
fn verdict(ui: &mut Ui, safe: bool, words: &str) {
    let tokens = theme::tokens(ui);
    let (icon, colour) = if safe { (Icon::Stored, tokens.good) } else { (Icon::Warning, tokens.bad) };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(34.0), Sense::hover());
        icon.paint(ui.painter(), rect, colour);
        let label = ui.add(egui::Label::new(theme::title(words).size(24.0).color(colour)).wrap());
        label.ctx.accesskit_node_builder(label.id, |node| node.set_live(egui::accesskit::Live::Assertive));
    });
    ui.add_space(space::XS);
}

/// The card's own name.
pub(in crate::ui) fn card_name(report: &IngestReport) -> String {
    let name = report.card.file_name().map(|name| name.to_string_lossy().into_owned());
    one_line(&name.unwrap_or_else(|| report.card.display().to_string()))
}

/// The folder of a photo that is taken today, or what is wrong with the template.
fn preview(template: &str, card: &CardFound, context: &Context<'_>) -> Result<String, String> {
    let template = template.trim();
    let today = Timestamp(context.model.clock.now_ms).to_rfc3339();
    let date = today.get(..10).unwrap_or_default();
    let part = |from: usize, to: usize| date.get(from..to).unwrap_or_default().to_owned();
    let mut folder = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((field, tail)) = after.split_once('}') else {
            return Err("A field is not closed: { needs a }".to_owned());
        };
        folder.push_str(before);
        folder.push_str(&match field {
            "year" => part(0, 4),
            "month" => part(5, 7),
            "day" => part(8, 10),
            "date" => date.to_owned(),
            "name" => one_line(&card.name).replace('/', "-"),
            "camera" => "Canon EOS R6".to_owned(),
            other => return Err(format!("There is no field {{{other}}}")),
        });
        rest = tail;
    }
    folder.push_str(rest);
    if folder.contains('}') {
        return Err("A } stands alone".to_owned());
    }
    if folder.split('/').any(|name| name == ".." || name == ".") || folder.starts_with('/') {
        return Err("Folders can only be below the chosen one".to_owned());
    }
    Ok(folder.trim_matches('/').to_owned())
}
