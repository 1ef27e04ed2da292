//! The foot of the studio: what the job is, what should be known before ink is spent, and the button.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, Align, Layout as UiLayout, Ui};

use super::super::Context;
use super::job::Destination;
use super::{FOOT, PrintScreen, picker_problem, printer, sentence, sharp};
use crate::domain::Seat;
use crate::domain::layout::{Page, Sharpness, least_ppi};
use crate::domain::printing::PageFormat;
use crate::protocol::{OpId, OpKind, OpReport, PrintAsk, PrintReport};
use crate::ui::locale::Locale;
use crate::ui::theme::{self, space};
use crate::ui::widgets::Button;
use crate::ui::{Action, Activity, ActivityState, KeepAsk, Loadable, Model};

impl PrintScreen {
    /// `36 photos on 3 pages · A4 portrait · 2 copies`.
    pub(super) fn summary(&self, pages: usize, locale: &Locale) -> String {
        let paper = printer::paper_words(&self.job, locale);
        summary(self.job.photos.len(), pages, &paper, self.job.copies(), locale)
    }

    /// The rows of the foot that are shown now.
    pub(super) fn foot_height(&self, model: &Model<'_>) -> f32 {
        let row = theme::CONTROL_HEIGHT + space::S;
        let warned = if missing(model).is_some() { row } else { 0.0 };
        let problem = if model.printing.problem.is_some() { row } else { 0.0 };
        let typed = if self.typing(model) { 2.0 * row } else { 0.0 };
        FOOT + space::S + warned + problem + typed
    }

