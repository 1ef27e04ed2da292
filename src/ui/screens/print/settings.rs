//! The left column of the studio: everything that can be chosen about the pages, from layout to watermark.

use eframe::egui::{self, ComboBox, Role, Ui, WidgetInfo};

use super::super::Context;
use super::fields::{self, Fields, segments};
use super::layouts::Layouts;
use crate::domain::layout::{
    CaptionField, Fit, Ink, Margins, Marks, Overlay, OverlayPlace, PageSetup, Stroke, TextFont, Watermark,
};
use crate::domain::printing::PrintSetup;
use crate::ui::Action;
use crate::ui::widgets::{self, Button, Icon};

/// What the column remembers that is no part of the setup.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Whether all margins are the same.
    linked: bool,
    /// The gallery.
    pub layouts: Layouts,
    /// Whether margins are looked at, so that the page shows them.
    pub margins_in_hand: bool,
    /// The family that is being typed.
    family: String,
}

impl Settings {
    pub fn new(setup: &PageSetup) -> Self {
        let family = match &setup.font {
            TextFont::Family(family) => family.clone(),
            TextFont::Sans => String::new(),
        };
        Self {
            linked: setup.margins_mm == Margins::all(setup.margins_mm.top),
            layouts: Layouts::new(setup),
            margins_in_hand: false,
            family,
        }
    }

    /// Draws every section, one under the other.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        setup: &mut PrintSetup,
        fields: &Fields<'_>,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        self.layouts.show(ui, &mut setup.pages, fields);
        self.layouts.kept(ui, setup, context, actions);
        let pages = &mut setup.pages;
        photos(ui, pages, fields);
        self.margins(ui, pages, fields);
        around(ui, pages, fields);
        captions(ui, pages);
        sheet(ui, pages);
        self.letters(ui, pages, fields);
        over(ui, pages, fields);
    }

    fn margins(&mut self, ui: &mut Ui, setup: &mut PageSetup, fields: &Fields<'_>) {
        let area = ui.scope(|ui| {
            fields::section(ui, "Margins");
            let margins = &mut setup.margins_mm;
            let mut held = false;
            if ui.checkbox(&mut self.linked, "Same on every side").changed() && self.linked {
                *margins = Margins::all(margins.top);
            }
            if self.linked {
                let response = fields.length(ui, "All sides", &mut margins.top, 0.0..=200.0);
                held |= response.has_focus() || response.dragged();
                *margins = Margins::all(margins.top);
            } else {
                for (name, side) in [
                    ("Top", &mut margins.top),
                    ("Right", &mut margins.right),
                    ("Bottom", &mut margins.bottom),
                    ("Left", &mut margins.left),
                ] {
                    let response = fields.length(ui, name, side, 0.0..=200.0);
                    held |= response.has_focus() || response.dragged();
                }
            }
            held
        });
        self.margins_in_hand = area.inner || area.response.contains_pointer();
    }

    fn letters(&mut self, ui: &mut Ui, setup: &mut PageSetup, fields: &Fields<'_>) {
        fields::section(ui, "Text");
        let mut own = setup.font != TextFont::Sans;
        segments(ui, &mut own, &[(false, "Inter"), (true, "Another font")]);
        if own {
            fields::line(ui, "Font family", "Name of a font of this computer", &mut self.family);
            setup.font = TextFont::Family(self.family.clone());
        } else {
            setup.font = TextFont::Sans;
        }
        fields.number(ui, "Text size", &mut setup.caption_size_pt, 3.0..=72.0, (" pt", 0.1));
        let mut coloured = setup.text_ink.is_some();
        if ui.checkbox(&mut coloured, "Text in another colour").changed() {
            setup.text_ink = coloured.then_some(Ink::BLACK);
        }
        if let Some(ink) = &mut setup.text_ink {
            fields::ink(ui, "Text colour", ink);
        }
    }
}

fn photos(ui: &mut Ui, setup: &mut PageSetup, fields: &Fields<'_>) {
    fields::section(ui, "Photos");
    segments(ui, &mut setup.fit, &[(Fit::Fit, "Whole photo"), (Fit::Fill, "Fill the frame")]);
    ui.checkbox(&mut setup.auto_rotate, "Turn photos to fit their frame");
    fields.length(ui, "Spacing", &mut setup.spacing_mm, 0.0..=100.0);
}

