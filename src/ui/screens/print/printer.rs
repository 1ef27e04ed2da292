//! The right column: where pages go, on which paper, and what is asked of the printer.

use eframe::egui::{
    Align2, Color32, CornerRadius, Role, Sense, Stroke, StrokeKind, TextStyle, TextWrapMode, Ui, WidgetInfo,
    WidgetText, pos2, vec2,
};

use super::super::Context;
use super::fields::{self, Fields, segments};
use super::job::{Destination, Job, PrintView, is_custom, margins_of, medium_of, same_size, sheet_mm};
use crate::domain::layout::{MAX_COPIES, Margins};
use crate::domain::paper::{MAX_SIDE_MM, MIN_SIDE_MM, Paper};
use crate::domain::printers::{Choice, Medium, Printer, PrinterState, Ticket};
use crate::domain::printing::PageFormat;
use crate::ui::Loadable;
use crate::ui::locale::Locale;
use crate::ui::theme::{self, Tokens, radius, space};
use crate::ui::widgets;

/// Draws destination, paper and options.
pub(super) fn show(ui: &mut Ui, job: &mut Job, view: &mut PrintView, fields: &Fields<'_>, context: &Context<'_>) {
    destinations(ui, job, view, context);
    let printer = chosen(job, view, context);
    paper(ui, job, printer, fields);
    match view.destination {
        Destination::Printer => match printer {
            Some(printer) => options(ui, job, printer),
            None => gone(ui, job),
        },
        Destination::Pdf => {
            ui.checkbox(&mut view.untouched, "Originals untouched where possible");
            fields::note(ui, "Then a photo that fills its place goes in as it is, byte for byte: the file is larger.");
        }
        Destination::Images => images(ui, view),
        Destination::Desktop => {
            fields::note(ui, "The desktop's own dialog asks for the printer and its options.");
        }
    }
    let most = printer.map_or(MAX_COPIES, |printer| printer.most_copies.clamp(1, MAX_COPIES));
    let mut copies = job.copies();
    fields::count(ui, "Copies", &mut copies, 1..=most.max(1));
    if copies != job.copies() {
        job.set_copies(copies);
    }
}

/// The printer of the ticket, where it is among those found.
pub(super) fn chosen<'m>(job: &Job, view: &PrintView, context: &Context<'m>) -> Option<&'m Printer> {
    if view.destination != Destination::Printer {
        return None;
    }
    let printers: &'m Loadable<Vec<Printer>> = &context.model.printing.printers;
    printers.value()?.iter().find(|printer| printer.id == job.printer())
}

fn destinations(ui: &mut Ui, job: &mut Job, view: &mut PrintView, context: &Context<'_>) {
    fields::section(ui, "Print to");
    let printing = context.model.printing;
    let printers = printing.printers.value().map_or(&[][..], Vec::as_slice);
    let tokens = theme::tokens(ui);
    for printer in printers {
        let on = view.destination == Destination::Printer && job.printer() == printer.id;
        let (colour, words) = state(printer, tokens);
        if place(ui, &printer.name, &words, Some(colour), on) && !on {
            view.destination = Destination::Printer;
            job.choose_printer(Some(printer));
        }
    }
    match &printing.printers {
        Loadable::Pending { previous: None } => fields::note(ui, "Looking for printers…"),
        Loadable::Failed { error, .. } => {
            widgets::problem(ui, &super::sentence(error), "");
        }
        _ if printers.is_empty() => {
            let words = "No printer found. Add one in the printer settings of this computer: it shows up here by \
                         itself. A PDF can always be written.";
            fields::note(ui, words);
        }
        _ => {}
    }
    for (destination, name, words) in [
        (Destination::Pdf, "PDF file", "At exact size; print it without scaling"),
        (Destination::Images, "Picture files", "A JPEG, PNG or TIFF of each page"),
        (Destination::Desktop, "The desktop's print dialog", "It knows its own printers"),
    ] {
        let on = view.destination == destination;
        if place(ui, name, words, None, on) && !on {
            view.destination = destination;
            job.choose_printer(None);
        }
    }
}