    /// Warnings, a path to type, and the buttons.
    pub(super) fn foot(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) {
        self.warning(ui, stack, context, actions);
        if let Some(problem) = &context.model.printing.problem {
            let text = egui::RichText::new(sentence(problem)).color(theme::tokens(ui).bad);
            ui.add(egui::Label::new(text).truncate()).on_hover_text(problem);
        }
        self.typed_path(ui, context, actions);
        let line = theme::tokens(ui).line;
        let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 1.0), egui::Sense::hover());
        ui.painter().hline(rect.x_range(), rect.center().y, egui::Stroke::new(1.0, line));
        ui.add_space(space::XS);
        let size = egui::vec2(ui.available_width(), theme::CONTROL_HEIGHT);
        ui.allocate_ui_with_layout(size, UiLayout::right_to_left(Align::Center), |ui| {
            self.buttons(ui, stack, context, actions);
            let size = egui::vec2(ui.available_width(), theme::CONTROL_HEIGHT);
            ui.allocate_ui_with_layout(size, UiLayout::left_to_right(Align::Center), |ui| {
                self.news(ui, stack, context, actions);
            });
        });
    }

    fn buttons(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) {
        let possible = self.possible(context.model, stack);
        let waiting = matches!(context.model.picker, Loadable::Pending { .. });
        let words = if waiting { "Choosing a file…" } else { printer::verb(&self.view) };
        let tip = "Ctrl+P";
        if Button::primary(words).enabled(possible && !waiting).tooltip(tip).show(ui).clicked() {
            self.order(PathBuf::new(), context.model, actions);
        }
        let into_file = matches!(self.view.destination, Destination::Pdf | Destination::Images);
        if into_file && Button::quiet("Type a path").selected(self.typing).show(ui).clicked() {
            self.typing = !self.typing;
        }
    }

    /// What comes of the last order, else what the job is.
    fn news(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) {
        let locale = context.locale;
        if let Some(activity) = self.ordered_activity(context.model) {
            let (words, bad) = match &activity.state {
                ActivityState::Running(progress) | ActivityState::Stopping(progress) => {
                    if Button::quiet("Stop").show(ui).clicked() {
                        actions.push(Action::Cancel(activity.op));
                    }
                    let (done, total) = (locale.number(progress.done), locale.number(progress.total));
                    (format!("Printing: {done} of {total}"), false)
                }
                ActivityState::Ended(Ok(OpReport::Print(report))) => {
                    if !report.file.as_os_str().is_empty() && Button::quiet("Open it").show(ui).clicked() {
                        actions.push(Action::OpenFile(report.file.clone()));
                    }
                    (self.ended(report, context), !report.failed.is_empty())
                }
                ActivityState::Ended(Ok(_)) => (String::new(), false),
                ActivityState::Ended(Err(error)) => (sentence(&error.message), true),
            };
            let tokens = theme::tokens(ui);
            let text = egui::RichText::new(&words).color(if bad { tokens.bad } else { tokens.text });
            ui.add(egui::Label::new(text).truncate()).on_hover_text(words);
            return;
        }
        if stack.is_empty() {
            return;
        }
        let worst = self.worst(stack, context);
        let summary = self.summary(stack.len(), locale);
        ui.add(egui::Label::new(theme::secondary(ui, &summary)).truncate()).on_hover_text(&summary);
        if let Some(ppi) = worst.filter(|ppi| Sharpness::of(*ppi) != Sharpness::Green) {
            let text = format!("Least sharp photo: {}, {}", sharp::words(ppi, locale), sharp::meaning(ppi));
            let text = egui::RichText::new(text).color(sharp::colour(ppi, theme::tokens(ui)));
            ui.add(egui::Label::new(text).truncate());
        }
    }

    /// The least pixels per inch of the whole job: looked for once for these pages and these cards, not in every frame.
    fn worst(&mut self, stack: &[Page], context: &Context<'_>) -> Option<f64> {
        let of = (stack.as_ptr() as usize, stack.len(), self.job.known());
        if let Some((known, worst)) = self.worst
            && known == of
        {
            return worst;
        }
        let size = |seat: &Seat| context.model.cards.card(*seat)?.size_px;
        let sizes: Vec<Option<(u32, u32)>> = self.job.photos.iter().map(size).collect();
        let worst = least_ppi(stack, &sizes).into_iter().flatten().min_by(f64::total_cmp);
        self.worst = Some((of, worst));
        worst
    }

    fn ended(&self, report: &PrintReport, context: &Context<'_>) -> String {
        let pages = context.locale.count(report.pages, "page", "pages");
        let mut words = match &report.job {
            Some(job) => {
                let known = context.model.printing.printers.value();
                let printer = known.and_then(|printers| printers.iter().find(|printer| printer.id == job.printer));
                let name = printer.map_or(job.printer.as_str(), |printer| printer.name.as_str());
                format!("{pages} sent to {name}, job {}", job.number)
            }
            None if report.file.as_os_str().is_empty() => {
                format!("{pages} handed over {}", printer::name_of(&self.job, &self.view, context))
            }
            None => format!("{pages} written: {}", report.file.display()),
        };
        if !report.failed.is_empty() {
            let failed = context.locale.count(report.failed.len() as u64, "photo is", "photos are");
            words = format!("{words}; {failed} a marked frame, see Activity");
        }
        for note in &report.notes {
            words = format!("{words}; {note}");
        }
        words.trim_end().to_owned()
    }

    /// Originals that are not here, and what can be done about it.
    fn warning(&mut self, ui: &mut Ui, stack: &[Page], context: &Context<'_>, actions: &mut Vec<Action>) {
        let Some(missing) = missing(context.model) else { return };
        let locale = context.locale;
        let count = missing.seats.len() as u64;
        let ppi = sharp::preview_ppi(stack, &self.job.photos, &missing.seats, context);
        let preview = match ppi {
            Some(ppi) => format!(
                "print {} at {}",
                if count == 1 { "the preview" } else { "the previews" },
                sharp::words(ppi, locale)
            ),
            None => format!("print {}", if count == 1 { "the preview" } else { "the previews" }),
        };
        let away = locale.count(count, "original is not here", "originals are not here");
        let words = if missing.fetchable == 0 {
            format!("{away}, and no store has {}: {preview}", if count == 1 { "it" } else { "them" })
        } else {
            format!(
                "{away}: fetch {} ({}), or {preview}",
                locale.number(missing.fetchable),
                locale.bytes(missing.bytes)
            )
        };
        ui.horizontal(|ui| {
            ui.with_layout(UiLayout::right_to_left(Align::Center), |ui| {
                if missing.fetchable > 0 && Button::secondary("Fetch originals…").show(ui).clicked() {
                    let seats: Arc<[Seat]> = missing.seats.clone().into();
                    actions.push(Action::Keep(KeepAsk::PickDownload { seats, as_of: None }));
                }
                ui.with_layout(UiLayout::left_to_right(Align::Center), |ui| {
                    let text = egui::RichText::new(format!("⚠  {words}")).color(theme::tokens(ui).warn);
                    ui.add(egui::Label::new(text).truncate()).on_hover_text(&words);
                });
            });
        });
    }

    fn typing(&self, model: &Model<'_>) -> bool {
        self.typing || (self.ordered.is_some() && picker_problem(model).is_some())
    }

    fn typed_path(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) {
        if !self.typing(context.model) {
            return;
        }
        if let Some(problem) = picker_problem(context.model) {
            ui.add(egui::Label::new(theme::secondary(ui, problem)).truncate());
        }
        let words = match (self.view.destination, self.view.format) {
            (Destination::Images, PageFormat::Jpeg) => ("Picture file to write", "/home/me/Prints/sheet.jpg", "Save"),
            (Destination::Images, PageFormat::Png) => ("Picture file to write", "/home/me/Prints/sheet.png", "Save"),
            (Destination::Images, PageFormat::Tiff) => ("Picture file to write", "/home/me/Prints/sheet.tif", "Save"),
            _ => ("PDF file to write", "/home/me/Prints/contact sheet.pdf", "Save"),
        };
        if let Some(file) = self.typed.show(ui, words, context.home).and_then(|paths| paths.into_iter().next()) {
            self.typing = false;
            let file = with_suffix(file, suffixes(self.view.destination, self.view.format));
            self.order(file, context.model, actions);
        }
    }

    pub(super) fn possible(&self, model: &Model<'_>, stack: &[Page]) -> bool {
        let printable = self.view.destination != Destination::Printer || !self.job.printer().is_empty();
        let fails = matches!(model.pages, Loadable::Failed { .. });
        !self.job.photos.is_empty() && !stack.is_empty() && !fails && printable
    }

    pub(super) fn order(&mut self, file: PathBuf, model: &Model<'_>, actions: &mut Vec<Action>) {
        self.ordered = Some(model.activities.iter().map(|activity| activity.op).collect());
        self.jobs_after = None;
        self.remember_now(actions);
        actions.push(Action::PrintTo { order: self.job.order(self.job.output(&self.view, file)) });
    }

    /// The print that was ordered last, as far as it has begun.
    fn ordered_activity<'m>(&self, model: &Model<'m>) -> Option<&'m Activity> {
        let before = self.ordered.as_ref()?;
        let activities: &'m [Activity] = model.activities;
        activities.iter().find(|activity| is_print(activity) && !before.contains(&activity.op))
    }

    /// Once the order has ended, its job is among those to be shown.
    pub(super) fn follow_order(&mut self, model: &Model<'_>, actions: &mut Vec<Action>) {
        let ended = self.ordered_activity(model).filter(|activity| matches!(activity.state, ActivityState::Ended(_)));
        let ended: Option<OpId> = ended.map(|activity| activity.op);
        if ended.is_some() && ended != self.jobs_after {
            self.jobs_after = ended;
            actions.push(Action::Printing(PrintAsk::Jobs));
        }
    }
}

