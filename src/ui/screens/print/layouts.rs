//! The gallery of layouts, with a small drawing of each, what each of them asks for, and the layouts that are kept.

use eframe::egui::{
    CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, TextWrapMode, Ui, WidgetInfo, WidgetText, pos2,
    vec2,
};

use super::super::Context;
use super::fields::{self, Fields, Unit};
use crate::domain::layout::{Layout, MAX_CELLS_PER_SIDE, Marks, PageSetup, PrintSize};
use crate::domain::paper::MM_PER_INCH;
use crate::domain::printing::{PrintSetup, SavedLayout};
use crate::protocol::PrintAsk;
use crate::ui::theme::{self, radius, space};
use crate::ui::widgets::{self, Button, Icon};
use crate::ui::{Action, Loadable, PrintPick};

/// Contact sheets that people often want, rows by columns.
const SHEETS: [(u32, u32); 4] = [(2, 2), (4, 3), (5, 4), (8, 6)];

/// A kind of layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Single,
    NUp(u32),
    Contact,
    Cells,
    Package,
    Id,
    Packed,
}

impl Kind {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Single, "One per page"),
        (Self::NUp(2), "2 per page"),
        (Self::NUp(4), "4 per page"),
        (Self::NUp(6), "6 per page"),
        (Self::NUp(9), "9 per page"),
        (Self::Contact, "Contact sheet"),
        (Self::Cells, "By cell size"),
        (Self::Package, "Picture package"),
        (Self::Id, "ID photos"),
        (Self::Packed, "Packed sizes"),
    ];

    fn of(layout: &Layout) -> Self {
        match layout {
            Layout::Single => Self::Single,
            Layout::NUp { count } => Self::NUp(*count),
            Layout::Contact { .. } => Self::Contact,
            Layout::Cells { .. } => Self::Cells,
            Layout::Package { .. } => Self::Package,
            Layout::Id { .. } => Self::Id,
            Layout::Packed { .. } => Self::Packed,
        }
    }

    /// Cells of its drawing, in parts of the sheet.
    fn drawing(self) -> Vec<Rect> {
        let grid = |rows: u32, columns: u32| {
            let (width, height) = (1.0 / columns as f32, 1.0 / rows as f32);
            (0..rows * columns)
                .map(|at| {
                    let at = pos2((at % columns) as f32 * width, (at / columns) as f32 * height);
                    Rect::from_min_size(at, vec2(width, height)).shrink2(vec2(0.035, 0.03))
                })
                .collect()
        };
        let boxed = |cells: &[(f32, f32, f32, f32)]| {
            let cell = |&(x, y, width, height)| {
                Rect::from_min_size(pos2(x, y), vec2(width, height)).shrink2(vec2(0.025, 0.02))
            };
            cells.iter().map(cell).collect()
        };
        match self {
            Self::Single => boxed(&[(0.08, 0.06, 0.84, 0.88)]),
            Self::NUp(2) => grid(2, 1),
            Self::NUp(4) => grid(2, 2),
            Self::NUp(6) => grid(3, 2),
            Self::NUp(_) => grid(3, 3),
            Self::Contact => grid(5, 4),
            Self::Cells => grid(4, 3),
            Self::Package => boxed(&[
                (0.0, 0.0, 1.0, 0.5),
                (0.0, 0.5, 0.5, 0.25),
                (0.5, 0.5, 0.5, 0.25),
                (0.0, 0.75, 0.25, 0.25),
                (0.25, 0.75, 0.25, 0.25),
                (0.5, 0.75, 0.25, 0.25),
                (0.75, 0.75, 0.25, 0.25),
            ]),
            Self::Id => boxed(&[
                (0.1, 0.06, 0.27, 0.26),
                (0.37, 0.06, 0.27, 0.26),
                (0.64, 0.06, 0.27, 0.26),
                (0.1, 0.32, 0.27, 0.26),
                (0.37, 0.32, 0.27, 0.26),
                (0.64, 0.32, 0.27, 0.26),
            ]),
            Self::Packed => boxed(&[
                (0.0, 0.0, 0.62, 0.4),
                (0.62, 0.0, 0.38, 0.28),
                (0.62, 0.28, 0.38, 0.28),
                (0.0, 0.4, 0.62, 0.32),
                (0.0, 0.72, 0.5, 0.26),
                (0.62, 0.56, 0.38, 0.42),
            ]),
        }
    }
}

/// Layouts as they were left, to come back to; and what is typed about kept ones.
#[derive(Debug, Clone)]
pub(super) struct Layouts {
    contact: Layout,
    cells: Layout,
    package: Layout,
    id: Layout,
    packed: Layout,
    /// The name for the layout to be kept.
    name: String,
    /// The kept layout that is in hand.
    chosen: Option<String>,
    /// A kept layout that gets another name: the new one, and its setup.
    renaming: bool,
    typed: widgets::PathField,
    typing: Option<PrintPick>,
}