/// How it stands, in a colour and in plain words.
fn state(printer: &Printer, tokens: &Tokens) -> (Color32, String) {
    let (colour, mut words) = match printer.state {
        PrinterState::Idle => (tokens.good, "Ready".to_owned()),
        PrinterState::Printing => (tokens.good, "Printing".to_owned()),
        PrinterState::Stopped => (tokens.bad, "Stopped".to_owned()),
        PrinterState::Away => (tokens.bad, "Does not answer".to_owned()),
    };
    if !printer.reasons.is_empty() {
        words = format!("{words}: {}", printer.reasons.join(", "));
    }
    if !printer.accepts_jobs {
        return (tokens.bad, format!("{words}; takes no jobs now"));
    }
    let warned = colour == tokens.good && !printer.reasons.is_empty();
    (if warned { tokens.warn } else { colour }, words)
}

/// A place that pages can go to: its name, and a line about it.
fn place(ui: &mut Ui, name: &str, words: &str, dot: Option<Color32>, on: bool) -> bool {
    let tokens = theme::tokens(ui);
    let width = ui.available_width();
    let left = if dot.is_some() { 22.0 } else { space::M };
    let galley = |text: &str, style: TextStyle| {
        WidgetText::from(text).into_galley(ui, Some(TextWrapMode::Truncate), width - left - space::S, style)
    };
    let (title, line) = (galley(name, TextStyle::Body), galley(words, TextStyle::Small));
    let height = title.size().y + line.size().y + 12.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, name));
    response.ctx.accesskit_node_builder(response.id, |node| node.set_description(words));
    let fill = match (on, response.hovered()) {
        (true, _) => tokens.selection,
        (false, true) => tokens.control_hover,
        (false, false) => tokens.raised,
    };
    let edge = if on { Stroke::new(1.5, tokens.accent) } else { Stroke::new(1.0, tokens.line) };
    let painter = ui.painter();
    painter.rect(rect, CornerRadius::same(radius::M), fill, edge, StrokeKind::Inside);
    if let Some(colour) = dot {
        painter.circle_filled(pos2(rect.left() + 12.0, rect.top() + 6.0 + title.size().y / 2.0), 4.0, colour);
    }
    let at = pos2(rect.left() + left, rect.top() + 6.0);
    let below = Align2::LEFT_TOP.anchor_size(at + vec2(0.0, title.size().y), line.size());
    painter.galley_with_override_text_color(at, title, tokens.text);
    painter.galley_with_override_text_color(below.min, line, tokens.text_secondary);
    if response.has_focus() {
        widgets::focus_ring(ui, rect, radius::M);
    }
    let clicked = response.clicked();
    response.on_hover_text(format!("{name}\n{words}"));
    clicked
}

/// The ticket's printer is not there now.
fn gone(ui: &mut Ui, job: &Job) {
    let name = job.printer();
    let words = if name.is_empty() {
        "No printer is chosen.".to_owned()
    } else {
        format!("The printer is not there now: {name}")
    };
    widgets::problem(ui, &words, "Switch it on, or choose another one above.");
}

fn paper(ui: &mut Ui, job: &mut Job, printer: Option<&Printer>, fields: &Fields<'_>) {
    fields::section(ui, "Paper");
    match printer.filter(|printer| !printer.media.is_empty()) {
        Some(printer) => media(ui, job, printer, fields),
        None => any_paper(ui, job, fields),
    }
    let mut landscape = job.setup.pages.landscape;
    segments(ui, &mut landscape, &[(false, "Portrait"), (true, "Landscape")]);
    if landscape != job.setup.pages.landscape {
        job.setup.pages.landscape = landscape;
        if let Some(printer) = printer {
            job.follow_printer(printer);
        }
    }
}