fn is_print(activity: &Activity) -> bool {
    match &activity.state {
        ActivityState::Running(progress) | ActivityState::Stopping(progress) => progress.kind == OpKind::Print,
        ActivityState::Ended(Ok(report)) => matches!(report, OpReport::Print(_)),
        ActivityState::Ended(Err(_)) => activity.title.starts_with("Print"),
    }
}

fn missing<'m>(model: &Model<'m>) -> Option<&'m crate::protocol::MissingOriginals> {
    let printing: &'m crate::ui::Printing = model.printing;
    printing.missing.value().filter(|missing| !missing.seats.is_empty())
}

fn summary(photos: usize, pages: usize, paper: &str, copies: u32, locale: &Locale) -> String {
    let photos = locale.count(photos as u64, "photo", "photos");
    let mut text = format!("{photos} on {} · {paper}", locale.count(pages as u64, "page", "pages"));
    if copies > 1 {
        let all = pages as u64 * u64::from(copies);
        let copies = locale.count(u64::from(copies), "copy", "copies");
        text.push_str(&format!(" · {copies}, {} in all", locale.count(all, "page", "pages")));
    }
    text
}

/// Suffixes that name a file of this kind; the first is given where there is none of them.
fn suffixes(destination: Destination, format: PageFormat) -> &'static [&'static str] {
    match (destination, format) {
        (Destination::Images, PageFormat::Jpeg) => &["jpg", "jpeg"],
        (Destination::Images, PageFormat::Png) => &["png"],
        (Destination::Images, PageFormat::Tiff) => &["tif", "tiff"],
        _ => &["pdf"],
    }
}

fn with_suffix(mut file: PathBuf, suffixes: &[&str]) -> PathBuf {
    let is_one = |extension: &std::ffi::OsStr| suffixes.iter().any(|suffix| extension.eq_ignore_ascii_case(suffix));
    if !file.extension().is_some_and(is_one) {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}", suffixes.first().copied().unwrap_or("pdf")));
        file.set_file_name(name);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_paper() {
        let locale = Locale::default();
        assert_eq!(summary(36, 3, "A4 portrait", 1, &locale), "36 photos on 3 pages · A4 portrait");
        let two = summary(1, 1, "A4 landscape", 2, &locale);
        assert_eq!(two, "1 photo on 1 page · A4 landscape · 2 copies, 2 pages in all");
    }

    #[test]
    fn a_file_is_named_as_what_it_is() {
        for (typed, named) in [("/a/b", "/a/b.pdf"), ("/a/b.PDF", "/a/b.PDF"), ("/a/v1.2", "/a/v1.2.pdf")] {
            assert_eq!(with_suffix(typed.into(), &["pdf"]), PathBuf::from(named));
        }
        let jpeg = suffixes(Destination::Images, PageFormat::Jpeg);
        assert_eq!(with_suffix("/a/b.JPEG".into(), jpeg), PathBuf::from("/a/b.JPEG"));
        assert_eq!(with_suffix("/a/b.pdf".into(), jpeg), PathBuf::from("/a/b.pdf.jpg"));
    }
}
