//! The line to a remote store: how much of it is used, and when all of it may be.

use eframe::egui::{self, ComboBox, DragValue, Role, Ui, WidgetInfo};

use crate::domain::keep::{Hours, KeepSettings};
use crate::protocol::LibraryState;
use crate::ui::locale::Locale;
use crate::ui::theme::{self, space};
use crate::ui::widgets;
use crate::ui::{Action, KeepAsk};

/// A limit to begin with, in bytes a second.
const FIRST_LIMIT: u64 = 2_000_000;
/// Hours to begin with: the night.
const FIRST_HOURS: Hours = Hours { from: 23, to: 7 };
/// Narrowest limit, in MB a second.
const NARROWEST: f64 = 0.1;
/// Widest limit, in MB a second.
const WIDEST: f64 = 10_000.0;

/// What is being chosen, until it is let go.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// MB a second that are being dragged or typed.
    held: Option<f64>,
}

impl Line {
    pub(super) fn show(&mut self, ui: &mut Ui, library: &LibraryState, locale: &Locale, actions: &mut Vec<Action>) {
        widgets::section_heading(ui, "Sending");
        let mut keep = library.keep.clone();
        self.limit(ui, &mut keep, locale);
        if keep.limit_bytes_s.is_some() {
            full_speed(ui, &mut keep);
        }
        let words = match (keep.limit_bytes_s, keep.full_speed) {
            (None, _) => "Photos are sent as fast as the line is. The vault is never slowed down.".to_owned(),
            (Some(limit), None) => format!("At most {} a second, at every hour.", locale.bytes(limit)),
            (Some(limit), Some(hours)) => {
                let hours = crate::ui::words::hours(hours);
                format!("At most {} a second, and as fast as the line is from {hours}.", locale.bytes(limit))
            }
        };
        ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
        if keep != library.keep {
            actions.push(Action::Keep(KeepAsk::Settings(keep)));
        }
    }

    fn limit(&mut self, ui: &mut Ui, keep: &mut KeepSettings, locale: &Locale) {
        ui.horizontal_wrapped(|ui| {
            let mut limited = keep.limit_bytes_s.is_some();
            if ui.checkbox(&mut limited, "Limit the speed").changed() {
                keep.limit_bytes_s = limited.then_some(FIRST_LIMIT);
                keep.full_speed = keep.full_speed.filter(|_| limited);
                self.held = None;
            }
            let Some(limit) = keep.limit_bytes_s else { return };
            let mut value = self.held.unwrap_or(limit as f64 / 1e6);
            let field = DragValue::new(&mut value)
                .range(NARROWEST..=WIDEST)
                .speed(0.05)
                .max_decimals(1)
                .suffix(" MB/s")
                .min_size(egui::vec2(96.0, theme::CONTROL_HEIGHT))
                .custom_formatter(|value, _| locale.short_decimal(value))
                .custom_parser(|text| locale.read_decimal(text.trim_end_matches("MB/s")));
            let response = ui.add(field);
            response.ctx.accesskit_node_builder(response.id, |node| node.set_label("Limit in MB a second"));
            if response.changed() {
                self.held = Some(value);
            }
            // Every step of a drag would be a setting of its own.
            if !response.dragged()
                && !response.has_focus()
                && let Some(value) = self.held.take()
            {
                keep.limit_bytes_s = Some((value.clamp(NARROWEST, WIDEST) * 1e6).round() as u64);
            }
        });
    }
}

fn full_speed(ui: &mut Ui, keep: &mut KeepSettings) {
    ui.horizontal_wrapped(|ui| {
        let mut wanted = keep.full_speed.is_some();
        if ui.checkbox(&mut wanted, "Full speed from").changed() {
            keep.full_speed = wanted.then_some(FIRST_HOURS);
        }
        let Some(hours) = &mut keep.full_speed else { return };
        let before = *hours;
        hour(ui, "First hour of full speed", &mut hours.from, before.to);
        ui.add_space(space::XS);
        ui.label("to");
        hour(ui, "Hour at which full speed ends", &mut hours.to, before.from);
    });
}

/// An hour of the clock, except the one that would leave no time in between.
fn hour(ui: &mut Ui, name: &str, value: &mut u8, not: u8) {
    let text = format!("{value:02}:00");
    let combo = ComboBox::from_id_salt(name).selected_text(text.as_str()).width(84.0).height(320.0).show_ui(ui, |ui| {
        for hour in (0..24).filter(|hour| *hour != not) {
            ui.selectable_value(value, hour, format!("{hour:02}:00"));
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, format!("{name}: {text}")));
}
