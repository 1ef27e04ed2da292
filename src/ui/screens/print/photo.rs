//! The panel of one photo: how it takes its frame on this job.

use eframe::egui::Ui;

use super::super::Context;
use super::fields::{self, Fields, segments};
use super::layouts::size_fields;
use super::sharp;
use crate::domain::layout::{Fit, PhotoSetup, Placed, PrintSize, Turn, effective_ppi};
use crate::domain::{Card, Seat};
use crate::ui::theme;
use crate::ui::widgets::Button;

/// Ratios that people cut to, width to height.
const RATIOS: [(&str, (f64, f64)); 8] = [
    ("1 : 1", (1.0, 1.0)),
    ("3 : 2", (3.0, 2.0)),
    ("2 : 3", (2.0, 3.0)),
    ("4 : 3", (4.0, 3.0)),
    ("3 : 4", (3.0, 4.0)),
    ("5 : 4", (5.0, 4.0)),
    ("4 : 5", (4.0, 5.0)),
    ("16 : 9", (16.0, 9.0)),
];

/// Draws everything that can be chosen for the photo in hand.
pub(super) fn show(
    ui: &mut Ui,
    placed: &Placed,
    seat: Seat,
    setup: &mut PhotoSetup,
    fields: &Fields<'_>,
    context: &Context<'_>,
) {
    let card = context.model.cards.card(seat);
    heading(ui, placed, card, fields);
    fields::section(ui, "In its frame");
    segments(ui, &mut setup.fit, &[(None, "As the page"), (Some(Fit::Fit), "Whole"), (Some(Fit::Fill), "Fill")]);
    size(ui, placed, setup, fields);
    fields.slider(ui, "Zoom", &mut setup.zoom, 1.0..=8.0, " ×");
    fields.slider(ui, "Move across", &mut setup.pan.0, -1.0..=1.0, "");
    fields.slider(ui, "Move down", &mut setup.pan.1, -1.0..=1.0, "");
    fields::section(ui, "Turn and straighten");
    turn(ui, placed, setup);
    fields.slider(ui, "Straighten", &mut setup.straighten_deg, -45.0..=45.0, "°");
    ratio(ui, setup);
    fields::section(ui, "This photo's copies");
    fields::count(ui, "In each set", &mut setup.copies, 1..=99);
    ui.add_space(theme::space::S);
    let untouched = *setup == PhotoSetup::default();
    if Button::secondary("Reset this photo").enabled(!untouched).show(ui).clicked() {
        *setup = PhotoSetup::default();
    }
}

fn heading(ui: &mut Ui, placed: &Placed, card: Option<&Card>, fields: &Fields<'_>) {
    fields::section(ui, card.map_or("Photo", |card| card.name.as_str()));
    let visible = placed.visible_mm;
    let size = fields.unit.size(visible.width, visible.height, fields.locale);
    fields::note(ui, &format!("{size} on paper"));
    if let Some(ppi) = effective_ppi(placed, card.and_then(|card| card.size_px)) {
        sharp::hint(ui, ppi, fields.locale);
    }
}

fn size(ui: &mut Ui, placed: &Placed, setup: &mut PhotoSetup, fields: &Fields<'_>) {
    let mut exact = setup.size.is_some();
    if ui.checkbox(&mut exact, "Exact size").changed() {
        let now = PrintSize { width_mm: placed.visible_mm.width, height_mm: placed.visible_mm.height };
        setup.size = exact.then_some(now);
    }
    if let Some(size) = &mut setup.size {
        size_fields(ui, "Size", size, fields);
    }
}

fn turn(ui: &mut Ui, placed: &Placed, setup: &mut PhotoSetup) {
    let mut auto = setup.turn == Turn::Auto;
    let chosen = segments(ui, &mut auto, &[(true, "Turned by itself"), (false, "By hand")]);
    if chosen {
        setup.turn = if auto { Turn::Auto } else { Turn::Quarters(placed.turns) };
    }
    ui.horizontal_wrapped(|ui| {
        for (name, by) in [("Turn left", 3), ("Turn right", 1)] {
            if Button::quiet(name).show(ui).clicked() {
                setup.turn = Turn::Quarters((placed.turns + by) % 4);
            }
        }
    });
}

fn ratio(ui: &mut Ui, setup: &mut PhotoSetup) {
    let shown = RATIOS.iter().find(|(_, ratio)| Some(*ratio) == setup.ratio).map_or("As it is", |(name, _)| name);
    let own = std::iter::once(("As it is".to_owned(), setup.ratio.is_none()));
    let items = RATIOS.iter().map(|(name, ratio)| ((*name).to_owned(), Some(*ratio) == setup.ratio));
    if let Some(index) = fields::choice(ui, "Cut to", shown, own.chain(items)) {
        setup.ratio = index.checked_sub(1).map(|index| RATIOS[index].1);
    }
}
