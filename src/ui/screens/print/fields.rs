//! The controls that the studio's columns are made of: lengths in the person's unit, numbers, choices, colours, texts.

use std::ops::RangeInclusive;

use eframe::egui::{self, ComboBox, DragValue, Response, Role, Slider, Ui, WidgetInfo};
use serde::{Deserialize, Serialize};

use crate::domain::layout::Ink;
use crate::domain::paper::{MM_PER_INCH, Paper};
use crate::ui::locale::Locale;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Button};

/// Width of the labels beside fields, in points.
const LABELS: f32 = 98.0;

/// What lengths are shown and typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Millimetres.
    #[default]
    Mm,
    /// Centimetres.
    Cm,
    /// Inches.
    Inch,
}

impl Unit {
    /// Every unit with the word on its button.
    pub const ALL: [(Self, &'static str); 3] = [(Self::Mm, "mm"), (Self::Cm, "cm"), (Self::Inch, "inch")];

    /// What people of this region measure paper in.
    #[must_use]
    pub fn of(locale: &Locale) -> Self {
        if locale.paper() == Paper::LETTER { Self::Inch } else { Self::Mm }
    }

    /// Millimetres of one.
    #[must_use]
    pub fn mm(self) -> f64 {
        match self {
            Self::Mm => 1.0,
            Self::Cm => 10.0,
            Self::Inch => MM_PER_INCH,
        }
    }

    /// As it stands behind a number.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::Mm => "mm",
            Self::Cm => "cm",
            Self::Inch => "in",
        }
    }

    /// A size of a sheet or a photo: `210 × 297 mm`.
    #[must_use]
    pub fn size(self, width_mm: f64, height_mm: f64, locale: &Locale) -> String {
        let side = |mm: f64| locale.short_decimal(mm / self.mm());
        format!("{} × {} {}", side(width_mm), side(height_mm), self.short())
    }

    /// Reads a length: in this unit, or in the one that is typed behind the number.
    fn read(self, text: &str, locale: &Locale) -> Option<f64> {
        let text = text.trim();
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c.is_whitespace() || c == '"');
        let unit = match text[number.len()..].trim().to_ascii_lowercase().as_str() {
            "mm" => Self::Mm,
            "cm" => Self::Cm,
            "in" | "inch" | "inches" | "\"" => Self::Inch,
            _ => self,
        };
        locale.read_decimal(number).map(|value| value * unit.mm())
    }
}

/// What every field is drawn with.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub locale: &'a Locale,
    pub unit: Unit,
}

impl Fields<'_> {
    /// A length in mm with its label: typed, dragged, or stepped with the arrow keys.
    pub fn length(&self, ui: &mut Ui, name: &str, mm: &mut f64, range: RangeInclusive<f64>) -> Response {
        let (unit, locale) = (self.unit, self.locale);
        let speed = if unit == Unit::Inch { 0.5 } else { 0.25 };
        row(ui, name, |ui| {
            let field = DragValue::new(mm)
                .range(range)
                .speed(speed)
                .max_decimals(4)
                .suffix(format!(" {}", unit.short()))
                .min_size(egui::vec2(84.0, theme::CONTROL_HEIGHT))
                .custom_formatter(move |mm, _| locale.short_decimal(mm / unit.mm()))
                .custom_parser(move |text| unit.read(text, locale));
            named(ui.add(field), name)
        })
    }

    /// A number with its label and what stands behind it.
    pub fn number(
        &self,
        ui: &mut Ui,
        name: &str,
        value: &mut f64,
        range: RangeInclusive<f64>,
        (unit, speed): (&str, f64),
    ) -> Response {
        let locale = self.locale;
        row(ui, name, |ui| {
            let field = DragValue::new(value)
                .range(range)
                .speed(speed)
                .max_decimals(2)
                .suffix(unit)
                .min_size(egui::vec2(84.0, theme::CONTROL_HEIGHT))
                .custom_formatter(move |value, _| locale.short_decimal(value))
                .custom_parser(move |text| {
                    locale.read_decimal(
                        text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c.is_whitespace() || c == '°'),
                    )
                });
            named(ui.add(field), name)
        })
    }

    /// A slider with its label and its value behind it.
    pub fn slider(&self, ui: &mut Ui, name: &str, value: &mut f64, range: RangeInclusive<f64>, unit: &str) -> Response {
        let locale = self.locale;
        row(ui, name, |ui| {
            ui.spacing_mut().slider_width = (ui.available_width() - 74.0).clamp(50.0, 220.0);
            let slider = Slider::new(value, range)
                .suffix(unit)
                .custom_formatter(move |value, _| locale.short_decimal(value))
                .custom_parser(move |text| {
                    locale.read_decimal(
                        text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c.is_whitespace() || c == '°'),
                    )
                });
            named(ui.add(slider), name)
        })
    }
}

