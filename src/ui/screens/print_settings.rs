//! The left side of the print dialog: everything that can be chosen about the pages.

use std::ops::RangeInclusive;

use eframe::egui::{self, ComboBox, DragValue, Response, Role, Ui, WidgetInfo};

use super::Context;
use crate::domain::layout::{CaptionField, Fit, Layout, MAX_CELLS_PER_SIDE, MAX_COPIES, Margins, PageSetup};
use crate::domain::paper::{MAX_SIDE_MM, MIN_SIDE_MM, Paper};
use crate::ui::locale::Locale;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Button, Icon};

/// Contact sheets that people often want, rows by columns.
const SHEETS: [(u32, u32); 4] = [(2, 2), (4, 3), (5, 4), (8, 6)];

/// What the settings remember that is no part of the setup.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Whether all margins are the same.
    linked: bool,
    /// The rows and columns to come back to from a single photo.
    cells: (u32, u32),
    /// Whether margins are looked at, so that the page shows them.
    pub margins_in_hand: bool,
}

impl Settings {
    pub fn new(setup: &PageSetup) -> Self {
        let cells = match setup.layout {
            Layout::Contact { rows, columns } => (rows, columns),
            _ => (4, 3),
        };
        Self { linked: setup.margins_mm == Margins::all(setup.margins_mm.top), cells, margins_in_hand: false }
    }

    /// Draws every section, one under the other.
    pub fn show(&mut self, ui: &mut Ui, setup: &mut PageSetup, context: &Context<'_>) {
        let locale = context.locale;
        ui.spacing_mut().item_spacing.y = space::S;
        self.layout(ui, setup, locale);
        gap(ui);
        paper(ui, setup, locale);
        gap(ui);
        self.margins(ui, setup, locale);
        gap(ui);
        photos(ui, setup);
        gap(ui);
        captions(ui, setup, locale);
        gap(ui);
        sheet(ui, setup);
        gap(ui);
        widgets::section_heading(ui, "Destination");
        let words = "PDF file, at exact size. Print it without scaling.";
        ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
    }

    fn layout(&mut self, ui: &mut Ui, setup: &mut PageSetup, locale: &Locale) {
        widgets::section_heading(ui, "Layout");
        let contact = Layout::Contact { rows: self.cells.0, columns: self.cells.1 };
        let sheet = setup.layout != Layout::Single;
        let mut chosen = sheet;
        segments(ui, &mut chosen, &[(false, "One per page"), (true, "Contact sheet")]);
        if chosen != sheet {
            setup.layout = if chosen { contact } else { Layout::Single };
        }
        let Layout::Contact { rows, columns } = &mut setup.layout else { return };
        ui.horizontal_wrapped(|ui| {
            count_field(ui, "Rows", rows, 1..=MAX_CELLS_PER_SIDE);
            ui.add_space(space::S);
            count_field(ui, "Columns", columns, 1..=MAX_CELLS_PER_SIDE);
        });
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            for (r, c) in SHEETS {
                let name = format!("{r} × {c}");
                let button = Button::quiet(&name).selected((*rows, *columns) == (r, c)).show(ui);
                let spoken = format!("{r} rows by {c} columns");
                button.ctx.accesskit_node_builder(button.id, |node| node.set_label(spoken));
                if button.clicked() {
                    (*rows, *columns) = (r, c);
                }
            }
        });
        self.cells = (*rows, *columns);
        length_field(ui, "Spacing", &mut setup.spacing_mm, 0.0..=100.0, locale);
    }

    fn margins(&mut self, ui: &mut Ui, setup: &mut PageSetup, locale: &Locale) {
        let area = ui.scope(|ui| {
            widgets::section_heading(ui, "Margins");
            let margins = &mut setup.margins_mm;
            let mut held = false;
            if ui.checkbox(&mut self.linked, "Same on every side").changed() && self.linked {
                *margins = Margins::all(margins.top);
            }
            if self.linked {
                let response = length_field(ui, "All sides", &mut margins.top, 0.0..=200.0, locale);
                held |= response.has_focus() || response.dragged();
                *margins = Margins::all(margins.top);
            } else {
                for (name, side) in [
                    ("Top", &mut margins.top),
                    ("Right", &mut margins.right),
                    ("Bottom", &mut margins.bottom),
                    ("Left", &mut margins.left),
                ] {
                    let response = length_field(ui, name, side, 0.0..=200.0, locale);
                    held |= response.has_focus() || response.dragged();
                }
            }
            held
        });
        self.margins_in_hand = area.inner || area.response.contains_pointer();
    }
}