/// Borders, lines, corners, marks and the page's colour.
fn around(ui: &mut Ui, setup: &mut PageSetup, fields: &Fields<'_>) {
    fields::section(ui, "Borders and marks");
    fields.length(ui, "Border", &mut setup.border_mm, 0.0..=100.0);
    if setup.border_mm > 0.0 {
        fields::ink(ui, "Border colour", &mut setup.border_ink);
    }
    let mut width = setup.stroke.map_or(0.0, |stroke| stroke.width_mm);
    fields.length(ui, "Line", &mut width, 0.0..=20.0);
    let ink = setup.stroke.map_or(Ink::BLACK, |stroke| stroke.ink);
    setup.stroke = (width > 0.0).then_some(Stroke { width_mm: width, ink });
    if let Some(stroke) = &mut setup.stroke {
        fields::ink(ui, "Line colour", &mut stroke.ink);
    }
    fields.length(ui, "Round corners", &mut setup.corner_mm, 0.0..=100.0);
    fields::ink(ui, "Page colour", &mut setup.background);
    segments(
        ui,
        &mut setup.marks,
        &[(Marks::None, "No marks"), (Marks::Crop, "Crop marks"), (Marks::Guides, "Cut guides")],
    );
}

/// Texts over photos.
fn over(ui: &mut Ui, setup: &mut PageSetup, fields: &Fields<'_>) {
    fields::section(ui, "Over the photos");
    let mut overlay = setup.overlay.clone().unwrap_or_default();
    fields::line(ui, "Overlay text", "Text on each photo, such as {title}", &mut overlay.text);
    if overlay.text.is_empty() {
        setup.overlay = None;
    } else {
        let places = [
            (OverlayPlace::TopLeft, "Top left"),
            (OverlayPlace::TopRight, "Top right"),
            (OverlayPlace::BottomLeft, "Bottom left"),
            (OverlayPlace::BottomRight, "Bottom right"),
            (OverlayPlace::Middle, "Middle"),
        ];
        let shown = places.iter().find(|(place, _)| *place == overlay.place).map_or("", |(_, name)| name);
        let items = places.iter().map(|(place, name)| ((*name).to_owned(), *place == overlay.place));
        if let Some(index) = fields::choice(ui, "Place", shown, items) {
            overlay.place = places[index].0;
        }
        fields.number(ui, "Overlay size", &mut overlay.size_pt, 3.0..=72.0, (" pt", 0.1));
        fields::ink(ui, "Overlay colour", &mut overlay.ink);
        setup.overlay = Some(Overlay { ..overlay });
    }
    let mut mark = setup.watermark.clone().unwrap_or_default();
    fields::line(ui, "Watermark", "Watermark, such as © Ada", &mut mark.text);
    if mark.text.is_empty() {
        setup.watermark = None;
        return;
    }
    let mut width = mark.width * 100.0;
    fields.slider(ui, "Width", &mut width, 10.0..=100.0, " %");
    let mut opacity = mark.opacity * 100.0;
    fields.slider(ui, "Opacity", &mut opacity, 0.0..=100.0, " %");
    fields::ink(ui, "Watermark colour", &mut mark.ink);
    setup.watermark = Some(Watermark { width: width / 100.0, opacity: opacity / 100.0, ..mark });
}

fn captions(ui: &mut Ui, setup: &mut PageSetup) {
    fields::section(ui, "Captions");
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
                        ui.add(egui::Label::new(&name).truncate());
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
}

fn sheet(ui: &mut Ui, setup: &mut PageSetup) {
    fields::section(ui, "Header and footer");
    fields::maybe_line(ui, "Title", "Title at the head of every page", &mut setup.header);
    fields::maybe_line(ui, "Footer", "Line at the foot of every page", &mut setup.footer);
    ui.checkbox(&mut setup.page_numbers, "Page numbers");
    if setup.page_numbers {
        fields::line(ui, "Words of the page number", "Page {page} of {pages}", &mut setup.page_number_format);
    }
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
fn field_name(field: CaptionField) -> String {
    match field {
        CaptionField::Name => "File name".to_owned(),
        CaptionField::Date => "Date and time".to_owned(),
        other => {
            let mut chars = other.name().chars();
            chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
        }
    }
}