/// A whole number with its label.
pub(super) fn count(ui: &mut Ui, name: &str, value: &mut u32, range: RangeInclusive<u32>) -> Response {
    row(ui, name, |ui| {
        let field = DragValue::new(value).range(range).speed(0.1).min_size(egui::vec2(64.0, theme::CONTROL_HEIGHT));
        named(ui.add(field), name)
    })
}

/// A label in its column and a control beside it.
pub(super) fn row<R>(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let width = LABELS.min(ui.available_width() * 0.42);
        let size = egui::vec2(width, theme::CONTROL_HEIGHT);
        ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.set_min_width(width);
            ui.add(egui::Label::new(theme::secondary(ui, name)).truncate());
        });
        content(ui)
    })
    .inner
}

/// Gives a control its accessible name.
pub(super) fn named(response: Response, name: &str) -> Response {
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
    response
}

/// A choice of few, side by side.
pub(super) fn segments<T: PartialEq + Copy>(ui: &mut Ui, value: &mut T, choices: &[(T, &str)]) -> bool {
    let width = (ui.available_width() - (choices.len() as f32 - 1.0) * space::XS) / choices.len() as f32;
    // Rounding must not push the last one into a row of its own.
    let width = (width - 0.5).floor().max(1.0);
    let mut changed = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(space::XS);
        for (choice, name) in choices {
            let on = *choice == *value;
            let button = Button::secondary(name).selected(on).min_width(width);
            let button = if on { button.colour(theme::tokens(ui).accent_text) } else { button };
            if button.show(ui).clicked() && !on {
                *value = *choice;
                changed = true;
            }
        }
    });
    changed
}

/// A choice of many: a list that opens. The answer is the index that was clicked.
pub(super) fn choice(
    ui: &mut Ui,
    name: &str,
    selected: &str,
    items: impl Iterator<Item = (String, bool)>,
) -> Option<usize> {
    let mut clicked = None;
    row(ui, name, |ui| {
        let combo = ComboBox::from_id_salt(name)
            .selected_text(selected)
            .width(ui.available_width())
            .height(420.0)
            .truncate()
            .show_ui(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.spacing_mut().interact_size.y = 26.0;
                for (index, (label, on)) in items.enumerate() {
                    if ui.selectable_label(on, label).clicked() {
                        clicked = Some(index);
                    }
                }
            });
        let words = format!("{name}: {selected}");
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &words));
        combo.response.on_hover_text(selected);
    });
    clicked
}

/// A colour with its label.
pub(super) fn ink(ui: &mut Ui, name: &str, ink: &mut Ink) -> bool {
    row(ui, name, |ui| {
        let mut rgb = [ink.red, ink.green, ink.blue];
        let changed = named(ui.color_edit_button_srgb(&mut rgb), name).changed();
        [ink.red, ink.green, ink.blue] = rgb;
        changed
    })
}

/// A line of text that may be empty.
pub(super) fn line(ui: &mut Ui, name: &str, hint: &str, text: &mut String) -> Response {
    let field = egui::TextEdit::singleline(text)
        .hint_text(hint)
        .char_limit(300)
        .desired_width(f32::INFINITY)
        .margin(egui::Margin::symmetric(8, 6));
    named(ui.add(field), name)
}

/// The same where no text is nothing at all.
pub(super) fn maybe_line(ui: &mut Ui, name: &str, hint: &str, value: &mut Option<String>) {
    let mut text = value.clone().unwrap_or_default();
    if line(ui, name, hint, &mut text).changed() {
        *value = (!text.is_empty()).then_some(text);
    }
}

/// Begins a section: a little air and its name.
pub(super) fn section(ui: &mut Ui, name: &str) {
    ui.add_space(space::S);
    widgets::section_heading(ui, name);
}

/// A quiet line that explains.
pub(super) fn note(ui: &mut Ui, words: &str) {
    ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_in_any_unit() {
        let locale = Locale::default();
        for (unit, text, mm) in [
            (Unit::Mm, "12,5", Some(12.5)),
            (Unit::Mm, "2 cm", Some(20.0)),
            (Unit::Inch, "2", Some(50.8)),
            (Unit::Inch, "10 mm", Some(10.0)),
            (Unit::Cm, "1\"", Some(25.4)),
            (Unit::Cm, "wide", None),
            (Unit::Cm, "", None),
        ] {
            assert_eq!(unit.read(text, &locale), mm, "{text}");
        }
        assert_eq!(Unit::Cm.size(210.0, 297.0, &locale), "21 × 29.7 cm");
        assert_eq!(Unit::of(&Locale::from_env_name("en_US")), Unit::Inch);
        assert_eq!(Unit::of(&Locale::from_env_name("de_DE")), Unit::Mm);
    }
}