fn gap(ui: &mut Ui) {
    ui.add_space(space::S);
}

fn paper(ui: &mut Ui, setup: &mut PageSetup, locale: &Locale) {
    widgets::section_heading(ui, "Paper");
    let label = paper_label(&setup.paper, locale);
    let combo = ComboBox::from_id_salt("paper")
        .selected_text(label.clone())
        .width(ui.available_width())
        .height(460.0)
        .truncate()
        .show_ui(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().interact_size.y = 26.0;
            for paper in Paper::all() {
                if ui.selectable_label(setup.paper == paper, paper_label(&paper, locale)).clicked() {
                    setup.paper = paper;
                }
            }
            // Of the same size, but without a name: the fields below it are then open.
            let custom = Paper::custom(setup.paper.width_mm(), setup.paper.height_mm());
            if ui.selectable_label(is_custom(&setup.paper), "Custom size").clicked()
                && let Ok(custom) = custom
            {
                setup.paper = custom;
            }
        });
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, format!("Paper: {label}")));
    if is_custom(&setup.paper) {
        let (mut width, mut height) = (setup.paper.width_mm(), setup.paper.height_mm());
        length_field(ui, "Width", &mut width, MIN_SIDE_MM..=MAX_SIDE_MM, locale);
        length_field(ui, "Height", &mut height, MIN_SIDE_MM..=MAX_SIDE_MM, locale);
        if (width, height) != (setup.paper.width_mm(), setup.paper.height_mm())
            && let Ok(custom) = Paper::custom(width, height)
        {
            setup.paper = custom;
        }
    }
    segments(ui, &mut setup.landscape, &[(false, "Portrait"), (true, "Landscape")]);
}

fn is_custom(paper: &Paper) -> bool {
    !Paper::all().any(|named| named == *paper)
}

fn paper_label(paper: &Paper, locale: &Locale) -> String {
    let size = |mm: f64| locale.short_decimal(mm);
    let (width, height) = (size(paper.width_mm()), size(paper.height_mm()));
    if is_custom(paper) {
        format!("Custom  ({width} × {height} mm)")
    } else {
        format!("{}  ({width} × {height} mm)", paper.label())
    }
}

fn photos(ui: &mut Ui, setup: &mut PageSetup) {
    widgets::section_heading(ui, "Photos");
    segments(ui, &mut setup.fit, &[(Fit::Fit, "Whole photo"), (Fit::Fill, "Fill the frame")]);
    ui.checkbox(&mut setup.auto_rotate, "Turn photos to fit their frame");
}

fn captions(ui: &mut Ui, setup: &mut PageSetup, locale: &Locale) {
    widgets::section_heading(ui, "Captions");
    let lines = setup.captions.len();
    let mut change = None;
    for (index, field) in setup.captions.iter().enumerate() {
        let name = field_name(*field);
        ui.push_id(index, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if widgets::icon_button(ui, Icon::Close, &format!("Remove {name}")).clicked() {
                        change = Some((index, Change::Remove));
                    }
                    if arrow(ui, "↓", &format!("Move {name} down"), index + 1 < lines) {
                        change = Some((index, Change::Down));
                    }
                    if arrow(ui, "↑", &format!("Move {name} up"), index > 0) {
                        change = Some((index, Change::Up));
                    }
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        ui.add(egui::Label::new(name).truncate());
                    });
                });
            });
        });
    }
    match change {
        Some((index, Change::Up)) => setup.captions.swap(index, index - 1),
        Some((index, Change::Down)) => setup.captions.swap(index, index + 1),
        Some((index, Change::Remove)) => {
            setup.captions.remove(index);
        }
        None => {}
    }
    let left: Vec<_> = CaptionField::ALL.into_iter().filter(|field| !setup.captions.contains(field)).collect();
    if !left.is_empty() {
        let combo = ComboBox::from_id_salt("captions").selected_text("Add a line…").height(460.0).show_ui(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().interact_size.y = 26.0;
            for field in left {
                if ui.selectable_label(false, field_name(field)).clicked() {
                    setup.captions.push(field);
                }
            }
        });
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Add a caption line"));
    }
    let mut size = setup.caption_size_pt;
    number_field(ui, "Text size", &mut size, 3.0..=72.0, (" pt", 0.1), locale);
    setup.caption_size_pt = size;
}