const fn size(width_mm: f64, height_mm: f64) -> PrintSize {
    PrintSize { width_mm, height_mm }
}

impl Layouts {
    pub fn new(setup: &PageSetup) -> Self {
        let mut layouts = Self {
            contact: Layout::Contact { rows: 4, columns: 3 },
            cells: Layout::Cells { width_mm: 60.0, height_mm: 45.0 },
            package: Layout::Package {
                sizes: vec![size(130.0, 180.0), size(90.0, 130.0), size(50.0, 70.0), size(50.0, 70.0)],
            },
            id: Layout::Id { size: size(35.0, 45.0), count: None },
            packed: Layout::Packed { size: size(100.0, 150.0) },
            name: String::new(),
            chosen: None,
            renaming: false,
            typed: widgets::PathField::default(),
            typing: None,
        };
        layouts.keep(&setup.layout);
        layouts
    }

    fn keep(&mut self, layout: &Layout) {
        match layout {
            Layout::Contact { .. } => self.contact = layout.clone(),
            Layout::Cells { .. } => self.cells = layout.clone(),
            Layout::Package { .. } => self.package = layout.clone(),
            Layout::Id { .. } => self.id = layout.clone(),
            Layout::Packed { .. } => self.packed = layout.clone(),
            Layout::Single | Layout::NUp { .. } => {}
        }
    }

    fn layout(&self, kind: Kind) -> Layout {
        match kind {
            Kind::Single => Layout::Single,
            Kind::NUp(count) => Layout::NUp { count },
            Kind::Contact => self.contact.clone(),
            Kind::Cells => self.cells.clone(),
            Kind::Package => self.package.clone(),
            Kind::Id => self.id.clone(),
            Kind::Packed => self.packed.clone(),
        }
    }