/// The sheets that the printer has; each size once.
fn media(ui: &mut Ui, job: &mut Job, printer: &Printer, fields: &Fields<'_>) {
    let mut sheets: Vec<&Medium> = Vec::new();
    for row in &printer.media {
        if !sheets.iter().any(|known| same_size(known, row)) {
            sheets.push(row);
        }
    }
    let now = medium_of(printer, job.setup.ticket.as_ref(), &job.setup.pages.paper);
    let label = |row: &Medium| {
        let (width, height) = sheet_mm(row);
        format!("{}  ({})", row.label, fields.unit.size(width, height, fields.locale))
    };
    let own = job.is_custom(printer);
    let paper = job.setup.pages.paper;
    let shown = match now {
        _ if own => format!("Custom  ({})", fields.unit.size(paper.width_mm(), paper.height_mm(), fields.locale)),
        Some(row) => label(row),
        None => format!("{}: not in this printer", paper.label()),
    };
    let mut items: Vec<(String, bool)> =
        sheets.iter().map(|row| (label(row), !own && now.is_some_and(|now| same_size(now, row)))).collect();
    let nearest = printer.custom.and_then(|sizes| sizes.nearest(paper.width_mm(), paper.height_mm()));
    items.extend(nearest.map(|_| ("Custom size".to_owned(), own)));
    match fields::choice(ui, "Paper", &shown, items.into_iter()) {
        Some(index) if index < sheets.len() => job.choose_medium(printer, sheets[index]),
        Some(_) => {
            if let Some(paper) = nearest.and_then(|(width, height)| Paper::custom(width, height).ok()) {
                job.choose_custom(printer, paper);
            }
        }
        None if own => custom_sheet(ui, job, printer, fields),
        None => {}
    }
    let now = medium_of(printer, job.setup.ticket.as_ref(), &job.setup.pages.paper);
    let rows: Vec<&Medium> = printer.media.iter().filter(|row| now.is_some_and(|now| same_size(now, row))).collect();
    // A type or tray that no row names goes with every size.
    let of_rows = |all: &[Choice], named: Vec<&Choice>| -> Vec<Choice> {
        let list: Vec<Choice> = if named.is_empty() { all.to_vec() } else { named.into_iter().cloned().collect() };
        let mut seen = Vec::new();
        list.into_iter()
            .filter(|choice| {
                !seen.contains(&choice.key) && {
                    seen.push(choice.key.clone());
                    true
                }
            })
            .collect()
    };
    let kinds = of_rows(&printer.kinds, rows.iter().filter_map(|row| row.kind.as_ref()).collect());
    let sources = of_rows(&printer.sources, rows.iter().filter_map(|row| row.source.as_ref()).collect());
    let mut ticket = job.setup.ticket.clone().unwrap_or_default();
    option(ui, "Paper type", &kinds, &mut ticket.kind);
    option(ui, "Tray", &sources, &mut ticket.source);
    if rows.iter().any(|row| row.is_borderless()) {
        ui.checkbox(&mut ticket.borderless, "Borderless");
    } else {
        ticket.borderless = false;
    }
    take_ticket(job, printer, ticket);
    if let Some(margins) = margins_of(printer, job.setup.ticket.as_ref(), &job.setup.pages.paper) {
        fields::note(ui, &margin_words(&margins, fields));
    }
}

/// The sides of a sheet that the printer does not list, between those that it takes.
fn custom_sheet(ui: &mut Ui, job: &mut Job, printer: &Printer, fields: &Fields<'_>) {
    let Some(sizes) = printer.custom else { return };
    let paper = job.setup.pages.paper;
    let (mut width, mut height) = (paper.width_mm(), paper.height_mm());
    fields.length(ui, "Width", &mut width, sizes.least_mm.0..=sizes.most_mm.0);
    fields.length(ui, "Height", &mut height, sizes.least_mm.1..=sizes.most_mm.1);
    let size = |(width, height)| fields.unit.size(width, height, fields.locale);
    fields::note(ui, &format!("Takes sheets from {} to {}.", size(sizes.least_mm), size(sizes.most_mm)));
    if (width, height) == (paper.width_mm(), paper.height_mm()) {
        return;
    }
    // As it was typed, also with its long side across, where the printer takes it so.
    let side = if sizes.takes(width, height) { Some((width, height)) } else { sizes.nearest(width, height) };
    if let Some(paper) = side.and_then(|(width, height)| Paper::custom(width, height).ok()) {
        job.choose_custom(printer, paper);
    }
}

/// Borderless means that nothing is kept free; without it the page has margins again.
fn take_ticket(job: &mut Job, printer: &Printer, ticket: Ticket) {
    let Some(before) = job.setup.ticket.replace(ticket.clone()) else {
        job.setup.ticket = None;
        return;
    };
    if before == ticket {
        return;
    }
    match (before.borderless, ticket.borderless) {
        (false, true) => job.setup.pages.margins_mm = Margins::all(0.0),
        (true, false) if job.setup.pages.margins_mm == Margins::all(0.0) => {
            job.setup.pages.margins_mm = Margins::all(10.0);
        }
        _ => {}
    }
    job.follow_printer(printer);
}