fn sheet(ui: &mut Ui, setup: &mut PageSetup) {
    widgets::section_heading(ui, "Page");
    let mut header = setup.header.clone().unwrap_or_default();
    let field = egui::TextEdit::singleline(&mut header)
        .hint_text("Title at the head of every page")
        .char_limit(300)
        .desired_width(f32::INFINITY)
        .margin(egui::Margin::symmetric(8, 6));
    let field = ui.add(field);
    field.ctx.accesskit_node_builder(field.id, |node| node.set_label("Title"));
    if field.changed() {
        setup.header = (!header.is_empty()).then_some(header);
    }
    ui.checkbox(&mut setup.page_numbers, "Page numbers");
    ui.horizontal_wrapped(|ui| count_field(ui, "Copies", &mut setup.copies, 1..=MAX_COPIES));
}

enum Change {
    Up,
    Down,
    Remove,
}

/// A small arrow with a name.
fn arrow(ui: &mut Ui, arrow: &str, name: &str, enabled: bool) -> bool {
    let response = Button::quiet(arrow).enabled(enabled).tooltip(name).show(ui);
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
    response.clicked()
}

/// What a caption's line is called.
fn field_name(field: CaptionField) -> &'static str {
    match field {
        CaptionField::Name => "File name",
        CaptionField::Date => "Date and time",
        CaptionField::Camera => "Camera",
        CaptionField::Lens => "Lens",
        CaptionField::Exposure => "Exposure",
        CaptionField::Rating => "Rating",
        CaptionField::Tags => "Tags",
        CaptionField::Folder => "Folder",
        CaptionField::Title => "Title",
        CaptionField::Caption => "Caption",
        CaptionField::Receipt => "Receipt number",
    }
}

/// A choice of few, side by side; under each other where there is no room.
fn segments<T: PartialEq + Copy>(ui: &mut Ui, value: &mut T, choices: &[(T, &str)]) {
    let width = (ui.available_width() - (choices.len() as f32 - 1.0) * space::XS) / choices.len() as f32;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(space::XS);
        for (choice, name) in choices {
            let on = *choice == *value;
            let button = Button::secondary(name).selected(on).min_width(width);
            let button = if on { button.colour(theme::tokens(ui).accent_text) } else { button };
            if button.show(ui).clicked() {
                *value = *choice;
            }
        }
    });
}

/// A length in mm with its label.
fn length_field(ui: &mut Ui, name: &str, mm: &mut f64, range: RangeInclusive<f64>, locale: &Locale) -> Response {
    number_field(ui, name, mm, range, (" mm", 0.25), locale)
}

/// A number with its label: typed, dragged, or stepped with the arrow keys; what is out of range becomes the nearest.
fn number_field(
    ui: &mut Ui,
    name: &str,
    value: &mut f64,
    range: RangeInclusive<f64>,
    (unit, speed): (&str, f64),
    locale: &Locale,
) -> Response {
    ui.horizontal_wrapped(|ui| {
        label_column(ui, name);
        let field = DragValue::new(value)
            .range(range)
            .speed(speed)
            .max_decimals(2)
            .suffix(unit)
            .min_size(egui::vec2(84.0, theme::CONTROL_HEIGHT))
            .custom_formatter(|value, _| locale.short_decimal(value))
            .custom_parser(|text| {
                locale.read_decimal(text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c.is_whitespace()))
            });
        let response = ui.add(field);
        response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
        response
    })
    .inner
}

/// A whole number with its label.
fn count_field(ui: &mut Ui, name: &str, value: &mut u32, range: RangeInclusive<u32>) -> Response {
    ui.label(theme::secondary(ui, name));
    let field = DragValue::new(value).range(range).speed(0.1).min_size(egui::vec2(52.0, theme::CONTROL_HEIGHT));
    let response = ui.add(field);
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
    response
}

fn label_column(ui: &mut Ui, name: &str) {
    let width = 96.0_f32.min(ui.available_width() * 0.5);
    ui.allocate_ui_with_layout(
        egui::vec2(width, theme::CONTROL_HEIGHT),
        egui::Layout::left_to_right(egui::Align::Center),
        |ui| {
            ui.set_min_width(width);
            ui.add(egui::Label::new(theme::secondary(ui, name)).truncate());
        },
    );
}