    /// The gallery, and what the chosen layout asks for.
    pub fn show(&mut self, ui: &mut Ui, setup: &mut PageSetup, fields: &Fields<'_>) {
        fields::section(ui, "Layout");
        let chosen = Kind::of(&setup.layout);
        let columns = (ui.available_width() / 76.0).floor().max(1.0);
        let width = ((ui.available_width() - (columns - 1.0) * space::XS) / columns - 0.5).floor();
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
            for (kind, name) in Kind::ALL {
                if tile(ui, width, kind, name, kind == chosen) && kind != chosen {
                    setup.layout = self.layout(kind);
                    if kind == Kind::Id && setup.marks == Marks::None {
                        setup.marks = Marks::Guides;
                    }
                }
            }
        });
        ui.add_space(space::XS);
        match &mut setup.layout {
            Layout::Single => {}
            Layout::NUp { count } => {
                fields::count(ui, "Photos a page", count, 1..=100);
            }
            Layout::Contact { rows, columns } => contact(ui, rows, columns),
            Layout::Cells { width_mm, height_mm } => {
                fields.length(ui, "Cell width", width_mm, 4.0..=2000.0);
                fields.length(ui, "Cell height", height_mm, 4.0..=2000.0);
            }
            Layout::Package { sizes } => package(ui, sizes, fields),
            Layout::Id { size, count } => id(ui, size, count, fields),
            Layout::Packed { size } => {
                size_fields(ui, "Size", size, fields);
                fields::note(ui, "A photo can have a size of its own: choose it on the page.");
            }
        }
        self.keep(&setup.layout.clone());
    }

    /// Layouts that are kept by name.
    pub fn kept(&mut self, ui: &mut Ui, setup: &mut PrintSetup, context: &Context<'_>, actions: &mut Vec<Action>) {
        fields::section(ui, "Kept layouts");
        let known = context.model.printing.layouts.value().map_or(&[][..], Vec::as_slice);
        if known.is_empty() {
            fields::note(ui, "None yet. Give this layout a name to use it again.");
        }
        for layout in known {
            let on = self.chosen.as_deref() == Some(layout.name.as_str());
            let width = ui.available_width();
            let response = Button::quiet(&short(ui, &layout.name)).selected(on).min_width(width).show(ui);
            response.ctx.accesskit_node_builder(response.id, |node| node.set_label(format!("Use {}", layout.name)));
            if response.on_hover_text(&layout.name).clicked() {
                self.use_layout(layout, setup);
            }
        }
        if let Some(chosen) = known.iter().find(|layout| self.chosen.as_deref() == Some(layout.name.as_str())) {
            self.about_chosen(ui, chosen, actions);
        }
        fields::line(ui, "Name of the layout", "Name for this layout", &mut self.name);
        ui.horizontal_wrapped(|ui| {
            let name = self.name.trim().to_owned();
            let words = if known.iter().any(|layout| layout.name == name) { "Replace" } else { "Keep layout" };
            if Button::secondary(words).enabled(!name.is_empty()).show(ui).clicked() {
                let layout = SavedLayout { name: name.clone(), setup: setup.clone() };
                actions.push(Action::Printing(PrintAsk::Keep(Box::new(layout))));
                self.chosen = Some(name);
            }
            if Button::quiet("Take from a file…").show(ui).clicked() {
                self.typing = Some(PrintPick::TakeLayout);
                actions.push(Action::PickForPrint(PrintPick::TakeLayout));
            }
        });
        self.typed_path(ui, context, actions);
    }

    fn use_layout(&mut self, layout: &SavedLayout, setup: &mut PrintSetup) {
        self.chosen = Some(layout.name.clone());
        self.name.clone_from(&layout.name);
        self.renaming = false;
        // The printer in hand stays: a layout is about pages, and may come from another desk.
        let hardware = setup.pages.hardware_margins_mm;
        setup.pages = PageSetup { hardware_margins_mm: hardware, ..layout.setup.pages.clone() };
        setup.pixels = layout.setup.pixels.clone();
        self.keep(&setup.pages.layout.clone());
    }

    fn about_chosen(&mut self, ui: &mut Ui, chosen: &SavedLayout, actions: &mut Vec<Action>) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            let other = self.name.trim();
            let renames = !other.is_empty() && other != chosen.name;
            let tip = "Type the new name below, then press this";
            if Button::quiet("Rename").enabled(renames).tooltip(tip).show(ui).clicked() {
                let layout = SavedLayout { name: other.to_owned(), setup: chosen.setup.clone() };
                self.chosen = Some(other.to_owned());
                actions.push(Action::Printing(PrintAsk::Keep(Box::new(layout))));
                actions.push(Action::Printing(PrintAsk::Forget(chosen.name.clone())));
            }
            if Button::quiet("Delete layout").show(ui).clicked() {
                self.chosen = None;
                actions.push(Action::Printing(PrintAsk::Forget(chosen.name.clone())));
            }
            if Button::quiet("Export…").show(ui).clicked() {
                let pick = PrintPick::ExportLayout(chosen.name.clone());
                self.typing = Some(pick.clone());
                actions.push(Action::PickForPrint(pick));
            }
        });
    }

    /// Where no file dialog could be opened, a path can be typed.
    fn typed_path(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) {
        let Some(pick) = self.typing.clone() else { return };
        match context.model.picker {
            Loadable::Failed { error, .. } => fields::note(ui, error),
            Loadable::Ready(()) => {
                self.typing = None;
                return;
            }
            _ => return,
        }
        let words = match &pick {
            PrintPick::ExportLayout(_) => ("Layout file to write", "/home/me/layout.json", "Export"),
            _ => ("Layout file to take", "/home/me/layout.json", "Take"),
        };
        if let Some(file) = self.typed.show(ui, words, context.home).and_then(|paths| paths.into_iter().next()) {
            self.typing = None;
            actions.push(Action::Printing(match pick {
                PrintPick::ExportLayout(name) => PrintAsk::Export { name, file },
                _ => PrintAsk::Take(file),
            }));
        }
    }
}

/// A name that fits on one button.
fn short(ui: &Ui, name: &str) -> String {
    let most = (ui.available_width() / 8.0).max(8.0) as usize;
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let head: String = name.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}

/// A layout of the gallery: its drawing, and its name below.
fn tile(ui: &mut Ui, width: f32, kind: Kind, name: &str, on: bool) -> bool {
    let tokens = theme::tokens(ui);
    let text: WidgetText = name.into();
    let galley = text.into_galley(ui, Some(TextWrapMode::Wrap), width - 6.0, TextStyle::Small);
    let line = ui.text_style_height(&TextStyle::Small);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 60.0 + 2.0 * line), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, name));
    let fill = if on {
        tokens.selection
    } else if response.hovered() {
        tokens.control_hover
    } else {
        tokens.control
    };
    let edge = if on { Stroke::new(1.5, tokens.accent) } else { Stroke::new(1.0, tokens.line) };
    let painter = ui.painter();
    painter.rect(rect, CornerRadius::same(radius::M), fill, edge, StrokeKind::Inside);
    let sheet = Rect::from_center_size(pos2(rect.center().x, rect.top() + 30.0), vec2(36.0, 48.0));
    painter.rect(sheet, 1.0, crate::ui::theme::QR.1, Stroke::new(1.0, tokens.outline), StrokeKind::Inside);
    let inner = sheet.shrink(3.0);
    for cell in kind.drawing() {
        let cell = Rect::from_min_max(
            inner.min + cell.min.to_vec2() * inner.size(),
            inner.min + cell.max.to_vec2() * inner.size(),
        );
        painter.rect_filled(cell, 0.5, theme::LIGHT.outline);
    }
    let at = pos2(rect.center().x - galley.size().x / 2.0, sheet.bottom() + 4.0);
    painter.galley_with_override_text_color(at, galley, tokens.text);
    if response.has_focus() {
        widgets::focus_ring(ui, rect, radius::M);
    }
    response.clicked()
}