fn margin_words(margins: &Margins, fields: &Fields<'_>) -> String {
    if *margins == Margins::all(0.0) {
        return "Prints to the very edge.".to_owned();
    }
    let side = |mm: f64| fields.locale.short_decimal(mm / fields.unit.mm());
    format!(
        "Cannot print on the outer {} (top), {} (right), {} (bottom), {} {} (left).",
        side(margins.top),
        side(margins.right),
        side(margins.bottom),
        side(margins.left),
        fields.unit.short()
    )
}

/// Something of the printer's that can be chosen, or left to it.
fn option(ui: &mut Ui, name: &str, choices: &[Choice], value: &mut Option<String>) {
    if choices.len() < 2 {
        return;
    }
    let now = choices.iter().find(|choice| Some(&choice.key) == value.as_ref());
    let shown = now.map_or("Printer's own", |choice| choice.label.as_str());
    let own = std::iter::once(("Printer's own".to_owned(), now.is_none()));
    let items = own.chain(choices.iter().map(|choice| (choice.label.clone(), Some(&choice.key) == value.as_ref())));
    if let Some(index) = fields::choice(ui, name, shown, items) {
        *value = index.checked_sub(1).map(|index| choices[index].key.clone());
    }
}

fn options(ui: &mut Ui, job: &mut Job, printer: &Printer) {
    fields::section(ui, "Printer options");
    let Some(ticket) = &mut job.setup.ticket else { return };
    option(ui, "Quality", &printer.qualities, &mut ticket.quality);
    option(ui, "Colour", &printer.colour_modes, &mut ticket.colour_mode);
    option(ui, "Both sides", &printer.sides, &mut ticket.sides);
    let about: Vec<&str> =
        [printer.model.as_str(), printer.location.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
    if !about.is_empty() {
        fields::note(ui, &about.join(" · "));
    }
}

fn images(ui: &mut Ui, view: &mut PrintView) {
    segments(ui, &mut view.format, &[(PageFormat::Jpeg, "JPEG"), (PageFormat::Png, "PNG"), (PageFormat::Tiff, "TIFF")]);
    fields::count(ui, "Pixels per inch", &mut view.ppi, 36..=1200);
}

/// Any paper at all, for a file.
fn any_paper(ui: &mut Ui, job: &mut Job, fields: &Fields<'_>) {
    let pages = &mut job.setup.pages;
    let mut papers: Vec<Paper> = Paper::all().collect();
    // Of the same size, but without a name: the fields below it are then open.
    papers.extend(Paper::custom(pages.paper.width_mm(), pages.paper.height_mm()));
    let custom = is_custom(&pages.paper);
    let shown = label(&pages.paper, fields);
    let items = papers.iter().map(|paper| match is_custom(paper) {
        true => ("Custom size".to_owned(), custom),
        false => (label(paper, fields), *paper == pages.paper),
    });
    if let Some(index) = fields::choice(ui, "Paper", &shown, items) {
        pages.paper = papers[index];
    }
    if is_custom(&pages.paper) {
        let (mut width, mut height) = (pages.paper.width_mm(), pages.paper.height_mm());
        fields.length(ui, "Width", &mut width, MIN_SIDE_MM..=MAX_SIDE_MM);
        fields.length(ui, "Height", &mut height, MIN_SIDE_MM..=MAX_SIDE_MM);
        if (width, height) != (pages.paper.width_mm(), pages.paper.height_mm())
            && let Ok(custom) = Paper::custom(width, height)
        {
            pages.paper = custom;
        }
    }
}

fn label(paper: &Paper, fields: &Fields<'_>) -> String {
    let size = fields.unit.size(paper.width_mm(), paper.height_mm(), fields.locale);
    if is_custom(paper) { format!("Custom  ({size})") } else { format!("{}  ({size})", paper.label()) }
}

/// What the Print button says.
pub(super) fn verb(view: &PrintView) -> &'static str {
    match view.destination {
        Destination::Printer => "Print",
        Destination::Pdf => "Save as PDF…",
        Destination::Images => "Save pictures…",
        Destination::Desktop => "Print with the desktop…",
    }
}

/// Where it went, for the line at the foot.
pub(super) fn name_of(job: &Job, view: &PrintView, context: &Context<'_>) -> String {
    chosen(job, view, context).map_or_else(|| job.printer().to_owned(), |printer| printer.name.clone())
}

/// `A4 portrait`.
pub(super) fn paper_words(job: &Job, _locale: &Locale) -> String {
    let pages = &job.setup.pages;
    format!("{} {}", pages.paper.label(), if pages.landscape { "landscape" } else { "portrait" })
}