fn contact(ui: &mut Ui, rows: &mut u32, columns: &mut u32) {
    fields::count(ui, "Rows", rows, 1..=MAX_CELLS_PER_SIDE);
    fields::count(ui, "Columns", columns, 1..=MAX_CELLS_PER_SIDE);
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
}

/// Sizes of prints that shops and albums know, in mm.
pub(super) fn sizes(unit: Unit) -> Vec<(String, PrintSize)> {
    let cm = [(9.0, 13.0), (10.0, 15.0), (13.0, 18.0), (15.0, 20.0), (20.0, 25.0), (10.0, 10.0), (5.0, 7.0)];
    let inch = [(3.5, 5.0), (4.0, 6.0), (5.0, 7.0), (8.0, 10.0), (4.0, 4.0), (2.5, 3.5)];
    let (list, unit, mm): (&[(f64, f64)], _, _) =
        if unit == Unit::Inch { (&inch, "in", MM_PER_INCH) } else { (&cm, "cm", 10.0) };
    list.iter().map(|&(width, height)| (format!("{width}×{height} {unit}"), size(width * mm, height * mm))).collect()
}

/// A print's size: one that is known, or typed.
pub(super) fn size_fields(ui: &mut Ui, name: &str, size: &mut PrintSize, fields: &Fields<'_>) {
    let list = sizes(fields.unit);
    let known = list.iter().find(|(_, known)| known == size).map(|(label, _)| label.clone());
    let shown = known.unwrap_or_else(|| fields.unit.size(size.width_mm, size.height_mm, fields.locale));
    let items = list.iter().map(|(label, known)| (label.clone(), known == size));
    if let Some(index) = fields::choice(ui, name, &shown, items) {
        *size = list[index].1;
    }
    fields.length(ui, "Photo width", &mut size.width_mm, 4.0..=2000.0);
    fields.length(ui, "Photo height", &mut size.height_mm, 4.0..=2000.0);
}

fn package(ui: &mut Ui, sizes: &mut Vec<PrintSize>, fields: &Fields<'_>) {
    let mut remove = None;
    for (index, size) in sizes.iter().enumerate() {
        let words = fields.unit.size(size.width_mm, size.height_mm, fields.locale);
        ui.push_id(index, |ui| {
            ui.horizontal(|ui| {
                ui.label(&words);
                let name = format!("Remove {words}");
                if sizes.len() > 1 && Button::icon_only(Icon::Close, &name).small().show(ui).clicked() {
                    remove = Some(index);
                }
            });
        });
    }
    if let Some(index) = remove {
        sizes.remove(index);
    }
    let list = self::sizes(fields.unit);
    if sizes.len() < 64
        && let Some(index) =
            fields::choice(ui, "Add a size", "Choose…", list.iter().map(|(label, _)| (label.clone(), false)))
    {
        sizes.push(list[index].1);
    }
}

fn id(ui: &mut Ui, size: &mut PrintSize, count: &mut Option<u32>, fields: &Fields<'_>) {
    let known = [
        ("35 × 45 mm (EU, UK, India)", self::size(35.0, 45.0)),
        ("2 × 2 in (US)", self::size(2.0 * MM_PER_INCH, 2.0 * MM_PER_INCH)),
        ("50 × 70 mm (Canada)", self::size(50.0, 70.0)),
        ("33 × 48 mm (China)", self::size(33.0, 48.0)),
        ("30 × 40 mm", self::size(30.0, 40.0)),
    ];
    let label = known.iter().find(|(_, known)| known == size).map(|(label, _)| (*label).to_owned());
    let shown = label.unwrap_or_else(|| fields.unit.size(size.width_mm, size.height_mm, fields.locale));
    let items = known.iter().map(|(label, known)| ((*label).to_owned(), known == size));
    if let Some(index) = fields::choice(ui, "ID size", &shown, items) {
        *size = known[index].1;
    }
    fields.length(ui, "Photo width", &mut size.width_mm, 10.0..=200.0);
    fields.length(ui, "Photo height", &mut size.height_mm, 10.0..=200.0);
    let mut fills = count.is_none();
    if ui.checkbox(&mut fills, "As many as the page holds").changed() {
        *count = (!fills).then_some(4);
    }
    if let Some(count) = count {
        fields::count(ui, "Of each photo", count, 1..=99);
    }
}
